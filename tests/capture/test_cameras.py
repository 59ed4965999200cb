"""Cameras by name: found, listed with what they are, and asked for their sizes."""

from __future__ import annotations

import errno
import os
import struct
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from posturecam.base.errors import SourceError, SourceRefusedError
from posturecam.base.paths import AppPaths
from posturecam.capture.camera_sizes import (
    ENUM_FORMATS,
    ENUM_SIZES,
    Offer,
    _system_call,
    offer_of,
)
from posturecam.capture.devices import ChosenCamera, device_of, names_camera
from posturecam.capture.find import find_source
from posturecam.commands.cameras import camera_lines
from posturecam.commands.way_in import find_situation
from posturecam.values.settings import Settings
from tests.fakes import ManualClock
from tests.machine_cameras import Machine
from tests.program import assert_refused, here

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="this system lists no cameras")


@pytest.fixture
def desk(tmp_path: Path) -> Machine:
    """A laptop's own camera with its infrared twin and a metadata device, and one on a cable."""
    machine = Machine(tmp_path)
    machine.plug(0, "Integrated Camera", port="1-2", abilities=":capture:")
    machine.plug(1, "Integrated Camera", port="1-2", index=1, abilities=":")
    machine.plug(2, "Integrated IR Camera", port="1-3", abilities=":capture:")
    machine.plug(4, "HD Pro Webcam C920", port="1-4", serial="A1", abilities=":capture:")
    return machine


def plug_virtual(machine: Machine, number: int, label: str) -> None:
    """A camera that a program makes, as v4l2loopback lists it."""
    entry = machine.root / "devices" / "virtual" / "video4linux" / f"video{number}"
    entry.mkdir(parents=True)
    (entry / "name").write_text(label)
    (entry / "index").write_text("0")
    (entry / "dev").write_text(f"81:{number}")
    (machine.root / "class" / f"video{number}").symlink_to(entry)
    os.mknod(machine.node(number))


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("HD Pro Webcam C920", 4),
        ("c920", 4),
        ("webcam", 4),
        ("Integrated Camera", 0),
        ("integrated", 0),
        ("IR", 2),
    ],
)
def test_a_camera_is_found_by_a_part_of_its_name(desk: Machine, name: str, number: int) -> None:
    """The one that takes pictures, and before an infrared one that with colours."""
    assert ChosenCamera(name, desk.devices).place() == str(desk.node(number))


def test_a_name_finds_the_same_camera_under_another_number(desk: Machine) -> None:
    """And no other one in its place, not even of the same name."""
    chosen = ChosenCamera("C920", desk.devices)
    assert chosen.place() == str(desk.node(4))
    desk.unplug(4)
    with pytest.raises(SourceError, match="There is no C920"):
        chosen.place()
    desk.plug(4, "HD Pro Webcam C920", port="1-9", serial="B2", abilities=":capture:")
    with pytest.raises(SourceError, match="There is no C920"):
        chosen.place()
    desk.plug(7, "HD Pro Webcam C920", port="1-4", serial="A1", abilities=":capture:")
    assert chosen.place() == str(desk.node(7))


def test_a_name_of_two_cameras_is_refused(desk: Machine) -> None:
    """Both are named."""
    desk.plug(5, "HD Pro Webcam C920", port="1-5", serial="B2", abilities=":capture:")
    with pytest.raises(SourceRefusedError, match=r"More than one camera.*video4.*video5"):
        ChosenCamera("c920", desk.devices).place()


def test_two_equal_cameras_are_listed_with_why_neither_is_used(desk: Machine) -> None:
    """And without a command nothing is offered that would be refused."""
    desk.plug(5, "HD Pro Webcam C920", port="1-5", serial="B2", abilities=":capture:")
    last = list(camera_lines("c920", desk.devices, lambda _: None))[-1]
    assert last.startswith("More than one camera is named 'c920': ")
    assert last.endswith("Name one by more of its label, or by its device: posturecam cameras")
    paths = AppPaths(data=desk.root, config=desk.root)
    with pytest.raises(SourceRefusedError, match="More than one camera"):
        find_situation(Settings(source="c920"), paths, lambda _: date(2026, 11, 2), desk.devices)


def test_of_two_devices_in_one_housing_the_first_has_the_name(desk: Machine) -> None:
    """A picture and an infrared camera that is called alike, or has its name cut off."""
    desk.plug(5, "Integrated Camera: Integrated I", port="1-2", abilities=":capture:")
    assert ChosenCamera("integrated", desk.devices).place() == str(desk.node(0))
    assert ChosenCamera("integrated i", desk.devices).place() == str(desk.node(5))
    desk.plug(6, "HD Pro Webcam C920", port="1-4", serial="A1", abilities=":capture:")
    assert ChosenCamera("c920", desk.devices).place() == str(desk.node(4))


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Kamera für zu Hause", "KAMERA FÜR"),
        ("Kame\u0301ra", "kam\u00e9ra"),
        ("HD  Webcam", "hd webcam"),
        ("USB 2.0: HD 720P/1080P", "USB 2.0: HD 720P/1080P"),
        ("USB 2.0: HD 720P/1080P", "720p/1080p"),
        ("カメラ \uff12", "カメラ 2"),
    ],
)
def test_a_name_is_found_as_it_reads(desk: Machine, label: str, name: str) -> None:
    """In any script, with however many spaces, and with a slash in it."""
    desk.plug(5, label, port="1-5", abilities=":capture:")
    assert names_camera(f" {name} ", desk.devices)
    camera = device_of(name, desk.devices)
    assert camera is not None
    assert camera.path == str(desk.node(5))


@pytest.mark.parametrize("source", ["", "  ", "demo", "rtsp://demo/cam"])
def test_what_is_no_name_is_no_camera(desk: Machine, source: str) -> None:
    """Whatever a camera is called: the clip that ships is `demo`, and an address is one."""
    desk.plug(5, "demo rtsp://demo/cam", port="1-5", abilities=":capture:")
    assert not names_camera(source, desk.devices)
    assert device_of(source, desk.devices) is None


def test_a_device_is_a_camera_and_a_file_beside_it_none(
    desk: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what it is, not by where it lies: as a watch takes it (`find_source`)."""
    assert names_camera("/dev/video99", desk.devices)
    assert names_camera("/dev/null", desk.devices)
    assert not names_camera("/dev/fd", desk.devices)
    (tmp_path / "link").symlink_to("/dev/null")
    monkeypatch.chdir(tmp_path)
    assert names_camera("link", desk.devices)
    assert find_source("link", clock=ManualClock()).name == str(tmp_path / "link")


def test_a_file_goes_before_a_camera_of_its_name(
    desk: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A video beside one is what is meant."""
    monkeypatch.chdir(tmp_path)
    assert device_of("C920", desk.devices) is not None
    (tmp_path / "C920").touch()
    assert device_of("C920", desk.devices) is None


def test_each_device_is_listed_with_what_it_is(desk: Machine) -> None:
    """And the one that would be used."""
    plug_virtual(desk, 9, "OBS Virtual Camera")
    links = desk.root / "dev" / "v4l" / "by-id"
    links.mkdir(parents=True)
    (links / "usb-C920-video-index0").symlink_to(desk.node(4))
    sizes = ((320, 240), (640, 480), (800, 600), (1280, 720), (1920, 1080))

    def offer(path: str) -> Offer:
        return Offer(sizes if path.endswith("4") else (), grey=path.endswith("9"))

    lines = list(camera_lines("c920", desk.devices, offer))
    assert [line for line in lines if not line.startswith(" ")] == [
        f"{desk.node(0)} (Integrated Camera)",
        f"{desk.node(1)} (Integrated Camera)",
        f"{desk.node(2)} (Integrated IR Camera)",
        f"{desk.node(4)} (HD Pro Webcam C920)",
        f"{desk.node(9)} (OBS Virtual Camera)",
    ]
    assert [line.strip() for line in lines if line.startswith(" ")] == [
        "no pictures: a camera's second device, for its metadata",
        "infrared: made to log in by, without colours",
        "sizes: 320x240, ..., 1920x1080",
        f"always found as: {links / 'usb-C920-video-index0'}",
        "a watch uses this one: the source is c920",
        "virtual: another program delivers its pictures",
    ]
    away = list(camera_lines("rtsp://me:secret@10.0.0.7/token", desk.devices, offer))[-1]
    assert "the source is rtsp://" in away
    assert "secret" not in away
    assert "token" not in away
    assert list(camera_lines("demo", desk.devices, offer))[-1] == (
        "A watch uses none of them: the source is demo."
    )


def test_no_camera_is_said_with_what_to_do(tmp_path: Path) -> None:
    """By the list, and by a watch of a name that nobody has."""
    with pytest.raises(SourceError, match="No camera was found"):
        list(camera_lines("0", Machine(tmp_path).devices))
    assert_refused(here("watch", "--source", "C920", "--calibrate", "2s"), 3, "posturecam cameras")


class Driver:
    """A Video4Linux driver's answers, in the layout of linux/videodev2.h.

    Formats by name, each with its sizes; None for a range up to 1920x1080.
    """

    def __init__(self, formats: dict[bytes, list[tuple[int, int]] | None]) -> None:
        self._formats = formats

    def __call__(self, node: int, request: int, asked: bytes) -> bytes:
        """One system call."""
        os.fstat(node)  # it is open
        if request == ENUM_FORMATS:
            index, kind = struct.unpack_from("=II", asked)
            assert (len(asked), kind) == (64, 1)
            name: bytes = self._at(list(self._formats), index)
            return asked[:12] + b"described".ljust(32, b"\0") + name + bytes(16)
        assert (request, len(asked)) == (ENUM_SIZES, 44)
        index, name = struct.unpack_from("=I4s", asked)
        sizes = self._formats[name]
        if sizes is None:
            self._at([0], index)
            return struct.pack("=I4sI6I8x", index, name, 3, 160, 1920, 8, 120, 1080, 8)
        return struct.pack("=I4sI2I24x", index, name, 1, *self._at(sizes, index))

    @staticmethod
    def _at(found: list[Any], index: int) -> Any:
        if index >= len(found):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return found[index]


@pytest.mark.parametrize(
    ("formats", "expected"),
    [
        (
            {b"YUYV": [(640, 480), (320, 240)], b"MJPG": [(1920, 1080), (640, 480)]},
            Offer(((320, 240), (640, 480), (1920, 1080)), grey=False),
        ),
        ({b"GREY": [(340, 340)]}, Offer(((340, 340),), grey=True)),
        ({b"YUYV": None}, Offer(((1920, 1080),), grey=False)),
        ({}, Offer((), grey=False)),
    ],
)
def test_a_driver_is_asked_for_its_sizes(
    tmp_path: Path, formats: dict[bytes, list[tuple[int, int]] | None], expected: Offer
) -> None:
    """Every format; of a range the largest."""
    node = tmp_path / "video0"
    node.touch()
    assert offer_of(str(node), Driver(formats)) == expected


def _refuse(*_: object) -> bytes:
    raise OSError(errno.ENOTTY, "not a camera")


@pytest.mark.parametrize("ioctl", [_refuse, _system_call])
def test_what_cannot_be_asked_has_no_sizes(
    tmp_path: Path, ioctl: Callable[[int, int, bytes], bytes]
) -> None:
    """A plain file, to the real kernel as well, and a node that is gone."""
    node = tmp_path / "video0"
    node.touch()
    assert offer_of(str(node), ioctl) is None
    assert offer_of(str(tmp_path / "gone"), ioctl) is None


@pytest.mark.skipif(sys.platform != "linux", reason="the numbers are Linux's own")
def test_the_numbers_of_the_calls_follow_from_the_sizes_of_what_they_take() -> None:
    """As the kernel's macro _IOWR('V', number, size) makes them."""
    for number, size, request in ((2, 64, ENUM_FORMATS), (74, 44, ENUM_SIZES)):
        assert request == 3 << 30 | size << 16 | ord("V") << 8 | number
