"""Damages to a log, the same for the same seed, and a judge of what has to be readable after them.

The judge knows the files as they were. It encodes each row as SQLite does and looks for it in the
pages that the damage has left alone, so it shares nothing with what it judges.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posturecam.log.tables import TABLES

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

PAGE_BYTES = 4096
JOURNAL_HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES
COMPANIONS = ("", "-wal", "-shm")
Key = tuple[object, ...]


def copy_log(log: Path, target: Path) -> None:
    """The log and what SQLite keeps beside it, as a kill would leave them."""
    for companion in COMPANIONS:
        shutil.copy(log.with_name(log.name + companion), target.with_name(target.name + companion))


def damage(log: Path, rng: random.Random) -> str:
    """Damages the log or its companions in one to three ways; says how."""
    kinds: tuple[Callable[[Path, random.Random], None], ...] = (
        _flip_bits, _flip_bits, _spoil_pages, _truncate, _swap, _remove,
    )  # fmt: skip
    done = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        kind = rng.choice(kinds)
        file = log.with_name(log.name + rng.choice(("", "", "-wal", "-wal", "-shm")))
        if file.exists() and file.stat().st_size:
            kind(file, rng)
            done.append(f"{kind.__name__.strip('_')} {file.name}")
    return ", ".join(done)


def _flip_bits(file: Path, rng: random.Random) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(rng.choice((1, 1, 3, 30))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    file.write_bytes(content)


def _spoil_pages(file: Path, rng: random.Random) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(rng.choice((1, 1, 4))):
        start = rng.randrange(-(-len(content) // PAGE_BYTES)) * PAGE_BYTES
        length = len(content[start : start + PAGE_BYTES])
        content[start : start + length] = rng.choice((bytes(length), rng.randbytes(length)))
    file.write_bytes(content)


def _truncate(file: Path, rng: random.Random) -> None:
    with file.open("r+b") as opened:
        opened.truncate(rng.choice((0, rng.randrange(file.stat().st_size))))


def _swap(file: Path, rng: random.Random) -> None:
    content = bytearray(file.read_bytes())
    step, begin = PAGE_BYTES, 0
    if file.name.endswith("-wal") and rng.random() < 0.5:
        step, begin = FRAME_BYTES, JOURNAL_HEADER_BYTES
    paths = range(begin, len(content) - step + 1, step)
    if len(paths) > 1:
        one, other = rng.sample(paths, 2)
        first, second = content[one : one + step], content[other : other + step]
        content[one : one + step], content[other : other + step] = second, first
        file.write_bytes(content)


def _remove(file: Path, rng: random.Random) -> None:
    file.unlink()


@dataclass(frozen=True, slots=True)
class Judge:
    """Knows a log as it was before any damage.

    Attributes:
        content: the bytes of the file.
        journal: the bytes of its `-wal`.
        rows: every row by table and primary key, with the bytes that SQLite makes of it.
    """

    content: bytes
    journal: bytes
    rows: dict[tuple[str, Key], bytes]

    @classmethod
    def of(cls, log: Path) -> Judge:
        """Reads the log at `log`, a copy: its `-wal` is taken over into it."""
        content, journal = _content(log), _content(log.with_name(f"{log.name}-wal"))
        return cls(
            content, journal, {(table, key): _record(row) for table, key, row in rows_of(log)}
        )

    def readable(self, log: Path) -> set[tuple[str, Key]]:
        """Tables and keys of the rows that stand on a page which is as it was, wherever it is."""
        newest_first = reversed(list(self._whole_pages(log)))
        pages = b"\0".join(dict.fromkeys(newest_first))
        return {name for name, record in self.rows.items() if record in pages}

    def _whole_pages(self, log: Path) -> Iterator[bytes]:
        content = _content(log)
        known = {
            self.content[start : start + PAGE_BYTES]
            for start in range(0, len(self.content), PAGE_BYTES)
        }
        for start in range(0, len(content), PAGE_BYTES):
            page = content[start : start + PAGE_BYTES]
            if page in known:
                yield page
        journal = _content(log.with_name(f"{log.name}-wal"))
        last = 0
        frames = []
        for start in range(JOURNAL_HEADER_BYTES, len(self.journal), FRAME_BYTES):
            frame = self.journal[start : start + FRAME_BYTES]
            if frame[8:16] != self.journal[16:24]:
                break  # of an earlier use
            if journal[start : start + FRAME_BYTES] == frame:
                frames.append(frame)
                if struct.unpack_from(">I", frame, 4)[0]:
                    last = len(frames)  # what no commit follows, nobody has been promised
        yield from (frame[FRAME_HEADER_BYTES:] for frame in frames[:last])


def rows_of(log: Path) -> Iterator[tuple[str, Key, tuple[object, ...]]]:
    """Table, primary key and columns as they are stored, of every row."""
    with contextlib.closing(sqlite3.connect(log)) as connection:
        for table in (*TABLES, "session_clocks"):
            infos = connection.execute(f"PRAGMA table_info({table})").fetchall()
            key = [position for position, *_, part_of_key in infos if part_of_key]
            # A number of its own stands before a row, not in it.
            own = len(key) == 1
            for values in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608
                stored = (None, *values[1:]) if own else values
                yield table, tuple(values[position] for position in key), stored


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


def _record(values: tuple[object, ...]) -> bytes:
    """A row as SQLite stores it: what each column is, then the columns."""
    kinds, body = bytearray(), bytearray()
    for value in values:
        kind, content = _column(value)
        kinds += _varint(kind)
        body += content
    return bytes(_varint(len(kinds) + 1) + kinds + body)


def _column(value: object) -> tuple[int, bytes]:
    match value:
        case None:
            return 0, b""
        case str():
            return 13 + 2 * len(value.encode()), value.encode()
        case 0 | 1:
            return 8 + int(value), b""
        case float() if value.is_integer() and abs(value) < 2**47:
            return _column(int(value))
        case float():
            return 7, struct.pack(">d", value)
        case int():
            for kind, length in ((1, 1), (2, 2), (3, 3), (4, 4), (5, 6), (6, 8)):
                if -(1 << (8 * length - 1)) <= value < 1 << (8 * length - 1):
                    return kind, value.to_bytes(length, "big", signed=True)
    raise ValueError(value)


def _varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([128 | value >> 7, value & 127])
