"""The one loop: pictures in, judgements made, everybody told.

It decides nothing itself. `judging`, `posture` and `policy` do, as pure steps over time that the
source states; here their events reach the sinks.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from posturecam import policy, posture, staleness
from posturecam.angle_model import model_version
from posturecam.baseline import Demands, Take, combine
from posturecam.errors import PosturecamError
from posturecam.events import (
    Alerted,
    Calibrated,
    CameraChanged,
    CameraStatus,
    Event,
    Moved,
    Sampled,
    StaleBaseline,
    StateChanged,
    Summarised,
    Tick,
    Totals,
)
from posturecam.judging import observe
from posturecam.messages import STALE_TITLE, stale_message
from posturecam.observation import Doubt, Frame, Observation, PostureState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from posturecam.baseline import Baseline
    from posturecam.camera import Interruption, Source
    from posturecam.interrupts import Interrupts
    from posturecam.landmarker import Landmarker
    from posturecam.observation import Misfit, Reading
    from posturecam.settings import Settings

SAMPLE_EVERY_S = 1.0


class Sink(Protocol):
    """Somebody who is told: the display, the notifier, the log."""

    def take(self, tick: Tick) -> None:
        """Deal with one turn of the loop; must not raise for troubles of its own."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a watch is to do.

    Attributes:
        settings: all settings.
        model_sha256: the pose model in use.
        baseline: the baseline to compare with, or
        calibrate_s: take one from so many seconds at the beginning.
        duration_s: stop after so long, None for when the source ends.
    """

    settings: Settings
    model_sha256: str
    baseline: Baseline | None = None
    calibrate_s: float = 0.0
    duration_s: float | None = None


@dataclass(slots=True)
class Tally:
    """Adds readings and events up to `Totals`."""

    _totals: Totals = field(default_factory=Totals)
    _nobody_s: float = 0.0

    def add(self, reading: Reading, events: Sequence[Event], longest_unchanged_s: float) -> None:
        """Counts one turn of the loop."""
        totals = self._totals
        match reading.state:
            case PostureState.UPRIGHT:
                totals = replace(totals, upright_s=totals.upright_s + reading.span_s)
            case PostureState.SLOUCHED:
                totals = replace(totals, slouched_s=totals.slouched_s + reading.span_s)
            case PostureState.AWAY:
                # The absence began when nobody was seen, not when that was certain.
                totals = replace(
                    totals,
                    away_s=totals.away_s + reading.span_s + self._nobody_s,
                    unknown_s=totals.unknown_s - self._nobody_s,
                )
            case PostureState.UNKNOWN:
                totals = replace(totals, unknown_s=totals.unknown_s + reading.span_s)
            case PostureState.PAUSED:
                totals = replace(totals, paused_s=totals.paused_s + reading.span_s)
        nobody = reading.state is PostureState.UNKNOWN and policy.is_absent(reading)
        self._nobody_s = self._nobody_s + reading.span_s if nobody else 0.0
        self._totals = replace(
            totals,
            longest_unchanged_s=longest_unchanged_s,
            moves=totals.moves + sum(isinstance(event, Moved) for event in events),
            alerts=totals.alerts + sum(isinstance(event, Alerted) for event in events),
        )

    @property
    def totals(self) -> Totals:
        """All so far."""
        return self._totals


class Watch:
    """One run of the loop over one source."""

    def __init__(
        self, task: Task, *, landmarker: Landmarker, sinks: Sequence[Sink], began_at: datetime
    ) -> None:
        self._task = task
        self._landmarker = landmarker
        self._sinks = sinks
        self._began_at = began_at
        self._baseline = task.baseline
        self._take = Take(demands=Demands())
        self._posture = posture.PostureMemory()
        self._policy = policy.PolicyMemory()
        self._staleness = staleness.StalenessMemory()
        self._tally = Tally()
        self._state = PostureState.UNKNOWN
        self._sampled_s: float | None = None
        self._t_s = 0.0

    @property
    def totals(self) -> Totals:
        """How the time was spent so far."""
        return self._tally.totals

    def run(self, source: Source, interrupts: Interrupts) -> str:
        """Watches until the source ends, the time is up or somebody interrupts.

        Returns:
            What ended it: `end of source`, `time is up` or `interrupted`.

        Raises:
            SourceError: the source failed; the sinks have been told the end.
            BaselineError: the baseline at the beginning was refused.
        """
        interval_s = 1.0 / self._task.settings.sample_hz
        self._tell(0.0, None, (CameraChanged(status=CameraStatus.OPEN, detail=source.name),))
        if self._baseline is not None:
            self._tell(0.0, None, (self._calibrated(self._baseline, taken_now=False),))
        ended_by = "failed"
        try:
            ended_by = self._loop(interrupts.iterate(source.frames(interval_s)), interrupts)
            if self._baseline is None and ended_by != "interrupted":
                self._finish_calibration()
        except PosturecamError as error:
            ended_by = error.what
            raise
        finally:
            closed = CameraChanged(status=CameraStatus.CLOSED, detail=source.name)
            summary = Summarised(totals=self.totals, ended_by=ended_by)
            self._tell(self._t_s, None, (closed, summary))
        return ended_by

    def _loop(self, items: Iterator[Frame | Interruption], interrupts: Interrupts) -> str:
        for item in items:
            self._t_s = max(self._t_s, item.t_s)
            if not isinstance(item, Frame):
                self._camera_changed(item)
            elif self._baseline is None and item.t_s < self._task.calibrate_s:
                self._take.add(self._landmarker.detect(item))
                self._tell(item.t_s, None, ())
            else:
                baseline = self._baseline or self._finish_calibration()
                self._judge(observe(self._landmarker.detect(item), baseline))
            if interrupts.requested:
                break
            if self._task.duration_s is not None and item.t_s >= self._task.duration_s:
                return "time is up"
        return "interrupted" if interrupts.requested else "end of source"

    def _finish_calibration(self) -> Baseline:
        self._baseline = combine(
            [self._take],
            profile=self._task.settings.profile,
            model_sha256=self._task.model_sha256,
            taken_at=self._at(self._t_s),
        )
        self._tell(self._t_s, None, (self._calibrated(self._baseline, taken_now=True),))
        return self._baseline

    def _camera_changed(self, interruption: Interruption) -> None:
        event = CameraChanged(status=interruption.status, detail=interruption.detail)
        self._tell(interruption.t_s, None, (event,))
        if self._baseline is not None and interruption.status is CameraStatus.LOST:
            self._judge(
                Observation(t_s=interruption.t_s, view=self._baseline.view, doubt=Doubt.NO_PICTURE)
            )

    def _judge(self, observation: Observation) -> None:
        settings = self._task.settings
        self._staleness, observation, misfit = staleness.step(
            self._staleness, observation, gap_s=settings.posture.gap_s
        )
        self._posture, reading = posture.step(self._posture, observation, settings.posture)
        self._policy, told = policy.step(self._policy, reading, settings.policy)
        stale = () if misfit is None else (_stale(misfit, settings.profile),)
        events = (*self._changes(reading), *stale, *told)
        self._tally.add(reading, events, self._policy.longest_unchanged_s)
        self._tell(observation.t_s, reading, events)

    def _changes(self, reading: Reading) -> tuple[Event, ...]:
        events: list[Event] = []
        if reading.state is not self._state:
            events.append(
                StateChanged(
                    from_state=self._state, to_state=reading.state, reasons=reading.reasons
                )
            )
            self._state = reading.state
        if self._sampled_s is None or reading.t_s - self._sampled_s >= SAMPLE_EVERY_S:
            self._sampled_s = reading.t_s
            events.append(
                Sampled(
                    state=reading.state,
                    view=reading.view,
                    reasons=reading.reasons,
                    deviations=reading.deviations,
                    slouch_probability=reading.slouch_probability,
                )
            )
        return tuple(events)

    def _calibrated(self, baseline: Baseline, *, taken_now: bool) -> Calibrated:
        return Calibrated(
            profile=baseline.profile,
            view=baseline.view,
            samples=baseline.samples,
            quality=baseline.quality,
            taken_now=taken_now,
            taken_at=baseline.taken_at,
            angle_model=model_version(),
            limits_deg=self._task.settings.posture.thresholds.values_deg(),
        )

    def _at(self, t_s: float) -> datetime:
        return self._began_at + timedelta(seconds=t_s)

    def _tell(self, t_s: float, reading: Reading | None, events: tuple[Event, ...]) -> None:
        tick = Tick(
            t_s=t_s,
            at=self._at(t_s),
            reading=reading,
            events=events,
            totals=self.totals,
            unchanged_s=self._policy.unchanged_s,
            sitting_s=self._policy.sitting_s,
        )
        for sink in self._sinks:
            sink.take(tick)


def _stale(misfit: Misfit, profile: str) -> StaleBaseline:
    message = stale_message(misfit.value, profile)
    return StaleBaseline(difference=misfit.value, title=STALE_TITLE, message=message)
