"""The shoulder model at work: on rendered sitters, at edges and sizes, and where it is damaged."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from posturecam.base.errors import DataError
from posturecam.capture.thumbnail import Pixels
from posturecam.pose.landmarker import (
    PoseLandmarker,
    import_mediapipe,
    landmarks_of,
    silhouettes,
)
from posturecam.pose.models import SHIPPED_SHA256, find_model, find_shoulder_model
from posturecam.pose.shoulder_refiner import ShoulderRefiner, silhouette_crop
from posturecam.pose.shoulders import CROP_HEIGHT_PX, CROP_WIDTH_PX, ShoulderCrop
from posturecam.values.observation import Frame, Joint, Landmarks
from tests.program import DATA
from tests.sitters import changed, front_points_px, landmarks, side_points_px

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

SHOULDERS = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]
TRUE_POINTS = [[f"shoulder_{side}_{axis}" for axis in "uv"] for side in "lr"]
POINTS_PX = {
    Joint.NOSE: (309, 191),
    Joint.LEFT_EYE: (331, 172),
    Joint.RIGHT_EYE: (292, 173),
    Joint.LEFT_EAR: (348, 176),
    Joint.RIGHT_EAR: (281, 181),
    Joint.LEFT_SHOULDER: (406, 292),
    Joint.RIGHT_SHOULDER: (237, 289),
    Joint.LEFT_ELBOW: (435, 432),
    Joint.RIGHT_ELBOW: (212, 418),
}
"""The sitter of the photo, as the pose model has them."""
OUTLINE_PX = (
    (286, 235), (272, 248), (230, 265), (203, 292), (198, 320), (182, 440), (172, 479),
    (470, 479), (466, 430), (441, 325), (432, 290), (405, 262), (362, 246), (350, 235),
)  # fmt: skip
"""Neck, shoulders and arms of the sitter of the photo, as seen by eye."""
HEIGHT_RMS, WIDTH_RMS = 0.024, 0.030
"""Error of the change since the baseline, in shoulder widths, in the middle between the pose
model's (0.0285 and 0.0396) and the refined (0.0196 and 0.0205), of ten rendered sitters."""


@pytest.fixture(scope="module")
def refiner() -> ShoulderRefiner:
    """The shipped one."""
    return ShoulderRefiner(find_shoulder_model())


@pytest.fixture(scope="module")
def pose_alone() -> Iterator[Callable[[NDArray[np.uint8]], Any]]:
    """The pose model without what looks again: what MediaPipe finds in a picture."""
    mediapipe = import_mediapipe()
    vision = mediapipe.tasks.vision
    options = vision.PoseLandmarkerOptions(
        base_options=mediapipe.tasks.BaseOptions(model_asset_path=str(find_model("full").path)),
        running_mode=vision.RunningMode.IMAGE,
        num_poses=2,
        output_segmentation_masks=True,
    )
    with vision.PoseLandmarker.create_from_options(options) as opened:
        sort = mediapipe.ImageFormat.SRGB
        yield lambda image: opened.detect(
            mediapipe.Image(image_format=sort, data=np.ascontiguousarray(image[..., ::-1]))
        )


def _silhouette() -> NDArray[np.float32]:
    drawn = np.zeros((480, 640), np.float32)
    cv2.fillPoly(drawn, [np.array(OUTLINE_PX, np.int32)], 1.0)
    cv2.ellipse(drawn, (312, 168), (46, 72), 0, 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), 2), np.float32)


SILHOUETTE = _silhouette()
"""Theirs."""


def _sitter() -> Landmarks:
    points_px = front_points_px()
    for joint, place_px in POINTS_PX.items():
        points_px[joint, :2] = place_px
    return landmarks(points_px)


SITTER = _sitter()


def picture(path: Path) -> NDArray[np.uint8]:
    """A picture from disk."""
    return np.asarray(cv2.imread(str(path)), dtype=np.uint8)


def people_in(landmarker: PoseLandmarker, image: NDArray[np.uint8]) -> tuple[Landmarks, ...]:
    """Everybody in one picture."""
    return landmarker.detect(Frame(t_s=0.0, index=0, picture=Pixels(image))).people


def moves_widths(
    refiner: ShoulderRefiner,
    person: Landmarks,
    silhouette: NDArray[np.float32] = SILHOUETTE,
) -> NDArray[np.float64]:
    """(2, 2) how far the shoulders are moved, in shoulder widths."""
    moved_px = refiner.refined(silhouette, person).points_px - person.points_px
    left, right = person.points_px[SHOULDERS, :2]
    return np.asarray(moved_px[SHOULDERS, :2] / np.hypot(*(left - right)))


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.timeout(900)  # nearly 700 looks, for which others may leave little of a core
def test_shoulders_move_as_those_of_rendered_sitters_do(
    landmarker: PoseLandmarker, shared: Path
) -> None:
    """Nearer to the true change of height and width since the baseline than the pose model has."""
    renders = shared / "bench" / "dev"
    errors: dict[str, dict[bool, list[NDArray[np.float64]]]] = {}
    widths_px: dict[str, list[float]] = {}
    with (renders / "truth.csv").open(newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["family"] == "front"]
    for row in rows:
        if row["present"] == "0" or row["passer"] == "1":
            continue
        people = people_in(landmarker, picture(renders / row["file"]))
        if not people:
            continue
        true_px = np.array([[float(row[name]) for name in names] for names in TRUE_POINTS])
        person = max(people, key=lambda one: float(np.ptp(one.points_px[SHOULDERS, 0])))
        is_baseline = "baseline" in row["file"]
        of_sitter = errors.setdefault(row["sitter"], {True: [], False: []})
        of_sitter[is_baseline].append(person.points_px[SHOULDERS, :2] - true_px)
        if is_baseline:
            widths_px.setdefault(row["sitter"], []).append(float(np.hypot(*np.subtract(*true_px))))
    changes = np.concatenate(
        [
            (np.array(of[False]) - np.median(of[True], axis=0)) / np.mean(widths_px[sitter])
            for sitter, of in errors.items()
        ]
    )
    height = changes[:, :, 1].mean(axis=1)
    width = changes[:, 0, 0] - changes[:, 1, 0]

    assert len(changes) > 500
    assert np.sqrt((height**2).mean()) < HEIGHT_RMS
    assert np.sqrt((width**2).mean()) < WIDTH_RMS


@pytest.mark.model
def test_the_landmarker_refines_whom_it_finds(
    landmarker: PoseLandmarker,
    refiner: ShoulderRefiner,
    pose_alone: Callable[[NDArray[np.uint8]], Any],
) -> None:
    """Each by their own silhouette; of two in a picture, the other one's says otherwise."""
    photos = DATA / "photos"
    alone, other = picture(photos / "upright" / "000.jpg"), picture(photos / "mixed" / "slump.jpg")
    beside = np.hstack([alone[:, 80:560], other[:, 80:560]])
    for image, count in ((alone, 1), (beside, 2)):
        height_px, width_px = image.shape[:2]
        found = pose_alone(image)
        own = silhouettes(found, width_px)
        poses = [landmarks_of(pose, width_px, height_px) for pose in found.pose_landmarks]
        people = people_in(landmarker, image)

        assert len(people) == len(poses) == count
        for place, (person, pose) in enumerate(zip(people, poses, strict=True)):
            refined = refiner.refined(own[place], pose)
            assert np.array_equal(person.points_px, refined.points_px)
            assert not np.array_equal(person.points_px, pose.points_px)
            x_px, y_px = pose.points_px[SHOULDERS, :2].mean(axis=0).astype(int)
            shares = [one[y_px, x_px] for one in own if one is not None]
            assert [share > 0.5 for share in shares] == [place == whose for whose in range(count)]


def test_shoulders_that_were_found_too_high_are_put_where_they_are(
    refiner: ShoulderRefiner,
) -> None:
    """Most of what the pose was off by is taken back."""
    usual = moves_widths(refiner, SITTER)
    points_px = SITTER.points_px.copy()
    points_px[SHOULDERS, 1] -= 0.1 * 169
    taken_back = moves_widths(refiner, landmarks(points_px)) - usual

    assert taken_back[:, 1].min() > 0.05


def test_a_picture_of_another_size_gives_the_same_place(refiner: ShoulderRefiner) -> None:
    """In shoulder widths: from a small camera to a large one."""
    usual = moves_widths(refiner, SITTER)
    for scale in (0.5, 1.5, 3.0):
        size_px = (round(640 * scale), round(480 * scale))
        silhouette = np.asarray(cv2.resize(SILHOUETTE, size_px), np.float32)
        person = landmarks(SITTER.points_px * scale, width_px=size_px[0], height_px=size_px[1])

        assert moves_widths(refiner, person, silhouette) == pytest.approx(usual, abs=0.015)


def test_beyond_an_edge_the_edge_goes_on(refiner: ShoulderRefiner) -> None:
    """As if the picture had been continued with its last points, on all four sides."""
    silhouette = SILHOUETTE[230:340, 190:460]
    cut = landmarks(SITTER.points_px - [190, 230, 0], width_px=270, height_px=110)
    on = np.pad(silhouette, 200, mode="edge")
    same = landmarks(cut.points_px - [-200, -200, 0], width_px=670, height_px=510)

    assert moves_widths(refiner, cut, silhouette) == pytest.approx(
        moves_widths(refiner, same, on), abs=1e-9
    )


def test_the_crop_of_a_silhouette_has_255_where_the_sitter_is() -> None:
    """Each is the mean of those that it is made of; a view of a larger mask is as good."""
    mask = np.zeros((400, 604, 1), np.float32)
    mask[:, :300] = 1.0
    mask[::2, 300:600] = 0.5
    mask[:, 600:] = 0.2
    crop = ShoulderCrop(left_px=240, top_px=300, right_px=720, bottom_px=460)
    levels = silhouette_crop(mask[:, :600, 0], crop)

    assert levels.dtype == np.uint8
    assert levels.shape == (CROP_HEIGHT_PX, CROP_WIDTH_PX)
    assert (levels[:, :14] == 255).all()
    assert np.abs(levels[:49, 16:] - 64.0).max() <= 1  # half of 128
    assert (levels[51:] == levels[50]).all()
    crop = ShoulderCrop(left_px=540, top_px=-100, right_px=660, bottom_px=-20)
    crop = replace(crop, bottom_px=100)
    assert np.ptp(silhouette_crop(mask[:, :600, 0], crop)[:, 60:], axis=1).max() == 0


def test_shoulders_follow_the_silhouette(refiner: ShoulderRefiner) -> None:
    """Down by 0.06 of a shoulder width."""
    usual = moves_widths(refiner, SITTER)
    lower = np.roll(SILHOUETTE, 10, axis=0)
    moved = moves_widths(refiner, SITTER, lower) - usual

    assert (moved[:, 1] > 0.02).all()
    assert np.abs(moved[:, 0]).max() < moved[:, 1].min()


@pytest.mark.parametrize("size_px", [None, (480, 644), (240, 320), (640, 480), (0, 0)])
def test_without_a_silhouette_of_the_picture_nobody_is_changed(
    refiner: ShoulderRefiner, size_px: tuple[int, int] | None
) -> None:
    """None at all, or one of another size."""
    silhouette = None if size_px is None else np.ones(size_px, np.float32)

    assert refiner.refined(silhouette, SITTER) is SITTER


def test_from_the_side_nobody_is_changed(refiner: ShoulderRefiner) -> None:
    """Nor where the shoulders are out of the picture."""
    for person in (landmarks(side_points_px()), changed(SITTER, down_px=300)):
        assert refiner.refined(SILHOUETTE, person) is person


def _other_arrays() -> bytes:
    written = io.BytesIO()
    np.savez(written, offset_widths=np.zeros((2, 2)))
    return written.getvalue()


def _one_byte_changed() -> bytes:
    content = bytearray(find_shoulder_model().path.read_bytes())
    content[len(content) // 2] ^= 255
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [None, b"", b"hello", b"PK\x03\x04 cut off", _other_arrays(), _one_byte_changed()],
    ids=["missing", "empty", "text", "cut", "other", "changed"],
)
def test_a_model_that_cannot_be_read_when_it_is_needed_is_said_in_one_sentence(
    tmp_path: Path, content: bytes | None
) -> None:
    """As when the program was replaced under a watch that had seen nobody yet."""
    path = tmp_path / "shoulders.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"shoulder model .*shoulders\.npz") as caught:
        ShoulderRefiner(replace(find_shoulder_model(), path=path))

    assert "Install posturecam again" in caught.value.remedy


def test_a_baseline_is_of_the_pose_model_and_the_shoulder_model() -> None:
    """The hash that it keeps is of the hashes of both files."""
    for name in SHIPPED_SHA256:
        model = find_model(name)
        both = f"{model.sha256} {find_shoulder_model().sha256}"

        assert model.landmarks_sha256 == hashlib.sha256(both.encode()).hexdigest()
