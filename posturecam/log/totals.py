"""What stretches of the log add up to, summed where the rows are: years take milliseconds.

A stretch is named by its edges in UTC milliseconds; which edges make a local day, `review` says.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from posturecam.values.events import CHANGES, BreakKind
from posturecam.values.observation import PostureState
from posturecam.values.stored_codes import read_causes
from posturecam.values.totals import Totals, counted_state

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

# What of each session lies in which stretch is found here and handed to SQLite as a table: both are
# few, but SQLite would compare each with each.
_RUNS = "SELECT id, start_ms, end_ms FROM sessions WHERE end_ms >= :start AND start_ms < :end"
_PARTS = """WITH parts AS MATERIALIZED (
        SELECT value ->> 0 AS span, value ->> 1 AS from_ms, value ->> 2 AS to_ms, value ->> 3 AS id
        FROM json_each(:parts)
    )
"""
_WITHIN = "session_id = id AND intervals.start_ms < to_ms AND intervals.end_ms > from_ms"
_LENGTH = "sum(min(intervals.end_ms, to_ms) - max(intervals.start_ms, from_ms))"
# What comes after is asked only of what it can make another state.
_STATES = f"""{_PARTS} SELECT span, state, CASE state WHEN '{PostureState.UNKNOWN}' THEN reason END,
    CASE state WHEN '{PostureState.UNKNOWN}' THEN (
        SELECT later.state FROM intervals AS later
        WHERE later.session_id = id AND later.start_ms = intervals.end_ms
    ) END, {_LENGTH}
    FROM parts CROSS JOIN intervals ON {_WITHIN}
    GROUP BY 1, 2, 3, 4"""
_JUDGED = f"""{_PARTS} SELECT span,
    (SELECT {_LENGTH} FROM intervals WHERE {_WITHIN} AND state = '{PostureState.UPRIGHT}'),
    (SELECT {_LENGTH} FROM intervals WHERE {_WITHIN} AND state = '{PostureState.SLOUCHED}')
    FROM parts"""
_MOVES = f"""{_PARTS} SELECT span, count(*) FROM parts CROSS JOIN moves
    ON session_id = id AND at_ms >= from_ms AND at_ms < to_ms GROUP BY span"""
_BREAKS = f"""{_PARTS} SELECT span, kind, count(*) FROM parts CROSS JOIN breaks
    ON session_id = id AND at_ms >= from_ms AND at_ms < to_ms GROUP BY span, kind"""
_ALERTS = f"""{_PARTS} SELECT span, outcome, outcome_after_ms FROM parts CROSS JOIN alerts
    ON session_id = id AND at_ms >= from_ms AND at_ms < to_ms"""
_EXERCISES = "SELECT at_ms FROM exercises WHERE at_ms >= :start AND at_ms < :end"
QUERIES = (_RUNS, _STATES, _JUDGED, _MOVES, _BREAKS, _ALERTS, _EXERCISES)


def read_judged(connection: sqlite3.Connection, edges_ms: Sequence[int]) -> tuple[Totals, ...]:
    """The judged time of the stretches between each of the rising edges and the next.

    Raises:
        sqlite3.Error: the file cannot be read.
    """
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for span, upright_ms, slouched_ms in connection.execute(_JUDGED, _asked(connection, edges_ms)):
        found[span]["upright_ms"] += upright_ms or 0
        found[span]["slouched_ms"] += slouched_ms or 0
    spans = (found[span] for span in range(len(edges_ms) - 1))
    return tuple(
        Totals(upright_ms=one["upright_ms"], slouched_ms=one["slouched_ms"]) for one in spans
    )


def read_totals(
    connection: sqlite3.Connection, edges_ms: Sequence[int], until_ms: int | None = None
) -> tuple[Totals, ...]:
    """What the stretches between each edge and the next add up to.

    Args:
        connection: to the log.
        edges_ms: they rise.
        until_ms: now; time after it is not part of a stretch yet.

    Raises:
        sqlite3.Error: the file cannot be read.
        ValueError: it holds a word that no posturecam wrote.
    """
    if len(edges_ms) < 2:
        return ()
    asked = _asked(connection, edges_ms)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    changed: dict[int, list[int]] = defaultdict(list)
    for span, word, reason, next_state, part_ms in connection.execute(_STATES, asked):
        following = next_state and PostureState(next_state)
        state = counted_state(PostureState(word), read_causes(reason), following)
        found[span][f"{state}_ms"] += part_ms
    for span, count in connection.execute(_MOVES, asked):
        found[span]["moves"] = count
    for span, kind, count in connection.execute(_BREAKS, asked):
        found[span]["breaks" if BreakKind(kind) is BreakKind.BREAK else "micro_breaks"] = count
    for span, outcome, after_ms in connection.execute(_ALERTS, asked):
        found[span]["alerts"] += 1
        found[span]["outcomes"] += outcome is not None
        if outcome in CHANGES and after_ms is not None:
            changed[span].append(after_ms)
    for (at_ms,) in connection.execute(_EXERCISES, asked):
        found[bisect_right(edges_ms, at_ms) - 1]["exercises"] += 1
    return tuple(
        Totals(**found[span], changed_after_ms=tuple(changed[span])).within(*edges, until_ms)
        for span, edges in enumerate(pairwise(edges_ms))
    )


def _asked(connection: sqlite3.Connection, edges_ms: Sequence[int]) -> dict[str, object]:
    """What the queries are given: each session once for every stretch that it reaches into."""
    asked: dict[str, object] = {"start": edges_ms[0], "end": edges_ms[-1]}
    parts = []
    for session_id, start_ms, end_ms in connection.execute(_RUNS, asked):
        first = max(bisect_right(edges_ms, start_ms) - 1, 0)
        reached_ms = edges_ms[first : bisect_right(edges_ms, end_ms) + 1]
        parts += [
            (span, *edges, session_id) for span, edges in enumerate(pairwise(reached_ms), first)
        ]
    return asked | {"parts": json.dumps(sorted(parts))}
