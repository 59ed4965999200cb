"""How the program was installed here, and so which command adds to it or removes it."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from posturecam.base.command_words import quoted_word, quoted_words

PACKAGE_FOLDER = Path("/opt/posturecam")
"""Where a .deb puts the program (`.ci/deb`)."""


class Installer(StrEnum):
    """What installed it."""

    APT = "apt"
    PIPX = "pipx"
    PIP = "pip"


def installer(prefix: Path | None = None) -> Installer:
    """What installed the program at `prefix`; this one without it."""
    prefix = Path(sys.prefix) if prefix is None else prefix
    if prefix == PACKAGE_FOLDER:
        return Installer.APT
    return Installer.PIPX if "pipx" in prefix.parts else Installer.PIP


def removing_command(by: Installer) -> str:
    """What to type to remove the program."""
    match by:
        case Installer.APT:
            return "sudo apt purge posturecam"
        case Installer.PIPX:
            return "pipx uninstall posturecam"
        case Installer.PIP:
            return f"{quoted_word(sys.executable)} -m pip uninstall posturecam"


def adding_command(extra: str, by: Installer, declared: Sequence[str] | None = None) -> str | None:
    """What to type to have an extra as well; None for a .deb, to which nothing can be added.

    What the program requires is as `declared`, or as its own metadata say.
    """
    from packaging.requirements import Requirement

    if declared is None:
        with suppress(importlib.metadata.PackageNotFoundError):  # its source alone is here
            declared = importlib.metadata.requires("posturecam")
    wanted = [
        f"{one.name}{one.specifier}"
        for one in map(Requirement, declared or ())
        if one.marker is not None and not one.marker.evaluate({"extra": ""})
        if one.marker.evaluate({"extra": extra})
    ]
    if by is Installer.APT or not wanted:
        return None
    program = [sys.executable, "-m", "pip", "install"]
    if by is Installer.PIPX:
        program = ["pipx", "inject", "posturecam"]
    return quoted_words([*program, *wanted])
