"""The plots of a page, as plain values that plotly draws.

Pure. A colour is a name with an `@`, which the style sheet defines. Texts from the log are escaped:
plotly would read tags and links in them.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from posturecam.base.local_time import HOUR_MS
from posturecam.outputs.dates import short_date
from posturecam.outputs.language import _
from posturecam.outputs.words import ANGLE_NAMES, name_text, reasons_text, state_text
from posturecam.review.usual import total, usual
from posturecam.review.words import from_to, percent_text, plain_duration
from posturecam.values.observation import ANGLES, Angle, is_estimated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from posturecam.review.day import DayReview
    from posturecam.review.stretches import Span
    from posturecam.review.usual import DayTotals, Spread, Usual
    from posturecam.values.log_rows import DayRows
    from posturecam.values.observation import View
    from posturecam.values.totals import Totals

Figure = dict[str, Any]

MINUTE_MS = 60_000
TICK_MS = 15 * MINUTE_MS


def day_figure(review: DayReview) -> Figure:
    """The day: a lane for each state, for changes of position, alerts and breaks."""
    states = list(review.totals.shown_by_state)
    traces: list[Figure] = []
    for state in states:
        spans = [span for span in review.spans if span.state is state]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": name_text(state),
                "y": [name_text(state)] * len(spans),
                "base": [_minute(review, span.start_ms) for span in spans],
                "x": [span.length_ms / MINUTE_MS for span in spans],
                "text": [_text(_span_text(review, span)) for span in spans],
                "textposition": "none",
                "hovertemplate": "%{text}<extra></extra>",
                "width": 0.8,
                "marker": {"color": f"@{state.value}", "line": {"width": 0}},
            }
        )
    traces += [
        _marks(
            review,
            _("changes"),
            "line-ns",
            [(at_ms, _("changed position")) for at_ms in review.move_times_ms],
        ),
        _marks(
            review,
            _("alerts"),
            "triangle-up",
            [
                (alert.at_ms, _("alert: {kind}").format(kind=name_text(alert.kind)))
                for alert in review.alerts
            ],
        ),
        _marks(
            review,
            _("breaks"),
            "diamond",
            [
                (row.at_ms, _("back from {duration}").format(duration=_duration(row.lasted_ms)))
                for row in review.breaks
            ]
            + [
                (row.end_ms, _("guided, {duration}").format(duration=_duration(row.lasted_ms)))
                for row in review.exercises
            ],
        ),
    ]
    lanes = [*map(name_text, states), _("changes"), _("alerts"), _("breaks")]
    return {
        "data": traces,
        "layout": {
            "height": 34 * len(lanes) + 60,
            "barmode": "overlay",
            "xaxis": _time_axis(review),
            "yaxis": {"categoryarray": lanes[::-1], "categoryorder": "array", "fixedrange": True},
        },
    }


def _span_text(review: DayReview, span: Span) -> str:
    """When, in which state, for how long and why."""
    text = _("{span}: {state}")
    if span.reasons:
        text = _("{span}: {state}, {reasons}")
    return text.format(
        span=from_to(review, span.start_ms, span.end_ms),
        state=state_text(span.state, _duration(span.length_ms)),
        reasons=reasons_text(span.reasons),
    )


def _marks(review: DayReview, lane: str, symbol: str, marks: Sequence[tuple[int, str]]) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": lane,
        "x": [_minute(review, at_ms) for at_ms, _ in marks],
        "y": [lane] * len(marks),
        "text": [_text(f"{review.clock(at_ms)}: {text}") for at_ms, text in marks],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "symbol": symbol,
            "size": 11,
            "color": "@ink",
            "line": {"width": 1.5, "color": "@ink"},
        },
    }


def _time_axis(review: DayReview) -> Figure:
    first, last = review.hours[0].start_ms, review.hours[-1].start_ms + HOUR_MS
    return {"range": [_minute(review, first), _minute(review, last)], "ticks": "outside"}


def ticks(review: DayReview) -> list[tuple[float, str]]:
    """Every quarter of an hour with what the clock on the wall says, for the day's axis."""
    if not review.hours:
        return []
    first, last = review.hours[0].start_ms, review.hours[-1].start_ms + HOUR_MS
    return [
        (_minute(review, at_ms), review.clock(at_ms)) for at_ms in range(first, last + 1, TICK_MS)
    ]


# The angles


@dataclass(frozen=True, slots=True, kw_only=True)
class AngleMinute:
    """One angle in one minute, with what bounds it, in degrees."""

    at_ms: int
    mean_deg: float
    spread_deg: float
    model_sd_deg: float | None
    estimated: bool


def angle_minutes(
    review: DayReview, rows: DayRows, model_sd_deg: Mapping[View, tuple[float, ...]]
) -> dict[str, list[AngleMinute]]:
    """By angle, the minutes of the day that have it."""
    views = {session.id: session.view for session in rows.sessions}
    begin_ms, end_ms = review.start_ms, review.start_ms + review.totals.wall_ms
    found: dict[str, list[AngleMinute]] = {angle: [] for angle in ANGLES}
    for row in rows.minutes:
        view = views.get(row.session_id)
        sds_deg = model_sd_deg.get(view) if view else None
        if not begin_ms <= row.start_ms < end_ms:
            continue
        for index, angle in enumerate(ANGLES):
            mean_deg, spread_deg = row.mean_deg[index], row.sd_deg[index]
            if mean_deg is not None:
                found[angle].append(
                    AngleMinute(
                        at_ms=row.start_ms,
                        mean_deg=mean_deg,
                        spread_deg=spread_deg or 0.0,
                        model_sd_deg=sds_deg[index] if sds_deg else None,
                        estimated=is_estimated(angle, view),
                    )
                )
    return found


def angle_figure(
    review: DayReview, rows: DayRows, angles: Mapping[str, list[AngleMinute]]
) -> Figure:
    """Five panels over one time axis, with the limits."""
    traces: list[Figure] = []
    layout: Figure = {"height": 130 * len(ANGLES) + 60, "xaxis": _time_axis(review)}
    gap = 0.05
    height = (1 - gap * (len(ANGLES) - 1)) / len(ANGLES)
    for index, angle in enumerate(ANGLES):
        top = 1 - index * (height + gap)
        name = f"yaxis{index + 1 if index else ''}"
        layout[name] = {
            "domain": [max(0.0, top - height), top],
            "title": {"text": ANGLE_NAMES[angle].capitalize()},
            "ticksuffix": "°",
            "nticks": 4,
            "fixedrange": True,
            "zeroline": True,
        }
        axis = f"y{index + 1 if index else ''}"
        minutes = angles[angle]
        traces += [
            _band(review, minutes, [minute.model_sd_deg for minute in minutes], "@band", axis),
            _band(review, minutes, [minute.spread_deg for minute in minutes], "@spread", axis),
            _angle_line(review, minutes, axis),
            *_limit_traces(review, rows, index, axis),
        ]
    layout["xaxis"] |= {"anchor": f"y{len(ANGLES)}"}
    return {"data": traces, "layout": layout}


def _runs_of(minutes: Sequence[AngleMinute]) -> list[list[int]]:
    """Indexes of the minutes, in groups without a hole."""
    order = groupby(enumerate(minutes), lambda pair: pair[1].at_ms // MINUTE_MS - pair[0])
    return [[index for index, _ in group] for _, group in order]


def _band(
    review: DayReview,
    minutes: Sequence[AngleMinute],
    half_deg: Sequence[float | None],
    color: str,
    axis: str,
) -> Figure:
    """A band around the mean; where `half_deg` is None there is none."""
    x: list[float | None] = []
    y: list[float | None] = []
    for run in _runs_of(minutes):
        known = [(minutes[index], half) for index in run if (half := half_deg[index]) is not None]
        there = [(_minute(review, m.at_ms) + 0.5, m.mean_deg + half) for m, half in known]
        back = [(_minute(review, m.at_ms) + 0.5, m.mean_deg - half) for m, half in known]
        for at, deg in (*there, *back[::-1], *there[:1]):
            x.append(at)
            y.append(round(deg, 2))
        x.append(None)
        y.append(None)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "yaxis": axis,
        "fill": "toself",
        "fillcolor": color,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _angle_line(review: DayReview, minutes: Sequence[AngleMinute], axis: str) -> Figure:
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for run in _runs_of(minutes):
        for index in run:
            minute = minutes[index]
            x.append(_minute(review, minute.at_ms) + 0.5)
            y.append(round(minute.mean_deg, 2))
            text.append(_text(f"{review.clock(minute.at_ms)}: {_degrees(minute)}"))
        x.append(None)
        y.append(None)
        text.append("")
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "yaxis": axis,
        "text": text,
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"width": 1.5, "color": "@line"},
    }


def _degrees(minute: AngleMinute) -> str:
    angle, error = f"{minute.mean_deg:+.0f}°", ""
    if minute.model_sd_deg is not None:
        error = f" ±{minute.model_sd_deg:.0f}°"
    text = _("{angle}, spread within the minute {spread}")
    if minute.estimated:
        text = _("about {angle}, spread within the minute {spread}")
    return text.format(angle=f"{angle}{error}", spread=f"{minute.spread_deg:.1f}°")


def _limit_traces(review: DayReview, rows: DayRows, index: int, axis: str) -> list[Figure]:
    """The limit of one angle over the day, stepwise; the shoulders have one on either side."""
    end_ms = review.start_ms + review.totals.wall_ms
    x: list[float | None] = []
    y: list[float | None] = []
    ends_ms = {session.id: session.end_ms for session in rows.sessions}
    calibrations = rows.calibrations
    for row, after in zip(calibrations, (*calibrations[1:], None), strict=False):
        next_ms = end_ms if after is None else after.at_ms
        until_ms = min(next_ms, ends_ms.get(row.session_id, end_ms), end_ms)
        x += [
            _minute(review, max(row.at_ms, review.start_ms)),
            _minute(review, until_ms),
            None,
        ]
        y += [row.limits_deg[index], row.limits_deg[index], None]
    sides = (1, -1) if ANGLES[index] is Angle.SHOULDER_TILT else (1,)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": x,
            "y": [None if deg is None else side * deg for deg in y],
            "yaxis": axis,
            "hoverinfo": "skip",
            "line": {"width": 1.5, "dash": "dash", "color": "@limit"},
        }
        for side in sides
    ]


# The weeks


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
            _duration(self.totals.judged_ms),
            percent_text(share) if self.counts and share is not None else few,
            f"{rate:.0f}" if self.counts and rate is not None else few,
        ]


def weeks(half_year: Sequence[DayTotals]) -> list[Week]:
    """The weeks with any watching; `half_year` begins with a Monday."""
    in_weeks = [half_year[start : start + 7] for start in range(0, len(half_year), 7)]
    found = [Week(first=days[0].day, totals=total(days), days=usual(days)) for days in in_weeks]
    return [week for week in found if week.totals.watched_ms]


def week_figure(weeks: Sequence[Week]) -> Figure:
    """Slouched share and changes of position an hour, a point a week."""
    counted = [week for week in weeks if week.counts]
    names = [week.short_name for week in counted]
    shares = [(week.totals.slouched_share, week.days.slouched_share, 100.0) for week in counted]
    rates = [(week.totals.moves_per_hour, week.days.moves_per_hour, 1.0) for week in counted]
    share_text = _("week of {week}: {share} slouched").format(week="%{x}", share="%{y:.0f} %")
    rate_text = _("week of {week}: {number} changes an hour").format(week="%{x}", number="%{y:.0f}")
    return {
        "data": [
            _trend(names, shares, axis="y", color="slouched", text=share_text),
            _trend(names, rates, axis="y2", color="line", text=rate_text),
        ],
        "layout": {
            "height": 380,
            "xaxis": {"type": "category", "anchor": "y2", "nticks": 8, "fixedrange": True},
            "yaxis": {
                "domain": [0.56, 1],
                "ticksuffix": " %",
                "rangemode": "tozero",
                "title": {"text": _("Slouched")},
                "fixedrange": True,
            },
            "yaxis2": {
                "domain": [0, 0.44],
                "rangemode": "tozero",
                "title": {"text": _("Changes an hour")},
                "fixedrange": True,
            },
        },
    }


def _trend(
    names: Sequence[str],
    values: Sequence[tuple[float | None, Spread | None, float]],
    *,
    axis: str,
    color: str,
    text: str,
) -> Figure:
    """A point a week with the middle half of its days as a bar."""
    middle, above, below = [], [], []
    for value, days, factor in values:
        assert value is not None and days is not None  # noqa: S101, PT018 - only such weeks
        middle.append(round(factor * value, 2))
        above.append(round(max(0.0, factor * (days.high - value)), 2))
        below.append(round(max(0.0, factor * (value - days.low)), 2))
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(names),
        "y": middle,
        "yaxis": axis,
        "hovertemplate": f"{text}<extra></extra>",
        "line": {"width": 1.5, "color": f"@{color}"},
        "marker": {"size": 8, "color": f"@{color}"},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": above,
            "arrayminus": below,
            "thickness": 1,
            "width": 3,
            "color": f"@{color}",
        },
    }


def _duration(ms: float) -> str:
    return plain_duration(ms)


def _text(text: str) -> str:
    """Text that plotly shows as it is."""
    return html.escape(text, quote=False)


def _minute(review: DayReview, at_ms: int) -> float:
    """Minutes since the day began, as they really passed."""
    return round((at_ms - review.start_ms) / MINUTE_MS, 3)
