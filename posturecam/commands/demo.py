"""The main job on the clip that ships with the package, in a temporary data folder."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TextIO

from posturecam.base.clock import Clock, LocalZone, OtherClock
from posturecam.base.command_words import own_command
from posturecam.base.durations import format_duration
from posturecam.base.language import _
from posturecam.base.paths import AppPaths
from posturecam.base.wrapping import wrapped
from posturecam.capture.find import find_source
from posturecam.commands.calibrate import Plan, take_baseline
from posturecam.commands.review import load_day, review_as
from posturecam.commands.watch import Request, run_watch
from posturecam.outputs.baseline_words import baseline_text
from posturecam.pose.landmarker import PoseLandmarker
from posturecam.pose.models import find_model
from posturecam.posture.baseline import combine
from posturecam.posture.profiles import save_profile
from posturecam.values.events import EndedBy
from posturecam.values.settings import PolicySettings, PostureSettings, Settings

CALIBRATE_S = 9.5
"""The clip's sitter keeps upright for ten seconds."""

SETTINGS = Settings(
    source="demo",
    profile="demo",
    notify=False,
    posture=PostureSettings(smoothing_s=1.0, debounce_s=2.0, away_after_s=4.0, move_kept_s=2.0),
    policy=PolicySettings(
        slouch_after_s=8.0,
        slouch_reset_s=5.0,
        unchanged_after_s=14.0,
        cooldown_s=9.0,
        forget_after_s=20.0,
    ),
)
"""Waits of seconds instead of minutes, so that a clip of 90 seconds shows everything."""


FASTER = 100
"""How many times faster than real time the date passes. When the clip has been read, its 90 seconds
must be over by that date: a log takes nothing that is still to come, and would date all of it
earlier than the watch has said. Reading takes a second or more."""


class MorningClock(OtherClock):
    """It is a little past nine, so that the review of the clip never crosses midnight."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        local = clock.utc_now().astimezone(LocalZone())
        began_at = local.replace(hour=9, minute=5, second=0, microsecond=0).astimezone(UTC)
        self._began_at = began_at
        self._began_s = clock.monotonic_s()

    def utc_now(self) -> datetime:
        """Five past nine, local time, and `FASTER` times what has passed since."""
        return self._began_at + timedelta(seconds=FASTER * (self.monotonic_s() - self._began_s))

    def boot_id(self) -> str | None:
        """None: nothing else is to be dated by this one."""
        return None


def run_demo(*, clock: Clock, stream: TextIO, width: int) -> None:
    """Calibrates, watches, alerts, logs and reviews; nothing remains on the disk.

    Raises:
        PosturecamError: a part of the installation does not work.
        KeyboardInterrupt: the user has seen enough.
    """
    clock = MorningClock(clock)

    def say(text: str) -> None:
        lines = (wrapped(line, width) or [""] for line in text.splitlines())
        print("\n".join(chain.from_iterable(lines)), file=stream, flush=True)

    with tempfile.TemporaryDirectory(prefix="posturecam-demo-") as folder:
        paths = AppPaths(data=Path(folder), config=Path(folder))
        policy = SETTINGS.policy
        say(_("posturecam demo: a rendered sitter, a real pose model, everything on this machine."))
        text = _(
            "Waits are shortened: slouched {slouched} instead of 3 min, unchanged {unchanged} "
            "instead of 20 min, away {away} instead of 1 min."
        )
        say(
            text.format(
                slouched=format_duration(policy.slouch_after_s),
                unchanged=format_duration(policy.unchanged_after_s),
                away=format_duration(SETTINGS.posture.away_after_s),
            )
        )
        say("\n$ posturecam calibrate")
        say(_calibrate(paths, clock))
        say("\n$ posturecam watch")
        request = Request(settings=SETTINGS, format_name="plain")
        if run_watch(request, paths=paths, clock=clock, stream=stream) is EndedBy.INTERRUPTED:
            raise KeyboardInterrupt
        say("\n$ posturecam review")
        print(_review(paths, clock, width), file=stream)
    turn = _("Your turn: {command}").format(command=own_command())
    print(f"\n{turn}", file=stream)  # not wrapped: it is to be copied


def _calibrate(paths: AppPaths, clock: Clock) -> str:
    model = find_model(SETTINGS.model)
    plan = Plan(takes=1, seconds_s=CALIBRATE_S, ready_s=0.0, interval_s=1 / SETTINGS.sample_hz)
    with (
        find_source(SETTINGS.source, clock=clock).open() as source,
        PoseLandmarker.open(model) as landmarker,
    ):
        takes = take_baseline(source.frames(plan.interval_s), landmarker, plan, lambda _: None)
    baseline = combine(
        takes,
        profile=SETTINGS.profile,
        model_sha256=model.landmarks_sha256,
        taken_at=clock.utc_now(),
    )
    save_profile(paths.profiles, baseline)
    text = _("baseline {name!r}: {baseline}")
    return text.format(name=baseline.profile, baseline=baseline_text(baseline))


def _review(paths: AppPaths, clock: Clock, width: int) -> str:
    zone = LocalZone()
    today = clock.utc_now().astimezone(zone).date()
    review = load_day(paths.log, today, zone, policy=SETTINGS.policy)
    return review_as("plain", review, width=width)
