"""Limits that a Unix puts on a process, through Python's module for them."""

from __future__ import annotations

import sys
from typing import Any


def own_limits() -> Any | None:
    """The module `resource`; None where the system has no limits, as Windows."""
    if sys.platform == "win32":
        return None
    import resource

    return resource
