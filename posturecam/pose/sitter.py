"""Everybody in the picture -> the one person to judge, or why there is none.

The pose model invents joints: its visibility stays near 0.99 for shoulders below the edge of the
picture and for "people" made of an empty chair. Everything here is therefore decided by geometry.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from posturecam.pose.measures import Measures, find_view, measure
from posturecam.values.observation import Detection, Joint, Landmarks, UnknownReason, View

# The limits below are where rendered and real sitters end and ghosts, posters and passers-by
# begin; calibration/evaluate.py counts both kinds.
_DARKEST = 6.0
"""Mean grey level of a picture in which nothing can be trusted."""
_DARKEST_EMPTY = 25.0
"""Mean grey level from which "nobody found" means that nobody is there."""
_FLATTEST = 3.0
"""Spread of the grey levels (sd) below which the picture is one colour: the camera is covered. The
darkest picture with a person in it has 4, the flattest of the study's 8 (calibration/report.md,
"Who is judged")."""
_BLURRIEST = 1.1
"""Sharpness below which detail is gone: out of focus by 12 of 640 px and more, where the angles are
off by 11 degrees. The softest real footage, compressed and warped, has 1.3."""
_NOISIEST = 70.0
"""Sharpness beyond which a picture without a person is the snow of a broken camera. The sharpest
real footage has 24 (ibid.), snow that has been through a JPEG 120."""
_SMALLEST_HEAD = {View.FRONT: 0.05, View.THREE_QUARTER: 0.03, View.SIDE: 0.025}
"""Head size in widths of the picture below which a person is not at the desk."""
_SMALLEST_SHOULDERS = 0.13
"""Shoulder width in widths of the picture, from the front."""
_SMALLER_THAN_USUAL = 0.7
"""Share of their calibrated size down to which a sitter hardly larger than these limits is still
one: whoever slides far back is at 1.35 times the distance."""
_SHOULDERS_TO_HEAD = (1.5, 4.0)
_FROM_BEHIND = -2.0
"""Shoulder width in head sizes that only a back shows, or a chair."""
_NECK_TO_HEAD = (0.2, 3.2)
"""Height of the ears over the shoulders in head sizes."""
_STEEPEST_DEG = 40.0
"""Tilt of ears or shoulders that a sitter reaches, from the front."""
_MARGIN = 0.06
"""How far out of the picture, in its width or height, a landmark is still placed well."""
_SAME_PERSON = 0.5
"""Two poses whose heads and shoulders lie within so many head sizes are one person."""
_BACKGROUND = 0.6
"""A person smaller than this share of the largest is somebody in the background."""
_SIZE_RATIO = (0.55, 2.3)
"""Size now over size at calibration, within which it can be the same person at the desk."""
_REACH = {View.FRONT: 3.0, View.THREE_QUARTER: 4.5, View.SIDE: 6.0}
"""Head sizes over which the head of a sitter moves without leaving the desk."""
_BODY_REACH = 1.25
"""Shoulder widths from the calibrated place within which somebody bends over the desk."""
_BODY_SIZE = (0.75, 1.6)
_BODY_HEAD = (0.8, 2.3)
"""Sizes over those at calibration: bent over, one is nearer to the camera. Chairs that are found
as backs have shoulders of 0.3 or a trunk of 0.7."""
_HAND_ON_FACE = 0.75
"""Head sizes from the middle of the face within which a hand or a cup hides eyes or nose."""
_ARM_LENGTH = 1.5
"""Shoulder widths from its shoulder beyond which a wrist is an invention. Within, 63 of 100
rendered pictures with an arm lifted are found, and 3 of 10 000 others."""
_SIZE_WEIGHT = 2.0
"""Head sizes of distance that count as much as a size e times the sitter's."""
_FACE_TURN = 0.85
"""Change of `facing` (about the sine of the turn) from which the face hides an ear."""
_TRUNK_TURN = 0.62
"""Shoulder width per head size, over the baseline's, below which the trunk is turned away."""
_YAW_TURN_DEG = 50.0
"""Change of shoulder yaw beyond which it is another view."""


_FACE = slice(Joint.NOSE, Joint.MOUTH_RIGHT + 1)
_HANDS = slice(Joint.LEFT_WRIST, Joint.RIGHT_THUMB + 1)
_LEFT_ARM = [Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST]
_RIGHT_ARM = [Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be the sitter."""

    landmarks: Landmarks
    measures: Measures
    view: View


def find_sitter(
    detection: Detection,
    expected: Measures | None = None,
    put_back: Callable[[Landmarks], Landmarks] = lambda person: person,
) -> Candidate | UnknownReason:
    """The one person to judge.

    Args:
        detection: everybody in the frame.
        expected: the baseline. The sitter is whoever has its place and size, whoever else passes
            by; without one, the only person who is not in the background.
        put_back: places people where the camera would have seen them before it turned.

    Returns:
        The sitter, or the reason. `UnknownReason.NOBODY` says that the place is
        empty: nothing was found there, or nothing that has the shape of a person. `ELSEWHERE` says
        that somebody as large as the sitter is somewhere else, `NO_HEAD` that somebody is there
        with the head about as low as the shoulders, or with their back to the camera.
    """
    if unknown_reason := _picture_doubt(detection):
        return unknown_reason
    everybody = _everybody(detection, expected, put_back)
    people = [one for one in everybody if _is_shaped_like_a_person(one, expected)]
    if expected is not None:
        sitter = _at_place(people, expected)
        if sitter is UnknownReason.NOBODY and any(_is_body(one, expected) for one in everybody):
            return UnknownReason.NO_HEAD
        return sitter if isinstance(sitter, UnknownReason) else _clear(sitter)
    people = sorted(_distinct(people), key=_size, reverse=True)
    if not people:
        return UnknownReason.NOBODY
    if len(people) > 1 and _size(people[1]) > _BACKGROUND * _size(people[0]):
        return UnknownReason.SEVERAL_PEOPLE
    return _clear(people[0])


def find_partly_hidden(
    detection: Detection, expected: Measures, put_back: Callable[[Landmarks], Landmarks]
) -> Candidate | None:
    """The sitter whom `find_sitter` refused as hidden in part; None if nobody is at their place.

    The landmarks of the hidden part are guesses.
    """
    everybody = _everybody(detection, expected, put_back)
    people = [one for one in everybody if _is_shaped_like_a_person(one, expected)]
    sitter = _at_place(people, expected)
    return None if isinstance(sitter, UnknownReason) else sitter


def shows_somebody(people: Iterable[Landmarks]) -> bool:
    """Whether any of them has the shape of somebody at a desk, whoever that is."""
    return any(
        _is_shaped_like_a_person(_candidate(person, measure(person), None), None)
        for person in people
    )


def why_not_judgeable(now: Measures, baseline: Measures, view: View) -> UnknownReason | None:
    """Why the pose `now` cannot be compared with `baseline`, or None when it can."""
    if not (math.isfinite(now.facing) and math.isfinite(now.shoulder_width)):
        return UnknownReason.NOT_A_SITTER
    if view is View.SIDE:
        same_side = now.facing * baseline.facing > 0
        return None if same_side and find_view(now) is not View.FRONT else UnknownReason.TURNED
    if abs(now.facing - baseline.facing) > _FACE_TURN:
        return UnknownReason.FACE_AWAY
    now_ratio = now.shoulder_width / now.head_size
    baseline_ratio = baseline.shoulder_width / baseline.head_size
    yaw_change_deg = _turn_deg(now.shoulder_yaw_deg - baseline.shoulder_yaw_deg)
    if view is View.THREE_QUARTER:
        return UnknownReason.TURNED if yaw_change_deg > _YAW_TURN_DEG else None
    return UnknownReason.TURNED if now_ratio < _TRUNK_TURN * baseline_ratio else None


def raised_arm(sitter: Landmarks, view: View) -> UnknownReason | None:
    """Whether a hand is higher than its own shoulder, which it lifts; asked from the front only.

    A chin on a hand and a reach for the shelf move the shoulders as a slouch does. An elbow or a
    wrist outside the picture, or both at one point, is a guess and raises nothing.
    """
    if view is not View.FRONT:
        return None
    width_px, height_px = sitter.image_width_px, sitter.image_height_px
    left, right = (sitter.points_px[arm, :2].tolist() for arm in (_LEFT_ARM, _RIGHT_ARM))
    reach_px = _ARM_LENGTH * math.dist(left[0], right[0])
    for shoulder, elbow, wrist in (left, right):
        placed = elbow != wrist and all(
            0 < x_px < width_px and 0 < y_px < height_px for x_px, y_px in (elbow, wrist)
        )
        if placed and wrist[1] < shoulder[1] and math.dist(wrist, shoulder) < reach_px:
            return UnknownReason.ARM
    return None


def _picture_doubt(detection: Detection) -> UnknownReason | None:
    if detection.brightness < (_DARKEST if detection.people else _DARKEST_EMPTY):
        return UnknownReason.TOO_DARK
    if detection.contrast < _FLATTEST:
        return UnknownReason.COVERED
    if not detection.people and _NOISIEST < detection.sharpness < math.inf:  # infinite: unknown
        return UnknownReason.NOISE
    return UnknownReason.BLURRED if detection.sharpness < _BLURRIEST else None


def _everybody(
    detection: Detection,
    expected: Measures | None,
    put_back: Callable[[Landmarks], Landmarks],
) -> list[Candidate]:
    return [_candidate(person, measure(put_back(person)), expected) for person in detection.people]


def _turn_deg(difference_deg: float) -> float:
    return abs((difference_deg + 180.0) % 360.0 - 180.0)


def _candidate(landmarks: Landmarks, measures: Measures, expected: Measures | None) -> Candidate:
    return Candidate(landmarks, measures, find_view(measures if expected is None else expected))


def _size(person: Candidate) -> float:
    return person.measures.head_size


def _distance(one: Measures, other: Measures) -> float:
    return math.hypot(one.ear_x - other.ear_x, one.ear_y - other.ear_y)


def _at_place(people: list[Candidate], expected: Measures) -> Candidate | UnknownReason:
    """Whoever is most like the baseline in place and size."""
    here = [person for person in people if _is_at_place(person.measures, expected)]
    if here:
        return min(here, key=lambda person: _strangeness(person.measures, expected))
    as_large = any(_size(person) > _BACKGROUND * expected.head_size for person in people)
    return UnknownReason.ELSEWHERE if as_large else UnknownReason.NOBODY


def _clear(sitter: Candidate) -> Candidate | UnknownReason:
    return _framing_doubt(sitter) or _hand_doubt(sitter) or sitter


def _strangeness(one: Measures, expected: Measures) -> float:
    """How far from the calibrated place and size, in head sizes."""
    size = abs(math.log(one.head_size / expected.head_size))
    return _distance(one, expected) / expected.head_size + _SIZE_WEIGHT * size


def _distinct(people: list[Candidate]) -> list[Candidate]:
    """The people without repetitions: one person turning round is often found twice."""
    kept: list[Candidate] = []
    for person in people:
        at = person.measures
        if not any(
            max(
                _distance(at, other.measures),
                math.hypot(
                    at.shoulder_x - other.measures.shoulder_x,
                    at.shoulder_y - other.measures.shoulder_y,
                ),
            )
            < _SAME_PERSON * max(at.head_size, other.measures.head_size)
            for other in kept
        ):
            kept.append(person)
    return kept


def _is_shaped_like_a_person(person: Candidate, expected: Measures | None) -> bool:
    """Whether head and shoulders have the size, order and proportions of somebody at a desk."""
    now = person.measures
    smallest_head, smallest_shoulders = _SMALLEST_HEAD[person.view], _SMALLEST_SHOULDERS
    if expected is not None:
        smallest_head = min(smallest_head, _SMALLER_THAN_USUAL * expected.head_size)
        usual = abs(expected.shoulder_width)
        smallest_shoulders = min(smallest_shoulders, _SMALLER_THAN_USUAL * usual)
    neck = (now.shoulder_y - now.ear_y) / now.head_size if now.head_size > 0 else math.nan
    if not _NECK_TO_HEAD[0] < neck < _NECK_TO_HEAD[1] or not now.nose_y < now.shoulder_y:
        return False
    if now.head_size < smallest_head:
        return False
    shoulders = now.shoulder_width / now.head_size
    if person.view is not View.FRONT:
        return shoulders > _FROM_BEHIND
    return (
        now.shoulder_width > smallest_shoulders
        and _SHOULDERS_TO_HEAD[0] < shoulders < _SHOULDERS_TO_HEAD[1]
        and abs(now.ear_tilt_deg) < _STEEPEST_DEG
        and abs(now.shoulder_tilt_deg) < _STEEPEST_DEG
    )


def _is_body(person: Candidate, expected: Measures) -> bool:
    """Whether somebody no smaller than the sitter hangs over the desk, or shows their back.

    Of 18 rendered sitters bent over whom nothing else finds, 7 are so; of 70 pictures of empty
    chairs and passers-by none.
    """
    now = person.measures
    away = math.hypot(now.shoulder_x - expected.shoulder_x, now.shoulder_y - expected.shoulder_y)
    head = now.head_size / expected.head_size
    if person.view is View.FRONT:
        length, usual, reach = abs(now.shoulder_width), expected.shoulder_width, _BODY_REACH
    elif now.shoulder_width < _FROM_BEHIND * now.head_size:
        length, usual, reach = now.trunk_length, expected.trunk_length, _BODY_REACH / 2
    else:
        return False
    return (
        away < reach * usual
        and _BODY_SIZE[0] < length / usual < _BODY_SIZE[1]
        and _BODY_HEAD[0] < head < _BODY_HEAD[1]
    )


def _is_at_place(now: Measures, expected: Measures) -> bool:
    view = find_view(expected)
    sizes = [now.head_size / expected.head_size]
    if view is View.SIDE:
        sizes = [now.trunk_length / expected.trunk_length]
    elif view is View.FRONT:
        sizes.append(abs(now.shoulder_width / expected.shoulder_width))
    near = _distance(now, expected) < _REACH[view] * expected.head_size
    return near and all(_SIZE_RATIO[0] < size < _SIZE_RATIO[1] for size in sizes)


def _framing_doubt(person: Candidate) -> UnknownReason | None:
    """What of the sitter lies outside the picture, if it matters."""
    landmarks = person.landmarks
    picture = np.array([landmarks.image_width_px, landmarks.image_height_px])
    at = landmarks.points_px[:, :2] / picture
    shoulders = at[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]]
    if (shoulders < -_MARGIN).any() or (shoulders > 1 + _MARGIN).any():
        return UnknownReason.SHOULDERS_OUT
    head = at[[Joint.NOSE, Joint.LEFT_EYE, Joint.RIGHT_EYE]]
    if (head < 0).any() or (head > 1).any():
        return UnknownReason.HEAD_OUT
    return None


def _hand_doubt(person: Candidate) -> UnknownReason | None:
    """Whether a hand is so near the middle of the face that eyes or nose are guesses."""
    at_px = person.landmarks.points_px[:, :2]
    from_face_px = at_px[_HANDS] - at_px[_FACE].mean(axis=0)
    nearest_px = math.sqrt(float((from_face_px**2).sum(axis=1).min()))
    head_px = person.measures.head_size * person.landmarks.image_width_px
    return UnknownReason.HAND if nearest_px < _HAND_ON_FACE * head_px else None
