"""Dates of stretches, whatever the clock on the wall shows in what order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.base.dating import Stretch, date_anew, latest_gap_ms
from posturecam.log.connection import to_ms

HOUR_MS = 3_600_000
FIRST_MS = to_ms(datetime(2026, 1, 1, tzinfo=UTC))
"""No watch was earlier."""
ZERO_MS = FIRST_MS + 10_000 * HOUR_MS

zeros = st.integers(-30_000, 30_000).map(lambda hours: ZERO_MS + hours * HOUR_MS)
lives = st.lists(st.tuples(zeros, st.integers(1, 5 * HOUR_MS)), min_size=1, max_size=12)


def lived(life: list[tuple[int, int]]) -> list[Stretch]:
    """What a log makes of it: after each stretch the clock is set anew."""
    stretches: list[Stretch] = []
    now_ms = 0
    for zero_ms, length_ms in life:
        anew = date_anew(stretches, zero_ms, now_ms)
        stretches = [
            replace(stretch, zero_ms=dated_ms)
            for stretch, dated_ms in zip(stretches, anew, strict=True)
        ]
        ends_ms = now_ms + length_ms
        stretches.append(Stretch(start_ms=now_ms, end_ms=ends_ms, zero_ms=zero_ms, read_ms=zero_ms))
        now_ms = ends_ms
    return stretches


@pytest.mark.parametrize(
    ("was_ms", "shows_ms", "now_ms", "dated_ms"),
    [
        (ZERO_MS, ZERO_MS + 1000, 9 * HOUR_MS, ZERO_MS + 1000),  # the same setting
        (ZERO_MS, ZERO_MS + 1001, 9 * HOUR_MS, ZERO_MS),  # another, and who knows which is right
        (ZERO_MS, ZERO_MS + HOUR_MS, HOUR_MS, ZERO_MS + HOUR_MS),  # put right within the hour
        (ZERO_MS, ZERO_MS + HOUR_MS, HOUR_MS + 1, ZERO_MS),
        (ZERO_MS, ZERO_MS - 2 * HOUR_MS, 3 * HOUR_MS, ZERO_MS),  # it ends now
        (ZERO_MS, ZERO_MS - 2 * HOUR_MS - 1, 3 * HOUR_MS, ZERO_MS - 2 * HOUR_MS - 1),
        (0, FIRST_MS - 9 * HOUR_MS, 9 * HOUR_MS, FIRST_MS - 9 * HOUR_MS),  # never set until now
        (0, FIRST_MS - 9 * HOUR_MS - 1, 9 * HOUR_MS, 0),  # nor now
        (FIRST_MS - HOUR_MS, ZERO_MS, 9 * HOUR_MS, FIRST_MS - HOUR_MS),
        (FIRST_MS - HOUR_MS - 1, ZERO_MS, 9 * HOUR_MS, ZERO_MS),
    ],
)
def test_the_first_hour_is_dated_anew_when_its_date_is_known_to_be_wrong(
    was_ms: int, shows_ms: int, now_ms: int, dated_ms: int
) -> None:
    """To the millisecond of each limit."""
    stretch = Stretch(start_ms=0, end_ms=HOUR_MS, zero_ms=was_ms, read_ms=was_ms)
    assert date_anew([stretch], shows_ms, now_ms) == [dated_ms]


def test_another_clock_leaves_the_dates_of_a_stretch() -> None:
    """Of its ends, and of what the wall showed."""
    stretch = Stretch(start_ms=0, end_ms=HOUR_MS, zero_ms=ZERO_MS, read_ms=ZERO_MS + 7)
    assert stretch.later(5) == Stretch(
        start_ms=5, end_ms=HOUR_MS + 5, zero_ms=ZERO_MS - 5, read_ms=ZERO_MS + 2
    )


@given(lives)
def test_nothing_overlaps_and_nothing_lies_after_now(life: list[tuple[int, int]]) -> None:
    """In the order in which it was, and as long as it was."""
    stretches = lived(life)
    for one, other in pairwise(stretches):
        assert one.end_ms + one.zero_ms <= other.start_ms + other.zero_ms
    assert stretches[-1].zero_ms == life[-1][0]


@given(lives, zeros)
def test_a_clock_that_was_right_and_is_again_leaves_no_trace(
    life: list[tuple[int, int]], right_ms: int
) -> None:
    """Whatever it showed in between, and for how long."""
    stretches = lived([(right_ms, HOUR_MS), *life, (right_ms, 1)])
    assert {stretch.zero_ms for stretch in stretches} == {right_ms}


@given(lives)
def test_the_same_reading_again_changes_nothing(life: list[tuple[int, int]]) -> None:
    """A date is not moved twice."""
    stretches = lived(life)
    again = date_anew(stretches, stretches[-1].zero_ms, stretches[-1].end_ms)
    assert again == [stretch.zero_ms for stretch in stretches]


@given(
    st.lists(st.integers(0, 50), max_size=12).map(sorted), st.integers(1, 20), st.integers(0, 60)
)
def test_a_gap_is_free_and_the_latest(edges: list[int], length: int, before: int) -> None:
    """Compared with a look at every place there is."""
    taken = [span for span in zip(edges[::2], edges[1::2], strict=False) if span[0] < span[1]]
    free = [
        start
        for start in range(-100, before - length + 1)
        if all(end <= start or begin >= start + length for begin, end in taken)
    ]
    assert latest_gap_ms(taken, length, before) == free[-1]
