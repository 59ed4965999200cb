"""The pages of files that SQLite has written, read without it."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

from posturecam.log.sqlite_pages import FILE_HEADER_BYTES, Pages, is_plausible_header

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = [
    sign * 2**bits - off for bits in (7, 15, 23, 31, 47, 62) for sign in (1, -1) for off in (0, 1)
]
VALUES = [None, 0, 1, -1, 0.1, -1e300, 2**63 - 1, -(2**63), *NUMBERS, "", "Ünïcode", b"\0\xff"]
SIZES = pytest.mark.parametrize("page_bytes", [512, 1024, 4096, 65536])


def written(path: Path, page_bytes: int, schema: str) -> sqlite3.Connection:
    """A database of pages of that size."""
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA page_size = {page_bytes}")
    connection.execute(schema)
    return connection


def root_of(connection: sqlite3.Connection, table: str) -> int:
    """The first page of a table."""
    found = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,))
    return int(found.fetchone()[0])


@SIZES
def test_rows_are_those_that_sqlite_reads(tmp_path: Path, page_bytes: int) -> None:
    """Numbers of every length, and texts on one page and on many.

    Around the length from which a row goes on on other pages every one is tried, and so are row
    numbers up to the last.
    """
    file = tmp_path / "a.db"
    lengths = [*range(page_bytes - 50, page_bytes - 30), 3 * page_bytes, 10 * page_bytes + 7]
    if page_bytes == 512:
        lengths += range(page_bytes, 3 * page_bytes)
    values = [*VALUES, *(b"b" * length for length in lengths), *("t" * one for one in lengths)]
    with contextlib.closing(written(file, page_bytes, "CREATE TABLE t (a, b)")) as connection:
        connection.executemany("INSERT INTO t VALUES (?, 'end')", ((one,) for one in values))
        for power in range(12, 63):
            connection.execute("INSERT INTO t (rowid, a) VALUES (?, 1)", (2**power + power,))
        connection.commit()
        stored = connection.execute("SELECT rowid, a, b FROM t ORDER BY rowid").fetchall()
        pages = Pages(file.read_bytes())
        found = list(pages.tree(root_of(connection, "t")))

    assert sorted(found) == [(number, (a, b)) for number, a, b in stored]
    assert not pages.unreadable


@SIZES
def test_rows_without_a_number_are_read_too(tmp_path: Path, page_bytes: int) -> None:
    """They stand on every page of their tree, and go on elsewhere from another length on."""
    file = tmp_path / "a.db"
    most = (page_bytes - 12) * 64 // 255 - 23
    schema = "CREATE TABLE t (key PRIMARY KEY, b) WITHOUT ROWID"
    rows = [(at, "b" * (most + at % 40 - 30)) for at in range(120)]
    with contextlib.closing(written(file, page_bytes, schema)) as connection:
        connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
        connection.commit()
        pages = Pages(file.read_bytes())
        found = list(pages.tree(root_of(connection, "t")))

    assert sorted(values for _, values in found) == rows
    assert {number for number, _ in found} == {None}
    assert not pages.unreadable


@SIZES
def test_what_is_free_is_no_orphan(tmp_path: Path, page_bytes: int) -> None:
    """Every page is part of a tree, or free: nothing that was deleted comes back."""
    file = tmp_path / "a.db"
    with contextlib.closing(written(file, page_bytes, "CREATE TABLE t (a)")) as connection:
        rows = [(f"{at} {'r' * (page_bytes // 2)}",) for at in range(400)]
        connection.executemany("INSERT INTO t VALUES (?)", rows)
        connection.commit()
        connection.execute("DELETE FROM t WHERE rowid > 5")
        connection.commit()
        pages = Pages(file.read_bytes())
        assert list(pages.tree(1))
        kept = list(pages.tree(root_of(connection, "t")))
        orphans = Pages(file.read_bytes())
        pages.skip_free()

    assert len(kept) == 5
    assert pages.seen == set(range(1, pages.count + 1))
    assert not list(pages.orphans())
    assert len(list(orphans.orphans())) > 5  # without a look at what is free


def test_a_page_that_the_end_of_the_file_cuts_off_is_unreadable(tmp_path: Path) -> None:
    """All others are read; where the beginning is damaged, too, pages are as large as ours."""
    file = tmp_path / "a.db"
    with contextlib.closing(written(file, 512, "CREATE TABLE t (a)")) as connection:
        connection.executemany("INSERT INTO t VALUES (?)", (("r" * 300,) for _ in range(50)))
        connection.commit()
        root = root_of(connection, "t")
    content = file.read_bytes()
    last = len(content) // 512
    cut = Pages(content[: -512 + 5])

    assert len(list(cut.tree(root))) == 49
    assert cut.unreadable == {last}
    assert cut.count == Pages(content).count == last
    assert Pages(bytes(16) + content[16:]).count == -(-len(content) // 4096)


@pytest.mark.parametrize(
    ("place", "changed", "plausible"),
    [
        (0, b"s", False),
        (16, (512).to_bytes(2, "big"), True),
        (16, (32768).to_bytes(2, "big"), True),
        (16, (1).to_bytes(2, "big"), True),
        (16, (256).to_bytes(2, "big"), False),
        (16, (1000).to_bytes(2, "big"), False),
        (18, b"\0", False),
        (18, b"\2", True),
        (18, b"\3", False),
        (19, b"\0", False),
        (19, b"\2", True),
        (19, b"\3", False),
        (20, b"\1", False),
        (21, b"\x41", False),
        (22, b"\x21", False),
        (23, b"\x1f", False),
        (47, b"\5", False),
        (47, b"\0", True),
        (55, b"\1", False),
        (59, b"\0", True),
        (59, b"\2", False),
    ],
)
def test_a_header_that_sqlite_would_not_write_is_none(
    tmp_path: Path, place: int, changed: bytes, *, plausible: bool
) -> None:
    """Of a later format, of another encoding, or damaged."""
    file = tmp_path / "a.db"
    with contextlib.closing(written(file, 4096, "CREATE TABLE t (a)")) as connection:
        connection.commit()
    header = bytearray(file.read_bytes()[:FILE_HEADER_BYTES])
    assert is_plausible_header(bytes(header))
    assert not is_plausible_header(bytes(header[:-1]))
    header[place : place + len(changed)] = changed
    assert is_plausible_header(bytes(header)) is plausible
