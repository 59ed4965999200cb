"""How sure a verdict is."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.posture.state import (
    SLOUCHED_FROM,
    PostureMemory,
    is_another_position,
    judge_alone,
    median_deviations,
    slouch_probability,
    slouch_reasons,
    stays_slouched_from,
    step,
)
from posturecam.values.observation import (
    Deviations,
    Observation,
    PostureState,
    SitterPosition,
    UnknownReason,
    View,
)
from posturecam.values.reasons import SlouchReason, SlouchSign
from posturecam.values.settings import PostureSettings, Thresholds
from tests.fakes import seen
from tests.simulated_days import Day, away, live, paused, silence, slouched, unclear, upright

LIMITS = Thresholds()


def look(log_odds: float, forward_deg: float = 0.0, tilt_deg: float = 0.0) -> Observation:
    """What one frame shows."""
    seen = Deviations.from_arrays([forward_deg, 0.0, 0.0, 0.0, tilt_deg], [1.0] * 5)
    return Observation(t_s=0.0, view=View.FRONT, deviations=seen, slouch_log_odds=log_odds)


@pytest.mark.parametrize(
    ("observation", "state", "causes"),
    [
        (unclear_look := Observation(t_s=0.0, view=View.FRONT, unknown_reason=UnknownReason.HAND),
         PostureState.UNKNOWN, [UnknownReason.HAND]),
        (replace(unclear_look, unknown_reason=UnknownReason.NOBODY),
         PostureState.AWAY, [UnknownReason.NOBODY]),
        (look(math.nan, 20.0), PostureState.UNKNOWN, [UnknownReason.NOT_A_SITTER]),
        (look(-0.001, 20.0), PostureState.UPRIGHT, []),
        (look(0.0, LIMITS.upper_back_deg), PostureState.SLOUCHED, [SlouchSign.UPPER_BACK_FORWARD]),
    ],
)  # fmt: skip
def test_one_picture_is_judged_by_itself(
    observation: Observation, state: PostureState, causes: list[UnknownReason | SlouchSign]
) -> None:
    """At even odds it is slouched, whatever the angles; without odds nobody knows."""
    found, reasons = judge_alone(observation, LIMITS)

    assert found is state
    assert [getattr(one, "sign", one) for one in reasons] == causes


@pytest.mark.parametrize("measured", [(True, True), (True, False), (False, False)])
def test_a_median_is_measured_where_all_of_it_is(measured: tuple[bool, ...]) -> None:
    """A line among estimates in space makes no measured degrees, and no other angle is measured."""
    looks = [
        replace(one, deviations=replace(one.deviations, tilt_is_measured=line))
        for line in measured
        if (one := look(1.0, 20.0, 9.0)).deviations is not None
    ]

    tilt, back = slouch_reasons(median_deviations(looks), View.FRONT, LIMITS)[::-1]

    assert tilt == seen(SlouchSign.LEFT_SHOULDER_LOWER, 9.0, estimated=not all(measured))
    assert back == seen(SlouchSign.UPPER_BACK_FORWARD, 20.0)


def test_a_median_is_as_sure_as_the_newest_look() -> None:
    """Not as the first, nor as the median of them."""
    looks = [Deviations.from_arrays([20.0] * 5, [sd_deg] * 5) for sd_deg in (3.0, 1.0, 2.0)]
    seen_so = [replace(look(1.0), deviations=deviations) for deviations in looks]

    assert median_deviations(seen_so).sds_deg() == (2.0,) * 5


@pytest.mark.parametrize(
    ("observation", "reasons"),
    [
        (look(1.0, 12.0, 7.5), [seen(SlouchSign.LEFT_SHOULDER_LOWER, 7.5),
                                seen(SlouchSign.UPPER_BACK_FORWARD, 12.0)]),
        (look(1.0, 11.9), [SlouchSign.UPPER_BACK_FORWARD]),
        (look(1.0, 2.0, -6.9), [SlouchSign.LEFT_SHOULDER_HIGHER]),
        (look(7.0, -3.0), [SlouchSign.BACK_MORE_BENT]),
    ],
)  # fmt: skip
def test_a_slouch_says_degrees_only_of_angles_beyond_their_threshold(
    observation: Observation, reasons: list[SlouchReason]
) -> None:
    """Else what stands out most, with none: no angle is pulled to where the verdict is."""
    assert list(judge_alone(observation, LIMITS)[1]) == reasons


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


log_odds = st.floats(-7, 7)


@given(odds=st.lists(log_odds, min_size=2, max_size=60), exit_ratio=st.floats(0.1, 1))
def test_state_and_probability_agree(odds: list[float], exit_ratio: float) -> None:
    """Slouched from even odds on and until below the exit."""
    settings = PostureSettings(exit_ratio=exit_ratio, debounce_s=0.0, gap_s=1.0, smoothing_s=1.0)
    memory, slouched_before = PostureMemory(), False
    for index, value in enumerate(odds):
        memory, reading = step(memory, replace(look(value), t_s=0.5 * index), settings)
        least = stays_slouched_from(exit_ratio) if slouched_before else SLOUCHED_FROM
        slouched_before = reading.slouch_probability >= least

        assert (reading.state is PostureState.SLOUCHED) == slouched_before
        assert bool(reading.reasons) == slouched_before


@pytest.mark.parametrize(
    ("hovers_at", "then"),
    [(-0.1, PostureState.UPRIGHT), (0.1, PostureState.SLOUCHED)],
    ids=["less likely than not", "likely anew"],
)
def test_who_sat_up_and_hovers_between_the_edges_is_upright(
    hovers_at: float, then: PostureState
) -> None:
    """Three seconds below the exit, then above it: less than the debounce by themselves."""
    settings = PostureSettings()
    odds = [5.0] * 20 + [-5.0] * 3 + [hovers_at] * 10
    memory = PostureMemory()
    for t_s, value in enumerate(odds):
        memory, reading = step(memory, replace(look(value), t_s=float(t_s)), settings)

    assert reading.slouch_probability > stays_slouched_from(settings.exit_ratio)
    assert reading.state is then


@given(value=log_odds)
def test_a_picture_by_itself_has_the_probability_that_decides_it(value: float) -> None:
    """Slouched if and only if that is at least as likely as not."""
    state, _ = judge_alone(look(value), LIMITS)

    assert (slouch_probability(look(value)) >= SLOUCHED_FROM) == (state is PostureState.SLOUCHED)
    assert math.log(1 / slouch_probability(look(value)) - 1) == pytest.approx(-value, abs=1e-6)


def test_the_probability_is_that_of_the_median_look() -> None:
    """One look that is quite sure does not outweigh two that are not."""
    memory = PostureMemory()
    for index, value in enumerate([-1.0, -2.0, -3.0, 7.0]):
        memory, reading = step(
            memory, replace(look(value), t_s=0.5 * index), PostureSettings(smoothing_s=1.0)
        )

    assert math.log(1 / reading.slouch_probability - 1) == pytest.approx(2.0)  # of -2, -3 and 7


def test_every_judged_reading_carries_it() -> None:
    """And a reading that cannot be judged does not."""
    day = live(upright(30), slouched(30, 22.0), unclear(30), hz=5.0)
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


@pytest.mark.parametrize("t_s", [5.0, 4.9])
def test_time_that_does_not_go_forward_is_refused(t_s: float) -> None:
    """A span of nothing, or less, would count as some."""
    memory, _ = step(PostureMemory(), replace(look(-5.0), t_s=5.0), PostureSettings())

    with pytest.raises(ValueError, match="forward"):
        step(memory, replace(look(-5.0), t_s=t_s), PostureSettings())


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
    """With the look that makes it so long, not the one after; and so does an absence.

    Until then it is provisional, from its first look on; who is away is no more than that.
    """
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
    seen_s = {
        provisional: [one.t_s for one in day.readings if one.provisional is provisional]
        for provisional in (PostureState.SLOUCHED, PostureState.UPRIGHT)
    }

    assert seen_s[PostureState.SLOUCHED] == [30.0, 31.0, 32.0, 33.0, 34.0]
    assert seen_s[PostureState.UPRIGHT] == [60.0, 61.0, 62.0, 63.0, 64.0]
    assert {one.provisional for one in day.readings if one.state is PostureState.AWAY} == {None}


def test_the_newest_look_is_told_before_the_middle_of_the_last_ones() -> None:
    """Whoever sat up sees at once that it was noticed, though it is not sure yet."""
    day = live(upright(30), slouched(30), upright(30), away(30), hz=5.0)
    first_s = {
        name: next(
            one.t_s
            for one in day.readings
            if one.t_s > 59 and getattr(one, name) is PostureState.UPRIGHT
        )
        for name in ("newest", "provisional")
    }

    assert first_s["newest"] == pytest.approx(60.0)
    assert first_s["provisional"] == pytest.approx(61.0)
    assert day.readings[-1].newest is PostureState.UNKNOWN


def test_a_slouch_that_is_over_but_not_for_long_shows_no_angle() -> None:
    """The state waits; what is seen of it does not."""
    settings = PostureSettings(smoothing_s=0.0, debounce_s=5.0)
    day = live(slouched(30), upright(10), hz=1.0, posture_settings=settings)
    waiting = [one for one in day.readings if 30 <= one.t_s < 35]

    assert {one.state for one in waiting} == {PostureState.SLOUCHED}
    assert day.readings[29].reasons
    assert {one.reasons for one in waiting} == {()}


@pytest.mark.parametrize(
    ("share", "state"), [(0.501, PostureState.SLOUCHED), (0.499, PostureState.UPRIGHT)]
)
def test_a_slouch_is_left_below_the_share_of_the_angle_that_enters_it(
    share: float, state: PostureState
) -> None:
    """As the setting says."""
    day = live(
        slouched(30),
        slouched(30, share * LIMITS.upper_back_deg),
        posture_settings=PostureSettings(exit_ratio=0.5),
    )

    assert day.readings[-1].state is state
