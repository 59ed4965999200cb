"""The sitter's head by one look of the face model, as the program sees it, and by two.

The second look is at the mirror image. The program does without it, since it costs as much again.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, fields, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from posturecam.pose import network_guard
from posturecam.pose.face_landmarker import FaceLandmarker, cropped
from posturecam.pose.head import crop_around_head, whose_head
from posturecam.pose.landmarker import import_mediapipe
from posturecam.pose.models import find_face_model
from posturecam.values.head import Head

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posturecam.pose.head import Crop
    from posturecam.values.observation import Landmarks

NAMES = tuple(item.name for item in fields(Head))


class MirroredLook:
    """The face model at work on mirror images, in a thread that the kernel keeps off the net."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="face")
        self._worker.submit(network_guard.install).result()
        self._face = self._worker.submit(
            lambda: FaceLandmarker(import_mediapipe(), find_face_model())
        ).result()

    def head(self, image: NDArray[np.uint8], sitter: Landmarks) -> Head | None:
        """The head in the mirror, as it is in the picture; None where no face is found.

        Args:
            image: (h, w, 3) BGR.
            sitter: whose head it is, in that image.
        """
        crop = crop_around_head(sitter)
        if crop is None:
            return None
        mirror = np.ascontiguousarray(cropped(image, crop)[:, ::-1])
        width_px = sitter.image_width_px
        heads = self._worker.submit(self._face.heads, mirror, crop, width_px).result()
        return whose_head([_turned_back(head, crop) for head in heads], sitter)

    def close(self) -> None:
        """Free the model."""
        self._worker.submit(self._face.close).result()
        self._worker.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _turned_back(head: Head, crop: Crop) -> Head:
    """A head found in the mirrored crop, as it is in the picture."""
    return replace(
        head,
        tragus_x_px=2 * crop.left_px + crop.side_px - head.tragus_x_px,
        yaw_deg=-head.yaw_deg,
        roll_deg=-head.roll_deg,
        fitted_yaw_deg=-head.fitted_yaw_deg,
    )


def mean_of(heads: tuple[Head | None, ...]) -> Head | None:
    """The mean of those that were found."""
    found = [astuple(head) for head in heads if head is not None]
    if not found:
        return None
    return Head(**dict(zip(NAMES, np.mean(found, axis=0).tolist(), strict=True)))
