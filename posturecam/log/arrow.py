"""The library for Parquet, which few need and not everybody has."""

from __future__ import annotations

from typing import Any

from posturecam.base.errors import InstallationError
from posturecam.base.installed import adding_command, installer
from posturecam.base.language import Sentence


def load_arrow() -> tuple[Any, Any]:
    """The library for Parquet: pyarrow and its module parquet. Raises `InstallationError`."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise no_arrow() from error
    return pa, parquet


def no_arrow() -> InstallationError:
    """What to raise where the library for Parquet is missing."""
    remedy = Sentence("Use csv or json.")
    if command := adding_command("parquet", installer()):
        remedy = Sentence("{command}, or use csv or json.", command=command)
    return InstallationError(
        Sentence("Parquet needs the package pyarrow, which is not installed."), remedy
    )
