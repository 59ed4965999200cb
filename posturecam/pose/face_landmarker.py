"""A picture and a sitter -> their `Head`, by MediaPipe's face landmarker.

Made and asked in the landmarker's guarded thread only. The mesh of the face is gone when a call
returns: no part of it leaves this module but as the numbers of a `Head`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from posturecam.base.errors import INSTALL_AGAIN, DataError
from posturecam.base.files import utf8_name
from posturecam.base.language import Sentence
from posturecam.base.native_stderr import without_native_stderr
from posturecam.pose.head import CROP_PX, MESH_POINTS, Crop, crop_around_head, head_of, whose_head

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posturecam.pose.models import Model
    from posturecam.values.head import Head
    from posturecam.values.observation import Landmarks

FACES = 2
"""A second face has to be seen, to know that the first may be the wrong one."""


class FaceLandmarker:
    """The face model at work. Raises `DataError`."""

    def __init__(self, mediapipe: Any, model: Model) -> None:
        self._mediapipe = mediapipe
        vision = mediapipe.tasks.vision
        try:
            with utf8_name(model.path) as name, without_native_stderr():
                self._landmarker = vision.FaceLandmarker.create_from_options(
                    vision.FaceLandmarkerOptions(
                        base_options=mediapipe.tasks.BaseOptions(model_asset_path=name),
                        running_mode=vision.RunningMode.IMAGE,
                        num_faces=FACES,
                        output_facial_transformation_matrixes=True,
                    )
                )
        except (OSError, ValueError, RuntimeError) as error:
            raise DataError(
                Sentence("MediaPipe does not accept the face model {path}.", path=model.path),
                INSTALL_AGAIN,
            ) from error

    def head(self, image: NDArray[np.uint8], sitter: Landmarks) -> Head | None:
        """The head of the sitter, None where their face is not found.

        The image is (h, w, 3) BGR.
        """
        crop = crop_around_head(sitter)
        if crop is None:
            return None
        return whose_head(self.heads(cropped(image, crop), crop, sitter.image_width_px), sitter)

    def heads(self, face: NDArray[np.uint8], crop: Crop, image_width_px: int) -> list[Head]:
        """Every head that is found, two at most.

        The face is (320, 320, 3) RGB, contiguous; the `crop` is what that is of the whole picture.
        """
        sort = self._mediapipe.ImageFormat.SRGB
        found = self._landmarker.detect(self._mediapipe.Image(image_format=sort, data=face))
        heads = []
        for points, fitted in zip(
            found.face_landmarks, found.facial_transformation_matrixes, strict=True
        ):
            mesh = np.array([(p.x, p.y, p.z) for p in points[:MESH_POINTS]], np.float64)
            heads.append(head_of(mesh, np.asarray(fitted), crop, image_width_px))
        return heads

    def close(self) -> None:
        """Free the model."""
        self._landmarker.close()


def cropped(image: NDArray[np.uint8], crop: Crop) -> NDArray[np.uint8]:
    """(320, 320, 3) RGB, what `crop` holds of a BGR image; black beyond its edges."""
    import cv2

    scale = CROP_PX / crop.side_px
    place = np.array([[scale, 0, -crop.left_px * scale], [0, scale, -crop.top_px * scale]])
    square = cv2.warpAffine(image, place, (CROP_PX, CROP_PX), flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(square, cv2.COLOR_BGR2RGB), np.uint8)
