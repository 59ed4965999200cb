"""The landmarker finds who is there, in pixels, quietly, and off the network."""

from __future__ import annotations

import csv
import functools
import gc
import hashlib
import os
import re
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

import posturecam
from posturecam.base.errors import DataError, InstallationError, UsageError
from posturecam.capture.thumbnail import Pixels
from posturecam.pose import landmarker as landmarker_module
from posturecam.pose.landmarker import (
    PoseLandmarker,
    explain_load_failure,
    is_clean,
    silhouettes,
    softened,
)
from posturecam.pose.models import find_face_model, find_model, find_shoulder_model
from posturecam.pose.network_guard import GuardStatus
from posturecam.pose.sitter import find_sitter
from posturecam.values.observation import Frame, Joint, Landmarks, UnknownReason
from tests.program import DATA, run_python

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from posturecam.pose.models import Model
    from posturecam.values.observation import Detection

DEMO = Path(posturecam.__file__).parent / "data" / "demo.mp4"

SHOULDER_TOLERANCE = 0.25
"""In shoulder widths. The model puts shoulders some 5 % of a width too high, 22 % at the worst."""


@pytest.fixture
def stills(shared: Path) -> Path:
    """The folder of real people, labelled by their names."""
    return shared / "clips" / "stills"


def look(landmarker: PoseLandmarker, image: NDArray[np.uint8]) -> Detection:
    """What the landmarker finds in one picture."""
    return landmarker.detect(Frame(t_s=1.5, index=3, picture=Pixels(image)))


def picture(path: Path) -> NDArray[np.uint8]:
    """A picture from disk."""
    image = cv2.imread(str(path))
    assert image is not None

    return np.asarray(image, dtype=np.uint8)


def demo_frame() -> NDArray[np.uint8]:
    """The first picture of the clip that ships with the package."""
    clip = cv2.VideoCapture(str(DEMO))
    delivered, image = clip.read()
    clip.release()
    assert delivered

    return np.asarray(image, dtype=np.uint8)


@pytest.mark.model
def test_the_sitter_of_the_demo_is_found_alone_and_the_right_way_round(
    landmarker: PoseLandmarker,
) -> None:
    """Left is the sitter's left, points are pixels, and the time is that of the frame."""
    image = demo_frame()
    detection = look(landmarker, image)

    (person,) = detection.people
    left, right = person.points_px[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]]
    nose = person.points_px[Joint.NOSE]
    assert detection.t_s == 1.5
    assert (person.image_height_px, person.image_width_px) == image.shape[:2]
    assert 0 < right[0] < nose[0] < left[0] < person.image_width_px
    assert 0 < nose[1] < min(left[1], right[1]) < person.image_height_px
    assert ((person.visibility >= 0) & (person.visibility <= 1)).all()


@pytest.mark.model
@pytest.mark.parametrize("name", ["full", "lite"])
def test_shoulders_are_where_the_renderer_put_them(shared: Path, name: str) -> None:
    """Within a quarter of a shoulder width of the true joints, for every front sitter."""
    renders = shared / "bench" / "dev"
    with (renders / "truth.csv").open(newline="") as table:
        rows = [
            row
            for row in csv.DictReader(table)
            if row["family"] == "front" and row["file"].endswith("baseline/000.jpg")
        ]
    assert len(rows) == 10

    with PoseLandmarker.open(find_model(name)) as opened:
        for row in rows:
            (person,) = look(opened, picture(renders / row["file"])).people
            truth_px = np.array(
                [[float(row[f"shoulder_{side}_{axis}"]) for axis in "uv"] for side in "lr"]
            )
            found_px = person.points_px[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER], :2]
            width_px = np.linalg.norm(truth_px[0] - truth_px[1])
            error = np.linalg.norm(found_px - truth_px, axis=1) / width_px
            assert error.max() < SHOULDER_TOLERANCE, row["file"]


@pytest.mark.model
@pytest.mark.parametrize("size", [(480, 640), (1, 1), (1, 640), (8, 8), (0, 0), (31, 500)])
def test_nobody_is_seen_in_noise_or_in_black_of_any_size(
    landmarker: PoseLandmarker, size: tuple[int, int]
) -> None:
    """However small the picture, the answer is an empty one."""
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)

    assert look(landmarker, noise).people == ()
    assert look(landmarker, np.zeros_like(noise)).people == ()


@pytest.mark.model
def test_real_people_are_found_and_counted(landmarker: PoseLandmarker, stills: Path) -> None:
    """One sitter is one, two are two, an empty hall and a cat are nobody."""
    expected = {
        "via_hi_upright_00": 1,
        "via_mid_slouched_00": 1,
        "side_straight_hf": 1,
        "hard_two_50": 2,
        "hard_empty_hall": 0,
        "hard_cat_cc0": 0,
    }
    found = {
        name: len(look(landmarker, picture(stills / f"{name}.jpg")).people) for name in expected
    }

    assert found == expected


@pytest.mark.model
@pytest.mark.parametrize("width_px", [641, 642, 643, 223, 45])
def test_a_picture_of_any_width_is_looked_at(landmarker: PoseLandmarker, width_px: int) -> None:
    """As if its last column were repeated to a width of a multiple of four.

    MediaPipe ends the whole program when it is asked for a mask of another width.
    """
    height_px = width_px * 3 // 4 | 1
    sitter = picture(DATA / "photos" / "upright" / "000.jpg")
    size_px = width_px, height_px
    image = np.asarray(cv2.resize(sitter, size_px, interpolation=cv2.INTER_AREA), np.uint8)
    wider = image[:, [*range(width_px), *[-1] * (-width_px % 4)]]
    person, same = only(look(landmarker, image)), only(look(landmarker, wider))

    assert person.points_px == pytest.approx(same.points_px, abs=1e-9)
    assert (person.image_width_px, person.image_height_px) == (width_px, height_px)
    assert same.image_width_px > width_px


def stand_in_mask(values: NDArray[np.float32], *, is_readable: bool = True) -> SimpleNamespace:
    """What MediaPipe would hand out; asked for what is in pieces it would end the program."""

    def view() -> NDArray[np.float32]:
        assert is_readable
        return values

    return SimpleNamespace(is_contiguous=lambda: is_readable, numpy_view=view)


def test_each_silhouette_is_a_view_of_the_width_of_the_picture() -> None:
    """In the order of the people; none is copied."""
    masks = np.random.default_rng(1).random((2, 6, 8, 1)).astype(np.float32)
    found = SimpleNamespace(
        pose_landmarks=["one", "other"],
        segmentation_masks=[stand_in_mask(mask) for mask in masks],
    )
    for silhouette, mask in zip(silhouettes(found, 7), masks, strict=True):
        assert silhouette is not None
        assert np.array_equal(silhouette, mask[:, :7, 0])
        assert np.shares_memory(silhouette, masks)


def test_a_silhouette_that_cannot_be_read_is_none() -> None:
    """All are where there are not as many as people, for whose they are is not told."""
    mask = stand_in_mask(np.ones((6, 8, 1), np.float32))
    broken = stand_in_mask(np.ones((6, 8, 1), np.float32), is_readable=False)
    for people, masks, readable in (
        (1, [broken], [False]),
        (2, [mask, broken], [True, False]),
        (2, [mask], [False, False]),
        (1, [mask, mask], [False]),
        (1, None, [False]),
        (1, [], [False]),
        (0, None, []),
    ):
        found = SimpleNamespace(pose_landmarks=["one"] * people, segmentation_masks=masks)
        assert [one is not None for one in silhouettes(found, 8)] == readable


@pytest.mark.model
def test_no_picture_and_no_silhouette_outlives_the_look(landmarker: PoseLandmarker) -> None:
    """Neither what MediaPipe was shown nor a mask of what it found."""
    assert look(landmarker, demo_frame()).people
    sort = landmarker_module.import_mediapipe().Image

    assert not [kept for kept in gc.get_objects() if isinstance(kept, sort)]


@pytest.mark.model
def test_each_look_is_a_fresh_one(landmarker: PoseLandmarker, stills: Path) -> None:
    """Nobody's ghost stays, and what was seen before does not change what is seen."""
    sitter = picture(stills / "via_hi_upright_00.jpg")
    first = look(landmarker, sitter)
    assert look(landmarker, np.zeros_like(sitter)).people == ()
    again = look(landmarker, sitter)

    assert np.array_equal(only(first).points_px, only(again).points_px)


def landmarker_threads() -> set[threading.Thread]:
    """The threads that run a landmarker now."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("landmarker")}


def only(detection: Detection) -> Landmarks:
    """The one person of a detection."""
    (person,) = detection.people

    return person


@pytest.mark.model
def test_brightness_is_the_mean_grey_level(landmarker: PoseLandmarker) -> None:
    """Green counts most and blue least, as the eye has it."""
    image = np.zeros((480, 640, 3), dtype=np.uint8)
    greys = []
    for channel in range(3):
        image[:] = 0
        image[..., channel] = 200
        greys.append(look(landmarker, image).brightness)
    image[:] = 90

    assert greys == pytest.approx([22.8, 117.4, 59.8])
    assert look(landmarker, image).brightness == pytest.approx(90)


@pytest.mark.model
def test_one_colour_has_neither_contrast_nor_detail(landmarker: PoseLandmarker) -> None:
    """So a covered camera can be told from a dim room."""
    seen = look(landmarker, np.full((480, 640, 3), 90, dtype=np.uint8))

    assert (seen.contrast, seen.sharpness) == (0.0, 0.0)


@pytest.mark.model
def test_a_sharp_picture_is_sharp_at_any_size_and_a_blurred_one_is_not(
    landmarker: PoseLandmarker, stills: Path
) -> None:
    """Sharpness goes by shares of the width, so pixels more or less hardly change it."""
    sharp = cv2.resize(picture(stills / "side_straight_hf.jpg"), (640, 480)).astype(np.uint8)
    larger = cv2.resize(sharp, (1280, 960), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    blurred = cv2.GaussianBlur(sharp, (0, 0), 12).astype(np.uint8)

    assert look(landmarker, larger).sharpness == pytest.approx(
        look(landmarker, sharp).sharpness, rel=0.3
    )
    assert find_sitter(look(landmarker, sharp)) is not UnknownReason.BLURRED
    assert find_sitter(look(landmarker, blurred)) is UnknownReason.BLURRED


@pytest.mark.model
def test_noise_hides_nobody(landmarker: PoseLandmarker) -> None:
    """In a dim room; the model alone misses two of these six pictures of one sitter."""
    found = []
    for seed in range(6):
        noise = np.random.default_rng(seed).normal(0, 18, (480, 640, 1))
        dim = np.clip(demo_frame() * 0.5 + noise, 0, 255).astype(np.uint8)
        found.append(len(look(landmarker, dim).people))

    assert found == [1] * 6


@pytest.mark.model
def test_whom_noise_hid_is_looked_at_in_the_softened_picture_alone(
    landmarker: PoseLandmarker,
) -> None:
    """Points and silhouette come from there: as if it had been the picture."""
    noise = np.random.default_rng(1).normal(0, 18, (480, 640, 1))
    dim = np.clip(demo_frame() * 0.5 + noise, 0, 255).astype(np.uint8)
    person, same = only(look(landmarker, dim)), only(look(landmarker, softened(dim)))

    assert np.array_equal(person.points_px, same.points_px)


@pytest.mark.model
def test_something_of_no_persons_shape_is_not_the_last_word(landmarker: PoseLandmarker) -> None:
    """Fine detail makes it of a sitter who is plainly there; softened, the picture shows them."""
    seen = look(landmarker, picture(DATA / "small_pose_by_detail.jpg"))

    assert not isinstance(find_sitter(seen), UnknownReason)


@pytest.mark.model
def test_noise_makes_nobody_up(landmarker: PoseLandmarker) -> None:
    """A grey wall in the dark."""
    noise = np.random.default_rng(1).normal(0, 12, (480, 640, 1))
    wall = np.clip(60 + noise + np.zeros((1, 1, 3)), 0, 255).astype(np.uint8)

    assert look(landmarker, wall).people == ()


@pytest.mark.parametrize("size_px", [(480, 640), (481, 643), (720, 1280), (40, 33)])
def test_a_softened_picture_has_its_size_and_light_and_little_noise(
    size_px: tuple[int, int],
) -> None:
    """Blocks of it are averaged, as many across whatever the camera has."""
    noise = np.random.default_rng(1).normal(0, 18, (*size_px, 3))
    soft = softened(np.clip(120 + noise, 0, 255).astype(np.uint8))

    assert soft.shape == (*size_px, 3)
    assert soft.mean() == pytest.approx(120, abs=2)
    assert soft.std() < 12


@pytest.mark.slow
@pytest.mark.model
def test_no_real_still_is_taken_for_blurred_covered_or_hidden_by_a_hand(
    landmarker: PoseLandmarker, stills: Path
) -> None:
    """Upright or slouched, near or far: the new doubts cost no judgement of the labelled stills."""
    found = {
        path.name: find_sitter(look(landmarker, picture(path)))
        for path in sorted(stills.glob("*.jpg"))
    }
    clear = {name for name in found if name.startswith(("via_", "side_", "front_"))}

    assert len(clear) == 25
    for name in (*clear, "hard_hand_front.jpg"):
        assert not isinstance(found[name], UnknownReason), name
    assert UnknownReason.BLURRED not in found.values()
    assert UnknownReason.COVERED not in found.values()


@pytest.mark.model
def test_closing_ends_its_thread_and_closes_once() -> None:
    """After `close` there is no thread left and nothing more to ask."""
    before = landmarker_threads()
    opened = PoseLandmarker.open(find_model("lite"))
    opened.close()
    opened.close()

    assert landmarker_threads() == before
    with pytest.raises(ValueError, match="closed"):
        look(opened, np.zeros((48, 64, 3), dtype=np.uint8))


@pytest.mark.model
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="seccomp exists on Linux only")
def test_the_kernel_holds_the_guard_on_every_thread_of_the_library() -> None:
    """Asked of the kernel, which does not believe what the program says of itself."""
    threads = Path("/proc/self/task")
    others = set(threads.iterdir())
    with PoseLandmarker.open(find_model("lite")) as opened:
        if not opened.guard.active:
            pytest.skip(opened.guard.describe())
        look(opened, demo_frame())
        filters = [_filters(thread) for thread in set(threads.iterdir()) - others]
        assert min(filters) > _filters(threads / str(os.getpid()))


def _filters(thread: Path) -> int:
    """How many seccomp filters are on a thread; a container may have put one on all."""
    found = re.search(r"^Seccomp_filters:\s*(\d+)", (thread / "status").read_text(), re.MULTILINE)
    return int(found[1]) if found else pytest.skip("this kernel does not count filters")


@pytest.mark.model
def test_the_terminal_stays_clean_and_start_up_light(tmp_path: Path) -> None:
    """Nothing printed by C++, no plotting or audio library, nothing written to the home folder."""
    code = (
        "import sys\n"
        "from tests.pose.test_landmarker import demo_frame, look\n"
        "from posturecam.pose.landmarker import PoseLandmarker\n"
        "from posturecam.pose.models import find_model\n"
        "with PoseLandmarker.open(find_model('full')) as opened:\n"
        "    print(len(look(opened, demo_frame()).people), opened.guard.active)\n"
        "print([name for name in ('matplotlib', 'sounddevice') if name in sys.modules])\n"
        "print('said by the program itself', file=sys.stderr)\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "HOME": str(tmp_path)},
    )

    assert run.stderr == "said by the program itself\n"
    assert run.stdout.splitlines()[1] == "[]"
    assert run.stdout.startswith("1 ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.model
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel is asked for what is loaded")
def test_no_driver_of_a_graphics_card_is_loaded() -> None:
    """It would take more memory than the model, for nothing; other programs still get theirs."""
    code = (
        "import os\n"
        "from posturecam.pose.landmarker import PoseLandmarker\n"
        "from posturecam.pose.models import find_model\n"
        "with PoseLandmarker.open(find_model('full')):\n"
        "    print(open('/proc/self/maps').read())\n"
        "assert '__EGL_VENDOR_LIBRARY_FILENAMES' not in os.environ\n"
    )
    loaded = run_python(code)

    assert "libmediapipe" in loaded
    assert not re.search("libEGL_mesa|libgallium|libLLVM|libEGL_nvidia", loaded)


@pytest.mark.parametrize(
    ("version", "clean"),
    [
        ("0.10.31", False),
        ("0.10.32", True),
        ("0.10.33", True),
        ("0.10.34", True),
        ("0.10.35", False),
        ("1.2.2", False),
        ("1.0.0rc1", False),
    ],
)
def test_a_build_that_may_log_never_runs_unguarded(version: str, clean: bool) -> None:  # noqa: FBT001 - a column of the table
    """Known clean builds run anywhere; every other one only under the guard."""
    off = GuardStatus(active=False, reason="darwin has no seccomp")
    landmarker_module.refuse_unguarded_logger(version, GuardStatus(active=True))

    assert is_clean(version) == clean
    if clean:
        landmarker_module.refuse_unguarded_logger(version, off)
    else:
        with pytest.raises(InstallationError, match="logging host") as caught:
            landmarker_module.refuse_unguarded_logger(version, off)
        assert "mediapipe>=0.10.32,<0.10.35" in caught.value.remedy


@pytest.mark.parametrize("library", ["libEGL.so.1", "libGLESv2.so.2", "libGL.so.1"])
def test_a_missing_system_library_is_named_with_its_packages(library: str) -> None:
    """The remedy is the command for Debian and for Fedora."""
    error = OSError(f"{library}: cannot open shared object file: No such file or directory")
    explained = explain_load_failure(error)

    assert library in explained.what
    assert "apt install libegl1 libgles2" in explained.remedy
    assert "dnf install libglvnd-egl libglvnd-gles" in explained.remedy
    assert "posturecam doctor" in explained.remedy


def test_a_broken_mediapipe_is_to_be_reinstalled() -> None:
    """Any other failure to load blames the package, not the system."""
    explained = explain_load_failure(ImportError("cannot import name 'tasks'"))

    assert "cannot import name 'tasks'" in explained.what
    assert "pip install" in explained.remedy


@pytest.fixture(params=["full", "lite", "face", "shoulders"])
def shipped(request: pytest.FixtureRequest) -> Callable[..., Model]:
    """How one of the models that ship is found, in another folder where one is named."""
    if request.param == "face":
        return find_face_model
    if request.param == "shoulders":
        return find_shoulder_model
    return functools.partial(find_model, request.param)


def test_the_shipped_models_are_the_published_ones(shipped: Callable[..., Model]) -> None:
    """Their hash is the one that NOTICE.md and the code state."""
    model = shipped()
    notice = (model.path.parent / "NOTICE.md").read_text(encoding="utf-8")

    assert model.sha256 == hashlib.sha256(model.path.read_bytes()).hexdigest()
    assert model.path.name in notice
    assert model.sha256 in notice


@pytest.mark.parametrize("content", [b"", b"not what was shipped"])
def test_a_damaged_shipped_model_is_refused(
    shipped: Callable[..., Model], tmp_path: Path, content: bytes
) -> None:
    """Zero bytes or other bytes: the user is told to reinstall."""
    (tmp_path / shipped().path.name).write_bytes(content)
    with pytest.raises(DataError, match="damaged") as caught:
        shipped(folder=tmp_path)

    assert "posturecam" in caught.value.remedy


def test_a_missing_shipped_model_is_refused(shipped: Callable[..., Model], tmp_path: Path) -> None:
    """The user is told to reinstall."""
    with pytest.raises(DataError, match="missing") as caught:
        shipped(folder=tmp_path)

    assert "posturecam" in caught.value.remedy


def test_a_model_of_the_users_own_is_taken_by_path(tmp_path: Path) -> None:
    """Its hash is recorded, so that a baseline taken with it can be told from others."""
    own = tmp_path / "own.task"
    with zipfile.ZipFile(own, "w") as bundle:
        bundle.writestr("pose_detector.tflite", b"anything")
    model = find_model(str(own))

    assert (model.name, model.path) == ("own.task", own)
    assert model.sha256 == hashlib.sha256(own.read_bytes()).hexdigest()


@pytest.mark.parametrize("spec", ["heavy", "", ".", "no/such.task"])
def test_a_model_that_is_not_there_is_wrong_usage(spec: str) -> None:
    """Neither a shipped name nor a file."""
    with pytest.raises(UsageError) as caught:
        find_model(spec)

    assert "full" in caught.value.remedy


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_model_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    """Empty, something else or cut off."""
    path = tmp_path / "odd.task"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"odd\.task"):
        find_model(str(path))


@pytest.mark.model
def test_a_bundle_without_a_pose_model_is_refused_and_leaves_no_thread(tmp_path: Path) -> None:
    """What only MediaPipe can tell is told in one sentence as well."""
    path = tmp_path / "odd.task"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("pose_detector.tflite", b"not a network")
    before = landmarker_threads()
    with pytest.raises(DataError, match="does not accept"):
        PoseLandmarker.open(find_model(str(path)))

    assert landmarker_threads() == before
