"""Where to look for a sitter's face, and points of a face mesh -> a `Head`.

Pure. The mesh of a face is a biometric template: it comes in, and a few derived numbers go out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posturecam.pose.measures import find_view, measure
from posturecam.values.head import Head
from posturecam.values.observation import Joint, Landmarks, View

if TYPE_CHECKING:
    from numpy.typing import NDArray


SIDE = 1.15
"""Side of the crop in shoulder widths. On a whole picture the face model misses one face in ten, on
the crop one in eighty."""
CROP_PX = 320
MESH_POINTS = 468
"""Points of the mesh that are the face; those of the irises follow."""
_BACK, _DOWN = 0.275, 0.055
"""From the middle between the mesh's outermost points to the tragi, in head widths. The outermost
points themselves lie before the ears and rise at every nod."""
_HEAD = [Joint.NOSE, Joint.LEFT_EYE, Joint.RIGHT_EYE, Joint.LEFT_EAR, Joint.RIGHT_EAR]
_RIGHT, _LEFT, _FOREHEAD, _CHIN = 234, 454, 10, 152
"""Points of the mesh: before the right and the left ear, top of the forehead, chin."""
_SIDES = (0.08, 3.0)
"""In widths of the picture: whoever is smaller is not at the desk, a larger one is an invention."""
_FARTHEST = 0.75
"""Head sizes from the pose model's ears to the mesh's within which they are one person's: of 2,800
rendered sitters 999 in 1,000 are within 0.49."""
_SIZES = (0.7, 2.2)
"""Width of the mesh over the pose model's head size, for the same: 0.94 to 1.65."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A square of the picture, in pixels; it may reach beyond its edges."""

    left_px: float
    top_px: float
    side_px: float


def crop_around_head(sitter: Landmarks) -> Crop | None:
    """Where the face of the sitter has to be.

    None from the side, where the mesh is found in one picture of a hundred, and for a pose that is
    too small or too absurd to have a face.
    """
    own = measure(sitter)
    if not own.head_size > 0 or find_view(own) is View.SIDE:
        return None
    at = sitter.points_px[:, :2]
    side_px = SIDE * math.dist(at[Joint.LEFT_SHOULDER], at[Joint.RIGHT_SHOULDER])
    middle_px = at[_HEAD].mean(axis=0)
    picture_px = np.array([sitter.image_width_px, sitter.image_height_px])
    if not (
        _SIDES[0] <= side_px / sitter.image_width_px <= _SIDES[1]
        and (middle_px > 0).all()
        and (middle_px < picture_px).all()
    ):
        return None
    left_px, top_px = (middle_px - side_px / 2).tolist()
    return Crop(left_px=left_px, top_px=top_px, side_px=side_px)


def head_of(
    mesh: NDArray[np.float64], fitted: NDArray[np.float64], crop: Crop, image_width_px: int
) -> Head:
    """The numbers of one mesh.

    Args:
        mesh: (468, 3) in sides of the crop; z in the same scale, smaller is nearer.
        fitted: (4, 4) from MediaPipe's face model to its camera; y up, z to the viewer.
        crop: what of the picture was looked at.
        image_width_px: width of the whole picture.
    """
    points_px = mesh * crop.side_px + [crop.left_px, crop.top_px, 0.0]
    right, left = points_px[_RIGHT], points_px[_LEFT]
    width_px = float(np.linalg.norm(left - right))
    across = (left - right) / width_px
    down = points_px[_CHIN] - points_px[_FOREHEAD]
    down -= across * (down @ across)
    down /= np.linalg.norm(down)
    back = np.cross(across, down)
    tragus = (left + right) / 2 + width_px * (_BACK * back + _DOWN * down)
    spread = points_px - points_px.mean(axis=0)
    ahead = fitted[:3, 2] / np.linalg.norm(fitted[:3, 2])
    return Head(
        width_px=width_px,
        size_px=float(np.sqrt((spread**2).sum(axis=1).mean())),
        tragus_x_px=float(tragus[0]),
        tragus_y_px=float(tragus[1]),
        pitch_deg=math.degrees(math.asin(-back[1])),
        yaw_deg=math.degrees(math.atan2(-back[0], back[2])),
        roll_deg=math.degrees(math.atan2(across[1], across[0])),
        fitted_pitch_deg=math.degrees(math.asin(-ahead[1])),
        fitted_yaw_deg=math.degrees(math.atan2(ahead[0], ahead[2])),
        fitted_away=float(-fitted[2, 3] * image_width_px / crop.side_px),
    )


def whose_head(heads: Iterable[Head], sitter: Landmarks) -> Head | None:
    """The one of `heads` that the pose model means; None where another's was found.

    A poster, or somebody who looks over the sitter's shoulder, may be in the crop as well.
    """
    own = measure(sitter)
    width_px = sitter.image_width_px

    def apart(head: Head) -> float:
        beside = head.tragus_x_px / width_px - own.ear_x
        below = head.tragus_y_px / width_px - own.ear_y
        return math.hypot(beside, below) / own.head_size

    nearest = min(heads, key=apart, default=None)
    if nearest is None or not apart(nearest) < _FARTHEST:
        return None
    size = nearest.width_px / width_px / own.head_size
    return nearest if _SIZES[0] < size < _SIZES[1] else None
