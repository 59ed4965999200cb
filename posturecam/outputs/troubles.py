"""What goes wrong with an output or a file, said while the watch goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from posturecam.values.events import Tick


class Troubled(Protocol):
    """Something that can fail."""

    @property
    def problem(self) -> str | None:
        """What is wrong with it; None while nothing is."""


class Troubles:
    """Says once what goes wrong with a sink, and again only if it was well in between."""

    def __init__(self, troubled: Sequence[Troubled], warn: Callable[[str], None]) -> None:
        self._troubled = troubled
        self._said = [False] * len(troubled)
        self._warn = warn

    def handle(self, _tick: Tick) -> None:
        """Asks each of them."""
        for index, troubled in enumerate(self._troubled):
            problem = troubled.problem
            if problem is not None and not self._said[index]:
                self._warn(problem)
            self._said[index] = problem is not None
