"""The angles of a day as one plot: all five, or one with its limits and how sure it is.

Pure. The script of the page draws the bands from the half widths that a line carries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from posturecam.base.language import _
from posturecam.base.local_time import MINUTE_MS
from posturecam.outputs.words import ANGLE_NAMES
from posturecam.review.figures import Figure, minute_of, time_axis
from posturecam.values.observation import ANGLES, Angle, View, is_estimated

if TYPE_CHECKING:
    from posturecam.review.day import DayReview
    from posturecam.values.log_rows import DayRows


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
