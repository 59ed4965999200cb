"""A camera on the network as a source: HTTP over a connection of our own, RTSP through FFmpeg."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.base.addresses import Address, parse_address
from posturecam.base.errors import SourceError
from posturecam.base.language import Sentence
from posturecam.capture.http_stream import open_http
from posturecam.capture.live import LiveSource
from posturecam.capture.mjpeg import MjpegCapture
from posturecam.capture.opencv import Capture, open_piped, open_rtsp
from posturecam.capture.rtsp_question import refuse_unless_described
from posturecam.capture.source import FoundSource

if TYPE_CHECKING:
    import threading

    from posturecam.base.clock import Clock


def find_network_camera(text: str, *, clock: Clock, certificate: str | None) -> FoundSource:
    """The camera at the address `text`; it is not called yet. Raises `SourceError`."""
    address = parse_address(text)

    def open_capture(wanted: threading.Event) -> Capture | None:
        if address.scheme == "rtsp":
            refuse_unless_described(address)
            return open_rtsp(address.secret_url)
        stream = open_http(address, certificate=certificate)
        if stream.content_type.lower().startswith("multipart/"):
            return MjpegCapture(stream, clock, wanted)
        return open_piped(stream)

    def open_it() -> LiveSource:
        return LiveSource(
            name=address.shown,
            open_capture=open_capture,
            clock=clock,
            explain=lambda opened: _silence(address, opened=opened),
        )

    return FoundSource(name=address.shown, live=True, open=open_it)


def _silence(address: Address, *, opened: bool) -> SourceError:
    """Why there is no picture, though nobody refused one."""
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
