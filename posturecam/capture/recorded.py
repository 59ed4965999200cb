"""Videos and pictures in files: they have a time of their own and are read as fast as can be."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.errors import SourceError
from posturecam.base.files import open_file, read_file
from posturecam.base.language import Sentence
from posturecam.capture.opencv import FfmpegCapture, decode_picture, open_video, prepared
from posturecam.capture.source import SMALLEST_STEP_S, Interval, Source, asked
from posturecam.capture.thumbnail import Pixels
from posturecam.values.observation import Frame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from posturecam.base.clock import Clock
    from posturecam.capture.ffmpeg_memory import MemoryBound

PICTURE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})

SECONDS_PER_PICTURE = 1.0
"""Media time from one picture of a folder to the next: a folder carries no times of its own."""

LARGEST_PICTURE_BYTES = 64_000_000
"""Twice what a camera of 50 megapixels writes, and less than a second's decoding."""

_USUAL_RATE_HZ = 25.0  # for a video that names no rate, and whose frames have no times
_HIGHEST_RATE_HZ = 1000.0
_LOWEST_RATE_HZ = 1e-3  # a slower video is a wrong number in its header
_LONGEST_VIDEO_S = 1e6  # eleven days; a later position is damage


class _Recorded(Source):
    """What is in files: it has its own time, and is delivered at its own pace by a `pacer`."""

    live = False

    def __init__(self, name: str, pacer: Clock | None) -> None:
        self.name = name
        self.skipped: list[str] = []
        self._pacer = pacer

    def frames(self, interval_s: Interval = 0.0) -> Iterator[Frame]:
        """See `Source.frames`."""
        start_s: float | None = None
        for frame in self._read(interval_s):
            if self._pacer is not None:
                now_s = self._pacer.monotonic_s()
                start_s = now_s - frame.t_s if start_s is None else start_s
                self._pacer.wait_s(max(0.0, start_s + frame.t_s - now_s))
            yield frame

    @abstractmethod
    def _read(self, interval_s: Interval) -> Iterator[Frame]: ...


class VideoFile(_Recorded):
    """A video, timed by its own frames.

    With a `pacer` it is delivered at its own pace, and as fast as can be without.

    Raises:
        SourceError: it cannot be opened, or holds no picture.
    """

    def __init__(
        self, path: Path, *, name: str, bound: MemoryBound, pacer: Clock | None = None
    ) -> None:
        super().__init__(name, pacer)
        self._video = _open_video(path, bound)
        self._index = 0
        self._t_s = -math.inf
        self._grabbed_ahead = True

    @property
    def released(self) -> bool:
        """See `Source`."""
        return not self._video.is_open

    def close(self) -> None:
        """See `Source.close`."""
        self._video.release()

    def _read(self, interval_s: Interval) -> Iterator[Frame]:
        due_s = -math.inf
        while self._grab():
            index = self._index
            self._index += 1
            self._t_s = media_time_s(
                position_s=self._video.position_s,
                index=index,
                rate_hz=self._video.rate_hz,
                last_s=self._t_s,
            )
            # Sums of frame times fall short of the interval by a rounding error.
            if self._t_s < due_s - SMALLEST_STEP_S:
                continue
            if (picture := self._picture()) is not None:
                yield Frame(t_s=self._t_s, index=index, picture=picture)
                due_s = self._t_s + asked(interval_s)

    def _picture(self) -> Pixels | None:
        """Of the frame grabbed last; the large one that it was made of is let go of."""
        there, image = self._video.retrieve()
        return Pixels(prepared(image)) if there and image is not None else None

    def _grab(self) -> bool:
        if self._grabbed_ahead:
            self._grabbed_ahead = False
            return self._video.is_open
        return self._video.grab()


class Pictures(_Recorded):
    """Pictures in the order given, one a second; unreadable ones are passed over and named.

    With a `pacer` one a second is delivered, and as fast as can be without.
    """

    def __init__(self, paths: Sequence[Path], *, name: str, pacer: Clock | None = None) -> None:
        super().__init__(name, pacer)
        self._paths = paths
        self._index = 0

    @property
    def released(self) -> bool:
        """See `Source`; no file stays open."""
        return True

    def close(self) -> None:
        """See `Source.close`."""
        self._index = len(self._paths)

    def _read(self, interval_s: Interval) -> Iterator[Frame]:
        due_s = -math.inf
        while self._index < len(self._paths):
            index, path = self._index, self._paths[self._index]
            self._index += 1
            t_s = index * SECONDS_PER_PICTURE
            if t_s < due_s:
                continue
            try:
                image = read_picture(path)
            except SourceError:
                self.skipped.append(path.name)
                continue
            yield Frame(t_s=t_s, index=index, picture=Pixels(image), name=path.name)
            due_s = t_s + asked(interval_s)
        if len(self.skipped) == len(self._paths):
            raise SourceError(
                Sentence("No picture in {name} can be read.", name=self.name),
                Sentence("They may be empty or cut short; copy them again."),
            )


def read_picture(path: Path) -> NDArray[np.uint8]:
    """The picture at `path`: (height, width, 3) uint8, BGR, upright, at most 1280 px long.

    Raises:
        SourceError: it is missing, empty, cut short or not a picture.
    """
    try:
        image = decode_picture(read_file(path, most_bytes=LARGEST_PICTURE_BYTES))
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if image is None:
        raise SourceError(
            Sentence("{path} is not a picture that can be read.", path=path),
            Sentence(
                "It may be empty, cut short, far too large or of another type; leave it "
                "out or save it again as JPEG."
            ),
        )
    return image


def media_time_s(*, position_s: float, index: int, rate_hz: float, last_s: float) -> float:
    """The time of a frame in its video: always finite and later than the frame before.

    Args:
        position_s: what the container says; may be missing, repeated or nonsense.
        index: number of the frame, from 0.
        rate_hz: frames a second as the container says; may be 0 or nonsense.
        last_s: time of the frame before; minus infinity for the first.
    """
    if 0 <= position_s <= _LONGEST_VIDEO_S and position_s > last_s:
        return position_s
    if not _LOWEST_RATE_HZ <= rate_hz <= _HIGHEST_RATE_HZ:
        rate_hz = _USUAL_RATE_HZ
    counted_s = index / rate_hz
    return counted_s if counted_s > last_s else last_s + 1 / rate_hz


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """The pictures directly in `folder`, by name. Raises `SourceError`."""
    try:
        paths = sorted(filter(_is_picture, folder.iterdir()), key=lambda path: path.name)
    except OSError as error:
        raise SourceError(
            Sentence("{folder} cannot be read: {why}.", folder=folder, why=error.strerror),
            Sentence("Check its permissions."),
        ) from error
    if not paths:
        raise SourceError(
            Sentence("There is no picture in {folder}.", folder=folder),
            Sentence("Pictures end in {endings}.", endings=", ".join(sorted(PICTURE_SUFFIXES))),
        )
    return tuple(paths)


def unreadable(path: Path, error: OSError | ValueError) -> SourceError:
    """What to raise where `error` keeps a file from being read."""
    return SourceError(
        Sentence("{path} cannot be read: {why}.", path=path, why=getattr(error, "strerror", error)),
        Sentence("Check the path and its permissions."),
    )


def _open_video(path: Path, bound: MemoryBound) -> FfmpegCapture:
    """The video, with its first frame grabbed."""
    try:
        with open_file(path) as file:
            empty = not file.read(1)
        video = None if empty else open_video(path, bound)
    except OSError as error:
        raise unreadable(path, error) from error
    if empty:
        raise SourceError(
            Sentence("{path} is empty.", path=path), Sentence("Record or copy it again.")
        )
    if video is None:
        raise SourceError(
            Sentence("{path} is not a video that can be read.", path=path),
            Sentence(
                "It may be cut short, far too large or of another type; record or copy it again."
            ),
        )
    return video


def _is_picture(path: Path) -> bool:
    # macOS leaves `._name.jpg` files, which are no pictures, on foreign disks.
    hidden = path.name.startswith(".")
    return not hidden and path.suffix.lower() in PICTURE_SUFFIXES and path.is_file()
