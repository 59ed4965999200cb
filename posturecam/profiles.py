"""Baselines on disk: `profiles/NAME.json`, written atomically and read with suspicion."""

from __future__ import annotations

import json
import math
import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from posturecam.angles import MEASURES, Measures
from posturecam.baseline import Baseline, is_plausible
from posturecam.errors import BaselineError, DataError, UsageError
from posturecam.files import read_file
from posturecam.messages import calibrate_command
from posturecam.observation import View
from posturecam.paths import write_atomically
from posturecam.settings import Thresholds

if TYPE_CHECKING:
    from pathlib import Path

    from posturecam.models import Model

FORMAT = 1
LARGEST_BYTES = 100_000
_DEVICES = r"(?i:con|prn|aux|nul|(?:com|lpt)[0-9])"  # no file can have these names on Windows
_NAME = re.compile(rf"(?!{_DEVICES}\Z)[A-Za-z0-9][A-Za-z0-9_-]{{0,63}}")


class _ThresholdsOfUser(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, from_attributes=True)

    upper_back_deg: float = Field(gt=0, le=90)
    trunk_deg: float = Field(gt=0, le=90)
    neck_deg: float = Field(gt=0, le=90)
    back_flexion_deg: float = Field(gt=0, le=90)
    shoulder_tilt_deg: float = Field(gt=0, le=90)


class _ProfileFile(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    format: int
    profile: str
    view: View
    centre: dict[str, float | None]
    spread: dict[str, float | None]
    samples: int = Field(ge=1)
    takes: int = Field(ge=1)
    quality: float = Field(ge=0, le=1)
    image_width_px: int = Field(ge=1)
    image_height_px: int = Field(ge=1)
    model_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    taken_at: AwareDatetime
    thresholds: _ThresholdsOfUser | None = None


def profile_path(folder: Path, name: str) -> Path:
    """The file of the profile `name`.

    Raises:
        UsageError: the name could lead out of the folder or would not travel between systems.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a profile name.",
            "Use letters, digits, - and _, at most 64, starting with a letter or digit; "
            "a few names such as CON are Windows's own.",
        )
    return folder / f"{name}.json"


def list_profiles(folder: Path) -> tuple[str, ...]:
    """Names of the profiles there are, sorted."""
    if not folder.is_dir():
        return ()
    names = (file.stem for file in folder.glob("*.json"))
    return tuple(sorted(name for name in names if _NAME.fullmatch(name)))


def save_profile(folder: Path, baseline: Baseline) -> Path:
    """Keeps `baseline` under its profile name; the file it is in.

    Raises:
        UsageError: the name is not a profile name.
        DataError: the file cannot be written.
    """
    path = profile_path(folder, baseline.profile)
    values = {item.name: getattr(baseline, item.name) for item in fields(baseline)}
    values |= {"centre": _to_json(baseline.centre), "spread": _to_json(baseline.spread)}
    kept = _ProfileFile.model_validate(values | {"format": FORMAT})
    write_atomically(path, kept.model_dump_json(indent=2) + "\n")
    return path


def load_profile(folder: Path, name: str) -> Baseline:
    """The baseline kept under `name`.

    Raises:
        UsageError: the name is not a profile name.
        BaselineError: there is none.
        DataError: the file is damaged or of a newer program.
    """
    path = profile_path(folder, name)
    if not path.is_file():
        known = list_profiles(folder)
        others = f" Profiles there are: {', '.join(known)}." if known else ""
        raise BaselineError(
            f"There is no baseline named {name!r} yet.{others}",
            f"Take one with: {calibrate_command(name)}",
        )
    try:
        return _from_file(path, name)
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"The profile {path} is damaged.",
            f"It was left as it is. Take the baseline anew: {calibrate_command(name)}",
        ) from error


def rename_profile(folder: Path, name: str, new_name: str) -> None:
    """Keeps the baseline of `name` under another name.

    Raises:
        UsageError: a name is not a profile name, or the new one is taken.
        BaselineError: there is no such profile.
        DataError: the file is damaged or cannot be written.
    """
    new_path = profile_path(folder, new_name)
    baseline = load_profile(folder, name)
    if new_path.exists():
        raise UsageError(
            f"There is a profile named {new_name!r} already.", "Delete it first, or choose another."
        )
    save_profile(folder, replace(baseline, profile=new_name))
    delete_profile(folder, name)


def delete_profile(folder: Path, name: str) -> None:
    """Deletes a baseline, also a damaged one.

    Raises:
        UsageError: the name is not a profile name.
        BaselineError: there is no such profile.
        DataError: the file cannot be deleted.
    """
    path = profile_path(folder, name)
    if not path.is_file():
        raise BaselineError(
            f"There is no baseline named {name!r}.", "See which there are: posturecam profiles list"
        )
    try:
        path.unlink()
    except OSError as error:
        raise DataError(
            f"{path} cannot be deleted: {error.strerror}.", "Make its folder writable."
        ) from error


def fitting_profile(folder: Path, name: str, model: Model) -> Baseline:
    """The baseline kept under `name`, if `model` can be compared with it.

    Raises:
        BaselineError: there is none, or it was taken with another model.
        DataError: the file is damaged or of a newer program.
    """
    baseline = load_profile(folder, name)
    if baseline.model_sha256 != model.sha256:
        raise BaselineError(
            f"The baseline {name!r} was taken with another pose model than {model.name!r}.",
            f"Take it anew: {calibrate_command(name)} --model {model.name}",
        )
    return baseline


def _from_file(path: Path, name: str) -> Baseline:
    content = json.loads(read_file(path, most_bytes=LARGEST_BYTES))
    if isinstance(content, dict) and isinstance(content.get("format"), int):
        refuse_newer(path, content["format"])
    kept = _ProfileFile.model_validate(content)
    if kept.profile != name:
        raise ValueError("renamed by hand")
    centre, spread = _to_measures(kept.centre), _to_measures(kept.spread)
    if not is_plausible(centre, kept.view) or any(value < 0 for value in spread.as_array()):
        raise ValueError("not what anybody looks like")
    fields = kept.model_dump(exclude={"format", "centre", "spread", "thresholds"})
    own = kept.thresholds
    return Baseline(
        centre=centre,
        spread=spread,
        thresholds=None if own is None else Thresholds(**own.model_dump()),
        **fields,
    )


def refuse_newer(path: Path, found: int) -> None:
    """Nothing, unless a newer program wrote the file.

    Raises:
        DataError: it did.
    """
    if found > FORMAT:
        raise DataError(
            f"The profile {path} was written by a newer posturecam (format {found}).",
            "Update posturecam, or calibrate under another name with --profile.",
        )


def _to_json(measures: Measures) -> dict[str, float | None]:
    values = zip(MEASURES, measures.as_array().tolist(), strict=True)
    return {name: value if math.isfinite(value) else None for name, value in values}


def _to_measures(kept: dict[str, float | None]) -> Measures:
    if set(kept) != set(MEASURES):
        raise ValueError("other measures")
    return Measures(**{name: math.nan if v is None else v for name, v in kept.items()})
