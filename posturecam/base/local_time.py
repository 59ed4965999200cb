"""Dates and hours by the clock on the wall, in a time zone that is an argument."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
"""A local day in which the clock was not set."""
_EPOCH = datetime.fromtimestamp(0, UTC)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LETTERS = 3
"""Of a weekday, that tell it from the others and from a word."""


def local_time(at_ms: int, tz: tzinfo) -> datetime:
    """UTC milliseconds as a time in `tz`, aware, exact."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(tz)


def day_bounds_ms(day: date, tz: tzinfo) -> tuple[int, int]:
    """First millisecond of the local day and of the next one, in UTC: 23, 24 or 25 hours."""
    return _midnight_ms(day, tz), _midnight_ms(day + timedelta(days=1), tz)


def midnights_ms(days: Iterable[date], tz: tzinfo) -> list[int]:
    """First millisecond of each local day, in UTC."""
    return [_midnight_ms(day, tz) for day in days]


def hour_starts_ms(bounds: tuple[int, int], tz: tzinfo) -> list[int]:
    """Where the hours by the clock on the wall begin, also where it is set by half of one."""
    if bounds[1] - bounds[0] == DAY_MS and local_time(bounds[0], tz).minute == 0:
        return list(range(*bounds, HOUR_MS))
    starts = [bounds[0]]
    while True:
        next_ms = starts[-1] + HOUR_MS - local_time(starts[-1], tz).minute * 60_000
        if next_ms >= bounds[1]:
            return starts
        starts.append(next_ms)


def week_before(day: date) -> tuple[date, date]:
    """Monday and Sunday of the week before that of `day`."""
    monday = day - timedelta(days=day.weekday() + 7)
    return monday, monday + timedelta(days=6)


def parse_day(text: str | None, *, today: date) -> date:
    """The day meant by `yesterday`, `tomorrow`, a weekday, an ISO date, or `today` or nothing.

    A weekday is the latest one, today included; its first three letters are enough.

    Raises:
        UsageError: it is none of these.
    """
    match (text or "today").lower():
        case "today":
            return today
        case "yesterday":
            return today - timedelta(days=1)
        case "tomorrow":
            return today + timedelta(days=1)
        case begun if len(begun) >= _LETTERS:
            for days_back in range(7):
                day = today - timedelta(days=days_back)
                if WEEKDAYS[day.weekday()].startswith(begun):
                    return day
    assert text is not None  # noqa: S101 - nothing means today
    try:
        day = date.fromisoformat(text)
        # The days before it are looked at too.
        if not 1970 < day.year < 9999:
            raise ValueError("no clock was ever there")
    except ValueError as error:
        raise UsageError(
            Sentence("{text!r} is not a day.", text=text),
            Sentence("Write today, yesterday, a weekday such as mon, or a date like 2026-11-20."),
        ) from error
    return day


def is_day(text: str) -> bool:
    """`parse_day` would take it."""
    try:
        parse_day(text, today=date(2000, 1, 1))
    except UsageError:
        return False
    return True


def parse_moment(text: str, *, now: datetime) -> datetime:
    """The moment meant by `09:30` (today) or `2026-11-20 09:30`, in the zone of `now`.

    Raises:
        UsageError: it is neither, or still to come.
    """
    try:
        if "-" in text:
            moment = datetime.fromisoformat(text)
            at = moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
        else:
            at = datetime.combine(now.date(), time.fromisoformat(text), tzinfo=now.tzinfo)
        if at.year <= 1970:
            raise ValueError("no clock was ever there")
    except ValueError as error:
        raise UsageError(
            Sentence("{text!r} is not a time.", text=text),
            Sentence("Write it like 09:30 or 2026-11-20T09:30."),
        ) from error
    if at > now:
        raise UsageError(
            Sentence("{text} is still to come.", text=text),
            Sentence("Name a time that has passed."),
        )
    return at


def _midnight_ms(day: date, tz: tzinfo) -> int:
    return round(datetime.combine(day, time.min, tz).timestamp() * 1000)
