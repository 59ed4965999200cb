"""A console of Windows acts on escape sequences, such as of a colour, only if it is told to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

OUTPUTS = (-11, -12)
"""STD_OUTPUT_HANDLE and STD_ERROR_HANDLE of `GetStdHandle`."""

ESCAPES = 0x0004
"""ENABLE_VIRTUAL_TERMINAL_PROCESSING of `SetConsoleMode`."""


class ConsoleModes(Protocol):
    """What the system holds of the console behind an output."""

    def get(self, output: int) -> int | None:
        """The mode; None where the output is no console."""

    def put(self, output: int, mode: int) -> bool:
        """Changes it; whether the console knows such a mode."""


@contextmanager
def escapes_understood(modes: ConsoleModes | None) -> Iterator[None]:
    """Within it, a console acts on escape sequences; after it, as before; None is no console."""
    if modes is None:
        yield
        return
    before: list[tuple[int, int]] = []
    for output in OUTPUTS:
        mode = modes.get(output)
        if mode is not None and modes.put(output, mode | ESCAPES):
            before.append((output, mode))
    try:
        yield
    finally:
        # Both outputs may be one console: the first mode that was found is the one it had.
        for output, mode in reversed(before):
            modes.put(output, mode)


def console_modes() -> ConsoleModes | None:
    """Those of this system, None where it has none."""
    if sys.platform != "win32":
        return None
    import ctypes
    from ctypes import wintypes

    kernel = ctypes.WinDLL("kernel32")
    kernel.GetStdHandle.restype = wintypes.HANDLE
    kernel.GetConsoleMode.argtypes = (wintypes.HANDLE, ctypes.POINTER(wintypes.DWORD))
    kernel.SetConsoleMode.argtypes = (wintypes.HANDLE, wintypes.DWORD)

    class Modes:
        def get(self, output: int) -> int | None:
            mode = wintypes.DWORD()
            got = kernel.GetConsoleMode(kernel.GetStdHandle(output), ctypes.byref(mode))
            return mode.value if got else None

        def put(self, output: int, mode: int) -> bool:
            return bool(kernel.SetConsoleMode(kernel.GetStdHandle(output), mode))

    return Modes()
