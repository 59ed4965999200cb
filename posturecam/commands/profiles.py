"""`profiles`: the baselines that there are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.errors import BaselineError, DataError
from posturecam.base.language import Sentence, _, shown
from posturecam.outputs.baseline_words import baseline_text, desk_text
from posturecam.outputs.words import name_text
from posturecam.posture.anchors import usable
from posturecam.posture.profiles import (
    find_profile,
    known_profile_path,
    list_profiles,
    load_previous,
    load_profile,
    profile_path,
    undo_profile,
)
from posturecam.posture.taught import forget_taught, load_taught, save_taught
from posturecam.values.observation import Stance

if TYPE_CHECKING:
    from posturecam.posture.baseline import Baseline


def profile_lines(folder: Path, zone: tzinfo) -> Iterator[str]:
    """A line for each profile, with why it cannot be used where that is so."""
    for name in list_profiles(folder):
        try:
            described = _described(load_profile(folder, name), zone)
        except DataError as error:
            described = shown(error.what)
        yield f"{name}  {described}"


def profile_text(folder: Path, name: str, zone: tzinfo) -> str:
    """What is known of a profile. Raises `PosturecamError`."""
    baseline = load_profile(folder, name)
    lines = [f"{name}: {_described(baseline, zone)}"]
    lines.append(
        _("picture {width} x {height}").format(
            width=baseline.image_width_px, height=baseline.image_height_px
        )
    )
    lines += [_("desk: {desk}").format(desk=desk_text(desk)) for desk in baseline.desks]
    lines.append(_("models of pose and shoulders {sha256}").format(sha256=baseline.model_sha256))
    lines.append(
        _("face mesh found")
        if math.isfinite(baseline.centre.mesh_size)
        else _("no face mesh found: you are judged by the pose alone")
    )
    own = baseline.thresholds
    if own is not None:
        limits = ", ".join(f"{value_deg:.0f}°" for value_deg in own.values_deg())
        lines.append(_("limits from the slump take: {limits}").format(limits=limits))
    lines += _taught_lines(folder, baseline, zone)
    for stance in Stance:
        if stance is Stance.STANDING and (also := find_profile(folder, name, stance)) is not None:
            lines.append(_("standing: {baseline}").format(baseline=_described(also, zone)))
        kept = _("kept from before: {baseline}")
        earlier = load_previous(folder, name, stance)
        lines += [kept.format(baseline=_described(one, zone)) for one in earlier]
    return "\n".join(lines)


def undo_text(folder: Path, name: str, zone: tzinfo, stance: Stance = Stance.SITTING) -> str:
    """Takes the previous baseline of a profile into use again; says which, and what is left.

    Raises:
        PosturecamError: there is none, or a file cannot be written.
    """
    again = _described(undo_profile(folder, name, stance), zone)
    lines = [_("{name} is again: {baseline}.").format(name=name, baseline=again)]
    if left := load_previous(folder, name, stance):
        text = _("Undoing again brings back: {baseline}.")
        lines.append(text.format(baseline=_described(left[0], zone)))
    return "\n".join(lines)


def forget_text(folder: Path, name: str, number: int | None) -> str:
    """Forgets a pose that the profile was taught, by its number in `profile_text`; says so.

    Without a number all that it was taught is forgotten, today's zero too, even where it cannot be
    read.

    Raises:
        PosturecamError: there is no such profile or pose, or a file cannot be read or written.
    """
    path = known_profile_path(folder, name)
    if number is None:
        forget_taught(path)
        return _("{name} knows nothing but its baseline.").format(name=name)
    taught = load_taught(path)
    if not 1 <= number <= len(taught.anchors):
        raise BaselineError(
            Sentence("{name} was taught no pose {number}.", name=name, number=number),
            Sentence("See what it was taught: posturecam profiles show {name}", name=name),
        )
    gone = taught.anchors[number - 1]
    kept = (*taught.anchors[: number - 1], *taught.anchors[number:])
    save_taught(path, replace(taught, anchors=kept))
    return _("Forgotten: {lesson}. Left: {number}.").format(
        lesson=name_text(gone.lesson), number=len(kept)
    )


def _taught_lines(folder: Path, baseline: Baseline, zone: tzinfo) -> Iterator[str]:
    taught = load_taught(profile_path(folder, baseline.profile))
    used = usable(taught.anchors, baseline.view, baseline.model_sha256)
    for number, one in enumerate(taught.anchors, start=1):
        text = _("taught {number}: {lesson}, {moment}")
        if one not in used:
            text = _("taught {number}: {lesson}, {moment} (not used: another view or pose model)")
        at = f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}"
        yield text.format(number=number, lesson=name_text(one.lesson), moment=at)
    if taught.zero is not None and taught.zero.baseline_taken_at == baseline.taken_at:
        at = f"{taught.zero.at.astimezone(zone):%Y-%m-%d %H:%M}"
        yield _("zero of the day: {moment}").format(moment=at)


def _described(baseline: Baseline, zone: tzinfo) -> str:
    taken = f"{baseline.taken_at.astimezone(zone):%Y-%m-%d %H:%M}"
    return _("{baseline}, taken {moment}").format(baseline=baseline_text(baseline), moment=taken)
