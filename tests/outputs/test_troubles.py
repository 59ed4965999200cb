"""What goes wrong with an output is said once, and again only after it was well."""

from __future__ import annotations

from dataclasses import dataclass

from posturecam.outputs.troubles import Troubles
from tests.outputs.test_display import tick


@dataclass
class Sink:
    """Something that can fail."""

    problem: str | None = None


def test_each_problem_is_said_once_and_again_when_it_comes_back() -> None:
    """Of two outputs, each for itself; a text that changes is still the same trouble."""
    said: list[str] = []
    log, desktop = Sink(), Sink()
    troubles = Troubles([log, desktop], said.append)

    troubles.handle(tick())
    log.problem = "the disk is full"
    troubles.handle(tick())
    desktop.problem = "no bus"
    log.problem = "the disk is still full"
    troubles.handle(tick())
    assert said == ["the disk is full", "no bus"]

    log.problem = None
    troubles.handle(tick())
    log.problem = "the disk is full"
    troubles.handle(tick())
    assert said == ["the disk is full", "no bus", "the disk is full"]
