"""The tray from the login on: what a desktop reads of it, and nothing left when it goes."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from posturecam.system.autostart import remove_own
from posturecam.system.tray_entry import TrayEntry, add, find_tray_entry, starts
from tests.program import posturecam

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="autostart as of freedesktop.org")

WORDS = ("/opt/py/bin/python", "-m", "posturecam", "tray")


@pytest.fixture
def entry(tmp_path: Path) -> TrayEntry:
    """In a folder of this test."""
    return TrayEntry(folder=tmp_path / "config", words=WORDS, home="/a b")


def test_the_entry_starts_the_tray(entry: TrayEntry) -> None:
    """This very program, with the folder of the moment."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(entry.text())
    section = parser["Desktop Entry"]
    assert section["Exec"] == (
        '"env" "POSTURECAM_HOME=/a b" "/opt/py/bin/python" "-m" "posturecam" "tray"'
    )
    assert section["Type"] == "Application"


@pytest.mark.skipif(
    shutil.which("desktop-file-validate") is None, reason="needs desktop-file-utils"
)
def test_the_entry_is_as_the_specification_has_it(entry: TrayEntry) -> None:
    """By the tool of freedesktop.org."""
    add(entry)
    done = subprocess.run(
        ["desktop-file-validate", entry.file], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_what_was_added_goes_again_with_its_folder(entry: TrayEntry) -> None:
    """And what a desktop has switched off does not start."""
    entry.folder.mkdir()
    assert not starts(entry)
    assert add(entry) == f"The tray starts at every login, too ({entry.file})."
    assert starts(entry)
    entry.file.write_text(f"{entry.text()}Hidden=true\n", encoding="utf-8")
    assert not starts(entry)
    assert remove_own(entry.file, entry.folder)
    assert not remove_own(entry.file, entry.folder)
    assert list(entry.folder.iterdir()) == []


def test_what_somebody_else_made_stays(entry: TrayEntry) -> None:
    """Neither replaced nor removed."""
    entry.file.parent.mkdir(parents=True)
    entry.file.write_text("mine", encoding="utf-8")
    assert add(entry) is None
    assert not starts(entry)
    assert not remove_own(entry.file, entry.folder)
    assert entry.file.read_text(encoding="utf-8") == "mine"


def test_autostart_takes_the_tray_along_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the package installed, as here; every folder is empty in the end, as it was."""
    pytest.importorskip("PySide6", reason="needs the extra of the tray")
    folders = {
        name: tmp_path / name.lower()
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS", "POSTURECAM_HOME")
    }
    for name, folder in folders.items():
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))
    tray = find_tray_entry()
    assert tray is not None

    enabled = posturecam("autostart", "enable")
    assert (enabled.returncode, enabled.stderr) == (0, "")
    assert f"The tray starts at every login, too ({tray.file})." in enabled.stdout
    assert f"tray: on ({tray.file})" in posturecam("autostart", "status").stdout
    disabled = posturecam("autostart", "disable")
    assert f"Nor does the tray; {tray.file} is removed." in disabled.stdout
    left = [path for folder in folders.values() for path in folder.rglob("*") if path.is_file()]
    assert left == []
