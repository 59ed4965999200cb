"""What a camera may do wrong, one row a fault: the state meanwhile, what is said, how it ends.

The first table is watched through the whole loop on a hand-moved clock, the second comes over a
real connection. A camera that is absent or in use at the start is in `test_feed`; grey, alpha and
16-bit pictures as drivers deliver them are in `test_camera`.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import cv2
import numpy as np
import pytest

from posturecam.base.clock import SystemClock
from posturecam.base.interrupts import Interrupts
from posturecam.capture.find import find_source
from posturecam.capture.opencv import LONGEST_SIDE_PX
from posturecam.capture.outage import LONGEST_RETRY_S, STEADY_AFTER_S
from posturecam.capture.session import Feed, Resting
from posturecam.values.events import Alerted, Calibrated, CameraChanged, CameraStatus, StaleBaseline
from posturecam.values.observation import Detection, Frame, PostureState, UnknownReason
from posturecam.values.settings import Settings
from posturecam.watch.controls import Controls
from posturecam.watch.loop import Watch
from posturecam.watch.sampling import SamplingSettings
from posturecam.watch.task import Task
from tests.cameras import (
    BUSY,
    DIFFERENT,
    GONE,
    Camera,
    StoryClock,
    a_frame,
    changing,
    desk,
    until,
)
from tests.fakes import NINE, RecordingSink, sitter
from tests.streams import MjpegServer, as_jpegs
from tests.waiting import FastClock, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from posturecam.capture.session import Item
    from posturecam.values.observation import Landmarks, Reason

LOST, BACK = CameraStatus.LOST, CameraStatus.BACK
UPRIGHT, UNKNOWN = PostureState.UPRIGHT, PostureState.UNKNOWN

CALIBRATE_S = 10.0
BREAKS_AT_S = 100.0
MENDED_AT_S = BREAKS_AT_S + 300.0
SEEN_BY_S = SamplingSettings().still_there_s + 10.0
"""A picture that changes little is looked at again, and smoothed away, within so long."""
ENDS_AT_S = MENDED_AT_S + SEEN_BY_S + STEADY_AFTER_S + LONGEST_RETRY_S


LARGER = {"width_px": 640, "height_px": 480}
SHAPE = (240, 320, 3)


def snow(index: int) -> NDArray[np.uint8]:
    """What a broken camera shows."""
    return _snow(index % DIFFERENT)


@cache
def _snow(index: int) -> NDArray[np.uint8]:
    return np.random.default_rng(index).integers(0, 255, SHAPE, dtype=np.uint8)


def look(image: NDArray[np.uint8]) -> tuple[Landmarks, ...]:
    """Whoever sits before the wall; stands in for the pose model."""
    height_px, width_px = image.shape[:2]
    if height_px < 32:
        return ()
    wall = float(image[: height_px // 4].mean())
    body = float(image[height_px // 2 :, width_px // 3 : -width_px // 3].mean())
    if not 40 < wall - body < 100:
        return ()
    there = sitter()
    scale = width_px / there.image_width_px
    return (
        replace(
            there,
            points_px=there.points_px * scale,
            image_width_px=width_px,
            image_height_px=height_px,
        ),
    )


class Eyes:
    """A landmarker that goes by the picture alone."""

    def detect(self, frame: Frame) -> Detection:
        """Who is in the picture, and what it is like."""
        image = frame.image.astype(np.float64)
        bend = np.diff(image[:, :, 1], 2, axis=1) if image.shape[1] > 2 else np.zeros(1)
        return Detection(
            t_s=frame.t_s,
            people=look(frame.image),
            brightness=float(image.mean()),
            contrast=float(image.std()),
            sharpness=float(bend.std()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One row of the table: what breaks, and what must come of it, until it works, and after."""

    breaks: Callable[[Camera], None]
    repairs: Callable[[Camera], None]
    meanwhile: PostureState = UNKNOWN
    reason: UnknownReason | None = None
    told_within_s: float = SEEN_BY_S
    says: tuple[CameraStatus, ...] = ()


def showing(picture: Callable[[int], NDArray[np.uint8]]) -> Callable[[Camera], None]:
    """It shows this from then on."""
    return changing(picture=picture)


NO_PICTURE_S = 10.0
FROZEN_S = SamplingSettings().frozen_after_s + 10.0

FAULTS = {
    "unplugged": Fault(
        breaks=changing(refuses=GONE), repairs=changing(refuses=None),
        reason=UnknownReason.NO_PICTURE, told_within_s=NO_PICTURE_S, says=(LOST, BACK),
    ),
    "taken by another program": Fault(
        breaks=changing(refuses=BUSY), repairs=changing(refuses=None),
        reason=UnknownReason.NO_PICTURE, told_within_s=NO_PICTURE_S, says=(LOST, BACK),
    ),
    "stalls for five minutes": Fault(
        breaks=changing(silent=True, refuses=GONE), repairs=changing(silent=False, refuses=None),
        reason=UnknownReason.NO_PICTURE, told_within_s=NO_PICTURE_S, says=(LOST, BACK),
    ),
    "back with another resolution": Fault(
        breaks=changing(refuses=GONE),
        repairs=changing(refuses=None, picture=lambda index: desk(index, **LARGER)),
        reason=UnknownReason.NO_PICTURE, told_within_s=NO_PICTURE_S, says=(LOST, BACK),
    ),
    "another resolution without a word": Fault(
        breaks=showing(lambda index: desk(index, **LARGER)), repairs=showing(desk),
        meanwhile=UPRIGHT,
    ),
    "one picture each time it is opened": Fault(
        breaks=changing(breaks_after=1), repairs=changing(breaks_after=None),
        reason=UnknownReason.NO_PICTURE, told_within_s=NO_PICTURE_S, says=(LOST, BACK, LOST, BACK),
    ),
    "frozen": Fault(
        breaks=showing(lambda _: desk(1)), repairs=showing(desk),
        reason=UnknownReason.FROZEN, told_within_s=FROZEN_S,
    ),
    "frozen until it is opened anew": Fault(
        breaks=changing(stuck=True), repairs=changing(),
        meanwhile=UPRIGHT, told_within_s=FROZEN_S + SEEN_BY_S,
    ),
    "black": Fault(
        breaks=showing(lambda _: np.zeros(SHAPE, np.uint8)), repairs=showing(desk),
        reason=UnknownReason.TOO_DARK,
    ),
    "covered": Fault(
        breaks=showing(lambda index: np.full(SHAPE, 80 + index % 2, np.uint8)),
        repairs=showing(desk), reason=UnknownReason.COVERED,
    ),
    "snow": Fault(breaks=showing(snow), repairs=showing(desk), reason=UnknownReason.NOISE),
    "one pixel": Fault(
        breaks=showing(lambda index: np.full((1, 1, 3), 90 + index % 20, np.uint8)),
        repairs=showing(desk), reason=UnknownReason.COVERED,
    ),
}  # fmt: skip


@dataclass(slots=True)
class Day:
    """A watch of a camera on a hand-moved clock."""

    clock: StoryClock = field(default_factory=StoryClock)
    sink: RecordingSink = field(default_factory=RecordingSink)
    give_up_after_s: float = 3600.0
    camera: Camera = field(init=False)
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.camera = Camera(self.clock)

    def run(self, until_s: float) -> Self:
        """Watches for so long."""
        settings = Settings()
        controls = Controls(self.clock, settings)
        task = Task(
            settings=settings,
            model_sha256="ab",
            began_at=NINE,
            calibrate_s=CALIBRATE_S,
            duration_s=until_s,
            guarded=True,
        )
        self.watch = Watch(task, landmarker=Eyes(), sinks=[self.sink], controls=controls)
        found = self.camera.found()
        with Feed(found, clock=self.clock, give_up_after_s=self.give_up_after_s) as feed:
            self.watch.run(feed, Interrupts())
        return self

    def told(self) -> tuple[CameraStatus, ...]:
        """What was said of the camera between the first picture and the end."""
        statuses = [event.status for _, event in self.sink.events(CameraChanged)]
        assert (statuses[0], statuses[-1]) == (CameraStatus.OPEN, CameraStatus.CLOSED)
        return tuple(statuses[1:-1])

    def judged(self, from_s: float, to_s: float) -> set[tuple[PostureState, tuple[Reason, ...]]]:
        """Every state with its reasons between two times."""
        readings = [tick.reading for tick in self.sink.ticks if tick.reading is not None]
        return {
            (reading.state, reading.reasons) for reading in readings if from_s <= reading.t_s < to_s
        }


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_camera_is_known_said_once_and_survived(fault: Fault) -> None:
    """Five minutes of it: the state meanwhile, the messages, the tries, and upright again."""
    day = Day()
    day.clock.story = [
        (BREAKS_AT_S, lambda: fault.breaks(day.camera)),
        (MENDED_AT_S, lambda: fault.repairs(day.camera)),
    ]
    day.run(ENDS_AT_S)

    reasons = () if fault.reason is None else (fault.reason.value,)
    assert day.judged(SEEN_BY_S, BREAKS_AT_S) == {(UPRIGHT, ())}
    assert day.judged(BREAKS_AT_S + fault.told_within_s, MENDED_AT_S) == {
        (fault.meanwhile, reasons)
    }
    found_s = MENDED_AT_S + LONGEST_RETRY_S + SEEN_BY_S
    assert day.judged(found_s, ENDS_AT_S) == {(UPRIGHT, ())}
    assert day.told() == fault.says
    tries = [t_s for t_s in day.camera.opened_at_s if BREAKS_AT_S <= t_s < MENDED_AT_S]
    assert len(tries) <= 5 + (MENDED_AT_S - BREAKS_AT_S) / LONGEST_RETRY_S
    assert day.sink.events(Alerted) == []
    assert day.sink.events(StaleBaseline) == []
    readings = [tick.reading for tick in day.sink.ticks if tick.reading is not None]
    assert all(b.start_s == pytest.approx(a.t_s) for a, b in pairwise(readings))


def test_a_machine_that_sleeps_does_not_use_up_the_tries() -> None:
    """The camera went with the lid, and comes back with it: an hour asleep is not an hour tried."""
    day = Day(give_up_after_s=600.0)
    day.clock.story = [
        (BREAKS_AT_S, lambda: changing(refuses=GONE)(day.camera)),
        (BREAKS_AT_S + 60, lambda: setattr(day.clock, "now_s", day.clock.now_s + 3600)),
        (BREAKS_AT_S + 3670, lambda: changing(refuses=None)(day.camera)),
    ]
    day.run(BREAKS_AT_S + 3800)

    assert day.told() == (LOST, BACK)
    assert day.watch.totals.unknown_ms == pytest.approx(3_680_000, abs=1000 * LONGEST_RETRY_S)
    assert day.judged(BREAKS_AT_S + 3770, BREAKS_AT_S + 3800) == {(UPRIGHT, ())}


def test_an_open_camera_survives_the_sleep_of_the_machine() -> None:
    """The hour is a gap: unknown, no absence, no alert, and the watch goes on as before."""
    day = Day()
    asleep = (BREAKS_AT_S, lambda: setattr(day.clock, "now_s", day.clock.now_s + 3600))
    day.clock.story = [asleep]
    day.run(BREAKS_AT_S + 3700)

    assert day.watch.totals.unknown_ms == pytest.approx(3_600_000, abs=5000)
    assert day.judged(BREAKS_AT_S + 3600 + SEEN_BY_S, BREAKS_AT_S + 3700) == {(UPRIGHT, ())}
    assert day.sink.events(Alerted) == []


def test_a_camera_that_failed_now_and_then_is_told_each_time() -> None:
    """Twice with a good while in between is not once and for all."""
    day = Day()
    for fails_at_s in (100.0, 400.0):
        day.clock.story += [
            (fails_at_s, lambda: changing(refuses=GONE)(day.camera)),
            (fails_at_s + 20, lambda: changing(refuses=None)(day.camera)),
        ]
    day.run(500)

    assert day.told() == (LOST, BACK, LOST, BACK)
    details = [e.detail for _, e in day.sink.events(CameraChanged) if e.status is LOST]
    assert details == ["No picture from camera 7. Check its cable."] * 2


def pictures_for_a_baseline(*, asleep_s: float) -> int:
    """So many, where the machine sleeps in the middle of taking them."""
    day = Day()
    wakes_s = CALIBRATE_S / 2 + asleep_s
    day.clock.story = [(CALIBRATE_S / 2, lambda: setattr(day.clock, "now_s", wakes_s))]
    day.run(wakes_s + CALIBRATE_S)
    ((_, calibrated),) = day.sink.events(Calibrated)
    return int(calibrated.samples)


def test_a_sleep_is_no_time_of_the_baseline() -> None:
    """The lid was closed while it was taken: it goes on, to as many pictures as ever."""
    awake = pictures_for_a_baseline(asleep_s=0.0)
    assert pictures_for_a_baseline(asleep_s=3600.0) == pytest.approx(awake, abs=1)


# Over a real connection


GOOD = as_jpegs([desk(index) for index in range(5)])
WHOLE = GOOD[0]


def _damaged() -> bytes:
    """A JPEG with a hole in the middle, which can be decoded and is complained about."""
    noise = cv2.imencode(".jpg", snow(3))[1].ravel().copy()
    noise[5000:5100] = 0
    return noise.tobytes()


def _grey() -> bytes:
    return cv2.imencode(".jpg", desk(1)[:, :, 0])[1].tobytes()


PICTURES: dict[str, tuple[bytes, tuple[int, int, int]]] = {
    "portrait": (as_jpegs([desk(1, width_px=480, height_px=640)])[0], (640, 480, 3)),
    "grey": (_grey(), SHAPE),
    "one pixel": (as_jpegs([desk(1)[:1, :1]])[0], (1, 1, 3)),
    "8K": (as_jpegs([desk(1, width_px=7680, height_px=4320)])[0], (720, LONGEST_SIDE_PX, 3)),
    "damaged inside": (_damaged(), SHAPE),
}


@pytest.fixture
def server() -> Iterator[MjpegServer]:
    """A camera on the network that works, for now."""
    with MjpegServer(GOOD, rate_hz=30) as running:
        yield running
    assert [one for one in threading.enumerate() if one.name.startswith("posturecam")] == []


@contextmanager
def looked_at(server: MjpegServer, clock: SystemClock) -> Iterator[Iterator[Item]]:
    """What is seen of it, known to be open."""
    with Feed(find_source(server.url, clock=clock), clock=clock, give_up_after_s=3600) as feed:
        seen = feed.frames(0.1)
        a_frame(seen)
        yield seen


@pytest.fixture
def items(server: MjpegServer) -> Iterator[Iterator[Item]]:
    """What is seen of it on a clock that runs faster."""
    with looked_at(server, FastClock()) as seen:
        yield seen


def frame_like(items: Iterator[Item], shape: tuple[int, ...], level: float) -> Frame:
    """The next frame of this shape and brightness; until it comes nothing may be said."""
    for item in items:
        assert isinstance(item, Frame | Resting), item
        alike = isinstance(item, Frame) and item.image.shape == shape
        if isinstance(item, Frame) and alike and abs(float(item.image.mean()) - level) < 3:
            return item
    pytest.fail("the stream ended")


@pytest.mark.parametrize("name", PICTURES)
def test_a_stream_may_change_its_pictures_at_any_time(
    server: MjpegServer, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each arrives in its own shape, and as BGR; nothing is lost, said or printed."""
    jpeg, shape = PICTURES[name]
    wanted = np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))
    with looked_at(server, SystemClock()) as items:
        server.jpegs = [jpeg]
        capfd.readouterr()
        assert frame_like(items, shape, wanted.mean()).image.dtype == np.uint8
        server.jpegs = GOOD
        frame_like(items, SHAPE, desk(0).mean())
    assert capfd.readouterr() == ("", "")


def test_pictures_cut_short_are_no_pictures(server: MjpegServer, items: Iterator[Item]) -> None:
    """Nothing but halves for long enough is a loss, said once; whole ones end it."""
    server.jpegs = [WHOLE[: len(WHOLE) // 2]]
    until(LOST, items)
    server.jpegs = GOOD
    until(BACK, items)
    frame_like(items, SHAPE, desk(0).mean())


def test_one_picture_in_twenty_seconds_is_none(server: MjpegServer, items: Iterator[Item]) -> None:
    """No posture can be followed like that: lost, tried again, and found when it is quicker."""
    server.period_s = 20.0
    until(LOST, items)
    server.period_s = 0.03
    server.drop()
    until(BACK, items)


def test_240_pictures_a_second_are_as_good_as_one(server: MjpegServer) -> None:
    """Frames come at the pace that is asked for, and none of them has waited in a queue."""
    server.period_s = 1 / 240
    clock = SystemClock()
    with Feed(find_source(server.url, clock=clock), clock=clock, give_up_after_s=60) as feed:
        seen = feed.frames(0.25)
        frames = [a_frame(seen) for _ in range(6)]
        server.jpegs = as_jpegs([np.full((48, 64, 3), 200, np.uint8)])
        sent = server.pictures_sent
        wait_until(lambda: server.pictures_sent > sent + 120, "they could pile up in a queue")
        assert a_frame(seen).image.mean() > 190
    apart_s = np.diff([frame.t_s for frame in frames])
    # A picture counts from when it was taken off the stream, a moment before it was asked for.
    assert min(apart_s) >= 0.25 - 0.01
    assert min(apart_s) < 0.4  # whatever else the machine does now and then
