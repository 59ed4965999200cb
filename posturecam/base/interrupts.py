"""Ctrl-C and the like: the loop ends at a whole turn, never in the middle of one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self, TypeVar

T = TypeVar("T")


def ending_signals(system: object = signal) -> tuple[signal.Signals, ...]:
    """The signals that ask a program to end, as far as a system has them.

    Windows has no SIGHUP, and alone has SIGBREAK: Ctrl-Break, and a console that is closed. A
    system has them by their names, as the module `signal`.
    """
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    return tuple(getattr(system, name) for name in names if hasattr(system, name))


_SIGNALS = ending_signals()


class _StopWaitingError(Exception):
    """Ends the wait for the next picture."""


class Interrupts:
    """While entered, an interrupt ends only a wait; otherwise it is remembered in `requested`.

    After one, the program is on its way out: whoever presses Ctrl-C once more out of impatience
    must not turn a clean end into a broken one, so it stays deaf to further ones.
    """

    def __init__(self) -> None:
        self.requested = False
        self._waiting = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            # Whoever started us with a signal ignored, as nohup does, wants it ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_IGN if self.requested else handler)  # type: ignore[arg-type]

    def iterate(self, items: Iterator[T]) -> Iterator[T]:
        """The items, ending early at an interrupt."""
        while not self.requested:
            try:
                with self._wait():
                    item = next(items)
            except (StopIteration, _StopWaitingError):
                return
            yield item

    @contextmanager
    def _wait(self) -> Iterator[None]:
        self._waiting = True
        try:
            yield
        finally:
            self._waiting = False

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.requested = True
        if self._waiting:
            self._waiting = False
            raise _StopWaitingError
