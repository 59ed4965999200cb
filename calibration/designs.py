"""What the face mesh adds to the inputs of the angle model: sitters to fit on, split by person.

    python calibration/designs.py

Fits small ensembles on `data/sitters_train.npz`, front views, with the inputs that the program uses
now and with those of the mesh beside them, and prints how each does on the sitters that a member
has not seen. Nothing is written and no sitter of the validation is read. Pictures through a tilted
camera are left out: they are corrected before they are judged.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from evaluate import take_baseline
from fit import RECIPES, Ensemble, Rows
from footage import by_sitter, load
from odds import GREY, THRESHOLDS_DEG, TILT

from posturecam.pose.measures import Measures, find_view, measure
from posturecam.pose.sitter import find_sitter, raised_arm, why_not_judgeable
from posturecam.posture.angle_model import front_invariants
from posturecam.values.observation import ANGLES, UnknownReason, View

if TYPE_CHECKING:
    from collections.abc import Callable

    from footage import Footage
    from numpy.typing import NDArray

TABLE = Path(__file__).parent / "data" / "sitters_train.npz"
RECIPE = replace(RECIPES[View.FRONT], members=5, epochs=120, batch=128)
_MEASURED = ("size_px", "tragus_x_px", "tragus_y_px", "fitted_away")
_TURNS = ("pitch_deg", "yaw_deg", "roll_deg", "fitted_pitch_deg")


@dataclass(frozen=True)
class Pose:
    """One judgeable test picture: the pose, the head, both of the baseline, and what is true."""

    person: str
    scene: str
    now: Measures
    baseline: Measures
    head: dict[str, float]
    usual_head: dict[str, float]
    truth_deg: NDArray[np.float64]


def read_poses(footage: Footage) -> tuple[list[Pose], Counter[str]]:
    """The front test pictures with both witnesses, and why the others are left out."""
    poses: list[Pose] = []
    left_out: Counter[str] = Counter()
    for person, places in by_sitter(footage.rows).items():
        rows = [footage.rows[place] for place in places]
        seen = [footage.detections[place] for place in places]
        upright = [place for place, row in enumerate(rows) if row["split"] == "baseline"]
        baseline = take_baseline(seen[place] for place in upright)
        if baseline is None or find_view(baseline) is not View.FRONT:
            continue
        heads = [head_of(row) for row in rows]
        known = [heads[place] for place in upright if math.isfinite(heads[place]["size_px"])]
        if not known:
            left_out["no face in the baseline"] += len(rows)
            continue
        usual = {name: float(np.median([head[name] for head in known])) for name in known[0]}
        for row, detection, head in zip(rows, seen, heads, strict=True):
            if (
                row["split"] == "baseline"
                or row["present"] != "1"
                or "lid_tilted" in row["scenario"]
            ):
                continue
            sitter = find_sitter(detection, baseline)
            if isinstance(sitter, UnknownReason):
                left_out[sitter] += 1
                continue
            now = measure(sitter)
            reason = why_not_judgeable(now, baseline, View.FRONT) or raised_arm(sitter, View.FRONT)
            if reason or math.isnan(head["size_px"]):
                left_out[reason or "no face"] += 1
                continue
            truth_deg = np.array([float(row[f"d_{angle}_deg"]) for angle in ANGLES])
            poses.append(Pose(person, row["scenario"], now, baseline, head, usual, truth_deg))
    return poses, left_out


def head_of(row: dict[str, str]) -> dict[str, float]:
    """The numbers of the mesh, lengths in widths of the picture."""
    width_px = float(row["width"])
    values = {name: float(row[f"face_mean_{name}"] or "nan") for name in (*_MEASURED, *_TURNS)}
    return {n: v / width_px if n.endswith("_px") else v for n, v in values.items()}


def pose_alone(pose: Pose) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The inputs of the program: (2, n) readings and their signs."""
    return front_invariants(pose.now, pose.baseline)


def with_mesh(pose: Pose) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same with distance, pivot and turn of the head by the mesh."""
    readings, signs = front_invariants(pose.now, pose.baseline)
    head, usual, now, baseline = pose.head, pose.usual_head, pose.now, pose.baseline
    width = abs(baseline.shoulder_width)
    same = [
        math.log(head["size_px"] / usual["size_px"]),
        math.log(usual["fitted_away"] / head["fitted_away"]),
        (head["tragus_y_px"] - usual["tragus_y_px"]) / width,
        (now.shoulder_y - head["tragus_y_px"]) / abs(now.shoulder_width)
        - (baseline.shoulder_y - usual["tragus_y_px"]) / width,
        head["fitted_pitch_deg"] - usual["fitted_pitch_deg"],
        head["pitch_deg"] - usual["pitch_deg"],
    ]
    turned = [
        (head["tragus_x_px"] - now.shoulder_x - usual["tragus_x_px"] + baseline.shoulder_x) / width,
        head["yaw_deg"] - usual["yaw_deg"],
        head["roll_deg"] - usual["roll_deg"],
    ]
    mesh = np.array([same + turned, same + [-value for value in turned]])
    return np.hstack([readings, mesh]), signs


DESIGNS = {"pose alone": pose_alone, "pose and face mesh": with_mesh}


def judged(
    poses: list[Pose], inputs: Callable[[Pose], tuple[NDArray[np.float64], NDArray[np.float64]]]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """By the member that has not seen the sitter: (poses, 5) degrees, and who is slouched."""
    people = {
        person: number for number, person in enumerate(dict.fromkeys(p.person for p in poses))
    }
    readings, signs = zip(*(inputs(pose) for pose in poses), strict=True)
    truths_deg = [pose.truth_deg * sign for pose, sign in zip(poses, signs, strict=True)]
    who = np.repeat([people[pose.person] for pose in poses], 2)
    rows = Rows(
        np.concatenate(readings), np.concatenate(truths_deg), np.zeros(len(who)), who,
        np.full(len(who), ""), np.ones(len(who)), np.zeros(len(who), bool),
    )  # fmt: skip
    _, seen_deg, severities = Ensemble(rows, RECIPE).descend().unseen()
    both_deg = (seen_deg.reshape(-1, 2, 5) * np.array(signs)).mean(axis=1)
    return both_deg, severities.reshape(-1, 2, 2).mean(axis=1).max(axis=1) >= 1


def group_of(scene: str) -> str:
    """What of the report a scene belongs to."""
    if "slide" in scene or scene in ("recline_far", "chair_lower"):
        return "sliding"
    return "two changes" if "+" in scene else "single changes"


def print_figures(
    poses: list[Pose], seen_deg: NDArray[np.float64], seen: NDArray[np.bool_]
) -> None:
    """Balanced share of right verdicts by group, errors, and the worst scenes."""
    truth_deg = np.array([pose.truth_deg for pose in poses])
    shares = truth_deg / THRESHOLDS_DEG
    true = np.maximum(shares[:, :TILT].max(axis=1), np.abs(shares[:, TILT]))
    bad, good = true >= 1, true < GREY
    groups = np.array([group_of(pose.scene) for pose in poses])
    for name in ("single changes", "two changes", "sliding"):
        of = groups == name
        recall, alarms = seen[of & bad].mean(), seen[of & good].mean()
        print(
            f"  {name}: balanced {(recall + 1 - alarms) / 2:.3f}, recall {recall:.2f} of "
            f"{(of & bad).sum()}, false alarms {alarms:.3f} of {(of & good).sum()}"
        )
    error_deg = np.abs(seen_deg - truth_deg).mean(axis=0)
    print("  " + ", ".join(f"{a} {e:.2f}°" for a, e in zip(ANGLES, error_deg, strict=True)))
    scenes = np.array([pose.scene for pose in poses])
    for scene in sorted(set(scenes.tolist())):
        of = scenes == scene
        parts = []
        if (of & bad).any():
            parts.append(f"recall {seen[of & bad].mean():.2f} of {(of & bad).sum()}")
        if (of & good).any():
            parts.append(f"false alarms {seen[of & good].mean():.2f} of {(of & good).sum()}")
        print(f"    {scene}: {', '.join(parts) or 'all grey'}")


def main() -> None:
    """Print the figures of each design."""
    poses, left_out = read_poses(load(TABLE, "full"))
    print(f"{len({pose.person for pose in poses})} sitters, {len(poses)} pictures, ", end="")
    print("left out:", ", ".join(f"{reason} {count}" for reason, count in left_out.items()))
    for name, inputs in DESIGNS.items():
        print(name)
        print_figures(poses, *judged(poses, inputs))


if __name__ == "__main__":
    main()
