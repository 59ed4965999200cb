"""Pictures out of a stream of parts, within bounds whatever a camera sends."""

from __future__ import annotations

from threading import Event
from time import thread_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.capture.mjpeg import GATHERED_S, LARGEST_PART_BYTES, MjpegCapture, Parts
from posturecam.capture.source import LOST_AFTER_S
from tests.fakes import ManualClock
from tests.memory import grows_by_less_than

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BODIES = [
    b"\xff\xd8one\xff\xd9",
    b"\xff\xd8\r\n\r\ntwo\n\n--\xff\xd9",
    b"",
    b"\xff\xd8three\xff\xd9",
]
PART_OVERHEAD = 1 << 20


def _stream(*, length: bool, newline: bytes, preface: bytes = b"") -> bytes:
    parts = []
    for body in [*BODIES, b"the last"]:
        told = b"Content-Length: %d" % len(body) + newline if length else b""
        head = b"--edge" + newline + b"content-type: image/jpeg" + newline + told + newline
        parts.append(head + body + newline)
    return preface + b"".join(parts) + b"--edge--" + newline


def _parts_of(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    parts, found, begin = Parts(), [], 0
    for end in [*sorted(cuts), len(data)]:
        parts.add(data[begin:end])
        begin = end
        while (part := parts.next_part()) is not None:
            found.append(part)
    return found


@pytest.mark.parametrize("length", [True, False], ids=["with lengths", "without"])
@pytest.mark.parametrize("newline", [b"\r\n", b"\n"], ids=["CRLF", "LF"])
@given(cuts=st.lists(st.integers(0, 400), max_size=20))
def test_parts_come_out_as_they_were_sent_however_they_are_cut(
    length: bool,  # noqa: FBT001 - pytest passes it by name
    newline: bytes,
    cuts: list[int],
) -> None:
    """With and without lengths, with either end of line, after empty lines."""
    found = _parts_of(_stream(length=length, newline=newline, preface=newline * 2), cuts)
    assert [part.rstrip(newline) for part in found] == [*BODIES, b"the last"]


def test_a_part_longer_than_it_tells_is_passed_over_to_its_end() -> None:
    """Some cameras count the picture without its comment."""
    short = b"--edge\r\nContent-Length: 3\r\n\r\nabc" + b"d" * 20_000 + b"\r\n"
    assert _parts_of(short * 3, range(0, 60_000, 700)) == [b"abc"] * 3


@pytest.mark.parametrize("told_bytes", [0, 2, 15_000])
def test_lengths_that_cut_pictures_off_are_soon_passed_over(told_bytes: int) -> None:
    """A browser shows such a camera, since it looks for the boundary."""
    picture = b"\xff\xd8" + b"p" * 20_000 + b"\xff\xd9"
    one = b"--edge\r\nContent-Length: %d\r\n\r\n" % told_bytes + picture + b"\r\n"
    found = _parts_of(one * 8 + b"--edge--", range(0, 160_000, 700))
    assert [part.rstrip() for part in found[3:]] == [picture] * 5


class _Sends:
    """A server that sends the same again and again, and counts."""

    def __init__(self, first: bytes, then: bytes, clock: ManualClock, pause_s: float = 0.0) -> None:
        self._first = first
        self._then = then
        self._clock = clock
        self._pause_s = pause_s
        self.sent_bytes = 0
        self.held_bytes = 1 << 20
        self.closed = False

    def read1(self, size: int) -> bytes:
        self._clock.wait_s(self._pause_s)
        data, self._first = (self._first or self._then)[:size], self._first[size:]
        self.sent_bytes += len(data)
        return data

    def room_bytes(self) -> int:
        return self.held_bytes

    def pass_over(self, kept_bytes: int) -> int:
        passed, self._first = self._first[:-kept_bytes], self._first[-kept_bytes:]
        return len(passed)

    def hold(self, data: bytes) -> None:
        """More has come."""
        self._first += data

    def close(self) -> None:
        self.closed = True


HEAD = b"--edge\r\nContent-Type: image/jpeg\r\n"


@pytest.mark.parametrize(
    "first",
    [
        HEAD + b"Content-Length: 2147483647\r\n\r\n",
        HEAD + b"Content-Length: 999999999999999999\r\n\r\n",
        HEAD + b"\r\n",
        HEAD + b"X: ",
        b"",
    ],
    ids=["2 GB", "exabyte", "endless part", "endless header", "endless line"],
)
def test_no_part_takes_more_memory_or_time_than_a_picture_may(first: bytes) -> None:
    """Whatever length is told, or none; and what never ends is given up."""
    began_s = thread_time()
    server = _Sends(first, b"\xff" * 65536, ManualClock())
    with grows_by_less_than(100):
        assert not MjpegCapture(server, ManualClock(), Event()).grab()
    assert server.sent_bytes <= LARGEST_PART_BYTES + PART_OVERHEAD
    assert thread_time() - began_s < 1


def test_a_byte_now_and_then_is_not_waited_for_without_end() -> None:
    """A picture takes as long as a camera may be silent, and no longer."""
    clock = ManualClock()
    server = _Sends(HEAD, b"x", clock, pause_s=0.5)
    assert not MjpegCapture(server, clock, Event()).grab()
    assert clock.monotonic_s() <= LOST_AFTER_S + 1


def _ends(_: int) -> bytes:
    return b""


def _breaks(_: int) -> bytes:
    raise ConnectionResetError


@pytest.mark.parametrize("read1", [_ends, _breaks])
def test_the_end_of_the_connection_is_the_end(read1: Callable[[int], bytes]) -> None:
    """However it comes; and letting go hangs up."""
    server = _Sends(b"", b"", ManualClock())
    server.read1 = read1  # type: ignore[method-assign, assignment]  # a server that ends
    capture = MjpegCapture(server, ManualClock(), Event())
    assert not capture.grab()
    capture.release()
    assert server.closed


def _part(body: bytes) -> bytes:
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"\r\n"


def _picture(number: int) -> bytes:
    return b"\xff\xd8%06d" % number + bytes(10_000)


def _grabbed(capture: MjpegCapture) -> bytes:
    assert capture.grab()
    there, data = capture.retrieve()
    assert there
    assert data is not None
    return data.tobytes()


@pytest.mark.parametrize("other", [b"", b"a word", b"\x89PNG"])
def test_a_part_that_is_no_picture_hides_none(other: bytes) -> None:
    """Before it or behind it in one piece; alone, the next one is waited for."""
    picture = _part(_picture(1))
    for first in (_part(other) + picture, picture + _part(other)):
        server = _Sends(first, b"", ManualClock())
        assert _grabbed(MjpegCapture(server, ManualClock(), Event())) == _picture(1)
    server = _Sends(_part(other), b"", ManualClock())
    assert not MjpegCapture(server, ManualClock(), Event()).grab()


def test_of_all_that_has_come_the_newest_is_taken() -> None:
    """Also where it takes more than one read to see it."""
    server = _Sends(b"".join(_part(_picture(number)) for number in range(50)), b"", ManualClock())
    assert _grabbed(MjpegCapture(server, ManualClock(), Event())) == _picture(49)


def test_pictures_that_nobody_waits_for_are_let_come_together() -> None:
    """For longer each time, up to what a look a second needs; not while somebody waits for one."""
    clock = ManualClock(blocked=True)
    wanted = Event()
    capture = MjpegCapture(_Sends(b"", _part(_picture(1)), ManualClock()), clock, wanted)
    for _ in range(6):
        assert _grabbed(capture) == _picture(1)
    assert clock.waits_s == [0.3, 0.6, GATHERED_S, GATHERED_S, GATHERED_S]
    wanted.set()
    assert _grabbed(capture) == _picture(1)
    assert clock.waits_s == [0.3, 0.6, GATHERED_S, GATHERED_S, GATHERED_S]


class _AskedEarly(ManualClock):
    """Somebody asks before any wait is over."""

    def wait_for(self, event: Event, limit_s: float) -> bool:
        """Cut short."""
        del event
        self.waits_s.append(limit_s)
        return True


@pytest.mark.parametrize(("of_room", "waits_s"), [(0.0, [0.3] * 4), (0.6, [0.3])])
def test_a_wait_that_was_cut_short_makes_none_longer(of_room: float, waits_s: list[float]) -> None:
    """Less came than in all of the time, so there may be no room for more; too much is too much."""
    clock = _AskedEarly()
    server = _Sends(b"", _part(_picture(1)), ManualClock())
    capture = MjpegCapture(server, clock, Event())
    capture.grab()
    if of_room:
        server.held_bytes = int(len(_part(_picture(1))) / of_room)
    for _ in range(4):
        assert _grabbed(capture) == _picture(1)
    assert clock.waits_s == waits_s
    server.held_bytes = 1 << 20
    for _ in range(2):
        capture.grab()
    assert clock.waits_s == [*waits_s, *[0.3] * (1 if of_room else 2)]


@pytest.mark.parametrize(("of_room", "then_s"), [(0.2, GATHERED_S), (0.4, 0.6), (0.6, 0.3)])
def test_no_more_is_let_come_than_half_of_what_there_is_room_for(
    of_room: float, then_s: float
) -> None:
    """A part of the room is taken after 0.6 s: there is a lot left, enough, or too little."""
    clock = ManualClock(blocked=True)
    server = _Sends(b"", _part(_picture(1)), ManualClock())
    capture = MjpegCapture(server, clock, Event())
    for _ in range(2):
        capture.grab()
    server.held_bytes = int(len(_part(_picture(1))) / of_room)
    for _ in range(2):
        assert _grabbed(capture) == _picture(1)
    assert clock.waits_s == [0.3, 0.6, then_s]


@pytest.mark.parametrize("begun", [0, 5_000, 10_000], ids=["none", "half", "nearly all"])
def test_of_pictures_that_came_together_the_newest_few_are_read(begun: int) -> None:
    """Whatever of the next one had been read before; the rest is passed over."""
    came = b"".join(_part(_picture(number)) for number in range(50))
    server = _Sends(came[: len(_part(_picture(0))) + begun], b"", ManualClock())
    capture = MjpegCapture(server, ManualClock(blocked=True), Event())
    assert _grabbed(capture) == _picture(0)
    read_bytes = server.sent_bytes
    server.hold(came[read_bytes:] + _part(_picture(50))[:-100])
    assert _grabbed(capture) == _picture(49)
    assert server.sent_bytes - read_bytes < 4 * len(_picture(0))


def test_no_picture_is_put_together_from_two() -> None:
    """Where only a piece is left of a large one, the picture behind it is taken."""
    begun, large = _part(_picture(1)), _part(b"\xff\xd8" + bytes(60_000))
    server = _Sends(_part(_picture(0)) + begun[:5_000], _part(_picture(2)), ManualClock())
    capture = MjpegCapture(server, ManualClock(blocked=True), Event())
    assert _grabbed(capture) == _picture(0)
    server.hold(begun[5_000:] + large)
    assert _grabbed(capture) == _picture(2)


@pytest.mark.parametrize(("held_bytes", "times"), [(1 << 20, 10), (15_000, 1), (0, 1)])
def test_pictures_are_not_let_come_where_they_would_have_to_wait(
    held_bytes: int, times: int
) -> None:
    """More than can be read at once, more than the system holds easily, or as it comes."""
    clock = ManualClock(blocked=True)
    server = _Sends(b"", _part(_picture(1)) * times, ManualClock())
    server.held_bytes = held_bytes
    capture = MjpegCapture(server, clock, Event())
    for _ in range(3):
        assert _grabbed(capture) == _picture(1)
    assert clock.waits_s == []
    assert server.sent_bytes < LARGEST_PART_BYTES
