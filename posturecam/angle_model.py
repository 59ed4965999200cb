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

import json
import math
from dataclasses import dataclass
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

MODEL_FORMAT = 1
"""Version of `data/angle_model.json`."""
_MIRRORED = np.array([1.0, 1.0, 1.0, 1.0, -1.0])
"""What a mirror does to the five angles: only the shoulder tilt changes its sign."""


def front_invariants(now: Measures, baseline: Measures) -> tuple[list[float], list[float]]:
    """What a front view says about the sagittal plane and the shoulder line.

    Returns:
        The invariants that a mirror leaves alone, then those that it turns round.
    """
    return (
        [
            _log_ratio(now.head_size, baseline.head_size),
            _log_ratio(now.shoulder_width, baseline.shoulder_width),
            _log_ratio(now.ear_width, baseline.ear_width),
            _log_ratio(now.eye_width, baseline.eye_width),
            _over(now.shoulder_y - baseline.shoulder_y, baseline.shoulder_width),
            _over(now.ear_y - baseline.ear_y, baseline.shoulder_width),
            _change(now, baseline, lambda it: _over(_neck(it), it.shoulder_width)),
            _change(now, baseline, lambda it: _over(_neck(it), it.head_size)),
            _change(now, baseline, lambda it: _over(it.eye_y - it.ear_y, it.head_size)),
            _change(now, baseline, lambda it: _over(it.nose_y - it.ear_y, it.head_size)),
            *_camera(baseline),
        ],
        [
            now.shoulder_tilt_deg - baseline.shoulder_tilt_deg,
            now.ear_tilt_deg - baseline.ear_tilt_deg,
            now.facing - baseline.facing,
            _change(now, baseline, lambda it: _over(it.ear_x - it.shoulder_x, it.shoulder_width)),
            _over(now.shoulder_x - baseline.shoulder_x, baseline.shoulder_width),
            _over(baseline.shoulder_x - 0.5, baseline.shoulder_width),
            baseline.facing,
        ],
    )


def side_invariants(now: Measures, baseline: Measures) -> tuple[list[float], list[float]]:
    """What a side or three-quarter view says, read in the direction in which the sitter faces.

    Returns:
        The invariants that a mirror leaves alone, then those that it turns round.
    """
    forward = math.copysign(1.0, baseline.facing)
    length = baseline.trunk_length
    return (
        [
            now.trunk_inclination_deg - baseline.trunk_inclination_deg,
            now.neck_inclination_deg - baseline.neck_inclination_deg,
            now.head_inclination_deg - baseline.head_inclination_deg,
            _log_ratio(now.trunk_length, baseline.trunk_length),
            _log_ratio(now.neck_length, baseline.neck_length),
            _log_ratio(now.head_size, baseline.head_size),
            _over(now.near_shoulder_y - baseline.near_shoulder_y, length),
            _over(now.near_hip_y - baseline.near_hip_y, length),
            forward * _over(now.near_shoulder_x - baseline.near_shoulder_x, length),
            forward * _over(now.near_hip_x - baseline.near_hip_x, length),
            forward * _over(now.ear_x - baseline.ear_x, length),
            _over(now.ear_y - baseline.ear_y, length),
            forward * _change(now, baseline, lambda it: _over(it.shoulder_width, it.trunk_length)),
        ],
        [
            forward * (_depth_tilt(now) - _depth_tilt(baseline)),
        ],
    )


def deviations(now: Measures, baseline: Measures, view: View) -> Deviations:
    """How far the pose `now` is from `baseline`, with the standard deviation of each estimate.

    All are NaN when a measure that the view needs is missing. Outside the range of poses that the
    model was fitted on the inputs are held at its edge and the standard deviations grow.
    """
    return _model()[view].estimate(now, baseline)


@dataclass(frozen=True, slots=True)
class _ViewModel:
    """The fitted function of one view: invariants, scaled, through layers with tanh between."""

    invariants: Callable[[Measures, Measures], tuple[list[float], list[float]]]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    weights: list[NDArray[np.float64]]
    biases: list[NDArray[np.float64]]
    residual_sd_deg: NDArray[np.float64]

    def estimate(self, now: Measures, baseline: Measures) -> Deviations:
        same, turned = self.invariants(now, baseline)
        raw = np.array([same + turned, same + [-value for value in turned]])
        if not np.isfinite(raw).all():
            return Deviations()
        held = np.minimum(np.maximum(raw, self.low), self.high)
        outside = float(np.abs((raw - held) / self.scale).max())
        layer = (held - self.centre) / self.scale
        for weights, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layer = np.tanh(layer @ weights + bias)
        straight, mirrored = layer @ self.weights[-1] + self.biases[-1]
        # Both ways of looking at the same pose count: a mirror can then not change a verdict.
        return Deviations.from_arrays(
            (straight + _MIRRORED * mirrored) / 2,
            self.residual_sd_deg * math.hypot(1.0, outside),
        )


_INVARIANTS = {
    View.FRONT: front_invariants,
    View.THREE_QUARTER: side_invariants,
    View.SIDE: side_invariants,
}


@cache
def _model() -> dict[View, _ViewModel]:
    source = resources.files("posturecam") / "data" / "angle_model.json"
    try:
        document = json.loads(source.read_text(encoding="utf-8"))
        return parse_model(document)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InstallationError(
            f"The angle model {source} is missing or damaged: {error}.", "Reinstall posturecam."
        ) from error


def parse_model(document: dict[str, Any]) -> dict[View, _ViewModel]:
    """The fitted functions of all views out of the model document.

    Raises:
        ValueError: another format, angles in another order, or sizes that do not fit together.
        KeyError: a part is missing.
    """
    if document["format"] != MODEL_FORMAT or document["angles"] != list(ANGLES):
        raise ValueError("not an angle model of this version")
    return {view: _parse_view(document["views"][view], _INVARIANTS[view]) for view in View}


def _parse_view(
    part: dict[str, Any],
    invariants: Callable[[Measures, Measures], tuple[list[float], list[float]]],
) -> _ViewModel:
    def array(values: object) -> NDArray[np.float64]:
        result = np.array(values, dtype=np.float64)
        if not np.isfinite(result).all():
            raise ValueError("a number of the angle model is not finite")
        return result

    names = ("centre", "scale", "low", "high")
    centre, scale, low, high = (array([row[name] for row in part["inputs"]]) for name in names)
    weights = [array(layer["weights"]) for layer in part["layers"]]
    biases = [array(layer["bias"]) for layer in part["layers"]]
    sizes = [len(centre), *(len(bias) for bias in biases)]
    fits = all(w.shape == shape for w, shape in zip(weights, pairwise(sizes), strict=True))
    if not fits or sizes[-1] != len(ANGLES) or not (scale > 0).all() or not (low <= high).all():
        raise ValueError("the sizes or ranges of the angle model do not fit together")
    return _ViewModel(
        invariants, centre, scale, low, high, weights, biases, array(part["residual_sd_deg"])
    )


def _camera(baseline: Measures) -> list[float]:
    """Where the camera is, as far as an upright sitter shows it: height, pitch and distance."""
    width = baseline.shoulder_width
    return [
        _over(baseline.ear_y - baseline.aspect / 2, width),
        _over(baseline.shoulder_y - baseline.aspect / 2, width),
        _over(width, baseline.head_size),
        _over(baseline.eye_y - baseline.ear_y, baseline.head_size),
        _over(baseline.nose_y - baseline.ear_y, baseline.head_size),
        _over(_neck(baseline), width),
    ]


def _neck(it: Measures) -> float:
    return it.shoulder_y - it.ear_y


def _depth_tilt(it: Measures) -> float:
    """Slope of the shoulder line over the whole width that a turned trunk hides in part."""
    return _over(it.shoulder_width * math.sin(math.radians(it.shoulder_tilt_deg)), it.trunk_length)


def _change(now: Measures, baseline: Measures, value: Callable[[Measures], float]) -> float:
    return value(now) - value(baseline)


def _over(value: float, length: float) -> float:
    return value / abs(length) if length else math.nan


def _log_ratio(now: float, before: float) -> float:
    return math.log(abs(now / before)) if now and before else math.nan
