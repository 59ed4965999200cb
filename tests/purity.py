"""Which modules are pure: what `pyproject.toml` wants covered by tests without camera or model."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _pure_files() -> frozenset[str]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    report = tomllib.loads(text)["tool"]["coverage"]["report"]
    listed = {path for glob in report["include"] for path in ROOT.glob(glob)}
    files = {path.relative_to(ROOT).as_posix() for path in listed} - set(report["omit"])
    return frozenset(file for file in files if not file.endswith("__init__.py"))


PURE = _pure_files()
"""Their files, from the top of the checkout."""
