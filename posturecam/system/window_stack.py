"""Whether one of the windows on the screen is in full screen, and to be seen.

Pure: what the window manager says of its windows in, yes or no out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posturecam.system.x_messages import Area

ON_ALL_DESKTOPS = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is known of a window.

    Attributes:
        full_screen: it asked for the whole screen and got it.
        desktop: the virtual desktop it is on; None where there are none.
    """

    number: int
    full_screen: bool
    hidden: bool = False
    desktop: int | None = None

    def is_on(self, desktop: int | None) -> bool:
        """Whether it is on the screen while this virtual desktop is."""
        shown = None in (self.desktop, desktop) or self.desktop in (desktop, ON_ALL_DESKTOPS)
        return shown and not self.hidden


def is_one_in_front(
    stack: Sequence[Window], areas: Sequence[Area | None], active: int | None
) -> bool:
    """Whether a full-screen window is at work, or lies open on another screen.

    Open is one whose middle no window above it covers: one that was left for another window on the
    same screen is behind that. The lowest of the `stack` comes first; the `active` one has the
    keyboard.
    """
    return any(
        window.full_screen
        and (
            window.number == active
            or (
                (area := areas[at]) is not None
                and not any(above and above.has_middle_of(area) for above in areas[at + 1 :])
            )
        )
        for at, window in enumerate(stack)
    )
