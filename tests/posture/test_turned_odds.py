"""Before a camera that has turned a slouch takes more: what is put back is known less well."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from posturecam.pose.measures import measure
from posturecam.posture.observe import PLAIN_LOG_ODDS, TURNED_LOG_ODDS, observe
from posturecam.posture.scenery import UNTURNED, CameraTurn
from posturecam.posture.state import judge_alone, slouch_probability
from posturecam.values.observation import PostureState, UnknownReason, View
from posturecam.values.settings import Thresholds
from tests.fakes import sitter
from tests.sitters import SITTERS, baseline_of, changed, detection, hunched

if TYPE_CHECKING:
    from posturecam.posture.baseline import Baseline
    from posturecam.values.observation import Landmarks, Observation

UPRIGHT = sitter(y_px=300.0)
BASELINE = baseline_of(measure(UPRIGHT))
TILTED = CameraTurn(down=0.1)


def seen_through(
    turn: CameraTurn, person: Landmarks, baseline: Baseline, thresholds: Thresholds | None = None
) -> Observation:
    """What a camera that has turned so shows of the same person."""
    width_px = person.image_width_px
    moved = changed(person, right_px=turn.right * width_px, down_px=turn.down * width_px)
    return observe(detection(moved), baseline, turn, thresholds or Thresholds())


@pytest.mark.parametrize(
    ("turn", "share"),
    [
        (UNTURNED, 0.0),
        (CameraTurn(down=0.02), 0.2),
        (CameraTurn(down=-0.02), 0.2),
        (CameraTurn(right=0.03, down=-0.04), 0.5),
        (CameraTurn(right=-0.1), 1.0),
        (TILTED, 1.0),
        (CameraTurn(down=-0.15), 1.0),
    ],
)
def test_leaning_forward_is_less_likely_before_a_turned_camera(
    turn: CameraTurn, share: float
) -> None:
    """By as much for every turn of a tenth of the picture and more, by a share of it for less."""
    low = sitter(y_px=300.0, drop_px=14.0)
    still = observe(detection(low), BASELINE)

    turned = seen_through(turn, low, BASELINE)

    lost = still.slouch_log_odds - turned.slouch_log_odds
    assert lost == pytest.approx(share * TURNED_LOG_ODDS, abs=1e-3)
    assert turned.deviations is not None
    assert still.deviations is not None
    assert turned.deviations.values_deg() == pytest.approx(still.deviations.values_deg(), abs=1e-2)


def test_a_shoulder_that_hangs_is_less_likely_by_as_much() -> None:
    """Its line is put back with the same errors, and who sits askew is no slouch by a lid."""
    of_tilt = [
        (one.landmarks, baseline_of(them.baseline))
        for them in SITTERS
        if them.view is View.FRONT
        for one in them.poses
        if one.bad and abs(one.truth_deg[-1]) >= 10 and max(one.truth_deg[:-1]) < 3
    ]
    pairs = [
        (observe(detection(one), baseline), seen_through(TILTED, one, baseline))
        for one, baseline in of_tilt
    ]
    judged = [(still, turned) for still, turned in pairs if turned.deviations is not None]

    assert len(judged) > 5
    for still, turned in judged:
        lost = still.slouch_log_odds - turned.slouch_log_odds
        assert lost == pytest.approx(TURNED_LOG_ODDS, abs=1e-2)


def test_the_state_follows_the_probability_of_the_lesser_odds() -> None:
    """Who is hardly slouched before a camera that stands is not before one that has turned."""
    drop_px = next(
        drop
        for drop in (tenths / 10 for tenths in range(400))
        if observe(detection(sitter(y_px=300.0, drop_px=drop)), BASELINE).slouch_log_odds >= 0
    )
    hardly = sitter(y_px=300.0, drop_px=drop_px)
    still, turned = (seen_through(turn, hardly, BASELINE) for turn in (UNTURNED, TILTED))

    assert judge_alone(still, Thresholds())[0] is PostureState.SLOUCHED
    assert slouch_probability(still) >= 0.5
    assert judge_alone(turned, Thresholds())[0] is PostureState.UPRIGHT
    assert slouch_probability(turned) < 0.5


def test_who_is_bent_over_is_told_by_the_lesser_odds() -> None:
    """It has to be plain with them, else it is as unknown as half a pose is."""
    bent = hunched(UPRIGHT)
    plainly = seen_through(TILTED, bent, BASELINE)
    limits = (
        Thresholds(upper_back_deg=deg, trunk_deg=deg, neck_deg=deg, back_flexion_deg=deg)
        for deg in map(float, range(8, 60))
    )
    hardly = next(
        limit
        for limit in limits
        if not observe(detection(bent), BASELINE, thresholds=limit).slouch_log_odds
        >= PLAIN_LOG_ODDS + TURNED_LOG_ODDS
    )

    assert plainly.deviations is not None
    assert math.isnan(plainly.deviations.neck_deg)
    assert observe(detection(bent), BASELINE, thresholds=hardly).unknown_reason is None
    assert seen_through(TILTED, bent, BASELINE, hardly).unknown_reason is UnknownReason.NO_HEAD
