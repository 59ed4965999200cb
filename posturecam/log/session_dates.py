"""Moving sessions of the log, with all that belongs to them, to the time at which they were.

No row is lost or made shorter by it. Every function expects to be called within a transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from posturecam.base.dating import Stretch, latest_gap_ms
from posturecam.base.local_time import MINUTE_MS

if TYPE_CHECKING:
    import sqlite3

_ASIDE_MS = 2**36 * MINUTE_MS  # far from any date, where nothing is in the way

_SPANS = "SELECT id, start_ms, end_ms FROM sessions"


def stretches_of(connection: sqlite3.Connection, clock: str) -> dict[int, Stretch]:
    """The sessions that were timed by the monotonic clock named `clock`, oldest first, by id."""
    rows = connection.execute(
        """SELECT id, start_ms - zero_ms, end_ms - zero_ms, zero_ms, read_ms
        FROM session_clocks JOIN sessions ON id = session_id WHERE clock = ? ORDER BY 2""",
        (clock,),
    )
    return {
        session_id: Stretch(start_ms=start_ms, end_ms=end_ms, zero_ms=zero_ms, read_ms=read_ms)
        for session_id, start_ms, end_ms, zero_ms, read_ms in rows
    }


def move_sessions(
    connection: sqlite3.Connection,
    by_ms: Mapping[int, int],
    wanted: Sequence[tuple[int, int]] = (),
    own: Collection[int] = (),
) -> dict[int, int]:
    """Moves each session of `by_ms`, by its id, and others out of the way; by how much those.

    What the log has was there before what is to come. So whatever is in the way of that was dated
    by another setting of the clock, and truly was earlier: it goes into the latest gap before.

    The spans `wanted`, in UTC, are to be free of others; the sessions that are `own` are in
    nobody's way. Those of `by_ms` are of one monotonic clock, and do not overlap where they are to
    be.
    """
    # All go aside before the first arrives: one may go where another one was.
    for session_id, moved_ms in by_ms.items():
        _move(connection, session_id, moved_ms + _ASIDE_MS)
    moved = _make_room(connection, wanted, own) if wanted else {}
    for session_id in by_ms:
        _move(connection, session_id, -_ASIDE_MS)
    return moved


def _make_room(
    connection: sqlite3.Connection, wanted: Sequence[tuple[int, int]], own: Collection[int]
) -> dict[int, int]:
    first_ms = min(start_ms for start_ms, _ in wanted)
    last_ms = max(end_ms for _, end_ms in wanted)
    near = connection.execute(f"{_SPANS} WHERE end_ms > ? AND start_ms < ?", (first_ms, last_ms))
    in_the_way = [
        (session_id, start_ms, end_ms)
        for session_id, start_ms, end_ms in near
        if session_id not in own and any(start_ms < end and end_ms > start for start, end in wanted)
    ]
    moved: dict[int, int] = {}
    for session_id, start_ms, end_ms in sorted(in_the_way, key=itemgetter(1), reverse=True):
        earlier = connection.execute(f"{_SPANS} WHERE start_ms < ?", (first_ms,))
        taken = [(start, end) for other, start, end in earlier if other != session_id]
        moved_ms = latest_gap_ms(taken, end_ms - start_ms, first_ms) - start_ms
        move_sessions(connection, {session_id: moved_ms})
        moved[session_id] = moved_ms
    return moved


def is_free(connection: sqlite3.Connection, session_id: int, by_ms: int) -> bool:
    """Whether a session could be moved by so much; not where it is gone."""
    row = connection.execute(
        """SELECT count(*) FROM sessions AS moved WHERE id = :id AND NOT EXISTS (
            SELECT 1 FROM sessions AS other WHERE other.id != :id
            AND other.end_ms > moved.start_ms + :by AND other.start_ms < moved.end_ms + :by)""",
        {"id": session_id, "by": by_ms},
    ).fetchone()
    return bool(row[0])


def ahead_of(connection: sqlite3.Connection, now_ms: int, clock: str | None) -> tuple[int, int]:
    """How many sessions end after now, and when the last does; but for those timed by `clock`."""
    count, last_ms = connection.execute(
        """SELECT count(*), max(end_ms) FROM sessions WHERE end_ms > ? AND id NOT IN (
            SELECT session_id FROM session_clocks WHERE clock = ?)""",
        (now_ms, clock),
    ).fetchone()
    return count, last_ms or 0


def _move(connection: sqlite3.Connection, session_id: int, by_ms: int) -> None:
    both = {"id": session_id, "by": by_ms}
    # Each stays as many minutes from its session's first: rounded by itself, it would be up to one
    # farther away after each move.
    connection.execute(
        f"""UPDATE minutes SET start_ms = start_ms + (
                SELECT (start_ms + :by) / {MINUTE_MS} * {MINUTE_MS}
                    - start_ms / {MINUTE_MS} * {MINUTE_MS} FROM sessions WHERE id = :id)
            WHERE session_id = :id""",
        both,
    )
    for table, key in (("sessions", "id"), ("intervals", "session_id")):
        connection.execute(
            f"""UPDATE {table} SET start_ms = start_ms + :by, end_ms = end_ms + :by
                WHERE {key} = :id""",
            both,
        )
    connection.execute(
        "UPDATE session_clocks SET zero_ms = zero_ms + :by WHERE session_id = :id", both
    )
    for table in ("alerts", "moves", "breaks", "calibrations"):
        connection.execute(f"UPDATE {table} SET at_ms = at_ms + :by WHERE session_id = :id", both)
