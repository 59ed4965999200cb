"""What a turn of the loop reports of itself: a baseline in use, a change of state, a sample.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posturecam.posture.angle_model import model_version
from posturecam.values.events import Calibrated, Event, Sampled, StateChanged
from posturecam.values.observation import PostureState, Reading, Stance

if TYPE_CHECKING:
    from posturecam.posture.baseline import Baseline
    from posturecam.values.settings import Thresholds

SAMPLE_EVERY_S = 1.0


@dataclass(slots=True)
class News:
    """What was reported last.

    Attributes:
        newest: the last reading, None before the first.
        sampled_s: when the last sample was.
    """

    newest: Reading | None = None
    sampled_s: float | None = None

    def of(self, reading: Reading) -> list[Event]:
        """What is new with this reading."""
        events: list[Event] = []
        before = PostureState.UNKNOWN if self.newest is None else self.newest.state
        self.newest = reading
        if reading.state is not before:
            events.append(
                StateChanged(from_state=before, to_state=reading.state, reasons=reading.reasons)
            )
        due = self.sampled_s is None or reading.t_s - self.sampled_s >= SAMPLE_EVERY_S
        if due and not reading.gap:
            self.sampled_s = reading.t_s
            events.append(
                Sampled(
                    state=reading.state,
                    view=reading.view,
                    reasons=reading.reasons,
                    deviations=reading.deviations,
                    slouch_probability=reading.slouch_probability,
                )
            )
        return events


def calibrated(
    baseline: Baseline,
    limits: Thresholds,
    *,
    taken_now: bool,
    replaces: bool = False,
    stance: Stance | None = None,
) -> Calibrated:
    """That `baseline` is in use with these limits; its stance, where there is another one."""
    return Calibrated(
        profile=baseline.profile,
        view=baseline.view,
        samples=baseline.samples,
        quality=baseline.quality,
        taken_now=taken_now,
        replaces=replaces,
        taken_at=baseline.taken_at,
        angle_model=model_version(),
        limits_deg=limits.values_deg(),
        stance=stance,
    )
