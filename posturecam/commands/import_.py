"""`import`: an export back into the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.base.paths import make_private_folder
from posturecam.log.connection import open_log
from posturecam.log.importing import read_export
from posturecam.log.retention import counted_text
from posturecam.watch.lock import only_watch

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from posturecam.base.paths import AppPaths


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
    text = f"New in the log: {counted_text(imported.rows) or 'nothing'}."
    if imported.overlapping:
        text += (
            "\nSessions left out, because others are logged for the same time: "
            f"{imported.overlapping}."
        )
    if imported.moved:
        text += f"\nSessions left out, because the log has them at another time: {imported.moved}."
    return text
