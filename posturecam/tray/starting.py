"""Starts and ends programs beside the tray: a watch that outlives it, and other commands."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from posturecam.base.child_programs import apart
from posturecam.base.paths import PRIVATE_FILE, AppPaths, make_private_folder
from posturecam.system.autostart import WATCH_WORDS, make_plan, program_words, start_enabled

_INTERRUPTED = 130
_ERROR_BEGINS = "posturecam: "


def start_watch(paths: AppPaths, failed: Callable[[str], None]) -> None:
    """Starts a watch that outlives this program; as at the login, where that is set up.

    What it prints is kept in `watch_output`, where the journal does not take it. `failed` takes the
    error that it ended with, in a thread of its own.

    Raises:
        DataError: the data folder takes no file.
    """
    if start_enabled(make_plan()):
        return
    said = paths.watch_output
    make_private_folder(said.parent)
    said.unlink(missing_ok=True)
    descriptor = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as output:
        process = subprocess.Popen(  # noqa: S603 - this very program
            (*program_words(), *WATCH_WORDS),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=Path.home(),
            **apart(),
        )

    def wait() -> None:
        if process.wait() not in (0, _INTERRUPTED):
            failed(error_in(said.read_text(encoding="utf-8", errors="replace")))

    threading.Thread(target=wait, name="posturecam watch", daemon=True).start()


def start(words: tuple[str, ...], failed: Callable[[str], None]) -> None:
    """Starts another command of this program; `failed` as in `start_watch`."""
    process = subprocess.Popen(  # noqa: S603 - this very program
        (*program_words(), *words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=Path.home(),
    )

    def wait() -> None:
        _none, said = process.communicate()
        if process.returncode not in (0, _INTERRUPTED):
            failed(error_in(said.decode(errors="replace")))

    threading.Thread(target=wait, name="posturecam command", daemon=True).start()


def error_in(output: str) -> str:
    """The error at the end of what this program printed."""
    return output.rpartition(_ERROR_BEGINS)[2].strip()
