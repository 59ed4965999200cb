"""The log written as plain tables for other programs.

An export is a folder with one file a table and `export.json`, which says what is in it.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from posturecam import __version__
from posturecam.base.csv_cells import CsvStyle
from posturecam.base.errors import DataError, UsageError
from posturecam.base.language import Sentence
from posturecam.base.paths import PRIVATE_FILE, PRIVATE_FOLDER
from posturecam.base.printable import json_text
from posturecam.log.arrow import load_arrow
from posturecam.log.export_format import (
    FORMAT,
    MANIFEST,
    SUFFIX,
    ExportFormat,
)
from posturecam.log.tables import TABLES, Kind, Table, Value
from posturecam.log.unfinished_export import unfinished_name
from posturecam.values.events import utc_text

if TYPE_CHECKING:
    import sqlite3

_BATCH_ROWS = 5000
Batch = list[tuple[Value, ...]]
InWords = Callable[[str, dict[str, Value]], None]


def write_export(
    connection: sqlite3.Connection,
    folder: Path,
    *,
    format_name: ExportFormat,
    tables: Sequence[str],
    start_ms: int,
    end_ms: int,
    at: datetime,
    style: CsvStyle = CsvStyle(),  # noqa: B008 - it never changes
    in_words: InWords = lambda *_: None,
) -> dict[str, int]:
    """Writes the rows that overlap a span into a new folder; how many there are of each table.

    The folder must not be there, and is there only once it is complete; all tables are written as
    of one moment. The span is in UTC, and its end no part of it; `at` is now, aware. A CSV has the
    `style`, and `in_words` puts words in the place of the codes in a row of a table.

    Raises:
        UsageError: there is something at `folder`.
        DataError: it cannot be written.
        InstallationError: Parquet was asked for and its library is not installed.
    """
    if folder.exists():
        raise UsageError(
            Sentence("There is something at {folder}.", folder=folder),
            Sentence("Name a folder that is to be made."),
        )
    unfinished = unfinished_name(folder)
    counts: dict[str, int] = {}
    try:
        unfinished.mkdir(mode=PRIVATE_FOLDER, parents=True)
        connection.execute("BEGIN")
        for name in tables:
            rows = _exported(connection, TABLES[name], start_ms, end_ms, in_words)
            path = unfinished / f"{name}.{SUFFIX[format_name]}"
            counts[name] = _write(path, TABLES[name], rows, format_name, style)
        connection.execute("ROLLBACK")
        csv_style = style if format_name is ExportFormat.CSV else None
        _write_manifest(unfinished / MANIFEST, counts, format_name, csv_style, at)
        unfinished.rename(folder)
    except OSError as error:
        raise DataError(
            Sentence(
                "The export to {folder} failed: {why}.", folder=folder, why=error.strerror or error
            ),
            Sentence("Free some space or name another folder; the log is untouched."),
        ) from error
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        shutil.rmtree(unfinished, ignore_errors=True)
    return counts


def _write_manifest(
    path: Path,
    counts: dict[str, int],
    format_name: ExportFormat,
    csv_style: CsvStyle | None,
    at: datetime,
) -> None:
    manifest: dict[str, object] = {
        "format": FORMAT,
        "written_as": format_name,
        "program_version": __version__,
        "exported_at": utc_text(at),
        "rows": counts,
    }
    if csv_style is not None:
        manifest["csv"] = asdict(csv_style)
    with _private_text(path) as file:
        json.dump(manifest, file, indent=2)


def _exported(
    connection: sqlite3.Connection,
    table: Table,
    start_ms: int,
    end_ms: int,
    in_words: InWords,
) -> Iterator[tuple[Value, ...]]:
    """The rows of a table with all its columns."""
    uid = "(SELECT uid FROM sessions WHERE id = session_id), " if table.of_session else ""
    stored_names = ["session_uid"] * table.of_session + [column.name for column in table.stored]
    names = ", ".join(column.name for column in table.stored)
    order = ", ".join([*["session_id"] * table.of_session, table.start, *table.apart])
    query = f"""SELECT {uid}{names} FROM {table.name}
        WHERE {table.start} < ? AND {table.end} >= ? ORDER BY {order}"""
    for values in connection.execute(query, (end_ms, start_ms)):
        stored = dict(zip(stored_names, values, strict=True))
        in_words(table.name, stored)
        row: list[Value] = []
        for column in table.columns:
            is_time = column.kind is Kind.TIME
            row.append(_readable(row[-1]) if is_time else stored[column.name])
        yield tuple(row)


def _readable(moment_ms: Value) -> str | None:
    """A moment as a date and time; None where it has none, so that no row stops an export."""
    with suppress(OSError, OverflowError, ValueError):
        return utc_text(datetime.fromtimestamp(int(moment_ms or 0) / 1000, UTC))
    return None


def _write(
    path: Path,
    table: Table,
    rows: Iterator[tuple[Value, ...]],
    format_name: ExportFormat,
    style: CsvStyle,
) -> int:
    names = [column.name for column in table.columns]
    count = 0
    with ExitStack() as stack:
        if format_name is ExportFormat.PARQUET:
            write = stack.enter_context(_parquet_writer(path, table))
        else:
            is_csv = format_name is ExportFormat.CSV
            file = stack.enter_context(_private_text(path, style.encoding if is_csv else "utf-8"))
            write = _csv_lines(file, names, style) if is_csv else _json_lines(file, names)
        while batch := list(islice(rows, _BATCH_ROWS)):
            write(batch)
            count += len(batch)
    return count


def _csv_lines(file: TextIO, names: Sequence[str], style: CsvStyle) -> Callable[[Batch], None]:
    writer = csv.writer(file, delimiter=style.separator)
    writer.writerow(names)

    def write(batch: Batch) -> None:
        writer.writerows([style.cell(value) for value in row] for row in batch)

    return write


def _json_lines(file: TextIO, names: Sequence[str]) -> Callable[[Batch], None]:
    def write(batch: Batch) -> None:
        for row in batch:
            file.write(json_text(dict(zip(names, row, strict=True))) + "\n")

    return write


@contextmanager
def _parquet_writer(path: Path, table: Table) -> Iterator[Callable[[Batch], None]]:
    arrow, parquet = load_arrow()
    types = {
        Kind.TEXT: arrow.string(),
        Kind.INTEGER: arrow.int64(),
        Kind.REAL: arrow.float64(),
        Kind.TIME: arrow.timestamp("ms", tz="UTC"),
    }
    schema = arrow.schema(
        [arrow.field(c.name, types[c.kind], nullable=c.optional) for c in table.columns]
    )

    def write(batch: Batch) -> None:
        columns: list[Any] = []
        for column, values in zip(table.columns, zip(*batch, strict=True), strict=True):
            if column.kind is Kind.TIME:
                columns.append(columns[-1].cast(types[Kind.TIME]))
            else:
                columns.append(arrow.array(values, types[column.kind]))
        writer.write_table(arrow.Table.from_arrays(columns, schema=schema))

    with _private(path) as file, parquet.ParquetWriter(file, schema) as writer:
        yield write


@contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        yield file


@contextmanager
def _private_text(path: Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    with _private(path) as file, TextIOWrapper(file, encoding=encoding, newline="") as text:
        yield text
