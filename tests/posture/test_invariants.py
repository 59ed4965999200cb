"""What a pose beside a baseline says whatever the size of the sitter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from posturecam.pose.measures import measure
from posturecam.posture.invariants import (
    side_invariants,
    with_mesh_invariants,
    with_outline_invariants,
)
from posturecam.values.outline import Outline
from tests.sitters import (
    changed,
    front_head,
    front_outline,
    front_points_px,
    landmarks,
    side_points_px,
)


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


def test_an_outline_tells_how_far_it_has_changed_in_either_reading() -> None:
    """After what the mesh says, which stays as it is; its numbers have no side."""
    seen = replace(landmarks(front_points_px()), head=front_head(), outline=front_outline())
    bent = Outline(neck_height=0.1, neck_ahead=0.05, head_ahead=0.3, upper_back_ahead=0.2)
    now, baseline = measure(replace(seen, outline=bent)), measure(seen)
    by_mesh, signs = with_mesh_invariants(now, baseline)

    readings, same_signs = with_outline_invariants(now, baseline)

    assert readings[:, :-4] == pytest.approx(by_mesh)
    assert readings[:, -4:] == pytest.approx(np.array([[-0.15, 0.15, 0.1, 0.15]] * 2))
    assert (same_signs == signs).all()
    unseen = measure(replace(seen, outline=None))
    for one, other in ((unseen, baseline), (now, unseen)):
        assert np.isnan(with_outline_invariants(one, other)[0][:, -4:]).all()
