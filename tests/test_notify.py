"""Notifications arrive, replace each other, and never hold up or end a watch."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

from posturecam.notify import LIMIT_S, NoNotifier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="D-Bus is the desktop bus of Linux")
needs_bus = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs dbus-daemon")

CLIENT = """
import sys, threading
from posturecam.notify import DesktopNotifier

notifier = DesktopNotifier()
for title in sys.argv[1:]:
    notifier.send(title, "You have been sitting for 20 min.")
notifier.close()
notifier.close()
print(notifier.problem)
print([thread.name for thread in threading.enumerate()])
"""

# The least that a notification service has to do; it writes down every call.
SERVICE = """
import asyncio
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, method

class Notifications(ServiceInterface):
    shown = 0

    @method()
    def GetServerInformation(self) -> "ssss":
        return ["fake", "posturecam tests", "1", "1.2"]

    @method()
    def GetCapabilities(self) -> "as":
        return ["body"]

    @method()
    def Notify(
        self, app: "s", replaces: "u", icon: "s", title: "s", body: "s",
        actions: "as", hints: "a{sv}", timeout: "i"
    ) -> "u":
        self.shown += 1
        print("show", self.shown, app, title, body, hints["urgency"].value, sep="|", flush=True)
        return self.shown

    @method()
    def CloseNotification(self, number: "u"):
        print("close", number, sep="|", flush=True)

async def main():
    bus = await MessageBus().connect()
    bus.export("/org/freedesktop/Notifications", Notifications("org.freedesktop.Notifications"))
    await bus.request_name("org.freedesktop.Notifications")
    print("ready", flush=True)
    await bus.wait_for_disconnect()

asyncio.run(main())
"""

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


def send(address: str | None, *titles: str) -> subprocess.CompletedProcess[str]:
    """Send a message for each title from a program of its own, on the bus at `address`."""
    environment = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    if address is not None:
        environment["DBUS_SESSION_BUS_ADDRESS"] = address

    return subprocess.run(
        [sys.executable, "-W", "error", "-c", CLIENT, *titles],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=environment,
        cwd=Path(__file__).resolve().parents[1],
    )


@contextmanager
def running(
    *command: str, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A program and what it prints, ended with the block whatever happens in it."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as program:
        assert program.stdout is not None
        try:
            yield program, program.stdout
        finally:
            program.terminate()


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[str]:
    """Address of a desktop bus with nobody on it."""
    config = tmp_path / "bus.conf"
    config.write_text(BUS_CONFIG.format(socket=tmp_path / "bus"), encoding="utf-8")
    with running("dbus-daemon", f"--config-file={config}", "--nofork", "--print-address") as (
        _,
        printed,
    ):
        yield printed.readline().strip()


@linux_only
@needs_bus
def test_the_newest_message_takes_the_place_of_the_one_before(bus: str) -> None:
    """A real bus and a service on it: each message arrives, the one before is closed."""
    environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": bus}
    with running(sys.executable, "-c", SERVICE, environment=environment) as (service, printed):
        assert printed.readline() == "ready\n"
        sent = send(bus, "Slouched", "Unchanged")
        service.terminate()
        calls = printed.read().splitlines()

    assert calls == [
        "show|1|posturecam|Slouched|You have been sitting for 20 min.|1",
        "close|1",
        "show|2|posturecam|Unchanged|You have been sitting for 20 min.|1",
    ]
    assert sent.stdout == "None\n['MainThread']\n"
    assert sent.stderr == ""


@linux_only
@needs_bus
def test_a_desktop_without_a_notification_service_is_reported(bus: str) -> None:
    """The bus is there, but nobody on it shows messages."""
    sent = send(bus, "Slouched")

    assert "org.freedesktop.Notifications" in sent.stdout
    assert sent.stdout.endswith("['MainThread']\n")
    assert sent.stderr == ""


@linux_only
@pytest.mark.parametrize("address", ["unix:path=/nonexistent/bus", "nonsense", None])
def test_without_a_desktop_there_is_a_problem_and_no_exception(address: str | None) -> None:
    """A dead, misspelt or missing bus: said in `problem`, not printed, no thread left behind."""
    sent = send(address, "Slouched", "Unchanged")

    assert sent.stdout.startswith("the notification service does not work: ")
    assert sent.stdout.endswith("['MainThread']\n")
    assert sent.stderr == ""


@linux_only
def test_a_desktop_that_hangs_is_given_up_after_the_limit(tmp_path: Path) -> None:
    """A bus that takes the connection and never answers."""
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "bus"))
        listener.listen()
        sent = send(f"unix:path={tmp_path / 'bus'}", "Slouched")

    assert f"no answer within {LIMIT_S:.0f} s" in sent.stdout
    assert sent.stdout.endswith("['MainThread']\n")
    assert sent.stderr == ""


def test_no_notify_shows_nothing_and_has_no_problem() -> None:
    """The quiet stand-in takes the same calls."""
    notifier = NoNotifier()
    notifier.send("Slouched", "for 3 min")
    notifier.close()

    assert notifier.problem is None
