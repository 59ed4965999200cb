"""Where the elbow and the wrist go when the hand is told where to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from render.rotations import Floats

_LEAST_BENT_M = 0.04
_STRAIGHTEST = 0.985


class Reach(NamedTuple):
    """An arm and its aim; all (3,).

    Attributes:
        shoulder: where the arm begins.
        target: where the wrist is to be.
        pole: where the elbow points.
        upper: upper arm at rest.
        lower: forearm at rest.
    """

    shoulder: Floats
    target: Floats
    pole: Floats
    upper: Floats
    lower: Floats


def reach(arm: Reach) -> tuple[Floats, Floats]:
    """(3,) elbow and (3,) wrist, as near to the target as the arm is long."""
    upper_m, lower_m = float(np.linalg.norm(arm.upper)), float(np.linalg.norm(arm.lower))
    line = arm.target - arm.shoulder
    distance_m = float(np.linalg.norm(line))
    along = line / distance_m
    shortest_m = abs(upper_m - lower_m) + _LEAST_BENT_M
    reached_m = float(np.clip(distance_m, shortest_m, _STRAIGHTEST * (upper_m + lower_m)))
    cosine = (upper_m**2 + reached_m**2 - lower_m**2) / (2 * upper_m * reached_m)
    cosine = float(np.clip(cosine, -1, 1))
    aside = arm.pole - along * (arm.pole @ along)
    aside /= np.linalg.norm(aside)
    elbow = arm.shoulder + upper_m * (cosine * along + np.sqrt(1 - cosine**2) * aside)
    return np.asarray(elbow), np.asarray(arm.shoulder + reached_m * along)
