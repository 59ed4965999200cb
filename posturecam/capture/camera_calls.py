"""What calling a camera is like over HTTP and RTSP: connecting, time limits, refusals."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from posturecam.base.errors import SourceBusyError, SourceError, SourceRefusedError
from posturecam.base.language import N_, Sentence

if TYPE_CHECKING:
    from posturecam.base.addresses import Address

CONNECT_LIMIT_S = 10.0

_REFUSALS = {
    403: (
        N_("{address} refuses this user ({status})."),
        Sentence("Allow the user to view the camera, in its own settings."),
    ),
    404: (
        N_("{address} has no stream under this path ({status})."),
        Sentence("Check what follows the host in the address."),
    ),
}


def connect(address: Address) -> socket.socket:
    """A connection to its host. Raises `OSError`, or `UnicodeError` for a name that is none."""
    return socket.create_connection((address.host, address.port), CONNECT_LIMIT_S)


def hang_up(connection: socket.socket) -> None:
    """End it both ways; whoever waits for it, in any thread, meets the end."""
    with suppress(OSError):  # the other end was faster
        connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def hung_up_after(connection: socket.socket, limit_s: float) -> Iterator[None]:
    """Hangs up where what is done meanwhile takes longer.

    A host that sends its answer byte by byte would outlast every limit of a single read.
    """
    connection.settimeout(limit_s)
    watchdog = threading.Timer(limit_s, hang_up, [connection])
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def unreachable(address: Address, error: OSError | UnicodeError) -> SourceError:
    """What to raise where no connection comes about."""
    return SourceError(
        Sentence(
            "{address} cannot be reached: {why}.",
            address=address.shown,
            why=getattr(error, "strerror", None) or error,
        ),
        Sentence("Check the address and that the camera is on; proxies are not used."),
    )


def refused(address: Address, status: int) -> SourceError:
    """What to raise where a camera answers with `status`, which means no."""
    if status == 401 and address.user is None:
        what = N_("{address} asks for a user and a password ({status}).")
        remedy = Sentence(
            'Name them in config.toml: source = "{scheme}://USER:PASSWORD@HOST/..."',
            scheme=address.scheme,
        )
    elif status == 401:
        what = N_("{address} does not accept this user and password ({status}).")
        remedy = Sentence("Check both; in an address a password has / # ? @ as %2F %23 %3F %40.")
    elif status in (429, 503):
        return SourceBusyError(
            Sentence(
                "{address} has no stream to give now ({status}).",
                address=address.shown,
                status=status,
            ),
            Sentence("It may be starting, or have too many viewers: close another one."),
        )
    elif status in _REFUSALS:
        what, remedy = _REFUSALS[status]
    elif 300 <= status < 400:
        what = N_("{address} sends elsewhere ({status}), and that is not followed.")
        remedy = Sentence("Name the address of the stream itself.")
    else:
        what = N_("{address} answers with an error ({status}).")
        remedy = Sentence("Check the address, and start the camera again.")
    return SourceRefusedError(Sentence(what, address=address.shown, status=status), remedy)
