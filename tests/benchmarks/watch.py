"""CPU of the whole program at the desk, beside those of two programs that do one thing each.

A real stream delivers thirty pictures a second; the real `posturecam watch` reads it. What the
process and its children use is read from the system, after the start has passed.

A watch sleeps most of the time, and what waking up costs differs more between machines than what a
model costs: some virtual ones forget the memory of who sleeps, and each page of it takes
microseconds to be found again. So a watch is judged by both: by a loop that looks at every picture,
and by a program without posturecam that wakes up as often and does the least there is to do.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import psutil

from tests.started import Started
from tests.streams import MjpegServer, as_jpegs, clip_jpegs

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE_HZ = 30.0
STARTED_S = 18.0
"""Opening, ten seconds of calibration, and the first looks."""
MEASURED_S = 60.0
PLAIN_LOOKS = 200
SETTLING_S = 3.0
BUDGET = Path(__file__).with_name("budget.toml")
PACKAGE = Path(__file__).parents[2]
LIBRARIES_ALONE = Path(__file__).with_name("libraries_alone.py")
DEMO = PACKAGE / "posturecam" / "data" / "demo.mp4"
REAL_SITTER = PACKAGE.parent / "shared" / "clips" / "clips" / "c01_clm_cap12.mp4"
LOOK_AIM_MS = 50
"""Of one picture read and looked at; the angles cost a thousandth of that."""
SLUMPED = 0.3
"""After this share of it the sitter of the demo has slumped."""
AIMS_PERCENT = {"still": 1.0, "slouched": 1.0, "working": 3.5, "moving": 4.5}
SITTERS = {
    "still": "nothing but fresh noise of the camera",
    "slouched": "the same after a slump",
    "working": "a real man who sits and talks",
    "moving": "never at rest",
}

_PLAIN_LOOP = """
import sys, time
from posturecam.capture.find import find_source
from posturecam.base.clock import SystemClock
from posturecam.pose.landmarker import PoseLandmarker
from posturecam.pose.models import find_model
with find_source(sys.argv[1], clock=SystemClock()).open() as source, \
        PoseLandmarker.open(find_model("full")) as landmarker:
    looks, most = 0, int(sys.argv[2])
    for frame in source.frames():
        began_s = began_s if looks else time.process_time()
        landmarker.detect(frame)
        looks += 1
        if looks == most:
            break
    print((time.process_time() - began_s) / looks)
"""


def main() -> bool:
    """Prints the table; false when a figure is beyond its budget."""
    budget = tomllib.loads(BUDGET.read_text(encoding="utf-8"))["watch"]
    still = as_jpegs(_with_noise(_picture(DEMO)))
    look_s = _plain_look_s(still)
    plain_percent = 100 * RATE_HZ * look_s
    print(f"one look, pose and face: {1000 * look_s:.0f} ms of CPU, aim {LOOK_AIM_MS} ms")
    print(f"the models on every picture, 30 a second   {plain_percent:6.1f} % of a core")
    with ThreadPoolExecutor(len(SITTERS) + 1) as desks:  # side by side: a watch leaves cores idle
        bare = desks.submit(_bare_percent, still)
        percents = list(desks.map(_watch_percent, SITTERS))
        bare_percent = bare.result()
    print(f"libraries alone, one thumbnail a second     {bare_percent:5.2f} % of a core")
    within = True
    for (sitter, what), percent in zip(SITTERS.items(), percents, strict=True):
        looks, turns = budget[sitter]["of_models"], budget[sitter]["of_libraries"]
        most = (looks * plain_percent + turns * bare_percent) * (1 + budget["margin"])
        within &= percent <= most
        print(
            f"watch, {sitter:<8} {what:<44} {percent:5.2f} % of a core, aim {AIMS_PERCENT[sitter]} "
            f"(refused above {most:.2f} %)"
        )
    return within


def _bare_percent(jpegs: tuple[bytes, ...]) -> float:
    """CPU of what reads a stream and keeps a row of it by the libraries alone, as a watch."""
    with MjpegServer(jpegs, rate_hz=RATE_HZ) as server:
        alone = subprocess.run(
            [sys.executable, str(LIBRARIES_ALONE), server.url, str(STARTED_S), str(MEASURED_S)],
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return float(alone.stdout)


def _plain_look_s(jpegs: tuple[bytes, ...]) -> float:
    """CPU of one picture in a loop that reads a stream and looks at all it gets."""
    with MjpegServer(jpegs, rate_hz=RATE_HZ) as server:
        loop = subprocess.run(
            [sys.executable, "-c", _PLAIN_LOOP, server.url, str(PLAIN_LOOKS)],
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # as the program sets it
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return float(loop.stdout)


def _watch_percent(sitter: str) -> float:
    """CPU of a watch of this sitter, in percent of a core, once it has settled."""
    words = [sys.executable, "-m", "posturecam", "watch", "--calibrate", "9s", "--no-notify"]
    words += ["--format", "plain", "--source"]
    at_first, then = _pictures(sitter)
    with (
        tempfile.TemporaryDirectory() as home,
        MjpegServer(at_first, rate_hz=RATE_HZ) as server,
        Started(
            [*words, server.url],
            env=os.environ | {"POSTURECAM_HOME": home},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as program,
    ):
        try:
            _wait_s(STARTED_S - SETTLING_S)
            server.jpegs = then
            _wait_s(SETTLING_S)
            process = psutil.Process(program.pid)
            before_s, began_s = _spent_s(process), time.perf_counter()
            _wait_s(MEASURED_S)
            if program.poll() is not None:
                raise RuntimeError(program.communicate()[1])
            return 100.0 * (_spent_s(process) - before_s) / (time.perf_counter() - began_s)
        finally:
            program.terminate()


def _spent_s(process: psutil.Process) -> float:
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return float(sum(spent.user + spent.system for spent in times))


def _wait_s(seconds: float) -> None:
    threading.Event().wait(seconds)


def _pictures(sitter: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """What a sitter shows while the baseline is taken, and afterwards."""
    picture = _picture(DEMO)
    still = as_jpegs(_with_noise(picture))
    if sitter == "slouched":
        return still, as_jpegs(_with_noise(_picture(DEMO, SLUMPED)))
    if sitter == "moving":
        return still, as_jpegs(_swaying(picture))
    if sitter == "working" and REAL_SITTER.exists():
        there = clip_jpegs(REAL_SITTER)
        both_ways = there + there[-2:0:-1]  # the end meets the beginning
        return both_ways, both_ways
    return still, still


def _picture(path: Path, share: float = 0.0) -> NDArray[np.uint8]:
    """The picture after that share of a clip."""
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    capture.set(cv2.CAP_PROP_POS_FRAMES, int(share * capture.get(cv2.CAP_PROP_FRAME_COUNT)))
    picture: NDArray[np.uint8] = capture.read()[1].astype(np.uint8)
    capture.release()
    return picture


def _with_noise(picture: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(1)
    return [
        np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)
        for _ in range(60)
    ]


def _swaying(picture: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """The picture goes up and down by a tenth of its width, in six seconds."""
    way_px = picture.shape[1] / 10 * np.sin(2 * np.pi * np.arange(180) / 180)
    return [np.roll(picture, round(shift_px), axis=0) for shift_px in way_px]
