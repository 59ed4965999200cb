"""Where things are kept: `POSTURECAM_HOME`, or else the places the system provides."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from posturecam.base.clock import Clock, SystemClock
from posturecam.base.errors import DataError, UsageError
from posturecam.base.files import HAS_MODES, own_user, refuse_no_file
from posturecam.base.language import Sentence

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
REPLACED_WITHIN_S, REPLACED_AGAIN_S = 1.0, 0.02
"""A file that another program has open is waited for so long, and asked for so often."""
IN_USE = (5, 32)
"""ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION: what Windows says of a file that is open."""
LONGEST_SOCKET_BYTES = 100
"""Systems hold the name of a socket in 104 to 108 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppPaths:
    """The folders of one user."""

    data: Path
    config: Path

    @property
    def config_file(self) -> Path:
        """Settings that the user wrote."""
        return self.config / "config.toml"

    @property
    def profiles(self) -> Path:
        """Baselines, one file each."""
        return self.data / "profiles"

    @property
    def log(self) -> Path:
        """The daily log."""
        return self.data / "log.db"

    @property
    def reviews(self) -> Path:
        """Pages that `review --html` makes."""
        return self.data / "reviews"

    @property
    def lock(self) -> Path:
        """Held by the one watch that may write."""
        return self.data / "watch.lock"

    @property
    def tray_lock(self) -> Path:
        """Held by the one tray there is."""
        return self.data / "tray.lock"

    @property
    def calibration_lock(self) -> Path:
        """Held by the one window in which a baseline is taken."""
        return self.data / "calibration.lock"

    @property
    def watch_output(self) -> Path:
        """What the last watch printed that the tray has started."""
        return self.data / "watch.txt"

    @property
    def said(self) -> Path:
        """What was said on the desktop when the last watch ended that nobody looked at."""
        return self.data / "said.txt"

    @property
    def week_said(self) -> Path:
        """The Sunday of the week that was last summed up on the desktop."""
        return self.data / "week.txt"

    @property
    def requests(self) -> Path:
        """Pauses and snoozes that are not over."""
        return self.data / "steering.json"

    @property
    def control(self) -> Path:
        """The socket of a running watch; elsewhere when the folder's name is too long for one."""
        return address_near(self.data.absolute() / "control.sock", own_user())


def address_near(wanted: Path, user: int | None) -> Path:
    """Where a socket is that should be at `wanted`, a full path: elsewhere, if that is too long.

    On Windows, which has no user, it is a file of any name.
    """
    if user is None or len(os.fsencode(wanted)) <= LONGEST_SOCKET_BYTES:
        return wanted
    from hashlib import sha256

    name = sha256(os.fsencode(wanted)).hexdigest()[:16]
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(runtime) / f"posturecam-{name}.sock"
    return Path(tempfile.gettempdir()) / f"posturecam-{user}" / f"{name}.sock"


def find_app_paths() -> AppPaths:
    """The folders in use; nothing is created.

    Raises:
        UsageError: there is no home folder, or `POSTURECAM_HOME` is nobody's.
    """
    if home := os.environ.get("POSTURECAM_HOME"):
        try:
            folder = Path(home).expanduser()
        except RuntimeError as error:
            raise UsageError(
                Sentence("POSTURECAM_HOME names nobody's folder: {home}.", home=home),
                Sentence("Set it to a full path."),
            ) from error
        return AppPaths(data=folder, config=folder)
    from platformdirs import user_config_path, user_data_path

    try:
        return AppPaths(
            data=user_data_path("posturecam", appauthor=False),
            config=user_config_path("posturecam", appauthor=False),
        )
    except RuntimeError as error:
        raise UsageError(
            Sentence("You have no home folder, in which posturecam would keep its files."),
            Sentence("Set HOME, or POSTURECAM_HOME, to the full path of a folder."),
        ) from error


def typed_path(text: str) -> Path:
    """The path that somebody typed; `~` is a home folder, where there is one of that name."""
    try:
        return Path(text).expanduser()
    except RuntimeError:  # nobody's
        return Path(text)


@contextmanager
def removing(file: Path) -> Iterator[None]:
    """Says which file of ours stays where removing it fails. Raises `DataError`."""
    try:
        yield
    except OSError as error:
        raise DataError(
            Sentence("{file} cannot be removed: {why}.", file=file, why=error.strerror),
            Sentence("Make its folder writable, or remove it by hand."),
        ) from error


def remove_emptied(file: Path, inside: Path) -> None:
    """Removes the folders in `inside` that are empty now that `file` is gone."""
    between = len(file.relative_to(inside).parents) - 1
    with suppress(OSError):  # from the first one on that holds something else
        for folder in list(file.parents)[:between]:
            folder.rmdir()


def make_private_folder(folder: Path) -> Path:
    """`folder`, which is writable; made for this user only if it was not there.

    A folder that is there already belongs to the user, who may have reasons for its mode.

    Raises:
        DataError: it cannot be made or takes no file.
    """
    try:
        for missing in reversed([one for one in folder.parents if not one.exists()]):
            missing.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)  # mkdir's own parents are not private
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DataError(
            Sentence(
                "The folder {folder} cannot be used: {why}.", folder=folder, why=error.strerror
            ),
            Sentence("Make it writable, or set POSTURECAM_HOME to another folder."),
        ) from error
    return folder


def folder_warning(folder: Path, *, has_modes: bool = HAS_MODES) -> Sentence | None:
    """Who else could put files into a folder that is there; None if nobody but root could."""
    if not has_modes:
        return None
    found = folder.stat()
    if found.st_uid != own_user():
        return Sentence(
            "the folder {folder} belongs to somebody else, who can read and change what is there",
            folder=folder,
        )
    if found.st_mode & stat.S_IWOTH:
        return Sentence(
            "everybody can write into the folder {folder}; close it with: chmod go-w {folder}",
            folder=folder,
        )
    return None


def put_in_place(
    made: Path,
    path: Path,
    *,
    replace: Callable[[Path, Path], object] = Path.replace,
    clock: Clock | None = None,
) -> None:
    """Gives the file that was made the name `path`, and what had it is gone.

    On Windows that is refused while another program has one of them open, as a scanner for viruses
    may have for a moment whatever is new: it is tried again.

    Raises:
        OSError: it cannot be done, or not within `REPLACED_WITHIN_S`.
    """
    clock = clock or SystemClock()
    until_s = clock.monotonic_s() + REPLACED_WITHIN_S
    while True:
        try:
            replace(made, path)
        except PermissionError as error:
            if getattr(error, "winerror", None) not in IN_USE or clock.monotonic_s() >= until_s:
                raise
            clock.wait_s(REPLACED_AGAIN_S)
        else:
            return


def write_atomically(path: Path, content: str | bytes) -> None:
    """The file is there whole, or as it was before with a `DataError`, whatever happens."""
    make_private_folder(path.parent)
    unfinished = None
    try:
        refuse_no_file(path)  # as root one would replace /dev/null
        # A name that nobody can foresee, and mode 0600 from the beginning.
        descriptor, unfinished = tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=".tmp", dir=path.parent
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        put_in_place(Path(unfinished), path)
    except OSError as error:
        if unfinished is not None:
            with suppress(OSError):
                Path(unfinished).unlink()
        raise DataError(
            Sentence("{path} cannot be written: {why}.", path=path, why=error.strerror),
            Sentence(
                "Free some space or make the folder writable; what was there before is untouched."
            ),
        ) from error
