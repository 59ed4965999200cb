"""A silhouette around both shoulders and the pose model's points -> where the shoulder joints are.

Pure. The pose model's shoulders are off by several hundredths of a shoulder width, differently in
every pose. A small network of our own, fitted to rendered sitters, whose joints are known, looks
again, at the pose model's own silhouette of the sitter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from posturecam.pose.measures import find_view, measure
from posturecam.values.observation import Joint, Landmarks, View

if TYPE_CHECKING:
    from numpy.typing import NDArray

CROP_WIDTH_PX, CROP_HEIGHT_PX = 120, 80
PX_A_WIDTH = 50
"""Pixels of the crop in one shoulder width."""
_NARROWEST_PX = 24.0
"""Shoulder width in the picture below which the crop would be made of nothing but enlargement."""
_WIDEST = 1.2
"""Shoulder width in widths of the picture beyond which both cannot be in it."""

_NEAR_EDGE_WIDTHS = 0.05
"""How far within the picture a shoulder has to be, in shoulder widths, to be left to the network;
nearer to an edge that counts the less, and beyond not at all. In renders it is the better one up to
the lower edge and beyond, but the shoulders of a man that lie just below the picture waver by 0.03
of its height as it has them, by 0.01 as the pose model does."""

_SURE, _UNSURE = 26, 229
"""Levels of a silhouette between which a pixel is neither the sitter nor the room."""
_BORDER = 127
_SHARP, _BLURRED = 2.0, 2.5
"""Such pixels for each step of the silhouette's border: the network counts in full up to the one,
not at all from the other on. Of 7,412 rendered silhouettes half have 1.6, one in ten 2.4 and more.
Those of a man in black before a dark chair have 2.4 to 3.2; there the pose model is the better one,
though in renders as blurred the network is."""

_SHOULDERS = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]
POINTS = [
    Joint.NOSE,
    Joint.LEFT_EYE,
    Joint.RIGHT_EYE,
    Joint.LEFT_EAR,
    Joint.RIGHT_EAR,
    *_SHOULDERS,
    Joint.LEFT_ELBOW,
    Joint.RIGHT_ELBOW,
]
"""What of the pose the network is told."""
_MIRRORED = [0, 2, 1, 4, 3, 6, 5, 8, 7]
"""Where each of `POINTS` stands in a mirror image."""
_FARTHEST_WIDTHS = 2.0
"""Points farther from the middle than this count as so far: elbows may be guesses."""
_USUAL_WIDTHS = np.array([[0.5, 0.0], [-0.5, 0.0]])
"""What the network's answers are counted from: left and right shoulder, from the middle."""
_FARTHEST_MOVE_WIDTHS = 0.5
"""How far a shoulder can be from where the pose model puts it, in shoulder widths: of 680 rendered
pictures one has 0.37, and rightly. Of noise the network says anything, up to 5."""

_SHAPES = (
    (5, 5, 1, 12),
    (3, 3, 12, 24), (3, 3, 24, 24), (3, 3, 24, 24),
    (3, 3, 24, 48), (3, 3, 48, 48), (3, 3, 48, 48),
    (3, 3, 48, 72), (3, 3, 72, 72), (3, 3, 72, 72),
    (72 * 5 * 8 + 2 * len(POINTS), 96),
    (96, 4),
)  # fmt: skip
"""Of the weights: convolutions (rows, columns, in, out), then two full layers (in, out)."""
_ENTRY, _BLOCKS, _FULL = 0, (1, 4, 7), 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ShoulderCrop:
    """A rectangle of the picture, in whole pixels; it may reach beyond its edges."""

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShoulderNetwork:
    """The fitted numbers.

    Attributes:
        weights: float32, of ten convolutions and two full layers, with the shapes of `_SHAPES`.
        biases: float32, (out,) each.
        offset_widths: (2, 2) float64, left and right shoulder, x and y in shoulder widths: from the
            joint to where the pose model puts it on the average. What was fitted to the pose
            model's shoulders keeps its meaning.
        share: how much its answers count beside the pose model's where it is sure.
    """

    weights: tuple[NDArray[np.float32], ...] = field(repr=False)
    biases: tuple[NDArray[np.float32], ...] = field(repr=False)
    offset_widths: NDArray[np.float64] = field(repr=False)
    share: float

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.floating]]) -> Self:
        """The network of the arrays `weights_00`, `biases_00` ..., `offset_widths`, `share`.

        Raises:
            ValueError: one is missing or has another shape.
        """
        shapes: dict[str, tuple[int, ...]] = {"offset_widths": (2, 2), "share": ()}
        for index, shape in enumerate(_SHAPES):
            shapes |= {f"weights_{index:02}": shape, f"biases_{index:02}": shape[-1:]}
        found = {name: arrays[name].shape for name in shapes if name in arrays}
        if found != shapes:
            raise ValueError(f"weights: expected {shapes}, got {found}")
        layers = range(len(_SHAPES))
        return cls(
            weights=tuple(arrays[f"weights_{index:02}"].astype(np.float32) for index in layers),
            biases=tuple(arrays[f"biases_{index:02}"].astype(np.float32) for index in layers),
            offset_widths=arrays["offset_widths"].astype(np.float64),
            share=float(arrays["share"]),
        )

    def joints_widths(
        self, silhouette: NDArray[np.uint8], points_widths: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Left and right shoulder joint, the mean of what silhouette and mirror image say.

        Args:
            silhouette: (80, 120), how surely each pixel of the crop shows the sitter, of 255.
            points_widths: (9, 2), `POINTS` from the middle of the crop, in shoulder widths.

        Returns:
            (2, 2) in the same frame as the points.
        """
        picture = silhouette[..., np.newaxis].astype(np.float32) / np.float32(127.5) - 1
        pictures = np.stack([picture, picture[:, ::-1]])
        points = np.stack([points_widths, (points_widths * [-1, 1])[_MIRRORED]])
        here, mirrored = self._answers(pictures, points) + _USUAL_WIDTHS
        return np.asarray((here + mirrored[::-1] * [-1, 1]) / 2, np.float64)

    def _answers(
        self, pictures: NDArray[np.float32], points_widths: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """(n, 2, 2) for n pictures and their points."""
        seen = _positive(self._convolved(pictures, _ENTRY, 2))
        for first in _BLOCKS:
            seen = _positive(self._convolved(seen, first, 2))
            inner = _positive(self._convolved(seen, first + 1, 1))
            seen = _positive(seen + self._convolved(inner, first + 2, 1))
        told = points_widths.clip(-_FARTHEST_WIDTHS, _FARTHEST_WIDTHS).reshape(len(pictures), -1)
        flat = [seen.transpose(0, 3, 1, 2).reshape(len(pictures), -1), told.astype(np.float32)]
        hidden = _positive(np.concatenate(flat, axis=1) @ self.weights[_FULL] + self.biases[_FULL])
        answers = hidden @ self.weights[_FULL + 1] + self.biases[_FULL + 1]
        return np.asarray(answers.reshape(-1, 2, 2), np.float32)

    def _convolved(
        self, pictures: NDArray[np.float32], layer: int, step: int
    ) -> NDArray[np.float32]:
        """(n, height, width, channels) -> the same of the next layer; beyond the edges is nought.

        The surroundings of each point are laid in a row, so that one product of matrices does it.
        """
        weights = self.weights[layer]
        side, _, channels, outputs = weights.shape
        reach = side // 2
        count, height, width, _ = pictures.shape
        padded = np.zeros((count, height + 2 * reach, width + 2 * reach, channels), np.float32)
        padded[:, reach:-reach, reach:-reach] = pictures
        rows, columns = math.ceil(height / step), math.ceil(width / step)
        around = np.empty((count, rows, columns, side * side, channels), np.float32)
        for place, (down, right) in enumerate(np.ndindex(side, side)):
            around[..., place, :] = padded[
                :, down : down + step * rows : step, right : right + step * columns : step
            ]
        flat = around.reshape(-1, side * side * channels) @ weights.reshape(-1, outputs)
        flat += self.biases[layer]
        return flat.reshape(count, rows, columns, outputs)


def crop_around_shoulders(person: Landmarks) -> ShoulderCrop | None:
    """Where to look for the shoulders: 2.4 by 1.6 shoulder widths around their middle.

    None but from the front, and for shoulders that are too small or not in the picture.
    """
    if find_view(measure(person)) is not View.FRONT or not _inside_px(person) > 0:
        return None
    left, right = person.points_px[_SHOULDERS, :2].tolist()
    width_px = math.dist(left, right)
    if not _NARROWEST_PX <= width_px <= _WIDEST * person.image_width_px:
        return None
    across_px = CROP_WIDTH_PX / PX_A_WIDTH * width_px / 2
    down_px = CROP_HEIGHT_PX / PX_A_WIDTH * width_px / 2
    x_px, y_px = ((one + other) / 2 for one, other in zip(left, right, strict=True))
    return ShoulderCrop(
        left_px=math.floor(x_px - across_px),
        top_px=math.floor(y_px - down_px),
        right_px=math.ceil(x_px + across_px),
        bottom_px=math.ceil(y_px + down_px),
    )


def with_shoulders_refined(
    person: Landmarks, silhouette: NDArray[np.uint8], crop: ShoulderCrop, network: ShoulderNetwork
) -> Landmarks:
    """The person with both shoulders between the network's and the pose model's.

    All else is as it was. Near an edge of the picture, and where the silhouette is blurred, they
    are nearer to the pose model's. Where the network would have them far from those, the person is
    as they were.

    Args:
        person: as the pose model has them.
        silhouette: (80, 120), how surely each pixel of the crop shows them, of 255.
        crop: from `crop_around_shoulders`.
        network: the fitted one.
    """
    corner_px = np.array([crop.left_px, crop.top_px])
    size_px = np.array([crop.right_px, crop.bottom_px]) - corner_px
    crop_px = np.array([CROP_WIDTH_PX, CROP_HEIGHT_PX])
    widths_a_px = crop_px / size_px / PX_A_WIDTH
    middle_px = corner_px + size_px / 2
    points = person.points_px.copy()
    told_px = points[_SHOULDERS, :2]
    width_px = math.dist(*told_px.tolist())
    told = (points[POINTS, :2] - middle_px) * widths_a_px
    joints_px = network.joints_widths(silhouette, told) / widths_a_px + middle_px
    found_px = joints_px + network.offset_widths * width_px
    if not np.abs(found_px - told_px).max() < _FARTHEST_MOVE_WIDTHS * width_px:
        return person
    share = network.share * min(1.0, _inside_px(person) / (_NEAR_EDGE_WIDTHS * width_px))
    share *= _sharpness(_in_picture(silhouette, crop, person))
    points[_SHOULDERS, :2] = told_px + share * (found_px - told_px)
    return replace(person, points_px=points)


def _in_picture(
    silhouette: NDArray[np.uint8], crop: ShoulderCrop, person: Landmarks
) -> NDArray[np.uint8]:
    """The part of the crop that the picture holds; beyond its edges they only go on."""

    def part(first_px: int, last_px: int, picture_px: int, crop_px: int) -> slice:
        scale = crop_px / (last_px - first_px)
        within_px = max(0, -first_px) * scale, (min(picture_px, last_px) - first_px) * scale
        return slice(math.ceil(within_px[0]), math.floor(within_px[1]))

    rows = part(crop.top_px, crop.bottom_px, person.image_height_px, CROP_HEIGHT_PX)
    columns = part(crop.left_px, crop.right_px, person.image_width_px, CROP_WIDTH_PX)
    return silhouette[rows, columns]


def _sharpness(silhouette: NDArray[np.uint8]) -> float:
    """From 0 for a silhouette whose border is blurred to 1."""
    neither = np.count_nonzero((silhouette >= _SURE) & (silhouette <= _UNSURE))
    is_sitter = silhouette > _BORDER
    steps = np.count_nonzero(is_sitter[1:] != is_sitter[:-1])
    steps += np.count_nonzero(is_sitter[:, 1:] != is_sitter[:, :-1])
    blur = neither / steps if steps else math.inf
    return min(1.0, max(0.0, (_BLURRED - blur) / (_BLURRED - _SHARP)))


def _inside_px(person: Landmarks) -> float:
    """How far the shoulder that is nearest to an edge of the picture lies within it."""
    picture_px = np.array([person.image_width_px, person.image_height_px])
    shoulders_px = person.points_px[_SHOULDERS, :2]
    return float(np.minimum(shoulders_px, picture_px - shoulders_px).min())


def _positive(layer: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.maximum(layer, 0, out=layer)
