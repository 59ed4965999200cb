"""Which windows of a Wayland compositor count as a program in full screen."""

from __future__ import annotations

import struct

from posturecam.system.wayland_toplevels import ACTIVATED, FULL_SCREEN, MINIMIZED, Toplevels

FILM, OTHER = 0xFF000000, 0xFF000001
LEFT, RIGHT = 4, 5
MAXIMIZED = 0


class Windows(Toplevels):
    """Those that a test tells of."""

    def is_in(self, window: int, *states: int) -> None:
        """What a window is now."""
        said = struct.pack(f"={len(states) + 1}I", 4 * len(states), *states)
        assert self.hear(window, "state", said)

    def opened(self, window: int, screen: int) -> None:
        """A window comes up; some compositors say where only later."""
        self.add(window)
        self.is_in(window, ACTIVATED)
        assert self.hear(window, "output_enter", struct.pack("=I", screen))


def test_a_film_counts_while_it_is_seen() -> None:
    """Not behind another window, not once it is small, iconified or closed."""
    windows = Windows()
    assert not windows.is_one_in_front()
    windows.opened(FILM, LEFT)
    windows.is_in(FILM, MAXIMIZED, ACTIVATED)
    assert not windows.is_one_in_front()
    windows.is_in(FILM, ACTIVATED, FULL_SCREEN)
    assert windows.is_one_in_front()
    windows.is_in(FILM, FULL_SCREEN)
    assert windows.is_one_in_front()
    windows.opened(OTHER, LEFT)
    assert not windows.is_one_in_front()
    windows.is_in(OTHER)
    windows.is_in(FILM, FULL_SCREEN, ACTIVATED)
    assert windows.is_one_in_front()
    windows.is_in(FILM, FULL_SCREEN, MINIMIZED)
    assert not windows.is_one_in_front()
    windows.is_in(FILM, FULL_SCREEN, ACTIVATED)
    assert windows.hear(FILM, "closed", b"")
    assert not windows.is_one_in_front()


def test_on_another_screen_it_counts_until_something_else_is_there() -> None:
    """What is iconified is nowhere."""
    windows = Windows()
    windows.opened(FILM, RIGHT)
    windows.is_in(FILM, FULL_SCREEN)
    windows.opened(OTHER, LEFT)
    assert windows.is_one_in_front()
    assert windows.hear(OTHER, "output_leave", struct.pack("=I", LEFT))
    assert windows.hear(OTHER, "output_enter", struct.pack("=I", RIGHT))
    assert not windows.is_one_in_front()
    windows.is_in(OTHER, MINIMIZED)
    assert windows.is_one_in_front()


def test_where_no_screen_is_told_only_what_is_worked_with_counts() -> None:
    """It may be anywhere."""
    windows = Windows()
    windows.add(FILM)
    windows.is_in(FILM, FULL_SCREEN, ACTIVATED)
    assert windows.is_one_in_front()
    windows.is_in(FILM, FULL_SCREEN)
    assert not windows.is_one_in_front()


def test_what_a_window_is_called_does_not_matter() -> None:
    """Its title is news to nobody."""
    windows = Windows()
    windows.opened(FILM, LEFT)
    for event in ("title", "app_id", "done"):
        assert not windows.hear(FILM, event, b"not even read")
