"""`make soak`: a real watch of a looped clip, in real time, whose needs must not grow.

`python -m tests.soak 10` watches for ten minutes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass

import psutil

from tests.program import DEMO_CLIP
from tests.started import Started
from tests.streams import MjpegServer, clip_jpegs

RATE_HZ = 10.0
MINUTES = 10
SETTLED_AFTER_MINUTES = 2
MOST_GROWTH_MB = 5.0
MOST_GROWTH = 2
"""Files and threads that may come and go: a look at the log, a reply to another terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a process holds at one moment."""

    rss_mb: float
    files: int
    threads: int
    cpu_s: float


def needs_of(process: psutil.Process) -> Needs:
    """What `process` holds now."""
    times = process.cpu_times()
    return Needs(
        rss_mb=process.memory_info().rss / 2**20,
        files=process.num_fds(),
        threads=process.num_threads(),
        cpu_s=times.user + times.system,
    )


def growth(first: Needs, last: Needs) -> list[str]:
    """What has grown by more than it may, in words."""
    grown = []
    if last.rss_mb - first.rss_mb > MOST_GROWTH_MB:
        grown.append(f"memory by {last.rss_mb - first.rss_mb:.1f} MB")
    if last.files - first.files > MOST_GROWTH:
        grown.append(f"open files by {last.files - first.files}")
    if last.threads - first.threads > MOST_GROWTH:
        grown.append(f"threads by {last.threads - first.threads}")
    return grown


def main(minutes: int) -> int:
    """Watches for so long; 1 when something grew or the watch did not end well."""
    words = ["--calibrate", "9s", "--format", "jsonl", "--no-notify", "--source"]
    with (
        tempfile.TemporaryDirectory() as home,
        MjpegServer(clip_jpegs(DEMO_CLIP), rate_hz=RATE_HZ) as server,
        Started(
            [sys.executable, "-m", "posturecam", "watch", *words, server.url],
            env=os.environ | {"POSTURECAM_HOME": home},
            stdout=subprocess.DEVNULL,
        ) as program,
    ):
        try:
            seen = _minute_by_minute(psutil.Process(program.pid), minutes)
            program.send_signal(signal.SIGTERM)
            code = program.wait(30)
        finally:
            program.kill()
    grown = growth(seen[min(SETTLED_AFTER_MINUTES, len(seen) - 1)], seen[-1])
    print(f"ended with exit code {code}; grown: {', '.join(grown) or 'nothing'}")
    return 1 if grown or code != 130 else 0


def _minute_by_minute(process: psutil.Process, minutes: int) -> list[Needs]:
    print("minute  memory MB  files  threads  CPU % of a core")
    began_s = time.perf_counter()
    seen = [needs_of(process)]
    for minute in range(1, minutes + 1):
        threading.Event().wait(began_s + 60 * minute - time.perf_counter())
        now = needs_of(process)
        percent = 100 * (now.cpu_s - seen[-1].cpu_s) / 60
        print(
            f"{minute:6}  {now.rss_mb:9.1f}  {now.files:5}  {now.threads:7}  {percent:5.2f}",
            flush=True,
        )
        seen.append(now)
    return seen


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else MINUTES))
