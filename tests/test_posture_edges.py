"""What posture is judged by, at the edges of its rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from posturecam.posture.anchors import Anchor, with_anchor
from posturecam.posture.mismatch import MismatchMemory, step
from posturecam.posture.scenery import UNTURNED, Scenery
from posturecam.values.observation import (
    BaselineMismatch,
    Deviations,
    Observation,
    Stance,
    UnknownReason,
    View,
)
from posturecam.watch.stances import Stances
from tests.fakes import sitter
from tests.rooms import photo, room, turned
from tests.sitters import detection
from tests.test_anchors import anchor
from tests.test_skyline import HOME, baseline_before
from tests.test_stances import upstanding

if TYPE_CHECKING:
    from posturecam.posture.baseline import Baseline

UNSEEN = cast("Scenery", object())
"""Stands around nobody: whoever looks at it fails."""


def test_of_the_poses_that_were_no_slouch_twenty_four_are_kept() -> None:
    """As docs/measured.md says; the next one takes the place of the oldest."""
    anchors: tuple[Anchor, ...] = ()
    for minutes in range(30):
        anchors = with_anchor(anchors, anchor(minutes=minutes))
    assert [one.at.minute for one in anchors] == [*range(6, 30)]


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
    for look in range(round(2 * stale_s / every_s)):
        seen = Observation(
            t_s=9.0 + look * every_s,
            view=View.FRONT,
            deviations=Deviations(),
            mismatch=mismatch if look * every_s <= stale_s else None,
        )
        memory, judged, _ = step(memory, seen, gap_s=2.5)
        if judged.unknown_reason is UnknownReason.STALE:
            stale.append(look * every_s)
    assert stale[0] == stale_s
    assert stale[-1] == stale_s + over_s - every_s


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
