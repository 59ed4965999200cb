"""Which thresholds are in force, and that more sensitivity never means less."""

from __future__ import annotations

from dataclasses import astuple, fields, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.events import Alerted
from posturecam.observation import Doubt
from posturecam.settings import (
    LEAST_SCALE,
    PolicySettings,
    PostureSettings,
    Sensitivity,
    Settings,
    Thresholds,
)
from tests.desk import Scene, live

DEFAULT = Thresholds()
NAMES = [item.name for item in fields(Thresholds)]
RISING = (Sensitivity.LOW, Sensitivity.MEDIUM, Sensitivity.HIGH)
ONLY_SLOUCH = PolicySettings(unchanged_after_s=1e6, break_after_s=1e6)

thresholds = st.builds(Thresholds, **{name: st.floats(1, 90) for name in NAMES})


def in_force(asked: Settings, personal: Thresholds | None = None) -> Thresholds:
    """The thresholds that a watch goes by."""
    return asked.fitted(personal).posture.thresholds


def test_medium_is_the_default_and_changes_nothing() -> None:
    """The thresholds of the design, in force twice as well as once."""
    assert in_force(Settings()) == DEFAULT
    assert Settings(sensitivity=Sensitivity.HIGH).fitted().fitted() == (
        Settings(sensitivity=Sensitivity.HIGH).fitted()
    )


def test_high_is_stricter_and_low_is_more_lenient_for_every_angle() -> None:
    """And the limits of the most sensitive setting can still be detected."""
    low, medium, high = (astuple(in_force(Settings(sensitivity=each))) for each in RISING)

    for name, lenient_deg, middle_deg, strict_deg in zip(NAMES, low, medium, high, strict=True):
        assert lenient_deg > middle_deg > strict_deg >= LEAST_SCALE * getattr(DEFAULT, name)


def test_what_the_user_set_goes_before_what_a_slump_take_found() -> None:
    """The config is more explicit; the sensitivity scales both."""
    asked = Settings(
        posture=PostureSettings(thresholds=replace(DEFAULT, neck_deg=20.0)),
        own_thresholds=frozenset({"neck_deg"}),
        sensitivity=Sensitivity.LOW,
    )
    found = in_force(asked, replace(DEFAULT, neck_deg=9.0, trunk_deg=10.0))

    assert found.neck_deg == pytest.approx(25.0)
    assert found.trunk_deg == pytest.approx(12.5)


@given(given=thresholds, personal=st.none() | thresholds)
def test_sensitivity_orders_the_thresholds_whatever_they_are(
    given: Thresholds, personal: Thresholds | None
) -> None:
    """High <= medium <= low, and none is lowered below what can be detected."""
    asked = Settings(posture=PostureSettings(thresholds=given))
    rows = [
        astuple(in_force(replace(asked, sensitivity=each), personal)) for each in reversed(RISING)
    ]

    for stricter, more_lenient in pairwise(rows):
        assert all(a <= b for a, b in zip(stricter, more_lenient, strict=True))
    for name, strict_deg, medium_deg in zip(NAMES, rows[0], rows[1], strict=True):
        assert strict_deg >= min(medium_deg, LEAST_SCALE * getattr(DEFAULT, name))


scenes = st.lists(
    st.builds(
        Scene,
        lasts_s=st.floats(3, 300),
        forward_deg=st.floats(-10, 25),
        tilt_deg=st.floats(-10, 10),
        doubt=st.sampled_from([None, None, None, None, Doubt.FACE_AWAY, Doubt.NOBODY]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=10, deadline=None)
@given(scenes=scenes)
def test_more_sensitivity_never_means_fewer_alerts(scenes: list[Scene]) -> None:
    """Through the real posture and policy steps.

    The seconds counted as slouched may differ by a debounce either way; the alerts may not.
    """
    days = [
        live(
            *scenes,
            hz=1.0,
            posture_settings=Settings(sensitivity=each).fitted().posture,
            policy_settings=ONLY_SLOUCH,
        )
        for each in RISING
    ]

    for less, more in pairwise(days):
        assert len(less.times_s(Alerted)) <= len(more.times_s(Alerted))
