"""The user's own reference sitting: gathered, checked, refused with a reason, or accepted.

Pure. `profiles` keeps baselines on disk; `observe` compares with them.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import astuple, dataclass, field, replace
from typing import TYPE_CHECKING

from posturecam.base.errors import BaselineError
from posturecam.base.language import Sentence
from posturecam.pose.measures import Measures, find_view, position_of
from posturecam.pose.sitter import Candidate, find_sitter, raised_arm
from posturecam.posture.anchors import NOTHING_TAUGHT, Personal
from posturecam.posture.angle_model import deviations
from posturecam.posture.kept_pose import kept_pose, median_measures, restlessness, spread_of
from posturecam.posture.skyline import joined, skyline_of
from posturecam.values.observation import Stance, UnknownReason, View
from posturecam.values.settings import LEAST_SCALE, MOST_SCALE, Thresholds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from posturecam.posture.scenery import Scenery
    from posturecam.posture.skyline import Skyline
    from posturecam.values.desk import Desk
    from posturecam.values.observation import Detection

SLUMP_SHARE = 0.6
"""Share of the way from upright to the user's own slump at which it counts: the same bend of the
neck changes the picture by 7 to 18 % from one camera to another, and a personal span removes that
(50 to 75 % are in use)."""

FACING = 0.6
"""`Measures.facing` from which the head is turned too far for a baseline from the front."""

SMALLEST_SCALE = 0.02
LARGEST_MEASURE = 360.0
"""Bounds of what a profile may hold: a sitter who can be seen, angles of a full turn."""

_LOW_SHOULDERS = 0.9
"""Share of the height of the picture, from its top. Of upright rendered sitters whose shoulders lie
lower 8 % are called slouched, of others 4 %, and a fifth of their pictures gets no verdict
(calibration/report.md, "Shoulders near the lower edge")."""

_REFUSALS = {
    UnknownReason.NOBODY: (
        Sentence("No baseline: nobody in view."),
        Sentence("Sit in front of the camera and try again."),
    ),
    UnknownReason.SHOULDERS_OUT: (
        Sentence("No baseline: shoulders not in view."),
        Sentence("Tilt the camera or move back until both shoulders are in the picture."),
    ),
    UnknownReason.HEAD_OUT: (
        Sentence("No baseline: head not in view."),
        Sentence("Tilt the camera or move back until your whole head is in the picture."),
    ),
    UnknownReason.FACE_AWAY: (
        Sentence("No baseline: face turned away."),
        Sentence("Look at the screen while the baseline is taken."),
    ),
    UnknownReason.SEVERAL_PEOPLE: (
        Sentence("No baseline: more than one person in view."),
        Sentence("Only one person may be in the picture while the baseline is taken."),
    ),
    UnknownReason.TOO_DARK: (
        Sentence("No baseline: too dark."),
        Sentence("Switch on a light, or turn so that the window is not behind you."),
    ),
    UnknownReason.NOT_A_SITTER: (
        Sentence("No baseline: no clear sitter."),
        Sentence("Make sure that head and shoulders are well lit and not covered."),
    ),
    UnknownReason.NO_PICTURE: (
        Sentence("No baseline: no picture from the camera."),
        Sentence("Check the camera with: posturecam doctor"),
    ),
    UnknownReason.COVERED: (
        Sentence("No baseline: camera covered."),
        Sentence("Open the shutter of the camera, or take off what lies over it."),
    ),
    UnknownReason.NOISE: (
        Sentence("No baseline: picture is nothing but noise."),
        Sentence("Unplug the camera and plug it in again."),
    ),
    UnknownReason.BLURRED: (
        Sentence("No baseline: picture blurred."),
        Sentence("Wipe the lens, or wait until the camera has found its focus."),
    ),
    UnknownReason.HAND: (
        Sentence("No baseline: hand before the face."),
        Sentence("Take your hand from your face while the baseline is taken."),
    ),
    UnknownReason.ARM: (
        Sentence("No baseline: arm raised."),
        Sentence("Rest your arms while the baseline is taken."),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """How the user sits when they sit comfortably upright.

    Attributes:
        profile: name under which it is kept.
        view: from where the camera sees the sitter.
        centre: median of each measure; over several takes, the median of their medians.
        spread: robust standard deviation of each measure within a take.
        samples: number of frames it rests on.
        takes: number of times the user sat down for it.
        quality: 1 when nothing moved, towards 0 at the limit of what is accepted.
        image_width_px: width of the pictures.
        image_height_px: height of the pictures.
        model_sha256: the models whose landmarks these measures came from, `landmarks_sha256`.
        taken_at: when, in UTC.
        thresholds: adapted to the user's own slump, None without a slump take.
        rotate_deg: the camera's pictures were turned clockwise by so much.
        personal: what the poses that the profile was taught make of a verdict; kept beside it.
        skyline: what is kept of the room, None where no picture was at hand; see `skyline`.
        desks: where it was taken, and where it is used as well; none where that is not known.
        stance: whether it is of somebody sitting, or standing at the same desk.
    """

    profile: str
    view: View
    centre: Measures
    spread: Measures
    samples: int
    takes: int
    quality: float
    image_width_px: int
    image_height_px: int
    model_sha256: str
    taken_at: datetime
    thresholds: Thresholds | None = None
    rotate_deg: int = 0
    personal: Personal = field(default=NOTHING_TAUGHT, compare=False)
    skyline: Skyline | None = field(default=None, repr=False)
    desks: tuple[Desk, ...] = ()
    stance: Stance = Stance.SITTING

    @property
    def has_low_shoulders(self) -> bool:
        """Whether they are so close to the lower edge of the picture that they soon leave it."""
        is_low = self.centre.shoulder_y > _LOW_SHOULDERS * self.centre.aspect
        return self.view is View.FRONT and is_low


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What a baseline must fulfil."""

    least_samples: int = 10
    least_share: float = 0.6
    """Share of the frames that must show the sitter clearly."""
    most_restless: float = 1.0
    """`Take.restlessness` above this is moving about."""


_SPARE = 1.5
"""How many times longer than would just do a take is asked for that had too few pictures."""
OVERTIME = 1.0
"""So much longer, as a share of its length, a take goes on for somebody who moves about: a man who
talks and laughs needed 3 s more than 10."""

PHOTOS = Demands(least_samples=1, least_share=0.5, most_restless=math.inf)
"""Pictures taken one by one show how one sits down again, so they may differ."""


@dataclass(slots=True)
class Take:
    """One sitting for the baseline; `add` says what it makes of each frame.

    Attributes:
        demands: what it must fulfil.
        lasted_s: how long it went on in a calibration; None where its source ended it, so that a
            longer one would have no more pictures.
    """

    demands: Demands = field(default_factory=Demands)
    lasted_s: float | None = None
    _measures: list[Measures] = field(default_factory=list)
    _doubts: Counter[UnknownReason] = field(default_factory=Counter)
    _image_size_px: tuple[int, int] = (0, 0)
    _skylines: list[NDArray[np.float64]] = field(default_factory=list, repr=False)

    def add(self, detection: Detection, scenery: Scenery | None = None) -> UnknownReason | None:
        """Takes one frame in; the reason if it cannot be used.

        The scenery is what stands around the sitter, None for photos: they may show several places.
        """
        sitter = find_sitter(detection)
        unknown_reason: UnknownReason | None
        if isinstance(sitter, UnknownReason):
            unknown_reason = sitter
        else:
            unknown_reason = _why_unusable(sitter)
            if unknown_reason is None:
                seen = sitter.landmarks
                self._measures.append(sitter.measures)
                self._image_size_px = (seen.image_width_px, seen.image_height_px)
                if scenery is not None:
                    self._skylines.append(skyline_of(scenery))
        if unknown_reason is not None:
            self._doubts[unknown_reason] += 1
        return unknown_reason

    @property
    def samples(self) -> int:
        """Frames that could be used."""
        return len(self._measures)

    def check(self) -> None:
        """Nothing, if the take can be used.

        Raises:
            BaselineError: it cannot, and why.
        """
        frames = self.samples + self._doubts.total()
        if frames == 0:
            raise _refusal(UnknownReason.NO_PICTURE)
        enough = self.samples >= self.demands.least_samples
        if not enough or self.samples < self.demands.least_share * frames:
            if self._doubts:
                raise _refusal(self._doubts.most_common(1)[0][0])
            least = self.demands.least_samples
            remedy = Sentence("Give it at least {least}.", least=least)
            if self.lasted_s is not None:
                seconds = math.ceil(_SPARE * self.lasted_s * least / self.samples)
                remedy = Sentence("Take longer: --seconds {seconds}", seconds=seconds)
            raise BaselineError(
                Sentence("Too few pictures for a baseline: {samples}.", samples=self.samples),
                remedy,
            )
        if self.moves_about():
            raise BaselineError(
                Sentence("No baseline: you moved too much while it was taken."),
                Sentence(
                    "Sit comfortably upright, back supported, and keep still for a few seconds."
                ),
            )

    def moves_about(self) -> bool:
        """Whether the looks show no pose that is kept; more of them may."""
        restless = self.samples > 0 and restlessness(self._measures) > self.demands.most_restless
        return restless and kept_pose(self._measures) is None

    def restlessness(self) -> float:
        """The largest spread within what is used of this take, as a share of what is still."""
        return restlessness(self._used())

    def centre(self) -> Measures:
        """Median of each measure."""
        return median_measures(self._used())

    def spread(self) -> Measures:
        """Robust standard deviation of each measure."""
        return spread_of(self._used())

    def _used(self) -> list[Measures]:
        """All looks of somebody who kept still, else those of the pose that was kept coming to."""
        if restlessness(self._measures) <= self.demands.most_restless:
            return self._measures
        return kept_pose(self._measures) or self._measures

    @property
    def skylines(self) -> list[NDArray[np.float64]]:
        """Those of the pictures that could be used."""
        return self._skylines

    @property
    def image_size_px(self) -> tuple[int, int]:
        """Width and height of the pictures."""
        return self._image_size_px


def combine(
    takes: Sequence[Take], *, profile: str, model_sha256: str, taken_at: datetime
) -> Baseline:
    """The baseline from one or more takes.

    Raises:
        BaselineError: a take cannot be used, or the takes show different views.
    """
    for take in takes:
        take.check()
    centres = [take.centre() for take in takes]
    views = {find_view(centre) for centre in centres}
    if len(views) > 1:
        raise BaselineError(
            Sentence(
                "No baseline: you sat turned differently towards the camera from take to take."
            ),
            Sentence("Leave camera and chair where they are between the takes."),
        )
    width_px, height_px = takes[0].image_size_px
    most_restless = max(take.restlessness() for take in takes)
    return Baseline(
        profile=profile,
        view=views.pop(),
        centre=median_measures(centres),
        spread=median_measures([take.spread() for take in takes]),
        samples=sum(take.samples for take in takes),
        takes=len(takes),
        quality=max(0.0, 1.0 - most_restless),
        image_width_px=width_px,
        image_height_px=height_px,
        model_sha256=model_sha256,
        taken_at=taken_at,
        skyline=joined([skyline for take in takes for skyline in take.skylines]),
    )


def with_slump(baseline: Baseline, slump: Take) -> Baseline:
    """`baseline` with thresholds at `SLUMP_SHARE` of the way to the user's usual slump.

    All sagittal thresholds share one scale, that of the angle which stands out most, so that one
    which the slump leaves alone does not become touchy. The shoulder line keeps its own.

    Raises:
        BaselineError: the take cannot be used, or the slump hardly differs from upright.
    """
    slump.check()
    default = Thresholds()
    found = deviations(slump.centre(), baseline.centre, baseline.view).values_deg()[:-1]
    sagittal_deg = astuple(default)[:-1]
    span = max(deg / limit_deg for deg, limit_deg in zip(found, sagittal_deg, strict=True))
    if not span >= LEAST_SCALE:
        raise BaselineError(
            Sentence("No baseline: your slump hardly differs from how you sat upright."),
            Sentence("Let yourself go as you do when tired, or calibrate without --slump."),
        )
    scale = min(max(SLUMP_SHARE * span, LEAST_SCALE), MOST_SCALE)
    return replace(
        baseline,
        thresholds=Thresholds(
            upper_back_deg=scale * default.upper_back_deg,
            trunk_deg=scale * default.trunk_deg,
            neck_deg=scale * default.neck_deg,
            back_flexion_deg=scale * default.back_flexion_deg,
        ),
    )


def is_plausible(centre: Measures, view: View) -> bool:
    """Whether `centre` can be the measures of somebody before a camera, seen from `view`."""
    position = position_of(centre, view)
    known = [value for value in centre.as_array() if math.isfinite(value)]
    return (
        all(math.isfinite(value) for value in astuple(position))
        and position.scale > SMALLEST_SCALE
        and centre.head_size > 0
        and max(map(abs, known)) < LARGEST_MEASURE
        and find_view(centre) is view
    )


def _why_unusable(sitter: Candidate) -> UnknownReason | None:
    if sitter.view is View.FRONT and abs(sitter.measures.facing) > FACING:
        return UnknownReason.FACE_AWAY
    return raised_arm(sitter.landmarks, sitter.view)


def _refusal(unknown_reason: UnknownReason) -> BaselineError:
    return BaselineError(*_REFUSALS[unknown_reason])
