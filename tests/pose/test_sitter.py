"""Who is judged, and when nobody is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.pose.measures import Measures, measure
from posturecam.pose.sitter import (
    Candidate,
    find_sitter,
    raised_arm,
    why_not_judgeable,
)
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


def who_is_judged(people: Detection, expected: Measures | None = None) -> Landmarks | UnknownReason:
    """The landmarks of the sitter, or why there is none."""
    found = find_sitter(people, expected)
    return found if isinstance(found, UnknownReason) else found.landmarks


@pytest.mark.parametrize("seen", [FRONT, SIDE], ids=["front", "side"])
def test_one_person_at_the_desk_is_the_sitter(seen: Landmarks) -> None:
    """A clear sitter is taken, with and without a baseline."""
    assert who_is_judged(detection(seen)) is seen
    assert who_is_judged(detection(seen), measure(seen)) is seen


@pytest.mark.parametrize("zoom", [0.1, 0.3])
def test_a_poster_or_somebody_far_off_is_nobody(zoom: float) -> None:
    """Small heads are pictures on the wall or people at the back of the room."""
    assert who_is_judged(detection(changed(FRONT, zoom=zoom))) is UnknownReason.NOBODY


def test_a_sitter_far_from_the_camera_may_lean_back() -> None:
    """Who is hardly large enough at calibration is there at 1.35 times the distance."""
    small = changed(FRONT, zoom=0.135 / measure(FRONT).shoulder_width)
    leaning = changed(small, zoom=1 / 1.35)

    assert who_is_judged(detection(small)) is small
    assert who_is_judged(detection(leaning)) is UnknownReason.NOBODY
    assert who_is_judged(detection(leaning), measure(small)) is leaning


def test_a_figure_upside_down_is_nobody() -> None:
    """Chairs are found as people whose head hangs below their shoulders."""
    points_px = front_points_px()
    points_px[:, 1] = 480 - points_px[:, 1]

    assert who_is_judged(detection(landmarks(points_px))) is UnknownReason.NOBODY


def test_shoulders_below_the_edge_are_not_believed() -> None:
    """The model invents shoulders outside the picture, with full visibility."""
    assert who_is_judged(detection(changed(FRONT, down_px=230))) is UnknownReason.SHOULDERS_OUT


@pytest.mark.parametrize("order", [1, -1])
def test_the_person_at_the_calibrated_place_is_the_sitter(order: int) -> None:
    """With a baseline a colleague who leans in does not take over."""
    sitter = changed(FRONT, right_px=-120)
    colleague = changed(FRONT, right_px=180)

    found = who_is_judged(detection(*[sitter, colleague][::order]), measure(sitter))

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

    assert who_is_judged(detection(person), measure(FRONT)) is found
    assert who_is_judged(detection(person)) is UnknownReason.NOBODY


def mirrored(person: Landmarks) -> Landmarks:
    """The person as a mirror shows them, left and right by their true names: seen from behind."""
    points_px = person.points_px * [-1, 1, 1] + [person.image_width_px, 0, 0]
    return replace(person, points_px=points_px)


def test_who_turns_their_back_is_there() -> None:
    """To talk to somebody behind; for the pose model an empty chair looks much like it, smaller."""
    back = mirrored(FRONT)

    assert who_is_judged(detection(back), measure(FRONT)) is UnknownReason.NO_HEAD
    small = changed(back, zoom=0.5)
    assert who_is_judged(detection(small), measure(FRONT)) is UnknownReason.NOBODY


@pytest.mark.parametrize("sitter", SITTERS, ids=lambda sitter: sitter.name)
def test_a_passer_by_changes_nothing(sitter: Sitter) -> None:
    """Whoever else is in view, at whatever place in the model's order, all verdicts stay."""
    passers = [
        changed(sitter.upright[0], zoom=zoom, right_px=right_px)
        for zoom, right_px in [(0.5, -150), (0.5, 0), (0.5, 150)]
    ]
    for pose in sitter.poses:
        alone = who_is_judged(detection(pose.landmarks), sitter.baseline)
        if isinstance(alone, UnknownReason):
            continue
        for passer in passers:
            for people in [(pose.landmarks, passer), (passer, pose.landmarks)]:
                assert who_is_judged(detection(*people), sitter.baseline) is pose.landmarks


def with_hand_at(x_px: float, y_px: float) -> Landmarks:
    """A sitter with a hand there; the middle of the face is at 320, 193."""
    points_px = fakes_sitter().points_px
    points_px[Joint.RIGHT_INDEX, :2] = x_px, y_px
    return landmarks(points_px)


def test_a_hand_over_the_face_is_not_judged() -> None:
    """Eyes and nose under it are guesses; a hand at the chin or a wave beside it is fine."""
    assert who_is_judged(detection(with_hand_at(330, 190))) is UnknownReason.HAND
    for clear in (with_hand_at(320, 265), with_hand_at(440, 180), with_hand_at(320, 330)):
        assert who_is_judged(detection(clear)) is clear


def test_rendered_sitters_without_a_hand_at_the_face_are_never_so_doubted() -> None:
    """The new doubts cost no pose but those with an arm up: 5 of them at most."""
    doubted = [
        pose.scenario
        for sitter in SITTERS
        for pose in sitter.poses
        if who_is_judged(detection(pose.landmarks), sitter.baseline)
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
        seen = who_is_judged(detection(pose.landmarks), found.baseline)
        verdicts.append(
            not isinstance(seen, UnknownReason)
            and why_not_judgeable(measure(seen), found.baseline, found.view) is None
        )

    assert np.mean(verdicts) >= 0.95


@given(
    points_px=any_points_px(2),
    calibrated=st.booleans(),
)
def test_absurd_people_never_raise(points_px: np.ndarray, calibrated: bool) -> None:  # noqa: FBT001
    """Whatever the model invents, the answer is a pose or a doubt."""
    people = [landmarks(points) for points in points_px]
    expected: Measures | None = measure(FRONT) if calibrated else None

    seen = who_is_judged(detection(*people), expected)

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

    assert who_is_judged(detection(person), measure(SIDE)) is found


def test_a_figure_that_has_no_shape_from_the_side_is_nobody() -> None:
    """Its head is as low as its shoulders, and it shows no back."""
    bent = side_points_px()
    bent[: Joint.MOUTH_RIGHT + 1, 1] += bent[Joint.LEFT_SHOULDER, 1] - bent[Joint.NOSE, 1] + 20

    assert who_is_judged(detection(landmarks(bent)), measure(SIDE)) is UnknownReason.NOBODY


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


# Where the limits are

NOW_FRONT, NOW_SIDE = measure(FRONT), measure(SIDE)


@pytest.mark.parametrize(
    ("people", "changes", "found"),
    [
        ((), {"brightness": 24.9}, UnknownReason.TOO_DARK),
        ((), {"brightness": 25.0}, UnknownReason.NOBODY),
        ((FRONT,), {"brightness": 5.9}, UnknownReason.TOO_DARK),
        ((FRONT,), {"brightness": 6.0}, FRONT),
        ((), {"contrast": 2.9}, UnknownReason.COVERED),
        ((FRONT,), {"contrast": 2.9}, UnknownReason.COVERED),
        ((FRONT,), {"contrast": 3.0}, FRONT),
        ((), {"brightness": 2.0, "contrast": 0.5}, UnknownReason.TOO_DARK),
        ((FRONT,), {"brightness": 2.0, "contrast": 0.5}, UnknownReason.TOO_DARK),
        ((), {"sharpness": 1.0}, UnknownReason.BLURRED),
        ((FRONT,), {"sharpness": 1.0}, UnknownReason.BLURRED),
        ((FRONT,), {"sharpness": 1.1}, FRONT),
        ((), {"sharpness": 70.0}, UnknownReason.NOBODY),
        ((), {"sharpness": 71.0}, UnknownReason.NOISE),
        ((FRONT,), {"sharpness": 71.0}, FRONT),
    ],
)
def test_a_picture_is_believed_from_its_limits_on(
    people: tuple[Landmarks, ...],
    changes: dict[str, Any],
    found: Landmarks | UnknownReason,
) -> None:
    """Who is seen is believed in less light and more grain than that nobody is."""
    seen = replace(detection(*people), **changes)
    assert who_is_judged(seen) is found
    assert who_is_judged(seen, NOW_FRONT) is found


def _squeezed(across: float, *, shoulders: float = 1.0, higher_px: float = 0.0) -> Landmarks:
    """The sitter from the front, with a head and shoulders of other widths, and a longer neck."""
    points_px = FRONT.points_px.copy()
    head, body = slice(0, Joint.LEFT_SHOULDER), slice(Joint.LEFT_SHOULDER, None)
    points_px[head, 0] = 320 + across * (points_px[head, 0] - 320)
    points_px[body, 0] = 320 + shoulders * (points_px[body, 0] - 320)
    points_px[head, 1] -= higher_px
    return landmarks(points_px)


HEAD = NOW_FRONT.head_size


@pytest.mark.parametrize(
    ("ratio", "is_person"), [(1.45, False), (1.55, True), (3.95, True), (4.05, False)]
)
def test_shoulders_are_so_wide_for_a_head(ratio: float, *, is_person: bool) -> None:
    """From one and a half to four head sizes, from the front."""
    person = _squeezed(1.0, shoulders=ratio * HEAD / NOW_FRONT.shoulder_width)
    now = measure(person)
    assert now.shoulder_width / now.head_size == pytest.approx(ratio, rel=0.01)
    large = changed(person, zoom=1.5, down_px=60.0)
    assert (who_is_judged(detection(large)) is not UnknownReason.NOBODY) is is_person


@pytest.mark.parametrize(
    ("ratio", "is_person"), [(0.15, False), (0.25, True), (3.1, True), (3.3, False)]
)
def test_a_neck_is_so_long_for_a_head(ratio: float, *, is_person: bool) -> None:
    """Ears over shoulders, from a fifth of a head size to 3.2."""
    neck = NOW_FRONT.shoulder_y - NOW_FRONT.ear_y
    higher_px = (ratio * HEAD - neck) * FRONT.image_width_px
    person = _squeezed(1.0, higher_px=higher_px)
    now = measure(person)
    assert (now.shoulder_y - now.ear_y) / now.head_size == pytest.approx(ratio, rel=0.01)
    found = who_is_judged(detection(changed(person, down_px=60.0)))
    assert (found is not UnknownReason.NOBODY) is is_person


@pytest.mark.parametrize("zoom", [0.9, 1.1])
def test_shoulders_of_an_eighth_of_the_picture_are_at_the_desk(zoom: float) -> None:
    """From 0.13 widths on; smaller ones are somebody farther off."""
    person = changed(_squeezed(1.2), zoom=zoom * 0.13 / NOW_FRONT.shoulder_width)
    assert measure(person).head_size > 0.05
    assert (who_is_judged(detection(person)) is person) is (zoom > 1)


@pytest.mark.parametrize("joint", [Joint.LEFT_EAR, Joint.LEFT_SHOULDER])
@pytest.mark.parametrize("way", [1, -1])
def test_nobody_tilts_head_or_shoulders_by_more_than_forty_degrees(joint: Joint, way: int) -> None:
    """A figure that does is a coat on a hook."""
    for deg, is_person in ((38.0, True), (42.0, False)):
        points_px = FRONT.points_px.copy()
        across = 2 * (points_px[joint, 0] - 320)
        points_px[joint, 1] += way * across * np.tan(np.radians(deg))
        found = who_is_judged(detection(landmarks(points_px)))
        assert (found is not UnknownReason.NOBODY) is is_person


@pytest.mark.parametrize(
    ("joint", "at_px", "found"),
    [
        (Joint.LEFT_SHOULDER, (678.0, 300.0), None),
        (Joint.LEFT_SHOULDER, (679.0, 300.0), UnknownReason.SHOULDERS_OUT),
        (Joint.RIGHT_SHOULDER, (-38.0, 300.0), None),
        (Joint.RIGHT_SHOULDER, (-39.0, 300.0), UnknownReason.SHOULDERS_OUT),
        (Joint.LEFT_EYE, (336.0, 0.0), None),
        (Joint.LEFT_EYE, (336.0, -1.0), UnknownReason.HEAD_OUT),
        (Joint.RIGHT_EYE, (304.0, -1.0), UnknownReason.HEAD_OUT),
    ],
)
def test_a_joint_is_placed_well_a_little_outside_the_picture(
    joint: Joint, at_px: tuple[float, float], found: UnknownReason | None
) -> None:
    """Shoulders by six hundredths of it, eyes not at all."""
    points_px = FRONT.points_px.copy()
    if joint in (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER):
        # A head as large as such shoulders need.
        points_px[: Joint.LEFT_SHOULDER, :2] = (
            points_px[: Joint.LEFT_SHOULDER, :2] - [320, 190]
        ) * 2.6 + [320, 140]
    points_px[Joint.LEFT_WRIST : Joint.RIGHT_THUMB + 1, :2] = 320, 900
    points_px[joint, :2] = at_px
    seen = landmarks(points_px)
    assert who_is_judged(detection(seen)) is (found or seen)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"facing": 0.84}, None),
        ({"facing": -0.84}, None),
        ({"facing": 0.86}, UnknownReason.FACE_AWAY),
        ({"facing": -0.86}, UnknownReason.FACE_AWAY),
        ({"facing": np.nan}, UnknownReason.NOT_A_SITTER),
        ({"shoulder_width": np.nan}, UnknownReason.NOT_A_SITTER),
        ({"shoulder_width": 0.63}, None),
        ({"shoulder_width": 0.61}, UnknownReason.TURNED),
        ({"head_size": 1.59}, None),
        ({"head_size": 1.64}, UnknownReason.TURNED),
    ],
)
def test_a_front_is_compared_up_to_so_much_of_a_turn(
    changes: dict[str, float], found: UnknownReason | None
) -> None:
    """Facing as it is, widths as shares of the baseline's."""
    before = replace(NOW_FRONT, facing=0.0)
    now = replace(
        before,
        **{
            name: value if name == "facing" else value * getattr(before, name)
            for name, value in changes.items()
        },
    )
    assert why_not_judgeable(now, before, View.FRONT) is found


@pytest.mark.parametrize(
    ("yaw_deg", "found"),
    [(49.0, None), (-49.0, None), (51.0, UnknownReason.TURNED), (-51.0, UnknownReason.TURNED)],
)
def test_a_half_turned_sitter_is_compared_up_to_fifty_degrees(
    yaw_deg: float, found: UnknownReason | None
) -> None:
    """The short way round, by way of 180 degrees too; however narrow the shoulders are then."""
    before = replace(NOW_FRONT, facing=0.0, shoulder_yaw_deg=170.0, shoulder_width=0.01)
    beyond_deg = 170.0 + yaw_deg if yaw_deg < 0 else yaw_deg - 190.0
    now = replace(before, shoulder_yaw_deg=beyond_deg)
    assert why_not_judgeable(now, before, View.THREE_QUARTER) is found
    assert why_not_judgeable(before, now, View.THREE_QUARTER) is found


def test_who_faces_the_camera_is_not_seen_from_their_side() -> None:
    """Nor whoever faces neither way, or the other one: forward would be backward."""
    assert why_not_judgeable(NOW_SIDE, NOW_SIDE, View.SIDE) is None
    for facing in (0.0, -NOW_SIDE.facing):
        now = replace(NOW_SIDE, facing=facing)
        assert why_not_judgeable(now, NOW_SIDE, View.SIDE) is UnknownReason.TURNED


@pytest.mark.parametrize(
    ("head", "shoulders", "found"),
    [
        (0.57, 0.57, None),
        (0.53, 0.53, UnknownReason.NOBODY),
        (2.25, 2.25, None),
        (2.35, 2.35, UnknownReason.ELSEWHERE),
        (2.35, 1.0, UnknownReason.ELSEWHERE),
        (1.0, 2.35, UnknownReason.ELSEWHERE),
        (1.0, 0.53, UnknownReason.ELSEWHERE),
    ],
)
def test_the_sitter_is_about_as_large_as_in_the_baseline(
    head: float, shoulders: float, found: UnknownReason | None
) -> None:
    """From a half to more than twice, head as shoulders; a larger one is somebody in the way."""
    large = changed(FRONT, zoom=1.1)
    middle = measure(large)
    expected = replace(
        middle,
        head_size=middle.head_size / head,
        shoulder_width=middle.shoulder_width / shoulders,
    )
    assert who_is_judged(detection(large), expected) is (found or large)


@pytest.mark.parametrize(
    ("seen", "expected", "reach"),
    [
        (FRONT, NOW_FRONT, 3.0),
        (FRONT, replace(NOW_FRONT, shoulder_yaw_deg=60.0), 4.5),
        (SIDE, NOW_SIDE, 6.0),
    ],
    ids=["front", "half turned", "side"],
)
@pytest.mark.parametrize("way", [(1, 0), (-1, 0), (0, 1)])
def test_a_sitter_moves_within_some_head_sizes(
    seen: Landmarks, expected: Measures, reach: float, way: tuple[int, int]
) -> None:
    """In any direction; the head is the smaller the more it is seen from the side."""
    for off, is_here in ((-0.1, True), (0.1, False)):
        away = (reach + off) * expected.head_size
        before = replace(
            expected, ear_x=expected.ear_x + way[0] * away, ear_y=expected.ear_y + way[1] * away
        )
        found = who_is_judged(detection(seen), before)
        assert found is (seen if is_here else UnknownReason.ELSEWHERE)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(("zoom", "is_larger_one"), [(1.5, True), (1.8, False)])
def test_a_head_of_distance_counts_as_a_size_two_thirds_larger(
    zoom: float, order: int, *, is_larger_one: bool
) -> None:
    """Of two at the place whoever is more like the baseline is the sitter."""
    ear_px = NOW_FRONT.ear_y * FRONT.image_width_px
    larger = changed(FRONT, zoom=zoom, down_px=(zoom - 1) * (240 - ear_px))
    aside = changed(FRONT, right_px=HEAD * FRONT.image_width_px)
    found = who_is_judged(detection(*(larger, aside)[::order]), NOW_FRONT)
    assert found is (larger if is_larger_one else aside)


def test_whoever_is_turned_is_measured_by_the_view_of_the_baseline() -> None:
    """Without one by their own."""
    turned_px = FRONT.points_px.copy()
    turned_px[Joint.LEFT_SHOULDER, 2] += 330.0
    turned = landmarks(turned_px)
    assert measure(turned).shoulder_yaw_deg > 50
    for expected, view in ((None, View.THREE_QUARTER), (NOW_FRONT, View.FRONT)):
        found = find_sitter(detection(turned), expected)
        assert isinstance(found, Candidate)
        assert found.view is view


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (0.75, UnknownReason.NOBODY),
        (0.85, UnknownReason.NO_HEAD),
        (2.2, UnknownReason.NO_HEAD),
        (2.4, UnknownReason.NOBODY),
    ],
)
def test_a_back_has_a_head_of_about_the_size_of_the_sitter(
    head: float, found: UnknownReason
) -> None:
    """Whoever else is in the picture; what has another is a chair."""
    back, passer = mirrored(FRONT), changed(FRONT, zoom=0.4, right_px=200)
    expected = replace(NOW_FRONT, head_size=measure(back).head_size / head)
    assert who_is_judged(detection(back, passer), expected) is found


@pytest.mark.parametrize(("size", "is_second"), [(0.55, False), (0.65, True)])
def test_somebody_much_smaller_is_in_the_background(size: float, *, is_second: bool) -> None:
    """Less than six tenths of the largest."""
    near = changed(FRONT, zoom=1.3, right_px=-150.0)
    far = changed(FRONT, zoom=1.3 * size, right_px=150.0)
    found = who_is_judged(detection(far, near))
    assert found is (UnknownReason.SEVERAL_PEOPLE if is_second else near)


@pytest.mark.parametrize(("apart", "is_one"), [(0.45, True), (0.55, False)])
@pytest.mark.parametrize("part", [slice(0, Joint.LEFT_SHOULDER), slice(Joint.LEFT_SHOULDER, None)])
def test_two_poses_half_a_head_apart_are_two_people(
    apart: float, part: slice, *, is_one: bool
) -> None:
    """Head or shoulders: cheek to cheek are two, and one who turns round is often found twice."""
    points_px = FRONT.points_px.copy()
    points_px[part, 0] += apart * HEAD * FRONT.image_width_px
    found = who_is_judged(detection(FRONT, landmarks(points_px)))
    assert found is (FRONT if is_one else UnknownReason.SEVERAL_PEOPLE)


@pytest.mark.parametrize(("apart", "is_one"), [(0.45, True), (0.55, False)])
def test_of_two_poses_the_larger_head_says_how_near_they_are(apart: float, *, is_one: bool) -> None:
    """One person found twice need not be found in one size."""
    apart_px = apart * HEAD * FRONT.image_width_px
    # Growing about the middle of the picture has moved head and shoulders by 12 px up or down.
    smaller = changed(FRONT, zoom=0.8, right_px=(apart_px**2 - 12**2) ** 0.5)
    for people in ((FRONT, smaller), (smaller, FRONT)):
        assert (who_is_judged(detection(*people)) is not UnknownReason.SEVERAL_PEOPLE) is is_one


@pytest.mark.parametrize(("away", "found"), [(0.7, UnknownReason.HAND), (0.8, None)])
@pytest.mark.parametrize("joint", [Joint.LEFT_WRIST, Joint.RIGHT_THUMB, Joint.LEFT_INDEX])
def test_a_hand_hides_a_face_within_three_quarters_of_a_head(
    joint: Joint, away: float, found: UnknownReason | None
) -> None:
    """Of its middle."""
    points_px = FRONT.points_px.copy()
    face_px = points_px[Joint.NOSE : Joint.MOUTH_RIGHT + 1, :2].mean(axis=0)
    points_px[joint, :2] = face_px - [away * HEAD * FRONT.image_width_px, 0]
    seen = landmarks(points_px)
    assert who_is_judged(detection(seen)) is (found or seen)


@pytest.mark.parametrize(("reach", "found"), [(1.4, UnknownReason.ARM), (1.6, None)])
@pytest.mark.parametrize("side", ["LEFT", "RIGHT"])
def test_an_arm_is_at_most_one_and_a_half_shoulders_long(
    side: str, reach: float, found: UnknownReason | None
) -> None:
    """A wrist beyond is an invention; so is what is out of the picture, or elbow and wrist at once.

    One as high as its shoulder is not raised.
    """
    shoulder, elbow, wrist = (Joint[f"{side}_{part}"] for part in ("SHOULDER", "ELBOW", "WRIST"))
    small = changed(FRONT, zoom=0.6)
    points_px = small.points_px.copy()
    width_px = points_px[Joint.LEFT_SHOULDER, 0] - points_px[Joint.RIGHT_SHOULDER, 0]
    at_px = points_px[shoulder, :2]
    points_px[[Joint.LEFT_WRIST, Joint.RIGHT_WRIST], 1] = 900
    points_px[elbow, :2] = at_px - [3, 20]
    points_px[wrist, :2] = at_px - [0, reach * width_px]

    def raised(**moved: tuple[float, float]) -> UnknownReason | None:
        changed_px = points_px.copy()
        for name, to_px in moved.items():
            changed_px[Joint[f"{side}_{name.upper()}"], :2] = to_px
        return raised_arm(landmarks(changed_px), View.FRONT)

    assert raised() is found
    x_px, y_px = at_px.tolist()
    assert raised(wrist=(x_px, y_px - 5)) is UnknownReason.ARM
    assert raised(wrist=(x_px, y_px)) is None
    for outside in ((0.0, y_px - 5), (640.0, y_px - 5)):
        assert raised(wrist=(x_px, y_px - 5), elbow=outside) is None
    assert raised(wrist=(x_px, y_px - 5), elbow=(x_px, 480.0)) is None
    assert raised(wrist=(x_px, y_px - 5), elbow=(x_px, 0.0)) is None
    assert raised(wrist=(x_px, y_px - 5), elbow=(x_px, y_px - 5)) is None
    for top_px, above in ((1.0, UnknownReason.ARM), (0.0, None)):
        assert raised(shoulder=(x_px, 4.0), elbow=(x_px, 5.0), wrist=(x_px, top_px)) is above
    assert raised_arm(landmarks(points_px), View.SIDE) is None
