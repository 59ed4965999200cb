"""Which pictures the pose model looks at; in between, what it saw still holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from posturecam.pose.measures import Measures, position_of
from posturecam.posture import camera, place
from posturecam.posture.observe import DEFAULT_THRESHOLDS, look
from posturecam.posture.scenery import UNTURNED, CameraTurn, Scenery, scenery_in
from posturecam.values.observation import (
    Detection,
    Frame,
    Observation,
    SitterPosition,
    UnknownReason,
)
from posturecam.watch.sampling import (
    SamplingMemory,
    SamplingSettings,
    choose,
    has_to_reopen,
    held,
    interval_s,
    is_frozen,
    is_repeated,
    looked,
)

if TYPE_CHECKING:
    from posturecam.posture.baseline import Baseline
    from posturecam.values.settings import Thresholds

_PLAINER = (UnknownReason.TOO_DARK, UnknownReason.COVERED)
"""What says more than that the picture repeats: a covered camera may have no noise at all."""


class Attention:
    """Observations from pictures, with as few looks of the pose model as they need.

    Only of a `live` source is a repeated picture a fault. How often to look is asked at each
    picture; `see` is told of each look, with what stands around and how the camera has turned.
    """

    def __init__(
        self,
        detect: Callable[[Frame], Detection],
        *,
        live: bool,
        sampling: Callable[[], SamplingSettings],
        thresholds: Thresholds = DEFAULT_THRESHOLDS,
        see: Callable[[Detection, Scenery | None, CameraTurn | None], None] = lambda *_: None,
    ) -> None:
        self._detect = detect
        self._live = live
        self._sampling = sampling
        self._thresholds = thresholds
        self._see = see
        self._memory = SamplingMemory()
        self._camera = camera.CameraMemory()
        self._place = place.PlaceMemory()
        self._seen: Measures | None = None

    def observe(self, frame: Frame, baseline: Baseline, *, alert_near: bool) -> Observation:
        """What is known of the sitter at the time of the frame."""
        settings = self._sampling()
        self._memory, choice = choose(
            self._memory,
            t_s=frame.t_s,
            thumbnail=frame.thumbnail,
            alert_near=alert_near,
            settings=settings,
        )
        if choice.look:
            turn = self._camera.turn
            seen = self.judge(frame, self._detect(frame), baseline)
            self._memory = looked(
                self._memory,
                seen,
                thumbnail=frame.thumbnail,
                # What was seen before a turn was known does not hold.
                changed=choice.changed or self._camera.turn != turn,
                settings=settings,
            )
        observation = held(self._memory, frame.t_s)
        self._place, observation = place.step(
            self._place,
            observation,
            frame.thumbnail,
            position_of(baseline.centre, baseline.view),
            self._camera.turn,
        )
        frozen = self._live and is_frozen(self._memory, settings)
        if frozen and observation.unknown_reason not in _PLAINER:
            return Observation(
                t_s=frame.t_s, view=observation.view, unknown_reason=UnknownReason.FROZEN
            )
        return observation

    def judge(self, frame: Frame, detection: Detection, baseline: Baseline) -> Observation:
        """What a look of the pose model at the frame says, wherever the camera has turned."""
        # A frozen picture agrees with itself, noise and all, as no room does with itself.
        is_new = not (self._live and is_repeated(self._memory))
        scenery = None
        if is_new and camera.is_due(self._camera, frame.t_s):
            scenery = scenery_in(frame.image, detection.people)
            self._camera = camera.step(self._camera, scenery, frame.t_s, baseline.skyline)[0]
        self._see(detection, scenery, self._camera.turn)
        observation, self._seen = look(detection, baseline, self._camera.turn, self._thresholds)
        return observation

    @property
    def elsewhere(self) -> bool:
        """Whether the camera stands where the room behind is another one."""
        return self._camera.turn is None

    def doubted(self, baseline: Baseline) -> SitterPosition | None:
        """Where the sitter was, while nothing says whether the lid was tilted since; else None."""
        return position_of(baseline.centre, baseline.view) if self._camera.doubted else None

    def pop_seen(self) -> Measures | None:
        """The measures of the newest look that could be judged; of each look once."""
        seen, self._seen = self._seen, None
        return seen

    def put_back(self, detection: Detection) -> Detection:
        """The detection as the camera would have seen it before it turned."""
        turn = self._camera.turn or UNTURNED
        return replace(detection, people=tuple(map(turn.put_back, detection.people)))

    def reopens(self) -> bool:
        """Whether a frozen camera has to be opened anew now; counts as done."""
        due = has_to_reopen(self._memory, self._sampling())
        if due:
            self._memory = replace(self._memory, reopened=self._memory.reopened + 1)
        return due

    def renew(self) -> None:
        """Another baseline: what was seen holds no longer, nor where the camera looked."""
        self.forget()
        self._camera = camera.CameraMemory()
        self._place = place.PlaceMemory()

    def forget(self) -> None:
        """What was seen holds no longer: time without a picture."""
        self._memory = replace(self._memory, looks=(), thumbnail=None)

    def interval_s(self) -> float:
        """How long to wait for the next picture."""
        return interval_s(self._memory, self._sampling())
