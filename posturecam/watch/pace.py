"""How often a watch wants a picture, and by what the pose model looks at one.

Pure: settings, what is known of the machine, and the time in; seconds out.
"""

from __future__ import annotations

from collections.abc import Callable

from posturecam.values.settings import BURST_S, Settings
from posturecam.watch.sampling import SamplingSettings

_TAKING_S = 0.5
"""Longest time between two pictures while a baseline is taken: ten seconds must give ten of use."""


class Pace:
    """What the settings ask for, as fits the battery and who looks on.

    It is `followed` where another program shows at once what is seen.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        on_battery: Callable[[], bool] = lambda: False,
        followed: Callable[[], bool] = lambda: False,
    ) -> None:
        self._settings = settings
        self._on_battery = on_battery
        self._followed = followed
        self._seen_s: float | None = None
        self._burst_since_s = 0.0

    def sampling(self, *, may_end: bool) -> SamplingSettings:
        """How often the pose model looks; `may_end` says that a slouch may end at any time."""
        if not self._settings.adaptive:
            return SamplingSettings.every_picture()
        sampling = SamplingSettings()
        if may_end and self._followed():
            sampling = sampling.quick()
        return (
            sampling.halved() if self._settings.spare_battery and self._on_battery() else sampling
        )

    def saw(self, t_s: float) -> None:
        """There was a picture; one after a while without any begins a burst."""
        if self._seen_s is None or t_s - self._seen_s > BURST_S:
            self._burst_since_s = t_s
        self._seen_s = t_s

    @property
    def shortest_s(self) -> float:
        """Between two pictures where each of them counts."""
        return 1.0 / self._settings.sample_hz

    @property
    def taking_s(self) -> float:
        """Between two pictures while a baseline is taken."""
        return min(self.shortest_s, _TAKING_S)

    def interval_s(self, t_s: float, wanted_s: float) -> float:
        """How long from the picture at `t_s` to the next; `wanted_s` is enough to judge by."""
        between_s = self._settings.interval_s
        if between_s is not None and t_s - self._burst_since_s >= BURST_S:
            return between_s
        return max(self.shortest_s, wanted_s)
