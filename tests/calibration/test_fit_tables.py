"""What the angle model is fitted on: true points, what was seen of them, and copies."""

from __future__ import annotations

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
    points, change_deg = copies.move(poses, bend(copies, len(poses.rows)))

    assert points == pytest.approx(poses.points)
    assert change_deg == pytest.approx(np.zeros((len(poses.rows), len(ANGLES))))


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
    _, change_deg = copies.move(poses, bend(copies, len(poses.rows), **by))

    told = [angle for angle in ANGLES if angle != "trunk"]
    expected = {angle: changes.get(angle, 0.0) for angle in told}
    found = {angle: change_deg[:, ANGLES.index(angle)] for angle in told}
    assert {angle: deg.round(6).tolist() for angle, deg in found.items()} == {
        angle: [deg] * len(poses.rows) for angle, deg in expected.items()
    }
