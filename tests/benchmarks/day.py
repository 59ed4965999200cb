"""What a watch needs over a workday: the real loop, log and channel, the day played fast."""

from __future__ import annotations

import tempfile
from pathlib import Path

from posturecam.base.paths import AppPaths
from tests.soak import growth
from tests.whole_program.test_soak import WORKDAY_S, Workday, watch_a_workday


def main() -> bool:
    """Prints what memory, files and threads grew by from the first hour to the last."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        at_desk = Workday(AppPaths(data=home, config=home))
        watch_a_workday(at_desk, home / "records")
    first, last = at_desk.needs.values()
    hours = WORKDAY_S / 3600 - 1
    print(
        f"a simulated workday, from its first hour to its last: "
        f"memory {last.rss_mb - first.rss_mb:+.1f} MB, files {last.files - first.files:+d}, "
        f"threads {last.threads - first.threads:+d}; "
        f"{(last.cpu_s - first.cpu_s) / hours:.1f} s of CPU an hour without the model"
    )
    return not growth(first, last)
