"""How strong the light at the edges of the screens is, and where the edges are.

Pure: what is known of the watch and the time in, a strength or rectangles out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posturecam.values.observation import PostureState

if TYPE_CHECKING:
    from posturecam.tray.seen import Seen

GROWS_S = 8.0
"""From nothing to all: a reach for a cup hardly shows, and nothing flares up."""
FADES_S = 0.15
"""Back upright it is gone at once, and yet does not blink."""
STILL_STRENGTH = 0.6
"""All there is where motion is to be reduced."""


def is_slouching(seen: Seen) -> bool:
    """Whether the last pictures show a slouch, and alerts of it are not suppressed.

    A single look that shows none ends it: that it is wrong now and then matters less than that it
    ends when the sitter sits up, and not a second later.
    """
    if seen.quiet is not None or seen.reading is None:
        return False
    last = seen.provisional or seen.state
    return last is PostureState.SLOUCHED and seen.reading.newest is not PostureState.UPRIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Glow:
    """A strength from 0 to 1 that grows or fades with time.

    Attributes:
        growing: it grows; else it fades, or is gone.
        since_s: when it began to.
        strength: what it was then.
        still: it changes in one step, and less.
    """

    growing: bool = False
    since_s: float = 0.0
    strength: float = 0.0
    still: bool = False

    def at(self, t_s: float) -> float:
        """The strength at a time, which is not before `since_s`."""
        if self.still:
            return STILL_STRENGTH if self.growing else 0.0
        if self.growing:
            return min(1.0, self.strength + (t_s - self.since_s) / GROWS_S)
        return max(0.0, self.strength - (t_s - self.since_s) / FADES_S)

    def is_changing(self, t_s: float) -> bool:
        """Whether it will be another one soon."""
        return not self.still and self.at(t_s) != (1.0 if self.growing else 0.0)

    def turned(self, t_s: float, *, growing: bool) -> Glow:
        """The same, which grows or fades from now on."""
        if growing is self.growing:
            return self
        return replace(self, growing=growing, since_s=t_s, strength=self.at(t_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    """A part of the desktop, in the units of the toolkit."""

    left: int
    top: int
    width: int
    height: int


def edges_of(screen: Rect, depth: int) -> tuple[Rect, Rect, Rect, Rect]:
    """The edges of a screen, so deep: top and bottom with the corners, left and right without."""
    depth = max(1, min(depth, screen.width // 2, screen.height // 2))
    right, bottom = screen.left + screen.width, screen.top + screen.height
    between = {"top": screen.top + depth, "width": depth, "height": screen.height - 2 * depth}
    across = {"left": screen.left, "width": screen.width, "height": depth}
    return (
        Rect(top=screen.top, **across),
        Rect(top=bottom - depth, **across),
        Rect(left=screen.left, **between),
        Rect(left=right - depth, **between),
    )
