"""The pages of `review --html` beside each other: made when they are asked for, and kept fresh.

A page of a day is written with those of its week and month and with the calendar of all days; the
judged days of its week and the nearest on either side get one too. What other pages there are is
made anew where it would say something else by now. `review.page_plan` decides; no page leads to one
that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam import __version__
from posturecam.base.language import LANGUAGE, _
from posturecam.base.paths import write_atomically
from posturecam.commands.log_days import LogDays, open_days
from posturecam.commands.review_page import new_nonce, put_library_beside, write_day_page
from posturecam.log.connection import to_ms
from posturecam.outputs.dates import middle_date
from posturecam.review.page import CONTENT_MARK, Beside
from posturecam.review.page_plan import (
    INDEX_FILE,
    SPANS_OF_A_DAY,
    Mark,
    PageDays,
    PageKind,
    Plan,
    Planner,
    page_named,
    span_over,
)
from posturecam.review.span_page import index_html, span_html

if TYPE_CHECKING:
    from posturecam.values.settings import PolicySettings

_HEAD_BYTES = 1024
_MARK = re.compile(CONTENT_MARK.format(content='([^"]*)').encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPages:
    """The folder of the pages, and what they are made of.

    Attributes:
        zone: whose midnights bound the days.
        now: ends a day that is not over.
        policy: says what ends a sitting and an episode.
        show: is given the page that was asked for, before those that it leads to are made.
    """

    log_path: Path
    folder: Path
    zone: tzinfo
    now: datetime
    policy: PolicySettings
    show: Callable[[Path], None] = lambda _page: None

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.astimezone(self.zone).date()

    def write_day(self, day: date, *, standalone: bool = False) -> Path:
        """The page of a day, with those that it leads to. Raises `DataError`."""
        return self._write_all(PageDays.up_to(day, PageKind.DAY), standalone=standalone)

    def write_week(self, day: date) -> Path:
        """The page of the seven days up to `day`, with what `write_day` writes."""
        return self._write_all(PageDays.up_to(day, PageKind.WEEK))

    def write_month(self, day: date) -> Path:
        """The page of the thirty days up to `day`, with what `write_day` writes."""
        return self._write_all(PageDays.up_to(day, PageKind.MONTH))

    def write_days(self, first: date, last: date) -> Path:
        """The page of the days from `first` to `last`, with the calendar; see `write_day`."""
        return self._write_all(PageDays(PageKind.DAYS, first, last))

    def write_index(self) -> Path:
        """The calendar of all days of the log; see `write_day`."""
        return self._write_all(None)

    def _write_all(self, asked: PageDays | None, *, standalone: bool = False) -> Path:
        with open_days(self.log_path, self.zone, now=self.now, policy=self.policy) as days:
            planner = Planner(
                judged=days.judged(self.today),
                today=self.today,
                now_ms=to_ms(self.now),
                look=f"{__version__} {LANGUAGE} {self.policy}",
            )
            plan = planner.plan(self._there(), asked)
            writing = _Writing(self.folder, days, planner, plan)
            first = writing.first(asked)
            for page in first:
                writing.write(page, standalone=standalone)
            if asked is None:
                writing.write_index()
            shown = self.folder / (INDEX_FILE if asked is None else asked.file_name)
            self.show(shown)
            for page in plan.removed:
                (self.folder / page.file_name).unlink(missing_ok=True)
            for page in plan.due:
                if page not in first:
                    writing.write(page)
            if asked is not None and _mark_in(self.folder / INDEX_FILE) != writing.index_mark:
                writing.write_index()
        return shown

    def _there(self) -> dict[PageDays, Mark | None]:
        found = ((page_named(file.name), file) for file in self.folder.glob("*.html"))
        return {page: _mark_in(file) for page, file in found if page is not None}


class _Writing:
    """Writes pages of a plan, each with the links that it has in the end."""

    def __init__(self, folder: Path, days: LogDays, planner: Planner, plan: Plan) -> None:
        self._folder = folder
        self._days = days
        self._planner = planner
        self._plan = plan
        self._linked = sorted(plan.day_links)
        self._has_library = False

    @property
    def index_mark(self) -> Mark:
        """What the index would be made of."""
        return self._planner.index_mark(self._linked, self._plan.pages)

    def first(self, asked: PageDays | None) -> list[PageDays]:
        """What is written before it is shown: what was asked for, with the rest of its day."""
        if asked is None or asked.kind is PageKind.DAYS:
            return [] if asked is None else [asked]
        return [PageDays.up_to(asked.last, kind) for kind in (PageKind.DAY, *SPANS_OF_A_DAY)]

    def write(self, page: PageDays, *, standalone: bool = False) -> None:
        """Writes a page. Raises `DataError`."""
        file = self._folder / page.file_name
        mark = str(self._planner.mark(page, self._linked, self._plan.pages))
        if page.kind is PageKind.DAY:
            if not (standalone or self._has_library):
                put_library_beside(file)
                self._has_library = True
            beside = Beside(
                days=self._plan.day_links,
                week=self._span_over(page.last, PageKind.WEEK),
                month=self._span_over(page.last, PageKind.MONTH),
                index=INDEX_FILE,
                content=mark,
            )
            write_day_page(self._days, page.last, file, standalone=standalone, beside=beside)
            return
        text = span_html(
            self._days.span(page.first, page.last),
            nonce=new_nonce(),
            version=__version__,
            links=self._plan.day_links,
            nav=list(self._nav(page)),
            content=mark,
        )
        write_atomically(file, text)

    def write_index(self) -> None:
        """Writes the calendar of all days; see `write`."""
        links = self._plan.day_links
        text = index_html(
            [(day, spent.slouched_share) for day, spent in self._planner.judged.items()],
            nonce=new_nonce(),
            version=__version__,
            links=links,
            nav=[*self._index_nav(links)],
            content=str(self.index_mark),
        )
        write_atomically(self._folder / INDEX_FILE, text)

    def _nav(self, page: PageDays) -> Iterator[tuple[str, str]]:
        if page.kind is not PageKind.DAYS:
            if page.earlier in self._plan.pages:
                yield page.earlier.file_name, _("Earlier")
            yield PageDays.up_to(page.last, PageKind.DAY).file_name, middle_date(page.last)
            other = PageKind.MONTH if page.kind is PageKind.WEEK else PageKind.WEEK
            name = _("Month") if other is PageKind.MONTH else _("Week")
            if file := self._span_over(page.last, other):
                yield file, name
        yield INDEX_FILE, _("All days")

    def _index_nav(self, links: Mapping[date, str]) -> Iterator[tuple[str, str]]:
        """The newest day with a page, and what is over it."""
        newest = max(links, default=None)
        if newest is None:
            return
        yield links[newest], middle_date(newest)
        for kind, name in ((PageKind.WEEK, _("Week")), (PageKind.MONTH, _("Month"))):
            if file := self._span_over(newest, kind):
                yield file, name

    def _span_over(self, day: date, kind: PageKind) -> str | None:
        found = span_over(day, kind, self._plan.pages)
        return None if found is None else found.file_name


def _mark_in(file: Path) -> Mark | None:
    """What a page says that it was made of."""
    try:
        with file.open("rb") as opened:
            found = _MARK.search(opened.read(_HEAD_BYTES))
    except OSError:
        return None
    return None if found is None else Mark.of(found[1].decode(errors="replace"))
