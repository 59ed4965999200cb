"""The command line: words in, calls out. Nothing is decided here, and nothing heavy is imported."""

from __future__ import annotations

import os
import sys
import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posturecam import __version__
from posturecam.base.addresses import without_secrets
from posturecam.base.clock import SystemClock
from posturecam.base.errors import (
    OutputClosedError,
    UsageError,
)
from posturecam.base.language import Sentence, _
from posturecam.cli import calibrate, care, look_back, steering, tray, upkeep, watch
from posturecam.cli.common import (
    INTERRUPTED,
    columns,
    paths,
    say,
)
from posturecam.cli.failures import complain, explain
from posturecam.cli.panels import (
    START,
    UPKEEP,
    Overview,
)
from posturecam.cli.way_in import offer_next_step

if TYPE_CHECKING:
    from collections.abc import Sequence


_WrongWords: type[Any] = typer.BadParameter.__mro__[2]
"""What typer raises for any wrong use of the command line; it has no public name for it."""

app = typer.Typer(
    name="posturecam",
    cls=Overview,
    help=_(
        "Watches how you sit, by webcam, and says when a posture has lasted too long."
        " Pictures never leave memory, and nothing leaves this machine."
    ),
    epilog=_("Start with: posturecam demo"),
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"posturecam {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _common(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback acts
        bool,
        typer.Option(
            "--version",
            help=_("Print the version and exit."),
            callback=_print_version,
            is_eager=True,
        ),
    ] = False,
    debug: Annotated[  # noqa: ARG001 - `run` has read it
        bool, typer.Option("--debug", help=_("Show a traceback when something fails."))
    ] = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        say(context.get_help())
        return
    raise typer.Exit(offer_next_step(run))


@app.command(rich_help_panel=START, epilog="Example: posturecam demo")
def demo() -> None:
    """Show the whole main job on a clip that ships with the package."""
    from posturecam.commands.demo import run_demo

    run_demo(clock=SystemClock(), stream=sys.stdout, width=columns())


@app.command(rich_help_panel=UPKEEP, epilog="Example: posturecam doctor")
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
            say(check_text(Check(name=module, ok=False, detail=detail, remedy=REMEDY)))
        raise typer.Exit(1)

    from posturecam.commands.doctor import checks

    found = []
    for check in checks(paths()):
        found.append(check)
        if verbose:
            say(check_text(check))
    if not verbose:
        for line in summary_lines(found):
            say(textwrap.fill(line, columns(), subsequent_indent="  ", break_on_hyphens=False))
    if any(check.required and not check.ok for check in found):
        raise typer.Exit(1)


for part in (calibrate, watch, steering, tray, look_back, care, upkeep):
    app.add_typer(part.commands)


def run(arguments: Sequence[str]) -> int:
    """Runs the command line; the exit code. Errors become one or two lines on stderr."""
    debug = "--debug" in arguments
    try:
        command = typer.main.get_command(app)
        if isinstance(command, Overview):
            command.translate()
        words = ["--debug", *(word for word in arguments if word != "--debug")]
        result = command.main(
            words if debug else list(arguments), prog_name="posturecam", standalone_mode=False
        )
        sys.stdout.flush()
    except (OutputClosedError, BrokenPipeError, SystemExit):
        # The reader has left, as `head` does (typer makes a SystemExit of it): nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _WrongWords as error:
        command_path = error.ctx.command_path if getattr(error, "ctx", None) else "posturecam"
        message = without_secrets(error.format_message().replace("Value error, ", ""))
        complain(f"{message}\nSee: {command_path} --help")
        return UsageError.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last who can say anything of it
        return explain(error, debug=debug)
    return result if isinstance(result, int) else 0
