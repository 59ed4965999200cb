"""Fit the angle model on rendered sitters and write `posturecam/data/angle_model.json`.

Its residual errors stand once more in `angle_errors.json` beside it, for who shows no more of it.

    python calibration/fit.py

Reads the tables of `data/` that are to fit on, takes each sitter's baseline as the program does,
and fits an ensemble of small functions per view from the `posture.invariants` of a pose to the
five deviations and to the verdict. From the front there is one ensemble for poses without a face
mesh, one for poses with it, and one for those that have an outline besides. These two, and the one
from the side, have another for the angles that are shown ("showing"), of the same scaled inputs and
fitted to nothing but the deviations. Each member is fitted without some of the sitters; the
residual standard deviations come from them, and so do the odds of a slouch at each severity
(`odds.py`):

    "odds": {"forward": LINE, "aside": LINE, "tilt": LINE}      in each view; "aside" (the severity
        of the tilt) not from the side, "tilt" (its share of the threshold) with a mesh; without,
        "line" (the measured line's share)
    LINE: {"at_limit": ..., "per_severity": ..., "per_limit": ...}

The weights of a layer, (members, below, above), are packed.

Rows, members and the random numbers are fixed: the same tables give the same file. Real people and
the sitters of the validation are not used here.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from odds import GREY, THRESHOLDS_DEG, TILT, fit_odds, log_odds_of
from pairs import (
    ALONE,
    NEAR,
    NEAR_SITTERS,
    RENDERED,
    SHARES,
    SHOWN,
    SITTERS,
    TABLES,
    USUAL_SITTERS,
    Pair,
    read_hidden,
    read_pairs,
    weights_of,
)

from posturecam.posture.angle_model import MODEL_FORMAT
from posturecam.posture.invariants import (
    INVARIANTS,
    with_mesh_invariants,
    with_outline_invariants,
)
from posturecam.posture.observe import PLAIN_LOG_ODDS
from posturecam.values.observation import ANGLES, View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posturecam.posture.invariants import MakesInvariants

DATA = Path(__file__).parent / "data"
ANGLE_COLUMNS = tuple(f"{angle}_deg" for angle in ANGLES)
STEEPNESS = 4.0
"""Of the severities around the threshold, so that they decide what is not close."""
SOFTNESS = 0.2
"""Of the loss of the severities, in their own unit."""


@dataclass(frozen=True)
class Recipe:
    """How one ensemble is fitted.

    Attributes:
        hidden: units of each hidden layer.
        steps: of the descent.
        batch: rows a step.
        noise: standard deviation added to the scaled inputs.
        mesh_noise: the same for those of face mesh and outline. With more than the pose has, no
            witness is believed alone: the real man who slides far back is seen by the pose.
        members: of the ensemble.
        recall: what it counts to miss a slouch, forward and to the side, where to see one that is
            none counts 1. Upright pictures are the more frequent, and count less each. None for
            angles alone, without severities.
        rounding: share of a threshold up to which the loss of an angle is quadratic; it is linear
            beyond.
        decay: of the weights.
        rate: of the descent where it is fastest.
    """

    hidden: tuple[int, ...]
    steps: int
    batch: int
    noise: float
    mesh_noise: float
    members: int
    recall: tuple[float, float] | None
    rounding: float = 0.35
    decay: float = 1e-4
    rate: float = 0.003


@dataclass(frozen=True)
class Part:
    """What of the model document is fitted by itself.

    Attributes:
        name: in the document, and of its columns in `held_out.npz`.
        view: of the camera.
        invariants: the inputs.
        deciding: of the functions that decide.
        showing: of those of the angles that are shown; None where the others show them, too.
        has_mesh: whether only poses with a face mesh are judged by it. Without, from the front, the
            shoulder line is measured.
    """

    name: str
    view: View
    invariants: MakesInvariants
    deciding: Recipe
    showing: Recipe | None
    has_mesh: bool

    @property
    def sitters(self) -> tuple[str, ...]:
        """The tables of our own sitters that it is fitted on."""
        return SITTERS if self.has_mesh else USUAL_SITTERS

    @property
    def tilt_is_measured(self) -> bool:
        """Whether the shoulder tilt is the line in the picture."""
        return self.view is View.FRONT and not self.has_mesh

    def sees(self, pair: Pair) -> bool:
        """Whether all inputs are known."""
        readings, _ = self.invariants(pair.now, pair.baseline)
        return bool(np.isfinite(readings).all())


MESH = Recipe((64, 48, 32), 20000, 256, 0.1, 0.25, 10, (2.0, 1.5))
OUTLINE = replace(MESH, mesh_noise=0.1)
"""Of what decides where there is an outline, too: with three witnesses none has to be noisier."""
MESH_ALONE = Recipe(
    (64, 48, 32), 8000, 256, 0.1, 0.1, 8, None, rounding=0.05, decay=3e-5, rate=0.006
)
"""Of the angles that are shown, with a mesh. No verdict pays for trusting it as much as the pose,
nor for a loss that is hardly rounded."""
ASIDE = Recipe((32, 16), 5000, 128, 0.2, 0.2, 8, (1.0, 1.0))
FRONT_PARTS = (
    Part(
        "front",
        View.FRONT,
        INVARIANTS[View.FRONT],
        Recipe((64, 48, 32), 12000, 256, 0.1, 0.0, 16, (2.0, 1.5)),
        None,
        has_mesh=False,
    ),
    Part("with_mesh", View.FRONT, with_mesh_invariants, MESH, MESH_ALONE, has_mesh=True),
    Part("with_outline", View.FRONT, with_outline_invariants, OUTLINE, MESH_ALONE, has_mesh=True),
)
"""The later ones see more; each stands in the document in the one before."""
PARTS = (
    *FRONT_PARTS,
    Part(
        "three-quarter",
        View.THREE_QUARTER,
        INVARIANTS[View.THREE_QUARTER],
        ASIDE,
        None,
        has_mesh=False,
    ),
    Part(
        "side",
        View.SIDE,
        INVARIANTS[View.SIDE],
        ASIDE,
        Recipe((32, 16), 5000, 128, 0.3, 0.3, 8, None, rounding=0.05),
        has_mesh=False,
    ),
)


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
        pairs: (n,) of which pair each row is a reading.
    """

    inputs: NDArray[np.float64]
    truths_deg: NDArray[np.float64]
    line_deg: NDArray[np.float64]
    people: NDArray[np.int64]
    kinds: NDArray[np.str_]
    weights: NDArray[np.float64]
    is_copy: NDArray[np.bool_]
    pairs: NDArray[np.int64]


def numbered(pairs: list[Pair]) -> dict[str, int]:
    """A number for each sitter of `pairs`."""
    return {name: number for number, name in enumerate(dict.fromkeys(p.person for p in pairs))}


def tabulate(
    pairs: list[Pair],
    weights: NDArray[np.float64],
    invariants: MakesInvariants,
    people: dict[str, int],
) -> Rows:
    """The readings of all pairs, with the true deviations as the readings show them."""
    inputs: list[NDArray[np.float64]] = []
    truths_deg: list[NDArray[np.float64]] = []
    line_deg: list[float] = []
    others: list[tuple[int, str, float, bool, int]] = []
    for number, (pair, weight) in enumerate(zip(pairs, weights, strict=True)):
        readings, signs = invariants(pair.now, pair.baseline)
        if np.isfinite(readings).all():
            inputs += list(readings)
            truths_deg += list(pair.truth_deg * signs)
            turned_deg = pair.now.shoulder_tilt_deg - pair.baseline.shoulder_tilt_deg
            line_deg += list(turned_deg * signs[:, TILT])
            one = people[pair.person], pair.kind, float(weight), pair.is_copy, number
            others += [one] * len(readings)
    columns = (np.array(column) for column in zip(*others, strict=True))
    return Rows(np.array(inputs), np.array(truths_deg), np.array(line_deg), *columns)


class Ensemble:
    """Scaled inputs and tanh layers, for all members at once.

    The outputs are the five angles in units of their thresholds and, unless it is of angles alone,
    the two severities less one.
    """

    def __init__(self, rows: Rows, recipe: Recipe, noise: NDArray[np.float32]) -> None:
        self.rows, self.recipe, self.noise = rows, recipe, noise
        severities = () if recipe.recall is None else (STEEPNESS, STEEPNESS)
        self.output_units = np.append(THRESHOLDS_DEG, severities)
        self.random = np.random.default_rng(0)
        self.centre = np.median(rows.inputs, axis=0)
        self.low, self.high = np.percentile(rows.inputs, [0.5, 99.5], axis=0)
        self.scale = np.clip(rows.inputs, self.low, self.high).std(axis=0)
        sizes = [rows.inputs.shape[1], *recipe.hidden, len(self.output_units)]
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
        chosen = np.empty((recipe.steps, recipe.members, recipe.batch), np.int64)
        for member in range(recipe.members):
            seen = np.flatnonzero(self.rows.people % recipe.members != member)
            until = np.cumsum(self.rows.weights[seen])
            drawn = self.random.uniform(0, until[-1], (recipe.steps, recipe.batch))
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
            noisy = scaled[chosen] + self.noise * noise
            share = step / len(batches)
            rate = self.recipe.rate * min(1.0, share / 0.1) * (1 + np.cos(np.pi * share)) / 2
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

        The loss is the mean error of the angles, rounded at the bottom, plus, unless it is of
        angles alone, the logistic loss of the severities where the truth is not grey. For the tilt
        grey is not slouched: real people sit a few degrees askew as few rendered ones do.
        """
        values = self.layers(scaled)
        angles, severities = np.split(values[-1], [len(ANGLES)], axis=-1)
        error = (angles - targets) / np.float32(self.recipe.rounding)
        slope = error / np.sqrt(1 + error**2) / len(ANGLES)
        if self.recipe.recall is not None:
            worst = np.stack([targets[..., :4].max(axis=-1), np.abs(targets[..., 4])], axis=-1)
            side = np.where(worst < [GREY, 1], -1, np.where(worst < 1, 0, self.recipe.recall))
            side = side.astype(np.float32)
            wrong = 1 / (1 + np.exp(np.sign(side) * severities / np.float32(SOFTNESS)))
            slope = np.concatenate([slope, -side * wrong], axis=-1)
        slope /= scaled.shape[1]
        weights, biases = [], []
        for index in reversed(range(len(self.weights))):
            before = values[index].swapaxes(1, 2)
            weights.append(before @ slope + np.float32(self.recipe.decay) * self.weights[index])
            biases.append(slope.sum(axis=1, keepdims=True))
            if index > 0:
                slope = (slope @ self.weights[index].swapaxes(1, 2)) * (1 - values[index] ** 2)
        return [*reversed(weights), *reversed(biases)]

    def unseen(
        self, inputs: NDArray[np.float64], people: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """For each row what the member says that did not see its sitter.

        Returns:
            (rows, 5) degrees, and (rows, 2) severities, or (rows, 0) of angles alone.
        """
        outputs = self.layers(self.scaled(inputs)[None])[-1].astype(np.float64) * self.output_units
        mine = outputs[people % self.recipe.members, np.arange(len(people))]
        return mine[:, : len(ANGLES)], 1 + mine[:, len(ANGLES) :]

    def as_document(
        self, residual_sd_deg: NDArray[np.float64], odds: dict[str, dict[str, float]]
    ) -> dict[str, Any]:
        """The part of the model document for one view."""
        ranges = zip(self.centre, self.scale, self.low, self.high, strict=True)
        return {
            "residual_sd_deg": short(residual_sd_deg),
            "odds": odds,
            "inputs": [
                dict(zip(("centre", "scale", "low", "high"), short(row), strict=True))
                for row in ranges
            ],
            "layers": self.as_layers(),
        }

    def as_layers(self) -> list[dict[str, Any]]:
        """The layers, in the units of the outputs."""
        layers = [
            {"weights": weights, "bias": bias[:, 0]}
            for weights, bias in zip(self.weights, self.biases, strict=True)
        ]
        layers[-1] = {name: part * self.output_units for name, part in layers[-1].items()}
        layers[-1]["bias"][:, len(ANGLES) :] += 1
        return [
            {"weights": packed(layer["weights"]), "bias": short(layer["bias"])} for layer in layers
        ]


def packed(weights: NDArray[np.floating]) -> str:
    """Base64 of float32, lowest byte first: as numbers in the text they are slow to read."""
    return base64.b64encode(weights.astype("<f4").tobytes()).decode("ascii")


def short(numbers: Any) -> Any:
    """Nested lists of numbers with four significant digits."""
    if np.ndim(numbers) > 0:
        return [short(number) for number in numbers]
    return float(f"{numbers:.4g}")


@dataclass(frozen=True)
class Fitted:
    """One ensemble, and what its members say of our sitters whom they have not seen.

    Attributes:
        part: of the model document.
        columns: of the table of those pictures.
    """

    part: dict[str, Any]
    columns: dict[str, NDArray[Any]]


def fit_verdict(data: Path, part: Part) -> Fitted:
    """Fit what decides and print how its members do on the sitters that they have not seen."""
    pairs = read_pairs(data, part.view, part.sitters, has_mesh=part.has_mesh)
    people = numbered(pairs)
    weights = weights_of(pairs, ALONE if part.tilt_is_measured else SHARES)
    rows = tabulate(pairs, weights, part.invariants, people)
    ensemble = Ensemble(rows, part.deciding, noise_of(part, pairs[0], part.deciding)).descend()
    chosen = ~rows.is_copy
    estimates_deg, severities = ensemble.unseen(rows.inputs[chosen], rows.people[chosen])
    truths_deg = rows.truths_deg[chosen]
    if part.tilt_is_measured:
        estimates_deg[:, TILT] = rows.line_deg[chosen]
    residuals = estimates_deg - truths_deg
    told = errors_told(part.name, people, residuals)
    of = rows.weights[chosen] > 0
    odds = fit_odds(
        part.view,
        severities[of],
        estimates_deg[of],
        truths_deg[of],
        rows.kinds[chosen][of],
        tilt_is_measured=part.tilt_is_measured,
    )
    told += [f"  odds {way}: {line}" for way, line in odds.items()]
    print("\n".join(told), flush=True)
    unseen = held_out(pairs, rows.pairs[chosen], estimates_deg, severities)
    unseen["log_odds"] = held_out_odds(odds, unseen)
    hidden = read_hidden(data, part.view, part.sitters, has_mesh=part.has_mesh)
    if part in FRONT_PARTS:
        finer = FRONT_PARTS[FRONT_PARTS.index(part) + 1 :]
        hidden = [pair for pair in hidden if not any(one.sees(pair) for one in finer)]
    hidden = [pair for pair in hidden if pair.person in people and part.sees(pair)]
    if hidden:
        plain = plain_slouches(ensemble, hidden, people, part.invariants, odds)
        unseen = {name: np.concatenate([column, plain[name]]) for name, column in unseen.items()}
    return Fitted(ensemble.as_document(sd_of(residuals), odds), unseen)


def fit_angles(data: Path, part: Part) -> Fitted:
    """Fit the ensemble of the angles that are shown; print likewise."""
    if part.showing is None:
        raise ValueError(f"{part.name}: the angles are those of the functions that decide")
    pairs = read_pairs(data, part.view, part.sitters)
    people = numbered(pairs)
    rows = tabulate(pairs, weights_of(pairs, SHOWN), part.invariants, people)
    ensemble = Ensemble(rows, part.showing, noise_of(part, pairs[0], part.showing)).descend()
    chosen = ~rows.is_copy
    estimates_deg, severities = ensemble.unseen(rows.inputs[chosen], rows.people[chosen])
    residuals = estimates_deg - rows.truths_deg[chosen]
    print("\n".join(errors_told(f"{part.name}, shown", people, residuals)), flush=True)
    columns = held_out(pairs, rows.pairs[chosen], estimates_deg, severities)
    document = {"residual_sd_deg": short(sd_of(residuals)), "showing": ensemble.as_layers()}
    return Fitted(document, {name: columns[name] for name in ("picture", *ANGLE_COLUMNS)})


def noise_of(part: Part, pair: Pair, recipe: Recipe) -> NDArray[np.float32]:
    """(inputs,) what is added to each."""
    pose_inputs = INVARIANTS[part.view](pair.now, pair.baseline)[0].shape[1]
    inputs = part.invariants(pair.now, pair.baseline)[0].shape[1]
    noise = np.full(inputs, recipe.mesh_noise, np.float32)
    noise[:pose_inputs] = recipe.noise
    return noise


def with_angles(fitted: Fitted, shown: Fitted) -> Fitted:
    """The same verdicts with the angles that are shown; what has none comes last and keeps it."""
    pictures = len(shown.columns["picture"])
    if not (fitted.columns["picture"][:pictures] == shown.columns["picture"]).all():
        raise ValueError("the two ensembles are of other pictures")
    columns = {
        name: np.append(shown.columns[name], fitted.columns[name][pictures:])
        for name in ANGLE_COLUMNS
    }
    return Fitted(fitted.part | shown.part, fitted.columns | columns)


def errors_told(name: str, people: dict[str, int], residuals: NDArray[np.float64]) -> list[str]:
    """The lines that say how far off the members are."""
    told = [f"{name}: {len(people)} sitters; of those not seen:"]
    for angle, error in zip(ANGLES, np.abs(residuals).mean(axis=0), strict=True):
        told.append(f"  {angle:14} mean absolute error {error:.2f} degrees")
    return told


def sd_of(residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    """(5,) about zero."""
    return np.asarray(np.sqrt((residuals**2).mean(axis=0)))


def plain_slouches(
    ensemble: Ensemble,
    hidden: list[Pair],
    people: dict[str, int],
    invariants: MakesInvariants,
    odds: dict[str, dict[str, float]],
) -> dict[str, NDArray[Any]]:
    """Those of the poses that nothing is fitted on which are plainly slouched; no angle is told."""
    rows = tabulate(hidden, np.zeros(len(hidden)), invariants, people)
    unseen = held_out(hidden, rows.pairs, *ensemble.unseen(rows.inputs, rows.people))
    unseen["log_odds"] = held_out_odds(odds, unseen)
    plain = unseen["log_odds"] >= PLAIN_LOG_ODDS
    unseen |= {name: np.full(len(plain), np.nan) for name in ANGLE_COLUMNS}
    return {name: part[plain] for name, part in unseen.items()}


def held_out_odds(
    odds: dict[str, dict[str, float]], unseen: dict[str, NDArray[Any]]
) -> NDArray[np.float64]:
    """Of the pictures of `held_out`, which keeps its severities for this alone."""
    return log_odds_of(odds, unseen.pop("severities"), unseen["shoulder_tilt_deg"])


def held_out(
    pairs: list[Pair],
    of_pair: NDArray[np.int64],
    estimates_deg: NDArray[np.float64],
    severities: NDArray[np.float64],
) -> dict[str, NDArray[Any]]:
    """The pictures of our own sitters: name, mean estimates, and mean severities of the readings.

    The tilt is the mean of the first reading and the other turned round, as a mirror does.
    """
    rendered = np.array([pairs[number].sort in (RENDERED, NEAR) for number in of_pair.tolist()])
    numbers, first, places = np.unique(of_pair[rendered], return_index=True, return_inverse=True)
    readings = np.bincount(places)

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(places, values[rendered]) / readings)

    columns = {name: mean(estimates_deg[:, i]) for i, name in enumerate(ANGLE_COLUMNS)}
    signs = np.full(len(places), -1.0)
    signs[first] = 1.0
    tilts_deg = np.bincount(places, signs * estimates_deg[rendered, TILT]) / readings
    columns["shoulder_tilt_deg"] = np.asarray(tilts_deg)
    return {
        "picture": np.array([pairs[number].picture for number in numbers.tolist()]),
        "severities": np.array([mean(one) for one in severities.T]).T,
        **columns,
    }


def fit_all(data: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The model document of all views, and the table of sitters that members had not seen.

    The ensembles are fitted side by side, each by one thread: the products are small, and threads
    that wait for each other on a busy machine take ten times as long.
    """
    os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    with ProcessPoolExecutor(2 * len(PARTS), get_context("spawn")) as pool:
        verdicts = {part.name: pool.submit(fit_verdict, data, part) for part in PARTS}
        shown = {part.name: pool.submit(fit_angles, data, part) for part in PARTS if part.showing}
        fitted = {name: future.result() for name, future in verdicts.items()}
        fitted |= {
            name: with_angles(fitted[name], future.result()) for name, future in shown.items()
        }
    unseen = {
        f"{name}/{column}": values if values.dtype.kind == "U" else values.astype(np.float32)
        for name, one in fitted.items()
        for column, values in one.columns.items()
    }
    for coarse, fine in pairwise(FRONT_PARTS):
        fitted[coarse.name].part[fine.name] = fitted[fine.name].part
    views = {view: fitted[view].part for view in View}
    return {
        "format": MODEL_FORMAT,
        "about": "Written by calibration/fit.py; synthetic truth. Inputs: invariants, see "
        "posturecam/posture/invariants.py; outputs: degrees, then the severities; of showing, "
        "where there is that, degrees alone. low and high bound the fitted range.",
        "angles": list(ANGLES),
        "thresholds_deg": short(THRESHOLDS_DEG),
        "fitted_on_sha256": {
            f"{name}.npz": hashlib.sha256((data / f"{name}.npz").read_bytes()).hexdigest()
            for name in (*SITTERS, NEAR_SITTERS, *TABLES)
        },
        "views": views,
    }, unseen


def main() -> None:
    """Fit all views and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).resolve().parents[1] / "posturecam" / "data" / "angle_model.json"
    parser.add_argument("--output", type=Path, default=default)
    arguments = parser.parse_args()
    document, unseen = fit_all(DATA)
    text = json.dumps(document, separators=(",", ":")).replace('{"weights"', '\n{"weights"')
    arguments.output.write_text(text + "\n", encoding="utf-8")
    errors = {view: part["residual_sd_deg"] for view, part in document["views"].items()}
    arguments.output.with_name("angle_errors.json").write_text(json.dumps(errors) + "\n", "utf-8")
    np.savez_compressed(DATA / "held_out.npz", allow_pickle=False, **unseen)


if __name__ == "__main__":
    main()
