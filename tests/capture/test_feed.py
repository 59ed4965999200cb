"""Stories of a camera that is released, taken back, busy, lost and found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.base.clock import SystemClock
from posturecam.base.errors import SourceError, SourceTooLargeError
from posturecam.base.suspending import Suspension
from posturecam.capture.ffmpeg_memory import too_large
from posturecam.capture.find import find_source
from posturecam.capture.opening import SLOW_AFTER_S
from posturecam.capture.outage import FIRST_RETRY_S, LONGEST_RETRY_S
from posturecam.capture.recorded import SECONDS_PER_PICTURE
from posturecam.capture.session import Feed, Interruption, Resting
from posturecam.capture.source import FoundSource
from posturecam.values.events import CameraStatus
from posturecam.values.observation import Frame, UnknownReason
from tests.cameras import BUSY, GONE, LOST, Camera, StoryClock, a_frame, changing, until
from tests.fakes import ManualClock, ScriptedSource, blank_frame
from tests.streams import MjpegServer, as_jpegs
from tests.waiting import FastClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posturecam.capture.session import Item

GIVE_UP_AFTER_S = 600.0


@dataclass
class Wish:
    """What the user and the desktop want of the camera; a test changes it."""

    unknown_reason: UnknownReason | None = None

    def __call__(self) -> UnknownReason | None:
        """Why it must rest now."""
        return self.unknown_reason


def feed_of(camera: Camera, wish: Wish | None = None) -> Feed:
    """The feed of a camera."""
    return Feed(
        camera.found(),
        clock=camera.clock,
        rest_reason=wish or Wish(),
        give_up_after_s=GIVE_UP_AFTER_S,
    )


def test_a_pause_releases_the_camera_and_its_end_takes_it_back() -> None:
    """Closed while there is a reason to rest, opened anew afterwards; time only grows."""
    wish = Wish()
    camera = Camera(StoryClock())
    items = feed_of(camera, wish).frames(0.2)
    seen: list[Item] = [until(CameraStatus.OPEN, items), a_frame(items)]
    wish.unknown_reason = UnknownReason.PAUSED
    seen.append(until(CameraStatus.RELEASED, items))
    assert not camera.open_now
    seen += [next(items) for _ in range(60)]
    assert {item.unknown_reason for item in seen if isinstance(item, Resting)} == {
        UnknownReason.PAUSED
    }
    assert seen[-1].t_s - seen[-60].t_s == pytest.approx(59, abs=0.1)
    wish.unknown_reason = None
    assert len(camera.opened_at_s) == 1
    seen += [until(CameraStatus.OPEN, items), a_frame(items), a_frame(items)]

    assert len(camera.opened_at_s) == 2
    assert all(earlier.t_s < later.t_s for earlier, later in pairwise(seen))
    told = [None if isinstance(item, Frame) else item.on_purpose for item in seen]
    assert told == [None, None, *[UnknownReason.PAUSED] * 61, None, None, None]


def test_it_is_released_only_when_nothing_holds_it() -> None:
    """A driver that lets go late: the light is on until then, and nobody says otherwise."""
    camera = Camera(StoryClock(), lets_go=False)
    wish = Wish()
    feed = feed_of(camera, wish)
    items = feed.frames()
    a_frame(items)
    wish.unknown_reason = UnknownReason.PAUSED
    assert all(isinstance(next(items), Resting) for _ in range(5))
    assert not feed.at_rest
    camera.lets_go = True
    until(CameraStatus.RELEASED, items)
    assert feed.at_rest
    wish.unknown_reason = None
    a_frame(items)
    assert not feed.at_rest


def test_a_watch_that_begins_paused_does_not_touch_the_camera() -> None:
    """Locked or paused at the start: released at once, opened when that is over."""
    wish = Wish(UnknownReason.LOCKED)
    camera = Camera(StoryClock())
    feed = feed_of(camera, wish)
    feed.open_first(lambda: False)
    items = feed.frames()
    until(CameraStatus.RELEASED, items)
    resting = next(items)
    assert isinstance(resting, Resting)
    assert resting.unknown_reason is UnknownReason.LOCKED
    assert camera.opened_at_s == []
    wish.unknown_reason = None
    until(CameraStatus.OPEN, items)


def test_a_camera_that_another_program_has_is_waited_for() -> None:
    """Busy at the start: said once, tried ever more rarely, and taken as soon as it comes free."""
    camera = Camera(StoryClock(), refuses=BUSY)
    camera.clock.story = [(100.0, lambda: changing(refuses=None)(camera))]
    feed = feed_of(camera)
    feed.open_first(lambda: False)
    seen: list[Item] = []
    for item in feed.frames():
        seen.append(item)
        if isinstance(item, Frame):
            break

    told = [item for item in seen if isinstance(item, Interruption)]
    assert [item.status for item in told] == [CameraStatus.WAITING, CameraStatus.BACK]
    assert "is there but delivers no picture" in told[0].detail
    waits_s = np.diff(camera.opened_at_s)
    assert waits_s == pytest.approx([min(FIRST_RETRY_S * 2**n, LONGEST_RETRY_S) for n in range(8)])
    assert max(later.t_s - earlier.t_s for earlier, later in pairwise(seen)) <= 1.01
    assert all(
        item.unknown_reason is UnknownReason.NO_PICTURE
        for item in seen
        if isinstance(item, Resting)
    )


def test_a_camera_that_is_not_there_at_the_start_is_refused() -> None:
    """A wrong number is a mistake to be told, not something to wait for."""
    feed = feed_of(Camera(StoryClock(), refuses=GONE))
    with pytest.raises(SourceError, match="There is no camera 7"):
        feed.open_first(lambda: False)
    with pytest.raises(SourceError, match="There is no camera 7"):
        list(feed.frames())


def test_a_camera_taken_by_a_call_during_a_pause_is_waited_for() -> None:
    """Gone when the pause is over, for whatever reason: it was there before, so it may come."""
    wish = Wish()
    camera = Camera(StoryClock())
    items = feed_of(camera, wish).frames()
    a_frame(items)
    wish.unknown_reason = UnknownReason.PAUSED
    until(CameraStatus.RELEASED, items)
    camera.refuses = GONE
    wish.unknown_reason = None
    until(CameraStatus.WAITING, items)
    camera.refuses = BUSY
    next(item for item in items if len(camera.opened_at_s) == 3)
    camera.refuses = None
    until(CameraStatus.BACK, items)
    a_frame(items)


def test_a_lost_camera_is_found_again() -> None:
    """Lost is said once; the tries come after 1 s, 2 s more, and so on; time goes on."""
    camera = Camera(StoryClock())
    items = feed_of(camera).frames()
    before = until(CameraStatus.OPEN, items)
    camera.refuses = GONE
    gone = until(CameraStatus.LOST, items)
    assert not camera.open_now
    camera.clock.story = [(gone.t_s + 5, lambda: changing(refuses=None)(camera))]
    back = until(CameraStatus.BACK, items)

    assert before.t_s < gone.t_s < back.t_s < a_frame(items).t_s
    assert np.subtract(camera.opened_at_s[1:], gone.t_s) == pytest.approx([1, 3, 7])


def test_a_camera_that_stays_away_ends_the_watch() -> None:
    """After the time set for it, with what to do; until then something is said every second."""
    camera = Camera(StoryClock())
    camera.clock.story = [(1.0, lambda: changing(refuses=GONE)(camera))]
    seen: list[Item] = []
    with pytest.raises(SourceError, match="delivered nothing for 10 min") as refusal:
        seen.extend(feed_of(camera).frames())

    assert refusal.value.remedy
    assert camera.clock.now_s == pytest.approx(1 + GIVE_UP_AFTER_S, abs=1)
    assert max(np.diff(camera.opened_at_s)) == pytest.approx(LONGEST_RETRY_S)


@pytest.mark.parametrize(("ends", "refuses"), [(too_large(), None), (LOST, too_large())])
def test_a_video_that_has_become_too_large_ends_the_watch(
    ends: SourceError, refuses: SourceError | None
) -> None:
    """As it would have at the beginning: no further try could succeed."""
    camera = Camera(StoryClock(), breaks_after=5, ends=ends)
    camera.clock.story = [(0.5, lambda: changing(refuses=refuses)(camera))]
    with pytest.raises(SourceTooLargeError, match="too much memory to decode"):
        list(feed_of(camera).frames())
    assert len(camera.opened_at_s) == 1 + (refuses is not None)


def test_pausing_works_while_the_camera_is_lost() -> None:
    """No try is made while it must rest, however long that takes, and giving up is put off."""
    wish = Wish()
    camera = Camera(StoryClock())
    items = feed_of(camera, wish).frames()
    until(CameraStatus.OPEN, items)
    camera.refuses = GONE
    until(CameraStatus.LOST, items)
    wish.unknown_reason = UnknownReason.PAUSED
    until(CameraStatus.RELEASED, items)
    opened = len(camera.opened_at_s)
    for _ in range(round(2 * GIVE_UP_AFTER_S)):
        next(items)
    assert len(camera.opened_at_s) == opened
    wish.unknown_reason = None
    until(CameraStatus.WAITING, items)
    camera.refuses = None
    until(CameraStatus.BACK, items)


def test_a_camera_that_takes_forty_seconds_to_open_works() -> None:
    """Opened once, said once that it takes long, and nobody blamed for it."""
    camera = Camera(StoryClock(), opens_at_s=40)
    feed = feed_of(camera)
    feed.open_first(lambda: False)
    items = feed.frames()
    waiting = until(CameraStatus.WAITING, items)
    assert SLOW_AFTER_S <= waiting.t_s < SLOW_AFTER_S + 2
    assert "takes long to open" in waiting.detail
    assert "program" not in waiting.detail
    back = until(CameraStatus.BACK, items)
    assert re.search(r"delivers after 4[0-2] s", back.detail)  # a busy machine may ask late
    assert 40 <= a_frame(items).t_s < 42
    assert (camera.opened_at_s, camera.most_at_once) == ([0.0], 1)


class CtrlZOnce(Suspension):
    """Notes what the camera was doing when the program stood still."""

    def __init__(self, camera: Camera) -> None:
        self.held = False
        self.stood_still: list[tuple[bool, int]] = []
        self._camera = camera

    def press(self) -> None:
        """Ctrl-Z."""
        self.requested = self.held

    def hold(self) -> None:
        """Requests are put off."""
        self.held = True

    def give_back(self) -> None:
        """They act at once again."""
        self.held = False

    def suspend(self) -> None:
        """An hour passes."""
        self.requested = False
        self.stood_still.append((self._camera.open_now, self._camera.opening_now))
        self._camera.clock.now_s += 3600


@pytest.mark.parametrize("pressed_s", [2, 4])
def test_ctrl_z_while_a_camera_opens_leaves_it_closed(pressed_s: int) -> None:
    """What it opened meanwhile is let go of, and opened anew when the program goes on."""
    camera = Camera(StoryClock(), opens_at_s=4)
    suspension = CtrlZOnce(camera)
    camera.clock.story.append((pressed_s, suspension.press))
    feed = Feed(
        camera.found(),
        clock=camera.clock,
        give_up_after_s=GIVE_UP_AFTER_S,
        suspension=suspension,
    )
    feed.open_first(lambda: False)

    assert suspension.stood_still == [(False, 0)]
    assert not suspension.held
    assert camera.opened_at_s == pytest.approx([0, 3604], abs=3)
    until(CameraStatus.OPEN, feed.frames())


def test_a_camera_that_comes_back_slowly_is_opened_once() -> None:
    """After a loss as well as at the beginning."""
    camera = Camera(StoryClock(), breaks_after=5)
    items = feed_of(camera).frames()
    until(CameraStatus.OPEN, items)
    camera.opens_at_s = 60.0
    until(CameraStatus.LOST, items)
    back = until(CameraStatus.BACK, items)
    assert "delivers again" in back.detail
    assert (len(camera.opened_at_s), camera.most_at_once) == (2, 1)


def test_a_driver_that_never_returns_ends_the_watch_in_the_end() -> None:
    """After the time for giving up, without a second try beside the first."""
    camera = Camera(StoryClock(), opens_at_s=3 * GIVE_UP_AFTER_S)
    with pytest.raises(SourceError, match="delivered nothing for 10 min"):
        list(feed_of(camera).frames())
    assert camera.opened_at_s == [0.0]
    camera.clock.wait_s(3 * GIVE_UP_AFTER_S)  # lets the driver return


def test_what_opens_during_a_pause_is_closed_again() -> None:
    """A driver that takes its time over opening must not leave the light on."""
    wish = Wish()
    camera = Camera(StoryClock(), opens_at_s=40)
    items = feed_of(camera, wish).frames()
    until(CameraStatus.WAITING, items)
    next(items)
    wish.unknown_reason = UnknownReason.PAUSED
    resting = next(items)
    assert isinstance(resting, Resting)
    assert resting.unknown_reason is UnknownReason.PAUSED
    assert until(CameraStatus.RELEASED, items).t_s >= 40
    assert (camera.open_now, camera.opened_at_s) == (False, [0.0])


def test_while_a_driver_still_holds_it_it_is_not_opened_again() -> None:
    """After a short pause the camera of before may not be let go of yet."""
    wish = Wish()
    camera = Camera(StoryClock(), lets_go=False)
    items = feed_of(camera, wish).frames()
    a_frame(items)
    wish.unknown_reason = UnknownReason.PAUSED
    next(items)
    wish.unknown_reason = None
    assert all(isinstance(next(items), Resting) for _ in range(20))
    assert len(camera.opened_at_s) == 1
    camera.lets_go = True
    a_frame(items)
    assert len(camera.opened_at_s) == 2


def test_a_file_is_not_read_while_it_rests() -> None:
    """Not a frame is skipped, the rest is added to its time, and nothing is closed."""
    film = ScriptedSource([blank_frame(index / 5, index) for index in range(10)])
    wish = Wish()
    found = FoundSource(name="film", live=False, open=lambda: film)
    feed = Feed(found, clock=ManualClock(), rest_reason=wish, give_up_after_s=GIVE_UP_AFTER_S)
    items = feed.frames()
    first = [next(items) for _ in range(5)]
    wish.unknown_reason = UnknownReason.PAUSED
    rests = [next(items) for _ in range(30)]
    assert not film.closed
    wish.unknown_reason = None
    after = list(items)

    assert [item.index for item in [*first, *after] if isinstance(item, Frame)] == list(range(10))
    assert {type(item) for item in rests} == {Resting}
    assert after[0].t_s - first[-1].t_s == pytest.approx(30.2)
    assert all(a.t_s < b.t_s for a, b in pairwise([*first, *rests, *after]))


def test_a_file_at_its_own_speed_does_not_hurry_after_a_rest() -> None:
    """What was missed is not caught up with: its pace begins anew."""
    pictures = Path(__file__).parents[1] / "data" / "photos" / "upright"
    clock = ManualClock()
    wish = Wish()
    found = find_source(str(pictures), clock=clock, realtime=True)
    with Feed(found, clock=clock, rest_reason=wish, give_up_after_s=60) as feed:
        items = feed.frames()
        a_frame(items)
        wish.unknown_reason = UnknownReason.PAUSED
        for _ in range(20):
            next(items)
        wish.unknown_reason = None
        a_frame(items)
        resumed_s = clock.now_s
        a_frame(items)
    assert clock.now_s - resumed_s == pytest.approx(SECONDS_PER_PICTURE)


def test_a_machine_that_slept_is_a_hole_in_the_times() -> None:
    """Monotonic time includes the sleep, so the next item comes that much later."""
    camera = Camera(StoryClock())
    items = feed_of(camera, Wish(UnknownReason.PAUSED)).frames()
    before = next(items)
    camera.clock.now_s += 8 * 3600
    next(items)

    assert next(items).t_s - before.t_s >= 8 * 3600


@pytest.fixture
def server() -> Iterator[MjpegServer]:
    """A camera on the network."""
    with MjpegServer(as_jpegs([np.full((48, 64, 3), 90, np.uint8)]), rate_hz=40) as running:
        yield running


@pytest.mark.parametrize("fault", ["stalls", "restarts", "drops"])
def test_a_real_stream_is_lost_and_found_again(server: MjpegServer, fault: str) -> None:
    """It falls silent, its camera reboots, or the connection breaks."""
    clock = FastClock()
    found = find_source(server.url, clock=clock)
    with Feed(found, clock=clock, give_up_after_s=GIVE_UP_AFTER_S) as feed:
        items = feed.frames()
        before = a_frame(items)
        match fault:
            case "stalls":
                server.stall()
            case "restarts":
                server.stop()
            case "drops":
                server.drop()
        gone = until(CameraStatus.LOST, items)
        if fault == "stalls":
            server.resume()
        if fault == "restarts":
            server.start()
        back = until(CameraStatus.BACK, items)
        assert before.t_s < gone.t_s < back.t_s < a_frame(items).t_s


def test_a_real_stream_that_is_refused_after_a_loss_says_why(server: MjpegServer) -> None:
    """Its password was changed meanwhile: said once, however often it is tried."""
    clock = FastClock()
    found = find_source(server.url, clock=clock)
    with Feed(found, clock=clock, give_up_after_s=GIVE_UP_AFTER_S) as feed:
        items = feed.frames()
        a_frame(items)
        server.login = "ann:another"
        server.drop()
        until(CameraStatus.LOST, items)
        assert "asks for a user and a password (401)" in until(CameraStatus.WAITING, items).detail
        tries = server.requests
        assert all(isinstance(next(items), Resting) for _ in range(8))
        assert server.requests > tries
        server.login = None
        until(CameraStatus.BACK, items)


def test_a_real_stream_that_answers_late_is_opened_once(server: MjpegServer) -> None:
    """It takes the connection at once and keeps silent for twenty seconds of this clock."""
    clock = FastClock()
    answers_at_s = clock.monotonic_s() + 20
    server.answers_when = lambda: clock.monotonic_s() >= answers_at_s
    with Feed(find_source(server.url, clock=clock), clock=clock, give_up_after_s=60) as feed:
        items = feed.frames()
        until(CameraStatus.WAITING, items)
        until(CameraStatus.BACK, items)
        a_frame(items)
        assert (server.viewers, server.requests) == (1, 1)


def test_a_real_stream_is_hung_up_on_during_a_pause(server: MjpegServer) -> None:
    """The server sees the connection end, and a new one afterwards."""
    wish = Wish()
    clock = SystemClock()
    found = find_source(server.url, clock=clock)
    with Feed(found, clock=clock, rest_reason=wish, give_up_after_s=60) as feed:
        items = feed.frames()
        a_frame(items)
        assert server.viewers == 1
        wish.unknown_reason = UnknownReason.PAUSED
        until(CameraStatus.RELEASED, items)
        assert server.wait_for_viewers(0)
        wish.unknown_reason = None
        a_frame(items)
        assert (server.viewers, server.requests) == (1, 2)


def test_a_long_interval_lets_go_of_the_camera_in_between() -> None:
    """A burst of pictures, the light off, another burst; told once that the camera is open."""
    camera = Camera(StoryClock())
    wanted_s = [0.2]
    items = feed_of(camera).frames(lambda: wanted_s[0])
    until(CameraStatus.OPEN, items)
    for number in (1, 2, 3):
        a_frame(items)
        assert len(camera.opened_at_s) == number
        assert camera.open_now
        wanted_s[0] = 30.0
        between = [next(items) for _ in range(29)]
        assert all(isinstance(item, Resting) and item.unknown_reason is None for item in between)
        assert not camera.open_now
        wanted_s[0] = 0.2

    first_s, second_s, third_s = camera.opened_at_s
    assert second_s - first_s == pytest.approx(30, abs=1.5)
    assert third_s - second_s == pytest.approx(30, abs=1.5)


def test_a_pause_ends_the_wait_for_the_next_burst() -> None:
    """Who pauses while the camera is off anyway is told that it is."""
    wish = Wish()
    camera = Camera(StoryClock())
    items = feed_of(camera, wish).frames(lambda: 60.0)
    a_frame(items)
    next(items)
    wish.unknown_reason = UnknownReason.PAUSED
    until(CameraStatus.RELEASED, items)
    assert next(items).t_s < 10


STATES = [
    changing(refuses=None, breaks_after=None),
    changing(refuses=None, breaks_after=10),
    changing(refuses=BUSY),
    changing(refuses=GONE),
]


@settings(max_examples=60, deadline=None)
@given(
    states=st.lists(st.sampled_from(STATES), max_size=12),
    wishes=st.lists(
        st.sampled_from([None, UnknownReason.PAUSED, UnknownReason.LOCKED]), min_size=1, max_size=12
    ),
)
def test_whatever_happens_time_grows_and_nothing_is_held_at_rest(
    states: list[Callable[[Camera], None]], wishes: list[UnknownReason | None]
) -> None:
    """Any mixture of losses, other programs, pauses and locks: never silent for over a second.

    But for the time that a camera takes to its first picture.
    """
    camera, wish = Camera(StoryClock()), Wish()
    camera.clock.story = [
        (7.0 * number, partial(change, camera)) for number, change in enumerate(states, start=1)
    ]
    items = feed_of(camera, wish).frames()
    times_s = [a_frame(items).t_s]
    for unknown_reason in wishes:
        wish.unknown_reason = unknown_reason
        for _ in range(15):
            before_s = camera.clock.now_s
            item = next(items)
            assert camera.clock.now_s - before_s < 1.21
            times_s.append(item.t_s)
            if unknown_reason is not None and isinstance(item, Resting):
                assert item.unknown_reason is unknown_reason
                assert not camera.open_now
    assert all(earlier < later for earlier, later in pairwise(times_s))
