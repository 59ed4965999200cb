"""The log: one SQLite file with what was seen, when and for how long. Never a picture.

Times are UTC in integer milliseconds; days exist only in `review`. A `LogWriter` is fed the turns
of the loop and writes a few rows every two seconds; a `LogReader` may read at any time.
"""

from __future__ import annotations

import math
import sqlite3
from collections import deque
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from posturecam.addresses import without_secrets
from posturecam.durations import format_duration
from posturecam.errors import DataError, PosturecamError
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
from posturecam.files import identity_of
from posturecam.log_file import (
    OPEN_WAIT_S,
    DamagedLogError,
    connect,
    connect_to_read,
    damaged,
    explained,
    is_damage,
    to_ms,
    transaction,
)
from posturecam.log_rows import (
    REASON_SEPARATOR,
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
from posturecam.observation import ANGLES, PostureState, View
from posturecam.paths import make_private_folder
from posturecam.sums import Sums, read_sums

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from posturecam.events import Event, Tick
    from posturecam.observation import Reading

FLUSH_AFTER_S = 2.0
"""Longest stretch of watching that is in memory only; a killed watch may lose 5 s."""
CHECKPOINT_AFTER_S = 55.0
"""After so long the newest rows are taken over into the log itself and brought onto the disk:
without its `-wal`, or after a power cut, the log misses a minute at most."""
KEPT_ROWS = 10_000
"""Rows kept in memory while the file takes none: about a day's worth."""
CLOCK_STEP_MS = 1000
"""A clock that is off by more was set forward; less is jitter between two clocks."""
MINUTE_MS = 60_000

FLUSH_WAIT_S = 0.02  # the loop is waiting for the next picture
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


# A write that failed is tried again, so each of these may be repeated. The first value of each is
# the id of the session.
_WRITE_SESSION = """INSERT INTO sessions (id, uid, start_ms, end_ms, source, profile, view,
    model_sha256, program_version, ended_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET start_ms = excluded.start_ms, end_ms = excluded.end_ms,
    profile = excluded.profile, view = excluded.view, ended_by = excluded.ended_by"""
_WRITE_INTERVAL = """INSERT INTO intervals VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET end_ms = excluded.end_ms"""
_WRITE_MINUTE = "INSERT OR REPLACE INTO minutes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_WRITE_ALERT = """INSERT OR REPLACE INTO alerts (session_id, at_ms, kind, message, lasted_ms)
    VALUES (?, ?, ?, ?, ?)"""
_WRITE_OUTCOME = """UPDATE alerts SET outcome = ?4, outcome_after_ms = ?5
    WHERE session_id = ?1 AND at_ms = ?2 AND kind = ?3"""
_WRITE_MOVE = "INSERT OR REPLACE INTO moves VALUES (?, ?, ?)"
_WRITE_BREAK = "INSERT OR REPLACE INTO breaks VALUES (?, ?, ?, ?)"
_WRITE_CALIBRATION = (
    "INSERT OR REPLACE INTO calibrations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

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

_Value = str | int | float | None
_Write = tuple[str, tuple[_Value, ...]]


class LogWriter:
    """Writes one session; a sink of the loop.

    Within the log no two sessions overlap and no clock runs back. What a wrong clock has put
    into the way of this session is passed over: it goes on where that ends.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        session: SessionInfo,
        mend: Callable[[], str] | None,
        hold: Callable[[], None],
    ) -> None:
        self._path = path
        self._mend = mend
        self._hold = hold
        self._session = session
        self._profile = session.profile
        self._view = session.view
        self._ended_by: str | None = None
        self._zero_ms: int | None = None
        self._flushed_s = -math.inf
        self._checkpointed_s = -math.inf
        self._interval: _OpenInterval | None = None
        self._minute: _OpenMinute | None = None
        self._ended: list[_Write] = []
        self._waiting: deque[_Write] = deque()
        self._dropped_rows = 0
        self._alerted: dict[AlertKind, tuple[int, int]] = {}
        self._failure: str | None = None
        self._notice: str | None = None
        self._connection: sqlite3.Connection | None = connection
        self._begin(connection, to_ms(session.started_at))

    @classmethod
    def open(
        cls,
        path: Path,
        session: SessionInfo,
        *,
        mend: Callable[[], str] | None = None,
        hold: Callable[[], None] = lambda: None,
    ) -> Self:
        """A writer for a session that begins now; the file is made if need be, its folder not.

        Args:
            path: the log.
            session: what is known of the session.
            mend: puts a sound log in the place of one that turns out to be damaged while it is
                written, and says what it did.
            hold: makes sure, before each write, that nobody else writes here; raises
                `AlreadyRunningError` while somebody does.

        Raises:
            DataError: the file is damaged, from a newer posturecam, in use or not writable.
        """
        with explained(path):
            connection = connect(path, at=session.started_at)
            try:
                return cls(connection, path, session, mend, hold)
            except BaseException:
                connection.close()
                raise

    @property
    def problem(self) -> str | None:
        """In a few words why the log is not as it should be; None while all is well."""
        if self._failure is None:
            return self._notice
        return f"{self._failure}; what is new waits in memory until it can"

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
        self._flush(wait_s=OPEN_WAIT_S)
        self._connection.close()
        self._connection = None
        if self._failure is not None:
            unsaved_s = (self._end_ms - self._saved_ms) / 1000
            raise DataError(
                f"The last {format_duration(unsaved_s)} of watching are not in the log "
                f"{self._path}: {self._failure}.",
                "Free some space or make the file writable; what was saved before is kept, and the "
                "next watch recovers what can be read should the file be damaged.",
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

    def _begin(self, connection: sqlite3.Connection, start_ms: int) -> None:
        """A session in a file that has just been opened, not before `start_ms`."""
        with transaction(connection):
            self._earliest_ms, self._ahead = _neighbours(connection, start_ms)
            self._start_ms = self._end_ms = self._saved_ms = max(start_ms, self._earliest_ms)
            newest_id = connection.execute("SELECT max(id) FROM sessions").fetchone()[0]
            self._session_id = (newest_id or 0) + 1
            self._uid = uuid4().hex
            connection.execute(*self._session_write())
        self._file = identity_of(self._path)
        self._connection = connection

    def _begin_anew(self, connection: sqlite3.Connection) -> None:
        """The session goes on in another file, with what is still in memory."""
        held = [write for write in self._waiting if write[0] is _WRITE_INTERVAL]
        starts_ms = [int(values[1] or 0) for _, values in held]
        if self._interval is not None:
            starts_ms.append(self._interval.start_ms)
        end_ms = self._end_ms
        # Another watch may have written here meanwhile; what it has logged stays.
        taken_until_ms = connection.execute(
            "SELECT max(end_ms) FROM sessions WHERE start_ms < ?", (end_ms,)
        ).fetchone()[0]
        self._begin(connection, max(min([self._saved_ms, *starts_ms]), taken_until_ms or 0))
        self._end_ms = max(end_ms, self._start_ms)
        self._ended = []
        self._alerted = {}
        waiting, self._waiting = self._waiting, deque()
        for statement, (_, moment_ms, *values) in waiting:
            at_ms = int(moment_ms or 0)
            if statement is _WRITE_INTERVAL:  # its beginning may be in the other file already
                at_ms = max(at_ms, self._start_ms)
                if at_ms >= int(values[0] or 0):
                    continue
            self._waiting.append((statement, (self._session_id, at_ms, *values)))
        if self._interval is not None:
            self._interval.start_ms = max(self._interval.start_ms, self._start_ms)
            if self._interval.start_ms >= self._interval.end_ms:
                self._interval = None

    def _keep_time(self, tick: Tick) -> int:
        """The moment of the tick in UTC; within the log it never runs back.

        A clock that was set back would put rows over those already there, so the session goes on
        by its own time; a clock that was set forward leaves a hole.
        """
        zero_ms = to_ms(tick.at) - round(tick.t_s * 1000)
        if self._zero_ms is None:
            self._zero_ms = max(zero_ms, self._earliest_ms)
            self._start_ms = min(self._start_ms, self._utc_ms(tick.t_s))
        elif zero_ms - self._zero_ms > CLOCK_STEP_MS:
            self._zero_ms = zero_ms
        while self._ahead and self._utc_ms(tick.t_s) > self._ahead[0][0]:
            self._pass_over(tick.t_s if tick.reading is None else tick.reading.start_s)
        at_ms = self._utc_ms(tick.t_s)
        self._end_ms = max(self._end_ms, at_ms)
        return at_ms

    def _pass_over(self, t_s: float) -> None:
        """Ends this session before one that a wrong clock has put there; another begins after."""
        assert self._zero_ms is not None  # noqa: S101 - set by the first tick
        for part in (self._interval, self._minute):
            if part is not None:
                self._wait(part.as_write(self._session_id))
        self._interval = self._minute = None
        self._ended.append(self._session_write("clock changed"))
        jump_ms = max(0, self._ahead.popleft()[1] - self._utc_ms(t_s))
        self._zero_ms += jump_ms
        self._saved_ms += jump_ms
        self._start_ms = self._end_ms = self._utc_ms(t_s)
        self._session_id += 1
        self._uid = uuid4().hex

    def _utc_ms(self, t_s: float) -> int:
        assert self._zero_ms is not None  # noqa: S101 - set by the first tick
        return self._zero_ms + round(t_s * 1000)

    def _add_reading(self, reading: Reading) -> None:
        start_ms = max(self._utc_ms(reading.start_s), self._start_ms)
        end_ms = self._utc_ms(reading.t_s)
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
                self._alerted[event.kind] = key
            case AlertFollowed() if event.kind in self._alerted:
                alert_key = (*self._alerted[event.kind], event.kind.value)
                outcome = (event.outcome.value, round(event.after_s * 1000))
                self._wait((_WRITE_OUTCOME, (*alert_key, *outcome)))
            case Moved():
                self._wait((_WRITE_MOVE, (*key, round(event.unchanged_s * 1000))))
            case BreakTaken():
                lasted_ms = round(event.lasted_s * 1000)
                self._wait((_WRITE_BREAK, (*key, lasted_ms, event.kind.value)))
            case Calibrated():
                self._profile, self._view = event.profile, event.view
                baseline = (event.profile, event.view.value, event.samples, event.quality)
                told_by = (to_ms(event.taken_at), event.angle_model)
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

    def _flush(self, wait_s: float = FLUSH_WAIT_S) -> None:
        self._notice = None
        try:
            try:
                self._write(wait_s)
            except (DamagedLogError, sqlite3.DatabaseError) as error:
                if self._mend is None or not is_damage(error):
                    raise
                assert self._connection is not None  # noqa: S101 - `_write` had one
                self._connection.close()
                self._file = None  # to be opened anew, now or when there is room to mend it
                told = self._mend()
                self._write(wait_s)
                self._notice = told
        except (PosturecamError, OSError, sqlite3.Error) as error:
            self._failure = f"the log cannot be written ({_what(error)})"
        else:
            self._failure = None
            self._ended.clear()
            self._waiting.clear()
            self._saved_ms = self._end_ms

    def _write(self, wait_s: float) -> None:
        self._hold()
        connection = self._same_or_new_file()
        connection.execute(f"PRAGMA busy_timeout = {round(wait_s * 1000)}")
        with transaction(connection):
            for statement, values in self._writes():
                connection.execute(statement, values)
        if self._flushed_s - self._checkpointed_s >= CHECKPOINT_AFTER_S:
            # Waits for nobody: what a reader still needs stays until the next time.
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._checkpointed_s = self._flushed_s

    def _same_or_new_file(self) -> sqlite3.Connection:
        """The file being written; a new one if somebody removed it, which SQLite cannot notice."""
        assert self._connection is not None, "the log is closed"  # noqa: S101
        if self._file is None or identity_of(self._path) != self._file:
            self._notice = f"the log {self._path} is gone; a new one was begun"
            self._connection.close()
            make_private_folder(self._path.parent)
            connection = connect(self._path, at=self._session.started_at)
            try:
                self._begin_anew(connection)
            except BaseException:
                connection.close()
                raise
        return self._connection

    def _writes(self) -> Iterator[_Write]:
        yield from self._ended
        yield self._session_write(self._ended_by)
        yield from self._waiting
        if self._interval is not None:
            yield self._interval.as_write(self._session_id)
        if self._minute is not None:
            yield self._minute.as_write(self._session_id)

    def _session_write(self, ended_by: str | None = None) -> _Write:
        return _WRITE_SESSION, (
            self._session_id,
            self._uid,
            self._start_ms,
            self._end_ms,
            without_secrets(self._session.source),
            self._profile,
            None if self._view is None else self._view.value,
            self._session.model_sha256,
            self._session.program_version,
            ended_by and without_secrets(ended_by),
        )


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
            except ValueError as error:  # a state or kind that no posturecam ever wrote
                raise damaged(self._path, error) from error
            finally:
                connection.execute("ROLLBACK")

    def sums(self, edges_ms: Sequence[int]) -> tuple[Sums, ...]:
        """What the stretches between each of the rising edges (UTC) and the next add up to.

        Raises:
            DataError: the file is damaged.
        """
        connection = self._connection
        if connection is None:
            return tuple(Sums(start_ms=start, end_ms=end) for start, end in pairwise(edges_ms))
        with explained(self._path):
            connection.execute("BEGIN")
            try:
                return read_sums(connection, edges_ms)
            except ValueError as error:  # a state or kind that no posturecam ever wrote
                raise damaged(self._path, error) from error
            finally:
                connection.execute("ROLLBACK")

    def oldest_start_ms(self) -> int | None:
        """When the oldest session began, UTC; None if there was none.

        Raises:
            DataError: the file is damaged.
        """
        return self._moment("SELECT min(start_ms) FROM sessions")

    def newest_end_ms(self) -> int | None:
        """When the newest session ended, UTC; None if there was none.

        Raises:
            DataError: the file is damaged.
        """
        return self._moment("SELECT max(end_ms) FROM sessions")

    def _moment(self, query: str) -> int | None:
        if self._connection is None:
            return None
        with explained(self._path):
            moment_ms = self._connection.execute(query).fetchone()[0]
        return None if moment_ms is None else int(moment_ms)

    def close(self) -> None:
        """Lets the file go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _neighbours(
    connection: sqlite3.Connection, start_ms: int
) -> tuple[int, deque[tuple[int, int]]]:
    """When what was logged before `start_ms` ends, and the spans of what is logged after that."""
    earliest_ms = 0
    ahead: deque[tuple[int, int]] = deque()
    for span in connection.execute("SELECT start_ms, end_ms FROM sessions ORDER BY start_ms"):
        if span[0] <= max(start_ms, earliest_ms):
            earliest_ms = max(earliest_ms, span[1])
        else:
            ahead.append(span)
    return earliest_ms, ahead


def _what(error: Exception) -> str:
    match error:
        case PosturecamError(what=str(text)) | OSError(strerror=str(text)):
            return text.rstrip(".")
        case _:
            return str(error)


def _rows_between(
    connection: sqlite3.Connection, start_ms: int, end_ms: int, *, minutes: bool
) -> DayRows:
    span = {"start": start_ms, "end": end_ms}

    def select(name: str) -> Iterator[tuple[Any, ...]]:
        return connection.execute(QUERIES[name], span)

    def records(name: str) -> Iterator[dict[str, Any]]:
        cursor = connection.execute(QUERIES[name], span)
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, values, strict=True)) for values in cursor)

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
