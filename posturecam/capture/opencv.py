"""Cameras, streams, videos and pictures through OpenCV: the one adapter of it for what is seen.

`drawing` and `preview_window` use OpenCV to show something.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from posturecam.base.errors import SourceError, SourceRefusedError, SourceTooLargeError
from posturecam.base.files import is_utf8, utf8_name
from posturecam.base.language import Sentence
from posturecam.base.native_stderr import without_native_stderr
from posturecam.capture.byte_pipes import ByteStream, NamedPipe, NumberedPipe, make_pipe
from posturecam.capture.ffmpeg_memory import (
    WATCHED,
    MemoryBound,
    MemoryWatch,
    PieceLimit,
    too_large,
)
from posturecam.capture.jpeg import (
    LARGEST_PHOTO_PX,
    LARGEST_PICTURE_PX,
    LARGEST_UNPACKED_PX,
    LARGEST_VIDEO_PX,
    JpegHeader,
    read_jpeg_header,
)
from posturecam.capture.source import LOST_AFTER_S
from posturecam.capture.thumbnail import Pixels, thumbnail_of
from posturecam.capture.tiff import unpacked_bytes

if TYPE_CHECKING:
    from cv2.typing import MatLike
    from numpy.typing import NDArray

    from posturecam.values.observation import Picture

LONGEST_SIDE_PX = 1280
"""Larger pictures are scaled down to this: the pose model looks at 256 px and less of them, and
the memory of a 48 megapixel photo buys nothing."""
CAMERA_WIDTH_PX = 640
CAMERA_HEIGHT_PX = 480
CAMERA_RATE_HZ = 10.0
"""What a camera is asked for: calibrating takes ten pictures a second, watching fewer, and a low
rate saves the camera's and the bus's power. A camera that cannot do it delivers what it can."""

CaptureError = cv2.error
"""What OpenCV raises where a driver gives up."""


_JPEG = b"\xff\xd8\xff"
# OpenCV knows two dozen kinds; each more is one more decoder that a stranger's file can reach.
_SIGNATURES = (_JPEG, b"\x89PNG\r\n\x1a\n", b"RIFF", b"II*\0", b"MM\0*", b"BM")
_MOST_BYTES_A_PIXEL = 4

_NOT_ALLOWED = re.compile(
    rb"OpenCV: (not authorized to capture video|camera access has been denied)"
)
"""What OpenCV prints on macOS, its only word on it (`cap_avfoundation_mac.mm`)."""
_CONNECT_LIMIT_MS = 60_000  # a camera that sleeps between its viewers wakes up first
_JOIN_S = 1.0

# Formats that hold their pictures themselves. Left out are playlists (HLS, DASH, concat, SDP):
# they make FFmpeg open other files and call other hosts than the one that the user named.
_FORMATS = (
    "asf,avi,dv,flv,h264,hevc,ivf,m4v,matroska,mjpeg,mov,mpeg,mpegts,mpegvideo,mpjpeg,mxf,nut,"
    "ogg,rtsp,wtv,yuv4mpegpipe"
)
# Setting this replaces OpenCV's own options, of which rtsp_transport is the one to keep. An RTSP
# server can redirect: FFmpeg has no option against that (`rtsp_question` asks before), but calls no
# other kind of host.
_FFMPEG_OPTIONS = f"rtsp_transport;tcp|format_whitelist;{_FORMATS}|protocol_whitelist;file,pipe,tcp"

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


PIECES = PieceLimit(Path(cv2.__file__).parent)


class Capture(Protocol):
    """The part of `cv2.VideoCapture` that a live source uses."""

    def grab(self) -> bool:
        """Take the next picture off the device; false when there is none any more."""

    def retrieve(self) -> tuple[bool, MatLike | None]:
        """The picture grabbed last, decoded or as the bytes of a JPEG file (one dimension)."""

    def release(self) -> None:
        """Let go of the device."""


_REDUCED = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)


class _JpegPicture:
    """A JPEG that is bounded. Its thumbnail takes an eighth of the time that decoding takes."""

    def __init__(self, jpeg: NDArray[np.uint8], small: NDArray[np.uint8], size: int) -> None:
        self._jpeg = jpeg
        self._small = small
        self._size = size

    def decode(self) -> NDArray[np.uint8]:
        image = _decoded(self._jpeg, self._size)
        # What is damaged beyond the outline shows nothing, and nothing can be told from it.
        return np.zeros((*self._small.shape, 3), np.uint8) if image is None else prepared(image)

    def thumbnail(self) -> NDArray[np.uint8]:
        return thumbnail_of(self._small)


def open_camera(
    target: int | str,
    *,
    platform: str = sys.platform,
    make: Callable[..., cv2.VideoCapture] = cv2.VideoCapture,
) -> cv2.VideoCapture | None:
    """A camera, asked for what suits; None when it does not open.

    Raises:
        SourceRefusedError: macOS does not let this terminal have it.
    """
    if isinstance(target, str) and not is_utf8(target):
        return None
    if platform == "darwin":
        heard: list[bytes] = []
        with without_native_stderr(heard):
            capture = make(target, cv2.CAP_ANY)
        if not capture.isOpened() and any(map(_NOT_ALLOWED.match, heard)):
            raise SourceRefusedError(
                Sentence("macOS does not let this terminal use the camera."),
                Sentence(
                    "Allow it under System Settings > Privacy & Security > Camera, then quit the "
                    "terminal and open it anew."
                ),
            )
    else:
        capture = make(target, cv2.CAP_V4L2 if platform == "linux" else cv2.CAP_ANY)
    if not capture.isOpened():
        return None
    # Wishes, not conditions: given to the constructor, one that is refused would refuse all.
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, CAMERA_WIDTH_PX)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, CAMERA_HEIGHT_PX)
    capture.set(cv2.CAP_PROP_FPS, CAMERA_RATE_HZ)
    return capture


class FfmpegCapture:
    """The pictures of a video or a stream, as FFmpeg decodes them, bounded in memory.

    FFmpeg takes its name or address; the limits are OpenCV's properties, each with its value.

    Raises:
        SourceTooLargeError: `grab` and `retrieve`, where it takes too much memory.
    """

    def __init__(
        self, name: str, limits: Sequence[int] = (), *, bound: MemoryBound = WATCHED
    ) -> None:
        self._memory = MemoryWatch(PIECES, bound)
        # More threads would hold more pictures.
        self._inner = cv2.VideoCapture(name, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1, *limits])
        self._fourcc = int(self._inner.get(cv2.CAP_PROP_FOURCC))
        self._packed = False

    @property
    def is_open(self) -> bool:
        """Not released yet, and there is something to decode."""
        return self._inner.isOpened()

    @property
    def sends_jpegs(self) -> bool:
        """Each of its pictures is a JPEG file."""
        return self._fourcc == cv2.VideoWriter.fourcc(*"MJPG")

    @property
    def codec(self) -> str:
        """Its four letters; empty when it has none."""
        letters = self._fourcc.to_bytes(4, "little", signed=self._fourcc < 0)
        name = letters.decode("ascii", "replace").strip("\0 ")
        return name.upper() if name.isascii() and name.isalnum() else ""

    @property
    def rate_hz(self) -> float:
        """Pictures a second, as the container says: it may be nonsense."""
        return self._inner.get(cv2.CAP_PROP_FPS)

    @property
    def position_s(self) -> float:
        """Time of the picture grabbed last, as the container says: it may be nonsense."""
        return self._inner.get(cv2.CAP_PROP_POS_MSEC) / 1000

    def refuse_beyond(self, most_px: int) -> None:
        """Nothing, unless its pictures are larger, or opening it took too much memory.

        Raises:
            SourceTooLargeError: so it is; nothing is held of it any more.
        """
        width_px = self._inner.get(cv2.CAP_PROP_FRAME_WIDTH)
        try:
            self._memory.refuse_excess()
            if width_px * self._inner.get(cv2.CAP_PROP_FRAME_HEIGHT) > most_px:
                raise too_large()
        except SourceTooLargeError:
            self.release()
            raise

    def leave_packed(self) -> None:
        """What is retrieved from now on is the bytes of a picture, one dimension.

        FFmpeg decodes whatever it grabs. Measured with a 30 Hz stream of 640x480 of which 5 Hz are
        wanted: 4.0 % of a core with that, 1.7 % without.
        """
        self._inner.set(cv2.CAP_PROP_FORMAT, -1)
        self._packed = True

    def grab(self) -> bool:
        """See `Capture.grab`."""
        self._memory.refuse_excess()
        there = self._inner.grab()
        self._memory.refuse_excess()
        return there

    def retrieve(self) -> tuple[bool, MatLike | None]:
        """See `Capture.retrieve`."""
        with self._memory.converting():
            there, image = self._inner.retrieve()
        return there, image.ravel() if self._packed and image is not None else image

    def release(self) -> None:
        """See `Capture.release`."""
        self._inner.release()
        self._memory.stop()


class _PipedCapture(FfmpegCapture):
    """What FFmpeg finds in bytes that it is handed, so that it calls no host itself.

    OpenCV could read from a Python object instead, but lets go of it without holding the
    interpreter (5.0), which ends the program.
    """

    def __init__(self, stream: ByteStream, make: Callable[[], NumberedPipe | NamedPipe]) -> None:
        self._stream = stream
        try:
            self._pipe = make()
        except BaseException:
            stream.close()
            raise
        self._thread = threading.Thread(
            target=self._pipe.pump, args=[stream], name="posturecam stream", daemon=True
        )
        self._thread.start()
        # A read from a pipe knows no time limit.
        watchdog = threading.Timer(_CONNECT_LIMIT_MS / 1000, stream.close)
        watchdog.daemon = True
        watchdog.start()
        try:
            super().__init__(self._pipe.name)
        except BaseException:
            self._hang_up()
            raise
        finally:
            watchdog.cancel()

    def release(self) -> None:
        super().release()
        self._hang_up()

    def _hang_up(self) -> None:
        self._stream.close()
        self._pipe.close()
        self._thread.join(_JOIN_S)


def open_piped(
    stream: ByteStream, make: Callable[[], NumberedPipe | NamedPipe] = make_pipe
) -> Capture | None:
    """The pictures in a stream of bytes; None when there are none. The stream is closed with it.

    Raises:
        OSError: there is no pipe to read them through.
    """
    return _streaming(_PipedCapture(stream, make))


def open_rtsp(url: str) -> Capture | None:
    """A camera that FFmpeg calls itself; None when it does not open."""
    limits = [
        *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _CONNECT_LIMIT_MS),
        *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(LOST_AFTER_S * 1000)),
    ]
    return _streaming(FfmpegCapture(url, limits)) if is_utf8(url) else None


def _streaming(capture: FfmpegCapture) -> Capture | None:
    """The `capture`, with JPEG pictures left packed; None, and released, where there are none.

    Raises:
        SourceTooLargeError: they are too large.
    """
    capture.refuse_beyond(LARGEST_PICTURE_PX if capture.sends_jpegs else LARGEST_VIDEO_PX)
    if not capture.is_open:
        capture.release()
        return None
    if capture.sends_jpegs:
        capture.leave_packed()
    return capture


def next_picture(capture: Capture) -> Picture | None:
    """The picture grabbed last; None for one that cannot be decoded, or asks for too much."""
    try:
        with without_native_stderr():
            there, image = capture.retrieve()
    except cv2.error:
        return None
    # Where OpenCV has nothing, as in a JPEG of length zero, it gives None or an empty array.
    if not there or image is None or image.size == 0:
        return None
    if image.ndim == 1:
        return _jpeg_picture(image.astype(np.uint8, copy=False))
    if image.shape[0] * image.shape[1] > LARGEST_PICTURE_PX:
        return None
    return Pixels(prepared(image))


def _jpeg_picture(jpeg: NDArray[np.uint8]) -> Picture | None:
    header = read_jpeg_header(jpeg.tobytes())
    if header is None or not header.is_bounded():
        return None
    if header.whole:  # decoded once: the time goes into its scans, not into its pixels
        image = _decoded(jpeg, _size_for(header))
        return None if image is None else Pixels(prepared(image))
    small = _decoded(jpeg, cv2.IMREAD_REDUCED_GRAYSCALE_8)
    if small is None:
        return None
    return _JpegPicture(jpeg, small.astype(np.uint8, copy=False), _size_for(header))


def _size_for(header: JpegHeader) -> int:
    """Decoded smaller at once, a picture of 33 megapixels takes 6 MB for it instead of 100 MB."""
    beyond = max(header.width_px, header.height_px) / LONGEST_SIDE_PX
    return next((size for least, size in _REDUCED if beyond >= least), cv2.IMREAD_COLOR)


def _decoded(data: NDArray[np.uint8], size: int) -> MatLike | None:
    """What `cv2.imdecode` makes of it; None for what is damaged or contradicts itself."""
    try:
        with without_native_stderr():
            return cv2.imdecode(data, size)
    except cv2.error:
        return None


def prepared(image: MatLike) -> NDArray[np.uint8]:
    """The `image` as (height, width, 3) uint8 BGR, scaled down where it is large."""
    if image.ndim == 2 or image.shape[2] == 1:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    elif image.shape[2] == 4:
        image = cv2.cvtColor(image, cv2.COLOR_BGRA2BGR)
    height_px, width_px = image.shape[:2]
    if (shrink := LONGEST_SIDE_PX / max(height_px, width_px)) < 1:
        size = (max(1, round(width_px * shrink)), max(1, round(height_px * shrink)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return image.astype(np.uint8, copy=False)


def open_video(path: Path, bound: MemoryBound) -> FfmpegCapture | None:
    """The video at `path` with its first frame grabbed; None when there is none in it.

    It takes no more memory than `bound`.

    Raises:
        OSError: there is no way to name it to OpenCV.
        SourceError: none of its pictures can be decoded, or it takes too much memory.
    """
    # An absolute path, or FFmpeg would take a name such as `http:clip` for an address.
    with utf8_name(path) as name:
        video = FfmpegCapture(name, bound=bound)
    video.refuse_beyond(LARGEST_VIDEO_PX)
    usable = video.is_open
    try:
        if usable and video.grab():
            return video
    except BaseException:
        video.release()
        raise
    video.release()
    if usable and video.codec:
        raise SourceError(
            Sentence(
                "The pictures in {path} cannot be decoded; their codec is {codec}.",
                path=path,
                codec=video.codec,
            ),
            Sentence(
                "Convert it to H.264 or record it again; if other videos of that codec "
                "work, it is damaged."
            ),
        )
    return None


def decode_picture(data: bytes) -> NDArray[np.uint8] | None:
    """The picture in the bytes of a file, as of `prepared`; None when there is none, or too large.

    JPEG, of up to `LARGEST_PHOTO_PX`, and PNG, WebP, TIFF and BMP, of up to `LARGEST_UNPACKED_PX`
    (which OpenCV sees to, by the limit that `__main__` sets).
    """
    if not data.startswith(_SIGNATURES):
        return None
    size = cv2.IMREAD_COLOR
    if data.startswith(_JPEG):
        header = read_jpeg_header(data)
        if header is None or not header.is_bounded(LARGEST_PHOTO_PX):
            return None
        if header.width_px * header.height_px > LARGEST_UNPACKED_PX:
            size = cv2.IMREAD_REDUCED_COLOR_2
    if (unpacked_bytes(data) or 0) > _MOST_BYTES_A_PIXEL * LARGEST_UNPACKED_PX:
        return None
    # Decoding from memory, not by name: OpenCV then refuses a cut-off JPEG instead of filling it
    # with grey, and file names may hold any character on Windows.
    image = _decoded(np.frombuffer(data, np.uint8), size)
    return None if image is None else prepared(image)
