"""Values that cannot be are refused where they are made."""

from __future__ import annotations

import numpy as np
import pytest

from posturecam.values.observation import (
    Deviations,
    Landmarks,
    Observation,
    UnknownReason,
    View,
)


@pytest.mark.parametrize(
    ("points", "coordinates", "visible", "named"),
    [(32, 3, 33, "points_px"), (33, 2, 33, "points_px"), (33, 3, 32, "visibility")],
)
def test_landmarks_are_33_points_each_with_its_visibility(
    points: int, coordinates: int, visible: int, named: str
) -> None:
    """Another model has others; nothing is judged by them."""
    with pytest.raises(ValueError, match=named):
        Landmarks(
            points_px=np.zeros((points, coordinates)),
            visibility=np.zeros(visible),
            image_width_px=640,
            image_height_px=480,
        )


@pytest.mark.parametrize(
    ("deviations", "unknown_reason"), [(None, None), (Deviations(), UnknownReason.NOBODY)]
)
def test_an_observation_has_angles_or_a_reason_why_not(
    deviations: Deviations | None, unknown_reason: UnknownReason | None
) -> None:
    """Never both, and never neither."""
    with pytest.raises(ValueError, match="either deviations or a reason"):
        Observation(t_s=0.0, view=View.FRONT, deviations=deviations, unknown_reason=unknown_reason)
