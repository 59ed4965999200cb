"""The plots of a page, as plain values that plotly draws.

Pure. A colour is a name with an `@`, which the style sheet defines. Texts from the log are escaped:
plotly would read tags and links in them.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from posturecam.base.language import _
from posturecam.base.local_time import HOUR_MS, MINUTE_MS
from posturecam.outputs.words import name_text, reasons_text, state_text
from posturecam.review.words import from_to, plain_duration

if TYPE_CHECKING:
    from posturecam.review.day import DayReview
    from posturecam.review.stretches import Span
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
    return [
        _marks(review, _("changes"), "line-ns", moves),
        _marks(review, _("alerts"), "triangle-up", alerts),
        _marks(review, _("breaks"), "diamond", breaks + guided),
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
