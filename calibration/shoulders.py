"""How far the refined shoulders of rendered sitters follow the true ones, and how far they are off.

The older tables hold the pose model's landmarks without a picture that could be looked at. There
the true shoulders take the place of refined ones: moved as little as those move, and as far off as
those were in our own sitters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from poses import SHOULDERS

from posturecam.values.observation import Joint

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from poses import Poses

    from posturecam.values.observation import Detection

BOTH = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]
_FARTHEST = 0.25
"""Shoulder widths; an error beyond is of somebody else's shoulders."""
_UPRIGHT = 0.35
"""Upright pictures of one sitter are alike, and so are the errors in them: so much of them differs
between two."""


@dataclass(frozen=True)
class Refinement:
    """What refined shoulders make of true ones, in shoulder widths of the upright sitter.

    Attributes:
        slopes: (2,) change of the width and of the drop from left to right, for one of the truth.
        errors: (n, 4) what is left of a change: place to the right, height, width, drop.
        usual: (2, 2) where left and right shoulder are seen beside the true ones, upright.
    """

    slopes: NDArray[np.float64]
    errors: NDArray[np.float64]
    usual: NDArray[np.float64]

    @classmethod
    def of(cls, poses: Poses) -> Self:
        """That of sitters whose pictures were looked at."""
        seen_px, true_px = seen_shoulders(poses), true_shoulders(poses)
        seen: list[NDArray[np.float64]] = []
        true: list[NDArray[np.float64]] = []
        beside: list[NDArray[np.float64]] = []
        for own, upright in _sitters(poses):
            width_px = _width(true_px[upright].mean(axis=0))
            for parts, at_px in ((seen, seen_px), (true, true_px)):
                usual_px = np.median(at_px[upright], axis=0)
                parts.append(_parts((at_px[own & ~upright] - usual_px) / width_px))
            beside.append(np.median((seen_px - true_px)[upright], axis=0) / width_px)
        changes, truths = np.concatenate(seen), np.concatenate(true)
        is_own = (np.abs(changes - truths) < _FARTHEST).all(axis=1)
        changes, truths = changes[is_own], truths[is_own]
        slopes = (changes * truths)[:, 2:].sum(axis=0) / (truths**2)[:, 2:].sum(axis=0)
        errors = changes - truths * [1.0, 1.0, *slopes]
        return cls(slopes, errors - np.median(errors, axis=0), np.median(beside, axis=0))

    def imagine(self, poses: Poses, random: np.random.Generator) -> None:
        """Give the sitters of a table without pictures refined shoulders, errors at random."""
        true_px = true_shoulders(poses)
        errors = self.errors[random.integers(len(self.errors), size=len(true_px))]
        errors[poses.is_baseline] *= _UPRIGHT
        for own, upright in _sitters(poses):
            usual_px = np.median(true_px[upright], axis=0)
            width_px = _width(usual_px)
            changes = _parts((true_px[own] - usual_px) / width_px) * [1.0, 1.0, *self.slopes]
            at_px = usual_px + (_points(changes + errors[own]) + self.usual) * width_px
            for index, points_px in zip(np.flatnonzero(own).tolist(), at_px, strict=True):
                poses.detections[index] = _with_shoulders(poses, index, points_px)


def seen_shoulders(poses: Poses) -> NDArray[np.float64]:
    """(n, 2, 2) left and right shoulder of the first person of each picture, in pixels."""
    return np.array([seen.people[0].points_px[BOTH, :2] for seen in poses.detections])


def true_shoulders(poses: Poses) -> NDArray[np.float64]:
    """(n, 2, 2) where the joints truly are in the picture, in pixels."""
    return poses.project(poses.points)[0][:, SHOULDERS]


def _sitters(poses: Poses) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Rows of each sitter, and which of them are upright ones; sitters without any are left out."""
    rows = [poses.sitters == sitter for sitter in np.unique(poses.sitters)]
    return [(own, own & poses.is_baseline) for own in rows if (own & poses.is_baseline).any()]


def _width(pair: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(pair[0] - pair[1]))


def _parts(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2, 2) left and right -> (n, 4) middle to the right and down, width, drop."""
    return np.concatenate([pairs.mean(axis=1), pairs[:, 0] - pairs[:, 1]], axis=1)


def _points(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The reverse of `_parts`."""
    middle, half = parts[:, None, :2], parts[:, None, 2:] / 2
    return np.concatenate([middle + half, middle - half], axis=1)


def _with_shoulders(poses: Poses, index: int, points_px: NDArray[np.float64]) -> Detection:
    whole_px = poses.detections[index].people[0].points_px.copy()
    whole_px[BOTH, :2] = points_px
    return poses.seen(index, whole_px)
