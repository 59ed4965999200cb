"""Licences of the packages that the program runs with: `make report`."""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements" / "run.txt"
_LONGEST = 60  # some packages put the whole text where the name belongs


def main() -> None:
    """Prints a line for each package of the lock that is installed here."""
    names = re.findall(r"^([\w.-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    for name in dict.fromkeys(names):
        try:
            package = distribution(name)
        except PackageNotFoundError:  # for another system
            continue
        sys.stdout.write(f"{name:<28} {package.version:<16} {_licence(package)}\n")


def _licence(package: Distribution) -> str:
    """As the package states it: an SPDX expression, a classifier, or a few words."""
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classifiers = [
        value.rpartition(" :: ")[2]
        for value in metadata.get_all("Classifier", [])
        if value.startswith("License :: ")
    ]
    if classifiers:
        return ", ".join(classifiers)
    lines = str(metadata.get("License") or "").splitlines()
    return lines[0][:_LONGEST] if lines else "not stated"


if __name__ == "__main__":
    main()
