"""How sure a verdict is."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.posture.state import is_another_position, judge_alone, slouch_probability
from posturecam.values.observation import (
    ANGLES,
    Deviations,
    Observation,
    PostureState,
    SitterPosition,
    UnknownReason,
    View,
)
from posturecam.values.reasons import SlouchSign
from posturecam.values.settings import PostureSettings, Thresholds
from tests.desk import Day, away, live, paused, silence, slouched, unclear, upright

LIMITS = Thresholds()
LIMITS_DEG = [getattr(LIMITS, f"{angle}_deg") for angle in ANGLES]

degrees = st.floats(-40, 40) | st.just(math.nan)


@pytest.mark.parametrize(
    ("seen", "state", "causes"),
    [
        (UnknownReason.NOBODY, PostureState.AWAY, [UnknownReason.NOBODY]),
        (UnknownReason.HAND, PostureState.UNKNOWN, [UnknownReason.HAND]),
        (math.nan, PostureState.UNKNOWN, [UnknownReason.NOT_A_SITTER]),
        (0.999 * LIMITS.upper_back_deg, PostureState.UPRIGHT, []),
        (LIMITS.upper_back_deg, PostureState.SLOUCHED, [SlouchSign.UPPER_BACK_FORWARD]),
    ],
)
def test_one_picture_is_judged_by_itself(
    seen: UnknownReason | float,
    state: PostureState,
    causes: list[UnknownReason | SlouchSign],
) -> None:
    """At the limit it is slouched; without an angle nobody knows."""
    if isinstance(seen, float):
        found_deg = Deviations.from_arrays([seen, *[math.nan] * 4], [1.0] * 5)
        observation = Observation(t_s=0.0, view=View.FRONT, deviations=found_deg)
    else:
        observation = Observation(t_s=0.0, view=View.FRONT, unknown_reason=seen)
    found, reasons = judge_alone(observation, LIMITS)

    assert found is state
    assert [getattr(one, "sign", one) for one in reasons] == causes


@pytest.mark.parametrize(
    ("change", "least"),
    [
        ({"shoulder_x": 1.0}, 0.04),
        ({"shoulder_y": 1.0}, 0.04),
        ({"shoulder_x": 0.6, "shoulder_y": 0.8}, 0.04),
        ({"scale": 1.0}, 0.02),
        ({"head_ratio": 1.0}, 0.03),
        ({"tilt_deg": 1.0}, 5.0),
        ({"turn": 1.0}, 0.15),
    ],
)
@pytest.mark.parametrize("way", [-1, 1])
def test_what_makes_another_position(change: dict[str, float], least: float, way: int) -> None:
    """Of shoulders 0.4 apart; to either side, and each by itself."""
    kept = {
        "shoulder_x": 0.5, "shoulder_y": 0.6, "scale": 0.4, "head_ratio": 0.5, "tilt_deg": 2.0,
        "turn": 0.1,
    }  # fmt: skip

    def differs(by: float) -> bool:
        other = {name: value + way * by * change.get(name, 0.0) for name, value in kept.items()}
        return is_another_position(SitterPosition(**other), SitterPosition(**kept))

    assert not differs(0.99 * least)
    assert differs(1.01 * least)


def test_at_the_limit_it_may_be_either() -> None:
    """Half of what is estimated to be at a threshold is beyond it."""
    at_limit = Deviations.from_arrays([0.0, 0.0, 12.0, 0.0, 0.0], [2.0] * 5)

    assert slouch_probability(at_limit, LIMITS) == pytest.approx(0.5)


def test_what_is_two_deviations_beyond_is_nearly_sure() -> None:
    """Normal errors: 97.7 % lie below two standard deviations."""
    beyond = Deviations.from_arrays([18.0, 0.0, 0.0, 0.0, 0.0], [3.0] * 5)
    short = Deviations.from_arrays([6.0, 0.0, 0.0, 0.0, 0.0], [3.0] * 5)

    assert slouch_probability(beyond, LIMITS) == pytest.approx(0.977, abs=0.001)
    assert slouch_probability(short, LIMITS) == pytest.approx(0.023, abs=0.001)


def test_the_shoulder_line_counts_to_either_side() -> None:
    """Leaning back does not."""
    right = Deviations.from_arrays([0.0, 0.0, 0.0, 0.0, -9.0], [1.0] * 5)
    back = Deviations.from_arrays([-30.0, -30.0, -30.0, -30.0, 0.0], [1.0] * 5)

    assert slouch_probability(right, LIMITS) == pytest.approx(0.977, abs=0.001)
    assert slouch_probability(back, LIMITS) == pytest.approx(0.0, abs=0.001)


@given(
    deg=st.lists(degrees, min_size=5, max_size=5),
    sd_deg=st.lists(st.floats(0.1, 20), min_size=5, max_size=5),
    more_deg=st.floats(0, 30),
)
def test_it_is_a_probability_and_grows_with_every_forward_angle(
    deg: list[float], sd_deg: list[float], more_deg: float
) -> None:
    """Between 0 and 1, unknown when nothing is known, never less for more flexion."""
    chance = slouch_probability(Deviations.from_arrays(deg, sd_deg), LIMITS)
    further = [value + more_deg for value in deg[:4]] + deg[4:]
    grown = slouch_probability(Deviations.from_arrays(further, sd_deg), LIMITS)

    assert math.isnan(chance) == all(math.isnan(value) for value in deg)
    if not math.isnan(chance):
        assert 0 <= chance <= 1 + 1e-9
        assert grown >= chance - 1e-12


@given(deg=st.lists(st.floats(-40, 40), min_size=5, max_size=5), sd_deg=st.floats(0.1, 20))
def test_the_verdict_is_the_more_probable_one(deg: list[float], sd_deg: float) -> None:
    """Beyond a threshold the chance is a half and more; well within all it is less."""
    chance = slouch_probability(Deviations.from_arrays(deg, [sd_deg] * 5), LIMITS)
    forward = [value - limit for value, limit in zip(deg[:4], LIMITS_DEG[:4], strict=True)]
    beyond = max(*forward, abs(deg[4]) - LIMITS_DEG[4])

    if beyond >= 0:
        assert chance >= 0.5
    elif beyond < -2 * sd_deg:
        assert chance < 0.05


def test_every_judged_reading_carries_it() -> None:
    """And a reading that cannot be judged does not."""
    day = live(upright(30), slouched(30), unclear(30))
    last_of_each = [day.readings[index].slouch_probability for index in (140, 290, 440)]

    assert last_of_each[0] < 0.05
    assert last_of_each[1] > 0.95
    assert math.isnan(last_of_each[2])
    assert UnknownReason.FACE_AWAY.value in day.readings[440].reasons


@pytest.mark.parametrize("unknown_reason", [UnknownReason.PAUSED, UnknownReason.LOCKED])
def test_a_pause_is_a_gap_for_a_stated_reason(unknown_reason: UnknownReason) -> None:
    """Paused from the first to the last second of it; who slouched before has to slouch anew."""
    day = live(slouched(30), paused(30, unknown_reason), slouched(30), hz=5.0)
    off = [reading for reading in day.readings if reading.state is PostureState.PAUSED]

    assert off[-1].t_s - off[0].start_s == pytest.approx(30)
    assert all(reading.gap and reading.reasons == (unknown_reason.value,) for reading in off)
    after = [reading for reading in day.readings if reading.t_s > off[-1].t_s]
    debounce_s = PostureSettings().debounce_s
    unsure_s = sum(reading.span_s for reading in after if reading.state is PostureState.UNKNOWN)
    assert unsure_s == pytest.approx(debounce_s, abs=0.5)
    assert after[0].reasons == (UnknownReason.NO_PICTURE.value,)


def test_a_watch_that_begins_paused_knows_it() -> None:
    """No camera yet, on purpose; the sleep of the machine meanwhile belongs to the pause."""
    day = live(paused(1), silence(100), paused(1), upright(30))

    assert day.readings[0].state is PostureState.PAUSED
    assert day.seconds_in(PostureState.PAUSED) == pytest.approx(102, abs=0.5)
    assert day.readings[-1].state is PostureState.UPRIGHT


def moves(day: Day) -> list[float]:
    """When a change of position was kept long enough to count."""
    return [reading.t_s for reading in day.readings if reading.moved]


def test_who_comes_back_to_another_place_has_not_changed_position() -> None:
    """An absence ends the position that was kept: a chair put elsewhere is no move in it."""
    stayed = live(upright(60), upright(60, shifted=0.4))
    returned = live(upright(60), away(120), upright(60, shifted=0.4))

    assert len(moves(stayed)) == 1
    assert moves(returned) == []


def test_looks_of_which_half_cannot_be_judged_are_enough() -> None:
    """Unknown is what most of them say; every other one is not most."""
    half = live(*[upright(2), unclear(2)] * 20, hz=0.5)
    most = live(*[upright(1), unclear(2)] * 20, hz=1.0)

    assert {reading.state for reading in half.readings} == {PostureState.UPRIGHT}
    assert most.readings[-1].state is PostureState.UNKNOWN


def test_a_new_doubt_is_named_once_it_is_seen_more_often() -> None:
    """Of two that were seen equally often, the one from before stays."""
    day = live(unclear(2, UnknownReason.HAND), unclear(4, UnknownReason.FACE_AWAY), hz=0.5)

    assert [reading.reasons for reading in day.readings] == [
        (UnknownReason.HAND.value,), (UnknownReason.HAND.value,), (UnknownReason.FACE_AWAY.value,),
    ]  # fmt: skip


def test_the_first_look_counts_once() -> None:
    """A watch that begins with a hand at the face knows more with the next look."""
    day = live(unclear(1, UnknownReason.HAND), upright(2), hz=1.0)

    unknown, known = PostureState.UNKNOWN, PostureState.UPRIGHT
    assert [reading.state for reading in day.readings] == [unknown, known, known]


def test_looks_as_far_apart_as_a_gap_may_be_are_no_gap() -> None:
    """Only a longer silence is unknown time."""
    day = live(upright(60), hz=0.5, posture_settings=PostureSettings(gap_s=2.0))
    sparse = live(upright(60), hz=0.5, posture_settings=PostureSettings(gap_s=1.9))

    assert {reading.state for reading in day.readings} == {PostureState.UPRIGHT}
    assert not any(reading.gap for reading in day.readings)
    assert all(reading.gap for reading in sparse.readings[1:])


def test_a_posture_counts_once_it_was_seen_for_as_long_as_that_takes() -> None:
    """With the look that makes it so long, not the one after; and so does an absence."""
    settings = PostureSettings(smoothing_s=0.0, debounce_s=5.0, away_after_s=60.0)
    day = live(upright(30), slouched(30), upright(30), away(90), hz=1.0, posture_settings=settings)
    began_s = {
        reading.state: reading.t_s
        for before, reading in pairwise(day.readings)
        if before.state is not reading.state
    }

    assert began_s[PostureState.SLOUCHED] == 35.0
    assert began_s[PostureState.UPRIGHT] == 65.0
    assert began_s[PostureState.AWAY] == 150.0


def test_a_slouch_that_is_over_but_not_for_long_shows_no_angle() -> None:
    """The state waits; what is seen of it does not."""
    settings = PostureSettings(smoothing_s=0.0, debounce_s=5.0)
    day = live(slouched(30), upright(10), hz=1.0, posture_settings=settings)
    waiting = [one for one in day.readings if 30 <= one.t_s < 35]

    assert {one.state for one in waiting} == {PostureState.SLOUCHED}
    assert day.readings[29].reasons
    assert {one.reasons for one in waiting} == {()}


@pytest.mark.parametrize(
    ("share", "state"), [(0.5, PostureState.SLOUCHED), (0.499, PostureState.UPRIGHT)]
)
def test_an_angle_that_made_a_slouch_leaves_it_below_its_exit(
    share: float, state: PostureState
) -> None:
    """At the exit itself it is still one."""
    day = live(
        slouched(30),
        slouched(30, share * LIMITS.upper_back_deg),
        posture_settings=PostureSettings(exit_ratio=0.5),
    )

    assert day.readings[-1].state is state
