"""The tray from the login on: an entry for autostart (freedesktop.org), where Qt is installed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from posturecam.base.language import Sentence, _
from posturecam.base.paths import write_atomically
from posturecam.system import autostart, menu_entry
from posturecam.system.autostart import (
    MARK,
    configured_home,
    is_ours,
    program_words,
    remove_own,
)
from posturecam.system.menu_entry import NAME, exec_value

PACKAGE = "PySide6"
"""What the tray needs besides."""

TRAY_WORD = "tray"
"""The command that shows it."""

ENTRY_FILE = Path("autostart", f"{NAME}-tray.desktop")
"""In a config folder (freedesktop.org, Desktop Application Autostart Specification)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayEntry:
    """An entry in a config folder.

    Attributes:
        folder: the config folder, as ~/.config.
    """

    folder: Path
    words: Sequence[str]
    home: str | None = None

    @property
    def file(self) -> Path:
        """Where it stands."""
        return self.folder / ENTRY_FILE

    def text(self) -> str:
        """What it says."""
        return f"""# {MARK}
[Desktop Entry]
Type=Application
Version=1.4
Name={NAME}
Comment=Shows how you sit as an icon beside the clock
Exec={exec_value(self.words, self.home)}
Icon={NAME}
"""


def find_tray_entry(platform: str = sys.platform) -> TrayEntry | None:
    """The user's own; None where the system starts nothing that way."""
    if platform in ("darwin", "win32"):
        return None
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    words = (*program_words(), TRAY_WORD)
    return TrayEntry(folder=Path(config), words=words, home=configured_home())


def is_installed() -> bool:
    """Whether there is what the tray needs."""
    return find_spec(PACKAGE) is not None


def add(entry: TrayEntry) -> str | None:
    """Has the tray start at the login, and says so; None where somebody else's file stays.

    Raises:
        DataError: the file cannot be written.
    """
    if os.path.lexists(entry.file) and not is_ours(entry.file):
        return None
    write_atomically(entry.file, entry.text())
    return Sentence("The tray starts at every login, too ({file}).", file=entry.file)


def disable_all() -> Iterator[str]:
    """Has neither watch nor tray start at the login, and takes the menu entry away; says so.

    Raises:
        UsageError: what starts the watch was made by somebody else.
        DataError: a file cannot be removed.
    """
    yield autostart.disable(autostart.make_plan())
    if (tray := find_tray_entry()) and remove_own(tray.file, tray.folder):
        yield _("Nor does the tray; {file} is removed.").format(file=tray.file)
    if entry := menu_entry.find_menu_entry():
        menu_entry.remove(entry)


def starts(entry: TrayEntry) -> bool:
    """Whether the tray starts at the login: the entry is there, and no desktop switched it off."""
    if not is_ours(entry.file):
        return False
    lines = entry.file.read_text(encoding="utf-8", errors="replace").splitlines()
    return not {"Hidden=true", "X-GNOME-Autostart-enabled=false"} & set(lines)
