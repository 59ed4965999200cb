"""Puts the tables of report.md in their places, out of results/angle_model_study.json.

    python calibration/report_tables.py [--check]

The text around the tables is written by hand; a table stands between two comments that name it.
With --check nothing is written, and the exit code is 1 when a table does not say what the figures
say.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import report_limits
import report_own
from report_aims import AIMS_DEG, aims
from report_cells import (
    ANGLES,
    FRONT,
    MINUS,
    NOTHING,
    Figures,
    balance,
    counted,
    decimals,
    degrees,
    ends,
    percent,
    ranged,
    table,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
PLACE = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
GROUPS = (*FRONT, "three-quarter", "side")


def fill(report: Path, figures: Figures) -> None:
    """Write every table into its place."""
    report.write_text(filled(report.read_text(encoding="utf-8"), figures), encoding="utf-8")


def filled(text: str, figures: Figures) -> str:
    """The report with the tables that the figures give.

    Raises:
        KeyError: a place names a table that does not exist.
    """
    return PLACE.sub(lambda at: f"{at[1]}{TABLES[at[2]](figures)}\n{at[3]}", text)


def errors_of(model: str) -> Callable[[Figures], str]:
    """The table of errors of one pose model."""

    def made(figures: Figures) -> str:
        rows = []
        for group in GROUPS:
            for angle, aim_deg in zip(
                ANGLES, AIMS_DEG.get(group, (None,) * len(ANGLES)), strict=True
            ):
                found = figures[model]["errors"][group][angle]
                ends = [degrees(found[f"agreement_{e}_deg"], signed=True) for e in ("low", "high")]
                rows.append([
                    group, words(angle), str(found["pictures"]),
                    degrees(found["bias_deg"], signed=True), ranged(found["mae_deg"]),
                    degrees(aim_deg), degrees(found["sd_deg"]), " to ".join(ends),
                    degrees(found["mae_of_saying_nothing_deg"]),
                ])  # fmt: skip
        return table(
            ["pictures", "angle", "n", "bias", "MAE (95 %)", "aim", "sd of the error",
             "95 % limits of agreement", "MAE of always saying 0"],
            rows,
        )  # fmt: skip

    return made


def detectable(figures: Figures) -> str:
    """What can be told from noise, against the thresholds."""
    smooth = figures["videos"]["averaging"]["angles"]
    rows = []
    for view, angles in figures["detectable"].items():
        for angle in ANGLES:
            found = angles[angle]
            held = smooth[angle]["smooth_detectable_deg"] if view == "front" else None
            enough = found["detectable_deg"] < found["threshold_deg"]
            rows.append([
                view, words(angle), f"{found['pictures']} of {found['sitters']}",
                degrees(found["sway_sd_deg"]), degrees(found["sd_deg"]),
                degrees(found["detectable_deg"]), degrees(held),
                degrees(found["moves_p95_deg"]), degrees(found["threshold_deg"]),
                "yes" if enough else "**no**",
                "yes" if found["moves_p95_deg"] < found["threshold_deg"] else "**no**",
            ])  # fmt: skip
    return table(
        ["view", "angle", "upright pictures of sitters", "sd of the truth (sway)",
         "sd of the estimate", "detectable, one picture", "detectable, median of 2 s",
         "95 % of errors in moves and turns", "threshold", "detectable below it",
         "moves below it"],
        rows,
    )  # fmt: skip


def verdicts(figures: Figures) -> str:
    """The verdicts of both pose models."""
    rows = []
    for model in ("full", "lite"):
        for group, found in figures[model]["verdicts"].items():
            rows.append([
                model, group, f"{found['sitters']} / {found['pictures']}",
                balance(found["balanced"]), percent(found["recall"]),
                percent(found["false_alarms"]), percent(found["unknown"]),
                percent(found["grey_told"]), decimals(found["area_under_curve"], 3),
            ])  # fmt: skip
    return table(
        ["model", "pictures", "sitters / pictures", "balanced share right (95 %)", "recall",
         "false alarms", "unknown", "grey zone told", "area under the curve"],
        rows,
    )  # fmt: skip


def kinds_of(part: str) -> Callable[[Figures], str]:
    """Recall by kind or false alarms by confounder, full beside lite."""

    def made(figures: Figures) -> str:
        rows = []
        for group in GROUPS:
            of_both = [figures[model]["kinds"][group][part] for model in ("full", "lite")]
            quiet = [
                name
                for name in of_both[0]
                if group not in FRONT and not any(of[name]["hits"] for of in of_both)
            ]
            if part == "false_alarms" and quiet:
                told = ", ".join(f"{name} ({of_both[0][name]['of']})" for name in quiet)
                rows.append([group, told, "0 of each", "0 of each"])
            else:
                quiet = []
            rows += [
                [group, name, counted(found), percent(of_both[1][name])]
                for name, found in of_both[0].items()
                if name not in quiet
            ]
        return table(["pictures", "scene", "full", "lite"], rows)

    return made


def reliability(figures: Figures) -> str:
    """How far off the probability of a slouch is, full beside lite."""
    rows = []
    for group, found in figures["full"]["reliability"].items():
        errors = [figures[model]["reliability"][group] for model in ("full", "lite")]
        errors_text = [decimals(error["expected_error"], 3) for error in errors]
        bins = [f"{one['told']:.2f}: {one['are']:.2f} ({one['of']})" for one in found["bins"]]
        rows.append([group, str(found["pictures"]), *errors_text, ", ".join(bins)])
    return table(
        ["pictures", "number", "expected calibration error, full", "lite",
         "told with a probability of: slouched (pictures), full"],
        rows,
    )  # fmt: skip


def conditions(figures: Figures) -> str:
    """Errors and verdicts by camera and by turn."""
    rows = []
    for name, bins in figures["conditions"].items():
        for found in bins:
            errors = [degrees(found["errors"][angle]["mae_deg"]["value"]) for angle in ANGLES]
            rows.append([
                name, found["bin"].replace("-", MINUS),
                f"{found['sitters']} / {found['pictures']}", *errors,
                balance(found["balanced"]), percent(found["recall"]),
                percent(found["false_alarms"]),
            ])  # fmt: skip
    return table(
        ["condition", "", "sitters / pictures", *(f"MAE {words(angle)}" for angle in ANGLES),
         "balanced share right (95 %)", "recall", "false alarms"],
        rows,
    )  # fmt: skip


def models(figures: Figures) -> str:
    """Full against lite, mean absolute error."""
    rows = []
    for group in GROUPS:
        for model in ("full", "lite"):
            errors = figures[model]["errors"][group]
            rows.append([group, model, *(ranged(errors[angle]["mae_deg"]) for angle in ANGLES)])
    return table(["pictures", "model", *map(words, ANGLES)], rows)


def presence(figures: Figures) -> str:
    """Nobody seen as nobody, and somebody as somebody."""
    rows = [
        [group, *(counted(found[part]) for part in (
            "empty_no_sitter", "passer_alone_no_sitter", "sitter_known_with_passer",
            "sitter_overlooked"))]
        for group, found in figures["presence"].items()
    ]  # fmt: skip
    return table(
        ["view", "empty chair: no sitter", "passer-by alone: no sitter",
         "passer-by behind: sitter judged", "sitter overlooked"],
        rows,
    )  # fmt: skip


def absences(figures: Figures) -> str:
    """Videos while the sitter is away."""
    videos = figures["videos"]
    rows = [
        [f"{name} (rendered)", counted(found["absent_no_sitter"])]
        for name, found in videos["timing"].items()
    ]
    rows += [
        [f"{name} (real, background filled in)", counted(phase["no_sitter"])]
        for name, found in videos["warped"].items()
        for phase in found
        if phase["expected"] == "absent"
    ]
    room = videos["empty_room"]
    rows.append([
        f"real room with people walking by; something found in {room['with_poses']} pictures",
        counted(room["no_sitter"]),
    ])  # fmt: skip
    return table(["video, without the sitter", "no sitter seen"], rows)


def timing(figures: Figures) -> str:
    """Reaction of the state in force to the truth."""
    rows = []
    for name, found in figures["videos"]["timing"].items():
        for event in found["events"]:
            delay = "never" if event["delay_s"] is None else f"{event['delay_s']:.1f} s"
            rows.append([name, f"{event['t_s']:.1f} s", event["to"], delay])
    return table(["video", "from", "truth becomes", "state follows after"], rows)


def seconds(figures: Figures) -> str:
    """Truth against state, in seconds."""
    rows = []
    states = ("upright", "slouched", "unknown", "away")
    for name, found in figures["videos"]["timing"].items():
        for truth, of_truth in found["seconds"].items():
            rows.append([name, truth, *(f"{of_truth[state]:.1f}" for state in states)])
    return table(["video", "truth", *(f"state {state}, s" for state in states)], rows)


def averaging(figures: Figures) -> str:
    """Single pictures against the running median."""
    found = figures["videos"]["averaging"]
    rows = []
    for angle, of in found["angles"].items():
        rows.append([
            words(angle), *(decimals(of[f"{way}_{what}_deg"]) for what in ("sd", "mae")
                            for way in ("single", "smooth")),
        ])  # fmt: skip
    wrong = [f"{part[0]} of {part[1]}" for part in (found["wrong_single"], found["wrong_state"])]
    rows.append(["wrong verdicts, settled", "", "", *wrong])
    return table(
        ["angle", "sd while still, single", "median of 2 s", "MAE, single", "median of 2 s"], rows
    )


def views(figures: Figures) -> str:
    """What the view is found by."""
    rows = [
        [family, str(of["sitters"]), ends(of["turned_deg"]), ends(of["width_to_trunk"])]
        for family, of in figures["views"].items()
    ]
    return table(
        ["baselines", "sitters", "shoulder yaw, either way, degrees",
         "shoulder width over trunk length"],
        rows,
    )  # fmt: skip


def warped(figures: Figures) -> str:
    """Phases of the warped real sitters."""
    rows = [
        [
            name, words(phase["phase"]), phase["expected"], str(phase["pictures"]),
            str(phase["slouched"]), str(phase["no_sitter"]["hits"]),
            f"{phase['state_slouched_s']:.1f}",
        ]
        for name, found in figures["videos"]["warped"].items()
        for phase in found
    ]  # fmt: skip
    return table(
        ["video", "phase", "expected", "pictures", "told slouched", "no verdict",
         "state slouched, s"],
        rows,
    )  # fmt: skip


def sessions(figures: Figures) -> str:
    """Labelled stills of a real person."""
    rows = []
    for model, name in (("full", "model full"), ("lite", "model lite"), ("table", "table, lite")):
        of = figures["real"][model]
        for session, found in (of if model == "table" else of["sessions"]).items():
            told = found["estimates"] > 0
            rows.append([
                name, session, f"{found['stills']} ({found['slouched_stills']})",
                str(found["verdicts"]),
                balance(found["balanced"]) if told else "no estimate",
                decimals(found["recall"]) if told else NOTHING,
                decimals(found["false_alarms"]) if told else NOTHING,
                decimals(found["area_under_curve"]),
                decimals(found["ear_height_area_under_curve"]),
            ])  # fmt: skip
    return table(
        ["landmarks", "session", "stills (slouched)", "verdicts",
         "balanced share right (95 %, over stills)", "recall", "false alarms",
         "area under the curve", "the same, ear height alone"],
        rows,
    )  # fmt: skip


def side_stills(figures: Figures) -> str:
    """A real man from the side."""
    rows = []
    for found in figures["real"]["full"]["side"]:
        values = found["deviations_deg"] or [None] * len(ANGLES)
        rows.append([found["picture"], found["told"], *(degrees(v, signed=True) for v in values)])
    return table(["still", "told", *map(words, ANGLES)], rows)


def first_looks(figures: Figures) -> str:
    """Hard stills."""
    rows = [
        [found["picture"], str(found["poses"]), found["told"], lite["told"]]
        for found, lite in zip(
            *(figures["real"][model]["first_looks"] for model in ("full", "lite")), strict=True
        )
    ]
    return table(["still", "poses found, full", "taken as, full", "taken as, lite"], rows)


def just_sitting(figures: Figures) -> str:
    """Real clips in which nothing is wrong."""
    rows = []
    for name, found in figures["videos"]["just_sitting"].items():
        if found["refused"]:
            rows.append([name, "", "", "", "", "", f"no baseline: {found['refused']}", NOTHING])
            continue
        rows.append([
            name, f"{found['watched_s']:.1f}", str(found["pictures"]), str(found["slouched"]),
            str(found["unknown"]), str(found["nobody"]), f"{found['state_slouched_s']:.1f} s",
            str(found["alerts_in_a_repeated_hour"]),
        ])  # fmt: skip
    watched_s = sum(
        found.get("watched_s", 0.0) for found in figures["videos"]["just_sitting"].values()
    )
    most_an_hour = 3 * 3600 / watched_s
    rows.append([
        "together", f"{watched_s:.1f}", "", "", "", "",
        f"no alert could be due; none seen still allows {most_an_hour:.0f} an hour (95 %)", "",
    ])  # fmt: skip
    return table(
        ["clip", "watched, s", "pictures", "told slouched", "unknown", "nobody",
         "state slouched", "slouch alerts, repeated for an hour"],
        rows,
    )  # fmt: skip


def takes(figures: Figures) -> str:
    """Restlessness of baselines."""
    found = figures["takes"]
    rows = [["rendered sitters, ten upright pictures each", ends(found["rendered"]), "none"]]
    for name, one in found["real"].items():
        rows.append([name, decimals(one["restlessness"]), one["refused"] or "no"])
    return table(["baseline", "restlessness (1 is the limit)", "refused"], rows)


def pictures(figures: Figures) -> str:
    """Light and sharpness of whole pictures."""
    rows = [
        [part, *(ends(figures["pictures"][kind][part]) for kind in ("rendered", "real"))]
        for part in ("brightness", "contrast", "sharpness")
    ]
    return table(["of the whole picture", "rendered, somebody found", "real, somebody found"], rows)


def source(figures: Figures) -> str:
    """What the figures were made with."""
    rows = [
        ["angle model", f"`{figures['model']['sha256']}`"],
        *(["pose model " + name, f"`{sha}`"] for name, sha in figures["pose_models"].items()),
        ["shoulder model", f"`{figures['shoulder_model']}`"],
        ["mediapipe", figures["mediapipe"]],
        ["seed, resamples", f"{figures['seed']}, {figures['resamples']}"],
        ["sitters whose baseline was refused", ", ".join(figures["full"]["refused"]) or "none"],
    ]
    return table(["", ""], rows)


TABLES: dict[str, Callable[[Figures], str]] = {
    "absences": absences,
    "aims": aims,
    "averaging": averaging,
    "conditions": conditions,
    "detectable": detectable,
    "errors": errors_of("full"),
    "false-alarms": kinds_of("false_alarms"),
    "first-looks": first_looks,
    "just-sitting": just_sitting,
    "models": models,
    "pictures": pictures,
    "presence": presence,
    "recall": kinds_of("recall"),
    "reliability": reliability,
    "seconds": seconds,
    "sessions": sessions,
    "side-stills": side_stills,
    "source": source,
    "takes": takes,
    "timing": timing,
    "verdicts": verdicts,
    "views": views,
    "warped": warped,
    **report_limits.TABLES,
    **report_own.TABLES,
}
"""Every table by its name in the report."""


def main() -> None:
    """Fill the report, or check that it is filled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    report = HERE / "report.md"
    results = HERE / "results" / "angle_model_study.json"
    figures = json.loads(results.read_text(encoding="utf-8"))
    if not parser.parse_args().check:
        fill(report, figures)
        return
    now, then = report.read_text(encoding="utf-8"), ""
    then = filled(now, figures)
    if now != then:
        stale = next(a for a, b in zip(now.splitlines(), then.splitlines(), strict=False) if a != b)
        sys.exit(f"report.md is not what the figures say, first here: {stale}")


if __name__ == "__main__":
    main()
