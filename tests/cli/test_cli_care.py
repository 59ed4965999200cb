"""`move` and `pain` as a user meets them: real processes at a real (pseudo) terminal."""

from __future__ import annotations

import codecs
import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Self

import pytest

from posturecam.care.exercises import DESK_CAUTIONS
from posturecam.care.journal import load_answers, load_exercises, load_pain
from tests.program import posturecam
from tests.terminals import read_some
from tests.waiting import DEADLINE_S

if TYPE_CHECKING:
    from pathlib import Path

pty = pytest.importorskip("pty", reason="pseudo terminals are for POSIX systems")


class AtTerminal:
    """The program at a pseudo terminal; keys in, screen out. It is ended with the block."""

    def __init__(self, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | {"COLUMNS": "80"},
        )
        os.close(theirs)
        self.screen = ""
        # A read may end within a letter.
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(DEADLINE_S)
        os.close(self._ours)

    def wait_for(self, pattern: str) -> None:
        """Reads until what was shown has `pattern` in it."""
        while not re.search(pattern, self.screen):
            assert self._read(), self.screen

    def press(self, keys: str) -> None:
        """Types."""
        os.write(self._ours, keys.encode())

    def press_ctrl_c(self) -> None:
        """Sends what a terminal sends."""
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Reads what is left; the exit code."""
        while self._read():
            pass
        return self.process.wait(DEADLINE_S)

    def _read(self) -> bool:
        shown = read_some(self._ours, so_far=self.screen)
        self.screen += self._decoder.decode(shown)
        return bool(shown)


def test_a_day_with_the_journal(home: Path) -> None:
    """Log, list, check, refused exercises, advice: process by process."""
    at = ("--at", "2026-01-05T09:30")
    noted = posturecam("pain", "log", "4", "--where", "mid", "--quality", "dull", *at)
    listed = json.loads(posturecam("pain", "list", "--format", "json").stdout)
    checked = posturecam("pain", "check", "--flag", "cough", env={"LC_ALL": "en_US.UTF-8"})
    refused = posturecam("move")
    sought = posturecam("pain", "check", "--sought-advice")

    assert "not a diagnosis" in noted.stdout
    assert [(entry["level"], entry["where"]) for entry in listed] == [(4, "mid")]
    assert "needs checking now" in checked.stdout
    assert "no exercises until then" in refused.stdout
    assert "advice was sought" in sought.stdout
    codes = {run.returncode for run in (noted, checked, refused, sought)}
    assert codes == {0}
    assert load_exercises(home / "log.db") == ()


@pytest.mark.parametrize(
    ("locale", "number"), [("en_GB.UTF-8", "999"), ("fr_FR.UTF-8", "112"), ("en_US", "911")]
)
def test_the_number_follows_the_locale(locale: str, number: str) -> None:
    """As the environment names it."""
    outcome = posturecam("pain", "check", "--flag", "chest", env={"LC_ALL": locale})

    assert f"Call {number}" in outcome.stdout


SECOND = r"\x1b\[K  shoulder rolls begins in  \d s"
"""Written over the one before; a busy machine may leave one out."""


def test_a_break_at_a_terminal_ends_cleanly_with_ctrl_c(home: Path) -> None:
    """Questions, a timer that counts in place, and 130 at the end."""
    with AtTerminal("-m", "posturecam", "move", "--seconds", "30") as running:
        running.wait_for(r"younger than 16\?")
        running.press("n\r" * len(DESK_CAUTIONS))
        running.wait_for(f"{SECOND}(?s:.*){SECOND}")
        running.press_ctrl_c()

        assert running.end() == 130
    assert "Traceback" not in running.screen
    assert "Stop if pain, tingling or dizziness appears." in " ".join(running.screen.split())
    assert len(load_answers(home / "log.db")) == len(DESK_CAUTIONS)
    assert load_exercises(home / "log.db") == ()


def test_ctrl_c_in_a_question_keeps_what_was_answered(home: Path) -> None:
    """No traceback, 130."""
    with AtTerminal("-m", "posturecam", "pain", "check") as running:
        running.wait_for(r"younger than 16\?")
        running.press("n\r")
        running.wait_for(r"both legs\?")
        running.press_ctrl_c()

        assert running.end() == 130
    assert "Traceback" not in running.screen
    assert [given.question for given in load_answers(home / "log.db")] == ["ask.under-16"]


ASKS_THOUGH_NO_SIGNAL_ENDS_A_READ = """
import signal, sys
from posturecam.outputs.dialogue import Dialogue
signal.siginterrupt(signal.SIGINT, False)
try:
    Dialogue(sys.stdin, sys.stdout).ask("Well?")
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_ctrl_c_just_before_the_wait_for_an_answer_ends_it() -> None:
    """A signal that comes in the instant before a read does not end that read."""
    with AtTerminal("-c", ASKS_THOUGH_NO_SIGNAL_ENDS_A_READ) as running:
        running.wait_for("skips:")
        running.press_ctrl_c()

        assert running.end() == 130


def test_the_first_entry_asks_at_a_terminal(home: Path) -> None:
    """Whether to begin, and the one question about the shoulder blades."""
    words = ("pain", "log", "3", "--where", "upper")
    with AtTerminal("-m", "posturecam", *words) as running:
        running.wait_for(r"Begin it\?")
        running.press("y\r")
        running.wait_for("shoulder blades")
        running.press("n\r")

        assert running.end() == 0
    assert [row.level for row in load_pain(home / "log.db")] == [3]
