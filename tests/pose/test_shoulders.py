"""Where shoulders are looked for once more, what the network computes, and what becomes of it."""

from __future__ import annotations

import itertools
import math
from dataclasses import astuple, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from posturecam.pose.shoulders import (
    CROP_HEIGHT_PX,
    CROP_WIDTH_PX,
    ShoulderCrop,
    ShoulderModel,
    crop_around_shoulders,
    with_shoulders_refined,
)
from posturecam.values.observation import Joint
from tests.sitters import changed, front_head, front_points_px, landmarks, mirrored, side_points_px

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posturecam.values.observation import Landmarks
    from posturecam.values.outline import Outline

SHOULDERS = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]
LAYERS = (
    (5, 5, 1, 12),
    (3, 3, 12, 24), (3, 3, 24, 24), (3, 3, 24, 24),
    (3, 3, 24, 48), (3, 3, 48, 48), (3, 3, 48, 48),
    (3, 3, 48, 72), (3, 3, 72, 72), (3, 3, 72, 72),
    (72 * 5 * 8 + 18, 96),
    (96, 4),
)  # fmt: skip
FRONT = replace(landmarks(front_points_px()), head=front_head())
"""Shoulders at 225 and 415, 300 px; so 190 px wide."""
CROP = ShoulderCrop(left_px=92, top_px=148, right_px=548, bottom_px=452)


def arrays_of(seed: int = 0, answer: float = 0.02) -> dict[str, NDArray[np.floating]]:
    """Weights drawn at random, so that the answers are about as large as real ones."""
    rng = np.random.default_rng(seed)
    arrays: dict[str, NDArray[np.floating]] = {
        "offset_widths": np.zeros((2, 2)),
        "share": np.array(1.0),
    }
    for network in ("", "neck_"):
        for index, shape in enumerate(LAYERS):
            spread = answer if index == len(LAYERS) - 1 else math.sqrt(2)
            size = spread / math.sqrt(math.prod(shape[:-1]))
            weights, biases = (
                rng.normal(0, sd, of).astype(np.float16)
                for sd, of in ((size, shape), (0.1 * size, shape[-1]))
            )
            arrays[f"{network}weights_{index:02}"] = weights
            arrays[f"{network}biases_{index:02}"] = biases
    return arrays


MODEL = ShoulderModel.from_arrays(arrays_of())


def noise(seed: int = 1) -> NDArray[np.uint8]:
    """(80, 120), a silhouette of anything."""
    return np.random.default_rng(seed).integers(20, 230, (80, 120)).astype(np.uint8)


def telling(
    out_widths: float, down_widths: float, neck: tuple[float, ...] = (0.0,) * 4
) -> ShoulderModel:
    """One that has both joints so far out and down from the pose's, whatever it sees."""
    arrays = {name: np.zeros_like(array) for name, array in arrays_of().items()}
    arrays["share"] = np.array(1.0)
    arrays["biases_11"] = np.array([out_widths, down_widths, -out_widths, down_widths])
    arrays["neck_biases_11"] = np.array(neck)
    return ShoulderModel.from_arrays(arrays)


def convolved(
    picture: NDArray[np.float64], weights: NDArray[np.float64], step: int
) -> NDArray[np.float64]:
    """(height, width, in) -> (.., .., out), as the definition has it."""
    reach = len(weights) // 2
    padded = np.pad(picture, ((reach, reach), (reach, reach), (0, 0)))
    around = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(0, 1))
    return np.asarray(np.einsum("yxcij,ijco->yxo", around[::step, ::step], weights))


def answers_by_definition(
    arrays: dict[str, NDArray[np.floating]],
    silhouette: NDArray[np.uint8],
    points_widths: NDArray[np.float64],
    network: str = "",
) -> NDArray[np.float64]:
    """(4,) of one picture alone, in float64: three blocks of a step down and a residual."""
    weights, biases = (
        [arrays[f"{network}{sort}_{index:02}"].astype(np.float64) for index in range(len(LAYERS))]
        for sort in ("weights", "biases")
    )
    picture = (silhouette[..., np.newaxis] / 255 - 0.5) * 2
    seen = (convolved(picture, weights[0], 2) + biases[0]).clip(min=0)
    for first in (1, 4, 7):
        seen = (convolved(seen, weights[first], 2) + biases[first]).clip(min=0)
        inner = (convolved(seen, weights[first + 1], 1) + biases[first + 1]).clip(min=0)
        seen = (seen + convolved(inner, weights[first + 2], 1) + biases[first + 2]).clip(min=0)
    told = [*seen.transpose(2, 0, 1).ravel(), *points_widths.clip(-2, 2).ravel()]
    hidden = (np.array(told) @ weights[10] + biases[10]).clip(min=0)
    return np.asarray(hidden @ weights[11] + biases[11])


def test_the_network_computes_what_its_layers_say() -> None:
    """The mean of the picture's answer and, mirrored, the mirror image's."""
    points = np.random.default_rng(2).uniform(-3, 3, (9, 2))
    across = (points * [-1, 1])[[0, 2, 1, 4, 3, 6, 5, 8, 7]]
    pictures = (noise(), points), (noise()[:, ::-1], across)
    usual = np.array([[0.5, 0.0], [-0.5, 0.0]])
    here, there = (
        usual + answers_by_definition(arrays_of(), *seen).reshape(2, 2) for seen in pictures
    )
    expected = (here + there[::-1] * [-1, 1]) / 2
    assert np.abs(here - expected).max() > 0.001  # else the mirror image would not be tested
    assert MODEL.joints_widths(noise(), points) == pytest.approx(expected, abs=1e-5)

    necks = [answers_by_definition(arrays_of(), *seen, "neck_") for seen in pictures]
    down, *ahead = np.mean(necks, axis=0)
    assert np.abs(necks[0] - necks[1]).max() > 0.001
    joints = np.array([[0.6, 0.1], [-0.6, 0.2]])
    outline = astuple(MODEL.outline(noise(), points, joints))
    assert outline == pytest.approx(((0.15 - down) / math.hypot(1.2, 0.1), *ahead), abs=1e-5)


def test_the_crop_is_laid_around_the_shoulders_in_whole_pixels() -> None:
    """2.4 by 1.6 shoulder widths; a broken pixel counts whole."""
    assert crop_around_shoulders(FRONT) == CROP
    moved = crop_around_shoulders(changed(FRONT, right_px=0.5, down_px=-0.5))
    assert moved == ShoulderCrop(left_px=92, top_px=147, right_px=549, bottom_px=452)


def test_a_mirror_image_has_its_shoulders_mirrored() -> None:
    """To the last digit: no side is preferred."""
    here = with_shoulders_refined(FRONT, noise(), CROP, MODEL)
    across = mirrored(FRONT)
    crop = crop_around_shoulders(across)
    assert crop is not None
    there = with_shoulders_refined(across, noise()[:, ::-1], crop, MODEL)
    assert np.abs(here.points_px - FRONT.points_px).max() > 0.1

    assert mirrored(there).points_px == pytest.approx(here.points_px, abs=1e-4)


def outlined(
    model: ShoulderModel, silhouette: NDArray[np.uint8] | None = None, person: Landmarks = FRONT
) -> Outline | None:
    """What is told of the neck of somebody whose silhouette has a sharp border."""
    crop = crop_around_shoulders(person)
    assert crop is not None
    seen = with_a_border(1) if silhouette is None else silhouette
    return with_shoulders_refined(person, seen, crop, model).outline


def test_an_outline_is_in_the_width_that_the_model_gives_the_shoulders() -> None:
    """C7 0.3 over the crop's middle and the joints 0.1 below it, 1.2 apart; the rest as it is."""
    outline = outlined(telling(0.1, 0.1, (-0.3, 0.02, 0.2, -0.04)))

    assert outline is not None
    assert astuple(outline) == pytest.approx((0.4 / 1.2, 0.02, 0.2, -0.04))


def test_an_outline_is_alike_in_a_mirror() -> None:
    """No side is preferred, and none of its numbers has one."""
    silhouette = with_a_border(1, 2)
    here, there = (
        outlined(MODEL, seen, person)
        for seen, person in ((silhouette, FRONT), (silhouette[:, ::-1], mirrored(FRONT)))
    )

    assert here is not None
    assert there is not None
    assert astuple(there) == pytest.approx(astuple(here), abs=1e-5)


def test_an_outline_is_told_where_the_model_counts_for_half_and_more() -> None:
    """Not of a blurred silhouette, not near an edge, and not of shoulders that are not believed."""
    model = telling(0.1, 0.05)
    assert outlined(model, with_a_border(2, 2, 2, 3)) is not None
    assert outlined(model, with_a_border(2, 2, 3)) is None
    for inside_px, is_told in ((5.0, True), (4.5, False)):
        edge = changed(FRONT, down_px=480 - inside_px - 300)
        assert (outlined(model, person=edge) is not None) == is_told
    assert outlined(telling(0.51, 0.0)) is None


def test_only_the_places_of_the_shoulders_change() -> None:
    """Not their depth, not how visible they are, nor anything else; the head stays, too."""
    before = FRONT.points_px.copy()
    refined = with_shoulders_refined(FRONT, noise(), CROP, MODEL)
    was_changed = np.zeros((33, 3), bool)
    was_changed[SHOULDERS, :2] = True

    assert ((refined.points_px != FRONT.points_px) == was_changed).all()
    assert refined.head is FRONT.head
    assert (refined.visibility == FRONT.visibility).all()
    assert (FRONT.points_px == before).all()


def test_joints_come_out_in_pixels_of_the_picture_moved_by_the_usual_offset() -> None:
    """A tenth of a shoulder width is 19 px; the offset is of the pose's own width."""
    network = telling(0.1, 0.2)
    found = with_shoulders_refined(FRONT, noise(), CROP, network)
    assert found.points_px[SHOULDERS, :2] == pytest.approx(np.array([[434, 338], [206, 338]]))

    offset = np.array([[0.0, -0.1], [0.1, 0.0]])
    found = with_shoulders_refined(FRONT, noise(), CROP, replace(network, offset_widths=offset))
    assert found.points_px[SHOULDERS, :2] == pytest.approx(np.array([[434, 319], [225, 338]]))


def test_the_network_is_told_the_points_from_the_middle_in_shoulder_widths() -> None:
    """Nose, eyes, ears, shoulders and elbows, left before right."""
    joints = [0, 2, 5, 7, 8, 11, 12, 13, 14]
    told = (FRONT.points_px[joints, :2] - [320, 300]) / 190
    expected = MODEL.joints_widths(noise(), told) * 190 + [320, 300]
    found = with_shoulders_refined(FRONT, noise(), CROP, MODEL)

    assert found.points_px[SHOULDERS, :2] == pytest.approx(expected, abs=1e-3)


def test_the_place_is_one_of_the_crop_however_its_edges_were_rounded() -> None:
    """The answer is laid from the middle of the crop, in its own scale."""
    network = telling(0.0, 0.1)
    crop = replace(CROP, right_px=CROP.right_px + 4, bottom_px=CROP.bottom_px + 8)
    found = with_shoulders_refined(FRONT, noise(), crop, network)
    across_px, down_px = (460 * 50 / CROP_WIDTH_PX, 312 * 50 / CROP_HEIGHT_PX)
    y_px = 304 + 0.1 * down_px
    expected = np.array([[322 + across_px / 2, y_px], [322 - across_px / 2, y_px]])

    assert found.points_px[SHOULDERS, :2] == pytest.approx(expected)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_shoulders_go_a_share_of_the_way(share: float) -> None:
    """Each of its own way, from where the pose model has it."""
    network = telling(0.1, 0.05)
    whole_px = with_shoulders_refined(FRONT, noise(), CROP, network).points_px - FRONT.points_px
    part = with_shoulders_refined(FRONT, noise(), CROP, replace(network, share=share))
    assert part.points_px - FRONT.points_px == pytest.approx(share * whole_px)
    assert np.abs(whole_px[SHOULDERS, :2]).min() > 5


def with_a_border(*blurs_px: int) -> NDArray[np.uint8]:
    """The sitter to the right of a line; from row to row so many pixels are neither, by turns."""
    silhouette = np.zeros((80, 120), np.uint8)
    for row, blur_px in zip(range(80), itertools.cycle(blurs_px), strict=False):
        silhouette[row, 60:] = 255
        silhouette[row, 60 - blur_px // 2 : 60 + (blur_px + 1) // 2] = 120
        silhouette[row, 60 : 60 + (blur_px + 1) // 2] = 135
    return silhouette


@pytest.mark.parametrize(
    ("silhouette", "share"),
    [
        (with_a_border(1), 1.0),
        (with_a_border(2), 1.0),
        (with_a_border(2, 2, 2, 3), 0.5),
        (with_a_border(2, 3), 0.0),
        (with_a_border(4), 0.0),
        (np.full((80, 120), 0, np.uint8), 0.0),
        (np.full((80, 120), 100, np.uint8), 0.0),
        (np.full((80, 120), 255, np.uint8), 0.0),
    ],
)
def test_the_more_blurred_the_silhouette_the_less_it_counts(
    silhouette: NDArray[np.uint8], share: float
) -> None:
    """In full up to 2 pixels for each of its border, not at all from 2.5 on or without one."""
    network = telling(0.1, 0.05)
    whole_px = with_shoulders_refined(FRONT, noise(), CROP, network).points_px - FRONT.points_px
    found = with_shoulders_refined(FRONT, silhouette, CROP, network)
    assert found.points_px - FRONT.points_px == pytest.approx(share * whole_px)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("far", [False, True])
def test_what_goes_on_beyond_the_edge_of_the_picture_is_no_blur(axis: int, *, far: bool) -> None:
    """A grey pixel at the edge is laid down again and again there."""
    network = telling(0.1, 0.05)
    size_px = (640, 480)[axis]
    edge_px = FRONT.points_px[SHOULDERS, axis].max() if far else (225, 300)[axis]
    person = changed(
        FRONT, **{("right_px", "down_px")[axis]: (size_px - 10 if far else 10) - edge_px}
    )
    crop = crop_around_shoulders(person)
    assert crop is not None
    first_px = (crop.left_px, crop.top_px)[axis]
    last_px = (crop.right_px, crop.bottom_px)[axis]
    scale = (CROP_WIDTH_PX, CROP_HEIGHT_PX)[axis] / (last_px - first_px)
    beyond = (
        slice(round((size_px - first_px) * scale), None)
        if far
        else slice(0, round(-first_px * scale))
    )
    sharp = with_a_border(1)
    blurred = sharp.copy()
    blurred[(slice(None), beyond) if axis == 0 else (beyond, slice(None))] = 127

    found, same = (
        with_shoulders_refined(person, silhouette, crop, network) for silhouette in (blurred, sharp)
    )

    assert found is not person
    assert found.points_px == pytest.approx(same.points_px)


@pytest.mark.parametrize(("move", "is_believed"), [(0.49, True), (0.51, False), (math.nan, False)])
def test_an_answer_far_from_the_pose_is_not_believed(move: float, *, is_believed: bool) -> None:
    """In, out, up or down; both stay where they were, if only one is so far off."""
    for out, down in ((move, 0.0), (-move, 0.0), (0.0, move), (0.0, -move)):
        found = with_shoulders_refined(FRONT, noise(), CROP, telling(out, down))
        assert (found is not FRONT) == is_believed
    network = replace(telling(0.0, 0.0), offset_widths=np.array([[0.0, 0.0], [move, 0.0]]))
    found = with_shoulders_refined(FRONT, noise(), CROP, network)
    assert (found is not FRONT) == is_believed


def test_who_is_not_seen_from_the_front_is_left_alone() -> None:
    """The network was fitted to front views; nor who turns their back, nor who has no shape."""
    turned_px = FRONT.points_px.copy()
    turned_px[SHOULDERS, 2] = -150, 150
    assert crop_around_shoulders(landmarks(turned_px)) is None
    turned_px[SHOULDERS, 2] = -90, 90
    assert crop_around_shoulders(landmarks(turned_px)) is not None
    behind_px = FRONT.points_px.copy()
    behind_px[SHOULDERS] = behind_px[SHOULDERS[::-1]]
    assert crop_around_shoulders(landmarks(behind_px)) is None
    assert crop_around_shoulders(landmarks(side_points_px())) is None
    assert crop_around_shoulders(landmarks(np.zeros((33, 3)))) is None


@pytest.mark.parametrize(
    ("width_px", "is_looked_for"), [(23.9, False), (24.1, True), (767.0, True), (769.0, False)]
)
def test_too_narrow_and_too_wide_shoulders_are_left_alone(
    width_px: float, *, is_looked_for: bool
) -> None:
    """At most 1.2 widths of the picture; lengthwise both would be out of it."""
    points_px = FRONT.points_px.copy()
    points_px[SHOULDERS, 0] = 320 + width_px / 2, 320 - width_px / 2
    if width_px > 700:  # beyond 1.12 only a steep line of shoulders is in a picture
        rise_px = math.sqrt(width_px**2 - 600**2)
        points_px[SHOULDERS, :2] = [[620, 300 + rise_px / 2], [20, 300 - rise_px / 2]]
    person = landmarks(points_px, height_px=800)
    assert (crop_around_shoulders(person) is not None) == is_looked_for


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("far", [False, True])
def test_shoulders_out_of_the_picture_are_left_alone_and_at_its_edge_nearly(
    axis: int, *, far: bool
) -> None:
    """Up to a twentieth of a shoulder width within, 9.5 px, it is believed more and more."""
    size_px = (640, 480)[axis]
    network = telling(0.1, 0.1)
    for inside_px, share in ((-1, None), (1, 2 / 19), (5, 10 / 19), (9, 18 / 19), (10, 1.0)):
        edge_px = FRONT.points_px[SHOULDERS, axis].max() if far else (225, 300)[axis]
        by_px = (size_px - inside_px if far else inside_px) - edge_px
        person = changed(FRONT, **{("right_px", "down_px")[axis]: by_px})
        crop = crop_around_shoulders(person)
        assert (crop is None) == (share is None), inside_px
        if crop is None or share is None:
            continue
        found = with_shoulders_refined(person, noise(), crop, network)
        moved_px = (found.points_px - person.points_px)[SHOULDERS, :2]
        assert moved_px == pytest.approx(share * np.array([[19, 19], [-19, 19]]), abs=0.2)


@pytest.mark.parametrize(
    "name", ["offset_widths", "share", "weights_00", "biases_11", "neck_weights_10"]
)
def test_weights_that_do_not_fit_are_refused(name: str) -> None:
    """One that is missing, and one of another shape."""
    arrays = arrays_of()
    with pytest.raises(ValueError, match="expected"):
        ShoulderModel.from_arrays(arrays | {name: arrays[name][np.newaxis]})
    del arrays[name]
    with pytest.raises(ValueError, match="expected"):
        ShoulderModel.from_arrays(arrays)
