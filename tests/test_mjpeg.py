"""Pictures out of a stream of parts, within bounds whatever a camera sends."""

from __future__ import annotations

import resource
from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.capture.mjpeg import LARGEST_PART_BYTES, MjpegCapture, Parts
from posturecam.capture.source import LOST_AFTER_S
from tests.fakes import ManualClock

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
        while (part := parts.take()) is not None:
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


class _Sends:
    """A server that sends the same again and again, and counts."""

    def __init__(self, first: bytes, then: bytes, clock: ManualClock, pause_s: float = 0.0) -> None:
        self._first = first
        self._then = then
        self._clock = clock
        self._pause_s = pause_s
        self.sent_bytes = 0
        self.closed = False

    def read1(self, size: int) -> bytes:
        self._clock.wait_s(self._pause_s)
        data, self._first = (self._first or self._then)[:size], self._first[size:]
        self.sent_bytes += len(data)
        return data

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
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began_s = process_time()
    server = _Sends(first, b"\xff" * 65536, ManualClock())
    assert not MjpegCapture(server, ManualClock()).grab()
    assert server.sent_bytes <= LARGEST_PART_BYTES + PART_OVERHEAD
    assert process_time() - began_s < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 100_000


def test_a_byte_now_and_then_is_not_waited_for_without_end() -> None:
    """A picture takes as long as a camera may be silent, and no longer."""
    clock = ManualClock()
    server = _Sends(HEAD, b"x", clock, pause_s=0.5)
    assert not MjpegCapture(server, clock).grab()
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
    capture = MjpegCapture(server, ManualClock())
    assert not capture.grab()
    capture.release()
    assert server.closed


def test_a_part_without_anything_in_it_is_no_picture() -> None:
    """Grabbed, as the next may be one, and not retrieved."""
    first = HEAD + b"Content-Length: 0\r\n\r\n" + HEAD + b"Content-Length: 3\r\n\r\nabc"
    capture = MjpegCapture(_Sends(first, b"", ManualClock()), ManualClock())
    assert capture.grab()
    assert not capture.retrieve()[0]
    assert capture.grab()
    there, data = capture.retrieve()
    assert there
    assert data is not None
    assert data.tobytes() == b"abc"
