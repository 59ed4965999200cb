"""Hand-written stand-ins for the edges: clock, camera, pose model, and whoever is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np

from posturecam.observation import Detection, Frame, Landmarks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from posturecam.camera import Interruption
    from posturecam.events import Tick

E = TypeVar("E")

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""


@dataclass(slots=True)
class ManualClock:
    """A clock that moves when told to, or when somebody waits on it."""

    now_s: float = 0.0
    began_at: datetime = NINE
    waits_s: list[float] = field(default_factory=list)

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


def blank_frame(t_s: float, index: int = 0) -> Frame:
    """A small black picture."""
    return Frame(t_s=t_s, index=index, image=np.zeros((48, 64, 3), dtype=np.uint8))


@dataclass(slots=True)
class ScriptedSource:
    """Plays given frames and interruptions; raises the error at the end, if there is one."""

    items: Iterable[Frame | Interruption]
    error: Exception | None = None
    name: str = "script"
    live: bool = False
    skipped: tuple[str, ...] = ()
    closed: bool = False

    def frames(self, interval_s: float = 0.0) -> Iterator[Frame | Interruption]:
        """The items in order."""
        yield from self.items
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        """Notes that it was closed."""
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(slots=True)
class FakeLandmarker:
    """Says who is in a frame by a function of its time."""

    people_at: Callable[[float], tuple[Landmarks, ...]]
    brightness: float = 120.0

    def detect(self, frame: Frame) -> Detection:
        """The people of the script."""
        return Detection(
            t_s=frame.t_s, people=self.people_at(frame.t_s), brightness=self.brightness
        )


@dataclass(slots=True)
class RecordingSink:
    """Keeps every turn of the loop."""

    ticks: list[Tick] = field(default_factory=list)

    def take(self, tick: Tick) -> None:
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
