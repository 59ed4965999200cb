"""A new baseline in a running watch: what its takes come to, and how long its question stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from posturecam.base.errors import BaselineError
from posturecam.posture.baseline import Baseline, combine
from posturecam.posture.taking import Taking
from posturecam.values.events import BaselineQuestioned, Control, ControlRefused, Refusal
from posturecam.values.observation import Detection, Posing
from posturecam.values.settings import (
    ANSWER_WITHIN_S,
    READY_S,
    SIT_UP_S,
    TAKE_S,
    ZERO_S,
    Settings,
    Thresholds,
)
from posturecam.watch.renewal import Renewal, refused
from posturecam.watch.task import Task
from tests.fakes import NINE, sitter

SHA = "cd" * 32
SLUMP_PX = 45.0
DONE_S = 300.0


def taken(*, drop_px: float = 0.0, absent: bool = False) -> Taking:
    """One take of somebody who keeps still, looked at twice a second."""
    taking = Taking(from_s=0.0, until_s=TAKE_S)
    people = () if absent else (sitter(drop_px=drop_px),)
    for look in range(round(2 * TAKE_S)):
        taking.add(Detection(t_s=look / 2, people=people, brightness=120.0))
    return taking


UPRIGHT = combine(taken().all_takes, profile="default", model_sha256=SHA, taken_at=NINE)


def renewal(baseline: Baseline | None = UPRIGHT) -> Renewal:
    """That of a watch which compares with this baseline."""
    return Renewal(
        Task(
            settings=Settings(),
            model_sha256=SHA,
            began_at=NINE,
            baseline=baseline,
            calibrate_s=0.0 if baseline is not None else 12.0,
            guarded=True,
        )
    )


def questioned() -> Renewal:
    """One whose takes, at `DONE_S`, show a slump."""
    asking = renewal()
    found = asking.result(taken(drop_px=SLUMP_PX), UPRIGHT, DONE_S, NINE)
    assert isinstance(found, BaselineQuestioned)
    assert found.reasons
    return asking


def test_a_watch_without_a_baseline_begins_with_one() -> None:
    """Its first pictures are the take; one that has a baseline takes none."""
    first = renewal(None)
    assert first.taking == Taking(from_s=0.0, until_s=12.0)
    assert first.is_under_way
    assert renewal().taking is None
    assert not renewal().is_under_way


def test_takes_begin_once_there_was_time_to_sit_up() -> None:
    """A zero of the day needs less of it, and is one short take."""
    asked = renewal()
    asked.begin(100.0, takes=3)
    from_s = 100.0 + SIT_UP_S
    assert asked.taking == Taking(from_s=from_s, until_s=from_s + TAKE_S, takes=3)

    asked = renewal()
    assert asked.begin_zero(200.0, resting=False) is None
    from_s = 200.0 + READY_S
    assert asked.taking == Taking(from_s=from_s, until_s=from_s + ZERO_S, posing=Posing.ZERO)


def test_a_zero_waits_for_no_other_take_and_for_no_end_of_a_pause() -> None:
    """It says why not, and leaves what is on its way as it is."""
    asked = renewal()
    assert asked.begin_zero(100.0, resting=True) is Refusal.RESTING
    assert asked.taking is None
    asked.begin(100.0, takes=3)
    taking = asked.taking
    assert asked.begin_zero(101.0, resting=True) is Refusal.TAKING
    assert asked.taking is taking
    assert not asked.takes_zero


def test_time_without_pictures_is_no_time_of_a_take_and_that_between_two_is() -> None:
    """Before the first, while none can come, and after too long; then from the next one on."""

    def pass_time(seconds: float, *, picture: bool = False, silent: bool = False) -> float:
        first.pass_time(seconds, picture=picture, silent=silent, silent_after_s=5.0)
        assert first.taking is not None
        return first.taking.until_s

    first = renewal(None)
    assert [pass_time(1.0), pass_time(1.0, picture=True)] == [13.0, 14.0]
    assert [pass_time(2.0), pass_time(3.0), pass_time(0.0, picture=True)] == [14.0, 14.0, 14.0]
    assert [pass_time(5.0), pass_time(0.5), pass_time(1.0, picture=True)] == [14.0, 19.5, 20.5]
    assert [pass_time(1.0), pass_time(1.0, silent=True)] == [20.5, 22.5]
    assert [pass_time(1.0, picture=True), pass_time(1.0)] == [23.5, 23.5]


@pytest.mark.parametrize("zero", [False, True])
def test_a_silence_from_before_somebody_asked_puts_nothing_off(*, zero: bool) -> None:
    """What is left of it does."""
    asked = renewal()
    asked.pass_time(90.0, picture=False, silent=False, silent_after_s=5.0)
    if zero:
        asked.begin_zero(100.0, resting=False)
    else:
        asked.begin(100.0, takes=1)
    assert asked.taking is not None
    until_s = asked.taking.until_s
    asked.pass_time(2.0, picture=True, silent=False, silent_after_s=5.0)
    assert asked.taking.until_s == until_s + 2.0


def test_an_upright_one_keeps_what_belongs_to_the_person_and_the_camera() -> None:
    """The limits of one's own slump, the turn of the pictures and the desks outlive it."""
    thresholds = Thresholds(neck_deg=21.0)
    before = replace(UPRIGHT, thresholds=thresholds, rotate_deg=180)

    found = renewal(before).result(taken(), before, DONE_S, NINE)

    assert isinstance(found, Baseline)
    assert (found.thresholds, found.rotate_deg) == (thresholds, 180)
    assert found.model_sha256 == SHA
    first = renewal(None).result(taken(), None, DONE_S, NINE)
    assert isinstance(first, Baseline)
    assert first.thresholds == UPRIGHT.thresholds


def test_a_slump_waits_for_an_answer_and_is_given_out_once() -> None:
    """What was asked about is the answer's; a second answer finds nothing."""
    asking = questioned()
    assert asking.is_under_way
    assert asking.unanswered(DONE_S + ANSWER_WITHIN_S - 1) is None

    kept = asking.answered()

    assert kept is not None
    assert kept.centre != UPRIGHT.centre
    assert asking.answered() is None
    assert asking.unanswered(DONE_S + ANSWER_WITHIN_S) is None
    assert not asking.is_under_way


def test_how_far_a_baseline_is_can_be_asked_while_it_is_taken() -> None:
    """The watch that has none begins with it."""
    progress = renewal(None).progress(2.0)
    assert progress is not None
    assert progress.left_s == 10.0
    assert renewal().progress(2.0) is None


def test_a_question_that_nobody_answers_ends_in_a_refusal() -> None:
    """Once, and then nothing waits any more."""
    asking = questioned()

    assert asking.unanswered(DONE_S + ANSWER_WITHIN_S) == refused(Refusal.UNANSWERED)
    assert asking.unanswered(DONE_S + ANSWER_WITHIN_S + 1) is None
    assert asking.answered() is None


def test_takes_that_begin_anew_end_the_question() -> None:
    """A yes that comes late must not bring back the takes of before."""
    asking = questioned()
    asking.begin(DONE_S + 1, takes=1)
    assert asking.answered() is None


def test_takes_that_cannot_be_used_end_a_watch_only_where_it_has_no_other() -> None:
    """A running one goes on with the baseline that it has, and says why."""
    nobody = taken(absent=True)
    with pytest.raises(BaselineError) as raised:
        renewal(None).result(nobody, None, DONE_S, NINE)

    found = renewal().result(nobody, UPRIGHT, DONE_S, NINE)

    said = ControlRefused(
        what=Control.RECALIBRATING, why=Refusal.UNUSABLE, error=raised.value.said()
    )
    assert found == said
    assert said.error
