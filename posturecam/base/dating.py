"""When a stretch that was timed by a monotonic clock really was.

That clock says how long ago something happened, and the wall what date it is now. A date on the
wall may be wrong, and be put right later; then what was dated by it is dated anew. All times are
integer milliseconds; a *zero* is the date (UTC) at which the monotonic clock showed 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

CLOCK_STEP_MS = 1000
"""Two zeros that differ by more are two settings of the clock; less is jitter and slew."""
PUT_RIGHT_WITHIN_MS = 3_600_000
"""Who is online has a wrong clock set within the hour. A jump forward that comes later may as well
be sleep that the monotonic clock has missed (a suspended virtual machine), so that the date from
before it was right."""
PLAUSIBLE_FROM = datetime(2026, 1, 1, tzinfo=UTC)
"""No posturecam is older: a clock that shows less was never set."""
_PLAUSIBLE_FROM_MS = round(PLAUSIBLE_FROM.timestamp() * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Something between two times of a monotonic clock.

    Attributes:
        start_ms: its beginning on that clock.
        end_ms: its end.
        zero_ms: by which it is dated.
        read_ms: the zero that the wall showed at the time.
    """

    start_ms: int
    end_ms: int
    zero_ms: int
    read_ms: int

    def later(self, by_ms: int) -> Stretch:
        """The same on a clock that shows `by_ms` more."""
        return Stretch(
            start_ms=self.start_ms + by_ms,
            end_ms=self.end_ms + by_ms,
            zero_ms=self.zero_ms - by_ms,
            read_ms=self.read_ms - by_ms,
        )


def date_anew(stretches: Sequence[Stretch], zero_ms: int, now_ms: int) -> list[int]:
    """The zero of each stretch, now that the wall shows `zero_ms`.

    A stretch keeps its date unless that is known to be wrong: it lies after now or after what came
    later, or before any watch, or the clock was put right soon after it began. Where the clock
    shows again what it did for an earlier stretch, it was wrong in between: all since goes along.

    Args:
        stretches: of one monotonic clock, in order, without overlap.
        zero_ms: what the wall shows.
        now_ms: the present on the monotonic clock; no stretch ends later.

    Returns:
        Zeros by which no two stretches overlap, all are in order, and none ends after now.
    """
    zeros: list[int] = []
    agreed = [abs(stretch.read_ms - zero_ms) <= CLOCK_STEP_MS for stretch in stretches]
    later_zero_ms, later_start_ms = zero_ms, now_ms
    for index, stretch in reversed(list(enumerate(stretches))):
        dated_ms = stretch.zero_ms
        if any(agreed[: index + 1]) or _was_put_right(stretch, zero_ms, now_ms):
            dated_ms = zero_ms
        if stretch.end_ms + dated_ms > later_start_ms + later_zero_ms:
            dated_ms = later_zero_ms
        zeros.append(dated_ms)
        later_zero_ms, later_start_ms = dated_ms, stretch.start_ms
    return zeros[::-1]


def latest_gap_ms(taken: Iterable[tuple[int, int]], length_ms: int, before_ms: int) -> int:
    """Where the latest stretch of `length_ms` begins that ends by `before_ms` and is not taken."""
    end_ms = before_ms
    for taken_start_ms, taken_end_ms in sorted(taken, key=lambda span: span[1], reverse=True):
        if taken_end_ms <= end_ms - length_ms:
            break
        end_ms = min(end_ms, taken_start_ms)
    return end_ms - length_ms


def _was_put_right(stretch: Stretch, zero_ms: int, now_ms: int) -> bool:
    unset = stretch.end_ms + stretch.zero_ms < _PLAUSIBLE_FROM_MS <= now_ms + zero_ms
    young = now_ms - stretch.start_ms <= PUT_RIGHT_WITHIN_MS
    return unset or young
