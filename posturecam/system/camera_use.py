"""Does another program want the camera? The kernel says when it is opened, and /proc by whom.

Only processes of the same user are seen, which is where a video call runs. Nothing is told while a
program has the device open for good: that counts as wanting it for as long as it does.
"""

from __future__ import annotations

import asyncio
import ctypes
import math
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from posturecam.base.files import own_user

FindNode = Callable[[], Path | None]
"""Says which device the camera is now; None while it is not there."""

PROC = Path("/proc")

HELD_FOR_S = 5.0
"""A program that found the camera taken closes it at once, and tries again within so long."""

CAMERA_AGAIN_S = 1.0
"""How often it is looked for the end of that, and for a device that was plugged in again."""

_OPEN, _CLOSE, _IGNORED = 0x20, 0x08 | 0x10, 0x8000  # inotify(7): IN_OPEN, IN_CLOSE, IN_IGNORED
_NONBLOCK = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_EVENT_BYTES = 4096

_FOUND_ANEW_S = 5.0
"""So often it is seen whether the camera is still where it was."""


class CameraUse:
    """Who else has the device of the camera open; on the thread of an event loop.

    The camera is found again once its device is gone.

    Attributes:
        changed: set when it was opened or closed.
    """

    def __init__(self, find: FindNode) -> None:
        self.changed = asyncio.Event()
        self._find = find
        self._node: Path | None = None
        self._loop = asyncio.get_running_loop()
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._inotify: int = self._libc.inotify_init1(_NONBLOCK)
        self._stirred = True
        self._wanted_s = -math.inf
        self._found_s = -math.inf
        if self._inotify >= 0:
            self._loop.add_reader(self._inotify, self._hear)

    def close(self) -> None:
        """Looks no more."""
        if self._inotify >= 0:
            self._loop.remove_reader(self._inotify)
            os.close(self._inotify)
            self._inotify = -1

    async def is_wanted(self) -> bool | None:
        """Whether another program has it open, or had a moment ago; None where nobody tells."""
        now_s = self._loop.time()
        if now_s - self._found_s >= _FOUND_ANEW_S:
            self._found_s = now_s
            if self._node != self._find():
                self._node = None  # another camera took its place while it was looked for
        if self._node is None:
            self._node = self._watched_node()
        if self._node is None:
            return None
        if self._stirred or now_s - self._wanted_s < HELD_FOR_S:
            self._stirred = False
            if any(other_users(self._node)):
                self._wanted_s = now_s
        return now_s - self._wanted_s < HELD_FOR_S

    def _watched_node(self) -> Path | None:
        """The camera's device, from now on watched; None while there is none."""
        node = self._find() if self._inotify >= 0 else None
        if node is None:
            return None
        watch = self._libc.inotify_add_watch(self._inotify, os.fsencode(node), _OPEN | _CLOSE)
        self._stirred = True
        return node if watch >= 0 else None

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            events = os.read(self._inotify, _EVENT_BYTES)
            masks = [int.from_bytes(events[at + 4 : at + 8], "little") for at in _places(events)]
            if any(mask & _IGNORED for mask in masks):  # unplugged; it comes back as another one
                self._node = None
        self._stirred = True
        self.changed.set()


def other_users(node: Path, *, proc: Path = PROC, own: int | None = None) -> Iterator[int]:
    """The processes of this user but this one that have the device open, by their numbers."""
    own = os.getpid() if own is None else own
    user, target = own_user(), str(node)
    for process in _entries(proc):
        if process.isdecimal() and int(process) != own:
            folder = f"{proc}/{process}"
            with suppress(OSError):  # it has just ended
                if os.stat(folder).st_uid == user and _has_open(f"{folder}/fd", target):  # noqa: PTH116
                    yield int(process)


def _has_open(folder: str, target: str) -> bool:
    for descriptor in _entries(folder):
        with suppress(OSError):  # it has just been closed
            if os.readlink(f"{folder}/{descriptor}") == target:  # noqa: PTH115 - thousands of them
                return True
    return False


def _entries(folder: str | Path) -> list[str]:
    with suppress(OSError):
        return os.listdir(folder)  # noqa: PTH208 - no need for thousands of Paths
    return []


def _places(events: bytes) -> Iterator[int]:
    """Where each event begins: 16 bytes, and a name as long as their last four say."""
    at = 0
    while at + 16 <= len(events):
        yield at
        at += 16 + int.from_bytes(events[at + 12 : at + 16], "little")
