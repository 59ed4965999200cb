"""The one loop: pictures in, judgements made, every sink served.

It decides nothing itself. `attention` looks, `judging` judges, `renewal` and `teaching` change what
is judged by, all over time that the source states; here what they say reaches the sinks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from posturecam.base.errors import PosturecamError
from posturecam.capture.session import Interruption, Item, Resting
from posturecam.capture.source import LOST_AFTER_S
from posturecam.posture.baseline import Baseline
from posturecam.posture.scenery import scenery_in
from posturecam.values.events import (
    Calibrated,
    CameraChanged,
    CameraStatus,
    Control,
    Controlled,
    EndedBy,
    Event,
    Refusal,
    Summarised,
    Tick,
)
from posturecam.values.observation import (
    Detection,
    Frame,
    Observation,
    Posing,
    Reading,
    UnknownReason,
)
from posturecam.values.reasons import QuietReason
from posturecam.values.settings import LIVE_TAKES, Thresholds
from posturecam.watch.attention import Attention
from posturecam.watch.judging import Judging
from posturecam.watch.pace import Pace
from posturecam.watch.renewal import Renewal, refused
from posturecam.watch.stances import Stances
from posturecam.watch.teaching import ForThisWatch, Profile, Teaching
from posturecam.watch.totals import Tally
from posturecam.watch.turn_events import calibrated

if TYPE_CHECKING:
    from posturecam.base.interrupts import Interrupts
    from posturecam.pose.landmarker import Landmarker
    from posturecam.posture.taking import Taking
    from posturecam.values.totals import Totals
    from posturecam.watch.controls import Controls
    from posturecam.watch.sampling import SamplingSettings
    from posturecam.watch.task import PictureFeed, Sink, Task

PICTURES_END_S = 2.0
"""Without a picture for so long, the sinks are told once: the log is written then, for the next one
may be long in coming. At rest pictures are a second apart, and on battery two."""


class Watch:
    """One run of the loop over one source.

    Args:
        task: what to do.
        landmarker: finds people in pictures.
        sinks: where each turn goes.
        controls: who controls it; nobody without one.
        profile: keeps a baseline that is taken anew, and what it is taught.
        look: is shown each picture that the pose model looks at, who is in it and the baseline in
            use, before the turn that judges it; must not keep the picture.
        pace: how often it looks; by the settings alone without one.
        onlooker: is also shown the moments between two pictures, in which nothing happens.
    """

    def __init__(
        self,
        task: Task,
        *,
        landmarker: Landmarker,
        sinks: Sequence[Sink],
        controls: Controls | None = None,
        profile: Profile | None = None,
        look: Callable[[Frame, Detection, Baseline | None], None] = lambda *_: None,
        pace: Pace | None = None,
        onlooker: Sink | None = None,
    ) -> None:
        self._task = task
        self._landmarker = landmarker
        self._sinks = sinks
        self._controls = controls
        self._profile = profile or ForThisWatch()
        self._show = look
        self._pace = pace or Pace(task.settings)
        self._onlooker = onlooker
        self._stances = Stances(task.baseline, task.standing)
        self._judging = Judging()
        self._attention = self._new_attention(live=False)
        self._teaching = Teaching(self._profile, task.settings, live=False)
        self._baseline = task.baseline
        self._renewal = Renewal(task)
        self._tally = Tally()
        self._t_s = 0.0
        self._live = False
        self._age_s: Callable[[float], float] = lambda _: 0.0
        self._picture_s: float | None = None
        self._resting: UnknownReason | None = None
        self._opened = False
        self._quiet: QuietReason | None = None
        self._pending: list[Event] = []

    @property
    def totals(self) -> Totals:
        """How the time was spent so far."""
        return self._tally.totals

    def run(self, source: PictureFeed, interrupts: Interrupts) -> EndedBy:
        """Watches until the source ends, the time is up or somebody ends it.

        Returns:
            What ended it.

        Raises:
            SourceError: the source failed; the sinks have seen the end.
            BaselineError: the baseline at the beginning was refused.
        """
        self._live = source.live
        self._age_s = source.age_s
        self._attention = self._new_attention(live=source.live)
        self._teaching = Teaching(self._profile, self._task.settings, live=source.live)
        if self._baseline is not None:
            self._baseline = self._teaching.in_use(self._baseline, self._at(0.0))
            self._publish(0.0, None, (self._in_use(self._baseline),))
        ended_by = EndedBy.FAILED
        said: str | None = None
        try:
            ended_by = self._loop(
                source, interrupts.iterate(source.frames(self._interval_s)), interrupts
            )
            if self._baseline is None and ended_by in (EndedBy.END_OF_SOURCE, EndedBy.TIME_IS_UP):
                self._finish_taking()
                self._publish(self._t_s, None, ())
        except PosturecamError as error:
            said = error.what
            raise
        finally:
            closed = CameraChanged(status=CameraStatus.CLOSED, detail=source.name)
            summary = Summarised(
                totals=self.totals,
                ended_by=said or ended_by,
                longest_unchanged_s=self._judging.longest_unchanged_s,
            )
            self._publish(self._t_s, None, (closed, summary))
        return ended_by

    def _loop(self, source: PictureFeed, items: Iterator[Item], interrupts: Interrupts) -> EndedBy:
        for item in items:
            passed_s = max(0.0, item.t_s - self._t_s)
            self._t_s += passed_s
            self._renewal.pass_time(
                passed_s,
                picture=isinstance(item, Frame),
                silent=_is_silence(item),
                silent_after_s=self._silent_after_s,
            )
            stop = self._apply_controls(source)
            self._resting = None if isinstance(item, Frame) else item.on_purpose
            match item:
                case Frame():
                    self._look(item, source)
                case Interruption():
                    self._camera_changed(item)
                case Resting():
                    self._rest(item)
            if stop:
                return EndedBy.STOPPED
            if interrupts.requested:
                break
            if self._task.duration_s is not None and item.t_s >= self._task.duration_s:
                return EndedBy.TIME_IS_UP
        return EndedBy.INTERRUPTED if interrupts.requested else EndedBy.END_OF_SOURCE

    @property
    def _silent_after_s(self) -> float:
        """Without a picture for longer, the machine slept or the camera is lost; a file waits."""
        return self._pace.shortest_s + LOST_AFTER_S if self._live else math.inf

    def _apply_controls(self, source: PictureFeed) -> bool:
        """Does what was asked for; whether that was to stop."""
        if self._controls is None:
            return False
        controlled = self._controls.turn()
        for event in controlled:
            match event.what:
                case Control.RECALIBRATING:
                    self._recalibrate(event)
                case Control.WRONG:
                    self._learn_false_alarm()
                case Control.REZEROING:
                    self._rezero(event)
                case Control.RELOADING:
                    self._reload(source)
                case Control.ACCEPTED | Control.DECLINED:
                    self._answered(event)
                case Control.EXERCISED:
                    self._pending.append(event)
                    self._judging.exercise()
                case _:
                    self._pending.append(event)
        if unanswered := self._renewal.unanswered(self._t_s):
            self._pending.append(unanswered)
        renews = self._baseline is not None and self._renewal.is_under_way
        self._quiet = self._controls.quiet() or (QuietReason.NEW_BASELINE if renews else None)
        return any(event.what is Control.STOPPING for event in controlled)

    @property
    def _limits(self) -> Thresholds:
        return self._task.settings.posture.thresholds

    def _recalibrate(self, event: Controlled) -> None:
        if self._baseline is None:
            return  # the first one is being taken
        self._pending.append(event)
        self._renewal.begin(self._t_s, takes=LIVE_TAKES if self._live else 1)

    def _learn_false_alarm(self) -> None:
        """Learns that the slouch seen last was none; whoever sits so is judged anew."""
        if self._baseline is None:
            self._pending.append(refused(Refusal.NO_SLOUCH_LATELY, what=Control.WRONG))
            return
        at = self._at(self._t_s)
        taught, events = self._teaching.learn_false_alarm(self._baseline, self._t_s, at)
        self._pending += events
        if taught is not None:
            self._compare_with(taught)

    def _reload(self, source: PictureFeed) -> None:
        """Goes on with what is kept of the profile now; what is refused changes nothing."""
        settings = self._task.settings
        try:
            kept = self._profile.load()
            if kept is None or self._baseline is None:
                return  # it has a baseline of its own
            settings = settings.limited(kept.limits.values_deg())
            self._teaching = Teaching(self._profile, settings, live=self._live)
        except PosturecamError as error:
            self._pending.append(refused(Refusal.UNUSABLE, error, what=Control.RELOADING))
            return
        if settings == self._task.settings and self._stances.holds(kept.sitting, kept.standing):
            self._compare_with(self._teaching.in_use(self._stances.baseline, self._at(self._t_s)))
            return
        self._task = replace(self._task, settings=settings, baseline=kept.sitting)
        self._renewal = Renewal(self._task)
        self._stances = Stances(kept.sitting, kept.standing)
        self._attention = self._new_attention(live=self._live)
        source.turn_pictures(kept.sitting.rotate_deg)
        self._begin_with(kept.sitting, replaces=True)

    def _rezero(self, event: Controlled) -> None:
        if self._renewal.takes_zero:
            return
        why_not = self._renewal.begin_zero(self._t_s, resting=self._resting is not None)
        self._pending.append(event if why_not is None else refused(why_not, what=event.what))

    def _compare_with(self, baseline: Baseline) -> None:
        """The same baseline, changed."""
        self._baseline = baseline
        self._judging.forget_slouch()
        self._attention.forget()

    def _answered(self, event: Controlled) -> None:
        questioned = self._renewal.answered()
        if questioned is None:
            return  # nobody asks any more
        self._pending.append(event)
        if event.what is Control.ACCEPTED:
            self._replace(questioned)
        else:
            self._pending.append(refused(Refusal.NOT_UPRIGHT))

    def _look(self, frame: Frame, source: PictureFeed) -> None:
        self._pace.saw(frame.t_s)
        self._picture_s = frame.t_s
        if not self._live and not self._opened:
            self._opened = True
            self._pending.append(CameraChanged(status=CameraStatus.OPEN, detail=source.name))
        if self._renewal.taking is not None:
            self._take(self._renewal.taking, frame)
        if self._baseline is None:
            self._publish(frame.t_s, None, ())
        elif self._renewal.taking is None:
            if self._teaching.is_zero_over(at := self._at(frame.t_s)):
                self._compare_with(self._teaching.in_use(self._stances.baseline, at))
            near = self._judging.is_alert_near(
                frame.t_s, self._task.settings.policy, quiet=self._quiet
            )
            observation = self._attention.observe(frame, self._baseline, alert_near=near)
            self._judge(self._stances.unless_changing(observation))
            self._heed_stance()
            if observation.unknown_reason is UnknownReason.FROZEN and self._attention.reopens():
                source.reopen()

    def _heed_stance(self) -> None:
        """Compares with the other baseline of the profile once the sitter stands, or sits again."""
        change = self._stances.change()
        if change is None:
            return
        baseline, from_the_start = change
        if not from_the_start:
            self._judging.change_stance()
        self._begin_with(baseline)

    def _begin_with(self, baseline: Baseline, *, replaces: bool = False) -> None:
        """Another baseline from now on, that was not taken in this watch."""
        self._baseline = self._teaching.in_use(baseline, self._at(self._t_s))
        self._judging.begin_elsewhere()
        self._attention.renew()
        self._pending.append(self._in_use(baseline, replaces=replaces))

    def _in_use(self, baseline: Baseline, *, replaces: bool = False) -> Calibrated:
        stance = self._stances.in_use
        return calibrated(baseline, self._limits, taken_now=False, replaces=replaces, stance=stance)

    def _take(self, taking: Taking, frame: Frame) -> None:
        """Every picture counts for a baseline; meanwhile the one from before judges on."""
        if not taking.goes_on(frame.t_s):
            self._finish_taking()
            return
        detection = self._detect(frame)
        if taking.posing is Posing.ZERO:
            taking.add(self._attention.put_back(detection))
        else:
            taking.add(detection, scenery_in(frame.image, detection.people))
        if self._baseline is not None:
            self._judge(self._attention.judge(frame, detection, self._baseline))

    def _detect(self, frame: Frame) -> Detection:
        detection = self._landmarker.detect(frame)
        self._show(frame, detection, self._baseline)
        return detection

    def _new_attention(self, *, live: bool) -> Attention:
        limits = self._limits
        return Attention(
            self._detect,
            live=live,
            sampling=self._sampling,
            thresholds=limits,
            see=self._stances.see,
        )

    def _sampling(self) -> SamplingSettings:
        return self._pace.sampling(may_end=self._live and self._judging.may_be_slouched)

    def _interval_s(self) -> float:
        if self._renewal.taking is not None:
            return self._pace.taking_s
        return self._pace.interval_s(self._t_s, self._attention.interval_s())

    def _finish_taking(self) -> None:
        """Takes the new baseline into use; one that was there stays when the new one is refused."""
        taking, self._renewal.taking = self._renewal.taking, None
        if taking is None:
            return
        at = self._at(self._t_s)
        if taking.posing is Posing.ZERO:
            elsewhere = self._attention.elsewhere or self._judging.is_stale
            zeroed, events = self._teaching.rezero(taking, at, elsewhere=elsewhere)
            self._pending += events
            if zeroed is not None:
                self._compare_with(zeroed)
            return
        match self._renewal.result(taking, self._baseline, self._t_s, at):
            case Baseline() as baseline if self._baseline is None:
                self._use(baseline)
            case Baseline() as baseline:
                self._replace(baseline)
            case event:
                self._pending.append(event)

    def _replace(self, baseline: Baseline) -> None:
        try:
            self._teaching.keep(baseline)
        except PosturecamError as error:
            self._pending.append(refused(Refusal.NOT_SAVED, error))
        self._use(baseline)

    def _use(self, baseline: Baseline) -> None:
        replaces = self._baseline is not None
        self._baseline = self._teaching.in_use(baseline, self._at(self._t_s))
        self._judging.begin_anew()
        self._attention.renew()
        self._stances.replace(baseline)
        event = calibrated(
            baseline,
            self._limits,
            taken_now=True,
            replaces=replaces,
            stance=self._stances.in_use,
        )
        self._pending.append(event)

    def _camera_changed(self, interruption: Interruption) -> None:
        event = CameraChanged(status=interruption.status, detail=interruption.detail)
        self._publish(interruption.t_s, None, (event,))
        if interruption.status is CameraStatus.LOST:
            self._judge_nothing(interruption.t_s, UnknownReason.NO_PICTURE)

    def _rest(self, resting: Resting) -> None:
        if resting.unknown_reason is not None:
            self._judge_nothing(resting.t_s, resting.unknown_reason)
            return
        pictures_end = self._picture_s is not None and (
            resting.t_s - self._picture_s >= PICTURES_END_S
        )
        if pictures_end:
            self._picture_s = None
        if pictures_end or self._pending or not self._judging.has_sampled:
            self._publish(resting.t_s, None, ())
        elif self._onlooker is not None:
            self._onlooker.handle(self._tick(resting.t_s, None, ()))

    def _judge_nothing(self, t_s: float, unknown_reason: UnknownReason) -> None:
        self._attention.forget()
        if self._baseline is None:
            self._publish(t_s, None, ())
        else:
            self._judge(
                Observation(t_s=t_s, view=self._baseline.view, unknown_reason=unknown_reason)
            )

    def _judge(self, observation: Observation) -> None:
        judged = self._judging.step(
            observation,
            self._task.settings,
            doubted=None if self._baseline is None else self._attention.doubted(self._baseline),
            quiet=self._quiet,
        )
        asked = self._teaching.follow(
            judged,
            self._attention.pop_seen(),
            self._at(observation.t_s),
            disturbed=self._quiet is not None or self._renewal.taking is not None,
        )
        events = (*judged.events, *asked)
        self._tally = self._tally.counting(judged.reading, events)
        self._publish(observation.t_s, judged.reading, events)

    def _at(self, t_s: float) -> datetime:
        # Live, the date comes from the wall: a clock set right meanwhile dates what follows.
        if self._live and self._controls is not None:
            return self._controls.now() - timedelta(seconds=self._age_s(t_s))
        return self._task.began_at + timedelta(seconds=t_s)

    def _publish(self, t_s: float, reading: Reading | None, events: Iterable[Event]) -> None:
        pending, self._pending = self._pending, []
        tick = self._tick(t_s, reading, (*pending, *events))
        for sink in self._sinks:
            sink.handle(tick)

    def _tick(self, t_s: float, reading: Reading | None, events: tuple[Event, ...]) -> Tick:
        return Tick(
            t_s=t_s,
            at=self._at(t_s),
            reading=reading,
            events=events,
            totals=self.totals,
            unchanged_s=self._judging.unchanged_s,
            sitting_s=self._judging.sitting_s,
            quiet=self._quiet,
            guarded=self._task.guarded,
            taking=self._renewal.progress(t_s),
            resting=self._resting,
        )


def _is_silence(item: Item) -> bool:
    """Whether no picture can come, rather than none is due yet."""
    match item:
        case Frame():
            return False
        case Interruption():
            return True
        case Resting():
            return item.unknown_reason is not None
