"""Forgetting what is too old, in steps so small that nobody who reads meanwhile has to wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from posturecam.base.language import N_, Sentence
from posturecam.base.local_time import DAY_MS
from posturecam.log.connection import transaction

if TYPE_CHECKING:
    import sqlite3

EVER_MS = 2**62
"""Later than any moment of a log."""
BORNE_OUT_WITHIN_DAYS = 30
"""A date of today is borne out by watches on two other days of so many before it."""
_COUNTED = {
    "sessions": N_("sessions {number}"),
    "shortened": N_("sessions shortened {number}"),
    "intervals": N_("intervals {number}"),
    "minutes": N_("minutes {number}"),
    "alerts": N_("alerts {number}"),
    "moves": N_("position changes {number}"),
    "breaks": N_("breaks {number}"),
    "calibrations": N_("calibrations {number}"),
    "exercises": N_("exercises {number}"),
    "pain_entries": N_("pain entries {number}"),
    "answers": N_("answers {number}"),
    "review pages": N_("review pages {number}"),
    "files of damaged logs": N_("files of damaged logs {number}"),
}
"""Tables of the log, what is left of a session, and what else holds a part of it."""
_WITH_MOMENT = ("alerts", "moves", "breaks", "calibrations")


def forget_old(connection: sqlite3.Connection, now_ms: int, keep_days: int) -> Sentence | None:
    """Forgets what is older than `keep_days`, unless that looks like a wrong clock.

    A clock that is ahead makes all that there is too old, and what is deleted stays deleted. So the
    log itself must bear the date out: with two days lately on which something was watched. After a
    long holiday that puts the forgetting off for two days. And whenever more than half of the log
    would go, somebody has to say so: with `purge`. Call it outside a transaction.

    Returns:
        What was forgotten, or must be decided, for the user; None where neither is.
    """
    before_ms = now_ms - keep_days * DAY_MS
    spans = connection.execute("SELECT start_ms, end_ms FROM sessions").fetchall()
    from_ms = now_ms - BORNE_OUT_WITHIN_DAYS * DAY_MS
    days = {start_ms // DAY_MS for start_ms, _ in spans if from_ms <= start_ms <= now_ms}
    if len(days - {now_ms // DAY_MS}) < 2:
        return None
    old = sum(end_ms <= before_ms for _, end_ms in spans)
    if 2 * old > len(spans):
        return Sentence(
            "{old} of {all} sessions are older than {days} days (keep_days), most of the log: "
            "nothing was forgotten. If it may go: posturecam purge --before DAY",
            old=old,
            all=len(spans),
            days=keep_days,
        )
    gone = forget_before(connection, before_ms)
    counted = counted_text(gone)
    if not counted:
        return None
    return Sentence(
        "forgotten, as older than {days} days: {counted}", days=keep_days, counted=counted
    )


def counted_text(counts: Mapping[str, int]) -> Sentence:
    """Rows by table, such as `sessions 2, pain entries 1`; empty where there are none."""
    counted = (Sentence(_COUNTED[name], number=count) for name, count in counts.items() if count)
    return Sentence.joined(counted, ", ")


def forget_before(connection: sqlite3.Connection, before_ms: int) -> dict[str, int]:
    """Deletes what was seen before a moment, at most a day of it in one transaction.

    A session or interval that reaches beyond the moment begins there from now on, and the baseline
    in use then is in use from there. The pain journal is the user's own and stays. Freed pages are
    used for new rows. Call it outside a transaction.

    Returns:
        How many sessions are gone as a whole and how many `shortened`, and how many exercises.
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
    exercises = connection.execute("DELETE FROM exercises WHERE at_ms < ?", (before_ms,)).rowcount
    whole = sum(end_ms <= before_ms for _, _, end_ms in sessions)
    return {"sessions": whole, "shortened": len(sessions) - whole, "exercises": exercises}


def _trim(connection: sqlite3.Connection, session_id: int, bound_ms: int) -> None:
    parts = {"id": session_id, "bound": bound_ms}
    connection.execute(
        """UPDATE calibrations SET at_ms = :bound WHERE session_id = :id AND at_ms = (
            SELECT max(at_ms) FROM calibrations WHERE session_id = :id AND at_ms <= :bound
        )""",
        parts,
    )
    for table in _WITH_MOMENT:
        connection.execute(f"DELETE FROM {table} WHERE session_id = :id AND at_ms < :bound", parts)
    of_session = "WHERE session_id = :id AND start_ms < :bound"
    connection.execute(f"DELETE FROM minutes {of_session}", parts)
    connection.execute(f"DELETE FROM intervals {of_session} AND end_ms <= :bound", parts)
    connection.execute(f"UPDATE OR REPLACE intervals SET start_ms = :bound {of_session}", parts)
    connection.execute("UPDATE sessions SET start_ms = :bound WHERE id = :id", parts)
