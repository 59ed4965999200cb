"""Reads the log, also while a watch is writing it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Self

from posturecam.base.local_time import MINUTE_MS
from posturecam.log.connection import connect_to_read, damaged, explained
from posturecam.log.tables import TABLES
from posturecam.log.totals import read_judged, read_totals
from posturecam.values.log_rows import DayRows
from posturecam.values.observation import PostureState
from posturecam.values.totals import Totals

if TYPE_CHECKING:
    import sqlite3


# What is part of a session is looked up through it: few rows, found by their end.
_OVERLAPPING = "SELECT id FROM sessions WHERE end_ms >= :start AND start_ms < :end"
_OF_SESSIONS = f"session_id IN ({_OVERLAPPING}) AND"
# What comes after is asked only of what it can make another state.
_AFTER_THE_LAST = f"""SELECT id, (
        SELECT CASE last.state WHEN '{PostureState.UNKNOWN}' THEN last.end_ms END
        FROM intervals AS last
        WHERE last.session_id = id AND last.start_ms < :end ORDER BY last.start_ms DESC LIMIT 1
    ) FROM sessions WHERE end_ms >= :end AND start_ms < :end"""
_AT = "at_ms >= :start AND at_ms < :end ORDER BY at_ms"
_ENDS = {
    "sessions": "end_ms >= :start AND start_ms < :end ORDER BY start_ms, id",
    "intervals": f"""({_OF_SESSIONS} start_ms < :end AND end_ms > :start)
        OR (session_id, start_ms) IN ({_AFTER_THE_LAST}) ORDER BY start_ms, session_id""",
    "minutes": f"""{_OF_SESSIONS} start_ms < :end AND start_ms > :start - {MINUTE_MS}
        ORDER BY start_ms, session_id""",
    "alerts": f"{_OF_SESSIONS} {_AT}, session_id",
    "moves": f"{_OF_SESSIONS} {_AT}, session_id",
    "breaks": f"{_OF_SESSIONS} {_AT}, session_id",
    # What came into use before the span is in use in it.
    "calibrations": f"""{_OF_SESSIONS} at_ms < :end AND at_ms >= coalesce((
            SELECT max(earlier.at_ms) FROM calibrations AS earlier
            WHERE earlier.session_id = calibrations.session_id AND earlier.at_ms <= :start
        ), :start) ORDER BY at_ms, session_id""",
    "exercises": f"{_AT}, id",
}
QUERIES = {name: f"{TABLES[name].selection} WHERE {end}" for name, end in _ENDS.items()}
"""Every question that `LogReader.day` asks, by the field of `DayRows` that answers it."""


class LogReader:
    """Reads the log, also while a watch is writing it."""

    def __init__(self, connection: sqlite3.Connection | None, path: Path) -> None:
        self._connection = connection
        self._path = path

    @classmethod
    def open(cls, path: Path) -> Self:
        """A reader; where there is no log, nothing has been watched yet and all days are empty.

        Raises:
            DataError: the file is damaged or from a newer posturecam.
        """
        with explained(path):
            return cls(connect_to_read(path), path)

    def day(self, start_ms: int, end_ms: int, *, minutes: bool = True) -> DayRows:
        """All rows that overlap the span from `start_ms` to `end_ms`, UTC.

        Its end is not part of it, but what follows an unknown interval there, by which that counts
        as away or not, comes with it; so does the baseline that a session had at its beginning. The
        `minutes` have the angles; they are most of the rows, and sums of states need none.

        Raises:
            DataError: the file is damaged.
        """
        if self._connection is None:
            return DayRows()
        span = {"start": start_ms, "end": end_ms}
        with self._as_of_one_moment(self._connection) as connection:
            found = {
                name: tuple(map(TABLES[name].read, connection.execute(query, span)))
                for name, query in QUERIES.items()
                if minutes or name != "minutes"
            }
        return DayRows(**found)

    def totals(self, edges_ms: Sequence[int], until_ms: int | None = None) -> tuple[Totals, ...]:
        """What the stretches between each of the rising edges (UTC) and the next add up to.

        Time after `until_ms`, now, is not part of a stretch yet.

        Raises:
            DataError: the file is damaged.
        """
        if self._connection is None:
            return tuple(Totals().within(*edges, until_ms) for edges in pairwise(edges_ms))
        with self._as_of_one_moment(self._connection) as connection:
            return read_totals(connection, edges_ms, until_ms)

    def judged(self, edges_ms: Sequence[int]) -> tuple[Totals, ...]:
        """Their judged time alone, which of years is read in a moment. Raises `DataError`."""
        if self._connection is None:
            return tuple(Totals() for _ in pairwise(edges_ms))
        with explained(self._path):
            return read_judged(self._connection, edges_ms)

    def first_ms(self) -> int | None:
        """When the first session began, UTC; None where there is none. Raises `DataError`."""
        if self._connection is None:
            return None
        with explained(self._path):
            query = "SELECT min(start_ms) FROM sessions"
            found: int | None = self._connection.execute(query).fetchone()[0]
        return found

    @contextmanager
    def _as_of_one_moment(self, connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        """All tables in one transaction; a word or number that no posturecam wrote is damage."""
        with explained(self._path):
            connection.execute("BEGIN")
            try:
                yield connection
            except ValueError as error:
                raise damaged(self._path, error) from error
            finally:
                connection.execute("ROLLBACK")

    def close(self) -> None:
        """Lets the file go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
