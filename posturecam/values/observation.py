"""The values that travel between the stages, one for each arrow of the pipeline."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from posturecam.values.reasons import SlouchReason, SlouchSign, sign_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from posturecam.values.head import Head
    from posturecam.values.outline import Outline

LANDMARK_COUNT = 33
"""Landmarks of one MediaPipe pose."""


class Angle(StrEnum):
    """The five angles, in the order in which every table and record lists them."""

    UPPER_BACK = "upper_back"
    TRUNK = "trunk"
    NECK = "neck"
    BACK_FLEXION = "back_flexion"
    SHOULDER_TILT = "shoulder_tilt"


ANGLES = tuple(Angle)


class Joint(IntEnum):
    """Rows of `Landmarks.points_px` that posturecam reads; left and right are the person's."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24


class View(StrEnum):
    """From where the camera sees the sitter's trunk."""

    FRONT = "front"
    THREE_QUARTER = "three-quarter"
    SIDE = "side"


def is_estimated(view: View | None) -> bool:
    """Whether angles are inferred from the picture; else they lie in the picture plane."""
    return view is not View.SIDE


class Stance(StrEnum):
    """How somebody is at the desk: a profile may have a baseline of each."""

    SITTING = "sitting"
    STANDING = "standing"


class PostureState(StrEnum):
    """What is known of the sitter now."""

    UPRIGHT = "upright"
    SLOUCHED = "slouched"
    AWAY = "away"
    UNKNOWN = "unknown"
    PAUSED = "paused"


class UnknownReason(StrEnum):
    """Why a frame cannot be judged."""

    NOBODY = "nobody"
    SHOULDERS_OUT = "shoulders_out"
    HEAD_OUT = "head_out"
    NO_HEAD = "no_head"
    FACE_AWAY = "face_away"
    SEVERAL_PEOPLE = "several_people"
    TOO_DARK = "too_dark"
    NOT_A_SITTER = "not_a_sitter"
    TURNED = "turned"
    NO_PICTURE = "no_picture"
    COVERED = "covered"
    BLURRED = "blurred"
    NOISE = "noise"
    HAND = "hand"
    ARM = "arm"
    ELSEWHERE = "elsewhere"
    STALE = "stale"
    OTHER_SHAPE = "other_shape"
    CHANGING = "changing"
    FROZEN = "frozen"
    PAUSED = "paused"
    LOCKED = "locked"
    IN_A_CALL = "in_a_call"
    CALIBRATING = "calibrating"


ON_PURPOSE = (
    UnknownReason.PAUSED,
    UnknownReason.LOCKED,
    UnknownReason.IN_A_CALL,
    UnknownReason.CALIBRATING,
)
"""Why nothing is watched though it could be."""

Cause = UnknownReason | SlouchSign
Reason = UnknownReason | SlouchReason

NOT_JUDGED = frozenset(
    {
        UnknownReason.SHOULDERS_OUT,
        UnknownReason.HEAD_OUT,
        UnknownReason.NO_HEAD,
        UnknownReason.FACE_AWAY,
        UnknownReason.SEVERAL_PEOPLE,
        UnknownReason.NOT_A_SITTER,
        UnknownReason.TURNED,
        UnknownReason.HAND,
        UnknownReason.ARM,
        UnknownReason.ELSEWHERE,
        UnknownReason.STALE,
        UnknownReason.OTHER_SHAPE,
        UnknownReason.CHANGING,
    }
)
"""What hides the posture: somebody is there, and nobody can say how they sit."""


def is_somebody_there(state: PostureState, reasons: Iterable[object]) -> bool:
    """Whether somebody was seen at the desk, judged or not: what a sitting is made of.

    The reasons are those of a `Reading`, with degrees or without.
    """
    if state is PostureState.UNKNOWN:
        return any(reason in NOT_JUDGED for reason in reasons)
    return state in (PostureState.UPRIGHT, PostureState.SLOUCHED)


def is_nobody_there(state: PostureState, reasons: Iterable[object]) -> bool:
    """Whether nobody was seen at the desk, be that an absence already or not yet."""
    return state is PostureState.AWAY or UnknownReason.NOBODY in reasons


class BaselineMismatch(StrEnum):
    """What is different when a whole picture does not fit the baseline."""

    NEARER = "nearer"
    FARTHER = "farther"
    HIGHER = "higher"
    LOWER = "lower"
    ASIDE = "aside"
    ELSEWHERE = "elsewhere"
    SHAPE = "shape"
    CAMERA = "camera"


class Posing(StrEnum):
    """What a take shows."""

    UPRIGHT = "upright"
    STANDING = "standing"
    SLUMP = "slump"
    ZERO = "zero"
    CHAIR_NEARER = "chair_nearer"
    CHAIR_LOWER = "chair_lower"
    OWN_SLOUCH = "own_slouch"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeProgress:
    """Where the taking of a baseline stands.

    Attributes:
        take: number of the take, from 1.
        takes: how many there will be.
        holding: False while there is time to get ready.
        left_s: until the take begins or ends, None when it lasts as long as the source.
        samples: pictures of this take that could be used so far.
        unknown_reason: what is wrong with the picture now, None when the sitter is seen clearly.
    """

    take: int
    takes: int
    holding: bool
    left_s: float | None
    samples: int
    unknown_reason: UnknownReason | None
    posing: Posing = Posing.UPRIGHT


class Picture(Protocol):
    """A picture that may not have been decoded yet."""

    def decode(self) -> NDArray[np.uint8]:
        """(height, width, 3) uint8, BGR, not mirrored."""

    def thumbnail(self) -> NDArray[np.uint8]:
        """A tiny grey copy, to see what moved; much cheaper than `decode` where it can be."""


@dataclass(frozen=True, kw_only=True)  # no slots: what is decoded once is kept
class Frame:
    """One picture of a source.

    Attributes:
        t_s: seconds since the source began; strictly growing from frame to frame.
        index: number of the frame in its source, from 0.
        name: file name, for pictures from a folder.
    """

    t_s: float
    index: int
    picture: Picture = field(repr=False)
    name: str | None = None

    @cached_property
    def image(self) -> NDArray[np.uint8]:
        """(height, width, 3) uint8, BGR, not mirrored."""
        return self.picture.decode()

    @cached_property
    def thumbnail(self) -> NDArray[np.uint8]:
        """(rows, columns) uint8, grey, tiny."""
        return self.picture.thumbnail()


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """One person as the pose model sees them.

    Attributes:
        points_px: (33, 3) float64, image frame: x right, y down, in pixels; z in the scale of
            x, smaller is nearer, and not to be trusted for angles.
        visibility: (33,) float64, 0 to 1; near 0.99 even for joints out of the picture.
        head: what the face model says of the head; None where it finds no face.
        outline: what the shoulder model says of neck and upper back; None where it counts for
            little.
    """

    points_px: NDArray[np.float64] = field(repr=False)
    visibility: NDArray[np.float64] = field(repr=False)
    image_width_px: int
    image_height_px: int
    head: Head | None = None
    outline: Outline | None = None

    def __post_init__(self) -> None:
        if self.points_px.shape != (LANDMARK_COUNT, 3):
            raise ValueError(f"points_px: expected (33, 3), got {self.points_px.shape}")
        if self.visibility.shape != (LANDMARK_COUNT,):
            raise ValueError(f"visibility: expected (33,), got {self.visibility.shape}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """Everybody whom the pose model found in one frame.

    Attributes:
        people: none, one or several, in the model's order.
        brightness: mean grey level of the picture, 0 (black) to 255.
        contrast: standard deviation of the grey levels; infinite when it was not measured.
        sharpness: what stands out from its surroundings, in grey levels; see `landmarker`.
    """

    t_s: float
    people: tuple[Landmarks, ...]
    brightness: float
    contrast: float = math.inf
    sharpness: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviations:
    """How far the sitter is from the baseline: degrees, signed; NaN where unknown.

    Positive means further forward, more bent, or the sitter's left shoulder lower. `*_sd_deg`
    is the standard deviation of the estimate. `tilt_is_measured` says of a front view that the
    shoulder tilt is the line in the picture.
    """

    upper_back_deg: float = math.nan
    trunk_deg: float = math.nan
    neck_deg: float = math.nan
    back_flexion_deg: float = math.nan
    shoulder_tilt_deg: float = math.nan
    upper_back_sd_deg: float = math.nan
    trunk_sd_deg: float = math.nan
    neck_sd_deg: float = math.nan
    back_flexion_sd_deg: float = math.nan
    shoulder_tilt_sd_deg: float = math.nan
    tilt_is_measured: bool = False

    def values_deg(self) -> tuple[float, ...]:
        """The five deviations in the order of `ANGLES`."""
        return tuple(getattr(self, name) for name in _VALUES)

    def sds_deg(self) -> tuple[float, ...]:
        """Their standard deviations, in the same order."""
        return tuple(getattr(self, name) for name in _SDS)

    def is_estimated(self, angle: Angle, view: View | None) -> bool:
        """Whether the angle is inferred from the picture rather than measured in it."""
        measured = self.tilt_is_measured and angle is Angle.SHOULDER_TILT
        return is_estimated(view) and not measured

    @classmethod
    def from_arrays(
        cls, deg: Iterable[float], sd_deg: Iterable[float], *, tilt_is_measured: bool = False
    ) -> Deviations:
        """The deviations and their standard deviations, five each, in the order of `ANGLES`."""
        values = (*map(float, deg), *map(float, sd_deg))
        named = dict(zip(_VALUES + _SDS, values, strict=True))
        return cls(**named, tilt_is_measured=tilt_is_measured)


_VALUES = tuple(f"{angle}_deg" for angle in ANGLES)
_SDS = tuple(f"{angle}_sd_deg" for angle in ANGLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitterPosition:
    """Position of the sitter in the picture, in measures that compare over time.

    All lengths are divided by the width of the picture, so x and y share one scale.

    Attributes:
        shoulder_x: middle of the shoulders, from the left edge of the picture.
        shoulder_y: middle of the shoulders, from the top of the picture.
        scale: apparent size of the sitter: the width of the shoulders from the front, the
            length from hip to shoulder from the side.
        head_ratio: height of the ears over the shoulders divided by `scale`.
        tilt_deg: shoulder line to the horizontal (front), trunk inclination (side), degrees.
        turn: where the face points, -1 to 1, about the sine of its turn away from the camera.
    """

    shoulder_x: float
    shoulder_y: float
    scale: float
    head_ratio: float
    tilt_deg: float
    turn: float = 0.0

    @property
    def head_y(self) -> float:
        """Height of the ears, from the top of the picture."""
        return self.shoulder_y - self.head_ratio * self.scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one frame shows of the sitter.

    Exactly one of `deviations` and `unknown_reason` is set. `slouch_log_odds` belongs to the
    deviations: they are shown, it decides. `position` is set whenever the sitter
    was found, judged or not.

    Attributes:
        view: the view of the baseline in use.
        deviations: from the baseline, unfiltered; all NaN in somebody bent over or hidden in part.
        slouch_log_odds: natural logarithm of the odds that the sitter is slouched by the thresholds
            in force; 0 is as likely as not, NaN unknown.
        position: where in the picture the sitter is, and how they hold themselves.
        mismatch: what about the picture as a whole no posture explains.
        sign: what a slouch shows in where no angle is told.
    """

    t_s: float
    view: View
    deviations: Deviations | None = None
    slouch_log_odds: float = math.nan
    unknown_reason: UnknownReason | None = None
    position: SitterPosition | None = None
    mismatch: BaselineMismatch | None = None
    sign: SlouchSign | None = None

    def __post_init__(self) -> None:
        if (self.deviations is None) == (self.unknown_reason is None):
            raise ValueError("an observation has either deviations or a reason why not")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The judgement in force from `start_s` to `t_s`, after smoothing and hysteresis.

    Readings of one run follow each other without a hole: each starts where the last ended.

    Attributes:
        start_s: end of the reading before.
        reasons: why. When slouched, the angles beyond their limits, the furthest first, or where
            none is, only what stands out most; nothing while a slouch is over but not for long.
        view: the view of the baseline in use.
        deviations: smoothed; all NaN while they are unknown, also in somebody bent over or hidden.
        slouch_probability: smoothed, what the state follows; NaN while it is unknown.
        provisional: what the last pictures say, while that has not held long enough to be the
            state; None where they say the same.
        newest: what the newest look alone says, before it is sure: what goes by it may be wrong
            for a second; None where nobody looked.
        moved: a change of position has just been kept long enough to count.
        gap: nothing was observed in this span (camera lost, machine asleep).
    """

    start_s: float
    t_s: float
    state: PostureState
    view: View
    reasons: tuple[Reason, ...] = ()
    deviations: Deviations = Deviations()
    slouch_probability: float = math.nan
    provisional: PostureState | None = None
    newest: PostureState | None = None
    moved: bool = False
    gap: bool = False

    @property
    def span_s(self) -> float:
        """How long this reading covers."""
        return self.t_s - self.start_s

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The reasons without degrees and in a fixed order, so that equal ones can be merged."""
        signs = {sign_of(why) for why in self.reasons if not isinstance(why, UnknownReason)}
        unknown = (why for why in self.reasons if isinstance(why, UnknownReason))
        return (*unknown, *(sign for sign in SlouchSign if sign in signs))
