"""What a pose beside a baseline says whatever the size of the sitter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from posturecam.pose.measures import measure
from posturecam.posture.invariants import side_invariants, with_mesh_invariants
from tests.sitters import changed, front_head, front_points_px, landmarks, side_points_px


def test_how_far_a_head_is_counts_up_to_a_fifth_more() -> None:
    """Beyond, sliding and reclining look alike: the face mesh alone makes nobody recline."""
    baseline = measure(replace(landmarks(front_points_px()), head=front_head()))
    near, far, farthest = (
        with_mesh_invariants(
            replace(
                baseline,
                mesh_size=baseline.mesh_size / by,
                mesh_away=baseline.mesh_away * by,
            ),
            baseline,
        )[0]
        for by in (1.1, 1.3, 1.5)
    )

    assert (far == farthest).all()
    assert (near != far).any()


def test_in_the_pose_of_the_baseline_nothing_has_changed() -> None:
    """Of somebody tilted and turned beside the middle; what is left says where the camera is."""
    front = changed(landmarks(front_points_px()), right_px=30, down_px=20)
    turned = {"shoulder_tilt_deg": 3.0, "ear_tilt_deg": 4.0, "facing": 0.1}
    seen = replace(measure(replace(front, head=front_head(roll_deg=5.0))), **turned)
    readings, _ = with_mesh_invariants(seen, seen)
    for reading in readings:
        assert np.flatnonzero(reading).tolist() == [10, 11, 12, 13, 14, 15, 21, 22]

    middle = replace(seen, shoulder_x=0.5, shoulder_y=seen.aspect / 2, ear_y=seen.aspect / 2)
    readings, _ = with_mesh_invariants(middle, middle)
    assert readings[:, [10, 11, 21]] == pytest.approx(0.0)

    aside = replace(measure(landmarks(side_points_px())), shoulder_width=0.02)
    (reading,), _ = side_invariants(aside, aside)
    assert np.flatnonzero(reading).tolist() == [17, 18, 19, 20]
