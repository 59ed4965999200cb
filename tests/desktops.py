"""Real desktops for tests: a bus of their own, and dunst on an X server without a screen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import pytest

from tests.started import Started
from tests.waiting import DEADLINE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="D-Bus is the desktop bus of Linux")
needs_bus = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs dbus-daemon")

DUNST_TOOLS = ("dbus-daemon", "dunst", "dunstctl", "dbus-send", "Xvfb")
missing_tools = [tool for tool in DUNST_TOOLS if shutil.which(tool) is None]
needs_dunst = pytest.mark.skipif(bool(missing_tools), reason=f"needs {', '.join(missing_tools)}")

BUS_CONFIG = """
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

# `dunstctl action` opens a menu of the buttons; this one chooses the first that holds the text.
MENU = """#!/bin/sh
grep -m 1 -F -f '{choice}'
"""

# A window that has the whole screen after the line `full`, and its own size after `small`.
FILM = """
import queue, sys, threading
import cv2, numpy

said = queue.SimpleQueue()
threading.Thread(target=lambda: [said.put(line) for line in sys.stdin], daemon=True).start()
cv2.namedWindow("film", cv2.WINDOW_NORMAL)
cv2.imshow("film", numpy.full((200, 300, 3), 90, numpy.uint8))
print("ready", flush=True)
while True:
    cv2.waitKey(20)
    if not said.empty():
        full = float(said.get() == "full\\n")
        cv2.setWindowProperty("film", cv2.WND_PROP_FULLSCREEN, full)
"""

# A service that says on or off as it reads on its input, and signals the change.
SAYING = """
import asyncio, sys
from dbus_fast import BusType, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_property, method, signal

kind, name, path = sys.argv[1:]

class ScreenSaver(ServiceInterface):
    on = False

    @method()
    def GetActive(self) -> "b":
        return self.on

    @signal()
    def ActiveChanged(self) -> "b":
        return self.on

    def changed(self):
        self.ActiveChanged()

class Session(ServiceInterface):
    on = False

    @dbus_property(access=PropertyAccess.READ)
    def LockedHint(self) -> "b":
        return self.on

    def changed(self):
        self.emit_properties_changed({"LockedHint": self.on})

class Notifications(ServiceInterface):
    on = False

    @dbus_property(access=PropertyAccess.READ)
    def Inhibited(self) -> "b":
        return self.on

    def changed(self):
        self.emit_properties_changed({"Inhibited": self.on})

async def main():
    bus_type = BusType.SYSTEM if kind == "Session" else BusType.SESSION
    bus = await MessageBus(bus_type=bus_type).connect()
    interface = globals()[kind](name + ".Session" if kind == "Session" else name)
    bus.export(path, interface)
    await bus.request_name(name)
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        interface.on = line == "on\\n"
        interface.changed()

asyncio.run(main())
"""


# The session manager of GNOME, or the power management of KDE Plasma, with a program that keeps the
# screen awake for what it reads on its input, and for nothing after an empty line.
AWAKE = """
import asyncio, sys
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, method, signal

GNOME, PLASMA = "org.gnome.SessionManager", "org.kde.Solid.PowerManagement.PolicyAgent"
SLEEP, IDLE = 4, 8
held = []

class Inhibitor(ServiceInterface):
    def __init__(self, flags, reason):
        super().__init__(GNOME + ".Inhibitor")
        self.flags, self.reason = flags, reason

    @method()
    def GetFlags(self) -> "u":
        return self.flags

    @method()
    def GetReason(self) -> "s":
        return self.reason

class SessionManager(ServiceInterface):
    @method()
    def GetInhibitors(self) -> "ao":
        return ["/sleep", "/gone", *(["/idle"] if held else [])]

    @signal()
    def InhibitorAdded(self) -> "o":
        return "/idle"

class PolicyAgent(ServiceInterface):
    @method()
    def ListInhibitions(self) -> "a(ss)":
        return [["program", reason] for reason in held]

    @signal()
    def InhibitionsChanged(self) -> "a(ss)as":
        return [[["program", reason] for reason in held], []]

async def main():
    name = sys.argv[1]
    bus = await MessageBus().connect()
    interface = (SessionManager if name == GNOME else PolicyAgent)(name)
    idle = Inhibitor(IDLE, "")
    bus.export("/sleep", Inhibitor(SLEEP, "Copying files"))
    bus.export("/idle", idle)
    bus.export("/" + name.replace(".", "/"), interface)
    await bus.request_name(name)
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        held[:] = [idle.reason] = [line.strip()]
        if not held[0]:
            held.clear()
        interface.InhibitorAdded() if name == GNOME else interface.InhibitionsChanged()

asyncio.run(main())
"""


# A logind with two sessions of this user and one of somebody else on a seat. It reads which of them
# is in front: `own`, `another`, `somebody` or `nobody`; `no seat` takes the own one off the seat.
LOGIND = """
import asyncio, os, sys
from dbus_fast import BusType, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_property

ROOT = "/org/freedesktop/login1"
IDS = {"own": "_32", "another": "_34", "somebody": "c1"}
front, seated = "own", True

class Session(ServiceInterface):
    def __init__(self, kind):
        super().__init__("org.freedesktop.login1.Session")
        self.kind = kind

    @dbus_property(access=PropertyAccess.READ)
    def LockedHint(self) -> "b":
        return False

    @dbus_property(access=PropertyAccess.READ)
    def Active(self) -> "b":
        return front == self.kind

    @dbus_property(access=PropertyAccess.READ)
    def Seat(self) -> "(so)":
        return ["seat0", ROOT + "/seat/seat0"] if seated else ["", "/"]

    @dbus_property(access=PropertyAccess.READ)
    def User(self) -> "(uo)":
        user = os.getuid() + (self.kind == "somebody")
        return [user, f"{ROOT}/user/_{user}"]

class Seat(ServiceInterface):
    @dbus_property(access=PropertyAccess.READ)
    def ActiveSession(self) -> "(so)":
        return ["", "/"] if front == "nobody" else [IDS[front], f"{ROOT}/session/{IDS[front]}"]

async def main():
    global front, seated
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    sessions = {kind: Session(kind) for kind in IDS}
    for kind, session in sessions.items():
        bus.export(f"{ROOT}/session/{IDS[kind]}", session)
    bus.export(ROOT + "/session/auto", Session("own"))
    bus.export(ROOT + "/seat/seat0", Seat("org.freedesktop.login1.Seat"))
    await bus.request_name("org.freedesktop.login1")
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        word = line.strip()
        front, seated = ("nobody", False) if word == "no seat" else (word, True)
        for kind, session in sessions.items():
            session.emit_properties_changed({"Active": front == kind})

asyncio.run(main())
"""


@contextmanager
def running(
    *command: str, environment: Mapping[str, str] | None = None, talk: bool = False
) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A program and what it prints, ended with the block whatever happens in it.

    `talk` opens its standard input.
    """
    with Started(
        command,
        stdin=subprocess.PIPE if talk else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as program:
        assert program.stdout is not None
        try:
            yield program, program.stdout
        finally:
            program.terminate()


@contextmanager
def private_bus(folder: Path, name: str = "bus") -> Iterator[str]:
    """Address of a bus with nobody on it, which starts no service by itself."""
    config = folder / f"{name}.conf"
    config.write_text(BUS_CONFIG.format(socket=folder / name), encoding="utf-8")
    with running("dbus-daemon", f"--config-file={config}", "--nofork", "--print-address") as (
        _,
        printed,
    ):
        yield printed.readline().strip()


@dataclass
class Dunst:
    """A real notification service, and the hand of a user on it."""

    folder: Path
    bus: str
    display: str

    @property
    def environment(self) -> dict[str, str]:
        """For programs in this desktop."""
        return os.environ | {"DBUS_SESSION_BUS_ADDRESS": self.bus, "DISPLAY": self.display}

    @contextmanager
    def started(
        self, *, at_once: str = "", markup: str = "full"
    ) -> Iterator[subprocess.Popen[str]]:
        """The service, ended with the block; `markup` is its setting of that name.

        `at_once` is the key of a button that `press` presses without opening the menu, a rule that
        users of dunst may set for a program.
        """
        menu, config = self.folder / "menu", self.folder / "dunstrc"
        menu.write_text(MENU.format(choice=self.folder / "choice"), encoding="utf-8")
        menu.chmod(0o700)
        rule = f"[ours]\nappname = posturecam\naction_name = {at_once}\n" if at_once else ""
        # Messages stay until somebody takes them away.
        config.write_text(
            f"[global]\ndmenu = {menu}\nmarkup = {markup}\n[urgency_normal]\ntimeout = 0\n{rule}",
            encoding="utf-8",
        )
        command = ("dunst", "-config", str(config))
        with running(*command, environment=self.environment) as (service, _):
            wait_until(self._answers, "dunst answers")
            yield service

    def shown(self) -> int:
        """How many messages are on the screen."""
        return int(self._ctl("count", "displayed"))

    def history(self) -> list[dict[str, Any]]:
        """The messages that went off the screen, the newest first: dunst's own record of them."""
        found: list[dict[str, Any]] = json.loads(self._ctl("history"))["data"][0]
        return found

    def press(self, label: str = "") -> None:
        """Press the button with this label on the message at the top."""
        (self.folder / "choice").write_text(f"#{label} (", encoding="utf-8")
        self._ctl("action", "0")

    def do_not_disturb(self, *, on: bool) -> None:
        """What a user does before a talk."""
        self._ctl("set-paused", "true" if on else "false")

    def close_all(self) -> None:
        """Wipe the messages off the screen, into the history."""
        self._ctl("close-all")

    def _answers(self) -> bool:
        done = subprocess.run(
            ["dunstctl", "is-paused"], env=self.environment, check=False, capture_output=True
        )
        return done.returncode == 0

    def _ctl(self, *words: str) -> str:
        done = subprocess.run(
            ["dunstctl", *words],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
        )
        return done.stdout


@contextmanager
def x_server(*words: str) -> Iterator[str]:
    """Name of a display on an X server of its own; `words` go to it.

    It does not begin anew when its last program leaves: that would throw out the one just coming.
    """
    display = ("-displayfd", "1", "-screen", "0", "800x600x24")
    with running("Xvfb", *display, "-noreset", "-nolisten", "tcp", *words) as (_, printed):
        yield f":{printed.readline().strip()}"


@contextmanager
def saying(kind: str, name: str, path: str) -> Iterator[Callable[[str], None]]:
    """A service on the bus of this test; what comes out tells it what to say."""
    with _steered(SAYING, kind, name, path) as tell:
        yield tell


@contextmanager
def keeping_awake(name: str) -> Iterator[Callable[[str], None]]:
    """A service that knows what a program keeps the screen awake for; what comes out tells it."""
    with _steered(AWAKE, name) as tell:
        yield tell


@contextmanager
def film(environment: Mapping[str, str]) -> Iterator[Callable[[str], None]]:
    """A window on a display; what comes out tells it `full` or `small`."""
    with _steered(FILM, environment=environment) as tell:
        yield tell


@contextmanager
def logind() -> Iterator[Callable[[str], None]]:
    """A logind on the system bus of this test; what comes out tells it who is in front."""
    with _steered(LOGIND) as tell:
        yield tell


@contextmanager
def _steered(
    script: str, *words: str, environment: Mapping[str, str] | None = None
) -> Iterator[Callable[[str], None]]:
    command = (sys.executable, "-c", script, *words)
    with running(*command, environment=environment, talk=True) as (service, printed):
        assert printed.readline() == "ready\n"
        told: IO[str] = service.stdin  # type: ignore[assignment]

        def tell(word: str) -> None:
            told.write(f"{word}\n")
            told.flush()

        yield tell


def install_program(path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts a script in the place of a program for the rest of the test."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(script, encoding="utf-8")
    path.chmod(0o700)
    monkeypatch.setenv("PATH", str(path.parent), prepend=os.pathsep)


def is_on_bus(name: str) -> bool:
    """Whether somebody has taken the name on the session bus."""
    asked = ("org.freedesktop.DBus.NameHasOwner", f"string:{name}")
    done = subprocess.run(
        ["dbus-send", "--print-reply", "--dest=org.freedesktop.DBus", "/", *asked],
        check=True,
        capture_output=True,
        text=True,
    )
    return "boolean true" in done.stdout


SOURCES = [
    {"index": 51, "name": "alsa_input.usb-mic", "properties": {"device.class": "sound"}},
    {"index": 52, "name": "alsa_output.pci.monitor", "properties": {"device.class": "monitor"}},
]


def stream(**changed: Any) -> dict[str, Any]:
    """A browser that records from the microphone, but for what is changed."""
    call = {"index": 7, "source": 51, "client": "40", "corked": False}
    properties = {"application.name": "Firefox", "media.name": "AudioCallbackDriver"}
    return call | {"properties": properties | changed.pop("properties", {})} | changed
