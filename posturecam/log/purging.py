"""Which files beside the log hold something of days that are to be deleted."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from posturecam.log.recovery import damaged_copies

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PAGE_REACHES_BACK = timedelta(weeks=27)
"""A page shows 26 weeks up to its day, from a Monday on."""
_PAGE = re.compile(r"\.?(\d{4}-\d{2}-\d{2})(?:-week|-month)?\.html(\..*\.tmp)?")
_INDEX = re.compile(r"\.?index\.html(\..*\.tmp)?")
_COPY = re.compile(r".*\.damaged-(\d{8})T.*")


def pages_with_days_before(reviews: Path, before: date | None) -> list[Path]:
    """Pages of `review` that show something of a day before, or all; also half-written ones.

    What is left of the log can be made into a page again.
    """
    return [file for file in sorted(reviews.glob("*.html*")) if _shows(file, before)]


def _shows(page: Path, before: date | None) -> bool:
    if _INDEX.fullmatch(page.name):
        return True
    day = _day_in(_PAGE, page)
    return day is not None and (before is None or day - PAGE_REACHES_BACK < before)


def copies_by_day(log: Path, before: date | None) -> tuple[list[Path], list[Path]]:
    """Damaged logs that hold nothing but days before, and the others, which may hold some."""
    old: list[Path] = []
    others: list[Path] = []
    for copy in damaged_copies(log):
        day = _day_in(_COPY, copy)  # in UTC, which may be a day ahead or behind
        is_old = before is None or (day is not None and day < before - timedelta(days=1))
        (old if is_old else others).append(copy)
    return old, others


def remove_all(files: Iterable[Path]) -> int:
    """Removes the files; how many there were.

    Raises:
        OSError: one cannot be removed.
    """
    count = 0
    for file in files:
        file.unlink()
        count += 1
    return count


def _day_in(pattern: re.Pattern[str], file: Path) -> date | None:
    found = pattern.fullmatch(file.name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
