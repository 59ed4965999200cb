"""Which of a profile's two baselines is in use: that of somebody sitting, or standing.

Pure: looks in. With one baseline there is nothing to choose.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from posturecam.pose.measures import position_of
from posturecam.pose.sitter import find_sitter
from posturecam.posture.stance import StanceMemory, have_one_room, stance_seen, step
from posturecam.values.observation import (
    NOT_JUDGED,
    Detection,
    Observation,
    SitterPosition,
    Stance,
    UnknownReason,
)

if TYPE_CHECKING:
    from posturecam.posture.baseline import Baseline
    from posturecam.posture.scenery import CameraTurn, Scenery


class Stances:
    """The baselines of a profile, and which of them fits.

    There is no `sitting` one until it has been taken, and in most profiles no `standing` one.
    """

    def __init__(self, sitting: Baseline | None, standing: Baseline | None) -> None:
        self._baselines = {
            stance: baseline
            for stance, baseline in ((Stance.SITTING, sitting), (Stance.STANDING, standing))
            if baseline is not None
        }
        self._memory = StanceMemory()
        self._in_use = Stance.SITTING
        self._has_begun = False
        self._one_room = self._have_one_room()

    @property
    def are_two(self) -> bool:
        """Whether there is a choice."""
        return len(self._baselines) == len(Stance)

    @property
    def in_use(self) -> Stance | None:
        """The stance of the baseline in use; None where there is no choice."""
        return self._in_use if self.are_two else None

    @property
    def baseline(self) -> Baseline:
        """The one in use, as it is kept."""
        return self._baselines[self._in_use]

    def holds(self, sitting: Baseline, standing: Baseline | None) -> bool:
        """Whether the two are the ones held here, by when they were taken."""
        taken = {stance: baseline.taken_at for stance, baseline in self._baselines.items()}
        given = (baseline for baseline in (sitting, standing) if baseline is not None)
        return taken == {baseline.stance: baseline.taken_at for baseline in given}

    def replace(self, baseline: Baseline) -> None:
        """Notes a baseline that was taken anew."""
        self._baselines[baseline.stance] = baseline
        self._one_room = self._have_one_room()

    def see(self, detection: Detection, scenery: Scenery | None, turn: CameraTurn | None) -> None:
        """Notes a look, with what stands around and how the camera has turned, if known."""
        if not self.are_two:
            return
        sitting, standing = self._baselines[Stance.SITTING], self._baselines[Stance.STANDING]
        position = None if turn is None else self._position(detection, turn)
        # To look at a room costs as much as a fifth of a look of the pose model.
        seen = stance_seen(sitting, standing, position, None if self._one_room else scenery)
        self._memory = step(self._memory, seen, detection.t_s)

    def unless_changing(self, observation: Observation) -> Observation:
        """The observation; unknown while the sitter may be about to sit down or stand up."""
        changing = self._memory.other_since_s is not None or self._other() is not None
        judged = observation.deviations is not None or observation.unknown_reason in NOT_JUDGED
        if not (changing and judged):
            return observation
        return replace(
            observation,
            deviations=None,
            unknown_reason=UnknownReason.CHANGING,
            position=None,
            mismatch=None,
            sign=None,
        )

    def change(self) -> tuple[Baseline, bool] | None:
        """The other baseline, once it fits, and whether it did from the start; of each change once.

        None while the one in use does.
        """
        other, from_the_start = self._other(), not self._has_begun
        self._has_begun |= self._memory.stance is not None
        if other is None:
            return None
        self._in_use = other
        return self._baselines[other], from_the_start

    def _have_one_room(self) -> bool:
        return self.are_two and have_one_room(*(self._baselines[stance] for stance in Stance))

    def _other(self) -> Stance | None:
        stance = self._memory.stance
        return stance if self.are_two and stance not in (None, self._in_use) else None

    def _position(self, detection: Detection, turn: CameraTurn) -> SitterPosition | None:
        """Where somebody is that may be the sitter by one baseline or the other."""
        for stance in sorted(Stance, key=lambda stance: stance is not self._in_use):
            baseline = self._baselines[stance]
            found = find_sitter(detection, baseline.centre, turn.put_back)
            if not isinstance(found, UnknownReason):
                return position_of(found.measures, baseline.view)
        return None
