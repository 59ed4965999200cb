"""MJPEG over HTTP, as cameras send it: parts with a JPEG each, without end.

Bounded in every direction. FFmpeg's reader is not: it takes as much memory at once as a part says
that it needs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from posturecam.capture.source import LOST_AFTER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posturecam.base.clock import Clock
    from posturecam.capture.opencv import ByteStream

LARGEST_PART_BYTES = 16_000_000
"""Twice what encoders make of 33 megapixels of an ordinary picture."""

_READ_BYTES = 1 << 16
_LONGEST_HEADER_BYTES = 8192
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


class Parts:
    """The parts in a stream of type `multipart/x-mixed-replace`, of which bytes are added.

    What stands between them is read off the first line: many a camera sends another boundary than
    it announces.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._boundary = b""
        self._in_part = False
        self._length: int | None = None
        self._searched = 0

    def add(self, data: bytes) -> None:
        """Bytes that came after those before."""
        self._buffer += data

    def take(self) -> bytes | None:
        """The next part that is there as a whole; None until there is one.

        Raises:
            ValueError: it is none, or larger than `LARGEST_PART_BYTES`.
        """
        if not self._boundary and not self._read_boundary():
            return None
        if not self._in_part and not self._read_header():
            return None
        end = self._find_boundary() if self._length is None else self._length
        if end is None or end > len(self._buffer):
            if max(end or 0, len(self._buffer)) > LARGEST_PART_BYTES:
                raise ValueError("a part is too large")
            return None
        part = bytes(self._buffer[:end])
        self._drop(end)
        self._in_part = False
        return part

    def _read_boundary(self) -> bool:
        self._buffer = self._buffer.lstrip(b"\r\n")
        line, ended, _ = self._buffer.partition(b"\n")
        if len(line) > _LONGEST_HEADER_BYTES:
            raise ValueError("no line ends")
        if ended:
            self._boundary = bytes(line.rstrip())
        return bool(self._boundary)

    def _read_header(self) -> bool:
        # A part that is longer than it tells is passed over to its end.
        begin = self._find_boundary()
        if begin is None:
            self._refuse_beyond(LARGEST_PART_BYTES)
            return False
        self._drop(begin)
        blank = _BLANK_LINE.search(self._buffer, 0, _LONGEST_HEADER_BYTES)
        if blank is None:
            self._refuse_beyond(_LONGEST_HEADER_BYTES)
            return False
        length = _LENGTH.search(self._buffer, 0, blank.start() + 1)
        self._length = int(length[1]) if length else None
        self._drop(blank.end())
        self._in_part = True
        return True

    def _find_boundary(self) -> int | None:
        found = self._buffer.find(self._boundary, self._searched)
        if found < 0:
            self._searched = max(0, len(self._buffer) - len(self._boundary))
            return None
        return found

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._searched = 0

    def _refuse_beyond(self, most_bytes: int) -> None:
        if len(self._buffer) > most_bytes:
            raise ValueError("there is no part in so much")


class MjpegCapture:
    """A capture that takes the pictures out of `stream`, and decodes none."""

    def __init__(self, stream: ByteStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock
        self._parts = Parts()
        self._part = b""

    def grab(self) -> bool:
        """The next picture; false at the end, or when none is whole within `LOST_AFTER_S`."""
        since_s = self._clock.monotonic_s()
        try:
            while (part := self._parts.take()) is None:
                data = self._stream.read1(_READ_BYTES)
                if not data or self._clock.monotonic_s() - since_s > LOST_AFTER_S:
                    return False
                self._parts.add(data)
        except (OSError, ValueError):
            return False
        self._part = part
        return True

    def retrieve(self) -> tuple[bool, NDArray[np.uint8] | None]:
        """The bytes of the picture grabbed last, one dimension."""
        return bool(self._part), np.frombuffer(self._part, np.uint8)

    def release(self) -> None:
        """Hang up."""
        self._stream.close()
