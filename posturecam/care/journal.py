"""The journal in the log: pain entries, guided breaks, and what was answered.

Every function opens the file, does one thing and lets it go, and raises a DataError where the log
is damaged or cannot be written. Reading makes no file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from posturecam.base.errors import DataError
from posturecam.base.paths import make_private_folder
from posturecam.care.exercises import Caution
from posturecam.care.red_flags import open_flags
from posturecam.log.connection import connect_to_read, damaged, explained, open_log, to_ms
from posturecam.log.tables import TABLES, Table, Value
from posturecam.values.answers import Answer
from posturecam.values.log_rows import GivenAnswer, GuidedBreak, PainEntry
from posturecam.values.reasons import QuietReason

if TYPE_CHECKING:
    from posturecam.base.clock import Clock

T = TypeVar("T")

ASKED_EVERY_S = 60.0
"""So long may an answer take to reach a running watch."""


def save_pain(path: Path, entry: PainEntry, *, now: datetime) -> None:
    """Adds an entry."""
    _add(path, TABLES["pain_entries"], entry, now)


def save_exercise(path: Path, done: GuidedBreak, *, now: datetime) -> None:
    """Adds a guided break."""
    _add(path, TABLES["exercises"], done, now)


def save_answer(path: Path, question: str, answer: Answer, *, now: datetime) -> None:
    """Adds an answer that is given now.

    It is never older than those already there: with a clock that was set back, a confirmation
    would else come before the answer that it confirms.
    """
    statement = """INSERT INTO answers (at_ms, question, answer)
        SELECT max(:at_ms, coalesce(max(at_ms), 0)), :question, :answer FROM answers"""
    _write(path, statement, {"at_ms": to_ms(now), "question": question, "answer": answer}, now)


def load_pain(path: Path) -> tuple[PainEntry, ...]:
    """All entries, oldest first."""
    return _all(path, PainEntry, "pain_entries")


def load_exercises(path: Path) -> tuple[GuidedBreak, ...]:
    """All guided breaks, oldest first."""
    return _all(path, GuidedBreak, "exercises")


def load_answers(path: Path) -> tuple[GivenAnswer, ...]:
    """All answers in the order in which they were given, also those read in from elsewhere."""
    return _all(path, GivenAnswer, "answers")


def newest_answers(answers: Sequence[GivenAnswer]) -> dict[str, Answer]:
    """The last answer to each question."""
    return {given.question: given.answer for given in answers}


def quiet_reason(path: Path) -> QuietReason | None:
    """Why a watch holds its alerts back for the sake of the journal, None while it does not."""
    answers = load_answers(path)
    if open_flags(answers):
        return QuietReason.ADVICE_FIRST
    if newest_answers(answers).get(Caution.UNDER_16) is Answer.YES:
        return QuietReason.UNDER_16
    return None


class SuppressedByPain:
    """Why a running watch holds its alerts back for the sake of the journal; call it.

    The file is asked once a minute. When it cannot be read, what was known before still holds.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._asked_s = -math.inf
        self._reason: QuietReason | None = None

    def __call__(self) -> QuietReason | None:
        """See `quiet_reason`."""
        now_s = self._clock.monotonic_s()
        if now_s - self._asked_s >= ASKED_EVERY_S:
            self._asked_s = now_s
            with suppress(DataError):
                self._reason = quiet_reason(self._path)
        return self._reason


def _add(path: Path, table: Table, row: object, now: datetime) -> None:
    values = table.values_of(row) | {"uid": uuid4().hex}
    _write(path, table.insertion, table.in_order(values), now)


def _write(
    path: Path, statement: str, values: Sequence[Value] | Mapping[str, Value], now: datetime
) -> None:
    make_private_folder(path.parent)
    with open_log(path, at=now) as connection:
        connection.execute(statement, values)


def _all(path: Path, kind: type[T], name: str) -> tuple[T, ...]:
    """The rows of a table, each of that kind."""
    table = TABLES[name]
    assert table.row is kind  # noqa: S101 - as the types say
    query = f"{table.selection} ORDER BY at_ms, id"
    with explained(path):
        connection = connect_to_read(path)
        if connection is None:
            return ()
        with closing(connection):
            found = connection.execute(query).fetchall()
    try:
        return tuple(map(table.read, found))
    except ValueError as error:  # a word or number that no posturecam ever wrote
        raise damaged(path, error) from error
