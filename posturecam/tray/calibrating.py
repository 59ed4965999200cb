"""Takes a baseline beside a window that shows it; a watch that runs lends its camera for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posturecam.base.errors import PosturecamError
from posturecam.commands.borrowing import Given, as_watched, camera_of_watch
from posturecam.commands.calibrate import Sitter, Wanted, run_calibrate
from posturecam.commands.config import load_settings
from posturecam.commands.profile_here import chosen_here, name_for_new
from posturecam.outputs.preview import NoPreview
from posturecam.tray.calibration_words import Saved

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from posturecam.base.clock import Clock
    from posturecam.base.paths import AppPaths
    from posturecam.posture.baseline import Baseline
    from posturecam.values.observation import Detection, Frame, TakeProgress
    from posturecam.values.reasons import Lesson, SlouchReason
    from posturecam.values.settings import Settings

_AS_SET: Given = {}
"""Nothing is named in a window: what the watch has, or the config file says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a window is told; each is called in the thread that takes the baseline.

    Attributes:
        picture: the newest picture, BGR.
        progress: where the taking stands.
        warn: what keeps pictures from coming.
        agree: asks whether the sitter was upright, though the baseline is unlike the one before.
        offer: says that the baseline is saved, and asks whether to go on with the guided minute.
        ask: says what to do for one of its steps, after why it is asked for again, and asks whether
            the sitter is ready; skips it otherwise.
        saved: what there is in the end.
        failed: why there is nothing, and what to do.
    """

    picture: Callable[[NDArray[np.uint8]], None]
    progress: Callable[[TakeProgress], None]
    warn: Callable[[str], None]
    agree: Callable[[Sequence[SlouchReason]], bool]
    offer: Callable[[Baseline], bool]
    ask: Callable[[Lesson, str], bool]
    saved: Callable[[Saved], None]
    failed: Callable[[str], None]


class _GivenUpError(Exception):
    """The window was closed."""


class Calibrating:
    """A baseline that is being taken, on a thread of its own."""

    def __init__(self, paths: AppPaths, *, clock: Clock, shown: Shown) -> None:
        self._paths = paths
        self._clock = clock
        self._shown = shown
        self._given_up = False
        self._thread = threading.Thread(target=self._run, name="posturecam take", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def give_up(self, limit_s: float) -> None:
        """Takes none; waits for so long until the camera is free."""
        self._given_up = True
        if self._thread.is_alive():
            self._thread.join(limit_s)

    def _run(self) -> None:
        guide = _WindowGuide(self._shown)
        watched: str | None = None
        trouble = ""
        try:
            settings = load_settings(self._paths.config_file)
            with camera_of_watch(self._paths, settings, _AS_SET, self._clock) as loan:
                watched = None if loan is None else loan.profile
                settings = as_watched(loan, settings, _AS_SET) or self._settings_here(settings)
                guide.baseline = self._take(settings, guide)
        except _GivenUpError:
            return
        except PosturecamError as error:
            trouble = str(error)
        if guide.baseline is None:
            self._shown.failed(trouble)
            return
        saved = Saved(
            baseline=guide.baseline,
            learned=guide.learned,
            goes_on=watched == guide.baseline.profile,
            trouble=trouble,
        )
        self._shown.saved(saved)

    def _settings_here(self, settings: Settings) -> Settings:
        choice = chosen_here(self._paths, settings, None)
        if choice is None:
            return settings
        return replace(settings, profile=name_for_new(self._paths.profiles, choice))

    def _take(self, settings: Settings, guide: _WindowGuide) -> Baseline:
        sitter = Sitter(
            report=self._report,
            agree=self._shown.agree,
            warn=self._shown.warn,
            guide=guide,
            preview=_Pictures(self._shown.picture),
        )
        return run_calibrate(settings, Wanted(), sitter, paths=self._paths, clock=self._clock)

    def _report(self, progress: TakeProgress) -> None:
        if self._given_up:
            raise _GivenUpError
        self._shown.progress(progress)


class _WindowGuide:
    """Leads through the guided minute in a window."""

    def __init__(self, shown: Shown) -> None:
        self.baseline: Baseline | None = None  # that is saved
        self.learned = 0
        self._shown = shown
        self._wanted = False
        self._why = ""

    def offer(self, baseline: Baseline) -> None:
        self.baseline = baseline
        self._wanted = self._shown.offer(baseline)

    def ask(self, lesson: Lesson) -> bool:
        why, self._why = self._why, ""
        return self._wanted and self._shown.ask(lesson, why)

    def refuse(self, lesson: Lesson, why: str) -> None:
        del lesson
        self._why = why

    def thank(self, learned: int) -> None:
        self.learned = learned


class _Pictures(NoPreview):
    """Hands each picture on; none is kept."""

    def __init__(self, picture: Callable[[NDArray[np.uint8]], None]) -> None:
        self._picture = picture

    def look(self, frame: Frame, _detection: Detection, _baseline: Baseline | None) -> None:
        """Hands it on."""
        self._picture(frame.image)
