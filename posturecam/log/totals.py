"""What stretches of the log add up to, summed where the rows are: years take milliseconds.

A stretch is named by its edges in UTC milliseconds; which edges make a local day, `review` says.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from posturecam.values.events import CHANGES, BreakKind
from posturecam.values.observation import PostureState
from posturecam.values.stored_codes import read_causes
from posturecam.values.totals import Totals, counted_state

if TYPE_CHECKING:
    import sqlite3

# What of each session lies in which stretch is found here and handed to SQLite as a table: both are
# few, but SQLite would compare each with each.
_RUNS = "SELECT id, start_ms, end_ms FROM sessions WHERE end_ms >= :start AND start_ms < :end"
_PARTS = """WITH parts AS MATERIALIZED (
        SELECT json_extract(value, '$[0]') AS span, json_extract(value, '$[1]') AS from_ms,
            json_extract(value, '$[2]') AS to_ms, json_extract(value, '$[3]') AS id
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
# Most sessions lie in one stretch as a whole, of which nothing is to be cut off.
_JUDGED_WHOLE = f"""SELECT session_id,
    sum(end_ms - start_ms) FILTER (WHERE state = '{PostureState.UPRIGHT}'),
    sum(end_ms - start_ms) FILTER (WHERE state = '{PostureState.SLOUCHED}')
    FROM intervals WHERE session_id IN (SELECT value FROM json_each(:whole))
    GROUP BY session_id"""
_MOVES = f"""{_PARTS} SELECT span, count(*) FROM parts CROSS JOIN moves
    ON session_id = id AND at_ms >= from_ms AND at_ms < to_ms GROUP BY span"""
_BREAKS = f"""{_PARTS} SELECT span, kind, count(*) FROM parts CROSS JOIN breaks
    ON session_id = id AND at_ms >= from_ms AND at_ms < to_ms GROUP BY span, kind"""
_ALERTS = f"""{_PARTS} SELECT span, outcome, outcome_after_ms FROM parts CROSS JOIN alerts
    ON session_id = id AND at_ms >= from_ms AND at_ms < to_ms"""
_EXERCISES = "SELECT at_ms FROM exercises WHERE at_ms >= :start AND at_ms < :end"
QUERIES = (_RUNS, _STATES, _JUDGED, _JUDGED_WHOLE, _MOVES, _BREAKS, _ALERTS, _EXERCISES)


def read_judged(connection: sqlite3.Connection, edges_ms: Sequence[int]) -> tuple[Totals, ...]:
    """The judged time of the stretches between each of the rising edges and the next.

    Raises:
        sqlite3.Error: the file cannot be read.
    """
    parts = _parts(connection, edges_ms)
    whole = {part.session_id: part.span for part in parts if part.is_whole}
    cut = [part.asked for part in parts if not part.is_whole]
    asked = {"whole": json.dumps(sorted(whole)), "parts": json.dumps(cut)}
    found = [
        (whole[session_id], *judged_ms)
        for session_id, *judged_ms in connection.execute(_JUDGED_WHOLE, asked)
    ]
    upright_ms, slouched_ms = Counter[int](), Counter[int]()
    for span, upright, slouched in (*found, *connection.execute(_JUDGED, asked)):
        upright_ms[span] += upright or 0
        slouched_ms[span] += slouched or 0
    return tuple(
        Totals(upright_ms=upright_ms[span], slouched_ms=slouched_ms[span])
        for span in range(len(edges_ms) - 1)
    )


def read_totals(
    connection: sqlite3.Connection, edges_ms: Sequence[int], until_ms: int | None = None
) -> tuple[Totals, ...]:
    """What the stretches between each of the rising edges and the next add up to.

    Time after `until_ms`, now, is no part of a stretch yet.

    Raises:
        sqlite3.Error: the file cannot be read.
        ValueError: it holds a word that no posturecam wrote.
    """
    if len(edges_ms) < 2:
        return ()
    parts = [part.asked for part in _parts(connection, edges_ms)]
    asked = {"start": edges_ms[0], "end": edges_ms[-1], "parts": json.dumps(sorted(parts))}
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


class _Part(NamedTuple):
    """A session and a stretch that it reaches into, and whether all of it lies there."""

    span: int
    from_ms: int
    to_ms: int
    session_id: int
    is_whole: bool

    @property
    def asked(self) -> tuple[int, int, int, int]:
        """What a query is given of it."""
        return self[:4]


def _parts(connection: sqlite3.Connection, edges_ms: Sequence[int]) -> list[_Part]:
    """Each session once for every stretch that it reaches into."""
    parts = []
    asked = {"start": edges_ms[0], "end": edges_ms[-1]}
    for session_id, start_ms, end_ms in connection.execute(_RUNS, asked):
        first = max(bisect_right(edges_ms, start_ms) - 1, 0)
        reached_ms = edges_ms[first : bisect_right(edges_ms, end_ms) + 1]
        for span, (from_ms, to_ms) in enumerate(pairwise(reached_ms), first):
            is_whole = from_ms <= start_ms and end_ms <= to_ms
            parts.append(_Part(span, from_ms, to_ms, session_id, is_whole))
    return parts
