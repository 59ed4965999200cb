"""What the sitter is told over a day; expected times come from the settings."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.events import Alerted, AlertKind, BreakTaken, Moved
from posturecam.observation import Doubt, PostureState
from posturecam.settings import PolicySettings, PostureSettings
from tests.desk import Day, Scene, away, live, silence, slouched, unclear, upright

POLICY = PolicySettings()
POSTURE = PostureSettings()
MINUTE_S = 60.0
HZ = 5.0
LAG_S = POSTURE.debounce_s + POSTURE.smoothing_s
"""A posture is taken over this much after it began, at the latest."""


def alerts(day: Day) -> list[tuple[float, AlertKind]]:
    """Times and kinds of the alerts of a day."""
    return [(t_s, event.kind) for t_s, event in day.events if isinstance(event, Alerted)]


ONLY_SLOUCH = PolicySettings(unchanged_after_s=1e6, break_after_s=1e6)


def test_works_an_hour_slouches_four_minutes_and_is_told_once() -> None:
    """One alert, `slouch_after` after the slouching was taken over."""
    hour = [upright(10 * MINUTE_S, shifted=0.2 * (i % 2)) for i in range(6)]
    day = live(*hour, slouched(4 * MINUTE_S), upright(5 * MINUTE_S), policy_settings=ONLY_SLOUCH)

    ((told_s, kind),) = alerts(day)
    assert kind is AlertKind.SLOUCH
    began_s = 60 * MINUTE_S
    assert began_s + POLICY.slouch_after_s < told_s <= began_s + POLICY.slouch_after_s + LAG_S


def test_a_slouch_that_ends_before_its_time_is_not_mentioned() -> None:
    """No alert before the dwell."""
    day = live(upright(60), slouched(POLICY.slouch_after_s - 10), upright(300))

    assert alerts(day) == []


def test_a_glance_down_is_never_slouched() -> None:
    """A few seconds past the threshold change nothing."""
    glance = slouched(POSTURE.debounce_s - 1)
    day = live(*([upright(20), glance] * 20), upright(20))

    assert day.seconds_in(PostureState.SLOUCHED) == 0
    assert alerts(day) == []


def test_short_upright_moments_do_not_reset_a_slouch() -> None:
    """The dwell leaks: four fifths of the window are enough."""
    day = live(upright(30), *([slouched(50), upright(9)] * 6), policy_settings=ONLY_SLOUCH)

    assert [kind for _, kind in alerts(day)] == [AlertKind.SLOUCH]


def test_half_a_minute_upright_clears_a_slouch() -> None:
    """After `slouch_reset` the dwell starts anew."""
    pause = upright(POLICY.slouch_reset_s + LAG_S + 2)
    day = live(upright(30), slouched(150), pause, slouched(150), upright(60))

    assert alerts(day) == []


def test_still_upright_for_twenty_minutes_is_told_too() -> None:
    """An unchanged posture counts, whatever posture it is."""
    day = live(upright(21 * MINUTE_S))

    ((told_s, kind),) = alerts(day)
    assert kind is AlertKind.UNCHANGED
    assert told_s == pytest.approx(POLICY.unchanged_after_s, abs=1 / HZ + 1e-6)


def test_a_fidget_is_not_a_move_and_a_kept_shift_is() -> None:
    """Only what is kept for `move_kept` resets the unchanged clock."""
    fidget = upright(POSTURE.move_kept_s - 2, shifted=0.5)
    fidgets = live(*([upright(100), fidget] * 13))
    shift = live(upright(15 * MINUTE_S), upright(15 * MINUTE_S, shifted=0.5))

    assert [kind for _, kind in alerts(fidgets)] == [AlertKind.UNCHANGED]
    assert fidgets.times_s(Moved) == []
    assert alerts(shift) == []
    (moved_s,) = shift.times_s(Moved)
    assert moved_s - 15 * MINUTE_S == pytest.approx(POSTURE.move_kept_s, abs=POSTURE.smoothing_s)


def test_leaving_the_desk_clears_the_unchanged_clock() -> None:
    """Away is away; the clock starts anew on return."""
    day = live(upright(15 * MINUTE_S), away(2 * MINUTE_S), upright(15 * MINUTE_S))

    assert alerts(day) == []
    assert day.seconds_in(PostureState.AWAY) == pytest.approx(
        2 * MINUTE_S - POSTURE.away_after_s, abs=POSTURE.smoothing_s + 1
    )


def test_fifty_minutes_at_the_desk_call_for_a_break() -> None:
    """Moving about in the chair is no break; five minutes away is one."""
    moving = [upright(5 * MINUTE_S, shifted=0.3 * (i % 2)) for i in range(11)]
    day = live(*moving, away(POLICY.break_length_s + 10), upright(5 * MINUTE_S))

    ((told_s, kind),) = alerts(day)
    assert kind is AlertKind.BREAK
    assert told_s == pytest.approx(POLICY.break_after_s, abs=1)
    ((_, back),) = [(t, e) for t, e in day.events if isinstance(e, BreakTaken)]
    assert back.lasted_s == pytest.approx(POLICY.break_length_s + 10, abs=LAG_S)


def test_a_bad_hour_brings_four_alerts_and_ten_minutes_between_them() -> None:
    """Cooldown and cap hold over all kinds together."""
    day = live(upright(10), slouched(2 * 60 * MINUTE_S))
    told = [t_s for t_s, _ in alerts(day)]

    assert all(b - a >= POLICY.fitting_cooldown_s for a, b in pairwise(told))
    for first_s in told:
        within = [t_s for t_s in told if first_s <= t_s < first_s + 3600]
        assert len(within) <= POLICY.max_alerts_per_hour


def test_a_sleeping_laptop_is_unknown_time_and_nobody_is_blamed() -> None:
    """A gap never counts, and what was before it is forgotten."""
    day = live(slouched(150), silence(3600), slouched(150), upright(30))

    assert alerts(day) == []
    gap = [reading for reading in day.readings if reading.gap]
    assert [round(reading.span_s) for reading in gap] == [3600]
    assert gap[0].state is PostureState.UNKNOWN
    assert gap[0].reasons == (Doubt.NO_PICTURE.value,)


def test_what_cannot_be_seen_is_unknown_not_upright() -> None:
    """A doubt that lasts becomes unknown; a short one is bridged."""
    short = live(upright(30), unclear(POSTURE.gap_s - 1), upright(30))
    long = live(upright(30), unclear(60), upright(30))

    assert short.seconds_in(PostureState.UNKNOWN) == 0
    assert long.seconds_in(PostureState.UNKNOWN) == pytest.approx(
        60 - POSTURE.gap_s, abs=POSTURE.smoothing_s
    )


def test_leaving_at_one_angle_needs_six_tenths_of_it() -> None:
    """Hysteresis: in at the threshold, out at `exit_ratio` of it."""
    enter_deg = POSTURE.thresholds.upper_back_deg
    between = slouched(60, forward_deg=0.8 * enter_deg)
    below = slouched(60, forward_deg=0.5 * enter_deg)
    entered = slouched(60, forward_deg=1.2 * enter_deg)

    assert live(upright(10), between).seconds_in(PostureState.SLOUCHED) == 0
    stays = live(upright(10), entered, between).seconds_in(PostureState.SLOUCHED)
    leaves = live(upright(10), entered, below).seconds_in(PostureState.SLOUCHED)
    assert stays == pytest.approx(120 - LAG_S, abs=2)
    assert leaves == pytest.approx(60, abs=2)


def test_leaning_back_is_not_slouched_and_either_shoulder_is() -> None:
    """Sagittal angles count forward only, the shoulder line to both sides."""
    back = live(upright(10), Scene(lasts_s=60, forward_deg=-30))
    left = live(upright(10), Scene(lasts_s=60, tilt_deg=9))
    right = live(upright(10), Scene(lasts_s=60, tilt_deg=-9))

    assert back.seconds_in(PostureState.SLOUCHED) == 0
    assert left.seconds_in(PostureState.SLOUCHED) > 50
    assert right.seconds_in(PostureState.SLOUCHED) > 50


def test_shorter_waits_bring_a_shorter_cooldown() -> None:
    """Whoever asks for a third of the wait gets a third of the cooldown, unless they chose one."""
    third = PolicySettings(slouch_after_s=POLICY.slouch_after_s / 3)

    assert third.fitting_cooldown_s == pytest.approx(POLICY.fitting_cooldown_s / 3)
    assert PolicySettings(slouch_after_s=1, cooldown_s=77).fitting_cooldown_s == 77


scenes = st.lists(
    st.one_of(
        st.builds(upright, st.floats(1, 400), shifted=st.sampled_from([0.0, 0.4])),
        st.builds(slouched, st.floats(1, 400), st.floats(5, 40)),
        st.builds(away, st.floats(1, 400)),
        st.builds(unclear, st.floats(1, 100), st.sampled_from(list(Doubt))),
        st.builds(silence, st.floats(0, 2000)),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(scenes)
def test_every_second_is_in_exactly_one_state(scenes: list[Scene]) -> None:
    """Readings follow each other without a hole or an overlap."""
    day = live(*scenes, hz=2.0)
    if not day.readings:
        return
    for before, after in pairwise(day.readings):
        assert after.start_s == before.t_s
    watched_s = day.readings[-1].t_s - day.readings[0].start_s
    parts_s = sum(day.seconds_in(state) for state in PostureState)
    assert math.isclose(parts_s, watched_s, abs_tol=1e-6)


@settings(max_examples=60, deadline=None)
@given(scenes)
def test_never_told_before_its_time_nor_too_often(scenes: list[Scene]) -> None:
    """An alert means that its wait has passed in known time; cooldown and cap always hold."""
    policy = PolicySettings(
        slouch_after_s=60, unchanged_after_s=120, break_after_s=300, cooldown_s=45
    )
    day = live(*scenes, hz=2.0, policy_settings=policy)
    told = alerts(day)
    waits = {
        AlertKind.SLOUCH: policy.slouch_after_s,
        AlertKind.UNCHANGED: policy.unchanged_after_s,
        AlertKind.BREAK: policy.break_after_s,
    }
    for t_s, kind in told:
        seen_s = sum(r.span_s for r in day.readings if r.t_s <= t_s and not r.gap)
        assert seen_s >= waits[kind] - 1e-6
        if kind is AlertKind.SLOUCH:
            slouched_s = sum(
                r.span_s for r in day.readings if r.t_s <= t_s and r.state is PostureState.SLOUCHED
            )
            assert slouched_s >= policy.slouch_share * policy.slouch_after_s - 1e-6
    times = [t_s for t_s, _ in told]
    assert all(b - a >= 45 for a, b in pairwise(times))


@settings(max_examples=15, deadline=None)
@given(scenes, st.sampled_from([2.0, 10.0]))
def test_the_rate_of_looking_changes_no_alert(scenes: list[Scene], hz: float) -> None:
    """The same day at 2, 5 and 10 looks a second brings the same alerts at about the same time."""
    whole = [scene for scene in scenes if not scene.silent and scene.lasts_s > 15]
    usual, other = live(*whole, hz=HZ), live(*whole, hz=hz)

    assert [kind for _, kind in alerts(usual)] == [kind for _, kind in alerts(other)]
    for (a_s, _), (b_s, _) in zip(alerts(usual), alerts(other), strict=True):
        assert abs(a_s - b_s) <= 2.0


def test_one_who_slouches_on_without_moving_is_not_told_the_same_twice_in_a_row() -> None:
    """When two things are due, the one that was not said last is said."""
    both = PolicySettings(slouch_after_s=60, unchanged_after_s=90, cooldown_s=70)
    day = live(upright(10), slouched(300), policy_settings=both)

    kinds = [kind for _, kind in alerts(day)]
    assert kinds[:2] == [AlertKind.SLOUCH, AlertKind.UNCHANGED]
    assert AlertKind.SLOUCH in kinds[2:]
