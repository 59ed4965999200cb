"""How tests wait: for something to come true, within a limit; hardly ever for time to pass."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from posturecam.base.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

DEADLINE_S = 60.0
LOOK_EVERY_S = 0.05


def wait_until(holds: Callable[[], object], what: object = "", limit_s: float = DEADLINE_S) -> None:
    """Looks again and again; fails with `what`, or what that gives, if it takes too long."""
    clock = SystemClock()
    end_s = clock.monotonic_s() + limit_s
    while not holds():
        assert clock.monotonic_s() < end_s, what() if callable(what) else what
        clock.wait_s(LOOK_EVERY_S)


def let_pass(seconds: float, _why: str) -> None:
    """Lets real time pass, for a reason that no event could stand in for."""
    SystemClock().wait_s(seconds)


def quickest_s(take_s: Callable[[], float], enough_s: float, tries: int = 5) -> float:
    """The shortest of a few times, of no more than are needed to find one that is short enough.

    What else the machine does can only add to how long the program itself takes.
    """
    shortest_s = take_s()
    while shortest_s > enough_s and (tries := tries - 1):
        shortest_s = min(shortest_s, take_s())
    return shortest_s


class FastClock(SystemClock):
    """Real time, run faster, so that five silent seconds cost one.

    Where all stands still nobody reads it either: a second of that is not to be five silent ones.
    """

    FACTOR = 5.0
    LONGEST_STEP_S = 0.3
    """Those who wait by it read it more often than that."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_s = self._now_s = super().monotonic_s()

    def monotonic_s(self) -> float:
        """Five seconds a second, as long as it is read."""
        with self._lock:
            read_s = super().monotonic_s()
            self._now_s += self.FACTOR * min(read_s - self._read_s, self.LONGEST_STEP_S)
            self._read_s = read_s
            return self._now_s

    def wait_s(self, seconds: float) -> None:
        """A fifth of it."""
        super().wait_s(seconds / self.FACTOR)

    def wait_for(self, event: threading.Event, limit_s: float) -> bool:
        """A fifth of it."""
        return super().wait_for(event, limit_s / self.FACTOR)
