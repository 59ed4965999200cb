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

from posturecam.pose.measures import MESH_MEASURES, Measures, measure
from posturecam.posture.anchors import (
    LENGTH,
    MOST_FEEDBACK,
    MOST_PULL,
    UPRIGHT_SEVERITY,
    Anchor,
    Labelled,
    personal_of,
    solve,
    usable,
    with_anchor,
)
from posturecam.posture.angle_model import Estimate, estimate
from posturecam.values.observation import Deviations, View
from posturecam.values.reasons import Lesson
from tests.fakes import NINE, sitter
from tests.sitters import front_head, front_outline

INPUTS = 4
Numbers = NDArray[np.float64]
UPRIGHT = np.zeros(INPUTS)
ALARM = np.array([2.0, 0.0, 1.0, 0.0])
SEVERE = (2.0, -3.0)


def estimate_at(inputs: Numbers, severities: tuple[float, float] = SEVERE) -> Estimate:
    """What a fitted function says of a pose with these inputs."""
    return Estimate(Deviations(), [math.nan] * 5, inputs.astype(np.float32), severities, {})


def labelled(
    inputs: Numbers,
    lesson: Lesson = Lesson.NO_SLOUCH,
    severities: tuple[float, float] = SEVERE,
) -> Labelled:
    """A pose with these inputs and severities, labelled."""
    return Labelled(lesson, estimate_at(inputs, severities), estimate_at(UPRIGHT, (-1.4, -3.0)))


def after(
    inputs: Numbers, *poses: Labelled, severities: tuple[float, float] = SEVERE
) -> tuple[float, float]:
    """Severities of a pose with these inputs after the labels."""
    correction = solve(poses)
    assert correction is not None
    return correction.corrected(estimate_at(inputs, severities)).severities


def anchor(lesson: Lesson = Lesson.NO_SLOUCH, *, minutes: int = 0) -> Anchor:
    """A pose, labelled so long after nine."""
    return Anchor(
        lesson=lesson,
        view=View.FRONT,
        pose=measure(sitter(drop_px=20)),
        baseline=measure(sitter()),
        model_sha256="ab" * 32,
        at=NINE + timedelta(minutes=minutes),
    )


def test_the_same_false_alarm_does_not_come_twice() -> None:
    """The pose itself, and one like it, fall below the threshold; the other severity stays."""
    for near in (ALARM, ALARM + 0.3):
        forward, aside = after(near, labelled(ALARM))
        assert forward < 1
        assert aside == pytest.approx(-3.0)


def test_another_pose_and_the_baseline_are_judged_as_before() -> None:
    """Three kernel lengths away a label says nothing, and at the baseline next to nothing."""
    far = ALARM + np.array([0.0, 3 * LENGTH, 0.0, 0.0])
    assert after(far, labelled(ALARM)) == pytest.approx(SEVERE, abs=0.1)
    assert after(UPRIGHT, labelled(ALARM)) == pytest.approx(SEVERE, abs=0.3)


def test_a_label_makes_its_pose_upright_and_fades_with_the_distance() -> None:
    """A kernel length beside it three fifths are left, as of any Gaussian a deviation away."""
    at, severities = np.array([6.0, 0.0, 0.0, 0.0]), (1.0, -3.0)
    pose = labelled(at, severities=severities)
    there = after(at, pose, severities=severities)[0]
    beside = after(at + np.array([0.0, LENGTH, 0.0, 0.0]), pose, severities=severities)[0]

    assert -1.4 < there < -1
    assert (1 - beside) / (1 - there) == pytest.approx(math.exp(-0.5), abs=0.01)


def test_an_own_slouch_is_seen_where_it_was_shown_and_upright_stays_upright() -> None:
    """What the model takes for upright there is raised; the baseline hardly is."""
    own = labelled(ALARM, Lesson.OWN_SLOUCH, (0.0, -3.0))
    forward, aside = after(ALARM, own, severities=(0.0, -3.0))
    assert forward > 1
    assert aside == pytest.approx(-3.0)
    assert after(UPRIGHT, own, severities=(0.0, -3.0))[0] < 0.3


PLACES = arrays.arrays(np.float64, INPUTS, elements=st.floats(-6, 6))


@given(PLACES, st.lists(PLACES, min_size=1, max_size=8), st.floats(1.1, 50))
def test_no_number_of_labels_hides_a_clear_slouch(
    inputs: Numbers, places: list[Numbers], severity: float
) -> None:
    """Whoever presses the button at every alert takes no more off than one label may."""
    both = (severity, severity)
    poses = [labelled(place, severities=both) for place in places]
    assert min(after(inputs, *poses, severities=both)) >= severity - MOST_PULL - 1e-9


def test_a_label_that_the_model_agrees_with_changes_nothing() -> None:
    """A pose that is no slouch is not made one because the model is even surer of it."""
    assert solve([labelled(ALARM, severities=(UPRIGHT_SEVERITY - 1, -3.0))]) is None
    assert solve([labelled(ALARM, Lesson.OWN_SLOUCH, (7.0, -3.0))]) is None
    assert solve([]) is None


# Of whole poses


def look(
    drop_px: float = 0.0, size: float = 1.0, *, mesh: bool = False, outline: bool = False
) -> Measures:
    """Somebody whose head is so much lower, and as much of them as is seen."""
    usual = front_outline()
    sunk = replace(usual, neck_height=usual.neck_height - drop_px / 500)
    return measure(
        replace(
            sitter(size=size, drop_px=drop_px),
            head=front_head(tragus_y_px=330 - 138 * size + drop_px) if mesh else None,
            outline=sunk if outline else None,
        )
    )


def clear_drop_px(**seen: bool) -> float:
    """How far the head is down in the first pose that is a slouch by its severity."""
    for drop_px in range(100):
        found = estimate(look(drop_px, **seen), look(**seen), View.FRONT)
        assert found is not None
        if max(found.severities) > 1.2:
            return drop_px
    raise AssertionError("none is")


def test_a_labelled_pose_is_no_slouch_and_a_deeper_one_still_is() -> None:
    """Through the angle model that ships; the angles themselves stay as they were."""
    upright, drop_px = measure(sitter()), clear_drop_px()
    pose = replace(anchor(), pose=measure(sitter(drop_px=drop_px)))
    personal = personal_of([pose], View.FRONT, "ab" * 32)
    for drop, slouched in ((drop_px, False), (drop_px + 35, True)):
        found = estimate(measure(sitter(drop_px=drop)), upright, View.FRONT)
        assert found is not None
        corrected = personal.corrected(found)
        assert (max(corrected.severities) > 1) is slouched
        assert corrected.deviations == found.deviations


def test_who_labelled_nothing_is_judged_as_anybody() -> None:
    """And a pose with a measure missing teaches nothing."""
    found = estimate(measure(sitter(drop_px=30)), measure(sitter()), View.FRONT)
    assert found is not None
    blind = replace(anchor(), pose=replace(measure(sitter()), ear_y=math.nan))
    for poses in ([], [blind]):
        assert personal_of(poses, View.FRONT, "ab" * 32).corrected(found) == found


@pytest.mark.parametrize("seen_by_mesh", ["pose", "baseline"])
def test_a_label_counts_where_only_one_of_the_two_shows_the_face_mesh(seen_by_mesh: str) -> None:
    """They are compared without it."""
    mesh = dict.fromkeys(MESH_MEASURES, 0.1)
    one = replace(anchor(), pose=measure(sitter(drop_px=clear_drop_px())))
    part = getattr(one, seen_by_mesh)
    half = replace(one, **{seen_by_mesh: replace(part, **mesh)})
    found = estimate(one.pose, one.baseline, View.FRONT)
    assert found is not None
    corrected = personal_of([half], View.FRONT, "ab" * 32).corrected(found)
    assert corrected.severities[0] < found.severities[0]


@pytest.mark.parametrize(
    ("seen", "less"),
    [
        ({"mesh": True}, {}),
        ({"mesh": True, "outline": True}, {}),
        ({"mesh": True, "outline": True}, {"mesh": True}),
    ],
    ids=["mesh", "mesh and outline", "outline"],
)
def test_a_label_that_shows_less_does_not_replace_those_that_show_more(
    seen: dict[str, bool], less: dict[str, bool]
) -> None:
    """A look without mesh or outline is corrected by all labels, as if none had one."""
    drop_px = clear_drop_px(**less)
    found = estimate(look(drop_px, **less), look(**less), View.FRONT)
    assert found is not None
    whole, blind = (
        replace(anchor(), pose=look(drop_px, **part), baseline=look(**part))
        for part in (seen, less)
    )
    elsewhere = replace(anchor(), pose=look(80, 1.3, **less), baseline=look(**less))

    one_blind, all_blind = (
        personal_of(anchors, View.FRONT, "ab" * 32).corrected(found).severities
        for anchors in ([whole, elsewhere], [blind, elsewhere])
    )

    assert one_blind == pytest.approx(all_blind)
    assert one_blind[0] < found.severities[0] - 0.5


def test_the_oldest_feedback_makes_room_and_a_guided_pose_replaces_its_like() -> None:
    """What was shown on request stays, however often the button is pressed."""
    anchors: tuple[Anchor, ...] = ()
    for minutes, lesson in enumerate((Lesson.CHAIR_LOWER, Lesson.OWN_SLOUCH)):
        anchors = with_anchor(anchors, anchor(lesson, minutes=minutes))
    for minutes in range(MOST_FEEDBACK + 3):
        anchors = with_anchor(anchors, anchor(minutes=minutes))
    feedback = [one for one in anchors if one.lesson is Lesson.NO_SLOUCH]
    assert [one.at for one in feedback] == [
        NINE + timedelta(minutes=minutes) for minutes in range(3, MOST_FEEDBACK + 3)
    ]
    newer = anchor(Lesson.CHAIR_LOWER, minutes=99)
    then = with_anchor(anchors, newer)
    assert then[-1] is newer
    assert [one.lesson for one in then].count(Lesson.CHAIR_LOWER) == 1
    assert len(then) == len(anchors) == MOST_FEEDBACK + 2


def test_only_what_can_be_compared_is_used() -> None:
    """Another view or another pose model makes other measures of the same pose."""
    here = anchor()
    others = replace(here, view=View.SIDE), replace(here, model_sha256="cd" * 32)
    assert usable((here, *others), View.FRONT, "ab" * 32) == (here,)


def test_labels_that_the_model_agrees_with_make_nobody_personal() -> None:
    """An own slouch that is one anyway, and an upright pose that is none."""
    clear = replace(anchor(Lesson.OWN_SLOUCH), pose=measure(sitter(drop_px=80)))
    plain = replace(anchor(Lesson.NO_SLOUCH), pose=measure(sitter()))

    assert not personal_of([clear, plain], View.FRONT, "ab" * 32).corrections
    assert personal_of([clear, plain, anchor()], View.FRONT, "ab" * 32).corrections
