"""The catalogue: what each code is called, and every sentence about posture.

Rules: no blame, no medical claim, no cause and effect; from the front an angle is an estimate; what
is unknown is called unknown.

Sentences are whole, with named places, so that they can be translated (`language`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from posturecam.base.durations import format_duration
from posturecam.base.language import N_, SHOWN, _, plural, shown
from posturecam.outputs.dates import WEEKDAYS
from posturecam.values.events import (
    AlertDetails,
    Alerted,
    AlertKind,
    CameraStatus,
    Control,
    EndedBy,
    Refusal,
)
from posturecam.values.observation import (
    Angle,
    BaselineMismatch,
    PostureState,
    Stance,
    UnknownReason,
    View,
)
from posturecam.values.reasons import AngleReason, Lesson, QuietReason, SlouchSign
from posturecam.values.settings import READY_S, SIT_UP_S

if TYPE_CHECKING:
    from enum import StrEnum
    from gettext import NullTranslations

    from posturecam.values.events import ControlRefused, Warned
    from posturecam.values.observation import Cause, Reason

ANGLE_NAMES = {
    Angle.UPPER_BACK: _("upper back"),
    Angle.TRUNK: _("trunk"),
    Angle.NECK: _("neck"),
    Angle.BACK_FLEXION: _("back bend"),
    Angle.SHOULDER_TILT: _("shoulders"),
}
"""What the five angles are called beside their degrees."""

_NAMES: dict[type[StrEnum], dict[StrEnum, str]] = {
    PostureState: {
        PostureState.UPRIGHT: N_("upright"),
        PostureState.SLOUCHED: N_("slouched"),
        PostureState.AWAY: N_("away"),
        PostureState.UNKNOWN: N_("unknown"),
        PostureState.PAUSED: N_("paused"),
    },
    View: {
        View.FRONT: N_("front"),
        View.THREE_QUARTER: N_("three-quarter"),
        View.SIDE: N_("side"),
    },
    Stance: {
        Stance.SITTING: N_("sitting"),
        Stance.STANDING: N_("standing"),
    },
    AlertKind: {
        AlertKind.SLOUCH: N_("slouch"),
        AlertKind.UNCHANGED: N_("unchanged"),
        AlertKind.BREAK: N_("break"),
    },
    CameraStatus: {
        CameraStatus.OPEN: N_("open"),
        CameraStatus.WAITING: N_("waiting"),
        CameraStatus.LOST: N_("lost"),
        CameraStatus.BACK: N_("back"),
        CameraStatus.RELEASED: N_("released"),
        CameraStatus.CLOSED: N_("closed"),
    },
    Control: {
        Control.PAUSED: N_("paused"),
        Control.RESUMED: N_("resumed"),
        Control.SNOOZED: N_("snoozed"),
        Control.UNSNOOZED: N_("unsnoozed"),
        Control.RECALIBRATING: N_("recalibrating"),
        Control.ACCEPTED: N_("accepted"),
        Control.DECLINED: N_("declined"),
        Control.STOPPING: N_("stopping"),
        Control.EXERCISED: N_("exercised"),
        Control.WRONG: N_("learned"),
        Control.REZEROING: N_("zeroed"),
        Control.REZEROED: N_("zeroed for today"),
        Control.RELOADING: N_("taken over"),
    },
    Lesson: {
        Lesson.CHAIR_NEARER: N_("chair nearer"),
        Lesson.CHAIR_LOWER: N_("chair lower"),
        Lesson.OWN_SLOUCH: N_("your slouch"),
        Lesson.NO_SLOUCH: N_("no slouch"),
    },
}

PROVISIONAL_NAMES = {
    PostureState.UPRIGHT: N_("back upright"),
    PostureState.SLOUCHED: N_("slouching"),
}
"""What the last pictures say, while it has not held long enough to count."""

_UNKNOWN = {
    UnknownReason.NOBODY: N_("nobody in view"),
    UnknownReason.SHOULDERS_OUT: N_("shoulders not in view"),
    UnknownReason.HEAD_OUT: N_("head not in view"),
    UnknownReason.NO_HEAD: N_("somebody, but no head to be made out"),
    UnknownReason.FACE_AWAY: N_("face turned away"),
    UnknownReason.SEVERAL_PEOPLE: N_("more than one person in view"),
    UnknownReason.TOO_DARK: N_("too dark"),
    UnknownReason.NOT_A_SITTER: N_("no clear sitter"),
    UnknownReason.TURNED: N_("turned away from the calibrated view"),
    UnknownReason.NO_PICTURE: N_("no picture from the camera"),
    UnknownReason.COVERED: N_("camera covered"),
    UnknownReason.BLURRED: N_("picture blurred"),
    UnknownReason.NOISE: N_("picture is nothing but noise"),
    UnknownReason.HAND: N_("hand before the face"),
    UnknownReason.ARM: N_("arm raised"),
    UnknownReason.ELSEWHERE: N_("somebody, but not at the calibrated place"),
    UnknownReason.STALE: N_("no longer fits the baseline"),
    UnknownReason.OTHER_SHAPE: N_("picture of another shape than the baseline"),
    UnknownReason.CHANGING: N_("sitting down or standing up"),
    UnknownReason.FROZEN: N_("camera repeats one picture"),
    UnknownReason.PAUSED: N_("paused"),
    UnknownReason.LOCKED: N_("screen locked"),
    UnknownReason.IN_A_CALL: N_("in a call"),
    UnknownReason.CALIBRATING: N_("a baseline is being taken"),
}

_SIGNS = {
    SlouchSign.UPPER_BACK_FORWARD: N_("upper back forward"),
    SlouchSign.UPPER_BACK_BACK: N_("upper back back"),
    SlouchSign.TRUNK_FORWARD: N_("trunk forward"),
    SlouchSign.TRUNK_BACK: N_("trunk back"),
    SlouchSign.HEAD_FORWARD: N_("head forward"),
    SlouchSign.HEAD_BACK: N_("head back"),
    SlouchSign.BACK_MORE_BENT: N_("back more bent"),
    SlouchSign.BACK_LESS_BENT: N_("back less bent"),
    SlouchSign.LEFT_SHOULDER_LOWER: N_("left shoulder lower"),
    SlouchSign.LEFT_SHOULDER_HIGHER: N_("left shoulder higher"),
    SlouchSign.HEAD_LOW: N_("head low over the desk"),
    SlouchSign.PARTLY_HIDDEN: N_("partly hidden"),
}

_MEASURED = {
    SlouchSign.UPPER_BACK_FORWARD: N_("upper back {deg}° forward"),
    SlouchSign.UPPER_BACK_BACK: N_("upper back {deg}° back"),
    SlouchSign.TRUNK_FORWARD: N_("trunk {deg}° forward"),
    SlouchSign.TRUNK_BACK: N_("trunk {deg}° back"),
    SlouchSign.HEAD_FORWARD: N_("head {deg}° forward"),
    SlouchSign.HEAD_BACK: N_("head {deg}° back"),
    SlouchSign.BACK_MORE_BENT: N_("back {deg}° more bent"),
    SlouchSign.BACK_LESS_BENT: N_("back {deg}° less bent"),
    SlouchSign.LEFT_SHOULDER_LOWER: N_("left shoulder {deg}° lower"),
    SlouchSign.LEFT_SHOULDER_HIGHER: N_("left shoulder {deg}° higher"),
}

_ESTIMATED = {
    SlouchSign.UPPER_BACK_FORWARD: N_("upper back about {deg}° forward"),
    SlouchSign.UPPER_BACK_BACK: N_("upper back about {deg}° back"),
    SlouchSign.TRUNK_FORWARD: N_("trunk about {deg}° forward"),
    SlouchSign.TRUNK_BACK: N_("trunk about {deg}° back"),
    SlouchSign.HEAD_FORWARD: N_("head about {deg}° forward"),
    SlouchSign.HEAD_BACK: N_("head about {deg}° back"),
    SlouchSign.BACK_MORE_BENT: N_("back about {deg}° more bent"),
    SlouchSign.BACK_LESS_BENT: N_("back about {deg}° less bent"),
    SlouchSign.LEFT_SHOULDER_LOWER: N_("left shoulder about {deg}° lower"),
    SlouchSign.LEFT_SHOULDER_HIGHER: N_("left shoulder about {deg}° higher"),
}

_MISMATCHES = {
    BaselineMismatch.NEARER: N_("you are nearer to the camera"),
    BaselineMismatch.FARTHER: N_("you are farther from the camera"),
    BaselineMismatch.HIGHER: N_("you are higher in the picture"),
    BaselineMismatch.LOWER: N_("you are lower in the picture"),
    BaselineMismatch.ASIDE: N_("you are further to the side"),
    BaselineMismatch.ELSEWHERE: N_("somebody is there, but not at the calibrated place"),
    BaselineMismatch.SHAPE: N_("the picture has another shape"),
    BaselineMismatch.CAMERA: N_("the camera was moved"),
}

_QUIET = {
    QuietReason.SNOOZED: N_("snoozed"),
    QuietReason.IN_A_CALL: N_("in a call"),
    QuietReason.DO_NOT_DISTURB: N_("do not disturb"),
    QuietReason.FULL_SCREEN: N_("full screen"),
    QuietReason.PRESENTING: N_("video or presentation"),
    QuietReason.QUIET_HOURS: N_("quiet hours"),
    QuietReason.NEW_BASELINE: N_("a new baseline"),
    QuietReason.ADVICE_FIRST: N_("an answer in the pain journal needs advice first"),
    QuietReason.UNDER_16: N_("no coaching below 16"),
}

_ENDS = {
    EndedBy.END_OF_SOURCE: N_("end of source"),
    EndedBy.TIME_IS_UP: N_("time is up"),
    EndedBy.STOPPED: N_("stopped"),
    EndedBy.INTERRUPTED: N_("interrupted"),
    EndedBy.FAILED: N_("failed"),
    EndedBy.CLOCK_CHANGED: N_("clock changed"),
    EndedBy.RECOVERED: N_("recovered"),
}

_REFUSALS = {
    Refusal.UNANSWERED: N_("Nobody said that you were sitting upright. The one from before stays."),
    Refusal.NOT_UPRIGHT: N_("You were not sitting upright. The one from before stays in use."),
    Refusal.UNUSABLE: N_("{error} The one from before stays in use."),
    Refusal.NOT_SAVED: N_("in use, but not saved. {error}"),
    Refusal.NO_SLOUCH_LATELY: N_("No slouch was seen in the last ten minutes."),
    Refusal.LEARNED_ALREADY: N_("That one is learned already."),
    Refusal.NO_ZERO: N_("No zero could be taken. {error}"),
    Refusal.ELSEWHERE: N_(
        "This no longer fits your baseline: put camera and chair back, or take a new baseline."
    ),
    Refusal.UNLIKE: N_(
        "That is further from your baseline than sitting down anew explains. Sit comfortably "
        "upright and try again, or take a new baseline."
    ),
    Refusal.TAKING: N_("A baseline is being taken. Set the zero after it, if it is needed then."),
    Refusal.RESTING: N_("Nothing is watched now. Set the zero once it is."),
}

_SEEN = {
    AlertKind.SLOUCH: N_("Compared with your baseline, {reasons}, for about {lasted}. {action}"),
    AlertKind.UNCHANGED: N_("Same position for about {lasted}. {action}"),
    AlertKind.BREAK: N_("At the screen for about {lasted}. {action}"),
}

_SEEN_WHILE_QUIET = {
    AlertKind.SLOUCH: N_(
        "While alerts were suppressed ({why}): compared with your baseline, {reasons}, "
        "for about {lasted}. {action}"
    ),
    AlertKind.UNCHANGED: N_(
        "While alerts were suppressed ({why}): same position for about {lasted}. {action}"
    ),
    AlertKind.BREAK: N_(
        "While alerts were suppressed ({why}): at the screen for about {lasted}. {action}"
    ),
}

_EASY_ACTIONS = {
    AlertKind.SLOUCH: (
        N_("Any change is good: lean back, roll your shoulders, or stand up."),
        N_("Slide back in the chair and let the backrest carry you."),
        N_("Look up and out of the window for a moment, then settle anew."),
    ),
    AlertKind.UNCHANGED: (
        N_("Move for 30 seconds: stand up, or stretch both arms."),
        N_("Shift your weight, roll your shoulders a few times, sit differently."),
        N_("Stand up for the next few lines."),
    ),
    AlertKind.BREAK: (
        N_("Short, regular breaks beat rare long ones. Five minutes away?"),
        N_("Walk to the window or fetch a glass of water."),
        N_("Stand up and leave the desk for a few minutes."),
    ),
}

_COUNTED = {
    "alert": plural("{number} alert", "{number} alerts"),
    "day": plural("{number} day", "{number} days"),
    "display": plural("{number} display", "{number} displays"),
    "entry": plural("{number} entry", "{number} entries"),
    "look": plural("{number} look", "{number} looks"),
    "picture": plural("{number} picture", "{number} pictures"),
    "position change": plural("{number} position change", "{number} position changes"),
    "shorter episode": plural("{number} shorter episode", "{number} shorter episodes"),
    "take": plural("{number} take", "{number} takes"),
}

QUESTION = N_("Were you sitting upright?")
QUESTION_TITLE = _(QUESTION)
LEARNED_TEXT = _("That was no slouch: sitting like this is known from now on.")
LEARNED_IN_PART_TEXT = _("That is learned, but so clear a slouch still counts as one.")
RECALIBRATING_TEXT = _("The new baseline is taken in {wait}.").format(
    wait=format_duration(SIT_UP_S)
)


def name_text(
    code: PostureState | View | Stance | AlertKind | CameraStatus | Control | Lesson,
) -> str:
    """What the code is called."""
    return _(_NAMES[type(code)][code])


def state_text(state: PostureState, duration: str) -> str:
    """`upright 3 min`."""
    return _("{state} {duration}").format(state=name_text(state), duration=duration)


def provisional_text(provisional: PostureState, so_far: str) -> str:
    """`back upright, confirming (slouched for 4 min)`."""
    return _("{provisional}, confirming ({so_far})").format(
        provisional=_(PROVISIONAL_NAMES[provisional]), so_far=so_far
    )


def because_text(what: str, reasons: Sequence[Reason | Cause | str]) -> str:
    """`unknown: too dark`; only `what` where there is no reason."""
    if not reasons:
        return what
    return _("{what}: {reasons}").format(what=what, reasons=reasons_text(reasons))


def until_text(what: str, until: datetime, now: datetime) -> str:
    """`paused until 13:30`."""
    return _("{what} until {moment}").format(what=what, moment=moment_text(until, now))


def lasting_text(what: str, seconds: float) -> str:
    """`away for 3 min`."""
    return _("{what} for {duration}").format(what=what, duration=format_duration(seconds))


def moment_text(moment: datetime, now: datetime) -> str:
    """A local time of the days to come: `13:30`, `06:00 on Monday`."""
    here, today = moment.astimezone(), now.astimezone().date()
    if here.date() == today:
        return f"{here:%H:%M}"
    return _("{time} on {weekday}").format(time=f"{here:%H:%M}", weekday=WEEKDAYS[here.weekday()])


def waited_text(lasted_s: float, after_s: float) -> str:
    """How much of a wait is over: `8 min of 20 min`, and `overdue by 58 s` when all of it is."""
    if lasted_s > after_s:
        return _("overdue by {over}").format(over=format_duration(lasted_s - after_s))
    return _("{lasted} of {wait}").format(
        lasted=format_duration(lasted_s), wait=format_duration(after_s)
    )


def reason_text(reason: Reason | Cause | str, language: NullTranslations = SHOWN) -> str:
    """Why it is judged so: `upper back about 16° forward`, `upper back forward`, `too dark`.

    A text is what a log holds that no posturecam wrote; it says what it says.
    """
    match reason:
        case AngleReason(sign=sign, deg=deg, estimated=estimated):
            text = language.gettext((_ESTIMATED if estimated else _MEASURED)[sign])
            return text.format(deg=f"{deg:.0f}")
        case SlouchSign():
            return language.gettext(_SIGNS[reason])
        case UnknownReason():
            return language.gettext(_UNKNOWN[reason])
        case str():
            return reason
        case _:
            assert_never(reason)


def reasons_text(
    reasons: Iterable[Reason | Cause | str], language: NullTranslations = SHOWN
) -> str:
    """Several of them in a row."""
    return ", ".join(reason_text(reason, language) for reason in reasons)


def mismatch_text(mismatch: BaselineMismatch, language: NullTranslations = SHOWN) -> str:
    """What is different when the picture does not fit the baseline."""
    return language.gettext(_MISMATCHES[mismatch])


def quiet_text(reason: QuietReason, language: NullTranslations = SHOWN) -> str:
    """Why there are no alerts."""
    return language.gettext(_QUIET[reason])


def ended_text(ended_by: EndedBy | str, language: NullTranslations = SHOWN) -> str:
    """What ended a session; an error has said it itself."""
    return language.gettext(_ENDS[ended_by]) if isinstance(ended_by, EndedBy) else ended_by


def rezeroing_text() -> str:
    """When the zero of the day is taken."""
    return _("Today's zero is taken in {wait}.").format(wait=format_duration(READY_S))


def refusal_text(refused: ControlRefused, language: NullTranslations = SHOWN) -> str:
    """Why what was asked for is not done, and what to do."""
    error = shown(refused.error) if language is SHOWN else refused.error
    return language.gettext(_REFUSALS[refused.why]).format(error=error)


def limit_text(angle: Angle, deviation_deg: float, limit_deg: float) -> str:
    """One deviation against its limit: `upper back +16° of 12°`."""
    return _("{angle} {deg}° of {limit}°").format(
        angle=ANGLE_NAMES[angle], deg=f"{round(deviation_deg):+d}", limit=f"{limit_deg:.0f}"
    )


def alert_message(
    kind: AlertKind,
    lasted_s: float,
    details: AlertDetails | str,
    language: NullTranslations = SHOWN,
) -> str:
    """What was seen, for how long, and one easy thing to do.

    A text is what a log holds that no posturecam wrote; it says what it says.
    """
    if isinstance(details, str):
        return details
    actions = _EASY_ACTIONS[kind]
    places = {
        "reasons": listed([reason_text(reason, language) for reason in details.reasons], language),
        "lasted": format_duration(lasted_s),
        "action": language.gettext(actions[details.turn % len(actions)]),
    }
    if details.suppressed_by is None:
        return language.gettext(_SEEN[kind]).format(**places)
    why = language.gettext(_QUIET[details.suppressed_by])
    return language.gettext(_SEEN_WHILE_QUIET[kind]).format(**places, why=why)


def message_text(event: Alerted | Warned, language: NullTranslations = SHOWN) -> str:
    """What an alert says."""
    return alert_message(event.kind, event.lasted_s, event.details, language)


def count_text(number: int, noun: str) -> str:
    """`1 alert`, `2 alerts`."""
    return SHOWN.ngettext(*_COUNTED[noun], number).format(number=number)


def percent_text(share: float) -> str:
    """A share of 0 to 1 as a whole number; what was seen at all is never `0 %`."""
    percent = 100 * share
    return "<1 %" if 0 < percent < 0.5 else f"{percent:.0f} %"


def capitalised(text: str) -> str:
    """With a capital letter first."""
    return f"{text[:1].upper()}{text[1:]}"


def listed(texts: Sequence[str], language: NullTranslations) -> str:
    """One or two, as a part of a sentence."""
    if len(texts) != 2:
        return "".join(texts)
    return language.gettext("{first} and {second}").format(first=texts[0], second=texts[1])
