"""What the user asked of a running watch: paused until when, snoozed until when.

Pure: commands and moments in, what is in force out. Moments are aware and compared in UTC, so
neither daylight saving nor a change of zone moves them; an end comes when the clock on the wall
says so, also after a restart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Literal, assert_never

from posturecam.base.durations import LONGEST_S, parse_duration_s
from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence
from posturecam.values.commands import Pause, Snooze, Word
from posturecam.values.events import Control, Controlled

DAY_BEGINS = time(6)
"""`until tomorrow` ends then: before most working days begin."""

NIGHT_ENDS = time(4)
"""Earlier than that, `tomorrow` still means the day that is about to begin."""

FARTHEST = timedelta(seconds=LONGEST_S)
"""No command reaches further; an end beyond it means that the clock was set back by far."""

_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """What the user asked for and is not over yet.

    Attributes:
        paused: no watching; the camera is released.
        paused_until: when that ends by itself (aware), None for when the user says so.
        snoozed_until: alerts are suppressed until then (aware), None while they are not.
    """

    paused: bool = False
    paused_until: datetime | None = None
    snoozed_until: datetime | None = None


def apply(in_force: Requests, command: Pause | Snooze | Literal[Word.RESUME]) -> Requests:
    """What is in force after `command`."""
    match command:
        case Pause():
            return replace(in_force, paused=True, paused_until=command.until)
        case Snooze():
            return replace(in_force, snoozed_until=command.until)
        case Word.RESUME:
            return Requests()
        case _:
            assert_never(command)


def left_at(in_force: Requests, now: datetime) -> Requests:
    """What of it is still in force at `now` (aware)."""
    pause_over = in_force.paused_until is not None and _is_over(in_force.paused_until, now)
    if pause_over:
        in_force = replace(in_force, paused=False, paused_until=None)
    if in_force.snoozed_until is not None and _is_over(in_force.snoozed_until, now):
        in_force = replace(in_force, snoozed_until=None)
    return in_force


def lasting(in_force: Requests) -> Requests:
    """The part that outlives the watch: whatever ends by itself.

    Who starts a watch wants it to watch, so a pause without an end is over with the watch.
    """
    if in_force.paused and in_force.paused_until is None:
        return replace(in_force, paused=False)
    return in_force


def what_happened(before: Requests, after: Requests) -> tuple[Controlled, ...]:
    """The change from one to the other as events."""
    events = []
    if before.paused and not after.paused:
        events.append(Controlled(what=Control.RESUMED))
    if before.snoozed_until is not None and after.snoozed_until is None:
        events.append(Controlled(what=Control.UNSNOOZED))
    if after.paused and (not before.paused or after.paused_until != before.paused_until):
        events.append(Controlled(what=Control.PAUSED, until=after.paused_until))
    if after.snoozed_until is not None and after.snoozed_until != before.snoozed_until:
        events.append(Controlled(what=Control.SNOOZED, until=after.snoozed_until))
    return tuple(events)


def parse_until(words: Sequence[str], *, now: datetime, zone: tzinfo) -> datetime:
    """The moment (UTC) meant by `20m`, `until 13:30` or `until tomorrow`.

    A number alone is minutes: nobody pauses for seconds. A time of day is meant in `zone`; `now` is
    aware.

    Raises:
        UsageError: they mean no moment.
    """
    match [word.lower() for word in words]:
        case ["until", "tomorrow"]:
            return _tomorrow(now, zone)
        case ["until", text] if found := _TIME_OF_DAY.fullmatch(text):
            return _next(time(int(found[1]), int(found[2])), now, zone)
        case said if (length := _length(" ".join(said))) is not None:
            return now.astimezone(UTC) + length
    raise UsageError(
        Sentence("{words!r} says no moment.", words=" ".join(words)),
        Sentence("Write a duration such as 20m, or: until 13:30, or: until tomorrow."),
    )


def _length(text: str) -> timedelta | None:
    try:
        return timedelta(seconds=parse_duration_s(f"{text}m" if _NUMBER.fullmatch(text) else text))
    except UsageError:
        return None


def _tomorrow(now: datetime, zone: tzinfo) -> datetime:
    local = now.astimezone(zone)
    evening_before = local.time() < NIGHT_ENDS
    day = local.date() + timedelta(days=0 if evening_before else 1)
    return datetime.combine(day, DAY_BEGINS, zone).astimezone(UTC)


def _next(time_of_day: time, now: datetime, zone: tzinfo) -> datetime:
    """The first moment after `now` at which clocks show `time_of_day`.

    Where clocks are set back it may be shown twice a day. Where they are set forward it may be
    left out; then the moment is meant that it would have been without the change.
    """
    today = now.astimezone(zone).date()
    ahead = []
    for days in (0, 1, 2):
        first = datetime.combine(today + timedelta(days=days), time_of_day, zone)
        again = first.replace(fold=1).astimezone(UTC)
        ahead.append(first.astimezone(UTC))
        if again.astimezone(zone).time() == time_of_day:
            ahead.append(again)
    return min(at for at in ahead if at > now)


def _is_over(until: datetime, now: datetime) -> bool:
    return now >= until or until - now > FARTHEST
