"""The message of the first watch of a week."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from posturecam.base.local_time import week_before
from posturecam.commands.weekly import WeeklyMessage, weekly_message
from posturecam.review.facts import AlikeDays, Standing, TooLittle, WeekCard, week_card
from posturecam.review.span_words import week_card_text
from posturecam.review.usual import DayTotals, review_span
from posturecam.values.totals import Totals
from tests.logs import write_log
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

MONDAY = date(2026, 11, 16)
MINUTE = 60_000
TUESDAY_AFTER = datetime(2026, 11, 24, 9, tzinfo=UTC)


def days(*slouched: int, first: date = MONDAY) -> list[DayTotals]:
    """Seven days of 100 judged minutes, so many of them slouched; nothing on the others."""
    return [
        DayTotals(
            day=first + timedelta(days=at),
            totals=Totals(upright_ms=(100 - minutes) * MINUTE, slouched_ms=minutes * MINUTE),
        )
        for at, minutes in enumerate(slouched)
    ] + [
        DayTotals(day=first + timedelta(days=at), totals=Totals()) for at in range(len(slouched), 7)
    ]


def hour(share: float, minutes: int = 60) -> Totals:
    """An hour of the day with so much judged."""
    slouched_ms = round(share * minutes * MINUTE)
    return Totals(upright_ms=minutes * MINUTE - slouched_ms, slouched_ms=slouched_ms)


def test_a_week_comes_to_share_days_and_hour() -> None:
    """Beside the week before; an hour of two days counts as one."""
    week = review_span(days(20, 30, 40, 20, 40), days(20, 20, 20))
    hours = {
        (0, 9): hour(0.2),
        (0, 15): hour(0.6, 40),
        (1, 15): hour(0.5, 40),
        (2, 8): hour(0.9, 30),
    }
    assert week_card(week, hours) == WeekCard(
        share=0.3,
        before=0.2,
        compared=Standing.MORE,
        least=AlikeDays(days=(MONDAY, MONDAY + timedelta(days=3)), share=0.2),
        most=AlikeDays(days=(MONDAY + timedelta(days=2), MONDAY + timedelta(days=4)), share=0.4),
        hour=15,
    )


@pytest.mark.parametrize("hours", [{}, {(0, 9): hour(0.35)}, {(0, 9): hour(0.9, 30)}])
def test_an_hour_must_stand_out_and_have_an_hour_judged(
    hours: dict[tuple[int, int], Totals],
) -> None:
    """Else none is named; days that are alike are not set against each other."""
    card = week_card(review_span(days(30, 30, 30), []), hours)
    assert card is not None
    assert (card.hour, card.least, card.most) == (None, None, None)
    assert card.compared is TooLittle.DAYS


def test_a_week_with_too_few_days_is_no_card() -> None:
    """Two days say nothing of a week."""
    assert week_card(review_span(days(20, 30), days(20, 20, 20)), {}) is None
    assert week_card(review_span(days(), []), {}) is None


@pytest.mark.parametrize(
    ("compared", "said"),
    [
        (Standing.LESS, "Less than the week before (35 %)."),
        (Standing.USUAL, "About as in the week before (35 %)."),
        (Standing.MORE, "More than in the week before (35 %)."),
    ],
)
def test_the_words_of_a_week(compared: Standing, said: str) -> None:
    """What was seen, two days, and one suggestion; no blame."""
    card = WeekCard(
        share=0.3,
        before=0.35,
        compared=compared,
        least=AlikeDays(days=(MONDAY,), share=0.2),
        most=AlikeDays(days=(MONDAY + timedelta(days=3),), share=0.4),
        hour=15,
    )
    assert week_card_text(card) == (
        "Last week: 30 % slouched",
        f"{said} Least on Monday (20 %), most on Thursday (40 %). "
        "A break at about 15:00 would meet the hour with the most.",
    )


def test_a_week_without_anything_that_stands_out_has_a_suggestion_too() -> None:
    """The one that always holds."""
    card = WeekCard(share=0.3, before=0, compared=TooLittle.DAYS, least=None, most=None, hour=None)
    assert week_card_text(card)[1] == (
        "No hour stands out: short, regular breaks beat rare long ones."
    )


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 29)])
def test_the_week_before_ends_with_a_sunday(day: date) -> None:
    """Whatever day it is."""
    assert week_before(day) == (MONDAY, date(2026, 11, 22))


def test_a_week_is_said_once_by_the_first_watch_that_can(tmp_path: Path) -> None:
    """On Monday or later; again after a watch of this week that nobody heard, never after it."""
    log, said = tmp_path / "log.db", tmp_path / "week.txt"
    assert weekly_message(log, said, UTC, TUESDAY_AFTER - timedelta(days=7)) is None
    write_log(log, first=MONDAY - timedelta(days=7), last=MONDAY + timedelta(days=4))
    first = weekly_message(log, said, UTC, TUESDAY_AFTER)
    assert first is not None
    assert first.title.startswith("Last week: ")
    assert "the week before (" in first.text
    assert first.sunday == date(2026, 11, 22)
    assert weekly_message(log, said, UTC, TUESDAY_AFTER + timedelta(days=14)) is None

    write_log(log, first=date(2026, 11, 24), last=date(2026, 11, 24), seed=2)
    again = weekly_message(log, said, UTC, TUESDAY_AFTER + timedelta(days=1))
    assert again == first
    again.keep_said()
    assert weekly_message(log, said, UTC, TUESDAY_AFTER + timedelta(days=1)) is None


def test_a_week_with_too_little_is_looked_at_once(tmp_path: Path) -> None:
    """Reading two weeks of the log takes longer than reading that it was done."""
    log, said = tmp_path / "log.db", tmp_path / "week.txt"
    write_log(log, first=MONDAY, last=MONDAY)
    assert weekly_message(log, said, UTC, TUESDAY_AFTER) is None
    assert said.read_text() == "2026-11-22"


@pytest.mark.skipif(sys.platform == "win32", reason="the browser is a shell script")
def test_the_button_shows_the_page_of_the_week(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process of its own, with the browser of the user."""
    home.mkdir(mode=0o700)
    write_log(home / "log.db", first=MONDAY, last=MONDAY + timedelta(days=4))
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.part; mv {opened}.part {opened}\n')
    browser.chmod(0o700)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    message = WeeklyMessage(
        title="", text="", sunday=date(2026, 11, 22), said=tmp_path / "week.txt"
    )
    message.open_week()

    wait_until(opened.exists, "the page is opened")
    assert opened.read_text() == (home / "reviews" / "2026-11-22-week.html").as_uri()
