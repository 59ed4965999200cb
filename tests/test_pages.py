"""What README.md and the pages in docs/ say can be typed, against the command line there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

from posturecam.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md")))
PROGRAM: Any = typer.main.get_command(app)


def typed(page: Path) -> Iterator[tuple[list[str], set[str]]]:
    """Words and options of each command line in the text of a page; its blocks show output, too."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for code in re.findall(r"`posturecam([^`]*)`", text):
        words = re.match(r"(?:\s+[a-z]+\b)*", code)
        yield words[0].split() if words else [], set(re.findall(r"--[a-z-]+", code))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_says_can_be_typed(page: Path) -> None:
    """Each command is there, with its options; words after it are its arguments."""
    for words, options in typed(page):
        command = PROGRAM
        for word in words:
            if not hasattr(command, "commands"):
                break
            assert word in command.commands, words
            command = command.commands[word]
        there = {name for it in command.params for name in (*it.opts, *it.secondary_opts)}
        assert options <= there, words


def test_the_pages_have_much_to_type() -> None:
    """So that the search above is known to find it."""
    assert sum(len(list(typed(page))) for page in PAGES) > 50
