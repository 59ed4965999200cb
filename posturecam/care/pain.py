"""What the entries of the pain journal say by themselves, and beside the days' posture.

Pure: entries and a time zone in, days, patterns and a comparison out. A pattern is a reason to
see a professional, never an explanation; the comparison says what came on the same days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from enum import Enum, StrEnum, auto
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING

from posturecam.base.language import N_, _
from posturecam.base.local_time import local_time
from posturecam.care.texts import care_text
from posturecam.outputs.words import count_text, percent_text
from posturecam.values.answers import Location

if TYPE_CHECKING:
    from posturecam.values.log_rows import PainEntry

COMPARED_FROM_DAYS = 14
"""Days with entries before they are shown beside the posture (rule 8 in `texts.SOURCES`)."""

CHRONIC_DAYS = 90
"""Pain for longer is called chronic (ICD-11; NICE NG193: more than 3 months)."""

SPELL_GAP_DAYS = 30
"""Pain that comes back within so many days still is the same spell. No source: own choice."""

WORSE_BY = 2.0
WORSE_DAYS = 3
WORSE_THAN_DAYS = 7
"""About 2 points of 10 are a change that matters to people: 3 days above the 7 before."""

_ENOUGH_DAYS = 3
"""Days with entries from which a median is taken. No source: own choice."""

_LOWER_BY = 1.0
"""The least fall of the level that counts as beginning to improve. No source: own choice."""

LONGEST_NOTE = 1000
"""Letters of a note."""


class Region(Enum):
    """The neck, the middle of the back and the low back are different stories."""

    NECK = auto()
    MID_BACK = auto()
    LOW_BACK = auto()


class Pattern(StrEnum):
    """What several entries amount to; the value is the key of its text."""

    CHRONIC = "pattern.chronic"
    WORSE = "pattern.worse"
    SIX_WEEKS = "pattern.six-weeks"
    THREE_WEEKS = "pattern.three-weeks"


_REGION_NAMES = {
    Region.NECK: N_("Neck"),
    Region.MID_BACK: N_("Middle of the back"),
    Region.LOW_BACK: N_("Low back"),
}
_REGIONS: dict[Location | None, Region | None] = {
    None: None,
    Location.NECK: Region.NECK,
    Location.UPPER: Region.MID_BACK,
    Location.MID: Region.MID_BACK,
    Location.LOW: Region.LOW_BACK,
}
_NOT_LOWER = ((42, Pattern.SIX_WEEKS), (21, Pattern.THREE_WEEKS))


@dataclass(frozen=True, slots=True, kw_only=True)
class PainDay:
    """The entries of one local day; levels are 0 to 10."""

    day: date
    level_max: int
    level_median: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PostureDay:
    """How one local day was spent, as far as it could be judged; the share is 0 to 1."""

    day: date
    slouched_share: float
    moves_per_hour: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A pattern, and where it hurts; None where the entries do not say."""

    pattern: Pattern
    region: Region | None


def may_be_between_shoulders(entry: PainEntry) -> bool:
    """Whether the question about pain between the shoulder blades is about this entry."""
    return entry.level > 0 and entry.location not in (Location.NECK, Location.LOW)


def pain_days(entries: Iterable[PainEntry], zone: tzinfo) -> tuple[PainDay, ...]:
    """One value for each local day with entries, oldest first."""
    ordered = sorted(entries, key=lambda entry: entry.at_ms)
    days = []
    for day, of_day in groupby(ordered, key=lambda entry: local_time(entry.at_ms, zone).date()):
        levels = [entry.level for entry in of_day]
        days.append(PainDay(day=day, level_max=max(levels), level_median=median(levels)))
    return tuple(days)


def find_patterns(entries: Sequence[PainEntry], zone: tzinfo, today: date) -> tuple[Found, ...]:
    """What the entries up to `today` amount to, for each part of the back by itself."""
    found = []
    for region in (*Region, None):
        own = [entry for entry in entries if _REGIONS[entry.location] is region]
        days = [day for day in pain_days(own, zone) if day.day <= today]
        found += [Found(pattern=pattern, region=region) for pattern in _patterns(days, today)]
    return tuple(found)


def found_text(found: Found) -> str:
    """A pattern in words, with the part of the back first."""
    text = care_text(found.pattern.value)
    if found.region is None:
        return text
    return _("{region}: {text}").format(region=_(_REGION_NAMES[found.region]), text=text)


def pain_beside_posture(pain: Sequence[PainDay], posture: Sequence[PostureDay]) -> str:
    """The days with more pain beside the others, or why they cannot be compared."""
    posture_of = {day.day: day for day in posture}
    both = [day for day in pain if day.day in posture_of]
    if len(both) < COMPARED_FROM_DAYS:
        return care_text("together.few", needed=COMPARED_FROM_DAYS, days=len(both))
    levels = [day.level_max for day in both]
    if min(levels) == max(levels):
        return care_text("together.same", days=len(both))
    level = median(levels)
    # Where half of the days are at the highest level, none is above the middle.
    is_highest = level == max(levels)
    with_more = {
        day.day for day in both if day.level_max > level or (is_highest and day.level_max == level)
    }
    more = [posture_of[day.day] for day in both if day.day in with_more]
    other = [posture_of[day.day] for day in both if day.day not in with_more]
    line = care_text(
        "together.highest" if is_highest else "together.line",
        more=count_text(len(more), "day"),
        level=f"{level:g}",
        more_posture=_posture_text(more),
        other=len(other),
        other_posture=_posture_text(other),
    )
    return f"{line} {care_text('together.caveat')}"


def _patterns(days: Sequence[PainDay], today: date) -> list[Pattern]:
    spell = _spell(days, today)
    patterns = []
    if spell and (spell[-1].day - spell[0].day).days > CHRONIC_DAYS:
        patterns.append(Pattern.CHRONIC)
    if _is_worse(days, today):
        patterns.append(Pattern.WORSE)
    if Pattern.CHRONIC not in patterns and (pattern := _not_lower(spell)):
        patterns.append(pattern)
    return patterns


def _spell(days: Sequence[PainDay], today: date) -> Sequence[PainDay]:
    """The days from the first to the last of the pain that is still going on, the good included."""
    begins, next_day = len(days), today
    for index in range(len(days) - 1, -1, -1):
        if days[index].level_max == 0:
            continue
        if (next_day - days[index].day).days > SPELL_GAP_DAYS:
            break
        begins, next_day = index, days[index].day
    return days[begins:]


def _is_worse(days: Sequence[PainDay], today: date) -> bool:
    levels = {day.day: day.level_median for day in days}
    if not days or (today - days[-1].day).days > WORSE_THAN_DAYS:
        return False
    newest = days[-1].day
    return all(_is_raised(newest - timedelta(days=back), levels) for back in range(WORSE_DAYS))


def _is_raised(day: date, levels: dict[date, float]) -> bool:
    before = [
        levels[earlier]
        for back in range(1, WORSE_THAN_DAYS + 1)
        if (earlier := day - timedelta(days=back)) in levels
    ]
    return (
        day in levels and len(before) >= _ENOUGH_DAYS and levels[day] - median(before) >= WORSE_BY
    )


def _not_lower(spell: Sequence[PainDay]) -> Pattern | None:
    if len(spell) < _ENOUGH_DAYS:
        return None
    first, last = spell[0].day, spell[-1].day
    week = timedelta(days=7)
    began_at = median(day.level_median for day in spell if day.day < first + week)
    is_at = median(day.level_median for day in spell if day.day > last - week)
    if began_at - is_at >= _LOWER_BY:
        return None
    lasted_days = (last - first).days
    return next((pattern for days, pattern in _NOT_LOWER if lasted_days >= days), None)


def _posture_text(days: Sequence[PostureDay]) -> str:
    slouched_share = median(day.slouched_share for day in days)
    moves_per_hour = median(day.moves_per_hour for day in days)
    return _("{share} of the judged time slouched and {rate} position changes an hour").format(
        share=percent_text(slouched_share), rate=f"{moves_per_hour:.0f}"
    )
