"""The tray on a real desktop: an X server, a session bus, a panel, and a real watch of a stream."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from posturecam.base.paths import AppPaths
from posturecam.watch.asking import ask
from tests.desktops import linux_only, needs_bus, private_bus, x_server
from tests.light_watch import watching
from tests.program import DEMO_CLIP
from tests.streams import MjpegServer, clip_jpegs
from tests.terminals import ROOT
from tests.tray_host import panel
from tests.waiting import DEADLINE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

pytest.importorskip("PySide6", reason="needs the extra of the tray")
pytestmark = [
    linux_only,
    needs_bus,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb"),
]


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[dict[str, str]]:
    """For programs in a desktop session of this test."""
    with x_server() as display, private_bus(tmp_path) as bus:
        yield os.environ | {"DISPLAY": display, "DBUS_SESSION_BUS_ADDRESS": bus}


@pytest.fixture
def paths(home: Path) -> AppPaths:
    """The folders of this test."""
    return AppPaths(data=home, config=home)


@pytest.fixture
def camera() -> Iterator[MjpegServer]:
    """Somebody who sits upright."""
    with MjpegServer(clip_jpegs(DEMO_CLIP, limit=60), rate_hz=10) as it:
        yield it


@contextmanager
def tray(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The tray, ended as Ctrl-C would."""
    command = [sys.executable, "-m", "posturecam", "tray"]
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as it:
        yield it
        it.send_signal(signal.SIGINT)
        assert it.wait(DEADLINE_S) == 0
        assert it.stderr is not None
        assert it.stderr.read() == ""


def status(paths: AppPaths) -> dict[str, Any]:
    """What the watch says of itself."""
    record = ask(paths.control, {"do": "status"})["status"]
    assert isinstance(record, dict)
    return record


def test_the_tray_shows_a_watch_and_steers_it(
    desktop: dict[str, str], camera: MjpegServer, paths: AppPaths
) -> None:
    """Icon and tooltip follow the state; the menu pauses, resumes, snoozes and stops for real."""
    with watching(camera) as watch, panel(desktop) as it, tray(desktop):
        wait_until(lambda: "upright" in (it.tooltip or ""), lambda: it.tooltip)
        upright = it.icon
        it.click("For 1 hour")
        wait_until(lambda: status(paths)["camera"] == "released", "the camera is let go of")
        wait_until(lambda: "paused until" in (it.tooltip or ""), lambda: it.tooltip)
        assert it.icon != upright
        it.click("Resume")
        wait_until(lambda: it.icon == upright, lambda: it.tooltip)
        it.click("Snooze alerts for 30 min")
        wait_until(lambda: status(paths)["snoozed_until"], "it is snoozed")
        it.click("Alerts again")
        wait_until(lambda: not status(paths)["snoozed_until"], "it is not snoozed any more")
        it.click("Stop watching")
        assert watch.wait(DEADLINE_S) == 0
        wait_until(lambda: it.tooltip == "posturecam: no watch is running", lambda: it.tooltip)
