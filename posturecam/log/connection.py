"""The log as a file: opening it, bringing it to the newest shape, saying what is wrong with it."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from posturecam.base.addresses import without_secrets
from posturecam.base.clock import SystemClock
from posturecam.base.errors import DataError
from posturecam.base.files import identity_of, open_file, refuse_no_file
from posturecam.base.language import Sentence
from posturecam.base.paths import PRIVATE_FILE
from posturecam.log.schema import LONGEST_ROW_BYTES, MIGRATIONS, REFUSE_OVERLAPS
from posturecam.log.sqlite_journal import is_broken
from posturecam.log.written_words import cause_codes, end_code, message_code

OPEN_WAIT_S = 1.0
"""How long another program may hold the file before it counts as in use."""
COMPANIONS = ("-wal", "-shm")
"""What SQLite keeps beside the file; without its `-wal` a log misses its newest minute."""
JOURNAL_LOOK_BYTES = 64_000_000
"""So much of a `-wal` is looked at, from its beginning, which takes two seconds. While nobody else
reads for long it has a minute of rows; it grows beyond this when a program reads for hours."""
READERS_LOOK_BYTES = 16_000_000
"""The same for who only reads and so destroys nothing, once a minute in the loop of a watch: half a
second."""

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_NEWEST = {migration.number for migration in MIGRATIONS}
_OWN_TRIGGERS = set(REFUSE_OVERLAPS)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_TOOBIG)
_NO_TEXT = "Could not decode to UTF-8"
"""Begins what Python says, without a code, about a text that is none."""
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class DamagedLogError(DataError):
    """The log is not what was written into it."""


def to_ms(at: datetime) -> int:
    """An aware moment in UTC milliseconds."""
    return round(at.timestamp() * 1000)


@contextmanager
def open_log(path: Path, *, at: datetime) -> Iterator[sqlite3.Connection]:
    """The log at `path` for reading and writing; made, or brought to the newest shape, if need be.

    Each statement is a transaction of its own, unless it stands within `transaction`. Its folder
    must be there; `at`, now and aware, is noted when the shape of the file changes.

    Raises:
        DataError: the file is damaged, from a newer posturecam, in use or not writable.
    """
    with explained(path):
        connection = connect(path, at=at)
    with closing(connection):
        try:
            yield connection
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise _data_error(path, error) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written within is there afterwards, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")


def connect(path: Path, *, at: datetime) -> sqlite3.Connection:
    """As `open_log`, for who closes it by themselves; call it within `explained`."""
    _refuse_links(path)
    refuse_lost_journal(path)
    # SQLite gives its -wal and -shm files the mode of this one.
    flags = os.O_RDWR | os.O_CREAT | _NO_LINK | _NO_WAIT
    descriptor = os.open(path, flags, PRIVATE_FILE)
    try:
        refuse_no_file(path)
        _look_at(path)
        opened = os.fstat(descriptor)
        if sys.platform != "win32" and stat.S_IMODE(opened.st_mode) != PRIVATE_FILE:
            os.fchmod(descriptor, PRIVATE_FILE)
    finally:
        os.close(descriptor)
    connection = sqlite3.connect(path, timeout=OPEN_WAIT_S, isolation_level=None)
    try:
        # SQLite follows links, and cannot be handed what was opened here.
        if identity_of(path) != (opened.st_dev, opened.st_ino):
            raise OSError(errno.EBUSY, Sentence("it was exchanged while it was being opened"))
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_ROW_BYTES)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        # In WAL mode this cannot corrupt; a power cut may take the newest minute.
        connection.execute("PRAGMA synchronous = NORMAL")
        _migrate(connection, path, to_ms(at))
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection | None:
    """A connection that only reads; None where nothing has been written yet.

    A log of an older shape is brought to the newest one; where it cannot be written, a copy in
    memory is. Call it within `explained`.
    """
    if not _is_to_be_read(path, READERS_LOOK_BYTES):
        return None
    connection = _connect_read_only(path)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_ROW_BYTES)
        applied = _applied(connection, path)
        if applied == _NEWEST:
            return connection
        upgraded = _upgraded(connection, path) if applied else None
    except BaseException:
        connection.close()
        raise
    connection.close()
    return upgraded


def read_shape(path: Path) -> bool:
    """Reads what shape the log has, and changes nothing; whether it is there.

    Raises:
        DataError: as of `open_log`.
    """
    with explained(path):
        if not _is_to_be_read(path, JOURNAL_LOOK_BYTES):
            return False
        with closing(_connect_read_only(path)) as connection:
            _applied(connection, path)
    return True


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what SQLite and the system raise into what the user can act on. Raises `DataError`."""
    try:
        yield
    except OSError as error:
        raise DataError(
            Sentence("The log {path} cannot be opened: {why}.", path=path, why=error.strerror),
            Sentence(
                "Make the file and its folder writable, or set POSTURECAM_HOME to another folder."
            ),
        ) from error
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _data_error(path, error) from error


def damaged(path: Path, error: Exception) -> DamagedLogError:
    """What to raise when the log holds what no posturecam ever wrote."""
    return DamagedLogError(
        Sentence("The log {path} is damaged ({why}).", path=path, why=error),
        Sentence("Recover what can be read with: posturecam repair (the damaged file is kept)."),
    )


def _refuse_links(path: Path) -> None:
    """Nothing, if neither the log nor what SQLite keeps beside it is a link. Raises `DataError`."""
    for companion in ("", *COMPANIONS, "-journal"):
        file = path.with_name(path.name + companion)
        if file.is_symlink():
            raise DataError(
                Sentence("{file} is a link, and nothing is written through one.", file=file),
                Sentence(
                    "Put the file itself there, or set POSTURECAM_HOME to the folder that has it."
                ),
            )


def _is_to_be_read(path: Path, most_bytes: int) -> bool:
    _refuse_links(path)
    refuse_no_file(path)
    refuse_lost_journal(path, most_bytes=most_bytes)
    if path.exists():
        _look_at(path)
        return True
    return False


def _look_at(path: Path) -> None:
    """Refuses what is no log of posturecam's, without leaving a trace.

    Raises:
        DataError: it is another program's database, or from a newer posturecam.
        sqlite3.Error: it is damaged.
    """
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    begun = _has_journal(path)
    try:
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            # All that has ever been written may still be in the -wal.
            if _applied(connection, path) or not _has_journal(path):
                return
    except (sqlite3.DatabaseError, DataError):
        # Whoever moves a -wal into the log meanwhile has changed half of what was looked at.
        if not begun and not _has_journal(path):
            raise
    with closing(_connect_read_only(path)) as connection:
        _applied(connection, path)


def _has_journal(path: Path) -> bool:
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    except FileNotFoundError:
        return False


def refuse_lost_journal(path: Path, *, most_bytes: int = JOURNAL_LOOK_BYTES) -> None:
    """Nothing, if SQLite would find all that the first bytes of the log's `-wal` hold.

    At a damaged frame, or without a file to which it belongs, SQLite passes over what comes then
    and writes over it, without a word.

    Raises:
        DamagedLogError: it would not.
        OSError: the `-wal` cannot be read.
    """
    if is_rescued(path):
        raise damaged(path, DataError(Sentence("a recovery was interrupted")))
    alone = not path.exists() or path.stat().st_size == 0
    before = None
    while (content := _journal(path, most_bytes)) and is_broken(content, alone=alone):
        if content == before:  # or else somebody writes, and it was read in between
            raise damaged(path, DataError(Sentence("its -wal file is damaged or left alone")))
        before = content


def is_rescued(path: Path) -> bool:
    """Whether a recovery was interrupted when all was there but the new name."""
    return rescued_name(path).is_file() and not rescued_name(path).is_symlink()


def rescued_name(path: Path) -> Path:
    """Where a recovered log waits to be put in the place of the damaged one."""
    return path.with_name(f".{path.name}.recovered")


def _journal(path: Path, most_bytes: int) -> bytes:
    try:
        with open_file(path.with_name(f"{path.name}-wal")) as file:
            return file.read(most_bytes)
    except FileNotFoundError:
        return b""


def _upgraded(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    now = SystemClock().utc_now()
    try:
        connect(path, at=now).close()
    except (OSError, sqlite3.OperationalError):  # read-only, full, or in use by an older program
        memory = sqlite3.connect(":memory:", isolation_level=None)
        connection.backup(memory)
        _migrate(memory, path, to_ms(now))
        return memory
    return _connect_read_only(path)


def _connect_read_only(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=OPEN_WAIT_S, isolation_level=None)
    try:
        connection.execute("SELECT 1 FROM sqlite_master")
    except sqlite3.OperationalError as error:
        connection.close()
        # On a read-only disk there can be no -shm file; without a -wal file none is needed.
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CANTOPEN or _has_journal(path):
            raise
        connection = sqlite3.connect(f"{address}&immutable=1", uri=True, isolation_level=None)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path, now_ms: int) -> None:
    for function, arguments in (
        (_without_secrets, 1),
        (cause_codes, 1),
        (message_code, 3),
        (end_code, 1),
    ):
        name = function.__name__.removeprefix("_")
        connection.create_function(name, arguments, function, deterministic=True)
    for migration in MIGRATIONS:
        # The lock comes first: another process may be doing the same.
        with transaction(connection):
            if migration.number not in _applied(connection, path):
                # What a migration takes out must not stay where nothing points to it.
                connection.execute("PRAGMA secure_delete = ON")
                for statement in migration.statements:
                    connection.execute(statement)
                connection.execute(
                    "INSERT INTO migrations VALUES (?, ?, ?)",
                    (migration.number, migration.name, now_ms),
                )


def _without_secrets(text: str | None) -> str | None:
    return text and without_secrets(text)


def _applied(connection: sqlite3.Connection, path: Path) -> set[int]:
    """Numbers of the migrations that the file has seen.

    Raises:
        DataError: it has seen one that is not known here, or is not a log at all.
        DamagedLogError: it holds statements that posturecam never put there.
    """
    tables = set()
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master"):
        tables.add(name)
        # SQLite would run these, for as long as they like, at what is asked of a table.
        if kind == "view" or (kind == "trigger" and sql not in _OWN_TRIGGERS):
            raise damaged(
                path, DataError(Sentence("foreign {kind} {name!r}", kind=kind, name=name))
            )
    if not tables:
        return set()
    if "migrations" not in tables:
        raise DataError(
            Sentence("{path} is a database, but not a posturecam log.", path=path),
            Sentence("Move it aside; nothing in it was changed."),
        )
    applied = {number for (number,) in connection.execute("SELECT number FROM migrations")}
    if not applied <= _NEWEST:
        raise DataError(
            Sentence("The log {path} was written by a newer posturecam.", path=path),
            Sentence("Update posturecam, or move the file aside to begin a new log."),
        )
    return applied


def is_damage(error: Exception) -> bool:
    """Whether the file itself is not as it should be."""
    return (
        isinstance(error, DamagedLogError)
        or _code(error) in _DAMAGED
        or _is_of_a_broken_text(error)
    )


def _is_of_a_broken_text(error: Exception) -> bool:
    return isinstance(error, UnicodeDecodeError) or str(error).startswith(_NO_TEXT)


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF  # the primary code


def _data_error(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> DataError:
    if _is_of_a_broken_text(error):
        return damaged(path, DataError(Sentence("a text in it is no text")))
    code = _code(error)
    # SQLITE_ERROR: a table or column that should be there is not.
    if code in (*_DAMAGED, sqlite3.SQLITE_ERROR):
        return damaged(path, error)
    if code in _BUSY:
        return DataError(
            Sentence("The log {path} is in use by another program.", path=path),
            Sentence("Close that program and try again."),
        )
    return DataError(
        Sentence("The log {path} cannot be used: {why}.", path=path, why=error),
        Sentence("Free some space or make the file and its folder writable."),
    )
