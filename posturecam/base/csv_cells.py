"""Texts as cells of a CSV: no spreadsheet runs them, no terminal is steered, and all come back.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula (OWASP, CSV
Injection), and one with another separator in mind sees the beginning of a cell behind each `,`,
`;`, tab and line break within a text. An apostrophe before such a sign makes it a text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

# What begins a cell, what spreadsheets pass over there, and what would make it a formula, with the
# wide forms that some take for the same.
_BEGINNING = r"(?:^|[,;\t\r\n])[\s\x00-\x1f\"]*"
_FORMULA = r"'*[=+\-@\uff1d\uff0b\uff0d\uff20]"
_BARE = re.compile(rf"({_BEGINNING})(?={_FORMULA})")
_MARKED = re.compile(rf"({_BEGINNING})'(?={_FORMULA})")

# What moves the cursor, changes colours or turns the direction of writing round, but for tabs and
# line breaks; and what such a sign is written as. A text may have that in it already.
_STEERING = re.compile(
    r"(\\*)([\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]|(?=u[0-9a-f]{4}))"
)
_WRITTEN = re.compile(r"(\\+)u([0-9a-f]{4})")


def to_cell(text: str) -> str:
    """`text` as a cell; `from_cell` gives it back."""
    return _BARE.sub(r"\1'", _STEERING.sub(_escaped, text))


def from_cell(cell: str) -> str:
    """The text that `to_cell` has made `cell` of."""
    return _WRITTEN.sub(_meant, _MARKED.sub(r"\1", cell))


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvStyle:
    """How a CSV is written.

    Attributes:
        decimal_mark: what stands before the fraction of a number.
    """

    encoding: str = "utf-8"
    separator: str = ","
    decimal_mark: str = "."

    def __post_init__(self) -> None:
        """Raises ValueError if no CSV is written so."""
        if (self.encoding, self.separator) not in _FORMS or self.decimal_mark not in (".", ","):
            raise ValueError("no CSV is written so")

    @classmethod
    def for_excel(cls, decimal_mark: str) -> Self:
        """What Excel opens at a double click, in any country.

        It takes a comma for a separator only where numbers have none, and UTF-8 only with a mark
        that a line `sep=,` makes it forget; UTF-16 with tabs it reads everywhere.
        """
        return cls(encoding="utf-16", separator="\t", decimal_mark=decimal_mark)

    def cell(self, value: str | float | None) -> str | int | None:
        """`value` as the writer of the CSV takes it."""
        if isinstance(value, str):
            return to_cell(value)
        return repr(value).replace(".", self.decimal_mark) if isinstance(value, float) else value

    def number(self, cell: str) -> float:
        """The number that a cell holds. Raises `ValueError`."""
        return float(cell.replace(self.decimal_mark, "."))


_FORMS = (("utf-8", ","), ("utf-16", "\t"))


def csv_text(
    columns: Sequence[str], rows: Iterable[Mapping[str, object]], *, header: bool = True
) -> str:
    """A line for each row after the one that names the columns; empty where there is no value."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    if header:
        writer.writerow(columns)
    for row in rows:
        values = (row[column] for column in columns)
        writer.writerow([to_cell(value) if isinstance(value, str) else value for value in values])
    return buffer.getvalue()


def _escaped(match: re.Match[str]) -> str:
    backslashes, sign = match.groups()
    return 2 * backslashes + (f"\\u{ord(sign):04x}" if sign else "")


def _meant(match: re.Match[str]) -> str:
    backslashes, digits = match.groups()
    half = "\\" * (len(backslashes) // 2)
    return half + (chr(int(digits, 16)) if len(backslashes) % 2 else f"u{digits}")
