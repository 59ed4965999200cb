"""Why something is so, as values: what a slouch shows in, and why there are no alerts.

`UnknownReason` stands beside the observations that it is a part of.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SlouchSign(StrEnum):
    """What a slouch shows in: an angle and which way, in the order of `ANGLES`, or none."""

    UPPER_BACK_FORWARD = "upper_back_forward"
    UPPER_BACK_BACK = "upper_back_back"
    TRUNK_FORWARD = "trunk_forward"
    TRUNK_BACK = "trunk_back"
    HEAD_FORWARD = "head_forward"
    HEAD_BACK = "head_back"
    BACK_MORE_BENT = "back_more_bent"
    BACK_LESS_BENT = "back_less_bent"
    LEFT_SHOULDER_LOWER = "left_shoulder_lower"
    LEFT_SHOULDER_HIGHER = "left_shoulder_higher"
    HEAD_LOW = "head_low"
    """Down towards the desk, in somebody in whom no angle can be told; never an `AngleReason`."""
    PARTLY_HIDDEN = "partly_hidden"
    """More than any angle that can be told: likewise."""


WITHOUT_ANGLES = frozenset({SlouchSign.HEAD_LOW, SlouchSign.PARTLY_HIDDEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class AngleReason:
    """One angle that is beyond its threshold.

    Attributes:
        sign: which, and which way it is off.
        deg: by how much, without its sign.
        estimated: it is inferred from the picture rather than measured in it.
    """

    sign: SlouchSign
    deg: float
    estimated: bool

    def __post_init__(self) -> None:
        if self.sign in WITHOUT_ANGLES:
            raise ValueError(self.sign)


SlouchReason = AngleReason | SlouchSign
"""An angle beyond its threshold, or what stands out most where none is, or none is known."""


def sign_of(reason: SlouchReason) -> SlouchSign:
    """What a slouch shows in, without the degrees."""
    return reason.sign if isinstance(reason, AngleReason) else reason


class QuietReason(StrEnum):
    """Why alerts are suppressed."""

    SNOOZED = "snoozed"
    IN_A_CALL = "in_a_call"
    DO_NOT_DISTURB = "do_not_disturb"
    FULL_SCREEN = "full_screen"
    PRESENTING = "presenting"
    QUIET_HOURS = "quiet_hours"
    NEW_BASELINE = "new_baseline"
    """While it is taken or asked about: an alert would take the place of what the sitter is to
    do."""
    ADVICE_FIRST = "advice_first"
    UNDER_16 = "under_16"


class Lesson(StrEnum):
    """What a labelled pose shows."""

    CHAIR_NEARER = "chair_nearer"
    CHAIR_LOWER = "chair_lower"
    OWN_SLOUCH = "own_slouch"
    NO_SLOUCH = "no_slouch"
