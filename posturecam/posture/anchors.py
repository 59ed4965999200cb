"""Poses that the sitter has labelled: how they move the verdict near them, and nowhere else.

Pure. An anchor says that one change from the baseline is no slouch of this person, or that it is
theirs. A Gaussian process over the scaled inputs of the angle model carries that to poses near by:
its value is what the severity is to be moved by, none at the baseline itself, and never more than
`MOST_PULL`, so that no label hides a clear slouch (calibration/report.md, "Personal anchors").
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from posturecam.pose.measures import MESH_MEASURES, OUTLINE_MEASURES
from posturecam.posture.angle_model import estimate
from posturecam.values.reasons import Lesson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from numpy.typing import NDArray

    from posturecam.pose.measures import Measures
    from posturecam.posture.angle_model import Estimate
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
"""Largest correction of a severity: nine in ten rendered false alarms do not come again, and of the
slouches that are seen three in four are still seen though somebody says that they were none."""
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
        model_sha256: the models that both came from, `landmarks_sha256`.
        at: when, in UTC.
    """

    lesson: Lesson
    view: View
    pose: Measures
    baseline: Measures
    model_sha256: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What anchors make of the severities of one fitted function.

    Attributes:
        places: (a, n) scaled inputs of the anchors.
        weights: (a, 2) of their kernels, for each severity.
    """

    places: NDArray[np.float64] = field(repr=False)
    weights: NDArray[np.float64] = field(repr=False)

    def corrected(self, found: Estimate) -> Estimate:
        """The same angles with severities moved by what was taught."""
        pull = _kernel(self.places - found.inputs) @ self.weights
        pull = np.minimum(np.maximum(pull, -MOST_PULL), MOST_PULL).tolist()
        forward, aside = (s + p for s, p in zip(found.severities, pull, strict=True))
        return replace(found, severities=(forward, aside))


@dataclass(frozen=True, slots=True, eq=False)
class Personal:
    """What a person was labelled with, solved for each fitted function.

    Attributes:
        corrections: by the number of inputs, which tells the functions of a view apart.
    """

    corrections: Mapping[int, Correction]

    def corrected(self, found: Estimate) -> Estimate:
        """The estimate with the severities of this person; as it is where nothing was taught."""
        correction = self.corrections.get(len(found.inputs))
        return found if correction is None else correction.corrected(found)


NOTHING_TAUGHT = Personal({})
"""Of somebody who labelled nothing."""


def personal_of(anchors: Iterable[Anchor], view: View, model_sha256: str) -> Personal:
    """What those of the anchors that fit this view and pose model make of severities.

    Functions without inputs from face mesh or outline learn from the same poses.
    """
    fitting = usable(anchors, view, model_sha256)
    pairs = [(anchor.lesson, anchor.pose, anchor.baseline) for anchor in fitting]
    corrections: dict[int, Correction] = {}
    # Functions that see less come last: then each has learned from all poses, also from those that
    # do not show what the others see.
    for unseen in ((), OUTLINE_MEASURES, (*MESH_MEASURES, *OUTLINE_MEASURES)):
        labelled = [
            (lesson, _without(pose, unseen), _without(baseline, unseen))
            for lesson, pose, baseline in pairs
        ]
        by_size: dict[int, list[Labelled]] = {}
        for lesson, pose, baseline in labelled:
            found, upright = estimate(pose, baseline, view), estimate(baseline, baseline, view)
            # Where only one of the two shows the mesh, say, they are compared without it.
            if found is None or upright is None or len(found.inputs) != len(upright.inputs):
                continue
            of_size = by_size.setdefault(len(found.inputs), [])
            of_size.append(Labelled(lesson, found, upright))
        for size, rows in by_size.items():
            if (correction := solve(rows)) is not None:
                corrections[size] = correction
    return Personal(corrections)


class Labelled(NamedTuple):
    """A labelled pose, and its baseline beside itself, as one fitted function sees them."""

    lesson: Lesson
    found: Estimate
    upright: Estimate


def solve(labelled: Iterable[Labelled]) -> Correction | None:
    """The correction by poses of one fitted function; None where they say nothing new to it.

    Only what contradicts a label is corrected: a pose that is no slouch is never made one, and a
    slouch never made less. An own slouch is one of the forward angles.
    """
    places, residuals = [], []
    for lesson, found, upright in labelled:
        forward, aside = found.severities
        if lesson is Lesson.OWN_SLOUCH:
            residual = (max(SLOUCHED_SEVERITY - forward, 0.0), 0.0)
        else:
            residual = (min(UPRIGHT_SEVERITY - forward, 0.0), min(UPRIGHT_SEVERITY - aside, 0.0))
        places += [found.inputs, upright.inputs]
        residuals += [residual, (0.0, 0.0)]
    if not np.any(residuals):
        return None
    at = np.array(places, dtype=np.float64)
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


def _without(measures: Measures, unseen: Iterable[str]) -> Measures:
    return replace(measures, **dict.fromkeys(unseen, math.nan))


def _kernel(apart: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of differences in the last axis."""
    return np.asarray(np.exp((apart * apart).sum(axis=-1) / (-2 * LENGTH**2)))
