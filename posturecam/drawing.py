"""Pictures that show what was seen and how it was judged, for `analyze --annotate`."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from posturecam.errors import DataError
from posturecam.observation import Joint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from posturecam.observation import Landmarks

_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_LINE = (255, 200, 60)  # BGR
_SHOULDER_LINE = (60, 180, 255)

_CHAINS = (
    (Joint.LEFT_EAR, Joint.LEFT_EYE, Joint.NOSE, Joint.RIGHT_EYE, Joint.RIGHT_EAR),
    (Joint.LEFT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP, Joint.RIGHT_SHOULDER),
    (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW),
    (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW),
)
_BONES = tuple(bone for chain in _CHAINS for bone in pairwise(chain))
_DRAWN = sorted({joint for chain in _CHAINS for joint in chain})

_SMALLEST_TEXT_PX = 9
_LINE_HEIGHT = 1.4
"""In text heights."""
_WEIGHT = 500


def annotate(
    image: NDArray[np.uint8], landmarks: Landmarks | None, lines: Sequence[str]
) -> NDArray[np.uint8]:
    """A copy of the picture with the sitter's joints drawn in and the text on a strip below it.

    Args:
        image: (height, width, 3) uint8, BGR.
        landmarks: the sitter, found in this very image; None draws nobody.
        lines: what to write, one entry a line; any character of Latin script.

    Returns:
        (height and that of the strip, width, 3) uint8, BGR.
    """
    drawn = image.copy()
    if landmarks is not None:
        _draw_sitter(drawn, landmarks)
    return np.vstack((drawn, _text_strip(lines, *image.shape[:2]))) if lines else drawn


def write_picture(path: Path, image: NDArray[np.uint8]) -> None:
    """Write (height, width, 3) uint8 BGR to `path`, in the format of its suffix.

    Raises:
        DataError: the suffix names no picture format, or the file cannot be written.
    """
    import cv2

    try:
        encoded, data = cv2.imencode(path.suffix, image)
    except cv2.error:
        encoded = False
    if not encoded:
        raise DataError(f"{path} cannot be written as a picture.", "End its name in .jpg or .png.")
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise DataError(
            f"{path} cannot be written: {error.strerror}.",
            "Name a folder that exists, that you may write to and that has room.",
        ) from error


def _draw_sitter(image: NDArray[np.uint8], landmarks: Landmarks) -> None:
    import cv2

    thickness_px = max(1, round(max(image.shape[:2]) / 400))
    # Joints may be guessed far outside; OpenCV clips lines but refuses coordinates over 2^31.
    limit_px = 10 * max(image.shape[:2])
    points = {
        joint: tuple(
            round(min(max(value, -limit_px), limit_px)) for value in landmarks.points_px[joint, :2]
        )
        for joint in _DRAWN
    }
    for start, end in _BONES:
        cv2.line(image, points[start], points[end], _LINE, thickness_px, cv2.LINE_AA)
    shoulders = (points[Joint.LEFT_SHOULDER], points[Joint.RIGHT_SHOULDER])
    cv2.line(image, *shoulders, _SHOULDER_LINE, 2 * thickness_px, cv2.LINE_AA)
    for point in points.values():
        cv2.circle(image, point, 2 * thickness_px, _WHITE, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(image, point, 2 * thickness_px, _BLACK, 1, cv2.LINE_AA)


def _text_strip(lines: Sequence[str], height_px: int, width_px: int) -> NDArray[np.uint8]:
    """White on black, as wide as the picture, with text in proportion to it that fits if it can."""
    import cv2

    font = cv2.FontFace("sans")  # built in; unlike the Hershey fonts it knows the degree sign

    def fits(size_px: int) -> bool:
        boxes = [cv2.getTextSize((0, 0), line, (0, 0), font, size_px, _WEIGHT) for line in lines]
        return max(x_px + text_px for x_px, _, text_px, _ in boxes) + size_px <= width_px

    size_px = max(_SMALLEST_TEXT_PX, round(min(height_px, width_px) / 24))
    while size_px > _SMALLEST_TEXT_PX and not fits(size_px):
        size_px -= 1
    step_px, margin_px = round(_LINE_HEIGHT * size_px), size_px // 2
    strip = np.zeros((len(lines) * step_px + 2 * margin_px, width_px, 3), dtype=np.uint8)
    for number, line in enumerate(lines):
        baseline = (margin_px, margin_px + number * step_px + size_px)
        cv2.putText(strip, line, baseline, _WHITE, font, size_px, _WEIGHT)
    return strip
