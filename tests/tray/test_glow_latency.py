"""From sitting up to the end of the glow: the real program with its models at a real stream."""

from __future__ import annotations

import statistics
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from posturecam.base.clock import SystemClock
from posturecam.tray.glow import FADES_S, is_slouching
from posturecam.tray.seen import Seeing
from posturecam.watch.client import following
from tests.desktops import linux_only
from tests.program import DEMO_CLIP
from tests.started import Started
from tests.streams import MjpegServer, clip_jpegs
from tests.waiting import quickest_s, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from posturecam.tray.seen import Seen
    from posturecam.watch.client import Followed

pytestmark = [linux_only, pytest.mark.slow, pytest.mark.model]

SOON_S = 1.0
UPRIGHT, SLOUCHED = slice(25, 95), {"slump": slice(140, 345), "lean_in": slice(775, 890)}
"""Pictures of the demo clip, ten a second, in which nothing changes."""


@contextmanager
def watching(camera: MjpegServer, socket: Path) -> Iterator[None]:
    """The program with its models, which begins with a baseline."""
    words = ("watch", "--source", camera.url, "--calibrate", "8s", "--no-notify")
    with Started(
        [sys.executable, "-m", "posturecam", *words], stdout=subprocess.DEVNULL
    ) as process:
        try:
            wait_until(socket.exists, "it can be followed")
            yield
        finally:
            process.kill()


class Follower:
    """What the tray would know, as time goes on."""

    def __init__(self, watch: Followed, clock: SystemClock) -> None:
        self._clock = clock
        self._story = watch.updates()
        self._seeing = Seeing()
        self._seeing.begin(watch.beginning)

    def hear_until(self, holds: Callable[[Seen], bool], limit_s: float = 60.0) -> float:
        """How long it takes until that is so."""
        began_s = self._clock.monotonic_s()
        while not holds(self._seeing.seen):
            assert self._clock.monotonic_s() - began_s < limit_s
            if (told := next(self._story)) is not None:
                self._seeing.hear(told)
        return self._clock.monotonic_s() - began_s

    def hear_for(self, seconds: float) -> None:
        """Lets so much time pass."""
        end_s = self._clock.monotonic_s() + seconds
        self.hear_until(lambda _: self._clock.monotonic_s() >= end_s)


def test_the_glow_is_gone_within_a_second_of_sitting_up(home: Path) -> None:
    """At the median; told by what the tray makes of what it hears."""
    jpegs, clock = clip_jpegs(DEMO_CLIP), SystemClock()
    with (
        MjpegServer(jpegs[UPRIGHT], rate_hz=10) as camera,
        watching(camera, home / "control.sock"),
        following(home / "control.sock", clock) as watch,
    ):
        follower = Follower(watch, clock)
        follower.hear_until(lambda seen: seen.present)

        def median_s() -> float:
            took_s = []
            for name in ("slump", "lean_in", "slump"):
                camera.jpegs = jpegs[SLOUCHED[name]]
                follower.hear_until(is_slouching)
                follower.hear_for(6.0)  # it counts as a slouch
                camera.jpegs = jpegs[UPRIGHT]
                took_s.append(follower.hear_until(lambda seen: not is_slouching(seen)) + FADES_S)
                follower.hear_for(6.0)  # it counts as upright
            return statistics.median(took_s)

        assert quickest_s(median_s, SOON_S, tries=3) <= SOON_S
