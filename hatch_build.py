"""Refuses to install where the pose library cannot be had, before pip says so in its own way."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class PlatformHook(MetadataHookInterface):
    """Run by hatchling when pip asks what the package needs."""

    def update(self, metadata: dict[str, Any]) -> None:  # noqa: ARG002 - the interface has it
        """Raises where the program cannot run; changes nothing elsewhere."""
        module = runpy.run_path(str(Path(self.root, "posturecam", "base", "platforms.py")))
        if why := module["why_unsupported_here"]():
            raise RuntimeError(why)
