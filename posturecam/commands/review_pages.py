"""The pages of `review --html` beside each other: made when they are asked for, and kept fresh.

A page of a day is written with those of its week and month, and the nearest watched days before and
after it are made or made anew where what they show has changed: so each leads to others that are
there. The calendar of all days is written with the first page, and anew once it lacks a day or says
something else of it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from posturecam import __version__
from posturecam.base.local_time import day_bounds_ms, local_time
from posturecam.base.paths import write_atomically
from posturecam.commands.review import MONTH_DAYS, WEEK_DAYS, day_totals, load_span, write_page
from posturecam.log.connection import to_ms
from posturecam.log.reader import LogReader
from posturecam.outputs.dates import middle_date
from posturecam.outputs.language import LANGUAGE, _
from posturecam.review.page import CONTENT_MARK, Beside
from posturecam.review.span_page import day_text, index_html, span_html

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, tzinfo
    from pathlib import Path

    from posturecam.values.settings import PolicySettings
    from posturecam.values.totals import Totals

INDEX_FILE = "index.html"
NEIGHBOUR_WITHIN_DAYS = 31
"""A longer gap between two days is crossed by the calendar."""
_HEAD_BYTES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPages:
    """The folder of the pages, and what they are made of.

    Attributes:
        log_path: the log.
        folder: where the pages lie.
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
        """The page of a day, with those that it leads to.

        Raises:
            DataError: the log is damaged, or a page cannot be written.
        """
        return self._write_all(day, self.folder / _day_file(day), standalone=standalone)

    def write_week(self, day: date) -> Path:
        """The page of the seven days up to `day`, with what `write_day` writes."""
        return self._write_all(day, self.folder / _span_file(day, WEEK_DAYS))

    def write_month(self, day: date) -> Path:
        """The page of the thirty days up to `day`, with what `write_day` writes."""
        return self._write_all(day, self.folder / _span_file(day, MONTH_DAYS))

    def _write_all(self, day: date, asked: Path, *, standalone: bool = False) -> Path:
        totals = self._totals_about(day)
        watched = [other for other, spent in totals.items() if spent.watched_ms]
        beside = [
            *[other for other in watched if other < day][-1:],
            *[other for other in watched if other > day][:1],
        ]
        links = self._day_links() | {other: _day_file(other) for other in (day, *beside)}
        self._write(day, totals, links, standalone=standalone)
        self.show(asked)
        for other in beside:
            if not self._is_fresh(other, _content(other, totals, links)):
                self._write(other, totals, links)
        spent = totals.get(day)
        says = _day_file(day), day_text(day, None if spent is None else spent.slouched_share)
        index = self._index.read_bytes() if self._index.exists() else b""
        if not all(escape(text).encode() in index for text in says):
            self._write_index()
        return asked

    def write_index(self) -> Path:
        """The calendar of all days of the log; see `write_day`."""
        self._write_index()
        self.show(self._index)
        return self._index

    def _write_index(self) -> None:
        shares = []
        with LogReader.open(self.log_path) as log:
            first_ms = log.first_ms()
            if first_ms is not None:
                days = _days(local_time(first_ms, self.zone).date(), self.today)
                edges_ms = [day_bounds_ms(day, self.zone)[0] for day in days]
                edges_ms.append(day_bounds_ms(days[-1], self.zone)[1])
                judged = log.judged(edges_ms)
                shares = [
                    (day, totals.slouched_share) for day, totals in zip(days, judged, strict=True)
                ]
        links = self._day_links()
        newest = max(links, default=None)
        nav = [] if newest is None else [(links[newest], _("Newest page"))]
        text = index_html(shares, nonce=_nonce(), version=__version__, links=links, nav=nav)
        write_atomically(self._index, text)

    @property
    def _index(self) -> Path:
        return self.folder / INDEX_FILE

    def _totals_about(self, day: date) -> dict[date, Totals]:
        """What the days about a day add up to, as far as they have come."""
        reach = timedelta(days=NEIGHBOUR_WITHIN_DAYS)
        last = max(day, min(self.today, day + reach))
        with LogReader.open(self.log_path) as log:
            found = day_totals(
                log, day - reach, last + timedelta(days=1), self.zone, to_ms(self.now)
            )
        return {one.day: one.totals for one in found}

    def _day_links(self) -> dict[date, str]:
        """The pages of days that there are."""
        found = {}
        for file in self.folder.glob("????-??-??.html"):
            try:
                found[date.fromisoformat(file.stem)] = file.name
            except ValueError:
                continue
        return found

    def _write(
        self,
        day: date,
        totals: Mapping[date, Totals],
        links: Mapping[date, str],
        *,
        standalone: bool = False,
    ) -> None:
        beside = Beside(
            days=links,
            week=_span_file(day, WEEK_DAYS),
            month=_span_file(day, MONTH_DAYS),
            index=INDEX_FILE,
            content=_content(day, totals, links),
        )
        write_page(
            self.log_path,
            day,
            self.zone,
            now=self.now,
            file=self.folder / _day_file(day),
            standalone=standalone,
            policy=self.policy,
            beside=beside,
        )
        for length in (WEEK_DAYS, MONTH_DAYS):
            self._write_span(day, length, links)

    def _write_span(self, day: date, length: int, links: Mapping[date, str]) -> None:
        first = day - timedelta(days=length - 1)
        review = load_span(self.log_path, first, day, self.zone, now=self.now)
        other = MONTH_DAYS if length == WEEK_DAYS else WEEK_DAYS
        earlier = first - timedelta(days=1)
        nav = []
        if (self.folder / _span_file(earlier, length)).exists():
            nav.append((_span_file(earlier, length), _("Earlier")))
        if day in links:
            nav.append((links[day], middle_date(day)))
        nav.append((_span_file(day, other), _("Month") if other == MONTH_DAYS else _("Week")))
        nav.append((INDEX_FILE, _("All days")))
        text = span_html(review, nonce=_nonce(), version=__version__, links=links, nav=nav)
        write_atomically(self.folder / _span_file(day, length), text)

    def _is_fresh(self, day: date, content: str) -> bool:
        """A page of the day is there, and it shows what it would show now."""
        mark = CONTENT_MARK.format(content=content).encode()
        try:
            with (self.folder / _day_file(day)).open("rb") as file:
                return mark in file.read(_HEAD_BYTES)
        except OSError:
            return False


def _content(day: date, totals: Mapping[date, Totals], links: Mapping[date, str]) -> str:
    """Changes with whatever a page of the day would show otherwise."""
    near = sorted(other for other in links if abs((other - day).days) <= NEIGHBOUR_WITHIN_DAYS)
    shown = (__version__, LANGUAGE, totals.get(day), near)
    return sha256(repr(shown).encode()).hexdigest()[:16]


def _day_file(day: date) -> str:
    return f"{day}.html"


def _span_file(day: date, length: int) -> str:
    return f"{day}-week.html" if length == WEEK_DAYS else f"{day}-month.html"


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=at) for at in range((max(first, last) - first).days + 1)]


def _nonce() -> str:
    return secrets.token_urlsafe(16)
