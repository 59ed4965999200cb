"""The pictures and videos of the study: what the pose model finds in each, beside what is true.

A table keeps both without the pictures, so that the study can be repeated from the repository
alone. Landmarks are kept in sixteenths of a pixel, and are rounded so when they come from the
pose model itself: a study from tables and one from pictures have the same figures.
"""

from __future__ import annotations

import csv
import gzip
import math
from collections import defaultdict
from dataclasses import astuple, dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from evaluate import from_pictures

from posturecam.pose.head import whose_head
from posturecam.values.head import Head
from posturecam.values.observation import ANGLES, LANDMARK_COUNT, Detection, Joint, Landmarks
from posturecam.values.outline import Outline

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from posturecam.pose.landmarker import PoseLandmarker

RENDERED = ("dev", "dev_combo", "dev_slide")
RENDERED_VIDEOS = ("video00", "video01")
REAL_CLIPS = (
    "c01_clm_cap12",
    "c03_pyfeat_single",
    "c04_pyfeat_person_then_none",
    "c05_pose_wave",
    "c06_intel_male",
    "c08_intel_empty_walkers",
)
REAL_SEQUENCES = ("d1_clm_cap12_sim", "d2_pyfeat_sim", "d5_via_high_REALPOSTURE")
PICTURES = (*RENDERED, "stills", "leaning")
VIDEOS = (*RENDERED_VIDEOS, *REAL_CLIPS, *REAL_SEQUENCES)
TRAINING = ("train", "train2", "train_combo", "train_slide")

INTERVAL_S = 0.2
"""Videos are looked at five times a second, as the program does."""
STEPS_A_PIXEL = 16
STEPS_A_METRE = 8192
STEPS_A_WIDTH = 1024
"""Of an outline."""
_FARTHEST_STEPS = 32767
_MISSING_STEPS = -32768
PICTURE = ("brightness", "contrast", "sharpness")
"""What a detection says of the picture as a whole."""
FINGERS = range(17, 23)
"""Rows of a pose that only the check for a hand before the face reads."""
HEAD = tuple(item.name for item in fields(Head))
"""What the face model says of a head, in the order of `heads_MODEL`."""
OUTLINE = tuple(item.name for item in fields(Outline))
"""What the shoulder model says of neck and upper back, in the order of `outlines_MODEL`."""
JOINTS = tuple(int(joint) for joint in Joint)
TRAINING_JOINTS = tuple(joint for joint in JOINTS if joint not in FINGERS)

ONE_FACE = tuple(f"face_one_{name}" for name in HEAD)
"""Columns of the rendered sitters that hold the same for one look of the face model."""
PACKED = ("points_", "people_", "size_", "heads_", "outlines_")
"""How columns begin that hold what a model sees."""
POINTS = tuple(
    f"{point}_{axis}"
    for point in (
        "nose", "ear_l", "ear_r", "eye_l", "eye_r", "shoulder_l", "shoulder_r", "c7", "t8",
        "hip_l", "hip_r",
    )
    for axis in "xyz"
)  # fmt: skip
"""True points of a pose that copies of it are bent by."""
TEXTS = frozenset(
    {
        "picture", "sitter", "split", "family", "camera_kind", "scenario", "phase", "expected",
        "src", "hair", "clothes",
    }
)  # fmt: skip
TRUTH = (
    "sitter", "split", "family", "camera_kind", "scenario", "phase", "transition", "t",
    "present", "passer", "bad", "grey", "ratio", "expected", "src",
    *(f"{angle}_deg" for angle in ANGLES), *(f"d_{angle}_deg" for angle in ANGLES),
    "head_yaw_deg", "trunk_yaw_deg", "d_head_yaw_deg", "d_trunk_yaw_deg", "d_head_pitch_deg",
    "eye_cam_dist_m", "d_eye_cam_dist_m", "width", "height",
)  # fmt: skip
"""Columns taken as they are wherever a source has them; two more are derived, see `compact`."""


@dataclass(frozen=True)
class Footage:
    """One set of pictures or one video: a row of truth or labels and a detection for each."""

    rows: list[dict[str, str]]
    detections: list[Detection]


def look(shared: Path, name: str, landmarker: PoseLandmarker) -> Footage:
    """Run the pose model on every picture of the set or video `name`."""
    if name in PICTURES:
        rows, paths = _pictures(shared, name)
        return Footage(rows, [rounded(seen) for seen in from_pictures(landmarker, paths)])
    from posturecam.capture.ffmpeg_memory import ANALYZED
    from posturecam.capture.recorded import VideoFile

    path, truth = _video(shared, name)
    rows, detections = [], []
    with VideoFile(path, name=name, bound=ANALYZED) as video:
        for frame in video.frames(INTERVAL_S):
            rows.append(truth[frame.index] if truth else {"t": f"{frame.t_s:.5g}"})
            detections.append(rounded(landmarker.detect(frame)))
    return Footage(rows, detections)


def read_training(shared: Path, name: str, model: str) -> Footage:
    """The poses of a landmark table to fit on; a picture without anybody has no people."""
    folder = shared / "bench" / "train"
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
        rows = [compact(row) | in_space(row) for row in csv.DictReader(file)]
    detections = []
    for row, points in zip(
        rows, np.load(folder / f"{name}.npz")[f"landmarks_{model}"], strict=True
    ):
        size_px = int(float(row["width"])), int(float(row["height"]))
        there = np.isfinite(points).all()
        people = (_landmarks(points[:, :3].astype(np.float64), size_px, None),) if there else ()
        detections.append(rounded(Detection(t_s=0.0, people=people, brightness=128.0)))
    return Footage(rows, detections)


def compact(row: dict[str, str]) -> dict[str, str]:
    """The columns of `TRUTH` that `row` has, its angle of view, and the height of its camera."""
    kept = {"picture": row["file"]} if "file" in row else {}
    kept |= {name: row[name] for name in TRUTH if name in row}
    if "fx" in row:
        view_deg = 2 * math.degrees(math.atan(float(row["width"]) / 2 / float(row["fx"])))
        kept["field_of_view_deg"] = f"{view_deg:.5g}"
        kept["camera_over_eyes_m"] = ""
        if row["eye_l_y"]:
            eyes_m = (float(row["eye_l_y"]) + float(row["eye_r_y"])) / 2
            kept["camera_over_eyes_m"] = f"{float(row['cam_y']) - eyes_m:.5g}"
    return kept


def in_space(row: dict[str, str]) -> dict[str, str]:
    """Where the true points and the camera of a landmark table are, as the rendered sitters say."""
    named = {name: row[name] for name in (*POINTS, "cam_x", "cam_y", "cam_z")}
    named |= {f"turn_{i}{j}": row[f"R{i}{j}"] for i in range(3) for j in range(3)}
    in_steps = {
        name: f"{round(float(value) * STEPS_A_METRE) / STEPS_A_METRE:.6g}" if value else ""
        for name, value in named.items()
    }
    return in_steps | {"focal_px": row["fx"]}


def rounded(seen: Detection) -> Detection:
    """The detection as a table keeps it: named joints only, in sixteenths of a pixel."""
    people = tuple(
        _landmarks(
            _unpacked(_packed(person, JOINTS), JOINTS),
            (person.image_width_px, person.image_height_px),
            _as_head(_of_head(person)),
            _as_outline(_of_outline(person)),
        )
        for person in seen.people
    )
    whole = {part: round(getattr(seen, part), 2) for part in PICTURE}
    return Detection(t_s=round(seen.t_s, 3), people=people, **whole)


def save(path: Path, by_model: dict[str, Footage], joints: tuple[int, ...] = JOINTS) -> None:
    """Write one table with the rows once and the poses of each pose model.

    Raises:
        ValueError: the footage of the models differs in length.
    """
    rows = next(iter(by_model.values())).rows
    columns: dict[str, NDArray[np.generic]] = {"joints": np.array(joints, np.int8)}
    for name in dict.fromkeys(key for row in rows for key in row):
        values = [row.get(name, "") for row in rows]
        if name in TEXTS:
            columns[name] = np.array(values)
        else:
            columns[name] = np.array([float(value or "nan") for value in values], np.float32)
    for model, footage in by_model.items():
        if len(footage.detections) != len(rows):
            raise ValueError(f"{path.stem}: {len(footage.detections)} poses, {len(rows)} rows")
        seen = footage.detections
        most = max(len(one.people) for one in seen)
        packed = np.zeros((len(seen), most, len(joints), 3), np.int16)
        heads = np.full((len(seen), most, len(HEAD)), np.nan, np.float32)
        outlines = np.full((len(seen), most, len(OUTLINE)), _MISSING_STEPS, np.int16)
        for index, one in enumerate(seen):
            for number, person in enumerate(one.people):
                packed[index, number] = _packed(person, joints)
                heads[index, number] = _of_head(person)
                outlines[index, number] = _of_outline(person)
        sizes = [(p.image_width_px, p.image_height_px) for one in seen for p in one.people[:1]]
        columns[f"points_16th_px_{model}"] = packed
        if np.isfinite(heads).any() and ONE_FACE[0] not in rows[0]:
            columns[f"heads_{model}"] = heads
        if (outlines != _MISSING_STEPS).any():
            columns[f"outlines_{model}"] = outlines
        people = np.array([len(one.people) for one in seen], np.int8)
        columns[f"people_{model}"] = people
        sizes_px = np.zeros((len(seen), 2), np.int16)
        sizes_px[people > 0] = np.reshape(sizes, (-1, 2))
        columns[f"size_px_{model}"] = sizes_px
        for part in PICTURE:
            columns[part] = np.array([getattr(one, part) for one in seen], np.float32)
        columns["t_s"] = np.array([one.t_s for one in seen], np.float32)
    np.savez_compressed(path, allow_pickle=False, **columns)


def load_all(data: Path, tables: Iterable[str]) -> Footage:
    """Several tables of the study, one behind the other, as the pose model `full` sees them."""
    parts = [load(data / f"{name}.npz", "full") for name in tables]
    rows = [row for part in parts for row in part.rows]
    return Footage(rows, [seen for part in parts for seen in part.detections])


def load(path: Path, model: str) -> Footage:
    """Read a table that `save` wrote."""
    table = dict(np.load(path))
    poses = [table.pop(f"{part}_{model}") for part in ("points_16th_px", "people", "size_px")]
    whole = np.stack([table.pop(part) for part in PICTURE], axis=1)
    joints, times_s = tuple(table.pop("joints").tolist()), table.pop("t_s")
    whom = poses[0].shape[:2]
    heads = table.pop(f"heads_{model}", np.full((*whom, len(HEAD)), np.nan))
    outlines = table.pop(f"outlines_{model}", np.full((*whom, len(OUTLINE)), _MISSING_STEPS))
    names = [name for name in table if not name.startswith(PACKED)]
    rows: list[dict[str, str]] = [{} for _ in times_s]
    for name in names:
        for row, value in zip(rows, table[name].tolist(), strict=True):
            row[name] = value if name in TEXTS else "" if math.isnan(value) else f"{value:.5g}"
    detections = [
        Detection(
            t_s=round(float(t_s), 3),
            people=tuple(
                _landmarks(
                    _unpacked(pose, joints),
                    (int(size_px[0]), int(size_px[1])),
                    _as_head(head),
                    _as_outline(outline),
                )
                for pose, head, outline in zip(
                    packed[:count], of_people[:count], outlined[:count], strict=True
                )
            ),
            **{part: round(float(of), 2) for part, of in zip(PICTURE, parts, strict=True)},
        )
        for packed, count, size_px, of_people, outlined, parts, t_s in zip(
            *poses, heads, outlines, whole, times_s, strict=True
        )
    ]
    if rows and ONE_FACE[0] in rows[0]:
        detections = [_with_face(seen, row) for seen, row in zip(detections, rows, strict=True)]
    return Footage(rows, detections)


def _with_face(seen: Detection, row: dict[str, str]) -> Detection:
    """The face of a row of rendered sitters, given to whoever of the picture it belongs to."""
    face = _as_head(np.array([float(row[name] or "nan") for name in ONE_FACE]))
    if face is None:
        return seen
    people = tuple(replace(one, head=whose_head([face], one)) for one in seen.people)
    return replace(seen, people=people)


def _pictures(shared: Path, name: str) -> tuple[list[dict[str, str]], list[Path]]:
    if name == "stills":
        paths = sorted((shared / "clips" / "stills").glob("*.jpg"))
        return [{"picture": path.name} for path in paths], paths
    if name == "leaning":
        with (shared / "clips" / "leaning" / "labels.csv").open(encoding="utf-8") as file:
            labels = sorted(csv.DictReader(file), key=lambda label: label["file"])
        rows = [
            {"picture": of["file"], "sitter": of["sitting"], "scenario": of["label"]}
            for of in labels
        ]
        return rows, [shared / "clips" / "leaning" / of["file"] for of in labels]
    folder = shared / "bench" / name
    with (folder / "truth.csv").open(encoding="utf-8") as file:
        rows = [compact(row) for row in csv.DictReader(file)]
    return rows, [folder / row["picture"] for row in rows]


def _video(shared: Path, name: str) -> tuple[Path, list[dict[str, str]]]:
    """Where a video is, and the truth of each of its frames if there is any."""
    if name in REAL_CLIPS:
        return shared / "clips" / "clips" / f"{name}.mp4", []
    rendered = name in RENDERED_VIDEOS
    folder = shared / ("bench/dev/video" if rendered else "clips/derived")
    with (folder / f"{name}.csv").open(encoding="utf-8") as file:
        truth = [compact(row) for row in csv.DictReader(file)]
    for row in truth:
        if "src" in row:
            row["src"] = row["src"].rsplit("-", 1)[-1]
    return folder / f"{name}.mp4", truth


def _landmarks(
    points_px: NDArray[np.float64],
    size_px: tuple[int, int],
    head: Head | None,
    outline: Outline | None = None,
) -> Landmarks:
    return Landmarks(
        points_px=points_px,
        visibility=np.ones(LANDMARK_COUNT),
        image_width_px=size_px[0],
        image_height_px=size_px[1],
        head=head,
        outline=outline,
    )


def _of_head(person: Landmarks) -> NDArray[np.float32]:
    values = [np.nan] * len(HEAD) if person.head is None else astuple(person.head)
    return np.array(values, np.float32)


def _as_head(values: NDArray[np.floating]) -> Head | None:
    if not np.isfinite(values).all():
        return None
    return Head(**dict(zip(HEAD, map(float, values), strict=True)))


def _of_outline(person: Landmarks) -> NDArray[np.int16]:
    if person.outline is None:
        return np.full(len(OUTLINE), _MISSING_STEPS, np.int16)
    steps = np.round(np.array(astuple(person.outline)) * STEPS_A_WIDTH)
    return np.clip(steps, -_FARTHEST_STEPS, _FARTHEST_STEPS).astype(np.int16)


def _as_outline(steps: NDArray[np.integer]) -> Outline | None:
    if (steps == _MISSING_STEPS).all():
        return None
    return Outline(**dict(zip(OUTLINE, (steps / STEPS_A_WIDTH).tolist(), strict=True)))


def _packed(person: Landmarks, joints: tuple[int, ...]) -> NDArray[np.int16]:
    steps = np.round(person.points_px[list(joints)] * STEPS_A_PIXEL)
    held = np.clip(steps, -_FARTHEST_STEPS, _FARTHEST_STEPS)
    return np.where(np.isfinite(steps), held, _MISSING_STEPS).astype(np.int16)


def _unpacked(packed: NDArray[np.int16], joints: tuple[int, ...]) -> NDArray[np.float64]:
    points_px = np.zeros((LANDMARK_COUNT, 3))
    steps = np.where(packed == _MISSING_STEPS, math.nan, packed.astype(np.float64))
    points_px[list(joints)] = steps / STEPS_A_PIXEL
    return points_px


def by_sitter(rows: list[dict[str, str]]) -> dict[str, list[int]]:
    """Indices of the rows of each sitter."""
    sitters: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        sitters[row["sitter"]].append(index)
    return dict(sitters)
