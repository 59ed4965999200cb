"""`calibrate --check`: how far each deviation is from its limit, live."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

from posturecam.base.interrupts import Interrupts
from posturecam.commands.feed import feed_of
from posturecam.outputs.event_texts import upright_share_text
from posturecam.outputs.lines import CheckLines
from posturecam.outputs.live_view import make_display
from posturecam.outputs.troubles import Troubles
from posturecam.pose.landmarker import PoseLandmarker
from posturecam.pose.models import find_model
from posturecam.posture.profiles import ProfileFiles
from posturecam.watch.loop import Watch
from posturecam.watch.task import Task

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.base.paths import AppPaths
    from posturecam.values.events import EndedBy
    from posturecam.values.settings import Settings


def run_check(
    settings: Settings, *, seconds_s: float | None, paths: AppPaths, clock: Clock, stream: TextIO
) -> EndedBy:
    """Shows how far each deviation is from its limit; says what ended it.

    Nothing is stored and nobody is alerted. It goes on for `seconds_s`, or to the end.

    Raises:
        PosturecamError: see `errors`.
    """
    model = find_model(settings.model)
    kept = ProfileFiles(paths.profiles, settings, model).load()
    settings = settings.limited(kept.limits.values_deg())
    silent = replace(
        settings.policy,
        slouch_after_s=math.inf,
        unchanged_after_s=math.inf,
        break_after_s=math.inf,
    )
    with (
        Interrupts() as interrupts,
        feed_of(settings, clock, rotate_deg=kept.sitting.rotate_deg) as feed,
        PoseLandmarker.open(model) as landmarker,
    ):
        feed.open_first(lambda: interrupts.requested)
        display = (
            make_display("rich", settings=settings, clock=clock, stream=stream)
            if stream.isatty()
            else CheckLines(stream, settings)
        )
        task = Task(
            settings=replace(settings, policy=silent),
            model_sha256=model.landmarks_sha256,
            began_at=clock.utc_now(),
            baseline=kept.sitting,
            standing=kept.standing,
            duration_s=seconds_s,
            guarded=landmarker.guard.active,
        )
        sinks = (display, Troubles((display,), display.warn))
        watch = Watch(task, landmarker=landmarker, sinks=sinks)
        try:
            ended_by = watch.run(feed, interrupts)
        finally:
            display.close()
    print(upright_share_text(watch.totals), file=stream, flush=True)
    return ended_by
