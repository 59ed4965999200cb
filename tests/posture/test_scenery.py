"""What a background tells of the camera: how it turned, and when it tells nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from posturecam.posture.scenery import UNTURNED, CameraTurn, compare
from posturecam.values.observation import Joint
from tests.fakes import sitter
from tests.rooms import (
    HEIGHT_PX,
    WIDTH_PX,
    photo,
    room,
    scenery,
    seen_by,
    shifted,
    turned,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELL_PX = WIDTH_PX / 96
HEAD_AND_SHOULDERS = [
    Joint.NOSE,
    Joint.LEFT_EAR,
    Joint.RIGHT_EAR,
    Joint.LEFT_SHOULDER,
    Joint.RIGHT_SHOULDER,
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("down_deg", "right_deg", "focal"),
    [
        (3.0, 0.0, 1.1),
        (-3.0, 0.0, 1.1),
        (8.0, 0.0, 0.9),
        (-8.0, 2.0, 0.9),
        (12.0, 0.0, 1.1),
        (-12.0, 0.0, 0.8),
        (0.0, 6.0, 1.1),
        (5.0, -5.0, 1.4),
    ],
)
def test_whoever_sits_still_before_a_turned_camera_is_put_back(
    down_deg: float, right_deg: float, focal: float, seed: int
) -> None:
    """To within a cell, whichever way the lid is tilted and whatever the camera's field of view."""
    wall, person = room(seed), sitter(y_px=300.0)
    before = turned(focal=focal)
    after = turned(down_deg=down_deg, right_deg=right_deg, focal=focal)
    moved = seen_by(person, after, before)

    found = compare(
        scenery(photo(wall, after), moved),
        scenery(photo(wall, before), person),
        UNTURNED,
        search=True,
    )

    assert found.turn is not None
    off_px = found.turn.put_back(moved).points_px - person.points_px
    assert np.abs(off_px[HEAD_AND_SHOULDERS, :2]).max() < CELL_PX
    assert np.abs((moved.points_px - person.points_px)[HEAD_AND_SHOULDERS]).max() > 4 * CELL_PX


@pytest.mark.parametrize(("down_px", "right_px"), [(40, 0), (-60, 20), (120, 0), (0, -90)])
def test_a_camera_that_is_moved_shifts_the_picture_alone(down_px: float, right_px: float) -> None:
    """No perspective is made up."""
    wall, person = room(), sitter(y_px=300.0)
    before, after = shifted(), shifted(down_px=down_px, right_px=right_px)
    moved = seen_by(person, after, before)

    found = compare(
        scenery(photo(wall, after), moved),
        scenery(photo(wall, before), person),
        UNTURNED,
        search=True,
    )

    assert found.turn is not None
    off_px = found.turn.put_back(moved).points_px - person.points_px
    assert np.abs(off_px[HEAD_AND_SHOULDERS, :2]).max() < CELL_PX


@pytest.mark.parametrize(
    "light",
    [
        lambda grey: np.clip(grey * 0.4 + 20, 0, 255),
        lambda grey: np.clip(grey * np.linspace(0.5, 1.4, WIDTH_PX), 0, 255),
        lambda grey: np.clip(grey + np.random.default_rng(1).normal(0, 12, grey.shape), 0, 255),
    ],
)
def test_light_and_noise_do_not_turn_the_camera(light: object) -> None:
    """Nor does a sitter who moves, whose own cells are left out."""
    assert callable(light)
    picture = photo(room(), shifted())
    now = light(picture.astype(float)).astype(np.uint8)

    found = compare(
        scenery(now, sitter(x_px=250.0, drop_px=40.0)),
        scenery(picture, sitter()),
        UNTURNED,
        search=True,
    )

    assert found.turn is UNTURNED


def test_a_turn_that_holds_is_kept_to_the_digit() -> None:
    """Nothing trembles from look to look: the sitter would seem to move."""
    wall, person = room(), sitter()
    before, after = turned(), turned(down_deg=6.0)
    reference = scenery(photo(wall, before), person)
    moved = seen_by(person, after, before)
    first = compare(scenery(photo(wall, after), moved), reference, UNTURNED, search=True)
    assert first.turn is not None

    nudged = photo(wall, turned(down_deg=6.1))
    again = compare(scenery(nudged, moved), reference, first.turn, search=True)

    assert again.turn is first.turn


def _stripes() -> NDArray[np.uint8]:
    """A curtain: nothing on it says how far up or down it is."""
    wave = 128 + 80 * np.sin(np.arange(2 * WIDTH_PX) / 9.0)
    return np.tile(wave.astype(np.uint8), (2 * HEIGHT_PX, 1))


def _tiles() -> NDArray[np.uint8]:
    """Tiles repeat every 50 pixels."""
    y, x = np.mgrid[0 : 2 * HEIGHT_PX, 0 : 2 * WIDTH_PX]
    return np.where((x % 50 < 6) | (y % 50 < 6), 60, 200).astype(np.uint8)


def _bare() -> NDArray[np.uint8]:
    return np.full((2 * HEIGHT_PX, 2 * WIDTH_PX), 170, dtype=np.uint8)


@pytest.mark.parametrize("wall", [_stripes(), _tiles(), _bare()], ids=["curtain", "tiles", "bare"])
def test_what_looks_alike_in_many_places_tells_no_turn(wall: NDArray[np.uint8]) -> None:
    """It would be a guess."""
    person = sitter()
    before, after = shifted(), shifted(down_px=25)

    found = compare(
        scenery(photo(wall, after), seen_by(person, after, before)),
        scenery(photo(wall, before), person),
        UNTURNED,
        search=True,
    )

    assert found.turn is None


def test_a_bare_wall_says_nothing_by_being_unlike_itself() -> None:
    """Its noise differs from look to look."""
    rng = np.random.default_rng(2)
    now, before = (
        np.clip(170 + rng.normal(0, 6, (HEIGHT_PX, WIDTH_PX)), 0, 255).astype(np.uint8)
        for _ in range(2)
    )

    found = compare(scenery(now, sitter()), scenery(before, sitter()), UNTURNED, search=True)

    assert found.turn is None
    assert not found.telling


def test_another_room_is_told_from_this_one() -> None:
    """Enough is seen, and none of it is alike."""
    found = compare(
        scenery(photo(room(1), shifted()), sitter()),
        scenery(photo(room(2), shifted()), sitter()),
        UNTURNED,
        search=True,
    )

    assert found.turn is None
    assert found.telling
    assert found.likeness < 0.3


def test_pictures_of_another_shape_tell_nothing() -> None:
    """Such as those of a camera that came back with another resolution."""
    picture = photo(room(), shifted())
    wide = np.asarray(cv2.resize(picture, (1280, 720)), dtype=np.uint8)

    found = compare(scenery(wide), scenery(picture), UNTURNED, search=True)

    assert found.turn is None
    assert not found.telling


@pytest.mark.parametrize("focal", [math.inf, 1.1])
def test_two_turns_add_up(focal: float) -> None:
    """One after the other, and the one on top of the other."""
    first = CameraTurn(right=0.02, down=0.05, focal=focal)
    second = CameraTurn(right=-0.01, down=0.03, focal=focal)

    both = second.after(first)

    assert (both.right, both.down) == pytest.approx((0.01, 0.08))
    assert both.since(first).down == pytest.approx(0.03)
    assert first.since(first) == UNTURNED


def test_a_room_that_is_hidden_tells_no_turn() -> None:
    """Whoever fills the picture leaves too little of it to be compared."""
    before = scenery(photo(room(0), turned()), sitter())
    hidden = replace(before, beside=np.zeros_like(before.beside))

    assert compare(hidden, before, UNTURNED, search=False).turn is None
