"""What a day comes to, at the edges of what is long enough and what is said to the minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from posturecam.base.local_time import day_bounds_ms
from posturecam.review.conclusion import Conclusion, Kind, Stretch, conclude
from posturecam.review.day import LongestOfDay, review_day
from posturecam.review.facts import Standing, TooLittle, compare_span
from posturecam.review.usual import DayTotals, Spread, review_span, spread, usual
from posturecam.values.events import BreakKind
from posturecam.values.log_rows import DayRows
from posturecam.values.observation import PostureState, UnknownReason
from posturecam.values.settings import PolicySettings
from posturecam.values.totals import Totals
from tests.review.test_conclusion import EVERY_TEN, Day
from tests.rows import AUTUMN, BERLIN, DAY, MINUTE, NINE_MS, ROWS, SPRING, session

UPRIGHT, SLOUCHED, AWAY, *_ = PostureState


def stretch_of(*parts: tuple[PostureState, int]) -> Stretch | None:
    """The one that is named of a day with a change of position every ten minutes."""
    found = conclude(Day(parts=parts, moves=EVERY_TEN, said="").review())
    assert isinstance(found, Conclusion)
    return found.stretch


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        (((UPRIGHT, 50), (AWAY, 10), (UPRIGHT, 30)), Kind.WITHOUT_BREAK),
        (((UPRIGHT, 49), (AWAY, 10), (UPRIGHT, 30)), None),
        (((UPRIGHT, 40), (AWAY, 10), (SLOUCHED, 10), (UPRIGHT, 30)), Kind.SLOUCHED),
        (((UPRIGHT, 40), (AWAY, 10), (SLOUCHED, 9), (UPRIGHT, 30)), None),
    ],
)
def test_a_long_stretch_is_named(
    parts: tuple[tuple[PostureState, int], ...], kind: Kind | None
) -> None:
    """From the wait of its alert on; a slouched one from half that of one in any position."""
    found = stretch_of(*parts)
    assert (found and found.kind) == kind


@pytest.mark.parametrize(("first", "second", "start"), [(70, 55, 0), (55, 70, 65)])
def test_of_two_sittings_the_longer_one_is_named(first: int, second: int, start: int) -> None:
    """Whichever came first."""
    found = stretch_of((UPRIGHT, first), (AWAY, 10), (UPRIGHT, second))
    assert found is not None
    assert (found.kind, found.lasted_ms) == (Kind.WITHOUT_BREAK, 70 * MINUTE)
    assert found.start_ms == NINE_MS + start * MINUTE


def test_within_a_few_minutes_a_moment_is_said_to_the_minute() -> None:
    """Rounded more, it would lie outside of them or beside their middle."""
    day = Day(parts=((UPRIGHT, 42), (SLOUCHED, 3), (UPRIGHT, 2)), moves=EVERY_TEN, said="")
    own = PolicySettings(slouch_after_s=120, unchanged_after_s=240, break_after_s=7200)
    review = replace(day.review(), policy=own, longest_unchanged=None, before=())
    found = conclude(replace(review, totals=review.totals + review.totals))
    assert isinstance(found, Conclusion)
    assert found.stretch is not None
    assert found.stretch.suggested_ms == NINE_MS + 43 * MINUTE


@pytest.mark.parametrize(
    ("parts", "kind", "start"),
    [
        # The afternoon begins at twelve.
        (((UPRIGHT, 180), (SLOUCHED, 40), (UPRIGHT, 30)), Kind.SLOUCHED_AFTERNOON, 180),
        # An hour of a half of the day is enough.
        (
            ((SLOUCHED, 30), (UPRIGHT, 30), (AWAY, 120), (UPRIGHT, 60)),
            Kind.SLOUCHED_MORNING,
            0,
        ),
        # Ten minutes are a slouched stretch, though there are longer ones of other kinds.
        (
            (*((SLOUCHED, 10), (UPRIGHT, 10)) * 6, (AWAY, 60), (UPRIGHT, 90)),
            Kind.SLOUCHED_MORNING,
            0,
        ),
    ],
)
def test_a_half_of_the_day_that_stands_out_comes_first(
    parts: tuple[tuple[PostureState, int], ...], kind: Kind, start: int
) -> None:
    """With its longest slouched stretch, the first of those that are as long."""
    found = stretch_of(*parts)
    assert found is not None
    assert (found.kind, found.start_ms) == (kind, NINE_MS + start * MINUTE)


@pytest.mark.parametrize(
    ("morning", "afternoon", "stands_out"),
    [(5, 19, False), (5, 21, True), (40, 58, False), (40, 62, True)],
)
def test_a_half_stands_out_by_its_difference_and_its_ratio(
    morning: int, afternoon: int, *, stands_out: bool
) -> None:
    """By 15 of 100 minutes, and by half as much again."""
    found = stretch_of(
        (UPRIGHT, 100 - morning),
        (SLOUCHED, morning),
        (AWAY, 80),
        (SLOUCHED, afternoon),
        (UPRIGHT, 100 - afternoon),
    )
    assert found is not None
    assert (found.kind is Kind.SLOUCHED_AFTERNOON) is stands_out


def test_a_half_of_the_day_is_no_suggestion_where_no_slouch_began_in_it() -> None:
    """One that began before noon is the day's longest, not the afternoon's."""
    found = stretch_of((UPRIGHT, 150), (SLOUCHED, 90), (UPRIGHT, 30))
    assert found is not None
    assert found.kind is not Kind.SLOUCHED_AFTERNOON
    assert found.kind is not Kind.SLOUCHED_MORNING


# Several days


def days_of(*slouched_min: int, judged_min: int = 100, breaks: int = 0) -> list[DayTotals]:
    """Days with so many judged minutes, of them so many slouched each; a break more on each."""
    return [
        DayTotals(
            day=DAY + timedelta(days=index),
            totals=Totals(
                upright_ms=(judged_min - minutes) * MINUTE,
                slouched_ms=minutes * MINUTE,
                breaks=breaks + index,
            ),
        )
        for index, minutes in enumerate(slouched_min)
    ]


@pytest.mark.parametrize(
    ("before", "found"),
    [
        (days_of(20, 20, 14), Standing.USUAL),
        (days_of(20, 20, 26), Standing.USUAL),
        (days_of(20, 20, 8), Standing.MORE),
        (days_of(20, 20, 32), Standing.LESS),
        (days_of(20, 8), TooLittle.DAYS),
        ([], TooLittle.DAYS),
    ],
)
def test_days_are_about_the_same_within_three_percent(
    before: list[DayTotals], found: Standing | TooLittle
) -> None:
    """Two more or less are, four are not; of two days nothing is said."""
    assert compare_span(review_span(days_of(20, 20, 20), before)) is found


def test_breaks_are_counted_on_days_with_enough_judged_time() -> None:
    """Where there is none there is no figure, and not none a day."""
    days = [*days_of(10, 10, 10, breaks=2), *days_of(10, judged_min=59, breaks=40)]
    assert usual(days).breaks == Spread(2.5, 3, 3.5)
    assert usual(days[:2]).breaks is None
    found = review_span(days, days[3:])
    assert (found.breaks_a_day, found.breaks_a_day_before) == (3, None)


# One day


def test_what_is_counted_of_a_day() -> None:
    """Breaks by their kind; of the pauses, what was a call."""
    of_ten, (stretch, *_) = ROWS.breaks[0], ROWS.intervals
    micro = replace(of_ten, kind=BreakKind.MICRO)
    in_a_call = replace(stretch, state=PostureState.PAUSED, reason=UnknownReason.IN_A_CALL.value)
    paused = replace(stretch, state=PostureState.PAUSED, reason=UnknownReason.PAUSED.value)
    later = replace(paused, start_ms=in_a_call.end_ms, end_ms=in_a_call.end_ms + MINUTE)
    rows = replace(ROWS, breaks=(of_ten, micro, micro), intervals=(in_a_call, later))
    found = review_day(rows, DAY, BERLIN)

    assert (found.totals.breaks, found.totals.micro_breaks) == (1, 2)
    assert found.in_a_call_ms == 40 * MINUTE
    assert found.totals.paused_ms == 41 * MINUTE


def test_of_a_run_over_midnight_a_day_has_its_part() -> None:
    """One that ended at midnight is of the day before, one that began then of the day after."""
    begin_ms, end_ms = day_bounds_ms(DAY, BERLIN)
    runs = [
        session(begin_ms - MINUTE, begin_ms, 1),
        session(begin_ms - MINUTE, begin_ms + MINUTE, 2),
        session(end_ms - MINUTE, end_ms + MINUTE, 3),
        session(end_ms, end_ms + MINUTE, 4),
    ]
    found = review_day(replace(ROWS, sessions=tuple(runs)), DAY, BERLIN).sessions
    assert [(one.id, one.start_ms, one.end_ms) for one in found] == [
        (2, begin_ms, begin_ms + MINUTE),
        (3, end_ms - MINUTE, end_ms),
    ]


def test_the_usual_longest_stretch_is_that_of_three_days() -> None:
    """Two are too few."""
    longest = [LongestOfDay(unchanged_ms=each, sitting_ms=2 * each) for each in (10, 20, 30)]
    of_three = review_day(ROWS, DAY, BERLIN, longest_before=longest)
    assert of_three.usual_unchanged == spread([10, 20, 30])
    assert of_three.usual_sitting == spread([20, 40, 60])
    of_two = review_day(ROWS, DAY, BERLIN, longest_before=longest[:2])
    assert of_two.usual_unchanged is None
    assert of_two.usual_sitting is None


@pytest.mark.parametrize(
    "zone",
    ["Europe/Berlin", "Asia/Kathmandu", "Africa/Monrovia", "Australia/Lord_Howe",
     "Africa/Casablanca"],
)  # fmt: skip
@pytest.mark.parametrize("day", [DAY, SPRING, AUTUMN, date(2026, 4, 5), date(1971, 6, 1)])
def test_the_clock_on_the_wall_is_that_of_the_zone(zone: str, day: date) -> None:
    """To the minute, also where it is set or was once 44 minutes and 30 seconds behind."""
    tz = ZoneInfo(zone)
    found = review_day(DayRows(), day, tz)
    for at_ms in range(found.start_ms, found.start_ms + found.length_ms, 7 * MINUTE + 11_000):
        assert found.clock(at_ms) == f"{found.local(at_ms):%H:%M}"
