"""A day in words: it reads well in any width, and says nothing that was not seen."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.events import AlertKind, BreakKind
from posturecam.log_rows import AlertRow, BreakRow, DayRows, IntervalRow, MoveRow, SessionRow
from posturecam.observation import Doubt, PostureState
from posturecam.render import (
    CSV_COLUMNS,
    NARROWEST,
    WIDEST,
    review_csv,
    review_json,
    review_rich,
    review_text,
)
from posturecam.review import DayReview, review_day

UPRIGHT, SLOUCHED, AWAY, UNKNOWN, PAUSED = PostureState
BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 22)
MINUTE = 60_000
NINE_MS = round(datetime(2026, 11, 22, 9, tzinfo=BERLIN).timestamp() * 1000)

STRETCHES = (
    (0, 40, UPRIGHT, ""),
    (40, 52, SLOUCHED, "upper back forward; head forward"),
    (52, 90, UPRIGHT, ""),
    (90, 91, UNKNOWN, Doubt.NOBODY.value),
    (91, 100, AWAY, Doubt.NOBODY.value),
    (100, 103, UNKNOWN, Doubt.FACE_AWAY.value),
    (103, 150, UPRIGHT, ""),
    (150, 153, SLOUCHED, "left shoulder lower"),
    (153, 165, UPRIGHT, ""),
)
ROWS = DayRows(
    sessions=(
        SessionRow(
            id=1,
            start_ms=NINE_MS,
            end_ms=NINE_MS + 165 * MINUTE,
            source="camera 0",
            profile="default",
            view=None,
            model_sha256="c0ffee",
            program_version="0.1.0",
            ended_by="interrupted",
        ),
    ),
    intervals=tuple(
        IntervalRow(
            session_id=1,
            start_ms=NINE_MS + start * MINUTE,
            end_ms=NINE_MS + end * MINUTE,
            state=state,
            reason=reason,
        )
        for start, end, state, reason in STRETCHES
    ),
    alerts=tuple(
        AlertRow(
            session_id=1,
            at_ms=NINE_MS + at * MINUTE,
            kind=kind,
            message="Same position for about 20 min. Stand up.",
            lasted_ms=20 * MINUTE,
        )
        for at, kind in (
            (43, AlertKind.SLOUCH),
            (120, AlertKind.UNCHANGED),
            (152, AlertKind.SLOUCH),
        )
    ),
    moves=tuple(
        MoveRow(session_id=1, at_ms=NINE_MS + at * MINUTE, unchanged_ms=0)
        for at in (10, 30, 52, 70, 153)
    ),
    breaks=(
        BreakRow(
            session_id=1, at_ms=NINE_MS + 100 * MINUTE, lasted_ms=10 * MINUTE, kind=BreakKind.BREAK
        ),
    ),
)

AT_60_COLUMNS = """\
Sunday 22 November 2026

Watched for 2 h 45 min between 09:00 and 11:45. Of the
2 h 32 min that could be judged, your posture was different
from your baseline for 10 %. You changed position about 2
times an hour.

  upright   ███████████████████████        2 h 17 min   83 %
  slouched  ▒▒▒                                15 min    9 %
  away      ··                                 10 min    6 %
  unknown   ?                                   3 min    2 %

Hour by hour; a full row is 60 minutes
  09:00  ███████████████████████▒▒▒▒▒▒   3 changes   1 alert
  10:00  ███████████████████████·····?    1 change
  11:00  ████████████████████▒▒           1 change  2 alerts
         █ upright  ▒ slouched  · away  ? unknown

Slouched: when, for how long, what was seen
  09:40 to 09:52      12 min  upper back forward, head
                              forward
  11:30 to 11:33       3 min  left shoulder lower

Longest without a change  50 min, 10:43 to 11:33
Changes of position       5
Breaks                    10 min until 10:40
Alerts                    slouch at 09:43, 11:32; unchanged
                          at 11:00"""


@pytest.fixture
def review() -> DayReview:
    """A morning with a bit of everything."""
    return review_day(ROWS, DAY, BERLIN)


def test_a_day_fits_one_narrow_screen(review: DayReview) -> None:
    """This is what a person sees; change it on purpose only."""
    assert review_text(review, 60) == AT_60_COLUMNS


@given(width=st.integers(0, 250))
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    """From 50 columns on everything fits, and very wide screens do not get very long lines."""
    text = review_text(review_day(ROWS, DAY, BERLIN), width)

    assert max(map(len, text.splitlines())) <= min(max(width, NARROWEST), WIDEST)


def test_colours_add_nothing_to_read(review: DayReview) -> None:
    """Without them the same words and glyphs are there."""
    lines = review_rich(review, 60).plain.splitlines()

    assert [line.rstrip() for line in lines] == AT_60_COLUMNS.splitlines()
    assert review_rich(review, 60).spans


def test_an_empty_day_says_how_to_begin() -> None:
    """One friendly sentence instead of a table of zeros."""
    text = review_text(review_day(DayRows(), DAY, BERLIN), 80)

    assert text == (
        "Sunday 22 November 2026\n\n"
        "Nothing was watched on this day. `posturecam watch` starts a watch; what it sees\n"
        "stays on this machine."
    )


def test_a_day_that_could_not_be_judged_says_so() -> None:
    """No share of nothing, and no rate."""
    rows = replace(ROWS, intervals=ROWS.intervals[3:6], moves=(), alerts=(), breaks=())
    text = review_text(review_day(rows, DAY, BERLIN), 80)

    assert "There was no time in which your\nposture could be judged." in text
    assert "Breaks                    none seen" in text
    assert "Alerts                    none" in text
    assert "Longest" not in text


def test_many_episodes_are_told_by_their_longest() -> None:
    """A restless day does not fill the screen."""
    intervals = tuple(
        IntervalRow(
            session_id=1,
            start_ms=NINE_MS + 5 * index * MINUTE,
            end_ms=NINE_MS + 5 * index * MINUTE + (index + 1) * 10_000,
            state=SLOUCHED,
            reason="head forward",
        )
        for index in range(20)
    )
    text = review_text(review_day(replace(ROWS, intervals=intervals), DAY, BERLIN), 80)

    shown = re.findall(r"^  (\d\d:\d\d) to ", text, re.MULTILINE)
    assert shown == ["10:00", "10:05", "10:10", "10:15", "10:20", "10:25", "10:30", "10:35"]
    assert "  and 12 shorter\n" in text


@pytest.mark.parametrize(
    ("changes", "words"), [(0, "less than once an"), (3, "once an"), (4, "2 times an")]
)
def test_the_rate_of_changes_is_said_in_words(changes: int, words: str) -> None:
    """Rounded, for it is an estimate."""
    rows = replace(ROWS, moves=ROWS.moves[:1] * changes)

    assert f"about {words} hour" in " ".join(review_text(review_day(rows, DAY, BERLIN), 60).split())


def test_little_is_not_nothing() -> None:
    """A state that was seen at all is never shown as 0 %."""
    moment = IntervalRow(
        session_id=1,
        start_ms=NINE_MS + 165 * MINUTE,
        end_ms=NINE_MS + 165 * MINUTE + 5000,
        state=UNKNOWN,
        reason="",
    )
    rows = replace(ROWS, intervals=(*ROWS.intervals[:3], moment))

    assert re.search(r"unknown +5 s +<1 %", review_text(review_day(rows, DAY, BERLIN), 80))


def test_no_word_blames_praises_or_diagnoses(review: DayReview) -> None:
    """The wording rules: no score, no good or bad posture, no cause, no target."""
    text = review_text(review, 100).lower()

    banned = (
        r"\b(bad|poor|wrong|good|perfect|correct|fix|score|damage|prevent|risk|because|great)\b"
    )
    assert not re.findall(banned, text)
    assert "different from your baseline" in text


def test_json_has_all_that_the_review_has(review: DayReview) -> None:
    """Stable keys, plain values, local times with their offset, seconds."""
    record = json.loads(json.dumps(review_json(review)))

    assert {key: value for key, value in record.items() if not isinstance(value, list)} == {
        "v": 1,
        "day": "2026-11-22",
        "watched_s": 9900.0,
        "upright_s": 8220.0,
        "slouched_s": 900.0,
        "away_s": 600.0,
        "unknown_s": 180.0,
        "longest_unchanged": {
            "start": "2026-11-22T10:43:00.000+01:00",
            "end": "2026-11-22T11:33:00.000+01:00",
            "known_s": 3000.0,
        },
        "position_changes": 5,
        "position_changes_per_hour": 1.97,
    }
    assert record["sessions"] == [
        {
            "start": "2026-11-22T09:00:00.000+01:00",
            "end": "2026-11-22T11:45:00.000+01:00",
            "source": "camera 0",
            "profile": "default",
            "ended_by": "interrupted",
        }
    ]
    assert record["hours"][1] == {
        "hour": "2026-11-22T10:00:00.000+01:00",
        "upright_s": 2820.0,
        "slouched_s": 0.0,
        "away_s": 600.0,
        "unknown_s": 180.0,
        "position_changes": 1,
        "alerts": 0,
    }
    assert record["episodes"][0] == {
        "start": "2026-11-22T09:40:00.000+01:00",
        "end": "2026-11-22T09:52:00.000+01:00",
        "slouched_s": 720.0,
        "reasons": ["upper back forward", "head forward"],
    }
    assert record["alerts"][1] == {
        "at": "2026-11-22T11:00:00.000+01:00",
        "kind": "unchanged",
        "message": "Same position for about 20 min. Stand up.",
        "lasted_s": 1200.0,
    }
    assert record["breaks"] == [{"end": "2026-11-22T10:40:00.000+01:00", "lasted_s": 600.0}]


def test_json_of_an_empty_day_has_the_same_keys(review: DayReview) -> None:
    """A script need not ask whether there was any watching."""
    empty = review_json(review_day(DayRows(), DAY, BERLIN))

    assert empty.keys() == review_json(review).keys()
    assert empty["longest_unchanged"] is None
    assert empty["position_changes_per_hour"] is None


def test_csv_has_a_row_an_hour_that_sums_to_the_day(review: DayReview) -> None:
    """The columns are documented; seconds per state, changes and alerts add up."""
    rows = list(csv.DictReader(io.StringIO(review_csv(review))))

    assert tuple(rows[0]) == CSV_COLUMNS
    assert [row["hour"][:13] for row in rows] == ["2026-11-22T09", "2026-11-22T10", "2026-11-22T11"]
    totals = {column: sum(float(row[column]) for row in rows) for column in CSV_COLUMNS[1:]}
    assert totals == {
        "upright_s": 8220,
        "slouched_s": 900,
        "away_s": 600,
        "unknown_s": 180,
        "position_changes": 5,
        "alerts": 3,
    }
