"""What a user may ask of a running watch, from a key, a button or another terminal."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ASKED_AT_MOST = 100
"""Requests that wait for the loop; whoever asks faster than it turns loses the oldest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Stop watching and let go of the camera, until a moment (aware) or until `Word.RESUME`."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """Go on watching and suppress alerts, until a moment (aware)."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBaseline:
    """Whether the sitter was upright while a new baseline was taken that is unlike the old one."""

    upright: bool


class Word(StrEnum):
    """A command that says no more than its word, which it is on the channel, too."""

    RESUME = "resume"
    """Watch again, with alerts: ends a pause and a snooze."""
    RECALIBRATE = "recalibrate"
    """Take a new baseline from the next seconds."""
    WRONG = "wrong"
    """The slouch that was seen last was none: learn the pose, and judge anew."""
    REZERO = "rezero"
    """Take the zero of the day from the next seconds."""
    RELOAD = "reload"
    """Go on with the baseline that is kept now, and with what its profile was taught."""
    STOP = "stop"
    """End the watch as Ctrl-C would."""
    EXERCISED = "exercised"
    """Take note of a guided break that has just ended."""


Command = Pause | Snooze | AnswerBaseline | Word


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
