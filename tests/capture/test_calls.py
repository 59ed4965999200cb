"""Calls come first: another program that opens the camera is seen, and so is a real recording."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from posturecam.base.clock import SystemClock
from posturecam.capture.devices import CameraDevices, camera_node
from posturecam.system.camera_use import HELD_FOR_S, other_users
from posturecam.system.desktop import LinuxDesktop, open_desktop
from posturecam.system.microphone import UNTOLD_S
from tests.desktops import linux_only, running
from tests.light_watch import watching
from tests.machine_cameras import Machine
from tests.program import DEMO_CLIP, posturecam
from tests.streams import MjpegServer, clip_jpegs
from tests.waiting import let_pass, quickest_s, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = linux_only

SOON_S = 1.0
"""A call must not wait longer for the camera."""

BEFORE_IT_IS_ASKED_S = UNTOLD_S / 2
"""What is known by then was told: it is not asked for so long."""

OPENER = "import sys; node = open(sys.argv[1]); print('open', flush=True); sys.stdin.readline()"


@contextmanager
def another_program_with(node: Path) -> Iterator[None]:
    """A process of the same user that has the device open."""
    with running(sys.executable, "-c", OPENER, str(node), talk=True) as (_, printed):
        assert printed.readline() == "open\n"
        yield


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """A device that is none: what is looked at is who opens it."""
    path = tmp_path / "video0"
    path.touch()
    return path


@contextmanager
def desktop(node: Path) -> Iterator[LinuxDesktop]:
    """What looks after the device."""
    with looked_after(lambda: node) as it:
        yield it


@contextmanager
def looked_after(find: Callable[[], Path | None]) -> Iterator[LinuxDesktop]:
    """The same for a device that may be another one later."""
    with closing(open_desktop(camera=find)) as it:
        assert isinstance(it, LinuxDesktop)
        yield it


def test_another_program_that_opens_the_camera_is_seen(node: Path) -> None:
    """And that it has closed it, after a while; this process may open it as it likes."""
    with desktop(node) as it:
        wait_until(lambda: it.state().camera_wanted is False, "nobody wants it")
        with node.open():
            let_pass(0.3, "our own opening is no reason")
            assert it.state().camera_wanted is False
        with another_program_with(node):
            wait_until(lambda: it.state().camera_wanted, "it is seen")
            let_pass(HELD_FOR_S + 1, "it has it for as long as it wants")
            assert it.state().camera_wanted is True
        wait_until(lambda: it.state().camera_wanted is False, "it is over")


def test_a_program_that_has_it_already_is_seen(node: Path) -> None:
    """The call was there before the watch."""
    with another_program_with(node), desktop(node) as it:
        wait_until(lambda: it.state().camera_wanted, "it is seen")


@pytest.mark.slow
def test_a_camera_whose_place_was_taken_while_it_was_looked_for_is_given_up(node: Path) -> None:
    """Nothing happens to the device of the other one; the question is asked again all the same."""
    places: list[Path | None] = [node]
    with looked_after(lambda: places[0]) as it:
        wait_until(lambda: it.state().camera_wanted is False, "nobody wants it")
        places[0] = None
        wait_until(lambda: it.state().camera_wanted is None, "it is elsewhere")


def test_a_camera_that_is_plugged_in_again_is_looked_after_again(node: Path) -> None:
    """Its device is another one under the same name; without one nothing is known."""
    with desktop(node) as it:
        wait_until(lambda: it.state().camera_wanted is False, "nobody wants it")
        node.unlink()
        wait_until(lambda: it.state().camera_wanted is None, "there is none")
        node.touch()
        wait_until(lambda: it.state().camera_wanted is False, "it is back")
        with another_program_with(node):
            wait_until(lambda: it.state().camera_wanted, "it is seen")


def test_a_camera_that_comes_back_under_another_number_is_looked_after_there(
    tmp_path: Path,
) -> None:
    """What was chosen is followed by what stays the same; another one at its number is not."""
    machine = Machine(tmp_path)
    machine.plug(0, "Desk", port="1-5", serial="A1")
    find = camera_node("0", machine.devices)
    assert find is not None
    with looked_after(find) as it:
        wait_until(lambda: it.state().camera_wanted is False, "nobody wants it")
        machine.unplug(0)
        machine.plug(0, "Door", port="1-6", serial="B2")
        wait_until(lambda: it.state().camera_wanted is None, "it is gone")
        machine.plug(3, "Desk", port="1-7", serial="A1")
        wait_until(lambda: it.state().camera_wanted is False, "it is back")
        with another_program_with(machine.node(0)):
            let_pass(0.5, "the other camera is of no concern")
            assert it.state().camera_wanted is False
        with another_program_with(machine.node(3)):
            wait_until(lambda: it.state().camera_wanted, "it is seen")


def test_only_others_of_the_same_user_count(node: Path, tmp_path: Path) -> None:
    """A process that ends meanwhile, or a folder that is none, is no trouble."""
    with another_program_with(node):
        (found,) = other_users(node)
        assert found != os.getpid()
        assert list(other_users(node, own=found)) == []
        assert list(other_users(tmp_path / "another")) == []
        assert list(other_users(node, proc=tmp_path / "none")) == []


@pytest.mark.parametrize(
    ("spec", "path"),
    [("0", "video0"), (" 12 ", "video12"), ("/dev/null", "/dev/null"), ("1", None),
     ("talk.mp4", None), ("http://camera/", None), ("demo", None)],
)  # fmt: skip
def test_the_device_of_a_source(spec: str, path: str | None, tmp_path: Path) -> None:
    """Only cameras of this machine have one, and only while they are there."""
    assert CameraDevices().lists
    for number in (0, 12):
        (tmp_path / f"video{number}").touch()
    find = camera_node(spec, CameraDevices(dev=tmp_path))
    assert (find and find()) == (None if path is None else tmp_path / path)


SOUND_TOOLS = ("pulseaudio", "pactl", "parec")
needs_sound = pytest.mark.skipif(
    not all(map(shutil.which, SOUND_TOOLS)), reason=f"needs {', '.join(SOUND_TOOLS)}"
)


@pytest.fixture
def sound_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A real PulseAudio with a microphone that hears nothing."""
    socket = tmp_path / "sound"
    monkeypatch.setenv("PULSE_SERVER", f"unix:{socket}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with running(
        "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
        "--load=module-null-source source_name=mic", "--load=module-null-sink sink_name=speakers",
        f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1",
    ):  # fmt: skip
        wait_until(_sound_server_answers, "it answers")
        yield


def _sound_server_answers() -> bool:
    done = subprocess.run(["pactl", "info"], check=False, capture_output=True)
    return done.returncode == 0


@needs_sound
@pytest.mark.usefixtures("sound_server")
def test_a_real_recording_is_a_call_at_once_and_over_at_once() -> None:
    """Told by the sound server; what the speakers play may be recorded by anybody."""
    make_a_call("parec", "-d", "mic")


def make_a_call(*recording: str) -> None:
    """A program that records is a call as soon as it does, and only as long."""
    with closing(open_desktop(calls=True)) as it:
        wait_until(lambda: it.state().in_call is False, "it is known")
        with running("parec", "-d", "speakers.monitor"):
            let_pass(1.0, "a program that records the speakers begins")
            assert it.state().in_call is False
        with running(*recording):
            wait_until(lambda: it.state().in_call, "it is a call", BEFORE_IT_IS_ASKED_S)
        wait_until(lambda: it.state().in_call is False, "it is over", BEFORE_IT_IS_ASKED_S)


PIPEWIRE_TOOLS = ("dbus-daemon", "pipewire", "wireplumber", "pipewire-pulse", "pw-record", "pactl")
needs_pipewire = pytest.mark.skipif(
    not all(map(shutil.which, PIPEWIRE_TOOLS)), reason=f"needs {', '.join(PIPEWIRE_TOOLS)}"
)


@pytest.fixture
def pipewire(tmp_path: Path, bus: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A real PipeWire with its session manager, spoken to as PulseAudio is, and a microphone."""
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    # Whoever asks makes it, too, and a server that finds it made just then gives up.
    (tmp_path / "pulse").mkdir(0o700)
    with running("pipewire"):
        wait_until((tmp_path / "pipewire-0").exists, "it is there")
        with running("wireplumber"), running("pipewire-pulse"):
            wait_until(_sound_server_answers, "it answers")
            for node in ("sink_name=mic media.class=Audio/Source/Virtual", "sink_name=speakers"):
                load = ["pactl", "load-module", "module-null-sink", *node.split()]
                subprocess.run(load, check=True, capture_output=True)
            yield


@needs_pipewire
@pytest.mark.slow
@pytest.mark.usefixtures("pipewire")
@pytest.mark.parametrize(
    "recording", [("pw-record", "--target", "mic", "/dev/null"), ("parec", "-d", "mic")]
)
def test_a_recording_of_pipewire_itself_is_a_call(recording: tuple[str, ...]) -> None:
    """Whether the program speaks to it or to its PulseAudio; `pactl` lists the streams of both."""
    make_a_call(*recording)


@needs_sound
@pytest.mark.usefixtures("sound_server")
def test_a_watch_lets_go_of_its_camera_for_a_call_and_comes_back() -> None:
    """A real recording begins: nobody looks within a second; it ends, and the review knows why."""
    clock = SystemClock()
    with (
        MjpegServer(clip_jpegs(DEMO_CLIP, limit=60), rate_hz=10) as camera,
        watching(camera) as process,
    ):
        assert process.stdout is not None
        records = map(json.loads, process.stdout)
        next(record for record in records if record["type"] == "sample")

        def until_let_go_s() -> float:
            with running("parec", "-d", "mic"):
                wait_until(_somebody_records, "it records")
                began_s = clock.monotonic_s()
                wait_until(lambda: camera.viewers == 0, "it is let go of", BEFORE_IT_IS_ASKED_S)
                took_s = clock.monotonic_s() - began_s
                states = (record for record in records if record["type"] == "state")
                paused = next(state for state in states if state["to"] == "paused")
                assert paused["reasons"] == ["in a call"]
                assert posturecam("status", "--format", "line").stdout == "in a call\n"
            wait_until(lambda: camera.viewers == 1, "it is looked at again")
            assert next(states)["from"] == "paused"
            return took_s

        # Its server notices with a picture.
        assert quickest_s(until_let_go_s, SOON_S) <= SOON_S
        assert posturecam("stop").returncode == 0
    assert "in a call" in posturecam("review").stdout


def _somebody_records() -> bool:
    listed = ["pactl", "list", "short", "source-outputs"]
    return bool(subprocess.run(listed, check=False, capture_output=True).stdout)
