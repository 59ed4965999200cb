"""Cut out what the network for the shoulders is fitted on, from pictures of rendered sitters.

    python calibration/shoulder_crops.py --work WORK

Takes every complete folder of a sitter seen from the front that `render_sitters.py` left in WORK
(before `extract_sitters.py` deletes the pictures), and writes WORK/crops/SITTER.npz: the silhouette
that the pose model `full` has of the sitter, cut out around the shoulders as it alone has them, its
points, and the true joints and outline. The crops stay beside the pictures, outside the repository.
"""

from __future__ import annotations

import argparse
import csv
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from extract_sitters import as_row
from footage import Footage
from outlines import true_outline
from poses import Poses
from render.plan import TRUTH_FILE
from shoulders import BOTH, true_shoulders

from posturecam.capture.recorded import read_picture
from posturecam.pose import network_guard
from posturecam.pose.landmarker import (
    PEOPLE,
    as_rgb,
    import_mediapipe,
    landmarks_of,
    silhouettes,
    softened,
)
from posturecam.pose.models import find_model
from posturecam.pose.shoulder_refiner import silhouette_crop
from posturecam.pose.shoulders import PX_A_WIDTH, ShoulderCrop
from posturecam.pose.silhouette_network import POINTS
from posturecam.values.observation import Detection, Landmarks

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE_PX = 180, 140
"""Half as large again as what the network sees, so that a window of it can be moved."""
NARROWEST_PX = 8.0
"""Shoulders narrower than this in the picture count as so wide."""


class Seen(NamedTuple):
    """Somebody in a picture, and where in it: (height, width) float32, 0 to 1."""

    person: Landmarks
    silhouette: NDArray[np.float32]


class PoseAlone:
    """The pose model without what looks again; in a thread that the kernel keeps off the net."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pose")
        self._worker.submit(network_guard.install).result()
        self._mediapipe = self._worker.submit(import_mediapipe).result()
        self._landmarker = self._worker.submit(self._opened).result()

    def people(self, image: NDArray[np.uint8]) -> list[Seen]:
        """Everybody in a (h, w, 3) BGR picture whose silhouette can be read, two at most."""
        height_px, width_px = image.shape[:2]
        sort = self._mediapipe.ImageFormat.SRGB
        picture = self._mediapipe.Image(image_format=sort, data=as_rgb(image))
        found = self._worker.submit(self._landmarker.detect, picture).result()
        return [
            Seen(landmarks_of(pose, width_px, height_px), silhouette.copy())
            for pose, silhouette in zip(
                found.pose_landmarks, silhouettes(found, width_px), strict=True
            )
            if silhouette is not None
        ]

    def close(self) -> None:
        """Free the model."""
        self._worker.submit(self._landmarker.close).result()
        self._worker.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> Any:
        tasks = self._mediapipe.tasks
        options = tasks.vision.PoseLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_path=str(find_model("full").path)),
            running_mode=tasks.vision.RunningMode.IMAGE,
            num_poses=PEOPLE,
            output_segmentation_masks=True,
        )
        return tasks.vision.PoseLandmarker.create_from_options(options)


def cut(folder: Path, pose: PoseAlone) -> dict[str, NDArray[Any]] | None:
    """The crops of one sitter, see `fit_shoulders.Crops`; None of whom no front view shows."""
    with (folder / TRUTH_FILE).open(encoding="utf-8") as file:
        truths = list(csv.DictReader(file))
    rows = [as_row(folder.name, truth) for truth in truths]
    if rows[0]["family"] != "front":
        return None
    seen = []
    for truth in truths:
        image = read_picture(folder / truth["picture"])
        if not (people := pose.people(image)):  # noise may hide them, as the program knows
            people = pose.people(softened(image))
        seen.append(people)
    detections = [
        Detection(t_s=0.0, people=tuple(one.person for one in people), brightness=128.0)
        for people in seen
    ]
    there = [place for place, row in enumerate(rows) if row["present"] == "1" and seen[place]]
    if not there:
        return None
    names = "silhouettes", "points_px", "true_px", "neck_px", "ahead"
    crops: dict[str, list[Any]] = {name: [] for name in names}
    kept: list[int] = []
    poses = Poses("sitters", Footage(rows, detections), "front")
    c7, t8 = poses.point("c7"), poses.point("t8")
    necks_px = poses.project(c7[:, None])[0][:, 0]
    outlines = true_outline(poses, poses.points, c7, t8)
    for place, joints_px, neck_px, outline in zip(
        there, true_shoulders(poses), necks_px, outlines, strict=True
    ):
        person, silhouette = min(seen[place], key=lambda one: _apart_px(one.person, joints_px))
        if (crop := around(person)) is None:
            continue
        kept.append(place)
        corner_px = np.array([crop.left_px, crop.top_px])
        scale = np.array(SIZE_PX) / [crop.right_px - crop.left_px, crop.bottom_px - crop.top_px]
        crops["silhouettes"].append(silhouette_crop(silhouette, crop, SIZE_PX))
        crops["points_px"].append((person.points_px[POINTS, :2] - corner_px) * scale)
        crops["true_px"].append((joints_px - corner_px) * scale)
        crops["neck_px"].append((neck_px - corner_px) * scale)
        crops["ahead"].append(outline[1:])
    return {
        "silhouettes": np.array(crops["silhouettes"], np.uint8),
        "points_px": np.array(crops["points_px"], np.float32),
        "true_px": np.array(crops["true_px"], np.float32),
        "neck_px": np.array(crops["neck_px"], np.float32),
        "ahead": np.array(crops["ahead"], np.float32),
        "sitters": np.array([folder.name] * len(kept)),
        "is_upright": np.array([rows[place]["split"] == "baseline" for place in kept]),
    }


def around(person: Landmarks) -> ShoulderCrop | None:
    """The rectangle that a crop shows; None where nothing of it is in the picture."""
    left, right = person.points_px[BOTH, :2]
    width_px = max(math.dist(left, right), NARROWEST_PX)
    half_px = np.array(SIZE_PX) / PX_A_WIDTH * width_px / 2
    first, last = (left + right) / 2 - half_px, (left + right) / 2 + half_px
    left_px, top_px = np.floor(first).astype(int).tolist()
    right_px, bottom_px = np.ceil(last).astype(int).tolist()
    is_across = left_px < person.image_width_px and right_px > 0
    if not (is_across and top_px < person.image_height_px and bottom_px > 0):
        return None
    return ShoulderCrop(left_px=left_px, top_px=top_px, right_px=right_px, bottom_px=bottom_px)


def _apart_px(person: Landmarks, joints_px: NDArray[np.float64]) -> float:
    return float(np.abs(person.points_px[BOTH, :2] - joints_px).sum())


def main() -> None:
    """Cut out whoever is complete and has not been."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    work = parser.parse_args().work
    crops = work / "crops"
    crops.mkdir(exist_ok=True)
    with PoseAlone() as pose:
        for truth in sorted(work.glob(f"*/{TRUTH_FILE}")):
            table = crops / f"{truth.parent.name}.npz"
            if not table.exists() and (found := cut(truth.parent, pose)) is not None:
                unfinished = table.with_suffix(".part")
                with unfinished.open("wb") as file:
                    np.savez_compressed(file, allow_pickle=False, **found)
                unfinished.replace(table)


if __name__ == "__main__":
    main()
