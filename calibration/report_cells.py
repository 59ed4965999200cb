"""Figures as they stand in the tables of the report."""

from __future__ import annotations

from typing import Any

NOTHING, MINUS = "\u2013", "\u2212"

ANGLES = ("upper_back", "trunk", "neck", "back_flexion", "shoulder_tilt")
FRONT = ("front, single changes", "front, two changes", "front, sliding")

Figures = dict[str, Any]


def table(header: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def words(name: str) -> str:
    """An angle or a file in words."""
    return name.replace("_", " ")


def degrees(value: float | None, *, signed: bool = False) -> str:
    """One decimal and a sign where it matters."""
    if value is None:
        return NOTHING
    shown = f"{value:+.1f}" if signed else f"{value:.1f}"
    if shown in ("-0.0", "+0.0"):
        return "0.0"
    return shown.replace("-", MINUS)


def ranged(found: Figures, positions: int = 1) -> str:
    """A figure in degrees with its interval."""
    if found["low"] is None:
        return decimals(found["value"], positions)
    return f"{found['value']:.{positions}f} ({found['low']:.1f} to {found['high']:.1f})"


def balance(found: Figures) -> str:
    """A balanced share with its interval."""
    if found["low"] is None:
        return decimals(found["value"], 3)
    return f"{found['value']:.3f} ({found['low']:.2f} to {found['high']:.2f})"


def percent(found: Figures) -> str:
    """A share with its interval."""
    if not found["of"]:
        return NOTHING
    ends = f"{100 * found['low']:.0f} to {100 * found['high']:.0f}"
    return f"{100 * found['share']:.1f} % ({ends})"


def counted(found: Figures) -> str:
    """A share with its interval and its numbers."""
    return f"{found['hits']} of {found['of']}: {percent(found)}" if found["of"] else NOTHING


def decimals(value: float | None, positions: int = 2) -> str:
    """A plain number."""
    return NOTHING if value is None else f"{value:.{positions}f}"


def ends(found: Figures, low: str = "least", high: str = "most") -> str:
    """From where to where something was found."""
    if not found["of"]:
        return NOTHING
    shown = f"{found[low]:.3g} to {found[high]:.3g} (n {found['of']})"
    return shown.replace("-", MINUS)
