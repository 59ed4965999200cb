"""The tables of an export, column by column.

They are a public interface: columns are added, never renamed, unless `FORMAT` grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from posturecam.base.errors import InstallationError
from posturecam.values.log_rows import Answer
from posturecam.values.observation import ANGLES

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
MANIFEST = "export.json"
BATCH_ROWS = 5000

Value = str | int | float | None

LATEST_MS = 253_370_764_800_000
"""The year 9999, the last that a date can be written of; in some zone its end is beyond that."""
_LONGEST_MS = 10 * 365 * 86_400_000
"""Ten years: longer than any watch goes on."""
_TURN_DEG = 360.0
"""A full turn: no angle differs from another by more."""


class ExportFormat(StrEnum):
    """How the tables are written."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


SUFFIX = {ExportFormat.CSV: "csv", ExportFormat.JSON: "jsonl", ExportFormat.PARQUET: "parquet"}


class Kind(StrEnum):
    """What a column holds; a `TIME` is the `*_ms` before it again, as a date and time in UTC."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes:
        name: its name, also in the log.
        kind: what it holds.
        meaning: what that means.
        optional: whether it may be empty.
        least: no number in it is smaller.
        most: none is greater.
        words: all that it may say, where the log itself would take anything.
    """

    name: str
    kind: Kind
    meaning: str
    optional: bool = False
    least: float = 0
    most: float = _LONGEST_MS
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of an export.

    Attributes:
        name: its name, also in the log.
        columns: in order.
        start: the column with the moment at which a row begins.
        end: the one with its end; the same for what has no length.
        apart: further columns that tell rows of one session and moment apart.
    """

    name: str
    columns: tuple[Column, ...]
    start: str = "at_ms"
    end: str = "at_ms"
    apart: tuple[str, ...] = ()

    @property
    def of_session(self) -> bool:
        """Whether each row belongs to a session."""
        return self.columns[0].name == "session_uid"

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that the log has under the same name."""
        return tuple(
            column
            for column in self.columns
            if column.kind is not Kind.TIME and column.name != "session_uid"
        )


def _text(name: str, meaning: str, *, optional: bool = False) -> Column:
    return Column(name=name, kind=Kind.TEXT, meaning=meaning, optional=optional)


def _integer(name: str, meaning: str, *, optional: bool = False) -> Column:
    return Column(name=name, kind=Kind.INTEGER, meaning=meaning, optional=optional)


def _moment(name_ms: str, meaning: str) -> tuple[Column, Column]:
    name = {"start_ms": "start_at", "end_ms": "end_at"}.get(name_ms, name_ms.removesuffix("_ms"))
    return (
        Column(
            name=name_ms,
            kind=Kind.INTEGER,
            meaning=f"{meaning}, UTC milliseconds since 1970",
            most=LATEST_MS,
        ),
        Column(name=name, kind=Kind.TIME, meaning="the same, readable"),
    )


def _angles(
    suffix: str, meaning: str, *, optional: bool = True, least_deg: float = 0
) -> tuple[Column, ...]:
    return tuple(
        Column(
            name=f"{angle}_{suffix}_deg",
            kind=Kind.REAL,
            meaning=f"{angle.replace('_', ' ')}: {meaning}, degrees",
            optional=optional,
            least=least_deg,
            most=_TURN_DEG,
        )
        for angle in ANGLES
    )


_SESSION_UID = _text("session_uid", "`uid` in the table sessions")
_UID = _text("uid", "the same in every export, on every machine")
_LASTED = "milliseconds"

TABLES = {
    table.name: table
    for table in (
        Table(
            name="sessions",
            start="start_ms",
            end="end_ms",
            columns=(
                _UID,
                *_moment("start_ms", "beginning of a run of watch"),
                *_moment("end_ms", "its end, so far"),
                _text("source", "camera, file or address"),
                _text("profile", "name of the baseline"),
                _text("view", "front, three-quarter or side", optional=True),
                _text("model_sha256", "the pose model that judged"),
                _text("program_version", "the posturecam that judged"),
                _text(
                    "ended_by", "why it ended; empty while it runs and after a kill", optional=True
                ),
            ),
        ),
        Table(
            name="intervals",
            start="start_ms",
            end="end_ms",
            columns=(
                _SESSION_UID,
                *_moment("start_ms", "beginning of a stretch in one state"),
                *_moment("end_ms", "its end; what no interval covers was not watched"),
                _text("state", "upright, slouched, away, unknown or paused"),
                _text("reason", "why, several separated by `; `; may be empty"),
            ),
        ),
        Table(
            name="minutes",
            start="start_ms",
            end="start_ms",
            columns=(
                _SESSION_UID,
                *_moment("start_ms", "beginning of a minute"),
                _integer("n", "readings in it that have any angle"),
                *_angles("mean", "mean deviation from the baseline", least_deg=-_TURN_DEG),
                *_angles("sd", "standard deviation of the readings"),
            ),
        ),
        Table(
            name="alerts",
            apart=("kind",),
            columns=(
                _SESSION_UID,
                *_moment("at_ms", "when it was given"),
                _text("kind", "slouch, unchanged or break"),
                _text("message", "what was said"),
                _integer("lasted_ms", f"how long its cause had gone on, {_LASTED}"),
                _text(
                    "outcome",
                    "what followed: corrected, moved, left, ignored or snoozed",
                    optional=True,
                ),
                _integer("outcome_after_ms", f"how long after the alert, {_LASTED}", optional=True),
            ),
        ),
        Table(
            name="moves",
            columns=(
                _SESSION_UID,
                *_moment("at_ms", "when a new position had been kept long enough to count"),
                _integer("unchanged_ms", f"how long the one before was kept, {_LASTED}"),
            ),
        ),
        Table(
            name="breaks",
            columns=(
                _SESSION_UID,
                *_moment("at_ms", "return from a break"),
                _integer("lasted_ms", f"its length, {_LASTED}"),
                _text("kind", "break or micro"),
            ),
        ),
        Table(
            name="calibrations",
            columns=(
                _SESSION_UID,
                *_moment("at_ms", "when a baseline came into use"),
                _text("profile", "its name"),
                _text("view", "front, three-quarter or side"),
                _integer("samples", "pictures that it was taken from"),
                Column(name="quality", kind=Kind.REAL, meaning="of the baseline, 0 to 1", most=1),
                *_moment("taken_at_ms", "when it was taken"),
                _text("angle_model", "version of the angle model that judged"),
                *_angles("limit", "threshold in force", optional=False),
            ),
        ),
        Table(
            name="pain_entries",
            columns=(
                _UID,
                *_moment("at_ms", "when the entry is for"),
                _integer("level", "0 (none) to 10"),
                _text("location", "neck, upper, mid or low", optional=True),
                _text("quality", "dull, sharp, tingling, burning or tension", optional=True),
                _text("note", "in the user's own words", optional=True),
            ),
        ),
        Table(
            name="exercises",
            columns=(
                _UID,
                *_moment("at_ms", "beginning of a guided micro-break"),
                _integer("lasted_ms", f"its length, {_LASTED}"),
                _text("names", "the moves that were done, separated by commas"),
                _integer("got_up", "1 if the camera saw the person move, 0 if not", optional=True),
            ),
        ),
        Table(
            name="answers",
            columns=(
                *_moment("at_ms", "when a question was answered"),
                _text("question", "which one"),
                Column(
                    name="answer",
                    kind=Kind.TEXT,
                    meaning="what was answered",
                    words=tuple(Answer),
                ),
            ),
        ),
    )
}
"""Every table, in an order in which rows come after those that they refer to."""


@cache
def _numbers(table: str) -> dict[str, Column]:
    return {
        column.name: column
        for column in TABLES[table].stored
        if column.kind in (Kind.INTEGER, Kind.REAL)
    }


def is_possible(table: str, row: Mapping[str, Any]) -> bool:
    """Whether each number of a row, or of a part of it, is one that its column can have.

    One that is not would be in the way of every sum and picture.
    """
    numbers = _numbers(table)
    return all(
        value is None or name not in numbers or numbers[name].least <= value <= numbers[name].most
        for name, value in row.items()
    )


def columns_text() -> str:
    """Every column of every table with its meaning, as a Markdown table."""
    lines = ["| table | column | holds | meaning |", "| --- | --- | --- | --- |"]
    for table in TABLES.values():
        for column in table.columns:
            holds = f"{column.kind}, may be empty" if column.optional else column.kind.value
            lines.append(f"| {table.name} | `{column.name}` | {holds} | {column.meaning} |")
    return "\n".join(lines)


def load_arrow() -> tuple[Any, Any]:
    """The library for Parquet: pyarrow and its module parquet.

    Raises:
        InstallationError: it is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise no_arrow() from error
    return pa, parquet


def no_arrow() -> InstallationError:
    """What to raise where the library for Parquet is missing."""
    return InstallationError(
        "Parquet needs the package pyarrow, which is not installed.",
        "pip install 'posturecam[parquet]', or use csv or json.",
    )
