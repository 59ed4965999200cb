"""The catalogue: what each code is called, and every sentence about posture.

Rules: no blame, no medical claim, no cause and effect; from the front an angle is an estimate; what
is unknown is called unknown. The reasons for these rules and for each wording stand in
`calibration/report.md`.

Sentences are whole, with named places, so that they can be translated (`language`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from posturecam.base.durations import format_duration
from posturecam.base.language import N_, SHOWN, _, plural, shown
from posturecam.outputs.dates import WEEKDAYS
from posturecam.values.events import (
    AlertDetails,
    Alerted,
    AlertKind,
    CameraStatus,
    EndedBy,
    Refusal,
    Steering,
)
from posturecam.values.observation import (
    Angle,
    BaselineMismatch,
    Posing,
    PostureState,
    Stance,
    UnknownReason,
    View,
)
from posturecam.values.reasons import AngleReason, Lesson, QuietReason, SlouchSign
from posturecam.values.settings import READY_S, SIT_UP_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from enum import StrEnum
    from gettext import NullTranslations

    from posturecam.posture.baseline import Baseline
    from posturecam.values.desk import Desk
    from posturecam.values.events import SteeringRefused, Warned
    from posturecam.values.observation import Cause, Reason, TakeProgress
    from posturecam.values.reasons import SlouchReason

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
    Steering: {
        Steering.PAUSED: N_("paused"),
        Steering.RESUMED: N_("resumed"),
        Steering.SNOOZED: N_("snoozed"),
        Steering.UNSNOOZED: N_("unsnoozed"),
        Steering.RECALIBRATING: N_("recalibrating"),
        Steering.ACCEPTED: N_("accepted"),
        Steering.DECLINED: N_("declined"),
        Steering.STOPPING: N_("stopping"),
        Steering.EXERCISED: N_("exercised"),
        Steering.WRONG: N_("learned"),
        Steering.REZEROING: N_("zeroed"),
        Steering.REZEROED: N_("zeroed for today"),
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
    Refusal.NO_ZERO: N_("No zero could be taken. {error}"),
    Refusal.ELSEWHERE: N_(
        "This no longer fits your baseline: put camera and chair back, or take a new baseline."
    ),
    Refusal.UNLIKE: N_(
        "That is further from your baseline than sitting down anew explains. Sit comfortably "
        "upright and try again, or take a new baseline."
    ),
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

_SHOW = {
    Lesson.CHAIR_NEARER: N_("Roll the chair a hand's width nearer, and sit upright."),
    Lesson.CHAIR_LOWER: N_("Lower the chair a little, or sink with it, and sit upright."),
    Lesson.OWN_SLOUCH: N_("Chair as before: sit the way you do when you are tired."),
}

_POSINGS = {
    Posing.STANDING: (N_("standing"), N_("stand comfortably upright")),
    Posing.SLUMP: (N_("slump"), N_("sit the way you do when you are tired")),
    Posing.ZERO: (N_("today's zero"), N_("sit comfortably upright")),
    Posing.CHAIR_NEARER: (N_("chair nearer"), N_("sit upright, chair nearer")),
    Posing.CHAIR_LOWER: (N_("chair lower"), N_("sit upright, lower")),
    Posing.OWN_SLOUCH: (N_("your slouch"), N_("sit the way you do when you are tired")),
}
"""What a take that is not of the baseline is called, and what to do for it."""

_STEADINESS = (
    (0.7, N_("held very still")),
    (0.4, N_("held still")),
    (0.0, N_("somewhat restless: better taken anew")),
)
"""The least quality, and what it is called."""

QUESTION = N_("Were you sitting upright?")
QUESTION_TITLE = _(QUESTION)
LEARNED_TEXT = _("That was no slouch: sitting like this is known from now on.")
RECALIBRATING_TEXT = _("The new baseline is taken in {wait}.").format(
    wait=format_duration(SIT_UP_S)
)


def name_text(
    code: PostureState | View | Stance | AlertKind | CameraStatus | Steering | Lesson,
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


def lesson_text(lesson: Lesson) -> str:
    """What to do to show it."""
    return _(_SHOW[lesson])


def rezeroing_text() -> str:
    """When the zero of the day is taken."""
    return _("Today's zero is taken in {wait}.").format(wait=format_duration(READY_S))


def refusal_text(refused: SteeringRefused, language: NullTranslations = SHOWN) -> str:
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


def unlike_text(reasons: Sequence[SlouchReason], language: NullTranslations = SHOWN) -> str:
    """How a new baseline differs from the one before."""
    return language.gettext("The new baseline is unlike the one before: {reasons}.").format(
        reasons=listed([reason_text(reason, language) for reason in reasons], language)
    )


def progress_text(progress: TakeProgress) -> str:
    """How a baseline is being taken, in one line."""
    seen = _("seen clearly")
    pose = _("sit comfortably upright, back supported")
    if progress.unknown_reason is not None:
        seen = reason_text(progress.unknown_reason)
        pose = _("sit upright")  # what is wrong is to be seen on a narrow terminal, too
    count = _("baseline")
    if progress.takes > 1:
        count = _("take {take} of {takes}").format(take=progress.take, takes=progress.takes)
    if progress.posing in _POSINGS:
        count, pose = (_(text) for text in _POSINGS[progress.posing])
    elif progress.take > 1:
        pose = _("get up, then sit down again, upright")
    if progress.holding:
        pose = _("hold")
        seen = f"{seen}, {count_text(progress.samples, 'picture')}"
    if progress.left_s is None:
        return _("{count}: {pose}  ({seen})").format(count=count, pose=pose, seen=seen)
    return _("{count}: {pose} {left} s  ({seen})").format(
        count=count, pose=pose, left=f"{progress.left_s:.0f}", seen=seen
    )


def desk_text(desk: Desk) -> str:
    """What a desk is known by: `HD Pro Webcam C920, 2 displays`."""
    if not desk.displays:
        return desk.camera_name
    displays = count_text(len(desk.displays), "display")
    return _("{camera}, {displays}").format(camera=desk.camera_name, displays=displays)


def takes_text(takes: int, stance: Stance = Stance.SITTING) -> str:
    """What several takes are for, and what to do between them."""
    if stance is Stance.STANDING:
        return _("{takes}, as nobody stands twice the same. Walk about in between.").format(
            takes=count_text(takes, "take")
        )
    return _("{takes}, as nobody sits down twice the same. Get up in between.").format(
        takes=count_text(takes, "take")
    )


def baseline_text(baseline: Baseline) -> str:
    """What it rests on: `front view, from 150 looks in 3 takes, held very still`."""
    steadiness = next(text for least, text in _STEADINESS if baseline.quality >= least)
    return _("{view} view, from {looks} in {takes}, {steadiness}").format(
        view=name_text(baseline.view),
        looks=count_text(baseline.samples, "look"),
        takes=count_text(baseline.takes, "take"),
        steadiness=_(steadiness),
    )


def count_text(number: int, noun: str) -> str:
    """`1 alert`, `2 alerts`."""
    return SHOWN.ngettext(*_COUNTED[noun], number).format(number=number)


def percent_text(share: float) -> str:
    """A share of 0 to 1 as a whole number; what was seen at all is never `0 %`."""
    percent = 100 * share
    return "<1 %" if 0 < percent < 0.5 else f"{percent:.0f} %"


def listed(texts: Sequence[str], language: NullTranslations) -> str:
    """One or two, as a part of a sentence."""
    if len(texts) != 2:
        return "".join(texts)
    return language.gettext("{first} and {second}").format(first=texts[0], second=texts[1])
