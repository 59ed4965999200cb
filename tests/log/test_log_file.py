"""The log as a file: old shapes, read-only and full disks, and what a question costs."""

from __future__ import annotations

import contextlib
import csv
import json
import shutil
import sqlite3
import subprocess
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pyarrow.parquet
import pytest

from posturecam.base.errors import DataError
from posturecam.log.connection import connect_to_read, explained, open_log, to_ms
from posturecam.log.export import write_export
from posturecam.log.export_format import ExportFormat
from posturecam.log.importing import read_export
from posturecam.log.reader import QUERIES, LogReader
from posturecam.log.recovery import recover
from posturecam.log.schema import MIGRATIONS
from posturecam.log.tables import TABLES
from posturecam.log.writer import LogWriter
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BreakKind,
    Outcome,
)
from posturecam.values.log_rows import BreakRow, DayRows
from posturecam.values.observation import PostureState, Stance
from posturecam.values.reasons import SlouchSign
from tests.fakes import CALIBRATED, NINE
from tests.log.test_store import BEGAN_AT, BEGAN_MS, SESSION, read, sit, turn
from tests.logs import write_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posturecam.values.events import Event


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the log is to be."""
    return tmp_path / "log.db"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with room for two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (mount := shutil.which("mount")) is None:
        pytest.skip("there is no mount here, for a small disk")
    words = [mount, "-t", "tmpfs", "-o", "size=2m,mode=700", "posturecam-test", str(disk)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield disk
    finally:
        subprocess.run(["/bin/umount", "--lazy", disk], check=True)


def write_first_shape(path: Path) -> None:
    """A log as the first release left it, with a row in every table."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for statement in MIGRATIONS[0].statements:
            connection.execute(statement)
        connection.execute("INSERT INTO migrations VALUES (1, ?, 5)", (MIGRATIONS[0].name,))
        start, end = BEGAN_MS, BEGAN_MS + 600_000
        session = (start, end, "camera 0", "default", "front", "c0ffee", "0.1.0", "time is up")
        connection.execute("INSERT INTO sessions VALUES (7, ?, ?, ?, ?, ?, ?, ?, ?)", session)
        connection.execute("INSERT INTO intervals VALUES (7, ?, ?, 'slouched', 'x')", (start, end))
        connection.execute(
            "INSERT INTO minutes (session_id, start_ms, n) VALUES (7, ?, 9)", (start,)
        )
        connection.execute("INSERT INTO alerts VALUES (7, ?, 'slouch', 'Move.', 180000)", (end,))
        connection.execute("INSERT INTO moves VALUES (7, ?, 1000)", (end,))
        connection.execute("INSERT INTO breaks VALUES (7, ?, 301000)", (end,))


def write_fifth_shape(path: Path) -> None:
    """A log from before alerts were called wrong, with what followed and a baseline."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for name, arguments in (("cause_codes", 1), ("message_code", 3), ("end_code", 1)):
            connection.create_function(name, arguments, lambda *texts: texts[0])
        connection.create_function("without_secrets", 1, lambda text: text)
        for migration in MIGRATIONS[:5]:
            for statement in migration.statements:
                connection.execute(statement)
            connection.execute(
                "INSERT INTO migrations VALUES (?, ?, 5)", (migration.number, migration.name)
            )
        start, end = BEGAN_MS, BEGAN_MS + 600_000
        session = (start, end, "camera 0", "default", "front", "c0ffee", "0.1.0", "stopped", "u")
        connection.execute("INSERT INTO sessions VALUES (7, ?, ?, ?, ?, ?, ?, ?, ?, ?)", session)
        connection.execute(
            """INSERT INTO alerts VALUES (7, ?, 'slouch', '{"turn":0}', 180000, 'moved', 40000)""",
            (end,),
        )
        connection.execute(
            "INSERT INTO calibrations "
            "VALUES (7, ?, 'default', 'front', 9, 1, ?, 'a', 1, 2, 3, 4, 5)",
            (start, start),
        )


def shape(path: Path) -> set[tuple[str, ...]]:
    """The statements that a file was made with."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return set(connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall())


def assert_first_rows_are_there(rows: DayRows) -> None:
    """What `write_first_shape` wrote, as it reads today."""
    assert [row.id for row in rows.sessions] == [7]
    assert rows.intervals[0].state is PostureState.SLOUCHED
    assert rows.minutes[0].n == 9
    assert (rows.alerts[0].details, rows.alerts[0].outcome) == ("Move.", None)
    assert rows.moves[0].unchanged_ms == 1000
    assert rows.breaks == (
        BreakRow(session_id=7, at_ms=BEGAN_MS + 600_000, lasted_ms=301_000, kind=BreakKind.BREAK),
    )


# Older shapes


@pytest.mark.parametrize("opener", ["a watch", "a review"])
def test_a_log_of_the_first_release_is_brought_to_the_newest_shape(log: Path, opener: str) -> None:
    """Whoever comes first does it; no row is lost, and the shape is that of a new log."""
    write_first_shape(log)
    if opener == "a watch":
        LogWriter.open(log, replace(SESSION, started_at=BEGAN_AT + timedelta(days=1))).close()
    rows = read(log, BEGAN_MS, BEGAN_MS + 600_001)

    assert_first_rows_are_there(rows)
    assert len(rows.sessions[0].uid) == 32
    new = log.with_name("new.db")
    LogWriter.open(new, SESSION).close()
    assert shape(log) == shape(new)
    with contextlib.closing(sqlite3.connect(log)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        applied = connection.execute("SELECT number, name FROM migrations ORDER BY 1").fetchall()
    assert applied == [(migration.number, migration.name) for migration in MIGRATIONS]


OLD_ADDRESS = "rtsp://cam.lan:8554/t0ken/live?key=s3cret"
LOST = f"The camera ({OLD_ADDRESS}) delivered nothing for 1 h"


def write_an_address(path: Path) -> None:
    """A session of a log from before the paths of addresses were left out."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE sessions SET source = ?, ended_by = ?", (OLD_ADDRESS, LOST))


def assert_the_host_is_left(path: Path) -> None:
    """Of the address; and the file has no more of it."""
    (session,) = read(path, BEGAN_MS, BEGAN_MS + 600_001).sessions
    assert session.source == "rtsp://cam.lan:8554"
    assert session.ended_by == "The camera (rtsp://cam.lan:8554) delivered nothing for 1 h"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"t0ken" not in path.read_bytes()


def test_an_old_log_keeps_the_host_of_an_address_only(log: Path) -> None:
    """Its path and its query may hold a token."""
    write_first_shape(log)
    write_an_address(log)
    with open_log(log, at=BEGAN_AT):
        pass

    assert_the_host_is_left(log)


def test_an_address_comes_back_neither_by_repair_nor_by_import(log: Path, tmp_path: Path) -> None:
    """From a damaged log, or from an export, of before."""
    write_first_shape(log)
    with open_log(log, at=BEGAN_AT):
        pass
    write_an_address(log)
    folder, fresh = tmp_path / "export", tmp_path / "fresh.db"
    with open_log(log, at=BEGAN_AT) as connection:
        write_export(
            connection, folder, format_name=ExportFormat.JSON, tables=list(TABLES), start_ms=0,
            end_ms=2 * BEGAN_MS, at=BEGAN_AT,
        )  # fmt: skip
    later = BEGAN_AT + timedelta(days=1)
    with open_log(fresh, at=later) as connection:
        read_export(connection, folder, at=later)
    recover(log, at=later)

    assert "t0ken" in (folder / "sessions.jsonl").read_text()
    assert_the_host_is_left(fresh)
    assert_the_host_is_left(log)


def test_an_old_log_that_cannot_be_written_is_read_all_the_same(log: Path) -> None:
    """Another program holds it: the review works on a copy in memory."""
    write_first_shape(log)
    other = sqlite3.connect(log, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with contextlib.closing(other):
        assert_first_rows_are_there(read(log))
    with contextlib.closing(sqlite3.connect(log)) as connection:
        assert connection.execute("SELECT number FROM migrations").fetchall() == [(1,)]


def test_a_migration_happens_as_a_whole_or_not_at_all(log: Path) -> None:
    """Its last step fails here: the file is as the first release left it."""
    write_first_shape(log)
    before = shape(log)
    with contextlib.closing(sqlite3.connect(log)) as connection, connection:
        connection.execute("CREATE TABLE answers (id)")
    with pytest.raises(DataError):
        LogWriter.open(log, SESSION)
    with contextlib.closing(sqlite3.connect(log)) as connection, connection:
        connection.execute("DROP TABLE answers")
        assert connection.execute("SELECT number FROM migrations").fetchall() == [(1,)]
    assert shape(log) == before
    assert_first_rows_are_there(read(log))


# Disks


def test_a_disk_without_a_byte_left_is_waited_for(small_disk: Path) -> None:
    """The watch goes on, says it, and writes everything when there is room again."""
    log = small_disk / "log.db"
    filler = small_disk / "filler"
    with LogWriter.open(log, SESSION) as writer:
        sit(writer, 0, 10, PostureState.UPRIGHT)
        fill(filler)
        for index in range(600):
            state = (PostureState.UPRIGHT, PostureState.SLOUCHED)[index % 2]
            causes = () if index % 2 == 0 else ([*SlouchSign][index // 2 % 10],)
            writer.handle(turn(11 + index, state, *causes, span_s=1))
        assert writer.problem is not None
        assert "full" in writer.problem
        filler.unlink()
        writer.handle(turn(612, PostureState.AWAY, span_s=1))
        writer.handle(turn(615, PostureState.AWAY, span_s=3))
        assert writer.problem is None

    rows = read(log)
    assert sum(row.end_ms - row.start_ms for row in rows.intervals) == 614_000
    with contextlib.closing(sqlite3.connect(log)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def fill(path: Path) -> None:
    """Takes all the room that is left on the disk."""
    with path.open("wb", buffering=0) as file:
        for size in (4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))


def test_a_full_disk_at_the_start_is_told_in_one_line(small_disk: Path) -> None:
    """There is no room for a log: better said before the watch than after it."""
    fill(small_disk / "filler")
    with pytest.raises(DataError, match=r"cannot be (used|opened)") as refused:
        LogWriter.open(small_disk / "log.db", SESSION)
    assert refused.value.remedy


@pytest.mark.parametrize("first_shape", [False, True])
def test_a_read_only_disk_can_be_reviewed(small_disk: Path, *, first_shape: bool) -> None:
    """Nothing can be written there, not even SQLite's own files; an old shape is no obstacle."""
    log = small_disk / "log.db"
    if first_shape:
        write_first_shape(log)
    else:
        with LogWriter.open(log, SESSION) as writer:
            sit(writer, 0, 60, PostureState.UPRIGHT)
    subprocess.run(["/bin/mount", "-o", "remount,ro", small_disk], check=True)

    rows = read(log)
    if first_shape:
        assert_first_rows_are_there(rows)
    else:
        assert rows.intervals[0].end_ms == BEGAN_MS + 60_000
    with pytest.raises(DataError, match="cannot be opened: Read-only file system"):
        LogWriter.open(log, SESSION)


# Others who read and write


def test_the_log_opens_for_others_with_its_rules(log: Path) -> None:
    """Foreign keys hold, and what SQLite says against a statement is explained."""
    with (
        pytest.raises(DataError, match="cannot be used: FOREIGN KEY constraint failed"),
        open_log(log, at=BEGAN_AT) as connection,
    ):
        connection.execute("INSERT INTO moves VALUES (1, 1, 1)")


def test_guided_breaks_are_read_with_their_day(log: Path) -> None:
    """They belong to no session; only those within the span come."""
    with open_log(log, at=BEGAN_AT) as connection:
        for hour in range(3):
            at_ms = BEGAN_MS + hour * 3_600_000
            connection.execute(
                "INSERT INTO exercises VALUES (NULL, ?, ?, 9, '', ?)",
                (f"e{hour}", at_ms, (None, 0, 1)[hour]),
            )

    rows = read(log, BEGAN_MS + 1, BEGAN_MS + 7_200_001)
    assert [row.got_up for row in rows.exercises] == [False, True]


# What a question costs


def test_every_question_is_answered_by_an_index(log: Path) -> None:
    """No large table is ever read from end to end, and every field of a day has its question."""
    assert set(QUERIES) == {item.name for item in fields(DayRows)}
    LogWriter.open(log, SESSION).close()
    with explained(log):
        connection = connect_to_read(log)
    assert connection is not None
    with contextlib.closing(connection):
        for name, query in QUERIES.items():
            plan = connection.execute(f"EXPLAIN QUERY PLAN {query}", {"start": 1, "end": 2})
            steps = [step for *_, step in plan.fetchall()]
            assert not [step for step in steps if step.startswith("SCAN")], (name, steps)
            assert any(step.startswith("SEARCH") for step in steps), (name, steps)


def test_a_day_costs_about_the_same_however_long_the_log(tmp_path: Path) -> None:
    """Its first day is the worst: all sessions end after it. Reading all rows would take seven."""
    cost = {}
    for months, last in ((1, date(2026, 3, 31)), (7, date(2026, 9, 30))):
        log = tmp_path / f"{months}.db"
        write_log(log, first=date(2026, 3, 2), last=last)
        cost[months] = _instructions(log, date(2026, 3, 2))

    assert cost[7] < 2 * cost[1]


def _instructions(log: Path, day: date) -> int:
    """Instructions of SQLite's machine, in tens, that it takes to read a day."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    start_ms = to_ms(datetime.combine(day, time(), NINE.tzinfo))
    with LogReader.open(log) as reader:
        assert reader._connection is not None
        reader._connection.set_progress_handler(step, 10)
        rows = reader.day(start_ms, start_ms + round(timedelta(days=1).total_seconds() * 1000))
    assert len(rows.sessions) == 2
    return count


def test_a_log_of_before_alerts_were_called_wrong_goes_on(log: Path, tmp_path: Path) -> None:
    """What followed is kept, an alert may be called wrong, and it has the shape of a new log."""
    write_fifth_shape(log)
    events: tuple[Event, ...] = (
        replace(CALIBRATED, stance=Stance.STANDING),
        Alerted(kind=AlertKind.SLOUCH, lasted_s=180.0),
        AlertFollowed(kind=AlertKind.SLOUCH, outcome=Outcome.WRONG, after_s=9.0),
    )
    with LogWriter.open(log, SESSION) as writer:
        for t_s, event in enumerate(events, start=700):
            writer.handle(turn(float(t_s), events=(event,)))
    with open_log(tmp_path / "new.db", at=NINE):
        pass
    assert {one[1] for one in shape(log)} == {one[1] for one in shape(tmp_path / "new.db")}
    for _ in range(2):
        rows = read(log)
        assert [row.outcome for row in rows.alerts] == [Outcome.MOVED, Outcome.WRONG]
        assert [row.stance for row in rows.calibrations] == [None, Stance.STANDING]
        assert recover(log, at=BEGAN_AT).refused == 0


@pytest.mark.parametrize("format_name", ExportFormat)
def test_an_export_of_before_there_were_stances_is_still_read(
    log: Path, tmp_path: Path, format_name: ExportFormat
) -> None:
    """It lacks that column alone; an export that lacks another one is damaged."""
    write_fifth_shape(log)
    with open_log(log, at=NINE) as connection:
        write_export(
            connection,
            tmp_path / "out",
            format_name=format_name,
            tables=tuple(TABLES),
            start_ms=0,
            end_ms=2**53,
            at=BEGAN_AT,
        )
    file = next((tmp_path / "out").glob("calibrations.*"))
    without_column(file, "stance")
    with open_log(tmp_path / "other.db", at=NINE) as connection:
        read_export(connection, tmp_path / "out", at=BEGAN_AT + timedelta(days=1))
    (row,) = read(tmp_path / "other.db").calibrations
    assert (row.samples, row.stance) == (9, None)

    without_column(file, "quality")
    with (
        open_log(tmp_path / "third.db", at=NINE) as connection,
        pytest.raises(DataError, match="other columns"),
    ):
        read_export(connection, tmp_path / "out", at=BEGAN_AT + timedelta(days=1))


def without_column(file: Path, name: str) -> None:
    """Takes a column out of a table of an export."""
    match file.suffix:
        case ".csv":
            with file.open(newline="", encoding="utf-8") as lines:
                rows = list(csv.reader(lines))
            at = rows[0].index(name)
            with file.open("w", newline="", encoding="utf-8") as lines:
                csv.writer(lines).writerows(row[:at] + row[at + 1 :] for row in rows)
        case ".jsonl":
            found = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
            file.write_text(
                "".join(
                    f"{json.dumps({k: v for k, v in row.items() if k != name})}\n" for row in found
                )
            )
        case _:
            arrow = pyarrow.parquet.read_table(file)
            pyarrow.parquet.write_table(arrow.drop_columns([name]), file)
