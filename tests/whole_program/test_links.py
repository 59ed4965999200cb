"""No file that the program writes is written through a link that somebody put in its place."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from posturecam.base.clock import SystemClock
from posturecam.base.errors import PosturecamError
from posturecam.base.paths import folder_warning, make_private_folder
from posturecam.cli.app import run
from posturecam.posture.profiles import save_profile
from posturecam.system import autostart
from posturecam.watch.request_file import save_in_force
from posturecam.watch.requests import Requests
from posturecam.watch.sockets import Sockets
from tests.logs import write_log
from tests.posture.test_profiles import baseline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VICTIM = b"somebody else's"


def _command(*words: str) -> Callable[[Path], bool]:
    def act(home: Path) -> bool:
        return run(list(words)) == 0

    return act


def _export(home: Path) -> bool:
    return run(["export", str(home / "out")]) == 0


def _repair_a_damaged_log(home: Path) -> bool:
    log = home / "log.db"
    log.write_bytes(bytes(4096) + log.read_bytes()[4096:])
    return run(["repair"]) == 0


def _save_steering(home: Path) -> bool:
    until = SystemClock().utc_now() + timedelta(hours=1)
    save_in_force(home / "steering.json", Requests(snoozed_until=until))
    return True


def _save_profile(home: Path) -> bool:
    save_profile(home / "profiles", baseline(profile="default"))
    return True


def _open_socket(home: Path) -> bool:
    Sockets().listen(home / "control.sock").close()
    return True


def _enable_autostart(home: Path) -> bool:
    kind = autostart.Kind.LAUNCHD
    autostart.enable(autostart.Plan(kind=kind, file=home / "agent.plist", words=("/bin/true",)))
    return True


LOG_PAIN = _command("pain", "log", "4")
PAGE = _command("review", "2026-11-02", "--html")
WRITTEN: dict[str, Callable[[Path], bool]] = {
    "log.db": LOG_PAIN,
    "log.db-wal": LOG_PAIN,
    "log.db-shm": LOG_PAIN,
    "log.db-journal": LOG_PAIN,
    ".log.db.recovering": _repair_a_damaged_log,
    ".log.db.recovering-wal": _repair_a_damaged_log,
    ".log.db.recovered": _repair_a_damaged_log,
    "watch.lock": _command("repair"),
    "export.lock": _export,
    "steering.json": _save_steering,
    "control.sock": _open_socket,
    "profiles/default.json": _save_profile,
    "reviews/2026-11-02.html": PAGE,
    "reviews/plotly.min.js": PAGE,
    "agent.plist": _enable_autostart,
}


@pytest.mark.parametrize("there", [True, False], ids=["a file", "nothing"])
@pytest.mark.parametrize("name", WRITTEN)
def test_no_file_is_written_through_a_link(
    name: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, there: bool
) -> None:
    """Refused in two lines, or the link is replaced; what it leads to keeps bytes and mode."""
    make_private_folder(home)
    write_log(home / "log.db", first=date(2026, 11, 2), last=date(2026, 11, 2))
    victim = tmp_path / "victim"
    if there:
        victim.write_bytes(b"" if name == "log.db" else VICTIM)
        victim.chmod(0o644)
    link = home / name
    make_private_folder(link.parent)
    link.unlink(missing_ok=True)
    link.symlink_to(victim)
    try:
        done = WRITTEN[name](home)
    except PosturecamError:
        done = False

    assert victim.exists() is there
    if there:
        assert victim.read_bytes() == (b"" if name == "log.db" else VICTIM)
        assert victim.stat().st_mode & 0o777 == 0o644
    if name != "export.lock":  # an export goes on without
        assert done is not link.is_symlink()
    assert len(capsys.readouterr().err.splitlines()) <= 2


def test_a_data_folder_that_is_a_link_is_followed(home: Path, tmp_path: Path) -> None:
    """That is a choice of the user's."""
    elsewhere = make_private_folder(tmp_path / "elsewhere")
    home.symlink_to(elsewhere, target_is_directory=True)
    assert run(["pain", "log", "4"]) == 0
    assert (elsewhere / "log.db").exists()


@pytest.mark.parametrize(
    "words", [("import", "x"), ("pain", "log", "4"), ("repair",), ("purge", "--all", "--yes")]
)
@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_another_programs_database_is_left_as_it_is(
    words: tuple[str, ...], mode: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not a byte of it, nor its mode, nor a file beside it."""
    log = make_private_folder(home) / "log.db"
    with contextlib.closing(sqlite3.connect(log)) as connection, connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("CREATE TABLE recipes (name)")
    log.chmod(0o644)
    before = log.read_bytes()

    assert run(list(words)) == 6
    assert "not a posturecam log" in capsys.readouterr().err
    assert log.read_bytes() == before
    assert log.stat().st_mode & 0o777 == 0o644
    assert {file.name for file in home.iterdir()} <= {"log.db", "watch.lock", "export.lock"}


def test_a_folder_that_others_can_write_into_is_warned_of(tmp_path: Path) -> None:
    """With what to do about it."""
    folder = make_private_folder(tmp_path / "data")
    assert folder_warning(folder) is None
    folder.chmod(0o777)
    assert "chmod go-w" in str(folder_warning(folder))
