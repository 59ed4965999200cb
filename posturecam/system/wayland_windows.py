"""Does a program run full screen under Wayland? Asks compositors that tell of all windows.

Those like wlroots do (Sway, Hyprland, labwc, Wayfire, river, niri); GNOME and KDE Plasma do not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Self

from posturecam.system.wayland import Compositor
from posturecam.system.wayland_messages import numbers_in
from posturecam.system.wayland_toplevels import Toplevels

LIMIT_S = 3.0
"""Longest wait for answers, which take less than a millisecond."""

_MANAGER = "zwlr_foreign_toplevel_manager_v1"
_HANDLE = "zwlr_foreign_toplevel_handle_v1"
_TELLS_FULL_SCREEN = 2


class WaylandWindows:
    """The windows of a compositor; on the thread of an event loop.

    Attributes:
        changed: set when another one is active or in full screen, or one went.
    """

    def __init__(self, compositor: Compositor) -> None:
        self.changed = asyncio.Event()
        self._compositor = compositor
        self._windows = Toplevels()
        self._greeted = asyncio.Event()
        self._gone = asyncio.Event()
        asyncio.get_running_loop().add_reader(compositor.fileno(), self._receive)

    @classmethod
    async def open(cls, environment: Mapping[str, str]) -> Self:
        """Those of the session that the environment names.

        Raises:
            OSError: it has no compositor, or one that does not tell.
            TimeoutError: it does not answer.
        """
        opened = cls(Compositor.open(environment))
        try:
            async with asyncio.timeout(LIMIT_S):
                await opened._greeted.wait()
            opened._follow()
        except BaseException:
            opened.close()
            raise
        return opened

    def close(self) -> None:
        """Hangs up."""
        if self._compositor.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._compositor.fileno())
        self._compositor.close()

    async def listen(self) -> None:
        """Hears what the compositor says, until it goes away."""
        await self._gone.wait()

    async def is_full_screen(self) -> bool:
        """Whether one of them is."""
        return self._windows.is_one_in_front()

    def _follow(self) -> None:
        _number, version = self._compositor.offered.get(_MANAGER, (0, 0))
        if version < _TELLS_FULL_SCREEN:
            raise FileNotFoundError
        self._compositor.bind(_MANAGER, self._hear_manager, version=_TELLS_FULL_SCREEN)
        self._compositor.flush()

    def _receive(self) -> None:
        try:
            self._compositor.receive()
            self._compositor.flush()  # screens that came are asked for
        except OSError:
            self._gone.set()
            self._greeted.set()
            self.close()
        if self._compositor.greeted:
            self._greeted.set()

    def _hear_manager(self, event: str, body: bytes) -> None:
        if event != "toplevel":
            self._gone.set()
            return
        (handle,) = numbers_in(body, 1)
        self._windows.add(handle)
        self._compositor.listen(
            handle, _HANDLE, lambda event, body: self._hear_window(handle, event, body)
        )

    def _hear_window(self, handle: int, event: str, body: bytes) -> None:
        if self._windows.hear(handle, event, body):
            self.changed.set()
        if event == "closed":
            self._compositor.say(handle, _HANDLE, "destroy")
