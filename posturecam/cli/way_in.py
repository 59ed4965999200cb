"""Without a command the next step is offered; a watch offers to take the baseline it lacks.

Where no profile was named, a command goes by that of the desk one sits at.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from posturecam.base.addresses import without_secrets
from posturecam.base.clock import LocalZone, SystemClock
from posturecam.base.command_words import quoted_words
from posturecam.base.errors import BaselineError, PosturecamError
from posturecam.base.language import Sentence, _, shown
from posturecam.cli.common import paths, say, settings_with, the_terminal

if TYPE_CHECKING:
    from posturecam.commands.borrowing import Given
    from posturecam.outputs.dialogue import Dialogue
    from posturecam.posture.profile_fit import Choice
    from posturecam.values.settings import Settings


_FILL_IN = "ADDRESS"
"""Stands in a command for what only its user knows."""


def offer_next_step() -> int:
    """Says what there is and offers the next step, and after a baseline the one after that.

    Returns:
        The exit code.
    """
    from posturecam.cli.app import run
    from posturecam.commands.way_in import WORDS, Step, find_situation, question, situation_lines

    terminal = the_terminal()
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
        if not terminal.agrees(question(step)):
            terminal.say(_("All commands: posturecam --help"))
            return 0
        code = run(WORDS[step])
        if code or step is not Step.TAKE_BASELINE:
            return code


def offer_baseline(settings: Settings, given: Given) -> None:
    """Takes the baseline that a watch lacks or could not use, if somebody is there and agrees.

    Raises:
        SourceError: there is no such source to take it from.
        Exit: taking it failed, and was said.
    """
    from posturecam.capture.find import find_source
    from posturecam.cli.app import run
    from posturecam.commands.way_in import Step, question
    from posturecam.watch.lock import is_watched

    terminal = the_terminal()
    if not terminal.interactive or is_watched(paths().lock):
        return
    why_none = _why_no_baseline(settings)
    if why_none is None:
        return
    find_source(settings.source, clock=SystemClock(), certificate=settings.camera_certificate)
    terminal.say(shown(why_none))
    words = ["calibrate", *given_words(given)]
    if terminal.agrees(question(Step.TAKE_BASELINE)) and (code := run(words)):
        raise typer.Exit(code)


def with_the_source(error: BaselineError, settings: Settings, given: Given) -> BaselineError:
    """A refusal of a watch; where it lacks a baseline, with what takes it from the same source."""
    if _has_baseline(settings):
        return error
    command = quoted_words(["posturecam", "calibrate", *option_words(given)])
    return BaselineError(error.what, Sentence("Take one with: {command}", command=command))


def _why_no_baseline(settings: Settings) -> str | None:
    """Why a watch would be refused for its baseline; of all else it says itself."""
    from posturecam.pose.models import find_model
    from posturecam.posture.profiles import fitting_profile

    try:
        fitting_profile(paths().profiles, settings.profile, find_model(settings.model))
    except BaselineError as error:
        return error.what
    except PosturecamError:
        pass
    return None


def _has_baseline(settings: Settings) -> bool:
    from posturecam.commands.way_in import profile_file

    return profile_file(paths(), settings.profile).exists()


def option_words(given: Given) -> list[str]:
    """The same options for a command that is shown; what has secrets is to be filled in."""
    words: list[str] = []
    for name, value in given.items():
        if value is not None:
            words += [f"--{name}", value if without_secrets(value) == value else _FILL_IN]
    return words


def given_words(given: Given) -> list[str]:
    """The same options for a command that is run here and shown to nobody."""
    words: list[str] = []
    for name, value in given.items():
        if value is not None:
            words += [f"--{name}", value]
    return words


def settings_here(settings: Settings, profile: str | None) -> Settings:
    """The settings, with the profile that fits what is plugged in unless one was named."""
    from posturecam.commands.profile_here import chosen_here

    choice = chosen_here(paths(), settings, profile)
    if choice is None:
        return settings
    return replace(settings, profile=choice.unasked(settings.profile))


def settings_to_watch(settings: Settings, given: Given) -> Settings:
    """The same for a watch, which says which it is and offers to take one for a new desk.

    The options `given` are those that a calibration has as well.
    """
    from posturecam.commands.profile_here import chosen_here
    from posturecam.watch.lock import is_watched

    choice = chosen_here(paths(), settings, given["profile"])
    if choice is None:
        return settings
    terminal = the_terminal()
    if not choice.is_of_this_desk and terminal.interactive and not is_watched(paths().lock):
        answered = _offer_another(settings, choice, terminal, given)
        if answered is not None:
            return replace(settings, profile=answered)
    name = choice.unasked(settings.profile)
    if name != settings.profile or not choice.is_of_this_desk:
        text = _("Baseline {name}: it was taken at this desk.")
        if not choice.is_of_this_desk:
            text = _("Baseline {name}: it was not taken at this desk.")
        say(text.format(name=repr(name)), err=True)
    return replace(settings, profile=name)


def settings_to_calibrate(settings: Settings, profile: str | None) -> Settings:
    """The same for a new baseline, which replaces none that was taken at another desk."""
    from posturecam.commands.profile_here import chosen_here, name_for_new

    choice = chosen_here(paths(), settings, profile)
    if choice is None:
        return settings
    name = name_for_new(paths().profiles, choice)
    if not choice.is_of_this_desk:
        text = _(
            "Another desk than that of {known}: kept as {name}. (To replace that one: --profile "
            "{profile})"
        )
        say(text.format(known=repr(choice.name), name=repr(name), profile=choice.name), err=True)
    return replace(settings, profile=name)


def _offer_another(
    settings: Settings, choice: Choice, terminal: Dialogue, given: Given
) -> str | None:
    """The name of the profile to use at this desk; None where nothing was answered.

    Of a yes the one that was taken now; of a no, which is remembered, the one that there is.

    Raises:
        Exit: taking it failed, and was said.
    """
    from posturecam.cli.app import run
    from posturecam.commands.profile_here import desk_here, unused_name
    from posturecam.outputs.baseline_words import desk_text
    from posturecam.posture.profiles import use_at
    from posturecam.values.answers import Answer

    here = desk_here(settings.source)
    if here is None:
        return None
    question = _("No baseline was taken at this desk ({desk}). Take one now?")
    answer = terminal.ask(question.format(desk=desk_text(here)))
    if answer is Answer.NO:
        use_at(paths().profiles, choice.name, here)
        return choice.name
    if answer is not Answer.YES:
        return None
    name = unused_name(paths().profiles)
    if code := run(["calibrate", *given_words(given), "--profile", name]):
        raise typer.Exit(code)
    return name
