"""The program with a pose model that costs nothing: `python -m tests.light_watch watch ...`.

For tests of what the machine does to a watch, which need many of them and no judgement.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from posturecam.__main__ import main
from posturecam.commands import watch as program
from tests.fakes import FakeLandmarker, sitter
from tests.started import Started

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.streams import MjpegServer


@contextmanager
def watching(
    camera: MjpegServer, *words: str, calibrate: str = "3s", **how: Any
) -> Iterator[subprocess.Popen[str]]:
    """A watch in a process of its own; `how` it is started goes to `Popen`."""
    command = [sys.executable, "-m", "tests.light_watch", "watch", "--source", camera.url]
    with Started(
        [*command, "--calibrate", calibrate, "--format", "jsonl", *words, *_quiet(words)],
        stderr=subprocess.PIPE,
        text=True,
        **{"stdout": subprocess.PIPE} | how,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _quiet(words: tuple[str, ...]) -> tuple[str, ...]:
    return () if "--notify" in words or "--on-alert" in words else ("--no-notify",)


if __name__ == "__main__":
    program.run_watch = partial(
        program.run_watch, open_landmarker=lambda _: FakeLandmarker(lambda _: (sitter(),))
    )
    main()
