"""A silhouette around both shoulders and the pose model's points -> where shoulders and neck are.

Pure. The pose model's shoulders are off by several hundredths of a shoulder width, differently in
every pose, and of the neck it says nothing. Two small networks of our own, fitted to rendered
sitters, in whom both are known, look at the pose model's own silhouette of the sitter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from posturecam.pose.measures import find_view, measure
from posturecam.pose.silhouette_network import POINTS, SilhouetteNetwork, require
from posturecam.values.observation import Joint, Landmarks, View
from posturecam.values.outline import Outline

if TYPE_CHECKING:
    from numpy.typing import NDArray

CROP_WIDTH_PX, CROP_HEIGHT_PX = 120, 80
PX_A_WIDTH = 50
"""Pixels of the crop in one shoulder width."""
_NARROWEST_PX = 24.0
"""Shoulder width in the picture below which the crop would be made of nothing but enlargement."""
_WIDEST = 1.2
"""Shoulder width in widths of the picture beyond which both cannot be in it."""

_NEAR_EDGE_WIDTHS = 0.05
"""How far within the picture a shoulder has to be, in shoulder widths, to be left to the network;
nearer to an edge the network counts the less, and beyond it not at all. In renders it is better
than the pose model up to the lower edge and beyond; but the shoulders of a real man just below the
picture waver by 0.03 of its height by the network, by 0.01 by the pose model."""

_SURE, _UNSURE = 26, 229
"""Levels of a silhouette between which a pixel is neither the sitter nor the room."""
_BORDER = 127
_SHARP, _BLURRED = 2.0, 2.5
"""Such pixels for each step of the silhouette's border: the network counts in full up to the one,
not at all from the other on. Of 7,412 rendered silhouettes half have 1.6, one in ten 2.4 and more.
Those of a man in black before a dark chair have 2.4 to 3.2; there the pose model is the better one,
though in renders as blurred the network is."""

_SHOULDERS = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]
_USUAL_WIDTHS = np.array([[0.5, 0.0], [-0.5, 0.0]])
"""Left and right joint from the middle of the crop: the network tells how far off these they
are."""
_FARTHEST_MOVE_WIDTHS = 0.5
"""How far a shoulder can be from where the pose model puts it, in shoulder widths: of 680 rendered
pictures one has 0.37, and rightly. Of noise the network says anything, up to 5."""
_TOLD_FROM = 0.5
"""Weight of the networks below which no neck is told: the pose model has none to mix it with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShoulderCrop:
    """A rectangle of the picture, in whole pixels; it may reach beyond its edges."""

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShoulderModel:
    """The fitted networks and numbers.

    Attributes:
        joints: tells left and right shoulder.
        neck: tells how far down C7 is, and what is ahead of what, in the order of an `Outline`.
        offset_widths: (2, 2) float64, left and right shoulder, x and y in shoulder widths: from the
            joint to where the pose model puts it on the average. What was fitted to the pose
            model's shoulders keeps its meaning.
        share: how much the joints count beside the pose model's where they are sure.
    """

    joints: SilhouetteNetwork
    neck: SilhouetteNetwork
    offset_widths: NDArray[np.float64] = field(repr=False)
    share: float

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.floating]]) -> Self:
        """The model from the arrays of a file, those of the network `neck` beginning with `neck_`.

        Raises:
            ValueError: one is missing or has another shape.
        """
        require(arrays, {"offset_widths": (2, 2), "share": ()})
        return cls(
            joints=SilhouetteNetwork.from_arrays(arrays),
            neck=SilhouetteNetwork.from_arrays(arrays, "neck_"),
            offset_widths=arrays["offset_widths"].astype(np.float64),
            share=float(arrays["share"]),
        )

    def joints_widths(
        self, silhouette: NDArray[np.uint8], points_widths: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(2, 2) left and right joint, the mean of what silhouette and mirror image say.

        Arguments and frame are those of `SilhouetteNetwork.answers`.
        """
        answers = self.joints.answers(silhouette, points_widths).reshape(2, 2, 2)
        here, mirrored = answers + _USUAL_WIDTHS
        return np.asarray((here + mirrored[::-1] * [-1, 1]) / 2)

    def outline(
        self,
        silhouette: NDArray[np.uint8],
        points_widths: NDArray[np.float64],
        joints_widths: NDArray[np.float64],
    ) -> Outline:
        """Neck and upper back beside the joints: the mean over silhouette and mirror image."""
        down, *ahead = self.neck.answers(silhouette, points_widths).mean(axis=0).tolist()
        width = math.dist(*joints_widths.tolist())
        return Outline(
            neck_height=(float(joints_widths[:, 1].mean()) - down) / width,
            neck_ahead=ahead[0],
            head_ahead=ahead[1],
            upper_back_ahead=ahead[2],
        )


def crop_around_shoulders(person: Landmarks) -> ShoulderCrop | None:
    """Where to look for the shoulders: 2.4 by 1.6 shoulder widths around their middle.

    None from other sides than the front, and for shoulders too small or not in the picture.
    """
    if find_view(measure(person)) is not View.FRONT or not _inside_px(person) > 0:
        return None
    left, right = person.points_px[_SHOULDERS, :2].tolist()
    width_px = math.dist(left, right)
    if not _NARROWEST_PX <= width_px <= _WIDEST * person.image_width_px:
        return None
    across_px = CROP_WIDTH_PX / PX_A_WIDTH * width_px / 2
    down_px = CROP_HEIGHT_PX / PX_A_WIDTH * width_px / 2
    x_px, y_px = ((one + other) / 2 for one, other in zip(left, right, strict=True))
    return ShoulderCrop(
        left_px=math.floor(x_px - across_px),
        top_px=math.floor(y_px - down_px),
        right_px=math.ceil(x_px + across_px),
        bottom_px=math.ceil(y_px + down_px),
    )


def with_shoulders_refined(
    person: Landmarks, silhouette: NDArray[np.uint8], crop: ShoulderCrop, model: ShoulderModel
) -> Landmarks:
    """The person with both shoulders between the model's and the pose model's, and an outline.

    All else is as it was. Near an edge of the picture, and where the silhouette is blurred, the
    shoulders are nearer to the pose model's, and there is no outline where the model counts for
    little. Where it would have the shoulders far from those, the person is as they were.

    Args:
        person: as the pose model has them.
        silhouette: (80, 120), how surely each pixel of the crop shows them, of 255.
        crop: from `crop_around_shoulders`.
        model: the fitted one.
    """
    corner_px = np.array([crop.left_px, crop.top_px])
    size_px = np.array([crop.right_px, crop.bottom_px]) - corner_px
    crop_px = np.array([CROP_WIDTH_PX, CROP_HEIGHT_PX])
    widths_a_px = crop_px / size_px / PX_A_WIDTH
    middle_px = corner_px + size_px / 2
    points = person.points_px.copy()
    told_px = points[_SHOULDERS, :2]
    width_px = math.dist(*told_px.tolist())
    told = (points[POINTS, :2] - middle_px) * widths_a_px
    joints = model.joints_widths(silhouette, told)
    found_px = joints / widths_a_px + middle_px + model.offset_widths * width_px
    if not np.abs(found_px - told_px).max() < _FARTHEST_MOVE_WIDTHS * width_px:
        return person
    counts = min(1.0, _inside_px(person) / (_NEAR_EDGE_WIDTHS * width_px))
    counts *= _sharpness(_in_picture(silhouette, crop, person))
    points[_SHOULDERS, :2] = told_px + model.share * counts * (found_px - told_px)
    outline = model.outline(silhouette, told, joints) if counts >= _TOLD_FROM else None
    return replace(person, points_px=points, outline=outline)


def _in_picture(
    silhouette: NDArray[np.uint8], crop: ShoulderCrop, person: Landmarks
) -> NDArray[np.uint8]:
    """The part of the crop that the picture holds; beyond its edges they only go on."""

    def part(first_px: int, last_px: int, picture_px: int, crop_px: int) -> slice:
        scale = crop_px / (last_px - first_px)
        within_px = max(0, -first_px) * scale, (min(picture_px, last_px) - first_px) * scale
        return slice(math.ceil(within_px[0]), math.floor(within_px[1]))

    rows = part(crop.top_px, crop.bottom_px, person.image_height_px, CROP_HEIGHT_PX)
    columns = part(crop.left_px, crop.right_px, person.image_width_px, CROP_WIDTH_PX)
    return silhouette[rows, columns]


def _sharpness(silhouette: NDArray[np.uint8]) -> float:
    """From 0 for a silhouette whose border is blurred to 1."""
    neither = np.count_nonzero((silhouette >= _SURE) & (silhouette <= _UNSURE))
    is_sitter = silhouette > _BORDER
    steps = np.count_nonzero(is_sitter[1:] != is_sitter[:-1])
    steps += np.count_nonzero(is_sitter[:, 1:] != is_sitter[:, :-1])
    blur = neither / steps if steps else math.inf
    return min(1.0, max(0.0, (_BLURRED - blur) / (_BLURRED - _SHARP)))


def _inside_px(person: Landmarks) -> float:
    """How far the shoulder that is nearest to an edge of the picture lies within it."""
    picture_px = np.array([person.image_width_px, person.image_height_px])
    shoulders_px = person.points_px[_SHOULDERS, :2]
    return float(np.minimum(shoulders_px, picture_px - shoulders_px).min())
