"""The pure stages in a row: a detection and a baseline in, an observation out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from posturecam.pose.in_doubt import find_in_doubt
from posturecam.pose.measures import position_of
from posturecam.pose.sitter import find_sitter, raised_arm, why_not_judgeable
from posturecam.posture.angle_model import estimate, slouch_log_odds
from posturecam.posture.mismatch import find_mismatch, has_other_shape
from posturecam.posture.scenery import UNTURNED
from posturecam.values.observation import BaselineMismatch, Deviations, Observation, UnknownReason
from posturecam.values.settings import Thresholds

if TYPE_CHECKING:
    from posturecam.pose.in_doubt import InDoubt
    from posturecam.pose.measures import Measures
    from posturecam.posture.angle_model import Estimate
    from posturecam.posture.baseline import Baseline
    from posturecam.posture.scenery import CameraTurn
    from posturecam.values.observation import Detection, View


DEFAULT_THRESHOLDS = Thresholds()
TURNED_LOG_ODDS = 0.9
"""Taken off the log-odds where the camera has turned since the baseline: the landmarks are put back
only to half a cell and by a guessed focal length, and the turn itself is a reason for head and
shoulders to be elsewhere. With it 3 of 246 upright rendered sitters before a tilted lid are called
slouched, by members that had not seen them, and as many slumps are seen as without; 2 % are allowed
(`python calibration/own_sitters.py --turned`; "Lesser odds before a turned camera" in
calibration/experiments.md)."""
TURNED_WHOLLY = 0.1
"""A turn by so many widths of the picture (5 to 7 degrees) takes off all of `TURNED_LOG_ODDS`, a
smaller one its share, so that the odds do not jump with the first half cell."""
PLAIN_LOG_ODDS = 4.0
"""Log-odds from which somebody is slouched though a part of the pose is in doubt: as likely as
somebody whose deviation is twice the threshold."""


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
    known_turn = turn or UNTURNED
    sitter = find_sitter(detection, baseline.centre, known_turn.put_back)
    if isinstance(sitter, UnknownReason):
        if turn is not None:
            doubted = find_in_doubt(detection, sitter, baseline.centre, turn.put_back)
            slouch = doubted and _plain_slouch(doubted, baseline, detection.t_s, turn, thresholds)
            if doubted and slouch:
                return slouch, doubted.sitter.measures
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
        slouch_log_odds=math.nan
        if found is None
        else _slouch_log_odds(found, view, known_turn, thresholds),
        position=position,
        mismatch=find_mismatch(now, baseline.centre, view, deviations),
    ), now


def turned_share(turn: CameraTurn) -> float:
    """The share of `TURNED_LOG_ODDS` that is taken off for such a turn: 0 to 1."""
    return min(math.hypot(turn.right, turn.down) / TURNED_WHOLLY, 1.0)


def _slouch_log_odds(
    found: Estimate, view: View, turn: CameraTurn, thresholds: Thresholds
) -> float:
    return slouch_log_odds(found, view, thresholds) - TURNED_LOG_ODDS * turned_share(turn)


def _plain_slouch(
    doubted: InDoubt, baseline: Baseline, t_s: float, turn: CameraTurn, thresholds: Thresholds
) -> Observation | None:
    """A slouch without degrees of somebody whom `find_sitter` refused; None where it is not plain.

    The angles that would be estimated of half a pose are off by twenty degrees and more.
    """
    now, view = doubted.sitter.measures, baseline.view
    found = estimate(now, baseline.centre, view)
    if found is None or has_other_shape(now, baseline.centre):
        return None
    found = baseline.personal.corrected(found)
    log_odds = _slouch_log_odds(found, view, turn, thresholds)
    if not log_odds >= PLAIN_LOG_ODDS:
        return None
    return Observation(
        t_s=t_s,
        view=view,
        deviations=Deviations(),
        slouch_log_odds=log_odds,
        position=position_of(now, view),
        mismatch=find_mismatch(now, baseline.centre, view, found.deviations),
        sign=doubted.sign,
    )
