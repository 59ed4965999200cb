"""A day in words: it reads well in any width, and says nothing that was not seen."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.base.local_time import HOUR_MS, day_bounds_ms
from posturecam.review.data import CSV_COLUMNS, SPAN_CSV_COLUMNS, review_csv, review_json
from posturecam.review.day import DayReview, review_day
from posturecam.review.span_words import span_conclusion, span_headline
from posturecam.review.text import (
    MOST_EPISODES,
    NARROWEST,
    SCREEN_LINES,
    WIDEST,
    review_rich,
    review_text,
)
from posturecam.review.usual import DayTotals, SpanReview, review_span
from posturecam.review.words import (
    HELD,
    alerts_text,
    conclusion_text,
    day_facts,
    episode_text,
    from_to,
    headline,
    plain_duration,
)
from posturecam.values.events import AlertKind, Outcome
from posturecam.values.log_rows import DayRows, IntervalRow, MoveRow
from posturecam.values.observation import PostureState
from posturecam.values.totals import Totals
from tests.rows import (
    AUTUMN,
    BERLIN,
    DAY,
    MINUTE,
    NINE_MS,
    PIECES,
    ROWS,
    Piece,
    alert,
    interval,
    laid_out,
    session,
)

UPRIGHT, SLOUCHED, AWAY, UNKNOWN, PAUSED = PostureState

BEFORE = tuple(
    DayTotals(
        day=DAY - timedelta(days=ago),
        totals=Totals(
            upright_ms=5 * HOUR_MS,
            slouched_ms=(10 + ago % 5) * 5 * MINUTE,
            away_ms=HOUR_MS,
            moves=30 + ago,
            alerts=4,
            outcomes=4,
            changed_after_ms=(20_000, 60_000),
            breaks=2,
        ).within(0, 24 * HOUR_MS)
        if ago % 7 not in (1, 2)
        else Totals(unwatched_ms=24 * HOUR_MS),
    )
    for ago in range(28, 0, -1)
)
"""Four weeks of five days each."""

AT_80_COLUMNS = """\
Sunday 22 November 2026
Watched 2 h 45 min from 09:00 to 11:45, of which 2 h 32 min could be judged.

10 % of the judged time was slouched, different from your baseline: less than
usual for you. The longest time in one position was 50 min, from 10:43: getting
up at about 11:00 would cut it in two.

  5 min each  09          10          11
  mostly      ████████▒▒████████··?█████████▒██
  changes     3           1           1
  alerts              !               !     !
  █ upright  ▒ slouched  · away  ? unknown  ! alert

Slouched          10 % of the judged time; usual 15 to 18 %
Longest unchanged 50 min from 10:43 to 11:33
Breaks            1 full; usual 2
Usual: the middle half of your last 7 days.

More of the day: posturecam review --full, or --open for the browser."""

REST_AT_80_COLUMNS = """\
  upright   ████████████████████████████████████████           2 h 17 min   90 %
  slouched  ▒▒▒▒                                                   15 min   10 %
  away      ···                                                    10 min
  unknown   ?                                                       3 min
  not watched: 21 h 15 min of 24 h 00 min

Slouched          09:40 to 09:52, 12 min: upper back forward, head forward
                  11:30 to 11:33, 3 min: left shoulder lower
Position changes  5, about 2 an hour
Breaks            1 full, 1 guided; longest sitting 1 h 30 min
Alerts            2 slouch, 1 unchanged; a change after 2, half of them within
                  50 s
Hours             most like your baseline 10:00 (0 %), least 09:00 (20 %)
Last 7 days       slouched less than usual (15 to 18 %); fewer changes (6 an
                  hour)
Last 28 days      slouched less than usual (15 to 18 %); fewer changes (7 to 9
                  an hour)"""

WEEK_AT_80_COLUMNS = """\
Sun 15 November 2026 to Sat 21 November 2026
Watched 35 h 00 min on 5 of 7 days. Of 30 h 00 min judged, 17 % was slouched,
different from your baseline; you changed position about 6 times an hour.

                judged  slouched                       changes/h  breaks  alerts
Sun 15 Nov  6 h 00 min  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒     17 %          6       2       4
Mon 16 Nov  5 h 55 min  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒      15 %          6       2       4
Tue 17 Nov  5 h 50 min  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒        14 %          6       2       4
Wed 18 Nov  6 h 10 min  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒  19 %          6       2       4
Thu 19 Nov  6 h 05 min  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒   18 %          5       2       4
Fri 20 Nov           -
Sat 21 Nov           -

All the time      upright 25 h 00 min, slouched 5 h 00 min, away 5 h 00 min,
                  unknown 0 s, not watched 133 h 00 min
Alerts            20; a change after 10, half of them within 40 s
7 days before     17 % of the judged time was slouched, 7 changes an hour"""


@pytest.fixture
def review() -> DayReview:
    """A morning with a bit of everything."""
    return review_day(ROWS, DAY, BERLIN, before=BEFORE)


def test_a_day_fits_one_screen(review: DayReview) -> None:
    """This is what a person sees; change it on purpose only."""
    assert review_text(review, 80) == AT_80_COLUMNS


@pytest.mark.parametrize("many", [0, 1, 40])
def test_a_full_day_is_no_higher_than_a_screen(many: int) -> None:
    """Pauses, episodes, alerts, usual days: all of it together keeps to 24 lines of 80 columns."""
    end_ms = ROWS.intervals[-1].end_ms
    more = tuple(
        interval(
            end_ms + index * 10 * MINUTE,
            end_ms + (index + 1) * 10 * MINUTE,
            (SLOUCHED, UPRIGHT, PAUSED, UNKNOWN)[index % 4],
            "upper_back_forward; head_forward; left_shoulder_lower" if index % 4 == 0 else "",
        )
        for index in range(many)
    )
    alerts = tuple(alert(170 + index, AlertKind.SLOUCH, Outcome.LEFT, 90) for index in range(many))
    rows = replace(
        ROWS,
        sessions=(session(NINE_MS, end_ms + many * 10 * MINUTE),),
        intervals=(*ROWS.intervals, *more),
        alerts=(*ROWS.alerts, *alerts),
    )
    lines = review_text(review_day(rows, DAY, BERLIN, before=BEFORE), 80).splitlines()

    assert len(lines) <= SCREEN_LINES
    assert ("paused" in "\n".join(lines)) == (many == 40)


def test_a_narrow_screen_has_the_same_facts(review: DayReview) -> None:
    """At 60 columns lines fold; nothing is left out."""
    wide, narrow = (" ".join(review_text(review, width, full=True).split()) for width in (100, 60))

    for part in (
        "2 h 17 min",
        "11:30 to 11:33",
        "50 min from 10:43 to 11:33",
        "Last 28 days",
        "10:00 (0 %)",
    ):
        assert part in wide
        assert part in narrow


@pytest.mark.parametrize(("width", "piece"), [(50, "60 min"), (64, "30 min"), (100, "20 min")])
def test_a_whole_day_of_25_hours_fits_its_strip(width: int, piece: str) -> None:
    """The pieces grow with the day and shrink with the screen."""
    day = date(2026, 10, 25)
    start_ms, end_ms = day_bounds_ms(day, BERLIN)
    rows = DayRows(
        sessions=(session(start_ms, end_ms),), intervals=(interval(start_ms, end_ms, UPRIGHT),)
    )

    text = review_text(review_day(rows, day, BERLIN), width)
    assert f"  {piece} each" in text
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize(
    ("width", "an_hour", "labels", "changes"),
    [
        (100, 9, "00 01 02 03", "9  9  9  9"),
        (100, 12, "00 01 02 03", "12 12 12 12"),
        (80, 12, "00  02  04  06", "24  24  24  24"),
        (50, 12, "00 03 06 09", "36 36 36 36"),
        (50, 34, "00 03 06 09", None),
    ],
)
def test_changes_are_counted_from_label_to_label(
    width: int, an_hour: int, labels: str, changes: str | None
) -> None:
    """Of as many hours as one stands for; all of them or, where one has no room, none."""
    start_ms, end_ms = day_bounds_ms(DAY, BERLIN)
    rows = DayRows(
        sessions=(session(start_ms, end_ms),),
        intervals=(interval(start_ms, end_ms, UPRIGHT),),
        moves=tuple(
            MoveRow(session_id=1, at_ms=hour_ms + at * MINUTE, unchanged_ms=0)
            for hour_ms in range(start_ms, end_ms, HOUR_MS)
            for at in range(an_hour)
        ),
    )
    text = review_text(review_day(rows, DAY, BERLIN), width)
    assert f"min each {labels}" in text
    found = re.search(r"\n  changes     (.*)", text)
    assert (found and found[1][: len(changes or "")]) == changes


def test_a_minute_of_watching_is_seen() -> None:
    """The shorter the day, the finer its pieces."""
    rows = DayRows(
        sessions=(session(NINE_MS, NINE_MS + 2 * MINUTE),),
        intervals=(
            interval(NINE_MS, NINE_MS + MINUTE, UPRIGHT),
            interval(NINE_MS + MINUTE, NINE_MS + 2 * MINUTE, SLOUCHED),
        ),
    )
    text = review_text(review_day(rows, DAY, BERLIN), 80)

    assert "  1 min each  09\n  mostly      █▒\n" in text


def test_a_piece_that_was_mostly_not_watched_is_empty() -> None:
    """A minute of watching does not stand for five."""
    rows = replace(
        ROWS,
        intervals=(
            interval(NINE_MS, NINE_MS + 2 * MINUTE, UPRIGHT),
            interval(NINE_MS + 7 * MINUTE, NINE_MS + 10 * MINUTE, SLOUCHED),
            interval(NINE_MS + 120 * MINUTE, NINE_MS + 125 * MINUTE, UPRIGHT),
        ),
        alerts=(),
        moves=(),
    )
    assert f"\n  mostly       ▒{' ' * 22}█\n" in review_text(review_day(rows, DAY, BERLIN), 80)


def test_pauses_are_told_only_where_there_were_any(review: DayReview) -> None:
    """Time in which the camera was released on purpose is neither watched nor unknown."""
    paused = replace(ROWS.intervals[3], state=PAUSED)
    rows = replace(ROWS, intervals=(*ROWS.intervals[:3], paused, *ROWS.intervals[4:]))
    text = review_text(review_day(rows, DAY, BERLIN), 80, full=True)

    assert re.search(r"paused +-? +1 min\n", text)
    assert "Watched 2 h 44 min" in text
    assert "paused" not in review_text(review, 80, full=True)


@given(width=st.integers(0, 250))
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    """From 50 columns on everything fits, and very wide screens do not get very long lines."""
    text = review_text(review_day(ROWS, DAY, BERLIN), width, full=True)

    assert max(map(len, text.splitlines())) <= min(max(width, NARROWEST), WIDEST)


def test_the_rest_of_the_day_stands_below_when_asked_for(review: DayReview) -> None:
    """This is what a person sees of it; change it on purpose only."""
    text = review_text(review, 80, full=True)

    short = AT_80_COLUMNS[: AT_80_COLUMNS.index("More of the day")]
    assert text == short + REST_AT_80_COLUMNS


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 s"),
        (45_000, "45 s"),
        (59_499, "59 s"),
        (59_500, "1 min"),
        (90_001, "2 min"),
        (42 * MINUTE, "42 min"),
        (80 * MINUTE, "1 h 20 min"),
    ],
)
def test_durations_read_alike(ms: int, text: str) -> None:
    """In minutes from the first one on."""
    assert plain_duration(ms) == text


def test_colours_add_nothing_to_read(review: DayReview) -> None:
    """Without them the same words and glyphs are there."""
    lines = review_rich(review, 80).plain.splitlines()

    assert [line.rstrip() for line in lines] == AT_80_COLUMNS.splitlines()
    assert review_rich(review, 60).spans


def test_the_key_shows_the_signs_as_the_strip_does(review: DayReview) -> None:
    """A sign in another colour than in the strip would have to be looked up."""
    shown = review_rich(review, 80)
    key = shown.plain.index("█ upright")
    styles = {span.start: str(span.style) for span in shown.spans}

    assert styles[key] == "color(32)"
    assert styles[shown.plain.index("▒ slouched")] == "color(166)"


def test_sixteen_colours_are_those_seen_on_white_and_on_black(review: DayReview) -> None:
    """No cyan and no yellow, which is what a terminal makes of the others."""
    with_many, with_few = (
        {str(span.style) for span in review_rich(review, 80, full=True, few_colours=few).spans}
        for few in (False, True)
    )
    assert {"color(32)", "color(166)"} <= with_many
    assert with_few == {"bold", "dim", "magenta"}


def test_an_empty_day_says_how_to_begin() -> None:
    """One friendly sentence instead of a table of zeros."""
    text = review_text(review_day(DayRows(), DAY, BERLIN), 80)

    assert text == (
        "Sunday 22 November 2026\n\n"
        "Nothing was watched on this day. To begin: posturecam watch. What it sees stays\n"
        "on this machine."
    )


def test_a_day_that_has_not_begun_says_so() -> None:
    """Nobody is told to begin what cannot have been watched; it begins with its first moment."""
    begins_ms = day_bounds_ms(DAY, BERLIN)[0]
    to_come = review_day(DayRows(), DAY, BERLIN, until_ms=begins_ms - 1)
    today = review_day(DayRows(), DAY, BERLIN, until_ms=begins_ms)

    assert review_text(to_come, 80).endswith("\n\nThis day has not come yet.")
    assert "Nothing was watched on this day." in review_text(today, 80)
    assert review_json(to_come) == review_json(today)


def test_days_that_have_not_begun_say_so(week: SpanReview) -> None:
    """Unless one of them has."""
    empty = replace(week, total=Totals())
    to_come = replace(empty, to_come=True)

    assert review_text(to_come, 80).endswith("\n\nThese days have not come yet.")
    assert span_conclusion(to_come) == "These days have not come yet."
    assert review_json(to_come) == review_json(empty)


def test_a_day_that_could_not_be_judged_says_so() -> None:
    """No share of nothing, and no rate."""
    rows = replace(
        ROWS, intervals=ROWS.intervals[3:6], moves=(), alerts=(), breaks=(), exercises=()
    )
    text = review_text(review_day(rows, DAY, BERLIN), 80, full=True)

    assert "your posture could not be judged in it." in " ".join(text.split())
    assert "Breaks            none seen" in text
    assert "Alerts            none" in text
    assert "Longest unchanged unknown\n" in text
    assert "Too little for a conclusion: nothing was judged" in text
    assert "\n  changes" not in text


def test_a_day_that_was_only_paused_says_so() -> None:
    """On every page; of several such days, too."""
    begin_ms, end_ms = NINE_MS + 60 * MINUTE, NINE_MS + 150 * MINUTE
    rows = DayRows(
        sessions=(session(begin_ms, end_ms),), intervals=(interval(begin_ms, end_ms, PAUSED),)
    )
    review = review_day(rows, DAY, BERLIN)
    said = "Paused for 1 h 30 min from 10:00 to 11:30; nothing was watched."

    assert headline(review).replace(HELD, " ") == said
    assert said in review_text(review, 100)
    days = review_span([DayTotals(day=DAY, totals=review.totals)], [])
    of_days = "Paused for 1 h 30 min on these days; nothing was watched."
    assert of_days in review_text(days, 80)
    assert span_conclusion(days).replace(HELD, " ") == of_days


def test_what_was_watched_is_bounded_by_no_pause() -> None:
    """One before it, and one after."""
    edges_ms = [NINE_MS + at * MINUTE for at in (-60, 0, 70, 100)]
    rows = DayRows(
        sessions=(session(edges_ms[0], edges_ms[-1]),),
        intervals=tuple(
            interval(start_ms, end_ms, state)
            for (start_ms, end_ms), state in zip(
                pairwise(edges_ms), (PAUSED, UPRIGHT, PAUSED), strict=True
            )
        ),
    )

    assert headline(review_day(rows, DAY, BERLIN)).replace(HELD, " ") == (
        "Watched 1 h 10 min from 09:00 to 10:10, of which 1 h 10 min could be judged."
    )


def test_one_change_after_an_alert_has_no_half() -> None:
    """It came within so long."""
    one = Totals(alerts=1, outcomes=1, changed_after_ms=(40_000,))
    assert alerts_text("1 slouch", one).replace(HELD, " ") == (
        "1 slouch; a change after 1, within 40 s"
    )


def test_many_episodes_are_told_by_their_longest() -> None:
    """A restless day does not fill the screen; those shown stand in the order of the day."""
    intervals = tuple(
        interval(
            NINE_MS + 5 * index * MINUTE,
            NINE_MS + 5 * index * MINUTE + (index + 1) * 10_000,
            SLOUCHED,
            "head_forward",
        )
        for index in range(20)
    )
    rows = replace(ROWS, intervals=intervals)
    text = review_text(review_day(rows, DAY, BERLIN), 80, full=True)

    shown = re.findall(r"(\d\d:\d\d) to \d\d:\d\d, \d", text)
    assert shown == [f"10:{minute:02}" for minute in range(0, 40, 5)]
    assert f"and {20 - MOST_EPISODES} shorter episodes\n" in text


@pytest.mark.parametrize(
    ("changes", "words"), [(0, "less than once an"), (3, "about once an"), (4, "about 2 times an")]
)
def test_the_rate_of_changes_is_said_in_words(changes: int, words: str) -> None:
    """Rounded, for it is an estimate."""
    totals = review_day(replace(ROWS, moves=ROWS.moves[:1] * changes), DAY, BERLIN).totals
    text = span_headline(review_span([DayTotals(day=DAY, totals=totals)], []))
    assert f"changed position {words} hour" in text


def test_days_without_a_judgement_or_a_rate_say_what_there_is() -> None:
    """Nothing is made up of too little."""

    def said(totals: Totals) -> str:
        review = review_span([DayTotals(day=DAY, totals=totals)], [])
        return span_headline(review).replace(HELD, " ")

    assert said(Totals(away_ms=MINUTE)).endswith("no time in which your posture could be judged.")
    still = replace(Totals(), upright_ms=3 * MINUTE, slouched_ms=MINUTE)
    assert still.moves_per_hour is None
    assert said(still).endswith("4 min judged, 25 % was slouched, different from your baseline.")


def test_a_day_begins_with_what_was_seen_of_it() -> None:
    """Not with a session that began in 1972, by a clock that was put right in it."""
    rows = replace(ROWS, sessions=(session(63_072_000_000, NINE_MS + 165 * MINUTE),))
    text = " ".join(review_text(review_day(rows, DAY, BERLIN), 80).split())
    assert "from 09:00 to 11:45" in text


def test_little_is_not_nothing() -> None:
    """A state that was seen at all is never shown as 0 %."""
    moment = IntervalRow(
        session_id=1,
        start_ms=NINE_MS + 165 * MINUTE,
        end_ms=NINE_MS + 165 * MINUTE + 5000,
        state=SLOUCHED,
        reason="",
    )
    rows = replace(ROWS, intervals=(ROWS.intervals[0], ROWS.intervals[2], moment))

    assert re.search(
        r"slouched +▒* +5 s +<1 %", review_text(review_day(rows, DAY, BERLIN), 80, full=True)
    )


def test_no_word_blames_praises_or_diagnoses(review: DayReview) -> None:
    """The wording rules: no score, no good or bad posture, no cause, no target."""
    text = review_text(review, 100, full=True).lower()

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
        "wall_s": 86400.0,
        "watched_s": 9900.0,
        "unwatched_s": 76500.0,
        "upright_s": 8220.0,
        "slouched_s": 900.0,
        "away_s": 600.0,
        "unknown_s": 180.0,
        "paused_s": 0.0,
        "in_a_call_s": 0.0,
        "locked_s": 0.0,
        "sitting_s": None,
        "standing_s": None,
        "longest_unchanged": {
            "start": "2026-11-22T10:43:00.000+01:00",
            "end": "2026-11-22T11:33:00.000+01:00",
            "known_s": 3000.0,
        },
        "position_changes": 5,
        "position_changes_per_hour": 1.97,
        "alerts_followed_by_a_change": 2,
        "median_time_to_change_s": 50.0,
        "longest_sitting_s": 5400.0,
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
        "paused_s": 0.0,
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
        "outcome": "ignored",
        "outcome_after_s": 300.0,
    }
    assert record["breaks"] == [
        {"end": "2026-11-22T10:40:00.000+01:00", "lasted_s": 600.0, "kind": "break"}
    ]
    assert record["exercises"] == [{"end": "2026-11-22T10:00:00.000+01:00", "lasted_s": 60.0}]
    assert record["hours_most_and_least_like_baseline"] == [
        "2026-11-22T10:00:00.000+01:00",
        "2026-11-22T09:00:00.000+01:00",
    ]
    assert [usual["days"] for usual in record["usual"]] == [7, 28]
    assert record["usual"][0] == {
        "days": 7,
        "counted": 5,
        "needed": 3,
        "slouched_share": {"low": 0.1549, "median": 0.1667, "high": 0.1781},
        "position_changes_per_hour": {"low": 5.51, "median": 6.0, "high": 6.08},
    }


def test_json_of_an_empty_day_has_the_same_keys(review: DayReview) -> None:
    """A script need not ask whether there was any watching."""
    empty = review_json(review_day(DayRows(), DAY, BERLIN))

    assert empty.keys() == review_json(review).keys()
    assert empty["longest_unchanged"] is None
    assert empty["position_changes_per_hour"] is None
    assert empty["median_time_to_change_s"] is None
    assert empty["hours_most_and_least_like_baseline"] is None


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
        "paused_s": 0,
        "position_changes": 5,
        "alerts": 3,
    }


# Compared


@pytest.mark.parametrize(
    ("outcome", "words"),
    [(None, "1 slouch"), (Outcome.IGNORED, "1 slouch; a change after none")],
)
def test_what_is_not_known_to_have_followed_is_not_told(
    outcome: Outcome | None, words: str
) -> None:
    """An old log has no outcomes; that is not the same as none."""
    rows = replace(ROWS, alerts=(alert(43, AlertKind.SLOUCH, outcome),))

    assert f"Alerts            {words}\n" in review_text(
        review_day(rows, DAY, BERLIN), 80, full=True
    )


def test_too_few_days_are_not_called_usual() -> None:
    """How many there were, and how many it takes."""
    text = review_text(
        review_day(ROWS, DAY, BERLIN, before=BEFORE[:1] * 2 + BEFORE[-2:] * 13), 80, full=True
    )

    assert "Last 7 days       too little to compare: 0 days with an hour judged, 3 needed" in text
    assert "Last 28 days      too little to compare: 2 days with an hour judged, 10 needed" in text


def test_a_short_day_is_not_compared() -> None:
    """Less than an hour judged tells nothing about a day."""
    rows = replace(ROWS, intervals=ROWS.intervals[:1])
    text = review_text(review_day(rows, DAY, BERLIN, before=BEFORE), 80, full=True)

    assert "less than an hour was judged on this day" in text


@pytest.mark.parametrize(
    ("slouched_min", "moves", "words"),
    [
        (10, 10, "slouched less than usual (15 to 18 %); fewer changes (6 an hour)"),
        (50, 17, "slouched about as usual (15 to 18 %); changes as usual (6 an hour)"),
        (50, 19, "slouched about as usual (15 to 18 %); changes as usual (6 an hour)"),
        (120, 40, "slouched more than usual (15 to 18 %); more changes (6 an hour)"),
    ],
)
def test_a_day_is_placed_among_the_last(slouched_min: int, moves: int, words: str) -> None:
    """Less, as usual, more: no word of better or worse."""
    rows = DayRows(
        sessions=(session(NINE_MS, NINE_MS + 180 * MINUTE),),
        intervals=(
            interval(NINE_MS, NINE_MS + slouched_min * MINUTE * 3 // 5, SLOUCHED),
            interval(NINE_MS + slouched_min * MINUTE * 3 // 5, NINE_MS + 180 * MINUTE, UPRIGHT),
        ),
        moves=ROWS.moves[:1] * moves,
    )
    facts = dict(day_facts(review_day(rows, DAY, BERLIN, before=BEFORE)))
    assert facts["Last 7 days"].replace(HELD, " ") == words


# Several days


@pytest.fixture
def week() -> SpanReview:
    """Seven days and the seven before them."""
    return review_span(BEFORE[-7:], BEFORE[-14:-7])


def test_several_days_are_a_line_each(week: SpanReview) -> None:
    """This is what a person sees; change it on purpose only."""
    assert review_text(week, 80) == WEEK_AT_80_COLUMNS


@given(width=st.integers(0, 250), days=st.integers(1, 14))
def test_no_line_of_several_days_is_wider_than_the_screen(width: int, days: int) -> None:
    """From 50 columns on everything fits; in colour the same words are there."""
    found = review_span(BEFORE[-days:], BEFORE[-2 * days : -days])
    text = review_text(found, width)

    assert max(map(len, text.splitlines())) <= min(max(width, NARROWEST), WIDEST)
    coloured = review_rich(found, width).plain.splitlines()
    assert [line.rstrip() for line in coloured] == text.splitlines()


def test_two_weeks_show_how_it_went_week_by_week() -> None:
    """Full weeks only, the newest last; one with too few days has no figure."""
    text = review_text(review_span((*BEFORE[-2:] * 7, *BEFORE[-7:], *BEFORE[:7]), BEFORE[:28]), 80)

    assert "Week by week      slouched -, -, 17 %, 17 %\n" in text


def test_the_journal_stands_below_the_days(week: SpanReview) -> None:
    """Where there is one."""
    text = review_text(replace(week, journal="On the same days: 3."), 80)

    assert text.endswith("\nPain journal      On the same days: 3.")
    assert "Pain journal" not in review_text(week, 80)


def test_days_without_watching_say_so() -> None:
    """One sentence."""
    empty = review_span(BEFORE[-2:], BEFORE[-2:])

    assert review_text(empty, 80).endswith("\n\nNothing was watched on these days.")


def test_too_few_days_before_are_not_compared(week: SpanReview) -> None:
    """A week next to a weekend is no trend."""
    text = review_text(replace(week, counted_before=1), 80)

    assert "an hour judged are 1 before and 5 here" in " ".join(text.split())


def test_json_of_several_days_has_days_and_totals(week: SpanReview) -> None:
    """Stable keys; a day without watching has no share."""
    record = json.loads(json.dumps(review_json(week)))

    assert list(record) == [
        "v",
        "since",
        "until",
        "days",
        "total",
        "days_counted",
        "before",
        "days_counted_before",
        "comparable",
    ]
    assert (record["since"], record["until"]) == ("2026-11-15", "2026-11-21")
    assert set(SPAN_CSV_COLUMNS) < record["days"][0].keys()
    assert record["total"].keys() == record["days"][0].keys() - {"day"}
    assert record["days"][-1]["slouched_share"] is None
    assert record["days"][0]["position_changes_per_hour"] == 6.17
    assert record["total"]["median_time_to_change_s"] == 40
    for day in record["days"]:
        parts = ("upright", "slouched", "away", "unknown", "paused", "unwatched")
        assert sum(day[f"{part}_s"] for part in parts) == day["wall_s"] == 86400


def test_csv_of_several_days_has_a_row_a_day(week: SpanReview) -> None:
    """The same figures as the JSON."""
    rows = list(csv.DictReader(io.StringIO(review_csv(week))))

    assert tuple(rows[0]) == SPAN_CSV_COLUMNS
    assert [row["day"] for row in rows] == [f"2026-11-{day}" for day in range(15, 22)]
    assert sum(float(row["slouched_s"]) for row in rows) == week.total.slouched_ms / 1000


BAD_PHRASES = (
    r"about (less|more|no)\b",
    r"(\d\d:\d\d(:\d\d)?) to \1\b(?!:)",
    r"\b1 (times|days|episodes|alerts)\b",
    r"\S  +\S.*[.]",
)


@given(
    pieces=PIECES,
    day=st.sampled_from([DAY, AUTUMN]),
    begin_ms=st.integers(0, 24 * HOUR_MS),
    moves=st.integers(0, 12),
)
def test_no_sentence_is_put_together_wrongly(
    pieces: list[Piece], day: date, begin_ms: int, moves: int
) -> None:
    """Whatever the day was like, and however short what is told of it."""
    intervals = laid_out(pieces, day_bounds_ms(day, BERLIN)[0] + begin_ms)
    rows = DayRows(
        intervals=tuple(intervals),
        moves=tuple(
            MoveRow(session_id=row.session_id, at_ms=row.start_ms, unchanged_ms=0)
            for row in intervals[:moves]
        ),
    )
    found = review_day(rows, day, BERLIN)
    told = [
        headline(found),
        conclusion_text(found),
        *(episode_text(found, episode) for episode in found.episodes),
    ]
    if longest := found.longest_unchanged:
        told.append(from_to(found, longest.start_ms, longest.end_ms))
    for text in told:
        assert [bad for bad in BAD_PHRASES if re.search(bad, text)] == [], text


def test_how_much_of_the_pauses_was_a_call_or_a_locked_screen_stands_with_them() -> None:
    """Where the camera was let go of for it; nothing is said of it without one."""
    call_ms, end_ms = NINE_MS + 60 * MINUTE, NINE_MS + 105 * MINUTE
    watched = interval(NINE_MS, call_ms, UPRIGHT)
    for reason, said in (("in_a_call", "in a call"), ("locked", "screen locked"), ("paused", "")):
        rows = replace(
            ROWS, intervals=(watched, interval(call_ms, end_ms, PAUSED, reason)), alerts=()
        )
        review = review_day(rows, DAY, BERLIN)
        assert review.in_a_call_ms == (end_ms - call_ms if reason == "in_a_call" else 0)
        assert review.locked_ms == (end_ms - call_ms if reason == "locked" else 0)
        short, long = (review_text(review, 80, full=full) for full in (False, True))
        pauses = f"{said} 45 min"
        assert (f"of the pauses: {pauses}" in long) is bool(said)
        assert (f"({pauses})" in " ".join(short.replace(HELD, " ").split())) is bool(said)
