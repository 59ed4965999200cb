"""Taking a baseline from a source: get ready, hold, and say all along what is seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from posturecam.base.errors import BaselineError
from posturecam.base.language import Sentence
from posturecam.base.paths import AppPaths, make_private_folder
from posturecam.capture.session import Interruption, Item
from posturecam.commands.calibrate_guided import Guide, teach_guided
from posturecam.commands.feed import feed_of
from posturecam.commands.profile_here import desk_here
from posturecam.outputs.preview import NoPreview, Preview
from posturecam.pose.landmarker import GuardedLandmarker, Landmarker, PoseLandmarker
from posturecam.pose.models import Model, find_model
from posturecam.pose.turning import TurnFinder
from posturecam.posture.baseline import OVERTIME, Baseline, Demands, Take, combine, with_slump
from posturecam.posture.profile_fit import with_desk
from posturecam.posture.profiles import (
    find_profile,
    load_previous,
    load_profile,
    profile_path,
    save_profile,
)
from posturecam.posture.scenery import scenery_in
from posturecam.posture.stance import refuse_one_place
from posturecam.posture.taking import unlike_before
from posturecam.values.events import CameraStatus, Tick
from posturecam.values.observation import Detection, Frame, Posing, Stance, TakeProgress
from posturecam.values.settings import (
    AGAIN_S,
    LIVE_TAKES,
    READY_S,
    TAKE_S,
    Settings,
    calibrate_command,
)

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.values.desk import Desk
    from posturecam.values.reasons import Lesson, SlouchReason


NO_PREVIEW = NoPreview()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What baseline is asked for.

    Attributes:
        takes: how many times to sit down for it; None for as many as suit the source.
        seconds_s: length of one take.
        slump: whether one more take shows the usual slump.
        stance: whether it is of somebody sitting or standing.
    """

    takes: int | None = None
    seconds_s: float = TAKE_S
    slump: bool = False
    stance: Stance = Stance.SITTING


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitter:
    """What the one of whom a baseline is taken is shown and asked, at a terminal or in a window.

    Attributes:
        agree: asks whether they sat upright, though the baseline is unlike the one before for these
            reasons.
        warn: says what keeps the pictures from coming, and when they are turned.
        guide: leads through the guided minute, which comes at a camera after a baseline sitting.
    """

    report: Callable[[TakeProgress], None]
    agree: Callable[[Sequence[SlouchReason]], bool]
    warn: Callable[[str], None]
    guide: Guide | None = None
    preview: Preview | NoPreview = NO_PREVIEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a baseline is taken.

    Attributes:
        takes: how many times the user sits down for it; people re-adopt their own comfortable
            pose with several degrees of spread, so one take is not enough at the desk.
        seconds_s: length of one take, None for all that the source has.
        ready_s: time to get ready before the first take, and before one of another pose.
        again_s: time to get up and sit down again before each further one; as the first by default.
        gap_s: a longer time without a picture is no time of a take; a machine may have slept. Where
            the next picture takes as long, too, they come no faster.
        posing: what the takes show, but for one of the usual slump.
    """

    takes: int
    seconds_s: float | None
    ready_s: float
    interval_s: float
    again_s: float | None = None
    gap_s: float = math.inf
    posing: Posing = Posing.UPRIGHT
    demands: Demands = field(default_factory=Demands)

    @classmethod
    def of_source(cls, settings: Settings, wanted: Wanted, *, live: bool) -> Plan:
        """What suits a live source, before which somebody sits, or one that was recorded."""
        return cls(
            takes=wanted.takes or (LIVE_TAKES if live else 1),
            seconds_s=wanted.seconds_s,
            ready_s=READY_S if live else 0.0,
            again_s=AGAIN_S if live else None,
            interval_s=1.0 / settings.sample_hz,
            gap_s=settings.posture.gap_s if live else math.inf,
            posing=Posing.STANDING if wanted.stance is Stance.STANDING else Posing.UPRIGHT,
        )


def take_baseline(
    items: Iterator[Item | None],
    landmarker: Landmarker,
    plan: Plan,
    report: Callable[[TakeProgress], None],
    *,
    slump: bool = False,
) -> list[Take]:
    """The takes of one calibration, in order; reports after each picture.

    With `slump` one more take, the last, shows the usual slump. A take that shows nothing useful
    ends the calibration at once.

    Raises:
        BaselineError: a take cannot be used.
    """
    takes: list[Take] = []
    wanted = plan.takes + slump
    for number in range(1, wanted + 1):
        posing = Posing.SLUMP if number > plan.takes else plan.posing
        take = _one_take(items, landmarker, plan, report, number=number, posing=posing)
        if take is None:
            break
        take.check()
        takes.append(take)
    if len(takes) < wanted:
        raise BaselineError(
            Sentence(
                "No baseline: the pictures ended after {taken} of {wanted} takes.",
                taken=len(takes),
                wanted=wanted,
            ),
            Sentence("Use fewer or shorter takes: --takes 1 --seconds 5"),
        )
    return takes


def _one_take(
    items: Iterator[Item | None],
    landmarker: Landmarker,
    plan: Plan,
    report: Callable[[TakeProgress], None],
    *,
    number: int = 1,
    posing: Posing = Posing.UPRIGHT,
) -> Take | None:
    ready_s = plan.ready_s
    if plan.again_s is not None and number > 1 and posing is plan.posing:
        ready_s = plan.again_s
    take, rehearsal = Take(demands=plan.demands), Take(demands=plan.demands)
    last_s: float | None = None
    elapsed_s, late = 0.0, False
    for item in items:
        if not isinstance(item, Frame):
            continue
        passed_s = 0.0 if last_s is None else item.t_s - last_s
        late_again, late = late, passed_s > plan.gap_s
        elapsed_s += passed_s if late_again or not late else 0.0
        last_s = item.t_s
        holding = elapsed_s >= ready_s
        if plan.seconds_s is not None and elapsed_s >= ready_s + plan.seconds_s:
            longest_s = ready_s + (1 + OVERTIME) * plan.seconds_s
            if elapsed_s >= longest_s or not take.moves_about():
                take.lasted_s = elapsed_s - ready_s
                return take
        detection = landmarker.detect(item)
        scenery = scenery_in(item.image, detection.people)
        unknown_reason = (take if holding else rehearsal).add(detection, scenery)
        end_s = ready_s + (plan.seconds_s or 0.0) if holding else ready_s
        open_end = holding and plan.seconds_s is None
        report(
            TakeProgress(
                take=number,
                takes=plan.takes,
                holding=holding,
                left_s=None if open_end else max(0.0, end_s - elapsed_s),
                samples=take.samples,
                unknown_reason=unknown_reason,
                posing=posing,
            )
        )
    return None if last_s is None else take


def run_calibrate(
    settings: Settings,
    wanted: Wanted,
    sitter: Sitter,
    *,
    paths: AppPaths,
    clock: Clock,
    open_landmarker: Callable[[Model], GuardedLandmarker] = PoseLandmarker.open,
) -> Baseline:
    """Takes a baseline from the source in the settings and keeps it as a profile.

    One of somebody standing goes beside the one of the same profile sitting. Where it is far from
    the baseline that it replaces, that one is kept unless the sitter agrees.

    Raises:
        PosturecamError: no source, a baseline that would not be good, or nowhere to keep it.
        KeyboardInterrupt: the user gave up; before the baseline was kept, or after.
    """
    # What would stop it at the end is found before anyone poses.
    profile_path(paths.profiles, settings.profile)
    make_private_folder(paths.profiles)
    before = find_profile(paths.profiles, settings.profile, wanted.stance)
    load_previous(paths.profiles, settings.profile, wanted.stance)
    standing = wanted.stance is Stance.STANDING
    sitting = load_profile(paths.profiles, settings.profile) if standing else None
    model = find_model(settings.model)
    feed = feed_of(settings, clock, rotate_deg=settings.rotate or 0, patient=False)
    with feed, open_landmarker(model) as landmarker:
        feed.open_first(lambda: False)
        plan = Plan.of_source(settings, wanted, live=feed.live)
        items = _saying_delays(feed.frames(plan.interval_s), sitter.warn)
        shown = _Shown(landmarker, sitter, clock)
        finder = TurnFinder(shown.detect, sitter.warn) if settings.rotate is None else None
        done = take_baseline(items, finder or shown, plan, shown.report, slump=wanted.slump)
        baseline = replace(
            combine(
                done[: plan.takes],
                profile=settings.profile,
                model_sha256=model.landmarks_sha256,
                taken_at=clock.utc_now(),
            ),
            rotate_deg=(settings.rotate if finder is None else finder.rotate_deg) or 0,
            desks=_desks_with(desk_here(settings.source), before),
            stance=wanted.stance,
        )
        if sitting is not None:
            refuse_one_place(sitting, baseline)
        if wanted.slump:
            baseline = with_slump(baseline, done[-1])
        if before is not None:
            _refuse_unlike(baseline, before, settings, sitter)
        path = save_profile(paths.profiles, baseline)
        if sitter.guide is not None and feed.live and not standing:

            def take(lesson: Lesson) -> Take | None:
                posing = Posing(lesson.value)
                return _one_take(items, finder or shown, plan, shown.report, posing=posing)

            teach_guided(baseline, path, sitter.guide, take, clock.utc_now)
        return baseline


class _Shown:
    """A landmarker whose pictures are shown in a window, with where the take stands."""

    def __init__(self, landmarker: GuardedLandmarker, sitter: Sitter, clock: Clock) -> None:
        self._landmarker = landmarker
        self._preview = sitter.preview
        self._report = sitter.report
        self._clock = clock
        self._t_s = 0.0

    def detect(self, frame: Frame) -> Detection:
        """Everybody in the frame."""
        detection = self._landmarker.detect(frame)
        self._preview.look(frame, detection, None)
        self._t_s = frame.t_s
        return detection

    def report(self, progress: TakeProgress) -> None:
        """Shows the newest picture, and reports."""
        tick = Tick(
            t_s=self._t_s,
            at=self._clock.utc_now(),
            reading=None,
            guarded=self._landmarker.guard.active,
            taking=progress,
        )
        self._preview.handle(tick)
        self._report(progress)


def _desks_with(here: Desk | None, before: Baseline | None) -> tuple[Desk, ...]:
    """Where a baseline taken here is used: as the one before it, if that was, too."""
    if here is None:
        return ()
    kept = () if before is None else before.desks
    return with_desk(kept, here) if here in kept else (here,)


def _refuse_unlike(
    baseline: Baseline, before: Baseline, settings: Settings, sitter: Sitter
) -> None:
    limits = settings.fitted(before.thresholds).posture.thresholds
    reasons = unlike_before(baseline, before, limits)
    if reasons and not sitter.agree(reasons):
        raise BaselineError(
            Sentence("No new baseline: the one from before stays in use."),
            Sentence(
                "Sit comfortably upright, then: {command}",
                command=calibrate_command(settings.profile),
            ),
        )


def _saying_delays(items: Iterator[Item], warn: Callable[[str], None]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Interruption) and item.status is CameraStatus.WAITING:
            warn(item.detail)
        yield item
