"""Keeps what C libraries print to stderr of their own accord off the terminal.

MediaPipe announces itself from C++ before a setting could quiet it; libjpeg and libpng complain of
each damaged picture, and a cheap camera delivers many. None of them has a switch.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

_CHATTER = re.compile(
    rb"[IW]\d{4} \d|INFO: |WARNING: All log messages before absl"  # MediaPipe
    rb"|libpng (warning|error): |Corrupt JPEG data: |Premature end of JPEG |Invalid SOS "
    rb"|OpenCV: (not authorized|camera |can not spin main run loop)"  # on macOS
)

# File descriptor 2 is one for all threads.
_lock = threading.Lock()


@contextmanager
def without_native_stderr(heard: list[bytes] | None = None) -> Iterator[None]:
    """Nothing that the libraries say meanwhile is seen; whatever else is said comes afterwards.

    Afterwards `heard` has every line.

    The file descriptor is turned aside for the length of a call or two. Where that is not
    possible, on a full disk for example, the native stderr is seen.
    """
    with _lock:
        try:
            terminal = os.dup(2)
        except OSError:  # no stderr at all, so nobody to disturb
            yield
            return
        try:
            aside = _aside()
        except OSError:
            os.close(terminal)
            yield
            return
        os.dup2(aside, 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
            lines = _taken_out_of(aside)
            if heard is not None:
                heard += lines
            if said := b"".join(line for line in lines if not _CHATTER.match(line)):
                with suppress(OSError):
                    os.write(2, said)


@cache
def _aside() -> int:
    """A file made once, for a watch turns stderr aside for every picture. Raises `OSError`."""
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _taken_out_of(aside: int) -> list[bytes]:
    """Its lines; it is empty afterwards."""
    size_bytes = os.lseek(aside, 0, os.SEEK_END)
    if not size_bytes:
        return []
    os.lseek(aside, 0, os.SEEK_SET)
    said = os.read(aside, size_bytes)
    os.lseek(aside, 0, os.SEEK_SET)
    os.ftruncate(aside, 0)
    return said.splitlines(keepends=True)
