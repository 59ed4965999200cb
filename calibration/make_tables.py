"""Write calibration/data/: landmarks of both pose models beside the truth, without a picture.

    python calibration/make_tables.py --shared ../shared

Looks at every picture and video of the study with the pose models that ship with the package, and
packs the landmark tables to fit on. `data/data_dictionary.md` says what the columns are.
"""

from __future__ import annotations

import argparse
import csv
import math
from pathlib import Path

import numpy as np
from footage import PICTURES, TRAINING, TRAINING_JOINTS, VIDEOS, Footage, look, read_training, save

from posturecam.landmarker import PoseLandmarker
from posturecam.models import find_model
from posturecam.observation import LANDMARK_COUNT, Detection, Joint, Landmarks

DATA = Path(__file__).parent / "data"
MODELS = ("full", "lite")
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


def read_labelled(shared: Path) -> Footage:
    """All 65 labelled stills of one real person, as seven landmarks each of the model lite."""
    rows, detections = [], []
    with (shared / "clips" / "via_landmarks.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            width_px, height_px = int(row["w"]), int(row["h"])
            points_px = np.full((LANDMARK_COUNT, 3), math.nan)
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
            rows.append({"picture": f"via_{session}_{row['label']}_{int(row['idx']):02}"})
            detections.append(Detection(t_s=0.0, people=(person,), brightness=128.0))
    return Footage(rows, detections)


def main() -> None:
    """Make every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    shared = parser.parse_args().shared
    DATA.mkdir(exist_ok=True)
    for name in TRAINING:
        poses = {model: read_training(shared, name, model) for model in MODELS}
        save(DATA / f"{name}.npz", poses, TRAINING_JOINTS)
    save(DATA / "via.npz", {"lite": read_labelled(shared)})
    seen: dict[str, dict[str, Footage]] = {name: {} for name in (*PICTURES, *VIDEOS)}
    for model in MODELS:
        with PoseLandmarker.open(find_model(model)) as landmarker:
            for name, of_models in seen.items():
                of_models[model] = look(shared, name, landmarker)
    for name, of_models in seen.items():
        save(DATA / f"{name}.npz", of_models)
    for path in sorted(DATA.glob("*.npz")):
        print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
