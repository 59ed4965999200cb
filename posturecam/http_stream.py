"""Asks a camera for its stream over HTTP or HTTPS: no other host, nothing to a stranger.

Redirects and proxies are not followed. User and password are sent when they are asked for, and over
HTTPS only to a camera whose certificate somebody vouches for: an authority that the system knows,
or the user, who names its fingerprint.
"""

from __future__ import annotations

import secrets
import socket
import ssl
import threading
from contextlib import suppress
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING

from posturecam.errors import SourceBusyError, SourceError
from posturecam.http_login import login_for
from posturecam.source import LOST_AFTER_S

if TYPE_CHECKING:
    from http.client import HTTPResponse

    from posturecam.addresses import Address

CONNECT_LIMIT_S = 10.0
ANSWER_LIMIT_S = 60.0
"""For the head of an answer: a camera that sleeps between its viewers wakes up first."""

_HEADERS = {"Accept": "*/*", "Connection": "close", "User-Agent": "posturecam"}
_REFUSALS = {
    403: ("refuses this user (403).", "Allow the user to view the camera, in its own settings."),
    404: ("has no stream under this path (404).", "Check what follows the host in the address."),
}


class HttpStream:
    """What a camera sends, once it has answered that it will.

    Attributes:
        content_type: as the camera names it; may be empty.
    """

    def __init__(self, response: HTTPResponse, connection: socket.socket) -> None:
        self.content_type = response.headers.get("Content-Type", "")
        self._response = response
        self._connection = connection

    def read1(self, size: int) -> bytes:
        """What is there, `size` bytes at most; waits for some, and empty is the end.

        Raises:
            OSError: the connection broke, or nothing came within `LOST_AFTER_S`.
        """
        try:
            return self._response.read1(size)
        except (HTTPException, ValueError) as error:  # of a transfer in chunks that are none
            raise OSError(str(error)) from error

    def close(self) -> None:
        """Hang up, from any thread; whoever waits in `read1` meets the end.

        The response is theirs and goes with them: taken from under their hands, it would fail.
        """
        _hang_up(self._connection)


def open_http(
    address: Address, *, certificate: str | None = None, answer_limit_s: float = ANSWER_LIMIT_S
) -> HttpStream:
    """The stream at an `http` or `https` address.

    Args:
        address: where it is.
        certificate: SHA-256 of a certificate that is accepted though nobody vouches for it, in
            hexadecimal.
        answer_limit_s: longest wait for the head of an answer, however slowly it comes.

    Raises:
        SourceError: it cannot be reached, is not trusted, or refuses; says which.
    """
    connection, response = _ask(address, certificate, answer_limit_s)
    if response.status == 401:
        challenges = response.headers.get_all("WWW-Authenticate") or ()
        login = login_for(challenges, address, method="GET", nonce_of_ours=secrets.token_hex(8))
        if login is not None:
            _hang_up(connection)
            response.close()
            connection, response = _ask(address, certificate, answer_limit_s, login)
    if response.status != 200:
        _hang_up(connection)
        response.close()
        raise _refused(address, response.status)
    connection.settimeout(LOST_AFTER_S)
    return HttpStream(response, connection)


def _ask(
    address: Address, certificate: str | None, limit_s: float, login: str | None = None
) -> tuple[socket.socket, HTTPResponse]:
    try:
        connection = _connect(address, certificate)
    except ssl.SSLError as error:
        raise SourceError(
            f"No encrypted connection to {address.shown}: {error.reason or error}.",
            "Its encryption may be too old to be safe: update the camera, or use its http address.",
        ) from error
    except (OSError, UnicodeError) as error:
        raise SourceError(
            f"{address.shown} cannot be reached: {getattr(error, 'strerror', None) or error}.",
            "Check the address and that the camera is on; proxies are not used.",
        ) from error
    http = HTTPConnection(address.host, address.port)
    http.sock = connection
    connection.settimeout(limit_s)
    # A host that sends its answer byte by byte would outlast every limit of a single read.
    watchdog = threading.Timer(limit_s, _hang_up, [connection])
    watchdog.daemon = True
    watchdog.start()
    try:
        http.putrequest("GET", address.target, skip_host=True)
        headers = {"Host": address.authority} | _HEADERS
        for key, value in (headers | ({} if login is None else {"Authorization": login})).items():
            http.putheader(key, value)
        http.endheaders()
        return connection, http.getresponse()
    except (OSError, HTTPException, ValueError) as error:
        raise SourceError(
            f"{address.shown} does not answer as a camera does over HTTP.",
            "Check the port of the address.",
        ) from error
    finally:
        watchdog.cancel()
        connection.close()  # what a response still reads from stays open for it


def _connect(address: Address, certificate: str | None) -> socket.socket:
    place = (address.host, address.port)
    plain = socket.create_connection(place, CONNECT_LIMIT_S)
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
    secured = context.wrap_socket(
        socket.create_connection(place, CONNECT_LIMIT_S), server_hostname=address.host
    )
    fingerprint = sha256(secured.getpeercert(binary_form=True) or b"").hexdigest()
    if fingerprint == certificate:
        return secured
    secured.close()
    raise _untrusted(address, why, fingerprint, instead_of=certificate)


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # the other end was faster
        connection.shutdown(socket.SHUT_RDWR)


def _untrusted(
    address: Address, why: str, fingerprint: str, *, instead_of: str | None
) -> SourceError:
    accept = f'camera_certificate = "{fingerprint}"'
    if instead_of is not None:
        return SourceError(
            f"{address.shown} shows another certificate than config.toml accepts; it was told "
            "nothing.",
            f"Only if the camera was given a new one: {accept}",
        )
    return SourceError(
        f"Nobody vouches for the certificate of {address.shown} ({why}); it was told nothing.",
        f"If it is your camera's own, accept it in config.toml: {accept}",
    )


def _refused(address: Address, status: int) -> SourceError:
    if status == 401 and address.user is None:
        what = "asks for a user and a password (401)."
        remedy = 'Name them in config.toml: source = "http://USER:PASSWORD@HOST/..."'
    elif status == 401:
        what = "does not accept this user and password (401)."
        remedy = "Check both; in an address a password has / # ? @ as %2F %23 %3F %40."
    elif status in (429, 503):
        return SourceBusyError(
            f"{address.shown} has no stream to give now ({status}).",
            "It may be starting, or have too many viewers: close another one.",
        )
    elif status in _REFUSALS:
        what, remedy = _REFUSALS[status]
    elif 300 <= status < 400:
        what = f"sends elsewhere ({status}), and that is not followed."
        remedy = "Name the address of the stream itself."
    else:
        what = f"answers with an error ({status})."
        remedy = "Check the address, and start the camera again."
    return SourceError(f"{address.shown} {what}", remedy)
