"""What stretches of the log add up to, summed where the rows are: years take milliseconds.

A stretch is named by its edges in UTC milliseconds; which edges make a local day, `review` says.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from posturecam.values.events import BreakKind, Outcome
from posturecam.values.observation import PostureState, UnknownReason

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

CHANGES = (Outcome.CORRECTED, Outcome.MOVED, Outcome.LEFT)
"""What may follow an alert and is a change of posture, position or place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What was seen between `start_ms` and `end_ms`, UTC.

    Attributes:
        moves: kept changes of position.
        alerts: alerts given.
        outcomes: alerts of which it is known what followed.
        changed_after_ms: for each alert that was followed by a change, how long it took.
        breaks: long enough breaks.
        micro_breaks: shorter ones.
        exercises: guided breaks.
    """

    start_ms: int
    end_ms: int
    upright_ms: int = 0
    slouched_ms: int = 0
    away_ms: int = 0
    unknown_ms: int = 0
    paused_ms: int = 0
    moves: int = 0
    alerts: int = 0
    outcomes: int = 0
    changed_after_ms: tuple[int, ...] = ()
    breaks: int = 0
    micro_breaks: int = 0
    exercises: int = 0


# Sessions are few and found by their end; everything else hangs on its session's primary key.
_SPANS = """WITH spans AS MATERIALIZED (
        SELECT value ->> 0 AS span, value ->> 1 AS from_ms, value ->> 2 AS to_ms
        FROM json_each(:spans)
    ),
    runs AS MATERIALIZED (
        SELECT id, start_ms, end_ms FROM sessions WHERE end_ms >= :start AND start_ms < :end
    ),
    parts AS MATERIALIZED (
        SELECT span, from_ms, to_ms, id FROM spans
        JOIN runs ON runs.end_ms >= from_ms AND runs.start_ms < to_ms
    )
"""
# As in `review`, the minute of nobody that begins an absence is part of it.
_STATES = f"""{_SPANS} SELECT span,
    CASE WHEN state = '{PostureState.UNKNOWN}' AND reason = '{UnknownReason.NOBODY}' AND EXISTS (
        SELECT 1 FROM intervals AS later WHERE later.session_id = id
        AND later.start_ms = intervals.end_ms AND later.state = '{PostureState.AWAY}'
    ) THEN '{PostureState.AWAY}' ELSE state END AS seen,
    sum(min(intervals.end_ms, to_ms) - max(intervals.start_ms, from_ms))
    FROM parts CROSS JOIN intervals
    ON session_id = id AND intervals.start_ms < to_ms AND intervals.end_ms > from_ms
    GROUP BY span, seen"""
_MOVES = f"""{_SPANS} SELECT span, count(*) FROM parts CROSS JOIN moves
    ON session_id = id AND at_ms >= from_ms AND at_ms < to_ms GROUP BY span"""
_BREAKS = f"""{_SPANS} SELECT span, kind, count(*) FROM parts CROSS JOIN breaks
    ON session_id = id AND at_ms >= from_ms AND at_ms < to_ms GROUP BY span, kind"""
_ALERTS = f"""{_SPANS} SELECT span, outcome, outcome_after_ms FROM parts CROSS JOIN alerts
    ON session_id = id AND at_ms >= from_ms AND at_ms < to_ms"""
_EXERCISES = f"""{_SPANS} SELECT span, count(*) FROM spans CROSS JOIN exercises
    ON at_ms >= from_ms AND at_ms < to_ms GROUP BY span"""
QUERIES = (_STATES, _MOVES, _BREAKS, _ALERTS, _EXERCISES)


def read_sums(connection: sqlite3.Connection, edges_ms: Sequence[int]) -> tuple[Sums, ...]:
    """Sums of the stretches between each edge and the next; `edges_ms` rise.

    Raises:
        sqlite3.Error: the file cannot be read.
        ValueError: it holds a word that no posturecam wrote.
    """
    if len(edges_ms) < 2:
        return ()
    spans = [(span, *edges) for span, edges in enumerate(pairwise(edges_ms))]
    asked = {"spans": json.dumps(spans), "start": edges_ms[0], "end": edges_ms[-1]}
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    changed: dict[int, list[int]] = defaultdict(list)
    for span, state, length_ms in connection.execute(_STATES, asked):
        found[span][f"{PostureState(state)}_ms"] = length_ms
    for span, count in connection.execute(_MOVES, asked):
        found[span]["moves"] = count
    for span, kind, count in connection.execute(_BREAKS, asked):
        found[span]["breaks" if BreakKind(kind) is BreakKind.BREAK else "micro_breaks"] = count
    for span, outcome, after_ms in connection.execute(_ALERTS, asked):
        found[span]["alerts"] += 1
        found[span]["outcomes"] += outcome is not None
        if outcome in CHANGES and after_ms is not None:
            changed[span].append(after_ms)
    for span, count in connection.execute(_EXERCISES, asked):
        found[span]["exercises"] = count
    return tuple(
        Sums(start_ms=start_ms, end_ms=end_ms, changed_after_ms=tuple(changed[span]), **found[span])
        for span, start_ms, end_ms in spans
    )
