"""The only place that reads a clock."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any, Protocol


class Clock(Protocol):
    """Two questions that are never mixed: how long, and what date."""

    def monotonic_s(self) -> float:
        """Seconds that never jump; only differences mean anything."""

    def utc_now(self) -> datetime:
        """The date and time in UTC, aware."""

    def wait_s(self, seconds: float) -> None:
        """Let `seconds` pass."""

    def wait_for(self, event: threading.Event, limit_s: float) -> bool:
        """Whether `event` is set within `limit_s`."""

    def boot_id(self) -> str | None:
        """Names the run of the monotonic clock; None where that is unknown."""


ZONE_ASKED_EVERY_S = 30.0
_EPOCH = datetime.fromtimestamp(0, UTC)
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def uptime_of(platform: str = sys.platform, times: Any = time) -> Callable[[], float]:
    """What tells the seconds since boot on a system, those in which it slept included.

    A laptop that sleeps must be seen as a gap. On Linux CLOCK_MONOTONIC stands still then; on a Mac
    it goes on while Python's own monotonic clock does not (cpython issue 86273), and on Windows
    that one goes on (GetTickCount64, later QueryPerformanceCounter). The clocks are those of the
    module `time`.
    """
    if platform == "linux":
        return partial(times.clock_gettime, times.CLOCK_BOOTTIME)
    if platform == "darwin":
        return partial(times.clock_gettime, times.CLOCK_MONOTONIC)
    monotonic: Callable[[], float] = times.monotonic
    return monotonic


class SystemClock:
    """The machine's own clocks."""

    _zone_asked_s = -math.inf
    _uptime_s = staticmethod(uptime_of())
    # Only this makes local times follow a new /etc/localtime, as after a flight.
    _follow_zone = staticmethod(getattr(time, "tzset", lambda: None))

    def monotonic_s(self) -> float:
        """Seconds since boot, suspended time included where the system can tell."""
        return self._uptime_s()

    def utc_now(self) -> datetime:
        """The date and time in UTC; notices now and then that the machine has another zone."""
        if (now_s := time.monotonic()) - self._zone_asked_s >= ZONE_ASKED_EVERY_S:
            self._zone_asked_s = now_s
            self._follow_zone()
        return datetime.now(UTC)

    def wait_s(self, seconds: float) -> None:
        """Sleep; a signal handler that raises ends it early."""
        if seconds > 0:
            threading.Event().wait(seconds)

    def wait_for(self, event: threading.Event, limit_s: float) -> bool:
        """Sleep until it is set; a signal handler that raises ends it early."""
        return event.wait(limit_s)

    def boot_id(self) -> str | None:
        """What Linux calls this boot."""
        with suppress(OSError):
            return _BOOT_ID.read_text(encoding="ascii").strip()
        return None


class OtherClock:
    """Asks another clock for everything; a subclass shows other dates."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def monotonic_s(self) -> float:
        """The other one's."""
        return self._clock.monotonic_s()

    def utc_now(self) -> datetime:
        """The other one's."""
        return self._clock.utc_now()

    def wait_s(self, seconds: float) -> None:
        """The other one's."""
        self._clock.wait_s(seconds)

    def wait_for(self, event: threading.Event, limit_s: float) -> bool:
        """The other one's."""
        return self._clock.wait_for(event, limit_s)

    def boot_id(self) -> str | None:
        """The other one's."""
        return self._clock.boot_id()


class LocalZone(tzinfo):
    """The time zone of this machine, daylight saving included, for any date."""

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        """Local time minus UTC at the local time `when`."""
        return None if when is None else _as_system_local(when).utcoffset()

    def dst(self, _when: datetime | None) -> timedelta | None:
        """None: the offset includes it."""
        return None

    def tzname(self, when: datetime | None) -> str | None:
        """Abbreviation of the zone at `when`."""
        return None if when is None else _as_system_local(when).tzname()

    def fromutc(self, when: datetime) -> datetime:
        """The local time of a moment given in UTC."""
        seconds = (when.replace(microsecond=0, tzinfo=UTC) - _EPOCH).total_seconds()
        # Without a zone it says which of two equal local times it is.
        local = datetime.fromtimestamp(seconds)  # noqa: DTZ006 - the zone comes with the next step
        return local.replace(microsecond=when.microsecond, tzinfo=self)


def _as_system_local(when: datetime) -> datetime:
    return when.replace(tzinfo=None).astimezone()
