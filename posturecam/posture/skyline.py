"""How far a lid was tilted between two watches, by what a profile may keep of the room.

Pure. A skyline is a few averages a row: how much the left and the right quarter of the picture
stand out from their surroundings there. Against that of another day it shows how far the picture
has moved up or down. It is made of averages over a quarter of a row of 96 cells, so that nothing
of the room but the heights of its edges can be told from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posturecam.posture.scenery import UNTURNED, CameraTurn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posturecam.posture.scenery import Scenery

Skyline = tuple[tuple[float | None, ...], ...]
"""Left and right quarter, each with its sign and without: a number a row, None where it is hidden.

Rounded to hundredths.
"""
_LEAST_BESIDE = 0.5
"""Share of a quarter's row that has to be beside the sitter."""
_LEAST_ROWS = 12
_LEAST_KNOWN = 40
"""Rows that both show, of a part and of all together."""
_FARTHEST = 0.34
"""Widths of the picture: 20 degrees."""
_ALIKE = 0.65
_SECOND = 0.18
"""Likeness that the best place must have, and by which it must beat every other. With these, of 540
real upright stills, tilted or not and in three lights, none was put wrong, nor one of 205 before
another room; 77 of 100 tilts were told."""
_BESIDE_ROWS = 3
_LEAST_SHIFT = 0.025
"""Less than 2 degrees is how people sit down again, too."""
_FOCAL = 0.9
"""Focal length of a laptop's camera in widths of its picture: 58 degrees across."""


def skyline_of(scenery: Scenery) -> NDArray[np.float64]:
    """(4, rows) the averages; NaN where the sitter hides too much of a row."""
    columns = scenery.pattern.shape[1]
    parts = []
    for quarter in (slice(0, columns // 4), slice(columns - columns // 4, columns)):
        beside = scenery.beside[:, quarter]
        pattern = scenery.pattern[:, quarter]
        shown = beside.sum(axis=1)
        known = shown >= _LEAST_BESIDE * beside.shape[1]
        for values in (pattern, np.abs(pattern)):
            mean = (values * beside).sum(axis=1) / np.maximum(shown, 1)
            parts.append(np.where(known, mean, np.nan))
    return np.array(parts)


def joined(skylines: Sequence[NDArray[np.float64]]) -> Skyline | None:
    """The median of the skylines, to be kept: known where half of them are; None without any."""
    rows = [one for one in skylines if one.shape == skylines[0].shape]
    if not rows:
        return None
    known = np.isfinite(rows).mean(axis=0) >= 0.5
    median = np.nanmedian(np.where(known, rows, 0.0), axis=0)
    return tuple(
        tuple(round(value, 2) if shown else None for value, shown in zip(*part, strict=True))
        for part in zip(median.tolist(), known.tolist(), strict=True)
    )


def tilt_since(kept: Skyline, scenery: Scenery) -> CameraTurn | None:
    """How the camera is tilted against the day of the skyline; None where that cannot be told."""
    then = np.array(kept, dtype=np.float64)
    return _tilt(skyline_of(scenery), then, scenery.pattern.shape[1])


def tilt_between(later: Skyline, earlier: Skyline, columns: int) -> CameraTurn | None:
    """The same between two that were kept; `columns` is the width of their pictures in cells."""
    return _tilt(np.array(later, dtype=np.float64), np.array(earlier, dtype=np.float64), columns)


def _tilt(now: NDArray[np.float64], then: NDArray[np.float64], columns: int) -> CameraTurn | None:
    if now.shape != then.shape:
        return None
    farthest = min(round(_FARTHEST * columns), now.shape[1] - _LEAST_ROWS)
    likeness = np.array([_likeness(now, then, down) for down in range(-farthest, farthest + 1)])
    best = int(likeness.argmax())
    others = np.delete(likeness, slice(max(0, best - _BESIDE_ROWS), best + _BESIDE_ROWS + 1))
    if likeness[best] < _ALIKE or likeness[best] < others.max(initial=-1.0) + _SECOND:
        return None
    down = (best - farthest) / columns
    return CameraTurn(down=down, focal=_FOCAL) if abs(down) >= _LEAST_SHIFT else UNTURNED


def _likeness(now: NDArray[np.float64], then: NDArray[np.float64], down: int) -> float:
    """Correlation of the two when `then` is moved down by so many rows; -1 for too little."""
    rows = now.shape[1]
    here = now[:, max(0, down) : rows + min(0, down)]
    before = then[:, max(0, -down) : rows - max(0, down)]
    both = np.isfinite(here) & np.isfinite(before)
    both &= (both.sum(axis=1) >= _LEAST_ROWS)[:, None]
    if both.sum() < _LEAST_KNOWN:
        return -1.0
    here, before = _centred(here, both), _centred(before, both)
    size = np.sqrt((here**2).sum() * (before**2).sum())
    return float((here * before).sum() / size) if size > 0 else -1.0


def _centred(part: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The rows less the mean of what is known of each; zero elsewhere."""
    values = np.where(known, part, 0.0)
    means = values.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(known, values - means[:, None], 0.0)
