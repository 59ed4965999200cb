"""Refuses a release whose tag, version and changelog do not agree."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def problems(tag: str, version: str, changelog: str) -> list[str]:
    """Why `tag` must not be released; nothing when it may be."""
    found = []
    if tag != f"v{version}":
        found.append(f"The tag is {tag}, and posturecam.__version__ says {version}.")
    headings = re.findall(r"^## (\S+)", changelog, re.MULTILINE)
    if not headings or headings[0] != version:
        newest = headings[0] if headings else "nothing"
        found.append(f"The newest heading of CHANGELOG.md is {newest}, not {version}.")
    return found


def main() -> None:
    """Read the checkout and end with 1 when something does not agree."""
    source = (ROOT / "posturecam" / "__init__.py").read_text(encoding="utf-8")
    version = re.findall(r'^__version__ = "(.+)"', source, re.MULTILINE)[0]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    if found := problems(sys.argv[1], version, changelog):
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
