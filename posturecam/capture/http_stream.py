"""Asks a camera for its stream over HTTP or HTTPS: no other host, nothing to a stranger.

Redirects and proxies are not followed. User and password are sent when they are asked for, and over
HTTPS only to a camera whose certificate somebody vouches for: an authority that the system knows,
or the user, who names its fingerprint.
"""

from __future__ import annotations

import socket
import ssl
import sys
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING

from posturecam.base.errors import SourceError, SourceRefusedError
from posturecam.base.language import Sentence
from posturecam.capture.camera_calls import connect, hang_up, hung_up_after, refused, unreachable
from posturecam.capture.http_login import login_for
from posturecam.capture.source import LOST_AFTER_S

if TYPE_CHECKING:
    from posturecam.base.addresses import Address

ANSWER_LIMIT_S = 60.0
"""For the head of an answer: a camera that sleeps between its viewers wakes up first."""

_HEADERS = {"Accept": "*/*", "Connection": "close", "User-Agent": "posturecam"}


class HttpStream:
    """What a camera sends, once it has answered that it will.

    Attributes:
        content_type: as the camera names it; may be empty.
    """

    def __init__(self, response: HTTPResponse, connection: socket.socket) -> None:
        self.content_type = response.headers.get("Content-Type", "")
        self._response = response  # which closes its file as it goes
        # Measured: what it does for each read takes as long as the read itself.
        self._read1 = response.read1 if response.chunked else response.fp.read1
        self._connection = connection

    def read1(self, size: int) -> bytes:
        """What is there, `size` bytes at most; waits for some, and empty is the end.

        Raises:
            OSError: the connection broke, or nothing came within `LOST_AFTER_S`.
        """
        try:
            return self._read1(size)
        except (HTTPException, ValueError) as error:  # of a transfer in chunks that are none
            raise OSError(str(error)) from error

    def room_bytes(self) -> int:
        """So much of it the system holds until it is read; 0 where a read may give less than that.

        A read gives one chunk of a transfer in chunks, and one record of what is encrypted.
        """
        if self._response.chunked or isinstance(self._connection, ssl.SSLSocket):
            return 0
        return self._connection.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)

    def pass_over(self, kept_bytes: int) -> int:
        """Throw away all that is there but its last `kept_bytes`; how many bytes those were.

        Waits for some. Only where nothing was left over by `read1`, as with `room_bytes`.

        Raises:
            OSError: as `read1`.
        """
        return thrown_away(self._connection, self.room_bytes(), kept_bytes)

    def close(self) -> None:
        """Hang up, from any thread; whoever waits in `read1` meets the end.

        The response is theirs and goes with them: taken from under their hands, it would fail.
        """
        hang_up(self._connection)


def thrown_away(
    connection: socket.socket, most_bytes: int, kept_bytes: int, *, platform: str = sys.platform
) -> int:
    """Throw away what a connection holds but its last `kept_bytes`; how many bytes those were.

    Linux does it without copying them; elsewhere they are left to be read.
    """
    if platform != "linux":
        return 0
    held_bytes = len(connection.recv(most_bytes, socket.MSG_PEEK | socket.MSG_TRUNC))
    if held_bytes <= kept_bytes:
        return 0
    return len(connection.recv(held_bytes - kept_bytes, socket.MSG_TRUNC))


def open_http(
    address: Address, *, certificate: str | None = None, answer_limit_s: float = ANSWER_LIMIT_S
) -> HttpStream:
    """The stream at an `http` or `https` address.

    A `certificate` (SHA-256, hexadecimal) is accepted though nobody vouches for it; the head of an
    answer comes within the limit, however slowly.

    Raises:
        SourceError: it cannot be reached, is not trusted, or refuses; says which.
    """
    connection, response = _ask(address, certificate, answer_limit_s)
    if response.status == 401:
        challenges = response.headers.get_all("WWW-Authenticate") or ()
        login = login_for(challenges, address, method="GET", uri=address.target)
        if login is not None:
            hang_up(connection)
            response.close()
            connection, response = _ask(address, certificate, answer_limit_s, login)
    if response.status != 200:
        hang_up(connection)
        response.close()
        raise refused(address, response.status)
    connection.settimeout(LOST_AFTER_S)
    return HttpStream(response, connection)


def _ask(
    address: Address, certificate: str | None, limit_s: float, login: str | None = None
) -> tuple[socket.socket, HTTPResponse]:
    try:
        connection = _connect(address, certificate)
    except ssl.SSLError as error:
        raise SourceError(
            Sentence(
                "No encrypted connection to {address}: {why}.",
                address=address.shown,
                why=error.reason or error,
            ),
            Sentence(
                "Its encryption may be too old to be safe: update the camera, or use its "
                "http address."
            ),
        ) from error
    except (OSError, UnicodeError) as error:
        raise unreachable(address, error) from error
    http = HTTPConnection(address.host, address.port)
    http.sock = connection
    headers = {"Host": address.authority} | _HEADERS
    if login is not None:
        headers["Authorization"] = login
    try:
        with hung_up_after(connection, limit_s):
            http.putrequest("GET", address.target, skip_host=True)
            for key, value in headers.items():
                http.putheader(key, value)
            http.endheaders()
            return connection, http.getresponse()
    except (OSError, HTTPException, ValueError) as error:
        raise SourceError(
            Sentence(
                "{address} does not answer as a camera does over HTTP.", address=address.shown
            ),
            Sentence("Check the port of the address."),
        ) from error
    finally:
        connection.close()  # what a response still reads from stays open for it


def _connect(address: Address, certificate: str | None) -> socket.socket:
    plain = connect(address)
    if address.scheme == "http":
        return plain
    context = ssl.create_default_context()
    try:
        return context.wrap_socket(plain, server_hostname=address.host)
    except ssl.SSLCertVerificationError as error:
        why = error.verify_message
    finally:
        plain.close()  # what was wrapped has taken the descriptor over
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    secured = context.wrap_socket(connect(address), server_hostname=address.host)
    fingerprint = sha256(secured.getpeercert(binary_form=True) or b"").hexdigest()
    if fingerprint == certificate:
        return secured
    secured.close()
    raise _untrusted(address, why, fingerprint, instead_of=certificate)


def _untrusted(
    address: Address, why: str, fingerprint: str, *, instead_of: str | None
) -> SourceRefusedError:
    accept = f'camera_certificate = "{fingerprint}"'
    if instead_of is not None:
        return SourceRefusedError(
            Sentence(
                "{address} shows another certificate than config.toml accepts; it was told "
                "nothing.",
                address=address.shown,
            ),
            Sentence("Only if the camera was given a new one: {accept}", accept=accept),
        )
    return SourceRefusedError(
        Sentence(
            "Nobody vouches for the certificate of {address} ({why}); it was told nothing.",
            address=address.shown,
            why=why,
        ),
        Sentence("If it is your camera's own, accept it in config.toml: {accept}", accept=accept),
    )
