"""Boxes, rounded blobs and tubes, put together into one mesh."""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from render.drawing import Material, Stage
    from render.rotations import Floats

_CORNERS = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
_SIDES = (
    ((0, 1, 3, 2), (-1, 0, 0)),
    ((4, 6, 7, 5), (1, 0, 0)),
    ((0, 4, 5, 1), (0, -1, 0)),
    ((2, 3, 7, 6), (0, 1, 0)),
    ((0, 2, 6, 4), (0, 0, -1)),
    ((1, 5, 7, 3), (0, 0, 1)),
)
AROUND_TUBE = 8
"""Points of a tube for each point of its path."""


def colour(hue: float, saturation: float, value: float) -> Floats:
    """(3,) linear colour."""
    return np.array(colorsys.hsv_to_rgb(hue % 1, saturation, value)) ** 2.2


class Solids:
    """A growing mesh of simple bodies; sizes and places in metres."""

    def __init__(self) -> None:
        self._points: list[Floats] = []
        self._normals: list[Floats] = []
        self._colours: list[Floats] = []
        self._triangles: list[NDArray[np.int64]] = []
        self._count = 0

    @property
    def points(self) -> Floats:
        """(n, 3) all points."""
        return np.concatenate(self._points)

    @property
    def normals(self) -> Floats:
        """(n, 3) outwards."""
        return np.concatenate(self._normals)

    @property
    def colours(self) -> Floats:
        """(n, 3) linear."""
        return np.concatenate(self._colours)

    @property
    def triangles(self) -> NDArray[np.int32]:
        """(t, 3) indices of points."""
        return np.concatenate(self._triangles).astype(np.int32)

    def box(self, at: Floats, size: Floats, paint: Floats, turn: Floats | None = None) -> None:
        """A box about its middle."""
        rotation = np.eye(3) if turn is None else turn
        for corners, normal in _SIDES:
            points = (_CORNERS[list(corners)] * size) @ rotation.T
            normals = np.tile(rotation @ np.array(normal, float), (4, 1))
            self._add(points + at, normals, paint, np.array([[0, 1, 2], [0, 2, 3]]))

    def blob(
        self,
        at: Floats,
        size: Floats,
        paint: Floats,
        turn: Floats | None = None,
        roundness: float = 1.0,
    ) -> None:
        """A superellipsoid: an ellipsoid at roundness 1, nearly a box at 0.4."""
        rings, around = 14, 28
        along, across = np.meshgrid(
            np.linspace(-np.pi, np.pi, around), np.linspace(-np.pi / 2, np.pi / 2, rings)
        )

        def surface(power: float) -> Floats:
            def bent(part: Floats) -> Floats:
                return np.asarray(np.sign(part) * np.abs(part) ** power)

            flat = bent(np.cos(across))
            parts = flat * bent(np.cos(along)), bent(np.sin(across)), flat * bent(np.sin(along))
            return np.stack(parts, axis=-1).reshape(-1, 3)

        rotation = np.eye(3) if turn is None else turn
        normals = surface(2 - roundness) / size
        normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9
        points = (surface(roundness) * size / 2) @ rotation.T
        self._add(points + at, normals @ rotation.T, paint, _grid(rings, around))

    def tube(self, path: Floats, radius_m: float, paint: Floats) -> None:
        """A round tube along a (k, 3) path."""
        along = np.gradient(path, axis=0)
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        seed = (
            np.array([0.13, 0.21, 0.97])
            if abs(along[:, 2]).mean() < 0.8
            else np.array([0, 1.0, 0.2])
        )
        aside = np.cross(along, seed)
        aside /= np.linalg.norm(aside, axis=1, keepdims=True)
        other = np.cross(along, aside)
        turn = np.linspace(0, 2 * np.pi, AROUND_TUBE)[None, :, None]
        normals = aside[:, None] * np.cos(turn) + other[:, None] * np.sin(turn)
        points = path[:, None] + radius_m * normals
        grid = _grid(len(path), AROUND_TUBE)
        self._add(points.reshape(-1, 3), normals.reshape(-1, 3), paint, grid)

    def add_to(self, stage: Stage, name: str, material: Material) -> None:
        """Put the mesh on the stage, where it stands."""
        from render.drawing import Shape

        shape = Shape(triangles=self.triangles, rest=self.points, colours=self.colours)
        stage.add(name, shape, material)
        stage.move(name, self.points, self.normals)

    def _add(
        self, points: Floats, normals: Floats, paint: Floats, triangles: NDArray[np.int64]
    ) -> None:
        self._points.append(points)
        self._normals.append(normals)
        self._colours.append(np.tile(paint, (len(points), 1)))
        self._triangles.append(triangles + self._count)
        self._count += len(points)


def _grid(rows: int, columns: int) -> NDArray[np.int64]:
    """Two triangles for each cell of a grid of points."""
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    first = (row * columns + column).ravel()
    upper = np.stack([first, first + 1, first + columns], axis=1)
    lower = np.stack([first + 1, first + columns + 1, first + columns], axis=1)
    return np.concatenate([upper, lower])
