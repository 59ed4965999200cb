"""Measures now and at calibration -> deviations of the five angles, in degrees.

From the front only the shoulder tilt lies in the picture plane; the sagittal angles are inferred
from how head and shoulders moved and grew. Each view has its own invariants of the pair
(now, baseline) - ratios of apparent sizes, shifts in shoulder widths, changes of direction - and an
ensemble of small fitted functions of them, stored with their valid range and their residual error
in `data/angle_model.json` (written by calibration/fit.py). They give the angles and, beside them,
on which side of the thresholds the pose lies; `reconcile` makes the two agree.

Moving the chair changes sizes and heights together; the fit has seen that, and pictures that are
only enlarged or shifted, as "no deviation".
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from posturecam.base.errors import InstallationError
from posturecam.values.observation import ANGLES, Deviations, View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from posturecam.pose.measures import Measures

_MODEL_FILE = resources.files("posturecam") / "data" / "angle_model.json"
MODEL_FORMAT = 2
"""Version of `data/angle_model.json`."""
_TILT = ANGLES.index("shoulder_tilt")
_VERDICTS = 2
"""Severities behind the angles: of the forward angles together, and of the shoulder tilt."""
_CLEAR = 0.01
"""How far from the threshold a verdict leaves an estimate, as a share of the threshold."""
Invariants = tuple["NDArray[np.float64]", "NDArray[np.float64]"]
"""(r, n) readings of one pose, and for each the (5,) signs that its angles take."""


def front_invariants(now: Measures, baseline: Measures) -> Invariants:
    """What a front view says about the sagittal plane and the shoulder line.

    There are two readings, the pose and its mirror image: their mean cannot change under a mirror.
    """
    same = [
        _log_ratio(now.head_size, baseline.head_size),
        _log_ratio(now.shoulder_width, baseline.shoulder_width),
        _log_ratio(now.ear_width, baseline.ear_width),
        _log_ratio(now.eye_width, baseline.eye_width),
        _over(now.shoulder_y - baseline.shoulder_y, baseline.shoulder_width),
        _over(now.ear_y - baseline.ear_y, baseline.shoulder_width),
        _neck_height(now) - _neck_height(baseline),
        _change(now, baseline, lambda it: _over(it.shoulder_y - it.ear_y, it.head_size)),
        _eye_nod(now) - _eye_nod(baseline),
        _nose_nod(now) - _nose_nod(baseline),
        # Where the camera is, as far as an upright sitter shows it: height, pitch, distance.
        _over(baseline.ear_y - baseline.aspect / 2, baseline.shoulder_width),
        _over(baseline.shoulder_y - baseline.aspect / 2, baseline.shoulder_width),
        _over(baseline.shoulder_width, baseline.head_size),
        _eye_nod(baseline),
        _nose_nod(baseline),
        _neck_height(baseline),
    ]
    turned = [
        now.shoulder_tilt_deg - baseline.shoulder_tilt_deg,
        now.ear_tilt_deg - baseline.ear_tilt_deg,
        now.facing - baseline.facing,
        _change(now, baseline, lambda it: _over(it.ear_x - it.shoulder_x, it.shoulder_width)),
        _over(now.shoulder_x - baseline.shoulder_x, baseline.shoulder_width),
        _over(baseline.shoulder_x - 0.5, baseline.shoulder_width),
        baseline.facing,
    ]
    readings = np.array([same + turned, same + [-value for value in turned]])
    return readings, np.array([[1.0] * 5, [1.0, 1.0, 1.0, 1.0, -1.0]])


def side_invariants(now: Measures, baseline: Measures) -> Invariants:
    """What a side or three-quarter view says, read in the direction in which the sitter faces."""
    forward = math.copysign(1.0, baseline.facing)
    length = baseline.trunk_length
    reading = [
        now.trunk_inclination_deg - baseline.trunk_inclination_deg,
        now.neck_inclination_deg - baseline.neck_inclination_deg,
        now.head_inclination_deg - baseline.head_inclination_deg,
        forward * (now.facing - baseline.facing),
        _log_ratio(now.trunk_length, baseline.trunk_length),
        _log_ratio(now.neck_length, baseline.neck_length),
        _log_ratio(now.head_size, baseline.head_size),
        forward * _over(now.near_hip_x - baseline.near_hip_x, length),
        forward * _over(now.near_shoulder_x - baseline.near_shoulder_x, length),
        forward * _over(now.ear_x - baseline.ear_x, length),
        forward * _over(now.nose_x - baseline.nose_x, length),
        _over(now.near_hip_y - baseline.near_hip_y, length),
        _over(now.near_shoulder_y - baseline.near_shoulder_y, length),
        _over(now.ear_y - baseline.ear_y, length),
        _over(now.nose_y - baseline.nose_y, length),
        _change(now, baseline, lambda it: _over(it.shoulder_width, it.trunk_length)),
        forward * _change(now, baseline, lambda it: math.sin(math.radians(it.shoulder_tilt_deg))),
        abs(baseline.facing),
        _over(baseline.shoulder_width, length),
        baseline.trunk_inclination_deg,
        baseline.neck_inclination_deg,
    ]
    return np.array([reading]), np.array([[1.0, 1.0, 1.0, 1.0, forward]])


def deviations(now: Measures, baseline: Measures, view: View) -> Deviations:
    """How far the pose `now` is from `baseline`, with the standard deviation of each estimate.

    All are NaN when a measure that the view needs is missing. Outside the range of poses that the
    model was fitted on the inputs are held at its edge and the standard deviations grow.
    """
    return load_model()[view].estimate(now, baseline)


def reconcile(
    angles_deg: Sequence[float],
    severities: Sequence[float],
    thresholds_deg: Sequence[float],
    most_raised: Sequence[float],
) -> list[float]:
    """Estimates that agree with the verdicts that were fitted beside them.

    The least error draws estimates towards zero where the picture is ambiguous, so they pass their
    thresholds too seldom. The severities were fitted to nothing but on which side of the thresholds
    the truth lies. Where the two disagree, the estimates are multiplied so that the largest comes
    to lie on the side of the severity, no farther from the threshold than that; this is continuous
    in both. Negative forward angles (leaning back) stay as they are.

    Args:
        angles_deg: five estimates in the order of `ANGLES`.
        severities: largest share of its threshold, as the verdict sees it, of the forward angles
            and of the shoulder tilt.
        thresholds_deg: the five thresholds that they were fitted to.
        most_raised: the two largest factors, so that no verdict alone makes a deviation.

    Returns:
        Five angles in degrees.
    """
    ratios = [deg / limit_deg for deg, limit_deg in zip(angles_deg, thresholds_deg, strict=True)]
    ratios[_TILT] = abs(ratios[_TILT])
    forward = _factor(max(ratios[:_TILT]), severities[0], most_raised[0])
    aside = _factor(ratios[_TILT], severities[1], most_raised[1])
    factors = [aside if index == _TILT else forward for index in range(len(ratios))]
    return [
        deg * factor if ratio > 0 else deg
        for deg, ratio, factor in zip(angles_deg, ratios, factors, strict=True)
    ]


def _factor(worst: float, severity: float, most: float) -> float:
    """What brings the share `worst` of a threshold to the side of `severity`."""
    if worst <= 0:
        return 1.0
    held = min(max(worst, min(severity, 1 + _CLEAR)), max(severity, 1 - _CLEAR))
    return min(held / worst, most)


@dataclass(frozen=True, slots=True)
class _ViewModel:
    """The fitted functions of one view: invariants, scaled, through layers with tanh between.

    They are the members of an ensemble, each fitted without some of the sitters. The outputs are
    the angles in degrees and the severities; each is the mean over all members.

    Attributes:
        weights: of each layer but the last, (members, below, above).
        biases: the same, (members, 1, above).
        last_weights: of the last layers of all members, one below the other and divided by their
            number, so that one product gives the mean.
        last_bias: mean of theirs.
    """

    invariants: Callable[[Measures, Measures], Invariants]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    weights: list[NDArray[np.float32]]
    biases: list[NDArray[np.float32]]
    last_weights: NDArray[np.float32]
    last_bias: NDArray[np.float32]
    residual_sd_deg: list[float]
    thresholds_deg: list[float]
    most_raised: list[float]

    def estimate(self, now: Measures, baseline: Measures) -> Deviations:
        readings, signs = self.invariants(now, baseline)
        if not np.isfinite(readings).all():
            return Deviations()
        held = np.minimum(np.maximum(readings, self.low), self.high)
        outside = float((np.abs(readings - held) / self.scale).max())
        layer = ((held - self.centre) / self.scale).astype(np.float32)
        for weights, bias in zip(self.weights, self.biases, strict=True):
            layer = np.tanh(layer @ weights + bias)
        by_reading = layer.swapaxes(0, 1).reshape(len(readings), -1)
        outputs = by_reading @ self.last_weights + self.last_bias
        outputs[:, : len(ANGLES)] *= signs
        means = outputs.mean(axis=0).tolist()
        settled_deg = reconcile(
            means[: len(ANGLES)], means[len(ANGLES) :], self.thresholds_deg, self.most_raised
        )
        grown = math.hypot(1.0, outside)
        return Deviations.from_arrays(
            settled_deg, [sd_deg * grown for sd_deg in self.residual_sd_deg]
        )


INVARIANTS = {
    View.FRONT: front_invariants,
    View.THREE_QUARTER: side_invariants,
    View.SIDE: side_invariants,
}
"""The invariants of each view, in the order of the inputs in the model document."""


@cache
def model_version() -> str:
    """Names the fitted functions that ship with the program: the beginning of their SHA-256.

    Raises:
        InstallationError: the file is missing.
    """
    try:
        return hashlib.sha256(_MODEL_FILE.read_bytes()).hexdigest()[:12]
    except OSError as error:
        raise InstallationError(
            f"The angle model {_MODEL_FILE} is missing: {error}.", "Reinstall posturecam."
        ) from error


@cache
def load_model() -> dict[View, _ViewModel]:
    """The fitted functions that ship with the program, read once.

    Raises:
        InstallationError: the file is missing or damaged.
    """
    try:
        return parse_model(json.loads(_MODEL_FILE.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InstallationError(
            f"The angle model {_MODEL_FILE} is missing or damaged: {error}.",
            "Reinstall posturecam.",
        ) from error


def parse_model(document: dict[str, Any]) -> dict[View, _ViewModel]:
    """The fitted functions of all views out of the model document.

    Raises:
        ValueError: another format, angles in another order, or sizes that do not fit together.
        KeyError: a part is missing.
    """
    if document["format"] != MODEL_FORMAT or document["angles"] != list(ANGLES):
        raise ValueError("not an angle model of this version")
    thresholds_deg = _finite(document["thresholds_deg"])
    return {
        view: _parse_view(document["views"][view], INVARIANTS[view], thresholds_deg)
        for view in View
    }


def _finite(values: object) -> NDArray[np.float64]:
    result = np.array(values, dtype=np.float64)
    if not np.isfinite(result).all():
        raise ValueError("a number of the angle model is not finite")
    return result


def _parse_view(
    part: dict[str, Any],
    invariants: Callable[[Measures, Measures], Invariants],
    thresholds_deg: NDArray[np.float64],
) -> _ViewModel:
    names = ("centre", "scale", "low", "high")
    centre, scale, low, high = (_finite([row[name] for row in part["inputs"]]) for name in names)
    weights = [_finite(layer["weights"]) for layer in part["layers"]]
    biases = [_finite(layer["bias"]) for layer in part["layers"]]
    members = len(biases[-1])
    sizes = [len(centre), *(bias.shape[-1] for bias in biases)]
    shapes = [((members, below, above), (members, above)) for below, above in pairwise(sizes)]
    fits = [(w.shape, b.shape) for w, b in zip(weights, biases, strict=True)] == shapes
    fits &= sizes[-1] == len(ANGLES) + _VERDICTS
    if not fits or not (scale > 0).all() or not (low <= high).all():
        raise ValueError("the sizes or ranges of the angle model do not fit together")
    return _ViewModel(
        invariants=invariants,
        centre=centre,
        scale=scale,
        low=low,
        high=high,
        weights=[weight.astype(np.float32) for weight in weights[:-1]],
        biases=[bias[:, None].astype(np.float32) for bias in biases[:-1]],
        last_weights=(weights[-1].reshape(-1, sizes[-1]) / members).astype(np.float32),
        last_bias=biases[-1].mean(axis=0).astype(np.float32),
        residual_sd_deg=_finite(part["residual_sd_deg"]).tolist(),
        thresholds_deg=thresholds_deg.tolist(),
        most_raised=_finite(part["most_raised"]).tolist(),
    )


def _neck_height(it: Measures) -> float:
    return _over(it.shoulder_y - it.ear_y, it.shoulder_width)


def _eye_nod(it: Measures) -> float:
    return _over(it.eye_y - it.ear_y, it.head_size)


def _nose_nod(it: Measures) -> float:
    return _over(it.nose_y - it.ear_y, it.head_size)


def _change(now: Measures, baseline: Measures, value: Callable[[Measures], float]) -> float:
    return value(now) - value(baseline)


def _over(value: float, length: float) -> float:
    return value / abs(length) if length else math.nan


def _log_ratio(now: float, before: float) -> float:
    return math.log(abs(now / before)) if now and before else math.nan
