"""No packet leaves the machine: the real program, watched by the kernel's own eyes."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.desktops import private_bus, x_server
from tests.light_watch import watching
from tests.program import DATA, DEMO_CLIP
from tests.streams import MjpegServer, clip_jpegs
from tests.tray_host import panel
from tests.waiting import let_pass, wait_until

if TYPE_CHECKING:
    from pathlib import Path

IDLE_S = 20.0
"""A usage logger sends what it has collected after some seconds, and once more at the end."""
LOGGING_BUILD = "mediapipe==0.10.35"
"""The first build with a usage logger (google-ai-edge/mediapipe issue 6291)."""

_ADDRESS = re.compile(
    r"sa_family=AF_INET6?, .*?"
    r'(?:inet_addr\("(?P<four>[^"]+)"\)|inet_pton\(AF_INET6, "(?P<six>[^"]+)")'
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.model,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]


class Traced:
    """A program under strace, with everything that it starts."""

    def __init__(self, trace: Path, *words: str | Path, env: dict[str, str] | None = None) -> None:
        self._trace = trace
        strace = ["strace", "-f", "-qq", "-e", "trace=%network", "-e", "signal=none", "-o"]
        self._process = subprocess.Popen(
            [*strace, trace, sys.executable, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | (env or {}),
            start_new_session=True,
        )

    def has_ended(self) -> bool:
        """Whether it has, perhaps because strace may not look."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """Ask the program to end, as Ctrl-C does."""
        os.killpg(self._process.pid, signal.SIGINT)

    def finish(self, timeout_s: float = 120) -> tuple[int, str]:
        """Exit code and errors, once it has ended."""
        try:
            _, errors = self._process.communicate(timeout=timeout_s)
        finally:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.communicate()
        if "ptrace" in errors:
            pytest.skip(f"this machine does not let strace look: {errors.strip()}")
        return self._process.returncode, errors

    def addresses(self) -> set[str]:
        """Every address of the internet that anybody in there turned to."""
        trace = self._trace.read_text(errors="replace")  # one call may send to many
        return {match["four"] or match["six"] for match in _ADDRESS.finditer(trace)}

    def outside(self) -> set[str]:
        """The addresses that are not on this machine."""
        return {one for one in self.addresses() if not ipaddress.ip_address(one).is_loopback}


@pytest.mark.parametrize(
    "words",
    [
        ("demo",),
        ("watch", "--source", DATA / "leaves_and_returns.mp4", "--calibrate", "5s"),
        ("analyze", DATA / "photos" / "mixed", "--baseline", DATA / "photos" / "upright"),
        ("review",),
        ("doctor",),
    ],
    ids=lambda words: str(words[0]),
)
def test_no_command_turns_to_the_internet(words: tuple[str | Path, ...], tmp_path: Path) -> None:
    """Not even to ask for a name; a data folder of its own, so nothing is skipped."""
    traced = Traced(tmp_path / "trace", "-m", "posturecam", *words)
    code, errors = traced.finish()

    # Doctor misses the baseline, and the camera.
    assert code == (1 if words == ("doctor",) else 0), errors
    assert traced.addresses() == set()


def watch_idle_and_close(trace: Path, *words: str, env: dict[str, str] | None = None) -> Traced:
    """Watches a stream that stalls for as long as a usage logger waits, then ends the watch."""
    jpegs = clip_jpegs(DEMO_CLIP, every=2, limit=100)
    with MjpegServer(jpegs, rate_hz=10) as server:
        traced = Traced(
            trace, *words, "watch", "--source", server.url, "--calibrate", "9s",
            "--format", "plain", env=env,
        )  # fmt: skip
        wait_until(lambda: server.pictures_sent or traced.has_ended(), "it sees something")
        let_pass(IDLE_S / 2, "a usage logger would have seen something by then")
        server.stall()
        let_pass(IDLE_S, "a usage logger would have sent it by then")
        traced.stop()
        code, errors = traced.finish()
    assert code == 130, errors
    return traced


def test_a_watch_that_idles_and_closes_reaches_only_the_camera_that_was_named(
    tmp_path: Path,
) -> None:
    """It has the time and the occasion to report to somebody, and does not."""
    traced = watch_idle_and_close(tmp_path / "trace", "-m", "posturecam")

    assert traced.addresses() == {"127.0.0.1"}


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
def test_the_tray_turns_to_nobody_at_all(tmp_path: Path) -> None:
    """It talks to the display, the bus of the session and the watch: sockets of this machine."""
    pytest.importorskip("PySide6", reason="needs the extra of the tray")
    with (
        x_server() as display,
        private_bus(tmp_path) as bus,
        MjpegServer(clip_jpegs(DEMO_CLIP, limit=60), rate_hz=10) as camera,
        watching(camera),
        panel(
            os.environ | (desktop := {"DISPLAY": display, "DBUS_SESSION_BUS_ADDRESS": bus})
        ) as it,
    ):
        traced = Traced(tmp_path / "trace", "-m", "posturecam", "tray", env=desktop)
        wait_until(lambda: "upright" in (it.tooltip or ""), lambda: it.tooltip)
        let_pass(5.0, "what asks for news at its start would have done so by then")
        traced.stop()
        code, errors = traced.finish()

    assert code == 0, errors
    assert traced.addresses() == set()


_UNGUARDED = """
from posturecam.pose import landmarker
from posturecam.pose import network_guard
network_guard.install = lambda: network_guard.GuardStatus(active=False, reason="taken off")
landmarker.refuse_unguarded_logger = lambda *_: None
from posturecam.__main__ import main
main()
"""


@pytest.mark.skipif(
    "POSTURECAM_TEST_LOGGING_BUILD" not in os.environ,
    reason="downloads another mediapipe; set POSTURECAM_TEST_LOGGING_BUILD=1 to run it",
)
@pytest.mark.parametrize("guarded", [False, True])
def test_the_test_would_see_a_build_that_phones_home(guarded: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """The same watch: with the guard taken off it is caught, with the guard on it gets nowhere."""
    other = tmp_path / "other"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(other)]
    subprocess.run([*pip, LOGGING_BUILD, "certifi"], check=True, timeout=300)
    path = os.pathsep.join([str(other), os.environ.get("PYTHONPATH", "")])
    traced = watch_idle_and_close(
        tmp_path / "trace",
        *(("-m", "posturecam") if guarded else ("-c", _UNGUARDED)),
        env={"PYTHONPATH": path},
    )

    assert bool(traced.outside()) is not guarded
