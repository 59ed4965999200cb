"""The pose models: two that ship with the package, or one that the user names."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from posturecam.base.errors import INSTALL_AGAIN, DataError, UsageError

SHIPPED_SHA256 = {
    "full": "82a98921d4355335a52990e1d054ff869c79436ad054d97e729d3be468bd7307",
    "lite": "59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a",
}
"""SHA-256 of the models in `data/models`; NOTICE.md there says where each comes from."""

LARGEST_BYTES = 256_000_000
"""The largest pose model of MediaPipe has 31 MB."""

_FOLDER = Path(__file__).parents[1] / "data" / "models"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One pose model on disk.

    Attributes:
        name: `full`, `lite` or the file name of a model of the user's own.
        path: the `.task` bundle.
        sha256: hexadecimal hash of the bundle. A baseline records it, since the landmarks of one
            model cannot be compared with those of another.
    """

    name: str
    path: Path
    sha256: str


def find_model(spec: str) -> Model:
    """The model that `spec` names: `full`, `lite` or the path of a `.task` bundle.

    Raises:
        UsageError: there is no such model.
        DataError: the file cannot be read, is no model, or is a shipped one that was altered.
    """
    if expected := SHIPPED_SHA256.get(spec):
        return _shipped(spec, expected)
    path = Path(spec).expanduser()
    if not path.is_file():
        raise UsageError(
            f"There is no pose model {spec!r}.", "Name full, lite or the path of a .task file."
        )
    try:
        is_bundle = path.stat().st_size <= LARGEST_BYTES and zipfile.is_zipfile(path)
        sha256 = _sha256(path) if is_bundle else ""
    except OSError as error:
        raise DataError(
            f"The pose model {path} cannot be read: {error.strerror}.",
            "Check the permissions of the file, or name full or lite.",
        ) from error
    if not is_bundle:
        raise DataError(f"{path} is not a pose model.", "Name full, lite or another .task file.")
    return Model(name=path.name, path=path, sha256=sha256)


def _shipped(name: str, expected_sha256: str, folder: Path = _FOLDER) -> Model:
    path = folder / f"pose_landmarker_{name}.task"
    try:
        sha256 = _sha256(path)
    except OSError as error:
        raise DataError(f"The {name} pose model is missing: {path}.", INSTALL_AGAIN) from error
    if sha256 != expected_sha256:
        raise DataError(f"The {name} pose model is damaged: {path}.", INSTALL_AGAIN)
    return Model(name=name, path=path, sha256=sha256)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
