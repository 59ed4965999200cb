"""Any damage at all: the log can be used afterwards, and has every row that a page still holds."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from posturecam.log.connection import open_log
from posturecam.log.recovery import repair
from posturecam.log.writer import LogWriter
from posturecam.values.observation import PostureState
from posturecam.values.reasons import SlouchSign
from tests.damage import Judge, copy_log, damage, rows_of
from tests.log.test_store import BEGAN_AT, BEGAN_MS, SESSION, read, sit
from tests.logs import write_log

if TYPE_CHECKING:
    from pathlib import Path

DAMAGES = int(os.environ.get("POSTURECAM_TEST_DAMAGES", "40"))
"""How many are tried; 500 take minutes."""
BATCHES = 4
LATER = BEGAN_AT + timedelta(hours=1)


@pytest.fixture(scope="session")
def killed_logs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two days and a watch that was killed: an ordinary one, and one that was read all the while.

    Of the second one the file itself has nothing, for what somebody reads cannot be taken over.
    """
    logs = []
    for name in ("ordinary", "read"):
        log = tmp_path_factory.mktemp(name) / "log.db"
        write_log(log, first=date(2026, 11, 2), last=date(2026, 11, 3))
        with open_log(log, at=BEGAN_AT) as connection:
            for index in range(30):
                at_ms = BEGAN_MS - 86_400_000 * (30 - index)
                connection.execute(
                    "INSERT INTO pain_entries VALUES (NULL, ?, ?, ?, 'mid', NULL, 'vom Mähen')",
                    (f"pain {index}", at_ms, index % 11),
                )
                connection.execute(
                    "INSERT INTO answers VALUES (NULL, ?, 'pregnant', 'no')", (at_ms,)
                )
        with (
            contextlib.closing(sqlite3.connect(log, isolation_level=None)) as reader,
            LogWriter.open(log, SESSION) as writer,
        ):
            if name == "read":
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM sessions").fetchone()
            for minute in range(4):
                state = (PostureState.UPRIGHT, PostureState.SLOUCHED)[minute % 2]
                sit(writer, minute * 60, minute * 60 + 60, state, [*SlouchSign][minute])
            killed = log.with_name("killed.db")
            copy_log(log, killed)
        logs.append(killed)
    ordinary, read_meanwhile = logs
    return ordinary, read_meanwhile


@pytest.fixture(scope="session")
def judges(
    killed_logs: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Judge, ...]:
    """One for each."""
    judges = []
    for killed in killed_logs:
        copy = tmp_path_factory.mktemp("judged") / "log.db"
        copy_log(killed, copy)
        judges.append(Judge.of(copy))
    return tuple(judges)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.timeout(900)
def test_any_damage_leaves_a_log_that_works_and_loses_nothing_readable(
    batch: int, killed_logs: tuple[Path, Path], judges: tuple[Judge, ...], tmp_path: Path
) -> None:
    """Bits, pages, cut off, swapped, removed; of the file, its -wal and its -shm."""
    for seed in range(batch, DAMAGES, BATCHES):
        rng = random.Random(seed)  # noqa: S311
        which = rng.randrange(2)
        folder = tmp_path / str(seed)
        folder.mkdir()
        log = folder / "log.db"
        copy_log(killed_logs[which], log)
        done = f"{seed}: {damage(log, rng)}"
        readable = judges[which].readable(log)

        repair(log, at=LATER, thorough=True)

        # Where nothing is readable there may be no log any more.
        missing = readable and readable - {(table, key) for table, key, _ in rows_of(log)}
        assert not missing, (done, len(missing), sorted(map(str, missing))[:5])
        assert_usable(log, done)


def assert_usable(log: Path, done: str) -> None:
    """It is whole, is read from end to end, and takes another session."""
    try:
        assert repair(log, at=LATER, thorough=True) is None
        with LogWriter.open(log, replace(SESSION, started_at=LATER)) as writer:
            sit(writer, 3600, 3610, PostureState.UPRIGHT)
            assert writer.problem is None
        read(log)
    except Exception as error:
        raise AssertionError(done) from error
    with contextlib.closing(sqlite3.connect(log)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], done
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == [], done
