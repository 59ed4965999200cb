"""What a background tells of the camera: how it turned, and when it tells nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from posturecam.posture.scenery import (
    UNTURNED,
    CameraTurn,
    Scenery,
    blurred,
    compare,
    scenery_in,
    scenery_of,
)
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
from tests.sitters import front_head

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


# What is read off one picture


@pytest.mark.parametrize("reach", [1, 3, 5])
def test_a_blurred_picture_is_the_mean_around_each_cell(reach: int) -> None:
    """As OpenCV has it, with the edge going on outside."""
    values = np.random.default_rng(0).uniform(0, 255, (30, 40)).astype(np.float32)
    side = 2 * reach + 1
    expected = cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE)

    assert blurred(values, reach) == pytest.approx(np.asarray(expected), abs=1e-3)


def test_what_stands_out_is_measured_by_what_is_around_it() -> None:
    """A dot on a bare wall stands out, and a wall of faint noise shows nothing."""
    grey = np.full((72, 96), 100, np.uint8)
    grey[20, 30] = 220
    bare = np.random.default_rng(0).integers(99, 102, (72, 96)).astype(np.uint8)

    seen = scenery_of(grey, ())

    # Of 49 cells one is 120 brighter; 121 cells around it say how much that is.
    of_dot = 120 * 48 / 49
    assert seen.pattern[20, 30] == pytest.approx(
        of_dot / (120 * math.sqrt(48 / 49 / 121) + 3), 0.02
    )
    assert divmod(int(seen.pattern.argmax()), 96) == (20, 30)
    assert seen.pattern[20, 33] < 0
    assert seen.pattern[20, 34] == 0
    assert seen.textured[20, 30]
    assert not seen.textured[60, 80]
    assert not scenery_of(bare, ()).textured.any()
    assert np.abs(scenery_of(bare, ()).pattern).max() < 0.6


def _beside(**joints: tuple[float, float]) -> NDArray[np.bool_]:
    """The cells of 96 x 72 that do not show somebody, of whom each joint is put at a cell."""
    person = sitter()
    points = person.points_px.copy()
    for name, (x, y) in joints.items():
        points[Joint[name], :2] = 10 * x, 10 * y
    person = replace(person, points_px=points, image_width_px=960, image_height_px=720)
    return scenery_of(np.zeros((72, 96), np.uint8), (person,)).beside


SHOULDERS = {"LEFT_SHOULDER": (58.0, 40.0), "RIGHT_SHOULDER": (38.0, 40.0)}
FAR = dict.fromkeys(
    ("LEFT_ELBOW", "LEFT_WRIST", "RIGHT_ELBOW", "RIGHT_WRIST", "LEFT_EAR", "RIGHT_EAR"),
    (48.0, 50.0),
)
"""Where the trunk covers them."""


def _covered(beside: NDArray[np.bool_], row: int) -> tuple[int, int]:
    """From which cell of a row to which somebody is; there is no gap."""
    columns = np.flatnonzero(~beside[row])
    assert len(columns) == columns[-1] - columns[0] + 1
    return int(columns[0]), int(columns[-1])


def test_a_trunk_goes_from_a_third_above_the_shoulders_to_the_bottom() -> None:
    """Shoulders 20 cells apart: 7 more on each side, for the clothes and the back of the chair."""
    beside = _beside(**SHOULDERS, **FAR)

    assert beside[:33].all()
    assert _covered(beside, 33) == _covered(beside, 69) == (31, 64)
    assert not beside[70:].any()
    assert np.all(
        scenery_of(np.zeros((72, 96), np.uint8), ()).beside == (np.mgrid[:72, :96][0] < 70)
    )


def test_somebody_who_stands_sideways_has_a_trunk_too() -> None:
    """One shoulder before the other, and lower: no narrower than eleven cells."""
    sideways = {"LEFT_SHOULDER": (48.0, 44.0), "RIGHT_SHOULDER": (48.0, 40.0)}
    beside = _beside(**sideways, **dict.fromkeys(FAR, (48.0, 60.0)))

    assert beside[:36].all()
    assert _covered(beside, 36) == (44, 51)


def test_a_head_is_round_and_larger_than_the_ears_are_apart() -> None:
    """With the hair: 11 cells around its middle where the shoulders are 20 apart."""
    ears = {"LEFT_EAR": (50.0, 20.0), "RIGHT_EAR": (44.0, 16.0)}
    beside = _beside(**(SHOULDERS | FAR | ears))
    y, x = np.mgrid[0.5:72, 0.5:96]

    head = (x - 47) ** 2 + (y - 18) ** 2 < 11**2
    assert np.array_equal(~beside[:33], head[:33])


@pytest.mark.parametrize("side", ["LEFT", "RIGHT"])
def test_an_arm_is_covered_as_far_as_it_reaches(side: str) -> None:
    """Five cells around it; a hand that is raised hides what is behind it."""
    arm = {f"{side}_ELBOW": (80.0, 30.0), f"{side}_WRIST": (80.0, 10.0)}
    beside = _beside(**(SHOULDERS | FAR | arm))

    assert [_covered(beside, row) for row in (12, 20, 25)] == [(75, 84)] * 3
    assert beside[:5].all()
    assert _covered(beside, 5)[0] >= 78
    assert beside[40, 90]
    along = [(80 - at, 30 + at * 10 // 22) for at in range(0, 22, 3)]
    assert not any(beside[row, column] for column, row in along)


def test_somebody_at_the_edge_is_covered_as_far_as_they_are_seen() -> None:
    """What is out of the picture, or nowhere, takes nothing of it."""
    out = {"LEFT_ELBOW": (58.0, -30.0), "LEFT_WRIST": (math.nan, math.nan)}
    ears = {"LEFT_EAR": (0.0, 0.0), "RIGHT_EAR": (0.0, 0.0)}
    beside = _beside(**(SHOULDERS | FAR | out | ears))

    assert _covered(beside[:, :40], 0) == (0, 10)
    assert _covered(beside[:, :40], 10) == (0, 2)
    assert _covered(beside[:, 20:], 0) == _covered(beside[:, 20:], 20) == (33, 42)
    assert beside[12:30, :53].all()


# How two are laid over each other


def _scenery(pattern: NDArray[np.floating], beside: NDArray[np.bool_] | None = None) -> Scenery:
    """A background with something on every cell."""
    everywhere = np.ones(pattern.shape, dtype=np.bool_)
    return Scenery(
        pattern=pattern.astype(np.float32),
        beside=everywhere if beside is None else beside,
        textured=everywhere,
    )


def _moved(pattern: NDArray[np.floating], right: float, down: float) -> NDArray[np.floating]:
    """A pattern read between its cells, as by OpenCV, where it was before it moved."""
    rows, columns = pattern.shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    return np.asarray(
        cv2.remap(
            pattern.astype(np.float32),
            x - np.float32(right),
            y - np.float32(down),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=50.0,
        )
    )


WALL = np.random.default_rng(4).normal(0, 1, (72, 96))


@pytest.mark.parametrize(
    ("right", "down"), [(0, 0), (5, 0), (0, 7), (-4, 6), (9, -3), (0.5, 0.25), (-2.25, 3.5)]
)
def test_a_picture_that_moved_as_expected_is_the_same(right: float, down: float) -> None:
    """All that both show is laid over each other, also half a cell aside; nothing beyond."""
    turn = CameraTurn(right=right / 96, down=down / 96)

    found = compare(_scenery(_moved(WALL, right, down)), _scenery(WALL), turn, search=False)

    assert found.turn is turn
    assert found.telling
    assert found.likeness == pytest.approx(1.0, abs=1e-3)


def test_what_the_sitter_hides_is_not_read_between_the_cells() -> None:
    """Not at the corners of what is hidden, either."""
    then = np.random.default_rng(5).random((72, 96)) > 0.02
    turn = CameraTurn(right=0.5 / 96, down=0.25 / 96)

    found = compare(
        _scenery(_moved(WALL, 0.5, 0.25)),
        _scenery(np.where(then, WALL, 1000.0), then),
        turn,
        search=False,
    )

    assert found.likeness == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(("right", "down"), [(97, 0), (-97, 0), (0, 73), (0, -73), (-200, 150)])
def test_pictures_that_do_not_meet_tell_nothing(right: int, down: int) -> None:
    """A camera that was turned so far shows nothing of what it showed."""
    turn = CameraTurn(right=right / 96, down=down / 96)

    found = compare(_scenery(WALL), _scenery(WALL), turn, search=False)

    assert (found.turn, found.likeness, found.telling) == (None, -1.0, False)


@pytest.mark.parametrize(("right", "down"), [(6, 0), (0, -9), (-7, 4), (3.5, 0), (2, 5.5)])
def test_a_picture_that_moved_is_found_to_half_a_cell(right: float, down: float) -> None:
    """Whatever the sitter hides, then and now."""
    then, now = np.ones((2, 72, 96), dtype=np.bool_)
    then[30:, 40:70] = False
    now[25:, 20:45] = False

    found = compare(
        _scenery(np.where(now, _moved(WALL, right, down), 3.0), now),
        _scenery(np.where(then, WALL, -3.0), then),
        UNTURNED,
        search=True,
    )

    assert found.turn is not None
    assert (96 * found.turn.right, 96 * found.turn.down) == pytest.approx((right, down))
    assert found.telling


@pytest.mark.parametrize("focal", [0.75, 1.1])
@pytest.mark.parametrize(("down_deg", "right_deg"), [(12.0, 0.0), (-7.0, 9.0), (0.0, -15.0)])
def test_a_turn_is_undone_exactly(down_deg: float, right_deg: float, focal: float) -> None:
    """By the pinhole that took the picture."""
    person = sitter(y_px=300.0)
    before = turned(focal=focal)
    after = turned(down_deg=down_deg, right_deg=right_deg, focal=focal)
    turn = CameraTurn(
        right=focal * math.tan(math.radians(right_deg)),
        down=focal * math.tan(math.radians(down_deg)),
        focal=focal,
    )

    put_back = turn.put_back(seen_by(person, after, before))

    assert put_back.points_px == pytest.approx(person.points_px, abs=1e-6)
    assert UNTURNED.put_back(person) is person


@pytest.mark.parametrize(("down_deg", "right_deg"), [(14.0, 12.0), (-9.0, 15.0)])
def test_a_head_is_put_back_in_its_size_and_tilt(down_deg: float, right_deg: float) -> None:
    """As a small square there is by the pinhole."""
    before, after = turned(), turned(down_deg=down_deg, right_deg=right_deg)
    turn = CameraTurn(
        right=1.1 * math.tan(math.radians(right_deg)),
        down=1.1 * math.tan(math.radians(down_deg)),
        focal=1.1,
    )
    square = np.array([420.0, 130.0]) + 0.1 * np.array([[0, 0], [1, 0], [0, 1]])
    there = np.c_[square, np.ones(3)] @ (before @ np.linalg.inv(after)).T
    there = there[:, :2] / there[:, 2:]
    right, down = (there[1:] - there[0]) / 0.1
    grown = math.sqrt(abs(float(np.linalg.det(np.array([right, down])))))
    head = front_head(tragus_x_px=420.0, tragus_y_px=130.0)

    found = turn.put_back(replace(sitter(), head=head)).head

    assert found is not None
    assert (found.tragus_x_px, found.tragus_y_px) == pytest.approx(tuple(there[0]), abs=1e-6)
    assert found.size_px == pytest.approx(grown * head.size_px, rel=1e-3)
    assert found.width_px == pytest.approx(grown * head.width_px, rel=1e-3)
    assert found.fitted_away == pytest.approx(head.fitted_away / grown, rel=1e-3)
    tilt_deg = math.degrees(math.atan2(right[1], right[0]))
    assert found.roll_deg == pytest.approx(head.roll_deg + tilt_deg, abs=0.05)


def test_a_picture_is_looked_at_in_its_green() -> None:
    """Which has the least noise."""
    image = np.zeros((144, 192, 3), np.uint8)
    image[40:, :, 0], image[:, 50:, 2] = 200, 200
    assert not scenery_in(image, ()).textured.any()
    image[40:, :, 1] = 200
    assert scenery_in(image, ()).textured[20].all()
