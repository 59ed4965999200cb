"""Limits that a Unix puts on a process, through Python's module for them."""

from __future__ import annotations

import sys
from typing import Protocol


class Limits(Protocol):
    """The part of `resource` that is used."""

    @property
    def RLIM_INFINITY(self) -> int:  # noqa: N802 - as `resource` names it
        """No limit."""

    @property
    def RLIMIT_AS(self) -> int:  # noqa: N802
        """Of addresses."""

    @property
    def RLIMIT_CORE(self) -> int:  # noqa: N802
        """Of what the system keeps of a program that crashed."""

    @property
    def RLIMIT_CPU(self) -> int:  # noqa: N802
        """Of time on a processor."""

    @property
    def RLIMIT_DATA(self) -> int:  # noqa: N802
        """Of memory."""

    def getrlimit(self, resource: int, /) -> tuple[int, int]:
        """The limit in force, and the one up to which it can be raised."""

    def setrlimit(self, resource: int, limits: tuple[int, int], /) -> None:
        """Puts both in force. Raises `OSError` and `ValueError`."""


def own_limits() -> Limits | None:
    """Those of this process; None where the system has none, as Windows."""
    if sys.platform == "win32":
        return None
    import resource

    return resource
