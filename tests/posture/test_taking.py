"""A new baseline in a running watch: its takes, and whether it is unlike the one from before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from posturecam.outputs.alert_words import notice_line, notice_text
from posturecam.pose.measures import measure
from posturecam.posture.taking import RESEATED_DEG, Taking, unlike_before
from posturecam.values.events import BaselineQuestioned
from posturecam.values.observation import Detection, TakeProgress, UnknownReason
from posturecam.values.reasons import AngleReason, SlouchSign, sign_of
from posturecam.values.settings import READY_S, TAKE_S, Thresholds
from tests.fakes import sitter as somebody
from tests.sitters import SITTERS, Pose, Sitter, baseline_of

DEEP_DEG = 19.0
RECLINED_DEG = 15.0


def is_asked(sitter: Sitter, pose: Pose) -> bool:
    """Whether this pose as a new baseline raises a question beside the sitter's own."""
    new, old = baseline_of(measure(pose.landmarks)), baseline_of(sitter.baseline)
    reasons = unlike_before(new, old, Thresholds())
    assert len(reasons) <= 2  # nobody reads more before an answer
    return bool(reasons)


def test_a_pose_that_is_far_is_asked_about_and_an_upright_one_seldom() -> None:
    """From any side; with the head turned, too. A chair that was moved hides some of them."""
    deep, reclined, upright = [], [], []
    for sitter in SITTERS:
        for pose in sitter.poses:
            seated_deg = pose.truth_deg[:3]
            if pose.bad and max(seated_deg) >= DEEP_DEG and "chair" not in pose.scenario:
                deep.append(is_asked(sitter, pose))
            if pose.scenario == "recline" and min(seated_deg) <= -RECLINED_DEG:
                reclined.append(is_asked(sitter, pose))
            if not pose.bad and not pose.grey and max(abs(seated_deg)) < RESEATED_DEG:
                upright.append(is_asked(sitter, pose))

    assert len(deep) >= 50
    assert all(deep)
    assert len(reclined) >= 15
    assert sum(reclined) > 0.8 * len(reclined)
    assert sum(upright) < 0.1 * len(upright)


def test_an_upright_baseline_after_one_in_a_slouch_is_asked_about() -> None:
    """It says how much further back one sits; the one before may have been the right one."""
    found = []
    for sitter in SITTERS:
        for pose in sitter.poses:
            if pose.scenario == "slump" and max(pose.truth_deg[:3]) >= DEEP_DEG:
                new, old = baseline_of(sitter.baseline), baseline_of(measure(pose.landmarks))
                found.append(unlike_before(new, old, Thresholds()))
    assert len(found) >= 10
    assert all(found)
    signs = {sign_of(reason) for reasons in found for reason in reasons}
    assert signs <= {SlouchSign.UPPER_BACK_BACK, SlouchSign.TRUNK_BACK, SlouchSign.HEAD_BACK}


@pytest.mark.parametrize("change", ["shoulder_x", "aspect", "facing"])
def test_another_place_is_not_compared(change: str) -> None:
    """Who has moved the camera, or looks elsewhere, is not asked: angles mean nothing there."""
    sitter = next(it for it in SITTERS if any(pose.bad for pose in it.poses))
    pose = next(it for it in sitter.poses if it.bad and is_asked(sitter, it))
    there = measure(pose.landmarks)
    moved = replace(there, **{change: getattr(there, change) + 2.0})
    old = baseline_of(sitter.baseline)
    assert unlike_before(baseline_of(moved), old, Thresholds()) == ()


def test_what_other_models_placed_is_not_compared() -> None:
    """Their shoulders lie elsewhere in the same pose; who takes another model is not asked."""
    sitter = next(it for it in SITTERS if any(pose.bad for pose in it.poses))
    pose = next(it for it in sitter.poses if it.bad and is_asked(sitter, it))
    new, old = baseline_of(measure(pose.landmarks)), baseline_of(sitter.baseline)
    assert unlike_before(new, replace(old, model_sha256="1" * 64), Thresholds()) == ()


def test_the_question_says_how_it_is_unlike_the_one_before() -> None:
    """And that nothing happens without an answer."""
    reasons = (
        AngleReason(sign=SlouchSign.UPPER_BACK_FORWARD, deg=16.0, estimated=True),
        SlouchSign.HEAD_FORWARD,
    )
    question = BaselineQuestioned(reasons=reasons)
    assert notice_text(question) == (
        "Were you sitting upright?",
        "Say yes, and the new baseline is used. It is unlike the one before: upper back and head "
        "forward.",
    )
    assert "upper back about 16° forward and head forward" in notice_line(question)


def shown(taking: Taking, *, from_s: float = 0.0, absent: bool = False) -> list[TakeProgress]:
    """What a sitter who keeps still is told, twice a second, until there is no more to take."""
    told = []
    t_s = from_s
    while taking.goes_on(t_s):
        people = () if absent else (somebody(),)
        taking.add(Detection(t_s=t_s, people=people, brightness=120.0))
        told.append(taking.progress(t_s))
        t_s += 0.5
    return told


def test_each_take_is_counted_down_to_and_held_until_its_end() -> None:
    """Nothing of the countdown enters a take, and every picture of its time does."""
    taking = Taking(from_s=2.0, until_s=2.0 + TAKE_S, takes=2)
    told = shown(taking)

    takes = [[one for one in told if one.take == number] for number in (1, 2)]
    for take, ready_s in zip(takes, (2.0, READY_S), strict=True):
        assert [one.left_s for one in take if not one.holding][::2] == [
            ready_s - passed_s for passed_s in range(round(ready_s))
        ]
        held = [one for one in take if one.holding]
        assert (held[0].left_s, held[-1].left_s) == (TAKE_S, 0.5)
        assert [one.samples for one in held] == list(range(1, round(2 * TAKE_S) + 1))
    assert [take.samples for take in taking.all_takes] == [round(2 * TAKE_S)] * 2
    assert taking.progress(1000.0).left_s == 0.0


def test_time_without_pictures_is_put_after_the_countdown_or_the_take() -> None:
    """Both edges move by it."""
    taking = Taking(from_s=2.0, until_s=2.0 + TAKE_S)
    taking.put_off(3600.0)

    assert taking.progress(3600.0).left_s == 2.0
    assert len(shown(taking, from_s=3600.0)) == round(2 * (2.0 + TAKE_S))


@pytest.mark.parametrize(("settles_s", "lasts_s"), [(0.0, TAKE_S), (9.0, 12.0), (90.0, 2 * TAKE_S)])
def test_who_moves_about_is_given_more_time(settles_s: float, lasts_s: float) -> None:
    """Until a pose is kept that was come back to, at most as long again."""
    taking = Taking(from_s=0.0, until_s=TAKE_S)
    t_s = 0.0
    while taking.goes_on(t_s):
        way = round(t_s * 2) % 3 if t_s < settles_s else 0
        person = somebody(drop_px=40.0 * way)
        taking.add(Detection(t_s=t_s, people=(person,), brightness=120.0))
        t_s += 0.5

    assert t_s == pytest.approx(lasts_s, abs=1.0)


def test_a_take_that_cannot_be_used_is_the_last() -> None:
    """What is wrong is said from the countdown on; nobody is asked to go on posing."""
    told = shown(Taking(from_s=2.0, until_s=2.0 + TAKE_S, takes=3), absent=True)

    assert {(one.take, one.samples, one.unknown_reason) for one in told} == {
        (1, 0, UnknownReason.NOBODY)
    }
