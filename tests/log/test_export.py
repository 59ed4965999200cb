"""Export and import: plain tables out, the same rows back in, and nothing twice."""

from __future__ import annotations

import contextlib
import csv
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import tracemalloc
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.base.csv_cells import CsvStyle
from posturecam.base.errors import DataError, UsageError
from posturecam.log.connection import open_log, transaction
from posturecam.log.export import write_export
from posturecam.log.export_format import MANIFEST, SUFFIX, ExportFormat
from posturecam.log.export_rows import LONGEST_TEXT
from posturecam.log.importing import Imported, read_export
from posturecam.log.tables import TABLES, Kind, columns_text
from posturecam.log.writer import LogWriter
from posturecam.log.written_words import cause_codes
from posturecam.review.day import review_day
from posturecam.values.observation import ANGLES
from tests.log.test_store import BEGAN_AT, BEGAN_MS, SESSION, turn
from tests.logs import write_log
from tests.rows import BERLIN, DAY, ROWS, log_with

EVER = (0, 2**53)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
"""After everything that is logged here."""
Content = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A week in which every table has rows, also with what is hard to write down."""
    log = tmp_path / "log.db"
    write_log(log, first=date(2026, 11, 2), last=date(2026, 11, 4))
    with open_log(log, at=BEGAN_AT) as connection:
        for index, note in enumerate(
            (None, 'a "b", c;\r\nd', "'=1+1\x1b[2J\x00", "Ünïcode ✓", " ")
        ):
            at_ms = BEGAN_MS + index
            connection.execute(
                "INSERT INTO pain_entries VALUES (NULL, ?, ?, 3, NULL, 'dull', ?)",
                (f"pain {index}", at_ms, note),
            )
        connection.execute("INSERT INTO exercises VALUES (NULL, 'e', ?, 9, 'rolls', 1)", (at_ms,))
        connection.execute("INSERT INTO answers VALUES (NULL, ?, 'q', 'no')", (at_ms,))
    return log


def export(
    log: Path,
    folder: Path,
    format_name: ExportFormat,
    *tables: str,
    style: CsvStyle = CsvStyle(),  # noqa: B008 - it never changes
) -> dict[str, int]:
    """Writes everything, or some tables."""
    with open_log(log, at=BEGAN_AT) as connection:
        return write_export(
            connection,
            folder,
            format_name=format_name,
            tables=tables or tuple(TABLES),
            start_ms=EVER[0],
            end_ms=EVER[1],
            at=BEGAN_AT,
            style=style,
        )


def take_in(log: Path, folder: Path) -> Imported:
    """Reads an export into a log."""
    with open_log(log, at=BEGAN_AT) as connection:
        return read_export(connection, folder, at=NOW)


def content(log: Path) -> Content:
    """All rows, with sessions by their lasting names."""
    found: Content = {}
    with contextlib.closing(sqlite3.connect(log)) as connection:
        for table in TABLES.values():
            uid = "(SELECT uid FROM sessions WHERE id = session_id), " * table.of_session
            names = ", ".join(column.name for column in table.stored)
            query = f"SELECT {uid}{names} FROM {table.name} ORDER BY {table.start}"  # noqa: S608
            found[table.name] = sorted(connection.execute(query).fetchall(), key=repr)
    return found


# There and back


@pytest.mark.parametrize("format_name", ExportFormat)
def test_an_export_taken_into_an_empty_log_gives_the_same_rows(
    log: Path, tmp_path: Path, format_name: ExportFormat
) -> None:
    """Every row of every table, to the last digit; and a second import changes nothing."""
    counts = export(log, tmp_path / "out", format_name)
    other = tmp_path / "other.db"
    assert all(counts.values())
    assert take_in(other, tmp_path / "out") == Imported(rows=counts, overlapping=0)
    assert content(other) == content(log)

    again = take_in(other, tmp_path / "out")
    assert again == Imported(rows=dict.fromkeys(counts, 0), overlapping=0)
    assert content(other) == content(log)
    assert take_in(log, tmp_path / "out") == again


@pytest.mark.parametrize("mark", [".", ","])
def test_an_export_for_excel_comes_back_too(log: Path, tmp_path: Path, mark: str) -> None:
    """In what it opens everywhere: UTF-16 with a mark, tabs, and fractions as they are written."""
    export(log, tmp_path / "out", ExportFormat.CSV, style=CsvStyle.for_excel(mark))
    assert (tmp_path / "out" / "minutes.csv").read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff")
    with (tmp_path / "out" / "minutes.csv").open(encoding="utf-16", newline="") as file:
        row = next(csv.DictReader(file, delimiter="\t"))
    assert row[f"{ANGLES[0]}_sd_deg"] == f"1{mark}9"

    take_in(tmp_path / "other.db", tmp_path / "out")
    assert content(tmp_path / "other.db") == content(log)


def test_the_texts_of_an_older_export_are_taken_as_they_stand(log: Path, tmp_path: Path) -> None:
    """Before cells were marked, an apostrophe was one, and nothing was written as a number."""
    export(log, tmp_path / "out", ExportFormat.CSV)
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text())
    del manifest["csv"]
    (tmp_path / "out" / MANIFEST).write_text(json.dumps(manifest))
    take_in(tmp_path / "other.db", tmp_path / "out")
    notes = {row[-1] for row in content(tmp_path / "other.db")["pain_entries"]}
    assert r"''=1+1\u001b[2J\u0000" in notes


@pytest.mark.parametrize("form", [ExportFormat.CSV, ExportFormat.JSON, ExportFormat.PARQUET])
@pytest.mark.parametrize("moment_ms", [2**62, -(2**62), 253_402_300_800_000])
def test_no_moment_stops_an_export(tmp_path: Path, moment_ms: int, form: ExportFormat) -> None:
    """A row for a time that has no date is written, without one."""
    log = tmp_path / "log.db"
    with open_log(log, at=BEGAN_AT) as connection:
        connection.execute("INSERT INTO answers VALUES (NULL, ?, 'q', 'no')", (moment_ms,))
        counts = write_export(
            connection, tmp_path / "out", format_name=form, tables=("answers",),
            start_ms=-(2**63), end_ms=2**63 - 1, at=BEGAN_AT,
        )  # fmt: skip
    assert counts == {"answers": 1}


@pytest.mark.parametrize("form", [ExportFormat.CSV, ExportFormat.JSON])
def test_nothing_in_an_export_steers_a_terminal(
    log: Path, tmp_path: Path, form: ExportFormat
) -> None:
    """People print them with `cat`."""
    export(log, tmp_path / "out", form)
    for path in (tmp_path / "out").iterdir():
        text = path.read_text("utf-8").replace("\r\n", "\n")
        assert not [sign for sign in text if sign < " " and sign not in "\t\n"], path.name


_texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
_reals = st.floats(-360, 360)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(
    format_name=st.sampled_from(ExportFormat),
    notes=st.lists(st.none() | _texts, max_size=5),
    angles_deg=st.lists(st.none() | _reals, min_size=5, max_size=5),
    lengths_ms=st.lists(st.integers(1, 10**9), min_size=1, max_size=5),
    source=_texts.filter(lambda text: cause_codes(text) == text),  # words come back as codes
)
def test_whatever_the_log_can_hold_comes_back(
    format_name: ExportFormat,
    notes: list[str | None],
    angles_deg: list[float | None],
    lengths_ms: list[int],
    source: str,
) -> None:
    """Any text, any number, any length: out and in again is the same."""
    with tempfile.TemporaryDirectory() as folder:
        log, out, other = (Path(folder) / name for name in ("log.db", "out", "other.db"))
        with open_log(log, at=BEGAN_AT) as connection, transaction(connection):
            end_ms = BEGAN_MS + sum(lengths_ms)
            connection.execute(
                "INSERT INTO sessions VALUES (1, ?, ?, ?, 'p', NULL, '', '', NULL, 'uid')",
                (BEGAN_MS, end_ms, source),
            )
            now_ms = BEGAN_MS
            for length_ms in lengths_ms:
                values = (now_ms, now_ms + length_ms, source)
                connection.execute("INSERT INTO intervals VALUES (1, ?, ?, 'away', ?)", values)
                now_ms += length_ms
            minute = (BEGAN_MS - BEGAN_MS % 60_000, *angles_deg, *map(_size, angles_deg))
            marks = ", ".join("?" * 10)
            connection.execute(f"INSERT INTO minutes VALUES (1, ?, 7, {marks})", minute)  # noqa: S608
            for index, note in enumerate(notes):
                connection.execute(
                    "INSERT INTO pain_entries VALUES (NULL, ?, ?, 0, NULL, NULL, ?)",
                    (f"{index}", index, note),
                )
        export(log, out, format_name, "sessions", "intervals", "minutes", "pain_entries")
        take_in(other, out)
        assert content(other) == content(log)


def _size(value: float | None) -> float | None:
    return None if value is None else abs(value)


def test_a_newer_export_of_a_running_session_brings_the_rest(tmp_path: Path) -> None:
    """What had not ended when the first was written grows; nothing is doubled."""
    log, other = tmp_path / "log.db", tmp_path / "other.db"
    with LogWriter.open(log, SESSION) as writer:
        for index in range(100):
            writer.handle(turn(index + 1, span_s=1))
        export(log, tmp_path / "early", ExportFormat.CSV)
        for index in range(100, 200):
            writer.handle(turn(index + 1, span_s=1))
        writer.close("interrupted")
    export(log, tmp_path / "late", ExportFormat.JSON)
    take_in(other, tmp_path / "early")
    take_in(other, tmp_path / "late")
    assert content(other) == content(log)

    take_in(other, tmp_path / "early")
    assert content(other) == content(log)


def test_a_session_for_a_time_that_is_taken_is_left_out_and_counted(
    log: Path, tmp_path: Path
) -> None:
    """Two machines watched at once: the sums of that day must not count both."""
    other = tmp_path / "other.db"
    write_log(other, first=date(2026, 11, 4), last=date(2026, 11, 5), seed=2)
    before = content(other)
    counts = export(log, tmp_path / "out", ExportFormat.CSV)
    imported = take_in(other, tmp_path / "out")

    assert imported.overlapping == 2
    assert imported.rows["sessions"] == counts["sessions"] - 2
    assert 0 < imported.rows["intervals"] < counts["intervals"]
    after = content(other)
    assert all(set(before[name]) <= set(after[name]) for name in TABLES)


def test_only_some_days_and_tables_are_written(log: Path, tmp_path: Path) -> None:
    """The rows of one day, with the sessions that they belong to."""
    start = datetime(2026, 11, 3, tzinfo=UTC)
    bounds_ms = [round((start + timedelta(days=days)).timestamp() * 1000) for days in (0, 1)]
    with open_log(log, at=BEGAN_AT) as connection:
        counts = write_export(
            connection,
            tmp_path / "out",
            format_name=ExportFormat.CSV,
            tables=("sessions", "moves"),
            start_ms=bounds_ms[0],
            end_ms=bounds_ms[1],
            at=BEGAN_AT,
        )
    assert counts["sessions"] == 2
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"sessions.csv", "moves.csv", MANIFEST}
    with (tmp_path / "out" / "moves.csv").open(newline="") as file:
        days = {row["at"][:10] for row in csv.DictReader(file)}
    assert days == {"2026-11-03"}


# What is written


def test_every_column_of_the_log_is_documented(tmp_path: Path) -> None:
    """A column that is added to the log must be explained, or it is lost in the export."""
    documented = columns_text()
    with open_log(tmp_path / "log.db", at=BEGAN_AT) as connection:
        tables = [name for _, name, *_ in connection.execute("PRAGMA table_list")]
        kept = {name for name in tables if not name.startswith("sqlite_")}
        # The file's own shape, and the clocks of this machine.
        assert kept - {"migrations", "session_clocks"} == set(TABLES)
        for name, table in TABLES.items():
            columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
            stored = [column[1] for column in columns if column[1] not in ("id", "session_id")]
            assert sorted(column.name for column in table.stored) == sorted(stored)
            required = {column[1]: bool(column[3]) for column in columns}
            for column in table.stored:
                assert column.optional is not (required[column.name] or column.name == "uid")
                may = ", may be empty" if column.optional else ""
                row = f"| {name} | `{column.name}` | {column.kind.value}{may} | {column.meaning} |"
                assert row in documented
    described = (Path(__file__).parents[2] / "docs/log.md").read_text("utf-8")
    assert all(f"| `{name}` |" in described for name in TABLES)


def test_sums_of_an_export_are_those_of_a_review_by_the_rule_that_is_documented(
    tmp_path: Path,
) -> None:
    """An absence counts from when nobody was seen; what says so stands with the column."""
    log = log_with(tmp_path / "log.db", ROWS)
    export(log, tmp_path / "out", ExportFormat.JSON)
    lines = (tmp_path / "out" / "intervals.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    spent_ms: Counter[str] = Counter()
    for row, after in pairwise([*rows, None]):
        begins_absence = (
            row["state"] == "unknown"
            and "nobody" in row["reason"].split("; ")
            and after is not None
            and (after["session_uid"], after["start_ms"]) == (row["session_uid"], row["end_ms"])
            and after["state"] == "away"
        )
        spent_ms["away" if begins_absence else row["state"]] += row["end_ms"] - row["start_ms"]

    assert spent_ms == review_day(ROWS, DAY, BERLIN).totals.shown_by_state
    (column,) = (column for column in TABLES["intervals"].stored if column.name == "state")
    described = (Path(__file__).parents[2] / "docs/log.md").read_text("utf-8")
    for said in (column.meaning, described.replace("\n", " ")):
        assert re.search(
            "unknown.* with the reason `nobody`.* as .*away.* where .*away.* follows", said
        )


def test_times_are_written_twice_and_agree(log: Path, tmp_path: Path) -> None:
    """Milliseconds for programs, a date for people, both in UTC."""
    export(log, tmp_path / "out", ExportFormat.JSON)
    for name, table in TABLES.items():
        for line in (tmp_path / "out" / f"{name}.jsonl").read_text().splitlines():
            row = json.loads(line)
            assert list(row) == [column.name for column in table.columns]
            for before, column in zip(table.columns, table.columns[1:], strict=False):
                if column.kind is Kind.TIME:
                    moment = datetime.fromisoformat(row[column.name])
                    assert round(moment.timestamp() * 1000) == row[before.name]


def test_parquet_has_types_and_times(log: Path, tmp_path: Path) -> None:
    """Times are times, and what must be there is marked so."""
    parquet = pytest.importorskip("pyarrow.parquet")
    export(log, tmp_path / "out", ExportFormat.PARQUET)
    minutes = parquet.read_table(tmp_path / "out" / "minutes.parquet")
    assert str(minutes.schema.field("start_at").type) == "timestamp[ms, tz=UTC]"
    assert str(minutes.schema.field(f"{ANGLES[0]}_mean_deg").type) == "double"
    assert not minutes.schema.field("n").nullable
    first = minutes.slice(0, 1).to_pylist()[0]
    assert round(first["start_at"].timestamp() * 1000) == first["start_ms"]


def test_an_export_is_for_its_owner_only_and_writes_over_nothing(log: Path, tmp_path: Path) -> None:
    """Folder 0700, files 0600; a folder that is there is refused and left alone."""
    export(log, tmp_path / "out", ExportFormat.CSV)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()}
    assert modes == {0o600}
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    with pytest.raises(UsageError, match="There is something at"):
        export(log, tmp_path / "out", ExportFormat.CSV)
    assert {path.name for path in tmp_path.iterdir()} >= {"out", "log.db"}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_an_export_that_fails_leaves_nothing(log: Path, tmp_path: Path) -> None:
    """The place takes no folder: said, and no half of an export lies about."""
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"The export to .* failed"):
        export(log, tmp_path / "file" / "out", ExportFormat.CSV)


def test_parquet_without_its_library_says_how_to_get_it(tmp_path: Path) -> None:
    """One line with the remedy; csv and json need nothing."""
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from posturecam.log.arrow import load_arrow\n"
        "from posturecam.base.errors import InstallationError\n"
        "try:\n    load_arrow()\nexcept InstallationError as error:\n    print(error.remedy)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert " install 'pyarrow<27,>=18', or use csv or json." in done.stdout.replace('"', "'")


# What is refused


def _missing_table(folder: Path, name: str) -> None:
    (folder / name).unlink()


def _cut_short(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])


def _a_row_less(folder: Path, name: str) -> None:
    lines = (folder / name).read_bytes().splitlines(keepends=True)
    (folder / name).write_bytes(b"".join(lines[:-1]))


def _noise(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\xff\x00{[" * 1000)


def _deep(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"[" * 100_000)


def _wrong_state(folder: Path, name: str) -> None:
    text = (folder / name).read_text().replace("upright", "crooked")
    (folder / name).write_text(text)


def _far_future(folder: Path, name: str) -> None:
    text = (folder / name).read_text().replace("17936", "9" * 30)
    (folder / name).write_text(text)


def _other_columns(folder: Path, name: str) -> None:
    text = (folder / name).read_text().replace("reason", "cause")
    (folder / name).write_text(text)


def _unknown_session(folder: Path, name: str) -> None:
    suffix = Path(name).suffix
    sessions = (folder / f"sessions{suffix}").read_text()
    first = sessions.splitlines()[1]
    uid = first.split(",")[0] if suffix == ".csv" else json.loads(first)["uid"]
    (folder / name).write_text((folder / name).read_text().replace(uid, "somebody else"))


DAMAGES = (
    _missing_table,
    _cut_short,
    _a_row_less,
    _noise,
    _deep,
    _wrong_state,
    _far_future,
    _other_columns,
    _unknown_session,
)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("format_name", [ExportFormat.CSV, ExportFormat.JSON])
def test_a_damaged_export_is_refused_as_a_whole(
    log: Path, tmp_path: Path, format_name: ExportFormat, damage: object
) -> None:
    """Whatever is wrong with it is named, with the file; the log is as it was."""
    export(log, tmp_path / "out", format_name)
    assert callable(damage)
    damage(tmp_path / "out", f"intervals.{SUFFIX[format_name]}")
    other = tmp_path / "other.db"
    write_log(other, first=date(2026, 6, 1), last=date(2026, 6, 1), seed=3)
    before = content(other)

    with pytest.raises(DataError, match=r"The export is damaged: .*intervals") as refused:
        take_in(other, tmp_path / "out")
    assert "Nothing of it was taken in" in refused.value.remedy
    assert content(other) == before


@pytest.mark.parametrize("damage", [_missing_table, _cut_short, _noise])
def test_a_damaged_parquet_export_is_refused_as_a_whole(
    log: Path, tmp_path: Path, damage: object
) -> None:
    """The library's own errors become one line too."""
    pytest.importorskip("pyarrow")
    export(log, tmp_path / "out", ExportFormat.PARQUET)
    assert callable(damage)
    damage(tmp_path / "out", "minutes.parquet")
    other = tmp_path / "other.db"
    with pytest.raises(DataError, match="The export is damaged"):
        take_in(other, tmp_path / "out")
    assert not any(content(other).values())


@pytest.mark.parametrize("once", [True, False])
def test_a_small_parquet_file_cannot_fill_the_memory(tmp_path: Path, *, once: bool) -> None:
    """150 MB of text in some kB: kept once for all rows, or squeezed row by row."""
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    count, text = 100, "A" * 1_500_000
    columns = {
        "at_ms": list(range(BEGAN_MS, BEGAN_MS + count)),
        "at": ["2026-03-02T09:00:00Z"] * count,
        "question": arrow.array([text] * count).dictionary_encode() if once else [text] * count,
        "answer": ["no"] * count,
    }
    parquet.write_table(
        arrow.table(columns), tmp_path / "answers.parquet", compression="zstd", use_dictionary=once
    )
    manifest = {"format": 1, "written_as": "parquet", "rows": {"answers": count}}
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    assert (tmp_path / "answers.parquet").stat().st_size < 100_000
    columns.clear()
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="a row is far too long" if once else "far too large"):
            take_in(tmp_path / "other.db", tmp_path)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 20_000_000


@pytest.mark.parametrize("form", [ExportFormat.CSV, ExportFormat.JSON])
def test_a_text_longer_than_any_is_refused(log: Path, tmp_path: Path, form: ExportFormat) -> None:
    """A log that holds it would be slow to read for good."""
    export(log, tmp_path / "out", form)
    path = tmp_path / "out" / f"sessions.{SUFFIX[form]}"
    path.write_text(path.read_text().replace(SESSION.source, "A" * (LONGEST_TEXT + 1)))
    with pytest.raises(DataError, match="source cannot be"):
        take_in(tmp_path / "other.db", tmp_path / "out")


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "[]",
        "{}",
        '{"format": 1, "written_as": "xml", "rows": {}}',
        '{"format": 1, "written_as": "csv", "rows": {"../../etc/passwd": 1}}',
        '{"format": 1, "written_as": "csv", "rows": {"moves": null}}',
        '{"format": 2, "written_as": "csv", "rows": {}}',
        "[" * 100_000,
        " " * 200_000,
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(
    log: Path, tmp_path: Path, manifest: str
) -> None:
    """It names no files of others, and a newer format is told apart from damage."""
    export(log, tmp_path / "out", ExportFormat.CSV)
    (tmp_path / "out" / MANIFEST).write_text(manifest)
    expected = "newer posturecam" if '"format": 2' in manifest else "The export is damaged"
    with pytest.raises(DataError, match=expected):
        take_in(log, tmp_path / "out")


@pytest.fixture(scope="module")
def small_exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A short session, exported as text in either way."""
    folder = tmp_path_factory.mktemp("small")
    with LogWriter.open(folder / "log.db", SESSION) as writer:
        for index in range(3):
            writer.handle(turn(index + 1, span_s=1))
    for kind in (ExportFormat.CSV, ExportFormat.JSON):
        export(folder / "log.db", folder / kind, kind)
    return {kind: folder / kind for kind in (ExportFormat.CSV, ExportFormat.JSON)}


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_change_to_an_export_can_break_the_import(
    small_exports: dict[str, Path], data: st.DataObject
) -> None:
    """Any bytes anywhere: taken in whole, or refused whole in one sentence."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        shutil.copytree(small_exports[data.draw(st.sampled_from(sorted(small_exports)))], out)
        victim = out / data.draw(st.sampled_from(sorted(path.name for path in out.iterdir())))
        before = bytearray(victim.read_bytes())
        start = data.draw(st.integers(0, len(before)))
        before[start : start + data.draw(st.integers(0, 50))] = data.draw(st.binary(max_size=50))
        victim.write_bytes(before)
        with contextlib.suppress(DataError):
            take_in(Path(folder) / "other.db", out)
