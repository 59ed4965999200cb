"""When to ask for the zero of the day: once at its first watch, and once after a long absence.

Pure: readings and moments of the wall in. Nobody is asked who has only just sat down, or twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from posturecam.values.observation import PostureState, Reading, UnknownReason, is_somebody_there

LONG_ABSENCE_S = 3600.0
"""A lunch or a meeting. Each sitting down is another one, but who is asked at each answers none."""
SETTLED_S = 20.0
"""Somebody who was judged for so long since they came has sat down."""
NIGHT = timedelta(hours=4)
"""Who works past midnight has not begun another day."""


def day_of(local: datetime) -> date:
    """The working day of a moment in local time."""
    return (local - NIGHT).date()


@dataclass(slots=True, kw_only=True)
class ZeroQuestion:
    """Whether to ask now.

    Attributes:
        due: the sitter is to be asked once they sit.
    """

    due: bool
    _there_s: float | None = None
    _settled_s: float = 0.0

    def follow(self, reading: Reading, *, disturbed: bool) -> bool:
        """Whether to ask with this reading; not while the sitter is `disturbed` by something."""
        if UnknownReason.IN_A_CALL in reading.reasons:
            self._there_s = reading.t_s  # the camera is away, and not the sitter
        if not is_somebody_there(reading.state, reading.reasons):
            self._settled_s = 0.0
            return False
        if self._there_s is not None and reading.t_s - self._there_s > LONG_ABSENCE_S:
            self.due = True
        self._there_s = reading.t_s
        if reading.state in (PostureState.UPRIGHT, PostureState.SLOUCHED):
            self._settled_s += reading.span_s
        if disturbed or not self.due or self._settled_s < SETTLED_S:
            return False
        self.due = False
        return True
