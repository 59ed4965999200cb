"""The pages beside each other: made when asked for, linked, and made anew where a day changed."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from posturecam.base.local_time import day_bounds_ms
from posturecam.base.paths import AppPaths
from posturecam.commands.log import Purge, purge_log
from posturecam.commands.review_pages import ReviewPages
from posturecam.log.connection import open_log
from posturecam.log.reader import LogReader
from posturecam.log.retention import forget_before
from posturecam.review.facts import Standing, TooLittle, compare_span
from posturecam.review.page_plan import INDEX_FILE
from posturecam.review.span_page import calendar, index_html, span_html
from posturecam.review.span_words import span_conclusion, span_figures
from posturecam.review.usual import DayTotals, review_span
from posturecam.review.words import HELD
from posturecam.values.goal import ShareGoal
from posturecam.values.observation import PostureState
from posturecam.values.settings import PolicySettings
from posturecam.values.totals import Totals
from tests.logs import write_log
from tests.rows import BERLIN, DAY, MINUTE, NINE_MS, ROWS, interval, log_with

if TYPE_CHECKING:
    from pathlib import Path

MONDAY, FRIDAY = date(2026, 11, 16), date(2026, 11, 20)
SATURDAY = datetime(2026, 11, 21, 12, tzinfo=UTC)


def pages(folder: Path, now: datetime = SATURDAY) -> ReviewPages:
    """The pages of the log in `folder`."""
    return ReviewPages(
        log_path=folder / "log.db",
        folder=folder / "reviews",
        zone=BERLIN,
        now=now,
        policy=PolicySettings(),
    )


@pytest.fixture
def week(tmp_path: Path) -> Path:
    """Where there is a log of a week of work."""
    write_log(tmp_path / "log.db", first=MONDAY, last=FRIDAY)
    return tmp_path


def links_of(page: Path) -> list[str]:
    """Where it leads."""
    return re.findall(r'<a [^>]*href="([^"#]+)"', page.read_text("utf-8"))


def assert_every_link_leads_somewhere(folder: Path) -> int:
    """Of each page there is; how many those are."""
    made = sorted(folder.glob("*.html"))
    for page in made:
        for link in links_of(page):
            assert (folder / link).exists(), (page.name, link)
    return len(made)


def test_every_link_leads_to_a_page_that_is_there(week: Path) -> None:
    """From the asked page over its week, month and neighbours to the calendar."""
    asked = pages(week).write_day(date(2026, 11, 18))

    assert asked.name == "2026-11-18.html"
    assert links_of(asked) == [
        "2026-11-17.html",
        "2026-11-18-week.html",
        "2026-11-18-month.html",
        INDEX_FILE,
        "2026-11-19.html",
        "2026-11-16.html",
        "2026-11-17.html",
    ]
    assert links_of(asked.with_name("2026-11-17.html"))[1:4] == [
        "2026-11-18-week.html",  # shows it too
        "2026-11-18-month.html",
        INDEX_FILE,
    ]
    assert assert_every_link_leads_somewhere(asked.parent) == 9


@pytest.mark.parametrize("gone", ["*-1[678].html", "*-1[67]-*.html"])
def test_links_to_pages_that_went_are_gone_or_lead_to_new_ones(week: Path, gone: str) -> None:
    """Somebody deleted them; whatever is asked for next, no page leads into nothing."""
    pages(week).write_day(FRIDAY)
    for asked in ("index", "days", "day"):
        for file in (week / "reviews").glob(gone):
            file.unlink()
        match asked:
            case "index":
                pages(week).write_index()
            case "days":
                pages(week).write_days(MONDAY, FRIDAY)
            case _:
                pages(week).write_day(date(2026, 11, 17))
        assert_every_link_leads_somewhere(week / "reviews")


def test_no_page_leads_to_what_was_purged(week: Path) -> None:
    """Neither to a day nor to a calendar that is gone with it."""
    pages(week).write_day(FRIDAY)
    purge = Purge(before=date(2026, 11, 18), watched=True, pain=False)
    purge_log(purge, paths=AppPaths(data=week, config=week), zone=BERLIN, at=SATURDAY)
    assert assert_every_link_leads_somewhere(week / "reviews") == 0

    pages(week).write_day(FRIDAY)
    assert_every_link_leads_somewhere(week / "reviews")
    assert not (week / "reviews" / "2026-11-17.html").exists()


def test_a_page_whose_day_changed_is_made_anew_whatever_is_asked_for(week: Path) -> None:
    """What was watched since, and what the log no longer has."""
    pages(week).write_day(FRIDAY)
    friday, monday = (week / "reviews" / f"2026-11-{day}.html" for day in (20, 16))
    before = friday.read_text("utf-8")
    with open_log(week / "log.db", at=SATURDAY) as connection:
        forget_before(connection, day_bounds_ms(date(2026, 11, 17), BERLIN)[0])
    add_an_hour(week / "log.db", FRIDAY)
    pages(week).write_index()

    assert friday.read_text("utf-8") != before
    assert not monday.exists()
    assert_every_link_leads_somewhere(week / "reviews")


def add_an_hour(log: Path, day: date) -> None:
    """In the evening of a day, upright."""
    start_ms = day_bounds_ms(day, BERLIN)[1] - 2 * 60 * MINUTE
    end_ms = start_ms + 60 * MINUTE
    with closing(sqlite3.connect(log)) as connection, connection:
        connection.execute(
            "INSERT INTO sessions SELECT 9999, ?, ?, source, profile, view, model_sha256,"
            " program_version, ended_by, 'another' FROM sessions LIMIT 1",
            (start_ms, end_ms),
        )
        connection.execute(
            "INSERT INTO intervals VALUES (9999, ?, ?, 'upright', '')", (start_ms, end_ms)
        )


def test_the_asked_page_is_shown_before_its_neighbours_are_made(week: Path) -> None:
    """Nobody waits for pages that they did not ask for."""
    there: list[list[str]] = []

    def show(page: Path) -> None:
        there.append([page.name, *sorted(file.name for file in page.parent.glob("*.html"))])

    own = {"2026-11-20.html", "2026-11-20-week.html", "2026-11-20-month.html"}
    replace(pages(week), show=show).write_month(FRIDAY)
    assert there[0][0] == "2026-11-20-month.html"
    assert set(there[0]) == own
    replace(pages(week), show=show).write_index()
    assert there[1][0] == INDEX_FILE


def test_a_page_is_made_anew_only_where_it_would_show_something_else(week: Path) -> None:
    """The same again leaves it alone; one of other settings or an older program does not stay."""
    pages(week).write_day(FRIDAY)
    thursday = week / "reviews" / "2026-11-19.html"
    first = thursday.read_text("utf-8")
    pages(week).write_day(FRIDAY)
    assert thursday.read_text("utf-8") == first

    with_goal = PolicySettings(goal=ShareGoal(percent=25))
    replace(pages(week), policy=with_goal).write_day(FRIDAY)
    assert "Your goal" in thursday.read_text("utf-8")

    thursday.write_text(first.replace("posturecam-content", "older"), "utf-8")
    pages(week).write_day(FRIDAY)
    assert "posturecam-content" in thursday.read_text("utf-8")


def test_yesterday_is_whole_right_after_midnight(week: Path) -> None:
    """A page that was opened in the evening is made anew with the new day's."""
    evening = datetime(2026, 11, 20, 14, tzinfo=BERLIN)
    friday = pages(week, evening).write_day(FRIDAY)
    assert "so far" in friday.read_text("utf-8")

    midnight = pages(week, datetime(2026, 11, 21, 0, 5, tzinfo=BERLIN))
    today = midnight.write_day(midnight.today)
    assert today.name == "2026-11-21.html"
    assert "Nothing was watched on this day." in today.read_text("utf-8")
    assert "so far" not in friday.read_text("utf-8")
    assert links_of(friday)[0] == "2026-11-19.html"


def test_a_neighbour_that_was_not_over_is_made_anew(week: Path) -> None:
    """The same links, but more of its day."""
    thursday, friday = date(2026, 11, 19), week / "reviews" / "2026-11-20.html"
    pages(week, datetime(2026, 11, 20, 14, tzinfo=BERLIN)).write_day(thursday)
    early = friday.read_text("utf-8")
    pages(week, datetime(2026, 11, 20, 23, tzinfo=BERLIN)).write_day(thursday)

    assert friday.read_text("utf-8") != early


def test_the_calendar_says_of_a_day_what_its_page_says(week: Path) -> None:
    """Also when the log says something else of it than when the calendar was made."""
    index = week / "reviews" / INDEX_FILE
    shares = []
    for _ in range(2):
        page = pages(week).write_day(FRIDAY)
        (share,) = re.findall(r"Fri 20 November 2026: (\d+)", index.read_text("utf-8"))
        assert f"<b>{share}{HELD}%</b>" in page.read_text("utf-8")
        shares.append(share)
        for file in week.glob("log.db*"):
            file.unlink()
        write_log(week / "log.db", first=MONDAY, last=FRIDAY, seed=4)
    assert shares[0] != shares[1]


def test_a_calendar_that_says_it_already_stays(tmp_path: Path) -> None:
    """Also where what it says has a sign that means something in a page."""
    upright = interval(NINE_MS, NINE_MS + 100 * MINUTE, PostureState.UPRIGHT)
    slouched = interval(upright.end_ms, upright.end_ms + 10_000, PostureState.SLOUCHED)
    log_with(tmp_path / "log.db", replace(ROWS, intervals=(upright, slouched)))
    index = tmp_path / "reviews" / INDEX_FILE
    pages(tmp_path).write_day(DAY)
    assert "&lt;1" in index.read_text("utf-8")

    made = index.read_text("utf-8")
    pages(tmp_path).write_day(DAY)
    assert index.read_text("utf-8") == made  # a page has a word in it that is another each time


def test_one_day_is_one_day() -> None:
    """In the calendar of all days."""
    text = index_html([(MONDAY, 0.2)], nonce="n", version="1", links={}, nav=())
    assert "1 day of the log had time" in text


def test_weeks_and_months_are_pages(week: Path) -> None:
    """Two sentences, three figures beside those before, a calendar, every day in a table."""
    page = pages(week).write_week(FRIDAY)
    text = page.read_text("utf-8").replace(HELD, " ")

    assert page.name == "2026-11-20-week.html"
    assert "there are too few days to compare with. Of the days with an hour judged, " in text
    assert text.count("<dt>Slouched</dt>") == 1
    assert len(re.findall(r'<td class="l\d"><a href="2026-11-(?:19|20).html"', text)) == 2
    assert pages(week).write_month(FRIDAY).name == "2026-11-20-month.html"


def test_the_calendar_has_every_day_since_the_first(week: Path) -> None:
    """The newest month first; a day without a page is no link."""
    index = pages(week, SATURDAY + timedelta(days=14)).write_index()
    text = index.read_text("utf-8")

    assert re.findall(r"<caption>(.*?)</caption>", text) == ["December 2026", "November 2026"]
    assert len(re.findall(r"<b>\d+</b>", text)) == 5
    assert links_of(index) == []
    assert "<code>posturecam review 2026-11-20 --open</code>" in text
    assert "5 days of the log had time that could be judged." in text
    assert "0 days" in pages(week / "empty").write_index().read_text("utf-8")


def test_older_months_of_the_calendar_are_folded_by_year() -> None:
    """What is lately is on the first screens; the rest is there to open."""
    days = [(date(2024, 12, 31) + timedelta(days=at), 0.2) for at in range(500)]
    text = index_html(days, nonce="n", version="1", links={}, nav=())
    late, *folds = text.split("<details")

    assert re.findall(r"<caption>(.*?)</caption>", late) == [
        "May 2026",
        "April 2026",
        "March 2026",
    ]
    assert [re.findall(r"<h2>(.*?)</h2>", fold) for fold in folds] == [["2026"], ["2025"], ["2024"]]
    assert [fold.count("<caption>") for fold in folds] == [2, 12, 1]


def test_a_page_of_years_is_no_heavier_than_others() -> None:
    """The calendars say it all; rows are for a year at most."""
    year = [
        DayTotals(day=MONDAY + timedelta(days=at), totals=Totals(upright_ms=100 * MINUTE))
        for at in range(366)
    ]
    text = span_html(review_span(year, []), nonce="n", version="1")
    assert text.count('<th scope="row">') == 366
    many = [replace(day, day=day.day + timedelta(days=366 * at)) for at in range(5) for day in year]
    text = span_html(review_span(many, []), nonce="n", version="1")
    assert text.count("<caption>") == 61
    assert '<th scope="row">' not in text
    assert len(text) < 200_000


def test_shares_of_the_calendar_are_those_of_the_days(tmp_path: Path) -> None:
    """The quick question gives what the whole one gives."""
    edges_ms = [*day_bounds_ms(DAY, BERLIN), day_bounds_ms(DAY, BERLIN)[1] + 1000]
    with LogReader.open(log_with(tmp_path / "log.db", ROWS)) as log:
        day, rest = log.judged(edges_ms)
        assert day.slouched_share == log.totals(edges_ms)[0].slouched_share
        assert rest == Totals()
        assert log.first_ms() == ROWS.sessions[0].start_ms
    with LogReader.open(tmp_path / "none.db") as none:
        assert none.judged(edges_ms) == (Totals(), Totals())
        assert none.first_ms() is None


def test_a_month_begins_under_its_weekday() -> None:
    """Weeks of seven cells; what is not of the month is empty."""
    days = [(date(2026, 10, 31) + timedelta(days=after), 0.3) for after in range(3)]
    october, november = calendar([*days, (date(2026, 11, 3), None)], {date(2026, 11, 1): "x.html"})

    assert [cell and cell.number for cell in october.weeks[0]] == [None] * 5 + [31, None]
    assert [[cell and cell.number for cell in week] for week in november.weeks] == [
        [None] * 6 + [1],
        [2, 3] + [None] * 5,
    ]
    sunday, tuesday = november.weeks[0][6], november.weeks[1][1]
    assert sunday is not None
    assert tuesday is not None
    assert (sunday.share, sunday.level, sunday.link) == ("30", 2, "x.html")
    assert sunday.text.replace(HELD, " ") == "Sun 1 November 2026: 30 % slouched"
    assert (tuesday.share, tuesday.level, tuesday.link) == ("", 0, None)


def test_a_little_slouching_is_not_none() -> None:
    """In a cell of the calendar as in words."""
    (month,) = calendar([(MONDAY, 0.002), (MONDAY + timedelta(days=1), 0.0)], {})
    assert [cell.share for cell in month.weeks[0] if cell is not None] == ["<1", "0"]


def a_week(slouched: int, *, days: int = 7) -> tuple[DayTotals, ...]:
    """Days of 100 minutes, the last of which is slouched five minutes longer."""
    return tuple(
        DayTotals(
            day=MONDAY + timedelta(days=at),
            totals=Totals(
                upright_ms=(100 - minutes) * MINUTE, slouched_ms=minutes * MINUTE, moves=10
            ),
        )
        for at in range(days)
        for minutes in [slouched + 5 * (at == days - 1)]
    )


@pytest.mark.parametrize(
    ("before", "found", "said"),
    [
        (a_week(20), Standing.USUAL, "about as on the days before (21 %)"),
        (a_week(30), Standing.LESS, "less than the 31 % of the days before"),
        (a_week(10), Standing.MORE, "more than the 11 % of the days before"),
        (a_week(10, days=2), TooLittle.DAYS, "there are too few days to compare with"),
    ],
)
def test_several_days_come_to_two_sentences(
    before: tuple[DayTotals, ...], found: Standing | TooLittle, said: str
) -> None:
    """How they were against those before, and the day with the most."""
    review = review_span(a_week(20), before)
    text = span_conclusion(review).replace(HELD, " ")

    assert compare_span(review) is found
    assert text.startswith("21 % of the judged time was slouched, different from your baseline")
    assert said in text
    assert text.endswith(
        "Of the days with an hour judged, Sun 22 November 2026 had the most: 25 %."
    )


def test_days_with_too_little_say_so_and_nothing_else() -> None:
    """One sentence."""
    nothing = DayTotals(day=MONDAY, totals=Totals())
    little = DayTotals(day=MONDAY, totals=Totals(upright_ms=MINUTE))

    assert span_conclusion(review_span([nothing], [])) == "Nothing was watched on these days."
    assert "no day had an hour judged" in span_conclusion(review_span([little], []))


def test_breaks_a_day_are_those_of_the_days_with_an_hour_judged() -> None:
    """Breaks on other days are not counted among them; without such a day they are unknown."""
    full = DayTotals(day=MONDAY, totals=Totals(upright_ms=100 * MINUTE, breaks=2))
    short = DayTotals(day=FRIDAY, totals=Totals(upright_ms=MINUTE, breaks=3))

    assert span_figures(review_span([full, short], []))[2].value == "2"
    assert span_figures(review_span([short], []))[2].value == "unknown"
