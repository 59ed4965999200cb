"""The preview's window on a real display: what it shows, its keys, and its end."""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest

from posturecam.outputs.keys import Keyboard
from posturecam.outputs.preview import Preview, why_no_window
from posturecam.outputs.preview_window import TITLE
from posturecam.values.commands import Inbox
from posturecam.values.observation import Detection
from posturecam.values.settings import Settings
from tests.fakes import ManualClock, blank_frame, sitter
from tests.outputs.test_display import tick
from tests.program import DEMO_CLIP
from tests.started import Started
from tests.streams import MjpegServer, clip_jpegs
from tests.terminals import ROOT, bare_terminal, program_or_skip, read_until
from tests.waiting import DEADLINE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

if sys.platform != "linux":
    pytest.skip("Xvfb is for Linux", allow_module_level=True)

NOWHERE = {key: value for key, value in os.environ.items() if "DISPLAY" not in key}
WALL_BGR = (90, 60, 30)
MAP_AGAIN_AFTER_S = 4.0


class Display:
    """A display without a screen, whose picture can be read."""

    def __init__(self, folder: Path) -> None:
        self._frame_buffer = folder / "Xvfb_screen0"
        self._server = subprocess.Popen(
            [program_or_skip("Xvfb"), "-displayfd", "1", "-screen", "0", "1000x900x24",
             "-fbdir", str(folder), "-nolisten", "tcp", "-noreset"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self._server.stdout is not None
        self.name = f":{self._server.stdout.readline().strip()}"

    def close(self) -> None:
        """Ends the server; a second call does nothing."""
        self._server.terminate()
        self._server.wait()
        if self._server.stdout is not None:
            self._server.stdout.close()

    def picture(self) -> NDArray[np.uint8]:
        """(900, 1000, 3) uint8, BGR: what is on the display."""
        data = self._frame_buffer.read_bytes()
        header = struct.unpack(">25I", data[:100])
        start, height, row_bytes = header[0] + 12 * header[19], header[5], header[12]
        pixels = np.frombuffer(data, np.uint8, height * row_bytes, start)
        return pixels.reshape(height, row_bytes // 4, 4)[:, :, :3]

    def shows(self, colour_bgr: tuple[int, int, int]) -> int:
        """So many points of exactly this colour."""
        return int((self.picture() == colour_bgr).all(axis=2).sum())

    def shows_the_window(self) -> bool:
        """The preview is on the display, brought there anew if it got lost.

        Qt now and then misses that its window was mapped; a window manager would map it again.
        """
        with suppress(AssertionError):
            wait_until(lambda: self.shows(WALL_BGR) > 100_000, limit_s=MAP_AGAIN_AFTER_S)
            return True
        for window in self.windows():
            self.xdotool("windowunmap", window, "windowmap", window)
        return False

    def windows(self) -> list[str]:
        """The windows of the preview."""
        outcome = subprocess.run(
            [program_or_skip("xdotool"), "search", "--name", TITLE],
            env=NOWHERE | {"DISPLAY": self.name},
            capture_output=True, text=True, check=False, timeout=DEADLINE_S,
        )  # fmt: skip
        return outcome.stdout.split()

    def xdotool(self, *words: str) -> str:
        """Acts like a user; the answer."""
        outcome = subprocess.run(
            [program_or_skip("xdotool"), *words],
            env=NOWHERE | {"DISPLAY": self.name},
            capture_output=True, text=True, check=True, timeout=DEADLINE_S,
        )  # fmt: skip
        return outcome.stdout.strip()

    def press(self, key: str) -> None:
        """Presses a key in the preview."""
        self.xdotool("windowfocus", "--sync", self.windows()[-1], "key", key)

    def ask_to_close(self) -> None:
        """What a window manager sends when somebody clicks the cross."""
        window = int(self.windows()[-1])
        library = ctypes.CDLL("libX11.so.6")
        library.XOpenDisplay.restype = ctypes.c_void_p
        connection = ctypes.c_void_p(library.XOpenDisplay(self.name.encode()))
        library.XInternAtom.restype = ctypes.c_ulong
        protocols, delete = (
            library.XInternAtom(connection, name, 0)
            for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")
        )
        # XClientMessageEvent: type 33, serial, send_event, display, window, message, format, data
        event = struct.pack("i4xLi4xPLLi4x5L", 33, 0, 1, 0, window, protocols, 32, delete, *[0] * 4)
        buffer = ctypes.create_string_buffer(event, 192)
        library.XSendEvent(connection, ctypes.c_ulong(window), 0, ctypes.c_long(0), buffer)
        library.XCloseDisplay(connection)


@pytest.fixture
def display(tmp_path: Path) -> Iterator[Display]:
    """A display of its own."""
    opened = Display(tmp_path)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def preview_on(
    display: Display, *words: str, **environment: str
) -> Iterator[subprocess.Popen[str]]:
    """The preview of a scripted sitter, once it is shown."""
    with Started(
        [sys.executable, "-m", "tests.preview_window", *words],
        env=NOWHERE | {"DISPLAY": display.name} | environment,
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        try:
            wait_until(lambda: display.shows_the_window() or program.poll() is not None)
            yield program
        finally:
            program.kill()


def test_the_window_shows_the_sitter_the_baseline_and_the_limits(display: Display) -> None:
    """Not a blank: the wall, the joints, the ghost in grey, bars over and within their limits."""
    with preview_on(display) as program:
        picture = display.picture()
        display.press("q")
        out, err = program.communicate(timeout=DEADLINE_S)

    assert program.returncode == 0, err
    window = picture[:, :720]
    assert (window[:540] == WALL_BGR).all(axis=2).mean() > 0.8
    assert (window[:540] == 255).all(axis=2).sum() > 100  # joints
    assert (window[:540] == 190).all(axis=2).sum() > 300  # the baseline's head and shoulders
    panel = window[540:]
    assert (panel == (60, 180, 255)).all(axis=2).sum() > 2000  # beyond the limit
    assert (panel == (200, 170, 80)).all(axis=2).sum() > 1000  # within
    assert (panel == 255).all(axis=2).sum() > 1000  # words
    assert "asked: Stop" in out


@pytest.mark.slow
@pytest.mark.parametrize("preferred", ["wayland", "wayland-egl", "offscreen", "wayland;xcb"])
def test_what_other_programs_prefer_does_not_matter_where_there_is_x(
    display: Display, preferred: str
) -> None:
    """Many Wayland desktops set this for all programs; the window library has no part for it."""
    with preview_on(display, QT_QPA_PLATFORM=preferred, WAYLAND_DISPLAY="wayland-0") as program:
        assert display.shows(WALL_BGR) > 100_000
        display.press("q")
        out, err = program.communicate(timeout=DEADLINE_S)

    assert program.returncode == 0, err
    assert out.startswith("problem: None\n")


def test_keys_work_in_the_window(display: Display) -> None:
    """The same keys as in the terminal, whatever the terminal does."""
    with preview_on(display, "--keys") as program:
        assert program.stdout is not None
        for key in ("p", "s", "c", "y"):
            display.press(key)
            # Of two keys that come within a turn the first is lost.
            assert program.stdout.readline() == f"{key}\n"
        display.press("q")
        out, _ = program.communicate(timeout=DEADLINE_S)

    assert "asked: Pause Snooze Recalibrate Stop" in out


@pytest.mark.slow
def test_closing_the_window_ends_the_preview_and_not_the_watch(display: Display) -> None:
    """The turns go on, nothing is opened again and nothing is wrong."""
    with preview_on(display) as program:
        display.ask_to_close()
        out, err = program.communicate(timeout=DEADLINE_S)

    assert program.returncode == 0, err
    assert out == "problem: None\nasked:\n"
    wait_until(lambda: display.shows(WALL_BGR) == 0, "it is gone from the display, too")


@pytest.mark.slow
def test_a_display_that_dies_ends_the_preview_and_not_the_watch(display: Display) -> None:
    """The window library ends its program then; that is not the one that watches."""
    with preview_on(display) as program:
        display.close()
        out, err = program.communicate(timeout=DEADLINE_S)

    assert program.returncode == 0, err
    assert out == (
        "problem: no preview: its display is gone. The watch goes on without it.\nasked:\n"
    )


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, "there is no display"),
        ({"DISPLAY": ":6789"}, "the display cannot be used"),
        ({"WAYLAND_DISPLAY": "wayland-9"}, "the display cannot be used"),
    ],
)
def test_without_a_display_the_watch_goes_on_with_one_clear_line(
    environment: dict[str, str], reason: str
) -> None:
    """The window library would end the program; it is never asked."""
    outcome = subprocess.run(
        [sys.executable, "-m", "tests.preview_window"],
        env=NOWHERE | environment,
        cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_S, check=False,
    )  # fmt: skip

    assert outcome.stderr == ""
    assert outcome.stdout == (
        f"problem: no preview: {reason}. The watch goes on without it.\nasked:\n"
    )


@pytest.mark.slow
@pytest.mark.model
def test_a_real_watch_without_a_display_says_so_once_and_goes_on() -> None:
    """One line beside the records, and everything else as ever."""
    outcome = subprocess.run(
        [sys.executable, "-m", "posturecam", "watch", "--preview", "--source", "demo",
         "--calibrate", "3s", "--duration", "5s", "--no-notify", "--format", "jsonl"],
        env=NOWHERE | {"POSTURECAM_HOME": os.environ["POSTURECAM_HOME"]},
        cwd=ROOT, capture_output=True, text=True, timeout=2 * DEADLINE_S, check=False,
    )  # fmt: skip

    assert outcome.returncode == 0
    assert outcome.stderr == (
        "posturecam: no preview: there is no display. The watch goes on without it.\n"
    )
    assert '"to": "upright"' in outcome.stdout


def test_a_preview_without_a_window_keeps_no_picture() -> None:
    """Nor anything else."""
    preview = Preview(Settings(), Keyboard(Inbox(), clock=ManualClock()), environment={})
    preview.look(blank_frame(0.0), Detection(t_s=0.0, people=(sitter(),), brightness=9.0), None)
    preview.handle(tick())
    preview.close()

    assert preview.closed
    assert preview._seen is None
    assert why_no_window({"DISPLAY": ""}) == "there is no display"


@pytest.mark.slow
@pytest.mark.model
def test_calibrate_shows_the_sitter_while_the_baseline_is_taken(
    display: Display, tmp_path: Path
) -> None:
    """In the same window, which goes when the baseline is taken; without a display it is said.

    At a terminal nobody has to ask for it.
    """
    words = [sys.executable, "-m", "posturecam", "calibrate", "--takes", "1", "--seconds", "4"]
    home = {"POSTURECAM_HOME": os.environ["POSTURECAM_HOME"]}
    with (
        MjpegServer(clip_jpegs(DEMO_CLIP, limit=60)[20:], rate_hz=10) as camera,
        Started(
            [*words, "--source", camera.url, "--preview"],
            env=NOWHERE | home | {"DISPLAY": display.name},
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        ) as program,
    ):  # fmt: skip
        wait_until(display.windows)
        out, _ = program.communicate(timeout=2 * DEADLINE_S)
    assert program.returncode == 0, out
    assert "Baseline 'default' saved" in out
    assert "no preview" not in out
    assert not display.windows()

    with (
        MjpegServer(clip_jpegs(DEMO_CLIP, limit=60)[20:], rate_hz=10) as camera,
        bare_terminal(
            *("posturecam", *words[3:], "--no-guided", "--source", camera.url),
            errors=tmp_path / "errors",
            environment=home | {"DISPLAY": display.name},
        ) as (program_there, ours),
    ):
        wait_until(display.windows)
        read_until(ours, b"no picture is kept")
        assert program_there.wait(DEADLINE_S) == 0

    blind = subprocess.run(
        [*words, "--source", "demo", "--preview", "--yes"],
        env=NOWHERE | home,
        cwd=ROOT, capture_output=True, text=True, timeout=2 * DEADLINE_S, check=False,
    )  # fmt: skip
    assert blind.returncode == 0, blind.stderr
    assert "there is no display. The calibration goes on without it." in blind.stdout
