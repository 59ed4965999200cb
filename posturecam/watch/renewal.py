"""A new baseline in a running watch: its takes, and whether it may replace the one in use."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from posturecam.base.errors import BaselineError, PosturecamError
from posturecam.posture.baseline import Baseline, combine
from posturecam.posture.taking import Taking, slouched_beside
from posturecam.values.events import BaselineQuestioned, Control, ControlRefused, Refusal
from posturecam.values.observation import Posing, TakeProgress
from posturecam.values.settings import ANSWER_WITHIN_S, READY_S, SIT_UP_S, TAKE_S, ZERO_S

if TYPE_CHECKING:
    from posturecam.watch.task import Task


class Renewal:
    """The baseline on its way; a watch that has none begins with it.

    Attributes:
        taking: its takes, or the one of today's zero, while they last.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self.taking: Taking | None = None
        if task.baseline is None:
            self.taking = Taking(from_s=0.0, until_s=task.calibrate_s)
        self._questioned: Baseline | None = None
        self._answer_until_s = 0.0
        self._unseen_s = 0.0
        self._silent = True

    @property
    def is_under_way(self) -> bool:
        """One is being taken, or waits for a yes."""
        return self.taking is not None or self._questioned is not None

    def progress(self, t_s: float) -> TakeProgress | None:
        """How far it is; None while none is taken."""
        return None if self.taking is None else self.taking.progress(t_s)

    def pass_time(
        self, seconds: float, *, picture: bool, silent: bool, silent_after_s: float
    ) -> None:
        """Puts a take off by the time in which no picture could come; that between two counts.

        Args:
            seconds: since the last call.
            picture: there is one now.
            silent: none can come for the moment.
            silent_after_s: if the last one is older than this, none could come since.
        """
        self._unseen_s += seconds
        self._silent |= silent or self._unseen_s > silent_after_s
        if self._silent and self.taking is not None:
            self.taking.put_off(self._unseen_s)
            self._unseen_s = 0.0
        if picture:
            self._unseen_s, self._silent = 0.0, False

    def begin(self, t_s: float, *, takes: int) -> None:
        """Takes one from soon on; another that waits for a yes is forgotten."""
        self._questioned = None
        self._unseen_s = 0.0
        from_s = t_s + SIT_UP_S
        self.taking = Taking(from_s=from_s, until_s=from_s + TAKE_S, takes=takes)

    @property
    def takes_zero(self) -> bool:
        """The zero of the day is being taken."""
        return self.taking is not None and self.taking.posing is Posing.ZERO

    def begin_zero(self, t_s: float, *, resting: bool) -> Refusal | None:
        """Takes the zero of the day from soon on; else why not now.

        While the watch is `resting` nobody sits upright until whenever that is over.
        """
        if self.taking is not None:
            return Refusal.TAKING
        if resting:
            return Refusal.RESTING
        self._unseen_s = 0.0
        from_s = t_s + READY_S
        self.taking = Taking(from_s=from_s, until_s=from_s + ZERO_S, posing=Posing.ZERO)
        return None

    def result(
        self, taking: Taking, before: Baseline | None, t_s: float, taken_at: datetime
    ) -> Baseline | BaselineQuestioned | ControlRefused:
        """What the takes come to beside the baseline in use.

        One that the old one would call slouched waits for a yes.

        Raises:
            BaselineError: it cannot be used, and there is no other.
        """
        try:
            baseline = combine(
                taking.all_takes,
                profile=self._task.settings.profile,
                model_sha256=self._task.model_sha256,
                taken_at=taken_at,
            )
        except BaselineError as error:
            if before is None:
                raise
            return refused(Refusal.UNUSABLE, error)
        if before is None:
            return baseline
        # The limits that a slump take found belong to the person, the turn to the camera.
        baseline = replace(
            baseline,
            thresholds=before.thresholds,
            rotate_deg=before.rotate_deg,
            desks=before.desks,
            stance=before.stance,
        )
        if reasons := slouched_beside(baseline, before, self._task.settings.posture.thresholds):
            self._questioned = baseline
            self._answer_until_s = t_s + ANSWER_WITHIN_S
            return BaselineQuestioned(reasons=reasons)
        return baseline

    def answered(self) -> Baseline | None:
        """The baseline that was asked about; None if nobody asks any more."""
        questioned, self._questioned = self._questioned, None
        return questioned

    def unanswered(self, t_s: float) -> ControlRefused | None:
        """The refusal of one that nobody has answered for in time."""
        if self._questioned is None or t_s < self._answer_until_s:
            return None
        self._questioned = None
        return refused(Refusal.UNANSWERED)


def refused(
    why: Refusal,
    error: PosturecamError | None = None,
    *,
    what: Control = Control.RECALIBRATING,
) -> ControlRefused:
    """What a watch says of a request that it does not follow, or whose result it cannot keep."""
    return ControlRefused(what=what, why=why, error="" if error is None else error.said())
