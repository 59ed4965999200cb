"""A camera on the network: MJPEG over HTTP on loopback, with the faults that real ones have."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import signal
import socket
import socketserver
import ssl
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import cv2

from tests.waiting import DEADLINE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

BOUNDARY = "posturecam-test-picture"
STREAM_PATH = "/stream.mjpg"
DIGEST = 'Digest realm="cam", nonce="n0nce", algorithm=MD5, qop="auth,auth-int", opaque="o"'


def as_jpegs(images: Iterable[NDArray[np.uint8]]) -> tuple[bytes, ...]:
    """Each (height, width, 3) BGR uint8 image as the bytes of a JPEG file."""
    return tuple(cv2.imencode(".jpg", image)[1].tobytes() for image in images)


def write_video(
    path: Path,
    images: Iterable[NDArray[np.uint8]],
    *,
    rate_hz: float = 10.0,
    codec: str = "MJPG",
) -> Path:
    """The (height, width, 3) BGR uint8 images, all of one size, as a video file."""
    images = list(images)
    size = images[0].shape[1::-1]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), rate_hz, size)
    for image in images:
        writer.write(image)
    writer.release()
    return path


def clip_jpegs(path: Path, *, every: int = 1, limit: int | None = None) -> tuple[bytes, ...]:
    """Every `every`-th frame of a video file as JPEG bytes, at most `limit` of them."""
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    jpegs: list[bytes] = []
    index = 0
    while (limit is None or len(jpegs) < limit) and capture.grab():
        if index % every == 0:
            jpegs += as_jpegs([capture.retrieve()[1].astype("uint8", copy=False)])
        index += 1
    capture.release()
    return tuple(jpegs)


class MjpegServer:
    """Serves pictures round and round at `url` until it is stopped.

    `stall` keeps every connection open and sends nothing; `resume` goes on. `drop` breaks the
    connections there are and takes new ones. `stop` closes the port; `start` opens the same port
    again. Parts say they have `claimed_bytes`, if that is set, and have as many as ever. Leaving
    the context stops it and leaves no thread and no socket behind.

    Args:
        jpegs: bytes of JPEG files, shown in turn.
        rate_hz: pictures a second.
        status: answer every request with this, and no stream.
        redirect_to: sent along then, as the place to go on to.
        login: `user:password` that is asked for.
        digest: ask for it by Digest, not Basic.
        certificate: file with a certificate and its key; the stream is https then.
        content_type: of what is sent once, piece by piece as it is, instead of pictures.
    """

    def __init__(
        self,
        jpegs: Sequence[bytes] = (),
        *,
        rate_hz: float = 20.0,
        status: int | None = None,
        redirect_to: str = "",
        login: str | None = None,
        digest: bool = False,
        certificate: Path | None = None,
        content_type: str | None = None,
    ) -> None:
        self.jpegs = jpegs
        self.period_s = 1 / rate_hz
        self.redirect_to = redirect_to
        self.status = status
        self.login = login
        self.digest = digest
        self.certificate = certificate
        self.content_type = content_type
        self.heads: list[str] = []
        self.requests = 0
        self.pictures_sent = 0
        self.claimed_bytes: int | None = None
        self.answers_when: Callable[[], bool] = lambda: True
        self._port = 0
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self.start()

    @property
    def url(self) -> str:
        """Where the stream is."""
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self._port}{STREAM_PATH}"

    @property
    def viewers(self) -> int:
        """Connections of this moment."""
        return self._running().viewers

    def wait_for_viewers(self, count: int) -> bool:
        """Whether there are so many, before long."""
        return self._running().wait_for_viewers(count, DEADLINE_S)

    def start(self) -> None:
        """Take connections; after `stop`, on the port of before."""
        self._server = _Server(self, self._port)
        self._port = int(self._server.server_address[1])
        # The short poll makes stop() prompt.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stall(self) -> None:
        """Send nothing more, and hang up on nobody."""
        self._running().flowing.clear()

    def resume(self) -> None:
        """Send again after `stall`."""
        self._running().flowing.set()

    def drop(self) -> None:
        """Break the connections of this moment."""
        self._running().break_connections()

    def stop(self) -> None:
        """Break every connection and close the port."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.closing = True
        self._server.break_connections()
        self._server.server_close()
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _running(self) -> _Server:
        if self._server is None:
            raise RuntimeError("the server is stopped")
        return self._server


class _Server(ThreadingHTTPServer):
    # Handler threads are joined by server_close(), so none outlives its test.
    daemon_threads = False

    def __init__(self, owner: MjpegServer, port: int) -> None:
        self.owner = owner
        self.flowing = threading.Event()
        self.flowing.set()
        self.closing = False
        self._lock = threading.Condition()
        self._viewers: dict[socket.socket, threading.Event] = {}
        super().__init__(("127.0.0.1", port), _Handler)
        self._tls: ssl.SSLContext | None = None
        if owner.certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(owner.certificate)

    def get_request(self) -> Any:
        """A connection; hands are shaken in the thread of its handler."""
        request, client_address = super().get_request()
        if self._tls is not None:
            request = self._tls.wrap_socket(
                request, server_side=True, do_handshake_on_connect=False
            )
        return request, client_address

    def viewer(self, connection: socket.socket) -> threading.Event:
        """Count a viewer in; the event tells its handler to hang up."""
        hang_up = threading.Event()
        with self._lock:
            if self.closing:
                hang_up.set()
            self._viewers[connection] = hang_up
            self.owner.requests += 1
            self._lock.notify_all()
        return hang_up

    def shutdown_request(self, request: Any) -> None:
        """Count a viewer out."""
        super().shutdown_request(request)
        with self._lock:
            self._viewers.pop(request, None)
            self._lock.notify_all()

    @property
    def viewers(self) -> int:
        """Connections of this moment."""
        with self._lock:
            return len(self._viewers)

    def wait_for_viewers(self, count: int, limit_s: float) -> bool:
        """Whether there are so many within the limit."""
        with self._lock:
            return self._lock.wait_for(lambda: len(self._viewers) == count, limit_s)

    def break_connections(self) -> None:
        with self._lock:
            for connection, hang_up in self._viewers.items():
                hang_up.set()
                # Frees a handler that waits for a viewer who reads nothing.
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._viewers.clear()
        self.flowing.set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A viewer that hangs up is no error here."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Send pictures until told to hang up."""
        hang_up = self.server.viewer(self.connection)
        owner = self.server.owner
        while not owner.answers_when() and not hang_up.wait(owner.period_s):
            pass
        owner.heads.append(f"{self.requestline}\n{self.headers}")
        if owner.status is not None:
            self._answer(owner.status, {"Location": owner.redirect_to})
        elif owner.login is not None and not self._knows(owner.login):
            self._answer(401, {"WWW-Authenticate": DIGEST if owner.digest else 'Basic realm="cam"'})
        elif owner.content_type is not None:
            self.send_response(200)
            self.send_header("Content-Type", owner.content_type)
            self.end_headers()
            for piece in owner.jpegs:
                self.wfile.write(piece)
                hang_up.wait(owner.period_s)
        else:
            self._stream(owner, hang_up)

    def _knows(self, login: str) -> bool:
        given = self.headers.get("Authorization", "")
        nonce = "n0nce" if self.server.owner.digest else None
        return _is_login(given, login, nonce=nonce, request=f"GET:{self.path}")

    def _answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _stream(self, owner: MjpegServer, hang_up: threading.Event) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        self.end_headers()
        index = 0
        while not hang_up.wait(owner.period_s):
            self.server.flowing.wait()
            self._send(owner.jpegs[index % len(owner.jpegs)])
            index += 1

    def _send(self, jpeg: bytes) -> None:
        claimed = self.server.owner.claimed_bytes or len(jpeg)
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {claimed}\r\n\r\n"
        self.wfile.write(head.encode() + jpeg + b"\r\n")
        self.server.owner.pictures_sent += 1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The test's output is not a web server's log."""


def _is_login(given: str, login: str, *, nonce: str | None, request: str) -> bool:
    """Whether `given` is `login` by Digest, with the nonce and for the request, or by Basic."""
    if nonce is None:
        return given == f"Basic {base64.b64encode(login.encode()).decode()}"
    fields = urllib.request.parse_keqv_list(
        urllib.request.parse_http_list(given.removeprefix("Digest "))
    )
    user, _, password = login.partition(":")
    counted = [fields["nc"], fields["cnonce"], "auth"] if "nc" in fields else []
    parts = [_md5(f"{user}:cam:{password}"), nonce, *counted, _md5(request)]
    return fields.get("response") == _md5(":".join(parts))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class RtspServer:
    """Answers RTSP requests on loopback at `url`, and describes no stream worth a picture.

    Args:
        status: of every answer to a DESCRIBE that is let in.
        login: `user:password` that is asked for.
        digest: ask for it by Digest, with a nonce of each connection; else by Basic.
        redirect_to: sent along, as the place to go on to.
        bytes_between: what stands before the end of each answer's head.
    """

    def __init__(
        self,
        *,
        status: int = 200,
        login: str | None = None,
        digest: bool = False,
        redirect_to: str = "",
        bytes_between: int = 0,
    ) -> None:
        self.status = status
        self.login = login
        self.digest = digest
        self.redirect_to = redirect_to
        self.bytes_between = bytes_between
        self.heads: list[str] = []
        owner = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                nonce = f"n{id(self)}"
                with contextlib.suppress(OSError):
                    while head := _rtsp_head(self.rfile):
                        owner.heads.append(head)
                        self.wfile.write(owner.answer(head, nonce).encode())

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.url = f"rtsp://127.0.0.1:{self._server.server_address[1]}/live"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(self, head: str, nonce: str) -> str:
        """What is said to one request."""
        status, more = 200, f"X-Filling: {'x' * self.bytes_between}\r\n"
        if head.startswith("DESCRIBE"):
            status = self.status
            if self.login is not None and not self._knows(head, nonce, self.login):
                status = 401
                scheme = f'Digest realm="cam", nonce="{nonce}"' if self.digest else "Basic realm=c"
                more += f"WWW-Authenticate: {scheme}\r\nContent-Length: 4\r\n\r\nbody"
                return f"RTSP/1.0 401 No\r\n{more}"
        if self.redirect_to:
            more += f"Location: {self.redirect_to}\r\n"
        number = head.partition("CSeq: ")[2].split("\r\n")[0]
        return f"RTSP/1.0 {status} So\r\nCSeq: {number}\r\n{more}\r\n"

    def _knows(self, head: str, nonce: str, login: str) -> bool:
        given = head.partition("Authorization: ")[2].split("\r\n")[0]
        request = f"DESCRIBE:{self.url}"
        return _is_login(given, login, nonce=nonce if self.digest else None, request=request)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _rtsp_head(requests: Any) -> str:
    lines = []
    while line := requests.readline():
        lines.append(line.decode())
        if line == b"\r\n":
            return "".join(lines)
    return ""


if __name__ == "__main__":  # prints where the demo's sitter is to be seen, for as long as it runs
    demo = Path(__file__).parents[1] / "posturecam" / "data" / "demo.mp4"
    with MjpegServer(clip_jpegs(demo)) as server:
        print(server.url, flush=True)
        signal.sigwait((signal.SIGTERM, signal.SIGINT))
