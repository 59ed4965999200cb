"""The log: nothing lost and nothing doubled, whatever the process, the disk or the clock do."""

from __future__ import annotations

import contextlib
import math
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.base.errors import AlreadyRunningError, DataError
from posturecam.base.paths import make_private_folder
from posturecam.log.connection import connect
from posturecam.log.reader import LogReader
from posturecam.log.schema import MIGRATIONS
from posturecam.log.writer import FLUSH_AFTER_S, KEPT_ROWS, LogWriter, SessionInfo
from posturecam.values.events import (
    AlertDetails,
    Alerted,
    AlertFollowed,
    AlertKind,
    BreakKind,
    BreakTaken,
    CameraChanged,
    CameraStatus,
    Event,
    Moved,
    Outcome,
    Summarised,
    Tick,
)
from posturecam.values.log_rows import (
    AlertRow,
    BreakRow,
    CalibrationRow,
    DayRows,
    IntervalRow,
    MoveRow,
    SessionRow,
)
from posturecam.values.observation import Deviations, PostureState, Reading, UnknownReason, View
from posturecam.values.reasons import QuietReason, SlouchSign
from posturecam.values.stored_codes import stored_details
from posturecam.values.totals import Totals
from tests.fakes import CALIBRATED, seen
from tests.started import Started

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posturecam.values.observation import Reason

BEGAN_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BEGAN_MS = round(BEGAN_AT.timestamp() * 1000)
STEP_S = 0.2
ALWAYS = (0, 2**53)
SESSION = SessionInfo(
    started_at=BEGAN_AT,
    source="camera 0",
    profile="default",
    view=View.FRONT,
    model_sha256="c0ffee",
    program_version="0.1.0",
)
UNTOLD = Deviations()
UPRIGHT, SLOUCHED, AWAY, UNKNOWN, PAUSED = PostureState


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the log is to be."""
    return tmp_path / "log.db"


def reason_of(code: str) -> Reason:
    """The reason of which the log keeps this code."""
    if code in {*UnknownReason}:
        return UnknownReason(code)
    return seen(SlouchSign(code), 14.0)


def turn(
    t_s: float,
    state: PostureState | None = UPRIGHT,
    *causes: str,
    events: tuple[Event, ...] = (),
    span_s: float = STEP_S,
    deviations: Deviations = UNTOLD,
    clock_off_s: float = 0.0,
) -> Tick:
    """A turn of the loop at `t_s`; `clock_off_s` is by how much the clock on the wall was set."""
    reading = state and Reading(
        start_s=t_s - span_s,
        t_s=t_s,
        state=state,
        view=View.FRONT,
        reasons=tuple(map(reason_of, causes)),
        deviations=deviations,
    )
    at = BEGAN_AT + timedelta(seconds=t_s + clock_off_s)
    return Tick(t_s=t_s, at=at, reading=reading or None, events=events)


def sit(writer: LogWriter, start_s: float, end_s: float, state: PostureState, *why: str) -> None:
    """Five turns a second from `start_s` to `end_s`."""
    for index in range(round((end_s - start_s) / STEP_S)):
        writer.handle(turn(start_s + (index + 1) * STEP_S, state, *why))


def read(path: Path, start_ms: int = ALWAYS[0], end_ms: int = ALWAYS[1]) -> DayRows:
    """The rows of a span, by default of all time."""
    with LogReader.open(path) as reader:
        return reader.day(start_ms, end_ms)


def stretch(start_s: float, end_s: float, state: PostureState, reason: str = "") -> IntervalRow:
    """An interval of the first session, in seconds since it began."""
    return IntervalRow(
        session_id=1,
        start_ms=BEGAN_MS + round(start_s * 1000),
        end_ms=BEGAN_MS + round(end_s * 1000),
        state=state,
        reason=reason,
    )


@contextlib.contextmanager
def held_by_another_program(path: Path) -> Iterator[None]:
    """Meanwhile nobody else can write."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process takes more than a byte."""
    resource = pytest.importorskip("resource", reason="needs limits on the size of files")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# What is kept


def test_a_session_reads_back_as_it_was_lived(log: Path) -> None:
    """States become intervals that touch each other; the session spans them all."""
    with LogWriter.open(log, SESSION) as writer:
        sit(writer, 0, 60, UPRIGHT)
        sit(writer, 60, 90, SLOUCHED, "head_forward")
        sit(writer, 90, 93, UNKNOWN, UnknownReason.FACE_AWAY)
        sit(writer, 93, 120, UPRIGHT)
        writer.close("time is up")

    rows = read(log)
    assert rows.intervals == (
        stretch(0, 60, UPRIGHT),
        stretch(60, 90, SLOUCHED, "head_forward"),
        stretch(90, 93, UNKNOWN, "face_away"),
        stretch(93, 120, UPRIGHT),
    )
    assert tuple(replace(row, uid="") for row in rows.sessions) == (
        SessionRow(
            id=1,
            start_ms=BEGAN_MS,
            end_ms=BEGAN_MS + 120_000,
            source="camera 0",
            profile="default",
            view=View.FRONT,
            model_sha256="c0ffee",
            program_version="0.1.0",
            ended_by="time is up",
        ),
    )


def test_equal_neighbours_merge(log: Path) -> None:
    """Another cause cuts an interval; a moment that cannot tell its causes does not."""
    with LogWriter.open(log, SESSION) as writer:
        sit(writer, 0, 0.8, SLOUCHED, "upper_back_forward", "left_shoulder_lower")
        sit(writer, 0.8, 1.0, SLOUCHED)
        sit(writer, 1.0, 1.2, SLOUCHED, "left_shoulder_lower")

    first, second = read(log).intervals
    assert first == stretch(0, 1, SLOUCHED, "upper_back_forward; left_shoulder_lower")
    assert first.reasons == (SlouchSign.UPPER_BACK_FORWARD, SlouchSign.LEFT_SHOULDER_LOWER)
    assert second == stretch(1, 1.2, SLOUCHED, "left_shoulder_lower")


def test_a_minute_has_the_mean_and_the_spread_of_its_angles(log: Path) -> None:
    """What cannot be told is left out of both, and is null where it never could be."""
    rng = random.Random(5)  # noqa: S311 - a fixed scatter, no secret
    neck_deg = [rng.gauss(8, 3) for _ in range(450)]
    with LogWriter.open(log, SESSION) as writer:
        for index, deg in enumerate(neck_deg):
            deviations = Deviations(neck_deg=deg, trunk_deg=math.nan)
            writer.handle(turn(index * STEP_S, deviations=deviations))
            writer.handle(turn(index * STEP_S + 0.1, UNKNOWN, span_s=0.1))

    first, second = read(log).minutes
    assert (first.start_ms, first.n) == (BEGAN_MS, 300)
    assert (second.start_ms, second.n) == (BEGAN_MS + 60_000, 150)
    neck = 2
    assert first.mean_deg[neck] == pytest.approx(statistics.mean(neck_deg[:300]))
    assert first.sd_deg[neck] == pytest.approx(statistics.pstdev(neck_deg[:300]))
    assert second.mean_deg[neck] == pytest.approx(statistics.mean(neck_deg[300:]))
    assert [value for index, value in enumerate(first.mean_deg) if index != neck] == [None] * 4


@pytest.mark.parametrize("off_s", [-45.0, -15.0, 15.0, 45.0])
def test_a_minute_of_a_watch_that_is_dated_anew_is_there_once(log: Path, off_s: float) -> None:
    """Each look counts in one of them, and none replaces another."""
    with LogWriter.open(log, SESSION) as writer:
        for second in range(200):
            set_s = off_s if second >= 90 else 0.0
            deviations = Deviations(neck_deg=float(second))
            writer.handle(turn(second, span_s=1.0, deviations=deviations, clock_off_s=20.0 + set_s))
    rows = read(log)
    assert sum(row.n for row in rows.minutes) == 200
    (session,) = rows.sessions
    assert rows.minutes[0].start_ms == session.start_ms - session.start_ms % 60_000


def test_alerts_moves_and_breaks_keep_their_moment(log: Path) -> None:
    """Each is logged at the time of its turn; what else happens is not."""
    details = AlertDetails(turn=2, suppressed_by=QuietReason.IN_A_CALL)
    alert = Alerted(kind=AlertKind.UNCHANGED, lasted_s=1200.5, details=details)
    camera = CameraChanged(status=CameraStatus.LOST, detail="unplugged")
    with LogWriter.open(log, SESSION) as writer:
        writer.handle(turn(10, events=(Moved(unchanged_s=10.0), alert, camera)))
        writer.handle(turn(20, events=(BreakTaken(lasted_s=301.25),)))

    rows = read(log)
    assert rows.moves == (MoveRow(session_id=1, at_ms=BEGAN_MS + 10_000, unchanged_ms=10_000),)
    assert rows.alerts == (
        AlertRow(
            session_id=1,
            at_ms=BEGAN_MS + 10_000,
            kind=AlertKind.UNCHANGED,
            message=stored_details(details),
            lasted_ms=1_200_500,
        ),
    )
    assert rows.breaks == (
        BreakRow(session_id=1, at_ms=BEGAN_MS + 20_000, lasted_ms=301_250, kind=BreakKind.BREAK),
    )


def test_taking_the_baseline_is_part_of_the_session_but_not_watched(log: Path) -> None:
    """Turns without a reading only move the end; the baseline brings its name and view."""
    calibrated = replace(CALIBRATED, profile="standing", view=View.SIDE, taken_at=BEGAN_AT)
    with LogWriter.open(log, SESSION) as writer:
        writer.handle(turn(5, None))
        writer.handle(turn(10, None, events=(calibrated,)))

    rows = read(log)
    assert rows.calibrations == (
        CalibrationRow(
            session_id=1,
            at_ms=BEGAN_MS + 10_000,
            profile="standing",
            view=View.SIDE,
            samples=50,
            quality=0.9,
            taken_at_ms=BEGAN_MS,
            angle_model="0123456789ab",
            limits_deg=CALIBRATED.limits_deg,
        ),
    )
    assert rows.intervals == ()
    (session,) = rows.sessions
    assert (session.profile, session.view) == ("standing", View.SIDE)
    assert (session.start_ms, session.end_ms) == (BEGAN_MS, BEGAN_MS + 10_000)


def test_a_day_knows_the_baseline_that_its_watch_began_with(log: Path) -> None:
    """However many days before; of those before it the newest, and none of a watch that is over."""
    with LogWriter.open(log, SESSION) as writer:
        for t_s, profile in ((5, "first"), (10, "second"), (90_000, "third")):
            writer.handle(turn(t_s, None, events=(replace(CALIBRATED, profile=profile),)))

    def came(from_s: float, to_s: float) -> list[str]:
        rows = read(log, BEGAN_MS + round(1000 * from_s), BEGAN_MS + round(1000 * to_s))
        return [row.profile for row in rows.calibrations]

    assert came(0, 9) == ["first"]
    assert came(3600, 7200) == ["second"]
    assert came(10, 90_001) == ["second", "third"]
    assert came(10.001, 90_001) == ["second", "third"]
    assert came(90_001, 100_000) == []


def test_an_alert_learns_what_followed_it(log: Path) -> None:
    """The newest alert of the kind gets the outcome; the others keep theirs."""
    slouch, unchanged = (
        Alerted(kind=kind, lasted_s=180.0) for kind in (AlertKind.SLOUCH, AlertKind.UNCHANGED)
    )
    followed = AlertFollowed(kind=AlertKind.SLOUCH, outcome=Outcome.CORRECTED, after_s=12.5)
    with LogWriter.open(log, SESSION) as writer:
        writer.handle(turn(1, events=(slouch,)))
        writer.handle(turn(700, events=(slouch, unchanged)))
        writer.handle(turn(712.5, events=(followed,)))

    found = [(row.kind, row.outcome, row.outcome_after_ms) for row in read(log).alerts]
    assert found == [
        (AlertKind.SLOUCH, None, None),
        (AlertKind.SLOUCH, Outcome.CORRECTED, 12_500),
        (AlertKind.UNCHANGED, None, None),
    ]


def test_the_end_of_a_session_is_what_the_summary_says(log: Path) -> None:
    """The loop says why it ended; a log that is closed without a word says nothing."""
    summary = Summarised(totals=Totals(), ended_by="interrupted")
    with LogWriter.open(log, SESSION) as writer:
        writer.handle(turn(STEP_S, events=(summary,)))
    LogWriter.open(log, SESSION).close()

    assert [row.ended_by for row in read(log).sessions] == ["interrupted", None]


def test_only_what_overlaps_the_span_is_read(log: Path) -> None:
    """Rows that reach into the span come whole; those that only touch it do not come."""
    with LogWriter.open(log, SESSION) as writer:
        for start_s, state in ((0, UPRIGHT), (100, SLOUCHED), (200, AWAY), (300, UPRIGHT)):
            sit(writer, start_s, start_s + 100, state)
            writer.handle(turn(start_s + 100, None, events=(Moved(unchanged_s=1.0),)))

    rows = read(log, BEGAN_MS + 150_000, BEGAN_MS + 300_000)
    assert rows.intervals == (stretch(100, 200, SLOUCHED), stretch(200, 300, AWAY))
    assert [row.at_ms - BEGAN_MS for row in rows.moves] == [200_000]
    assert read(log, BEGAN_MS + 100_000, BEGAN_MS + 200_000).intervals == (
        stretch(100, 200, SLOUCHED),
    )
    assert read(log, BEGAN_MS + 400_001, ALWAYS[1]) == DayRows()


@settings(max_examples=30, deadline=None)
@given(
    stretches=st.lists(
        st.tuples(st.sampled_from([*PostureState, None]), st.integers(1, 90_000)),
        min_size=1,
        max_size=40,
    )
)
def test_any_sequence_of_states_and_gaps_sums_to_its_wall_time(
    stretches: list[tuple[PostureState | None, int]],
) -> None:
    """Judged, unknown, away, paused and not watched: each to the millisecond, in order."""
    expected_ms = dict.fromkeys([*PostureState, None], 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.db"
        now_ms = 0
        with LogWriter.open(path, SESSION) as writer:
            for state, length_ms in stretches:
                expected_ms[state] += length_ms
                now_ms += length_ms
                writer.handle(turn(now_ms / 1000, state, span_s=length_ms / 1000))
        rows = read(path)

    found_ms = dict.fromkeys([*PostureState, None], 0)
    for row in rows.intervals:
        found_ms[row.state] += row.end_ms - row.start_ms
    (session,) = rows.sessions
    wall_ms = session.end_ms - session.start_ms
    found_ms[None] = wall_ms - sum(found_ms.values())
    assert found_ms == expected_ms
    assert wall_ms == now_ms
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(rows.intervals))


# Clocks


def test_a_clock_set_forward_at_the_start_was_behind(log: Path) -> None:
    """What came before is dated by the new time, with all that belongs to it."""
    moved = (Moved(unchanged_s=1.0),)
    with LogWriter.open(log, SESSION) as writer:
        writer.handle(turn(5, events=moved, span_s=5, deviations=Deviations(neck_deg=5.0)))
        writer.handle(turn(10.2, span_s=5.2, clock_off_s=3600, deviations=Deviations(neck_deg=7.0)))

    rows = read(log)
    assert rows.intervals == (stretch(3600, 3610.2, UPRIGHT),)
    assert rows.moves[0].at_ms == BEGAN_MS + 3_605_000
    assert [(row.start_ms, row.n, row.mean_deg[2]) for row in rows.minutes] == [
        (BEGAN_MS + 3_600_000, 2, 6.0)
    ]


def test_a_clock_set_forward_after_hours_leaves_a_hole(log: Path) -> None:
    """The skipped hour was not watched, and what follows is another session at the new time."""
    with LogWriter.open(log, SESSION) as writer:
        for hour in (1, 2):
            writer.handle(turn(hour * 3600, span_s=3600))
        writer.handle(turn(7210, span_s=10, clock_off_s=3600))

    rows = read(log)
    assert rows.intervals == (
        stretch(0, 7200, UPRIGHT),
        replace(stretch(10_800, 10_810, UPRIGHT), session_id=2),
    )
    assert [(row.end_ms - BEGAN_MS, row.ended_by) for row in rows.sessions] == [
        (7_200_000, "clock_changed"),
        (10_810_000, None),
    ]


def test_two_clocks_that_jitter_cut_nothing(log: Path) -> None:
    """The date is read a little after the seconds, and never equally late."""
    rng = random.Random(11)  # noqa: S311 - a fixed scatter, no secret
    with LogWriter.open(log, SESSION) as writer:
        writer.handle(turn(STEP_S))
        for index in range(1, 50):
            writer.handle(turn((index + 1) * STEP_S, clock_off_s=rng.uniform(-0.4, 0.4)))

    assert read(log).intervals == (stretch(0, 10, UPRIGHT),)


def test_what_lies_ahead_of_a_new_watch_gives_way_to_it(log: Path) -> None:
    """The clock was set back between two watches: the first was earlier, whatever it says."""
    alert = Alerted(kind=AlertKind.SLOUCH, lasted_s=180.0)
    followed = AlertFollowed(kind=AlertKind.SLOUCH, outcome=Outcome.MOVED, after_s=20.0)
    told: dict[int, tuple[Event, ...]] = {25: (alert,), 45: (followed,)}
    ahead = replace(SESSION, started_at=BEGAN_AT + timedelta(seconds=30))
    with LogWriter.open(log, ahead) as writer:
        for index in range(20):
            writer.handle(
                turn(index + 1, AWAY, span_s=1, clock_off_s=30, events=told.get(index, ()))
            )
    with LogWriter.open(log, SESSION) as writer:
        for index in range(60):
            writer.handle(turn(index + 1, UPRIGHT, span_s=1, events=told.get(index, ())))
        assert writer.problem is None

    rows = read(log)
    assert rows.intervals == (
        stretch(-20, 0, AWAY),
        replace(stretch(0, 60, UPRIGHT), session_id=2),
    )
    (given_alert,) = rows.alerts
    assert (given_alert.outcome, given_alert.session_id) == (Outcome.MOVED, 2)


def test_what_runs_faster_than_life_ends_by_now(log: Path) -> None:
    """And in nobody's way: before what was watched so shortly before that it would overlap."""
    with LogWriter.open(log, SESSION) as writer:
        sit(writer, 0, 10, SLOUCHED)
    now = BEGAN_AT + timedelta(seconds=30)
    video = replace(SESSION, started_at=now)
    with LogWriter.open(log, video, not_after=lambda: now + timedelta(seconds=5)) as writer:
        writer.handle(turn(7200, span_s=7200, clock_off_s=30))

    assert read(log).intervals == (
        replace(stretch(-7200, 0, UPRIGHT), session_id=2),
        stretch(0, 10, SLOUCHED),
    )


def test_the_file_itself_refuses_sessions_that_overlap(log: Path) -> None:
    """Neither a new session nor a longer one may take a moment from another; touching is fine."""
    with LogWriter.open(log, SESSION) as writer:
        sit(writer, 0, 100, UPRIGHT)
    insert = """INSERT INTO sessions (start_ms, end_ms, source, profile, model_sha256,
        program_version, uid) VALUES (?, ?, '', '', '', '', ?)"""
    with contextlib.closing(sqlite3.connect(log)) as connection, connection:
        connection.execute(insert, (BEGAN_MS + 100_000, BEGAN_MS + 200_000, "after"))
        connection.execute(insert, (BEGAN_MS - 100_000, BEGAN_MS, "before"))
        for span in ((50_000, 60_000), (-10_000, 300_000), (99_999, 100_000)):
            with pytest.raises(sqlite3.IntegrityError, match="sessions overlap"):
                connection.execute(insert, (*(BEGAN_MS + moment for moment in span), "no"))
        with pytest.raises(sqlite3.IntegrityError, match="sessions overlap"):
            connection.execute("UPDATE sessions SET end_ms = end_ms + 1 WHERE uid = 'before'")


# Killed, watched from beside, written rarely

CHILD = """
import os, sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from posturecam.values.events import Moved, Tick
from posturecam.values.observation import Deviations, PostureState, Reading, View
from posturecam.log.writer import LogWriter, SessionInfo

began_at = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
session = SessionInfo(started_at=began_at, source="camera 0", profile="default", view=None,
                      model_sha256="c0ffee", program_version="0.1.0")
writer = LogWriter.open(Path(sys.argv[1]), session)
states = list(PostureState)
for index in range(1, 10_000_000):
    t_s = index / 5
    reading = Reading(start_s=t_s - 0.2, t_s=t_s, state=states[index // 7 % 4], view=View.FRONT,
                      deviations=Deviations(neck_deg=5.0))
    events = (Moved(unchanged_s=1.0),) if index % 11 == 0 else ()
    at = began_at + timedelta(seconds=t_s)
    writer.handle(Tick(t_s=t_s, at=at, reading=reading, events=events))
    os.write(1, b"%d\\n" % round(t_s * 1000))
"""


@pytest.mark.parametrize("times", [6, pytest.param(30, marks=pytest.mark.slow)])
def test_a_watch_killed_again_and_again_loses_five_seconds_at_most(log: Path, times: int) -> None:
    """After SIGKILL at any moment the file is whole, and so are all rows but the newest."""
    rng = random.Random(30)  # noqa: S311 - the same moments every time, no secret
    for kills in range(1, times + 1):
        told_ms = _killed_after(rng.choice((1, rng.randrange(20), rng.randrange(1500))), log)
        rows = read(log)
        newest = max(rows.sessions, key=lambda row: row.start_ms)
        intervals = [row for row in rows.intervals if row.session_id == newest.id]
        saved_ms = newest.end_ms - newest.start_ms
        assert told_ms - 5000 <= saved_ms <= told_ms + 200
        assert newest.ended_by is None
        assert sum(row.end_ms - row.start_ms for row in intervals) == saved_ms
        assert sum(row.session_id == newest.id for row in rows.moves) == saved_ms // 2200
        assert len(rows.sessions) == kills
        with contextlib.closing(sqlite3.connect(log)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    spans = sorted((row.start_ms, row.end_ms) for row in rows.sessions)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


def _killed_after(turns: int, log: Path) -> int:
    """How far a watch had come, in its milliseconds, when it was killed."""
    with Started[bytes]([sys.executable, "-c", CHILD, str(log)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        for _ in range(turns + 1):
            child.stdout.readline()
        child.kill()
        # Half a number may end what the child had written.
        last_ms = int(child.stdout.read().rpartition(b"\n")[0].rpartition(b"\n")[2] or 0)
    return max(last_ms, (turns + 1) * 200)


READER = """
import sys
from itertools import pairwise
from pathlib import Path
from posturecam.log.reader import LogReader

seen = [0]
print("ready", flush=True)
while sys.stdin.readline():
    with LogReader.open(Path(sys.argv[1])) as reader:
        rows = reader.day(0, 2**53).intervals
    assert all(one.end_ms == other.start_ms for one, other in pairwise(rows))
    assert len(rows) >= seen[-1]
    seen.append(len(rows))
    print(len(rows), flush=True)
"""


def test_two_processes_read_while_one_writes(log: Path) -> None:
    """Each sees whole, growing days; nobody waits for anybody."""
    states = (UPRIGHT, SLOUCHED)
    with LogWriter.open(log, SESSION) as writer, contextlib.ExitStack() as stack:
        readers = [
            stack.enter_context(
                Started[str](
                    [sys.executable, "-c", READER, str(log)],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                )
            )
            for _ in range(2)
        ]  # fmt: skip
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        for index in range(40):
            for reader in readers:
                assert reader.stdin is not None
                reader.stdin.write("look\n")
                reader.stdin.flush()
            sit(writer, index * 10, (index + 1) * 10, states[index % 2])
            assert writer.problem is None
            if index == 0:  # else one that is slow to look finds the same whole day each time
                first = [int(reader.stdout.readline()) for reader in readers if reader.stdout]
        counts = [
            [count, *map(int, reader.communicate()[0].split())]
            for count, reader in zip(first, readers, strict=True)
        ]

    assert [reader.returncode for reader in readers] == [0, 0]
    assert all(len(seen) == 40 and seen[-1] > seen[0] for seen in counts)


def test_the_log_can_be_read_while_it_is_written(log: Path) -> None:
    """Two readers see all but the last seconds at any time, and hold up nothing."""
    with (
        LogWriter.open(log, SESSION) as writer,
        LogReader.open(log) as early,
        LogReader.open(log) as other,
    ):
        for minute in range(1, 4):
            sit(writer, (minute - 1) * 60, minute * 60, UPRIGHT)
            for reader in (early, other):
                (interval,) = reader.day(*ALWAYS).intervals
                behind_ms = BEGAN_MS + minute * 60_000 - interval.end_ms
                assert 0 <= behind_ms <= FLUSH_AFTER_S * 1000
        assert writer.problem is None


@pytest.mark.parametrize("pages", [1, 2, 5, 9, 25])
def test_a_log_is_whole_while_its_journal_is_moved_into_it(log: Path, pages: int) -> None:
    """Whoever looks then finds the first pages new and the others old; the journal has them all."""
    there = log.parent / "meanwhile" / log.name
    for folder in (log.parent, there.parent):
        make_private_folder(folder)
    with contextlib.closing(connect(log, at=BEGAN_AT)) as writing:
        before = log.read_bytes()
        journal = log.with_name(f"{log.name}-wal").read_bytes()
        page_bytes = writing.execute("PRAGMA page_size").fetchone()[0]
        writing.execute("PRAGMA wal_checkpoint(PASSIVE)")
        after = log.read_bytes()
    moved_bytes = pages * page_bytes
    assert len(before) < moved_bytes + page_bytes <= len(after)
    half = after[:moved_bytes] + before[moved_bytes:]
    for file, content in ((there, half), (there.with_name(f"{log.name}-wal"), journal)):
        file.write_bytes(content)
        file.chmod(0o600)

    assert read(there) == read(log)
    with LogWriter.open(there, SESSION) as writer:
        assert writer.problem is None
    assert len(read(there).sessions) == 1


def test_rows_are_written_every_two_seconds_in_one_transaction(log: Path) -> None:
    """Whatever the rate of the turns, the disk hears of them rarely."""
    statements: list[str] = []
    with LogWriter.open(log, SESSION) as writer:
        assert writer._connection is not None
        writer._connection.set_trace_callback(statements.append)
        for index in range(3000):
            writer.handle(turn((index + 1) / 50, [UPRIGHT, SLOUCHED][index % 2], span_s=1 / 50))
        writer._connection.set_trace_callback(None)

    begun = [statement for statement in statements if statement.startswith("BEGIN")]
    assert len(begun) == 60 / FLUSH_AFTER_S
    written = [statement for statement in statements if "INTO intervals" in statement]
    assert len(written) <= 3000 + len(begun)
    assert len(read(log).intervals) == 3000


# A file that takes no rows


def test_a_locked_file_is_waited_for_without_losing_a_row(log: Path) -> None:
    """The watch goes on, says it, and writes everything when the file is free again."""
    with LogWriter.open(log, SESSION) as writer:
        sit(writer, 0, 10, UPRIGHT)
        with held_by_another_program(log):
            sit(writer, 10, 30, SLOUCHED)
            assert writer.problem == (
                "the log cannot be written (database is locked); "
                "what is new waits in memory until it can"
            )
            assert read(log).intervals[-1].end_ms <= BEGAN_MS + 10_000
        sit(writer, 30, 40, UPRIGHT)
        assert writer.problem is None

    assert read(log).intervals == (
        stretch(0, 10, UPRIGHT),
        stretch(10, 30, SLOUCHED),
        stretch(30, 40, UPRIGHT),
    )


def test_a_full_disk_is_waited_for_without_losing_a_row(log: Path) -> None:
    """A write that the system refuses is tried again, and the file stays whole."""
    with LogWriter.open(log, SESSION) as writer:
        sit(writer, 0, 10, UPRIGHT)
        with full_disk():
            for index in range(100):
                writer.handle(turn(11 + index, [UPRIGHT, SLOUCHED][index % 2], span_s=1))
            assert writer.problem is not None
        writer.handle(turn(112, UPRIGHT, span_s=2))
        assert writer.problem is None

    rows = read(log)
    assert sum(row.end_ms - row.start_ms for row in rows.intervals) == 112_000
    with contextlib.closing(sqlite3.connect(log)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_removed_folder_is_made_again_and_the_watch_goes_on(log: Path) -> None:
    """What somebody deletes stays deleted; what comes after is in a new log, and it is said."""
    folder = log.parent / "data"
    log = make_private_folder(folder) / "log.db"
    with LogWriter.open(log, SESSION) as writer:
        sit(writer, 0, 60, UPRIGHT)
        writer.handle(turn(62, None, events=(Moved(unchanged_s=5.0),)))
        shutil.rmtree(folder)
        sit(writer, 62, 64.2, SLOUCHED)
        assert writer.problem == f"the log {log} is gone; a new one was begun"
        sit(writer, 64.2, 100, SLOUCHED)
        assert writer.problem is None

    rows = read(log)
    assert rows.intervals[-1].end_ms == BEGAN_MS + 100_000
    assert rows.intervals[-1].start_ms == BEGAN_MS + 62_000
    (session,) = rows.sessions
    assert session.start_ms <= rows.intervals[0].start_ms
    assert session.end_ms == BEGAN_MS + 100_000
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_log_that_was_exchanged_takes_the_rest_beside_its_own(log: Path, tmp_path: Path) -> None:
    """Somebody put a backup there: its sessions stay, and this one goes on in it."""
    backup = tmp_path / "backup.db"
    past = replace(SESSION, started_at=BEGAN_AT - timedelta(days=1))
    with LogWriter.open(backup, past) as writer:
        writer.handle(turn(10, AWAY, span_s=10, clock_off_s=-86_400))
    with LogWriter.open(log, SESSION) as writer:
        sit(writer, 0, 60, UPRIGHT)
        for companion in ("-wal", "-shm"):
            log.with_name(log.name + companion).unlink()
        backup.replace(log)
        sit(writer, 60, 120, SLOUCHED)

    rows = read(log)
    assert [row.state for row in rows.intervals] == [AWAY, UPRIGHT, SLOUCHED]
    assert rows.intervals[-1].end_ms == BEGAN_MS + 120_000
    assert len(rows.sessions) == 2


@pytest.mark.parametrize("then", [UPRIGHT, SLOUCHED])
def test_a_log_exchanged_for_an_older_copy_of_itself_counts_nothing_twice(
    log: Path, then: PostureState
) -> None:
    """The copy knows the beginning of the stretch that is still in memory, ended or not."""
    copy = log.with_name("copy.db")
    with LogWriter.open(log, SESSION) as writer:
        sit(writer, 0, 30, UPRIGHT)
        with contextlib.closing(sqlite3.connect(log)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(log, copy)
        sit(writer, 30, 60, UPRIGHT)
        for companion in ("-wal", "-shm"):
            log.with_name(log.name + companion).unlink()
        copy.replace(log)
        sit(writer, 60, 60.4, UPRIGHT)
        sit(writer, 60.4, 90, then)

    rows = read(log).intervals
    assert all(one.end_ms == other.start_ms for one, other in pairwise(rows))
    assert sum(row.end_ms - row.start_ms for row in rows) == 90_000


def test_while_another_watch_has_the_folder_nothing_is_written_beside_it(log: Path) -> None:
    """Rows wait; when it has ended, what it has logged stays and this session goes on after it."""
    others: list[LogWriter] = []

    def hold() -> None:
        if others:
            raise AlreadyRunningError("Another watch is already using data.")

    folder = log.parent / "data"
    log = make_private_folder(folder) / "log.db"
    with LogWriter.open(log, SESSION, hold=hold) as writer:
        sit(writer, 0, 10, UPRIGHT)
        shutil.rmtree(folder)
        make_private_folder(folder)
        began_at = BEGAN_AT + timedelta(seconds=11)
        others.append(LogWriter.open(log, replace(SESSION, started_at=began_at)))
        sit(others[0], 11, 30, SLOUCHED)
        sit(writer, 10, 32, UPRIGHT)
        assert writer.problem is not None
        assert "written (Another watch is already using data);" in writer.problem
        others.pop().close()
        sit(writer, 32, 40, UPRIGHT)
        assert writer.problem is None

    assert read(log).intervals == (
        stretch(11, 30, SLOUCHED),
        replace(stretch(30, 40, UPRIGHT), session_id=2),
    )


def test_a_damaged_log_without_room_to_mend_it_is_mended_later(log: Path) -> None:
    """Two things at once: nothing is lost when the disk has room again."""
    room: list[bool] = []

    def repair() -> str:
        if not room:
            raise DataError("No space left on device.")
        log.unlink()
        return "repaired"

    with LogWriter.open(log, SESSION, repair=repair) as writer:
        sit(writer, 0, 10, UPRIGHT)
        with contextlib.closing(sqlite3.connect(log)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        log.write_bytes(b"nonsense" * 1000)
        sit(writer, 10, 20, UPRIGHT)
        assert writer.problem is not None
        assert "No space left on device" in writer.problem
        room.append(True)
        sit(writer, 20, 22, UPRIGHT)
        assert writer.problem == "repaired"

    assert read(log).intervals[-1].end_ms == BEGAN_MS + 22_000


def test_a_folder_that_cannot_be_made_again_is_waited_for(log: Path) -> None:
    """Somebody put a file where the folder was: rows wait, and are written when it is gone."""
    folder = log.parent / "data"
    log = make_private_folder(folder) / "log.db"
    with LogWriter.open(log, SESSION) as writer:
        sit(writer, 0, 10, UPRIGHT)
        shutil.rmtree(folder)
        folder.touch()
        sit(writer, 10, 40, SLOUCHED)
        assert writer.problem is not None
        assert "written (Not a directory); what is new waits in memory" in writer.problem
        folder.unlink()
        sit(writer, 40, 50, SLOUCHED)

    assert stretch(10, 50, SLOUCHED) in read(log).intervals


def test_a_session_that_cannot_be_saved_says_how_much_is_missing(log: Path) -> None:
    """Closing is the last chance; what was saved before is still there."""
    writer = LogWriter.open(log, SESSION)
    sit(writer, 0, 60, UPRIGHT)
    with full_disk():
        sit(writer, 60, 240, SLOUCHED)
        with pytest.raises(DataError, match=r"The last 3 min of watching are not in the log .*db"):
            writer.close("interrupted")
    writer.close("interrupted")

    (interval,) = read(log).intervals
    assert interval.state is UPRIGHT
    assert interval.end_ms >= BEGAN_MS + 58_000


def test_memory_stays_bounded_while_the_file_takes_nothing(log: Path) -> None:
    """The oldest rows give way, and at the end it is said how many did."""
    alerts = tuple(
        Alerted(kind=AlertKind.SLOUCH, lasted_s=float(index)) for index in range(KEPT_ROWS + 50)
    )
    writer = LogWriter.open(log, SESSION)
    with held_by_another_program(log):
        writer.handle(turn(STEP_S, events=alerts))
        assert len(writer._waiting) == KEPT_ROWS
    with pytest.raises(DataError, match="50 rows were more than memory"):
        writer.close("interrupted")

    (alert,) = read(log).alerts
    assert alert.lasted_ms == (KEPT_ROWS + 49) * 1000


def test_what_went_wrong_first_is_what_is_told(log: Path) -> None:
    """A log that cannot be closed does not hide the error that ended the watch."""
    writer = LogWriter.open(log, SESSION)
    sit(writer, 0, 10, UPRIGHT)

    with full_disk(), pytest.raises(ZeroDivisionError):
        _fail_while_watching(writer)


def _fail_while_watching(writer: LogWriter) -> None:
    with writer:
        sit(writer, 10, 60, SLOUCHED)
        assert writer.problem is not None
        raise ZeroDivisionError


# Files that are refused


def test_nothing_watched_yet_is_an_empty_day(log: Path) -> None:
    """No file, and a file in which nothing has been written, are both no error."""
    assert read(log) == DayRows()
    assert not log.exists()
    log.touch()
    assert read(log) == DayRows()


def _garbage(path: Path) -> None:
    path.write_bytes(b"this was a log once, before the disk failed. " * 200)


def _cut_short(path: Path) -> None:
    with LogWriter.open(path, SESSION) as writer:
        for index in range(2000):
            writer.handle(turn(index + 1, [UPRIGHT, SLOUCHED][index % 2], span_s=1))
    os.truncate(path, path.stat().st_size // 8192 * 4096)


@pytest.mark.parametrize("damage", [_garbage, _cut_short])
def test_a_damaged_log_is_named_and_left_as_it_is(log: Path, damage: object) -> None:
    """Neither writing nor reading touches it; the way out is said."""
    assert callable(damage)
    damage(log)
    before = log.read_bytes()

    for attempt in (lambda: LogWriter.open(log, SESSION), lambda: read(log)):
        with pytest.raises(DataError) as refused:
            attempt()
        assert refused.value.exit_code == 6
        assert f"The log {log} is damaged" in refused.value.what
        assert "posturecam repair" in refused.value.remedy
    assert log.read_bytes() == before


def test_a_log_from_a_newer_posturecam_is_refused(log: Path) -> None:
    """An older program would not understand it, so it neither writes nor guesses."""
    LogWriter.open(log, SESSION).close("time is up")
    with contextlib.closing(sqlite3.connect(log)) as connection, connection:
        connection.execute("INSERT INTO migrations VALUES (9999, 'from_the_future', 0)")

    for attempt in (lambda: LogWriter.open(log, SESSION), lambda: read(log)):
        with pytest.raises(DataError, match=r"log\.db was written by a newer posturecam"):
            attempt()


def test_the_database_of_another_program_is_left_alone(log: Path) -> None:
    """A file that is no log gets no tables of ours."""
    with contextlib.closing(sqlite3.connect(log)) as connection, connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")

    with pytest.raises(DataError, match="not a posturecam log"):
        LogWriter.open(log, SESSION)
    with contextlib.closing(sqlite3.connect(log)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("recipes",)]


def test_a_place_that_takes_no_file_is_refused(tmp_path: Path) -> None:
    """The message names the file, and says what to do."""
    for path in (tmp_path / "missing" / "log.db", tmp_path):
        with pytest.raises(DataError, match=r"cannot be opened") as refused:
            LogWriter.open(path, SESSION)
        assert str(path) in refused.value.what
        assert "POSTURECAM_HOME" in refused.value.remedy


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    """Better before the watch than after it."""
    tmp_path.chmod(0o500)
    with pytest.raises(DataError, match="cannot be opened: Permission denied"):
        LogWriter.open(tmp_path / "log.db", SESSION)


def test_a_log_in_use_by_another_program_is_refused(log: Path) -> None:
    """A watch that could not log does not begin."""
    LogWriter.open(log, SESSION).close("time is up")
    with (
        held_by_another_program(log),
        pytest.raises(DataError, match="is in use by another program"),
    ):
        LogWriter.open(log, SESSION)


# The file itself


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
def test_all_files_are_private_however_loose_the_umask(log: Path) -> None:
    """The log, its journal and its index are for their owner only; an older mode is repaired."""
    before = os.umask(0)
    try:
        log.touch(mode=0o666)
        with LogWriter.open(log, SESSION) as writer, LogReader.open(log):
            sit(writer, 0, 10, UPRIGHT)
            modes = {path.name: path.stat().st_mode & 0o777 for path in log.parent.iterdir()}
    finally:
        os.umask(before)

    assert modes == {"log.db": 0o600, "log.db-wal": 0o600, "log.db-shm": 0o600}


def test_the_password_of_a_camera_is_not_stored(log: Path) -> None:
    """An address is logged without its user and password, and without a token in its path."""
    source = "rtsp://anna:se@cret@192.0.2.7:554/t0kencret"
    with LogWriter.open(log, replace(SESSION, source=source)) as writer:
        writer.handle(turn(1, events=(Summarised(totals=Totals(), ended_by=f"{source} is gone"),)))
        writer.handle(turn(4))
        assert all(b"cret" not in path.read_bytes() for path in log.parent.iterdir())

    (session,) = read(log).sessions
    assert session.source == "rtsp://192.0.2.7:554"
    assert session.ended_by == "rtsp://192.0.2.7:554 is gone"


def test_the_file_checks_what_is_written_into_it(log: Path) -> None:
    """Strict tables and recorded migrations: wrong rows are refused by the file itself."""
    with LogWriter.open(log, SESSION) as writer:
        assert writer._connection is not None
        assert writer._connection.execute("PRAGMA foreign_keys").fetchone() == (1,)

    with contextlib.closing(sqlite3.connect(log)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("SELECT * FROM migrations").fetchall() == [
            (migration.number, migration.name, BEGAN_MS) for migration in MIGRATIONS
        ]
        tables = connection.execute("PRAGMA table_list").fetchall()
        loose = [name for _, name, _, _, _, strict in tables if not strict]
        assert [name for name in loose if not name.startswith("sqlite_")] == []
        connection.execute("PRAGMA foreign_keys = ON")
        for wrong in (
            "INSERT INTO intervals VALUES (1, 5, 5, 'upright', '')",
            "INSERT INTO intervals VALUES (1, 5, 6, 'crooked', '')",
            "INSERT INTO intervals VALUES (1, 5, 6.5, 'upright', '')",
            "INSERT INTO intervals VALUES (77, 5, 6, 'upright', '')",
            "INSERT INTO minutes (session_id, start_ms, n) VALUES (1, 59999, 1)",
            "INSERT INTO alerts (session_id, at_ms, kind, message, lasted_ms)"
            " VALUES (1, 5, 'nagging', '', 0)",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(wrong)
