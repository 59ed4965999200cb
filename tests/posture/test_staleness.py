"""When a baseline no longer fits: told once, instead of alerts, and never on an ordinary day."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.outputs.alert_words import notice_text
from posturecam.outputs.notify import AlertsTo, Notifier
from posturecam.pose.measures import measure
from posturecam.posture.mismatch import (
    CAMERA_AFTER_S,
    STALE_AFTER_S,
    MismatchMemory,
    find_mismatch,
    has_other_shape,
    step,
)
from posturecam.posture.observe import observe
from posturecam.values.events import Alerted, AlertKind, Sampled, StaleBaseline
from posturecam.values.observation import (
    BaselineMismatch,
    Deviations,
    Landmarks,
    Observation,
    PostureState,
    SitterPosition,
    UnknownReason,
    View,
)
from posturecam.values.reasons import SlouchSign
from posturecam.values.settings import PolicySettings, Settings
from tests.fakes import RecordingSink, blank_frame, watched
from tests.simulated_days import UPRIGHT_PLACE
from tests.sitters import (
    SITTERS,
    WIDTH_PX,
    Pose,
    Sitter,
    baseline_of,
    changed,
    detection,
    front_points_px,
    hunched,
    landmarks,
    with_hand_on_face,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from posturecam.outputs.notices import Offer
    from posturecam.pose.measures import Measures

FRONT = [sitter for sitter in SITTERS if sitter.view is View.FRONT]
FOCAL_PX = 430.0
"""Of a webcam that sees 73 degrees, the middle of what is sold."""
MINUTE_S = 60.0
HZ = 1.0
GAP_S = 3.0


def tilted(seen: Landmarks, tilt_deg: float) -> Landmarks:
    """What a camera sees that was tilted up by so much where it stands."""
    middle_px = np.array([seen.image_width_px / 2, seen.image_height_px / 2])
    rays = np.ones_like(seen.points_px)
    rays[:, :2] = (seen.points_px[:, :2] - middle_px) / FOCAL_PX
    cos, sin = math.cos(math.radians(tilt_deg)), math.sin(math.radians(tilt_deg))
    rays = rays @ np.array([[1.0, 0.0, 0.0], [0.0, cos, -sin], [0.0, sin, cos]])
    points_px = seen.points_px.copy()
    points_px[:, :2] = FOCAL_PX * rays[:, :2] / rays[:, 2:] + middle_px
    return landmarks(points_px, height_px=seen.image_height_px)


def aside(seen: Landmarks, shoulder_widths: float) -> Landmarks:
    """The same sitter on a chair that stands further to the side."""
    return changed(seen, right_px=shoulder_widths * measure(seen).shoulder_width * WIDTH_PX)


def day_of(
    sitter: Sitter, *scenes: tuple[float, Iterable[Landmarks]], policy: PolicySettings | None = None
) -> RecordingSink:
    """What is told of scenes, each a number of minutes and the poses taken in turn meanwhile."""
    shown = [(minutes * MINUTE_S, list(poses)) for minutes, poses in scenes]

    def people_at(t_s: float) -> tuple[Landmarks, ...]:
        for lasts_s, poses in shown:
            if t_s < lasts_s:
                return (poses[round(t_s * HZ) % len(poses)],)
            t_s -= lasts_s
        return ()

    # Who is there changes in these stories; the pictures do not.
    settings = Settings(profile="desk", adaptive=False, policy=policy or PolicySettings())
    frames = [
        blank_frame(index / HZ, index) for index in range(round(sum(s for s, _ in shown) * HZ))
    ]
    return watched(frames, people_at, settings, baseline=baseline_of(sitter.baseline))


def slouch_alerts(told: RecordingSink) -> list[float]:
    """When slouching was alerted."""
    return [t_s for t_s, event in told.events(Alerted) if event.kind is AlertKind.SLOUCH]


def states_after(told: RecordingSink, t_s: float) -> set[PostureState]:
    """States of the samples later than `t_s`."""
    return {event.state for at_s, event in told.events(Sampled) if at_s > t_s}


@pytest.mark.parametrize("sitter", FRONT[:3], ids=lambda sitter: sitter.name)
def test_a_deep_hunch_that_lasts_is_alerted_to(sitter: Sitter) -> None:
    """Head down over the desk: slouched without degrees from the first minute to the last."""
    bent = [hunched(seen, head_down=1.5, down=0.9) for seen in sitter.upright]
    told = day_of(sitter, (2, sitter.upright), (6, bent))

    assert slouch_alerts(told)
    (first, *_) = [event for _, event in told.events(Alerted) if event.kind is AlertKind.SLOUCH]
    assert first.details.reasons == (SlouchSign.HEAD_LOW,)
    assert notice_text(first)[0].startswith("Head low over the desk for ")
    assert states_after(told, 2.5 * MINUTE_S) == {PostureState.SLOUCHED}
    assert told.events(StaleBaseline) == []


@pytest.mark.parametrize("sitter", FRONT[:3], ids=lambda sitter: sitter.name)
def test_a_slouch_behind_a_hand_that_lasts_is_alerted_to(sitter: Sitter) -> None:
    """The chin on a hand for minutes: slouched, and said to be so without a degree."""
    bent = [hunched(seen, head_down=0.15, down=0.4) for seen in sitter.upright]
    told = day_of(sitter, (2, sitter.upright), (6, [with_hand_on_face(seen) for seen in bent]))

    assert slouch_alerts(told)
    (first, *_) = [event for _, event in told.events(Alerted) if event.kind is AlertKind.SLOUCH]
    assert first.details.reasons == (SlouchSign.PARTLY_HIDDEN,)
    assert notice_text(first)[0].startswith("Different from your baseline for ")
    assert states_after(told, 2.5 * MINUTE_S) == {PostureState.SLOUCHED}


MOVED: dict[str, tuple[Callable[[Landmarks], Landmarks], BaselineMismatch]] = {
    "lid tilted up 5 degrees": (lambda seen: tilted(seen, 5.0), BaselineMismatch.LOWER),
    "lid tilted down 5 degrees": (lambda seen: tilted(seen, -5.0), BaselineMismatch.HIGHER),
    "chair re-set 15 cm to the side": (lambda seen: aside(seen, 0.42), BaselineMismatch.ASIDE),
    "another desk, farther off": (lambda seen: changed(seen, zoom=0.6), BaselineMismatch.FARTHER),
}


@pytest.mark.parametrize("change", MOVED)
@pytest.mark.parametrize("sitter", FRONT[:3], ids=lambda sitter: sitter.name)
def test_a_change_for_good_is_told_once_instead_of_alerts(sitter: Sitter, change: str) -> None:
    """One message with the command after two minutes, unknown from then on, no slouch alert."""
    alter, mismatch = MOVED[change]
    told = day_of(sitter, (2, sitter.upright), (4.5, [alter(seen) for seen in sitter.upright]))

    ((t_s, stale),) = told.events(StaleBaseline)
    assert stale.mismatch is mismatch
    assert "posturecam calibrate --profile desk" in notice_text(stale)[1]
    assert STALE_AFTER_S - 1 / HZ <= t_s - 2 * MINUTE_S < PolicySettings().slouch_after_s
    assert slouch_alerts(told) == []
    assert states_after(told, t_s + GAP_S) == {PostureState.UNKNOWN}


@pytest.mark.slow
@pytest.mark.parametrize("sitter", FRONT[:3], ids=lambda sitter: sitter.name)
def test_an_ordinary_day_is_never_stale(sitter: Sitter) -> None:
    """Leaning, turning, reaching, slumping for minutes each, and the chair aside for one."""
    postures = [
        pose.landmarks
        for pose in sitter.poses
        if not pose.scenario.startswith(("absent", "chair", "passer"))
    ]
    scenes: list[tuple[float, Iterable[Landmarks]]] = []
    for posture in postures[::3]:
        scenes += [(4, [posture]), (1, sitter.upright)]
    chair = [pose.landmarks for pose in sitter.poses if pose.scenario.startswith("chair")]
    for place in chair:
        scenes += [(1, [place]), (1, sitter.upright)]
    told = day_of(sitter, *scenes)

    assert told.events(StaleBaseline) == []
    assert slouch_alerts(told)


def test_a_real_slouch_is_still_told() -> None:
    """What posture explains is judged, however far it takes the sitter."""
    sitter = FRONT[0]
    slump = [pose.landmarks for pose in sitter.poses if pose.scenario == "slump"]
    told = day_of(sitter, (2, sitter.upright), (6, slump))

    assert slouch_alerts(told)
    assert told.events(StaleBaseline) == []


class Told(Notifier):
    """Stands in for the desktop."""

    def __init__(self) -> None:
        self.titles: list[str] = []

    def send(self, title: str, message: str, offers: Sequence[Offer] = ()) -> None:
        """Keeps the title."""
        self.titles.append(title)

    def clear(self) -> None:
        """Nothing was to be over."""
        raise AssertionError


def test_the_desktop_is_told_of_it() -> None:
    """Like an alert, for nobody looks at the terminal all day."""
    sitter, desktop = FRONT[0], Told()
    told = day_of(sitter, (3, [aside(seen, 0.6) for seen in sitter.upright]))
    for tick in told.ticks:
        AlertsTo(desktop).handle(tick)

    assert desktop.titles == ["This no longer fits your baseline"]


def test_who_sits_back_is_judged_again_and_not_told_twice() -> None:
    """A minute at the old place ends it; a second time is shown, not announced."""
    sitter = FRONT[0]
    elsewhere = [aside(seen, 0.6) for seen in sitter.upright]
    told = day_of(sitter, (3, elsewhere), (3, sitter.upright), (3, elsewhere), (1, sitter.upright))

    assert len(told.events(StaleBaseline)) == 1
    samples = told.events(Sampled)
    assert {event.state for t_s, event in samples if 245 < t_s < 355} == {PostureState.UPRIGHT}
    again = {event.reasons for t_s, event in samples if 500 < t_s < 535}
    assert again == {(UnknownReason.STALE.value,)}


def test_somebody_at_another_place_is_unknown_and_the_baseline_goes_stale() -> None:
    """As large as the sitter and out of their reach: nobody says that the desk is empty."""
    sitter = FRONT[1]
    other = [changed(seen, zoom=0.7, right_px=250) for seen in sitter.upright]
    told = day_of(sitter, (3, other))

    ((_, stale),) = told.events(StaleBaseline)
    assert stale.mismatch is BaselineMismatch.ELSEWHERE
    assert states_after(told, 0) == {PostureState.UNKNOWN}


def test_another_shape_of_the_picture_does_not_fit() -> None:
    """Another camera, or a cropping mode."""
    sitter = FRONT[0]
    assert sitter.upright[0].image_height_px == 360
    taller = [landmarks(seen.points_px, height_px=480) for seen in sitter.upright]
    told = day_of(sitter, (3, taller))

    ((_, stale),) = told.events(StaleBaseline)
    assert stale.mismatch is BaselineMismatch.SHAPE
    assert states_after(told, 0) == {PostureState.UNKNOWN}


def share_off(sitters: Iterable[Sitter], poses: Iterable[Pose | Landmarks]) -> float:
    """Share of poses that do not fit, over the sitters they belong to."""
    found = [
        observe(detection(pose if isinstance(pose, Landmarks) else pose.landmarks), reference)
        for sitter, pose in zip(sitters, poses, strict=True)
        for reference in [baseline_of(sitter.baseline)]
    ]
    return float(np.mean([one.mismatch is not None for one in found]))


@pytest.mark.parametrize("tilt_deg", [-5.0, 5.0])
def test_a_tilted_camera_is_recognised_in_four_of_five(tilt_deg: float) -> None:
    """Every rendered sitter seen from the front, all upright poses."""
    seen = [(sitter, tilted(pose, tilt_deg)) for sitter in FRONT for pose in sitter.upright]

    assert share_off(*zip(*seen, strict=True)) >= 0.8


def test_postures_fit_the_baseline_they_were_taken_from() -> None:
    """Whoever leans, slumps, slides, turns or reaches has not moved the camera."""
    seen = [
        (sitter, pose)
        for sitter in SITTERS
        for pose in sitter.poses
        if not ("chair" in pose.scenario or "rolled" in pose.scenario)
        and not pose.scenario.startswith(("nearer", "farther", "height", "passer", "absent"))
    ]

    assert share_off(*zip(*seen, strict=True)) <= 0.02


@given(
    spans_s=st.lists(st.floats(0.1, 2.9), min_size=1, max_size=60),
    fits=st.lists(st.booleans(), min_size=60, max_size=60),
)
def test_never_told_before_its_time_nor_twice(spans_s: list[float], fits: list[bool]) -> None:
    """Whatever comes: two minutes of mismatch at least, one message at most."""
    memory, t_s, off_s, told = MismatchMemory(), 0.0, 0.0, []
    for span_s, fit in zip(spans_s, fits, strict=False):
        t_s += span_s
        mismatch = None if fit else BaselineMismatch.ASIDE
        seen = Observation(t_s=t_s, view=View.FRONT, deviations=Deviations(), mismatch=mismatch)
        memory, judged, now = step(memory, seen, gap_s=GAP_S)
        off_s += 0.0 if fit else span_s
        told += [off_s] if now else []
        assert judged is seen or (judged.unknown_reason is UnknownReason.STALE and not fit)

    assert len(told) <= 1
    assert all(s >= STALE_AFTER_S - 1e-6 for s in told)


def test_time_in_which_nobody_is_compared_counts_neither_way() -> None:
    """An empty chair, a turned head or a sleeping machine does not age a baseline."""
    lower = Observation(
        t_s=0.0, view=View.FRONT, deviations=Deviations(), mismatch=BaselineMismatch.LOWER
    )
    away = Observation(t_s=0.0, view=View.FRONT, unknown_reason=UnknownReason.NOBODY)
    memory = MismatchMemory()
    for t_s in range(500):
        seen = replace(lower if t_s < 100 else away, t_s=float(t_s))
        memory, _, _ = step(memory, seen, gap_s=GAP_S)
    memory, _, told = step(memory, replace(lower, t_s=9000.0), gap_s=GAP_S)

    assert told is None
    assert memory.off_s == pytest.approx(99.0)


HOME = SitterPosition(shoulder_x=0.5, shoulder_y=0.6, scale=0.3, head_ratio=0.6, tilt_deg=0.0)


def in_doubt(
    *scenes: tuple[int, float, float], known: bool = False
) -> list[tuple[UnknownReason | None, BaselineMismatch | None]]:
    """What each look a second apart becomes, and what is told, before a room that tells nothing.

    A scene is a number of looks, the shoulder widths down of head and shoulders, and the log-odds
    of a slouch.
    """
    memory, found, t_s = MismatchMemory(), [], 0.0
    for looks, down, log_odds in scenes:
        for _ in range(looks):
            t_s += 1.0
            seen = Observation(
                t_s=t_s,
                view=View.FRONT,
                deviations=Deviations(),
                slouch_log_odds=log_odds,
                position=replace(HOME, shoulder_y=HOME.shoulder_y + down * HOME.scale),
            )
            doubted = None if known else HOME
            memory, judged, told = step(memory, seen, gap_s=GAP_S, doubted=doubted)
            found.append((judged.unknown_reason, told))
    return found


@pytest.mark.parametrize(
    ("down", "different"), [(0.3, BaselineMismatch.LOWER), (-0.3, BaselineMismatch.HIGHER)]
)
@pytest.mark.parametrize("log_odds", [3.0, -3.0])
def test_lower_or_higher_from_the_start_may_be_the_lid(
    down: float, different: BaselineMismatch, log_odds: float
) -> None:
    """Told within half a minute, whatever posture it reads as, unless the room is recognised."""
    found = in_doubt((40, down, log_odds))
    told = [(s, what) for s, (_, what) in enumerate(found) if what]

    assert told == [(CAMERA_AFTER_S, different)]
    assert {why for why, _ in found[: int(CAMERA_AFTER_S)]} == {None}
    assert {why for why, _ in found[int(CAMERA_AFTER_S) :]} == {UnknownReason.STALE}
    assert in_doubt((40, down, log_odds), known=True) == [(None, None)] * 40


def test_whoever_was_upright_at_the_calibrated_height_is_judged_from_then_on() -> None:
    """No lid is tilted then; and a slouch that was taken for one is over in the time it took."""
    assert in_doubt((2, 0.05, -3.0), (60, 0.3, 3.0)) == [(None, None)] * 62
    sits_up = in_doubt((40, 0.3, 3.0), (20, 0.0, -3.0), (60, 0.3, 3.0))
    assert [why for why, _ in sits_up[-60:]] == [None] * 60
    slouched_at_that_height = in_doubt((9, 0.0, 1.0), (60, 0.3, 3.0))
    assert slouched_at_that_height[-1] == (UnknownReason.STALE, None)


UPRIGHT = measure(landmarks(front_points_px()))


@pytest.mark.parametrize("bent_deg", [0.0, 14.0])
def test_ears_that_sink_less_than_the_shoulders_are_a_posture(bent_deg: float) -> None:
    """A camera that is moved takes head and shoulders along; nothing else changes the neck."""
    seen = Deviations.from_arrays([bent_deg] * 5, [2.0] * 5)
    width = UPRIGHT.shoulder_width
    head = {name: getattr(UPRIGHT, name) + 0.2 * width for name in ("ear_y", "eye_y", "nose_y")}
    together = replace(UPRIGHT, shoulder_y=UPRIGHT.shoulder_y + 0.2 * width, **head)
    stretched = replace(UPRIGHT, shoulder_y=UPRIGHT.shoulder_y + 0.3 * width, **head)

    assert find_mismatch(together, UPRIGHT, View.FRONT, seen) is BaselineMismatch.LOWER
    assert find_mismatch(stretched, UPRIGHT, View.FRONT, seen) is None


def posed(
    *,
    right: float = 0.0,
    down: float = 0.0,
    ears_down: float | None = None,
    nearer: float = 0.0,
    nod: float = 0.0,
) -> Measures:
    """The upright sitter elsewhere: in shoulder widths, as logarithm of the size, in head sizes."""
    width, zoom = UPRIGHT.shoulder_width, math.exp(nearer)
    shoulder_y = UPRIGHT.shoulder_y + down * width
    neck = zoom * (UPRIGHT.shoulder_y - UPRIGHT.ear_y)
    ear_y = shoulder_y - neck + (0.0 if ears_down is None else (ears_down - down) * width)
    head_size = zoom * UPRIGHT.head_size
    nodded = (UPRIGHT.eye_y - UPRIGHT.ear_y) / UPRIGHT.head_size + nod
    return replace(
        UPRIGHT,
        shoulder_x=UPRIGHT.shoulder_x + right * width,
        shoulder_y=shoulder_y,
        shoulder_width=zoom * width,
        ear_y=ear_y,
        eye_y=ear_y + nodded * head_size,
        head_size=head_size,
    )


BENT = Deviations.from_arrays([14.0] * 5, [2.0] * 5)
STRAIGHT = Deviations.from_arrays([0.0] * 5, [2.0] * 5)


@pytest.mark.parametrize(
    ("change", "limit", "mismatch"),
    [
        ({"right": 1.0}, 0.33, BaselineMismatch.ASIDE),
        ({"right": -1.0}, 0.33, BaselineMismatch.ASIDE),
        ({"down": 1.0}, 0.14, BaselineMismatch.LOWER),
        ({"down": -1.0}, 0.14, BaselineMismatch.HIGHER),
        ({"nearer": 1.0}, 0.2, BaselineMismatch.NEARER),
        ({"nearer": -1.0}, 0.2, BaselineMismatch.FARTHER),
    ],
)
def test_what_an_upright_sitter_may_be_off_by(
    change: dict[str, float], limit: float, mismatch: BaselineMismatch
) -> None:
    """Somebody who sits as straight as in the baseline fits it up to a limit each way."""

    def found(off: float) -> BaselineMismatch | None:
        now = posed(**{name: off * way for name, way in change.items()})
        return find_mismatch(now, UPRIGHT, View.FRONT, STRAIGHT)

    assert found(0.98 * limit) is None
    assert found(1.02 * limit) is mismatch


@pytest.mark.parametrize(
    ("change", "limit", "mismatch"),
    [
        ({"right": 1.0}, 1.0, BaselineMismatch.ASIDE),
        ({"down": 1.0, "nod": 1.0}, 0.8, BaselineMismatch.LOWER),
        ({"down": -1.0, "nod": 1.0}, 0.8, BaselineMismatch.HIGHER),
        ({"nearer": 1.0}, 0.7, BaselineMismatch.NEARER),
        ({"nearer": -1.0}, 0.42, BaselineMismatch.FARTHER),
    ],
)
def test_what_a_posture_may_explain(
    change: dict[str, float], limit: float, mismatch: BaselineMismatch
) -> None:
    """Whoever is bent gets farther; beyond that their chair has moved as well."""

    def found(off: float) -> BaselineMismatch | None:
        now = posed(**{name: off * way for name, way in change.items()})
        return find_mismatch(now, UPRIGHT, View.FRONT, BENT)

    assert found(0.98 * limit) is None
    assert found(1.02 * limit) is mismatch


@pytest.mark.parametrize(
    ("change", "limit"), [({"nearer": 1.0}, 0.06), ({"nod": 1.0}, 0.03), ({"nod": -1.0}, 0.03)]
)
def test_up_or_down_with_nothing_else_changed_is_no_posture(
    change: dict[str, float], limit: float
) -> None:
    """Whatever is estimated of it: only camera or seat moves like that."""
    for share, mismatch in ((0.98, BaselineMismatch.HIGHER), (1.02, None)):
        now = posed(down=-0.3, **{name: share * limit * way for name, way in change.items()})
        assert find_mismatch(now, UPRIGHT, View.FRONT, BENT) is mismatch


@pytest.mark.parametrize("way", [-1, 1])
def test_a_picture_has_another_shape_beyond_what_rounding_makes(way: int) -> None:
    """Of 360 rows at 640 columns, 12 more or less are a rounding, 14 are not."""
    for rows, is_other in ((12, False), (14, True)):
        taller = replace(UPRIGHT, aspect=UPRIGHT.aspect + way * rows / WIDTH_PX)
        assert has_other_shape(taller, UPRIGHT) is is_other


def test_shoulders_and_ears_that_go_apart_are_a_posture() -> None:
    """A shrug has nothing in common that a camera could have done."""
    shrug = posed(down=-0.3, ears_down=0.3)
    assert find_mismatch(shrug, UPRIGHT, View.FRONT, STRAIGHT) is None


def test_what_shoulders_and_ears_have_in_common_is_the_smaller_shift() -> None:
    """Somebody bent so far that their shoulders went down by most of their width."""
    bent = posed(down=0.9, ears_down=0.7)
    assert find_mismatch(bent, UPRIGHT, View.FRONT, BENT) is None


@pytest.mark.parametrize(
    ("view", "changes", "mismatch"),
    [
        (View.FRONT, {"head_size": 1.1}, BaselineMismatch.LOWER),
        (View.FRONT, {"ear_y": 0.95}, None),
        (View.SIDE, {"shoulder_width": 2.0}, BaselineMismatch.LOWER),
        (View.SIDE, {"head_size": 1.1}, None),
    ],
)
def test_a_neck_is_measured_by_what_the_view_shows_best(
    view: View, changes: dict[str, float], mismatch: BaselineMismatch | None
) -> None:
    """From the front by the shoulders, else by the head: a neck that changed is a posture."""
    lower = posed(down=0.25)
    now = replace(lower, **{name: by * getattr(lower, name) for name, by in changes.items()})
    assert find_mismatch(now, UPRIGHT, view, STRAIGHT) is mismatch


def test_looks_as_far_apart_as_a_gap_may_be_still_count() -> None:
    """Only a longer silence is time in which nobody knows."""
    told: dict[float, list[float]] = {GAP_S: [], GAP_S + 0.5: []}
    for every_s in told:
        memory = MismatchMemory()
        for index in range(100):
            t_s = index * every_s
            seen = Observation(
                t_s=t_s,
                view=View.FRONT,
                unknown_reason=UnknownReason.ELSEWHERE,
                mismatch=BaselineMismatch.ASIDE,
            )
            memory, _, now = step(memory, seen, gap_s=GAP_S)
            told[every_s] += [t_s] if now else []

    assert told == {GAP_S: [120.0], GAP_S + 0.5: []}


def test_who_cannot_be_judged_leaves_open_whether_the_lid_was_tilted() -> None:
    """Neither at their height nor off it."""
    hand = Observation(t_s=1.0, view=View.FRONT, unknown_reason=UnknownReason.HAND)
    memory, seen, different = step(MismatchMemory(), hand, gap_s=GAP_S, doubted=UPRIGHT_PLACE)

    assert (memory.in_place, memory.off_s, different) == (False, 0.0, None)
    assert seen.mismatch is None
