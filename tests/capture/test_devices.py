"""Stories of cameras on a Linux machine: listed, chosen, unplugged, and plugged in elsewhere."""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from posturecam.base.errors import SourceBusyError, SourceError, SourceRefusedError
from posturecam.capture.devices import ChosenCamera, names_camera
from posturecam.capture.find import find_camera, find_source
from posturecam.capture.session import Feed, Interruption
from posturecam.values.events import CameraStatus
from posturecam.values.observation import Frame
from tests.cameras import FakeCapture, a_frame, until
from tests.fakes import ManualClock
from tests.machine_cameras import Machine, opens_within
from tests.rights import without_rights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="this system lists no cameras")

HOUR_S = 3600.0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine without cameras."""
    return Machine(tmp_path)


@dataclass
class Driver:
    """Opens device nodes, and delivers as long as the node is there that was opened."""

    opened: list[str] = field(default_factory=list)
    busy: bool = False

    def open(self, place: int | str) -> FakeCapture | None:
        """A capture, unless another program has the camera."""
        self.opened.append(str(place))
        return None if self.busy else FakeCapture(lambda _: os.access(place, os.F_OK))


@pytest.fixture
def opens(machine: Machine) -> Iterator[Callable[[], set[str]]]:
    """Which of the machine's nodes anybody has opened."""
    folder = machine.node(0).parent
    folder.mkdir()
    with opens_within(folder) as ask:
        yield ask


def watched(machine: Machine, driver: Driver, number: int = 0) -> tuple[Feed, ManualClock]:
    """A feed of the camera with this number."""
    clock = ManualClock()
    found = find_camera(number, clock=clock, devices=machine.devices, open_capture=driver.open)
    return Feed(found, clock=clock, give_up_after_s=HOUR_S), clock


def test_cameras_are_listed_without_opening_them(
    machine: Machine, opens: Callable[[], set[str]]
) -> None:
    """With their names, in the order of their numbers; not what carries no pictures."""
    machine.plug(10, "C920", port="1-6", abilities=":capture:")
    machine.plug(2, "Integrated\x1b[2J Camera", abilities=":capture:")
    machine.plug(3, "Integrated Camera", index=1, abilities=":")
    machine.plug(4, "metadata, without udev", index=1)
    machine.plug(5, "bare", port="1-7")

    shown = [camera.shown.replace(str(machine.root), "") for camera in machine.devices.cameras()]

    assert shown == [
        "/dev/video2 (Integrated [2J Camera)",
        "/dev/video5 (bare)",
        "/dev/video10 (C920)",
    ]
    assert opens() == set()


def test_a_machine_without_cameras_lists_none(machine: Machine) -> None:
    """Nor does one that has none of these folders."""
    assert machine.devices.cameras() == ()
    with pytest.raises(SourceError, match="no other camera was found"):
        ChosenCamera(0, machine.devices).place()


def test_while_the_chosen_camera_is_gone_no_other_is_opened(
    machine: Machine, opens: Callable[[], set[str]]
) -> None:
    """Whoever pulls the plug to be unwatched is not looked at by the camera of the notebook."""
    machine.plug(0, "C920", port="1-6")
    machine.plug(2, "Integrated Camera")
    driver = Driver()
    feed, clock = watched(machine, driver)
    with feed:
        items = feed.frames(0.2)
        until(CameraStatus.OPEN, items)
        a_frame(items)
        machine.unplug(0)
        until(CameraStatus.LOST, items)
        with pytest.raises(SourceError, match="delivered nothing for 1 h"):
            list(items)

    assert clock.now_s >= HOUR_S
    assert driver.opened == [str(machine.node(0))]
    assert opens() == set()


def test_while_the_chosen_camera_is_busy_only_its_own_node_is_tried(
    machine: Machine, opens: Callable[[], set[str]]
) -> None:
    """A call has it for an hour."""
    machine.plug(0, "C920", port="1-6")
    machine.plug(2, "Integrated Camera")
    driver = Driver(busy=True)
    feed, _ = watched(machine, driver)
    with feed:
        items = feed.frames()
        until(CameraStatus.WAITING, items)
        with pytest.raises(SourceError, match="delivered nothing for 1 h"):
            list(items)

    assert len(driver.opened) > 100
    assert {*driver.opened, *opens()} == {str(machine.node(0))}


def test_another_camera_under_its_number_is_not_opened(machine: Machine) -> None:
    """Numbers shift; that is said once, and the chosen one is taken back when it comes."""
    machine.plug(0, "C920", port="1-6")
    driver = Driver()
    feed, clock = watched(machine, driver)
    with feed:
        items = feed.frames(0.2)
        until(CameraStatus.OPEN, items)
        machine.unplug(0)
        until(CameraStatus.LOST, items)
        machine.plug(0, "Integrated Camera")
        waiting = until(CameraStatus.WAITING, items)
        assert "Integrated Camera" in waiting.detail
        assert "not opened" in waiting.detail
        until_s = clock.now_s + 600
        while clock.now_s < until_s:
            assert not isinstance(next(items), Interruption | Frame)
        machine.plug(1, "C920", port="1-6")
        until(CameraStatus.BACK, items)

    assert driver.opened == [str(machine.node(0)), str(machine.node(1))]


@pytest.mark.parametrize(
    ("port", "serial", "label", "same"),
    [
        ("1-6", "", "C920", True),
        ("1-7", "", "C920", False),
        ("1-6", "", "C270", False),
        ("1-7", "A1", "C920", True),
        ("1-7", "A2", "C920", False),
    ],
)
def test_a_camera_is_known_by_its_serial_number_or_by_its_socket(
    machine: Machine, *, port: str, serial: str, label: str, same: bool
) -> None:
    """Two of a kind are two cameras, unless the serial number says that it is the same one."""
    machine.plug(0, "C920", port="1-6", serial=serial and "A1")
    chosen = ChosenCamera(0, machine.devices)
    chosen.place()
    machine.unplug(0)
    machine.plug(0, label, port=port, serial=serial)
    if same:
        assert chosen.place() == str(machine.node(0))
    else:
        with pytest.raises(SourceRefusedError):
            chosen.place()


def test_a_link_by_name_follows_its_camera(machine: Machine) -> None:
    """As in /dev/v4l/by-id."""
    machine.plug(0, "C920")
    link = machine.root / "by-id"
    link.symlink_to(machine.node(0))
    chosen = ChosenCamera(str(link), machine.devices)
    assert chosen.place() == str(link)
    machine.unplug(0)
    machine.plug(3, "C920")
    assert chosen.place() == str(machine.node(3))


@pytest.mark.parametrize(
    ("code", "opened", "what", "remedy"),
    [
        (errno.EACCES, False, "not allowed", "usermod -aG video"),
        (errno.EBUSY, False, "is there but", "Another program"),
        (None, True, "is there but", "Another program"),
        (errno.ENOENT, False, "There is no camera 3", "/dev/video0 (C920)"),
    ],
)
def test_a_camera_says_why_it_does_not_work(
    machine: Machine, *, code: int | None, opened: bool, what: str, remedy: str
) -> None:
    """Forbidden, busy and missing are three different things to do."""
    machine.plug(0, "C920")
    error = ChosenCamera(3, machine.devices).error(code, opened=opened)
    assert what in error.what
    assert remedy in error.remedy
    assert isinstance(error, SourceBusyError) == (what == "is there but")


@pytest.mark.parametrize(
    ("spec", "camera"),
    [
        *[("0", True), ("/dev/video0", True), ("demo", False), ("rtsp://host/live", False)],
        *[("C920", True), ("c92", True), ("C270", False), ("a/C920", False)],
    ],
)
def test_a_camera_of_this_machine_is_told_from_other_sources(
    machine: Machine, *, spec: str, camera: bool
) -> None:
    """Only such a one is opened by `doctor`."""
    machine.plug(0, "C920")
    assert names_camera(spec, machine.devices) is camera


def test_a_name_that_no_file_can_have_is_no_camera(machine: Machine) -> None:
    """It is looked up among the cameras, and no file of that name has to be asked for."""
    assert names_camera("a" * 300, machine.devices) is False
    with pytest.raises(SourceError, match="There is no file or folder"):
        find_source("a" * 300, clock=ManualClock())


def test_a_file_that_nobody_may_look_for_is_not_said_to_be_missing(tmp_path: Path) -> None:
    """It may well be there, as in a folder of somebody else."""
    with (
        without_rights(tmp_path),
        pytest.raises(SourceError, match="cannot be read: Permission denied"),
    ):
        find_source(str(tmp_path / "clip.mp4"), clock=ManualClock())
