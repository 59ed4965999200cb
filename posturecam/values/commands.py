"""What a user may ask of a running watch, from a key, a button or another terminal."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

ASKED_AT_MOST = 100
"""Requests that wait for the loop; whoever asks faster than it turns loses the oldest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Stop watching and let go of the camera, until a moment (aware) or until `Resume`."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Watch again, with alerts: ends a pause and a snooze."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """Go on watching and suppress alerts, until a moment (aware)."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibrate:
    """Take a new baseline from the next seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBaseline:
    """Whether the sitter was upright while a new baseline was taken that is unlike the old one."""

    upright: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """The slouch that was seen last was none: learn the pose, and judge anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rezero:
    """Take the zero of the day from the next seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload:
    """Go on with the baseline that is kept now, and with what its profile was taught."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End the watch as Ctrl-C would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercised:
    """Take note of a guided break that has just ended."""


Command = (
    Pause
    | Resume
    | Snooze
    | Recalibrate
    | AnswerBaseline
    | Wrong
    | Rezero
    | Reload
    | Stop
    | Exercised
)


class Inbox:
    """Commands on their way to the loop; any thread may put one in."""

    def __init__(self) -> None:
        # Appending to and taking from a deque is atomic.
        self._commands: deque[Command] = deque(maxlen=ASKED_AT_MOST)

    def put(self, command: Command) -> None:
        """Leaves a command; returns at once."""
        self._commands.append(command)

    def pop(self) -> Command | None:
        """The oldest command that nobody has taken yet."""
        try:
            return self._commands.popleft()
        except IndexError:
            return None
