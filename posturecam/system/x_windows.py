"""Does a program run full screen? Asks the X server of the desktop, which tells when to ask again.

Only one on this machine is asked, through its socket: no display is reached over a network. Under
Wayland the X server has the windows of X programs alone, so that it knows of a full screen, but not
of none.
"""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from posturecam.system import x_messages as x
from posturecam.system.window_stack import Window, is_one_in_front

LIMIT_S = 3.0
"""Longest wait for answers, which take less than a millisecond."""

SETTLED_S = 0.2
"""A window that goes full screen changes size and state one after the other; and who drags one
about changes it all the time."""

SOCKETS = Path("/tmp/.X11-unix")  # noqa: S108 - where every X server has them

_NAMES = (
    "_NET_ACTIVE_WINDOW",
    "_NET_CLIENT_LIST_STACKING",
    "_NET_CURRENT_DESKTOP",
    "_NET_SUPPORTING_WM_CHECK",
    "_NET_WM_STATE",
    "_NET_WM_DESKTOP",
    "_NET_WM_STATE_FULLSCREEN",
    "_NET_WM_STATE_HIDDEN",
)
"""As window managers name things (Extended Window Manager Hints 1.5)."""
_COMPOSITOR = "_NET_WM_CM_S0"
_OF_THE_ROOT = _NAMES[:4]


class XScreen:
    """The windows on a display; on the thread of an event loop.

    Attributes:
        changed: set when another one is active, or one came, went, or changed its size.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.changed = asyncio.Event()
        self._reader = reader
        self._writer = writer
        self._sent = 0
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._root = 0
        self._atoms: dict[str, int] = {}
        self._followed: set[int] = set()
        self._settling: asyncio.TimerHandle | None = None

    @classmethod
    async def open(cls, environment: Mapping[str, str]) -> Self:
        """Those on the display that the environment names.

        Raises:
            OSError: there is none on this machine, or it lets nobody in.
            TimeoutError: it does not answer.
        """
        display = x.local_display(environment.get("DISPLAY", ""))
        if sys.platform == "win32" or display is None:
            raise FileNotFoundError
        async with asyncio.timeout(LIMIT_S):
            opened = cls(*await asyncio.open_unix_connection(SOCKETS / f"X{display}"))
            try:
                await opened._greet(_cookie(environment, display))
            except BaseException:
                opened.close()
                raise
        return opened

    def close(self) -> None:
        """Hangs up."""
        if self._settling is not None:
            self._settling.cancel()
        self._writer.close()

    async def _greet(self, cookie: bytes) -> None:
        self._writer.write(x.greeting(cookie))
        try:
            follows = x.welcome_bytes(await self._reader.readexactly(x.GREETING_HEAD_BYTES))
            if follows is None:
                raise PermissionError
            self._root = x.root_window(await self._reader.readexactly(follows))
        except (x.BrokenError, asyncio.IncompleteReadError) as error:
            raise ConnectionAbortedError from error

    async def listen(self) -> None:
        """Hears what the server says, until it goes away."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await self._reader.readexactly(x.HEAD_BYTES)
                self._hear(head, await self._reader.readexactly(x.rest_bytes(head)))

    def _hear(self, head: bytes, rest: bytes) -> None:
        if head[0] in (x.ERROR, x.REPLY):
            asked = self._waiting.pop(x.sequence_of(head), None)
            if asked is not None and not asked.done():  # else nobody waits for it any more
                asked.set_result(head + rest if head[0] == x.REPLY else b"")
        elif self._is_news(head) and self._settling is None:
            loop = asyncio.get_running_loop()
            self._settling = loop.call_later(SETTLED_S, self._settle)

    def _is_news(self, event: bytes) -> bool:
        kind = event[0] & 0x7F
        if kind == x.PROPERTY_CHANGED:
            return x.changed_property(event) in {self._atoms.get(name) for name in _OF_THE_ROOT}
        return kind in x.WINDOW_CHANGED

    def _settle(self) -> None:
        self._settling = None
        self.changed.set()

    async def is_full_screen(self) -> bool | None:
        """Whether one of them is; None where no window manager says so. Raises `TimeoutError`."""
        if not self._atoms:
            answers = await self._ask(*map(x.atom_request, _NAMES))
            self._tell(x.follow_request(self._root, x.PROPERTIES))
            self._atoms = dict(zip(_NAMES, map(x.atom_in, answers), strict=True))
        active, numbers, desktop, manager = [
            x.numbers_in(answer) for answer in await self._ask(*self._of(self._root, *_OF_THE_ROOT))
        ]
        if not manager or (active is None and numbers is None):
            return None
        if x.numbers_in(*await self._ask(*self._of(manager[0], _OF_THE_ROOT[3]))) != manager:
            return None  # what it left behind
        at_work = active[0] if active else None
        shown = [
            window
            for window in await self._windows(numbers or active or ())
            if window.is_on(desktop[0] if desktop else None)
        ]
        areas = await self._areas(shown) if any(one.full_screen for one in shown) else []
        return is_one_in_front(shown, areas, at_work)

    async def _windows(self, numbers: Iterable[int]) -> list[Window]:
        numbers = [number for number in numbers if number]
        self._tell(
            *(
                x.follow_request(number, x.STRUCTURE)
                for number in numbers
                if number not in self._followed
            )
        )
        self._followed = set(numbers)
        wanted = ("_NET_WM_STATE", "_NET_WM_DESKTOP")
        answers = await self._ask(*(one for number in numbers for one in self._of(number, *wanted)))
        found = []
        for number, *said in zip(numbers, answers[::2], answers[1::2], strict=True):
            states, desktop = (x.numbers_in(one) or () for one in said)
            found.append(
                Window(
                    number=number,
                    full_screen=self._atoms["_NET_WM_STATE_FULLSCREEN"] in states,
                    hidden=self._atoms["_NET_WM_STATE_HIDDEN"] in states,
                    desktop=desktop[0] if desktop else None,
                )
            )
        return found

    async def _areas(self, windows: Iterable[Window]) -> list[x.Area | None]:
        requests = (
            (x.geometry_request(one.number), x.place_request(one.number, self._root))
            for one in windows
        )
        answers = await self._ask(*(request for both in requests for request in both))
        return list(map(x.area_in, answers[::2], answers[1::2]))

    def _of(self, window: int, *names: str) -> list[bytes]:
        return [x.property_request(window, self._atoms[name]) for name in names]

    async def _ask(self, *requests: bytes) -> list[bytes]:
        """What is answered to each, all sent at once; empty where that is an error."""
        loop = asyncio.get_running_loop()
        answers: list[asyncio.Future[bytes]] = [loop.create_future() for _ in requests]
        for at, answer in enumerate(answers, 1):
            self._waiting[(self._sent + at) & 0xFFFF] = answer
        self._tell(*requests)
        async with asyncio.timeout(LIMIT_S):
            return list(await asyncio.gather(*answers))

    def _tell(self, *requests: bytes) -> None:
        self._sent += len(requests)
        self._writer.write(b"".join(requests))

    async def is_composited(self) -> bool:
        """Whether something puts windows together, so that they may be translucent.

        Raises:
            TimeoutError: the server does not answer.
        """
        (name,) = await self._ask(x.atom_request(_COMPOSITOR))
        (owner,) = await self._ask(x.owner_request(x.atom_in(name)))
        return x.atom_in(owner) != 0


async def is_composited(environment: Mapping[str, str]) -> bool:
    """Whether the display that the environment names is.

    Raises:
        OSError: there is none on this machine, or it lets nobody in.
        TimeoutError: it does not answer.
    """
    screen = await XScreen.open(environment)
    listening = asyncio.create_task(screen.listen())
    try:
        return await screen.is_composited()
    finally:
        listening.cancel()
        screen.close()


def _cookie(environment: Mapping[str, str], display: int) -> bytes:
    file = environment.get("XAUTHORITY") or Path("~/.Xauthority").expanduser()
    with suppress(OSError, RuntimeError):
        return x.cookie_of(Path(file).read_bytes(), platform.node().encode(), display)
    return b""
