"""What each key asks of a running watch, in the terminal and in the preview window alike."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from posturecam.commands import Pause, Recalibrate, Resume, Snooze, Stop
from posturecam.events import Steered, Steering
from posturecam.observation import PostureState
from posturecam.settings import SNOOZE_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from posturecam.commands import Command, Inbox
    from posturecam.events import Tick


class Keyboard:
    """Turns keys into commands for the loop; any thread may press one.

    It is also a sink: what a key means depends on whether the watch is paused.

    Args:
        inbox: takes the commands.
        now: the time on the wall, aware; a snooze ends by it.

    Attributes:
        paused: the watch is paused, as far as it has said so.
        help_shown: the user asked what the keys do, and has not pressed one since.
    """

    def __init__(self, inbox: Inbox, *, now: Callable[[], datetime]) -> None:
        self.paused = False
        self.help_shown = False
        self._inbox = inbox
        self._now = now

    @property
    def summary(self) -> tuple[str, ...]:
        """What the keys do now, an entry each."""
        first = "p resume" if self.paused else "p pause"
        return (first, "s snooze", "c recalibrate", "q quit", "? help")

    def take(self, tick: Tick) -> None:
        """Notes whether the watch is paused."""
        if tick.reading is not None:
            self.paused = tick.reading.state is PostureState.PAUSED
        for event in tick.events:
            if isinstance(event, Steered) and event.what in (Steering.PAUSED, Steering.RESUMED):
                self.paused = event.what is Steering.PAUSED

    def press(self, key: str) -> None:
        """Does what the key asks for; a key that means nothing does nothing."""
        key = key.lower()
        self.help_shown = key in ("?", "h") and not self.help_shown
        command = self._command(key)
        if command is not None:
            self._inbox.put(command)

    def _command(self, key: str) -> Command | None:
        match key:
            case "p":
                return Resume() if self.paused else Pause()
            case "r":
                return Resume()
            case "s":
                return Snooze(until=self._now() + timedelta(seconds=SNOOZE_S))
            case "c":
                return Recalibrate()
            case "q":
                return Stop()
        return None
