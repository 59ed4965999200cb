"""A connection to the Wayland compositor of this desktop, through its socket on this machine."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Self

from posturecam.system import wayland_messages as w

Hear = Callable[[str, bytes], None]
"""Takes the name of an event, and what is said with it."""

_MOST_BYTES = 65_536
_MOST_FILES = 20
"""Handed over at once: what is beyond 28 the library of most compositors loses."""


class Compositor:
    """What the compositor offers, and what is said to it and heard of it; for one thread alone.

    Nothing waits but `greet`: whoever waits for what is heard calls `receive` when the socket can
    be read, and what was said is sent with `flush`.

    Attributes:
        greeted: it has said what it offers.
        offered: the number of what it offers, and its version, by the name of the interface.
        outputs: its screens, by their numbers in what is offered.
        outputs_changed: called when one came or went.
    """

    def __init__(self, connected: socket.socket) -> None:
        self.greeted = False
        self.offered: dict[str, tuple[int, int]] = {}
        self.outputs: dict[int, int] = {}
        self.outputs_changed: Callable[[], None] = lambda: None
        self._socket = connected
        self._socket.settimeout(0.0)
        self._hearing: dict[int, tuple[str, Hear | None]] = {
            w.DISPLAY: ("wl_display", self._hear_display),
            w.REGISTRY: ("wl_registry", self._hear_registry),
        }
        self._next = w.FIRST_NEW
        self._to_say = b""
        self._to_hand_over: list[int] = []
        self._heard = b""
        self.say(w.DISPLAY, "wl_display", "get_registry", w.REGISTRY)
        self.say(w.DISPLAY, "wl_display", "sync", self.new("wl_callback", self._hear_greeting))

    @classmethod
    def open(cls, environment: Mapping[str, str]) -> Self:
        """The one of the session that the environment names. Raises `OSError`."""
        path = w.socket_of(environment)
        if sys.platform == "win32" or path is None:
            raise FileNotFoundError
        connected = socket.socket(socket.AF_UNIX)
        try:
            connected.settimeout(0.0)
            connected.connect(path)
            opened = cls(connected)
            opened.flush()
        except BaseException:
            connected.close()
            raise
        return opened

    def close(self) -> None:
        """Hangs up; whatever was shown is gone."""
        self._socket.close()

    def fileno(self) -> int:
        """What can be read when there is something to hear."""
        return self._socket.fileno()

    def greet(self, limit_s: float) -> None:
        """Waits until it has said what it offers.

        Raises:
            TimeoutError: it does not answer in time; what it says later can be received.
            OSError: it hangs up.
        """
        self._socket.settimeout(limit_s)
        try:
            while not self.greeted:
                self.receive()
        finally:
            self._socket.settimeout(0.0)

    def new(self, interface: str, hear: Hear | None = None) -> int:
        """The number of an object that is about to be asked for, and who hears it."""
        number = self._next
        self._next += 1
        self._hearing[number] = (interface, hear)
        return number

    def listen(self, number: int, interface: str, hear: Hear) -> None:
        """Has an object heard that the compositor made."""
        self._hearing[number] = (interface, hear)

    def bind(self, interface: str, hear: Hear | None = None, *, version: int = 1) -> int:
        """The object behind what it offers, at this version or its own; else raises `KeyError`."""
        number, newest = self.offered[interface]
        return self._bind(number, interface, min(version, newest), hear)

    def say(
        self,
        sender: int,
        interface: str,
        name: str,
        *arguments: int | str,
        hand_over: Sequence[int] = (),
    ) -> None:
        """Asks an object for something, and gives open files away; sent with the next `flush`.

        Raises:
            OSError: as `flush` does, where so many files were given away before.
        """
        if len(self._to_hand_over) + len(hand_over) > _MOST_FILES:
            self.flush()
        self._to_say += w.request(sender, interface, name, *arguments)
        self._to_hand_over += hand_over
        if name == "destroy":
            self._hearing[sender] = (interface, None)

    def flush(self) -> None:
        """Sends what was said.

        Raises:
            OSError: it hung up, or does not read what it is sent.
        """
        said, files = self._to_say, self._to_hand_over
        self._to_say, self._to_hand_over = b"", []
        if sys.platform == "win32" or not said:
            return
        try:
            sent = socket.send_fds(self._socket, [said], files)
        finally:
            for file in files:
                os.close(file)
        if sent < len(said):
            raise BlockingIOError

    def receive(self) -> None:
        """Hears what it says.

        Raises:
            OSError: it hung up, refused something, or said nothing in time.
        """
        heard = self._socket.recv(_MOST_BYTES)
        if not heard:
            raise ConnectionResetError
        try:
            events, self._heard = w.events_in(self._heard + heard)
            for event in events:
                interface, hear = self._hearing.get(event.sender, ("", None))
                name = w.name_of(interface, event.code)
                if hear is not None and name:
                    hear(name, event.body)
        except w.BrokenError as error:
            raise ConnectionAbortedError from error

    def _hear_greeting(self, _name: str, _body: bytes) -> None:
        self.greeted = True

    def _hear_display(self, name: str, body: bytes) -> None:
        if name == "error":
            raise ConnectionAbortedError(w.text_in(body, 8))
        if name == "delete_id":
            (gone,) = w.numbers_in(body, 1)
            self._hearing.pop(gone, None)

    def _hear_registry(self, name: str, body: bytes) -> None:
        (number,) = w.numbers_in(body, 1)
        if name == "global_remove":
            if self.outputs.pop(number, None) is not None:
                self.outputs_changed()
            return
        interface = w.text_in(body, 4)
        (version,) = w.numbers_in(body[w.after_text(body, 4) :], 1)
        if interface == "wl_output":
            self.outputs[number] = self._bind(number, interface, 1, None)
            self.outputs_changed()
        else:
            self.offered[interface] = (number, version)

    def _bind(self, number: int, interface: str, version: int, hear: Hear | None) -> int:
        bound = self.new(interface, hear)
        self.say(w.REGISTRY, "wl_registry", "bind", number, interface, version, bound)
        return bound
