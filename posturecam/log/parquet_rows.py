"""A Parquet file as lines of JSON, read by a process of its own that may take only so much memory.

The file says how much memory it takes to read, and its library believes it. So the library reads it
where it can do no harm: beyond a limit its process ends, and the file counts as damaged. Windows
and macOS know no such limit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from posturecam.base.errors import InstallationError
from posturecam.base.files import open_file
from posturecam.base.language import Sentence
from posturecam.base.limits import own_limits
from posturecam.log.arrow import load_arrow, no_arrow
from posturecam.log.tables import TABLES, Kind, Table

LARGEST_DATA_BYTES = 256_000_000
"""What the process may allocate. The library alone takes 120 MB of that; what it does not touch,
such as stacks, counts too. With the importing process it stays below 400 MB in all."""
LONGEST_CPU_S = 300
"""What the process may compute; the rows of twenty years take a minute."""
LARGEST_GROUP_BYTES = 64_000_000
"""Of the rows that the file keeps together, unpacked; ours have a million at most."""
_BATCH_ROWS = 500
_NO_LIBRARY = 69
"""The exit code that says so (`EX_UNAVAILABLE`)."""


@contextmanager
def json_lines_of(path: Path, table: Table) -> Iterator[IO[bytes]]:
    """What `export --format json` would have written instead of the Parquet file at `path`.

    The times that only repeat what stands beside them are left empty.

    Raises:
        OSError: there is no such file.
        ValueError: it cannot be read, or takes more memory than it may.
        InstallationError: the library is not installed.
    """
    with open_file(path) as file:
        child = subprocess.Popen(  # noqa: S603 - fixed words
            [sys.executable, "-P", "-X", "utf8", "-m", "posturecam.log.parquet_rows", table.name],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1"},
        )
    assert child.stdout is not None  # noqa: S101 - asked for above
    with child.stdout:
        try:
            yield child.stdout
            code = child.wait()
        finally:
            child.kill()
            child.wait()
    if code == _NO_LIBRARY:
        raise no_arrow()
    if code:
        raise ValueError(Sentence("it cannot be read, or takes far too much memory"))


def main() -> int:
    """The process: Parquet comes in, lines of JSON go out; a line that is a text is an error."""
    try:
        arrow, parquet = load_arrow()
    except InstallationError:
        return _NO_LIBRARY
    _limit(own_limits())
    arrow.set_cpu_count(1)
    try:
        for line in _lines(parquet, TABLES[sys.argv[1]]):
            print(line)
    except (arrow.ArrowException, OSError, TypeError, ValueError) as error:
        print(json.dumps(str(error)))
    return 0


def _lines(parquet: Any, table: Table) -> Iterator[str]:
    # A text that is there many times is kept once in the file, and so in memory.
    texts = {column.name for column in table.columns if column.kind is Kind.TEXT}
    repeated = {column.name for column in table.columns if column.kind is Kind.TIME}
    with open(0, "rb", buffering=0) as file:
        names = parquet.read_schema(file).names
        file.seek(0)
        content = parquet.ParquetFile(file, read_dictionary=sorted(texts.intersection(names)))
        wanted = [name for name in names if name not in repeated]
        groups = map(content.metadata.row_group, range(content.num_row_groups))
        if any(group.total_byte_size > LARGEST_GROUP_BYTES for group in groups):
            raise ValueError(Sentence("its rows are far too large"))
        for batch in content.iter_batches(
            batch_size=_BATCH_ROWS, columns=wanted, use_threads=False
        ):
            columns = [batch.column(name).to_pylist() for name in wanted]
            for values in zip(*columns, strict=True):
                row = dict.fromkeys(names) | dict(zip(wanted, values, strict=True))
                yield json.dumps(row, ensure_ascii=False)


def _limit(limits: Any) -> None:
    if limits is None:
        return
    for kind, most in (
        (limits.RLIMIT_DATA, LARGEST_DATA_BYTES),
        (limits.RLIMIT_CPU, LONGEST_CPU_S),
    ):
        _, hard = limits.getrlimit(kind)
        least = most if hard == limits.RLIM_INFINITY else min(most, hard)
        limits.setrlimit(kind, (least, least))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # Arrow's threads now and then abort a process that Python takes down around them.
    os._exit(code)
