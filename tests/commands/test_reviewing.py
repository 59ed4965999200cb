"""`review` from its words to its files: which days are meant, what is read, what is written."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from plotly.offline import get_plotlyjs

from posturecam.base.errors import DataError, UsageError
from posturecam.base.local_time import HOUR_MS, day_bounds_ms, is_day, parse_day
from posturecam.care.journal import save_pain
from posturecam.commands.log_days import COMPARED_DAYS, open_days
from posturecam.commands.review import load_day, load_span, parse_span, review_as
from posturecam.commands.review_page import LIBRARY_FILE, write_page
from posturecam.log.connection import to_ms
from posturecam.review.page_plan import INDEX_FILE
from posturecam.values.log_rows import DayRows, PainEntry
from posturecam.values.observation import PostureState
from posturecam.values.settings import PolicySettings
from tests.logs import workdays, write_log
from tests.program import assert_refused, here, posturecam
from tests.rows import AUTUMN, BERLIN, DAY, MINUTE, NINE_MS, ROWS, interval, log_with, session

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

SUNDAY = DAY
PAIN_FIRST, PAIN_LAST = date(2026, 11, 2), date(2026, 11, 20)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def log(home: Path) -> Path:
    """A log with the day of `tests.rows`."""
    home.mkdir(mode=0o700)
    return log_with(home / "log.db", ROWS)


def written(
    log: Path, page: Path, *, day: date = DAY, zone: tzinfo = BERLIN, standalone: bool = False
) -> str:
    """The page of a day, written at noon of the day of the log."""
    write_page(log, day, zone, now=NOON, file=page, standalone=standalone, policy=PolicySettings())
    return page.read_text("utf-8")


# Which days


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (None, SUNDAY),
        ("today", SUNDAY),
        ("Yesterday", SUNDAY - timedelta(days=1)),
        ("sunday", SUNDAY),
        ("saturday", SUNDAY - timedelta(days=1)),
        ("Monday", SUNDAY - timedelta(days=6)),
        ("Mon", SUNDAY - timedelta(days=6)),
        ("thurs", SUNDAY - timedelta(days=3)),
        ("tomorrow", SUNDAY + timedelta(days=1)),
        ("2028-02-29", date(2028, 2, 29)),
        ("1971-01-01", date(1971, 1, 1)),
        ("9998-12-31", date(9998, 12, 31)),
    ],
)
def test_days_are_named_as_people_name_them(text: str | None, day: date) -> None:
    """A weekday is the latest one, today included."""
    assert parse_day(text, today=SUNDAY) == day


@pytest.mark.parametrize(
    "text", ["", "someday", "2027-02-29", "22.11.2026", "1970-12-31", "9999-01-01", "mo", "monk"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    """With the ways to write one."""
    if text:
        with pytest.raises(UsageError, match="is not a day"):
            parse_day(text, today=SUNDAY)
    assert not is_day(text) or not text


@pytest.mark.parametrize(
    ("options", "span"),
    [
        ({}, None),
        ({"day": "yesterday"}, None),
        ({"week": True}, (date(2026, 11, 16), SUNDAY)),
        ({"week": True, "day": "2026-11-20"}, (date(2026, 11, 14), date(2026, 11, 20))),
        ({"month": True}, (date(2026, 10, 24), SUNDAY)),
        ({"since": "monday"}, (date(2026, 11, 16), SUNDAY)),
        ({"since": "2026-10-01", "until": "2026-10-31"}, (date(2026, 10, 1), date(2026, 10, 31))),
        ({"since": "today", "until": "today"}, (SUNDAY, SUNDAY)),
    ],
)
def test_options_mean_a_day_or_a_span(
    options: dict[str, object], span: tuple[date, date] | None
) -> None:
    """A week is the seven days up to the day, a month the thirty."""
    words = {"day": None, "week": False, "month": False, "since": None, "until": None} | options

    assert parse_span(**words, today=SUNDAY) == span  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "words",
    [
        "--week --month",
        "--week --since monday",
        "yesterday --since monday",
        "--until today",
        "--since today --until yesterday",
        "--since 1980-01-01 --until 2026-01-01",
        "--since monday --html --standalone",
        "--index --since monday",
        "--index --html all.html",
        "--index --week",
        "yesterday --index",
        "--week --standalone",
        "--format json --html",
        "--format csv --open",
        "--full --week",
        "--full --since monday --html",
        "--full --index",
    ],
)
def test_words_that_contradict_each_other_exit_2(words: str) -> None:
    """With what is wrong, and what to write instead."""
    assert_refused(here("review", *words.split()), 2)


# What is read


def test_a_day_is_loaded_with_the_days_before_it(log: Path) -> None:
    """The day itself is no part of what it is compared with."""
    review = load_day(log, DAY + timedelta(days=1), BERLIN)

    assert len(review.before) == COMPARED_DAYS
    assert review.before[-1].day == DAY
    assert review.before[-1].totals.watched_ms == 165 * MINUTE
    assert review.totals.watched_ms == 0
    assert load_day(log, DAY, BERLIN).before[-1].totals.watched_ms == 0


def test_a_day_that_is_not_over_ends_now(log: Path) -> None:
    """Also as one of several."""
    eleven_ms = 13 * HOUR_MS  # noon in UTC is one o'clock in Berlin

    assert load_day(log, DAY, BERLIN, now=NOON).totals.wall_ms == eleven_ms
    assert load_span(log, DAY, DAY, BERLIN, now=NOON).total.wall_ms == eleven_ms


def test_travel_moves_the_day_with_the_traveller(log: Path) -> None:
    """The same log, reviewed elsewhere: the hours of there, and the same sums."""
    berlin, tokyo = load_day(log, DAY, BERLIN), load_day(log, DAY, ZoneInfo("Asia/Tokyo"))

    assert berlin.totals == tokyo.totals
    assert [berlin.local(hour.start_ms).hour for hour in berlin.hours] == [9, 10, 11]
    assert [tokyo.local(hour.start_ms).hour for hour in tokyo.hours] == [17, 18, 19]


def log_with_pain(path: Path, *, entries: int) -> Path:
    """Three weeks at the desk, and an entry on each of the last so many days of them."""
    write_log(path, first=PAIN_FIRST, last=PAIN_LAST)
    for day in list(workdays(PAIN_FIRST, PAIN_LAST))[-entries:]:
        at = datetime.combine(day, time(17), UTC)
        level = 5 if day.weekday() == 0 else 2
        save_pain(path, PainEntry(at_ms=to_ms(at), level=level), now=at)
    return path


def test_pain_stands_beside_the_days_once_enough_have_both(tmp_path: Path) -> None:
    """In words of days that came together; a week can never have enough and stays silent."""
    enough = log_with_pain(tmp_path / "enough.db", entries=14)
    few = log_with_pain(tmp_path / "few.db", entries=13)
    month = load_span(enough, PAIN_FIRST, PAIN_LAST, UTC)

    assert month.journal.startswith("On the same days: 2 days with pain above 2")
    assert "not what led to what" in month.journal
    assert month.journal[:40] in " ".join(review_as("plain", month, width=400).split())
    assert "so far: 13" in load_span(few, PAIN_FIRST, PAIN_LAST, UTC).journal
    assert load_span(enough, PAIN_LAST - timedelta(days=6), PAIN_LAST, UTC).journal == ""


def test_without_entries_the_journal_is_not_mentioned(log: Path) -> None:
    """Who keeps none is not asked to."""
    assert load_span(log, DAY - timedelta(days=27), DAY, BERLIN).journal == ""


def test_the_page_shows_pain_beside_the_days_too(tmp_path: Path) -> None:
    """Of the weeks that it shows."""
    path = log_with_pain(tmp_path / "log.db", entries=14)
    page = written(path, tmp_path / "out" / "day.html", day=PAIN_LAST, zone=UTC)

    assert "On the same days: 2 days with pain above 2, the middle" in page


def test_a_span_is_compared_with_as_many_days_before(log: Path) -> None:
    """Each day once, none twice."""
    found = load_span(log, DAY, DAY + timedelta(days=6), BERLIN)

    assert [day.day for day in found.days] == [DAY + timedelta(days=after) for after in range(7)]
    assert found.total.watched_ms == 165 * MINUTE
    assert (found.before.watched_ms, found.before.wall_ms) == (0, 7 * 24 * HOUR_MS)


def test_hours_of_the_week_are_those_on_the_wall(tmp_path: Path) -> None:
    """In winter as in summer; the repeated hour of the day between counts once more."""
    mondays = (AUTUMN - timedelta(days=6), AUTUMN + timedelta(days=1))
    nines_ms = [round(datetime.combine(day, time(9), BERLIN).timestamp() * 1000) for day in mondays]
    two_ms = day_bounds_ms(AUTUMN, BERLIN)[0] + 2 * HOUR_MS
    stretches = [
        *((at_ms, at_ms + 30 * MINUTE) for at_ms in nines_ms),
        (two_ms, two_ms + 2 * HOUR_MS),
    ]
    stretches.sort()
    rows = DayRows(
        sessions=tuple(session(*ends, number) for number, ends in enumerate(stretches, 1)),
        intervals=tuple(
            interval(*ends, PostureState.UPRIGHT, session_id=number)
            for number, ends in enumerate(stretches, 1)
        ),
    )
    with open_days(log_with(tmp_path / "log.db", rows), BERLIN) as days:
        found = days.week_hours(mondays[0], mondays[1] + timedelta(days=1))

    upright_ms = {name: hour.upright_ms for name, hour in found.items()}
    assert upright_ms == {(0, 9): HOUR_MS, (6, 2): 2 * HOUR_MS}


@pytest.mark.parametrize("format_name", ["plain", "json", "csv"])
def test_days_and_spans_come_in_every_format(log: Path, format_name: str) -> None:
    """Each says something of its own, without a newline at the end."""
    day, span = load_day(log, DAY, BERLIN), load_span(log, DAY, DAY, BERLIN)
    texts = {review_as(format_name, review, width=80) for review in (day, span)}

    assert len(texts) == 2
    assert all(text and not text.endswith("\n") for text in texts)
    if format_name == "json":
        assert all(json.loads(text)["v"] == 1 for text in texts)


# What is written


def test_a_page_is_private_and_has_the_library_beside_it(log: Path, home: Path) -> None:
    """Only the user may read either; the folder is made for them."""
    page = home / "reviews" / "day.html"
    written(log, page)

    library = page.with_name(LIBRARY_FILE)
    assert page.parent.stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in (page, library)] == [0o600, 0o600]
    assert page.stat().st_size < 200_000
    assert library.read_bytes().decode() == get_plotlyjs()


def test_the_library_is_written_only_when_it_is_another(log: Path, home: Path) -> None:
    """Pages of many days share one; an older or damaged one is replaced."""
    page = home / "reviews" / "day.html"
    library = page.with_name(LIBRARY_FILE)
    written(log, page)
    first = library.stat().st_ino
    written(log, page)
    assert library.stat().st_ino == first

    library.write_text("an older one")
    written(log, page)
    assert library.stat().st_size > 3_000_000


def test_a_page_that_stands_alone_has_nothing_beside_it(log: Path, tmp_path: Path) -> None:
    """One file to keep or to give to a physiotherapist."""
    page = tmp_path / "out" / "day.html"
    written(log, page, standalone=True)

    assert [file.name for file in page.parent.iterdir()] == ["day.html"]
    assert page.stat().st_size > 3_000_000


def test_each_page_has_its_own_nonce(log: Path, tmp_path: Path) -> None:
    """What could be known beforehand would guard nothing."""
    pages = [written(log, tmp_path / name) for name in ("a.html", "b.html")]
    nonces = {page.split("script-src 'nonce-")[1].split("'")[0] for page in pages}

    assert len(nonces) == 2
    assert all(len(nonce) >= 20 for nonce in nonces)


def test_a_place_that_takes_no_page_is_data_that_cannot_be_written(
    log: Path, tmp_path: Path
) -> None:
    """Said, not shown as a traceback."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be used"):
        written(log, tmp_path / "file" / "p.html")


# The command


def test_a_folder_is_no_page(log: Path) -> None:
    """Refused in words, the root too."""
    for folder in ("/", log.parent):
        assert_refused(here("review", "2026-11-22", "--html", folder), 2, "is a folder")


@pytest.mark.parametrize("words", ["--html 2026-11-22", "2026-11-22 --html", "2026-11-22 --html="])
def test_html_without_a_file_goes_to_the_data_folder(log: Path, home: Path, words: str) -> None:
    """A day after `--html` is the day, not a file."""
    page = home / "reviews" / "2026-11-22.html"

    assert here("review", *words.split()).stdout == f"Page written: {page}\n"
    assert "Sunday 22 November 2026" in page.read_text()


@pytest.mark.parametrize(
    ("words", "file"),
    [
        ("2026-11-22 --week --html", "2026-11-22-week.html"),
        ("2026-11-22 --month --html", "2026-11-22-month.html"),
        ("--since 2026-11-02 --until 2026-11-22 --html", "2026-11-02-to-2026-11-22.html"),
        ("--index", "index.html"),
    ],
)
def test_weeks_months_and_all_days_are_pages_too(
    log: Path, home: Path, words: str, file: str
) -> None:
    """Each in the folder of the others."""
    assert here("review", *words.split()).stdout == f"Page written: {home / 'reviews' / file}\n"
    assert "November 2026" in (home / "reviews" / file).read_text("utf-8")


def test_html_with_a_file_goes_there(log: Path, tmp_path: Path) -> None:
    """Wherever the user wants it."""
    page = tmp_path / "mine.html"
    done = here("review", "2026-11-22", "--html", page, "--standalone")

    assert done.stdout == f"Page written: {page}\n"
    assert page.is_file()


def test_several_days_go_to_a_file_too_and_lead_nowhere_from_there(
    log: Path, tmp_path: Path
) -> None:
    """Beside that file there are no pages of days."""
    page = tmp_path / "mine.html"
    assert here("review", "2026-11-22", "--week", "--html", page).returncode == 0
    text = page.read_text("utf-8")
    assert "Mon 16 November 2026 to Sun 22 November 2026" in text
    assert 'href="2026' not in text
    assert INDEX_FILE not in text


def test_open_shows_the_page_in_the_browser(log: Path, home: Path, tmp_path: Path) -> None:
    """The browser is given a file address, and the page is there."""
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\nprintf %s "$1" > "$0.opened"\n')
    browser.chmod(0o700)
    outcome = posturecam("review", "2026-11-22", "--open", env={"BROWSER": f"{browser} %s"})

    assert outcome.returncode == 0, outcome.stderr
    page = home / "reviews" / "2026-11-22.html"
    assert (tmp_path / "browser.opened").read_text() == page.as_uri()
    assert page.is_file()


def test_weeks_are_told_as_a_table(log: Path) -> None:
    """A row a day under documented columns."""
    table = here("review", "2026-11-22", "--week", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["day"] for row in rows] == [f"2026-11-{day}" for day in range(16, 23)]
    assert {row["watched_s"] for row in rows[:6]} == {"0.0"}
    assert rows[6]["watched_s"] == "9900.0"


def test_reviews_and_pages_load_neither_numbers_nor_pictures(log: Path) -> None:
    """No numpy, camera or model for a text, nor for a page."""
    code = (
        "import sys; from posturecam.cli.app import run;"
        "assert run(['review', '2026-11-22', '--month']) == 0;"
        "assert run(['review', '2026-11-22', '--html']) == 0;"
        "print([m for m in ('cv2', 'mediapipe', 'numpy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=os.environ | {"TZ": "Europe/Berlin"},
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_day_of_the_rows_is_where_the_tests_think_it_is() -> None:
    """Nine in the morning in Berlin."""
    assert datetime.fromtimestamp(NINE_MS / 1000, BERLIN).isoformat() == "2026-11-22T09:00:00+01:00"
