"""The meshes and textures of the generator: outside the repository, named here by their hashes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

MANIFEST = Path(__file__).with_name("assets.json")


class AssetsError(Exception):
    """The folder does not hold the assets that the manifest names."""


class Assets:
    """The folder of assets; every file is compared with the manifest when it is first asked for.

    Raises:
        AssetsError: a file is missing, or another one than the manifest names.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sha256: dict[str, str] = json.loads(MANIFEST.read_text(encoding="utf-8"))["sha256"]
        self._checked: set[str] = set()

    def names(self, start: str, end: str) -> list[str]:
        """The names in the manifest that begin and end so, sorted."""
        return sorted(
            name for name in self._sha256 if name.startswith(start) and name.endswith(end)
        )

    def path(self, name: str) -> Path:
        """Where a file lies, checked; an OBJ file beside a .mhclo is checked with it."""
        if name not in self._checked:
            self._check(name)
            obj = f"{name.removesuffix('.mhclo')}.obj"
            if obj in self._sha256 and obj != name:
                self._check(obj)
            self._checked.add(name)
        return self._folder / name

    def _check(self, name: str) -> None:
        path = self._folder / name
        try:
            found = hash_of(path)
        except OSError as error:
            raise AssetsError(f"{path} cannot be read: {error.strerror}") from error
        if found != self._sha256[name]:
            raise AssetsError(f"{path} is not the file that {MANIFEST.name} names")


def hash_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
