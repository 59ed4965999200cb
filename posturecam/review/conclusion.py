"""What a day comes to: how it was against what is usual, its longest stretch, and one suggestion.

Pure: codes, times and numbers, of which `words` makes two sentences. A suggestion is arithmetic on
what was seen, a moment within the longest stretch; it claims no effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, assert_never

from posturecam.base.local_time import MINUTE_MS
from posturecam.review.facts import Compared, Standing, TooLittle, compared_share
from posturecam.review.usual import DAY_NEEDS_MS, Spread
from posturecam.values.totals import Totals

if TYPE_CHECKING:
    from posturecam.review.day import DayReview
    from posturecam.review.stretches import Episode, PartOfDay

NOON = 12
CONTRAST_SHARE = 0.15
"""A half of the day whose slouched share is so much above the other's stands out. No source: own
choice, twice the width of what is usual for a steady person."""
CONTRAST_RATIO = 1.5
"""And it is so many times the other's."""
STANDS_OUT = 3.0
"""A stretch that stands out for this person goes before others that are less than so many times as
long for their kind: what is as on every day is known. No source: own choice."""
SLOUCHED_WEIGHT = 2.0
"""A slouched stretch counts like one in any position that is so many times as long. No source: own
choice; a head inclined by 25 degrees may be held for eight minutes (ISO 11226), and most days have
many that are as long as the wait of the alert."""
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
    """The longest stretch of its kind.

    Attributes:
        lasted_ms: how long it lasted, without what was not known of it.
        suggested_ms: the moment within it that something might be done at, rounded by the clock.
        times: as long as one that is worth naming.
        usual_ms: where such a stretch usually lies; None where that is not known.
        share: slouched share of its half of the day, where that half stands out.
        other_share: the same of the other half.
    """

    kind: Kind
    start_ms: int
    end_ms: int
    lasted_ms: int
    suggested_ms: int
    times: float
    usual_ms: Spread | None = None
    share: float = 0.0
    other_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What a day comes to.

    Attributes:
        share: slouched part of the judged time, 0 to 1.
        compared: the same in percent beside what is usual; None while that is not known.
        stretch: the one that went on the longest for its kind; None where none did for long.
        longest_ms: the longest of each kind, as far as there is one.
    """

    share: float
    compared: Compared | None
    stretch: Stretch | None
    longest_ms: Mapping[Kind, int]


def conclude(review: DayReview) -> Conclusion | TooLittle:
    """What the day comes to, or why nothing can be said."""
    share = review.totals.slouched_share
    if share is None or review.totals.judged_ms < DAY_NEEDS_MS:
        return TooLittle.TIME
    known = review.known_usual
    usual_share = None if known is None else known.slouched_share
    among = None if usual_share is None else compared_share(share, usual_share)
    longest = list(_longest(review))
    long = [stretch for stretch in (*_contrast(review), *longest) if stretch.times >= 1]
    slouched_more = among is not None and among.standing is Standing.MORE
    return Conclusion(
        share=share,
        compared=among,
        stretch=max(
            long, key=lambda stretch: _weight(stretch, slouched_more=slouched_more), default=None
        ),
        longest_ms={stretch.kind: stretch.lasted_ms for stretch in longest},
    )


def _weight(stretch: Stretch, *, slouched_more: bool) -> float:
    """How long it is for its kind, and more if it stands out: against other days, or within it."""
    match stretch.kind:
        case Kind.SLOUCHED:
            stands_out = slouched_more
        case Kind.UNCHANGED | Kind.WITHOUT_BREAK:
            usual_ms = stretch.usual_ms
            stands_out = usual_ms is not None and stretch.lasted_ms > usual_ms.high
        case Kind.SLOUCHED_MORNING | Kind.SLOUCHED_AFTERNOON:
            stands_out = True
        case _:
            assert_never(stretch.kind)
    return stretch.times * (STANDS_OUT if stands_out else 1)


def _longest(review: DayReview) -> Iterator[Stretch]:
    """The longest of each kind, however long."""
    policy = review.policy
    if sitting := review.longest_sitting:
        lasted_ms, usual_ms = sitting.length_ms, review.usual_sitting
        stretch = _stretch(review, Kind.WITHOUT_BREAK, sitting, lasted_ms, policy.break_after_s)
        yield replace(stretch, usual_ms=usual_ms)
    if unchanged := review.longest_unchanged:
        lasted_ms, usual_ms = unchanged.known_ms, review.usual_unchanged
        stretch = _stretch(review, Kind.UNCHANGED, unchanged, lasted_ms, policy.unchanged_after_s)
        yield replace(stretch, usual_ms=usual_ms)
    if episode := _longest_episode(review.episodes):
        yield _slouched(review, Kind.SLOUCHED, episode)


def _slouched(review: DayReview, kind: Kind, episode: Episode) -> Stretch:
    policy = review.policy
    long_s = max(policy.slouch_after_s, policy.unchanged_after_s / SLOUCHED_WEIGHT)
    return _stretch(review, kind, episode, episode.slouched_ms, long_s)


def _stretch(
    review: DayReview,
    kind: Kind,
    part: PartOfDay,
    lasted_ms: int,
    long_s: float,
) -> Stretch:
    return Stretch(
        kind=kind,
        start_ms=part.start_ms,
        end_ms=part.end_ms,
        lasted_ms=lasted_ms,
        suggested_ms=_suggested_ms(review, part.start_ms, part.end_ms),
        times=lasted_ms / (1000 * long_s),
    )


def _contrast(review: DayReview) -> Iterator[Stretch]:
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
        return
    morning, afternoon = (half.slouched_share or 0.0 for half in halves)
    more, less = max(morning, afternoon), min(morning, afternoon)
    if more - less < CONTRAST_SHARE or more < CONTRAST_RATIO * less:
        return
    kind = Kind.SLOUCHED_MORNING if morning > afternoon else Kind.SLOUCHED_AFTERNOON
    found = [
        episode
        for episode in review.episodes
        if (review.local(episode.start_ms).hour < NOON) is (morning > afternoon)
    ]
    if longest := _longest_episode(found):
        yield replace(_slouched(review, kind, longest), share=more, other_share=less)


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
