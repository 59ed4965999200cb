"""Control a watch on a real stream from other processes, and what signals do to it.

Its pose model costs nothing, so that a busy machine still sees enough pictures for a baseline.
"""

from __future__ import annotations

import json
import signal
import socket
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from posturecam.base.clock import SystemClock
from posturecam.base.paths import find_app_paths
from posturecam.watch.request_file import load_in_force, save_in_force
from posturecam.watch.requests import Requests
from posturecam.watch.server import ControlServer
from tests import light_watch, waiting
from tests.program import DEMO_CLIP, assert_refused, posturecam
from tests.streams import MjpegServer, clip_jpegs

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX"), reason="this system has no sockets in the file system"
)

PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def pictures() -> tuple[bytes, ...]:
    """Somebody sitting upright."""
    return clip_jpegs(DEMO_CLIP, limit=60)


@pytest.fixture
def camera(pictures: tuple[bytes, ...]) -> Iterator[MjpegServer]:
    """A camera on the network that can be seen to be watched."""
    with MjpegServer(pictures, rate_hz=10) as server:
        yield server


watching = partial(light_watch.watching, calibrate="4s")


def wait_until(
    process: subprocess.Popen[str], condition: Callable[[dict[str, Any]], object]
) -> None:
    """Waits until the status of a watch, which goes on, fulfils a condition."""

    def fulfilled() -> object:
        assert process.poll() is None, process.communicate()
        return condition(status())

    waiting.wait_until(fulfilled, status, PATIENCE_S)


def status() -> dict[str, Any]:
    """What `posturecam status --format json` prints."""
    record: dict[str, Any] = json.loads(posturecam("status", "--format", "json").stdout)
    return record


def records_of(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """What an ended watch printed."""
    out, err = process.communicate(timeout=PATIENCE_S)
    assert err == ""
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.slow
def test_a_watch_is_taught_from_another_terminal(camera: MjpegServer) -> None:
    """A zero is taken; where no slouch was seen there is none to deny."""
    assert_refused(posturecam("wrong"), 7, "No watch is running")
    with watching(camera) as process:
        wait_until(process, lambda now: now["watching"])
        assert_refused(posturecam("wrong"), 2, "No slouch was seen in the last ten minutes")
        zeroed = posturecam("rezero")
        assert (zeroed.returncode, zeroed.stderr) == (0, "")
        assert zeroed.stdout.endswith("Today's zero is set.\n")
        assert (status()["lessons"], status()["lesson_refused"]) == (2, None)
        assert posturecam("stop").returncode == 0
        records = records_of(process)
    steps = [record["what"] for record in records if record["type"] == "steer"]
    assert steps == ["rezeroing", "rezeroed", "stopping"]


def test_a_day_of_steering_from_another_terminal(camera: MjpegServer, home: Path) -> None:
    """Status, pause (the camera is hung up on), resume (it is called again), snooze, stop."""
    with watching(camera) as process:
        wait_until(process, lambda now: now["watching"])
        seen = posturecam("status").stdout
        assert seen.startswith("Watching: upright")
        assert "of 12°" in seen
        assert (home / "control.sock").exists() or len(str(home)) > 80

        paused = posturecam("pause", "1h")
        assert (paused.returncode, paused.stderr) == (0, "")
        assert paused.stdout.startswith("Camera released; its light goes off. Resumes at ")
        # The server notices with its next picture that nobody is there any more.
        wait_until(process, lambda _: camera.viewers == 0)
        now = status()
        assert (now["watching"], now["why_not"], now["camera"]) == (False, "paused", "released")
        assert posturecam("status").stdout.startswith("Not watching: paused until ")
        assert load_in_force(home / "steering.json")[0].paused

        assert posturecam("resume").stdout == "Watching again.\n"
        wait_until(process, lambda _: (camera.viewers, camera.requests) == (1, 2))
        assert not load_in_force(home / "steering.json")[0].paused

        assert "(45 min from now); watching goes on" in posturecam("snooze", "45").stdout
        # It is in force when it is said to be.
        assert "Alerts are suppressed: snoozed until" in posturecam("status").stdout

        assert posturecam("stop").stdout == "Stopped.\n"
        records = records_of(process)
    assert process.returncode == 0
    steps = [record["what"] for record in records if record["type"] == "steer"]
    assert steps == ["paused", "resumed", "snoozed", "stopping"]
    assert records[-1]["ended_by"] == "stopped"
    assert records[-1]["paused_s"] > 0
    assert not (home / "control.sock").exists()
    assert_refused(posturecam("stop"), 7, "No watch is running")


@pytest.mark.slow
def test_a_pause_from_before_holds_at_the_start(camera: MjpegServer, home: Path) -> None:
    """It was asked for without a watch; the watch does not touch the camera until it is over."""
    stored = posturecam("pause", "1h")
    assert stored.returncode == 0
    assert "begins paused" in stored.stdout
    with watching(camera) as process:
        wait_until(process, lambda now: now.get("camera") == "released")
        assert camera.requests == 0
        assert posturecam("resume").stdout == "Watching again.\n"
        assert camera.requests == 1


@pytest.mark.slow
def test_a_watch_killed_outright_leaves_nothing_in_the_way(camera: MjpegServer) -> None:
    """No lock, no claim to be running, and a pause with an end is still in force."""
    with watching(camera) as first:
        wait_until(first, lambda now: now.get("camera") == "open")
        assert posturecam("pause", "1h").returncode == 0
        first.kill()
        first.wait()
        assert status() == {
            "running": False,
            "watching": False,
            "why_not": "no watch is running",
        }
        with watching(camera) as second:
            wait_until(second, lambda now: now.get("camera") == "released")
            assert status()["paused"] is True


@pytest.mark.slow
def test_a_lost_camera_is_not_called_watching(camera: MjpegServer) -> None:
    """From another terminal, too; stopping works while it is lost."""
    with watching(camera) as process:
        wait_until(process, lambda now: now["watching"])
        camera.stop()
        wait_until(process, lambda now: now["camera"] == "lost")
        assert posturecam("status").stdout.startswith("Not watching: the camera is lost.")
        assert posturecam("stop").stdout == "Stopped.\n"
        assert records_of(process)[-1]["ended_by"] == "stopped"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_impatient_second_signal_does_not_cut_the_end_short(
    camera: MjpegServer, number: signal.Signals
) -> None:
    """However often: the summary is written, and the exit code is that of a clean end."""
    with watching(camera) as process:
        wait_until(process, lambda now: now["watching"])

        def ended() -> bool:
            process.send_signal(number)
            return process.poll() is not None

        waiting.wait_until(ended)
        records = records_of(process)
    assert process.returncode == 130
    assert records[-1]["ended_by"] == "interrupted"


def test_a_camera_that_is_not_there_still_exits_3_at_once() -> None:
    """Only what has been there, or is in use, is waited for."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/video"
        outcome = posturecam("watch", "--source", url, "--calibrate", "6s", "--no-notify")
    assert_refused(outcome, 3, "cannot be reached")
    assert outcome.stdout == ""


def test_without_a_watch_everything_says_so(home: Path) -> None:
    """Exit code 7; what can hold for a later watch is kept, and resume takes it back."""
    nothing = posturecam("status")
    assert (nothing.returncode, nothing.stdout) == (7, "No watch is running.\n")
    assert_refused(posturecam("stop"), 7, "posturecam watch")
    nobody = posturecam("rezero")
    assert_refused(nobody, 7, "No watch is running")
    assert nobody.stdout == ""
    assert_refused(posturecam("resume"), 7, "No watch is running")
    assert_refused(posturecam("pause"), 2, "No watch is running", "posturecam pause 1h")
    assert not (home / "steering.json").exists()

    assert "alerts wait" in posturecam("snooze", "45m").stdout
    assert "begins paused" in posturecam("pause", "until", "tomorrow").stdout
    in_force, problem = load_in_force(home / "steering.json")
    assert problem is None
    assert in_force.paused
    assert in_force.snoozed_until is not None
    left = in_force.snoozed_until - datetime.now(UTC)  # noqa: TID251 - what the program read
    assert timedelta(minutes=43) < left <= timedelta(minutes=45)
    assert "not paused" in posturecam("resume").stdout
    assert load_in_force(home / "steering.json")[0] == Requests()


def test_a_snooze_that_is_not_in_force_is_not_called_so(home: Path) -> None:
    """A watch that hangs takes the request, and goes on alerting for all that is known."""
    home.mkdir(mode=0o700)
    hangs: dict[str, object] = {"status": {"quiet": None, "snoozed_until": None}}
    with ControlServer(find_app_paths().control, lambda _: hangs, clock=SystemClock()):
        said = posturecam("snooze", "45m").stdout
    assert said.startswith("Asked to suppress alerts until ")
    assert "has not answered" in said


@pytest.mark.parametrize("words", [["soon"], ["until"], ["until", "25:00"], ["1h", "2h"]])
def test_a_moment_that_is_none_exits_2(words: list[str]) -> None:
    """Before anything is asked of a watch."""
    assert_refused(posturecam("pause", *words), 2, "soon" if words == ["soon"] else "no moment")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "it is damaged"),
        ("[]", "it is damaged"),
        ('{"format": 1}', "it is damaged"),
        ('{"format": 2}', "written by another posturecam"),
    ],
)
def test_what_is_wrong_with_a_steering_file_is_said_in_our_words(
    tmp_path: Path, content: str, why: str
) -> None:
    """In a sentence, and none of a parser's."""
    file = tmp_path / "steering.json"
    file.write_text(content)
    _, problem = load_in_force(file)
    assert problem == f"{file} cannot be read: {why}. No pause is taken over from before."


@pytest.mark.slow
def test_a_damaged_steering_file_is_warned_about_once(camera: MjpegServer, home: Path) -> None:
    """The watch starts all the same, and is not paused by it."""
    home.mkdir(mode=0o700)
    (home / "steering.json").write_text("{")
    with watching(camera) as process:
        wait_until(process, lambda now: now.get("watched_s"))
        assert posturecam("stop").returncode == 0
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert err.count("steering.json cannot be read") == 1


@pytest.mark.slow
def test_a_pause_that_is_over_does_not_hold_a_watch_up(camera: MjpegServer, home: Path) -> None:
    """It ended while nothing was running."""
    home.mkdir(mode=0o700)
    over = datetime.now(UTC) - timedelta(minutes=1)  # noqa: TID251 - what the program reads
    save_in_force(home / "steering.json", Requests(paused=True, paused_until=over))
    with watching(camera) as process:
        wait_until(process, lambda now: now.get("watched_s"))
        assert posturecam("stop").returncode == 0
        records = records_of(process)
    assert [record["what"] for record in records if record["type"] == "steer"] == ["stopping"]
