"""Whether somebody sits or stands, where a profile has a baseline of each.

Pure. Two things tell: where head and shoulders are in the picture, against both baselines; and
where the camera goes up with the desk, so that they stay where they were, the room behind, of which
each baseline keeps its skyline.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posturecam.base.errors import BaselineError
from posturecam.base.language import Sentence
from posturecam.pose.measures import position_of
from posturecam.posture.skyline import tilt_between, tilt_since
from posturecam.values.observation import Stance

if TYPE_CHECKING:
    from posturecam.posture.baseline import Baseline
    from posturecam.posture.scenery import Scenery
    from posturecam.values.observation import SitterPosition

LEAST_APART = 0.6
"""Distance of the standing place from the sitting one, in shoulder widths (`_way`), from which the
place tells them apart: twice what a slouch takes a head down."""
_STANDING_FROM, _SITTING_TO = 0.65, 0.35
"""Share of the way from the sitting place to the standing one; in between nothing is said."""
_SIZE_WEIGHT = 2.0
"""A size e times as large counts as so many shoulder widths."""
_SAME_ROOM = 0.03
"""Widths of the picture by which the skyline of the same room may be off."""
HOLD_S = 2.0
"""Whoever gets up for something is back before it counts; five looks follow each change."""
FORGET_S = 60.0
"""Nobody was seen for so long: what was about to change is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceMemory:
    """What `step` remembers.

    Attributes:
        stance: the one in force; None until something tells.
        other_since_s: since when the other one is seen; None while it is not.
        seen_s: when either was seen last.
    """

    stance: Stance | None = None
    other_since_s: float | None = None
    seen_s: float = 0.0


def step(memory: StanceMemory, seen: Stance | None, t_s: float) -> StanceMemory:
    """What to remember after a look that shows a stance, or None for neither."""
    if memory.other_since_s is not None and t_s - memory.seen_s > FORGET_S:
        memory = replace(memory, other_since_s=None)
    if seen is None:
        return memory
    if memory.stance in (None, seen):
        return StanceMemory(stance=seen, seen_s=t_s)
    since_s = t_s if memory.other_since_s is None else memory.other_since_s
    if t_s - since_s >= HOLD_S:
        return StanceMemory(stance=seen, seen_s=t_s)
    return replace(memory, other_since_s=since_s, seen_s=t_s)


def stance_seen(
    sitting: Baseline, standing: Baseline, now: SitterPosition | None, scenery: Scenery | None
) -> Stance | None:
    """The stance that a look shows; None where it shows neither.

    Args:
        sitting: the baseline of it.
        standing: the baseline of it.
        now: where somebody is that may be the sitter, as the camera of the baselines would see it.
        scenery: what stands around them.
    """
    if scenery is not None:
        rooms = [it.stance for it in (sitting, standing) if _is_room_of(it, scenery)]
        if len(rooms) == 1:
            return rooms[0]
    if now is None or apart(sitting, standing) < LEAST_APART:
        return None
    share = _share_of_the_way(now, *_places(sitting, standing))
    if share > _STANDING_FROM:
        return Stance.STANDING
    return Stance.SITTING if share < _SITTING_TO else None


def apart(sitting: Baseline, standing: Baseline) -> float:
    """How far the two places are from each other, in shoulder widths of the one who sits."""
    return math.hypot(*_way(*_places(sitting, standing)))


def refuse_one_place(sitting: Baseline, standing: Baseline) -> None:
    """Nothing, if one can be told from the other.

    Raises:
        BaselineError: neither the place in the picture nor the room behind tells.
    """
    rise = _rise(sitting, standing)
    other_room = rise is not None and rise >= _SAME_ROOM
    if apart(sitting, standing) < LEAST_APART and not other_room:
        raise BaselineError(
            Sentence("No second baseline: the camera sees you standing where it sees you sitting."),
            Sentence("The one that there is serves for both."),
        )


def have_one_room(sitting: Baseline, standing: Baseline) -> bool:
    """Whether the room looks the same to both, so that it tells nothing."""
    rise = _rise(sitting, standing)
    return rise is not None and rise < _SAME_ROOM


def _rise(sitting: Baseline, standing: Baseline) -> float | None:
    """By how much the room has moved from one to the other, if that can be told."""
    if sitting.skyline is None or standing.skyline is None:
        return None
    shape = standing.image_width_px / standing.image_height_px
    columns = round(len(standing.skyline[0]) * shape)
    tilt = tilt_between(standing.skyline, sitting.skyline, columns)
    return None if tilt is None else abs(tilt.down)


def _is_room_of(baseline: Baseline, scenery: Scenery) -> bool:
    if baseline.skyline is None:
        return False
    tilt = tilt_since(baseline.skyline, scenery)
    return tilt is not None and abs(tilt.down) < _SAME_ROOM


def _places(sitting: Baseline, standing: Baseline) -> tuple[SitterPosition, SitterPosition]:
    sits = position_of(sitting.centre, sitting.view)
    return sits, position_of(standing.centre, standing.view)


def _way(here: SitterPosition, there: SitterPosition) -> tuple[float, float, float]:
    """Shoulders and head lower, and size grown, from one place to another."""
    return (
        (there.shoulder_y - here.shoulder_y) / here.scale,
        (there.head_y - here.head_y) / here.scale,
        _SIZE_WEIGHT * math.log(there.scale / here.scale),
    )


def _share_of_the_way(now: SitterPosition, sits: SitterPosition, stands: SitterPosition) -> float:
    whole, gone = _way(sits, stands), _way(sits, now)
    return sum(a * b for a, b in zip(whole, gone, strict=True)) / sum(a * a for a in whole)
