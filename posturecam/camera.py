"""Finds what a user names after `--source`: a camera, stream, video, picture or folder of pictures.

`find_source` turns the name into something that can be opened, as often as need be, as a `Source`.
A camera or a stream is `live`: a reader thread empties it and keeps the newest picture only; when
pictures stop for good it says so, and `feed` opens it again. A video or a picture is `recorded`:
it has its own time and is read as fast as it can be. `opencv` opens them all.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from posturecam.errors import INSTALL_AGAIN, InstallationError, SourceBusyError, SourceError
from posturecam.live import LiveSource
from posturecam.opencv import open_camera, open_stream
from posturecam.recorded import PICTURE_SUFFIXES, Pictures, VideoFile, pictures_in, read_picture
from posturecam.source import FoundSource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posturecam.clock import Clock
    from posturecam.source import Source

DEMO = "demo"
"""The source that ships with the package."""

_LINUX = sys.platform == "linux"
_HIGHEST_CAMERA_NUMBER = 99  # OpenCV reads the hundreds of a number as the driver to use
_CAMERA_NUMBERS_TRIED = 4
_SCHEMES = frozenset({"http", "https", "rtsp"})


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
        return _find_pictures(pictures_in(path), path.resolve().name, pacer)
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
            open_capture=partial(open_camera, device),
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
            name=name, open_capture=partial(open_stream, url), clock=clock, explain=explain
        ),
    )


def _delivers(target: int | str) -> bool:
    capture = open_camera(target)
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
