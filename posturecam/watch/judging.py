"""Observations judged in one order: does the baseline fit, which posture is it, what is to be said?

Pure. It decides nothing: `posture.mismatch`, `posture.state` and `alerts.policy` do. Here is what
they remember from one observation to the next, and what of it another baseline ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posturecam.alerts import policy
from posturecam.posture import mismatch, state
from posturecam.values.events import Event, StaleBaseline
from posturecam.watch.turn_events import News

if TYPE_CHECKING:
    from posturecam.values.observation import Observation, Reading, SitterPosition
    from posturecam.values.reasons import QuietReason
    from posturecam.values.settings import PolicySettings, Settings

MOVED_LATELY_S = 30.0
"""A change of position seen so shortly before the end of a guided break was part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of an observation.

    Attributes:
        observation: as it was judged: unknown while the baseline does not fit.
        events: what is to be said, in order.
    """

    observation: Observation
    reading: Reading
    events: tuple[Event, ...]


class Judging:
    """The judgements of one watch."""

    def __init__(self) -> None:
        self._mismatch = mismatch.MismatchMemory()
        self._posture = state.PostureMemory()
        self._policy = policy.PolicyMemory()
        self._news = News()
        self._exercised = False
        self._changed_stance = False

    @property
    def unchanged_s(self) -> float:
        """Known time since the last change of position."""
        return self._policy.unchanged_s

    @property
    def longest_unchanged_s(self) -> float:
        """The most that `unchanged_s` has been."""
        return self._policy.longest_unchanged_s

    @property
    def sitting_s(self) -> float:
        """Presence since the last break."""
        return self._policy.sitting_s

    @property
    def is_stale(self) -> bool:
        """The baseline was found not to fit any more."""
        return self._mismatch.stale

    @property
    def may_be_slouched(self) -> bool:
        """A slouch goes on, or may have begun."""
        return state.may_be_slouched(self._posture)

    @property
    def has_sampled(self) -> bool:
        """There was a sample."""
        return self._news.sampled_s is not None

    def step(
        self,
        observation: Observation,
        settings: Settings,
        *,
        doubted: SitterPosition | None = None,
        quiet: QuietReason | None = None,
    ) -> Judged:
        """Judges the newest observation.

        Args:
            observation: it.
            settings: those in force.
            doubted: where the sitter was at calibration, as long as nothing says whether the camera
                looks there as it did.
            quiet: why alerts wait; None if they do not.
        """
        self._mismatch, observation, different = mismatch.step(
            self._mismatch,
            observation,
            gap_s=settings.posture.gap_s,
            doubted=doubted,
            quiet=quiet is not None,
        )
        self._posture, reading = state.step(self._posture, observation, settings.posture)
        if self._moved_otherwise():
            reading = replace(reading, moved=True)
        self._policy, alerts = policy.step(self._policy, reading, settings.policy, quiet=quiet)
        events = self._news.of(reading)
        if different is not None:
            events.append(StaleBaseline(mismatch=different, profile=settings.profile))
        return Judged(observation=observation, reading=reading, events=(*events, *alerts))

    def is_alert_near(
        self, t_s: float, settings: PolicySettings, *, quiet: QuietReason | None = None
    ) -> bool:
        """Whether there is an alert within `policy.NEAR_S` after `t_s` if nothing changes."""
        newest = self._news.newest
        return newest is not None and policy.is_alert_near(
            self._policy, newest, settings, t_s=t_s, quiet=quiet
        )

    def exercise(self) -> None:
        """A guided break was taken: a change of position, even if it ends where it began."""
        self._exercised = True

    def change_stance(self) -> None:
        """The sitter stood up, or sat down: a change of position."""
        self._changed_stance = True

    def forget_slouch(self) -> None:
        """The same baseline was changed: a slouch by what it was before is over."""
        self._posture = state.without_slouch(self._posture)
        self._policy = policy.without_slouch(self._policy)

    def begin_anew(self) -> None:
        """A baseline was taken: it fits."""
        self._mismatch = mismatch.MismatchMemory()
        self._policy = policy.with_new_baseline(self._policy)

    def begin_elsewhere(self) -> None:
        """A baseline that was taken at another time is in use: another stance or desk."""
        self.begin_anew()
        self._posture = state.at_another_place(self._posture)

    def _moved_otherwise(self) -> bool:
        """Whether something that no picture shows was a change of position; asked once of each."""
        exercised = self._exercised and self._policy.unchanged_s >= MOVED_LATELY_S
        changed = self._changed_stance
        self._exercised = self._changed_stance = False
        return exercised or changed
