"""Values that cannot be are refused where they are made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mediapipe.tasks.python.vision import PoseLandmark

from posturecam.capture.thumbnail import Pixels
from posturecam.values.observation import (
    ANGLES,
    LANDMARK_COUNT,
    Angle,
    Cause,
    Deviations,
    Frame,
    Joint,
    Landmarks,
    Observation,
    PostureState,
    Reading,
    Reason,
    SitterPosition,
    UnknownReason,
    View,
    is_somebody_there,
)
from posturecam.values.reasons import AngleReason, SlouchSign


@pytest.mark.parametrize(
    ("points", "coordinates", "visible", "named"),
    [(32, 3, 33, "points_px"), (33, 2, 33, "points_px"), (33, 3, 32, "visibility")],
)
def test_landmarks_are_33_points_each_with_its_visibility(
    points: int, coordinates: int, visible: int, named: str
) -> None:
    """Another model has others; nothing is judged by them."""
    with pytest.raises(ValueError, match=named):
        Landmarks(
            points_px=np.zeros((points, coordinates)),
            visibility=np.zeros(visible),
            image_width_px=640,
            image_height_px=480,
        )


@pytest.mark.parametrize(
    ("deviations", "unknown_reason"), [(None, None), (Deviations(), UnknownReason.NOBODY)]
)
def test_an_observation_has_angles_or_a_reason_why_not(
    deviations: Deviations | None, unknown_reason: UnknownReason | None
) -> None:
    """Never both, and never neither."""
    with pytest.raises(ValueError, match="either deviations or a reason"):
        Observation(t_s=0.0, view=View.FRONT, deviations=deviations, unknown_reason=unknown_reason)


def test_joints_are_the_rows_of_the_pose_model() -> None:
    """As MediaPipe numbers them: with one of its neighbours a shoulder would be an elbow."""
    assert len(PoseLandmark) == LANDMARK_COUNT
    assert {joint.name: joint.value for joint in Joint}.items() <= {
        landmark.name: landmark.value for landmark in PoseLandmark
    }.items()


@pytest.mark.parametrize(
    ("state", "reasons", "there"),
    [
        (PostureState.UPRIGHT, (), True),
        (PostureState.SLOUCHED, (), True),
        (PostureState.AWAY, (), False),
        (PostureState.PAUSED, (UnknownReason.PAUSED,), False),
        (PostureState.UNKNOWN, (), False),
        (PostureState.UNKNOWN, (UnknownReason.TOO_DARK,), False),
        (PostureState.UNKNOWN, (UnknownReason.TOO_DARK, UnknownReason.HAND), True),
    ],
)
def test_whoever_hides_their_posture_is_there(
    state: PostureState, reasons: tuple[UnknownReason, ...], *, there: bool
) -> None:
    """One reason of several is enough; what hides the whole picture tells of nobody."""
    assert is_somebody_there(state, reasons) is there


def test_a_tilt_that_is_measured_is_not_estimated() -> None:
    """From the front the line of the shoulders may be; the other angles never are."""
    measured = Deviations(tilt_is_measured=True)
    assert [measured.is_estimated(angle, View.FRONT) for angle in ANGLES] == [True] * 4 + [False]
    assert Deviations().is_estimated(Angle.SHOULDER_TILT, View.FRONT)
    assert not Deviations().is_estimated(Angle.TRUNK, View.SIDE)


def test_the_head_is_above_the_shoulders() -> None:
    """By its share of their width."""
    place = SitterPosition(shoulder_x=0.5, shoulder_y=0.6, scale=0.4, head_ratio=0.75, tilt_deg=0)
    assert place.head_y == pytest.approx(0.3)
    assert place.turn == 0.0  # towards the camera


def test_equal_reasons_are_equal_whatever_their_degrees() -> None:
    """Why it is unknown comes first, then the signs in their order."""

    def causes(*reasons: Reason) -> tuple[Cause, ...]:
        """Of a reading with these reasons."""
        state = PostureState.SLOUCHED
        return Reading(start_s=0.0, t_s=1.0, state=state, view=View.FRONT, reasons=reasons).causes

    back = AngleReason(sign=SlouchSign.UPPER_BACK_FORWARD, deg=16.0, estimated=True)
    head = SlouchSign.HEAD_FORWARD
    assert causes(head, replace(back, deg=20.0), UnknownReason.STALE) == (
        UnknownReason.STALE,
        SlouchSign.UPPER_BACK_FORWARD,
        SlouchSign.HEAD_FORWARD,
    )
    assert causes(back, head) == causes(head, replace(back, deg=13.0))


def test_a_picture_is_decoded_once_and_only_when_it_is_looked_at() -> None:
    """Its thumbnail needs less."""
    image = np.zeros((48, 64, 3), np.uint8)
    frame = Frame(t_s=0.0, index=0, picture=Pixels(image))
    assert frame.image is frame.image is image
    assert frame.thumbnail is frame.thumbnail
    assert frame.thumbnail.shape == (48, 64)
