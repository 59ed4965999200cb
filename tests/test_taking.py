"""Whether a new baseline is unlike the one before, on rendered sitters with known angles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from posturecam.pose.measures import measure
from posturecam.posture.taking import MOST_REASONS, slouched_beside
from posturecam.values.settings import Thresholds
from tests.sitters import SITTERS, Pose, Sitter, baseline_of

DEEP_DEG = 19.0


def is_asked(sitter: Sitter, pose: Pose) -> bool:
    """Whether this pose as a new baseline raises a question beside the sitter's own."""
    new, old = baseline_of(measure(pose.landmarks)), baseline_of(sitter.baseline)
    reasons = slouched_beside(new, old, Thresholds())
    assert len(reasons) <= MOST_REASONS
    return bool(reasons)


def test_a_deep_slump_is_asked_about_and_an_upright_pose_seldom() -> None:
    """From any side; with the head turned, too. A chair that was moved hides some of them."""
    deep, upright = [], []
    for sitter in SITTERS:
        for pose in sitter.poses:
            if pose.bad and max(pose.truth_deg[:3]) >= DEEP_DEG and "chair" not in pose.scenario:
                deep.append(is_asked(sitter, pose))
            if not pose.bad and not pose.grey:
                upright.append(is_asked(sitter, pose))

    assert len(deep) >= 50
    assert all(deep)
    assert sum(upright) < 0.1 * len(upright)


@pytest.mark.parametrize("change", ["shoulder_x", "aspect"])
def test_another_place_is_not_compared(change: str) -> None:
    """Nobody who has moved the camera is asked about angles that mean nothing there."""
    sitter = next(it for it in SITTERS if any(pose.bad for pose in it.poses))
    pose = next(it for it in sitter.poses if it.bad and is_asked(sitter, it))
    there = measure(pose.landmarks)
    moved = replace(there, **{change: getattr(there, change) + 2.0})
    old = baseline_of(sitter.baseline)
    assert slouched_beside(baseline_of(moved), old, Thresholds()) == ()
