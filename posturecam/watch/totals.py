"""How the time of a watch was spent, as it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from posturecam.values.events import Alerted, Event, Moved, Tick
from posturecam.values.observation import Cause, PostureState, Reading
from posturecam.values.totals import Totals, counted_state, time_spent


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The totals so far, and the stretch at their end, which may come to count as an absence."""

    before: Totals = field(default_factory=Totals)
    state: PostureState = PostureState.UNKNOWN
    causes: tuple[Cause, ...] = ()
    length_ms: int = 0

    @property
    def totals(self) -> Totals:
        """All so far."""
        return self.before + time_spent({self.state: self.length_ms})

    def counting(self, reading: Reading, events: Sequence[Event]) -> Tally:
        """With one more turn of the loop."""
        # Edges are rounded, not lengths: what is rounded here is missing or added there.
        length_ms = round(1000 * reading.t_s) - round(1000 * reading.start_s)
        counts = Totals(
            moves=sum(isinstance(event, Moved) for event in events),
            alerts=sum(isinstance(event, Alerted) for event in events),
        )
        if (reading.state, reading.causes) == (self.state, self.causes):
            before, length_ms = self.before, self.length_ms + length_ms
        else:
            state = counted_state(self.state, self.causes, reading.state)
            before = self.before + time_spent({state: self.length_ms})
        return Tally(
            before=before + counts,
            state=reading.state,
            causes=reading.causes,
            length_ms=length_ms,
        )


class Today:
    """How today has been spent: what the log has of before this watch, and this watch.

    Attributes:
        earlier: what there was before the watch, or nothing since midnight; None if nobody asked.
    """

    def __init__(self, earlier: Totals | None = None, began_at: datetime | None = None) -> None:
        """The `earlier` is of the day on which the watch began; None for that of the next turn."""
        self.earlier = earlier
        self._day = None if began_at is None else _day_of(began_at)
        self._until_today = Totals()

    def handle(self, tick: Tick) -> None:
        """Begins anew at midnight, by the clocks here."""
        day = _day_of(tick.at)
        if self._day is not None and day != self._day:
            self.earlier, self._until_today = Totals(), tick.totals
        self._day = day

    def totals(self, totals: Totals) -> Totals:
        """Of today, where the watch has `totals`."""
        return totals if self.earlier is None else self.earlier + totals.since(self._until_today)

    def take_over(self, today: Totals | None, totals: Totals) -> None:
        """Goes on from `today` as another process counts it, told when the watch had `totals`."""
        self.earlier, self._until_today = today, totals
        self._day = None  # what came before may be of another day


def _day_of(at: datetime) -> date:
    return at.astimezone().date()
