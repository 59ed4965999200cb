"""The sentences that logs held before they held codes, and that exports hold, read back.

What is not among them, such as what an error said, stays the text that it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from posturecam.base.durations import format_duration
from posturecam.values.events import AlertDetails, EndedBy
from posturecam.values.reasons import AngleReason, QuietReason, SlouchReason, SlouchSign
from posturecam.values.stored_codes import REASON_SEPARATOR, stored_details

CAUSES = {
    "nobody in view": "nobody",
    "shoulders not in view": "shoulders_out",
    "head not in view": "head_out",
    "somebody, but no head to be made out": "no_head",
    "face turned away": "face_away",
    "more than one person in view": "several_people",
    "too dark": "too_dark",
    "no clear sitter": "not_a_sitter",
    "turned away from the calibrated view": "turned",
    "no picture from the camera": "no_picture",
    "camera covered": "covered",
    "picture blurred": "blurred",
    "picture is nothing but noise": "noise",
    "hand before the face": "hand",
    "arm raised": "arm",
    "somebody, but not at the calibrated place": "elsewhere",
    "no longer fits the baseline": "stale",
    "picture of another shape than the baseline": "other_shape",
    "sitting down or standing up": "changing",
    "camera repeats one picture": "frozen",
    "paused": "paused",
    "screen locked": "locked",
    "in a call": "in_a_call",
    "a baseline is being taken": "calibrating",
    "head low over the desk": "head_low",
} | {sign.value.replace("_", " "): sign.value for sign in SlouchSign if sign != "head_low"}
ENDS = {end.value.replace("_", " "): end.value for end in EndedBy}
_QUIET = {
    "snoozed": "snoozed",
    "in a call": "in_a_call",
    "do not disturb": "do_not_disturb",
    "full screen": "full_screen",
    "video or presentation": "presenting",
    "quiet hours": "quiet_hours",
    "a new baseline": "new_baseline",
    "an answer in the pain journal needs advice first": "advice_first",
    "no coaching below 16": "under_16",
}
_ACTIONS = {
    "slouch": (
        "Any change is good: lean back, roll your shoulders, or stand up.",
        "Slide back in the chair and let the backrest carry you.",
        "Look up and out of the window for a moment, then settle anew.",
    ),
    "unchanged": (
        "Move for 30 seconds: stand up, or stretch both arms.",
        "Shift your weight, roll your shoulders a few times, sit differently.",
        "Stand up for the next few lines.",
    ),
    "break": (
        "Short, regular breaks beat rare long ones. Five minutes away?",
        "Walk to the window or fetch a glass of water.",
        "Stand up and leave the desk for a few minutes.",
    ),
}
_SEEN = {
    "slouch": "ompared with your baseline, (?P<reasons>.+), for",
    "unchanged": "ame position for",
    "break": "t the screen for",
}
_MESSAGES = {
    kind: re.compile(
        rf"(?:While alerts were (?:suppressed|held back) \((?P<why>{'|'.join(_QUIET)})\): "
        rf"{first.lower()}|{first})"
        rf"{seen} about (?P<lasted>[\d a-z]+)\. (?P<action>{'|'.join(map(re.escape, actions))})"
    )
    for (kind, actions), seen, first in zip(_ACTIONS.items(), _SEEN.values(), "CSA", strict=True)
}
_ANGLE = re.compile(r"(?P<what>[a-z ]+?) (?P<about>about )?(?P<deg>\d{1,3})° (?P<way>[a-z ]+)")


@lru_cache(maxsize=256)
def cause_codes(text: str) -> str:
    """The reasons of an interval."""
    parts = text.split(REASON_SEPARATOR)
    return REASON_SEPARATOR.join(CAUSES.get(part, part) for part in parts)


def end_code(text: str | None) -> str | None:
    """What ended a session."""
    return None if text is None else ENDS.get(text, text)


def message_code(kind: str, text: str, lasted_ms: int) -> str:
    """What an alert said; `kind` and `lasted_ms` stand beside it."""
    found = _MESSAGES[kind].fullmatch(text)
    if found is None or found["lasted"] != format_duration(lasted_ms / 1000):
        return text
    try:
        words = found["reasons"].split(" and ") if kind == "slouch" else ()
        reasons = tuple(map(_reason, words))
    except (KeyError, ValueError):
        return text
    details = AlertDetails(
        reasons=reasons,
        turn=_ACTIONS[kind].index(found["action"]),
        suppressed_by=QuietReason(_QUIET[found["why"]]) if found["why"] else None,
    )
    return stored_details(details)


def _reason(words: str) -> SlouchReason:
    """What one angle or one sign is called, read back."""
    angle = _ANGLE.fullmatch(words)
    if angle is None:
        return SlouchSign(CAUSES[words])
    sign = SlouchSign(CAUSES[f"{angle['what']} {angle['way']}"])
    return AngleReason(sign=sign, deg=int(angle["deg"]), estimated=angle["about"] is not None)
