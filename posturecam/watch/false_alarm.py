"""Which pose was the slouch that somebody says was none.

Pure. Whoever presses the button has moved since: what counts is how they sat when they were judged.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from posturecam.posture.kept_pose import median_measures

if TYPE_CHECKING:
    from posturecam.pose.measures import Measures

WITHIN_S = 600.0
"""A slouch from longer ago is not what somebody means who says that it was none."""
LOOKS = 5
"""Of one slouch, whose median is its pose: one look alone has the noise of a look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    """A slouch that was none.

    Attributes:
        alerted_ago_s: how long ago the sitter was alerted to it; None where they were not.
    """

    pose: Measures
    alerted_ago_s: float | None = None


@dataclass(slots=True, kw_only=True)
class SlouchMemory:
    """The slouched pose that was seen last, and that of the last alert."""

    _seen: deque[tuple[Measures, float]] = field(default_factory=lambda: deque(maxlen=LOOKS))
    _coming: deque[tuple[Measures, float]] = field(default_factory=lambda: deque(maxlen=LOOKS))
    _over: bool = False
    _alerted: tuple[Measures, float] | None = None
    _popped_s: float = -math.inf

    def expect(self, pose: Measures, t_s: float) -> None:
        """Notes a look that is slouched by itself, while that may become the state.

        Who keeps still is looked at then, and not again for half a minute.
        """
        self._coming.append((pose, t_s))

    def begin(self) -> None:
        """Notes that the sitter counts as slouched: the looks that led to it are of the slouch."""
        while self._coming:
            self.see(*self._coming.popleft())

    def end(self) -> None:
        """Notes that they do not; until the next slouch this one stays the one seen last."""
        self._coming.clear()
        self._over = True

    def see(self, pose: Measures, t_s: float) -> None:
        """Notes a look that is slouched by itself while the sitter counts as slouched."""
        if self._over or not self._is_recent(t_s):
            self._seen.clear()
        self._over = False
        self._seen.append((pose, t_s))

    def alert(self, t_s: float) -> None:
        """Notes that the sitter has just been alerted to a slouch."""
        if self._seen:
            self._alerted = self._pose(), t_s

    def pop(self, t_s: float) -> FalseAlarm | None:
        """What is meant now: the last alert, else the slouch seen last; None without one.

        It is asked for once.
        """
        false_alarm = None
        if self._is_recent(t_s):
            false_alarm = FalseAlarm(pose=self._pose())
        if self._alerted is not None and t_s - self._alerted[1] <= WITHIN_S:
            pose, alerted_s = self._alerted
            false_alarm = FalseAlarm(pose=pose, alerted_ago_s=t_s - alerted_s)
        popped_s = self._popped_s if false_alarm is None else t_s
        self.forget()
        self._popped_s = popped_s
        return false_alarm

    def was_popped(self, t_s: float) -> bool:
        """Whether what could be meant now has been answered already."""
        return t_s - self._popped_s <= WITHIN_S

    def forget(self) -> None:
        """Another baseline: what was a slouch by the one before means nothing."""
        self._seen.clear()
        self._coming.clear()
        self._alerted = None
        self._popped_s = -math.inf

    def _is_recent(self, t_s: float) -> bool:
        return bool(self._seen) and t_s - self._seen[-1][1] <= WITHIN_S

    def _pose(self) -> Measures:
        return median_measures([pose for pose, _ in self._seen])
