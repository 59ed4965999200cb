"""How far the outlines of rendered sitters follow the truth, and how far they are off.

The older tables hold the pose model's landmarks without a picture that could be looked at. There
what is true takes the place of what a silhouette says: changed as little as that changes, and as
far off as that was in our own sitters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from poses import EARS, SHOULDERS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from poses import Poses

_FARTHEST = 0.6
"""Shoulder widths; a change beyond is of somebody turned away, an error beyond of somebody else."""


@dataclass(frozen=True)
class Outlining:
    """What an outline makes of a true change; four numbers each, in the order of an `Outline`.

    Attributes:
        slopes: (4,) change of what is seen for one of the truth.
        errors: (k, 4) what is left of a change.
        upright_errors: (k, 4) of upright pictures, from the median of their sitter.
    """

    slopes: NDArray[np.float64]
    errors: NDArray[np.float64]
    upright_errors: NDArray[np.float64]

    @classmethod
    def of(cls, poses: Poses) -> Self:
        """That of sitters whose pictures were looked at."""
        seen = _changes(poses, poses.outline)
        true = _changes(poses, _of(poses))
        off = np.abs(np.hstack([true, seen - true]))
        is_own = (off < _FARTHEST).all(axis=1)  # not where anything is unknown
        changed, upright = is_own & ~poses.is_baseline, is_own & poses.is_baseline
        slopes = (seen * true)[changed].sum(axis=0) / (true**2)[changed].sum(axis=0)
        return cls(slopes, (seen - slopes * true)[changed], seen[upright])

    def imagine(self, poses: Poses, random: np.random.Generator) -> None:
        """Give the sitters of a table without pictures outlines, up to a constant of each."""
        true = _of(poses)
        count = len(true)
        errors = self.errors[random.integers(len(self.errors), size=count)]
        upright = self.upright_errors[random.integers(len(self.upright_errors), size=count)]
        poses.outline = self.slopes * true + np.where(poses.is_baseline[:, None], upright, errors)
        poses.outline_slopes = self.slopes


def true_outline(
    poses: Poses,
    points: NDArray[np.float64],
    c7: NDArray[np.float64],
    t8: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(n, 4) what an outline without error would say of (n, 7, 3) points, and (n, 3) C7 and T8."""
    pixels, depths_m = poses.project(np.concatenate([points, c7[:, None], t8[:, None]], axis=1))
    left_px, right_px = (pixels[:, joint] for joint in range(SHOULDERS.start, SHOULDERS.stop))
    width_px = np.linalg.norm(left_px - right_px, axis=-1)
    height = ((left_px + right_px)[:, 1] / 2 - pixels[:, -2, 1]) / width_px
    left, right = points[:, SHOULDERS].swapaxes(0, 1)
    width_m = np.linalg.norm(left - right, axis=-1)
    shoulders_m, ears_m = (depths_m[:, of].mean(axis=1) for of in (SHOULDERS, EARS))
    c7_m, t8_m = depths_m[:, -2], depths_m[:, -1]
    ahead = np.stack([shoulders_m - c7_m, shoulders_m - ears_m, t8_m - c7_m], axis=1)
    return np.column_stack([height, ahead / width_m[:, None]])


def _of(poses: Poses) -> NDArray[np.float64]:
    return true_outline(poses, poses.points, poses.point("c7"), poses.point("t8"))


def _changes(poses: Poses, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """From the median of each sitter's upright pictures; NaN where none of them is known."""
    changes = np.full_like(values, np.nan)
    for sitter in np.unique(poses.sitters):
        own = poses.sitters == sitter
        upright = values[own & poses.is_baseline]
        upright = upright[np.isfinite(upright).all(axis=1)]
        if len(upright):
            changes[own] = values[own] - np.median(upright, axis=0)
    return changes
