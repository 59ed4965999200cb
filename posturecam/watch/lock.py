"""What a watch needs before it begins: the data folder for itself, and files to open."""

from __future__ import annotations

import os
from pathlib import Path

from posturecam.base.errors import MORE_FILES, InstallationError
from posturecam.base.folder_lock import FolderLock, is_held
from posturecam.base.language import Sentence

FILES_NEEDED = 32
"""A watch of a stream holds 17 files; some more are open while it starts."""


def refuse_too_few_files() -> None:
    """Finds out at once what would otherwise fail in the middle, in a library's own words.

    Raises:
        InstallationError: fewer than `FILES_NEEDED` more files may be open.
    """
    opened: list[int] = []
    try:
        opened.extend(os.open(os.devnull, os.O_RDONLY) for _ in range(FILES_NEEDED))
    except OSError as error:
        raise InstallationError(
            Sentence("Too few files may be open at once."),
            MORE_FILES,
        ) from error
    finally:
        for descriptor in opened:
            os.close(descriptor)


def only_watch(lock_file: Path) -> FolderLock:
    """What keeps a data folder for one watch."""
    return FolderLock(
        lock_file,
        taken=(
            Sentence("A watch is already using {folder}.", folder=lock_file.parent),
            Sentence("End it with posturecam stop, or name another folder in POSTURECAM_HOME."),
        ),
    )


def is_watched(lock_file: Path) -> bool:
    """Whether a watch runs now, and so has the camera."""
    return is_held(lock_file)
