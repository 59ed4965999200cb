"""What the sitter is told over a day; expected times come from the settings."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BreakKind,
    BreakTaken,
    Moved,
    Outcome,
)
from posturecam.values.observation import PostureState, UnknownReason
from posturecam.values.settings import PolicySettings, PostureSettings
from posturecam.watch.totals import Tally
from tests.simulated_days import (
    MINUTE_S,
    Day,
    Scene,
    Sensor,
    away,
    bad_day,
    call,
    leans_back,
    live,
    ordinary_day,
    paused,
    silence,
    slouched,
    slumps,
    typing,
    unclear,
    upright,
)

POLICY = PolicySettings()
POSTURE = PostureSettings()
LAG_S = POSTURE.debounce_s + POSTURE.smoothing_s
"""A posture is taken over this much after it began, at the latest."""
TAKEN_OVER_S = POSTURE.debounce_s + POSTURE.smoothing_s / 2
"""And this much for a median over a clear change."""


def alerts(day: Day) -> list[tuple[float, AlertKind]]:
    """Times and kinds of the alerts of a day."""
    return [(t_s, event.kind) for t_s, event in day.events if isinstance(event, Alerted)]


ONLY_SLOUCH = PolicySettings(unchanged_after_s=1e6, break_after_s=1e6)


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
    day = live(*moving, away(POLICY.break_length_s + 10), upright(5 * MINUTE_S), hz=1.0)

    ((told_s, kind),) = alerts(day)
    assert kind is AlertKind.BREAK
    assert told_s == pytest.approx(POLICY.break_after_s, abs=1)
    ((_, back),) = [(t, e) for t, e in day.events if isinstance(e, BreakTaken)]
    assert back.lasted_s == pytest.approx(POLICY.break_length_s + 10, abs=LAG_S)


def test_a_sleeping_laptop_is_unknown_time_and_nobody_is_blamed() -> None:
    """A gap never counts, and what was before it is forgotten."""
    day = live(slouched(150), silence(3600), slouched(150), upright(30))

    assert alerts(day) == []
    gap = [reading for reading in day.readings if reading.gap]
    assert [round(reading.span_s) for reading in gap] == [3600]
    assert gap[0].state is PostureState.UNKNOWN
    assert gap[0].reasons == (UnknownReason.NO_PICTURE.value,)


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


def test_leaving_for_less_than_a_minute_is_a_micro_break() -> None:
    """It clears the unchanged clock, and the break clock runs on."""
    moving = [upright(9 * MINUTE_S, shifted=0.3 * (i % 2)) for i in range(2)]
    coffee_s = 45.0
    day = live(*moving, away(coffee_s), upright(35 * MINUTE_S, shifted=0.3))

    ((_, taken),) = [(t, e) for t, e in day.events if isinstance(e, BreakTaken)]
    assert taken.kind is BreakKind.MICRO
    assert taken.lasted_s == pytest.approx(coffee_s - POSTURE.gap_s, abs=1)
    (unchanged_s, unchanged), (break_s, break_) = alerts(day)
    back_s = 18 * MINUTE_S + coffee_s
    assert unchanged is AlertKind.UNCHANGED
    assert unchanged_s == pytest.approx(back_s + POLICY.unchanged_after_s, abs=2)
    assert break_ is AlertKind.BREAK
    assert break_s == pytest.approx(POLICY.break_after_s + coffee_s, abs=LAG_S)


def test_a_pause_is_neither_watched_nor_remembered() -> None:
    """The time belongs to no posture, and what was before it does not go on."""
    pause_s = 20 * MINUTE_S
    day = live(upright(15 * MINUTE_S), paused(pause_s), upright(19 * MINUTE_S))

    assert alerts(day) == []
    assert day.seconds_in(PostureState.PAUSED) == pytest.approx(pause_s, abs=1)
    assert day.seconds_in(PostureState.UNKNOWN) == pytest.approx(0, abs=1)


# Whole days.


def test_a_morning_to_the_second() -> None:
    """Slouched, still, away for coffee, in a call, no break, slouched: each alert in time."""
    slouch, settled = slouched(4 * MINUTE_S), upright(10 * MINUTE_S)
    still, coffee, talk = upright(25 * MINUTE_S), away(6 * MINUTE_S), call(40 * MINUTE_S)
    shifts = [upright(4 * MINUTE_S, shifted=0.3 * (i % 2)) for i in range(1, 7)]
    morning = [settled, slouch, still, coffee, talk, *shifts, slouched(5 * MINUTE_S)]
    day = live(*morning)
    ends_s = list(accumulate(scene.lasts_s for scene in morning))

    seen_s, kept_s = POSTURE.smoothing_s / 2, POSTURE.move_kept_s
    back_s = seen_s + POSTURE.smoothing_s
    expected = [
        (AlertKind.SLOUCH, ends_s[0] + TAKEN_OVER_S + POLICY.slouch_after_s),
        (AlertKind.UNCHANGED, ends_s[1] + seen_s + kept_s + POLICY.unchanged_after_s),
        (AlertKind.UNCHANGED, ends_s[4]),
        (AlertKind.BREAK, ends_s[3] + back_s + POLICY.break_after_s),
        (AlertKind.SLOUCH, ends_s[10] + TAKEN_OVER_S + POLICY.slouch_after_s),
    ]
    assert [kind for _, kind in alerts(day)] == [kind for kind, _ in expected]
    assert [t_s for t_s, _ in alerts(day)] == pytest.approx([t_s for _, t_s in expected], abs=1)
    followed = [event.outcome for _, event in day.events if isinstance(event, AlertFollowed)]
    assert followed == [Outcome.CORRECTED, Outcome.LEFT, Outcome.MOVED, Outcome.MOVED]


def test_an_ordinary_day_brings_an_alert_where_there_is_a_reason_and_no_other() -> None:
    """Still through a call, no break, still over a text, slumped, no break twice: six in a day.

    They come after the call, after the first minutes back, and as soon as a wait is over; the
    camera is noisy and loses looks.
    """
    day = live(*ordinary_day(seed=1), hz=1.0, sensor=Sensor(seed=1))
    unchanged, slouch, pause = AlertKind.UNCHANGED, AlertKind.SLOUCH, AlertKind.BREAK

    assert [kind for _, kind in alerts(day)] == [unchanged, pause, unchanged, slouch, pause, pause]
    assert len(day.times_s(Moved)) > 60
    taken = [e.kind for _, e in day.events if isinstance(e, BreakTaken)]
    assert taken.count(BreakKind.BREAK) == 5
    assert taken.count(BreakKind.MICRO) == 2

    breaks_s = day.times_s(BreakTaken)
    call_s, there_s, text_s, _, fifth_s, _ = (t_s for t_s, _ in alerts(day))
    assert call_s == pytest.approx((46 + 7 + 40 + 35) * MINUTE_S, abs=20)
    assert there_s == pytest.approx(
        max(breaks_s[1] + POLICY.fitting_grace_s, call_s + POLICY.fitting_cooldown_s), abs=2
    )
    assert text_s - breaks_s[2] > POLICY.unchanged_after_s
    assert fifth_s == pytest.approx(breaks_s[5] + POLICY.break_after_s, abs=20)


def test_on_a_bad_day_nobody_is_nagged() -> None:
    """Hours of slouching and stillness: ten minutes apart at first, twenty after the third.

    Nothing in the call or asleep. All are ignored, but for the one before the machine fell asleep,
    which nobody saw the end of.
    """
    day = live(*bad_day(seed=1), hz=1.0, sensor=Sensor(seed=1))
    told_s = [t_s for t_s, _ in alerts(day)]
    waits_s = [after_s - before_s for before_s, after_s in pairwise(told_s)]
    call_from_s, call_to_s = 125 * MINUTE_S, 175 * MINUTE_S

    assert waits_s[:2] == pytest.approx([POLICY.fitting_cooldown_s] * 2, abs=2)
    assert min(waits_s[2:]) >= 2 * POLICY.fitting_cooldown_s
    assert not [t_s for t_s in told_s if call_from_s + 20 < t_s < call_to_s - 20]
    assert {kind for _, kind in alerts(day)} == set(AlertKind)

    followed = [event.outcome for _, event in day.events if isinstance(event, AlertFollowed)]
    assert len(followed) == len(told_s) - 1
    assert followed.count(Outcome.IGNORED) >= len(followed) - 2


# Whatever happens.

lasting = st.integers(1, 150).map(float)
scenes = st.lists(
    st.one_of(
        st.builds(upright, lasting, shifted=st.sampled_from([0.0, 0.4])),
        st.builds(slouched, lasting, st.floats(5, 40)),
        st.builds(slouched, lasting),
        st.builds(typing, lasting),
        st.builds(slumps, lasting, st.floats(10, 30)),
        st.builds(leans_back, lasting),
        st.builds(away, lasting),
        st.builds(
            unclear, lasting, st.sampled_from([UnknownReason.FACE_AWAY, UnknownReason.TOO_DARK])
        ),
        st.builds(paused, lasting, st.sampled_from([UnknownReason.PAUSED, UnknownReason.LOCKED])),
        st.builds(silence, st.integers(1, 2000).map(float)),
    ),
    min_size=1,
    max_size=8,
)
WAITS = ("slouch_after_s", "unchanged_after_s", "break_after_s")
QUICK = PolicySettings(
    slouch_after_s=45,
    unchanged_after_s=90,
    break_after_s=200,
    break_length_s=120,
    cooldown_s=45,
    max_alerts_per_hour=60,
)


@settings(max_examples=40, deadline=None)
@given(scenes, st.none() | st.builds(Sensor, seed=st.integers(0, 99)))
def test_every_second_is_in_exactly_one_state(scenes: list[Scene], sensor: Sensor | None) -> None:
    """Readings follow each other without a hole or an overlap, and the totals are the wall time."""
    day = live(*scenes, sensor=sensor)
    if not day.readings:
        return
    tally = Tally().counting(day.readings[0], ())
    for before, after in pairwise(day.readings):
        assert after.start_s == before.t_s
        tally = tally.counting(after, ())
    wall_s = day.readings[-1].t_s - day.readings[0].start_s
    totals = tally.totals
    parts_s = sum(day.seconds_in(state) for state in PostureState)
    assert math.isclose(parts_s, wall_s, abs_tol=1e-6)
    paused_s = day.seconds_in(PostureState.PAUSED)
    assert math.isclose(totals.watched_ms + totals.paused_ms, 1000 * wall_s, abs_tol=1)
    assert math.isclose(totals.paused_ms, 1000 * paused_s, abs_tol=1)
    assert min(totals.by_state.values()) >= 0


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(scenes, st.builds(Sensor, seed=st.integers(0, 99)))
def test_never_told_before_its_time_nor_too_often(scenes: list[Scene], sensor: Sensor) -> None:
    """An alert means that its wait has passed in known time; cooldown and cap always hold."""
    day = live(*scenes, sensor=sensor, policy_settings=QUICK)
    told = alerts(day)
    waits = {
        AlertKind.SLOUCH: QUICK.slouch_after_s,
        AlertKind.UNCHANGED: QUICK.unchanged_after_s,
        AlertKind.BREAK: QUICK.break_after_s,
    }
    for t_s, kind in told:
        seen_s = sum(r.span_s for r in day.readings if r.t_s <= t_s and not r.gap)
        assert seen_s >= waits[kind] - 1e-6
        if kind is AlertKind.SLOUCH:
            slouched_s = sum(
                r.span_s for r in day.readings if r.t_s <= t_s and r.state is PostureState.SLOUCHED
            )
            assert slouched_s >= QUICK.slouch_share * QUICK.slouch_after_s - 1e-6
    assert all(b - a >= QUICK.fitting_cooldown_s for (a, _), (b, _) in pairwise(told))


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(scenes, st.sampled_from(WAITS))
def test_the_rate_of_looking_changes_no_alert(scenes: list[Scene], wait: str) -> None:
    """At 2, 5 and 10 looks a second the same alerts, within one period of the slowest.

    One kind at a time: of two that fall due within one period either may come first.
    """
    rates_hz = (2.0, 5.0, 10.0)
    others: dict[str, Any] = {name: math.inf for name in WAITS if name != wait}
    policy = replace(QUICK, **others)
    days = [alerts(live(*scenes, hz=hz, policy_settings=policy)) for hz in rates_hz]

    assert len({len(told) for told in days}) == 1
    for each in zip(*days, strict=True):
        times_s = [t_s for t_s, _ in each]
        assert max(times_s) - min(times_s) <= 1 / min(rates_hz) + 1e-6
