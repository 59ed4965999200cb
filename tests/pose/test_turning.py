"""Stories of a camera that hangs upside down or lies on its side."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from posturecam.capture.thumbnail import Pixels
from posturecam.commands.config import load_settings
from posturecam.commands.config_keys import settings_text
from posturecam.pose.turning import OTHER_TURNS_DEG, TurnFinder, turned
from posturecam.values.observation import Detection, Frame
from tests.fakes import sitter
from tests.program import posturecam
from tests.streams import write_video

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

CLIP = Path(__file__).parents[1] / "data" / "leaves_and_returns.mp4"
SETTLED_AFTER = 10 + 3
"""Pictures with nobody, and those on which the other turns are tried."""


def marked(turned_by_deg: int) -> NDArray[np.uint8]:
    """A wide picture that is bright in its upper left corner, as a camera turned so shows it."""
    image = np.zeros((48, 64, 3), np.uint8)
    image[:24, :32] = 255
    return np.rot90(image, -turned_by_deg // 90)


def is_upright(frame: Frame) -> bool:
    """Whether the mark is where it belongs."""
    height_px, width_px = frame.image.shape[:2]
    return (height_px, width_px) == (48, 64) and frame.image[0, 0, 0] == 255


def eyes(*shows: Callable[[Frame], bool]) -> Callable[[Frame], Detection]:
    """A pose model that finds a sitter in pictures that are one of these."""

    def detect(frame: Frame) -> Detection:
        people = (sitter(),) if any(show(frame) for show in shows) else ()
        return Detection(t_s=frame.t_s, people=people, brightness=120.0)

    return detect


def frames(image: NDArray[np.uint8], count: int) -> list[Frame]:
    """The same picture over and over."""
    return [Frame(t_s=index / 5, index=index, picture=Pixels(image)) for index in range(count)]


@pytest.mark.parametrize("rotate_deg", [0, 90, 180, 270])
def test_a_turned_picture_is_the_right_way_up(rotate_deg: int) -> None:
    """Clockwise, in whole and as a thumbnail."""
    (upright,), (hanging,) = frames(marked(0), 1), frames(marked(-rotate_deg), 1)

    assert is_upright(turned(hanging, rotate_deg))
    thumbnail = turned(hanging, rotate_deg).thumbnail
    assert thumbnail.shape == upright.thumbnail.shape
    assert thumbnail == pytest.approx(upright.thumbnail)


@pytest.mark.parametrize("rotate_deg", OTHER_TURNS_DEG)
def test_the_only_turn_that_shows_somebody_is_used(rotate_deg: int) -> None:
    """Said once; from then on everybody is seen."""
    said: list[str] = []
    finder = TurnFinder(eyes(is_upright), said.append)
    seen = [bool(finder.detect(frame).people) for frame in frames(marked(-rotate_deg), 20)]

    assert finder.rotate_deg == rotate_deg
    assert seen == [False] * SETTLED_AFTER + [True] * (20 - SETTLED_AFTER)
    assert len(said) == 1
    assert f"{rotate_deg}°" in said[0]
    assert ("upside down" in said[0]) == (rotate_deg == 180)


def test_who_is_seen_as_it_is_is_not_turned() -> None:
    """Whatever may look like somebody later: the camera is the right way up."""
    said: list[str] = []
    finder = TurnFinder(eyes(is_upright), said.append)
    assert finder.detect(frames(marked(0), 1)[0]).people
    for frame in frames(marked(180), 40):
        finder.detect(frame)
    assert (finder.rotate_deg, said) == (0, [])


def test_a_dark_picture_says_nothing_about_an_empty_place() -> None:
    """The pictures with nobody are counted anew after it."""
    see = eyes(is_upright)

    def detect(frame: Frame) -> Detection:
        seen = see(frame)
        return seen if frame.image.any() else replace(seen, brightness=2.0)

    finder = TurnFinder(detect, lambda _: None)
    hanging, dark = frames(marked(180), 40), frames(np.zeros((48, 64, 3), np.uint8), 1)
    for frame in [*hanging[:9], *dark, *hanging[:12]]:
        finder.detect(frame)
    assert finder.rotate_deg == 0
    finder.detect(hanging[0])
    assert finder.rotate_deg == 180


@pytest.mark.parametrize("turns_deg", [(), (90, 270)], ids=["none", "two"])
def test_without_a_single_answer_nothing_is_turned(turns_deg: tuple[int, ...]) -> None:
    """An empty room has no right way up, and the other turns are tried once only."""
    looks: list[Frame] = []

    def shows(frame: Frame) -> bool:
        looks.append(frame)
        turns = [deg for deg in turns_deg if np.array_equal(frame.image, marked(deg))]
        return bool(turns)

    said: list[str] = []
    finder = TurnFinder(eyes(shows), said.append)
    for frame in frames(marked(0), 40):
        finder.detect(frame)
    assert (finder.rotate_deg, said) == (0, [])
    assert len(looks) == 40 + 3 * 3


def test_the_setting_is_one_of_four(tmp_path: Path) -> None:
    """Written as found out where nobody has set it."""
    file = tmp_path / "config.toml"
    assert "# rotate is as calibrate found it" in settings_text(load_settings(file))
    file.write_text("rotate = 270\n")
    assert load_settings(file).rotate == 270
    assert "\nrotate = 270" in settings_text(load_settings(file))


def filmed(path: Path, rotate_deg: int) -> Path:
    """The clip as a camera films it that has to be turned by so much."""
    clip = cv2.VideoCapture(str(CLIP))
    rate_hz = clip.get(cv2.CAP_PROP_FPS)
    images = [np.rot90(clip.read()[1], rotate_deg // 90) for _ in range(round(10 * rate_hz))]
    clip.release()
    return write_video(path, map(np.ascontiguousarray, images), rate_hz=rate_hz)


@pytest.mark.model
@pytest.mark.parametrize("rotate_deg", [90, pytest.param(180, marks=pytest.mark.slow)])
def test_a_turned_camera_is_calibrated_and_watched(
    tmp_path: Path, home: Path, rotate_deg: int
) -> None:
    """The real model on a rendered sitter: found out once, kept with the baseline."""
    film = filmed(tmp_path / "turned.avi", rotate_deg)
    done = posturecam("calibrate", "--source", film, "--seconds", "9")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"turned by {rotate_deg}°" in done.stdout + done.stderr
    profile = json.loads((home / "profiles" / "default.json").read_text())
    assert profile["rotate_deg"] == rotate_deg

    watch = ("watch", "--source", film, "--no-notify", "--format", "jsonl")
    assert '"to": "upright"' in posturecam(*watch).stdout
    (home / "config.toml").write_text("rotate = 0\n")
    assert '"to": "upright"' not in posturecam(*watch).stdout
