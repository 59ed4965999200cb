"""The cameras of a Linux machine, as files in a folder: plugged in, and unplugged."""

from __future__ import annotations

import ctypes
import os
import struct
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posturecam.capture.devices import CameraDevices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_IN_OPEN = 0x20  # this and the header's layout: inotify(7)
_HEADER = struct.Struct("iIII")
_ROOM_BYTES = 1 << 16


@dataclass
class Machine:
    """The files of a machine's cameras, as the kernel and udev write them."""

    root: Path

    @property
    def devices(self) -> CameraDevices:
        """What the program sees of it."""
        return CameraDevices(self.root / "dev", self.root / "class", self.root / "udev")

    def node(self, number: int) -> Path:
        """A device node."""
        return self.root / "dev" / f"video{number}"

    def plug(
        self,
        number: int,
        label: str,
        *,
        port: str = "1-5",
        serial: str = "",
        index: int = 0,
        abilities: str = "",
    ) -> None:
        """A USB camera appears under a number."""
        usb = self.root / "devices" / port
        interface = usb / f"{port}:1.0"
        entry = self.root / "class" / f"video{number}"
        for folder in (interface, entry, self.root / "dev", self.root / "udev"):
            folder.mkdir(parents=True, exist_ok=True)
        (usb / "idVendor").write_text("046d\n")
        (usb / "idProduct").write_text("0825\n")
        (usb / "serial").write_text(serial)
        (entry / "name").write_text(f"{label}\n")
        (entry / "index").write_text(f"{index}\n")
        (entry / "dev").write_text(f"81:{number}\n")
        (entry / "device").symlink_to(interface)
        if abilities:
            (self.root / "udev" / f"c81:{number}").write_text(f"E:ID_V4L_CAPABILITIES={abilities}")
        os.mknod(self.node(number))  # does not open it

    def unplug(self, number: int) -> None:
        """Its node and its entry go."""
        self.node(number).unlink()
        entry = self.root / "class" / f"video{number}"
        for file in entry.iterdir():
            file.unlink()
        entry.rmdir()


@contextmanager
def opens_within(folder: Path) -> Iterator[Callable[[], set[str]]]:
    """What of a folder anybody has opened since, by the kernel's word: asked for with a call."""
    libc = ctypes.CDLL(None, use_errno=True)
    reader = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    opened: set[str] = set()

    def ask() -> set[str]:
        try:
            events = os.read(reader, _ROOM_BYTES)
        except BlockingIOError:
            return opened
        while events:
            length = _HEADER.unpack_from(events)[-1]
            name, events = events[_HEADER.size :][:length], events[_HEADER.size + length :]
            if name:  # the folder itself has none
                opened.add(os.fsdecode(folder / name.rstrip(b"\0").decode()))
        return opened

    try:
        if libc.inotify_add_watch(reader, os.fsencode(folder), _IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), "inotify_add_watch", str(folder))
        yield ask
    finally:
        os.close(reader)
