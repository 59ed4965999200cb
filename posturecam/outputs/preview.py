"""A window with the picture, the sitter, the baseline and the limits: `watch --preview`.

The picture is drawn here and shown by `preview_window`, a program of its own.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from posturecam.base.language import N_, Sentence, _
from posturecam.outputs.drawing import preview_picture
from posturecam.outputs.live_rows import (
    headline,
    limits_in_force,
    privacy,
    standings,
    suppressed_text,
)
from posturecam.outputs.preview_window import NO_KEY, SIZE
from posturecam.outputs.view_memory import ViewMemory
from posturecam.pose.sitter import find_sitter
from posturecam.values.observation import Detection, Frame, PostureState, Reading, UnknownReason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from posturecam.outputs.keys import Keyboard, NoKeys
    from posturecam.posture.baseline import Baseline
    from posturecam.values.events import Tick
    from posturecam.values.settings import Settings

_CLOSE_LIMIT_S = 1.0


def why_no_window(
    environment: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> str | None:
    """Why a window cannot be opened here; None where it may be tried."""
    displays = ("DISPLAY", "WAYLAND_DISPLAY")
    if platform == "linux" and not any(map(environment.get, displays)):
        return Sentence("there is no display")
    return None


def window_environment(
    environment: Mapping[str, str], platform: str = sys.platform
) -> dict[str, str]:
    """For the program that shows the window.

    OpenCV's wheels bring Qt along for X alone. Where there is an X display, as under Wayland nearly
    always, it is used whatever other programs were told to prefer.
    """
    if platform == "linux" and environment.get("DISPLAY"):
        return {**environment, "QT_QPA_PLATFORM": "xcb"}
    return dict(environment)


class NoPreview:
    """Shows nothing."""

    problem: str | None = None

    def look(self, frame: Frame, detection: Detection, baseline: Baseline | None) -> None:
        """Nothing."""

    def handle(self, tick: Tick) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Preview:
    """Shows each picture with its judgement, and forgets it.

    It is a sink, and is shown each picture by `look` before the turn that judges it. Closing the
    window ends the preview.
    A watch goes on when the window is closed, unless `of_watch` is false: then a calibration.
    """

    def __init__(
        self,
        settings: Settings,
        keyboard: Keyboard | NoKeys,
        environment: Mapping[str, str] = os.environ,
        *,
        of_watch: bool = True,
    ) -> None:
        self._of_watch = of_watch
        self._settings = settings
        self._keyboard = keyboard
        self._memory = ViewMemory()
        self._seen: tuple[Frame, Detection, Baseline | None] | None = None
        self._why = why_no_window(environment)
        self._window = None if self._why else _Window(keyboard.press, environment)

    @property
    def problem(self) -> str | None:
        """Why there is no window, None while nothing is known to be wrong."""
        why = self._why if self._window is None else self._window.failure
        if why is None:
            return None
        text = N_("no preview: {why}. The calibration goes on without it.")
        if self._of_watch:
            text = N_("no preview: {why}. The watch goes on without it.")
        return Sentence(text, why=why)

    @property
    def closed(self) -> bool:
        """There is no window, or there is none any more."""
        return self._window is None or self._window.closed

    def look(self, frame: Frame, detection: Detection, baseline: Baseline | None) -> None:
        """Keeps the picture until the next turn."""
        if not self.closed:
            self._seen = (frame, detection, baseline)

    def handle(self, tick: Tick) -> None:
        """Shows the turn."""
        if self._window is None or self.closed:
            self._seen = None
            return
        self._memory.handle(tick)
        if self._seen is None and _has_a_picture(tick.reading):
            return  # it was shown with the turn before
        self._window.show(self._picture(tick))
        self._seen = None

    def close(self) -> None:
        """Takes the window away; a second call does nothing."""
        self._seen = None
        if self._window is not None:
            self._window.close()

    def _picture(self, tick: Tick) -> NDArray[np.uint8]:
        reading = tick.reading
        posture = self._memory.limited(self._settings).posture
        bars = () if reading is None else standings(reading, limits_in_force(reading, posture))
        title = headline(self._memory, tick)[0]
        goes_on = _("close the window: the calibration goes on")
        if self._of_watch:
            goes_on = _("close the window: the watch goes on")
        notes = (
            self._keyboard.question
            or suppressed_text(self._memory, tick)
            or _("grey: your baseline; the marks: baseline and limits"),
            ", ".join((*privacy(tick), _("mirrored, never stored"))),
            "  ".join((*self._keyboard.summary[:-1], goes_on)),
        )
        if self._seen is None:
            return preview_picture(None, None, None, title=title, bars=bars, notes=notes)
        frame, detection, baseline = self._seen
        sitter = find_sitter(detection, None if baseline is None else baseline.centre)
        return preview_picture(
            frame.image,
            None if isinstance(sitter, UnknownReason) else sitter.landmarks,
            baseline,
            title=title,
            bars=bars,
            notes=notes,
        )


class _Window:
    """The program that shows pictures, served on a thread of its own.

    `failure` says why it shows none; it is None while it does, or was closed by somebody.
    """

    def __init__(self, on_key: Callable[[str], None], environment: Mapping[str, str]) -> None:
        self.failure: str | None = None
        self.closed = False
        self._on_key = on_key
        self._pictures: queue.Queue[NDArray[np.uint8] | None] = queue.Queue(maxsize=1)
        self._program = subprocess.Popen(
            [sys.executable, "-P", "-m", "posturecam.outputs.preview_window"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=window_environment(environment),
        )
        self._thread = threading.Thread(target=self._serve, name="posturecam preview", daemon=True)
        self._thread.start()

    def show(self, picture: NDArray[np.uint8] | None) -> None:
        """Shows the picture, None to end; one that comes while others wait is left out."""
        with suppress(queue.Full):
            self._pictures.put_nowait(picture)

    def close(self) -> None:
        """Ends the program, also one that hangs."""
        self.closed = True
        self.show(None)
        self._thread.join(_CLOSE_LIMIT_S)
        self._program.kill()
        self._thread.join()

    def _serve(self) -> None:
        shown = False
        with suppress(OSError), self._program as program:  # its pipes break when it ends
            while not self.closed and (picture := self._pictures.get()) is not None:
                if (key := _shown_by(program, picture)) is None:
                    break
                shown = True
                if key != NO_KEY:
                    self._on_key(chr(key))
        if self._program.returncode and not self.closed:
            gone = Sentence("its display is gone")
            self.failure = gone if shown else Sentence("the display cannot be used")
        self.closed = True


def _shown_by(program: subprocess.Popen[bytes], picture: NDArray[np.uint8]) -> int | None:
    """The key that was pressed; None when there is no window any more."""
    assert program.stdin is not None  # noqa: S101 - both are pipes
    assert program.stdout is not None  # noqa: S101
    program.stdin.write(SIZE.pack(*picture.shape[:2]))
    program.stdin.write(picture.tobytes())
    program.stdin.flush()
    answer = program.stdout.read(1)
    return answer[0] if answer else None


def _has_a_picture(reading: Reading | None) -> bool:
    """The judgement rests on a picture."""
    if reading is None or reading.state is PostureState.PAUSED:
        return False
    return UnknownReason.NO_PICTURE not in reading.reasons
