"""Whoever is there without a head to be seen is not away; whoever has left is, jacket or not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pytest

from posturecam.capture.ffmpeg_memory import ANALYZED
from posturecam.capture.recorded import VideoFile
from posturecam.capture.thumbnail import Pixels, thumbnail_of
from posturecam.posture.baseline import PHOTOS, Take, combine
from posturecam.posture.place import GONE_AFTER_S, LONGEST_UNSEEN_S, PlaceMemory, step
from posturecam.values.events import BreakTaken
from posturecam.values.observation import (
    Detection,
    Deviations,
    Frame,
    Observation,
    PostureState,
    SitterPosition,
    UnknownReason,
    View,
)
from posturecam.watch.attention import Attention
from posturecam.watch.sampling import SamplingSettings
from tests.fakes import NINE, sitter, watched
from tests.rooms import photo, room, turned

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from posturecam.pose.landmarker import PoseLandmarker
    from posturecam.posture.baseline import Baseline

NOBODY, NO_HEAD = UnknownReason.NOBODY, UnknownReason.NO_HEAD
SEEN, LOW = "seen", "low"
POSITION = SitterPosition(shoulder_x=0.5, shoulder_y=0.55, scale=0.34, head_ratio=0.6, tilt_deg=0.0)
WALL = photo(room(3), turned())


@dataclass
class Desk:
    """A room with a chair before a camera with noise, and what is going on in it."""

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(0)

    def picture(
        self,
        *,
        body_px: int | None = None,
        sits: bool = False,
        passer_px: int | None = None,
        screen: int = 0,
        lit: float = 1.0,
    ) -> NDArray[np.uint8]:
        """(120, 160) uint8, with new noise; lengths are those of a picture of 640 x 480.

        Args:
            body_px: a back over the desk, so far beside its usual place; None without one.
            sits: somebody upright.
            passer_px: somebody who walks behind, so far from the left.
            screen: what a screen behind the chair shows.
            lit: brightness of the whole room.
        """
        there = _painted(body_px, passer_px, screen, sits=sits)
        noise = self._rng.normal(0, 1, there.shape)
        return np.clip(there * lit + noise, 0, 255).astype(np.uint8)


@cache
def _painted(
    body_px: int | None, passer_px: int | None, screen: int, *, sits: bool
) -> NDArray[np.float32]:
    """(120, 160): the room of a `Desk` as it is."""
    picture = WALL.astype(np.float32)
    picture[260:400, 200 + 20 * screen : 450 : 40] = 230.0
    if passer_px is not None:
        picture[100:, passer_px : passer_px + 110] = 45.0
    picture[250:, 270:370] = 60.0  # the chair, with a jacket
    picture[270:400:12, 275:365] = 120.0
    if body_px is not None:
        picture[330:, 210 + body_px : 430 + body_px] = 190.0
        picture[340::16, 210 + body_px : 430 + body_px] = 90.0
    if sits:
        picture[120:, 240:400] = 200.0
    return np.asarray(picture.reshape(120, 4, 160, 4).mean(axis=(1, 3)))


def observed(t_s: float, what: UnknownReason | str) -> Observation:
    """What the pose model makes of a picture."""
    if what in (SEEN, LOW):
        known = Deviations.from_arrays([0.0] * 5, [1.0] * 5)
        position = replace(POSITION, head_ratio=POSITION.head_ratio - (0.4 if what == LOW else 0))
        return Observation(t_s=t_s, view=View.FRONT, deviations=known, position=position)
    return Observation(t_s=t_s, view=View.FRONT, unknown_reason=UnknownReason(what))


class Sequence:
    """Pictures one after the other, one a second, and what becomes of them."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.t_s = 0.0
        self._memory = PlaceMemory()

    def show(
        self, seconds: int, what: UnknownReason | str, **things: float | list[int]
    ) -> list[UnknownReason | None]:
        """What each second is called; a list of places is gone through again and again."""
        reasons = []
        for second in range(seconds):
            self.t_s += 1.0
            now = {
                name: value[second % len(value)] if isinstance(value, list) else value
                for name, value in things.items()
            }
            thumbnail = thumbnail_of(self.desk.picture(**now))  # type: ignore[arg-type]
            self._memory, seen = step(self._memory, observed(self.t_s, what), thumbnail, POSITION)
            reasons.append(seen.unknown_reason)
        return reasons


STIRRING = [0, 4, 0, -5, 0, 0, 3, 0]
"""A back that moves by some pixels now and then."""


def test_a_body_that_stirs_is_there_however_long_no_head_is_seen() -> None:
    """Sitting, deep over the desk for minutes, and up again."""
    there = Sequence()
    there.show(20, SEEN)
    hunched = there.show(300, NOBODY, body_px=STIRRING)

    assert set(hunched[3:]) == {NO_HEAD}
    assert there.show(5, SEEN)[-1] is None


def test_who_sank_and_lies_still_is_there_for_ten_minutes() -> None:
    """Asleep on the desk, of which hardly anything may be in the picture."""
    asleep = Sequence()
    asleep.show(20, SEEN, sits=1)
    asleep.show(2, LOW, body_px=0)
    still = asleep.show(620, NOBODY, body_px=0)

    assert still.index(NOBODY) == pytest.approx(LONGEST_UNSEEN_S, abs=2)


def test_who_leans_forward_to_rise_has_left() -> None:
    """The last look before nothing shows them low; then they rise through the picture."""
    left = Sequence()
    left.show(20, SEEN, sits=1)
    left.show(1, LOW, body_px=0)
    left.show(2, NOBODY, sits=[1, 0])

    assert set(left.show(60, NOBODY)[7:]) == {NOBODY}


def test_an_empty_chair_with_a_jacket_is_empty_within_seconds() -> None:
    """Whoever rises is in the picture for two more seconds; the jacket stays."""
    left = Sequence()
    left.show(20, SEEN)
    rising = left.show(3, NOBODY, body_px=[0, 60, 150])
    empty = left.show(120, NOBODY)

    assert NO_HEAD in rising
    assert empty.index(NOBODY) <= 7
    assert set(empty[7:]) == {NOBODY}


def test_after_a_while_only_a_person_takes_the_place_again() -> None:
    """A cat on the chair, a cleaner: what moves there is no sitter."""
    left = Sequence()
    left.show(10, SEEN)
    left.show(round(GONE_AFTER_S) + 5, NOBODY)

    assert set(left.show(60, NOBODY, body_px=STIRRING)) == {NOBODY}
    assert left.show(3, SEEN)[-1] is None
    assert set(left.show(60, NOBODY, body_px=STIRRING)[3:]) == {NO_HEAD}


def test_what_moves_before_anybody_was_seen_is_nobody() -> None:
    """A watch that starts before an empty desk."""
    assert set(Sequence().show(60, NOBODY, body_px=STIRRING)) == {NOBODY}


def test_somebody_who_walks_behind_an_empty_chair_takes_no_place() -> None:
    """For the seconds in which they pass it, at most."""
    left = Sequence()
    left.show(10, SEEN)
    left.show(10, NOBODY)
    left.show(6, NOBODY, passer_px=[0, 120, 240, 360, 480, 530])

    assert set(left.show(40, NOBODY)[20:]) == {NOBODY}


def test_a_room_that_grows_darker_is_no_body() -> None:
    """Nor one whose camera adapts."""
    left = Sequence()
    left.show(10, SEEN)
    left.show(4, NOBODY)

    for lit in (0.95, 0.85, 0.9, 0.75, 0.7):
        assert left.show(1, NOBODY, lit=lit) == [NOBODY]


def test_a_screen_behind_the_chair_keeps_nobody_there_for_good() -> None:
    """Ten minutes the first time; from then on what moves in an empty room is known."""
    left = Sequence()
    left.show(10, SEEN)
    flicker = [1, 0]
    first = left.show(700, NOBODY, screen=flicker)
    left.show(10, SEEN)
    second = left.show(60, NOBODY, screen=flicker)

    assert first.count(NO_HEAD) > 300
    assert first[-1] is NOBODY
    assert set(second[5:]) == {NOBODY}


@pytest.mark.parametrize("seen", ["too_dark", "head_out", "elsewhere", "paused"])
def test_only_an_empty_place_is_looked_at(seen: str) -> None:
    """Whatever else the pose model says holds."""
    place = Sequence()
    place.show(10, SEEN)

    assert set(place.show(5, seen)) == {UnknownReason(seen)}
    assert set(place.show(5, NOBODY)) == {NOBODY}


def test_a_sunken_head_that_moves_is_somebody_for_as_long_as_it_does() -> None:
    """The pose model finds a pose with the head below the shoulders: no limit of ten minutes."""
    place = Sequence()
    place.show(10, SEEN)

    assert set(place.show(700, NO_HEAD, body_px=STIRRING)) == {NO_HEAD}


def test_a_sunken_head_that_never_moves_is_a_chair() -> None:
    """To the pose model an empty chair may look like one."""
    place = Sequence()
    place.show(10, SEEN, sits=1)
    place.show(2, NOBODY, sits=[1, 0])

    assert set(place.show(60, NO_HEAD)[7:]) == {NOBODY}
    assert set(Sequence().show(5, NO_HEAD)) == {NOBODY}


def test_after_a_gap_nothing_is_compared_with_what_was_before_it() -> None:
    """A machine that slept."""
    place = Sequence()
    place.show(10, SEEN)
    place.show(2, NOBODY)
    place.t_s += 3600.0

    assert place.show(1, NOBODY, body_px=30) == [NOBODY]


def test_a_watch_counts_no_break_while_somebody_hangs_over_the_desk() -> None:
    """Ten minutes of it, then they leave, and that is one."""
    desk, person = Desk(), sitter(y_px=300.0)

    def frame(second: int) -> Frame:
        hunched = 60 <= second < 540
        stirred_px = STIRRING[second % len(STIRRING)] if second < 540 else None
        picture = desk.picture(
            body_px=stirred_px if hunched else None, sits=second < 60 or second >= 900
        )
        return Frame(
            t_s=float(second),
            index=second,
            picture=Pixels(np.repeat(picture[..., None], 3, axis=2)),
        )

    sink = watched(
        [frame(second) for second in range(920)],
        lambda t_s: () if 60 <= t_s < 900 else (person,),
        calibrate_s=30.0,
    )

    readings = [tick.reading for tick in sink.ticks if tick.reading is not None]
    over_the_desk = [one for one in readings if 70 < one.t_s < 540]
    assert {one.state for one in over_the_desk} == {PostureState.UNKNOWN}
    assert {one.reasons for one in over_the_desk} == {(NO_HEAD,)}
    assert PostureState.AWAY in {one.state for one in readings if 640 < one.t_s < 900}
    ((_, taken),) = sink.events(BreakTaken)
    assert 335 < taken.lasted_s <= 360


REAL = ("c01_clm_cap12.mp4", "c09_portrait_talk.mp4", "c10_clm_cap13.mp4")


def _headless(image: NDArray[np.uint8], chin_row: int) -> NDArray[np.uint8]:
    """The picture with a wall down to a row."""
    below = image.copy()
    below[:chin_row] = 120
    return below


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_a_real_trunk_without_a_head_is_somebody(
    name: str, landmarker: PoseLandmarker, shared: Path
) -> None:
    """Real people who talk, with a wall before their heads; and a photograph of them is not."""
    with VideoFile(shared / "clips" / "clips" / name, name=name, bound=ANALYZED) as video:
        frames = list(islice(video.frames(0.5), 40))
    baseline, chin_row = _baseline(frames[:10], landmarker)

    def watched(second_half: list[NDArray[np.uint8]]) -> list[UnknownReason | None]:
        eyes = Attention(landmarker.detect, live=True, sampling=SamplingSettings)
        images = [frame.image for frame in frames[:10]] + second_half
        seen = [
            eyes.observe(
                Frame(t_s=index / 2, index=index, picture=Pixels(image)), baseline, alert_near=False
            )
            for index, image in enumerate(images)
        ]
        return [one.unknown_reason for one in seen[10:]]

    moving = watched([_headless(frame.image, chin_row) for frame in frames[10:]])
    rng = np.random.default_rng(1)
    still = frames[10].image.astype(np.float64)
    photograph = watched(
        [
            _headless(
                np.clip(still + rng.normal(0, 4, still.shape), 0, 255).astype(np.uint8), chin_row
            )
            for _ in range(30)
        ]
    )

    print(name, [str(reason) for reason in moving], [str(reason) for reason in photograph])
    assert moving.count(NO_HEAD) >= 0.3 * len(moving)
    assert moving[-1] is NO_HEAD
    assert set(photograph[-10:]) == {NOBODY}


def _baseline(frames: list[Frame], landmarker: PoseLandmarker) -> tuple[Baseline, int]:
    """Of the sitter, and the row of the picture where the chin ends."""
    take = Take(demands=PHOTOS)
    detections: list[Detection] = [landmarker.detect(frame) for frame in frames]
    for detection in detections:
        take.add(detection)
    centre = combine([take], profile="me", model_sha256="", taken_at=NINE)
    middle = centre.centre
    chin = middle.nose_y + 0.5 * (middle.shoulder_y - middle.nose_y)
    return centre, round(chin * frames[0].image.shape[1])
