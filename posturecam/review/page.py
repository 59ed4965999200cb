"""A reviewed day as one page for the browser: it works offline and asks no host for anything.

Pure: values in, one string out; the templates are package data. Whatever comes from the log is
escaped: by jinja2 in the text, in the data of the plots by escaping every `<` of the JSON.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from operator import attrgetter
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from posturecam.base.language import LANGUAGE, _
from posturecam.base.local_time import HOUR_MS
from posturecam.outputs.dates import SHORT_WEEKDAYS, long_date, middle_date
from posturecam.outputs.words import (
    ANGLE_NAMES,
    alert_message,
    ended_text,
    name_text,
    reasons_text,
)
from posturecam.review import words
from posturecam.review.figures import (
    AngleMinute,
    Figure,
    angle_figure,
    angle_minutes,
    day_figure,
    ticks,
)
from posturecam.review.strip import small_days, strip
from posturecam.review.trends import week_figure, weeks
from posturecam.review.usual import DayTotals, WeekHour, days_needed
from posturecam.values.events import CHANGES, AlertKind
from posturecam.values.observation import ANGLES, View

if TYPE_CHECKING:
    from jinja2 import Environment

    from posturecam.review.day import DayReview
    from posturecam.values.log_rows import DayRows
    from posturecam.values.totals import Totals

MAP_LEVELS = 5
"""Shades of the maps; the figure stands in each cell, so that no shade has to be told apart."""
MOST_MAP_SHARE = 0.5
"""Slouched share from which the shade of a cell is the darkest."""
STILL_MOVES_PER_HOUR = (20.0, 10.0, 6.0, 3.0)
"""Changes of position an hour below which the shade of a cell grows: 20 to 30 shifts an hour went
with less discomfort than 10 in office workers (JMPT 2023;46:76), on a seat mat, so a trend only."""

_FOLDER = files("posturecam") / "data" / "page"

CONTENT_MARK = '<meta name="posturecam-content" content="{content}">'
"""Stands at the top of a page that may have to be made anew."""

_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:h|min|s|%|°)(?!\w))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The pages that lie beside one of a day, by their file names; None where there is none.

    `content` changes with what the page shows; it is empty where nobody asks.
    """

    days: Mapping[date, str] = field(default_factory=dict)
    week: str | None = None
    month: str | None = None
    index: str | None = None
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the page shows.

    Attributes:
        rows: what the log has of the day, with the angles and their limits.
        weeks: days up to this one in whole weeks, the oldest first.
        map_weeks: weeks that the maps are made of.
        map_hours: hours of these weeks, by their names.
        model_sd_deg: standard deviations of the estimates, in the order of `ANGLES`, by view.
        version: of the posturecam that makes it.
        journal: what the pain journal says beside these weeks, nothing where there is none.
    """

    review: DayReview
    rows: DayRows
    weeks: tuple[DayTotals, ...]
    map_weeks: int
    map_hours: Mapping[WeekHour, Totals]
    model_sd_deg: Mapping[View, tuple[float, ...]]
    version: str
    journal: str = ""
    beside: Beside = field(default_factory=Beside)

    def neighbour(self, step: int) -> tuple[str, str] | None:
        """The nearest linked day before (-1) or after (1) this one: its page and its date."""
        own = self.review.day
        links = self.beside.days
        days = [day for day in links if (day - own).days * step > 0]
        if not days:
            return None
        nearest = min(days, key=lambda day: abs(day - own))
        return links[nearest], middle_date(nearest)


_SCRIPT_WORDS = {
    "whole": _("Whole day shown"),
    "part": _("About {start} to {end} shown"),
}


def page_html(page: Page, *, nonce: str, library: str | None) -> str:
    """The page; without the plot `library` as a part of it, it needs that beside it.

    Only scripts that carry the `nonce` are run: a word that nobody could know beforehand.
    """
    review = page.review
    angles = angle_minutes(review, page.rows, page.model_sd_deg)
    page_weeks = weeks(page.weeks)
    states, angle_hours = _states(review), _angle_rows(page, angles)
    figures: dict[str, Figure] = {}
    if states:
        figures["day"] = day_figure(review)
    if states and angle_hours:
        figures["angles"] = angle_figure(review, page.rows, angles)
    if any(week.counts for week in page_weeks):
        figures["weeks"] = week_figure(page_weeks)
    return rendered(
        "review.html.j2",
        nonce=nonce,
        content=page.beside.content,
        library=library,
        data=_json_in_html({"figures": figures, "ticks": ticks(review), "words": _SCRIPT_WORDS}),
        title=f"{long_date(review.day)} - posturecam",
        day=long_date(review.day),
        headline=words.headline(review),
        conclusion=(
            words.conclusion_text(review) if review.spans else words.nothing_on_day(review)
        ),
        strip=strip(review) if review.hours else None,
        alerts_said=dict(words.day_facts(review)).get(_("Alerts"), ""),
        tiles=words.figure_texts(review) if review.totals.watched_ms else (),
        usual=words.usual_note(review),
        goal=words.goal_text(review),
        small_days=small_days(page.weeks[-7:], review.day, page.beside.days),
        previous=page.neighbour(-1),
        following=page.neighbour(1),
        beside=page.beside,
        version=page.version,
        journal=page.journal,
        states=states,
        unwatched=words.plain_duration(review.totals.unwatched_ms),
        wall=words.plain_duration(review.totals.wall_ms),
        over=review.is_over,
        until=""
        if review.is_over or not review.sessions
        else review.clock(review.start_ms + review.totals.wall_ms),
        facts=list(words.day_facts(review)),
        figures=figures,
        hours=_hour_rows(review),
        angle_hours=angle_hours,
        estimated=any(session.view is not View.SIDE for session in page.rows.sessions),
        model_errors=_model_errors(page),
        maps=_maps(page) if page.map_hours else (),
        map_weeks=page.map_weeks,
        weeks=page_weeks,
        weekdays=SHORT_WEEKDAYS,
        angle_names=[ANGLE_NAMES[angle] for angle in ANGLES],
        needed=days_needed(7),
        episodes=_episode_rows(review),
        alerts=_alert_rows(review),
        alert_groups=_alert_groups(review),
        kind_names={kind.value: name_text(kind) for kind in AlertKind},
        sittings=_sitting_rows(review),
        break_length=words.set_duration_text(review.policy.break_length_s),
        slouch_reset=words.set_duration_text(review.policy.slouch_reset_s),
        angle_choices=[(angle.value, ANGLE_NAMES[angle].capitalize()) for angle in ANGLES],
        breaks=_break_rows(review),
        sessions=_session_rows(review),
    )


def rendered(template: str, **values: object) -> str:
    """A template of `data/page` with the style and the script that all pages share."""
    return (
        _templates()
        .get_template(template)
        .render(
            style=_resource("page.css"),
            script=_resource("page.js"),
            language=LANGUAGE,
            _=_,
            **values,
        )
    )


def _held(value: object) -> object:
    """What a template writes, with no figure torn from its unit in a narrow column."""
    is_text = isinstance(value, str) and not hasattr(value, "__html__")  # or style, or script
    return _BEFORE_UNIT.sub(words.HELD, str(value)) if is_text else value


@cache
def _templates() -> Environment:
    """Each template is compiled once, which takes longer than filling it in."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(str(_FOLDER)),
        autoescape=True,
        finalize=_held,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        optimized=False,  # takes longer than it saves: each is filled in a few times
    )


@cache
def _resource(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


def _json_in_html(value: object) -> str:
    """JSON that may stand in a script element: nothing in it can end that element."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


# Text


class _State(NamedTuple):
    """A state, and how much of the day it was."""

    key: str
    name: str
    duration: str
    share: str


def _states(review: DayReview) -> list[_State]:
    totals = review.totals
    if not totals.watched_ms + totals.paused_ms:
        return []
    return [
        _State(
            key=state.value,
            name=name_text(state),
            duration=words.plain_duration(ms),
            share=words.percent_text(ms / totals.judged_ms)
            if state in words.JUDGED and totals.judged_ms
            else "",
        )
        for state, ms in totals.shown_by_state.items()
    ]


def _hour_rows(review: DayReview) -> list[list[str]]:
    return [
        [
            time,
            *(
                words.plain_duration(hour.totals.by_state[state])
                for state in review.totals.shown_by_state
            ),
            str(hour.totals.moves),
            str(hour.totals.alerts),
        ]
        for time, hour in zip(_hour_times(review), review.hours, strict=True)
    ]


def _hour_times(review: DayReview) -> list[str]:
    return words.clocks(review, *(hour.start_ms for hour in review.hours))


def _episode_rows(review: DayReview) -> list[list[str]]:
    return [
        [
            *words.clocks(review, episode.start_ms, episode.end_ms),
            words.plain_duration(episode.slouched_ms),
            reasons_text(episode.reasons) or _("unknown"),
        ]
        for episode in review.episodes
    ]


def _alert_rows(review: DayReview) -> list[list[str]]:
    rows = []
    for alert in review.alerts:
        followed = words.outcome_text(alert.outcome, alert.outcome_after_ms)
        message = alert_message(alert.kind, alert.lasted_ms / 1000, alert.details)
        rows.append([review.clock(alert.at_ms), name_text(alert.kind), message, followed])
    return rows


def _alert_groups(review: DayReview) -> list[list[str]]:
    """A row for each kind: how many there were, how many a change followed, and when they were."""
    kinds = Counter(alert.kind for alert in review.alerts)
    return [
        [
            name_text(kind).capitalize(),
            str(number),
            str(sum(row.outcome in CHANGES for row in review.alerts if row.kind is kind)),
            ", ".join(review.clock(row.at_ms) for row in review.alerts if row.kind is kind),
        ]
        for kind, number in kinds.most_common()
    ]


def _sitting_rows(review: DayReview) -> list[list[str]]:
    return [
        [*words.clocks(review, one.start_ms, one.end_ms), words.plain_duration(one.length_ms)]
        for one in review.sittings
    ]


def _break_rows(review: DayReview) -> list[list[str]]:
    rows = [(row.at_ms, row.lasted_ms, words.break_text(row.kind)) for row in review.breaks]
    rows += [(row.end_ms, row.lasted_ms, _("guided break")) for row in review.exercises]
    rows += [(one.end_ms, one.locked_ms, _("screen locked")) for one in review.locked_breaks]
    return [
        [review.clock(at), words.plain_duration(lasted), kind] for at, lasted, kind in sorted(rows)
    ]


def _session_rows(review: DayReview) -> list[list[str]]:
    return [
        [
            *words.clocks(review, session.start_ms, session.end_ms),
            session.source,
            session.profile,
            ended_text(session.end or _("unknown")),
        ]
        for session in review.sessions
    ]


def _model_errors(page: Page) -> list[str]:
    """How uncertain the estimates are, a line for each view of the day."""
    views = dict.fromkeys(session.view for session in page.rows.sessions if session.view)
    return [
        _model_error(view, page.model_sd_deg[view]) for view in views if view in page.model_sd_deg
    ]


def _model_error(view: View, sd_deg: Sequence[float]) -> str:
    errors = [
        _("{angle} about ±{deg}°").format(angle=ANGLE_NAMES[angle], deg=f"{sd:.0f}")
        for angle, sd in zip(ANGLES, sd_deg, strict=True)
    ]
    name = name_text(view).capitalize()
    return _("{view} view: {errors}").format(view=name, errors=", ".join(errors))


def _angle_rows(page: Page, angles: Mapping[str, list[AngleMinute]]) -> list[list[str]]:
    """The mean of each hour, for those who read rather than see."""
    rows = []
    for time, hour in zip(_hour_times(page.review), page.review.hours, strict=True):
        cells = []
        for angle in ANGLES:
            begin, end = (
                bisect_left(angles[angle], at_ms, key=attrgetter("at_ms"))
                for at_ms in (hour.start_ms, hour.start_ms + HOUR_MS)
            )
            known = [minute.mean_deg for minute in angles[angle][begin:end]]
            cells.append(f"{fmean(known):+.0f}°" if known else "-")
        if any(cell != "-" for cell in cells):
            rows.append([time, *cells])
    return rows


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

    def rows(cell: Callable[[Totals], _Cell]) -> tuple[tuple[str, tuple[_Cell | None, ...]], ...]:
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
        _Map(
            key="slouched", caption=_("Slouched, % of the judged time"), rows=rows(_slouched_cell)
        ),
        _Map(key="still", caption=_("Changes of position an hour"), rows=rows(_still_cell)),
    )


def share_level(share: float) -> int:
    """How dark a slouched share is shown, 0 to `MAP_LEVELS` - 1."""
    return min(MAP_LEVELS - 1, int(share / MOST_MAP_SHARE * (MAP_LEVELS - 1) + 0.5))


def _slouched_cell(hour: Totals) -> _Cell:
    share = hour.slouched_share or 0.0
    return _Cell(
        text=words.bare_percent_text(share),
        level=share_level(share),
        judged=words.plain_duration(hour.judged_ms),
    )


def _still_cell(hour: Totals) -> _Cell:
    rate = hour.moves_per_hour or 0.0
    return _Cell(
        text=f"{rate:.0f}",
        level=sum(rate < edge for edge in STILL_MOVES_PER_HOUR),
        judged=words.plain_duration(hour.judged_ms),
    )
