"""What a source of frames is, wherever they come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from posturecam.values.observation import Frame

DEMO = "demo"
"""The source that ships with the package."""

LOST_AFTER_S = 5.0
"""Without a picture for so long, a camera counts as lost."""

SMALLEST_STEP_S = 0.001
"""The time of a frame is later than that of the frame before by so much at least."""

POLL_S = 0.25
"""Python handles Ctrl-C between two waits only where waits end."""

Interval = float | Callable[[], float]
"""Least time between two frames in seconds; a callable is asked anew after each."""


class Source(ABC):
    """Where frames come from. A context manager that closes on leaving.

    Attributes:
        name: what to show; of an address scheme, host and port only.
        live: timed by the monotonic clock; else by its own media time.
        skipped: names of pictures that could not be read so far.
    """

    name: str
    live: bool
    skipped: Sequence[str] = ()

    @property
    @abstractmethod
    def released(self) -> bool:
        """Closed, and nothing of the device is held any more."""

    @abstractmethod
    def frames(self, interval_s: Interval = 0.0) -> Iterator[Frame | None]:
        """The frames from where the last call stopped, at least `interval_s` apart.

        With 0 every frame; of a live source the newest, whenever one is asked for. None stands
        for a moment in which a live source has none to give.

        Raises:
            SourceError: a live source delivers no more, or no picture of a folder is readable.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the camera or file; a second time does nothing.

        A driver that hangs may hold its device for some seconds more: see `released`.
        """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSource:
    """A source that was named, not opened yet.

    Attributes:
        name: what to show; of an address scheme, host and port only.
        open: opens it, once more each time; may take seconds, and raises `SourceError`.
    """

    name: str
    live: bool
    open: Callable[[], Source]


def asked(interval_s: Interval) -> float:
    """The interval at this moment."""
    return interval_s() if callable(interval_s) else interval_s
