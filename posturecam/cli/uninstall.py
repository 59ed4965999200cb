"""The word `uninstall`."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from posturecam.base.clock import SystemClock
from posturecam.base.language import _
from posturecam.cli.common import YesOption, agree_to_delete, paths, say
from posturecam.cli.panels import UPKEEP

commands = typer.Typer()


@commands.command(rich_help_panel=UPKEEP, epilog="Example: posturecam uninstall --data")
def uninstall(
    data: Annotated[
        bool, typer.Option("--data", help=_("Delete the log, baselines and settings, too."))
    ] = False,
    yes: YesOption = False,
) -> None:
    """Leave nothing behind when you remove posturecam.

    Ends the watch and the tray, takes back autostart, the entry in the menu of programs and
    completion, and names the command that removes the program itself.
    """
    from posturecam.base.installed import installer, removing_command
    from posturecam.commands.uninstall import delete_data, end_running, take_back

    here = paths()
    if data:
        question = _("Delete the log, the baselines and the settings in {folder} for good?")
        agree_to_delete(question.format(folder=here.data), yes=yes)
    for line in chain(end_running(here, SystemClock()), take_back(Path.home())):
        say(line)
    if data:
        say(delete_data(here))
    elif here.data.is_dir():
        kept = _("What it logged stays in {folder}; to delete it as well: {command}")
        say(kept.format(folder=here.data, command="posturecam uninstall --data"))
    text = _("Now remove the program: {command}")
    say(text.format(command=removing_command(installer())))
