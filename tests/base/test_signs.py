"""Output where there are no blocks, no degree sign, or nothing but ASCII."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from posturecam.base.paths import make_private_folder
from posturecam.base.signs import ASCII_SIGNS, ERRORS, in_ascii
from tests.logs import LAST_DAY, write_log

if TYPE_CHECKING:
    from pathlib import Path

ENCODINGS = ("ascii", "iso-8859-1", "cp1252", "cp437", "utf-8")
STATES = ("upright", "slouched", "away", "unknown")


def printed(*words: str, encoding: str) -> str:
    """What the real program prints into a pipe of this encoding; it can be decoded."""
    outcome = subprocess.run(
        [sys.executable, "-m", "posturecam", *words],
        capture_output=True,
        timeout=120,
        check=True,
        env=os.environ
        | {"COLUMNS": "80", "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "LC_ALL": "C"},
    )
    return outcome.stdout.decode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_states_of_a_day_stay_apart(encoding: str, home: Path) -> None:
    """In the bars and in the strip of the hours, whatever the output can show."""
    write_log(make_private_folder(home) / "log.db", first=LAST_DAY)
    lines = printed("review", str(LAST_DAY), "--full", encoding=encoding).splitlines()

    bars = {}
    for state in STATES:
        (line,) = [line for line in lines if line.startswith(f"  {state}  ")]
        bars[state] = line[12]
    assert len({*bars.values()}) == len(STATES)
    assert bars["unknown"] == "?"
    (strip,) = [line[14:] for line in lines if line.startswith("  mostly  ")]
    assert bars["upright"] in strip
    assert set(strip) <= {*bars.values(), " "}
    assert all(len(line) <= 80 for line in lines)


@pytest.mark.model
def test_lines_keep_their_words() -> None:
    """No `?` stands for a degree: it would be read as unknown."""
    words = ("--calibrate", "8s", "--duration", "22s", "--no-notify", "--format", "plain")
    shown = printed("watch", "--source", "demo", *words, encoding="ascii")
    assert " deg forward" in shown
    assert not re.search(r"\d ?\?", shown)


def test_no_two_signs_have_one_stand_in() -> None:
    """Each of the signs that a row is made of takes one column, and none is the unknown `?`."""
    stand_ins = list(ASCII_SIGNS.values())
    assert len({*stand_ins}) == len(stand_ins)
    assert all("?" not in stand_in for stand_in in stand_ins)
    assert [len(ASCII_SIGNS[sign]) for sign in "█▒·│┃"] == [1] * 5
    assert "█▒·│┃ 12° ±3 ñ".encode("ascii", ERRORS) == b"#=.|! 12 deg +/-3 ?"
    assert "█ 12° ñ".encode("iso-8859-1", ERRORS) == "# 12° ñ".encode("iso-8859-1")
    assert in_ascii("16° ±4") == "16 deg +/-4"


def test_what_cannot_be_read_has_no_stand_in() -> None:
    """The handler is for output: bytes that are no text stay an error."""
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", errors=ERRORS)
