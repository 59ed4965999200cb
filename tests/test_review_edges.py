"""What a day comes to, at the edges of what is long enough and what is said to the minute."""

from __future__ import annotations

import pytest

from posturecam.review.conclusion import Conclusion, Kind, Stretch, conclude
from posturecam.values.observation import PostureState
from tests.rows import MINUTE, NINE_MS
from tests.test_conclusion import EVERY_TEN, Day

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
