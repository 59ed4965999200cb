"""`review`: the log of one day, as text or as data."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

from posturecam.errors import UsageError
from posturecam.render import review_csv, review_json, review_text
from posturecam.review import day_bounds_ms, review_day
from posturecam.store import LogReader

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

    from posturecam.review import DayReview


def parse_day(text: str | None, *, today: date) -> date:
    """The day meant by `today`, `yesterday`, an ISO date, or nothing (today).

    Raises:
        UsageError: it is none of these.
    """
    match text:
        case None | "today":
            return today
        case "yesterday":
            return today - timedelta(days=1)
    try:
        day = date.fromisoformat(text)
        if not 1970 < day.year < 9999:
            raise ValueError("no clock was ever there")
    except ValueError as error:
        raise UsageError(
            f"{text!r} is not a day.", "Write today, yesterday, or a date like 2026-11-20."
        ) from error
    return day


def load_day(log_path: Path, day: date, zone: tzinfo) -> DayReview:
    """The review of one local day.

    Raises:
        DataError: the log is damaged.
    """
    with LogReader.open(log_path) as log:
        return review_day(log.day(*day_bounds_ms(day, zone)), day, zone)


def review_as(format_name: str, review: DayReview, *, width: int) -> str:
    """The review as `plain` text, `json` or `csv`."""
    match format_name:
        case "json":
            return json.dumps(review_json(review), indent=2, ensure_ascii=False)
        case "csv":
            return review_csv(review).removesuffix("\n")
        case _:
            return review_text(review, width)
