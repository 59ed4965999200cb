"""Forgetting what is too old, in steps so small that nobody who reads meanwhile has to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.log_file import transaction

if TYPE_CHECKING:
    import sqlite3

DAY_MS = 86_400_000
_WITH_MOMENT = ("alerts", "moves", "breaks", "calibrations")


def forget_before(connection: sqlite3.Connection, before_ms: int) -> int:
    """Deletes what was seen before a moment, at most a day of it in one transaction.

    A session or interval that reaches beyond the moment begins there from now on. The pain
    journal is the user's own and stays. Freed pages are used for new rows.

    Args:
        connection: from `open_log`, outside a transaction.
        before_ms: the moment, UTC.

    Returns:
        How many sessions are gone as a whole.
    """
    sessions = connection.execute(
        "SELECT id, start_ms, end_ms FROM sessions WHERE start_ms < ? ORDER BY start_ms",
        (before_ms,),
    ).fetchall()
    for session_id, start_ms, end_ms in sessions:
        until_ms = min(end_ms, before_ms)
        for bound_ms in (*range(start_ms + DAY_MS, until_ms, DAY_MS), until_ms):
            with transaction(connection):
                _trim(connection, session_id, bound_ms)
        if end_ms <= before_ms:
            connection.execute("DELETE FROM sessions WHERE id = ?", (session_id,))
    connection.execute("DELETE FROM exercises WHERE at_ms < ?", (before_ms,))
    return sum(end_ms <= before_ms for _, _, end_ms in sessions)


def _trim(connection: sqlite3.Connection, session_id: int, bound_ms: int) -> None:
    parts = (session_id, bound_ms)
    for table in _WITH_MOMENT:
        connection.execute(f"DELETE FROM {table} WHERE session_id = ? AND at_ms < ?", parts)
    connection.execute("DELETE FROM minutes WHERE session_id = ? AND start_ms < ?", parts)
    of_session = "WHERE session_id = ?1 AND start_ms < ?2"
    connection.execute(f"DELETE FROM intervals {of_session} AND end_ms <= ?2", parts)
    connection.execute(f"UPDATE intervals SET start_ms = ?2 {of_session}", parts)
    connection.execute("UPDATE sessions SET start_ms = ?2 WHERE id = ?1", parts)
