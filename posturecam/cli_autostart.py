"""The words of `posturecam autostart`."""

from __future__ import annotations

import typer

from posturecam.cli_common import help_without_a_word


def register(app: typer.Typer) -> None:
    """Adds the command and its three verbs."""
    autostart = typer.Typer(
        rich_markup_mode=None, invoke_without_command=True, callback=help_without_a_word
    )
    autostart.command(epilog="Example: posturecam autostart enable")(enable)
    autostart.command(epilog="Example: posturecam autostart disable")(disable)
    autostart.command(epilog="Example: posturecam autostart status")(status)
    app.add_typer(
        autostart,
        name="autostart",
        help="Have a watch start when you log in.",
        epilog="Example: posturecam autostart enable",
    )


def enable() -> None:
    """Start a watch at every login.

    It takes its settings from the config file; on Linux it reports into the journal.
    """
    from posturecam.autostart import enable, make_plan

    typer.echo(enable(make_plan()))


def disable() -> None:
    """Start none at the login any more.

    A watch that runs goes on.
    """
    from posturecam.autostart import disable, make_plan

    typer.echo(disable(make_plan()))


def status() -> None:
    """Say whether a watch starts at the login.

    On Linux also whether that one runs now.
    """
    from posturecam.autostart import make_plan, status

    typer.echo(status(make_plan()))
