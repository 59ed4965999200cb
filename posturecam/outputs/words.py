"""The catalogue of texts about posture: what was seen, for how long, one easy thing to do.

Rules: no blame, no medical claim, no cause and effect; from the front an angle is an estimate; what
is unknown is called unknown. The reasons for these rules and for each wording stand in
`calibration/report.md`.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from posturecam.base.durations import format_duration
from posturecam.values.commands import AnswerBaseline, Pause, Recalibrate, Snooze
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BaselineQuestioned,
    Calibrated,
    StaleBaseline,
    Steered,
    Steering,
    SteeringRefused,
)
from posturecam.values.observation import is_estimated
from posturecam.values.settings import SIT_UP_S, SNOOZE_S, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from posturecam.values.commands import Command
    from posturecam.values.events import Event
    from posturecam.values.observation import TakeProgress, View

_TITLES = {
    AlertKind.SLOUCH: "Different from your baseline",
    AlertKind.UNCHANGED: "Same position for a while",
    AlertKind.BREAK: "Time for a short break",
}

_EASY_ACTIONS = {
    AlertKind.SLOUCH: (
        "Any change is good: lean back, roll your shoulders, or stand up.",
        "Slide back in the chair and let the backrest carry you.",
        "Look up and out of the window for a moment, then settle anew.",
    ),
    AlertKind.UNCHANGED: (
        "Move for 30 seconds: stand up, or stretch both arms.",
        "Shift your weight, roll your shoulders a few times, sit differently.",
        "Stand up for the next few lines.",
    ),
    AlertKind.BREAK: (
        "Short, regular breaks beat rare long ones. Five minutes away?",
        "Walk to the window or fetch a glass of water.",
        "Stand up and leave the desk for a few minutes.",
    ),
}

ANGLE_NAMES = {
    "upper_back": "upper back",
    "trunk": "trunk",
    "neck": "neck",
    "back_flexion": "back bend",
    "shoulder_tilt": "shoulders",
}
"""What the five angles are called beside their degrees."""

_DIRECTIONS = {
    "upper_back": ("upper back", "forward", "back"),
    "trunk": ("trunk", "forward", "back"),
    "neck": ("head", "forward", "back"),
    "back_flexion": ("back", "more bent", "less bent"),
    "shoulder_tilt": ("left shoulder", "lower", "higher"),
}


def reason_text(angle: str, deviation_deg: float, view: View) -> str:
    """Says one deviation in words: `upper back about 16° forward`.

    From the side, and for the shoulder line, the angle is measured, so `about` is left out.
    """
    what, more, less = _DIRECTIONS[angle]
    about = "about " if is_estimated(angle, view) else ""
    return f"{what} {about}{abs(deviation_deg):.0f}° {more if deviation_deg >= 0 else less}"


def limit_text(angle: str, deviation_deg: float, limit_deg: float) -> str:
    """One deviation against its limit: `upper back +16° of 12°`."""
    return f"{ANGLE_NAMES[angle]} {round(deviation_deg):+d}° of {limit_deg:.0f}°"


def cause_text(angle: str, deviation_deg: float) -> str:
    """The direction of a deviation without its degrees: `upper back forward`."""
    what, more, less = _DIRECTIONS[angle]
    return f"{what} {more if deviation_deg >= 0 else less}"


def alert_title(kind: AlertKind) -> str:
    """The headline of an alert."""
    return _TITLES[kind]


def alert_message(
    kind: AlertKind,
    *,
    lasted_s: float,
    reasons: Sequence[str],
    turn: int,
    suppressed_by: str | None = None,
) -> str:
    """What was seen, for how long, and one easy thing to do.

    Args:
        kind: what the alert is about.
        lasted_s: how long that has gone on.
        reasons: the angles in words, for a slouch.
        turn: rotates the easy thing to do.
        suppressed_by: why it was not told while it went on, for an alert that comes after.
    """
    actions = _EASY_ACTIONS[kind]
    action = actions[turn % len(actions)]
    lasted = format_duration(lasted_s)
    match kind:
        case AlertKind.SLOUCH:
            seen = f"compared with your baseline, {' and '.join(reasons)}, for about {lasted}."
        case AlertKind.UNCHANGED:
            seen = f"same position for about {lasted}."
        case AlertKind.BREAK:
            seen = f"at the screen for about {lasted}."
    if suppressed_by is not None:
        return f"While alerts were held back ({suppressed_by}): {seen} {action}"
    return f"{seen[0].upper()}{seen[1:]} {action}"


STALE_TITLE = "This no longer fits your baseline"


def stale_message(difference: str, profile: str) -> str:
    """What is different, that nothing is judged meanwhile, and the command that repairs it."""
    return (
        f"This no longer fits your baseline: {difference}. Until it does, nothing is judged. "
        f"Recalibrate with: {calibrate_command(profile)}"
    )


def progress_text(progress: TakeProgress) -> str:
    """How a baseline is being taken, in one line."""
    seen = f"{progress.unknown_reason.value}" if progress.unknown_reason else "seen clearly"
    left = "" if progress.left_s is None else f" {progress.left_s:.0f} s"
    count = f"take {progress.take} of {progress.takes}" if progress.takes > 1 else "baseline"
    pose = "sit comfortably upright, back supported"
    if progress.slump:
        count, pose = "slump", "sit the way you do when you are tired"
    if progress.holding:
        return f"{count}: hold{left}  ({seen}, {count_text(progress.samples, 'picture')})"
    return f"{count}: {pose}{left}  ({seen})"


RECALIBRATING_TEXT = f"The new baseline is taken in {format_duration(SIT_UP_S)}."
QUESTION_TITLE = "Were you sitting upright?"


def unlike_text(reasons: Sequence[str]) -> str:
    """How a new baseline differs from the one before; `reasons` are the angles in words."""
    return f"The new baseline is unlike the one before: {' and '.join(reasons)}."


def desktop_text(event: Event) -> tuple[str, str] | None:
    """Title and message for the desktop, None for an event of which it is told nothing.

    Whoever pressed a button there is told there what came of it.
    """
    match event:
        case Alerted() | StaleBaseline() | BaselineQuestioned():
            return event.title, event.message
        case Steered(what=Steering.RECALIBRATING):
            return (
                "Sit comfortably upright",
                f"{RECALIBRATING_TEXT} Back supported, facing the screen.",
            )
        case SteeringRefused(what=Steering.RECALIBRATING):
            return "No new baseline", event.why
        case Calibrated(replaces=True):
            pictures = count_text(event.samples, "picture")
            return "The new baseline is in use", f"It was taken from {pictures}."
        case _:
            return None


def is_over(told: Event, event: Event) -> bool:
    """Whether `event` ends what the desktop was told with `told`, so that it need not stand there.

    That nothing followed an alert ends it, too: it is not open for an answer any more.
    """
    match event:
        case AlertFollowed():
            return isinstance(told, Alerted)
        case Steered(what=Steering.ACCEPTED | Steering.DECLINED):
            return isinstance(told, BaselineQuestioned)
        case Steered(what=Steering.PAUSED | Steering.SNOOZED | Steering.EXERCISED):
            return not isinstance(told, BaselineQuestioned)
        case _:
            return False


def calibrate_command(profile: str) -> str:
    """What to type for a new baseline under this name."""
    named = "" if profile == Settings().profile else f" --profile {profile}"
    return f"posturecam calibrate{named}"


class Offer(StrEnum):
    """What a notification offers as a button; the value is the key of its action on D-Bus."""

    SNOOZE = "snooze"
    PAUSE = "pause"
    RECALIBRATE = "recalibrate"
    ACCEPT = "accept"
    DECLINE = "decline"


_OFFER_LABELS = {
    Offer.SNOOZE: f"Snooze {format_duration(SNOOZE_S)}",
    Offer.PAUSE: "Pause 1 h",
    Offer.RECALIBRATE: "Recalibrate",
    Offer.ACCEPT: "Yes, upright",
    Offer.DECLINE: "No, keep the old one",
}


def offers_for(event: Event) -> tuple[Offer, ...]:
    """The buttons under the message of `event`, the likeliest first.

    Whoever is told of a slouch sits in it: a new baseline is not offered there.
    """
    match event:
        case Alerted():
            return (Offer.SNOOZE, Offer.PAUSE)
        case StaleBaseline():
            return (Offer.RECALIBRATE, Offer.SNOOZE, Offer.PAUSE)
        case BaselineQuestioned():
            return (Offer.ACCEPT, Offer.DECLINE)
        case _:
            return ()


def offer_label(offer: Offer) -> str:
    """What stands on the button."""
    return _OFFER_LABELS[offer]


def offered_command(offer: Offer, now: datetime) -> Command:
    """What the button asks of the watch when it is pressed at `now` (aware)."""
    match offer:
        case Offer.SNOOZE:
            return Snooze(until=now + timedelta(seconds=SNOOZE_S))
        case Offer.PAUSE:
            return Pause(until=now + timedelta(hours=1))
        case Offer.RECALIBRATE:
            return Recalibrate()
        case Offer.ACCEPT | Offer.DECLINE:
            return AnswerBaseline(upright=offer is Offer.ACCEPT)


def count_text(number: int, noun: str) -> str:
    """`1 alert`, `2 alerts`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
