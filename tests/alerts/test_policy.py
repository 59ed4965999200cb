"""When something is told, warned of or suppressed, and what is said to have followed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import chain, filterfalse, pairwise, takewhile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.alerts.policy import (
    NEAR_S,
    PolicyMemory,
    Suppressed,
    is_alert_near,
    with_new_baseline,
)
from posturecam.alerts.policy import step as policy_step
from posturecam.alerts.presence import is_absent, is_known
from posturecam.outputs.event_texts import event_text
from posturecam.outputs.records import as_record
from posturecam.outputs.words import message_text
from posturecam.review.day import review_day
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BreakKind,
    BreakTaken,
    Outcome,
    Warned,
)
from posturecam.values.log_rows import DayRows
from posturecam.values.observation import (
    NOT_JUDGED,
    ON_PURPOSE,
    PostureState,
    Reading,
    UnknownReason,
    View,
    is_somebody_there,
)
from posturecam.values.reasons import QuietReason, SlouchSign
from posturecam.values.settings import PolicySettings
from posturecam.values.stored_codes import stored_causes
from tests.fakes import NINE, seen
from tests.rows import BERLIN, DAY, NINE_MS, interval
from tests.simulated_days import MINUTE_S, Day, decide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from posturecam.values.observation import Reason

DEFAULT = PolicySettings()
NEVER_S = 1e6
ONLY_SLOUCH = PolicySettings(unchanged_after_s=NEVER_S, break_after_s=NEVER_S)
ONLY_UNCHANGED = PolicySettings(slouch_after_s=NEVER_S, break_after_s=NEVER_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of equal readings, `every_s` apart.

    Attributes:
        lasts_s: how long.
        state: what is known.
        reasons: why.
        moves: the first of them is a kept move.
        gap: nothing was looked at.
        quiet: why alerts are suppressed.
        every_s: the span of each.
    """

    lasts_s: float
    state: PostureState = PostureState.UPRIGHT
    reasons: tuple[Reason, ...] = ()
    moves: bool = False
    gap: bool = False
    quiet: QuietReason | None = None
    every_s: float = 1.0

    def readings(self, start_s: float) -> list[Reading]:
        """What the policy hears of it."""
        count = max(1, round(self.lasts_s / self.every_s))
        ends_s = [start_s + self.lasts_s * (index + 1) / count for index in range(count)]
        return [
            Reading(
                start_s=before_s,
                t_s=end_s,
                state=self.state,
                view=View.FRONT,
                reasons=self.reasons,
                moved=self.moves and index == 0,
                gap=self.gap,
            )
            for index, (before_s, end_s) in enumerate(pairwise([start_s, *ends_s]))
        ]


def sits(lasts_s: float, *, moves: bool = False, quiet: QuietReason | None = None) -> Part:
    """Upright."""
    return Part(lasts_s=lasts_s, moves=moves, quiet=quiet)


def slouches(lasts_s: float, *, moves: bool = False, quiet: QuietReason | None = None) -> Part:
    """Upper back forward."""
    return Part(
        lasts_s=lasts_s,
        state=PostureState.SLOUCHED,
        reasons=(seen(SlouchSign.UPPER_BACK_FORWARD, 18),),
        moves=moves,
        quiet=quiet,
    )


def slouches_somehow(lasts_s: float) -> Part:
    """Plainly, though no angle is beyond its threshold."""
    return replace(slouches(lasts_s), reasons=(SlouchSign.UPPER_BACK_FORWARD,))


def is_gone(lasts_s: float, *, quiet: QuietReason | None = None) -> Part:
    """Nobody there; for less than a minute that is a doubt, for more an absence."""
    return Part(
        lasts_s=lasts_s,
        state=PostureState.UNKNOWN,
        reasons=(UnknownReason.NOBODY,),
        quiet=quiet,
    )


def cannot_be_seen(lasts_s: float) -> Part:
    """Somebody there, but who knows how."""
    return Part(
        lasts_s=lasts_s,
        state=PostureState.UNKNOWN,
        reasons=(UnknownReason.FACE_AWAY,),
        every_s=5.0,
    )


def is_asleep(lasts_s: float) -> Part:
    """The machine; one gap."""
    return Part(
        lasts_s=lasts_s,
        state=PostureState.UNKNOWN,
        reasons=(UnknownReason.NO_PICTURE,),
        gap=True,
        every_s=lasts_s,
    )


def is_released(lasts_s: float, unknown_reason: UnknownReason = UnknownReason.PAUSED) -> Part:
    """The camera, on purpose; looked after every second."""
    return Part(lasts_s=lasts_s, state=PostureState.PAUSED, reasons=(unknown_reason,), gap=True)


def is_dark(lasts_s: float, unknown_reason: UnknownReason = UnknownReason.TOO_DARK) -> Part:
    """A picture that shows nothing."""
    return Part(
        lasts_s=lasts_s,
        state=PostureState.UNKNOWN,
        reasons=(unknown_reason,),
        every_s=lasts_s / 10,
    )


def readings_of(*parts: Part) -> tuple[list[Reading], list[QuietReason | None]]:
    """The parts in a row, and why alerts are suppressed at each reading."""
    readings: list[Reading] = []
    quiet: list[QuietReason | None] = []
    for part in parts:
        readings += part.readings(readings[-1].t_s if readings else 0.0)
        quiet += [part.quiet] * (len(readings) - len(quiet))
    return readings, quiet


def play(*parts: Part, policy: PolicySettings = DEFAULT) -> Day:
    """What the policy says to the parts in a row."""
    readings, quiet = readings_of(*parts)
    return decide(readings, quiet=quiet, policy_settings=policy)


def alerts(day: Day) -> list[tuple[float, AlertKind]]:
    """Times and kinds of the alerts."""
    return [(t_s, event.kind) for t_s, event in day.events if isinstance(event, Alerted)]


def told(day: Day) -> list[tuple[int, AlertKind]]:
    """The alerts, to the second."""
    return [(round(t_s), kind) for t_s, kind in alerts(day)]


def outcomes(day: Day) -> list[tuple[int, Outcome, int]]:
    """When it was told what followed, what that was, and how long after the alert it began."""
    return [
        (round(t_s), event.outcome, round(event.after_s))
        for t_s, event in day.events
        if isinstance(event, AlertFollowed)
    ]


def warned(day: Day) -> list[tuple[int, AlertKind]]:
    """What the terminal warned of, to the second."""
    return [(round(t_s), event.kind) for t_s, event in day.events if isinstance(event, Warned)]


def breaks(day: Day) -> list[tuple[BreakKind, int]]:
    """The breaks and how long they were."""
    return [(e.kind, round(e.lasted_s)) for _, e in day.events if isinstance(e, BreakTaken)]


def messages(day: Day) -> list[str]:
    """The texts of the alerts."""
    return [message_text(event) for _, event in day.events if isinstance(event, Alerted)]


# What an alert led to.

SETTLED = sits(DEFAULT.fitting_grace_s)
TOLD_S = DEFAULT.fitting_grace_s + DEFAULT.slouch_after_s
"""When who slouches right after the first minutes is told."""


@pytest.mark.parametrize(
    ("then", "outcome", "after_s"),
    [
        ([slouches(20), sits(200, moves=True)], Outcome.CORRECTED, 20),
        ([slouches(40), slouches(400, moves=True)], Outcome.MOVED, 41),
        ([slouches(50), is_gone(DEFAULT.micro_break_s), sits(60)], Outcome.LEFT, 50),
        ([slouches(60), Part(lasts_s=60, quiet=QuietReason.SNOOZED)], Outcome.SNOOZED, 60),
        ([slouches(70), is_released(60)], Outcome.SNOOZED, 70),
        ([slouches(80), is_released(60, UnknownReason.LOCKED)], Outcome.LEFT, 80),
        ([slouches(400)], Outcome.IGNORED, DEFAULT.outcome_within_s),
        ([*[slouches(20), sits(20)] * 3, slouches(400)], Outcome.IGNORED, 300),
        ([slouches(90, quiet=QuietReason.IN_A_CALL), slouches(400)], Outcome.IGNORED, 300),
    ],
    ids=lambda value: value.value if isinstance(value, Outcome) else None,
)
def test_what_follows_a_slouch_alert_is_told_once(
    then: list[Part], outcome: Outcome, after_s: float
) -> None:
    """Upright and kept so; another position; gone; asked for quiet; or nothing for five minutes."""
    day = play(SETTLED, slouches(DEFAULT.slouch_after_s), *then, policy=ONLY_SLOUCH)

    assert told(day) == [(TOLD_S, AlertKind.SLOUCH)]
    ((alerted_s, found, found_after_s),) = outcomes(day)
    assert (found, found_after_s) == (outcome, after_s)
    assert alerted_s - TOLD_S <= DEFAULT.outcome_within_s + 60


def test_upright_counts_once_it_was_kept() -> None:
    """`slouch_reset` makes it corrected, and that is when it is told."""
    day = play(SETTLED, slouches(DEFAULT.slouch_after_s + 20), sits(100), policy=ONLY_SLOUCH)

    ((alerted_s, found, after_s),) = outcomes(day)
    assert found is Outcome.CORRECTED
    assert alerted_s == TOLD_S + after_s + DEFAULT.slouch_reset_s


def test_a_move_answers_an_alert_about_stillness_at_once() -> None:
    """It is what was asked for; a break is answered by leaving, and a move may come before it."""
    still = play(sits(DEFAULT.unchanged_after_s + 30), sits(60, moves=True))
    sitting = [sits(10 * MINUTE_S, moves=True) for _ in range(5)]
    at_desk = play(*sitting, sits(60), sits(60, moves=True), is_gone(40), sits(10))

    assert outcomes(still) == [(DEFAULT.unchanged_after_s + 31, Outcome.MOVED, 31)]
    assert told(at_desk) == [(DEFAULT.break_after_s, AlertKind.BREAK)]
    assert outcomes(at_desk) == [(DEFAULT.break_after_s + 150, Outcome.LEFT, 120)]


@pytest.mark.parametrize(("gone_s", "number"), [(15, 1), (25, 0)])
def test_an_absence_goes_on_with_what_nobody_saw_before_it(gone_s: float, number: int) -> None:
    """Each is too short by itself to end a slouch; a minute of both together does."""
    unseen = cannot_be_seen(40), is_gone(gone_s)
    day = play(
        SETTLED, slouches(DEFAULT.slouch_after_s - 10), *unseen, slouches(100), policy=ONLY_SLOUCH
    )

    assert len(alerts(day)) == number


def test_time_in_which_nothing_is_known_is_not_time_to_react() -> None:
    """The five minutes are known time."""
    hidden_s = 50.0
    day = play(SETTLED, slouches(200), cannot_be_seen(hidden_s), slouches(400), policy=ONLY_SLOUCH)

    ((_, found, after_s),) = outcomes(day)
    assert found is Outcome.IGNORED
    assert after_s == DEFAULT.outcome_within_s + hidden_s


def test_the_next_alert_ends_the_time_of_the_one_before() -> None:
    """Where alerts may follow each other sooner than that."""
    often = replace(ONLY_SLOUCH, cooldown_s=60)
    day = play(SETTLED, slouches(2.5 * DEFAULT.slouch_after_s), policy=often)

    second_s = TOLD_S + DEFAULT.slouch_after_s
    assert told(day) == [(TOLD_S, AlertKind.SLOUCH), (second_s, AlertKind.SLOUCH)]
    assert outcomes(day) == [(second_s, Outcome.IGNORED, DEFAULT.slouch_after_s)]


# Alerts that nobody heeds.


def still_day(*between: Part, policy: PolicySettings = ONLY_UNCHANGED) -> list[float]:
    """Gaps in minutes between the alerts of a still sitter, two hours before and after."""
    day = play(sits(2 * 3600 + 30), *between, sits(2 * 3600), policy=policy)
    alerted_s = [t_s for t_s, _ in alerts(day)]
    return [round((after_s - before_s) / MINUTE_S) for before_s, after_s in pairwise(alerted_s)]


def test_after_three_ignored_alerts_the_interval_doubles_for_the_day() -> None:
    """Twenty minutes become forty, also after an hour away."""
    assert still_day() == [20, 20, 40, 40, 40, 40]

    after_lunch = still_day(is_gone(3600))
    assert after_lunch[:3] == [20, 20, 40]
    assert after_lunch[-2:] == [40, 40]


@pytest.mark.parametrize(
    "night",
    [replace(is_gone(9 * 3600), every_s=60.0), is_asleep(4 * 3600)],
    ids=["gone", "asleep"],
)
def test_the_next_day_begins_as_usual(night: Part) -> None:
    """Four hours with nobody seen end the longer interval."""
    assert still_day(night)[-3:] == [20, 20, 40]


def test_a_long_afternoon_away_is_no_night() -> None:
    """A second less than four hours leaves the interval as long as it was."""
    assert still_day(is_asleep(4 * 3600 - 1))[-2:] == [40, 40]


def test_a_heeded_alert_does_not_end_the_longer_interval() -> None:
    """Doubled is doubled until the next day; what begins anew still waits its plain time."""
    moved_s = 101 * MINUTE_S
    day = play(sits(moved_s), sits(7200, moves=True), policy=ONLY_UNCHANGED)

    assert outcomes(day)[3][1] is Outcome.MOVED
    alerted_s = [t_s for t_s, _ in told(day)]
    begun_s = round(moved_s + 1 + DEFAULT.unchanged_after_s)
    assert alerted_s[4:6] == [begun_s, begun_s + 2 * DEFAULT.unchanged_after_s]


def test_a_heeded_alert_breaks_the_row() -> None:
    """Three in a row are meant, not three in all."""
    heeded = [sits(41 * MINUTE_S), sits(21 * MINUTE_S, moves=True), sits(60, moves=True)]
    day = play(*heeded, *heeded, sits(119 * MINUTE_S), policy=ONLY_UNCHANGED)

    assert [found for _, found, _ in outcomes(day)].count(Outcome.IGNORED) >= 6
    alerted_s = [t_s for t_s, _ in told(day)][-4:]
    assert [after_s - before_s for before_s, after_s in pairwise(alerted_s)] == [1200, 1200, 2400]


@pytest.mark.parametrize(
    "evening",
    [[sits(46 * MINUTE_S)], [sits(101 * MINUTE_S), sits(60, moves=True)]],
    ids=["two ignored", "the last heeded"],
)
def test_a_night_ends_what_was_ignored_as_well_as_the_longer_interval(evening: list[Part]) -> None:
    """One without the other too."""
    day = play(*evening, is_gone(4 * 3600), sits(101 * MINUTE_S), policy=ONLY_UNCHANGED)

    alerted_s = [t_s for t_s, _ in told(day)][-4:]
    assert [after_s - before_s for before_s, after_s in pairwise(alerted_s)] == [1200, 1200, 2400]


def test_an_alert_leaves_the_hourly_cap_after_an_hour() -> None:
    """To the second."""
    day = play(sits(141 * MINUTE_S), policy=replace(ONLY_UNCHANGED, max_alerts_per_hour=1))

    assert [t_s for t_s, _ in told(day)] == [1200, 4800, 8400]


def test_the_cooldown_doubles_too() -> None:
    """Somebody who slouches on and heeds nothing hears less and less of it."""
    day = play(SETTLED, slouches(3 * 3600), policy=ONLY_SLOUCH)
    alerted_s = [t_s for t_s, _ in alerts(day)]
    gaps_s = [after_s - before_s for before_s, after_s in pairwise(alerted_s)]

    cooldown_s = DEFAULT.fitting_cooldown_s
    assert gaps_s[:2] == pytest.approx([cooldown_s] * 2)
    assert gaps_s[2:] == pytest.approx([2 * cooldown_s] * len(gaps_s[2:]))


def test_what_is_due_takes_turns() -> None:
    """The most specific first, then what was not said for longest: nothing is starved."""
    patient = replace(DEFAULT, ignored_in_a_row=1000, max_alerts_per_hour=60)
    day = play(SETTLED, slouches(64 * MINUTE_S), policy=patient)

    slouch, unchanged, pause = AlertKind.SLOUCH, AlertKind.UNCHANGED, AlertKind.BREAK
    kinds = [kind for _, kind in alerts(day)]
    assert kinds == [slouch, slouch, unchanged, slouch, unchanged, pause, slouch]


def test_two_that_are_always_due_are_said_by_turns() -> None:
    """By which of them was said last, not first."""
    policy = replace(
        DEFAULT,
        slouch_after_s=300,
        unchanged_after_s=600,
        break_after_s=NEVER_S,
        cooldown_s=600,
        max_alerts_per_hour=60,
        ignored_in_a_row=1000,
    )
    day = play(SETTLED, replace(slouches(64 * MINUTE_S), every_s=20.0), policy=policy)

    assert [kind for _, kind in alerts(day)] == [AlertKind.SLOUCH, AlertKind.UNCHANGED] * 3


SLOUCH_S = round(DEFAULT.slouch_after_s)


@pytest.mark.parametrize(
    ("parts", "policy"),
    [
        ([sits(4 * 3600)], ONLY_UNCHANGED),
        ([SETTLED, slouches(3 * 3600)], ONLY_SLOUCH),
        ([slouches(400)], ONLY_SLOUCH),
        ([SETTLED, slouches(5000)], replace(ONLY_SLOUCH, cooldown_s=60, max_alerts_per_hour=3)),
        ([SETTLED, slouches(SLOUCH_S - 60), sits(15), slouches(300)], ONLY_SLOUCH),
        ([SETTLED, slouches(200), cannot_be_seen(30), slouches(1000)], ONLY_SLOUCH),
    ],
    ids=[
        "longer interval",
        "cooldown",
        "first minutes",
        "hourly cap",
        "too little of it",
        "bridged",
    ],
)
def test_the_sitter_is_looked_at_anew_before_each_alert_and_not_all_day(
    parts: list[Part], policy: PolicySettings
) -> None:
    """Whatever the alert has waited for last, the five seconds before it and no others."""
    near_s, alerted_s = near_and_alerted(*parts, policy=policy)

    assert len(alerted_s) >= 1
    assert near_s == [at_s - left_s for at_s in alerted_s for left_s in range(int(NEAR_S), -1, -1)]


def test_when_alerts_are_free_again_the_sitter_is_looked_at_anew() -> None:
    """For what was suppressed is told at once, and not looked for meanwhile."""
    snoozed_s = 40 * MINUTE_S
    near_s, alerted_s = near_and_alerted(
        SETTLED, slouches(snoozed_s, quiet=QuietReason.SNOOZED), slouches(60), policy=ONLY_SLOUCH
    )

    assert alerted_s == [DEFAULT.fitting_grace_s + snoozed_s + 1]
    assert near_s == alerted_s


def near_and_alerted(*parts: Part, policy: PolicySettings) -> tuple[list[float], list[float]]:
    """At which readings an alert was near before they were judged, and at which there was one."""
    memory, newest = PolicyMemory(), None
    near_s, alerted_s = [], []
    for reading, quiet in zip(*readings_of(*parts), strict=True):
        if newest is not None and is_alert_near(
            memory, newest, policy, t_s=reading.t_s, quiet=quiet
        ):
            near_s.append(reading.t_s)
        memory, events = policy_step(memory, reading, policy, quiet=quiet)
        newest = reading
        alerted_s += [reading.t_s] if any(isinstance(event, Alerted) for event in events) else []
    return near_s, alerted_s


# The first minutes.


def test_in_the_first_minutes_the_terminal_warns_and_nothing_alerts() -> None:
    """Told once there; whoever slouches on is alerted when the minutes are over."""
    day = play(slouches(400), policy=ONLY_SLOUCH)

    assert warned(day) == [(DEFAULT.slouch_after_s, AlertKind.SLOUCH)]
    assert told(day) == [(DEFAULT.fitting_grace_s, AlertKind.SLOUCH)]


def test_who_comes_back_is_not_met_by_an_alert() -> None:
    """A short absence is no break, so one is due at once; it is warned of, and told later."""
    away_s = 120.0
    day = play(
        *[sits(245, moves=True) for _ in range(12)],
        is_gone(away_s),
        *[sits(100, moves=True) for _ in range(6)],
    )

    back_s = 12 * 245 + away_s
    assert warned(day) == [(DEFAULT.break_after_s + away_s, AlertKind.BREAK)]
    assert told(day) == [(back_s + DEFAULT.fitting_grace_s, AlertKind.BREAK)]


@pytest.mark.parametrize(
    ("unseen", "long_s"),
    [
        (is_asleep, DEFAULT.forget_after_s),
        (is_dark, DEFAULT.forget_after_s),
        (is_gone, DEFAULT.micro_break_s),
    ],
)
def test_after_a_while_unseen_the_first_minutes_begin_anew(
    unseen: Callable[[float], Part], long_s: float
) -> None:
    """Nobody knows who sat down meanwhile and has to settle in; a shorter spell is bridged."""
    short_s = long_s - 5
    day = play(sits(600), unseen(long_s), slouches(400), policy=ONLY_SLOUCH)
    bridged = play(sits(600), unseen(short_s), slouches(400), policy=ONLY_SLOUCH)

    assert warned(day) == [(600 + long_s + DEFAULT.slouch_after_s, AlertKind.SLOUCH)]
    assert told(day) == [(600 + long_s + DEFAULT.fitting_grace_s, AlertKind.SLOUCH)]
    assert warned(bridged) == []
    assert told(bridged) == [(600 + short_s + DEFAULT.slouch_after_s, AlertKind.SLOUCH)]


def test_who_shortens_a_wait_or_wants_no_grace_is_alerted_from_the_start() -> None:
    """An explicit grace goes before."""
    sooner = replace(ONLY_SLOUCH, slouch_after_s=60)

    assert told(play(slouches(100), policy=sooner)) == [(60, AlertKind.SLOUCH)]
    assert told(play(slouches(100), policy=replace(sooner, grace_s=80))) == [(80, AlertKind.SLOUCH)]


# Alerts suppressed.


def test_what_goes_on_when_a_call_ends_is_told_then() -> None:
    """None during the call; the same words as ever after it, with the whole time."""
    call = sits(45 * MINUTE_S, quiet=QuietReason.IN_A_CALL)
    day = play(sits(10 * MINUTE_S), call, sits(10 * MINUTE_S), policy=ONLY_UNCHANGED)

    assert told(day) == [(55 * MINUTE_S + 1, AlertKind.UNCHANGED)]
    assert messages(day)[0].startswith("Same position for about 55 min. ")


def test_what_was_over_when_a_call_ends_is_summed_up_once() -> None:
    """The most specific of what was due, as long as it became, and why it comes only now."""
    day = play(
        SETTLED,
        slouches(26 * MINUTE_S, quiet=QuietReason.IN_A_CALL),
        sits(5 * MINUTE_S, moves=True, quiet=QuietReason.IN_A_CALL),
        sits(10 * MINUTE_S),
    )

    call_over_s = DEFAULT.fitting_grace_s + 31 * MINUTE_S
    assert told(day) == [(call_over_s + 1, AlertKind.SLOUCH)]
    assert messages(day)[0].startswith(
        "While alerts were suppressed (in a call): compared with your baseline, "
        "upper back about 18° forward, for about 26 min. "
    )


def test_who_left_hears_nothing_of_before() -> None:
    """What was suppressed is not worth telling to somebody who has got up since."""
    suppressed = [
        SETTLED,
        slouches(10 * MINUTE_S, quiet=QuietReason.SNOOZED),
        sits(60, quiet=QuietReason.SNOOZED),
    ]
    in_between = play(*suppressed, is_gone(40), sits(10 * MINUTE_S))
    asleep = play(*suppressed, is_asleep(600), sits(10 * MINUTE_S))

    assert alerts(in_between) == []
    assert alerts(asleep) == []


def test_a_new_baseline_takes_back_the_slouch_that_only_the_old_one_made() -> None:
    """Also what was to be said of it after a call; what it did not make is said all the same."""
    readings, quiet = readings_of(SETTLED, slouches(26 * MINUTE_S, quiet=QuietReason.IN_A_CALL))
    memory = PolicyMemory()
    for reading, why in zip(readings, quiet, strict=True):
        memory, _ = policy_step(memory, reading, DEFAULT, quiet=why)
    renewed = with_new_baseline(memory)

    assert memory.history.suppressed is not None
    assert renewed.history.suppressed is None
    assert renewed.slouch.lasted_s == 0
    assert renewed.stretches == ()
    assert renewed.unchanged == memory.unchanged
    still = Alerted(kind=AlertKind.UNCHANGED, lasted_s=1500.0)
    other = replace(memory.history, suppressed=Suppressed(alert=still))
    assert with_new_baseline(replace(memory, history=other)).history == other


def test_a_summary_waits_for_the_cooldown_and_is_dropped_once_it_is_stale() -> None:
    """Cooldown and hourly cap hold; what is older than the interval is not worth telling."""
    slouch = slouches(DEFAULT.slouch_after_s)
    suppressed = slouches(DEFAULT.slouch_after_s, quiet=QuietReason.SNOOZED)
    upright = sits(40, quiet=QuietReason.SNOOZED)
    day = play(
        SETTLED, slouch, sits(35), suppressed, upright, sits(30 * MINUTE_S), policy=ONLY_SLOUCH
    )
    capped = play(
        SETTLED,
        slouch,
        sits(35),
        suppressed,
        upright,
        sits(90 * MINUTE_S),
        policy=replace(ONLY_SLOUCH, max_alerts_per_hour=1),
    )

    (first_s, _), (second_s, _) = alerts(day)
    assert second_s - first_s == pytest.approx(DEFAULT.fitting_cooldown_s)
    assert messages(day)[1].startswith("While alerts were suppressed (snoozed): ")
    assert len(alerts(capped)) == 1


def test_a_summary_outlives_a_second_call() -> None:
    """It is as old as the time since alerts were last suppressed."""
    slouch_s = DEFAULT.slouch_after_s
    day = play(
        *[SETTLED, slouches(slouch_s), sits(35)],
        *[
            slouches(slouch_s, quiet=QuietReason.SNOOZED),
            sits(40, quiet=QuietReason.SNOOZED),
            sits(20),
        ],
        *[sits(20 * MINUTE_S, quiet=QuietReason.IN_A_CALL), sits(60)],
        policy=ONLY_SLOUCH,
    )

    assert len(alerts(day)) == 2
    assert messages(day)[1].startswith("While alerts were suppressed (snoozed): ")


# Breaks.


def test_half_a_minute_away_is_a_micro_break_and_five_minutes_are_a_break() -> None:
    """A micro-break clears the unchanged clock and leaves the break clock alone."""
    micro = DEFAULT.micro_break_s
    day = play(
        sits(15 * MINUTE_S),
        is_gone(micro - 2),
        sits(4 * MINUTE_S),
        is_gone(micro),
        sits(19 * MINUTE_S),
        is_gone(2 * MINUTE_S),
        sits(13 * MINUTE_S),
        is_gone(DEFAULT.break_length_s),
        sits(19 * MINUTE_S),
    )

    assert breaks(day) == [
        (BreakKind.MICRO, micro),
        (BreakKind.MICRO, 120),
        (BreakKind.BREAK, DEFAULT.break_length_s),
    ]
    absent_s = micro - 2 + micro + 2 * MINUTE_S
    assert told(day) == [(DEFAULT.break_after_s + absent_s, AlertKind.BREAK)]


def test_a_gap_within_an_absence_neither_ends_nor_lengthens_it() -> None:
    """Only what was seen counts."""
    day = play(sits(60), is_gone(20), is_asleep(30), is_gone(15), sits(60))

    assert breaks(day) == [(BreakKind.MICRO, 35)]


@pytest.mark.parametrize("off", [is_released(400), is_asleep(400)], ids=["paused", "asleep"])
def test_a_pause_as_long_as_a_break_starts_the_break_clock_anew(off: Part) -> None:
    """Nobody saw a break, and nobody can say that there was none; no break is claimed."""
    sitting = [sits(600, moves=True) for _ in range(4)]
    day = play(*sitting, off, *sitting)

    assert alerts(day) == []
    assert day.times_s(BreakTaken) == []


NO_USABLE_PICTURE = frozenset(
    {
        UnknownReason.NO_PICTURE,
        UnknownReason.TOO_DARK,
        UnknownReason.COVERED,
        UnknownReason.BLURRED,
        UnknownReason.NOISE,
        UnknownReason.FROZEN,
    }
)
"""What is wrong with the picture: nobody can say whether somebody is there."""


@pytest.mark.parametrize("unknown_reason", sorted(NO_USABLE_PICTURE))
def test_as_long_as_a_break_without_a_usable_picture_is_a_gap(
    unknown_reason: UnknownReason,
) -> None:
    """Nobody can say that somebody sat on before a covered camera; a short spell ends nothing."""
    sitting = [sits(600, moves=True) for _ in range(4)]
    covered_s = DEFAULT.break_length_s

    day = play(*sitting, is_dark(covered_s, unknown_reason), *sitting)
    assert alerts(day) == []
    assert day.times_s(BreakTaken) == []

    day = play(*sitting, is_dark(covered_s - 20, unknown_reason), *sitting)
    assert told(day) == [(DEFAULT.break_after_s + covered_s - 20, AlertKind.BREAK)]


def test_the_light_that_goes_out_brings_nobody_back() -> None:
    """Who leaves and switches the light off is away until somebody is seen."""
    day = play(sits(60), is_gone(20), is_dark(600), is_gone(20), sits(60))

    assert breaks(day) == [(BreakKind.MICRO, 40)]


@pytest.mark.parametrize("unknown_reason", sorted(NOT_JUDGED))
def test_who_is_there_and_cannot_be_judged_sits_all_the_same(unknown_reason: UnknownReason) -> None:
    """A face turned to a second monitor is no break."""
    sitting = [sits(600, moves=True) for _ in range(4)]
    day = play(*sitting, is_dark(600, unknown_reason), *sitting)

    assert [kind for _, kind in told(day)] == [AlertKind.BREAK]


def test_each_doubt_is_about_the_picture_the_person_or_neither() -> None:
    """One that is added must be put somewhere."""
    neither = {UnknownReason.NOBODY, *ON_PURPOSE}
    kinds = (NO_USABLE_PICTURE, NOT_JUDGED, neither)

    assert set().union(*kinds) == set(UnknownReason)
    assert sum(map(len, kinds)) == len(UnknownReason)


@pytest.mark.parametrize(
    "middle",
    [is_dark(2400), is_dark(200), cannot_be_seen(2400), is_asleep(400), is_released(400)],
    ids=["dark", "shortly dark", "face away", "asleep", "paused"],
)
def test_the_review_sees_the_sittings_that_the_watch_saw(middle: Part) -> None:
    """A break falls due when the last sitting of the review has lasted so long, and never else."""
    readings, _ = readings_of(sits(360), middle, sits(360))
    memory = PolicyMemory()
    for reading in readings:
        memory, _ = policy_step(memory, reading, DEFAULT)
    rows = [
        interval(
            NINE_MS + round(1000 * reading.start_s),
            NINE_MS + round(1000 * reading.t_s),
            reading.state,
            stored_causes(reading.causes),
        )
        for reading in readings
    ]
    sitting = review_day(DayRows(intervals=tuple(rows)), DAY, BERLIN).sittings[-1]
    seen_s = sum(
        reading.span_s
        for reading in readings
        if NINE_MS + 1000 * reading.start_s >= sitting.start_ms - 1
        and is_somebody_there(reading.state, reading.reasons)
    )

    assert memory.sitting_s == pytest.approx(seen_s)


# Words.


def test_each_alert_suggests_another_easy_thing() -> None:
    """Also when kinds take turns."""
    hours = [*[slouches(60 * MINUTE_S)] * 5]
    day = play(SETTLED, *hours, policy=replace(DEFAULT, ignored_in_a_row=1000))
    by_kind: dict[AlertKind, list[str]] = {kind: [] for kind in AlertKind}
    for _, event in day.events:
        if isinstance(event, Alerted):
            by_kind[event.kind].append(message_text(event).split("min. ", 1)[1])

    for texts in by_kind.values():
        assert len(texts) >= 3
        assert all(before != after for before, after in pairwise(texts))
        assert len(set(texts)) == 3


def test_nobody_is_blamed_and_nothing_is_promised() -> None:
    """No word of the kind that makes people switch such a program off."""
    day = play(SETTLED, slouches(5 * 60 * MINUTE_S))
    said = " ".join(messages(day)).lower()

    blaming = r"\b(bad|wrong|poor|correct|damage|fix|prevent|risk|should|must|never|always)\b"
    assert said
    assert not re.findall(blaming, said)


def test_warnings_outcomes_and_micro_breaks_have_their_own_records_and_lines() -> None:
    """As docs/programs.md describes them; an outcome is for the log and for programs."""
    day = play(slouches(320), is_gone(40), sits(10), policy=ONLY_SLOUCH)
    warning, alert, outcome, back = [
        (as_record(event, t_s=t_s, at=NINE), event_text(event, NINE)) for t_s, event in day.events
    ]

    assert [record["type"] for record, _ in (warning, alert, outcome, back)] == [
        "warning", "alert", "outcome", "break",
    ]  # fmt: skip
    assert (warning[0]["kind"], warning[0]["lasted_s"]) == ("slouch", DEFAULT.slouch_after_s)
    assert warning[1] == (
        "warning (slouch): Leaning forward for 3 min. Lean back, roll your shoulders, or stand up. "
        "(Upper back about 18° forward.)"
    )
    assert (outcome[0]["kind"], outcome[0]["outcome"], outcome[0]["after_s"]) == (
        "slouch", "left", 20,
    )  # fmt: skip
    assert outcome[1] is None
    assert (back[0]["kind"], back[0]["lasted_s"]) == ("micro", 40)
    assert back[1] == "back from a micro-break of 40 s"


# Whatever happens.

QUICK = PolicySettings(
    slouch_after_s=40,
    slouch_reset_s=20,
    unchanged_after_s=90,
    break_after_s=200,
    break_length_s=100,
    cooldown_s=50,
    outcome_within_s=45,
)

lasting = st.integers(1, 120).map(float)
suppressed_by = [
    slouches(60, quiet=QuietReason.SNOOZED),
    sits(30, moves=True, quiet=QuietReason.SNOOZED),
    sits(60),
]
parts = st.lists(
    st.one_of(
        st.builds(
            sits, lasting, moves=st.booleans(), quiet=st.sampled_from([None, QuietReason.IN_A_CALL])
        ),
        st.builds(slouches, lasting, quiet=st.sampled_from([None, None, QuietReason.SNOOZED])),
        st.builds(slouches, lasting),
        st.builds(is_gone, lasting),
        st.builds(cannot_be_seen, lasting),
        st.builds(is_asleep, lasting),
        st.builds(is_dark, lasting),
        st.builds(is_released, lasting),
    ).map(lambda part: [part])
    | st.just(suppressed_by),
    min_size=4,
    max_size=14,
).map(lambda lists: list(chain.from_iterable(lists)))


@settings(max_examples=50, deadline=None)
@given(
    parts,
    st.floats(0, 1),
    st.one_of(
        st.builds(is_asleep, st.floats(0.1, 9000)),
        st.builds(is_released, lasting),
        st.builds(is_dark, st.floats(0.1, 9000)),
    ),
)
def test_a_gap_at_any_place_never_creates_an_alert(
    parts: list[Part], share: float, gap: Part
) -> None:
    """A day just before its first alert stays without one, wherever sleep or a pause comes in."""
    parts = [replace(part, quiet=None) for part in parts]
    readings, _ = readings_of(*parts, slouches(60))
    first_s = alerts(decide(readings, policy_settings=QUICK))[0][0]
    before = [reading for reading in readings if reading.t_s < first_s]
    cut = round(share * len(before))
    start_s = before[cut - 1].t_s if cut else 0.0
    off = gap.readings(start_s)
    late_s = off[-1].t_s - start_s
    after = [
        replace(reading, start_s=reading.start_s + late_s, t_s=reading.t_s + late_s)
        for reading in before[cut:]
    ]

    assert alerts(decide([*before[:cut], *off, *after], policy_settings=QUICK)) == []


@settings(max_examples=50, deadline=None)
@given(parts)
def test_every_alert_has_waited_its_time_in_known_time(parts: list[Part]) -> None:
    """By another count, from the readings alone."""
    readings, _ = readings_of(*parts)
    for alerted_s, kind in alerts(decide(readings, policy_settings=QUICK)):
        past = [reading for reading in reversed(readings) if reading.t_s <= alerted_s]
        match kind:
            case AlertKind.UNCHANGED:
                kept = since(past, is_absent, QUICK.micro_break_s)
                kept = list(takewhile(lambda reading: not reading.moved, kept))
                assert seconds(filter(is_known, kept)) >= QUICK.unchanged_after_s - 1e-6
            case AlertKind.BREAK:
                there = since(past, is_off, QUICK.break_length_s)
                assert seconds(filterfalse(is_off, there)) >= QUICK.break_after_s - 1e-6
            case AlertKind.SLOUCH:
                window = list(filter(is_known, past))[: round(QUICK.slouch_after_s)]
                assert seconds(window) >= QUICK.slouch_after_s - 1e-6
                slouched_s = seconds(r for r in window if r.state is PostureState.SLOUCHED)
                assert slouched_s >= QUICK.slouch_share * QUICK.slouch_after_s - 1e-6


def is_off(reading: Reading) -> bool:
    """Nobody was seen, or nothing."""
    return not is_known(reading) and UnknownReason.FACE_AWAY not in reading.reasons


def seconds(readings: Iterable[Reading]) -> float:
    """Their spans together."""
    return sum(reading.span_s for reading in readings)


def since(
    latest_first: list[Reading], off: Callable[[Reading], bool], lasting_s: float
) -> list[Reading]:
    """The readings after the last stretch of `off` ones that was long enough."""
    off_s = 0.0
    for index, reading in enumerate(latest_first):
        off_s = off_s + reading.span_s if off(reading) else 0.0
        if off_s >= lasting_s:
            return latest_first[:index]
    return latest_first


@settings(max_examples=50, deadline=None)
@given(parts, st.integers(1, 3))
def test_never_while_suppressed_nor_more_often_than_allowed(parts: list[Part], cap: int) -> None:
    """Cooldown, hourly cap and quiet hold over all kinds, summaries included."""
    policy = replace(QUICK, cooldown_s=15.0, max_alerts_per_hour=cap)
    readings, quiet = readings_of(*parts, *parts)
    day = decide(readings, quiet=quiet, policy_settings=policy)
    alerted_s = [t_s for t_s, _ in alerts(day)]
    why = dict(zip([reading.t_s for reading in readings], quiet, strict=True))

    assert all(why[t_s] is None for t_s in alerted_s)
    assert all(after_s - before_s >= 15 for before_s, after_s in pairwise(alerted_s))
    for first_s in alerted_s:
        assert len([t_s for t_s in alerted_s if first_s <= t_s < first_s + 3600]) <= cap


@settings(max_examples=50, deadline=None)
@given(parts)
def test_no_alert_has_two_outcomes_and_none_comes_after_the_next_alert(parts: list[Part]) -> None:
    """Alerts and outcomes take turns; an outcome is about the alert before it."""
    readings, quiet = readings_of(*parts, *parts)
    day = decide(readings, quiet=quiet, policy_settings=QUICK)
    open_alert: tuple[float, AlertKind] | None = None
    for t_s, event in day.events:
        if isinstance(event, Alerted):
            open_alert = (t_s, event.kind)
        elif isinstance(event, AlertFollowed):
            assert open_alert is not None
            at_s, kind = open_alert
            assert event.kind is kind
            assert 0 <= event.after_s <= t_s - at_s + 1e-6
            open_alert = None


def test_a_slouch_that_no_angle_shows_is_alerted_to_without_degrees() -> None:
    """The verdict counts; a degree that was not estimated is never said."""
    day = play(SETTLED, slouches_somehow(400), policy=ONLY_SLOUCH)
    ((_, alert),) = [(t_s, event) for t_s, event in day.events if isinstance(event, Alerted)]

    assert alert.details.reasons == (SlouchSign.UPPER_BACK_FORWARD,)
    assert message_text(alert).startswith(
        "Compared with your baseline, upper back forward, for about 3 min."
    )
