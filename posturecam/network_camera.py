"""A camera on the network as a source: HTTP over a connection of our own, RTSP through FFmpeg."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.addresses import parse_address
from posturecam.errors import SourceError
from posturecam.http_stream import open_http
from posturecam.live import LiveSource
from posturecam.mjpeg import MjpegCapture
from posturecam.opencv import open_piped, open_rtsp
from posturecam.source import FoundSource

if TYPE_CHECKING:
    from posturecam.addresses import Address
    from posturecam.clock import Clock
    from posturecam.opencv import Capture


def find_network_camera(text: str, *, clock: Clock, certificate: str | None) -> FoundSource:
    """The camera at the address `text`; it is not called yet.

    Raises:
        SourceError: the address cannot be used.
    """
    address = parse_address(text)

    def open_it() -> LiveSource:
        call = _Call(address, certificate, clock)
        return LiveSource(
            name=address.shown, open_capture=call.open_capture, clock=clock, explain=call.explain
        )

    return FoundSource(name=address.shown, live=True, open=open_it)


class _Call:
    """One attempt, which remembers why it failed: the reader's thread has nobody to tell."""

    def __init__(self, address: Address, certificate: str | None, clock: Clock) -> None:
        self._address = address
        self._certificate = certificate
        self._clock = clock
        self._failure: SourceError | None = None

    def open_capture(self) -> Capture | None:
        if self._address.scheme == "rtsp":
            return open_rtsp(self._address.secret_url)
        try:
            stream = open_http(self._address, certificate=self._certificate)
        except SourceError as error:
            self._failure = error
            return None
        if stream.content_type.lower().startswith("multipart/"):
            return MjpegCapture(stream, self._clock)
        return open_piped(stream)

    def explain(self, opened: bool) -> SourceError:  # noqa: FBT001 (a callback has no keywords)
        what = "sends no picture"
        if not opened:
            rtsp = self._address.scheme == "rtsp"
            what = "cannot be reached, or is not a video" if rtsp else "sends no video that is read"
        return self._failure or SourceError(
            f"{self._address.shown} {what}.",
            "Check the address and that the camera is on; redirects, proxies and playlists are "
            "not followed.",
        )
