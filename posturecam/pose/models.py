"""The pose models, two that ship or one that the user names, and those of face and shoulders."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from posturecam.base.errors import INSTALL_AGAIN, DataError, UsageError
from posturecam.base.language import Sentence
from posturecam.base.paths import typed_path

SHIPPED_SHA256 = {
    "full": "82a98921d4355335a52990e1d054ff869c79436ad054d97e729d3be468bd7307",
    "lite": "59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a",
}
"""SHA-256 of the pose models in `data/models`; NOTICE.md there says where each comes from."""

FACE_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
"""The same of the face model."""

SHOULDERS_SHA256 = "e076628c493ae6349795a9f7e4c15e2921b3057f198857fe70ebf30e4f25e0da"
"""The same of the shoulder model."""

LARGEST_BYTES = 256_000_000
"""The largest pose model of MediaPipe has 31 MB."""

_FOLDER = Path(__file__).parents[1] / "data" / "models"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model on disk.

    Attributes:
        name: `full`, `lite`, `face`, `shoulders` or the file name of a pose model of the user's
            own.
        path: the `.task` bundle; of the shoulder model the arrays.
        sha256: hexadecimal hash of the file.
    """

    name: str
    path: Path
    sha256: str

    @property
    def landmarks_sha256(self) -> str:
        """Hexadecimal hash of this pose model's file and the shoulder model's.

        A baseline records it: its landmarks cannot be compared with those of another pose model,
        nor with shoulders that were placed otherwise.
        """
        return hashlib.sha256(f"{self.sha256} {SHOULDERS_SHA256}".encode()).hexdigest()


def find_model(spec: str, folder: Path = _FOLDER) -> Model:
    """The model that `spec` names: `full`, `lite` or the path of a `.task` bundle.

    Raises:
        UsageError: there is no such model.
        DataError: the file cannot be read, is no model, or is a shipped one that was altered.
    """
    if expected := SHIPPED_SHA256.get(spec):
        path = folder / f"pose_landmarker_{spec}.task"
        return _shipped(spec, Sentence("the pose model {spec}", spec=spec), path, expected)
    path = typed_path(spec)
    if not path.is_file():
        raise UsageError(
            Sentence("There is no pose model {spec!r}.", spec=spec),
            Sentence("Name full, lite or the path of a .task file."),
        )
    try:
        is_bundle = path.stat().st_size <= LARGEST_BYTES and zipfile.is_zipfile(path)
        sha256 = _sha256(path) if is_bundle else ""
    except OSError as error:
        raise DataError(
            Sentence("The pose model {path} cannot be read: {why}.", path=path, why=error.strerror),
            Sentence("Check the permissions of the file, or name full or lite."),
        ) from error
    if not is_bundle:
        raise DataError(
            Sentence("{path} is not a pose model.", path=path),
            Sentence("Name full, lite or another .task file."),
        )
    return Model(name=path.name, path=path, sha256=sha256)


def find_face_model(folder: Path = _FOLDER) -> Model:
    """The face model that ships with the package. Raises `DataError`."""
    return _shipped(
        "face", Sentence("the face model"), folder / "face_landmarker.task", FACE_SHA256
    )


def find_shoulder_model(folder: Path = _FOLDER) -> Model:
    """The shoulder model that ships with the package. Raises `DataError`."""
    return _shipped(
        "shoulders", Sentence("the shoulder model"), folder / "shoulders.npz", SHOULDERS_SHA256
    )


def _shipped(name: str, what: Sentence, path: Path, expected_sha256: str) -> Model:
    try:
        sha256 = _sha256(path)
    except OSError as error:
        raise DataError(
            Sentence("A file is missing, {what}: {path}.", what=what, path=path), INSTALL_AGAIN
        ) from error
    if sha256 != expected_sha256:
        raise DataError(
            Sentence("A file is damaged, {what}: {path}.", what=what, path=path), INSTALL_AGAIN
        )
    return Model(name=name, path=path, sha256=sha256)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
