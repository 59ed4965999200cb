"""A whole watch tells the sitter: on a real desktop, through a command, by the bell."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from posturecam.values.events import AlertKind, CameraStatus, Control
from tests.desktops import linux_only, needs_bus, needs_dunst, running, saying, stream
from tests.program import DEMO_CLIP, assert_refused, here, posturecam
from tests.streams import MjpegServer, clip_jpegs
from tests.waiting import DEADLINE_S, wait_until
from tests.whole_program.test_main_job import SHORT_WAITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from tests.desktops import Dunst

pytestmark = [pytest.mark.model, linux_only]

WATCH = ("watch", "--source", "demo", "--calibrate", "9s", *SHORT_WAITS)
UNTIL_TWO_ALERTS = ("--duration", "36s")
SLUMPED = slice(220, 260)
"""Frames of the demo clip."""


@pytest.fixture(autouse=True)
def few_looks(home: Path) -> None:
    """Two pictures a second are enough for what is tested here, and quicker."""
    home.mkdir()
    (home / "config.toml").write_text("sample_hz = 2\n", encoding="utf-8")


def alerts_of(printed: str) -> list[dict[str, Any]]:
    """The records of alerts among all that `--format jsonl` printed."""
    records = [json.loads(line) for line in printed.splitlines()]
    return [record for record in records if record["type"] == "alert"]


@pytest.mark.slow
@needs_dunst
def test_desktop_command_and_bell_tell_what_the_terminal_tells(
    dunst: Dunst, tmp_path: Path
) -> None:
    """Every alert in its own words, one ring for each; at the end none stays on the screen.

    In real time: a command that still runs at the next alert is not told of it.
    """
    heard = tmp_path / "heard it"
    command = shlex.join(("sh", "-c", 'cat >> "$1"', "sh", str(heard)))
    words = (*WATCH, *UNTIL_TWO_ALERTS, "--realtime", "--format", "jsonl", "--bell")
    ours, theirs = os.openpty()
    with dunst.started():
        done = subprocess.run(
            [sys.executable, "-m", "posturecam", *words, "--on-alert", command],
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            check=True,
            timeout=120,
            env=dunst.environment,
        )
        assert dunst.shown() == 0
        shown = list(reversed(dunst.history()))
    os.close(theirs)
    rung = os.read(ours, 1000)
    os.close(ours)

    told = alerts_of(done.stdout)
    assert [alert["kind"] for alert in told] == [AlertKind.SLOUCH, AlertKind.UNCHANGED]
    assert [entry["summary"]["data"] for entry in shown] == [alert["title"] for alert in told]
    bodies = [entry["body"]["data"] for entry in shown]
    assert bodies[0].startswith("Lean back, roll your shoulders, or stand up. (")
    assert "°" in told[0]["message"]
    assert "°" not in bodies[0]
    assert {entry["appname"]["data"] for entry in shown} == {"posturecam"}
    assert [line for line in done.stdout.splitlines() if '"alert"' in line] == (
        heard.read_text(encoding="utf-8").splitlines()
    )
    assert rung == b"\a\a"


def test_where_nothing_else_works_the_terminal_tells_and_says_so_once() -> None:
    """No desktop, no such command, no terminal to ring: two lines, and a watch to its end."""
    outcome = posturecam(
        *WATCH, *UNTIL_TWO_ALERTS, "--format", "plain", "--bell", "--on-alert", "no-such-lamp --on",
        env={"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"},
    )  # fmt: skip

    assert outcome.returncode == 0
    assert outcome.stdout.count("ALERT") == 2
    assert "\a" not in outcome.stdout
    lines = sorted(outcome.stderr.splitlines())
    assert len(lines) == 2
    assert lines[0].startswith("posturecam: the command for alerts does not work: ")
    assert "no-such-lamp --on" in lines[0]
    assert lines[1].startswith("posturecam: the notification service does not work: ")
    assert "posturecam doctor" in lines[1]


@contextmanager
def watching(*words: str, environment: Mapping[str, str] | None = None) -> Iterator[Watched]:
    """A watch that goes on while the test does something to it."""
    command = (sys.executable, "-m", "posturecam", *words, "--format", "jsonl")
    with running(*command, environment=environment) as (program, printed):
        watched = Watched(program)
        reader = threading.Thread(target=watched.read, args=(printed,))
        reader.start()
        try:
            yield watched
        finally:
            program.terminate()
            reader.join()


class Watched:
    """A watch and the records that it printed so far."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self.program = program
        self.records: list[dict[str, Any]] = []

    def read(self, printed: Iterable[str]) -> None:
        """Keeps every record."""
        for line in printed:
            self.records.append(json.loads(line))

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The records of one type."""
        return [record for record in self.records if record["type"] == kind]

    def camera(self) -> object:
        """What was said last of the camera, if anything."""
        said = self.of("camera")
        return said[-1]["status"] if said else None


def status() -> dict[str, Any]:
    """What `posturecam status` says of the watch that runs."""
    said: dict[str, Any] = json.loads(posturecam("status", "--format", "json").stdout)
    return said


@pytest.fixture
def slumped(few_looks: None) -> Iterator[tuple[str, ...]]:
    """A watch of somebody who stays slumped for as long as a test takes, and is told of that."""
    del few_looks
    assert posturecam("calibrate", "--source", "demo", "--seconds", "9").returncode == 0
    with MjpegServer(clip_jpegs(DEMO_CLIP)[SLUMPED], rate_hz=10) as camera:
        yield ("watch", "--source", camera.url, "--slouch-after", "4s")


@needs_dunst
def test_a_pressed_button_snoozes_the_watch(dunst: Dunst, slumped: tuple[str, ...]) -> None:
    """From the alert on the screen to the record of the snooze, through the real service."""
    with dunst.started(), watching(*slumped, environment=dunst.environment) as watched:
        wait_until(lambda: dunst.shown() == 1, "the alert is shown", limit_s=90)
        dunst.press("Snooze 30 min")
        wait_until(lambda: watched.of("steer"), "the watch is snoozed")
        wait_until(lambda: dunst.shown() == 0, "the message goes")

    (snoozed,) = watched.of("steer")
    alert = watched.of("alert")[0]
    assert snoozed["what"] == Control.SNOOZED
    assert snoozed["t_s"] > alert["t_s"]
    lasts = datetime.fromisoformat(snoozed["until"]) - datetime.fromisoformat(snoozed["at"])
    assert lasts == pytest.approx(timedelta(minutes=30), abs=timedelta(minutes=2))


@pytest.mark.slow
@needs_dunst
def test_a_pressed_button_says_that_it_was_no_slouch(
    dunst: Dunst, slumped: tuple[str, ...]
) -> None:
    """From the alert on the screen to a pose that is known, through the real service."""
    with dunst.started(), watching(*slumped, environment=dunst.environment) as watched:
        wait_until(lambda: dunst.shown() == 1, "the alert is shown", limit_s=90)
        dunst.press("That was no slouch")
        wait_until(lambda: watched.of("steer"), "the pose is learned")
        wait_until(lambda: dunst.shown() == 1, "what came of it is shown")

    assert watched.of("steer")[0]["what"] == Control.WRONG
    assert watched.of("refused") == []


@pytest.mark.slow
@needs_dunst
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_watch_that_is_ended_takes_its_message_away(
    dunst: Dunst, slumped: tuple[str, ...], ending: int
) -> None:
    """Its buttons would ask nobody any more."""
    with dunst.started():
        with watching(*slumped, environment=dunst.environment) as watched:
            wait_until(lambda: dunst.shown() == 1, "the alert is shown", limit_s=90)
            watched.program.send_signal(ending)
            watched.program.wait(DEADLINE_S)
        assert dunst.shown() == 0
        assert dunst.history()
    (summary,) = watched.of("summary")
    assert summary["ended_by"] == "interrupted"


@pytest.mark.slow
@needs_bus
@pytest.mark.usefixtures("buses")
def test_a_live_watch_heeds_a_locked_screen_and_a_call(sound: Callable[[str], None]) -> None:
    """Nobody is connected to the camera while a screensaver is on, as its light would show."""
    sound(json.dumps([stream()]))
    assert here("config", "set", "release_in_calls", "false").returncode == 0
    words = ("watch", "--calibrate", "60s", "--no-notify", "--quiet-in-calls", "--source")
    with (
        MjpegServer(clip_jpegs(DEMO_CLIP, limit=20), rate_hz=10) as server,
        saying("ScreenSaver", "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver") as tell,
        watching(*words, server.url) as watched,
    ):
        assert server.wait_for_viewers(1)
        wait_until(lambda: status()["quiet"] == "in a call", "quiet in the call")
        tell("on")
        wait_until(lambda: server.viewers == 0, "the camera is free")
        wait_until(lambda: watched.camera() == CameraStatus.RELEASED, "that is said")
        tell("off")
        assert server.wait_for_viewers(1)
        wait_until(lambda: watched.camera() == CameraStatus.OPEN, "that is said")


def test_a_command_with_an_open_quote_is_refused() -> None:
    """Before anything starts."""
    assert_refused(posturecam("watch", "--on-alert", "lamp 'on"), 2, "quotation mark")
