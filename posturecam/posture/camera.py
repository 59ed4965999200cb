"""Where the camera looks, compared with when the baseline came into use.

Pure: `step(memory, scenery, t_s) -> (memory, turn)`. The background tells by how much a lid was
tilted; judging then goes on with the landmarks put back. A background that was recognised and is
not any more belongs to a camera that stands elsewhere: nothing can be judged until it is seen
again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING

from posturecam.posture.scenery import UNTURNED, CameraTurn, compare
from posturecam.posture.skyline import tilt_since

if TYPE_CHECKING:
    from posturecam.posture.scenery import Comparison, Scenery
    from posturecam.posture.skyline import Skyline

_RENEWED_EVERY_S = 120.0
"""Age at which `newest` is replaced: the sun moves on, a lamp is switched on."""
_KNOWN_AFTER = 3
"""Looks in a row in which a background must have been recognised before its absence means anything.
A bare wall is hardly recognised twice."""
LOOK_EVERY_S = 1.0
"""More often than this nobody need compare: a verdict takes longer to change."""
_LOOKS_AVERAGED = 20
_UNLIKE = 0.6
"""Share of its usual likeness below which a background is another one."""
_FIRST_LOOKS = 8
_AGREEING_LOOKS = 2
_AGREEING = 0.02
"""This many of the first looks have to agree, within this share of the picture's width, on how far
the lid was tilted since the baseline was taken. One look alone was never wrong on real pictures
(`skyline`); when three had to agree, a tilt that two of four looks told was passed over."""
_FIRST_WAIT_S = 5.0
_LONGEST_WAIT_S = 60.0
"""A search costs as much as a look or two, so each doubles the wait for the next until the
background is known again: a camera that is carried about would pay for one a second."""


@dataclass(frozen=True, slots=True, eq=False)
class _Remembered:
    """One picture of the background.

    Attributes:
        scenery: what it shows.
        turn: how the camera was turned then.
        t_s: when.
    """

    scenery: Scenery = field(repr=False)
    turn: CameraTurn
    t_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CameraMemory:
    """What `step` remembers.

    Attributes:
        first: the background when the baseline came into use, None before.
        newest: the background when it was recognised lately.
        turn: how the camera is turned, as far as it is known; None while it stands elsewhere.
        t_s: when the background was looked at last, None before.
        recognised: looks in a row in which it was recognised.
        likeness: how alike it usually was in those.
        search_from_s: when the next search may be.
        wait_s: how long to wait after that one.
        tilts: how far, by each of the first looks, the lid was tilted since the baseline was taken.
        doubted: these looks have not told yet.
    """

    first: _Remembered | None = None
    newest: _Remembered | None = None
    turn: CameraTurn | None = UNTURNED
    t_s: float | None = None
    recognised: int = 0
    likeness: float = 0.0
    search_from_s: float = 0.0
    wait_s: float = _FIRST_WAIT_S
    tilts: tuple[CameraTurn | None, ...] = ()
    doubted: bool = False


def is_due(memory: CameraMemory, t_s: float) -> bool:
    """Whether to look at the background again; a clock that went back is no reason to wait."""
    return memory.t_s is None or not 0 <= t_s - memory.t_s < LOOK_EVERY_S


def step(
    memory: CameraMemory, scenery: Scenery, t_s: float, skyline: Skyline | None = None
) -> tuple[CameraMemory, CameraTurn | None]:
    """What to remember, and how the camera is turned; None while it stands elsewhere.

    A background that tells nothing leaves the turn as it was; pictures of another shape begin anew.

    Args:
        memory: from the look before.
        scenery: what stands around the sitter now.
        t_s: time of the look.
        skyline: what was kept of the room with the baseline, if it was taken before.
    """
    if memory.first is None and skyline is not None and len(memory.tilts) < _FIRST_LOOKS:
        return _compared_with_another_day(memory, scenery, t_s, skyline)
    first, newest = memory.first, memory.newest
    if first is None or newest is None or first.scenery.pattern.shape != scenery.pattern.shape:
        seen = _Remembered(scenery, memory.turn or UNTURNED, t_s)
        return CameraMemory(first=seen, newest=seen, turn=seen.turn, t_s=t_s), seen.turn
    memory = replace(memory, t_s=t_s)
    search = t_s >= memory.search_from_s
    found = _compare(scenery, first, memory.turn, search=search)
    if found.turn is None and newest is not first:
        newer = _compare(scenery, newest, memory.turn, search=search)
        found = newer if newer.turn or newer.likeness > found.likeness else found
    if search and (found.turn is None or found.turn != memory.turn):
        wait_s = min(2 * memory.wait_s, _LONGEST_WAIT_S)
        memory = replace(memory, search_from_s=t_s + memory.wait_s, wait_s=wait_s)
    if found.turn is not None:
        return _recognised(memory, scenery, found, t_s), found.turn
    if not found.telling:
        return memory, memory.turn
    known = memory.recognised >= _KNOWN_AFTER
    if known and found.likeness < _UNLIKE * memory.likeness:
        memory = replace(memory, turn=None)
    return replace(memory, recognised=0), memory.turn


def _compared_with_another_day(
    memory: CameraMemory, scenery: Scenery, t_s: float, skyline: Skyline
) -> tuple[CameraMemory, CameraTurn | None]:
    """Whether the lid was tilted since the baseline: what enough of the first looks agree on."""
    tilts = (*memory.tilts, tilt_since(skyline, scenery))
    memory = replace(memory, tilts=tilts, t_s=t_s, doubted=True)
    told = [tilt for tilt in tilts if tilt is not None]
    agreed = median([tilt.down for tilt in told]) if told else 0.0
    agreeing = [tilt for tilt in told if abs(tilt.down - agreed) <= _AGREEING]
    if len(agreeing) < _AGREEING_LOOKS and len(tilts) < _FIRST_LOOKS:
        return memory, memory.turn
    turn = memory.turn
    if len(agreeing) >= _AGREEING_LOOKS:
        turn = min(agreeing, key=lambda tilt: abs(tilt.down - agreed))
        memory = replace(memory, doubted=False)
    seen = _Remembered(scenery, turn or UNTURNED, t_s)
    return replace(memory, first=seen, newest=seen, turn=seen.turn), seen.turn


def _compare(
    scenery: Scenery, remembered: _Remembered, turn: CameraTurn | None, *, search: bool
) -> Comparison:
    """How the camera is turned by what was remembered, as seen from the very first picture."""
    expected = UNTURNED if turn is None else turn.since(remembered.turn)
    found = compare(scenery, remembered.scenery, expected, search=search)
    if found.turn is None:
        return found
    if found.turn == expected and turn is not None:
        return replace(found, turn=turn)
    return replace(found, turn=found.turn.after(remembered.turn))


def _recognised(
    memory: CameraMemory, scenery: Scenery, found: Comparison, t_s: float
) -> CameraMemory:
    newest, turn = memory.newest, found.turn or UNTURNED
    if newest is None or turn != newest.turn or t_s - newest.t_s >= _RENEWED_EVERY_S:
        newest = _Remembered(scenery, turn, t_s)
    known = min(memory.recognised, _LOOKS_AVERAGED)
    wait_s = _FIRST_WAIT_S if memory.recognised >= _KNOWN_AFTER else memory.wait_s
    return replace(
        memory,
        newest=newest,
        turn=turn,
        recognised=memory.recognised + 1,
        likeness=(known * memory.likeness + found.likeness) / (known + 1),
        wait_s=wait_s,
    )
