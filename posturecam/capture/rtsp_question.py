"""Asks an RTSP camera (RFC 2326) what FFmpeg is about to ask it.

FFmpeg does not pass on why it was refused, and goes where it is sent.
"""

from __future__ import annotations

from http.client import HTTPException, HTTPMessage, parse_headers
from typing import TYPE_CHECKING

from posturecam.capture.camera_calls import connect, hang_up, hung_up_after, refused, unreachable
from posturecam.capture.http_login import login_for

if TYPE_CHECKING:
    import socket
    from io import BufferedReader

    from posturecam.base.addresses import Address

ANSWER_LIMIT_S = 10.0
"""For all of it. FFmpeg then waits longer, for a camera that has to wake up."""

_LONGEST_LINE_BYTES = 1 << 10
_LARGEST_BODY_BYTES = 1 << 16
_REFUSALS = frozenset({401, 403, 404, 429, 503, *range(300, 400)})


def refuse_unless_described(address: Address, *, limit_s: float = ANSWER_LIMIT_S) -> None:
    """Nothing where the camera describes its stream, or answers in no way that is clear.

    User and password are sent when they are asked for. The answers have to come within the limit,
    however slowly.

    Raises:
        SourceError: it cannot be reached, refuses, or sends elsewhere; says which.
    """
    try:
        connection = connect(address)
    except TimeoutError:
        return
    except (OSError, UnicodeError) as error:
        raise unreachable(address, error) from error
    with connection, connection.makefile("rb") as answers, hung_up_after(connection, limit_s):
        try:
            status = _describe(connection, answers, address)
        except (OSError, HTTPException, ValueError):
            return
        finally:
            hang_up(connection)
    if status in _REFUSALS:
        raise refused(address, status)


def _describe(connection: socket.socket, answers: BufferedReader, address: Address) -> int:
    """The status of the last answer; 0 where it asks for a login of another kind than ours."""
    url = f"{address.scheme}://{address.authority}{address.target}"
    lines = [f"DESCRIBE {url} RTSP/1.0", "CSeq: 1", "Accept: application/sdp"]
    status, headers = _ask(connection, answers, [*lines, "User-Agent: posturecam"])
    if status != 401 or address.user is None:
        return status
    challenges = headers.get_all("WWW-Authenticate") or ()
    login = login_for(challenges, address, method="DESCRIBE", uri=url)
    if login is None:
        return 0
    # On the same connection: to many a camera a nonce is good there only.
    lines[1] = "CSeq: 2"
    return _ask(connection, answers, [*lines, f"Authorization: {login}"])[0]


def _ask(
    connection: socket.socket, answers: BufferedReader, lines: list[str]
) -> tuple[int, HTTPMessage]:
    """Status and headers of the answer, whose body is passed over.

    Raises:
        OSError: the connection broke.
        HTTPException: its head is a long one.
        ValueError: it is no answer, or a long one.
    """
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    version, status, *_ = [*answers.readline(_LONGEST_LINE_BYTES).split(b" "), b""]
    if not version.startswith(b"RTSP/"):
        raise ValueError("it does not speak RTSP")
    headers = parse_headers(answers)
    length = int(headers.get("Content-Length", "0"))
    if not 0 <= length <= _LARGEST_BODY_BYTES:
        raise ValueError("it is a long one")
    answers.read(length)
    return int(status), headers
