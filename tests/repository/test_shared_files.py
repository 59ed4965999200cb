"""The manual page and the completion that packages bring, as man and the shells take them."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

from posturecam.base.errors import PosturecamError
from posturecam.cli.app import command_line

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
MADE = runpy.run_path(str(ROOT / ".ci" / "shared_files.py"))

needs_groff = pytest.mark.skipif(shutil.which("groff") is None, reason="needs groff")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prefix with all the files in place."""
    prefix = tmp_path_factory.mktemp("usr")
    assert all(file.is_file() for file in MADE["write"](prefix))
    return prefix / "share"


@pytest.fixture
def program(tmp_path: Path) -> dict[str, str]:
    """An environment in which a shell finds this posturecam, and nobody's settings."""
    script = tmp_path / "bin" / "posturecam"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m posturecam "$@"\n', "utf-8")
    script.chmod(0o755)
    path = f"{script.parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "HOME": str(tmp_path), "XDG_DATA_HOME": "", "TERM": "dumb"}


def read_by_groff(page: str) -> tuple[str, str]:
    """The page as plain text without broken lines, and what groff warns of."""
    done = subprocess.run(
        ["groff", "-ww", "-man", "-Tutf8", "-P-cbou", "-rLL=2000n"],
        input=page,
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    return done.stdout, done.stderr


def commands(group: Any, *words: str) -> Iterator[tuple[str, Any]]:
    """Every command of the program with its words."""
    for word, command in group.commands.items():
        yield " ".join((*words, word)), command
        if hasattr(command, "commands"):
            yield from commands(command, *words, word)


@needs_groff
def test_every_command_and_option_is_in_the_page() -> None:
    """Each in the section of its command, and groff has nothing to warn of."""
    program = typer.main.get_command(command_line())
    text, warnings = read_by_groff(MADE["man_page"](program))
    assert warnings == ""

    pattern = r"^   ((?:[a-z_]+ )+)[^\n]*\n((?: {7}.*\n|\n)*)"
    sections = dict(re.findall(pattern, text, re.MULTILINE))
    found = dict(commands(program))
    assert len(found) > 30
    for words, command in found.items():
        part = sections.pop(f"{words} ")
        for param in command.params:
            if param.param_type_name == "option":
                for name in (*param.opts, *param.secondary_opts):
                    assert re.search(rf"(?<![\w-]){name}(?![\w-])", part), (words, name)
                assert param.help in part
    assert not sections, "a section of what is no command"
    assert {name for it in program.params for name in it.opts} <= set(
        re.findall(r"--\w[\w-]+", text)
    )


@needs_groff
def test_the_page_names_every_exit_code() -> None:
    """Those of the errors, and success."""
    text, _ = read_by_groff(MADE["man_page"](typer.main.get_command(command_line())))
    codes = set(re.findall(r"^ {7}(\d+) ", text.split("EXIT STATUS")[1], re.MULTILINE))
    kinds = [PosturecamError]
    for kind in kinds:
        kinds += kind.__subclasses__()

    assert {str(kind.exit_code) for kind in kinds} <= codes


@needs_groff
@pytest.mark.parametrize(
    "text", [".TH is no request", "'so is this", 'a\\fBb "c" -d ~e ^f `g` 12° \\', "é ü °"]
)
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    """Whatever its signs mean to groff."""
    page = "\n".join((".TH A 1", ".SH B", *MADE["_text"](text), ""))
    shown, warnings = read_by_groff(page)

    assert warnings == ""
    assert text in [line.strip() for line in shown.splitlines()]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_by_the_file(shared: Path, program: dict[str, str]) -> None:
    """Read as bash-completion does, by the name of the program."""
    ask = (
        f"source {shared / 'bash-completion' / 'completions' / 'posturecam'};"
        "COMP_WORDS=(posturecam re); COMP_CWORD=1; complete -p posturecam;"
        '_posturecam_completion posturecam; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", ask], env=program, capture_output=True, text=True, check=True, timeout=60
    )
    assert {"review", "resume", "repair"} <= set(done.stdout.split())


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish_completes_by_the_file(shared: Path, program: dict[str, str]) -> None:
    """As it loads it itself from the folder of vendors."""
    env = program | {"XDG_DATA_DIRS": str(shared)}
    ask = ["fish", "--private", "-c", 'complete -C "posturecam re"']
    done = subprocess.run(ask, env=env, capture_output=True, text=True, check=True, timeout=60)

    assert {"review", "resume", "repair"} <= {line.split()[0] for line in done.stdout.splitlines()}


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
def test_zsh_completes_by_the_file_at_once(shared: Path, program: dict[str, str]) -> None:
    """Typed into a real one, which loads it at the first Tab."""
    ask = (
        "zmodload zsh/zpty; zpty z 'zsh -f -i'; zpty -w z 'PS1=READY; unsetopt zle_bracketed_paste;"
        f" fpath=({shared / 'zsh' / 'vendor-completions'} $fpath); autoload -U compinit;"
        ' compinit -u -D; print PREP"ARED"\'; zpty -r z line "*PREPARED*READY*";'
        "zpty -n -w z 'posturecam rev'$'\\t'; zpty -r z line '*review*';"
        "print -r -- $line; zpty -d z"
    )
    done = subprocess.run(
        ["zsh", "-f", "-c", ask],
        env=program,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "review" in done.stdout
