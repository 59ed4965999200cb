"""Whether a baseline still fits, while nothing says whether the camera was tilted."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from posturecam.pose.measures import measure, position_of
from posturecam.posture.mismatch import MismatchMemory, step
from posturecam.posture.observe import observe
from posturecam.values.observation import BaselineMismatch, Observation, UnknownReason, View
from tests.fakes import sitter
from tests.sitters import baseline_of, detection

BASELINE = baseline_of(measure(sitter()))
HOME = position_of(BASELINE.centre, BASELINE.view)


def observed(y_px: float) -> Observation:
    """Somebody upright whose shoulders are so high in the picture."""
    return observe(detection(sitter(y_px=y_px)), BASELINE)


@pytest.mark.parametrize(
    ("observation", "in_place", "mismatch"),
    [
        (Observation(t_s=0.0, view=View.FRONT, unknown_reason=UnknownReason.NOBODY), False, None),
        (observed(330.0), True, None),
        (observed(430.0), False, BaselineMismatch.LOWER),
        (observed(260.0), False, BaselineMismatch.HIGHER),
        (
            replace(
                observed(330.0),
                position=replace(
                    HOME,
                    shoulder_y=HOME.shoulder_y + 0.2 * HOME.scale,
                    head_ratio=HOME.head_ratio + 0.15,
                ),
            ),
            True,
            None,
        ),
    ],
    ids=["nobody", "as before", "lower", "higher", "shoulders alone"],
)
def test_a_lid_is_in_doubt_until_somebody_sits_as_before(
    observation: Observation, mismatch: BaselineMismatch | None, *, in_place: bool
) -> None:
    """An empty chair proves nothing; head and shoulders that went together are the lid or not."""
    memory, judged, told = step(MismatchMemory(), observation, gap_s=3.0, doubted=HOME)

    assert (memory.in_place, judged.mismatch, told) == (in_place, mismatch, None)
    assert math.isclose(memory.off_s, 0.0)
