"""The desktop says that it is locked, wants silence, or records; nobody waits for it."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
import threading
from contextlib import closing, contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from posturecam.alerts.suppression import DesktopState
from posturecam.system.desktop import LinuxDesktop, NoDesktop, open_desktop
from posturecam.system.desktop_questions import LIMIT_S
from posturecam.system.microphone import Microphone, is_recorded
from tests.desktops import (
    SAYING,
    SOURCES,
    install_program,
    is_on_bus,
    linux_only,
    logind,
    needs_bus,
    needs_dunst,
    running,
    saying,
    stream,
)
from tests.waiting import DEADLINE_S, let_pass, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.desktops import Dunst

pytestmark = linux_only

SCREENSAVERS = ("freedesktop", "gnome", "cinnamon", "mate", "xfce")
LOCK_SERVICES = [
    *(
        ("ScreenSaver", f"org.{name}.ScreenSaver", f"/org/{name}/ScreenSaver")
        for name in SCREENSAVERS
    ),
    ("Session", "org.freedesktop.login1", "/org/freedesktop/login1/session/auto"),
]
DCONF = "/usr/libexec/dconf-service"
GNOME_FILES = (
    "bin/dbus-daemon",
    "bin/dbus-send",
    "bin/gsettings",
    "libexec/dconf-service",
    "lib/*/gio/modules/libdconf*",
    "share/glib-2.0/schemas/org.gnome.desktop.notifications.gschema.xml",
)
needs_gnome = pytest.mark.skipif(
    not all(any(Path("/usr").glob(file)) for file in GNOME_FILES), reason="needs GNOME's settings"
)
KDE = ("Notifications", "org.freedesktop.Notifications", "/org/freedesktop/Notifications")


@contextmanager
def desktop(
    *, calls: bool = False, find_locker: Callable[[], str | None] = lambda: None
) -> Iterator[LinuxDesktop]:
    """The desktop, asked for everything but the microphone."""
    with closing(
        LinuxDesktop(
            lock=True, do_not_disturb=True, calls=calls, find_locker=find_locker, poll_s=0.1
        )
    ) as opened:
        yield opened
    assert "desktop" not in {thread.name for thread in threading.enumerate()}


@needs_bus
@pytest.mark.usefixtures("buses")
@pytest.mark.parametrize("service", LOCK_SERVICES, ids=lambda service: service[1])
def test_a_screen_that_is_locked_and_unlocked_is_noticed(service: tuple[str, str, str]) -> None:
    """By every desktop that says so; when the service ends, it is not known any more."""
    with desktop() as found:
        assert found.state() == DesktopState()
        with saying(*service) as tell:
            wait_until(lambda: found.state().locked is False, "it is known to be unlocked")
            tell("on")
            wait_until(lambda: found.state().locked is True, "locked")
            tell("off")
            wait_until(lambda: found.state().locked is False, "unlocked")
            assert found.state().do_not_disturb is None
        wait_until(lambda: found.state().locked is None, "not known")


@needs_bus
@pytest.mark.usefixtures("buses")
def test_a_service_that_was_there_before_is_asked() -> None:
    """Its state is known without a change; and one of two that says locked is enough."""
    with saying(*LOCK_SERVICES[0]), saying(*LOCK_SERVICES[1]) as tell:
        tell("on")
        with desktop() as found:
            wait_until(lambda: found.state().locked is True, "locked")


@needs_bus
@pytest.mark.usefixtures("buses")
def test_plasma_says_do_not_disturb() -> None:
    """Its notification service has a property of its own for it."""
    with desktop() as found, saying(*KDE) as tell:
        wait_until(lambda: found.state().do_not_disturb is False, "it is known")
        tell("on")
        wait_until(lambda: found.state().do_not_disturb is True, "silence")
        assert found.state().locked is None


@needs_dunst
@pytest.mark.usefixtures("buses")
def test_dunst_says_do_not_disturb(dunst: Dunst) -> None:
    """The real one, from before it starts to after it ended."""
    with desktop() as found:
        with dunst.started():
            wait_until(lambda: found.state().do_not_disturb is False, "it is known")
            dunst.do_not_disturb(on=True)
            wait_until(lambda: found.state().do_not_disturb is True, "silence")
            dunst.do_not_disturb(on=False)
            wait_until(lambda: found.state().do_not_disturb is False, "no silence")
        wait_until(lambda: found.state().do_not_disturb is None, "not known")


@needs_bus
@pytest.mark.usefixtures("buses")
def test_closed_while_it_connects_it_ends() -> None:
    """At any moment of the greeting; no thread is left waiting for a bus."""
    for tenths_ms in range(0, 120, 2):
        with desktop():
            let_pass(tenths_ms / 1e4, "the greeting is so far by then")


@needs_bus
@pytest.mark.usefixtures("buses")
def test_only_what_is_wanted_is_asked() -> None:
    """Whoever wants no release on lock gets none, whatever the desktop says."""
    with saying(*LOCK_SERVICES[0]) as tell, saying(*KDE):
        tell("on")
        with closing(open_desktop(lock=False, do_not_disturb=True, calls=False)) as found:
            wait_until(lambda: found.state().do_not_disturb is False, "it is known")
            assert found.state().locked is None
    assert isinstance(open_desktop(lock=False, do_not_disturb=False, calls=False), NoDesktop)
    assert NoDesktop().state() == DesktopState()


@needs_gnome
@pytest.mark.usefixtures("buses")
def test_gnome_says_do_not_disturb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through its real settings store, which signals the change."""
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "ubuntu:GNOME")
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
        (tmp_path / name).mkdir(mode=0o700)

    def show_banners(shown: str) -> None:
        words = ("gsettings", "set", "org.gnome.desktop.notifications", "show-banners", shown)
        with running(*words) as (setting, _):
            assert setting.wait(DEADLINE_S) == 0

    with running(DCONF), desktop() as found:
        # Before it has its name, what is set is lost, and gsettings says nothing of it.
        wait_until(lambda: is_on_bus("ca.desrt.dconf"), "the settings are kept")
        wait_until(lambda: found.state().do_not_disturb is False, "it is known")
        show_banners("false")
        wait_until(lambda: found.state().do_not_disturb is True, "silence")
        show_banners("true")
        wait_until(lambda: found.state().do_not_disturb is False, "no silence")


@needs_bus
@pytest.mark.usefixtures("buses")
def test_settings_that_hang_once_are_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No signal comes, as nothing changes; the stand-in hangs with a child of its own."""
    script = """#!/bin/sh
[ -e "{0}/hung" ] || {{ touch "{0}/hung"; sleep 600; }}
echo false
"""
    install_program(tmp_path / "bin" / "gsettings", script.format(tmp_path), monkeypatch)
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME")
    with desktop() as found:
        wait_until((tmp_path / "hung").exists, "it hangs")
        wait_until(lambda: found.state().do_not_disturb is True, "silence")


@needs_bus
@pytest.mark.usefixtures("buses")
def test_a_sound_server_that_hangs_holds_up_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does closing wait for it, and nothing of it is left."""
    script = f'#!/bin/sh\nsleep 600 &\necho $! > "{tmp_path}/process"\nwait\n'
    install_program(tmp_path / "bin" / "pactl", script, monkeypatch)
    process = tmp_path / "process"
    words = cycle(("on", "off"))
    with saying(*LOCK_SERVICES[0]) as tell, desktop(calls=True) as found:

        def is_heard_meanwhile() -> bool:
            hanging, word = process.read_text(), next(words)
            tell(word)
            wait_until(lambda: found.state().locked is (word == "on"), word)
            return bool(hanging) and runs(hanging)

        wait_until(lambda: process.exists() and process.read_text(), "it hangs")
        wait_until(is_heard_meanwhile, "the screen is heard of before that is given up")
    wait_until(lambda: not runs(process.read_text()), "it is ended")


def runs(number: str) -> bool:
    """Whether there is such a process; where nobody collects orphans, a dead one stays listed."""
    with suppress(FileNotFoundError):
        return "State:\tZ" not in (Path("/proc") / number.strip() / "status").read_text()
    return False


@needs_bus
@pytest.mark.usefixtures("buses")
def test_a_service_that_did_not_answer_in_time_is_asked_again() -> None:
    """Without any signal: as a desktop does that hangs for a while under load."""
    with running(sys.executable, "-c", SAYING, *KDE, talk=True) as (service, printed):
        assert printed.readline() == "ready\n"
        service.send_signal(signal.SIGSTOP)
        with desktop() as found:
            let_pass(LIMIT_S + 0.5, "it has been given up by then")
            service.send_signal(signal.SIGCONT)
            wait_until(lambda: found.state().do_not_disturb is False, "it is known")


@needs_bus
@pytest.mark.usefixtures("buses")
def test_somebody_else_on_the_screen_counts_as_locked() -> None:
    """Also the greeter and an empty console; not another session of the same user."""
    with logind() as bring, desktop() as found:
        wait_until(lambda: found.state().locked is False, "in front")
        for front, locked in (
            ("somebody", True),
            ("another", False),
            ("nobody", True),
            ("own", False),
            ("somebody", True),
            ("no seat", False),
        ):
            bring(front)
            wait_until(lambda locked=locked: found.state().locked is locked, front)  # type: ignore[misc]
            assert not found.state().locks_by_itself


@needs_bus
@pytest.mark.usefixtures("buses")
def test_a_silent_locker_is_noticed_by_its_process() -> None:
    """While it runs; that none does is no proof that the screen is not locked."""
    lockers: list[str] = []
    with desktop(find_locker=lambda: lockers[0] if lockers else None) as found:
        assert found.state().locked is None
        lockers.append("i3lock")
        wait_until(lambda: found.state().locked is True, "locked")
        lockers.clear()
        wait_until(lambda: found.state().locked is None, "not known")


@pytest.mark.parametrize("address", ["unix:path=/nonexistent/bus", "nonsense", ""])
def test_without_a_desktop_nothing_is_known_and_nothing_is_said(
    address: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """No exception, no line, no thread left behind."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/system")
    monkeypatch.delenv("DISPLAY", raising=False)
    with desktop() as found:
        assert found.state() == DesktopState()
        found.close()
    assert capfd.readouterr() == ("", "")


def test_a_bus_that_hangs_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It takes the connection and never answers; closing does not wait for it either."""
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "bus"))
        listener.listen()
        for name in ("DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"):
            monkeypatch.setenv(name, f"unix:path={tmp_path / 'bus'}")
        with desktop() as found:
            assert found.state() == DesktopState()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("outputs", "recorded"),
    [
        ([], False),
        ([stream()], True),
        ([stream(corked=True)], False),
        ([stream(source=52)], False),
        ([stream(client=None)], False),
        ([stream(client="n/a")], False),
        ([stream(properties={"media.name": "Peak detect"})], False),
        ([stream(properties={"stream.monitor": "true"})], False),
        ([stream(corked=True), stream()], True),
    ],
)
def test_only_a_program_at_the_microphone_counts(
    outputs: list[dict[str, Any]],
    recorded: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Not one on hold, not the loudspeakers, not a meter, not the echo canceller."""
    assert is_recorded(outputs, SOURCES) == recorded


def test_the_sound_server_is_asked_who_records(sound: Callable[[str], None]) -> None:
    """PipeWire and PulseAudio answer through the same program."""
    sound("[]")
    assert asyncio.run(Microphone().is_in_use()) is False
    sound(json.dumps([stream()]))
    assert asyncio.run(Microphone().is_in_use()) is True


@pytest.mark.parametrize("printed", ["", "Connection refused", "[3]", '[{"a": 1}]', "{}x"])
def test_without_a_sound_server_the_kernel_is_asked(
    sound: Callable[[str], None], tmp_path: Path, printed: str
) -> None:
    """Whatever pactl prints instead; with neither it cannot be told."""
    sound(printed)
    assert asyncio.run(Microphone().is_in_use(tmp_path / "none")) is None

    asound = tmp_path / "asound"
    for device, status in (("pcm0p", "state: RUNNING\n"), ("pcm0c", "closed\n")):
        folder = asound / "card0" / device / "sub0"
        folder.mkdir(parents=True)
        (folder / "status").write_text(status, encoding="ascii")
    assert asyncio.run(Microphone().is_in_use(asound)) is False
    capture = asound / "card0" / "pcm0c" / "sub0" / "status"
    capture.write_text("state: RUNNING\nowner_pid   : 7\n", encoding="ascii")
    assert asyncio.run(Microphone().is_in_use(asound)) is True


def test_no_program_is_started_again_and_again_where_no_sound_server_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only once one may tell; one that answers is asked each time."""
    asked = tmp_path / "asked"
    answers = f'#!/bin/sh\necho "$4" >> "{asked}"\n[ -e "{tmp_path}/server" ] && echo "[]"\n'
    install_program(tmp_path / "bin" / "pactl", answers, monkeypatch)

    async def is_in_use(times: int) -> list[bool | None]:
        return [await microphone.is_in_use(tmp_path / "asound") for _ in range(times)]

    microphone = Microphone()
    assert asyncio.run(is_in_use(3)) == [None] * 3
    assert len(asked.read_text().split()) == 1
    assert microphone.again_s(5.0) == 5.0
    status = tmp_path / "asound" / "card0" / "pcm0c" / "sub0" / "status"
    status.parent.mkdir(parents=True)
    status.write_text("closed\n", encoding="ascii")
    assert asyncio.run(is_in_use(1)) == [False]
    assert microphone.again_s(5.0) == 1.0  # the kernel is asked, which costs little
    (tmp_path / "server").touch()
    microphone.told = True
    assert asyncio.run(is_in_use(1)) == [False]
    microphone.told = False
    assert asyncio.run(is_in_use(3)) == [False] * 3
    assert len(asked.read_text().split()) == 5
    assert microphone.again_s(5.0) == 5.0


@needs_bus
@pytest.mark.usefixtures("buses")
def test_a_call_shows_in_the_state_only_where_that_was_asked_for(
    sound: Callable[[str], None],
) -> None:
    """The microphone is looked at by those who want quiet in calls."""
    sound(json.dumps([stream()]))
    with desktop(calls=True) as found:
        wait_until(lambda: found.state().in_call is True, "in a call")
    with saying(*KDE), desktop() as found:
        wait_until(lambda: found.state().do_not_disturb is False, "it is known")
        assert found.state().in_call is None
