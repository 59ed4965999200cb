"""What each key asks of a running watch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from posturecam.outputs.keys import ASKED_FOR_S, Keyboard
from posturecam.values.commands import AnswerBaseline, Command, Inbox, Pause, Snooze, Word
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BaselineQuestioned,
    Control,
    Controlled,
    ControlRefused,
    Event,
    Moved,
    Outcome,
    Refusal,
    Tick,
    ZeroOffered,
)
from posturecam.values.observation import PostureState, UnknownReason
from posturecam.values.reasons import QuietReason
from posturecam.values.settings import SNOOZE_S
from tests.fakes import NINE, ManualClock
from tests.outputs.test_display import SLOUCHED, tick

PAUSED = replace(
    tick(reading=replace(SLOUCHED, state=PostureState.PAUSED)), resting=UnknownReason.PAUSED
)


def asked_by(keys: str, *told: Tick) -> list[Command]:
    """The commands that these keys leave after these turns."""
    inbox = Inbox()
    keyboard = Keyboard(inbox, clock=ManualClock())
    for turn in told:
        keyboard.handle(turn)
    for key in keys:
        keyboard.press(key)
    return list(iter(inbox.pop, None))


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("p", Pause()),
        ("P", Pause()),
        ("r", Word.RESUME),
        ("s", Snooze(until=NINE + timedelta(seconds=SNOOZE_S))),
        ("w", Word.WRONG),
        ("z", Word.REZERO),
        ("q", Word.STOP),
    ],
)
def test_each_key_asks_for_one_thing(key: str, command: Command) -> None:
    """Capital or not; a snooze ends by the time on the wall."""
    assert asked_by(key, tick()) == [command]


def test_who_only_looks_on_leaves_and_the_watch_goes_on() -> None:
    """`q` in another terminal ends what is shown there."""
    left: list[bool] = []
    inbox = Inbox()
    Keyboard(inbox, clock=ManualClock(), leave=lambda: left.append(True)).press("q")

    assert left == [True]
    assert inbox.pop() is None


def test_a_new_baseline_is_asked_about_first() -> None:
    """A slip of the finger takes none, nor does a yes that comes late or to nothing."""
    clock, inbox = ManualClock(), Inbox()
    keyboard = Keyboard(inbox, clock=clock)
    keyboard.press("y")
    keyboard.press("c")
    assert "Sit comfortably upright" in str(keyboard.question)
    keyboard.press("n")
    keyboard.press("y")
    keyboard.press("c")
    clock.wait_s(ASKED_FOR_S)
    assert keyboard.question is None
    keyboard.press("y")
    assert inbox.pop() is None

    keyboard.press("c")
    keyboard.press("y")
    assert inbox.pop() == Word.RECALIBRATE
    assert keyboard.question is None
    keyboard.press("y")
    assert inbox.pop() is None


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_question_lasts_as_long_though_the_clock_is_set(hours: int) -> None:
    """Set back, a slip of the finger would take a baseline an hour later."""
    clock, inbox = ManualClock(), Inbox()
    keyboard = Keyboard(inbox, clock=clock)
    keyboard.press("c")
    clock.began_at += timedelta(hours=hours)
    clock.wait_s(ASKED_FOR_S - 1)
    assert keyboard.question is not None
    clock.wait_s(1)
    assert keyboard.question is None
    keyboard.press("y")
    assert inbox.pop() is None


def test_a_question_about_a_new_baseline_is_answered_by_y_or_n() -> None:
    """While it is asked, and no longer; the summary names what can be said."""
    asks = tick(BaselineQuestioned(reasons=()))
    assert asked_by("y", asks) == [AnswerBaseline(upright=True)]
    assert asked_by("n", asks) == [AnswerBaseline(upright=False)]
    over = tick(ControlRefused(what=Control.RECALIBRATING, why=Refusal.UNANSWERED))
    assert asked_by("yn", asks, over) == []
    assert asked_by("n", asks, tick(Moved(unchanged_s=600.0))) == [AnswerBaseline(upright=False)]

    keyboard = Keyboard(Inbox(), clock=ManualClock())
    keyboard.handle(asks)
    assert keyboard.summary[:2] == ("y yes, upright", "n no, keep the old one")


def test_other_keys_ask_for_nothing() -> None:
    """Whatever is typed."""
    assert asked_by("xuv 1\n\x00é?h", tick()) == []


@pytest.mark.parametrize(
    "told",
    [
        (PAUSED,),
        (tick(Controlled(what=Control.PAUSED), reading=None),),
        (tick(), PAUSED, replace(PAUSED, reading=None)),
    ],
)
def test_p_resumes_what_is_paused(told: tuple[Tick, ...]) -> None:
    """Known from the turns of a pause, and from the event before there is one."""
    assert asked_by("p", *told) == [Word.RESUME]
    assert asked_by("p", *told, tick(Controlled(what=Control.RESUMED))) == [Pause()]


def test_the_summary_says_what_p_does_now() -> None:
    """It names the keys that the help explains."""
    keyboard = Keyboard(Inbox(), clock=ManualClock())
    before = keyboard.summary
    keyboard.handle(PAUSED)

    assert before == ("p pause", "s snooze", "c recalibrate", "q quit", "? help")
    assert keyboard.summary[0] == "p resume"


@pytest.mark.parametrize("why", [UnknownReason.IN_A_CALL, UnknownReason.LOCKED])
def test_p_pauses_in_a_call_too(why: UnknownReason) -> None:
    """Nobody has paused yet, and to resume would change nothing."""
    assert asked_by("p", replace(PAUSED, resting=why)) == [Pause()]


def test_while_alerts_are_snoozed_the_summary_says_how_to_have_them_back() -> None:
    """By `r`, which then does it."""
    keyboard = Keyboard(inbox := Inbox(), clock=ManualClock())
    keyboard.handle(replace(tick(), quiet=QuietReason.SNOOZED))
    assert keyboard.summary[1] == "r alerts on"
    keyboard.press("r")
    assert inbox.pop() == Word.RESUME
    keyboard.handle(tick())
    assert keyboard.summary[1] == "s snooze"


def test_where_the_watch_runs_elsewhere_q_only_leaves() -> None:
    """It goes on, so nothing is asked of it."""
    left: list[str] = []
    keyboard = Keyboard(inbox := Inbox(), clock=ManualClock(), leave=lambda: left.append("left"))
    assert "q leave" in keyboard.summary
    keyboard.press("q")
    assert left == ["left"]
    assert inbox.pop() is None


@pytest.mark.parametrize("key", ["?", "h"])
def test_help_is_shown_until_the_next_key(key: str) -> None:
    """Whichever that is."""
    keyboard = Keyboard(Inbox(), clock=ManualClock())
    keyboard.press(key)
    assert keyboard.help_shown
    keyboard.press(key)
    assert not keyboard.help_shown
    keyboard.press(key)
    keyboard.press("x")
    assert not keyboard.help_shown


@pytest.mark.parametrize(
    ("asked", "named", "ended_by"),
    [
        (
            Alerted(kind=AlertKind.SLOUCH, lasted_s=180.0),
            "w no slouch",
            AlertFollowed(kind=AlertKind.SLOUCH, outcome=Outcome.CORRECTED, after_s=9.0),
        ),
        (
            Alerted(kind=AlertKind.SLOUCH, lasted_s=180.0),
            "w no slouch",
            Controlled(what=Control.WRONG),
        ),
        (ZeroOffered(), "z zero", Controlled(what=Control.REZEROING)),
    ],
)
def test_the_key_that_fits_what_was_said_is_named_as_long_as_it_does(
    asked: Event, named: str, ended_by: Event
) -> None:
    """Of no slouch and of no zero there is nothing to press."""
    keyboard = Keyboard(Inbox(), clock=ManualClock())
    assert named not in keyboard.summary
    keyboard.handle(tick(asked))
    assert named in keyboard.summary
    keyboard.handle(tick(ended_by))
    assert named not in keyboard.summary
