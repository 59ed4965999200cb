"""What is seen stays in memory; what is written is for its owner only."""

from __future__ import annotations

import dataclasses
import importlib
import os
import pkgutil
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

import posturecam as package
from posturecam.base.errors import DataError
from posturecam.base.paths import write_atomically
from posturecam.capture.thumbnail import Pixels
from posturecam.commands.config import load_settings
from posturecam.outputs.drawing import write_picture
from posturecam.posture.profiles import delete_profile, load_profile, save_profile
from posturecam.values.observation import Frame, Landmarks
from tests.posture.test_profiles import baseline
from tests.program import DEMO_CLIP, posturecam

if TYPE_CHECKING:
    from collections.abc import Iterator

needs_modes = pytest.mark.skipif(os.name != "posix", reason="the system has no file modes")
MANY_NUMBERS = re.compile(r"(-?\d+\.?\d*e?-?\d*[,\s]+){6}")
"""Seven in a row are no sentence: landmarks or pixels."""

FILES_OF_A_LOG = {"log.db", "log.db-wal", "log.db-shm", "log.db-journal", "watch.lock"}
SMALLEST_PICTURE_BYTES = 2000
"""No picture of a person is smaller as a JPEG file, nor are the landmarks of two looks."""

_CRASH = """
import sys
from posturecam.cli.app import run
from posturecam.pose.landmarker import PoseLandmarker

looks = 0
detect = PoseLandmarker.detect

def crash(self, frame):
    global looks
    looks += 1
    found = detect(self, frame)
    if looks > 70:
        image, people = frame.image, found.people
        raise RuntimeError(f"crashed on {frame} with {found}")
    return found

PoseLandmarker.detect = crash
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def loose_mask() -> Iterator[None]:
    """A shell in which everybody may read and write what is made."""
    before = os.umask(0)
    yield
    os.umask(before)


def _too_open(folder: Path) -> dict[str, str]:
    """What under `folder`, itself included, is for more than its owner."""
    paths = [folder, *folder.rglob("*")]
    modes = {str(path.relative_to(folder)): path.lstat().st_mode for path in paths}
    return {path: stat.filemode(mode) for path, mode in modes.items() if mode & 0o077}


def _texts_in(log: Path) -> set[str]:
    """Every cell of every table that is no number; there is room for nothing but texts."""
    with closing(sqlite3.connect(log)) as connection:
        names = "SELECT name FROM sqlite_schema WHERE type = 'table'"
        rows = [
            row
            for (name,) in connection.execute(names).fetchall()
            for row in connection.execute(f"SELECT * FROM {name}")  # noqa: S608
        ]
    cells = {cell for row in rows for cell in row if not isinstance(cell, int | float | None)}
    assert all(isinstance(cell, str) for cell in cells)
    return cells


def _first_picture(path: Path) -> Path:
    capture = cv2.VideoCapture(str(DEMO_CLIP))
    cv2.imwrite(str(path), capture.read()[1])
    capture.release()
    return path


@pytest.mark.slow
@needs_modes
@pytest.mark.model
@pytest.mark.usefixtures("loose_mask")
def test_all_that_is_made_is_for_its_owner_only(tmp_path: Path) -> None:
    """Log, baseline, lock, pauses, pages, exports, damaged copies, annotated pictures.

    And nothing of what was seen is in the log but words and single numbers.
    """
    above = tmp_path / "not" / "there"
    env = {"POSTURECAM_HOME": str(above / "home")}
    photo = _first_picture(tmp_path / "photo.jpg")
    commands: tuple[tuple[str | Path, ...], ...] = (
        ("calibrate", "--source", "demo", "--seconds", "9"),
        ("watch", "--source", "demo", "--duration", "12s", "--no-notify", "--format", "plain"),
        ("snooze", "30m"),
        ("pain", "log", "3", "--where", "mid"),
        ("review", "--html"),
        ("review", "--html", above / "pages" / "day.html"),
        ("export", above / "csv"),
        ("export", above / "json", "--format", "json"),
        ("export", above / "parquet", "--format", "parquet"),
        ("analyze", photo, "--baseline", "default", "--annotate", above / "annotated"),
    )
    for words in commands:
        outcome = posturecam(*words, env=env)
        assert outcome.returncode == 0, (words, outcome.stderr)
    log = above / "home" / "log.db"
    assert "upright" in (texts := _texts_in(log))
    assert all(len(text) < 500 and not MANY_NUMBERS.search(text) for text in texts)
    log.write_bytes(log.read_bytes()[:4000])
    assert posturecam("repair", env=env).returncode == 0

    made = {path.relative_to(above).as_posix() for path in above.rglob("*")}
    assert made >= {
        *("home/log.db", "home/profiles/default.json", "home/reviews", "home/steering.json"),
        *("pages/day.html", "csv/sessions.csv", "json/sessions.jsonl", "parquet/sessions.parquet"),
        "annotated/photo.jpg",
    }
    assert any(path.startswith("home/log.db.damaged-") for path in made)
    assert _too_open(tmp_path / "not") == {}


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    "words",
    [
        ("watch", "--source", "demo", "--calibrate", "9s", "--duration", "12s", "--no-notify"),
        ("analyze", "photos", "--baseline", "photos"),
    ],
    ids=["watch", "analyze"],
)
def test_nothing_is_written_anywhere_else(
    words: tuple[str, ...], tmp_path: Path, home: Path
) -> None:
    """What the kernel is given to write outside the data folder is a line of native stderr at most.

    So no picture passes through a folder for temporary files, not even for a moment, nor through
    the data folder, where only the log is written; and none is mapped into a file.
    """
    trace, temporary = tmp_path / "trace", tmp_path / "temporary"
    temporary.mkdir()
    (tmp_path / "photos").mkdir()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        _first_picture(tmp_path / "photos" / name)
    strace = [
        "strace",
        "-f",
        "-qq",
        "-e",
        "trace=mmap,write,writev,pwrite64,pwritev,pwritev2",
        "-y",
        "-o",
    ]
    done = subprocess.run(
        [*strace, trace, sys.executable, "-m", "posturecam", *words],
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    written_bytes: Counter[str] = Counter()
    lines = trace.read_text("utf-8").splitlines()
    for line in lines:
        if call := re.search(r" p?write\w*\(\d+<(/[^>]*)>.* = (\d+)$", line):
            written_bytes[call[1]] += int(call[2])
    of_home = {path for path in written_bytes if path.startswith(f"{home}/")}
    elsewhere = {path for path in written_bytes if not path.startswith(("/dev/", f"{home}/"))}
    assert sum(written_bytes[path] for path in elsewhere) < SMALLEST_PICTURE_BYTES
    assert {path.removeprefix(f"{home}/") for path in of_home} <= FILES_OF_A_LOG
    assert bool(of_home) == ("watch" in words)

    shared = r" mmap\(.*PROT_WRITE.*MAP_SHARED.*, \d+<(.*)>, \S+\) = 0x"
    mapped = {Path(call[1]).name for line in lines if (call := re.search(shared, line))}
    assert mapped <= FILES_OF_A_LOG
    assert list(temporary.iterdir()) == []


@pytest.mark.slow
@pytest.mark.model
def test_a_crash_in_the_loop_shows_no_picture_and_no_landmark(tmp_path: Path, home: Path) -> None:
    """With `--debug`, and with all that is known of the moment in the message."""
    done = subprocess.run(
        [sys.executable, "-c", _CRASH, "--debug", "watch", "--source", "demo", "--calibrate", "9s",
         "--no-notify", "--format", "plain"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    printed = done.stdout + done.stderr
    assert "Traceback" in printed
    assert "crashed on Frame(t_s=" in printed
    assert "image_width_px=" in printed
    assert "array(" not in printed
    assert not MANY_NUMBERS.search(printed)
    assert {path.name for path in home.rglob("*") if path.is_file()} <= FILES_OF_A_LOG


def test_no_value_shows_its_array() -> None:
    """A field that holds pixels or landmarks is left out of the representation, wherever it is."""
    arrays: dict[str, bool] = {}
    for module in pkgutil.walk_packages(package.__path__, "posturecam."):
        if module.name == "posturecam.__main__":
            continue
        for kind in vars(importlib.import_module(module.name)).values():
            if dataclasses.is_dataclass(kind) and isinstance(kind, type):
                arrays |= {
                    f"{kind.__qualname__}.{field.name}": field.repr
                    for field in dataclasses.fields(kind)
                    if "NDArray" in str(field.type) and "Callable" not in str(field.type)
                }
    assert {"Landmarks.points_px", "Landmarks.visibility", "Pixels.image"} <= arrays.keys()
    shown = {name for name, is_shown in arrays.items() if is_shown}
    # What ships with the program was fitted to many people and is nobody's.
    assert {name.partition(".")[0] for name in shown} <= {"AngleModel", "_Ensemble", "_ViewModel"}

    frame = Frame(t_s=1.0, index=0, picture=Pixels(np.full((9, 9, 3), 201, np.uint8)))
    person = Landmarks(
        points_px=np.full((33, 3), 201.5),
        visibility=np.full(33, 0.201),
        image_width_px=9,
        image_height_px=9,
    )
    assert frame.image.shape == (9, 9, 3)
    assert "201" not in f"{frame!r} {person!r}"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such files by default")
def test_a_crash_leaves_no_memory_on_the_disk(tmp_path: Path) -> None:
    """A core file would hold the picture, and so would what a crash reporter is given.

    Linux feeds a reporter whatever the limit is, unless it is 1.
    """
    code = (
        "import os, resource, sys; from posturecam.__main__ import main\n"
        "most = resource.getrlimit(resource.RLIMIT_CORE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (most, most))\n"
        "sys.argv = ['posturecam', '--version']\n"
        "try: main()\n"
        "except SystemExit: print(*resource.getrlimit(resource.RLIMIT_CORE), flush=True)\n"
        "os.abort()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    limit, most = done.stdout.splitlines()[-1].split()
    assert limit == ("0" if most == "0" else "1")
    assert done.returncode == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []


# Links and other tricks in the place of a file


@needs_modes
def test_a_link_in_place_of_a_profile_is_read_but_never_written_through(tmp_path: Path) -> None:
    """A folder that another program keeps in step has links; their targets are not ours."""
    elsewhere = tmp_path / "elsewhere.json"
    folder = tmp_path / "profiles"
    save_profile(folder, baseline("default")).rename(elsewhere)
    content = elsewhere.read_bytes()
    link = folder / "default.json"
    link.symlink_to(elsewhere)

    kept = load_profile(folder, "default")
    save_profile(folder, kept)
    assert not link.is_symlink()
    assert elsewhere.read_bytes() == content

    link.unlink()
    link.symlink_to(elsewhere)
    delete_profile(folder, "default")
    assert not link.is_symlink()
    assert elsewhere.read_bytes() == content


@needs_modes
def test_a_page_replaces_a_link_and_nothing_but_a_file(tmp_path: Path) -> None:
    """As root, `--html /dev/null` would put a page in the place of the device."""
    target = tmp_path / "target"
    target.write_text("mine", encoding="utf-8")
    (tmp_path / "link.html").symlink_to(target)
    write_atomically(tmp_path / "link.html", "a page")
    assert (tmp_path / "link.html").read_text(encoding="utf-8") == "a page"
    assert target.read_text(encoding="utf-8") == "mine"

    os.mkfifo(tmp_path / "device")
    for strange in (tmp_path / "device", tmp_path, tmp_path / "device" / "day.html"):
        with pytest.raises(DataError):
            write_atomically(strange, "a page")
    assert stat.S_ISFIFO((tmp_path / "device").stat().st_mode)
    assert {path.name for path in tmp_path.iterdir()} == {"target", "link.html", "device"}


@needs_modes
@pytest.mark.usefixtures("loose_mask")
def test_a_folder_of_reviews_that_is_a_link_is_followed(tmp_path: Path, home: Path) -> None:
    """Only its owner can have put it into their data folder; the page is as private there."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    home.mkdir(mode=0o700)
    (home / "reviews").symlink_to(elsewhere, target_is_directory=True)
    write_atomically(home / "reviews" / "day.html", "a page")
    assert (elsewhere / "day.html").stat().st_mode & 0o777 == 0o600
    assert elsewhere.stat().st_mode & 0o777 == 0o755


@needs_modes
def test_an_annotated_picture_is_not_written_through_a_link(tmp_path: Path) -> None:
    """The folder may be one that others write to."""
    target = tmp_path / "target.jpg"
    target.write_bytes(b"mine")
    (tmp_path / "a.jpg").symlink_to(target)
    with pytest.raises(DataError):
        write_picture(tmp_path / "a.jpg", np.zeros((8, 8, 3), np.uint8))
    assert target.read_bytes() == b"mine"


@needs_modes
@pytest.mark.parametrize(
    ("folder_mode", "file_mode", "refused"),
    [
        (0o700, 0o600, False),
        (0o775, 0o664, False),  # where each user has a group of their own
        (0o1777, 0o600, False),  # such as /tmp: others can add files, not replace this one
        (0o777, 0o600, True),
        (0o700, 0o666, True),
    ],
)
def test_a_command_that_somebody_else_could_have_written_is_not_run(
    tmp_path: Path, folder_mode: int, file_mode: int, *, refused: bool
) -> None:
    """`on_alert` is the one setting that starts something."""
    config = tmp_path / "config" / "config.toml"
    config.parent.mkdir()
    config.write_text('on_alert = ["lamp"]', encoding="utf-8")
    config.chmod(file_mode)
    config.parent.chmod(folder_mode)
    if refused:
        with pytest.raises(DataError, match="somebody else"):
            load_settings(config)
        config.write_text("bell = true", encoding="utf-8")
        assert load_settings(config).bell
    else:
        assert load_settings(config).on_alert == ("lamp",)


@pytest.mark.skipif(
    os.name != "posix" or os.getuid() != 0, reason="only root can give a file to somebody"
)
def test_a_command_from_the_file_of_another_user_is_not_run(tmp_path: Path) -> None:
    """Whatever its mode."""
    config = tmp_path / "config.toml"
    config.write_text('on_alert = ["lamp"]', encoding="utf-8")
    config.chmod(0o600)
    os.chown(config, 65534, -1)
    with pytest.raises(DataError, match="somebody else"):
        load_settings(config)
