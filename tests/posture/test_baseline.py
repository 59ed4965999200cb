"""Which sittings make a baseline, and what a refusal says."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from posturecam.base.errors import BaselineError
from posturecam.capture.ffmpeg_memory import ANALYZED
from posturecam.capture.recorded import VideoFile
from posturecam.commands.calibrate import Plan, take_baseline
from posturecam.outputs.words import reason_text
from posturecam.pose.landmarker import PoseLandmarker
from posturecam.pose.measures import measure
from posturecam.pose.models import find_model
from posturecam.posture.angle_model import deviations
from posturecam.posture.baseline import PHOTOS, SLUMP_SHARE, Demands, Take, combine, with_slump
from posturecam.posture.kept_pose import kept_pose
from posturecam.values.observation import Detection, Joint, Landmarks, UnknownReason, View
from posturecam.values.settings import LEAST_SCALE, MOST_SCALE, Thresholds
from tests.fakes import sitter
from tests.sitters import SITTERS, Sitter, baseline_of, front_points_px, landmarks

if TYPE_CHECKING:
    from pathlib import Path

TAKEN_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def look(*people: Landmarks, brightness: float = 120.0) -> Detection:
    """One frame with these people in it."""
    return Detection(t_s=0.0, people=people, brightness=brightness)


def take_of(*looks: Detection, demands: Demands | None = None) -> Take:
    """A take of these frames."""
    take = Take(demands=demands or Demands())
    for each in looks:
        take.add(each)
    return take


def still(frames: int = 30, *, y_px: float = 330.0, jitter_px: float = 1.0) -> list[Detection]:
    """Somebody who sits still but for the noise of the landmarks."""
    noise = np.random.default_rng(7).normal(0.0, jitter_px, size=frames)
    return [look(sitter(y_px=y_px + shift)) for shift in noise]


def test_a_still_upright_sitter_makes_a_baseline() -> None:
    """The centre is the median, and stillness shows in the quality."""
    baseline = combine(
        [take_of(*still())], profile="desk", model_sha256="ab" * 32, taken_at=TAKEN_AT
    )

    assert baseline.view is View.FRONT
    assert baseline.samples == 30
    assert baseline.centre.shoulder_y == pytest.approx(330 / 640, abs=1 / 640)
    assert baseline.centre.shoulder_width == pytest.approx(220 / 640)
    assert baseline.quality > 0.5
    assert (baseline.image_width_px, baseline.image_height_px) == (640, 480)


def test_a_few_wild_frames_do_not_move_the_centre() -> None:
    """Robust: a third of outliers changes nothing."""
    wild = [look(sitter(y_px=380, size=1.3)) for _ in range(9)]
    calm = combine([take_of(*still())], profile="a", model_sha256="", taken_at=TAKEN_AT)
    mixed = combine([take_of(*still(), *wild)], profile="a", model_sha256="", taken_at=TAKEN_AT)

    assert mixed.centre.shoulder_y == pytest.approx(calm.centre.shoulder_y, abs=2 / 640)


def test_the_baseline_of_three_takes_is_the_median_of_their_medians() -> None:
    """One odd way of sitting down does not become the baseline."""
    takes = [take_of(*still(y_px=y_px)) for y_px in (330, 334, 360)]
    baseline = combine(takes, profile="a", model_sha256="", taken_at=TAKEN_AT)

    assert baseline.takes == 3
    assert baseline.centre.shoulder_y == pytest.approx(334 / 640, abs=1 / 640)


@pytest.mark.parametrize(
    ("looks", "unknown_reason"),
    [
        ([look()] * 20, UnknownReason.NOBODY),
        ([look(sitter(y_px=560))] * 20, UnknownReason.SHOULDERS_OUT),
        ([look(sitter(y_px=110))] * 20, UnknownReason.HEAD_OUT),
        (
            [look(sitter(x_px=180, size=0.8), sitter(x_px=460, size=0.8))] * 20,
            UnknownReason.SEVERAL_PEOPLE,
        ),
        ([look(brightness=2)] * 20, UnknownReason.TOO_DARK),
    ],
)
def test_a_refusal_names_the_reason_and_the_remedy(
    looks: list[Detection], unknown_reason: UnknownReason
) -> None:
    """What is wrong most of the time is what the user is told."""
    with pytest.raises(BaselineError) as caught:
        take_of(*looks).check()

    assert caught.value.what == f"No baseline: {reason_text(unknown_reason)}."
    assert caught.value.remedy


@pytest.mark.parametrize(("unseen", "enough"), [(8, True), (9, False)])
def test_three_in_five_frames_must_show_the_sitter(unseen: int, *, enough: bool) -> None:
    """Twelve do."""
    take = take_of(*still(12), *[look()] * unseen)

    if enough:
        take.check()
    else:
        with pytest.raises(BaselineError, match=UnknownReason.NOBODY.value):
            take.check()


@pytest.mark.parametrize(("aside_px", "found"), [(40, None), (50, UnknownReason.FACE_AWAY)])
def test_who_sits_squarely_must_look_at_the_screen(
    aside_px: int, found: UnknownReason | None
) -> None:
    """A glance does no harm."""
    points_px = front_points_px()
    points_px[Joint.NOSE, 0] += aside_px

    assert Take().add(look(landmarks(points_px))) is found


def test_each_take_must_do_and_all_must_show_one_view() -> None:
    """One that cannot be used spoils the baseline."""
    side = next(one for one in SITTERS if one.view is View.SIDE)
    for takes, why in (
        ([take_of(*still()), take_of(*[look()] * 20)], UnknownReason.NOBODY.value),
        ([rendered_take(upright_of(FRONT[0])), rendered_take(upright_of(side))], "turned"),
    ):
        with pytest.raises(BaselineError, match=why):
            combine(takes, profile="a", model_sha256="", taken_at=TAKEN_AT)


@pytest.mark.parametrize(
    ("poses", "still_enough"),
    [
        ([sitter(y_px=330 + 17 * way) for way in (-1, 0, 1)], True),
        ([sitter(y_px=330 + 19 * way) for way in (-1, 0, 1)], False),
        ([sitter(size=1 + 0.038 * way) for way in (-1, 0, 1)], True),
        ([sitter(size=1 + 0.043 * way) for way in (-1, 0, 1)], False),
    ],
    ids=["a little up and down", "up and down", "a little nearer", "nearer"],
)
def test_how_much_is_moving_about(poses: list[Landmarks], *, still_enough: bool) -> None:
    """A twelfth of the shoulder width, or a twenty-fifth nearer and farther."""
    take = take_of(*[look(pose) for pose in poses] * 10)

    assert (take.restlessness() <= Demands().most_restless) is still_enough


def test_moving_about_is_refused() -> None:
    """A baseline of somebody who does not keep still would be none."""
    nodding = [look(sitter(drop_px=40.0 * (i % 3))) for i in range(30)]
    with pytest.raises(BaselineError, match="moved too much"):
        take_of(*nodding).check()


def laughing(away: str) -> list[Detection]:
    """Somebody who nods and lifts the shoulders in every look marked `x`, and is back in others."""
    noise = np.random.default_rng(3).normal(0.0, 1.0, size=len(away))
    return [
        look(sitter(y_px=330 + shift - 8 * (mark == "x"), drop_px=45.0 * (mark == "x")))
        for mark, shift in zip(away, noise, strict=True)
    ]


def test_who_talks_and_laughs_makes_a_baseline_of_the_pose_they_come_back_to() -> None:
    """Half of the looks do, if they come again and again."""
    take = take_of(*laughing("..xxx.xx.." * 4))
    take.check()
    calm = combine([take_of(*still())], profile="a", model_sha256="", taken_at=TAKEN_AT)

    assert take.centre().ear_y == pytest.approx(calm.centre.ear_y, abs=2 / 640)
    assert take.restlessness() < 1


@pytest.mark.parametrize(
    "away",
    ["." * 20 + "x" * 20, "x" * 20 + "." * 20, "x" * 10 + "." * 20 + "x" * 10],
    ids=["slumps", "sits up", "is up for a while"],
)
def test_who_does_not_come_back_has_changed_posture(away: str) -> None:
    """However many looks show one pose."""
    with pytest.raises(BaselineError, match="moved too much"):
        take_of(*laughing(away)).check()


def test_two_looks_that_differ_are_no_pose_yet() -> None:
    """More time is given, and nothing is computed from nothing."""
    assert take_of(*laughing(".x")).moves_about()


def test_a_long_video_of_somebody_restless_does_not_fill_the_memory() -> None:
    """The looks are compared one after the other."""
    looks = [measure(one.people[0]) for one in laughing("..xxx.xx.." * 4)] * 40
    tracemalloc.start()
    kept = kept_pose(looks)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept is not None
    assert peak_bytes < 20e6


@pytest.mark.model
@pytest.mark.slow
def test_a_real_man_who_talks_and_laughs_makes_a_baseline(shared: Path) -> None:
    """He nods, turns and lifts his shoulders; most takes of ten seconds were refused."""
    path = shared / "clips" / "clips" / "c09_portrait_talk.mp4"
    plan = Plan(takes=3, seconds_s=10.0, ready_s=0.0, interval_s=0.2)
    with (
        PoseLandmarker.open(find_model("full")) as landmarker,
        VideoFile(path, name=path.name, bound=ANALYZED) as video,
    ):
        takes = take_baseline(video.frames(0.2), landmarker, plan, lambda _: None)

    baseline = combine(takes, profile="a", model_sha256="", taken_at=TAKEN_AT)
    assert baseline.view is View.FRONT
    assert 120 < baseline.samples < 200


def test_no_pictures_and_too_few_pictures_are_refused() -> None:
    """An empty source and a blink are no baseline; a single photo may be one."""
    with pytest.raises(BaselineError, match="no picture from the camera"):
        take_of().check()
    with pytest.raises(BaselineError, match="Too few"):
        take_of(*still(3)).check()

    take_of(*still(1), demands=PHOTOS).check()


@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize(("share", "is_low"), [(0.89, False), (0.91, True)])
def test_shoulders_are_low_near_the_lower_edge_from_the_front(
    view: View, share: float, *, is_low: bool
) -> None:
    """From the side it is the trunk that has to be in the picture."""
    kept = baseline_of(measure(landmarks(front_points_px())))
    centre = replace(kept.centre, shoulder_y=share * kept.centre.aspect)
    seen = replace(kept, centre=centre, view=view)

    assert seen.has_low_shoulders is (is_low and view is View.FRONT)


FRONT = [sitter for sitter in SITTERS if sitter.view is View.FRONT]


def rendered_take(poses: list[Landmarks]) -> Take:
    """A take of rendered poses, each a moment."""
    return take_of(*[look(pose) for pose in poses], demands=PHOTOS)


def upright_of(rendered: Sitter) -> list[Landmarks]:
    """The sitter's own upright frames."""
    return list(rendered.upright)


@pytest.mark.parametrize("rendered", FRONT[:3], ids=lambda rendered: rendered.name)
def test_a_slump_take_scales_the_sagittal_thresholds_to_the_person(rendered: Sitter) -> None:
    """Within bounds, all alike, and never the shoulder line."""
    upright = combine(
        [rendered_take(upright_of(rendered))], profile="a", model_sha256="", taken_at=TAKEN_AT
    )
    slumps = [pose.landmarks for pose in rendered.poses if pose.scenario == "slump" and pose.bad]
    default = Thresholds()
    assert slumps
    for slump in slumps:
        own = with_slump(upright, rendered_take([slump])).thresholds
        assert own is not None
        scale = own.neck_deg / default.neck_deg
        assert LEAST_SCALE - 1e-9 <= scale <= MOST_SCALE + 1e-9
        for name in ("upper_back_deg", "trunk_deg", "back_flexion_deg"):
            assert getattr(own, name) == pytest.approx(scale * getattr(default, name))
        assert own.shoulder_tilt_deg == default.shoulder_tilt_deg


def test_a_deeper_slump_never_lowers_the_thresholds() -> None:
    """They lie on the way to the person's own slump."""
    rendered = FRONT[0]
    upright = combine(
        [rendered_take(upright_of(rendered))], profile="a", model_sha256="", taken_at=TAKEN_AT
    )
    slumps = [pose for pose in rendered.poses if pose.scenario == "slump" and pose.bad]
    depths_deg = [
        max(deviations(measure(pose.landmarks), upright.centre, View.FRONT).values_deg()[:3])
        for pose in slumps
    ]
    own_deg = [
        own.neck_deg
        for pose in slumps
        for own in [with_slump(upright, rendered_take([pose.landmarks])).thresholds]
        if own is not None
    ]

    assert len(own_deg) == len(slumps) >= 2
    assert np.argmax(own_deg) == np.argmax(depths_deg)


def test_a_slump_like_the_upright_sitting_is_refused() -> None:
    """Nothing can be scaled to a span that the picture does not show."""
    upright = combine([take_of(*still())], profile="a", model_sha256="", taken_at=TAKEN_AT)

    with pytest.raises(BaselineError, match="hardly differs"):
        with_slump(upright, take_of(*still()))
    with pytest.raises(BaselineError, match="nobody in view"):
        with_slump(upright, take_of(*[look()] * 20))


def test_the_most_restless_take_decides_on_the_quality() -> None:
    """A baseline is no better than the worst that went into it."""
    calm, restless = take_of(*still(jitter_px=0.2)), take_of(*still(jitter_px=3.0))
    alone, both = (
        combine(takes, profile="a", model_sha256="", taken_at=TAKEN_AT).quality
        for takes in ([restless], [calm, restless])
    )

    assert both == alone < 1 - calm.restlessness()


def test_the_deepest_slump_does_not_make_the_limits_lenient_without_end() -> None:
    """Beyond one and a half times the default it is slouched for anybody."""
    rendered = next(one for one in FRONT if one.name == "dev/sitter04")
    upright = combine(
        [rendered_take(upright_of(rendered))], profile="a", model_sha256="", taken_at=TAKEN_AT
    )
    slump = next(pose.landmarks for pose in rendered.poses if pose.scenario == "slump")
    points_px = slump.points_px.copy()
    middle_px = points_px[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER], :2].mean(axis=0)
    points_px[:, :2] = (points_px[:, :2] - middle_px) * 0.7 + middle_px + [30, 70]
    points_px[Joint.NOSE : Joint.MOUTH_RIGHT + 1, :2] += [-10, -20]
    deeper = rendered_take([landmarks(points_px, height_px=slump.image_height_px)])
    bent_deg = deviations(deeper.centre(), upright.centre, View.FRONT).back_flexion_deg
    own, default = with_slump(upright, deeper).thresholds, Thresholds()

    assert own is not None
    assert SLUMP_SHARE * bent_deg > MOST_SCALE * default.back_flexion_deg
    assert own.back_flexion_deg == pytest.approx(MOST_SCALE * default.back_flexion_deg)


def test_who_goes_up_and_down_does_not_keep_still() -> None:
    """A seat that is being adjusted moves head and shoulders together, which bends nothing."""
    rising = [look(sitter(y_px=290.0 + 4 * i)) for i in range(20)]

    with pytest.raises(BaselineError, match="moved too much"):
        take_of(*rising).check()
