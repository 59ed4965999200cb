"""The file of a baseline: what stands in it, read with suspicion and written atomically."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from posturecam.base.errors import DataError
from posturecam.base.files import read_file
from posturecam.base.language import Sentence
from posturecam.base.paths import write_atomically
from posturecam.pose.measures import MEASURES, MESH_MEASURES, OUTLINE_MEASURES, Measures
from posturecam.posture.baseline import Baseline, is_plausible
from posturecam.posture.profile_fit import MOST_DESKS
from posturecam.values.desk import DIGEST_LETTERS, Desk
from posturecam.values.observation import Stance, View
from posturecam.values.settings import Thresholds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FORMAT = 4
"""2 added the measures of the face mesh, 3 desks and stance, 4 the measures of the outline; older
ones are still read."""
_ADDED = {2: MESH_MEASURES, 4: OUTLINE_MEASURES}
"""Measures that a format brought."""
LARGEST_BYTES = 500_000
"""Previous baselines with a skyline of `MOST_ROWS` each have 350 kB."""
MOST_ROWS = 800
"""Of a skyline: it is 191 cells wide at most, and pictures no more than four times as high."""
MOST_DISPLAYS = 16
MOST_LETTERS = 1000
"""Of the name of a camera, which may be an address."""
_DIGEST = f"^[0-9a-f]{{{DIGEST_LETTERS}}}$"


class _ThresholdsOfUser(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, from_attributes=True)

    upper_back_deg: float = Field(gt=0, le=90)
    trunk_deg: float = Field(gt=0, le=90)
    neck_deg: float = Field(gt=0, le=90)
    back_flexion_deg: float = Field(gt=0, le=90)
    shoulder_tilt_deg: float = Field(gt=0, le=90)


_SkylinePart = Annotated[
    tuple[Annotated[float, Field(ge=-50, le=50)] | None, ...], Field(max_length=MOST_ROWS)
]


class _KeptDesk(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)

    camera: str = Field(pattern=_DIGEST)
    camera_name: str = Field(max_length=MOST_LETTERS)
    displays: tuple[Annotated[str, Field(pattern=_DIGEST)], ...] = Field(max_length=MOST_DISPLAYS)


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
    rotate_deg: Literal[0, 90, 180, 270] = 0
    skyline: tuple[_SkylinePart, _SkylinePart, _SkylinePart, _SkylinePart] | None = None
    desks: tuple[_KeptDesk, ...] = Field(default=(), max_length=MOST_DESKS)
    stance: Stance = Stance.SITTING


class _PreviousFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: int
    baselines: list[_ProfileFile]


def read_baseline(path: Path, name: str) -> Baseline:
    """The baseline in the file, of the profile `name`.

    Raises:
        OSError: it cannot be read.
        ValueError: it holds none.
        RecursionError: likewise.
        DataError: a newer program wrote it, or the user may not read it.
    """
    return _to_baseline(_ProfileFile.model_validate(_read(path)), name)


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Puts the baseline into the file.

    Raises:
        DataError: it cannot be written.
    """
    _write(path, _to_kept(baseline))


def read_several(path: Path, name: str) -> list[Baseline]:
    """Those in a file of several, of the profile `name`; raises as `read_baseline`."""
    file = _PreviousFile.model_validate(_read(path))
    return [_to_baseline(one, name) for one in file.baselines]


def write_several(path: Path, baselines: Sequence[Baseline]) -> None:
    """Puts them into one file; raises as `write_baseline`."""
    _write(path, _PreviousFile(format=FORMAT, baselines=list(map(_to_kept, baselines))))


def is_same(one: Baseline, other: Baseline) -> bool:
    """Whether their files say the same."""
    return _to_kept(one) == _to_kept(other)


def _read(path: Path) -> object:
    try:
        content = json.loads(read_file(path, most_bytes=LARGEST_BYTES))
    except PermissionError as error:  # it may be as good as ever, so that none may replace it
        raise DataError(
            Sentence("{path} cannot be read: {why}.", path=path, why=error.strerror),
            Sentence("Make the file yours again; it may have been written with sudo."),
        ) from error
    if isinstance(content, dict) and isinstance(content.get("format"), int):
        _refuse_newer(path, content["format"])
    return content


def _to_baseline(kept: _ProfileFile, name: str) -> Baseline:
    if kept.profile != name:
        raise ValueError("renamed by hand")
    centre, spread = (_to_measures(part, kept.format) for part in (kept.centre, kept.spread))
    if not is_plausible(centre, kept.view) or any(value < 0 for value in spread.as_array()):
        raise ValueError("not what anybody looks like")
    fields = kept.model_dump(exclude={"format", "centre", "spread", "thresholds", "desks"})
    own = kept.thresholds
    return Baseline(
        centre=centre,
        spread=spread,
        thresholds=None if own is None else Thresholds(**own.model_dump()),
        desks=tuple(Desk(**desk.model_dump()) for desk in kept.desks),
        **fields,
    )


def _to_kept(baseline: Baseline) -> _ProfileFile:
    kept = (item.name for item in fields(baseline) if item.name != "personal")
    values = {name: getattr(baseline, name) for name in kept}
    values |= {"centre": _to_json(baseline.centre), "spread": _to_json(baseline.spread)}
    return _ProfileFile.model_validate(values | {"format": FORMAT})


def _write(path: Path, kept: BaseModel) -> None:
    write_atomically(path, kept.model_dump_json(indent=2) + "\n")


def _refuse_newer(path: Path, found: int) -> None:
    if found > FORMAT:
        raise DataError(
            Sentence(
                "The profile {path} was written by a newer posturecam (format {found}).",
                path=path,
                found=found,
            ),
            Sentence("Update posturecam, or calibrate under another name with --profile."),
        )


def _to_json(measures: Measures) -> dict[str, float | None]:
    values = zip(MEASURES, measures.as_array().tolist(), strict=True)
    return {name: value if math.isfinite(value) else None for name, value in values}


def _to_measures(kept: dict[str, float | None], written_format: int) -> Measures:
    absent = [name for since, names in _ADDED.items() if since > written_format for name in names]
    if set(kept) != set(MEASURES).difference(absent):
        raise ValueError("other measures")
    return Measures(**{name: math.nan if v is None else v for name, v in kept.items()})
