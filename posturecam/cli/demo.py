"""The word `demo`."""

from __future__ import annotations

import sys

import typer

from posturecam.base.clock import SystemClock
from posturecam.cli.common import columns
from posturecam.cli.panels import START

commands = typer.Typer()


@commands.command(rich_help_panel=START, epilog="Example: posturecam demo")
def demo() -> None:
    """Show the whole main job on a clip that ships with the package."""
    from posturecam.commands.demo import run_demo

    run_demo(clock=SystemClock(), stream=sys.stdout, width=columns())
