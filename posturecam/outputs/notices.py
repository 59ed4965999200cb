"""What the desktop shows of an event, for how long, and the buttons it offers."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from posturecam.base.durations import format_duration
from posturecam.base.language import N_, _, shown
from posturecam.outputs import words
from posturecam.outputs.alert_words import notice_text
from posturecam.values import commands
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BaselineQuestioned,
    BreakNear,
    Calibrated,
    Control,
    Controlled,
    ControlRefused,
    Event,
    Refusal,
    StaleBaseline,
    ZeroOffered,
)
from posturecam.values.settings import SNOOZE_S

LOG_TROUBLE_TITLE = _("What is watched cannot be stored")


def log_trouble_text(problem: str) -> tuple[str, str]:
    """Title and message of what is wrong with the log, which is said elsewhere after a name."""
    return LOG_TROUBLE_TITLE, f"{words.capitalised(shown(problem))}."


def desktop_text(event: Event) -> tuple[str, str] | None:
    """Title and message for the desktop, None for an event of which it is told nothing.

    Whoever pressed a button there is told there what came of it.
    """
    match event:
        case Alerted() | StaleBaseline() | BaselineQuestioned() | ZeroOffered() | BreakNear():
            return notice_text(event)
        case Controlled(what=Control.REZEROING):
            return _("Sit comfortably upright"), words.rezeroing_text()
        case Controlled(what=Control.REZEROED):
            return _("Today's zero is set"), _("Your baseline stays as it was.")
        case Controlled(what=Control.WRONG, still_slouched=still):
            return _("Learned"), words.LEARNED_IN_PART_TEXT if still else words.LEARNED_TEXT
        case ControlRefused(what=Control.REZEROING | Control.WRONG, why=Refusal.NOT_SAVED):
            return _("Not kept"), words.capitalised(words.refusal_text(event))
        case ControlRefused(what=Control.REZEROING | Control.WRONG):
            return _("Nothing has changed"), words.refusal_text(event)
        case Controlled(what=Control.RECALIBRATING):
            return (
                _("Sit comfortably upright"),
                _("{taken_in} Back supported, facing the screen.").format(
                    taken_in=words.RECALIBRATING_TEXT
                ),
            )
        case ControlRefused(what=Control.RECALIBRATING | Control.RELOADING):
            return _("No new baseline"), words.refusal_text(event)
        case Calibrated(replaces=True, taken_now=True):  # else whoever took it is told there
            pictures = words.count_text(event.samples, "picture")
            taken = _("It was taken from {pictures}.").format(pictures=pictures)
            return _("The new baseline is in use"), taken
        case _:
            return None


def is_over(shown: Event, event: Event) -> bool:
    """Whether `event` ends what the desktop was told by `shown`, so that it need not stand there.

    That nothing followed an alert ends it, too: it is not open for an answer any more.
    """
    match event:
        case AlertFollowed():
            return isinstance(shown, Alerted)
        case Controlled(what=Control.ACCEPTED | Control.DECLINED):
            return isinstance(shown, BaselineQuestioned)
        case Controlled(what=Control.WRONG):
            return isinstance(shown, Alerted)
        case Controlled(what=Control.PAUSED | Control.SNOOZED | Control.EXERCISED):
            return not isinstance(shown, BaselineQuestioned)
        case _:
            return False


class Offer(StrEnum):
    """What a notification offers as a button; the value is the key of its action on D-Bus."""

    SNOOZE = "snooze"
    PAUSE = "pause"
    RECALIBRATE = "recalibrate"
    WRONG = "wrong"
    REZERO = "rezero"
    ACCEPT = "accept"
    DECLINE = "decline"
    WEEK = "week"


_OFFER_LABELS = {
    Offer.SNOOZE: N_("Snooze {duration}"),
    Offer.PAUSE: N_("Pause {duration}"),
    Offer.RECALIBRATE: N_("Recalibrate"),
    Offer.WRONG: N_("That was no slouch"),
    Offer.REZERO: N_("Set today's zero"),
    Offer.ACCEPT: N_("Yes, upright"),
    Offer.DECLINE: N_("No, keep the old one"),
    Offer.WEEK: N_("Show the week"),
}


def offers_for(event: Event) -> tuple[Offer, ...]:
    """The buttons under the message of `event`, the likeliest first.

    Whoever is told of a slouch sits in it: a new baseline is not offered there.
    """
    match event:
        case Alerted(kind=AlertKind.SLOUCH):
            return (Offer.SNOOZE, Offer.PAUSE, Offer.WRONG)
        case Alerted() | BreakNear():
            return (Offer.SNOOZE, Offer.PAUSE)
        case ZeroOffered():
            return (Offer.REZERO,)
        case StaleBaseline():
            return (Offer.RECALIBRATE, Offer.SNOOZE, Offer.PAUSE)
        case BaselineQuestioned():
            return (Offer.ACCEPT, Offer.DECLINE)
        case _:
            return ()


def offer_label(offer: Offer) -> str:
    """What stands on the button."""
    duration = "1 h" if offer is Offer.PAUSE else format_duration(SNOOZE_S)
    return _(_OFFER_LABELS[offer]).format(duration=duration)


def offered_command(offer: Offer, now: datetime) -> commands.Command | None:
    """What the button asks of the watch when it is pressed at `now` (aware); None if nothing."""
    match offer:
        case Offer.SNOOZE:
            return commands.Snooze(until=now + timedelta(seconds=SNOOZE_S))
        case Offer.PAUSE:
            return commands.Pause(until=now + timedelta(hours=1))
        case Offer.RECALIBRATE:
            return commands.Word.RECALIBRATE
        case Offer.WRONG:
            return commands.Word.WRONG
        case Offer.REZERO:
            return commands.Word.REZERO
        case Offer.ACCEPT | Offer.DECLINE:
            return commands.AnswerBaseline(upright=offer is Offer.ACCEPT)
        case Offer.WEEK:
            return None
        case _:
            assert_never(offer)
