"""What an export is: its formats, its columns in words, and the library for Parquet."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from posturecam.base.errors import InstallationError
from posturecam.log.tables import TABLES

FORMAT = 1
MANIFEST = "export.json"
BATCH_ROWS = 5000


class ExportFormat(StrEnum):
    """How the tables are written."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


SUFFIX = {ExportFormat.CSV: "csv", ExportFormat.JSON: "jsonl", ExportFormat.PARQUET: "parquet"}


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
