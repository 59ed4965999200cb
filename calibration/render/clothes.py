"""Shirts and trousers grown from the skin: a layer off the body, smoothed until it hangs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

from render import body
from render.meshes import Mesh
from render.solids import colour

if TYPE_CHECKING:
    from render.appearance import Appearance
    from render.meshes import Indices
    from render.rotations import Floats
    from render.sitter import Sitter

_TRUNK = ("spine", "clavicle", "shoulder01", "upperarm01", "breast", "root", "pelvis")
_SLEEVES = ("upperarm02", "lowerarm01", "lowerarm02")
_BARE = ("foot", "toe", "upperarm", "lowerarm", "wrist", "finger", "metacarpal")
_LEAST_OFF = 0.55
"""How much of its distance from the skin the smoothed cloth keeps."""
_HIDDEN_RINGS = 2
"""So many rings of points in from the edge the skin under the cloth is never seen."""


@dataclass(frozen=True)
class Cloth:
    """A layer over a part of the body: (n, 3) points of the base mesh, (d, 3) drawn colours."""

    name: str
    mesh: Mesh
    points: Floats
    colours: Floats


def grown_clothes(
    random: np.random.Generator, sitter: Sitter, looks: Appearance, unseen: Indices
) -> tuple[list[Cloth], Indices]:
    """Shirt and trousers, and the points of the skin that they hide."""
    draw = random.uniform
    is_sweater = looks.clothes == "sweater"
    darker = 0.15 if looks.dark_on_dark else 1.0
    shirt_paint = colour(draw(), draw(0, 0.85), draw(0.06, 0.95)) * darker
    trousers_paint = colour(draw(0.5, 0.7), draw(0, 0.6), draw(0.05, 0.5)) * darker
    thick_m = draw(0.008, 0.016) * (1.3 if is_sweater else 1.0)
    shirt_at = _shirt_points(random, sitter, is_sweater=is_sweater)
    hip_y_m = sitter.hips[1]
    bare = np.array([name.startswith(_BARE) for name in body.main_bones()])
    trousers_at = (sitter.rest.points[:, 1] < hip_y_m + 0.07 * sitter.scale) & ~bare

    shirt, under_shirt = _layer(sitter, shirt_at, thick_m, 8)
    trousers, under_trousers = _layer(sitter, trousers_at, 0.008, 2, unseen)
    patterned = np.tile(shirt_paint, (len(shirt[0].positions), 1))
    if random.random() < 0.35:
        height_m = sitter.rest.points[shirt[0].positions, 1]
        striped = np.sin(2 * np.pi * height_m / draw(0.02, 0.07)) > draw(-0.3, 0.8)
        patterned[striped] = colour(draw(), draw(0, 0.8), draw(0.1, 0.95)) * darker
    plain = np.tile(trousers_paint, (len(trousers[0].positions), 1))
    cloths = [Cloth("shirt", *shirt, patterned), Cloth("trousers", *trousers, plain)]
    return cloths, np.union1d(under_shirt, under_trousers)


def _shirt_points(
    random: np.random.Generator, sitter: Sitter, *, is_sweater: bool
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which points a shirt covers: the trunk up to the neckline, and the sleeves."""
    names = np.array(body.main_bones())
    covered = np.array([name.startswith(_TRUNK) for name in names]) | (names == "neck01")
    if is_sweater:
        covered |= np.isin(names, _SLEEVES)
    elif random.random() < 0.5:
        covered |= names == "upperarm02"
    neck = sitter.rest.heads[body.bones()["neck01"]]
    depth_m = random.uniform(-0.02, 0.03) if is_sweater else random.uniform(0.0, 0.05)
    y_m, z_m = sitter.rest.points[:, 1], sitter.rest.points[:, 2]
    in_front = np.clip((z_m - neck[2] + 0.02) / 0.12, 0, 1)
    covered &= y_m < neck[1] + 0.012 - in_front * (0.055 + depth_m) * sitter.scale
    return np.asarray(covered & (y_m > sitter.hips[1] - 0.03))


def _layer(
    sitter: Sitter,
    chosen: np.ndarray[tuple[int], np.dtype[np.bool_]],
    off_m: float,
    smoothings: int,
    unseen: Indices | None = None,
) -> tuple[tuple[Mesh, Floats], Indices]:
    """Mesh and points of a cloth `off_m` from the skin, and the skin that it hides."""
    points = sitter.rest.points
    base = body.base_mesh()
    outward = base.normals(points)
    neighbours, degree = _neighbours()
    of_cloth = chosen[base.faces].all(axis=1)
    inside = np.zeros(base.count, bool)
    inside[np.unique(base.faces[of_cloth])] = True
    cloth = points + outward * off_m
    for _ in range(smoothings):
        smooth = 0.5 * cloth + 0.5 * (neighbours @ cloth) / degree[:, None]
        cloth = np.where(inside[:, None], smooth, cloth)
    away_m = np.einsum("vc,vc->v", cloth - points, outward)
    cloth += outward * np.maximum(off_m * _LEAST_OFF - away_m, 0)[:, None]

    edge = np.zeros(base.count, bool)
    edge[np.unique(base.faces[~of_cloth])] = True
    for _ in range(_HIDDEN_RINGS):
        edge |= np.asarray(neighbours @ edge.astype(float)).ravel() > 0
    if unseen is not None:
        gone = np.zeros(base.count, bool)
        gone[unseen] = True
        of_cloth &= ~gone[base.faces].all(axis=1)
    faces = base.faces[of_cloth]
    mesh = Mesh(faces, np.zeros_like(faces), np.zeros((1, 2)), base.count)
    return (mesh, cloth), np.flatnonzero(inside & ~edge)


@cache
def _neighbours() -> tuple[scipy.sparse.csr_matrix, Floats]:
    """Which points of the base mesh share an edge, and how many neighbours each has."""
    base = body.base_mesh()
    ends = base.faces[:, [0, 1, 2, 1, 2, 0]].ravel(), base.faces[:, [1, 2, 0, 0, 1, 2]].ravel()
    shape = (base.count, base.count)
    matrix = scipy.sparse.csr_matrix((np.ones(ends[0].size), ends), shape=shape)
    return matrix, np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1)
