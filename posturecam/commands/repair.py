"""`repair`: a log that is damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.log.recovery import recovery_text, repair
from posturecam.log.unfinished_export import remove_unfinished
from posturecam.watch.lock import only_watch

if TYPE_CHECKING:
    from datetime import datetime

    from posturecam.base.paths import AppPaths


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
