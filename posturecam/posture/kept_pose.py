"""How still somebody kept for a baseline, and which pose they kept coming back to.

Pure. Whoever talks and laughs nods, turns and lifts the shoulders, and is back where they were a
moment later; whoever changes posture is not.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from posturecam.pose.measures import (
    MEASURES,
    MESH_MEASURES,
    OUTLINE_MEASURES,
    Measures,
    find_view,
    position_of,
)
from posturecam.posture.angle_model import deviations
from posturecam.values.observation import ANGLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MAD_TO_SD = 1.4826
"""Median absolute deviation to standard deviation, for a normal distribution."""

STILL_SD_DEG = 4.0
"""More spread of an angle than this within one take is moving about."""

STILL_SD_SHIFT = 0.12
STILL_SD_SCALE = 0.06
STILL_SD_HEAD_RATIO = 0.08
"""The same for the position of the sitter, each about half above the most restless of 21 rendered
upright sitters; real people who sat and talked stay below half of them."""

_SAME_POSE = 2.0
"""Two looks this close, in units of what is still, show one pose."""
_LEAST_SHARE = 0.5
_PARTS = 4
_LEAST_OF_ENDS = 0.25
_LEAST_OF_EACH = 0.1
"""Least share of looks that show the pose: of all, of those in the first and in the last quarter of
a take, and of those in any quarter. With these and `_MOST_DRIFT`, 21 of 28 stretches of 10 s of a
man who talks and laughs make a baseline instead of 8; of 49 stretches that were refused because
somebody changed posture, still none does."""
_MOST_DRIFT = np.array([*[1.0] * len(ANGLES), 1.0, 0.5, 1.5, 1.5])
"""How far the pose may move from the first half of a take to the second, in units of what is
still."""

_WITNESSES = [[MEASURES.index(name) for name in of] for of in (MESH_MEASURES, OUTLINE_MEASURES)]
"""Columns that a look has all of or none of: those of the face mesh, and those of the outline."""


def restlessness(looks: Sequence[Measures]) -> float:
    """The largest spread of angles and position, as a share of what counts as still."""
    spread = _robust_sd(_in_units(looks))
    known = spread[np.isfinite(spread)]
    return float(known.max()) if known.size else math.inf


def kept_pose(looks: Sequence[Measures]) -> list[Measures] | None:
    """The looks that show the pose the sitter kept coming back to; None if there was no such pose.

    Args:
        looks: of one take, in order.
    """
    if len(looks) < _PARTS:
        return None
    units = _in_units(looks)
    # One look after the other: a whole video of looks against each other would fill the memory.
    shows = max(
        (np.nanmax(np.abs(units - one), axis=1) <= _SAME_POSE for one in units),
        key=np.count_nonzero,
    )
    shares = [float(part.mean()) for part in np.array_split(shows, _PARTS)]
    if (
        shows.mean() < _LEAST_SHARE
        or min(shares) < _LEAST_OF_EACH
        or min(shares[0], shares[-1]) < _LEAST_OF_ENDS
    ):
        return None
    halves = np.array_split(np.arange(len(looks)), 2)
    first, second = (_median(units[half][shows[half]]) for half in halves)
    if (np.abs(first - second) > _MOST_DRIFT).any():
        return None
    return [look for look, shown in zip(looks, shows, strict=True) if shown]


def median_measures(looks: Sequence[Measures]) -> Measures:
    """Median of each measure.

    Those of the face mesh and of the outline are medians over the looks that have them, and NaN
    where fewer than half do.
    """
    return Measures.from_array(_median_of_known(_rows(looks)))


def spread_of(looks: Sequence[Measures]) -> Measures:
    """Robust standard deviation of each measure."""
    rows = _rows(looks)
    return Measures.from_array(MAD_TO_SD * _median_of_known(np.abs(rows - _median_of_known(rows))))


def _in_units(looks: Sequence[Measures]) -> NDArray[np.float64]:
    """(looks, 9): each angle, and where the sitter is, in units of what is still."""
    centre = median_measures(looks)
    view = find_view(centre)
    angles_deg = np.array([deviations(look, centre, view).values_deg() for look in looks])
    usual = position_of(centre, view)
    held = np.array(
        [
            (
                position.shoulder_x / usual.scale / STILL_SD_SHIFT,
                position.shoulder_y / usual.scale / STILL_SD_SHIFT,
                position.scale / usual.scale / STILL_SD_SCALE,
                position.head_ratio / usual.head_ratio / STILL_SD_HEAD_RATIO,
            )
            for position in (position_of(look, view) for look in looks)
        ]
    )
    return np.hstack([angles_deg / STILL_SD_DEG, held])


def _rows(looks: Sequence[Measures]) -> NDArray[np.float64]:
    return np.array([look.as_array() for look in looks])


def _median_of_known(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    centre = _median(rows)
    for columns in _WITNESSES:
        shown = rows[np.isfinite(rows[:, columns]).all(axis=1)]
        if 2 * len(shown) >= len(rows):
            centre[columns] = _median(shown[:, columns])
    return centre


def _median(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.median(rows, axis=0), dtype=np.float64)


def _robust_sd(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return MAD_TO_SD * _median(np.abs(rows - _median(rows)))
