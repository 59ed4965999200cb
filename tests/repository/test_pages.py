"""What the pages say can be typed can be, and what pages and code refer to is there."""

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
ALL_PAGES = sorted(
    page
    for found in (ROOT.glob("*.md"), *((ROOT / it).rglob("*.md") for it in ("docs", "calibration")))
    for page in found
)
NAMED = re.compile(r'calibration/(\w+\.md), "([^"]+)"|"([^"]+)" in calibration/(\w+\.md)')
"""A heading of the study that a comment names, before or after its page."""
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


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_to_what_it_names(page: Path) -> None:
    """The file, and the heading in it; and no conflict of two changes was left open."""
    assert not re.search(r"^[<>]{7}", page.read_text("utf-8"), re.MULTILINE)
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if not link.startswith("https:"):
            file, _, heading = link.partition("#")
            there = page.parent / file if file else page
            assert there.exists(), link
            assert not heading or heading in headings(there), link


def test_every_heading_of_the_study_that_the_code_names_is_there() -> None:
    """Whoever follows a comment to the source of a number finds it."""
    named = {
        (before or after, heading or quoted)
        for file in (ROOT / "posturecam").rglob("*.py")
        for before, heading, quoted, after in NAMED.findall(
            re.sub(r"\s*\n\s*(?:# )?", " ", file.read_text("utf-8"))
        )
    }
    assert len(named) > 5
    for page, heading in named:
        assert f"# {heading}\n" in (ROOT / "calibration" / page).read_text("utf-8"), heading


def test_the_readme_is_a_screen_and_a_half() -> None:
    """What a newcomer reads; the rest stands in docs/."""
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert len(lines) <= 78
    assert max(len(line) for line in lines if not line.startswith("|")) <= 140


def test_the_pages_have_much_to_type() -> None:
    """So that the search above is known to find it."""
    assert sum(len(list(typed(page))) for page in PAGES) > 50
