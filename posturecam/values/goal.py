"""A goal that somebody sets themselves for a day. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from posturecam.base.durations import parse_duration_s, written_duration
from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence

_CHANGE = re.compile(r"change position (?:at least )?every (.+)", re.IGNORECASE)
_SHARE = re.compile(r"slouched (?:at most|below|under) (\d{1,2}) ?%", re.IGNORECASE)
_UNITS = (("minutes", "m"), ("min", "m"), ("hours", "h"), ("hour", "h"), (" ", ""))
LEAST_S, MOST_S = 60.0, 4 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGoal:
    """No longer in one position than this."""

    every_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareGoal:
    """No more of the judged time slouched than this, in percent."""

    percent: int


Goal = ChangeGoal | ShareGoal


def parse_goal(text: str) -> Goal:
    """The goal meant by `change position at least every 30 min` or `slouched at most 25 %`.

    Raises:
        UsageError: it is neither, or can be reached on no day or on every day.
    """
    if (found := _SHARE.fullmatch(text.strip())) and int(found[1]):
        return ShareGoal(percent=int(found[1]))
    if found := _CHANGE.fullmatch(text.strip()):
        duration = found[1]
        for written, short in _UNITS:
            duration = duration.replace(written, short)
        every_s = parse_duration_s(duration)
        if LEAST_S <= every_s <= MOST_S:
            return ChangeGoal(every_s=every_s)
    raise UsageError(
        Sentence("{text!r} is no goal.", text=text),
        Sentence(
            "Write it like: change position at least every 30 min (1 min to 4 h); or: "
            "slouched at most 25 %."
        ),
    )


def written_goal(goal: Goal) -> str:
    """The goal as `parse_goal` reads it."""
    if isinstance(goal, ShareGoal):
        return f"slouched at most {goal.percent} %"
    return f"change position at least every {written_duration(goal.every_s)}"
