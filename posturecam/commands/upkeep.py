"""Upkeep of what is stored: export, import, purge, repair, profiles."""

from __future__ import annotations

import locale
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posturecam.base.csv_cells import CsvStyle
from posturecam.base.errors import DataError, UsageError
from posturecam.base.local_time import day_bounds_ms
from posturecam.base.paths import make_private_folder
from posturecam.log.connection import connect_to_read, explained, open_log
from posturecam.log.export import write_export
from posturecam.log.export_tables import TABLES, ExportFormat
from posturecam.log.importing import read_export
from posturecam.log.purging import copies_by_day, pages_with_days_before, remove_all
from posturecam.log.recovery import recovery_text, repair
from posturecam.log.retention import forget_before
from posturecam.log.unfinished_export import only_export, remove_unfinished, unfinished_name
from posturecam.posture.baseline import baseline_text
from posturecam.posture.profiles import list_profiles, load_previous, load_profile, undo_profile
from posturecam.watch.lock import only_watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime, tzinfo
    from pathlib import Path

    from posturecam.base.paths import AppPaths
    from posturecam.posture.baseline import Baseline

READERS_WAIT_S = 10.0
"""An export of five years takes some seconds."""
_EVER_MS = 2**62


def export_log(
    folder: Path,
    *,
    paths: AppPaths,
    format_name: ExportFormat,
    tables: Sequence[str],
    since: date | None,
    until: date | None,
    zone: tzinfo,
    at: datetime,
    excel: bool = False,
) -> str:
    """Writes the log, or the local days from `since` to `until`, into a new folder; says what.

    Raises:
        UsageError: the folder is there already, or a table or span makes no sense.
        AlreadyRunningError: another export is being written.
        DataError: there is no log, it is damaged, or the export cannot be written.
        InstallationError: the library for Parquet is missing.
    """
    if excel and format_name is not ExportFormat.CSV:
        raise UsageError(f"--excel is for CSV, not {format_name}.", "Leave out --format.")
    if unknown := sorted(set(tables) - TABLES.keys()):
        raise UsageError(
            f"There is no table named {', '.join(unknown)}.", f"Tables: {', '.join(TABLES)}."
        )
    if since is not None and until is not None and until < since:
        raise UsageError(f"{until} is before {since}.", "Swap --since and --until.")
    with explained(paths.log):
        connection = connect_to_read(paths.log)
        if connection is None:
            raise DataError(f"There is no log at {paths.log} yet.", "posturecam watch begins one.")
        with closing(connection), only_export(paths.data, unfinished_name(folder)):
            counts = write_export(
                connection,
                folder,
                format_name=format_name,
                tables=[name for name in TABLES if name in tables] or list(TABLES),
                start_ms=0 if since is None else day_bounds_ms(since, zone)[0],
                end_ms=_EVER_MS if until is None else day_bounds_ms(until, zone)[1],
                at=at,
                style=CsvStyle.for_excel(_decimal_mark()) if excel else CsvStyle(),
            )
    return f"{folder}: {_counted(counts)}."


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
    text = f"New in the log: {_counted(imported.rows)}."
    if imported.overlapping:
        text += (
            "\nSessions left out, because others are logged for the same time: "
            f"{imported.overlapping}."
        )
    if imported.moved:
        text += f"\nSessions left out, because the log has them at another time: {imported.moved}."
    return text


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

    Args:
        purge: what is to go.
        paths: where the log is.
        zone: cuts the days.
        at: now, aware.
        wait_s: how long another program may go on reading.

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
    text = f"Deleted: {_counted(gone)}."
    if others:
        text += (
            f"\nKept: {others[0]}, which may hold older days too. "
            "Delete it by hand, or with purge --all."
        )
    return text


def _purge_rows(
    purge: Purge, log: Path, zone: tzinfo, at: datetime, wait_s: float
) -> dict[str, int]:
    before_ms = _EVER_MS if purge.before is None else day_bounds_ms(purge.before, zone)[0]
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


def repair_log(*, paths: AppPaths, at: datetime) -> str:
    """Looks at every page of the log and recovers it if it is damaged; says what it did.

    Raises:
        AlreadyRunningError: a watch is writing.
        DataError: there is no room for the new log.
    """
    if not paths.data.is_dir():
        return "There is no log yet."
    remove_unfinished(paths.data)
    with only_watch(paths.lock):
        repaired = repair(paths.log, at=at, thorough=True)
    if repaired is None:
        return "The log is whole." if paths.log.exists() else "There is no log yet."
    text = recovery_text(repaired)
    return f"{text[0].upper()}{text[1:]}."


def profile_lines(folder: Path, zone: tzinfo) -> Iterator[str]:
    """A line for each profile, with why it cannot be used where that is so."""
    for name in list_profiles(folder):
        try:
            described = _described(load_profile(folder, name), zone)
        except DataError as error:
            described = error.what
        yield f"{name}  {described}"


def profile_text(folder: Path, name: str, zone: tzinfo) -> str:
    """What is known of a profile.

    Raises:
        PosturecamError: there is none, or it cannot be read.
    """
    baseline = load_profile(folder, name)
    lines = [f"{name}: {_described(baseline, zone)}"]
    lines.append(f"picture {baseline.image_width_px} x {baseline.image_height_px}")
    lines.append(f"pose model {baseline.model_sha256}")
    own = baseline.thresholds
    if own is not None:
        limits = ", ".join(f"{value_deg:.0f}°" for value_deg in own.values_deg())
        lines.append(f"limits from the slump take: {limits}")
    earlier = load_previous(folder, name)
    lines += [f"kept from before: {_described(one, zone)}" for one in earlier]
    return "\n".join(lines)


def undo_text(folder: Path, name: str, zone: tzinfo) -> str:
    """Takes the previous baseline of a profile into use again; says which, and what is left.

    Raises:
        PosturecamError: there is none, or a file cannot be written.
    """
    lines = [f"{name} is again: {_described(undo_profile(folder, name), zone)}."]
    if left := load_previous(folder, name):
        lines.append(f"Undoing again brings back: {_described(left[0], zone)}.")
    return "\n".join(lines)


def _described(baseline: Baseline, zone: tzinfo) -> str:
    return f"{baseline_text(baseline)}, taken {baseline.taken_at.astimezone(zone):%Y-%m-%d %H:%M}"


def _counted(counts: dict[str, int]) -> str:
    counted = (f"{name.replace('_', ' ')} {count}" for name, count in counts.items() if count)
    return ", ".join(counted) or "nothing"


def _decimal_mark() -> str:
    """What stands before the fraction of a number where this user lives."""
    before = locale.setlocale(locale.LC_NUMERIC)
    try:
        locale.setlocale(locale.LC_NUMERIC, "")
        return "," if locale.localeconv()["decimal_point"] == "," else "."
    except locale.Error:  # the system does not have the one that is asked for
        return "."
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)
