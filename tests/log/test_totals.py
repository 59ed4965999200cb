"""Sums made where the rows are: the same as those made row by row, and through the indexes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from posturecam.base.errors import DataError
from posturecam.base.local_time import HOUR_MS, day_bounds_ms, hour_starts_ms
from posturecam.log.reader import LogReader
from posturecam.log.totals import QUERIES
from posturecam.review.day import review_day
from posturecam.values.events import BreakKind
from posturecam.values.log_rows import BreakRow, DayRows
from posturecam.values.observation import PostureState, Reading, UnknownReason, View
from posturecam.values.totals import Totals
from posturecam.watch.totals import Tally, Today
from tests.rows import (
    AUTUMN,
    BERLIN,
    DAY,
    MINUTE,
    NINE_MS,
    PIECES,
    ROWS,
    SPRING,
    interval,
    laid_out,
    log_with,
    session,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.rows import Piece

UPRIGHT, SLOUCHED, AWAY, UNKNOWN, PAUSED = PostureState


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with the day of `tests.rows`."""
    return log_with(tmp_path / "log.db", ROWS)


def totals(path: Path, *edges_ms: int, until_ms: int | None = None) -> tuple[Totals, ...]:
    """What the stretches between the edges add up to."""
    with LogReader.open(path) as reader:
        return reader.totals(edges_ms, until_ms)


def test_a_day_adds_up_to_what_its_review_says(log: Path) -> None:
    """States, moves, alerts with what followed, breaks: by rows or by sums, the same figures."""
    for until_ms in (None, NINE_MS + 200 * MINUTE):
        (found,) = totals(log, *day_bounds_ms(DAY, BERLIN), until_ms=until_ms)

        assert found == review_day(ROWS, DAY, BERLIN, until_ms=until_ms).totals
        assert (found.moves, found.alerts, found.outcomes) == (5, 3, 3)
        assert sorted(found.changed_after_ms) == [40_000, 60_000]
        assert (found.breaks, found.micro_breaks, found.exercises) == (1, 0, 1)


def test_each_event_is_counted_in_one_stretch_only(log: Path) -> None:
    """What happens on an edge belongs to what begins there."""
    edges_ms = [NINE_MS + at * MINUTE for at in (0, 10, 43, 52, 100, 165, 200)]
    found = totals(log, *edges_ms)

    assert [part.moves for part in found] == [0, 2, 0, 2, 1, 0]
    assert [part.alerts for part in found] == [0, 0, 1, 0, 2, 0]
    assert [part.breaks for part in found] == [0, 0, 0, 0, 1, 0]
    assert [part.exercises for part in found] == [0, 0, 0, 1, 0, 0]


def test_breaks_and_micro_breaks_are_counted_apart(tmp_path: Path) -> None:
    """Several of a kind within a stretch, and none in the next."""
    breaks = tuple(
        BreakRow(session_id=1, at_ms=NINE_MS + at * MINUTE, lasted_ms=MINUTE, kind=kind)
        for at, kind in ((10, BreakKind.MICRO), (20, BreakKind.BREAK), (30, BreakKind.MICRO))
    )
    path = log_with(tmp_path / "log.db", replace(ROWS, breaks=breaks))
    found = totals(path, *(NINE_MS + at * MINUTE for at in (0, 60, 120)))

    assert [(part.micro_breaks, part.breaks) for part in found] == [(2, 1), (0, 0)]


@settings(max_examples=40, deadline=None)
@given(pieces=PIECES, day=st.sampled_from([DAY, SPRING, AUTUMN]), late_ms=st.integers(0, HOUR_MS))
def test_any_log_gives_the_same_by_rows_and_by_sums(
    tmp_path_factory: pytest.TempPathFactory,
    pieces: list[Piece],
    day: date,
    late_ms: int,
) -> None:
    """Days and hours, over midnight and when the clocks change: one truth."""
    intervals = laid_out(pieces, day_bounds_ms(day, BERLIN)[0] - late_ms)
    by_session = groupby(intervals, key=lambda row: row.session_id)
    bounds = {number: list(own) for number, own in by_session}
    rows = DayRows(
        sessions=tuple(
            session(own[0].start_ms, own[-1].end_ms, number) for number, own in bounds.items()
        ),
        intervals=tuple(intervals),
    )
    path = log_with(tmp_path_factory.mktemp("log") / "log.db", rows)
    with LogReader.open(path) as reader:
        review = review_day(reader.day(*day_bounds_ms(day, BERLIN)), day, BERLIN)

    assert review == review_day(rows, day, BERLIN)
    assert totals(path, *day_bounds_ms(day, BERLIN)) == (review.totals,)
    start_ms, end_ms = day_bounds_ms(day, BERLIN)
    starts = hour_starts_ms((start_ms, end_ms), BERLIN)
    hours = {hour.start_ms: hour.totals.by_state for hour in review.hours}
    for begin_ms, found in zip(starts, totals(path, *starts, end_ms), strict=True):
        assert not any(found.by_state.values()) or found.by_state == hours[begin_ms]


SEEN = st.tuples(
    st.sampled_from(PostureState),
    st.sampled_from([None, UnknownReason.NOBODY, UnknownReason.TOO_DARK]),
)


@given(seen=st.lists(SEEN, min_size=1, max_size=12), length_ms=st.integers(1, HOUR_MS))
@example(seen=[(UNKNOWN, UnknownReason.NOBODY), (AWAY, None)], length_ms=MINUTE)
def test_a_watch_counts_as_its_review_does(
    seen: list[tuple[PostureState, UnknownReason | None]], length_ms: int
) -> None:
    """An absence begins when nobody was seen, in the totals of the watch and of the day."""
    stretches = [what for what, _ in groupby(seen)]
    tally = Tally()
    intervals = []
    for at, (state, reason) in enumerate(stretches):
        start_ms, end_ms = at * length_ms, (at + 1) * length_ms
        half_s = (start_ms + end_ms) / 2000
        reasons = () if reason is None else (reason,)
        for start_s, t_s in ((start_ms / 1000, half_s), (half_s, end_ms / 1000)):
            reading = Reading(
                t_s=t_s, start_s=start_s, state=state, reasons=reasons, view=View.FRONT
            )
            tally = tally.counting(reading, ())
        intervals.append(interval(NINE_MS + start_ms, NINE_MS + end_ms, state, reason or ""))
    review = review_day(DayRows(intervals=tuple(intervals)), DAY, BERLIN)

    assert tally.totals.by_state == review.totals.by_state


TOTALS = st.builds(
    Totals,
    slouched_ms=st.integers(0, HOUR_MS),
    moves=st.integers(0, 9),
    changed_after_ms=st.lists(st.integers(0, 9), max_size=3).map(tuple),
)


@given(one=TOTALS, other=TOTALS)
def test_what_was_added_is_what_has_come_since(one: Totals, other: Totals) -> None:
    """Both ways, in every part."""
    assert (one + other).since(one) == other
    assert (one + other).judged_ms == one.judged_ms + other.judged_ms


@given(one=TOTALS)
def test_nothing_adds_nothing(one: Totals) -> None:
    """In no part."""
    assert one + Totals() == one


def test_an_absence_after_a_hole_is_no_part_of_what_was_before(tmp_path: Path) -> None:
    """As in the review: only the minute of nobody that it touches is."""
    end_ms = NINE_MS + 9 * MINUTE
    times = ((0, 1, UNKNOWN), (2, 5, AWAY), (7, 8, UNKNOWN), (8, 9, AWAY))
    rows = DayRows(
        sessions=(session(NINE_MS, end_ms),),
        intervals=tuple(
            interval(NINE_MS + a * MINUTE, NINE_MS + b * MINUTE, state, UnknownReason.NOBODY.value)
            for a, b, state in times
        ),
    )
    (found,) = totals(log_with(tmp_path / "log.db", rows), NINE_MS, end_ms)

    assert (found.unknown_ms, found.away_ms) == (MINUTE, 5 * MINUTE)


@pytest.mark.parametrize("after_s", [0, 30])
@pytest.mark.parametrize(("following", "unknown_s"), [(AWAY, 0), (UPRIGHT, 60)])
def test_an_absence_that_is_certain_after_midnight_began_before(
    tmp_path: Path, after_s: int, following: PostureState, unknown_s: int
) -> None:
    """The last interval of a day counts as in the week: by what follows it on the next."""
    start_ms, midnight_ms = day_bounds_ms(DAY, BERLIN)
    begin_ms, end_ms = midnight_ms - MINUTE, midnight_ms + 1000 * after_s
    rows = DayRows(
        sessions=(session(begin_ms, end_ms + HOUR_MS),),
        intervals=(
            interval(begin_ms, end_ms, UNKNOWN, UnknownReason.NOBODY.value),
            interval(end_ms, end_ms + HOUR_MS, following),
        ),
    )
    path = log_with(tmp_path / "log.db", rows)
    with LogReader.open(path) as reader:
        review = review_day(reader.day(start_ms, midnight_ms), DAY, BERLIN)

    assert review.totals.unknown_ms == 1000 * unknown_s
    assert totals(path, start_ms, midnight_ms) == (review.totals,)


def test_where_there_is_no_log_everything_is_nothing(tmp_path: Path) -> None:
    """As many stretches as were asked for, and no file is made."""
    path = tmp_path / "log.db"

    assert totals(path, 0, 5, 9) == (Totals(unwatched_ms=5), Totals(unwatched_ms=4))
    assert not path.exists()


@pytest.mark.parametrize("edges_ms", [(), (5,)])
def test_less_than_two_edges_bound_nothing(log: Path, edges_ms: tuple[int, ...]) -> None:
    """No stretch, no sums."""
    assert totals(log, *edges_ms) == ()


def test_a_state_that_no_posturecam_wrote_is_damage(log: Path) -> None:
    """The sums are not silently short of it."""
    with closing(sqlite3.connect(log)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE intervals SET state = 'uprighX' WHERE start_ms = ?", (NINE_MS,))
    with pytest.raises(DataError, match="damaged"):
        totals(log, NINE_MS, NINE_MS + MINUTE)


def plans(path: Path) -> Iterator[str]:
    """What SQLite means to do for each query, a line a step."""
    with closing(sqlite3.connect(path)) as connection:
        for query in QUERIES:
            asked = {"parts": "[[0,0,1,1]]", "whole": "[1]", "start": 0, "end": 1}
            for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {query}", asked):
                yield step


def test_no_query_needs_a_newer_sqlite_than_the_tables_do() -> None:
    """They are `STRICT`, since 3.37; an older one takes `->>`, since 3.38, for a damaged log."""
    assert not [query for query in QUERIES if "->" in query]


def test_no_query_reads_through_a_table_of_the_log(log: Path) -> None:
    """Five years of rows are found by index or primary key."""
    steps = list(plans(log))
    tables = ("sessions", "intervals", "moves", "breaks", "alerts", "exercises", "later")

    assert not [step for step in steps if step.startswith("SCAN") and step.split()[1] in tables]
    assert any(
        step.startswith("SEARCH sessions") and "INDEX sessions_by_end" in step for step in steps
    )
    assert any("SEARCH exercises USING" in step for step in steps)
    for table in ("intervals", "moves", "breaks", "alerts"):
        assert any(step.startswith(f"SEARCH {table} USING PRIMARY KEY") for step in steps)


def test_a_year_of_days_touches_each_of_them_once(tmp_path: Path) -> None:
    """Days that follow each other share no moment and leave none out."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    start_ms = round(first.timestamp() * 1000)
    rows = DayRows(
        sessions=(session(start_ms, start_ms + 365 * 24 * HOUR_MS),),
        intervals=(interval(start_ms, start_ms + 365 * 24 * HOUR_MS, UPRIGHT),),
    )
    edges = [start_ms + day * 24 * HOUR_MS for day in range(366)]

    found = totals(log_with(tmp_path / "log.db", rows), *edges)
    assert [part.upright_ms for part in found] == [24 * HOUR_MS] * 365


def test_pauses_are_shown_only_where_there_were_any() -> None:
    """Every other state always, so that a column of zeros is no hole."""
    others = dict.fromkeys(set(PostureState) - {PostureState.PAUSED}, 0)

    assert Totals().shown_by_state == others
    assert Totals(paused_ms=5).shown_by_state == {**others, PostureState.PAUSED: 5}


def test_today_is_what_another_process_says_and_goes_on_from_there() -> None:
    """Whoever follows a watch knows nothing of the hours before."""
    today = Today()
    assert today.totals(Totals(upright_ms=9)) == Totals(upright_ms=9)
    today.take_over(Totals(upright_ms=100, moves=3), Totals(upright_ms=9))

    assert today.totals(Totals(upright_ms=11)) == Totals(upright_ms=102, moves=3)
