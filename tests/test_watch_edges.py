"""What a watch counts, says and remembers, at the edges of days and of what it has room for."""

from __future__ import annotations

from datetime import timedelta

from posturecam.values.events import Tick
from posturecam.values.totals import Totals
from posturecam.watch.totals import Today
from tests.fakes import NINE


def test_today_begins_anew_on_the_next_day_and_not_before() -> None:
    """With what the watch has added since: nothing of before it, nothing of the days before."""

    def totals_after(hours: int, upright_ms: int) -> int:
        totals = Totals(upright_ms=upright_ms)
        at = NINE + timedelta(hours=hours)
        today.handle(Tick(t_s=3600.0 * hours, at=at, reading=None, totals=totals))
        return today.totals(Totals(upright_ms=upright_ms + 1)).upright_ms

    today = Today(earlier=Totals(upright_ms=100))
    assert [totals_after(0, 10), totals_after(1, 20)] == [111, 121]
    assert [totals_after(25, 30), totals_after(26, 40)] == [1, 11]
    assert totals_after(50, 60) == 1
