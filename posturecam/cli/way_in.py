"""Without a command the next step is offered; a watch offers to take the baseline it lacks."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from posturecam.base.addresses import without_secrets
from posturecam.base.clock import LocalZone, SystemClock
from posturecam.base.command_words import quoted_words
from posturecam.base.errors import BaselineError
from posturecam.base.language import Sentence, _
from posturecam.cli.common import paths, settings_with

if TYPE_CHECKING:
    from posturecam.commands.borrowing import Given
    from posturecam.values.settings import Settings


def offer_next_step() -> int:
    """Says what there is and offers the next step, and after a baseline the one after that.

    Returns:
        The exit code.
    """
    from posturecam.cli.app import run
    from posturecam.cli.profile_in_use import settings_here
    from posturecam.commands.way_in import WORDS, Step, find_situation, question, situation_lines
    from posturecam.outputs.dialogue import Dialogue
    from posturecam.values.answers import Answer

    terminal = Dialogue(sys.stdin, sys.stdout)
    while True:
        situation = find_situation(
            settings_here(settings_with(), None),
            paths(),
            lambda at_s: datetime.fromtimestamp(at_s, UTC).astimezone(LocalZone()).date(),
        )
        for line in situation_lines(situation):
            terminal.write(line)
        step = situation.step
        if step in (Step.FIND_CAMERA, Step.FIND_SOURCE):
            terminal.say(question(step))
            return 0
        if terminal.ask(question(step)) is not Answer.YES:
            terminal.say(_("All commands: posturecam --help"))
            return 0
        code = run(WORDS[step])
        if code or step is not Step.TAKE_BASELINE:
            return code


def offer_baseline(settings: Settings, given: Given) -> None:
    """Takes the baseline that a watch lacks, if somebody is there and agrees.

    Raises:
        SourceError: there is no such source to take it from.
        Exit: taking it failed, and was said.
    """
    from posturecam.capture.find import find_source
    from posturecam.cli.app import run
    from posturecam.commands.way_in import Step, question
    from posturecam.outputs.dialogue import Dialogue
    from posturecam.values.answers import Answer
    from posturecam.watch.lock import is_watched

    terminal = Dialogue(sys.stdin, sys.stdout)
    if not terminal.interactive or _has_baseline(settings) or is_watched(paths().lock):
        return
    find_source(settings.source, clock=SystemClock(), certificate=settings.camera_certificate)
    text = _("There is no baseline named {name!r} yet.")
    terminal.say(text.format(name=settings.profile))
    if terminal.ask(question(Step.TAKE_BASELINE)) is Answer.YES and (
        code := run(calibrate_words(given))
    ):
        raise typer.Exit(code)


def with_the_source(error: BaselineError, settings: Settings, given: Given) -> BaselineError:
    """A refusal of a watch; where it lacks a baseline, with what takes it from the same source."""
    if _has_baseline(settings):
        return error
    command = quoted_words(["posturecam", *calibrate_words(given)])
    return BaselineError(error.what, Sentence("Take one with: {command}", command=command))


def _has_baseline(settings: Settings) -> bool:
    from posturecam.commands.way_in import profile_file

    return profile_file(paths(), settings.profile).exists()


def calibrate_words(given: Given) -> list[str]:
    """The command line that takes a baseline with these options, without those with secrets."""
    words = ["calibrate"]
    for name, value in given.items():
        if value is not None and without_secrets(value) == value:
            words += [f"--{name}", value]
    return words
