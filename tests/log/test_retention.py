"""Upkeep: what is forgotten, purged, repaired and renamed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from posturecam.base.clock import SystemClock
from posturecam.base.errors import DataError
from posturecam.base.local_time import DAY_MS, HOUR_MS
from posturecam.base.paths import AppPaths, make_private_folder
from posturecam.care.journal import load_pain, save_exercise
from posturecam.commands.config import load_settings
from posturecam.commands.log import Purge, purge_log
from posturecam.log.connection import open_log, to_ms
from posturecam.log.recovery import damaged_copies
from posturecam.log.retention import forget_before, forget_old
from posturecam.log.tables import TABLES
from posturecam.log.unfinished_export import only_export
from posturecam.log.writer import LogWriter
from posturecam.posture.profiles import list_profiles, load_profile, save_profile
from posturecam.values.log_rows import DayRows, GuidedBreak
from posturecam.values.observation import PostureState
from posturecam.watch.lock import only_watch
from posturecam.watch.server import ControlServer
from tests.log.test_store import BEGAN_AT, BEGAN_MS, SESSION, read
from tests.logs import write_log
from tests.posture.test_profiles import baseline, taken
from tests.program import assert_refused, here, posturecam, still_video
from tests.rows import ROWS, interval, log_with, session
from tests.started import Started

if TYPE_CHECKING:
    from pathlib import Path

ONE_DAY = date(2026, 11, 3)


@pytest.fixture
def log(home: Path) -> Path:
    """Three days in the data folder."""
    log = make_private_folder(home) / "log.db"
    write_log(log, first=date(2026, 11, 2), last=date(2026, 11, 4))
    with open_log(log, at=BEGAN_AT) as connection:
        for index, day in enumerate((2, 3, 4)):
            at_ms = midnight_ms(date(2026, 11, day)) + 1
            values = (f"{index}", at_ms)
            connection.execute("INSERT INTO exercises VALUES (NULL, ?, ?, 9, '', NULL)", values)
            connection.execute(
                "INSERT INTO pain_entries VALUES (NULL, ?, ?, 3, NULL, NULL, 'secret ache')", values
            )
            connection.execute("INSERT INTO answers VALUES (NULL, ?, 'q', 'no')", (at_ms,))
    return log


def midnight_ms(day: date) -> int:
    """The beginning of a day, UTC."""
    return to_ms(datetime.combine(day, time(), UTC))


def count(log: Path, table: str) -> int:
    """Rows of a table."""
    with contextlib.closing(sqlite3.connect(log)) as connection:
        query = f"SELECT count(*) FROM {table}"  # noqa: S608
        return int(connection.execute(query).fetchone()[0])


# Forgetting


def test_what_is_too_old_is_forgotten_and_the_rest_is_untouched(log: Path) -> None:
    """To the millisecond: a stretch that reaches beyond the moment begins there."""
    before = read(log)
    bound_ms = before.intervals[len(before.intervals) // 2].end_ms - 1000
    with open_log(log, at=BEGAN_AT) as connection:
        gone = forget_before(connection, bound_ms)

    after = read(log)
    assert gone == {
        "sessions": sum(row.end_ms <= bound_ms for row in before.sessions),
        "shortened": 1,
        "exercises": len(before.exercises) - len(after.exercises),
    }
    assert after.sessions[0].start_ms == after.intervals[0].start_ms == bound_ms
    for name in ("minutes", "alerts", "moves", "breaks"):
        kept = [
            row
            for row in getattr(before, name)
            if (row.start_ms if name == "minutes" else row.at_ms) >= bound_ms
        ]
        assert list(getattr(after, name)) == kept
    assert after.intervals[1:] == before.intervals[-len(after.intervals) + 1 :]
    assert len(load_pain(log)) == 3
    assert [row.at_ms for row in after.exercises] == [
        row.at_ms for row in before.exercises if row.at_ms >= bound_ms
    ]


def test_the_baseline_of_a_session_that_was_shortened_is_still_known(home: Path) -> None:
    """The one in use then, from there on; whichever came after stays where it is."""
    log = make_private_folder(home) / "log.db"
    (first,) = ROWS.calibrations
    end_ms = first.at_ms + 100_000
    log_with(
        log,
        DayRows(
            sessions=(session(first.at_ms, end_ms),),
            calibrations=tuple(
                replace(first, at_ms=first.at_ms + later_ms, profile=name)
                for later_ms, name in ((0, "first"), (10_000, "second"), (60_000, "third"))
            ),
        ),
    )

    def known_from(later_ms: int) -> list[tuple[int, str]]:
        with open_log(log, at=BEGAN_AT) as connection:
            forget_before(connection, first.at_ms + later_ms)
        rows = read(log, first.at_ms, end_ms).calibrations
        return [(row.at_ms - first.at_ms, row.profile) for row in rows]

    assert known_from(50_000) == [(50_000, "second"), (60_000, "third")]
    assert known_from(60_000) == [(60_000, "third")]
    assert known_from(90_000) == [(90_000, "third")]


def test_forgetting_takes_small_steps(home: Path) -> None:
    """A watch that ran for a month is forgotten a day at a time, so that nobody has to wait."""
    log = make_private_folder(home) / "log.db"
    changes: list[int] = []
    with open_log(log, at=BEGAN_AT) as connection:
        days = 30
        end_ms = BEGAN_MS + days * DAY_MS
        connection.execute(
            "INSERT INTO sessions VALUES (1, ?, ?, '', '', NULL, '', '', NULL, 'u')",
            (BEGAN_MS, end_ms),
        )
        moments = ((BEGAN_MS + minute * 60_000,) for minute in range(days * 1440))
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO moves VALUES (1, ?, 5)", moments)
        connection.execute("COMMIT")

        def note(statement: str) -> None:
            if statement in ("BEGIN IMMEDIATE", "COMMIT"):
                changes.append(connection.total_changes)

        connection.set_trace_callback(note)
        forget_before(connection, end_ms + 1)
        connection.set_trace_callback(None)

    assert count(log, "moves") == count(log, "sessions") == 0
    steps = [end - begin for begin, end in zip(changes[::2], changes[1::2], strict=True)]
    assert len(steps) >= days
    assert max(steps) < 1600


FRIDAY = date(2026, 11, 20)


@pytest.fixture
def four_months(home: Path) -> Path:
    """Every workday from July to a Friday in November, two sessions each."""
    log = make_private_folder(home) / "log.db"
    write_log(log, first=date(2026, 7, 20), last=FRIDAY)
    return log


def forgotten(log: Path, today: date, keep_days: int) -> tuple[str | None, int]:
    """What is said at nine o'clock on `today`, and how many sessions are gone."""
    before = count(log, "sessions")
    with open_log(log, at=BEGAN_AT) as connection:
        told = forget_old(connection, midnight_ms(today) + 9 * 3_600_000, keep_days)
    return told, before - count(log, "sessions")


def test_what_is_forgotten_is_said_with_its_number(four_months: Path) -> None:
    """A week of it, when the weekend is over."""
    monday = date(2026, 11, 23)
    keep_days = (monday - date(2026, 7, 25)).days
    assert forgotten(four_months, monday, keep_days) == (
        f"forgotten, as older than {keep_days} days: sessions 10",
        10,
    )
    assert forgotten(four_months, monday, keep_days) == (None, 0)

    done = GuidedBreak(at_ms=midnight_ms(date(2026, 7, 1)), lasted_ms=60_000, names=("walk",))
    save_exercise(four_months, done, now=BEGAN_AT)
    text, _ = forgotten(four_months, monday, keep_days)
    assert text == f"forgotten, as older than {keep_days} days: exercises 1"


def test_a_session_that_is_cut_is_said_too(four_months: Path) -> None:
    """One that goes on beyond the moment stays, but what was before it is gone."""
    with open_log(four_months, at=BEGAN_AT) as connection:
        (start_ms,) = connection.execute("SELECT min(start_ms) FROM sessions").fetchone()
        now_ms = start_ms + 3_600_000 + 126 * DAY_MS
        said = forget_old(connection, now_ms, 126)
        again = forget_old(connection, now_ms, 126)

    assert said == "forgotten, as older than 126 days: sessions shortened 1"
    assert again is None


@pytest.mark.parametrize("ahead_days", [40, 380, 5000])
def test_a_clock_that_is_ahead_forgets_nothing(four_months: Path, ahead_days: int) -> None:
    """However many watches start by it that day."""
    tomorrow_or_later = date.fromordinal(FRIDAY.toordinal() + ahead_days)
    for _ in range(3):
        assert forgotten(four_months, tomorrow_or_later, 7) == (None, 0)
        with LogWriter.open(
            four_months,
            replace(SESSION, started_at=datetime.combine(tomorrow_or_later, time(9), UTC)),
        ):
            pass


def test_most_of_the_log_is_forgotten_by_nobody_but_its_owner(four_months: Path) -> None:
    """A setting made short by mistake says what it would do, and does not."""
    told, gone = forgotten(four_months, FRIDAY, 7)
    assert gone == 0
    assert told is not None
    assert "168 of 180 sessions are older than 7 days" in told
    assert told.endswith("If it may go: posturecam purge --before DAY")


def test_forgotten_pages_are_used_again(home: Path) -> None:
    """The file of a log that is kept for a week does not grow after two."""
    log = make_private_folder(home) / "log.db"
    sizes = []
    for week in range(6):
        monday = date.fromordinal(date(2026, 6, 1).toordinal() + 7 * week)
        write_log(log, first=monday, last=date.fromordinal(monday.toordinal() + 4), seed=week)
        with open_log(log, at=BEGAN_AT) as connection:
            forget_before(connection, midnight_ms(monday))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sizes.append(log.stat().st_size)
    assert sizes[5] < 1.15 * sizes[1]


def test_a_watch_forgets_what_is_older_than_the_setting_says(home: Path, tmp_path: Path) -> None:
    """At its start, with the number; with `forever` everything stays."""
    log = make_private_folder(home) / "log.db"
    today = datetime.now(UTC).date()  # noqa: TID251 - as the program will see it
    write_log(log, first=today - timedelta(days=20), last=today - timedelta(days=1))
    config = home / "config.toml"
    video = still_video(tmp_path / "v.avi")
    counts = [count(log, "sessions")]
    for value in ('"forever"', "15"):
        config.write_text(f"keep_days = {value}\n")
        outcome = posturecam("watch", "--source", video, "--calibrate", "1s", "--no-notify")
        assert outcome.returncode == 4, outcome.stderr  # nobody is in that video
        counts.append(count(log, "sessions"))
    gone = re.search(r"forgotten, as older than 15 days: sessions (\d+)", outcome.stderr)
    assert gone is not None, outcome.stderr
    assert counts == [counts[0], counts[0] + 1, counts[0] + 2 - int(gone[1])]


# Purging


def test_a_purge_leaves_nothing_of_it_in_the_file(log: Path) -> None:
    """The days before are gone, with every byte; the others are as they were."""
    with open_log(log, at=BEGAN_AT) as connection:
        sessions = connection.execute("SELECT id, uid FROM sessions ORDER BY id").fetchall()
    before, before_bytes = read(log, midnight_ms(ONE_DAY)), log.stat().st_size
    outcome = posturecam("purge", "--before", ONE_DAY.isoformat(), "--yes", env={"TZ": "UTC"})

    assert outcome.stdout == "Deleted: sessions 2, exercises 1.\n"
    assert read(log).intervals == before.intervals
    assert read(log).minutes == before.minutes
    assert count(log, "exercises") == 2
    assert count(log, "pain_entries") == 3
    held = b"".join(path.read_bytes() for path in log.parent.glob("log.db*"))
    assert log.stat().st_size < 0.9 * before_bytes
    assert sessions[0][1].encode() not in held
    assert sessions[2][1].encode() in held


def test_a_purge_says_that_it_has_cut_a_session(home: Path) -> None:
    """A watch from before midnight until after it: the first of its two days goes."""
    log = make_private_folder(home) / "log.db"
    midnight = midnight_ms(ONE_DAY)
    log_with(log, over_midnight(midnight))
    outcome = posturecam("purge", "--before", ONE_DAY.isoformat(), "--yes", env={"TZ": "UTC"})

    assert outcome.stdout == "Deleted: sessions shortened 1.\n"
    assert count(log, "intervals") == 1
    outcome = posturecam("purge", "--before", ONE_DAY.isoformat(), "--yes", env={"TZ": "UTC"})
    assert outcome.stdout == "Deleted: nothing.\n"


def over_midnight(midnight: int) -> DayRows:
    """A watch of two hours, one of them after midnight."""
    begin_ms, end_ms = midnight - HOUR_MS, midnight + HOUR_MS
    return DayRows(
        sessions=(session(begin_ms, end_ms),),
        intervals=(
            interval(begin_ms, midnight, PostureState.UPRIGHT),
            interval(midnight, end_ms, PostureState.SLOUCHED),
        ),
    )


def test_the_pain_journal_is_purged_only_when_it_is_named(log: Path) -> None:
    """`--all` is the watched log; `--pain` is the journal, and both is both."""
    assert here("purge", "--pain", "--yes").stdout == ("Deleted: pain entries 3, answers 3.\n")
    assert b"secret ache" not in b"".join(path.read_bytes() for path in log.parent.glob("log.db*"))
    assert count(log, "sessions") == 6
    assert here("purge", "--all", "--yes").returncode == 0
    assert count(log, "sessions") == count(log, "intervals") == count(log, "exercises") == 0


def test_a_purge_that_somebody_reads_across_says_so(log: Path) -> None:
    """Their snapshot keeps the old pages in the file; when they are gone, nothing is left."""
    paths = AppPaths(data=log.parent, config=log.parent)
    everything = Purge(before=None, watched=True, pain=True)
    with contextlib.closing(sqlite3.connect(log, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM pain_entries").fetchone()
        with pytest.raises(DataError, match="is reading"):
            purge_log(everything, paths=paths, zone=UTC, at=BEGAN_AT, wait_s=0.1)
        assert b"secret ache" in _bytes_of(log)

    purge_log(everything, paths=paths, zone=UTC, at=BEGAN_AT)
    assert b"secret ache" not in _bytes_of(log)
    assert b"neck forward" not in _bytes_of(log)


def _bytes_of(log: Path) -> bytes:
    return b"".join(path.read_bytes() for path in log.parent.glob("log.db*"))


def test_a_purge_takes_all_pages_and_the_copies_that_hold_what_it_deletes(log: Path) -> None:
    """A page leads to others, and is made again; a page of the user's own name is not ours."""
    reviews = make_private_folder(log.parent / "reviews")
    ours = (
        *("2026-10-01.html", "2026-12-01.html", ".2026-12-02.html.x.tmp", "2027-06-30.html"),
        *("2026-12-01-week.html", "2026-12-01-month.html", "index.html"),
        "2026-11-01-to-2026-12-01.html",
    )
    others = ("holiday.html", "plotly.min.js")
    for name in (*ours, *others):
        (reviews / name).touch()
    old, new = (log.with_name(f"log.db.damaged-{day}T090000Z") for day in ("20261101", "20261103"))
    old.touch()
    new.touch()
    said = here("purge", "--before", ONE_DAY.isoformat(), "--yes").stdout

    assert "review pages 8, files of damaged logs 1" in said
    assert f"Kept: {new}" in said
    assert {file.name for file in reviews.iterdir()} == set(others)
    assert damaged_copies(log) == (new,)
    assert "files of damaged logs 1" in here("purge", "--pain", "--yes").stdout
    assert not damaged_copies(log)


def test_purging_all_takes_the_damaged_copies_too(log: Path) -> None:
    """They hold the same days."""
    log.write_bytes(bytes(4096) + log.read_bytes()[4096:])
    assert "Rows recovered: " in here("repair").stdout
    assert len(damaged_copies(log)) == 1
    assert "files of damaged logs 1" in here("purge", "--all", "--yes").stdout
    assert not damaged_copies(log)


def test_nothing_is_purged_without_being_meant(log: Path) -> None:
    """No target, two targets, nobody to ask, a watch that is running: refused, nothing gone."""
    assert_refused(here("purge"), 2, "Nothing was named")
    assert_refused(here("purge", "--all", "--before", "today", "--yes"), 2, "exclude")
    assert_refused(here("purge", "--before", "yesterday", "--yes"), 2, "clock that may be wrong")
    assert_refused(here("purge", "--all"), 2, "--yes")
    with only_watch(log.parent / "watch.lock"):
        for words in (("purge", "--all", "--yes"), ("repair",)):
            assert_refused(here(*words), 5, "already using")
    assert count(log, "sessions") == 6


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="the system has no pseudo terminals")
def test_a_terminal_is_asked_first(log: Path) -> None:
    """`n` keeps everything, `y` deletes; the question says what."""
    for answer, left in ((b"n\n", 6), (b"y\n", 0)):
        ours, theirs = os.openpty()
        with Started(
            [sys.executable, "-m", "posturecam", "purge", "--all"],
            stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as child:  # fmt: skip
            os.write(ours, answer)
            out, _ = child.communicate(timeout=60)
        os.close(theirs)
        os.close(ours)
        assert "Delete the log of all days, with all review pages and the damaged logs" in out
        assert ("Nothing was deleted." in out) == (left > 0)
        assert count(log, "sessions") == left


# Export, import, repair, profiles and config by their commands


def test_export_purge_and_import_are_a_way_there_and_back(log: Path, tmp_path: Path) -> None:
    """The words of the three commands; the review reads the same day afterwards."""
    before = read(log)
    out = tmp_path / "out"
    exported = here("export", out, "--format", "json")
    assert exported.stdout.startswith(f"{out}: sessions 6, ")
    here("purge", "--all", "--yes")
    imported = here("import", out)
    assert imported.stdout.startswith("New in the log: sessions 6, ")
    assert here("import", out).stdout == "New in the log: nothing.\n"
    assert read(log).intervals == before.intervals
    assert_refused(here("export", out), 2, "Name a folder that is to be made")
    assert_refused(here("import", tmp_path), 2, "no export")
    assert_refused(here("export", "--tables", "moves,jumps"), 2, "jumps", "Tables: sessions")
    assert_refused(here("export", "--since", "2026-11-03", "--until", "2026-11-02"), 2)


def test_an_export_for_excel_is_csv(log: Path, tmp_path: Path) -> None:
    """It is read back like any other."""
    out = tmp_path / "out"
    assert_refused(here("export", "--excel", "--format", "json"), 2, "--excel is for CSV")
    assert here("export", out, "--excel").returncode == 0
    assert (out / "sessions.csv").read_text("utf-16").startswith("uid\tstart_ms")
    assert here("import", out).stdout == "New in the log: nothing.\n"


def killed_export(target: Path) -> None:
    """Ends without a farewell as soon as the notes are written."""
    code = (
        "import os, sys\n"
        "from posturecam.cli.app import run\n"
        "def die(event, values):\n"
        "    if event == 'open' and str(values[0]).endswith('exercises.csv'):\n"
        "        os.kill(os.getpid(), 9)\n"
        "sys.addaudithook(die)\n"
        f"run(['export', {str(target)!r}])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    assert done.returncode == -9


@pytest.mark.skipif(os.name == "nt", reason="no signal 9")
@pytest.mark.parametrize(
    "words", [("export", "--tables", "moves"), ("purge", "--pain", "--yes"), ("repair",)]
)
def test_what_a_killed_export_leaves_is_removed(
    log: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """By the next command that looks after the log, wherever it lies."""
    place = tmp_path / "stick"
    place.mkdir()
    killed_export(place / "out")
    (left,) = place.iterdir()
    assert (left / "pain_entries.csv").exists()

    more = (tmp_path / "next",) if words[0] == "export" else ()
    assert here(*words, *more).returncode == 0
    assert not list(place.iterdir())


def test_only_one_export_is_written_at_a_time(log: Path, tmp_path: Path) -> None:
    """Nobody removes what is being written, and no other one takes its place."""
    writing = tmp_path / ".out.1.unfinished"
    writing.mkdir()
    with only_export(log.parent, writing):
        assert_refused(here("export", tmp_path / "next"), 5, "Another export")
        assert here("repair").returncode == 0
        assert writing.is_dir()
    assert here("export", tmp_path / "next").returncode == 0


def test_nothing_but_an_unfinished_export_is_removed(log: Path, tmp_path: Path) -> None:
    """Whatever the data folder says: a folder of another name, a link, no path at all."""
    dear = tmp_path / "dear"
    dear.mkdir()
    (dear / "photo.jpg").touch()
    link = tmp_path / ".link.1.unfinished"
    link.symlink_to(dear)
    written: tuple[object, ...] = (dear, link, 5, "", [], "\0")
    for said in written:
        (log.parent / ".export.unfinished").write_text(json.dumps(said, default=str))
        assert here("repair").returncode == 0
        assert (dear / "photo.jpg").exists()


def test_an_export_of_nothing_is_an_error(home: Path) -> None:
    """Somebody relies on there being one."""
    assert_refused(here("export"), 6, "There is no log")
    assert here("repair").stdout == "There is no log yet.\n"
    assert here("purge", "--all", "--yes").returncode == 0
    assert "`minutes`" not in here("export", "--columns").stderr
    assert "| minutes | `n` | integer |" in here("export", "--columns").stdout


def test_a_watch_recovers_a_damaged_log_and_goes_on(log: Path, tmp_path: Path) -> None:
    """It says so once, keeps the file, and the review reads what was saved."""
    log.write_bytes(bytes(4096) + log.read_bytes()[4096:])
    assert_refused(here("review", "2026-11-02"), 6, "is damaged", "posturecam repair")
    video = still_video(tmp_path / "v.avi")
    outcome = posturecam("watch", "--source", video, "--calibrate", "1s", "--format", "jsonl")

    assert "The log was damaged. " in outcome.stderr
    assert str(damaged_copies(log)[0]) in outcome.stderr
    assert count(log, "calibrations") == 6
    assert here("repair").stdout == "The log is whole.\n"
    assert here("review", "2026-11-02").returncode == 0


def test_an_empty_log_is_not_called_whole(home: Path, tmp_path: Path) -> None:
    """Of no bytes, or of no tables; a watch begins it, and then it is."""
    log = make_private_folder(home) / "log.db"
    said = "The log is empty: nothing was written to it yet, or all of it is lost."
    log.touch(0o600)
    assert here("repair").stdout.startswith(said)
    with contextlib.closing(sqlite3.connect(log)) as connection:
        connection.execute("VACUUM")
    assert log.stat().st_size > 0
    assert here("repair").stdout.startswith(said)

    video = still_video(tmp_path / "v.avi")
    outcome = posturecam("watch", "--source", video, "--calibrate", "1s", "--no-notify")
    assert "The log was damaged" not in outcome.stderr
    assert here("repair").stdout == "The log is whole.\n"


def test_profiles_are_listed_shown_renamed_and_deleted(home: Path) -> None:
    """Names are checked, nothing is written over, a damaged one is said to be so."""
    folder = home / "profiles"
    assert "There is none yet" in here("profiles", "list").stdout
    save_profile(folder, baseline(profile="default"))
    save_profile(folder, baseline(profile="desk"))
    (folder / "old.json").write_text("{")
    lines = here("profiles", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["default", "desk", "old"]
    assert "damaged" in lines[2]

    assert_refused(here("profiles", "rename", "desk", "default"), 2, "already")
    assert_refused(here("profiles", "rename", "desk", "../desk"), 2, "not a profile name")
    config = home / "config.toml"
    config.write_text('profile = "default"\n')
    renamed = here("profiles", "rename", "desk", "office")
    assert (renamed.returncode, renamed.stdout) == (0, "desk is now office.\n")
    config.write_text('profile = "office"\n')
    assert here("profiles", "rename", "office", "desk").stdout.splitlines() == [
        "office is now desk.",
        "Your settings still name office. Have them say: posturecam config set profile desk",
    ]
    config.write_text("profile = \n")
    renamed = here("profiles", "rename", "desk", "office")
    assert (renamed.returncode, renamed.stdout) == (0, "desk is now office.\n")
    config.unlink()
    assert list_profiles(folder) == ("default", "office", "old")
    assert load_profile(folder, "office").profile == "office"
    assert "office: front view" in here("profiles", "show", "office").stdout
    for name in ("office", "old"):
        assert here("profiles", "delete", name, "--yes").returncode == 0
    assert list_profiles(folder) == ("default",)
    assert_refused(here("profiles", "delete", "office", "--yes"), 4, "no baseline named")
    # Nobody is asked about what is not there.
    assert_refused(here("profiles", "delete", "office"), 4, "no baseline named")


def test_a_baseline_that_was_replaced_is_shown_and_brought_back(home: Path) -> None:
    """Undoing says which one is in use now, by its date, and what undoing again would do."""
    assert_refused(here("profiles", "undo"), 4, "No earlier baseline named 'default'")
    save_profile(home / "profiles", taken(0))
    save_profile(home / "profiles", taken(24 * 60))
    assert "kept from before: front view" in here("profiles", "show", "default").stdout

    said = here("profiles", "undo").stdout.splitlines()
    assert said[0].startswith("default is again: ")
    assert "taken 2026-03-02" in said[0]
    assert said[1].startswith("Undoing again brings back: ")
    assert "taken 2026-03-03" in said[1]
    control = AppPaths(data=home, config=home).control
    with ControlServer(control, lambda _: {"profile": "default"}, clock=SystemClock()):
        again = here("profiles", "undo", "default").stdout.splitlines()
    assert "taken 2026-03-03" in again[0]
    assert again[-1] == "The watch that runs goes on with it."


def test_the_settings_shown_are_a_config_that_sets_them(home: Path) -> None:
    """What `config show` prints can be put into the file; `check` and `path` name it."""
    file = make_private_folder(home) / "config.toml"
    assert here("config", "path").stdout == f"{file}\n"
    assert "not there" in here("config", "check").stdout
    file.write_text(
        'slouch_after = "90s"\nkeep_days = "forever"\ncamera_give_up = 5400\n'
        'quiet_hours = ["22:00-06:30"]\non_alert = ["lamp", "°"]\n[thresholds]\nneck_deg = 14\n'
    )
    wanted = load_settings(file)
    file.write_text(here("config", "show").stdout)
    assert load_settings(file) == wanted
    assert here("config", "check").stdout == f"{file}: ok\n"
    file.write_text("keep_days = 0\n")
    assert here("config", "check").returncode == 2


@pytest.mark.parametrize(
    "change",
    [
        "minutes SET neck_mean_deg = 9e999 WHERE start_ms = (SELECT min(start_ms) FROM minutes)",
        "minutes SET trunk_sd_deg = 1e308 WHERE start_ms = (SELECT min(start_ms) FROM minutes)",
        "exercises SET lasted_ms = 1 << 62 WHERE id = 1",
        "pain_entries SET at_ms = 1 << 62 WHERE id = 1",
    ],
)
def test_a_number_that_cannot_be_true_is_damage(log: Path, change: str) -> None:
    """However it came into the log: every command says so, and `repair` leaves that row out."""
    with contextlib.closing(sqlite3.connect(log)) as connection, connection:
        assert connection.execute(f"UPDATE {change}").rowcount == 1
    rows = sum(count(log, table) for table in TABLES)
    words = ("pain", "list") if "pain" in change else ("review", "2026-11-02", "--html")
    assert_refused(here(*words), 6, "posturecam repair")
    assert "Rows that made no sense: 1." in here("repair").stdout
    assert sum(count(log, table) for table in TABLES) == rows - 1
    assert here(*words).returncode == 0
