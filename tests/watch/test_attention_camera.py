"""What those who look know of the camera: that it has turned, or stands elsewhere, or neither."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from posturecam.capture.thumbnail import Pixels
from posturecam.pose.measures import measure, position_of
from posturecam.posture.scenery import UNTURNED
from posturecam.values.observation import Detection, Frame
from posturecam.watch.attention import Attention
from posturecam.watch.sampling import SamplingSettings
from tests.posture.test_camera_turns import EVERY_S, HOME, PERSON, TILTED
from tests.posture.test_skyline import baseline_before
from tests.rooms import photo, room, seen_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posturecam.posture.scenery import CameraTurn

HERE, THERE = photo(room(1), HOME), photo(room(2), HOME)


class Room:
    """Somebody before pictures, looked at one after the other."""

    def __init__(self) -> None:
        self.seen = Detection(t_s=0.0, people=(PERSON,), brightness=120.0)
        self.told: list[tuple[Detection, bool, CameraTurn | None]] = []
        self.eyes = Attention(
            lambda _: self.seen,
            live=True,
            sampling=SamplingSettings,
            see=lambda seen, scenery, turn: self.told.append((seen, scenery is not None, turn)),
        )
        self.baseline = replace(baseline_before(HERE), skyline=None)
        self.looks = 0

    def look(self, picture: NDArray[np.uint8], times: int = 1) -> None:
        """So many looks at it."""
        image = np.repeat(picture[..., None], 3, axis=2)
        for _ in range(times):
            self.looks += 1
            frame = Frame(t_s=EVERY_S * self.looks, index=self.looks, picture=Pixels(image))
            self.eyes.judge(frame, self.seen, self.baseline)


def test_who_is_seen_by_a_turned_camera_is_put_back_where_they_were() -> None:
    """A new baseline is taken of what the camera would have seen before."""
    desk = Room()
    desk.look(HERE, 5)
    assert desk.eyes.put_back(desk.seen) == desk.seen
    lower = seen_by(PERSON, TILTED, HOME)
    desk.look(photo(room(1), TILTED))
    (there,) = desk.eyes.put_back(replace(desk.seen, people=(lower,))).people
    assert np.abs(lower.points_px - PERSON.points_px)[:, 1].max() > 50
    assert there.points_px[:, :2] == pytest.approx(PERSON.points_px[:, :2], abs=8)


def test_each_look_is_told_of_and_its_measures_can_be_taken_once() -> None:
    """With what stands around, and how the camera has turned by then."""
    desk = Room()
    desk.look(HERE, 3)
    assert desk.told == [(desk.seen, True, UNTURNED)] * 3
    taken = desk.eyes.pop_seen()
    assert taken is not None
    assert taken.ear_y == measure(PERSON).ear_y
    assert desk.eyes.pop_seen() is None


def test_a_camera_in_another_room_is_elsewhere_until_a_new_baseline() -> None:
    """Or until it is back."""
    desk = Room()
    desk.look(HERE, 5)
    assert not desk.eyes.elsewhere
    desk.look(THERE, 2)
    assert desk.eyes.elsewhere
    desk.look(HERE)
    assert not desk.eyes.elsewhere
    desk.look(HERE, 3)
    desk.look(THERE)
    desk.eyes.renew()
    assert not desk.eyes.elsewhere


def test_it_is_doubted_whether_the_lid_was_tilted_as_long_as_the_room_does_not_tell() -> None:
    """The sitter's place is what is left to go by; a baseline without a room leaves no doubt."""
    desk = Room()
    desk.look(HERE)
    assert desk.eyes.doubted(desk.baseline) is None

    later = Room()
    later.baseline = baseline_before(HERE)
    later.look(THERE)
    home = position_of(later.baseline.centre, later.baseline.view)
    assert later.eyes.doubted(later.baseline) == home
    later.look(HERE, 2)
    assert later.eyes.doubted(later.baseline) is None
