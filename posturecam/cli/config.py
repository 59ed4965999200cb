"""The words of `config`."""

from __future__ import annotations

from typing import Annotated

import typer

from posturecam.base.language import Sentence, _
from posturecam.cli.common import add_group, paths, refuse_without_terminal, say, the_terminal
from posturecam.cli.panels import UPKEEP

_KeyArgument = Annotated[
    str,
    typer.Argument(metavar="KEY", help=_("Its name, as config show has it: thresholds.neck_deg.")),
]

commands = typer.Typer()
config = add_group(
    commands,
    "config",
    _("Find, show and change the settings."),
    panel=UPKEEP,
    example="config set slouch_after 5m",
)


@config.command(epilog="Example: posturecam config path")
def path() -> None:
    """Print where the config file is, or would be."""
    say(paths().config_file)


@config.command("show", epilog="Example: posturecam config show")
def show_config() -> None:
    """Print all settings in force, as a config file."""
    from posturecam.commands.config import load_settings
    from posturecam.commands.config_keys import settings_text

    say(settings_text(load_settings(paths().config_file)))


@config.command(epilog="Example: posturecam config check")
def check() -> None:
    """Check the config file; every mistake is named."""
    from posturecam.commands.config import load_settings

    file = paths().config_file
    load_settings(file)
    text = _("{file}: not there, the defaults are in force")
    if file.exists():
        text = _("{file}: ok")
    say(text.format(file=file))


@config.command("set", epilog="Example: posturecam config set quiet_hours 12:00-13:00 22:00-06:00")
def set_(
    key: _KeyArgument,
    value: Annotated[
        list[str], typer.Argument(metavar="VALUE...", help=_("Its value; several make a list."))
    ],
) -> None:
    """Set a setting in the config file, which is made if need be.

    Comments and what else stands there stay; a value that does not fit is refused.
    """
    from posturecam.commands.config_edit import set_value

    say(set_value(paths().config_file, key, value))
    _say_when_it_counts()


@config.command(epilog="Example: posturecam config unset slouch_after")
def unset(key: _KeyArgument) -> None:
    """Take a setting out of the config file, so that its default holds."""
    from posturecam.commands.config_edit import unset_value

    say(unset_value(paths().config_file, key))
    _say_when_it_counts()


@config.command(epilog="Example: posturecam config edit")
def edit() -> None:
    """Open the config file in your editor, and check it."""
    from posturecam.commands.config_edit import edit

    refuse_without_terminal(Sentence("Change a setting with: posturecam config set KEY VALUE"))
    terminal = the_terminal()

    def open_again(mistakes: str) -> bool:
        say(mistakes, err=True)
        return terminal.agrees(_("Open it again?"))

    say(edit(paths().config_file, open_again))
    _say_when_it_counts()


@config.command(epilog="Example: posturecam config init")
def init() -> None:
    """Make a config file that explains every setting."""
    from posturecam.commands.config_edit import write_commented

    say(write_commented(paths().config_file))


def _say_when_it_counts() -> None:
    from posturecam.watch.lock import is_watched

    if is_watched(paths().lock):
        say(_("The running watch keeps its settings: posturecam stop, then start it anew."))
