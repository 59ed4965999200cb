"""What one pose beside a baseline says whatever the size of the sitter, for the angle model.

Pure. Ratios of apparent sizes, shifts in shoulder widths or trunk lengths, changes of direction.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from posturecam.pose.measures import OUTLINE_MEASURES
from posturecam.values.observation import View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posturecam.pose.measures import Measures

_FARTHEST = 0.2
"""Logarithm of how much farther than in the baseline a head is by its mesh; beyond, that tells
nothing more. Rendered sitters slide down and recline at 1.2 to 1.35 times the distance, a real man
who slid was at 1.42."""
Invariants = tuple["NDArray[np.float64]", "NDArray[np.float64]"]
"""(r, n) readings of one pose, and for each the (5,) signs that its angles take."""
MakesInvariants = Callable[["Measures", "Measures"], Invariants]
"""Of a pose and a baseline."""


def front_invariants(now: Measures, baseline: Measures) -> Invariants:
    """What a front view says about the sagittal plane and the shoulder line.

    There are two readings, the pose and its mirror image: their mean cannot change under a mirror.
    """
    same = [
        _log_ratio(now.head_size, baseline.head_size),
        _log_ratio(now.shoulder_width, baseline.shoulder_width),
        _log_ratio(now.ear_width, baseline.ear_width),
        _log_ratio(now.eye_width, baseline.eye_width),
        _over(now.shoulder_y - baseline.shoulder_y, baseline.shoulder_width),
        _over(now.ear_y - baseline.ear_y, baseline.shoulder_width),
        _neck_height(now) - _neck_height(baseline),
        _change(now, baseline, lambda it: _over(it.shoulder_y - it.ear_y, it.head_size)),
        _eye_nod(now) - _eye_nod(baseline),
        _nose_nod(now) - _nose_nod(baseline),
        # Where the camera is, as far as an upright sitter shows it: height, pitch, distance.
        _over(baseline.ear_y - baseline.aspect / 2, baseline.shoulder_width),
        _over(baseline.shoulder_y - baseline.aspect / 2, baseline.shoulder_width),
        _over(baseline.shoulder_width, baseline.head_size),
        _eye_nod(baseline),
        _nose_nod(baseline),
        _neck_height(baseline),
    ]
    turned = [
        now.shoulder_tilt_deg - baseline.shoulder_tilt_deg,
        now.ear_tilt_deg - baseline.ear_tilt_deg,
        now.facing - baseline.facing,
        _change(now, baseline, lambda it: _over(it.ear_x - it.shoulder_x, it.shoulder_width)),
        _over(now.shoulder_x - baseline.shoulder_x, baseline.shoulder_width),
        _over(baseline.shoulder_x - 0.5, baseline.shoulder_width),
        baseline.facing,
    ]
    readings = np.array([same + turned, same + [-value for value in turned]])
    return readings, np.array([[1.0] * 5, [1.0, 1.0, 1.0, 1.0, -1.0]])


def with_mesh_invariants(now: Measures, baseline: Measures) -> Invariants:
    """The same with what a face mesh says: how far the head is, where it turns, how it is turned.

    NaN where either has no mesh.
    """
    readings, signs = front_invariants(now, baseline)
    width = baseline.shoulder_width
    same = [
        max(_log_ratio(now.mesh_size, baseline.mesh_size), -_FARTHEST),
        max(_log_ratio(baseline.mesh_away, now.mesh_away), -_FARTHEST),
        _over(now.mesh_ear_y - baseline.mesh_ear_y, width),
        _change(now, baseline, lambda it: _over(it.shoulder_y - it.mesh_ear_y, it.shoulder_width)),
        now.mesh_fitted_pitch_deg - baseline.mesh_fitted_pitch_deg,
        now.mesh_pitch_deg - baseline.mesh_pitch_deg,
    ]
    turned = [
        _over(_change(now, baseline, lambda it: it.mesh_ear_x - it.shoulder_x), width),
        now.mesh_yaw_deg - baseline.mesh_yaw_deg,
        now.mesh_roll_deg - baseline.mesh_roll_deg,
    ]
    mesh = np.array([same + turned, same + [-value for value in turned]])
    return np.hstack([readings, mesh]), signs


def with_outline_invariants(now: Measures, baseline: Measures) -> Invariants:
    """The same with how neck and upper back have moved by the outline; NaN where either has none.

    They are alike in a mirror: none of them has a side.
    """
    readings, signs = with_mesh_invariants(now, baseline)
    moved = [getattr(now, name) - getattr(baseline, name) for name in OUTLINE_MEASURES]
    return np.hstack([readings, [moved] * len(readings)]), signs


def side_invariants(now: Measures, baseline: Measures) -> Invariants:
    """What a side or three-quarter view says, read in the direction in which the sitter faces."""
    forward = math.copysign(1.0, baseline.facing)
    length = baseline.trunk_length
    reading = [
        now.trunk_inclination_deg - baseline.trunk_inclination_deg,
        now.neck_inclination_deg - baseline.neck_inclination_deg,
        now.head_inclination_deg - baseline.head_inclination_deg,
        forward * (now.facing - baseline.facing),
        _log_ratio(now.trunk_length, baseline.trunk_length),
        _log_ratio(now.neck_length, baseline.neck_length),
        _log_ratio(now.head_size, baseline.head_size),
        forward * _over(now.near_hip_x - baseline.near_hip_x, length),
        forward * _over(now.near_shoulder_x - baseline.near_shoulder_x, length),
        forward * _over(now.ear_x - baseline.ear_x, length),
        forward * _over(now.nose_x - baseline.nose_x, length),
        _over(now.near_hip_y - baseline.near_hip_y, length),
        _over(now.near_shoulder_y - baseline.near_shoulder_y, length),
        _over(now.ear_y - baseline.ear_y, length),
        _over(now.nose_y - baseline.nose_y, length),
        _change(now, baseline, lambda it: _over(it.shoulder_width, it.trunk_length)),
        forward * _change(now, baseline, lambda it: math.sin(math.radians(it.shoulder_tilt_deg))),
        abs(baseline.facing),
        _over(baseline.shoulder_width, length),
        baseline.trunk_inclination_deg,
        baseline.neck_inclination_deg,
    ]
    return np.array([reading]), np.array([[1.0, 1.0, 1.0, 1.0, forward]])


INVARIANTS = {
    View.FRONT: front_invariants,
    View.THREE_QUARTER: side_invariants,
    View.SIDE: side_invariants,
}
"""The invariants of each view, in the order of the inputs in the model document."""


def _neck_height(it: Measures) -> float:
    return _over(it.shoulder_y - it.ear_y, it.shoulder_width)


def _eye_nod(it: Measures) -> float:
    return _over(it.eye_y - it.ear_y, it.head_size)


def _nose_nod(it: Measures) -> float:
    return _over(it.nose_y - it.ear_y, it.head_size)


def _change(now: Measures, baseline: Measures, value: Callable[[Measures], float]) -> float:
    return value(now) - value(baseline)


def _over(value: float, length: float) -> float:
    return value / abs(length) if length else math.nan


def _log_ratio(now: float, before: float) -> float:
    return math.log(abs(now / before)) if now and before else math.nan
