"""What README.md and the pages in docs/ say can be typed, against the command line there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

from posturecam.cli.app import command_line

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md")))
PROGRAM: Any = typer.main.get_command(command_line())


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


def headings(page: Path) -> set[str]:
    """What a link may name of a page, made of its headings as GitHub does."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_what_it_names(page: Path) -> None:
    """The file, and the heading in it."""
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if not link.startswith("https:"):
            file, _, heading = link.partition("#")
            there = page.parent / file if file else page
            assert there.exists(), link
            assert not heading or heading in headings(there), link


def test_the_readme_is_a_screen_and_a_half() -> None:
    """What a newcomer reads; the rest stands in docs/."""
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert len(lines) <= 78
    assert max(len(line) for line in lines if not line.startswith("|")) <= 140


def test_the_pages_have_much_to_type() -> None:
    """So that the search above is known to find it."""
    assert sum(len(list(typed(page))) for page in PAGES) > 50
