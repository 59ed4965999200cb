"""Asks an RTSP camera (RFC 2326) what FFmpeg is about to ask it.

FFmpeg does not pass on why it was refused, and goes where it is sent.
"""

from __future__ import annotations

import secrets
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from posturecam.capture.camera_calls import connect, hang_up, hung_up_after, refused, unreachable
from posturecam.capture.http_login import login_for

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from email.message import Message

    from posturecam.base.addresses import Address

ANSWER_LIMIT_S = 10.0
"""For all of it. FFmpeg then waits longer, for a camera that has to wake up."""

_LARGEST_ANSWER_BYTES = 1 << 16
_READ_BYTES = 4096
_REFUSALS = frozenset({401, 403, 404, 429, 503, *range(300, 400)})


def refuse_unless_described(address: Address, *, limit_s: float = ANSWER_LIMIT_S) -> None:
    """Nothing where the camera describes its stream, or answers in no way that is clear.

    User and password are sent when they are asked for.

    Args:
        address: of scheme `rtsp`.
        limit_s: longest wait for its answers, however slowly they come.

    Raises:
        SourceError: it cannot be reached, refuses, or sends elsewhere; says which.
    """
    try:
        connection = connect(address)
    except TimeoutError:
        return
    except (OSError, UnicodeError) as error:
        raise unreachable(address, error) from error
    with connection, hung_up_after(connection, limit_s):
        try:
            status = _describe(connection, address)
        except (OSError, ValueError):
            return
        finally:
            hang_up(connection)
    if status in _REFUSALS:
        raise refused(address, status)


def _describe(connection: socket.socket, address: Address) -> int:
    """The status of the last answer; 0 where it asks for a login of another kind than ours."""
    url = f"{address.scheme}://{address.authority}{address.target}"
    lines = [f"DESCRIBE {url} RTSP/1.0", "CSeq: 1", "Accept: application/sdp"]
    status, headers = _ask(connection, [*lines, "User-Agent: posturecam"])
    if status != 401 or address.user is None:
        return status
    login = login_for(
        headers.get_all("WWW-Authenticate") or (),
        address,
        method="DESCRIBE",
        uri=url,
        nonce_of_ours=secrets.token_hex(8),
    )
    if login is None:
        return 0
    # On the same connection: to many a camera a nonce is good there only.
    lines[1] = "CSeq: 2"
    return _ask(connection, [*lines, f"Authorization: {login}"])[0]


def _receive(
    connection: socket.socket, received: bytes, *, until: Callable[[bytes], bool]
) -> bytes:
    while not until(received):
        more = connection.recv(_READ_BYTES)
        received += more
        if not more or len(received) > _LARGEST_ANSWER_BYTES:
            raise ValueError("the answer does not end, or ends too soon")
    return received


def _ask(connection: socket.socket, lines: list[str]) -> tuple[int, Message]:
    """Status and headers of the answer, whose body is passed over.

    Raises:
        OSError: the connection ended or broke.
        ValueError: it is no answer, or a long one.
    """
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    answer = _receive(connection, b"", until=lambda got: b"\r\n\r\n" in got)
    head, _, body = answer.partition(b"\r\n\r\n")
    first, _, rest = head.decode("latin-1").partition("\r\n")
    version, status, *_ = [*first.split(" "), ""]
    if not version.startswith("RTSP/"):
        raise ValueError("it does not speak RTSP")
    headers = HeaderParser().parsestr(rest)
    length = int(headers.get("Content-Length", "0"))
    _receive(connection, body, until=lambda got: len(got) >= length)
    return int(status), headers
