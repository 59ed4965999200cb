"""Figures of our own rendered sitters: by scene, by appearance, and how far odds can be trusted.

Those to fit on are judged by the members of the ensembles that have not seen them (`fit.py` keeps
that in `data/held_out.npz`). Those of the validation are judged by the program as it ships:

    python calibration/own_sitters.py --open

writes `results/validation.json`. That is done after everything else has been chosen: whoever
chooses by these figures needs other sitters.

    python calibration/own_sitters.py --turned

shows what `posture.observe.TURNED_LOG_ODDS` does to those to fit on, and which one suits them best.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np
from evaluate import Judged, Seen, as_judged
from footage import load, load_all
from intervals import Figures, tidy, wilson
from odds import balancing
from pairs import (
    FAMILIES,
    NEAR_SITTERS,
    RENDERED,
    SITTERS,
    hidden_pairs,
    kind_of,
    seen_pairs,
    sitter_baselines,
)
from poses import Poses
from rendered import FRONTAL_PLANE, Case, errors, kinds, verdicts

from posturecam.posture.angle_model import estimate, slouch_log_odds
from posturecam.posture.observe import PLAIN_LOG_ODDS, TURNED_LOG_ODDS, turned_share
from posturecam.posture.scenery import CameraTurn
from posturecam.values.observation import ANGLES, Deviations, UnknownReason, View
from posturecam.values.settings import Thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pairs import Pair

    from posturecam.posture.angle_model import Estimate

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
VALIDATION = DATA / "sitters_validation.npz"
"""Whom no fit has seen."""
VALIDATION_FIGURES = HERE / "results" / "validation.json"
KINDS = ("single changes", "two changes", "sliding")
TURNED_TRIED = tuple(tenths / 10 for tenths in range(16))
CHANCES = (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1.0)
"""Limits of the bins of the reliability plot."""
_WIDE = 1.5

Row = dict[str, str]
APPEARANCES: dict[str, Callable[[Row], bool]] = {
    "glasses": lambda row: row["glasses"] == "1",
    "headset": lambda row: row["headset"] == "1",
    "beard": lambda row: float(row["beard"]) > 0,
    "dark clothes before dark walls": lambda row: row["dark_on_dark"] == "1",
    "long hair over the shoulders": lambda row: row["hair_over_shoulders"] == "1",
    "dark skin": lambda row: row["dark_skin"] == "1",
    "dim light": lambda row: row["is_dim"] == "1",
    "smeared by motion": lambda row: float(row["motion_px"] or 0) > 0,
    "barrel distortion": lambda row: float(row["barrel"] or 0) != 0,
    "16:9": lambda row: float(row["width"]) / float(row["height"]) > _WIDE,
    "1280 px wide": lambda row: row["width"] == "1280",
    "none of these": lambda row: (
        not any(has(row) for name, has in APPEARANCES.items() if name != "none of these")
    ),
}


def unseen_cases(
    view: View,
    tables: Sequence[str] = SITTERS,
    *,
    turned_log_odds: float = TURNED_LOG_ODDS,
) -> list[Case]:
    """The sitters to fit on, each picture judged by a member that has not seen its sitter.

    Args:
        view: of the camera.
        tables: whose sitters.
        turned_log_odds: so much less before a tilted lid, as the program says.
    """
    table = np.load(DATA / "held_out.npz")
    found: dict[str, Seen] = {}
    finer = ("with_mesh", "with_outline") if view is View.FRONT else ()
    for name in (str(view), *finer):
        columns = [table[f"{name}/{angle}_deg"] for angle in ANGLES]
        for picture, log_odds, *angles_deg in zip(
            table[f"{name}/picture"].tolist(), table[f"{name}/log_odds"].tolist(), *columns,
            strict=True,
        ):  # fmt: skip
            values_deg = [float(deg) for deg in angles_deg]
            found[picture] = Seen(Deviations.from_arrays(values_deg, [0.0] * 5), log_odds)
    known = {picture.partition("/")[0] for picture in found}
    lessened: dict[str, Seen | UnknownReason] = dict(found)
    rows = load_all(DATA, tables).rows
    for row in rows:
        seen = found.get(row["picture"])
        if seen is not None and (share := turned_share(turn_of(row))) > 0:
            lessened[row["picture"]] = less_likely(seen, turned_log_odds * share)
    return [
        Case(row["sitter"], row, judged(row, lessened))
        for row in rows
        if row["sitter"] in known and row["present"] == "1" and row["split"] != "baseline"
        and row["family"] == FAMILIES[view]
    ]  # fmt: skip


def turn_of(row: Row) -> CameraTurn:
    """How the camera has turned since the sitter's baseline."""
    focal = float(row["focal_px"]) / float(row["width"])
    down = focal * math.tan(math.radians(float(row["lid_tilt_deg"] or 0)))
    return CameraTurn(down=down, focal=focal)


def less_likely(seen: Seen, log_odds: float) -> Seen | UnknownReason:
    """The verdict with lesser odds; none where only a plain slouch is told and it is none then."""
    lessened = replace(seen, log_odds=seen.log_odds - log_odds)
    is_plain = not any(map(math.isfinite, seen.deviations.values_deg()))
    if is_plain and lessened.log_odds < PLAIN_LOG_ODDS:
        return UnknownReason.NOT_A_SITTER
    return lessened


def judged(row: Row, found: Mapping[str, Seen | UnknownReason]) -> Judged:
    """Truth and verdict of one picture; one that was not judged is no sitter."""
    return as_judged(row, found.get(row["picture"], UnknownReason.NOT_A_SITTER))


def opened() -> Figures:
    """The figures of the validation."""
    return dict(json.loads(VALIDATION_FIGURES.read_text(encoding="utf-8")))


def validation_cases(view: View) -> list[Case]:
    """The validation, judged by the program; a tilted camera is put back as it does."""
    random = np.random.default_rng(4)
    poses = Poses("validation", load(VALIDATION, "full"), FAMILIES[view])
    uprights = sitter_baselines(poses, view)
    found: dict[str, Seen] = {}
    for pair in seen_pairs(poses, view, uprights, RENDERED, random):
        seen = estimate(pair.now, pair.baseline, view)
        log_odds = log_odds_of(pair, seen, view)
        found[pair.picture] = Seen(seen.deviations if seen else Deviations(), log_odds)
    for pair in hidden_pairs(poses, uprights, random):
        log_odds = log_odds_of(pair, estimate(pair.now, pair.baseline, view), view)
        if log_odds >= PLAIN_LOG_ODDS:
            found[pair.picture] = Seen(Deviations(), log_odds)
    return [
        Case(row["sitter"], row, judged(row, found))
        for row, sitter in zip(poses.rows, poses.sitters.tolist(), strict=True)
        if sitter in uprights and row["split"] != "baseline"
    ]


def log_odds_of(pair: Pair, found: Estimate | None, view: View) -> float:
    """Of a slouch, as the program says; NaN where there is no estimate."""
    if found is None:
        return math.nan
    log_odds = slouch_log_odds(found, view, Thresholds())
    return log_odds - TURNED_LOG_ODDS * turned_share(pair.turn)


def sitter_figures(cases: dict[View, list[Case]]) -> Figures:
    """Verdicts and errors by kind of change, by scene and by appearance; reliability in front."""
    front = cases[View.FRONT]
    tested, by_kind = tested_by_kind(front)
    figures: Figures = {
        "verdicts": front_verdicts(by_kind),
        "errors": errors(by_kind["single changes"]),
        "kinds": kinds(front),
        "unknown": unknown(front),
        "appearances": {
            name: verdicts(seen)
            for name, has in APPEARANCES.items()
            if (seen := [case for case in front if has(case.row)])
        },
        "reliability": reliability(tested),
    }
    for view in (View.THREE_QUARTER, View.SIDE):
        sagittal = [case for case in cases[view] if case.judged.scenario not in FRONTAL_PLANE]
        figures["verdicts"][f"{view}, sagittal slouches"] = verdicts(sagittal)
    return figures


def near_figures() -> Figures:
    """Verdicts of the sitters whose shoulders are close to the lower edge, by a member likewise."""
    cases = unseen_cases(View.FRONT, (NEAR_SITTERS,))
    _, by_kind = tested_by_kind(cases)
    return {"verdicts": front_verdicts(by_kind), "kinds": kinds(cases)}


def tested_by_kind(cases: list[Case]) -> tuple[list[Case], dict[str, list[Case]]]:
    """Those that are not of a guided minute, and the same by kind of change."""
    tested = [case for case in cases if case.row["split"] == "test"]
    return tested, {
        kind: [case for case in tested if kind_of(case.judged.scenario) == kind] for kind in KINDS
    }


def front_verdicts(by_kind: dict[str, list[Case]]) -> Figures:
    """Verdicts by kind of change, from the front."""
    return {f"front, {kind}": verdicts(of_kind) for kind, of_kind in by_kind.items()}


def unknown(cases: list[Case]) -> Figures:
    """Share of each scene in which no verdict is given."""
    scenes = sorted({case.judged.scenario for case in cases})
    return {
        scene.replace("_", " ").replace("+", " + "): wilson(
            case.unknown for case in cases if case.judged.scenario == scene
        )
        for scene in scenes
    }


def reliability(cases: list[Case]) -> list[Figures]:
    """What is said to be likely, and how often it is so, where half of the pictures are slouched.

    Grey pictures are left out.
    """
    told = [case for case in cases if case.told and not case.unknown]
    bad = np.array([case.judged.bad for case in told])
    weights = balancing(np.where(bad, 1.0, 0.0), np.full(len(bad), ""))
    chances = 1 / (1 + np.exp(-np.array([case.log_odds for case in told])))
    bins = np.clip(np.searchsorted(CHANCES, chances, side="right") - 1, 0, len(CHANCES) - 2)
    return [
        {
            "from": CHANCES[number],
            "to": CHANCES[number + 1],
            "pictures": int(of_bin.sum()),
            "told": float(np.average(chances[of_bin], weights=weights[of_bin])),
            "true": float(np.average(bad[of_bin], weights=weights[of_bin])),
        }
        for number in range(len(CHANCES) - 1)
        if (of_bin := bins == number).any()
    ]


def print_turned() -> None:
    """What lesser odds before a tilted lid do, from the front, and how likely they make the truth.

    That is the mean logarithm of what was said of each picture, half of them slouched.
    """
    for less in TURNED_TRIED:
        cases = [
            case
            for case in unseen_cases(View.FRONT, turned_log_odds=less)
            if case.told and "lid_tilted" in case.judged.scenario
        ]
        bad, clear = (
            [case for case in cases if case.judged.bad is is_bad] for is_bad in (True, False)
        )
        likely = fmean(
            fmean(-math.log1p(math.exp(-sign * case.log_odds)) for case in part if not case.unknown)
            for sign, part in ((1, bad), (-1, clear))
        )
        upright = [case for case in clear if case.judged.scenario == "lid_tilted"]
        false, seen = (sum(case.judged.slouched for case in part) for part in (upright, bad))
        print(
            f"{less:.1f} less: {false} of {len(upright)} upright called slouched, {seen} of "
            f"{len(bad)} slumps seen; log-likelihood {likely:.4f}"
            + (" (in use)" if less == TURNED_LOG_ODDS else "")
        )


def main() -> None:
    """Open the validation, or look at the sitters to fit on before a tilted lid."""
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--open", action="store_true")
    what.add_argument("--turned", action="store_true")
    arguments = parser.parse_args()
    if arguments.turned:
        print_turned()
        return
    figures = sitter_figures({view: validation_cases(view) for view in View})
    text = json.dumps(tidy(figures), indent=1, ensure_ascii=False)
    VALIDATION_FIGURES.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
