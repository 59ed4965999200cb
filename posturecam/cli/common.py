"""What the command line modules share: options, and the settings and places they ask for."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posturecam.base.durations import parse_duration_s
from posturecam.base.printable import printable_lines
from posturecam.values.settings import PolicySettings, Sensitivity, Settings

if TYPE_CHECKING:
    from datetime import datetime

    from posturecam.base.paths import AppPaths

INTERRUPTED = 130
WIDEST_COLUMNS = 120

_SOURCE_HELP = "Camera number, device, video, folder of pictures, http(s)/rtsp address, or demo."
DURATION = {"parser": parse_duration_s, "metavar": "DURATION"}

SourceOption = Annotated[
    str | None, typer.Option("--source", "-s", metavar="SOURCE", help=_SOURCE_HELP)
]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", "-p", metavar="NAME", help="Name of the baseline.")
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", metavar="MODEL", help="Pose model: full, lite, or a .task file."),
]
SensitivityOption = Annotated[
    Sensitivity | None,
    typer.Option(help="How soon a deviation counts as slouched (medium)."),
]


def settings_with(
    *,
    policy: dict[str, float | None] | None = None,
    posture: dict[str, float | None] | None = None,
    **given: object,
) -> Settings:
    """The config file with what was given on the command line over it."""
    from posturecam.commands.config import load_settings

    settings = load_settings(paths().config_file)
    return replace(
        settings,
        policy=replace(settings.policy, **_given(policy or {})),
        posture=replace(settings.posture, **_given(posture or {})),
        **_given(given),
    )


def policy_in_force() -> PolicySettings:
    """The policy of the config file; where there is none, its reader is not loaded for nothing."""
    return settings_with().policy if paths().config_file.exists() else PolicySettings()


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def paths() -> AppPaths:
    """Where this user's files are."""
    from posturecam.base.paths import find_app_paths

    return find_app_paths()


def utc_now() -> datetime:
    """The date and time, aware."""
    from posturecam.base.clock import SystemClock

    return SystemClock().utc_now()


def say(text: object, *, err: bool = False) -> None:
    """Prints `text`, on stderr if need be, without what would steer a terminal.

    Typer's own way takes an output in ASCII for a mistake, and writes UTF-8 into it.
    """
    print(printable_lines(str(text)), file=sys.stderr if err else sys.stdout, flush=True)


def help_without_a_word(context: typer.Context) -> None:
    """Shows what a group of commands holds when none of them was named."""
    if context.invoked_subcommand is None:
        say(context.get_help())


def columns() -> int:
    """Width of the terminal, within what is readable."""
    return min(WIDEST_COLUMNS, shutil.get_terminal_size().columns)
