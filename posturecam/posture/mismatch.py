"""Whether the picture as a whole still fits the baseline, or camera, chair or desk have changed.

Pure: `step(memory, observation) -> (memory, observation, mismatch)`. A baseline is of one person in
one position. Somebody who sits down elsewhere for good, or whose camera was moved, is far from it
in a way that no posture explains; judged by it, they would be blamed for what they do not do.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING

from posturecam.pose.bent_over import is_bent_over
from posturecam.values.observation import BaselineMismatch, Observation, UnknownReason, View
from posturecam.values.settings import Thresholds

if TYPE_CHECKING:
    from posturecam.pose.measures import Measures
    from posturecam.values.observation import Deviations, SitterPosition

STALE_AFTER_S = 120.0
"""Longer than anybody leans, reaches or rolls aside for something, shorter than `slouch_after`."""
CAMERA_AFTER_S = 20.0
"""No posture makes the background another one, or the picture another shape. So less patience is
needed: enough for somebody who walks past the background."""
_OF_THE_CAMERA = (BaselineMismatch.CAMERA, BaselineMismatch.SHAPE)
_IN_PLACE = 0.1
"""Shoulder widths up or down within which somebody upright sits as at calibration, so that the
camera looks as it did: 1.5 degrees."""
_DRAIN = 2.0
"""Time in which the baseline fits takes off so many times as much, so that short mismatches do not
add up."""

# Limits in shoulder widths (front) or trunk lengths, and as logarithm of the size. Of 35 rendered
# upright poses seen from the front by a camera tilted up or down by 5 degrees, all are beyond them;
# of 672 postures without a moved chair, 4; of 18 real ones, none.
_ASIDE = 0.33
_UP_OR_DOWN = 0.14
_SIZE = 0.20
_FAR_ASIDE = 1.0
_FAR_UP_OR_DOWN = 0.8
_FAR_NEARER = 0.7
_FAR_FARTHER = 0.42
"""Nobody gets so far by leaning, reclining or sliding in a chair that stays where it is; so far
down only somebody who bends over the desk."""
_NECK = 0.08
"""Relative change of the height of the ears over the shoulders below which no posture shows."""
_EXPLAINED = 0.6
"""A deviation of such a share of its threshold, either way, is a posture that explains it."""
_POSTURE_DEG: tuple[float, ...] = astuple(Thresholds())
_RIGID_SIZE = 0.06
_RIGID_HEAD_SIZE = 0.08
_RIGID_NECK = 0.05
_RIGID_NOD = 0.03
"""Where somebody is up or down in the picture, and size, head size, neck and nod have changed by
less than these, only the camera or the seat has moved, whatever the estimated angles say."""
_SHAPE = 0.02
"""Change of height over width that no rounding of the picture's size makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MismatchMemory:
    """What `step` remembers.

    Attributes:
        t_s: time of the last observation, None before the first.
        off_s: how long the sitter has been off the baseline; fitting time drains it.
        stale: the baseline does not fit any more.
        said: that has been said; once is enough.
        in_place: somebody upright was at the calibrated height since, so that no lid is tilted.
    """

    t_s: float | None = None
    off_s: float = 0.0
    stale: bool = False
    said: bool = False
    in_place: bool = False


def step(
    memory: MismatchMemory,
    observation: Observation,
    *,
    gap_s: float,
    doubted: SitterPosition | None = None,
    quiet: bool = False,
) -> tuple[MismatchMemory, Observation, BaselineMismatch | None]:
    """What to remember, the observation to go on with, and what is different when it is to be said.

    While the baseline is stale, whoever is seen is unknown. Time in which nobody can be compared
    counts neither way.

    Args:
        memory: from the observation before.
        observation: the newest.
        gap_s: a longer silence counts neither way.
        doubted: where the sitter was at calibration, as long as nothing says whether the camera
            looks there as it did; None once something does.
        quiet: nothing is to be said now; it is later, if the baseline does not fit then.
    """
    in_doubt = doubted is not None and not memory.in_place
    if doubted is not None and in_doubt:
        in_place, different = _in_doubt(observation, doubted)
        memory = replace(memory, in_place=in_place)
        in_doubt = different is not None
        if in_doubt:
            observation = replace(observation, mismatch=different)
    span_s = 0.0 if memory.t_s is None else observation.t_s - memory.t_s
    memory = replace(memory, t_s=observation.t_s)
    if span_s > gap_s or (observation.deviations is None and observation.mismatch is None):
        return memory, observation, None
    of_the_camera = in_doubt or observation.mismatch in _OF_THE_CAMERA
    patience_s = CAMERA_AFTER_S if of_the_camera else STALE_AFTER_S
    off_s = memory.off_s - _DRAIN * span_s
    if observation.mismatch is not None:
        off_s = min(memory.off_s + span_s, patience_s)
    stale = off_s >= patience_s or (memory.stale and off_s > 0)
    memory = replace(memory, off_s=max(off_s, 0.0), stale=stale)
    if not stale:
        return memory, observation, None
    unknown = replace(observation, deviations=None, unknown_reason=UnknownReason.STALE)
    mismatch = None if memory.said or quiet else observation.mismatch
    return replace(memory, said=memory.said or mismatch is not None), unknown, mismatch


def _in_doubt(
    observation: Observation, home: SitterPosition
) -> tuple[bool, BaselineMismatch | None]:
    """Whether somebody upright is where they were, and what is different where nobody can tell.

    Head and shoulders that went up or down together are a tilted lid as well as a posture.
    """
    now = observation.position
    if now is None or observation.deviations is None:
        return False, None
    down = _common(now.shoulder_y - home.shoulder_y, now.head_y - home.head_y) / home.scale
    if abs(down) >= _UP_OR_DOWN:
        return False, BaselineMismatch.LOWER if down > 0 else BaselineMismatch.HIGHER
    return abs(down) < _IN_PLACE and observation.slouch_log_odds < 0, None


def has_other_shape(now: Measures, baseline: Measures) -> bool:
    """Whether the two come from pictures of another shape, whose places cannot be compared."""
    return abs(now.aspect - baseline.aspect) > _SHAPE


def find_mismatch(
    now: Measures, baseline: Measures, view: View, deviations: Deviations
) -> BaselineMismatch | None:
    """What about the pose `now` no posture explains, None when it fits the baseline."""
    unit = _length(baseline, view)
    nearer = _log_ratio(now.head_size, baseline.head_size)
    size = _log_ratio(_length(now, view), unit) if view is View.FRONT else nearer
    aside = (now.shoulder_x - baseline.shoulder_x) / unit
    down = _common(now.shoulder_y - baseline.shoulder_y, now.ear_y - baseline.ear_y) / unit
    vertical = BaselineMismatch.LOWER if down > 0 else BaselineMismatch.HIGHER
    off = {
        vertical: abs(down) / _UP_OR_DOWN,
        BaselineMismatch.ASIDE: abs(aside) / _ASIDE,
        BaselineMismatch.NEARER if size > 0 else BaselineMismatch.FARTHER: abs(size) / _SIZE,
    }
    most = max(off, key=lambda mismatch: off[mismatch])
    far_off = size > _FAR_NEARER or size < -_FAR_FARTHER or abs(aside) > _FAR_ASIDE
    if far_off or (abs(down) > _FAR_UP_OR_DOWN and not is_bent_over(now, baseline, view)):
        return most
    neck = abs(_neck(now, view) / _neck(baseline, view) - 1)
    if off[most] >= 1 and neck < _NECK and _posture_share(deviations) < _EXPLAINED:
        return most
    rigid = (
        off[vertical] >= 1
        and abs(size) < _RIGID_SIZE
        and abs(nearer) < _RIGID_HEAD_SIZE
        and neck < _RIGID_NECK
        and abs(_nod(now) - _nod(baseline)) < _RIGID_NOD
    )
    return vertical if rigid else None


def _posture_share(deviations: Deviations) -> float:
    pairs = zip(deviations.values_deg(), _POSTURE_DEG, strict=True)
    return max(abs(deg) / threshold_deg for deg, threshold_deg in pairs)


def _length(it: Measures, view: View) -> float:
    return abs(it.shoulder_width) if view is View.FRONT else it.trunk_length


def _log_ratio(now: float, before: float) -> float:
    return math.log(now / before) if now > 0 and before > 0 else math.nan


def _common(one: float, other: float) -> float:
    """What two shifts have in common: nothing when they go apart."""
    return math.copysign(min(abs(one), abs(other)), one) if one * other > 0 else 0.0


def _neck(it: Measures, view: View) -> float:
    length = it.shoulder_width if view is View.FRONT else it.head_size
    return (it.shoulder_y - it.ear_y) / abs(length)


def _nod(it: Measures) -> float:
    return (it.eye_y - it.ear_y) / it.head_size
