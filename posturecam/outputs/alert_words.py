"""What is put before the sitter: a title that says what, and a text that begins with what to do.

Degrees are for a terminal, where they can be compared; on a desktop they only take time to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from posturecam.base.durations import format_duration
from posturecam.base.language import N_, SHOWN
from posturecam.outputs import words
from posturecam.outputs.baseline_words import unlike_text
from posturecam.values.events import (
    Alerted,
    AlertKind,
    BaselineQuestioned,
    BreakNear,
    StaleBaseline,
    Warned,
    ZeroOffered,
)
from posturecam.values.reasons import SlouchReason, SlouchSign, sign_of
from posturecam.values.settings import calibrate_command

if TYPE_CHECKING:
    from gettext import NullTranslations

Notice = Alerted | Warned | StaleBaseline | BaselineQuestioned | ZeroOffered | BreakNear
"""What is put before the sitter."""

MOST_ADVICE_WORDS = 12
"""Longer advice is not read while something else is being done."""

_LEANING = (SlouchSign.UPPER_BACK_FORWARD, SlouchSign.TRUNK_FORWARD)

_TITLES = {
    AlertKind.SLOUCH: N_("Different from your baseline for {lasted}"),
    AlertKind.UNCHANGED: N_("Same position for {lasted}"),
    AlertKind.BREAK: N_("At the screen for {lasted}"),
}

_SLOUCH_TITLES = {
    SlouchSign.UPPER_BACK_FORWARD: N_("Leaning forward for {lasted}"),
    SlouchSign.TRUNK_FORWARD: N_("Leaning forward for {lasted}"),
    SlouchSign.HEAD_FORWARD: N_("Head forward for {lasted}"),
    SlouchSign.BACK_MORE_BENT: N_("Back bent for {lasted}"),
    SlouchSign.LEFT_SHOULDER_LOWER: N_("Left shoulder lower for {lasted}"),
    SlouchSign.LEFT_SHOULDER_HIGHER: N_("Right shoulder lower for {lasted}"),
    SlouchSign.HEAD_LOW: N_("Head low over the desk for {lasted}"),
}
"""By what stands out; leaning goes before the head, which it takes along."""

_ADVICE = {
    AlertKind.SLOUCH: (
        N_("Lean back, roll your shoulders, or stand up."),
        N_("Slide back in the chair and let the backrest carry you."),
        N_("Look out of the window for a moment, then settle anew."),
    ),
    AlertKind.UNCHANGED: (
        N_("Move for 30 seconds: stand up, or stretch both arms."),
        N_("Shift your weight, roll your shoulders, sit differently."),
        N_("Stand up for the next few lines."),
    ),
    AlertKind.BREAK: (
        N_("Take a full break: short, regular ones beat rare long ones."),
        N_("Walk to the window or fetch a glass of water."),
        N_("Stand up and leave the desk for a few minutes."),
    ),
}

_FORWARD_PARTS = {
    SlouchSign.HEAD_FORWARD: N_("head"),
    SlouchSign.UPPER_BACK_FORWARD: N_("upper back"),
    SlouchSign.TRUNK_FORWARD: N_("trunk"),
}


def notice_text(
    event: Notice, language: NullTranslations = SHOWN, *, degrees: bool = False
) -> tuple[str, str]:
    """Title and text; with `degrees` for a terminal, with the estimated angles and its keys."""
    match event:
        case Alerted() | Warned():
            return _alert_text(event, language, degrees=degrees)
        case StaleBaseline():
            title = language.gettext("This no longer fits your baseline")
            text = language.gettext(
                "Take a new baseline: {command}. Until then nothing is judged. ({Difference}.)"
            ).format(
                command=calibrate_command(event.profile),
                Difference=words.capitalised(words.mismatch_text(event.mismatch, language)),
            )
        case BaselineQuestioned():
            title = language.gettext(words.QUESTION)
            unlike = unlike_text(event.reasons, language)
            if not degrees:
                unlike = language.gettext("It is unlike the one before: {signs}.").format(
                    signs=_signs_text(event.reasons, language)
                )
            text = language.gettext("Say yes, and the new baseline is used. {unlike}").format(
                unlike=unlike
            )
        case BreakNear():
            title = language.gettext("A break in {duration}").format(
                duration=format_duration(event.in_s)
            )
            text = language.gettext("Finish the sentence that you are at, then stand up.")
        case ZeroOffered():
            title = language.gettext("Set today's zero?")
            text = (
                language.gettext(
                    "Press z, then sit upright for five seconds, or ignore this: nobody sits down "
                    "twice the same."
                )
                if degrees
                else language.gettext(
                    "Say so, then sit upright for five seconds, or ignore this. (Nobody sits down "
                    "twice the same.)"
                )
            )
        case _:
            assert_never(event)
    return title, text


def notice_line(event: Notice) -> str:
    """Both in one line, for a terminal."""
    title, text = notice_text(event, degrees=True)
    return f"{title} {text}" if title.endswith("?") else f"{title}. {text}"


def _alert_text(
    event: Alerted | Warned, language: NullTranslations, *, degrees: bool
) -> tuple[str, str]:
    details = event.details
    advice = _ADVICE[event.kind]
    text = language.gettext(advice[details.turn % len(advice)])
    seen = _signs_text(details.reasons, language)
    if degrees:
        seen = words.listed(
            [words.reason_text(reason, language) for reason in details.reasons], language
        )
    if details.suppressed_by is not None:
        why = language.gettext("while alerts were suppressed: {why}").format(
            why=words.quiet_text(details.suppressed_by, language)
        )
        seen = f"{seen}, {why}" if seen else why
    title = language.gettext(_title(event)).format(lasted=format_duration(event.lasted_s))
    return title, f"{text} ({words.capitalised(seen)}.)" if seen else text


def _title(event: Alerted | Warned) -> str:
    signs = [sign_of(reason) for reason in event.details.reasons]
    leaning = [sign for sign in signs if sign in _LEANING]
    titles = [_SLOUCH_TITLES[sign] for sign in (*leaning, *signs) if sign in _SLOUCH_TITLES]
    return titles[0] if titles else _TITLES[event.kind]


def _signs_text(reasons: Sequence[SlouchReason], language: NullTranslations) -> str:
    """What was seen, without degrees: `head and upper back forward`, `back more bent`."""
    signs = [sign_of(reason) for reason in reasons]
    if len(signs) == 2 and set(signs) <= _FORWARD_PARTS.keys():
        first, second = (language.gettext(_FORWARD_PARTS[sign]) for sign in signs)
        return language.gettext("{first} and {second} forward").format(first=first, second=second)
    return words.listed([words.reason_text(sign, language) for sign in signs], language)
