"""`config.toml`: the user's own settings, checked as a whole before anything starts."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path

from posturecam.base.addresses import without_secrets
from posturecam.base.errors import DataError
from posturecam.base.files import is_readable_by_others, may_be_of_another, read_file
from posturecam.base.language import Sentence
from posturecam.values.settings import Settings

LARGEST_BYTES = 100_000


def unreadable(path: Path, error: Exception, remedy: Sentence) -> DataError:
    """What to raise where a config file cannot be read; the system repeats its path in `error`."""
    if isinstance(error, NotADirectoryError):
        place = next((one for one in path.parents if one.exists()), path.parent)
        return DataError(
            Sentence("{path} cannot be read: {place} is no folder.", path=path, place=place),
            Sentence("Move that aside, or name a folder in POSTURECAM_HOME."),
        )
    if isinstance(error, PermissionError):
        remedy = Sentence("Make the file yours again; it may have been written with sudo.")
    why = getattr(error, "strerror", None) or error
    return DataError(Sentence("{path} cannot be read: {why}.", path=path, why=why), remedy)


def load_settings(path: Path) -> Settings:
    """The settings in the file at `path`, defaults for what it leaves out or when it is absent.

    Raises:
        UsageError: keys or values make no sense; all of them are named, with their lines.
        DataError: the file cannot be read or is not TOML, or it names a command to run and
            somebody else could have written it.
    """
    try:
        text = read_text(path)
        content = tomllib.loads(text)
        foreign = may_be_of_another(path)
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, RecursionError) as error:
        remedy = Sentence("Correct it, or move it aside to go on with the defaults.")
        raise unreadable(path, error, remedy) from error
    # Here, because it takes longer to load than a day to be reviewed, and most have no such file.
    from posturecam.commands.config_keys import checked_settings

    settings = checked_settings(path, text, content)
    if settings.on_alert and foreign:
        raise DataError(
            Sentence(
                "{path} names a command for alerts, and somebody else could have written it.",
                path=path,
            ),
            Sentence(
                "Read it, own it, then: chmod o-w {file} {folder}",
                file=shlex.quote(str(path)),
                folder=shlex.quote(str(path.parent)),
            ),
        )
    return settings


def is_set(path: Path, key: str) -> bool:
    """Whether the file at `path`, which can be read, says something of a key at its top."""
    try:
        return key in tomllib.loads(read_text(path))
    except FileNotFoundError:
        return False


def read_text(path: Path) -> str:
    """The config file, its lines ending as on Unix.

    Raises:
        OSError: it is not there, or is no file.
        ValueError: it is far too large, or not UTF-8.
    """
    return read_file(path, most_bytes=LARGEST_BYTES).decode("utf-8-sig").replace("\r\n", "\n")


def exposes_secrets(settings: Settings, path: Path) -> bool:
    """Whether the file holds an address with a login or a path, and other users may read it."""
    words = [settings.source, *settings.on_alert]
    secret = any(without_secrets(word) != word for word in words)
    return secret and path.exists() and is_readable_by_others(path)
