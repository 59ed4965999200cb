"""What carries the channel between a watch and other programs, by the system: sockets or pipes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Protocol, Self


class End(Protocol):
    """One end of a connection, as the watch has it: like a socket that does not block."""

    def settimeout(self, value: float, /) -> None:
        """Says that it must not wait."""

    def recv(self, most_bytes: int, /) -> bytes:
        """What was said, nothing at its end. Raises `BlockingIOError` and `OSError`."""

    def send(self, data: bytes, /) -> int:
        """How much of it was taken. Raises `BlockingIOError` and `OSError`."""

    def close(self) -> None:
        """Hangs up."""


class Door(Protocol):
    """Where others come in."""

    def accept(self) -> tuple[Any, Any]:
        """The end of whoever came first, and where from. Raises `OSError`."""

    def close(self) -> None:
        """Takes nobody any more."""


class Selector(Protocol):
    """Waits for several ends at once, as `selectors.BaseSelector`."""

    def register(self, end: Any, events: int, /) -> Any:
        """Waits for it from now on. Raises `KeyError` if it does already."""

    def unregister(self, end: Any, /) -> Any:
        """Waits for it no more. Raises `KeyError` if it did not."""

    def select(self, timeout_s: float, /) -> Any:
        """The ends that are ready, as `fileobj`, and for what."""

    def close(self) -> None:
        """Lets go of what it has."""


class OtherEnd(Protocol):
    """The end that another program has, which waits for so long."""

    def __enter__(self) -> Self:
        """The end itself."""

    def __exit__(self, *_: object) -> None:
        """Hangs up."""

    def settimeout(self, value: float, /) -> None:
        """Waits at most so long from now on."""

    def sendall(self, data: bytes, /) -> None:
        """Says it."""

    def recv(self, most_bytes: int, /) -> bytes:
        """What was said, nothing at its end. Raises `TimeoutError`."""


class Channels(Protocol):
    """Makes all of them."""

    def listen(self, address: Path) -> Door:
        """Takes whoever comes to the address. Raises `OSError`."""

    def pair(self) -> tuple[End, End]:
        """Two ends within this process."""

    def selector(self) -> Selector:
        """Waits for its ends and doors."""

    def connect(self, address: Path, patience_s: float) -> OtherEnd:
        """An end to whoever listens there, which waits for at most `patience_s`."""

    def is_welcome(self, end: Any) -> bool:
        """Whether whoever is at the other end is this user. Raises `OSError`."""


def channels_of(platform: str = sys.platform) -> Channels:
    """What there is on that system, as `sys.platform` names it."""
    if platform == "win32":
        from posturecam.watch.pipes import Pipes

        return Pipes()
    from posturecam.watch.sockets import Sockets

    return Sockets()
