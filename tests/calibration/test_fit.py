"""The fit goes down the slope of its loss, on poses that are moved as pictures are."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from posturecam.pose.measures import measure
from tests.sitters import WIDTH_PX, changed, front_head, front_points_px, landmarks

if TYPE_CHECKING:
    from numpy.typing import NDArray

STUDY = Path(__file__).resolve().parents[2] / "calibration"
STEP = 1e-6
MEMBERS, ROWS, INPUTS = 2, 40, 4


def loss(fit: Any, ensemble: Any, scaled: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """What the docstring of `Ensemble.slopes` says is made small, summed over the members."""
    outputs, recipe = ensemble.layers(scaled)[-1], ensemble.recipe
    total = 0.0
    for member in range(MEMBERS):
        for row in range(ROWS):
            angles, severities = outputs[member, row, :5], outputs[member, row, 5:]
            true = truth[member, row]
            errors = (angles - true) / recipe.rounding
            of_row = recipe.rounding * np.sqrt(1 + errors**2).mean()
            worst = max(true[:4]), abs(true[4])
            grey_from = fit.GREY, 1.0  # a tilt below its threshold is not slouched
            for severity, ratio, grey, recall in zip(
                severities, worst, grey_from, recipe.recall or (), strict=bool(recipe.recall)
            ):
                if ratio >= 1:
                    of_row += recall * fit.SOFTNESS * np.log1p(np.exp(-severity / fit.SOFTNESS))
                elif ratio < grey:
                    of_row += fit.SOFTNESS * np.log1p(np.exp(severity / fit.SOFTNESS))
            total += of_row / ROWS
    return float(total + recipe.decay / 2 * sum((weights**2).sum() for weights in ensemble.weights))


@pytest.mark.parametrize("recall", [(2.0, 0.7), None], ids=["severities", "angles alone"])
def test_the_slopes_are_those_of_the_loss(
    monkeypatch: pytest.MonkeyPatch, recall: tuple[float, float] | None
) -> None:
    """Each weight and bias, moved a little either way, changes the loss as its slope says."""
    monkeypatch.syspath_prepend(str(STUDY))
    fit = importlib.import_module("fit")
    random = np.random.default_rng(7)
    inputs = random.normal(size=(ROWS, INPUTS))
    rows = fit.Rows(
        inputs,
        np.zeros((ROWS, 5)),
        np.zeros(ROWS),
        np.zeros(ROWS, int),
        np.full(ROWS, ""),
        np.ones(ROWS),
        np.zeros(ROWS, bool),
        np.arange(ROWS),
    )
    recipe = fit.Recipe((5, 3), 1, ROWS, 0.0, 0.0, MEMBERS, recall)
    ensemble = fit.Ensemble(rows, recipe, np.zeros(INPUTS, np.float32))
    for parts in (ensemble.weights, ensemble.biases):
        parts[:] = [part + random.normal(0, 0.3, part.shape) for part in parts]
    scaled = random.normal(size=(MEMBERS, ROWS, INPUTS))
    # Slouched, grey and upright rows, of every angle and to either side.
    truth = random.normal(0, 1, (MEMBERS, ROWS, 5))

    slopes = ensemble.slopes(scaled, truth)
    parameters = [*ensemble.weights, *ensemble.biases]
    assert [slope.shape for slope in slopes] == [part.shape for part in parameters]
    for part, slope in zip(parameters, slopes, strict=True):
        for place in np.ndindex(part.shape):
            kept, ends = part[place], []
            for side in (STEP, -STEP):
                part[place] = kept + side
                ends.append(loss(fit, ensemble, scaled, truth))
            part[place] = kept
            assert (ends[0] - ends[1]) / (2 * STEP) == pytest.approx(slope[place], abs=2e-5)


def test_a_pose_is_moved_as_its_picture_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enlarged and shifted, pose and face mesh alike: the measures of such a picture."""
    monkeypatch.syspath_prepend(str(STUDY))
    pairs = importlib.import_module("pairs")
    seen = replace(landmarks(front_points_px()), head=front_head())
    moved = pairs.moved(measure(seen), np.random.default_rng(3))
    random = np.random.default_rng(3)
    zoom = random.uniform(0.9, 1.1)
    right_px, down_px = random.uniform(-0.08, 0.08) * WIDTH_PX, random.uniform(-0.04, 0.04)
    again = changed(seen, zoom=zoom, right_px=right_px, down_px=down_px * WIDTH_PX)

    np.testing.assert_allclose(moved.as_array(), measure(again).as_array(), atol=1e-9)


def test_lowered_chairs_are_drawn_more_often_but_not_their_copies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the shares that decide; those of the angles that are shown take all scenes alike."""
    monkeypatch.syspath_prepend(str(STUDY))
    pairs = importlib.import_module("pairs")
    seen = measure(landmarks(front_points_px()))

    def pair(scene: str, sort: str) -> Any:
        return pairs.Pair("sitters/a", "", scene, seen, seen, np.zeros(5), sort)

    scenes = "chair_lower", "slump"
    rendered, copies = (
        [pair(scene, sort) for scene in scenes] for sort in (pairs.RENDERED, "slide")
    )
    deciding, shown = (
        pairs.weights_of(rendered + copies, shares) for shares in (pairs.SHARES, pairs.SHOWN)
    )

    assert deciding[0] == pytest.approx(1.3 * deciding[1])
    assert deciding[2] == deciding[3]
    assert shown[0] == shown[1]
