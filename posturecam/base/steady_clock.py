"""A clock that no single reading of the wall moves."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from posturecam.base.clock import Clock, OtherClock
from posturecam.base.dating import CLOCK_STEP_MS, PLAUSIBLE_FROM

HELD_S = 10.0
"""A date that the wall shows for less was a mistake; pauses, quiet hours and the log pass it over.
"""
_STEP = timedelta(milliseconds=CLOCK_STEP_MS)


class SteadyClock(OtherClock):
    """Another clock, with its date as it was set before until a new one has held for `HELD_S`.

    In its own first seconds it knows no better and follows at once. A date from before there was
    any posturecam is passed over as long as there was a better one.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._lock = threading.Lock()
        self._began_s = clock.monotonic_s()
        self._zero = self._seen = self._read()
        self._seen_s = self._began_s

    def utc_now(self) -> datetime:
        """The date and time in UTC."""
        with self._lock:
            zero, now_s = self._read(), self._clock.monotonic_s()
            if abs(zero - self._seen) > _STEP:
                self._seen_s = now_s
            self._seen = zero
            unset = zero + timedelta(seconds=now_s) < PLAUSIBLE_FROM
            if unset and self._zero + timedelta(seconds=now_s) >= PLAUSIBLE_FROM:
                return self._zero + timedelta(seconds=now_s)
            held = now_s - self._seen_s >= HELD_S or now_s - self._began_s < HELD_S
            if held or abs(zero - self._zero) <= _STEP:
                self._zero = zero
            return self._zero + timedelta(seconds=now_s)

    def _read(self) -> datetime:
        """The date at which the monotonic clock showed 0."""
        return self._clock.utc_now() - timedelta(seconds=self._clock.monotonic_s())
