"""The secrets of a camera's address are nowhere but in the camera: not in what is printed or kept.

The real program is run in all the ways in which it meets an address, and every byte that it leaves
is looked through.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from posturecam.base.command_words import covered_words
from tests.program import DEMO_CLIP, posturecam
from tests.started import Started
from tests.streams import MjpegServer, clip_jpegs

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRETS = (b"s3cret", b"us3r", b"t0ken", b"qu3ry")
BEHIND_HOST = "/t0ken/live?key=qu3ry#s3cret"


def assert_no_secret(*printed: str, folder: Path) -> None:
    """Nothing of an address but scheme, host and port is in a text or a file."""
    texts = {f"printed {number}": text.encode() for number, text in enumerate(printed)}
    files = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for name, content in (texts | files).items():
        assert not [secret for secret in SECRETS if secret in content], (name, content[:2000])


UNUSABLE = (
    f"rtsp://us3r:s3/cret@127.0.0.1:9{BEHIND_HOST}",
    f"us3r:s3cret@127.0.0.1{BEHIND_HOST}",
    f"rtsp://us3r:s3cret#@127.0.0.1:9{BEHIND_HOST}",
    f"rtsp://us3r:s3cret@127.0.0.1:9{BEHIND_HOST}",
    f"Http://us3r:s3cret@127.0.0.1:9{BEHIND_HOST}",
    f"ftp://us3r:s3cret@127.0.0.1{BEHIND_HOST}",
)


@pytest.mark.parametrize("address", UNUSABLE)
def test_an_address_that_cannot_be_used_is_not_repeated(address: str, tmp_path: Path) -> None:
    """Refused, or not reached, and with `--debug`."""
    words = ("watch", "--source", address, "--calibrate", "5s", "--no-notify", "--format", "plain")
    for outcome in (posturecam(*words), posturecam("--debug", *words)):
        assert outcome.returncode in (1, 3)
        assert_no_secret(outcome.stdout, outcome.stderr, folder=tmp_path)


@pytest.mark.parametrize("address", UNUSABLE[:2])
@pytest.mark.parametrize(
    "words",
    [
        ("watch",),
        (),
        ("calibrate", "--source"),
        ("move", "--camera", "--source"),
        ("analyze",),
        ("analyze", "demo", "--baseline"),
        ("review",),
        ("import",),
    ],
    ids=" ".join,
)
def test_an_address_is_not_repeated_wherever_it_is_written(
    words: tuple[str, ...], address: str, tmp_path: Path
) -> None:
    """Also where none belongs."""
    outcome = posturecam(*words, address)
    assert outcome.returncode in (2, 3, 4, 6)
    assert_no_secret(outcome.stdout, outcome.stderr, folder=tmp_path)


@pytest.fixture
def camera() -> Iterator[MjpegServer]:
    """A camera that wants to know who asks."""
    with MjpegServer(clip_jpegs(DEMO_CLIP, limit=90), rate_hz=10, login="us3r:s3cret") as server:
        yield server


def with_login(camera: MjpegServer, login: str) -> str:
    """Its address, all of it secret but the host."""
    host = camera.url.split("/")[2]
    return f"http://{login}@{host}{BEHIND_HOST}"


def test_a_refused_password_is_not_repeated(camera: MjpegServer, tmp_path: Path) -> None:
    """The camera said no; what was asked stays between the two."""
    address = with_login(camera, "us3r:s3cretly")
    outcome = posturecam("watch", "--source", address, "--calibrate", "5s", "--no-notify")
    assert "does not accept this user and password (401)" in outcome.stderr
    assert_no_secret(outcome.stdout, outcome.stderr, folder=tmp_path)


@pytest.mark.model
@pytest.mark.slow
def test_a_watched_camera_keeps_its_secrets(
    camera: MjpegServer, tmp_path: Path, home: Path
) -> None:
    """While it is watched, lost and closed; in the log, its exports, pages, and what `ps` shows."""
    words = ("watch", "--source", with_login(camera, "us3r:s3cret"), "--calibrate", "9s")
    printed: list[str] = []
    with Started(
        [sys.executable, "-m", "posturecam", *words, "--no-notify", "--format", "jsonl"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            printed.append(line)
            if json.loads(line)["type"] == "sample" and len(printed) > 8:
                break
        if sys.platform == "linux":
            printed.append(Path(f"/proc/{process.pid}/cmdline").read_bytes().decode())
            assert "http://127.0.0.1:" in printed[-1]
        printed += [posturecam("status").stdout, posturecam("status", "--format", "json").stdout]
        camera.drop()
        camera.stall()
        printed.append(posturecam("stop").stdout)
        printed += process.communicate(timeout=60)
    camera.resume()
    assert process.returncode in (0, 130)
    assert "http://127.0.0.1:" in "".join(printed)
    commands: tuple[tuple[str | Path, ...], ...] = (
        ("export", tmp_path / "csv"),
        ("export", tmp_path / "json", "--format", "json"),
        ("review",),
        ("review", "--format", "json"),
        ("review", "--html"),
    )
    for command in commands:
        outcome = posturecam(*command)
        assert outcome.returncode == 0, outcome.stderr
        printed += [outcome.stdout, outcome.stderr]
    assert (home / "log.db").is_file()
    assert_no_secret(*printed, folder=tmp_path)


def test_the_config_file_is_the_place_for_it(home: Path) -> None:
    """Shown without its secrets, and better read by its owner only."""
    home.mkdir()
    config = home / "config.toml"
    address = f"rtsp://us3r:s3cret@127.0.0.1:9{BEHIND_HOST}"
    config.write_text(f'source = "{address}"\non_alert = ["curl", "{address}"]\n', "utf-8")
    config.chmod(0o644)
    printed = [posturecam(*words).stdout for words in (("config", "show"), ("doctor", "-v"))]
    printed += [(done := posturecam("config", "check")).stdout, done.stderr]
    assert '# source = "rtsp://127.0.0.1:9"' in printed[0]
    if os.name == "posix":
        assert f"chmod 600 {shlex.quote(str(config))}" in printed[1]
        config.chmod(0o600)
        assert "chmod 600" not in posturecam("doctor", "-v").stdout

    config.write_text(f'source = ["{address}"]\nsauce = "{address}"\n', "utf-8")
    for words in (("config", "check"), ("--debug", "config", "check"), ("watch",)):
        outcome = posturecam(*words)
        assert outcome.returncode != 0
        printed += [outcome.stdout, outcome.stderr]
    config.unlink()
    assert_no_secret(*printed, folder=home)


@pytest.mark.parametrize(
    ("words", "covered"),
    [
        (b"watch\0--source\0demo\0", b"watch\0--source\0demo\0"),
        (b"-s\0http://a:b@h/c\0-x\0", b"-s\0http://h\0\0\0\0\0\0\0-x\0"),
        (b"a\0x://\xff@\0", b"a\0x://..\0"),
    ],
)
def test_words_are_covered_in_their_place(words: bytes, covered: bytes) -> None:
    """As long as before, whatever they hold, and others as they were."""
    assert covered_words(words) == covered
    assert len(covered) == len(words)
