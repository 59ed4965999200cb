"""When to look at the next picture, and whether the pose model has to.

Pure. As long as a picture shows no change, the looks since the last change still hold, and their
median is better than any new one. A sitter who moves is looked at again and again, within a budget.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf
from statistics import mode
from typing import TYPE_CHECKING

from posturecam.capture.thumbnail import CHANGED, LARGE, change, is_same_picture
from posturecam.posture.state import median_deviations, median_log_odds, median_position
from posturecam.values.observation import Observation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingSettings:
    """How often to look.

    One look takes 50 ms of a core, 15 of them for the face mesh, and one thumbnail 1 ms. So looks
    and thumbnails cost 2.2 % of a core for a sitter who never rests, 0.3 % for one who sits still.
    """

    idle_interval_s: float = 1.0
    """Between two pictures while nothing changes."""
    busy_interval_s: float = 0.5
    """Between two pictures while something does."""
    settled_looks: int = 5
    """So many looks without a change in between are enough."""
    still_there_s: float = 30.0
    """However still the picture, the model looks again after so long."""
    confirm_s: float = 2.0
    """Nobody is alerted on a look that is older."""
    large_change_s: float = 2.5
    small_change_s: float = 3.0
    """A change is looked at so long after the last look at the latest."""
    looks_per_s: float = 0.4
    """Looks that are saved up, and how many: a sitter who moves after a while of stillness is
    looked at twice a second, one who moves all day at this rate."""
    most_saved_looks: float = 14.0
    kept_looks: float = 9.0
    """So many of them are kept for large changes; talking and typing do not use them up."""
    frozen_after_s: float = 60.0
    """A camera that repeats one picture, noise and all, for so long shows nothing. It is opened
    anew then, after twice the time again, and so on: a driver that is stuck needs that."""

    @classmethod
    def every_picture(cls) -> SamplingSettings:
        """The pose model looks at every picture."""
        return cls(idle_interval_s=0.0, busy_interval_s=0.0, still_there_s=0.0, looks_per_s=inf)

    def quick(self) -> SamplingSettings:
        """With pictures at short intervals, while a slouch may end at any time.

        Who sits up is to see within a second that it was noticed, where a program shows it at
        once. Looks keep their budget; the thumbnails take a sitter who slouches without moving
        from 1.0 to 2.1 % of a core.
        """
        return replace(self, idle_interval_s=0.25, busy_interval_s=0.25)

    def halved(self) -> SamplingSettings:
        """Half as often, as on battery."""
        return replace(
            self,
            idle_interval_s=2 * self.idle_interval_s,
            busy_interval_s=2 * self.busy_interval_s,
            still_there_s=2 * self.still_there_s,
            large_change_s=2 * self.large_change_s,
            small_change_s=2 * self.small_change_s,
            looks_per_s=self.looks_per_s / 2,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingMemory:
    """What is remembered from one picture to the next.

    Attributes:
        t_s: time of the last picture, None before the first.
        newest: thumbnail of the last picture.
        same_since_s: since when every picture has been the very same.
        reopened: how often the camera was opened anew since then.
        thumbnail: of the picture that was looked at last.
        looks: the looks since the last change, newest last.
        doubted: the last look was the first to see no posture; half a movement can cause that.
        saved_looks: looks that may be had at once.
    """

    t_s: float | None = None
    looked_s: float = 0.0
    newest: NDArray[np.uint8] | None = field(default=None, repr=False)
    same_since_s: float = 0.0
    reopened: int = 0
    thumbnail: NDArray[np.uint8] | None = field(default=None, repr=False)
    looks: tuple[Observation, ...] = ()
    doubted: bool = False
    saved_looks: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What to do with a picture."""

    look: bool
    changed: bool


def choose(
    memory: SamplingMemory,
    *,
    t_s: float,
    thumbnail: NDArray[np.uint8],
    alert_near: bool,
    settings: SamplingSettings,
) -> tuple[SamplingMemory, Choice]:
    """Whether the pose model has to look at the picture of `t_s`.

    `alert_near` says that an alert is due within seconds if the posture is still the same.
    """
    repeated = memory.newest is not None and is_same_picture(thumbnail, memory.newest)
    memory = replace(memory, newest=thumbnail)
    if not repeated:
        memory = replace(memory, same_since_s=t_s, reopened=0)
    then = memory.thumbnail
    if memory.t_s is None or then is None:
        memory = replace(memory, t_s=t_s, saved_looks=settings.most_saved_looks)
        return memory, Choice(look=True, changed=True)
    earned = settings.looks_per_s * (t_s - memory.t_s)
    saved = min(settings.most_saved_looks, memory.saved_looks + earned)
    memory = replace(memory, t_s=t_s, saved_looks=saved)
    difference = change(thumbnail, then)
    changed, large = difference >= CHANGED, difference >= LARGE
    since_s = t_s - memory.looked_s
    to_confirm = alert_near and since_s >= settings.confirm_s
    due = (
        changed
        or to_confirm
        or len(memory.looks) < settings.settled_looks
        or since_s >= settings.still_there_s
    )
    affordable = saved >= 1 + (0.0 if large else settings.kept_looks)
    # Saved or not: what stays different for long, may call off an alert, or was just doubted.
    urgent = (
        to_confirm
        or since_s >= (settings.large_change_s if large else settings.small_change_s)
        or (changed and alert_near)
        or memory.doubted
    )
    return memory, Choice(look=due and (affordable or urgent), changed=changed)


def looked(
    memory: SamplingMemory,
    observation: Observation,
    *,
    thumbnail: NDArray[np.uint8],
    changed: bool,
    settings: SamplingSettings,
) -> SamplingMemory:
    """What to remember of a look."""
    before = () if changed else memory.looks
    return replace(
        memory,
        looked_s=observation.t_s,
        thumbnail=thumbnail,
        looks=(*before, observation)[-settings.settled_looks :],
        doubted=(
            observation.unknown_reason is not None
            and bool(memory.looks)
            and memory.looks[-1].unknown_reason is None
        ),
        saved_looks=max(0.0, memory.saved_looks - 1),
    )


def is_frozen(memory: SamplingMemory, settings: SamplingSettings) -> bool:
    """The camera goes on delivering one picture; a real one always has some noise."""
    return _same_for_s(memory) >= settings.frozen_after_s


def is_repeated(memory: SamplingMemory) -> bool:
    """The newest picture is the one before it, once more: it shows nothing new."""
    return _same_for_s(memory) > 0


def has_to_reopen(memory: SamplingMemory, settings: SamplingSettings) -> bool:
    """The camera has been frozen long enough for a first or another try to open it anew."""
    return _same_for_s(memory) >= settings.frozen_after_s * 2.0**memory.reopened


def _same_for_s(memory: SamplingMemory) -> float:
    return 0.0 if memory.t_s is None else memory.t_s - memory.same_since_s


def held(memory: SamplingMemory, t_s: float) -> Observation:
    """The observation that still holds at `t_s`: what most looks since the last change say."""
    newest = memory.looks[-1]
    unknown_reasons = [
        look.unknown_reason for look in memory.looks if look.unknown_reason is not None
    ]
    most = 2 * len(unknown_reasons) > len(memory.looks)
    unknown_reason = mode(unknown_reasons) if most else None
    alike = [look for look in memory.looks if look.unknown_reason is unknown_reason]
    positions = [look.position for look in alike if look.position is not None]
    signs = [look.sign for look in alike if look.sign is not None]
    return Observation(
        t_s=t_s,
        view=newest.view,
        unknown_reason=unknown_reason,
        deviations=None if unknown_reason is not None else median_deviations(alike),
        slouch_log_odds=median_log_odds(alike),
        position=median_position(positions) if positions else None,
        mismatch=alike[-1].mismatch,
        sign=signs[-1] if signs else None,
    )


def interval_s(memory: SamplingMemory, settings: SamplingSettings) -> float:
    """How long to wait for the next picture."""
    settled = len(memory.looks) >= settings.settled_looks
    return settings.idle_interval_s if settled else settings.busy_interval_s
