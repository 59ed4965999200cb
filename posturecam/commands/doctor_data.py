"""Can a watch keep what it sees? Each thing that it will do with its files is done once.

Nothing that is there is changed: a log is only read, and written is a trial one beside it.
"""

from __future__ import annotations

import os
import re
import shlex
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.errors import (
    AlreadyRunningError,
    BaselineError,
    DataError,
    PosturecamError,
    UsageError,
)
from posturecam.base.files import HAS_MODES
from posturecam.base.language import N_, Sentence
from posturecam.base.paths import AppPaths, folder_warning, make_private_folder
from posturecam.commands.doctor_check import Check, check, failed
from posturecam.log.connection import COMPANIONS, connect, explained, read_shape
from posturecam.pose.models import find_model
from posturecam.posture.profiles import (
    fitting_profile,
    fitting_standing,
    list_profiles,
    load_profile,
    profile_path,
)
from posturecam.posture.taught import load_taught
from posturecam.values.settings import calibrate_command
from posturecam.watch.client import ask
from posturecam.watch.lock import only_watch
from posturecam.watch.protocol import STATUS
from posturecam.watch.server import ControlServer

if TYPE_CHECKING:
    from posturecam.base.clock import Clock

MOUNTS = Path("/proc/self/mountinfo")

_ELSEWHERE = Sentence("Free some space, or set POSTURECAM_HOME to a folder on a local disk.")


def data_checks(paths: AppPaths, clock: Clock) -> Iterator[Check]:
    """Folder, which is made if need be, and if there is one baselines, log, lock and socket."""
    yield folder_check(paths.data)
    if not paths.data.is_dir():  # whatever else failed would fail for that
        return
    yield baselines_check(paths.profiles)
    yield log_check(paths.log, at=clock.utc_now())
    yield from watch_checks(paths, clock)


@check(N_("data folder"))
def folder_check(folder: Path) -> str:
    """Whether the data folder takes files, and those of nobody else."""
    with _saying_where(folder):
        make_private_folder(folder)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"posturecam")
    if (warning := folder_warning(folder)) is not None:
        raise DataError(warning, Sentence("Set POSTURECAM_HOME to a folder that is yours alone."))
    return str(folder)


@check(N_("baselines"))
def baselines_check(profiles: Path) -> str:
    """Whether every baseline can be read, and makes sense."""
    known = list_profiles(profiles)
    for file in sorted(profiles.glob("*.json")):
        if (refusal := refused(file, os.O_RDONLY)) is not None:
            raise refusal
    for profile in known:
        load_profile(profiles, profile)
        load_taught(profile_path(profiles, profile))
    if not known:
        return Sentence("none in {folder}", folder=profiles)
    return Sentence("{number} in {folder}", number=len(known), folder=profiles)


def is_damaged(profiles: Path, name: str) -> bool:
    """Whether there is a baseline of this name that cannot be used."""
    try:
        load_profile(profiles, name)
    except DataError:
        return True
    except PosturecamError:
        return False
    return False


@check(N_("baseline"))
def baseline_check(profiles: Path, name: str, model: str) -> str:
    """Whether there is the one that a watch would use, and whether it fits its pose model."""
    path = profile_path(profiles, name)
    if name not in list_profiles(profiles) or not path.exists():
        raise BaselineError(
            Sentence("none yet under the name {name}", name=name),
            Sentence("Take one: {command}", command=calibrate_command(name)),
        )
    try:
        known = find_model(model)
    except (DataError, UsageError):
        return name  # that is said by another check
    fitting_profile(profiles, name, known)
    fitting_standing(profiles, name, known)
    return name


@check(N_("log"))
def log_check(
    log: Path, *, at: datetime, open_trial: Callable[..., sqlite3.Connection] = connect
) -> str:
    """Whether the log can be read, and one beside it written as a watch does.

    The folder of the log must be there.
    """
    for file in (log, *(log.with_name(log.name + end) for end in COMPANIONS)):
        if (refusal := refused(file, os.O_RDWR)) is not None:
            raise refusal
    there = read_shape(log)
    with (
        _saying_where(log.parent, remedy=_ELSEWHERE),
        tempfile.TemporaryDirectory(prefix=".doctor-", dir=log.parent) as trial,
        explained(path := Path(trial) / "log.db"),
        closing(open_trial(path, at=at)) as connection,
    ):
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        if mode != "wal":
            raise sqlite3.OperationalError(Sentence("no memory can be shared there"))
    if there:
        return Sentence("can be read and written")
    return Sentence("not there yet; its folder takes one")


def watch_checks(paths: AppPaths, clock: Clock) -> Iterator[Check]:
    """The lock of the data folder and the way to a running watch, tried as a watch does."""
    try:
        with only_watch(paths.lock):  # meanwhile no watch begins to use the socket
            control = control_check(paths.control, lambda: _serve_once(paths.control, clock))
    except AlreadyRunningError:
        yield Check(name=Sentence("lock"), ok=True, detail=Sentence("held by a running watch"))
        yield control_check(paths.control, lambda: ask(paths.control, {"do": STATUS}))
    except DataError as error:
        where = DataError(Sentence.joined((error.what, _where(paths.data))), error.remedy)
        yield failed(Sentence("lock"), refused(paths.lock, os.O_RDWR) or where)
    else:
        yield Check(name=Sentence("lock"), ok=True, detail=Sentence("can be taken"))
        yield control


@check(N_("control"), required=False)
def control_check(address: Path, try_it: Callable[[], object]) -> str:
    """Whether other terminals reach a watch; it works without."""
    with _saying_where(address.parent):
        try_it()
    return Sentence("{address} answers", address=address)


def refused(file: Path, flags: int, *, has_modes: bool = HAS_MODES) -> DataError | None:
    """Why an existing file cannot be opened, and whose it is; None when it can or is not there."""
    try:
        os.close(os.open(file, flags | getattr(os, "O_NONBLOCK", 0)))
    except FileNotFoundError:
        return None
    except PermissionError as error:
        if not has_modes:
            return DataError(
                Sentence("{file}: {why}.", file=file, why=error.strerror),
                Sentence(
                    "Close the program that has it open, or allow yourself to use it in its "
                    "properties; or set POSTURECAM_HOME to another folder."
                ),
            )
        what = Sentence(
            "{file}: {why}; {owner}.", file=file, why=error.strerror, owner=_owner(file)
        )
        remedy = Sentence(
            'Make it yours: sudo chown "$USER" {quoted}; or set POSTURECAM_HOME to another folder.',
            quoted=shlex.quote(str(file)),
        )
        return DataError(what, remedy)
    except OSError as error:
        what = Sentence("{file}: {why}.", file=file, why=error.strerror)
        return DataError(
            Sentence.joined((what, _where(file.parent))),
            Sentence("Make it writable, or set POSTURECAM_HOME to another folder."),
        )
    return None


def file_system_of(folder: Path, mounts: str) -> str | None:
    """Kind of the file system that holds `folder`, such as `ext4`; None when it is not listed.

    The folder is absolute and without links, the mounts are listed as in /proc/self/mountinfo.
    """
    found, kind = -1, None
    for line in mounts.splitlines():
        mount, _, source = line.partition(" - ")
        if len(fields := mount.split()) > 4 and source:
            point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[4])
            # The list is in order: a later mount at the same place covers an earlier one.
            if folder.is_relative_to(point) and len(point) >= found:
                found, kind = len(point), source.split()[0]
    return kind


@contextmanager
def _saying_where(folder: Path, *, remedy: str = "") -> Iterator[None]:
    """What goes wrong within is said with the file system of the folder."""
    try:
        yield
    except PosturecamError as error:
        raise DataError(
            Sentence.joined((error.what, _where(folder))),
            remedy or error.remedy,
        ) from error
    except OSError as error:
        what = Sentence("{folder}: {why}.", folder=folder, why=error.strerror)
        raise DataError(
            Sentence.joined((what, _where(folder))),
            _ELSEWHERE,
        ) from error


def _serve_once(address: Path, clock: Clock) -> None:
    with ControlServer(address, lambda _: {}, clock=clock):
        ask(address, {"do": STATUS})


def _owner(file: Path) -> str:
    try:
        found = file.stat()
    except OSError:
        return Sentence("its folder is closed to you")
    owner = str(found.st_uid)
    if sys.platform != "win32":
        import pwd

        with suppress(KeyError):
            owner = pwd.getpwuid(found.st_uid).pw_name
    mode = f"{stat.S_IMODE(found.st_mode):04o}"
    return Sentence("it belongs to {owner} (mode {mode})", owner=owner, mode=mode)


def _where(folder: Path) -> str:
    with suppress(OSError):
        kind = file_system_of(folder.resolve(), MOUNTS.read_text(encoding="utf-8"))
        if kind is not None:
            return Sentence("The file system there is {kind}.", kind=kind)
    return ""
