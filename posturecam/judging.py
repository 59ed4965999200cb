"""The pure stages in a row: a detection and a baseline in, an observation out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.angle_model import deviations
from posturecam.angles import place_of
from posturecam.observation import Doubt, Misfit, Observation
from posturecam.sitter import find_candidate, raised_arm, why_not_judgeable
from posturecam.staleness import find_misfit

if TYPE_CHECKING:
    from posturecam.baseline import Baseline
    from posturecam.observation import Detection


def observe(detection: Detection, baseline: Baseline) -> Observation:
    """What one frame tells about the calibrated sitter."""
    view = baseline.view
    sitter = find_candidate(detection, baseline.centre)
    if isinstance(sitter, Doubt):
        misfit = Misfit.ELSEWHERE if sitter is Doubt.ELSEWHERE else None
        return Observation(t_s=detection.t_s, view=view, doubt=sitter, misfit=misfit)
    now = sitter.measures
    place = place_of(now, view)
    if doubt := why_not_judgeable(now, baseline.centre, view) or raised_arm(sitter.landmarks, view):
        return Observation(t_s=detection.t_s, view=view, doubt=doubt, place=place)
    found = deviations(now, baseline.centre, view)
    return Observation(
        t_s=detection.t_s,
        view=view,
        deviations=found,
        place=place,
        misfit=find_misfit(now, baseline.centre, view, found),
    )
