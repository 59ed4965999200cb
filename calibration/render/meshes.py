"""Triangle meshes from OBJ files, and the garments that MakeHuman fits to a body."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pathlib import Path

    from render.rotations import Floats

Indices: TypeAlias = NDArray[np.int64]

_SECTIONS = ("verts", "delete_verts")


class Mesh:
    """A triangle mesh whose drawn vertices are pairs of a position and a place in the texture.

    Attributes:
        faces: (f, 3) indices of positions.
        positions: (d,) the position of each drawn vertex.
        uv: (d, 2) its place in the texture.
        triangles: (f, 3) indices of drawn vertices.
        count: number of positions.
    """

    def __init__(self, faces: Indices, uv_faces: Indices, uv: Floats, count: int) -> None:
        pairs = faces * (len(uv) + 1) + uv_faces
        unique, inverse = np.unique(pairs.ravel(), return_inverse=True)
        self.faces, self.count = faces, count
        self.positions = unique // (len(uv) + 1)
        self.uv = uv[unique % (len(uv) + 1)]
        self.triangles = inverse.reshape(-1, 3).astype(np.int32)
        corners = (faces.ravel(), np.repeat(np.arange(len(faces)), 3))
        ones = np.ones(faces.size)
        self._faces_of = scipy.sparse.csr_matrix((ones, corners), shape=(count, len(faces)))

    def normals(self, points: Floats) -> Floats:
        """(count, 3) unit normals of (count, 3) points."""
        first, second, third = (points[self.faces[:, corner]] for corner in range(3))
        sums = self._faces_of @ np.cross(second - first, third - first)
        return np.asarray(sums / (np.linalg.norm(sums, axis=1, keepdims=True) + 1e-12))


def read_obj(
    path: Path, groups: frozenset[str] | None = None
) -> tuple[Floats, Floats, Indices, Indices]:
    """Points, texture places, faces and texture faces of an OBJ file, cut into triangles.

    Args:
        path: the file.
        groups: the groups whose faces are wanted; None for all.
    """
    points: list[list[float]] = []
    uv: list[list[float]] = []
    faces: list[list[int]] = []
    uv_faces: list[list[int]] = []
    group = ""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        word, *rest = line.split() or [""]
        if word == "v":
            points.append([float(number) for number in rest[:3]])
        elif word == "vt":
            uv.append([float(number) for number in rest[:2]])
        elif word == "g":
            group = rest[0] if rest else ""
        elif word == "f" and (groups is None or group in groups):
            corners = [(corner.split("/") + [""])[:2] for corner in rest]
            place = [int(corner[0]) - 1 for corner in corners]
            uv_place = [int(corner[1]) - 1 if corner[1] else 0 for corner in corners]
            for last in range(2, len(place)):
                faces.append([place[0], place[last - 1], place[last]])
                uv_faces.append([uv_place[0], uv_place[last - 1], uv_place[last]])
    return np.array(points), np.array(uv or [[0.0, 0.0]]), np.array(faces), np.array(uv_faces)


class Garment:
    """A garment, hair, eyes or lashes: points that hang on triples of the body's points.

    Attributes:
        name: of the file.
        mesh: its own triangles.
        hidden: points of the body that it covers for good.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        words = [line.split() for line in lines if line.strip() and not line.startswith("#")]
        self._scales = {
            "xyz".index(line[0][0]): (int(line[1]), int(line[2]), float(line[3]))
            for line in words
            if line[0] in ("x_scale", "y_scale", "z_scale")
        }
        rows = np.array([_hanging(line) for line in _section(words, "verts")])
        self._triples = rows[:, :3].astype(np.int64)
        self._shares, self._offsets = rows[:, 3:6], rows[:, 6:9]
        covered = [_ranges(line) for line in _section(words, "delete_verts")]
        self.hidden = np.unique(np.concatenate(covered)) if covered else np.zeros(0, np.int64)
        obj = next(line[1] for line in words if line[0] == "obj_file")
        points, uv, faces, uv_faces = read_obj(path.with_name(obj))
        if len(points) != len(rows):
            raise ValueError(f"{path}: {len(rows)} points hang on the body, {obj} has others")
        self.mesh = Mesh(faces, uv_faces, uv, len(points))

    def fit(self, body: Floats) -> Floats:
        """(count, 3) points of the garment on a body."""
        scales = np.full(3, 0.1)
        for axis, (low, high, rest_length) in self._scales.items():
            scales[axis] = abs(body[low, axis] - body[high, axis]) / rest_length
        hung = np.einsum("vk,vkc->vc", self._shares, body[self._triples])
        return np.asarray(hung + self._offsets * scales)

    def weights(self, body_weights: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
        """(count, bones) weights, mixed from those of the body."""
        shares = np.abs(self._shares)
        shares /= shares.sum(axis=1, keepdims=True)
        rows = np.repeat(np.arange(len(shares)), 3)
        size = len(shares), body_weights.shape[0]
        mixing = scipy.sparse.csr_matrix((shares.ravel(), (rows, self._triples.ravel())), size)
        return (mixing @ body_weights).tocsr()


@lru_cache(maxsize=64)
def read_garment(path: Path) -> Garment:
    """The garment of one .mhclo file, read once."""
    return Garment(path)


def _section(words: list[list[str]], name: str) -> list[list[str]]:
    """The lines of numbers after the line that begins a section, up to that of the next."""
    lines: list[list[str]] = []
    inside = False
    for line in words:
        if line[0] in _SECTIONS:
            inside = line[0] == name
        elif inside and not line[0][0].isalpha():
            lines.append(line)
    return lines


def _hanging(line: list[str]) -> list[float]:
    if len(line) == 1:  # on one point of the body
        return [float(line[0])] * 3 + [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    return [float(number) for number in line[:9]]


def _ranges(line: list[str]) -> Indices:
    """The numbers of a line such as `3 7 - 9 12`."""
    numbers: list[int] = []
    for before, word in zip(["", *line], line, strict=False):
        if before == "-":
            numbers += range(numbers[-1] + 1, int(word) + 1)
        elif word != "-":
            numbers.append(int(word))
    return np.array(numbers, np.int64)
