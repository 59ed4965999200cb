"""Who is judged, and when nobody is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.pose.measures import Measures, measure
from posturecam.pose.sitter import find_sitter, raised_arm, why_not_judgeable
from posturecam.posture.observe import observe
from posturecam.values.observation import (
    BaselineMismatch,
    Detection,
    Joint,
    Landmarks,
    UnknownReason,
    View,
)
from tests.fakes import sitter as fakes_sitter
from tests.sitters import (
    SITTERS,
    Sitter,
    any_points_px,
    baseline_of,
    changed,
    detection,
    front_points_px,
    landmarks,
    side_points_px,
)
from tests.sitters import mirrored as other_side

FRONT = landmarks(front_points_px())
SIDE = landmarks(side_points_px())


@pytest.mark.parametrize("seen", [FRONT, SIDE], ids=["front", "side"])
def test_one_person_at_the_desk_is_the_sitter(seen: Landmarks) -> None:
    """A clear sitter is taken, with and without a baseline."""
    assert find_sitter(detection(seen)) is seen
    assert find_sitter(detection(seen), measure(seen)) is seen


def test_an_empty_picture_is_nobody_unless_it_is_dark() -> None:
    """In the dark nothing found proves nothing."""
    assert find_sitter(detection()) is UnknownReason.NOBODY
    assert find_sitter(detection(brightness=10)) is UnknownReason.TOO_DARK
    assert find_sitter(detection(FRONT, brightness=3)) is UnknownReason.TOO_DARK


@pytest.mark.parametrize("zoom", [0.1, 0.3])
def test_a_poster_or_somebody_far_off_is_nobody(zoom: float) -> None:
    """Small heads are pictures on the wall or people at the back of the room."""
    assert find_sitter(detection(changed(FRONT, zoom=zoom))) is UnknownReason.NOBODY


def test_a_figure_upside_down_is_nobody() -> None:
    """Chairs are found as people whose head hangs below their shoulders."""
    points_px = front_points_px()
    points_px[:, 1] = 480 - points_px[:, 1]

    assert find_sitter(detection(landmarks(points_px))) is UnknownReason.NOBODY


def test_shoulders_below_the_edge_are_not_believed() -> None:
    """The model invents shoulders outside the picture, with full visibility."""
    assert find_sitter(detection(changed(FRONT, down_px=230))) is UnknownReason.SHOULDERS_OUT


def test_a_head_beyond_the_upper_edge_is_not_believed() -> None:
    """It is said to be out of view, so that the remedy is not a lamp."""
    assert find_sitter(detection(changed(FRONT, down_px=-190))) is UnknownReason.HEAD_OUT


def test_half_a_sitter_is_not_judged() -> None:
    """One shoulder beyond the side of the picture leaves nothing to compare."""
    assert find_sitter(detection(changed(FRONT, right_px=-270))) is UnknownReason.SHOULDERS_OUT


def test_one_person_found_twice_is_one_person() -> None:
    """Somebody who turns round is often found as two poses on top of each other."""
    twice = detection(FRONT, changed(FRONT, right_px=6, down_px=4))

    assert find_sitter(twice) is FRONT


def test_two_people_cheek_to_cheek_are_two() -> None:
    """One person found twice agrees in head and shoulders; who leans over another does not."""
    points_px = front_points_px()
    shoulders = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]
    points_px[shoulders] += [120.0, 40.0, 0.0]
    over = landmarks(points_px)

    assert find_sitter(detection(over)) is over
    assert find_sitter(detection(FRONT, over)) is UnknownReason.SEVERAL_PEOPLE


def test_two_people_side_by_side_are_not_judged_before_calibration() -> None:
    """Without a baseline nobody knows which of them is meant."""
    both = detection(
        changed(FRONT, zoom=0.8, right_px=-150), changed(FRONT, zoom=0.8, right_px=150)
    )

    assert find_sitter(both) is UnknownReason.SEVERAL_PEOPLE


def test_somebody_in_the_background_is_no_second_sitter() -> None:
    """A much smaller person behind is left out, whatever the order of the model."""
    behind = changed(FRONT, zoom=0.5, right_px=200)

    assert find_sitter(detection(behind, FRONT)) is FRONT


@pytest.mark.parametrize("order", [1, -1])
def test_the_person_at_the_calibrated_place_is_the_sitter(order: int) -> None:
    """With a baseline a colleague who leans in does not take over."""
    sitter = changed(FRONT, right_px=-120)
    colleague = changed(FRONT, right_px=180)

    found = find_sitter(detection(*[sitter, colleague][::order]), measure(sitter))

    assert found is sitter


@pytest.mark.parametrize(
    ("zoom", "right_px", "found"),
    [
        (1.0, 0, UnknownReason.NO_HEAD),
        (1.4, 60, UnknownReason.NO_HEAD),
        (0.6, 0, UnknownReason.NOBODY),
        (1.0, 320, UnknownReason.NOBODY),
    ],
)
def test_a_head_as_low_as_the_shoulders_is_somebody_bent_over(
    zoom: float, right_px: float, found: UnknownReason
) -> None:
    """At the calibrated place and no smaller than there; a chair far off is none."""
    bent = front_points_px()
    bent[: Joint.MOUTH_RIGHT + 1, 1] += bent[Joint.LEFT_SHOULDER, 1] - bent[Joint.NOSE, 1] + 20
    person = changed(landmarks(bent), zoom=zoom, right_px=right_px)

    assert find_sitter(detection(person), measure(FRONT)) is found
    assert find_sitter(detection(person)) is UnknownReason.NOBODY


def mirrored(person: Landmarks) -> Landmarks:
    """The person as a mirror shows them, left and right by their true names: seen from behind."""
    points_px = person.points_px * [-1, 1, 1] + [person.image_width_px, 0, 0]
    return replace(person, points_px=points_px)


def test_who_turns_their_back_is_there() -> None:
    """To talk to somebody behind; for the pose model an empty chair looks much like it, smaller."""
    back = mirrored(FRONT)

    assert find_sitter(detection(back), measure(FRONT)) is UnknownReason.NO_HEAD
    small = changed(back, zoom=0.5)
    assert find_sitter(detection(small), measure(FRONT)) is UnknownReason.NOBODY


def test_who_shows_the_other_side_or_their_front_is_turned() -> None:
    """Calibrated from the left, seen from the right: there, and not to be judged."""
    baseline = measure(SIDE)
    other_side = landmarks(side_points_px() * [-1, 1, -1] + [640, 0, 0])
    front = replace(measure(FRONT), trunk_length=baseline.trunk_length)

    seen = find_sitter(detection(other_side), baseline)
    assert isinstance(seen, Landmarks)
    assert why_not_judgeable(measure(seen), baseline, View.SIDE) is UnknownReason.TURNED
    assert why_not_judgeable(front, baseline, View.SIDE) is UnknownReason.TURNED


@pytest.mark.parametrize("right_px", [-200, 0, 200])
def test_an_empty_chair_with_a_passer_by_is_nobody(right_px: float) -> None:
    """Who is much smaller than the sitter is at the back of the room."""
    passer = changed(FRONT, zoom=0.4, right_px=right_px)

    assert find_sitter(detection(passer), measure(FRONT)) is UnknownReason.NOBODY


@pytest.mark.parametrize(("zoom", "right_px"), [(1.0, 290), (3.0, 0)])
def test_somebody_who_cannot_be_placed_is_unknown(zoom: float, right_px: float) -> None:
    """As large as the sitter but elsewhere: neither the sitter nor an empty chair."""
    somebody = changed(FRONT, zoom=zoom, right_px=right_px)

    assert find_sitter(detection(somebody), measure(FRONT)) is UnknownReason.ELSEWHERE


@pytest.mark.parametrize("sitter", SITTERS, ids=lambda sitter: sitter.name)
def test_a_passer_by_changes_nothing(sitter: Sitter) -> None:
    """Whoever else is in view, at whatever place in the model's order, all verdicts stay."""
    passers = [
        changed(sitter.upright[0], zoom=zoom, right_px=right_px)
        for zoom, right_px in [(0.5, -150), (0.5, 0), (0.5, 150)]
    ]
    for pose in sitter.poses:
        alone = find_sitter(detection(pose.landmarks), sitter.baseline)
        if isinstance(alone, UnknownReason):
            continue
        for passer in passers:
            for people in [(pose.landmarks, passer), (passer, pose.landmarks)]:
                assert find_sitter(detection(*people), sitter.baseline) is pose.landmarks


def test_a_colleague_in_the_way_does_not_take_over() -> None:
    """A passer-by nearer to the calibrated place than a sitter who leans aside is smaller."""
    leaning = fakes_sitter(x_px=400)
    behind = fakes_sitter(x_px=330, y_px=270, size=0.6)

    assert find_sitter(detection(behind, leaning), measure(fakes_sitter())) is leaning


@pytest.mark.parametrize(
    ("picture", "unknown_reason"),
    [
        ({"brightness": 120, "contrast": 0.5}, UnknownReason.COVERED),
        ({"brightness": 2, "contrast": 0.5}, UnknownReason.TOO_DARK),
        ({"brightness": 120, "contrast": 40, "sharpness": 0.8}, UnknownReason.BLURRED),
    ],
)
@pytest.mark.parametrize("people", [(), (FRONT,)], ids=["nobody found", "somebody found"])
def test_a_picture_that_shows_nothing_is_not_believed(
    picture: dict[str, float], unknown_reason: UnknownReason, people: tuple[Landmarks, ...]
) -> None:
    """Covered, dark, blurred: neither a sitter nor an empty chair."""
    seen = Detection(t_s=0.0, people=people, **picture)

    assert find_sitter(seen) is unknown_reason
    assert find_sitter(seen, measure(FRONT)) is unknown_reason


def test_snow_is_no_empty_chair_and_a_grainy_picture_of_somebody_is_no_snow() -> None:
    """A broken camera shows nobody, which is not that nobody is there."""
    snow = Detection(t_s=0.0, people=(), brightness=120, contrast=60, sharpness=125)

    assert find_sitter(snow) is UnknownReason.NOISE
    assert find_sitter(replace(snow, sharpness=17)) is UnknownReason.NOBODY
    assert find_sitter(replace(snow, people=(FRONT,))) is FRONT


def with_hand_at(x_px: float, y_px: float) -> Landmarks:
    """A sitter with a hand there; the middle of the face is at 320, 193."""
    points_px = fakes_sitter().points_px
    points_px[Joint.RIGHT_INDEX, :2] = x_px, y_px
    return landmarks(points_px)


def test_a_hand_over_the_face_is_not_judged() -> None:
    """Eyes and nose under it are guesses; a hand at the chin or a wave beside it is fine."""
    assert find_sitter(detection(with_hand_at(330, 190))) is UnknownReason.HAND
    for clear in (with_hand_at(320, 265), with_hand_at(440, 180), with_hand_at(320, 330)):
        assert find_sitter(detection(clear)) is clear


def with_wrist(right_px: float, above_px: float, elbow_below_px: float = 120) -> Landmarks:
    """A sitter with the right wrist and elbow there, from the right shoulder."""
    points_px = fakes_sitter().points_px
    shoulder_px = points_px[Joint.RIGHT_SHOULDER, :2]
    points_px[Joint.RIGHT_WRIST, :2] = shoulder_px + np.array([right_px, -above_px])
    points_px[Joint.RIGHT_ELBOW, :2] = shoulder_px + np.array([-20, elbow_below_px])
    return landmarks(points_px)


def test_an_arm_above_its_shoulder_is_not_judged() -> None:
    """It lifts the shoulder line; hands on the desk do not."""
    for lifted in (with_wrist(60, 70), with_wrist(-80, 150), with_wrist(0, 1)):
        assert raised_arm(lifted, View.FRONT) is UnknownReason.ARM
        assert raised_arm(lifted, View.SIDE) is None
    for clear in (with_wrist(30, -100), with_wrist(0, -1)):
        assert raised_arm(clear, View.FRONT) is None


def test_an_arm_that_is_not_in_the_picture_is_not_raised() -> None:
    """Wrists and elbows beyond the edge, out of reach or at one point are made up."""
    for made_up in (
        with_wrist(60, 70, elbow_below_px=250),
        with_wrist(-215, 320),
        with_wrist(-250, 20),
        with_wrist(-20, 40, elbow_below_px=-40),
    ):
        assert raised_arm(made_up, View.FRONT) is None


def test_rendered_sitters_without_a_hand_at_the_face_are_never_so_doubted() -> None:
    """The new doubts cost no pose but those with an arm up: 5 of them at most."""
    doubted = [
        pose.scenario
        for sitter in SITTERS
        for pose in sitter.poses
        if find_sitter(detection(pose.landmarks), sitter.baseline)
        in (UnknownReason.HAND, UnknownReason.ELSEWHERE)
    ]

    assert all("arm" in scenario or "passer" in scenario for scenario in doubted)
    assert len(doubted) <= 5


@pytest.mark.parametrize("sitter", SITTERS, ids=lambda sitter: sitter.name)
def test_rendered_sitters_stay_in_sight(sitter: object) -> None:
    """At least 95 % of all poses, slouched or turned, can be judged."""
    found = next(one for one in SITTERS if one is sitter)
    verdicts = []
    for pose in found.poses:
        seen = find_sitter(detection(pose.landmarks), found.baseline)
        verdicts.append(
            not isinstance(seen, UnknownReason)
            and why_not_judgeable(measure(seen), found.baseline, found.view) is None
        )

    assert np.mean(verdicts) >= 0.95


def test_a_face_turned_away_is_not_judged() -> None:
    """Beyond about 60 degrees an ear is hidden and the head has no size."""
    baseline = measure(FRONT)

    assert why_not_judgeable(baseline, baseline, View.FRONT) is None
    away = replace(baseline, facing=0.95)
    assert why_not_judgeable(away, baseline, View.FRONT) is UnknownReason.FACE_AWAY


def test_a_trunk_turned_away_is_not_judged() -> None:
    """Shoulders of half their width are another view."""
    baseline = measure(FRONT)
    turned = replace(baseline, shoulder_width=baseline.shoulder_width / 2)

    assert why_not_judgeable(turned, baseline, View.FRONT) is UnknownReason.TURNED


def test_a_turn_is_the_short_way_round() -> None:
    """From 170 to -170 degrees are 20; from 170 to 100 are 70, and another view."""
    baseline = replace(measure(FRONT), shoulder_yaw_deg=170.0)
    nearly, turned = (replace(baseline, shoulder_yaw_deg=yaw_deg) for yaw_deg in (-170.0, 100.0))

    assert why_not_judgeable(nearly, baseline, View.THREE_QUARTER) is None
    assert why_not_judgeable(baseline, nearly, View.THREE_QUARTER) is None
    assert why_not_judgeable(turned, baseline, View.THREE_QUARTER) is UnknownReason.TURNED


def test_a_sitter_who_faces_the_other_way_is_not_judged_from_the_side() -> None:
    """Forward would be backward."""
    baseline = measure(SIDE)
    other_way = replace(baseline, facing=-baseline.facing)

    assert why_not_judgeable(baseline, baseline, View.SIDE) is None
    assert why_not_judgeable(other_way, baseline, View.SIDE) is UnknownReason.TURNED


@given(
    points_px=any_points_px(2),
    calibrated=st.booleans(),
)
def test_absurd_people_never_raise(points_px: np.ndarray, calibrated: bool) -> None:  # noqa: FBT001
    """Whatever the model invents, the answer is a pose or a doubt."""
    people = [landmarks(points) for points in points_px]
    expected: Measures | None = measure(FRONT) if calibrated else None

    seen = find_sitter(detection(*people), expected)

    assert isinstance(seen, UnknownReason) or any(seen is person for person in people)
    for person in people:
        for view in View:
            unknown_reason = why_not_judgeable(measure(person), measure(FRONT), view)
            assert unknown_reason is None or isinstance(unknown_reason, UnknownReason)


@pytest.mark.parametrize("view", [View.SIDE, View.THREE_QUARTER])
def test_whoever_is_seen_from_their_other_side_is_there(view: View) -> None:
    """Turned away from the calibrated view, and never taken for an empty chair."""
    sitters = [sitter for sitter in SITTERS if sitter.view is view]
    seen = {
        observe(detection(other_side(pose)), baseline_of(sitter.baseline)).unknown_reason
        for sitter in sitters
        for pose in sitter.upright
    }
    assert sitters
    assert seen <= {UnknownReason.TURNED, UnknownReason.FACE_AWAY}


@pytest.mark.parametrize(
    ("zoom", "right_px", "found"),
    [
        (1.0, 0, UnknownReason.NO_HEAD),
        (1.4, 20, UnknownReason.NO_HEAD),
        (0.6, 0, UnknownReason.NOBODY),
        (1.0, 320, UnknownReason.NOBODY),
    ],
)
def test_who_turns_their_back_to_a_camera_at_the_side_is_there(
    zoom: float, right_px: float, found: UnknownReason
) -> None:
    """By the length of the trunk; a chair farther off or beside the desk is none of them."""
    turned = side_points_px()
    turned[Joint.LEFT_SHOULDER, 0] -= 60
    turned[Joint.RIGHT_SHOULDER, 0] += 60
    person = changed(landmarks(turned), zoom=zoom, right_px=right_px)

    assert find_sitter(detection(person), measure(SIDE)) is found


def test_a_figure_that_has_no_shape_from_the_side_is_nobody() -> None:
    """Its head is as low as its shoulders, and it shows no back."""
    bent = side_points_px()
    bent[: Joint.MOUTH_RIGHT + 1, 1] += bent[Joint.LEFT_SHOULDER, 1] - bent[Joint.NOSE, 1] + 20

    assert find_sitter(detection(landmarks(bent)), measure(SIDE)) is UnknownReason.NOBODY


def test_a_pose_without_an_eye_is_not_judged() -> None:
    """It has a place; its angles are not known, and nobody is called upright for that."""
    blind = FRONT.points_px.copy()
    blind[Joint.LEFT_EYE] = np.nan
    seen = observe(detection(landmarks(blind)), baseline_of(measure(FRONT)))

    assert seen.unknown_reason is None
    assert seen.position is not None
    assert seen.deviations is not None
    assert all(np.isnan(seen.deviations.values_deg()))


def test_a_picture_of_another_shape_is_not_compared() -> None:
    """Another camera, or the same one turned upright."""
    upright = landmarks(front_points_px(), height_px=600)
    seen = observe(detection(upright), baseline_of(measure(FRONT)))

    assert seen.unknown_reason is UnknownReason.OTHER_SHAPE
    assert seen.mismatch is BaselineMismatch.SHAPE
