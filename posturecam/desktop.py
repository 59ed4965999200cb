"""What the desktop says of itself: screen locked, do not disturb, microphone in use.

On Linux only; elsewhere, and for a desktop that does not tell, the answer is None: not known.

Locked is what logind holds of the session, or what one of the screensavers does; with a
screensaver that blanks the screen without locking it nobody is looking either. Do-not-disturb is
told by dunst, KDE Plasma and GNOME; other notification services have no common way to ask.

Whether somebody is in a call nobody tells. A microphone in use is the nearest thing: a dictation
counts too, and somebody who only listens, or whose program lets go of a muted microphone, does not.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from posturecam.quiet import DesktopState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dbus_fast import BusType, Message
    from dbus_fast.aio import MessageBus

LIMIT_S = 3.0
"""Longest wait for one answer."""

BUS_AGAIN_S = 60.0
"""A bus that is not there, or went away, is looked for again after so long."""

MICROPHONE_EVERY_S = 5.0
"""A call lasts minutes, and there is no signal to wait for; asking takes a few milliseconds."""

ASOUND = Path("/proc/asound")

_PROPERTIES = "org.freedesktop.DBus.Properties"
_GNOME_KEY = ("org.gnome.desktop.notifications", "show-banners")


class Desktop(Protocol):
    """The desktop around the program."""

    def state(self) -> DesktopState:
        """What it said last; returns at once."""
        ...

    def close(self) -> None:
        """Asks it no more; a second call does nothing."""
        ...


class NoDesktop:
    """A desktop of which nothing can be told."""

    def state(self) -> DesktopState:
        """Nothing is known."""
        return DesktopState()

    def close(self) -> None:
        """Nothing is open."""


def open_desktop(*, lock: bool, do_not_disturb: bool, calls: bool) -> Desktop:
    """The desktop, asked only for what is wanted; what is not stays None."""
    if sys.platform != "linux" or not (lock or do_not_disturb or calls):
        return NoDesktop()
    return LinuxDesktop(lock=lock, do_not_disturb=do_not_disturb, calls=calls)


class _Topic(Enum):
    LOCKED = "locked"
    DO_NOT_DISTURB = "do_not_disturb"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """One thing to ask on a bus, and the signal that tells to ask again.

    Attributes:
        topic: what the answer is about.
        service: name on the bus.
        path: of the object.
        interface: of the property, or of the method `GetActive`.
        name: of the property, None for that method.
    """

    topic: _Topic
    service: str
    path: str
    interface: str
    name: str | None = None

    def message(self) -> Message:
        """The call, which does not start a service that is not there."""
        from dbus_fast import Message, MessageFlag

        read = self.name is not None
        return Message(
            destination=self.service,
            path=self.path,
            interface=_PROPERTIES if read else self.interface,
            member="Get" if read else "GetActive",
            signature="ss" if read else "",
            body=[self.interface, self.name] if read else [],
            flags=MessageFlag.NO_AUTOSTART,
        )

    def signals(self) -> tuple[str, ...]:
        """Rules for the signals after which the answer may be another one."""
        changed = (
            f"sender='{self.service}',interface='{_PROPERTIES}',member='PropertiesChanged',"
            f"arg0='{self.interface}'"
            if self.name is not None
            else f"sender='{self.service}',interface='{self.interface}',member='ActiveChanged'"
        )
        came_or_went = (
            "sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
            f"member='NameOwnerChanged',arg0='{self.service}'"
        )
        return changed, came_or_went


def _screensaver(name: str) -> _Question:
    path = "/" + name.replace(".", "/")
    return _Question(topic=_Topic.LOCKED, service=name, path=path, interface=name)


def _notification_property(interface: str, name: str) -> _Question:
    return _Question(
        topic=_Topic.DO_NOT_DISTURB,
        service="org.freedesktop.Notifications",
        path="/org/freedesktop/Notifications",
        interface=interface,
        name=name,
    )


_SESSION_QUESTIONS = (
    *(_screensaver(f"org.{name}.ScreenSaver") for name in (
        "freedesktop", "gnome", "cinnamon", "mate", "xfce",
    )),
    _notification_property("org.dunstproject.cmd0", "paused"),
    _notification_property("org.freedesktop.Notifications", "Inhibited"),  # KDE Plasma
)  # fmt: skip

_SYSTEM_QUESTIONS = (
    _Question(
        topic=_Topic.LOCKED,
        service="org.freedesktop.login1",
        # logind's name for the session of who asks, or for a service the one with the display.
        path="/org/freedesktop/login1/session/auto",
        interface="org.freedesktop.login1.Session",
        name="LockedHint",
    ),
)

_GNOME_SIGNAL = (
    "interface='ca.desrt.dconf.Writer',member='Notify',"
    f"arg0path='/{_GNOME_KEY[0].replace('.', '/')}/'"
)


class LinuxDesktop:
    """Asks over D-Bus and the sound system, on a thread of its own; never raises, never waits.

    What changes is signalled by the desktop and asked again then. Only the microphone is polled,
    and only where that was asked for.
    """

    def __init__(self, *, lock: bool, do_not_disturb: bool, calls: bool) -> None:
        wanted = {_Topic.LOCKED: lock, _Topic.DO_NOT_DISTURB: do_not_disturb}
        self._session = [question for question in _SESSION_QUESTIONS if wanted[question.topic]]
        self._system = [question for question in _SYSTEM_QUESTIONS if wanted[question.topic]]
        self._asks_gnome = do_not_disturb and _runs_gnome()
        self._calls = calls
        self._answers: dict[object, tuple[_Topic, bool]] = {}
        self._state = DesktopState()
        self._ending: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        started = threading.Event()
        # A daemon: should the desktop hang, the program still ends.
        self._thread = threading.Thread(
            target=self._run, args=(started,), name="desktop", daemon=True
        )
        self._thread.start()
        started.wait()

    def state(self) -> DesktopState:
        """What the desktop said last; returns at once."""
        return self._state

    def close(self) -> None:
        """Asks no more; a second call does nothing."""
        if self._loop is not None and self._ending is not None:
            self._loop.call_soon_threadsafe(self._ending.set)
            self._loop = None
            self._thread.join(LIMIT_S + 1)

    def _run(self, started: threading.Event) -> None:
        try:
            asyncio.run(self._watch(started))
        except (ImportError, OSError):  # no more files can be opened: nothing is known, then
            self._loop = None
        finally:
            started.set()

    async def _watch(self, started: threading.Event) -> None:
        from dbus_fast import BusType

        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        started.set()
        # Whatever goes wrong with a bus shows as not known; without a handler it is printed, too.
        silent = logging.NullHandler()
        logging.getLogger("dbus_fast").addHandler(silent)
        tasks = [
            asyncio.create_task(self._follow(BusType.SESSION, self._session)),
            asyncio.create_task(self._follow(BusType.SYSTEM, self._system)),
        ]
        if self._calls:
            tasks.append(asyncio.create_task(self._listen()))
        await self._ending.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        logging.getLogger("dbus_fast").removeHandler(silent)

    async def _follow(self, bus_type: BusType, questions: Sequence[_Question]) -> None:
        while questions:
            with suppress(Exception):
                await self._ask_until_gone(bus_type, questions)
            for question in questions:
                self._learn(question, question.topic, None)
            await asyncio.sleep(BUS_AGAIN_S)

    async def _ask_until_gone(self, bus_type: BusType, questions: Sequence[_Question]) -> None:
        from dbus_fast.aio import MessageBus

        asks_gnome = self._asks_gnome and questions is self._session
        bus = MessageBus(bus_type=bus_type)
        gone: asyncio.Future[None] | None = None
        try:
            async with asyncio.timeout(LIMIT_S):
                await bus.connect()
            gone = asyncio.ensure_future(bus.wait_for_disconnect())  # type: ignore[no-untyped-call]
            changed = asyncio.Event()
            bus.add_message_handler(lambda message: _note_signal(message, changed))
            rules = {rule for question in questions for rule in question.signals()}
            for rule in sorted(rules | ({_GNOME_SIGNAL} if asks_gnome else set())):
                await _call(bus, _match_message(rule))
            while not gone.done():
                changed.clear()
                await asyncio.gather(*(self._ask(bus, question) for question in questions))
                if asks_gnome:
                    self._learn(_GNOME_KEY, _Topic.DO_NOT_DISTURB, gnome_is_silent())
                asked_again = asyncio.ensure_future(changed.wait())
                await asyncio.wait({gone, asked_again}, return_when=asyncio.FIRST_COMPLETED)
                asked_again.cancel()
        finally:
            bus.disconnect()
            if gone is not None:  # a connection that was not finished ends without a word
                with suppress(Exception):  # a failing bus must not hide that we were cancelled
                    await gone

    async def _ask(self, bus: MessageBus, question: _Question) -> None:
        answer: Any = None
        with suppress(Exception):
            reply = await _call(bus, question.message())
            answer = reply[0] if question.name is None else reply[0].value
        self._learn(question, question.topic, answer if isinstance(answer, bool) else None)

    def _learn(self, source: object, topic: _Topic, answer: bool | None) -> None:  # noqa: FBT001
        if answer is None:
            self._answers.pop(source, None)
        else:
            self._answers[source] = (topic, answer)
        self._state = replace(
            self._state,
            locked=self._any(_Topic.LOCKED),
            do_not_disturb=self._any(_Topic.DO_NOT_DISTURB),
        )

    def _any(self, topic: _Topic) -> bool | None:
        answers = [answer for about, answer in self._answers.values() if about is topic]
        return any(answers) if answers else None

    async def _listen(self) -> None:
        while True:
            self._state = replace(self._state, in_call=microphone_in_use())
            await asyncio.sleep(MICROPHONE_EVERY_S)


async def _call(bus: MessageBus, message: Message) -> list[Any]:
    from dbus_fast import MessageType

    async with asyncio.timeout(LIMIT_S):
        reply = await bus.call(message)
    if reply.message_type is MessageType.ERROR:
        raise LookupError(reply.error_name)
    return reply.body


def _match_message(rule: str) -> Message:
    from dbus_fast import Message

    return Message(
        destination="org.freedesktop.DBus",
        path="/org/freedesktop/DBus",
        interface="org.freedesktop.DBus",
        member="AddMatch",
        signature="s",
        body=[f"type='signal',{rule}"],
    )


def _note_signal(message: Message, changed: asyncio.Event) -> None:
    from dbus_fast import MessageType

    if message.message_type is MessageType.SIGNAL:
        changed.set()


def _runs_gnome() -> bool:
    return "GNOME" in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":")


def gnome_is_silent() -> bool | None:
    """Whether GNOME was asked to show no notifications; None where it cannot be told."""
    shows = _output_of("gsettings", "get", *_GNOME_KEY)
    return {"true": False, "false": True}.get((shows or "").strip())


def microphone_in_use(asound: Path = ASOUND) -> bool | None:
    """Whether a program records from a microphone; None where it cannot be told.

    PipeWire and PulseAudio are asked through `pactl`; without it, the kernel, for which the sound
    server itself counts as a program that records while anybody does.

    Args:
        asound: the kernel's folder about sound cards.
    """
    with suppress(ValueError, LookupError, TypeError, AttributeError):
        outputs = _listed("source-outputs")
        return bool(outputs) and is_recorded(outputs, _listed("sources"))
    states = [_first_line(file) for file in asound.glob("card*/pcm*c/sub*/status")]
    return any(state == "state: RUNNING" for state in states) if asound.is_dir() else None


def is_recorded(outputs: Iterable[dict[str, Any]], sources: Iterable[dict[str, Any]]) -> bool:
    """Whether one of the streams records what a microphone hears.

    Left out are streams that are held, that record what the speakers play, that only feed a level
    meter, or that belong to the sound server itself, such as an echo canceller: whoever listens to
    that has a stream of his own.

    Args:
        outputs: what `pactl -f json list source-outputs` prints.
        sources: what `pactl -f json list sources` prints.

    Raises:
        KeyError: it is not what they print.
    """
    of_speakers = {
        source["index"]
        for source in sources
        if source["properties"].get("device.class") == "monitor"
        or source["name"].endswith(".monitor")
    }
    return any(
        not output.get("corked")
        and output["source"] not in of_speakers
        and output.get("client") not in (None, "n/a")
        and output["properties"].get("media.name") != "Peak detect"
        and output["properties"].get("stream.monitor") != "true"
        for output in outputs
    )


def _listed(what: str) -> list[dict[str, Any]]:
    printed = _output_of("pactl", "-f", "json", "list", what)
    if printed is None:
        raise LookupError("pactl does not answer")
    listed: list[dict[str, Any]] = json.loads(printed)
    return listed


def _output_of(*command: str) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            command,
            capture_output=True,
            text=True,
            check=True,
            timeout=LIMIT_S,
            # In some languages pactl writes 0,5 for a half, which is no JSON.
            env=os.environ | {"LC_ALL": "C"},
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout


def _first_line(file: Path) -> str:
    with suppress(OSError), file.open(encoding="ascii", errors="replace") as lines:
        return lines.readline().strip()
    return ""
