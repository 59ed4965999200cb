"""The words of `profiles`."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from posturecam.base.clock import LocalZone
from posturecam.base.errors import PosturecamError, UsageError
from posturecam.base.language import Sentence, _
from posturecam.cli.common import (
    YesOption,
    add_group,
    agree_to_delete,
    paths,
    say,
    say_fitting,
    settings_with,
)
from posturecam.cli.panels import UPKEEP

_NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=_("Name of a profile."))]
_OwnNameArgument = Annotated[
    str | None, typer.Argument(metavar="[NAME]", help=_("Name of a profile (the one in use)."))
]

commands = typer.Typer()
profiles = add_group(
    commands,
    "profiles",
    _("Look after baselines, and bring the one before back."),
    panel=UPKEEP,
    example="profiles list",
)


@profiles.command("list", epilog="Example: posturecam profiles list")
def list_() -> None:
    """List the baselines."""
    from posturecam.commands.profiles import profile_lines

    lines = list(profile_lines(paths().profiles, LocalZone()))
    say_fitting("\n".join(lines) or _("There is none yet. Take one with: posturecam calibrate"))


@profiles.command(epilog="Example: posturecam profiles show default")
def show(name: _NameArgument) -> None:
    """Show what is known of a baseline."""
    from posturecam.commands.profiles import profile_text

    say_fitting(profile_text(paths().profiles, name, LocalZone()))


@profiles.command(epilog="Example: posturecam profiles rename default office")
def rename(
    name: _NameArgument,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help=_("Its new name."))],
) -> None:
    """Rename a baseline; what is logged keeps the old name."""
    from posturecam.posture.profiles import rename_profile

    rename_profile(paths().profiles, name, new_name)
    say(_("{name} is now {new}.").format(name=name, new=new_name))
    if _is_named_in_settings(name):
        text = _(
            "Your settings still name {name}. Have them say: posturecam config set profile {new}"
        )
        say(text.format(name=name, new=new_name))


@profiles.command(epilog="Example: posturecam profiles undo")
def undo(
    name: _OwnNameArgument = None,
    standing: Annotated[
        bool, typer.Option("--standing", help=_("Of the baseline of you standing."))
    ] = False,
) -> None:
    """Take the baseline from before the newest one into use again.

    Undoing again goes one further back, and at the end to where it began.
    """
    from posturecam.commands.profiles import undo_text
    from posturecam.values.observation import Stance

    stance = Stance.STANDING if standing else Stance.SITTING
    name = settings_with().profile if name is None else name
    say_fitting(undo_text(paths().profiles, name, LocalZone(), stance))
    _take_over(name)


@profiles.command(epilog="Example: posturecam profiles forget --pose 2")
def forget(
    name: _OwnNameArgument = None,
    pose: Annotated[
        int | None, typer.Option(metavar="NUMBER", help=_("This pose; `show` numbers them."))
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=_("All poses, and today's zero."))
    ] = False,
) -> None:
    """Forget poses that a profile was taught."""
    from posturecam.commands.profiles import forget_text

    if everything == (pose is not None):
        raise UsageError(
            Sentence("Say what to forget."), Sentence("Give either --pose NUMBER or --all.")
        )
    name = settings_with().profile if name is None else name
    say(forget_text(paths().profiles, name, pose))
    _take_over(name)


@profiles.command(epilog="Example: posturecam profiles delete office --yes")
def delete(name: _NameArgument, yes: YesOption = False) -> None:
    """Delete a baseline, with the earlier ones that it replaced."""
    from posturecam.posture.profiles import delete_profile, known_profile_path

    known_profile_path(paths().profiles, name)  # nobody is asked about what is not there
    agree_to_delete(_("Delete the baseline {name}?").format(name=repr(name)), yes=yes)
    delete_profile(paths().profiles, name)
    say(_("{name} is deleted.").format(name=name))


def _is_named_in_settings(profile: str) -> bool:
    """Whether the config file names it; one that makes no sense is no matter here."""
    from posturecam.commands.config import is_set

    with suppress(PosturecamError):
        return settings_with().profile == profile and is_set(paths().config_file, "profile")
    return False


def _take_over(profile: str) -> None:
    """Has a watch that runs go on with what is kept of the profile, and says so."""
    from posturecam.commands.borrowing import goes_on_with

    if goes_on_with(paths(), profile):
        say(_("The watch that runs goes on with it."))
