"""When alerts are suppressed: snoozed, at set hours, in a call, or as the desktop asks.

Pure: what is known of the desktop and the local time in, a reason out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence
from posturecam.values.reasons import QuietReason
from posturecam.values.settings import QuietHours

_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class DesktopState:
    """What the desktop says of itself; None for what it does not say.

    Attributes:
        locked: the screen is locked.
        do_not_disturb: the user asked the desktop for silence.
        full_screen: a program has the whole of a screen.
        presenting: a program keeps the screen awake, as for a video or slides.
        in_call: the microphone is in use.
        camera_wanted: another program has opened the camera.
        locks_by_itself: a screensaver of the desktop says whether it is on, so that `locked` is
            certain; else it is only what logind and processes show.
    """

    locked: bool | None = None
    do_not_disturb: bool | None = None
    full_screen: bool | None = None
    presenting: bool | None = None
    in_call: bool | None = None
    camera_wanted: bool | None = None
    locks_by_itself: bool = False


def parse_quiet_hours(text: str) -> QuietHours:
    """The hours meant by `12:00-13:00`; `22:00-06:00` goes over midnight.

    Raises:
        UsageError: it is not written like that, or begins when it ends.
    """
    found = _SPAN.fullmatch(text.strip())
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups() if found else "0000")
    hours = QuietHours(begin=time(from_hour, from_minute), end=time(to_hour, to_minute))
    if hours.begin == hours.end:
        raise UsageError(
            Sentence("{text!r} are no quiet hours.", text=text),
            Sentence("Write them like 12:00-13:00."),
        )
    return hours


def is_within(hours: QuietHours, local: time) -> bool:
    """Whether clocks that show `local` are within the hours; the end is not."""
    if hours.begin < hours.end:
        return hours.begin <= local < hours.end
    return local >= hours.begin or local < hours.end


def why_quiet(
    *,
    local: time,
    snoozed: bool,
    desktop: DesktopState,
    quiet_hours: Sequence[QuietHours],
    quiet_in_calls: bool,
) -> QuietReason | None:
    """Why alerts are suppressed now, None while they are not.

    `local` is the time of day that clocks show here.
    """
    if snoozed:
        return QuietReason.SNOOZED
    if quiet_in_calls and desktop.in_call:
        return QuietReason.IN_A_CALL
    if desktop.do_not_disturb:
        return QuietReason.DO_NOT_DISTURB
    if desktop.full_screen:
        return QuietReason.FULL_SCREEN
    if desktop.presenting:
        return QuietReason.PRESENTING
    if any(is_within(hours, local) for hours in quiet_hours):
        return QuietReason.QUIET_HOURS
    return None
