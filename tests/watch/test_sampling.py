"""When the pose model looks: at every change, seldom otherwise, and never beyond its budget."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.values.observation import (
    BaselineMismatch,
    Deviations,
    Observation,
    UnknownReason,
    View,
)
from posturecam.values.reasons import SlouchSign
from posturecam.watch.sampling import (
    SamplingMemory,
    SamplingSettings,
    choose,
    has_to_reopen,
    held,
    interval_s,
    is_frozen,
    is_repeated,
    looked,
)
from tests.simulated_days import UPRIGHT_PLACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SETTINGS = SamplingSettings()
NOISE = np.random.default_rng(0).integers(0, 3, (200, 36, 48))


def picture(scene: int, t_s: float, *, fidgets: bool = False) -> NDArray[np.uint8]:
    """The thumbnail of a scene, with a little noise that differs from moment to moment."""
    pattern = np.random.default_rng(scene).integers(40, 200, (36, 48))
    if fidgets:  # a hand moves: a few blocks change by a third of the contrast
        pattern[30:34, 10:22] += 8 * (-1) ** round(t_s)
    noisy: NDArray[np.int64] = pattern + NOISE[round(t_s * 10) % 200]
    return noisy.astype(np.uint8)


def seen(
    t_s: float, forward_deg: float = 0.0, unknown_reason: UnknownReason | None = None
) -> Observation:
    """What a look tells: every angle, for what is unknown is not even equal to itself."""
    deviations = None if unknown_reason else Deviations.from_arrays([forward_deg] * 5, [1.0] * 5)
    return Observation(
        t_s=t_s,
        view=View.FRONT,
        deviations=deviations,
        slouch_log_odds=math.nan if unknown_reason else forward_deg,
        unknown_reason=unknown_reason,
    )


@dataclass
class Watched:
    """When the pictures were taken and which of them the model looked at."""

    pictures_s: list[float]
    looks_s: list[float]
    memory: SamplingMemory


def watched(
    until_s: float,
    scene_at: Callable[[float], int],
    *,
    alert_near_at: Callable[[float], bool] = lambda _: False,
    doubt_at: Callable[[float], UnknownReason | None] = lambda _: None,
    fidgets: bool = False,
) -> Watched:
    """Plays scenes to the sampler, at the pace it asks for."""
    memory, t_s = SamplingMemory(), 0.0
    pictures_s, looks_s = [], []
    while t_s < until_s:
        thumbnail = picture(scene_at(t_s), t_s, fidgets=fidgets)
        memory, choice = choose(
            memory,
            t_s=t_s,
            thumbnail=thumbnail,
            alert_near=alert_near_at(t_s),
            settings=SETTINGS,
        )
        pictures_s.append(t_s)
        if choice.look:
            looks_s.append(t_s)
            memory = looked(
                memory,
                seen(t_s, unknown_reason=doubt_at(t_s)),
                thumbnail=thumbnail,
                changed=choice.changed,
                settings=SETTINGS,
            )
        t_s += interval_s(memory, SETTINGS)
    return Watched(pictures_s, looks_s, memory)


def test_the_pace_is_that_of_a_watch_that_costs_a_fortieth_of_a_core() -> None:
    """At 50 ms a look and 1 ms a picture; who sits still costs a tenth of that.

    Enough looks for a median, and then one each half minute, to prove that they are still there.
    """
    still, moving = watched(93, lambda _: 1), watched(600, always_moving)

    assert still.looks_s == [0.0, 0.5, 1.0, 1.5, 2.0, 32.0, 62.0, 92.0]
    assert still.pictures_s[4:] == [float(second) for second in range(2, 93)]
    assert moving.pictures_s == [half / 2 for half in range(1200)]
    # Twice a second from what was saved, and then as looks are earned.
    saved_s = [half / 2 for half in range(17)]
    assert moving.looks_s == [*saved_s, *(10.5 + 2.5 * number for number in range(236))]
    assert 0.05 * len(moving.looks_s) + 0.001 * len(moving.pictures_s) < 600 / 40


def test_who_wants_every_picture_looked_at_gets_it() -> None:
    """However still it is, and however many there are a second."""
    settings, memory, still = SamplingSettings.every_picture(), SamplingMemory(), picture(1, 0)
    for number in range(100):
        t_s = number / 30
        memory, choice = choose(
            memory, t_s=t_s, thumbnail=still, alert_near=False, settings=settings
        )
        assert choice.look
        memory = looked(
            memory, seen(t_s), thumbnail=still, changed=choice.changed, settings=settings
        )
        assert interval_s(memory, settings) == 0


def test_on_battery_everything_takes_twice_as_long() -> None:
    """But nobody is alerted on an older look than otherwise."""
    spared = SamplingSettings(
        idle_interval_s=8.0,
        busy_interval_s=4.0,
        still_there_s=240.0,
        large_change_s=20.0,
        small_change_s=24.0,
        looks_per_s=0.05,
    )

    assert SETTINGS.halved().halved().halved() == spared


def test_while_a_slouch_may_end_pictures_come_four_times_a_second() -> None:
    """And looks at the same rate as ever."""
    quick = SETTINGS.quick()
    assert interval_s(SamplingMemory(), quick) == 0.25
    idle = SamplingMemory(looks=tuple(seen(float(t_s)) for t_s in range(SETTINGS.settled_looks)))
    assert (interval_s(idle, SETTINGS), interval_s(idle, quick)) == (1.0, 0.25)
    assert quick.looks_per_s == SETTINGS.looks_per_s


def test_a_change_is_looked_at_with_the_next_picture() -> None:
    """Within the interval of an idle watch, and again until it has settled."""
    found = watched(120, lambda t_s: 1 if t_s < 60.2 else 2)
    after_s = [t_s for t_s in found.looks_s if t_s >= 60.2]

    assert after_s[0] - 60.2 <= SETTINGS.idle_interval_s
    assert after_s[SETTINGS.settled_looks - 1] - after_s[0] <= 3.0


def test_fidgeting_leaves_looks_for_a_change_of_posture() -> None:
    """Small changes all day are looked at in turn; a large one is looked at twice a second."""
    found = watched(300, lambda t_s: 1 if t_s < 200 else 1 + round(t_s * 2), fidgets=True)
    fidgeting_s = [t_s for t_s in found.looks_s if 100 <= t_s < 200]
    moving_s = [t_s for t_s in found.looks_s if t_s >= 200]

    gaps_s = [b - a for a, b in pairwise(fidgeting_s)]
    assert max(gaps_s) <= SETTINGS.small_change_s
    assert len(fidgeting_s) <= SETTINGS.looks_per_s * 100 + 1
    for number, t_s in enumerate(moving_s[: int(SETTINGS.kept_looks)]):
        assert t_s == 200 + number * SETTINGS.busy_interval_s


def test_nobody_is_alerted_on_an_old_look() -> None:
    """Close to an alert the model looks again, however still the picture."""
    found = watched(120, lambda _: 1, alert_near_at=lambda t_s: t_s >= 100)
    near_s = [t_s for t_s in found.looks_s if t_s >= 100]

    assert near_s[0] == pytest.approx(100, abs=SETTINGS.idle_interval_s)
    assert all(b - a <= SETTINGS.confirm_s for a, b in pairwise(near_s))


def always_moving(t_s: float) -> int:
    """Another scene in every picture."""
    return 1 + round(t_s * 2)


def test_a_change_shortly_before_an_alert_is_looked_at_at_once() -> None:
    """It may call the alert off, so it is looked at whatever has been saved."""
    found = watched(600, always_moving, alert_near_at=lambda t_s: 100 <= t_s < 110)

    near_s = [t_s for t_s in found.looks_s if 100 <= t_s < 110]
    assert near_s == [t_s for t_s in found.pictures_s if 100 <= t_s < 110]
    others = len(found.looks_s) - len(near_s)
    assert others <= SETTINGS.looks_per_s * 600 + SETTINGS.most_saved_looks + 1


def test_a_first_doubt_is_looked_at_again_at_once() -> None:
    """Half a movement may cause it; one that stays is worth no more looks than anything else."""
    doubted_s = next(t_s for t_s in watched(120, always_moving).looks_s if t_s >= 60)
    found = watched(
        120, always_moving, doubt_at=lambda t_s: UnknownReason.NOBODY if t_s >= doubted_s else None
    )

    after_s = [t_s for t_s in found.looks_s if t_s > doubted_s]
    assert after_s[0] - doubted_s == SETTINGS.busy_interval_s
    assert after_s[2] - after_s[1] > SETTINGS.busy_interval_s
    assert len(found.looks_s) <= SETTINGS.looks_per_s * 120 + SETTINGS.most_saved_looks + 2


def test_what_was_seen_since_the_last_change_holds() -> None:
    """Its median, at the time of the newest picture; a single wild look does not count."""
    memory = SamplingMemory(looks=tuple(map(seen, (1, 2, 3), (14.0, 15.0, 40.0))))

    assert held(memory, 9.0) == seen(9.0, 15.0)


def test_a_doubt_holds_when_most_looks_have_it() -> None:
    """An empty chair once taken for a sitter stays empty; half of the looks are not most."""
    nobody = [seen(t_s, unknown_reason=UnknownReason.NOBODY) for t_s in (1, 3)]
    memory = SamplingMemory(looks=(nobody[0], seen(2, 5.0), nobody[1]))

    still = held(memory, 9.0)  # its odds are unknown, and from Python 3.13 on not even equal
    assert (still.t_s, still.unknown_reason) == (9.0, UnknownReason.NOBODY)
    assert held(replace(memory, looks=memory.looks[:2]), 9.0) == seen(9.0, 5.0)


def test_what_a_slouch_without_angles_shows_in_is_that_of_the_newest_such_look() -> None:
    """Without it there would be no reason to tell, and no alert."""
    low, hidden = (
        replace(seen(t_s), deviations=Deviations(), slouch_log_odds=5.0, sign=sign)
        for t_s, sign in ((1, SlouchSign.HEAD_LOW), (2, SlouchSign.PARTLY_HIDDEN))
    )

    assert held(SamplingMemory(looks=(low, hidden)), 9.0).sign is SlouchSign.PARTLY_HIDDEN
    assert held(SamplingMemory(looks=(hidden, low, seen(3))), 9.0).sign is SlouchSign.HEAD_LOW
    assert held(SamplingMemory(looks=(seen(3),)), 9.0).sign is None


def test_of_two_doubts_seen_equally_often_the_earlier_holds() -> None:
    """A reason changes when another one is seen more often."""
    hand, turned = (
        seen(1, unknown_reason=UnknownReason.HAND),
        seen(2, unknown_reason=UnknownReason.FACE_AWAY),
    )

    assert held(SamplingMemory(looks=(hand, turned)), 9.0).unknown_reason is UnknownReason.HAND
    assert (
        held(SamplingMemory(looks=(hand, turned, turned)), 9.0).unknown_reason
        is UnknownReason.FACE_AWAY
    )


def test_it_is_as_sure_as_the_newest_look() -> None:
    """How sure an estimate is depends on where the sitter is, and they may have come nearer."""
    surer, less_sure = (
        Observation(
            t_s=t_s, view=View.FRONT, deviations=Deviations.from_arrays([5.0] * 5, [sd_deg] * 5)
        )
        for t_s, sd_deg in ((1.0, 2.0), (2.0, 4.0))
    )
    found = held(SamplingMemory(looks=(surer, less_sure)), 9.0).deviations

    assert found is not None
    assert found.sds_deg() == (4.0,) * 5


def test_where_the_sitter_is_holds_and_whether_the_newest_look_fits_the_baseline() -> None:
    """The median of the places, also of somebody who cannot be judged."""
    places = (UPRIGHT_PLACE, replace(UPRIGHT_PLACE, scale=0.5), replace(UPRIGHT_PLACE, scale=0.4))
    for reason in (None, UnknownReason.FACE_AWAY):
        looks = [
            replace(seen(t_s, unknown_reason=reason), position=position)
            for t_s, position in enumerate(places)
        ]
        looks[-1] = replace(looks[-1], mismatch=BaselineMismatch.ASIDE)
        found = held(SamplingMemory(looks=tuple(looks)), 9.0)
        assert found.position == places[-1]
        assert found.mismatch is BaselineMismatch.ASIDE
        assert found.unknown_reason is reason


def test_who_sinks_too_slowly_for_any_picture_to_differ_is_seen_all_the_same() -> None:
    """Looks from before are forgotten, one by one: the last few decide."""
    memory = SamplingMemory()
    for t_s in range(40):
        look = seen(t_s, 0.0 if t_s < 30 else 20.0)
        memory = looked(memory, look, thumbnail=picture(1, 0), changed=False, settings=SETTINGS)

    assert held(memory, 40.0) == seen(40.0, 20.0)


def test_a_frozen_camera_is_opened_anew_ever_more_rarely() -> None:
    """After one wait, two and four; a picture that differs ends it."""
    memory, thumbnail, opened_s = SamplingMemory(), picture(1, 0), []
    for t_s in range(600):
        memory, _ = choose(
            memory, t_s=t_s, thumbnail=thumbnail, alert_near=False, settings=SETTINGS
        )
        if has_to_reopen(memory, SETTINGS):
            memory = replace(memory, reopened=memory.reopened + 1)
            opened_s.append(t_s)
    assert opened_s == [SETTINGS.frozen_after_s * times for times in (1, 2, 4, 8)]

    memory, _ = choose(
        memory, t_s=601, thumbnail=picture(2, 0), alert_near=False, settings=SETTINGS
    )
    assert not has_to_reopen(memory, SETTINGS)
    assert memory.reopened == 0


def test_a_picture_is_repeated_from_the_second_time_on() -> None:
    """Before the first one nothing is."""
    memory, repeated = SamplingMemory(), [is_repeated(SamplingMemory())]
    for t_s in range(3):
        memory, _ = choose(
            memory, t_s=t_s, thumbnail=picture(1, 0), alert_near=False, settings=SETTINGS
        )
        repeated.append(is_repeated(memory))
    assert repeated == [False, False, True, True]
    assert not is_frozen(memory, SETTINGS)


@pytest.mark.parametrize(
    ("scene", "fidgets", "waits_s"), [(2, False, 2.5), (1, True, 3.0), (1, False, 30.0)]
)
def test_with_no_looks_saved_a_change_waits_for_its_turn(
    scene: int, waits_s: float, *, fidgets: bool
) -> None:
    """A large one less long than a small one; without a change the look holds."""
    looks = tuple(seen(-t_s) for t_s in range(SETTINGS.settled_looks))
    memory = SamplingMemory(t_s=0.0, looked_s=0.0, thumbnail=picture(1, 0), looks=looks)
    broke = replace(SETTINGS, looks_per_s=0.0)
    now = picture(scene, 0, fidgets=fidgets)
    for t_s in (waits_s - 0.01, waits_s):
        _, choice = choose(memory, t_s=t_s, thumbnail=now, alert_near=False, settings=broke)
        assert choice.look is (t_s == waits_s)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 3), st.floats(0.5, 40)), min_size=1, max_size=12))
def test_any_day_is_looked_at_often_enough_and_not_too_often(
    scenes: list[tuple[int, float]],
) -> None:
    """Never longer unseen than `still_there_s`, never beyond the budget, time always goes on."""
    ends_s, end_s = [], 0.0
    for scene, lasts_s in scenes:
        end_s += lasts_s
        ends_s.append((end_s, scene))

    found = watched(end_s, lambda t_s: next(scene for until_s, scene in ends_s if t_s < until_s))
    longest_s = SETTINGS.still_there_s + SETTINGS.idle_interval_s
    assert all(b - a <= longest_s for a, b in pairwise([*found.looks_s, found.pictures_s[-1]]))
    assert len(found.looks_s) <= SETTINGS.looks_per_s * end_s + SETTINGS.most_saved_looks + 1
