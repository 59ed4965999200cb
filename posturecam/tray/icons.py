"""Which icon stands in the tray, and of what shapes it is made.

Pure. Each icon has a shape of its own, so that it is told without colours, and a ground of its own
under it, so that it is as legible on a dark panel as on a light one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from posturecam.values.observation import PostureState

if TYPE_CHECKING:
    from posturecam.tray.seen import Seen

GRID = 16.0
"""Shapes are drawn on a square of so many units; a panel that is sparing shows one a pixel."""


class Icon(StrEnum):
    """What the tray shows."""

    UPRIGHT = "upright"
    SLOUCHED = "slouched"
    UNCHANGED = "unchanged"
    BREAK_DUE = "break_due"
    NOBODY = "nobody"
    PAUSED = "paused"
    CAMERA_AWAY = "camera_away"
    NO_WATCH = "no_watch"


def icon_of(seen: Seen) -> Icon:
    """The icon for what is known.

    Being back upright is shown from the first pictures on, a slouch only once it counts: the corner
    of the eye is not to be drawn to every reach for a cup.
    """
    if not seen.running:
        return Icon.NO_WATCH
    if seen.resting:
        return Icon.PAUSED
    if not seen.watching:
        return Icon.CAMERA_AWAY
    if seen.taking:
        return Icon.PAUSED
    if not seen.present:
        return Icon.NOBODY
    if seen.state is PostureState.SLOUCHED and seen.provisional is not PostureState.UPRIGHT:
        return Icon.SLOUCHED
    if seen.break_due:
        return Icon.BREAK_DUE
    return Icon.UNCHANGED if seen.unchanged_too_long else Icon.UPRIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """A filled circle."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A line through the points (x, y), round at its ends.

    Attributes:
        smooth: the points between the first and the last are the controls of one curve.
        filled: what it encloses is.
        cuts: it is drawn in the ground, and so takes away what is under it.
    """

    points: tuple[tuple[float, float], ...]
    width: float
    smooth: bool = False
    closed: bool = False
    filled: bool = False
    cuts: bool = False


Shape = Disc | Stroke


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An icon to be drawn.

    Attributes:
        ground: colour under the shapes, as `#rrggbb`.
        corner: radius of the corners of the ground; half of `GRID` makes a disc of it.
        shapes: drawn on it in order, in white but for what cuts.
    """

    ground: str
    corner: float
    shapes: tuple[Shape, ...]


def _line(*points: tuple[float, float], width: float = 2.0) -> Stroke:
    return Stroke(points=points, width=width)


def _block(*points: tuple[float, float]) -> Stroke:
    return Stroke(points=points, width=0.6, closed=True, filled=True)


def _curve(*points: tuple[float, float], width: float = 2.0) -> Stroke:
    return Stroke(points=points, width=width, smooth=True)


_CROSSED_OUT = (  # pragma: no mutate - likewise
    Stroke(points=((3.0, 13.0), (13.0, 3.0)), width=3.0, cuts=True),
    _line((3.0, 13.0), (13.0, 3.0), width=1.6),
)

PICTURES = {  # pragma: no mutate - a drawing is no rule
    Icon.UPRIGHT: Picture(
        ground="#1f7a5c",
        corner=8.0,
        shapes=(
            Disc(x=6.6, y=3.8, radius=2.0),
            _line((6.6, 7.6), (6.6, 11.0), width=2.6),
            _line((6.6, 11.3), (10.6, 11.3), (10.6, 13.4), width=2.0),
        ),
    ),
    Icon.SLOUCHED: Picture(
        ground="#b4530a",
        corner=3.0,
        shapes=(
            Disc(x=11.2, y=6.2, radius=2.0),
            _curve((8.0, 7.0), (4.2, 6.6), (3.6, 9.2), (5.0, 11.2), width=2.6),
            _line((5.0, 11.5), (10.6, 11.5), (10.6, 13.4), width=2.0),
        ),
    ),
    Icon.UNCHANGED: Picture(
        ground="#6a4fb0",
        corner=3.0,
        shapes=(
            _line((4.2, 3.0), (11.8, 3.0), width=1.6),
            _line((4.2, 13.0), (11.8, 13.0), width=1.6),
            _block((5.2, 4.4), (10.8, 4.4), (8.0, 8.0)),
            _block((5.2, 11.6), (10.8, 11.6), (8.0, 8.0)),
        ),
    ),
    Icon.BREAK_DUE: Picture(
        ground="#2a66b8",
        corner=3.0,
        shapes=(
            _block((3.6, 6.8), (10.4, 6.8), (10.0, 12.6), (4.0, 12.6)),
            _curve((10.6, 7.8), (14.0, 7.4), (14.0, 11.2), (10.4, 11.0), width=1.4),
            _curve((5.6, 2.4), (4.6, 3.6), (6.6, 3.8), (5.6, 5.0), width=1.2),
            _curve((8.6, 2.4), (7.6, 3.6), (9.6, 3.8), (8.6, 5.0), width=1.2),
        ),
    ),
    Icon.NOBODY: Picture(
        ground="#6b7280",
        corner=8.0,
        shapes=(
            _line((5.4, 3.4), (5.4, 12.6), width=1.8),
            _line((5.4, 9.0), (10.8, 9.0), (10.8, 12.6), width=1.8),
        ),
    ),
    Icon.PAUSED: Picture(
        ground="#6b7280",
        corner=3.0,
        shapes=(
            _line((5.6, 4.4), (5.6, 11.6), width=2.6),
            _line((10.4, 4.4), (10.4, 11.6), width=2.6),
        ),
    ),
    Icon.CAMERA_AWAY: Picture(
        ground="#6b7280",
        corner=3.0,
        shapes=(
            _block((2.6, 5.2), (9.6, 5.2), (9.6, 10.8), (2.6, 10.8)),
            _block((10.8, 7.2), (13.4, 5.4), (13.4, 10.6), (10.8, 8.8)),
            *_CROSSED_OUT,
        ),
    ),
    Icon.NO_WATCH: Picture(
        ground="#6b7280",
        corner=8.0,
        shapes=(_block((5.4, 5.4), (10.6, 5.4), (10.6, 10.6), (5.4, 10.6)),),
    ),
}
"""Each on white has a contrast of 4.5 at least, and on black one of 3."""
