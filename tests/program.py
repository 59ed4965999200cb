"""The program as a user meets it: its words in, its exit code and what it says out."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from posturecam.cli.app import run
from tests.streams import write_video

DATA = Path(__file__).parent / "data"
DEMO_CLIP = Path(__file__).parents[1] / "posturecam" / "data" / "demo.mp4"


def posturecam(
    *words: str | Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs the program to its end; a machine that is busy with other things takes its time."""
    return subprocess.run(
        [sys.executable, "-m", "posturecam", *map(str, words)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=240,
        check=False,
        env=os.environ | {"COLUMNS": "100"} | (env or {}),
    )


def run_python(code: str, *words: str) -> str:
    """What the code prints, in an interpreter of its own; it must end well."""
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def here(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs its command line in this process: in a hundredth of the time, where no process counts.

    What the process itself does is left out: signals, limits, the pose model's network guard.
    """
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        code = run([str(word) for word in words])
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def assert_refused(
    outcome: subprocess.CompletedProcess[str], exit_code: int, *fragments: str
) -> None:
    """The documented code, one or two lines on stderr, no traceback."""
    lines = outcome.stderr.strip().splitlines()
    assert outcome.returncode == exit_code, outcome.stderr
    assert 1 <= len(lines) <= 2, outcome.stderr
    assert lines[0].startswith("posturecam: ")
    assert "Traceback" not in outcome.stderr
    for fragment in fragments:
        assert fragment in outcome.stderr


def still_video(path: Path, *, frames: int = 20, covered: bool = False) -> Path:
    """A video of a wall with tiles in which nobody is, or of a covered camera."""
    tiles = np.indices((240, 320)).sum(axis=0) // 40 % 2 * (0 if covered else 60)
    picture = np.repeat((100 + tiles)[..., None], 3, axis=2).astype(np.uint8)
    return write_video(path, [picture] * frames)
