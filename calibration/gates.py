"""Figures for the limits that are not angles: where sitters end and everything else begins.

The limits themselves are read from the program, so that the report cannot name another value.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
from evaluate import take_baseline
from footage import PICTURE, by_sitter
from intervals import Figures, wilson

from posturecam.base.errors import BaselineError
from posturecam.pose import bent_over, sitter
from posturecam.pose import measures as angles
from posturecam.pose.measures import measure, position_of
from posturecam.pose.sitter import find_sitter
from posturecam.posture import baseline, kept_pose, observe, state
from posturecam.posture.baseline import Take
from posturecam.values.observation import UnknownReason, View
from posturecam.values.settings import PolicySettings, PostureSettings, Thresholds

if TYPE_CHECKING:
    from collections.abc import Callable

    from footage import Footage

    from posturecam.pose.measures import Measures
    from posturecam.values.observation import Detection, Landmarks

MODULES = {
    "pose/measures.py": angles,
    "posture/baseline.py": baseline,
    "posture/kept_pose.py": kept_pose,
    "posture/observe.py": observe,
    "posture/state.py": state,
    "pose/bent_over.py": bent_over,
    "pose/sitter.py": sitter,
}
SETTINGS = (Thresholds(), PostureSettings(), PolicySettings())
SHAPE: dict[str, Callable[[Measures], float]] = {
    "head_size": lambda it: it.head_size,
    "shoulder_width": lambda it: it.shoulder_width,
    "shoulders_to_head": lambda it: it.shoulder_width / it.head_size,
    "neck_to_head": lambda it: (it.shoulder_y - it.ear_y) / it.head_size,
    "ear_tilt_deg": lambda it: abs(it.ear_tilt_deg),
    "shoulder_tilt_deg": lambda it: abs(it.shoulder_tilt_deg),
}
CHANGE: dict[str, Callable[[Measures, Measures], float]] = {
    "head_size_ratio": lambda now, before: now.head_size / before.head_size,
    "shoulder_width_ratio": lambda now, before: abs(now.shoulder_width / before.shoulder_width),
    "reach": lambda now, before: (
        float(np.hypot(now.ear_x - before.ear_x, now.ear_y - before.ear_y)) / before.head_size
    ),
    "face_turn": lambda now, before: abs(now.facing - before.facing),
    "trunk_turn": lambda now, before: (
        now.shoulder_width / now.head_size / (before.shoulder_width / before.head_size)
    ),
}
FIRST_S = 10.0
"""The part of a real clip that a baseline is taken from."""
STILL = frozenset({"upright", "talking", "lighting"})


def limits() -> Figures:
    """Every default and every named number of the modules that decide, as the program has it."""
    figures: Figures = {
        "values/settings.py": {
            item.name: value
            for part in SETTINGS
            for item in fields(part)
            if isinstance(value := getattr(part, item.name), (int, float))
        }
    }
    for name, module in MODULES.items():
        figures[name] = {
            constant: shown
            for constant, value in vars(module).items()
            if constant.isupper() and (shown := plain(value)) is not None
        }
    return figures


def plain(value: Any) -> Any:
    """A number, a pair of numbers or numbers by view, as JSON has it; None of anything else."""
    if isinstance(value, dict):
        numbers = {str(key): number for key, number in value.items()}
        return numbers if all(isinstance(number, float) for number in numbers.values()) else None
    if isinstance(value, tuple):
        return list(value) if all(isinstance(number, float) for number in value) else None
    return value if isinstance(value, float) else None


def pictures(rendered: dict[str, Footage], real: dict[str, Footage]) -> Figures:
    """Light and sharpness of whole pictures in which the pose model found somebody."""
    return {
        kind: {
            part: spread(
                [
                    getattr(one, part)
                    for of in footage.values()
                    for one in of.detections
                    if one.people
                ]
            )
            for part in PICTURE
        }
        for kind, footage in (("rendered", rendered), ("real", real))
    }


def spread(values: list[float]) -> Figures:
    """Ends and percentiles of what was found."""
    known = [value for value in values if np.isfinite(value)]
    if not known:
        return {"of": 0}
    ends = np.percentile(known, [0, 1, 50, 99, 100])
    return {
        "of": len(known),
        **dict(zip(("least", "p1", "median", "p99", "most"), ends, strict=True)),
    }


def shapes(footage: dict[str, Footage]) -> Figures:
    """Shape of rendered sitters by view, and of what the pose model found without a sitter."""
    sitters: dict[str, list[Measures]] = {view.value: [] for view in View}
    others: list[Measures] = []
    others_front: list[Measures] = []
    views = {"front": View.FRONT, "threequarter": View.THREE_QUARTER, "side": View.SIDE}
    for of_set in footage.values():
        for row, seen in zip(of_set.rows, of_set.detections, strict=True):
            poses = [measure(person) for person in seen.people]
            if row["present"] == "1" and row["passer"] == "0" and poses:
                largest = max(poses, key=lambda it: it.head_size)
                sitters[views[row["family"]].value].append(largest)
            elif row["present"] != "1":
                others += poses
                others_front += poses if row["family"] == "front" else []
    return {
        "sitters": {view: of_shape(found) for view, found in sitters.items()},
        "not sitters": of_shape(others),
        "not sitters, front": of_shape(others_front),
    }


def of_shape(found: list[Measures]) -> Figures:
    """Spread of every quantity of shape."""
    return {name: spread([value(it) for it in found]) for name, value in SHAPE.items()}


def changes(footage: dict[str, Footage], baselines: dict[str, Measures]) -> Figures:
    """How far sitters seen from the front get from their baseline without leaving the desk."""
    found: dict[str, list[float]] = {name: [] for name in CHANGE}
    for name, of_set in footage.items():
        for row, seen in zip(of_set.rows, of_set.detections, strict=True):
            before = baselines.get(f"{name}/{row['sitter']}")
            one = _alone(row, seen.people)
            if before is None or one is None or row["family"] != "front":
                continue
            now = measure(one)
            for quantity, value in CHANGE.items():
                found[quantity].append(value(now, before))
    return {quantity: spread(values) for quantity, values in found.items()}


def _alone(row: dict[str, str], people: tuple[Landmarks, ...]) -> Landmarks | None:
    sole = row["present"] == "1" and row["passer"] == "0" and len(people) == 1
    return people[0] if sole else None


def moves(footage: dict[str, Footage], baselines: dict[str, Measures]) -> Figures:
    """Share of single front pictures that count as another position than the baseline's."""
    told: dict[str, list[bool]] = {}
    for name, of_set in footage.items():
        for row, seen in zip(of_set.rows, of_set.detections, strict=True):
            before = baselines.get(f"{name}/{row['sitter']}")
            if before is None or row["split"] != "test" or row["family"] != "front":
                continue
            now = find_sitter(seen, before)
            if isinstance(now, UnknownReason) or row["present"] != "1":
                continue
            kind = row["scenario"] if row["scenario"] in STILL else _kind(row["scenario"])
            positions = [position_of(it, View.FRONT) for it in (now.measures, before)]
            told.setdefault(kind, []).append(state.is_another_position(*positions))
    return {kind: wilson(values) for kind, values in sorted(told.items())}


def _kind(scenario: str) -> str:
    if "+" in scenario:
        return "two changes"
    return "chair moved" if scenario.startswith("chair_") else scenario.replace("_", " ")


def takes(footage: dict[str, Footage], clips: dict[str, Footage]) -> Figures:
    """Restlessness of baselines (1 is refused): rendered upright pictures, and real clips."""
    rendered, facing = [], []
    for of_set in footage.values():
        for indices in by_sitter(of_set.rows).values():
            upright = [i for i in indices if of_set.rows[i]["split"] == "baseline"]
            take = take_of([of_set.detections[i] for i in upright])
            rendered.append(take.restlessness())
            if of_set.rows[indices[0]]["family"] == "front":
                facing.append(abs(take.centre().facing))
    real: Figures = {}
    for name, clip in clips.items():
        take = take_of([seen for seen in clip.detections if seen.t_s < FIRST_S])
        try:
            take.check()
        except BaselineError as error:
            real[name] = {"restlessness": None, "refused": error.what}
        else:
            real[name] = {"restlessness": take.restlessness(), "refused": None}
    return {"rendered": spread(rendered), "facing": spread(facing), "real": real}


def take_of(seen: list[Detection]) -> Take:
    """One sitting for the baseline."""
    take = Take()
    for one in seen:
        take.add(one)
    return take


def views(footage: list[Footage]) -> Figures:
    """By what the view of a baseline is found, for rendered sitters of each family."""
    turned: dict[str, list[float]] = {}
    width: dict[str, list[float]] = {}
    for of_set in footage:
        for indices in by_sitter(of_set.rows).values():
            rows = [of_set.rows[index] for index in indices]
            upright = [
                of_set.detections[index]
                for index, row in zip(indices, rows, strict=True)
                if row["split"] == "baseline"
            ]
            centre = take_baseline(upright)
            if centre is not None:
                family = rows[0]["family"]
                turned.setdefault(family, []).append(abs(centre.shoulder_yaw_deg))
                across = abs(centre.shoulder_width) / centre.trunk_length
                width.setdefault(family, []).append(across)
    return {
        family: {
            "sitters": len(turned[family]),
            "turned_deg": spread(turned[family]),
            "width_to_trunk": spread(width[family]),
        }
        for family in turned
    }
