"""What sizes of pictures a camera offers, asked of its driver without taking a picture.

Opening the node of a camera does not start it, and no light goes on: Video4Linux starts with
VIDIOC_STREAMON, which nobody calls here.
"""

from __future__ import annotations

import errno
import os
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# linux/videodev2.h: _IOWR('V', 2, struct v4l2_fmtdesc) and _IOWR('V', 74, struct v4l2_frmsizeenum).
ENUM_FORMATS = 0xC0405602
ENUM_SIZES = 0xC02C564A
_FORMAT = struct.Struct("=III32sII12x")
"""index, type, flags, description, pixel format, media bus code."""
_SIZE = struct.Struct("=III6I8x")
"""index, pixel format, kind; width and height, or least, most and step of each."""
CAPTURE = 1
DISCRETE = 1
_GREY = {b"GREY", b"Y8  ", b"Y10 ", b"Y12 ", b"Y16 ", b"L8  "}
_MOST = 64
"""Of formats, and of sizes of one; a driver that never ends its list must not hang."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a camera delivers.

    Attributes:
        sizes_px: widths and heights, the smallest first.
        grey: every format is grey, as of an infrared camera.
    """

    sizes_px: tuple[tuple[int, int], ...]
    grey: bool


def _system_call(node: int, request: int, asked: bytes) -> bytes:
    if sys.platform == "win32":
        raise OSError(errno.ENOSYS, "there is no such call")
    import fcntl

    return fcntl.ioctl(node, request, asked)


def offer_of(path: str, ioctl: Callable[[int, int, bytes], bytes] = _system_call) -> Offer | None:
    """What the camera at the node `path` offers; None where it cannot be asked."""
    try:
        node = os.open(path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    try:
        formats = [_FORMAT.unpack(it)[4] for it in _listed(node, ioctl, ENUM_FORMATS, _asked)]
        sizes = {size for pixels in formats for size in _sizes(node, ioctl, pixels)}
    except (OSError, struct.error):
        return None
    finally:
        os.close(node)
    names = {struct.pack("=I", pixels) for pixels in formats}
    return Offer(tuple(sorted(sizes)), grey=bool(names) and names <= _GREY)


def _asked(index: int) -> bytes:
    return _FORMAT.pack(index, CAPTURE, 0, b"", 0, 0)


def _sizes(
    node: int, ioctl: Callable[[int, int, bytes], bytes], pixels: int
) -> Iterator[tuple[int, int]]:
    def asked(index: int) -> bytes:
        return _SIZE.pack(index, pixels, 0, *[0] * 6)

    for answer in _listed(node, ioctl, ENUM_SIZES, asked):
        _, _, kind, first, second, _, _, most, _ = _SIZE.unpack(answer)
        # Of a range the largest is named: least, most and step of the width, then of the height.
        yield (first, second) if kind == DISCRETE else (second, most)
        if kind != DISCRETE:
            return


def _listed(
    node: int,
    ioctl: Callable[[int, int, bytes], bytes],
    request: int,
    asked: Callable[[int], bytes],
) -> Iterator[bytes]:
    for index in range(_MOST):
        try:
            yield ioctl(node, request, asked(index))
        except OSError as error:
            if error.errno == errno.EINVAL:  # the end of the list
                return
            raise
