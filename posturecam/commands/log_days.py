"""The local days of a log, of which each is read once, however many reviews show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.local_time import day_bounds_ms, hour_starts_ms, local_time, midnights_ms
from posturecam.log.connection import to_ms
from posturecam.log.reader import LogReader
from posturecam.review.day import DayReview, LongestOfDay, longest_of_day, review_day
from posturecam.review.usual import (
    DAYS_NEEDED,
    WEEK_DAYS,
    DayTotals,
    SpanReview,
    WeekHour,
    review_span,
    week_hours,
)
from posturecam.values.settings import PolicySettings

if TYPE_CHECKING:
    from posturecam.care.pain import PainDay
    from posturecam.values.log_rows import DayRows
    from posturecam.values.totals import Totals

COMPARED_DAYS = max(DAYS_NEEDED)
_ONE_DAY = timedelta(days=1)
_DEFAULT = PolicySettings()


class LogDays:
    """The local days of one log as of one moment."""

    def __init__(
        self,
        log: LogReader,
        log_path: Path,
        zone: tzinfo,
        *,
        now: datetime | None = None,
        policy: PolicySettings = _DEFAULT,
    ) -> None:
        """Use `open_days`; `now` ends a day that is not over, the policy sittings and episodes."""
        self._log = log
        self._log_path = log_path
        self._zone = zone
        self._until_ms = None if now is None else to_ms(now)
        self._policy = policy
        # What was read so far.
        self._totals: dict[date, Totals] = {}
        self._hours: dict[date, list[tuple[WeekHour, Totals]]] = {}
        self._rows: dict[date, DayRows] = {}
        self._longest_of: dict[date, LongestOfDay] = {}

    def totals(self, first: date, end: date) -> list[DayTotals]:
        """What each day from `first` up to `end` adds up to."""
        days = _days(first, end)
        missing = [day for day in days if day not in self._totals]
        if missing:
            asked = _days(missing[0], missing[-1] + _ONE_DAY)
            edges_ms = midnights_ms((*asked, asked[-1] + _ONE_DAY), self._zone)
            found = self._log.totals(edges_ms, self._until_ms)
            self._totals |= dict(zip(asked, found, strict=True))
        return [DayTotals(day=day, totals=self._totals[day]) for day in days]

    def week_hours(self, first: date, end: date) -> Mapping[WeekHour, Totals]:
        """The days from `first` up to `end` by weekday and hour; see `review.usual.week_hours`."""
        days = _days(first, end)
        missing = [day for day in days if day not in self._hours]
        if missing:
            self._read_hours(_days(missing[0], missing[-1] + _ONE_DAY))
        return week_hours(hour for day in days for hour in self._hours[day])

    def _read_hours(self, days: Sequence[date]) -> None:
        """Of each day the hours with judged time."""
        self._hours |= {day: [] for day in days}
        starts_ms = [
            start_ms
            for day in days
            for start_ms in hour_starts_ms(day_bounds_ms(day, self._zone), self._zone)
        ]
        _, end_ms = day_bounds_ms(days[-1], self._zone)
        found = self._log.totals([*starts_ms, end_ms])
        for start_ms, hour in zip(starts_ms, found, strict=True):
            if hour.judged_ms:
                local = local_time(start_ms, self._zone)
                name = local.weekday(), local.hour
                self._hours[local.date()].append((name, hour))

    def rows(self, day: date) -> DayRows:
        """All rows of a day, with its angles."""
        if day not in self._rows:
            self._rows[day] = self._log.day(*day_bounds_ms(day, self._zone))
        return self._rows[day]

    def review(self, day: date, rows: DayRows | None = None) -> DayReview:
        """A day beside those before it; its rows need no angles."""
        before = self.totals(day - timedelta(days=COMPARED_DAYS), day)
        if rows is None:
            rows = self._log.day(*day_bounds_ms(day, self._zone), minutes=False)
        return review_day(
            rows,
            day,
            self._zone,
            before=before,
            longest_before=[
                self._longest(earlier.day) for earlier in before[-WEEK_DAYS:] if earlier.counts
            ],
            until_ms=self._until_ms,
            policy=self._policy,
        )

    def span(self, first: date, last: date) -> SpanReview:
        """The days from `first` to `last` beside as many before them."""
        length = last - first + _ONE_DAY
        days = self.totals(first - length, last + _ONE_DAY)
        shown = days[length.days :]
        now_ms, (begins_ms, _) = self._until_ms, day_bounds_ms(first, self._zone)
        return review_span(
            shown,
            days[: length.days],
            journal=self.pain_beside(shown),
            to_come=now_ms is not None and now_ms < begins_ms,
        )

    def judged(self, last: date) -> dict[date, Totals]:
        """The judged time of each day from the first of the log to `last`; none without a log."""
        first_ms = self._log.first_ms()
        if first_ms is None:
            return {}
        first = local_time(first_ms, self._zone).date()
        days = _days(first, max(first, last) + _ONE_DAY)
        edges_ms = midnights_ms((*days, days[-1] + _ONE_DAY), self._zone)
        return dict(zip(days, self._log.judged(edges_ms), strict=True))

    def pain_beside(self, days: Sequence[DayTotals]) -> str:
        """What the pain journal says beside the posture of these days.

        Nothing without entries, nor for a week, which can never have enough of them.
        """
        from posturecam.care.pain import COMPARED_FROM_DAYS, PostureDay, pain_beside_posture

        if len(days) < COMPARED_FROM_DAYS:
            return ""
        first, last = days[0].day, days[-1].day
        pain = [day for day in self._pain if first <= day.day <= last]
        if not pain:
            return ""
        posture = [
            PostureDay(day=day.day, slouched_share=share, moves_per_hour=rate)
            for day in days
            if day.counts
            and (share := day.totals.slouched_share) is not None
            and (rate := day.totals.moves_per_hour) is not None
        ]
        return pain_beside_posture(pain, posture)

    @cached_property
    def _pain(self) -> Sequence[PainDay]:
        from posturecam.care.journal import load_pain
        from posturecam.care.pain import pain_days

        return pain_days(load_pain(self._log_path), self._zone)

    def _longest(self, day: date) -> LongestOfDay:
        """The longest stretches of a day."""
        found = self._longest_of
        if day not in found:
            rows = self._rows.get(day)
            if rows is None:
                rows = self._log.day(*day_bounds_ms(day, self._zone), minutes=False)
            found[day] = longest_of_day(rows, day, self._zone, self._policy)
        return found[day]


@contextmanager
def open_days(
    log_path: Path,
    zone: tzinfo,
    *,
    now: datetime | None = None,
    policy: PolicySettings = _DEFAULT,
) -> Iterator[LogDays]:
    """The days of a log; where there is none, nothing was watched on any. Raises `DataError`."""
    with LogReader.open(log_path) as log:
        yield LogDays(log, log_path, zone, now=now, policy=policy)


def _days(first: date, end: date) -> list[date]:
    return [first + timedelta(days=at) for at in range((end - first).days)]
