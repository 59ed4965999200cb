"""MJPEG over HTTP, as cameras send it: parts with a JPEG each, without end.

Bounded in every direction. FFmpeg's reader is not: it takes as much memory at once as a part says
that it needs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import numpy as np

from posturecam.capture.byte_pipes import ByteStream
from posturecam.capture.source import LOST_AFTER_S

if TYPE_CHECKING:
    import threading

    from numpy.typing import NDArray

    from posturecam.base.clock import Clock

LARGEST_PART_BYTES = 16_000_000
"""Twice what encoders make of 33 megapixels of an ordinary picture."""

GATHERED_S = 1.2
"""Pictures that nobody waits for are left to the system for so long at most, and then read
together. Who looks once a second asks before that is over, and nobody has to wake up in between.
Measured with thirty of 87 KB a second, all read, one of them wanted: 0.25 % of a core with half a
second, 0.31 % with a quarter, and 0.72 % where each is read as it comes."""

_GATHERED_AT_FIRST_S = 0.3

_KEPT_PICTURES = 3
"""Of what was gathered so many times the size of the last picture is read, and the rest passed
over: the newest one is in that even if it is a little larger and the next has begun. Measured as
above, in turn with reading all (medians of three): 0.10 % of a core instead of 0.16 %."""

_MOST_CUTS = 3
"""In a row; one may come of what was passed over."""
_PADDING_BYTES = 64

_READ_BYTES = 1 << 16
_JPEG, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_LONGEST_HEADER_BYTES = 8192
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


class Parts:
    """The parts in a stream of type `multipart/x-mixed-replace`, of which bytes are added.

    What stands between them is read off the first line: many a camera sends another boundary than
    it announces. The lengths that it tells are believed until they cut off one picture after the
    other.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._boundary = b""
        self._in_part = False
        self._length: int | None = None
        self._cut_off = False
        self._cuts = 0
        self._searched = 0

    def add(self, data: bytes) -> None:
        """Bytes that came after those before."""
        self._buffer += data

    def next_part(self) -> bytes | None:
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
        with memoryview(self._buffer) as view:  # copied once, not twice
            part = bytes(view[:end])
        self._drop(end)
        self._in_part = False
        if self._length is not None:
            is_whole = part[-_PADDING_BYTES:].rstrip(b"\0\r\n").endswith(_JPEG_END)
            self._cut_off = part.startswith(_JPEG) and not is_whole
            self._cuts = self._cuts if self._cut_off else 0
        return part

    def newest_jpeg(self) -> bytes | None:
        """The last whole one that begins as a JPEG does; raises as `next_part` does."""
        newest = None
        while (part := self.next_part()) is not None:
            if part.startswith(_JPEG):
                newest = part
        return newest

    def forget(self) -> None:
        """What has come of a part is given up: what is added next is not what follows it."""
        self._drop(len(self._buffer))
        self._in_part = self._cut_off = False

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
        if self._cut_off:
            self._cuts = self._cuts + 1 if self._buffer[:begin].strip(b"\r\n") else 0
            self._cut_off = False
        self._drop(begin)
        blank = _BLANK_LINE.search(self._buffer, 0, _LONGEST_HEADER_BYTES)
        if blank is None:
            self._refuse_beyond(_LONGEST_HEADER_BYTES)
            return False
        length = _LENGTH.search(self._buffer, 0, blank.start() + 1)
        told_bytes = int(length[1]) if length else 0
        self._length = told_bytes if told_bytes and self._cuts < _MOST_CUTS else None
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


class HeldStream(ByteStream, Protocol):
    """Bytes that a system holds until they are read."""

    def room_bytes(self) -> int:
        """So many, at most, at this moment; 0 where a read may give less than is there."""

    def pass_over(self, kept_bytes: int) -> int:
        """Throw away all but the last `kept_bytes`; how many those were. Raises `OSError`."""


class MjpegCapture:
    """A capture that takes the pictures out of `stream`, and decodes none.

    It is `wanted` while somebody waits for a picture, so that there is no time to gather any.
    """

    def __init__(self, stream: HeldStream, clock: Clock, wanted: threading.Event) -> None:
        self._stream = stream
        self._clock = clock
        self._wanted = wanted
        self._parts = Parts()
        self._picture = b""
        self._gathered_s = 0.0
        self._asked_early = False

    def grab(self) -> bool:
        """The newest picture that has arrived, or else the next.

        False at the end, or when none is whole within `LOST_AFTER_S`.
        """
        try:
            self._picture = self._read(self._gather())
        except (OSError, ValueError):
            return False
        return True

    def _gather(self) -> int:
        """Lets pictures come that nobody waits for; so many bytes of them are passed over."""
        self._asked_early = False
        if not self._gathered_s:
            return 0
        self._asked_early = self._clock.wait_for(self._wanted, self._gathered_s)
        passed_bytes = self._stream.pass_over(_KEPT_PICTURES * len(self._picture))
        if passed_bytes:
            self._parts.forget()
        return passed_bytes

    def _read(self, read_bytes: int) -> bytes:
        since_s = self._clock.monotonic_s()
        picture = None
        more = True
        while picture is None or more:
            data = self._stream.read1(_READ_BYTES)
            if not data or self._clock.monotonic_s() - since_s > LOST_AFTER_S:
                raise ValueError("no picture came as a whole")
            self._parts.add(data)
            picture = self._parts.newest_jpeg() or picture
            read_bytes += len(data)
            room_bytes = self._stream.room_bytes()
            more = len(data) == _READ_BYTES and read_bytes < room_bytes
        next_s = _gathered_next_s(self._gathered_s, read_bytes, room_bytes)
        # What came until somebody asked says nothing of what comes in all of the time.
        self._gathered_s = min(next_s, self._gathered_s) if self._asked_early else next_s
        return picture

    def retrieve(self) -> tuple[bool, NDArray[np.uint8] | None]:
        """The bytes of the picture grabbed last, one dimension."""
        return True, np.frombuffer(self._picture, np.uint8)

    def release(self) -> None:
        """Hang up."""
        self._stream.close()


def _gathered_next_s(gathered_s: float, read_bytes: int, room_bytes: int) -> float:
    """How long to let pictures come after so many bytes came in that time.

    Where the system has no room for more, pictures wait in the camera and grow old. It makes more
    room for a program that reads much at once.
    """
    if 2 * read_bytes >= room_bytes:
        shorter_s = gathered_s / 2
        return shorter_s if shorter_s >= _GATHERED_AT_FIRST_S else 0.0
    if gathered_s and 4 * read_bytes >= room_bytes:
        return gathered_s
    return min(GATHERED_S, max(_GATHERED_AT_FIRST_S, 2 * gathered_s))
