"""A slouch is told of somebody hidden in part where it is plain, and nothing else is."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from posturecam.pose.in_doubt import find_in_doubt
from posturecam.pose.measures import measure
from posturecam.pose.sitter import find_partly_hidden, find_sitter
from posturecam.posture.observe import PLAIN_LOG_ODDS, look, observe
from posturecam.posture.state import PostureMemory, judge_alone, step
from posturecam.values.observation import Joint, Landmarks, PostureState, UnknownReason
from posturecam.values.reasons import AngleReason, SlouchSign
from posturecam.values.settings import PostureSettings, Thresholds
from tests.sitters import (
    baseline_of,
    changed,
    detection,
    front_points_px,
    hunched,
    landmarks,
    mirrored,
    side_points_px,
    with_hand_on_face,
)

FRONT = landmarks(front_points_px())
BASELINE = baseline_of(measure(FRONT))
LOW_IN_PICTURE = changed(FRONT, down_px=120)
HIDDEN = PostureState.SLOUCHED, (SlouchSign.PARTLY_HIDDEN,)


def slumped(upright: Landmarks) -> Landmarks:
    """Lower and nearer, the head as far over the shoulders as anybody's."""
    return hunched(upright, head_down=0.25, down=0.5)


def test_a_plain_slouch_behind_a_hand_is_told_without_degrees() -> None:
    """What is said is what is known: no angle."""
    seen = detection(with_hand_on_face(slumped(FRONT)))
    assert find_sitter(seen, BASELINE.centre) is UnknownReason.HAND

    observation, measures = look(seen, BASELINE)

    assert judge_alone(observation, Thresholds()) == HIDDEN
    assert observation.slouch_log_odds >= PLAIN_LOG_ODDS
    assert observation.deviations is not None
    assert all(map(math.isnan, observation.deviations.values_deg()))
    assert observation.position is not None
    assert measures is not None


def test_shoulders_below_the_picture_hide_no_plain_slouch() -> None:
    """As before a laptop."""
    baseline = baseline_of(measure(LOW_IN_PICTURE))
    seen = detection(slumped(LOW_IN_PICTURE))
    assert find_sitter(seen, baseline.centre) is UnknownReason.SHOULDERS_OUT

    assert judge_alone(observe(seen, baseline), Thresholds()) == HIDDEN


@pytest.mark.parametrize("down_px", [-40, 0, 40])
def test_who_is_upright_behind_a_hand_is_as_unknown_as_before(down_px: float) -> None:
    """Higher or lower in the picture, too; nobody is upright by a guess."""
    seen = detection(with_hand_on_face(changed(FRONT, down_px=down_px)))

    observation = observe(seen, BASELINE)

    assert (observation.unknown_reason, observation.mismatch) == (UnknownReason.HAND, None)


def test_what_is_likely_but_not_plain_stays_unknown() -> None:
    """By thresholds that make it less than plain, and by a camera that stands elsewhere."""
    seen = detection(with_hand_on_face(slumped(FRONT)))
    high = Thresholds(upper_back_deg=60.0, trunk_deg=60.0, neck_deg=60.0, back_flexion_deg=60.0)

    assert observe(seen, BASELINE, thresholds=high).unknown_reason is UnknownReason.HAND
    assert observe(seen, BASELINE, turn=None).unknown_reason is UnknownReason.HAND


def test_another_view_or_place_is_not_judged_behind_a_hand() -> None:
    """A trunk turned away, somebody aside, and a sitter whom the camera sees from the side."""
    turned = with_hand_on_face(slumped(FRONT))
    points_px = turned.points_px.copy()
    shoulders = slice(Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER + 1)
    middle_px = points_px[shoulders].mean(axis=0)
    points_px[shoulders] = middle_px + 0.72 * (points_px[shoulders] - middle_px)
    seen = detection(replace(turned, points_px=points_px))
    refused = find_sitter(seen, BASELINE.centre)
    assert refused is UnknownReason.HAND
    assert find_in_doubt(seen, refused, BASELINE.centre, lambda one: one) is None

    aside = detection(changed(with_hand_on_face(slumped(FRONT)), right_px=300))
    assert observe(aside, BASELINE).deviations is None

    side = baseline_of(measure(landmarks(side_points_px())))
    bent = side_points_px()
    bent[: Joint.LEFT_SHOULDER, :2] += (70.0, 30.0)
    seen = detection(with_hand_on_face(landmarks(bent)))
    assert find_sitter(seen, side.centre) is UnknownReason.HAND
    assert observe(seen, side).unknown_reason is UnknownReason.HAND


def test_whoever_is_no_sitter_is_not_hidden_either() -> None:
    """Nobody of the sitter's size is at the place."""
    nobody = detection(changed(FRONT, zoom=0.3))
    assert find_partly_hidden(nobody, BASELINE.centre, lambda one: one) is None
    assert find_partly_hidden(detection(), BASELINE.centre, lambda one: one) is None


def test_a_slouch_in_a_mirror_is_one() -> None:
    """A hand is left or right."""
    one = observe(detection(with_hand_on_face(slumped(FRONT))), BASELINE)
    upright = mirrored(FRONT)
    other = observe(
        detection(mirrored(with_hand_on_face(slumped(FRONT)))), baseline_of(measure(upright))
    )

    assert other.sign is SlouchSign.PARTLY_HIDDEN
    assert other.slouch_log_odds == pytest.approx(one.slouch_log_odds, abs=0.5)


def test_who_slouches_on_behind_a_hand_is_slouched_throughout() -> None:
    """The reason follows what can be seen; degrees return with the face."""
    bent, covered = slumped(FRONT), with_hand_on_face(slumped(FRONT))
    memory, told = PostureMemory(), []
    for second in range(45):
        shown = covered if 15 <= second < 30 else bent
        observation = replace(observe(detection(shown), BASELINE), t_s=float(second))
        memory, reading = step(memory, observation, PostureSettings())
        told.append(reading)

    later = told[10:]
    assert {reading.state for reading in later} == {PostureState.SLOUCHED}
    assert told[27].reasons == (SlouchSign.PARTLY_HIDDEN,)
    for seen in (told[12], told[44]):
        assert seen.reasons
        assert all(isinstance(why, AngleReason) for why in seen.reasons)


def test_what_is_hidden_has_no_degrees() -> None:
    """Whatever a damaged log says."""
    with pytest.raises(ValueError, match="partly_hidden"):
        AngleReason(sign=SlouchSign.PARTLY_HIDDEN, deg=20.0, estimated=True)
