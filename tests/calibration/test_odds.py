"""How a severity becomes the odds of a slouch, in the study."""

from __future__ import annotations

import importlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from posturecam.posture.angle_model import Estimate, head_stays, load_model, slouch_log_odds
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
    ("view", "ways"),
    [
        (View.FRONT, ["forward", "aside", "line"]),
        (View.THREE_QUARTER, ["forward", "aside"]),
        (View.SIDE, ["forward"]),
    ],
)
def test_only_what_a_view_shows_has_odds(odds: Any, view: View, ways: list[str]) -> None:
    """The tilt is told twice from the front, measured there; it is not seen from the side."""
    random = np.random.default_rng(3)
    truths_deg = random.uniform(-15, 30, (2000, 5))
    severities = truths_deg[:, [0, 4]] / 4 + random.normal(0, 3, (2000, 2))

    estimates_deg = truths_deg + random.normal(0, 2, truths_deg.shape)

    found = odds.fit_odds(view, severities, estimates_deg, truths_deg, np.full(2000, "single"))

    assert list(found) == ways


def test_a_tilt_with_a_face_in_it_has_odds_where_the_head_stays(odds: Any) -> None:
    """Hands apart and a turned face take away as much as they did when the slouches were made."""
    random = np.random.default_rng(5)
    tilts_deg = random.uniform(-14, 14, PICTURES)
    besides = odds.Besides(
        head_shift=random.normal(0, 0.04, PICTURES),
        hands_apart=random.uniform(0, 1, PICTURES),
        turn=random.uniform(0, 0.5, PICTURES),
    )
    shares = np.abs(tilts_deg) / 7
    log_odds = 4 * (shares - 1) + 2 - 3 * besides.hands_apart - 5 * besides.turn
    is_slouched = random.uniform(size=PICTURES) < 1 / (1 + np.exp(-log_odds))
    truths_deg = np.zeros((PICTURES, 5))
    truths_deg[:, odds.TILT] = np.where(is_slouched, 7, 0) + random.uniform(0, 6.9, PICTURES)
    truths_deg[: PICTURES // 100, 0] = random.uniform(0, 20, PICTURES // 100)
    estimates_deg = np.zeros((PICTURES, 5))
    estimates_deg[:, odds.TILT] = tilts_deg
    severities = np.stack([random.normal(-5, 1, PICTURES), shares], axis=1)

    found = odds.fit_odds(
        View.FRONT, severities, estimates_deg, truths_deg, np.full(PICTURES, "one"), besides=besides
    )

    assert list(found) == ["forward", "aside", "tilt", "alone_aside", "alone_tilt"]
    for way in ("alone_aside", "alone_tilt"):
        assert found[way]["per_severity"] == pytest.approx(4, abs=0.4)
        assert found[way]["per_hand"] == pytest.approx(3, abs=0.4)
        assert found[way]["per_turn"] == pytest.approx(5, abs=0.6)


def test_the_study_makes_of_a_tilt_what_the_program_does(odds: Any) -> None:
    """Of sitters whose heads stay and of others, with their hands apart or level."""
    model = load_model()[View.FRONT].with_mesh
    assert model is not None
    lines = {way: asdict(line) for way, line in model.odds.items()}
    random = np.random.default_rng(6)
    severities = random.normal(0, 2, (60, 2))
    besides = odds.Besides(
        head_shift=random.normal(0, 0.06, 60),
        hands_apart=random.uniform(0, 1, 60),
        turn=random.uniform(0, 0.4, 60),
    )
    tilts_deg = random.normal(0, 8, 60)
    by_program = [
        slouch_log_odds(
            Estimate(
                Deviations(),
                [0.0, 0.0, 0.0, 0.0, tilt_deg],
                np.zeros(1, np.float32),
                tuple(severity),
                model.odds,
                is_alone=head_stays(tilt_deg, shift),
                turn=turn,
            ),
            View.FRONT,
            Thresholds(),
            apart,
        )
        for tilt_deg, severity, shift, apart, turn in zip(
            tilts_deg.tolist(),
            severities.tolist(),
            besides.head_shift.tolist(),
            besides.hands_apart.tolist(),
            besides.turn.tolist(),
            strict=True,
        )
    ]

    found = odds.log_odds_of(lines, severities, tilts_deg, besides)

    assert 10 < besides.is_alone(tilts_deg).sum() < 50
    assert found == pytest.approx(by_program)
