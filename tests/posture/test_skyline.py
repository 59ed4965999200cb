"""A lid that was tilted between two watches, told by the few numbers that a profile keeps."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from posturecam.base.interrupts import Interrupts
from posturecam.capture.thumbnail import Pixels
from posturecam.commands.analyze import judge_frames
from posturecam.posture.baseline import Take, combine
from posturecam.posture.camera import CameraMemory, step
from posturecam.posture.profiles import load_profile, save_profile
from posturecam.posture.scenery import UNTURNED, scenery_in
from posturecam.posture.skyline import Skyline, joined, skyline_of, tilt_between, tilt_since
from posturecam.values.observation import Detection, Frame, PostureState
from posturecam.values.settings import Settings, Thresholds
from posturecam.watch.loop import Watch
from posturecam.watch.task import Task
from tests.fakes import NINE, FakeLandmarker, RecordingSink, ScriptedSource, sitter
from tests.rooms import photo, room, scenery, seen_by, turned

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from posturecam.posture.baseline import Baseline
    from posturecam.values.observation import Landmarks

HOME = turned()
PERSON = sitter(y_px=300.0)
ROOMS = (0, 1, 2, 3, 4, 5)


def kept_of(seed: int) -> Skyline:
    """What a baseline before a room keeps of it."""
    found = joined([skyline_of(scenery(photo(room(seed), HOME), PERSON))] * 3)
    assert found is not None
    return found


@pytest.mark.parametrize("down_deg", [-9.0, -4.0, 4.0, 9.0])
def test_a_tilt_is_told_or_nothing_is_claimed(down_deg: float) -> None:
    """In most rooms to two hundredths of the width, in none wrongly."""
    camera = turned(down_deg=down_deg)
    person = seen_by(PERSON, camera, HOME)
    told = 0
    for seed in ROOMS:
        found = tilt_since(kept_of(seed), scenery(photo(room(seed), camera), person))
        if found is not None:
            told += 1
            assert found.down == pytest.approx(1.1 * np.tan(np.radians(down_deg)), abs=0.02)

    assert told >= 4


@pytest.mark.parametrize(
    "person",
    [PERSON, sitter(y_px=310.0, x_px=250.0), sitter(y_px=280.0, size=1.2), sitter(size=0.8)],
    ids=["as before", "chair aside", "nearer", "farther"],
)
@pytest.mark.parametrize("light", [1.0, 0.6, 1.2])
def test_a_camera_that_nobody_touched_is_untouched(person: Landmarks, light: float) -> None:
    """At another hour, with the chair elsewhere."""
    ramp = np.linspace(light, 1.0, 640)[None]
    for seed in ROOMS:
        lit = np.clip(photo(room(seed), HOME) * ramp, 0, 255).astype(np.uint8)
        assert tilt_since(kept_of(seed), scenery(lit, person)) in (UNTURNED, None)


def test_another_room_a_bare_wall_and_another_shape_tell_nothing() -> None:
    """Nothing is claimed of a place that is not the one from before."""
    rng = np.random.default_rng(3)
    wall = np.clip(160 + rng.normal(0, 4, (480, 640)), 0, 255).astype(np.uint8)
    here = scenery(photo(room(1), HOME), PERSON)

    assert tilt_since(kept_of(0), scenery(wall, PERSON)) is None
    assert tilt_since(kept_of(0), scenery(photo(room(1), HOME)[:360], PERSON)) is None
    assert [tilt_since(kept_of(seed), here) for seed in (0, 2, 3, 4, 5)] == [None] * 5


def baseline_before(picture: NDArray[np.uint8]) -> Baseline:
    """Of somebody upright."""
    take = Take()
    bgr = np.repeat(picture[..., None], 3, axis=2)
    for index in range(20):
        seen = Detection(t_s=index / 5, people=(PERSON,), brightness=120.0)
        take.add(seen, scenery_in(bgr, seen.people))
    return combine([take], profile="desk", model_sha256="ab" * 32, taken_at=NINE)


def states(baseline: Baseline, picture: NDArray[np.uint8], person: Landmarks) -> set[PostureState]:
    """What somebody is called who sits still before a watch that starts with the picture."""
    sink = RecordingSink()
    bgr = np.repeat(picture[..., None], 3, axis=2)

    def frame(index: int) -> Frame:
        noisy = bgr.copy()
        noisy[index % 480, :8] += 1
        return Frame(t_s=index / 2, index=index, picture=Pixels(noisy))

    task = Task(
        settings=Settings(),
        model_sha256="ab" * 32,
        began_at=NINE,
        baseline=baseline,
        guarded=True,
    )
    watch = Watch(task, landmarker=FakeLandmarker(lambda _: (person,)), sinks=[sink])
    watch.run(ScriptedSource([frame(index) for index in range(80)]), Interrupts())
    return sink.states(after_s=6.0)


@pytest.mark.parametrize("down_deg", [9.0, 12.0])
def test_a_lid_tilted_over_night_costs_no_false_minute(down_deg: float) -> None:
    """Whoever sits as in the baseline is upright; without the skyline they are not."""
    wall, camera = room(), turned(down_deg=down_deg)
    baseline = baseline_before(photo(wall, HOME))
    today, person = photo(wall, camera), seen_by(PERSON, camera, HOME)

    assert states(baseline, today, person) == {PostureState.UPRIGHT}
    assert states(replace(baseline, skyline=None), today, person) != {PostureState.UPRIGHT}


@pytest.mark.parametrize("are_photos", [False, True], ids=["video", "photos"])
def test_analyze_heeds_a_lid_that_is_tilted_on_the_way(*, are_photos: bool) -> None:
    """In a video and in photos that follow each other."""
    wall, camera = room(), turned(down_deg=9.0)
    tilted = seen_by(PERSON, camera, HOME)
    bgr = [np.repeat(photo(wall, at)[..., None], 3, axis=2) for at in (HOME, camera)]
    frames = [
        Frame(
            t_s=float(index),
            index=index,
            picture=Pixels(bgr[index >= 6]),
            name=f"{index}.jpg" if are_photos else None,
        )
        for index in range(12)
    ]
    landmarker = FakeLandmarker(lambda t_s: (PERSON if t_s < 6 else tilted,))
    baseline = baseline_before(photo(wall, HOME))

    judged = list(judge_frames(frames, landmarker, baseline, Thresholds()))

    assert {one.state for one in judged} == {PostureState.UPRIGHT}


@pytest.mark.parametrize(("told", "is_told"), [(2, True), (1, False)])
def test_two_looks_that_agree_tell_a_tilt_and_one_does_not(told: int, *, is_told: bool) -> None:
    """Of eight; somebody who hides the room hides it in most of them."""
    camera = turned(down_deg=9.0)
    here = scenery(photo(room(), camera), seen_by(PERSON, camera, HOME))
    hidden = scenery(photo(room(1), HOME), PERSON)
    memory, turn = CameraMemory(), None
    for index, seen in enumerate([*[hidden] * (8 - told), *[here] * told]):
        memory, turn = step(memory, seen, 2.0 * index, kept_of(0))
    assert (turn not in (None, UNTURNED)) is is_told
    assert memory.doubted is not is_told


def test_a_profile_keeps_four_numbers_a_row_and_no_more(tmp_path: Path) -> None:
    """Averages over a quarter of the picture's width: no picture can be made of them."""
    baseline = baseline_before(photo(room(), HOME))
    file = save_profile(tmp_path, baseline)
    found = load_profile(tmp_path, "desk")
    stored = json.loads(file.read_text())["skyline"]

    assert found.skyline == baseline.skyline
    assert [len(part) for part in stored] == [80] * 4
    assert all(value is None or value == round(value, 2) for part in stored for value in part)
    assert "skyline" not in repr(found)


def test_a_room_that_is_nearly_hidden_tells_nothing() -> None:
    """Whoever fills the picture leaves too few rows to be compared."""
    then = kept_of(0)
    few = tuple(tuple(value if row < 10 else None for row, value in enumerate(p)) for p in then)

    assert tilt_between(then, then, 96) == UNTURNED
    assert tilt_between(few, then, 96) is None
