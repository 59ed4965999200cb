"""One page of a day or of several, from the log to its file."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam import __version__
from posturecam.base.files import read_file
from posturecam.base.paths import write_atomically
from posturecam.commands.log_days import LogDays, open_days
from posturecam.review.page import Beside, Page, page_html
from posturecam.review.span_page import span_html
from posturecam.values.observation import View

if TYPE_CHECKING:
    from posturecam.values.settings import PolicySettings

TREND_WEEKS = 26
MAP_WEEKS = 8
"""Enough of each hour of the week for a map, and recent enough to be about now."""
LIBRARY_FILE = "plotly.min.js"
_ONE_DAY = timedelta(days=1)


def write_page(
    log_path: Path,
    day: date,
    zone: tzinfo,
    *,
    now: datetime,
    file: Path,
    standalone: bool,
    policy: PolicySettings,
) -> None:
    """Writes the review of one local day as a page that leads to no other. Raises `DataError`."""
    with open_days(log_path, zone, now=now, policy=policy) as days:
        if not standalone:
            put_library_beside(file)
        write_day_page(days, day, file, standalone=standalone)


def write_span_page(
    log_path: Path, first: date, last: date, zone: tzinfo, *, now: datetime, file: Path
) -> None:
    """The same of the days from `first` to `last`."""
    with open_days(log_path, zone, now=now) as days:
        text = span_html(days.span(first, last), nonce=new_nonce(), version=__version__)
    write_atomically(file, text)


def write_day_page(
    days: LogDays, day: date, file: Path, *, standalone: bool, beside: Beside | None = None
) -> None:
    """Writes the page of a day, which leads to those `beside` it. Raises `DataError`."""
    weeks = days.totals(_weeks_before(day, TREND_WEEKS), day + _ONE_DAY)
    rows = days.rows(day)
    page = Page(
        review=days.review(day, rows),
        rows=rows,
        weeks=tuple(weeks),
        map_weeks=MAP_WEEKS,
        map_hours=days.week_hours(_weeks_before(day, MAP_WEEKS), day + _ONE_DAY),
        model_sd_deg=model_sd_deg(),
        version=__version__,
        journal=days.pain_beside(weeks),
        beside=beside or Beside(),
    )
    text = page_html(page, nonce=new_nonce(), library=_library().decode() if standalone else None)
    write_atomically(file, text)


def put_library_beside(page: Path) -> None:
    """The plot library, which pages share, unless it is there already. Raises `DataError`."""
    shared = page.with_name(LIBRARY_FILE)
    if not _is_there(shared, _library()):
        write_atomically(shared, _library())


def new_nonce() -> str:
    """What only the scripts of one page carry."""
    return secrets.token_urlsafe(16)


@cache
def _library() -> bytes:
    """The plot library as it was installed; its package is not imported, which takes longer."""
    found = find_spec("plotly")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("plotly", name="plotly")
    return (Path(found.origin).parent / "package_data" / LIBRARY_FILE).read_bytes()


def _is_there(file: Path, content: bytes) -> bool:
    try:
        return read_file(file, most_bytes=len(content)) == content
    except (OSError, ValueError):
        return False


@cache
def model_sd_deg() -> Mapping[View, tuple[float, ...]]:
    """How uncertain the angle model is, by view; the model itself is heavy."""
    text = (files("posturecam") / "data" / "angle_errors.json").read_text("utf-8")
    return {View(name): tuple(sd_deg) for name, sd_deg in json.loads(text).items()}


def _weeks_before(day: date, weeks: int) -> date:
    """The Monday that begins the oldest of `weeks`, the one of `day` included."""
    return day - timedelta(days=day.weekday() + 7 * (weeks - 1))
