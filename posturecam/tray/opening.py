"""Opens the tray where there is one, and says in a line or two why there is none."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from posturecam.base.errors import (
    INSTALL_AGAIN,
    AlreadyRunningError,
    InstallationError,
    UsageError,
)
from posturecam.base.folder_lock import FolderLock
from posturecam.base.installed import adding_command, installer
from posturecam.base.language import Sentence, shown
from posturecam.outputs.terminal import say
from posturecam.system.autostart import program_words
from posturecam.system.tray_entry import PACKAGE, TRAY_WORD

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.base.paths import AppPaths

_THERE = Sentence("The tray is there already.")
_WINDOW_THERE = Sentence("The window for a baseline is open already.")
_UNSEEN = Sentence(
    "No panel shows icons here yet; this one appears when one does. GNOME needs the extension "
    "AppIndicator for it."
)
SYSTEM_LIBRARIES = Sentence(
    "Debian, Ubuntu: sudo apt install libegl1 libdbus-1-3 libxkbcommon-x11-0 libxcb-cursor0 "
    "libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-xkb1"
)
"""What Qt links to and does not bring along; a desktop has most of it."""


def open_tray(paths: AppPaths, *, clock: Clock, stream: TextIO) -> None:
    """Shows the tray until somebody ends it; where one is shown already, says so.

    Raises:
        InstallationError: the package for it is missing, or does not load.
        UsageError: there is no desktop.
    """
    refuse_without_desktop()
    lock = FolderLock(paths.tray_lock, taken=(_THERE, ""))
    try:
        with lock:
            try:
                from posturecam.tray.qt_icon import run_tray
            except ImportError as error:
                raise no_package(error) from error
            anew = run_tray(paths, clock=clock, unseen=lambda: say(stream, [shown(_UNSEEN)]))
    except AlreadyRunningError:
        say(stream, [shown(_THERE)])
        return
    if anew:
        program = (*program_words(), TRAY_WORD)
        os.execv(program[0], program)  # noqa: S606 - this very program


def open_calibration(paths: AppPaths, *, clock: Clock) -> None:
    """Shows a window in which a baseline is taken, until it is closed.

    Raises:
        InstallationError: the package for it is missing, or does not load.
        UsageError: there is no desktop.
        AlreadyRunningError: there is such a window.
    """
    refuse_without_desktop()
    try:
        from posturecam.tray.calibration_window import run_calibration
    except ImportError as error:
        raise no_package(error) from error
    remedy = Sentence("Go on there, or close it first.")
    with FolderLock(paths.calibration_lock, taken=(_WINDOW_THERE, remedy)):
        run_calibration(paths, clock=clock)


def no_package(error: ImportError) -> InstallationError:
    """What to raise where Qt is missing, or what it links to."""
    if isinstance(error, ModuleNotFoundError):
        return InstallationError(
            Sentence("The tray needs the package {package}, which is missing.", package=PACKAGE),
            adding_command("desktop", installer()) or INSTALL_AGAIN,
        )
    return InstallationError(
        Sentence("The package {package} does not load: {why}.", package=PACKAGE, why=error),
        SYSTEM_LIBRARIES,
    )


def refuse_without_desktop(
    environment: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> None:
    """Nothing, where there may be a desktop. Raises `UsageError` where there is none."""
    known = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"} & environment.keys()
    if platform == "linux" and not known:
        raise UsageError(
            Sentence("There is no desktop here for a tray."),
            Sentence("Start it in a desktop session; elsewhere there is: posturecam attach"),
        )
