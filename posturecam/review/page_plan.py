"""The pages of a folder beside each other: what each is of, where it leads, and which to make anew.

Pure. A page says at its top what it was made of, so that one that would say something else now is
known without reading the rest. A page leads only to those that are there once the plan is done.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from posturecam.review.usual import DAYS_NEEDED, MONTH_DAYS, WEEK_DAYS

if TYPE_CHECKING:
    from posturecam.values.totals import Totals

MOST_MADE_ANEW = 8
"""So many pages of days that say something else by now are made anew beside those about the day
that was asked for; of more (the time zone was changed, or a log imported) the older ones go, and
are made when they are asked for."""
INDEX_FILE = "index.html"

_DATE = r"\d{4}-\d{2}-\d{2}"
_NAME = re.compile(rf"({_DATE})(?:-(week|month)|-to-({_DATE}))?\.html")


class PageKind(StrEnum):
    """What a page is of."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    DAYS = "days"


SPANS_OF_A_DAY = (PageKind.WEEK, PageKind.MONTH)
"""A day that was asked for has its own; one beside it leads to such as show it among others."""
_LENGTH_DAYS = {PageKind.DAY: 1, PageKind.WEEK: WEEK_DAYS, PageKind.MONTH: MONTH_DAYS}


@dataclass(frozen=True, slots=True)
class PageDays:
    """Which days a page is of, `first` to `last`."""

    kind: PageKind
    first: date
    last: date

    @classmethod
    def up_to(cls, day: date, kind: PageKind) -> PageDays:
        """The day, or the seven or thirty up to it."""
        return cls(kind, day - timedelta(days=_LENGTH_DAYS[kind] - 1), day)

    @property
    def file_name(self) -> str:
        """What its file is called."""
        match self.kind:
            case PageKind.DAY:
                return f"{self.last}.html"
            case PageKind.DAYS:
                return f"{self.first}-to-{self.last}.html"
        return f"{self.last}-{self.kind}.html"

    @property
    def earlier(self) -> PageDays:
        """The page of the same kind that ends where this one begins."""
        return PageDays.up_to(self.first - timedelta(days=1), self.kind)


def page_named(file_name: str) -> PageDays | None:
    """The page that a file of this name is; None if it is another file."""
    found = _NAME.fullmatch(file_name)
    try:
        if found is None:
            return None
        day = date.fromisoformat(found[1])
        if found[3]:
            return PageDays(PageKind.DAYS, day, date.fromisoformat(found[3]))
    except ValueError:
        return None
    return PageDays.up_to(day, PageKind(found[2] or PageKind.DAY))


def span_over(day: date, kind: PageKind, pages: Container[PageDays]) -> PageDays | None:
    """The week or month that shows a day: the one up to it, or else up to the nearest after it."""
    ends = (day + timedelta(days=after) for after in range(_LENGTH_DAYS[kind]))
    return next((page for end in ends if (page := PageDays.up_to(end, kind)) in pages), None)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a page was made of: the days that it shows, where it leads, and by which program."""

    days: str
    links: str
    look: str

    def __str__(self) -> str:
        return f"{self.days}-{self.links}-{self.look}"

    @classmethod
    def of(cls, text: str) -> Mark | None:
        """The mark that stands in a page; None if none does."""
        parts = text.split("-")
        return cls(*parts) if len(parts) == 3 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done.

    Attributes:
        day_links: the pages of days that there will be, by their day.
        pages: all that there will be but the index.
        due: those that must be written, the ones about the asked day first.
        removed: those that must go.
    """

    day_links: Mapping[date, str]
    pages: frozenset[PageDays]
    due: tuple[PageDays, ...]
    removed: tuple[PageDays, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """What decides about the pages.

    Attributes:
        judged: the time of each day of the log.
        now_ms: the moment up to which it has come.
        look: changes with the program, its language and its settings.
    """

    judged: Mapping[date, Totals]
    today: date
    now_ms: int
    look: str

    def plan(self, there: Mapping[PageDays, Mark | None], asked: PageDays | None) -> Plan:
        """What to do when a page is asked for; None is the index."""
        about = [] if asked is None or asked.kind is PageKind.DAYS else self._about(asked.last)
        days = sorted((page.last for page in there if page.kind is PageKind.DAY), reverse=True)
        changed = [day for day in days if day not in about and self._has_changed(day, there)]
        anew = [day for day in changed if day == self.today or self._has_judged(day)]
        anew = anew[:MOST_MADE_ANEW]
        stay = [*about, *(day for day in days if day not in about and day not in changed), *anew]
        links = {day: PageDays.up_to(day, PageKind.DAY).file_name for day in stay}
        pages = [PageDays.up_to(day, PageKind.DAY) for day in stay]
        pages += self._spans(stay, there, asked)
        known, ordered = frozenset(pages), sorted(stay)
        due = [
            page
            for page in pages
            if not self._is_fresh(
                there.get(page), self.mark(page, ordered, known), look=page.last in about
            )
        ]
        return Plan(
            day_links=links,
            pages=known,
            due=tuple(due),
            removed=tuple(page for page in there if page not in known),
        )

    def _spans(
        self, days: Sequence[date], there: Iterable[PageDays], asked: PageDays | None
    ) -> list[PageDays]:
        """Those of several days: asked for now or before, or else needed to show one of `days`."""
        about = [] if asked is None else [asked]
        if asked is not None and asked.kind is not PageKind.DAYS:
            about = [PageDays.up_to(asked.last, kind) for kind in SPANS_OF_A_DAY]
        kept = (page for page in there if page.kind is PageKind.DAYS or page.last in days)
        spans = dict.fromkeys([*about, *(page for page in kept if page.kind is not PageKind.DAY)])
        for day in sorted(days, reverse=True):
            for kind in SPANS_OF_A_DAY:
                if span_over(day, kind, spans) is None:
                    spans[PageDays.up_to(day, kind)] = None
        return list(spans)

    def mark(self, page: PageDays, days: Sequence[date], pages: frozenset[PageDays]) -> Mark:
        """What the page would be made of now, beside these days with a page, oldest first."""
        leads_to: list[object] = [
            *days[bisect_left(days, page.first) : bisect_right(days, page.last)]
        ]
        if page.kind is PageKind.DAY:
            leads_to = [*self._leads_to(page.last, days)]
        if page.kind is not PageKind.DAYS:
            leads_to += [span_over(page.last, kind, pages) for kind in SPANS_OF_A_DAY]
            leads_to.append(page.earlier in pages)
        return Mark(self._days_of(page), _short(leads_to), _short(self.look))

    def index_mark(self, days: Sequence[date], pages: frozenset[PageDays]) -> Mark:
        """The same of the index."""
        leads_to: list[object] = [*days]
        if days:
            leads_to += [span_over(days[-1], kind, pages) for kind in SPANS_OF_A_DAY]
        shown = [(day, spent.upright_ms, spent.slouched_ms) for day, spent in self.judged.items()]
        return Mark(_short(shown), _short(leads_to), _short(self.look))

    def _leads_to(self, day: date, days: Sequence[date]) -> Iterator[date]:
        """The days that a page of a day leads to: of its week, and the nearest on either side."""
        after = bisect_right(days, day)
        week = bisect_left(days, day - timedelta(days=WEEK_DAYS - 1))
        yield from days[min(week, max(bisect_left(days, day) - 1, 0)) : after + 1]

    def _about(self, day: date) -> list[date]:
        """The day, the judged days of its week, and the nearest judged ones on either side."""
        judged = [other for other in self.judged if self._has_judged(other)]
        week = [other for other in judged if timedelta(0) < day - other < timedelta(days=WEEK_DAYS)]
        before = [other for other in judged if other < day][-1:]
        after = [other for other in judged if other > day][:1]
        return list(dict.fromkeys([day, *before, *after, *week]))

    def _has_judged(self, day: date) -> bool:
        return day in self.judged and self.judged[day].judged_ms > 0

    def _has_changed(self, day: date, there: Mapping[PageDays, Mark | None]) -> bool:
        page = PageDays.up_to(day, PageKind.DAY)
        mark = there[page]
        return mark is None or mark.days != self._days_of(page)

    def _is_fresh(self, has: Mark | None, would: Mark, *, look: bool) -> bool:
        """Its look matters only where somebody is about to look."""
        if has is None:
            return False
        return (has.days, has.links) == (would.days, would.links) and (
            not look or has.look == would.look
        )

    def _days_of(self, page: PageDays) -> str:
        """Changes with the days that are shown or compared with, and while the last goes on."""
        length = page.last - page.first + timedelta(days=1)
        before = timedelta(days=max(DAYS_NEEDED)) if page.kind is PageKind.DAY else length
        shown = [
            (found.upright_ms, found.slouched_ms) if (found := self.judged.get(day)) else None
            for day in _days(page.first - before, page.last)
        ]
        return _short((shown, None if page.last < self.today else self.now_ms))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=at) for at in range((last - first).days + 1))


def _short(value: object) -> str:
    return sha256(repr(value).encode()).hexdigest()[:12]
