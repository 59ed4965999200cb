"""A desk, simulated: scenes in order, played as observations at a given rate."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posturecam import policy, posture
from posturecam.observation import (
    Deviations,
    Doubt,
    Observation,
    Place,
    PostureState,
    Reading,
    View,
)
from posturecam.settings import PolicySettings, PostureSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from posturecam.events import Event

UPRIGHT_PLACE = Place(shoulder_x=0.5, shoulder_y=0.6, scale=0.3, head_ratio=0.6, tilt_deg=0.0)
SD_DEG = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One thing that goes on for a while."""

    lasts_s: float
    forward_deg: float = 0.0
    tilt_deg: float = 0.0
    doubt: Doubt | None = None
    silent: bool = False
    place: Place = UPRIGHT_PLACE

    def observation(self, t_s: float) -> Observation | None:
        """What a camera tells at `t_s`."""
        if self.silent:
            return None
        if self.doubt is not None:
            place = None if self.doubt is Doubt.NOBODY else self.place
            return Observation(t_s=t_s, view=View.FRONT, doubt=self.doubt, place=place)
        deviations = Deviations(
            upper_back_deg=self.forward_deg,
            trunk_deg=0.5 * self.forward_deg,
            neck_deg=0.8 * self.forward_deg,
            back_flexion_deg=0.5 * self.forward_deg,
            shoulder_tilt_deg=self.tilt_deg,
            upper_back_sd_deg=SD_DEG,
            trunk_sd_deg=SD_DEG,
            neck_sd_deg=SD_DEG,
            back_flexion_sd_deg=SD_DEG,
            shoulder_tilt_sd_deg=SD_DEG,
        )
        return Observation(t_s=t_s, view=View.FRONT, deviations=deviations, place=self.place)


def upright(lasts_s: float, *, shifted: float = 0.0) -> Scene:
    """Sits like the baseline, `shifted` to the side by so many shoulder widths."""
    x = UPRIGHT_PLACE.shoulder_x + shifted * UPRIGHT_PLACE.scale
    return Scene(lasts_s=lasts_s, place=replace(UPRIGHT_PLACE, shoulder_x=x))


def slouched(lasts_s: float, forward_deg: float = 18.0) -> Scene:
    """Upper back forward by so much, head lower accordingly."""
    head_ratio = UPRIGHT_PLACE.head_ratio * (1 - forward_deg / 100)
    place = replace(UPRIGHT_PLACE, head_ratio=head_ratio)
    return Scene(lasts_s=lasts_s, forward_deg=forward_deg, place=place)


def away(lasts_s: float) -> Scene:
    """Nobody is there."""
    return Scene(lasts_s=lasts_s, doubt=Doubt.NOBODY)


def unclear(lasts_s: float, doubt: Doubt = Doubt.FACE_AWAY) -> Scene:
    """Somebody is there and cannot be judged."""
    return Scene(lasts_s=lasts_s, doubt=doubt)


def silence(lasts_s: float) -> Scene:
    """The machine sleeps, or the camera is gone."""
    return Scene(lasts_s=lasts_s, silent=True)


def observations(scenes: Iterable[Scene], hz: float = 5.0) -> Iterator[Observation]:
    """The scenes, one after the other, as a camera of `hz` looks a second tells them."""
    index, begins_s = 0, 0.0
    for scene in scenes:
        ends_s = begins_s + scene.lasts_s
        while index / hz < ends_s - 1e-9:
            observation = scene.observation(index / hz)
            if observation is not None:
                yield observation
            index += 1
        begins_s = ends_s
    assert math.isfinite(begins_s)


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
    hz: float = 5.0,
    posture_settings: PostureSettings | None = None,
    policy_settings: PolicySettings | None = None,
) -> Day:
    """Lets the real posture and policy steps judge the scenes."""
    posture_memory, policy_memory = posture.PostureMemory(), policy.PolicyMemory()
    posture_settings = posture_settings or PostureSettings()
    policy_settings = policy_settings or PolicySettings()
    readings: list[Reading] = []
    events: list[tuple[float, Event]] = []
    for observation in observations(scenes, hz):
        posture_memory, reading = posture.step(posture_memory, observation, posture_settings)
        policy_memory, told = policy.step(policy_memory, reading, policy_settings)
        readings.append(reading)
        events += [(reading.t_s, event) for event in told]
    return Day(readings=tuple(readings), events=tuple(events))
