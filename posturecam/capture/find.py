"""Finds what a user names after `--source`: a camera, stream, video, picture or folder of pictures.

`find_source` turns the name into something that can be opened, as often as need be, as a `Source`.
A camera or a stream is `live`: a reader thread empties it and keeps the newest picture only; when
pictures stop for good it says so, and `session` opens it again. A video or a picture is `recorded`:
it has its own time and is read as fast as it can be. `opencv` opens them all.
"""

from __future__ import annotations

import errno
import re
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.addresses import Address, parse_address
from posturecam.base.errors import INSTALL_AGAIN, InstallationError, SourceError
from posturecam.base.language import N_, Sentence
from posturecam.base.paths import typed_path
from posturecam.base.printable import printable
from posturecam.capture.devices import CameraDevices, ChosenCamera
from posturecam.capture.ffmpeg_memory import WATCHED, MemoryBound
from posturecam.capture.http_stream import open_http
from posturecam.capture.live import LiveSource
from posturecam.capture.mjpeg import MjpegCapture
from posturecam.capture.opencv import Capture, open_camera, open_piped, open_rtsp
from posturecam.capture.recorded import (
    PICTURE_SUFFIXES,
    Pictures,
    VideoFile,
    pictures_in,
    read_picture,
    unreadable,
)
from posturecam.capture.rtsp_question import refuse_unless_described
from posturecam.capture.source import DEMO, FoundSource

if TYPE_CHECKING:
    import threading

    from posturecam.base.clock import Clock

_STILL = "image/"
_NO_STREAMS = (_STILL, "text/html")
_HIGHEST_CAMERA_NUMBER = 99  # OpenCV reads the hundreds of a number as the driver to use


def find_source(
    spec: str,
    *,
    clock: Clock,
    realtime: bool = False,
    certificate: str | None = None,
    bound: MemoryBound = WATCHED,
) -> FoundSource:
    """The source that `spec` names; no camera is touched yet.

    Args:
        spec: camera number, device path, label of a camera or part of it, video, picture, folder of
            pictures, `http`, `https` or `rtsp` address, or `demo`.
        clock: times live sources.
        realtime: deliver a video or pictures at their own pace.
        certificate: of an `https` camera that is accepted, as of `Settings.camera_certificate`.
        bound: how much memory a video may take.

    Raises:
        SourceError: it does not exist, or is none of these.
        InstallationError: the demo clip is missing from the package.
    """
    spec = spec.strip()
    if not spec:
        raise SourceError(
            Sentence("No source is named."), Sentence("Name a camera number, a file or an address.")
        )
    pacer = clock if realtime else None
    if spec == DEMO:
        return _find_video(_demo_path(), DEMO, bound, pacer)
    if spec.isascii() and spec.isdecimal():
        return find_camera(int(spec), clock=clock, devices=CameraDevices())
    if "://" in spec:
        return find_network_camera(spec, clock=clock, certificate=certificate)
    path = typed_path(spec)
    devices = CameraDevices()
    if devices.named(spec) and not path.exists():
        return find_camera(spec, clock=clock, devices=devices)
    mode = _mode(path)
    if stat.S_ISCHR(mode):
        return find_camera(str(path.absolute()), clock=clock, devices=devices)
    if stat.S_ISDIR(mode):
        return _find_pictures(pictures_in(path), path.resolve().name, pacer)
    if path.suffix.lower() in PICTURE_SUFFIXES:
        read_picture(path)  # one that cannot be read is refused now, not at the first frame
        return _find_pictures((path,), path.name, pacer)
    return _find_video(path, path.name, bound, pacer)


def _find_video(path: Path, name: str, bound: MemoryBound, pacer: Clock | None) -> FoundSource:
    name = printable(name)
    return FoundSource(
        name=name,
        live=False,
        open=lambda: VideoFile(path, name=name, bound=bound, pacer=pacer),
    )


def _find_pictures(paths: Sequence[Path], name: str, pacer: Clock | None) -> FoundSource:
    name = printable(name)  # the log, too, takes no bytes that are no UTF-8
    return FoundSource(name=name, live=False, open=lambda: Pictures(paths, name=name, pacer=pacer))


def find_camera(
    target: int | str,
    *,
    clock: Clock,
    devices: CameraDevices,
    open_capture: Callable[[int | str], Capture | None] = open_camera,
) -> FoundSource:
    """A camera, as of `ChosenCamera`: the same one each time it is opened. Raises `SourceError`."""
    chosen = ChosenCamera(target, devices)
    if isinstance(target, int) and target > _HIGHEST_CAMERA_NUMBER:
        raise chosen.error(errno.ENOENT)

    def open_chosen() -> LiveSource:
        place = chosen.place()
        return LiveSource(
            name=chosen.name,
            open_capture=lambda _: open_capture(place),
            clock=clock,
            explain=lambda opened: chosen.why(place, opened=opened),
        )

    return FoundSource(name=chosen.name, live=True, open=open_chosen)


def find_network_camera(text: str, *, clock: Clock, certificate: str | None) -> FoundSource:
    """The camera at the address `text`; it is not called yet. Raises `SourceError`."""
    address = parse_address(text)
    sent = ""

    def open_capture(wanted: threading.Event) -> Capture | None:
        nonlocal sent
        if address.scheme == "rtsp":
            refuse_unless_described(address)
            return open_rtsp(address.secret_url)
        stream = open_http(address, certificate=certificate)
        sent = stream.content_type.lower()
        if sent.startswith("multipart/"):
            return MjpegCapture(stream, clock, wanted)
        return open_piped(stream)

    def open_it() -> LiveSource:
        return LiveSource(
            name=address.shown,
            open_capture=open_capture,
            clock=clock,
            explain=lambda opened: _silence(address, sent, opened=opened),
        )

    return FoundSource(name=address.shown, live=True, open=open_it)


def _silence(address: Address, sent: str, *, opened: bool) -> SourceError:
    """Why there is no picture, though nobody refused one; of HTTP by the type of what was sent."""
    if not opened and sent.startswith(_NO_STREAMS):
        what = N_("{address} sends a web page, not a stream.")
        if sent.startswith(_STILL):
            what = N_("{address} sends a single picture, not a stream.")
        return SourceError(
            Sentence(what, address=address.shown),
            Sentence("Name the address of the stream itself."),
        )
    if opened:
        what = Sentence("{address} sends no picture.", address=address.shown)
    elif address.scheme == "rtsp":
        what = Sentence("{address} cannot be reached, or is not a video.", address=address.shown)
    else:
        what = Sentence("{address} sends no video that is read.", address=address.shown)
    return SourceError(
        what,
        Sentence(
            "Check the address and that the camera is on; redirects, proxies and "
            "playlists are not followed."
        ),
    )


def _demo_path() -> Path:
    path = Path(__file__).parents[1] / "data" / "demo.mp4"
    if not path.is_file():
        raise InstallationError(
            Sentence("The demo clip is missing from the installation."), INSTALL_AGAIN
        )
    return path


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except (OSError, ValueError) as error:
        if re.fullmatch(r"/dev/video\d+", str(path)):
            raise ChosenCamera(str(path), CameraDevices()).error(errno.ENOENT) from error
        if "@" in str(path):  # an address without its beginning, perhaps, and with a password
            raise SourceError(
                Sentence("There is no such file or folder."),
                Sentence("An address begins with http://, https:// or rtsp://."),
            ) from error
        if isinstance(error, PermissionError):
            raise unreadable(path, error) from error
        raise SourceError(
            Sentence("There is no file or folder {path}.", path=path),
            Sentence("Check the path. Which cameras there are says: posturecam cameras"),
        ) from error
