"""The words of `autostart`."""

from __future__ import annotations

import typer

from posturecam.base.language import _
from posturecam.cli.common import add_group, say
from posturecam.cli.panels import UPKEEP

commands = typer.Typer()
autostart = add_group(
    commands,
    "autostart",
    _("Have a watch start when you log in."),
    panel=UPKEEP,
    example="autostart enable",
)


@autostart.command(epilog="Example: posturecam autostart enable")
def enable() -> None:
    """Start a watch at every login.

    It takes its settings from the config file. On Linux it reports into the journal, the tray
    starts with it if its package is installed, and the menu of programs gets an entry.
    """
    from posturecam.system import menu_entry, tray_entry
    from posturecam.system.autostart import enable, make_plan

    say(enable(make_plan()))
    tray = tray_entry.find_tray_entry()
    if tray and tray_entry.is_installed() and (added := tray_entry.add(tray)):
        say(added)
    if entry := menu_entry.find_menu_entry():
        say(menu_entry.add(entry))


@autostart.command(epilog="Example: posturecam autostart disable")
def disable() -> None:
    """Start none at the login any more.

    A watch that runs goes on. What `enable` made is removed.
    """
    from posturecam.system.tray_entry import disable_all

    for line in disable_all():
        say(line)


@autostart.command(epilog="Example: posturecam autostart status")
def status() -> None:
    """Say whether a watch starts at the login.

    On Linux also whether that one runs now, and whether the tray starts.
    """
    from posturecam.system import tray_entry
    from posturecam.system.autostart import make_plan, status

    say(status(make_plan()))
    if (tray := tray_entry.find_tray_entry()) and tray_entry.starts(tray):
        say(_("tray: on ({file})").format(file=tray.file))
