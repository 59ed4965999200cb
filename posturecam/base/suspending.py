"""Ctrl-Z: a program that stands still must not hold the camera, so it lets go of it before."""

from __future__ import annotations

import signal
import threading
from types import FrameType


class Suspension:
    """Nobody suspends.

    Attributes:
        requested: to be suspended as soon as nothing is held any more.
    """

    requested = False

    def hold(self) -> None:
        """Put a request off from now on, until somebody calls `suspend`."""

    def give_back(self) -> None:
        """Let requests act at once again, as before; a second time does nothing."""

    def suspend(self) -> None:
        """Stand still, as was requested; returns when the program goes on."""


class CtrlZ(Suspension):
    """The signal of Ctrl-Z, where there is one; whoever handled it before handles it after."""

    def __init__(self, number: int | None = getattr(signal, "SIGTSTP", None)) -> None:
        """Takes the signal; None where the system has none, as Windows."""
        self._number = number
        self._before: object = None

    def hold(self) -> None:
        """See `Suspension.hold`."""
        if self._number is None or self._before is not None:
            return
        # A shell without job control ignores it, and nobody could continue us.
        if signal.getsignal(self._number) is not signal.SIG_IGN:
            self._before = signal.signal(self._number, self._note)

    def give_back(self) -> None:
        """See `Suspension.give_back`."""
        self.requested = False
        if self._number is not None and self._before is not None:
            signal.signal(self._number, self._before)  # type: ignore[arg-type]
            self._before = None

    def suspend(self) -> None:
        """See `Suspension.suspend`."""
        if self._number is None:
            return
        before = self._before
        self.give_back()
        if callable(before):
            before(self._number, None)  # gives the terminal back, and stops
        else:
            signal.raise_signal(self._number)
        self.hold()

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.requested = True


def suspension_here() -> Suspension:
    """By Ctrl-Z in the main thread; elsewhere Python handles no signal, and nobody types there."""
    at_a_terminal = threading.current_thread() is threading.main_thread()
    return CtrlZ() if at_a_terminal else Suspension()
