"""What a profile was taught, on disk: `profiles/NAME.taught.json`, read with suspicion.

It lies beside the baseline, not in it: a new baseline, or the one before, leaves it as it is.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from posturecam.base.errors import DataError
from posturecam.base.files import read_file
from posturecam.base.language import Sentence
from posturecam.base.paths import removing, write_atomically
from posturecam.pose.measures import MEASURES, Measures
from posturecam.posture.anchors import GUIDED, MOST_FEEDBACK, Anchor
from posturecam.posture.baseline import LARGEST_MEASURE
from posturecam.posture.zero import Zero
from posturecam.values.observation import View
from posturecam.values.reasons import Lesson

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
LARGEST_BYTES = 200_000
_DIGITS = 6
_Measure = Annotated[float, Field(ge=-LARGEST_MEASURE, le=LARGEST_MEASURE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What a profile knows beside its baseline.

    Attributes:
        anchors: labelled poses, the oldest first.
        zero: how the sitter sat upright on a day.
        asked_at: when a zero was asked for last.
    """

    anchors: tuple[Anchor, ...] = ()
    zero: Zero | None = None
    asked_at: AwareDatetime | None = None


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _KeptAnchor(_Kept):
    lesson: Lesson
    view: View
    pose: dict[str, _Measure | None]
    baseline: dict[str, _Measure | None]
    model_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    at: AwareDatetime


class _KeptZero(_Kept):
    at: AwareDatetime
    baseline_taken_at: AwareDatetime
    offset: dict[str, _Measure | None]


class _TaughtFile(_Kept):
    format: int
    poses: list[_KeptAnchor] = Field(max_length=MOST_FEEDBACK + len(GUIDED))
    zero: _KeptZero | None
    asked_at: AwareDatetime | None


def taught_path(profile: Path) -> Path:
    """Where what the profile at `profile` was taught is kept; no profile can have this name."""
    return profile.with_suffix(".taught.json")


def load_taught(profile: Path) -> Taught:
    """What the profile at `profile` was taught; nothing where there is no such file.

    Raises:
        DataError: the file is damaged, of a newer program, or may not be read.
    """
    path = taught_path(profile)
    try:
        content = json.loads(read_file(path, most_bytes=LARGEST_BYTES))
        if isinstance(content, dict) and isinstance(content.get("format"), int):
            _refuse_newer(path, content["format"])
        kept = _TaughtFile.model_validate(content)
        return Taught(
            anchors=tuple(map(_to_anchor, kept.poses)),
            zero=None if kept.zero is None else _to_zero(kept.zero),
            asked_at=kept.asked_at,
        )
    except FileNotFoundError:
        return Taught()
    except PermissionError as error:  # it may be as good as ever
        raise DataError(
            Sentence("{path} cannot be read: {why}.", path=path, why=error.strerror),
            Sentence("Make the file yours again; it may have been written with sudo."),
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            Sentence("What this profile was taught cannot be read: {path}.", path=path),
            Sentence("Forget it with: posturecam profiles forget {name} --all", name=profile.stem),
        ) from error


def save_taught(profile: Path, taught: Taught) -> None:
    """Keeps `taught` beside the profile at `profile`; nothing to keep removes the file.

    Raises:
        DataError: the file cannot be written.
    """
    path = taught_path(profile)
    if taught == Taught():
        forget_taught(profile)
        return
    kept = _TaughtFile(
        format=FORMAT,
        poses=[
            _KeptAnchor(
                lesson=one.lesson,
                view=one.view,
                pose=_to_json(one.pose),
                baseline=_to_json(one.baseline),
                model_sha256=one.model_sha256,
                at=one.at,
            )
            for one in taught.anchors
        ],
        zero=None
        if taught.zero is None
        else _KeptZero(
            at=taught.zero.at,
            baseline_taken_at=taught.zero.baseline_taken_at,
            offset=_to_json(taught.zero.offset),
        ),
        asked_at=taught.asked_at,
    )
    write_atomically(path, kept.model_dump_json(indent=1) + "\n")


def move_taught(profile: Path, to: Path) -> None:
    """Keeps what the profile at `profile` was taught for the one at `to`, also a damaged file.

    Raises:
        DataError: the file cannot be moved, and is still where it was.
    """
    path, new_path = taught_path(profile), taught_path(to)
    try:
        path.replace(new_path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise DataError(
            Sentence("{path} cannot be written: {why}.", path=new_path, why=error.strerror),
            Sentence(
                "Free some space or make the folder writable; what was there before is untouched."
            ),
        ) from error


def forget_taught(profile: Path) -> None:
    """Removes all that the profile at `profile` was taught, also a damaged file.

    Raises:
        DataError: the file cannot be removed.
    """
    path = taught_path(profile)
    with removing(path):
        path.unlink(missing_ok=True)


def _refuse_newer(path: Path, found: int) -> None:
    if found > FORMAT:
        raise DataError(
            Sentence(
                "{path} was written by a newer posturecam (format {found}).", path=path, found=found
            ),
            Sentence("Update posturecam."),
        )


def _to_anchor(kept: _KeptAnchor) -> Anchor:
    return Anchor(
        lesson=kept.lesson,
        view=kept.view,
        pose=_to_measures(kept.pose),
        baseline=_to_measures(kept.baseline),
        model_sha256=kept.model_sha256,
        at=kept.at,
    )


def _to_zero(kept: _KeptZero) -> Zero:
    return Zero(
        at=kept.at,
        baseline_taken_at=kept.baseline_taken_at,
        offset=_to_measures(kept.offset),
    )


def _to_json(measures: Measures) -> dict[str, float | None]:
    values = zip(MEASURES, measures.as_array().tolist(), strict=True)
    return {name: round(v, _DIGITS) if math.isfinite(v) else None for name, v in values}


def _to_measures(kept: dict[str, float | None]) -> Measures:
    """The measures; what an older program did not have is unknown."""
    values = [kept.get(name) for name in MEASURES]
    return Measures(
        **{n: math.nan if v is None else v for n, v in zip(MEASURES, values, strict=True)}
    )
