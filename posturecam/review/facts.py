"""How a day, or a week, compares with those before it. Pure.

Codes and numbers, of which `words` and `span_words` make sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import TYPE_CHECKING, assert_never

from posturecam.review.usual import DAY_NEEDS_MS, SpanReview, Spread, Usual, WeekHour, days_needed
from posturecam.values.goal import ChangeGoal, Goal, ShareGoal
from posturecam.values.totals import Totals

if TYPE_CHECKING:
    from posturecam.review.day import DayReview
    from posturecam.review.usual import DayTotals


class Standing(Enum):
    """Where a figure lies among those of other days."""

    LESS = auto()
    USUAL = auto()
    MORE = auto()


class TooLittle(Enum):
    """Why a day cannot be compared with others."""

    DAYS = auto()
    """Too few of the others have enough judged time."""
    TIME = auto()
    """It has too little itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A figure beside the middle half of others, in the whole numbers that are shown.

    So 6 is not fewer than 6.
    """

    standing: Standing
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The slouched share, in percent, and the changes of position an hour."""

    share: Compared
    rate: Compared


ABOUT_THE_SAME = 0.03
"""Slouched shares that differ by less are said to be about the same: half of all days lie beside
the middle half, most of them by nothing to speak of. No source: own choice, half of what is usual
for a steady person from day to day."""


def compare_span(review: SpanReview) -> Standing | TooLittle:
    """How the slouched share of some days is against that of as many days before."""
    share, before = review.total.slouched_share, review.before.slouched_share
    if not review.comparable or share is None or before is None:
        return TooLittle.DAYS
    if abs(share - before) < ABOUT_THE_SAME:
        return Standing.USUAL
    return Standing.LESS if share < before else Standing.MORE


class Reached(Enum):
    """Whether a day reached a goal."""

    YES = auto()
    SO_FAR = auto()
    """The day goes on."""
    NO = auto()
    NOT_SO_FAR = auto()
    """The day goes on and may reach it yet."""
    UNKNOWN = auto()
    """Too little was judged."""


def reached(review: DayReview, goal: Goal) -> Reached:
    """Whether the day reached the goal; of one that goes on, so far.

    A position that was kept for too long stays so.
    """
    share, longest = review.totals.slouched_share, review.longest_unchanged
    if review.totals.judged_ms < DAY_NEEDS_MS or share is None or longest is None:
        return Reached.UNKNOWN
    match goal:
        case ShareGoal(percent=percent):
            is_reached = round(100 * share) <= percent
            missed = Reached.NO if review.is_over else Reached.NOT_SO_FAR
        case ChangeGoal(every_s=every_s):
            is_reached = longest.known_ms <= 1000 * every_s
            missed = Reached.NO
        case _:
            assert_never(goal)
    if is_reached:
        return Reached.YES if review.is_over else Reached.SO_FAR
    return missed


def compare(totals: Totals, usual: Usual) -> Comparison | TooLittle:
    """How a day lies among others, or why that is unknown."""
    if usual.slouched_share is None or usual.moves_per_hour is None:
        return TooLittle.DAYS
    share, rate = totals.slouched_share, totals.moves_per_hour
    if totals.judged_ms < DAY_NEEDS_MS or rate is None or share is None:
        return TooLittle.TIME
    return Comparison(
        share=compared_share(share, usual.slouched_share),
        rate=compared(rate, usual.moves_per_hour),
    )


def compared_share(share: float, spread: Spread) -> Compared:
    """Where a slouched share lies, in percent; less than `ABOUT_THE_SAME` beside it is usual."""
    in_percent = Spread(*(100 * part for part in spread))
    return compared(100 * share, in_percent, within=round(100 * ABOUT_THE_SAME) - 1)


def compared(value: float, spread: Spread, *, within: int = 0) -> Compared:
    """Where `value` lies; what is beside the middle half, but `within` so much, is usual too."""
    shown, low, high = (round(part) for part in (value, spread.low, spread.high))
    standing = Standing.USUAL
    if shown < low - within:
        standing = Standing.LESS
    elif shown > high + within:
        standing = Standing.MORE
    return Compared(standing=standing, low=low, high=high)


OUT_SHARE = 0.1
"""An hour of the day whose slouched share is so much above that of the week stands out. No source:
own choice, more than what is usual for a steady person from day to day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeDays:
    """Days whose slouched share, 0 to 1, is shown as the same figure."""

    days: tuple[date, ...]
    share: float


def extreme_days(days: Iterable[DayTotals]) -> tuple[AlikeDays, AlikeDays] | None:
    """Those of the days that count with the least and with the most; None where all are alike."""
    by_percent: dict[int, list[DayTotals]] = {}
    for day in days:
        if day.counts:
            by_percent.setdefault(round(100 * (day.totals.slouched_share or 0.0)), []).append(day)
    if len(by_percent) < 2:
        return None
    least, most = (
        AlikeDays(
            days=tuple(day.day for day in by_percent[percent]),
            share=by_percent[percent][0].totals.slouched_share or 0.0,
        )
        for percent in (min(by_percent), max(by_percent))
    )
    return least, most


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCard:
    """A week from Monday to Sunday.

    Attributes:
        share: slouched part of the judged time, 0 to 1.
        before: the same of the week before.
        least: the days with the least; None where all days are alike.
        most: the days with the most; likewise.
        hour: of the day, that stands out; None if none does.
    """

    share: float
    before: float
    compared: Standing | TooLittle
    least: AlikeDays | None
    most: AlikeDays | None
    hour: int | None


def week_card(review: SpanReview, hours: Mapping[WeekHour, Totals]) -> WeekCard | None:
    """What a week, with these hours, comes to; None where too few days have an hour judged."""
    share = review.total.slouched_share
    if share is None or review.counted < days_needed(len(review.days)):
        return None
    least, most = extreme_days(review.days) or (None, None)
    return WeekCard(
        share=share,
        before=review.before.slouched_share or 0.0,
        compared=compare_span(review),
        least=least,
        most=most,
        hour=_hour_that_stands_out(hours, share),
    )


def _hour_that_stands_out(hours: Mapping[WeekHour, Totals], share: float) -> int | None:
    by_hour: dict[int, Totals] = {}
    for (_weekday, hour), totals in hours.items():
        by_hour[hour] = by_hour.get(hour, Totals()) + totals
    shares = {
        hour: totals.slouched_share or 0.0
        for hour, totals in by_hour.items()
        if totals.judged_ms >= DAY_NEEDS_MS
    }
    most = max(shares, key=lambda hour: shares[hour], default=None)
    return most if most is not None and shares[most] - share >= OUT_SHARE else None
