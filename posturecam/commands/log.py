"""`import`, `purge` and `repair`: the log while no watch is writing it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

from posturecam.base.errors import DataError
from posturecam.base.language import N_, Sentence, _
from posturecam.base.local_time import day_bounds_ms
from posturecam.base.paths import AppPaths, make_private_folder
from posturecam.log.connection import explained, open_log
from posturecam.log.importing import read_export
from posturecam.log.recovery import damaged_copies, is_empty, recovery_text, repair
from posturecam.log.retention import EVER_MS, counted_text, forget_before
from posturecam.log.unfinished_export import remove_unfinished
from posturecam.watch.lock import only_watch

_QUESTIONS = {
    (True, False, True): N_(
        "Delete the log of all days, with all review pages and the damaged logs set aside that hold"
        " some of it? This cannot be undone."
    ),
    (True, False, False): N_(
        "Delete the log before {day}, with all review pages (made again when asked for) and the"
        " damaged logs set aside that hold some of it? This cannot be undone."
    ),
    (False, True, True): N_(
        "Delete the pain journal of all days, with all review pages (made again when asked for) and"
        " the damaged logs set aside that hold some of it? This cannot be undone."
    ),
    (True, True, True): N_(
        "Delete the log and the pain journal of all days, with all review pages and the damaged"
        " logs set aside that hold some of it? This cannot be undone."
    ),
    (True, True, False): N_(
        "Delete the log and the pain journal before {day}, with all review pages (made again when"
        " asked for) and the damaged logs set aside that hold some of it? This cannot be undone."
    ),
}
"""By whether the log is to be deleted, the pain journal, and all of it."""

_DATE = r"\d{4}-\d{2}-\d{2}"
_PAGE = re.compile(rf"\.?(?:index|{_DATE}(?:-week|-month|-to-{_DATE})?)\.html(?:\..*\.tmp)?")
_COPY = re.compile(r".*\.damaged-(\d{8})T.*")

READERS_WAIT_S = 10.0
"""An export of five years takes some seconds."""


def import_log(folder: Path, *, paths: AppPaths, at: datetime) -> str:
    """Takes an export into the log; says what was new.

    Raises:
        UsageError: there is no export in the folder.
        AlreadyRunningError: a watch is writing.
        DataError: the export is damaged, or the log cannot be written.
        InstallationError: the library for Parquet is missing.
    """
    make_private_folder(paths.data)
    with only_watch(paths.lock), open_log(paths.log, at=at) as connection:
        imported = read_export(connection, folder, at=at)
    text = _("New in the log: nothing.")
    if rows := counted_text(imported.rows):
        text = _("New in the log: {rows}.").format(rows=rows)
    if imported.overlapping:
        left_out = _("Sessions left out, because others are logged for the same time: {number}.")
        text += f"\n{left_out.format(number=imported.overlapping)}"
    if imported.moved:
        left_out = _("Sessions left out, because the log has them at another time: {number}.")
        text += f"\n{left_out.format(number=imported.moved)}"
    return text


def repair_log(*, paths: AppPaths, at: datetime) -> str:
    """Looks at every page of the log and recovers it if it is damaged; says what it did.

    Raises:
        AlreadyRunningError: a watch is writing.
        DataError: there is no room for the new log.
    """
    if not paths.data.is_dir():
        return _("There is no log yet.")
    remove_unfinished(paths.data)
    with only_watch(paths.lock):
        repaired = repair(paths.log, at=at, thorough=True)
    if repaired is not None:
        return recovery_text(repaired)
    if not paths.log.exists():
        return _("There is no log yet.")
    if is_empty(paths.log):
        return _(
            "The log is empty: nothing was written to it yet, or all of it is lost. The next watch "
            "begins it."
        )
    return _("The log is whole.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """What is to be deleted.

    Attributes:
        before: everything before this local day; None for everything there is.
        watched: what was watched: sessions with all that belongs to them, and exercises.
    """

    before: date | None
    watched: bool
    pain: bool

    @property
    def question(self) -> str:
        """Whether it is to be deleted."""
        return _(_QUESTIONS[self.watched, self.pain, self.before is None]).format(day=self.before)


def purge_log(
    purge: Purge,
    *,
    paths: AppPaths,
    zone: tzinfo,
    at: datetime,
    wait_s: float = READERS_WAIT_S,
) -> str:
    """Deletes for good: nothing of it stays in the log, in its copies or in pages made of it.

    Another program may go on reading for `wait_s`.

    Raises:
        AlreadyRunningError: a watch is writing.
        DataError: the log is damaged or cannot be written, or somebody goes on reading it.
    """
    remove_unfinished(paths.data)
    if not paths.data.is_dir():
        return _("There is no log; nothing was deleted.")
    gone = {}
    with only_watch(paths.lock):
        # First what only has copies of it: an error then leaves the log to purge once more.
        with explained(paths.log):
            gone["review pages"] = _remove_all(_review_pages(paths.reviews))
            old, others = _copies_by_day(paths.log, purge.before)
            gone["files of damaged logs"] = _remove_all(old)
        if paths.log.exists():
            gone = _purge_rows(purge, paths.log, zone, at, wait_s) | gone
    text = _("Deleted: nothing.")
    if rows := counted_text(gone):
        text = _("Deleted: {rows}.").format(rows=rows)
    if others:
        kept = _(
            "Kept: {file}, which may hold older days too. Delete it by hand, or with purge --all."
        )
        text += f"\n{kept.format(file=others[0])}"
    return text


def _purge_rows(
    purge: Purge, log: Path, zone: tzinfo, at: datetime, wait_s: float
) -> dict[str, int]:
    before_ms = EVER_MS if purge.before is None else day_bounds_ms(purge.before, zone)[0]
    gone: dict[str, int] = {}
    with open_log(log, at=at) as connection:
        if purge.watched:
            gone |= forget_before(connection, before_ms)
        if purge.pain:
            for table in ("pain_entries", "answers"):
                statement = f"DELETE FROM {table} WHERE at_ms < ?"  # noqa: S608
                gone[table] = connection.execute(statement, (before_ms,)).rowcount
        connection.execute("VACUUM")
        connection.execute(f"PRAGMA busy_timeout = {round(wait_s * 1000)}")
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise DataError(
            Sentence(
                "Another program is reading {log}: what was deleted is still in that file.", log=log
            ),
            Sentence(
                "Close that program (a review, an export, a database browser) and purge again."
            ),
        )
    return gone


def _review_pages(reviews: Path) -> list[Path]:
    """All pages that `review` made in its folder; also half-written ones.

    Each shows half a year up to its day and leads to others; what is left of the log can be made
    into pages again.
    """
    return [file for file in sorted(reviews.glob("*.html*")) if _PAGE.fullmatch(file.name)]


def _copies_by_day(log: Path, before: date | None) -> tuple[list[Path], list[Path]]:
    """Damaged logs that hold nothing but days before, and the others, which may hold some."""
    old: list[Path] = []
    others: list[Path] = []
    for copy in damaged_copies(log):
        day = _day_of(copy)  # in UTC, which may be a day ahead or behind
        is_old = before is None or (day is not None and day < before - timedelta(days=1))
        (old if is_old else others).append(copy)
    return old, others


def _remove_all(files: Iterable[Path]) -> int:
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
