"""What many tests share."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from posturecam.base.paths import AppPaths
from posturecam.system.x_windows import SOCKETS
from tests.desktops import SOURCES, Dunst, install_program, private_bus, x_server
from tests.purity import counted_tests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posturecam.pose.landmarker import PoseLandmarker

# On a build machine the same examples every time: a change is judged, not a throw of the dice.
# An example may take as long as the machine lets it; pytest-timeout ends what hangs.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")

# A program that holds back what it prints until it ends is what people run.
os.environ.pop("PYTHONUNBUFFERED", None)

# Else each worker compiles all tests for itself, and each of hundreds of starts the program.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""Footage and rendered sitters that are too large, or not ours, to be in the repository."""


@pytest.hookimpl(optionalhook=True)  # there is none without xdist
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: for two fifths of their time tests wait for programs."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`--cov` counts what the pure modules' own tests reach without camera, model or patience.

    They come first in what each worker is given: what another test makes a module remember would
    hide the way there.
    """
    if not config.pluginmanager.hasplugin("_cov"):
        return
    counted = counted_tests()
    for item in items:
        needs_more = any(map(item.get_closest_marker, ("model", "slow")))
        if needs_more or item.path not in counted:
            item.add_marker(pytest.mark.no_cover)
    first = 0
    for workers in range(getattr(config, "workerinput", {}).get("workercount", 1), 0, -1):
        last = first + (len(items) - first) // workers
        items[first:last] = sorted(
            items[first:last], key=lambda item: item.get_closest_marker("no_cover") is not None
        )
        first = last


@pytest.fixture(autouse=True)
def signals_as_at_a_terminal() -> None:
    """A shell starts background jobs with SIGINT ignored, and the program would respect that.

    For every test anew: a watch that was interrupted ignores further signals.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


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


@pytest.fixture(scope="module")
def landmarker() -> Iterator[PoseLandmarker]:
    """All models as the program has them, with the pose model that people use."""
    from posturecam.pose.landmarker import PoseLandmarker
    from posturecam.pose.models import find_model

    with PoseLandmarker.open(find_model("full")) as opened:
        yield opened


@pytest.fixture
def address(tmp_path: Path) -> Path:
    """Where a watch on a folder of its own listens, or tells of its pipe."""
    return AppPaths(data=tmp_path, config=tmp_path).control


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[str]:
    """Address of a desktop bus with nobody on it."""
    with private_bus(tmp_path) as address:
        yield address


@pytest.fixture
def buses(tmp_path: Path, bus: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session bus and a system bus of this test's own."""
    with private_bus(tmp_path, "system") as system:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", system)
        monkeypatch.setenv("XDG_CURRENT_DESKTOP", "")
        yield


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A display that nobody sees."""
    with x_server() as name:
        yield name


@pytest.fixture
def own_display() -> Iterator[int]:
    """Number of a display that a test plays itself."""
    number = 10_000 + os.getpid() % 50_000
    SOCKETS.mkdir(exist_ok=True)
    yield number
    (SOCKETS / f"X{number}").unlink()


@pytest.fixture
def dunst(tmp_path: Path, bus: str, display: str) -> Dunst:
    """A notification service to be started, on a bus and a display of its own."""
    return Dunst(folder=tmp_path, bus=bus, display=display)


@pytest.fixture
def sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Stands in for `pactl`: prints what the test says, and fails where it is asked otherwise."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sources").write_text(json.dumps(SOURCES), encoding="utf-8")
    script = (
        f'#!/bin/sh\n[ "$1 $2 $3" = "-f json list" ] && [ "$LC_ALL" = C ] && cat "{folder}/$4"\n'
    )
    install_program(folder / "pactl", script, monkeypatch)

    def record(printed: str) -> None:
        (folder / "new").write_text(printed, encoding="utf-8")
        (folder / "new").replace(folder / "source-outputs")

    return record


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line for each reason why tests were skipped."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.getreports("skipped"))
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count} skipped: {reason.removeprefix('Skipped: ')}")


@pytest.fixture(scope="session")
def qt_app() -> object:
    """What Qt wants one of to be there."""
    from PySide6.QtCore import QCoreApplication

    return QCoreApplication.instance() or QCoreApplication([])
