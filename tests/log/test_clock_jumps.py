"""Clocks that are wrong, and are put right: every row on the day on which it happened."""

from __future__ import annotations

import contextlib
import io
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from posturecam.base.dating import PLAUSIBLE_FROM
from posturecam.base.paths import AppPaths, make_private_folder
from posturecam.base.steady_clock import SteadyClock
from posturecam.commands.watch import Request, run_watch
from posturecam.log.connection import to_ms
from posturecam.log.reader import LogReader
from posturecam.log.writer import LogWriter
from posturecam.pose.models import find_model
from posturecam.posture.profiles import save_profile
from posturecam.values.events import EndedBy, Moved, Tick
from posturecam.values.observation import Landmarks, PostureState, Reading, View
from posturecam.values.settings import Settings
from tests.cameras import Camera, StoryClock
from tests.fakes import FakeLandmarker, ManualClock, sitter
from tests.log.test_store import SESSION
from tests.posture.test_profiles import baseline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86_400, 31_536_000
BEGINS = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
UNSET = datetime(1972, 1, 1, tzinfo=UTC)
FIVE_MIN = ((5 * MINUTE, 0),)


@dataclass
class Machine:
    """A computer with a clock on the wall that may be wrong, and one since boot that is not."""

    log: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(began_at=BEGINS, booted="a"))
    true_s: float = 0.0
    ahead_s: float = 0.0
    turns: int = 0
    told: list[str] = field(default_factory=list)

    def passes(self, seconds: float) -> None:
        """Time goes by."""
        self.true_s += seconds
        self.clock.now_s += seconds

    def shows(self, ahead_s: float) -> None:
        """The clock on the wall is set so that it is so much ahead of the truth."""
        self.ahead_s = ahead_s
        true = BEGINS + timedelta(seconds=self.true_s)
        self.clock.began_at = true + timedelta(seconds=ahead_s - self.clock.now_s)

    def boots(self, ahead_s: float) -> None:
        """It was off for the night."""
        self.true_s += 14 * HOUR
        self.clock = ManualClock(booted=f"boot at {self.true_s}")
        self.shows(ahead_s)

    def watches(self, stretches: tuple[tuple[int, float], ...], *, killed: bool = False) -> None:
        """One watch: so many seconds each, by a clock that is so much ahead.

        Every turn has a move that says which second of the truth it was.
        """
        steady, origin_s, writer = None, self.clock.now_s, None
        for seconds, ahead_s in stretches:
            self.shows(ahead_s)
            steady = steady or SteadyClock(self.clock)
            writer = writer or self._writer(steady)
            step_s = 1 if seconds < HOUR / 2 else 20
            for _ in range(0, seconds, step_s):
                self.passes(step_s)
                writer.handle(self._turn(steady, origin_s, step_s))
                self.turns += 1
                if writer.problem is not None:
                    self.told.append(writer.problem)
        if writer is not None and not killed:
            writer.close("stopped")
        elif writer is not None and writer._connection is not None:
            writer._connection.close()

    def _writer(self, steady: SteadyClock) -> LogWriter:
        session = replace(
            SESSION,
            started_at=steady.utc_now(),
            boot_id=steady.boot_id(),
            origin_s=steady.monotonic_s(),
        )
        return LogWriter.open(self.log, session)

    def _turn(self, steady: SteadyClock, origin_s: float, step_s: int) -> Tick:
        t_s = self.clock.now_s - origin_s
        reading = Reading(
            start_s=t_s - step_s, t_s=t_s, state=PostureState.UPRIGHT, view=View.FRONT
        )
        moved = Moved(unchanged_s=self.true_s)
        return Tick(t_s=t_s, at=steady.utc_now(), reading=reading, events=(moved,))

    def logged(self) -> Iterator[tuple[float, float]]:
        """Seconds of the truth, and where the log has them, on the same scale; oldest first."""
        with LogReader.open(self.log) as reader:
            for row in reader.day(-(2**53), 2**53).moves:
                yield row.unchanged_ms / 1000, row.at_ms / 1000 - BEGINS.timestamp()

    def watched_s(self) -> float:
        """How much the intervals of the log add up to, all of them within their session."""
        with closing(sqlite3.connect(self.log)) as connection:
            query = """SELECT sum(intervals.end_ms - intervals.start_ms) FROM intervals
                JOIN sessions ON id = session_id AND intervals.start_ms >= sessions.start_ms
                AND intervals.end_ms <= sessions.end_ms"""
            return float(connection.execute(query).fetchone()[0]) / 1000


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Switched on at nine; its clock is right."""
    return Machine(tmp_path / "log.db")


def days_ago(at: datetime) -> float:
    """By how much a clock that shows `at` is ahead: by less than nothing."""
    return (at - BEGINS).total_seconds()


# Each is a list of watches on one day, and each watch a list of (seconds, ahead by).
JUMPS: dict[str, list[tuple[tuple[int, float], ...]]] = {
    "30 h ahead for 14 s at the start": [((14, 30 * HOUR), (300, 0))],
    "2 h ahead at the start": [((20, 2 * HOUR), (300, 0))],
    "2 h behind at the start": [((20, -2 * HOUR), (300, 0))],
    "2 days behind at the start": [((40, -2 * DAY), (300, 0))],
    "a year behind for half an hour": [((1800, -YEAR), (300, 0))],
    "a year ahead for half an hour": [((1800, YEAR), (300, 0))],
    "no battery: 1972": [((60, days_ago(UNSET)), (300, 0))],
    "no battery, and no network for hours": [((3 * HOUR, days_ago(UNSET)), (300, 0))],
    "a day ahead for hours": [((3 * HOUR, DAY), (300, 0))],
    "a year ahead for 6 s in the middle": [((600, 0), (6, YEAR), (300, 0))],
    "a year ahead for 6 s at the end": [((600, 0), (6, YEAR))],
    "a year ahead for a minute in the middle": [((600, 0), (60, YEAR), (300, 0))],
    "a day ahead for an hour after hours": [((3 * HOUR, 0), (HOUR, DAY), (300, 0))],
    "a day back for 6 s in the middle": [((600, 0), (6, -DAY), (300, 0))],
    "a day back for an hour after hours": [((3 * HOUR, 0), (HOUR, -DAY), (300, 0))],
    "a day back for three hours in the middle": [((HOUR, 0), (3 * HOUR, -DAY), (300, 0))],
    "a year back for an hour after hours": [((3 * HOUR, 0), (HOUR, -YEAR), (300, 0))],
    "to 1972 and never back": [((600, 0), (600, days_ago(UNSET)))],
    "to 1972 in the middle, and back": [((600, 0), (600, days_ago(UNSET)), (300, 0))],
    "to 1972 after hours, then on": [((3 * HOUR, 0), (600, days_ago(UNSET)), (300, 0))],
    "ahead, back, ahead, right": [((60, DAY), (60, -DAY), (60, 3 * DAY), (300, 0))],
    "two jumps ahead after hours": [((2 * HOUR, 0), (60, DAY), (60, YEAR), (300, 0))],
    "a session a year ahead, then one that is right": [((30, YEAR),), *[FIVE_MIN] * 2],
    "a session a day behind, then one that is right": [((30, -DAY),), *[FIVE_MIN] * 2],
    "a session in 1972, then one that is right": [((30, days_ago(UNSET)),), *[FIVE_MIN] * 2],
    "right, a session two days ahead, right": [FIVE_MIN, ((60, 2 * DAY),), FIVE_MIN],
    "right, a session a day behind, right": [FIVE_MIN, ((60, -DAY),), FIVE_MIN],
    "right, 1972, put right in it": [FIVE_MIN, ((60, days_ago(UNSET)), (300, 0))],
    "hours, then a year ahead over the end": [((2 * HOUR, 0), (60, YEAR)), *[FIVE_MIN] * 2],
    "hours, then a day behind over the end": [((2 * HOUR, 0), (60, -DAY)), *[FIVE_MIN] * 2],
    "ahead in one, behind in the next, right": [((60, DAY),), ((60, -DAY),), FIVE_MIN],
    "an hour ahead all day": [((3 * HOUR, HOUR),), ((HOUR, HOUR), (300, 0))],
    "minutes ahead, right a moment later": [((60, 300),), FIVE_MIN],
    "put right a second before the end": [((600, 0), (600, DAY), (12, 0))],
}


@pytest.mark.parametrize(
    ("watches", "killed"),
    [
        pytest.param(watches, killed, id=f"{name}-{'killed' if killed else 'ended'}")
        for name, watches in JUMPS.items()
        for killed in ((False, True) if len(watches) > 1 else (False,))
    ],
)
def test_every_row_is_on_the_day_it_happened(
    machine: Machine, watches: list[tuple[tuple[int, float], ...]], *, killed: bool
) -> None:
    """To the second even, in order, and none is lost; what was there before is untouched.

    All watches of a day but its last may be killed.
    """
    machine.watches(((HOUR, 0),))
    machine.boots(0)
    for stretches in watches:
        machine.watches(stretches, killed=killed and stretches is not watches[-1])
        machine.passes(MINUTE)

    rows = list(machine.logged())
    lost = 2 * len(watches) if killed else 0
    seconds = HOUR + sum(length for stretches in watches for length, _ in stretches)
    assert machine.turns - lost <= len(rows) <= machine.turns
    assert [truth for truth, _ in rows] == sorted(truth for truth, _ in rows)
    assert max(abs(truth - logged) for truth, logged in rows) < 1.1
    assert seconds - lost <= machine.watched_s() <= seconds


def test_hours_behind_that_the_wall_did_show_are_dated_by_it(machine: Machine) -> None:
    """Such a jump may be sleep that the other clock missed; what comes has the new date."""
    machine.watches(((2 * HOUR, 0), (HOUR, 5 * HOUR)))
    rows = list(machine.logged())
    assert len(rows) == machine.turns
    before, after = rows[: 2 * HOUR // 20], rows[2 * HOUR // 20 + 1 :]
    assert max(abs(truth - logged) for truth, logged in before) < 1.1
    assert max(abs(truth + 5 * HOUR - logged) for truth, logged in after) < 1.1
    with LogReader.open(machine.log) as reader:
        ended_by = [session.ended_by for session in reader.day(0, 2**53).sessions]
    assert ended_by == [EndedBy.CLOCK_CHANGED, EndedBy.STOPPED]
    notice = "the clock was set forward by 5 h 00 min; the log goes by the new time"
    assert set(machine.told) == {notice}


def test_rows_from_the_future_do_not_move_what_is_watched(machine: Machine) -> None:
    """They were logged a year ahead, by another boot; when their time comes they give way."""
    machine.watches(((600, 3 * DAY), (20 * MINUTE, 3 * DAY)))
    machine.boots(0)
    machine.watches(((HOUR, 0),))
    machine.true_s = 3 * DAY - HOUR
    machine.clock = ManualClock(booted="the day they claim")
    machine.watches(((3 * HOUR, 0),))

    rows = list(machine.logged())
    assert len(rows) == machine.turns
    later = [(truth, logged) for truth, logged in rows if truth > 30 * MINUTE]
    assert max(abs(truth - logged) for truth, logged in later) < 1.1
    assert machine.watched_s() == 30 * MINUTE + 4 * HOUR


def test_what_gave_way_to_a_clock_that_was_behind_comes_back(machine: Machine) -> None:
    """Without a battery a clock starts where it was last saved: before the last watch ended."""
    machine.watches(((2 * HOUR, 0),))
    machine.true_s += 14 * HOUR
    machine.clock = ManualClock(booted="the next morning")
    machine.watches(((60, -14 * HOUR - 600), (600, 0)))

    rows = list(machine.logged())
    assert len(rows) == machine.turns
    assert max(abs(truth - logged) for truth, logged in rows) < 1.1


def test_a_clock_that_never_was_set_moves_nobody(machine: Machine) -> None:
    """The whole log lies ahead of 1972; it stays as it is."""
    machine.watches(((HOUR, 0),))
    before = list(machine.logged())
    machine.boots(days_ago(UNSET))
    machine.watches(((300, days_ago(UNSET)),))

    rows = list(machine.logged())
    assert rows[-len(before) :] == before
    assert all(logged < days_ago(PLAUSIBLE_FROM) for _, logged in rows[: -len(before)])


# The program as a whole


def watch_on(
    clock: StoryClock, paths: AppPaths, *, duration_s: float, interval_s: float | None = None
) -> list[str]:
    """One watch of a camera; what it warned of."""
    settings = Settings(
        notify=False,
        release_on_lock=False,
        respect_do_not_disturb=False,
        interval_s=interval_s,
        adaptive=False,
    )
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed):
        run_watch(
            Request(
                settings=settings, calibrate_s=10.0, duration_s=duration_s, format_name="jsonl"
            ),
            paths=paths,
            clock=clock,
            stream=io.StringIO(),
            find=lambda *_, **__: Camera(clock).found(),
            open_landmarker=lambda _: FakeLandmarker(lambda _: (sitter(),)),
        )
    return printed.getvalue().splitlines()


@pytest.fixture
def paths(tmp_path: Path) -> AppPaths:
    """A data folder."""
    return AppPaths(data=make_private_folder(tmp_path / "home"), config=tmp_path / "home")


def logged_s(paths: AppPaths) -> list[tuple[float, float]]:
    """From when to when there is a state, in seconds since the true beginning."""
    with LogReader.open(paths.log) as reader:
        rows = reader.day(-(2**53), 2**53).intervals
    zero_ms = to_ms(BEGINS)
    return [((row.start_ms - zero_ms) / 1000, (row.end_ms - zero_ms) / 1000) for row in rows]


def test_a_watch_that_starts_30_h_ahead_is_logged_today(paths: AppPaths) -> None:
    """Put right after 14 s, and said once."""
    clock = StoryClock(began_at=BEGINS + timedelta(hours=30))
    clock.story = [(14.0, lambda: setattr(clock, "began_at", BEGINS))]
    warned = watch_on(clock, paths, duration_s=120.0)
    assert warned == [
        "posturecam: the clock was set back by 30 h 00 min; the log goes by the new time"
    ]
    spans = logged_s(paths)
    assert 9 < spans[0][0] < spans[-1][1] < 122


def test_what_lies_ahead_is_named_at_the_start(paths: AppPaths) -> None:
    """Once, with what to look at; and a watch is logged at its own time all the same."""
    watch_on(StoryClock(began_at=BEGINS + timedelta(days=365)), paths, duration_s=60.0)
    warned = watch_on(StoryClock(began_at=BEGINS), paths, duration_s=60.0)
    assert len(warned) == 1
    assert "sessions in the log that end after now, up to 2027-11-18" in warned[0]
    assert logged_s(paths)[0][1] < 62


def test_the_log_does_not_run_ahead_while_the_camera_opens(
    paths: AppPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four seconds of a slow one are no four seconds of the log."""
    model = find_model(Settings().model)
    save_profile(paths.profiles, replace(baseline(), model_sha256=model.landmarks_sha256))
    clock = StoryClock(began_at=BEGINS)
    camera = Camera(clock)

    def slow() -> Camera:
        clock.now_s += 4.0
        return camera._open()

    run_watch(
        Request(
            settings=Settings(notify=False, release_on_lock=False, respect_do_not_disturb=False),
            duration_s=60.0,
            format_name="jsonl",
        ),
        paths=paths,
        clock=clock,
        stream=io.StringIO(),
        find=lambda *_, **__: replace(camera.found(), open=slow),
        open_landmarker=lambda _: FakeLandmarker(lambda _: (sitter(),)),
    )
    assert 58 < logged_s(paths)[-1][1] <= clock.now_s + 0.001
    assert capsys.readouterr().err == ""


def test_a_burst_is_in_the_log_when_the_camera_is_let_go_of(paths: AppPaths) -> None:
    """With minutes between two looks, a kill in between loses nothing of the last one."""
    clock = StoryClock(began_at=BEGINS)
    camera = Camera(clock)
    missing_s: list[float] = []
    looked_s = [0.0]

    def look() -> None:
        if not camera.open_now and clock.now_s - looked_s[0] > 3 and clock.now_s > 100:
            missing_s.append(looked_s[0] - logged_s(paths)[-1][1])

    def people_at(_t_s: float) -> tuple[Landmarks, ...]:
        looked_s[0] = clock.now_s
        return (sitter(),)

    clock.story = [(float(second), look) for second in range(1, 400)]
    run_watch(
        Request(
            settings=Settings(
                notify=False,
                release_on_lock=False,
                respect_do_not_disturb=False,
                interval_s=60.0,
                adaptive=False,
            ),
            calibrate_s=10.0,
            duration_s=400.0,
            format_name="jsonl",
        ),
        paths=paths,
        clock=clock,
        stream=io.StringIO(),
        find=lambda *_, **__: camera.found(),
        open_landmarker=lambda _: FakeLandmarker(people_at),
    )
    assert len(missing_s) > 100
    assert max(missing_s) <= 0.001
