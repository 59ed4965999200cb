"""The plots of a page, as plain values that plotly draws.

Pure. A colour is a name with an `@`, which the style sheet defines. Texts from the log are escaped:
plotly would read tags and links in them. The script of the page draws the bands of the angles from
the half widths that a line carries.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from posturecam.base.language import _
from posturecam.base.local_time import HOUR_MS, MINUTE_MS
from posturecam.outputs.words import ANGLE_NAMES, name_text, reasons_text, state_text
from posturecam.review.words import from_to, plain_duration
from posturecam.values.observation import ANGLES, Angle, View, is_estimated

if TYPE_CHECKING:
    from posturecam.review.day import DayReview
    from posturecam.review.stretches import Span
    from posturecam.values.log_rows import DayRows
    from posturecam.values.observation import PostureState

Figure = dict[str, Any]

TICK_MS = 15 * MINUTE_MS


def day_figure(review: DayReview) -> Figure:
    """The day: a lane for each state, for changes of position, alerts and breaks."""
    states = list(review.totals.shown_by_state)
    lanes = [*map(name_text, states), _("changes"), _("alerts"), _("breaks")]
    return {
        "data": [*(_state_lane(review, state) for state in states), *_marked_lanes(review)],
        "layout": {
            "height": 34 * len(lanes) + 60,
            "barmode": "overlay",
            "xaxis": time_axis(review),
            "yaxis": {"categoryarray": lanes[::-1], "categoryorder": "array", "fixedrange": True},
        },
    }


def _state_lane(review: DayReview, state: PostureState) -> Figure:
    spans = [span for span in review.spans if span.state is state]
    return {
        "type": "bar",
        "orientation": "h",
        "name": name_text(state),
        "y": [name_text(state)] * len(spans),
        "base": [minute_of(review, span.start_ms) for span in spans],
        "x": [span.length_ms / MINUTE_MS for span in spans],
        "text": [shown_text(_span_text(review, span)) for span in spans],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
        "width": 0.8,
        "marker": {"color": f"@{state.value}", "line": {"width": 0}},
    }


def _marked_lanes(review: DayReview) -> list[Figure]:
    """Changes of position, alerts and breaks."""
    moves = [(at_ms, _("changed position")) for at_ms in review.move_times_ms]
    alerts = [
        (alert.at_ms, _("alert: {kind}").format(kind=name_text(alert.kind)))
        for alert in review.alerts
    ]
    breaks = [
        (row.at_ms, _("back from {duration}").format(duration=plain_duration(row.lasted_ms)))
        for row in review.breaks
    ]
    guided = [
        (row.end_ms, _("guided, {duration}").format(duration=plain_duration(row.lasted_ms)))
        for row in review.exercises
    ]
    locked = [
        (one.end_ms, _("screen locked, {duration}").format(duration=plain_duration(one.locked_ms)))
        for one in review.locked_breaks
    ]
    return [
        _marks(review, _("changes"), "line-ns", moves),
        _marks(review, _("alerts"), "triangle-up", alerts),
        _marks(review, _("breaks"), "diamond", breaks + guided + locked),
    ]


def _span_text(review: DayReview, span: Span) -> str:
    """When, in which state, for how long and why."""
    text = _("{span}: {state}")
    if span.reasons:
        text = _("{span}: {state}, {reasons}")
    return text.format(
        span=from_to(review, span.start_ms, span.end_ms),
        state=state_text(span.state, plain_duration(span.length_ms)),
        reasons=reasons_text(span.reasons),
    )


def _marks(review: DayReview, lane: str, symbol: str, marks: Sequence[tuple[int, str]]) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": lane,
        "x": [minute_of(review, at_ms) for at_ms, _ in marks],
        "y": [lane] * len(marks),
        "text": [shown_text(f"{review.clock(at_ms)}: {text}") for at_ms, text in marks],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "symbol": symbol,
            "size": 11,
            "color": "@ink",
            "line": {"width": 1.5, "color": "@ink"},
        },
    }


def time_axis(review: DayReview) -> Figure:
    """The watched hours, in minutes since the day began."""
    first, last = review.hours[0].start_ms, review.hours[-1].start_ms + HOUR_MS
    return {"range": [minute_of(review, first), minute_of(review, last)], "ticks": "outside"}


def ticks(review: DayReview) -> list[tuple[float, str]]:
    """Every quarter of an hour with what the clock on the wall says, for the day's axis."""
    if not review.hours:
        return []
    first, last = review.hours[0].start_ms, review.hours[-1].start_ms + HOUR_MS
    return [
        (minute_of(review, at_ms), review.clock(at_ms)) for at_ms in range(first, last + 1, TICK_MS)
    ]


def shown_text(text: str) -> str:
    """Text that plotly shows as it is."""
    return html.escape(text, quote=False)


def minute_of(review: DayReview, at_ms: int) -> float:
    """Minutes since the day began, as they really passed."""
    return round((at_ms - review.start_ms) / MINUTE_MS, 3)


class AngleMinute(NamedTuple):
    """One angle in one minute by the clock on the wall, with what bounds it, in degrees."""

    at_ms: int
    clock: str
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
        clock = review.clock(row.start_ms)
        for index, angle in enumerate(ANGLES):
            mean_deg, spread_deg = row.mean_deg[index], row.sd_deg[index]
            if mean_deg is not None:
                found[angle].append(
                    AngleMinute(
                        at_ms=row.start_ms,
                        clock=clock,
                        mean_deg=mean_deg,
                        spread_deg=spread_deg or 0.0,
                        model_sd_deg=sds_deg[index] if sds_deg else None,
                        estimated=is_estimated(view),
                    )
                )
    return found


def angle_figure(
    review: DayReview, rows: DayRows, angles: Mapping[str, list[AngleMinute]]
) -> Figure:
    """A line for each angle, and dashed ones for its limits; each trace says of which it is."""
    traces: list[Figure] = []
    for index, angle in enumerate(ANGLES):
        for (sd_deg, estimated), minutes in groupby(
            angles[angle], key=lambda minute: (minute.model_sd_deg, minute.estimated)
        ):
            traces.append(_line(review, angle, list(minutes), sd_deg, estimated=estimated))
        traces += _limit_traces(review, rows, index)
    return {
        "data": traces,
        "layout": {
            "height": 300,
            "xaxis": time_axis(review),
            "yaxis": {"ticksuffix": "°", "nticks": 6, "fixedrange": True, "zeroline": True},
        },
    }


def _line(
    review: DayReview,
    angle: Angle,
    minutes: Sequence[AngleMinute],
    sd_deg: float | None,
    *,
    estimated: bool,
) -> Figure:
    """One angle, broken where there are minutes without it."""
    points: list[tuple[float | None, float | None, str, float]] = []
    last_ms: int | None = None
    for minute in minutes:
        if last_ms is not None and minute.at_ms - last_ms != MINUTE_MS:
            points.append((None, None, "", 0.0))
        x, y = minute_of(review, minute.at_ms) + 0.5, round(minute.mean_deg, 1)
        points.append((x, y, minute.clock, round(minute.spread_deg, 1)))
        last_ms = minute.at_ms
    text = _("{time}: {angle}, spread within the minute {spread}")
    if estimated:
        text = _("{time}: about {angle}, spread within the minute {spread}")
    error = "" if sd_deg is None else f" ±{sd_deg:.0f}°"
    said = text.format(time="%{text}", angle="%{y:+.0f}°" + error, spread="%{customdata:.1f}°")
    return {
        "type": "scatter",
        "mode": "lines",
        "name": ANGLE_NAMES[angle].capitalize(),
        "x": [x for x, *_others in points],
        "y": [y for _x, y, *_others in points],
        "text": [clock for *_place, clock, _spread in points],
        "customdata": [spread_deg for *_others, spread_deg in points],
        "hovertemplate": f"{said}<extra></extra>",
        "line": {"width": 1.5, "color": f"@a{ANGLES.index(angle) + 1}"},
        "meta": {"angle": angle.value, "error_deg": sd_deg},
    }


def _limit_traces(review: DayReview, rows: DayRows, index: int) -> list[Figure]:
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
            minute_of(review, max(row.at_ms, review.start_ms)),
            minute_of(review, until_ms),
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
            "meta": {"angle": ANGLES[index].value},
            "hoverinfo": "skip",
            "line": {"width": 1.5, "dash": "dash", "color": "@limit"},
        }
        for side in sides
    ]
