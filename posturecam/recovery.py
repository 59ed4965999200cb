"""A damaged log: set aside, never deleted, and what can be read is carried over into a new one."""

from __future__ import annotations

import itertools
import sqlite3
from collections import deque
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from posturecam.errors import DataError
from posturecam.export_tables import TABLES, Kind
from posturecam.files import read_file
from posturecam.log_file import (
    COMPANIONS,
    DamagedLogError,
    connect_to_read,
    damaged,
    explained,
    open_log,
    transaction,
)
from posturecam.schema import MIGRATIONS, REFUSE_OVERLAPS
from posturecam.sqlite_pages import Pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from posturecam.sqlite_pages import Row, Value

LARGEST_BYTES = 1_000_000_000
"""A recovery holds the file in memory, and no log grows as large as this."""
QUICK_BYTES = 4_000_000
"""A log up to this size is checked at every start, which takes some hundredths of a second."""
_STRAY_MS = 3_600_000
"""A row farther from its session than this was not read right."""
_BEFORE_WEBCAMS_MS = 100_000_000_000  # 1973
_OF_SESSIONS = tuple(table for table in TABLES.values() if table.of_session)
_ADDED = ("uid", "outcome", "outcome_after_ms")
"""Columns that rows from before the second migration lack; they are the last of their tables."""
_MOMENTS = ("start_ms", "end_ms", "at_ms", "taken_at_ms")
_KINDS: dict[str, type | tuple[type, ...]] = {"INTEGER": int, "REAL": (float, int), "TEXT": str}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What became of a damaged log.

    Attributes:
        aside: the damaged file, under its new name.
        kept: rows in the new log.
        pages: pages that the damaged file had.
        unreadable_pages: those of them that should hold rows and could not be read in full.
    """

    aside: Path
    kept: int
    pages: int
    unreadable_pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    name: str
    kind: type | tuple[type, ...]
    required: bool


def mend(path: Path, *, at: datetime, thorough: bool = False) -> Recovered | None:
    """Recovers the log at `path` if it is damaged; None if it is not.

    No watch may be running.

    Args:
        path: the log; it need not exist.
        at: now, aware.
        thorough: look at every page, also of a large log whose last session ended as it should.

    Raises:
        DataError: the log is from a newer posturecam or another program, or there is no room.
    """
    rescued = _rescued(path)
    if rescued.exists() and not path.exists():  # interrupted between two renames
        rescued.replace(path)
    if _damage_of(path, thorough=thorough) is None:
        return None
    return recover(path, at=at)


def recovery_text(recovered: Recovered) -> str:
    """What became of the log, for the terminal."""
    lost = (
        f"{recovered.unreadable_pages} of its {recovered.pages} pages could not be read in full"
        if recovered.unreadable_pages
        else "all of its pages could be read"
    )
    return (
        f"the log was damaged: {recovered.kept} rows were recovered, {lost}; "
        f"the damaged file is kept as {recovered.aside}"
    )


def recover(path: Path, *, at: datetime) -> Recovered:
    """Sets the log at `path` aside and puts a new one there, with all rows that can be read.

    Raises:
        DataError: the log is from a newer posturecam, or there is no room for the new one.
    """
    journal = path.with_name(f"{path.name}-wal")
    with explained(path):
        pages = Pages(_read(path), _read(journal) if journal.exists() else b"")
    rescued = _rescued(path)
    _remove(rescued)
    try:
        with open_log(rescued, at=at) as connection:
            kept = _carry_over(pages, connection, path)
    except BaseException:
        _remove(rescued)
        raise
    with explained(path):
        aside = _set_aside(path, at)
        rescued.replace(path)
    return Recovered(
        aside=aside, kept=kept, pages=pages.count, unreadable_pages=len(pages.unreadable)
    )


def damaged_copies(path: Path) -> tuple[Path, ...]:
    """Every file that `recover` has set aside beside the log at `path`."""
    return tuple(sorted(path.parent.glob(f"{path.name}.damaged-*")))


def _read(path: Path) -> bytes:
    try:
        return read_file(path, most_bytes=LARGEST_BYTES)
    except ValueError as error:
        raise DataError(
            f"{path} is damaged, and larger than any log.",
            "Move it aside to begin a new log.",
        ) from error


def _rescued(path: Path) -> Path:
    return path.with_name(f".{path.name}.recovered")


def _damage_of(path: Path, *, thorough: bool) -> DamagedLogError | None:
    try:
        with explained(path):
            connection = connect_to_read(path)
            if connection is None:
                return None
            with closing(connection):
                newest = connection.execute(
                    "SELECT ended_by FROM sessions ORDER BY end_ms DESC LIMIT 1"
                ).fetchone()
                ended_well = newest is None or newest[0] is not None
                if ended_well and not thorough and path.stat().st_size > QUICK_BYTES:
                    return None
                (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                _read_texts(connection)
    except DamagedLogError as error:
        return error
    return None if verdict == "ok" else damaged(path, DataError(verdict))


def _read_texts(connection: sqlite3.Connection) -> None:
    """Raises what SQLite raises at a text that is too long, which no check of its own looks at."""
    for table in TABLES.values():
        texts = [f"max({column.name})" for column in table.stored if column.kind is Kind.TEXT]
        if texts:
            connection.execute(f"SELECT {', '.join(texts)} FROM {table.name}").fetchone()


def _carry_over(pages: Pages, connection: sqlite3.Connection, path: Path) -> int:
    """Writes every row of `pages` that the new log takes; how many it has then."""
    connection.execute("PRAGMA foreign_keys = OFF")
    columns = {table: _columns(connection, table) for table in TABLES}
    with transaction(connection):
        for trigger in REFUSE_OVERLAPS:  # what is there is kept, however it came about
            connection.execute(f"DROP TRIGGER {trigger.split()[2]}")
        roots = _roots(pages)
        _refuse_newer(pages, roots.pop("migrations", 0), path)
        for name, root in roots.items():
            rows = pages.tree(root)
            # An index is read too: its pages must not be taken for those of a table.
            _insert(connection, name, columns[name], rows) if name in columns else deque(rows, 0)
        pages.skip_free()
        for row in pages.strays():
            if table := _table_of(row, columns):
                _insert(connection, table, columns[table], (row,))
        _tie_up(connection)
        for trigger in REFUSE_OVERLAPS:
            connection.execute(trigger)
    count = "SELECT " + " + ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
    return int(connection.execute(count).fetchone()[0])


def _columns(connection: sqlite3.Connection, table: str) -> tuple[_Column, ...]:
    return tuple(
        _Column(name=name, kind=_KINDS[kind], required=bool(required))
        for _, name, kind, required, _, _ in connection.execute(f"PRAGMA table_info({table})")
    )


def _roots(pages: Pages) -> dict[str, int]:
    """The first page of every table and index that the file knows of."""
    roots = {}
    for _, values in pages.tree(1):
        match values:
            case (_, str(name), _, int(root), _) if root > 0:  # a trigger has none
                roots[name] = root
    return roots


def _refuse_newer(pages: Pages, root: int, path: Path) -> None:
    newest = max((number or 0 for number, _ in pages.tree(root)), default=0) if root else 0
    if newest > MIGRATIONS[-1].number:
        raise DataError(
            f"The log {path} is damaged, and was written by a newer posturecam.",
            "Update posturecam and try again.",
        )


def _insert(
    connection: sqlite3.Connection, table: str, columns: Sequence[_Column], rows: Iterable[Row]
) -> None:
    """Writes the rows that the constraints allow; the first of two with the same key."""
    for number, stored in rows:
        # An older row has fewer columns; the row number is not among what is stored.
        names = ", ".join(column.name for column in columns[: len(stored)])
        values = stored if number is None else (number, *stored[1:])
        marks = ", ".join("?" * len(values))
        with suppress(sqlite3.Error, OverflowError):
            connection.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", values)


def _table_of(row: Row, columns: Mapping[str, Sequence[_Column]]) -> str | None:
    """The table that a row without a tree must have been in, by its shape."""
    number, stored = row
    for table, shape in columns.items():
        with_number = not TABLES[table].of_session
        if with_number is (number is not None) and _fits(stored, shape, with_number=with_number):
            return table
    return None


def _fits(stored: tuple[Value, ...], shape: Sequence[_Column], *, with_number: bool) -> bool:
    least = sum(column.name not in _ADDED for column in shape)
    if not least <= len(stored) <= len(shape):
        return False
    pairs = list(zip(shape, stored, strict=False))[with_number:]
    return all(
        not column.required if value is None else _is_plausible(column, value)
        for column, value in pairs
    )


def _is_plausible(column: _Column, value: Value) -> bool:
    if column.name in _MOMENTS:
        return isinstance(value, int) and value > _BEFORE_WEBCAMS_MS
    if column.name == "session_id":
        return isinstance(value, int) and 0 < value < _BEFORE_WEBCAMS_MS
    return isinstance(value, column.kind)


def _tie_up(connection: sqlite3.Connection) -> None:
    """Every row gets its session, made up where that is lost, and every session a name."""
    spans = " UNION ALL ".join(
        f"SELECT session_id, {table.start} AS from_ms, {table.end} AS to_ms FROM {table.name}"
        for table in _OF_SESSIONS
    )
    connection.execute(
        f"""INSERT INTO sessions (id, start_ms, end_ms, source, profile, model_sha256,
            program_version, ended_by)
        SELECT session_id, min(from_ms), max(to_ms), 'unknown', 'unknown', 'unknown', 'unknown',
            'recovered' FROM ({spans})
        WHERE session_id NOT IN (SELECT id FROM sessions) GROUP BY session_id"""
    )
    connection.execute("UPDATE sessions SET uid = lower(hex(randomblob(16))) WHERE uid IS NULL")
    for table in _OF_SESSIONS:
        connection.execute(
            f"""DELETE FROM {table.name} WHERE NOT EXISTS (
                SELECT 1 FROM sessions WHERE id = session_id
                    AND {table.name}.{table.start} >= sessions.start_ms - {_STRAY_MS}
                    AND {table.name}.{table.end} <= sessions.end_ms + {_STRAY_MS})"""
        )


def _set_aside(path: Path, at: datetime) -> Path:
    name = f"{path.name}.damaged-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    aside = path.with_name(name)
    for count in itertools.count(2):
        if not aside.exists():
            break
        aside = path.with_name(f"{name}-{count}")
    # The journal first: beside the new log it would be taken for that one's.
    for companion in (*COMPANIONS, ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + companion).rename(aside.with_name(aside.name + companion))
    return aside


def _remove(path: Path) -> None:
    for companion in ("", *COMPANIONS):
        path.with_name(path.name + companion).unlink(missing_ok=True)
