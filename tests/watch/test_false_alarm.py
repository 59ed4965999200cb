"""That was no slouch: what is learned of it, and what changes in the watch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from posturecam.base.errors import DataError
from posturecam.pose.measures import measure
from posturecam.posture.anchors import MOST_FEEDBACK
from posturecam.values.commands import Wrong
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    Outcome,
    Refusal,
    Steered,
    Steering,
    SteeringRefused,
)
from posturecam.values.observation import PostureState
from posturecam.values.reasons import Lesson
from posturecam.values.settings import PolicySettings, Settings
from posturecam.watch.false_alarm import WITHIN_S, SlouchMemory
from tests.fakes import sitter
from tests.watch.test_steered_watch import Story
from tests.watch.test_zeroing import ASKED, YESTERDAY

if TYPE_CHECKING:
    from posturecam.values.observation import Landmarks

FALSE_ALARM_PX, CLEAR_PX = 14.0, 60.0
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


def test_the_same_false_alarm_does_not_come_twice() -> None:
    """Said once that it was none: upright at once, alerted of no more, and kept."""
    drops = ((10.0, FALSE_ALARM_PX),)
    unsaid = story(*drops).run(120)
    said = story(*drops).ask(45, Wrong()).run(120)
    assert len(slouch_alerts(unsaid)) > 1
    assert len(slouch_alerts(said)) == 1
    assert said.sink.states(after_s=46) == {PostureState.UPRIGHT}
    assert [event.what for _, event in said.sink.events(Steered)] == [Steering.WRONG]
    (anchor,) = said.taught.anchors
    assert anchor.lesson is Lesson.NO_SLOUCH
    assert anchor.pose == measure(sitter(drop_px=FALSE_ALARM_PX)) or anchor.pose.ear_y == (
        pytest.approx(measure(sitter(drop_px=FALSE_ALARM_PX)).ear_y)
    )
    ((_, followed),) = said.sink.events(AlertFollowed)
    assert (followed.kind, followed.outcome) == (AlertKind.SLOUCH, Outcome.WRONG)
    assert followed.after_s == pytest.approx(45 - slouch_alerts(said)[0], abs=0.5)


def test_the_next_day_it_is_no_slouch_and_a_slouch_is_one() -> None:
    """The next watch knows it, of somebody who sits a little otherwise; a slump is seen."""
    taught = story((10.0, FALSE_ALARM_PX)).ask(45, Wrong()).run(50).taught
    near = story((0.0, FALSE_ALARM_PX + 1))
    slump = story((0.0, CLEAR_PX))
    near.taught = slump.taught = taught
    assert near.run(40).sink.states(after_s=20) == {PostureState.UPRIGHT}
    assert slump.run(40).sink.states(after_s=20) == {PostureState.SLOUCHED}


def test_who_says_so_of_a_clear_slouch_every_time_is_still_alerted_to_it() -> None:
    """What is taken off a verdict is bounded, however often the button is pressed."""
    stubborn = story((10.0, CLEAR_PX))
    for t_s in range(40, 140, 10):
        stubborn.ask(t_s, Wrong())
    stubborn.run(190)
    assert stubborn.sink.states(after_s=160) == {PostureState.SLOUCHED}
    assert max(slouch_alerts(stubborn)) > 150
    assert 1 < len(stubborn.taught.anchors) <= MOST_FEEDBACK


def test_the_pose_is_that_of_the_alert_not_of_now() -> None:
    """Whoever reaches for the mouse sits otherwise by then."""
    moved = story((10.0, FALSE_ALARM_PX), (50.0, 0.0)).ask(70, Wrong()).run(80)
    (anchor,) = moved.taught.anchors
    expected = measure(sitter(drop_px=FALSE_ALARM_PX))
    assert anchor.pose.ear_y == pytest.approx(expected.ear_y, abs=1e-6)


def test_a_slouch_that_nobody_was_alerted_to_can_be_denied_too() -> None:
    """As it is seen in the live view, before the alert."""
    early = story((10.0, FALSE_ALARM_PX)).ask(22, Wrong()).run(60)
    assert slouch_alerts(early) == []
    assert early.sink.events(AlertFollowed) == []
    assert len(early.taught.anchors) == 1


def test_without_a_slouch_nothing_is_learned() -> None:
    """None at all, one that has been answered already, or one of long ago; and that is said."""
    never = story().ask(20, Wrong()).run(30)
    twice = story((10.0, FALSE_ALARM_PX)).ask(45, Wrong()).ask(46, Wrong()).run(50)
    for watched, learned in ((never, 0), (twice, 1)):
        refusals = [event for _, event in watched.sink.events(SteeringRefused)]
        assert [(e.what, e.why) for e in refusals] == [(Steering.WRONG, Refusal.NO_SLOUCH_LATELY)]
        assert len(watched.taught.anchors) == learned


def test_a_slouch_of_long_ago_is_not_meant() -> None:
    """Neither one that was alerted to, nor one that was only seen."""
    pose = measure(sitter())
    memory = SlouchMemory()
    memory.see(pose, 0.0)
    memory.alert(1.0)
    assert memory.take(2.0 + WITHIN_S) is None
    memory.see(pose, 0.0)
    assert memory.take(WITHIN_S) is not None
    assert memory.take(WITHIN_S) is None


def test_an_alert_to_a_slouch_that_nobody_saw_is_not_denied() -> None:
    """As after a gap: there is no pose that could be learned."""
    memory = SlouchMemory()
    memory.alert(1.0)
    assert memory.take(2.0) is None


def test_one_look_that_is_off_does_not_make_the_pose() -> None:
    """It is the median of the last few."""
    pose, off = measure(sitter(drop_px=20)), measure(sitter(drop_px=90))
    memory = SlouchMemory()
    for index, seen in enumerate((pose, pose, off, pose)):
        memory.see(seen, float(index))
    found = memory.take(4.0)
    assert found is not None
    assert found.pose.ear_y == pytest.approx(pose.ear_y)


def test_a_pose_that_cannot_be_kept_is_known_for_this_watch() -> None:
    """And that is said."""
    full = story((10.0, FALSE_ALARM_PX))
    full.save_error = DataError("The disk is full.", "Make room.")
    full.ask(45, Wrong()).run(80)
    assert [event.why for _, event in full.sink.events(SteeringRefused)] == [Refusal.NOT_SAVED]
    assert full.sink.states(after_s=46) == {PostureState.UPRIGHT}
    assert replace(full.taught, asked_at=None).anchors == ()


def test_of_two_slouches_the_pose_is_that_of_the_last() -> None:
    """However short it was: the looks at the one before say nothing of it."""
    before, last = measure(sitter(drop_px=CLEAR_PX)), measure(sitter(drop_px=FALSE_ALARM_PX))
    memory = SlouchMemory()
    for t_s in range(8):
        memory.see(before, float(t_s))
    memory.end()
    memory.see(last, 30.0)
    found = memory.take(31.0)
    assert found is not None
    assert found.pose.ear_y == pytest.approx(last.ear_y)


def test_the_looks_that_led_to_a_slouch_are_its_pose() -> None:
    """Who keeps still is not looked at again as soon as the slouch is the state."""
    pose = measure(sitter())
    memory = SlouchMemory()
    memory.expect(pose, 1.0)
    assert memory.take(2.0) is None
    memory.expect(pose, 3.0)
    memory.begin()
    assert memory.take(4.0) is not None
    memory.expect(pose, 5.0)
    memory.end()
    memory.begin()
    assert memory.take(6.0) is None


def test_the_pose_of_a_slouch_is_the_median_of_its_looks() -> None:
    """Of the next one, too: its first look forgets those of the one before, and no other does."""
    poses = [measure(sitter(drop_px=drop_px)) for drop_px in (10.0, 60.0, 30.0)]
    memory = SlouchMemory()
    for begin_s in (0.0, 100.0):
        for t_s, pose in enumerate(poses):
            memory.see(pose, begin_s + t_s)
        memory.end()
    found = memory.take(110.0)
    assert found is not None
    assert found.pose.ear_y == pytest.approx(poses[2].ear_y)
