"""How well posturecam sees: rendered sitters with exact truth, then labelled real people.

    python calibration/evaluate.py --shared ../shared [--model lite] [--landmarks FOLDER]

Runs the program's own stages on every picture of SHARED/bench/{dev,dev_combo,dev_slide} and on the
labelled stills of SHARED/clips. With --landmarks it reads the poses from FOLDER/{set}_{model}.npz
(`landmarks`, (n, people, 33, 5), one row a picture) instead of running the pose model. The baseline
is the median of each sitter's ten baseline pictures. Grey-zone pictures are left out of what is
right or wrong; unknown is reported apart and counts as not slouched. The landmarks of all labelled
stills in SHARED/clips/via_landmarks.csv are judged as they are. Fixed order, no randomness.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections import defaultdict
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from posturecam.capture.thumbnail import Pixels
from posturecam.pose.in_doubt import find_in_doubt
from posturecam.pose.measures import Measures, find_view
from posturecam.pose.sitter import find_sitter, raised_arm, why_not_judgeable
from posturecam.posture.angle_model import estimate, slouch_log_odds
from posturecam.posture.kept_pose import median_measures
from posturecam.posture.observe import PLAIN_LOG_ODDS
from posturecam.posture.scenery import UNTURNED
from posturecam.values.observation import (
    ANGLES,
    LANDMARK_COUNT,
    Detection,
    Deviations,
    Frame,
    Joint,
    Landmarks,
    UnknownReason,
    View,
)
from posturecam.values.settings import Thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from posturecam.pose.landmarker import PoseLandmarker

SETS = ("dev", "dev_combo", "dev_slide")
SESSIONS = ("via_hi", "via_mid")
LABELLED_JOINTS = {
    "nose": Joint.NOSE,
    "leye": Joint.LEFT_EYE,
    "reye": Joint.RIGHT_EYE,
    "lear": Joint.LEFT_EAR,
    "rear": Joint.RIGHT_EAR,
    "lsh": Joint.LEFT_SHOULDER,
    "rsh": Joint.RIGHT_SHOULDER,
}
"""What the landmark table of all labelled stills holds of a pose; the rest of it is missing."""
FAMILIES = {"front": View.FRONT, "threequarter": View.THREE_QUARTER, "side": View.SIDE}


@dataclass(frozen=True)
class Seen:
    """What the program makes of one pose: angles, and the log-odds of a slouch."""

    deviations: Deviations
    log_odds: float

    @property
    def slouched(self) -> bool:
        """Whether that is the more likely."""
        return self.log_odds >= 0


@dataclass(frozen=True)
class Judged:
    """One picture: what is true of it and what the program made of it."""

    scenario: str
    bad: bool
    grey: bool
    present: bool
    truth: Deviations | None
    seen: Seen | UnknownReason

    @property
    def slouched(self) -> bool:
        """Whether the verdict is that; unknown is not."""
        return isinstance(self.seen, Seen) and self.seen.slouched


def judge(detection: Detection, baseline: Measures, view: View) -> Seen | UnknownReason:
    """The stages of the program for one picture."""
    sitter = find_sitter(detection, baseline)
    if isinstance(sitter, UnknownReason):
        return judge_in_doubt(detection, baseline, view, sitter)
    now, seen = sitter.measures, sitter.landmarks
    found = estimate(now, baseline, view)
    if unknown_reason := why_not_judgeable(now, baseline, view) or raised_arm(seen, view):
        return unknown_reason
    if found is None:
        return Seen(Deviations(), math.nan)
    log_odds = slouch_log_odds(found, view, Thresholds())
    return Seen(found.deviations, log_odds)


def judge_in_doubt(
    detection: Detection, baseline: Measures, view: View, refused: UnknownReason
) -> Seen | UnknownReason:
    """What the program says of a picture in which no sitter is found: a plain slouch, or why not.

    A slouch that is told so has no angles.
    """
    doubted = find_in_doubt(detection, refused, baseline, UNTURNED.put_back)
    found = estimate(doubted.sitter.measures, baseline, view) if doubted else None
    if found is None:
        return refused
    log_odds = slouch_log_odds(found, view, Thresholds())
    return Seen(Deviations(), log_odds) if log_odds >= PLAIN_LOG_ODDS else refused


def take_baseline(detections: Iterable[Detection]) -> Measures | None:
    """Median of each measure over the pictures that show the sitter."""
    sitters = [find_sitter(detection) for detection in detections]
    looks = [one.measures for one in sitters if not isinstance(one, UnknownReason)]
    return median_measures(looks) if looks else None


def from_pictures(landmarker: PoseLandmarker, paths: list[Path]) -> list[Detection]:
    """What the pose model finds in pictures."""
    from posturecam.capture.recorded import read_picture

    frames = (
        Frame(t_s=float(index), index=index, picture=Pixels(read_picture(path)))
        for index, path in enumerate(paths)
    )
    return [landmarker.detect(frame) for frame in frames]


def from_table(table: Path, sizes_px: list[tuple[int, int]]) -> list[Detection]:
    """The same from a table of landmarks; the pictures are taken to be well lit."""
    detections = []
    for poses, (width_px, height_px) in zip(np.load(table)["landmarks"], sizes_px, strict=True):
        people = tuple(
            Landmarks(
                points_px=pose[:, :3].astype(np.float64),
                visibility=pose[:, 3].astype(np.float64),
                image_width_px=width_px,
                image_height_px=height_px,
            )
            for pose in poses
            if np.isfinite(pose).all()
        )
        detections.append(Detection(t_s=0.0, people=people, brightness=128.0))
    return detections


def from_labelled_table(table: Path) -> list[tuple[str, Detection]]:
    """The name of each labelled still, with its session and label, and its seven landmarks."""
    named = []
    with table.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            width_px, height_px = int(row["w"]), int(row["h"])
            points_px = np.full((LANDMARK_COUNT, 3), np.nan)
            for prefix, joint in LABELLED_JOINTS.items():
                at = [float(row[f"{prefix}_{axis}"]) for axis in "xyz"]
                points_px[joint] = np.array(at) * [width_px, height_px, width_px]
            person = Landmarks(
                points_px=points_px,
                visibility=np.ones(LANDMARK_COUNT),
                image_width_px=width_px,
                image_height_px=height_px,
            )
            session = "mid" if "middle" in row["split"] else "hi"
            label = "slouched" if row["label"] == "bad" else "upright"
            name = f"via_{session}_{label}_{int(row['idx']):02}"
            named.append((name, Detection(t_s=0.0, people=(person,), brightness=128.0)))
    return named


def judge_set(rows: list[dict[str, str]], detections: list[Detection]) -> dict[View, list[Judged]]:
    """All test pictures of one set, by the view they were rendered for."""
    sitters: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        sitters[row["sitter"]].append(index)
    judged: dict[View, list[Judged]] = defaultdict(list)
    for sitter, indices in sitters.items():
        expected = FAMILIES[rows[indices[0]]["family"]]
        upright = [detections[i] for i in indices if rows[i]["split"] == "baseline"]
        baseline = take_baseline(upright)
        view = None if baseline is None else find_view(baseline)
        if baseline is None or view is None or view is not expected:
            print(f"  {sitter}: baseline of the view {view}, rendered for {expected}")
            continue
        for i in indices:
            if rows[i]["split"] == "test":
                judged[view].append(as_judged(rows[i], judge(detections[i], baseline, view)))
    return judged


def as_judged(row: dict[str, str], seen: Seen | UnknownReason) -> Judged:
    """Truth and verdict side by side."""
    present = row["present"] == "1"
    values = np.array([float(row[f"d_{angle}_deg"] or "nan") for angle in ANGLES])
    truth = Deviations.from_arrays(values, np.zeros(len(ANGLES))) if present else None
    bad, grey = row["bad"] == "1", row["grey"] == "1"
    return Judged(row["scenario"], bad, grey, present, truth, seen)


def share(items: Iterable[bool]) -> float:
    """Share of the true ones; NaN of none."""
    values = list(items)
    return sum(values) / len(values) if values else float("nan")


def balanced_accuracy(items: list[Judged]) -> tuple[float, float, float]:
    """Balanced accuracy, recall and false alarms."""
    recall = share(item.slouched for item in items if item.bad)
    alarms = share(item.slouched for item in items if not item.bad)
    return (recall + 1 - alarms) / 2, recall, alarms


def report(title: str, judged: list[Judged]) -> None:
    """Print what a reader of calibration/report.md needs to know of one view of one set."""
    here = [item for item in judged if item.present]
    clear = [item for item in here if not item.grey]
    accuracy, recall, alarms = balanced_accuracy(clear)
    unknown = share(isinstance(item.seen, UnknownReason) for item in here)
    print(f"{title}: {len(here)} pictures, balanced accuracy {accuracy:.3f}, recall {recall:.2f},")
    print(f"  false alarms {alarms:.3f}, unknown {unknown:.3f}")
    for bad, name in ((True, "recall"), (False, "false alarms")):
        kinds = sorted({item.scenario for item in clear if item.bad is bad})
        shares = {
            kind: share(i.slouched for i in clear if i.bad is bad and i.scenario == kind)
            for kind in kinds
        }
        told = [f"{kind} {value:.2f}" for kind, value in shares.items() if bad or value > 0]
        print(f"  {name}: {', '.join(told) or 'none'}")
    errors = np.array(
        [
            np.subtract(item.seen.deviations.values_deg(), item.truth.values_deg())
            for item in here
            if item.truth is not None and isinstance(item.seen, Seen)
        ]
    )
    for index, angle in enumerate(ANGLES):
        error = errors[:, index][np.isfinite(errors[:, index])]
        mae, bias = np.abs(error).mean(), error.mean()
        print(f"  {angle:14} mean absolute error {mae:.2f}, bias {bias:+.2f} degrees")
    if absent := [item for item in judged if not item.present]:
        nobody = share(item.seen is UnknownReason.NOBODY for item in absent)
        print(f"  {len(absent)} pictures without the sitter: {nobody:.3f} seen as nobody")


def report_real(name: str, labels: list[bool], detections: list[Detection]) -> None:
    """A real session: every third upright picture is the baseline, in the three ways."""
    upright = [index for index, bad in enumerate(labels) if not bad]
    items: list[Judged] = []
    for offset in range(3):
        chosen = upright[offset::3]
        baseline = take_baseline(detections[index] for index in chosen)
        if baseline is None:
            continue
        view = find_view(baseline)
        for index, bad in enumerate(labels):
            if index not in chosen:
                seen = judge(detections[index], baseline, view)
                items.append(Judged(name, bad, grey=False, present=True, truth=None, seen=seen))
    accuracy, recall, alarms = balanced_accuracy(items)
    print(f"real session {name}: {len(items)} verdicts on {len(labels)} stills,")
    print(f"  balanced accuracy {accuracy:.3f}, recall {recall:.2f}, false alarms {alarms:.3f}")


def run(shared: Path, detect: Callable[[str, list[Path]], list[Detection]]) -> None:
    """All reports, in a fixed order."""
    for name in SETS:
        folder = shared / "bench" / name
        with (folder / "truth.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        judged = judge_set(rows, detect(name, [folder / row["file"] for row in rows]))
        for view, items in judged.items():
            report(f"{name} {view}", items)
    paths = sorted((shared / "clips" / "stills").glob("*.jpg"))
    stills = dict(zip(paths, detect("stills", paths), strict=True))
    seen = {
        "stills": [(path.name, one) for path, one in stills.items()],
        "all, as landmarks": from_labelled_table(shared / "clips" / "via_landmarks.csv"),
    }
    for source, named in seen.items():
        for session in SESSIONS:
            chosen = [(name, one) for name, one in named if name.startswith(session)]
            labels = ["slouched" in name for name, _ in chosen]
            report_real(f"{session}, {source}", labels, [one for _, one in chosen])


def main() -> None:
    """Choose where the landmarks come from and print the reports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--model", default="full")
    parser.add_argument("--landmarks", type=Path)
    arguments = parser.parse_args()

    from posturecam.capture.recorded import read_picture
    from posturecam.pose.landmarker import PoseLandmarker
    from posturecam.pose.models import find_model

    def tables(name: str, paths: list[Path]) -> list[Detection]:
        shapes = [read_picture(path).shape for path in paths]
        table = arguments.landmarks / f"{name}_{arguments.model}.npz"
        return from_table(table, [(width, height) for height, width, _ in shapes])

    with (
        nullcontext() if arguments.landmarks else PoseLandmarker.open(find_model(arguments.model))
    ) as landmarker:
        if landmarker is None:
            run(arguments.shared, tables)
        else:
            run(arguments.shared, lambda _, paths: from_pictures(landmarker, paths))


if __name__ == "__main__":
    main()
