"""Dates and hours by the clock on the wall, in a time zone that is an argument."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, tzinfo

HOUR_MS = 3_600_000


def local_time(at_ms: int, tz: tzinfo) -> datetime:
    """UTC milliseconds as a time in `tz`, aware, exact."""
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms)).astimezone(tz)


def day_bounds_ms(day: date, tz: tzinfo) -> tuple[int, int]:
    """First millisecond of the local day and of the next one, in UTC: 23, 24 or 25 hours."""
    return _midnight_ms(day, tz), _midnight_ms(day + timedelta(days=1), tz)


def hour_starts_ms(bounds: tuple[int, int], tz: tzinfo) -> list[int]:
    """Where the hours by the clock on the wall begin, also in zones that are off by half of one."""
    starts = [bounds[0]]
    while True:
        local = local_time(starts[-1], tz)
        into_ms = (local.minute * 60 + local.second) * 1000 + local.microsecond // 1000
        next_ms = starts[-1] + HOUR_MS - into_ms
        if next_ms >= bounds[1]:
            return starts
        starts.append(next_ms)


def _midnight_ms(day: date, tz: tzinfo) -> int:
    return round(datetime.combine(day, time.min, tz).timestamp() * 1000)
