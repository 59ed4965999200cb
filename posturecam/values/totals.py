"""What stretches of time add up to: one value, added in one way, for watch, log and review."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from operator import add, attrgetter
from typing import Any

from posturecam.base.local_time import HOUR_MS
from posturecam.values.observation import PostureState, UnknownReason

RATE_NEEDS_MS = 600_000
"""Judged time below which changes an hour would be a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a stretch of time was made of; the states and `unwatched_ms` are all of it.

    Attributes:
        moves: kept changes of position.
        outcomes: alerts of which it is known what followed.
        changed_after_ms: for each alert that was followed by a change, how long it took.
        breaks: long enough breaks.
        micro_breaks: shorter ones.
    """

    upright_ms: int = 0
    slouched_ms: int = 0
    away_ms: int = 0
    unknown_ms: int = 0
    paused_ms: int = 0
    unwatched_ms: int = 0
    moves: int = 0
    alerts: int = 0
    outcomes: int = 0
    changed_after_ms: tuple[int, ...] = ()
    breaks: int = 0
    micro_breaks: int = 0
    exercises: int = 0

    def __add__(self, other: Totals) -> Totals:
        """Both together."""
        together = map(add, _values_of(self), _values_of(other))
        return Totals(**dict(zip(_NAMES, together, strict=True)))

    def since(self, earlier: Totals) -> Totals:
        """What has come to `earlier`, which is a part of this."""
        known = len(earlier.changed_after_ms)
        return Totals(
            changed_after_ms=self.changed_after_ms[known:],
            **{name: getattr(self, name) - getattr(earlier, name) for name in _NUMBERS},
        )

    def within(self, start_ms: int, end_ms: int, until_ms: int | None = None) -> Totals:
        """This with the rest of a span as not watched.

        What is after `until_ms`, now, is no part of the rest. A clock that was set back hides
        nothing of what was watched.
        """
        whole_ms = (end_ms if until_ms is None else min(end_ms, until_ms)) - start_ms
        return replace(self, unwatched_ms=max(0, whole_ms - self.watched_ms - self.paused_ms))

    @property
    def by_state(self) -> dict[PostureState, int]:
        """Milliseconds in each state."""
        return {state: getattr(self, f"{state}_ms") for state in PostureState}

    @property
    def shown_by_state(self) -> dict[PostureState, int]:
        """The same, with pauses only where there were any."""
        return {
            state: ms
            for state, ms in self.by_state.items()
            if ms or state is not PostureState.PAUSED
        }

    @property
    def judged_ms(self) -> int:
        """Time of which the posture is known."""
        return self.upright_ms + self.slouched_ms

    @property
    def watched_ms(self) -> int:
        """All that was watched, which leaves out pauses."""
        return self.judged_ms + self.away_ms + self.unknown_ms

    @property
    def wall_ms(self) -> int:
        """All of it."""
        return self.watched_ms + self.paused_ms + self.unwatched_ms

    @property
    def slouched_share(self) -> float | None:
        """Slouched part of the judged time, 0 to 1; None where nothing was judged."""
        return self.slouched_ms / self.judged_ms if self.judged_ms else None

    @property
    def moves_per_hour(self) -> float | None:
        """Changes of position an hour of judged time; None where that is too little."""
        return self.moves * HOUR_MS / self.judged_ms if self.judged_ms >= RATE_NEEDS_MS else None


_NAMES = tuple(field.name for field in fields(Totals))
_values_of = attrgetter(*_NAMES)
_NUMBERS = tuple(name for name in _NAMES if name != "changed_after_ms")


def time_spent(length_ms: Mapping[PostureState, int]) -> Totals:
    """So long in each state."""
    spent: dict[str, Any] = {f"{state}_ms": spent_ms for state, spent_ms in length_ms.items()}
    return Totals(**spent)


def counted_state(
    state: PostureState, reasons: Iterable[object], next_state: PostureState | None
) -> PostureState:
    """The state that a stretch counts as, by what follows it without a hole in the same session.

    An absence began when nobody was seen, not when that was certain.
    """
    nobody = state is PostureState.UNKNOWN and UnknownReason.NOBODY in reasons
    return PostureState.AWAY if nobody and next_state is PostureState.AWAY else state
