"""Hands bytes to FFmpeg through a pipe, under a name that it can open."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

_PUMPED_BYTES = 1 << 16


class ByteStream(Protocol):
    """Bytes that come from elsewhere, such as a `http_stream.HttpStream`."""

    def read1(self, size: int) -> bytes:
        """What is there, `size` bytes at most; empty is the end. Raises `OSError`."""

    def close(self) -> None:
        """Have `read1` meet the end, also where another thread waits in it."""


class NumberedPipe:
    """A pipe of which FFmpeg has the other end, under the number of a file: of a Unix.

    Attributes:
        name: by which FFmpeg opens that.
    """

    def __init__(self) -> None:
        self._end, self._beginning = os.pipe()
        self.name = f"pipe:{self._end}"

    def pump(self, stream: ByteStream) -> None:
        """Hands over what comes from the stream, until that or the reader ends."""
        with suppress(OSError), os.fdopen(self._beginning, "wb", buffering=0) as pipe:
            while data := stream.read1(_PUMPED_BYTES):
                pipe.write(data)

    def close(self) -> None:
        """Has `pump` end, once the stream has none either."""
        os.close(self._end)


class NamedPipe:
    """One that has a name of its own: of Windows.

    There each C library numbers its files by itself, and FFmpeg has another one than Python. It is
    made as by `multiprocessing.connection.Listener`, and opened in the place of FFmpeg as by
    `Client` there.
    """

    def __init__(
        self, name: str, listen: Callable[[str], Any], knock: Callable[[str], Any]
    ) -> None:
        self.name = name
        self._listener = listen(name)
        self._knock = knock

    def pump(self, stream: ByteStream) -> None:
        """See `NumberedPipe`."""
        with suppress(OSError), self._listener.accept() as pipe:
            while data := stream.read1(_PUMPED_BYTES):
                pipe.send_bytes(data)

    def close(self) -> None:
        """See `NumberedPipe`."""
        # Had FFmpeg never opened it, `pump` would wait for that.
        with suppress(OSError):
            self._knock(self.name).close()
        self._listener.close()


def make_pipe(platform: str = sys.platform) -> NumberedPipe | NamedPipe:
    """A pipe of the kind that FFmpeg can open on a system.

    Raises:
        OSError: there are no more.
    """
    if platform != "win32":
        return NumberedPipe()
    from multiprocessing.connection import Client, Listener

    # Who reads there first has it, so nobody can foresee the name.
    return NamedPipe(rf"\\.\pipe\posturecam-{secrets.token_hex(16)}", Listener, Client)
