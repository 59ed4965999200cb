"""Hand-written stand-ins for the edges: clock, camera, pose model, and whoever is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np

from posturecam.base.interrupts import Interrupts
from posturecam.capture.source import Source
from posturecam.capture.thumbnail import Pixels
from posturecam.pose.network_guard import GuardStatus
from posturecam.values.events import Calibrated
from posturecam.values.observation import (
    Detection,
    Frame,
    Joint,
    Landmarks,
    PostureState,
    View,
)
from posturecam.values.reasons import AngleReason, SlouchSign
from posturecam.values.settings import Settings
from posturecam.watch.loop import Watch
from posturecam.watch.task import Task

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator

    from posturecam.capture.session import Interruption, Resting
    from posturecam.capture.source import Interval
    from posturecam.posture.baseline import Baseline
    from posturecam.values.events import Tick

E = TypeVar("E")


def seen(sign: SlouchSign, deg: float, *, estimated: bool = True) -> AngleReason:
    """A reason to call somebody slouched."""
    return AngleReason(sign=sign, deg=deg, estimated=estimated)


NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""

CALIBRATED = Calibrated(
    profile="default",
    view=View.FRONT,
    samples=50,
    quality=0.9,
    taken_now=False,
    taken_at=NINE,
    angle_model="0123456789ab",
    limits_deg=(12.0, 12.0, 12.0, 15.0, 7.0),
)


@dataclass(slots=True)
class ManualClock:
    """A clock that moves when told to, or when somebody waits on it."""

    now_s: float = 0.0
    began_at: datetime = NINE
    booted: str | None = None
    waits_s: list[float] = field(default_factory=list)
    blocked: bool = False
    """What is being waited for takes until this clock says so, not until it has run."""

    def monotonic_s(self) -> float:
        """Seconds set so far."""
        return self.now_s

    def utc_now(self) -> datetime:
        """The beginning and the seconds set so far."""
        return self.began_at + timedelta(seconds=self.now_s)

    def wait_s(self, seconds: float) -> None:
        """Moves on at once."""
        self.waits_s.append(seconds)
        self.now_s += max(0.0, seconds)

    def wait_for(self, event: threading.Event, limit_s: float) -> bool:
        """Lets a thread get done what it is at; moves on if that is `blocked`."""
        while limit_s > 0 and not event.wait(0.01):
            if self.blocked:
                self.wait_s(limit_s)
                break
        return event.is_set()

    def boot_id(self) -> str | None:
        """Of no machine."""
        return self.booted


def blank_frame(t_s: float, index: int = 0) -> Frame:
    """A small black picture with a speck of noise: no camera delivers the very same twice."""
    image = np.zeros((48, 64, 3), dtype=np.uint8)
    image[0, 0] = index % 251
    return Frame(t_s=t_s, index=index, picture=Pixels(image))


def sitter(
    *, x_px: float = 320.0, y_px: float = 330.0, size: float = 1.0, drop_px: float = 0.0
) -> Landmarks:
    """Somebody facing the camera in a picture of 640 x 480.

    Args:
        x_px: middle of the shoulders from the left.
        y_px: middle of the shoulders from the top.
        size: 1 is 220 px from shoulder to shoulder.
        drop_px: the head is so much lower than when upright.
    """
    points = np.zeros((33, 3))
    for joint, (right_px, up_px) in _FRONT_SITTER.items():
        fallen_px = drop_px if up_px > 0 else 0.0
        points[joint] = (x_px + size * right_px, y_px - size * up_px + fallen_px, 0.0)
    return Landmarks(
        points_px=points, visibility=np.full(33, 0.99), image_width_px=640, image_height_px=480
    )


_FRONT_SITTER = {
    Joint.NOSE: (0, 130),
    Joint.LEFT_EYE_INNER: (10, 148),
    Joint.LEFT_EYE: (20, 148),
    Joint.LEFT_EYE_OUTER: (28, 147),
    Joint.RIGHT_EYE_INNER: (-10, 148),
    Joint.RIGHT_EYE: (-20, 148),
    Joint.RIGHT_EYE_OUTER: (-28, 147),
    Joint.LEFT_EAR: (45, 138),
    Joint.RIGHT_EAR: (-45, 138),
    Joint.MOUTH_LEFT: (15, 105),
    Joint.MOUTH_RIGHT: (-15, 105),
    Joint.LEFT_SHOULDER: (110, 0),
    Joint.RIGHT_SHOULDER: (-110, 0),
    Joint.LEFT_ELBOW: (140, -140),
    Joint.RIGHT_ELBOW: (-140, -140),
    Joint.LEFT_WRIST: (90, -200),
    Joint.RIGHT_WRIST: (-90, -200),
    Joint.LEFT_HIP: (70, -270),
    Joint.RIGHT_HIP: (-70, -270),
}
"""Pixels to the right of the middle of the shoulders and above it."""


@dataclass(slots=True)
class ScriptedSource(Source):
    """Plays given frames and interruptions; raises the error at the end, if there is one."""

    items: Iterable[Frame | Interruption | Resting]
    error: Exception | None = None
    name: str = "script"
    live: bool = False
    skipped: tuple[str, ...] = ()
    closed: bool = False
    _left: Iterator[Any] | None = None

    @property
    def released(self) -> bool:
        """Whether it has been closed."""
        return self.closed

    def frames(self, interval_s: Interval = 0.0) -> Iterator[Any]:
        """The items in order, from where the last call stopped."""
        self._left = iter(self.items) if self._left is None else self._left
        yield from self._left
        if self.error is not None:
            raise self.error

    def age_s(self, _t_s: float) -> float:
        """It happens now."""
        return 0.0

    def reopen(self) -> None:
        """Plays on."""

    def turn_pictures(self, rotate_deg: int) -> None:
        """They are as they are."""

    def close(self) -> None:
        """Notes that it was closed."""
        self.closed = True


_NO_GUARD = GuardStatus(active=False, reason="there is nothing to guard")


@dataclass(slots=True)
class FakeLandmarker:
    """Says who is in a frame by a function of its time."""

    people_at: Callable[[float], tuple[Landmarks, ...]]
    brightness: float = 120.0
    guard: GuardStatus = _NO_GUARD

    def detect(self, frame: Frame) -> Detection:
        """The people of the script."""
        return Detection(
            t_s=frame.t_s, people=self.people_at(frame.t_s), brightness=self.brightness
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was loaded."""


@dataclass(slots=True)
class RecordingSink:
    """Keeps every turn of the loop."""

    ticks: list[Tick] = field(default_factory=list)

    def handle(self, tick: Tick) -> None:
        """Keeps it."""
        self.ticks.append(tick)

    def events(self, kind: type[E]) -> list[tuple[float, E]]:
        """Events of one kind with their times."""
        return [
            (tick.t_s, event)
            for tick in self.ticks
            for event in tick.events
            if isinstance(event, kind)
        ]

    def states(self, *, after_s: float) -> set[PostureState]:
        """What the sitter was judged to be from that time on."""
        return {
            tick.reading.state
            for tick in self.ticks
            if tick.reading is not None and tick.t_s > after_s
        }


def watched(
    frames: Iterable[Frame],
    people_at: Callable[[float], tuple[Landmarks, ...]],
    settings: Settings | None = None,
    *,
    baseline: Baseline | None = None,
    calibrate_s: float = 0.0,
) -> RecordingSink:
    """What a watch tells of these pictures, in which these people are found."""
    sink = RecordingSink()
    task = Task(
        settings=settings or Settings(),
        model_sha256="ab" * 32,
        began_at=NINE,
        baseline=baseline,
        calibrate_s=calibrate_s,
        guarded=True,
    )
    watch = Watch(task, landmarker=FakeLandmarker(people_at), sinks=[sink])
    watch.run(ScriptedSource(frames), Interrupts())
    return sink
