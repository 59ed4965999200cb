"""A terminal of a Unix: its keys without echo, and whether it is ours to use."""

from __future__ import annotations

import contextlib
import os
import re
import select
import sys
import threading
from collections.abc import Callable
from typing import TextIO

from posturecam.base.signs import ERRORS

assert sys.platform != "win32"  # noqa: S101 - for the type checker; nothing imports it there

import termios  # noqa: E402 - not there on Windows

_SEQUENCE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]?|O.?|.?)", re.DOTALL)
"""What an arrow, a function key, or a key with Alt sends: letters that nobody has typed."""

LOOK_AGAIN_S = 0.3
"""Between two looks for a key while they are somebody else's."""


class UnixTerminal:
    """What a terminal does there."""

    def keys(self, stream: TextIO, on_key: Callable[[str], None]) -> TerminalKeys:
        """Reads the keys of a terminal."""
        return TerminalKeys(stream, on_key)

    def is_ours(self, stream: TextIO) -> bool:
        """Not in the background, where drawing disturbs and reading stops the program."""
        return is_in_foreground(stream)

    def forget_typed(self, stream: TextIO) -> None:
        """Drops what was typed and not read yet, whole lines and parts of one."""
        with contextlib.suppress(termios.error, OSError, ValueError):
            termios.tcflush(stream, termios.TCIFLUSH)

    def write(self, stream: TextIO, text: str) -> None:
        """Writes past the stream. Raises `OSError`.

        A signal handler may write, too, and a stream that lost its terminal would fail again when
        the program ends.
        """
        data = text.encode(stream.encoding or "utf-8", ERRORS)
        stream.flush()
        while data:
            data = data[os.write(stream.fileno(), data) :]


def is_in_foreground(stream: TextIO) -> bool:
    """Not in the background, where drawing disturbs and reading stops the program."""
    try:
        return os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except OSError:
        return True  # not the terminal that started us


class TerminalKeys:
    """Reads keys as they are pressed, without echo, while `listen` is in force."""

    def __init__(self, stream: TextIO, on_key: Callable[[str], None]) -> None:
        self._stream = stream
        self._fd = stream.fileno()
        self._on_key = on_key
        self._before: list[int | list[bytes | int]] | None = None
        self._wake, self._waker = os.pipe()
        self._thread: threading.Thread | None = None

    def listen(self) -> None:
        """No echo, no waiting for Enter; Ctrl-C and Ctrl-Z go on working."""
        with contextlib.suppress(termios.error):
            self._before = self._before or termios.tcgetattr(self._fd)
            mode = termios.tcgetattr(self._fd)
            # Ctrl-S would halt the watch together with its picture.
            mode[0] &= ~termios.IXON
            mode[3] &= ~(termios.ICANON | termios.ECHO)
            termios.tcsetattr(self._fd, termios.TCSADRAIN, mode)
        if self._thread is None:
            self._thread = threading.Thread(target=self._read, name="keys", daemon=True)
            self._thread.start()

    def forget(self) -> None:
        """The terminal as it was; keys that nobody has read do not reach the shell."""
        if self._before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._fd, termios.TCSAFLUSH, self._before)
            self._before = None

    def close(self) -> None:
        """Ends the reading; a second call does nothing."""
        if self._waker >= 0:
            os.close(self._waker)
            if self._thread is not None:
                self._thread.join()
            os.close(self._wake)
            self._wake = self._waker = -1

    def _read(self) -> None:
        try:
            while self._wait():
                data = os.read(self._fd, 64)
                if not data:
                    break
                for key in _SEQUENCE.sub("", data.decode(errors="replace")):
                    self._on_key(key)
        except OSError:
            pass  # the terminal went away, so nobody presses keys

    def _wait(self) -> bool:
        """True when a key can be read, false when it is time to end."""
        while True:
            # Somebody else's keys stay in the queue, so they cannot be waited for.
            ours = self._before is not None and is_in_foreground(self._stream)
            sources = [self._wake, self._fd] if ours else [self._wake]
            ready, _, _ = select.select(sources, [], [], None if ours else LOOK_AGAIN_S)
            if self._wake in ready:
                return False
            if ready and is_in_foreground(self._stream):
                return True
