"""A camera that does what it is told, and the clock on which things happen to it."""

from __future__ import annotations

import struct
import threading
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Self

import numpy as np

from posturecam.base.errors import SourceBusyError, SourceError
from posturecam.capture.live import LOOK_UP_EVERY_S
from posturecam.capture.session import Interruption
from posturecam.capture.source import FoundSource, Source, asked
from posturecam.capture.thumbnail import Pixels
from posturecam.values.observation import Frame
from tests.fakes import ManualClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cv2.typing import MatLike
    from numpy.typing import NDArray

    from posturecam.capture.session import Item
    from posturecam.capture.source import Interval
    from posturecam.values.events import CameraStatus

GONE = SourceError("There is no camera 7.", "Plug one in.")
BUSY = SourceBusyError("camera 7 is there but delivers no picture.", "Close the other program.")
LOST = SourceError("No picture from camera 7.", "Check its cable.")
REAL_LIMIT_S = 60.0
"""Nothing in a story takes so long in real time."""
DIFFERENT = 16
"""So many pictures, in turn: no two neighbours are the same, and few have to be made."""


@dataclass(slots=True)
class StoryClock(ManualClock):
    """A clock on which things happen at set times."""

    story: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def wait_s(self, seconds: float) -> None:
        """Moves on, and lets happen what is due."""
        self.now_s += max(0.0, seconds)
        while self.story and self.story[0][0] <= self.now_s:
            _, happen = self.story.pop(0)
            happen()


def desk(index: int, *, width_px: int = 320, height_px: int = 240) -> NDArray[np.uint8]:
    """A grey wall, a dark body before it, and noise."""
    return _desk(index % DIFFERENT, width_px, height_px)


@cache
def _desk(index: int, width_px: int, height_px: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(index)
    image = np.full((height_px, width_px, 3), 120, np.uint8)
    image[height_px // 3 :, width_px // 3 : -width_px // 3] = 50
    image += rng.integers(0, 5, (height_px, width_px, 1), dtype=np.uint8)
    return image


@dataclass(slots=True, eq=False)
class Camera(Source):
    """A live source with every fault that can be set on it."""

    clock: StoryClock
    picture: Callable[[int], NDArray[np.uint8]] = desk
    refuses: SourceError | None = None
    silent: bool = False
    opens_at_s: float | None = None
    breaks_after: int | None = None
    ends: SourceError = LOST
    lets_go: bool = True
    stuck: bool = False
    opened_at_s: list[float] = field(default_factory=list)
    open_now: bool = False
    opening_now: int = 0
    most_at_once: int = 0
    index: int = 0
    name: str = "camera 7"
    live: bool = True
    skipped: tuple[str, ...] = ()

    def found(self) -> FoundSource:
        """Named, not opened."""
        return FoundSource(name=self.name, live=True, open=self._open)

    def _open(self) -> Self:
        self.opened_at_s.append(self.clock.monotonic_s())
        if self.opens_at_s is not None:
            self._wait_for_driver(self.opens_at_s)
        if self.refuses is not None:
            raise self.refuses
        self.open_now = True
        self.stuck = False
        return self

    def _wait_for_driver(self, until_s: float) -> None:
        self.opening_now += 1
        self.most_at_once = max(self.most_at_once, self.opening_now)
        done = threading.Event()
        self.clock.story = sorted([*self.clock.story, (until_s, done.set)], key=lambda at: at[0])
        self.clock.blocked = True
        done.wait(REAL_LIMIT_S)
        self.clock.blocked = False
        self.opening_now -= 1

    def frames(self, interval_s: Interval = 0.0) -> Iterator[Frame | None]:
        """A picture each interval; five silent seconds are the end, as of a real one."""
        origin_s = self.opened_at_s[-1]
        delivered = 0
        while self.open_now:
            due_s = self.clock.now_s + max(0.2, asked(interval_s) if delivered else 0.0)
            while (early_s := due_s - self.clock.now_s) > LOOK_UP_EVERY_S:
                self.clock.wait_s(LOOK_UP_EVERY_S)
                yield None
            self.clock.wait_s(early_s)
            for _ in range(5 if self.silent else 0):
                yield None
                self.clock.wait_s(1.0)
            worn_out = self.breaks_after is not None and delivered >= self.breaks_after
            if self.silent or self.refuses is not None or worn_out:
                raise self.ends
            self.index += 1
            delivered += 1
            picture = Pixels(self.picture(1 if self.stuck else self.index))
            t_s = self.clock.monotonic_s() - origin_s
            yield Frame(t_s=t_s, index=self.index, picture=picture)

    @property
    def released(self) -> bool:
        """Whether nobody holds it, its driver neither."""
        return self.lets_go and not self.open_now

    def close(self) -> None:
        """Lets go."""
        self.open_now = False


def _grey(number: int) -> tuple[bool, MatLike | None]:
    return True, np.full((4, 6, 3), number % 256, np.uint8)


@dataclass(eq=False)
class FakeCapture:
    """A device whose n-th picture is grey level n, unless `retrieves` says otherwise.

    `grabs_well` is asked at each grab, by its number; it may take its time, and raise what a
    driver raises.
    """

    grabs_well: Callable[[int], bool] = lambda _: True
    retrieves: Callable[[int], tuple[bool, MatLike | None]] = _grey
    grabs: int = 0
    retrieved: list[int] = field(default_factory=list)
    releases: int = 0
    reached: threading.Condition = field(default_factory=threading.Condition)

    def grab(self) -> bool:
        """See `Capture.grab`."""
        there = self.grabs_well(self.grabs)
        with self.reached:
            self.grabs += 1
            self.reached.notify_all()
        return there

    def retrieve(self) -> tuple[bool, MatLike | None]:
        """See `Capture.retrieve`."""
        number = self.grabs - 1
        self.retrieved.append(number)
        return self.retrieves(number)

    def release(self) -> None:
        """See `Capture.release`."""
        self.releases += 1

    def wait_for_grabs(self, count: int) -> None:
        """Until there were so many."""
        with self.reached:
            assert self.reached.wait_for(lambda: self.grabs >= count, timeout=REAL_LIMIT_S)


def until(status: CameraStatus, items: Iterator[Item]) -> Interruption:
    """The next interruption, which must have this status; what comes before is passed over."""
    found = next(item for item in items if isinstance(item, Interruption))
    assert found.status is status, found
    return found


def a_frame(items: Iterator[Item]) -> Frame:
    """The next frame."""
    return next(item for item in items if isinstance(item, Frame))


def changing(**state: object) -> Callable[[Camera], None]:
    """The camera changes like this."""

    def change(camera: Camera) -> None:
        for name, value in state.items():
            setattr(camera, name, value)

    return change


def jpeg_segment(marker: int, content: bytes) -> bytes:
    """One segment of a JPEG file."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def bomb_jpeg(width_px: int, height_px: int, *, progressive: bool, scans: int = 1) -> bytes:
    """A JPEG of any size in a few hundred bytes, which libjpeg decodes to grey."""
    components = (1, 2, 3)
    tables = jpeg_segment(0xDB, b"\0" + b"\x10" * 64)
    for kind in (b"\x00", b"\x10"):
        tables += jpeg_segment(0xC4, kind + b"\x01" + bytes(15) + b"\0")
    size = struct.pack(">BHHB", 8, height_px, width_px, len(components))
    frame = size + b"".join(bytes((component, 0x11, 0)) for component in components)
    named = b"".join(bytes((component, 0)) for component in components)
    ends = b"\0\0\0" if progressive else b"\0\x3f\0"
    scan = jpeg_segment(0xDA, bytes((len(components),)) + named + ends) + bytes(40)
    more = jpeg_segment(0xDA, b"\x01\x01\0\x01\x3f\0") + bytes(40)
    head = b"\xff\xd8" + tables + jpeg_segment(0xC2 if progressive else 0xC0, frame)
    return head + scan + more * (scans - 1) + b"\xff\xd9"
