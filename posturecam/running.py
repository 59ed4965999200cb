"""The lock that one program at a time holds on the data folder."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from posturecam.errors import AlreadyRunningError, DataError
from posturecam.paths import PRIVATE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def only_watch(lock_file: Path) -> Iterator[None]:
    """Holds the data folder; a crash lets go of it by itself.

    Raises:
        AlreadyRunningError: another watch holds it.
        DataError: the lock cannot be made.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(lock_file, timeout=0, mode=PRIVATE_FILE)
    try:
        lock.acquire()
    except Timeout as error:
        raise AlreadyRunningError(
            f"Another watch is already using {lock_file.parent}.",
            "Stop that one first, or give this one its own folder with POSTURECAM_HOME.",
        ) from error
    except OSError as error:
        raise DataError(
            f"The folder {lock_file.parent} takes no file: {error.strerror}.",
            "Make it writable, free some space, or set POSTURECAM_HOME to another folder.",
        ) from error
    try:
        yield
    finally:
        lock.release()
