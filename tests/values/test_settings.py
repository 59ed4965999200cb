"""Which thresholds are in force, and that more sensitivity never means less."""

from __future__ import annotations

import math
from dataclasses import astuple, fields, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.values.events import Alerted
from posturecam.values.observation import PostureState, UnknownReason
from posturecam.values.settings import (
    LEAST_SCALE,
    PolicySettings,
    PostureSettings,
    Sensitivity,
    Settings,
    Thresholds,
)
from tests.simulated_days import Day, Scene, live

DEFAULT = Thresholds()
NAMES = [item.name for item in fields(Thresholds)]
RISING = (Sensitivity.LOW, Sensitivity.MEDIUM, Sensitivity.HIGH)
QUICK = PolicySettings(
    slouch_after_s=30.0,
    slouch_reset_s=10.0,
    cooldown_s=1.0,
    max_alerts_per_hour=60,
    unchanged_after_s=1e6,
    break_after_s=1e6,
)
"""Slouch alerts alone, and soon."""

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


@pytest.mark.parametrize(
    ("policy", "cooldown_s", "grace_s"),
    [
        (PolicySettings(), 600, 300),
        (PolicySettings(slouch_after_s=60), 200, 0),
        (PolicySettings(unchanged_after_s=600), 300, 0),
        (PolicySettings(break_after_s=1500), 300, 0),
        (PolicySettings(slouch_after_s=360, break_after_s=6000), 600, 300),
        (PolicySettings(slouch_after_s=60, cooldown_s=90, grace_s=20), 90, 20),
    ],
)
def test_who_shortens_a_wait_shortens_the_cooldown_and_wants_no_grace(
    policy: PolicySettings, cooldown_s: float, grace_s: float
) -> None:
    """In proportion to the most shortened; who says how long is taken at their word."""
    assert (policy.fitting_cooldown_s, policy.fitting_grace_s) == (cooldown_s, grace_s)


def test_the_silence_between_two_bursts_is_no_gap() -> None:
    """Each burst may take four seconds more."""
    assert Settings(interval_s=60).with_interval().posture.gap_s == 3 + 60 + 2 * 4
    assert Settings().with_interval() == Settings()


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
        lasts_s=st.floats(3, 120),
        forward_deg=st.floats(5, 20),
        tilt_deg=st.floats(-10, 10),
        unknown_reason=st.sampled_from(
            [None, None, None, None, UnknownReason.FACE_AWAY, UnknownReason.NOBODY]
        ),
    ),
    min_size=1,
    max_size=5,
)


def days_of(*scenes: Scene) -> list[Day]:
    """The same scenes at each sensitivity, from low to high, with a dwell that they can reach."""
    return [
        live(
            *scenes,
            hz=1.0,
            posture_settings=Settings(sensitivity=each).fitted().posture,
            policy_settings=QUICK,
        )
        for each in RISING
    ]


@settings(max_examples=60, deadline=None)
@given(scenes=scenes)
def test_more_sensitivity_never_means_a_later_alert(scenes: list[Scene]) -> None:
    """Nor none; slouched time may fall short by a debounce, where states flicker.

    How many follow says nothing: two episodes of the less sensitive may be one of the other.
    """
    for less, more in pairwise(days_of(*scenes)):
        sooner, later = more.times_s(Alerted), less.times_s(Alerted)
        assert min(later, default=math.inf) >= min(sooner, default=math.inf)
        slack_s = PostureSettings().debounce_s
        slouched = PostureState.SLOUCHED
        assert less.seconds_in(slouched) <= more.seconds_in(slouched) + slack_s


@pytest.mark.parametrize(("forward_deg", "told"), [(9, 0), (11, 1), (14, 2), (18, 3)])
def test_each_step_of_sensitivity_hears_what_the_one_before_does_not(
    forward_deg: float, told: int
) -> None:
    """9.6, 12 and 15 degrees: so many of the three settings alert."""
    days = days_of(Scene(lasts_s=20), Scene(lasts_s=60, forward_deg=forward_deg))

    assert [bool(day.times_s(Alerted)) for day in days] == [False] * (3 - told) + [True] * told
