"""Modules that stand in the place of a package which posturecam needs.

A folder on PYTHONPATH, or the current one, comes before what is installed: a `cv2.py` there is
imported instead of OpenCV, and fails in any way it likes.
"""

from __future__ import annotations

import re
from pathlib import Path

from posturecam.base.language import Sentence

REMEDY = Sentence("Take it out of the current folder or of PYTHONPATH, then try again.")


def foreign_modules() -> dict[str, Path]:
    """The modules of installed requirements that an import takes from elsewhere, and from where."""
    import importlib.metadata  # 20 ms that only a failure and `doctor` cost

    wanted = _requirements()
    foreign = {}
    for module, packages in importlib.metadata.packages_distributions().items():
        homes = [
            Path(str(importlib.metadata.distribution(package).locate_file(""))).resolve()
            for package in packages
            if package and _plain(package) in wanted  # what is half removed has no name
        ]
        found = _origin(module) if homes else None
        if found is not None and not any(found.is_relative_to(home) for home in homes):
            foreign[module] = found
    return foreign


def _requirements() -> set[str]:
    import importlib.metadata

    try:
        declared = importlib.metadata.requires("posturecam") or []
    except importlib.metadata.PackageNotFoundError:
        return set()
    # Without `packaging`, which may be what another module stands in the place of.
    return {_plain(re.split(r"[^\w.-]", requirement, maxsplit=1)[0]) for requirement in declared}


def _plain(package: str) -> str:
    return re.sub("[-_.]+", "-", package).lower()


def _origin(module: str) -> Path | None:
    """The file that an import takes or has taken; None where there is none."""
    import importlib.util

    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError, AttributeError):
        return None
    return None if spec is None or spec.origin is None else Path(spec.origin).resolve()
