"""That was no slouch: what is learned of it, and what changes in the watch."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from posturecam.base.errors import DataError
from posturecam.pose.measures import measure
from posturecam.posture.anchors import MOST_FEEDBACK
from posturecam.values.commands import Word
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    Control,
    Controlled,
    ControlRefused,
    Outcome,
    Refusal,
)
from posturecam.values.observation import PostureState
from posturecam.values.reasons import Lesson
from posturecam.values.settings import PolicySettings, Settings
from posturecam.watch.false_alarm import SlouchMemory
from tests.fakes import sitter
from tests.sitters import front_head
from tests.watch.test_controlled_watch import Story
from tests.watch.test_zeroing import ASKED, YESTERDAY

if TYPE_CHECKING:
    from posturecam.values.observation import Landmarks

FALSE_ALARM_PX, CLEAR_PX = 14.0, 60.0
NOON_S = 10_000.0
"""Of a watch that has run for hours."""
SOON = PolicySettings(slouch_after_s=20.0, cooldown_s=30.0)


def story(*drops_px: tuple[float, float]) -> Story:
    """A watch by yesterday's baseline: from each time on the head is so much lower."""

    def people(t_s: float) -> tuple[Landmarks, ...]:
        drop_px = [drop for from_s, drop in drops_px if t_s >= from_s]
        return (sitter(drop_px=drop_px[-1] if drop_px else 0.0),)

    settings = Settings(adaptive=False, policy=SOON)
    return Story(baseline=YESTERDAY, people_at=people, taught=ASKED, settings=settings)


def slouch_alerts(watched: Story) -> list[float]:
    """When the sitter was alerted to a slouch."""
    alerts = watched.sink.events(Alerted)
    return [t_s for t_s, event in alerts if event.kind is AlertKind.SLOUCH]


def ear_y(drop_px: float) -> float:
    """Where the ears are of a head that is so much lower."""
    return measure(sitter(drop_px=drop_px)).ear_y


def pose_of(memory: SlouchMemory, t_s: float) -> float:
    """Where the ears are in the slouch that is meant."""
    found = memory.pop(t_s)
    assert found is not None
    return found.pose.ear_y


def test_the_same_false_alarm_does_not_come_twice() -> None:
    """Said once that it was none: upright at once, alerted of no more, and kept."""
    drops = ((10.0, FALSE_ALARM_PX),)
    unsaid = story(*drops).run(120)
    said = story(*drops).ask(45, Word.WRONG).run(120)
    assert len(slouch_alerts(unsaid)) > 1
    assert len(slouch_alerts(said)) == 1
    assert said.sink.states(after_s=46) == {PostureState.UPRIGHT}
    assert [event.what for _, event in said.sink.events(Controlled)] == [Control.WRONG]
    (anchor,) = said.taught.anchors
    assert anchor.lesson is Lesson.NO_SLOUCH
    assert anchor.pose.ear_y == pytest.approx(ear_y(FALSE_ALARM_PX))
    ((_, followed),) = said.sink.events(AlertFollowed)
    assert (followed.kind, followed.outcome) == (AlertKind.SLOUCH, Outcome.WRONG)
    assert followed.after_s == pytest.approx(45 - slouch_alerts(said)[0], abs=0.5)


def test_the_next_day_it_is_no_slouch_and_a_slouch_is_one() -> None:
    """The next watch knows it, of somebody who sits a little otherwise; a slump is seen."""
    taught = story((10.0, FALSE_ALARM_PX)).ask(45, Word.WRONG).run(50).taught
    near = story((0.0, FALSE_ALARM_PX + 1))
    slump = story((0.0, CLEAR_PX))
    near.taught = slump.taught = taught
    assert near.run(40).sink.states(after_s=20) == {PostureState.UPRIGHT}
    assert slump.run(40).sink.states(after_s=20) == {PostureState.SLOUCHED}


def test_who_says_so_of_a_clear_slouch_every_time_is_still_alerted_to_it() -> None:
    """What is taken off a verdict is bounded, however often the button is pressed."""
    stubborn = story((10.0, CLEAR_PX))
    for t_s in range(40, 140, 10):
        stubborn.ask(t_s, Word.WRONG)
    stubborn.run(190)
    assert stubborn.sink.states(after_s=160) == {PostureState.SLOUCHED}
    assert max(slouch_alerts(stubborn)) > 150
    assert 1 < len(stubborn.taught.anchors) <= MOST_FEEDBACK


@pytest.mark.parametrize(("drop_px", "still"), [(FALSE_ALARM_PX, False), (CLEAR_PX, True)])
def test_whether_it_still_counts_as_a_slouch_is_said(drop_px: float, *, still: bool) -> None:
    """As whoever goes on sitting like that is judged from then on."""
    watched = story((10.0, drop_px)).ask(45, Word.WRONG).run(80)
    ((_, said),) = watched.sink.events(Controlled)
    assert (said.what, said.still_slouched) == (Control.WRONG, still)
    assert (watched.sink.states(after_s=60) == {PostureState.SLOUCHED}) is still


def test_the_pose_is_that_of_the_alert_not_of_now() -> None:
    """Whoever reaches for the mouse sits otherwise by then."""
    moved = story((10.0, FALSE_ALARM_PX), (50.0, 0.0)).ask(70, Word.WRONG).run(80)
    (anchor,) = moved.taught.anchors
    assert anchor.pose.ear_y == pytest.approx(ear_y(FALSE_ALARM_PX), abs=1e-6)


def test_a_slouch_that_nobody_was_alerted_to_can_be_denied_too() -> None:
    """As it is seen in the live view, before the alert."""
    early = story((10.0, FALSE_ALARM_PX)).ask(22, Word.WRONG).run(60)
    assert slouch_alerts(early) == []
    assert early.sink.events(AlertFollowed) == []
    assert len(early.taught.anchors) == 1


def test_without_a_slouch_nothing_is_learned() -> None:
    """None at all, or one that has been answered already; and which of both is said."""
    never = story().ask(20, Word.WRONG).run(30)
    twice = story((10.0, FALSE_ALARM_PX)).ask(45, Word.WRONG).ask(46, Word.WRONG).run(50)
    for watched, learned, why in (
        (never, 0, Refusal.NO_SLOUCH_LATELY),
        (twice, 1, Refusal.LEARNED_ALREADY),
    ):
        refusals = [event for _, event in watched.sink.events(ControlRefused)]
        assert [(e.what, e.why) for e in refusals] == [(Control.WRONG, why)]
        assert len(watched.taught.anchors) == learned


def test_that_it_was_learned_already_is_true_for_ten_minutes() -> None:
    """And never of a slouch by another baseline, or of none."""
    memory = SlouchMemory()
    assert memory.pop(NOON_S) is None
    assert not memory.was_popped(NOON_S)
    memory.see(measure(sitter()), NOON_S)
    assert memory.pop(NOON_S) is not None
    assert memory.pop(NOON_S + 600) is None
    assert memory.was_popped(NOON_S + 600)
    assert not memory.was_popped(NOON_S + 601)
    memory.forget()
    assert not memory.was_popped(NOON_S + 1)


@pytest.mark.parametrize("alerted", [True, False])
@pytest.mark.parametrize(("later_s", "is_meant"), [(600.0, True), (601.0, False)])
def test_a_slouch_is_meant_for_ten_minutes(
    later_s: float, *, alerted: bool, is_meant: bool
) -> None:
    """One that was alerted to as one that was only seen, and once."""
    memory = SlouchMemory()
    memory.see(measure(sitter()), NOON_S)
    if alerted:
        memory.alert(NOON_S)
    found = memory.pop(NOON_S + later_s)
    assert (found is not None) is is_meant
    assert found is None or found.alerted_ago_s == (later_s if alerted else None)
    assert memory.pop(NOON_S) is None


def test_an_alert_to_a_slouch_that_nobody_saw_is_not_denied() -> None:
    """As after a gap: there is no pose that could be learned."""
    memory = SlouchMemory()
    memory.alert(1.0)
    assert memory.pop(2.0) is None


def test_a_pose_that_cannot_be_kept_is_known_for_this_watch() -> None:
    """And that is said."""
    full = story((10.0, FALSE_ALARM_PX))
    full.save_error = DataError("The disk is full.", "Make room.")
    full.ask(45, Word.WRONG).run(80)
    assert [event.why for _, event in full.sink.events(ControlRefused)] == [Refusal.NOT_SAVED]
    assert full.sink.states(after_s=46) == {PostureState.UPRIGHT}
    assert replace(full.taught, asked_at=None).anchors == ()


def test_of_two_slouches_the_pose_is_that_of_the_last() -> None:
    """However short it was: the looks at the one before say nothing of it."""
    memory = SlouchMemory()
    for t_s in range(8):
        memory.see(measure(sitter(drop_px=CLEAR_PX)), float(t_s))
    memory.end()
    memory.see(measure(sitter(drop_px=FALSE_ALARM_PX)), 30.0)
    assert pose_of(memory, 31.0) == pytest.approx(ear_y(FALSE_ALARM_PX))


def test_the_looks_that_led_to_a_slouch_are_its_pose() -> None:
    """Who keeps still is not looked at again as soon as the slouch is the state."""
    pose = measure(sitter())
    memory = SlouchMemory()
    memory.expect(pose, 1.0)
    assert memory.pop(2.0) is None
    memory.expect(pose, 3.0)
    memory.begin()
    assert memory.pop(4.0) is not None
    memory.expect(pose, 5.0)
    memory.end()
    memory.begin()
    assert memory.pop(6.0) is None


@pytest.mark.parametrize(
    ("drops_px", "expected_px"),
    [
        ((20.0, 20.0, 90.0, 20.0), 20.0),
        ((10.0, 30.0, 60.0), 30.0),
        ((60.0, 60.0, 60.0, 10.0, 10.0, 10.0), 10.0),
    ],
    ids=["one is off", "the middle one", "the last five"],
)
def test_the_pose_of_a_slouch_is_the_median_of_its_looks(
    drops_px: tuple[float, ...], expected_px: float
) -> None:
    """Of the next slouch, too: its first look forgets those of the one before, no other does."""
    memory = SlouchMemory()
    for begin_s in (NOON_S, NOON_S + 100):
        for t_s, drop_px in enumerate(drops_px):
            memory.see(measure(sitter(drop_px=drop_px)), begin_s + t_s)
        memory.end()
    assert pose_of(memory, NOON_S + 110) == pytest.approx(ear_y(expected_px))


def test_a_look_without_the_face_mesh_leaves_the_pose_that_of_the_others() -> None:
    """One in five would else teach nothing to who is judged by it; in most, there was none."""
    seen, blind = measure(replace(sitter(), head=front_head())), measure(sitter())
    for looks, size in (([seen, blind, seen], seen.mesh_size), ([blind, seen, blind], None)):
        memory = SlouchMemory()
        for t_s, look in enumerate(looks):
            memory.see(look, NOON_S + t_s)
        found = memory.pop(NOON_S + 5)
        assert found is not None
        assert math.isnan(found.pose.mesh_size) if size is None else found.pose.mesh_size == size
        assert found.pose.ear_y == seen.ear_y


@pytest.mark.parametrize(("later_s", "expected_px"), [(600.0, 40.0), (601.0, 60.0)])
def test_a_slouch_that_nobody_saw_go_on_is_another(later_s: float, expected_px: float) -> None:
    """After ten minutes without a look at it."""
    memory = SlouchMemory()
    memory.see(measure(sitter(drop_px=20.0)), NOON_S)
    memory.see(measure(sitter(drop_px=60.0)), NOON_S + later_s)
    assert pose_of(memory, NOON_S + later_s) == pytest.approx(ear_y(expected_px))


def test_by_another_baseline_no_look_from_before_is_of_a_slouch() -> None:
    """Neither one that was, nor one that was about to be."""
    memory = SlouchMemory()
    memory.see(measure(sitter(drop_px=20.0)), NOON_S)
    memory.expect(measure(sitter(drop_px=20.0)), NOON_S + 1)
    memory.forget()
    memory.begin()
    assert memory.pop(NOON_S + 2) is None
    memory.see(measure(sitter(drop_px=60.0)), NOON_S + 3)
    assert pose_of(memory, NOON_S + 4) == pytest.approx(ear_y(60.0))
