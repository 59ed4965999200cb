"""What becomes a release, and by whose hands."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
CHANGES = "# Changes\n\nWords.\n\n## 1.2.0 (2027-01-02)\n\nNews.\n\n## 1.1.0\n"


@pytest.mark.parametrize(
    ("tag", "version", "changelog", "named"),
    [
        ("v1.2.0", "1.2.0", CHANGES, []),
        ("v1.2.1", "1.2.0", CHANGES, ["The tag is v1.2.1"]),
        ("1.2.0", "1.2.0", CHANGES, ["The tag is 1.2.0"]),
        ("v1.3.0", "1.3.0", CHANGES, ["CHANGELOG.md is 1.2.0"]),
        ("v1.2.0", "1.2.0", CHANGES.replace("1.2.0", "Unreleased"), ["CHANGELOG.md is Unreleased"]),
        ("v1", "2.0", "", ["The tag is v1", "CHANGELOG.md is nothing"]),
    ],
)
def test_tag_version_and_changelog_must_agree(
    tag: str, version: str, changelog: str, named: list[str]
) -> None:
    """Every disagreement is named."""
    problems: Callable[[str, str, str], list[str]]
    problems = runpy.run_path(str(ROOT / ".ci" / "release.py"))["problems"]
    found = problems(tag, version, changelog)

    assert len(found) == len(named)
    assert all(part in problem for part, problem in zip(named, found, strict=True))


def test_every_action_is_pinned_by_hash() -> None:
    """A tag can be moved to other code; a hash cannot."""
    workflows = (ROOT / ".github" / "workflows").glob("*.yml")
    used = [
        name
        for file in workflows
        for name in re.findall(r"uses: (\S+)", file.read_text(encoding="utf-8"))
    ]

    assert len(used) > 5
    for name in used:
        assert name.startswith("./") or re.search(r"@[0-9a-f]{40}$", name), name


def test_a_package_of_the_system_has_what_was_tested() -> None:
    """The versions that the tests ran with, and all that the program needs, the tray among it."""

    def pinned(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))

    packed, tested = pinned("desktop"), pinned("dev")
    assert packed.items() <= tested.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = (*project["dependencies"], *project["optional-dependencies"]["desktop"])
    assert {canonicalize_name(Requirement(it).name) for it in needed} <= packed.keys()
