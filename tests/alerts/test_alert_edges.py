"""To the second: when alerts, notices of breaks and summaries come, and when they do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from posturecam.alerts.policy import PolicyMemory, without_slouch
from posturecam.alerts.policy import step as policy_step
from posturecam.values.events import Alerted, AlertKind, BreakKind, BreakNear, Outcome
from posturecam.values.observation import UnknownReason
from posturecam.values.reasons import QuietReason, SlouchSign
from posturecam.values.settings import PolicySettings
from tests.alerts.test_policy import (
    DEFAULT,
    NEVER_S,
    ONLY_SLOUCH,
    ONLY_UNCHANGED,
    SETTLED,
    TOLD_S,
    Part,
    alerts,
    breaks,
    cannot_be_seen,
    is_asleep,
    is_gone,
    is_released,
    outcomes,
    play,
    readings_of,
    sits,
    slouches,
    told,
    warned,
)
from tests.fakes import seen
from tests.simulated_days import MINUTE_S

DUE_S = 3000
ANNOUNCED = PolicySettings(
    break_after_s=DUE_S,
    unchanged_after_s=NEVER_S,
    slouch_after_s=NEVER_S,
    grace_s=300,
    break_notice=True,
)


def announced(*parts: Part, policy: PolicySettings = ANNOUNCED) -> list[tuple[int, int]]:
    """When a break was announced, and how far away it was said to be."""
    day = play(*parts, policy=policy)
    return [(round(t_s), round(e.in_s)) for t_s, e in day.events if isinstance(e, BreakNear)]


def after(*parts: Part, policy: PolicySettings = DEFAULT) -> PolicyMemory:
    """What the policy remembers of the parts."""
    memory = PolicyMemory()
    for reading, quiet in zip(*readings_of(*parts), strict=True):
        memory, _ = policy_step(memory, reading, policy, quiet=quiet)
    return memory


# Slouches


def test_four_fifths_of_the_window_are_enough_and_a_second_less_is_not() -> None:
    """The oldest second of the window counts as any other."""
    bits = [sits(18), slouches(60), sits(18), slouches(200)]
    due_s = DEFAULT.fitting_grace_s + DEFAULT.slouch_after_s
    assert told(play(SETTLED, slouches(1), *bits, policy=ONLY_SLOUCH))[0][0] == due_s
    bits[0] = sits(19)
    assert told(play(SETTLED, slouches(1), *bits, policy=ONLY_SLOUCH))[0][0] > due_s


def test_what_was_slouched_is_forgotten_after_a_minute_of_not_knowing() -> None:
    """Of just a minute; a shorter one is bridged."""
    begun_s = DEFAULT.slouch_after_s - 20
    forget_s = DEFAULT.forget_after_s
    for unseen_s, more_s in ((forget_s, DEFAULT.slouch_after_s), (forget_s - 5, 20)):
        day = play(
            *[sits(600), slouches(begun_s), cannot_be_seen(unseen_s), slouches(400)],
            policy=ONLY_SLOUCH,
        )
        assert told(day)[0][0] == 600 + begun_s + unseen_s + more_s


def test_sitting_up_ends_a_slouch_that_is_alerted_to_sooner_than_that_takes() -> None:
    """Half a minute upright is more than such a window has room for."""
    soon = replace(ONLY_SLOUCH, slouch_after_s=20)
    assert soon.slouch_reset_s > soon.slouch_after_s
    day = play(slouches(5), sits(600), slouches(30), policy=soon)

    assert told(day) == [(625, AlertKind.SLOUCH)]
    assert [e.lasted_s for _, e in day.events if isinstance(e, Alerted)] == [20]


@pytest.mark.parametrize(
    ("unseen", "said"), [(cannot_be_seen(60), 0), (cannot_be_seen(55), 1), (is_asleep(3600), 0)]
)
def test_after_a_minute_of_not_knowing_nothing_is_said_to_have_followed(
    unseen: Part, said: int
) -> None:
    """Of just a minute; nor after a sleep, and there is no second alert either way."""
    day = play(SETTLED, slouches(200), unseen, sits(400), policy=ONLY_SLOUCH)
    assert len(outcomes(day)) == said
    assert len(alerts(day)) == 1


@pytest.mark.parametrize("why", [UnknownReason.IN_A_CALL, UnknownReason.CALIBRATING])
@pytest.mark.parametrize(("off_s", "said"), [(30, [Outcome.IGNORED]), (600, [])])
def test_who_takes_a_call_has_not_left(
    why: UnknownReason, off_s: float, said: list[Outcome]
) -> None:
    """Nobody sees what they do; after a short one their time goes on."""
    off = is_released(off_s, why)
    day = play(SETTLED, slouches(DEFAULT.slouch_after_s), off, slouches(400), policy=ONLY_SLOUCH)
    assert [outcome for _, outcome, _ in outcomes(day)] == said


def test_who_sits_up_at_once_has_corrected_it_at_once() -> None:
    """It takes half a minute all the same to be sure of it."""
    day = play(SETTLED, slouches(DEFAULT.slouch_after_s), sits(100), policy=ONLY_SLOUCH)
    assert outcomes(day) == [(TOLD_S + DEFAULT.slouch_reset_s, Outcome.CORRECTED, 0)]


def test_an_alert_names_the_two_signs_that_stand_out_most() -> None:
    """There is room for no more; one of a position kept too long names none."""
    signs = (SlouchSign.HEAD_FORWARD, SlouchSign.UPPER_BACK_FORWARD, SlouchSign.BACK_MORE_BENT)
    slumped = replace(slouches(1500), reasons=tuple(seen(sign, 20) for sign in signs))
    settings = replace(DEFAULT, break_after_s=NEVER_S)
    day = play(SETTLED, slumped, policy=settings)
    named = {
        event.kind: [reason.sign for reason in event.details.reasons]  # type: ignore[union-attr]
        for _, event in day.events
        if isinstance(event, Alerted)
    }
    assert named == {AlertKind.SLOUCH: [*signs[:2]], AlertKind.UNCHANGED: []}


def test_of_a_slouch_that_was_none_nothing_follows() -> None:
    """Of an alert about something else it does."""
    alerted = after(SETTLED, slouches(DEFAULT.slouch_after_s), policy=ONLY_SLOUCH)
    assert alerted.history.open is not None
    assert without_slouch(alerted).history.open is None
    assert without_slouch(alerted).stretches == ()
    assert without_slouch(alerted).slouch.lasted_s == 0
    assert without_slouch(PolicyMemory()) == PolicyMemory()

    still = after(sits(DEFAULT.unchanged_after_s), policy=ONLY_UNCHANGED)
    assert still.history.open is not None
    assert without_slouch(still) == still


def test_three_alerts_ignored_in_a_row_double_the_wait_and_two_do_not() -> None:
    """Of looks ten seconds apart, too."""
    still = Part(lasts_s=8000, every_s=10.0)
    assert [at_s for at_s, _ in told(play(still, policy=ONLY_UNCHANGED))] == [
        1200,
        2400,
        3600,
        6000,
    ]


# Breaks


def test_a_break_is_announced_as_near_as_it_is() -> None:
    """Also where looks are far apart, and where one look comes a second before it."""
    assert announced(replace(sits(4200), every_s=7.0))[0] == (2975, 25)
    late = replace(sits(30), every_s=30.0)
    assert announced(sits(DUE_S - 31), late, sits(60)) == [(DUE_S - 1, 1)]


def test_a_break_that_is_due_and_waits_for_the_cooldown_is_never_announced_for_now() -> None:
    """Half a minute before its alert, though that is the moment in which it falls due."""
    policy = replace(ANNOUNCED, slouch_after_s=180, cooldown_s=600)
    parts = [sits(2250), slouches(300), sits(1500)]
    assert told(play(*parts, policy=policy))[1] == (3030, AlertKind.BREAK)
    assert announced(*parts, policy=policy) == [(3000, 30)]


def test_a_break_is_not_announced_when_another_alert_comes_before_it() -> None:
    """Of what falls due at once the more specific comes first, and the break after the cooldown."""
    policy = replace(ANNOUNCED, unchanged_after_s=DUE_S, cooldown_s=600)
    day = play(sits(4000), policy=policy)
    assert told(day) == [(DUE_S, AlertKind.UNCHANGED), (DUE_S + 600, AlertKind.BREAK)]
    assert announced(sits(4000), policy=policy) == [(DUE_S + 570, 30)]


# What was suppressed


@pytest.mark.parametrize(("age_s", "said"), [(0, 2), (1, 1)])
def test_a_summary_is_worth_telling_as_long_as_the_interval(age_s: float, said: int) -> None:
    """To the second: here it waits for the hour in which one alert is allowed to end."""
    policy = replace(ONLY_SLOUCH, max_alerts_per_hour=1)
    held_s = 3600 - DEFAULT.fitting_cooldown_s - 35 - age_s
    day = play(
        *[SETTLED, slouches(DEFAULT.slouch_after_s), sits(35)],
        slouches(DEFAULT.slouch_after_s, quiet=QuietReason.SNOOZED),
        sits(held_s - DEFAULT.slouch_after_s, quiet=QuietReason.SNOOZED),
        sits(20 * MINUTE_S),
        policy=policy,
    )
    assert len(alerts(day)) == said


# Who comes and goes


def test_who_left_is_warned_anew_however_often_there_is_a_look() -> None:
    """In the first minutes after coming back, as in those of the day."""
    slow = [
        replace(part, every_s=2.0)
        for part in (slouches(200), is_gone(40), slouches(200), is_gone(40), slouches(200))
    ]
    day = play(*slow, policy=ONLY_SLOUCH)
    assert warned(day) == [(at_s, AlertKind.SLOUCH) for at_s in (180, 420, 660)]


def test_a_full_break_may_be_shorter_than_a_micro_break() -> None:
    """Whatever starts the clock for breaks anew is told as one."""
    short = replace(ONLY_SLOUCH, break_length_s=20, micro_break_s=60)
    day = play(sits(100), is_gone(19), sits(100), is_gone(20), sits(100), policy=short)
    assert breaks(day) == [(BreakKind.BREAK, 20)]


def test_of_a_day_with_nobody_no_position_was_kept() -> None:
    """Not for a second."""
    assert after(is_gone(600)).longest_unchanged_s == 0
