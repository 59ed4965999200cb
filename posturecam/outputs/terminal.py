"""A terminal of one's own for a while: a screen to draw over and keys without echo.

Whatever ends or stops the program, the terminal is given back as it was: `close` at an end, an
error or an interrupt; handlers of its own at Ctrl-Z and SIGQUIT. A terminal that goes away is no
error: from then on nothing is drawn.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Protocol, TextIO

from posturecam.base.wrapping import wrapped

_ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J"  # the alternate screen, no cursor, empty
_LEAVE = "\x1b[?25h\x1b[?1049l"

WHOLE_EVERY = 10
"""Draws after which every row is written again: over what a library may have printed there."""

_USUAL_SIZE = (80, 24)


class Keys(Protocol):
    """Reads keys, each told to whoever asked for them, on a thread of its own."""

    def listen(self) -> None:
        """Reads from now on."""

    def forget(self) -> None:
        """Leaves the keyboard as it was."""

    def close(self) -> None:
        """Ends the reading; a second call does nothing."""


class TerminalSystem(Protocol):
    """What a terminal does on a system."""

    def keys(self, stream: TextIO, on_key: Callable[[str], None]) -> Keys:
        """Reads keys of the terminal."""

    def is_ours(self, stream: TextIO) -> bool:
        """Whether it may be drawn on now."""

    def forget_typed(self, stream: TextIO) -> None:
        """Drops what was typed and not read yet."""

    def write(self, stream: TextIO, text: str) -> None:
        """Writes the text at once. Raises `OSError`."""


def this_system() -> TerminalSystem:
    """That of the system the program runs on."""
    if sys.platform == "win32":
        import msvcrt

        from posturecam.outputs.terminal_windows import WindowsConsole

        return WindowsConsole(msvcrt)
    else:  # noqa: RET505 - without it the type checker looks for a Unix on Windows
        from posturecam.outputs.terminal_unix import UnixTerminal

        return UnixTerminal()


class Terminal:
    """The terminal behind `stream`, with a screen apart from what was printed before."""

    def __init__(
        self,
        stream: TextIO,
        *,
        keys: TextIO | None = None,
        on_key: Callable[[str], None] | None = None,
        system: TerminalSystem | None = None,
    ) -> None:
        """Takes the terminal over when the first rows are drawn.

        Keys are read from the terminal `keys`, each told `on_key` on a thread of its own; None
        leaves the keyboard alone.
        """
        self.gone = False  # it went away, or nobody reads it any more
        self._system = system or this_system()
        self._stream = stream
        self._entered = False
        self._drawn: tuple[str, ...] | None = None
        self._drawn_size = (0, 0)
        self._draws = 0
        self._times_entered = 0
        self._keys = None
        if keys is not None and on_key is not None:
            self._keys = self._system.keys(keys, on_key)
        self._handlers: dict[int, object] = {}
        for name in ("SIGTSTP", "SIGQUIT", "SIGCONT"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                handler = self._continued if name == "SIGCONT" else self._give_back_first
                self._handlers[number] = signal.signal(number, handler)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows as they are now."""
        try:
            columns, rows = os.get_terminal_size(self._stream.fileno())
        except OSError:
            return _USUAL_SIZE
        return (columns, rows) if columns and rows else _USUAL_SIZE

    def draw(self, rows: Sequence[str]) -> None:
        """Shows the rows, no more than fit, from the top and nothing else; writes what is new."""
        if not self._enter():
            return
        size, times_entered = self.size, self._times_entered
        self._draws += 1
        before = self._drawn
        resized = size != self._drawn_size
        if resized or self._draws % WHOLE_EVERY == 0:
            before = None
        changed = [
            f"\x1b[{number};1H{row}\x1b[0m\x1b[K"
            for number, row in enumerate(rows, start=1)
            if before is None or number > len(before) or before[number - 1] != row
        ]
        if before is None or len(rows) < len(before):
            below = f"\x1b[{len(rows) + 1};1H\x1b[J" if len(rows) < size[1] else ""
            changed.append(below)
        if changed:
            self._write(("\x1b[2J" if resized else "") + "".join(changed) + "\x1b[H")
        # Stopped and continued meanwhile, the screen is empty.
        self._drawn = tuple(rows) if times_entered == self._times_entered else None
        self._drawn_size = size

    def close(self) -> None:
        """Gives the terminal back; a second call does nothing."""
        if self._keys is not None:
            self._keys.close()
        self._leave()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._handlers.clear()

    def _enter(self) -> bool:
        """Takes the terminal over unless that is done; false while it is somebody else's."""
        if self.gone or not self._system.is_ours(self._stream):
            return False
        if not self._entered:
            self._entered = True
            self._times_entered += 1
            self._drawn = None
            if self._keys is not None:
                self._keys.listen()
            self._write(_ENTER)
        return True

    def _leave(self) -> None:
        if self._entered:
            self._entered = False
            if self._keys is not None:
                self._keys.forget()
            self._write(_LEAVE)

    def _give_back_first(self, number: int, _frame: FrameType | None) -> None:
        """Lets the signal do what it would have done, with the terminal given back before."""
        self._leave()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
        signal.signal(number, self._give_back_first)

    def _continued(self, _number: int, _frame: FrameType | None) -> None:
        # Whoever stopped us may have changed the terminal without our knowing.
        self._entered = False
        self._enter()

    def _write(self, text: str) -> None:
        if self.gone:
            return
        try:
            self._system.write(self._stream, text)
        except OSError:
            self.gone = True


def fitting(text: str, stream: TextIO, *, hanging: int = 2) -> str:
    """`text` as `stream` can show it: at a terminal no word is cut.

    Lines go on further in by `hanging`; for other programs each stays as long as it is.
    """
    if not stream.isatty():
        return text
    columns = shutil.get_terminal_size().columns
    indent = " " * min(hanging, columns // 3)
    return "\n".join(
        part
        for line in text.splitlines()
        for part in wrapped(line, columns, subsequent_indent=indent, break_on_hyphens=False) or [""]
    )


def takes_more(stream: TextIO, limit_s: float = 0.0, *, platform: str = sys.platform) -> bool:
    """Whether a line can be written now, or within `limit_s`, without waiting for a reader.

    False for a full pipe that nobody empties, and for a terminal that was halted with Ctrl-S.
    """
    if platform == "win32":  # there it cannot be asked
        return True
    try:
        return bool(select.select([], [stream.fileno()], [], limit_s)[1])
    except (OSError, ValueError):
        return True  # no file, or gone: writing will tell


def say(stream: TextIO, lines: Sequence[str]) -> None:
    """Prints lines on a terminal, or nothing where there is none any more."""
    try:
        for line in lines:
            print(line, file=stream)
        stream.flush()
    except OSError:
        # What could not be written would be tried again, and fail again, at the very end.
        with contextlib.suppress(OSError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
