"""What the command line modules share: options, and the settings and places they ask for."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posturecam.base.clock import SystemClock
from posturecam.base.durations import SECONDS_BELOW_S, parse_duration_s, written_duration
from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence, _, shown
from posturecam.base.printable import printable_lines
from posturecam.cli.panels import RARE, SOURCE, WHEN, Overview
from posturecam.values.settings import SETTINGS, PolicySettings, Sensitivity, Settings

if TYPE_CHECKING:
    from posturecam.base.paths import AppPaths
    from posturecam.outputs.dialogue import Dialogue

INTERRUPTED = 130
WIDEST_COLUMNS = 120

DURATION = {"parser": parse_duration_s, "metavar": "DURATION"}


def number_within(least: int, most: int, *, whole: bool = True) -> Callable[[str], float]:
    """Reads a number of an option, and refuses one that is too small or too large for it."""

    def parse(text: str) -> float:
        with suppress(ValueError):
            number = int(text) if whole else float(text)
            if least <= number <= most:
                return number
        what = _("write a whole number from {least} to {most}")
        if not whole:
            what = _("write a number from {least} to {most}")
        raise typer.BadParameter(what.format(least=least, most=most))  # typer names the option

    return parse


def option(name: str, *words: str, panel: str | None = None, **more: Any) -> Any:
    """The option for a setting, of which the help, the default and the bounds are declared."""
    setting = SETTINGS[name]
    default = setting.default
    if setting.is_duration:
        more = {"parser": _duration_parser(name), "metavar": "DURATION"}
        if default is not None:
            short = default < SECONDS_BELOW_S
            default = f"{default:.0f}s" if short else written_duration(default)
    text = _(setting.details["option"]).format(default)
    return typer.Option(*words, help=text, rich_help_panel=panel, **more)


def switch(name: str, panel: str) -> Any:
    """The pair of options that turn a setting on and off."""
    word = name.replace("_", "-")
    return option(name, f"--{word}/--no-{word}", panel=panel)


def _duration_parser(name: str) -> Callable[[str], float]:
    details = SETTINGS[name].details
    if "least" not in details:
        return parse_duration_s

    def parse(text: str) -> float:
        duration_s = parse_duration_s(text)
        if not details["least"] <= duration_s <= details["most"]:
            least, most = map(written_duration, (details["least"], details["most"]))
            raise UsageError(
                Sentence("{text!r} is no sensible {key}.", text=text, key=SETTINGS[name].key),
                Sentence("Write {least} to {most}.", least=least, most=most),
            )
        return duration_s

    return parse


SourceOption = Annotated[
    str | None, option("source", "--source", "-s", panel=SOURCE, metavar="SOURCE")
]
ProfileOption = Annotated[
    str | None, option("profile", "--profile", "-p", panel=SOURCE, metavar="NAME")
]
ModelOption = Annotated[str | None, option("model", panel=RARE, metavar="MODEL")]
YesOption = Annotated[bool, typer.Option("--yes", help=_("Do not ask."))]
SensitivityOption = Annotated[Sensitivity | None, option("sensitivity", panel=WHEN)]


def settings_with(**given: object) -> Settings:
    """The config file with what was given on the command line over it."""
    from posturecam.commands.config import load_settings

    settings = load_settings(paths().config_file)
    return settings.having({name: value for name, value in given.items() if value is not None})


def policy_in_force() -> PolicySettings:
    """The policy of the config file; where there is none, its reader is not loaded for nothing."""
    return settings_with().policy if paths().config_file.exists() else PolicySettings()


def paths() -> AppPaths:
    """Where this user's files are."""
    from posturecam.base.paths import find_app_paths

    return find_app_paths()


def the_terminal() -> Dialogue:
    """The one that the program was started at."""
    from posturecam.outputs.dialogue import Dialogue

    return Dialogue(sys.stdin, sys.stdout)


def utc_now() -> datetime:
    """The date and time, aware."""
    return SystemClock().utc_now()


def say(text: object, *, err: bool = False) -> None:
    """Prints `text`, on stderr if need be, without what would steer a terminal.

    Typer's own way takes an output in ASCII for a mistake, and writes UTF-8 into it.
    """
    print(printable_lines(str(shown(text))), file=sys.stderr if err else sys.stdout, flush=True)


def say_fitting(text: str) -> None:
    """Prints `text`; at a terminal in lines of its width, for other programs as it is."""
    from posturecam.outputs.terminal import fitting

    say(fitting(str(shown(text)), sys.stdout))


def add_group(
    commands: typer.Typer, name: str, purpose: str, *, panel: str, example: str
) -> typer.Typer:
    """A group of commands among others; it shows what it holds when none of its own was named."""
    group = typer.Typer(
        cls=Overview,
        help=purpose,
        epilog=f"Example: posturecam {example}",
        invoke_without_command=True,
        callback=_help_without_a_word,
    )
    commands.add_typer(group, name=name, rich_help_panel=panel)
    return group


def _help_without_a_word(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        say(context.get_help())


def agree_to_delete(question: str, *, yes: bool) -> None:
    """Goes on if the user agrees. Raises `UsageError` where there is nobody to ask."""
    if yes:
        return
    refuse_without_terminal(Sentence("Add --yes if you mean it."))
    if not the_terminal().agrees(question):
        say(_("Nothing was deleted."))
        raise typer.Abort


def refuse_without_terminal(remedy: str) -> None:
    """Nothing, if somebody can be asked. Raises `UsageError` where nobody can."""
    if not sys.stdin.isatty():
        raise UsageError(Sentence("Nobody is there to confirm."), remedy)


def columns() -> int:
    """Width of the terminal, within what is readable."""
    return min(WIDEST_COLUMNS, shutil.get_terminal_size().columns)
