"""Somebody bent over the desk in whom head, face or shoulders are in doubt.

`sitter` refuses them: the head is about as low as the shoulders, a hand or the edge of the picture
hides a part, or they are farther down than anybody upright gets. What is left of such a pose still
says one thing, that the head has gone down towards the shoulders, or down and nearer than these; a
camera or a chair that was moved takes both along.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from posturecam.pose.measures import Measures, find_view, measure
from posturecam.pose.sitter import Candidate, why_not_judgeable
from posturecam.values.observation import Detection, Landmarks, UnknownReason, View

HIDING = frozenset(
    {
        UnknownReason.NOBODY,
        UnknownReason.ELSEWHERE,
        UnknownReason.NO_HEAD,
        UnknownReason.HAND,
        UnknownReason.SHOULDERS_OUT,
        UnknownReason.HEAD_OUT,
    }
)
"""Why somebody bent over is refused."""

# Lengths in shoulder widths from the front, else in trunk lengths, as at calibration. With `_SUNK`
# from 0.2 to 0.4 and `observe.PLAIN_LOG_ODDS` from 2 to 5 the same rendered pictures pass, none of
# them upright.
_SUNK = 0.3
_NECK = (-0.3, 0.75)
"""Height of the head over the shoulders, as a share of that at calibration. A tilted lid takes it
below the upper limit in 2 of 100 pictures."""
_NEARER = 1.15
"""Or the head has grown by so many times as much as the shoulders. Of rendered sitters who are
refused and whose neck does not tell, 11 of 172 slouched poses have sunk and grown so, all plainly,
and 1 of 436 others, not plainly."""
_REACH = 1.75
_LENGTH = (0.75, 1.6)
_HEAD = (0.8, 2.3)
"""Sizes over those at calibration; the head from the front only. Of 119 poses found where nobody
was, none has all of these."""


def find_bent_over(
    detection: Detection, expected: Measures, put_back: Callable[[Landmarks], Landmarks]
) -> Candidate | None:
    """Whoever in the frame is bent over the desk at the calibrated place; None if nobody is.

    Asked only where `find_sitter` found no sitter. `put_back` places people where the camera would
    have seen them before it turned.
    """
    view = find_view(expected)
    for person in detection.people:
        now = measure(put_back(person))
        # The hands on the desk may be as high as the shoulders by then: no arm is raised.
        if is_bent_over(now, expected, view) and not why_not_judgeable(now, expected, view):
            return Candidate(person, now, view)
    return None


def is_bent_over(now: Measures, expected: Measures, view: View) -> bool:
    """Whether the head of `now` has gone down towards the shoulders, as no camera makes it."""
    unit, length = _length(expected, view), _length(now, view)
    if not _LENGTH[0] < length / unit < _LENGTH[1]:
        return False
    head = now.head_size / expected.head_size
    if view is View.FRONT and not _HEAD[0] < head < _HEAD[1]:
        return False
    away = math.hypot(now.shoulder_x - expected.shoulder_x, now.shoulder_y - expected.shoulder_y)
    neck = (now.shoulder_y - now.ear_y) / length
    usual = (expected.shoulder_y - expected.ear_y) / unit
    is_nearer = view is View.FRONT and head > _NEARER * length / unit
    return (
        away < _REACH * unit
        and now.ear_y - expected.ear_y > _SUNK * unit
        and neck > _NECK[0] * usual
        and (neck < _NECK[1] * usual or is_nearer)
    )


def _length(it: Measures, view: View) -> float:
    return it.shoulder_width if view is View.FRONT else it.trunk_length
