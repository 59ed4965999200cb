"""An export taken back into the log, each row once."""

from __future__ import annotations

import csv
import json
import math
import sqlite3
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from posturecam.errors import DataError, UsageError
from posturecam.export_tables import (
    BATCH_ROWS,
    FORMAT,
    MANIFEST,
    SUFFIX,
    TABLES,
    Column,
    ExportFormat,
    Kind,
    Table,
    Value,
    load_arrow,
)
from posturecam.files import open_file, read_file
from posturecam.log_file import transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

LARGEST_MANIFEST_BYTES = 100_000
LONGEST_LINE = 1_000_000
"""In bytes; what is logged in one row has some hundreds."""
LONGEST_TEXT = 10_000
"""In letters; a note may have a thousand, an address some thousand."""
LARGEST_GROUP_BYTES = 64_000_000
"""Of the rows that a Parquet file keeps together, unpacked; ours have a million at most."""
_LATEST_MS = 253_402_300_800_000  # the year 10000
_NO_MANIFEST = (
    *(OSError, ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError),
)
_MOMENTS = ("start_ms", "end_ms", "at_ms", "taken_at_ms")
_Row = dict[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did.

    Attributes:
        rows: rows that were not in the log before, by table.
        overlapping: sessions left out because another one is logged for the same time.
    """

    rows: dict[str, int]
    overlapping: int


def read_export(connection: sqlite3.Connection, folder: Path) -> Imported:
    """Takes the rows of an export into the log, each once, all of them or none.

    Rows are told apart by session and moment, or by their `uid`, so the same export may be read
    in again. Of a session that was still running when an older export was written, the newer one
    brings the rest.

    Args:
        connection: from `open_log`.
        folder: what `write_export` has written, in any format.

    Raises:
        DataError: the export is damaged, incomplete or of a newer program; the log is untouched.
        InstallationError: it is Parquet and the library for that is not installed.
    """
    rows, written_as = _read_manifest(folder)
    arrivals = _Arrivals(connection)
    with transaction(connection):
        before = _counts(connection)
        for name in (name for name in TABLES if name in rows):
            path = folder / f"{name}.{SUFFIX[written_as]}"
            found = 0
            try:
                for row in _READERS[written_as](path, TABLES[name]):
                    found += 1
                    arrivals.take(TABLES[name], row)
            except (OSError, ArithmeticError, ValueError, RecursionError, csv.Error) as error:
                raise _damaged(path, f"after row {found}: {error}") from error
            except sqlite3.IntegrityError as error:
                raise _damaged(path, f"row {found}: {error}") from error
            if found != rows[name]:
                raise _damaged(path, f"it has {found} rows instead of {rows[name]}")
        after = _counts(connection)
    new = {name: after[name] - before[name] for name in rows}
    return Imported(rows=new, overlapping=arrivals.overlapping)


class _Arrivals:
    """Takes one row after the other, sessions first."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.overlapping = 0
        self._connection = connection
        self._sessions: dict[str, tuple[int, bool] | None] = {}

    def take(self, table: Table, row: _Row) -> None:
        if table.name == "sessions":
            self._sessions[str(row["uid"])] = self._take_session(table, row)
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
            self._connection.execute(_insertion(table), row)

    def _take_session(self, table: Table, row: _Row) -> tuple[int, bool] | None:
        """Its id here and whether it brings news of a known one; None if it is left out."""
        known = self._connection.execute(
            "SELECT id, end_ms FROM sessions WHERE uid = :uid", row
        ).fetchone()
        overlaps = self._connection.execute(
            """SELECT 1 FROM sessions
            WHERE end_ms > :start_ms AND start_ms < :end_ms AND uid IS NOT :uid""",
            row,
        ).fetchone()
        if overlaps:
            self.overlapping += 1
            return None
        if known is None:
            cursor = self._connection.execute(_insertion(table), row)
            assert cursor.lastrowid is not None  # noqa: S101
            return cursor.lastrowid, False
        self._connection.execute(
            """UPDATE sessions SET start_ms = min(start_ms, :start_ms),
                end_ms = max(end_ms, :end_ms), ended_by = coalesce(ended_by, :ended_by)
            WHERE uid = :uid""",
            row,
        )
        return known[0], known[1] < int(row["end_ms"] or 0)

    def _take_part(self, table: Table, row: _Row) -> None:
        uid = str(row["session_uid"])
        if uid not in self._sessions:
            known = self._connection.execute(
                "SELECT id FROM sessions WHERE uid = ?", (uid,)
            ).fetchone()
            if known is None:
                raise ValueError(f"there is no session {uid}")
            self._sessions[uid] = known[0], False
        session = self._sessions[uid]
        if session is not None:
            session_id, is_news = session
            self._connection.execute(
                _insertion(table, replace=is_news), row | {"session_id": session_id}
            )


@cache
def _insertion(table: Table, *, replace: bool = False) -> str:
    names = [column.name for column in table.stored]
    if table.of_session:
        names.insert(0, "session_id")
    marks = ", ".join(f":{name}" for name in names)
    # What breaks a CHECK is refused in both; only a key that is there already is no error.
    return (
        f"INSERT {'OR REPLACE ' if replace else ''}INTO {table.name} ({', '.join(names)}) "
        f"VALUES ({marks}){'' if replace else ' ON CONFLICT DO NOTHING'}"
    )


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    return {
        name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES
    }


def _read_manifest(folder: Path) -> tuple[dict[str, int], ExportFormat]:
    """Rows by table, and how they are written."""
    path = folder / MANIFEST
    if not path.is_file():
        raise UsageError(
            f"There is no export in {folder}.", f"Name a folder with a file {MANIFEST} in it."
        )
    try:
        manifest = json.loads(read_file(path, most_bytes=LARGEST_MANIFEST_BYTES))
        if isinstance(manifest["format"], int) and manifest["format"] > FORMAT:
            raise DataError(
                f"The export in {folder} is from a newer posturecam.", "Update posturecam."
            )
        rows = {str(name): int(count) for name, count in manifest["rows"].items()}
        if not rows.keys() <= TABLES.keys():
            raise ValueError("it names other tables")
        return rows, ExportFormat(manifest["written_as"])
    except _NO_MANIFEST as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, what: str) -> DataError:
    return DataError(
        f"The export is damaged: {path}: {what}.",
        "Nothing of it was taken in; write it anew with: posturecam export",
    )


def _lines(file: BinaryIO) -> Iterator[str]:
    """Its lines with their ends; one without an end in sight is not read to its end."""
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise ValueError("a line is far too long")
        yield line.decode("utf-8")


def _csv_rows(path: Path, table: Table) -> Iterator[_Row]:
    with open_file(path) as file:
        reader = csv.reader(_lines(file))
        names = next(reader, [])
        columns = _columns_named(table, names)
        for texts in reader:
            if len(texts) != len(names):
                raise ValueError("a column is missing")
            yield {
                column.name: _checked(column, _from_text(column, text))
                for column, text in zip(columns, texts, strict=True)
                if column.kind is not Kind.TIME
            }


def _json_rows(path: Path, table: Table) -> Iterator[_Row]:
    with open_file(path) as file:
        for line in _lines(file):
            content = json.loads(line)
            if not isinstance(content, dict):
                raise TypeError("a line is not an object")
            columns = _columns_named(table, list(content))
            yield {
                column.name: _checked(column, content[column.name])
                for column in columns
                if column.kind is not Kind.TIME
            }


def _parquet_rows(path: Path, table: Table) -> Iterator[_Row]:
    arrow, parquet = load_arrow()
    try:
        texts = [column.name for column in table.columns if column.kind is Kind.TEXT]
        # A text that is there many times is kept once in the file, and so in memory.
        with (
            open_file(path) as file,
            parquet.ParquetFile(file, read_dictionary=texts) as content,
        ):
            columns = [
                column
                for column in _columns_named(table, content.schema_arrow.names)
                if column.kind is not Kind.TIME
            ]
            groups = map(content.metadata.row_group, range(content.num_row_groups))
            if any(group.total_byte_size > LARGEST_GROUP_BYTES for group in groups):
                raise ValueError("its rows are far too large")
            names = [column.name for column in columns]
            for batch in content.iter_batches(batch_size=BATCH_ROWS, columns=names):
                for values in zip(*(batch.column(name) for name in names), strict=True):
                    yield {
                        column.name: _checked(column, value.as_py())
                        for column, value in zip(columns, values, strict=True)
                    }
    except arrow.ArrowException as error:
        raise ValueError(str(error)) from error


_READERS = {
    ExportFormat.CSV: _csv_rows,
    ExportFormat.JSON: _json_rows,
    ExportFormat.PARQUET: _parquet_rows,
}


def _columns_named(table: Table, names: Sequence[str]) -> list[Column]:
    known = {column.name: column for column in table.columns}
    if sorted(names) != sorted(known):
        raise ValueError("it has other columns")
    return [known[name] for name in names]


def _from_text(column: Column, text: str) -> Value:
    if text == "" and (column.optional or column.kind is not Kind.TEXT):
        return None
    if column.kind is Kind.INTEGER:
        return int(text)
    return float(text) if column.kind is Kind.REAL else text


def _checked(column: Column, value: object) -> Value:
    """`value`, if the column may hold it."""
    if value is None and column.optional:
        return None
    match column.kind, value:
        case (Kind.INTEGER, int()) if not isinstance(value, bool) and (
            column.name not in _MOMENTS or 0 <= value < _LATEST_MS
        ):
            return value
        case (Kind.REAL, int() | float()) if not isinstance(value, bool) and math.isfinite(value):
            return value
        case Kind.TEXT, str() if len(value) <= LONGEST_TEXT:
            return value
    raise ValueError(f"{column.name} cannot be {str(value)[:40]!r}")
