"""A silhouette and a person -> the same person, shoulders and neck looked for once more.

Made and asked in the landmarker's guarded thread only. The crop is gone when a call returns.
"""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

from posturecam.base.errors import INSTALL_AGAIN, DataError
from posturecam.base.language import Sentence
from posturecam.pose.shoulders import (
    CROP_HEIGHT_PX,
    CROP_WIDTH_PX,
    ShoulderCrop,
    ShoulderModel,
    crop_around_shoulders,
    with_shoulders_refined,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posturecam.pose.models import Model
    from posturecam.values.observation import Landmarks

SIZE_PX = CROP_WIDTH_PX, CROP_HEIGHT_PX


class ShoulderRefiner:
    """The shoulder model at work. Raises `DataError`."""

    def __init__(self, model: Model) -> None:
        try:
            with model.path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                self._shoulders = ShoulderModel.from_arrays(dict(arrays))
        except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise DataError(
                Sentence("The shoulder model {path} cannot be read.", path=model.path),
                INSTALL_AGAIN,
            ) from error

    def refined(self, silhouette: NDArray[np.float32] | None, person: Landmarks) -> Landmarks:
        """The person with better shoulders and an outline, or as they are where none can be had.

        Args:
            silhouette: (height, width) of the picture, how surely each pixel shows the person, 0 to
                1, by the pose model. Nothing is looked for without it, or in one of another size.
            person: as the pose model has them.
        """
        if silhouette is None or silhouette.shape != (
            person.image_height_px,
            person.image_width_px,
        ):
            return person
        crop = crop_around_shoulders(person)
        if crop is None:
            return person
        return with_shoulders_refined(
            person, silhouette_crop(silhouette, crop), crop, self._shoulders
        )


def silhouette_crop(
    silhouette: NDArray[np.float32], crop: ShoulderCrop, size_px: tuple[int, int] = SIZE_PX
) -> NDArray[np.uint8]:
    """The part of the silhouette in `crop`, resized to this width and height.

    At least one pixel of the crop must lie in the picture; beyond it the outermost pixels go on.
    255 stands for 1: a quarter of the memory of floats, and as fine as silhouettes are.
    """
    import cv2

    height_px, width_px = silhouette.shape
    inside = silhouette[
        max(0, crop.top_px) : max(0, crop.bottom_px), max(0, crop.left_px) : max(0, crop.right_px)
    ]
    whole = cv2.copyMakeBorder(
        cv2.convertScaleAbs(inside, alpha=255),
        top=max(0, -crop.top_px),
        bottom=max(0, crop.bottom_px - height_px),
        left=max(0, -crop.left_px),
        right=max(0, crop.right_px - width_px),
        borderType=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.resize(whole, size_px, interpolation=cv2.INTER_AREA), np.uint8)
