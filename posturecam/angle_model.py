"""Measures now and at calibration -> deviations of the five angles, in degrees.

From the front only the shoulder tilt lies in the picture plane; the sagittal angles are inferred
from how head and shoulders moved and grew. Each view has its own invariants of the pair
(now, baseline) - ratios of apparent sizes, shifts in shoulder widths, changes of direction - and a
small fitted function of them, stored with its valid range and its residual error in
`data/angle_model.json` (written by calibration/fit.py).

Zooming or shifting the picture itself changes no invariant that is a ratio; moving the chair
changes sizes and heights together, and the fit has seen it as "no deviation".
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from posturecam.errors import InstallationError
from posturecam.observation import ANGLES, Deviations, View

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from posturecam.angles import Measures

_MODEL_FILE = resources.files("posturecam") / "data" / "angle_model.json"
MODEL_FORMAT = 1
"""Version of `data/angle_model.json`."""
_LEAST_SUNK = 0.03
_MOST_SUNK = 0.053
_MOST_SUNK_DEG = 20.0
"""Rigid moves and nods leave 0.027 shoulder widths (sd) of the height of the ears over the
shoulders unexplained. Sinking by 0.044 of that height counts as 12 degrees of neck inclination."""

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
        _log_ratio(now.mouth_width, baseline.mouth_width),
        _log_ratio(now.mouth_y - now.eye_y, baseline.mouth_y - baseline.eye_y),
        _over(now.shoulder_y - baseline.shoulder_y, baseline.shoulder_width),
        _over(now.ear_y - baseline.ear_y, baseline.shoulder_width),
        _neck_height(now) - _neck_height(baseline),
        _change(now, baseline, lambda it: _over(it.shoulder_y - it.mouth_y, it.shoulder_width)),
        _change(now, baseline, lambda it: _over(it.shoulder_y - it.ear_y, it.head_size)),
        _eye_nod(now) - _eye_nod(baseline),
        _nose_nod(now) - _nose_nod(baseline),
        _change(now, baseline, lambda it: _over(it.mouth_y - it.ear_y, it.head_size)),
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
        _change(now, baseline, lambda it: _over(it.mouth_x - it.ear_x, it.head_size)),
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


def sinking_terms(now: Measures, baseline: Measures) -> tuple[NDArray[np.float64], float]:
    """The head sinking towards the shoulders, and what a rigid move or a nod has to do with it.

    Returns:
        The (15,) terms of which a rigid move is a weighted sum (size, drop, nod and turn of the
        head, each as such and by where the camera is), and the height of the ears over the
        shoulders, in shoulder widths, less that of the baseline.
    """
    move = [
        _log_ratio(now.shoulder_width, baseline.shoulder_width),
        _over(now.shoulder_y - baseline.shoulder_y, baseline.shoulder_width),
        _eye_nod(now) - _eye_nod(baseline),
        _nose_nod(now) - _nose_nod(baseline),
        (now.facing - baseline.facing) ** 2,
    ]
    camera = [1.0, _nose_nod(baseline), _neck_height(baseline)]
    return np.outer(move, camera).ravel(), _neck_height(now) - _neck_height(baseline)


def deviations(now: Measures, baseline: Measures, view: View) -> Deviations:
    """How far the pose `now` is from `baseline`, with the standard deviation of each estimate.

    All are NaN when a measure that the view needs is missing. Outside the range of poses that the
    model was fitted on the inputs are held at its edge and the standard deviations grow.
    """
    model = load_model()
    estimate = model.views[view].estimate(now, baseline)
    if view is not View.FRONT or not math.isfinite(estimate.neck_deg):
        return estimate
    sunk_deg = _sunk_neck_deg(now, baseline, model.sinking)
    if sunk_deg <= max(estimate.neck_deg, 0.0):
        return estimate
    return replace(estimate, neck_deg=sunk_deg)


def _sunk_neck_deg(now: Measures, baseline: Measures, weights: NDArray[np.float64]) -> float:
    """Inclination of the neck, from the head sunk towards the shoulders.

    Rendered sitters hardly bow their heads when they slide down; real ones do, and the fitted
    function takes them for reclined. Only a head that also went down, not nearer, is read so, and
    only from a camera that is not so low that reclining alone hides the neck.
    """
    terms, change = sinking_terms(now, baseline)
    sunk = (float(terms @ weights) - change) / _neck_height(baseline)
    lower = _over(now.ear_y - baseline.ear_y, baseline.shoulder_width)
    nearer = _log_ratio(now.shoulder_width, baseline.shoulder_width)
    trust = _ramp(lower, 0.06, 0.10) * _ramp(-nearer, -0.06, -0.02)
    trust *= _ramp(_nose_nod(baseline), 0.02, 0.06)
    return _MOST_SUNK_DEG * _ramp(sunk, _LEAST_SUNK, _MOST_SUNK) * trust


def _ramp(value: float, none: float, full: float) -> float:
    return min(max((value - none) / (full - none), 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class _ViewModel:
    """The fitted function of one view: invariants, scaled, through layers with tanh between."""

    invariants: Callable[[Measures, Measures], Invariants]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    weights: list[NDArray[np.float64]]
    biases: list[NDArray[np.float64]]
    residual_sd_deg: NDArray[np.float64]

    def estimate(self, now: Measures, baseline: Measures) -> Deviations:
        readings, signs = self.invariants(now, baseline)
        if not np.isfinite(readings).all():
            return Deviations()
        held = np.minimum(np.maximum(readings, self.low), self.high)
        outside = float((np.abs(readings - held) / self.scale).max())
        layer = (held - self.centre) / self.scale
        for weights, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layer = np.tanh(layer @ weights + bias)
        angles = (layer @ self.weights[-1] + self.biases[-1]) * signs
        sd_deg = self.residual_sd_deg * math.hypot(1.0, outside)
        return Deviations.from_arrays(angles.mean(axis=0), sd_deg)


@dataclass(frozen=True, slots=True)
class AngleModel:
    """What `data/angle_model.json` holds.

    Attributes:
        views: the fitted function of each view.
        sinking: (15,) weights of `sinking_terms` for moves that do not bend the back.
    """

    views: dict[View, _ViewModel]
    sinking: NDArray[np.float64]


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
def load_model() -> AngleModel:
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


def parse_model(document: dict[str, Any]) -> AngleModel:
    """The fitted functions of all views out of the model document.

    Raises:
        ValueError: another format, angles in another order, or sizes that do not fit together.
        KeyError: a part is missing.
    """
    if document["format"] != MODEL_FORMAT or document["angles"] != list(ANGLES):
        raise ValueError("not an angle model of this version")
    sinking = _finite(document["sinking"]["weights"])
    if sinking.shape != (15,):
        raise ValueError("the sinking weights of the angle model are not 15 numbers")
    views = {view: _parse_view(document["views"][view], INVARIANTS[view]) for view in View}
    return AngleModel(views, sinking)


def _finite(values: object) -> NDArray[np.float64]:
    result = np.array(values, dtype=np.float64)
    if not np.isfinite(result).all():
        raise ValueError("a number of the angle model is not finite")
    return result


def _parse_view(
    part: dict[str, Any],
    invariants: Callable[[Measures, Measures], Invariants],
) -> _ViewModel:
    names = ("centre", "scale", "low", "high")
    centre, scale, low, high = (_finite([row[name] for row in part["inputs"]]) for name in names)
    weights = [_finite(layer["weights"]) for layer in part["layers"]]
    biases = [_finite(layer["bias"]) for layer in part["layers"]]
    sizes = [len(centre), *(len(bias) for bias in biases)]
    fits = all(w.shape == shape for w, shape in zip(weights, pairwise(sizes), strict=True))
    if not fits or sizes[-1] != len(ANGLES) or not (scale > 0).all() or not (low <= high).all():
        raise ValueError("the sizes or ranges of the angle model do not fit together")
    return _ViewModel(
        invariants, centre, scale, low, high, weights, biases, _finite(part["residual_sd_deg"])
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
