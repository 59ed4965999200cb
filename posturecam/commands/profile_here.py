"""The profile of the desk that one sits at: what is plugged in, and what the profiles say of it.

Nothing is opened, and neither numbers nor models are loaded for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.addresses import without_secrets
from posturecam.base.files import read_file
from posturecam.capture.camera_sizes import Offer, offer_of
from posturecam.capture.devices import CameraDevices, device_of
from posturecam.commands.config import is_set
from posturecam.posture.profile_fit import Choice, KnownProfile, choose, free_name
from posturecam.system.displays import connected_displays
from posturecam.values.desk import Desk, digest

if TYPE_CHECKING:
    from posturecam.base.paths import AppPaths
    from posturecam.values.settings import Settings

LARGEST_BYTES = 500_000


def desk_here(
    source: str,
    devices: CameraDevices | None = None,
    displays: Callable[[], tuple[str, ...]] = connected_displays,
) -> Desk | None:
    """The desk that a source looks at; None for a file, or a camera that cannot be told."""
    device = device_of(source, devices or CameraDevices())
    if device is not None:
        return Desk(camera=digest(device.model), camera_name=device.label, displays=displays())
    if "://" in source:
        address = without_secrets(source)
        return Desk(camera=digest([address]), camera_name=address, displays=displays())
    return None


def profile_here(
    folder: Path,
    source: str,
    preferred: str,
    *,
    devices: CameraDevices | None = None,
    displays: Callable[[], tuple[str, ...]] = connected_displays,
    offer: Callable[[str], Offer | None] = offer_of,
) -> Choice | None:
    """The profile for the desk that a source looks at; None where there is none to choose.

    The `preferred` one is used where nothing is known; an `offer` has the sizes of a camera.
    """
    here = desk_here(source, devices, displays)
    if here is None:
        return None
    device = device_of(source, devices or CameraDevices())
    offered = None if device is None else offer(device.path)
    sizes_px = () if offered is None else offered.sizes_px
    return choose(known_profiles(folder), here, preferred=preferred, offered_px=sizes_px)


def chosen_here(paths: AppPaths, settings: Settings, profile: str | None) -> Choice | None:
    """The profile that fits what is plugged in; None where one was named, or there is none."""
    if profile is not None or is_set(paths.config_file, "profile"):
        return None
    return profile_here(paths.profiles, settings.source, settings.profile)


def name_for_new(folder: Path, choice: Choice) -> str:
    """What a baseline taken here is kept as: it replaces none that was taken at another desk."""
    return choice.name if choice.is_of_this_desk else unused_name(folder)


def unused_name(folder: Path) -> str:
    """A name that no profile has, not even a damaged one."""
    return free_name({file.stem for file in folder.glob("*.json")})


def known_profiles(folder: Path) -> Iterator[KnownProfile]:
    """What each profile says of where it was taken; nothing of those that cannot be read.

    They are checked as a whole (`posture.profiles`) when one is used.
    """
    for file in sorted(folder.glob("*.json")):
        if "." in file.stem:
            continue
        try:
            kept = json.loads(read_file(file, most_bytes=LARGEST_BYTES))
            yield KnownProfile(
                name=file.stem,
                desks=tuple(_desk(desk) for desk in kept.get("desks", ())),
                size_px=(int(kept["image_width_px"]), int(kept["image_height_px"])),
                taken_at=str(kept["taken_at"]),
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue


def _desk(kept: dict[str, object]) -> Desk:
    displays = kept["displays"]
    if not isinstance(displays, list):
        raise TypeError("displays are a list")
    return Desk(
        camera=str(kept["camera"]),
        camera_name=str(kept["camera_name"]),
        displays=tuple(map(str, displays)),
    )
