"""The example that reads the exports of a study: its figures are those of the logs."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from posturecam.base.local_time import HOUR_MS, day_bounds_ms
from posturecam.base.paths import AppPaths
from posturecam.commands.export import export_log
from posturecam.log.export_tables import ExportFormat
from posturecam.log.reader import LogReader
from tests.logs import write_log

if TYPE_CHECKING:
    from posturecam.values.totals import Totals

pytest.importorskip("duckdb")

SCRIPT = Path(__file__).parents[1] / "docs" / "study.py"
FIRST, LAST = date(2026, 11, 9), date(2026, 11, 13)
PEOPLE = ("anna", "ben", "c's")


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
