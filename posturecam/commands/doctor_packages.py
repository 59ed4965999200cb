"""Are the packages there that posturecam declares, in versions that work together?"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import numpy as np
from packaging.requirements import Requirement
from packaging.version import Version

from posturecam.base.errors import InstallationError
from posturecam.base.language import Sentence
from posturecam.commands.doctor_check import Check
from posturecam.pose.system_libraries import SYSTEM_LIBRARIES_REMEDY, names_system_library

_OPENCV = "opencv-contrib-python"
_CV2_OWNERS = (
    _OPENCV,
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python-headless",
)
"""Packages that put their files into the one folder cv2/; posturecam wants the first, and the
second is the same with less in it, which does no harm in the same version."""


def package_checks() -> Iterator[Check]:
    """A check for each package that is needed on this system, and one for OpenCV as a whole.

    Raises:
        InstallationError: posturecam is not installed as a package.
    """
    try:
        declared = importlib.metadata.requires("posturecam") or []
    except importlib.metadata.PackageNotFoundError as error:
        raise InstallationError(
            Sentence("posturecam is not installed, only its source is here."),
            Sentence("In the folder with pyproject.toml run: pip install ."),
        ) from error
    needed = needed_here(declared)
    versions = installed_versions(*(requirement.name for requirement in needed), *_CV2_OWNERS)
    for requirement in needed:
        yield package_check(requirement, versions)
    yield opencv_check(versions)


def needed_here(
    declared: Sequence[str], environment: Mapping[str, str] | None = None
) -> list[Requirement]:
    """The requirements whose marker holds on this machine or in `environment`, without extras."""
    here = {**(environment or {}), "extra": ""}
    requirements = map(Requirement, declared)
    return [one for one in requirements if one.marker is None or one.marker.evaluate(here)]


def package_check(requirement: Requirement, versions: Mapping[str, str]) -> Check:
    """Whether a package is there in a version within its range."""
    found = versions.get(requirement.name)
    return Check(
        name=requirement.name,
        ok=found is not None and requirement.specifier.contains(found, prereleases=True),
        detail=found or Sentence("not installed"),
        remedy=f'pip install "{requirement.name}{requirement.specifier}"',
    )


def opencv_check(versions: Mapping[str, str]) -> Check:
    """Whether the one package, or those that share the folder cv2/, agree, and it works."""
    owners = {name: versions[name] for name in _CV2_OWNERS if name in versions}
    alike = set(owners) <= set(_CV2_OWNERS[:2]) and len(set(owners.values())) == 1
    agree = _OPENCV in owners and alike
    there = ", ".join(f"{name} {version}" for name, version in owners.items())
    detail = there or Sentence("not installed")
    if agree and (broken := _opencv_failure()):
        agree, detail = False, f"{detail}: {broken}"
    newest = max(owners.values(), key=Version, default="")
    pin = f"{_OPENCV}=={newest}" if newest else _OPENCV
    again = f"pip uninstall -y {' '.join(owners) or _OPENCV}; pip install --no-deps {pin}"
    return Check(
        name=Sentence("one OpenCV"),
        ok=agree,
        detail=detail,
        remedy=SYSTEM_LIBRARIES_REMEDY if names_system_library(detail) else again,
    )


def installed_versions(*packages: str) -> dict[str, str]:
    """The version of each of the packages that is installed."""
    versions = {}
    for package in packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    return versions


def _opencv_failure() -> str:
    """What goes wrong when OpenCV is put to use; empty when nothing does."""
    try:
        from posturecam.outputs.drawing import annotate

        annotate(np.zeros((48, 64, 3), dtype=np.uint8), None, ["posturecam"])
    except Exception as error:  # noqa: BLE001 - a folder of mixed files fails in any way it likes
        return str(error) or type(error).__name__
    return ""
