"""What a start costs: the quick commands, and a watch until its first verdict."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.started import Started
from tests.streams import MjpegServer, clip_jpegs

if TYPE_CHECKING:
    from collections.abc import Callable

QUIET_BARE_START_S = 0.14
"""What it takes where the limits in seconds were set."""
RUNS = 5
RATE_HZ = 30.0
SETTLED_S = 5.0
BUDGET = Path(__file__).with_name("budget.toml")
DEMO = Path(__file__).parents[2] / "posturecam" / "data" / "demo.mp4"
PROGRAM = [sys.executable, "-m", "posturecam"]
BARE_START = [
    sys.executable,
    "-c",
    "import asyncio, http.client, rich.console, sqlite3, typer.main",
]
"""A program that only starts: the yardstick, since how fast modules load differs threefold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One start: time on the clock, and of the processor, until there was something to see."""

    wall_s: float
    cpu_s: float
    memory_mb: float = 0.0


def main() -> bool:
    """Prints medians of several starts; false when one is beyond its budget.

    The budget is a ratio of the processor's time to that of a bare start, taken in turn.
    """
    budget = tomllib.loads(BUDGET.read_text(encoding="utf-8"))["startup"]
    within = True
    with tempfile.TemporaryDirectory() as home:
        env = os.environ | {"POSTURECAM_HOME": home}
        take_baseline = [*PROGRAM, "calibrate", "--source", "demo", "--seconds", "9"]
        subprocess.run(take_baseline, env=env, stdout=subprocess.DEVNULL, check=True)
        for name, words in (("help", ["--help"]), ("status", ["status"]), ("review", ["review"])):
            within &= _within_budget(
                name, partial(_whole_process, [*PROGRAM, *words], env), budget, env
            )
        within &= _within_budget("alone", partial(_on_terminal, PROGRAM, env), budget, env)
        with MjpegServer(clip_jpegs(DEMO, limit=90), rate_hz=RATE_HZ) as server:
            starts: list[Start] = []

            def first_verdict() -> Start:
                starts.append(_first_verdict(server.url, env))
                return starts[-1]

            within &= _within_budget("first_verdict", first_verdict, budget, env)
    memory_mb = max(start.memory_mb for start in starts)
    print(f"watch, memory: {memory_mb:.0f} MB, budget {budget['memory_mb']} MB")
    return within and memory_mb <= budget["memory_mb"]


def slowness() -> float:
    """How many times slower programs start here than where limits were set; 1 at the least."""
    taken_s = [_whole_process(BARE_START, dict(os.environ)).wall_s for _ in range(RUNS)]
    return max(1.0, statistics.median(taken_s) / QUIET_BARE_START_S)


def _within_budget(
    name: str, start: Callable[[], Start], budget: dict[str, float], env: dict[str, str]
) -> bool:
    pairs = [(_whole_process(BARE_START, env), start()) for _ in range(RUNS)]
    wall_s = statistics.median(taken.wall_s for _, taken in pairs)
    cpu_s = statistics.median(taken.cpu_s for _, taken in pairs)
    ratio = statistics.median(taken.cpu_s / bare.cpu_s for bare, taken in pairs)
    most = budget[name] * (1 + budget["margin"])
    print(
        f"start, {name.replace('_', ' '):<13} {wall_s:.2f} s on the clock, {cpu_s:.2f} s of CPU, "
        f"{ratio:.2f} of a bare start (budget {budget[name]}, refused above {most:.2f})"
    )
    return ratio <= most


def _whole_process(
    words: list[str], env: dict[str, str], *, terminal: int = subprocess.DEVNULL
) -> Start:
    """A command from its start to its end."""
    began_s, before = time.perf_counter(), os.times()
    subprocess.run(
        words,
        env=env,
        stdin=terminal,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
        check=False,  # `status` says by its code that nobody watches
    )
    after = os.times()
    cpu_s = after.children_user + after.children_system
    cpu_s -= before.children_user + before.children_system
    return Start(wall_s=time.perf_counter() - began_s, cpu_s=cpu_s)


def _on_terminal(words: list[str], env: dict[str, str]) -> Start:
    """A command that a person starts who says no to what it asks, from its start to its end."""
    ours, theirs = os.openpty()
    try:
        os.write(ours, b"n\n")
        return _whole_process(words, env, terminal=theirs)
    finally:
        os.close(ours)
        os.close(theirs)


def _first_verdict(url: str, env: dict[str, str]) -> Start:
    """A watch with a baseline, until it has judged the first picture."""
    began_s = time.perf_counter()
    words = [*PROGRAM, "watch", "--format", "jsonl", "--no-notify", "--source", url]
    with Started(words, env=env, stdout=subprocess.PIPE, text=True) as program:
        try:
            process = psutil.Process(program.pid)
            for line in program.stdout or ():
                if json.loads(line)["type"] in ("state", "sample"):
                    break
            else:
                raise RuntimeError("the watch ended without a verdict")
            wall_s = time.perf_counter() - began_s
            spent = process.cpu_times()
            threading.Event().wait(SETTLED_S)
            memory_mb = process.memory_info().rss / 1e6
        finally:
            program.terminate()
    return Start(wall_s=wall_s, cpu_s=spent.user + spent.system, memory_mb=memory_mb)
