"""Today's zero: how the sitter sits upright today, as an offset beside their baseline.

Pure. People never sit down twice the same: their own comfortable pose comes back with 9 to 10
degrees of spread (Healthcare 2021;9:1685). Five upright seconds take that out for the day; the
baseline stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from posturecam.pose.measures import Measures
from posturecam.pose.sitter import why_not_judgeable
from posturecam.posture.angle_model import estimate, slouch_log_odds
from posturecam.posture.mismatch import find_mismatch, has_other_shape
from posturecam.posture.state import threshold_ratios

if TYPE_CHECKING:
    from datetime import datetime

    from posturecam.posture.baseline import Baseline
    from posturecam.values.settings import Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class Zero:
    """An offset from a baseline.

    Attributes:
        at: when it was taken, in UTC.
        baseline_taken_at: when the baseline was taken that it belongs to; it fits no other.
        offset: of each measure; NaN where it is not known.
    """

    at: datetime
    baseline_taken_at: datetime
    offset: Measures


def is_sitting_down_anew(upright: Measures, baseline: Baseline, thresholds: Thresholds) -> bool:
    """Whether `upright` is no further from `baseline` than one sits down again.

    A slump must not become the zero, nor a recline, which would make a slouch of sitting up: both
    are as far as the thresholds, which lie above the spread of re-sitting.
    """
    if has_other_shape(upright, baseline.centre):
        return False
    if why_not_judgeable(upright, baseline.centre, baseline.view) is not None:
        return False
    found = estimate(upright, baseline.centre, baseline.view)
    if found is None or slouch_log_odds(found, baseline.view, thresholds) >= 0:
        return False
    angles = found.deviations
    if find_mismatch(upright, baseline.centre, baseline.view, angles) is not None:
        return False
    return all(abs(ratio) < 1 for ratio in threshold_ratios(angles, thresholds).values())


def zero_of(upright: Measures, baseline: Baseline, at: datetime) -> Zero:
    """The zero of somebody who sits upright as in `upright`."""
    offset = upright.as_array() - baseline.centre.as_array()
    return Zero(at=at, baseline_taken_at=baseline.taken_at, offset=Measures.from_array(offset))


def with_zero(baseline: Baseline, zero: Zero) -> Baseline:
    """`baseline` as it is today; a measure that is not known of today stays."""
    offset = np.nan_to_num(zero.offset.as_array())
    return replace(baseline, centre=Measures.from_array(baseline.centre.as_array() + offset))
