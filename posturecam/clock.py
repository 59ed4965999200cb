"""The only place that reads a clock."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Two questions that are never mixed: how long, and what date."""

    def monotonic_s(self) -> float:
        """Seconds that never jump; only differences mean anything."""
        ...

    def utc_now(self) -> datetime:
        """The date and time in UTC, aware."""
        ...

    def wait_s(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def monotonic_s(self) -> float:
        """Seconds since boot, suspended time included where the system can tell."""
        # CLOCK_MONOTONIC stands still while a Linux laptop sleeps; the gap must be seen.
        if boot_clock := getattr(time, "CLOCK_BOOTTIME", None):
            return time.clock_gettime(boot_clock)
        return time.monotonic()

    def utc_now(self) -> datetime:
        """The date and time in UTC."""
        return datetime.now(UTC)

    def wait_s(self, seconds: float) -> None:
        """Sleep; a signal handler that raises ends it early."""
        if seconds > 0:
            threading.Event().wait(seconds)
