"""A window with the picture, the sitter, the baseline and the limits: `watch --preview`.

OpenCV draws it, on the thread that runs the loop. Its window library ends the whole program where
it finds no display, so a program of its own tries that first.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from posturecam.drawing import Bar, preview_picture
from posturecam.live_rows import Told, headline, held_back, privacy, standings
from posturecam.observation import Doubt, PostureState
from posturecam.sitter import find_sitter

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from posturecam.baseline import Baseline
    from posturecam.events import Tick
    from posturecam.keys import Keyboard
    from posturecam.observation import Detection, Frame, Reading
    from posturecam.settings import Settings

TITLE = "posturecam"

TRIAL_LIMIT_S = 15.0
"""A display on another machine may never answer."""

_TRIAL = "import cv2; cv2.namedWindow('posturecam')"
_NO_CHARACTER = 127
_BLANK = 32


def why_no_window(environment: Mapping[str, str] = os.environ) -> str | None:
    """Why a window cannot be opened here; None where it can."""
    if sys.platform != "linux":
        return None
    if not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        return "there is no display"
    try:
        trial = subprocess.run(  # noqa: S603 - a fixed program
            [sys.executable, "-P", "-c", _TRIAL],
            env=dict(environment),
            capture_output=True,
            timeout=TRIAL_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "the display does not answer"
    return "the display cannot be used" if trial.returncode else None


class NoPreview:
    """Shows nothing."""

    problem: str | None = None

    def look(self, frame: Frame, detection: Detection, baseline: Baseline | None) -> None:
        """Nothing."""

    def take(self, tick: Tick) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Preview:
    """Shows each picture with its judgement, and forgets it.

    It is a sink, and is shown each picture by `look` before the turn that judges it. Closing the
    window ends the preview; the watch goes on.

    Attributes:
        problem: why there is no window, or None while nothing is known to be wrong.
        closed: there is no window, or there is none any more.
    """

    def __init__(
        self,
        settings: Settings,
        keyboard: Keyboard,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        why = why_no_window(environment)
        self.problem = None if why is None else f"no preview: {why}. The watch goes on without it."
        self._thresholds = settings.posture.thresholds
        self._keyboard = keyboard
        self._told = Told()
        self._seen: tuple[Frame, Detection, Baseline | None] | None = None
        self._shape: tuple[int, ...] | None = None
        self.closed = self.problem is not None

    def look(self, frame: Frame, detection: Detection, baseline: Baseline | None) -> None:
        """Keeps the picture until the next turn."""
        if not self.closed:
            self._seen = (frame, detection, baseline)

    def take(self, tick: Tick) -> None:
        """Shows the turn, and presses the key that was pressed in the window."""
        if self.closed:
            return
        self._told.take(tick)
        if self._seen is None and _has_a_picture(tick.reading):
            return  # it was shown with the turn before
        import cv2

        try:
            self._show(tick)
        except cv2.error as error:
            self.problem = f"the preview window does not work: {error.err or error}"
            self.closed = True
        self._seen = None

    def close(self) -> None:
        """Takes the window away; a second call does nothing."""
        self._seen = None
        if self._shape is not None and not self.closed:
            import cv2

            cv2.destroyWindow(TITLE)
        self.closed = True

    def _show(self, tick: Tick) -> None:
        import cv2

        picture = self._picture(tick)
        if self._shape is None:
            cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        elif not _is_open():
            self.closed = True
            return
        if picture.shape != self._shape:
            self._shape = picture.shape
            cv2.resizeWindow(TITLE, picture.shape[1], picture.shape[0])
        cv2.imshow(TITLE, picture)
        key = cv2.pollKey()
        if _BLANK <= key < _NO_CHARACTER:
            self._keyboard.press(chr(key))

    def _picture(self, tick: Tick) -> NDArray[np.uint8]:
        stands = () if tick.reading is None else standings(tick.reading, self._thresholds)
        bars = [
            Bar(
                name=stand.name,
                ratio=stand.ratio,
                text=stand.text(spread=True),
                either_way=stand.either_way,
            )
            for stand in stands
        ]
        title, _ = headline(self._told, tick)
        notes = (
            held_back(self._told, tick) or "grey: your baseline; the marks: baseline and limits",
            ", ".join((*privacy(tick), "mirrored, never stored")),
            "  ".join((*self._keyboard.summary[:-1], "close the window: the watch goes on")),
        )
        if self._seen is None:
            return preview_picture(None, None, None, title=title, bars=bars, notes=notes)
        frame, detection, baseline = self._seen
        sitter = find_sitter(detection, None if baseline is None else baseline.centre)
        return preview_picture(
            frame.image,
            None if isinstance(sitter, Doubt) else sitter,
            baseline,
            title=title,
            bars=bars,
            notes=notes,
        )


def _has_a_picture(reading: Reading | None) -> bool:
    """The judgement rests on a picture."""
    if reading is None or reading.state is PostureState.PAUSED:
        return False
    return Doubt.NO_PICTURE not in reading.reasons


def _is_open() -> bool:
    import cv2

    try:
        return cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) >= 1
    except cv2.error:
        return False  # the library itself has ended with its last window
