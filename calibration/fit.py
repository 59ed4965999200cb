"""Fit the angle model on rendered sitters and write `posturecam/data/angle_model.json`.

    python calibration/fit.py --shared ../shared

Reads the landmark tables with exact truth in SHARED/bench/train (both pose models, so that one fit
serves either), takes each sitter's baseline as the program does, and fits one small function per
view from the invariants of `posturecam.angle_model` to the five deviations. The residual standard
deviations come from sitters that a second fit has not seen. Rows, folds and the random numbers of
the descent are fixed: the same tables give the same file. Real people are not used here.
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

from posturecam.angle_model import INVARIANTS, MODEL_FORMAT, sinking_terms
from posturecam.angles import MEASURES, Measures, measure
from posturecam.observation import ANGLES, Landmarks, View
from posturecam.settings import Thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray

TABLES = ("train", "train2", "train_combo", "train_slide")
MODELS = ("full", "lite")
FAMILIES = {View.FRONT: "front", View.THREE_QUARTER: "threequarter", View.SIDE: "side"}
THRESHOLDS_DEG = np.array([getattr(Thresholds(), f"{angle}_deg") for angle in ANGLES])
SINKING_FREE = ("slump", "slide", "forward", "lean_in", "rounded", "one_", "side_", "arm", "passer")
"""Scenes that bend or lift something; all others are rigid moves, nods and turns."""
GAIN = 1.15
"""A least-error fit draws every estimate towards zero; this undoes it at the thresholds."""


@dataclass(frozen=True)
class Recipe:
    """How one view is fitted.

    Attributes:
        hidden: units of each hidden layer.
        epochs: how often each row is used.
        batch: rows a step.
        noise: standard deviation added to the scaled inputs.
        moved: copies of each pose, moved and enlarged in the picture at random. From the side
            that is what a chair does; from the front it also changes the perspective, which the
            renders show and a copy would not.
    """

    hidden: tuple[int, ...]
    epochs: int
    batch: int
    noise: float
    moved: int


RECIPES = {
    View.FRONT: Recipe((64, 32, 16), 100, 512, 0.15, 0),
    View.THREE_QUARTER: Recipe((24, 12), 60, 128, 0.2, 3),
    View.SIDE: Recipe((24, 12), 60, 128, 0.2, 3),
}
MOVED_POSITIONS = tuple(name for name in MEASURES if name.endswith(("_x", "_y")))
MOVED_LENGTHS = tuple(
    name for name in MEASURES if name.endswith(("_width", "_length")) or name == "head_size"
)


@dataclass(frozen=True)
class Pair:
    """One pose with the baseline of the same sitter and the true deviations in degrees."""

    person: str
    scenario: str
    now: Measures
    baseline: Measures
    truth_deg: NDArray[np.float64]


def read_pairs(folder: Path, family: str) -> list[Pair]:
    """All test poses of `family`, each with its sitter's baseline, of both pose models."""
    pairs: list[Pair] = []
    for table in TABLES:
        with gzip.open(folder / f"{table}.csv.gz", "rt", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        arrays = np.load(folder / f"{table}.npz")
        for model in MODELS:
            points = arrays[f"landmarks_{model}"]
            sitters: dict[str, list[tuple[dict[str, str], Measures]]] = {}
            for row, at in zip(rows, points, strict=True):
                if row["family"] == family and row["present"] == "1" and np.isfinite(at).all():
                    sitters.setdefault(row["sitter"], []).append((row, as_measures(at, row)))
            for sitter, poses in sitters.items():
                pairs += sitter_pairs(f"{table}/{sitter}", poses)
    return pairs


def as_measures(at: NDArray[np.float64], row: dict[str, str]) -> Measures:
    """The measures of one row of a landmark table."""
    return measure(
        Landmarks(
            points_px=at[:, :3].astype(np.float64),
            visibility=at[:, 3].astype(np.float64),
            image_width_px=int(float(row["width"])),
            image_height_px=int(float(row["height"])),
        )
    )


def sitter_pairs(person: str, poses: list[tuple[dict[str, str], Measures]]) -> list[Pair]:
    """The test poses of one sitter against the median of the baseline poses."""
    upright = [now.as_array() for row, now in poses if row["split"] == "baseline"]
    baseline = Measures.from_array(np.median(upright, axis=0))
    return [
        Pair(
            person,
            row["scenario"],
            now,
            baseline,
            np.array([float(row[f"d_{angle}_deg"]) for angle in ANGLES]),
        )
        for row, now in poses
        if row["split"] == "test"
    ]


def tabulate(
    pairs: list[Pair], view: View
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.str_]]:
    """Inputs, true deviations as the inputs show them, and the person of each reading."""
    random = np.random.default_rng(1)
    inputs, truths, people = [], [], []
    for pair in pairs:
        poses = [pair.now, *(moved(pair.now, random) for _ in range(RECIPES[view].moved))]
        for now in poses:
            readings, signs = INVARIANTS[view](now, pair.baseline)
            if np.isfinite(readings).all():
                inputs += list(readings)
                truths += list(pair.truth_deg * signs)
                people += [pair.person] * len(readings)
    return np.array(inputs), np.array(truths), np.array(people)


def moved(now: Measures, random: np.random.Generator) -> Measures:
    """The pose enlarged about the middle of the picture by up to a tenth, then shifted."""
    zoom = random.uniform(0.9, 1.1)
    shift = {"x": random.uniform(-0.08, 0.08), "y": random.uniform(-0.04, 0.04)}
    middle = {"x": 0.5, "y": now.aspect / 2}
    changes = {name: getattr(now, name) * zoom for name in MOVED_LENGTHS}
    for name in MOVED_POSITIONS:
        axis = name[-1]
        changes[name] = (getattr(now, name) - middle[axis]) * zoom + middle[axis] + shift[axis]
    return replace(now, **changes)


class Fit:
    """Scaled inputs, tanh layers, the five angles in units of their thresholds."""

    def __init__(self, inputs: NDArray[np.float64], recipe: Recipe) -> None:
        self.recipe = recipe
        self.random = np.random.default_rng(0)
        self.centre = np.median(inputs, axis=0)
        self.low, self.high = np.percentile(inputs, [0.5, 99.5], axis=0)
        self.scale = np.clip(inputs, self.low, self.high).std(axis=0)
        sizes = [inputs.shape[1], *recipe.hidden, len(ANGLES)]
        self.weights = [
            self.random.normal(size=size) / np.sqrt(size[0]) for size in pairwise(sizes)
        ]
        self.biases = [np.zeros(size) for size in sizes[1:]]
        self.weights[-1] *= 0.1

    def scaled(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inputs held in their range, around zero and of unit spread."""
        held = np.clip(inputs, self.low, self.high)
        return np.asarray((held - self.centre) / self.scale)

    def layers(self, scaled: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """The values of every layer, the inputs first."""
        values = [scaled]
        for index, (weights, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            total = values[-1] @ weights + bias
            values.append(total if index == len(self.biases) - 1 else np.tanh(total))
        return values

    def predict_deg(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 5) deviations in degrees."""
        return np.asarray(self.layers(self.scaled(inputs))[-1] * THRESHOLDS_DEG * GAIN)

    def descend(self, inputs: NDArray[np.float64], truths_deg: NDArray[np.float64]) -> Fit:
        """Adam on a loss that is quadratic up to a third of a threshold and linear beyond."""
        scaled, targets = self.scaled(inputs), truths_deg / THRESHOLDS_DEG
        parameters = [*self.weights, *self.biases]
        means = [np.zeros_like(parameter) for parameter in parameters]
        squares = [np.zeros_like(parameter) for parameter in parameters]
        steps = self.recipe.epochs * (len(scaled) // self.recipe.batch)
        order: list[int] = []
        for step in range(1, steps + 1):
            if len(order) < self.recipe.batch:
                order = self.random.permutation(len(scaled)).tolist()
            rows, order = order[: self.recipe.batch], order[self.recipe.batch :]
            noisy = scaled[rows] + self.recipe.noise * self.random.normal(size=scaled[rows].shape)
            rate = 0.0015 * (1 + np.cos(np.pi * step / steps))
            for index, slope in enumerate(self.slopes(noisy, targets[rows])):
                means[index] = 0.9 * means[index] + 0.1 * slope
                squares[index] = 0.99 * squares[index] + 0.01 * slope**2
                mean = means[index] / (1 - 0.9**step)
                parameters[index] -= (
                    rate * mean / (np.sqrt(squares[index] / (1 - 0.99**step)) + 1e-8)
                )
        return self

    def slopes(
        self, scaled: NDArray[np.float64], targets: NDArray[np.float64]
    ) -> list[NDArray[np.float64]]:
        """Slopes of the loss for all weights, then all biases."""
        values = self.layers(scaled)
        error = values[-1] - targets
        slope = error / np.sqrt(1 + (error / 0.35) ** 2) / len(scaled)
        weights, biases = [], []
        for index in reversed(range(len(self.weights))):
            weights.append(values[index].T @ slope + 1e-4 * self.weights[index])
            biases.append(slope.sum(axis=0))
            slope = (slope @ self.weights[index].T) * (1 - values[index] ** 2)
        return [*reversed(weights), *reversed(biases)]

    def as_document(self, residual_sd_deg: NDArray[np.float64]) -> dict[str, Any]:
        """The part of the model document for one view."""
        ranges = zip(self.centre, self.scale, self.low, self.high, strict=True)
        layers = [
            {"weights": weights, "bias": bias}
            for weights, bias in zip(self.weights, self.biases, strict=True)
        ]
        layers[-1] = {name: part * THRESHOLDS_DEG * GAIN for name, part in layers[-1].items()}
        return {
            "residual_sd_deg": short(residual_sd_deg),
            "inputs": [
                dict(zip(("centre", "scale", "low", "high"), short(row), strict=True))
                for row in ranges
            ],
            "layers": [{name: short(part) for name, part in layer.items()} for layer in layers],
        }


def short(numbers: Any) -> Any:
    """Nested lists of numbers with five significant digits."""
    if np.ndim(numbers) > 0:
        return [short(number) for number in numbers]
    return float(f"{numbers:.5g}")


def fit_view(pairs: list[Pair], view: View) -> dict[str, Any]:
    """Fit one view; its errors are measured on the half of the sitters that a fit has not seen."""
    inputs, truths_deg, people = tabulate(pairs, view)
    numbers = {person: index for index, person in enumerate(dict.fromkeys(people.tolist()))}
    half = np.array([numbers[person] % 2 for person in people.tolist()])
    errors = []
    for held_out in (0, 1):
        seen, unseen = half != held_out, half == held_out
        fit = Fit(inputs[seen], RECIPES[view]).descend(inputs[seen], truths_deg[seen])
        errors.append(fit.predict_deg(inputs[unseen]) - truths_deg[unseen])
    residuals = np.concatenate(errors)
    print(f"{view}: {len(numbers)} sitters, mean absolute error of sitters not seen, degrees:")
    for angle, error in zip(ANGLES, np.abs(residuals).mean(axis=0), strict=True):
        print(f"  {angle:14} {error:.2f}")
    fit = Fit(inputs, RECIPES[view]).descend(inputs, truths_deg)
    return fit.as_document(np.sqrt((residuals**2).mean(axis=0)))


def fit_sinking(pairs: list[Pair]) -> list[float]:
    """Weights of the terms that a rigid move, a nod or a turn puts into the neck height."""
    rigid = [pair for pair in pairs if not any(word in pair.scenario for word in SINKING_FREE)]
    found = [sinking_terms(pair.now, pair.baseline) for pair in rigid]
    terms = np.array([term for term, _ in found])
    changes = np.array([change for _, change in found])
    weight = np.array([4.0 if "recline" in pair.scenario else 1.0 for pair in rigid])
    spread = terms.std(axis=0)
    scaled = terms / spread
    normal = (scaled * weight[:, None]).T @ scaled + 1e-3 * len(scaled) * np.eye(terms.shape[1])
    solved = np.linalg.solve(normal, (scaled * weight[:, None]).T @ changes) / spread
    print(
        f"sinking: unexplained in {len(rigid)} rigid moves {np.std(changes - terms @ solved):.3f}"
    )
    return [float(value) for value in short(solved)]


def main() -> None:
    """Fit all views and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    default = Path(__file__).resolve().parents[1] / "posturecam" / "data" / "angle_model.json"
    parser.add_argument("--output", type=Path, default=default)
    arguments = parser.parse_args()
    folder = arguments.shared / "bench" / "train"
    pairs = {view: read_pairs(folder, family) for view, family in FAMILIES.items()}
    digests = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for table in TABLES
        for name in (f"{table}.csv.gz", f"{table}.npz")
    }
    document = {
        "format": MODEL_FORMAT,
        "about": "Written by calibration/fit.py; synthetic truth. Inputs: invariants, see "
        "posturecam/angle_model.py; outputs: degrees. low and high bound the fitted range.",
        "angles": list(ANGLES),
        "fitted_on_sha256": digests,
        "sinking": {"weights": fit_sinking(pairs[View.FRONT])},
        "views": {view: fit_view(of_view, view) for view, of_view in pairs.items()},
    }
    text = json.dumps(document, separators=(",", ":")).replace('{"weights"', '\n{"weights"')
    arguments.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
