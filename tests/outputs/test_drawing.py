"""Annotated pictures show the sitter and say what was judged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.base.errors import DataError
from posturecam.outputs.drawing import annotate, preview_picture, write_picture
from posturecam.outputs.live_rows import Standing
from posturecam.pose.measures import measure
from posturecam.posture.baseline import Take, combine
from posturecam.values.observation import LANDMARK_COUNT, Detection, Joint, Landmarks, View
from tests import fakes
from tests.fakes import NINE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from posturecam.posture.baseline import Baseline

GREY = 128
GHOST = 190
OVER = (60, 180, 255)
WITHIN = (200, 170, 80)


def grey(height_px: int = 480, width_px: int = 640) -> NDArray[np.uint8]:
    """A plain picture."""
    return np.full((height_px, width_px, 3), GREY, dtype=np.uint8)


def sitter(points_px: dict[Joint, tuple[float, float]]) -> Landmarks:
    """Someone with every joint in the middle of 640 x 480 but those given."""
    points = np.tile(np.array([320.0, 240.0, 0.0]), (LANDMARK_COUNT, 1))
    for joint, point_px in points_px.items():
        points[joint, :2] = point_px

    return Landmarks(
        points_px=points,
        visibility=np.ones(LANDMARK_COUNT),
        image_width_px=640,
        image_height_px=480,
    )


def test_the_picture_of_the_user_is_left_as_it_is() -> None:
    """Drawing happens on a copy."""
    image = grey()
    annotate(image, sitter({}), ["upright"])

    assert (image == GREY).all()


def test_the_shoulder_line_runs_from_shoulder_to_shoulder() -> None:
    """It is drawn where the shoulders are and nothing is drawn far from the sitter."""
    shoulders = {Joint.LEFT_SHOULDER: (500.0, 300.0), Joint.RIGHT_SHOULDER: (140.0, 300.0)}
    drawn = annotate(grey(), sitter(shoulders), [])
    changed = (drawn != GREY).any(axis=2)

    assert drawn.shape == (480, 640, 3)
    assert changed[300, 140:501].all()
    assert not changed[:200].any()
    assert not changed[320:].any()


@pytest.mark.parametrize("joint", [Joint.LEFT_EAR, Joint.RIGHT_EYE, Joint.NOSE, Joint.LEFT_ELBOW])
def test_each_joint_in_use_is_marked(joint: Joint) -> None:
    """A bright dot sits on the joint."""
    drawn = annotate(grey(), sitter({joint: (100.0, 50.0)}), [])

    assert drawn[50, 100].tolist() == [255, 255, 255]


def test_joints_guessed_far_outside_do_no_harm() -> None:
    """The model may put a hip a thousand pictures away."""
    far = {Joint.LEFT_HIP: (-1e12, 1e12), Joint.RIGHT_ELBOW: (1e12, -1e12)}

    assert annotate(grey(), sitter(far), []).shape == (480, 640, 3)


def test_the_text_is_below_and_hides_nothing() -> None:
    """The picture stays whole; the strip under it is black with white writing."""
    drawn = annotate(grey(), None, ["slouched", "upper back +14.2° ±2.1"])
    strip = drawn[480:]

    assert (drawn[:480] == GREY).all()
    assert strip.shape[1] == 640
    assert strip.max() == 255
    assert strip[:, 320:].max() == 0


def test_a_degree_sign_is_written_as_one() -> None:
    """It looks neither like nothing nor like the question mark that stands for the unknown."""
    written = {text: annotate(grey(), None, [text]) for text in ("14", "14°", "14?")}

    assert not np.array_equal(written["14°"], written["14"])
    assert not np.array_equal(written["14°"], written["14?"])


def test_text_grows_with_the_picture() -> None:
    """A line takes about the same share of a small and of a large picture."""
    shares = []
    for scale in (1, 3):
        image = grey(480 * scale, 640 * scale)
        strip = annotate(image, None, ["neck +3.0°"])[len(image) :]
        rows = np.flatnonzero(strip.max(axis=(1, 2)))
        shares.append((rows[-1] - rows[0]) / len(image))

    assert shares[1] == pytest.approx(shares[0], rel=0.2)


def test_a_long_line_is_made_to_fit() -> None:
    """The last letter is inside the picture."""
    drawn = annotate(grey(), None, ["slouched: upper back about 14° further forward " * 2])
    columns = np.flatnonzero(drawn[480:].max(axis=(0, 2)))

    assert columns[-1] < 635
    assert columns[-1] > 320


@settings(max_examples=30, deadline=None)
@given(
    height_px=st.integers(1, 300),
    width_px=st.integers(1, 300),
    lines=st.lists(st.text(max_size=30), max_size=3),
)
def test_any_picture_takes_any_text(height_px: int, width_px: int, lines: list[str]) -> None:
    """The width stays, the height never shrinks, nothing raises."""
    drawn = annotate(grey(height_px, width_px), None, lines)

    assert drawn.shape[1] == width_px
    assert (drawn.shape[0] > height_px) == bool(lines)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".PNG"])
def test_a_written_picture_can_be_read(tmp_path: Path, suffix: str) -> None:
    """What is on the disk is what was drawn, whatever the file is called."""
    path = tmp_path / f"Sitzung ä{suffix}"
    image = annotate(grey(), sitter({}), ["upright"])
    write_picture(path, image)
    read = cv2.imdecode(np.frombuffer(path.read_bytes(), dtype=np.uint8), cv2.IMREAD_COLOR)
    assert read is not None

    difference = np.abs(read.astype(int) - image)
    assert difference.mean() < 1


@pytest.mark.parametrize("name", ["picture.txt", "picture", "none/picture.png"])
def test_a_picture_that_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    """No such format, no format at all, no such folder."""
    with pytest.raises(DataError, match="cannot be written") as caught:
        write_picture(tmp_path / name, grey())

    assert name in caught.value.what
    assert caught.value.remedy


def upright_baseline() -> Baseline:
    """Of the sitter who faces the camera in the middle of 640 x 480."""
    take = Take()
    for index in range(10):
        take.add(Detection(t_s=index / 5, people=(fakes.sitter(),), brightness=120.0))
    return combine([take], profile="desk", model_sha256="ab" * 32, taken_at=NINE)


def preview(
    image: NDArray[np.uint8] | None = None,
    landmarks: Landmarks | None = None,
    baseline: Baseline | None = None,
    *bars: Standing,
) -> NDArray[np.uint8]:
    """The picture of the preview, with words that do not matter here."""
    return preview_picture(image, landmarks, baseline, title="upright", bars=bars, notes=("note",))


def bar(deg: float, *, either_way: bool = False) -> Standing:
    """A deviation whose limit is 10 degrees."""
    return Standing(
        name="neck", deg=deg, sd_deg=1.0, limit_deg=10.0, estimated=False, either_way=either_way
    )


def where(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    """The points of exactly this colour."""
    return np.asarray((picture == colour).all(axis=2))


def test_the_preview_is_a_mirror() -> None:
    """What is on the left of the picture is on the right of the window, and the words are not."""
    image = grey()
    image[:, :100] = (255, 0, 0)
    drawn = preview(image)

    assert (drawn[:540, 620:] == (255, 0, 0)).all()
    assert (drawn[:540, :600] == GREY).all()
    assert (image[:, :100] == (255, 0, 0)).all()
    assert drawn[540:, :150].max() == 255
    assert drawn[540:, 360:].max() == 0


@pytest.mark.parametrize("size", [(240, 320), (480, 640), (1080, 1920), (1280, 720), (40, 30)])
def test_any_camera_fits_the_window(size: tuple[int, int]) -> None:
    """The window is as wide, and the picture keeps its shape."""
    drawn = preview(grey(*size))
    wall = np.argwhere((drawn == GREY).all(axis=2))
    height, width = wall.max(axis=0) - wall.min(axis=0) + 1

    assert drawn.shape[1] == 720
    assert width == 720 or height == 540
    assert width / height == pytest.approx(size[1] / size[0], rel=0.02)


def test_the_ghost_of_the_baseline_stays_where_it_was() -> None:
    """Head and shoulders in grey where they were, whatever the sitter does now."""
    drawn = preview(grey(), None, upright_baseline())
    ghost = np.argwhere(where(drawn[:540], (GHOST,) * 3))
    scale = 720 / 640

    shoulders = ghost[ghost[:, 0] > 350]
    assert shoulders[:, 0].mean() == pytest.approx(330 * scale, abs=2)
    assert [shoulders[:, 1].min(), shoulders[:, 1].max()] == pytest.approx(
        [210 * scale, 430 * scale], abs=4
    )
    head = ghost[ghost[:, 0] < 350]
    assert head.mean(axis=0) == pytest.approx([192 * scale, 320 * scale], abs=4)


def test_from_the_side_the_ghost_has_a_trunk() -> None:
    """From hip to shoulder to ear."""
    baseline = upright_baseline()
    side = replace(baseline, view=View.SIDE, centre=measure(fakes.sitter()))
    drawn = preview(grey(), None, side)
    ghost = np.argwhere(where(drawn[:540], (GHOST,) * 3))

    assert ghost[:, 0].max() == 539
    assert not np.array_equal(drawn, preview(grey(), None, baseline))


@pytest.mark.parametrize(
    ("ratio", "either_way", "colour"),
    [
        (0.5, False, WITHIN),
        (1.0, False, OVER),
        (50.0, False, OVER),
        (-0.5, False, WITHIN),
        (-3.0, False, WITHIN),
        (-1.0, True, OVER),
    ],
)
def test_a_bar_shows_on_which_side_of_the_limit_it_is(
    ratio: float,
    either_way: bool,  # noqa: FBT001 - a column of the table
    colour: tuple[int, int, int],
) -> None:
    """To the right of the baseline or to the left, as far as the deviation, never outside."""
    drawn = preview(None, None, None, bar(10 * ratio, either_way=either_way))
    filled = np.argwhere(where(drawn, colour))
    left, right = filled[:, 1].min(), filled[:, 1].max()

    assert not where(drawn, OVER if colour == WITHIN else WITHIN).any()
    assert right - left + 1 == pytest.approx(
        min(max(abs(ratio), 0.0), 1.5 if ratio > 0 else 1) * 150, abs=4
    )
    assert (left > 275) == (ratio > 0)


def test_a_deviation_that_cannot_be_told_has_no_bar() -> None:
    """Nor does an empty picture have a sitter."""
    drawn = preview(None, None, None, bar(np.nan))

    assert not where(drawn, OVER).any()
    assert not where(drawn, WITHIN).any()
    assert drawn[:540].max() == 0
