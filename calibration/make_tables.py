"""Write calibration/data/: landmarks of both pose models beside the truth, without a picture.

    python calibration/make_tables.py --shared ../shared

Looks at every picture and video of the study with the pose models that ship with the package, and
packs the landmark tables to fit on. `data/data_dictionary.md` says what the columns are.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from evaluate import from_labelled_table
from footage import PICTURES, TRAINING, TRAINING_JOINTS, VIDEOS, Footage, look, read_training, save

from posturecam.pose.landmarker import PoseLandmarker
from posturecam.pose.models import find_model

DATA = Path(__file__).parent / "data"
MODELS = ("full", "lite")


def read_labelled(shared: Path) -> Footage:
    """All 65 labelled stills of one real person, as seven landmarks each of the model lite."""
    named = from_labelled_table(shared / "clips" / "via_landmarks.csv")
    return Footage([{"picture": name} for name, _ in named], [one for _, one in named])


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
