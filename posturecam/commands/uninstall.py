"""Takes away what posturecam has put beside itself, for somebody who is about to remove it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.errors import NotRunningError, UsageError
from posturecam.base.folder_lock import is_held
from posturecam.base.language import Sentence, _
from posturecam.base.paths import AppPaths, remove_emptied, removing
from posturecam.system import tray_entry
from posturecam.system.camera_use import PROC, other_users
from posturecam.system.tray_entry import TRAY_WORD
from posturecam.values.commands import Word
from posturecam.watch.client import ask
from posturecam.watch.lock import is_watched
from posturecam.watch.protocol import command_request

if TYPE_CHECKING:
    from posturecam.base.clock import Clock

OWN_DATA = (
    "config.toml",
    "profiles/*.json",
    "said.txt",
    "steering.json",
    "control.sock",
    "log.db*",
    "*.lock",
    "watch.txt",
    "week.txt",
    "reviews/*.html",
    "reviews/plotly.min.js",
)
"""What it keeps in the folders of data and settings; whatever else lies there is the user's."""
ENDED_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.1


def end_running(paths: AppPaths, clock: Clock) -> Iterator[str]:
    """Ends tray, window and watch, which would make their files anew; says which it ended.

    Raises:
        UsageError: one of them goes on.
        DataError: it does not answer as a watch does.
    """
    if is_held(paths.tray_lock):
        if not _is_ended(paths.tray_lock, clock):
            raise UsageError(
                Sentence("The tray is running."),
                Sentence("Quit it first, in its menu, or end the process: posturecam tray"),
            )
        yield _("The tray is ended.")
    if is_held(paths.calibration_lock):
        if not _is_ended(paths.calibration_lock, clock):
            raise UsageError(
                Sentence("A baseline is being taken in a window."), Sentence("Close it first.")
            )
        yield _("The window for a baseline is closed.")
    if is_watched(paths.lock):
        with suppress(NotRunningError):  # it has just ended
            ask(paths.control, command_request(Word.STOP))
        if not _is_let_go_of(paths.lock, clock):
            raise UsageError(_("A watch is running."), _("End it first: posturecam stop"))
        yield _("The watch is ended.")


def take_back(home: Path) -> Iterator[str]:
    """Ends autostart, and removes the menu entry and completion; says what it did.

    Raises:
        UsageError: what starts at the login was made by somebody else.
        DataError: a file cannot be changed.
    """
    yield from tray_entry.disable_all()
    for file, inside in _completion_files(home):
        if file.is_file():
            with removing(file):
                file.unlink()
                remove_emptied(file, inside)
                _forget_in_bashrc(home / ".bashrc", file)
            yield _("Completion is removed: {file}").format(file=file)


def delete_data(paths: AppPaths) -> str:
    """Deletes the log, baselines and settings; says what of the user's own is left there.

    Raises:
        DataError: a file cannot be removed.
    """
    folders = {paths.data, paths.config}
    for folder in folders:
        for place in (folder, folder / "profiles", folder / "reviews"):
            # A search passes in silence over what it may not look into.
            with removing(place), suppress(FileNotFoundError, NotADirectoryError):
                any(place.iterdir())
        for pattern in OWN_DATA:
            for file in folder.glob(pattern):
                with removing(file):
                    file.unlink()
        for emptied in (folder / "profiles", folder / "reviews", folder):
            with suppress(OSError):  # not there, or something of the user's is in it
                emptied.rmdir()
    if left := sorted(str(folder) for folder in folders if folder.is_dir()):
        return _("Deleted, but for what is not posturecam's in {folders}.").format(
            folders=", ".join(left)
        )
    return _("The log, the baselines and the settings are deleted.")


def _is_ended(lock_file: Path, clock: Clock) -> bool:
    """Ends the program of the tray that holds the lock; whether it has let go of it."""
    for number in _trays(lock_file):
        with suppress(OSError):  # it has just ended
            os.kill(number, signal.SIGTERM)
    return _is_let_go_of(lock_file, clock)


def _trays(lock_file: Path) -> Iterator[int]:
    """Who holds the lock, as far as the system tells: not whoever else looks at the file."""
    for number in other_users(lock_file.resolve()):
        with suppress(OSError):  # it has just ended
            if TRAY_WORD.encode() in (PROC / str(number) / "cmdline").read_bytes().split(b"\0"):
                yield number


def _is_let_go_of(lock_file: Path, clock: Clock) -> bool:
    end_s = clock.monotonic_s() + ENDED_WITHIN_S
    while (held := is_held(lock_file)) and clock.monotonic_s() < end_s:
        clock.wait_s(_LOOK_EVERY_S)
    return not held


def _completion_files(home: Path) -> tuple[tuple[Path, Path], ...]:
    """Where `--install-completion` puts what bash, zsh and fish read, in folders of a folder."""
    settings = home / ".config"
    return (
        (home / ".bash_completions" / "posturecam.sh", home),
        (home / ".zfunc" / "_posturecam", home),
        (settings / "fish" / "completions" / "posturecam.fish", settings),
    )


def _forget_in_bashrc(bashrc: Path, file: Path) -> None:
    if bashrc.is_file():
        text = bashrc.read_text(encoding="utf-8", errors="surrogateescape")
        rest = text.replace(f"\nsource '{file}'\n", "")
        if rest:
            bashrc.write_text(rest, encoding="utf-8", errors="surrogateescape")
        else:
            bashrc.unlink()
