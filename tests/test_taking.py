"""Whether a new baseline is unlike the one before, on rendered sitters with known angles."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from posturecam.pose.measures import Measures, find_view, measure
from posturecam.posture.baseline import Baseline
from posturecam.posture.taking import MOST_REASONS, slouched_beside
from posturecam.values.settings import Thresholds
from tests.sitters import Pose, Sitter, read_sitters

DEEP_DEG = 19.0


def baseline_of(centre: Measures) -> Baseline:
    """A baseline with this centre."""
    return Baseline(
        profile="default",
        view=find_view(centre),
        centre=centre,
        spread=centre,
        samples=50,
        takes=1,
        quality=0.8,
        image_width_px=640,
        image_height_px=480,
        model_sha256="ab" * 32,
        taken_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
    )


def is_asked(sitter: Sitter, pose: Pose) -> bool:
    """Whether this pose as a new baseline raises a question beside the sitter's own."""
    new, old = baseline_of(measure(pose.landmarks)), baseline_of(sitter.baseline)
    reasons = slouched_beside(new, old, Thresholds())
    assert len(reasons) <= MOST_REASONS
    return bool(reasons)


def test_a_deep_slump_is_asked_about_and_an_upright_pose_seldom() -> None:
    """From any side; with the head turned, too. A chair that was moved hides some of them."""
    deep, upright = [], []
    for sitter in read_sitters():
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
    sitter = next(it for it in read_sitters() if any(pose.bad for pose in it.poses))
    pose = next(it for it in sitter.poses if it.bad and is_asked(sitter, it))
    there = measure(pose.landmarks)
    moved = replace(there, **{change: getattr(there, change) + 2.0})
    old = baseline_of(sitter.baseline)
    assert slouched_beside(baseline_of(moved), old, Thresholds()) == ()
