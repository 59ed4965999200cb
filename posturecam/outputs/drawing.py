"""Pictures that show what was seen and how it was judged, for `analyze --annotate` and preview."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from posturecam.base.errors import DataError
from posturecam.base.files import refuse_no_file
from posturecam.base.language import Sentence
from posturecam.base.paths import PRIVATE_FILE
from posturecam.values.observation import Joint, Landmarks, View

if TYPE_CHECKING:
    import cv2
    from numpy.typing import NDArray

    from posturecam.outputs.live_rows import Standing
    from posturecam.posture.baseline import Baseline

_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_LINE = (255, 200, 60)  # BGR
_SHOULDER_LINE = (60, 180, 255)

_GHOST = (190, 190, 190)
_GREY = (90, 90, 90)
_WITHIN = (200, 170, 80)
_OVER = (60, 180, 255)

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

_PICTURE_WIDTH_PX, _PICTURE_HEIGHT_PX = 720, 540
_HEAD_HEIGHT = 1.4
"""Height of a head over its width."""
_TITLE_PX, _ENTRY_PX, _NOTE_PX = 22, 17, 14
_BAR_LEFT_PX, _BAR_LIMIT_PX, _BAR_HEIGHT_PX = 130, 150, 10
_BAR_ROOM = 1.5
"""A bar reaches so many limits to the right of the baseline, and one to its left."""


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


def preview_picture(
    image: NDArray[np.uint8] | None,
    landmarks: Landmarks | None,
    baseline: Baseline | None,
    *,
    title: str,
    bars: Sequence[Standing],
    notes: Sequence[str],
) -> NDArray[np.uint8]:
    """The sitter as in a mirror, beside their baseline, with the deviations below.

    Args:
        image: (height, width, 3) uint8, BGR, not mirrored; None leaves the place empty.
        landmarks: the sitter, found in this very image.
        baseline: its head and shoulders are drawn in grey.
        title: what is known now.
        bars: a row each, with its deviation in degrees against its limit.
        notes: a row each, below.

    Returns:
        (height, 720, 3) uint8, BGR.
    """
    import cv2

    picture = np.zeros((_PICTURE_HEIGHT_PX, _PICTURE_WIDTH_PX, 3), dtype=np.uint8)
    if image is not None:
        drawn = image.copy()
        if baseline is not None:
            _draw_ghost(drawn, baseline)
        if landmarks is not None:
            _draw_sitter(drawn, landmarks)
        height_px, width_px = drawn.shape[:2]
        scale = min(_PICTURE_WIDTH_PX / width_px, _PICTURE_HEIGHT_PX / height_px)
        size_px = (max(1, round(scale * width_px)), max(1, round(scale * height_px)))
        fitted = cv2.resize(drawn, size_px, interpolation=cv2.INTER_AREA)[:, ::-1]
        left_px = (_PICTURE_WIDTH_PX - size_px[0]) // 2
        picture[: size_px[1], left_px : left_px + size_px[0]] = fitted
        picture = picture[: size_px[1]]
    return np.vstack((picture, _panel(title, bars, notes)))


def _private(path: str, flags: int) -> int:
    # A link in that place would lead elsewhere.
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), PRIVATE_FILE)


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
        raise DataError(
            Sentence("{path} cannot be written as a picture.", path=path),
            Sentence("End its name in .jpg or .png."),
        )
    try:
        refuse_no_file(path)
        with open(path, "wb", opener=_private) as file:
            file.write(data.tobytes())
    except OSError as error:
        raise DataError(
            Sentence("{path} cannot be written: {why}.", path=path, why=error.strerror),
            Sentence("Name a folder that exists, that you may write to and that has room."),
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


def _draw_ghost(image: NDArray[np.uint8], baseline: Baseline) -> None:
    """Head and shoulders, from the side also the trunk, where they were in the baseline."""
    import cv2

    centre, width_px = baseline.centre, image.shape[1]
    thickness_px = max(1, round(max(image.shape[:2]) / 300))
    if baseline.view is View.SIDE:
        hip = (centre.near_hip_x, centre.near_hip_y)
        shoulder = (centre.near_shoulder_x, centre.near_shoulder_y)
        lines = [(hip, shoulder), (shoulder, (centre.ear_x, centre.ear_y))]
    else:
        tilt = math.radians(centre.shoulder_tilt_deg)
        # Half of the way to the left shoulder, which is on the right of the picture.
        x = 0.5 * centre.shoulder_width * math.cos(tilt)
        y = 0.5 * abs(centre.shoulder_width) * math.sin(tilt)
        left = (centre.shoulder_x + x, centre.shoulder_y + y)
        right = (centre.shoulder_x - x, centre.shoulder_y - y)
        lines = [(left, right)]
    for ends in lines:
        if all(map(math.isfinite, (*ends[0], *ends[1]))):
            begin_px, end_px = ((round(x * width_px), round(y * width_px)) for x, y in ends)
            cv2.line(image, begin_px, end_px, _GHOST, thickness_px, cv2.LINE_AA)
    head = (centre.ear_x, centre.ear_y, centre.head_size)
    if all(map(math.isfinite, head)):
        middle_px = (round(head[0] * width_px), round(head[1] * width_px))
        half_px = max(1, round(0.5 * head[2] * width_px))
        axes_px = (half_px, round(_HEAD_HEIGHT * half_px))
        cv2.ellipse(image, middle_px, axes_px, 0, 0, 360, _GHOST, thickness_px, cv2.LINE_AA)


def _panel(title: str, bars: Sequence[Standing], notes: Sequence[str]) -> NDArray[np.uint8]:
    """White on black: the title, a row with a bar for each deviation, the notes."""
    import cv2

    font = cv2.FontFace("sans")
    sizes_px = [_TITLE_PX, *(_ENTRY_PX for _ in bars), *(_NOTE_PX for _ in notes)]
    texts = [title, *(bar.name for bar in bars), *notes]
    height_px = sum(round(_LINE_HEIGHT * size_px) for size_px in sizes_px) + _TITLE_PX
    panel = np.zeros((height_px, _PICTURE_WIDTH_PX, 3), dtype=np.uint8)
    margin_px = bottom_px = _TITLE_PX // 2
    bars_left = list(bars)
    for text, size_px in zip(texts, sizes_px, strict=True):
        bottom_px += round(_LINE_HEIGHT * size_px)
        at_px = (margin_px, bottom_px - size_px // 4)
        cv2.putText(panel, text, at_px, _WHITE, font, size_px, _WEIGHT)
        if size_px == _ENTRY_PX:
            _draw_bar(panel, bars_left.pop(0), at_px[1], font)
    return panel


def _draw_bar(panel: NDArray[np.uint8], bar: Standing, bottom_px: int, font: cv2.FontFace) -> None:
    import cv2

    top_px, zero_px = bottom_px - _BAR_HEIGHT_PX, _BAR_LEFT_PX + _BAR_LIMIT_PX
    limit_px = zero_px + _BAR_LIMIT_PX
    end_px = zero_px + round(_BAR_ROOM * _BAR_LIMIT_PX)
    cv2.rectangle(panel, (_BAR_LEFT_PX, top_px), (end_px, bottom_px), _GREY, 1)
    if math.isfinite(bar.ratio):
        value_px = zero_px + round(min(max(bar.ratio, -1.0), _BAR_ROOM) * _BAR_LIMIT_PX)
        over = (abs(bar.ratio) if bar.either_way else bar.ratio) >= 1
        colour = _OVER if over else _WITHIN
        cv2.rectangle(panel, (zero_px, top_px), (value_px, bottom_px), colour, cv2.FILLED)
    for mark_px in (zero_px, limit_px, *([_BAR_LEFT_PX] if bar.either_way else [])):
        reach_px = 0 if mark_px == zero_px else 3
        cv2.line(panel, (mark_px, top_px - reach_px), (mark_px, bottom_px + reach_px), _WHITE, 1)
    text = bar.text(spread=True)
    cv2.putText(panel, text, (end_px + 16, bottom_px), _WHITE, font, _ENTRY_PX, _WEIGHT)
