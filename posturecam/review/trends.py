"""How it went week by week, as a table and as a plot. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from posturecam.base.language import _
from posturecam.outputs.dates import short_date
from posturecam.review.usual import DayTotals, Spread, Usual, total, usual
from posturecam.review.words import percent_text, plain_duration

if TYPE_CHECKING:
    from posturecam.review.figures import Figure
    from posturecam.values.totals import Totals

MOST_NAMED = 6
"""Weeks with their name on the axis, which a phone has room for."""
_ALONE_DAYS = timedelta(days=2)
"""How far the band of a week between gaps reaches, on either side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week, and how its days were."""

    first: date
    totals: Totals
    days: Usual

    @property
    def short_name(self) -> str:
        """The Monday; half a year has no two of the same name."""
        return short_date(self.first)

    @property
    def counts(self) -> bool:
        """Enough of its days have enough judged time."""
        return self.days.slouched_share is not None

    @property
    def cells(self) -> list[str]:
        """The row of the table."""
        share, rate = self.totals.slouched_share, self.totals.moves_per_hour
        few = _("too little to tell")
        return [
            f"{self.short_name} {self.first.year}",
            str(self.days.counted),
            plain_duration(self.totals.judged_ms),
            percent_text(share) if self.counts and share is not None else few,
            f"{rate:.0f}" if self.counts and rate is not None else few,
        ]


def weeks(half_year: Sequence[DayTotals]) -> list[Week]:
    """The weeks from the first with any watching on; `half_year` begins with a Monday."""
    in_weeks = [half_year[start : start + 7] for start in range(0, len(half_year), 7)]
    found = [Week(first=days[0].day, totals=total(days), days=usual(days)) for days in in_weeks]
    begins = next((at for at, week in enumerate(found) if week.totals.watched_ms), len(found))
    return found[begins:]


def week_figure(weeks: Sequence[Week]) -> Figure:
    """Slouched share and changes of position an hour, a point a week, with gaps where it is open.

    The band is where the middle half of the days of each week lies.
    """
    shares = [(week.totals.slouched_share, week.days.slouched_share) for week in weeks]
    rates = [(week.totals.moves_per_hour, week.days.moves_per_hour) for week in weeks]
    share_text = _("week of {week}: {share} slouched").format(week="%{text}", share="%{y:.0f} %")
    rate_text = _("week of {week}: {number} changes an hour").format(
        week="%{text}", number="%{y:.0f}"
    )
    named = weeks[:: max(1, -(-len(weeks) // MOST_NAMED))]
    axis = {"rangemode": "tozero", "fixedrange": True, "nticks": 4}
    return {
        "data": [
            *_trend(
                weeks, shares, axis="y", color="slouched", band="o2", text=share_text, factor=100
            ),
            *_trend(weeks, rates, axis="y2", color="line", band="b2", text=rate_text, factor=1),
        ],
        "layout": {
            "height": 380,
            "xaxis": {
                "type": "date",
                "anchor": "y2",
                "fixedrange": True,
                "tickvals": [week.first.isoformat() for week in named],
                "ticktext": [week.short_name for week in named],
            },
            "yaxis": axis
            | {"domain": [0.56, 1], "ticksuffix": " %", "title": {"text": _("Slouched")}},
            "yaxis2": axis | {"domain": [0, 0.44], "title": {"text": _("Changes an hour")}},
        },
    }


def _trend(
    weeks: Sequence[Week],
    values: Sequence[tuple[float | None, Spread | None]],
    *,
    axis: str,
    color: str,
    band: str,
    text: str,
    factor: float,
) -> Iterator[Figure]:
    """A point a week over the band of its days; the newest has its figure beside it."""
    points: list[float | None] = []
    edges: list[tuple[date, float, float] | None] = []
    for week, (value, days) in zip(weeks, values, strict=True):
        if value is None or days is None:
            points.append(None)
            edges.append(None)
        else:
            points.append(round(factor * value, 2))
            edges.append((week.first, factor * days.low, factor * days.high))
    x, y = _outline(edges)
    yield {
        "type": "scatter",
        "mode": "lines",
        "name": "band",
        "x": x,
        "y": y,
        "yaxis": axis,
        "fill": "toself",
        "fillcolor": f"@{band}",
        "line": {"width": 0},
        "hoverinfo": "skip",
    }
    newest = max((at for at, point in enumerate(points) if point is not None), default=None)
    unit = " %" if factor == 100 else ""
    yield {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": [week.first.isoformat() for week in weeks],
        "y": points,
        "yaxis": axis,
        "text": [week.short_name for week in weeks],
        "texttemplate": [
            f"{point:.0f}{unit}" if at == newest else "" for at, point in enumerate(points)
        ],
        "textposition": "top center",
        "hovertemplate": f"{text}<extra></extra>",
        "line": {"width": 1.5, "color": f"@{color}"},
        "marker": {"size": 8, "color": f"@{color}"},
        "connectgaps": False,
    }


def _outline(
    edges: Sequence[tuple[date, float, float] | None],
) -> tuple[list[str | None], list[float | None]]:
    """Around each run of weeks without a gap, there along the low edge and back along the high.

    Around a week alone, too, which has a width then.
    """
    x: list[str | None] = []
    y: list[float | None] = []
    run: list[tuple[date, float, float]] = []
    for edge in (*edges, None):
        if edge is not None:
            run.append(edge)
            continue
        if len(run) == 1:
            day, low, high = run[0]
            run = [(day - _ALONE_DAYS, low, high), (day + _ALONE_DAYS, low, high)]
        for day, low, _high in run:
            x.append(day.isoformat())
            y.append(round(low, 2))
        for day, _low, high in reversed(run):
            x.append(day.isoformat())
            y.append(round(high, 2))
        if run:
            x.append(None)
            y.append(None)
        run = []
    return x, y
