"""What can be asked of a Linux desktop over D-Bus, and the signals after which to ask again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

from posturecam.base.files import own_user

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

LIMIT_S = 3.0
"""Longest wait for one answer."""

_PROPERTIES = "org.freedesktop.DBus.Properties"
_LOGIND = "org.freedesktop.login1"


class Topic(Enum):
    """What an answer is about: the field of a `DesktopState`."""

    LOCKED = "locked"
    DO_NOT_DISTURB = "do_not_disturb"
    FULL_SCREEN = "full_screen"
    PRESENTING = "presenting"
    IN_CALL = "in_call"
    CAMERA_WANTED = "camera_wanted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to ask on a bus, and the signal that tells to ask again.

    Attributes:
        service: name on the bus.
        interface: of the property, or of the method `GetActive`.
        name: of the property, None for that method.
    """

    topic: Topic
    service: str
    path: str
    interface: str
    name: str | None = None

    async def ask(self, bus: MessageBus) -> bool | None:
        """The answer; None when the service is not there or cannot tell. Raises `TimeoutError`."""
        try:
            return await self._answer(bus)
        except LookupError:
            return None

    async def _answer(self, bus: MessageBus) -> bool | None:
        if self.name is None:
            (answer,) = await _call(bus, self.service, self.path, self.interface, "GetActive")
        else:
            answer = await self._property(bus, self.path, self.interface, self.name)
        return answer if isinstance(answer, bool) else None

    async def _property(self, bus: MessageBus, path: str, interface: str, name: str) -> Any:
        words = (interface, name)
        (variant,) = await _call(bus, self.service, path, _PROPERTIES, "Get", *words)
        return variant.value

    def signals(self) -> tuple[str, ...]:
        """Rules for the signals after which the answer may be another one."""
        came_or_went = (
            "sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
            f"member='NameOwnerChanged',arg0='{self.service}'"
        )
        if self.name is not None:
            changed = (
                f"sender='{self.service}',interface='{_PROPERTIES}',member='PropertiesChanged',"
                f"arg0='{self.interface}'"
            )
            return changed, came_or_went
        from_it = f"sender='{self.service}',interface='{self.interface}'"
        return *(f"{from_it},member='{member}'" for member in self._changes()), came_or_went

    def _changes(self) -> tuple[str, ...]:
        return ("ActiveChanged",)


class _SomebodyElseOnScreen(Question):
    """Whether the session is in the background, and in front of it is not another of this user.

    For logind a session without a screen, such as one over SSH, is always in the foreground.
    """

    __slots__ = ()

    async def _answer(self, bus: MessageBus) -> bool | None:
        active = await super()._answer(bus)
        return None if active is None else not active and await self._is_covered(bus)

    async def _is_covered(self, bus: MessageBus) -> bool:
        try:
            seat_name, seat = await self._property(bus, self.path, self.interface, "Seat")
            if not seat_name:
                return False
            _, session = await self._property(bus, seat, f"{_LOGIND}.Seat", "ActiveSession")
            user, _ = await self._property(bus, session, self.interface, "User")
        except LookupError:  # such as at a console where nobody is logged in
            return True
        return bool(user != own_user())


class _KeptAwakeInGnome(Question):
    """Whether a program keeps the screen awake, as while it shows a video or slides."""

    __slots__ = ()
    _IDLE = 8
    """Of the flags of an inhibitor the one for the screen (gnome-session, GsmInhibitorFlag)."""

    async def _answer(self, bus: MessageBus) -> bool | None:
        (paths,) = await _call(bus, self.service, self.path, self.interface, "GetInhibitors")
        for path in paths:
            ask = partial(_call, bus, self.service, path, f"{self.interface}.Inhibitor")
            with suppress(LookupError):  # it has just ended
                (flags,), (reason,) = await ask("GetFlags"), await ask("GetReason")
                if flags & self._IDLE and _is_to_be_seen(reason):
                    return True
        return False

    def _changes(self) -> tuple[str, ...]:
        return "InhibitorAdded", "InhibitorRemoved"


class _KeptAwakeInPlasma(Question):
    """The same, as its power management knows it."""

    __slots__ = ()

    async def _answer(self, bus: MessageBus) -> bool | None:
        (held,) = await _call(bus, self.service, self.path, self.interface, "ListInhibitions")
        return any(_is_to_be_seen(reason) for _, reason in held)

    def _changes(self) -> tuple[str, ...]:
        return ("InhibitionsChanged",)


def _is_to_be_seen(reason: str) -> bool:
    """Whether what a program keeps the screen awake for is no sound alone, as a browser says it."""
    return not any(word in reason.lower() for word in ("audio", "music"))


def _screensaver(name: str) -> Question:
    path = "/" + name.replace(".", "/")
    return Question(topic=Topic.LOCKED, service=name, path=path, interface=name)


def _session(kind: type[Question], name: str) -> Question:
    return kind(
        topic=Topic.LOCKED,
        service=_LOGIND,
        # logind's name for the session of who asks, or for a service the one with the display.
        path="/org/freedesktop/login1/session/auto",
        interface=f"{_LOGIND}.Session",
        name=name,
    )


def _notification_property(interface: str, name: str) -> Question:
    return Question(
        topic=Topic.DO_NOT_DISTURB,
        service="org.freedesktop.Notifications",
        path="/org/freedesktop/Notifications",
        interface=interface,
        name=name,
    )


SCREENSAVERS = tuple(
    _screensaver(f"org.{name}.ScreenSaver")
    for name in ("freedesktop", "gnome", "cinnamon", "mate", "xfce")
)
"""Services that know whether the screen is locked: they do it themselves."""

SESSION_QUESTIONS = (
    *SCREENSAVERS,
    _notification_property("org.dunstproject.cmd0", "paused"),
    _notification_property("org.freedesktop.Notifications", "Inhibited"),  # KDE Plasma
    _KeptAwakeInGnome(
        topic=Topic.PRESENTING,
        service="org.gnome.SessionManager",
        path="/org/gnome/SessionManager",
        interface="org.gnome.SessionManager",
    ),
    _KeptAwakeInPlasma(
        topic=Topic.PRESENTING,
        service="org.kde.Solid.PowerManagement.PolicyAgent",
        path="/org/kde/Solid/PowerManagement/PolicyAgent",
        interface="org.kde.Solid.PowerManagement.PolicyAgent",
    ),
)
"""For the session bus."""

SYSTEM_QUESTIONS = (_session(Question, "LockedHint"), _session(_SomebodyElseOnScreen, "Active"))
"""For the system bus: what lockers told logind, and who is on the screen."""

GNOME_KEY = ("org.gnome.desktop.notifications", "show-banners")
"""Schema and name of GNOME's setting for do-not-disturb."""

GNOME_SIGNAL = (
    "interface='ca.desrt.dconf.Writer',member='Notify',"
    f"arg0path='/{GNOME_KEY[0].replace('.', '/')}/'"
)
"""Rule for the signal that it changed."""


async def subscribe(bus: MessageBus, rule: str) -> None:
    """Have signals sent that the rule fits.

    Raises:
        TimeoutError: the bus did not answer.
        LookupError: it refused.
    """
    bus_name = "org.freedesktop.DBus"
    path = "/org/freedesktop/DBus"
    await _call(bus, bus_name, path, bus_name, "AddMatch", f"type='signal',{rule}")


def is_signal(message: Message) -> bool:
    """Whether the message tells that something has changed."""
    from dbus_fast import MessageType

    return message.message_type is MessageType.SIGNAL


async def _call(
    bus: MessageBus, service: str, path: str, interface: str, member: str, *words: str
) -> list[Any]:
    """The reply; a service that is not there is not started.

    Raises:
        TimeoutError: none came.
        LookupError: it is an error.
    """
    from dbus_fast import Message, MessageFlag, MessageType

    message = Message(
        destination=service,
        path=path,
        interface=interface,
        member=member,
        signature="s" * len(words),
        body=list(words),
        flags=MessageFlag.NO_AUTOSTART,
    )
    async with asyncio.timeout(LIMIT_S):
        reply = await bus.call(message)
    if reply.message_type is MessageType.ERROR:
        raise LookupError(reply.error_name)
    return reply.body
