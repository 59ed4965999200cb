"""A break that is announced, and one that is asked for until it is taken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from posturecam.alerts.waits import BREAK_NOTICE_S, STRICT_EVERY_S, STRICT_TIMES, Wait
from posturecam.outputs.alert_words import MOST_ADVICE_WORDS, notice_text
from posturecam.outputs.notices import Offer, desktop_text, offers_for
from posturecam.values.events import AlertKind, BreakNear, Outcome
from posturecam.values.reasons import QuietReason
from posturecam.values.settings import PolicySettings
from tests.alerts.test_policy import (
    NEVER_S,
    is_dark,
    is_gone,
    is_released,
    outcomes,
    play,
    sits,
    slouches,
    told,
)

if TYPE_CHECKING:
    from tests.alerts.test_policy import Part
    from tests.simulated_days import Day

ONLY_BREAKS = PolicySettings(
    break_after_s=3000, unchanged_after_s=NEVER_S, slouch_after_s=NEVER_S, grace_s=300
)
ANNOUNCED = replace(ONLY_BREAKS, break_notice=True)
STRICT = replace(ONLY_BREAKS, strict_breaks=True)
DUE_S = 3000


def announced(day: Day) -> list[tuple[int, int]]:
    """When a break was announced, and how far away it was said to be."""
    return [(round(t_s), round(e.in_s)) for t_s, e in day.events if isinstance(e, BreakNear)]


def test_nothing_is_announced_and_nothing_comes_again_by_default() -> None:
    """Both are wished for or not there."""
    day = play(sits(DUE_S + 1200), policy=ONLY_BREAKS)
    assert announced(day) == []
    assert told(day) == [(DUE_S, AlertKind.BREAK)]


def test_a_break_is_announced_once_half_a_minute_before() -> None:
    """Then it comes, and the next one is announced, too."""
    day = play(sits(2 * DUE_S + 10), policy=ANNOUNCED)
    assert announced(day) == [(DUE_S - 30, 30), (2 * DUE_S - 30, 30)]
    assert told(day) == [(DUE_S, AlertKind.BREAK), (2 * DUE_S, AlertKind.BREAK)]
    assert BREAK_NOTICE_S == 30


@pytest.mark.parametrize(
    "then",
    [
        is_gone(400),  # whoever left took it
        sits(60, quiet=QuietReason.SNOOZED),
        is_released(400),
        is_dark(30),
    ],
)
def test_a_break_that_would_not_be_alerted_of_is_not_announced(then: Part) -> None:
    """Nor is one that is suppressed."""
    assert announced(play(sits(DUE_S - 31), then, policy=ANNOUNCED)) == []


def test_a_break_that_waits_for_the_cooldown_is_announced_before_it_comes() -> None:
    """Half a minute before the alert, not before it fell due."""
    policy = replace(ANNOUNCED, slouch_after_s=180, cooldown_s=600)
    day = play(sits(2600), slouches(300), sits(1500), policy=policy)
    assert told(day) == [(2780, AlertKind.SLOUCH), (3380, AlertKind.BREAK)]
    assert announced(day) == [(3350, 30)]


def test_a_strict_break_comes_again_every_two_minutes_and_then_no_more() -> None:
    """Five times; later as any other break."""
    day = play(sits(2 * DUE_S + 700), policy=STRICT)
    strict = [DUE_S + 120 * at for at in range(6)]
    assert [at_s for at_s, _ in told(day)] == [*strict, strict[-1] + DUE_S]
    assert (STRICT_EVERY_S, STRICT_TIMES) == (120, 5)


def test_a_strict_break_that_was_taken_is_asked_for_no_more() -> None:
    """And begins anew; a walk of a minute is none."""
    took = play(sits(DUE_S + 130), is_gone(310), sits(1000), policy=STRICT)
    assert [at_s for at_s, _ in told(took)] == [DUE_S, DUE_S + 120]

    short = play(sits(DUE_S + 10), is_gone(60), sits(1000), policy=STRICT)
    assert len(told(short)) > 1


def test_a_strict_break_ignored_all_over_counts_as_one_that_was_ignored() -> None:
    """The interval of the day is not doubled for what comes again by wish."""
    policy = replace(STRICT, unchanged_after_s=4000, ignored_in_a_row=3, max_alerts_per_hour=2)
    day = play(sits(DUE_S + 700), sits(2000), policy=policy)
    assert (4000, AlertKind.UNCHANGED) in told(day)
    assert [outcome for _, outcome, _ in outcomes(day)][:5] == [Outcome.IGNORED] * 5


def test_strict_breaks_are_suppressed_as_others() -> None:
    """In a call nobody is asked; once after it."""
    day = play(sits(DUE_S + 10), sits(1000, quiet=QuietReason.SNOOZED), sits(100), policy=STRICT)
    assert told(day)[0] == (DUE_S, AlertKind.BREAK)
    assert all(not DUE_S + 10 < at_s <= DUE_S + 1010 for at_s, _ in told(day))
    assert len(told(day)) == 2


def test_a_clock_counts_its_alerts() -> None:
    """And forgets that it was announced."""
    wait = replace(Wait().longer(10), announced=True).alerted().longer(5)
    assert wait == Wait(lasted_s=15, alerted_s=10, alerts=1)


def test_the_notice_says_what_to_do_in_few_words() -> None:
    """With the buttons of an alert, so that it can be put off."""
    event = BreakNear(in_s=30)
    assert desktop_text(event) == notice_text(event)
    title, text = notice_text(event)
    assert title == "A break in 30 s"
    assert len(text.split()) <= MOST_ADVICE_WORDS
    assert offers_for(event) == (Offer.SNOOZE, Offer.PAUSE)
