"""How strong the light at the edges of the screens is, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.tray.glow import (
    FADES_S,
    GROWS_S,
    STILL_STRENGTH,
    Glow,
    Rect,
    edges_of,
    is_slouching,
)
from posturecam.tray.seen import Seen
from posturecam.values.events import CameraStatus
from posturecam.values.observation import PostureState
from posturecam.values.reasons import QuietReason
from posturecam.watch.broadcast import Update
from posturecam.watch.requests import Requests
from tests.tray.test_tray import following, seen_of, turn

UPRIGHT, SLOUCHED = PostureState.UPRIGHT, PostureState.SLOUCHED


@pytest.mark.parametrize(
    ("seen", "glows"),
    [
        (seen_of(SLOUCHED), True),
        (seen_of(UPRIGHT, provisional=SLOUCHED), True),
        (seen_of(PostureState.UNKNOWN, provisional=SLOUCHED), True),
        (seen_of(SLOUCHED, newest=SLOUCHED), True),
        (seen_of(SLOUCHED, newest=PostureState.UNKNOWN), True),
        (seen_of(SLOUCHED, newest=UPRIGHT), False),
        (seen_of(SLOUCHED, provisional=UPRIGHT, newest=SLOUCHED), False),
        (seen_of(SLOUCHED, provisional=UPRIGHT), False),
        (seen_of(SLOUCHED, provisional=PostureState.UNKNOWN), False),
        (seen_of(UPRIGHT), False),
        (seen_of(PostureState.AWAY), False),
        (seen_of(PostureState.PAUSED), False),
        (seen_of(SLOUCHED, camera=CameraStatus.LOST), False),
        (following(Update(turn=turn(SLOUCHED), in_force=Requests(paused=True))), False),
        (following(Update(turn=turn(SLOUCHED)), Update(turn=None, turned_s_ago=9.0)), False),
        (following(Update(turn=replace(turn(SLOUCHED), quiet=QuietReason.FULL_SCREEN))), False),
        (following(Update(turn=replace(turn(SLOUCHED), quiet=QuietReason.SNOOZED))), False),
        (following(), False),
        (Seen(), False),
    ],
)
def test_it_glows_while_the_last_pictures_show_a_slouch(
    seen: Seen,
    glows: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Never while alerts are suppressed, and never without knowing."""
    assert is_slouching(seen) is glows


def test_it_grows_over_seconds_and_is_gone_at_once() -> None:
    """From where it was, when the sitter changes their mind."""
    dark = Glow()
    assert dark.turned(5.0, growing=False) is dark
    assert not dark.is_changing(5.0)
    glow = dark.turned(10.0, growing=True)
    assert [glow.at(10.0 + share * GROWS_S) for share in (0.0, 0.25, 1.0, 9.0)] == [0, 0.25, 1, 1]
    assert glow.is_changing(10.0 + 0.9 * GROWS_S)
    assert not glow.is_changing(10.0 + GROWS_S)
    half_s = 10.0 + GROWS_S / 2
    fading = glow.turned(half_s, growing=False)
    assert fading.at(half_s) == pytest.approx(0.5)
    assert fading.at(half_s + FADES_S) == 0
    assert fading.is_changing(half_s + 0.3 * FADES_S)
    again = fading.turned(half_s + FADES_S / 4, growing=True)
    assert again.at(half_s + FADES_S / 4) == pytest.approx(0.25)


def test_with_less_motion_there_is_one_step() -> None:
    """And nothing to animate."""
    glow = Glow(still=True).turned(3.0, growing=True)
    assert [glow.at(t_s) for t_s in (3.0, 30.0)] == [STILL_STRENGTH] * 2
    assert not glow.is_changing(3.0)
    assert glow.turned(40.0, growing=False).at(40.0) == 0


@given(
    left=st.integers(-4000, 4000),
    top=st.integers(-4000, 4000),
    width=st.integers(2, 4000),
    height=st.integers(2, 4000),
    depth=st.integers(0, 500),
)
def test_edges_lie_on_their_screen_and_not_on_each_other(
    left: int, top: int, width: int, height: int, depth: int
) -> None:
    """And go all the way round, however deep."""
    screen = Rect(left=left, top=top, width=width, height=height)
    edges = edges_of(screen, depth)
    depth = max(1, min(depth, width // 2, height // 2))
    for edge in edges:
        assert left <= edge.left
        assert top <= edge.top
        assert edge.left + edge.width <= left + width
        assert edge.top + edge.height <= top + height
    inner = (width - 2 * depth) * (height - 2 * depth)
    assert sum(edge.width * edge.height for edge in edges) == width * height - inner
