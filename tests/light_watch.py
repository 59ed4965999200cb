"""The program with a pose model that costs nothing: `python -m tests.light_watch watch ...`.

For tests of what the machine does to a watch or a calibration, which need many of them and no
judgement.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from posturecam.__main__ import main
from posturecam.commands import calibrate as taking
from posturecam.commands import watch as program
from posturecam.posture.baseline import Demands
from tests.fakes import FakeLandmarker, sitter
from tests.started import Started

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.streams import MjpegServer


@contextmanager
def watching(
    camera: MjpegServer, *words: str, calibrate: str | None = "3s", **how: Any
) -> Iterator[subprocess.Popen[str]]:
    """A watch in a process of its own; `how` it is started goes to `Popen`.

    It takes its baseline from the beginning of the stream; with None it has one.
    """
    command = light("watch", "--source", camera.url, "--format", "jsonl")
    if calibrate is not None:
        command += ["--calibrate", calibrate]
    with Started(
        [*command, *words, *_quiet(words)],
        stderr=subprocess.PIPE,
        text=True,
        **{"stdout": subprocess.PIPE} | how,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def light(*words: str) -> list[str]:
    """The command line of the program with such a model."""
    return [sys.executable, "-m", "tests.light_watch", *words]


def _quiet(words: tuple[str, ...]) -> tuple[str, ...]:
    return () if "--notify" in words or "--on-alert" in words else ("--no-notify",)


if __name__ == "__main__":

    def opened(_model: object) -> FakeLandmarker:
        """Finds somebody who sits upright in whatever it is shown."""
        return FakeLandmarker(lambda _: (sitter(),))

    # However few pictures a machine that stood still for seconds leaves a take: they are all alike.
    (Demands.__init__.__kwdefaults__ or {})["least_samples"] = 1
    program.run_watch = partial(program.run_watch, open_landmarker=opened)
    taking.run_calibrate = partial(taking.run_calibrate, open_landmarker=opened)
    main()
