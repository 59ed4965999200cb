"""Labelled poses move the verdict near them, within a bound, and nowhere else."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from posturecam.pose.measures import MEASURES, Measures
from posturecam.posture.anchors import (
    LENGTH,
    MOST_FEEDBACK,
    MOST_PULL,
    UPRIGHT_SEVERITY,
    Anchor,
    Correction,
    solve,
    usable,
    with_anchor,
)
from posturecam.values.observation import View
from posturecam.values.reasons import Lesson
from tests.fakes import NINE

INPUTS = 4
Numbers = NDArray[np.float64]
UPRIGHT = np.zeros(INPUTS)
ALARM = np.array([2.0, 0.0, 1.0, 0.0])


class Judging:
    """Takes the first measures for inputs, and gives every pose but the baseline one severity."""

    def __init__(self, *severities: float) -> None:
        self._severities = np.array(severities)

    def judge(self, now: Measures, baseline: Measures) -> tuple[Numbers, Numbers]:
        """The change of the first measures, and the same severities for any."""
        return (now.as_array() - baseline.as_array())[:INPUTS], self._severities


def pose(inputs: Numbers) -> Measures:
    """A pose that has these inputs beside one that has none."""
    values = np.zeros(len(MEASURES))
    values[:INPUTS] = inputs
    return Measures.from_array(values)


def anchor(inputs: Numbers, lesson: Lesson = Lesson.NO_SLOUCH, *, minutes: int = 0) -> Anchor:
    """A pose with these inputs, labelled so long after nine."""
    return Anchor(
        lesson=lesson,
        view=View.FRONT,
        pose=pose(inputs),
        baseline=pose(UPRIGHT),
        model_sha256="ab" * 32,
        at=NINE + timedelta(minutes=minutes),
    )


def solved(*anchors: Anchor, severities: tuple[float, float] = (2.0, -3.0)) -> Correction:
    """What they make of somebody whose poses all have these severities."""
    correction = solve(anchors, Judging(*severities))
    assert correction is not None
    return correction


def test_the_same_false_alarm_does_not_come_twice() -> None:
    """The pose itself, and one like it, fall below the threshold; the other severity stays."""
    correction = solved(anchor(ALARM))
    for near in (ALARM, ALARM + 0.3):
        forward, tilt = correction.corrected(near, np.array([2.0, -3.0]))
        assert forward < 1
        assert tilt == pytest.approx(-3.0)


def test_another_pose_and_the_baseline_are_judged_as_before() -> None:
    """Three kernel lengths away a label says nothing, and at the baseline next to nothing."""
    correction = solved(anchor(ALARM))
    far = ALARM + np.array([0.0, 3 * LENGTH, 0.0, 0.0])
    before = np.array([2.0, -3.0])
    assert correction.corrected(far, before) == pytest.approx(before, abs=0.1)
    assert correction.corrected(UPRIGHT, before) == pytest.approx(before, abs=0.3)


def test_an_own_slouch_is_seen_where_it_was_shown_and_upright_stays_upright() -> None:
    """What the model takes for upright there is raised; the baseline hardly is."""
    correction = solved(anchor(ALARM, Lesson.OWN_SLOUCH), severities=(0.0, -3.0))
    before = np.array([0.0, -3.0])
    assert correction.corrected(ALARM, before)[0] > 1
    assert correction.corrected(UPRIGHT, before)[0] < 0.3
    assert correction.corrected(ALARM, before)[1] == pytest.approx(-3.0)


@given(
    arrays.arrays(np.float64, INPUTS, elements=st.floats(-6, 6)),
    st.lists(arrays.arrays(np.float64, INPUTS, elements=st.floats(-6, 6)), min_size=1, max_size=30),
    st.floats(1.1, 50),
)
def test_no_number_of_labels_hides_a_clear_slouch(
    inputs: Numbers, labelled: list[Numbers], severity: float
) -> None:
    """Whoever presses the button at every alert takes no more off than one label may."""
    correction = solve(map(anchor, labelled), Judging(severity, severity))
    if correction is None:  # all of them at the baseline itself
        return
    after = correction.corrected(inputs, np.array([severity, severity]))
    assert (after >= severity - MOST_PULL - 1e-9).all()


def test_a_label_that_the_model_agrees_with_changes_nothing() -> None:
    """A pose that is no slouch is not made one because the model is even surer of it."""
    assert solve([anchor(ALARM)], Judging(UPRIGHT_SEVERITY - 1, -3.0)) is None
    own = anchor(ALARM, Lesson.OWN_SLOUCH)
    assert solve([own], Judging(7.0, -3.0)) is None
    assert solve([], Judging(2.0, 2.0)) is None


def test_a_pose_that_a_function_has_no_inputs_of_is_left_out() -> None:
    """As one that was labelled before the program had the measure."""
    unknown = anchor(np.array([math.nan, 0.0, 0.0, 0.0]))
    assert solve([unknown], Judging(2.0, -3.0)) is None
    assert len(solved(unknown, anchor(ALARM)).places) == len(solved(anchor(ALARM)).places)


def test_the_oldest_feedback_makes_room_and_a_guided_pose_replaces_its_like() -> None:
    """What was shown on request stays, however often the button is pressed."""
    anchors: tuple[Anchor, ...] = ()
    for minutes, lesson in enumerate((Lesson.CHAIR_LOWER, Lesson.OWN_SLOUCH)):
        anchors = with_anchor(anchors, anchor(ALARM, lesson, minutes=minutes))
    for minutes in range(MOST_FEEDBACK + 3):
        anchors = with_anchor(anchors, anchor(ALARM, minutes=minutes))
    feedback = [one for one in anchors if one.lesson is Lesson.NO_SLOUCH]
    assert [one.at for one in feedback] == [
        NINE + timedelta(minutes=minutes) for minutes in range(3, MOST_FEEDBACK + 3)
    ]
    newer = anchor(ALARM, Lesson.CHAIR_LOWER, minutes=99)
    after = with_anchor(anchors, newer)
    assert after[-1] is newer
    assert [one.lesson for one in after].count(Lesson.CHAIR_LOWER) == 1
    assert len(after) == len(anchors) == MOST_FEEDBACK + 2


def test_only_what_can_be_compared_is_used() -> None:
    """Another view or another pose model makes other measures of the same pose."""
    here = anchor(ALARM)
    others = replace(here, view=View.SIDE), replace(here, model_sha256="cd" * 32)
    assert usable((here, *others), View.FRONT, "ab" * 32) == (here,)
