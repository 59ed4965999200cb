"""A silhouette around both shoulders and the pose model's points -> four numbers of our own fit.

Pure. A small convolutional network, computed with NumPy: at this size nothing heavier is needed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

from posturecam.values.observation import Joint

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINTS = [
    Joint.NOSE,
    Joint.LEFT_EYE,
    Joint.RIGHT_EYE,
    Joint.LEFT_EAR,
    Joint.RIGHT_EAR,
    Joint.LEFT_SHOULDER,
    Joint.RIGHT_SHOULDER,
    Joint.LEFT_ELBOW,
    Joint.RIGHT_ELBOW,
]
"""What of the pose the network is told."""
_MIRRORED = [0, 2, 1, 4, 3, 6, 5, 8, 7]
"""Where each of `POINTS` stands in a mirror image."""
_FARTHEST_WIDTHS = 2.0
"""Points farther from the middle than this count as so far: elbows may be guesses."""

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
class SilhouetteNetwork:
    """The fitted numbers.

    Attributes:
        weights: float32, of ten convolutions and two full layers, with the shapes of `_SHAPES`.
        biases: float32, (out,) each.
    """

    weights: tuple[NDArray[np.float32], ...] = field(repr=False)
    biases: tuple[NDArray[np.float32], ...] = field(repr=False)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.floating]], prefix: str = "") -> Self:
        """The network of the arrays `weights_00`, `biases_00` ..., each after `prefix`.

        Raises:
            ValueError: one is missing or has another shape.
        """
        layers = [
            (f"{prefix}weights_{i:02}", f"{prefix}biases_{i:02}") for i in range(len(_SHAPES))
        ]
        shapes: dict[str, tuple[int, ...]] = {}
        for (weights, biases), shape in zip(layers, _SHAPES, strict=True):
            shapes |= {weights: shape, biases: shape[-1:]}
        require(arrays, shapes)
        return cls(
            weights=tuple(arrays[weights].astype(np.float32) for weights, _ in layers),
            biases=tuple(arrays[biases].astype(np.float32) for _, biases in layers),
        )

    def answers(
        self, silhouette: NDArray[np.uint8], points_widths: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(2, 4): what it says of the silhouette, and of its mirror image.

        Args:
            silhouette: (80, 120), how surely each pixel of the crop shows the sitter, of 255.
            points_widths: (9, 2), `POINTS` from the middle of the crop, in shoulder widths.
        """
        picture = silhouette[..., np.newaxis].astype(np.float32) / np.float32(127.5) - 1
        pictures = np.stack([picture, picture[:, ::-1]])
        points = np.stack([points_widths, (points_widths * [-1, 1])[_MIRRORED]])
        return np.asarray(self._answers(pictures, points), np.float64)

    def _answers(
        self, pictures: NDArray[np.float32], points_widths: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """(n, 4) for n pictures and their points."""
        seen = _positive(self._convolved(pictures, _ENTRY, 2))
        for first in _BLOCKS:
            seen = _positive(self._convolved(seen, first, 2))
            inner = _positive(self._convolved(seen, first + 1, 1))
            seen = _positive(seen + self._convolved(inner, first + 2, 1))
        told = points_widths.clip(-_FARTHEST_WIDTHS, _FARTHEST_WIDTHS).reshape(len(pictures), -1)
        flat = [seen.transpose(0, 3, 1, 2).reshape(len(pictures), -1), told.astype(np.float32)]
        hidden = _positive(np.concatenate(flat, axis=1) @ self.weights[_FULL] + self.biases[_FULL])
        return np.asarray(hidden @ self.weights[_FULL + 1] + self.biases[_FULL + 1], np.float32)

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


def require(
    arrays: Mapping[str, NDArray[np.floating]], shapes: Mapping[str, tuple[int, ...]]
) -> None:
    """Refuses arrays of which one is missing or has another shape. Raises `ValueError`."""
    found = {name: arrays[name].shape for name in shapes if name in arrays}
    if found != shapes:
        raise ValueError(f"weights: expected {shapes}, got {found}")


def _positive(layer: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.maximum(layer, 0, out=layer)
