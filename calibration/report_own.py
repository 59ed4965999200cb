"""Tables of the report on our own rendered sitters and on every sitting of real people."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

from report_cells import (
    ANGLES,
    FRONT,
    NOTHING,
    Figures,
    balance,
    counted,
    decimals,
    percent,
    ranged,
    table,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SPLITS = {"unseen": "sitters not seen by a member", "validation": "validation"}


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
    splits = [figures["own"][split] for split in SPLITS]
    names = dict.fromkeys(
        name for part in ("recall", "false_alarms") for name in splits[0]["kinds"][part]
    )
    rows = []
    for name in sorted(names):
        cells = [name]
        for of in splits:
            cells += [
                counted(of["kinds"][part][name]) if name in of["kinds"][part] else NOTHING
                for part in ("recall", "false_alarms")
            ]
        plain = name.removesuffix(", slight")
        rows.append([*cells, percent(splits[0]["unknown"][plain])])
    header = ["slouches seen", "false alarms"]
    header += [f"{what}, {split}" for split in list(SPLITS)[1:] for what in header]
    return table(["scene", *header, "no verdict"], rows)


def by_scene(kinds: Figures) -> dict[tuple[bool, str], Figures]:
    """The share told slouched of each scene, by whether it is a slouch and by a name of all sets.

    Slight slouches are left out.
    """
    return {
        (part == "recall", name.removeprefix("chair ")): found
        for part in ("recall", "false_alarms")
        for name, found in kinds[part].items()
        if not name.endswith(", slight")
    }


def alike(figures: Figures) -> str:
    """The same scenes, each as often as among the test sitters."""
    of_splits = [by_scene(figures["own"][split]["kinds"]) for split in SPLITS]
    rows = []
    for group in FRONT:
        tested = by_scene(figures["full"]["kinds"][group])
        common = [key for key in tested if all(key in of for of in of_splits)]
        shares = [balanced_of(of, common, tested) for of in (tested, *of_splits)]
        scenes = f"{len(common)} of {len(tested)}"
        rows.append([group, scenes, *(decimals(share, 3) for share in shares)])
    return table(["pictures", "scenes in all sets", "test sitters", *SPLITS.values()], rows)


def balanced_of(
    found: dict[tuple[bool, str], Figures],
    keys: list[tuple[bool, str]],
    weights: dict[tuple[bool, str], Figures],
) -> float:
    """The balanced share right, with scenes as frequent as in `weights`."""

    def told(*, slouched: bool) -> float:
        chosen = [key for key in keys if key[0] is slouched]
        counts = [weights[key]["of"] for key in chosen]
        shares = [found[key]["share"] for key in chosen]
        return float(sum(map(mul, shares, counts)) / sum(counts))

    return (told(slouched=True) + 1 - told(slouched=False)) / 2


def far(figures: Figures) -> str:
    """Slid down and far back, and reclined as far with a straight back."""
    rows = []
    for split, name in SPLITS.items():
        kinds = figures["own"][split]["kinds"]
        seen, alarms = kinds["recall"]["slide far"], kinds["false_alarms"]["recline far"]
        right = {
            "hits": alarms["of"] - alarms["hits"], "of": alarms["of"],
            "share": 1 - alarms["share"], "low": 1 - alarms["high"], "high": 1 - alarms["low"],
        }  # fmt: skip
        rows.append([name, counted(seen), counted(right)])
    aim = ["aim", "90 %", "95 %"]
    header = ["sitters", "slid far back, seen", "reclined as far, not slouched"]
    return table(header, [*rows, aim])


def appearances(figures: Figures) -> str:
    """Verdicts by what sitters wear and how the camera sees them."""
    rows = []
    for name, found in figures["own"]["unseen"]["appearances"].items():
        validation = figures["own"]["validation"]["appearances"].get(name)
        rows.append([
            name, f"{found['sitters']} / {found['pictures']}", balance(found["balanced"]),
            percent(found["recall"]), percent(found["false_alarms"]), percent(found["unknown"]),
            balance(validation["balanced"]) if validation else NOTHING,
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
            for split in SPLITS
        )]
        for angle in ANGLES
    ]  # fmt: skip
    return table(["angle", *SPLITS.values()], rows)


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
    "own-alike": alike,
    "own-appearances": appearances,
    "own-errors": errors,
    "own-far": far,
    "own-near": verdicts_of("near"),
    "own-reliability": reliability,
    "own-scenes": scenes,
    "own-validation": verdicts_of("validation"),
    "own-verdicts": verdicts_of("unseen"),
    "sittings": sittings,
}
"""By their names in the report."""
