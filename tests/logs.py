"""Large logs of an imagined person, made in seconds and the same every time."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from posturecam.base.local_time import MINUTE_MS
from posturecam.log.connection import open_log, to_ms, transaction

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

FIRST_DAY = date(2021, 11, 22)
LAST_DAY = date(2026, 11, 20)
"""Five years of Mondays to Fridays; both are among them."""
DESK_HOURS = ((8.5, 12.5), (13.25, 17.25))
"""Two sessions of four hours each, UTC."""
LIMITS_DEG = (12.0, 12.0, 12.0, 15.0, 7.0)
_CAUSES = (
    "head_forward",
    "upper_back_forward; head_forward",
    "back_more_bent",
    "left_shoulder_lower",
)
_DOUBTS = ("face_away", "hand", "not_a_sitter")
_Rows = dict[str, list[tuple[object, ...]]]


def workdays(first: date = FIRST_DAY, last: date = LAST_DAY) -> Iterator[date]:
    """The Mondays to Fridays from `first` to `last`."""
    day = first
    while day <= last:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def write_log(path: Path, *, first: date = FIRST_DAY, last: date = LAST_DAY, seed: int = 1) -> None:
    """Writes eight hours a workday from `first` to `last` into the log at `path`.

    A stretch lasts about two minutes, a position ten, and one is away for some minutes an hour.
    """
    rng = random.Random(seed)  # noqa: S311 - the same log every time, no secret
    with open_log(path, at=datetime.combine(first, time(), UTC)) as connection:
        session_id = connection.execute("SELECT coalesce(max(id), 0) FROM sessions").fetchone()[0]
        with transaction(connection):
            for day in workdays(first, last):
                midnight_ms = to_ms(datetime.combine(day, time(), UTC))
                for start_h, end_h in DESK_HOURS:
                    session_id += 1
                    span = (
                        midnight_ms + round(start_h * 3_600_000) + rng.randrange(900_000),
                        midnight_ms + round(end_h * 3_600_000),
                    )
                    _insert(connection, _session(rng, session_id, *span))


def _session(rng: random.Random, session_id: int, start_ms: int, end_ms: int) -> _Rows:
    rows = _empty_rows(rng, session_id, start_ms, end_ms)
    known = []
    now_ms, alerted_ms, present_ms = start_ms, start_ms, start_ms
    while now_ms < end_ms:
        state, reason, mean_s = _stretch(rng)
        until_ms = min(end_ms, now_ms + round(1000 * (2 + rng.expovariate(1 / mean_s))))
        rows["intervals"].append((session_id, now_ms, until_ms, state, reason))
        if state in ("upright", "slouched"):
            known.append((now_ms, until_ms, state))
        if state == "slouched" and until_ms - max(now_ms, alerted_ms) > 180_000:
            alerted_ms = now_ms + 180_000
            what_follows = (rng.choice(("corrected", "moved", "ignored")), rng.randrange(90_000))
            message = '{"turn":0,"reasons":[["head_forward",14,true]]}'
            rows["alerts"].append(
                (session_id, alerted_ms, "slouch", message, 180_000, *what_follows)
            )
            alerted_ms += 600_000
        if state == "away":
            kind = "break" if until_ms - now_ms >= 300_000 else "micro"
            rows["breaks"].append((session_id, until_ms, until_ms - now_ms, kind))
            present_ms = until_ms
        elif until_ms - present_ms > 3_000_000:
            rows["alerts"].append(
                (session_id, until_ms, "break", '{"turn":0}', 3_000_000, "left", 60_000)
            )
            present_ms = until_ms
        now_ms = until_ms
    rows["moves"] = _moves(rng, session_id, start_ms, end_ms)
    rows["minutes"] = list(_minutes(rng, session_id, known))
    return rows


def _empty_rows(rng: random.Random, session_id: int, start_ms: int, end_ms: int) -> _Rows:
    session = (session_id, start_ms, end_ms, "camera 0", "default", "front", "ab" * 32, "0.1.0")
    calibration = (session_id, start_ms, "default", "front", 150, 0.9, start_ms, "0123456789ab")
    return {
        "sessions": [(*session, "interrupted", f"{rng.getrandbits(128):032x}")],
        "session_clocks": [(session_id, "boot", start_ms - 1000, start_ms - 2000)],
        "calibrations": [(*calibration, *LIMITS_DEG, None)],
        "intervals": [],
        "alerts": [],
        "breaks": [],
    }


def _stretch(rng: random.Random) -> tuple[str, str, float]:
    """State, reason and mean length in seconds of the next stretch."""
    throw = rng.random()
    if throw < 0.5:
        return "upright", "", 180.0
    if throw < 0.8:
        return "slouched", rng.choice(_CAUSES), 120.0
    if throw < 0.96:
        return "unknown", rng.choice(_DOUBTS), 15.0
    return "away", "nobody", 400.0


def _moves(
    rng: random.Random, session_id: int, start_ms: int, end_ms: int
) -> list[tuple[object, ...]]:
    moves: list[tuple[object, ...]] = []
    now_ms = start_ms
    while True:
        unchanged_ms = 5000 + round(rng.expovariate(1 / 600_000))
        now_ms += unchanged_ms
        if now_ms >= end_ms:
            return moves
        moves.append((session_id, now_ms, unchanged_ms))


def _minutes(
    rng: random.Random, session_id: int, known: list[tuple[int, int, str]]
) -> Iterator[tuple[object, ...]]:
    done_ms = 0
    for start_ms, end_ms, state in known:
        first_ms = max(done_ms, start_ms - start_ms % MINUTE_MS)
        for minute_ms in range(first_ms, end_ms, MINUTE_MS):
            forward_deg = rng.gauss(14.0 if state == "slouched" else 2.0, 2.0)
            means = (forward_deg, 0.6 * forward_deg, 1.1 * forward_deg, 0.4 * forward_deg, 0.8)
            yield (session_id, minute_ms, 300, *means, 1.9, 1.6, 2.1, 1.7, 0.6)
            done_ms = minute_ms + MINUTE_MS


def _insert(connection: sqlite3.Connection, rows: _Rows) -> None:
    for table, values in rows.items():
        if values:
            marks = ", ".join("?" * len(values[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608
