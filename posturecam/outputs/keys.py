"""What each key asks of a running watch, in the terminal and in the preview window alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from posturecam.base.language import _
from posturecam.values import commands
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BaselineQuestioned,
    Calibrated,
    Control,
    Controlled,
    ControlRefused,
    Event,
    Tick,
    ZeroOffered,
)
from posturecam.values.observation import UnknownReason
from posturecam.values.reasons import QuietReason
from posturecam.values.settings import SNOOZE_S

if TYPE_CHECKING:
    from posturecam.base.clock import Clock

ASKED_FOR_S = 10.0
"""A question that a key has raised is forgotten after so long."""


class NoKeys:
    """A window without keys: what is shown ends with Ctrl-C at its terminal."""

    question: str | None = None
    summary: tuple[str, ...] = ("",)

    def press(self, key: str) -> None:
        """Nothing."""


class Keyboard:
    """Turns keys into commands for the loop; any thread may press one.

    It is also a sink: what a key means depends on whether the watch is paused, and on whether it
    asks about a new baseline. A new baseline is taken only after a yes: a finger slips, and whoever
    sits slumped is to sit up first.

    Args:
        inbox: takes the commands.
        clock: a snooze ends by its date, and a question is forgotten whatever becomes of that.
        leave: what `q` does where the watch runs elsewhere, and goes on.
    """

    def __init__(
        self,
        inbox: commands.Inbox,
        *,
        clock: Clock,
        leave: Callable[[], None] | None = None,
    ) -> None:
        self.paused = False
        self.snoozed = False
        self.help_shown = False  # the user asked for it, and has not pressed a key since
        self._inbox = inbox
        self._clock = clock
        self._leave = leave
        self._asked_s = -math.inf
        self._questioned = False
        self._offered: str | None = None

    @property
    def summary(self) -> tuple[str, ...]:
        """What the keys do now, an entry each."""
        last = (_("q quit") if self._leave is None else _("q leave"), _("? help"))
        if self._questioned:
            return (_("y yes, upright"), _("n no, keep the old one"), *last)
        first = _("p resume") if self.paused else _("p pause")
        second = _("r alerts on") if self.snoozed else _("s snooze")
        offered = () if self._offered is None else (self._offered,)
        return (first, second, *offered, _("c recalibrate"), *last)

    @property
    def question(self) -> str | None:
        """What the keys `y` and `n` answer before anything is begun; None while nothing is."""
        if self._clock.monotonic_s() - self._asked_s >= ASKED_FOR_S:
            return None
        return _("Take a new baseline? Sit comfortably upright, then press y; any other key: no.")

    def handle(self, tick: Tick) -> None:
        """Notes whether the watch is paused or snoozed, and whether it asks something."""
        self.snoozed = tick.quiet is QuietReason.SNOOZED
        self.paused = tick.resting is UnknownReason.PAUSED
        for event in tick.events:
            self._note(event)

    def _note(self, event: Event) -> None:
        match event:
            case Controlled(what=Control.PAUSED | Control.RESUMED as what):
                self.paused = what is Control.PAUSED
            case BaselineQuestioned():
                self._questioned = True
            case Calibrated() | ControlRefused() | Controlled(what=Control.RECALIBRATING):
                self._questioned = False
            case Alerted(kind=AlertKind.SLOUCH):
                self._offered = _("w no slouch")
            case ZeroOffered():
                self._offered = _("z zero")
            case AlertFollowed() | Controlled(what=Control.WRONG | Control.REZEROING):
                self._offered = None

    def press(self, key: str) -> None:
        """Does what the key asks for; a key that means nothing does nothing."""
        key = key.lower()
        self.help_shown = key in ("?", "h") and not self.help_shown
        asked, self._asked_s = self.question is not None, -math.inf
        command = commands.Word.RECALIBRATE if asked and key == "y" else self._command(key)
        if command is not None:
            self._inbox.put(command)

    def _command(self, key: str) -> commands.Command | None:
        match key:
            case "p":
                return commands.Word.RESUME if self.paused else commands.Pause()
            case "r":
                return commands.Word.RESUME
            case "s":
                return commands.Snooze(until=self._clock.utc_now() + timedelta(seconds=SNOOZE_S))
            case "c":
                self._asked_s = self._clock.monotonic_s()
            case "y" | "n" if self._questioned:
                return commands.AnswerBaseline(upright=key == "y")
            case "w":
                return commands.Word.WRONG
            case "z":
                return commands.Word.REZERO
            case "q":
                if self._leave is None:
                    return commands.Word.STOP
                self._leave()
        return None
