"""One local day from its rows: everything adds up, also at midnight and when the clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.base.local_time import HOUR_MS, day_bounds_ms
from posturecam.review.data import review_json
from posturecam.review.day import DayReview, review_day
from posturecam.review.stretches import Episode, Sitting, UnchangedStretch
from posturecam.review.usual import (
    DAY_NEEDS_MS,
    DAYS_NEEDED,
    HOUR_NEEDS_MS,
    DayTotals,
    Spread,
    review_span,
    spread,
    total,
    usual,
    week_hours,
)
from posturecam.review.words import HELD, day_facts, figure_texts, from_to, outcome_text
from posturecam.values.events import AlertKind, BreakKind, Outcome
from posturecam.values.log_rows import AlertRow, BreakRow, DayRows, MoveRow, SessionRow
from posturecam.values.observation import PostureState, Stance, UnknownReason
from posturecam.values.settings import PolicySettings
from posturecam.values.totals import RATE_NEEDS_MS, Totals
from tests import rows as rows_of_a_day
from tests.rows import (
    AUTUMN,
    BERLIN,
    DAY,
    MINUTE,
    PIECES,
    ROWS,
    SPRING,
    Piece,
    alert,
    interval,
    laid_out,
)

UPRIGHT, SLOUCHED, AWAY, UNKNOWN, PAUSED = PostureState
SECOND = 1000
RESET_MS = round(1000 * PolicySettings().slouch_reset_s)
FORGET_MS = round(1000 * PolicySettings().forget_after_s)
BREAK_MS = round(1000 * PolicySettings().break_length_s)
MICRO_MS = round(1000 * PolicySettings().micro_break_s)
NINE_MS = round(datetime(2026, 11, 22, 9, tzinfo=UTC).timestamp() * 1000)


def in_turn(*parts: tuple[PostureState, int, str] | tuple[PostureState, int]) -> DayRows:
    """Intervals of one session from nine o'clock on, each directly after the one before."""
    edges = accumulate((part[1] for part in parts), initial=NINE_MS)
    return DayRows(
        intervals=tuple(
            interval(*edge, part[0], *part[2:])
            for edge, part in zip(pairwise(edges), parts, strict=True)
        )
    )


def moves(*at_ms: int) -> tuple[MoveRow, ...]:
    """Kept changes of position at these times after nine."""
    return tuple(MoveRow(session_id=1, at_ms=NINE_MS + at, unchanged_ms=0) for at in at_ms)


def review(rows: DayRows) -> DayReview:
    """The review of `DAY` in UTC."""
    return review_day(rows, DAY, UTC)


def with_moves(rows: DayRows, *at_ms: int) -> DayRows:
    """The same intervals, with changes of position in them."""
    return DayRows(intervals=rows.intervals, moves=moves(*at_ms))


# Days


@pytest.mark.parametrize(
    ("day", "tz", "hours"),
    [
        (DAY, BERLIN, 24),
        (SPRING, BERLIN, 23),
        (AUTUMN, BERLIN, 25),
        (date(2028, 2, 29), BERLIN, 24),  # leap day
        (date(2026, 4, 5), ZoneInfo("Australia/Lord_Howe"), 24.5),  # half an hour back
        (date(2018, 11, 4), ZoneInfo("America/Sao_Paulo"), 23),  # there was no midnight
        (date(2025, 11, 2), ZoneInfo("America/Havana"), 25),  # there were two
    ],
)
def test_a_local_day_runs_from_midnight_to_midnight(day: date, tz: ZoneInfo, hours: float) -> None:
    """A day is as long as it really was, and the next one begins where it ends."""
    start_ms, end_ms = day_bounds_ms(day, tz)

    assert end_ms - start_ms == hours * HOUR_MS
    assert day_bounds_ms(day + timedelta(days=1), tz)[0] == end_ms


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (SPRING, ["00+01", "01+01", "03+02", "04+02"]),
        (AUTUMN, ["00+02", "01+02", "02+02", "02+01", "03+01"]),
    ],
)
def test_the_hour_that_the_clocks_skip_or_repeat_is_in_its_place(
    day: date, hours: list[str]
) -> None:
    """The strip follows the clock on the wall: no 2 o'clock in spring, two of them in autumn."""
    start_ms, _ = day_bounds_ms(day, BERLIN)
    rows = DayRows(intervals=(interval(start_ms, start_ms + len(hours) * HOUR_MS, UPRIGHT),))

    found = review_day(rows, day, BERLIN)
    assert [f"{found.local(hour.start_ms):%H%z}"[:5] for hour in found.hours] == hours
    assert [hour.totals.upright_ms for hour in found.hours] == [HOUR_MS] * len(hours)


def test_hours_are_those_on_the_wall_where_zones_differ_by_half_of_one() -> None:
    """At UTC+5:30 an hour begins at half past in UTC."""
    india = ZoneInfo("Asia/Kolkata")
    rows = DayRows(intervals=(interval(NINE_MS, NINE_MS + HOUR_MS, SLOUCHED),))

    found = review_day(rows, DAY, india)
    assert [(found.local(hour.start_ms).hour, hour.totals.slouched_ms) for hour in found.hours] == [
        (14, 30 * MINUTE),
        (15, 30 * MINUTE),
    ]


def test_an_episode_over_midnight_belongs_to_both_days_in_part() -> None:
    """Each day has the part on its side; together they have all of it, and the session too."""
    midnight_ms = day_bounds_ms(DAY, BERLIN)[1]
    start_ms, end_ms = midnight_ms - 7 * MINUTE, midnight_ms + 4 * MINUTE
    rows = DayRows(
        sessions=(session(start_ms, end_ms),),
        intervals=(interval(start_ms, end_ms, SLOUCHED, "head_forward"),),
    )

    before = review_day(rows, DAY, BERLIN)
    after = review_day(rows, DAY + timedelta(days=1), BERLIN)
    assert [(e.start_ms, e.end_ms) for e in before.episodes] == [(start_ms, midnight_ms)]
    assert [(e.start_ms, e.end_ms) for e in after.episodes] == [(midnight_ms, end_ms)]
    assert [(s.start_ms, s.end_ms) for s in before.sessions] == [(start_ms, midnight_ms)]
    assert [(s.start_ms, s.end_ms) for s in after.sessions] == [(midnight_ms, end_ms)]
    assert before.totals.slouched_ms + after.totals.slouched_ms == 11 * MINUTE


def session(start_ms: int, end_ms: int) -> SessionRow:
    """A run of `watch`."""
    return SessionRow(
        id=1,
        start_ms=start_ms,
        end_ms=end_ms,
        source="camera 0",
        profile="default",
        view=None,
        model_sha256="c0ffee",
        program_version="0.1.0",
        ended_by=None,
    )


def test_what_happens_at_midnight_happens_on_the_new_day() -> None:
    """An event belongs to one day only, whichever rows were read."""
    midnight_ms = day_bounds_ms(DAY, UTC)[1]
    times = (midnight_ms - 1, midnight_ms)
    rows = DayRows(
        moves=tuple(MoveRow(session_id=1, at_ms=at_ms, unchanged_ms=0) for at_ms in times),
        breaks=tuple(
            BreakRow(session_id=1, at_ms=at_ms, lasted_ms=0, kind=BreakKind.BREAK)
            for at_ms in times
        ),
        alerts=tuple(
            AlertRow(session_id=1, at_ms=at_ms, kind=AlertKind.BREAK, message="", lasted_ms=0)
            for at_ms in times
        ),
    )

    for day, at_ms in ((DAY, midnight_ms - 1), (DAY + timedelta(days=1), midnight_ms)):
        found = review_day(rows, day, UTC)
        assert found.totals.moves == 1
        assert [row.at_ms for row in found.alerts] == [at_ms]
        assert [row.at_ms for row in found.breaks] == [at_ms]
        assert [(hour.totals.moves, hour.totals.alerts) for hour in found.hours] == [(1, 1)]


# How the time was spent


def test_the_minute_before_an_absence_is_part_of_it() -> None:
    """Away is certain after a minute, but began when nobody was seen any more."""
    nobody = UnknownReason.NOBODY.value
    found = review(in_turn((UPRIGHT, MINUTE), (UNKNOWN, MINUTE, nobody), (AWAY, 5 * MINUTE)))

    assert (found.totals.away_ms, found.totals.unknown_ms) == (6 * MINUTE, 0)


@pytest.mark.parametrize(
    "parts",
    [
        ((UNKNOWN, MINUTE, UnknownReason.TOO_DARK.value), (AWAY, MINUTE)),
        ((UNKNOWN, MINUTE, UnknownReason.NOBODY.value), (UPRIGHT, MINUTE)),
        ((UNKNOWN, MINUTE, UnknownReason.NOBODY.value), (UPRIGHT, MINUTE), (AWAY, MINUTE)),
    ],
)
def test_other_unknown_time_stays_unknown(
    parts: tuple[tuple[PostureState, int, str] | tuple[PostureState, int], ...],
) -> None:
    """Only nobody in view, and only directly before an absence, is absence."""
    assert review(in_turn(*parts)).totals.unknown_ms == MINUTE


def test_an_absence_after_a_hole_explains_nothing() -> None:
    """Who was there between the last that was seen and the absence, nobody knows."""
    nobody = interval(NINE_MS, NINE_MS + MINUTE, UNKNOWN, UnknownReason.NOBODY.value)
    later = interval(NINE_MS + 2 * MINUTE, NINE_MS + 5 * MINUTE, AWAY, UnknownReason.NOBODY.value)
    split = review(DayRows(intervals=(nobody, later))).totals

    assert (split.unknown_ms, split.away_ms) == (MINUTE, 3 * MINUTE)


def test_an_absence_of_another_session_explains_nothing() -> None:
    """What a watch does not know, the next one does not know for it."""
    rows = DayRows(
        intervals=(
            interval(NINE_MS, NINE_MS + MINUTE, UNKNOWN, UnknownReason.NOBODY.value, session_id=1),
            interval(NINE_MS + MINUTE, NINE_MS + 2 * MINUTE, AWAY, session_id=2),
        )
    )
    assert review(rows).totals.unknown_ms == MINUTE


HOURS_IN_ANY_ZONE = st.sampled_from(
    [UTC, BERLIN, ZoneInfo("Australia/Lord_Howe"), timezone(timedelta(hours=-9, minutes=-30))]
)


@given(
    pieces=PIECES,
    day=st.sampled_from([DAY, SPRING, AUTUMN]),
    tz=HOURS_IN_ANY_ZONE,
    begin_ms=st.integers(-6 * HOUR_MS, 20 * HOUR_MS),
)
def test_any_sequence_of_states_and_holes_adds_up(
    pieces: list[Piece],
    day: date,
    tz: tzinfo,
    begin_ms: int,
) -> None:
    """Parts, hours, episodes: each accounts for every watched millisecond of the day, once."""
    start_ms, end_ms = day_bounds_ms(day, tz)
    rows = laid_out(pieces, start_ms + begin_ms)
    inside_ms = {
        state: sum(
            max(0, min(row.end_ms, end_ms) - max(row.start_ms, start_ms))
            for row in rows
            if row.state is state
        )
        for state in PostureState
    }

    found = review_day(DayRows(intervals=tuple(rows)), day, tz)
    split = found.totals
    assert found.totals.wall_ms == end_ms - start_ms
    assert found.totals.unwatched_ms == found.totals.wall_ms - sum(inside_ms.values())
    assert split.watched_ms + split.paused_ms == sum(inside_ms.values())
    assert (split.upright_ms, split.slouched_ms) == (inside_ms[UPRIGHT], inside_ms[SLOUCHED])
    assert split.away_ms >= inside_ms[AWAY]
    for part in ("upright_ms", "slouched_ms", "away_ms", "unknown_ms", "paused_ms"):
        assert sum(getattr(hour.totals, part) for hour in found.hours) == getattr(split, part)
    whole_ms = [hour.totals.watched_ms + hour.totals.paused_ms for hour in found.hours]
    assert all(0 < hour_ms <= HOUR_MS for hour_ms in whole_ms)
    assert sum(episode.slouched_ms for episode in found.episodes) == split.slouched_ms
    assert (found.longest_unchanged is None) == (split.judged_ms == 0)
    if found.longest_unchanged is not None:
        assert 0 < found.longest_unchanged.known_ms <= split.judged_ms


@given(
    pieces=st.lists(
        st.tuples(
            st.sampled_from(PostureState), st.integers(0, 20 * HOUR_MS), st.integers(1, HOUR_MS)
        ),
        max_size=20,
    ),
    until_ms=st.none() | st.integers(-HOUR_MS, 26 * HOUR_MS),
)
def test_overlapping_rows_never_make_more_than_a_day(
    pieces: list[tuple[PostureState, int, int]], until_ms: int | None
) -> None:
    """However a log came about, all parts and the time not watched are the time on the wall."""
    start_ms, end_ms = day_bounds_ms(DAY, UTC)
    rows = DayRows(
        intervals=tuple(
            interval(start_ms + at_ms, start_ms + at_ms + length_ms, state)
            for state, at_ms, length_ms in sorted(pieces, key=lambda piece: piece[1])
        )
    )
    now_ms = None if until_ms is None else start_ms + until_ms
    found = review_day(rows, DAY, UTC, until_ms=now_ms)

    covered = sorted({edge for row in rows.intervals for edge in (row.start_ms, row.end_ms)})
    union_ms = sum(
        right - left
        for left, right in pairwise(covered)
        if any(row.start_ms <= left and right <= row.end_ms for row in rows.intervals)
    )
    assert found.totals.watched_ms + found.totals.paused_ms == union_ms
    assert found.totals.unwatched_ms >= 0
    assert union_ms + found.totals.unwatched_ms == found.totals.wall_ms
    assert found.totals.wall_ms <= end_ms - start_ms
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(found.spans))


def test_a_day_that_is_not_over_ends_now() -> None:
    """What is still to come is not time that was not watched."""
    rows = in_turn((UPRIGHT, HOUR_MS), (PAUSED, HOUR_MS))

    found = review_day(rows, DAY, UTC, until_ms=NINE_MS + 3 * HOUR_MS)
    assert found.totals.wall_ms == 12 * HOUR_MS
    assert found.totals.unwatched_ms == 10 * HOUR_MS
    assert found.totals.watched_ms == HOUR_MS
    assert review_day(rows, DAY, UTC).totals.wall_ms == 24 * HOUR_MS


# Breaks, alerts, hours


@pytest.mark.parametrize(
    ("between", "lengths_ms"),
    [
        ((AWAY, BREAK_MS - 1), [2 * HOUR_MS + BREAK_MS - 1]),
        ((AWAY, BREAK_MS), [HOUR_MS, HOUR_MS]),
        ((PAUSED, BREAK_MS), [HOUR_MS, HOUR_MS]),
        ((UNKNOWN, BREAK_MS), [HOUR_MS, HOUR_MS]),
    ],
)
def test_a_sitting_lasts_until_something_as_long_as_a_break(
    between: tuple[PostureState, int], lengths_ms: list[int]
) -> None:
    """Nobody can say that somebody sat on while five minutes were not seen."""
    found = review(in_turn((UPRIGHT, HOUR_MS), between, (SLOUCHED, HOUR_MS)))

    assert [sitting.length_ms for sitting in found.sittings] == lengths_ms
    assert found.sittings[0].start_ms == NINE_MS
    assert review(DayRows()).sittings == ()
    assert Sitting(start_ms=1, end_ms=3).length_ms == 2


def test_sittings_and_episodes_are_cut_by_the_settings_in_force() -> None:
    """What the watch did not take for a break is none in the review either."""
    own = PolicySettings(break_length_s=600, micro_break_s=50, slouch_reset_s=10)
    rows = in_turn(
        (UPRIGHT, HOUR_MS),
        (AWAY, 2 * BREAK_MS - 1),
        (SLOUCHED, MINUTE),
        (UNKNOWN, 49 * SECOND, UnknownReason.NOBODY),
        (SLOUCHED, MINUTE),
        (UPRIGHT, 10 * SECOND),
        (SLOUCHED, MINUTE),
        (AWAY, 2 * BREAK_MS),
        (UPRIGHT, HOUR_MS),
    )
    found = review_day(rows, DAY, UTC, policy=own)
    assert len(found.sittings) == 2
    assert [episode.slouched_ms for episode in found.episodes] == [2 * MINUTE, MINUTE]
    assert len(review(rows).sittings) == 3
    assert [episode.slouched_ms for episode in review(rows).episodes] == [MINUTE, 2 * MINUTE]


def returned(after_ms: int, lasted_ms: int, kind: BreakKind = BreakKind.BREAK) -> BreakRow:
    """Back from a break so long after nine."""
    return BreakRow(session_id=1, at_ms=NINE_MS + after_ms, lasted_ms=lasted_ms, kind=kind)


LUNCH = (
    (UPRIGHT, HOUR_MS),
    (UNKNOWN, 2 * MINUTE, UnknownReason.NOBODY),
    (PAUSED, BREAK_MS, UnknownReason.LOCKED),
    (SLOUCHED, HOUR_MS),
)
BACK_MS = HOUR_MS + 2 * MINUTE + BREAK_MS


@pytest.mark.parametrize(
    ("parts", "breaks", "number"),
    [
        (LUNCH, [], 1),
        ((*LUNCH, *LUNCH[1:]), [], 2),
        (LUNCH, [returned(BACK_MS + SECOND, 2 * MINUTE, BreakKind.MICRO)], 1),
        (LUNCH, [returned(BACK_MS + SECOND, BREAK_MS)], 0),
        (LUNCH, [returned(HOUR_MS, BREAK_MS)], 1),
        (LUNCH, [returned(BACK_MS + HOUR_MS, BREAK_MS)], 1),
        (((UPRIGHT, HOUR_MS), *LUNCH[1:3]), [], 0),
        (LUNCH[2:], [], 0),
        ((LUNCH[0], (PAUSED, BREAK_MS - 1, UnknownReason.LOCKED), LUNCH[1], LUNCH[3]), [], 0),
        ((LUNCH[0], (PAUSED, BREAK_MS, UnknownReason.PAUSED), LUNCH[3]), [], 0),
    ],
    ids=[
        "locked",
        "twice",
        "a short one was seen",
        "a full one was seen",
        "it was before",
        "it was later",
        "not back yet",
        "not there before",
        "too short",
        "paused otherwise",
    ],
)
def test_a_locked_screen_for_as_long_as_a_break_is_counted_by_itself(
    parts: tuple[tuple[PostureState, int, str]], breaks: list[BreakRow], number: int
) -> None:
    """Nobody was seen to leave, and nobody to stay: no break, and no time at the desk either."""
    found = review(replace(in_turn(*parts), breaks=tuple(breaks)))
    assert len(found.locked_breaks) == number
    assert found.totals.breaks == sum(row.kind is BreakKind.BREAK for row in breaks)


def test_a_locked_screen_is_named_beside_the_breaks_that_were_seen() -> None:
    """From when nobody was seen any more until somebody was again."""
    found = review(in_turn(*LUNCH))
    (locked,) = found.locked_breaks
    assert (locked.start_ms, locked.end_ms) == (NINE_MS + HOUR_MS, NINE_MS + BACK_MS)
    assert found.locked_ms == BREAK_MS
    breaks = dict(day_facts(found))["Breaks"].replace(HELD, " ")
    assert breaks == "none seen, 1 with the screen locked; longest sitting 1 h 00 min"
    record = review_json(found)
    assert record["locked_s"] == BREAK_MS / SECOND
    start, end = "2026-11-22T10:00:00.000+00:00", "2026-11-22T10:07:00.000+00:00"
    locked_s = BREAK_MS / SECOND
    assert record["locked_breaks"] == [{"start": start, "end": end, "locked_s": locked_s}]

    both = replace(in_turn(*LUNCH), breaks=(returned(20 * MINUTE, BREAK_MS),))
    breaks = dict(day_facts(review(both)))["Breaks"].replace(HELD, " ")
    assert breaks.startswith("1 full, 1 with the screen locked;")
    *_, card = figure_texts(review(both))
    assert (card.value, card.detail) == ("1", "full, and 1 with the screen locked")


def test_a_machine_that_slept_behind_a_locked_screen_is_not_said_to_be_locked() -> None:
    """Nobody knows what was while nothing was watched."""
    asleep = in_turn(*LUNCH[:3]).intervals
    back_ms = asleep[-1].end_ms + 6 * HOUR_MS
    again = interval(back_ms, back_ms + HOUR_MS, UPRIGHT, session_id=2)
    (locked,) = review(DayRows(intervals=(*asleep, again))).locked_breaks
    assert (locked.start_ms, locked.end_ms) == (NINE_MS + HOUR_MS, back_ms)
    assert locked.locked_ms == BREAK_MS


def test_only_what_followed_as_a_change_is_timed() -> None:
    """An ignored or snoozed alert, and one that is still open, led to no change."""
    rows = DayRows(
        alerts=tuple(
            AlertRow(
                session_id=1,
                at_ms=NINE_MS + index,
                kind=AlertKind.SLOUCH,
                message="",
                lasted_ms=0,
                outcome=outcome,
                outcome_after_ms=None if outcome is None else 1000 * index,
            )
            for index, outcome in enumerate((*Outcome, None))
        )
    )
    assert review(rows).totals.changed_after_ms == (0, 1000, 2000)
    assert list(Outcome)[:3] == [Outcome.CORRECTED, Outcome.MOVED, Outcome.LEFT]


def test_hours_are_compared_only_when_enough_of_them_was_judged() -> None:
    """Twenty minutes tell of an hour; less does not, and equal hours do not stand out."""
    assert HOUR_NEEDS_MS == 20 * MINUTE
    rows = in_turn(
        (UPRIGHT, HOUR_MS),  # 9
        (SLOUCHED, HOUR_NEEDS_MS),  # 10
        (AWAY, HOUR_MS - HOUR_NEEDS_MS),
        (SLOUCHED, HOUR_NEEDS_MS - 1),  # 11
        (AWAY, HOUR_MS),
        (UPRIGHT, HOUR_MS),  # from 12:19 on
    )
    hours = review(rows).extreme_hours
    assert hours is not None
    assert [hour.start_ms - NINE_MS for hour in hours] == [0, HOUR_MS]
    assert review(in_turn((UPRIGHT, 3 * HOUR_MS))).extreme_hours is None
    assert review(DayRows()).extreme_hours is None


@pytest.mark.parametrize(
    ("second_ms", "differ"), [(24 * MINUTE - 5000, False), (23 * MINUTE, True)]
)
def test_hours_that_show_the_same_share_do_not_stand_out(second_ms: int, *, differ: bool) -> None:
    """40 % against 40 % says nothing."""
    rows = in_turn(
        (SLOUCHED, 24 * MINUTE),
        (UPRIGHT, 36 * MINUTE),
        (SLOUCHED, second_ms),
        (UPRIGHT, HOUR_MS - second_ms),
    )
    assert (review(rows).extreme_hours is not None) is differ


# Several days


def a_day(
    day: date = DAY, *, slouched_min: int = 30, judged_min: int = 300, moves: int = 50
) -> DayTotals:
    """A day with so much of each."""
    totals = Totals(
        upright_ms=(judged_min - slouched_min) * MINUTE,
        slouched_ms=slouched_min * MINUTE,
        paused_ms=HOUR_MS,
        moves=moves,
        alerts=2,
        outcomes=2,
        changed_after_ms=(1000,),
        breaks=1,
        micro_breaks=2,
        exercises=3,
    )
    return DayTotals(day=day, totals=totals.within(0, 24 * HOUR_MS))


@pytest.mark.parametrize("days", DAYS_NEEDED)
def test_nothing_is_called_usual_before_enough_days(days: int) -> None:
    """Days with less than an hour judged do not count, and too few days are no custom."""
    short = a_day(judged_min=DAY_NEEDS_MS // MINUTE - 1)
    needed = DAYS_NEEDED[days]
    few = usual([a_day()] * (needed - 1) + [short] * (days - needed + 1))
    enough = usual([a_day(judged_min=60, slouched_min=6)] * needed + [short] * (days - needed))

    assert (few.counted, few.needed) == (needed - 1, needed)
    assert few.slouched_share is None
    assert few.moves_per_hour is None
    assert enough.slouched_share == Spread(low=0.1, median=0.1, high=0.1)
    assert enough.moves_per_hour == Spread(low=50, median=50, high=50)


def test_usual_is_the_middle_half() -> None:
    """One odd day among seven moves neither end of it."""
    days = [a_day(slouched_min=minutes) for minutes in (30, 33, 36, 39, 42, 45, 300)]

    found = usual(days).slouched_share
    assert found is not None
    assert 300 * found.low == pytest.approx(34.5)
    assert 300 * found.median == pytest.approx(39)
    assert 300 * found.high == pytest.approx(43.5)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_quartiles_are_in_order_and_within(values: list[float]) -> None:
    """Whatever the values, the middle half lies among them."""
    found = spread(values)

    assert min(values) <= found.low <= found.median <= found.high <= max(values)


def test_a_review_knows_the_last_7_and_28_days() -> None:
    """The nearest seven of the days before, and all of them."""
    before = [a_day(slouched_min=100)] * 21 + [a_day(slouched_min=10)] * 7
    week, month = review_day(DayRows(), DAY, UTC, before=before).usual

    assert (week.days, month.days) == (7, 28)
    assert week.slouched_share is not None
    assert month.slouched_share is not None
    assert week.slouched_share.median == pytest.approx(10 / 300)
    assert month.slouched_share.median == pytest.approx(100 / 300)
    assert review(DayRows()).usual == ()


def test_days_add_up_to_their_span() -> None:
    """Every figure is the sum of the days', and the parts make up the wall time."""
    days = [a_day(slouched_min=30), a_day(slouched_min=60), a_day(judged_min=10, slouched_min=0)]
    found = review_span(days, days[::-1])

    assert found.total == found.before
    assert (found.total.moves, found.total.alerts, found.total.outcomes) == (150, 6, 6)
    assert (found.total.breaks, found.total.micro_breaks, found.total.exercises) == (3, 6, 9)
    assert found.total.changed_after_ms == (1000, 1000, 1000)
    assert found.total.slouched_ms == 90 * MINUTE
    assert found.total.wall_ms == 3 * 24 * HOUR_MS
    assert (found.counted, found.counted_before, found.comparable) == (2, 2, False)


@pytest.mark.parametrize(("days", "needed"), [(7, 3), (27, 3), (28, 10), (30, 10)])
def test_spans_are_compared_when_both_have_enough_days(days: int, needed: int) -> None:
    """One span with plenty does not make up for the other."""
    empty = a_day(judged_min=0, slouched_min=0)
    plenty, enough = [a_day()] * days, [a_day()] * needed + [empty] * (days - needed)
    few = [a_day()] * (needed - 1) + [empty] * (days - needed + 1)

    assert review_span(plenty, enough).comparable
    assert not review_span(plenty, few).comparable
    assert not review_span(few, plenty).comparable


def test_hours_of_the_week_are_those_on_the_wall() -> None:
    """The same hour of two weeks is one; an hour with too little is left out."""
    half, little = (
        Totals(slouched_ms=ms, moves=3, away_ms=1) for ms in (HOUR_NEEDS_MS // 2, HOUR_NEEDS_MS - 1)
    )
    found = week_hours([((0, 9), half), ((1, 9), little), ((0, 9), half)])
    assert list(found) == [(0, 9)]
    assert found[0, 9].slouched_ms == HOUR_NEEDS_MS
    assert found[0, 9].moves_per_hour == pytest.approx(18)


def test_parts_of_nothing_are_not_told() -> None:
    """A share of no time is unknown, not zero."""
    assert Totals().slouched_share is None
    assert Totals(moves=3).moves_per_hour is None
    assert total([a_day(judged_min=0, slouched_min=0)]).moves_per_hour is None


# Episodes


def test_a_short_upright_moment_does_not_end_an_episode() -> None:
    """Less than the reset is part of it, though not of the slouched time; the reset ends it."""
    rows = in_turn(
        (SLOUCHED, 2 * MINUTE, "head_forward"),
        (UPRIGHT, RESET_MS - 1),
        (SLOUCHED, MINUTE, "upper_back_forward; left_shoulder_lower"),
        (SLOUCHED, 3 * MINUTE, "upper_back_forward"),
        (UPRIGHT, RESET_MS),
        (SLOUCHED, 10 * SECOND),
    )

    second_ms = NINE_MS + 6 * MINUTE + 2 * RESET_MS - 1
    assert review(rows).episodes == (
        Episode(
            start_ms=NINE_MS,
            end_ms=NINE_MS + 6 * MINUTE + RESET_MS - 1,
            slouched_ms=6 * MINUTE,
            reasons=("upper_back_forward", "head_forward", "left_shoulder_lower"),
        ),
        Episode(
            start_ms=second_ms,
            end_ms=second_ms + 10 * SECOND,
            slouched_ms=10 * SECOND,
            reasons=(),
        ),
    )


@pytest.mark.parametrize(
    ("between", "episodes"),
    [
        ([(UNKNOWN, FORGET_MS - 1)], 1),
        ([(UNKNOWN, FORGET_MS)], 2),
        ([(UNKNOWN, FORGET_MS // 2, "too_dark"), (UNKNOWN, FORGET_MS // 2, "turned")], 2),
        ([(UNKNOWN, FORGET_MS - 1), (UPRIGHT, 1), (UNKNOWN, FORGET_MS - 1)], 1),
        ([(UPRIGHT, RESET_MS // 2), (UNKNOWN, 1), (UPRIGHT, RESET_MS // 2)], 2),
        ([(UPRIGHT, RESET_MS - 1), (SLOUCHED, 1), (UPRIGHT, RESET_MS - 1)], 1),
        ([(AWAY, 1)], 2),
        ([(UNKNOWN, MICRO_MS - 1, UnknownReason.NOBODY)], 1),
        ([(UNKNOWN, MICRO_MS, UnknownReason.NOBODY)], 2),
        ([(UNKNOWN, MICRO_MS // 2, UnknownReason.NOBODY)] * 2, 2),
    ],
)
def test_what_ends_an_episode(between: list[tuple[PostureState, int]], episodes: int) -> None:
    """An absence or a minute of not knowing ends it; a shorter doubt neither ends nor counts."""
    rows = in_turn((SLOUCHED, MINUTE), *between, (SLOUCHED, MINUTE))

    assert len(review(rows).episodes) == episodes


def test_nothing_goes_on_from_one_session_to_the_next() -> None:
    """Nobody saw what happened in between, however short it was."""
    rows = DayRows(
        intervals=(
            interval(NINE_MS, NINE_MS + MINUTE, SLOUCHED, session_id=1),
            interval(NINE_MS + MINUTE, NINE_MS + 2 * MINUTE, SLOUCHED, session_id=2),
        )
    )
    found = review(rows)
    assert len(found.episodes) == 2
    assert found.longest_unchanged is not None
    assert found.longest_unchanged.known_ms == MINUTE


# Stillness and movement


def test_the_longest_stretch_lies_between_two_moves() -> None:
    """A change of state is no change of position; a move is, also in the middle of a state."""
    rows = in_turn((UPRIGHT, 20 * MINUTE), (SLOUCHED, 30 * MINUTE))

    found = review(with_moves(rows, 5 * MINUTE, 41 * MINUTE))
    assert found.longest_unchanged == UnchangedStretch(
        start_ms=NINE_MS + 5 * MINUTE,
        end_ms=NINE_MS + 41 * MINUTE,
        known_ms=36 * MINUTE,
    )


def test_a_short_doubt_is_bridged_but_not_counted_as_stillness() -> None:
    """Unknown time is never time without a change; a move during it counts all the same."""
    rows = in_turn((UPRIGHT, 10 * MINUTE), (UNKNOWN, FORGET_MS - 1), (UPRIGHT, 10 * MINUTE))

    bridged = review(rows).longest_unchanged
    assert bridged == UnchangedStretch(
        start_ms=NINE_MS,
        end_ms=NINE_MS + 20 * MINUTE + FORGET_MS - 1,
        known_ms=20 * MINUTE,
    )
    moved = review(with_moves(rows, 10 * MINUTE + 5 * SECOND)).longest_unchanged
    assert moved is not None
    assert moved.known_ms == 10 * MINUTE


@pytest.mark.parametrize("between", [(AWAY, SECOND), (UNKNOWN, FORGET_MS)])
def test_leaving_ends_a_stretch(between: tuple[PostureState, int]) -> None:
    """Who was away, or may have been, has moved."""
    found = review(in_turn((UPRIGHT, 10 * MINUTE), between, (UPRIGHT, 15 * MINUTE)))

    assert found.longest_unchanged is not None
    assert found.longest_unchanged.known_ms == 15 * MINUTE


def test_changes_an_hour_are_told_only_after_enough_judged_time() -> None:
    """The rate is per hour of judged time; absence and doubt do not thin it."""
    rows = in_turn((UPRIGHT, RATE_NEEDS_MS), (AWAY, 5 * HOUR_MS), (UNKNOWN, HOUR_MS))

    found = review(with_moves(rows, SECOND, 2 * SECOND))
    assert found.totals.moves == 2
    assert found.totals.moves_per_hour == pytest.approx(12)
    short = in_turn((UPRIGHT, RATE_NEEDS_MS - 1), (UNKNOWN, HOUR_MS))
    assert review(with_moves(short, SECOND)).totals.moves_per_hour is None


def test_a_day_without_rows_is_empty() -> None:
    """Nothing watched is nothing to tell."""
    found = review(DayRows())

    assert found.totals.watched_ms == 0
    assert found.longest_unchanged is None
    assert (found.hours, found.episodes, found.sessions) == ((), (), ())


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2026-11-22T09:00:05+01:00", "2026-11-22T09:12+01:00", "09:00 to 09:12"),
        ("2026-11-22T09:00:05+01:00", "2026-11-22T09:00:47+01:00", "09:00:05 to 09:00:47"),
        ("2026-11-22T09:00:05+01:00", "2026-11-22T09:00:05+01:00", "09:00:05"),
        ("2026-11-22T00:00+01:00", "2026-11-23T00:00+01:00", "00:00 to 24:00"),
        ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "02:30 CEST to 02:30 CET"),
        ("2026-10-25T02:50+02:00", "2026-10-25T02:30+01:00", "02:50 CEST to 02:30 CET"),
        ("2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00", "00:00 CEST to 24:00 CET"),
        ("2026-03-29T01:30+01:00", "2026-03-29T04:00+02:00", "01:30 CET to 04:00 CEST"),
        ("2026-10-25T09:00+01:00", "2026-10-25T09:12+01:00", "09:00 to 09:12"),
    ],
)
def test_a_stretch_never_begins_and_ends_at_one_time(start: str, end: str, text: str) -> None:
    """Seconds tell a short one apart, the zone one over the end of summer time."""
    times = [datetime.fromisoformat(at) for at in (start, end)]
    ends_ms = [round(at.timestamp() * 1000) for at in times]
    day = times[0].date()
    assert from_to(review_day(DayRows(), day, BERLIN), *ends_ms) == text


def test_time_sitting_and_standing_is_judged_time_by_the_baseline_in_use() -> None:
    """From one to the next, or to the end of its session; unknown where there is only one."""
    nine_ms = rows_of_a_day.NINE_MS
    minutes = {"upright": (0, 20), "slouched": (20, 30), "away": (30, 50), "unknown": (50, 55)}
    rows = replace(
        ROWS,
        sessions=(rows_of_a_day.session(nine_ms, nine_ms + 70 * MINUTE),),
        intervals=tuple(
            interval(nine_ms + start * MINUTE, nine_ms + end * MINUTE, PostureState(state))
            for state, (start, end) in (*minutes.items(), ("upright", (55, 90)))
        ),
    )
    assert review_day(rows, DAY, BERLIN).stances_ms == {}
    (calibration,) = rows.calibrations
    changes = ((0, Stance.SITTING), (25, Stance.STANDING), (60, Stance.SITTING))
    stands = replace(
        rows,
        calibrations=tuple(
            replace(calibration, at_ms=nine_ms + at * MINUTE, stance=stance)
            for at, stance in changes
        ),
    )
    found = review_day(stands, DAY, BERLIN)

    assert found.stances_ms == {
        Stance.SITTING: (25 + 10) * MINUTE,
        Stance.STANDING: (5 + 5) * MINUTE,
    }
    assert ("Standing", "10 min of 45 min judged (22 %)") in [
        (name, text.replace(HELD, " ")) for name, text in day_facts(found)
    ]
    values = review_json(found)
    assert (values["sitting_s"], values["standing_s"]) == (2100.0, 600.0)
    assert review_json(review_day(rows, DAY, BERLIN))["standing_s"] is None


def test_an_alert_that_was_called_wrong_is_said() -> None:
    """It is no change, and nothing that was ignored."""
    wrong = replace(ROWS, alerts=(alert(43, AlertKind.SLOUCH, Outcome.WRONG, 40),))
    found = review_day(wrong, DAY, BERLIN)
    facts = {name: text.replace(HELD, " ") for name, text in day_facts(found)}

    assert facts["Alerts"] == "1 slouch; a change after none; called no slouch: 1"
    assert outcome_text(Outcome.WRONG, 40_000) == "called no slouch after 40 s"
    assert outcome_text(Outcome.WRONG, None) == "called no slouch"
    assert outcome_text(None, None) == "not known"
