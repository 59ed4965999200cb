"""Glasses, headsets, hair over the shoulders and beards, as simple geometry of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

from render import body
from render.marks import marks
from render.solids import AROUND_TUBE, Solids, colour

if TYPE_CHECKING:
    from collections.abc import Iterator

    from render.appearance import Appearance
    from render.rotations import Floats
    from render.sitter import Sitter

_STRANDS = 16
"""On each side of the face."""
_STRAND_POINTS = 9


def worn_on_head(
    random: np.random.Generator, sitter: Sitter, looks: Appearance, hair_paint: Floats
) -> Iterator[tuple[str, Solids, scipy.sparse.csr_matrix]]:
    """Name, geometry on the body at rest, and weights, of everything that `looks` names."""
    if looks.glasses:
        glasses = _glasses(random, sitter)
        yield "glasses", glasses, _between_bones(np.ones(len(glasses.points)))
    if looks.headset:
        headset = _headset(random, sitter)
        yield "headset", headset, _between_bones(np.ones(len(headset.points)))
    if looks.hair_over_shoulders:
        strands, on_head = _strands(random, sitter, hair_paint)
        yield "strands", strands, _between_bones(on_head)


def beard_shares(random: np.random.Generator, sitter: Sitter, fullness: float) -> Floats:
    """(points,) how much of the skin's light the beard swallows, 0 to 1."""
    points = sitter.rest.points
    shares = np.zeros(len(points))
    if not fullness:
        return shares
    at = _face(sitter)
    size = at["face"]
    skin = points[: body.SKIN_POINTS]
    below_nose = np.clip((at["nose"][1] - 0.012 - skin[:, 1]) / 0.012, 0, 1)
    above_throat = np.clip((skin[:, 1] - at["nose"][1] + 0.62 * size) / 0.02, 0, 1)
    before_ears = np.clip((skin[:, 2] - at["ear_l"][2] - 0.012) / 0.015, 0, 1)
    mouth = at["nose"] + [0, -0.29 * size, -0.012]
    lips = np.clip(1.6 - np.linalg.norm((skin - mouth) / [0.026, 0.012, 0.03], axis=1), 0, 1)
    grown = below_nose * above_throat * before_ears * (1 - lips)
    shares[: body.SKIN_POINTS] = grown * fullness * random.uniform(0.75, 1.0, len(skin))
    return shares


def _face(sitter: Sitter) -> dict[str, Floats]:
    """(3,) each: eyes, ears, nose and crown at rest; `face` is the height of the face in metres."""
    points, bone = sitter.rest.points, body.bones()
    found = {name: points[number] for name, number in marks().items()}
    for side in "LR":
        found[f"eye_{side.lower()}"] = sitter.rest.heads[bone[f"eye.{side}"]]
    skin = points[: body.SKIN_POINTS]
    found["crown"] = skin[np.argmax(skin[:, 1])]
    eyes_y = (found["eye_l"][1] + found["eye_r"][1]) / 2
    found["face"] = np.asarray(2.2 * (eyes_y - found["nose"][1] + 0.02))
    return found


def _glasses(random: np.random.Generator, sitter: Sitter) -> Solids:
    """Two rims, a bridge and temples to the ears."""
    draw, at, solids = random.uniform, _face(sitter), Solids()
    paint = colour(draw(), draw(0, 0.7), draw(0.02, 0.5))
    half_m = abs(at["eye_l"][0] - at["eye_r"][0]) / 2
    wide_m, high_m = half_m * draw(0.72, 0.84), half_m * draw(0.5, 0.72)
    thick_m = float(draw(0.0011, 0.0026))
    squareness = draw(0.5, 1.0)
    turn = np.linspace(0, 2 * np.pi, 41)
    z_m = max(at["eye_l"][2], at["eye_r"][2]) + 0.027
    inner: list[Floats] = []
    for side, sign in (("l", 1), ("r", -1)):
        eye = at[f"eye_{side}"]
        middle = np.array([eye[0] + sign * 0.002, eye[1] - 0.003, z_m])
        ring = np.stack(
            [
                wide_m * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** squareness,
                high_m * np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** squareness,
                -0.006 * np.cos(turn) * sign,
            ],
            axis=1,
        )
        solids.tube(middle + ring, thick_m, paint)
        inner.append(middle + [-sign * wide_m, 0.004, 0.006])
        ear = at[f"ear_{side}"]
        outer = middle + [sign * wide_m, 0.006, -0.006]
        over_ear = np.array([ear[0] + sign * 0.004, outer[1] + 0.002, ear[2] - 0.005])
        beside = np.array([over_ear[0], outer[1] + 0.003, outer[2] - 0.018])
        behind = over_ear + [-sign * 0.004, -0.02, -0.022]
        solids.tube(
            np.stack([outer, beside, (beside + over_ear) / 2, over_ear, behind]), thick_m, paint
        )
    bridge = (inner[0] + inner[1]) / 2 + [0, 0.003, 0.002]
    solids.tube(np.stack([inner[0], bridge, inner[1]]), thick_m, paint)
    return solids


def _headset(random: np.random.Generator, sitter: Sitter) -> Solids:
    """A band over the head, pads on the ears and, often, a microphone."""
    draw, at, solids = random.uniform, _face(sitter), Solids()
    paint = colour(draw(), draw(0, 0.4), draw(0.03, 0.6))
    left, right = at["ear_l"] + [0.014, 0.002, -0.006], at["ear_r"] + [-0.014, 0.002, -0.006]
    middle = (left + right) / 2
    up_m = at["crown"][1] - middle[1] + 0.016
    turn = np.linspace(0, np.pi, 25)
    half_m = (left[0] - right[0]) / 2
    band = np.stack([half_m * np.cos(turn), up_m * np.sin(turn), -0.01 * np.sin(turn)], axis=1)
    for shift_m in (-0.008, 0.0, 0.008):
        solids.tube(middle + band + [0, 0, shift_m], 0.0055, paint)
    size = np.array([0.030, draw(0.055, 0.085), draw(0.055, 0.075)])
    for ear in (left, right):
        solids.blob(ear, size, paint * 0.7, roundness=0.7)
    if random.random() < 0.6:
        mouth = at["nose"] + [0.03, -0.045, 0.012]
        bend = (left + mouth) / 2 + [0.022, -0.028, 0.0]
        solids.tube(np.stack([left, bend, mouth]), 0.0026, paint)
        solids.blob(mouth, np.array([0.014, 0.012, 0.014]), paint * 0.4)
    return solids


def _strands(random: np.random.Generator, sitter: Sitter, paint: Floats) -> tuple[Solids, Floats]:
    """Hair from the temples over the shoulders to the chest; (n,) how much it follows the head."""
    draw, at, solids = random.uniform, _face(sitter), Solids()
    skin = sitter.rest.points[: body.SKIN_POINTS]
    fade = np.linspace(1.0, 0.0, _STRAND_POINTS) ** 0.7
    length_m = draw(0.22, 0.36)
    for side, sign in (("l", 1), ("r", -1)):
        ear = at[f"ear_{side}"]
        for _ in range(_STRANDS):
            start = ear + [sign * draw(0.004, 0.012), draw(0.0, 0.06), draw(-0.06, 0.01)]
            x_m = sign * draw(0.075, 0.15)
            end_y_m = ear[1] - length_m * draw(0.85, 1.1)
            heights = np.linspace(start[1], end_y_m, _STRAND_POINTS)
            path = np.empty((_STRAND_POINTS, 3))
            for row, y_m in enumerate(heights):
                share = row / (_STRAND_POINTS - 1)
                x_now = start[0] + (x_m - start[0]) * share**1.2
                path[row] = [x_now, y_m, _front_of(skin, x_now, y_m, start[2], share)]
            solids.tube(path, float(draw(0.006, 0.011)), paint * draw(0.75, 1.25))
    return solids, np.tile(np.repeat(fade, AROUND_TUBE), 2 * _STRANDS)


def _front_of(skin: Floats, x_m: float, y_m: float, start_z_m: float, share: float) -> float:
    """How far forward the skin is at that place, and at the start where the strand begins."""
    near = np.hypot(skin[:, 0] - x_m, skin[:, 1] - y_m) < 0.02
    front_m = float(skin[near, 2].max()) + 0.018 if near.any() else start_z_m + 0.03
    eased = min(1.0, share * 2.5)
    return start_z_m * (1 - eased) + max(front_m, start_z_m) * eased


def _between_bones(on_head: Floats) -> scipy.sparse.csr_matrix:
    """(n, bones) weights: the head by `on_head`, the upper thorax by the rest."""
    bone, count = body.bones(), len(on_head)
    rows = np.tile(np.arange(count), 2)
    columns = np.repeat([bone["head"], bone["spine01"]], count)
    shares = np.concatenate([on_head, 1 - on_head])
    return scipy.sparse.csr_matrix((shares, (rows, columns)), shape=(count, len(bone)))
