"""How the time of a watch was spent, as it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.alerts import policy
from posturecam.values.events import Alerted, Moved, Totals
from posturecam.values.observation import PostureState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posturecam.values.events import Event
    from posturecam.values.observation import Reading


class Tally:
    """Adds readings and events up to `Totals`."""

    def __init__(self) -> None:
        self._seconds = dict.fromkeys(PostureState, 0.0)
        self._nobody_s = 0.0
        self._longest_unchanged_s = 0.0
        self._moves = 0
        self._alerts = 0

    def add(self, reading: Reading, events: Sequence[Event], longest_unchanged_s: float) -> None:
        """Counts one turn of the loop."""
        self._seconds[reading.state] += reading.span_s
        if reading.state is PostureState.AWAY:
            # The absence began when nobody was seen, not when that was certain.
            self._seconds[PostureState.AWAY] += self._nobody_s
            self._seconds[PostureState.UNKNOWN] -= self._nobody_s
        nobody = reading.state is PostureState.UNKNOWN and policy.is_absent(reading)
        self._nobody_s = self._nobody_s + reading.span_s if nobody else 0.0
        self._longest_unchanged_s = longest_unchanged_s
        self._moves += sum(isinstance(event, Moved) for event in events)
        self._alerts += sum(isinstance(event, Alerted) for event in events)

    @property
    def totals(self) -> Totals:
        """All so far."""
        return Totals(
            upright_s=self._seconds[PostureState.UPRIGHT],
            slouched_s=self._seconds[PostureState.SLOUCHED],
            away_s=self._seconds[PostureState.AWAY],
            unknown_s=self._seconds[PostureState.UNKNOWN],
            paused_s=self._seconds[PostureState.PAUSED],
            longest_unchanged_s=self._longest_unchanged_s,
            moves=self._moves,
            alerts=self._alerts,
        )
