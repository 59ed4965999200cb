"""The journal in the log: pain entries, guided breaks, and what was answered.

Every function opens the file, does one thing and lets it go. Reading makes no file.
"""

from __future__ import annotations

import math
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from posturecam.base.errors import DataError
from posturecam.base.paths import make_private_folder
from posturecam.care.exercises import Caution
from posturecam.care.red_flags import open_flags
from posturecam.log.connection import connect_to_read, damaged, explained, open_log, to_ms
from posturecam.log.export_tables import is_possible
from posturecam.values.log_rows import (
    Answer,
    GivenAnswer,
    GuidedBreak,
    Location,
    PainEntry,
    Quality,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from posturecam.base.clock import Clock

T = TypeVar("T")

ASKED_EVERY_S = 60.0
"""So long may an answer take to reach a running watch."""


def save_pain(path: Path, entry: PainEntry, *, now: datetime) -> None:
    """Adds an entry.

    Raises:
        DataError: the log cannot be written.
    """
    values = (uuid4().hex, entry.at_ms, entry.level, entry.location, entry.quality, entry.note)
    _insert(
        path,
        """INSERT INTO pain_entries (uid, at_ms, level, location, quality, note)
            VALUES (?, ?, ?, ?, ?, ?)""",
        values,
        now,
    )


def save_exercise(path: Path, done: GuidedBreak, *, now: datetime) -> None:
    """Adds a guided break.

    Raises:
        DataError: the log cannot be written.
    """
    _insert(
        path,
        "INSERT INTO exercises (uid, at_ms, lasted_ms, names, got_up) VALUES (?, ?, ?, ?, ?)",
        (uuid4().hex, done.at_ms, done.lasted_ms, done.stored_names, done.got_up),
        now,
    )


def save_answer(path: Path, question: str, answer: Answer, *, now: datetime) -> None:
    """Adds an answer that is given now.

    It is never older than those already there: with a clock that was set back, a confirmation
    would else come before the answer that it confirms.

    Raises:
        DataError: the log cannot be written.
    """
    _insert(
        path,
        """INSERT INTO answers (at_ms, question, answer)
            SELECT max(?, coalesce(max(at_ms), 0)), ?, ? FROM answers""",
        (to_ms(now), question, answer),
        now,
    )


def load_pain(path: Path) -> tuple[PainEntry, ...]:
    """All entries, oldest first.

    Raises:
        DataError: the log is damaged.
    """
    return _select(
        path,
        "pain_entries",
        ("at_ms", "level", "location", "quality", "note"),
        _pain_entry,
    )


def load_exercises(path: Path) -> tuple[GuidedBreak, ...]:
    """All guided breaks, oldest first.

    Raises:
        DataError: the log is damaged.
    """
    return _select(
        path,
        "exercises",
        ("at_ms", "lasted_ms", "names", "got_up"),
        GuidedBreak.from_stored,
    )


def load_answers(path: Path) -> tuple[GivenAnswer, ...]:
    """All answers in the order in which they were given, also those read in from elsewhere.

    Raises:
        DataError: the log is damaged.
    """
    return _select(path, "answers", ("at_ms", "question", "answer"), _given_answer)


def newest_answers(answers: Sequence[GivenAnswer]) -> dict[str, Answer]:
    """The last answer to each question."""
    return {given.question: given.answer for given in answers}


def quiet_reason(path: Path) -> str | None:
    """Why a watch holds its alerts back for the sake of the journal, None while it does not.

    Raises:
        DataError: the log is damaged.
    """
    answers = load_answers(path)
    if open_flags(answers):
        return "an answer in the pain journal needs advice first"
    if newest_answers(answers).get(Caution.UNDER_16) is Answer.YES:
        return "no coaching below 16"
    return None


class SuppressedByPain:
    """Why a running watch holds its alerts back for the sake of the journal; call it.

    The file is asked once a minute. When it cannot be read, what was known before still holds.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._asked_s = -math.inf
        self._reason: str | None = None

    def __call__(self) -> str | None:
        """See `quiet_reason`."""
        now_s = self._clock.monotonic_s()
        if now_s - self._asked_s >= ASKED_EVERY_S:
            self._asked_s = now_s
            with suppress(DataError):
                self._reason = quiet_reason(self._path)
        return self._reason


def _insert(path: Path, statement: str, values: tuple[object, ...], now: datetime) -> None:
    make_private_folder(path.parent)
    with open_log(path, at=now) as connection:
        connection.execute(statement, values)


def _select(
    path: Path, table: str, names: Sequence[str], row_of: Callable[..., T]
) -> tuple[T, ...]:
    query = f"SELECT {', '.join(names)} FROM {table} ORDER BY at_ms, id"  # noqa: S608 - fixed words
    with _reading(path) as connection:
        found: list[Any] = [] if connection is None else connection.execute(query).fetchall()
    try:
        if not all(is_possible(table, dict(zip(names, row, strict=True))) for row in found):
            raise ValueError(f"a row of {table} cannot be true")
        return tuple(row_of(*values) for values in found)
    except ValueError as error:  # a word or number that no posturecam ever wrote
        raise damaged(path, error) from error


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    with explained(path):
        connection = connect_to_read(path)
        if connection is None:
            yield None
            return
        with closing(connection):
            yield connection


def _pain_entry(
    at_ms: int, level: int, location: str | None, quality: str | None, note: str | None
) -> PainEntry:
    return PainEntry(
        at_ms=at_ms,
        level=level,
        location=None if location is None else Location(location),
        quality=None if quality is None else Quality(quality),
        note=note,
    )


def _given_answer(at_ms: int, question: str, answer: str) -> GivenAnswer:
    return GivenAnswer(at_ms=at_ms, question=question, answer=Answer(answer))
