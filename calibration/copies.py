"""Copies of rendered poses that are bent further in three dimensions.

The renders bend in a dozen ways; people have more. The true points are moved, so the truth stays
exact, and projected; the errors that the models made in the picture are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from outlines import true_outline
from poses import EARS, HEAD, JOINTS, SHOULDERS

from posturecam.values.observation import ANGLES
from posturecam.values.settings import Thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from poses import Poses

KINDS = {"upright": 0.4, "slide": 0.16, "loose": 0.1, "neck": 0.1, "recline": 0.12, "roll": 0.12}
"""How often a copy bends how."""
SLID_M = -0.3, 0.2
"""How far the pelvis of a slide moves forward."""
SWAYING = 0.7
"""Share of the copies that sway."""
LESS = 0.25
"""Poses that are slouched already are bent by this share as much."""
DRAG = 0.15
"""Degrees by which the shoulders are seen to tilt for each that the head alone is tilted: by the
pose model 2.6 to 4.8 for 30 in real people (sitting p1 of the labelled ones), refined 6."""


@dataclass(frozen=True)
class Copies:
    """One copy of each row.

    Attributes:
        at_px: (n, 33, 3) landmarks.
        mesh: (n, 8) what the face model would say.
        outline: (n, 4) what the shoulder model would say of neck and upper back.
        truth_deg: (n, 5) true angles.
        kinds: (n,) of `KINDS`.
    """

    at_px: NDArray[np.float64]
    mesh: NDArray[np.float64]
    outline: NDArray[np.float64]
    truth_deg: NDArray[np.float64]
    kinds: NDArray[np.str_]


@dataclass(frozen=True)
class Bend:
    """By how much each row is bent, (n,) each.

    Attributes:
        lower_deg: trunk about the hips, forward.
        upper_deg: upper back about T8.
        neck_deg: neck about C7.
        nod_deg: head about the ears.
        sway_deg: trunk to the left.
        roll_deg: head to the left.
        forward_m: pelvis.
        drag_deg: what the pose model tilts the shoulders besides.
        pivot_m: how far below the ears the head turns to the side.
    """

    lower_deg: NDArray[np.float64]
    upper_deg: NDArray[np.float64]
    neck_deg: NDArray[np.float64]
    nod_deg: NDArray[np.float64]
    sway_deg: NDArray[np.float64]
    roll_deg: NDArray[np.float64]
    forward_m: NDArray[np.float64]
    drag_deg: NDArray[np.float64]
    pivot_m: NDArray[np.float64]


def draw(kinds: NDArray[np.str_], less: NDArray[np.float64], random: np.random.Generator) -> Bend:
    """How a copy of each kind is bent.

    A slide has the lower back reclined, the upper back and the neck bent forward, and the pelvis
    moved, mostly away. Reclining is the same with a straight back. A roll tilts the head far to one
    side, with the trunk or without; other copies sway a little. The rest bend a little everywhere,
    or the neck alone.
    """
    count = len(kinds)

    def of(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(kinds == name, less * values, 0.0)

    def about(spread: float) -> NDArray[np.float64]:
        return random.normal(0, spread, count)

    def between(low: float, high: float) -> NDArray[np.float64]:
        return random.uniform(low, high, count)

    back, reclined = between(0, 35), between(0, 25)
    lower_deg = of("slide", -back) + of("loose", about(6)) + of("recline", -reclined)
    upper_deg = (
        of("slide", between(0, 1) * back + about(8))
        + of("loose", about(6))
        + of("recline", -reclined * between(0.85, 1.15))
    )
    neck_deg = (
        of("slide", between(-5, 30))
        + of("loose", about(6))
        + of("neck", between(-8, 16))
        + of("recline", -reclined * between(0, 1))
    )
    nod_deg = of("slide", between(-10, 25)) + np.where(
        np.isin(kinds, ("loose", "neck", "recline")), less * about(6), 0.0
    )
    forward_m = of("slide", between(*SLID_M)) + of("recline", between(-0.3, 0.1))
    sways = random.uniform(size=count) < SWAYING
    sway_deg = np.where(sways, between(-8, 8), 0.0)
    roll_deg = np.where(sways, about(6) + 0.5 * sway_deg, 0.0)
    rolls, far_deg = kinds == "roll", between(-35, 35)
    leans = random.uniform(size=count) < 0.5
    sway_deg = np.where(
        rolls, np.where(leans, far_deg * between(0.2, 0.6), between(-3, 3)), sway_deg
    )
    roll_deg = np.where(rolls, np.where(leans, far_deg * between(0.2, 0.8), far_deg), roll_deg)
    drag_deg = np.where(rolls, roll_deg * random.normal(DRAG, 0.06, count), 0.0)
    return Bend(
        lower_deg, upper_deg, neck_deg, nod_deg, sway_deg, roll_deg, forward_m, drag_deg,
        np.where(rolls, 0.08, 0.0),
    )  # fmt: skip


class Moved(NamedTuple):
    """The true points after a bend, and what it does to the true angles.

    Attributes:
        points: (n, 7, 3) metres.
        c7: (n, 3).
        t8: (n, 3).
        change_deg: (n, 5).
    """

    points: NDArray[np.float64]
    c7: NDArray[np.float64]
    t8: NDArray[np.float64]
    change_deg: NDArray[np.float64]


def bent(poses: Poses, random: np.random.Generator) -> Copies:
    """One copy of each row, bent as chance has it."""
    count = len(poses.rows)
    shares = np.array(list(KINDS.values()))
    kinds = np.array(list(KINDS))[random.choice(len(KINDS), count, p=shares / shares.sum())]
    limits_deg = np.array(Thresholds().values_deg())
    change = (poses.truth_deg - poses.upright_deg()) / limits_deg
    tilt = ANGLES.index("shoulder_tilt")
    is_bad = np.maximum(change[:, :tilt].max(axis=1), np.abs(change[:, tilt])) >= 1
    bend = draw(kinds, np.where(is_bad, LESS, 1.0), random)
    moved = move(poses, bend)

    before_px, before_m = poses.project(poses.points)
    now_px, now_m = poses.project(moved.points)
    at_px = np.array([seen.people[0].points_px for seen in poses.detections])
    joints = list(JOINTS)
    own_error_px = at_px[:, joints, :2] - before_px
    moved_px = now_px + own_error_px * (before_m / now_m)[..., None]
    moved_px[:, SHOULDERS] = _turned_in_picture(moved_px[:, SHOULDERS], bend.drag_deg)
    at_px[:, joints, :2] = moved_px
    mesh = poses.mesh_with(poses.mesh_error, moved.points)
    before = true_outline(poses, poses.points, poses.point("c7"), poses.point("t8"))
    after = true_outline(poses, moved.points, moved.c7, moved.t8)
    outline = poses.outline + poses.outline_slopes * (after - before)
    return Copies(at_px, mesh, outline, poses.truth_deg + moved.change_deg, kinds)


def move(poses: Poses, bend: Bend) -> Moved:
    """Where each row is after its bend."""
    yaw = np.radians(poses.numbers("trunk_yaw_deg")[:, 0])
    flat = np.zeros_like(yaw)
    ahead = np.stack([np.sin(yaw), flat, np.cos(yaw)], axis=-1)
    aside = np.stack([np.cos(yaw), flat, -np.sin(yaw)], axis=-1)
    hips = (poses.point("hip_l") + poses.point("hip_r")) / 2
    t8, c7, true = poses.point("t8"), poses.point("c7"), poses.points
    ears = true[:, EARS].mean(axis=1)

    t8_now = turned(t8[:, None], hips, bend.lower_deg, ahead)[:, 0]
    c7_now = t8_now + turned(c7[:, None], t8, bend.upper_deg, ahead)[:, 0] - t8
    ears_now = c7_now + turned(ears[:, None], c7, bend.neck_deg, ahead)[:, 0] - c7
    now = true.copy()
    now[:, SHOULDERS] = turned(true[:, SHOULDERS], t8, bend.upper_deg, ahead)
    now[:, SHOULDERS] += (t8_now - t8)[:, None]
    now[:, HEAD] = turned(true[:, HEAD], ears, bend.nod_deg, ahead) + (ears_now - ears)[:, None]
    change_deg = inclinations_deg(hips, t8_now, c7_now, ears_now, ahead)
    change_deg -= inclinations_deg(hips, t8, c7, ears, ahead)
    change_deg[:, ANGLES.index("shoulder_tilt")] += bend.sway_deg
    now = np.concatenate([now, c7_now[:, None], t8_now[:, None]], axis=1)
    now = turned(now, hips, bend.sway_deg, aside)
    pivot = now[:, EARS].mean(axis=1) - bend.pivot_m[:, None] * np.array([0.0, 1.0, 0.0])
    now[:, HEAD] = turned(now[:, HEAD], pivot, bend.roll_deg, aside)
    now += (bend.forward_m[:, None] * ahead)[:, None]
    return Moved(now[:, :-2], now[:, -2], now[:, -1], change_deg)


def turned(
    points: NDArray[np.float64],
    about: NDArray[np.float64],
    angle_deg: NDArray[np.float64],
    ahead: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(n, k, 3) points, turned about (n, 3) so that what is above goes to `ahead` (n, 3)."""
    arm = points - about[:, None]
    along, up = (arm * ahead[:, None]).sum(axis=-1), arm[..., 1]
    sine, cosine = (part(np.radians(angle_deg))[:, None] for part in (np.sin, np.cos))
    moved_points = points + ((along * (cosine - 1) + up * sine)[..., None] * ahead[:, None])
    moved_points[..., 1] += up * (cosine - 1) - along * sine
    return np.asarray(moved_points)


def inclinations_deg(
    hips: NDArray[np.float64],
    t8: NDArray[np.float64],
    c7: NDArray[np.float64],
    ears: NDArray[np.float64],
    ahead: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(n, 5) the angles of the sagittal plane as the truth defines them, and zero for the tilt."""

    def forward_deg(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
        along = ((high - low) * ahead).sum(axis=-1)
        return np.asarray(np.degrees(np.arctan2(along, high[:, 1] - low[:, 1])))

    upper_back, trunk, neck = forward_deg(t8, c7), forward_deg(hips, c7), forward_deg(c7, ears)
    flexion = upper_back - forward_deg(hips, t8)
    return np.stack([upper_back, trunk, neck, flexion, np.zeros(len(neck))], axis=-1)


def _turned_in_picture(
    pair_px: NDArray[np.float64], angle_deg: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n, 2, 2) pairs of points, turned about their middle so that what is right goes down."""
    middle = pair_px.mean(axis=1, keepdims=True)
    arm = pair_px - middle
    sine, cosine = (part(np.radians(angle_deg))[:, None] for part in (np.sin, np.cos))
    right = arm[..., 0] * cosine - arm[..., 1] * sine
    down = arm[..., 0] * sine + arm[..., 1] * cosine
    return np.asarray(middle + np.stack([right, down], axis=-1))
