"""Stories of Ctrl-Z on a real terminal: a stopped program holds no camera."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.cameras import desk
from tests.streams import MjpegServer, as_jpegs
from tests.terminals import Tmux
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no Ctrl-Z")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Tmux]:
    """A shell of its own in a terminal of 60 by 20."""
    with Tmux(tmp_path, 60, 20) as running:
        running.type(f"export POSTURECAM_HOME={tmp_path / 'home'}")
        yield running


@pytest.fixture
def server(home: Path) -> Iterator[MjpegServer]:
    """A camera on the network; twice the pictures that a baseline of two seconds needs."""
    home.mkdir()
    (home / "config.toml").write_text("sample_hz = 10\n", encoding="utf-8")
    with MjpegServer(as_jpegs(map(desk, range(16))), rate_hz=20) as running:
        yield running


def watch(server: MjpegServer, *words: str) -> str:
    """The command line of a watch with a pose model that costs nothing."""
    given = " ".join(words)
    program = f"{sys.executable} -m tests.light_watch watch --source {server.url}"
    return f"clear; {program} --calibrate 4s --no-notify {given}"


def test_ctrl_z_lets_go_of_the_camera_and_fg_takes_it_back(
    terminal: Tmux, server: MjpegServer
) -> None:
    """The connection ends before the program stands still; view and modes come and go with it."""
    before = terminal.modes("before")
    terminal.type(watch(server))
    terminal.wait_for_headline("posturecam  upright")
    assert server.viewers == 1

    terminal.press("C-z")
    assert server.wait_for_viewers(0)
    terminal.wait_for("Stopped")
    assert terminal.modes("between") == before
    assert server.viewers == 0

    terminal.type("fg")
    assert server.wait_for_viewers(1)
    terminal.wait_for_headline("posturecam  upright")
    terminal.press("q")
    left = "\n".join(terminal.wait_for("watched "))
    assert "lost" not in left
    assert terminal.modes("after") == before


@pytest.mark.slow
def test_the_time_it_stood_still_is_unknown(
    terminal: Tmux, server: MjpegServer, tmp_path: Path
) -> None:
    """Said as released and as open again, also where no view is drawn."""
    lines = tmp_path / "lines"
    terminal.type(watch(server, "--format", "jsonl", ">", str(lines)))
    wait_until(lambda: lines.exists() and '"upright"' in lines.read_text())
    terminal.press("C-z")
    assert server.wait_for_viewers(0)
    terminal.wait_for("Stopped")
    terminal.type("fg")
    wait_until(lambda: '"to": "upright"' in _since_released(lines), lines.read_text)
    terminal.press("C-c")
    wait_until(lambda: "summary" in lines.read_text())

    records = [json.loads(line) for line in lines.read_text().splitlines()]
    told = [r.get("status") or r["to"] for r in records if r["type"] in {"camera", "state"}]
    # A machine that stands still for three seconds is a gap of its own.
    in_order = " ".join(told).replace("upright unknown upright", "upright")
    assert in_order == "open upright released unknown open upright closed"


def _since_released(lines: Path) -> str:
    return lines.read_text().partition('"released"')[2]


def test_in_the_background_it_watches_on(terminal: Tmux, server: MjpegServer) -> None:
    """Started there or sent there: it draws nothing, reads no key, and is not stopped for it."""
    terminal.type(watch(server) + " &")
    assert server.wait_for_viewers(1)
    terminal.type("fg")
    terminal.wait_for_headline("posturecam  upright")
    terminal.press("C-z")
    assert server.wait_for_viewers(0)
    terminal.wait_for("Stopped")
    terminal.type("bg; clear")
    assert server.wait_for_viewers(1)
    terminal.type("clear; jobs")
    assert "posturecam  " not in "\n".join(terminal.wait_for("Running"))
    terminal.type("kill %1")
    assert server.wait_for_viewers(0)


@pytest.mark.slow
@pytest.mark.model
def test_taking_a_baseline_lets_go_of_the_camera_too(terminal: Tmux, tmp_path: Path) -> None:
    """It goes on where it was: the time in between is no time of a take."""
    still = np.full((240, 320, 3), 120, np.uint8)
    with MjpegServer(as_jpegs([still]), rate_hz=20) as server:
        terminal.type(
            f"clear; {sys.executable} -m posturecam calibrate --source {server.url} --takes 1"
        )
        terminal.wait_for("baseline in ")
        terminal.press("C-z")
        assert server.wait_for_viewers(0)
        terminal.wait_for("Stopped")
        terminal.type("fg")
        assert server.wait_for_viewers(1)
        terminal.press("C-c")
        assert server.wait_for_viewers(0)
