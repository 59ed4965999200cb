"""The example that reads the exports of a study: its figures are those of the logs."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from posturecam.base.local_time import HOUR_MS, day_bounds_ms
from posturecam.base.paths import AppPaths
from posturecam.commands.export import export_log
from posturecam.log.export_format import ExportFormat
from posturecam.log.reader import LogReader
from tests.logs import write_log

if TYPE_CHECKING:
    from posturecam.values.totals import Totals

pytest.importorskip("duckdb")

SCRIPT = Path(__file__).parents[2] / "docs" / "study.py"
FIRST, LAST = date(2026, 11, 9), date(2026, 11, 13)
PEOPLE = ("anna", "ben", "c's")
AND_SAY_ITS_MEMORY = """
import runpy, sys
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
peak, = (line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(int(peak.split()[1]) / 1024)
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people, a week of exports each."""
    folder = tmp_path_factory.mktemp("study")
    for seed, name in enumerate(PEOPLE):
        home = tmp_path_factory.mktemp(f"home-{seed}")
        write_log(home / "log.db", first=FIRST, last=LAST, seed=seed)
        export_log(
            folder / name,
            paths=AppPaths(data=home, config=home),
            format_name=ExportFormat.PARQUET,
            tables=["sessions", "intervals", "moves"],
            since=None,
            until=None,
            zone=UTC,
            at=datetime(2026, 11, 14, tzinfo=UTC),
        )
        (home / "log.db").rename(folder.with_name(f"{folder.name}-{name}.db"))
    return folder


def totals_of(study: Path, name: str) -> Totals:
    """What the log of a person adds up to."""
    edges_ms = [day_bounds_ms(FIRST, UTC)[0], day_bounds_ms(LAST, UTC)[1]]
    with LogReader.open(study.with_name(f"{study.name}-{name}.db")) as log:
        return log.totals(edges_ms)[0]


def example() -> Any:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("study_example", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_person_has_the_figures_of_their_log(study: Path) -> None:
    """Share and rate of whoever has an hour judged; hours and weeks over all of them."""
    people, hours, weeks = example().read_study(study, 1)

    assert [name for name, *_ in people] == list(PEOPLE)
    for name, share, rate in people:
        totals = totals_of(study, name)
        assert share == pytest.approx(totals.slouched_share)
        assert rate == pytest.approx(totals.moves * HOUR_MS / totals.judged_ms)
    assert [hour for hour, *_ in hours] == [*range(9, 18)]
    assert len(weeks) == 1
    for _at, low, middle, high in (*hours, *weeks):
        assert 0 <= low <= middle <= high <= 1


def test_the_script_writes_one_page_with_three_plots(study: Path, tmp_path: Path) -> None:
    """As the first lines of it say."""
    page = tmp_path / "study.html"
    done = subprocess.run(
        [sys.executable, SCRIPT, study, page, "--utc-offset", "1"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    text = page.read_text("utf-8")
    assert text.count("Slouched share") >= 3
    assert "yaxis3" in text


HUNDRED = 100
YEAR_DAYS = 260
MOST_S, MOST_MB = 20.0, 700
"""Of the processor and of memory, for the whole script; a laptop has more of both."""


def write_person(folder: Path, schemas: dict[str, Any], *, seed: int) -> float:
    """A year of somebody with habits of their own, straight into the export; the slouched share.

    Eight hours on each of 260 days: stretches of about two minutes, a change of position every ten.
    """
    np = pytest.importorskip("numpy")
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rng = np.random.default_rng(seed)
    habit, restless = rng.uniform(0.05, 0.6), rng.uniform(3, 12)
    midnights_ms = (np.arange(YEAR_DAYS) // 5 * 7 + np.arange(YEAR_DAYS) % 5) * 24 * HOUR_MS
    starts_ms = midnights_ms + round(datetime(2025, 11, 24, 8, tzinfo=UTC).timestamp() * 1000)
    lengths_ms = (rng.exponential(120, (YEAR_DAYS, 320)) * 1000 + 2000).astype(np.int64)
    ends_ms = starts_ms[:, None] + np.cumsum(lengths_ms, axis=1)
    within = ends_ms < (starts_ms + 8 * HOUR_MS)[:, None]
    states = np.array(["upright", "slouched", "away", "unknown"])
    drawn = rng.choice(4, within.sum(), p=[0.85 * (1 - habit), 0.85 * habit, 0.1, 0.05])
    ends_ms, lengths_ms = ends_ms[within], lengths_ms[within]
    at_ms = starts_ms.repeat(round(8 * restless)) + np.tile(
        np.linspace(0, 8 * HOUR_MS, round(8 * restless), endpoint=False).astype(np.int64), YEAR_DAYS
    )
    columns = {
        "intervals": {"start_ms": ends_ms - lengths_ms, "end_ms": ends_ms, "state": states[drawn]},
        "moves": {"at_ms": at_ms},
    }
    folder.mkdir(parents=True)
    for name, filled in columns.items():
        rows = len(next(iter(filled.values())))
        arrays = [
            pa.array(filled[field.name], field.type)
            if field.name in filled
            else pa.nulls(rows, field.type)
            for field in schemas[name]
        ]
        table = pa.table(arrays, names=schemas[name].names)
        parquet.write_table(table, folder / f"{name}.parquet")
    slouched_ms, upright_ms = (lengths_ms[drawn == which].sum() for which in (1, 0))
    return float(slouched_ms / (slouched_ms + upright_ms))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_hundred_people_and_a_year_fit_into_a_laptop(study: Path, tmp_path: Path) -> None:
    """Each of them another person; the script as a whole process, with its time and memory."""
    parquet = pytest.importorskip("pyarrow.parquet")
    schemas = {
        name: parquet.read_schema(study / "anna" / f"{name}.parquet")
        for name in ("intervals", "moves")
    }
    many = tmp_path / "study"
    shares = {
        f"p{seed:03}": write_person(many / f"p{seed:03}", schemas, seed=seed)
        for seed in range(HUNDRED)
    }
    people, hours, weeks = example().read_study(many, 0)
    assert {name: share for name, share, _ in people} == pytest.approx(shares)
    assert len({round(share, 6) for share in shares.values()}) == HUNDRED
    assert (len(hours), len(weeks)) == (8, YEAR_DAYS // 5)

    page = tmp_path / "study.html"
    # Its own most: what `wait4` says counts the process that started it, too.
    began = os.times()
    run = subprocess.run(
        [sys.executable, "-c", AND_SAY_ITS_MEMORY, SCRIPT, many, page],
        stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    ended = os.times()
    spent_s = ended.children_user + ended.children_system
    spent_s -= began.children_user + began.children_system
    memory_mb = float(run.stdout.split()[-1])
    print(f"{HUNDRED} people, a year each: {spent_s:.1f} s of CPU, {memory_mb:.0f} MB")
    assert run.returncode == 0
    assert page.stat().st_size > 0
    assert spent_s <= MOST_S
    assert memory_mb <= MOST_MB
