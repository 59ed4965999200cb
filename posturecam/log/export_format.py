"""What an export is: its formats, and what stands beside its tables. Light: the help loads it."""

from __future__ import annotations

from enum import StrEnum

FORMAT = 1
MANIFEST = "export.json"


class ExportFormat(StrEnum):
    """How the tables are written."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


SUFFIX = {ExportFormat.CSV: "csv", ExportFormat.JSON: "jsonl", ExportFormat.PARQUET: "parquet"}
