"""What is remembered from one judgement to the next, and what of it another baseline ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from posturecam.pose.measures import measure
from posturecam.posture.observe import observe
from posturecam.values.events import Alerted, AlertKind, Moved, Sampled, StaleBaseline, StateChanged
from posturecam.values.observation import Observation, PostureState, UnknownReason, View
from posturecam.values.reasons import QuietReason
from posturecam.values.settings import PolicySettings, Settings
from posturecam.watch.judging import MOVED_LATELY_S, Judged, Judging
from tests.fakes import sitter
from tests.sitters import baseline_of, detection

if TYPE_CHECKING:
    from collections.abc import Callable

BASELINE = baseline_of(measure(sitter()))
UPRIGHT = observe(detection(sitter()), BASELINE)
SLOUCHED = observe(detection(sitter(drop_px=45.0)), BASELINE)
ELSEWHERE = observe(detection(sitter(x_px=560.0)), BASELINE)
NOBODY = Observation(t_s=0.0, view=View.FRONT, unknown_reason=UnknownReason.NOBODY)
SETTINGS = Settings(policy=PolicySettings(slouch_after_s=60, unchanged_after_s=3600))


class Sitting:
    """Somebody who is judged once a second."""

    def __init__(self) -> None:
        self.judging = Judging()
        self.t_s = 0.0

    def seen(
        self, observation: Observation, seconds: int, *, quiet: QuietReason | None = None
    ) -> list[Judged]:
        """What is made of so many seconds of it."""
        judged = []
        for _ in range(seconds):
            self.t_s += 1.0
            at = replace(observation, t_s=self.t_s)
            judged.append(self.judging.step(at, SETTINGS, quiet=quiet))
        return judged

    def is_alert_near(self, *, quiet: QuietReason | None = None) -> bool:
        """Whether there will be one in a moment."""
        return self.judging.is_alert_near(self.t_s, SETTINGS.policy, quiet=quiet)


@pytest.fixture
def sitting() -> Sitting:
    """One who has not been seen yet."""
    return Sitting()


def kinds(judged: list[Judged]) -> list[type]:
    """What was said, without the samples."""
    return [type(e) for one in judged for e in one.events if not isinstance(e, Sampled)]


def test_a_slouch_that_lasts_is_alerted_of(sitting: Sitting) -> None:
    """It is a state first; that an alert comes is known a moment before."""
    assert not sitting.judging.has_sampled
    sitting.seen(UPRIGHT, 20)
    assert sitting.judging.has_sampled
    assert not sitting.judging.may_be_slouched

    slouched = sitting.seen(SLOUCHED, 63)
    assert slouched[-1].reading.state is PostureState.SLOUCHED
    assert kinds(slouched) == [StateChanged, Moved]
    assert sitting.judging.may_be_slouched
    assert sitting.is_alert_near()
    assert not sitting.is_alert_near(quiet=QuietReason.SNOOZED)
    alerts = [e for one in sitting.seen(SLOUCHED, 5) for e in one.events if isinstance(e, Alerted)]
    assert [alert.kind for alert in alerts] == [AlertKind.SLOUCH]


def test_before_anything_was_seen_no_alert_is_near(sitting: Sitting) -> None:
    """Nothing can go on that did not begin."""
    assert not sitting.is_alert_near()


@pytest.mark.parametrize(
    "change", [Judging.forget_slouch, Judging.begin_anew, Judging.begin_elsewhere]
)
def test_a_slouch_by_another_baseline_is_alerted_of_by_this_one_alone(
    sitting: Sitting, change: Callable[[Judging], None]
) -> None:
    """What lasted before the change does not count; how long one position lasted still does."""
    sitting.seen(UPRIGHT, 20)
    sitting.seen(SLOUCHED, 50)
    known_s = sitting.judging.unchanged_s
    change(sitting.judging)
    assert sitting.judging.unchanged_s == known_s
    assert Alerted not in kinds(sitting.seen(SLOUCHED, 50))
    assert Alerted in kinds(sitting.seen(SLOUCHED, 20))


def test_only_what_changed_the_baseline_itself_ends_a_slouch_at_once(sitting: Sitting) -> None:
    """A new one is asked first."""
    sitting.seen(UPRIGHT, 20)
    sitting.seen(SLOUCHED, 20)
    sitting.judging.begin_anew()
    assert sitting.judging.may_be_slouched
    sitting.judging.forget_slouch()
    assert not sitting.judging.may_be_slouched


def test_a_new_baseline_fits(sitting: Sitting) -> None:
    """One that was changed is the one that was found not to."""
    sitting.seen(UPRIGHT, 20)
    misfit = sitting.seen(ELSEWHERE, 600)
    assert StaleBaseline in kinds(misfit)
    assert sitting.judging.is_stale
    assert misfit[-1].observation.unknown_reason is UnknownReason.STALE
    sitting.judging.forget_slouch()
    assert sitting.judging.is_stale
    sitting.judging.begin_anew()
    assert not sitting.judging.is_stale


def test_in_quiet_it_is_not_said_that_the_baseline_does_not_fit(sitting: Sitting) -> None:
    """It is known all the same."""
    sitting.seen(UPRIGHT, 20)
    assert StaleBaseline not in kinds(sitting.seen(ELSEWHERE, 600, quiet=QuietReason.SNOOZED))
    assert sitting.judging.is_stale


@pytest.mark.parametrize("happen", [Judging.exercise, Judging.change_stance])
def test_what_no_picture_shows_is_one_change_of_position(
    sitting: Sitting, happen: Callable[[Judging], None]
) -> None:
    """A guided break in the chair, and another stance that is judged by its own baseline."""
    assert kinds(sitting.seen(UPRIGHT, 100)) == [StateChanged]
    happen(sitting.judging)
    assert kinds(sitting.seen(UPRIGHT, 30)) == [Moved]
    assert sitting.judging.unchanged_s == pytest.approx(29, abs=1)
    assert sitting.judging.longest_unchanged_s == pytest.approx(100, abs=3)


def test_a_guided_break_is_no_second_change_after_one_that_was_seen(sitting: Sitting) -> None:
    """It was part of it; another stance is none of that."""
    sitting.seen(UPRIGHT, 100)
    sitting.judging.exercise()
    sitting.seen(UPRIGHT, round(MOVED_LATELY_S))
    assert sitting.judging.unchanged_s < MOVED_LATELY_S
    sitting.judging.exercise()
    assert kinds(sitting.seen(UPRIGHT, 1)) == []
    assert sitting.judging.unchanged_s == MOVED_LATELY_S
    sitting.judging.exercise()
    assert kinds(sitting.seen(UPRIGHT, 1)) == [Moved]
    sitting.seen(UPRIGHT, 60)
    sitting.judging.change_stance()
    sitting.seen(UPRIGHT, 10)
    sitting.judging.change_stance()
    assert kinds(sitting.seen(UPRIGHT, 10)) == [Moved]


def test_who_was_away_as_long_as_a_break_sits_down_anew(sitting: Sitting) -> None:
    """Presence before it does not count any more."""
    sitting.seen(UPRIGHT, 100)
    assert sitting.judging.sitting_s == pytest.approx(100, abs=2)
    sitting.seen(NOBODY, round(SETTINGS.policy.break_length_s) + 1)
    sitting.seen(UPRIGHT, 30)
    assert sitting.judging.sitting_s == pytest.approx(30, abs=5)
