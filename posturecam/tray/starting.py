"""Starts programs beside the tray: a watch that outlives it, and other commands of this program."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.paths import PRIVATE_FILE, make_private_folder
from posturecam.system.autostart import WATCH_WORDS, program_words, start_enabled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

INTERRUPTED = 130
_ERROR_BEGINS = "posturecam: "


def start_watch(said: Path, failed: Callable[[str], None]) -> None:
    """Starts a watch that outlives this program; as at the login, where that is set up.

    Args:
        said: file for what it prints, where the journal does not take it.
        failed: takes the error that it ended with; called in a thread of its own.

    Raises:
        DataError: the file cannot be made.
    """
    if not start_enabled():
        start(WATCH_WORDS, said, failed)


def start(words: Sequence[str], said: Path, failed: Callable[[str], None]) -> None:
    """Starts another command of this program, which outlives this one.

    Args:
        words: the command.
        said: file for what it prints, begun anew.
        failed: takes the error that it ended with; called in a thread of its own.

    Raises:
        DataError: the file cannot be made.
    """
    make_private_folder(said.parent)
    said.unlink(missing_ok=True)
    descriptor = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as output:
        process = subprocess.Popen(  # noqa: S603 - this very program
            (*program_words(), *words),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=Path.home(),
            start_new_session=True,
        )

    def wait() -> None:
        if process.wait() not in (0, INTERRUPTED):
            failed(error_in(said.read_text(encoding="utf-8", errors="replace")))

    threading.Thread(target=wait, name="posturecam child", daemon=True).start()


def error_in(output: str) -> str:
    """The error at the end of what this program printed."""
    return output.rpartition(_ERROR_BEGINS)[2].strip()
