"""Tables of the report on our own rendered sitters and on every sitting of real people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from report_cells import NOTHING, balance, counted, decimals, percent, ranged, table, words

if TYPE_CHECKING:
    from collections.abc import Callable

Figures = dict[str, Any]
ANGLES = ("upper_back", "trunk", "neck", "back_flexion", "shoulder_tilt")


def verdicts_of(split: str) -> Callable[[Figures], str]:
    """Verdicts of sitters that no member, or no fit, has seen."""

    def made(figures: Figures) -> str:
        rows = []
        for group, found in figures["own"][split]["verdicts"].items():
            rows.append([
                group, f"{found['sitters']} / {found['pictures']}", balance(found["balanced"]),
                percent(found["recall"]), percent(found["false_alarms"]),
                percent(found["unknown"]), decimals(found["area_under_curve"], 3),
            ])  # fmt: skip
        return table(
            ["pictures", "sitters / pictures", "balanced share right (95 %)", "recall",
             "false alarms", "unknown", "area under the curve"],
            rows,
        )  # fmt: skip

    return made


def scenes(figures: Figures) -> str:
    """Each scene: slouches seen, false alarms, and no verdict given."""
    both = [figures["own"][split] for split in ("unseen", "validation")]
    names = dict.fromkeys(
        name for part in ("recall", "false_alarms") for name in both[0]["kinds"][part]
    )
    rows = []
    for name in sorted(names):
        cells = [name]
        for of in both:
            cells += [
                counted(of["kinds"][part][name]) if name in of["kinds"][part] else NOTHING
                for part in ("recall", "false_alarms")
            ]
        plain = name.removesuffix(", slight")
        rows.append([*cells, percent(both[0]["unknown"][plain])])
    return table(
        ["scene", "slouches seen", "false alarms", "slouches seen, validation",
         "false alarms, validation", "no verdict"],
        rows,
    )  # fmt: skip


def appearances(figures: Figures) -> str:
    """Verdicts by what sitters wear and how the camera sees them."""
    rows = []
    for name, found in figures["own"]["unseen"]["appearances"].items():
        set_aside = figures["own"]["validation"]["appearances"].get(name)
        rows.append([
            name, f"{found['sitters']} / {found['pictures']}", balance(found["balanced"]),
            percent(found["recall"]), percent(found["false_alarms"]), percent(found["unknown"]),
            balance(set_aside["balanced"]) if set_aside else NOTHING,
        ])  # fmt: skip
    return table(
        ["appearance", "sitters / pictures", "balanced share right (95 %)", "recall",
         "false alarms", "unknown", "validation"],
        rows,
    )  # fmt: skip


def errors(figures: Figures) -> str:
    """Mean absolute errors, front, single changes."""
    rows = [
        [words(angle), *(
            ranged(figures["own"][split]["errors"][angle]["mae_deg"])
            for split in ("unseen", "validation")
        )]
        for angle in ANGLES
    ]  # fmt: skip
    return table(["angle", "sitters not seen by a member", "validation"], rows)


def reliability(figures: Figures) -> str:
    """What is said to be likely, and how often it is so."""
    rows = [
        [
            f"{100 * found['from']:.0f} to {100 * found['to']:.0f} %", str(found["pictures"]),
            f"{100 * found['told']:.0f} %", f"{100 * found['true']:.0f} %",
        ]
        for found in figures["own"]["unseen"]["reliability"]
    ]  # fmt: skip
    return table(["probability said", "pictures", "mean said", "slouched in truth"], rows)


def sittings(figures: Figures) -> str:
    """Every sitting of a real person."""
    rows = []
    for way, of_way in figures["real"]["sittings"].items():
        for sitting, found in of_way.items():
            rows.append([
                way, sitting, f"{found['stills']} ({found['slouched_stills']})",
                balance(found["balanced"]), decimals(found["recall"]),
                decimals(found["false_alarms"]),
                NOTHING if found["head_tilts"] is None else decimals(found["head_tilts"]),
                decimals(found["area_under_curve"]),
            ])  # fmt: skip
    return table(
        ["pose model", "sitting", "stills (slouched)", "balanced share right (95 %, over stills)",
         "recall", "false alarms", "head alone tilted, told slouched", "area under the curve"],
        rows,
    )  # fmt: skip


TABLES: dict[str, Callable[[Figures], str]] = {
    "own-appearances": appearances,
    "own-errors": errors,
    "own-reliability": reliability,
    "own-scenes": scenes,
    "own-validation": verdicts_of("validation"),
    "own-verdicts": verdicts_of("unseen"),
    "sittings": sittings,
}
"""By their names in the report."""
