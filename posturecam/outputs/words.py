"""The catalogue: what each code is called, and every sentence about posture.

Rules: no blame, no medical claim, no cause and effect; from the front an angle is an estimate; what
is unknown is called unknown. The reasons for these rules and for each wording stand in
`calibration/report.md`.

Sentences are whole, with named places, so that they can be translated (`language`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from posturecam.base.durations import format_duration
from posturecam.outputs.language import N_, SHOWN, plural
from posturecam.values.events import (
    AlertDetails,
    Alerted,
    AlertKind,
    BaselineQuestioned,
    EndedBy,
    Refusal,
    StaleBaseline,
)
from posturecam.values.observation import Angle, BaselineMismatch, UnknownReason
from posturecam.values.reasons import AngleReason, QuietReason, SlouchSign
from posturecam.values.settings import SIT_UP_S, calibrate_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from gettext import NullTranslations

    from posturecam.posture.baseline import Baseline
    from posturecam.values.events import SteeringRefused, Warned
    from posturecam.values.observation import Cause, Reason, TakeProgress

ANGLE_NAMES = {
    Angle.UPPER_BACK: SHOWN.gettext("upper back"),
    Angle.TRUNK: SHOWN.gettext("trunk"),
    Angle.NECK: SHOWN.gettext("neck"),
    Angle.BACK_FLEXION: SHOWN.gettext("back bend"),
    Angle.SHOULDER_TILT: SHOWN.gettext("shoulders"),
}
"""What the five angles are called beside their degrees."""

_UNKNOWN = {
    UnknownReason.NOBODY: N_("nobody in view"),
    UnknownReason.SHOULDERS_OUT: N_("shoulders not in view"),
    UnknownReason.HEAD_OUT: N_("head not in view"),
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
    UnknownReason.FROZEN: N_("camera repeats one picture"),
    UnknownReason.PAUSED: N_("paused"),
    UnknownReason.LOCKED: N_("screen locked"),
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
}

_TITLES = {
    AlertKind.SLOUCH: N_("Different from your baseline"),
    AlertKind.UNCHANGED: N_("Same position for a while"),
    AlertKind.BREAK: N_("Time for a short break"),
}

_SEEN = {
    AlertKind.SLOUCH: N_("Compared with your baseline, {reasons}, for about {lasted}. {action}"),
    AlertKind.UNCHANGED: N_("Same position for about {lasted}. {action}"),
    AlertKind.BREAK: N_("At the screen for about {lasted}. {action}"),
}

_SEEN_WHILE_QUIET = {
    AlertKind.SLOUCH: N_(
        "While alerts were held back ({why}): compared with your baseline, {reasons}, "
        "for about {lasted}. {action}"
    ),
    AlertKind.UNCHANGED: N_(
        "While alerts were held back ({why}): same position for about {lasted}. {action}"
    ),
    AlertKind.BREAK: N_(
        "While alerts were held back ({why}): at the screen for about {lasted}. {action}"
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
    "picture": plural("{number} picture", "{number} pictures"),
    "position change": plural("{number} position change", "{number} position changes"),
    "shorter episode": plural("{number} shorter episode", "{number} shorter episodes"),
    "take": plural("{number} take", "{number} takes"),
}

QUESTION_TITLE = SHOWN.gettext("Were you sitting upright?")
RECALIBRATING_TEXT = SHOWN.gettext("The new baseline is taken in {wait}.").format(
    wait=format_duration(SIT_UP_S)
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


def reasons_text(reasons: Iterable[Reason | Cause | str]) -> str:
    """Several of them in a row."""
    return ", ".join(map(reason_text, reasons))


def mismatch_text(mismatch: BaselineMismatch) -> str:
    """What is different when the picture does not fit the baseline."""
    return SHOWN.gettext(_MISMATCHES[mismatch])


def quiet_text(reason: QuietReason) -> str:
    """Why there are no alerts."""
    return SHOWN.gettext(_QUIET[reason])


def ended_text(ended_by: EndedBy | str, language: NullTranslations = SHOWN) -> str:
    """What ended a session; an error has said it itself."""
    return language.gettext(_ENDS[ended_by]) if isinstance(ended_by, EndedBy) else ended_by


def refusal_text(refused: SteeringRefused) -> str:
    """Why there is no new baseline, and what to do."""
    text = SHOWN.gettext(_REFUSALS[refused.why])
    return text.format(error=refused.error.replace("\n", " "))


def limit_text(angle: Angle, deviation_deg: float, limit_deg: float) -> str:
    """One deviation against its limit: `upper back +16° of 12°`."""
    return SHOWN.gettext("{angle} {deg}° of {limit}°").format(
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
        "reasons": _listed([reason_text(reason, language) for reason in details.reasons], language),
        "lasted": format_duration(lasted_s),
        "action": language.gettext(actions[details.turn % len(actions)]),
    }
    if details.suppressed_by is None:
        return language.gettext(_SEEN[kind]).format(**places)
    why = language.gettext(_QUIET[details.suppressed_by])
    return language.gettext(_SEEN_WHILE_QUIET[kind]).format(**places, why=why)


def notice_text(event: Alerted | StaleBaseline | BaselineQuestioned) -> tuple[str, str]:
    """Title and message of what is put before the sitter."""
    match event:
        case Alerted():
            title, message = SHOWN.gettext(_TITLES[event.kind]), message_text(event)
        case StaleBaseline():
            title = SHOWN.gettext("This no longer fits your baseline")
            message = _stale_message(event)
        case BaselineQuestioned():
            title = QUESTION_TITLE
            message = SHOWN.gettext("{unlike} It is used only if you say yes.").format(
                unlike=unlike_text(event.reasons)
            )
    return title, message


def message_text(event: Alerted | Warned) -> str:
    """What an alert says."""
    return alert_message(event.kind, event.lasted_s, event.details)


def _stale_message(event: StaleBaseline) -> str:
    """What is different, that nothing is judged meanwhile, and the command that repairs it."""
    return SHOWN.gettext(
        "This no longer fits your baseline: {difference}. Until it does, nothing is judged. "
        "Recalibrate with: {command}"
    ).format(difference=mismatch_text(event.mismatch), command=calibrate_command(event.profile))


def unlike_text(reasons: Sequence[AngleReason]) -> str:
    """How a new baseline differs from the one before."""
    return SHOWN.gettext("The new baseline is unlike the one before: {reasons}.").format(
        reasons=_listed([reason_text(reason) for reason in reasons], SHOWN)
    )


def progress_text(progress: TakeProgress) -> str:
    """How a baseline is being taken, in one line."""
    seen = SHOWN.gettext("seen clearly")
    if progress.unknown_reason is not None:
        seen = reason_text(progress.unknown_reason)
    pose = SHOWN.gettext("sit comfortably upright, back supported")
    count = SHOWN.gettext("baseline")
    if progress.takes > 1:
        count = SHOWN.gettext("take {take} of {takes}").format(
            take=progress.take, takes=progress.takes
        )
    if progress.slump:
        count = SHOWN.gettext("slump")
        pose = SHOWN.gettext("sit the way you do when you are tired")
    if progress.holding:
        pose = SHOWN.gettext("hold")
        seen = f"{seen}, {count_text(progress.samples, 'picture')}"
    if progress.left_s is None:
        return SHOWN.gettext("{count}: {pose}  ({seen})").format(count=count, pose=pose, seen=seen)
    return SHOWN.gettext("{count}: {pose} {left} s  ({seen})").format(
        count=count, pose=pose, left=f"{progress.left_s:.0f}", seen=seen
    )


def baseline_text(baseline: Baseline) -> str:
    """What it rests on: `front view, 150 pictures in 3 takes, quality 0.82 of 1`."""
    return SHOWN.gettext("{view} view, {pictures} in {takes}, quality {quality} of 1").format(
        view=baseline.view,
        pictures=count_text(baseline.samples, "picture"),
        takes=count_text(baseline.takes, "take"),
        quality=f"{baseline.quality:.2f}",
    )


def count_text(number: int, noun: str) -> str:
    """`1 alert`, `2 alerts`."""
    return SHOWN.ngettext(*_COUNTED[noun], number).format(number=number)


def _listed(texts: Sequence[str], language: NullTranslations) -> str:
    """One or two, as a part of a sentence."""
    if len(texts) != 2:
        return "".join(texts)
    return language.gettext("{first} and {second}").format(first=texts[0], second=texts[1])
