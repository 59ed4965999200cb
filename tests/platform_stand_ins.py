"""Interfaces of macOS and Windows, written by hand after their documentation.

They stand in where this system has no such thing. Each says where it is described.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, Self

from desktop_notifier.backends.base import DesktopNotifierBackend
from desktop_notifier.common import Capability

from tests.waiting import DEADLINE_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desktop_notifier.common import Notification


class Msvcrt:
    """The keys of a console, as of `msvcrt` (Python Library Reference).

    A function or an arrow key is two codes, of which the first is NUL or 0xE0; `getwch` waits for a
    key, here only for as long as a test can bear.
    """

    def __init__(self, codes: Iterable[str] = ()) -> None:
        self._codes = deque(codes)
        self._more = threading.Semaphore(len(self._codes))

    def press(self, codes: str) -> None:
        """Presses a key."""
        for code in codes:
            self._codes.append(code)
            self._more.release()

    def kbhit(self) -> bool:
        """Whether one waits."""
        return bool(self._codes)

    def getwch(self) -> str:
        """The one that has waited longest."""
        assert self._more.acquire(timeout=DEADLINE_S)
        return self._codes.popleft()


class ConsoleStream(io.StringIO):
    """The standard output of a console: text, behind which the file takes bytes of its code page.

    Python writes to a console by WriteConsoleW and not to the file (PEP 528).
    """

    encoding = "utf-8"

    def __init__(self) -> None:
        super().__init__()
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with it

    def fileno(self) -> int:
        """The file below."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """A console is a terminal."""
        return True

    def bytes_of_file(self) -> bytes:
        """What was written past the stream."""
        self._file.seek(0)
        return self._file.read()

    def close(self) -> None:
        """Lets go of the file, too."""
        self._file.close()
        super().close()


@dataclass
class Modes:
    """Modes of a console, as of GetConsoleMode and SetConsoleMode (Microsoft, Console API).

    Attributes:
        of: each output that is a console, and which one.
        mode: of each console.
        known: the bits it knows; to set another one fails.
    """

    of: dict[int, str]
    mode: dict[str, int]
    known: int = 0x001F

    def get(self, output: int) -> int | None:
        """None for what is no console, where the call fails."""
        return self.mode[self.of[output]] if output in self.of else None

    def put(self, output: int, mode: int) -> bool:
        """Fails with an unknown bit, and then changes nothing."""
        if mode & ~self.known:
            return False
        self.mode[self.of[output]] = mode
        return True


@dataclass
class Clocks:
    """What Python's `time` has on a system, with the seconds that each shows.

    On a Mac CLOCK_MONOTONIC goes on while it sleeps, and `time.monotonic` stands still (cpython
    issue 86273); Windows has no `clock_gettime` (Python Library Reference), and its `monotonic`
    counts sleep.
    """

    shown: dict[str, float]
    CLOCK_MONOTONIC: str = "CLOCK_MONOTONIC"
    CLOCK_BOOTTIME: str = "CLOCK_BOOTTIME"

    def clock_gettime(self, clock: str) -> float:
        """What that clock shows; KeyError where there is none."""
        return self.shown[clock]

    def monotonic(self) -> float:
        """What Python calls monotonic there."""
        return self.shown["monotonic"]


class _Memory(NamedTuple):
    available: int
    free: int = 0


@dataclass
class Machine:
    """What is free, as `psutil` tells it.

    On Windows what its swap files hold is asked of performance counters, and fails with a
    RuntimeError where those are switched off (psutil, `_pswindows.swap_memory`).
    """

    available_bytes: int
    swap_bytes: int | None

    def virtual_memory(self) -> _Memory:
        """Of memory."""
        return _Memory(self.available_bytes)

    def swap_memory(self) -> _Memory:
        """Of swap files."""
        if self.swap_bytes is None:
            raise RuntimeError("PdhAddEnglishCounterW failed. Performance counters may be disabled")
        return _Memory(0, self.swap_bytes)


class FileInUseError(PermissionError):
    """What Windows raises for a file that another program has open (ERROR_SHARING_VIOLATION)."""

    winerror = 32


@dataclass
class Replacing:
    """`Path.replace` while another program has the file open for some more attempts."""

    refusals: int
    error: type[PermissionError] = FileInUseError
    done: list[tuple[object, object]] = field(default_factory=list)

    def __call__(self, made: object, path: object) -> None:
        """Refuses, or notes that it is done."""
        if self.refusals:
            self.refusals -= 1
            raise self.error(13, "The process cannot access the file")
        self.done.append((made, path))


class NotificationCentre(DesktopNotifierBackend):
    """A service that shows messages, as one of the library's others than D-Bus."""

    def __init__(self) -> None:
        super().__init__("posturecam")
        self.shown: list[Notification] = []
        self.taken_away: list[str] = []

    async def request_authorisation(self) -> bool:
        """Granted."""
        return True

    async def has_authorisation(self) -> bool:
        """Granted before."""
        return True

    async def _get_capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.BUTTONS, Capability.SOUND})

    async def _send(self, notification: Notification) -> None:
        self.shown.append(notification)

    async def _clear(self, identifier: str) -> None:
        self.taken_away.append(identifier)

    async def _clear_all(self) -> None:
        self.shown.clear()


class Fifo:
    """A pipe in the file system for a named one of Windows: anybody can open it by its name.

    It is made and waited in as `multiprocessing.connection.Listener`, and opened as `Client`; there
    `send_bytes` writes the bytes and nothing else (`PipeConnection`).
    """

    def __init__(self, name: str) -> None:
        if sys.platform != "win32":
            os.mkfifo(name)
        self._name = name
        self._open: IO[bytes] | None = None

    def accept(self) -> Self:
        """Waits until somebody reads there."""
        self._open = Path(self._name).open("wb", buffering=0)  # noqa: SIM115 - `__exit__` closes it
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._open is not None
        self._open.close()

    def send_bytes(self, data: bytes) -> None:
        """Writes them. Raises `BrokenPipeError`."""
        assert self._open is not None
        self._open.write(data)

    def close(self) -> None:
        """Takes it away."""
        Path(self._name).unlink()
