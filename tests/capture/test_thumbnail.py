"""Glimpses: what counts as a change in the picture, and what does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.capture.thumbnail import (
    CHANGED,
    THUMBNAIL_COLUMNS,
    Pixels,
    change,
    is_same_picture,
    thumbnail_of,
)

HEIGHT_PX, WIDTH_PX = 480, 640
SHOULDERS_PX = 200


def desk(*, head_lower_px: int = 0, nearer: float = 1.0, seed: int = 1) -> np.ndarray:
    """A grey picture of somebody before a wall, with the noise of a webcam."""
    rows, columns = np.mgrid[:HEIGHT_PX, :WIDTH_PX]
    grey = 90.0 + 20 * np.sin(columns / 40) + 10 * np.sin(rows / 25)
    head = (columns - 320) ** 2 / (45 * nearer) ** 2 + (rows - 190 - head_lower_px) ** 2 / (
        60 * nearer
    ) ** 2
    grey[head < 1] = 170
    trunk = (abs(columns - 320) < SHOULDERS_PX * nearer / 2) & (rows > 300)
    grey[trunk] = 40
    noise = np.random.default_rng(seed).normal(0, 3, grey.shape)
    picture: np.ndarray = np.clip(grey + noise, 0, 255).astype(np.uint8)
    return picture


STILL = thumbnail_of(desk())


def test_a_glimpse_is_tiny() -> None:
    """Whatever the picture, some fifty blocks across."""
    for shape in ((480, 640), (1080, 1920), (60, 80), (640, 480), (1, 1)):
        thumbnail = thumbnail_of(np.full(shape, 77, dtype=np.uint8))
        assert thumbnail.shape[1] <= 2 * THUMBNAIL_COLUMNS
        assert (thumbnail == 77).all()


def test_a_glimpse_has_48_blocks_across_and_shows_the_green_of_a_picture() -> None:
    """Which carries most of the light."""
    image = np.dstack([np.full((360, 480), grey, dtype=np.uint8) for grey in (10, 77, 200)])
    picture = Pixels(image)

    assert (picture.thumbnail() == np.full((36, 48), 77)).all()
    assert picture.decode() is image


def test_one_block_is_enough_where_there_are_few() -> None:
    """Two in a hundred are asked for, and one at least."""
    then = np.full((4, 4), 77, dtype=np.uint8)
    now = then.copy()
    now[1, 2] = 177

    assert change(now, then) >= CHANGED


def test_the_noise_of_the_camera_is_no_change() -> None:
    """Another picture of the same."""
    assert change(thumbnail_of(desk(seed=2)), STILL) < CHANGED / 2


@given(brighter=st.integers(-30, 80))
def test_brightness_is_no_change(brighter: int) -> None:
    """A lamp or the camera's own adaptation makes the whole picture lighter or darker."""
    lit = np.clip(desk(seed=3).astype(np.int16) + brighter, 0, 255).astype(np.uint8)

    assert change(thumbnail_of(lit), STILL) < CHANGED


@pytest.mark.parametrize("share", [0.08, 0.12, 0.2])
def test_a_head_that_sinks_is_a_change(share: float) -> None:
    """Long before it is a slouch; what is smaller is seen when the model looks the next time."""
    sunk = desk(head_lower_px=round(share * SHOULDERS_PX), seed=4)

    assert change(thumbnail_of(sunk), STILL) >= CHANGED


def test_coming_nearer_is_a_change() -> None:
    """By the five hundredths that count as another position."""
    assert change(thumbnail_of(desk(nearer=1.05, seed=5)), STILL) >= CHANGED


def test_small_moves_in_the_dark_are_not_lost_to_the_lack_of_contrast() -> None:
    """The difference is measured against the contrast that the picture has."""
    dim, dim_sunk = (
        (desk(head_lower_px=lower_px, seed=6) // 3).astype(np.uint8) for lower_px in (0, 20)
    )

    assert change(thumbnail_of(dim_sunk), thumbnail_of(dim)) >= CHANGED


def test_in_the_dark_the_noise_of_the_camera_is_no_change() -> None:
    """Where hardly any light is, there is hardly any contrast to measure it against."""

    def dark(seed: int) -> np.ndarray:
        noise = np.random.default_rng(seed).normal(0, 3, (HEIGHT_PX, WIDTH_PX))
        picture: np.ndarray = np.clip(desk(seed=seed) / 20 + noise, 0, 255).astype(np.uint8)
        return picture

    assert 0 < thumbnail_of(dark(8)).std() < 3
    assert change(thumbnail_of(dark(9)), thumbnail_of(dark(8))) < CHANGED


def test_a_picture_of_another_shape_is_a_change() -> None:
    """A camera that comes back with another resolution."""
    assert change(thumbnail_of(desk()[:, :320]), STILL) >= CHANGED
    assert not is_same_picture(STILL[:-1], STILL)


def test_a_camera_that_repeats_itself_has_no_noise() -> None:
    """Only then is a thumbnail the same to the last grey level."""
    assert is_same_picture(STILL.copy(), STILL)
    assert not is_same_picture(thumbnail_of(desk(seed=7)), STILL)


@pytest.mark.parametrize(
    ("brighter", "usual", "differs"),
    [([2, 9, 5, 2], 3, 6), ([-2, -9, -5, -2], -3, 6), ([1, 9, 4], 4, 5), ([7], 7, 0)],
)
def test_what_changed_for_half_of_the_blocks_is_no_change(
    brighter: list[int], usual: int, differs: int
) -> None:
    """The middle of an odd or even number of blocks, towards zero, counts as the light's."""
    then = np.full((1, len(brighter)), 20, np.uint8)
    now = (then + np.array(brighter)).astype(np.uint8)

    assert change(now, then) == pytest.approx(differs / 12)
    assert int(np.median(brighter)) == usual
