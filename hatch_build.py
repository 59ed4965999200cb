"""Refuses to install where the pose library cannot be had, before pip says so in its own way.

Takes the manual page along where one was made.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


class PlatformHook(MetadataHookInterface):
    """Run by hatchling when pip asks what the package needs."""

    def update(self, metadata: dict[str, Any]) -> None:  # noqa: ARG002 - the interface has it
        """Raises where the program cannot run; changes nothing elsewhere."""
        sys.path.insert(0, self.root)  # of the package only what needs nothing else
        try:
            module = importlib.import_module("posturecam.base.platforms")
        finally:
            sys.path.remove(self.root)
        if why := module.why_unsupported_here():
            raise RuntimeError(why)


MAN_PAGE = "build/share/man/man1/posturecam.1"
"""Made by `make wheel`: a page of all commands needs the program, which a build does not have."""


class ManPageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Run by hatchling before it packs anything."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Puts the page into the sdist as it lies, and into a wheel where `man` finds it."""
        page = Path(self.root, MAN_PAGE)
        if version == "standard" and page.is_file():
            if self.target_name == "sdist":
                build_data["force_include"][str(page)] = MAN_PAGE
            else:
                build_data["shared_data"][str(page)] = MAN_PAGE.removeprefix("build/")
