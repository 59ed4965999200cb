"""Alerts wait while a program runs full screen: as a window manager, GNOME or KDE Plasma says."""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import subprocess
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from posturecam.alerts.suppression import DesktopState
from posturecam.system.desktop import LinuxDesktop
from posturecam.system.x_windows import SOCKETS
from tests.desktops import (
    film,
    keeping_awake,
    linux_only,
    needs_bus,
    running,
    x_server,
)
from tests.light_watch import watching
from tests.program import DEMO_CLIP, posturecam
from tests.streams import MjpegServer, clip_jpegs
from tests.waiting import let_pass, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = linux_only
X_TOOLS = ("Xvfb", "openbox", "xdotool", "xmessage")
needs_x = pytest.mark.skipif(
    not all(map(shutil.which, X_TOOLS)), reason=f"needs {', '.join(X_TOOLS)}"
)

UNASKED_S = 3600.0
"""What is known was told, and not asked for now and then."""

GNOME, PLASMA = "org.gnome.SessionManager", "org.kde.Solid.PowerManagement.PolicyAgent"


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An X server with a window manager, to which programs of this test go."""
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    with x_server() as display:
        monkeypatch.setenv("DISPLAY", display)
        with running("openbox", "--sm-disable"):
            wait_until(_is_managed, "windows are managed")
            yield


def _is_managed() -> bool:
    """Whether what a window asks for, such as the whole screen, is heard by anybody."""
    asked = subprocess.run(["xdotool", "get_num_desktops"], check=False, capture_output=True)
    return asked.returncode == 0


@contextmanager
def desktop(poll_s: float = UNASKED_S) -> Iterator[LinuxDesktop]:
    """The desktop, asked for full screen alone."""
    with closing(LinuxDesktop(full_screen=True, poll_s=poll_s)) as opened:
        yield opened


@needs_x
@pytest.mark.usefixtures("screen")
def test_a_window_in_full_screen_is_noticed_at_once_and_so_is_its_end() -> None:
    """As long as it is to be seen: not behind another window, and not once it is closed."""
    with desktop() as found:
        wait_until(lambda: found.state().full_screen is False, "there is none")
        with film(os.environ) as tell:
            let_pass(0.5, "a window alone is none")
            assert found.state().full_screen is False
            tell("full")
            wait_until(lambda: found.state().full_screen, "it is full")
            with running("xmessage", "-center", "Over it"):
                wait_until(lambda: found.state().full_screen is False, "something is before it")
            wait_until(lambda: found.state().full_screen, "it is in front again")
            tell("small")
            wait_until(lambda: found.state().full_screen is False, "it is small")
            tell("full")
            wait_until(lambda: found.state().full_screen, "it is full again")
        wait_until(lambda: found.state().full_screen is False, "it is gone")


@needs_x
@pytest.mark.usefixtures("screen")
def test_under_wayland_x_tells_of_a_full_screen_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other windows may be there, of which it does not know."""
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    with desktop() as found, film(os.environ) as tell:
        tell("full")
        wait_until(lambda: found.state().full_screen, "it is full")
        tell("small")
        wait_until(lambda: found.state().full_screen is None, "nobody knows")


@needs_x
def test_without_a_window_manager_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is started later is heard of; the server may go away at any time."""
    with x_server() as display:
        monkeypatch.setenv("DISPLAY", display)
        with desktop(poll_s=0.2) as found:
            with running("openbox", "--sm-disable"):
                wait_until(lambda: found.state().full_screen is False, "it is known")
            wait_until(lambda: found.state().full_screen is None, "it is not known any more")
            with running("openbox", "--sm-disable"):
                wait_until(lambda: found.state().full_screen is False, "it is known again")
                os.environ.pop("DISPLAY")
    with desktop() as found:
        assert found.state() == DesktopState()


@needs_x
def test_a_server_that_asks_for_a_cookie_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the file that names it; without it nothing is known."""
    authority, host = tmp_path / "authority", os.uname().nodename.encode()

    def write(display: bytes) -> None:
        parts = (host, display, b"MIT-MAGIC-COOKIE-1", bytes(range(16)))
        entry = b"".join(struct.pack(">H", len(part)) + part for part in parts)
        authority.write_bytes(struct.pack(">H", 256) + entry)

    write(b"")
    with x_server("-auth", str(authority)) as display:
        write(display[1:].encode())
        monkeypatch.setenv("DISPLAY", f"{display}.0")
        monkeypatch.setenv("XAUTHORITY", str(authority))
        with running("openbox", "--sm-disable"), desktop() as found:
            wait_until(lambda: found.state().full_screen is False, "it is let in")
            monkeypatch.setenv("XAUTHORITY", str(tmp_path / "none"))
            with desktop() as outside:
                let_pass(0.5, "it is not let in")
                assert outside.state().full_screen is None


def test_a_server_that_hangs_holds_nobody_up(
    own_display: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It takes the connection and never answers, or answers nonsense; nobody waits or is told."""
    monkeypatch.setenv("DISPLAY", f":{own_display}")
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(SOCKETS / f"X{own_display}"))
        listener.listen()
        with desktop() as found:
            accepted, _ = listener.accept()
            assert found.state() == DesktopState()
        with desktop() as found, closing(listener.accept()[0]) as nonsense:
            nonsense.sendall(struct.pack("<B5xH", 1, 2) + bytes(8))
            let_pass(0.2, "it is read")
            assert found.state() == DesktopState()
        accepted.close()
    assert capfd.readouterr() == ("", "")


def test_a_display_on_another_machine_is_not_contacted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither through the port that SSH opens for it here."""
    with closing(socket.socket()) as listener:
        for port in range(6010, 6100):
            try:
                listener.bind(("127.0.0.1", port))
                break
            except OSError:
                continue
        listener.listen()
        listener.settimeout(0.3)
        monkeypatch.setenv("DISPLAY", f"localhost:{listener.getsockname()[1] - 6000}.0")
        with desktop() as found, pytest.raises(TimeoutError):
            listener.accept()
        assert found.state() == DesktopState()


@needs_bus
@pytest.mark.usefixtures("buses")
@pytest.mark.parametrize("service", [GNOME, PLASMA])
def test_under_wayland_a_video_or_slides_keep_the_screen_awake(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Music does not have to be seen, and what is copied even less."""
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.delenv("DISPLAY", raising=False)
    with keeping_awake(service) as tell, desktop() as found:
        wait_until(lambda: found.state().presenting is False, "nothing is shown")
        tell("video-playing")
        wait_until(lambda: found.state().presenting, "a video")
        tell("audio-playing")
        wait_until(lambda: found.state().presenting is False, "music")
        tell("Slide show")
        wait_until(lambda: found.state().presenting, "slides")
        tell("")
        wait_until(lambda: found.state().presenting is False, "it is over")
        assert found.state().full_screen is None


@needs_bus
@pytest.mark.usefixtures("buses")
def test_where_windows_can_be_asked_a_video_in_a_corner_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would silence a watch for as long as a tab plays."""
    for name in ("WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with keeping_awake(GNOME) as tell, desktop() as found:
        tell("video-playing")
        let_pass(0.5, "it is not asked")
        assert found.state() == DesktopState()


@needs_x
@pytest.mark.slow
@pytest.mark.usefixtures("screen")
def test_a_watch_says_why_it_is_quiet_and_that_may_be_switched_off(home: Path) -> None:
    """`status` and those who follow it; who works in full screen all day wants alerts there."""
    with MjpegServer(clip_jpegs(DEMO_CLIP, limit=60), rate_hz=10) as camera:
        with watching(camera), film(os.environ) as tell:
            tell("full")
            wait_until(lambda: _quiet() == "full screen", "it is quiet")
            tell("small")
            wait_until(lambda: _quiet() is None, "it is not any more")
        home.mkdir(exist_ok=True)
        (home / "config.toml").write_text("quiet_in_full_screen = false\n", encoding="utf-8")
        with watching(camera) as process, film(os.environ) as tell:
            tell("full")
            assert process.stdout is not None
            samples = (line for line in process.stdout if json.loads(line)["type"] == "sample")
            for _ in range(5):
                next(samples)
            assert _quiet() is None


def _quiet() -> object:
    said = posturecam("status", "--format", "json")
    return json.loads(said.stdout).get("quiet") if said.returncode == 0 else "not running"
