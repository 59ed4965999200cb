"""Eight hours at a desk through a whole watch, in a fraction of a minute: nothing may pile up."""

from __future__ import annotations

import gc
import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil
import pytest

from posturecam.base.paths import AppPaths
from posturecam.commands.watch import Request, run_watch
from posturecam.log.reader import LogReader
from posturecam.values.events import EndedBy
from posturecam.values.settings import Settings
from posturecam.watch.client import ask
from tests.cameras import GONE, Camera, StoryClock, changing, desk
from tests.fakes import FakeLandmarker, sitter
from tests.soak import MOST_GROWTH_MB, Needs, needs_of
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from posturecam.values.observation import Landmarks

MINUTE_S = 60.0
HOUR_S = 3600.0
WORKDAY_S = 8 * HOUR_S
ROUND_S = 40 * MINUTE_S
"""Upright with a shift of position now and then, slumped, upright again, gone; then anew."""
SLUMPED_FROM_S, SLUMPED_TO_S, GONE_FROM_S = (minutes * MINUTE_S for minutes in (24, 30, 36))
SHIFTS_EVERY_S = 6 * MINUTE_S

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),  # half a minute of one core, of which others may want most
    pytest.mark.skipif(
        not hasattr(socket, "AF_UNIX"), reason="counts files, and asks through a socket"
    ),
]


def people_at(t_s: float) -> tuple[Landmarks, ...]:
    """Who is seen when."""
    in_round_s = t_s % ROUND_S
    if in_round_s >= GONE_FROM_S:
        return ()
    slumped = SLUMPED_FROM_S <= in_round_s < SLUMPED_TO_S
    aside_px = 12.0 * (in_round_s // SHIFTS_EVERY_S % 2)
    return (sitter(x_px=320.0 + aside_px, drop_px=45.0 if slumped else 0.0),)


@dataclass
class Workday:
    """A workday: what the camera shows, what happens, and what the watch needs meanwhile."""

    paths: AppPaths
    clock: StoryClock = field(default_factory=StoryClock)
    needs: dict[float, Needs] = field(default_factory=dict)
    threads: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    camera: Camera = field(init=False)

    def __post_init__(self) -> None:
        self.camera = Camera(self.clock, picture=self.picture)
        for minute in range(5, round(WORKDAY_S / MINUTE_S), 5):
            self.clock.story.append((minute * MINUTE_S, self.ask_for_status))
        for hour in range(8):
            lost_s = hour * HOUR_S + 20 * MINUTE_S
            self.clock.story += [
                (lost_s, lambda: changing(refuses=GONE)(self.camera)),
                (lost_s + 30, lambda: changing(refuses=None)(self.camera)),
            ]
        self.clock.story += [
            (HOUR_S - 1, self.measure),
            (WORKDAY_S - 1, self.measure_again),
        ]
        self.clock.story.sort(key=lambda happening: happening[0])

    def picture(self, index: int) -> NDArray[np.uint8]:
        """It looks different whenever somebody else, or somebody differently, is seen."""
        people = people_at(self.clock.now_s)
        picture = desk(index, width_px=96, height_px=72)
        if people:
            columns_px = round(float(people[0].points_px[0, 0]) / 640 * 96)
            rows_px = round(float(people[0].points_px[0, 1]) / 480 * 72)
            picture = picture.copy()
            picture[rows_px : rows_px + 30, columns_px - 12 : columns_px + 12] = 220
        return picture

    def ask_for_status(self) -> None:
        """As another terminal does; the time at the desk stands still for it."""
        status = ask(self.paths.control, {"do": "status"})["status"]
        assert isinstance(status, dict)
        self.statuses.append(str(status["camera"]))

    def measure(self) -> None:
        """What this process holds."""
        gc.collect()
        self.needs[self.clock.now_s] = needs_of(psutil.Process())
        self.threads = [thread.name for thread in threading.enumerate()]

    def measure_again(self) -> None:
        """The same, once a thread that only comes and goes had the time to go."""
        (first,) = self.needs.values()
        with suppress(AssertionError):
            wait_until(lambda: psutil.Process().num_threads() <= first.threads)
        self.measure()


def watch_a_workday(at_desk: Workday, printed: Path) -> str:
    """Watches all of it; what ended it."""
    settings = Settings(
        notify=False, release_on_lock=False, respect_do_not_disturb=False, quiet_in_calls=False
    )
    with printed.open("w", encoding="utf-8") as stream:
        return run_watch(
            Request(settings=settings, calibrate_s=10.0, duration_s=WORKDAY_S, format_name="jsonl"),
            paths=at_desk.paths,
            clock=at_desk.clock,
            stream=stream,
            find=lambda *_, **__: at_desk.camera.found(),
            open_landmarker=lambda _: FakeLandmarker(lambda _: people_at(at_desk.clock.now_s)),
        )


@pytest.mark.no_cover  # counting lines takes four times as long as running them
def test_eight_hours_leave_nothing_behind(tmp_path: Path) -> None:
    """Real loop, policy, log, records and channel: memory, files and threads stay level."""
    at_desk = Workday(AppPaths(data=tmp_path / "home", config=tmp_path / "home"))
    threads_before = threading.active_count()
    printed = tmp_path / "records"

    assert watch_a_workday(at_desk, printed) is EndedBy.TIME_IS_UP
    first, last = at_desk.needs.values()
    assert last.rss_mb - first.rss_mb < MOST_GROWTH_MB
    assert last.files <= first.files + 1
    assert last.threads <= first.threads, at_desk.threads
    assert threading.active_count() <= threads_before
    assert len(at_desk.statuses) == WORKDAY_S / MINUTE_S / 5 - 1
    assert set(at_desk.statuses) <= {"open", "lost"}

    records = [json.loads(line) for line in printed.read_text(encoding="utf-8").splitlines()]
    summary = records[-1]
    assert {r["kind"] for r in records if r["type"] == "alert"} >= {"slouch"}
    assert sum(r["type"] == "camera" and r["status"] == "back" for r in records) == 8
    rounds = WORKDAY_S / ROUND_S
    slumped_s = rounds * (SLUMPED_TO_S - SLUMPED_FROM_S)
    assert summary["slouched_s"] == pytest.approx(slumped_s, rel=0.05)
    assert summary["away_s"] == pytest.approx(rounds * (ROUND_S - GONE_FROM_S), rel=0.1)
    with LogReader.open(at_desk.paths.log) as log:
        rows = log.day(0, 2**53)
    logged_s = sum(row.end_ms - row.start_ms for row in rows.intervals) / 1000
    assert logged_s == pytest.approx(summary["watched_s"], abs=1)
    assert summary["watched_s"] == pytest.approx(WORKDAY_S - 10, abs=5)
