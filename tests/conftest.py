"""What many tests share."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import hypothesis
import pytest

# On a build machine the same examples every time: a change is judged, not a throw of the dice.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""Footage and rendered sitters that are too large, or not ours, to be in the repository."""


@pytest.fixture(autouse=True)
def signals_as_at_a_terminal() -> None:
    """A shell starts background jobs with SIGINT ignored, and the program would respect that.

    For every test anew: a watch that was interrupted ignores further signals.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own for every test; nobody's real one is touched."""
    folder = tmp_path / "home"
    monkeypatch.setenv("POSTURECAM_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"the shared footage and renders are not at {SHARED}")
    return SHARED
