"""A date that the wall shows for a moment only is passed over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from posturecam.base.steady_clock import HELD_S, SteadyClock
from tests.fakes import ManualClock

BEGAN_AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


def ahead_s(steady: SteadyClock, clock: ManualClock) -> float:
    """By how much its date is ahead, a second later."""
    clock.now_s += 1.0
    return (steady.utc_now() - BEGAN_AT).total_seconds() - clock.now_s


def test_a_jump_counts_when_it_has_held() -> None:
    """Forward as well as back."""
    clock = ManualClock(began_at=BEGAN_AT)
    steady = SteadyClock(clock)
    assert {ahead_s(steady, clock) for _ in range(60)} == {0.0}
    for off_s in (365 * 86_400.0, 0.0, -86_400.0):
        before_s = ahead_s(steady, clock)
        clock.began_at = BEGAN_AT + timedelta(seconds=off_s)
        seen = [ahead_s(steady, clock) for _ in range(20)]
        assert seen == [before_s] * int(HELD_S) + [off_s] * (20 - int(HELD_S))


def test_six_seconds_a_year_ahead_are_passed_over() -> None:
    """A pause does not end by them, and nothing is logged there."""
    clock = ManualClock(began_at=BEGAN_AT)
    steady = SteadyClock(clock)
    assert {ahead_s(steady, clock) for _ in range(60)} == {0.0}
    clock.began_at = BEGAN_AT + timedelta(days=365)
    seen = {ahead_s(steady, clock) for _ in range(6)}
    clock.began_at = BEGAN_AT
    assert seen | {ahead_s(steady, clock) for _ in range(60)} == {0.0}


def test_a_clock_put_right_at_the_start_is_followed_at_once() -> None:
    """Nothing is known yet that would speak against it."""
    clock = ManualClock(began_at=BEGAN_AT + timedelta(hours=30))
    steady = SteadyClock(clock)
    assert ahead_s(steady, clock) == 30 * 3600
    clock.began_at = BEGAN_AT
    assert ahead_s(steady, clock) == 0.0


def test_a_date_before_any_posturecam_is_never_believed_again() -> None:
    """However long it stays; at the start there is no other."""
    clock = ManualClock(began_at=BEGAN_AT)
    steady = SteadyClock(clock)
    clock.began_at = datetime(1972, 1, 1, tzinfo=UTC)
    assert SteadyClock(clock).utc_now().year == 1972
    assert {ahead_s(steady, clock) for _ in range(600)} == {0.0}


def test_slow_drift_is_followed() -> None:
    """A second in ten minutes is no jump."""
    clock = ManualClock(began_at=BEGAN_AT)
    steady = SteadyClock(clock)
    for second in range(3600):
        clock.began_at = BEGAN_AT + timedelta(seconds=second / 600)
        assert abs(ahead_s(steady, clock) - second / 600) < 0.001
