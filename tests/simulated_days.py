"""A desk, simulated: scenes in order, played as observations at a given rate.

`python -m tests.simulated_days ordinary` (or `bad`) prints the alerts of a whole day.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from posturecam.alerts import policy
from posturecam.outputs.event_texts import event_text
from posturecam.posture import state
from posturecam.values.events import Alerted, AlertFollowed, BreakTaken, Warned
from posturecam.values.observation import (
    Deviations,
    Observation,
    PostureState,
    Reading,
    SitterPosition,
    UnknownReason,
    View,
)
from posturecam.values.reasons import QuietReason
from posturecam.values.settings import PolicySettings, PostureSettings, Thresholds
from tests.fakes import NINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from posturecam.values.events import Event

UPRIGHT_PLACE = SitterPosition(
    shoulder_x=0.5, shoulder_y=0.6, scale=0.3, head_ratio=0.6, tilt_deg=0.0
)
SD_DEG = 2.0
ODDS_PER_SHARE = 4.0
MINUTE_S = 60.0
HZ = 2.0
"""Looks a second; how many there are changes no alert."""
SWAY_EVERY_S = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One thing that goes on for a while.

    Attributes:
        lasts_s: how long.
        forward_deg: how far the upper back is forward of the baseline when it begins.
        to_forward_deg: and when it ends, where that is not the same.
        tilt_deg: how far the shoulder line is off.
        sway_deg: how far the sitter sways forward and back all the time.
        unknown_reason: why nothing can be told.
        silent: no look at all.
        place: where the sitter is.
        quiet: why alerts are suppressed.
    """

    lasts_s: float
    forward_deg: float = 0.0
    to_forward_deg: float | None = None
    tilt_deg: float = 0.0
    sway_deg: float = 0.0
    unknown_reason: UnknownReason | None = None
    silent: bool = False
    position: SitterPosition = UPRIGHT_PLACE
    quiet: QuietReason | None = None

    def observation(self, t_s: float, into_s: float) -> Observation | None:
        """What a camera tells at `t_s`, that long into the scene."""
        if self.silent:
            return None
        if self.unknown_reason is not None:
            seen = self.unknown_reason not in (
                UnknownReason.NOBODY,
                UnknownReason.PAUSED,
                UnknownReason.LOCKED,
            )
            position = self.position if seen else None
            return Observation(
                t_s=t_s, view=View.FRONT, unknown_reason=self.unknown_reason, position=position
            )
        forward_deg = self._forward_deg(into_s)
        deviations = Deviations(
            upper_back_deg=forward_deg,
            trunk_deg=0.5 * forward_deg,
            neck_deg=0.8 * forward_deg,
            back_flexion_deg=0.5 * forward_deg,
            shoulder_tilt_deg=self.tilt_deg,
            upper_back_sd_deg=SD_DEG,
            trunk_sd_deg=SD_DEG,
            neck_sd_deg=SD_DEG,
            back_flexion_sd_deg=SD_DEG,
            shoulder_tilt_sd_deg=SD_DEG,
        )
        return Observation(t_s=t_s, view=View.FRONT, deviations=deviations, position=self.position)

    def _forward_deg(self, into_s: float) -> float:
        to_deg = self.forward_deg if self.to_forward_deg is None else self.to_forward_deg
        sway_deg = self.sway_deg * math.sin(math.tau * into_s / SWAY_EVERY_S)
        return self.forward_deg + (to_deg - self.forward_deg) * into_s / self.lasts_s + sway_deg


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """How a camera sees it: each look is a little off, and some are lost.

    A still sitter's landmarks move by 0.01 to 0.02 shoulder widths from look to look.
    """

    seed: int
    noise_deg: float = 1.5
    noise_widths: float = 0.015
    lost: float = 0.03

    def sees(self, observations: Iterable[Observation]) -> Iterator[Observation]:
        """The same observations, less exact and not all of them."""
        rng = np.random.default_rng(self.seed)
        for observation in observations:
            if rng.random() < self.lost:
                continue
            yield self._blurred(observation, rng)

    def _blurred(self, observation: Observation, rng: np.random.Generator) -> Observation:
        position, deviations = observation.position, observation.deviations
        if position is not None:
            x, y = rng.normal(0.0, self.noise_widths * position.scale, 2)
            position = replace(
                position, shoulder_x=position.shoulder_x + x, shoulder_y=position.shoulder_y + y
            )
        if deviations is not None:
            values_deg = rng.normal(deviations.values_deg(), self.noise_deg)
            deviations = Deviations.from_arrays(values_deg, deviations.sds_deg())
        return replace(observation, position=position, deviations=deviations)


def log_odds(deviations: Deviations, thresholds: Thresholds) -> float:
    """Even at the limit, as much less at the baseline as the fitted functions say."""
    return ODDS_PER_SHARE * (max(state.threshold_ratios(deviations, thresholds).values()) - 1)


def upright(lasts_s: float, *, shifted: float = 0.0) -> Scene:
    """Sits like the baseline, `shifted` to the side by so many shoulder widths."""
    return Scene(lasts_s=lasts_s, position=_shifted(UPRIGHT_PLACE, shifted))


def slouched(lasts_s: float, forward_deg: float = 18.0) -> Scene:
    """Upper back forward by so much, head lower accordingly."""
    return Scene(lasts_s=lasts_s, forward_deg=forward_deg, position=_bent(forward_deg))


def typing(lasts_s: float, *, shifted: float = 0.0) -> Scene:
    """Sways a little over the keyboard."""
    return Scene(lasts_s=lasts_s, sway_deg=3.0, position=_shifted(UPRIGHT_PLACE, shifted))


def reading(lasts_s: float) -> Scene:
    """Still, a little forward, within the limits."""
    return Scene(lasts_s=lasts_s, forward_deg=5.0, position=_bent(5.0))


def call(lasts_s: float) -> Scene:
    """Upright before the screen, talking; alerts are suppressed."""
    return replace(typing(lasts_s), quiet=QuietReason.IN_A_CALL)


def drink() -> Scene:
    """A cup before the face."""
    return Scene(lasts_s=6.0, unknown_reason=UnknownReason.HAND)


def glance_down() -> Scene:
    """A look at the keyboard."""
    return slouched(3.0, 20.0)


def fidget(*, shifted: float = 0.0) -> Scene:
    """Aside and back again."""
    return upright(3.0, shifted=shifted + 0.4)


def colleague_passes() -> Scene:
    """Somebody bends into the picture for a moment."""
    return Scene(lasts_s=8.0, unknown_reason=UnknownReason.ELSEWHERE)


def leans_back(lasts_s: float) -> Scene:
    """Reclined, a little farther off."""
    position = replace(UPRIGHT_PLACE, scale=0.27, shoulder_y=0.63)
    return Scene(lasts_s=lasts_s, forward_deg=-12.0, position=position)


def slumps(lasts_s: float, to_deg: float = 20.0) -> Scene:
    """Sinks forward so slowly that no move is noticed."""
    return Scene(lasts_s=lasts_s, to_forward_deg=to_deg)


def away(lasts_s: float) -> Scene:
    """Nobody is there."""
    return Scene(lasts_s=lasts_s, unknown_reason=UnknownReason.NOBODY)


def unclear(lasts_s: float, unknown_reason: UnknownReason = UnknownReason.FACE_AWAY) -> Scene:
    """Somebody is there and cannot be judged."""
    return Scene(lasts_s=lasts_s, unknown_reason=unknown_reason)


def paused(lasts_s: float, unknown_reason: UnknownReason = UnknownReason.PAUSED) -> Scene:
    """The camera is let go of."""
    return Scene(lasts_s=lasts_s, unknown_reason=unknown_reason)


def silence(lasts_s: float) -> Scene:
    """The machine sleeps, or the camera is gone."""
    return Scene(lasts_s=lasts_s, silent=True)


def working(lasts_s: float, rng: np.random.Generator) -> list[Scene]:
    """Types and reads, shifts every few minutes, fidgets, looks down and drinks in between."""
    scenes: list[Scene] = []
    shifted = 0.0
    while lasts_s > 0:
        kept_s = min(lasts_s, rng.uniform(90, 270))
        shifted = 0.3 - shifted
        moments = (glance_down(), fidget(shifted=shifted), drink(), colleague_passes())
        short = moments[rng.integers(len(moments))]
        scenes += [typing(kept_s, shifted=shifted), short]
        lasts_s -= kept_s + short.lasts_s
    return scenes


def ordinary_day(seed: int) -> list[Scene]:
    """Eight hours with coffee, a call and lunch; still over a text, slumped late in the day."""
    rng = np.random.default_rng(seed)
    return [
        *working(46 * MINUTE_S, rng),
        away(7 * MINUTE_S),
        *working(40 * MINUTE_S, rng),
        call(35 * MINUTE_S),
        away(45),
        *working(25 * MINUTE_S, rng),
        away(48 * MINUTE_S),
        *working(15 * MINUTE_S, rng),
        reading(26 * MINUTE_S),
        away(6 * MINUTE_S),
        *working(35 * MINUTE_S, rng),
        leans_back(8 * MINUTE_S),
        away(5.5 * MINUTE_S),
        *working(20 * MINUTE_S, rng),
        slumps(12 * MINUTE_S),
        slouched(4 * MINUTE_S, 20.0),
        *working(8 * MINUTE_S, rng),
        away(10 * MINUTE_S),
        *working(58 * MINUTE_S, rng),
        away(2 * MINUTE_S),
        *working(60 * MINUTE_S, rng),
    ]


def bad_day(seed: int) -> list[Scene]:
    """Bent over the desk for hours, hardly a break, nothing heeded; the machine sleeps at noon."""
    rng = np.random.default_rng(seed)
    return [
        *working(10 * MINUTE_S, rng),
        slouched(115 * MINUTE_S, 20.0),
        replace(slouched(50 * MINUTE_S, 22.0), quiet=QuietReason.IN_A_CALL),
        upright(30),
        silence(40 * MINUTE_S),
        slouched(95 * MINUTE_S, 17.0),
        away(90),
        slouched(100 * MINUTE_S, 24.0),
        *working(20 * MINUTE_S, rng),
        reading(55 * MINUTE_S),
    ]


def _shifted(position: SitterPosition, widths: float) -> SitterPosition:
    return replace(position, shoulder_x=position.shoulder_x + widths * position.scale)


def _bent(forward_deg: float) -> SitterPosition:
    return replace(UPRIGHT_PLACE, head_ratio=UPRIGHT_PLACE.head_ratio * (1 - forward_deg / 100))


def observations(scenes: Iterable[Scene], hz: float = 5.0) -> Iterator[Observation]:
    """The scenes, one after the other, as a camera of `hz` looks a second tells them."""
    index, begins_s = 0, 0.0
    for scene in scenes:
        ends_s = begins_s + scene.lasts_s
        while index / hz < ends_s - 1e-9:
            observation = scene.observation(index / hz, index / hz - begins_s)
            if observation is not None:
                yield observation
            index += 1
        begins_s = ends_s
    assert math.isfinite(begins_s)


def quiet_at(scenes: Iterable[Scene], times_s: Iterable[float]) -> Iterator[QuietReason | None]:
    """Why alerts are suppressed at each of the growing `times_s`."""
    rest = iter(scenes)
    scene, ends_s = None, 0.0
    for t_s in times_s:
        while t_s >= ends_s - 1e-9:
            scene = next(rest)
            ends_s += scene.lasts_s
        yield scene.quiet if scene else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What came of a simulated day."""

    readings: tuple[Reading, ...]
    events: tuple[tuple[float, Event], ...]

    def times_s(self, kind: type[Event]) -> list[float]:
        """When events of one kind happened."""
        return [t_s for t_s, event in self.events if isinstance(event, kind)]

    def seconds_in(self, state: PostureState) -> float:
        """Time spent in one state."""
        return sum(reading.span_s for reading in self.readings if reading.state is state)


def live(
    *scenes: Scene,
    hz: float = HZ,
    sensor: Sensor | None = None,
    posture_settings: PostureSettings | None = None,
    policy_settings: PolicySettings | None = None,
) -> Day:
    """Lets the real posture and policy steps judge the scenes."""
    posture_memory = state.PostureMemory()
    posture_settings = posture_settings or PostureSettings()
    looks = observations(scenes, hz)
    readings: list[Reading] = []
    limits = posture_settings.thresholds
    for seen in looks if sensor is None else sensor.sees(looks):
        judged = seen
        if seen.deviations is not None:
            judged = replace(seen, slouch_log_odds=log_odds(seen.deviations, limits))
        posture_memory, now = state.step(posture_memory, judged, posture_settings)
        readings.append(now)
    quiet = quiet_at(scenes, [now.t_s for now in readings])
    return decide(readings, quiet=quiet, policy_settings=policy_settings)


def decide(
    readings: Sequence[Reading],
    *,
    quiet: Iterable[QuietReason | None] | None = None,
    policy_settings: PolicySettings | None = None,
) -> Day:
    """Lets the real policy step hear the readings, and why alerts are suppressed at each."""
    memory = policy.PolicyMemory()
    settings = policy_settings or PolicySettings()
    events: list[tuple[float, Event]] = []
    for now, why in zip(readings, quiet or [None] * len(readings), strict=True):
        memory, told = policy.step(memory, now, settings, quiet=why)
        events += [(now.t_s, event) for event in told]
    return Day(readings=tuple(readings), events=tuple(events))


DAYS = {"ordinary": ordinary_day, "bad": bad_day}


def main(name: str) -> None:
    """Prints what is told on the day, with what followed, from nine o'clock on."""
    day = live(*DAYS[name](seed=1), hz=2.0, sensor=Sensor(seed=1))
    for t_s, event in day.events:
        if not isinstance(event, Alerted | Warned | AlertFollowed | BreakTaken):
            continue
        clock = 9 * 3600 + round(t_s)
        text = event_text(event, NINE)
        if isinstance(event, AlertFollowed):
            text = f"    {event.outcome}, after {event.after_s:.0f} s"
        print(f"{clock // 3600:02d}:{clock // 60 % 60:02d}:{clock % 60:02d}  {text}")


if __name__ == "__main__":
    main(sys.argv[1])
