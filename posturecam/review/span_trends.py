"""How it went day by day, as plots of plain shapes that a page draws without a script. Pure.

Places are in percent of the plot, from the left and from below, so that they fit any width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from posturecam.base.language import _
from posturecam.outputs.dates import SHORT_WEEKDAYS, middle_date, short_date
from posturecam.review.words import percent_text

if TYPE_CHECKING:
    from posturecam.review.usual import DayTotals, SpanReview

MOST_DAYS = 92
"""A quarter of a year; of more days the calendars say enough."""
MOST_NAMES = 7
"""Names of days that have room side by side on the narrowest of phones. Each of so many days has
its name below it, of up to twice as many every other; of more the Mondays have their dates."""
MOST_DATES = 6
MOST_LEVELS = 5
ROUND = (1, 2, 5, 10, 20, 50, 100, 200, 500)
ROOM_ABOVE = 1.15
"""For the figure of the newest day."""
LEAST_TOP_PERCENT, LEAST_TOP_AN_HOUR = 20, 10
"""Days that differ by next to nothing look alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A day with an hour judged, and its figure."""

    left: float
    bottom: float
    text: str
    figure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What stands beside an axis, and where."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One figure, day by day.

    Attributes:
        points: the days that have it, oldest first.
        runs: those without a gap between them.
        band: the lower edge and the height of what was usual before; None while that is not known.
    """

    key: str
    name: str
    points: tuple[Point, ...]
    runs: tuple[tuple[Point, ...], ...]
    band: tuple[float, float] | None
    levels: tuple[Label, ...]
    days: tuple[Label, ...]


def span_trends(review: SpanReview) -> tuple[Trend, ...]:
    """Slouched share and changes of position an hour; none where no day had an hour judged."""
    if len(review.days) > MOST_DAYS or not any(day.counts for day in review.days):
        return ()
    share, rate = review.usual.slouched_share, review.usual.moves_per_hour
    return (
        _trend(
            review.days,
            "slouched",
            _("Slouched, % of the judged time"),
            [100 * (day.totals.slouched_share or 0.0) for day in review.days],
            None if share is None else (100 * share.low, 100 * share.high),
            least_top=LEAST_TOP_PERCENT,
            written=lambda percent: percent_text(percent / 100),
        ),
        _trend(
            review.days,
            "moves",
            _("Changes of position an hour"),
            [day.totals.moves_per_hour or 0.0 for day in review.days],
            None if rate is None else (rate.low, rate.high),
            least_top=LEAST_TOP_AN_HOUR,
            written=lambda an_hour: f"{an_hour:.0f}",
        ),
    )


def _trend(
    days: Sequence[DayTotals],
    key: str,
    name: str,
    values: Sequence[float],
    usual: tuple[float, float] | None,
    *,
    least_top: float,
    written: Callable[[float], str],
) -> Trend:
    """The plot of one value a day, of which only those of days that count are shown."""
    shown = [value for day, value in zip(days, values, strict=True) if day.counts]
    highest = max(shown) if usual is None else max(*shown, usual[1])
    top = max(least_top, ROOM_ABOVE * highest)

    def bottom(value: float) -> float:
        return round(100 * value / top, 2)

    points = [
        Point(
            left=_left(index, days),
            bottom=bottom(value),
            text=_("{date}: {figure}").format(date=middle_date(day.day), figure=written(value)),
            figure=written(value),
        )
        if day.counts
        else None
        for index, (day, value) in enumerate(zip(days, values, strict=True))
    ]
    runs = [
        tuple(point for point in run if point is not None)
        for _known, run in groupby(points, key=lambda point: point is None)
    ]
    return Trend(
        key=key,
        name=name,
        points=tuple(point for run in runs for point in run),
        runs=tuple(run for run in runs if len(run) > 1),
        band=None if usual is None else (bottom(usual[0]), bottom(usual[1] - usual[0])),
        levels=tuple(Label(at=bottom(level), text=written(level)) for level in _levels(top)),
        days=_day_labels(days),
    )


def _levels(top: float) -> Iterator[float]:
    """Round numbers from 0 up to `top`, a few of them."""
    step = next((step for step in ROUND if top / step < MOST_LEVELS), ROUND[-1])
    at = 0.0
    while at <= top:
        yield at
        at += step


def _day_labels(days: Sequence[DayTotals]) -> tuple[Label, ...]:
    if len(days) <= 2 * MOST_NAMES:
        return tuple(
            Label(at=_left(index, days), text=f"{SHORT_WEEKDAYS[day.day.weekday()]} {day.day.day}")
            for index, day in enumerate(days)
            if index % 2 == 0 or len(days) <= MOST_NAMES
        )
    mondays = [(index, day.day) for index, day in enumerate(days) if day.day.weekday() == 0]
    every = -(-len(mondays) // MOST_DATES)
    return tuple(
        Label(at=_left(index, days), text=short_date(day)) for index, day in mondays[::every]
    )


def _left(index: int, days: Sequence[DayTotals]) -> float:
    """The middle of a day."""
    return round(100 * (index + 0.5) / len(days), 2)
