"""Talking at a terminal."""

from __future__ import annotations

import pytest

from posturecam.base.errors import OutputClosedError
from posturecam.outputs.dialogue import Dialogue
from posturecam.values.log_rows import Answer
from tests.scripted_terminal import ScreenText, talk


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("y\n", Answer.YES),
        ("YES\n", Answer.YES),
        (" n \n", Answer.NO),
        ("no\n", Answer.NO),
        ("\n", Answer.SKIP),
        ("s\n", Answer.SKIP),
        ("maybe\nq\ny\n", Answer.YES),
        ("", Answer.SKIP),
        ("maybe", Answer.SKIP),
    ],
)
def test_answers(typed: str, answer: Answer) -> None:
    """Asked until it is one; no more input is a skip."""
    keyboard = ScreenText(typed, is_terminal=True)

    assert Dialogue(keyboard, ScreenText(is_terminal=True)).ask("Well?") is answer


def test_a_line_in_place_is_wiped_before_the_next_text() -> None:
    """What counted down does not stay."""
    told = talk("")
    told.terminal.show("  chin tuck  3 s")
    told.terminal.say("Done.")

    assert told.screen.getvalue() == "\r\x1b[K  chin tuck  3 s\r\x1b[KDone.\n"


def test_a_command_is_not_broken_at_its_hyphens(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there to be copied."""
    monkeypatch.setenv("COLUMNS", "30")
    told = talk(None)
    told.terminal.say("Then: posturecam pain check --sought-advice")

    assert told.screen.getvalue() == "Then: posturecam pain check\n--sought-advice\n"


def test_a_line_in_place_never_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapped one could not be written over."""
    monkeypatch.setenv("COLUMNS", "20")
    told = talk("")
    told.terminal.show("x" * 50)

    assert told.screen.getvalue().count("x") == 19


def test_off_a_terminal_nothing_is_shown_in_place() -> None:
    """And nobody is asked there: it is not interactive."""
    told = talk(None)
    told.terminal.show("  chin tuck  3 s")

    assert told.screen.getvalue() == ""
    assert not told.terminal.interactive


def test_both_ends_must_be_a_terminal_to_ask() -> None:
    """Questions that go into a file are answered by nobody."""
    keyboard = ScreenText(is_terminal=True)

    assert not Dialogue(keyboard, ScreenText(is_terminal=False)).interactive


class ClosedPipe(ScreenText):
    """Nobody reads what is printed here."""

    def write(self, text: str) -> int:
        """As the system says it."""
        raise BrokenPipeError


def test_a_reader_who_has_left_ends_it_quietly() -> None:
    """As everywhere in the program."""
    terminal = Dialogue(ScreenText(is_terminal=False), ClosedPipe(is_terminal=False))

    with pytest.raises(OutputClosedError):
        terminal.say("Hello.")
