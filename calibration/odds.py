"""From a severity to the odds of a slouch, fitted on sitters that the functions had not seen.

The log-odds are a line in the severity. They are those of a world in which each kind of scene
(single changes, two changes, sliding) is as frequent as the others, and as many pictures of each
are slouched as are not, since nobody knows how often a user slouches; then even odds are where the
balanced share of right verdicts is largest. Tilts are nearly all single changes, so for them all
pictures count alike. Grey pictures are neither; but a tilt in the grey zone
is not slouched, as in `fit.Ensemble.slopes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posturecam.values.observation import ANGLES, View
from posturecam.values.settings import Thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray

GREY = 0.6
"""From this share of a threshold to the whole of it the truth is neither right nor wrong."""
THRESHOLDS_DEG = np.array(Thresholds().values_deg())
NEAR = 0.4, 1.6
"""Shares of a threshold between which a severity grows about evenly."""
STEPS = 30
"""Of Newton's method; ten are enough."""
TILT = ANGLES.index("shoulder_tilt")


def fit_odds(
    view: View,
    severities: NDArray[np.float64],
    estimates_deg: NDArray[np.float64],
    truths_deg: NDArray[np.float64],
    kinds: NDArray[np.str_],
    *,
    tilt_is_measured: bool = False,
) -> dict[str, dict[str, float]]:
    """The lines of one view, as the model document has them.

    From the front there is one line for the severity of the tilt and one for its share of its
    threshold. Where that is estimated, the program takes the lesser odds, since real people sit a
    few degrees askew as few rendered ones do; both are raised until the lesser are what they say.
    Where it is measured in the picture, it takes the mean. From the side no tilt can be seen.

    Args:
        view: whose odds.
        severities: (n, 2) of the forward angles and of the tilt, of sitters not seen.
        estimates_deg: (n, 5) deviations as estimated.
        truths_deg: (n, 5) true deviations.
        kinds: (n,) of scene.
        tilt_is_measured: the estimated tilt is the shoulder line in the picture.
    """
    shares = truths_deg / THRESHOLDS_DEG
    forward, aside = shares[:, :TILT].max(axis=1), np.abs(shares[:, TILT])
    worst = np.maximum(forward, aside)
    told = (worst >= 1) | (worst < GREY)
    by_kind, alike = balancing(worst, kinds), balancing(worst, np.full(len(worst), ""))
    is_grey = (forward >= GREY) & (forward < 1)
    of_tilt = told | ~is_grey
    odds = {"forward": fit_line(severities[:, 0], forward, told & ~is_grey, by_kind)}
    if view is not View.SIDE:
        odds["aside"] = fit_line(severities[:, 1], aside, of_tilt, alike)
    if view is View.FRONT:
        tilt = np.abs(estimates_deg[:, TILT]) / THRESHOLDS_DEG[TILT]
        way, growth = ("line", 1.0) if tilt_is_measured else ("tilt", None)
        odds[way] = fit_line(tilt, aside, of_tilt, alike, growth=growth)
        if not tilt_is_measured:
            lesser = np.min([at(odds["aside"], severities[:, 1]), at(odds["tilt"], tilt)], axis=0)
            more = missing(lesser[of_tilt], aside[of_tilt] >= 1, alike[of_tilt])
            for line in (odds["aside"], odds["tilt"]):
                line["at_limit"] = round(line["at_limit"] + more, 3)
    return odds


def log_odds_of(
    odds: dict[str, dict[str, float]],
    severities: NDArray[np.float64],
    tilt_deg: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(n,) what the program makes of them at the thresholds of the fit."""
    aside, share = severities[:, 1], np.abs(tilt_deg) / THRESHOLDS_DEG[TILT]
    severity_of = {"forward": severities[:, 0], "aside": aside, "line": share, "tilt": share}
    found = {way: at(line, severity_of[way]) for way, line in odds.items()}
    ways = [found.pop("forward")]
    if found:
        join = np.mean if "line" in odds else np.min
        ways.append(join(list(found.values()), axis=0))
    return np.asarray(np.max(ways, axis=0))


def at(line: dict[str, float], severity: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) log-odds by a line, at the thresholds of the fit."""
    return np.asarray(line["at_limit"] + line["per_severity"] * (severity - 1))


def missing(
    log_odds: NDArray[np.float64], slouched: NDArray[np.bool_], weights: NDArray[np.float64]
) -> float:
    """What makes the likeliest log-odds of these (n,) when it is added to each."""
    more = 0.0
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-(log_odds + more)))
        more += float(weights @ (slouched - chance)) / float(weights @ (chance * (1 - chance)))
    return more


def balancing(worst: NDArray[np.float64], kinds: NDArray[np.str_]) -> NDArray[np.float64]:
    """(n,) weights by which each kind of scene counts as much, half of it slouched."""
    weights = np.zeros(len(worst))
    for kind in np.unique(kinds):
        slouched, others = (kinds == kind) & (worst >= 1), (kinds == kind) & (worst < 1)
        clear = others & (worst < GREY)
        weights[slouched], weights[others] = 1 / slouched.sum(), 1 / clear.sum()
    return np.asarray(weights * len(worst) / weights.sum())


def fit_line(
    severity: NDArray[np.float64],
    share: NDArray[np.float64],
    told: NDArray[np.bool_],
    weights: NDArray[np.float64],
    *,
    growth: float | None = None,
) -> dict[str, float]:
    """One line: logistic regression of whether the true `share` of a threshold is 1 and more.

    Thresholds that are higher move the line as far as the severity grows with the true share, so
    that who doubles them is slouched at twice the deviation. `growth` is known of what is measured.
    """
    inputs = np.stack([np.ones(told.sum()), severity[told] - 1], axis=1)
    slouched, weights = share[told] >= 1, weights[told]
    line = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-inputs @ line))
        slope = inputs.T @ (weights * (slouched - chance))
        bend = (inputs * (weights * chance * (1 - chance))[:, None]).T @ inputs
        line += np.linalg.solve(bend, slope)
    if growth is None:
        near = (share > NEAR[0]) & (share < NEAR[1])
        growth = np.polyfit(share[near], severity[near], 1)[0]
    return {
        "at_limit": round(float(line[0]), 3),
        "per_severity": round(float(line[1]), 3),
        "per_limit": round(float(line[1] * growth), 3),
    }
