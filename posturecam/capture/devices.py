"""Which cameras are there, which of them was chosen, and why one does not open.

On Linux the kernel lists its cameras in files under /sys. Reading those opens no camera, so no
light flashes and nobody is looked at. Elsewhere a camera is a number, and only the one that was
named is ever opened.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from posturecam.base.errors import SourceBusyError, SourceError, SourceRefusedError
from posturecam.base.language import Sentence
from posturecam.base.paths import typed_path
from posturecam.base.printable import printable
from posturecam.capture.source import DEMO

_CAPTURES = ":capture:"
_LONGEST_LABEL = 40
_USB_FACTS = ("idVendor", "idProduct", "serial")


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraDevice:
    """A video device of the kernel.

    Attributes:
        path: its device node now; another one after it was plugged in again, perhaps.
        label: what it calls itself.
        identity: what stays the same when it is plugged in again, and no other camera has.
        housing: where the thing is plugged in that it is a part of, perhaps with others.
        captures: it delivers pictures; a camera has further devices, for metadata say.
        virtual: a program stands behind it, and no lens.
        stable: a link to it that udev makes, the same wherever it is plugged in; or empty.
    """

    path: str
    label: str
    identity: tuple[str, ...]
    housing: str
    captures: bool
    virtual: bool = False
    stable: str = ""

    @property
    def shown(self) -> str:
        """Node and label."""
        return f"{self.path} ({self.label})" if self.label else self.path

    @property
    def model(self) -> tuple[str, ...]:
        """What it is known by wherever it is plugged in; two alike without a serial share it."""
        return (*self.identity[: len(_USB_FACTS)], self.label)

    @property
    def infrared(self) -> bool:
        """Whether its name says that it sees infrared: one to log in by, without colours."""
        return re.search(r"\b(ir|infrared)\b", self.label, re.IGNORECASE) is not None


class CameraDevices:
    """The video devices that the kernel lists; none on systems other than Linux.

    There are device nodes in `dev`, an entry for each in the listing, and what udev found out.

    Attributes:
        lists: the cameras can be listed without opening them.
    """

    def __init__(
        self,
        dev: Path = Path("/dev"),
        listing: Path = Path("/sys/class/video4linux"),
        udev: Path = Path("/run/udev/data"),
        *,
        platform: str = sys.platform,
    ) -> None:
        self.lists = platform == "linux"
        self.dev = dev
        self._listing = listing
        self._udev = udev

    def cameras(self) -> tuple[CameraDevice, ...]:
        """Those that deliver pictures, in the order of their numbers."""
        return tuple(device for device in self._devices() if device.captures)

    def at(self, path: Path) -> CameraDevice | None:
        """The device behind a node, or behind a link to one; None where the kernel lists none."""
        try:
            node = path.resolve(strict=True)
        except OSError:
            return None
        entry = self._listing / node.name
        return self._device(entry) if node.parent == self.dev and entry.exists() else None

    def devices(self) -> tuple[CameraDevice, ...]:
        """All of them, also those that deliver something else, in the order of their numbers."""
        return tuple(self._devices())

    def named(self, name: str) -> tuple[CameraDevice, ...]:
        """Those whose label is `name`, or if there is none those that have it in their label.

        Case does not count, nor how many spaces there are, nor how a letter with an accent is put
        together. Of the devices in one housing it is the first that delivers pictures: what else
        does so is its infrared camera, or another format of the same pictures. One that calls
        itself infrared comes only where no other has the name.
        """
        wanted = _compared(name)
        if not wanted:
            return ()
        there = self.cameras()
        found = [one for one in there if _compared(one.label) == wanted] or [
            one for one in there if wanted in _compared(one.label)
        ]
        firsts: dict[str, CameraDevice] = {}
        for one in [one for one in found if not one.infrared] or found:
            firsts.setdefault(one.housing, one)
        return tuple(firsts.values())

    def with_identity(self, identity: tuple[str, ...]) -> CameraDevice | None:
        """The device with this identity, wherever it is now."""
        return next((one for one in self._devices() if one.identity == identity), None)

    def _devices(self) -> list[CameraDevice]:
        entries = [entry for entry in self._listing.glob("video*") if entry.name[5:].isdecimal()]
        entries.sort(key=lambda entry: int(entry.name[5:]))
        return [self._device(entry) for entry in entries]

    def _device(self, entry: Path) -> CameraDevice:
        label, index = _text(entry / "name"), _text(entry / "index")
        interface = (entry / "device").resolve()
        usb = tuple(_text(interface.parent / fact) for fact in _USB_FACTS)
        # A serial number goes with the camera to another socket; without one the socket counts.
        _, _, part = interface.name.rpartition(":")
        place = (*usb, part) if usb[-1] else (*usb, str(interface))
        return CameraDevice(
            path=str(self.dev / entry.name),
            label=printable(label)[:_LONGEST_LABEL],
            identity=(*place, label, index),
            housing=str(interface.parent),
            captures=self._captures(entry, index),
            virtual="virtual" in entry.resolve().parts,
            stable=self._stable_links().get(entry.name, ""),
        )

    def _stable_links(self) -> dict[str, str]:
        folder = self.dev / "v4l" / "by-id"
        return {link.resolve().name: str(link) for link in sorted(folder.glob("*"), reverse=True)}

    def _captures(self, entry: Path, index: str) -> bool:
        known = _text(self._udev / f"c{_text(entry / 'dev')}").splitlines()
        abilities = [line for line in known if line.startswith("E:ID_V4L_CAPABILITIES=")]
        return any(_CAPTURES in line for line in abilities) if abilities else index in ("", "0")


class ChosenCamera:
    """The camera that the user named, and never another one in its place.

    Numbers are given anew when cameras are unplugged and plugged in. What was at the named number
    when it was first opened is what was chosen; it is found again under another number too. The
    target is a number, the path of a device node from the root on, or a label or part of one.
    """

    def __init__(self, target: int | str, devices: CameraDevices) -> None:
        self.name = f"camera {target}" if isinstance(target, int) else target
        self._target = target
        self._devices = devices
        self._chosen: CameraDevice | None = None

    def place(self) -> int | str:
        """Where it is now: what OpenCV opens.

        Raises:
            SourceRefusedError: it is gone and another camera is in its place.
            SourceError: it is not there.
        """
        if not self._devices.lists and isinstance(self._target, int):
            return self._target
        if isinstance(self._target, str) and not self._target.startswith("/"):
            return self._named(self._target)
        number = self._target
        path = self._devices.dev / f"video{number}" if isinstance(number, int) else Path(number)
        there = self._devices.at(path)
        if self._chosen is None:
            self._chosen = there
        elif there is None or there.identity != self._chosen.identity:
            if moved := self._devices.with_identity(self._chosen.identity):
                return moved.path
            if there is not None:
                raise SourceRefusedError(
                    Sentence(
                        "The chosen camera {chosen} is gone; {there} in its place is not opened.",
                        chosen=self._chosen.shown,
                        there=there.shown,
                    ),
                    Sentence("Plug the chosen one in again, or start again to use the other."),
                )
        if not path.exists():
            raise self.error(errno.ENOENT)
        return str(path)

    def _named(self, name: str) -> str:
        if self._chosen is not None:
            if (there := self._devices.with_identity(self._chosen.identity)) is None:
                raise self.error(errno.ENOENT)
            return there.path
        found = self._devices.named(name)
        if not found:
            raise self.error(errno.ENOENT)
        if len(found) > 1:
            names = ", ".join(one.shown for one in found)
            raise SourceRefusedError(
                Sentence(
                    "More than one camera is named {name!r}: {names}.", name=name, names=names
                ),
                Sentence("Name one by more of its label, or by its device: posturecam cameras"),
            )
        (self._chosen,) = found
        return self._chosen.path

    def why(self, place: int | str, *, opened: bool) -> SourceError:
        """Why nothing came from it; tries its own device node, if it has one, and no other."""
        return self.error(_open_code(place), opened=opened)

    def error(self, code: int | None, *, opened: bool = False) -> SourceError:
        """Why it delivers nothing, and what to do.

        The code is the `errno` of a plain attempt to open its device; None when that worked, or
        when it has no path.
        """
        if code in (errno.EACCES, errno.EPERM):
            return SourceRefusedError(
                Sentence("You are not allowed to use {name}.", name=self.name),
                Sentence(
                    "Join the group of its device, then log out and in: sudo usermod -aG video "
                    "$USER"
                ),
            )
        if opened or code == errno.EBUSY or (code is None and self._devices.lists):
            return SourceBusyError(
                Sentence("{name} is there but delivers no picture.", name=self.name),
                Sentence(
                    "Another program is probably using it (a video call, a browser): close "
                    "that first."
                ),
            )
        if found := self._devices.cameras():
            names = ", ".join(device.shown for device in found)
            return SourceError(
                Sentence("There is no {name}.", name=self.name),
                Sentence("Name one that is there: {names}.", names=names),
            )
        if self._devices.lists:
            return SourceError(
                Sentence("There is no {name}, and no other camera was found.", name=self.name),
                Sentence(
                    "Plug one in, or name a video, a folder of pictures or an address with "
                    "--source."
                ),
            )
        return SourceError(
            Sentence("There is no {name}.", name=self.name),
            Sentence(
                "Plug it in, or name another with --source. The system's privacy settings "
                "may also keep it from this terminal."
            ),
        )


def names_camera(spec: str, devices: CameraDevices) -> bool:
    """Whether a source is named that is a camera of this machine: by number, node or label.

    What is there under this path goes before a label.
    """
    spec = spec.strip()
    if spec == DEMO or "://" in spec:
        return False
    if spec.isascii() and spec.isdecimal():
        return True
    if spec.startswith("/dev/"):
        return _type_of_file(spec) in (None, stat.S_IFCHR)
    return _is_device(spec) or (bool(devices.named(spec)) and _type_of_file(spec) is None)


def may_be_there(spec: str) -> bool:
    """Whether a source that is no camera may be: the clip that ships, an address, or a file."""
    spec = spec.strip()
    return spec == DEMO or "://" in spec or _type_of_file(spec) is not None


def device_of(spec: str, devices: CameraDevices) -> CameraDevice | None:
    """The listed camera that a source names now; None where it names none, or one that is gone.

    Raises:
        SourceRefusedError: it is the name of several.
    """
    if not names_camera(spec, devices):
        return None
    try:
        place = _chosen(spec, devices).place()
    except SourceRefusedError:
        raise
    except SourceError:
        return None
    return devices.at(devices.dev / str(place))


def camera_node(spec: str, devices: CameraDevices) -> Callable[[], Path | None] | None:
    """Says where a camera of this machine is: its device node, another one once it was moved.

    It says None while the camera is not there. There is nobody to say it of any other source.
    """
    if not devices.lists or not names_camera(spec, devices):
        return None
    chosen = _chosen(spec, devices)

    def node() -> Path | None:
        try:
            return Path(str(chosen.place())).resolve()
        except SourceError:
            return None

    return node


def _chosen(spec: str, devices: CameraDevices) -> ChosenCamera:
    spec = spec.strip()
    if spec.isascii() and spec.isdecimal():
        return ChosenCamera(int(spec), devices)
    return ChosenCamera(str(typed_path(spec).absolute()) if _is_device(spec) else spec, devices)


def _is_device(spec: str) -> bool:
    return _type_of_file(spec) == stat.S_IFCHR


def _type_of_file(spec: str) -> int | None:
    try:
        return stat.S_IFMT(typed_path(spec).stat().st_mode)
    except (OSError, ValueError):
        return None


def _compared(label: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", label).casefold().split())


def _text(file: Path) -> str:
    """What a small file of the kernel says; empty where there is none."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _open_code(place: int | str) -> int | None:
    """`errno` of opening a device node; None when it opens, or when it is only a number."""
    if isinstance(place, int):
        return None
    try:
        os.close(os.open(place, os.O_RDWR | getattr(os, "O_NONBLOCK", 0)))
    except OSError as error:
        return error.errno
    return None
