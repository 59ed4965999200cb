"""Where the camera looks, as a watch goes on: turned, back again, elsewhere, and in other light."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from posturecam.posture.camera import CameraMemory, step
from posturecam.posture.scenery import UNTURNED, CameraTurn, Scenery
from posturecam.values.events import StaleBaseline
from posturecam.values.observation import PostureState
from tests.fakes import RecordingSink, sitter, watched
from tests.rooms import frame_of, photo, room, scenery, seen_by, shifted, turned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from posturecam.values.observation import Landmarks

EVERY_S = 2.0
HOME = turned()
TILTED = turned(down_deg=9.0)
PERSON = sitter(y_px=300.0)


def turns(pictures: Iterable[Scenery], *, every_s: float = EVERY_S) -> list[CameraTurn | None]:
    """What is found look after look."""
    memory = CameraMemory()
    found = []
    for index, picture in enumerate(pictures):
        memory, turn = step(memory, picture, index * every_s)
        found.append(turn)
    return found


def test_a_lid_is_tilted_and_tilted_back() -> None:
    """And the sitter is where they were, in both."""
    wall = room()
    home, tilted = scenery(photo(wall, HOME), PERSON), scenery(photo(wall, TILTED), PERSON)

    found = turns([home, home, tilted, tilted, tilted, home])

    assert found[:2] == [UNTURNED, UNTURNED]
    assert found[2] is not None
    assert found[2].down > 0.1
    assert found[3] is found[2]
    assert found[5] is not None
    assert abs(found[5].down) < 0.01


def test_a_camera_that_was_known_and_stands_elsewhere_is_elsewhere_until_it_is_back() -> None:
    """Nobody can be judged by a baseline of another place."""
    here, there = scenery(photo(room(1), HOME), PERSON), scenery(photo(room(2), HOME), PERSON)

    found = turns([*[here] * 5, *[there] * 5, here])

    assert found == [*[UNTURNED] * 5, *[None] * 5, UNTURNED]


def test_a_room_that_was_never_recognised_is_not_missed() -> None:
    """Whoever carries the laptop about from the first look on is judged as ever."""
    found = turns(scenery(photo(room(seed), HOME), PERSON) for seed in range(5))

    assert None not in found


@pytest.mark.parametrize(("looks", "is_missed"), [(3, False), (4, True)])
def test_a_room_is_missed_once_it_was_recognised_three_times(
    looks: int, *, is_missed: bool
) -> None:
    """In looks after the first, which recognises nothing."""
    here, there = scenery(photo(room(1), HOME), PERSON), scenery(photo(room(2), HOME), PERSON)

    assert (turns([*[here] * looks, there])[-1] is None) is is_missed


def test_a_camera_that_is_not_found_is_searched_ever_more_rarely() -> None:
    """Five seconds later, ten after that, and so on to a minute; between, a search costs nothing.

    The lid at home, but tilted, is found by a search alone.
    """
    here, there = scenery(photo(room(1), HOME), PERSON), scenery(photo(room(2), HOME), PERSON)
    tilted = scenery(photo(room(1), TILTED), PERSON)
    memory = CameraMemory()
    for known_s in (-4.0, -3.0, -2.0, -1.0):
        memory, _ = step(memory, here, known_s)
    searched_s = [0.0, 5.0, 15.0, 35.0, 75.0, 135.0, 195.0]
    for now_s, next_s in pairwise(searched_s):
        memory, turn = step(memory, there, now_s)
        assert turn is None
        for t_s, is_found in ((next_s - 0.1, False), (next_s, True)):
            assert (step(memory, tilted, t_s)[1] is not None) is is_found


def test_noise_that_comes_again_now_and_then_is_no_room() -> None:
    """As from a camera that repeats itself: what is not recognised again and again is not known."""
    rng = np.random.default_rng(4)
    walls = [scenery(rng.integers(0, 255, (480, 640), dtype=np.uint8), PERSON) for _ in range(4)]

    assert None not in turns(walls[index % 4] for index in range(40))


def test_a_bare_wall_never_stands_elsewhere() -> None:
    """Its noise is never the same, and never told anything."""
    rng = np.random.default_rng(3)
    walls = (
        np.clip(160 + rng.normal(0, 4, (480, 640)), 0, 255).astype(np.uint8) for _ in range(12)
    )

    assert set(turns(scenery(wall, PERSON) for wall in walls)) == {UNTURNED}


def test_the_sun_moves_on() -> None:
    """A room that changes slowly, until nothing of the first picture is left, is still the room."""
    first, last = photo(room(1), HOME).astype(float), photo(room(2), HOME).astype(float)
    looks = 60

    def pictures() -> Iterable[Scenery]:
        for index in range(looks):
            share = index / (looks - 1)
            mixed = (1 - share) * first + share * last
            yield scenery(mixed.astype(np.uint8), PERSON)

    assert set(turns(pictures(), every_s=60.0)) == {UNTURNED}


def test_somebody_who_walks_behind_does_not_turn_the_camera() -> None:
    """Most of the room is still there."""
    wall = room()
    passer = sitter(x_px=80.0, y_px=250.0, size=0.8)
    picture = photo(wall, HOME)
    crossed = picture.copy()
    crossed[100:, 20:180] = 30

    found = turns([scenery(picture, PERSON)] * 4 + [scenery(crossed, PERSON, passer)] * 3)

    assert set(found) == {UNTURNED}


def test_another_resolution_begins_anew_where_the_camera_was() -> None:
    """It is the same camera, with another number of pixels."""
    wall = room()
    small = scenery(photo(wall, HOME)[::2, ::2], sitter())

    found = turns([scenery(photo(wall, HOME), PERSON)] * 3 + [small] * 3)

    assert set(found) == {UNTURNED}


def _watched(
    camera_at: Callable[[float], tuple[NDArray[np.uint8], Landmarks]], until_s: float
) -> RecordingSink:
    """A watch of somebody who sits still; its baseline is taken in the first ten seconds."""
    frames = [frame_of(camera_at(index / 2)[0], index) for index in range(int(until_s * 2))]
    return watched(frames, lambda t_s: (camera_at(t_s)[1],), calibrate_s=10.0)


@pytest.mark.parametrize("down_deg", [9.0, -7.0])
def test_a_tilted_lid_costs_no_false_minute(down_deg: float) -> None:
    """Whoever sits upright all the time stays upright; without the room behind they would not."""
    wall, tilted = room(), turned(down_deg=down_deg)
    before, after = (
        (photo(wall, camera), seen_by(PERSON, camera, HOME)) for camera in (HOME, tilted)
    )

    sink = _watched(lambda t_s: before if t_s < 30 else after, 90.0)

    assert sink.events(StaleBaseline) == []
    assert sink.states(after_s=12.0) == {PostureState.UPRIGHT}


def test_a_camera_that_was_put_elsewhere_is_said_within_half_a_minute() -> None:
    """And nothing is judged from the first look at the other place on."""
    here = photo(room(1), HOME), PERSON
    there = photo(room(2), shifted()), sitter(y_px=330.0, drop_px=25.0)

    sink = _watched(lambda t_s: here if t_s < 120 else there, 170.0)

    ((said_s, _),) = sink.events(StaleBaseline)
    assert 120 < said_s <= 150
    assert sink.states(after_s=126.0) == {PostureState.UNKNOWN}
    assert PostureState.SLOUCHED not in sink.states(after_s=12.0)
