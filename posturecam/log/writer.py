"""Writes the log: one SQLite file with what was seen, when and for how long. Never a picture.

Times are UTC in integer milliseconds; days exist only in `review`. A `LogWriter` is fed the turns
of the loop and writes a few rows every two seconds. Until then rows are timed by the clock of the
watch; `dating` says which date that was.
"""

from __future__ import annotations

import math
import sqlite3
from collections import deque
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from posturecam.base.addresses import without_secrets
from posturecam.base.dating import CLOCK_STEP_MS, Stretch, date_anew, latest_gap_ms
from posturecam.base.durations import format_duration
from posturecam.base.errors import DataError, PosturecamError
from posturecam.base.files import identity_of
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
from posturecam.log.merging import OpenInterval, OpenMinute
from posturecam.log.session_dates import MINUTE_MS, is_free, move_sessions, stretches_of
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BreakTaken,
    Calibrated,
    Moved,
    Summarised,
)
from posturecam.values.log_rows import (
    REASON_SEPARATOR,
)
from posturecam.values.observation import ANGLES, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from posturecam.values.events import Event, Tick
    from posturecam.values.observation import Reading

FLUSH_AFTER_S = 2.0
"""Longest stretch of watching that is in memory only; a killed watch may lose 5 s."""
CHECKPOINT_AFTER_S = 55.0
"""After so long the newest rows are taken over into the log itself and brought onto the disk:
without its `-wal`, or after a power cut, the log misses a minute at most."""
KEPT_ROWS = 10_000
"""Rows kept in memory while the file takes none: about a day's worth."""
SURE_AFTER_MS = 10_000
"""What other watches have logged is dated anew when the clock has shown the same for so long."""

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

_Value = str | int | float | None


@dataclass(slots=True, kw_only=True)
class _Run:
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

    @property
    def span_ms(self) -> tuple[int, int]:
        """From when to when, UTC."""
        return self.start_ms + self.zero_ms, self.end_ms + self.zero_ms

    @property
    def stretch(self) -> Stretch:
        """As `dating` wants it."""
        return Stretch(
            start_ms=self.start_ms, end_ms=self.end_ms, zero_ms=self.zero_ms, read_ms=self.read_ms
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that waits to be written; `moments_ms` are on the clock of the watch."""

    statement: str
    run: _Run
    moments_ms: tuple[int, ...]
    values: tuple[_Value, ...]

    @property
    def stored(self) -> tuple[_Value, ...]:
        """As the file is to have it."""
        moments_ms = (at_ms + self.run.zero_ms for at_ms in self.moments_ms)
        if self.statement is _WRITE_MINUTE:
            moments_ms = (at_ms - at_ms % MINUTE_MS for at_ms in moments_ms)
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
        self._clock = session.boot_id or uuid4().hex
        self._timed = False
        self._sure_from_ms: float = math.inf
        self._flushed_s = -math.inf
        self._checkpointed_s = -math.inf
        self._saved_ms = 0
        self._interval: OpenInterval | None = None
        self._minute: OpenMinute | None = None
        self._waiting: deque[_Row] = deque()
        self._dropped_rows = 0
        self._alerted: dict[AlertKind, tuple[_Run, int]] = {}
        self._pushed: dict[int, int] = {}
        self._gives_back = False
        self._failure: str | None = None
        self._notice: str | None = None
        self._news: list[str] = []
        self._connection: sqlite3.Connection | None = connection
        self._file: tuple[int, int] | None = identity_of(path)
        self._runs = [self._new_run(connection, 0, to_ms(session.started_at))]

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
        return f"{self._failure}; what is new waits in memory until it can"

    def handle(self, tick: Tick) -> None:
        """Notes one turn of the loop; writes if `FLUSH_AFTER_S` have passed since the last time.

        When the turns without a judgement begin, it writes at once: the next picture may be long in
        coming. A file that takes no rows does not raise here: see `problem`.
        """
        at_ms = round(tick.t_s * 1000)
        start_ms = at_ms if tick.reading is None else round(tick.reading.start_s * 1000)
        self._keep_time(to_ms(tick.at) - at_ms, start_ms)
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

        Args:
            ended_by: why the session ended, None for what the loop's summary said.

        Raises:
            DataError: something could not be saved; says how much.
        """
        if self._connection is None:
            return
        self._run.ended_by = ended_by or self._run.ended_by
        self._sure_from_ms = min(self._sure_from_ms, self._run.end_ms)
        self._flush(wait_s=OPEN_WAIT_S, last=True)
        self._connection.close()
        self._connection = None
        if self._failure is not None:
            unsaved_s = (self._run.end_ms - self._saved_ms) / 1000
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
        # What went wrong first is what must be said.
        with suppress(DataError) if kind else nullcontext():
            self.close()

    @property
    def _run(self) -> _Run:
        return self._runs[-1]

    def _new_run(self, connection: sqlite3.Connection, start_ms: int, zero_ms: int) -> _Run:
        with transaction(connection):  # a file in use is refused at once
            newest_id = connection.execute("SELECT max(id) FROM sessions").fetchone()[0] or 0
        return _Run(
            id=newest_id + 1,
            uid=uuid4().hex,
            start_ms=start_ms,
            end_ms=start_ms,
            zero_ms=zero_ms,
            read_ms=zero_ms,
        )

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
        run = self._new_run(connection, start_ms, zero_ms)
        run.end_ms = max(end_ms, start_ms)
        run.ended_by = self._run.ended_by
        self._runs = [run]
        self._alerted, self._pushed = {}, {}
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

    def _keep_time(self, zero_ms: int, now_ms: int) -> None:
        """Dates the watch by `zero_ms`, and what is known to be wrong by that anew."""
        if not self._timed:
            self._timed = True
            self._run.zero_ms = self._run.read_ms = zero_ms
            self._sure_from_ms = now_ms + SURE_AFTER_MS
            return
        stepped_ms = zero_ms - self._run.zero_ms
        if abs(stepped_ms) <= CLOCK_STEP_MS:
            return
        zeros_ms = date_anew([run.stretch for run in self._runs], zero_ms, self._run.end_ms)
        if abs(stepped_ms) < MINUTE_MS:  # no reason to cut a session
            zeros_ms[-1] = zero_ms
        for run, dated_ms in zip(self._runs, zeros_ms, strict=True):
            run.zero_ms = dated_ms
        if self._run.zero_ms != zero_ms:
            self._begin_another(zero_ms, now_ms)
        self._gives_back |= stepped_ms > 0
        self._sure_from_ms = now_ms + SURE_AFTER_MS
        way = "forward" if stepped_ms > 0 else "back"
        step = format_duration(abs(stepped_ms) / 1000)
        self._news.append(f"the clock was set {way} by {step}; the log goes by the new time")

    def _begin_another(self, zero_ms: int, now_ms: int) -> None:
        """Ends the session where it was; from now on the wall shows another time."""
        for part in (self._interval, self._minute):
            if part is not None:
                self._wait(self._row_of(part))
        self._interval = self._minute = None
        before = self._run
        before.end_ms = min(before.end_ms, now_ms)
        before.ended_by = "clock changed"
        another = _Run(
            id=before.id + 1,
            uid=uuid4().hex,
            start_ms=now_ms,
            end_ms=now_ms,
            zero_ms=zero_ms,
            read_ms=zero_ms,
        )
        self._runs.append(another)

    def _add_reading(self, reading: Reading, start_ms: int, end_ms: int) -> None:
        self._add_deviations(end_ms, _deviations_deg(reading.deviations))
        start_ms = max(start_ms, self._run.start_ms)
        if end_ms <= start_ms:
            return
        reason = REASON_SEPARATOR.join(reading.causes)
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
        def wait(statement: str, *values: _Value) -> None:
            self._wait(_Row(statement, self._run, (at_ms,), values))

        match event:
            case Alerted():
                wait(_WRITE_ALERT, event.kind.value, event.message, round(event.lasted_s * 1000))
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
            self._failure = f"the log cannot be written ({_what(error)})"
        else:
            self._failure = None
            self._waiting.clear()
            self._saved_ms = self._run.end_ms
            if self._news and self._notice is None:
                self._notice = "; ".join(self._news)
                self._news.clear()

    def _write(self, wait_s: float, *, last: bool) -> None:
        self._hold()
        connection = self._same_or_new_file()
        connection.execute(f"PRAGMA busy_timeout = {round(wait_s * 1000)}")
        with transaction(connection):
            if last:
                self._end_in_time(connection)
            settled, pushed = self._date_sessions(connection)
            for statement, values in self._writes():
                connection.execute(statement, values)
            given_back = self._give_back(connection) if self._gives_back else set()
        for run in self._runs:
            run.stored_ms = run.zero_ms
            run.complete = run is not self._run
        if self._run.end_ms >= self._sure_from_ms:
            self._sure_from_ms = math.inf
        self._gives_back = False
        for number in settled | given_back:
            self._pushed.pop(number, None)
        for number, moved_ms in pushed.items():
            self._pushed[number] = self._pushed.get(number, 0) + moved_ms
        if self._flushed_s - self._checkpointed_s >= CHECKPOINT_AFTER_S:
            # Waits for nobody: what a reader still needs stays until the next time.
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._checkpointed_s = self._flushed_s

    def _end_in_time(self, connection: sqlite3.Connection) -> None:
        """Dates what ran faster than life so that it ends by now, where nothing else is."""
        now_ms = math.inf if self._not_after is None else to_ms(self._not_after())
        start_ms, end_ms = self._run.span_ms
        if end_ms > now_ms:
            others = "SELECT start_ms, end_ms FROM sessions WHERE id != ?"
            taken = connection.execute(others, (self._run.id,)).fetchall()
            gap_ms = latest_gap_ms(taken, end_ms - start_ms, int(now_ms))
            self._run.zero_ms = gap_ms - self._run.start_ms

    def _date_sessions(self, connection: sqlite3.Connection) -> tuple[set[int], dict[int, int]]:
        """Moves what is dated anew and what is in its way: which; by how much of the latter."""
        by_ms = {
            run.id: run.zero_ms - run.stored_ms
            for run in self._runs
            if run.stored_ms not in (None, run.zero_ms)
        }
        wanted = [run.span_ms for run in self._runs if run.id in by_ms or not run.complete]
        own = {run.id for run in self._runs}
        if self._run.end_ms >= self._sure_from_ms:
            for number, stretch, zero_ms in self._earlier(connection, own):
                if zero_ms != stretch.zero_ms:
                    by_ms[number] = zero_ms - stretch.zero_ms
                    wanted.append((stretch.start_ms + zero_ms, stretch.end_ms + zero_ms))
        return set(by_ms), move_sessions(connection, by_ms, wanted, own | by_ms.keys())

    def _earlier(
        self, connection: sqlite3.Connection, own: set[int]
    ) -> Iterator[tuple[int, Stretch, int]]:
        """What other watches timed by the same clock, with the zero it should have."""
        origin_ms = round(self._session.origin_s * 1000)
        found = stretches_of(connection, self._clock)
        earlier = {number: stretch for number, stretch in found.items() if number not in own}
        # What gave way for now has no date by that.
        stretches = [
            replace(stretch, zero_ms=stretch.zero_ms - self._pushed.get(number, 0))
            for number, stretch in earlier.items()
        ]
        stretches += [run.stretch.later(origin_ms) for run in self._runs]
        zeros_ms = date_anew(stretches, stretches[-1].zero_ms, stretches[-1].end_ms)
        for (number, stretch), zero_ms in zip(earlier.items(), zeros_ms, strict=False):
            yield number, stretch, zero_ms

    def _give_back(self, connection: sqlite3.Connection) -> set[int]:
        """Moves back what gave way to a clock that was behind; which sessions."""
        pushed = self._pushed.items()
        back = {number for number, by_ms in pushed if is_free(connection, number, -by_ms)}
        for number in back:
            move_sessions(connection, {number: -self._pushed[number]})
        return back

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

    def _writes(self) -> Iterator[tuple[str, tuple[_Value, ...]]]:
        origin_ms = round(self._session.origin_s * 1000)
        for run in self._runs:
            if not run.complete:
                yield _WRITE_SESSION, self._session_values(run)
                zeros_ms = (run.read_ms - origin_ms, run.zero_ms - origin_ms)
                yield _WRITE_CLOCK, (run.id, self._clock, *zeros_ms)
        for row in self._waiting:
            yield row.statement, row.stored
        for part in (self._interval, self._minute):
            if part is not None:
                row = self._row_of(part)
                yield row.statement, row.stored

    def _session_values(self, run: _Run) -> tuple[_Value, ...]:
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


def _what(error: Exception) -> str:
    match error:
        case PosturecamError(what=str(text)) | OSError(strerror=str(text)):
            return text.rstrip(".")
        case _:
            return str(error)
