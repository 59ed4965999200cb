"""Doctor tries what a watch will do with its files, and changes nothing that is there."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from posturecam.base.clock import SystemClock
from posturecam.base.paths import AppPaths
from posturecam.commands.doctor_data import (
    MOUNTS,
    baselines_check,
    data_checks,
    file_system_of,
    folder_check,
    log_check,
    watch_checks,
)
from posturecam.log.connection import open_log
from posturecam.posture.profiles import save_profile
from posturecam.watch.lock import only_watch
from posturecam.watch.server import ControlServer
from tests.fakes import NINE
from tests.posture.test_profiles import baseline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


AS_ROOT = os.name == "posix" and os.geteuid() == 0
NOBODY = 65534

MOUNT_LIST = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:25 / /home rw - btrfs /dev/sdb1 rw,subvol=/home
31 30 0:26 / /home/ann/on\040the\040server rw - nfs4 server:/ann rw
32 30 0:27 / /home/bob rw - ext4 /dev/sdc1 rw
33 32 0:28 / /home/bob rw - fuse.sshfs bob@server: rw
"""


@contextmanager
def somebody_elses(*files: Path) -> Iterator[None]:
    """The files are root's for the block, or as closed to this user as those would be."""
    for file in files:
        file.chmod(0o600 if AS_ROOT else 0o000)
    if AS_ROOT:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if AS_ROOT:
            os.seteuid(0)
        for file in files:
            file.chmod(0o600)


@pytest.fixture
def paths() -> Iterator[AppPaths]:
    """A data folder that everybody may write into; none above it is closed."""
    with tempfile.TemporaryDirectory() as folder:
        found = AppPaths(data=Path(folder), config=Path(folder))
        found.data.chmod(0o777)
        yield found


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below the folder."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_a_data_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    """The trial file is gone again."""
    folder = tmp_path / "deep" / "data"

    assert folder_check(folder).ok
    assert list(folder.iterdir()) == []


def test_a_data_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    """A file is in the way."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    check = folder_check(tmp_path / "file" / "data")

    assert (check.ok, check.required) == (False, True)
    assert str(tmp_path / "file") in check.detail
    assert "POSTURECAM_HOME" in check.remedy


def test_a_data_folder_that_cannot_be_made_is_said_once(tmp_path: Path) -> None:
    """Not of the log and the lock in it as well, with other remedies."""
    (tmp_path / "file").touch()
    nowhere = AppPaths(data=tmp_path / "file" / "data", config=tmp_path)
    (found,) = data_checks(nowhere, SystemClock())
    assert (found.name, found.ok) == ("data folder", False)


@pytest.mark.skipif(sys.platform == "win32", reason="a socket of a file system")
def test_in_a_sound_folder_all_is_well_and_nothing_is_left(paths: AppPaths) -> None:
    """With a log and without one; an old log is left as old as it is."""
    paths.data.chmod(0o700)
    clock = SystemClock()
    assert [check for check in data_checks(paths, clock) if not check.ok] == []
    assert set(contents(paths.data)) <= {"watch.lock"}

    with open_log(paths.log, at=NINE) as connection:
        connection.execute(
            "DELETE FROM migrations WHERE number = (SELECT max(number) FROM migrations)"
        )
    before = paths.log.read_bytes()
    found = {check.name: check for check in data_checks(paths, clock)}
    assert all(check.ok for check in found.values())
    assert found["log"].detail == "can be read and written"
    assert paths.log.read_bytes() == before
    assert {name for name in contents(paths.data) if "doctor" in name or "sock" in name} == set()


@pytest.mark.skipif(os.name != "posix", reason="files with owners")
@pytest.mark.parametrize("name", ["log.db", "log.db-wal", "log.db-shm"])
def test_a_log_of_somebody_else_is_named_with_its_owner(paths: AppPaths, name: str) -> None:
    """As `sudo posturecam` leaves it: a watch, a review and a repair would refuse it."""
    with open_log(paths.log, at=NINE):
        pass
    file = paths.data / name
    file.touch()
    paths.log.chmod(0o666)
    with somebody_elses(file):
        check = log_check(paths.log, at=NINE)

    assert (check.ok, check.required) == (False, True)
    assert str(file) in check.detail
    assert "Permission denied; it belongs to " in check.detail
    assert f'sudo chown "$USER" {file}' in check.remedy


def test_a_damaged_baseline_is_not_ok(paths: AppPaths) -> None:
    """A file that can be opened is no proof; what was replaced is no baseline to count."""
    save_profile(paths.profiles, baseline())
    save_profile(paths.profiles, replace(baseline(), samples=7))
    assert baselines_check(paths.profiles).detail == f"1 in {paths.profiles}"
    file = paths.profiles / "default.json"
    file.write_text(file.read_text(encoding="utf-8").replace("front", "above"), encoding="utf-8")
    check = baselines_check(paths.profiles)
    assert not check.ok
    assert str(file) in check.detail
    assert "posturecam calibrate" in check.remedy


@pytest.mark.skipif(os.name != "posix", reason="files with owners")
def test_a_lock_and_a_baseline_of_somebody_else_are_named(paths: AppPaths) -> None:
    """The same for what else a watch must open."""
    paths.profiles.mkdir()
    baseline = paths.profiles / "default.json"
    for file in (baseline, paths.lock):
        file.touch()
    with only_watch(paths.lock):
        pass  # what it needs is imported
    with somebody_elses(baseline, paths.lock):
        unread = baselines_check(paths.profiles)
        unlocked, *_ = watch_checks(paths, SystemClock())

    for check, file in ((unread, baseline), (unlocked, paths.lock)):
        assert not check.ok
        assert str(file) in check.detail
        assert "it belongs to " in check.detail


@pytest.mark.skipif(os.name != "posix", reason="SQLite has these ways of locking on POSIX")
@pytest.mark.parametrize("locking", ["unix-dotfile", "unix-none"])
def test_a_file_system_without_shared_memory_is_named(paths: AppPaths, locking: str) -> None:
    """SQLite itself, told to do as it must there; a log needs memory that several can read."""

    def open_there(path: Path, *, at: datetime) -> sqlite3.Connection:
        address = f"{path.as_uri()}?vfs={locking}"
        connection = sqlite3.connect(address, uri=True, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        return connection

    check = log_check(paths.log, at=NINE, open_trial=open_there)

    assert not check.ok
    assert "no memory can be shared there" in check.detail
    assert "local disk" in check.remedy
    if MOUNTS.exists() and " / / " in MOUNTS.read_text():  # not in a changed root
        assert "The file system there is " in check.detail


def test_a_disk_that_fails_is_said_in_its_own_words(paths: AppPaths) -> None:
    """As where the memory beside the log cannot be mapped."""

    def open_there(path: Path, *, at: datetime) -> sqlite3.Connection:
        raise sqlite3.OperationalError("disk I/O error")

    check = log_check(paths.log, at=NINE, open_trial=open_there)
    assert not check.ok
    assert "disk I/O error" in check.detail


def test_a_damaged_log_fails_with_the_way_to_repair_it(paths: AppPaths) -> None:
    """Its content is not touched."""
    paths.log.write_bytes(b"no database at all" * 100)
    check = log_check(paths.log, at=NINE)
    assert not check.ok
    assert "posturecam repair" in check.remedy
    assert paths.log.read_bytes() == b"no database at all" * 100


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small disk in memory")
def test_a_full_disk_is_named(tmp_path: Path) -> None:
    """A real one of a few kilobytes."""
    script = (
        'mount -t tmpfs -o size=64k none "$1" && head -c 60000 /dev/zero > "$1/full"; '
        'exec "$2" -m posturecam doctor --verbose'
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", str(tmp_path), sys.executable],
        env=os.environ | {"POSTURECAM_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("no disk can be mounted here")
    assert done.returncode == 1
    (line,) = (line for line in done.stdout.splitlines() if "  log: " in line)
    assert line.startswith("FAIL")
    assert "The file system there is tmpfs." in line


@pytest.mark.skipif(sys.platform == "win32", reason="a socket of a file system")
def test_a_running_watch_is_asked_and_not_disturbed(paths: AppPaths) -> None:
    """It keeps its lock and its socket; one that does not answer is a warning."""
    clock = SystemClock()
    with only_watch(paths.lock):
        lock, silent = watch_checks(paths, clock)
        assert (lock.ok, lock.detail) == (True, "held by a running watch")
        assert (silent.ok, silent.required) == (False, False)
        with ControlServer(paths.control, lambda _: {"status": {}}, clock=clock):
            lock, answers = watch_checks(paths, clock)
            assert lock.ok
            assert answers.ok
            assert paths.control.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a socket of a file system")
def test_a_place_that_takes_no_socket_is_a_warning(paths: AppPaths) -> None:
    """A folder is in its way; the watch would go on without it."""
    paths.control.mkdir()
    lock, control = watch_checks(paths, SystemClock())
    assert lock.ok
    assert (control.ok, control.required) == (False, False)
    assert str(paths.control) in control.detail


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/home/cid", "btrfs"),
        ("/home/ann", "btrfs"),
        ("/home/ann/on the server/data", "nfs4"),
        ("/home/bob/data", "fuse.sshfs"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(folder: str, kind: str) -> None:
    """The later one of two at the same place; half a line is passed over."""
    assert file_system_of(Path(folder), MOUNT_LIST + "half a li") == kind
    assert file_system_of(Path(folder), "") is None
