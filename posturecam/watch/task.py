"""What a watch is given: its task, where its pictures come from, and where each turn goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from posturecam.capture.session import Item
    from posturecam.capture.source import Interval
    from posturecam.posture.baseline import Baseline
    from posturecam.values.events import Tick
    from posturecam.values.settings import Settings


class Sink(Protocol):
    """Where each turn goes: the display, the notifier, the log."""

    def handle(self, tick: Tick) -> None:
        """Deal with one turn of the loop; must not raise for troubles of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a watch is to do.

    Attributes:
        began_at: the beginning, aware; a file's own time counts from there.
        standing: the one of the same sitter standing, if the profile has one.
        baseline: the baseline to compare with, or
        calibrate_s: take one from so many seconds at the beginning.
        duration_s: stop after so long, None for when the source ends.
    """

    settings: Settings
    model_sha256: str
    began_at: datetime
    baseline: Baseline | None = None
    standing: Baseline | None = None
    calibrate_s: float = 0.0
    duration_s: float | None = None
    guarded: bool


class PictureFeed(Protocol):
    """Where the pictures come from; a `Feed`."""

    @property
    def name(self) -> str:
        """What to show."""

    @property
    def live(self) -> bool:
        """Timed by the clock rather than by itself."""

    def frames(self, interval_s: Interval = 0.0) -> Iterator[Item]:
        """What there is to see, about once a second at least."""

    def reopen(self) -> None:
        """Let go of the camera and open it anew before the next picture."""

    def turn_pictures(self, rotate_deg: int) -> None:
        """Turn each picture clockwise by so much from now on."""

    def age_s(self, t_s: float) -> float:
        """How long ago the time `t_s` of an item was."""
