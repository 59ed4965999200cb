"""The command line: words in, calls out. Nothing is decided here, and nothing heavy is imported."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from posturecam import __version__
from posturecam.base.addresses import without_secrets
from posturecam.base.command_words import quoted_word
from posturecam.base.errors import OutputClosedError, UsageError
from posturecam.base.language import _
from posturecam.cli.common import INTERRUPTED, say
from posturecam.cli.failures import complain, explain
from posturecam.cli.panels import Overview

_WrongWords: type[Any] = typer.BadParameter.__mro__[2]
"""What typer raises for any wrong use of the command line; it has no public name for it."""

_TOO_MANY = re.compile(r".*extra argument.* \((.+)\)")

COMMANDS = {
    "demo": ("demo",),
    "doctor": ("doctor",),
    "calibrate": ("calibrate",),
    "watch": ("watch",),
    "controls": ("pause", "resume", "snooze", "wrong", "rezero", "status", "attach", "stop"),
    "tray": ("tray",),
    "review": ("review",),
    "analyze": ("analyze",),
    "care": ("move", "pain"),
    "log": ("export", "import", "purge", "repair"),
    "cameras": ("cameras",),
    "uninstall": ("uninstall",),
    "profiles": ("profiles",),
    "config": ("config",),
    "autostart": ("autostart",),
}
"""The commands by the module here that declares them, in the order of the help."""


def command_line(word: str | None = None) -> typer.Typer:
    """All commands; of a command, those of its module alone, for each takes time to load."""
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
    app.callback(invoke_without_command=True)(_common)
    for module in [name for name, words in COMMANDS.items() if word in words] or COMMANDS:
        app.add_typer(import_module(f"posturecam.cli.{module}").commands)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"posturecam {__version__}")
        raise typer.Exit


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
    from posturecam.cli.way_in import offer_next_step

    raise typer.Exit(offer_next_step())


def _what_is_wrong(error: Any) -> str:
    """What typer says of wrong words; of an option as it says it of a command."""
    likely = getattr(error, "possibilities", None)
    if not likely:
        return str(error.format_message()).replace("Value error, ", "")
    what, names = _("No such option {name!r}. Did you mean {likely}?"), map(repr, sorted(likely))
    return what.format(name=error.option_name, likely=", ".join(names))


def _what_to_do(error: Any, meant: str, words: Sequence[str]) -> str:
    """Where to read on; of a source that is named without its option, how it is named."""
    found = _TOO_MANY.fullmatch(_what_is_wrong(error))
    if found and found[1] in words:  # one of them, though it may hold a space
        options = [name for one in error.ctx.command.params for name in one.opts]
        if "--source" in options:
            named = _source_named(found[1])
            command = " ".join([meant, "--source", named])
            return _("A camera or a video is named like this: {command}").format(command=command)
    return f"See: {meant} --help"


def _source_named(word: str) -> str:
    """A source as one types it; of an address only that it is one, for it may hold secrets."""
    has_secrets = "://" in word or without_secrets(word) != word
    return "ADDRESS" if has_secrets else quoted_word(word)


def _command_meant(command: Any, words: Sequence[str]) -> str:
    """What was typed as far as it names a command; not every wrong use says of which it is one."""
    names = ["posturecam"]
    for word in words:
        if word in (inner := getattr(command, "commands", {})):
            command = inner[word]
            names.append(word)
        elif word != "--debug":
            break
    return " ".join(names)


def run(arguments: Sequence[str]) -> int:
    """Runs the command line; the exit code. Errors become one or two lines on stderr."""
    debug = "--debug" in arguments
    words = [word for word in arguments if word != "--debug"]
    try:
        command = typer.main.get_command(command_line(words[0] if words else None))
        if isinstance(command, Overview):
            command.translate()
        if debug:
            words.insert(0, "--debug")
        result = command.main(words, prog_name="posturecam", standalone_mode=False)
        sys.stdout.flush()
    except (OutputClosedError, BrokenPipeError, SystemExit):
        # The reader has left, as `head` does (typer makes a SystemExit of it): nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _WrongWords as error:
        meant = _command_meant(command, words)
        complain(without_secrets(f"{_what_is_wrong(error)}\n{_what_to_do(error, meant, words)}"))
        return UsageError.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last who can say anything of it
        return explain(error, debug=debug)
    return result if isinstance(result, int) else 0
