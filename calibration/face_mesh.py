"""What MediaPipe's face mesh says of a head: distance, pivot and turn; never the mesh itself.

The mesh of a face is a biometric template. What leaves this module are a few numbers that tell how
large the head is in the picture, where it turns and how it is turned.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Any, Self

import cv2
import numpy as np

from posturecam.pose import network_guard
from posturecam.values.observation import Joint

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from posturecam.values.observation import Landmarks

SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
"""Of the published FaceLandmarker bundle, float16, version 1 (Apache-2.0, Google)."""
SIDE = 1.15
"""Side of the crop in shoulder widths: on whole pictures the mesh misses a face in ten."""
CROP_PX = 320
BACK, DOWN = 0.275, 0.055
"""From the middle between the mesh's outermost points to the tragi, in head widths."""
_HEAD = [Joint.NOSE, Joint.LEFT_EYE, Joint.RIGHT_EYE, Joint.LEFT_EAR, Joint.RIGHT_EAR]
_RIGHT, _LEFT, _FOREHEAD, _CHIN = 234, 454, 10, 152
"""Points of the mesh: before the right and the left ear, top of the forehead, chin."""
_MESH_POINTS = 468
"""Those of the face; the irises follow."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """One head in a picture.

    Attributes:
        width_px: between the points before the ears, in three dimensions.
        size_px: root mean square distance of all points from their middle, in three dimensions.
        tragus_x_px: virtual tragus, the middle of both, in the whole picture.
        tragus_y_px: the same, from the top of the picture.
        pitch_deg: nod to the camera's axis, down positive, by the points of the mesh.
        yaw_deg: turn to the camera's axis, to the left of the person positive.
        roll_deg: tilt, the left ear lower is positive.
        fitted_pitch_deg: nod of MediaPipe's face model, fitted to the mesh.
        fitted_yaw_deg: turn of the same.
        fitted_away: its distance from the camera that MediaPipe assumes, in widths of the crop
            over the width of the picture; in proportion to the true one.
    """

    width_px: float
    size_px: float
    tragus_x_px: float
    tragus_y_px: float
    pitch_deg: float
    yaw_deg: float
    roll_deg: float
    fitted_pitch_deg: float
    fitted_yaw_deg: float
    fitted_away: float


NAMES = tuple(item.name for item in fields(Head))


class FaceMesh:
    """The face model at work in a thread that the kernel keeps off the network."""

    def __init__(self, path: Path) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="face")
        self._worker.submit(network_guard.install).result()
        self._landmarker, self._mediapipe = self._worker.submit(_opened, path).result()

    def heads(self, image: NDArray[np.uint8], sitter: Landmarks) -> tuple[Head | None, Head | None]:
        """The sitter's head by one look, and by the mean of that look and its mirror image.

        Args:
            image: (h, w, 3) BGR.
            sitter: whose head it is.

        Returns:
            None where no face is found.
        """
        crop, corner, side_px = cropped(image, sitter)
        width_px = sitter.image_width_px
        look = self._look(crop, corner, side_px, width_px)
        mirrored = self._look(np.ascontiguousarray(crop[:, ::-1]), corner, side_px, width_px)
        if mirrored is not None:
            mirrored = _mirrored(mirrored, corner[0], side_px)
        found = [astuple(head) for head in (look, mirrored) if head is not None]
        mean = dict(zip(NAMES, np.mean(found, axis=0).tolist(), strict=True)) if found else None
        return look, Head(**mean) if mean else None

    def close(self) -> None:
        """Free the model."""
        self._worker.submit(self._landmarker.close).result()
        self._worker.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _look(
        self, crop: NDArray[np.uint8], corner: tuple[float, float], side_px: float, width_px: int
    ) -> Head | None:
        found = self._worker.submit(self._detect, crop).result()
        if not found.face_landmarks:
            return None
        mesh = np.array([[p.x, p.y, p.z] for p in found.face_landmarks[0][:_MESH_POINTS]])
        points_px = mesh * side_px + [*corner, 0.0]
        fitted = np.asarray(found.facial_transformation_matrixes[0])
        return head_of(points_px, fitted, side_px / width_px)

    def _detect(self, crop: NDArray[np.uint8]) -> Any:
        rgb = np.ascontiguousarray(crop[..., ::-1])
        sort = self._mediapipe.ImageFormat.SRGB
        return self._landmarker.detect(self._mediapipe.Image(image_format=sort, data=rgb))


def _opened(path: Path) -> tuple[Any, Any]:
    import mediapipe

    vision = mediapipe.tasks.vision
    options = vision.FaceLandmarkerOptions(
        base_options=mediapipe.tasks.BaseOptions(model_asset_path=str(path)),
        running_mode=vision.RunningMode.IMAGE,
        num_faces=1,
        output_facial_transformation_matrixes=True,
    )
    return vision.FaceLandmarker.create_from_options(options), mediapipe


def cropped(
    image: NDArray[np.uint8], sitter: Landmarks
) -> tuple[NDArray[np.uint8], tuple[float, float], float]:
    """A square around the head that the pose model found, its corner and its side in pixels."""
    at = sitter.points_px[:, :2]
    side_px = SIDE * math.dist(at[Joint.LEFT_SHOULDER], at[Joint.RIGHT_SHOULDER])
    left_px, top_px = at[_HEAD].mean(axis=0) - side_px / 2
    scale = CROP_PX / side_px
    place = np.array([[scale, 0, -left_px * scale], [0, scale, -top_px * scale]])
    crop = cv2.warpAffine(image, place, (CROP_PX, CROP_PX), flags=cv2.INTER_AREA)
    return np.asarray(crop, np.uint8), (float(left_px), float(top_px)), float(side_px)


def head_of(points_px: NDArray[np.float64], fitted: NDArray[np.float64], crop: float) -> Head:
    """The numbers of one mesh.

    Args:
        points_px: (468, 3) in the whole picture; z in the same scale, smaller is nearer.
        fitted: (4, 4) from MediaPipe's face model to its camera; y up, z to the viewer.
        crop: side of the crop over the width of the picture.
    """
    right, left = points_px[_RIGHT], points_px[_LEFT]
    width_px = float(np.linalg.norm(left - right))
    across = (left - right) / width_px
    down = points_px[_CHIN] - points_px[_FOREHEAD]
    down -= across * (down @ across)
    down /= np.linalg.norm(down)
    back = np.cross(across, down)
    tragus = (left + right) / 2 + width_px * (BACK * back + DOWN * down)
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
        fitted_away=float(-fitted[2, 3] / crop),
    )


def _mirrored(head: Head, left_px: float, side_px: float) -> Head:
    """A head found in the mirrored crop, as it is in the picture."""
    values = dict(zip(NAMES, astuple(head), strict=True))
    values["tragus_x_px"] = 2 * left_px + side_px - head.tragus_x_px
    for name in ("yaw_deg", "roll_deg", "fitted_yaw_deg"):
        values[name] = -values[name]
    return Head(**values)
