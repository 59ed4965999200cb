"""`review`: the log of a day or of several, as text, as data, or as a page."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

from posturecam import __version__
from posturecam.base.errors import UsageError
from posturecam.base.files import read_file
from posturecam.base.local_time import day_bounds_ms, hour_starts_ms, parse_day
from posturecam.base.paths import write_atomically
from posturecam.base.printable import json_text
from posturecam.care.journal import load_pain
from posturecam.care.pain import (
    COMPARED_FROM_DAYS,
    PostureDay,
    pain_beside_posture,
    pain_days,
)
from posturecam.log.connection import to_ms
from posturecam.log.reader import LogReader
from posturecam.review.data import review_csv, review_json
from posturecam.review.day import DayReview, longest_unchanged_ms, review_day
from posturecam.review.text import review_text
from posturecam.review.usual import DAYS_NEEDED, DayTotals, SpanReview, review_span, week_hours
from posturecam.values.observation import View
from posturecam.values.settings import PolicySettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo
    from pathlib import Path

    from posturecam.review.page import Beside
    from posturecam.values.log_rows import DayRows

COMPARED_DAYS = max(DAYS_NEEDED)
LONGEST_SPAN_DAYS = 3660
"""Ten years; more is a slip of the keyboard."""
WEEK_DAYS, MONTH_DAYS = 7, 30
TREND_WEEKS = 26
MAP_WEEKS = 8
"""Enough of each hour of the week for a map, and recent enough to be about now."""
LIBRARY_FILE = "plotly.min.js"
VIEWS = {view.value for view in View}


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
            "That names more than one stretch of days.",
            "Give one of --week, --month (both may follow a day), or --since with --until.",
        )
    if week or month:
        last = parse_day(day, today=today)
        return last - timedelta(days=(WEEK_DAYS if week else MONTH_DAYS) - 1), last
    if not bounded:
        return None
    if since is None:
        raise UsageError("--until needs a beginning.", "Add --since with a day.")
    first, last = parse_day(since, today=today), parse_day(until, today=today)
    if not 0 <= (last - first).days < LONGEST_SPAN_DAYS:
        raise UsageError(
            f"From {first} to {last} is no stretch of days that a log can have.",
            "--since is the first day and --until the last, at most ten years later.",
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
    until_ms = None if now is None else to_ms(now)
    with LogReader.open(log_path) as log:
        before = day_totals(log, day - timedelta(days=COMPARED_DAYS), day, zone, until_ms)
        rows = log.day(*day_bounds_ms(day, zone), minutes=False)
        policy = policy or PolicySettings()
        return _review(log, rows, day, zone, before=before, until_ms=until_ms, policy=policy)


def _review(
    log: LogReader,
    rows: DayRows,
    day: date,
    zone: tzinfo,
    *,
    before: Sequence[DayTotals],
    until_ms: int | None,
    policy: PolicySettings,
) -> DayReview:
    """The day beside those before it."""
    unchanged_ms = [
        longest_unchanged_ms(
            log.day(*day_bounds_ms(earlier.day, zone), minutes=False), earlier.day, zone, policy
        )
        for earlier in before[-WEEK_DAYS:]
        if earlier.counts
    ]
    return review_day(
        rows,
        day,
        zone,
        before=before,
        unchanged_before_ms=unchanged_ms,
        until_ms=until_ms,
        policy=policy,
    )


def load_span(
    log_path: Path, first: date, last: date, zone: tzinfo, *, now: datetime | None = None
) -> SpanReview:
    """The review of the local days from `first` to `last`; `now` ends a day that is not over.

    Raises:
        DataError: the log is damaged.
    """
    length = last - first + timedelta(days=1)
    until_ms = None if now is None else to_ms(now)
    with LogReader.open(log_path) as log:
        days = day_totals(log, first - length, last + timedelta(days=1), zone, until_ms)
    shown = days[length.days :]
    journal = _pain_beside(log_path, shown, zone)
    return review_span(shown, days[: length.days], journal=journal)


def review_as(
    format_name: str, review: DayReview | SpanReview, *, width: int, full: bool = False
) -> str:
    """The review as `plain` text, in `full` or not, as `json` or `csv`."""
    match format_name:
        case "json":
            return json_text(review_json(review), indent=2)
        case "csv":
            return review_csv(review).removesuffix("\n")
        case _:
            return review_text(review, width, full=full)


def write_page(
    log_path: Path,
    day: date,
    zone: tzinfo,
    *,
    now: datetime,
    file: Path,
    standalone: bool,
    policy: PolicySettings,
    beside: Beside | None = None,
) -> None:
    """Writes the review of one local day as a page, which leads to those `beside` it.

    The plot library is put beside it, unless it is there already or is to be part of the page.

    Raises:
        DataError: the log is damaged, or the page cannot be written.
    """
    import secrets

    from plotly.offline import get_plotlyjs

    from posturecam.review.page import Beside, Page, page_html

    until_ms = to_ms(now)
    with LogReader.open(log_path) as log:
        days = day_totals(
            log, _weeks_before(day, TREND_WEEKS), day + timedelta(days=1), zone, until_ms
        )
        rows = log.day(*day_bounds_ms(day, zone))
        start_ms, _ = day_bounds_ms(_weeks_before(day, MAP_WEEKS), zone)
        _, end_ms = day_bounds_ms(day, zone)
        starts_ms = hour_starts_ms((start_ms, end_ms), zone)
        hours = log.totals([*starts_ms, end_ms])
        before = days[-1 - COMPARED_DAYS : -1]
        review = _review(log, rows, day, zone, before=before, until_ms=until_ms, policy=policy)
    page = Page(
        review=review,
        rows=rows,
        weeks=tuple(days),
        map_weeks=MAP_WEEKS,
        map_hours=week_hours(starts_ms, hours, zone),
        model_sd_deg=_model_sd_deg(),
        version=__version__,
        journal=_pain_beside(log_path, days, zone),
        beside=beside or Beside(),
    )
    library = get_plotlyjs()
    if not standalone:
        shared = file.with_name(LIBRARY_FILE)
        if not _is_there(shared, library):
            write_atomically(shared, library)
    text = page_html(page, nonce=secrets.token_urlsafe(16), library=library if standalone else None)
    write_atomically(file, text)


def _pain_beside(log_path: Path, days: Sequence[DayTotals], zone: tzinfo) -> str:
    """What the pain journal says beside the posture of these days.

    Nothing without entries, nor for a week, which can never have enough of them.
    """
    if len(days) < COMPARED_FROM_DAYS:
        return ""
    first, last = days[0].day, days[-1].day
    pain = [day for day in pain_days(load_pain(log_path), zone) if first <= day.day <= last]
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


def _is_there(file: Path, text: str) -> bool:
    content = text.encode()
    try:
        return read_file(file, most_bytes=len(content)) == content
    except (OSError, ValueError):
        return False


def _model_sd_deg() -> dict[View, tuple[float, ...]]:
    """How uncertain the angle model is, by view: read as data, for the model itself is heavy."""
    from importlib.resources import files

    text = (files("posturecam") / "data" / "angle_model.json").read_text("utf-8")
    views = json.loads(text)["views"]
    return {
        View(name): tuple(part["residual_sd_deg"]) for name, part in views.items() if name in VIEWS
    }


def _weeks_before(day: date, weeks: int) -> date:
    """The Monday that begins the oldest of `weeks`, the one of `day` included."""
    return day - timedelta(days=day.weekday() + 7 * (weeks - 1))


def day_totals(
    log: LogReader, first: date, end: date, zone: tzinfo, until_ms: int | None
) -> Sequence[DayTotals]:
    """What each local day from `first` up to `end` adds up to."""
    days = [first + timedelta(days=index) for index in range((end - first).days)]
    edges_ms = [day_bounds_ms(day, zone)[0] for day in (*days, end)]
    found = zip(days, log.totals(edges_ms, until_ms), strict=True)
    return [DayTotals(day=day, totals=totals) for day, totals in found]
