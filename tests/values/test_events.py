"""What stands in a record of an event, and what is true of a turn of which nothing is said."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

import pytest

from posturecam.values.events import (
    AlertDetails,
    BreakKind,
    BreakTaken,
    EndedBy,
    Summarised,
    Tick,
    rounded,
    utc_text,
)
from posturecam.values.totals import Totals
from tests.fakes import NINE


@pytest.mark.parametrize(
    ("value", "shown"),
    [(12.345, 12.3), (-0.04, 0.0), (math.nan, None), (math.inf, None), (7.0, 7.0)],
)
def test_a_record_has_one_digit_and_nothing_for_what_is_unknown(
    value: float, shown: float | None
) -> None:
    """Zero has no sign there."""
    found = rounded(value)

    assert found == shown
    assert found is None or math.copysign(1, found) == 1
    assert rounded(0.126, 2) == 0.13


def test_a_moment_is_written_in_utc_to_the_millisecond() -> None:
    """Wherever its clock stood."""
    at = datetime(2026, 3, 2, 10, 30, 0, 1500, tzinfo=timezone(timedelta(hours=1)))

    assert utc_text(at) == "2026-03-02T09:30:00.001Z"


def test_a_turn_of_which_nothing_is_said_has_no_time_in_it_and_no_guard() -> None:
    """Nothing has happened, been counted or been proven."""
    empty = Tick(
        t_s=1.0,
        at=NINE,
        reading=None,
        events=(),
        totals=Totals(),
        unchanged_s=0.0,
        sitting_s=0.0,
        quiet=None,
        guarded=False,
        taking=None,
    )

    assert Tick(t_s=1.0, at=NINE, reading=None) == empty
    assert Summarised(totals=Totals(), ended_by=EndedBy.STOPPED).longest_unchanged_s == 0
    assert AlertDetails().turn == 0
    assert BreakTaken(lasted_s=300.0).kind is BreakKind.BREAK
