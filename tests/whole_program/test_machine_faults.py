"""What the machine may do to a watch: killed, hung up on, stopped, starved of disk, log or files.

Whole processes on a real stream, with a pose model that costs nothing; sleep and wrong clocks on a
hand-moved clock. The log alone, killed thirty times, is in `test_store`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import psutil
import pytest

from posturecam.base.clock import SystemClock
from posturecam.base.errors import AlreadyRunningError, DataError, NotRunningError
from posturecam.base.paths import AppPaths
from posturecam.commands.watch import Request, run_watch
from posturecam.log.reader import LogReader
from posturecam.outputs.notices import LOG_TROUBLE_TITLE
from posturecam.values.observation import PostureState
from posturecam.values.settings import Settings
from posturecam.watch.client import ask
from posturecam.watch.lock import FILES_NEEDED, only_watch
from tests.cameras import Camera, StoryClock, desk
from tests.desktops import Dunst, needs_bus, needs_dunst, private_bus
from tests.fakes import FakeLandmarker, sitter
from tests.light_watch import watching
from tests.streams import MjpegServer, as_jpegs
from tests.terminals import bare_terminal
from tests.waiting import let_pass, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posturecam.values.log_rows import DayRows

resource = pytest.importorskip("resource", reason="needs signals and limits of a Unix")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sets limits of another process")

PATIENCE_S = 60.0
MOST_LOST_S = 5.0
HOUR_S = 3600.0


@pytest.fixture
def camera() -> Iterator[MjpegServer]:
    """A camera on the network that can be seen to be watched."""
    with MjpegServer(as_jpegs(map(desk, range(16))), rate_hz=20) as server:
        yield server


@pytest.fixture
def paths(home: Path) -> AppPaths:
    """Where the watch keeps its files; ten pictures for a baseline take it a second."""
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text("sample_hz = 10\n", encoding="utf-8")
    return AppPaths(data=home, config=home)


def status(paths: AppPaths) -> dict[str, Any]:
    """What a watch says of itself; nothing while there is none."""
    try:
        found = ask(paths.control, {"do": "status"})["status"]
    except (NotRunningError, DataError):
        return {}
    assert isinstance(found, dict)
    return found


def watched_s(paths: AppPaths) -> float:
    """How long pictures were judged, as soon as the watch answers."""
    told: list[Any] = []

    def is_told() -> bool:
        told[:] = [status(paths).get("watched_s")]
        return told != [None]

    wait_until(is_told, "it answers")
    return float(told[0])


def log_is_well(paths: AppPaths) -> bool:
    """Whether the watch says so."""
    told = status(paths)
    return bool(told) and told["log_problem"] is None


def wait_until_it_watches_on(paths: AppPaths, more_s: float) -> None:
    """Until pictures have been judged for so long from now on."""
    seen_s = watched_s(paths)
    wait_until(lambda: watched_s(paths) > seen_s + more_s, "it watches on")


def wait_until_watching(paths: AppPaths) -> None:
    """Until the baseline is taken and pictures are judged."""
    wait_until(lambda: status(paths).get("watching"), "it watches")


def stop(process: subprocess.Popen[str], paths: AppPaths) -> tuple[list[dict[str, Any]], str]:
    """Ends a watch from another terminal; its records, and what it complained of."""
    ask(paths.control, {"do": "stop"})
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    return [json.loads(line) for line in (out or "").splitlines()], err


def logged(paths: AppPaths) -> DayRows:
    """All there is in the log, which must be whole."""
    with closing(sqlite3.connect(paths.log)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with LogReader.open(paths.log) as log:
        return log.day(0, 2**53)


def logged_s(paths: AppPaths) -> float:
    """How much of the watching is in the log."""
    return sum(row.end_ms - row.start_ms for row in logged(paths).intervals) / 1000


def now() -> datetime:
    """What the clock on the wall says."""
    return SystemClock().utc_now()


# Ended from outside


@pytest.mark.slow
def test_killed_at_any_moment_it_leaves_nothing_in_the_way(
    camera: MjpegServer, paths: AppPaths
) -> None:
    """No camera open, no stale lock or socket, a whole log that misses five seconds at most."""
    moments: tuple[Callable[[], object], ...] = (
        paths.lock.exists,
        paths.control.exists,
        lambda: camera.viewers,
        lambda: status(paths).get("watching"),
        lambda: status(paths).get("watched_s", 0.0) >= MOST_LOST_S,
    )
    for has_come in moments:
        with watching(camera) as process:
            wait_until(has_come, "it gets so far")
            assert process.poll() is None, process.communicate()
            process.kill()
            killed_at = now()
            process.wait()
            assert camera.wait_for_viewers(0)
    newest = logged(paths).sessions[-1]
    missing = killed_at - datetime.fromtimestamp(newest.end_ms / 1000, UTC)
    assert missing <= timedelta(seconds=MOST_LOST_S)
    assert newest.ended_by is None

    with watching(camera) as process:
        wait_until_watching(paths)
        stop(process, paths)
    assert not paths.control.exists()
    sessions = logged(paths).sessions
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(sessions))
    assert sessions[-1].ended_by == "stopped"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(
    camera: MjpegServer, paths: AppPaths, number: signal.Signals
) -> None:
    """Exit code 130, the summary, everything in the log, the camera let go of."""
    with watching(camera) as process:
        wait_until_watching(paths)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, err) == (130, "")
    summary = json.loads(out.splitlines()[-1])
    assert summary["ended_by"] == "interrupted"
    assert logged(paths).sessions[-1].ended_by == "interrupted"
    assert logged_s(paths) == pytest.approx(summary["watched_s"], abs=0.1)
    assert camera.wait_for_viewers(0)
    assert not paths.control.exists()


@pytest.mark.slow
def test_started_with_nohup_it_outlives_its_terminal(camera: MjpegServer, paths: AppPaths) -> None:
    """Whoever started it with a signal ignored wants that."""
    ignoring = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
    with watching(camera, preexec_fn=ignoring) as process:
        wait_until_watching(paths)
        process.send_signal(signal.SIGHUP)
        wait_until_it_watches_on(paths, 1)
        stop(process, paths)


@pytest.mark.slow
def test_a_closed_terminal_ends_it_cleanly(
    camera: MjpegServer, paths: AppPaths, tmp_path: Path
) -> None:
    """In the live view: the window is closed, and nothing is lost or left behind."""
    errors = tmp_path / "errors"
    words = ("tests.light_watch", "watch", "--source", camera.url, "--calibrate", "4s")
    with bare_terminal(*words, "--no-notify", errors=errors) as (process, ours):
        os.set_blocking(ours, False)
        wait_until_watching(paths)
        os.close(ours)
        ours_closed = process.wait(PATIENCE_S)
        assert ours_closed == 130
    assert errors.read_text() == ""
    assert logged(paths).sessions[-1].ended_by == "interrupted"
    assert camera.wait_for_viewers(0)


@pytest.mark.slow
def test_stopped_for_a_while_it_goes_on_by_itself(camera: MjpegServer, paths: AppPaths) -> None:
    """As a laptop that is closed and opened: a gap, the camera found again, no complaint."""
    with watching(camera) as process:
        wait_until_watching(paths)
        stopped_at = now()
        process.send_signal(signal.SIGSTOP)
        let_pass(6.0, "a gap is a time without looks")
        process.send_signal(signal.SIGCONT)
        wait_until_watching(paths)
        records, err = stop(process, paths)
        most_s = (now() - stopped_at).total_seconds()  # if the machine stood still, too
    assert err == ""
    summary = records[-1]
    assert 6 - 3 <= summary["unknown_s"] <= most_s + 3
    assert logged_s(paths) == pytest.approx(summary["watched_s"], abs=0.1)
    assert [r for r in records if r["type"] == "alert"] == []


# Starved while it runs


@contextmanager
def limited(process: subprocess.Popen[str], what: int, limit: int) -> Iterator[None]:
    """Meanwhile the process may have so much and no more."""
    soft, hard = resource.prlimit(process.pid, what)
    resource.prlimit(process.pid, what, (limit, hard))
    try:
        yield
    finally:
        resource.prlimit(process.pid, what, (soft, hard))


@contextmanager
def exclusively_held(log: Path) -> Iterator[None]:
    """Meanwhile another program has the log for itself."""
    with closing(sqlite3.connect(log, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["disk full", "log locked"])
def test_a_log_that_takes_nothing_is_waited_for(
    camera: MjpegServer, paths: AppPaths, fault: str
) -> None:
    """The watch goes on, says it once on stderr and in its status, and loses not a second."""
    with watching(camera) as process:
        wait_until_watching(paths)
        journal = paths.log.with_name(f"{paths.log.name}-wal")
        held = (
            limited(process, resource.RLIMIT_FSIZE, journal.stat().st_size)
            if fault == "disk full"
            else exclusively_held(paths.log)
        )
        with held:
            wait_until(lambda: status(paths).get("log_problem"), "it says so")
            wait_until_it_watches_on(paths, 2)
            # It has just turned; but it may stand still with the machine while it is asked.
            wait_until(lambda: status(paths).get("turned_s_ago", 2.0) < 2, "it turns")
        wait_until(lambda: log_is_well(paths), "it is written again")
        records, err = stop(process, paths)
    assert len(err.splitlines()) == 1
    assert "waits in memory" in err
    assert logged_s(paths) == pytest.approx(records[-1]["watched_s"], abs=0.1)


@needs_dunst
def test_a_log_that_takes_nothing_is_told_on_the_desktop(
    camera: MjpegServer, paths: AppPaths, dunst: Dunst
) -> None:
    """Once: nobody reads the terminal of a watch that starts at the login."""
    with dunst.started():
        with watching(camera, "--notify", env=dunst.environment) as process:
            wait_until_watching(paths)
            with exclusively_held(paths.log):
                wait_until(lambda: dunst.shown() == 1, "it is told")
            stop(process, paths)
        dunst.close_all()  # it stays until it was read
        shown = dunst.history()
    assert [entry["summary"]["data"] for entry in shown] == [LOG_TROUBLE_TITLE]
    assert "waits in memory" in shown[0]["body"]["data"]


@pytest.mark.slow
def test_a_removed_data_folder_is_made_anew(camera: MjpegServer, paths: AppPaths) -> None:
    """What was deleted is gone; the rest is logged, and other terminals reach the watch again."""
    with watching(camera) as process:
        wait_until_watching(paths)
        seen_at = now()
        shutil.rmtree(paths.data)
        removed_at = now()
        wait_until(lambda: status(paths).get("watching"), "it can be asked again")
        wait_until_it_watches_on(paths, 3)
        with pytest.raises(AlreadyRunningError), only_watch(paths.lock):
            pass  # the lock went with the folder, and a second watch is refused all the same
        _, err = stop(process, paths)
    assert len(err.splitlines()) == 1
    assert "is gone; a new one was begun" in err
    (session,) = logged(paths).sessions
    began_at = datetime.fromtimestamp(session.start_ms / 1000, UTC)
    # The stretch in one state that is not over yet is logged as a whole.
    most_lost = timedelta(seconds=MOST_LOST_S)
    assert seen_at - most_lost < began_at < removed_at + most_lost
    assert logged_s(paths) > 2
    assert paths.data.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_a_folder_that_another_watch_made_anew_is_left_to_it(
    camera: MjpegServer, paths: AppPaths
) -> None:
    """Said once; nothing is written beside the other, and all of it when that has ended."""
    with watching(camera) as process:
        wait_until_watching(paths)
        process.send_signal(signal.SIGSTOP)
        shutil.rmtree(paths.data)
        with only_watch(paths.lock):
            process.send_signal(signal.SIGCONT)
            wait_until(lambda: status(paths).get("log_problem"), "it says so")
            wait_until_it_watches_on(paths, 3)
            assert not paths.log.exists()
        wait_until(lambda: log_is_well(paths), "it is written again")
        _, err = stop(process, paths)
    assert len(err.splitlines()) == 1
    assert "A watch is already using" in err
    assert logged_s(paths) > 3


@contextmanager
def full_disk() -> Iterator[IO[bytes]]:
    """A file that takes nothing."""
    with Path("/dev/full").open("wb") as file:
        yield file


@contextmanager
def full_pipe() -> Iterator[IO[bytes]]:
    """A pipe that nobody empties, as of a pager that waits for a key."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with os.fdopen(reader, "rb"), os.fdopen(writer, "wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
        os.set_blocking(writer, True)
        yield file


@pytest.mark.slow
@pytest.mark.parametrize(
    ("output", "why"),
    [
        (full_disk, "What is printed cannot be written: No space left on device"),
        (full_pipe, "What is printed is not read"),
    ],
)
def test_an_output_that_takes_nothing_is_not_the_end(
    camera: MjpegServer,
    paths: AppPaths,
    output: Callable[[], AbstractContextManager[IO[bytes]]],
    why: str,
) -> None:
    """Said once, watched and logged on, and the exit code tells of it."""
    with output() as nowhere, watching(camera, stdout=nowhere) as process:
        wait_until_watching(paths)
        wait_until_it_watches_on(paths, 2)
        ask(paths.control, {"do": "stop"})
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == DataError.exit_code
    assert err.splitlines()[:2] == [
        f"posturecam: {why}. The watch goes on, and prints again when it can.",
        "posturecam: The last lines could not be printed.",
    ]
    assert logged(paths).sessions[-1].ended_by == "stopped"
    assert logged_s(paths) > 2


@pytest.mark.slow
def test_without_a_file_to_open_it_goes_on_and_recovers(
    camera: MjpegServer, paths: AppPaths, tmp_path: Path
) -> None:
    """Even when the camera breaks off meanwhile; no spinning, no traceback, nothing lost."""
    printed = tmp_path / "records"

    def said() -> list[str]:
        lines = printed.read_text(encoding="utf-8").splitlines(keepends=True)
        records = [json.loads(line) for line in lines if line.endswith("\n")]
        return [record["status"] for record in records if record["type"] == "camera"]

    with printed.open("w") as stream, watching(camera, stdout=stream) as process:
        wait_until_watching(paths)
        ours = psutil.Process(process.pid)
        with limited(process, resource.RLIMIT_NOFILE, 3):
            camera.drop()
            paths.control.unlink()  # to be made anew, which takes a file
            spent_s = sum(ours.cpu_times()[:2])
            let_pass(4.0, "a loop that spins would use all of it")
            assert process.poll() is None, process.communicate()
            assert sum(ours.cpu_times()[:2]) - spent_s < 2.0
            wait_until(lambda: said() == ["open", "lost"], said)
        wait_until(lambda: said() == ["open", "lost", "back"], said)
        wait_until_watching(paths)
        _, err = stop(process, paths)
    assert "Traceback" not in err
    assert said() == ["open", "lost", "back", "closed"]
    summary = json.loads(printed.read_text(encoding="utf-8").splitlines()[-1])
    assert logged_s(paths) == pytest.approx(summary["watched_s"], abs=0.1)


@pytest.mark.parametrize("files", [5, 12, FILES_NEEDED])
def test_too_few_files_from_the_start_is_one_clear_error(camera: MjpegServer, files: int) -> None:
    """Never a traceback, never a hang, and the camera is not touched."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    with watching(camera, "--duration", "3s", preexec_fn=limit) as process:
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (1, "")
    assert re.fullmatch(r"posturecam: Too .*\nAllow more, .*ulimit -n 1024\n", err), err
    assert camera.requests == 0


NO_FILES = """
import resource
from posturecam.base.clock import SystemClock
from posturecam.values.commands import Inbox
from posturecam.system.desktop import open_desktop
from posturecam.outputs.notify import DesktopNotifier

limits = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
desktop = open_desktop(lock=True, do_not_disturb=True, calls=False)
notifier = DesktopNotifier(Inbox(), SystemClock())
notifier.send("Time to move", "20 min in one position.")
print(desktop.state().locked, notifier.problem)
desktop.close()
notifier.close()
"""


def test_a_desktop_that_cannot_be_asked_for_want_of_files_holds_nobody_up() -> None:
    """Neither what is asked of it nor what it is to show; the notifier says why."""
    command = [sys.executable, "-c", NO_FILES]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    assert done.stdout.startswith("None the notification service does not work: ")
    assert "Too many open files" in done.stdout


@pytest.mark.slow
@needs_bus
def test_a_desktop_that_dies_is_not_the_end(
    camera: MjpegServer, paths: AppPaths, tmp_path: Path
) -> None:
    """Its bus goes away before the first alert: told here, once; what was started is not left."""
    words = ("--unchanged-after", "6s", "--on-alert", "true")
    with private_bus(tmp_path) as bus:
        environment = os.environ | {"DBUS_SESSION_BUS_ADDRESS": bus}
        started = watching(camera, *words, env=environment)
        process = started.__enter__()
        wait_until_watching(paths)
    try:
        wait_until(lambda: status(paths)["alerts"], "an alert")
        children = psutil.Process(process.pid).children()
        wait_until(lambda: not any(child.is_running() for child in children), "none is left")
        records, err = stop(process, paths)
    finally:
        started.__exit__(None, None, None)
    assert [r["kind"] for r in records if r["type"] == "alert"] == ["unchanged"]
    assert len(err.splitlines()) == 1
    assert re.search("notification service does not work", err)


# Sleep and clocks


def sleep(clock: StoryClock) -> None:
    """The lid is closed for an hour."""
    clock.now_s += HOUR_S


def set_back(clock: StoryClock) -> None:
    """Somebody sets the clock on the wall right."""
    clock.began_at -= timedelta(hours=1)


@pytest.mark.parametrize(("happens", "unknown_s"), [(sleep, HOUR_S), (set_back, 0.0)])
def test_an_hour_asleep_or_set_back_is_counted_once(
    paths: AppPaths, tmp_path: Path, happens: Callable[[StoryClock], None], unknown_s: float
) -> None:
    """In the summary and in the log alike; nothing overlaps, and nobody is alerted for it."""
    clock = StoryClock()
    clock.story = [(300.0, lambda: happens(clock))]
    camera = Camera(clock)
    settings = Settings(
        notify=False, release_on_lock=False, respect_do_not_disturb=False, quiet_in_calls=False
    )
    printed = tmp_path / "records"
    with printed.open("w", encoding="utf-8") as stream:
        run_watch(
            Request(
                settings=settings,
                calibrate_s=10.0,
                duration_s=600.0 + unknown_s,
                format_name="jsonl",
            ),
            paths=paths,
            clock=clock,
            stream=stream,
            find=lambda *_, **__: camera.found(),
            open_landmarker=lambda _: FakeLandmarker(lambda _: (sitter(),)),
        )

    records = [json.loads(line) for line in printed.read_text(encoding="utf-8").splitlines()]
    summary = records[-1]
    assert summary["unknown_s"] == pytest.approx(unknown_s, abs=5)
    assert [r for r in records if r["type"] == "alert"] == []
    rows = logged(paths).intervals
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(rows))
    of_state = {
        state: sum(row.end_ms - row.start_ms for row in rows if row.state is state) / 1000
        for state in PostureState
    }
    assert of_state[PostureState.UPRIGHT] == pytest.approx(summary["upright_s"], abs=0.1)
    assert of_state[PostureState.UNKNOWN] == pytest.approx(summary["unknown_s"], abs=0.1)
