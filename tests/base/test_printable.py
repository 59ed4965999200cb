"""What steers a terminal is in no line, and JSON says the same without it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.base.printable import json_text, printable, printable_lines
from posturecam.cli.common import say
from posturecam.cli.failures import complain
from posturecam.outputs.lines import print_line, print_warning
from tests.program import posturecam, still_video

STEERING = "\x1b]0;title\x07 \x1b[2J \x9b31m \u202e"
CLIP = Path(__file__).parents[1] / "data" / "photos" / "upright"


@given(st.text())
def test_no_line_holds_what_cannot_be_seen(text: str) -> None:
    """But line breaks stay."""
    shown = printable_lines(text)
    assert shown.count("\n") == text.count("\n")
    assert all(line.isprintable() for line in shown.split("\n"))


def test_what_can_be_seen_stays_as_it_is() -> None:
    """Beside what cannot."""
    assert printable("Jörg\x1b[2J") == "Jörg [2J"
    assert json_text("Jörg") == '"Jörg"'


@given(st.text())
def test_json_says_the_same(text: str) -> None:
    """Also signs beyond the first 65,536."""
    shown = json_text({"name": text})
    assert shown.isprintable()
    assert json.loads(shown) == {"name": text}


def test_what_is_printed_is_cleaned_where_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever calls has nothing to remember."""
    text = f"one{STEERING}\ntwo"
    print_line(text, sys.stdout)
    say(text)
    print_warning(text)
    complain(text)
    printed = capsys.readouterr()
    lines = (printed.out + printed.err).splitlines()
    assert len(lines) == 8
    assert all(line.isprintable() for line in lines)


@pytest.mark.model
@pytest.mark.parametrize("format_name", ["plain", "jsonl"])
def test_the_name_of_a_file_does_not_steer_the_terminal(format_name: str, tmp_path: Path) -> None:
    """Watched or refused, in each way of telling."""
    video = still_video(tmp_path / "video.avi").rename(tmp_path / f"{STEERING}.avi")
    words = ("--no-notify", "--format", format_name)
    for source in (video, tmp_path / f"none{STEERING}"):
        outcome = posturecam("watch", "--source", source, "--calibrate", "1s", *words)
        printed = outcome.stdout + outcome.stderr
        assert "title" in printed
        assert all(line.isprintable() for line in printed.split("\n")), printed


def test_no_command_repeats_what_would_steer_the_terminal(tmp_path: Path) -> None:
    """Where a name, a path or a word makes no sense."""
    for words in (
        ("analyze", tmp_path / STEERING),
        ("profiles", "show", STEERING),
        ("profiles", "delete", STEERING),
        ("review", STEERING),
        ("import", tmp_path / STEERING),
        ("watch", STEERING),
        ("watch", f"--{STEERING}"),
        ("watch", "--model", STEERING),
        ("config", "path"),
        ("autostart", "status"),
    ):
        env = {"POSTURECAM_HOME": str(tmp_path / STEERING), "XDG_CONFIG_HOME": f"/{STEERING}"}
        outcome = posturecam(*words, env=env)
        printed = outcome.stdout + outcome.stderr
        assert all(line.isprintable() for line in printed.split("\n")), (words, printed)
