"""What is a change of position and no slouch, by the measures of rendered sitters."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle, islice, repeat

import numpy as np
import pytest

from posturecam.posture import state
from posturecam.posture.observe import observe
from posturecam.values.observation import PostureState, Reading, View
from posturecam.values.settings import PostureSettings
from tests.sitters import SITTERS, Pose, Sitter, baseline_of, detection

HZ = 5.0
SETTINGS = PostureSettings()
HELD_S = 20.0


def readings_of(sitter: Sitter, pose: Pose) -> list[Reading]:
    """Upright for a while, then `pose`, held."""
    reference = baseline_of(sitter.baseline)
    *upright, held = (
        observe(detection(seen), reference) for seen in (*sitter.upright, pose.landmarks)
    )
    memory, readings = state.PostureMemory(), []
    looks = int(HELD_S * HZ)
    for index, seen in enumerate([*islice(cycle(upright), looks), *repeat(held, looks)]):
        memory, reading = state.step(memory, replace(seen, t_s=index / HZ), SETTINGS)
        readings.append(reading)
    return readings


def shares(*scenarios: str, view: View = View.FRONT) -> tuple[float, float]:
    """Share of the poses that were slouched at some time, and that counted as a move."""
    rows = [
        (
            any(reading.state is PostureState.SLOUCHED for reading in readings),
            sum(reading.moved for reading in readings) == 1,
        )
        for sitter in SITTERS
        if sitter.view is view
        for pose in sitter.poses
        if pose.scenario in scenarios and not (pose.bad or pose.grey)
        for readings in [readings_of(sitter, pose)]
    ]
    assert rows
    slouched, moved = np.array(rows).mean(axis=0)
    return float(slouched), float(moved)


@pytest.mark.parametrize(
    "scenario",
    ["recline", "trunk_turned", "head_turned", "chair_farther", "chair_rolled", "chair_lower"],
)
def test_leaning_back_turning_and_moving_the_chair_are_moves_and_no_slouch(scenario: str) -> None:
    """Held for five seconds each counts as another position, once; none is slouched."""
    slouched, moved = shares(scenario)

    assert slouched <= 0.1
    assert moved >= 0.8


def test_reaching_for_something_is_a_move() -> None:
    """Where it takes the shoulders along."""
    _, moved = shares("arm", "height+arm")

    assert moved >= 0.5


def test_reaching_for_something_is_no_slouch() -> None:
    """An arm up is nothing that is kept; its shoulder is not judged."""
    slouched, _ = shares("arm", "height+arm")

    assert slouched <= 0.25


def test_sitting_still_and_talking_is_no_change_of_position() -> None:
    """The noise of landmarks and the sway of a sitter do not count."""
    slouched, moved = shares("talking", "upright", "passer_behind")

    assert slouched == 0
    assert moved <= 0.25
