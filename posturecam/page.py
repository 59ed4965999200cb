"""A reviewed day as one page for the browser: it works offline and asks no host for anything.

Pure: values in, one string out; the templates are package data. Whatever comes from the log is
escaped: by jinja2 in the text, in the data by escaping every `<` of the JSON, and once more by hand
where plotly would read mark-up in a text.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Any

from posturecam.durations import format_duration
from posturecam.observation import ANGLES, PostureState, View
from posturecam.render import (
    alerts_text,
    breaks_text,
    by_state,
    day_title,
    headline,
    hours_text,
    percent_text,
    usual_text,
)
from posturecam.review import HOUR_MS, add_splits, days_needed, local_time, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from posturecam.log_rows import DayRows
    from posturecam.review import DayReview, DaySums, Spread, WeekHour

Figure = dict[str, Any]

MINUTE_MS = 60_000
TICK_MS = 15 * MINUTE_MS
NAMES = {
    "upper_back": "Upper back",
    "trunk": "Trunk",
    "neck": "Neck",
    "back_flexion": "Back bend",
    "shoulder_tilt": "Shoulders",
}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MAP_LEVELS = 5
"""Shades of the maps; the figure stands in each cell, so that no shade has to be told apart."""
MOST_MAP_SHARE = 0.5
"""Slouched share from which the shade of a cell is the darkest."""
STILL_MOVES_PER_HOUR = (20.0, 10.0, 6.0, 3.0)
"""Changes of position an hour below which the shade of a cell grows: 20 to 30 shifts an hour went
with less discomfort than 10 in office workers (JMPT 2023;46:76), on a seat mat, so a trend only."""
_LANES = (
    PostureState.UPRIGHT,
    PostureState.SLOUCHED,
    PostureState.AWAY,
    PostureState.UNKNOWN,
    PostureState.PAUSED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the page shows.

    Attributes:
        review: the day.
        rows: what the log has of it, with the angles and their limits.
        weeks: days up to this one in whole weeks, the oldest first.
        map_weeks: weeks that the maps are made of.
        map_hours: hours by weekday (Monday is 0) and hour on the wall.
        model_sd_deg: standard deviations of the estimates, in the order of `ANGLES`, by view.
        version: the posturecam that makes it.
        journal: what the pain journal says beside these weeks, nothing where there is none.
    """

    review: DayReview
    rows: DayRows
    weeks: tuple[DaySums, ...]
    map_weeks: int
    map_hours: Mapping[tuple[int, int], WeekHour]
    model_sd_deg: Mapping[View, tuple[float, ...]]
    version: str
    journal: str = ""


def page_html(page: Page, *, nonce: str, library: str | None) -> str:
    """The page.

    Args:
        page: what it shows.
        nonce: a word that nobody could know beforehand; only scripts that carry it are run.
        library: the plot library, to be part of the page; None if it lies beside it.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = files("posturecam") / "data" / "page"
    environment = Environment(
        loader=FileSystemLoader(str(folder)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    review = page.review
    angles = _angle_minutes(page)
    weeks = _weeks(page)
    figures = (
        {"day": _day_figure(review), "angles": _angle_figure(page, angles)} if review.hours else {}
    )
    if any(week.usual for week in weeks):
        figures["weeks"] = _week_figure(weeks)
    return environment.get_template("review.html.j2").render(
        nonce=nonce,
        library=library,
        style=(folder / "page.css").read_text("utf-8"),
        script=(folder / "page.js").read_text("utf-8"),
        data=_json_in_html({"figures": figures, "ticks": _ticks(review)}),
        title=f"{day_title(review.day)} - posturecam",
        day=day_title(review.day),
        headline=headline(review),
        version=page.version,
        journal=page.journal,
        states=_states(review),
        unwatched=_duration(review.unwatched_ms),
        wall=_duration(review.wall_ms),
        over=review.wall_ms == review.length_ms,
        facts=_facts(review),
        figures=figures,
        hours=_hour_rows(review),
        angle_hours=_angle_rows(page, angles),
        estimated=any(session.view is not View.SIDE for session in page.rows.sessions),
        model_errors=_model_errors(page),
        maps=_maps(page) if page.map_hours else (),
        map_weeks=page.map_weeks,
        weeks=weeks,
        weekdays=WEEKDAYS,
        needed=days_needed(7),
        episodes=_episode_rows(review),
        alerts=_alert_rows(review),
        breaks=_break_rows(review),
        sessions=_session_rows(review),
    )


def _json_in_html(value: object) -> str:
    """JSON that may stand in a script element: nothing in it can end that element."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _plotly_text(text: str) -> str:
    """Text that plotly shows as it is; it would read tags and links in it otherwise."""
    return html.escape(text, quote=False)


# Text


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """A state with its part of the bar, in thousandths of its length."""

    name: str
    duration: str
    share: str
    left: float
    width: float


def _states(review: DayReview) -> list[_State]:
    whole_ms = review.split.watched_ms + review.split.paused_ms
    states, done_ms = [], 0
    for state, ms in by_state(review.split).items() if whole_ms else ():
        states.append(
            _State(
                name=state.value,
                duration=_duration(ms),
                share=percent_text(ms / whole_ms),
                left=round(1000 * done_ms / whole_ms, 2),
                width=round(1000 * ms / whole_ms, 2),
            )
        )
        done_ms += ms
    return states


def _facts(review: DayReview) -> list[tuple[str, str]]:
    facts = []
    if longest := review.longest_unchanged:
        span = _span(review, longest.start_ms, longest.end_ms)
        facts.append(("Longest unchanged", f"{_duration(longest.known_ms)}, {span}"))
    facts += [("Breaks", breaks_text(review)), ("Alerts", alerts_text(review))]
    if review.extreme_hours is not None:
        facts.append(("Hours", hours_text(review)))
    facts += [(f"Last {usual.days} days", usual_text(review, usual)) for usual in review.usual]
    return facts


def _hour_rows(review: DayReview) -> list[list[str]]:
    return [
        [
            f"{_clock(review, hour.start_ms)}",
            *(
                _duration(getattr(hour.split, f"{state.value}_ms"))
                for state in by_state(review.split)
            ),
            str(hour.moves),
            str(hour.alerts),
        ]
        for hour in review.hours
    ]


def _episode_rows(review: DayReview) -> list[list[str]]:
    return [
        [
            _clock(review, episode.start_ms),
            _clock(review, episode.end_ms),
            _duration(episode.slouched_ms),
            ", ".join(episode.reasons) or "not told",
        ]
        for episode in review.episodes
    ]


def _alert_rows(review: DayReview) -> list[list[str]]:
    rows = []
    for alert in review.alerts:
        followed = "not known" if alert.outcome is None else alert.outcome.value
        if alert.outcome is not None and alert.outcome_after_ms:
            followed += f" after {_duration(alert.outcome_after_ms)}"
        rows.append([_clock(review, alert.at_ms), alert.kind.value, alert.message, followed])
    return rows


def _break_rows(review: DayReview) -> list[list[str]]:
    kinds = {"break": "break", "micro": "short break"}
    rows = [(row.at_ms, row.lasted_ms, kinds[row.kind.value]) for row in review.breaks]
    rows += [(row.at_ms, row.lasted_ms, "guided break") for row in review.exercises]
    return [[_clock(review, at), _duration(lasted), kind] for at, lasted, kind in sorted(rows)]


def _session_rows(review: DayReview) -> list[list[str]]:
    return [
        [
            _clock(review, session.start_ms),
            _clock(review, session.end_ms),
            session.source,
            session.profile,
            session.ended_by or "not told",
        ]
        for session in review.sessions
    ]


def _model_errors(page: Page) -> list[str]:
    """How uncertain the estimates are, a line for each view of the day."""
    views = dict.fromkeys(session.view for session in page.rows.sessions if session.view)
    return [
        f"{view.value.capitalize()} view: "
        + ", ".join(
            f"{NAMES[angle].lower()} about ±{sd:.0f}°"
            for angle, sd in zip(ANGLES, page.model_sd_deg[view], strict=True)
        )
        for view in views
        if view in page.model_sd_deg
    ]


# The day


def _day_figure(review: DayReview) -> Figure:
    states = [state for state in _LANES if state in by_state(review.split)]
    traces: list[Figure] = []
    for state in states:
        spans = [span for span in review.spans if span.state is state]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": state.value,
                "y": [state.value] * len(spans),
                "base": [_minute(review, span.start_ms) for span in spans],
                "x": [span.length_ms / MINUTE_MS for span in spans],
                "text": [
                    _plotly_text(
                        f"{_span(review, span.start_ms, span.end_ms)}: {state.value} "
                        f"{format_duration(span.length_ms / 1000)}"
                        + (f", {', '.join(span.reasons)}" if span.reasons else "")
                    )
                    for span in spans
                ],
                "textposition": "none",
                "hovertemplate": "%{text}<extra></extra>",
                "width": 0.8,
                "marker": {"color": f"@{state.value}", "line": {"width": 0}},
            }
        )
    traces += [
        _marks(
            review, "changes", "line-ns", [(at, "changed position") for at in review.move_times_ms]
        ),
        _marks(
            review,
            "alerts",
            "triangle-up",
            [(alert.at_ms, f"alert: {alert.kind.value}") for alert in review.alerts],
        ),
        _marks(
            review,
            "breaks",
            "diamond",
            [(row.at_ms, f"back from {_duration(row.lasted_ms)}") for row in review.breaks]
            + [(row.at_ms, f"guided, {_duration(row.lasted_ms)}") for row in review.exercises],
        ),
    ]
    lanes = [*(state.value for state in states), "changes", "alerts", "breaks"]
    return {
        "data": traces,
        "layout": {
            "height": 34 * len(lanes) + 60,
            "barmode": "overlay",
            "xaxis": _time_axis(review),
            "yaxis": {"categoryarray": lanes[::-1], "categoryorder": "array", "fixedrange": True},
        },
    }


def _marks(review: DayReview, lane: str, symbol: str, marks: Sequence[tuple[int, str]]) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": lane,
        "x": [_minute(review, at_ms) for at_ms, _ in marks],
        "y": [lane] * len(marks),
        "text": [_plotly_text(f"{_clock(review, at_ms)}: {text}") for at_ms, text in marks],
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


def _ticks(review: DayReview) -> list[tuple[float, str]]:
    """Every quarter of an hour with what the clock on the wall says, for the day's axis."""
    if not review.hours:
        return []
    first, last = review.hours[0].start_ms, review.hours[-1].start_ms + HOUR_MS
    return [
        (_minute(review, at_ms), _clock(review, at_ms)) for at_ms in range(first, last + 1, TICK_MS)
    ]


# The angles


@dataclass(frozen=True, slots=True, kw_only=True)
class _AngleMinute:
    """One angle in one minute, with what bounds it, in degrees."""

    at_ms: int
    mean_deg: float
    spread_deg: float
    model_sd_deg: float | None
    estimated: bool


def _angle_minutes(page: Page) -> dict[str, list[_AngleMinute]]:
    """By angle, the minutes of the day that could tell it."""
    views = {session.id: session.view for session in page.rows.sessions}
    begin_ms, end_ms = page.review.start_ms, page.review.start_ms + page.review.wall_ms
    found: dict[str, list[_AngleMinute]] = {angle: [] for angle in ANGLES}
    for row in page.rows.minutes:
        view = views.get(row.session_id)
        sds_deg = page.model_sd_deg.get(view) if view else None
        if not begin_ms <= row.start_ms < end_ms:
            continue
        for index, angle in enumerate(ANGLES):
            mean_deg, spread_deg = row.mean_deg[index], row.sd_deg[index]
            if mean_deg is not None:
                found[angle].append(
                    _AngleMinute(
                        at_ms=row.start_ms,
                        mean_deg=mean_deg,
                        spread_deg=spread_deg or 0.0,
                        model_sd_deg=sds_deg[index] if sds_deg else None,
                        estimated=view is not View.SIDE and angle != "shoulder_tilt",
                    )
                )
    return found


def _angle_figure(page: Page, angles: Mapping[str, list[_AngleMinute]]) -> Figure:
    """Five panels over one time axis, with the limits."""
    traces: list[Figure] = []
    layout: Figure = {"height": 130 * len(ANGLES) + 60, "xaxis": _time_axis(page.review)}
    gap = 0.05
    height = (1 - gap * (len(ANGLES) - 1)) / len(ANGLES)
    for index, angle in enumerate(ANGLES):
        top = 1 - index * (height + gap)
        name = f"yaxis{index + 1 if index else ''}"
        layout[name] = {
            "domain": [max(0.0, top - height), top],
            "title": {"text": NAMES[angle]},
            "ticksuffix": "°",
            "nticks": 4,
            "fixedrange": True,
            "zeroline": True,
        }
        axis = f"y{index + 1 if index else ''}"
        minutes = angles[angle]
        traces += [
            _band(page.review, minutes, [minute.model_sd_deg for minute in minutes], "@band", axis),
            _band(page.review, minutes, [minute.spread_deg for minute in minutes], "@spread", axis),
            _angle_line(page.review, minutes, axis),
            *_limit_traces(page, index, axis),
        ]
    layout["xaxis"] |= {"anchor": f"y{len(ANGLES)}"}
    return {"data": traces, "layout": layout}


def _runs_of(minutes: Sequence[_AngleMinute]) -> list[list[int]]:
    """Indexes of the minutes, in groups without a hole."""
    order = groupby(enumerate(minutes), lambda pair: pair[1].at_ms // MINUTE_MS - pair[0])
    return [[index for index, _ in group] for _, group in order]


def _band(
    review: DayReview,
    minutes: Sequence[_AngleMinute],
    half_deg: Sequence[float | None],
    color: str,
    axis: str,
) -> Figure:
    """A band around the mean; where `half_deg` is None there is none."""
    x: list[float | None] = []
    y: list[float | None] = []
    for run in _runs_of(minutes):
        told = [(minutes[index], half) for index in run if (half := half_deg[index]) is not None]
        there = [(_minute(review, m.at_ms) + 0.5, m.mean_deg + half) for m, half in told]
        back = [(_minute(review, m.at_ms) + 0.5, m.mean_deg - half) for m, half in told]
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


def _angle_line(review: DayReview, minutes: Sequence[_AngleMinute], axis: str) -> Figure:
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for run in _runs_of(minutes):
        for index in run:
            minute = minutes[index]
            x.append(_minute(review, minute.at_ms) + 0.5)
            y.append(round(minute.mean_deg, 2))
            text.append(_plotly_text(f"{_clock(review, minute.at_ms)}: {_degrees(minute)}"))
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


def _degrees(minute: _AngleMinute) -> str:
    about = "about " if minute.estimated else ""
    error = "" if minute.model_sd_deg is None else f" ±{minute.model_sd_deg:.0f}°"
    return (
        f"{about}{minute.mean_deg:+.0f}°{error}, spread within the minute {minute.spread_deg:.1f}°"
    )


def _limit_traces(page: Page, index: int, axis: str) -> list[Figure]:
    """The limit of one angle over the day, stepwise; the shoulders have one on either side."""
    review = page.review
    end_ms = review.start_ms + review.wall_ms
    x: list[float | None] = []
    y: list[float | None] = []
    ends_ms = {session.id: session.end_ms for session in page.rows.sessions}
    rows = page.rows.calibrations
    for row, after in zip(rows, (*rows[1:], None), strict=False):
        next_ms = end_ms if after is None else after.at_ms
        until_ms = min(next_ms, ends_ms.get(row.session_id, end_ms), end_ms)
        x += [
            _minute(review, max(row.at_ms, review.start_ms)),
            _minute(review, until_ms),
            None,
        ]
        y += [row.limits_deg[index], row.limits_deg[index], None]
    sides = (1, -1) if ANGLES[index] == "shoulder_tilt" else (1,)
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


def _angle_rows(page: Page, angles: Mapping[str, list[_AngleMinute]]) -> list[list[str]]:
    """The mean of each hour, for those who read rather than see."""
    rows = []
    for hour in page.review.hours:
        cells = []
        for angle in ANGLES:
            told = [
                minute.mean_deg
                for minute in angles[angle]
                if hour.start_ms <= minute.at_ms < hour.start_ms + HOUR_MS
            ]
            cells.append(f"{sum(told) / len(told):+.0f}°" if told else "-")
        if any(cell != "-" for cell in cells):
            rows.append([_clock(page.review, hour.start_ms), *cells])
    return rows


# The weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Week:
    """One week; `usual` is False where too few of its days have enough judged time."""

    first: date
    counted: int
    judged: str
    share: float | None
    shares: Spread | None
    rate: float | None
    rates: Spread | None

    @property
    def short_name(self) -> str:
        """The Monday; half a year has no two of the same name."""
        return f"{self.first.day} {self.first:%b}"

    @property
    def usual(self) -> bool:
        return self.shares is not None

    @property
    def cells(self) -> list[str]:
        """The row of the table."""
        few = "too little to tell"
        share = few if not self.usual or self.share is None else percent_text(self.share)
        rate = few if not self.usual or self.rate is None else f"{self.rate:.0f}"
        return [f"{self.short_name} {self.first.year}", str(self.counted), self.judged, share, rate]


def _weeks(page: Page) -> list[_Week]:
    weeks = []
    for start in range(0, len(page.weeks), 7):
        days = page.weeks[start : start + 7]
        split = add_splits([day.split for day in days])
        if not split.watched_ms:
            continue
        counted = [day for day in days if day.counts]
        enough = len(counted) >= days_needed(7)
        weeks.append(
            _Week(
                first=days[0].day,
                counted=len(counted),
                judged=_duration(split.judged_ms),
                share=split.slouched_share,
                shares=spread([day.split.slouched_share or 0.0 for day in counted])
                if enough
                else None,
                rate=split.moves_per_hour(sum(day.moves for day in days)),
                rates=spread([day.moves_per_hour or 0.0 for day in counted]) if enough else None,
            )
        )
    return weeks


def _week_figure(weeks: Sequence[_Week]) -> Figure:
    told = [week for week in weeks if week.usual]
    names = [week.short_name for week in told]
    shares = [(week.share, week.shares, 100.0) for week in told]
    rates = [(week.rate, week.rates, 1.0) for week in told]
    return {
        "data": [
            _trend(names, shares, axis="y", color="slouched", text="%{y:.0f} % slouched"),
            _trend(names, rates, axis="y2", color="line", text="%{y:.0f} changes an hour"),
        ],
        "layout": {
            "height": 380,
            "xaxis": {"type": "category", "anchor": "y2", "nticks": 8, "fixedrange": True},
            "yaxis": {
                "domain": [0.56, 1],
                "ticksuffix": " %",
                "rangemode": "tozero",
                "title": {"text": "Slouched"},
                "fixedrange": True,
            },
            "yaxis2": {
                "domain": [0, 0.44],
                "rangemode": "tozero",
                "title": {"text": "Changes an hour"},
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
        "hovertemplate": f"week of %{{x}}: {text}<extra></extra>",
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


# The maps


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """One hour of one weekday: what stands in it, and how dark it is."""

    text: str
    level: int
    judged: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Map:
    """Hours down, weekdays across."""

    key: str
    caption: str
    rows: tuple[tuple[str, tuple[_Cell | None, ...]], ...]


def _maps(page: Page) -> tuple[_Map, ...]:
    hours = sorted({hour for _, hour in page.map_hours})
    shown = range(hours[0], hours[-1] + 1)

    def rows(cell: Callable[[WeekHour], _Cell]) -> tuple[tuple[str, tuple[_Cell | None, ...]], ...]:
        return tuple(
            (
                f"{hour:02}:00",
                tuple(
                    cell(found) if (found := page.map_hours.get((day, hour))) else None
                    for day in range(7)
                ),
            )
            for hour in shown
        )

    return (
        _Map(key="slouched", caption="Slouched, % of the judged time", rows=rows(_slouched_cell)),
        _Map(key="still", caption="Changes of position an hour", rows=rows(_still_cell)),
    )


def _slouched_cell(hour: WeekHour) -> _Cell:
    share = hour.split.slouched_share or 0.0
    return _Cell(
        text=f"{100 * share:.0f}",
        level=min(MAP_LEVELS - 1, int(share / MOST_MAP_SHARE * (MAP_LEVELS - 1) + 0.5)),
        judged=_duration(hour.split.judged_ms),
    )


def _still_cell(hour: WeekHour) -> _Cell:
    rate = hour.moves_per_hour or 0.0
    return _Cell(
        text=f"{rate:.0f}",
        level=sum(rate < edge for edge in STILL_MOVES_PER_HOUR),
        judged=_duration(hour.split.judged_ms),
    )


def _minute(review: DayReview, at_ms: int) -> float:
    """Minutes since the day began, as they really passed."""
    return round((at_ms - review.start_ms) / MINUTE_MS, 3)


def _clock(review: DayReview, at_ms: int) -> str:
    return f"{local_time(at_ms, review.tz):%H:%M}"


def _span(review: DayReview, start_ms: int, end_ms: int) -> str:
    return f"{_clock(review, start_ms)} to {_clock(review, end_ms)}"


def _duration(ms: float) -> str:
    return format_duration(ms / 1000)
