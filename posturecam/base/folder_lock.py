"""A file that one program at a time holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from posturecam.base.errors import AlreadyRunningError, DataError
from posturecam.base.files import identity_of
from posturecam.base.language import Sentence
from posturecam.base.paths import PRIVATE_FILE, make_private_folder

if TYPE_CHECKING:
    from filelock import BaseFileLock


class FolderLock:
    """Keeps a folder for one program that does this; a crash lets go of it by itself.

    It is held within `with`, and the folder is made if need be. What is said while another one
    holds it, and what to do then, is `taken`.
    """

    def __init__(self, lock_file: Path, *, taken: tuple[str, str]) -> None:
        self._lock_file = lock_file
        self._taken = taken
        self._lock: BaseFileLock | None = None
        self._held: tuple[int, int] | None = None

    def hold(self) -> None:
        """Takes the lock unless it is held; anew if somebody removed it, as with its folder.

        Raises:
            AlreadyRunningError: another program holds it.
            DataError: the lock cannot be made.
        """
        from filelock import FileLock, Timeout

        if self._lock is not None and identity_of(self._lock_file) == self._held:
            return
        self.release()
        make_private_folder(self._lock_file.parent)
        if self._lock_file.is_symlink():  # the library refuses it too, in words of its own
            raise DataError(
                Sentence(
                    "{file} is a link, and nothing is written through one.", file=self._lock_file
                ),
                Sentence("Remove it."),
            )
        lock = FileLock(self._lock_file, timeout=0, mode=PRIVATE_FILE)
        try:
            lock.acquire()
        except Timeout as error:
            raise AlreadyRunningError(*self._taken) from error
        except OSError as error:
            raise DataError(
                Sentence(
                    "The folder {folder} takes no file: {why}.",
                    folder=self._lock_file.parent,
                    why=error.strerror,
                ),
                Sentence(
                    "Make it writable, free some space, or set POSTURECAM_HOME to another folder."
                ),
            ) from error
        self._lock, self._held = lock, identity_of(self._lock_file)

    def release(self) -> None:
        """Lets go of it; a second call does nothing."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        self.hold()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def is_held(lock_file: Path) -> bool:
    """Whether a program holds it now."""
    if not lock_file.exists():
        return False
    try:
        with FolderLock(lock_file, taken=("", "")):
            return False
    except AlreadyRunningError:
        return True
