"""Taking a baseline: get ready, hold, several takes, and what is said meanwhile."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from posturecam.base.errors import BaselineError
from posturecam.commands.calibrate import Plan, take_baseline
from posturecam.outputs.baseline_words import baseline_text, progress_text, takes_text
from posturecam.pose.measures import measure
from posturecam.values.observation import (
    Frame,
    Landmarks,
    Posing,
    Stance,
    TakeProgress,
    UnknownReason,
)
from tests.fakes import FakeLandmarker, blank_frame, sitter
from tests.sitters import baseline_of

HZ = 5.0
PLAN = Plan(takes=2, seconds_s=4.0, ready_s=2.0, interval_s=1 / HZ)


def pictures(seconds: float) -> list[Frame]:
    """So many seconds of pictures."""
    return [blank_frame(index / HZ, index) for index in range(round(seconds * HZ))]


def always_there(_t_s: float) -> tuple[Landmarks, ...]:
    """A sitter who keeps still."""
    return (sitter(),)


def arrives_late(t_s: float) -> tuple[Landmarks, ...]:
    """Sits down after three seconds."""
    return (sitter(),) if t_s >= 3 else ()


def test_each_take_begins_with_time_to_get_ready() -> None:
    """Nothing of the countdown enters the take, and the countdown says what is seen."""
    told: list[TakeProgress] = []
    takes = take_baseline(iter(pictures(20)), FakeLandmarker(always_there), PLAN, told.append)

    assert [take.samples for take in takes] == [20, 20]
    first = [progress for progress in told if progress.take == 1]
    assert [progress.holding for progress in first] == [False] * 10 + [True] * 20
    assert first[0].left_s == pytest.approx(2.0)
    assert first[10].left_s == pytest.approx(4.0)
    assert all(progress.unknown_reason is None for progress in told)


def test_between_two_takes_there_is_time_to_get_up() -> None:
    """More than before the first, or before another pose."""
    told: list[TakeProgress] = []
    plan = replace(PLAN, again_s=5.0)
    take_baseline(iter(pictures(40)), FakeLandmarker(always_there), plan, told.append, slump=True)
    waits = {(one.take, one.posing): one.left_s for one in reversed(told) if not one.holding}
    assert waits == {
        (1, Posing.UPRIGHT): pytest.approx(2.0),
        (2, Posing.UPRIGHT): pytest.approx(5.0, abs=0.3),
        (3, Posing.SLUMP): pytest.approx(2.0, abs=0.3),
    }


def test_few_words_say_what_the_takes_are_for() -> None:
    """For somebody who sits and for somebody who stands."""
    assert takes_text(3) == "3 takes, as nobody sits down twice the same. Get up in between."
    assert takes_text(3, Stance.STANDING).startswith("3 takes, as nobody stands twice the same.")


@pytest.mark.parametrize(
    ("quality", "words"),
    [(0.95, "held very still"), (0.5, "held still"), (0.0, "better taken anew")],
)
def test_the_quality_of_a_baseline_is_said_in_words(quality: float, words: str) -> None:
    """With the looks that it rests on."""
    text = baseline_text(replace(baseline_of(measure(sitter())), quality=quality, takes=3))
    assert text.startswith("front view, from 50 looks in 3 takes, ")
    assert text.endswith(words)


def test_a_sleep_of_the_machine_is_no_time_of_a_take() -> None:
    """All the pictures come all the same, and nothing is left of the sleep in what is told."""
    awake = pictures(20)
    slept = [*awake[:15], *(replace(frame, t_s=frame.t_s + 3600) for frame in awake[15:])]
    plan = replace(PLAN, gap_s=3.0)
    told: list[TakeProgress] = []
    takes = take_baseline(iter(slept), FakeLandmarker(always_there), plan, told.append)

    assert [take.samples for take in takes] == pytest.approx([20, 20], abs=2)
    assert min(progress.left_s or 0.0 for progress in told) >= 0.0


def test_pictures_that_come_too_seldom_for_a_take_end_it() -> None:
    """One each five seconds, for hours if somebody waits so long."""
    told: list[TakeProgress] = []
    seldom = (blank_frame(5.0 * index, index) for index in range(1000))
    plan = replace(PLAN, gap_s=3.0)
    with pytest.raises(BaselineError, match="Too few pictures"):
        take_baseline(seldom, FakeLandmarker(always_there), plan, told.append)

    assert len(told) <= 4


def test_a_take_that_cannot_be_used_ends_it_at_once() -> None:
    """Nobody there in most of the first take: no second one is asked for."""
    told: list[TakeProgress] = []
    late = Plan(takes=3, seconds_s=4.0, ready_s=0.0, interval_s=1 / HZ)
    with pytest.raises(BaselineError, match=UnknownReason.NOBODY.value):
        take_baseline(iter(pictures(20)), FakeLandmarker(arrives_late), late, told.append)

    assert {progress.take for progress in told} == {1}
    assert told[0].unknown_reason is UnknownReason.NOBODY


def test_a_source_that_ends_before_the_last_take_is_refused() -> None:
    """It says how many there were and what to do."""
    with pytest.raises(BaselineError, match="1 of 2 takes") as caught:
        take_baseline(iter(pictures(6)), FakeLandmarker(always_there), PLAN, lambda _progress: None)

    assert "--takes 1" in caught.value.remedy


def test_a_take_with_too_few_pictures_says_how_long_is_enough() -> None:
    """Of a slow camera, that is: where the pictures end, a longer take has no more of them."""
    slow = [blank_frame(float(second), second) for second in range(12)]
    plan = Plan(takes=1, seconds_s=7.0, ready_s=0.0, interval_s=1.0)
    for many, remedy in ((12, "Take longer: --seconds 15"), (7, "Give it at least 10.")):
        with pytest.raises(BaselineError, match=r"Too few pictures for a baseline: 7\.") as caught:
            take_baseline(iter(slow[:many]), FakeLandmarker(always_there), plan, lambda _it: None)
        assert caught.value.remedy == remedy


def test_without_a_length_a_take_lasts_as_long_as_the_source() -> None:
    """A folder of upright pictures is one take."""
    whole = Plan(takes=1, seconds_s=None, ready_s=0.0, interval_s=0.0)
    told: list[TakeProgress] = []
    (take,) = take_baseline(iter(pictures(7)), FakeLandmarker(always_there), whole, told.append)

    assert take.samples == 35
    assert told[-1].left_s is None


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (
            TakeProgress(
                take=1, takes=3, holding=False, left_s=2.4, samples=0, unknown_reason=None
            ),
            "take 1 of 3 in 2 s: sit comfortably upright, back supported  (seen clearly)",
        ),
        (
            TakeProgress(
                take=2,
                takes=3,
                holding=True,
                left_s=7.0,
                samples=9,
                unknown_reason=UnknownReason.SHOULDERS_OUT,
            ),
            "take 2 of 3: hold 7 s  (shoulders not in view, 9 pictures)",
        ),
        (
            TakeProgress(
                take=1,
                takes=3,
                holding=False,
                left_s=4.0,
                samples=0,
                unknown_reason=UnknownReason.SHOULDERS_OUT,
            ),
            "take 1 of 3 in 4 s: sit upright  (shoulders not in view)",
        ),
        (
            TakeProgress(
                take=2, takes=3, holding=False, left_s=7.6, samples=0, unknown_reason=None
            ),
            "take 2 of 3 in 8 s: get up, then sit down again, upright  (seen clearly)",
        ),
        (
            TakeProgress(
                take=2,
                takes=3,
                holding=False,
                left_s=7.6,
                samples=0,
                unknown_reason=None,
                posing=Posing.STANDING,
            ),
            "standing in 8 s: stand comfortably upright  (seen clearly)",
        ),
        (
            TakeProgress(
                take=1, takes=1, holding=True, left_s=None, samples=4, unknown_reason=None
            ),
            "baseline: hold  (seen clearly, 4 pictures)",
        ),
    ],
)
def test_progress_reads_in_one_line(progress: TakeProgress, expected: str) -> None:
    """What to do, for how long, and what is seen."""
    assert progress_text(progress) == expected


def test_the_countdown_is_seen_on_a_narrow_terminal() -> None:
    """Whatever is to be done meanwhile."""
    for posing, take, holding, reason in product(
        Posing, (1, 2), (False, True), (None, UnknownReason.SHOULDERS_OUT)
    ):
        progress = TakeProgress(
            take=take,
            takes=3,
            holding=holding,
            left_s=7.0,
            samples=3,
            unknown_reason=reason,
            posing=posing,
        )
        assert " 7 s" in progress_text(progress)[:39]


def test_the_slump_comes_last_and_is_asked_for_in_its_own_words() -> None:
    """One take more than the upright ones, with its own time to get ready."""
    told: list[TakeProgress] = []
    takes = take_baseline(
        iter(pictures(30)), FakeLandmarker(always_there), PLAN, told.append, slump=True
    )

    assert len(takes) == PLAN.takes + 1
    assert [progress.posing is Posing.SLUMP for progress in told] == [
        progress.take == 3 for progress in told
    ]
    texts = [progress_text(progress) for progress in told if progress.posing is Posing.SLUMP]
    assert all(text.startswith("slump") for text in texts)
    assert "tired" in texts[0]


def test_pictures_that_end_before_the_slump_are_refused() -> None:
    """An upright baseline without the slump that was asked for is not quietly kept."""
    with pytest.raises(BaselineError, match="2 of 3"):
        take_baseline(
            iter(pictures(12)),
            FakeLandmarker(always_there),
            PLAN,
            lambda _progress: None,
            slump=True,
        )
