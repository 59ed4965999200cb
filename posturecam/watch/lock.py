"""What a watch needs before it begins: the data folder for itself, and files to open."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from posturecam.base.errors import AlreadyRunningError, DataError, InstallationError
from posturecam.base.files import identity_of
from posturecam.base.paths import PRIVATE_FILE, make_private_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from filelock import BaseFileLock

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
            "Too few files may be open at once.", "Allow more, and start again: ulimit -n 1024"
        ) from error
    finally:
        for descriptor in opened:
            os.close(descriptor)


class FolderLock:
    """Keeps a data folder for one watch; a crash lets go of it by itself.

    Args:
        lock_file: in that folder.
    """

    def __init__(self, lock_file: Path) -> None:
        self._lock_file = lock_file
        self._lock: BaseFileLock | None = None
        self._held: tuple[int, int] | None = None

    def hold(self) -> None:
        """Takes the lock unless it is held; anew if somebody removed it, as with its folder.

        Raises:
            AlreadyRunningError: another watch holds it.
            DataError: the lock cannot be made.
        """
        from filelock import FileLock, Timeout

        if self._lock is not None and identity_of(self._lock_file) == self._held:
            return
        self.release()
        make_private_folder(self._lock_file.parent)
        if self._lock_file.is_symlink():  # the library refuses it too, in words of its own
            raise DataError(
                f"{self._lock_file} is a link, and nothing is written through one.", "Remove it."
            )
        lock = FileLock(self._lock_file, timeout=0, mode=PRIVATE_FILE)
        try:
            lock.acquire()
        except Timeout as error:
            raise AlreadyRunningError(
                f"Another watch is already using {self._lock_file.parent}.",
                "Stop that one first, or give this one its own folder with POSTURECAM_HOME.",
            ) from error
        except OSError as error:
            raise DataError(
                f"The folder {self._lock_file.parent} takes no file: {error.strerror}.",
                "Make it writable, free some space, or set POSTURECAM_HOME to another folder.",
            ) from error
        self._lock, self._held = lock, identity_of(self._lock_file)

    def release(self) -> None:
        """Lets go of it; a second call does nothing."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None


@contextmanager
def only_watch(lock_file: Path) -> Iterator[FolderLock]:
    """Holds the data folder.

    Raises:
        AlreadyRunningError: another watch holds it.
        DataError: the lock cannot be made.
    """
    lock = FolderLock(lock_file)
    lock.hold()
    try:
        yield lock
    finally:
        lock.release()
