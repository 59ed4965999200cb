"""An export taken back into the log, each row once, and only what can be true."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from posturecam.base.csv_cells import CsvStyle
from posturecam.base.errors import DataError, UsageError
from posturecam.base.files import read_file
from posturecam.base.language import Sentence
from posturecam.base.local_time import MINUTE_MS
from posturecam.base.printable import printable
from posturecam.log.connection import to_ms, transaction
from posturecam.log.export_format import FORMAT, MANIFEST, SUFFIX, ExportFormat
from posturecam.log.export_rows import Row, rows_of
from posturecam.log.schema import CODES_INSTEAD_OF_WORDS, HIDE_ADDRESSES
from posturecam.log.tables import TABLES, Table, Value

LARGEST_MANIFEST_BYTES = 100_000
MOST_ROWS = 5_000_000
"""Of what belongs to sessions; twenty years of eight hours each workday have four million."""
MOST_SINGLE_ROWS = 100_000
"""Of any other table: thirteen sessions, or entries of the journal, a day for twenty years."""
FUTURE_MS = 26 * 3_600_000
"""Farther ahead of the clock nothing was watched: the time zones of two machines are at most 26
hours apart, and a clock set by hand in the wrong zone is as wrong as that."""
_STRAY_MINUTES_MS = (60 * MINUTE_MS, MINUTE_MS - 1)
"""How far before and after its session a minute may begin. A full one begins before the session
does; after a move the last may begin after its end; and in older logs each move of a session left
its minutes up to one farther behind: an hour is room for sixty."""
LONGEST_ERROR = 200
"""In letters; libraries put what they read into what they say of it."""
_NO_MANIFEST = (
    *(OSError, ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError),
)
_NO_ROW = (OSError, ArithmeticError, ValueError, RecursionError, csv.Error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did.

    Attributes:
        rows: rows that were not in the log before, by table.
        overlapping: sessions left out because another one is logged for the same time.
        moved: sessions left out because the log has them at another time, as after a wrong clock.
    """

    rows: dict[str, int]
    overlapping: int
    moved: int = 0


def read_export(connection: sqlite3.Connection, folder: Path, *, at: datetime) -> Imported:
    """Takes the rows of an export into the log, each once, all of them or none.

    Rows are told apart by session and moment, or by their `uid`, so the same export may be read in
    again. Of a session that was still running when an older export was written, the newer one
    brings the rest. It may be in any format of `write_export`; `at` is now, aware.

    Raises:
        DataError: the export is damaged, incomplete or of a newer program, lacks the sessions of
            its rows, or says what cannot be true; the log is untouched.
        InstallationError: it is Parquet and the library for that is not installed.
    """
    rows, written_as, style = _read_manifest(folder)
    arrivals = _Arrivals(connection, to_ms(at) + FUTURE_MS)
    with transaction(connection):
        before = _counts(connection)
        for table in (table for name, table in TABLES.items() if name in rows):
            path = folder / f"{table.name}.{SUFFIX[written_as]}"
            arrivals.begin_table()
            found = 0
            try:
                with closing(rows_of(path, table, written_as, style)) as arriving:
                    for row in arriving:
                        found += 1
                        if found > rows[table.name]:
                            raise ValueError(
                                Sentence(
                                    "there are more, which {manifest} does not count",
                                    manifest=MANIFEST,
                                )
                            )
                        arrivals.add(table, row)
            except _NO_ROW as error:
                if isinstance(error, _NoSessionError) and "sessions" not in rows:
                    raise _incomplete(path, rows) from error
                why = _in_short(error)
                raise _damaged(
                    path, Sentence("after row {row}: {why}", row=found, why=why)
                ) from error
            except sqlite3.IntegrityError as error:
                why = _in_short(error)
                raise _damaged(path, Sentence("row {row}: {why}", row=found, why=why)) from error
            if found < rows[table.name]:
                counted = rows[table.name]
                what = Sentence("rows: {found} instead of {counted}", found=found, counted=counted)
                raise _damaged(path, what)
        # An export says words, and one from before addresses were hidden has those.
        for statement in (HIDE_ADDRESSES, *CODES_INSTEAD_OF_WORDS):
            connection.execute(statement)
        after = _counts(connection)
    new = {name: after[name] - before[name] for name in rows}
    return Imported(rows=new, overlapping=arrivals.overlapping, moved=arrivals.moved)


@dataclass(slots=True)
class _Session:
    """A session that rows arrive for.

    Attributes:
        id: in the log; None if it is left out.
        known: whether the log had it before.
        grown: whether more is known of it now than before.
        start_ms: its beginning, as the export has it.
        newest: what tells the last row that arrived in the present table from others.
        covered_until_ms: the end of the last interval that arrived.
    """

    id: int | None
    known: bool
    grown: bool
    start_ms: int
    end_ms: int
    newest: tuple[Value, ...] | None = None
    covered_until_ms: int = 0


class _NoSessionError(ValueError):
    """A row belongs to a session that neither the export has nor the log."""


class _Arrivals:
    """Takes one row after the other, sessions first."""

    def __init__(self, connection: sqlite3.Connection, latest_ms: int) -> None:
        self.overlapping = 0
        self.moved = 0
        self._connection = connection
        self._latest_ms = latest_ms
        self._sessions: dict[str, _Session] = {}
        self._newest_start_ms = 0

    def begin_table(self) -> None:
        """What comes next is in another table."""
        for session in self._sessions.values():
            session.newest = None

    def add(self, table: Table, row: Row) -> None:
        """Writes a row, unless it is there already or its session is left out.

        Raises:
            ValueError: it cannot be true.
            sqlite3.IntegrityError: likewise.
        """
        if _moment(row, table.end) > self._latest_ms:
            raise ValueError(
                Sentence("{column} lies in the future (is the clock right?)", column=table.end)
            )
        if table.name == "sessions":
            self._take_session(table, row)
        elif table.of_session:
            self._take_part(table, row)
        elif table.name == "answers":
            self._connection.execute(
                """INSERT INTO answers (at_ms, question, answer) SELECT :at_ms, :question, :answer
                WHERE NOT EXISTS (SELECT 1 FROM answers
                    WHERE question = :question AND at_ms = :at_ms AND answer = :answer)""",
                row,
            )
        else:
            self._connection.execute(_new_row(table), table.in_order(row))

    def _take_session(self, table: Table, row: Row) -> None:
        uid = str(row["uid"])
        if uid in self._sessions:
            raise ValueError(Sentence("session {uid!r} is there twice", uid=uid))
        if _moment(row, "start_ms") < self._newest_start_ms:
            raise ValueError(Sentence("it is out of order"))
        self._newest_start_ms = _moment(row, "start_ms")
        session = self._find(uid) or _Session(None, known=False, grown=False, start_ms=0, end_ms=0)
        overlaps = self._connection.execute(
            """SELECT 1 FROM sessions
            WHERE end_ms > :start_ms AND start_ms < :end_ms AND uid IS NOT :uid""",
            row,
        ).fetchone()
        # One that was cut has its end, and one that grew its beginning.
        moved = (
            session.known
            and session.start_ms != _moment(row, "start_ms")
            and session.end_ms != _moment(row, "end_ms")
        )
        if overlaps or moved:
            self.overlapping += not moved
            self.moved += moved
            session.id = None
        elif session.known:
            self._connection.execute(
                """UPDATE sessions SET start_ms = min(start_ms, :start_ms),
                    end_ms = max(end_ms, :end_ms), ended_by = coalesce(ended_by, :ended_by)
                WHERE uid = :uid""",
                row,
            )
            session.grown = session.end_ms < _moment(row, "end_ms")
        else:
            session.id = self._connection.execute(_new_row(table), table.in_order(row)).lastrowid
        session.start_ms, session.end_ms = _moment(row, "start_ms"), _moment(row, "end_ms")
        self._sessions[uid] = session

    def _find(self, uid: str) -> _Session | None:
        """A session of the log; None if there is none of that name."""
        found = self._connection.execute(
            "SELECT id, start_ms, end_ms FROM sessions WHERE uid = ?", (uid,)
        ).fetchone()
        if found is None:
            return None
        session_id, start_ms, end_ms = found
        return _Session(session_id, known=True, grown=False, start_ms=start_ms, end_ms=end_ms)

    def _take_part(self, table: Table, row: Row) -> None:
        uid = str(row["session_uid"])
        session = self._sessions.get(uid) or self._find(uid)
        if session is None:
            raise _NoSessionError(Sentence("there is no session {uid!r}", uid=uid))
        self._sessions[uid] = session
        _check_part(table, row, session)
        if session.id is not None and not (
            table.name == "intervals" and session.known and self._is_covered(row, session.id)
        ):
            statement = table.replacement if session.grown else _new_row(table)
            self._connection.execute(statement, table.in_order(row | {"session_id": session.id}))

    def _is_covered(self, row: Row, session_id: int) -> bool:
        """Whether the log has another interval for a part of the same time.

        One that was cut when the days before it were forgotten, for example.
        """
        found = self._connection.execute(
            """SELECT start_ms, end_ms FROM intervals WHERE session_id = ? AND start_ms < ?
            ORDER BY start_ms DESC LIMIT 1""",
            (session_id, row["end_ms"]),
        ).fetchone()
        return found is not None and found[0] != row["start_ms"] and found[1] > row["start_ms"]


def _check_part(table: Table, row: Row, session: _Session) -> None:
    """Notes the row of a session as its newest.

    Raises:
        ValueError: it lies outside the session, is there twice, or covers time that one before it
            covers.
    """
    start_ms, end_ms = _moment(row, table.start), _moment(row, table.end)
    early_ms, late_ms = _STRAY_MINUTES_MS if table.name == "minutes" else (0, 0)
    if start_ms < session.start_ms - early_ms or end_ms > session.end_ms + late_ms:
        raise ValueError(Sentence("it lies outside its session"))
    place = (start_ms, *(row[name] for name in table.apart))
    if session.newest is not None and place <= session.newest:
        raise ValueError(Sentence("it is there twice, or out of order"))
    session.newest = place
    if table.name == "intervals":
        if start_ms < session.covered_until_ms:
            raise ValueError(Sentence("it overlaps the one before"))
        session.covered_until_ms = end_ms


def _moment(row: Row, name: str) -> int:
    value = row[name]
    assert isinstance(value, int)  # noqa: S101 - no moment is optional, and all are whole
    return value


def _new_row(table: Table) -> str:
    # What breaks a CHECK is refused; only a key that is there already is no error.
    return f"{table.insertion} ON CONFLICT DO NOTHING"


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    return {
        name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES
    }


def _read_manifest(folder: Path) -> tuple[dict[str, int], ExportFormat, CsvStyle | None]:
    """Rows by table, and how they are written."""
    path = folder / MANIFEST
    if not path.is_file():
        raise UsageError(
            Sentence("There is no export in {folder}.", folder=folder),
            Sentence("Name a folder with a file {manifest} in it.", manifest=MANIFEST),
        )
    try:
        manifest = json.loads(read_file(path, most_bytes=LARGEST_MANIFEST_BYTES))
        if isinstance(manifest["format"], int) and manifest["format"] > FORMAT:
            raise DataError(
                Sentence("The export in {folder} is from a newer posturecam.", folder=folder),
                Sentence("Update posturecam."),
            )
        rows = {str(name): int(count) for name, count in manifest["rows"].items()}
        _check_counts(rows)
        style = CsvStyle(**manifest["csv"]) if "csv" in manifest else None
        return rows, ExportFormat(manifest["written_as"]), style
    except _NO_MANIFEST as error:
        raise _damaged(path, _in_short(error)) from error


def _check_counts(rows: dict[str, int]) -> None:
    if not rows.keys() <= TABLES.keys():
        raise ValueError(Sentence("it names other tables"))
    of_sessions = sum(count for name, count in rows.items() if TABLES[name].of_session)
    single = (count for name, count in rows.items() if not TABLES[name].of_session)
    if of_sessions > MOST_ROWS or max(single, default=0) > MOST_SINGLE_ROWS:
        raise ValueError(Sentence("no log has as many rows"))


def _in_short(error: Exception) -> str:
    """What an error says, at most a line of what a library says."""
    if error.args and isinstance(error.args[0], Sentence):
        return error.args[0]
    return printable(str(error).partition("\n")[0][:LONGEST_ERROR])


def _incomplete(path: Path, tables: Iterable[str]) -> DataError:
    return DataError(
        Sentence(
            "{path} has rows of sessions that are not in the log, and the table sessions is not in "
            "the export.",
            path=path,
        ),
        Sentence(
            "Nothing of it was taken in; write it anew with: posturecam export --tables {tables}",
            tables=",".join(("sessions", *tables)),
        ),
    )


def _damaged(path: Path, what: str) -> DataError:
    return DataError(
        Sentence("The export is damaged: {path}: {what}.", path=path, what=what),
        Sentence("Nothing of it was taken in; write it anew with: posturecam export"),
    )
