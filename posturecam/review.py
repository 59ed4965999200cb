"""What one local day was like, from its rows in the log.

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

from posturecam.observation import Doubt, PostureState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, tzinfo

    from posturecam.log_rows import AlertRow, BreakRow, DayRows, IntervalRow

RESET_MS = 30_000
"""Upright time that ends an episode; `PolicySettings.slouch_reset_s`."""
FORGET_MS = 60_000
"""Unknown time after which nobody can say that something went on; `forget_after_s` there."""
RATE_NEEDS_MS = 600_000
"""Judged time below which changes an hour would be a guess."""
HOUR_MS = 3_600_000


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
        split: how the watched time was spent.
        sessions: the runs of `watch`, oldest first.
        episodes: slouched episodes of any length, oldest first.
        longest_unchanged: the longest time without a change of position, None if nothing was
            judged.
        moves: kept changes of position.
        alerts: as they were given.
        breaks: long enough breaks, each at the time of the return.
        hours: each hour that has any watching, oldest first.
    """

    day: date
    tz: tzinfo
    split: Split
    sessions: tuple[SessionSpan, ...]
    episodes: tuple[Episode, ...]
    longest_unchanged: UnchangedStretch | None
    moves: int
    alerts: tuple[AlertRow, ...]
    breaks: tuple[BreakRow, ...]
    hours: tuple[HourReview, ...]

    @property
    def moves_per_hour(self) -> float | None:
        """Changes of position an hour of judged time; None where that is too little to tell."""
        judged_ms = self.split.judged_ms
        return self.moves * HOUR_MS / judged_ms if judged_ms >= RATE_NEEDS_MS else None

    def local(self, at_ms: int) -> datetime:
        """`at_ms` by the clock on the wall, aware."""
        return local_time(at_ms, self.tz)


def local_time(at_ms: int, tz: tzinfo) -> datetime:
    """UTC milliseconds as a time in `tz`, aware, exact."""
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms)).astimezone(tz)


def day_bounds_ms(day: date, tz: tzinfo) -> tuple[int, int]:
    """First millisecond of the local day and of the next one, in UTC: 23, 24 or 25 hours."""
    return _midnight_ms(day, tz), _midnight_ms(day + timedelta(days=1), tz)


def review_day(rows: DayRows, day: date, tz: tzinfo) -> DayReview:
    """What `day` was like; parts of `rows` outside it are left out."""
    bounds = day_bounds_ms(day, tz)
    spans = _spans(rows.intervals, *bounds)
    alerts = tuple(row for row in rows.alerts if _within(row.at_ms, bounds))
    move_times = sorted(row.at_ms for row in rows.moves if _within(row.at_ms, bounds))
    runs = list(_runs(spans))
    return DayReview(
        day=day,
        tz=tz,
        split=_split(spans),
        sessions=_session_spans(rows, *bounds),
        episodes=tuple(episode for run in runs for episode in _episodes(run)),
        longest_unchanged=max(
            (stretch for run in runs for stretch in _unchanged_stretches(run, move_times)),
            key=lambda stretch: stretch.known_ms,
            default=None,
        ),
        moves=len(move_times),
        alerts=alerts,
        breaks=tuple(row for row in rows.breaks if _within(row.at_ms, bounds)),
        hours=_hours(spans, move_times, [row.at_ms for row in alerts], bounds, tz),
    )


def _midnight_ms(day: date, tz: tzinfo) -> int:
    return round(datetime.combine(day, time.min, tz).timestamp() * 1000)


def _within(at_ms: int, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= at_ms < bounds[1]


def _spans(intervals: Sequence[IntervalRow], start_ms: int, end_ms: int) -> list[Span]:
    """The intervals within the day; the minute of nobody that begins an absence is part of it."""
    spans: list[Span] = []
    for row, after in zip(intervals, (*intervals[1:], None), strict=False):
        absence_begins = (
            row.state is PostureState.UNKNOWN
            and row.reason == Doubt.NOBODY
            and after is not None
            and after.state is PostureState.AWAY
            and after.session_id == row.session_id
            and after.start_ms == row.end_ms
        )
        span = Span(
            session_id=row.session_id,
            start_ms=max(row.start_ms, start_ms),
            end_ms=min(row.end_ms, end_ms),
            state=PostureState.AWAY if absence_begins else row.state,
            reasons=row.reasons,
        )
        if span.length_ms > 0:
            spans.append(span)
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


def _runs(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """Upright and slouched spans in runs through which something may have gone on.

    An absence, another session or `FORGET_MS` of not knowing ends a run.
    """
    run: list[Span] = []
    for span in spans:
        if run:
            last = run[-1]
            unknown_ms = span.start_ms - last.end_ms
            ended = span.state is PostureState.AWAY or span.session_id != last.session_id
            if ended or unknown_ms >= FORGET_MS:
                yield run
                run = []
        if _is_known(span):
            run.append(span)
    if run:
        yield run


def _is_known(span: Span) -> bool:
    return span.state in (PostureState.UPRIGHT, PostureState.SLOUCHED)


def _episodes(run: Iterable[Span]) -> Iterator[Episode]:
    slouched: list[Span] = []
    upright_ms = 0
    for span in run:
        if span.state is PostureState.SLOUCHED:
            slouched.append(span)
            upright_ms = 0
            continue
        upright_ms += span.length_ms
        if slouched and upright_ms >= RESET_MS:
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
    starts = _hour_starts(bounds, tz)

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


def _hour_starts(bounds: tuple[int, int], tz: tzinfo) -> list[int]:
    """Where the hours by the clock on the wall begin, also in zones that are off by half of one."""
    starts = [bounds[0]]
    while True:
        local = local_time(starts[-1], tz)
        into_ms = (local.minute * 60 + local.second) * 1000 + local.microsecond // 1000
        next_ms = starts[-1] + HOUR_MS - into_ms
        if next_ms >= bounds[1]:
            return starts
        starts.append(next_ms)
