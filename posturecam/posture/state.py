"""Observations in, readings out: smoothing, hysteresis, absence, and moves that are kept.

The state follows the probability of a slouch; angles and thresholds only say what is seen of it.
Pure: `step(memory, observation, settings) -> (memory, reading)`. Time is what the observations
say; a silence longer than `gap_s` is unknown time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from statistics import median, mode
from typing import TYPE_CHECKING

from posturecam.values.observation import (
    ANGLES,
    ON_PURPOSE,
    Angle,
    Deviations,
    Observation,
    PostureState,
    Reading,
    SitterPosition,
    UnknownReason,
    View,
)
from posturecam.values.reasons import AngleReason, SlouchSign

if TYPE_CHECKING:
    from collections.abc import Iterable

    from posturecam.values.observation import Reason
    from posturecam.values.reasons import SlouchReason
    from posturecam.values.settings import PostureSettings, Thresholds

# Smallest changes that count as another position (calibration/report.md, "What counts as a move").
MOVED_SHIFT = 0.10  # of the shoulder width
MOVED_SCALE = 0.05
MOVED_HEAD_RATIO = 0.06
_LEAST_HEAD_RATIO = 0.4
"""The least that the head's height over the shoulders counts as: low as it is in somebody bent over
the desk, it is seen no more exactly."""
MOVED_TILT_DEG = 5.0
MOVED_TURN = 0.15  # 9 degrees; 95 % of rendered upright sitters stay below 0.12, real ones 0.06

SIGNS = {
    Angle.UPPER_BACK: (SlouchSign.UPPER_BACK_FORWARD, SlouchSign.UPPER_BACK_BACK),
    Angle.TRUNK: (SlouchSign.TRUNK_FORWARD, SlouchSign.TRUNK_BACK),
    Angle.NECK: (SlouchSign.HEAD_FORWARD, SlouchSign.HEAD_BACK),
    Angle.BACK_FLEXION: (SlouchSign.BACK_MORE_BENT, SlouchSign.BACK_LESS_BENT),
    Angle.SHOULDER_TILT: (SlouchSign.LEFT_SHOULDER_LOWER, SlouchSign.LEFT_SHOULDER_HIGHER),
}
"""What an angle above and one below the baseline shows."""

SLOUCHED_FROM = 0.5
"""Probability from which somebody counts as slouched: the more likely of the two."""
_ODDS_PER_LIMIT = 4.0
"""Log-odds that a threshold more of deviation adds, by which `exit_ratio`, a share of the angle, is
made a probability: what fits a front view without a face mesh (`per_limit` in
`data/angle_model.json`: forward 4.2). Where more is seen they are up to 9.4, and a slouch ends at a
larger share."""

_SAME_MOMENT_S = 1e-6
_NOT_WATCHING = (UnknownReason.NO_PICTURE, *ON_PURPOSE)

_POSITION_FIELDS = tuple(item.name for item in fields(SitterPosition))
_POSITION_ROW = attrgetter(*_POSITION_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the recent observations say, before it has lasted long enough to be taken over."""

    state: PostureState
    unknown_reason: UnknownReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostureMemory:
    """What `step` remembers from one observation to the next.

    Attributes:
        t_s: time of the last observation, None before the first.
        recent: the observations of the last `smoothing_s`.
        state: the state in force.
        unknown_reason: the reason while unknown or away.
        candidate: what the recent observations say.
        candidate_since_s: since when they say it.
        posture: upright or slouched, as they said last; None once it cannot be judged for long.
        posture_since_s: since when, put off by what could not be judged in between.
        nobody_since_s: since when nobody was seen, None while somebody is.
        anchor: the position that is being kept.
        off_anchor_since_s: since when the sitter is elsewhere, None while they are there.
    """

    t_s: float | None = None
    recent: tuple[Observation, ...] = ()
    state: PostureState = PostureState.UNKNOWN
    unknown_reason: UnknownReason | None = UnknownReason.NO_PICTURE
    candidate: PostureState = PostureState.UNKNOWN
    candidate_since_s: float = 0.0
    posture: PostureState | None = None
    posture_since_s: float = 0.0
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
    probability = _probability(median_log_odds(recent))
    verdict = _verdict(recent, probability, base, settings)
    after = _take_over(base, verdict, recent, settings)
    after, moved = _follow_position(after, settings)
    deviations = median_deviations(recent)
    if after.state is PostureState.AWAY:
        deviations, probability = Deviations(), math.nan
    reading = Reading(
        start_s=start_s,
        t_s=t_s,
        state=after.state,
        view=observation.view,
        reasons=_reasons(after, verdict, deviations, settings.thresholds),
        deviations=deviations,
        slouch_probability=probability,
        provisional=_provisional(after),
        newest=_newest(observation, base, settings),
        moved=moved,
    )
    return after, reading


def may_be_slouched(memory: PostureMemory) -> bool:
    """Whether that is the state, or may become it."""
    return PostureState.SLOUCHED in (memory.state, memory.candidate)


def without_slouch(memory: PostureMemory) -> PostureMemory:
    """The memory without a slouch that was none: it takes a new one to be slouched again."""
    if memory.t_s is None or memory.state is not PostureState.SLOUCHED:
        return replace(memory, recent=())
    return replace(
        memory,
        recent=(),
        state=PostureState.UPRIGHT,
        candidate=PostureState.UPRIGHT,
        candidate_since_s=memory.t_s,
        posture=PostureState.UPRIGHT,
        posture_since_s=memory.t_s,
    )


def at_another_place(memory: PostureMemory) -> PostureMemory:
    """The memory by another baseline: whoever stood up or sat down begins anew where they are."""
    return replace(without_slouch(memory), anchor=None, off_anchor_since_s=None)


def judge_alone(
    observation: Observation, thresholds: Thresholds
) -> tuple[PostureState, tuple[Reason, ...]]:
    """State and reasons of one frame by itself, without smoothing or hysteresis."""
    if observation.unknown_reason is UnknownReason.NOBODY:
        return PostureState.AWAY, (UnknownReason.NOBODY,)
    if observation.deviations is None:
        return PostureState.UNKNOWN, (observation.unknown_reason or UnknownReason.NOT_A_SITTER,)
    probability = slouch_probability(observation)
    if math.isnan(probability):
        return PostureState.UNKNOWN, (UnknownReason.NOT_A_SITTER,)
    if probability < SLOUCHED_FROM:
        return PostureState.UPRIGHT, ()
    return PostureState.SLOUCHED, slouch_reasons(
        observation.deviations, observation.view, thresholds, observation.sign
    )


def slouch_probability(observation: Observation) -> float:
    """Chance that the sitter is slouched, by this frame alone; NaN where that is not known."""
    return _probability(median_log_odds([observation]))


def stays_slouched_from(exit_ratio: float) -> float:
    """Probability below which a slouch is over: 0.17 at the default, more for a higher ratio.

    In nine of ten pairs of looks at a sitter who holds still the log-odds differ by less than 0.9;
    this is 1.6 below where the state is entered.
    """
    return _probability(_ODDS_PER_LIMIT * (exit_ratio - 1))


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def threshold_ratios(deviations: Deviations, thresholds: Thresholds) -> dict[Angle, float]:
    """Each known deviation as a share of its threshold.

    Leaning back counts less than nothing; the shoulder line counts to either side.
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
    if reason not in ON_PURPOSE:
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
    return Deviations.from_arrays(
        medians_deg,
        judged[-1].sds_deg(),
        tilt_is_measured=all(one.tilt_is_measured for one in judged),
    )


def median_log_odds(recent: Iterable[Observation]) -> float:
    """The median odds of a slouch over the observations that have them."""
    known = [
        seen.slouch_log_odds
        for seen in recent
        if seen.deviations is not None and math.isfinite(seen.slouch_log_odds)
    ]
    return median(known) if known else math.nan


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
    probability: float,
    memory: PostureMemory,
    settings: PostureSettings,
) -> Verdict:
    unknown_reasons = [seen.unknown_reason for seen in recent if seen.unknown_reason is not None]
    if 2 * len(unknown_reasons) > len(recent) or math.isnan(probability):
        unknown_reason = mode(unknown_reasons) if unknown_reasons else UnknownReason.NOT_A_SITTER
        return Verdict(state=PostureState.UNKNOWN, unknown_reason=unknown_reason)
    # Once it seems over, only a slouch that is likely anew speaks against it: who sits up and then
    # hovers between the edges is upright.
    seems_over = memory.posture is PostureState.UPRIGHT
    stays = memory.state is PostureState.SLOUCHED and not seems_over
    from_probability = stays_slouched_from(settings.exit_ratio) if stays else SLOUCHED_FROM
    slouched = probability >= from_probability
    return Verdict(state=PostureState.SLOUCHED if slouched else PostureState.UPRIGHT)


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
    posture, since_s = _posture_since(memory, verdict, t_s)
    posture_since_s = since_s
    if verdict.state is PostureState.UNKNOWN:
        since_s = memory.candidate_since_s if verdict.state is memory.candidate else t_s
    state, unknown_reason, anchor = memory.state, memory.unknown_reason, memory.anchor
    if nobody_since_s is not None and t_s - nobody_since_s >= settings.away_after_s:
        state, unknown_reason, anchor = PostureState.AWAY, verdict.unknown_reason, None
    elif (
        state is not PostureState.AWAY or nobody_since_s is None
    ) and t_s - since_s >= _patience_s(state, verdict.state, settings):
        state, unknown_reason = verdict.state, verdict.unknown_reason
    if verdict.state is PostureState.UNKNOWN and state in (PostureState.UNKNOWN, PostureState.AWAY):
        posture = None
    return PostureMemory(
        t_s=t_s,
        recent=recent,
        state=state,
        unknown_reason=unknown_reason,
        candidate=verdict.state,
        candidate_since_s=since_s,
        posture=posture,
        posture_since_s=posture_since_s,
        nobody_since_s=nobody_since_s,
        anchor=anchor,
        off_anchor_since_s=memory.off_anchor_since_s,
    )


def _posture_since(
    memory: PostureMemory, verdict: Verdict, t_s: float
) -> tuple[PostureState | None, float]:
    """The posture that is seen, and since when, without the short unknown time in between."""
    if verdict.state is not PostureState.UNKNOWN:
        return verdict.state, memory.posture_since_s if verdict.state is memory.posture else t_s
    # Else whoever sits up and talks with their hands stays slouched, never upright for long enough.
    if memory.posture is None or memory.t_s is None:
        return None, t_s
    return memory.posture, memory.posture_since_s + t_s - memory.t_s


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
            return settings.bridged_s


def _provisional(memory: PostureMemory) -> PostureState | None:
    """What may become the state; that nobody is seen is no other state than being away."""
    if memory.state is PostureState.AWAY and memory.nobody_since_s is not None:
        return None
    return None if memory.candidate is memory.state else memory.candidate


def _newest(
    observation: Observation, memory: PostureMemory, settings: PostureSettings
) -> PostureState:
    """What the observation would say if it were the only one."""
    probability = _probability(observation.slouch_log_odds)
    return _verdict((observation,), probability, memory, settings).state


def _reasons(
    memory: PostureMemory, verdict: Verdict, deviations: Deviations, thresholds: Thresholds
) -> tuple[Reason, ...]:
    match memory.state:
        case PostureState.SLOUCHED if verdict.state is PostureState.SLOUCHED:
            signs = [seen.sign for seen in memory.recent if seen.sign is not None]
            view = memory.recent[-1].view
            return slouch_reasons(deviations, view, thresholds, signs[-1] if signs else None)
        case PostureState.SLOUCHED | PostureState.UPRIGHT:
            return ()
        case _:
            return (memory.unknown_reason,) if memory.unknown_reason else ()


def slouch_reasons(
    deviations: Deviations,
    view: View,
    thresholds: Thresholds,
    sign: SlouchSign | None = None,
) -> tuple[SlouchReason, ...]:
    """The angles beyond their thresholds, the furthest first.

    Where there is none, a slouch is more than any angle shows: the sign of the largest share of a
    threshold stands for it, without degrees. Where no angle is known, that is `sign`, or that a
    part is hidden.
    """
    ratios = threshold_ratios(deviations, thresholds)
    if not ratios:
        return (sign or SlouchSign.PARTLY_HIDDEN,)
    degs = dict(zip(ANGLES, deviations.values_deg(), strict=True))
    by_size = sorted(ratios, key=lambda angle: (-ratios[angle], angle))
    signs = {
        angle: SIGNS[angle][angle is Angle.SHOULDER_TILT and degs[angle] < 0] for angle in by_size
    }
    beyond = tuple(
        AngleReason(
            sign=signs[angle],
            deg=abs(degs[angle]),
            estimated=deviations.is_estimated(angle, view),
        )
        for angle in by_size
        if ratios[angle] >= 1
    )
    return beyond or tuple(signs[angle] for angle in by_size[:1])


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
    height = max(abs(anchor.head_ratio), _LEAST_HEAD_RATIO)
    return (
        shift > MOVED_SHIFT * anchor.scale
        or abs(position.scale - anchor.scale) > MOVED_SCALE * anchor.scale
        or abs(position.head_ratio - anchor.head_ratio) > MOVED_HEAD_RATIO * height
        or abs(position.tilt_deg - anchor.tilt_deg) > MOVED_TILT_DEG
        or abs(position.turn - anchor.turn) > MOVED_TURN
    )
