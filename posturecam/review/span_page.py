"""Several days as one page, and all days as a calendar: no scripts, links to the pages there are.

Pure: values in, one string out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING

from posturecam.base.language import _, plural
from posturecam.outputs.dates import MONTHS, SHORT_WEEKDAYS, middle_date
from posturecam.review import span_words
from posturecam.review.page import rendered, share_level
from posturecam.review.span_trends import span_trends
from posturecam.review.words import (
    bare_percent_text,
    counted_text,
    percent_text,
    plain_duration,
)

if TYPE_CHECKING:
    from posturecam.review.usual import DayTotals, SpanReview

_NO_LINKS: Mapping[date, str] = MappingProxyType({})
_JUDGED_DAYS = plural(
    "{number} day of the log had time that could be judged.",
    "{number} days of the log had time that could be judged.",
)

LATE_MONTHS = 3
"""Months of the calendar of all days that are not folded: two screens of a phone."""

MOST_ROWS = 366
"""Of more days the calendars say enough; a row for each would be most of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """One day of a calendar; its share is in percent, empty where nothing was judged."""

    number: int
    share: str
    level: int
    text: str
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarMonth:
    """Weeks down, weekdays across; None where a day is not of the month, or not of the span."""

    name: str
    year: int
    weeks: tuple[tuple[CalendarDay | None, ...], ...]
    weekdays: tuple[str, ...] = SHORT_WEEKDAYS


def calendar(
    shares: Iterable[tuple[date, float | None]], links: Mapping[date, str]
) -> tuple[CalendarMonth, ...]:
    """The months of some days in a row, with the slouched share of each day."""
    months = []
    for (year, month), of_month in groupby(shares, key=lambda one: (one[0].year, one[0].month)):
        days = list(of_month)
        cells: list[CalendarDay | None] = [None] * days[0][0].weekday()
        cells += [_calendar_day(day, share, links.get(day)) for day, share in days]
        cells += [None] * (-len(cells) % 7)
        weeks = tuple(tuple(cells[at : at + 7]) for at in range(0, len(cells), 7))
        name = _("{month} {year}").format(month=MONTHS[month - 1], year=year)
        months.append(CalendarMonth(name=name, year=year, weeks=weeks))
    return tuple(months)


def day_text(day: date, share: float | None) -> str:
    """What the calendar says of a day."""
    text = middle_date(day)
    if share is None:
        return text
    return _("{date}: {share} slouched").format(date=text, share=percent_text(share))


def _calendar_day(day: date, share: float | None, link: str | None) -> CalendarDay:
    return CalendarDay(
        number=day.day,
        share="" if share is None else bare_percent_text(share),
        level=0 if share is None else share_level(share),
        text=day_text(day, share),
        link=link,
    )


def span_html(
    review: SpanReview,
    *,
    nonce: str,
    version: str,
    links: Mapping[date, str] = _NO_LINKS,
    nav: Sequence[tuple[str, str]] = (),
    content: str = "",
) -> str:
    """The page of several days; `nav` are other pages beside it, with their names.

    `content` says what it was made of, as `page_plan.Mark` does.
    """
    shares = [(day.day, day.totals.slouched_share) for day in review.days]
    months = calendar(shares, links)
    folded = months[:-LATE_MONTHS] if len(review.days) > MOST_ROWS else ()
    return rendered(
        "span.html.j2",
        nonce=nonce,
        content=content,
        version=version,
        title=f"{span_words.span_title(review)} - posturecam",
        heading=span_words.span_title(review),
        nav=nav,
        conclusion=span_words.span_conclusion(review),
        tiles=span_words.span_figures(review) if review.total.judged_ms else (),
        trends=span_trends(review),
        trend_note=span_words.trend_note(review),
        months=months[len(folded) :],
        years=_years(folded),
        unmade=_unmade(shares, links),
        facts=list(span_words.span_facts(review)) if review.total.watched_ms else (),
        heads=[
            _("Day"),
            _("judged"),
            _("slouched"),
            _("changes an hour"),
            _("breaks"),
            _("alerts"),
        ],
        rows=[_row(day) for day in review.days if day.totals.watched_ms and not folded],
    )


def index_html(
    shares: Sequence[tuple[date, float | None]],
    *,
    nonce: str,
    version: str,
    links: Mapping[date, str],
    nav: Sequence[tuple[str, str]],
    content: str = "",
) -> str:
    """The page of all days, the newest month first, older ones folded by year; see `span_html`."""
    months = calendar(shares, links)[::-1]
    return rendered(
        "span.html.j2",
        nonce=nonce,
        content=content,
        version=version,
        title=_("All days - posturecam"),
        heading=_("All days"),
        nav=nav,
        conclusion=counted_text(_JUDGED_DAYS, sum(share is not None for _day, share in shares)),
        tiles=(),
        trends=(),
        trend_note="",
        months=months[:LATE_MONTHS],
        years=_years(months[LATE_MONTHS:]),
        unmade=_unmade(shares, links),
        facts=(),
        heads=(),
        rows=(),
    )


def _years(months: Iterable[CalendarMonth]) -> list[tuple[str, list[CalendarMonth]]]:
    by_year = groupby(months, key=lambda month: month.year)
    return [(str(year), list(of_year)) for year, of_year in by_year]


def _unmade(shares: Sequence[tuple[date, float | None]], links: Mapping[date, str]) -> date | None:
    """The newest day that has something to show and no page; None if none has."""
    return max(
        (day for day, share in shares if share is not None and day not in links), default=None
    )


def _row(day: DayTotals) -> list[str]:
    share, rate = day.totals.slouched_share, day.totals.moves_per_hour
    return [
        middle_date(day.day),
        plain_duration(day.totals.judged_ms),
        "-" if share is None else percent_text(share),
        "-" if rate is None else f"{rate:.0f}",
        str(day.totals.breaks),
        str(day.totals.alerts),
    ]
