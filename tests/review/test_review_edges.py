"""What a day comes to, at the edges of what is long enough and what is said to the minute."""

from __future__ import annotations

from datetime import timedelta

import pytest

from posturecam.review.conclusion import Conclusion, Kind, Stretch, conclude
from posturecam.review.facts import Standing, TooLittle, compare_span
from posturecam.review.usual import DayTotals, Spread, review_span, usual
from posturecam.values.observation import PostureState
from posturecam.values.totals import Totals
from tests.review.test_conclusion import EVERY_TEN, Day
from tests.rows import DAY, MINUTE, NINE_MS

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
        (((UPRIGHT, 40), (AWAY, 10), (SLOUCHED, 3), (UPRIGHT, 30)), Kind.SLOUCHED),
        (((UPRIGHT, 40), (AWAY, 10), (SLOUCHED, 2), (UPRIGHT, 30)), None),
    ],
)
def test_a_stretch_as_long_as_the_wait_of_its_alert_is_named(
    parts: tuple[tuple[PostureState, int], ...], kind: Kind | None
) -> None:
    """It was alerted to; a shorter one was not."""
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
    found = stretch_of((UPRIGHT, 42), (SLOUCHED, 3), (UPRIGHT, 2), (AWAY, 10), (UPRIGHT, 20))
    assert found is not None
    assert found.suggested_ms == NINE_MS + 43 * MINUTE


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
        # Three minutes are a slouched stretch, though there are longer ones of other kinds.
        (
            (*((SLOUCHED, 3), (UPRIGHT, 3)) * 20, (AWAY, 60), (UPRIGHT, 90)),
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
