"""Takes a baseline beside a window that shows it; the running watch is ended for that."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posturecam.base.errors import PosturecamError
from posturecam.commands.calibrate import run_calibrate
from posturecam.commands.config import load_settings
from posturecam.outputs.preview import NoPreview
from posturecam.tray.starting import start_watch, stop_watch
from posturecam.values.settings import TAKE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from posturecam.base.clock import Clock
    from posturecam.base.paths import AppPaths
    from posturecam.posture.baseline import Baseline
    from posturecam.values.observation import Detection, Frame, TakeProgress
    from posturecam.values.reasons import SlouchReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a window is told; each is called in the thread that takes the baseline.

    Attributes:
        picture: the newest picture, BGR.
        progress: where the taking stands.
        warn: what keeps pictures from coming.
        agree: asks whether the sitter was upright, though the baseline is unlike the one before.
        taken: the baseline, which is kept.
        failed: why there is none, and what to do.
    """

    picture: Callable[[NDArray[np.uint8]], None]
    progress: Callable[[TakeProgress], None]
    warn: Callable[[str], None]
    agree: Callable[[Sequence[SlouchReason]], bool]
    taken: Callable[[Baseline], None]
    failed: Callable[[str], None]


class _GivenUpError(Exception):
    """The window was closed."""


class Calibrating:
    """A baseline that is being taken, on a thread of its own.

    Args:
        paths: the folders of the user.
        clock: the time.
        shown: what hears of it.
    """

    def __init__(self, paths: AppPaths, *, clock: Clock, shown: Shown) -> None:
        self._paths = paths
        self._clock = clock
        self._shown = shown
        self._given_up = False
        self._thread = threading.Thread(target=self._run, name="posturecam take", daemon=True)

    def start(self) -> None:
        """Begins: the watch that runs is ended, and started again at the end."""
        self._thread.start()

    def give_up(self, limit_s: float) -> None:
        """Takes none; waits for so long until the camera is free."""
        self._given_up = True
        if self._thread.is_alive():
            self._thread.join(limit_s)

    def _run(self) -> None:
        watched = False
        try:
            watched = stop_watch(self._paths, self._clock)
            baseline = self._take()
        except _GivenUpError:
            pass
        except PosturecamError as error:
            self._shown.failed(str(error))
        else:
            self._shown.taken(baseline)
        if watched:
            self._watch_again()

    def _take(self) -> Baseline:
        return run_calibrate(
            load_settings(self._paths.config_file),
            takes=None,
            seconds_s=TAKE_S,
            slump=False,
            paths=self._paths,
            clock=self._clock,
            report=self._report,
            agree=self._shown.agree,
            warn=self._shown.warn,
            preview=_Pictures(self._shown.picture),
        )

    def _report(self, progress: TakeProgress) -> None:
        if self._given_up:
            raise _GivenUpError
        self._shown.progress(progress)

    def _watch_again(self) -> None:
        try:
            start_watch(self._paths, self._shown.failed)
        except PosturecamError as error:
            self._shown.failed(str(error))


class _Pictures(NoPreview):
    """Hands each picture on; none is kept."""

    def __init__(self, picture: Callable[[NDArray[np.uint8]], None]) -> None:
        self._picture = picture

    def look(self, frame: Frame, _detection: Detection, _baseline: Baseline | None) -> None:
        """Hands it on."""
        self._picture(frame.image)
