"""The rows of an export, read from its files: each checked by itself, and never too much at once.

Nothing that a file says about its own size is believed.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from posturecam.export_tables import Column, ExportFormat, Kind, Table, Value
from posturecam.files import open_file
from posturecam.parquet_rows import json_lines_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import IO

Row = dict[str, Value]

MOST_BYTES = 2_000_000_000
"""Of one file. A row has 400 at most in practice, so this is twenty years of watching."""
LONGEST_ROW_BYTES = 1_000_000
"""What is logged in one row has some hundreds."""
LONGEST_TEXT = 10_000
"""In letters; a note may have a thousand, an address some thousand."""
LONGEST_UID = 64
"""In letters; ours have 32. All those of the sessions are kept in memory."""


def rows_of(path: Path, table: Table, written_as: ExportFormat) -> Generator[Row]:
    """The rows of one table, without the times that only repeat what stands beside them.

    Raises:
        OSError: there is no such file.
        ValueError: a row cannot be one of the table, or is far too large.
        csv.Error: likewise.
        ArithmeticError: a number is no number.
        RecursionError: it is nested like no row.
        InstallationError: it is Parquet and the library for that is not installed.
    """
    match written_as:
        case ExportFormat.CSV:
            return _csv_rows(path, table)
        case ExportFormat.JSON:
            return _json_rows(open_file(path), table)
        case ExportFormat.PARQUET:
            return _json_rows(json_lines_of(path, table), table)


class _Lines:
    """The lines of a file with their ends; no more is read of a row or a file than one may have."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left_bytes = MOST_BYTES
        self._row_bytes = 0

    def begin_row(self) -> None:
        """What comes next belongs to another row."""
        self._row_bytes = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(LONGEST_ROW_BYTES):
            self._row_bytes += len(line)
            self._left_bytes -= len(line)
            if self._row_bytes >= LONGEST_ROW_BYTES:
                raise ValueError("a row is far too long")
            if self._left_bytes < 0:
                raise ValueError("it is far too large")
            yield line.decode("utf-8")


def _csv_rows(path: Path, table: Table) -> Generator[Row]:
    with open_file(path) as file:
        lines = _Lines(file)
        reader = csv.reader(lines)
        names = next(reader, [])
        columns = _columns_named(table, names)
        lines.begin_row()
        for texts in reader:
            lines.begin_row()
            if len(texts) != len(names):
                raise ValueError("a column is missing")
            yield {
                column.name: _checked(column, _from_text(column, text))
                for column, text in zip(columns, texts, strict=True)
                if column.kind is not Kind.TIME
            }


def _json_rows(opened: AbstractContextManager[IO[bytes]], table: Table) -> Generator[Row]:
    with opened as file:
        lines = _Lines(file)
        for line in lines:
            lines.begin_row()
            content = json.loads(line)
            if not isinstance(content, dict):  # a text says why there are no more
                problem = content if isinstance(content, str) else "a line is no object"
                raise ValueError(problem)  # noqa: TRY004 - the file is wrong, not the program
            yield {
                column.name: _checked(column, content[column.name])
                for column in _columns_named(table, content)
                if column.kind is not Kind.TIME
            }


def _columns_named(table: Table, names: Iterable[str]) -> list[Column]:
    known = {column.name: column for column in table.columns}
    named = list(names)
    if sorted(named) != sorted(known):
        raise ValueError("it has other columns")
    return [known[name] for name in named]


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
    longest = LONGEST_UID if column.name in ("uid", "session_uid") else LONGEST_TEXT
    match column.kind, value:
        case Kind.INTEGER | Kind.REAL, bool():
            pass
        case Kind.INTEGER, int() if column.least <= value <= column.most:
            return value
        case Kind.REAL, int() | float() if column.least <= value <= column.most:
            return value
        case Kind.TEXT, str() if len(value) <= longest and value in (column.words or (value,)):
            return value
    raise ValueError(f"{column.name} cannot be {str(value)[:40]!r}")
