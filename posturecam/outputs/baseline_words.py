"""What is said of a baseline: while it is taken, of one that was, and of the desk that it is for.

Words as of `words`, whose rules hold here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from posturecam.base.language import N_, SHOWN, _
from posturecam.outputs.words import count_text, listed, name_text, reason_text
from posturecam.values.observation import Posing, Stance, TakeProgress, UnknownReason
from posturecam.values.reasons import Lesson, SlouchReason

if TYPE_CHECKING:
    from gettext import NullTranslations

    from posturecam.posture.baseline import Baseline
    from posturecam.values.desk import Desk

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

SAVED_TITLE = _("The baseline is saved")
GUIDED_TEXT = _(
    "Teach it your chair and your slouch? About a minute; each step can be skipped, and numbers "
    "alone are kept."
)
LOW_SHOULDERS_TEXT = _(
    "Your shoulders are close to the lower edge of the picture. A camera that is tilted down a "
    "little tells more; then calibrate again."
)
PUT_BACK_TEXT = _("Learned. Now put the chair back as it was for the baseline.")

_STEADINESS = (
    (0.7, N_("held very still")),
    (0.4, N_("held still")),
    (0.0, N_("somewhat restless: better taken anew")),
)
"""The least quality, and what it is called."""


def takes_text(takes: int, stance: Stance = Stance.SITTING) -> str:
    """What several takes are for, and what to do between them."""
    if stance is Stance.STANDING:
        return _("{takes}, as nobody stands twice the same. Walk about in between.").format(
            takes=count_text(takes, "take")
        )
    return _("{takes}, as nobody sits down twice the same. Get up in between.").format(
        takes=count_text(takes, "take")
    )


def posing_texts(posing: Posing) -> tuple[str, str] | None:
    """What such a take is called, and what to do for it; None for one of the baseline."""
    texts = _POSINGS.get(posing)
    return None if texts is None else (_(texts[0]), _(texts[1]))


def lesson_text(lesson: Lesson) -> str:
    """What to do to show it."""
    return _(_SHOW[lesson])


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
    if (texts := posing_texts(progress.posing)) is not None:
        count, pose = texts
    elif progress.take > 1:
        pose = _("get up, then sit down again, upright")
    if progress.holding:
        pose = _("hold")
        seen = f"{seen}, {count_text(progress.samples, 'picture')}"
    if progress.left_s is None:
        return _("{count}: {pose}  ({seen})").format(count=count, pose=pose, seen=seen)
    text = _("{count}: {pose} {left} s  ({seen})")
    if not progress.holding:  # the countdown is to be seen on a narrow terminal, too
        text = _("{count} in {left} s: {pose}  ({seen})")
    return text.format(count=count, pose=pose, left=f"{progress.left_s:.0f}", seen=seen)


def waits_text(why: UnknownReason) -> str:
    """What keeps a baseline from being taken for now."""
    return _("the baseline waits: {why}").format(why=reason_text(why))


def baseline_text(baseline: Baseline) -> str:
    """What it rests on: `front view, from 150 looks in 3 takes, held very still`."""
    steadiness = next(text for least, text in _STEADINESS if baseline.quality >= least)
    return _("{view} view, from {looks} in {takes}, {steadiness}").format(
        view=name_text(baseline.view),
        looks=count_text(baseline.samples, "look"),
        takes=count_text(baseline.takes, "take"),
        steadiness=_(steadiness),
    )


def unlike_text(reasons: Sequence[SlouchReason], language: NullTranslations = SHOWN) -> str:
    """How a new baseline differs from the one before."""
    return language.gettext("The new baseline is unlike the one before: {reasons}.").format(
        reasons=listed([reason_text(reason, language) for reason in reasons], language)
    )


def desk_text(desk: Desk) -> str:
    """What a desk is known by: `HD Pro Webcam C920, 2 displays`."""
    if not desk.displays:
        return desk.camera_name
    displays = count_text(len(desk.displays), "display")
    return _("{camera}, {displays}").format(camera=desk.camera_name, displays=displays)
