"""The word that opens the tray."""

from __future__ import annotations

import sys

import typer

from posturecam.base.clock import SystemClock
from posturecam.cli.common import paths
from posturecam.cli.panels import STEER

commands = typer.Typer()


@commands.command(rich_help_panel=STEER, epilog="Example: posturecam tray")
def tray() -> None:
    """Show how you sit as an icon in the tray, with a menu.

    Starts a watch if none runs; ending the tray leaves it running. Needs posturecam[desktop].
    """
    from posturecam.tray.opening import open_tray

    open_tray(paths(), clock=SystemClock(), stream=sys.stdout)
