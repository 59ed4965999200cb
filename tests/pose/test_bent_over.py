"""Somebody bent over the desk is slouched where that is plain, and no camera makes anybody so."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from posturecam.pose.bent_over import find_bent_over, is_bent_over
from posturecam.pose.measures import measure
from posturecam.pose.sitter import find_sitter, raised_arm
from posturecam.posture.mismatch import find_mismatch
from posturecam.posture.observe import look, observe
from posturecam.posture.state import is_another_position, judge_alone
from posturecam.values.observation import (
    Deviations,
    Joint,
    Landmarks,
    PostureState,
    UnknownReason,
    View,
)
from posturecam.values.reasons import AngleReason, SlouchSign
from posturecam.values.settings import Thresholds
from tests.fakes import sitter as fakes_sitter
from tests.sitters import (
    SITTERS,
    Sitter,
    baseline_of,
    changed,
    detection,
    front_points_px,
    hunched,
    landmarks,
    side_points_px,
)

FRONT = landmarks(front_points_px())
BASELINE = baseline_of(measure(FRONT))
SIDE = landmarks(side_points_px())
LOW = PostureState.SLOUCHED, (SlouchSign.HEAD_LOW,)
SITTERS_IN_FRONT = [sitter for sitter in SITTERS if sitter.view is View.FRONT]


def is_found(person: Landmarks) -> bool:
    """Whether the person is bent over the desk by the baseline of the made-up sitter."""
    return find_bent_over(detection(person), BASELINE.centre, lambda one: one) is not None


def with_joints(person: Landmarks, **at_px: tuple[float, float]) -> Landmarks:
    """The person with some joints elsewhere."""
    points_px = person.points_px.copy()
    for name, place_px in at_px.items():
        points_px[Joint[name], :2] = place_px
    return replace(person, points_px=points_px)


@pytest.mark.parametrize("sitter", SITTERS_IN_FRONT, ids=lambda sitter: sitter.name)
def test_a_head_near_the_desk_is_slouched_without_degrees(sitter: Sitter) -> None:
    """Nobody is found by the shape of an upright person; what is said is what was seen."""
    seen = detection(hunched(sitter.upright[0]))
    assert isinstance(find_sitter(seen, sitter.baseline), UnknownReason)

    observation, measures = look(seen, baseline_of(sitter.baseline))

    assert judge_alone(observation, Thresholds()) == LOW
    assert observation.deviations is not None
    assert all(map(math.isnan, observation.deviations.values_deg()))
    assert observation.position is not None
    assert observation.mismatch is None
    assert measures is not None
    expected = measure(seen.people[0]).as_array()
    assert measures.as_array() == pytest.approx(expected, nan_ok=True)


def test_a_hand_before_the_face_hides_no_hunch() -> None:
    """The head is lower over the shoulders than any chin on a hand."""
    upright = fakes_sitter()
    bent = hunched(upright, head_down=1.0, down=0.7)
    face_px = bent.points_px[: Joint.MOUTH_RIGHT + 1, :2].mean(axis=0)
    covered = with_joints(bent, RIGHT_INDEX=(float(face_px[0]), float(face_px[1])))
    baseline = baseline_of(measure(upright))
    assert find_sitter(detection(covered), baseline.centre) is UnknownReason.HAND

    assert judge_alone(observe(detection(covered), baseline), Thresholds()) == LOW


def test_shoulders_below_the_picture_hide_no_hunch() -> None:
    """They are where the pose model guesses them."""
    upright = changed(FRONT, down_px=100)
    bent, baseline = detection(hunched(upright, head_down=1.0)), baseline_of(measure(upright))
    assert find_sitter(bent, baseline.centre) is UnknownReason.SHOULDERS_OUT

    assert judge_alone(observe(bent, baseline), Thresholds()) == LOW


@pytest.mark.parametrize(
    "other",
    [
        changed(FRONT, down_px=152),
        changed(FRONT, down_px=-100),
        changed(hunched(FRONT), zoom=0.6),
        changed(hunched(FRONT), zoom=1.7),
        changed(hunched(FRONT), right_px=400),
        changed(hunched(FRONT), down_px=250),
        hunched(FRONT, head_down=1.5),
        hunched(FRONT, head_down=0.2, down=-0.4),
        with_joints(hunched(FRONT), LEFT_EAR=(330.0, 408.0), RIGHT_EAR=(310.0, 408.0)),
    ],
    ids=[
        "all lower", "all higher", "a chair far off", "nearer than anybody bends", "aside",
        "far below", "head under the shoulders", "head no lower", "head too small",
    ],
)  # fmt: skip
def test_who_is_not_bent_over_at_the_place_is_not_found(other: Landmarks) -> None:
    """A camera that was tilted takes head and shoulders along; a chair is small."""
    assert is_found(hunched(FRONT))
    assert not is_found(other)


@pytest.mark.parametrize(("head_down", "is_bent"), [(0.25, False), (0.4, True)])
def test_a_head_lower_by_a_third_of_the_shoulders_is_bent_over(
    head_down: float, *, is_bent: bool
) -> None:
    """Though the shoulders stay where they are; a nod takes it down less."""
    assert is_found(hunched(FRONT, head_down=head_down, down=0.0)) is is_bent


@pytest.mark.parametrize(
    ("head", "is_bent"), [(0.75, False), (0.85, True), (2.2, True), (2.4, False)]
)
def test_a_head_bent_over_is_up_to_twice_as_large(head: float, *, is_bent: bool) -> None:
    """It is nearer to the camera than upright; larger ones are inventions."""
    upright = BASELINE.centre
    near = measure(changed(hunched(FRONT), zoom=1.3))
    near = replace(near, head_size=head * upright.head_size)
    assert is_bent_over(near, upright, View.FRONT) is is_bent


@pytest.mark.parametrize(("grown", "is_bent"), [(1.0, False), (1.12, False), (1.18, True)])
def test_a_head_that_comes_down_and_near_is_bent_over_with_its_shoulders(
    grown: float, *, is_bent: bool
) -> None:
    """As far over them as upright: no lid tilts it nearer, a chair takes the shoulders along."""
    upright = BASELINE.centre
    low = measure(changed(FRONT, down_px=80))
    low = replace(low, head_size=grown * upright.head_size)
    assert is_bent_over(low, upright, View.FRONT) is is_bent


def test_hands_on_the_desk_beside_the_head_are_no_raised_arms() -> None:
    """The shoulders have come down to them."""
    on_desk = with_joints(hunched(FRONT), RIGHT_ELBOW=(190.0, 440.0), RIGHT_WRIST=(240.0, 405.0))
    assert raised_arm(on_desk, View.FRONT) is UnknownReason.ARM

    assert judge_alone(observe(detection(on_desk), BASELINE), Thresholds()) == LOW


def test_who_turns_away_is_as_unknown_bent_over_as_upright() -> None:
    """Shoulders of two thirds of their width are another view."""
    turned = {"LEFT_SHOULDER": (395.0, 420.0), "RIGHT_SHOULDER": (245.0, 420.0)}
    assert not is_found(with_joints(hunched(FRONT), **turned))


def test_from_the_side_the_head_over_the_near_shoulder_counts() -> None:
    """The head may be as small as it is found there."""
    baseline = baseline_of(measure(SIDE))
    bent = SIDE.points_px.copy()
    bent[: Joint.LEFT_SHOULDER] = (bent[: Joint.LEFT_SHOULDER] - bent[0]) * 0.25 + bent[0]
    bent[: Joint.LEFT_SHOULDER, :2] += (75.0, 125.0)
    bent[Joint.LEFT_SHOULDER : Joint.LEFT_HIP, :2] += (60.0, 60.0)
    seen = detection(landmarks(bent))
    assert find_sitter(seen, baseline.centre) is UnknownReason.NOBODY

    assert judge_alone(observe(seen, baseline), Thresholds()) == LOW


def test_what_is_not_plain_is_unknown_as_before() -> None:
    """By thresholds that nobody reaches, in a picture of another shape, by a camera elsewhere."""
    seen = detection(hunched(FRONT))
    high = Thresholds(upper_back_deg=60.0, trunk_deg=60.0, neck_deg=60.0, back_flexion_deg=60.0)
    assert observe(seen, BASELINE, thresholds=high).unknown_reason is UnknownReason.NO_HEAD
    assert observe(seen, BASELINE, turn=None).unknown_reason is UnknownReason.NO_HEAD
    wide = landmarks(hunched(FRONT).points_px, height_px=400)
    assert observe(detection(wide), BASELINE).unknown_reason is not None


def test_a_pose_without_a_needed_joint_is_not_judged() -> None:
    """The eyes are missing, of which nothing of bending over is made."""
    blind = with_joints(hunched(FRONT), LEFT_EYE=(math.nan, math.nan))

    assert is_found(blind)
    assert observe(detection(blind), BASELINE).unknown_reason is UnknownReason.NO_HEAD


def test_who_bends_low_still_fits_the_baseline_and_who_is_all_lower_does_not() -> None:
    """The baseline is not stale because somebody bends over the desk for minutes."""
    centre = BASELINE.centre
    bent = measure(hunched(FRONT, head_down=1.3, down=0.9))
    lower = measure(changed(FRONT, down_px=180))

    assert find_mismatch(bent, centre, View.FRONT, Deviations()) is None
    assert find_mismatch(lower, centre, View.FRONT, Deviations()) is not None


def test_who_stays_bent_over_keeps_the_position() -> None:
    """The head is hardly over the shoulders; what it trembles by is no share of that."""
    seen = observe(detection(hunched(FRONT)), BASELINE).position
    assert seen is not None

    assert not is_another_position(replace(seen, head_ratio=seen.head_ratio + 0.02), seen)
    assert is_another_position(replace(seen, head_ratio=seen.head_ratio + 0.1), seen)


def test_a_low_head_has_no_degrees() -> None:
    """Whatever a damaged log says."""
    with pytest.raises(ValueError, match="head_low"):
        AngleReason(sign=SlouchSign.HEAD_LOW, deg=20.0, estimated=True)
