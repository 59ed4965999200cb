"""The command line as a user meets it: real processes, real exit codes, real messages."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from posturecam import __version__
from tests.test_profiles import baseline

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = ("demo", "calibrate", "watch", "review", "analyze", "doctor")


def posturecam(*words: str | Path, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
    """Runs the program to its end."""
    return subprocess.run(
        [sys.executable, "-m", "posturecam", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        env=os.environ | {"COLUMNS": "100"},
    )


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


def still_video(path: Path, *, frames: int = 20) -> Path:
    """A grey video in which nobody is."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (320, 240))
    for _ in range(frames):
        writer.write(np.full((240, 320, 3), 128, dtype=np.uint8))
    writer.release()
    return path


def test_every_command_has_help_with_an_example() -> None:
    """`--help` everywhere, and it shows how the command is used."""
    overview = posturecam("--help")
    assert overview.returncode == 0
    for command in COMMANDS:
        assert re.search(rf"^  {command}\s", overview.stdout, re.MULTILINE)
        assert f"Example: posturecam {command}" in posturecam(command, "--help").stdout


def test_help_loads_neither_camera_nor_model() -> None:
    """Words are cheap: the heavy libraries are imported when they are needed."""
    code = (
        "import sys; from posturecam.cli import run; run(['watch', '--help']);"
        "print([m for m in ('cv2', 'mediapipe', 'numpy', 'rich') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_review_loads_neither_camera_nor_model() -> None:
    """Reading the log needs no picture."""
    code = (
        "import sys; from posturecam.cli import run; run(['review']);"
        "print([m for m in ('cv2', 'mediapipe', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_told() -> None:
    """One line."""
    assert posturecam("--version").stdout == f"posturecam {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["wotch"],
        ["watch", "--nope"],
        ["watch", "--slouch-after", "soon"],
        ["watch", "--calibrate", "-5s"],
        ["watch", "--duration", "0"],
        ["watch", "--format", "xml"],
        ["watch", "--profile", "../up"],
        ["calibrate", "--takes", "0"],
        ["calibrate", "--profile", "a/b"],
        ["review", "someday"],
        ["analyze"],
        ["watch", "--model", "/nowhere.task"],
    ],
)
def test_wrong_words_exit_2(words: list[str]) -> None:
    """Two lines at most: what is wrong, and where to look."""
    assert_refused(posturecam(*words), 2)


def test_no_camera_exits_3() -> None:
    """A camera number that is not there."""
    assert_refused(posturecam("watch", "--source", "63", "--calibrate", "5s"), 3, "camera 63")


@pytest.mark.parametrize("content", [None, b"", b"not a video at all" * 99])
def test_a_file_that_is_no_video_exits_3(tmp_path: Path, content: bytes | None) -> None:
    """Absent, empty, or something else."""
    file = tmp_path / "talk.mp4"
    if content is not None:
        file.write_bytes(content)
    assert_refused(posturecam("watch", "--source", file, "--calibrate", "5s"), 3, "talk.mp4")


def test_a_folder_without_pictures_exits_3(tmp_path: Path) -> None:
    """Nothing to analyze is said, not shown as an empty table."""
    empty = tmp_path / "photos"
    empty.mkdir()
    upright = tmp_path / "upright"
    upright.mkdir()
    assert_refused(posturecam("analyze", empty, "--baseline", upright), 3, "upright")


def test_no_baseline_exits_4(tmp_path: Path) -> None:
    """The command that takes one is named."""
    video = still_video(tmp_path / "v.avi")
    assert_refused(posturecam("watch", "--source", video), 4, "posturecam calibrate")
    assert_refused(posturecam("analyze", video, "--baseline", "nobody"), 4, "nobody")


@pytest.mark.model
def test_a_baseline_of_an_empty_chair_exits_4(tmp_path: Path, home: Path) -> None:
    """Refused with the reason, and nothing is kept."""
    video = still_video(tmp_path / "v.avi", frames=40)
    assert_refused(posturecam("calibrate", "--source", video, "--seconds", "3"), 4, "nobody")
    assert_refused(
        posturecam("watch", "--source", video, "--calibrate", "2s", "--no-notify"), 4, "nobody"
    )
    assert not list(home.glob("profiles/*"))


def test_a_second_watch_on_the_same_folder_exits_5(tmp_path: Path, home: Path) -> None:
    """The lock is a real one, held by this process."""
    from posturecam.paths import make_private_folder
    from posturecam.watching import only_watch

    video = still_video(tmp_path / "v.avi")
    with only_watch(make_private_folder(home) / "watch.lock"):
        outcome = posturecam("watch", "--source", video, "--calibrate", "1s")
    assert_refused(outcome, 5, str(home))


def test_damaged_data_exits_6_and_is_left_alone(tmp_path: Path, home: Path) -> None:
    """Config, profile and log: named, not deleted."""
    video = still_video(tmp_path / "v.avi")
    home.mkdir()
    config = home / "config.toml"
    config.write_bytes(b"\xff\xfe")
    assert_refused(posturecam("watch", "--source", video), 6, "config.toml")
    config.unlink()

    (home / "profiles").mkdir()
    profile = home / "profiles" / "default.json"
    profile.write_text("{")
    assert_refused(posturecam("watch", "--source", video), 6, "default.json")
    assert profile.read_text() == "{"

    log = home / "log.db"
    log.write_bytes(b"this is not a database" * 100)
    assert_refused(posturecam("review"), 6, "log.db")
    assert log.read_bytes() == b"this is not a database" * 100


def test_a_zero_byte_model_and_an_altered_one_exit_6(tmp_path: Path) -> None:
    """A pose model is checked before it is loaded."""
    model = tmp_path / "mine.task"
    model.write_bytes(b"")
    video = still_video(tmp_path / "v.avi")
    outcome = posturecam("watch", "--source", video, "--calibrate", "1s", "--model", model)
    assert_refused(outcome, 6, "mine.task")


def test_a_profile_of_another_model_exits_4(tmp_path: Path, home: Path) -> None:
    """Landmarks of two models cannot be compared."""
    from posturecam.profiles import save_profile

    save_profile(home / "profiles", baseline())
    video = still_video(tmp_path / "v.avi")
    assert_refused(posturecam("watch", "--source", video), 4, "another pose model")


def test_a_data_folder_that_cannot_be_made_exits_6(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("POSTURECAM_HOME", str(tmp_path / "file" / "home"))
    video = still_video(tmp_path / "v.avi")
    assert_refused(posturecam("watch", "--source", video, "--calibrate", "1s"), 6, "home")


def test_reviews_of_a_log_of_a_newer_program_exit_6(home: Path) -> None:
    """The log is not touched."""
    home.mkdir()
    with sqlite3.connect(home / "log.db") as connection:
        connection.execute(
            "CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT, applied_ms INTEGER)"
        )
        connection.execute("INSERT INTO migrations VALUES (999, 'later', 0)")
    connection.close()
    assert_refused(posturecam("review"), 6, "log.db")


def test_an_empty_day_is_friendly() -> None:
    """Nothing watched yet is not an error."""
    outcome = posturecam("review", "--format", "plain")
    assert outcome.returncode == 0
    assert "posturecam watch" in outcome.stdout
    assert json.loads(posturecam("review", "--format", "json").stdout)["watched_s"] == 0


def test_the_reader_of_the_output_may_leave() -> None:
    """`posturecam review | head -1` ends without a complaint."""
    outcome = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m posturecam watch --help | head -n 1"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert outcome.stderr == ""
