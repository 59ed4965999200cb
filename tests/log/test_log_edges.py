"""What is read out of the log and put into it, at the edges of stretches and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posturecam.log.reader import LogReader
from posturecam.log.sqlite_journal import (
    FRAME_HEADER_BYTES,
    HEADER_BYTES,
    PAGE_BYTES,
    possible_page_bytes,
    read_journal,
)
from posturecam.log.tables import TABLES, Column, Kind, is_possible
from posturecam.values.log_rows import DayRows
from posturecam.values.observation import PostureState
from tests.rows import MINUTE, NINE_MS, ROWS, interval, log_with, session

if TYPE_CHECKING:
    from pathlib import Path

UPRIGHT, SLOUCHED, AWAY = PostureState.UPRIGHT, PostureState.SLOUCHED, PostureState.AWAY


def test_the_judged_time_is_that_of_all_sums(tmp_path: Path) -> None:
    """Stretch by stretch: some with both, some with one and some with none of it."""
    edges_ms = [NINE_MS + at * MINUTE for at in (-60, -30, 0, 10, 43, 52, 100, 165, 400, 500)]
    with LogReader.open(log_with(tmp_path / "log.db", ROWS)) as reader:
        judged = [(one.upright_ms, one.slouched_ms) for one in reader.judged(edges_ms)]
        summed = [(one.upright_ms, one.slouched_ms) for one in reader.totals(edges_ms)]
    assert judged == summed
    assert {(upright > 0, slouched > 0) for upright, slouched in judged} >= {
        (True, True),
        (True, False),
        (False, False),
    }


RUNS = (
    ((0, 30, UPRIGHT), (30, 40, SLOUCHED)),
    ((60, 70, SLOUCHED),),
    ((80, 100, UPRIGHT), (100, 110, AWAY), (110, 130, SLOUCHED)),
)
"""Three runs of the watch, from minute to minute."""


@pytest.mark.parametrize(
    ("edges", "judged"),
    [
        ((0, 40, 60, 70, 130), [(30, 10), (0, 0), (0, 10), (20, 20)]),
        ((-10, 50, 75, 200), [(30, 10), (0, 10), (20, 20)]),
        ((-10, 65, 200), [(30, 15), (20, 25)]),
        ((10, 50, 90, 120), [(20, 10), (10, 10), (10, 10)]),
        ((35, 36), [(0, 1)]),
        ((300, 400), [(0, 0)]),
    ],
)
def test_runs_lie_in_a_stretch_or_are_cut(
    tmp_path: Path, edges: tuple[int, ...], judged: list[tuple[int, int]]
) -> None:
    """As a whole, up to its very edge, over several of them, and beyond the first and the last."""
    rows = DayRows(
        sessions=tuple(
            session(at_minute(run[0][0]), at_minute(run[-1][1]), number)
            for number, run in enumerate(RUNS, 1)
        ),
        intervals=tuple(
            interval(at_minute(begin), at_minute(end), state, session_id=number)
            for number, run in enumerate(RUNS, 1)
            for begin, end, state in run
        ),
    )
    with LogReader.open(log_with(tmp_path / "log.db", rows)) as reader:
        found = reader.judged([at_minute(edge) for edge in edges])
    assert [(one.upright_ms / MINUTE, one.slouched_ms / MINUTE) for one in found] == judged


def at_minute(minute: int) -> int:
    """So long after nine, UTC milliseconds."""
    return NINE_MS + minute * MINUTE


def test_a_number_may_be_as_small_and_as_large_as_is_said() -> None:
    """And no further; there may be none."""
    column = Column(name="share", kind=Kind.REAL, meaning="of something", least=-2, most=3)
    values = (None, -2, 3, -2.001, 3.001)
    assert [column.can_have(value) for value in values] == [True, True, True, False, False]


def test_angles_are_numbers_and_none_is_more_than_all_round() -> None:
    """One that is would be in the way of every mean."""
    angles = [column for column in TABLES["minutes"].stored if column.name.endswith("_deg")]
    assert {column.kind for column in angles} == {Kind.REAL}
    for column in angles:
        assert is_possible("minutes", {column.name: column.most})
        assert not is_possible("minutes", {column.name: 361.0})


def test_only_moments_are_said_to_be_moments() -> None:
    """How long something took is in milliseconds, too, and not since 1970."""
    columns = [column for table in TABLES.values() for column in table.stored]
    moments = {column.name for column in columns if "UTC milliseconds since 1970" in column.meaning}
    durations = {column.name for column in columns if column.name.endswith("_ms")} - moments
    assert moments == {"start_ms", "end_ms", "at_ms", "taken_at_ms"}
    assert {"lasted_ms", "unchanged_ms"} <= durations


@pytest.mark.parametrize("size", [512, 1024, 65536])
def test_a_page_may_be_as_long_as_sqlite_allows(size: int) -> None:
    """From 512 bytes to 65,536."""
    assert possible_page_bytes(size) == size


@pytest.mark.parametrize("size", [0, 256, 511, 1536, 65535, 131072])
def test_a_page_of_any_other_length_is_taken_for_one_of_the_usual(size: int) -> None:
    """Whatever a damaged beginning says."""
    assert possible_page_bytes(size) == PAGE_BYTES


def test_the_only_page_of_a_journal_whose_beginning_is_gone_is_not_lost() -> None:
    """Nothing proves it, and nothing else may have what stands in it."""
    frame = bytes(range(FRAME_HEADER_BYTES)) + PAGE_BYTES * b"x"
    found = read_journal(HEADER_BYTES * b"?" + frame, PAGE_BYTES)
    assert found.unproven == (PAGE_BYTES * b"x",)
    assert (found.newest, found.broken) == ({}, False)
