"""The `-wal` of a real SQLite file, read with damage in its middle."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from posturecam.log.sqlite_journal import (
    FRAME_HEADER_BYTES,
    HEADER_BYTES,
    PAGE_BYTES,
    is_broken,
    read_journal,
)

if TYPE_CHECKING:
    from pathlib import Path

STEP_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES


@pytest.fixture
def journal(tmp_path: Path) -> bytes:
    """Of one table whose one row was written four times: a frame each, after two of its making."""
    path = tmp_path / "small.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE words (word TEXT)")
    connection.execute("INSERT INTO words VALUES ('zero')")
    for word in ("one", "two", "three"):
        connection.execute("UPDATE words SET word = ?", (word,))
    content = path.with_name("small.db-wal").read_bytes()
    connection.close()
    return content


def test_a_whole_journal_gives_the_newest_of_each_page(journal: bytes) -> None:
    """And what stood there before, the newest first."""
    found = read_journal(journal, PAGE_BYTES)

    assert sorted(found.newest) == [1, 2]
    assert b"three" in found.newest[2]
    assert [word for page in found.older for word in (b"zero", b"one", b"two") if word in page] == [
        *(b"two", b"one", b"zero"),
    ]
    assert (found.unproven, found.broken, is_broken(journal, alone=False)) == ((), False, False)
    assert is_broken(journal, alone=True)


def test_a_damaged_page_costs_itself_alone(journal: bytes) -> None:
    """What comes behind it is proven all the same, where SQLite would stop."""
    at = journal.index(b"one")
    damaged = journal[:at] + b"ONE" + journal[at + 3 :]
    found = read_journal(damaged, PAGE_BYTES)

    assert b"three" in found.newest[2]
    assert not any(b"ONE" in page for page in found.older)
    assert [b"ONE" in page for page in found.unproven] == [True]
    assert found.broken
    assert is_broken(damaged, alone=False)


def test_a_transaction_that_was_not_committed_is_none(journal: bytes) -> None:
    """The last of its frames is missing."""
    frames = (len(journal) - HEADER_BYTES) // STEP_BYTES
    cut = journal[: HEADER_BYTES + (frames - 1) * STEP_BYTES + 100]
    assert b"two" in read_journal(cut, PAGE_BYTES).newest[2]
