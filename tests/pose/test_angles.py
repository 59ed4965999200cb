"""From landmarks to measures."""

from __future__ import annotations

import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.pose.measures import (
    MEASURES,
    Measures,
    find_view,
    measure,
    position_of,
)
from posturecam.values.observation import LANDMARK_COUNT, Joint, View
from tests.sitters import (
    SITTERS,
    WIDTH_PX,
    any_points_px,
    changed,
    front_head,
    front_outline,
    front_points_px,
    landmarks,
    mirrored,
)

BY_HAND_PX = {
    Joint.LEFT_EAR: (540, 200, 0),
    Joint.RIGHT_EAR: (460, 260, 0),
    Joint.LEFT_EYE: (530, 190, 0),
    Joint.RIGHT_EYE: (490, 220, 0),
    Joint.NOSE: (600, 400, 0),
    Joint.LEFT_SHOULDER: (650, 500, 0),
    Joint.RIGHT_SHOULDER: (350, 400, -300),
    Joint.LEFT_HIP: (700, 900, 0),
    Joint.RIGHT_HIP: (290, 480, 0),
}
"""In a picture 1000 wide; faces the right edge, so the right side is the near one."""


def by_hand() -> np.ndarray:
    """The points of `BY_HAND_PX`."""
    points_px = np.zeros((LANDMARK_COUNT, 3))
    for joint, at_px in BY_HAND_PX.items():
        points_px[joint] = at_px
    return points_px


def test_each_measure_is_what_is_drawn_by_hand() -> None:
    """Mostly triangles of 3, 4 and 5."""
    head_size = math.hypot(0.1, 0.13)
    expected = Measures(
        shoulder_x=0.5,
        shoulder_y=0.45,
        shoulder_width=0.1 * math.sqrt(10),
        shoulder_tilt_deg=math.degrees(math.atan(1 / 3)),
        shoulder_yaw_deg=45,
        ear_x=0.5,
        ear_y=0.23,
        ear_width=0.1,
        ear_tilt_deg=-math.degrees(math.atan(3 / 4)),
        eye_x=0.51,
        eye_y=0.205,
        eye_width=0.05,
        nose_x=0.6,
        nose_y=0.4,
        head_size=head_size,
        facing=0.13 / head_size,
        near_shoulder_x=0.35,
        near_shoulder_y=0.4,
        near_hip_x=0.29,
        near_hip_y=0.48,
        trunk_length=0.1,
        trunk_inclination_deg=math.degrees(math.atan(3 / 4)),
        neck_length=math.hypot(0.11, 0.14),
        neck_inclination_deg=math.degrees(math.atan(11 / 14)),
        head_inclination_deg=-45,
        aspect=0.5,
    )
    now = measure(landmarks(by_hand(), width_px=1000, height_px=500))
    from_front, from_side = position_of(now, View.FRONT), position_of(now, View.SIDE)

    np.testing.assert_allclose(now.as_array(), expected.as_array())
    assert (from_front.shoulder_x, from_front.shoulder_y) == (now.shoulder_x, now.shoulder_y)
    assert from_front.head_ratio == pytest.approx(0.22 / now.shoulder_width)
    assert (from_front.scale, from_front.tilt_deg) == (now.shoulder_width, now.shoulder_tilt_deg)
    assert from_side.head_ratio == pytest.approx(0.22 / now.trunk_length)
    assert (from_side.scale, from_side.tilt_deg) == (now.trunk_length, now.trunk_inclination_deg)
    assert from_side.turn == from_front.turn == now.facing


def test_a_mirror_changes_sides_and_nothing_else() -> None:
    """Lengths, heights and inclinations stay; what has a side turns over."""
    person = landmarks(by_hand(), width_px=1000, height_px=500)
    seen = replace(person, head=front_head(), outline=front_outline())
    before, now = asdict(measure(seen)), asdict(measure(mirrored(seen)))

    for name, value in before.items():
        if name.endswith("_x"):
            assert now[name] == pytest.approx(1 - value), name
        elif name.endswith(("tilt_deg", "yaw_deg", "roll_deg")) or name == "facing":
            assert now[name] == pytest.approx(-value), name
        else:
            assert now[name] == pytest.approx(value), name


@pytest.mark.parametrize(("x_px", "believed"), [(2999, True), (3000, False), (-3000, False)])
def test_a_landmark_three_widths_away_is_an_invention(x_px: int, *, believed: bool) -> None:
    """One is enough for nothing to be measured."""
    points_px = by_hand()
    points_px[Joint.LEFT_EYE, 0] = x_px

    assert math.isfinite(measure(landmarks(points_px, width_px=1000)).eye_x) is believed


@pytest.mark.parametrize(
    ("yaw_deg", "width", "view"),
    [
        (50, 0.3, View.FRONT),
        (-50, 0.3, View.FRONT),
        (50.5, 0.3, View.THREE_QUARTER),
        (0, 0.0, View.THREE_QUARTER),
        (82, 0.0, View.THREE_QUARTER),
        (82.5, -0.27, View.SIDE),
        (82.5, 0.28, View.THREE_QUARTER),
    ],
)
def test_the_limits_of_the_views(yaw_deg: float, width: float, view: View) -> None:
    """With a trunk of one picture's width."""
    now = measure(landmarks(front_points_px()))

    assert (
        find_view(replace(now, shoulder_yaw_deg=yaw_deg, shoulder_width=width, trunk_length=1.0))
        is view
    )


def test_seen_from_behind_the_shoulders_have_a_negative_width() -> None:
    """From behind the left shoulder is on the left of the picture."""
    points_px = front_points_px()
    points_px[:, 0] = WIDTH_PX - points_px[:, 0]

    now = measure(landmarks(points_px))

    assert now.shoulder_width < 0
    assert find_view(now) is not View.FRONT


def test_turning_the_head_hardly_changes_its_size() -> None:
    """Head size is the scale that a look at a second monitor must leave alone."""
    ratios = [
        measure(pose.landmarks).head_size / sitter.baseline.head_size
        for sitter in SITTERS
        if sitter.view is View.FRONT
        for pose in sitter.poses
        if pose.scenario == "head_turned"
    ]

    assert len(ratios) >= 9
    assert np.median(ratios) == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("sitter", SITTERS, ids=lambda sitter: sitter.name)
def test_the_view_of_a_baseline_is_found(sitter: object) -> None:
    """Front, three-quarter and side are told apart on rendered sitters."""
    found = next(one for one in SITTERS if one is sitter)

    assert find_view(found.baseline) is found.view


@given(points_px=any_points_px())
def test_no_landmarks_are_too_absurd_to_measure(points_px: np.ndarray) -> None:
    """Every measure is a number or NaN; nothing raises, nothing warns, nothing is infinite."""
    now = measure(landmarks(points_px))
    place = position_of(now, find_view(now))

    assert not np.isinf(now.as_array()).any()
    assert not math.isinf(place.head_ratio)


@given(points_px=any_points_px())
def test_measures_survive_the_way_to_an_array_and_back(points_px: np.ndarray) -> None:
    """`from_array` undoes `as_array`, NaN included."""
    array = measure(landmarks(points_px)).as_array()

    np.testing.assert_array_equal(Measures.from_array(array).as_array(), array)


def test_an_array_of_another_length_is_refused() -> None:
    """A baseline written by another version must not be read as if it fitted."""
    with pytest.raises(ValueError, match="argument"):
        Measures.from_array(np.zeros(len(MEASURES) - 1))


@given(zoom=st.floats(0.7, 1.4), right_px=st.floats(-100, 100), down_px=st.floats(-80, 80))
def test_directions_and_proportions_do_not_depend_on_zoom_or_place(
    zoom: float, right_px: float, down_px: float
) -> None:
    """Only positions and lengths change when the picture of a person is moved or enlarged."""
    seen = landmarks(front_points_px())
    before, now = (
        measure(seen),
        measure(changed(seen, zoom=zoom, right_px=right_px, down_px=down_px)),
    )

    assert now.shoulder_tilt_deg == pytest.approx(before.shoulder_tilt_deg, abs=1e-6)
    assert now.facing == pytest.approx(before.facing, abs=1e-9)
    assert now.head_size == pytest.approx(before.head_size * zoom)
    assert position_of(now, View.FRONT).head_ratio == pytest.approx(
        position_of(before, View.FRONT).head_ratio
    )
