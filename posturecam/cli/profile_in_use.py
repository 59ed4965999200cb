"""Which profile a command goes by where none was named: that of the desk one sits at."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from posturecam.base.language import _
from posturecam.cli.common import paths, say

if TYPE_CHECKING:
    from posturecam.commands.borrowing import Given
    from posturecam.outputs.dialogue import Dialogue
    from posturecam.posture.profile_fit import Choice
    from posturecam.values.settings import Settings


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
    from posturecam.outputs.dialogue import Dialogue
    from posturecam.watch.lock import is_watched

    choice = chosen_here(paths(), settings, given["profile"])
    if choice is None:
        return settings
    terminal = Dialogue(sys.stdin, sys.stdout)
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
    import typer

    from posturecam.cli.app import run
    from posturecam.cli.way_in import calibrate_words
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
    if code := run([*calibrate_words(given), "--profile", name]):
        raise typer.Exit(code)
    return name
