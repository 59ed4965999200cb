"""Landmarks of one pose -> geometric measures of it.

A `Measures` is what a baseline stores and what every estimate compares: a few named lengths,
positions and directions, each of which means something on its own.
"""

from __future__ import annotations

import math
from dataclasses import asdict, astuple, dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from posturecam.values.observation import Joint, Landmarks, SitterPosition, View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posturecam.values.head import Head
    from posturecam.values.outline import Outline

_FARTHEST = 3.0
"""A landmark more widths of the picture away from its corner than this is an invention."""

_REACH_TO_WIDTH = 1.3
"""Width across the ears over the reach of the nose before them, as the pose model puts them."""

_FRONT_YAW_DEG = 50.0
_SIDE_YAW_DEG = 82.0
_SIDE_WIDTH_TO_TRUNK = 0.28


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """One pose in the picture; NaN where it cannot be told.

    Positions and lengths are divided by the width of the picture, so x (to the right) and y (down)
    share one scale; left and right are the person's. Forward is where the person faces.

    Attributes:
        shoulder_x: middle between the shoulders.
        shoulder_width: length of the line between the shoulders; negative when the left one is on
            the left of the picture, as seen from behind.
        shoulder_tilt_deg: shoulder line to the horizontal; the left shoulder lower is positive.
        shoulder_yaw_deg: turn of the shoulder line away from the picture plane, by the model's
            depth; 0 when it is parallel, positive when the left shoulder is farther away.
        ear_x: middle between the ears.
        ear_width: length of the line between the ears, signed like `shoulder_width`.
        ear_tilt_deg: ear line to the horizontal; the left ear lower is positive.
        eye_x: middle between the eyes.
        eye_width: length of the line between the eyes, signed like `shoulder_width`.
        nose_x: tip of the nose.
        head_size: apparent size of the head that a turn of the head leaves alone: ear width and
            forward reach of the nose as the two legs of a right angle.
        facing: forward reach of the nose over the ears divided by `head_size`; -1 looks to the
            left edge of the picture, 0 into the camera, 1 to the right edge.
        near_shoulder_x: shoulder on the side towards the camera.
        near_hip_x: hip on the side towards the camera.
        trunk_length: near hip to near shoulder.
        trunk_inclination_deg: near hip to near shoulder, to the vertical, forward positive.
        neck_length: near shoulder to near ear.
        neck_inclination_deg: near shoulder to near ear, to the vertical, forward positive.
        head_inclination_deg: near ear to nose, to the horizontal, upward positive.
        aspect: height of the picture divided by its width.
        mesh_size: size of the head by the face mesh; it shrinks as the head gets farther away. This
            and what follows is NaN where no mesh was found.
        mesh_away: distance of the head from the camera, up to a factor of the camera's own: only
            the ratio of two means something.
        mesh_ear_x: virtual tragus of the face mesh, the middle of both.
        mesh_pitch_deg: nod to the line of sight, by the points of the mesh; down is positive.
        mesh_yaw_deg: turn to the line of sight, to the person's left positive.
        mesh_roll_deg: tilt; the left ear lower is positive.
        mesh_fitted_pitch_deg: nod of MediaPipe's face model, fitted to the mesh.
        outline_neck_height: C7 over the shoulders, in shoulder widths. This and what follows is as
            an `Outline` says, NaN where there is none.
    """

    shoulder_x: float
    shoulder_y: float
    shoulder_width: float
    shoulder_tilt_deg: float
    shoulder_yaw_deg: float
    ear_x: float
    ear_y: float
    ear_width: float
    ear_tilt_deg: float
    eye_x: float
    eye_y: float
    eye_width: float
    nose_x: float
    nose_y: float
    head_size: float
    facing: float
    near_shoulder_x: float
    near_shoulder_y: float
    near_hip_x: float
    near_hip_y: float
    trunk_length: float
    trunk_inclination_deg: float
    neck_length: float
    neck_inclination_deg: float
    head_inclination_deg: float
    aspect: float
    mesh_size: float = math.nan
    mesh_away: float = math.nan
    mesh_ear_x: float = math.nan
    mesh_ear_y: float = math.nan
    mesh_pitch_deg: float = math.nan
    mesh_yaw_deg: float = math.nan
    mesh_roll_deg: float = math.nan
    mesh_fitted_pitch_deg: float = math.nan
    outline_neck_height: float = math.nan
    outline_neck_ahead: float = math.nan
    outline_head_ahead: float = math.nan
    outline_upper_back_ahead: float = math.nan

    def as_array(self) -> NDArray[np.float64]:
        """(n,) float64 in the order of `MEASURES`."""
        return np.array(astuple(self), dtype=np.float64)

    @classmethod
    def from_array(cls, array: NDArray[np.float64]) -> Measures:
        """The measures from an (n,) array in the order of `MEASURES`. Raises `ValueError`."""
        return cls(**dict(zip(MEASURES, map(float, array), strict=True)))


MEASURES = tuple(item.name for item in fields(Measures))
"""Names of the measures, in the order of `Measures.as_array`."""

MESH_MEASURES = tuple(name for name in MEASURES if name.startswith("mesh_"))
"""Those of the face mesh: all or none of them are known."""

OUTLINE_MEASURES = tuple(name for name in MEASURES if name.startswith("outline_"))
"""Those of the outline, likewise."""

_CM_PER_M = 100.0


def measure(landmarks: Landmarks) -> Measures:
    """The measures of one person.

    Where a landmark is missing or absurd, what rests on it is NaN.
    """
    width_px = landmarks.image_width_px
    points = landmarks.points_px / width_px
    points[~(np.abs(points) < _FARTHEST).all(axis=1)] = math.nan
    at = points.tolist()
    left_ear, right_ear = at[Joint.LEFT_EAR], at[Joint.RIGHT_EAR]
    left_shoulder, right_shoulder = at[Joint.LEFT_SHOULDER], at[Joint.RIGHT_SHOULDER]
    left_eye, right_eye = at[Joint.LEFT_EYE], at[Joint.RIGHT_EYE]
    nose = at[Joint.NOSE]
    ear_x, ear_y = _middle(left_ear, right_ear)
    shoulder_x, shoulder_y = _middle(left_shoulder, right_shoulder)
    eye_x, eye_y = _middle(left_eye, right_eye)
    ear_width = _signed_width(left_ear, right_ear)
    reach = _REACH_TO_WIDTH * (nose[0] - ear_x)
    head_size = math.hypot(ear_width, reach)
    facing = reach / head_size if head_size > 0 else math.nan
    # Who faces the right edge of the picture shows the right side of the body.
    ear, shoulder, hip = (
        (right_ear, right_shoulder, at[Joint.RIGHT_HIP])
        if facing > 0
        else (left_ear, left_shoulder, at[Joint.LEFT_HIP])
    )
    forward = math.copysign(1.0, facing)
    return Measures(
        shoulder_x=shoulder_x,
        shoulder_y=shoulder_y,
        shoulder_width=_signed_width(left_shoulder, right_shoulder),
        shoulder_tilt_deg=_tilt_deg(left_shoulder, right_shoulder),
        shoulder_yaw_deg=_yaw_deg(left_shoulder, right_shoulder),
        ear_x=ear_x,
        ear_y=ear_y,
        ear_width=ear_width,
        ear_tilt_deg=_tilt_deg(left_ear, right_ear),
        eye_x=eye_x,
        eye_y=eye_y,
        eye_width=_signed_width(left_eye, right_eye),
        nose_x=nose[0],
        nose_y=nose[1],
        head_size=head_size,
        facing=facing,
        near_shoulder_x=shoulder[0],
        near_shoulder_y=shoulder[1],
        near_hip_x=hip[0],
        near_hip_y=hip[1],
        trunk_length=math.dist(hip[:2], shoulder[:2]),
        trunk_inclination_deg=_inclination_deg(hip, shoulder, forward),
        neck_length=math.dist(shoulder[:2], ear[:2]),
        neck_inclination_deg=_inclination_deg(shoulder, ear, forward),
        head_inclination_deg=90.0 - _inclination_deg(ear, nose, forward),
        aspect=landmarks.image_height_px / width_px,
        **_mesh_measures(landmarks.head, width_px),
        **_outline_measures(landmarks.outline),
    )


def find_view(measures: Measures) -> View:
    """From where the camera sees the person, best asked of a baseline (a median of many poses).

    The limits lie between the closest rendered sitters of either kind: front to 45 degrees of
    shoulder yaw, three-quarter 54 to 80, side from 84; width of the shoulders over length of the
    trunk to 0.17 from the side, from 0.33 in three-quarter views (calibration/report.md, "Views").
    """
    turned_deg = abs(measures.shoulder_yaw_deg)
    if turned_deg <= _FRONT_YAW_DEG and measures.shoulder_width > 0:
        return View.FRONT
    if turned_deg > _SIDE_YAW_DEG and abs(measures.shoulder_width) < (
        _SIDE_WIDTH_TO_TRUNK * measures.trunk_length
    ):
        return View.SIDE
    return View.THREE_QUARTER


def position_of(measures: Measures, view: View) -> SitterPosition:
    """Where the person is and how they hold themselves, in the measures that suit `view`."""
    side = view is View.SIDE
    scale = measures.trunk_length if side else abs(measures.shoulder_width)
    return SitterPosition(
        shoulder_x=measures.shoulder_x,
        shoulder_y=measures.shoulder_y,
        scale=scale,
        head_ratio=(measures.shoulder_y - measures.ear_y) / scale if scale > 0 else math.nan,
        tilt_deg=measures.trunk_inclination_deg if side else measures.shoulder_tilt_deg,
        turn=measures.facing,
    )


def _mesh_measures(head: Head | None, width_px: int) -> dict[str, float]:
    if head is None:
        return {}
    return {
        "mesh_size": head.size_px / width_px,
        "mesh_away": head.fitted_away / _CM_PER_M,
        "mesh_ear_x": head.tragus_x_px / width_px,
        "mesh_ear_y": head.tragus_y_px / width_px,
        "mesh_pitch_deg": head.pitch_deg,
        "mesh_yaw_deg": head.yaw_deg,
        "mesh_roll_deg": head.roll_deg,
        "mesh_fitted_pitch_deg": head.fitted_pitch_deg,
    }


def _outline_measures(outline: Outline | None) -> dict[str, float]:
    if outline is None:
        return {}
    return {f"outline_{name}": value for name, value in asdict(outline).items()}


def _middle(one: list[float], other: list[float]) -> tuple[float, float]:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def _signed_width(left: list[float], right: list[float]) -> float:
    return math.copysign(math.dist(left[:2], right[:2]), left[0] - right[0])


def _tilt_deg(left: list[float], right: list[float]) -> float:
    return math.degrees(math.atan2(left[1] - right[1], abs(left[0] - right[0])))


def _yaw_deg(left: list[float], right: list[float]) -> float:
    return math.degrees(math.atan2(left[2] - right[2], left[0] - right[0]))


def _inclination_deg(low: list[float], high: list[float], forward: float) -> float:
    return math.degrees(math.atan2(forward * (high[0] - low[0]), low[1] - high[1]))
