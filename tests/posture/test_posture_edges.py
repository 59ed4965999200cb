"""What posture is judged by, at the edges of its rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from posturecam.posture import place
from posturecam.posture.anchors import Anchor, with_anchor
from posturecam.posture.mismatch import MismatchMemory, step
from posturecam.posture.place import PlaceMemory
from posturecam.posture.scenery import UNTURNED, Scenery
from posturecam.posture.state import (
    PostureMemory,
    at_another_place,
    may_be_slouched,
    without_slouch,
)
from posturecam.posture.state import step as state_step
from posturecam.values.observation import (
    BaselineMismatch,
    Deviations,
    Observation,
    PostureState,
    Stance,
    UnknownReason,
    View,
)
from posturecam.values.settings import PostureSettings, Settings
from posturecam.watch.stances import Stances
from tests.fakes import sitter
from tests.posture.test_anchors import anchor
from tests.posture.test_posture import look
from tests.posture.test_skyline import HOME, baseline_before
from tests.posture.test_stances import upstanding
from tests.rooms import photo, room, turned
from tests.simulated_days import UPRIGHT_PLACE
from tests.sitters import detection

if TYPE_CHECKING:
    from posturecam.posture.baseline import Baseline
    from posturecam.values.observation import Reading, SitterPosition

UNSEEN = cast("Scenery", object())
"""Stands around nobody: whoever looks at it fails."""


def test_of_the_poses_that_were_no_slouch_twenty_four_are_kept() -> None:
    """As docs/measured.md says; the next one takes the place of the oldest."""
    anchors: tuple[Anchor, ...] = ()
    for minutes in range(30):
        anchors = with_anchor(anchors, anchor(minutes=minutes))
    assert [one.at.minute for one in anchors] == [*range(6, 30)]


# What a watch takes back

UPRIGHT_ODDS, SLOUCHED_ODDS = -4.0, 4.0


def judged(
    memory: PostureMemory, log_odds: float, *, lasts: int, at: SitterPosition = UPRIGHT_PLACE
) -> tuple[PostureMemory, list[Reading]]:
    """What is remembered after so many looks a second apart, and their readings."""
    begun_s, readings = memory.t_s or 0.0, []
    for second in range(1, lasts + 1):
        seen = replace(look(log_odds), t_s=begun_s + second, position=at)
        memory, reading = state_step(memory, seen, PostureSettings())
        readings.append(reading)
    return memory, readings


def test_a_slouch_that_was_none_is_over_and_it_takes_a_new_one() -> None:
    """As long as any, of looks after it; whoever is not slouched is judged as ever."""
    upright, _ = judged(PostureMemory(), UPRIGHT_ODDS, lasts=10)
    slouched, _ = judged(upright, SLOUCHED_ODDS, lasts=20)
    taken_back = without_slouch(slouched)
    assert (slouched.state, taken_back.state) == (PostureState.SLOUCHED, PostureState.UPRIGHT)
    assert not may_be_slouched(taken_back)
    _, readings = judged(taken_back, SLOUCHED_ODDS, lasts=10)
    held = [reading.state for reading in readings].index(PostureState.SLOUCHED)
    assert held == PostureSettings().debounce_s
    for other in (upright, replace(upright, state=PostureState.AWAY)):
        assert without_slouch(other) == replace(other, recent=())
    assert without_slouch(PostureMemory()) == PostureMemory()


def test_by_another_baseline_nobody_has_moved_who_is_at_another_place() -> None:
    """Nor is a slouch by the one before still one."""
    elsewhere = replace(UPRIGHT_PLACE, shoulder_x=0.9)
    slouched, _ = judged(PostureMemory(), SLOUCHED_ODDS, lasts=20)
    stood_up = at_another_place(slouched)
    assert stood_up.state is PostureState.UPRIGHT
    for memory, moved in ((slouched, True), (stood_up, False)):
        _, readings = judged(memory, UPRIGHT_ODDS, lasts=20, at=elsewhere)
        assert any(reading.moved for reading in readings) is moved


def test_somebody_may_be_slouched_from_the_looks_that_show_it_until_it_is_over() -> None:
    """Before it counts, too."""
    upright, _ = judged(PostureMemory(), UPRIGHT_ODDS, lasts=10)
    begun, _ = judged(upright, SLOUCHED_ODDS, lasts=4)
    slouched, _ = judged(begun, SLOUCHED_ODDS, lasts=10)
    rising, _ = judged(slouched, UPRIGHT_ODDS, lasts=4)
    over, _ = judged(rising, UPRIGHT_ODDS, lasts=10)
    memories = (upright, begun, slouched, rising, over)
    assert [may_be_slouched(memory) for memory in memories] == [False, True, True, True, False]


LOOKS = {
    "u": look(UPRIGHT_ODDS),
    "s": look(SLOUCHED_ODDS),
    "-": Observation(t_s=0.0, view=View.FRONT, unknown_reason=UnknownReason.NOBODY),
    "h": Observation(t_s=0.0, view=View.FRONT, unknown_reason=UnknownReason.HAND),
    "f": Observation(t_s=0.0, view=View.FRONT, unknown_reason=UnknownReason.FACE_AWAY),
}
SHOWN = {
    None: " ",
    PostureState.UPRIGHT: "u",
    PostureState.SLOUCHED: "s",
    PostureState.UNKNOWN: "?",
    PostureState.AWAY: "a",
    UnknownReason.HAND: "h",
    UnknownReason.FACE_AWAY: "f",
}
SOON_AWAY = PostureSettings(away_after_s=10.0)


def followed(looks: str) -> list[Reading]:
    """The readings of looks a second apart, each a letter of `LOOKS`."""
    memory, readings = PostureMemory(), []
    for second, letter in enumerate(looks):
        memory, reading = state_step(memory, replace(LOOKS[letter], t_s=float(second)), SOON_AWAY)
        readings.append(reading)
    return readings


@pytest.mark.parametrize(
    ("looks", "states", "provisional"),
    [
        (
            "uuuu----------------uuuuuu",
            "uuuuuuuu???????aaaaaaaauuu",
            "     ???             uu   ",
        ),
        (
            "--------------uu--------",
            "??????????aaaaaaaaaaaaaa",
            "               uu       ",
        ),
    ],
    ids=["leaves and comes back", "seems to come back"],
)
def test_who_leaves_is_away_until_they_were_seen_for_long_enough(
    looks: str, states: str, provisional: str
) -> None:
    """Ten seconds here; what may become the state is said, but not that nobody is there still."""
    readings = followed(looks)
    assert "".join(SHOWN[one.state] for one in readings) == states
    assert "".join(SHOWN[one.provisional] for one in readings) == provisional


def test_a_new_doubt_is_named_at_once_though_a_slouch_was_about_to_count() -> None:
    """From when most of the last looks have it."""
    reasons = [reading.reasons[0] for reading in followed("hhhhhssfff")]
    assert "".join(SHOWN[one] for one in reasons if isinstance(one, UnknownReason)) == "hhhhhhhhff"


@pytest.mark.parametrize(("before", "then"), ["su", "us"])
def test_a_posture_counts_though_it_is_hidden_now_and_then(before: str, then: str) -> None:
    """Once it was seen for as long as ever; the one before does not live on."""
    readings = followed(8 * before + 5 * (4 * then + 2 * "h"))
    states = "".join(SHOWN[one.state] for one in readings)
    assert states == {"s": "?????sss", "u": "uuuuuuuu"}[before] + 8 * before + 22 * then


@pytest.mark.parametrize("hidden", [4, 5])
def test_a_posture_that_was_hidden_for_too_long_begins_anew(hidden: int) -> None:
    """In the very moment in which it is unknown, too, as a second later."""
    readings = followed("uuuuuuuu" + 5 * "s" + hidden * "h" + 8 * "s")
    states = "".join(SHOWN[one.state] for one in readings)
    assert states == 17 * "u" + (hidden + 2) * "?" + "ss"


@pytest.mark.parametrize("hidden", ["f", "-"])
def test_what_a_burst_cannot_judge_is_unknown_until_the_next(hidden: str) -> None:
    """However far apart they are, and whatever the sitter did before."""
    settings = Settings(interval_s=30.0).with_interval().posture
    memory = PostureMemory()
    states = []
    for t_s in (0, 1, 2, 3, 4, 34, 35, 36, 37, 38, 68):
        seen = LOOKS["s" if t_s < 35 else hidden]
        memory, reading = state_step(memory, replace(seen, t_s=float(t_s)), settings)
        states.append(SHOWN[reading.state])
    assert "".join(states) == "?????sssss?"


# Who is there and cannot be seen


@pytest.mark.parametrize(
    ("unseen_s", "found"), [(599.5, UnknownReason.NO_HEAD), (600.0, UnknownReason.NOBODY)]
)
def test_ten_minutes_unseen_and_nobody_is_there(unseen_s: float, found: UnknownReason) -> None:
    """Of whoever sank before, and has not stirred."""
    picture = np.full((12, 16), 90, dtype=np.uint8)
    memory = PlaceMemory(
        t_s=598.0,
        position=UPRIGHT_PLACE,
        sank=True,
        unseen_since_s=1.0,
        gone=False,
        then=picture,
        then_s=598.0,
    )
    empty = Observation(t_s=unseen_s, view=View.FRONT, unknown_reason=UnknownReason.NOBODY)
    _, seen = place.step(memory, empty, picture, UPRIGHT_PLACE)
    assert seen.unknown_reason is found


# When a baseline no longer fits


@pytest.mark.parametrize(
    ("mismatch", "stale_s", "over_s"),
    [(BaselineMismatch.ASIDE, 120, 60), (BaselineMismatch.SHAPE, 20, 10)],
)
@pytest.mark.parametrize("every_s", [0.25, 2.5])
def test_a_mismatch_takes_its_time_and_half_of_it_to_be_over(
    mismatch: BaselineMismatch, stale_s: float, over_s: float, every_s: float
) -> None:
    """From the first look that shows it; looks may be as far apart as two that make no gap."""
    memory, stale = MismatchMemory(), []
    for turn in range(round(2 * stale_s / every_s)):
        seen = Observation(
            t_s=9.0 + turn * every_s,
            view=View.FRONT,
            deviations=Deviations(),
            mismatch=mismatch if turn * every_s <= stale_s else None,
        )
        memory, judged, _ = step(memory, seen, gap_s=2.5)
        if judged.unknown_reason is UnknownReason.STALE:
            stale.append(turn * every_s)
    assert stale[0] == stale_s
    assert stale[-1] == stale_s + over_s - every_s


@pytest.mark.parametrize(
    ("quiet_until_s", "fits_from_s", "said_s"),
    [(0, 400, [120]), (300, 400, [300]), (300, 200, [])],
)
def test_that_a_baseline_no_longer_fits_is_said_once_alerts_are_free(
    quiet_until_s: float, fits_from_s: float, said_s: list[float]
) -> None:
    """Once; not where it fits again by then."""
    memory, said = MismatchMemory(), []
    for t_s in range(500):
        seen = Observation(
            t_s=float(t_s),
            view=View.FRONT,
            deviations=Deviations(),
            mismatch=BaselineMismatch.ASIDE if t_s < fits_from_s else None,
        )
        memory, _, different = step(memory, seen, gap_s=2.5, quiet=t_s < quiet_until_s)
        said += [t_s] * (different is not None)
    assert said == said_s


# Sitting and standing


def standing_before(sitting: Baseline) -> Baseline:
    """Somebody who stands in the room in which that one was taken sitting."""
    return replace(sitting, centre=upstanding().centre, stance=Stance.STANDING)


def test_a_room_that_both_baselines_show_is_not_looked_at() -> None:
    """That costs as much as a fifth of a look of the pose model, and would tell nothing."""
    sits = baseline_before(photo(room(), HOME))
    from_the_start, since_then = Stances(sits, standing_before(sits)), Stances(sits, None)
    since_then.replace(standing_before(sits))
    for two in (from_the_start, since_then):
        two.see(detection(sitter()), UNSEEN, UNTURNED)

    raised = standing_before(baseline_before(photo(room(), turned(down_deg=9.0))))
    with pytest.raises(AttributeError):
        Stances(sits, raised).see(detection(sitter()), UNSEEN, UNTURNED)
