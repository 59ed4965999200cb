"""What an export is: its formats, and its columns in words."""

from __future__ import annotations

from enum import StrEnum

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
