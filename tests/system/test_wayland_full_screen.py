"""Alerts wait while a program runs full screen under Wayland: as a real compositor says."""

from __future__ import annotations

import importlib.util
import socket
import struct
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from posturecam.alerts.suppression import DesktopState
from posturecam.system.desktop import LinuxDesktop
from posturecam.system.wayland_windows import LIMIT_S
from posturecam.system.x_windows import SOCKETS
from tests.desktops import linux_only
from tests.sways import Sway, needs_sway, sway, window
from tests.system.test_full_screen import UNASKED_S
from tests.waiting import DEADLINE_S, let_pass, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = linux_only
needs_qt = pytest.mark.skipif(
    importlib.util.find_spec("PySide6") is None, reason="the windows need posturecam[desktop]"
)


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sway]:
    """A session in which the desktop is asked."""
    monkeypatch.delenv("DISPLAY", raising=False)
    with sway() as started:
        monkeypatch.setenv("WAYLAND_DISPLAY", started.environment["WAYLAND_DISPLAY"])
        yield started


@needs_sway
@needs_qt
@pytest.mark.slow
def test_a_window_in_full_screen_is_noticed_at_once_and_so_is_its_end(desktop: Sway) -> None:
    """As long as it is to be seen: not once another is worked with on that screen, or it closed."""
    with closing(LinuxDesktop(full_screen=True, poll_s=UNASKED_S)) as found:
        wait_until(lambda: found.state().full_screen is False, "there is none")
        with window(desktop.environment) as (tell, _):
            let_pass(0.5, "a window alone is none")
            assert found.state().full_screen is False
            tell("full")
            wait_until(lambda: found.state().full_screen, "it is full")
            desktop.tell("workspace 2")
            with window(desktop.environment):
                wait_until(lambda: found.state().full_screen is False, "another is worked with")
            desktop.tell("workspace 1")
            wait_until(lambda: found.state().full_screen, "it is in front again")
            tell("small")
            wait_until(lambda: found.state().full_screen is False, "it is small")
            tell("full")
            wait_until(lambda: found.state().full_screen, "it is full again")
        wait_until(lambda: found.state().full_screen is False, "it is gone")


@needs_sway
@needs_qt
@pytest.mark.slow
def test_a_film_on_another_screen_counts_too(desktop: Sway) -> None:
    """While one works on this one; screens and windows that came later are known."""
    with closing(LinuxDesktop(full_screen=True)) as found:
        wait_until(lambda: found.state().full_screen is False, "there is none")
        desktop.tell("create_output")
        desktop.tell(f"focus output {desktop.outputs()[1]}")
        with window(desktop.environment) as (tell, _):
            tell("full")
            wait_until(lambda: found.state().full_screen, "it is full")
            desktop.tell(f"focus output {desktop.outputs()[0]}")
            with window(desktop.environment):
                let_pass(0.5, "another is worked with, elsewhere")
                assert found.state().full_screen is True
        wait_until(lambda: found.state().full_screen is False, "it is gone")


@needs_sway
def test_a_compositor_that_ends_leaves_nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is printed, as of any desktop that is not there."""
    monkeypatch.delenv("DISPLAY", raising=False)
    with sway() as started:
        monkeypatch.setenv("WAYLAND_DISPLAY", started.environment["WAYLAND_DISPLAY"])
        found = LinuxDesktop(full_screen=True)
        wait_until(lambda: found.state().full_screen is False, "it is known")
    with closing(found):
        wait_until(lambda: found.state() == DesktopState(), "it is gone")


def test_a_compositor_that_hangs_or_talks_nonsense_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It takes the connection and never answers, or answers nonsense; nobody waits or is told."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("WAYLAND_DISPLAY", str(tmp_path / "wayland-0"))
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "wayland-0"))
        listener.listen()
        listener.settimeout(DEADLINE_S)
        with closing(LinuxDesktop(full_screen=True)) as found, closing(listener.accept()[0]):
            assert found.state() == DesktopState()
        for nonsense in (bytes(8), struct.pack("=III", 2, 12 << 16, 7), b"refused"):
            with (
                closing(LinuxDesktop(full_screen=True)) as found,
                closing(listener.accept()[0]) as end,
            ):
                end.sendall(nonsense)
                let_pass(0.2, "it is read")
                assert found.state() == DesktopState()
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_for_a_compositor_that_is_busy_no_x_server_is_asked_instead(
    own_display: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at a login: that one knows of X programs alone, and would be asked from then on."""
    monkeypatch.setenv("DISPLAY", f":{own_display}")
    monkeypatch.setenv("WAYLAND_DISPLAY", str(tmp_path / "wayland-0"))
    with (
        closing(socket.socket(socket.AF_UNIX)) as busy,
        closing(socket.socket(socket.AF_UNIX)) as of_x,
    ):
        busy.bind(str(tmp_path / "wayland-0"))
        of_x.bind(str(SOCKETS / f"X{own_display}"))
        for listener in (busy, of_x):
            listener.listen()
        busy.settimeout(DEADLINE_S)
        of_x.settimeout(LIMIT_S + 1.0)
        with closing(LinuxDesktop(full_screen=True)) as found, closing(busy.accept()[0]):
            with pytest.raises(TimeoutError):
                of_x.accept()
            assert found.state() == DesktopState()


def test_nor_is_it_for_one_that_lets_nobody_more_in(
    own_display: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As once it has stood still for so long that too many wait at its door."""
    path = str(tmp_path / "wayland-0")
    monkeypatch.setenv("DISPLAY", f":{own_display}")
    monkeypatch.setenv("WAYLAND_DISPLAY", path)
    with (
        closing(socket.socket(socket.AF_UNIX)) as busy,
        closing(socket.socket(socket.AF_UNIX)) as of_x,
        closing(socket.socket(socket.AF_UNIX)) as waiting,
    ):
        busy.bind(path)
        busy.listen(0)
        waiting.connect(path)
        of_x.bind(str(SOCKETS / f"X{own_display}"))
        of_x.listen()
        of_x.settimeout(0.5)
        with closing(LinuxDesktop(full_screen=True)) as found:
            with pytest.raises(TimeoutError):
                of_x.accept()
            assert found.state() == DesktopState()


def test_a_compositor_that_says_nothing_of_windows_is_not_one_to_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As GNOME's and KDE Plasma's do not: nothing is known, then."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "wayland-0"))
        listener.listen()
        listener.settimeout(DEADLINE_S)
        with closing(LinuxDesktop(full_screen=True)) as found, closing(listener.accept()[0]) as end:
            done = struct.pack("=III", 3, 12 << 16, 1)
            end.sendall(done)
            end.settimeout(DEADLINE_S)
            while end.recv(4096):
                pass
            assert found.state() == DesktopState()
