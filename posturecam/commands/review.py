"""`review`: the log of a day or of several, as text or as data; `review_pages` makes pages."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence
from posturecam.base.local_time import parse_day
from posturecam.base.printable import json_text
from posturecam.commands.log_days import open_days
from posturecam.review.usual import MONTH_DAYS, WEEK_DAYS, SpanReview
from posturecam.values.settings import PolicySettings

if TYPE_CHECKING:
    from posturecam.review.day import DayReview

LONGEST_SPAN_DAYS = 3660
"""Ten years; more is a slip of the keyboard."""


def parse_span(
    day: str | None,
    *,
    week: bool,
    month: bool,
    since: str | None,
    until: str | None,
    today: date,
) -> tuple[date, date] | None:
    """First and last day of the stretch that the options mean; None if they mean a single day.

    Raises:
        UsageError: they contradict each other, or name no stretch of days.
    """
    bounded = since is not None or until is not None
    if week + month + bounded > 1 or (bounded and day is not None):
        raise UsageError(
            Sentence("That names more than one stretch of days."),
            Sentence(
                "Give one of --week, --month (both may follow a day), or --since with --until."
            ),
        )
    if week or month:
        last = parse_day(day, today=today)
        return last - timedelta(days=(WEEK_DAYS if week else MONTH_DAYS) - 1), last
    if not bounded:
        return None
    if since is None:
        raise UsageError(
            Sentence("--until needs a beginning."), Sentence("Add --since with a day.")
        )
    first, last = parse_day(since, today=today), parse_day(until, today=today)
    if not 0 <= (last - first).days < LONGEST_SPAN_DAYS:
        raise UsageError(
            Sentence(
                "From {first} to {last} is no stretch of days that a log can have.",
                first=first,
                last=last,
            ),
            Sentence("--since is the first day and --until the last, at most ten years later."),
        )
    return first, last


def load_day(
    log_path: Path,
    day: date,
    zone: tzinfo,
    *,
    now: datetime | None = None,
    policy: PolicySettings | None = None,
) -> DayReview:
    """The review of one local day, in which `now` ends a day that is not over.

    The policy says what ends a sitting and an episode.

    Raises:
        DataError: the log is damaged.
    """
    with open_days(log_path, zone, now=now, policy=policy or PolicySettings()) as days:
        return days.review(day)


def load_span(
    log_path: Path, first: date, last: date, zone: tzinfo, *, now: datetime | None = None
) -> SpanReview:
    """The review of the local days from `first` to `last`; `now` ends a day that is not over.

    Raises:
        DataError: the log is damaged.
    """
    with open_days(log_path, zone, now=now) as days:
        return days.span(first, last)


def review_as(
    format_name: str, review: DayReview | SpanReview, *, width: int, full: bool = False
) -> str:
    """The review as `plain` text, in `full` or not, as `json` or `csv`."""
    if format_name not in ("json", "csv"):
        from posturecam.review.text import review_text

        return review_text(review, width, full=full)
    from posturecam.review.data import review_csv, review_json

    if format_name == "json":
        return json_text(review_json(review), indent=2)
    return review_csv(review).removesuffix("\n")
