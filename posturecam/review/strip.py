"""The first screen of a page as plain values: the day as one strip, and the seven days up to it.

Pure. Places are shares of the whole, in percent, so that they fit any width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from posturecam.base.language import _
from posturecam.base.local_time import HOUR_MS
from posturecam.outputs.dates import SHORT_WEEKDAYS, middle_date
from posturecam.outputs.words import name_text
from posturecam.review.words import outcome_text, percent_text
from posturecam.values.events import CHANGES
from posturecam.values.observation import PostureState

if TYPE_CHECKING:
    from posturecam.review.day import DayReview
    from posturecam.review.usual import DayTotals

SHOWN = (PostureState.UPRIGHT, PostureState.SLOUCHED, PostureState.UNKNOWN)
"""States with a colour; time away, paused or not watched is a gap."""
MOST_TICKS = 12
WIDE_APART, NARROW_APART = 1.6, 4.0
"""Percent of the strip between two marks that do not touch: one is 13 pixels wide, the strip 928 on
a desktop and 358 on a phone."""
HIGHEST_SHARE = 0.5
"""Slouched share that fills a small day, unless one of them has more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch in one state."""

    key: str
    left: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An alert, which a change followed or not.

    Attributes:
        wide: how many marks it stands above, where the strip is wide.
        narrow: and where it is as narrow as a phone.
    """

    kind: str
    left: float
    changed: bool
    text: str
    wide: int
    narrow: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HourMark:
    """An hour on the axis."""

    left: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The watched hours of a day from left to right."""

    pieces: tuple[Piece, ...]
    marks: tuple[Mark, ...]
    hours: tuple[HourMark, ...]

    @property
    def rows_wide(self) -> int:
        """Rows that the marks take where the strip is wide."""
        return 1 + max((mark.wide for mark in self.marks), default=0)

    @property
    def rows_narrow(self) -> int:
        """And where it is narrow."""
        return 1 + max((mark.narrow for mark in self.marks), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallDay:
    """One of the seven days; its share is empty where nothing was judged.

    Attributes:
        height: of its bar, in percent.
        current: it is the day of the page.
    """

    name: str
    number: int
    text: str
    share: str
    height: float
    link: str | None
    current: bool


def strip(review: DayReview) -> Strip:
    """The day from the first watched hour to the end of the last."""
    begin_ms = review.hours[0].start_ms
    whole_ms = review.hours[-1].start_ms + HOUR_MS - begin_ms

    def percent(ms: int) -> float:
        return round(100 * ms / whole_ms, 3)

    lefts = [percent(alert.at_ms - begin_ms) for alert in review.alerts]
    hours_ms = range(begin_ms, begin_ms + whole_ms + 1, HOUR_MS)
    every = -(-len(hours_ms) // MOST_TICKS)
    return Strip(
        pieces=tuple(
            Piece(
                key=span.state.value,
                left=percent(span.start_ms - begin_ms),
                width=percent(span.length_ms),
            )
            for span in review.spans
            if span.state in SHOWN
        ),
        marks=tuple(
            Mark(
                kind=alert.kind.value,
                left=left,
                changed=alert.outcome in CHANGES,
                wide=wide,
                narrow=narrow,
                text=_("{time}: {kind}, {outcome}").format(
                    time=review.clock(alert.at_ms),
                    kind=name_text(alert.kind),
                    outcome=outcome_text(alert.outcome, alert.outcome_after_ms),
                ),
            )
            for alert, left, wide, narrow in zip(
                review.alerts,
                lefts,
                stacked(lefts, WIDE_APART),
                stacked(lefts, NARROW_APART),
                strict=True,
            )
        ),
        hours=tuple(
            HourMark(left=percent(at_ms - begin_ms), label=f"{review.local(at_ms):%H}")
            for at_ms in hours_ms[::every]
        ),
    )


def stacked(lefts: Sequence[float], apart: float) -> list[int]:
    """In which row each mark touches none before it: the lowest there is room in."""
    ends: list[float] = []
    rows = []
    for left in lefts:
        row = next((row for row, end in enumerate(ends) if end <= left), len(ends))
        ends[row : row + 1] = [left + apart]
        rows.append(row)
    return rows


def small_days(
    days: Sequence[DayTotals], current: date, links: Mapping[date, str]
) -> tuple[SmallDay, ...]:
    """Each of the days with its slouched share, the largest of which fills its bar."""
    shares = [day.totals.slouched_share for day in days]
    most = max((share for share in shares if share is not None), default=0.0)
    highest = max(HIGHEST_SHARE, most)
    return tuple(
        SmallDay(
            name=SHORT_WEEKDAYS[day.day.weekday()],
            number=day.day.day,
            text=_("{date}: nothing judged").format(date=middle_date(day.day))
            if share is None
            else _("{date}: {share} slouched").format(
                date=middle_date(day.day), share=percent_text(share)
            ),
            share="" if share is None else percent_text(share),
            height=round(100 * (share or 0.0) / highest, 1),
            link=links.get(day.day),
            current=day.day == current,
        )
        for day, share in zip(days, shares, strict=True)
    )
