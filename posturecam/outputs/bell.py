"""The terminal's bell."""

from __future__ import annotations

from contextlib import suppress
from typing import TextIO

from posturecam.outputs.terminal import takes_more
from posturecam.values.events import Alerted, StaleBaseline, Tick


class Bell:
    """Rings the terminal with what the desktop shows."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal

    def handle(self, tick: Tick) -> None:
        """Rings if there is something."""
        if any(isinstance(event, Alerted | StaleBaseline) for event in tick.events):
            with suppress(OSError):  # the terminal is gone
                if takes_more(self._terminal):
                    print("\a", end="", file=self._terminal, flush=True)
