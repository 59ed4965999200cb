"""What is read out of the log and put into it, at the edges of stretches and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.log.reader import LogReader
from tests.rows import MINUTE, NINE_MS, ROWS, log_with

if TYPE_CHECKING:
    from pathlib import Path


def test_the_judged_time_is_that_of_all_sums(tmp_path: Path) -> None:
    """Stretch by stretch: some with both, some with one and some with none of it."""
    edges_ms = [NINE_MS + at * MINUTE for at in (-60, -30, 0, 10, 43, 52, 100, 165, 400, 500)]
    with LogReader.open(log_with(tmp_path / "log.db", ROWS)) as reader:
        judged = [(one.upright_ms, one.slouched_ms) for one in reader.judged(edges_ms)]
        summed = [(one.upright_ms, one.slouched_ms) for one in reader.totals(edges_ms)]
    assert judged == summed
    assert {(upright > 0, slouched > 0) for upright, slouched in judged} >= {
        (True, True),
        (True, False),
        (False, False),
    }
