"""Who controls a watch: the user's commands, the clock on the wall, and the desktop."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from posturecam.alerts.suppression import DesktopState, why_quiet
from posturecam.base.clock import Clock, LocalZone
from posturecam.values.commands import AnswerBaseline, Inbox, Pause, Snooze, Word
from posturecam.values.events import Control, Controlled
from posturecam.values.observation import UnknownReason
from posturecam.watch.requests import Requests, apply, left_at, what_happened

if TYPE_CHECKING:
    from posturecam.values.reasons import QuietReason
    from posturecam.values.settings import Settings


_STEERING = {
    Word.RECALIBRATE: Control.RECALIBRATING,
    Word.WRONG: Control.WRONG,
    Word.REZERO: Control.REZEROING,
    Word.RELOAD: Control.RELOADING,
    Word.STOP: Control.STOPPING,
    Word.EXERCISED: Control.EXERCISED,
}
CALL_OVER_S = 5.0
"""Who unmutes in a call may begin another recording; the camera does not come back in between."""


class Controls:
    """What the loop asks at each turn: what to do, whether to look, whether to be quiet.

    `in_force` is what the user asked for and is not over; `turned_s` is when, on the monotonic
    clock, the loop asked last. Desktop and `journal`, which says why the pain journal suppresses
    alerts, answer at once. What is in force is handed to `keep` whenever it changes.
    """

    def __init__(
        self,
        clock: Clock,
        settings: Settings,
        *,
        inbox: Inbox | None = None,
        desktop: Callable[[], DesktopState] = DesktopState,
        journal: Callable[[], QuietReason | None] = lambda: None,
        in_force: Requests | None = None,
        keep: Callable[[Requests], None] = lambda _: None,
    ) -> None:
        self.in_force = in_force or Requests()
        self.turned_s = clock.monotonic_s()
        self._said = Requests()
        self._call_s = -math.inf
        self._clock = clock
        self._settings = settings
        self._inbox = inbox or Inbox()
        self._desktop = desktop
        self._journal = journal
        self._keep = keep
        self._zone = LocalZone()

    def now(self) -> datetime:
        """The date and time on the wall, in UTC."""
        return self._clock.utc_now()

    def turn(self) -> tuple[Controlled, ...]:
        """Handles what was asked for and what has ended with time; what changed, in order."""
        self.turned_s = self._clock.monotonic_s()
        events = list(self._become(left_at(self.in_force, self.now())))
        while (command := self._inbox.pop()) is not None:
            match command:
                case Pause() | Snooze() | Word.RESUME:
                    events += self._become(apply(self.in_force, command))
                case AnswerBaseline(upright=upright):
                    what = Control.ACCEPTED if upright else Control.DECLINED
                    events.append(Controlled(what=what))
                case Word():
                    events.append(Controlled(what=_STEERING[command]))
        return tuple(events)

    def rest_reason(self) -> UnknownReason | None:
        """Why the camera must not be looked at now, None while it may."""
        if left_at(self.in_force, self.now()).paused:
            return UnknownReason.PAUSED
        desktop = self._desktop()
        if desktop.locked:
            return UnknownReason.LOCKED
        return UnknownReason.IN_A_CALL if self._is_in_call(desktop) else None

    def _is_in_call(self, desktop: DesktopState) -> bool:
        """Whether the camera is wanted for a call, or was a moment ago."""
        if not self._settings.release_in_calls:
            return False
        now_s = self._clock.monotonic_s()
        if desktop.in_call or desktop.camera_wanted:
            self._call_s = now_s
        return now_s - self._call_s < CALL_OVER_S

    def quiet(self) -> QuietReason | None:
        """Why alerts are suppressed now, None while they are not."""
        return self._journal() or why_quiet(
            local=self.now().astimezone(self._zone).time(),
            snoozed=self.in_force.snoozed_until is not None,
            desktop=self._desktop(),
            quiet_hours=self._settings.quiet_hours,
            quiet_in_calls=self._settings.quiet_in_calls,
        )

    def _become(self, after: Requests) -> tuple[Controlled, ...]:
        if after != self.in_force:
            self._keep(after)
        self.in_force = after
        before, self._said = self._said, after
        return what_happened(before, after)
