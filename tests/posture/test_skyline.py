"""A lid that was tilted between two watches, told by the few numbers that a profile keeps."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from posturecam.capture.thumbnail import Pixels
from posturecam.commands.analyze import judge_frames
from posturecam.posture.baseline import Take, combine
from posturecam.posture.camera import CameraMemory, step
from posturecam.posture.profiles import load_profile, save_profile
from posturecam.posture.scenery import UNTURNED, CameraTurn, Scenery, scenery_in
from posturecam.posture.skyline import Skyline, joined, skyline_of, tilt_between, tilt_since
from posturecam.values.observation import Detection, Frame, PostureState
from posturecam.values.settings import Thresholds
from tests.fakes import NINE, FakeLandmarker, sitter, watched
from tests.rooms import frame_of, photo, room, scenery, seen_by, turned

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
    frames = [frame_of(picture, index) for index in range(80)]
    return watched(frames, lambda _: (person,), baseline=baseline).states(after_s=6.0)


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


# What is kept, and what of it is enough


def test_a_skyline_is_the_mean_of_each_row_of_the_outer_quarters() -> None:
    """With its sign and without, of what is beside the sitter; the middle is not looked at."""
    rows = np.arange(72.0)
    pattern = np.full((72, 96), 1000.0)
    pattern[:, :24] = rows[:, None]
    pattern[:, 72:] = -2 * rows[:, None]
    pattern[:, 80] += 24
    beside = np.ones((72, 96), dtype=np.bool_)
    beside[5, :12] = beside[6, :13] = beside[7, 72:] = False
    beside[8, :6] = False
    pattern[8, :6] = 500.0
    seen = Scenery(pattern=pattern.astype(np.float32), beside=beside, textured=beside)
    left = np.where(rows == 6, np.nan, rows)
    right = np.where(rows == 7, np.nan, -2 * rows + 1)
    of_80 = np.abs(24 - 2 * rows)
    right_size = np.where(rows == 7, np.nan, (23 * 2 * rows + of_80) / 24)

    assert skyline_of(seen) == pytest.approx(np.array([left, left, right, right_size]), nan_ok=True)


def test_what_half_of_the_looks_show_is_kept() -> None:
    """As their median in hundredths; looks at another shape of picture do not count."""
    nan = np.nan
    looks = [
        np.array([[0.123, 1.0, nan, nan]]),
        np.array([[0.456, 3.0, nan, 7.0]]),
        np.array([[0.789, nan, nan, nan]]),
        np.array([[0.5, nan, 6.0, nan]]),
        np.array([[9.0, 9.0]]),
    ]
    assert joined(looks) == ((0.48, 2.0, None, None),)
    assert joined(looks[:1]) == ((0.12, 1.0, None, None),)
    assert joined([]) is None


def kept(rows: NDArray[np.float64]) -> Skyline:
    """What a profile has of it."""
    return tuple(tuple(None if np.isnan(one) else one for one in part) for part in rows.tolist())


def told(now: NDArray[np.float64], then: NDArray[np.float64]) -> float | None:
    """By how many of 96 columns the picture moved down; None where that is not told."""
    turn = tilt_between(kept(now), kept(then), 96)
    return None if turn is None else round(96 * turn.down, 6)


def moved(skyline: NDArray[np.float64], down: int) -> NDArray[np.float64]:
    """The same further down; what comes into the picture is new."""
    new = np.random.default_rng(99).normal(0, 1, skyline.shape)
    rows = skyline.shape[1]
    new[:, max(0, down) : rows + min(0, down)] = skyline[:, max(0, -down) : rows - max(0, down)]
    return new


EDGES = np.random.default_rng(5).normal(0, 1, (4, 72))


@pytest.mark.parametrize("size", [1.0, 0.01])
@pytest.mark.parametrize("down", [3, -3, 12, -20, 33, -33])
def test_a_skyline_that_moved_is_found_where_it_is(down: int, size: float) -> None:
    """By its rows, from two degrees to twenty, however faint."""
    assert told(size * moved(EDGES, down), size * EDGES) == down
    assert tilt_between(kept(moved(EDGES, down)), kept(EDGES), 96) == CameraTurn(
        down=down / 96, focal=0.9
    )


@pytest.mark.parametrize(("down", "found"), [(2, 0), (-2, 0), (34, None), (-34, None)])
def test_less_is_a_sitter_and_more_is_not_looked_for(down: int, found: float | None) -> None:
    """Two degrees are how people sit down again; twenty are as far as a lid goes."""
    assert told(moved(EDGES, down), EDGES) == found


@pytest.mark.parametrize(("down", "found"), [(8, 8), (-8, -8), (9, None)])
def test_a_low_picture_is_compared_by_twelve_rows_at_least(down: int, found: float | None) -> None:
    """Of twenty."""
    low = EDGES[:, :20]
    assert told(moved(low, down), low) == found


@pytest.mark.parametrize(
    ("known_rows", "found"),
    [
        ((12, 12, 12, 12), 0),
        ((11, 11, 11, 11), None),
        ((20, 20, 0, 0), 0),
        ((13, 13, 13, 0), None),
        ((14, 14, 12, 11), 0),
        ((14, 14, 11, 11), None),
    ],
)
def test_forty_numbers_are_enough(known_rows: tuple[int, ...], found: float | None) -> None:
    """Twelve rows of a part at least, or it does not count."""
    few = EDGES.copy()
    for part, rows in zip(few, known_rows, strict=True):
        part[rows:] = np.nan
    assert told(few, few) == found


def test_what_looks_alike_higher_up_or_lower_down_tells_nothing() -> None:
    """Shelves: each fits onto the next one, nearly as well as onto itself."""
    rng = np.random.default_rng(7)
    shelves = np.tile(rng.normal(0, 1, (4, 25)), 4) + rng.normal(0, 0.1, (4, 100))
    for down in (10, -10):
        assert told(shelves[:, 14 - down : 86 - down], shelves[:, 14:86]) is None


def test_a_skyline_without_an_edge_tells_nothing() -> None:
    """And what has some in one place is told by those."""
    flat = np.full((4, 72), 0.3)
    some = flat.copy()
    some[:, 2:16] = EDGES[:, 2:16]
    assert told(flat, flat) is None
    assert told(some, some) == 0


def test_what_is_half_alike_is_another_place() -> None:
    """Though no place fits better."""
    other = np.random.default_rng(8).normal(0, 1, EDGES.shape)
    assert told(EDGES + 0.8 * other, EDGES) == 0
    assert told(EDGES + 1.7 * other, EDGES) is None


def test_soft_edges_fit_beside_themselves() -> None:
    """Three rows beside the best place are still that place, and four are another."""

    def soft(rows: int) -> NDArray[np.float64]:
        """Noise, each number the mean of so many."""
        noise = np.random.default_rng(3).normal(0, 1, (400, 72 + rows))
        sums: NDArray[np.float64] = noise.cumsum(axis=1)
        return np.subtract(sums[:, rows:], sums[:, :-rows])

    assert told(soft(28), soft(28)) == 0
    assert told(soft(39), soft(39)) is None
