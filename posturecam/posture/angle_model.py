"""Measures now and at calibration -> deviations of the five angles, in degrees.

From the front the shoulder line lies in the picture plane, but for a trunk that is turned or a
camera above or below it; the sagittal angles are inferred from how head and shoulders moved and
grew. Each view has its own invariants of the pair (`invariants`) and an ensemble of small fitted
functions of them, stored with their valid range and their residual error in
`data/angle_model.json` (written by calibration/fit.py). From the front there is a second one for
poses with a face mesh, and a third for those with the sitter's outline besides. They give the
angles and, beside them, how severe the pose is: on which side of the thresholds it lies. The least
error draws angles towards zero where the picture is ambiguous; the severities were fitted to
nothing but the side. So the angles are shown and the severities decide, as odds that were
calibrated on sitters whom the functions had not seen.

What makes the severities right for real people makes the angles worse: many bent copies, noise, a
loss with weights. So with a face mesh, and from the side, the angles that are shown come from
functions of their own, fitted to nothing but them; those of the others stay behind the odds.

Moving the chair changes sizes and heights together; the fit has seen that, and pictures that are
only enlarged or shifted, as "no deviation".
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from posturecam.base.errors import InstallationError
from posturecam.base.language import Sentence
from posturecam.posture.invariants import (
    INVARIANTS,
    with_mesh_invariants,
    with_outline_invariants,
)
from posturecam.values.observation import ANGLES, Deviations, View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.resources.abc import Traversable

    from numpy.typing import NDArray

    from posturecam.pose.measures import Measures
    from posturecam.posture.invariants import MakesInvariants
    from posturecam.values.settings import Thresholds

_MODEL_FILE = resources.files("posturecam") / "data" / "angle_model.json"
MODEL_FORMAT = 8
"""Version of `data/angle_model.json`."""
_FINER = {"with_mesh": with_mesh_invariants, "with_outline": with_outline_invariants}
"""Names of what stands within a view of the document and sees more of a pose, with its
invariants."""
_TILT = ANGLES.index("shoulder_tilt")
_SEVERITIES = 2
"""Outputs behind the angles: of the forward angles together, and of the shoulder tilt."""
_MISFIT = Sentence("the sizes or ranges of the angle model do not fit together")


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one pose shows beside a baseline.

    Attributes:
        deviations: the angles that are shown, with the standard deviation of each; from the front,
            without a face mesh, the shoulder tilt is the line in the picture, measured.
        judged_deg: (5,) the same by the functions that decide; the odds rest on these.
        inputs: (n,) the invariants of the pose, held in the fitted range and of unit spread.
        severities: of the forward angles together, and of the shoulder tilt; 1 about at the
            thresholds that they were fitted to.
        odds: the lines that make log-odds of them, by their names in the model document.
    """

    deviations: Deviations
    judged_deg: Sequence[float]
    inputs: NDArray[np.float32] = field(repr=False, compare=False)
    severities: tuple[float, float]
    odds: Mapping[str, _Odds]


def estimate(now: Measures, baseline: Measures, view: View) -> Estimate | None:
    """How far the pose `now` is from `baseline`; None when a measure that is needed is missing.

    Outside the range of poses that the model was fitted on the inputs are held at its edge and the
    standard deviations grow.
    """
    return load_model()[view].estimate(now, baseline)


def deviations(now: Measures, baseline: Measures, view: View) -> Deviations:
    """The angles alone; all are NaN where there is no estimate."""
    found = estimate(now, baseline, view)
    return Deviations() if found is None else found.deviations


def slouch_log_odds(found: Estimate, view: View, thresholds: Thresholds) -> float:
    """Log-odds that the pose is slouched by `thresholds`: 0 is as likely as not.

    They are calibrated for as many slouched pictures as others, and are those of leaning forward or
    of the shoulder tilt, whichever is the likelier.

    Args:
        found: the pose.
        view: from where it is seen.
        thresholds: by which it is slouched or not.
    """
    return load_model()[view].log_odds(found, thresholds.values_deg())


@dataclass(frozen=True, slots=True)
class _Odds:
    """A fitted line from a severity to log-odds.

    Attributes:
        at_limit: log-odds where the severity is 1 and the thresholds are those of the fit.
        per_severity: what each unit of severity adds.
        per_limit: what is taken off where the thresholds in force are twice those of the fit; as
            much as a whole threshold of deviation adds.
    """

    at_limit: float
    per_severity: float
    per_limit: float

    def log_odds(self, severity: float, limit_ratio: float) -> float:
        by_severity = self.per_severity * (severity - 1)
        return self.at_limit + by_severity - self.per_limit * (limit_ratio - 1)


@dataclass(frozen=True, slots=True)
class _Ensemble:
    """Fitted functions, each fitted without some of the sitters: layers with tanh between.

    Attributes:
        weights: of each layer but the last, (members, below, above).
        biases: the same, (members, 1, above).
        last_weights: of the last layers of all members, one below the other and divided by their
            number, so that one product gives the mean.
        last_bias: mean of theirs.
    """

    weights: list[NDArray[np.float32]]
    biases: list[NDArray[np.float32]]
    last_weights: NDArray[np.float32]
    last_bias: NDArray[np.float32]

    def means(self, inputs: NDArray[np.float32], signs: NDArray[np.float64]) -> list[float]:
        """Each output, the mean over all members and readings.

        Args:
            inputs: (readings, inputs) scaled.
            signs: (readings, 5) that the angles take; they are the first outputs, in degrees.
        """
        layer = inputs
        for weights, bias in zip(self.weights, self.biases, strict=True):
            layer = np.tanh(layer @ weights + bias)
        by_reading = layer.swapaxes(0, 1).reshape(len(inputs), -1)
        outputs = by_reading @ self.last_weights + self.last_bias
        outputs[:, : len(ANGLES)] *= signs
        means: list[float] = outputs.mean(axis=0).tolist()
        return means


@dataclass(frozen=True, slots=True)
class _ViewModel:
    """The fitted functions of one view, and the range of the invariants that they were fitted on.

    Attributes:
        deciding: whose outputs are the angles and the severities.
        showing: whose outputs are the angles that are shown; None where those of `deciding` are.
        finer: the functions to use where both poses show what they see besides.
    """

    invariants: MakesInvariants
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    deciding: _Ensemble
    showing: _Ensemble | None
    residual_sd_deg: list[float]
    thresholds_deg: list[float]
    odds: dict[str, _Odds]
    finer: _ViewModel | None

    def estimate(self, now: Measures, baseline: Measures) -> Estimate | None:
        if self.finer is not None:
            found = self.finer.estimate(now, baseline)
            if found is not None:
                return found
        readings, signs = self.invariants(now, baseline)
        if not np.isfinite(readings).all():
            return None
        held = np.minimum(np.maximum(readings, self.low), self.high)
        outside = float((np.abs(readings - held) / self.scale).max())
        inputs = ((held - self.centre) / self.scale).astype(np.float32)
        *judged_deg, forward, aside = self.deciding.means(inputs, signs)
        tilt_is_measured = "line" in self.odds
        if tilt_is_measured:
            judged_deg[_TILT] = now.shoulder_tilt_deg - baseline.shoulder_tilt_deg
        shown_deg = judged_deg if self.showing is None else self.showing.means(inputs, signs)
        grown = math.hypot(1.0, outside)
        sds_deg = [sd_deg * grown for sd_deg in self.residual_sd_deg]
        return Estimate(
            Deviations.from_arrays(shown_deg, sds_deg, tilt_is_measured=tilt_is_measured),
            judged_deg,
            inputs[0],
            (forward, aside),
            self.odds,
        )

    def log_odds(self, found: Estimate, limits_deg: Sequence[float]) -> float:
        angles_deg = found.judged_deg
        forward, aside = found.severities
        forward_ratio = _limit_ratio(
            angles_deg[:_TILT], self.thresholds_deg[:_TILT], limits_deg[:_TILT]
        )
        tilt_ratio = limits_deg[_TILT] / self.thresholds_deg[_TILT]
        ways = [found.odds["forward"].log_odds(forward, forward_ratio)]
        share = abs(angles_deg[_TILT]) / self.thresholds_deg[_TILT]
        severity_of = {"aside": aside, "line": share, "tilt": share}
        of_tilt = [
            found.odds[way].log_odds(severity, tilt_ratio)
            for way, severity in severity_of.items()
            if way in found.odds
        ]
        join = fmean if "line" in found.odds else min
        return max([*ways, *([join(of_tilt)] if of_tilt else [])])


def _limit_ratio(
    angles_deg: Sequence[float], fitted_deg: Sequence[float], limits_deg: Sequence[float]
) -> float:
    """How many times as high as in the fit the thresholds in force are, for this pose.

    That is its largest share of a fitted threshold over its largest share of one in force: a
    threshold that was changed matters where its angle stands out.
    """
    shares = [deg / limit_deg for deg, limit_deg in zip(angles_deg, fitted_deg, strict=True)]
    in_force = max(deg / limit_deg for deg, limit_deg in zip(angles_deg, limits_deg, strict=True))
    if in_force > 0:
        return max(shares) / in_force
    first = shares.index(max(shares))  # leaning back everywhere
    return limits_deg[first] / fitted_deg[first]


@cache
def model_version(file: Traversable = _MODEL_FILE) -> str:
    """Names the fitted functions that ship with the program: the beginning of their SHA-256.

    Raises:
        InstallationError: the file is missing.
    """
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    except OSError as error:
        raise InstallationError(
            Sentence("The angle model {file} is missing: {why}.", file=file, why=error),
            Sentence("Reinstall posturecam."),
        ) from error


@cache
def load_model(file: Traversable = _MODEL_FILE) -> dict[View, _ViewModel]:
    """The fitted functions that ship with the program, read once.

    Raises:
        InstallationError: the file is missing or damaged.
    """
    try:
        return parse_model(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InstallationError(
            Sentence("The angle model {file} is missing or damaged: {why}.", file=file, why=error),
            Sentence("Reinstall posturecam."),
        ) from error


def parse_model(document: dict[str, Any]) -> dict[View, _ViewModel]:
    """The fitted functions of all views out of the model document.

    Raises:
        ValueError: another format, angles in another order, or sizes that do not fit together.
        KeyError: a part is missing.
    """
    if document["format"] != MODEL_FORMAT or document["angles"] != list(ANGLES):
        raise ValueError(Sentence("not an angle model of this version"))
    thresholds_deg = _finite(document["thresholds_deg"])
    return {
        view: _parse_view(document["views"][view], INVARIANTS[view], thresholds_deg)
        for view in View
    }


def _finite(values: object) -> NDArray[np.float64]:
    result = np.array(values, dtype=np.float64)
    if not np.isfinite(result).all():
        raise ValueError(Sentence("a number of the angle model is not finite"))
    return result


def _parse_view(
    part: dict[str, Any],
    invariants: MakesInvariants,
    thresholds_deg: NDArray[np.float64],
) -> _ViewModel:
    names = ("centre", "scale", "low", "high")
    centre, scale, low, high = (_finite([row[name] for row in part["inputs"]]) for name in names)
    if not (scale > 0).all() or not (low <= high).all():
        raise ValueError(_MISFIT)
    showing = part.get("showing")
    return _ViewModel(
        invariants=invariants,
        centre=centre,
        scale=scale,
        low=low,
        high=high,
        deciding=_parse_ensemble(part["layers"], len(centre), len(ANGLES) + _SEVERITIES),
        showing=showing and _parse_ensemble(showing, len(centre), len(ANGLES)),
        residual_sd_deg=_finite(part["residual_sd_deg"]).tolist(),
        thresholds_deg=thresholds_deg.tolist(),
        odds={way: _parse_odds(line) for way, line in part["odds"].items()},
        finer=next(
            (
                _parse_view(part[name], finer, thresholds_deg)
                for name, finer in _FINER.items()
                if name in part
            ),
            None,
        ),
    )


def _parse_ensemble(layers: list[dict[str, Any]], inputs: int, outputs: int) -> _Ensemble:
    biases = [_finite(layer["bias"]) for layer in layers]
    members = len(biases[-1])
    sizes = [inputs, *(bias.shape[-1] for bias in biases)]
    if sizes[-1] != outputs or any(
        bias.shape != (members, above) for bias, above in zip(biases, sizes[1:], strict=True)
    ):
        raise ValueError(_MISFIT)
    weights = [
        _unpacked(layer["weights"], (members, *shape))
        for layer, shape in zip(layers, pairwise(sizes), strict=True)
    ]
    return _Ensemble(
        weights=weights[:-1],
        biases=[bias[:, None].astype(np.float32) for bias in biases[:-1]],
        last_weights=weights[-1].reshape(-1, outputs) / np.float32(members),
        last_bias=biases[-1].mean(axis=0).astype(np.float32),
    )


def _unpacked(text: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The weights of one layer, base64 of float32, lowest byte first.

    As numbers in the text they took a tenth of a second and 2 MB more.
    """
    weights = np.frombuffer(base64.b64decode(text, validate=True), np.dtype("<f4"))
    if weights.size != math.prod(shape) or not np.isfinite(weights).all():
        raise ValueError(_MISFIT)
    return weights.reshape(shape).astype(np.float32)


def _parse_odds(line: dict[str, float]) -> _Odds:
    names = ("at_limit", "per_severity", "per_limit")
    return _Odds(*_finite([line[name] for name in names]).tolist())
