"""How a severity becomes the odds of a slouch, in the study."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from posturecam.values.observation import View

STUDY = Path(__file__).resolve().parents[2] / "calibration"
PICTURES = 40_000


@pytest.fixture
def odds(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of the study."""
    monkeypatch.syspath_prepend(str(STUDY))
    return importlib.import_module("odds")


def test_a_line_is_the_one_that_made_the_slouches(odds: Any) -> None:
    """Slouched by chance, at log-odds of 0.5 and 2 a unit of severity."""
    random = np.random.default_rng(1)
    share = random.uniform(0, 2, PICTURES)
    severity = 3 * share - 2 + random.logistic(0, 1, PICTURES)
    chance = 1 / (1 + np.exp(-(0.5 + 2 * (severity - 1))))
    told = np.where(random.uniform(size=PICTURES) < chance, 1.0, 0.5)

    line = odds.fit_line(severity, told, np.ones(PICTURES, bool), np.ones(PICTURES))

    assert line["at_limit"] == pytest.approx(0.5, abs=0.1)
    assert line["per_severity"] == pytest.approx(2.0, abs=0.1)


def test_a_line_knows_how_fast_the_severity_grows(odds: Any) -> None:
    """About the thresholds, whatever it does far beyond."""
    share = np.linspace(0, 4, PICTURES)
    noise = np.random.default_rng(2).normal(0, 1, PICTURES)
    severity = np.where(share < 2, 3 * share, 6) - 2 + noise

    line = odds.fit_line(severity, share, np.ones(PICTURES, bool), np.ones(PICTURES))

    assert line["per_limit"] == pytest.approx(3 * line["per_severity"], rel=0.05)


def test_each_kind_of_scene_weighs_the_same_and_half_of_it_is_slouched(odds: Any) -> None:
    """However many pictures there are of it; the grey ones weigh as clear ones do."""
    worst = np.array([0.0, 0.1, 0.7, 1.0, 2.0, 3.0, 0.0, 1.5])
    kinds = np.array(["single"] * 6 + ["sliding"] * 2)

    weights = odds.balancing(worst, kinds)
    clear = (worst < 0.6) | (worst >= 1)

    for kind in ("single", "sliding"):
        of = (kinds == kind) & clear
        assert weights[of & (worst >= 1)].sum() == pytest.approx(weights[of & (worst < 1)].sum())
    assert weights[kinds == "sliding"].sum() == pytest.approx(
        weights[(kinds == "single") & clear].sum()
    )
    assert weights[2] == weights[0]


@pytest.mark.parametrize(
    ("view", "ways"),
    [
        (View.FRONT, ["forward", "aside", "tilt"]),
        (View.THREE_QUARTER, ["forward", "aside"]),
        (View.SIDE, ["forward"]),
    ],
)
def test_only_what_a_view_shows_has_odds(odds: Any, view: View, ways: list[str]) -> None:
    """The tilt is told twice from the front; it is not seen from the side."""
    random = np.random.default_rng(3)
    truths_deg = random.uniform(-15, 30, (2000, 5))
    severities = truths_deg[:, [0, 4]] / 4 + random.normal(0, 3, (2000, 2))

    estimates_deg = truths_deg + random.normal(0, 2, truths_deg.shape)

    found = odds.fit_odds(view, severities, estimates_deg, truths_deg, np.full(2000, "single"))

    assert list(found) == ways
