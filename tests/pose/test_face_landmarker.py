"""The face model at work: on rendered and real sitters, on other faces, and where there is none."""

from __future__ import annotations

import csv
import gc
import importlib
import math
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

import posturecam
from posturecam.base.errors import DataError
from posturecam.capture.thumbnail import Pixels
from posturecam.pose.face_landmarker import FaceLandmarker, cropped
from posturecam.pose.head import crop_around_head
from posturecam.pose.landmarker import PoseLandmarker, import_mediapipe
from posturecam.pose.measures import measure
from posturecam.pose.models import find_face_model
from posturecam.pose.sitter import find_sitter
from posturecam.posture.scenery import CameraTurn
from posturecam.values.observation import Frame, Landmarks, UnknownReason
from tests.program import DATA
from tests.rooms import pinhole
from tests.sitters import WIDTH_PX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from posturecam.values.head import Head

PACKAGE = Path(posturecam.__file__).parent
STUDY = PACKAGE.parent / "calibration"
CALLED = {"face_landmarker.task": "the face model", "shoulders.npz": "the shoulder model"}
UPRIGHT = DATA / "photos" / "upright" / "000.jpg"
CLIPS = {
    "clips/c01_clm_cap12.mp4": 8,
    "clips/c03_pyfeat_single.mp4": 8,
    "clips/c05_pose_wave.mp4": 8,
    "clips/c06_intel_male.mp4": 8,
    "clips/c09_portrait_talk.mp4": 8,
    "clips/c10_clm_cap13.mp4": 8,
    "derived/d5_via_high_REALPOSTURE.mp4": 8,
}
"""Real people from the front, and how many pictures of each are looked at."""

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def face() -> Iterator[FaceLandmarker]:
    """The face model alone."""
    opened = FaceLandmarker(import_mediapipe(), find_face_model())
    yield opened
    opened.close()


def picture(path: Path) -> NDArray[np.uint8]:
    """A picture from disk."""
    return np.asarray(cv2.imread(str(path)), dtype=np.uint8)


def people_in(landmarker: PoseLandmarker, image: NDArray[np.uint8]) -> tuple[Landmarks, ...]:
    """Everybody in one picture."""
    return landmarker.detect(Frame(t_s=0.0, index=0, picture=Pixels(image))).people


def sitter_in(landmarker: PoseLandmarker, image: NDArray[np.uint8]) -> tuple[Landmarks, Head]:
    """The only person of a picture, and the head that has to be found."""
    (person,) = people_in(landmarker, image)
    assert person.head is not None
    return person, person.head


@pytest.fixture(scope="module")
def upright(landmarker: PoseLandmarker) -> tuple[NDArray[np.uint8], Landmarks, Head]:
    """A rendered sitter: the picture, the pose and the head."""
    image = picture(UPRIGHT)
    return image, *sitter_in(landmarker, image)


def test_the_head_of_every_rendered_sitter_is_found(landmarker: PoseLandmarker) -> None:
    """Near the ears of the pose; of one who sits still its size differs by a hundredth."""
    sizes = []
    for path in sorted((DATA / "photos").rglob("*.jpg")):
        for person in people_in(landmarker, picture(path)):
            now = measure(person)
            ear = math.dist((now.mesh_ear_x, now.mesh_ear_y), (now.ear_x, now.ear_y))
            assert ear < 0.5 * now.head_size, path
            if path.parent.name == "upright":
                sizes.append(now.mesh_size)

    assert len(sizes) == 5
    assert np.std(sizes) < 0.01 * np.mean(sizes)


def test_who_leans_in_is_nearer_and_who_turns_is_turned(
    landmarker: PoseLandmarker, upright: tuple[NDArray[np.uint8], Landmarks, Head]
) -> None:
    """Size and distance agree with each other, and the turn is to the right side."""
    usual = measure(upright[1])
    photos = DATA / "photos" / "mixed"
    leaning, farther, turned = (
        measure(people_in(landmarker, picture(photos / f"{name}.jpg"))[0])
        for name in ("lean_in", "chair_farther", "head_turned")
    )

    assert leaning.mesh_size > 1.05 * usual.mesh_size
    assert leaning.mesh_away < usual.mesh_away / 1.05
    assert farther.mesh_size < usual.mesh_size / 1.03
    assert farther.mesh_away > 1.03 * usual.mesh_away
    assert abs(turned.mesh_yaw_deg - usual.mesh_yaw_deg) > 15


@pytest.mark.slow
def test_each_real_sitter_from_the_front_has_a_head(
    landmarker: PoseLandmarker, shared: Path
) -> None:
    """In every picture that shows a sitter, of six people."""
    found = []
    for name, looks in CLIPS.items():
        clip = cv2.VideoCapture(str(shared / "clips" / name))
        last = int(clip.get(cv2.CAP_PROP_FRAME_COUNT)) - 1
        for index in np.linspace(0, last, looks).astype(int).tolist():
            clip.set(cv2.CAP_PROP_POS_FRAMES, index)
            delivered, image = clip.read()
            if not delivered:
                continue
            seen = Pixels(np.asarray(image, np.uint8))
            sitter = find_sitter(landmarker.detect(Frame(t_s=0.0, index=0, picture=seen)))
            if not isinstance(sitter, UnknownReason):
                found.append(sitter.landmarks.head is not None)
        clip.release()

    assert len(found) >= 50
    assert all(found)


def pasted(
    image: NDArray[np.uint8], other: NDArray[np.uint8], middle_px: tuple[int, int], height_px: int
) -> NDArray[np.uint8]:
    """The picture with another one hung up in it."""
    width_px = round(height_px * other.shape[1] / other.shape[0])
    top, left = middle_px[1] - height_px // 2, middle_px[0] - width_px // 2
    whole = image.copy()
    whole[top : top + height_px, left : left + width_px] = cv2.resize(other, (width_px, height_px))
    return whole


def face_of(image: NDArray[np.uint8], sitter: Landmarks) -> NDArray[np.uint8]:
    """The middle of what is looked at for a face."""
    crop = crop_around_head(sitter)
    assert crop is not None
    left, top = round(crop.left_px + 0.25 * crop.side_px), round(crop.top_px + 0.2 * crop.side_px)
    side = round(0.5 * crop.side_px)
    return image[top : top + side, left : left + side]


def test_a_poster_beside_the_sitter_changes_nothing(
    face: FaceLandmarker, upright: tuple[NDArray[np.uint8], Landmarks, Head]
) -> None:
    """On either side of the head; both faces are seen, and the right one is taken."""
    image, sitter, alone = upright
    other, crop = face_of(image, sitter), crop_around_head(sitter)
    assert crop is not None
    for aside in (-0.34, 0.34):
        for share in (0.3, 0.4):
            at = round(alone.tragus_x_px + aside * crop.side_px), round(alone.tragus_y_px)
            hung = pasted(image, other, at, round(share * crop.side_px))
            found = face.head(hung, sitter)
            assert len(face.heads(cropped(hung, crop), crop, WIDTH_PX)) == 2
            assert found is not None
            assert place(found) == pytest.approx(place(alone), abs=4)
            assert found.size_px == pytest.approx(alone.size_px, rel=0.05)


def place(head: Head) -> tuple[float, float]:
    """Where it is in the picture."""
    return head.tragus_x_px, head.tragus_y_px


def test_a_poster_is_not_taken_for_a_sitter_without_a_face(
    face: FaceLandmarker, upright: tuple[NDArray[np.uint8], Landmarks, Head]
) -> None:
    """Theirs is covered, or turned away; what hangs above is the only face that is seen."""
    image, sitter, alone = upright
    other, crop = face_of(image, sitter).copy(), crop_around_head(sitter)
    assert crop is not None
    covered = image.copy()
    middle = round(alone.tragus_x_px), round(alone.tragus_y_px)
    cv2.circle(covered, middle, round(0.28 * crop.side_px), (60, 60, 60), -1)

    assert face.head(covered, sitter) is None
    for aside, above in ((0.36, 0.0), (0.3, 0.2), (0.0, 0.36)):
        at = middle[0] + round(aside * crop.side_px), middle[1] - round(above * crop.side_px)
        hung = pasted(covered, other, at, round(0.5 * crop.side_px))
        assert len(face.heads(cropped(hung, crop), crop, WIDTH_PX)) == 1
        assert face.head(hung, sitter) is None


def test_of_two_real_people_each_has_their_own_head(
    landmarker: PoseLandmarker, shared: Path
) -> None:
    """Side by side, before a poster, in a meeting: near their own ears, or none at all."""
    heads = 0
    for name in ("hard_two_2", "hard_two_50", "hard_poster_and_sitter", "hard_meeting"):
        for person in people_in(landmarker, picture(shared / "clips" / "stills" / f"{name}.jpg")):
            now = measure(person)
            if person.head is not None:
                heads += 1
                ear = math.dist((now.mesh_ear_x, now.mesh_ear_y), (now.ear_x, now.ear_y))
                assert ear < 0.75 * now.head_size, name

    assert heads >= 4


@pytest.mark.parametrize("light", [0.0, 0.02, 0.05, 0.15])
def test_in_the_dark_there_is_a_plain_answer(
    landmarker: PoseLandmarker, upright: tuple[NDArray[np.uint8], Landmarks, Head], light: float
) -> None:
    """Found or not, with the noise of a camera; the pose is judged or refused as before."""
    noise = np.random.default_rng(0).normal(0, 2, upright[0].shape)
    dark = np.clip(upright[0] * light + noise, 0, 255).astype(np.uint8)
    for person in people_in(landmarker, dark):
        if person.head is not None:
            assert all(map(math.isfinite, asdict(person.head).values()))
            assert person.head.size_px == pytest.approx(upright[2].size_px, rel=0.15)


@pytest.mark.parametrize("cut", [0.2, 0.45])
def test_at_the_edge_of_the_picture_the_head_is_found_as_long_as_it_shows(
    face: FaceLandmarker, upright: tuple[NDArray[np.uint8], Landmarks, Head], cut: float
) -> None:
    """The crop reaches beyond the edge, and what is beyond is black."""
    image, sitter, usual = upright
    crop = crop_around_head(sitter)
    assert crop is not None
    for axis in (0, 1):
        start_px = round((crop.left_px, crop.top_px)[axis] + cut * 0.6 * crop.side_px)
        moved_px = np.array([start_px, 0, 0] if axis == 0 else [0, start_px, 0])
        edge = image[:, start_px:] if axis == 0 else image[start_px:]
        moved = replace(
            sitter,
            points_px=sitter.points_px - moved_px,
            image_width_px=edge.shape[1],
            image_height_px=edge.shape[0],
        )
        found = face.head(np.ascontiguousarray(edge), moved)
        assert found is not None
        assert found.size_px == pytest.approx(usual.size_px, rel=0.05)
        assert place(found) == pytest.approx(
            (usual.tragus_x_px - moved_px[0], usual.tragus_y_px - moved_px[1]), abs=6
        )


@pytest.mark.parametrize("down_deg", [-8.0, 6.0, 12.0])
def test_a_turned_camera_is_taken_back_for_the_mesh_too(
    landmarker: PoseLandmarker,
    upright: tuple[NDArray[np.uint8], Landmarks, Head],
    down_deg: float,
) -> None:
    """Size, place and nod are again those of the baseline, as far as the model tells them."""
    image, sitter, _ = upright
    size_px = image.shape[1], image.shape[0]
    camera = pinhole(size_px, size_px, 1.1 * WIDTH_PX, down_deg=down_deg)
    seen = np.asarray(
        cv2.warpPerspective(image, camera, size_px, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
    turned = CameraTurn(down=1.1 * math.tan(math.radians(down_deg)), focal=1.1)
    (person,) = people_in(landmarker, seen)
    raw, now, usual = (measure(one) for one in (person, turned.put_back(person), sitter))

    assert abs(raw.mesh_ear_y - usual.mesh_ear_y) > 0.08
    assert now.mesh_ear_y == pytest.approx(usual.mesh_ear_y, abs=0.015)
    assert now.mesh_ear_x == pytest.approx(usual.mesh_ear_x, abs=0.015)
    assert now.mesh_size == pytest.approx(usual.mesh_size, rel=0.04)
    assert now.mesh_away == pytest.approx(usual.mesh_away, rel=0.04)
    for name in ("mesh_pitch_deg", "mesh_yaw_deg", "mesh_roll_deg", "mesh_fitted_pitch_deg"):
        assert getattr(now, name) == pytest.approx(getattr(usual, name), abs=3), name


def points_of_meshes() -> int:
    """How many there are in this process, those that other tests have left included."""
    gc.collect()
    names = ("NormalizedLandmark", "FaceLandmarkerResult", "Landmark")
    return sum(type(one).__name__ in names for one in gc.get_objects())


def test_no_point_of_a_mesh_outlives_the_look(landmarker: PoseLandmarker) -> None:
    """What is left of a face is a handful of numbers."""
    before = points_of_meshes()
    seen = landmarker.detect(Frame(t_s=0.0, index=0, picture=Pixels(picture(UPRIGHT))))
    (person,) = seen.people

    assert points_of_meshes() <= before
    assert person.points_px.shape == (33, 3)
    assert person.head is not None
    assert all(isinstance(value, float) for value in asdict(person.head).values())
    assert [
        path.name for path in PACKAGE.rglob("*.py") if "face_landmarks" in path.read_text()
    ] == ["face_landmarker.py"]


def test_the_study_has_the_numbers_of_the_program(
    landmarker: PoseLandmarker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row of its tables is what a look of the program says; the mirror says nearly the same."""
    monkeypatch.syspath_prepend(str(STUDY))
    extract: Any = importlib.import_module("extract_sitters")
    mirror: Any = importlib.import_module("face_mesh")
    paths = sorted(UPRIGHT.parent.glob("*.jpg"))[:2]
    truth = [
        {"picture": str(path), "part": part, "scene": "upright", "width_px": 640, "height_px": 480}
        for path, part in zip(paths, ("baseline", "test"), strict=True)
    ]
    with (tmp_path / extract.TRUTH_FILE).open("w", newline="") as file:
        writer = csv.DictWriter(file, truth[0])
        writer.writeheader()
        writer.writerows(truth)
    with mirror.MirroredLook() as mirrored:
        rows = extract.look(tmp_path, landmarker, mirrored).rows

    for row, path in zip(rows, paths, strict=True):
        head = asdict(sitter_in(landmarker, picture(path))[1])
        assert {name: row[f"face_one_{name}"] for name in head} == {
            name: f"{value:.6g}" for name, value in head.items()
        }
        for name, value in head.items():
            spread = 3.0 if name.endswith("_deg") else 0.03 * abs(value)
            assert float(row[f"face_mean_{name}"]) == pytest.approx(value, abs=spread), name


def test_a_model_that_is_gone_when_it_is_needed_is_said_in_one_sentence() -> None:
    """As when the program was taken away under a watch that had seen nobody yet."""
    gone = replace(find_face_model(), path=Path("gone.task"))
    with pytest.raises(DataError, match=r"face model gone\.task") as caught:
        FaceLandmarker(import_mediapipe(), gone)

    assert "Install posturecam again" in caught.value.remedy


@pytest.fixture(params=["face_landmarker.task", "shoulders.npz"])
def without(request: pytest.FixtureRequest) -> str:
    """The file of one of the models that look closer."""
    return str(request.param)


@pytest.fixture
def copy_without_it(tmp_path: Path, without: str) -> Path:
    """The package, all but that model."""
    models = tmp_path / "posturecam" / "data" / "models"
    models.mkdir(parents=True)
    for folder in (PACKAGE, PACKAGE / "data", PACKAGE / "data" / "models"):
        for path in folder.iterdir():
            copied = tmp_path / "posturecam" / path.relative_to(PACKAGE)
            if not copied.exists() and path.name not in (without, "__pycache__"):
                copied.symlink_to(path)
    return tmp_path


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
@pytest.mark.parametrize("damaged", [False, True])
def test_without_one_of_its_models_the_program_says_so_and_what_to_do(
    copy_without_it: Path, without: str, *, damaged: bool
) -> None:
    """Missing or damaged, nothing is judged: two lines and the code for damaged data."""
    models = copy_without_it / "posturecam" / "data" / "models"
    if damaged:
        (models / without).write_bytes(b"PK cut short")
    run = subprocess.run(
        [sys.executable, "-m", "posturecam", "watch", "--source", "demo", "--calibrate", "5s"],
        capture_output=True, text=True, timeout=120, check=False, cwd=copy_without_it,
    )  # fmt: skip
    found = "damaged" if damaged else "missing"

    assert run.returncode == 6, run.stderr
    assert f"A file is {found}, {CALLED[without]}: {models / without}." in run.stderr
    assert "Install posturecam again" in run.stderr
    assert len(run.stderr.splitlines()) == 2


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_the_doctor_says_once_that_a_model_is_missing(copy_without_it: Path, without: str) -> None:
    """And not again as what keeps the pose detection from running."""
    home = copy_without_it / "home"
    run = subprocess.run(
        [sys.executable, "-m", "posturecam", "doctor"],
        capture_output=True, text=True, timeout=120, check=False, cwd=copy_without_it,
        env=os.environ | {"POSTURECAM_HOME": str(home)},
    )  # fmt: skip
    assert run.stdout.count(f"is missing, {CALLED[without]}") == 1, run.stdout + run.stderr
    assert "pose detection" not in run.stdout
