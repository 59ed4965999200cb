"""What the menu and the tooltip of the tray say, and what each entry asks for.

Pure: what is known of the watch and a moment in, values out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING

from posturecam.base.durations import format_duration
from posturecam.base.language import _
from posturecam.outputs.status import status_line
from posturecam.outputs.words import capitalised, reason_text
from posturecam.values.commands import Command, Pause, Snooze, Word
from posturecam.values.observation import PostureState
from posturecam.values.settings import SNOOZE_S, Ambient
from posturecam.watch.requests import parse_until

if TYPE_CHECKING:
    from posturecam.tray.seen import Seen


class Deed(StrEnum):
    """What an entry of the menu does."""

    START = "start"
    STOP = "stop"
    RESUME = "resume"
    PAUSE_30_MIN = "pause_30_min"
    PAUSE_1_H = "pause_1_h"
    PAUSE_UNTIL_TOMORROW = "pause_until_tomorrow"
    SNOOZE = "snooze"
    WRONG = "wrong"
    CALIBRATE = "calibrate"
    OPEN_TODAY = "open_today"
    QUIT = "quit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the menu.

    Attributes:
        text: empty for a line between two groups.
        deed: what a click does, or does to the screens; None where it only says something, or opens
            `entries`.
        chosen: it is the one in force of several; None where it is none of several.
    """

    text: str = ""
    deed: Deed | Ambient | None = None
    entries: tuple[Entry, ...] = ()
    chosen: bool | None = None


_BETWEEN = Entry()


def tooltip(seen: Seen, now: datetime) -> str:
    """How the watch is doing, in one line."""
    return _("posturecam: {status}").format(status=_status(seen, now))


def menu(seen: Seen, now: datetime, ambient: Ambient | None = Ambient.OFF) -> tuple[Entry, ...]:
    """The menu at `now` (aware): only what can be done. Without `ambient` nothing may be lit up."""
    start = Entry(text=_("Start watching"), deed=Deed.START)
    stop = Entry(text=_("Stop watching"), deed=Deed.STOP)
    return (
        Entry(text=capitalised(_status(seen, now))),
        _BETWEEN,
        *(_of_a_watch(seen) if seen.running else (start,)),
        _BETWEEN,
        Entry(text=_("Calibrate …"), deed=Deed.CALIBRATE),
        Entry(text=_("Open today's page"), deed=Deed.OPEN_TODAY),
        _of_the_screens(ambient),
        _BETWEEN,
        *((stop,) if seen.running else ()),
        Entry(text=_("Quit, and keep watching") if seen.running else _("Quit"), deed=Deed.QUIT),
    )


def command_of(deed: Deed, now: datetime, zone: tzinfo) -> Command | None:
    """What the watch is asked for by it at `now` (aware); None where that is not its business."""
    match deed:
        case Deed.PAUSE_30_MIN:
            return Pause(until=now + timedelta(minutes=30))
        case Deed.PAUSE_1_H:
            return Pause(until=now + timedelta(hours=1))
        case Deed.PAUSE_UNTIL_TOMORROW:
            return Pause(until=parse_until(["until", "tomorrow"], now=now, zone=zone))
        case Deed.RESUME:
            return Word.RESUME
        case Deed.SNOOZE:
            return Snooze(until=now + timedelta(seconds=SNOOZE_S))
        case Deed.WRONG:
            return Word.WRONG
        case Deed.STOP:
            return Word.STOP
        case _:
            return None


def _of_the_screens(ambient: Ambient | None) -> Entry:
    if ambient is None:
        return Entry(text=_("This desktop lets no program light up the screens"))
    names = {
        Ambient.OFF: _("Leave the screens as they are"),
        Ambient.GLOW: _("Light up their edges"),
        Ambient.DIM: _("Dim them"),
    }
    entries = tuple(
        Entry(text=name, deed=deed, chosen=deed is ambient) for deed, name in names.items()
    )
    return Entry(text=_("While slouched"), entries=entries)


def _status(seen: Seen, now: datetime) -> str:
    """In one line; of a slouch with what stands out most, in degrees."""
    status = seen.trouble or status_line(seen.record, now)
    reading = seen.reading
    if reading is None or not reading.reasons or seen.provisional is not None:
        return status
    if reading.state is not PostureState.SLOUCHED:
        return status
    return _("{status} ({reason})").format(status=status, reason=reason_text(reading.reasons[0]))


def _of_a_watch(seen: Seen) -> tuple[Entry, ...]:
    if seen.in_force.paused:
        return (Entry(text=_("Resume"), deed=Deed.RESUME),)
    pauses = (
        Entry(text=_("For 30 minutes"), deed=Deed.PAUSE_30_MIN),
        Entry(text=_("For 1 hour"), deed=Deed.PAUSE_1_H),
        Entry(text=_("Until tomorrow"), deed=Deed.PAUSE_UNTIL_TOMORROW),
    )
    snooze = Entry(
        text=_("Snooze alerts for {duration}").format(duration=format_duration(SNOOZE_S)),
        deed=Deed.SNOOZE,
    )
    if seen.in_force.snoozed_until is not None:
        snooze = Entry(text=_("Alerts again"), deed=Deed.RESUME)
    return (
        Entry(text=_("Pause"), entries=pauses),
        snooze,
        Entry(text=_("That was no slouch"), deed=Deed.WRONG),
    )
