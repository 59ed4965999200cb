"""A whole watch tells the sitter: on a real desktop, through a command, by the bell."""

from __future__ import annotations

import json
import os
import pty
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from posturecam.events import AlertKind
from tests.desktops import linux_only, needs_dunst
from tests.test_cli import assert_refused, posturecam
from tests.test_main_job import SHORT_WAITS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desktops import Dunst

pytestmark = [pytest.mark.model, linux_only]

WATCH = ("watch", "--source", "demo", "--calibrate", "9s", *SHORT_WAITS)
UNTIL_TWO_ALERTS = ("--duration", "36s")


@pytest.fixture(autouse=True)
def few_looks(home: Path) -> None:
    """Two pictures a second are enough for what is tested here, and quicker."""
    home.mkdir()
    (home / "config.toml").write_text("sample_hz = 2\n", encoding="utf-8")


def alerts_of(printed: str) -> list[dict[str, Any]]:
    """The records of alerts among all that `--format jsonl` printed."""
    records = [json.loads(line) for line in printed.splitlines()]
    return [record for record in records if record["type"] == "alert"]


@needs_dunst
def test_desktop_command_and_bell_tell_what_the_terminal_tells(
    dunst: Dunst, tmp_path: Path
) -> None:
    """Every alert in its own words; on the screen only the newest stays; one ring for each."""
    heard = tmp_path / "heard it"
    command = shlex.join(("sh", "-c", 'cat >> "$1"', "sh", str(heard)))
    words = (*WATCH, *UNTIL_TWO_ALERTS, "--format", "jsonl", "--bell", "--on-alert", command)
    ours, theirs = pty.openpty()
    with dunst.started():
        done = subprocess.run(
            [sys.executable, "-m", "posturecam", *words],
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            check=True,
            timeout=120,
            env=dunst.environment,
        )
        assert dunst.shown() == 1
        dunst.close_all()
        shown = list(reversed(dunst.history()))
    os.close(theirs)
    rung = os.read(ours, 1000)
    os.close(ours)

    told = alerts_of(done.stdout)
    assert [alert["kind"] for alert in told] == [AlertKind.SLOUCH, AlertKind.UNCHANGED]
    assert [entry["summary"]["data"] for entry in shown] == [alert["title"] for alert in told]
    assert [entry["body"]["data"] for entry in shown] == [alert["message"] for alert in told]
    assert {entry["appname"]["data"] for entry in shown} == {"posturecam"}
    assert [json.loads(line) for line in heard.read_text(encoding="utf-8").splitlines()] == told
    assert rung == b"\a\a"


def test_where_nothing_else_works_the_terminal_tells_and_says_so_once() -> None:
    """No desktop, no such command, no terminal to ring: two lines, and a watch to its end."""
    outcome = posturecam(
        *WATCH, *UNTIL_TWO_ALERTS, "--format", "plain", "--bell", "--on-alert", "no-such-lamp --on",
        timeout_s=120, env={"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"},
    )  # fmt: skip

    assert outcome.returncode == 0
    assert outcome.stdout.count("ALERT") == 2
    assert "\a" not in outcome.stdout
    lines = sorted(outcome.stderr.splitlines())
    assert len(lines) == 2
    assert lines[0].startswith("posturecam: the command for alerts, no-such-lamp --on, is not ")
    assert lines[1].startswith("posturecam: the notification service does not work: ")
    assert "posturecam doctor" in lines[1]


def test_a_command_with_an_open_quote_is_refused() -> None:
    """Before anything starts."""
    assert_refused(posturecam("watch", "--on-alert", "lamp 'on"), 2, "quotation mark")
