"""The word `doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from posturecam.base.language import Sentence, _
from posturecam.base.wrapping import wrapped
from posturecam.cli.common import columns, paths, say, say_fitting
from posturecam.cli.panels import UPKEEP

commands = typer.Typer()


@commands.command(rich_help_panel=UPKEEP, epilog="Example: posturecam doctor")
def doctor(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help=_("A line for each check, also what is fine."))
    ] = False,
) -> None:
    """Say what keeps a watch from running, and what to do about it.

    Ends with 1 while something does: a package, the camera, a baseline.
    """
    from posturecam.base.foreign_modules import REMEDY, foreign_modules
    from posturecam.commands.doctor_check import Check, check_text, summary_lines

    # Before anything of them is imported: the other checks would fail in odd ways.
    if foreign := foreign_modules():
        for module, file in foreign.items():
            detail = Sentence("another is in the way, {file}", file=file)
            say_fitting(check_text(Check(name=module, ok=False, detail=detail, remedy=REMEDY)))
        raise typer.Exit(1)

    from posturecam.commands.doctor import checks

    found = []
    for check in checks(paths()):
        found.append(check)
        if verbose:
            say_fitting(check_text(check))
    if not verbose:
        for line in summary_lines(found):
            lines = wrapped(line, columns(), subsequent_indent="  ", break_on_hyphens=False)
            say("\n".join(lines))
    if any(check.required and not check.ok for check in found):
        raise typer.Exit(1)
