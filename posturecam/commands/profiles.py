"""`profiles`: the baselines that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.base.errors import DataError
from posturecam.outputs.words import baseline_text
from posturecam.posture.profiles import list_profiles, load_previous, load_profile, undo_profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo
    from pathlib import Path

    from posturecam.posture.baseline import Baseline


def profile_lines(folder: Path, zone: tzinfo) -> Iterator[str]:
    """A line for each profile, with why it cannot be used where that is so."""
    for name in list_profiles(folder):
        try:
            described = _described(load_profile(folder, name), zone)
        except DataError as error:
            described = error.what
        yield f"{name}  {described}"


def profile_text(folder: Path, name: str, zone: tzinfo) -> str:
    """What is known of a profile.

    Raises:
        PosturecamError: there is none, or it cannot be read.
    """
    baseline = load_profile(folder, name)
    lines = [f"{name}: {_described(baseline, zone)}"]
    lines.append(f"picture {baseline.image_width_px} x {baseline.image_height_px}")
    lines.append(f"pose model {baseline.model_sha256}")
    own = baseline.thresholds
    if own is not None:
        limits = ", ".join(f"{value_deg:.0f}°" for value_deg in own.values_deg())
        lines.append(f"limits from the slump take: {limits}")
    earlier = load_previous(folder, name)
    lines += [f"kept from before: {_described(one, zone)}" for one in earlier]
    return "\n".join(lines)


def undo_text(folder: Path, name: str, zone: tzinfo) -> str:
    """Takes the previous baseline of a profile into use again; says which, and what is left.

    Raises:
        PosturecamError: there is none, or a file cannot be written.
    """
    lines = [f"{name} is again: {_described(undo_profile(folder, name), zone)}."]
    if left := load_previous(folder, name):
        lines.append(f"Undoing again brings back: {_described(left[0], zone)}.")
    return "\n".join(lines)


def _described(baseline: Baseline, zone: tzinfo) -> str:
    return f"{baseline_text(baseline)}, taken {baseline.taken_at.astimezone(zone):%Y-%m-%d %H:%M}"
