"""Which files beside the log hold something of days that are to be deleted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from posturecam.log.recovery import damaged_copies

_DATE = r"\d{4}-\d{2}-\d{2}"
_PAGE = re.compile(rf"\.?(?:index|{_DATE}(?:-week|-month|-to-{_DATE})?)\.html(?:\..*\.tmp)?")
_COPY = re.compile(r".*\.damaged-(\d{8})T.*")


def review_pages(reviews: Path) -> list[Path]:
    """All pages that `review` made in its folder; also half-written ones.

    Each shows half a year up to its day and leads to others; what is left of the log can be made
    into pages again.
    """
    return [file for file in sorted(reviews.glob("*.html*")) if _PAGE.fullmatch(file.name)]


def copies_by_day(log: Path, before: date | None) -> tuple[list[Path], list[Path]]:
    """Damaged logs that hold nothing but days before, and the others, which may hold some."""
    old: list[Path] = []
    others: list[Path] = []
    for copy in damaged_copies(log):
        day = _day_of(copy)  # in UTC, which may be a day ahead or behind
        is_old = before is None or (day is not None and day < before - timedelta(days=1))
        (old if is_old else others).append(copy)
    return old, others


def remove_all(files: Iterable[Path]) -> int:
    """Removes the files; how many there were. Raises `OSError`."""
    count = 0
    for file in files:
        file.unlink()
        count += 1
    return count


def _day_of(copy: Path) -> date | None:
    found = _COPY.fullmatch(copy.name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
