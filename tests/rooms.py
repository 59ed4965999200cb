"""Rooms painted by chance, and a camera that is turned in them: for tests of the background."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posturecam.capture.thumbnail import Pixels, thumbnail_of
from posturecam.posture.scenery import BACKDROP_COLUMNS, Scenery, scenery_of
from posturecam.values.observation import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posturecam.values.observation import Landmarks

WIDTH_PX, HEIGHT_PX = 640, 480
_AROUND = 2


def room(seed: int = 0) -> NDArray[np.uint8]:
    """A wall with shelves, pictures and shadows, twice as wide and high as a picture of it."""
    rng = np.random.default_rng(seed)
    wall = np.full((_AROUND * HEIGHT_PX, _AROUND * WIDTH_PX), 150, dtype=np.uint8)
    for _ in range(160):
        x, y = rng.integers(0, (wall.shape[1], wall.shape[0])).tolist()
        width, height = rng.integers(20, 160, 2).tolist()
        cv2.rectangle(wall, (x, y), (x + width, y + height), int(rng.integers(40, 230)), -1)
    return np.asarray(cv2.GaussianBlur(wall, (0, 0), 2), dtype=np.uint8)


def turned(
    *, down_deg: float = 0.0, right_deg: float = 0.0, focal: float = 1.1
) -> NDArray[np.float64]:
    """(3, 3) from the room's pixels to those of a pinhole camera turned from its middle.

    Args:
        down_deg: the picture moves down, as when a lid is tilted back.
        right_deg: the picture moves to the right.
        focal: in widths of the picture.
    """
    whole_px, picture_px = (_AROUND * WIDTH_PX, _AROUND * HEIGHT_PX), (WIDTH_PX, HEIGHT_PX)
    return pinhole(whole_px, picture_px, focal * WIDTH_PX, down_deg=down_deg, right_deg=right_deg)


def pinhole(
    whole_px: tuple[int, int],
    picture_px: tuple[int, int],
    focal_px: float,
    *,
    down_deg: float,
    right_deg: float = 0.0,
) -> NDArray[np.float64]:
    """(3, 3) from a picture of size `whole_px` to the one that a camera in its middle takes."""
    pitch, yaw = math.radians(down_deg), math.radians(right_deg)
    nod = np.array(
        [
            [1, 0, 0],
            [0, math.cos(pitch), math.sin(pitch)],
            [0, -math.sin(pitch), math.cos(pitch)],
        ]
    )
    swing = np.array(
        [[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]]
    )
    whole, picture = (np.diag([focal_px, focal_px, 1.0]) for _ in range(2))
    whole[:2, 2] = np.array(whole_px) / 2
    picture[:2, 2] = np.array(picture_px) / 2
    return np.asarray(picture @ nod @ swing @ np.linalg.inv(whole))


def shifted(*, down_px: float = 0.0, right_px: float = 0.0) -> NDArray[np.float64]:
    """(3, 3) from the room's pixels to those of a camera that is moved along the wall."""
    start_x, start_y = (_AROUND - 1) * WIDTH_PX / 2, (_AROUND - 1) * HEIGHT_PX / 2
    return np.array([[1, 0, right_px - start_x], [0, 1, down_px - start_y], [0, 0, 1.0]])


def photo(wall: NDArray[np.uint8], camera: NDArray[np.float64]) -> NDArray[np.uint8]:
    """(480, 640) grey picture that the camera takes of the room."""
    return np.asarray(cv2.warpPerspective(wall, camera, (WIDTH_PX, HEIGHT_PX)), dtype=np.uint8)


def seen_by(
    person: Landmarks, camera: NDArray[np.float64], before: NDArray[np.float64]
) -> Landmarks:
    """The person of a picture by the camera `before`, in one by `camera`, as far as a turn goes."""
    points = np.c_[person.points_px[:, :2], np.ones(len(person.points_px))]
    now = points @ (camera @ np.linalg.inv(before)).T
    points_px = np.c_[now[:, :2] / now[:, 2:], person.points_px[:, 2]]
    return replace(person, points_px=points_px)


def scenery(picture: NDArray[np.uint8], *people: Landmarks) -> Scenery:
    """What stands around the people in the picture."""
    return scenery_of(thumbnail_of(picture, BACKDROP_COLUMNS), people)


def frame_of(picture: NDArray[np.uint8], index: int) -> Frame:
    """The picture, one of two a second; no camera delivers the very same picture twice."""
    bgr = np.repeat(picture[..., None], 3, axis=2)
    bgr[index % HEIGHT_PX, :8] += 1
    return Frame(t_s=index / 2, index=index, picture=Pixels(bgr))
