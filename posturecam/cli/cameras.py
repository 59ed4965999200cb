"""The word `cameras`."""

from __future__ import annotations

import typer

from posturecam.cli.common import say, settings_with
from posturecam.cli.panels import UPKEEP

commands = typer.Typer()


@commands.command(rich_help_panel=UPKEEP, epilog="Example: posturecam cameras")
def cameras() -> None:
    """List the cameras, and which one a watch would use.

    None is started. Any of them can be named by its label or a part of it:
    posturecam watch --source "C920"
    """
    from posturecam.capture.devices import CameraDevices
    from posturecam.commands.cameras import camera_lines

    for line in camera_lines(settings_with().source, CameraDevices()):
        say(line)
