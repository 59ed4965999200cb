"""The figures of our own sitters before a tilted lid are of verdicts as the program gives them."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from posturecam.posture.observe import PLAIN_LOG_ODDS, TURNED_LOG_ODDS, observe
from posturecam.posture.scenery import CameraTurn
from posturecam.values.observation import Deviations, UnknownReason, View
from tests import sitters

STUDY = Path(__file__).resolve().parents[2] / "calibration"
TABLE = STUDY / "data" / "sitters_validation.npz"
MOST_FALSE = 0.02
LEAST_SEEN = 0.8


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The scripts of the study: figures of our own sitters, pairs, poses and tables."""
    monkeypatch.syspath_prepend(str(STUDY))
    return tuple(
        importlib.import_module(name) for name in ("own_sitters", "pairs", "poses", "footage")
    )


def test_a_tilted_lid_makes_hardly_anybody_slouched_and_hides_few_slumps(parts: Any) -> None:
    """Of sitters that no member had seen; as many as before the odds were lessened are too many."""
    own_sitters = parts[0]

    def shares(**how: float) -> tuple[float, float]:
        cases = [case for case in own_sitters.unseen_cases(View.FRONT, **how) if case.told]
        upright = [case.judged for case in cases if case.judged.scenario == "lid_tilted"]
        slumped = [
            case.judged
            for case in cases
            if case.judged.scenario == "slump+lid_tilted" and case.judged.bad
        ]
        false, seen = (np.mean([one.slouched for one in part]) for part in (upright, slumped))
        return float(false), float(seen)

    false, seen = shares()
    assert false <= MOST_FALSE
    assert seen >= LEAST_SEEN
    assert shares(turned_log_odds=0.0)[0] > false


def test_the_validation_is_judged_as_by_the_program(parts: Any) -> None:
    """With the turn that the program finds: the same log-odds as an observation has."""
    own_sitters, pairs, poses, footage = parts
    seen = poses.Poses("validation", footage.load(TABLE, "full"), "front")
    uprights = pairs.sitter_baselines(seen, View.FRONT)
    found = pairs.seen_pairs(seen, View.FRONT, uprights, pairs.RENDERED, np.random.default_rng(4))
    pictures = {row["picture"]: one for row, one in zip(seen.rows, seen.detections, strict=True)}
    tilted = [pair for pair in found if pair.turn != CameraTurn()]

    assert len(tilted) > 20
    for pair in tilted:
        baseline = sitters.baseline_of(pair.baseline)
        by_program = observe(pictures[pair.picture], baseline, pair.turn)
        estimate = own_sitters.estimate(pair.now, pair.baseline, View.FRONT)
        log_odds = own_sitters.log_odds_of(pair, estimate, View.FRONT)
        assert log_odds == pytest.approx(by_program.slouch_log_odds)


@pytest.mark.parametrize(("more", "is_told"), [(0.1, True), (-0.1, False)])
def test_a_plain_slouch_is_told_while_it_is_plain(
    parts: Any, more: float, *, is_told: bool
) -> None:
    """It has no angles; with any, lesser odds are a verdict, too."""
    own_sitters = parts[0]
    log_odds = PLAIN_LOG_ODDS + TURNED_LOG_ODDS + more
    plain = own_sitters.Seen(Deviations(), log_odds)
    whole = own_sitters.Seen(Deviations.from_arrays([1.0] * 5, [0.0] * 5), log_odds)

    told = own_sitters.less_likely(plain, TURNED_LOG_ODDS)

    assert (told is not UnknownReason.NOT_A_SITTER) is is_told
    left = own_sitters.less_likely(whole, TURNED_LOG_ODDS).log_odds
    assert left == pytest.approx(PLAIN_LOG_ODDS + more)
