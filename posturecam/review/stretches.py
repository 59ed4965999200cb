"""The stretches that a day was made of: what was seen when, and what went on through it.

Pure: rows of the log in, values out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from posturecam.values.events import BreakKind
from posturecam.values.observation import (
    PostureState,
    UnknownReason,
    is_nobody_there,
    is_somebody_there,
)
from posturecam.values.totals import Totals, counted_state, time_spent

if TYPE_CHECKING:
    from posturecam.values.log_rows import BreakRow, CalibrationRow, IntervalRow, SessionRow
    from posturecam.values.observation import Cause, Stance
    from posturecam.values.settings import PolicySettings

_JUDGED = (PostureState.UPRIGHT, PostureState.SLOUCHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfDay:
    """From `start_ms` to `end_ms`, UTC."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """How long it lasts."""
        return self.end_ms - self.start_ms

    def has(self, at_ms: int) -> bool:
        """Whether that moment is in it."""
        return self.start_ms <= at_ms < self.end_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Span(PartOfDay):
    """A piece of an interval: one state, within the day."""

    session_id: int
    state: PostureState
    reasons: tuple[Cause | str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode(PartOfDay):
    """Slouched time with no more than short upright or unknown stretches in between.

    `slouched_ms` leaves these out; of the `reasons` the longest seen come first.
    """

    slouched_ms: int
    reasons: tuple[Cause | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnchangedStretch(PartOfDay):
    """Time without a change of position; `known_ms` leaves out what was unknown in between."""

    known_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting(PartOfDay):
    """Time at the desk in which nothing as long as a break was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedBreak(PartOfDay):
    """Time between two sittings in which nobody was seen to leave.

    `locked_ms` leaves out what was not known to be locked, such as a machine asleep.
    """

    locked_ms: int


def spans_of(intervals: Sequence[IntervalRow], start_ms: int, end_ms: int) -> list[Span]:
    """The intervals within the day, each in the state that it counts as.

    No moment counts twice: where intervals overlap, the later one is cut.
    """
    spans: list[Span] = []
    seen_until_ms = start_ms
    for row, after in zip(intervals, (*intervals[1:], None), strict=False):
        following = None
        if after and (after.session_id, after.start_ms) == (row.session_id, row.end_ms):
            following = after.state
        span = Span(
            session_id=row.session_id,
            start_ms=max(row.start_ms, seen_until_ms),
            end_ms=min(row.end_ms, end_ms),
            state=counted_state(row.state, row.reasons, following),
            reasons=row.reasons,
        )
        if span.length_ms > 0:
            spans.append(span)
            seen_until_ms = span.end_ms
    return spans


def time_of(spans: Iterable[Span]) -> Totals:
    """How the time of them was spent."""
    length_ms: Counter[PostureState] = Counter()
    for span in spans:
        length_ms[span.state] += span.length_ms
    return time_spent(length_ms)


def stances_of(
    spans: Iterable[Span],
    calibrations: Sequence[CalibrationRow],
    sessions: Iterable[SessionRow],
) -> dict[Stance, int]:
    """The judged milliseconds in each stance, as far as it is known; nothing where it never is.

    The `calibrations` are oldest first: each holds until the next, or to the end of its session.
    """
    end_ms = {session.id: session.end_ms for session in sessions}
    judged = [span for span in spans if span.state in _JUDGED]
    found: Counter[Stance] = Counter()
    for row, after in zip(calibrations, (*calibrations[1:], None), strict=False):
        until_ms = end_ms.get(row.session_id, row.at_ms)
        if after is not None:
            until_ms = min(until_ms, after.at_ms)
        if row.stance is not None:
            found[row.stance] += sum(
                max(0, min(span.end_ms, until_ms) - max(span.start_ms, row.at_ms))
                for span in judged
            )
    return dict(found)


def sittings_of(spans: Iterable[Span], policy: PolicySettings) -> Iterator[Sitting]:
    """The time between breaks, as long as `policy` says."""
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


def locked_breaks_of(
    spans: Sequence[Span],
    sittings: Iterable[Sitting],
    breaks: Sequence[BreakRow],
    policy: PolicySettings,
) -> Iterator[LockedBreak]:
    """Times between two sittings for as long as a break of which the screen was locked.

    The camera was let go of then: nobody was seen to leave, and nobody to stay. Those in which a
    full one of the `breaks` was seen are left out.
    """
    locked = [span for span in spans if UnknownReason.LOCKED in span.reasons]
    full = [row for row in breaks if row.kind is BreakKind.BREAK]
    for before, after in pairwise(sittings):
        between = PartOfDay(start_ms=before.end_ms, end_ms=after.start_ms)
        locked_ms = sum(span.length_ms for span in locked if between.has(span.start_ms))
        seen = any(
            row.at_ms > between.start_ms and row.at_ms - row.lasted_ms < between.end_ms
            for row in full
        )
        if locked_ms >= 1000 * policy.break_length_s and not seen:
            yield LockedBreak(start_ms=between.start_ms, end_ms=between.end_ms, locked_ms=locked_ms)


def runs_of(spans: Iterable[Span], policy: PolicySettings) -> Iterator[list[Span]]:
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
        if span.state in _JUDGED:
            run.append(span)
    if run:
        yield run


def episodes_of(run: Iterable[Span], policy: PolicySettings) -> Iterator[Episode]:
    """The slouched episodes of a run; so much upright time that a watch forgets ends one."""
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
    seen_ms: Counter[Cause | str] = Counter()
    for span in slouched:
        for reason in span.reasons:
            seen_ms[reason] += span.length_ms
    return Episode(
        start_ms=slouched[0].start_ms,
        end_ms=slouched[-1].end_ms,
        slouched_ms=sum(span.length_ms for span in slouched),
        reasons=tuple(reason for reason, _ in seen_ms.most_common()),
    )


def unchanged_stretches(
    run: Iterable[Span], move_times: Sequence[int]
) -> Iterator[UnchangedStretch]:
    """The stretches of a run between changes of position."""
    pieces = cut_at(run, move_times)
    for _, group in groupby(pieces, key=lambda piece: bisect_right(move_times, piece.start_ms)):
        stretch = list(group)
        yield UnchangedStretch(
            start_ms=stretch[0].start_ms,
            end_ms=stretch[-1].end_ms,
            known_ms=sum(piece.length_ms for piece in stretch),
        )


def cut_at(spans: Iterable[Span], cuts: Sequence[int]) -> Iterator[Span]:
    """The spans, cut wherever one of the sorted `cuts` lies inside one."""
    for span in spans:
        first, last = bisect_right(cuts, span.start_ms), bisect_right(cuts, span.end_ms - 1)
        if first == last:
            yield span
            continue
        edges = (span.start_ms, *sorted({*cuts[first:last]}), span.end_ms)
        for start_ms, end_ms in pairwise(edges):
            yield replace(span, start_ms=start_ms, end_ms=end_ms)
