"""Nothing that a camera or a file shows takes a watch beyond its memory: the real program."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import cv2
import numpy as np
import pytest

from posturecam.capture.opencv import PIECES
from tests.cameras import bomb_jpeg
from tests.program import DATA, DEMO_CLIP
from tests.started import Started
from tests.streams import MjpegServer, clip_jpegs
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

MANY_AT_ONCE = DATA / "many_pictures_at_once.mkv"
LARGE = DATA / "large_video.mkv"
MOST_MB = 310
"""Of its own: 400 with the pages of its libraries, of which a system keeps more or fewer in memory;
85 MB on Debian 12."""
EACH = 3
"""Pictures of each kind."""

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the kernel is asked for the peak")
bounded_only = pytest.mark.skipif(not PIECES.holds, reason="this OpenCV links FFmpeg otherwise")


class Watched:
    """A running watch, and the most memory that it has had so far."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self.program = program
        self.peak_mb = 0.0
        self._highest_kb = 0
        self._libraries_kb = 0

    def has_ended(self) -> bool:
        """Whether it has; looks at the peak, which only grows."""
        status = Path(f"/proc/{self.program.pid}/status").read_text("ascii")
        found = {name: int(size) for name, size in re.findall(r"(VmHWM|RssFile):\s+(\d+)", status)}
        if not found:  # what has ended and is not waited for has no memory
            return True
        if found["VmHWM"] > self._highest_kb:
            # Libraries are let go of before the end, which makes nothing of the peak its own.
            libraries_kb = max(found["RssFile"], self._libraries_kb)
            self.peak_mb = max(self.peak_mb, (found["VmHWM"] - libraries_kb) / 1000)
        self._highest_kb, self._libraries_kb = found["VmHWM"], found["RssFile"]
        return False


@contextmanager
def watch(source: str, home: Path, *words: str, out: IO[str] | int) -> Iterator[Watched]:
    """The program, watching `source`."""
    command = [sys.executable, "-m", "posturecam", "watch", "--no-notify", "--source", source]
    with Started(
        [*command, *words],
        env={"POSTURECAM_HOME": str(home), "PATH": "/usr/bin"},
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            yield Watched(program)
        finally:
            program.kill()


@pytest.mark.slow
@linux_only
@bounded_only
@pytest.mark.parametrize("from_camera", [False, True])
def test_a_video_that_makes_a_decoder_hold_many_pictures_is_refused(
    tmp_path: Path, *, from_camera: bool
) -> None:
    """Thirteen kilobytes that would take more than 400 MB; told in two lines what to do."""
    video = MANY_AT_ONCE.read_bytes()
    with MjpegServer([video], content_type="video/x-matroska") as server:
        source = server.url if from_camera else str(MANY_AT_ONCE)
        with watch(source, tmp_path, "--calibrate", "1s", out=subprocess.PIPE) as watched:
            wait_until(watched.has_ended)
            said = watched.program.communicate()[1]
    assert watched.program.returncode == 3, said
    assert "This video takes too much memory to decode" in said
    assert len(said.splitlines()) == 2
    assert 50 < watched.peak_mb < MOST_MB


@pytest.mark.slow
@pytest.mark.model
def test_a_large_video_is_analyzed(tmp_path: Path) -> None:
    """As large as is read, with as many pictures to look back at as its level allows."""
    upright = str(DATA / "photos" / "upright")
    command = ["analyze", str(LARGE), "--baseline", upright, "--format", "csv"]
    ended = subprocess.run(
        [sys.executable, "-m", "posturecam", *command],
        env={"POSTURECAM_HOME": str(tmp_path), "PATH": "/usr/bin"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout.splitlines()) == 1 + 24


def _bombs() -> dict[str, bytes]:
    flat = np.zeros((4000, 4000, 3), np.uint8)
    noise = np.random.default_rng(1).integers(0, 255, (3000, 4000, 3), dtype=np.uint8)
    tiff = b"II*\0\x08\0\0\0\x03\0" + b"".join(
        tag.to_bytes(2, "little") + b"\x04\0\x01\0\0\0" + size.to_bytes(4, "little")
        for tag, size in ((256, 60_000), (257, 60_000), (258, 8))
    )
    return {
        "no picture": b"",
        "4 gigapixels at once": bomb_jpeg(65_500, 65_500, progressive=True),
        "4 gigapixels row by row": bomb_jpeg(65_500, 65_500, progressive=False),
        "8K": bomb_jpeg(7680, 4320, progressive=False),
        "16 megapixels at once": bomb_jpeg(4000, 4000, progressive=True),
        "scans without end": bomb_jpeg(4000, 4000, progressive=True, scans=900),
        "as many scans as may be": bomb_jpeg(4000, 3000, progressive=True, scans=10),
        "noise": cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes(),
        "PNG": cv2.imencode(".png", flat)[1].tobytes(),
        "WebP": cv2.imencode(".webp", flat)[1].tobytes(),
        "TIFF": tiff,
        "another video": MANY_AT_ONCE.read_bytes(),
    }


@pytest.mark.slow
@linux_only
def test_no_picture_of_a_camera_takes_a_watch_beyond_its_memory(tmp_path: Path) -> None:
    """Each kind in turn, and at last a part of two gigabytes; between them it goes on watching."""
    sitter = clip_jpegs(DEMO_CLIP, limit=100)
    out = tmp_path / "out.jsonl"
    with (
        MjpegServer(sitter) as server,
        out.open("w") as file,
        watch(server.url, tmp_path, "--calibrate", "9s", "--format", "jsonl", out=file) as watched,
    ):

        def said(kind: str) -> int:
            lines = out.read_text().split("\n")[:-1]
            return [json.loads(line)["type"] for line in lines].count(kind)

        def seen_after(count: int) -> bool:
            return watched.has_ended() or said("sample") > count

        def has_seen_some(name: str) -> None:
            until = server.pictures_sent + EACH
            wait_until(lambda: watched.has_ended() or server.pictures_sent >= until, name)
            assert not watched.has_ended(), name

        wait_until(lambda: seen_after(0))
        for name, bomb in _bombs().items():
            server.jpegs = (bomb,)
            has_seen_some(name)
        server.jpegs = sitter
        server.claimed_bytes = 2_000_000_000
        server.drop()
        has_seen_some("two gigabytes")
        server.claimed_bytes = None
        server.drop()
        before = said("sample")
        wait_until(lambda: seen_after(before))
        assert not watched.has_ended()
        watched.program.terminate()
        error = watched.program.communicate()[1]
    assert watched.program.returncode == 130, error
    assert "Traceback" not in error
    assert watched.peak_mb < MOST_MB
