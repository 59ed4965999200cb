"""The log: one SQLite file with what was seen, when and for how long. Never a picture.

Times are UTC in integer milliseconds; days exist only in `review`. A `LogWriter` is fed the turns
of the loop and writes a few rows every two seconds; a `LogReader` may read at any time.
"""

from __future__ import annotations

import math
import os
import re
import sqlite3
from collections import deque
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from posturecam.durations import format_duration
from posturecam.errors import DataError
from posturecam.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BreakKind,
    BreakTaken,
    Calibrated,
    Moved,
    Outcome,
    Summarised,
)
from posturecam.log_rows import (
    REASON_SEPARATOR,
    AlertRow,
    BreakRow,
    DayRows,
    IntervalRow,
    MinuteRow,
    MoveRow,
    SessionRow,
)
from posturecam.observation import ANGLES, PostureState, View
from posturecam.paths import PRIVATE_FILE
from posturecam.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from posturecam.events import Event, Tick
    from posturecam.observation import Reading

FLUSH_AFTER_S = 2.0
"""Longest stretch of watching that is in memory only; a killed watch may lose 5 s (DESIGN)."""
KEPT_ROWS = 10_000
"""Rows kept in memory while the file takes none: about a day's worth."""
CLOCK_STEP_MS = 1000
"""A clock that is off by more was set forward; less is jitter between two clocks."""
MINUTE_MS = 60_000

_OPEN_WAIT_S = 1.0
_FLUSH_WAIT_MS = 20  # the loop is waiting for the next picture
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")
_deviations_deg = attrgetter(*(f"{angle}_deg" for angle in ANGLES))


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """What is known of a watch when it begins.

    Attributes:
        started_at: the beginning, aware.
        source: name of the camera or file; a password in an address is not stored.
        profile: name of the baseline.
        view: its view, None until the baseline has been taken.
        model_sha256: the pose model that judges.
        program_version: the posturecam that judges.
    """

    started_at: datetime
    source: str
    profile: str
    view: View | None
    model_sha256: str
    program_version: str


# A write that failed is tried again, so each of these may be repeated.
_WRITE_SESSION = """UPDATE sessions
    SET start_ms = ?, end_ms = ?, profile = ?, view = ?, ended_by = ? WHERE id = ?"""
_WRITE_INTERVAL = """INSERT INTO intervals VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET end_ms = excluded.end_ms"""
_WRITE_MINUTE = "INSERT OR REPLACE INTO minutes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_WRITE_ALERT = """INSERT OR REPLACE INTO alerts (session_id, at_ms, kind, message, lasted_ms)
    VALUES (?, ?, ?, ?, ?)"""
_WRITE_OUTCOME = """UPDATE alerts SET outcome = ?, outcome_after_ms = ?
    WHERE session_id = ? AND at_ms = ? AND kind = ?"""
_WRITE_MOVE = "INSERT OR REPLACE INTO moves VALUES (?, ?, ?)"
_WRITE_BREAK = "INSERT OR REPLACE INTO breaks VALUES (?, ?, ?, ?)"
_WRITE_CALIBRATION = (
    "INSERT OR REPLACE INTO calibrations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

# Everything is looked up through its session: few rows, found by their end.
_SESSIONS = """SELECT * FROM sessions WHERE end_ms >= :start AND start_ms < :end
    ORDER BY start_ms, id"""
_INTERVALS = """SELECT * FROM intervals WHERE session_id IN
    (SELECT id FROM sessions WHERE end_ms >= :start AND start_ms < :end)
    AND start_ms < :end AND end_ms > :start ORDER BY start_ms, session_id"""
_MINUTES = """SELECT * FROM minutes WHERE session_id IN
    (SELECT id FROM sessions WHERE end_ms >= :start AND start_ms < :end)
    AND start_ms < :end AND start_ms > :start - 60000 ORDER BY start_ms, session_id"""
_ALERTS = """SELECT * FROM alerts WHERE session_id IN
    (SELECT id FROM sessions WHERE end_ms >= :start AND start_ms < :end)
    AND at_ms >= :start AND at_ms < :end ORDER BY at_ms, session_id"""
_MOVES = """SELECT * FROM moves WHERE session_id IN
    (SELECT id FROM sessions WHERE end_ms >= :start AND start_ms < :end)
    AND at_ms >= :start AND at_ms < :end ORDER BY at_ms, session_id"""
_BREAKS = """SELECT * FROM breaks WHERE session_id IN
    (SELECT id FROM sessions WHERE end_ms >= :start AND start_ms < :end)
    AND at_ms >= :start AND at_ms < :end ORDER BY at_ms, session_id"""

_Value = str | int | float | None
_Write = tuple[str, tuple[_Value, ...]]


class LogWriter:
    """Writes one session; a sink of the loop.

    `problem` says in a few words why rows are waiting in memory, and is None while all is well.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path, session_id: int, session: SessionInfo
    ) -> None:
        self.problem: str | None = None
        self._connection: sqlite3.Connection | None = connection
        self._path = path
        self._session_id = session_id
        self._profile = session.profile
        self._view = session.view
        self._ended_by: str | None = None
        self._start_ms = self._end_ms = self._saved_ms = _to_ms(session.started_at)
        self._zero_ms: int | None = None
        self._flushed_s = -math.inf
        self._interval: _OpenInterval | None = None
        self._minute: _OpenMinute | None = None
        self._waiting: deque[_Write] = deque()
        self._alerted_ms: dict[AlertKind, int] = {}
        self._dropped_rows = 0

    @classmethod
    def open(cls, path: Path, session: SessionInfo) -> Self:
        """A writer for a session that begins now; the file is made if need be, its folder not.

        Raises:
            DataError: the file is damaged, from a newer posturecam, in use or not writable.
        """
        with _explained(path):
            # SQLite gives its -wal and -shm files the mode of this one.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE))
            path.chmod(PRIVATE_FILE)
            connection = sqlite3.connect(path, timeout=_OPEN_WAIT_S, isolation_level=None)
            try:
                session_id = _begin_session(connection, path, session)
                connection.execute(f"PRAGMA busy_timeout = {_FLUSH_WAIT_MS}")
            except BaseException:
                connection.close()
                raise
        return cls(connection, path, session_id, session)

    def take(self, tick: Tick) -> None:
        """Notes one turn of the loop; writes if `FLUSH_AFTER_S` have passed since the last time.

        A file that takes no rows does not raise here: see `problem`.
        """
        at_ms = self._keep_time(tick)
        if tick.reading is not None:
            self._add_reading(tick.reading)
        for event in tick.events:
            self._add_event(event, at_ms)
        if tick.t_s - self._flushed_s >= FLUSH_AFTER_S:
            self._flushed_s = tick.t_s
            self._flush()

    def close(self, ended_by: str | None = None) -> None:
        """Writes what is left; a second call does nothing.

        Args:
            ended_by: why the session ended, None for what the loop's summary said.

        Raises:
            DataError: something could not be saved; says how much.
        """
        if self._connection is None:
            return
        self._ended_by = ended_by or self._ended_by
        self._connection.execute(f"PRAGMA busy_timeout = {round(_OPEN_WAIT_S * 1000)}")
        self._flush()
        self._connection.close()
        self._connection = None
        if self.problem is not None:
            unsaved_s = (self._end_ms - self._saved_ms) / 1000
            raise DataError(
                f"The last {format_duration(unsaved_s)} of watching are not in the log "
                f"{self._path}: {self.problem}.",
                "Free some space or make the file writable; what was saved before is kept.",
            )
        if self._dropped_rows:
            raise DataError(
                f"While the log {self._path} could not be written, {self._dropped_rows} rows "
                "were more than memory was set aside for; they are lost.",
                "Nothing is left to do: the rest was written when it worked again.",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # What went wrong first is what must be told.
        with suppress(DataError) if kind else nullcontext():
            self.close()

    def _keep_time(self, tick: Tick) -> int:
        """The moment of the tick in UTC; within a session it never runs back.

        A clock that was set back would put rows over those already there, so the session goes on
        by its own time; a clock that was set forward leaves a hole.
        """
        zero_ms = _to_ms(tick.at) - round(tick.t_s * 1000)
        if self._zero_ms is None:
            self._zero_ms = zero_ms
            self._start_ms = min(self._start_ms, self._utc_ms(tick.t_s))
        elif zero_ms - self._zero_ms > CLOCK_STEP_MS:
            self._zero_ms = zero_ms
        at_ms = self._utc_ms(tick.t_s)
        self._end_ms = max(self._end_ms, at_ms)
        return at_ms

    def _utc_ms(self, t_s: float) -> int:
        assert self._zero_ms is not None  # noqa: S101 - set by the first tick
        return self._zero_ms + round(t_s * 1000)

    def _add_reading(self, reading: Reading) -> None:
        start_ms, end_ms = self._utc_ms(reading.start_s), self._utc_ms(reading.t_s)
        self._add_deviations(end_ms, _deviations_deg(reading.deviations))
        if end_ms <= start_ms:
            return
        reason = REASON_SEPARATOR.join(reading.causes)
        current = self._interval
        if current is not None:
            if (
                current.end_ms == start_ms
                and current.state is reading.state
                and reason in ("", current.reason)
            ):
                current.end_ms = end_ms
                return
            self._wait(current.as_write(self._session_id))
        self._interval = _OpenInterval(start_ms, end_ms, reading.state, reason)

    def _add_deviations(self, at_ms: int, deviations_deg: tuple[float, ...]) -> None:
        if all(map(math.isnan, deviations_deg)):
            return
        start_ms = at_ms - at_ms % MINUTE_MS
        if self._minute is None or self._minute.start_ms != start_ms:
            if self._minute is not None:
                self._wait(self._minute.as_write(self._session_id))
            self._minute = _OpenMinute(start_ms)
        self._minute.add(deviations_deg)

    def _add_event(self, event: Event, at_ms: int) -> None:
        key = (self._session_id, at_ms)
        match event:
            case Alerted():
                alert = (event.kind.value, event.message, round(event.lasted_s * 1000))
                self._wait((_WRITE_ALERT, (*key, *alert)))
                self._alerted_ms[event.kind] = at_ms
            case AlertFollowed() if event.kind in self._alerted_ms:
                outcome = (event.outcome.value, round(event.after_s * 1000))
                alert_key = (self._session_id, self._alerted_ms[event.kind], event.kind.value)
                self._wait((_WRITE_OUTCOME, (*outcome, *alert_key)))
            case Moved():
                self._wait((_WRITE_MOVE, (*key, round(event.unchanged_s * 1000))))
            case BreakTaken():
                lasted_ms = round(event.lasted_s * 1000)
                self._wait((_WRITE_BREAK, (*key, lasted_ms, event.kind.value)))
            case Calibrated():
                self._profile, self._view = event.profile, event.view
                baseline = (event.profile, event.view.value, event.samples, event.quality)
                told_by = (_to_ms(event.taken_at), event.angle_model)
                self._wait((_WRITE_CALIBRATION, (*key, *baseline, *told_by, *event.limits_deg)))
            case Summarised():
                self._ended_by = event.ended_by
            case _:
                pass

    def _wait(self, write: _Write) -> None:
        self._waiting.append(write)
        if len(self._waiting) > KEPT_ROWS:
            self._waiting.popleft()
            self._dropped_rows += 1

    def _flush(self) -> None:
        connection = self._connection
        assert connection is not None, "the log is closed"  # noqa: S101
        try:
            connection.execute("BEGIN IMMEDIATE")
            for statement, values in self._writes():
                connection.execute(statement, values)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.problem = (
                f"the log cannot be written ({error}); what is new waits in memory until it can"
            )
        else:
            self.problem = None
            self._waiting.clear()
            self._saved_ms = self._end_ms
        finally:
            if connection.in_transaction:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")

    def _writes(self) -> Iterator[_Write]:
        view = None if self._view is None else self._view.value
        ended_by = self._ended_by and _CREDENTIALS.sub("", self._ended_by)
        session = (self._start_ms, self._end_ms, self._profile, view, ended_by)
        yield _WRITE_SESSION, (*session, self._session_id)
        yield from self._waiting
        if self._interval is not None:
            yield self._interval.as_write(self._session_id)
        if self._minute is not None:
            yield self._minute.as_write(self._session_id)


@dataclass(slots=True)
class _OpenInterval:
    """The interval that is still growing."""

    start_ms: int
    end_ms: int
    state: PostureState
    reason: str

    def as_write(self, session_id: int) -> _Write:
        values = (session_id, self.start_ms, self.end_ms, self.state.value, self.reason)
        return _WRITE_INTERVAL, values


class _OpenMinute:
    """The minute that is still growing: sums, from which mean and spread follow."""

    __slots__ = ("_counts", "_squares", "_sums", "n", "start_ms")

    def __init__(self, start_ms: int) -> None:
        self.start_ms = start_ms
        self.n = 0
        self._counts = [0] * len(ANGLES)
        self._sums = [0.0] * len(ANGLES)
        self._squares = [0.0] * len(ANGLES)

    def add(self, deviations_deg: tuple[float, ...]) -> None:
        self.n += 1
        for index, deviation_deg in enumerate(deviations_deg):
            if not math.isnan(deviation_deg):
                self._counts[index] += 1
                self._sums[index] += deviation_deg
                self._squares[index] += deviation_deg * deviation_deg

    def as_write(self, session_id: int) -> _Write:
        means: list[float | None] = []
        sds: list[float | None] = []
        for count, total, squares in zip(self._counts, self._sums, self._squares, strict=True):
            mean = total / count if count else None
            means.append(mean)
            sds.append(None if mean is None else math.sqrt(max(squares / count - mean * mean, 0)))
        return _WRITE_MINUTE, (session_id, self.start_ms, self.n, *means, *sds)


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
        if not path.exists():
            return cls(None, path)
        with _explained(path):
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_OPEN_WAIT_S
            )
            try:
                begun = bool(_applied(connection, path))
            except BaseException:
                connection.close()
                raise
        if not begun:
            connection.close()
        return cls(connection if begun else None, path)

    def day(self, start_ms: int, end_ms: int) -> DayRows:
        """All rows that overlap the span from `start_ms` to `end_ms`, UTC.

        Raises:
            DataError: the file is damaged.
        """
        connection = self._connection
        if connection is None:
            return DayRows()
        with _explained(self._path):
            # One transaction: all tables as of the same moment.
            connection.execute("BEGIN")
            try:
                return _rows_between(connection, start_ms, end_ms)
            finally:
                connection.execute("ROLLBACK")

    def newest_end_ms(self) -> int | None:
        """When the newest session ended, UTC; None if there was none.

        Raises:
            DataError: the file is damaged.
        """
        if self._connection is None:
            return None
        with _explained(self._path):
            newest = self._connection.execute("SELECT max(end_ms) FROM sessions").fetchone()
        return None if newest[0] is None else int(newest[0])

    def close(self) -> None:
        """Lets the file go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _to_ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _begin_session(connection: sqlite3.Connection, path: Path, session: SessionInfo) -> int:
    """Brings the file to the newest shape and gives the id of a new session."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    # In WAL mode this cannot corrupt; a power cut may take the newest minutes.
    connection.execute("PRAGMA synchronous = NORMAL")
    start_ms = _to_ms(session.started_at)
    _migrate(connection, path, start_ms)
    cursor = connection.execute(
        """INSERT INTO sessions (uid, start_ms, end_ms, source, profile, view, model_sha256,
            program_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            uuid4().hex,
            start_ms,
            start_ms,
            _CREDENTIALS.sub("", session.source),
            session.profile,
            None if session.view is None else session.view.value,
            session.model_sha256,
            session.program_version,
        ),
    )
    assert cursor.lastrowid is not None  # noqa: S101
    return cursor.lastrowid


def _migrate(connection: sqlite3.Connection, path: Path, now_ms: int) -> None:
    for migration in MIGRATIONS:
        # The lock comes first: another process may be doing the same.
        connection.execute("BEGIN IMMEDIATE")
        try:
            if migration.number not in _applied(connection, path):
                for statement in migration.statements:
                    connection.execute(statement)
                connection.execute(
                    "INSERT INTO migrations VALUES (?, ?, ?)",
                    (migration.number, migration.name, now_ms),
                )
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise


def _applied(connection: sqlite3.Connection, path: Path) -> set[int]:
    """Numbers of the migrations that the file has seen.

    Raises:
        DataError: it has seen one that is not known here, or is not a log at all.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return set()
    if "migrations" not in tables:
        raise DataError(
            f"{path} is a database, but not a posturecam log.",
            "Move it aside; nothing in it was changed.",
        )
    applied = {number for (number,) in connection.execute("SELECT number FROM migrations")}
    if not applied <= {migration.number for migration in MIGRATIONS}:
        raise DataError(
            f"The log {path} was written by a newer posturecam.",
            "Update posturecam, or move the file aside to begin a new log.",
        )
    return applied


def _rows_between(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> DayRows:
    def select(query: str) -> Iterator[dict[str, Any]]:
        cursor = connection.execute(query, {"start": start_ms, "end": end_ms})
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, values, strict=True)) for values in cursor)

    return DayRows(
        sessions=tuple(
            SessionRow(**row | {"view": row["view"] and View(row["view"])})
            for row in select(_SESSIONS)
        ),
        intervals=tuple(
            IntervalRow(**row | {"state": PostureState(row["state"])}) for row in select(_INTERVALS)
        ),
        minutes=tuple(_minute_row(row) for row in select(_MINUTES)),
        alerts=tuple(_alert_row(row) for row in select(_ALERTS)),
        moves=tuple(MoveRow(**row) for row in select(_MOVES)),
        breaks=tuple(BreakRow(**row | {"kind": BreakKind(row["kind"])}) for row in select(_BREAKS)),
    )


def _alert_row(row: dict[str, Any]) -> AlertRow:
    outcome = row["outcome"] and Outcome(row["outcome"])
    return AlertRow(**row | {"kind": AlertKind(row["kind"]), "outcome": outcome})


def _minute_row(row: dict[str, Any]) -> MinuteRow:
    return MinuteRow(
        session_id=row["session_id"],
        start_ms=row["start_ms"],
        n=row["n"],
        mean_deg=tuple(row[f"{angle}_mean_deg"] for angle in ANGLES),
        sd_deg=tuple(row[f"{angle}_sd_deg"] for angle in ANGLES),
    )


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turns what SQLite and the system raise into what the user can act on."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"The log {path} cannot be opened: {error.strerror}.",
            "Make the file and its folder writable, or set POSTURECAM_HOME to another folder.",
        ) from error
    except sqlite3.Error as error:
        raise _data_error(path, error) from error
    except ValueError as error:  # a state or kind that no posturecam ever wrote
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(
        f"The log {path} is damaged ({error}).",
        f"Move it aside, with {path.name}-wal and {path.name}-shm if they are there, and a new "
        "one is begun; posturecam deletes nothing.",
    )


def _data_error(path: Path, error: sqlite3.Error) -> DataError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code
    # SQLITE_ERROR: a table or column that should be there is not.
    if code in (*_DAMAGED, sqlite3.SQLITE_ERROR):
        return _damaged(path, error)
    if code in _BUSY:
        return DataError(
            f"The log {path} is in use by another program.",
            "Close that program and try again.",
        )
    return DataError(
        f"The log {path} cannot be used: {error}.",
        "Free some space or make the file and its folder writable.",
    )
