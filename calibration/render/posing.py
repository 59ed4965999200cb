"""Draws postures for a scene until what the scene demands is true of one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from render import scenes, truth
from render.plan import FAR_SCENES, LID_TILT_DEG, Must, must

if TYPE_CHECKING:
    from collections.abc import Mapping

    from render.command import Command
    from render.rotations import Floats
    from render.sitter import Sitter
    from render.webcam import Webcam

_ATTEMPTS = 80
_CALMER_AFTER = 40
_NEAREST_EYES_M = 0.27
_NEAREST_SHARE = 0.55
"""No eyes nearer than this share of the distance of the camera."""
_MARGIN = 0.03
"""Of the picture, within which the face has to be."""


@dataclass(frozen=True)
class Posture:
    """One posture before one camera.

    Attributes:
        command: how it came about.
        webcam: the camera of this picture.
        lid_tilt_deg: how far the camera was tilted back since the baseline.
        points: (3,) each of `truth.POINTS`, in metres of the world.
        angles: `truth.ANGLES`, and the distances of eyes and shoulders to the camera in metres.
    """

    command: Command
    webcam: Webcam
    lid_tilt_deg: float
    points: Mapping[str, Floats]
    angles: Mapping[str, float]


def posture(sitter: Sitter, command: Command, webcam: Webcam, lid_tilt_deg: float = 0.0) -> Posture:
    """What is true of a sitter who follows a command."""
    posed = sitter.pose(command)
    points = sitter.points(posed)
    tilted = webcam.lid_tilted(lid_tilt_deg) if lid_tilt_deg else webcam
    away = {
        f"{name}_cam_dist_m": float(np.linalg.norm(truth.middle(points, part) - tilted.at))
        for name, part in (("eye", "eye"), ("shoulder", "shoulder"))
    }
    return Posture(command, tilted, lid_tilt_deg, points, sitter.angles(posed, points) | away)


def find_posture(
    random: np.random.Generator,
    sitter: Sitter,
    webcam: Webcam,
    scene: str,
    baseline: Mapping[str, float],
) -> Posture | None:
    """A posture for the scene, or None when this sitter before this camera has none."""
    for attempt in range(_ATTEMPTS):
        calm = 0.5 if attempt > _CALMER_AFTER else 1.0
        command = scenes.sway(random, calm) + scenes.drawn(random, scene)
        if command.stands:
            command = replace(command, chair_y_m=command.chair_y_m + sitter.standing_rise_m())
        lid_tilt_deg = _drawn_tilt(random, scene)
        if far := FAR_SCENES.get(scene):
            goal_m = random.uniform(*far.head) * baseline["eye_cam_dist_m"]
            command = moved_back(sitter, webcam, command, goal_m)
        found = posture(sitter, command, webcam, lid_tilt_deg)
        if _is_in_picture(found, webcam, scene) and _holds(found, scene, baseline):
            return found
    return None


def moved_back(sitter: Sitter, webcam: Webcam, command: Command, goal_m: float) -> Command:
    """The command with the chair where the eyes are as far from the camera as wanted."""
    for _ in range(4):
        away_m = posture(sitter, command, webcam).angles["eye_cam_dist_m"]
        command = replace(command, chair_z_m=command.chair_z_m - (goal_m - away_m))
    return command


def changes(found: Mapping[str, float], baseline: Mapping[str, float]) -> dict[str, float]:
    """What changed since the baseline."""
    return {name: found[name] - value for name, value in baseline.items()}


def _drawn_tilt(random: np.random.Generator, scene: str) -> float:
    if "lid_tilted" not in scene.split("+"):
        return 0.0
    return float(random.uniform(*LID_TILT_DEG) * random.choice([-1, 1]))


def _is_in_picture(found: Posture, usual: Webcam, scene: str) -> bool:
    """Whether the face is inside the picture and not too near; standing heads may be cut off."""
    if scene == "standing":
        return True
    eyes_m = float(np.linalg.norm(truth.middle(found.points, "eye") - usual.at))
    usual_m = float(np.linalg.norm(usual.at[[0, 2]]))
    nearest_m = min(_NEAREST_EYES_M, _NEAREST_SHARE * usual_m)
    names = ("nose",) if scene == "deep_hunch" else ("nose", "eye_l", "eye_r")
    face = np.array([found.points[name] for name in names])
    optics = found.webcam.optics
    shares = found.webcam.project_px(face) / [optics.width_px, optics.height_px]
    inside = bool((np.abs(shares - 0.5) < 0.5 - _MARGIN).all())
    return inside and eyes_m > nearest_m and bool((found.webcam.depths_m(face) > 0.1).all())


def _holds(found: Posture, scene: str, baseline: Mapping[str, float]) -> bool:
    change = changes(found.angles, baseline)
    if far := FAR_SCENES.get(scene):
        farther = found.angles["shoulder_cam_dist_m"] / baseline["shoulder_cam_dist_m"]
        if not far.shoulders[0] <= farther <= far.shoulders[1]:
            return False
    if must(scene) is Must.NOTHING:
        return True
    if must(scene) is Must.NOT_FORWARD:
        return truth.ratio(change) < truth.GREY_FROM
    either_way = {name: abs(change[name]) for name in truth.THRESHOLDS_DEG}
    return truth.ratio(either_way) < truth.GREY_FROM
