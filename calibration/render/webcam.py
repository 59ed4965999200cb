"""The camera: where it stands, where it puts a point, and what it does to a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from render.rotations import about

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from render.appearance import Optics
    from render.rotations import Floats

_HINGE_M = 0.21
"""From the hinge of a laptop's lid to the camera at its upper edge."""
_NEWTON_STEPS = 6


@dataclass(frozen=True, kw_only=True)
class Webcam:
    """A camera in the world.

    Attributes:
        kind: laptop, monitor, threequarter or side.
        at: (3,) metres.
        turn: (3, 3) rows right, down, forward: x_camera = turn @ (x - at).
        focal_px: focal length, in pixels of the picture.
        optics: size of the picture, and what the lens and the sensor do.
    """

    kind: str
    at: Floats
    turn: Floats
    focal_px: float
    optics: Optics

    @property
    def centre_px(self) -> tuple[float, float]:
        """Where the optical axis meets the picture."""
        return self.optics.width_px / 2, self.optics.height_px / 2

    def depths_m(self, points: Floats) -> Floats:
        """(n,) along the optical axis, of (n, 3) points."""
        return np.asarray((points - self.at) @ self.turn[2])

    def project_px(self, points: Floats) -> Floats:
        """(n, 2) where (n, 3) points are in the picture, bent by the lens."""
        seen = (points - self.at) @ self.turn.T
        return np.asarray(self.bent(seen[:, :2] / seen[:, 2:]) * self.focal_px + self.centre_px)

    def bent(self, straight: Floats) -> Floats:
        """(n, 2) places in focal lengths from the centre, as the lens puts them."""
        radius = np.hypot(straight[:, 0], straight[:, 1])
        bent = radius.copy()
        for _ in range(_NEWTON_STEPS):
            slope = 1 + 3 * self.optics.barrel * bent**2
            bent -= (bent * (1 + self.optics.barrel * bent**2) - radius) / slope
        share = np.where(radius > 1e-9, bent / np.maximum(radius, 1e-9), 1.0)
        return np.asarray(straight * share[:, None])

    def lid_tilted(self, back_deg: float) -> Webcam:
        """The same camera after the lid was tilted back: it looks higher, the picture sinks.

        A laptop's camera also moves about the hinge below it; a clipped one turns on the spot.
        """
        tilt = about("x", -back_deg)  # in the camera's own axes: right, down, forward
        hinge = np.array([0.0, _HINGE_M if self.kind == "laptop" else 0.0, 0.0])
        moved = self.at + self.turn.T @ (hinge - tilt.T @ hinge)
        return replace(self, at=moved, turn=tilt @ self.turn)


@dataclass(frozen=True)
class _Stand:
    """Limits to draw from: field of view, distance, height over the eyes, place of the face."""

    view_deg: tuple[float, float]
    distance_m: tuple[float, float]
    over_eyes_m: tuple[float, float]
    aside_deg: tuple[float, float]
    face_down: tuple[float, float]
    face_across: tuple[float, float]


_STANDS = {
    "laptop": _Stand((60, 90), (0.45, 0.9), (-0.35, -0.2), (-10, 10), (0.22, 0.42), (0.44, 0.56)),
    "monitor": _Stand((60, 90), (0.45, 0.9), (-0.05, 0.1), (-10, 10), (0.28, 0.45), (0.44, 0.56)),
    "threequarter": _Stand(
        (60, 85), (0.8, 1.25), (-0.25, 0.15), (35, 55), (0.22, 0.38), (0.4, 0.6)
    ),
    "side": _Stand((60, 85), (1.0, 1.6), (-0.4, 0.05), (75, 105), (0.2, 0.35), (0.4, 0.6)),
}


def drawn_webcam(random: np.random.Generator, family: str, eyes: Floats, optics: Optics) -> Webcam:
    """A camera for one sitter, whose eyes are at (3,) in their upright posture."""
    kind = family
    if family == "front":
        kind = "laptop" if random.random() < 0.45 else "monitor"
    stand, draw = _STANDS[kind], random.uniform
    view_deg, distance_m = draw(*stand.view_deg), draw(*stand.distance_m)
    over_eyes_m, aside_deg = draw(*stand.over_eyes_m), draw(*stand.aside_deg)
    face_down, face_across = draw(*stand.face_down), draw(*stand.face_across)
    if family != "front":
        aside_deg *= random.choice([-1, 1])
    away_m = np.sqrt(max(distance_m**2 - over_eyes_m**2, 0.01))
    aside = np.radians(aside_deg)
    at = eyes + np.array([np.sin(aside) * away_m, over_eyes_m, np.cos(aside) * away_m])
    focal_px = optics.width_px / 2 / np.tan(np.radians(view_deg) / 2)
    line = eyes - at
    pitch = np.arctan2(line[1], np.hypot(line[0], line[2]))
    pitch -= np.arctan((0.5 - face_down) * optics.height_px / focal_px)
    yaw = np.arctan2(line[0], line[2]) + np.arctan((face_across - 0.5) * optics.width_px / focal_px)
    forward = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    right = np.cross(forward, [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    turn = about("z", draw(-2, 2)) @ np.stack([right, down, forward])
    return Webcam(kind=kind, at=at, turn=turn, focal_px=float(focal_px), optics=optics)


class Sensor:
    """What lens and sensor of one webcam do to a straight picture of its size.

    Attributes:
        focal_px: focal length that the straight picture has to be drawn with, so that bending it
            fills the webcam's picture.
    """

    def __init__(self, random: np.random.Generator, webcam: Webcam) -> None:
        self._optics = optics = webcam.optics
        columns, rows = np.meshgrid(np.arange(optics.width_px), np.arange(optics.height_px))
        centre_x, centre_y = webcam.centre_px
        x, y = (columns + 0.5 - centre_x, rows + 0.5 - centre_y)
        stretch = 1 + optics.barrel * (x**2 + y**2) / webcam.focal_px**2
        self.focal_px = webcam.focal_px / max(1.0, float(stretch[0, 0]))
        stretch *= self.focal_px / webcam.focal_px
        self._across = (x * stretch + centre_x - 0.5).astype(np.float32)
        self._down = (y * stretch + centre_y - 0.5).astype(np.float32)
        self._noise = _drawn_noise(random, optics)

    def exposed(
        self, picture: NDArray[np.uint8], motion_px: float, random: np.random.Generator
    ) -> NDArray[np.uint8]:
        """The picture as the webcam gives it: bent, smeared, soft and noisy.

        Args:
            picture: (h, w, 3) straight.
            motion_px: how far it is smeared, for 640 px of width.
            random: which way the smear goes, and from where on the noise is taken.
        """
        wider = self._optics.width_px / 640
        seen = picture
        if self._optics.barrel:
            bent = cv2.remap(seen, self._across, self._down, cv2.INTER_LINEAR)
            seen = np.asarray(bent, np.uint8)
        if motion_px:
            kernel = _smear(motion_px * wider, random.uniform(0, 180))
            seen = np.asarray(cv2.filter2D(seen, -1, kernel), np.uint8)
        soft = cv2.GaussianBlur(seen, (0, 0), self._optics.blur_px * wider)
        rows, columns = random.integers(0, self._noise.shape[:2])
        moved = np.roll(self._noise, (rows, columns), axis=(0, 1))
        return np.asarray(np.clip(moved + soft, 0, 255), np.uint8)


def _drawn_noise(random: np.random.Generator, optics: Optics) -> NDArray[np.float32]:
    """(h, w, 3) noise in grey levels, mostly the same in all colours."""
    height_px, width_px = optics.height_px, optics.width_px
    grey = random.standard_normal((height_px, width_px, 1), dtype=np.float32)
    coarse = random.standard_normal((height_px // 2, width_px // 2, 3), dtype=np.float32)
    colour = cv2.resize(coarse, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    return np.asarray((grey + 0.7 * colour) * optics.noise_grey, np.float32)


def _smear(length_px: float, direction_deg: float) -> NDArray[np.float32]:
    """A line of that length as the kernel of a filter."""
    half = int(np.ceil(length_px / 2))
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    along = np.radians(direction_deg)
    for step in np.linspace(-length_px / 2, length_px / 2, 8 * half + 1):
        column, row = half + step * np.cos(along), half + step * np.sin(along)
        kernel[round(row), round(column)] += 1
    return np.asarray(kernel / kernel.sum(), np.float32)
