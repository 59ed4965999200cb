"""Days side by side: what is usual, and how several of them were. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import mean, quantiles
from typing import NamedTuple

from posturecam.base.local_time import HOUR_MS
from posturecam.values.totals import Totals

WEEK_DAYS, MONTH_DAYS = 7, 30
HOUR_NEEDS_MS = 1_200_000
"""Judged time from which an hour is compared with others: a third of it."""
DAY_NEEDS_MS = HOUR_MS
"""Judged time from which a day counts as one of the usual ones; in less, one slouch of five
minutes would already be a tenth of it."""
DAYS_NEEDED = {7: 3, 28: 10}
"""Days that must count before a stretch of days is called usual. Of three, the middle one is not
moved by a single odd day; ten are half of the working days in four weeks."""
WeekHour = tuple[int, int]
"""Weekday (Monday is 0) and hour by the clock on the wall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotals:
    """What one local day adds up to."""

    day: date
    totals: Totals

    @property
    def counts(self) -> bool:
        """Enough was judged to compare the day with others."""
        return self.totals.judged_ms >= DAY_NEEDS_MS


class Spread(NamedTuple):
    """Where the middle half of some values lies, and their median."""

    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """How the days before were.

    What is usual is None while too few of the `days` have enough judged time: `counted` do, and
    `needed` would be enough. Breaks are full ones.
    """

    days: int
    counted: int
    needed: int
    slouched_share: Spread | None
    moves_per_hour: Spread | None
    breaks: Spread | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanReview:
    """Several local days in a row, and as many before them.

    Attributes:
        days: oldest first.
        before: what as many days before them add up to.
        counted: days with enough judged time.
        breaks_a_day: full breaks on a day with enough judged time; None where there is none.
        usual: over the days before.
        journal: what the pain journal says beside these days, nothing where there is none.
        to_come: none of them has begun yet.
    """

    days: tuple[DayTotals, ...]
    total: Totals
    before: Totals
    counted: int
    counted_before: int
    breaks_a_day: float | None
    breaks_a_day_before: float | None
    usual: Usual
    journal: str = ""
    to_come: bool = False

    @property
    def comparable(self) -> bool:
        """Both stretches have enough days to be set side by side."""
        needed = days_needed(len(self.days))
        return min(self.counted, self.counted_before) >= needed


def days_needed(days: int) -> int:
    """Days with enough judged time that make a stretch of `days` comparable."""
    return DAYS_NEEDED[28] if days >= 28 else DAYS_NEEDED[7]


def spread(values: Iterable[float]) -> Spread:
    """Quartiles of at least two values, interpolated between the closest two."""
    return Spread(*quantiles(values, n=4, method="inclusive"))


def usual(days: Sequence[DayTotals]) -> Usual:
    """What is usual over some days; nothing, while too few of them have enough judged time."""
    counted = [day for day in days if day.counts]
    needed = days_needed(len(days))
    enough = len(counted) >= needed
    shares = [day.totals.slouched_share or 0.0 for day in counted]
    rates = [day.totals.moves_per_hour or 0.0 for day in counted]
    return Usual(
        days=len(days),
        counted=len(counted),
        needed=needed,
        slouched_share=spread(shares) if enough else None,
        moves_per_hour=spread(rates) if enough else None,
        breaks=spread([day.totals.breaks for day in counted]) if enough else None,
    )


def review_span(
    days: Sequence[DayTotals],
    before: Sequence[DayTotals],
    *,
    journal: str = "",
    to_come: bool = False,
) -> SpanReview:
    """Some days in a row, and as many before them to compare with."""
    return SpanReview(
        days=tuple(days),
        total=total(days),
        before=total(before),
        counted=sum(day.counts for day in days),
        counted_before=sum(day.counts for day in before),
        breaks_a_day=_breaks_a_day(days),
        breaks_a_day_before=_breaks_a_day(before),
        usual=usual(before),
        journal=journal,
        to_come=to_come,
    )


def _breaks_a_day(days: Sequence[DayTotals]) -> float | None:
    breaks = [day.totals.breaks for day in days if day.counts]
    return mean(breaks) if breaks else None


def total(days: Iterable[DayTotals]) -> Totals:
    """All of the days together."""
    return sum((day.totals for day in days), Totals())


def week_hours(hours: Iterable[tuple[WeekHour, Totals]]) -> dict[WeekHour, Totals]:
    """Hours of several weeks, those of the same name together, where enough was judged."""
    found: dict[WeekHour, Totals] = {}
    for name, hour in hours:
        found[name] = found[name] + hour if name in found else hour
    return {name: hour for name, hour in found.items() if hour.judged_ms >= HOUR_NEEDS_MS}
