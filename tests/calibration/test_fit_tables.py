"""What the angle model is fitted on: true points, what was seen of them, and copies."""

from __future__ import annotations

import copy
import hashlib
import importlib
import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from posturecam.values.observation import ANGLES, Joint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STUDY = Path(__file__).resolve().parents[2] / "calibration"
DATA = STUDY / "data"
SOME = 120
"""Rows of a table that tell whether its geometry is right."""


@pytest.fixture(scope="module")
def study() -> Iterator[Callable[[str], Any]]:
    """Modules of the study by name; its folder is no package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(STUDY))
        yield importlib.import_module


@pytest.fixture(scope="module")
def poses(request: pytest.FixtureRequest, study: Callable[[str], Any]) -> Any:
    """A few rendered poses of one table, front views."""
    footage = study("footage")
    whole = footage.load(DATA / f"{request.param}.npz", "full")
    few = footage.Footage(whole.rows[:SOME], whole.detections[:SOME])
    return study("poses").Poses(request.param, few, "front")


@pytest.fixture
def copies(study: Callable[[str], Any]) -> Any:
    """The module that bends them."""
    return study("copies")


def bend(copies: Any, count: int, **by: float) -> Any:
    """Every row bent alike."""
    names = copies.Bend.__dataclass_fields__
    return copies.Bend(**{name: np.full(count, by.get(name, 0.0)) for name in names})


BOTH = pytest.mark.parametrize("poses", ["train_combo", "sitters_train"], indirect=True)


def test_the_shipped_model_was_fitted_on_the_tables_at_hand() -> None:
    """Whoever runs the fit again has what it was run on."""
    source = resources.files("posturecam") / "data" / "angle_model.json"
    digests = json.loads(source.read_text(encoding="utf-8"))["fitted_on_sha256"]

    assert digests
    assert digests == {
        name: hashlib.sha256((DATA / name).read_bytes()).hexdigest() for name in digests
    }


@BOTH
def test_true_points_are_projected_to_where_the_models_see_them(poses: Any) -> None:
    """Camera and lens are those of the render: eyes fall on eyes, and the head is as far."""
    pixels, _ = poses.project(poses.points)
    seen_px = np.array([seen.people[0].points_px for seen in poses.detections])
    eyes = [Joint.LEFT_EYE, Joint.RIGHT_EYE]
    off_px = np.linalg.norm(pixels[:, 1:3] - seen_px[:, eyes, :2], axis=-1)

    assert np.median(off_px) < 8


@pytest.mark.parametrize("poses", ["sitters_train"], indirect=True)
def test_the_face_model_sees_true_changes(poses: Any) -> None:
    """What is taken for the truth of its numbers explains them: a few per cent and degrees."""
    off = np.abs(poses.changes_of_mesh_error())

    assert (np.median(off, axis=0) < [0.02, 0.02, 0.005, 0.005, 3, 3, 3, 3]).all()


@BOTH
def test_an_error_of_the_face_model_is_carried_over(poses: Any) -> None:
    """The numbers come back from the points and the error that they were split into."""
    if np.isnan(poses.mesh).all():
        poses.imagine_mesh(np.full((1, 8), 0.01), np.random.default_rng(0))
    again = poses.mesh_with(poses.mesh_error, poses.points)

    assert again == pytest.approx(poses.mesh, nan_ok=True)


@BOTH
def test_a_copy_that_is_not_bent_is_the_pose(poses: Any, copies: Any) -> None:
    """Nothing moves and no angle changes."""
    moved = copies.move(poses, bend(copies, len(poses.rows)))

    assert moved.points == pytest.approx(poses.points)
    assert moved.c7 == pytest.approx(poses.point("c7"))
    assert moved.t8 == pytest.approx(poses.point("t8"))
    assert moved.change_deg == pytest.approx(np.zeros((len(poses.rows), len(ANGLES))))


@BOTH
@pytest.mark.parametrize(
    ("by", "changes"),
    [
        ({"neck_deg": 10.0}, {"neck": 10.0}),
        ({"upper_deg": 10.0}, {"upper_back": 10.0, "back_flexion": 10.0}),
        ({"lower_deg": -20.0}, {"back_flexion": 20.0}),
        ({"sway_deg": 6.0}, {"shoulder_tilt": 6.0}),
        ({"nod_deg": 15.0, "roll_deg": 15.0, "forward_m": 0.1}, {}),
    ],
)
def test_a_bend_changes_the_angle_that_it_is_of(
    poses: Any, copies: Any, by: dict[str, float], changes: dict[str, float]
) -> None:
    """Each by as much as it is bent; the trunk as a whole follows the rest."""
    change_deg = copies.move(poses, bend(copies, len(poses.rows), **by)).change_deg

    told = [angle for angle in ANGLES if angle != "trunk"]
    expected = {angle: changes.get(angle, 0.0) for angle in told}
    found = {angle: change_deg[:, ANGLES.index(angle)] for angle in told}
    assert {angle: deg.round(6).tolist() for angle, deg in found.items()} == {
        angle: [deg] * len(poses.rows) for angle, deg in expected.items()
    }


@BOTH
def test_a_true_outline_is_in_shoulder_widths_towards_the_camera(
    poses: Any, study: Callable[[str], Any]
) -> None:
    """Whoever comes nearer as a whole keeps it; C7 alone, up and ahead, changes what is of it."""
    outlines = study("outlines")
    ahead = -np.array([poses.numbers(*(f"turn_2{j}" for j in range(3)))])[0]
    width_m = np.linalg.norm(poses.points[:, 5] - poses.points[:, 6], axis=-1)
    c7, t8 = poses.point("c7"), poses.point("t8")
    usual = outlines.true_outline(poses, poses.points, c7, t8)
    by = 0.05 * ahead

    nearer = outlines.true_outline(poses, poses.points + by[:, None], c7 + by, t8 + by)
    bent = outlines.true_outline(poses, poses.points, c7 + by, t8)

    # The tables have the turn of the camera in five digits.
    assert nearer[:, 1:] == pytest.approx(usual[:, 1:], abs=1e-4)
    assert bent[:, 1:] - usual[:, 1:] == pytest.approx(
        (0.05 / width_m)[:, None] * np.array([1.0, 0.0, 1.0]), abs=1e-4
    )
    seen_px = poses.project(np.stack([poses.points[:, 5], poses.points[:, 6], c7], axis=1))[0]
    width_px = np.linalg.norm(seen_px[:, 0] - seen_px[:, 1], axis=-1)
    up_px = seen_px[:, :2, 1].mean(axis=1) - seen_px[:, 2, 1]
    assert usual[:, 0] == pytest.approx(up_px / width_px)


@pytest.mark.parametrize("poses", ["sitters_train"], indirect=True)
def test_an_imagined_outline_follows_the_truth_as_the_seen_ones_do(
    poses: Any, study: Callable[[str], Any]
) -> None:
    """By the same slopes, and as far off; of the sitters that were looked at."""
    outlines = study("outlines")
    own = copy.copy(poses)
    seen_as = outlines.Outlining.of(own)
    assert ((seen_as.slopes > 0.2) & (seen_as.slopes < 1.1)).all()

    seen_as.imagine(own, np.random.default_rng(5))
    again = outlines.Outlining.of(own)

    assert (own.outline_slopes == seen_as.slopes).all()
    assert again.slopes == pytest.approx(seen_as.slopes, abs=0.2)
    assert again.errors.std(axis=0) == pytest.approx(seen_as.errors.std(axis=0), rel=0.3)
    assert again.upright_errors.std(axis=0) == pytest.approx(
        seen_as.upright_errors.std(axis=0), rel=0.5
    )


@BOTH
def test_the_outline_of_a_copy_follows_its_bend(poses: Any, copies: Any) -> None:
    """By the slopes of what was seen: C7 comes ahead of T8 as the upper back bends."""
    usual = np.array([0.3, -0.1, 0.1, 0.1])
    own = copy.copy(poses)
    own.outline = np.tile(usual, (len(own.rows), 1))

    def change(slopes: list[float]) -> tuple[np.ndarray, np.ndarray]:
        own.outline_slopes = np.array(slopes)
        found = copies.bent(own, np.random.default_rng(0))
        return found.outline - usual, found.truth_deg - own.truth_deg

    whole, change_deg = change([1.0] * 4)
    part, _ = change([0.5, 0.6, 0.0, 0.8])

    assert part == pytest.approx(whole * [0.5, 0.6, 0.0, 0.8])
    bent_deg = change_deg[:, ANGLES.index("upper_back")]
    assert np.abs(bent_deg).max() > 10
    assert np.corrcoef(bent_deg, whole[:, 3])[0, 1] > 0.8
