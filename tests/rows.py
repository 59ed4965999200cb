"""One day of rows with a bit of everything, days of any rows, and a log that holds given rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from posturecam.base.local_time import HOUR_MS
from posturecam.log.connection import open_log, transaction
from posturecam.log.tables import TABLES
from posturecam.values.events import AlertKind, BreakKind, Outcome
from posturecam.values.log_rows import (
    AlertRow,
    BreakRow,
    CalibrationRow,
    DayRows,
    GuidedBreak,
    IntervalRow,
    MinuteRow,
    MoveRow,
    SessionRow,
)
from posturecam.values.observation import PostureState, UnknownReason, View

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

UPRIGHT, SLOUCHED, AWAY, UNKNOWN, PAUSED = PostureState
BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 22)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""When the clocks change in Berlin."""
MINUTE = 60_000
NINE_MS = round(datetime(2026, 11, 22, 9, tzinfo=BERLIN).timestamp() * 1000)
LIMITS_DEG = (12.0, 12.0, 12.0, 15.0, 7.0)

STRETCHES = (
    (0, 40, UPRIGHT, ""),
    (40, 52, SLOUCHED, "upper_back_forward; head_forward"),
    (52, 90, UPRIGHT, ""),
    (90, 91, UNKNOWN, UnknownReason.NOBODY.value),
    (91, 100, AWAY, UnknownReason.NOBODY.value),
    (100, 103, UNKNOWN, UnknownReason.FACE_AWAY.value),
    (103, 150, UPRIGHT, ""),
    (150, 153, SLOUCHED, "left_shoulder_lower"),
    (153, 165, UPRIGHT, ""),
)


def session(start_ms: int, end_ms: int, session_id: int = 1) -> SessionRow:
    """A run of `watch`."""
    return SessionRow(
        id=session_id,
        start_ms=start_ms,
        end_ms=end_ms,
        source="camera 0",
        profile="default",
        view=View.FRONT,
        model_sha256="c0ffee",
        program_version="0.1.0",
        ended_by="interrupted",
        uid=f"run-{session_id}",
    )


def interval(
    start_ms: int, end_ms: int, state: PostureState, reason: str = "", session_id: int = 1
) -> IntervalRow:
    """A row from `start_ms` to `end_ms`, UTC."""
    return IntervalRow(
        session_id=session_id, start_ms=start_ms, end_ms=end_ms, state=state, reason=reason
    )


Piece = tuple[PostureState, int, int, bool, str]
PIECES = st.lists(
    st.tuples(
        st.sampled_from(PostureState),
        st.integers(1, 3 * HOUR_MS),  # length
        st.just(0) | st.integers(0, HOUR_MS),  # hole before it
        st.booleans(),  # another session begins
        st.sampled_from(["", UnknownReason.NOBODY.value, "head_forward"]),
    ),
    max_size=30,
)
"""What a day may be made of, in order."""


def laid_out(pieces: Iterable[Piece], start_ms: int) -> list[IntervalRow]:
    """The rows of such pieces, one after the other from `start_ms` on."""
    rows, now_ms, session_id = [], start_ms, 1
    for state, length_ms, hole_ms, another, reason in pieces:
        now_ms += hole_ms
        session_id += another
        rows.append(interval(now_ms, now_ms + length_ms, state, reason, session_id))
        now_ms += length_ms
    return rows


def alert(
    at_minute: int, kind: AlertKind, outcome: Outcome | None = None, after_s: int = 0
) -> AlertRow:
    """An alert so many minutes after nine."""
    return AlertRow(
        session_id=1,
        at_ms=NINE_MS + at_minute * MINUTE,
        kind=kind,
        message="Same position for about 20 min. Stand up.",
        lasted_ms=20 * MINUTE,
        outcome=outcome,
        outcome_after_ms=None if outcome is None else after_s * 1000,
    )


ROWS = DayRows(
    sessions=(session(NINE_MS, NINE_MS + 165 * MINUTE),),
    intervals=tuple(
        interval(NINE_MS + start * MINUTE, NINE_MS + end * MINUTE, state, reason)
        for start, end, state, reason in STRETCHES
    ),
    minutes=tuple(
        MinuteRow(
            session_id=1,
            start_ms=NINE_MS + at * MINUTE,
            n=300,
            mean_deg=(14.0 if 40 <= at < 52 else 2.0, 3.0, 4.0, None, -1.0),
            sd_deg=(0.8, 0.7, 0.9, None, 0.2),
        )
        for at in (*range(90), *range(103, 165))
    ),
    alerts=(
        alert(43, AlertKind.SLOUCH, Outcome.CORRECTED, 40),
        alert(120, AlertKind.UNCHANGED, Outcome.IGNORED, 300),
        alert(152, AlertKind.SLOUCH, Outcome.MOVED, 60),
    ),
    moves=tuple(
        MoveRow(session_id=1, at_ms=NINE_MS + at * MINUTE, unchanged_ms=0)
        for at in (10, 30, 52, 70, 153)
    ),
    breaks=(
        BreakRow(
            session_id=1, at_ms=NINE_MS + 100 * MINUTE, lasted_ms=10 * MINUTE, kind=BreakKind.BREAK
        ),
    ),
    calibrations=(
        CalibrationRow(
            session_id=1,
            at_ms=NINE_MS,
            profile="default",
            view=View.FRONT,
            samples=150,
            quality=0.9,
            taken_at_ms=NINE_MS,
            angle_model="1",
            limits_deg=LIMITS_DEG,
        ),
    ),
    exercises=(
        GuidedBreak(
            at_ms=NINE_MS + 59 * MINUTE, lasted_ms=MINUTE, names=("chin-tuck",), got_up=True
        ),
    ),
)


def log_with(path: Path, rows: DayRows) -> Path:
    """A log at `path` that holds `rows`."""
    with (
        open_log(path, at=datetime(2026, 11, 1, tzinfo=UTC)) as connection,
        transaction(connection),
    ):
        for table in TABLES.values():
            for index, row in enumerate(getattr(rows, table.name, ())):
                values = table.values_of(row)
                if table.name == "exercises":
                    values["uid"] = f"guided-{index}"
                names, marks = ", ".join(values), ", ".join("?" * len(values))
                connection.execute(
                    f"INSERT INTO {table.name} ({names}) VALUES ({marks})",  # noqa: S608
                    tuple(values.values()),
                )
    return path
