"""Writes what belongs beside a program on Unix: its manual page and what completes its words.

`python .ci/shared_files.py FOLDER` puts them where a system looks below a prefix such as /usr.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.main
from typer.completion import get_completion_script  # type: ignore[attr-defined] # not in __all__

from posturecam import __version__
from posturecam.cli.app import command_line
from posturecam.cli.panels import LOOK_BACK, START, STEER, TAKE_CARE, UPKEEP

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "posturecam"
MAN_PAGE = Path("share", "man", "man1", f"{NAME}.1")
COMPLETIONS = {
    "bash": Path("share", "bash-completion", "completions", NAME),
    "zsh": Path("share", "zsh", "vendor-completions", f"_{NAME}"),
    "fish": Path("share", "fish", "vendor_completions.d", f"{NAME}.fish"),
}
"""Where each shell looks on Debian and its relatives."""
PANELS = (START, STEER, LOOK_BACK, TAKE_CARE, UPKEEP)


def man_page(program: Any) -> str:
    """The page of the whole program: every command and option, as `--help` explains them."""
    context = program.context_class(program, info_name=NAME)
    lines = [
        f'.TH POSTURECAM 1 "" "{NAME} {__version__}" "User Commands"',
        ".ad l",
        *(".SH NAME", f"{NAME} \\- say when a slouched or unchanged posture has lasted too long"),
        *(".SH SYNOPSIS", _bold(NAME), "[\\fIoptions\\fR] [\\fIcommand\\fR ...]"),
        *(".SH DESCRIPTION", *_paragraphs(program.help)),
        ".PP",
        "Without a command, at a terminal, it says what is there and offers the next step.",
        *_options(program, context),
    ]
    for panel in PANELS:
        lines.append(f".SH {panel.upper()}")
        for name, command in program.commands.items():
            if command.rich_help_panel == panel:
                lines += _section(name, command, context)
    lines += [
        ".SH EXIT STATUS",
        *_exit_codes(),
        ".SH ENVIRONMENT",
        ".TP",
        _bold("POSTURECAM_HOME"),
        "The folder of data and settings, in the place of those that the system has for them.",
        ".SH FILES",
        ".TP",
        _bold("config.toml"),
        f"Settings. {_bold(f'{NAME} config path')} says where it is, {_bold(f'{NAME} doctor -v')}"
        " where the data are.",
    ]
    return "\n".join(lines) + "\n"


def completion(shell: str) -> str:
    """What makes `shell` complete the program's words, as `--show-completion` prints it."""
    script = get_completion_script(
        prog_name=NAME, complete_var=f"_{NAME.upper()}_COMPLETE", shell=shell
    )
    # zsh reads the file when it first completes, and is to complete then, too.
    first = f"_{NAME}_completion\n" if shell == "zsh" else ""
    return f"{script}\n{first}"


def _section(name: str, command: Any, parent: Any) -> Iterator[str]:
    context = command.context_class(command, info_name=name, parent=parent)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f'.SS "{_escaped(context.command_path.removeprefix(f"{NAME} "))} {_escaped(usage)}"'
    yield from _paragraphs(command.help)
    yield from _options(command, context)
    if command.epilog:
        yield from (".PP", *_text(command.epilog))
    for inner, subcommand in getattr(command, "commands", {}).items():
        yield from _section(inner, subcommand, context)


def _options(command: Any, context: Any) -> Iterator[str]:
    for param in command.get_params(context):
        if (record := param.get_help_record(context)) and "--help" not in param.opts:
            names, text = record
            yield ".TP"
            yield _bold(" ".join(names.split()))
            yield from _text(text or "")


def _exit_codes() -> Iterator[str]:
    page = Path(__file__).parents[1] / "docs" / "programs.md"
    rows = re.findall(r"^\| (\d+) \| (.+?) \|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    for code, meaning in rows:
        yield ".TP"
        yield _bold(code)
        yield from _text(meaning.replace("`", ""))


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.strip().split("\n\n")):
        if number:
            yield ".PP"
        yield from _text(paragraph)


def _text(text: str) -> Iterator[str]:
    """A line of input; one that would be a request is none."""
    line = _escaped(" ".join(text.split()))
    if line:
        yield f"\\&{line}" if line[0] in ".'" else line


def _bold(text: str) -> str:
    return f"\\fB{_escaped(text)}\\fR"


def _escaped(text: str) -> str:
    """As groff reads it back: signs of its own, and those that its plain input lacks, by name."""
    named = {"\\": "\\e", "-": "\\-", '"': "\\(dq", "'": "\\(aq", "^": "\\(ha", "~": "\\(ti"}
    return "".join(
        named.get(sign) or (sign if sign.isascii() else f"\\[u{ord(sign):04X}]") for sign in text
    )


def write(prefix: Path) -> list[Path]:
    """Puts all of them below `prefix`; which files those are."""
    texts = {MAN_PAGE: man_page(typer.main.get_command(command_line()))}
    texts |= {file: completion(shell) for shell, file in COMPLETIONS.items()}
    for file, text in texts.items():
        (prefix / file).parent.mkdir(parents=True, exist_ok=True)
        (prefix / file).write_text(text, encoding="utf-8")
    return [prefix / file for file in texts]


if __name__ == "__main__":
    write(Path(sys.argv[1]))
