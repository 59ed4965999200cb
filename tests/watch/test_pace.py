"""How often a watch wants a picture: by its settings, on battery, and while somebody looks on."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from posturecam.values.settings import BURST_S, Settings
from posturecam.watch.pace import Pace
from posturecam.watch.sampling import SamplingSettings

USUAL = SamplingSettings()
OFTEN = Settings(sample_hz=5.0)
WITH_BREAKS = replace(OFTEN, interval_s=30.0)


def test_who_wants_every_picture_looked_at_gets_it_on_battery_too() -> None:
    """And no program that looks on makes it any quicker."""
    pace = Pace(Settings(adaptive=False), on_battery=lambda: True, followed=lambda: True)
    assert pace.sampling(may_end=True) == SamplingSettings.every_picture()


@pytest.mark.parametrize(
    ("may_end", "followed", "expected"),
    [
        (True, True, USUAL.quick()),
        (True, False, USUAL),
        (False, True, USUAL),
        (False, False, USUAL),
    ],
)
def test_the_end_of_a_slouch_is_seen_quickly_where_somebody_looks_on(
    *, may_end: bool, followed: bool, expected: SamplingSettings
) -> None:
    """Nobody else pays for it."""
    assert Pace(Settings(), followed=lambda: followed).sampling(may_end=may_end) == expected


def test_a_battery_is_spared_where_that_is_wanted() -> None:
    """Asked anew each time: a cable may be pulled out."""
    plugged = True
    pace = Pace(Settings(), on_battery=lambda: not plugged, followed=lambda: True)
    assert pace.sampling(may_end=True) == USUAL.quick()
    plugged = False
    assert pace.sampling(may_end=True) == USUAL.quick().halved()
    careless = Pace(Settings(spare_battery=False), on_battery=lambda: True)
    assert careless.sampling(may_end=False) == USUAL


def test_pictures_come_as_often_as_is_wanted_and_no_more_often_than_asked_for() -> None:
    """By the rate of the settings at most."""
    pace = Pace(OFTEN)
    assert pace.shortest_s == pytest.approx(0.2)
    assert pace.taking_s == pytest.approx(0.2)
    assert Pace(Settings(sample_hz=0.5)).taking_s == pytest.approx(0.5)
    assert pace.interval_s(1000.0, 0.0) == pytest.approx(0.2)
    assert pace.interval_s(1000.0, 1.5) == 1.5
    assert pace.interval_s(1000.0, inf) == inf


def test_between_bursts_the_camera_is_left_alone() -> None:
    """A burst begins with the first picture after a while without any, and ends after its time."""
    pace = Pace(WITH_BREAKS)
    for began_s in (0.0, 100.0):
        for after_s in (0.0, BURST_S / 2, BURST_S - 0.1):
            pace.saw(began_s + after_s)
            assert pace.interval_s(began_s + after_s, 1.0) == 1.0
        pace.saw(began_s + BURST_S)
        assert pace.interval_s(began_s + BURST_S, 1.0) == 30.0
    pace.saw(100.0 + 2 * BURST_S)  # no longer than a burst after the last one: none begins
    assert pace.interval_s(100.0 + 2 * BURST_S, 1.0) == 30.0
