"""The plots of report.md. Rendered truth is synthetic, and each plot says so."""

from __future__ import annotations

import math
from io import BytesIO
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")

from matplotlib import pyplot as plt
from PIL import Image
from rendered import GROUPS, Sitters

from posturecam.posture.state import SLOUCHED_FROM, slouch_probability
from posturecam.values.observation import ANGLES, PostureState
from posturecam.values.settings import Thresholds

if TYPE_CHECKING:
    from pathlib import Path

    from intervals import Figures
    from matplotlib.figure import Figure
    from rendered import Case
    from sequences import Moment

FRONT = tuple(group for group in GROUPS if group.startswith("front"))
COLOURS = dict(zip(FRONT, ("#0072b2", "#d55e00", "#009e73"), strict=True))
GREY = "#666666"
ALL_COLOURS = (*COLOURS.values(), "black", "#cc79a7", "#e69f00")
"""Of the groups whose probabilities are compared; all front views together are black."""
FEWEST = 5
"""Scenes with fewer pictures are in the tables only."""
STATES = {
    PostureState.UPRIGHT: "#cfe8d5",
    PostureState.SLOUCHED: "#f6c9b0",
    PostureState.UNKNOWN: "#dddddd",
    PostureState.AWAY: "#bbbbbb",
}
TRUE_CHANCE = {"slouched": 1.0, "between": 0.5, "upright": 0.0, "absent": math.nan}
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "font.family": "DejaVu Sans",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "svg.hashsalt": "posturecam",
    "svg.fonttype": "none",
    "figure.constrained_layout.use": True,
}


def draw_all(
    folder: Path, figures: Figures, judged: dict[str, Sitters], watches: dict[str, list[Moment]]
) -> None:
    """Every plot into `folder`."""
    cases = {group: judged[name].cases[view] for group, (name, view) in GROUPS.items()}
    with mpl.rc_context(STYLE):
        agreement(folder, cases, figures)
        camera_height(folder, cases)
        shares(folder, figures["full"]["kinds"])
        reliability(folder, figures["full"]["reliability"])
        sessions(folder, watches)


def agreement(folder: Path, cases: dict[str, list[Case]], figures: Figures) -> None:
    """Error against truth for each angle from the front, with the limits of agreement."""
    chart, panels = plt.subplots(2, 3, figsize=(9.6, 5.8))
    flat = list(panels.flat)
    for index, (angle, axes) in enumerate(zip(ANGLES, flat, strict=False)):
        threshold_deg = getattr(Thresholds(), f"{angle}_deg")
        for group in FRONT:
            points = [
                (case.judged.truth.values_deg()[index], case.error_deg[index])
                for case in cases[group]
                if case.judged.truth is not None
            ]
            axes.plot(*zip(*points, strict=True), ".", ms=2.6, alpha=0.55, color=COLOURS[group])
            error = figures["full"]["errors"][group][angle]
            for edge in ("agreement_low_deg", "agreement_high_deg"):
                axes.axhline(error[edge], color=COLOURS[group], lw=0.9, ls="--")
        axes.axhline(0, color="black", lw=0.7)
        for at_deg in (threshold_deg, -threshold_deg)[: 2 if angle == "shoulder_tilt" else 1]:
            axes.axvline(at_deg, color=GREY, lw=0.9, ls=":")
        axes.set_title(angle.replace("_", " "))
        axes.set_xlabel("true deviation (synthetic), °")
        axes.set_ylabel("estimate minus truth, °")
        axes.set_ylim(-30, 30)
    legend = flat[-1]
    legend.axis("off")
    for group in FRONT:
        legend.plot([], [], "o", ms=5, color=COLOURS[group], label=group)
    legend.plot([], [], "--", color=GREY, label="95 % limits of agreement")
    legend.plot([], [], ":", color=GREY, label="threshold")
    legend.legend(loc="center", frameon=False)
    save(chart, folder / "agreement.png")


def camera_height(folder: Path, cases: dict[str, list[Case]]) -> None:
    """Mean absolute error of each front sitter against the height of the camera."""
    chart, panels = plt.subplots(1, 2, figsize=(8.6, 3.4), sharey=True)
    columns = (
        ("camera_over_eyes_m", 100.0, "camera over the eyes (below: negative), cm"),
        ("field_of_view_deg", 1.0, "horizontal field of view, °"),
    )
    for axes, (column, factor, label) in zip(panels, columns, strict=True):
        for group in FRONT:
            people = dict.fromkeys(case.person for case in cases[group])
            points = []
            for person in people:
                own = [c for c in cases[group] if c.person == person and c.judged.present]
                error = np.nanmean(np.abs([case.error_deg[:4] for case in own]))
                points.append((factor * np.median([c.number(column) for c in own]), error))
            axes.plot(*zip(*points, strict=True), "o", ms=6, color=COLOURS[group], label=group)
        axes.set_xlabel(label)
        axes.set_ylim(0, None)
    panels[0].set_ylabel("mean absolute error of the four\nsagittal angles (synthetic), °")
    panels[1].legend(frameon=False, fontsize=8)
    save(chart, folder / "camera.svg")


def shares(folder: Path, kinds: Figures) -> None:
    """Recall of each slouch and false alarms of everything else, with 95 % intervals."""
    titles = {"recall": ("Recall of slouches", 0.85), "false_alarms": ("False alarms", 0.05)}
    chart, panels = plt.subplots(1, 2, figsize=(9.6, 7.2))
    for axes, (part, (title, aim)) in zip(panels, titles.items(), strict=True):
        place, labels = 0, []
        for group in FRONT:
            scenes = [
                (name, found) for name, found in kinds[group][part].items() if found["of"] >= FEWEST
            ]
            for name, found in sorted(scenes, key=lambda item: -item[1]["share"]):
                share = found["share"]
                reach = [[share - found["low"]], [found["high"] - share]]
                axes.barh(place, share, height=0.7, color=COLOURS[group], alpha=0.75)
                axes.errorbar(share, place, xerr=reach, color="black", lw=0.9, capsize=2)
                labels.append(f"{name} ({found['of']})")
                place += 1
            if group != FRONT[-1]:
                labels.append("")
                place += 1
        axes.axvline(aim, color=GREY, ls=":", lw=1.2)
        axes.set_yticks(range(place), labels, fontsize=8)
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.set_xlim(0, 1)
        axes.set_title(f"{title} (aim {aim:.0%}, dotted)")
        axes.set_xlabel("share of rendered pictures (number)")
    for group in FRONT:
        panels[1].barh([0], [0], color=COLOURS[group], alpha=0.75, label=group)
    chart.legend(loc="outside lower center", ncol=len(FRONT), frameon=False)
    save(chart, folder / "verdicts.svg")


def reliability(folder: Path, found: Figures) -> None:
    """Probability of a slouch against the share of slouches, on sitters that no fit has seen."""
    chart, axes = plt.subplots(figsize=(4.6, 4.2))
    axes.plot([0, 1], [0, 1], color=GREY, lw=0.9, ls=":")
    for group, colour in zip(found, ALL_COLOURS, strict=True):
        bins = found[group]["bins"]
        together = group == "front, all of these"
        axes.plot(
            [one["told"] for one in bins],
            [one["are"] for one in bins],
            "o-" if together else ".-",
            color=colour,
            lw=2.0 if together else 0.8,
            ms=5,
            label=f"{group} ({found[group]['expected_error']:.3f})",
        )
    axes.set_xlabel("probability of a slouch")
    axes.set_ylabel("share of slouches (synthetic)")
    axes.set_title("Reliability (expected calibration error)")
    axes.legend(frameon=False, fontsize=7)
    save(chart, folder / "reliability.svg")


def sessions(folder: Path, watches: dict[str, list[Moment]]) -> None:
    """The two rendered videos: truth, single pictures, running median and state in force."""
    chart, panels = plt.subplots(len(watches), 1, figsize=(9.6, 4.8), sharex=True)
    for axes, (name, moments) in zip(panels, watches.items(), strict=True):
        times_s = [moment.reading.t_s for moment in moments]
        for moment in moments:
            axes.axvspan(
                moment.reading.start_s, moment.reading.t_s, color=STATES[moment.reading.state], lw=0
            )
        truth = [TRUE_CHANCE[moment.truth] for moment in moments]
        single = [slouch_probability(moment.observation) for moment in moments]
        smooth = [moment.reading.slouch_probability for moment in moments]
        axes.plot(times_s, single, ".", ms=2, color=GREY, label="single pictures")
        axes.plot(times_s, smooth, color=COLOURS[FRONT[0]], lw=1.3, label="median of 2 s")
        axes.plot(times_s, truth, color="black", lw=1.0, label="truth (synthetic)")
        axes.axhline(SLOUCHED_FROM, color="black", lw=0.7, ls=":")
        axes.set_ylim(-0.05, 1.05)
        axes.set_ylabel("probability\nof a slouch")
        axes.set_title(name, loc="left")
    for state, colour in STATES.items():
        panels[0].bar([0], [0], color=colour, label=f"state: {state.value}")
    panels[0].set_xlim(moments[0].reading.t_s, moments[-1].reading.t_s)
    panels[0].legend(frameon=False, ncol=7, fontsize=7, loc="lower center",
                     bbox_to_anchor=(0.55, 1.0), columnspacing=1.0, handlelength=1.2)  # fmt: skip
    panels[-1].set_xlabel("seconds")
    save(chart, folder / "sessions.png")


def save(chart: Figure, path: Path) -> None:
    """One small file that is the same whenever the figures are."""
    if path.suffix == ".png":
        drawn = BytesIO()
        chart.savefig(drawn, dpi=110)
        drawn.seek(0)
        Image.open(drawn).convert("RGB").quantize(64).save(path, optimize=True)
    else:
        chart.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(chart)
