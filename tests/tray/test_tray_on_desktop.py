"""The tray on a real desktop: an X server, a session bus, a panel, and a real watch of a stream."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from posturecam.base.paths import AppPaths
from posturecam.posture.anchors import GUIDED
from posturecam.posture.taught import load_taught
from posturecam.tray.icons import PICTURES, Icon
from posturecam.values.commands import Pause, Word
from posturecam.watch.client import ask
from posturecam.watch.lock import is_watched
from posturecam.watch.protocol import command_request
from tests.desktops import (
    linux_only,
    needs_bus,
    needs_dunst,
    private_bus,
    running,
    x_server,
)
from tests.light_watch import light, watching
from tests.program import DEMO_CLIP, assert_refused, posturecam
from tests.started import Started
from tests.streams import MjpegServer, clip_jpegs
from tests.terminals import ROOT
from tests.tray_host import panel
from tests.waiting import DEADLINE_S, wait_until
from tests.xfce import HAS_PANEL, HEIGHT_PX, xfce_panel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from tests.desktops import Dunst

pytest.importorskip("PySide6", reason="needs the extra of the tray")
pytestmark = [
    linux_only,
    needs_bus,
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool"
    ),
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
    with Started(
        command,
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
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


@pytest.mark.parametrize("held_up", [False, True])
def test_a_panel_that_comes_later_shows_it_as_well(
    desktop: dict[str, str], paths: AppPaths, *, held_up: bool
) -> None:
    """As at a login; the tray begins anew, as the same process, and a second one is told of it.

    Whoever started it in a terminal is told what it waits for. On a busy machine the panel comes
    between two steps of the tray.
    """
    paths.data.mkdir()
    paths.config_file.write_text("source = 'none.mp4'\n", encoding="utf-8")
    with tray(desktop) as waiting:
        assert waiting.stdout is not None
        assert waiting.stdout.readline().startswith("No panel shows icons here yet")
        if held_up:
            waiting.send_signal(signal.SIGSTOP)
        with panel(desktop) as it:
            waiting.send_signal(signal.SIGCONT)
            wait_until(lambda: it.tooltip == "posturecam: no watch is running", "it is shown")
            another = posturecam("tray", env=desktop)
            assert (another.returncode, another.stdout) == (0, "The tray is there already.\n")


def test_with_its_display_it_ends_without_a_word(tmp_path: Path, paths: AppPaths) -> None:
    """As at a logout: nothing is missing, and there is nothing to begin anew for."""
    paths.data.mkdir()
    paths.config_file.write_text("source = 'none.mp4'\n", encoding="utf-8")
    command = [sys.executable, "-m", "posturecam", "tray"]
    with ExitStack() as stack:
        bus = stack.enter_context(private_bus(tmp_path))
        environment = os.environ | {"DBUS_SESSION_BUS_ADDRESS": bus}
        it = stack.enter_context(panel(environment))
        with x_server() as display:
            shown = stack.enter_context(
                Started(
                    command,
                    env=environment | {"DISPLAY": display},
                    cwd=ROOT,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            wait_until(lambda: it.tooltip == "posturecam: no watch is running", "it is shown")
        assert shown.wait(DEADLINE_S) == 0
        assert shown.stderr is not None
        assert shown.stderr.read() == ""


@needs_dunst
def test_what_keeps_it_from_watching_is_said_once_and_again_on_a_click(
    dunst: Dunst, paths: AppPaths
) -> None:
    """By the watch that it starts at first; a click is answered by the tray."""
    paths.data.mkdir()
    paths.config_file.write_text("source = 'none.mp4'\n", encoding="utf-8")
    with dunst.started(), panel(dunst.environment) as it, tray(dunst.environment):
        wait_until(lambda: dunst.shown() == 1, "the watch says it")
        it.click("Start watching")
        wait_until(lambda: dunst.shown() == 2, "the tray says it")
        dunst.close_all()
        said = [message["summary"]["data"] for message in reversed(dunst.history())]
    assert said == ["posturecam does not watch", "There is no file or folder none.mp4."]


def shown_pixels(environment: dict[str, str], colour: str) -> int:
    """How many pixels of the screen have this colour."""
    code = (
        "import sys; from PySide6.QtGui import QGuiApplication as App; app = App([]);"
        "it = app.primaryScreen().grabWindow(0).toImage();"
        "print(sum(it.pixelColor(x, y).name() == sys.argv[1]"
        " for x in range(it.width()) for y in range(64)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, colour],
        env=environment | {"QT_QPA_PLATFORM": "xcb"},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return int(done.stdout)


def test_removing_the_program_ends_the_tray(
    desktop: dict[str, str], camera: MjpegServer, tmp_path: Path
) -> None:
    """And the watch, which would go on without it; its window can be opened once only."""
    nobodys = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    window_command = [sys.executable, "-m", "posturecam", "tray", "--calibrate"]
    with (
        watching(camera) as watch,
        panel(desktop) as it,
        tray(desktop) as shown,
        Started(window_command, env=desktop, cwd=ROOT) as window,
    ):
        wait_until(lambda: "upright" in (it.tooltip or ""), lambda: it.tooltip)
        wait_until(lambda: has_window(desktop), "the window is open")
        second = posturecam("tray", "--calibrate", env=desktop)
        assert_refused(second, 5, "is open already")
        said = posturecam("uninstall", env=desktop | nobodys).stdout.splitlines()
        assert said[:3] == [
            "The tray is ended.", "The window for a baseline is closed.", "The watch is ended.",
        ]  # fmt: skip
        assert [it.wait(DEADLINE_S) for it in (shown, window, watch)] == [0, 0, 0]


def has_window(environment: dict[str, str]) -> bool:
    """Whether that of a baseline is on the screen."""
    return bool(xdotool(environment, "search", "--onlyvisible", "--name", "posturecam: baseline"))


@pytest.mark.skipif(shutil.which("trayer") is None, reason="needs trayer")
def test_a_tray_of_the_old_kind_shows_it(
    desktop: dict[str, str], camera: MjpegServer, paths: AppPaths
) -> None:
    """Without a panel on the bus it is docked as a window; the screen shows which icon it is."""
    dock = ("trayer", "--edge", "top", "--widthtype", "request", "--height", "24")
    upright, paused = PICTURES[Icon.UPRIGHT].ground, PICTURES[Icon.PAUSED].ground
    with watching(camera), running(*dock, environment=desktop), tray(desktop):
        wait_until(lambda: shown_pixels(desktop, upright) > 50, "the upright figure is shown")
        ask(paths.control, command_request(Pause()))
        wait_until(lambda: shown_pixels(desktop, paused) > 50, "the two bars are shown")
        assert shown_pixels(desktop, upright) == 0


@pytest.mark.skipif(not HAS_PANEL, reason="needs xfce4-panel")
def test_a_real_panel_shows_it_and_opens_its_menu(
    desktop: dict[str, str], camera: MjpegServer, paths: AppPaths, tmp_path: Path
) -> None:
    """That of Xfce: the icon is on the screen, and the last entry of the menu ends it.

    A click with the left button has the tray open the menu, one with the right the panel.
    """
    upright = PICTURES[Icon.UPRIGHT].ground
    command = [sys.executable, "-m", "posturecam", "tray"]
    with watching(camera) as watch, xfce_panel(tmp_path / "xfce", desktop):
        for button in ("1", "3"):
            with Started(command, env=desktop, cwd=ROOT) as it:
                wait_until(lambda: shown_pixels(desktop, upright) > 50, "the icon is shown")
                middle_px = str(HEIGHT_PX // 2)
                xdotool(desktop, "mousemove", middle_px, middle_px, "click", button)
                wait_until(lambda: is_menu_shown(desktop), "the menu is open")
                xdotool(desktop, "key", "--delay", "300", "Up", "Return")
                assert it.wait(DEADLINE_S) == 0
            wait_until(lambda: shown_pixels(desktop, upright) == 0, "the icon is gone")
        assert watch.poll() is None


def is_menu_shown(environment: dict[str, str]) -> bool:
    """Whether a window of its size is: lower ones are tooltips, wider ones the panel."""
    windows = xdotool(environment, "search", "--onlyvisible", "--name", ".*").split()
    for window in windows:
        said = xdotool(environment, "getwindowgeometry", "--shell", window)
        size_px = dict(line.split("=") for line in said.split())
        if size_px and int(size_px["WIDTH"]) < 400 and 150 < int(size_px["HEIGHT"]) < 400:
            return True
    return False


@pytest.mark.model
def test_from_a_baseline_in_the_window_to_a_watch_that_outlives_the_tray(
    desktop: dict[str, str], camera: MjpegServer, paths: AppPaths
) -> None:
    """As on a first day: the window, the tray that starts a watch, and each of their ends.

    In the guided minute the sitter slouches whatever is asked, which differs from the baseline.
    """
    paths.data.mkdir()
    paths.config_file.write_text(f"source = '{camera.url}'\nnotify = false\n", encoding="utf-8")
    command = [sys.executable, "-m", "posturecam", "tray", "--calibrate"]
    with Started(command, env=desktop, cwd=ROOT) as window:
        wait_until(lambda: press_return(desktop) and camera.requests, "the camera is opened")
        wait_until(lambda: list(paths.profiles.glob("*.json")), "it is kept", 4 * DEADLINE_S)
        camera.jpegs = clip_jpegs(DEMO_CLIP)[220:260]
        wait_until(lambda: not press_return(desktop), "it is closed", 6 * DEADLINE_S)
        assert window.wait(DEADLINE_S) == 0
    taught = load_taught(paths.profiles / "default.json")
    assert [anchor.lesson for anchor in taught.anchors] == list(GUIDED)
    camera.jpegs = clip_jpegs(DEMO_CLIP, limit=60)
    stored = {path for path in paths.data.rglob("*") if path.is_file()} - {paths.calibration_lock}
    assert {path.suffix for path in stored} <= {".json", ".toml"}
    assert paths.calibration_lock.read_bytes() == b""

    with Started([*command[:3], "tray"], env=desktop, cwd=ROOT) as it:
        wait_until(paths.control.exists, "it starts a watch")
        it.kill()
    with panel(desktop) as shown, Started([*command[:3], "tray"], env=desktop) as it:
        wait_until(lambda: "upright" in (shown.tooltip or ""), lambda: shown.tooltip)
        shown.click("Quit, and keep watching")
        assert it.wait(DEADLINE_S) == 0
    assert status(paths)["watching"]
    ask(paths.control, command_request(Word.STOP))
    wait_until(lambda: not is_watched(paths.lock), "it ends")
    assert "camera open" in paths.watch_output.read_text(encoding="utf-8")


def test_a_window_that_is_closed_gives_the_camera_back(
    desktop: dict[str, str], camera: MjpegServer, paths: AppPaths
) -> None:
    """The watch has stood still for it, under its own process, and goes on with what it had."""
    taken = light("calibrate", "--source", camera.url, "--takes", "1", "--seconds", "4")
    assert subprocess.run(taken, cwd=ROOT, check=False, timeout=DEADLINE_S).returncode == 0
    kept = [file.read_bytes() for file in paths.profiles.iterdir()]
    with (
        watching(camera, calibrate=None, stdout=subprocess.DEVNULL),
        Started(light("tray", "--calibrate"), env=desktop, cwd=ROOT) as window,
    ):
        wait_until(paths.control.exists, "it listens")
        wait_until(lambda: status(paths)["watching"], "it watches")
        wait_until(
            lambda: press_return(desktop) and status(paths)["camera"] == "released", "it is lent"
        )
        assert status(paths)["why_not"] == "a baseline is being taken"
        xdotool(desktop, "key", "Escape")
        assert window.wait(DEADLINE_S) == 0
        wait_until(lambda: status(paths)["watching"], "it watches again")
    assert [file.read_bytes() for file in paths.profiles.iterdir()] == kept


def press_return(environment: dict[str, str]) -> bool:
    """Presses it in the window; whether there is one."""
    found = xdotool(environment, "search", "--onlyvisible", "--name", "posturecam")
    for window in found.split():
        xdotool(environment, "windowfocus", window)
        xdotool(environment, "key", "Return")
    return bool(found)


def xdotool(environment: dict[str, str], *words: str) -> str:
    """What it prints; nothing where there is no such window."""
    done = subprocess.run(
        ["xdotool", *words], env=environment, check=False, capture_output=True, text=True
    )
    return done.stdout


def test_a_display_that_does_not_answer_is_said_in_two_lines(desktop: dict[str, str]) -> None:
    """Where Qt itself would end with a core dump."""
    nowhere = desktop | {"DISPLAY": ":4711", "QT_QPA_PLATFORM": "xcb"}
    assert_refused(posturecam("tray", env=nowhere), 2, "Qt cannot show anything here")


KEPT = """
from PySide6.QtWidgets import QApplication
from posturecam.tray.menu import Deed, Entry
from posturecam.tray.qt_icon import TrayMenu
app, done = QApplication([]), []
menu = TrayMenu(done.append)
quit_, stop = Entry(text="Quit", deed=Deed.QUIT), Entry(text="Stop", deed=Deed.STOP)
menu.show_entries((Entry(text="Upright"), Entry(), quit_))
before = menu.actions()
menu.show_entries((Entry(text="Upright 1 min"), Entry(), quit_))
assert menu.actions() == before and before[0].text() == "Upright 1 min"
before[2].trigger()
menu.show_entries((Entry(text="Upright"), stop, quit_))
menu.actions()[1].trigger()
assert done == [Deed.QUIT, Deed.STOP], done
"""


def test_an_open_menu_stays_where_it_is_while_only_words_change() -> None:
    """A click that is on its way arrives; what else there is to do makes it anew."""
    offscreen = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-c", KEPT], env=offscreen, cwd=ROOT, check=True, timeout=60)


SMALL = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from posturecam.base.clock import SystemClock
from posturecam.base.paths import AppPaths
from posturecam.tray.calibration_window import CalibrationWindow
app = QApplication([])
folder = Path(sys.argv[1])
window = CalibrationWindow(AppPaths(data=folder, config=folder), clock=SystemClock())
window.show()
room = window.screen().availableSize()
assert window.height() < room.height() < 560, (window.size(), room)
assert window.rect().contains(window._buttons.geometry())
"""


def test_the_window_fits_on_a_small_screen(tmp_path: Path) -> None:
    """One of twice the scale, say: the buttons are at its bottom."""
    scaled = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": "1.5"}
    command = [sys.executable, "-c", SMALL, str(tmp_path)]
    subprocess.run(command, env=scaled, cwd=ROOT, check=True, timeout=60)


def test_no_call_of_the_toolkit_loses_a_reference() -> None:
    """6.12.0 gives one to None away with each call under Python 3.11, and dies of it in a day."""
    code = (
        "import sys; from PySide6.QtCore import QSize; from PySide6.QtGui import QPen\n"
        "pen, before = QPen(), sys.getrefcount(None)\n"
        "for _ in range(1000): pen.setWidth(2)\n"
        "print(abs(sys.getrefcount(None) - before) < 100)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "True\n"
