"""From a severity to the odds of a slouch, fitted on sitters that the functions had not seen.

The log-odds are a line in the severity. They are those of a world in which each kind of scene
(single changes, two changes, sliding) is as frequent as the others, and as many pictures of each
are slouched as are not, since nobody knows how often a user slouches; then even odds are where the
balanced share of right verdicts is largest. Tilts are nearly all single changes, so for them all
pictures count alike. Grey pictures are neither; but a tilt in the grey zone
is not slouched, as in `fit.Ensemble.slopes`.

Where the shoulders tilt and the head stays, one of them was raised, or an arm was, or the trunk
was turned. So the lines of such a tilt know how far apart the hands are and how far the face has
turned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from posturecam.posture.angle_model import head_stays
from posturecam.values.observation import ANGLES, View
from posturecam.values.settings import Thresholds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

GREY = 0.6
"""From this share of a threshold to the whole of it the truth is neither right nor wrong."""
THRESHOLDS_DEG = np.array(Thresholds().values_deg())
NEAR = 0.4, 1.6
"""Shares of a threshold between which a severity grows about evenly."""
STEPS = 30
"""Of Newton's method; ten are enough."""
TILT = ANGLES.index("shoulder_tilt")
MARGIN = 0.1
"""Less for a shoulder alone than calibrated. It is the least with which one scene of our own
sitters to fit on, not three, has a false alarm more than by the lesser odds; the next that makes a
difference, 0.7, takes away what is won."""


@dataclass(frozen=True)
class Besides:
    """What a picture shows besides the tilt of the shoulders, (n,) each.

    Attributes:
        head_shift: see `invariants.head_shift`.
        hands_apart: see `pose.measures.hands_apart`.
        turn: see `angle_model.Estimate.turn`.
    """

    head_shift: NDArray[np.float64]
    hands_apart: NDArray[np.float64]
    turn: NDArray[np.float64]

    def __getitem__(self, chosen: Any) -> Besides:
        return Besides(self.head_shift[chosen], self.hands_apart[chosen], self.turn[chosen])

    def is_alone(self, tilt_deg: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(n,) whether the head stays, as the program asks."""
        return np.asarray(np.vectorize(head_stays, otypes=[bool])(tilt_deg, self.head_shift))

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """What the odds of a shoulder alone lose, by the name in the model document."""
        return {"per_hand": -self.hands_apart, "per_turn": -self.turn}


def fit_odds(
    view: View,
    severities: NDArray[np.float64],
    estimates_deg: NDArray[np.float64],
    truths_deg: NDArray[np.float64],
    kinds: NDArray[np.str_],
    *,
    besides: Besides | None = None,
) -> dict[str, dict[str, float]]:
    """The lines of one view, as the model document has them.

    From the front there is one line for the severity of the tilt and one for its share of its
    threshold. Where that is estimated, the program takes the lesser odds, since real people sit a
    few degrees askew as few rendered ones do, and their heads with them; where the head stays, and
    where it is measured in the picture, the mean. From the side no tilt can be seen.

    Args:
        view: whose odds.
        severities: (n, 2) of the forward angles and of the tilt, of sitters not seen.
        estimates_deg: (n, 5) deviations as estimated.
        truths_deg: (n, 5) true deviations.
        kinds: (n,) of scene.
        besides: the tilt, of poses with a mesh; without, from the front, the tilt is the shoulder
            line in the picture.
    """
    shares = truths_deg / THRESHOLDS_DEG
    forward, aside = shares[:, :TILT].max(axis=1), np.abs(shares[:, TILT])
    worst = np.maximum(forward, aside)
    told = (worst >= 1) | (worst < GREY)
    by_kind, alike = balancing(worst, kinds), balancing(worst, np.full(len(worst), ""))
    is_grey = (forward >= GREY) & (forward < 1)
    odds = {"forward": fit_line(severities[:, 0], forward, told & ~is_grey, by_kind)}
    if view is not View.SIDE:
        odds["aside"] = fit_line(severities[:, 1], aside, told | ~is_grey, alike)
    if view is View.FRONT:
        tilt = np.abs(estimates_deg[:, TILT]) / THRESHOLDS_DEG[TILT]
        if besides is None:
            odds["line"] = fit_line(tilt, aside, told | ~is_grey, alike, growth=1.0)
            return odds
        odds["tilt"] = fit_line(tilt, aside, told | ~is_grey, alike)
        alone = (told | ~is_grey) & besides.is_alone(estimates_deg[:, TILT])
        for way, severity in (("alone_aside", severities[:, 1]), ("alone_tilt", tilt)):
            line = fit_line(severity, aside, alone, alike, besides=besides.columns())
            odds[way] = line | {"at_limit": round(line["at_limit"] - MARGIN, 3)}
    return odds


def log_odds_of(
    odds: dict[str, dict[str, float]],
    severities: NDArray[np.float64],
    tilt_deg: NDArray[np.float64],
    besides: Besides | None = None,
) -> NDArray[np.float64]:
    """(n,) what the program makes of them at the thresholds of the fit."""
    columns = besides.columns() if besides is not None else {}

    def by(way: str, severity: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        line = odds.get(way)
        if line is None:
            return []
        found = line["at_limit"] + line["per_severity"] * (severity - 1)
        return [found + sum(line[name] * of for name, of in columns.items() if name in line)]

    share = np.abs(tilt_deg) / THRESHOLDS_DEG[TILT]
    aside = severities[:, 1]
    of_tilt = by("aside", aside) + by("line", share) + by("tilt", share)
    ways = by("forward", severities[:, 0])
    if of_tilt:
        join = np.mean if "line" in odds else np.min
        ways.append(join(of_tilt, axis=0))
    if besides is not None:
        alone = np.mean(by("alone_aside", aside) + by("alone_tilt", share), axis=0)
        ways[-1] = np.where(besides.is_alone(tilt_deg), alone, ways[-1])
    return np.asarray(np.max(ways, axis=0))


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
    besides: Mapping[str, NDArray[np.float64]] | None = None,
) -> dict[str, float]:
    """One line: logistic regression of whether the true `share` of a threshold is 1 and more.

    Thresholds that are higher move the line as far as the severity grows with the true share, so
    that who doubles them is slouched at twice the deviation. `growth` is known of what is measured.
    What stands `besides` is fitted along.
    """
    besides = besides or {}
    others = [column[told] for column in besides.values()]
    inputs = np.stack([np.ones(told.sum()), severity[told] - 1, *others], axis=1)
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
        **{name: round(float(size), 3) for name, size in zip(besides, line[2:], strict=True)},
    }
