"""Figures from rendered pictures: errors, verdicts, conditions, what can be detected."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from evaluate import FAMILIES, Judged, as_judged, judge, take_baseline
from footage import by_sitter
from intervals import Figures, area_under_curve, bootstrap, wilson

from posturecam.pose.measures import find_view
from posturecam.values.observation import ANGLES, UnknownReason, View
from posturecam.values.settings import Thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from footage import Footage
    from numpy.typing import NDArray

    from posturecam.pose.measures import Measures

GROUPS = {
    "front, single changes": ("dev", View.FRONT),
    "front, two changes": ("dev_combo", View.FRONT),
    "front, sliding": ("dev_slide", View.FRONT),
    "three-quarter": ("dev", View.THREE_QUARTER),
    "side": ("dev", View.SIDE),
}
FRONTAL_PLANE = ("one_shoulder", "side_lean")
"""Slouches that a camera at the side cannot see."""
BINS = 10
"""Of the probability."""
OVERLOOKED = frozenset({UnknownReason.NOBODY, UnknownReason.ELSEWHERE})
REPEATS = frozenset({"upright", "talking"})


@dataclass(frozen=True)
class Case:
    """One test picture: whose it is, what is true, what was made of it."""

    person: str
    row: dict[str, str]
    judged: Judged

    @property
    def told(self) -> bool:
        """Present and not in the grey zone, so that a verdict is right or wrong."""
        return self.judged.present and not self.judged.grey

    @property
    def unknown(self) -> bool:
        """No verdict was given."""
        return isinstance(self.judged.seen, UnknownReason)

    @property
    def error_deg(self) -> NDArray[np.float64]:
        """(5,) estimate minus truth; NaN where there is no estimate."""
        if isinstance(self.judged.seen, UnknownReason) or self.judged.truth is None:
            return np.full(len(ANGLES), math.nan)
        seen_deg = self.judged.seen.deviations.values_deg()
        return np.subtract(seen_deg, self.judged.truth.values_deg())

    @property
    def log_odds(self) -> float:
        """Of a slouch; NaN where there is no verdict."""
        seen = self.judged.seen
        return math.nan if isinstance(seen, UnknownReason) else seen.log_odds

    def number(self, column: str) -> float:
        """A column of the truth."""
        return float(self.row[column] or "nan")


@dataclass(frozen=True)
class Sitters:
    """What one set of pictures gives.

    Attributes:
        cases: the test pictures by view.
        repeats: upright pictures by view, each against a baseline that it is not part of.
        baselines: of each person.
        refused: people whose baseline could not be taken or showed another view.
    """

    cases: dict[View, list[Case]]
    repeats: dict[View, list[Case]]
    baselines: dict[str, Measures]
    refused: list[str]


def judge_pictures(name: str, footage: Footage) -> Sitters:
    """Baseline and verdicts of every sitter of one set."""
    found = Sitters({view: [] for view in View}, {view: [] for view in View}, {}, [])
    for sitter, indices in by_sitter(footage.rows).items():
        person = f"{name}/{sitter}"
        rows = [footage.rows[i] for i in indices]
        seen = [footage.detections[i] for i in indices]
        upright = [one for one, row in zip(seen, rows, strict=True) if row["split"] == "baseline"]
        baseline = take_baseline(upright)
        view = FAMILIES[rows[0]["family"]]
        if baseline is None or find_view(baseline) is not view:
            found.refused.append(person)
            continue
        found.baselines[person] = baseline
        for row, one in zip(rows, seen, strict=True):
            against: Measures | None = baseline
            if row["split"] == "baseline":
                against = take_baseline([other for other in upright if other is not one])
            if against is None:
                continue
            case = Case(person, row, as_judged(row, judge(one, against, view)))
            if row["split"] == "test":
                found.cases[view].append(case)
            if row["split"] == "baseline" or row["scenario"] in REPEATS:
                found.repeats[view].append(case)
    return found


def per_person(cases: list[Case], counts: Callable[[Case], Iterable[float]]) -> NDArray[np.float64]:
    """(people, k) sums of what each case counts."""
    sums: dict[str, NDArray[np.float64]] = {}
    for case in cases:
        counted = np.array(list(counts(case)), dtype=np.float64)
        sums[case.person] = sums.get(case.person, np.zeros_like(counted)) + counted
    return np.array(list(sums.values()))


def errors(cases: list[Case]) -> Figures:
    """Bias, mean absolute error, spread and limits of agreement of each angle, in degrees."""
    known = [case for case in cases if np.isfinite(case.error_deg).any()]
    if not known:
        return {}
    figures: Figures = {}
    error_deg = np.array([case.error_deg for case in known])
    truth_deg = np.array([case.judged.truth.values_deg() for case in known if case.judged.truth])
    for index, angle in enumerate(ANGLES):
        error = error_deg[np.isfinite(error_deg[:, index]), index]
        bias_deg, sd_deg = float(error.mean()), float(error.std(ddof=1))

        def counts(case: Case, index: int = index) -> tuple[float, float]:
            size = abs(case.error_deg[index])
            return (size, 1.0) if math.isfinite(size) else (0.0, 0.0)

        figures[angle] = {
            "pictures": len(error),
            "bias_deg": bias_deg,
            "sd_deg": sd_deg,
            "agreement_low_deg": bias_deg - 1.96 * sd_deg,
            "agreement_high_deg": bias_deg + 1.96 * sd_deg,
            "mae_deg": bootstrap(per_person(known, counts), lambda s: s[..., 0] / s[..., 1]),
            "mae_of_saying_nothing_deg": float(np.abs(truth_deg[:, index]).mean()),
        }
    return figures


def balanced(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Balanced share of right verdicts of (..., 4) counts: caught, slouched, alarmed, upright."""
    right = sums[..., 0] / sums[..., 1] + 1 - sums[..., 2] / sums[..., 3]
    return np.asarray(right / 2)


def verdict_counts(case: Case) -> tuple[float, float, float, float]:
    """What `balanced` needs of one clear case."""
    bad, slouched = float(case.judged.bad), float(case.judged.slouched)
    return bad * slouched, bad, (1 - bad) * slouched, 1 - bad


def verdicts(cases: list[Case]) -> Figures:
    """How often the verdict on one picture is right; unknown counts as not slouched."""
    here = [case for case in cases if case.judged.present]
    clear = [case for case in here if case.told]
    bad = [case for case in clear if case.judged.bad]
    good = [case for case in clear if not case.judged.bad]
    odds = [[case.log_odds for case in part if not case.unknown] for part in (bad, good)]
    return {
        "sitters": len({case.person for case in here}),
        "pictures": len(here),
        "balanced": bootstrap(per_person(clear, verdict_counts), balanced),
        "recall": wilson(case.judged.slouched for case in bad),
        "false_alarms": wilson(case.judged.slouched for case in good),
        "unknown": wilson(case.unknown for case in here),
        "grey_told": wilson(case.judged.slouched for case in here if case.judged.grey),
        "area_under_curve": area_under_curve(*odds),
    }


def reliability(cases: list[Case]) -> Figures:
    """How often those are slouched who are told so with each probability.

    As many pictures count as slouched as not, as the odds were calibrated. The expected error is
    the mean distance of probability and share, over all pictures.
    """
    told = [case for case in cases if case.told and math.isfinite(case.log_odds)]
    chance = 1 / (1 + np.exp(-np.array([case.log_odds for case in told])))
    bad = np.array([case.judged.bad for case in told])
    weights = np.where(bad, 0.5 / bad.sum(), 0.5 / (~bad).sum())
    places = np.minimum(chance * BINS, BINS - 1).astype(int)
    bins, off = [], 0.0
    for place in np.unique(places):
        here = places == place
        mean = float(np.average(chance[here], weights=weights[here]))
        share = float(np.average(bad[here], weights=weights[here]))
        bins.append({"of": int(here.sum()), "told": mean, "are": share})
        off += float(weights[here].sum()) * abs(mean - share)
    return {"pictures": len(told), "expected_error": off, "bins": bins}


def kinds(cases: list[Case]) -> Figures:
    """Recall of each kind of slouch and false alarms of everything else."""
    clear = [case for case in cases if case.told]
    slouches = {case.judged.scenario for case in clear if case.judged.bad}
    found: dict[str, dict[str, list[bool]]] = {"recall": {}, "false_alarms": {}}
    for case in clear:
        name = case.judged.scenario.replace("_", " ").replace("+", " + ")
        if not case.judged.bad and case.judged.scenario in slouches:
            name += ", slight"
        part = found["recall" if case.judged.bad else "false_alarms"]
        part.setdefault(name, []).append(case.judged.slouched)
    return {
        part: {name: wilson(hits) for name, hits in sorted(of.items())}
        for part, of in found.items()
    }


def presence(cases: list[Case]) -> Figures:
    """Whether pictures without the sitter are told from those with one."""
    empty = [c for c in cases if not c.judged.present and c.judged.scenario == "absent_empty"]
    passer = [c for c in cases if not c.judged.present and c.judged.scenario == "absent_passer"]
    both = [c for c in cases if c.judged.scenario == "passer_behind"]
    here = [c for c in cases if c.judged.present]
    return {
        "empty_no_sitter": wilson(case.unknown for case in empty),
        "passer_alone_no_sitter": wilson(case.unknown for case in passer),
        "sitter_known_with_passer": wilson(not case.unknown for case in both),
        "sitter_overlooked": wilson(case.judged.seen in OVERLOOKED for case in here),
    }


CONDITIONS: dict[str, tuple[str, tuple[float, ...], str, bool]] = {
    "camera over the eyes": ("camera_over_eyes_m", (-0.15, 0.0), "m", True),
    "eyes to camera": ("eye_cam_dist_m", (0.6, 0.75), "m", True),
    "field of view": ("field_of_view_deg", (65.0, 80.0), "°", True),
    "head turned": ("d_head_yaw_deg", (10.0, 25.0), "°", False),
    "trunk turned": ("d_trunk_yaw_deg", (8.0,), "°", False),
}
"""Column, limits between the bins, unit, and whether it is of the sitter, not of the picture."""


def conditions(groups: list[list[Case]]) -> Figures:
    """Errors and verdicts by camera and by turn; a camera is that of the sitter's usual place."""
    cases = [case for group in groups for case in group if case.judged.present]
    figures: Figures = {}
    for name, (column, limits, unit, of_sitter) in CONDITIONS.items():
        if of_sitter:
            people: dict[str, list[float]] = {}
            for case in cases:
                people.setdefault(case.person, []).append(case.number(column))
            usual = {person: float(np.median(values)) for person, values in people.items()}
            values = [usual[case.person] for case in cases]
        else:
            values = [abs(case.number(column)) for case in cases]
        bins = np.digitize(values, limits)
        figures[name] = [
            {
                "bin": bin_name(limits, index, unit),
                **verdicts([case for case, at in zip(cases, bins, strict=True) if at == index]),
                "errors": errors([c for c, at in zip(cases, bins, strict=True) if at == index]),
            }
            for index in range(len(limits) + 1)
            if (bins == index).any()
        ]
    return figures


def bin_name(limits: tuple[float, ...], index: int, unit: str) -> str:
    """The bin in words."""
    between = "" if unit == "°" else " "
    if index == 0:
        return f"below {limits[0]:g}{between}{unit}"
    if index == len(limits):
        return f"{limits[-1]:g}{between}{unit} and more"
    return f"{limits[index - 1]:g} to {limits[index]:g}{between}{unit}"


def detectable(repeats: list[Case], others: list[Case]) -> Figures:
    """How much each angle varies while nothing happens, and how far moves and turns throw it.

    Args:
        repeats: upright pictures, each against a baseline that it is not part of.
        others: test pictures; those that are not slouched count.
    """
    upright = [case for case in repeats if np.isfinite(case.error_deg).all()]
    moved = [case for case in others if case.told and not case.judged.bad]
    error_deg = np.array([case.error_deg for case in upright])
    truth_deg = np.array([case.judged.truth.values_deg() for case in upright if case.judged.truth])
    moved_deg = np.array([case.error_deg for case in moved])
    moved_deg = moved_deg[np.isfinite(moved_deg).all(axis=1)]
    people = [case.person for case in upright]
    figures: Figures = {}
    for index, angle in enumerate(ANGLES):
        sd_deg = within_sd(error_deg[:, index] + truth_deg[:, index], people)
        figures[angle] = {
            "sitters": len(set(people)),
            "pictures": len(upright),
            "sway_sd_deg": within_sd(truth_deg[:, index], people),
            "sd_deg": sd_deg,
            "error_sd_deg": within_sd(error_deg[:, index], people),
            "detectable_deg": 1.96 * math.sqrt(2) * sd_deg,
            "moves": len(moved_deg),
            "moves_p95_deg": float(np.percentile(np.abs(moved_deg[:, index]), 95)),
            "threshold_deg": float(getattr(Thresholds(), f"{angle}_deg")),
        }
    return figures


def within_sd(values: NDArray[np.float64], people: list[str]) -> float:
    """Standard deviation within people, pooled."""
    squares, free = 0.0, 0
    for person in dict.fromkeys(people):
        own = values[[one == person for one in people]]
        squares += float(((own - own.mean()) ** 2).sum())
        free += len(own) - 1
    return math.sqrt(squares / free)
