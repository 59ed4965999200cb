"""Cameras, streams, videos and pictures, each as one stream of frames.

`find_source` turns what a user writes after `--source` into something that can be opened, as often
as need be, as a `Source`. A camera or a stream is live: a reader thread empties it and keeps the
newest picture only; when pictures stop for good it says so, and `feed` opens it again. A video or
a picture has its own time and is read as fast as it can be.

The only module that opens a camera. OpenCV also draws, in `drawing` and `preview_window`.
"""

from __future__ import annotations

import errno
import math
import os
import re
import stat
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import urlsplit

import cv2
import numpy as np

from posturecam.chatter import without_chatter
from posturecam.errors import INSTALL_AGAIN, InstallationError, SourceBusyError, SourceError
from posturecam.files import open_file, read_file
from posturecam.observation import Frame, Pixels
from posturecam.stillness import glimpse_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cv2.typing import MatLike
    from numpy.typing import NDArray

    from posturecam.clock import Clock
    from posturecam.observation import Picture

DEMO = "demo"
"""The source that ships with the package."""

PICTURE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})

SECONDS_PER_PICTURE = 1.0
"""Media time from one picture of a folder to the next: a folder carries no times of its own."""

LONGEST_SIDE_PX = 1280
"""Larger pictures are scaled down to this: the pose model looks at 256 px and less of them, and
the memory of a 48 megapixel photo buys nothing."""

LARGEST_PICTURE_BYTES = 256_000_000
"""Twice what the largest of cameras writes."""

LARGEST_VIDEO_PX = 1 << 26
"""Twice what 8K has; with more, a file of a few kilobytes would fill gigabytes of memory."""

CAMERA_WIDTH_PX = 640
CAMERA_HEIGHT_PX = 480
CAMERA_RATE_HZ = 10.0
"""What a camera is asked for: calibrating takes ten pictures a second, watching fewer, and a low
rate saves the camera's and the bus's power. A camera that cannot do it delivers what it can."""

OPEN_LIMIT_S = 15.0
"""A camera that has not delivered a picture by then is taken as not working."""

LOST_AFTER_S = 5.0
"""Without a picture for so long, a camera counts as lost."""

WAIT_AT_MOST_S = 1.0
"""A live source says at least so often that it has no picture, so that its reader can go on."""

_LINUX = sys.platform == "linux"
_CONNECT_LIMIT_MS = 5000
_POLL_S = 0.25  # Python handles Ctrl-C between two waits only where waits end
_JOIN_S = 1.0
_SMALLEST_STEP_S = 0.001
_USUAL_RATE_HZ = 25.0  # for a video that names no rate, and whose frames have no times
_HIGHEST_RATE_HZ = 1000.0
_LOWEST_RATE_HZ = 1e-3  # a slower video is a wrong number in its header
_LONGEST_VIDEO_S = 1e6  # eleven days; a later position is damage
_HIGHEST_CAMERA_NUMBER = 99  # OpenCV reads the hundreds of a number as the driver to use
_CAMERA_NUMBERS_TRIED = 4
_SCHEMES = frozenset({"http", "https", "rtsp"})

# Formats that hold their pictures themselves. Left out are playlists (HLS, DASH, concat, SDP):
# they make FFmpeg open other files and call other hosts than the one that the user named.
_FORMATS = (
    "asf,avi,dv,flv,h264,hevc,ivf,m4v,matroska,mjpeg,mov,mpeg,mpegts,mpegvideo,mpjpeg,mxf,nut,"
    "ogg,rtsp,wtv,yuv4mpegpipe"
)
# A redirect or a proxy from the environment would be a host that nobody named either. Setting
# this replaces OpenCV's own options, of which rtsp_transport is the one to keep. An RTSP server
# can still redirect: FFmpeg has no option against that.
_FFMPEG_OPTIONS = f"rtsp_transport;tcp|max_redirects;0|http_proxy;-|format_whitelist;{_FORMATS}"

os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = _FFMPEG_OPTIONS
# OpenCV asks for these at its first capture, not at import. A user who debugs may set them.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(int(LOST_AFTER_S)))
# Windows cameras start slowly with them (OpenCV issue 17687).
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
if "OPENCV_LOG_LEVEL" not in os.environ:
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
# Measured at 640x480 with pauses between the frames: half the CPU time of OpenCV's thread pool.
cv2.setNumThreads(1)


Interval = float | Callable[[], float]
"""Least time between two frames in seconds; a callable is asked anew after each."""


class Source(Protocol):
    """Where frames come from. A context manager that closes on leaving.

    Attributes:
        name: what to show; a URL without credentials.
        live: timed by the monotonic clock; else by its own media time.
        skipped: names of pictures that could not be read so far.
        released: closed, and nothing of the device is held any more.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def live(self) -> bool: ...  # noqa: D102

    @property
    def skipped(self) -> Sequence[str]: ...  # noqa: D102

    @property
    def released(self) -> bool: ...  # noqa: D102

    def frames(self, interval_s: Interval = 0.0) -> Iterator[Frame | None]:
        """The frames from where the last call stopped, at least `interval_s` apart.

        With 0 every frame; of a live source the newest, whenever one is asked for. None stands
        for a moment in which a live source has none to give.

        Raises:
            SourceError: a live source delivers no more, or no picture of a folder is readable.
        """
        ...

    def close(self) -> None:
        """Let go of the camera or file; a second time does nothing.

        A driver that hangs may hold its device for some seconds more: see `released`.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Capture(Protocol):
    """The part of `cv2.VideoCapture` that a live source uses."""

    def grab(self) -> bool:
        """Take the next picture off the device; false when there is none any more."""
        ...

    def retrieve(self) -> tuple[bool, MatLike]:
        """The picture grabbed last, decoded or as the bytes of a JPEG file (one dimension)."""
        ...

    def release(self) -> None:
        """Let go of the device."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSource:
    """A source that was named, not opened yet.

    Attributes:
        name: what to show; a URL without credentials.
        live: timed by the monotonic clock; else by its own media time.
        open: opens it, once more each time; may take seconds, and raises `SourceError`.
    """

    name: str
    live: bool
    open: Callable[[], Source]


def find_source(spec: str, *, clock: Clock, realtime: bool = False) -> FoundSource:
    """The source that `spec` names; no camera is touched yet.

    Args:
        spec: camera number, device path, video, picture, folder of pictures, `http`, `https` or
            `rtsp` address, or `demo`.
        clock: times live sources.
        realtime: deliver a video or pictures at their own pace.

    Raises:
        SourceError: it does not exist, or is none of these.
        InstallationError: the demo clip is missing from the package.
    """
    spec = spec.strip()
    if not spec:
        raise SourceError("No source is named.", "Name a camera number, a file or an address.")
    pacer = clock if realtime else None
    if spec == DEMO:
        return _find_video(_demo_path(), DEMO, pacer)
    if spec.isascii() and spec.isdecimal():
        return _find_camera(int(spec), clock)
    if "://" in spec:
        return _find_stream(spec, clock)
    path = Path(spec).expanduser()
    mode = _mode(path)
    if stat.S_ISCHR(mode):
        return _find_camera(str(path), clock)
    if stat.S_ISDIR(mode):
        return _find_pictures(_pictures_in(path), path.resolve().name, pacer)
    if path.suffix.lower() in PICTURE_SUFFIXES:
        read_picture(path)  # one that cannot be read is refused now, not at the first frame
        return _find_pictures((path,), path.name, pacer)
    return _find_video(path, path.name, pacer)


def open_source(spec: str, *, clock: Clock, realtime: bool = False) -> Source:
    """The source that `spec` names, opened and known to deliver; arguments as of `find_source`.

    Raises:
        SourceError: it does not exist, or cannot be read.
        InstallationError: the demo clip is missing from the package.
    """
    return find_source(spec, clock=clock, realtime=realtime).open()


def find_cameras() -> tuple[str, ...]:
    """Every camera that opens and delivers a picture, as `open_source` takes it.

    Looks at each `/dev/video*` on Linux and at the first few numbers elsewhere. A camera's light
    may flash.
    """
    if _LINUX:
        found = (path for path in Path("/dev").glob("video*") if path.name[5:].isdecimal())
        names = [str(path) for path in sorted(found, key=lambda path: int(path.name[5:]))]
        return tuple(name for name in names if _delivers(name))
    return tuple(str(number) for number in range(_CAMERA_NUMBERS_TRIED) if _delivers(number))


def read_picture(path: Path) -> NDArray[np.uint8]:
    """The picture at `path`: (height, width, 3) uint8, BGR, upright, at most 1280 px long.

    Raises:
        SourceError: it is missing, empty, cut short or not a picture.
    """
    try:
        data = np.frombuffer(read_file(path, most_bytes=LARGEST_PICTURE_BYTES), dtype=np.uint8)
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{path} cannot be read: {getattr(error, 'strerror', error)}.",
            "Check the path and its permissions.",
        ) from error
    # Decoding from memory, not by name: OpenCV then refuses a cut-off JPEG instead of filling it
    # with grey, and file names may hold any character on Windows.
    try:
        with without_chatter():
            image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except cv2.error:  # too large, or a header that contradicts itself
        image = None
    if image is None:
        raise SourceError(
            f"{path} is not a picture that can be read.",
            "It may be empty, cut short, far too large or of another type; leave it out or save it "
            "again as JPEG.",
        )
    return _prepared(image)


class VideoFile:
    """A video, timed by its own frames.

    Args:
        path: the file.
        name: what to show.
        pacer: deliver at the video's own pace by this clock; as fast as can be without.

    Raises:
        SourceError: it cannot be opened, or holds no picture.
    """

    live = False
    skipped: Sequence[str] = ()

    def __init__(self, path: Path, *, name: str, pacer: Clock | None = None) -> None:
        self.name = name
        self._pacer = pacer
        self._capture = _open_video(path)
        self._rate_hz = self._capture.get(cv2.CAP_PROP_FPS)
        self._index = 0
        self._t_s = -math.inf
        self._grabbed_ahead = True

    def frames(self, interval_s: Interval = 0.0) -> Iterator[Frame]:
        """See `Source.frames`."""
        return _paced(self._read(interval_s), self._pacer)

    @property
    def released(self) -> bool:
        """See `Source`."""
        return not self._capture.isOpened()

    def close(self) -> None:
        """See `Source.close`."""
        self._capture.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, interval_s: Interval) -> Iterator[Frame]:
        due_s = -math.inf
        while self._grab():
            index = self._index
            self._index += 1
            self._t_s = media_time_s(
                position_s=self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000,
                index=index,
                rate_hz=self._rate_hz,
                last_s=self._t_s,
            )
            # Sums of frame times fall short of the interval by a rounding error.
            if self._t_s < due_s - _SMALLEST_STEP_S:
                continue
            there, image = self._capture.retrieve()
            if there:
                frame = Frame(t_s=self._t_s, index=index, picture=Pixels(_prepared(image)))
                yield frame
                due_s = frame.t_s + asked(interval_s)

    def _grab(self) -> bool:
        if self._grabbed_ahead:
            self._grabbed_ahead = False
            return self._capture.isOpened()
        return self._capture.grab()


class Pictures:
    """Pictures in the order given, one a second; unreadable ones are passed over and named.

    Args:
        paths: the files.
        name: what to show.
        pacer: deliver one a second by this clock; as fast as can be without.
    """

    live = False

    def __init__(self, paths: Sequence[Path], *, name: str, pacer: Clock | None = None) -> None:
        self.name = name
        self.skipped: list[str] = []
        self._pacer = pacer
        self._paths = paths
        self._index = 0

    def frames(self, interval_s: Interval = 0.0) -> Iterator[Frame]:
        """See `Source.frames`."""
        return _paced(self._read(interval_s), self._pacer)

    @property
    def released(self) -> bool:
        """See `Source`; no file stays open."""
        return True

    def close(self) -> None:
        """See `Source.close`."""
        self._index = len(self._paths)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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
                f"Not one of the {len(self._paths)} pictures in {self.name} can be read.",
                "They may be empty or cut short; copy them again.",
            )


class LiveSource:
    """A camera or a stream, timed by the clock from the moment it was opened.

    Args:
        name: what to show.
        open_capture: opens the device in the reader thread; None when it cannot.
        clock: times the frames and the loss.
        explain: the error to raise when nothing is delivered, given whether it opened at all.

    Raises:
        SourceError: nothing is delivered.
    """

    live = True
    skipped: Sequence[str] = ()

    def __init__(
        self,
        *,
        name: str,
        open_capture: Callable[[], Capture | None],
        clock: Clock,
        explain: Callable[[bool], SourceError],
    ) -> None:
        self.name = name
        self._clock = clock
        self._origin_s = clock.monotonic_s()
        self._t_s = -math.inf
        self._index = 0
        self._closed = False
        self._reader = _Reader(open_capture, clock)
        try:
            delivers = self._reader.take(OPEN_LIMIT_S) is not None
        except BaseException:
            self.close()
            raise
        if not delivers:
            self.close()
            raise explain(self._reader.opened)

    def frames(self, interval_s: Interval = 0.0) -> Iterator[Frame | None]:
        """See `Source.frames`."""
        due_s = -math.inf
        silent_since_s = self._clock.monotonic_s()
        while not self._closed:
            if (early_s := due_s - self._clock.monotonic_s()) > 0:
                self._clock.wait_s(min(early_s, WAIT_AT_MOST_S))
                if early_s > WAIT_AT_MOST_S:
                    yield None
                    continue
            if (taken := self._reader.take(WAIT_AT_MOST_S)) is None:
                silent_s = self._clock.monotonic_s() - silent_since_s
                if self._reader.ended or silent_s >= LOST_AFTER_S:
                    break
                yield None
                continue
            grabbed_s, picture = taken
            frame = Frame(t_s=self._time_s(grabbed_s), index=self._index, picture=picture)
            self._index += 1
            yield frame
            due_s = grabbed_s + asked(interval_s)
            silent_since_s = max(due_s, self._clock.monotonic_s())
        if not self._closed:
            raise SourceError(
                f"No picture from {self.name}.",
                "Check its cable or network, and whether another program has taken it.",
            )

    @property
    def released(self) -> bool:
        """See `Source`."""
        return self._reader.ended

    def close(self) -> None:
        """See `Source.close`."""
        self._closed = True
        self._reader.stop()
        self._reader.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _time_s(self, monotonic_s: float) -> float:
        self._t_s = max(monotonic_s - self._origin_s, self._t_s + _SMALLEST_STEP_S)
        return self._t_s


class _Reader:
    """One capture from opening to release, in a thread of its own.

    The thread takes every picture off the device, so that none grows stale in a queue, and
    decodes only the one that is waited for.
    """

    def __init__(self, open_capture: Callable[[], Capture | None], clock: Clock) -> None:
        self.opened = False
        self.ended = False
        self._open_capture = open_capture
        self._clock = clock
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._wanted = True
        self._taken: tuple[float, Picture] | None = None
        # A daemon: a driver that never returns must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="posturecam camera", daemon=True)
        self._thread.start()

    def take(self, limit_s: float) -> tuple[float, Picture] | None:
        """The next picture and the time it arrived; None when none does within `limit_s`."""
        since_s = self._clock.monotonic_s()
        with self._changed:
            self._wanted = self._taken is None
            while self._wanted and not self.ended:
                woken = self._changed.wait(_POLL_S)
                self._wanted &= woken or self._clock.monotonic_s() - since_s <= limit_s
            self._wanted = False
            taken, self._taken = self._taken, None
            return taken

    def stop(self) -> None:
        """End after the picture in hand."""
        self._stop.set()

    def join(self) -> None:
        """Wait a little for the end."""
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        capture: Capture | None = None
        try:
            capture = self._open_capture()
            self.opened = capture is not None
            while capture is not None and not self._stop.is_set() and capture.grab():
                self._hand_over(capture)
        except cv2.error:
            pass  # the driver gave up: the same end as a picture that does not come
        finally:
            if capture is not None:
                capture.release()
            with self._changed:
                self.ended = True
                self._changed.notify_all()

    def _hand_over(self, capture: Capture) -> None:
        grabbed_s = self._clock.monotonic_s()
        if not self._wanted:
            return
        with without_chatter():
            there, image = capture.retrieve()
            picture = _as_picture(image) if there else None
        if picture is None:
            return
        with self._changed:
            self._wanted = False
            self._taken = (grabbed_s, picture)
            self._changed.notify_all()


def asked(interval_s: Interval) -> float:
    """The interval at this moment."""
    return interval_s() if callable(interval_s) else interval_s


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


def shown_address(url: str) -> str:
    """`url` without user, password, query and fragment: each may hold a secret."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="", fragment="").geturl()


def camera_error(
    name: str,
    *,
    code: int | None,
    opened: bool,
    find: Callable[[], Sequence[str]] = find_cameras,
) -> SourceError:
    """Why a camera delivers nothing, and what to do.

    Args:
        name: the camera.
        code: `errno` of a plain attempt to open its device; None when that worked, or when it
            has no path.
        opened: OpenCV could open it.
        find: lists the cameras that do work; asked only where it helps.
    """
    if code in (errno.EACCES, errno.EPERM):
        return SourceError(
            f"You are not allowed to use {name}.",
            "Join the group of its device, then log out and in: sudo usermod -aG video $USER",
        )
    if opened or code == errno.EBUSY or (code is None and _LINUX):
        return SourceBusyError(
            f"{name} is there but delivers no picture.",
            "Another program is probably using it (a video call, a browser): close that first.",
        )
    if found := find():
        return SourceError(f"There is no {name}.", f"Name one that works: {', '.join(found)}.")
    remedy = "Plug one in, or name a video, a folder of pictures or an address with --source."
    if not _LINUX:
        remedy += " The system's privacy settings may also keep it from this terminal."
    return SourceError(f"There is no {name}, and no other camera was found.", remedy)


def _find_video(path: Path, name: str, pacer: Clock | None) -> FoundSource:
    return FoundSource(name=name, live=False, open=lambda: VideoFile(path, name=name, pacer=pacer))


def _find_pictures(paths: Sequence[Path], name: str, pacer: Clock | None) -> FoundSource:
    return FoundSource(name=name, live=False, open=lambda: Pictures(paths, name=name, pacer=pacer))


def _find_camera(target: int | str, clock: Clock) -> FoundSource:
    name = f"camera {target}" if isinstance(target, int) else target
    if isinstance(target, int) and target > _HIGHEST_CAMERA_NUMBER:
        raise camera_error(name, code=errno.ENOENT, opened=False)
    device = f"/dev/video{target}" if _LINUX and isinstance(target, int) else target
    return FoundSource(
        name=name,
        live=True,
        open=lambda: LiveSource(
            name=name,
            open_capture=partial(_camera_capture, device),
            clock=clock,
            explain=lambda opened: camera_error(name, code=_open_code(device), opened=opened),
        ),
    )


def _find_stream(url: str, clock: Clock) -> FoundSource:
    try:
        parts = urlsplit(url)
        sensible = parts.scheme.lower() in _SCHEMES and bool(parts.hostname)
    except ValueError:
        sensible = False
    if not sensible:
        raise SourceError(
            "This address cannot be used as a camera.",
            "Write it like http://192.168.1.20:8080/video or rtsp://192.168.1.20/live.",
        )
    name = shown_address(url)

    def explain(opened: bool) -> SourceError:  # noqa: FBT001 (a callback has no keywords)
        what = "sends no picture" if opened else "cannot be reached, or is not a video"
        return SourceError(
            f"{name} {what}.",
            "Check the address and that the camera is on; redirects, proxies and playlists are "
            "not followed.",
        )

    return FoundSource(
        name=name,
        live=True,
        open=lambda: LiveSource(
            name=name, open_capture=partial(_stream_capture, url), clock=clock, explain=explain
        ),
    )


def _camera_capture(target: int | str) -> cv2.VideoCapture | None:
    capture = cv2.VideoCapture(target, cv2.CAP_V4L2 if _LINUX else cv2.CAP_ANY)
    if not capture.isOpened():
        return None
    # Wishes, not conditions: given to the constructor, one that is refused would refuse all.
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, CAMERA_WIDTH_PX)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, CAMERA_HEIGHT_PX)
    capture.set(cv2.CAP_PROP_FPS, CAMERA_RATE_HZ)
    return capture


class _JpegStream:
    """A stream of JPEG pictures that decodes only what is retrieved.

    FFmpeg decodes whatever it grabs. Measured with a 30 Hz stream of 640x480 of which 5 Hz are
    wanted: 4.0 % of a core with that, 1.7 % without.
    """

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture
        self._capture.set(cv2.CAP_PROP_FORMAT, -1)  # packets as they come

    def grab(self) -> bool:
        return self._capture.grab()

    def retrieve(self) -> tuple[bool, MatLike]:
        there, packet = self._capture.retrieve()
        return there, packet.ravel() if there else packet

    def release(self) -> None:
        self._capture.release()


_SMALL = 8
_REDUCED = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)


class _JpegPicture:
    """A JPEG file in memory. Its glimpse takes an eighth of the time that decoding takes."""

    def __init__(self, jpeg: NDArray[np.uint8], small: NDArray[np.uint8]) -> None:
        self._jpeg = jpeg
        self._small = small
        # Decoded smaller at once, a picture of 33 megapixels takes 6 MB for it instead of 100 MB.
        beyond = max(small.shape) * _SMALL / LONGEST_SIDE_PX
        self._size = next((size for least, size in _REDUCED if beyond >= least), cv2.IMREAD_COLOR)

    @classmethod
    def read(cls, jpeg: NDArray[np.uint8]) -> Self | None:
        """The picture; None for bytes that are none."""
        small = cv2.imdecode(jpeg, cv2.IMREAD_REDUCED_GRAYSCALE_8)
        return None if small is None else cls(jpeg, small.astype(np.uint8, copy=False))

    def decode(self) -> NDArray[np.uint8]:
        with without_chatter():
            image = cv2.imdecode(self._jpeg, self._size)
        # What is damaged beyond the outline shows nothing, and nothing can be told from it.
        return np.zeros((*self._small.shape, 3), np.uint8) if image is None else _prepared(image)

    def glimpse(self) -> NDArray[np.uint8]:
        return glimpse_of(self._small)


def _as_picture(image: MatLike) -> Picture | None:
    """What a capture delivered: a decoded picture, or the bytes of a JPEG file."""
    if image.ndim == 1:
        return _JpegPicture.read(image.astype(np.uint8, copy=False))
    return Pixels(_prepared(image))


def _stream_capture(url: str) -> Capture | None:
    limits = [
        *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _CONNECT_LIMIT_MS),
        *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(LOST_AFTER_S * 1000)),
        *(cv2.CAP_PROP_N_THREADS, 1),
    ]
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, limits)
    if not _is_usable(capture):
        capture.release()
        return None
    sends_jpegs = int(capture.get(cv2.CAP_PROP_FOURCC)) == cv2.VideoWriter.fourcc(*"MJPG")
    return _JpegStream(capture) if sends_jpegs else capture


def _open_video(path: Path) -> cv2.VideoCapture:
    """A capture with its first frame grabbed."""
    try:
        with open_file(path) as file:
            empty = not file.read(1)
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}.", "Check the path and its permissions."
        ) from error
    if empty:
        raise SourceError(f"{path} is empty.", "Record or copy it again.")
    # An absolute path, or FFmpeg would take a name such as `http:clip` for an address.
    capture = cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    if not (_is_usable(capture) and capture.grab()):
        capture.release()
        raise SourceError(
            f"{path} is not a video that can be read.",
            "It may be cut short, far too large or of another type; record or copy it again.",
        )
    return capture


def _is_usable(capture: cv2.VideoCapture) -> bool:
    """Whether it opened, with pictures of a size that fits into memory."""
    width_px = capture.get(cv2.CAP_PROP_FRAME_WIDTH)
    height_px = capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
    return capture.isOpened() and width_px * height_px <= LARGEST_VIDEO_PX


def _delivers(target: int | str) -> bool:
    capture = _camera_capture(target)
    if capture is None:
        return False
    delivers = capture.grab()
    capture.release()
    return delivers


def _open_code(device: int | str) -> int | None:
    """`errno` of opening `device`; None when it opens, or when it is only a number."""
    if isinstance(device, int):
        return None
    try:
        os.close(os.open(device, os.O_RDWR | getattr(os, "O_NONBLOCK", 0)))
    except OSError as error:
        return error.errno
    return None


def _demo_path() -> Path:
    path = Path(__file__).parent / "data" / "demo.mp4"
    if not path.is_file():
        raise InstallationError("The demo clip is missing from the installation.", INSTALL_AGAIN)
    return path


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except (OSError, ValueError) as error:
        if re.fullmatch(r"/dev/video\d+", str(path)):
            raise camera_error(str(path), code=errno.ENOENT, opened=False) from error
        raise SourceError(
            f"There is no file or folder {path}.",
            "Check the path; a camera is named by its number, such as 0.",
        ) from error


def _pictures_in(folder: Path) -> tuple[Path, ...]:
    try:
        paths = sorted(filter(_is_picture, folder.iterdir()), key=lambda path: path.name)
    except OSError as error:
        raise SourceError(
            f"{folder} cannot be read: {error.strerror}.", "Check its permissions."
        ) from error
    if not paths:
        raise SourceError(
            f"There is no picture in {folder}.",
            f"Pictures end in {', '.join(sorted(PICTURE_SUFFIXES))}.",
        )
    return tuple(paths)


def _is_picture(path: Path) -> bool:
    # macOS leaves `._name.jpg` files, which are no pictures, on foreign disks.
    hidden = path.name.startswith(".")
    return not hidden and path.suffix.lower() in PICTURE_SUFFIXES and path.is_file()


def _paced(frames: Iterator[Frame], pacer: Clock | None) -> Iterator[Frame]:
    """The frames, each held back until its time when there is a pacer."""
    start_s: float | None = None
    for frame in frames:
        if pacer is not None:
            now_s = pacer.monotonic_s()
            start_s = now_s - frame.t_s if start_s is None else start_s
            if (early_s := start_s + frame.t_s - now_s) > 0:
                pacer.wait_s(early_s)
        yield frame


def _prepared(image: MatLike) -> NDArray[np.uint8]:
    """`image` as (height, width, 3) uint8 BGR, scaled down where it is large."""
    if image.ndim == 2 or image.shape[2] == 1:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    elif image.shape[2] == 4:
        image = cv2.cvtColor(image, cv2.COLOR_BGRA2BGR)
    height_px, width_px = image.shape[:2]
    if (shrink := LONGEST_SIDE_PX / max(height_px, width_px)) < 1:
        size = (max(1, round(width_px * shrink)), max(1, round(height_px * shrink)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return image.astype(np.uint8, copy=False)
