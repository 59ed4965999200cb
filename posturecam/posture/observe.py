"""The pure stages in a row: a detection and a baseline in, an observation out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from posturecam.pose.measures import position_of
from posturecam.pose.sitter import find_candidate, raised_arm, why_not_judgeable
from posturecam.posture.angle_model import estimate, slouch_log_odds
from posturecam.posture.mismatch import find_mismatch, has_other_shape
from posturecam.posture.scenery import UNTURNED
from posturecam.values.observation import BaselineMismatch, Deviations, Observation, UnknownReason
from posturecam.values.settings import Thresholds

if TYPE_CHECKING:
    from posturecam.pose.measures import Measures
    from posturecam.posture.baseline import Baseline
    from posturecam.posture.scenery import CameraTurn
    from posturecam.values.observation import Detection


DEFAULT_THRESHOLDS = Thresholds()


def observe(
    detection: Detection,
    baseline: Baseline,
    turn: CameraTurn | None = UNTURNED,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> Observation:
    """What one frame shows of the calibrated sitter, as `look` says."""
    return look(detection, baseline, turn, thresholds)[0]


def look(
    detection: Detection,
    baseline: Baseline,
    turn: CameraTurn | None = UNTURNED,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> tuple[Observation, Measures | None]:
    """What one frame shows of the calibrated sitter, and the measures that this rests on.

    There are none where nobody can be judged.

    Args:
        detection: everybody in the frame.
        baseline: the sitter, upright.
        turn: how the camera has turned since the baseline; None for a camera that stands elsewhere.
        thresholds: by which it is slouched or not.
    """
    view = baseline.view
    sitter = find_candidate(detection, baseline.centre, (turn or UNTURNED).put_back)
    if isinstance(sitter, UnknownReason):
        mismatch = BaselineMismatch.ELSEWHERE if sitter is UnknownReason.ELSEWHERE else None
        return Observation(
            t_s=detection.t_s, view=view, unknown_reason=sitter, mismatch=mismatch
        ), None
    now = sitter.measures
    unknown_reason, mismatch = None, None
    if has_other_shape(now, baseline.centre):
        unknown_reason, mismatch = UnknownReason.OTHER_SHAPE, BaselineMismatch.SHAPE
    elif turn is None:
        unknown_reason, mismatch = UnknownReason.STALE, BaselineMismatch.CAMERA
    if unknown_reason is not None:
        return Observation(
            t_s=detection.t_s, view=view, unknown_reason=unknown_reason, mismatch=mismatch
        ), None
    position = position_of(now, view)
    if unknown_reason := why_not_judgeable(now, baseline.centre, view) or raised_arm(
        sitter.landmarks, view
    ):
        return Observation(
            t_s=detection.t_s, view=view, unknown_reason=unknown_reason, position=position
        ), None
    found = estimate(now, baseline.centre, view)
    if found is not None:
        found = baseline.personal.corrected(found)
    deviations = Deviations() if found is None else found.deviations
    return Observation(
        t_s=detection.t_s,
        view=view,
        deviations=deviations,
        slouch_log_odds=math.nan if found is None else slouch_log_odds(found, view, thresholds),
        position=position,
        mismatch=find_mismatch(now, baseline.centre, view, deviations),
    ), now
