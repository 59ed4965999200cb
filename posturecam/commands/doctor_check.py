"""What one check of `doctor` found, as a value and as a line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one check found.

    Attributes:
        name: what was looked at.
        ok: it is as it should be.
        required: the main job cannot run unless it is.
        detail: what was found.
        remedy: what to do about it; set whenever `ok` is not.
    """

    name: str
    ok: bool
    required: bool = True
    detail: str = ""
    remedy: str = ""


def check_text(check: Check) -> str:
    """One line for the terminal."""
    mark = "ok  " if check.ok else "FAIL" if check.required else "warn"
    remedy = "" if check.ok else f" | To do: {check.remedy}"
    return f"{mark}  {check.name}: {check.detail}{remedy}"
