"""What a day comes to: how it was against what is usual, its longest stretch, and one suggestion.

Pure: codes, times and numbers, of which `words` makes two sentences. A suggestion is arithmetic on
what was seen, a moment within the longest stretch; it claims no effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from posturecam.base.local_time import MINUTE_MS
from posturecam.review.facts import TooLittle, compared
from posturecam.review.usual import DAY_NEEDS_MS
from posturecam.values.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from posturecam.review.day import DayReview
    from posturecam.review.facts import Compared
    from posturecam.review.stretches import Episode

NOON = 12
CONTRAST_SHARE = 0.15
"""A half of the day whose slouched share is so much above the other's stands out. No source: own
choice, twice the width of what is usual for a steady person."""
CONTRAST_RATIO = 1.5
"""And it is so many times the other's."""
_STEPS_MIN = (30, 15, 5, 1)
"""A moment is said as roughly as the stretch allows."""


class Kind(Enum):
    """What the longest stretch was a stretch of."""

    SLOUCHED = auto()
    UNCHANGED = auto()
    WITHOUT_BREAK = auto()
    SLOUCHED_MORNING = auto()
    """Slouched, and the morning was so far more than the afternoon."""
    SLOUCHED_AFTERNOON = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch that went on for longer than the wait of its alert.

    Attributes:
        kind: what it was a stretch of.
        start_ms: when it began.
        end_ms: when it ended.
        lasted_ms: how long it lasted, without what was not known of it.
        suggested_ms: the moment within it that something might be done at, rounded by the clock.
        share: slouched share of its half of the day, where that half stands out.
        other_share: the same of the other half.
    """

    kind: Kind
    start_ms: int
    end_ms: int
    lasted_ms: int
    suggested_ms: int
    share: float = 0.0
    other_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What a day comes to.

    Attributes:
        share: slouched part of the judged time, 0 to 1.
        compared: the same in percent beside what is usual; None while that is not known.
        stretch: the one that went on the longest for its kind; None where none did for long.
    """

    share: float
    compared: Compared | None
    stretch: Stretch | None


def conclude(review: DayReview) -> Conclusion | TooLittle:
    """What the day comes to, or why nothing can be said."""
    share = review.totals.slouched_share
    if share is None or review.totals.judged_ms < DAY_NEEDS_MS:
        return TooLittle.TIME
    known = review.known_usual
    usual_share = None if known is None else known.slouched_share
    return Conclusion(
        share=share,
        compared=None if usual_share is None else compared(share, usual_share, factor=100),
        stretch=_contrast(review) or _longest(review),
    )


def _contrast(review: DayReview) -> Stretch | None:
    """The longest slouched stretch of the half of the day that stands out, if one does."""
    halves = [
        sum(
            (
                hour.totals
                for hour in review.hours
                if (review.local(hour.start_ms).hour < NOON) is morning
            ),
            Totals(),
        )
        for morning in (True, False)
    ]
    if min(half.judged_ms for half in halves) < DAY_NEEDS_MS:
        return None
    morning, afternoon = (half.slouched_share or 0.0 for half in halves)
    more, less = max(morning, afternoon), min(morning, afternoon)
    if more - less < CONTRAST_SHARE or more < CONTRAST_RATIO * less:
        return None
    found = [
        episode
        for episode in review.episodes
        if (review.local(episode.start_ms).hour < NOON) is (morning > afternoon)
    ]
    longest = _longest_episode(found)
    if longest is None or longest.slouched_ms < 1000 * review.policy.slouch_after_s:
        return None
    kind = Kind.SLOUCHED_MORNING if morning > afternoon else Kind.SLOUCHED_AFTERNOON
    return Stretch(
        kind=kind,
        start_ms=longest.start_ms,
        end_ms=longest.end_ms,
        lasted_ms=longest.slouched_ms,
        suggested_ms=_suggested_ms(review, longest.start_ms, longest.end_ms),
        share=more,
        other_share=less,
    )


def _longest(review: DayReview) -> Stretch | None:
    """The stretch that is the most of its wait; shorter ones than their waits are none."""
    candidates = [
        (lasted_ms / (1000 * wait_s), kind, bounds, lasted_ms)
        for kind, bounds, lasted_ms, wait_s in _candidates(review)
        if lasted_ms >= 1000 * wait_s
    ]
    if not candidates:
        return None
    _, kind, (start_ms, end_ms), lasted_ms = max(candidates, key=lambda found: found[0])
    return Stretch(
        kind=kind,
        start_ms=start_ms,
        end_ms=end_ms,
        lasted_ms=lasted_ms,
        suggested_ms=_suggested_ms(review, start_ms, end_ms),
    )


def _candidates(review: DayReview) -> Iterator[tuple[Kind, tuple[int, int], int, float]]:
    """The longest of each kind: its bounds, how long it lasted, and the wait of its alert."""
    policy = review.policy
    if episode := _longest_episode(review.episodes):
        bounds = episode.start_ms, episode.end_ms
        yield Kind.SLOUCHED, bounds, episode.slouched_ms, policy.slouch_after_s
    if unchanged := review.longest_unchanged:
        bounds = unchanged.start_ms, unchanged.end_ms
        yield Kind.UNCHANGED, bounds, unchanged.known_ms, policy.unchanged_after_s
    if sitting := max(review.sittings, key=lambda sitting: sitting.length_ms, default=None):
        bounds = sitting.start_ms, sitting.end_ms
        yield Kind.WITHOUT_BREAK, bounds, sitting.length_ms, policy.break_after_s


def _longest_episode(episodes: Sequence[Episode]) -> Episode | None:
    return max(episodes, key=lambda episode: episode.slouched_ms, default=None)


def _suggested_ms(review: DayReview, start_ms: int, end_ms: int) -> int:
    """The roughest moment by the clock on the wall about the middle that lies within."""
    middle_ms = (start_ms + end_ms) // 2
    local = review.local(middle_ms)
    minutes = local.hour * 60 + local.minute
    off_ms = middle_ms - middle_ms % MINUTE_MS - MINUTE_MS * minutes
    moments_ms = (off_ms + MINUTE_MS * step * round(minutes / step) for step in _STEPS_MIN)
    near_ms = (end_ms - start_ms) / 4
    return next((at_ms for at_ms in moments_ms if abs(at_ms - middle_ms) <= near_ms), middle_ms)
