"""Fit the angle model on rendered sitters and write `posturecam/data/angle_model.json`.

    python calibration/fit.py --shared ../shared

Reads the landmark tables with exact truth in SHARED/bench/train (both pose models, so that one fit
serves either), takes each sitter's baseline as the program does, and fits an ensemble of small
functions per view from the invariants of `posture.angle_model` to the five deviations and to the
verdict. From the front the rendered poses are joined by copies that are bent further in three
dimensions (`bent`). Each member of an ensemble is fitted without some of the sitters; the residual
standard deviations come from them, and so do the odds of a slouch at each severity (`odds.py`):

    "odds": {"forward": LINE, "aside": LINE, "line": LINE}      in each view; "aside" (the severity
        of the tilt) not from the side, "line" (the measured share of its threshold) from the front
    LINE: {"at_limit": ..., "per_severity": ..., "per_limit": ...}

Rows, members and the random numbers are fixed: the same tables
give the same file. Real people are not used here.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from odds import GREY, THRESHOLDS_DEG, TILT, fit_odds

from posturecam.pose.measures import MEASURES, Measures, measure
from posturecam.pose.sitter import find_sitter, why_not_judgeable
from posturecam.posture.angle_model import INVARIANTS, MODEL_FORMAT
from posturecam.values.observation import ANGLES, Detection, Joint, Landmarks, View

if TYPE_CHECKING:
    from numpy.typing import NDArray

TABLES = {"train": 1.0, "train2": 1.0, "train_combo": 1.5, "train_slide": 1.5}
"""How often a row of each table is drawn: there are fewer sitters of the harder ones."""
KINDS = {"train_combo": "two changes", "train_slide": "sliding"}
"""Kinds of scene in the tables; those of the others are single changes."""
MODELS = ("full", "lite")
FAMILIES = {View.FRONT: "front", View.THREE_QUARTER: "threequarter", View.SIDE: "side"}
COPIES = 6
"""Bent copies of each rendered pose, and enlarged copies of each upright one."""
BENT_SHARE = 0.4
"""How much of what is drawn is bent copies; the rest is the rendered poses themselves."""
BENT_KINDS = (0.6, 0.14, 0.13, 0.13)
"""Shares of the copies that are not bent forward, slide, bend a little, and bend the neck."""
SWAYING = 0.7
"""Share of the copies that sway."""
ENLARGED_SHARE = 0.45
"""How often an enlarged copy of an upright pose is drawn, compared with all other rows."""
STEEPNESS = 4.0
"""Of the severities around the threshold, so that they decide what is not close."""
ROUNDING = 0.35
"""Share of a threshold up to which the loss is quadratic; it is linear beyond."""
SOFTNESS = 0.2
"""Of the loss of the severities, in their own unit."""
DECAY = 1e-4

JOINTS = {
    Joint.NOSE: "nose",
    Joint.LEFT_EYE: "eye_l",
    Joint.RIGHT_EYE: "eye_r",
    Joint.LEFT_EAR: "ear_l",
    Joint.RIGHT_EAR: "ear_r",
    Joint.LEFT_SHOULDER: "shoulder_l",
    Joint.RIGHT_SHOULDER: "shoulder_r",
}
"""Landmarks of the front view and the true points that they stand for; the shoulders last."""
HEAD, EARS, SHOULDERS = slice(0, 5), slice(3, 5), slice(5, 7)


@dataclass(frozen=True)
class Recipe:
    """How one view is fitted.

    Attributes:
        hidden: units of each hidden layer.
        epochs: how often each row is used.
        batch: rows a step.
        noise: standard deviation added to the scaled inputs.
        members: of the ensemble.
        moved: copies of each test pose, moved and enlarged in the picture at random. From the side
            that is what a chair does. From the front a chair also changes the perspective, which
            the renders show and a copy does not, so there only upright poses are enlarged.
        recall: what it counts to miss a slouch, forward and to the side, where to see one that is
            none counts 1. Upright pictures are the more frequent, and count less each.
    """

    hidden: tuple[int, ...]
    epochs: int
    batch: int
    noise: float
    members: int
    moved: int
    recall: tuple[float, float]


RECIPES = {
    View.FRONT: Recipe((64, 48, 32), 60, 256, 0.1, 16, 0, (2.0, 0.7)),
    View.THREE_QUARTER: Recipe((24, 12), 200, 128, 0.2, 4, 3, (1.0, 1.0)),
    View.SIDE: Recipe((24, 12), 200, 128, 0.2, 4, 3, (1.0, 1.0)),
}
MOVED_POSITIONS = tuple(name for name in MEASURES if name.endswith(("_x", "_y")))
MOVED_LENGTHS = tuple(
    name
    for name in MEASURES
    if name.endswith(("_width", "_length")) or name in ("head_size", "mesh_size")
)


@dataclass(frozen=True)
class Pair:
    """One pose with the baseline of the same sitter and the true deviations in degrees."""

    person: str
    now: Measures
    baseline: Measures
    truth_deg: NDArray[np.float64]
    weight: float
    is_copy: bool


class Table:
    """The rows of one landmark table that show the sitter, seen by one pose model."""

    def __init__(self, folder: Path, name: str, model: str, family: str) -> None:
        self.name = name
        with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        at = np.load(folder / f"{name}.npz")[f"landmarks_{model}"].astype(np.float64)
        chosen = [
            index
            for index, row in enumerate(rows)
            if row["family"] == family and row["present"] == "1" and np.isfinite(at[index]).all()
        ]
        self.rows = [rows[index] for index in chosen]
        self.at = at[chosen]
        self.truth_deg = self.numbers(*(f"d_{angle}_deg" for angle in ANGLES))

    def numbers(self, *names: str) -> NDArray[np.float64]:
        """(n, names) columns."""
        return np.array([[float(row[name]) for name in names] for row in self.rows])

    def point(self, name: str) -> NDArray[np.float64]:
        """(n, 3) metres in the world of the render."""
        return self.numbers(*(f"{name}_{axis}" for axis in "xyz"))

    def landmarks(self, index: int, at: NDArray[np.float64]) -> Landmarks:
        """One row as the program sees it, with the landmarks `at` (33, 5)."""
        return Landmarks(
            points_px=at[:, :3].copy(),
            visibility=at[:, 3],
            image_width_px=int(float(self.rows[index]["width"])),
            image_height_px=int(float(self.rows[index]["height"])),
        )

    def project(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """(n, k, 2) pixels and (n, k) depths in metres of (n, k, 3) points."""
        turn = self.numbers(*(f"R{i}{j}" for i in range(3) for j in range(3))).reshape(-1, 3, 3)
        camera = self.numbers("cam_x", "cam_y", "cam_z")
        seen = np.einsum("nij,nkj->nki", turn, points - camera[:, None])
        focal, centre = self.numbers("fx", "fy"), self.numbers("cx", "cy")
        pixels = focal[:, None] * seen[..., :2] / seen[..., 2:] + centre[:, None]
        return pixels, seen[..., 2]


def turned(
    points: NDArray[np.float64],
    about: NDArray[np.float64],
    angle_deg: NDArray[np.float64],
    ahead: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(n, k, 3) points, turned about (n, 3) so that what is above goes to `ahead` (n, 3)."""
    arm = points - about[:, None]
    along, up = (arm * ahead[:, None]).sum(axis=-1), arm[..., 1]
    sine, cosine = (part(np.radians(angle_deg))[:, None] for part in (np.sin, np.cos))
    moved_points = points + ((along * (cosine - 1) + up * sine)[..., None] * ahead[:, None])
    moved_points[..., 1] += up * (cosine - 1) - along * sine
    return np.asarray(moved_points)


def bent(
    table: Table, random: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Copies of all rows, bent further at the hips, the back, the neck and the head.

    The renders bend in six ways; people have more. A copy slides down in the chair (lower back
    reclined, upper back and neck bent forward, head bowed, pelvis moved), bends a little
    everywhere, or bends the neck alone; and it sways to the side with the head tilted, mostly to
    the same side. The true points are moved, so the truth stays exact, and projected; the pose
    model's own error at each landmark is kept and scaled with its size. Rows that are bent already
    are bent a quarter as much.

    Returns:
        (n, 33, 5) landmarks and (n, 5) true deviations in degrees.
    """
    count = len(table.rows)
    kind = random.choice(len(BENT_KINDS), count, p=BENT_KINDS)
    slide, loose, neck = ((kind == index).astype(float) for index in (1, 2, 3))
    sway = (random.uniform(size=count) < SWAYING).astype(float)
    less = np.where(table.numbers("bad")[:, 0] == 1, 0.25, 1.0)

    def about(spread_deg: float) -> NDArray[np.float64]:
        return random.normal(0, spread_deg, count)

    back = random.uniform(0, 35, count)
    lower_deg = less * (slide * -back + loose * about(6))
    upper_deg = less * (slide * (random.uniform(0, 1, count) * back + about(8)) + loose * about(6))
    neck_deg = less * (
        slide * random.uniform(-5, 30, count)
        + loose * about(6)
        + neck * random.uniform(-8, 16, count)
    )
    head_deg = less * (slide * random.uniform(-10, 25, count) + (loose + neck) * about(6))
    sway_deg = sway * random.uniform(-8, 8, count)
    roll_deg = sway * about(6) + 0.5 * sway_deg
    forward_m = less * slide * random.uniform(-0.1, 0.2, count)

    yaw = np.radians(table.numbers("trunk_yaw_deg")[:, 0])
    ahead = np.stack([np.sin(yaw), np.zeros(count), np.cos(yaw)], axis=-1)
    aside = np.stack([np.cos(yaw), np.zeros(count), -np.sin(yaw)], axis=-1)
    hips = (table.point("hip_l") + table.point("hip_r")) / 2
    t8, c7 = table.point("t8"), table.point("c7")
    true = np.stack([table.point(name) for name in JOINTS.values()], axis=1)
    ears = true[:, EARS].mean(axis=1)

    t8_now = turned(t8[:, None], hips, lower_deg, ahead)[:, 0]
    c7_now = t8_now + turned(c7[:, None], t8, upper_deg, ahead)[:, 0] - t8
    ears_now = c7_now + turned(ears[:, None], c7, neck_deg, ahead)[:, 0] - c7
    now = true.copy()
    now[:, SHOULDERS] = turned(true[:, SHOULDERS], t8, upper_deg, ahead) + (t8_now - t8)[:, None]
    now[:, HEAD] = turned(true[:, HEAD], ears, head_deg, ahead) + (ears_now - ears)[:, None]
    truth_deg = table.truth_deg + _inclinations_deg(hips, t8_now, c7_now, ears_now, ahead)
    truth_deg -= _inclinations_deg(hips, t8, c7, ears, ahead)
    truth_deg[:, ANGLES.index("shoulder_tilt")] += sway_deg
    now = turned(now, hips, sway_deg, aside)
    now[:, HEAD] = turned(now[:, HEAD], now[:, EARS].mean(axis=1), roll_deg, aside)
    now += (forward_m[:, None] * ahead)[:, None]

    before_px, before_m = table.project(true)
    now_px, now_m = table.project(now)
    at = table.at.copy()
    own_error_px = at[:, list(JOINTS), :2] - before_px
    at[:, list(JOINTS), :2] = now_px + own_error_px * (before_m / now_m)[..., None]
    return at, truth_deg


def _inclinations_deg(
    hips: NDArray[np.float64],
    t8: NDArray[np.float64],
    c7: NDArray[np.float64],
    ears: NDArray[np.float64],
    ahead: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(n, 5) the angles of the sagittal plane as the truth defines them, and zero for the tilt."""

    def forward_deg(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
        along = ((high - low) * ahead).sum(axis=-1)
        return np.asarray(np.degrees(np.arctan2(along, high[:, 1] - low[:, 1])))

    upper_back, trunk, neck = forward_deg(t8, c7), forward_deg(hips, c7), forward_deg(c7, ears)
    flexion = upper_back - forward_deg(hips, t8)
    return np.stack([upper_back, trunk, neck, flexion, np.zeros(len(neck))], axis=-1)


def read_pairs(folder: Path, view: View) -> list[Pair]:
    """All test poses of a view, each with its sitter's baseline, of both pose models.

    From the front they are joined by bent copies and by enlarged copies of the upright poses.
    """
    random = np.random.default_rng(2)
    pairs: list[Pair] = []
    enlarged: list[Pair] = []
    for name, weight in TABLES.items():
        for model in MODELS:
            table = Table(folder, name, model, FAMILIES[view])
            if table.rows and view is View.FRONT:
                pairs += table_pairs(table, weight * (1 - BENT_SHARE))
                for _ in range(COPIES):
                    pairs += bent_pairs(table, random)
                    enlarged += enlarged_pairs(table, random)
            elif table.rows:
                pairs += table_pairs(table, weight)
    all_others = sum(pair.weight for pair in pairs)
    share = ENLARGED_SHARE * all_others / max(len(enlarged), 1)
    return pairs + [replace(pair, weight=share) for pair in enlarged]


def sitter_baselines(table: Table, random: np.random.Generator | None = None) -> list[Measures]:
    """For each row the median of its sitter's upright poses, or of a random half of them."""
    upright: dict[str, list[NDArray[np.float64]]] = {}
    for index, row in enumerate(table.rows):
        if row["split"] == "baseline":
            now = measure(table.landmarks(index, table.at[index]))
            upright.setdefault(row["sitter"], []).append(now.as_array())
    if random is not None:
        upright = {
            sitter: [rows[index] for index in random.permutation(len(rows))[: len(rows) // 2]]
            for sitter, rows in upright.items()
        }
    medians = {
        sitter: Measures.from_array(np.median(rows, axis=0)) for sitter, rows in upright.items()
    }
    return [medians[row["sitter"]] for row in table.rows]


def table_pairs(table: Table, weight: float) -> list[Pair]:
    """The test poses of a table."""
    baselines = sitter_baselines(table)
    return [
        Pair(
            person=f"{table.name}/{row['sitter']}",
            now=measure(table.landmarks(index, table.at[index])),
            baseline=baselines[index],
            truth_deg=table.truth_deg[index],
            weight=weight,
            is_copy=False,
        )
        for index, row in enumerate(table.rows)
        if row["split"] == "test"
    ]


def bent_pairs(table: Table, random: np.random.Generator) -> list[Pair]:
    """Bent copies of the test poses, as far as the program would judge them.

    Their baselines rest on half of the upright poses, so that the fit knows of their spread.
    """
    at, truth_deg = bent(table, random)
    weight = TABLES[table.name] * BENT_SHARE / COPIES
    pairs = []
    for index, baseline in enumerate(sitter_baselines(table, random)):
        row, landmarks = table.rows[index], table.landmarks(index, at[index])
        detection = Detection(t_s=0.0, people=(landmarks,), brightness=128.0)
        now = measure(landmarks)
        if (
            row["split"] == "test"
            and isinstance(find_sitter(detection, baseline), Landmarks)
            and why_not_judgeable(now, baseline, View.FRONT) is None
        ):
            person = f"{table.name}/{row['sitter']}"
            pairs.append(Pair(person, now, baseline, truth_deg[index], weight, is_copy=True))
    return pairs


def enlarged_pairs(table: Table, random: np.random.Generator) -> list[Pair]:
    """Upright poses moved and enlarged in the picture: another size alone bends nobody."""
    baselines = sitter_baselines(table, random)
    return [
        Pair(
            person=f"{table.name}/{row['sitter']}",
            now=moved(measure(table.landmarks(index, table.at[index])), random),
            baseline=baselines[index],
            truth_deg=table.truth_deg[index],
            weight=0.0,
            is_copy=True,
        )
        for index, row in enumerate(table.rows)
        if row["split"] == "baseline"
    ]


def moved(now: Measures, random: np.random.Generator) -> Measures:
    """The pose enlarged about the middle of the picture by up to a tenth, then shifted."""
    zoom = random.uniform(0.9, 1.1)
    shift = {"x": random.uniform(-0.08, 0.08), "y": random.uniform(-0.04, 0.04)}
    middle = {"x": 0.5, "y": now.aspect / 2}
    changes = {name: getattr(now, name) * zoom for name in MOVED_LENGTHS}
    changes["mesh_away"] = now.mesh_away / zoom
    for name in MOVED_POSITIONS:
        axis = name[-1]
        changes[name] = (getattr(now, name) - middle[axis]) * zoom + middle[axis] + shift[axis]
    return replace(now, **changes)


@dataclass(frozen=True)
class Rows:
    """What an ensemble is fitted on, one reading a row.

    Attributes:
        inputs: (n, inputs) the readings.
        truths_deg: (n, 5) true deviations.
        line_deg: (n,) how far the shoulder line in the picture is from the baseline's.
        people: (n,) whose.
        kinds: (n,) of scene.
        weights: (n,) how often each is drawn.
        is_copy: (n,) not rendered as it is.
    """

    inputs: NDArray[np.float64]
    truths_deg: NDArray[np.float64]
    line_deg: NDArray[np.float64]
    people: NDArray[np.int64]
    kinds: NDArray[np.str_]
    weights: NDArray[np.float64]
    is_copy: NDArray[np.bool_]


def tabulate(pairs: list[Pair], view: View) -> Rows:
    """The readings of all pairs, with the true deviations as the readings show them."""
    random = np.random.default_rng(1)
    people = {name: number for number, name in enumerate(dict.fromkeys(p.person for p in pairs))}
    inputs: list[NDArray[np.float64]] = []
    truths_deg: list[NDArray[np.float64]] = []
    line_deg: list[float] = []
    others: list[tuple[int, str, float, bool]] = []
    for pair in pairs:
        poses = [pair.now, *(moved(pair.now, random) for _ in range(RECIPES[view].moved))]
        for index, now in enumerate(poses):
            readings, signs = INVARIANTS[view](now, pair.baseline)
            if np.isfinite(readings).all():
                inputs += list(readings)
                truths_deg += list(pair.truth_deg * signs)
                turned_deg = now.shoulder_tilt_deg - pair.baseline.shoulder_tilt_deg
                line_deg += list(turned_deg * signs[:, TILT])
                kind = KINDS.get(pair.person.partition("/")[0], "single changes")
                one = people[pair.person], kind, pair.weight, pair.is_copy or index > 0
                others += [one] * len(readings)
    who, kinds, weights, is_copy = (np.array(column) for column in zip(*others, strict=True))
    return Rows(
        np.array(inputs), np.array(truths_deg), np.array(line_deg), who, kinds, weights, is_copy
    )


class Ensemble:
    """Scaled inputs and tanh layers, for all members at once.

    The outputs are the five angles in units of their thresholds and the two severities less one.
    """

    def __init__(self, rows: Rows, recipe: Recipe) -> None:
        self.rows, self.recipe = rows, recipe
        self.random = np.random.default_rng(0)
        self.centre = np.median(rows.inputs, axis=0)
        self.low, self.high = np.percentile(rows.inputs, [0.5, 99.5], axis=0)
        self.scale = np.clip(rows.inputs, self.low, self.high).std(axis=0)
        sizes = [rows.inputs.shape[1], *recipe.hidden, len(ANGLES) + 2]
        self.weights = [
            (self.random.normal(size=(recipe.members, *size)) / np.sqrt(size[0])).astype(np.float32)
            for size in pairwise(sizes)
        ]
        self.biases = [np.zeros((recipe.members, 1, size), np.float32) for size in sizes[1:]]
        self.weights[-1] *= np.float32(0.1)

    def scaled(self, inputs: NDArray[np.float64]) -> NDArray[np.float32]:
        """The inputs held in their range, around zero and of unit spread."""
        held = np.clip(inputs, self.low, self.high)
        return np.asarray((held - self.centre) / self.scale, dtype=np.float32)

    def layers(self, scaled: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The values of every layer, (members, rows, units), the inputs first."""
        values = [scaled]
        for index, (weights, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            total = values[-1] @ weights + bias
            values.append(total if index == len(self.biases) - 1 else np.tanh(total))
        return values

    def batches(self) -> NDArray[np.int64]:
        """(steps, members, batch) rows; those of a member come from the sitters that it sees."""
        recipe = self.recipe
        steps = recipe.epochs * (int((~self.rows.is_copy).sum()) // recipe.batch)
        chosen = np.empty((steps, recipe.members, recipe.batch), np.int64)
        for member in range(recipe.members):
            seen = np.flatnonzero(self.rows.people % recipe.members != member)
            until = np.cumsum(self.rows.weights[seen])
            drawn = self.random.uniform(0, until[-1], (steps, recipe.batch))
            chosen[:, member] = seen[np.minimum(np.searchsorted(until, drawn), len(seen) - 1)]
        return chosen

    def descend(self) -> Ensemble:
        """Adam, with a rate that rises over a tenth of the steps and falls like a cosine."""
        scaled = self.scaled(self.rows.inputs)
        targets = (self.rows.truths_deg / THRESHOLDS_DEG).astype(np.float32)
        parameters = [*self.weights, *self.biases]
        means = [np.zeros_like(parameter) for parameter in parameters]
        squares = [np.zeros_like(parameter) for parameter in parameters]
        batches = self.batches()
        for step, chosen in enumerate(batches, start=1):
            noise = self.random.standard_normal((*chosen.shape, scaled.shape[1]), np.float32)
            noisy = scaled[chosen] + np.float32(self.recipe.noise) * noise
            share = step / len(batches)
            rate = 0.003 * min(1.0, share / 0.1) * (1 + np.cos(np.pi * share)) / 2
            for index, slope in enumerate(self.slopes(noisy, targets[chosen])):
                means[index] += np.float32(0.1) * (slope - means[index])
                squares[index] += np.float32(0.01) * (slope**2 - squares[index])
                size = np.sqrt(squares[index] / np.float32(1 - 0.99**step)) + np.float32(1e-8)
                parameters[index] -= np.float32(rate / (1 - 0.9**step)) * means[index] / size
        return self

    def slopes(
        self, scaled: NDArray[np.float32], targets: NDArray[np.float32]
    ) -> list[NDArray[np.float32]]:
        """Slopes of the loss for all weights, then all biases.

        The loss is the mean error of the angles, rounded at the bottom, plus the logistic loss of
        the severities where the truth is not grey. For the tilt grey is not slouched: it is
        measured, not inferred, and real people sit a few degrees askew as no rendered one does.
        """
        values = self.layers(scaled)
        angles, severities = np.split(values[-1], [len(ANGLES)], axis=-1)
        error = (angles - targets) / np.float32(ROUNDING)
        worst = np.stack([targets[..., :4].max(axis=-1), np.abs(targets[..., 4])], axis=-1)
        side = np.where(worst < [GREY, 1], -1, np.where(worst < 1, 0, self.recipe.recall))
        side = side.astype(np.float32)
        unknown_reason = 1 / (1 + np.exp(np.sign(side) * severities / np.float32(SOFTNESS)))
        of_angles = error / np.sqrt(1 + error**2) / len(ANGLES)
        slope = np.concatenate([of_angles, -side * unknown_reason], axis=-1) / scaled.shape[1]
        weights, biases = [], []
        for index in reversed(range(len(self.weights))):
            before = values[index].swapaxes(1, 2)
            weights.append(before @ slope + np.float32(DECAY) * self.weights[index])
            biases.append(slope.sum(axis=1, keepdims=True))
            slope = (slope @ self.weights[index].swapaxes(1, 2)) * (1 - values[index] ** 2)
        return [*reversed(weights), *reversed(biases)]

    def unseen(self) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
        """The original rows, and for each what the member says that did not see its sitter.

        Returns:
            (rows,) chosen, (chosen, 5) degrees, and (chosen, 2) severities.
        """
        chosen = ~self.rows.is_copy
        scaled, people = self.scaled(self.rows.inputs[chosen]), self.rows.people[chosen]
        outputs = self.layers(scaled[None])[-1].astype(np.float64) * output_units()
        mine = outputs[people % self.recipe.members, np.arange(len(people))]
        return chosen, mine[:, : len(ANGLES)], 1 + mine[:, len(ANGLES) :]

    def as_document(
        self, residual_sd_deg: NDArray[np.float64], odds: dict[str, dict[str, float]]
    ) -> dict[str, Any]:
        """The part of the model document for one view."""
        ranges = zip(self.centre, self.scale, self.low, self.high, strict=True)
        layers = [
            {"weights": weights, "bias": bias[:, 0]}
            for weights, bias in zip(self.weights, self.biases, strict=True)
        ]
        layers[-1] = {name: part * output_units() for name, part in layers[-1].items()}
        layers[-1]["bias"][:, -2:] += 1
        return {
            "residual_sd_deg": short(residual_sd_deg),
            "odds": odds,
            "inputs": [
                dict(zip(("centre", "scale", "low", "high"), short(row), strict=True))
                for row in ranges
            ],
            "layers": [{name: short(part) for name, part in layer.items()} for layer in layers],
        }


def output_units() -> NDArray[np.float64]:
    """(7,) degrees a unit of each angle, and the severities a unit of their outputs."""
    return np.append(THRESHOLDS_DEG, [STEEPNESS, STEEPNESS])


def short(numbers: Any) -> Any:
    """Nested lists of numbers with four significant digits."""
    if np.ndim(numbers) > 0:
        return [short(number) for number in numbers]
    return float(f"{numbers:.4g}")


def fit_view(pairs: list[Pair], view: View) -> dict[str, Any]:
    """Fit one view and print how its members do on the sitters that they have not seen."""
    rows = tabulate(pairs, view)
    ensemble = Ensemble(rows, RECIPES[view]).descend()
    chosen, estimates_deg, severities = ensemble.unseen()
    truths_deg, line_deg = rows.truths_deg[chosen], rows.line_deg[chosen]
    if view is View.FRONT:
        estimates_deg[:, TILT] = line_deg
    residuals = estimates_deg - truths_deg
    print(f"{view}: {rows.people.max() + 1} sitters; of those not seen by a member:")
    for angle, error in zip(ANGLES, np.abs(residuals).mean(axis=0), strict=True):
        print(f"  {angle:14} mean absolute error {error:.2f} degrees")
    odds = fit_odds(view, severities, line_deg, truths_deg, rows.kinds[chosen])
    for way, line in odds.items():
        print(f"  odds {way}: {line}")
    return ensemble.as_document(np.sqrt((residuals**2).mean(axis=0)), odds)


def main() -> None:
    """Fit all views and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    default = Path(__file__).resolve().parents[1] / "posturecam" / "data" / "angle_model.json"
    parser.add_argument("--output", type=Path, default=default)
    arguments = parser.parse_args()
    folder = arguments.shared / "bench" / "train"
    digests = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for table in TABLES
        for name in (f"{table}.csv.gz", f"{table}.npz")
    }
    document = {
        "format": MODEL_FORMAT,
        "about": "Written by calibration/fit.py; synthetic truth. Inputs: invariants, see "
        "posturecam/posture/angle_model.py; outputs: degrees, then the severities. low and high "
        "bound the fitted range.",
        "angles": list(ANGLES),
        "thresholds_deg": short(THRESHOLDS_DEG),
        "fitted_on_sha256": digests,
        "views": {view: fit_view(read_pairs(folder, view), view) for view in FAMILIES},
    }
    text = json.dumps(document, separators=(",", ":")).replace('{"weights"', '\n{"weights"')
    arguments.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
