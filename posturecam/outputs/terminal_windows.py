"""The console of Windows as a terminal: keys, and a picture, by other ways than elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TextIO

LOOK_AGAIN_S = 0.3
"""Between two looks for a key: nobody can be asked to wait for one."""

_FIRST_HALVES = "\x00\xe0"
"""What `getwch` says before the code of an arrow or a function key."""


class KeyConsole(Protocol):
    """The part of `msvcrt` that reads keys."""

    def kbhit(self) -> bool:
        """Whether a key waits to be read."""

    def getwch(self) -> str:
        """The key that was pressed, without echo; waits for one."""


class WindowsConsole:
    """What a terminal does there. Nothing runs in the background of a console."""

    def __init__(self, console: KeyConsole, *, look_again_s: float = LOOK_AGAIN_S) -> None:
        self._console = console
        self._look_again_s = look_again_s

    def keys(self, stream: TextIO, on_key: Callable[[str], None]) -> ConsoleKeys:
        """Reads them, wherever they come from: there is one console."""
        del stream
        return ConsoleKeys(self._console, on_key, look_again_s=self._look_again_s)

    def is_ours(self, _stream: TextIO) -> bool:
        """Always."""
        return True

    def forget_typed(self, stream: TextIO) -> None:
        """Drops the keys that wait to be read."""
        del stream
        while self._console.kbhit():
            self._console.getwch()

    def write(self, stream: TextIO, text: str) -> None:
        """Writes through the stream, which knows the signs of the console. Raises `OSError`.

        The file below it would take the bytes for signs of the console's code page.
        """
        stream.write(text)
        stream.flush()


class ConsoleKeys:
    """Reads keys as they are pressed; without echo, always."""

    def __init__(
        self, console: KeyConsole, on_key: Callable[[str], None], *, look_again_s: float
    ) -> None:
        self._console = console
        self._on_key = on_key
        self._look_again_s = look_again_s
        self._closed = threading.Event()
        threading.Thread(target=self._read, name="keys", daemon=True).start()

    def listen(self) -> None:
        """Nothing: the console need not be told."""

    def forget(self) -> None:
        """Nothing was changed."""

    def close(self) -> None:
        """Ends the reading; a second call does nothing."""
        self._closed.set()

    def _read(self) -> None:
        while not self._closed.wait(self._look_again_s):
            while self._console.kbhit():
                key = self._console.getwch()
                if key in _FIRST_HALVES:
                    self._console.getwch()
                else:
                    self._on_key(key)
