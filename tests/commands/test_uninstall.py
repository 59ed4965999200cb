"""Removing posturecam: a home is afterwards as it was before, and nothing of the user's goes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from posturecam.base.clock import SystemClock
from posturecam.base.errors import DataError, UsageError
from posturecam.base.folder_lock import FolderLock
from posturecam.base.paths import AppPaths
from posturecam.commands.uninstall import delete_data, end_running
from posturecam.posture.profiles import save_profile
from posturecam.watch.lock import only_watch
from tests.fakes import ManualClock
from tests.light_watch import watching
from tests.posture.test_profiles import baseline
from tests.program import DEMO_CLIP, assert_refused, posturecam
from tests.rights import without_rights
from tests.streams import MjpegServer, clip_jpegs
from tests.waiting import DEADLINE_S, wait_until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="compares a home on Linux")


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """The home of somebody who has a shell and an editor."""
    folder = tmp_path / "person"
    for name in (".bashrc", ".config/editor/settings", ".local/share/editor/recent"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"of {name}\n", encoding="utf-8")
    return folder


def env_of(person: Path) -> dict[str, str]:
    """Without a session of systemd, and with the folders that systems have by default."""
    empty = ("POSTURECAM_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")
    return {
        **dict.fromkeys(empty, ""),
        "HOME": str(person),
        "PATH": str(person / "bin"),
        "XDG_DATA_DIRS": str(person / "system"),
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
    }


def everything(folder: Path) -> dict[str, str]:
    """Every file with its text, and every folder."""
    return {
        str(it.relative_to(folder)): it.read_text("utf-8", "replace") if it.is_file() else ""
        for it in folder.rglob("*")
    }


def run_all(env: dict[str, str], *lines: str) -> None:
    """Each of the commands, and each ends well."""
    for line in lines:
        done = posturecam(*line.split(), env=env)
        assert done.returncode == 0, (line, done.stdout, done.stderr)


@pytest.mark.slow
@pytest.mark.model
def test_nothing_is_left_of_a_life_with_it(person: Path) -> None:
    """Baselines, a watch, a review, a pause, autostart and completion for three shells."""
    env = env_of(person)
    before = everything(person)
    run_all(
        env,
        "config init",
        "calibrate --source demo",
        "calibrate --source demo",
        "watch --source demo --no-notify",
        "review --html",
        "pain log 3 --where mid",
        "pause 1h",
        "autostart enable",
        *(f"--install-completion {shell}" for shell in ("bash", "fish")),
    )
    there = everything(person).keys() - before.keys()
    assert len(there) > 12

    run_all(env, "uninstall --data --yes")
    assert everything(person) == before


def test_what_was_logged_stays_unless_it_is_to_go(person: Path) -> None:
    """And the command says where it is, if anything is, and what removes the program."""
    env = env_of(person)
    data = person / ".local" / "share" / "posturecam"
    assert str(data) not in posturecam("uninstall", env=env).stdout
    run_all(env, "pain log 3 --where mid", "autostart enable")

    said = posturecam("uninstall", env=env).stdout
    assert str(data) in said
    assert f"{sys.executable} -m pip uninstall posturecam" in said
    assert (data / "log.db").is_file()
    assert not list(person.rglob("posturecam.service"))
    assert not list(person.rglob("posturecam.desktop"))

    (data / "letter.txt").touch()
    assert str(data) in posturecam("uninstall", "--data", "--yes", env=env).stdout
    assert [it.name for it in data.iterdir()] == ["letter.txt"]


def test_nothing_is_deleted_where_nobody_can_be_asked(person: Path) -> None:
    """Unless it was said that it is meant."""
    env = env_of(person)
    run_all(env, "pain log 3 --where mid")
    assert_refused(posturecam("uninstall", "--data", env=env), 2, "--yes")
    assert (person / ".local" / "share" / "posturecam" / "log.db").is_file()


def test_data_that_may_not_be_looked_into_is_not_said_to_be_deleted(tmp_path: Path) -> None:
    """Baselines are in a folder that is closed: they stay, and nothing else goes before that."""
    paths = AppPaths(data=tmp_path, config=tmp_path)
    save_profile(paths.profiles, baseline())
    paths.log.touch()
    with without_rights(paths.profiles), pytest.raises(DataError, match="cannot be removed"):
        delete_data(paths)
    assert paths.log.exists()


def test_a_watch_that_runs_is_ended(home: Path) -> None:
    """It would make its files anew."""
    with (
        MjpegServer(clip_jpegs(DEMO_CLIP, limit=60), rate_hz=10) as camera,
        watching(camera) as watch,
    ):
        paths = AppPaths(data=home, config=home)
        wait_until(paths.control.exists, "it can be told to")
        assert list(end_running(paths, SystemClock())) == ["The watch is ended."]
        assert watch.wait(DEADLINE_S) == 0
    assert list(end_running(paths, SystemClock())) == []


def test_what_does_not_end_is_said(home: Path) -> None:
    """A tray or window that nobody is told the process of, and a watch that does not answer."""
    paths = AppPaths(data=home, config=home)
    with (
        FolderLock(paths.tray_lock, taken=("", "")),
        pytest.raises(UsageError, match="The tray is running"),
    ):
        list(end_running(paths, ManualClock()))
    with (
        FolderLock(paths.calibration_lock, taken=("", "")),
        pytest.raises(UsageError, match="in a window"),
    ):
        list(end_running(paths, ManualClock()))
    with only_watch(paths.lock), pytest.raises(UsageError, match="posturecam stop"):
        list(end_running(paths, ManualClock()))


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_completion_goes_with_what_it_wrote_elsewhere(person: Path, shell: str) -> None:
    """The line in .bashrc, too, and nothing else there."""
    env = env_of(person)
    before = everything(person)
    run_all(env, f"--install-completion {shell}")
    assert any("posturecam" in name for name in everything(person))

    run_all(env, "uninstall")
    after = everything(person)
    after.pop(".zshrc", None)  # loads completions of any program, as it may have before
    assert after == before
