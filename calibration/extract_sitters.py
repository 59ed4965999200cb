"""Look at rendered sitters as the program does, and add what is seen to the tables in `data/`.

    python calibration/extract_sitters.py --work WORK

Takes every complete folder that `render_sitters.py` left in WORK: landmarks of the pose model
`full`, the numbers of a `Head`, and the truth. The pictures of `near` are cut off first, so that
upright shoulders lie close to the lower edge. Pictures are deleted once they are in WORK/tables
(`--keep` leaves them). Then the tables `data/sitters_*.npz` are written anew, one a split, with all
that they held and all that is new.
"""

from __future__ import annotations

import argparse
import csv
import math
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from evaluate import take_baseline
from face_mesh import NAMES, MirroredLook, mean_of
from footage import Footage, load, rounded, save
from render.plan import SEEDS, TRUTH_FILE

from posturecam.capture.recorded import read_picture
from posturecam.capture.thumbnail import Pixels
from posturecam.pose.landmarker import PoseLandmarker
from posturecam.pose.models import find_model
from posturecam.pose.sitter import find_sitter
from posturecam.values.observation import Frame, Joint, Landmarks, UnknownReason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from posturecam.pose.measures import Measures
    from posturecam.values.observation import Detection

DATA = Path(__file__).parent / "data"
MODEL = "full"
CUT_SPLIT = "near"
SHOULDERS_AT = 0.86, 0.97
"""How far down the lower shoulder of an upright sitter is in a picture that was cut off."""
CUT_SEED = 7
LEAST_HEIGHT_PX = 200
LEFT_OUT = frozenset(
    {"d_head_yaw_rel_deg", "d_head_roll_deg", "d_trunk_side_deg", "d_head_protraction_m"}
    | {"d_shoulder_protraction_m", "d_shoulder_cam_dist_m", "head_yaw_rel_deg"}
)
"""Differences of other columns that nobody reads."""
STEPS = {"_deg": 128, "_px": 32, "_m": 8192, "_x": 8192, "_y": 8192, "_z": 8192}
"""So many steps a degree, pixel or metre are kept: 0.008 degrees, 0.03 px, 0.12 mm."""


def look(folder: Path, landmarker: PoseLandmarker, mirrored: MirroredLook) -> Footage:
    """What is seen in the pictures of one sitter, beside what is true."""
    with (folder / TRUTH_FILE).open(encoding="utf-8") as file:
        truths = list(csv.DictReader(file))
    rows, detections = [], []
    images = [read_picture(folder / truth["picture"]) for truth in truths]
    of_cut = {}
    if folder.name.startswith(CUT_SPLIT):
        whole_px = images[0].shape[0]
        images = cut_off(images, truths, landmarker, int(folder.name.removeprefix(CUT_SPLIT)))
        height_px = images[0].shape[0]
        of_cut = {"height": str(height_px), "cut_px": str(whole_px - height_px)}
    for place, image in enumerate(images):
        detections.append(landmarker.detect(Frame(t_s=0.0, index=place, picture=Pixels(image))))
    upright = zip(truths, detections, strict=True)
    baseline = take_baseline(seen for truth, seen in upright if truth["part"] == "baseline")
    for truth, image, seen in zip(truths, images, detections, strict=True):
        row = as_row(folder.name, truth) | of_cut
        if sitter := _whose_head(seen, baseline):
            heads = (sitter.head, mirrored.head(image, sitter))
            for name, head in (("one", sitter.head), ("mean", mean_of(heads))):
                numbers = asdict(head) if head else dict.fromkeys(NAMES, math.nan)
                row |= {f"face_{name}_{key}": f"{value:.6g}" for key, value in numbers.items()}
        rows.append(row)
    return Footage(rows, [rounded(seen) for seen in detections])


def is_wanted(truth: Path) -> bool:
    """Of those whose pictures are cut off only who is seen from the front is."""
    with truth.open(encoding="utf-8") as file:
        family = next(csv.DictReader(file))["family"]
    return family == "front" or not truth.parent.name.startswith(CUT_SPLIT)


def cut_off(
    images: list[NDArray[np.uint8]],
    truths: list[dict[str, str]],
    landmarker: PoseLandmarker,
    number: int,
) -> list[NDArray[np.uint8]]:
    """The pictures of one sitter without what is below their shoulders.

    As they are where the shoulders lie so low anyway, or little would be left.
    """
    lowest_px = [
        seen.people[0].points_px[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER], 1].max()
        for image, truth in zip(images, truths, strict=True)
        if truth["part"] == "baseline"
        if (seen := landmarker.detect(Frame(t_s=0.0, index=0, picture=Pixels(image)))).people
    ]
    if not lowest_px:
        return images
    drawn = np.random.default_rng([CUT_SEED, number]).uniform(*SHOULDERS_AT)
    height_px = int(np.median(lowest_px) / drawn)
    return images if height_px < LEAST_HEIGHT_PX else [image[:height_px].copy() for image in images]


def as_row(sitter: str, truth: dict[str, str]) -> dict[str, str]:
    """The truth of one picture in the columns of the other tables of the study."""
    row = {"picture": f"{sitter}/{truth['picture']}", "sitter": sitter, "split": truth["part"]}
    row |= {"scenario": truth["scene"], "passer": str(int("passer" in truth["scene"]))}
    row |= {"width": truth["width_px"], "height": truth["height_px"]}
    left_out = {"picture", "sitter", "split", "part", "scene", "width_px", "height_px"}
    return row | {name: value for name, value in truth.items() if name not in left_out}


def stored(row: dict[str, str]) -> dict[str, str]:
    """The row as a table keeps it."""
    return {name: _in_steps(name, value) for name, value in row.items() if name not in LEFT_OUT}


def _in_steps(name: str, value: str) -> str:
    steps = next((steps for end, steps in STEPS.items() if name.endswith(end)), None)
    if steps is None or value in ("", "nan"):
        return value
    return f"{round(float(value) * steps) / steps:.7g}"


def _whose_head(seen: Detection, baseline: Measures | None) -> Landmarks | None:
    """The sitter as the program finds them, or whoever is there."""
    sitter = find_sitter(seen, baseline)
    if not isinstance(sitter, UnknownReason):
        return sitter.landmarks
    return seen.people[0] if seen.people else None


def collect(tables: Iterable[Path]) -> None:
    """Put all sitters into the table of their split, in the order of their names."""
    known: dict[str, dict[str, Footage]] = {split: {} for split in SEEDS}
    for split, sitters in known.items():
        path = DATA / f"sitters_{split}.npz"
        for footage in (load(path, MODEL),) if path.exists() else ():
            names = np.array([row["sitter"] for row in footage.rows])
            for name in dict.fromkeys(names.tolist()):
                chosen = np.flatnonzero(names == name)
                sitters[name] = Footage(
                    [footage.rows[place] for place in chosen],
                    [footage.detections[place] for place in chosen],
                )
    for path in tables:
        footage = load(path, MODEL)
        known[path.stem.rstrip("0123456789")][path.stem] = footage
    for split, sitters in known.items():
        ordered = [sitters[name] for name in sorted(sitters)]
        whole = Footage(
            [stored(row) for one in ordered for row in one.rows],
            [seen for one in ordered for seen in one.detections],
        )
        if whole.rows:
            save(DATA / f"sitters_{split}.npz", {MODEL: whole})
            print(f"{split}: {len(sitters)} sitters, {len(whole.rows)} pictures")


def main() -> None:
    """Look at whoever is complete, and collect."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--keep", action="store_true", help="leave the pictures where they are")
    parser.add_argument("--looks-only", action="store_true", help="leave data/ as it is")
    arguments = parser.parse_args()
    tables = arguments.work / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    with PoseLandmarker.open(find_model(MODEL)) as landmarker, MirroredLook() as mirrored:
        for truth in sorted(arguments.work.glob(f"*/{TRUTH_FILE}")):
            folder = truth.parent
            table = tables / f"{folder.name}.npz"
            if not table.exists() and is_wanted(truth):
                unfinished = table.with_suffix(".part.npz")
                save(unfinished, {MODEL: look(folder, landmarker, mirrored)})
                unfinished.replace(table)
            if not arguments.keep:
                shutil.rmtree(folder)
    if not arguments.looks_only:
        collect(path for path in sorted(tables.glob("*.npz")) if ".part" not in path.name)


if __name__ == "__main__":
    main()
