"""The word that opens the tray."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from posturecam.base.clock import SystemClock
from posturecam.base.language import _
from posturecam.cli.common import paths
from posturecam.cli.panels import STEER

commands = typer.Typer()


@commands.command(rich_help_panel=STEER, epilog="Example: posturecam tray")
def tray(
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate", help=_("Take a baseline in a window instead, as the menu does.")
        ),
    ] = False,
) -> None:
    """Show how you sit as an icon in the tray, with a menu.

    Starts a watch if none runs; ending the tray leaves it running. It needs a package of its
    own, and says how to get it.
    """
    from posturecam.tray.opening import open_calibration, open_tray

    if calibrate:
        open_calibration(paths(), clock=SystemClock())
    else:
        open_tray(paths(), clock=SystemClock(), stream=sys.stdout)
