"""What `status` says, and that it never claims to watch when nobody does."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import timedelta

import pytest

from posturecam.base.durations import format_duration
from posturecam.outputs.status import (
    NOT_RUNNING,
    STUCK_AFTER_S,
    StatusBoard,
    learned_text,
    snoozed_text,
    status_line,
    status_lines,
)
from posturecam.outputs.words import LEARNED_IN_PART_TEXT, refusal_text
from posturecam.values.events import (
    CameraChanged,
    CameraStatus,
    Control,
    Controlled,
    ControlRefused,
    Event,
    Refusal,
    StateChanged,
    Tick,
)
from posturecam.values.observation import Deviations, PostureState, Reading, UnknownReason, View
from posturecam.values.reasons import QuietReason, SlouchSign
from posturecam.values.settings import PolicySettings, Settings
from posturecam.values.totals import Totals
from posturecam.watch.requests import Requests
from tests.fakes import CALIBRATED, NINE, seen

DEVIATIONS = Deviations(upper_back_deg=16.4, neck_deg=-3.0, shoulder_tilt_deg=2.0)
SLOUCHED = Reading(
    start_s=99.8,
    t_s=100.0,
    state=PostureState.SLOUCHED,
    view=View.FRONT,
    reasons=(seen(SlouchSign.UPPER_BACK_FORWARD, 16.4),),
    deviations=DEVIATIONS,
)


def camera(status: CameraStatus) -> CameraChanged:
    """The camera is so from now on."""
    return CameraChanged(status=status, detail="No picture from camera 7.")


def turn(t_s: float, *events: Event, reading: Reading | None = None) -> Tick:
    """One turn of the loop."""
    return Tick(
        t_s=t_s,
        at=NINE + timedelta(seconds=t_s),
        reading=reading,
        events=events,
        totals=Totals(slouched_ms=100_000),
        unchanged_s=480.0,
        sitting_s=960.0,
        guarded=True,
    )


def resting(t_s: float, why: UnknownReason) -> Tick:
    """One that does not look, and judges nothing."""
    return replace(turn(t_s), resting=why)


def board(*ticks: Tick) -> StatusBoard:
    """A board that has been told these turns."""
    it = StatusBoard(Settings(), live=True)
    for tick in ticks:
        it.handle(tick)
    return it


SEEN = (
    turn(0, camera(CameraStatus.OPEN)),
    turn(
        40,
        StateChanged(from_state=PostureState.UPRIGHT, to_state=PostureState.SLOUCHED, reasons=()),
    ),
    turn(100, reading=SLOUCHED),
)


def told(
    it: StatusBoard, *, in_force: Requests | None = None, turned_s_ago: float = 0.2
) -> tuple[dict[str, object], str]:
    """The record and its lines."""
    record = it.record(
        in_force=in_force or Requests(),
        turned_s_ago=turned_s_ago,
    )
    return record, "\n".join(status_lines(record, NINE))


def test_a_watch_that_watches_says_what_it_sees() -> None:
    """State and since when, known angles with their limits, minutes, guard, profile."""
    record, text = told(board(*SEEN))

    assert record["watching"] is True
    assert record["state_s"] == 60
    assert record["next_break_s"] == 3000 - 960
    deviations = record["deviations_deg"]
    assert isinstance(deviations, dict)
    assert (deviations["upper_back"], deviations["trunk"]) == (16.4, None)
    assert "Watching: slouched (upper back about 16° forward) for 60 s." in text
    assert "Upper back +16° of 12°, neck -3° of 12°, shoulders +2° of 7°." in text
    assert "trunk" not in text
    assert "Same position for 8 min of 20 min; next break in 34 min." in text
    assert "Camera open. Network guard on. Profile 'default'." in text


def test_what_is_overdue_is_no_part_of_a_wait() -> None:
    """Nobody reads "78 s of 20 s", nor of a break in no seconds."""
    late = replace(turn(99, reading=SLOUCHED), unchanged_s=4000, sitting_s=4000)
    _, text = told(board(*SEEN, late))
    assert "Same position for 1 h 07 min, overdue by 47 min; a break is due." in text
    due = replace(turn(99, reading=SLOUCHED), sitting_s=2999.6)
    assert "a break is due." in told(board(*SEEN, due))[1]


@pytest.mark.parametrize(
    ("status", "fragment"),
    [
        (CameraStatus.LOST, "the camera is lost"),
        (CameraStatus.WAITING, "the camera is waiting"),
        (CameraStatus.CLOSED, "the camera is closed"),
        (CameraStatus.RELEASED, "Camera released, its light is off"),
    ],
)
def test_without_pictures_it_does_not_claim_to_watch(status: CameraStatus, fragment: str) -> None:
    """Whatever it saw last: no angles, no minutes."""
    record, text = told(board(*SEEN, turn(101, camera(status))))

    assert record["watching"] is False
    assert text.startswith("Not watching: ")
    assert fragment in text
    assert "°" not in text
    assert "Same position" not in text


def test_a_camera_that_is_back_is_watched_again() -> None:
    """After a loss."""
    record, _ = told(
        board(*SEEN, turn(101, camera(CameraStatus.LOST)), turn(102, camera(CameraStatus.BACK)))
    )
    assert (record["watching"], record["camera"]) == (True, "open")


def test_a_pause_says_until_when() -> None:
    """And a locked screen is not called a pause of the user's."""
    released = (turn(101, camera(CameraStatus.RELEASED)), resting(102, UnknownReason.PAUSED))
    it = board(*SEEN, *released)
    until = NINE + timedelta(hours=2)
    record, text = told(it, in_force=Requests(paused=True, paused_until=until))
    assert record["paused_until"] == "2026-03-02T11:00:00.000Z"
    assert text.startswith(f"Not watching: paused until {until.astimezone():%H:%M}.")

    it.handle(resting(103, UnknownReason.LOCKED))
    assert told(it)[1].startswith("Not watching: screen locked.")


def test_a_file_that_is_paused_is_not_watched() -> None:
    """It stays open meanwhile, unlike a camera."""
    it = StatusBoard(Settings(), live=False)
    for tick in SEEN:
        it.handle(tick)
    until = NINE + timedelta(hours=2)
    asked = Requests(paused=True, paused_until=until)
    assert told(it, in_force=asked)[0]["why_not"] == "paused"  # from the first moment
    it.handle(resting(101, UnknownReason.PAUSED))
    record, text = told(it, in_force=asked)
    assert (record["watching"], record["why_not"]) == (False, "paused")
    assert text.startswith(f"Not watching: paused until {until.astimezone():%H:%M}.")
    it.handle(turn(102, reading=SLOUCHED))
    assert told(it)[1].startswith("Watching: ")


@pytest.mark.parametrize("quiet", [None, QuietReason.SNOOZED])
def test_a_snooze_that_outlasts_a_pause_is_said_during_it(quiet: QuietReason | None) -> None:
    """And whoever asks for one then is told that nothing is watched."""
    it = board(*SEEN, replace(resting(101, UnknownReason.PAUSED), quiet=quiet))
    until = NINE + timedelta(hours=2)
    record, text = told(it, in_force=Requests(paused=True, snoozed_until=until))
    assert f"Alerts are suppressed: snoozed until {until.astimezone():%H:%M}." in text
    assert snoozed_text(record, "12:00") == (
        "Alerts are suppressed until 12:00; not watching now: paused."
    )
    goes_on, _ = told(board(*SEEN))
    assert snoozed_text(goes_on, "12:00") == "Alerts are suppressed until 12:00; watching goes on."


@pytest.mark.parametrize("left_s", [2999.0, 2970.0, 1501.0, 120.0, 0.4])
def test_a_bar_and_a_line_say_the_same_of_a_break(left_s: float) -> None:
    """Both round, as the live view does."""
    it = board(*SEEN, replace(turn(110, reading=SLOUCHED), sitting_s=3000 - left_s))
    left = format_duration(left_s)
    shown = f"break in {left}" if left_s > 1 else "break due"
    assert bar(it).endswith(shown)
    assert (f"next break in {left}." in told(it)[1]) is (left_s > 1)


@pytest.mark.parametrize(
    ("why", "text"),
    [
        (UnknownReason.IN_A_CALL, "in a call"),
        (UnknownReason.LOCKED, "screen locked"),
        (UnknownReason.PAUSED, "paused"),
    ],
)
def test_before_the_first_baseline_a_released_camera_has_its_reason_too(
    why: UnknownReason, text: str
) -> None:
    """Nothing has been judged by then, and still it is no riddle."""
    it = board(SEEN[0], turn(101, camera(CameraStatus.RELEASED)), resting(102, why))
    assert told(it)[0]["why_not"] == text
    assert bar(it) == text


def test_a_loop_that_hangs_is_not_watching() -> None:
    """After five seconds without a turn, whatever the last one said."""
    it = board(*SEEN)
    assert told(it, turned_s_ago=STUCK_AFTER_S)[0]["watching"] is True
    record, text = told(it, turned_s_ago=STUCK_AFTER_S + 7)
    assert record["watching"] is False
    assert "has not moved on for 12 s" in text


def test_a_watch_that_has_not_judged_yet_says_so() -> None:
    """Starting, then taking its baseline."""
    assert "it is starting" in told(board())[1]
    assert "the baseline is being taken" in told(board(SEEN[0]))[1]


def test_a_watch_that_has_its_baseline_takes_none_before_it_has_judged() -> None:
    """The camera is open, and the first picture is not judged yet."""
    assert "it is starting" in told(board(turn(0, CALIBRATED), SEEN[0]))[1]


def test_alerts_that_are_suppressed_are_said_with_the_reason() -> None:
    """And until when, where that is known."""
    quiet = replace(SEEN[-1], quiet=QuietReason.SNOOZED)
    until = NINE + timedelta(minutes=30)
    text = told(board(*SEEN, quiet), in_force=Requests(snoozed_until=until))[1]
    assert f"Alerts are suppressed: snoozed until {until.astimezone():%H:%M}." in text
    assert "suppressed" not in told(board(*SEEN))[1]
    tomorrow = told(board(*SEEN, quiet), in_force=Requests(snoozed_until=until + timedelta(days=1)))
    assert f" until {until.astimezone():%H:%M} on {until + timedelta(days=1):%A}." in tomorrow[1]


def test_no_watch_is_said_plainly() -> None:
    """One line."""
    assert status_lines({"running": False}, NINE) == ["No watch is running."]


def test_a_break_that_is_due_in_a_second_is_not_due_yet() -> None:
    """And a watch without a guard says that, too."""
    soon = replace(turn(99, reading=SLOUCHED), sitting_s=2999.0, guarded=False)
    text = told(board(*SEEN, soon))[1]
    assert "next break in 1 s." in text
    assert "Network guard off." in text


def test_what_never_comes_is_null_and_nothing_is_said_of_it() -> None:
    """JSON has no infinity; whoever reads the record knows what is meant."""
    policy = PolicySettings(unchanged_after_s=math.inf, break_after_s=math.inf)
    it = StatusBoard(Settings(policy=policy), live=True)
    for tick in SEEN:
        it.handle(tick)

    record, text = told(it)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert (record["unchanged_after_s"], record["next_break_s"]) == (None, None)
    assert "Same position for 8 min.\n" in text
    assert bar(it) == "slouched 1 min"


def bar(it: StatusBoard, *, in_force: Requests | None = None) -> str:
    """What a bar at the edge of the screen shows."""
    return status_line(told(it, in_force=in_force)[0], NINE)


def test_a_bar_shows_state_and_next_break_in_minutes() -> None:
    """No seconds there: it would change all the time. What is due is said without a number."""
    late = replace(turn(110, reading=SLOUCHED), unchanged_s=1260.0, sitting_s=4000.0)
    fresh = replace(turn(99, reading=SLOUCHED), unchanged_s=1199.0)

    assert bar(board(*SEEN)) == "slouched 1 min, break in 34 min"
    assert bar(board(*SEEN[:2], fresh)) == "slouched, break in 34 min"
    assert bar(board(*SEEN, late)) == "slouched 1 min, unchanged 21 min, break due"
    soon = replace(turn(99, reading=SLOUCHED), sitting_s=2999.0)
    assert bar(board(*SEEN[:2], soon)) == "slouched, break in 1 min"


def test_a_bar_shows_no_break_to_who_is_away_and_says_that_alerts_are_suppressed() -> None:
    """Who has left has their break; who snoozed wants to know that it is still so."""
    away = replace(SLOUCHED, state=PostureState.AWAY, reasons=())
    quiet = replace(turn(110, reading=away), quiet=QuietReason.SNOOZED)

    assert bar(board(*SEEN, turn(110, reading=away))) == "away 1 min"
    assert bar(board(*SEEN, quiet)) == "away 1 min, alerts suppressed"


def test_a_bar_says_why_nothing_is_watched() -> None:
    """That it starts, that no watch runs, or until when it is paused."""
    released = (turn(101, camera(CameraStatus.RELEASED)), resting(102, UnknownReason.PAUSED))
    it = board(*SEEN, *released)
    until = NINE + timedelta(hours=2)

    asked = Requests(paused=True, paused_until=until)
    assert bar(it, in_force=asked) == f"paused until {until.astimezone():%H:%M}"
    assert bar(board()) == "it is starting"
    assert status_line(NOT_RUNNING, NINE) == "no watch is running"
    assert status_line({"watching": True, "state": None}, NINE) == "starting"


@pytest.mark.parametrize(
    ("event", "refusal"),
    [
        (Controlled(what=Control.WRONG), None),
        (Controlled(what=Control.REZEROED), None),
        (
            ControlRefused(what=Control.REZEROING, why=Refusal.UNLIKE),
            refusal_text(ControlRefused(what=Control.REZEROING, why=Refusal.UNLIKE)),
        ),
    ],
)
def test_what_came_of_the_last_lesson_can_be_asked(event: Event, refusal: str | None) -> None:
    """It has a number, so that whoever taught it knows theirs from the one before."""
    before, _ = told(board(*SEEN))
    others = turn(101, Controlled(what=Control.PAUSED))
    after, _ = told(board(*SEEN, turn(100.5, event), others))
    assert (before["lessons"], after["lessons"]) == (0, 1)
    assert after["lesson_refused"] == refusal


@pytest.mark.parametrize(
    ("still", "begins"),
    [(False, "Learned: sitting like that is no slouch of yours. "), (True, LEARNED_IN_PART_TEXT)],
)
def test_what_was_learned_is_said_as_it_is(*, still: bool, begins: str) -> None:
    """A clear slouch stays one; and a command that works shows how to take it back."""
    learned = turn(100.5, Controlled(what=Control.WRONG, still_slouched=still))
    record, _ = told(board(*SEEN, learned))
    text = learned_text(record)
    assert text.startswith(begins)
    assert text.endswith("posturecam profiles show default")


def test_a_log_in_trouble_is_said_and_a_change_that_is_not_sure_yet_too() -> None:
    """In the lines, and in the bar from its first second."""
    record, _ = told(board(*SEEN))
    assert "Log: the disk is full." in status_lines(
        record | {"log_problem": "the disk is full"}, NINE
    )
    shown = status_line(record | {"provisional": "upright"}, NINE)
    assert shown.startswith("back upright")
