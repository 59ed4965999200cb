"""A terminal whose other side is a script: answers in, everything shown out."""

from __future__ import annotations

import io
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from posturecam.outputs.dialogue import Dialogue
from tests.fakes import ManualClock

ALWAYS_READABLE = Path(os.devnull).open("rb")  # noqa: SIM115 - for as long as the tests run


class ScreenText(io.StringIO):
    """Keeps what was printed; a terminal if it is told to be one."""

    def __init__(self, text: str = "", *, is_terminal: bool) -> None:
        super().__init__(text)
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        """As it was told."""
        return self._is_terminal

    def fileno(self) -> int:
        """Something that a read never has to wait for."""
        return ALWAYS_READABLE.fileno()


@dataclass(slots=True)
class Talk:
    """A terminal and what has been shown on it."""

    terminal: Dialogue
    screen: ScreenText

    @property
    def text(self) -> str:
        """Everything shown so far, in one line."""
        return " ".join(self.screen.getvalue().split())


def talk(answers: str | None = None) -> Talk:
    """Somebody who gives these answers, a letter each; None for a pipe where nobody answers."""
    at_terminal = answers is not None
    screen = ScreenText(is_terminal=at_terminal)
    typed = "".join(f"{letter.strip()}\n" for letter in answers or "")
    return Talk(Dialogue(ScreenText(typed, is_terminal=at_terminal), screen), screen)


class InterruptedClock(ManualClock):
    """Presses Ctrl-C after so many seconds of waiting."""

    def __init__(self, after_s: float) -> None:
        super().__init__()
        self.after_s = after_s

    def wait_s(self, seconds: float) -> None:
        """Moves on, or interrupts."""
        if self.now_s >= self.after_s:
            signal.raise_signal(signal.SIGINT)
        super().wait_s(seconds)
