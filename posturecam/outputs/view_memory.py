"""What the live view and the preview remember of what they were told. Pure: ticks in."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from posturecam.base.language import _, shown
from posturecam.outputs.alert_words import notice_line, notice_text
from posturecam.outputs.event_texts import clock_text, event_text
from posturecam.outputs.words import name_text
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BaselineQuestioned,
    BreakNear,
    Calibrated,
    CameraChanged,
    CameraStatus,
    Control,
    Controlled,
    ControlRefused,
    Outcome,
    Sampled,
    StaleBaseline,
    StateChanged,
    Summarised,
    ZeroOffered,
)
from posturecam.watch.totals import Today

if TYPE_CHECKING:
    from posturecam.values.events import Event, Tick
    from posturecam.values.settings import Settings

_MOST_LATELY = 8
_MOST_KEPT = 500


@dataclass(slots=True, kw_only=True)
class ViewMemory:
    """What the view remembers of what it was told.

    Attributes:
        kept: what must not be lost with the screen: alerts and warnings, oldest first.
        lately: newest first.
        limits_deg: those of the baseline in use, once there is one.
    """

    today: Today = field(default_factory=Today)
    kept: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_KEPT))
    lately: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_LATELY))
    camera: str = field(default_factory=lambda: _("opening"))
    limits_deg: tuple[float, ...] | None = None
    camera_ok: bool = True
    ended: bool = False
    since_s: float = 0.0
    alert: str = ""
    of_a_slouch: bool = False
    alerted_s: float = -math.inf
    snoozed_until: datetime | None = None
    paused_until: datetime | None = None

    def handle(self, tick: Tick) -> bool:
        """Notes the events of one turn; whether there is news."""
        self.today.handle(tick)
        for event in tick.events:
            self._note(event, tick)
        return any(not isinstance(event, Sampled) for event in tick.events)

    def limited(self, settings: Settings) -> Settings:
        """The settings with the limits in force."""
        return settings if self.limits_deg is None else settings.limited(self.limits_deg)

    def warn(self, text: str) -> None:
        """Notes something that is wrong."""
        note = _("note: {text}").format(text=text)
        self.kept.append(note)
        self.lately.appendleft(note)

    def _camera_changed(self, event: CameraChanged) -> None:
        self.camera = _("{status} ({detail})").format(
            status=name_text(event.status), detail=shown(event.detail)
        )
        self.camera_ok = event.status in (CameraStatus.OPEN, CameraStatus.BACK)

    def _note(self, event: Event, tick: Tick) -> None:  # noqa: C901 - one case an event
        match event:
            case StateChanged():
                self.since_s = tick.t_s
                return
            case Summarised():
                self.ended = True
                return
            case CameraChanged(status=CameraStatus.OPEN):
                self._camera_changed(event)
                return
            case CameraChanged():
                self._camera_changed(event)
            case Calibrated():
                # Whatever an alert was about is over with the baseline that it was of.
                self.alerted_s = -math.inf if event.replaces else self.alerted_s
                self.limits_deg = event.limits_deg
            case AlertFollowed() if event.outcome is not Outcome.IGNORED:
                self.alerted_s = -math.inf
            case Controlled():
                self._controlled(event)
            case Alerted() | StaleBaseline() | BaselineQuestioned() | ZeroOffered() | BreakNear():
                self._alert(notice_line(event), tick)
                self.of_a_slouch = isinstance(event, Alerted) and event.kind is AlertKind.SLOUCH
            case ControlRefused():
                self._alert(event_text(event, tick.at) or "", tick)
                self.of_a_slouch = False
        # The message of an alert has a place of its own; here its headline is enough.
        if isinstance(event, Alerted | StaleBaseline | BaselineQuestioned | ZeroOffered):
            asked = isinstance(event, BaselineQuestioned | ZeroOffered)
            headline = _("asked: {title}") if asked else _("alert: {title}")
            text: str | None = headline.format(title=notice_text(event)[0])
        else:
            text = event_text(event, tick.at)
        if text is not None:
            self.lately.appendleft(f"{clock_text(tick.at)}  {text}")

    def _alert(self, text: str, tick: Tick) -> None:
        self.alert, self.alerted_s = text, tick.t_s
        self.kept.append(f"{clock_text(tick.at)}  {text}")

    def _controlled(self, event: Controlled) -> None:
        match event.what:
            case Control.PAUSED:
                self.paused_until = event.until
                self.alerted_s = -math.inf
            case Control.WRONG | Control.REZEROING:
                self.alerted_s = -math.inf
            case Control.SNOOZED:
                self.snoozed_until = event.until
            case Control.RESUMED:
                self.paused_until = None
            case Control.UNSNOOZED:
                self.snoozed_until = None
