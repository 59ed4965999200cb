"""Keeps what FFmpeg takes to decode a stranger's video within bounds, whatever the video asks for.

FFmpeg has a limit for each single piece of memory, `av_max_alloc`, and none for their sum: how many
pictures it holds at once, a video says itself. So the sum is looked at while it decodes, and the
pieces get tiny where it grows too large; FFmpeg then gives up by itself.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from posturecam.base.errors import SourceTooLargeError
from posturecam.base.language import Sentence
from posturecam.capture.jpeg import LARGEST_VIDEO_PX

LARGEST_PIECE_BYTES = LARGEST_VIDEO_PX + (1 << 20)
"""One plane of a picture with its edges, or a packet."""


class MemoryBound(NamedTuple):
    """How much of the program's own memory may be taken while it decodes."""

    program_bytes: int
    growth_bytes: int
    """For a program that was larger before."""


WATCHED = MemoryBound(280_000_000, 60_000_000)
"""Beside a watch, which takes 180 MB without a video: H.264 of 1920 by 1080 takes up to 50 MB, of
2560 by 1440 up to 75. With what comes in between two looks, and the 85 MB of its libraries that a
system shows as its own too, it stays below 400 MB."""

ANALYZED = MemoryBound(450_000_000, 270_000_000)
"""A file that somebody wants judged, once: H.264 and HEVC of 3840 by 2160 take 150 to 215 MB with
what encoders make of them by themselves, and with as many pictures to look back at as its level
allows."""

_CONVERTED_BYTES = 3 * LARGEST_VIDEO_PX + (1 << 20)
_TINY_BYTES = 1 << 15  # what is no picture still fits, so that FFmpeg ends in order
_FASTEST_GROWTH_BYTES_S = 2e9  # what is decoded is no faster
_LONGEST_LOOK_S, _SHORTEST_LOOK_S = 0.05, 0.001
_JOIN_S = 1.0


def too_large() -> SourceTooLargeError:
    """What to raise for a video that goes beyond the bounds."""
    return SourceTooLargeError(
        Sentence("This video takes too much memory to decode."),
        Sentence(
            "Use the camera's smaller stream, or scale the file: ffmpeg -i VIDEO -vf "
            "scale=1280:-2 SMALLER.mp4"
        ),
    )


class PieceLimit:
    """The limit of each piece of memory, in the FFmpeg that OpenCV has loaded.

    Args:
        package: the folder of `cv2`, in or beside which the wheels keep their libraries.
    """

    def __init__(self, package: Path) -> None:
        self._libraries: list[ctypes.CDLL] = []
        for folder in (*package.parent.glob("opencv*.libs"), package / ".dylibs"):
            for library in folder.glob("libavutil*"):
                with suppress(OSError):  # of two wheels only one is loaded
                    loaded = ctypes.CDLL(str(library), mode=getattr(os, "RTLD_NOLOAD", 0))
                    loaded.av_max_alloc.argtypes = [ctypes.c_size_t]
                    loaded.av_max_alloc.restype = None
                    self._libraries.append(loaded)
        self.set(LARGEST_PIECE_BYTES)

    @property
    def holds(self) -> bool:
        """False where the wheel links FFmpeg in another way, as on Windows."""
        return bool(self._libraries)

    def set(self, most_bytes: int) -> None:
        """No piece is larger from now on."""
        for library in self._libraries:
            library.av_max_alloc(most_bytes)


class MemoryWatch:
    """Looks at the memory of the program from now on, until `stop`, and ends what exceeds it.

    On Windows it does not look: what counts as the program's there has all of its libraries in it,
    which are loaded at this time or that.
    """

    def __init__(
        self, pieces: PieceLimit, bound: MemoryBound, *, platform: str = sys.platform
    ) -> None:
        self._pieces = pieces
        self._process = psutil.Process()
        self._most_bytes = max(bound.program_bytes, self._now_bytes() + bound.growth_bytes)
        self._exceeded = False
        self._stopped = threading.Event()
        pieces.set(LARGEST_PIECE_BYTES)
        self._thread = threading.Thread(target=self._look, name="posturecam memory", daemon=True)
        if platform != "win32":
            self._thread.start()

    def refuse_excess(self) -> None:
        """Nothing, unless too much was taken. Raises `SourceTooLargeError`."""
        if self._exceeded:
            raise too_large()

    @contextmanager
    def converting(self) -> Iterator[None]:
        """A picture that is decoded becomes one of three bytes a pixel meanwhile."""
        self.refuse_excess()
        self._pieces.set(_CONVERTED_BYTES)
        try:
            yield
        finally:
            self._pieces.set(_TINY_BYTES if self._exceeded else LARGEST_PIECE_BYTES)

    def stop(self) -> None:
        """What was decoded has been let go of."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)
        self._pieces.set(LARGEST_PIECE_BYTES)
        self._give_back()

    def _give_back(self) -> None:
        # What is free is otherwise kept, and the next video would come on top of it. Only the C
        # library of Linux can be asked, and Windows has no library without a name (TypeError).
        with suppress(OSError, AttributeError, TypeError):
            ctypes.CDLL(None).malloc_trim(0)

    def _now_bytes(self) -> int:
        now = self._process.memory_info()
        # How much of the libraries counts as resident depends on what the system has read of them.
        return int(now.rss - getattr(now, "shared", 0))

    def _look(self) -> None:
        look_s = 0.0
        while not self._stopped.wait(look_s):
            look_s = _LONGEST_LOOK_S
            with suppress(OSError, psutil.Error):  # no more files can be opened: the next one tells
                left_bytes = self._most_bytes - self._now_bytes()
                if left_bytes < 0:
                    self._exceeded = True
                    # Each time: another capture may have ended meanwhile.
                    self._pieces.set(_TINY_BYTES)
                soonest_s = max(_SHORTEST_LOOK_S, left_bytes / _FASTEST_GROWTH_BYTES_S)
                look_s = min(_LONGEST_LOOK_S, soonest_s)
