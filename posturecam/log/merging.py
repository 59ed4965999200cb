"""Readings merged into what the log keeps: intervals in one state, and minutes of angles."""

from __future__ import annotations

import math
from dataclasses import dataclass

from posturecam.values.observation import ANGLES, PostureState


@dataclass(slots=True)
class OpenInterval:
    """An interval that may still grow; milliseconds."""

    start_ms: int
    end_ms: int
    state: PostureState
    reason: str

    def merges(self, later: OpenInterval) -> bool:
        """Takes `later` in if it goes on in the same way; whether it did.

        A moment without reasons goes along with those from before.
        """
        goes_on = (
            self.end_ms == later.start_ms
            and self.state is later.state
            and later.reason in ("", self.reason)
        )
        if goes_on:
            self.end_ms = later.end_ms
        return goes_on


class OpenMinute:
    """A minute that is still growing: sums, from which mean and spread follow."""

    __slots__ = ("_counts", "_squares", "_sums", "n", "start_ms")

    def __init__(self, start_ms: int) -> None:
        self.start_ms = start_ms
        self.n = 0
        self._counts = [0] * len(ANGLES)
        self._sums = [0.0] * len(ANGLES)
        self._squares = [0.0] * len(ANGLES)

    def add(self, deviations_deg: tuple[float, ...]) -> None:
        """Counts one reading; NaN is an angle that it does not have."""
        self.n += 1
        for index, deviation_deg in enumerate(deviations_deg):
            if not math.isnan(deviation_deg):
                self._counts[index] += 1
                self._sums[index] += deviation_deg
                self._squares[index] += deviation_deg * deviation_deg

    @property
    def values(self) -> tuple[float | None, ...]:
        """How many readings, five means and five standard deviations; None for what none had."""
        means: list[float | None] = []
        sds: list[float | None] = []
        for count, total, squares in zip(self._counts, self._sums, self._squares, strict=True):
            mean = total / count if count else None
            means.append(mean)
            sds.append(None if mean is None else math.sqrt(max(squares / count - mean * mean, 0)))
        return self.n, *means, *sds
