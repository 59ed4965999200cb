"""Today's zero: when it is asked for, what is taken for one, and what it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from posturecam.base.errors import DataError
from posturecam.pose.measures import measure
from posturecam.posture.taking import Taking
from posturecam.posture.taught import Taught
from posturecam.posture.zero import is_sitting_down_anew, with_zero, zero_of
from posturecam.values.commands import Pause, Word
from posturecam.values.events import (
    BaselineQuestioned,
    Calibrated,
    Control,
    Controlled,
    ControlRefused,
    Refusal,
    ZeroOffered,
)
from posturecam.values.observation import Posing, PostureState, Reading, UnknownReason, View
from posturecam.values.settings import READY_S, SIT_UP_S, ZERO_S, Settings, Thresholds
from posturecam.values.settings import Rezero as Asking
from posturecam.watch.teaching import ForThisWatch, Teaching
from posturecam.watch.zeroing import LONG_ABSENCE_S, SETTLED_S, ZeroQuestion, day_of
from tests.fakes import NINE, sitter
from tests.sitters import baseline_of, detection
from tests.watch.test_controlled_watch import Story

if TYPE_CHECKING:
    from collections.abc import Callable

    from posturecam.values.observation import Landmarks

YESTERDAY = replace(
    baseline_of(measure(sitter())), taken_at=NINE - timedelta(days=1), view=View.FRONT
)
NOTHING = Taught()
ASKED = Taught(asked_at=NINE)
ZEROED_S = 100 + READY_S + ZERO_S


def story(
    people_at: Callable[[float], tuple[Landmarks, ...]] = lambda _: (sitter(),),
    taught: Taught = NOTHING,
) -> Story:
    """A watch by yesterday's baseline."""
    return Story(baseline=YESTERDAY, people_at=people_at, taught=taught)


def offered(watched: Story) -> list[float]:
    """When a zero was asked for."""
    return [t_s for t_s, _ in watched.sink.events(ZeroOffered)]


# When it is asked for


def test_it_is_asked_for_once_at_the_first_watch_of_a_day() -> None:
    """Once the sitter has settled; a watch later that day does not ask again."""
    first = story().run(45)
    assert offered(first) == [pytest.approx(SETTLED_S, abs=2)]
    assert first.taught.asked_at is not None
    again = story(taught=first.taught).run(45)
    assert offered(again) == []


def test_a_baseline_of_today_needs_no_zero() -> None:
    """Whoever has just calibrated sits as they did then."""
    today = replace(YESTERDAY, taken_at=NINE - timedelta(minutes=5))
    assert offered(Story(baseline=today).run(45)) == []
    assert offered(Story().run(45)) == []


def test_it_is_asked_for_after_a_long_pause() -> None:
    """Also when the day has had its question."""
    back_s = 100 + LONG_ABSENCE_S + 60
    paused = story(taught=ASKED).ask(100, Pause()).ask(back_s, Word.RESUME).run(back_s + 40)
    assert offered(paused) == [pytest.approx(back_s + SETTLED_S, abs=5)]


def test_who_does_not_want_to_be_asked_is_not() -> None:
    """The key and the command go on working."""
    quiet = story()
    quiet.settings = replace(quiet.settings, rezero=Asking.OFF)
    quiet.ask(100, Word.REZERO).run(130)
    assert offered(quiet) == []
    assert quiet.taught.zero is not None


def test_nobody_is_asked_in_a_call_or_while_a_baseline_is_taken() -> None:
    """It waits until they may be disturbed."""
    waiting = story().ask(1, Word.RECALIBRATE).run(100)
    ((calibrated_s, _),) = [
        (t_s, event) for t_s, event in waiting.sink.events(Calibrated) if event.replaces
    ]
    assert all(t_s > calibrated_s for t_s in offered(waiting))

    locked = story().set_desktop(0, do_not_disturb=True).set_desktop(40, do_not_disturb=False)
    assert offered(locked.run(60)) == [pytest.approx(40, abs=2)]


def reading(start_s: float, t_s: float, state: PostureState = PostureState.UPRIGHT) -> Reading:
    """Nothing but a state."""
    reasons = (UnknownReason.TURNED,) if state is PostureState.UNKNOWN else ()
    return Reading(start_s=start_s, t_s=t_s, state=state, view=View.FRONT, reasons=reasons)


def test_only_who_can_be_judged_for_a_while_has_sat_down() -> None:
    """Somebody who is there, turned away, is not gone; nor do they sit to be zeroed."""
    question = ZeroQuestion(due=True)
    turned = [reading(t, t + 1, PostureState.UNKNOWN) for t in range(100)]
    assert not any(question.follow(one, disturbed=False) for one in turned)
    seated = [reading(t, t + 1) for t in range(100, 200)]
    asked = [one.t_s for one in seated if question.follow(one, disturbed=False)]
    assert asked == [100 + SETTLED_S]


@pytest.mark.parametrize(
    ("absent_s", "asked"), [(LONG_ABSENCE_S - 60, 0), (LONG_ABSENCE_S + 60, 1)]
)
def test_it_is_asked_for_after_a_long_absence_and_not_after_a_short_one(
    absent_s: float, asked: int
) -> None:
    """Once for each."""
    question = ZeroQuestion(due=False)
    assert question.follow(reading(0, 1), disturbed=False) is False
    gone = reading(1, 1 + absent_s, PostureState.AWAY)
    assert question.follow(gone, disturbed=False) is False
    back = [reading(t, t + 1) for t in range(int(absent_s) + 1, int(absent_s) + 200)]
    assert sum(question.follow(one, disturbed=False) for one in back) == asked


def test_a_long_call_is_no_absence() -> None:
    """The camera was away then, and not the sitter."""
    question = ZeroQuestion(due=False)
    end_s = int(LONG_ABSENCE_S) + 60
    question.follow(reading(0, 1), disturbed=False)
    for t_s in range(1, end_s, 60):
        one = reading(t_s, t_s + 60, PostureState.PAUSED)
        question.follow(replace(one, reasons=(UnknownReason.IN_A_CALL,)), disturbed=False)
    back = [reading(t, t + 1) for t in range(end_s, end_s + 100)]
    assert not any(question.follow(one, disturbed=False) for one in back)


def test_who_works_past_midnight_has_not_begun_another_day() -> None:
    """A day begins at four in the morning."""
    berlin = ZoneInfo("Europe/Berlin")
    late = datetime(2026, 3, 3, 3, 59, tzinfo=berlin)
    assert day_of(late) == day_of(late - timedelta(hours=10))
    assert day_of(late + timedelta(minutes=1)) != day_of(late)


# What is taken for one


def test_five_upright_seconds_become_the_zero_and_the_baseline_stays() -> None:
    """It is said that it begins and that it is set; the offset lies beside the baseline."""
    watched = story(lambda _: (sitter(y_px=336, size=1.02),)).ask(100, Word.REZERO).run(130)
    said = [(round(t_s), event.what) for t_s, event in watched.sink.events(Controlled)]
    assert said == [(100, Control.REZEROING), (round(ZEROED_S), Control.REZEROED)]
    assert watched.saved == []
    zero = watched.taught.zero
    assert zero is not None
    expected = measure(sitter(y_px=336, size=1.02)).as_array() - YESTERDAY.centre.as_array()
    np.testing.assert_allclose(zero.offset.as_array(), expected, atol=1e-6)
    assert zero.baseline_taken_at == YESTERDAY.taken_at


def test_what_would_be_a_slouch_is_not_one_from_the_zero_of_the_day() -> None:
    """Somebody who sits lower today: judged by yesterday at first, then by today."""

    def people(t_s: float) -> tuple[Landmarks, ...]:
        return (sitter(drop_px=8 if t_s < 130 else 16),)

    zeroed_at = story(people).ask(100, Word.REZERO).run(160)
    assert zeroed_at.sink.states(after_s=145) == {PostureState.UPRIGHT}
    assert story(people).run(160).sink.states(after_s=145) == {PostureState.SLOUCHED}


@pytest.mark.parametrize("asked_again", [False, True])
def test_a_slump_does_not_become_the_zero(*, asked_again: bool) -> None:
    """Nor in two steps: each is compared with the baseline, not with the zero before."""

    def people(t_s: float) -> tuple[Landmarks, ...]:
        return (sitter(drop_px=8 if asked_again and t_s < 150 else 60),)

    watched = story(people).ask(200, Word.REZERO)
    if asked_again:
        watched.ask(100, Word.REZERO)
    watched.run(260)
    refused = [event for _, event in watched.sink.events(ControlRefused)]
    assert [(event.what, event.why) for event in refused] == [(Control.REZEROING, Refusal.UNLIKE)]
    assert watched.sink.states(after_s=220) == {PostureState.SLOUCHED}


def test_somewhere_else_is_no_zero() -> None:
    """A chair at another place needs a new baseline."""
    aside = story(lambda _: (sitter(x_px=420),)).ask(100, Word.REZERO).run(130)
    ((_, refused),) = aside.sink.events(ControlRefused)
    assert refused.why is Refusal.UNLIKE
    assert aside.taught.zero is None


def test_nobody_in_the_picture_is_no_zero() -> None:
    """And it is said what was wrong."""
    gone = story(lambda t_s: () if t_s > 90 else (sitter(),)).ask(100, Word.REZERO).run(130)
    ((_, refused),) = gone.sink.events(ControlRefused)
    assert refused.why is Refusal.NO_ZERO
    assert "Sit in front of the camera" in refused.error


def test_a_zero_that_cannot_be_kept_holds_for_this_watch() -> None:
    """And that is said."""
    watched = story(lambda _: (sitter(y_px=336),))
    watched.save_error = DataError("The disk is full.", "Make room.")
    watched.ask(100, Word.REZERO).run(130)
    assert Control.REZEROED in [event.what for _, event in watched.sink.events(Controlled)]
    assert [event.why for _, event in watched.sink.events(ControlRefused)] == [Refusal.NOT_SAVED]


def test_no_zero_is_taken_where_the_baseline_no_longer_fits() -> None:
    """However near to it somebody sits for these five seconds: the place is another one."""
    far = sitter(size=0.62)

    def people(t_s: float) -> tuple[Landmarks, ...]:
        return (far if 5 < t_s < 140 else sitter(),)

    moved = story(people, taught=ASKED).ask(141, Word.REZERO).run(160)
    ((_, refused),) = moved.sink.events(ControlRefused)
    assert (refused.what, refused.why) == (Control.REZEROING, Refusal.ELSEWHERE)
    assert moved.taught.zero is None
    back = story(people, taught=ASKED).ask(300, Word.REZERO).run(315)
    assert back.taught.zero is not None


@pytest.mark.parametrize("known", [True, False])
def test_no_zero_is_taken_before_a_camera_that_stands_elsewhere(known: bool) -> None:  # noqa: FBT001
    """As long as the room behind is another one."""
    teaching = Teaching(ForThisWatch(), Settings(), live=True)
    teaching.in_use(YESTERDAY, NINE)
    taking = Taking(from_s=0.0, until_s=5.0, posing=Posing.ZERO)
    for index in range(25):
        taking.add(replace(detection(sitter()), t_s=index / 5))
    zeroed, events = teaching.rezero(taking, NINE, elsewhere=not known)
    assert (zeroed is not None) is known
    assert [event.why for event in events if isinstance(event, ControlRefused)] == (
        [] if known else [Refusal.ELSEWHERE]
    )


# How long it holds


def zeroed(days: float, taken_at: datetime = YESTERDAY.taken_at) -> Taught:
    """A zero that was set so long before the watch, of somebody who sat much lower."""
    low = with_zero(
        YESTERDAY, zero_of(measure(sitter(drop_px=40)), YESTERDAY, NINE - timedelta(days=days))
    )
    zero = zero_of(low.centre, YESTERDAY, NINE - timedelta(days=days))
    return Taught(zero=replace(zero, baseline_taken_at=taken_at), asked_at=NINE)


def test_a_zero_of_today_is_used_by_the_next_watch_and_one_of_yesterday_is_not() -> None:
    """Nor one of another baseline."""

    def states(taught: Taught) -> set[PostureState]:
        low = story(lambda _: (sitter(drop_px=40),), taught=taught)
        return low.run(60).sink.states(after_s=40)

    assert states(zeroed(0.05)) == {PostureState.UPRIGHT}
    assert states(zeroed(1.0)) == {PostureState.SLOUCHED}
    assert states(zeroed(0.05, taken_at=NINE)) == {PostureState.SLOUCHED}


def test_a_zero_ends_with_its_day_also_in_a_watch_that_goes_on() -> None:
    """As a watch would begin that day, which asks for another."""
    low = story(lambda _: (sitter(drop_px=40),), taught=zeroed(0.05))
    seen: list[set[PostureState]] = []

    def next_day() -> None:
        seen.append(low.sink.states(after_s=40))
        low.clock.began_at += timedelta(days=1)

    low.at(60, next_day).run(120)

    assert [*seen, low.sink.states(after_s=80)] == [{PostureState.UPRIGHT}, {PostureState.SLOUCHED}]
    assert offered(low) == [pytest.approx(60, abs=2)]


def test_a_new_baseline_ends_the_zero() -> None:
    """It is asked about by the zero of the day, and then compared with as it is."""
    watched = story(lambda _: (sitter(y_px=336),)).ask(100, Word.REZERO).ask(200, Word.RECALIBRATE)
    watched.run(200 + SIT_UP_S + 90)
    assert [event.replaces for _, event in watched.sink.events(Calibrated)] == [False, True]
    assert watched.sink.events(BaselineQuestioned) == []
    assert watched.taught.zero is not None
    assert watched.taught.zero.baseline_taken_at != watched.saved[0].taken_at


def refusals(watched: Story) -> list[tuple[Control, Refusal]]:
    """What was asked for and not done, and why."""
    return [(event.what, event.why) for _, event in watched.sink.events(ControlRefused)]


def test_a_zero_that_cannot_be_taken_is_refused_at_once() -> None:
    """Whoever sat up for it would wait for an answer, or be zeroed when they no longer do."""
    taking = story().ask(100, Word.RECALIBRATE).ask(102, Word.REZERO).run(200)
    assert refusals(taking) == [(Control.REZEROING, Refusal.TAKING)]
    assert taking.taught.zero is None

    paused = story().ask(100, Pause()).ask(105, Word.REZERO).ask(110, Word.RESUME).run(160)
    assert refusals(paused) == [(Control.REZEROING, Refusal.RESTING)]
    assert paused.taught.zero is None

    again = story().ask(100, Pause()).ask(110, Word.RESUME).ask(115, Word.REZERO).run(160)
    assert refusals(again) == []
    assert again.taught.zero is not None


def test_before_the_first_baseline_nothing_can_be_taught() -> None:
    """It is said, so that nobody waits for an answer."""
    first = Story().ask(2, Word.REZERO).ask(3, Word.WRONG).run(30)
    assert refusals(first) == [
        (Control.REZEROING, Refusal.TAKING),
        (Control.WRONG, Refusal.NO_SLOUCH_LATELY),
    ]


def test_a_zero_that_is_asked_for_twice_is_taken_once() -> None:
    """The second is answered by the first."""
    twice = story().ask(100, Word.REZERO).ask(103, Word.REZERO).run(130)
    assert refusals(twice) == []
    assert twice.taught.zero is not None


@pytest.mark.parametrize("unlike", [{"aspect": 0.5}, {"facing": 0.9}], ids=["shape", "turned"])
def test_what_cannot_be_compared_is_no_zero(unlike: dict[str, float]) -> None:
    """A picture of another shape, or a face that looks elsewhere."""
    upright = measure(sitter())
    off = {name: getattr(upright, name) + by for name, by in unlike.items()}

    assert is_sitting_down_anew(upright, YESTERDAY, Thresholds())
    assert not is_sitting_down_anew(replace(upright, **off), YESTERDAY, Thresholds())


@pytest.mark.parametrize(
    ("seen", "limit_deg"),
    [
        (sitter(drop_px=-48, size=1.1, y_px=350), 12.0),
        (sitter(drop_px=-60, size=0.85), 6.0),
    ],
    ids=["no angle alone", "leaning back"],
)
def test_nobody_sits_down_anew_so_far_from_their_baseline(
    seen: Landmarks, limit_deg: float
) -> None:
    """By all that is seen together they slouch; or one angle is beyond its limit backwards."""
    thresholds = Thresholds(
        upper_back_deg=limit_deg,
        trunk_deg=limit_deg,
        neck_deg=limit_deg,
        back_flexion_deg=limit_deg,
    )
    assert not is_sitting_down_anew(measure(seen), YESTERDAY, thresholds)
    assert is_sitting_down_anew(measure(sitter(drop_px=4)), YESTERDAY, thresholds)
