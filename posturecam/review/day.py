"""What a local day, or a stretch of them, was like, from the log.

Pure: the day and the time zone are arguments. All sums are in integer milliseconds, so that the
parts add up to the whole exactly, also on the two days a year that have 23 or 25 hours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from posturecam.log.sums import CHANGES
from posturecam.values.observation import (
    PostureState,
    UnknownReason,
    is_nobody_there,
    is_somebody_there,
)
from posturecam.values.settings import PolicySettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, tzinfo

    from posturecam.log.sums import Sums
    from posturecam.values.log_rows import AlertRow, BreakRow, DayRows, GuidedBreak, IntervalRow

_DEFAULT = PolicySettings()
RATE_NEEDS_MS = 600_000
"""Judged time below which changes an hour would be a guess."""
HOUR_MS = 3_600_000
HOUR_NEEDS_MS = 1_200_000
"""Judged time from which an hour is compared with others: a third of it."""
DAY_NEEDS_MS = HOUR_MS
"""Judged time from which a day counts as one of the usual ones; in less, one slouch of five
minutes would already be a tenth of it."""
DAYS_NEEDED = {7: 3, 28: 10}
"""Days that must count before a stretch of days is called usual. Of three, the middle one is not
moved by a single odd day; ten are half of the working days in four weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How a stretch of watching was spent; the first four parts are all of it."""

    upright_ms: int = 0
    slouched_ms: int = 0
    away_ms: int = 0
    unknown_ms: int = 0
    paused_ms: int = 0

    @property
    def watched_ms(self) -> int:
        """All of it but pauses."""
        return self.judged_ms + self.away_ms + self.unknown_ms

    @property
    def judged_ms(self) -> int:
        """The part of which the posture is known."""
        return self.upright_ms + self.slouched_ms

    @property
    def slouched_share(self) -> float | None:
        """Slouched part of the judged time, 0 to 1; None where nothing was judged."""
        return self.slouched_ms / self.judged_ms if self.judged_ms else None

    def moves_per_hour(self, moves: int) -> float | None:
        """Changes of position an hour of judged time; None where that is too little."""
        return moves * HOUR_MS / self.judged_ms if self.judged_ms >= RATE_NEEDS_MS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of an interval: one state, within the day."""

    session_id: int
    start_ms: int
    end_ms: int
    state: PostureState
    reasons: tuple[str, ...] = ()

    @property
    def length_ms(self) -> int:
        """How long it lasts."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSpan:
    """The part of one run of `watch` that lies within the day."""

    start_ms: int
    end_ms: int
    source: str
    profile: str
    ended_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Slouched time with no more than short upright or unknown stretches in between.

    Attributes:
        start_ms: beginning of the first slouched stretch.
        end_ms: end of the last one.
        slouched_ms: slouched time in between.
        reasons: what was seen, the longest seen first.
    """

    start_ms: int
    end_ms: int
    slouched_ms: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnchangedStretch:
    """Time without a change of position; `known_ms` leaves out what was unknown in between."""

    start_ms: int
    end_ms: int
    known_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """Time at the desk in which nothing as long as a break was seen."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """How long it lasts."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class HourReview:
    """One hour by the clock on the wall; it begins at `start_ms`."""

    start_ms: int
    split: Split
    moves: int
    alerts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReview:
    """What one local day was like.

    Attributes:
        day: the date.
        tz: the zone whose midnights bound the day.
        start_ms: its first millisecond, UTC.
        length_ms: 23, 24 or 25 hours.
        wall_ms: its length by the clock on the wall, so far if it is not over.
        split: how the watched time was spent.
        spans: the same piece by piece, oldest first; they do not overlap.
        sessions: the runs of `watch`, oldest first.
        episodes: slouched episodes of any length, oldest first.
        longest_unchanged: the longest time without a change of position, None if nothing was
            judged.
        move_times_ms: kept changes of position.
        alerts: as they were given.
        breaks: breaks, each at the time of the return.
        exercises: guided breaks.
        sittings: between the breaks, oldest first.
        hours: each hour that has any watching, oldest first.
        before: the days before it, oldest first, to compare with.
    """

    day: date
    tz: tzinfo
    start_ms: int
    length_ms: int
    wall_ms: int
    split: Split
    spans: tuple[Span, ...]
    sessions: tuple[SessionSpan, ...]
    episodes: tuple[Episode, ...]
    longest_unchanged: UnchangedStretch | None
    move_times_ms: tuple[int, ...]
    alerts: tuple[AlertRow, ...]
    breaks: tuple[BreakRow, ...]
    exercises: tuple[GuidedBreak, ...]
    sittings: tuple[Sitting, ...]
    hours: tuple[HourReview, ...]
    before: tuple[DaySums, ...] = ()

    @property
    def usual(self) -> tuple[Usual, ...]:
        """What was usual over the last 7 and over the last 28 days before this one."""
        return tuple(usual(self.before[-days:]) for days in DAYS_NEEDED if self.before)

    @property
    def unwatched_ms(self) -> int:
        """The rest of the day: with what was watched and paused, it is all of it."""
        return self.wall_ms - self.split.watched_ms - self.split.paused_ms

    @property
    def moves(self) -> int:
        """Number of kept changes of position."""
        return len(self.move_times_ms)

    @property
    def moves_per_hour(self) -> float | None:
        """Changes of position an hour of judged time; None where that is too little."""
        return self.split.moves_per_hour(self.moves)

    @property
    def changed_after_ms(self) -> tuple[int, ...]:
        """How long it took, for each alert that was followed by a change."""
        return tuple(
            alert.outcome_after_ms
            for alert in self.alerts
            if alert.outcome in CHANGES and alert.outcome_after_ms is not None
        )

    @property
    def extreme_hours(self) -> tuple[HourReview, HourReview] | None:
        """The hour most like the baseline and the one least like it; None if none stands out."""
        judged = [hour for hour in self.hours if hour.split.judged_ms >= HOUR_NEEDS_MS]
        judged.sort(key=lambda hour: hour.split.slouched_share or 0.0)
        if not judged or judged[0].split.slouched_share == judged[-1].split.slouched_share:
            return None
        return judged[0], judged[-1]

    def local(self, at_ms: int) -> datetime:
        """`at_ms` by the clock on the wall, aware."""
        return local_time(at_ms, self.tz)

    def clock(self, at_ms: int) -> str:
        """What the clock on the wall said then: `09:40`."""
        return f"{self.local(at_ms):%H:%M}"

    def from_to(self, start_ms: int, end_ms: int) -> str:
        """`09:40 to 09:52`; with seconds, or the zone, where that would name one minute twice."""
        start, end = self.local(start_ms), self.local(end_ms)
        if end_ms == self.start_ms + self.length_ms:
            return f"{start:%H:%M} to 24:00"
        if start.utcoffset() != end.utcoffset() and f"{start:%H:%M}" == f"{end:%H:%M}":
            return f"{start:%H:%M %Z} to {end:%H:%M %Z}"
        for form in ("%H:%M", "%H:%M:%S"):
            if (first := format(start, form)) != (last := format(end, form)):
                return f"{first} to {last}"
        return f"{start:%H:%M:%S}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySums:
    """What one local day, or several, add up to.

    Attributes:
        day: the date, of several the first.
        wall_ms: length by the clock on the wall, so far if it is not over.
        split: how the watched time was spent.
        moves: kept changes of position.
        alerts: alerts given.
        outcomes: alerts of which it is known what followed.
        changed_after_ms: for each alert that was followed by a change, how long it took.
        breaks: long enough breaks.
        micro_breaks: shorter ones.
        exercises: guided breaks.
    """

    day: date
    wall_ms: int
    split: Split
    moves: int
    alerts: int
    outcomes: int
    changed_after_ms: tuple[int, ...]
    breaks: int
    micro_breaks: int
    exercises: int

    @property
    def unwatched_ms(self) -> int:
        """With what was watched and paused, it is all of the wall time."""
        return self.wall_ms - self.split.watched_ms - self.split.paused_ms

    @property
    def moves_per_hour(self) -> float | None:
        """Changes of position an hour of judged time; None where that is too little."""
        return self.split.moves_per_hour(self.moves)

    @property
    def counts(self) -> bool:
        """Enough was judged to compare the day with others."""
        return self.split.judged_ms >= DAY_NEEDS_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Where the middle half of some values lies, and their median."""

    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """How the days before were.

    Attributes:
        days: how many there were.
        counted: those with enough judged time.
        needed: how many would be enough to call something usual.
        slouched_share: slouched parts of their judged time, None while there are too few.
        moves_per_hour: their changes of position an hour, None while there are too few.
    """

    days: int
    counted: int
    needed: int
    slouched_share: Spread | None
    moves_per_hour: Spread | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanReview:
    """Several local days in a row, and as many before them.

    Attributes:
        days: oldest first.
        total: what they add up to.
        before: what as many days before them add up to.
        counted: days with enough judged time.
        counted_before: the same of the days before.
        journal: what the pain journal says beside these days, nothing where there is none.
    """

    days: tuple[DaySums, ...]
    total: DaySums
    before: DaySums
    counted: int
    counted_before: int
    journal: str = ""

    @property
    def comparable(self) -> bool:
        """Both stretches have enough days to be set side by side."""
        needed = days_needed(len(self.days))
        return min(self.counted, self.counted_before) >= needed


def days_needed(days: int) -> int:
    """Days with enough judged time that make a stretch of `days` comparable."""
    return DAYS_NEEDED[28] if days >= 28 else DAYS_NEEDED[7]


def spread(values: Sequence[float]) -> Spread:
    """Quartiles, by linear interpolation between the closest two of at least one value."""
    ordered = sorted(values)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (place - below) * (ordered[above] - ordered[below])

    return Spread(low=at(0.25), median=at(0.5), high=at(0.75))


def usual(days: Sequence[DaySums]) -> Usual:
    """What is usual over some days; nothing, while too few of them have enough judged time."""
    counted = [day for day in days if day.counts]
    needed = days_needed(len(days))
    enough = len(counted) >= needed
    shares = [day.split.slouched_share or 0.0 for day in counted]
    rates = [day.moves_per_hour or 0.0 for day in counted]
    return Usual(
        days=len(days),
        counted=len(counted),
        needed=needed,
        slouched_share=spread(shares) if enough else None,
        moves_per_hour=spread(rates) if enough else None,
    )


def review_span(
    days: Sequence[DaySums], before: Sequence[DaySums], *, journal: str = ""
) -> SpanReview:
    """Some days in a row, and as many before them to compare with."""
    return SpanReview(
        days=tuple(days),
        total=total(days),
        before=total(before),
        counted=sum(day.counts for day in days),
        counted_before=sum(day.counts for day in before),
        journal=journal,
    )


def day_sums(day: date, sums: Sums, until_ms: int | None = None) -> DaySums:
    """The sums of one local day; wall time after `until_ms`, which is now, is left out."""
    return DaySums(
        day=day,
        wall_ms=_wall_ms(sums.start_ms, sums.end_ms, until_ms, _split_of(sums)),
        split=_split_of(sums),
        moves=sums.moves,
        alerts=sums.alerts,
        outcomes=sums.outcomes,
        changed_after_ms=sums.changed_after_ms,
        breaks=sums.breaks,
        micro_breaks=sums.micro_breaks,
        exercises=sums.exercises,
    )


def total(days: Sequence[DaySums]) -> DaySums:
    """All of at least one day together."""
    splits = [day.split for day in days]
    return DaySums(
        day=days[0].day,
        wall_ms=sum(day.wall_ms for day in days),
        split=add_splits(splits),
        moves=sum(day.moves for day in days),
        alerts=sum(day.alerts for day in days),
        outcomes=sum(day.outcomes for day in days),
        changed_after_ms=tuple(ms for day in days for ms in day.changed_after_ms),
        breaks=sum(day.breaks for day in days),
        micro_breaks=sum(day.micro_breaks for day in days),
        exercises=sum(day.exercises for day in days),
    )


def add_splits(splits: Sequence[Split]) -> Split:
    """How the time of all of them was spent."""
    return Split(
        upright_ms=sum(split.upright_ms for split in splits),
        slouched_ms=sum(split.slouched_ms for split in splits),
        away_ms=sum(split.away_ms for split in splits),
        unknown_ms=sum(split.unknown_ms for split in splits),
        paused_ms=sum(split.paused_ms for split in splits),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekHour:
    """One hour of one weekday, over several weeks."""

    split: Split
    moves: int

    @property
    def moves_per_hour(self) -> float | None:
        """Changes of position an hour of judged time; None where that is too little."""
        return self.split.moves_per_hour(self.moves)


def week_hours(hours: Sequence[Sums], tz: tzinfo) -> dict[tuple[int, int], WeekHour]:
    """Hours by weekday (Monday is 0) and hour on the wall; those with enough judged time."""
    found: dict[tuple[int, int], list[Sums]] = {}
    for sums in hours:
        if sums.upright_ms or sums.slouched_ms:
            local = local_time(sums.start_ms, tz)
            found.setdefault((local.weekday(), local.hour), []).append(sums)
    added = {
        key: WeekHour(
            split=add_splits([_split_of(sums) for sums in group]),
            moves=sum(sums.moves for sums in group),
        )
        for key, group in found.items()
    }
    return {key: hour for key, hour in added.items() if hour.split.judged_ms >= HOUR_NEEDS_MS}


def local_time(at_ms: int, tz: tzinfo) -> datetime:
    """UTC milliseconds as a time in `tz`, aware, exact."""
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms)).astimezone(tz)


def day_bounds_ms(day: date, tz: tzinfo) -> tuple[int, int]:
    """First millisecond of the local day and of the next one, in UTC: 23, 24 or 25 hours."""
    return _midnight_ms(day, tz), _midnight_ms(day + timedelta(days=1), tz)


def review_day(
    rows: DayRows,
    day: date,
    tz: tzinfo,
    *,
    before: Sequence[DaySums] = (),
    until_ms: int | None = None,
    policy: PolicySettings = _DEFAULT,
) -> DayReview:
    """What `day` was like; parts of `rows` outside it are left out.

    Args:
        rows: what the log has of it.
        day: the date.
        tz: the zone whose midnights bound it.
        before: the days before it, oldest first, to compare with.
        until_ms: now, UTC: wall time after it is not part of the day yet.
        policy: says what ends a sitting and an episode, as it does in a watch.
    """
    bounds = day_bounds_ms(day, tz)
    spans = _spans(rows.intervals, *bounds)
    alerts = tuple(row for row in rows.alerts if _within(row.at_ms, bounds))
    move_times = sorted(row.at_ms for row in rows.moves if _within(row.at_ms, bounds))
    runs = list(_runs(spans, policy))
    split = _split(spans)
    return DayReview(
        day=day,
        tz=tz,
        start_ms=bounds[0],
        length_ms=bounds[1] - bounds[0],
        wall_ms=_wall_ms(*bounds, until_ms, split),
        split=split,
        spans=tuple(spans),
        sessions=_session_spans(rows, *bounds),
        episodes=tuple(episode for run in runs for episode in _episodes(run, policy)),
        longest_unchanged=max(
            (stretch for run in runs for stretch in _unchanged_stretches(run, move_times)),
            key=lambda stretch: stretch.known_ms,
            default=None,
        ),
        move_times_ms=tuple(move_times),
        alerts=alerts,
        breaks=tuple(row for row in rows.breaks if _within(row.at_ms, bounds)),
        exercises=tuple(row for row in rows.exercises if _within(row.at_ms, bounds)),
        sittings=tuple(_sittings(spans, policy)),
        hours=_hours(spans, move_times, [row.at_ms for row in alerts], bounds, tz),
        before=tuple(before),
    )


def _midnight_ms(day: date, tz: tzinfo) -> int:
    return round(datetime.combine(day, time.min, tz).timestamp() * 1000)


def _wall_ms(start_ms: int, end_ms: int, until_ms: int | None, split: Split) -> int:
    """Length of a day, so far if it is not over; a clock that was set back hides nothing."""
    so_far_ms = end_ms - start_ms if until_ms is None else min(end_ms, until_ms) - start_ms
    return max(so_far_ms, split.watched_ms + split.paused_ms)


def _within(at_ms: int, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= at_ms < bounds[1]


def _spans(intervals: Sequence[IntervalRow], start_ms: int, end_ms: int) -> list[Span]:
    """The intervals within the day; the minute of nobody that begins an absence is part of it.

    No moment counts twice: where intervals overlap, the later one is cut.
    """
    spans: list[Span] = []
    told_ms = start_ms
    for row, after in zip(intervals, (*intervals[1:], None), strict=False):
        absence_begins = (
            row.state is PostureState.UNKNOWN
            and row.reason == UnknownReason.NOBODY
            and after is not None
            and after.state is PostureState.AWAY
            and after.session_id == row.session_id
            and after.start_ms == row.end_ms
        )
        span = Span(
            session_id=row.session_id,
            start_ms=max(row.start_ms, told_ms),
            end_ms=min(row.end_ms, end_ms),
            state=PostureState.AWAY if absence_begins else row.state,
            reasons=row.reasons,
        )
        if span.length_ms > 0:
            spans.append(span)
            told_ms = span.end_ms
    return spans


def _split(spans: Iterable[Span]) -> Split:
    length_ms: Counter[PostureState] = Counter()
    for span in spans:
        length_ms[span.state] += span.length_ms
    return Split(
        upright_ms=length_ms[PostureState.UPRIGHT],
        slouched_ms=length_ms[PostureState.SLOUCHED],
        away_ms=length_ms[PostureState.AWAY],
        unknown_ms=length_ms[PostureState.UNKNOWN],
        paused_ms=length_ms[PostureState.PAUSED],
    )


def _split_of(sums: Sums) -> Split:
    return Split(
        upright_ms=sums.upright_ms,
        slouched_ms=sums.slouched_ms,
        away_ms=sums.away_ms,
        unknown_ms=sums.unknown_ms,
        paused_ms=sums.paused_ms,
    )


def _sittings(spans: Iterable[Span], policy: PolicySettings) -> Iterator[Sitting]:
    break_ms = 1000 * policy.break_length_s
    sitting: Sitting | None = None
    for span in spans:
        if not is_somebody_there(span.state, span.reasons):
            continue
        if sitting is not None and span.start_ms - sitting.end_ms >= break_ms:
            yield sitting
            sitting = None
        start_ms = span.start_ms if sitting is None else sitting.start_ms
        sitting = Sitting(start_ms=start_ms, end_ms=span.end_ms)
    if sitting is not None:
        yield sitting


def _session_spans(rows: DayRows, start_ms: int, end_ms: int) -> tuple[SessionSpan, ...]:
    return tuple(
        SessionSpan(
            start_ms=max(row.start_ms, start_ms),
            end_ms=min(row.end_ms, end_ms),
            source=row.source,
            profile=row.profile,
            ended_by=row.ended_by,
        )
        for row in rows.sessions
        if row.start_ms < end_ms and row.end_ms > start_ms
    )


def _runs(spans: Iterable[Span], policy: PolicySettings) -> Iterator[list[Span]]:
    """Upright and slouched spans in runs through which something may have gone on.

    What ends one in a watch ends a run: an absence, as long a time with nobody there as a
    micro-break, so long a time without knowing that it is forgotten. Another session does too.
    """
    run: list[Span] = []
    absent_ms = 0
    for span in spans:
        if is_somebody_there(span.state, span.reasons):
            over = absent_ms >= 1000 * policy.micro_break_s
            absent_ms = 0
        else:
            over = span.state is PostureState.AWAY
            absent_ms += span.length_ms * is_nobody_there(span.state, span.reasons)
        if run:
            last = run[-1]
            forgotten = span.start_ms - last.end_ms >= 1000 * policy.forget_after_s
            if over or forgotten or span.session_id != last.session_id:
                yield run
                run = []
        if _is_known(span):
            run.append(span)
    if run:
        yield run


def _is_known(span: Span) -> bool:
    return span.state in (PostureState.UPRIGHT, PostureState.SLOUCHED)


def _episodes(run: Iterable[Span], policy: PolicySettings) -> Iterator[Episode]:
    reset_ms = 1000 * policy.slouch_reset_s
    slouched: list[Span] = []
    upright_ms = 0
    for span in run:
        if span.state is PostureState.SLOUCHED:
            slouched.append(span)
            upright_ms = 0
            continue
        upright_ms += span.length_ms
        if slouched and upright_ms >= reset_ms:
            yield _episode(slouched)
            slouched = []
    if slouched:
        yield _episode(slouched)


def _episode(slouched: Sequence[Span]) -> Episode:
    seen_ms: Counter[str] = Counter()
    for span in slouched:
        for reason in span.reasons:
            seen_ms[reason] += span.length_ms
    return Episode(
        start_ms=slouched[0].start_ms,
        end_ms=slouched[-1].end_ms,
        slouched_ms=sum(span.length_ms for span in slouched),
        reasons=tuple(reason for reason, _ in seen_ms.most_common()),
    )


def _unchanged_stretches(
    run: Iterable[Span], move_times: Sequence[int]
) -> Iterator[UnchangedStretch]:
    pieces = _cut(run, move_times)
    for _, group in groupby(pieces, key=lambda piece: bisect_right(move_times, piece.start_ms)):
        stretch = list(group)
        yield UnchangedStretch(
            start_ms=stretch[0].start_ms,
            end_ms=stretch[-1].end_ms,
            known_ms=sum(piece.length_ms for piece in stretch),
        )


def _cut(spans: Iterable[Span], cuts: Sequence[int]) -> Iterator[Span]:
    """The spans, cut wherever one of the sorted `cuts` lies inside one."""
    for span in spans:
        first, last = bisect_right(cuts, span.start_ms), bisect_right(cuts, span.end_ms - 1)
        edges = (span.start_ms, *sorted({*cuts[first:last]}), span.end_ms)
        for start_ms, end_ms in pairwise(edges):
            yield replace(span, start_ms=start_ms, end_ms=end_ms)


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
    for piece in _cut(spans, starts):
        pieces.setdefault(start_of(piece.start_ms), []).append(piece)
    moves = Counter(map(start_of, move_times))
    alerts = Counter(map(start_of, alert_times))
    return tuple(
        HourReview(
            start_ms=start_ms,
            split=_split(pieces.get(start_ms, ())),
            moves=moves[start_ms],
            alerts=alerts[start_ms],
        )
        for start_ms in sorted({*pieces, *moves, *alerts})
    )


def hour_starts_ms(bounds: tuple[int, int], tz: tzinfo) -> list[int]:
    """Where the hours by the clock on the wall begin, also in zones that are off by half of one."""
    starts = [bounds[0]]
    while True:
        local = local_time(starts[-1], tz)
        into_ms = (local.minute * 60 + local.second) * 1000 + local.microsecond // 1000
        next_ms = starts[-1] + HOUR_MS - into_ms
        if next_ms >= bounds[1]:
            return starts
        starts.append(next_ms)
