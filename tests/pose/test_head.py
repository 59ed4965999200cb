"""What is made of a face mesh: where it is looked for, whose it is, and the numbers of a head."""

from __future__ import annotations

import math
from dataclasses import asdict, astuple, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.pose.head import Crop, crop_around_head, head_of, whose_head
from posturecam.pose.measures import MESH_MEASURES, OUTLINE_MEASURES, measure
from posturecam.posture.baseline import Take, combine
from posturecam.posture.observe import observe
from posturecam.posture.scenery import UNTURNED, CameraTurn
from posturecam.values.observation import Joint
from tests.fakes import NINE
from tests.sitters import (
    HEIGHT_PX,
    WIDTH_PX,
    changed,
    detection,
    front_head,
    front_outline,
    front_points_px,
    landmarks,
    side_points_px,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posturecam.values.head import Head
    from posturecam.values.outline import Outline

SITTER = landmarks(front_points_px())
CROP = Crop(left_px=200.0, top_px=60.0, side_px=240.0)
LOOKING_AHEAD = np.diag([1.0, 1.0, 1.0, 1.0])
LOOKING_AHEAD[2, 3] = -40.0


def mesh(turned: np.ndarray | None = None) -> np.ndarray:
    """(468, 3) points in sides of the crop: an egg with its four named points, turned."""
    points = np.random.default_rng(0).normal(0.0, 0.05, (468, 3))
    points[[234, 454, 10, 152]] = [(-0.2, 0, 0), (0.2, 0, 0), (0, -0.25, -0.1), (0, 0.25, -0.1)]
    points = points if turned is None else points @ turned.T
    return np.asarray(points + np.array([0.5, 0.5, 0.0]))


def nod(deg: float) -> np.ndarray:
    """Of a head that looks down by so much: its forehead comes to the viewer."""
    sine, cosine = math.sin(math.radians(deg)), math.cos(math.radians(deg))
    return np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])


def turn(deg: float) -> np.ndarray:
    """Of a head that looks to its left, the right edge of the picture."""
    sine, cosine = math.sin(math.radians(deg)), math.cos(math.radians(deg))
    return np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]])


def tilt(deg: float) -> np.ndarray:
    """Of a head whose left ear, on the right of the picture, gets lower."""
    sine, cosine = math.sin(math.radians(deg)), math.cos(math.radians(deg))
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])


def test_an_upright_head_has_no_turn_and_its_ears_lie_behind_the_mesh() -> None:
    """Lengths are in pixels of the picture, and the distance goes by the share looked at."""
    found = head_of(mesh(), LOOKING_AHEAD, CROP, WIDTH_PX)

    assert found.width_px == pytest.approx(0.4 * CROP.side_px)
    assert (found.pitch_deg, found.yaw_deg, found.roll_deg) == pytest.approx((0, 0, 0))
    assert found.tragus_x_px == pytest.approx(200 + 120)
    assert found.tragus_y_px == pytest.approx(60 + 120 + 0.055 * 96)
    assert found.fitted_away == pytest.approx(40 * 640 / 240)
    assert (found.fitted_pitch_deg, found.fitted_yaw_deg) == pytest.approx((0, 0))


@given(deg=st.floats(-40, 40))
def test_how_a_head_is_turned_is_read_off_in_degrees(deg: float) -> None:
    """Down is positive, so are the person's left, on the right of the picture, and its ear lower.

    The virtual ears go with the head: behind and below the points before the real ones.
    """
    level = head_of(mesh(), LOOKING_AHEAD, CROP, WIDTH_PX)
    for way, name in ((nod, "pitch_deg"), (turn, "yaw_deg"), (tilt, "roll_deg")):
        found = head_of(mesh(way(deg)), LOOKING_AHEAD, CROP, WIDTH_PX)
        ears = way(deg) @ [0, 0.055, 0.275] * found.width_px
        assert getattr(found, name) == pytest.approx(deg, abs=1e-6)
        assert found.size_px == pytest.approx(level.size_px)
        assert (found.tragus_x_px, found.tragus_y_px) == pytest.approx(
            (320 + ears[0], 180 + ears[1])
        )


@given(deg=st.floats(-40, 40), scale=st.floats(0.5, 2))
def test_how_the_fitted_face_is_turned_is_read_off_its_matrix(deg: float, scale: float) -> None:
    """Whatever its size; there y is up and the viewer on the positive side."""
    other_way = np.diag([1.0, -1.0, -1.0])
    for way, name in ((nod, "fitted_pitch_deg"), (turn, "fitted_yaw_deg")):
        fitted = LOOKING_AHEAD.copy()
        fitted[:3, :3] = scale * other_way @ way(deg) @ other_way
        found = head_of(mesh(), fitted, CROP, WIDTH_PX)
        assert getattr(found, name) == pytest.approx(deg, abs=1e-6)


def test_a_crooked_chin_turns_nobody() -> None:
    """The face goes across from ear to ear; what is down stands at a right angle to that."""
    crooked = mesh()
    crooked[152, 0] += 0.05
    straight, found = (head_of(one, LOOKING_AHEAD, CROP, WIDTH_PX) for one in (mesh(), crooked))

    assert found.tragus_x_px == pytest.approx(straight.tragus_x_px)
    assert found.yaw_deg == pytest.approx(0)


def test_from_the_side_no_face_is_looked_for() -> None:
    """The shoulders tell no size there, and a profile has no mesh."""
    assert crop_around_head(landmarks(side_points_px())) is None


def test_the_face_is_looked_for_around_the_head() -> None:
    """A square of 1.15 shoulder widths with nose, eyes and ears in its middle."""
    crop = crop_around_head(SITTER)
    assert crop is not None
    at = SITTER.points_px
    middle_px = at[[Joint.NOSE, Joint.LEFT_EYE, Joint.RIGHT_EYE, Joint.LEFT_EAR, Joint.RIGHT_EAR]]

    assert crop.side_px == pytest.approx(1.15 * 190)
    assert (crop.left_px + crop.side_px / 2, crop.top_px + crop.side_px / 2) == pytest.approx(
        tuple(middle_px[:, :2].mean(axis=0))
    )


@pytest.mark.parametrize(
    "points_px",
    [
        np.zeros((33, 3)),
        np.full((33, 3), np.nan),
        front_points_px() * 1e9,
        front_points_px() * 0.2,
        front_points_px() + np.array([WIDTH_PX, 0, 0]),
        front_points_px() - np.array([0, HEIGHT_PX, 0]),
    ],
    ids=["one point", "nowhere", "endless", "tiny", "beside the picture", "above the picture"],
)
def test_no_face_is_looked_for_where_none_can_be(points_px: np.ndarray) -> None:
    """Nothing raises, however absurd the pose."""
    assert crop_around_head(landmarks(points_px)) is None


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (front_head(tragus_x_px=320.0 + 120), "looks over the shoulder"),
        (front_head(tragus_y_px=182.0 - 90), "a poster above"),
        (front_head(width_px=40.0), "far behind"),
        (front_head(width_px=300.0), "a hand holds up a photo"),
    ],
)
def test_another_face_is_not_the_sitters(other: Head, why: str) -> None:
    """Alone in the crop it is nobody's; beside the sitter's own it changes nothing."""
    assert whose_head([other], SITTER) is None, why
    for heads in ([other, front_head()], [front_head(), other]):
        assert whose_head(heads, SITTER) in (front_head(), None)
    assert whose_head([front_head(tragus_x_px=440.0), front_head()], SITTER) == front_head()
    assert whose_head([], SITTER) is None


def test_the_measures_of_the_mesh_are_shares_of_the_picture_or_unknown() -> None:
    """Lengths and places in widths of the picture; the others as they are."""
    now = measure(replace(SITTER, head=front_head()))

    assert now.mesh_size == pytest.approx(33 / WIDTH_PX)
    assert (now.mesh_ear_x, now.mesh_ear_y) == pytest.approx((0.5, 182 / WIDTH_PX))
    assert (now.mesh_pitch_deg, now.mesh_fitted_pitch_deg) == (12.0, 8.0)
    assert asdict(now) | dict.fromkeys(MESH_MEASURES) == asdict(measure(SITTER)) | dict.fromkeys(
        MESH_MEASURES
    )
    assert all(math.isnan(getattr(measure(SITTER), name)) for name in MESH_MEASURES)


def test_the_measures_of_an_outline_are_its_own_or_unknown() -> None:
    """All else stays as it is."""
    now = measure(replace(SITTER, outline=front_outline()))

    assert [getattr(now, name) for name in OUTLINE_MEASURES] == list(astuple(front_outline()))
    assert asdict(now) | dict.fromkeys(OUTLINE_MEASURES) == asdict(measure(SITTER)) | dict.fromkeys(
        OUTLINE_MEASURES
    )
    assert all(math.isnan(getattr(measure(SITTER), name)) for name in OUTLINE_MEASURES)


def taken(*heads: Head | None, outlines: Sequence[Outline | None] = ()) -> Take:
    """A take of one picture for each."""
    take = Take()
    for head, outline in zip_longest(heads, outlines):
        assert take.add(detection(replace(SITTER, head=head, outline=outline))) is None
    return take


def test_a_baseline_has_the_mesh_of_the_pictures_that_show_it() -> None:
    """Half of them are enough; with fewer it has none, and is a baseline all the same."""
    shown = [front_head(size_px=32.0), front_head(size_px=33.0), front_head(size_px=35.0)]
    takes = [taken(*shown * 4, *[None] * 9), taken(*[None] * 12, *shown)]
    found, alone = (
        combine([take], profile="desk", model_sha256="0" * 64, taken_at=NINE) for take in takes
    )

    assert found.centre.mesh_size == pytest.approx(33 / WIDTH_PX)
    assert found.spread.mesh_size == pytest.approx(1.4826 / WIDTH_PX)
    assert math.isnan(alone.centre.mesh_size)
    assert math.isnan(alone.spread.mesh_size)
    assert alone.centre.head_size == found.centre.head_size


def test_a_baseline_has_the_outline_of_the_pictures_that_show_it() -> None:
    """Whether or not these are the ones that show the mesh."""
    shown = [replace(front_outline(), neck_height=height) for height in (0.2, 0.21, 0.25)]
    heads = [*[front_head()] * 6, *[None] * 6]
    takes = [
        taken(*heads, outlines=[*[None] * 6, *shown, *shown]),
        taken(*heads, outlines=[*[None] * 9, *shown]),
    ]
    found, alone = (
        combine([take], profile="desk", model_sha256="0" * 64, taken_at=NINE) for take in takes
    )

    assert found.centre.outline_neck_height == pytest.approx(0.21)
    assert found.centre.mesh_size == pytest.approx(33 / WIDTH_PX)
    assert math.isnan(alone.centre.outline_neck_height)
    assert alone.centre.mesh_size == found.centre.mesh_size


def test_without_a_mesh_the_sitter_is_judged_all_the_same() -> None:
    """Whichever of picture and baseline has none."""
    usual = taken(*[front_head()] * 10)
    alone = taken(*[None] * 10)
    for take in (usual, alone):
        baseline = combine([take], profile="desk", model_sha256="0" * 64, taken_at=NINE)
        for one in (front_head(), None):
            seen = observe(detection(replace(SITTER, head=one)), baseline)
            assert seen.unknown_reason is None
            assert seen.deviations is not None
            assert all(map(math.isfinite, seen.deviations.values_deg()))


@given(
    right=st.floats(-0.15, 0.15),
    down=st.floats(-0.15, 0.15),
    focal=st.sampled_from((math.inf, 1.4, 0.9)),
)
def test_a_camera_that_turned_is_taken_back_for_the_mesh_as_for_the_pose(
    right: float, down: float, focal: float
) -> None:
    """Place, size, distance and tilt follow the same move; a small square shows it."""
    turn = CameraTurn(right=right, down=down, focal=focal)
    before = turn.put_back(replace(SITTER, head=front_head())).head
    assert before is not None
    middle = np.array([front_head().tragus_x_px, front_head().tragus_y_px]) / WIDTH_PX
    around = middle + 0.02 * np.array([[-1, 0], [1, 0], [0, -1], [0, 1]])
    left, right_of, above, below = turn.undo(around, HEIGHT_PX / WIDTH_PX)
    grown = math.sqrt(math.dist(left, right_of) * math.dist(above, below)) / 0.04
    where = turn.undo(middle, HEIGHT_PX / WIDTH_PX) * WIDTH_PX
    aside_deg = math.degrees(math.atan2(right_of[1] - left[1], right_of[0] - left[0]))

    assert (before.tragus_x_px, before.tragus_y_px) == pytest.approx(tuple(where))
    assert before.size_px / front_head().size_px == pytest.approx(grown, rel=0.01)
    assert before.fitted_away * before.size_px == pytest.approx(110.0 * 33.0)
    assert before.roll_deg - front_head().roll_deg == pytest.approx(aside_deg, abs=0.1)
    assert before.pitch_deg == front_head().pitch_deg


def test_before_a_camera_that_turned_nobody_has_an_outline() -> None:
    """It is along the axis of the camera; what else is seen stays."""
    seen = replace(SITTER, head=front_head(), outline=front_outline())

    assert CameraTurn(down=0.1, focal=1.1).put_back(seen).outline is None
    assert UNTURNED.put_back(seen).outline == front_outline()


def test_a_camera_that_did_not_turn_changes_nothing() -> None:
    """Not even by a rounding."""
    seen = changed(replace(SITTER, head=front_head()), zoom=1.1)

    assert UNTURNED.put_back(seen) is seen
