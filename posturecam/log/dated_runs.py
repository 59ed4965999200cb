"""The sessions of one watch, and the date that the log has of each.

They are timed by the clock of the watch and dated by what the wall shows; `dating` says which date
that was when the wall is set meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from posturecam.base.dating import CLOCK_STEP_MS, Stretch, date_anew, latest_gap_ms
from posturecam.base.durations import format_duration
from posturecam.base.language import N_, Sentence
from posturecam.base.local_time import MINUTE_MS
from posturecam.log.session_dates import is_free, move_sessions, stretches_of

if TYPE_CHECKING:
    import sqlite3

SURE_AFTER_MS = 10_000
"""What other watches have logged is dated anew when the clock has shown the same for so long."""


@dataclass(slots=True, kw_only=True)
class Run:
    """A session of this watch, on the clock of the watch; milliseconds.

    Attributes:
        zero_ms: the date (UTC) at which that clock showed 0.
        read_ms: the same as the wall showed it then.
        stored_ms: the same as the file has it; None while it has none.
        complete: it has ended, and the file has all of it.
    """

    id: int
    uid: str
    start_ms: int
    end_ms: int
    zero_ms: int
    read_ms: int
    stored_ms: int | None = None
    ended_by: str | None = None
    complete: bool = False

    @classmethod
    def begun(cls, number: int, at_ms: int, zero_ms: int) -> Self:
        """One that begins at `at_ms`, dated by what the wall shows."""
        return cls(
            id=number,
            uid=uuid4().hex,
            start_ms=at_ms,
            end_ms=at_ms,
            zero_ms=zero_ms,
            read_ms=zero_ms,
        )

    @property
    def span_ms(self) -> tuple[int, int]:
        """From when to when, UTC."""
        return self.start_ms + self.zero_ms, self.end_ms + self.zero_ms

    def minute_ms(self, start_ms: int) -> int:
        """The minute, UTC, of one that was full at `start_ms` by this or an earlier date."""
        first_ms = self.span_ms[0]
        after = -((self.start_ms - start_ms) // MINUTE_MS)  # minutes begun since, rounded up
        return first_ms - first_ms % MINUTE_MS + after * MINUTE_MS

    @property
    def stretch(self) -> Stretch:
        """As `dating` wants it."""
        return Stretch(
            start_ms=self.start_ms, end_ms=self.end_ms, zero_ms=self.zero_ms, read_ms=self.read_ms
        )


class DatedRuns:
    """Dates the sessions of a watch, and anew what turns out to be dated wrong.

    What takes a connection expects to be called within a transaction; `note_stored` says that it
    was not in vain. The watch is timed by the monotonic clock of that name, which showed
    `origin_ms` when it began.

    Attributes:
        runs: the sessions, oldest first; the last one goes on.
        news: how the clock on the wall was set, as far as nobody has heard of it.
    """

    def __init__(self, first: Run, *, clock: str, origin_ms: int) -> None:
        self.runs = [first]
        self.news: list[str] = []
        self._clock = clock
        self._origin_ms = origin_ms
        self._timed = False
        self._sure_from_ms: float = math.inf
        self._gives_back = False
        self._displaced: dict[int, int] = {}

    @property
    def current(self) -> Run:
        """The session that goes on."""
        return self.runs[-1]

    def restart(self, run: Run) -> None:
        """Goes on with `run` alone, in a file that has nothing of the others."""
        self.runs = [run]
        self._displaced = {}

    def keep_time(self, zero_ms: int, now_ms: int) -> bool:
        """Dates the watch by `zero_ms`, and what is known to be wrong by that anew.

        Returns:
            Whether what is seen from now on belongs to another session.
        """
        current = self.current
        if not self._timed:
            self._timed = True
            current.zero_ms = current.read_ms = zero_ms
            self._sure_from_ms = now_ms + SURE_AFTER_MS
            return False
        stepped_ms = zero_ms - current.zero_ms
        if abs(stepped_ms) <= CLOCK_STEP_MS:
            return False
        zeros_ms = date_anew([run.stretch for run in self.runs], zero_ms, current.end_ms)
        if abs(stepped_ms) < MINUTE_MS:  # no reason to cut a session
            zeros_ms[-1] = zero_ms
        for run, dated_ms in zip(self.runs, zeros_ms, strict=True):
            run.zero_ms = dated_ms
        self._gives_back |= stepped_ms > 0
        self._sure_from_ms = now_ms + SURE_AFTER_MS
        text = N_("the clock was set back by {step}; the log goes by the new time")
        if stepped_ms > 0:
            text = N_("the clock was set forward by {step}; the log goes by the new time")
        self.news.append(Sentence(text, step=format_duration(abs(stepped_ms) / 1000)))
        return current.zero_ms != zero_ms

    def end(self) -> None:
        """The watch is over: there is no waiting any more for the clock to be sure."""
        self._sure_from_ms = min(self._sure_from_ms, self.current.end_ms)

    def end_by(self, connection: sqlite3.Connection, now_ms: int) -> None:
        """Dates what ran faster than life so that it ends by now, where nothing else is."""
        start_ms, end_ms = self.current.span_ms
        if end_ms > now_ms:
            others = "SELECT start_ms, end_ms FROM sessions WHERE id != ?"
            taken = connection.execute(others, (self.current.id,)).fetchall()
            gap_ms = latest_gap_ms(taken, end_ms - start_ms, now_ms)
            self.current.zero_ms = gap_ms - self.current.start_ms

    def move(self, connection: sqlite3.Connection) -> dict[int, int]:
        """Moves what is dated anew, and what is in its way.

        Returns:
            How far which session of others then stands from its own date.
        """
        by_ms = {
            run.id: run.zero_ms - run.stored_ms
            for run in self.runs
            if run.stored_ms not in (None, run.zero_ms)
        }
        wanted = [run.span_ms for run in self.runs if run.id in by_ms or not run.complete]
        own = {run.id for run in self.runs}
        if self._is_sure:
            for number, stretch, zero_ms in self._earlier(connection, own):
                if zero_ms != stretch.zero_ms:
                    by_ms[number] = zero_ms - stretch.zero_ms
                    wanted.append((stretch.start_ms + zero_ms, stretch.end_ms + zero_ms))
        pushed = move_sessions(connection, by_ms, wanted, own | by_ms.keys())
        displaced = {n: moved_ms for n, moved_ms in self._displaced.items() if n not in by_ms}
        for number, moved_ms in pushed.items():
            displaced[number] = displaced.get(number, 0) + moved_ms
        return displaced

    def give_back(
        self, connection: sqlite3.Connection, displaced: dict[int, int]
    ) -> dict[int, int]:
        """Moves back what gave way to a clock that was behind; what is `displaced` after that."""
        if not self._gives_back:
            return displaced
        back = {
            n: -moved_ms for n, moved_ms in displaced.items() if is_free(connection, n, -moved_ms)
        }
        for number, moved_ms in back.items():
            move_sessions(connection, {number: moved_ms})
        return {n: moved_ms for n, moved_ms in displaced.items() if n not in back}

    def note_stored(self, displaced: dict[int, int]) -> None:
        """The file now has every session as it is dated here."""
        for run in self.runs:
            run.stored_ms = run.zero_ms
            run.complete = run is not self.current
        if self._is_sure:
            self._sure_from_ms = math.inf
        self._gives_back = False
        self._displaced = displaced

    def clock_values(self, run: Run) -> tuple[int, str, int, int]:
        """What the file is to know of how a session was timed."""
        return run.id, self._clock, run.read_ms - self._origin_ms, run.zero_ms - self._origin_ms

    @property
    def _is_sure(self) -> bool:
        return self.current.end_ms >= self._sure_from_ms

    def _earlier(
        self, connection: sqlite3.Connection, own: set[int]
    ) -> Iterator[tuple[int, Stretch, int]]:
        """What other watches timed by the same clock, with the zero it should have."""
        found = stretches_of(connection, self._clock)
        earlier = {number: stretch for number, stretch in found.items() if number not in own}
        # What gave way for now has no date by that.
        stretches = [
            replace(stretch, zero_ms=stretch.zero_ms - self._displaced.get(number, 0))
            for number, stretch in earlier.items()
        ]
        stretches += [run.stretch.later(self._origin_ms) for run in self.runs]
        zeros_ms = date_anew(stretches, stretches[-1].zero_ms, stretches[-1].end_ms)
        for (number, stretch), zero_ms in zip(earlier.items(), zeros_ms, strict=False):
            yield number, stretch, zero_ms
