"""What stretches of the log add up to, summed where the rows are: years take milliseconds.

A stretch is named by its edges in UTC milliseconds; which edges make a local day, `review` says.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from posturecam.values.events import CHANGES, BreakKind
from posturecam.values.observation import PostureState
from posturecam.values.stored_codes import read_causes
from posturecam.values.totals import Totals, counted_state, time_spent

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

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
# What comes after is asked only of what it can make another state.
_STATES = f"""{_SPANS} SELECT span, state, CASE state WHEN '{PostureState.UNKNOWN}' THEN reason END,
    CASE state WHEN '{PostureState.UNKNOWN}' THEN (
        SELECT later.state FROM intervals AS later
        WHERE later.session_id = id AND later.start_ms = intervals.end_ms
    ) END, sum(min(intervals.end_ms, to_ms) - max(intervals.start_ms, from_ms))
    FROM parts CROSS JOIN intervals
    ON session_id = id AND intervals.start_ms < to_ms AND intervals.end_ms > from_ms
    GROUP BY 1, 2, 3, 4"""
_JUDGED = f"""{_SPANS} SELECT span, state,
    sum(min(intervals.end_ms, to_ms) - max(intervals.start_ms, from_ms))
    FROM parts CROSS JOIN intervals
    ON session_id = id AND intervals.start_ms < to_ms AND intervals.end_ms > from_ms
    WHERE state IN ('{PostureState.UPRIGHT}', '{PostureState.SLOUCHED}') GROUP BY 1, 2"""
_MOVES = f"""{_SPANS} SELECT span, count(*) FROM parts CROSS JOIN moves
    ON session_id = id AND at_ms >= from_ms AND at_ms < to_ms GROUP BY span"""
_BREAKS = f"""{_SPANS} SELECT span, kind, count(*) FROM parts CROSS JOIN breaks
    ON session_id = id AND at_ms >= from_ms AND at_ms < to_ms GROUP BY span, kind"""
_ALERTS = f"""{_SPANS} SELECT span, outcome, outcome_after_ms FROM parts CROSS JOIN alerts
    ON session_id = id AND at_ms >= from_ms AND at_ms < to_ms"""
_EXERCISES = f"""{_SPANS} SELECT span, count(*) FROM spans CROSS JOIN exercises
    ON at_ms >= from_ms AND at_ms < to_ms GROUP BY span"""
QUERIES = (_STATES, _MOVES, _BREAKS, _ALERTS, _EXERCISES)


def read_judged(connection: sqlite3.Connection, edges_ms: Sequence[int]) -> tuple[Totals, ...]:
    """The judged time of the stretches between each of the rising edges and the next.

    Raises:
        sqlite3.Error: the file cannot be read.
    """
    spans = [(span, *edges) for span, edges in enumerate(pairwise(edges_ms))]
    asked = {"spans": json.dumps(spans), "start": edges_ms[0], "end": edges_ms[-1]}
    length_ms: dict[int, Counter[PostureState]] = defaultdict(Counter)
    for span, state, part_ms in connection.execute(_JUDGED, asked):
        length_ms[span][PostureState(state)] += part_ms
    return tuple(time_spent(length_ms[span]) for span, *_ in spans)


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
    spans = [(span, *edges) for span, edges in enumerate(pairwise(edges_ms))]
    asked = {"spans": json.dumps(spans), "start": edges_ms[0], "end": edges_ms[-1]}
    length_ms: dict[int, Counter[PostureState]] = defaultdict(Counter)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    changed: dict[int, list[int]] = defaultdict(list)
    for span, word, reason, next_state, part_ms in connection.execute(_STATES, asked):
        following = next_state and PostureState(next_state)
        state = counted_state(PostureState(word), read_causes(reason), following)
        length_ms[span][state] += part_ms
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
    counted = (
        Totals(
            moves=found[span]["moves"],
            alerts=found[span]["alerts"],
            outcomes=found[span]["outcomes"],
            changed_after_ms=tuple(changed[span]),
            breaks=found[span]["breaks"],
            micro_breaks=found[span]["micro_breaks"],
            exercises=found[span]["exercises"],
        )
        for span, *_ in spans
    )
    return tuple(
        (time_spent(length_ms[span]) + counts).within(start_ms, end_ms, until_ms)
        for (span, start_ms, end_ms), counts in zip(spans, counted, strict=True)
    )
