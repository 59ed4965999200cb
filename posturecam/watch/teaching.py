"""What the sitter teaches a running watch about themselves: a false alarm, and today's zero."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from posturecam.base.clock import LocalZone
from posturecam.base.errors import PosturecamError
from posturecam.posture.anchors import Anchor, personal_of, with_anchor
from posturecam.posture.angle_model import estimate, slouch_log_odds
from posturecam.posture.state import judge_alone
from posturecam.posture.taught import Taught
from posturecam.posture.zero import is_sitting_down_anew, with_zero, zero_of
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    Control,
    Controlled,
    Event,
    Outcome,
    Refusal,
    ZeroOffered,
)
from posturecam.values.observation import Observation, PostureState, Reading
from posturecam.values.reasons import Lesson
from posturecam.values.settings import Rezero, Settings
from posturecam.watch.false_alarm import SlouchMemory
from posturecam.watch.renewal import refused
from posturecam.watch.zeroing import ZeroQuestion, day_of

if TYPE_CHECKING:
    from posturecam.pose.measures import Measures
    from posturecam.posture.baseline import Baseline
    from posturecam.posture.profiles import Kept
    from posturecam.posture.taking import Taking
    from posturecam.watch.judging import Judged


class Profile(Protocol):
    """Where the baseline, and what is taught, is kept."""

    def keep(self, baseline: Baseline) -> None:
        """Keeps a baseline that was taken anew; may raise `PosturecamError`."""

    def load(self) -> Kept | None:
        """What is kept now, None where nothing is; may raise `PosturecamError`."""

    def taught(self) -> Taught:
        """What it was taught; may raise `PosturecamError`."""

    def teach(self, taught: Taught) -> None:
        """Keeps what it is taught; may raise `PosturecamError`."""


class ForThisWatch:
    """A profile that ends with the watch."""

    def __init__(self) -> None:
        self._taught = Taught()

    def keep(self, baseline: Baseline) -> None:
        """Nothing."""

    def load(self) -> None:
        """Nothing is kept."""

    def taught(self) -> Taught:
        """What it was taught in this watch."""
        return self._taught

    def teach(self, taught: Taught) -> None:
        """Keeps it until the end of the watch."""
        self._taught = taught


class Teaching:
    """Baselines as they are in use: with what the profile was taught, and today's zero.

    Only `live`, with pictures from a camera, does a day begin.

    Raises:
        PosturecamError: what the profile was taught cannot be read.
    """

    def __init__(self, profile: Profile, settings: Settings, *, live: bool) -> None:
        self._profile = profile
        self._thresholds = settings.posture.thresholds
        self._asks = live and settings.rezero is Rezero.ASK
        self._taught = profile.taught()
        self._kept: Baseline | None = None
        self._zeroed_at: datetime | None = None
        self._slouches = SlouchMemory()
        self._question = ZeroQuestion(due=False)
        self._zone = LocalZone()

    def in_use(self, baseline: Baseline, at: datetime) -> Baseline:
        """What to compare with from now on: `baseline` with what was taught, and today's zero."""
        self._kept = baseline
        self._slouches.forget()
        asked = self._is_today(self._taught.asked_at, at) or self._is_today(baseline.taken_at, at)
        self._question.due = self._asks and not asked
        zero = self._taught.zero
        self._zeroed_at = None
        if (
            zero is not None
            and zero.baseline_taken_at == baseline.taken_at
            and self._is_today(zero.at, at)
        ):
            self._zeroed_at = zero.at
            baseline = with_zero(baseline, zero)
        return self._with_anchors(baseline)

    def is_zero_over(self, at: datetime) -> bool:
        """Whether the zero in use is that of a day that has ended."""
        return self._zeroed_at is not None and not self._is_today(self._zeroed_at, at)

    def follow(
        self, judged: Judged, seen: Measures | None, at: datetime, *, disturbed: bool
    ) -> tuple[Event, ...]:
        """Notes one judgement; what is to be said of it.

        `seen` has the measures behind the judgement, where the pose model has just looked. Whoever
        is `disturbed`, by a baseline being taken or in a call, is not asked about a zero now.
        """
        reading = judged.reading
        self._note_slouch(reading, judged.observation, seen)
        if any(isinstance(e, Alerted) and e.kind is AlertKind.SLOUCH for e in judged.events):
            self._slouches.alert(reading.t_s)
        if not self._asks or not self._question.follow(reading, disturbed=disturbed):
            return ()
        with suppress(PosturecamError):  # then the next watch asks again
            self._teach(replace(self._profile.taught(), asked_at=at))
        return (ZeroOffered(),)

    def _note_slouch(
        self, reading: Reading, observation: Observation, seen: Measures | None
    ) -> None:
        if PostureState.SLOUCHED in (reading.state, reading.provisional):
            alone, _ = judge_alone(observation, self._thresholds)
            if seen is not None and alone is PostureState.SLOUCHED:
                self._slouches.expect(seen, reading.t_s)
        elif reading.state in (PostureState.UPRIGHT, PostureState.AWAY):
            self._slouches.end()
        if reading.state is PostureState.SLOUCHED:
            self._slouches.begin()

    def learn_false_alarm(
        self, baseline: Baseline, t_s: float, at: datetime
    ) -> tuple[Baseline | None, tuple[Event, ...]]:
        """Learns that the slouch seen last was none; the baseline with that, and what to say.

        There is no baseline where no slouch was seen lately.
        """
        false_alarm = self._slouches.pop(t_s)
        if false_alarm is None:
            known = self._slouches.was_popped(t_s)
            why = Refusal.LEARNED_ALREADY if known else Refusal.NO_SLOUCH_LATELY
            return None, (refused(why, what=Control.WRONG),)
        anchor = Anchor(
            lesson=Lesson.NO_SLOUCH,
            view=baseline.view,
            pose=false_alarm.pose,
            baseline=baseline.centre,
            model_sha256=baseline.model_sha256,
            at=at,
        )
        events: tuple[Event, ...] = ()
        if false_alarm.alerted_ago_s is not None:
            wrong = AlertFollowed(
                kind=AlertKind.SLOUCH, outcome=Outcome.WRONG, after_s=false_alarm.alerted_ago_s
            )
            events = (*events, wrong)
        try:
            before = self._profile.taught()
            self._teach(replace(before, anchors=with_anchor(before.anchors, anchor)))
        except PosturecamError as error:
            anchors = with_anchor(self._taught.anchors, anchor)
            self._taught = replace(self._taught, anchors=anchors)
            events = (*events, refused(Refusal.NOT_SAVED, error, what=Control.WRONG))
        taught = self._with_anchors(baseline)
        still = self._is_slouched(false_alarm.pose, taught)
        return taught, (Controlled(what=Control.WRONG, still_slouched=still), *events)

    def _is_slouched(self, pose: Measures, baseline: Baseline) -> bool:
        """Whether the pose counts as slouched, before a camera that was not turned."""
        found = estimate(pose, baseline.centre, baseline.view)
        if found is None:
            return False
        found = baseline.personal.corrected(found)
        seen = Observation(
            t_s=0.0,
            view=baseline.view,
            deviations=found.deviations,
            slouch_log_odds=slouch_log_odds(found, baseline.view, self._thresholds),
        )
        return judge_alone(seen, self._thresholds)[0] is PostureState.SLOUCHED

    def rezero(
        self, taking: Taking, at: datetime, *, elsewhere: bool
    ) -> tuple[Baseline | None, tuple[Event, ...]]:
        """Sets the zero of the day; the baseline with it, and what to say.

        There is no baseline where the take makes no zero. None is made where the camera stands
        `elsewhere` or the sitter no longer fits the baseline for another reason: how they sit there
        says nothing of how they sit here.
        """
        if elsewhere:
            return None, (refused(Refusal.ELSEWHERE, what=Control.REZEROING),)
        baseline, take = self._kept, taking.all_takes[0]
        assert baseline is not None  # noqa: S101 - a zero is taken beside one
        try:
            take.check()
        except PosturecamError as error:
            return None, (refused(Refusal.NO_ZERO, error, what=Control.REZEROING),)
        upright = take.centre()
        if not is_sitting_down_anew(upright, baseline, self._thresholds):
            return None, (refused(Refusal.UNLIKE, what=Control.REZEROING),)
        zero = zero_of(upright, baseline, at)
        events: tuple[Event, ...] = (Controlled(what=Control.REZEROED),)
        try:
            self._teach(replace(self._profile.taught(), zero=zero, asked_at=at))
        except PosturecamError as error:
            self._taught = replace(self._taught, zero=zero)
            events = (*events, refused(Refusal.NOT_SAVED, error, what=Control.REZEROING))
        self._question.due = False
        self._zeroed_at = at
        return self._with_anchors(with_zero(baseline, zero)), events

    def keep(self, baseline: Baseline) -> None:
        """Keeps a baseline that was taken anew. Raises `PosturecamError`."""
        self._profile.keep(baseline)

    def _with_anchors(self, baseline: Baseline) -> Baseline:
        anchors = self._taught.anchors
        personal = personal_of(anchors, baseline.view, baseline.model_sha256)
        return replace(baseline, personal=personal)

    def _teach(self, taught: Taught) -> None:
        self._profile.teach(taught)
        self._taught = taught

    def _is_today(self, moment: datetime | None, now: datetime) -> bool:
        if moment is None:
            return False
        return day_of(moment.astimezone(self._zone)) == day_of(now.astimezone(self._zone))
