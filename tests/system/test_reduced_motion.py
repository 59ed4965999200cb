"""Whether the user wants less motion, as GNOME and KDE Plasma keep it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from posturecam.system.reduced_motion import wants_less_motion
from tests.desktops import install_program, linux_only

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = linux_only


@pytest.mark.parametrize(
    ("gnome", "plasma", "less"),
    [
        ("true", None, False),
        ("false", None, True),
        ("", None, False),
        ("true", "[KDE]\nAnimationDurationFactor=0\n", True),
        ("true", "[KDE]\nAnimationDurationFactor = 0.0\n", True),
        ("true", "[KDE]\nAnimationDurationFactor=0.5\n", False),
        ("true", "[KDE]\nAnimationDurationFactor=none\n", False),
        ("true", "[KDE]\nSingleClick=false\n", False),
    ],
)
def test_animations_that_are_turned_off_are_heard_of(
    gnome: str,
    plasma: str | None,
    less: bool,  # noqa: FBT001 - a column of the table
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In either; what cannot be read says nothing."""
    script = f"#!/bin/sh\n[ $3 = enable-animations ] && echo {gnome}\n"
    install_program(tmp_path / "bin" / "gsettings", script, monkeypatch)
    if plasma is not None:
        (tmp_path / "kdeglobals").write_text(plasma, encoding="utf-8")
    assert asyncio.run(wants_less_motion({"XDG_CONFIG_HOME": str(tmp_path)})) is less
