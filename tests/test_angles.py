"""From landmarks to measures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from posturecam.pose.measures import MEASURES, Measures, find_view, measure, position_of
from posturecam.values.observation import LANDMARK_COUNT, Joint, View
from tests.sitters import (
    HEIGHT_PX,
    WIDTH_PX,
    changed,
    front_points_px,
    landmarks,
    mirrored,
    read_sitters,
    side_points_px,
)

SITTERS = read_sitters()
ANYTHING = arrays.arrays(
    np.float64,
    (LANDMARK_COUNT, 3),
    elements=st.floats(allow_nan=True, allow_infinity=True) | st.floats(-2000, 2000),
)


def test_shoulder_tilt_is_the_slope_of_the_line_and_positive_with_the_left_one_lower() -> None:
    """The person's left shoulder lower is positive; it is on the right of the picture."""
    points_px = front_points_px()
    run_px = points_px[Joint.LEFT_SHOULDER, 0] - points_px[Joint.RIGHT_SHOULDER, 0]
    points_px[Joint.LEFT_SHOULDER, 1] += run_px * math.tan(math.radians(6))

    assert measure(landmarks(points_px)).shoulder_tilt_deg == pytest.approx(6)


@pytest.mark.parametrize("forward_deg", [-20, 0, 12, 45])
@pytest.mark.parametrize("to_the_left", [False, True])
def test_side_inclinations_are_those_of_the_points(forward_deg: float, to_the_left: bool) -> None:  # noqa: FBT001
    """Forward is positive whichever way the sitter faces."""
    points_px = side_points_px()
    for hip, shoulder in (
        (Joint.LEFT_HIP, Joint.LEFT_SHOULDER),
        (Joint.RIGHT_HIP, Joint.RIGHT_SHOULDER),
    ):
        reach_px = np.array(
            [math.sin(math.radians(forward_deg)), -math.cos(math.radians(forward_deg))]
        )
        points_px[shoulder, :2] = points_px[hip, :2] + 150 * reach_px
    seen = landmarks(points_px)

    now = measure(mirrored(seen) if to_the_left else seen)

    assert now.trunk_inclination_deg == pytest.approx(forward_deg)
    assert now.trunk_length == pytest.approx(150 / WIDTH_PX)


def test_lengths_are_shares_of_the_width_in_both_directions() -> None:
    """X and y share one scale, so that an angle in measures is an angle in the picture."""
    now = measure(landmarks(front_points_px()))

    assert now.shoulder_width == pytest.approx(190 / WIDTH_PX)
    assert now.shoulder_y == pytest.approx(300 / WIDTH_PX)
    assert now.aspect == pytest.approx(HEIGHT_PX / WIDTH_PX)


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


@given(points_px=ANYTHING)
def test_no_landmarks_are_too_absurd_to_measure(points_px: np.ndarray) -> None:
    """Every measure is a number or NaN; nothing raises, nothing warns, nothing is infinite."""
    now = measure(landmarks(points_px))
    place = position_of(now, find_view(now))

    assert not np.isinf(now.as_array()).any()
    assert not math.isinf(place.head_ratio)


@given(points_px=ANYTHING)
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


def test_the_place_from_the_side_is_measured_along_the_trunk() -> None:
    """From the side the shoulders hide each other; hip to shoulder is the scale there."""
    now = measure(landmarks(side_points_px()))

    place = position_of(now, View.SIDE)

    assert place.scale == now.trunk_length
    assert place.tilt_deg == now.trunk_inclination_deg
