"""Exports that lie: what cannot be true is refused, in two lines, in bounded memory and time."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.base.errors import DataError
from posturecam.log.connection import open_log, to_ms, transaction
from posturecam.log.export_format import MANIFEST, ExportFormat
from posturecam.log.export_rows import LONGEST_ROW
from posturecam.log.importing import FUTURE_MS, MOST_ROWS, MOST_SINGLE_ROWS, read_export
from posturecam.log.retention import forget_before
from posturecam.log.session_dates import move_sessions
from posturecam.log.tables import TABLES, Kind
from posturecam.values.answers import Answer
from tests.log.test_export import content, export
from tests.rows import MINUTE, NINE_MS, ROWS, log_with

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
END_MS = NINE_MS + 165 * MINUTE
Rows = dict[str, list[dict[str, Any]]]
MOST_MB = 400
"""What importing may take, whatever it is given; both of its processes together."""


def read(folder: Path) -> Rows:
    """The rows of an export in JSON."""
    return {
        path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in folder.glob("*.jsonl")
    }


def write(folder: Path, rows: Rows) -> Path:
    """An export in JSON that holds `rows`, counted as they are."""
    folder.mkdir(exist_ok=True)
    for name, of_table in rows.items():
        lines = (f"{json.dumps(row)}\n" for row in of_table)
        (folder / f"{name}.jsonl").write_text("".join(lines), "utf-8")
    return count(folder, "json", {name: len(of_table) for name, of_table in rows.items()})


def count(folder: Path, written_as: str, rows: dict[str, int]) -> Path:
    """Says in the manifest that there are so many rows."""
    manifest = {"format": 1, "written_as": written_as, "rows": rows}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder


def take_in(log: Path, folder: Path, at: datetime = NOW) -> dict[str, int]:
    """Reads an export into a log."""
    with open_log(log, at=NOW) as connection:
        return read_export(connection, folder, at=at).rows


def assert_refused(log: Path, folder: Path, problem: str) -> None:
    """In two lines that say why, and the log is as it was."""
    with open_log(log, at=NOW):
        before = content(log)
    with pytest.raises(DataError, match=problem) as refused:
        take_in(log, folder)
    assert len(str(refused.value).splitlines()) == 2
    assert refused.value.exit_code == 6
    assert content(log) == before


@pytest.fixture
def honest(tmp_path: Path) -> Rows:
    """What a whole morning exports to."""
    export(log_with(tmp_path / "log.db", ROWS), tmp_path / "honest", ExportFormat.JSON)
    return read(tmp_path / "honest")


# What cannot be true


def _elsewhere(rows: Rows) -> str:
    for name in ("start_ms", "end_ms"):
        rows["intervals"][0][name] -= 30 * 24 * 60 * MINUTE
    return "outside its session"


def _before(rows: Rows) -> str:
    rows["intervals"][0]["start_ms"] -= 1
    return "outside its session"


def _overlapping(rows: Rows) -> str:
    rows["intervals"][3]["end_ms"] += 1
    return "overlaps"


def _of_no_session(rows: Rows) -> str:
    rows["moves"][0]["session_uid"] = "v"
    return "after row 1: there is no session 'v'"


def _shuffled(rows: Rows) -> str:
    rows["intervals"].reverse()
    return "out of order"


def _twice(rows: Rows) -> str:
    rows["moves"].insert(1, rows["moves"][0])
    return "there twice"


def _session_twice(rows: Rows) -> str:
    rows["sessions"] *= 2
    return "there twice"


def _sessions_shuffled(rows: Rows) -> str:
    session = rows["sessions"][0]
    rows["sessions"].append(session | {"uid": "v", "start_ms": 0, "end_ms": 1})
    return "out of order"


def _alert_after_the_end(rows: Rows) -> str:
    rows["alerts"][-1]["at_ms"] = END_MS + 1
    return "outside its session"


def _minute_before(rows: Rows) -> str:
    rows["minutes"][0]["start_ms"] -= 61 * MINUTE
    return "outside its session"


def _minute_after(rows: Rows) -> str:
    rows["minutes"][-1]["start_ms"] += 2 * MINUTE
    return "outside its session"


def _future(rows: Rows) -> str:
    rows["sessions"][0]["end_ms"] = to_ms(NOW) + FUTURE_MS + 1
    return "future"


def _year_9999(rows: Rows) -> str:
    rows["sessions"][0]["end_ms"] = to_ms(datetime(9999, 12, 31, tzinfo=UTC))
    return "end_ms cannot be"


def _later(rows: Rows) -> str:
    rows["sessions"][0]["end_ms"] = 2**62
    return "end_ms cannot be"


def _before_1970(rows: Rows) -> str:
    rows["sessions"][0]["start_ms"] = -1
    return "start_ms cannot be"


def _future_pain(rows: Rows) -> str:
    entry = {"uid": "a", "at_ms": to_ms(NOW) + FUTURE_MS + 1, "at": "", "level": 3}
    rows["pain_entries"] = [entry | {"location": None, "quality": None, "note": None}]
    return "future"


def _angle(rows: Rows) -> str:
    rows["minutes"][5]["neck_mean_deg"] = 1e308
    return "neck_mean_deg cannot be"


def _infinite(rows: Rows) -> str:
    rows["minutes"][5]["neck_mean_deg"] = float("-inf")
    return "neck_mean_deg cannot be"


def _sd(rows: Rows) -> str:
    rows["minutes"][5]["trunk_sd_deg"] = float("nan")
    return "trunk_sd_deg cannot be"


def _limit(rows: Rows) -> str:
    rows["calibrations"][0]["neck_limit_deg"] = 361
    return "neck_limit_deg cannot be"


def _quality(rows: Rows) -> str:
    rows["calibrations"][0]["quality"] = 1.5
    return "quality cannot be"


def _lasted(rows: Rows) -> str:
    rows["breaks"][0]["lasted_ms"] = 2**62
    return "lasted_ms cannot be"


def _answer(rows: Rows) -> str:
    rows["answers"] = [{"at_ms": NINE_MS, "at": "", "question": "q", "answer": "perhaps"}]
    return "answer cannot be"


def _uid(rows: Rows) -> str:
    rows["sessions"][0]["uid"] = "A" * 100
    return "uid cannot be"


def _no_object(rows: Rows) -> str:
    rows["moves"][0] = [1, 2]  # type: ignore[call-overload]  # that is the point
    return "no object"


LIES = (
    *(
        _elsewhere,
        _before,
        _overlapping,
        _of_no_session,
        _shuffled,
        _twice,
        _session_twice,
        _sessions_shuffled,
        _alert_after_the_end,
    ),
    *(_minute_before, _minute_after, _future, _year_9999, _later, _before_1970, _future_pain),
    *(_angle, _infinite, _sd, _limit, _quality, _lasted, _answer, _uid, _no_object),
)


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__[1:])
def test_what_cannot_be_true_is_refused(
    tmp_path: Path, honest: Rows, lie: Callable[[Rows], str]
) -> None:
    """With all that came before it in the export."""
    problem = lie(honest)
    assert_refused(tmp_path / "other.db", write(tmp_path / "lying", honest), problem)


@pytest.mark.parametrize("tables", [("minutes",), ("intervals", "pain_entries")])
def test_rows_without_their_sessions_are_no_damage(
    tmp_path: Path, honest: Rows, tables: tuple[str, ...]
) -> None:
    """The missing table is named, with how to get it; a log that has them takes the rows."""
    some = write(tmp_path / "some", {name: honest.get(name, []) for name in tables})
    named = f"posturecam export --tables sessions,{','.join(tables)}"
    for problem in ("the table sessions is not in the export", named):
        assert_refused(tmp_path / "other.db", some, problem)

    assert take_in(tmp_path / "log.db", some) == dict.fromkeys(tables, 0)


def test_the_same_rows_without_a_lie_are_taken_in(tmp_path: Path, honest: Rows) -> None:
    """As a clock that is a zone behind sees them, too."""
    behind = datetime.fromtimestamp(END_MS / 1000, UTC) - timedelta(hours=26)
    counts = take_in(tmp_path / "other.db", write(tmp_path / "again", honest), behind)
    assert counts == {name: len(rows) for name, rows in honest.items()}
    assert content(tmp_path / "other.db") == content(tmp_path / "log.db")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_nothing_taken_in_covers_a_moment_twice(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever intervals an export has, those of the log lie in their session, side by side."""
    folder = tmp_path_factory.mktemp("lies")
    session = TABLES["sessions"]
    row: dict[str, Any] = {column.name: "" for column in session.columns}
    row |= {"uid": "u", "start_ms": 10, "end_ms": 20, "view": None, "ended_by": None}
    moments = st.integers(8, 22)
    spans = data.draw(st.lists(st.tuples(moments, moments), max_size=4))
    intervals = [
        {"session_uid": "u", "start_ms": start, "end_ms": end, "state": "away", "reason": ""}
        | {"start_at": "", "end_at": ""}
        for start, end in spans
    ]
    log = folder / "log.db"
    out = write(folder / "out", {"sessions": [row], "intervals": intervals})
    lawful = all(10 <= start < end <= 20 for start, end in spans) and all(
        end <= start for (_, end), (start, _) in pairwise(spans)
    )
    if lawful:
        assert take_in(log, out)["intervals"] == len(spans)
    else:
        assert_refused(log, out, "damaged")


def test_time_that_a_known_session_covers_is_not_covered_again(
    tmp_path: Path, honest: Rows
) -> None:
    """The log has forgotten the first days, and cut what reached beyond; then all comes back."""
    log = tmp_path / "log.db"
    out = write(tmp_path / "out", honest)
    with open_log(log, at=NOW) as connection:
        forget_before(connection, NINE_MS + 45 * MINUTE)
    take_in(log, out)
    spans = sorted((row[1], row[2]) for row in content(log)["intervals"])
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))  # type: ignore[operator]  # they are moments
    assert spans[0][0] == NINE_MS


def test_a_session_that_was_dated_anew_since_is_not_taken_in_at_its_old_time(
    tmp_path: Path, honest: Rows
) -> None:
    """The clock was wrong when the export was written; the time would count twice."""
    log = tmp_path / "log.db"
    out = write(tmp_path / "out", honest)
    with open_log(log, at=NOW) as connection:
        with transaction(connection):
            move_sessions(connection, {1: -24 * 60 * MINUTE})
        before = content(log)
        imported = read_export(connection, out, at=NOW)
    assert (imported.moved, imported.overlapping) == (1, 0)
    assert content(log) == before


@pytest.mark.parametrize("by_ms", [-MINUTE // 2, MINUTE // 2 + 1, -1])
def test_a_log_that_was_dated_anew_often_is_taken_in_as_it_is(tmp_path: Path, by_ms: int) -> None:
    """No minute strays from its session, however often that is moved."""
    log = log_with(tmp_path / "log.db", ROWS)
    with open_log(log, at=NOW) as connection:
        for _ in range(100):
            with transaction(connection):
                move_sessions(connection, {1: by_ms})
    after = content(log)
    export(log, tmp_path / "out", ExportFormat.CSV)
    take_in(tmp_path / "other.db", tmp_path / "out")
    assert content(tmp_path / "other.db") == after
    moments_ms = {row[1] for row in after["minutes"]}
    start_ms = NINE_MS + 100 * by_ms
    first_ms = start_ms - start_ms % MINUTE
    assert first_ms in moments_ms
    assert first_ms - MINUTE not in moments_ms


def test_minutes_that_strayed_in_an_older_log_are_taken_in(tmp_path: Path, honest: Rows) -> None:
    """Nobody could export them otherwise."""
    for row in honest["minutes"]:
        row["start_ms"] -= 60 * MINUTE
    counts = take_in(tmp_path / "other.db", write(tmp_path / "out", honest))
    assert counts["minutes"] == len(honest["minutes"])


def test_a_minute_that_a_move_left_after_the_end_is_taken_in(tmp_path: Path, honest: Rows) -> None:
    """A session over two full minutes may lie within one after it was moved."""
    honest["sessions"][0]["end_ms"] += MINUTE - 1
    honest["minutes"][-1]["start_ms"] = END_MS + MINUTE
    counts = take_in(tmp_path / "other.db", write(tmp_path / "out", honest))
    assert counts["minutes"] == len(honest["minutes"])


# Numbers that an export gives of itself


@pytest.mark.parametrize(("table", "most"), [("moves", MOST_ROWS), ("answers", MOST_SINGLE_ROWS)])
def test_more_rows_than_any_log_has_are_refused_unread(
    tmp_path: Path, honest: Rows, table: str, most: int
) -> None:
    """Before a row is looked at."""
    out = count(write(tmp_path / "out", honest), "json", {"sessions": 1, table: most + 1})
    (out / f"{table}.jsonl").unlink(missing_ok=True)
    assert_refused(tmp_path / "other.db", out, "no log has as many rows")


def test_the_first_row_too_many_ends_it(tmp_path: Path, honest: Rows) -> None:
    """What comes after it is not read: it would be refused for another reason."""
    out = write(tmp_path / "out", honest)
    count(out, "json", {"sessions": 1, "moves": 2})
    lines = (out / "moves.jsonl").read_text().splitlines()[:3]
    (out / "moves.jsonl").write_text("\n".join([*lines, "no JSON"]))
    assert_refused(tmp_path / "other.db", out, "there are more")


def test_a_row_of_csv_without_an_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    """Each of its lines is short, but a quote spans them all."""
    names = [column.name for column in TABLES["answers"].columns]
    with (tmp_path / "answers.csv").open("w", newline="") as file:
        csv.writer(file).writerow(names)
        file.write('"\n",' * LONGEST_ROW)
    count(tmp_path, "csv", {"answers": 1})
    assert_refused(tmp_path / "other.db", tmp_path, "a row is far too long")


def _varint(number: int, length: int = 0) -> bytes:
    """A whole number as a Parquet footer has it, made longer if need be."""
    rest, groups = number << 1, []
    while True:
        groups.append(rest & 0x7F)
        rest >>= 7
        if not rest:
            break
    groups += [0] * (length - len(groups))
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


def _lying_footer(folder: Path) -> None:
    """500 MB of text in some kB that calls itself 1000 bytes."""
    parquet = pytest.importorskip("pyarrow.parquet")
    rows, path = 500, folder / "answers.parquet"
    _parquet_of(path, "A" * 1_000_000, rows, row_group_size=rows)
    true = _varint(parquet.ParquetFile(path).metadata.row_group(0).total_byte_size)
    content = path.read_bytes()
    assert content.count(true) >= 1
    path.write_bytes(content.replace(true, _varint(1000, len(true))))
    size_bytes = parquet.ParquetFile(path).metadata.row_group(0).total_byte_size
    assert size_bytes == 1000
    assert path.stat().st_size < 100_000
    count(folder, "parquet", {"answers": rows})


def _equal_rows(folder: Path) -> None:
    """Millions of rows in some kB."""
    _parquet_of(folder / "answers.parquet", "q", 1_000_000, row_group_size=1_000_000)
    count(folder, "parquet", {"answers": MOST_SINGLE_ROWS})


def _many_columns(folder: Path) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {f"c{number}": [1] for number in range(30_000)}
    parquet.write_table(arrow.table(columns), folder / "answers.parquet")
    count(folder, "parquet", {"answers": 1})


def _many_sessions(folder: Path) -> None:
    """As many as there may be, with the longest names."""
    other = {"source": "", "profile": "", "view": None, "model_sha256": "", "ended_by": None}
    other |= {"program_version": "", "start_at": "", "end_at": ""}
    with (folder / "sessions.jsonl").open("w", encoding="utf-8") as file:
        for number in range(MOST_SINGLE_ROWS):
            row = {"uid": f"{number:\N{GRINNING FACE}>64}", "start_ms": number, "end_ms": number}
            file.write(json.dumps(row | other) + "\n")
    count(folder, "json", {"sessions": MOST_SINGLE_ROWS})


def _deep_row(folder: Path) -> None:
    """The longest line, of the smallest values."""
    (folder / "answers.jsonl").write_text("[" + "{}," * 333_000 + "{}]\n")
    count(folder, "json", {"answers": 1})


def _parquet_of(path: Path, question: str, rows: int, *, row_group_size: int) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {
        "at_ms": arrow.repeat(NINE_MS, rows),
        "at": arrow.repeat("", rows),
        "question": arrow.repeat(question, rows),
        "answer": arrow.repeat(Answer.NO.value, rows),
    }
    parquet.write_table(
        arrow.table(columns), path, compression="zstd", use_dictionary=False,
        row_group_size=row_group_size, write_statistics=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited, and told, on Linux")
@pytest.mark.parametrize(
    "bomb",
    [_lying_footer, _equal_rows, _many_columns, _many_sessions, _deep_row],
    ids=lambda bomb: bomb.__name__[1:],
)
def test_no_export_takes_more_memory_than_there_is(
    tmp_path: Path, home: Path, bomb: Callable[[Path], None]
) -> None:
    """The real program, and the process that reads Parquet for it, at their largest."""
    bomb(tmp_path)
    code = (
        "import re, resource, sys\n"
        "from pathlib import Path\n"
        "from posturecam.cli.app import run\n"
        f"code = run(['import', {str(tmp_path)!r}])\n"
        "own_kb = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        "print((int(own_kb) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1000)\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    *_, most_mb = done.stdout.split()
    assert int(most_mb) < MOST_MB
    if bomb is _many_sessions:
        assert done.returncode == 0
    else:
        assert done.returncode == 6, done.stderr
        assert len(done.stderr.splitlines()) == 2
        assert "The export is damaged" in done.stderr


def test_every_kind_of_number_has_bounds() -> None:
    """A column that is added later too."""
    for table in TABLES.values():
        for column in table.columns:
            if column.kind in (Kind.INTEGER, Kind.REAL):
                assert -360 <= column.least < column.most < 2**48


def test_a_row_that_no_posturecam_wrote_is_not_read() -> None:
    """Whether a file or the log has it."""
    entries = TABLES["pain_entries"]
    assert entries.read((5, 3, None, None, None)).level == 3
    with pytest.raises(ValueError, match="pain_entries cannot be true"):
        entries.read((-5, 3, None, None, None))
