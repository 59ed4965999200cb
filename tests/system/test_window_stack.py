"""Which windows count as a program in full screen."""

from __future__ import annotations

import pytest

from posturecam.system.window_stack import ON_ALL_DESKTOPS, Window, is_one_in_front
from posturecam.system.x_messages import Area

LEFT = Area(left_px=0, top_px=0, width_px=800, height_px=600)
RIGHT = Area(left_px=800, top_px=0, width_px=800, height_px=600)
NOTE = Area(left_px=20, top_px=20, width_px=200, height_px=100)
DIALOG = Area(left_px=300, top_px=200, width_px=200, height_px=200)
FILM = Window(number=1, full_screen=True)
OTHER = Window(number=2, full_screen=False)


@pytest.mark.parametrize(
    ("stack", "active", "is_one"),
    [
        ([(FILM, LEFT)], 1, True),
        ([(FILM, LEFT)], None, True),
        ([(OTHER, LEFT)], 2, False),
        ([(FILM, LEFT), (OTHER, DIALOG)], 1, True),
        ([(FILM, LEFT), (OTHER, DIALOG)], 2, False),
        ([(FILM, LEFT), (OTHER, NOTE)], 2, True),
        ([(OTHER, DIALOG), (FILM, LEFT)], 2, True),
        ([(FILM, RIGHT), (OTHER, LEFT)], 2, True),
        ([(FILM, LEFT), (OTHER, None)], 2, True),
        ([(FILM, None), (OTHER, LEFT)], 2, False),
        ([], None, False),
    ],
)
def test_a_film_counts_while_it_is_seen(
    stack: list[tuple[Window, Area | None]],
    active: int | None,
    is_one: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Also on another screen than the one worked at; not behind what is worked at."""
    windows, areas = [one for one, _ in stack], [area for _, area in stack]
    assert is_one_in_front(windows, areas, active) is is_one


@pytest.mark.parametrize(
    ("hidden", "desktop", "shown", "on"),
    [
        (False, None, None, True),
        (False, 1, None, True),
        (False, None, 1, True),
        (False, 1, 1, True),
        (False, 0, 1, False),
        (False, ON_ALL_DESKTOPS, 1, True),
        (True, 1, 1, False),
    ],
)
def test_a_window_on_another_desktop_is_not_on_the_screen(
    hidden: bool,  # noqa: FBT001 - a column of the table
    desktop: int | None,
    shown: int | None,
    on: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Nor is an iconified one."""
    window = Window(number=1, full_screen=True, hidden=hidden, desktop=desktop)
    assert window.is_on(shown) is on
