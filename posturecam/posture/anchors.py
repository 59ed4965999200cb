"""Poses that the sitter has labelled: how they move the verdict near them, and nowhere else.

Pure. An anchor says that one change from the baseline is no slouch of this person, or that it is
theirs. A Gaussian process over the scaled inputs of the angle model carries that to poses near by:
its value is what the severity is to be moved by, none at the baseline itself, and never more than
`MOST_PULL`, so that no label hides a clear slouch (calibration/report.md, "Personal anchors").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from posturecam.values.reasons import Lesson

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from numpy.typing import NDArray

    from posturecam.pose.measures import Measures
    from posturecam.values.observation import View

LENGTH = 1.5
"""Of the radial kernel, in standard deviations of the inputs; so far an anchor reaches."""
NOISE = 0.3
"""Standard deviation of a label, as a share of that of the correction."""
UPRIGHT_SEVERITY = -1.4
"""What the model gives an upright sitter; where a pose that is no slouch belongs."""
SLOUCHED_SEVERITY = 3.0
"""What it gives to slouches that are seen plainly; where one's own slouch belongs."""
MOST_PULL = 2.5
"""Largest correction of a severity. Of rendered false alarms nine in ten are less than this above
the threshold, and of rendered slouches two in three are more than this above it."""
MOST_FEEDBACK = 24
"""Poses kept that were no slouch; the oldest makes room."""


GUIDED = (Lesson.CHAIR_NEARER, Lesson.CHAIR_LOWER, Lesson.OWN_SLOUCH)
"""What is shown when asked for, in this order; one pose of each is kept, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One labelled pose, and the baseline that it is a change from.

    Both are kept as measures, so that any fitted function can make its own inputs of them and a
    later baseline does not turn the change into another one.

    Attributes:
        lesson: what it shows.
        view: from where the camera saw the sitter.
        pose: the measures of the pose.
        baseline: the measures of the baseline that was in use.
        model_sha256: the pose model that both came from.
        at: when, in UTC.
    """

    lesson: Lesson
    view: View
    pose: Measures
    baseline: Measures
    model_sha256: str
    at: datetime


class Judge(Protocol):
    """A fitted function of one view."""

    def judge(
        self, now: Measures, baseline: Measures
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(n,) scaled inputs and (v,) severities of a pose; NaN where a measure is missing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What anchors make of the severities of one fitted function.

    Attributes:
        places: (a, n) scaled inputs of the anchors.
        weights: (a, v) of their kernels, for each severity.
    """

    places: NDArray[np.float64]
    weights: NDArray[np.float64]

    def corrected(
        self, inputs: NDArray[np.float64], severities: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(v,) severities of a pose with these (n,) scaled inputs, moved by what was taught."""
        pull = _kernel(self.places - inputs) @ self.weights
        return np.asarray(severities + np.minimum(np.maximum(pull, -MOST_PULL), MOST_PULL))


def solve(anchors: Iterable[Anchor], judge: Judge) -> Correction | None:
    """The correction of the severities of `judge`; None where no anchor says anything to it.

    Only what contradicts a label is corrected: a pose that is no slouch is never made one, and a
    slouch never made less. The first severity is that of the angles that an own slouch is about.
    """
    places, residuals = [], []
    for anchor in anchors:
        inputs, severities = judge.judge(anchor.pose, anchor.baseline)
        upright, _ = judge.judge(anchor.baseline, anchor.baseline)
        if not (np.isfinite(inputs).all() and np.isfinite(upright).all()):
            continue
        if anchor.lesson is Lesson.OWN_SLOUCH:
            residual = np.zeros_like(severities)
            residual[0] = max(SLOUCHED_SEVERITY - severities[0], 0.0)
        else:
            residual = np.minimum(UPRIGHT_SEVERITY - severities, 0.0)
        places += [inputs, upright]
        residuals += [residual, np.zeros_like(severities)]
    if not np.any(residuals):
        return None
    at = np.array(places)
    covariance = _kernel(at[:, None] - at) + NOISE**2 * np.eye(len(at))
    weights = np.asarray(np.linalg.solve(covariance, np.array(residuals)), dtype=np.float64)
    return Correction(places=at, weights=weights)


def with_anchor(anchors: tuple[Anchor, ...], new: Anchor) -> tuple[Anchor, ...]:
    """All of them and `new`, the oldest first, without those that make room for it."""
    if new.lesson is Lesson.NO_SLOUCH:
        feedback = [one for one in anchors if one.lesson is Lesson.NO_SLOUCH]
        gone = feedback[: max(0, len(feedback) + 1 - MOST_FEEDBACK)]
    else:
        gone = [one for one in anchors if one.lesson is new.lesson]
    kept = [one for one in anchors if not any(one is other for other in gone)]
    return (*kept, new)


def usable(anchors: Iterable[Anchor], view: View, model_sha256: str) -> tuple[Anchor, ...]:
    """Those that can be compared with a baseline of this view and pose model."""
    return tuple(one for one in anchors if one.view is view and one.model_sha256 == model_sha256)


def _kernel(apart: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of differences in the last axis."""
    return np.asarray(np.exp((apart * apart).sum(axis=-1) / (-2 * LENGTH**2)))
