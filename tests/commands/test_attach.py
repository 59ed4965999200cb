"""A running watch seen from other terminals: its view and keys, and its status as it changes."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import pytest

from posturecam.base.command_words import quoted_words
from posturecam.outputs.status import status_line
from tests.desktops import install_program
from tests.fakes import NINE
from tests.light_watch import light, watching
from tests.program import DEMO_CLIP, assert_refused, posturecam
from tests.started import Started
from tests.streams import MjpegServer, clip_jpegs
from tests.terminals import ROOT, Tmux
from tests.waiting import DEADLINE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX"), reason="this system has no sockets in the file system"
)

POSTURECAM = f"{sys.executable} -m posturecam"


@pytest.fixture
def watch() -> Iterator[subprocess.Popen[str]]:
    """A watch of somebody who sits upright, which has seen them."""
    with (
        MjpegServer(clip_jpegs(DEMO_CLIP, limit=60), rate_hz=10) as camera,
        watching(camera) as process,
    ):
        assert process.stdout is not None
        while json.loads(process.stdout.readline() or "{}")["type"] != "sample":
            pass
        yield process


@pytest.fixture
def terminal(tmp_path: Path, home: Path) -> Iterator[Tmux]:
    """Another terminal."""
    with Tmux(tmp_path, 100, 30) as it:
        it.type(f"export POSTURECAM_HOME={home}; clear")
        yield it


def test_a_watch_that_looks_every_five_minutes_answers_keys_meanwhile(terminal: Tmux) -> None:
    """In its own terminal, while it does without the camera."""
    with MjpegServer(clip_jpegs(DEMO_CLIP, limit=60), rate_hz=10) as camera:
        watch = quoted_words(light("watch", "--source", camera.url, "--calibrate", "3s"))
        terminal.type(f"{watch} --interval 5m --no-notify")
        terminal.wait_for_headline("posturecam  upright")
        wait_until(lambda: not camera.viewers, "it lets go of the camera")
        terminal.press("?")
        terminal.wait_for_headline("posturecam  help")
        terminal.press("c")
        terminal.wait_for("Take a new baseline?")
        terminal.press("s")
        terminal.wait_for("alerts are suppressed: snoozed until")
        assert not camera.viewers
        terminal.press("q")
        terminal.wait_for("watched ")


def test_two_terminals_show_the_watch_and_leave_it_running(
    watch: subprocess.Popen[str], terminal: Tmux
) -> None:
    """`attach`, and a second `watch`: the same rows, keys that steer it, `q` that ends nothing."""
    terminal.type(f"{POSTURECAM} attach")
    rows = terminal.wait_for_headline("posturecam  upright")
    assert any(row.startswith("upper back") for row in rows)
    assert any("q leave" in row for row in rows)
    assert any("baseline: taken now" in row for row in rows)  # from before it came

    terminal.press("s")
    terminal.wait_for("alerts are suppressed: snoozed until")
    terminal.press("?")
    terminal.wait_for("posturecam  help")
    terminal.press("p")
    terminal.wait_for_headline("posturecam  paused")
    terminal.press("q")
    said = terminal.wait_for("Show it again: posturecam attach. End it: posturecam stop")
    assert "The watch goes on." in said
    assert watch.poll() is None

    terminal.type(f"clear; {POSTURECAM} watch")
    rows = terminal.wait_for_headline("posturecam  paused")
    assert any("snoozed until" in row for row in rows)  # by somebody who was here before
    terminal.press("p")
    terminal.wait_for_headline("posturecam  upright")
    assert posturecam("stop").returncode == 0
    terminal.wait_for("The watch has ended.")


@pytest.mark.skipif(sys.platform == "win32", reason="tmux is none of Windows'")
def test_the_longest_line_fits_into_tmux_as_the_page_sets_it_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which shows 40 characters by default. A tmux within the other one, as its screen is read."""
    record = {
        "watching": True, "state": "slouched", "state_s": 1320.0, "quiet": "snoozed",
        "unchanged_s": 5100.0, "unchanged_after_s": 1200.0, "next_break_s": 0.0,
    }  # fmt: skip
    line = status_line(record, NINE)
    assert line == "slouched 22 min, unchanged 1 h 25 min, break due, alerts suppressed"
    install_program(tmp_path / "bin" / "posturecam", f"#!/bin/sh\necho '{line}'\n", monkeypatch)
    page = (ROOT / "docs" / "status-line.md").read_text(encoding="utf-8")
    config = tmp_path / "tmux.conf"
    config.write_text(page.split("```")[1], encoding="utf-8")
    inner = f"tmux -S {tmp_path / 'inner'}"
    with Tmux(tmp_path, 100, 10) as terminal:
        terminal.type(f"TMUX= {inner} -f {config}")
        terminal.wait_for(f"{line} | ")
        terminal.type(f"{inner} kill-server")
        terminal.wait_for("[server exited]")


def test_a_status_that_is_followed_goes_on_to_the_next_watch(
    watch: subprocess.Popen[str],
) -> None:
    """Records with what happened; then that none runs any more, until an interrupt."""
    with _followed("json") as lines:
        records = map(json.loads, lines)
        first = next(records)
        assert (first["v"], first["state"], first["provisional"]) == (1, "upright", None)
        assert posturecam("snooze", "45").returncode == 0
        happened = next(record for record in records if record["events"])
        assert happened["events"][0]["what"] == "snoozed"
        assert happened["quiet"] == "snoozed"
        assert posturecam("stop").returncode == 0
        assert watch.wait(DEADLINE_S) == 0
        last = next(record for record in records if not record["running"])
        assert last["why_not"] == "no watch is running"


def test_the_line_of_a_bar_and_the_lines_for_the_eye(watch: subprocess.Popen[str]) -> None:
    """One line while it reads the same; and how it stands, then what happens."""
    with _followed("line") as shown, _followed("plain") as told:
        assert next(shown).startswith("upright, break in ")
        assert next(told).startswith("Watching: upright for ")
        assert posturecam("pause", "1h").returncode == 0
        assert any(line.startswith("paused until ") for line in shown)
        assert any("  paused until " in line for line in told)
        assert watch.poll() is None


@contextmanager
def _followed(format_name: str) -> Iterator[IO[str]]:
    """What `status --follow` prints, until the block ends it with Ctrl-C."""
    command = [sys.executable, "-m", "posturecam", "status", "--follow", "--format", format_name]
    with Started(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as follower:
        assert follower.stdout is not None
        yield follower.stdout
        follower.send_signal(signal.SIGINT)
        assert follower.wait(DEADLINE_S) == 0


def test_without_a_watch_or_a_terminal_it_is_refused(watch: subprocess.Popen[str]) -> None:
    """With the way that there is instead."""
    assert_refused(posturecam("attach"), 2, "no terminal", "posturecam status --follow")
    assert_refused(posturecam("watch"), 5, "A watch is already using")
    assert watch.poll() is None


def test_without_a_watch_there_is_nothing_to_show() -> None:
    """The documented code, and what a bar shows then."""
    assert_refused(posturecam("attach"), 7, "No watch is running")
    outcome = posturecam("status", "--format", "line")
    assert (outcome.returncode, outcome.stdout) == (7, "no watch is running\n")
