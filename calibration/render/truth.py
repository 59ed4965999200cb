"""What is true of a sitter: points, the angles between them, and whether that is a slouch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from render.rotations import Floats

POINTS = (
    "nose", "ear_l", "ear_r", "eye_l", "eye_r", "shoulder_l", "shoulder_r", "acromion_l",
    "acromion_r", "c7", "t8", "hip_l", "hip_r", "elbow_l", "elbow_r", "wrist_l", "wrist_r",
)  # fmt: skip
"""The true points: `ear` is the tragus, `shoulder` the centre of the joint."""

THRESHOLDS_DEG = {
    "upper_back_deg": 12.0,
    "trunk_deg": 12.0,
    "neck_deg": 12.0,
    "back_flexion_deg": 15.0,
    "shoulder_tilt_deg": 7.0,
}
"""Changes from the baseline that are a slouch: forward, and of the shoulders either way."""
GREY_FROM = 0.6
"""Share of a threshold from which a posture is neither clearly slouched nor clearly upright."""


def forward(trunk_yaw_deg: float) -> Floats:
    """(3,) where the thorax faces, in the horizontal plane."""
    yaw = np.radians(trunk_yaw_deg)
    return np.array([np.sin(yaw), 0.0, np.cos(yaw)])


def yaw_deg(direction: Floats) -> float:
    """Turn of a (3,) direction about the vertical, to the sitter's left positive."""
    return float(np.degrees(np.arctan2(direction[0], direction[2])))


def inclination_deg(low: Floats, high: Floats, ahead: Floats) -> float:
    """The line from `low` to `high` to the vertical, positive towards `ahead`."""
    line = high - low
    return float(np.degrees(np.arctan2(line @ ahead, line[1])))


def angles(points: Mapping[str, Floats], thorax: Floats, head: Floats) -> dict[str, float]:
    """All angles in degrees, and two lengths in metres.

    The sagittal plane is the vertical one through where the thorax faces.

    Args:
        points: (3,) each, in metres.
        thorax: (3, 3) its rotation in the world.
        head: (3, 3) likewise.
    """
    trunk_yaw_deg = yaw_deg(thorax[:, 2])
    ahead = forward(trunk_yaw_deg)
    left = np.array([ahead[2], 0.0, -ahead[0]])
    tragus, hips = middle(points, "ear"), middle(points, "hip")
    shoulder_line = points["shoulder_l"] - points["shoulder_r"]
    upper_back_deg = inclination_deg(points["t8"], points["c7"], ahead)
    head_yaw_deg = yaw_deg(head[:, 2])
    return {
        "upper_back_deg": upper_back_deg,
        "trunk_deg": inclination_deg(hips, points["c7"], ahead),
        "neck_deg": inclination_deg(points["c7"], tragus, ahead),
        "back_flexion_deg": upper_back_deg - inclination_deg(hips, points["t8"], ahead),
        "shoulder_tilt_deg": float(np.degrees(np.arctan2(-shoulder_line[1], shoulder_line @ left))),
        "head_pitch_deg": float(np.degrees(np.arcsin(np.clip(-head[1, 2], -1, 1)))),
        "head_yaw_deg": head_yaw_deg,
        "head_yaw_rel_deg": head_yaw_deg - trunk_yaw_deg,
        "head_roll_deg": float(np.degrees(np.arcsin(np.clip(-head[1, 0], -1, 1)))),
        "trunk_yaw_deg": trunk_yaw_deg,
        "trunk_side_deg": inclination_deg(hips, points["c7"], left),
        "head_protraction_m": float((tragus - points["c7"]) @ ahead),
        "shoulder_protraction_m": float((middle(points, "shoulder") - points["c7"]) @ ahead),
    }


ANGLES = (
    "upper_back_deg", "trunk_deg", "neck_deg", "back_flexion_deg", "shoulder_tilt_deg",
    "head_pitch_deg", "head_yaw_deg", "head_yaw_rel_deg", "head_roll_deg", "trunk_yaw_deg",
    "trunk_side_deg", "head_protraction_m", "shoulder_protraction_m",
)  # fmt: skip
"""What `angles` gives, in this order."""


def middle(points: Mapping[str, Floats], name: str) -> Floats:
    """Half way between the left and the right one."""
    return np.asarray((points[f"{name}_l"] + points[f"{name}_r"]) / 2)


def ratio(changes: Mapping[str, float]) -> float:
    """The largest change from the baseline as a share of its threshold; backwards does not count.

    From 1 on a posture is slouched, from `GREY_FROM` on it is grey.
    """
    shares = {name: changes[name] / limit for name, limit in THRESHOLDS_DEG.items()}
    shares["shoulder_tilt_deg"] = abs(shares["shoulder_tilt_deg"])
    return max(shares.values())
