"""A damaged log: set aside whole, and every row that can still be read is in the new one."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import struct
import tracemalloc
from datetime import UTC, date, datetime
from itertools import accumulate, combinations, pairwise
from typing import TYPE_CHECKING

import pytest

from posturecam.base.errors import DataError
from posturecam.care.journal import load_pain
from posturecam.log.connection import (
    COMPANIONS,
    READERS_LOOK_BYTES,
    DamagedLogError,
    open_log,
    transaction,
)
from posturecam.log.recovery import damaged_copies, recover, recovery_text, repair
from posturecam.log.sqlite_pages import Pages
from posturecam.log.writer import LogWriter
from posturecam.values.observation import PostureState
from posturecam.values.reasons import SlouchSign
from tests.damage import copy_log
from tests.log.test_log_file import write_first_shape
from tests.log.test_store import BEGAN_AT, BEGAN_MS, SESSION, read, sit, turn
from tests.logs import write_log
from tests.rows import MINUTE, NINE_MS, ROWS, log_with

if TYPE_CHECKING:
    from pathlib import Path

TABLES = (
    "sessions",
    "intervals",
    "minutes",
    "alerts",
    "moves",
    "breaks",
    "calibrations",
    "pain_entries",
    "exercises",
    "answers",
    "session_clocks",
)
NOTE = "It began after lunch. " * 1000
"""Far longer than a page, so it goes on elsewhere in the file."""
PAGE = 4096
Rows = dict[str, set[tuple[object, ...]]]


@pytest.fixture(scope="session")
def whole_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A week in every table."""
    log = tmp_path_factory.mktemp("whole") / "log.db"
    write_log(log, first=date(2026, 11, 2), last=date(2026, 11, 6))
    with open_log(log, at=BEGAN_AT) as connection:
        for index in range(30):
            at_ms = 1_794_000_000_000 + index * 3_600_000
            connection.execute(
                "INSERT INTO pain_entries VALUES (NULL, ?, ?, ?, 'mid', 'dull', ?)",
                (f"pain {index}", at_ms, index % 11, NOTE if index == 7 else None),
            )
            connection.execute(
                "INSERT INTO exercises VALUES (NULL, ?, ?, 60000, 'shoulder rolls', 1)",
                (f"exercise {index}", at_ms),
            )
            connection.execute("INSERT INTO answers VALUES (NULL, ?, 'pregnant', 'no')", (at_ms,))
    return log


@pytest.fixture
def log(whole_log: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    shutil.copy(whole_log, tmp_path / "log.db")
    return tmp_path / "log.db"


def all_rows(path: Path) -> Rows:
    """Every row of every table."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return {
            table: set(connection.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608
            for table in TABLES
        }


def lost(before: Rows, after: Rows) -> Rows:
    """The rows that are missing, where any are; none may have come from nowhere."""
    assert all(after[table] <= before[table] for table in TABLES)
    return {table: before[table] - after[table] for table in TABLES if before[table] - after[table]}


def assert_sound(path: Path) -> None:
    """A log like any other: nothing dangles, and its rules are in force."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        triggers = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'")
        assert triggers.fetchone() == (2,)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not [file for file in path.parent.iterdir() if file.name.startswith(".")]


def overwrite(path: Path, start: int, content: bytes) -> None:
    """Puts `content` over what is there."""
    with path.open("r+b") as file:
        file.seek(start)
        file.write(content)


def noise(length: int) -> bytes:
    """The same noise every time."""
    return random.Random(3).randbytes(length)  # noqa: S311


def pages_of(path: Path, table: str) -> list[int]:
    """The pages with the rows of a table, as SQLite numbers them."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        root = connection.execute(query, (table,)).fetchone()[0]
    pages = Pages(path.read_bytes())
    list(pages.tree(root))
    return sorted(pages.seen)


def rows_on(path: Path, page: int) -> int:
    """How many rows there are on a page."""
    return len(Pages(path.read_bytes())._read(page)[0])


# Nothing readable is lost


@pytest.mark.parametrize("damage", [bytes(100), noise(100), bytes(PAGE), noise(PAGE)])
def test_a_damaged_beginning_costs_no_row(log: Path, damage: bytes) -> None:
    """Header or the whole first page: the list of tables is gone, the tables are not."""
    before = all_rows(log)
    overwrite(log, 0, damage)
    damaged = log.read_bytes()

    repaired = repair(log, at=BEGAN_AT)

    assert repaired is not None
    assert lost(before, all_rows(log)) == {}
    assert repaired.kept == sum(map(len, before.values()))
    assert repaired.aside.name == f"log.db.damaged-{BEGAN_AT:%Y%m%dT%H%M%SZ}"
    assert repaired.aside.read_bytes() == damaged
    assert_sound(log)


@pytest.mark.parametrize("damage", [bytes(PAGE), noise(PAGE)])
@pytest.mark.parametrize("table", ["minutes", "intervals", "sessions"])
def test_a_damaged_page_costs_its_own_rows_only(log: Path, table: str, damage: bytes) -> None:
    """Any page of the table, also one that others hang from; sessions are made up for the rest."""
    before = all_rows(log)
    pages = pages_of(log, table)
    for page in {pages[0], pages[len(pages) // 2], pages[-1]}:
        copy = log.with_name(f"{page}.db")
        shutil.copy(log, copy)
        overwrite(copy, (page - 1) * PAGE, damage)
        repaired = recover(copy, at=BEGAN_AT)
        after = all_rows(copy)
        if table == "sessions":  # others stand in their place
            ids = {row[0] for row in before["sessions"]}
            assert {row[0] for row in after["sessions"]} == ids
            after["sessions"] = before["sessions"]
        missing = lost(before, after)
        assert set(missing) <= {table}
        assert len(missing.get(table, ())) <= rows_on(log, page)
        assert repaired.unreadable_pages == 1
        assert "read in full: 1 of " in recovery_text(repaired)
        assert str(repaired.aside) in recovery_text(repaired)


def test_sessions_that_are_gone_are_made_up_from_their_rows(log: Path) -> None:
    """The days are still there to be reviewed, and say that they were recovered."""
    before = read(log)
    (page,) = pages_of(log, "sessions")
    overwrite(log, (page - 1) * PAGE, bytes(PAGE))
    recover(log, at=BEGAN_AT)

    after = read(log)
    assert after.intervals == before.intervals
    assert {row.ended_by for row in after.sessions} == {"recovered"}
    assert len({row.uid for row in after.sessions}) == len(before.sessions)
    assert_sound(log)


def test_a_minute_that_a_move_left_after_the_end_makes_no_session_longer(log: Path) -> None:
    """Another session may begin there."""
    with open_log(log, at=BEGAN_AT) as connection:
        connection.execute("UPDATE sessions SET end_ms = end_ms / 60000 * 60000 + 1 WHERE id = 1")
        connection.execute(
            """INSERT INTO minutes (session_id, start_ms, n)
            SELECT id, end_ms + 59999, 9 FROM sessions WHERE id = 1"""
        )
    before = all_rows(log)
    overwrite(log, 0, noise(PAGE))
    recover(log, at=BEGAN_AT)
    after = all_rows(log)
    assert after["sessions"] == before["sessions"]
    assert after["minutes"] == before["minutes"]


@pytest.mark.parametrize("journal_too", [False, True])
def test_the_rows_in_the_journal_are_recovered_too(log: Path, *, journal_too: bool) -> None:
    """The newest rows stand in the -wal only; its frames behind a damaged one can be proven."""
    killed = log.with_name("killed.db")
    with LogWriter.open(log, SESSION) as writer:
        sit(writer, 0, 60, PostureState.SLOUCHED, "head_forward")
        whole = log.with_name("log.db-wal").stat().st_size
        sit(writer, 60, 120, PostureState.SLOUCHED, "head_forward")
        copy_log(log, killed)  # as a kill would leave it
    overwrite(killed, 0, noise(PAGE))
    if journal_too:
        overwrite(killed.with_name("killed.db-wal"), whole + 500, noise(20))
    repaired = recover(killed, at=BEGAN_AT)

    assert not killed.with_name("killed.db-wal").exists()
    assert read(killed).intervals[:-1] == read(log).intervals[:-1]
    newest = read(killed).intervals[-1]
    assert (newest.state, newest.reasons) == (PostureState.SLOUCHED, (SlouchSign.HEAD_FORWARD,))
    assert newest.end_ms - newest.start_ms >= 118_000
    assert repaired.aside.with_name(f"{repaired.aside.name}-wal").exists()


def test_a_journal_of_garbage_costs_what_was_in_it_only(log: Path) -> None:
    """SQLite takes no notice of it, so the log is not even damaged."""
    before = all_rows(log)
    log.with_name("log.db-wal").write_bytes(noise(50_000))
    assert repair(log, at=BEGAN_AT, thorough=True) is None
    assert lost(before, all_rows(log)) == {}


@pytest.mark.parametrize("thorough", [False, True])
def test_a_flipped_bit_in_a_text_is_damage_like_any_other(log: Path, *, thorough: bool) -> None:
    """A broken text is marked as such; where it must be one of a few, its row is counted."""
    with open_log(log, at=BEGAN_AT) as connection:
        connection.execute("UPDATE pain_entries SET note = 'it aches' WHERE id = 3")
        connection.execute("UPDATE pain_entries SET quality = 'burning' WHERE id = 4")
        connection.execute("UPDATE sessions SET profile = 'the desk' WHERE id = 2")
    before = all_rows(log)
    content = bytearray(log.read_bytes())
    for text in (b"it aches", b"the desk", b"burning"):
        place = content.rindex(text)  # the list of tables, on the first pages, may name it too
        content[place] |= 0x80
    log.write_bytes(content)
    with pytest.raises(DamagedLogError, match="no text"):
        load_pain(log)
    repaired = repair(log, at=BEGAN_AT, thorough=thorough)

    assert repaired is not None
    assert repaired.refused == 1
    assert "Rows that made no sense: 1." in recovery_text(repaired)
    after = all_rows(log)
    for table in set(TABLES) - {"pain_entries", "sessions"}:
        assert after[table] == before[table]
    assert [entry.note for entry in load_pain(log) if entry.note and len(entry.note) < 9] == [
        "\ufffdt aches"
    ]
    assert [row.profile for row in read(log).sessions if row.id == 2] == ["\ufffdhe desk"]
    assert len(before["pain_entries"] - after["pain_entries"]) == 2
    assert_sound(log)


def test_an_interval_with_a_wrong_end_takes_no_time_of_others(tmp_path: Path) -> None:
    """Bits turned over in its end: no moment of the next one, and none of the future."""
    for wrong_ms in (NINE_MS + 95 * MINUTE, NINE_MS + 1000 * 24 * 60 * MINUTE):
        path = log_with(tmp_path / f"{wrong_ms}.db", ROWS)
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DELETE FROM sessions")
            wrong = "UPDATE intervals SET end_ms = ? WHERE start_ms = ?"
            connection.execute(wrong, (wrong_ms, NINE_MS))
        recover(path, at=datetime.fromtimestamp(NINE_MS / 1000 + 86400, UTC))
        with contextlib.closing(sqlite3.connect(path)) as connection:
            ordered = "SELECT start_ms, end_ms FROM intervals ORDER BY start_ms"
            spans = connection.execute(ordered).fetchall()
            (end_ms,) = connection.execute("SELECT end_ms FROM sessions").fetchone()
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
        assert end_ms == NINE_MS + 165 * MINUTE


def test_pages_that_changed_places_cost_no_row(log: Path) -> None:
    """Of two tables, and of a table and an index: each row goes where it fits."""
    before = all_rows(log)
    leaves = {name: pages_of(log, name)[-1] for name in ("intervals", "minutes", "answers")}
    leaves["an index"] = pages_of(log, "sqlite_autoindex_pain_entries_1")[-1]
    leaves["the rest of a long note"] = pages_of(log, "pain_entries")[-1]
    for one, other in combinations(leaves, 2):
        copy = log.with_name(f"{one} and {other}.db")
        shutil.copy(log, copy)
        content = log.read_bytes()
        for put, page in ((one, leaves[other]), (other, leaves[one])):
            start = (leaves[put] - 1) * PAGE
            overwrite(copy, (page - 1) * PAGE, content[start : start + PAGE])
        repaired = repair(copy, at=BEGAN_AT)

        assert repaired is not None
        missing = lost(before, all_rows(copy))
        assert sum(map(len, missing.values())) == ("long" in other), (one, other)
        assert repaired.refused == 0
        assert_sound(copy)
        copy.unlink()
        repaired.aside.unlink()


@pytest.mark.slow
def test_a_reader_takes_a_shorter_look_at_a_journal_than_a_writer(log: Path) -> None:
    """A watch asks the journal of pain in its loop; what it only reads it cannot destroy."""
    killed = log.with_name("killed.db")
    with open_log(log, at=BEGAN_AT) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        for first in range(0, READERS_LOOK_BYTES // 3000, 500):
            with transaction(connection):
                connection.executemany(
                    "INSERT INTO pain_entries VALUES (NULL, ?, ?, 0, NULL, NULL, ?)",
                    [(f"{index}", index, "x" * 3500) for index in range(first, first + 500)],
                )
        copy_log(log, killed)
    journal = killed.with_name("killed.db-wal")
    overwrite(journal, READERS_LOOK_BYTES + 100_000, noise(20))
    read(killed)
    with pytest.raises(DamagedLogError, match="-wal"):
        LogWriter.open(killed, SESSION)
    overwrite(journal, 100_000, noise(20))
    with pytest.raises(DamagedLogError, match="-wal"):
        read(killed)


@pytest.mark.parametrize("left", ["nothing", "an empty file"])
def test_a_journal_without_its_log_is_recovered(log: Path, left: str) -> None:
    """SQLite would throw it away; no command does, and what is in it is kept."""
    killed = killed_log(log, 50)
    killed.unlink()
    if left == "an empty file":
        killed.touch()
    for reads in (lambda: read(killed), lambda: LogWriter.open(killed, SESSION)):
        with pytest.raises(DamagedLogError, match="-wal"):
            reads()
    repaired = repair(killed, at=BEGAN_AT)

    assert repaired is not None
    assert read(killed).intervals[-1].end_ms >= BEGAN_MS + 48_000
    assert killed.with_name(f"{repaired.aside.name}-wal").exists()
    assert_sound(killed)


def test_a_lost_journal_costs_a_minute_at_most(log: Path) -> None:
    """Whenever the watch ends: the newest rows are taken over into the log itself in time."""
    for until_s in (59, 100, 290):
        killed = killed_log(log, until_s)
        for companion in COMPANIONS:
            killed.with_name(killed.name + companion).unlink()
        assert repair(killed, at=BEGAN_AT, thorough=True) is None
        kept_until_ms = read(killed).sessions[-1].end_ms
        assert kept_until_ms >= BEGAN_MS + 1000 * (until_s - 60)


def killed_log(log: Path, until_s: float) -> Path:
    """A copy of the log as a kill leaves it after so much watching."""
    source, killed = log.with_name("source.db"), log.with_name("killed.db")
    shutil.copy(log, source)
    with LogWriter.open(source, SESSION) as writer:
        sit(writer, 0, until_s, PostureState.SLOUCHED, "head_forward")
        copy_log(source, killed)
    return killed


def test_rows_of_the_first_release_are_recovered(log: Path) -> None:
    """An old log, damaged at its beginning: its rows have fewer columns."""
    log.unlink()
    write_first_shape(log)
    copy = log.with_name("copy.db")
    shutil.copy(log, copy)
    before = read(copy)
    overwrite(log, 0, bytes(PAGE))
    repair(log, at=BEGAN_AT)
    after = read(log)

    assert after.intervals == before.intervals
    assert after.alerts == before.alerts
    assert after.minutes == before.minutes
    assert_sound(log)


def test_what_was_deleted_stays_deleted(log: Path) -> None:
    """Free pages still hold old rows; the recovery leaves them alone."""
    with open_log(log, at=BEGAN_AT) as connection:
        connection.execute("PRAGMA secure_delete = OFF")  # some systems wipe what is deleted
        connection.execute("DELETE FROM sessions WHERE id <= 5")
    before = all_rows(log)
    page = pages_of(log, "minutes")[-1]
    overwrite(log, (page - 1) * PAGE, noise(PAGE))
    recover(log, at=BEGAN_AT)

    assert set(lost(before, all_rows(log))) <= {"minutes"}


# Around it


def test_a_text_file_gives_an_empty_log_and_is_kept(log: Path) -> None:
    """Nothing in it can be read, and the watch can begin."""
    log.write_text("this was a log once. " * 1000)
    repaired = repair(log, at=BEGAN_AT)

    assert repaired is not None
    assert repaired.kept == 0
    assert repaired.aside.read_text().startswith("this was a log once.")
    assert read(log).sessions == ()


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "statements",
    [
        ("DROP TABLE answers", f"CREATE VIEW answers (at_ms) AS {ENDLESS}"),
        (f"CREATE TRIGGER t BEFORE INSERT ON sessions BEGIN SELECT ({ENDLESS}); END",),
        (
            "DROP TRIGGER sessions_overlap_on_insert",
            "CREATE TRIGGER sessions_overlap_on_insert BEFORE INSERT ON sessions "
            f"BEGIN SELECT ({ENDLESS}); END",
        ),
        ("UPDATE sessions SET source = hex(zeroblob(3000000)) WHERE id = 2",),
    ],
    ids=["view", "trigger", "trigger of a known name", "endless text"],
)
def test_what_somebody_else_has_put_into_a_log_is_not_run(
    log: Path, statements: tuple[str, ...]
) -> None:
    """It would keep every command busy for good; the rows beside it are recovered without it."""
    before = all_rows(log)
    with contextlib.closing(sqlite3.connect(log, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    with pytest.raises(DamagedLogError):
        read(log)
    assert repair(log, at=BEGAN_AT, thorough=True) is not None

    assert set(lost(before, all_rows(log) | {"sessions": before["sessions"]})) <= {"answers"}
    assert_sound(log)
    assert repair(log, at=BEGAN_AT, thorough=True) is None


def _varint(number: int) -> bytes:
    """As the file format writes it: seven bits a byte, the first bit set but on the last."""
    parts = [number & 0x7F]
    while number := number >> 7:
        parts.append(number & 0x7F | 0x80)
    return bytes(reversed(parts))


def _file(*pages: bytes) -> Pages:
    """An empty first page, and these from the second on."""
    return Pages(bytes(PAGE) + b"".join(page.ljust(PAGE, b"\0") for page in pages))


def _leaf(*cells: bytes) -> bytes:
    """A page with rows of a table."""
    places = accumulate(map(len, cells[:-1]), initial=8 + 2 * len(cells))
    return struct.pack(f">BHHHB{len(cells)}H", 13, 0, len(cells), 0, 0, *places) + b"".join(cells)


def _long_row(pages: int, begins_on: int) -> bytes:
    """A row that says that it goes on for so many pages."""
    on_page_bytes = 489
    length = on_page_bytes + pages * (PAGE - 4)
    return _varint(length) + _varint(1) + bytes(on_page_bytes) + begins_on.to_bytes(4, "big")


def _nine_bytes(number: int) -> bytes:
    """A number that is too large for less: eight times seven bits, and eight."""
    return bytes(number >> 8 + 7 * index & 0x7F | 0x80 for index in reversed(range(8))) + bytes(
        [number & 0xFF]
    )


def test_a_row_whose_pages_go_round_in_a_circle_is_passed_over() -> None:
    """It would be as long as it says it is, up to all memory."""
    pages = _file(_leaf(_long_row(8192, 3)), (3).to_bytes(4, "big"))
    tracemalloc.start()
    try:
        assert list(pages.tree(2)) == []
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert pages.unreadable == {2}
    assert most_bytes < 10 * PAGE


SEVEN = b"\x02\x01\x07"
"""A record of one column with a small number."""


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(b"\x04\x01" + SEVEN + b"\x00", id="more than its columns"),
        pytest.param(b"\x01\x01\x01", id="no columns"),
        pytest.param(b"\x02\x01\x02\x0a", id="a type that there is not"),
        pytest.param(_long_row(1, 99), id="goes on beyond the file"),
        pytest.param(_long_row(1, 3), id="goes on after its end"),
    ],
)
def test_a_row_that_cannot_be_as_it_stands_costs_no_other(cell: bytes) -> None:
    """Its page counts as damaged."""
    pages = _file(_leaf(b"\x03\x05" + SEVEN, cell), (2).to_bytes(4, "big"))

    assert list(pages.tree(2)) == [(5, (7,))]
    assert pages.unreadable == {2}


def test_a_row_that_the_end_of_its_page_cuts_off_is_passed_over() -> None:
    """It says that it is longer."""
    cut = (
        struct.pack(">BHHHBH", 13, 0, 1, 0, 0, PAGE - 4).ljust(PAGE - 4, b"\0")
        + b"\x09\x01\x02\x01"
    )
    pages = _file(cut)

    assert list(pages.tree(2)) == []
    assert pages.unreadable == {2}


def test_a_tree_that_leads_to_a_page_twice_or_out_of_the_file_gives_each_row_once() -> None:
    """What is not there is unreadable."""
    tree = struct.pack(">BHHHBIHHIBIB", 5, 0, 2, 0, 0, 99, 16, 21, 3, 1, 3, 2)
    pages = _file(tree, _leaf(b"\x03" + _nine_bytes(2**60) + SEVEN))

    assert list(pages.tree(2)) == [(2**60, (7,))]
    assert pages.unreadable == {99}


def test_damage_after_a_kill_is_found_at_once_and_a_small_log_is_always_checked(
    log: Path,
) -> None:
    """The page is in the middle; nobody has to stumble over it."""
    page = pages_of(log, "minutes")[3]
    overwrite(log, (page - 1) * PAGE, noise(PAGE))
    assert repair(log, at=BEGAN_AT) is not None
    assert repair(log, at=BEGAN_AT) is None


def test_damage_met_while_watching_is_mended_on_the_way(log: Path) -> None:
    """The damaged file is set aside, nothing is counted twice, and the watch goes on."""
    before = read(log)

    def repaired() -> str:
        return recovery_text(recover(log, at=BEGAN_AT))

    told = set()
    with LogWriter.open(log, SESSION, repair=repaired) as writer:
        sit(writer, 0, 60, PostureState.SLOUCHED, "head_forward")
        with contextlib.closing(sqlite3.connect(log)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        overwrite(log, 0, noise(PAGE))
        for index in range(60, 120):
            state = PostureState.SLOUCHED if index < 90 else PostureState.UPRIGHT
            reasons = ("head_forward",) if index < 90 else ()
            writer.handle(turn(index + 1, state, *reasons, span_s=1))
            told.add(writer.problem)
        assert writer.problem is None

    rows = read(log)
    (copy,) = damaged_copies(log)
    (text,) = told - {None}
    assert text is not None
    assert str(copy) in text
    assert rows.minutes[: len(before.minutes)] == before.minutes
    newest = rows.intervals[len(before.intervals) :]
    assert [row.state for row in newest] == [*[PostureState.SLOUCHED] * 2, PostureState.UPRIGHT]
    assert all(one.end_ms == other.start_ms for one, other in pairwise(newest))
    assert (newest[0].start_ms, newest[-1].end_ms) == (BEGAN_MS, BEGAN_MS + 120_000)
    assert_sound(log)


def test_two_damages_in_one_second_leave_two_files(log: Path) -> None:
    """No file that was set aside is written over."""
    overwrite(log, 0, bytes(PAGE))
    recover(log, at=BEGAN_AT)
    overwrite(log, 0, noise(PAGE))
    recover(log, at=BEGAN_AT)

    assert len(damaged_copies(log)) == 2


@pytest.mark.parametrize("left", [(), ("log.db",), ("log.db", "log.db-wal")])
def test_a_recovery_that_was_interrupted_is_finished(log: Path, left: tuple[str, ...]) -> None:
    """Killed between the renames: the recovered log is taken, and what is left is set aside."""
    before = all_rows(log)
    log.rename(log.with_name(".log.db.recovered"))
    for name in left:
        log.with_name(name).write_bytes(noise(5000))
    with pytest.raises(DamagedLogError, match="interrupted"):
        LogWriter.open(log, SESSION)
    assert repair(log, at=BEGAN_AT) is None
    assert all_rows(log) == before
    assert len(damaged_copies(log)) == len(left)


def test_a_damaged_log_of_a_newer_posturecam_is_left_alone(log: Path) -> None:
    """Its rows would not fit; nothing is moved."""
    with contextlib.closing(sqlite3.connect(log)) as connection, connection:
        connection.execute("INSERT INTO migrations VALUES (9999, 'from_the_future', 0)")
    page = pages_of(log, "minutes")[-1]
    overwrite(log, (page - 1) * PAGE, bytes(PAGE))
    before = log.read_bytes()

    with pytest.raises(DataError, match="newer posturecam"):
        recover(log, at=BEGAN_AT)
    assert log.read_bytes() == before
    assert [file.name for file in log.parent.glob("*log*")] == ["log.db"]
