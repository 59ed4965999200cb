"""The rows of an export, read from its files: each checked by itself, and never too much at once.

Nothing that a file says about its own size is believed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Generator, Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING

from posturecam.base.csv_cells import CsvStyle, from_cell
from posturecam.base.files import open_file
from posturecam.base.language import Sentence
from posturecam.log.export_format import ExportFormat
from posturecam.log.parquet_rows import json_lines_of
from posturecam.log.tables import Column, Kind, Table, Value

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

Row = dict[str, Value]

LARGEST_FILE = 2_000_000_000
"""In letters. A row has 400 at most in practice, so this is twenty years of watching."""
LONGEST_ROW = 1_000_000
"""In letters; what is logged in one row has some hundreds."""
LONGEST_TEXT = 10_000
"""In letters; a note may have a thousand, an address some thousand."""
LONGEST_UID = 64
"""In letters; ours have 32. All those of the sessions are kept in memory."""


def rows_of(
    path: Path, table: Table, written_as: ExportFormat, style: CsvStyle | None
) -> Generator[Row]:
    """The rows of one table, without the times that only repeat what stands beside them.

    A CSV without a style is one of before there were any: its texts stand as they are.

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
            return _csv_rows(path, table, style)
        case ExportFormat.JSON:
            return _json_rows(open_file(path), table)
        case ExportFormat.PARQUET:
            return _json_rows(json_lines_of(path, table), table)


class _Lines:
    """The lines of a file with their ends; no more is read of a row or a file than one may have."""

    def __init__(self, file: IO[bytes], encoding: str = "utf-8") -> None:
        self._file = TextIOWrapper(file, encoding=encoding, newline="")
        self._left = LARGEST_FILE
        self._in_row = 0

    def begin_row(self) -> None:
        """What comes next belongs to another row."""
        self._in_row = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(LONGEST_ROW):
            self._in_row += len(line)
            self._left -= len(line)
            if self._in_row >= LONGEST_ROW:
                raise ValueError(Sentence("a row is far too long"))
            if self._left < 0:
                raise ValueError(Sentence("it is far too large"))
            yield line


def _csv_rows(path: Path, table: Table, style: CsvStyle | None) -> Generator[Row]:
    with open_file(path) as file:
        form = style or CsvStyle()
        lines = _Lines(file, form.encoding)
        reader = csv.reader(lines, delimiter=form.separator)
        names = next(reader, [])
        columns = _columns_named(table, names)
        lines.begin_row()
        for texts in reader:
            lines.begin_row()
            if len(texts) != len(names):
                raise ValueError(Sentence("a column is missing"))
            yield {
                column.name: _checked(column, _from_text(column, text, style))
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
                problem = content if isinstance(content, str) else Sentence("a line is no object")
                raise ValueError(problem)  # noqa: TRY004 - the file is wrong, not the program
            yield {
                column.name: _checked(column, content[column.name])
                for column in _columns_named(table, content)
                if column.kind is not Kind.TIME
            }


def _columns_named(table: Table, names: Iterable[str]) -> list[Column]:
    known = {column.name: column for column in table.columns}
    named = list(names)
    later = {column.name for column in table.columns if column.added}
    if sorted({*named, *later}) != sorted(known) or len(named) != len(set(named)):
        raise ValueError(Sentence("it has other columns"))
    return [known[name] for name in named]


def _from_text(column: Column, text: str, style: CsvStyle | None) -> Value:
    if text == "" and (column.optional or column.kind is not Kind.TEXT):
        return None
    if column.kind is Kind.INTEGER:
        return int(text)
    if column.kind is Kind.REAL:
        return float(text) if style is None else style.number(text)
    return text if style is None else from_cell(text)


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
    raise ValueError(
        Sentence("{column} cannot be {value!r}", column=column.name, value=str(value)[:40])
    )
