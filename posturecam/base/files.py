"""Files that somebody else may have written: opened only if they are files, read up to a limit."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from posturecam.base.language import Sentence

HAS_MODES = sys.platform != "win32"
"""Files have an owner and modes, which say who may do what. On Windows lists of access say it: a
file has that of its folder, and the folders of a user let in nobody else but administrators."""


def open_file(path: Path) -> BinaryIO:
    """The file at `path` for reading; never waits, as a named pipe would let it.

    Raises:
        OSError: it cannot be opened, or is a folder, a pipe, a device or a socket.
    """
    return open(path, "rb", opener=_open_ordinary)


def is_utf8(name: str) -> bool:
    """Whether `name` may be given to OpenCV, which crashes on bytes that are no UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def utf8_name(path: Path) -> Iterator[str]:
    """A name of the file at `path` for a library that knows UTF-8 only; good within the context.

    Raises:
        OSError: it cannot be opened by any such name.
    """
    name = str(path.absolute())
    if is_utf8(name):
        yield name
        return
    with open_file(path) as file:
        by_number = f"/proc/self/fd/{file.fileno()}"
        if not Path(by_number).exists():
            raise OSError(
                errno.EINVAL, Sentence("its name or folder has bytes that are no UTF-8"), name
            )
        yield by_number


def read_file(path: Path, *, most_bytes: int) -> bytes:
    """The whole content of the file at `path`.

    Raises:
        OSError: as of `open_file`.
        ValueError: it is larger; nothing of it was read.
    """
    with open_file(path) as file:
        if os.fstat(file.fileno()).st_size > most_bytes:
            raise ValueError(Sentence("it is far too large"))
        return file.read(most_bytes)


def refuse_no_file(path: Path) -> None:
    """Nothing, if there is an ordinary file at `path`, or nothing at all.

    Raises:
        OSError: a folder, a pipe, a device, a socket or a circle of links is there.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    _refuse_mode(mode, path)


def identity_of(path: Path) -> tuple[int, int] | None:
    """What distinguishes a file, or a link, from another in its place; None where there is none."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def own_user() -> int | None:
    """The number of the user that the program runs as; None on Windows, which has none."""
    if sys.platform == "win32":
        return None
    return os.getuid()


def is_readable_by_others(path: Path, *, has_modes: bool = HAS_MODES) -> bool:
    """Whether another user may read the file, by its modes; no, where there are none.

    Raises:
        OSError: there is no file.
    """
    return has_modes and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def may_be_of_another(path: Path, *, has_modes: bool = HAS_MODES) -> bool:
    """Whether somebody else than this user or root can have written the file, by its modes.

    A group does not count: many systems give each user one of their own, and let it write.

    Raises:
        OSError: there is no file.
    """
    if not has_modes:
        return False
    file, folder = path.stat(), path.parent.stat()
    # In a folder such as /tmp, others can add files but not replace this one.
    replaceable = folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX
    return bool(replaceable or file.st_mode & stat.S_IWOTH or file.st_uid not in (0, own_user()))


def _open_ordinary(path: str, flags: int) -> int:
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    try:
        _refuse_mode(os.fstat(descriptor).st_mode, path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _refuse_mode(mode: int, path: Path | str) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, Sentence("it is not an ordinary file"), str(path))
