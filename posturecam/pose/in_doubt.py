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
"""Why somebody at their place is refused in whom a plain slouch is told all the same. With head or
eyes out of the picture, or an arm raised, hardly a slouch more would be told."""


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
    """Whoever in the frame may be slouched though `find_sitter` found no sitter.

    They are bent over the desk or, from the front only, hidden in part: from other sides that is
    too rare to know how well it is told.

    Args:
        detection: everybody in the frame.
        refused: why `find_sitter` found nobody to judge.
        expected: the sitter at calibration.
        put_back: places people where the camera would have seen them before it turned.
    """
    if refused in HIDING and (bent := find_bent_over(detection, expected, put_back)):
        return InDoubt(bent, SlouchSign.HEAD_LOW)
    if refused in PARTLY_HIDING and find_view(expected) is View.FRONT:
        hidden = find_partly_hidden(detection, expected, put_back)
        if hidden and not why_not_judgeable(hidden.measures, expected, View.FRONT):
            return InDoubt(hidden, SlouchSign.PARTLY_HIDDEN)
    return None
