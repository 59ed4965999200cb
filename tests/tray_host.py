"""A host for icons in the tray, over D-Bus: `python -m tests.tray_host` in a session of its own.

It is what a panel of today is, without drawing: icons register with it, it asks them for their
picture, tooltip and menu, and clicks. A line of input is one question, a line of JSON its answer.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from tests.desktops import running
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"


class Watcher:
    """Takes note of the icons that register.

    Attributes:
        items: the names of their programs on the bus, the newest last.
    """

    def __init__(self) -> None:
        self.items: list[str] = []

    def handle(self, message: Message) -> Message | None:
        """Answers what is asked of a watcher."""
        if message.path != "/StatusNotifierWatcher":
            return None
        if message.member == "RegisterStatusNotifierItem":
            self.items.append(message.body[0])
            return Message.new_method_return(message)
        return Message.new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "")


class GoneError(Exception):
    """The program that showed the icon has ended, as one does that begins anew."""


_GONE = tuple(f"org.freedesktop.DBus.Error.{why}" for why in ("ServiceUnknown", "NoReply"))


class Host:
    """Asks the newest icon."""

    def __init__(self, bus: MessageBus, watcher: Watcher) -> None:
        self._bus = bus
        self._watcher = watcher

    async def answer(self, question: str) -> Any:
        """What there is to say to it; null while there is no icon."""
        while self._watcher.items:
            newest = self._watcher.items[-1]
            try:
                return await self._answer_of_newest(question)
            except GoneError:
                self._watcher.items.remove(newest)
        return None

    async def _answer_of_newest(self, question: str) -> Any:
        what, _space, about = question.partition(" ")
        match what:
            case "icon":
                pixmaps = await self._item("IconPixmap")
                largest = max(pixmaps, key=lambda one: one[0])
                return sha256(largest[2]).hexdigest()
            case "tooltip":
                return (await self._item("ToolTip"))[2]
            case "menu":
                return [text for _number, text, _enabled in await self._entries()]
            case "click":
                return await self._click(about)
        raise AssertionError(question)

    async def _click(self, text: str) -> bool:
        """Whether an entry was there to be clicked.

        A menu that is made anew meanwhile has other numbers, and Qt says nothing of a click on one
        that is gone. So it is asked for that one in the same breath.
        """
        found = [number for number, label, _ in await self._entries() if label == text]
        if not found:
            return False
        path, (number, *_) = await self._item("Menu"), found
        (there,), _clicked = await asyncio.gather(
            self._call(path, MENU, "GetGroupProperties", "aias", [[number], ["label"]]),
            self._call(path, MENU, "Event", "isvu", [number, "clicked", Variant("s", ""), 0]),
        )
        return bool(there)

    async def _item(self, name: str) -> Any:
        path, signature = "/StatusNotifierItem", "ss"
        reply = await self._call(
            path, "org.freedesktop.DBus.Properties", "Get", signature, [ITEM, name]
        )
        return reply[0].value

    async def _menu(self, member: str, signature: str, body: list[Any]) -> list[Any]:
        return await self._call(await self._item("Menu"), MENU, member, signature, body)

    async def _entries(self) -> list[tuple[int, str, bool]]:
        _revision, layout = await self._menu("GetLayout", "iias", [0, -1, []])
        return list(_flat(layout))

    async def _call(
        self, path: str, interface: str, member: str, signature: str, body: list[Any]
    ) -> list[Any]:
        reply = await self._bus.call(
            Message(
                destination=self._watcher.items[-1],
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=body,
            )
        )
        assert reply is not None
        if reply.error_name in _GONE:
            raise GoneError
        assert reply.message_type is MessageType.METHOD_RETURN, reply.body
        return list(reply.body)


def _flat(layout: Any) -> Iterator[tuple[int, str, bool]]:
    number, properties, children = layout
    if "label" in properties:
        enabled = properties["enabled"].value if "enabled" in properties else True
        yield number, properties["label"].value, enabled
    for child in children:
        yield from _flat(child.value)


async def main() -> None:
    """Serves until its input ends."""
    bus = await MessageBus(bus_type=BusType.SESSION).connect()
    watcher = Watcher()
    bus.add_message_handler(watcher.handle)
    await bus.request_name(WATCHER)
    host = Host(bus, watcher)
    print(json.dumps("ready"), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await host.answer(line.rstrip("\n"))), flush=True)


@dataclass
class Panel:
    """What a test asks the host."""

    questions: IO[str]
    answers: IO[str]

    def ask(self, question: str) -> Any:
        """The answer; None while there is no icon."""
        self.questions.write(f"{question}\n")
        self.questions.flush()
        return json.loads(self.answers.readline())

    @property
    def tooltip(self) -> str | None:
        """What it says when the pointer rests on it."""
        said: str | None = self.ask("tooltip")
        return said

    @property
    def icon(self) -> str | None:
        """Tells one picture from another."""
        told: str | None = self.ask("icon")
        return told

    def click(self, text: str) -> None:
        """Clicks the entry of the menu, as soon as it is there."""
        wait_until(lambda: self.ask(f"click {text}"), lambda: f"{text} in {self.ask('menu')}")


@contextmanager
def panel(environment: Mapping[str, str]) -> Iterator[Panel]:
    """The host on the session bus of `environment`."""
    command = (sys.executable, "-m", "tests.tray_host")
    with running(*command, environment=environment, talk=True) as (host, answers):
        assert json.loads(answers.readline()) == "ready"
        assert host.stdin is not None
        yield Panel(host.stdin, answers)


if __name__ == "__main__":
    asyncio.run(main())
