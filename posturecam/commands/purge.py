"""`purge`: what is to be gone for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posturecam.base.errors import DataError
from posturecam.base.local_time import day_bounds_ms
from posturecam.log.connection import explained, open_log
from posturecam.log.purging import copies_by_day, pages_with_days_before, remove_all
from posturecam.log.retention import EVER_MS, counted_text, forget_before
from posturecam.log.unfinished_export import remove_unfinished
from posturecam.watch.lock import only_watch

if TYPE_CHECKING:
    from datetime import date, datetime, tzinfo
    from pathlib import Path

    from posturecam.base.paths import AppPaths


READERS_WAIT_S = 10.0
"""An export of five years takes some seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """What is to be deleted.

    Attributes:
        before: everything before this local day; None for everything there is.
        watched: what was watched: sessions with all that belongs to them, and exercises.
        pain: the pain journal.
    """

    before: date | None
    watched: bool
    pain: bool

    def __str__(self) -> str:
        """What is to be deleted, for a question."""
        parts = ["the log"] * self.watched + ["the pain journal"] * self.pain
        when = "of all days" if self.before is None else f"before {self.before}"
        return (
            f"{' and '.join(parts)} {when}, with review pages and damaged logs set aside that hold "
            "some of it"
        )


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
        return "There is no log; nothing was deleted."
    gone = {}
    with only_watch(paths.lock):
        # First what only has copies of it: an error then leaves the log to purge once more.
        with explained(paths.log):
            gone["review pages"] = remove_all(pages_with_days_before(paths.reviews, purge.before))
            old, others = copies_by_day(paths.log, purge.before)
            gone["files of damaged logs"] = remove_all(old)
        if paths.log.exists():
            gone = _purge_rows(purge, paths.log, zone, at, wait_s) | gone
    text = f"Deleted: {counted_text(gone) or 'nothing'}."
    if others:
        text += (
            f"\nKept: {others[0]}, which may hold older days too. "
            "Delete it by hand, or with purge --all."
        )
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
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise DataError(
            f"Another program is reading {log}: what was deleted is still in that file.",
            "Close that program (a review, an export, a database browser) and purge again.",
        )
    return gone
