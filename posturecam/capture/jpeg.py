"""What the header of a JPEG says, and whether the picture may be decoded.

Pure. A file of a few hundred bytes may claim four thousand megapixels, and libjpeg believes it: a
progressive picture is held as a whole before a row of it is given out, however small it is asked
for, and each further scan goes over all of it once more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LARGEST_PICTURE_PX = 7680 * 4320
"""8K, 33 megapixels: more than a camera of today sends, and 100 MB when decoded."""

LARGEST_VIDEO_PX = 4096 * 2176
"""Of a video, of which more than one picture is held at once: 4K, with the edges of its blocks."""

LARGEST_PHOTO_PX = 2 * LARGEST_PICTURE_PX
"""In a JPEG file, which is decoded in half its size: what telephones write at most is 50."""

LARGEST_UNPACKED_PX = 1 << 24
"""What is decoded in full size, 16.8 megapixels: 50 MB, and twice that on the way."""

MOST_SCANS = 64
"""Encoders write ten, the most thorough of them two dozen."""

MOST_SCANNED_PX = 120_000_000
"""Pixels times scans: twelve megapixels in the ten scans that encoders write. Each million takes
up to 7 ms of CPU (noise, each scan the costliest there is)."""

MOST_COEFFICIENTS = 48_000_000
"""In a picture that is held as a whole, at two bytes each."""

_START = b"\xff\xd8"
# Without what has no length behind it: those of a restart, and numbers that mean nothing.
_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
_END, _START_OF_SCAN = 0xD9, 0xDA
_TABLES = frozenset({0xC4, 0xCC})
_FRAMES = frozenset(range(0xC0, 0xD0)) - _TABLES
_SEQUENTIAL = frozenset({0xC0, 0xC1})
_PROGRESSIVE = 0xC2
_MOST_SEGMENTS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegHeader:
    """What a JPEG says of itself.

    Attributes:
        coefficients: numbers that the picture is made of, in all its components.
        scans: so many times the decoder goes over it, or fewer.
        whole: it must be held as a whole before anything of it is shown.
    """

    width_px: int
    height_px: int
    coefficients: int
    scans: int
    whole: bool

    def is_bounded(self, most_px: int = LARGEST_PICTURE_PX) -> bool:
        """Whether decoding it takes less than 100 MB and a second of CPU."""
        size_px = self.width_px * self.height_px
        if not self.whole:
            return size_px <= most_px
        return (
            self.coefficients <= MOST_COEFFICIENTS
            and self.scans <= MOST_SCANS
            and size_px * self.scans <= MOST_SCANNED_PX
        )


def read_jpeg_header(data: bytes) -> JpegHeader | None:
    """The header of the JPEG in `data`; None for what is none, or is of a kind nobody sends.

    Such kinds are lossless and arithmetic coding, twelve bits a sample, and a height that is told
    after the picture. Takes time in proportion to the bytes, and believes no number of theirs.
    """
    if not data.startswith(_START):
        return None
    frame = b""
    scans = 0
    place = len(_START)
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.search(data, place)
        if found is None or found[0][1] == _END:
            return _read_frame(frame, scans) if scans else None
        marker, place = found[0][1], found.end()
        end = place + int.from_bytes(data[place : place + 2], "big")
        if not place + 2 <= end <= len(data):
            return None
        if marker in _FRAMES:
            if frame or not (marker in _SEQUENTIAL or marker == _PROGRESSIVE):
                return None
            frame = data[place - 1 : end]
        scans += marker == _START_OF_SCAN
        place = end
    return None


def _read_frame(frame: bytes, scans: int) -> JpegHeader | None:
    """What the segment `frame` says, from its marker on."""
    if len(frame) < 9 or frame[3] != 8:
        return None
    height_px, width_px = int.from_bytes(frame[4:6], "big"), int.from_bytes(frame[6:8], "big")
    components = [(byte >> 4, byte & 15) for byte in frame[10::3]]
    if len(components) != frame[8] or len(frame) != 9 + 3 * frame[8]:
        return None
    if not (width_px and height_px and all(1 <= n <= 4 for both in components for n in both)):
        return None
    if len(components) not in {1, 3, 4}:
        return None
    across, down = (max(both[axis] for both in components) for axis in (0, 1))
    share = sum(h * v for h, v in components) / (across * down)
    return JpegHeader(
        width_px=width_px,
        height_px=height_px,
        coefficients=round(width_px * height_px * share),
        scans=scans,
        whole=frame[0] == _PROGRESSIVE or scans > 1,
    )
