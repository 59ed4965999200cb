"""Too little memory is called that, whatever a library calls it."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from posturecam.memory import NEEDED_ADDRESSES_BYTES, NEEDED_BYTES, TOO_LITTLE, is_too_little
from tests.test_cli import DATA


@pytest.mark.parametrize(
    ("addresses_bytes", "free_bytes", "too_little"),
    [
        (None, NEEDED_BYTES, False),
        (None, NEEDED_BYTES - 1, True),
        (NEEDED_ADDRESSES_BYTES, NEEDED_BYTES, False),
        (NEEDED_ADDRESSES_BYTES - 1, NEEDED_BYTES, True),
    ],
)
def test_either_bound_is_enough_to_refuse(
    *, addresses_bytes: int | None, free_bytes: int, too_little: bool
) -> None:
    """A limit of this process, and what the machine has left."""
    assert is_too_little(addresses_bytes=addresses_bytes, free_bytes=free_bytes) == too_little


@pytest.mark.parametrize("limit_mb", [400, 700])
@pytest.mark.parametrize("words", [["analyze", "demo", "-b", str(DATA)], ["doctor"]])
def test_what_fails_for_want_of_memory_says_so(limit_mb: int, words: list[str]) -> None:
    """Where OpenCV cannot be loaded, and where MediaPipe would not take its model."""
    limit = limit_mb * 1_000_000
    done = subprocess.run(
        [sys.executable, "-m", "posturecam", *words],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done
    assert TOO_LITTLE in done.stdout + done.stderr
    assert "install" not in (done.stdout + done.stderr).lower()
