"""Observations in, readings out: smoothing, hysteresis, absence, and moves that are kept.

Pure: `step(memory, observation, settings) -> (memory, reading)`. Time is what the observations
say; a silence longer than `gap_s` is unknown time.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from statistics import NormalDist, median
from typing import TYPE_CHECKING

from posturecam.values.observation import (
    ANGLES,
    Angle,
    Deviations,
    Observation,
    PostureState,
    Reading,
    SitterPosition,
    UnknownReason,
    View,
    is_estimated,
)
from posturecam.values.reasons import AngleReason, SlouchSign

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from posturecam.values.observation import Reason
    from posturecam.values.settings import PostureSettings, Thresholds

# Smallest changes that count as another position (calibration/report.md, "What counts as a move").
MOVED_SHIFT = 0.10  # of the shoulder width
MOVED_SCALE = 0.05
MOVED_HEAD_RATIO = 0.06
MOVED_TILT_DEG = 5.0
MOVED_TURN = 0.15  # 9 degrees; 95 % of rendered upright sitters stay below 0.12, real ones 0.06

_SIGNS = {
    Angle.UPPER_BACK: (SlouchSign.UPPER_BACK_FORWARD, SlouchSign.UPPER_BACK_BACK),
    Angle.TRUNK: (SlouchSign.TRUNK_FORWARD, SlouchSign.TRUNK_BACK),
    Angle.NECK: (SlouchSign.HEAD_FORWARD, SlouchSign.HEAD_BACK),
    Angle.BACK_FLEXION: (SlouchSign.BACK_MORE_BENT, SlouchSign.BACK_LESS_BENT),
    Angle.SHOULDER_TILT: (SlouchSign.LEFT_SHOULDER_LOWER, SlouchSign.LEFT_SHOULDER_HIGHER),
}
"""What an angle above and one below the baseline shows."""

_SAME_MOMENT_S = 1e-6
_NORMAL = NormalDist()
_NOT_WATCHING = (UnknownReason.NO_PICTURE, UnknownReason.PAUSED, UnknownReason.LOCKED)

_POSITION_FIELDS = tuple(item.name for item in fields(SitterPosition))
_POSITION_ROW = attrgetter(*_POSITION_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the recent observations say, before it has lasted long enough to be taken over."""

    state: PostureState
    angles: frozenset[Angle] = frozenset()
    unknown_reason: UnknownReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostureMemory:
    """What `step` remembers from one observation to the next.

    Attributes:
        t_s: time of the last observation, None before the first.
        recent: the observations of the last `smoothing_s`.
        state: the state in force.
        angles: the angles that made it slouched; each leaves at its own exit.
        unknown_reason: the reason while unknown or away.
        candidate: what the recent observations say.
        candidate_since_s: since when they say it.
        nobody_since_s: since when nobody was seen, None while somebody is.
        anchor: the position that is being kept.
        off_anchor_since_s: since when the sitter is elsewhere, None while they are there.
    """

    t_s: float | None = None
    recent: tuple[Observation, ...] = ()
    state: PostureState = PostureState.UNKNOWN
    angles: frozenset[Angle] = frozenset()
    unknown_reason: UnknownReason | None = UnknownReason.NO_PICTURE
    candidate: PostureState = PostureState.UNKNOWN
    candidate_since_s: float = 0.0
    nobody_since_s: float | None = None
    anchor: SitterPosition | None = None
    off_anchor_since_s: float | None = None


def step(
    memory: PostureMemory, observation: Observation, settings: PostureSettings
) -> tuple[PostureMemory, Reading]:
    """The reading for the span since the last observation, and what to remember.

    Raises:
        ValueError: time did not go forward.
    """
    t_s = observation.t_s
    if memory.t_s is not None and t_s <= memory.t_s:
        raise ValueError(f"time must go forward: {t_s} s after {memory.t_s} s")
    start_s = t_s if memory.t_s is None else memory.t_s
    if observation.unknown_reason in _NOT_WATCHING or t_s - start_s > settings.gap_s:
        return _begin(observation), _gap(start_s, observation)
    base = _begin(observation) if memory.t_s is None else memory
    recent = base.recent
    if memory.t_s is not None:
        recent = (*_within(recent, t_s - settings.smoothing_s), observation)
    deviations = median_deviations(recent)
    ratios = threshold_ratios(deviations, settings.thresholds)
    verdict = _verdict(recent, ratios, base, settings)
    after = _take_over(base, verdict, recent, settings)
    after, moved = _follow_position(after, settings)
    shown = _still_out(after, ratios, settings)
    if after.state is PostureState.AWAY:
        deviations = Deviations()
    reading = Reading(
        start_s=start_s,
        t_s=t_s,
        state=after.state,
        view=observation.view,
        reasons=_reasons(shown, deviations, observation.view, settings.thresholds),
        deviations=deviations,
        slouch_probability=slouch_probability(deviations, settings.thresholds),
        provisional=_provisional(after),
        moved=moved,
    )
    return after, reading


def judge_alone(
    observation: Observation, thresholds: Thresholds
) -> tuple[PostureState, tuple[Reason, ...]]:
    """State and reasons of one frame by itself, without smoothing or hysteresis."""
    if observation.unknown_reason is UnknownReason.NOBODY:
        return PostureState.AWAY, (UnknownReason.NOBODY,)
    if observation.deviations is None:
        return PostureState.UNKNOWN, (observation.unknown_reason or UnknownReason.NOT_A_SITTER,)
    ratios = threshold_ratios(observation.deviations, thresholds)
    if not ratios:
        return PostureState.UNKNOWN, (UnknownReason.NOT_A_SITTER,)
    beyond = frozenset(angle for angle, ratio in ratios.items() if ratio >= 1)
    state = PostureState.SLOUCHED if beyond else PostureState.UPRIGHT
    return state, angle_reasons(beyond, observation.deviations, observation.view, thresholds)


def slouch_probability(deviations: Deviations, thresholds: Thresholds) -> float:
    """Chance that at least one deviation truly is beyond its threshold; NaN where none is known.

    Each estimate is normally distributed about its value. The angles rise and fall together, so
    they count as fully dependent: the chance of any is the greatest of theirs, which is the least
    that it can be.
    """
    chances = [
        _NORMAL.cdf((deg - limit_deg) / sd_deg)
        + (_NORMAL.cdf((-deg - limit_deg) / sd_deg) if angle is Angle.SHOULDER_TILT else 0.0)
        for angle, deg, sd_deg, limit_deg in zip(
            ANGLES,
            deviations.values_deg(),
            deviations.sds_deg(),
            thresholds.values_deg(),
            strict=True,
        )
        if math.isfinite(deg) and sd_deg > 0
    ]
    return max(chances, default=math.nan)


def threshold_ratios(deviations: Deviations, thresholds: Thresholds) -> dict[Angle, float]:
    """Each known deviation as a share of its threshold; 1 and more is slouched.

    Leaning back is not slouched; the shoulder line counts to either side.
    """
    ratios = {}
    limits_deg = thresholds.values_deg()
    for angle, deg, limit_deg in zip(ANGLES, deviations.values_deg(), limits_deg, strict=True):
        if math.isfinite(deg):
            ratios[angle] = (abs(deg) if angle is Angle.SHOULDER_TILT else deg) / limit_deg
    return ratios


def _gap(start_s: float, observation: Observation) -> Reading:
    """Nothing was looked at from `start_s` on: on purpose, or because no picture came."""
    reason = observation.unknown_reason
    state = PostureState.PAUSED
    if reason not in (UnknownReason.PAUSED, UnknownReason.LOCKED):
        state, reason = PostureState.UNKNOWN, UnknownReason.NO_PICTURE
    return Reading(
        start_s=start_s,
        t_s=observation.t_s,
        state=state,
        view=observation.view,
        reasons=(reason,),
        gap=True,
    )


def _begin(observation: Observation) -> PostureMemory:
    nobody = observation.unknown_reason is UnknownReason.NOBODY
    looked = observation.unknown_reason not in _NOT_WATCHING
    return PostureMemory(
        t_s=observation.t_s,
        recent=(observation,) if looked else (),
        unknown_reason=(observation.unknown_reason if looked else None) or UnknownReason.NO_PICTURE,
        candidate_since_s=observation.t_s,
        nobody_since_s=observation.t_s if nobody else None,
    )


def _within(recent: tuple[Observation, ...], from_s: float) -> tuple[Observation, ...]:
    """The observations since `from_s`.

    With that moment itself: at a steady rate they and the present one are odd in number, so that
    their median is one of them and a change of posture is noticed equally soon at any rate.
    """
    return tuple(seen for seen in recent if seen.t_s >= from_s - _SAME_MOMENT_S)


def median_deviations(recent: Iterable[Observation]) -> Deviations:
    """The median of each angle over the observations that have it."""
    judged = [seen.deviations for seen in recent if seen.deviations is not None]
    if not judged:
        return Deviations()
    medians_deg = _medians([deviations.values_deg() for deviations in judged])
    # The median of a few correlated looks is hardly surer than one of them.
    return Deviations.from_arrays(medians_deg, judged[-1].sds_deg())


def _medians(rows: list[tuple[float, ...]]) -> list[float]:
    """Median of each column over what is known of it; a fifth of what numpy takes for ten rows."""
    medians = []
    for column in zip(*rows, strict=True):
        # An unknown value makes the sum unknown too; usually all are known.
        known = column if math.isfinite(sum(column)) else tuple(filter(math.isfinite, column))
        medians.append(median(known) if known else math.nan)
    return medians


def _verdict(
    recent: tuple[Observation, ...],
    ratios: dict[Angle, float],
    memory: PostureMemory,
    settings: PostureSettings,
) -> Verdict:
    unknown_reasons = [seen.unknown_reason for seen in recent if seen.unknown_reason is not None]
    if 2 * len(unknown_reasons) > len(recent) or not ratios:
        unknown_reason = (
            Counter(unknown_reasons).most_common(1)[0][0]
            if unknown_reasons
            else UnknownReason.NOT_A_SITTER
        )
        return Verdict(state=PostureState.UNKNOWN, unknown_reason=unknown_reason)
    beyond = frozenset(
        angle
        for angle, ratio in ratios.items()
        if ratio >= (settings.exit_ratio if angle in memory.angles else 1.0)
    )
    if beyond:
        return Verdict(state=PostureState.SLOUCHED, angles=beyond)
    return Verdict(state=PostureState.UPRIGHT)


def _take_over(
    memory: PostureMemory,
    verdict: Verdict,
    recent: tuple[Observation, ...],
    settings: PostureSettings,
) -> PostureMemory:
    """Follows the verdict once it has lasted long enough to be believed."""
    t_s = recent[-1].t_s
    nobody_since_s = None
    if verdict.unknown_reason is UnknownReason.NOBODY:
        nobody_since_s = t_s if memory.nobody_since_s is None else memory.nobody_since_s
    since_s = memory.candidate_since_s if verdict.state is memory.candidate else t_s
    state, angles, unknown_reason, anchor = (
        memory.state,
        memory.angles,
        memory.unknown_reason,
        memory.anchor,
    )
    if nobody_since_s is not None and t_s - nobody_since_s >= settings.away_after_s:
        state, angles, unknown_reason, anchor = (
            PostureState.AWAY,
            frozenset(),
            verdict.unknown_reason,
            None,
        )
    elif (
        state is not PostureState.AWAY or nobody_since_s is None
    ) and t_s - since_s >= _patience_s(state, verdict.state, settings):
        state, angles, unknown_reason = verdict.state, verdict.angles, verdict.unknown_reason
    return PostureMemory(
        t_s=t_s,
        recent=recent,
        state=state,
        angles=angles,
        unknown_reason=unknown_reason,
        candidate=verdict.state,
        candidate_since_s=since_s,
        nobody_since_s=nobody_since_s,
        anchor=anchor,
        off_anchor_since_s=memory.off_anchor_since_s,
    )


def _patience_s(now: PostureState, then: PostureState, settings: PostureSettings) -> float:
    """How long `then` must be seen before it replaces `now`."""
    if now is then:
        return 0.0
    match now, then:
        case _, PostureState.SLOUCHED:
            return settings.debounce_s
        case PostureState.SLOUCHED, PostureState.UPRIGHT:
            return settings.debounce_s
        case PostureState.UNKNOWN, PostureState.UPRIGHT:
            return 0.0
        case PostureState.AWAY, _:
            return settings.smoothing_s
        case _:
            return settings.gap_s


def _provisional(memory: PostureMemory) -> PostureState | None:
    """What may become the state; that nobody is seen is no other state than being away."""
    if memory.state is PostureState.AWAY and memory.nobody_since_s is not None:
        return None
    return None if memory.candidate is memory.state else memory.candidate


def _reasons(
    memory: PostureMemory, deviations: Deviations, view: View, thresholds: Thresholds
) -> tuple[Reason, ...]:
    match memory.state:
        case PostureState.SLOUCHED:
            return angle_reasons(memory.angles, deviations, view, thresholds)
        case PostureState.UPRIGHT:
            return ()
        case _:
            return (memory.unknown_reason,) if memory.unknown_reason else ()


def _still_out(
    memory: PostureMemory, ratios: dict[Angle, float], settings: PostureSettings
) -> PostureMemory:
    """The memory without angles that have come back while the state has not yet."""
    if not memory.angles:
        return memory
    out = frozenset(
        angle for angle in memory.angles if ratios.get(angle, 0.0) >= settings.exit_ratio
    )
    return memory if out == memory.angles else replace(memory, angles=out)


def angle_reasons(
    angles: AbstractSet[Angle], deviations: Deviations, view: View, thresholds: Thresholds
) -> tuple[AngleReason, ...]:
    """The known ones of `angles` as reasons, the one furthest beyond its threshold first."""
    ratios = threshold_ratios(deviations, thresholds)
    known = sorted(angles & ratios.keys(), key=lambda angle: (-ratios[angle], angle))
    degs = dict(zip(ANGLES, deviations.values_deg(), strict=True))
    return tuple(
        AngleReason(
            sign=_SIGNS[angle][degs[angle] < 0],
            deg=abs(degs[angle]),
            estimated=is_estimated(angle, view),
        )
        for angle in known
    )


def _follow_position(
    memory: PostureMemory, settings: PostureSettings
) -> tuple[PostureMemory, bool]:
    """The memory with the position that is kept, and whether it has just become another one."""
    positions = [seen.position for seen in memory.recent if seen.position is not None]
    if not positions or memory.state is PostureState.AWAY:
        return _at_anchor(memory, memory.anchor), False
    position = median_position(positions)
    if memory.anchor is None or memory.t_s is None:
        return _at_anchor(memory, position), False
    if not is_another_position(position, memory.anchor):
        return _at_anchor(memory, memory.anchor), False
    if memory.off_anchor_since_s is None:
        return replace(memory, off_anchor_since_s=memory.t_s), False
    if memory.t_s - memory.off_anchor_since_s < settings.move_kept_s:
        return memory, False
    return _at_anchor(memory, position), True


def _at_anchor(memory: PostureMemory, anchor: SitterPosition | None) -> PostureMemory:
    if memory.anchor is anchor and memory.off_anchor_since_s is None:
        return memory
    return replace(memory, anchor=anchor, off_anchor_since_s=None)


def median_position(positions: Iterable[SitterPosition]) -> SitterPosition:
    """The median of each measure; of one position at least."""
    medians = _medians([_POSITION_ROW(position) for position in positions])
    return SitterPosition(**dict(zip(_POSITION_FIELDS, medians, strict=True)))


def is_another_position(position: SitterPosition, anchor: SitterPosition) -> bool:
    """True when `position` differs from `anchor` by more than noise and fidgeting."""
    shift = math.hypot(
        position.shoulder_x - anchor.shoulder_x, position.shoulder_y - anchor.shoulder_y
    )
    return (
        shift > MOVED_SHIFT * anchor.scale
        or abs(position.scale - anchor.scale) > MOVED_SCALE * anchor.scale
        or abs(position.head_ratio - anchor.head_ratio) > MOVED_HEAD_RATIO * abs(anchor.head_ratio)
        or abs(position.tilt_deg - anchor.tilt_deg) > MOVED_TILT_DEG
        or abs(position.turn - anchor.turn) > MOVED_TURN
    )
