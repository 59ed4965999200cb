"""Rendered sitters as landmark numbers, and poses made up for the tests of the pure parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from posturecam.pose.measures import Measures, find_view, measure
from posturecam.posture.baseline import Baseline
from posturecam.values.head import Head
from posturecam.values.observation import LANDMARK_COUNT, Detection, Joint, Landmarks, View
from posturecam.values.outline import Outline
from tests.fakes import NINE

if TYPE_CHECKING:
    from numpy.typing import NDArray

TABLE = Path(__file__).parent / "data" / "rendered_sitters.npz"
"""Landmarks that the full pose model found in pictures of rendered sitters, with exact truth."""

FAMILIES = {"front": View.FRONT, "threequarter": View.THREE_QUARTER, "side": View.SIDE}
WIDTH_PX, HEIGHT_PX = 640, 480
MIRROR = {
    joint: Joint[joint.name.replace("LEFT", "x").replace("RIGHT", "LEFT").replace("x", "RIGHT")]
    for joint in Joint
}
"""Each joint with the one that a mirror shows in its place."""


@dataclass(frozen=True)
class Pose:
    """One rendered picture: what the pose model found and what is true."""

    landmarks: Landmarks
    scenario: str
    bad: bool
    grey: bool
    truth_deg: NDArray[np.float64]


@dataclass(frozen=True)
class Sitter:
    """One rendered sitter: the baseline and all test poses."""

    name: str
    view: View
    upright: tuple[Landmarks, ...]
    baseline: Measures
    poses: tuple[Pose, ...]


def _read_sitters() -> tuple[Sitter, ...]:
    table = dict(np.load(TABLE))
    return tuple(
        _sitter(
            {
                key: column[table["sitter"] == name]
                for key, column in table.items()
                if key != "joints"
            },
            table["joints"],
        )
        for name in dict.fromkeys(table["sitter"].tolist())
    )


def _sitter(rows: dict[str, NDArray[np.generic]], joints: NDArray[np.int8]) -> Sitter:
    points_px = np.zeros((len(rows["sitter"]), LANDMARK_COUNT, 3))
    points_px[:, joints] = rows["points_16th_px"].astype(np.float64) / 16
    seen = [
        landmarks(points, height_px=int(height))
        for points, height in zip(points_px, rows["height_px"].tolist(), strict=True)
    ]
    is_upright = rows["baseline"].astype(bool)
    upright = tuple(one for one, chosen in zip(seen, is_upright, strict=True) if chosen)
    poses = tuple(
        Pose(
            seen[index],
            str(rows["scenario"][index]),
            bool(rows["bad"][index]),
            bool(rows["grey"][index]),
            rows["truth_deg"][index].astype(np.float64),
        )
        for index in np.flatnonzero(~is_upright)
    )
    baseline = np.median([measure(one).as_array() for one in upright], axis=0)
    view = FAMILIES[str(rows["family"][0])]
    return Sitter(str(rows["sitter"][0]), view, upright, Measures.from_array(baseline), poses)


def landmarks(
    points_px: NDArray[np.float64], *, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX
) -> Landmarks:
    """A pose with full visibility, as the model gives it to anything."""
    return Landmarks(
        points_px=points_px,
        visibility=np.full(LANDMARK_COUNT, 0.99),
        image_width_px=width_px,
        image_height_px=height_px,
    )


def changed(
    seen: Landmarks, *, zoom: float = 1.0, right_px: float = 0.0, down_px: float = 0.0
) -> Landmarks:
    """The same pose grown about the middle of the picture, then moved."""
    middle_px = np.array([seen.image_width_px / 2, seen.image_height_px / 2, 0.0])
    points_px = (seen.points_px - middle_px) * zoom + middle_px + [right_px, down_px, 0.0]
    if seen.head is None:
        return replace(seen, points_px=points_px)
    x_px, y_px = (
        (at_px - middle) * zoom + middle + by_px
        for at_px, middle, by_px in (
            (seen.head.tragus_x_px, middle_px[0], right_px),
            (seen.head.tragus_y_px, middle_px[1], down_px),
        )
    )
    head = replace(
        seen.head,
        width_px=zoom * seen.head.width_px,
        size_px=zoom * seen.head.size_px,
        fitted_away=seen.head.fitted_away / zoom,
        tragus_x_px=x_px,
        tragus_y_px=y_px,
    )
    return replace(seen, points_px=points_px, head=head)


def hunched(seen: Landmarks, *, head_down: float = 1.2, down: float = 0.6) -> Landmarks:
    """The same sitter bent over the desk: head nearer and lower, the shoulders less so.

    Args:
        seen: from the front.
        head_down: by how much the head is lower, in shoulder widths.
        down: the same of shoulders and arms.
    """
    points_px = seen.points_px.copy()
    width_px = measure(seen).shoulder_width * seen.image_width_px
    head, body = slice(0, Joint.LEFT_SHOULDER), slice(Joint.LEFT_SHOULDER, None)
    for part, left, grown, lower in (
        (head, Joint.LEFT_EAR, 1.3, head_down),
        (body, Joint.LEFT_SHOULDER, 1.1, down),
    ):
        middle_px = points_px[left : left + 2].mean(axis=0)
        points_px[part] = (points_px[part] - middle_px) * grown + middle_px
        points_px[part, 1] += lower * width_px
    return replace(seen, points_px=points_px)


def with_hand_on_face(person: Landmarks) -> Landmarks:
    """The tip of a finger is in the middle of the face."""
    points_px = person.points_px.copy()
    points_px[Joint.RIGHT_INDEX, :2] = points_px[: Joint.MOUTH_RIGHT + 1, :2].mean(axis=0)
    return replace(person, points_px=points_px)


def mirrored(seen: Landmarks) -> Landmarks:
    """The pose as a mirror shows it: the other way round, left and right exchanged."""
    points_px = seen.points_px.copy()
    for joint, other in MIRROR.items():
        points_px[joint] = seen.points_px[other]
    points_px[:, 0] = seen.image_width_px - points_px[:, 0]
    if seen.head is None:
        return replace(seen, points_px=points_px)
    head = replace(
        seen.head,
        tragus_x_px=seen.image_width_px - seen.head.tragus_x_px,
        yaw_deg=-seen.head.yaw_deg,
        roll_deg=-seen.head.roll_deg,
        fitted_yaw_deg=-seen.head.fitted_yaw_deg,
    )
    return replace(seen, points_px=points_px, head=head)


def detection(*people: Landmarks, brightness: float = 120.0) -> Detection:
    """What a landmarker hands over for one frame."""
    return Detection(t_s=0.0, people=people, brightness=brightness)


def front_outline() -> Outline:
    """Neck and upper back of the same sitter, upright."""
    return Outline(neck_height=0.25, neck_ahead=-0.1, head_ahead=0.2, upper_back_ahead=0.05)


def front_head(**changes: float) -> Head:
    """What the face model says of the head of `front_points_px`."""
    numbers = {"width_px": 95.0, "size_px": 33.0, "tragus_x_px": 320.0, "tragus_y_px": 182.0}
    numbers |= {"pitch_deg": 12.0, "yaw_deg": 3.0, "roll_deg": -2.0, "fitted_away": 110.0}
    numbers |= {"fitted_pitch_deg": 8.0, "fitted_yaw_deg": 3.0}
    return Head(**numbers | changes)


def front_points_px() -> NDArray[np.float64]:
    """(33, 3) pixels: somebody upright in the middle of a 640 x 480 picture, seen squarely."""
    points_px = np.zeros((LANDMARK_COUNT, 3))
    pairs = {
        (Joint.LEFT_EYE, Joint.RIGHT_EYE): (16, 170),
        (Joint.LEFT_EAR, Joint.RIGHT_EAR): (38, 180),
        (Joint.MOUTH_LEFT, Joint.MOUTH_RIGHT): (12, 210),
        (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER): (95, 300),
        (Joint.LEFT_ELBOW, Joint.RIGHT_ELBOW): (110, 430),
        (Joint.LEFT_HIP, Joint.RIGHT_HIP): (60, 560),
    }
    for (left, right), (half_width_px, y_px) in pairs.items():
        points_px[left, :2] = 320 + half_width_px, y_px
        points_px[right, :2] = 320 - half_width_px, y_px
    points_px[Joint.NOSE, :2] = 320, 188
    return points_px


def side_points_px() -> NDArray[np.float64]:
    """(33, 3) pixels: somebody who sits upright and faces the right edge of the picture."""
    points_px = np.zeros((LANDMARK_COUNT, 3))
    pairs = {
        (Joint.LEFT_EYE, Joint.RIGHT_EYE): (335, 150),
        (Joint.LEFT_EAR, Joint.RIGHT_EAR): (310, 155),
        (Joint.MOUTH_LEFT, Joint.MOUTH_RIGHT): (338, 180),
        (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER): (290, 235),
        (Joint.LEFT_ELBOW, Joint.RIGHT_ELBOW): (300, 320),
        (Joint.LEFT_HIP, Joint.RIGHT_HIP): (280, 390),
    }
    for (left, right), (x_px, y_px) in pairs.items():
        points_px[left] = x_px, y_px, 60
        points_px[right] = x_px, y_px, -60
    points_px[Joint.NOSE] = 347, 165, 0
    return points_px


SITTERS = _read_sitters()
"""All sitters of the table."""


def baseline_of(centre: Measures) -> Baseline:
    """A baseline with this centre, taken at nine."""
    return Baseline(
        profile="default",
        view=find_view(centre),
        centre=centre,
        spread=centre,
        samples=50,
        takes=1,
        quality=0.8,
        image_width_px=WIDTH_PX,
        image_height_px=HEIGHT_PX,
        model_sha256="ab" * 32,
        taken_at=NINE,
    )


def any_points_px(*people: int) -> st.SearchStrategy[NDArray[np.float64]]:
    """(*people, 33, 3) pixels or whatever else is a float."""
    return arrays.arrays(
        np.float64,
        (*people, LANDMARK_COUNT, 3),
        elements=st.floats(allow_nan=True, allow_infinity=True) | st.floats(-2000, 2000),
    )
