"""The entry in the menu of programs: what a desktop reads of it, and nothing left when it goes."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from posturecam.system.autostart import MARK
from posturecam.system.menu_entry import (
    ENTRY_FILE,
    ICON_FILE,
    MenuEntry,
    add,
    entry_text,
    find_menu_entry,
    remove,
    shipped,
)
from tests.program import here, posturecam

WORDS = ("/opt/py/bin/python", "-m", "posturecam")
EVERY_SIGN = '/a b"c`d$e\\f%g/é'

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a menu as of freedesktop.org")


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MenuEntry:
    """Of a user whose system has none for everybody."""
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "system"))
    return MenuEntry(folder=tmp_path / "share", words=WORDS)


def section(text: str, name: str) -> dict[str, str]:
    """The keys of a section, as they are written."""
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return dict(parser[name])


def what_is_started(command: str) -> list[str]:
    """The words of an Exec key, as GLib reads them: string, codes, then quotes of a shell."""
    words = command.replace("\\\\", "\\").replace("%%", "%")
    shell = ["sh", "-c", f'for word in {words}; do printf "%s\\n" "$word"; done']
    return subprocess.run(shell, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.skipif(
    shutil.which("desktop-file-validate") is None, reason="needs desktop-file-utils"
)
@pytest.mark.parametrize("text", [shipped(ENTRY_FILE), entry_text(WORDS, home=EVERY_SIGN)])
def test_the_validator_of_the_desktops_finds_nothing_wrong(text: str, tmp_path: Path) -> None:
    """What the package has, and a user's own with a path that has everything in it."""
    file = tmp_path / ENTRY_FILE.name
    file.write_text(text, encoding="utf-8")

    def validate() -> str:
        words = ["desktop-file-validate", str(file)]
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout

    assert validate() == ""
    file.write_text(text.replace("Terminal=true", "Terminal=maybe"), encoding="utf-8")
    assert "maybe" in validate()


def test_a_desktop_reads_back_any_path() -> None:
    """Of the program and of POSTURECAM_HOME, in the entry and in each of its actions."""
    text = entry_text((EVERY_SIGN, "-m", "posturecam"), home=EVERY_SIGN)
    started = ["env", f"POSTURECAM_HOME={EVERY_SIGN}", EVERY_SIGN, "-m", "posturecam"]

    assert what_is_started(section(text, "Desktop Entry")["Exec"]) == started
    pause = section(text, "Desktop Action pause")["Exec"]
    assert what_is_started(pause) == [*started, "pause", "1h"]


def test_every_action_is_a_command_that_there_is() -> None:
    """Whatever the entry runs is answered with its help, and each action has its section."""
    text = shipped(ENTRY_FILE)
    for name in section(text, "Desktop Entry")["Actions"].strip(";").split(";"):
        words = section(text, f"Desktop Action {name}")["Exec"].split()
        assert words[0] == "posturecam"
        assert here(*words[1:], "--help").returncode == 0


def test_the_icon_is_one_drawing_that_asks_for_nothing() -> None:
    """A square, so that no theme stretches it, of shapes alone: no text, no picture, no address."""
    root = ET.fromstring(shipped(ICON_FILE))  # noqa: S314 - ships with the package

    assert root.get("width") == root.get("height")
    kinds = {child.tag.rpartition("}")[2] for child in root.iter()}
    assert kinds <= {"svg", "title", "rect", "circle", "path"}
    assert section(shipped(ENTRY_FILE), "Desktop Entry")["Icon"] == ICON_FILE.stem


def test_it_comes_and_goes_without_a_trace(entry: MenuEntry) -> None:
    """Both files are there, then neither, and no empty folder; what was there before stays."""
    other = entry.folder / "applications" / "editor.desktop"
    other.parent.mkdir(parents=True)
    other.touch()

    assert str(entry.folder / ENTRY_FILE) in add(entry)
    assert (entry.folder / ENTRY_FILE).read_text("utf-8") == entry_text(WORDS)
    assert ET.parse(entry.folder / ICON_FILE).getroot().tag.endswith("svg")  # noqa: S314 - ours
    add(entry)

    remove(entry)
    assert [it for it in entry.folder.rglob("*") if it.is_file()] == [other]
    assert not (entry.folder / "icons").exists()
    remove(entry)


def test_what_somebody_else_made_is_left_alone(entry: MenuEntry) -> None:
    """An entry written by hand is neither replaced nor removed; the icon comes and goes."""
    own = entry.folder / ENTRY_FILE
    own.parent.mkdir(parents=True)
    own.write_text("mine", encoding="utf-8")

    add(entry)
    assert MARK in (entry.folder / ICON_FILE).read_text("utf-8")
    remove(entry)
    assert own.read_text("utf-8") == "mine"
    assert not (entry.folder / ICON_FILE).exists()


def test_an_entry_that_everybody_has_is_not_doubled(entry: MenuEntry, tmp_path: Path) -> None:
    """A package of the system has put one there; a user's own from before still goes."""
    add(entry)
    everybodys = tmp_path / "system" / ENTRY_FILE
    everybodys.parent.mkdir(parents=True)
    everybodys.touch()

    remove(entry)
    assert str(everybodys) in add(entry)
    assert not entry.folder.exists() or not any(entry.folder.iterdir())


def test_autostart_brings_it_and_takes_it_away(tmp_path: Path) -> None:
    """In the user's data folder, starting this very Python."""
    env = {
        "HOME": str(tmp_path),
        "PATH": str(tmp_path),  # no systemctl
        "XDG_CONFIG_HOME": "",
        "XDG_DATA_HOME": "",
        "XDG_DATA_DIRS": str(tmp_path / "system"),
        "POSTURECAM_HOME": "",
    }
    file = tmp_path / ".local" / "share" / ENTRY_FILE

    assert str(file) in posturecam("autostart", "enable", env=env).stdout
    started = what_is_started(section(file.read_text("utf-8"), "Desktop Entry")["Exec"])
    done = subprocess.run([*started, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("posturecam ")

    assert posturecam("autostart", "disable", env=env).returncode == 0
    assert [it for it in tmp_path.rglob("*") if it.is_file()] == []


def test_it_goes_where_desktops_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """XDG_DATA_HOME, or its default."""
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    found = find_menu_entry()
    assert found is not None
    assert found.folder == Path("/somewhere")
    assert found.words[0] == sys.executable
    assert found.home == os.environ["POSTURECAM_HOME"]


def test_both_ship() -> None:
    """By the names under which packages put them in place."""
    folder = files("posturecam") / "data" / "desktop"
    assert {it.name for it in folder.iterdir()} == {ENTRY_FILE.name, ICON_FILE.name}
