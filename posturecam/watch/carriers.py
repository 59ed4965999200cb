"""What carries the channel between a watch and other programs, by the system: sockets or pipes.

The two have no base in common: pipes do what the server and its clients use of a socket.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from socket import socket

    from posturecam.watch.pipes import PipeClient, PipeEnd, PipeListener, Pipes, Signal
    from posturecam.watch.sockets import Sockets

Channels: TypeAlias = "Pipes | Sockets"
Door: TypeAlias = "PipeListener | socket"
"""Where others come in."""
End: TypeAlias = "PipeEnd | Signal | socket"
"""One end of a connection, as the watch has it: it does not block."""
OtherEnd: TypeAlias = "PipeClient | socket"
"""The end that another program has, which waits for so long."""


def channels_of(platform: str = sys.platform) -> Channels:
    """What there is on that system, as `sys.platform` names it."""
    if platform == "win32":
        from posturecam.watch.pipes import Pipes

        return Pipes()
    from posturecam.watch.sockets import Sockets

    return Sockets()
