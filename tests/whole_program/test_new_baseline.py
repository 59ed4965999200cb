"""A new baseline in a slump, with the real program: no habit makes upright of it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from tests.desktops import needs_dunst
from tests.program import DEMO_CLIP, assert_refused, posturecam
from tests.streams import write_video
from tests.terminals import Tmux
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from tests.desktops import Dunst

pytestmark = [pytest.mark.slow, pytest.mark.model]

UPRIGHT_S, SLUMP_S = (1.0, 9.0), (20.0, 28.0)
"""Stretches of the demo clip."""
FOR_LONG = 22
"""So many times the slump is three minutes, whatever of it a busy machine misses."""


def cut(
    file: Path, from_s: float, to_s: float, height_px: int | None = None, *, times: int = 1
) -> Path:
    """A part of the demo clip as a clip of its own, of so many rows from above."""
    source = cv2.VideoCapture(str(DEMO_CLIP), cv2.CAP_FFMPEG)
    rate_hz = source.get(cv2.CAP_PROP_FPS)
    images: list[NDArray[np.uint8]] = []
    for index in range(round(to_s * rate_hz)):
        _, image = source.read()
        if index >= from_s * rate_hz:
            images.append(image[:height_px].astype(np.uint8, copy=False))
    source.release()
    return write_video(file, images * times, rate_hz=rate_hz)


@pytest.fixture(scope="module")
def upright(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A baseline that was taken upright."""
    folder = tmp_path_factory.mktemp("upright")
    clip = cut(folder / "upright.avi", *UPRIGHT_S)
    environment = os.environ | {"POSTURECAM_HOME": str(folder)}
    taken = posturecam("calibrate", "--source", clip, "--seconds", "7", env=environment)
    assert taken.returncode == 0
    return (folder / "profiles" / "default.json").read_bytes()


@pytest.mark.parametrize(("height_px", "is_said"), [(360, False), (258, True)])
def test_shoulders_close_to_the_lower_edge_are_said(
    tmp_path: Path, height_px: int, *, is_said: bool
) -> None:
    """The baseline is taken all the same."""
    clip = cut(tmp_path / "clip.avi", *UPRIGHT_S, height_px)
    taken = posturecam("calibrate", "--source", clip, "--seconds", "7")

    assert taken.returncode == 0, taken.stderr
    assert "Baseline 'default' saved" in taken.stdout
    said = " ".join(taken.stdout.split())
    assert ("close to the lower edge of the picture" in said) is is_said


@pytest.fixture
def profile(home: Path, upright: bytes) -> Path:
    """The file of that baseline."""
    file = home / "profiles" / "default.json"
    for folder in (home, file.parent):
        folder.mkdir(mode=0o700)
    file.write_bytes(upright)
    file.chmod(0o600)
    return file


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Tmux]:
    """90 columns, 24 rows."""
    with Tmux(tmp_path, 90, 24) as opened:
        yield opened


def test_calibrate_saves_no_slump_over_an_upright_baseline(
    profile: Path, upright: bytes, tmp_path: Path
) -> None:
    """Unless somebody says that they sat upright; and even then the one before comes back.

    Nor an upright one over a slump: either may be the wrong one.
    """
    slump = cut(tmp_path / "slump.avi", *SLUMP_S)
    words = ("calibrate", "--source", slump, "--seconds", "7")
    refused = posturecam(*words)
    assert_refused(refused, 2, "° forward", "--yes", "--profile NAME")
    assert profile.read_bytes() == upright
    assert posturecam(*words, "--profile", "tired").returncode == 0
    again = cut(tmp_path / "upright.avi", *UPRIGHT_S)
    unlike = posturecam("calibrate", "--source", again, "--seconds", "7", "--profile", "tired")
    assert_refused(unlike, 2, "° back", "--yes")

    saved = posturecam(*words, "--yes")
    assert "The one before is kept: posturecam profiles undo default" in saved.stdout
    assert profile.read_bytes() != upright
    assert posturecam("profiles", "undo").returncode == 0
    assert profile.read_bytes() == upright


def test_calibrate_asks_at_a_terminal(
    profile: Path, upright: bytes, tmp_path: Path, terminal: Tmux
) -> None:
    """Enter is no; what was counted down does not stand before what is said."""
    slump = cut(tmp_path / "slump.avi", *SLUMP_S)
    terminal.type(
        f"clear; {sys.executable} -m posturecam calibrate --source {slump} --seconds 7; echo = $?"
    )
    terminal.wait_for("Were you sitting upright?")
    terminal.press("Enter")
    shown = terminal.wait_for("= 4")

    assert any(row.startswith("The new baseline is unlike the one before: ") for row in shown)
    assert "posturecam: No new baseline: the one from before stays in use." in shown
    assert not any("hold" in row for row in shown)
    assert profile.read_bytes() == upright


@needs_dunst
def test_a_key_pressed_in_a_slump_ends_no_baseline(
    profile: Path, upright: bytes, tmp_path: Path, terminal: Tmux, dunst: Dunst
) -> None:
    """It is asked about, counted down, told on the desktop, and asked about again, there too."""
    desktop = f"DBUS_SESSION_BUS_ADDRESS={dunst.bus} DISPLAY={dunst.display}"
    slump = cut(tmp_path / "slump.avi", *SLUMP_S, times=FOR_LONG)
    with dunst.started():
        written = terminal.logged()
        terminal.type(
            f"clear; {desktop} {sys.executable} -m posturecam watch --source {slump} --realtime"
        )
        terminal.wait_for_headline("posturecam  slouched")
        terminal.press("c")
        terminal.wait_for("Take a new baseline?")
        terminal.press("x")
        terminal.press("c")
        terminal.press("y")
        # The headline says so again after a gap of a machine that stood still.
        asked = terminal.wait_for("Were you sitting upright?", "slouched for")
        assert "slouched for" in asked[0]
        assert asked[-1].startswith("y yes, upright  n no, keep the old one")
        wait_until(lambda: "Were you sitting upright?" in written.read_text(errors="replace"))
        shown = written.read_text(errors="replace")
        assert shown.index("posturecam  baseline in ") < shown.index("posturecam  baseline: hold")
        dunst.press("No, keep the old one")
        terminal.wait_for("The one from before stays in use.")
        terminal.press("q")
        terminal.wait_for("watched ")
        dunst.close_all()
        told = [message["summary"]["data"] for message in reversed(dunst.history())]

    assert profile.read_bytes() == upright
    assert [file.name for file in profile.parent.iterdir()] == ["default.json"]
    titles = ["Sit comfortably upright", "Were you sitting upright?", "No new baseline"]
    assert [title for title in told if title in titles] == titles
