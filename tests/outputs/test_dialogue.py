"""Talking at a terminal."""

from __future__ import annotations

import os
import select
import sys

import pytest

from posturecam.base.errors import OutputClosedError
from posturecam.outputs.dialogue import Dialogue
from posturecam.values.answers import Answer
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


def test_what_is_listed_hangs_below_its_first_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of a long line is no item of its own."""
    monkeypatch.setenv("COLUMNS", "30")
    told = talk(None)
    told.terminal.say("- Did it begin after a fall or a knock?", indent=2, hanging=2)
    assert told.screen.getvalue() == "  - Did it begin after a fall\n    or a knock?\n"


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


@pytest.mark.skipif(sys.platform == "win32", reason="has no such terminals")
def test_what_was_typed_while_a_line_counted_answers_no_later_question() -> None:
    """Enter while one holds still is no Enter for what is asked then; what comes after counts."""
    ours, theirs = os.openpty()
    with (
        os.fdopen(theirs, "r", encoding="utf-8", closefd=False) as keyboard,
        os.fdopen(os.dup(theirs), "w", encoding="utf-8") as screen,
        Dialogue(keyboard, screen) as terminal,
    ):
        os.write(ours, b"y\ny")
        terminal.show("hold 3 s")
        assert select.select([keyboard], [], [], 10)[0]
        terminal.say("Done.")
        assert not select.select([keyboard], [], [], 0)[0]
        os.write(ours, b"n\n")
        assert terminal.ask("Well?") is Answer.NO
    os.close(theirs)
    os.close(ours)


def test_no_more_input_ends_the_line_of_a_question() -> None:
    """What is printed next does not stand behind it."""
    told = talk("")
    assert not told.terminal.go("Sink.")
    assert told.screen.getvalue().endswith("s = skip: \n")


class InterruptedKeyboard(ScreenText):
    """Ctrl-C is pressed instead of an answer."""

    def fileno(self) -> int:
        """Asked for before each read."""
        raise KeyboardInterrupt


@pytest.mark.skipif(sys.platform == "win32", reason="an answer is not waited for there")
def test_ctrl_c_ends_the_line_of_a_question() -> None:
    """The prompt of the shell does not stand behind it."""
    screen = ScreenText(is_terminal=True)
    with pytest.raises(KeyboardInterrupt):
        Dialogue(InterruptedKeyboard(is_terminal=True), screen).ask("Well?")
    assert screen.getvalue().endswith("skips: \n")
