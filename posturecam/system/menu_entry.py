"""An entry in the desktop's menu of programs, with its icon: for one user, on Linux.

What ships in `posturecam/data/desktop` starts `posturecam` from the search path, as a package of
the system does. A user's own copy starts the very program that made it, wherever it is installed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from posturecam.base.language import Sentence
from posturecam.base.paths import write_atomically
from posturecam.system.autostart import (
    MARK,
    configured_home,
    is_ours,
    program_words,
    remove_own,
)

NAME = "posturecam"
"""Of the icon in a theme, and of the entry: what a notification names as its program."""
ENTRY_FILE = Path("applications", f"{NAME}.desktop")
ICON_FILE = Path("icons", "hicolor", "scalable", "apps", f"{NAME}.svg")
"""Both in a data folder (freedesktop.org, Desktop Menu and Icon Theme specifications)."""


def shipped(file: Path) -> str:
    """The text of the icon or the entry as the package has it."""
    return (files("posturecam") / "data" / "desktop" / file.name).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """An entry and its icon in a data folder.

    Attributes:
        folder: the data folder, as ~/.local/share.
        words: the program to start, its first word an absolute path.
    """

    folder: Path
    words: Sequence[str]
    home: str | None = None

    def texts(self) -> dict[Path, str]:
        """Each file and what is to stand in it."""
        return {
            self.folder / ENTRY_FILE: entry_text(self.words, self.home),
            self.folder / ICON_FILE: shipped(ICON_FILE).replace(
                "<svg", f"<!-- {MARK} -->\n<svg", 1
            ),
        }


def find_menu_entry(platform: str = sys.platform) -> MenuEntry | None:
    """The user's own entry; None where the system has no such menu."""
    if platform in ("darwin", "win32"):
        return None
    own = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return MenuEntry(folder=Path(own), words=program_words(), home=configured_home())


def entry_text(words: Sequence[str], home: str | None = None) -> str:
    """The entry that ships, with `words` in the place of the bare name of the program."""
    program = exec_value(words, home)
    text = shipped(ENTRY_FILE).replace(f"Exec={NAME}", f"Exec={program}")
    return f"# {MARK}\n{text}"


def exec_value(words: Sequence[str], home: str | None = None) -> str:
    """What an entry says of the program that it starts."""
    if home is not None:
        words = ("env", f"POSTURECAM_HOME={home}", *words)
    return " ".join(_quoted(word) for word in words)


def add(entry: MenuEntry) -> str:
    """Puts the entry and its icon in place, and says where.

    A file that somebody else made stays, and so does an entry that every user has.

    Raises:
        DataError: a file cannot be written.
    """
    file = _for_everybody()
    if file is None:
        file = entry.folder / ENTRY_FILE
        for own, text in entry.texts().items():
            if is_ours(own) or not os.path.lexists(own):
                write_atomically(own, text)
    return Sentence("It is in the menu of programs, too ({file}).", file=file)


def remove(entry: MenuEntry) -> None:
    """Takes away what `add` made, and folders that are empty then. Raises `DataError`."""
    for file in entry.texts():
        remove_own(file, entry.folder)


def _for_everybody() -> Path | None:
    folders = (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    entries = (Path(folder) / ENTRY_FILE for folder in folders if folder)
    return next((entry for entry in entries if entry.exists()), None)


def _quoted(word: str) -> str:
    # Quoted as an argument, then as a string, in which a backslash is written twice; a percent sign
    # would begin a code (Desktop Entry Specification, "The Exec key").
    escaped = "".join(f"\\{sign}" if sign in '"`$\\' else sign for sign in word)
    return '"{}"'.format(escaped.replace("\\", "\\\\").replace("%", "%%"))
