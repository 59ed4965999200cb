"""Does the user want less motion on the screen?"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from posturecam.base.program_output import output_of

_ANIMATIONS = ("org.gnome.desktop.interface", "enable-animations")
_SPEED = "AnimationDurationFactor"


async def wants_less_motion(environment: Mapping[str, str]) -> bool:
    """Whether animations are turned off in GNOME and desktops built on it, or in KDE Plasma."""
    return _is_plasma_still(environment) or await _is_gnome_still()


async def _is_gnome_still() -> bool:
    with suppress(TimeoutError):
        answer = await output_of("gsettings", "get", *_ANIMATIONS)
        return (answer or "").strip() == "false"
    return False


def _is_plasma_still(environment: Mapping[str, str]) -> bool:
    folder = environment.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    with suppress(OSError, ValueError, RuntimeError):
        for line in (Path(folder) / "kdeglobals").read_text(encoding="utf-8").splitlines():
            key, _equals, value = line.partition("=")
            if key.strip() == _SPEED:
                return float(value) == 0.0
    return False
