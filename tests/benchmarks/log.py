"""Cost of the log: writing it all day, and reading a day of five years."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from posturecam.log.writer import LogWriter
from posturecam.values.events import Moved, Tick
from posturecam.values.observation import Deviations, PostureState, Reading, View
from tests.benchmarks.startup import slowness
from tests.log.test_store import BEGAN_AT, SESSION
from tests.logs import FIRST_DAY, LAST_DAY, write_log

HZ = 5.0
HOURS = 2
RUNS = 5
WRITING_PERCENT = 0.1
SHARED_MACHINE = 2.0
"""How many times slower a machine may be that others use meanwhile, before it is refused."""
REVIEWS = (
    ("review of the first day", 0.35, [FIRST_DAY.isoformat()]),
    ("review of the last day", 0.35, [LAST_DAY.isoformat()]),
    ("review of the last month", 0.5, [LAST_DAY.isoformat(), "--month"]),
    (
        "first page of the last day, with all that it leads to",
        1.0,
        [LAST_DAY.isoformat(), "--html"],
    ),
    ("first page of the last month", 1.0, [LAST_DAY.isoformat(), "--month", "--html"]),
    ("calendar of all days", 1.5, ["--index"]),
)
"""What, its limit in seconds, and the words after `posturecam review`."""
HEAVIEST_PAGE_BYTES = 200_000
"""Without the plot library, which pages share."""


def hour_of_ticks(hour: int) -> list[Tick]:
    """A state changes every two minutes and a position every ten."""
    ticks = []
    states = (PostureState.UPRIGHT, PostureState.SLOUCHED)
    for index in range(round(3600 * HZ)):
        t_s = hour * 3600 + (index + 1) / HZ
        reading = Reading(
            start_s=t_s - 1 / HZ,
            t_s=t_s,
            state=states[int(t_s / 120) % 2],
            view=View.FRONT,
            deviations=Deviations(neck_deg=float(index % 13)),
        )
        events = (Moved(unchanged_s=600.0),) if index % round(600 * HZ) == 0 else ()
        at = BEGAN_AT + timedelta(seconds=t_s)
        ticks.append(Tick(t_s=t_s, at=at, reading=reading, events=events))
    return ticks


def writing() -> bool:
    """Prints the share of a core that writing takes, the disk's part included."""
    with tempfile.TemporaryDirectory() as folder:
        hours = [hour_of_ticks(hour) for hour in range(HOURS)]
        began_s = time.process_time()
        with LogWriter.open(Path(folder) / "log.db", SESSION) as writer:
            for ticks in hours:
                for tick in ticks:
                    writer.handle(tick)
        spent_s = time.process_time() - began_s
    print(f"writing the log: {spent_s / HOURS:.2f} s of CPU an hour of watching,", end=" ")
    percent = 100 * spent_s / HOURS / 3600
    print(f"{percent:.4f} % of a core, limit {WRITING_PERCENT} %")
    return percent <= WRITING_PERCENT


def reading() -> bool:
    """Prints how long `review` takes as a whole process, on five years of log."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.db"
        began_s = time.perf_counter()
        write_log(log)
        made_s = time.perf_counter() - began_s
        print(f"five years of log: {log.stat().st_size / 1e6:.0f} MB, made in {made_s:.0f} s")
        within = True
        most_times = SHARED_MACHINE * slowness()
        for what, limit_s, options in REVIEWS:
            words = [sys.executable, "-m", "posturecam", "review", *options]
            taken_s = []
            for _ in range(RUNS):
                shutil.rmtree(Path(folder) / "reviews", ignore_errors=True)
                began_s = time.perf_counter()
                subprocess.run(
                    words,
                    env=os.environ | {"POSTURECAM_HOME": folder},
                    stdout=subprocess.DEVNULL,
                    check=True,
                )
                taken_s.append(time.perf_counter() - began_s)
            median_s = statistics.median(taken_s)
            most_s = most_times * limit_s
            print(f"{what}, whole process: {median_s:.2f} s, limit {limit_s} s,", end=" ")
            print(f"refused above {most_s:.2f} s")
            within &= median_s <= most_s
            pages = [page.stat().st_size for page in Path(folder).glob("reviews/*.html")]
            if pages:
                print(f"  {len(pages)} pages, the heaviest {max(pages) / 1000:.0f} kB")
                within &= max(pages) <= HEAVIEST_PAGE_BYTES
    return within


def main() -> bool:
    """Prints both; false when one is far beyond its limit."""
    return writing() & reading()
