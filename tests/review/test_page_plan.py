"""Which pages there are to be, where they lead, and which say something else by now."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from posturecam.review.page_plan import (
    MOST_MADE_ANEW,
    SPANS_OF_A_DAY,
    Mark,
    PageDays,
    PageKind,
    Plan,
    Planner,
    page_named,
    span_over,
)
from posturecam.values.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable

FIRST, TODAY = date(2026, 11, 2), date(2026, 11, 21)
DAY = date(2026, 11, 20)
HOUR = Totals(upright_ms=3_000_000, slouched_ms=600_000)


def planner(*, look: str = "1 en", without: Iterable[date] = (), now_ms: int = 5) -> Planner:
    """Three weeks with an hour judged on each day, but for some."""
    days = (FIRST + timedelta(days=at) for at in range((TODAY - FIRST).days + 1))
    judged = {day: Totals() if day in without else HOUR for day in days}
    return Planner(judged=judged, today=TODAY, now_ms=now_ms, look=look)


def page(day: date, kind: PageKind = PageKind.DAY) -> PageDays:
    """The page that ends with a day."""
    return PageDays.up_to(day, kind)


def made(found: Planner, plan: Plan) -> dict[PageDays, Mark | None]:
    """The folder after a plan was carried out."""
    days = sorted(plan.day_links)
    return {one: found.mark(one, days, plan.pages) for one in plan.pages}


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (page(DAY), "2026-11-20.html"),
        (page(DAY, PageKind.WEEK), "2026-11-20-week.html"),
        (page(DAY, PageKind.MONTH), "2026-11-20-month.html"),
        (PageDays(PageKind.DAYS, FIRST, DAY), "2026-11-02-to-2026-11-20.html"),
    ],
)
def test_a_page_is_known_by_its_name(asked: PageDays, name: str) -> None:
    """There and back."""
    assert asked.file_name == name
    assert page_named(name) == asked


@pytest.mark.parametrize(
    "name", ["index.html", "2026-11-31.html", "2026-11-20-year.html", "a.html"]
)
def test_other_files_are_no_pages(name: str) -> None:
    """They stay as they are."""
    assert page_named(name) is None


def test_a_mark_is_read_as_it_was_written() -> None:
    """An older program wrote others."""
    mark = Mark("a", "b", "c")
    assert Mark.of(str(mark)) == mark
    assert Mark.of("0123456789abcdef") is None


def test_a_day_comes_with_its_week_and_the_nearest_days() -> None:
    """Those that have something to show; a week and a month show each, and it leads there."""
    wednesday = date(2026, 11, 18)
    found = planner(without=[wednesday - timedelta(days=after) for after in (1, 2)])
    plan = found.plan({}, page(wednesday))

    assert sorted(day.day for day in plan.day_links) == [12, 13, 14, 15, 18, 19]
    thursday = wednesday + timedelta(days=1)
    own = {page(day, kind) for day in (wednesday, thursday) for kind in SPANS_OF_A_DAY}
    assert plan.pages == {*map(page, plan.day_links)} | own
    assert set(plan.due) == plan.pages
    assert plan.due[0] == page(wednesday)
    for kind in SPANS_OF_A_DAY:
        assert span_over(thursday, kind, plan.pages) == page(thursday, kind)
        for day in (wednesday, *(date(2026, 11, at) for at in (12, 13, 14, 15))):
            assert span_over(day, kind, plan.pages) == page(wednesday, kind)


def test_a_nearest_day_may_be_long_ago() -> None:
    """Over a holiday."""
    found = planner(without=[FIRST + timedelta(days=at) for at in range(1, 18)])
    assert FIRST in found.plan({}, page(DAY)).day_links


def test_what_is_fresh_is_left_alone() -> None:
    """Nothing changed: nothing is due."""
    found = planner()
    there = made(found, found.plan({}, page(DAY)))
    again = found.plan(there, page(DAY))
    assert again.due == again.removed == ()


def test_a_new_look_is_for_those_that_somebody_may_look_at_now() -> None:
    """A newer program does not make hundreds of pages anew."""
    old = planner()
    there = made(old, old.plan({}, page(FIRST + timedelta(days=6))))
    there |= made(old, old.plan(there, page(DAY)))
    due = planner(look="2 en").plan(there, page(DAY)).due

    assert {one.last for one in due} == {DAY - timedelta(days=at) for at in range(-1, 7)}


def test_today_goes_on() -> None:
    """It is made anew whatever is asked for, also when nothing was judged in it."""
    found = planner(without=[TODAY])
    there = made(found, found.plan({}, page(TODAY)))
    later = planner(without=[TODAY], now_ms=6).plan(there, None)

    assert {one.last for one in later.due} == {TODAY}
    assert later.removed == ()


def test_a_changed_day_is_made_anew_and_one_that_is_gone_goes() -> None:
    """With the pages of its week and month, and those that led to it."""
    found = planner()
    there = made(found, found.plan({}, page(DAY)))
    gone = DAY - timedelta(days=3)
    plan = planner(without=[gone]).plan(there, None)

    assert plan.removed == (page(gone),)
    assert page(DAY) in plan.due
    assert page(gone - timedelta(days=1)) in plan.due  # it led to it


def test_of_many_changed_days_the_older_go() -> None:
    """After a journey to another time zone."""
    found = planner()
    there: dict[PageDays, Mark | None] = {}
    for after in range(0, 18, 3):
        there |= made(found, found.plan(there, page(FIRST + timedelta(days=after))))
    for one in there:
        there[one] = None
    plan = found.plan(there, None)

    assert len(plan.day_links) == MOST_MADE_ANEW
    assert set(plan.due) == plan.pages
    assert {one.last for one in plan.removed} < {one.last for one in there}
    assert max(one.last for one in plan.removed) < min(plan.day_links)


def test_days_lead_to_another_month_where_theirs_is_gone() -> None:
    """Somebody deleted it; the next one shows them too, and without one it is made anew."""
    found = planner()
    there = made(found, found.plan({}, page(DAY)))
    month, next_month = page(DAY, PageKind.MONTH), page(TODAY, PageKind.MONTH)
    del there[month]
    plan = found.plan(there, None)
    assert span_over(DAY, PageKind.MONTH, plan.pages) == next_month
    assert page(DAY) in plan.due

    del there[next_month]
    assert next_month in found.plan(there, None).due


def test_a_week_that_was_asked_for_stays_as_long_as_its_day() -> None:
    """Its own page leads to it rather than to a later one."""
    found, day_before = planner(), DAY - timedelta(days=1)
    there = made(found, found.plan({}, page(DAY)))
    there |= made(found, found.plan(there, page(day_before, PageKind.WEEK)))
    week = page(day_before, PageKind.WEEK)
    assert week in there
    assert span_over(day_before, PageKind.WEEK, there) == week
    assert week in found.plan(there, page(DAY)).pages
    assert week in planner(without=[day_before]).plan(there, None).removed


def test_several_days_are_a_page_that_follows_its_days() -> None:
    """It stays, and is due when a page that it leads to is new."""
    found, days = planner(), PageDays(PageKind.DAYS, FIRST, DAY)
    there = made(found, found.plan({}, days))
    assert set(there) == {days}
    assert days not in found.plan(there, days).due
    assert days in found.plan(there, page(DAY)).due


def test_the_calendar_is_known_by_shares_and_links() -> None:
    """Either changed: another mark."""
    found = planner()
    none: frozenset[PageDays] = frozenset()
    mark = found.index_mark([FIRST], none)
    assert mark == planner().index_mark([FIRST], none)
    assert mark != found.index_mark([FIRST, DAY], none)
    assert mark != planner(without=[DAY]).index_mark([FIRST], none)
    assert mark != found.index_mark([FIRST], frozenset({PageDays.up_to(FIRST, PageKind.WEEK)}))
    assert found.index_mark([], none) != mark
