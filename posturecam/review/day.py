"""What a local day was like, from the log.

Pure: the day and the time zone are arguments. All sums are in integer milliseconds, so that the
parts add up to the whole exactly, also on the two days a year that have 23 or 25 hours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING

from posturecam.base.local_time import (
    HOUR_MS,
    MINUTE_MS,
    day_bounds_ms,
    hour_starts_ms,
    local_time,
)
from posturecam.review import stretches
from posturecam.review.usual import DAYS_NEEDED, HOUR_NEEDS_MS, spread, usual
from posturecam.values.events import CHANGES, BreakKind
from posturecam.values.observation import Stance, UnknownReason
from posturecam.values.settings import PolicySettings
from posturecam.values.totals import Totals

if TYPE_CHECKING:
    from posturecam.review.stretches import (
        Episode,
        LockedBreak,
        Sitting,
        Span,
        UnchangedStretch,
    )
    from posturecam.review.usual import DayTotals, Spread, Usual
    from posturecam.values.log_rows import AlertRow, BreakRow, DayRows, GuidedBreak, SessionRow

QUARTER_MS = 15 * MINUTE_MS
_DEFAULT = PolicySettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class HourReview:
    """One hour by the clock on the wall; it begins at `start_ms`."""

    start_ms: int
    totals: Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class LongestOfDay:
    """The longest time without a change of position, as far as it is known, and without a break."""

    unchanged_ms: int
    sitting_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReview:
    """What one local day was like; what there are several of stands oldest first.

    Attributes:
        tz: the zone whose midnights bound the day.
        start_ms: its first millisecond, UTC.
        length_ms: 23, 24 or 25 hours.
        totals: what it adds up to, so far if it is not over.
        spans: the watched time piece by piece; they do not overlap.
        longest_unchanged: without a change of position; None if nothing was judged.
        move_times_ms: kept changes of position.
        breaks: each at the time of the return.
        exercises: guided breaks.
        locked_breaks: as long as a break, of which nothing was seen while the screen was locked.
        hours: those that have any watching.
        before: the days before it, to compare with.
        longest_before: of the days of the week before it that have enough judged time.
        policy: what ends a sitting and an episode, and what an alert waits for.
        stances_ms: judged time sitting and standing, where that is known.
        to_come: it has not begun yet.
    """

    day: date
    tz: tzinfo
    start_ms: int
    length_ms: int
    totals: Totals
    spans: tuple[Span, ...]
    sessions: tuple[SessionRow, ...]
    episodes: tuple[Episode, ...]
    longest_unchanged: UnchangedStretch | None
    move_times_ms: tuple[int, ...]
    alerts: tuple[AlertRow, ...]
    breaks: tuple[BreakRow, ...]
    exercises: tuple[GuidedBreak, ...]
    sittings: tuple[Sitting, ...]
    locked_breaks: tuple[LockedBreak, ...]
    hours: tuple[HourReview, ...]
    before: tuple[DayTotals, ...] = ()
    longest_before: tuple[LongestOfDay, ...] = ()
    policy: PolicySettings = _DEFAULT
    stances_ms: Mapping[Stance, int] = field(default_factory=dict)
    to_come: bool = False
    _quarters_ms: dict[int, int] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What `clock` has found: of each quarter of an hour, as clocks are set at no other moment, how
    far the clock on the wall was in its day."""

    @property
    def is_over(self) -> bool:
        """It has come to its end."""
        return self.totals.wall_ms >= self.length_ms

    @property
    def in_a_call_ms(self) -> int:
        """The part of the pauses in which the camera was wanted for a call."""
        return self._because_of_ms(UnknownReason.IN_A_CALL)

    @property
    def locked_ms(self) -> int:
        """The part of the pauses in which the screen was locked."""
        return self._because_of_ms(UnknownReason.LOCKED)

    def _because_of_ms(self, reason: UnknownReason) -> int:
        return sum(span.length_ms for span in self.spans if reason in span.reasons)

    @property
    def known_usual(self) -> Usual | None:
        """What was usual over the shorter of the two stretches of days that say so."""
        return next((usual for usual in self.usual if usual.slouched_share is not None), None)

    @property
    def usual_unchanged(self) -> Spread | None:
        """The usual longest time without a change of position, in milliseconds."""
        return self._usual_of([longest.unchanged_ms for longest in self.longest_before])

    @property
    def usual_sitting(self) -> Spread | None:
        """The usual longest time without a break, in milliseconds."""
        return self._usual_of([longest.sitting_ms for longest in self.longest_before])

    @staticmethod
    def _usual_of(values_ms: Sequence[int]) -> Spread | None:
        return spread(values_ms) if len(values_ms) >= min(DAYS_NEEDED.values()) else None

    @property
    def longest_sitting(self) -> Sitting | None:
        """The longest time without a break, None if nobody was seen."""
        return _longest_sitting(self.sittings)

    @property
    def usual(self) -> tuple[Usual, ...]:
        """What was usual over the last 7 and over the last 28 days before this one."""
        return tuple(usual(self.before[-days:]) for days in DAYS_NEEDED if self.before)

    @property
    def extreme_hours(self) -> tuple[HourReview, HourReview] | None:
        """The hour most like the baseline and the one least like it; None if none stands out.

        They differ in the percent that are shown.
        """
        judged = [hour for hour in self.hours if hour.totals.judged_ms >= HOUR_NEEDS_MS]
        judged.sort(key=_share_of)
        if not judged or round(100 * _share_of(judged[0])) == round(100 * _share_of(judged[-1])):
            return None
        return judged[0], judged[-1]

    def local(self, at_ms: int) -> datetime:
        """`at_ms` by the clock on the wall, aware."""
        return local_time(at_ms, self.tz)

    def clock(self, at_ms: int) -> str:
        """What the clock on the wall said then: `09:40`."""
        quarter, after_ms = divmod(at_ms, QUARTER_MS)
        shown_ms = self._quarters_ms.get(quarter)
        if shown_ms is None:
            local = self.local(quarter * QUARTER_MS)
            shown_ms = local.hour * HOUR_MS + local.minute * MINUTE_MS + local.second * 1000
            self._quarters_ms[quarter] = shown_ms
        hours, minutes = divmod((shown_ms + after_ms) // MINUTE_MS, 60)
        return f"{hours % 24:02}:{minutes:02}"


def review_day(
    rows: DayRows,
    day: date,
    tz: tzinfo,
    *,
    before: Sequence[DayTotals] = (),
    longest_before: Sequence[LongestOfDay] = (),
    until_ms: int | None = None,
    policy: PolicySettings = _DEFAULT,
) -> DayReview:
    """What `day` was like; see `DayReview`. Parts of `rows` outside it are left out.

    Wall time after `until_ms`, which is now (UTC), is not part of the day yet.
    """
    bounds = day_bounds_ms(day, tz)
    spans = stretches.spans_of(rows.intervals, *bounds)
    alerts = tuple(row for row in rows.alerts if _within(row.at_ms, bounds))
    move_times = sorted(row.at_ms for row in rows.moves if _within(row.at_ms, bounds))
    breaks = tuple(row for row in rows.breaks if _within(row.at_ms, bounds))
    exercises = tuple(row for row in rows.exercises if _within(row.at_ms, bounds))
    runs = list(stretches.runs_of(spans, policy))
    sittings = tuple(stretches.sittings_of(spans, policy))
    counts = _counts(alerts, breaks, moves=len(move_times), exercises=len(exercises))
    return DayReview(
        day=day,
        tz=tz,
        start_ms=bounds[0],
        length_ms=bounds[1] - bounds[0],
        totals=(stretches.time_of(spans) + counts).within(*bounds, until_ms),
        spans=tuple(spans),
        sessions=tuple(_sessions(rows.sessions, *bounds)),
        episodes=tuple(episode for run in runs for episode in stretches.episodes_of(run, policy)),
        longest_unchanged=_longest_unchanged(runs, move_times),
        move_times_ms=tuple(move_times),
        alerts=alerts,
        breaks=breaks,
        exercises=exercises,
        sittings=sittings,
        locked_breaks=tuple(stretches.locked_breaks_of(spans, sittings, breaks, policy)),
        hours=_hours(spans, move_times, [row.at_ms for row in alerts], bounds, tz),
        before=tuple(before),
        longest_before=tuple(longest_before),
        policy=policy,
        stances_ms=stretches.stances_of(spans, rows.calibrations, rows.sessions),
        to_come=until_ms is not None and until_ms < bounds[0],
    )


def _counts(
    alerts: Sequence[AlertRow], breaks: Sequence[BreakRow], *, moves: int, exercises: int
) -> Totals:
    return Totals(
        moves=moves,
        alerts=len(alerts),
        outcomes=sum(alert.outcome is not None for alert in alerts),
        changed_after_ms=tuple(
            alert.outcome_after_ms
            for alert in alerts
            if alert.outcome in CHANGES and alert.outcome_after_ms is not None
        ),
        breaks=sum(row.kind is BreakKind.BREAK for row in breaks),
        micro_breaks=sum(row.kind is BreakKind.MICRO for row in breaks),
        exercises=exercises,
    )


def _share_of(hour: HourReview) -> float:
    return hour.totals.slouched_share or 0.0


def longest_of_day(rows: DayRows, day: date, tz: tzinfo, policy: PolicySettings) -> LongestOfDay:
    """The same stretches as those of the review of the day, without the rest of it."""
    bounds = day_bounds_ms(day, tz)
    move_times = sorted(row.at_ms for row in rows.moves if _within(row.at_ms, bounds))
    spans = stretches.spans_of(rows.intervals, *bounds)
    unchanged = _longest_unchanged(stretches.runs_of(spans, policy), move_times)
    sitting = _longest_sitting(stretches.sittings_of(spans, policy))
    return LongestOfDay(
        unchanged_ms=0 if unchanged is None else unchanged.known_ms,
        sitting_ms=0 if sitting is None else sitting.length_ms,
    )


def _longest_sitting(sittings: Iterable[Sitting]) -> Sitting | None:
    return max(sittings, key=lambda sitting: sitting.length_ms, default=None)


def _longest_unchanged(
    runs: Iterable[list[Span]], move_times: Sequence[int]
) -> UnchangedStretch | None:
    return max(
        (stretch for run in runs for stretch in stretches.unchanged_stretches(run, move_times)),
        key=lambda stretch: stretch.known_ms,
        default=None,
    )


def _within(at_ms: int, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= at_ms < bounds[1]


def _sessions(sessions: Sequence[SessionRow], start_ms: int, end_ms: int) -> Iterator[SessionRow]:
    """The part of each that lies within the day."""
    for row in sessions:
        if row.start_ms < end_ms and row.end_ms > start_ms:
            yield replace(row, start_ms=max(row.start_ms, start_ms), end_ms=min(row.end_ms, end_ms))


def _hours(
    spans: Sequence[Span],
    move_times: Sequence[int],
    alert_times: Sequence[int],
    bounds: tuple[int, int],
    tz: tzinfo,
) -> tuple[HourReview, ...]:
    starts = hour_starts_ms(bounds, tz)

    def start_of(at_ms: int) -> int:
        return starts[bisect_right(starts, at_ms) - 1]

    pieces: dict[int, list[Span]] = {}
    for piece in stretches.cut_at(spans, starts):
        pieces.setdefault(start_of(piece.start_ms), []).append(piece)
    moves = Counter(map(start_of, move_times))
    alerts = Counter(map(start_of, alert_times))
    return tuple(
        HourReview(
            start_ms=start_ms,
            totals=stretches.time_of(pieces.get(start_ms, ()))
            + Totals(moves=moves[start_ms], alerts=alerts[start_ms]),
        )
        for start_ms in sorted({*pieces, *moves, *alerts})
    )
