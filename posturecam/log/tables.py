"""The tables of the log, column by column, as its rows describe them (`values.log_rows`).

Writing, reading, exporting and importing follow from it; only `schema` says it again, in the steps
that made the file what it is. The columns are a public interface: they are added, never renamed,
unless the `FORMAT` of an export grows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from types import UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from posturecam.base.language import Sentence
from posturecam.values.log_rows import (
    AlertRow,
    BreakRow,
    CalibrationRow,
    GivenAnswer,
    GuidedBreak,
    IntervalRow,
    Means,
    MinuteRow,
    MoveRow,
    PainEntry,
    SessionRow,
)
from posturecam.values.observation import ANGLES

Value = str | int | float | None

LATEST_MS = 253_370_764_800_000
"""The year 9999, the last that a date can be written of; in some zone its end is beyond that."""
_LONGEST_MS = 10 * 365 * 86_400_000
"""Ten years: longer than any watch goes on."""
_READABLE = {"start_ms": "start_at", "end_ms": "end_at", "at_ms": "at", "taken_at_ms": "taken_at"}
"""The columns with a moment, and what an export calls the same as a date and time."""
_NAME_SEPARATOR = ","


class Kind(StrEnum):
    """What a column holds; a `TIME` is the `*_ms` before it again, as a date and time in UTC."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    TIME = "time"


_KINDS: dict[Any, Kind] = {int: Kind.INTEGER, bool: Kind.INTEGER, float: Kind.REAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes:
        meaning: what that means; nothing for what is no part of an export.
        words: all that it may say, where the log itself would take anything.
        added: exports from before it was there lack it.
    """

    name: str
    kind: Kind
    meaning: str
    optional: bool = False
    least: float = 0
    most: float = _LONGEST_MS
    words: tuple[str, ...] = ()
    added: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it has bounds."""
        return self.kind in (Kind.INTEGER, Kind.REAL)

    def can_have(self, value: Any) -> bool:
        """Whether it is empty or holds a number within the bounds.

        One beyond them would be in the way of every sum and picture.
        """
        return value is None or self.least <= value <= self.most


_UID = Column(name="uid", kind=Kind.TEXT, meaning="the same in every export, on every machine")
_SESSION_UID = Column(name="session_uid", kind=Kind.TEXT, meaning="`uid` in the table sessions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A field of a row, and where the log has it.

    Attributes:
        read: what their values mean.
        stored: the values of those columns.
    """

    name: str
    columns: tuple[Column, ...]
    read: Callable[..., Any]
    stored: Callable[[Any], tuple[Value, ...]]


@dataclass(frozen=True, kw_only=True)  # no slots: what follows from the row is kept
class Table:
    """A table of the log.

    Attributes:
        uid: the column of an export that names a row, or its session, on every machine.
        start: the column with the moment at which a row begins.
        end: the one with its end; the same for what has no length.
        apart: further columns that tell rows of one session and moment apart.
    """

    name: str
    row: type
    uid: Column | None = _SESSION_UID
    start: str = "at_ms"
    end: str = "at_ms"
    apart: tuple[str, ...] = ()

    @property
    def of_session(self) -> bool:
        """Whether each row belongs to a session."""
        return self.uid is _SESSION_UID

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The fields of a row, in order."""
        hints = get_type_hints(self.row, include_extras=True)
        return tuple(_part(field.name, hints[field.name]) for field in fields(self.row))

    @cached_property
    def stored(self) -> tuple[Column, ...]:
        """The columns of an export that the log has under the same name, in order."""
        own = (_UID,) if self.uid is _UID else ()
        return own + tuple(
            column for part in self.parts for column in part.columns if column.meaning
        )

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of an export, in order."""
        return tuple(self._exported())

    def _exported(self) -> Iterator[Column]:
        if self.of_session:
            yield _SESSION_UID
        for column in self.stored:
            yield column
            if column.name in _READABLE:
                yield Column(
                    name=_READABLE[column.name], kind=Kind.TIME, meaning="the same, readable"
                )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns of the log, in the order of an insertion."""
        return ("session_id",) * self.of_session + tuple(column.name for column in self.stored)

    @cached_property
    def insertion(self) -> str:
        """The statement that writes a row, whose values are in the order of `names`."""
        return f"INSERT INTO {self._target}"

    @cached_property
    def replacement(self) -> str:
        """The same, in the place of one that has its key."""
        return f"INSERT OR REPLACE INTO {self._target}"

    @property
    def _target(self) -> str:
        marks = ", ".join("?" * len(self.names))
        return f"{self.name} ({', '.join(self.names)}) VALUES ({marks})"

    def in_order(self, values: Mapping[str, Value]) -> tuple[Value, ...]:
        """The values of a row, by column, as an insertion takes them."""
        return tuple(
            values.get(name) if name in self._added else values[name] for name in self.names
        )

    @cached_property
    def _added(self) -> frozenset[str]:
        return frozenset(column.name for column in self.stored if column.added)

    @cached_property
    def selection(self) -> str:
        """The beginning of a question for rows."""
        names = ", ".join(column.name for part in self.parts for column in part.columns)
        return f"SELECT {names} FROM {self.name}"

    def read(self, values: Sequence[Any]) -> Any:
        """The row that a `selection` has found. Raises `ValueError`."""
        for place, column in self._numbers_at:
            if not column.can_have(values[place]):
                raise ValueError(Sentence("a row of {table} cannot be true", table=self.name))
        return self.row(**{name: read(*values[at]) for name, at, read in self._parts_at})

    @cached_property
    def _numbers_at(self) -> tuple[tuple[int, Column], ...]:
        """Where a `selection` has the numbers of an export."""
        columns = enumerate(column for part in self.parts for column in part.columns)
        return tuple((at, column) for at, column in columns if column.meaning and column.is_number)

    @cached_property
    def _parts_at(self) -> tuple[tuple[str, slice, Callable[..., Any]], ...]:
        """Where it has each field, and what reads it."""
        ends = accumulate(len(part.columns) for part in self.parts)
        return tuple(
            (part.name, slice(end - len(part.columns), end), part.read)
            for part, end in zip(self.parts, ends, strict=True)
        )

    def values_of(self, row: Any) -> dict[str, Value]:
        """A row as the log has it, by column."""
        return {
            column.name: value
            for part in self.parts
            for column, value in zip(
                part.columns, part.stored(getattr(row, part.name)), strict=True
            )
        }


def _part(name: str, hint: Any) -> Part:
    # What has no meaning for others, such as the number of a session, is no part of an export.
    kind, means = get_args(hint) if get_origin(hint) is Annotated else (hint, Means(""))
    is_moment = name in _READABLE

    def column(name: str, kind: Any, meaning: str) -> Column:
        optional = isinstance(kind, UnionType)
        return Column(
            name=name,
            kind=_KINDS.get(get_args(kind)[0] if optional else kind, Kind.TEXT),
            meaning=meaning,
            optional=optional,
            least=means.least,
            most=means.most or (LATEST_MS if is_moment else _LONGEST_MS),
            words=means.words,
            added=means.added,
        )

    if means.suffix:
        columns = tuple(
            column(
                f"{angle}_{means.suffix}_deg",
                get_args(kind)[0],
                f"{angle.replace('_', ' ')}: {means.text}, degrees",
            )
            for angle in ANGLES
        )
        return Part(name=name, columns=columns, read=lambda *degrees: degrees, stored=tuple)
    meaning = f"{means.text}, UTC milliseconds since 1970" if is_moment else means.text
    read, stored = _codec(get_args(kind)[0] if isinstance(kind, UnionType) else kind)
    return Part(
        name=name,
        columns=(column(name, kind, meaning),),
        read=_same if read is _same else lambda value: None if value is None else read(value),
        stored=lambda value: (None if value is None else stored(value),),
    )


def _codec(kind: Any) -> tuple[Callable[[Any], Any], Callable[[Any], Value]]:
    """How the one value of a column becomes that of a field, and the other way round."""
    if kind is bool:
        return bool, int
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind, str
    if get_args(kind):  # several words
        return lambda text: tuple(text.split(_NAME_SEPARATOR)), _NAME_SEPARATOR.join
    return _same, _same


def _same(value: Any) -> Any:
    return value


TABLES = {
    table.name: table
    for table in (
        Table(name="sessions", row=SessionRow, uid=_UID, start="start_ms", end="end_ms"),
        Table(name="intervals", row=IntervalRow, start="start_ms", end="end_ms"),
        Table(name="minutes", row=MinuteRow, start="start_ms", end="start_ms"),
        Table(name="alerts", row=AlertRow, apart=("kind",)),
        Table(name="moves", row=MoveRow),
        Table(name="breaks", row=BreakRow),
        Table(name="calibrations", row=CalibrationRow),
        Table(name="pain_entries", row=PainEntry, uid=_UID),
        Table(name="exercises", row=GuidedBreak, uid=_UID),
        Table(name="answers", row=GivenAnswer, uid=None),
    )
}
"""Every table, in an order in which rows come after those that they refer to."""


def is_possible(table: str, row: Mapping[str, Any]) -> bool:
    """Whether each number of a row, or of a part of it, is one that its column can have."""
    return all(
        column.can_have(row.get(column.name)) for column in TABLES[table].stored if column.is_number
    )


def columns_text() -> str:
    """Every column of every table with its meaning, as a Markdown table."""
    lines = ["| table | column | holds | meaning |", "| --- | --- | --- | --- |"]
    for table in TABLES.values():
        for column in table.columns:
            holds = f"{column.kind}, may be empty" if column.optional else column.kind.value
            lines.append(f"| {table.name} | `{column.name}` | {holds} | {column.meaning} |")
    return "\n".join(lines)
