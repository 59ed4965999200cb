"""`export`: the log as tables for other programs."""

from __future__ import annotations

import locale
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.csv_cells import CsvStyle
from posturecam.base.errors import DataError, UsageError
from posturecam.base.language import Sentence, _, shown
from posturecam.base.local_time import day_bounds_ms
from posturecam.log.connection import connect_to_read, explained
from posturecam.log.export import write_export
from posturecam.log.export_format import ExportFormat
from posturecam.log.retention import EVER_MS, counted_text
from posturecam.log.tables import TABLES
from posturecam.log.unfinished_export import only_export, unfinished_name
from posturecam.outputs.log_words import in_words

if TYPE_CHECKING:
    from posturecam.base.paths import AppPaths


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
        raise UsageError(
            Sentence("--excel is for CSV, not {format_name}.", format_name=format_name),
            Sentence("Leave out --format."),
        )
    if unknown := sorted(set(tables) - TABLES.keys()):
        raise UsageError(
            Sentence("There is no table named {names}.", names=", ".join(unknown)),
            Sentence("Tables: {names}.", names=", ".join(TABLES)),
        )
    if since is not None and until is not None and until < since:
        raise UsageError(
            Sentence("{until} is before {since}.", until=until, since=since),
            Sentence("Swap --since and --until."),
        )
    with explained(paths.log):
        connection = connect_to_read(paths.log)
        if connection is None:
            raise DataError(
                Sentence("There is no log at {log} yet.", log=paths.log),
                Sentence("posturecam watch begins one."),
            )
        with closing(connection), only_export(paths.data, unfinished_name(folder)):
            counts = write_export(
                connection,
                folder,
                format_name=format_name,
                tables=[name for name in TABLES if name in tables] or list(TABLES),
                start_ms=0 if since is None else day_bounds_ms(since, zone)[0],
                end_ms=EVER_MS if until is None else day_bounds_ms(until, zone)[1],
                at=at,
                style=CsvStyle.for_excel(_decimal_mark()) if excel else CsvStyle(),
                in_words=in_words,
            )
    counted = shown(counted_text(counts)) or _("nothing")
    return _("{folder}: {counted}.").format(folder=folder, counted=counted)


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
