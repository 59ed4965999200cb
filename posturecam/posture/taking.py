"""A new baseline: its takes in a running watch, and whether it is unlike the one from before.

Pure. Somebody who is alerted to a slouch may well ask for a new baseline in that very slouch; taken
unasked, it would make upright of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from posturecam.base.errors import BaselineError
from posturecam.pose.sitter import why_not_judgeable
from posturecam.posture.angle_model import estimate, slouch_log_odds
from posturecam.posture.baseline import OVERTIME, Demands, Take
from posturecam.posture.mismatch import find_mismatch, has_other_shape
from posturecam.posture.state import SIGNS, slouch_reasons
from posturecam.values.observation import ANGLES, Angle, Posing, TakeProgress, is_estimated
from posturecam.values.reasons import AngleReason
from posturecam.values.settings import READY_S, TAKE_S

if TYPE_CHECKING:
    from posturecam.posture.angle_model import Estimate
    from posturecam.posture.baseline import Baseline
    from posturecam.posture.scenery import Scenery
    from posturecam.values.observation import Detection, Deviations, UnknownReason, View
    from posturecam.values.reasons import SlouchReason
    from posturecam.values.settings import Thresholds

MOST_REASONS = 2
"""More would not be read by somebody who is to answer a question."""
RESEATED_DEG = 10.2
"""People who take their own comfortable pose again end up as far as this from where they were: 9.4
degrees with the head, 10.2 with the trunk. Of 216 rendered upright poses within that, 21 are asked
about, all for a slouch; of 29 that are 15 degrees or more further back, 26; and of 82 upright
baselines after one that was taken in a slouch of 15 degrees or more, 80."""
_SEATED = (Angle.UPPER_BACK, Angle.TRUNK, Angle.NECK)


@dataclass(slots=True, kw_only=True)
class Taking:
    """A baseline in the making, one take after the other; each picture is added.

    Attributes:
        from_s: when the take begins; until then the sitter gets ready.
        until_s: when it ends.
        takes: how many there are to be.
        posing: what they show.
    """

    from_s: float
    until_s: float
    takes: int = 1
    posing: Posing = Posing.UPRIGHT
    _done: list[Take] = field(default_factory=list)
    _take: Take = field(default_factory=lambda: Take(demands=Demands()))
    _doubt: UnknownReason | None = None

    @property
    def all_takes(self) -> list[Take]:
        """Those that are over, and the one that is not."""
        return [*self._done, self._take]

    def put_off(self, seconds: float) -> None:
        """Has the take begin and end later: time without pictures is no time of it."""
        self.from_s += seconds
        self.until_s += seconds

    def add(self, detection: Detection, scenery: Scenery | None = None) -> None:
        """Counts a picture, or only sees what is wrong while the sitter gets ready."""
        take = self._take if detection.t_s >= self.from_s else Take()
        self._doubt = take.add(detection, scenery)

    def goes_on(self, t_s: float) -> bool:
        """Whether there is more to take; begins the next take when one is over."""
        if t_s < self.until_s:
            return True
        if t_s < self.until_s + OVERTIME * TAKE_S and self._take.moves_about():
            return True
        if len(self.all_takes) == self.takes:
            return False
        try:
            self._take.check()
        except BaselineError:
            return False  # no need to go on posing
        self._done.append(self._take)
        self._take = Take(demands=Demands())
        self.from_s = t_s + READY_S
        self.until_s = self.from_s + TAKE_S
        return True

    def progress(self, t_s: float) -> TakeProgress:
        """Where it stands, for the sitter."""
        holding = t_s >= self.from_s
        return TakeProgress(
            take=len(self.all_takes),
            takes=self.takes,
            holding=holding,
            left_s=max(0.0, (self.until_s if holding else self.from_s) - t_s),
            samples=self._take.samples,
            unknown_reason=self._doubt,
            posing=self.posing,
        )


def slouched_beside(
    new: Baseline, old: Baseline, thresholds: Thresholds
) -> tuple[SlouchReason, ...]:
    """Why somebody who sits as in `new` would be slouched by `old`; nothing if not.

    What is furthest beyond its limit comes first, and there are `MOST_REASONS` at most. Nothing
    either where the two cannot be compared, because view or position differ or other models placed
    the landmarks: no posture explains that, and the angles mean nothing.
    """
    found = _compared(new, old)
    if found is None or slouch_log_odds(found, old.view, thresholds) < 0:
        return ()
    return slouch_reasons(found.deviations, old.view, thresholds)[:MOST_REASONS]


def unlike_before(new: Baseline, old: Baseline, thresholds: Thresholds) -> tuple[SlouchReason, ...]:
    """What is far from `old` in `new`, further than one sits down anew each day; nothing if not.

    That is so where `new` is slouched beside `old`, where an angle is further off than
    `RESEATED_DEG`, either way, and where `old` is slouched beside `new`. What stands out most comes
    first, and there are `MOST_REASONS` at most; nothing where the two cannot be compared.
    """
    if slouched := slouched_beside(new, old, thresholds):
        return slouched
    found, turned = _compared(new, old), _compared(old, new)
    if found is None:
        return ()
    far = _reseated(found.deviations, old.view)
    if not far and turned is not None and slouched_beside(old, new, thresholds):
        far = _reseated(turned.deviations, old.view, way=-1.0)
    return far[:MOST_REASONS]


def _compared(now: Baseline, by: Baseline) -> Estimate | None:
    """How the pose of one differs by the other; None where nothing can be said of it."""
    if now.model_sha256 != by.model_sha256 or has_other_shape(now.centre, by.centre):
        return None
    if why_not_judgeable(now.centre, by.centre, by.view) is not None:
        return None
    found = estimate(now.centre, by.centre, by.view)
    if found is None or find_mismatch(now.centre, by.centre, by.view, found.deviations):
        return None
    return found


def _reseated(deviations: Deviations, view: View, *, way: float = 1.0) -> tuple[SlouchReason, ...]:
    """The angles further off than `RESEATED_DEG`, the furthest first, `way` times as far."""
    degs = {angle: way * deg for angle, deg in zip(ANGLES, deviations.values_deg(), strict=True)}
    return tuple(
        AngleReason(
            sign=SIGNS[angle][degs[angle] < 0],
            deg=abs(degs[angle]),
            estimated=is_estimated(view),
        )
        for angle in sorted(_SEATED, key=lambda angle: -abs(degs[angle]))
        if abs(degs[angle]) > RESEATED_DEG
    )
