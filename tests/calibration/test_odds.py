"""How a severity becomes the odds of a slouch, in the study."""

from __future__ import annotations

import importlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from posturecam.posture.angle_model import Estimate, load_model, slouch_log_odds
from posturecam.values.observation import Deviations, View
from posturecam.values.settings import Thresholds

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
    ("view", "is_measured", "ways"),
    [
        (View.FRONT, True, ["forward", "aside", "line"]),
        (View.FRONT, False, ["forward", "aside", "tilt"]),
        (View.THREE_QUARTER, False, ["forward", "aside"]),
        (View.SIDE, False, ["forward"]),
    ],
)
def test_only_what_a_view_shows_has_odds(
    odds: Any, view: View, ways: list[str], *, is_measured: bool
) -> None:
    """The tilt is told twice from the front, measured there or not; from the side it is unseen."""
    random = np.random.default_rng(3)
    truths_deg = random.uniform(-15, 30, (2000, 5))
    severities = truths_deg[:, [0, 4]] / 4 + random.normal(0, 3, (2000, 2))

    estimates_deg = truths_deg + random.normal(0, 2, truths_deg.shape)

    found = odds.fit_odds(
        view,
        severities,
        estimates_deg,
        truths_deg,
        np.full(2000, "single"),
        tilt_is_measured=is_measured,
    )

    assert list(found) == ways


def test_the_study_makes_of_a_tilt_what_the_program_does(odds: Any) -> None:
    """With a face mesh, where its severity and its degrees have odds of their own."""
    model = load_model()[View.FRONT].finer
    assert model is not None
    lines = {way: asdict(line) for way, line in model.odds.items()}
    random = np.random.default_rng(6)
    severities = random.normal(0, 2, (60, 2))
    tilts_deg = random.normal(0, 8, 60)
    by_program = [
        slouch_log_odds(
            Estimate(
                Deviations(),
                [0.0, 0.0, 0.0, 0.0, tilt_deg],
                np.zeros(1, np.float32),
                tuple(severity),
                model.odds,
            ),
            View.FRONT,
            Thresholds(),
        )
        for tilt_deg, severity in zip(tilts_deg.tolist(), severities.tolist(), strict=True)
    ]

    found = odds.log_odds_of(lines, severities, tilts_deg)

    assert list(lines) == ["forward", "aside", "tilt"]
    assert found == pytest.approx(by_program)


def test_the_lesser_of_two_odds_is_what_it_says(odds: Any) -> None:
    """Two witnesses of one tilt, each right on average: whoever believes the lesser doubts both."""
    random = np.random.default_rng(7)
    truths_deg = np.zeros((PICTURES, 5))
    half = PICTURES // 2
    truths_deg[:half, 0] = random.uniform(0, 24, half)
    truths_deg[half:, -1] = random.uniform(-14, 14, half)
    estimates_deg = truths_deg + random.normal(0, 2, truths_deg.shape)
    shares = np.abs(truths_deg / odds.THRESHOLDS_DEG)
    severities = shares[:, [0, -1]] + random.normal(0, 0.4, (PICTURES, 2))
    kinds = np.full(PICTURES, "single")

    found = odds.fit_odds(View.FRONT, severities, estimates_deg, truths_deg, kinds)

    found["forward"] |= {"at_limit": -99.0, "per_severity": 0.0}
    told = 1 / (1 + np.exp(-odds.log_odds_of(found, severities, estimates_deg[:, -1])))
    weights = odds.balancing(shares.max(axis=1), kinds)
    of = ~((shares[:, 0] >= odds.GREY) & (shares[:, 0] < 1))
    assert np.average(told[of], weights=weights[of]) == pytest.approx(
        np.average(shares[of, -1] >= 1, weights=weights[of]), abs=0.002
    )
