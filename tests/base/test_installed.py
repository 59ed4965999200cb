"""How the program was installed, and the command that adds to it or removes it there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from posturecam.base.command_words import quoted_word
from posturecam.base.installed import Installer, adding_command, installer, removing_command

PIP = f"{quoted_word(sys.executable)} -m pip"


@pytest.mark.parametrize(
    ("prefix", "by"),
    [
        ("/opt/posturecam", Installer.APT),
        ("/home/me/.local/share/pipx/venvs/posturecam", Installer.PIPX),
        ("/home/me/posturecam/.venv", Installer.PIP),
        ("/usr", Installer.PIP),
    ],
)
def test_what_installed_it_is_known_by_where_it_is(prefix: str, by: Installer) -> None:
    """A folder of pipx, that of the .deb, or any other."""
    assert installer(Path(prefix)) is by


@pytest.mark.parametrize(
    ("by", "removing", "adding"),
    [
        (Installer.APT, "sudo apt purge posturecam", None),
        (
            Installer.PIPX,
            "pipx uninstall posturecam",
            "pipx inject posturecam 'pyarrow<27,>=18'",
        ),
        (Installer.PIP, f"{PIP} uninstall posturecam", f"{PIP} install 'pyarrow<27,>=18'"),
    ],
)
def test_a_command_is_said_that_works_there(
    by: Installer, removing: str, adding: str | None
) -> None:
    """Nothing of an index that may not know it, or of a pip that the system refuses."""
    assert removing_command(by) == removing
    if sys.platform == "win32" and adding is not None:
        adding = adding.replace("'", '"')
    declared = [
        "numpy<3,>=2.0",
        "dbus-fast<6,>=4; sys_platform == 'linux'",
        "pyarrow<27,>=18; extra == 'parquet'",
        "PySide6-Essentials<6.12,>=6.8; extra == 'desktop'",
    ]
    assert adding_command("parquet", by, declared) == adding
    assert adding_command("unheard-of", by, declared) is None
