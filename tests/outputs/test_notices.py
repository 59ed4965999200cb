"""What the desktop shows of an event, the buttons under it, and what ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from posturecam.outputs.alert_words import notice_text
from posturecam.outputs.notices import (
    LOG_TROUBLE_TITLE,
    Offer,
    desktop_text,
    is_over,
    log_trouble_text,
    offer_label,
    offered_command,
    offers_for,
)
from posturecam.outputs.words import LEARNED_IN_PART_TEXT, RECALIBRATING_TEXT
from posturecam.values.commands import AnswerBaseline, Pause, Snooze, Word
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BaselineQuestioned,
    Calibrated,
    Control,
    Controlled,
    ControlRefused,
    Moved,
    Outcome,
    Refusal,
    StaleBaseline,
    ZeroOffered,
)
from posturecam.values.observation import BaselineMismatch
from tests.fakes import CALIBRATED

if TYPE_CHECKING:
    from posturecam.values.commands import Command
    from posturecam.values.events import Event

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ALERT = Alerted(kind=AlertKind.SLOUCH, lasted_s=180)
STALE = StaleBaseline(mismatch=BaselineMismatch.LOWER, profile="default")
QUESTION = BaselineQuestioned(reasons=())
FOLLOWED = AlertFollowed(kind=AlertKind.SLOUCH, outcome=Outcome.CORRECTED, after_s=30)


def calibrated(*, replaces: bool) -> Calibrated:
    """A baseline from 42 pictures comes into use."""
    return replace(CALIBRATED, samples=42, taken_now=True, replaces=replaces)


def test_the_desktop_says_in_a_sentence_what_is_wrong_with_the_log() -> None:
    """Elsewhere it stands after a name, in the middle of one."""
    assert log_trouble_text("the disk is full") == (LOG_TROUBLE_TITLE, "The disk is full.")


@pytest.mark.parametrize("event", [ALERT, STALE, QUESTION])
def test_an_alert_and_a_question_are_shown_as_everywhere_else(
    event: Alerted | StaleBaseline | BaselineQuestioned,
) -> None:
    """The words of the catalogue."""
    assert desktop_text(event) == notice_text(event)


def test_who_asks_for_a_new_baseline_is_told_how_to_sit_and_what_came_of_it() -> None:
    """Each step of it: that it begins, that it failed and why, that it is in use."""
    asked = desktop_text(Controlled(what=Control.RECALIBRATING))
    assert asked is not None
    assert asked[0] == "Sit comfortably upright"
    assert asked[1].startswith(RECALIBRATING_TEXT)
    error = "No face was seen."
    refused = desktop_text(
        ControlRefused(what=Control.RECALIBRATING, why=Refusal.UNUSABLE, error=error)
    )
    assert refused is not None
    assert refused[0] == "No new baseline"
    assert refused[1].startswith(error)
    assert desktop_text(calibrated(replaces=True)) == (
        "The new baseline is in use",
        "It was taken from 42 pictures.",
    )


@pytest.mark.parametrize(
    "event",
    [
        calibrated(replaces=False),
        Controlled(what=Control.PAUSED),
        Moved(unchanged_s=9.0),
        FOLLOWED,
    ],
)
def test_the_desktop_is_not_told_what_nobody_waits_for(event: Event) -> None:
    """Such as the first baseline of a watch, and what stands on its terminal."""
    assert desktop_text(event) is None
    assert offers_for(event) == ()


@pytest.mark.parametrize(
    ("shown", "event", "over"),
    [
        (ALERT, FOLLOWED, True),
        (STALE, FOLLOWED, False),
        (QUESTION, FOLLOWED, False),
        (QUESTION, Controlled(what=Control.ACCEPTED), True),
        (QUESTION, Controlled(what=Control.DECLINED), True),
        (ALERT, Controlled(what=Control.DECLINED), False),
        (ALERT, Controlled(what=Control.WRONG), True),
        (STALE, Controlled(what=Control.WRONG), False),
        *(
            (shown, Controlled(what=what), shown is not QUESTION)
            for shown in (ALERT, STALE, QUESTION)
            for what in (Control.PAUSED, Control.SNOOZED, Control.EXERCISED)
        ),
        (ALERT, Controlled(what=Control.RESUMED), False),
        (ALERT, Moved(unchanged_s=9.0), False),
    ],
)
def test_what_was_shown_is_over_once_it_was_answered(
    shown: Event, event: Event, *, over: bool
) -> None:
    """An outcome answers an alert, yes and no a question; rest ends all but the question."""
    assert is_over(shown, event) is over


@pytest.mark.parametrize(
    ("offer", "label", "command"),
    [
        (Offer.SNOOZE, "Snooze 30 min", Snooze(until=NOW + timedelta(minutes=30))),
        (Offer.PAUSE, "Pause 1 h", Pause(until=NOW + timedelta(hours=1))),
        (Offer.RECALIBRATE, "Recalibrate", Word.RECALIBRATE),
        (Offer.ACCEPT, "Yes, upright", AnswerBaseline(upright=True)),
        (Offer.DECLINE, "No, keep the old one", AnswerBaseline(upright=False)),
    ],
)
def test_a_button_asks_for_what_it_says(offer: Offer, label: str, command: Command) -> None:
    """To the minute, from when it is pressed."""
    assert offer_label(offer) == label
    assert offered_command(offer, NOW) == command


def test_a_stale_baseline_offers_to_take_a_new_one_first() -> None:
    """All three are always there; what is likeliest to be wanted stands first."""
    assert offers_for(ALERT)[0] is Offer.SNOOZE
    assert offers_for(STALE)[0] is Offer.RECALIBRATE
    asked = {*offers_for(STALE), *offers_for(QUESTION), *offers_for(ZeroOffered())}
    assert asked | set(offers_for(ALERT)) | {Offer.WEEK} == set(Offer)
    assert offered_command(Offer.WEEK, NOW) is None  # that is not for the watch to do
    # Whoever is told of a slouch sits in it: what is taken then would be no baseline.
    assert Offer.RECALIBRATE not in offers_for(ALERT)


def test_what_came_of_a_button_is_told_where_it_was_pressed() -> None:
    """Also that nothing did."""
    refused = ControlRefused(what=Control.REZEROING, why=Refusal.NO_ZERO)
    titles = [
        text[0]
        for event in (
            Controlled(what=Control.REZEROING),
            Controlled(what=Control.REZEROED),
            Controlled(what=Control.WRONG),
            refused,
        )
        if (text := desktop_text(event)) is not None
    ]
    assert titles == [
        "Sit comfortably upright",
        "Today's zero is set",
        "Learned",
        "Nothing has changed",
    ]
    in_part = desktop_text(Controlled(what=Control.WRONG, still_slouched=True))
    assert in_part == ("Learned", LEARNED_IN_PART_TEXT)
    unkept = ControlRefused(what=Control.WRONG, why=Refusal.NOT_SAVED, error="The disk is full.")
    assert desktop_text(unkept) == ("Not kept", "In use, but not saved. The disk is full.")
    assert offered_command(Offer.WRONG, NOW) == Word.WRONG
    assert offered_command(Offer.REZERO, NOW) == Word.REZERO


def test_only_a_slouch_can_be_denied() -> None:
    """That nothing has changed for long is no matter of opinion."""
    still = Alerted(kind=AlertKind.UNCHANGED, lasted_s=1200.0)
    assert Offer.WRONG in offers_for(ALERT)
    assert offers_for(still) == (Offer.SNOOZE, Offer.PAUSE)
