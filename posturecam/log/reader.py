"""Reads the log, also while a watch is writing it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

from posturecam.log.connection import (
    connect_to_read,
    damaged,
    explained,
)
from posturecam.log.export_tables import is_possible
from posturecam.log.session_dates import MINUTE_MS
from posturecam.log.totals import read_totals
from posturecam.values.events import (
    AlertKind,
    BreakKind,
    Outcome,
)
from posturecam.values.log_rows import (
    AlertRow,
    BreakRow,
    CalibrationRow,
    DayRows,
    GuidedBreak,
    IntervalRow,
    MinuteRow,
    MoveRow,
    SessionRow,
)
from posturecam.values.observation import ANGLES, PostureState, View
from posturecam.values.totals import Totals

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path


# What is part of a session is looked up through it: few rows, found by their end.
_OVERLAPPING = "SELECT id FROM sessions WHERE end_ms >= :start AND start_ms < :end"
_OF_SESSIONS = f"session_id IN ({_OVERLAPPING}) AND"
_AT = "at_ms >= :start AND at_ms < :end ORDER BY at_ms"
QUERIES = {
    "sessions": """SELECT * FROM sessions WHERE end_ms >= :start AND start_ms < :end
        ORDER BY start_ms, id""",
    "intervals": f"""SELECT session_id, start_ms, end_ms, state, reason FROM intervals
        WHERE {_OF_SESSIONS} start_ms < :end AND end_ms > :start ORDER BY start_ms, session_id""",
    "minutes": f"""SELECT * FROM minutes WHERE {_OF_SESSIONS} start_ms < :end
        AND start_ms > :start - {MINUTE_MS} ORDER BY start_ms, session_id""",
    "alerts": f"SELECT * FROM alerts WHERE {_OF_SESSIONS} {_AT}, session_id",
    "moves": f"SELECT * FROM moves WHERE {_OF_SESSIONS} {_AT}, session_id",
    "breaks": f"SELECT * FROM breaks WHERE {_OF_SESSIONS} {_AT}, session_id",
    "calibrations": f"SELECT * FROM calibrations WHERE {_OF_SESSIONS} {_AT}, session_id",
    "exercises": f"SELECT at_ms, lasted_ms, names, got_up FROM exercises WHERE {_AT}, id",
}
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

        Args:
            start_ms: beginning of the span.
            end_ms: its end, which is not part of it.
            minutes: with the angles; they are most of the rows, and sums of states need none.

        Raises:
            DataError: the file is damaged.
        """
        connection = self._connection
        if connection is None:
            return DayRows()
        with explained(self._path):
            # One transaction: all tables as of the same moment.
            connection.execute("BEGIN")
            try:
                return _rows_between(connection, start_ms, end_ms, minutes=minutes)
            except ValueError as error:  # a word or number that no posturecam ever wrote
                raise damaged(self._path, error) from error
            finally:
                connection.execute("ROLLBACK")

    def totals(self, edges_ms: Sequence[int], until_ms: int | None = None) -> tuple[Totals, ...]:
        """What the stretches between each of the rising edges (UTC) and the next add up to.

        Time after `until_ms`, now, is not part of a stretch yet.

        Raises:
            DataError: the file is damaged.
        """
        connection = self._connection
        if connection is None:
            return tuple(Totals().within(*edges, until_ms) for edges in pairwise(edges_ms))
        with explained(self._path):
            connection.execute("BEGIN")
            try:
                return read_totals(connection, edges_ms, until_ms)
            except ValueError as error:  # a state or kind that no posturecam ever wrote
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


def _rows_between(
    connection: sqlite3.Connection, start_ms: int, end_ms: int, *, minutes: bool
) -> DayRows:
    span = {"start": start_ms, "end": end_ms}

    def records(name: str) -> Iterator[dict[str, Any]]:
        cursor = connection.execute(QUERIES[name], span)
        names = [column[0] for column in cursor.description]
        for values in cursor:
            row = dict(zip(names, values, strict=True))
            if not is_possible(name, row):
                raise ValueError(f"a row of {name} cannot be true")
            yield row

    def select(name: str) -> Iterator[tuple[Any, ...]]:
        return (tuple(row.values()) for row in records(name))

    return DayRows(
        sessions=tuple(
            SessionRow(**row | {"view": row["view"] and View(row["view"])})
            for row in records("sessions")
        ),
        intervals=tuple(
            IntervalRow(
                session_id=session_id,
                start_ms=start_ms,
                end_ms=end_ms,
                state=PostureState(state),
                reason=reason,
            )
            for session_id, start_ms, end_ms, state, reason in select("intervals")
        ),
        minutes=tuple(map(_minute_row, select("minutes"))) if minutes else (),
        alerts=tuple(map(_alert_row, records("alerts"))),
        moves=tuple(MoveRow(**row) for row in records("moves")),
        breaks=tuple(
            BreakRow(**row | {"kind": BreakKind(row["kind"])}) for row in records("breaks")
        ),
        calibrations=tuple(map(_calibration_row, select("calibrations"))),
        exercises=tuple(GuidedBreak.from_stored(*row) for row in select("exercises")),
    )


def _minute_row(values: tuple[Any, ...]) -> MinuteRow:
    session_id, start_ms, n, *angles = values
    return MinuteRow(
        session_id=session_id,
        start_ms=start_ms,
        n=n,
        mean_deg=tuple(angles[: len(ANGLES)]),
        sd_deg=tuple(angles[len(ANGLES) :]),
    )


def _alert_row(row: dict[str, Any]) -> AlertRow:
    outcome = row["outcome"] and Outcome(row["outcome"])
    return AlertRow(**row | {"kind": AlertKind(row["kind"]), "outcome": outcome})


def _calibration_row(values: tuple[Any, ...]) -> CalibrationRow:
    session_id, at_ms, profile, view, samples, quality, taken_at_ms, angle_model, *limits = values
    return CalibrationRow(
        session_id=session_id,
        at_ms=at_ms,
        profile=profile,
        view=View(view),
        samples=samples,
        quality=quality,
        taken_at_ms=taken_at_ms,
        angle_model=angle_model,
        limits_deg=tuple(limits),
    )
