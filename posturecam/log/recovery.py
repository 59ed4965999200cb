"""A damaged log: set aside, never deleted, and what can be read is carried over into a new one."""

from __future__ import annotations

import itertools
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from posturecam.base.errors import DataError
from posturecam.base.files import open_file, read_file
from posturecam.base.language import Sentence
from posturecam.base.local_time import MINUTE_MS
from posturecam.log.connection import (
    COMPANIONS,
    DamagedLogError,
    connect_to_read,
    damaged,
    explained,
    is_rescued,
    open_log,
    refuse_lost_journal,
    rescued_name,
    to_ms,
    transaction,
)
from posturecam.log.schema import (
    CODES_INSTEAD_OF_WORDS,
    HIDE_ADDRESSES,
    MIGRATIONS,
    REFUSE_OVERLAPS,
)
from posturecam.log.sqlite_pages import FILE_HEADER_BYTES, Pages, Row, Value, is_plausible_header
from posturecam.log.tables import LATEST_MS, TABLES, Kind, Table, is_possible

LARGEST_BYTES = 1_000_000_000
"""A recovery holds the file in memory, and no log grows as large as this."""
QUICK_BYTES = 4_000_000
"""A log up to this size is checked at every start, which takes some hundredths of a second."""
_FAR_OFF_MS = 3_600_000
"""A row farther from its session than this was not read right."""
_BEFORE_WEBCAMS_MS = 100_000_000_000  # 1973
_OF_SESSIONS = tuple(table for table in TABLES.values() if table.of_session)
_ADDED = ("uid", "outcome", "outcome_after_ms", "stance")
"""Columns that rows from before a migration lack; they are the last of their tables."""
_REFUSE_SUPERSEDED = """CREATE TEMP TRIGGER superseded BEFORE INSERT ON intervals
    WHEN EXISTS (SELECT 1 FROM intervals WHERE session_id = new.session_id
        AND start_ms < new.end_ms AND end_ms > new.start_ms)
    BEGIN SELECT raise(IGNORE); END"""
"""What a stretch was before it grew or was cut must not be counted beside what it is."""
_MOMENTS = ("start_ms", "end_ms", "at_ms", "taken_at_ms", "read_ms", "zero_ms")
_CLOCKS = "session_clocks"
"""By what each session was timed: of this machine, and so no table of an export."""
_KINDS: dict[str, type | tuple[type, ...]] = {"INTEGER": int, "REAL": (float, int), "TEXT": str}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What became of a damaged log.

    Attributes:
        aside: the damaged file, under its new name.
        kept: rows in the new log.
        refused: rows that could be read and made no sense.
        unreadable_pages: those of them that should hold rows and could not be read in full.
    """

    aside: Path
    kept: int
    refused: int
    pages: int
    unreadable_pages: int


class _Column(NamedTuple):
    name: str
    kind: type | tuple[type, ...]
    required: bool


def repair(path: Path, *, at: datetime, thorough: bool = False) -> Recovered | None:
    """Recovers the log at `path` if it is damaged; None if it is not.

    No watch may be running. No log need be there either; `at` is now, aware. A `thorough` look is
    at every page, also of a large log whose last session ended as it should.

    Raises:
        DataError: the log is from a newer posturecam or another program, or there is no room.
    """
    if is_rescued(path):
        with explained(path):
            _set_aside(path, at)
            rescued_name(path).replace(path)
    if _damage_of(path, thorough=thorough) is None:
        return None
    return recover(path, at=at)


def is_empty(path: Path) -> bool:
    """Whether the log that is at `path` has not even tables. Raises `DataError`."""
    with explained(path):
        connection = connect_to_read(path)
    if connection is not None:
        connection.close()
    return connection is None


def recovery_text(recovered: Recovered) -> Sentence:
    """What became of the log, for the terminal."""
    lost = Sentence("All pages could be read.")
    if recovered.unreadable_pages:
        lost = Sentence(
            "Pages that could not be read in full: {unreadable} of {pages}.",
            unreadable=recovered.unreadable_pages,
            pages=recovered.pages,
        )
    refused = Sentence("Rows that made no sense: {number}.", number=recovered.refused)
    return Sentence.joined(
        (
            Sentence("The log was damaged. Rows recovered: {number}.", number=recovered.kept),
            lost,
            refused if recovered.refused else "",
            Sentence("The damaged file is kept as {file}.", file=recovered.aside),
        )
    )


def recover(path: Path, *, at: datetime) -> Recovered:
    """Sets the log at `path` aside and puts a new one there, with all rows that can be read.

    Raises:
        DataError: the log is from a newer posturecam, or there is no room for the new one.
    """
    with explained(path):
        pages = Pages(_read(path), _read(path.with_name(f"{path.name}-wal")))
    unfinished = path.with_name(f".{path.name}.recovering")
    _remove(unfinished)
    try:
        with open_log(unfinished, at=at) as connection:
            kept, refused = _carry_over(pages, connection, path, at)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except BaseException:
        _remove(unfinished)
        raise
    with explained(path):
        # From here on it is whole, and an interruption is finished by the next `repair`.
        unfinished.replace(rescued_name(path))
        aside = _set_aside(path, at)
        rescued_name(path).replace(path)
    return Recovered(
        aside=aside,
        kept=kept,
        refused=refused,
        pages=pages.count,
        unreadable_pages=len(pages.unreadable),
    )


def damaged_copies(path: Path) -> tuple[Path, ...]:
    """Every file that `recover` has set aside beside the log at `path`."""
    return tuple(sorted(path.parent.glob(f"{path.name}.damaged-*")))


def _read(path: Path) -> bytes:
    try:
        return read_file(path, most_bytes=LARGEST_BYTES)
    except FileNotFoundError:
        return b""
    except ValueError as error:
        raise DataError(
            Sentence("{path} is damaged, and larger than any log.", path=path),
            Sentence("Move it aside to begin a new log."),
        ) from error


def _damage_of(path: Path, *, thorough: bool) -> DamagedLogError | None:
    try:
        with explained(path):
            refuse_lost_journal(path)
            if _has_wrong_header(path):
                return damaged(path, DataError(Sentence("its first bytes are not those of a log")))
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
                check = "integrity_check" if thorough else "quick_check"
                (verdict,) = connection.execute(f"PRAGMA {check}(1)").fetchone()
                for table in TABLES.values():
                    _read_all(connection, table)
    except DamagedLogError as error:
        return error
    except ValueError as error:
        return damaged(path, error)
    return None if verdict == "ok" else damaged(path, DataError(verdict))


def _has_wrong_header(path: Path) -> bool:
    """Whether SQLite would take the file for one that it must not write, or not for its own."""
    try:
        with open_file(path) as file:
            header = file.read(FILE_HEADER_BYTES)
    except FileNotFoundError:
        return False
    return bool(header) and not is_plausible_header(header)


def _read_all(connection: sqlite3.Connection, table: Table) -> None:
    """Looks at what no check of SQLite's own looks at, or not in every release.

    Raises:
        sqlite3.Error: a text is too long, or none.
        ValueError: a row breaks a rule of its table, or is of a time beyond every calendar.
    """
    texts = [column.name for column in table.stored if column.kind is Kind.TEXT]
    if texts:
        deque(connection.execute(f"SELECT {', '.join(texts)} FROM {table.name}"), 0)
    (statement,) = connection.execute(
        "SELECT sql FROM sqlite_master WHERE name = ?", (table.name,)
    ).fetchone()
    rules = [*_checks(statement)]
    for _, name, kind, required, _, _ in connection.execute(f"PRAGMA table_info({table.name})"):
        may_be = f"'{kind.lower()}'" if required else f"'{kind.lower()}', 'null'"
        rules.append(f"typeof({name}) IN ({may_be})")
    rules += [
        f"{column.name} BETWEEN {column.least} AND {column.most}"
        for column in table.stored
        if column.is_number
    ]
    broken = f"SELECT 1 FROM {table.name} WHERE NOT ({' AND '.join(rules)}) LIMIT 1"
    if connection.execute(broken).fetchone():
        raise ValueError(Sentence("a row of {table} makes no sense", table=table.name))


def _checks(statement: str) -> Iterator[str]:
    """What a statement that makes a table says in `CHECK (...)`, with the brackets."""
    for part in statement.split("CHECK ")[1:]:
        depth = 0
        for index, sign in enumerate(part):
            depth += (sign == "(") - (sign == ")")
            if depth == 0:
                yield part[: index + 1]
                break


def _carry_over(
    pages: Pages, connection: sqlite3.Connection, path: Path, at: datetime
) -> tuple[int, int]:
    """Writes every row of `pages` that the new log takes: how many it has then, and not has."""
    connection.execute("PRAGMA foreign_keys = OFF")
    new = _NewLog(connection)
    with transaction(connection):
        for trigger in REFUSE_OVERLAPS:  # what is there is kept, however it came about
            connection.execute(f"DROP TRIGGER {trigger.split()[2]}")
        # What is no table of rows is read too, as an index: its pages must not be taken for those
        # of a table, unless the damage has put some of a table there.
        schema = list(pages.tree(1))
        homeless = [("sqlite_master", row) for row in schema]
        roots = _roots(schema)
        migrations = list(pages.tree(roots.pop("migrations"))) if "migrations" in roots else []
        _refuse_newer(migrations, path)
        homeless += [("migrations", row) for row in migrations]
        for name, root in roots.items():
            homeless += [(name, row) for row in pages.tree(root) if not new.add(row, name)]
        pages.skip_free()
        for name, row in homeless:
            if not new.add_anywhere(row) and name in new.columns and new.has_a_shape_for(row):
                new.refused.add((name, row))
        for row in pages.orphans():
            new.add_anywhere(row)
        refused = len(new.refused)
        connection.execute(_REFUSE_SUPERSEDED)
        for row in pages.superseded():  # seen before, most of them
            new.add_anywhere(row)
        connection.execute("DROP TRIGGER superseded")
        refused += _tie_up(connection, to_ms(at))
        for trigger in REFUSE_OVERLAPS:
            connection.execute(trigger)
    return new.kept(), refused


class _NewLog:
    """Takes the rows that are read from the damaged one, the first of two with the same key.

    Attributes:
        columns: of each table.
        refused: rows that it did not take, by the table that they seemed to be of.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.columns = {table: _columns(connection, table) for table in (*TABLES, _CLOCKS)}
        self.refused: set[tuple[str, Row]] = set()
        self._connection = connection

    def kept(self) -> int:
        """Rows in it."""
        count = "SELECT " + " + ".join(f"(SELECT count(*) FROM {table})" for table in self.columns)
        return int(self._connection.execute(count).fetchone()[0])

    def has_a_shape_for(self, row: Row) -> bool:
        """Whether it can be a row of any table at all, whatever is in it; an index has others."""
        return any(_has_shape(row, table, shape) for table, shape in self.columns.items())

    def add(self, row: Row, table: str) -> bool:
        """Whether the row is one of that table; then it is written, if the constraints allow."""
        if table not in self.columns or not _fits(row, table, self.columns[table], least_ms=0):
            return False
        self._insert(row, table)
        return True

    def add_anywhere(self, row: Row) -> bool:
        """Writes a row into the table that it must have been in by its shape, if there is one."""
        for table, shape in self.columns.items():
            if _fits(row, table, shape, least_ms=_BEFORE_WEBCAMS_MS):
                self._insert(row, table)
                return True
        return False

    def _insert(self, row: Row, table: str) -> None:
        number, stored = row
        # An older row has fewer columns; the row number is not among what is stored.
        names = ", ".join(column.name for column in self.columns[table][: len(stored)])
        values = stored if number is None else (number, *stored[1:])
        marks = ", ".join("?" * len(values))
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
        try:
            self._connection.execute(statement, values)
        except (sqlite3.Error, OverflowError):
            self.refused.add((table, row))


def _columns(connection: sqlite3.Connection, table: str) -> tuple[_Column, ...]:
    return tuple(
        _Column(name, _KINDS[kind], bool(required))
        for _, name, kind, required, _, _ in connection.execute(f"PRAGMA table_info({table})")
    )


def _roots(schema: Sequence[Row]) -> dict[str, int]:
    """The first page of every table and index that the file knows of."""
    roots = {}
    for _, values in schema:
        match values:
            case (_, str(name), _, int(root), _) if root > 0:  # a trigger has none
                roots[name] = root
    return roots


def _refuse_newer(migrations: Sequence[Row], path: Path) -> None:
    numbers = [number or 0 for number, values in migrations if len(values) == 3]
    if max(numbers, default=0) > MIGRATIONS[-1].number:
        raise DataError(
            Sentence(
                "The log {path} is damaged, and was written by a newer posturecam.", path=path
            ),
            Sentence("Update posturecam and try again."),
        )


def _has_shape(row: Row, table: str, shape: Sequence[_Column]) -> bool:
    number, stored = row
    least = sum(column.name not in _ADDED for column in shape)
    numbered = table == _CLOCKS or not TABLES[table].of_session
    return numbered is (number is not None) and least <= len(stored) <= len(shape)


def _fits(row: Row, table: str, shape: Sequence[_Column], *, least_ms: int) -> bool:
    """Whether a row can be one of that table; its moments are not before `least_ms`."""
    number, stored = row
    pairs = list(zip(shape, stored, strict=False))[number is not None :]
    return (
        _has_shape(row, table, shape)
        and all(
            not column.required if value is None else _is_plausible(column, value, least_ms)
            for column, value in pairs
        )
        and (table == _CLOCKS or is_possible(table, {each.name: value for each, value in pairs}))
    )


def _is_plausible(column: _Column, value: Value, least_ms: int) -> bool:
    if column.name in _MOMENTS:
        return isinstance(value, int) and least_ms <= value <= LATEST_MS
    if column.name == "session_id":
        return isinstance(value, int) and 0 < value < _BEFORE_WEBCAMS_MS
    return isinstance(value, column.kind)


def _tie_up(connection: sqlite3.Connection, now_ms: int) -> int:
    """Every row gets its session, made up where that is lost, and every session a name.

    Returns:
        How many rows are gone, because they are too far from what else their session has.
    """
    # A move may have left the last minute of a session up to one after its end.
    spans = " UNION ALL ".join(
        f"""SELECT session_id, {table.start} AS from_ms, {table.end} AS to_ms,
            {MINUTE_MS if table.name == "minutes" else 0} AS stray_ms FROM {table.name}"""
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
    for statement in (HIDE_ADDRESSES, *CODES_INSTEAD_OF_WORDS):  # of a log of an older shape
        connection.execute(statement)
    doubtful = connection.execute(
        f"""SELECT DISTINCT id, start_ms, end_ms FROM ({spans}) JOIN sessions ON id = session_id
        WHERE from_ms < start_ms - 60000 OR to_ms >= end_ms + max(stray_ms, 1) OR end_ms > ?""",
        (now_ms + _FAR_OFF_MS,),
    ).fetchall()
    for session_id, start_ms, end_ms in doubtful:
        rows = connection.execute(
            f"SELECT from_ms, to_ms FROM ({spans}) WHERE session_id = ?", (session_id,)
        )
        span_ms = _true_span_ms((start_ms, end_ms), sorted(rows), now_ms)
        connection.execute(
            "UPDATE sessions SET start_ms = ?, end_ms = ? WHERE id = ?", (*span_ms, session_id)
        )
    gone = 0
    for table in _OF_SESSIONS:
        gone += connection.execute(
            f"""DELETE FROM {table.name} WHERE NOT EXISTS (
                SELECT 1 FROM sessions WHERE id = session_id
                    AND {table.name}.{table.start} >= sessions.start_ms - {_FAR_OFF_MS}
                    AND {table.name}.{table.end} <= sessions.end_ms + {_FAR_OFF_MS})"""
        ).rowcount
    # No session ended before the clock that timed it began; a minute counts from its beginning.
    connection.execute(
        f"""DELETE FROM {_CLOCKS} WHERE NOT EXISTS (
            SELECT 1 FROM sessions WHERE id = session_id AND end_ms > zero_ms - 60000)"""
    )
    # One that was read with a wrong end would count time of the next one, too.
    connection.execute(
        """UPDATE intervals SET end_ms = next_ms FROM (
            SELECT session_id AS id, start_ms AS from_ms,
                lead(start_ms) OVER (PARTITION BY session_id ORDER BY start_ms) AS next_ms
            FROM intervals)
        WHERE session_id = id AND start_ms = from_ms AND end_ms > next_ms"""
    )
    return gone


def _true_span_ms(
    span_ms: tuple[int, int], rows_ms: Sequence[tuple[int, int]], now_ms: int
) -> tuple[int, int]:
    """How far a session reaches whose rows, in order, do not keep to what it says of itself.

    It goes as far as they follow each other; what it says of the future is not true.
    """
    runs: list[list[int]] = []
    past_ms = [row_ms for row_ms in rows_ms if row_ms[1] <= now_ms + _FAR_OFF_MS]
    for first_ms, last_ms in past_ms or rows_ms:
        if runs and first_ms <= runs[-1][1] + _FAR_OFF_MS:
            runs[-1][1] = max(runs[-1][1], last_ms)
        else:
            runs.append([first_ms, last_ms])
    start_ms, end_ms = span_ms
    if end_ms > now_ms + _FAR_OFF_MS:
        end_ms = max((last_ms for _, last_ms in rows_ms if last_ms <= now_ms), default=start_ms)
    for first_ms, last_ms in runs:
        if first_ms <= end_ms + _FAR_OFF_MS and last_ms >= start_ms - _FAR_OFF_MS:
            start_ms, end_ms = min(start_ms, first_ms), max(end_ms, last_ms)
    return start_ms, max(start_ms, end_ms)


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
