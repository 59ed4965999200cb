"""Rendered poses with their true points: what pose, face and shoulder model see of them.

Tables of our own sitters hold what the face model saw. Older ones do not: there the true head takes
its place, with an error that the face model made on the others; `shoulders` and `outlines` do the
same for the shoulder model.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from posturecam.pose.measures import MESH_MEASURES, OUTLINE_MEASURES, measure
from posturecam.posture.scenery import UNTURNED, CameraTurn
from posturecam.values.observation import ANGLES, Joint

if TYPE_CHECKING:
    from footage import Footage
    from numpy.typing import NDArray

    from posturecam.values.observation import Detection

JOINTS = {
    Joint.NOSE: "nose",
    Joint.LEFT_EYE: "eye_l",
    Joint.RIGHT_EYE: "eye_r",
    Joint.LEFT_EAR: "ear_l",
    Joint.RIGHT_EAR: "ear_r",
    Joint.LEFT_SHOULDER: "shoulder_l",
    Joint.RIGHT_SHOULDER: "shoulder_r",
}
"""Landmarks of the front view and the true points that they stand for; the shoulders last."""
HEAD, EYES, EARS, SHOULDERS = slice(0, 5), slice(1, 3), slice(3, 5), slice(5, 7)
_NEWTON_STEPS = 8
_FARTHEST_SDS = 6.0
"""Errors of the face model beyond are of faces that it missed."""
_RATIOS, _PLACES = slice(0, 2), slice(2, 4)
"""Of `MESH_MEASURES`: size and distance are off by a share, the ears by metres, turns by angles."""
_FOCALS = np.array([0.75, 0.9, 1.1, 1.4])
_TURN_ERROR = 0.003
"""What the program knows of a tilted camera: focal lengths to choose from, and the shift in widths
of the picture to half a cell of its backdrop (`posture/scenery.py`)."""


class Poses:
    """The pictures of one table that show the sitter, from one side.

    Attributes:
        name: of the table.
        rows: what is true of each picture.
        detections: what was seen in it.
        sitters: (n,) who, named with the table.
        is_baseline: (n,) whether it is one of the upright pictures that changes are measured from.
        truth_deg: (n, 5) true angles.
        points: (n, 7, 3) true places of `JOINTS`, in metres.
        mesh: (n, 8) what the face model says, as `MESH_MEASURES`; NaN where it says nothing.
        mesh_error: (n, 8) its error: logarithms of ratios, metres and degrees.
        outline: (n, 4) what the shoulder model says of neck and upper back, as `OUTLINE_MEASURES`;
            NaN where it says nothing.
        outline_slopes: (4,) how much of a true change it follows, see `outlines.Outlining`.
    """

    def __init__(self, name: str, footage: Footage, family: str) -> None:
        chosen = [
            index
            for index, row in enumerate(footage.rows)
            if row["family"] == family
            and row["present"] == "1"
            and footage.detections[index].people
        ]
        self.name = name
        self.rows = [footage.rows[index] for index in chosen]
        self.detections = [footage.detections[index] for index in chosen]
        self.sitters = np.array([f"{name}/{row['sitter']}" for row in self.rows])
        self.is_baseline = np.array([row["split"] == "baseline" for row in self.rows])
        self.truth_deg = self.numbers(*(f"{angle}_deg" for angle in ANGLES))
        self.points = np.stack([self.point(name) for name in JOINTS.values()], axis=1)
        self.mesh = self._measured(MESH_MEASURES)
        self.outline = self._measured(OUTLINE_MEASURES)
        self.outline_slopes = np.ones(len(OUTLINE_MEASURES))
        self.mesh_error = self.error_of(self.mesh, self.points) if self.rows else self.mesh

    def _measured(self, names: tuple[str, ...]) -> NDArray[np.float64]:
        measures = [measure(seen.people[0]) for seen in self.detections]
        values = [[getattr(of, name) for name in names] for of in measures]
        return np.array(values, np.float64).reshape(-1, len(names))

    def numbers(self, *names: str) -> NDArray[np.float64]:
        """(n, names) columns; NaN where a table has no such column or a row no such number."""
        return np.array([[float(row.get(name) or "nan") for name in names] for row in self.rows])

    def point(self, name: str) -> NDArray[np.float64]:
        """(n, 3) metres in the world of the render."""
        return self.numbers(*(f"{name}_{axis}" for axis in "xyz"))

    @cached_property
    def size_px(self) -> NDArray[np.float64]:
        """(n, 2) width and height of the pictures."""
        return self.numbers("width", "height")

    @cached_property
    def camera(self) -> NDArray[np.float64]:
        """(n, 3) metres."""
        return self.numbers("cam_x", "cam_y", "cam_z")

    @cached_property
    def focal(self) -> NDArray[np.float64]:
        """(n,) focal lengths in widths of the picture."""
        return self.numbers("focal_px")[:, 0] / self.size_px[:, 0]

    @cached_property
    def lid_tilt_deg(self) -> NDArray[np.float64]:
        """(n,) how far the camera was tilted back since the baseline."""
        return np.nan_to_num(self.numbers("lid_tilt_deg")[:, 0])

    def upright_deg(self) -> NDArray[np.float64]:
        """(n, 5) for each row the true angles of its sitter's baseline."""
        whole = np.full_like(self.truth_deg, np.nan)
        for sitter in np.unique(self.sitters):
            own = self.sitters == sitter
            if (own & self.is_baseline).any():
                whole[own] = self.truth_deg[own & self.is_baseline].mean(axis=0)
        return whole

    def project(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """(n, k, 2) pixels and (n, k) depths in metres of (n, k, 3) points, lens included."""
        turn = self.numbers(*(f"turn_{i}{j}" for i in range(3) for j in range(3)))
        seen = np.einsum("nij,nkj->nki", turn.reshape(-1, 3, 3), points - self.camera[:, None])
        straight = seen[..., :2] / seen[..., 2:]
        barrel = np.nan_to_num(self.numbers("barrel"))
        radius = np.maximum(np.hypot(straight[..., 0], straight[..., 1]), 1e-9)
        bent = radius.copy()
        for _ in range(_NEWTON_STEPS):
            slope = 1 + 3 * barrel * bent**2
            bent -= (bent * (1 + barrel * bent**2) - radius) / slope
        focal_px = self.numbers("focal_px")[..., None]
        cut_px = np.nan_to_num(self.numbers("cut_px"))
        whole_px = self.size_px + cut_px * [0, 1]
        pixels = straight * (bent / radius)[..., None] * focal_px + whole_px[:, None] / 2
        return pixels, seen[..., 2]

    def true_mesh(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 8) what a face model without error would say of (n, 7, 3) points.

        Up to a constant of each sitter; only changes of it mean something.
        """
        ears = points[:, EARS].mean(axis=1)
        middle = (points[:, 0] + points[:, EYES].mean(axis=1) + ears) / 3
        ears_px, _ = self.project(ears[:, None])
        away_m = self.project(middle[:, None])[1][:, 0]
        to_camera = _directions(self.camera - middle)
        ahead = _directions(points[:, 0] - ears)
        across = _directions(points[:, 3] - points[:, 4])
        pitch_deg = np.degrees(np.arcsin(to_camera[:, 1]) - np.arcsin(ahead[:, 1]))
        yaw_deg = np.degrees(_heading(ahead) - _heading(to_camera))
        roll_deg = -np.degrees(np.arcsin(across[:, 1]))
        places = ears_px[:, 0] / self.size_px[:, :1]
        return np.column_stack(
            [self.focal / away_m, away_m, places, pitch_deg, yaw_deg, roll_deg, pitch_deg]
        )

    def error_of(
        self, mesh: NDArray[np.float64], points: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(n, 8) how far `mesh` is off."""
        true = self.true_mesh(points)
        error = mesh - true
        error[:, _RATIOS] = np.log(mesh[:, _RATIOS] / true[:, _RATIOS])
        error[:, _PLACES] *= (true[:, 1] / self.focal)[:, None]
        return error

    def mesh_with(
        self, error: NDArray[np.float64], points: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(n, 8) what a face model says of `points` that is off by `error`."""
        true = self.true_mesh(points)
        mesh = true + error
        mesh[:, _RATIOS] = true[:, _RATIOS] * np.exp(error[:, _RATIOS])
        mesh[:, _PLACES] = true[:, _PLACES] + error[:, _PLACES] * (self.focal / true[:, 1])[:, None]
        return mesh

    def imagine_mesh(self, errors: NDArray[np.float64], random: np.random.Generator) -> None:
        """Let a face model see the sitters that errs as in (k, 8) `errors`, drawn at random.

        Upright pictures of one sitter are alike, and so are its errors in them.
        """
        self.mesh_error = errors[random.integers(len(errors), size=len(self.rows))]
        self.mesh_error[self.is_baseline] *= 0.35
        self.mesh = self.mesh_with(self.mesh_error, self.points)

    def changes_of_mesh_error(self) -> NDArray[np.float64]:
        """(k, 8) how far the error in a picture is from that in the sitter's baseline."""
        changes = []
        for sitter in np.unique(self.sitters):
            own = self.sitters == sitter
            upright = self.mesh_error[own & self.is_baseline]
            if np.isfinite(upright[:, 0]).any():
                usual = np.nanmedian(upright, axis=0)
                changes.append(self.mesh_error[own & ~self.is_baseline] - usual)
        found = np.concatenate(changes)
        found = found[np.isfinite(found).all(axis=1)]
        apart = np.abs(found - np.median(found, axis=0))
        is_near = (apart < _FARTHEST_SDS * 1.48 * np.median(apart, axis=0)).all(axis=1)
        return np.asarray(found[is_near])

    def turn(self, index: int, random: np.random.Generator) -> CameraTurn:
        """What the program finds when the camera of a picture was tilted."""
        tilt, focal = np.radians(self.lid_tilt_deg[index]), self.focal[index]
        if not tilt:
            return UNTURNED
        likely = _FOCALS[np.argsort(np.abs(np.log(_FOCALS / focal)))[:2]]
        right, down = random.normal(0, _TURN_ERROR, 2)
        return CameraTurn(
            right=float(right),
            down=float(focal * np.tan(tilt) + down),
            focal=float(random.choice(likely)),
        )

    def seen(self, index: int, points_px: NDArray[np.float64] | None = None) -> Detection:
        """One picture, with the sitter's landmarks at (33, 3) `points_px`."""
        detection = self.detections[index]
        if points_px is None:
            return detection
        return replace(detection, people=(replace(detection.people[0], points_px=points_px),))


def _directions(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def _heading(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.arctan2(directions[:, 0], directions[:, 2]))
