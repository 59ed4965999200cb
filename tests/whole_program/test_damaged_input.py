"""Whatever lies where a file is read: a result or a clear error, at once, in little memory."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
import tracemalloc
import zlib
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.base.clock import SystemClock
from posturecam.base.errors import BaselineError, PosturecamError, SourceError
from posturecam.base.files import is_utf8
from posturecam.capture.find import find_source
from posturecam.capture.opencv import open_camera
from posturecam.capture.recorded import read_picture
from posturecam.commands.config import load_settings
from posturecam.commands.review import load_day
from posturecam.log.connection import open_log, to_ms
from posturecam.log.importing import read_export
from posturecam.log.recovery import repair
from posturecam.pose.models import find_model
from posturecam.posture.profiles import load_profile, save_profile
from posturecam.watch.request_file import load_in_force
from tests.fakes import NINE
from tests.posture.test_profiles import baseline
from tests.program import DEMO_CLIP, assert_refused, posturecam

if TYPE_CHECKING:
    from collections.abc import Callable

ENDLESS_BYTES = 2_000_000_000
MOST_BYTES = 20_000_000
"""A reader may take so much memory before it refuses."""

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
pytestmark = pytest.mark.timeout(60)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _circle(path: Path) -> None:
    path.symlink_to(path.name)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(ENDLESS_BYTES)


def _folder(path: Path) -> None:
    path.mkdir()


STRANGE = (_pipe, _endless, _circle, _sparse, _folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Something that reads a file named `name` in a folder."""

    name: str
    read: Callable[[Path], object]


def _import(folder: Path) -> object:
    with tempfile.TemporaryDirectory() as home:
        log = Path(home) / "log.db"
        with open_log(log, at=NINE) as connection:
            return read_export(connection, folder, at=NINE)


def _import_rows(folder: Path, suffix: str, written_as: str) -> object:
    manifest = {"format": 1, "written_as": written_as, "rows": {"sessions": 1}}
    (folder / "export.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert (folder / f"sessions.{suffix}").is_symlink() or (folder / f"sessions.{suffix}").exists()
    return _import(folder)


def _steering(folder: Path) -> None:
    """Never refuses; a file that cannot be read is warned about."""
    in_force, warning = load_in_force(folder / "file")
    assert not in_force.paused
    if warning:
        raise SourceError(warning)


def _first_frame(path: Path) -> object:
    with find_source(str(path), clock=SystemClock()).open() as source:
        return next(iter(source.frames()))


def _write_log(path: Path) -> None:
    with open_log(path, at=NINE):
        pass


READERS = {
    "config": Reader(name="config.toml", read=lambda folder: load_settings(folder / "config.toml")),
    "profile": Reader(name="default.json", read=lambda folder: load_profile(folder, "default")),
    "steering": Reader(name="file", read=_steering),
    "review": Reader(
        name="log.db", read=lambda folder: load_day(folder / "log.db", NINE.date(), UTC)
    ),
    "log": Reader(name="log.db", read=lambda folder: _write_log(folder / "log.db")),
    "repair": Reader(name="log.db", read=lambda folder: repair(folder / "log.db", at=NINE)),
    "model": Reader(name="my.task", read=lambda folder: find_model(str(folder / "my.task"))),
    "picture": Reader(name="a.jpg", read=lambda folder: read_picture(folder / "a.jpg")),
    "source": Reader(name="a.jpg", read=lambda folder: _first_frame(folder / "a.jpg")),
    "video": Reader(name="a.mp4", read=lambda folder: _first_frame(folder / "a.mp4")),
    "manifest": Reader(name="export.json", read=_import),
    "csv": Reader(name="sessions.csv", read=lambda folder: _import_rows(folder, "csv", "csv")),
    "json": Reader(
        name="sessions.jsonl", read=lambda folder: _import_rows(folder, "jsonl", "json")
    ),
    "parquet": Reader(
        name="sessions.parquet", read=lambda folder: _import_rows(folder, "parquet", "parquet")
    ),
}


@needs_pipes
@pytest.mark.timeout(20)
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("strange", STRANGE, ids=lambda strange: strange.__name__[1:])
def test_what_is_no_file_is_refused_at_once_and_unread(
    tmp_path: Path, strange: Callable[[Path], None], reader: Reader
) -> None:
    """A pipe does not hold the reader up, and what never ends does not fill the memory."""
    strange(tmp_path / reader.name)
    tracemalloc.start()
    try:
        with pytest.raises(PosturecamError) as refusal:
            reader.read(tmp_path)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert refusal.value.exit_code in (2, 3, 4, 6)
    assert most_bytes < MOST_BYTES


@needs_pipes
def test_the_whole_program_refuses_a_pipe_for_every_file(tmp_path: Path, home: Path) -> None:
    """The documented code in two lines, from real processes."""
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    home.mkdir()
    assert_refused(posturecam("watch", "--source", pipe, "--calibrate", "9s"), 3, "pipe.mp4")
    assert_refused(posturecam("watch", "--model", pipe, "--source", "demo"), 2)
    os.mkfifo(home / "log.db")
    assert_refused(posturecam("review"), 6, "log.db")
    os.mkfifo(home / "config.toml")
    assert_refused(posturecam("watch", "--source", "demo"), 6, "config.toml")


# Damage to what was right


def damaged(content: bytes) -> st.SearchStrategy[bytes]:
    """`content` cut short, with bits turned over, or with something foreign put in."""
    place = st.integers(0, len(content))
    foreign = st.sampled_from(
        (b"\x00", b"\xff\xfe", b"[" * 3000, b"9" * 5000, b"-1e999", b'"\\ud800"', b"x" * 70_000)
    )

    def flipped(paths: list[int]) -> bytes:
        copy = bytearray(content)
        for bit in paths:
            copy[bit // 8] ^= 1 << bit % 8
        return bytes(copy)

    return st.one_of(
        place.map(lambda end: content[:end]),
        st.lists(st.integers(0, len(content) * 8 - 1), min_size=1, max_size=20).map(flipped),
        st.builds(lambda at, new: content[:at] + new + content[at:], place, foreign),
        st.builds(lambda at, end, new: content[:at] + new + content[end:], place, place, foreign),
    )


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**30), 1e308, -0.0])
    | st.floats()
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
"""Whatever JSON can say, and NaN and infinity beside it."""


def _kept_profile() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        content: dict[str, Any] = json.loads(
            save_profile(Path(folder), baseline("default")).read_bytes()
        )
    return content


PROFILE = _kept_profile()
STEERING = {"format": 1, "paused_until": "2026-11-22T12:00:00+00:00", "snoozed_until": None}
CONFIG = b"""source = "0"
slouch_after = "3m"
quiet_hours = ["12:00-13:00"]
keep_days = 90
[thresholds]
neck_deg = 12.5
"""


@given(damaged(CONFIG))
def test_a_damaged_config_is_read_or_refused(content: bytes) -> None:
    """With its name in the refusal."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_bytes(content)
        try:
            load_settings(path)
        except PosturecamError as refusal:
            assert str(path) in str(refusal)  # noqa: PT017 - a result is as good
            assert refusal.exit_code in (2, 6)  # noqa: PT017


@given(damaged(json.dumps(PROFILE).encode()))
def test_a_damaged_profile_is_read_or_refused(content: bytes) -> None:
    """What is read is what somebody could look like."""
    _read_profile(content)


@given(st.sampled_from(sorted(PROFILE)), anything)
def test_a_profile_with_any_value_for_any_key_is_read_or_refused(key: str, value: object) -> None:
    """Wrong types, huge numbers, deep nesting."""
    _read_profile(json.dumps(PROFILE | {key: value}).encode())


def _read_profile(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "default.json"
        path.write_bytes(content)
        try:
            read = load_profile(Path(folder), "default")
        except PosturecamError as refusal:
            assert refusal.exit_code == 6  # noqa: PT017
            assert path.read_bytes() == content
        else:
            save_profile(Path(folder), read)


@given(
    damaged(json.dumps(STEERING).encode())
    | st.builds(
        lambda key, value: json.dumps(STEERING | {key: value}).encode(),
        st.sampled_from(sorted(STEERING)),
        anything,
    )
)
def test_a_damaged_steering_file_is_read_or_warned_about(content: bytes) -> None:
    """It never keeps a watch from starting."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "steering.json"
        path.write_bytes(content)
        in_force, warning = load_in_force(path)
        if warning is not None:
            assert str(path) in warning
            assert not in_force.paused


@given(st.sampled_from(("format", "written_as", "rows")), anything)
@settings(deadline=None)
def test_a_manifest_with_any_value_is_read_or_refused(key: str, value: object) -> None:
    """Counts that are infinite, tables that there are not, another shape."""
    manifest = {"format": 1, "written_as": "csv", "rows": {}} | {key: value}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "export.json").write_text(json.dumps(manifest), encoding="utf-8")
        try:
            _import(Path(folder))
        except PosturecamError as refusal:
            assert refusal.exit_code == 6  # noqa: PT017


@pytest.mark.parametrize("count", ["1e999", "NaN", "[]", "9" * 400])
def test_a_number_of_rows_that_is_none_is_damage(tmp_path: Path, count: str) -> None:
    """Infinity has no whole number, which is no reason for a traceback."""
    text = f'{{"format": 1, "written_as": "csv", "rows": {{"sessions": {count}}}}}'
    (tmp_path / "export.json").write_text(text, encoding="utf-8")
    (tmp_path / "sessions.csv").touch()
    with pytest.raises(PosturecamError, match="damaged"):
        _import(tmp_path)


def _encoded(suffix: str) -> bytes:
    picture = np.random.default_rng(3).integers(0, 255, (48, 64, 3)).astype(np.uint8)
    return cv2.imencode(suffix, cv2.blur(picture, (5, 5)))[1].tobytes()


PICTURES = {suffix: _encoded(suffix) for suffix in (".jpg", ".png", ".bmp", ".webp", ".tiff")}


@given(st.sampled_from(sorted(PICTURES)).flatmap(lambda s: damaged(PICTURES[s])))
@settings(deadline=None)
def test_a_damaged_picture_is_read_or_refused(content: bytes) -> None:
    """What is read has three colours and a size that was asked for."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jpg"
        path.write_bytes(content)
        try:
            picture = read_picture(path)
        except SourceError as refusal:
            assert str(path) in str(refusal)  # noqa: PT017
        else:
            assert picture.ndim == 3
            assert picture.shape[2] == 3
            assert max(picture.shape) <= 1280


def test_a_small_file_cannot_ask_for_gigabytes(tmp_path: Path) -> None:
    """A picture of 144 million pixels in 20 kB is refused by the program, not decoded."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    side_px = 12_000
    header = struct.pack(">IIBBBBB", side_px, side_px, 1, 0, 0, 0, 0)  # grey, one bit
    rows = zlib.compress(bytes((1 + side_px // 8) * side_px), 1)
    path = tmp_path / "huge.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    assert_refused(posturecam("analyze", path, "-b", path), 3, "huge.png")


VIDEO = DEMO_CLIP.read_bytes()


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_video_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    """Cut short, or with bits turned over in its header or its pictures."""
    random = np.random.default_rng(seed)
    content = bytearray(VIDEO)
    for place in random.integers(0, len(content) if seed % 2 else 2000, 200):
        content[place] ^= 1 << int(random.integers(8))
    del content[int(random.integers(1, len(content))) :]
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    try:
        with find_source(str(path), clock=SystemClock()).open() as source:
            times_s = [frame.t_s for frame in source.frames(1.0) if frame is not None]
    except SourceError as refusal:
        assert "a.mp4" in str(refusal)  # noqa: PT017
    else:
        assert times_s == sorted(set(times_s))


@pytest.mark.parametrize("side_px", [640, 8200])
def test_a_video_cannot_ask_for_gigabytes(tmp_path: Path, side_px: int) -> None:
    """One with pictures of 67 megapixels is refused before a picture is converted."""
    path = tmp_path / "huge.y4m"
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{side_px} H{side_px} F25:1 Ip A1:1 Cmono\nFRAME\n".encode())
        file.truncate(file.tell() + side_px * side_px)
    source = find_source(str(path), clock=SystemClock())
    if side_px == 640:
        with source.open() as video:
            assert next(iter(video.frames())) is not None
        return
    with pytest.raises(SourceError, match="too much memory to decode"):
        source.open()


@pytest.mark.model
@pytest.mark.parametrize("kept", [0.2, 0.9])
def test_a_pose_model_that_is_cut_short_is_refused(tmp_path: Path, kept: float) -> None:
    """Its bundle has no end any more."""
    content = Path(find_model("lite").path).read_bytes()
    path = tmp_path / "my.task"
    path.write_bytes(content[: int(len(content) * kept)])
    assert_refused(posturecam("watch", "--model", path, "--source", "demo"), 6, "my.task")


NO_UTF8 = "old \udcfft\udcfe"
"""A name in Latin-1, as Python holds it."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
@pytest.mark.model
@pytest.mark.timeout(300)
def test_a_name_or_a_folder_that_is_no_utf8_is_as_good_as_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenCV crashes on such a name, MediaPipe does not open it, and SQLite does not store it."""
    folder = tmp_path / NO_UTF8
    folder.mkdir()
    (folder / f"{NO_UTF8}.mp4").write_bytes(VIDEO)
    (folder / f"{NO_UTF8}.jpg").write_bytes(PICTURES[".jpg"])
    model = folder / f"{NO_UTF8}.task"
    model.write_bytes(find_model("full").path.read_bytes())
    monkeypatch.chdir(folder)
    video = Path(f"{NO_UTF8}.mp4")
    calibrated = posturecam("calibrate", "--source", video, "--seconds", "10", "--model", model)
    assert calibrated.returncode == 0, calibrated.stderr
    for source in (video, video.absolute(), "."):
        watched = posturecam(
            *("watch", "--source", source, "--model", model, "--duration", "2", "--no-notify")
        )
        assert watched.returncode == 0, watched.stderr
    assert_refused(posturecam("watch", "--source", f"/dev/video{NO_UTF8}"), 3, "/dev/video")
    assert not is_utf8(NO_UTF8)
    assert open_camera(NO_UTF8) is None


STEERING_SIGNS = "\x1b]0;gone\x07 \x1b[2J \x9b31m \u202e"
"""A new title, an empty screen, red, and text that runs backwards."""


def test_nothing_in_a_file_or_its_name_steers_the_terminal(tmp_path: Path, home: Path) -> None:
    """A log from elsewhere, a config, a picture that is not there."""
    home.mkdir()
    with open_log(home / "log.db", at=NINE) as connection:
        span = (to_ms(NINE), to_ms(NINE) + 600_000)
        connection.execute(
            "INSERT INTO sessions VALUES (1, ?, ?, ?, ?, 'front', ?, ?, ?, 'uid')",
            (*span, *[STEERING_SIGNS] * 5),
        )
        connection.execute(
            "INSERT INTO intervals VALUES (1, ?, ?, 'slouched', ?)", (*span, STEERING_SIGNS)
        )
    config = home / "config.toml"
    config.write_text(f"{json.dumps(STEERING_SIGNS)} = 1", encoding="utf-8")
    printed = [
        posturecam("config", "check"),
        posturecam("analyze", f"{STEERING_SIGNS}.jpg", "-b", "default"),
    ]
    config.unlink()
    printed += [
        posturecam("review", NINE.date().isoformat(), "--full", "--format", f)
        for f in ("rich", "plain")
    ]

    for done in printed:
        text = done.stdout + done.stderr
        assert "gone" in text
        assert [sign for sign in text if not sign.isprintable() and sign != "\n"] == []


def test_a_link_to_nowhere_is_no_settings_and_no_baseline(tmp_path: Path) -> None:
    """As if the file were not there, which it is not."""
    (tmp_path / "config.toml").symlink_to(tmp_path / "gone")
    (tmp_path / "default.json").symlink_to(tmp_path / "gone")
    assert load_settings(tmp_path / "config.toml") == load_settings(tmp_path / "none")
    with pytest.raises(BaselineError):
        load_profile(tmp_path, "default")


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_device_for_output_is_told(home: Path) -> None:
    """What was to be printed is lost, and the exit code says so."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "posturecam", "review"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("posturecam: ")
