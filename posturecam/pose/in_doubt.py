"""Whom `sitter` refuses, though they may be slouched all the same.

Nothing is said of their angles, and nobody is upright by it; a slouch is told where it is plain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from posturecam.pose.bent_over import HIDING, find_bent_over
from posturecam.pose.measures import Measures, find_view
from posturecam.pose.sitter import Candidate, find_partly_hidden, why_not_judgeable
from posturecam.values.observation import Detection, Landmarks, UnknownReason, View
from posturecam.values.reasons import SlouchSign

PARTLY_HIDING = frozenset({UnknownReason.HAND, UnknownReason.SHOULDERS_OUT})
"""Why somebody is refused who is at their place. With head or eyes out of the picture, or an arm
raised, hardly a slouch more would be told."""


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Somebody who was refused, and what a slouch of theirs shows in."""

    sitter: Candidate
    sign: SlouchSign


def find_in_doubt(
    detection: Detection,
    refused: UnknownReason,
    expected: Measures,
    put_back: Callable[[Landmarks], Landmarks],
) -> InDoubt | None:
    """Whoever may be slouched of those in `detection`, in whom no sitter was found.

    They are bent over the desk, or, from the front alone, hidden in part: from elsewhere that is
    too seldom to know of it.

    Args:
        detection: everybody in the frame.
        refused: why, by `find_sitter`.
        expected: the sitter at calibration.
        put_back: where a camera has turned, as it would have seen them before.
    """
    if refused in HIDING and (bent := find_bent_over(detection, expected, put_back)):
        return InDoubt(bent, SlouchSign.HEAD_LOW)
    if refused in PARTLY_HIDING and find_view(expected) is View.FRONT:
        hidden = find_partly_hidden(detection, expected, put_back)
        if hidden and not why_not_judgeable(hidden.measures, expected, View.FRONT):
            return InDoubt(hidden, SlouchSign.PARTLY_HIDDEN)
    return None
