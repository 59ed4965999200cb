"""Whether somebody is in the sitter's place of whom the pose model makes out no head and shoulders.

Pure: `step(memory, observation, thumbnail, turn) -> (memory, observation)`. Whoever lies on the
desk, hangs over its edge or stands with the head above the picture is no person to the pose model,
and neither is an empty chair. A body moves, a chair with a jacket on it does not; and who sank
before they were lost has not left, unless something rises after.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from posturecam.posture.scenery import UNTURNED, blurred
from posturecam.values.observation import NOT_JUDGED, UnknownReason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posturecam.posture.scenery import CameraTurn
    from posturecam.values.observation import Observation, SitterPosition

_EMPTY = (UnknownReason.NOBODY, UnknownReason.NO_HEAD)
_AT_PLACE = NOT_JUDGED - {UnknownReason.ELSEWHERE, *_EMPTY}
"""What hides the posture of somebody who is where the baseline was taken."""

_HALF_WIDTH = 1.0
_OVER_SHOULDERS = 0.5
"""The place, in sitter's widths beside and above the middle of the shoulders; down to the desk."""

_NOISE = 1.0  # grey levels of a block of the thumbnail
_OF_CONTRAST = 0.15
"""Share of the contrast by which a lamp or a screen may change a block; what moves changes it
more."""
_LEAST_CHANGE = 2.0
_TIMES_TYPICAL = 6.0
_LEAST_SHARE = 0.02
_TIMES_ELSEWHERE = 2.0
"""A block has moved if it changed by `_LEAST_CHANGE` of those limits and by `_TIMES_TYPICAL` times
the median of all blocks. The place has moved if `_LEAST_SHARE` of its blocks have, and
`_TIMES_ELSEWHERE` times the share elsewhere: of 100 pairs of pictures 0.5 to 2 s apart 36 to 99
show a real trunk move, of 400 of a background none."""
_SUNK = 0.3
"""Shoulder widths by which a head is lower than at calibration in whoever goes down."""
_RISING_S = 5.0
"""Somebody who gets up has left the picture within so long."""
_COMPARED_OVER_S = 8.0
"""Age of the oldest picture to compare with: it shows a breath, but not that the sun moves on."""

_SHORTEST_S, _LONGEST_S = 3.0, 20.0
_TIMES_MOVED = 2.0
"""After its last move a body is believed to be there for twice as long as it had been moving,
within these bounds: whoever goes away has left the picture within seconds, and a man who talks kept
his trunk still for 16 s."""
GONE_AFTER_S = 60.0
"""Nobody is there once nothing has moved for so long; what moves after that is no sitter."""
LONGEST_UNSEEN_S = 600.0
"""Nobody is believed for longer without ever having been seen."""
_GAP_S = 5.0
_RESTLESS = 0.1
_RESTLESS_WEIGHT = 0.003
"""Blocks that keep moving in an empty room, as those of a screen do, no longer count after a minute
or two; a cat on the chair does not get that far."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlaceMemory:
    """What `step` remembers.

    Attributes:
        t_s: time of the picture before, None before the first.
        position: where the sitter was seen last, None before.
        sank: their head was low then, and nothing rose since.
        found_s: when anything of a person that moves was last made out there.
        unseen_since_s: since when nobody has been seen there, None while somebody is.
        moved_s: when something moved there last, None if nothing has since.
        gone: nobody is there for certain, until somebody is seen.
        then: thumbnail that the next ones are compared with, None where there is none.
        then_s: its time.
        restless: (rows, columns) float32, how often each block moves while nobody is there.
    """

    t_s: float | None = None
    position: SitterPosition | None = None
    sank: bool = False
    found_s: float = 0.0
    unseen_since_s: float | None = None
    moved_s: float | None = None
    gone: bool = True
    then: NDArray[np.uint8] | None = field(default=None, repr=False)
    then_s: float = 0.0
    restless: NDArray[np.float32] | None = field(default=None, repr=False)


def step(
    memory: PlaceMemory,
    observation: Observation,
    thumbnail: NDArray[np.uint8],
    home: SitterPosition,
    turn: CameraTurn | None = UNTURNED,
) -> tuple[PlaceMemory, Observation]:
    """What to remember, and the observation with what the place itself shows.

    Args:
        memory: from the picture before.
        observation: what the pose model makes of the picture.
        thumbnail: of the picture.
        home: where the sitter was at calibration.
        turn: how the camera has turned since the baseline.
    """
    t_s, reason = observation.t_s, observation.unknown_reason
    went_on = memory.t_s is not None and 0 <= t_s - memory.t_s <= _GAP_S
    memory = replace(memory, t_s=t_s)
    if observation.position is not None or reason in _AT_PLACE:
        position = observation.position or memory.position or home
        return PlaceMemory(
            t_s=t_s,
            position=position,
            sank=position.head_y - home.head_y > _SUNK * home.scale,
            found_s=t_s,
            gone=False,
            restless=memory.restless,
        ), observation
    if reason not in _EMPTY:
        return replace(memory, then=None), observation
    if memory.unseen_since_s is None:
        sank = memory.sank or reason is UnknownReason.NO_HEAD
        memory = replace(memory, unseen_since_s=t_s, sank=sank)
    then = memory.then
    if then is None or then.shape != thumbnail.shape or not went_on:
        memory = replace(memory, then=thumbnail, then_s=t_s)
    else:
        memory = _compared(memory, then, thumbnail, turn or UNTURNED)
    memory = replace(memory, gone=memory.gone or _has_gone(memory, t_s))
    moves = not memory.gone and _moved_lately(memory, t_s)
    if moves and reason is UnknownReason.NO_HEAD:
        memory = replace(memory, found_s=t_s)
    occupied = moves or (memory.sank and not memory.gone)
    found = UnknownReason.NO_HEAD if occupied else UnknownReason.NOBODY
    return memory, replace(observation, unknown_reason=found)


def _compared(
    memory: PlaceMemory, then: NDArray[np.uint8], now: NDArray[np.uint8], turn: CameraTurn
) -> PlaceMemory:
    """What the picture shows against an earlier one; it takes its place when it has moved."""
    t_s = memory.t_s or 0.0
    moved = moved_blocks(now, then)
    restless = memory.restless
    if restless is None or restless.shape != moved.shape:
        restless = np.zeros(moved.shape, dtype=np.float32)
    if memory.gone:
        restless = restless + _RESTLESS_WEIGHT * (moved - restless)
    beside, below = _place(moved.shape, memory.position, turn)
    counted = moved & (restless < _RESTLESS)
    has_moved = _share(counted, beside & below) > max(
        _LEAST_SHARE, _TIMES_ELSEWHERE * _share(counted, ~(beside & below))
    )
    if has_moved or t_s - memory.then_s >= _COMPARED_OVER_S:
        memory = replace(memory, then=now, then_s=t_s)
    lately = t_s - (memory.unseen_since_s or 0.0) <= _RISING_S
    rose = lately and _share(counted, beside & ~below) > _LEAST_SHARE
    return replace(
        memory,
        moved_s=t_s if has_moved else memory.moved_s,
        sank=memory.sank and not rose,
        restless=restless,
    )


def moved_blocks(now: NDArray[np.uint8], then: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where two thumbnails of one shape show another pattern, whatever the light.

    Args:
        now: (rows, columns) uint8, grey.
        then: the same, earlier.
    """
    (detail, contrast), (detail_then, contrast_then) = _patterned(now), _patterned(then)
    limit = _NOISE + _OF_CONTRAST * np.maximum(contrast, contrast_then)
    changed = np.abs(detail - detail_then) / limit
    typical = float(np.median(changed))
    moved: NDArray[np.bool_] = changed > max(_LEAST_CHANGE, _TIMES_TYPICAL * typical)
    return moved


def _patterned(thumbnail: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How much each block stands out from those around it, and how much they all do there."""
    grey = thumbnail.astype(np.float32)
    detail = grey - blurred(grey, 1)
    return detail, np.sqrt(np.maximum(blurred(detail * detail, 2), 0.0))


def _place(
    shape: tuple[int, ...], position: SitterPosition | None, turn: CameraTurn
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The blocks in the sitter's columns, and those from the neck down: both are their place."""
    if position is None:
        return np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    rows, columns = shape
    y, x = (np.mgrid[:rows, :columns] + 0.5) / columns
    beside = np.abs(x - position.shoulder_x - turn.right) < _HALF_WIDTH * position.scale
    return beside, y > position.shoulder_y + turn.down - _OVER_SHOULDERS * position.scale


def _share(moved: NDArray[np.bool_], where: NDArray[np.bool_]) -> float:
    return float(moved[where].mean()) if where.any() else 0.0


def _has_gone(memory: PlaceMemory, t_s: float) -> bool:
    since_s = memory.moved_s or memory.unseen_since_s or t_s
    still = t_s - since_s >= GONE_AFTER_S and not memory.sank
    return still or t_s - memory.found_s >= LONGEST_UNSEEN_S


def _moved_lately(memory: PlaceMemory, t_s: float) -> bool:
    if memory.moved_s is None or memory.unseen_since_s is None:
        return False
    for_s = _TIMES_MOVED * (memory.moved_s - memory.unseen_since_s)
    return t_s - memory.moved_s <= min(max(for_s, _SHORTEST_S), _LONGEST_S)
