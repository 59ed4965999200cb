"""Writes the log: one SQLite file with what was seen, when and for how long. Never a picture.

Times are UTC in integer milliseconds; days exist only in `review`. A `LogWriter` is fed the turns
of the loop and writes a few rows every two seconds. Until then rows are timed by the clock of the
watch; `dating` says which date that was.
"""

from __future__ import annotations

import math
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from posturecam.base.addresses import without_secrets
from posturecam.base.durations import format_duration
from posturecam.base.errors import DataError, PosturecamError
from posturecam.base.files import identity_of
from posturecam.base.language import Sentence
from posturecam.base.local_time import MINUTE_MS
from posturecam.base.paths import make_private_folder
from posturecam.log.connection import (
    OPEN_WAIT_S,
    DamagedLogError,
    connect,
    explained,
    is_damage,
    to_ms,
    transaction,
)
from posturecam.log.dated_runs import DatedRuns, Run
from posturecam.log.merging import OpenInterval, OpenMinute
from posturecam.log.tables import TABLES, Value
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BreakTaken,
    Calibrated,
    EndedBy,
    Event,
    Moved,
    Summarised,
    Tick,
)
from posturecam.values.stored_codes import stored_causes, stored_details

if TYPE_CHECKING:
    from posturecam.values.observation import Reading, View

FLUSH_AFTER_S = 2.0
"""Longest stretch of watching that is in memory only; a killed watch may lose 5 s."""
CHECKPOINT_AFTER_S = 55.0
"""After so long the newest rows are taken over into the log itself and brought onto the disk:
without its `-wal`, or after a power cut, the log misses a minute at most."""
KEPT_ROWS = 10_000
"""Rows kept in memory while the file takes none: about a day's worth."""

FLUSH_WAIT_S = 0.02  # the loop is waiting for the next picture


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """What is known of a watch when it begins.

    Attributes:
        started_at: the beginning, aware.
        source: name of the camera or file; a password in an address is not stored.
        view: its view, None until the baseline has been taken.
        boot_id: names the monotonic clock that times the watch; None where it times no other.
        origin_s: what that clock showed when the watch began.
    """

    started_at: datetime
    source: str
    profile: str
    view: View | None
    model_sha256: str
    program_version: str
    boot_id: str | None = None
    origin_s: float = 0.0


# A write that failed is tried again, so each of these may be repeated.
_WRITE_SESSION = """INSERT INTO sessions (id, uid, start_ms, end_ms, source, profile, view,
    model_sha256, program_version, ended_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET start_ms = excluded.start_ms, end_ms = excluded.end_ms,
    profile = excluded.profile, view = excluded.view, ended_by = excluded.ended_by"""
_WRITE_CLOCK = "INSERT OR REPLACE INTO session_clocks VALUES (?, ?, ?, ?)"
_WRITE_INTERVAL = f"""{TABLES["intervals"].insertion}
    ON CONFLICT DO UPDATE SET end_ms = excluded.end_ms"""
_WRITE_MINUTE = TABLES["minutes"].replacement
_WRITE_ALERT = TABLES["alerts"].replacement
_WRITE_OUTCOME = """WITH told (session, at, what, followed, after) AS (VALUES (?, ?, ?, ?, ?))
    UPDATE alerts SET outcome = followed, outcome_after_ms = after FROM told
    WHERE session_id = session AND at_ms = at AND kind = what"""
_WRITE_MOVE = TABLES["moves"].replacement
_WRITE_BREAK = TABLES["breaks"].replacement
_WRITE_CALIBRATION = TABLES["calibrations"].replacement


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that waits to be written; `moments_ms` are on the clock of the watch."""

    statement: str
    run: Run
    moments_ms: tuple[int, ...]
    values: tuple[Value, ...]

    @property
    def stored(self) -> tuple[Value, ...]:
        """As the file is to have it."""
        if self.statement is _WRITE_MINUTE:
            # Where `move_sessions` leaves it, however the run has been dated since it began.
            return self.run.id, *map(self.run.minute_ms, self.moments_ms), *self.values
        moments_ms = (at_ms + self.run.zero_ms for at_ms in self.moments_ms)
        return self.run.id, *moments_ms, *self.values


class LogWriter:
    """Writes one watch; a sink of the loop.

    Within the log no two sessions overlap. A watch is dated by what the wall shows; when the clock
    is set meanwhile, what was dated wrong is dated anew, or another session begins.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        session: SessionInfo,
        repair: Callable[[], str] | None,
        hold: Callable[[], None],
        *,
        not_after: Callable[[], datetime] | None,
    ) -> None:
        self._path = path
        self._repair = repair
        self._hold = hold
        self._not_after = not_after
        self._session = session
        self._profile = session.profile
        self._view = session.view
        self._flushed_s = -math.inf
        self._checkpointed_s = -math.inf
        self._saved_ms = 0
        self._interval: OpenInterval | None = None
        self._minute: OpenMinute | None = None
        self._waiting: deque[_Row] = deque()
        self._dropped_rows = 0
        self._alerted: dict[AlertKind, tuple[Run, int]] = {}
        self._failure: str | None = None
        self._notice: str | None = None
        self._connection: sqlite3.Connection | None = connection
        self._file: tuple[int, int] | None = identity_of(path)
        self._dates = DatedRuns(
            _begin(connection, 0, to_ms(session.started_at)),
            clock=session.boot_id or uuid4().hex,
            origin_ms=round(session.origin_s * 1000),
        )

    @classmethod
    def open(
        cls,
        path: Path,
        session: SessionInfo,
        *,
        repair: Callable[[], str] | None = None,
        hold: Callable[[], None] = lambda: None,
        not_after: Callable[[], datetime] | None = None,
    ) -> Self:
        """A writer for a session that begins now; the file is made if need be, its folder not.

        Args:
            path: the log.
            session: what is known of the session.
            repair: puts a sound log in the place of one that turns out to be damaged while it is
                written, and says what it did.
            hold: makes sure, before each write, that nobody else writes here; raises
                `AlreadyRunningError` while somebody does.
            not_after: now, for a source that runs faster than life: when the session is closed it
                is dated so that it ends by then, where nothing else was logged.

        Raises:
            DataError: the file is damaged, from a newer posturecam, in use or not writable.
        """
        with explained(path):
            connection = connect(path, at=session.started_at)
            try:
                return cls(connection, path, session, repair, hold, not_after=not_after)
            except BaseException:
                connection.close()
                raise

    @property
    def problem(self) -> str | None:
        """In a few words why the log is not as it should be; None while all is well."""
        if self._failure is None:
            return self._notice
        return Sentence(
            "{failure}; what is new waits in memory until it can", failure=self._failure
        )

    def handle(self, tick: Tick) -> None:
        """Notes one turn of the loop; writes if `FLUSH_AFTER_S` have passed since the last time.

        When the turns without a judgement begin, it writes at once: the next picture may be long in
        coming. A file that takes no rows does not raise here: see `problem`.
        """
        at_ms = round(tick.t_s * 1000)
        start_ms = at_ms if tick.reading is None else round(tick.reading.start_s * 1000)
        zero_ms = to_ms(tick.at) - at_ms
        if self._dates.keep_time(zero_ms, start_ms):
            self._begin_another(zero_ms, start_ms)
        self._run.end_ms = max(self._run.end_ms, at_ms)
        if tick.reading is not None:
            self._add_reading(tick.reading, start_ms, at_ms)
        for event in tick.events:
            self._add_event(event, at_ms)
        unsaved = self._interval is not None and self._interval.end_ms > self._saved_ms
        pictures_end = tick.reading is None and unsaved
        if pictures_end or tick.t_s - self._flushed_s >= FLUSH_AFTER_S:
            self._flushed_s = tick.t_s
            self._flush()

    def close(self, ended_by: str | None = None) -> None:
        """Writes what is left; a second call does nothing.

        The session was `ended_by` that, or by what the loop's summary said.

        Raises:
            DataError: something could not be saved; says how much.
        """
        if self._connection is None:
            return
        self._run.ended_by = ended_by or self._run.ended_by
        self._dates.end()
        self._flush(wait_s=OPEN_WAIT_S, last=True)
        self._connection.close()
        self._connection = None
        if self._failure is not None:
            unsaved_s = (self._run.end_ms - self._saved_ms) / 1000
            raise DataError(
                Sentence(
                    "The last {duration} of watching are not in the log {log}: {failure}.",
                    duration=format_duration(unsaved_s),
                    log=self._path,
                    failure=self._failure,
                ),
                Sentence(
                    "Free some space or make the file writable; what was saved before is kept, "
                    "and the next watch recovers what can be read should the file be damaged."
                ),
            )
        if self._dropped_rows:
            raise DataError(
                Sentence(
                    "While the log {log} could not be written, {rows} rows were more than "
                    "memory was set aside for; they are lost.",
                    log=self._path,
                    rows=self._dropped_rows,
                ),
                Sentence("Nothing is left to do: the rest was written when it worked again."),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # What went wrong first is what must be said.
        with suppress(DataError) if kind else nullcontext():
            self.close()

    @property
    def _run(self) -> Run:
        return self._dates.current

    def _begin_anew(self, connection: sqlite3.Connection) -> None:
        """The session goes on in another file, with what is still in memory."""
        zero_ms, end_ms = self._run.zero_ms, self._run.end_ms
        starts_ms = [row.moments_ms[0] for row in self._waiting if row.statement is _WRITE_INTERVAL]
        if self._interval is not None:
            starts_ms.append(self._interval.start_ms)
        # Another watch may have written here meanwhile; what it has logged stays.
        taken_until_ms = connection.execute(
            "SELECT max(end_ms) FROM sessions WHERE start_ms < ?", (end_ms + zero_ms,)
        ).fetchone()[0]
        start_ms = max(min([self._saved_ms, *starts_ms]), (taken_until_ms or zero_ms) - zero_ms)
        run = _begin(connection, start_ms, zero_ms)
        run.end_ms = max(end_ms, start_ms)
        run.ended_by = self._run.ended_by
        self._dates.restart(run)
        self._alerted = {}
        waiting, self._waiting = self._waiting, deque()
        for row in waiting:
            moments_ms = row.moments_ms
            if row.statement is _WRITE_INTERVAL:  # its beginning may be in the other file already
                moments_ms = (max(moments_ms[0], start_ms), moments_ms[1])
                if moments_ms[0] >= moments_ms[1]:
                    continue
            self._waiting.append(replace(row, run=run, moments_ms=moments_ms))
        if self._interval is not None:
            self._interval.start_ms = max(self._interval.start_ms, start_ms)
            if self._interval.start_ms >= self._interval.end_ms:
                self._interval = None
        self._file, self._connection = identity_of(self._path), connection

    def _begin_another(self, zero_ms: int, now_ms: int) -> None:
        """Ends the session where it was; from now on the wall shows another time."""
        for part in (self._interval, self._minute):
            if part is not None:
                self._wait(self._row_of(part))
        self._interval = self._minute = None
        before = self._run
        before.end_ms = min(before.end_ms, now_ms)
        before.ended_by = EndedBy.CLOCK_CHANGED
        self._dates.runs.append(Run.begun(before.id + 1, now_ms, zero_ms))

    def _add_reading(self, reading: Reading, start_ms: int, end_ms: int) -> None:
        self._add_deviations(end_ms, reading.deviations.values_deg())
        start_ms = max(start_ms, self._run.start_ms)
        if end_ms <= start_ms:
            return
        reason = stored_causes(reading.causes)
        later = OpenInterval(start_ms, end_ms, reading.state, reason)
        if self._interval is None:
            self._interval = later
        elif not self._interval.merges(later):
            self._wait(self._row_of(self._interval))
            self._interval = later

    def _add_deviations(self, at_ms: int, deviations_deg: tuple[float, ...]) -> None:
        if all(map(math.isnan, deviations_deg)):
            return
        start_ms = at_ms - (at_ms + self._run.zero_ms) % MINUTE_MS
        if self._minute is not None and start_ms >= self._minute.start_ms + MINUTE_MS:
            self._wait(self._row_of(self._minute))
            self._minute = None
        if self._minute is None:
            self._minute = OpenMinute(start_ms)
        self._minute.add(deviations_deg)

    def _add_event(self, event: Event, at_ms: int) -> None:
        def wait(statement: str, *values: Value) -> None:
            self._wait(_Row(statement, self._run, (at_ms,), values))

        match event:
            case Alerted():
                lasted_ms = round(event.lasted_s * 1000)
                message = stored_details(event.details)
                wait(_WRITE_ALERT, event.kind.value, message, lasted_ms, None, None)
                self._alerted[event.kind] = (self._run, at_ms)
            case AlertFollowed() if event.kind in self._alerted:
                run, alerted_ms = self._alerted[event.kind]
                outcome = (event.kind.value, event.outcome.value, round(event.after_s * 1000))
                self._wait(_Row(_WRITE_OUTCOME, run, (alerted_ms,), outcome))
            case Moved():
                wait(_WRITE_MOVE, round(event.unchanged_s * 1000))
            case BreakTaken():
                wait(_WRITE_BREAK, round(event.lasted_s * 1000), event.kind.value)
            case Calibrated():
                self._profile, self._view = event.profile, event.view
                wait(
                    _WRITE_CALIBRATION,
                    event.profile,
                    event.view.value,
                    event.samples,
                    event.quality,
                    to_ms(event.taken_at),
                    event.angle_model,
                    *event.limits_deg,
                    None if event.stance is None else event.stance.value,
                )
            case Summarised():
                self._run.ended_by = event.ended_by
            case _:
                pass

    def _wait(self, row: _Row) -> None:
        self._waiting.append(row)
        if len(self._waiting) > KEPT_ROWS:
            self._waiting.popleft()
            self._dropped_rows += 1

    def _row_of(self, part: OpenInterval | OpenMinute) -> _Row:
        if isinstance(part, OpenMinute):
            return _Row(_WRITE_MINUTE, self._run, (part.start_ms,), part.values)
        moments_ms = (part.start_ms, part.end_ms)
        return _Row(_WRITE_INTERVAL, self._run, moments_ms, (part.state.value, part.reason))

    def _flush(self, wait_s: float = FLUSH_WAIT_S, *, last: bool = False) -> None:
        self._notice = None
        try:
            try:
                self._write(wait_s, last=last)
            except (DamagedLogError, sqlite3.DatabaseError) as error:
                if self._repair is None or not is_damage(error):
                    raise
                assert self._connection is not None  # noqa: S101 - `_write` had one
                self._connection.close()
                self._file = None  # to be opened anew, now or when there is room to repair it
                repaired = self._repair()
                self._write(wait_s, last=last)
                self._notice = repaired
        except (PosturecamError, OSError, sqlite3.Error) as error:
            self._failure = Sentence("the log cannot be written ({why})", why=_what(error))
        else:
            self._failure = None
            self._waiting.clear()
            self._saved_ms = self._run.end_ms
            if self._dates.news and self._notice is None:
                self._notice = Sentence.joined(self._dates.news, "; ")
                self._dates.news.clear()

    def _write(self, wait_s: float, *, last: bool) -> None:
        self._hold()
        connection = self._same_or_new_file()
        connection.execute(f"PRAGMA busy_timeout = {round(wait_s * 1000)}")
        with transaction(connection):
            if last and self._not_after is not None:
                self._dates.end_by(connection, to_ms(self._not_after()))
            displaced = self._dates.move(connection)
            for statement, values in self._writes():
                connection.execute(statement, values)
            displaced = self._dates.give_back(connection, displaced)
        self._dates.note_stored(displaced)
        if self._flushed_s - self._checkpointed_s >= CHECKPOINT_AFTER_S:
            # Waits for nobody: what a reader still needs stays until the next time.
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._checkpointed_s = self._flushed_s

    def _same_or_new_file(self) -> sqlite3.Connection:
        """The file being written; a new one if somebody removed it, which SQLite cannot notice."""
        assert self._connection is not None, "the log is closed"  # noqa: S101
        if self._file is None or identity_of(self._path) != self._file:
            self._notice = Sentence("the log {log} is gone; a new one was begun", log=self._path)
            self._connection.close()
            make_private_folder(self._path.parent)
            connection = connect(self._path, at=self._session.started_at)
            try:
                self._begin_anew(connection)
            except BaseException:
                connection.close()
                raise
        return self._connection

    def _writes(self) -> Iterator[tuple[str, tuple[Value, ...]]]:
        for run in self._dates.runs:
            if not run.complete:
                yield _WRITE_SESSION, self._session_values(run)
                yield _WRITE_CLOCK, self._dates.clock_values(run)
        for row in self._waiting:
            yield row.statement, row.stored
        for part in (self._interval, self._minute):
            if part is not None:
                row = self._row_of(part)
                yield row.statement, row.stored

    def _session_values(self, run: Run) -> tuple[Value, ...]:
        return (
            run.id,
            run.uid,
            *run.span_ms,
            without_secrets(self._session.source),
            self._profile,
            None if self._view is None else self._view.value,
            self._session.model_sha256,
            self._session.program_version,
            run.ended_by and without_secrets(run.ended_by),
        )


def _begin(connection: sqlite3.Connection, start_ms: int, zero_ms: int) -> Run:
    with transaction(connection):  # a file in use is refused at once
        newest_id = connection.execute("SELECT max(id) FROM sessions").fetchone()[0] or 0
    return Run.begun(newest_id + 1, start_ms, zero_ms)


def _what(error: Exception) -> str:
    match error:
        case PosturecamError(what=str(text)) | OSError(strerror=str(text)):
            return text.rstrip(".")
        case _:
            return str(error)
