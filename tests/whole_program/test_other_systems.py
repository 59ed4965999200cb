"""Other systems, as far as this one can show them: their interfaces stand in, their files are read.

What is asked of macOS and Windows is handed over; nothing here has run on either.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import cv2
import pytest

from posturecam.base.command_words import split_words
from posturecam.base.errors import SourceBusyError, SourceError, SourceRefusedError, UsageError
from posturecam.base.paths import typed_path
from posturecam.capture.devices import CameraDevices, ChosenCamera
from posturecam.capture.find import find_camera, find_source
from posturecam.capture.opencv import open_camera
from posturecam.commands.cameras import camera_lines
from posturecam.commands.config import load_settings
from posturecam.pose.models import find_model
from tests.fakes import ManualClock

if TYPE_CHECKING:
    from pathlib import Path

DENIED = (
    b"OpenCV: not authorized to capture video (status 2), requesting...\n"
    b"OpenCV: camera failed to properly initialize!\n"
)
"""What AVFoundation's backend prints where the user said no."""


def closed_capture(printed: bytes) -> Any:
    """How OpenCV opens a camera on macOS that it does not get: it prints why."""

    def make(*_: object) -> cv2.VideoCapture:
        os.write(2, printed)
        return cv2.VideoCapture()

    return make


@pytest.mark.parametrize(
    "printed", [DENIED, b"OpenCV: camera access has been denied. Either run 'tccutil'\n"]
)
def test_a_camera_that_macos_does_not_give_is_said_in_words(
    printed: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """With where to allow it; OpenCV's own words are not seen."""
    open_capture = partial(open_camera, platform="darwin", make=closed_capture(printed))
    devices = CameraDevices(platform="darwin")
    source = find_camera(0, clock=ManualClock(), devices=devices, open_capture=open_capture)
    with pytest.raises(SourceRefusedError) as caught:
        source.open()
    assert "macOS does not let this terminal" in caught.value.what
    assert "System Settings > Privacy & Security > Camera" in caught.value.remedy
    assert capfd.readouterr().err == ""


def test_a_camera_that_is_not_there_on_macos_is_another_matter(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What else is printed is seen."""
    text = b"OpenCV: out device of bound (0-0): 7\n"
    assert open_camera(7, platform="darwin", make=closed_capture(text)) is None
    assert "out device of bound" in capfd.readouterr().err


def test_cameras_that_cannot_be_listed_are_numbers() -> None:
    """As on macOS and Windows: only the one that was named is opened, and nothing is claimed."""
    for platform in ("darwin", "win32"):
        devices = CameraDevices(platform=platform)
        chosen = ChosenCamera(7, devices)
        assert chosen.place() == 7
        assert "privacy settings" in chosen.error(None).remedy
        assert isinstance(chosen.error(None, opened=True), SourceBusyError)
        with pytest.raises(SourceError, match="lists no cameras"):
            list(camera_lines("0", devices))


def test_a_path_of_windows_keeps_its_backslashes() -> None:
    """Elsewhere they escape, as in a shell."""
    editor = r'"C:\Program Files\Notepad++\notepad++.exe" -multiInst'
    assert split_words(editor, "win32") == [
        r"C:\Program Files\Notepad++\notepad++.exe",
        "-multiInst",
    ]
    assert split_words(r"C:\vim\vim.exe", "win32") == [r"C:\vim\vim.exe"]
    assert split_words(r"/opt/my\ editor -w", "linux") == ["/opt/my editor", "-w"]
    with pytest.raises(ValueError, match="quotation"):
        split_words('"C:\\vim', "win32")


@pytest.mark.parametrize("spec", ["~nobody-of-this-name", "~nobody-of-this-name/desk.jpg"])
def test_a_home_of_nobody_is_a_path_that_is_not_there(spec: str) -> None:
    """For a camera, a model and a picture alike."""
    assert str(typed_path(spec)) == spec
    with pytest.raises(SourceError, match="no file or folder"):
        find_source(spec, clock=ManualClock()).open()
    with pytest.raises(UsageError, match="no pose model"):
        find_model(spec)


def run(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The real program."""
    return subprocess.run(
        [sys.executable, "-m", "posturecam", *words],
        env=os.environ | {"POSTURECAM_HOME": str(home)} | environment,
        capture_output=True,
        check=False,
        timeout=240,
    )


def test_a_console_that_lacks_signs_gets_stand_ins(tmp_path: Path) -> None:
    """And no error of an encoding, on stdout and on stderr, with a path that it cannot say."""
    home, encoding = tmp_path / "Élan 机 дом", "cp1252"
    made = run(home, "config", "init", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (made.returncode, b"Traceback" in made.stderr) == (0, False)
    shown = run(home, "config", "show", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert shown.returncode == 0
    assert b"thresholds" in shown.stdout
    none = run(home, "profiles", "show", "机", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert none.returncode == UsageError.exit_code
    assert none.stderr.decode(encoding).startswith("posturecam: ")


def test_a_config_file_of_windows_is_read(tmp_path: Path) -> None:
    """Lines that end in CR LF, and the mark that Notepad puts first."""
    file = tmp_path / "config.toml"
    file.write_bytes(
        b"\xef\xbb\xbf# mine\r\nprofile = 'desk'\r\n\r\n[thresholds]\r\nneck_deg = 9\r\n"
    )
    settings = load_settings(file)
    assert (settings.profile, settings.posture.thresholds.neck_deg) == ("desk", 9)
    set_it = run(tmp_path, "config", "set", "notify", "false")
    assert set_it.returncode == 0
    assert load_settings(file).profile == "desk"
    assert "# mine" in file.read_text("utf-8")
