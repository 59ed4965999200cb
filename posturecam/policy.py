"""When the sitter is told something: readings in, events out.

Pure: `step(memory, reading, settings) -> (memory, events)`. Only spans whose state is known count:
a gap or a doubt stops the clocks, and after `forget_after_s` of not knowing they start anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posturecam.events import Alerted, AlertKind, BreakTaken, Event, Moved
from posturecam.messages import alert_message, alert_title
from posturecam.observation import Doubt, PostureState

if TYPE_CHECKING:
    from posturecam.observation import Reading
    from posturecam.settings import PolicySettings

HOUR_S = 3600.0
NEAR_S = 5.0
"""So long before an alert the sitter is looked at anew, and so long after it is due."""
REASONS_TOLD = 2
"""A notification has room for the two that stand out most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Known time in one kind of posture, without the unknown time in between."""

    slouched: bool
    known_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyMemory:
    """What `step` remembers from one reading to the next; all clocks in seconds.

    Attributes:
        episode: the last `slouch_after_s` of known time since a slouched episode began.
        episode_s: known time since it began.
        episode_told_s: `episode_s` at the last alert about it, 0 if there was none.
        unchanged_s: known time since the last kept change of position.
        unchanged_told_s: `unchanged_s` at the last alert about it, 0 if there was none.
        sitting_s: presence since the last long enough break.
        sitting_told_s: `sitting_s` at the last alert about it, 0 if there was none.
        absent_s: how long nobody has been there.
        untold_s: how long nothing has been known, absence included.
        alerts_at_s: times of the alerts of the last hour.
        alert_count: all alerts so far; rotates the wording.
        told_last: kind of the last alert.
        longest_unchanged_s: the longest that `unchanged_s` has been.
    """

    episode: tuple[Stretch, ...] = ()
    episode_s: float = 0.0
    episode_told_s: float = 0.0
    unchanged_s: float = 0.0
    unchanged_told_s: float = 0.0
    sitting_s: float = 0.0
    sitting_told_s: float = 0.0
    absent_s: float = 0.0
    untold_s: float = 0.0
    alerts_at_s: tuple[float, ...] = ()
    alert_count: int = 0
    told_last: AlertKind | None = None
    longest_unchanged_s: float = 0.0


def step(
    memory: PolicyMemory,
    reading: Reading,
    settings: PolicySettings,
    quiet: str | None = None,  # noqa: ARG001 - not held back yet
) -> tuple[PolicyMemory, tuple[Event, ...]]:
    """What to remember after `reading`, and what to tell."""
    events: list[Event] = []
    before = memory
    memory = _count_absence(memory, reading)
    memory = _count_sitting(memory, reading, settings)
    if before.absent_s >= settings.break_length_s and memory.absent_s == 0:
        events.append(BreakTaken(lasted_s=before.absent_s))
    memory = _count_unchanged(memory, reading, settings)
    if reading.moved:
        events.append(Moved(unchanged_s=memory.unchanged_s))
        memory = replace(memory, unchanged_s=0.0, unchanged_told_s=0.0)
    memory = _count_slouch(memory, reading, settings)
    memory, alert = _alert(memory, reading, settings)
    if alert is not None:
        events.append(alert)
    return memory, tuple(events)


def is_alert_near(memory: PolicyMemory, settings: PolicySettings) -> bool:
    """Whether an alert will be due within `NEAR_S` if nothing changes."""
    left_s = (
        settings.slouch_after_s - (memory.episode_s - memory.episode_told_s)
        if memory.episode
        else settings.slouch_after_s,
        settings.unchanged_after_s - (memory.unchanged_s - memory.unchanged_told_s),
        settings.break_after_s - (memory.sitting_s - memory.sitting_told_s),
    )
    return any(-NEAR_S <= seconds <= NEAR_S for seconds in left_s)


def is_known(reading: Reading) -> bool:
    """The sitter was there and could be judged."""
    return reading.state in (PostureState.UPRIGHT, PostureState.SLOUCHED)


def is_absent(reading: Reading) -> bool:
    """Nobody was there, whether that is an absence already or may become one."""
    return reading.state is PostureState.AWAY or Doubt.NOBODY in reading.reasons


def _count_absence(memory: PolicyMemory, reading: Reading) -> PolicyMemory:
    return replace(
        memory,
        absent_s=memory.absent_s + reading.span_s if is_absent(reading) else 0.0,
        untold_s=0.0 if is_known(reading) else memory.untold_s + reading.span_s,
    )


def _count_sitting(
    memory: PolicyMemory, reading: Reading, settings: PolicySettings
) -> PolicyMemory:
    # A machine asleep that long counts as a break nobody saw: no alert right after waking.
    if max(memory.absent_s, reading.span_s if reading.gap else 0.0) >= settings.break_length_s:
        return replace(memory, sitting_s=0.0, sitting_told_s=0.0)
    if reading.gap or is_absent(reading):
        return memory
    return replace(memory, sitting_s=memory.sitting_s + reading.span_s)


def _count_unchanged(
    memory: PolicyMemory, reading: Reading, settings: PolicySettings
) -> PolicyMemory:
    if reading.state is PostureState.AWAY or memory.untold_s >= settings.forget_after_s:
        return replace(memory, unchanged_s=0.0, unchanged_told_s=0.0)
    if not is_known(reading):
        return memory
    unchanged_s = memory.unchanged_s + reading.span_s
    longest_s = max(memory.longest_unchanged_s, unchanged_s)
    return replace(memory, unchanged_s=unchanged_s, longest_unchanged_s=longest_s)


def _count_slouch(memory: PolicyMemory, reading: Reading, settings: PolicySettings) -> PolicyMemory:
    forgotten = memory.untold_s >= settings.forget_after_s
    if reading.state is PostureState.AWAY or forgotten:
        return _end_episode(memory)
    slouched = reading.state is PostureState.SLOUCHED
    if not is_known(reading) or not (memory.episode or slouched):
        return memory
    episode = _extend(memory.episode, slouched=slouched, known_s=reading.span_s)
    if not slouched and episode[-1].known_s >= settings.slouch_reset_s:
        return _end_episode(memory)
    return replace(
        memory,
        episode=_last(episode, settings.slouch_after_s),
        episode_s=memory.episode_s + reading.span_s,
    )


def _end_episode(memory: PolicyMemory) -> PolicyMemory:
    return replace(memory, episode=(), episode_s=0.0, episode_told_s=0.0)


def _extend(episode: tuple[Stretch, ...], *, slouched: bool, known_s: float) -> tuple[Stretch, ...]:
    if episode and episode[-1].slouched == slouched:
        last = episode[-1]
        return (*episode[:-1], Stretch(slouched=slouched, known_s=last.known_s + known_s))
    return (*episode, Stretch(slouched=slouched, known_s=known_s))


def _last(episode: tuple[Stretch, ...], window_s: float) -> tuple[Stretch, ...]:
    """The newest `window_s` of the episode."""
    kept: list[Stretch] = []
    room_s = window_s
    for stretch in reversed(episode):
        if room_s <= 0:
            break
        known_s = min(stretch.known_s, room_s)
        kept.append(Stretch(slouched=stretch.slouched, known_s=known_s))
        room_s -= known_s
    return tuple(reversed(kept))


def _alert(
    memory: PolicyMemory, reading: Reading, settings: PolicySettings
) -> tuple[PolicyMemory, Alerted | None]:
    recent = tuple(at_s for at_s in memory.alerts_at_s if at_s > reading.t_s - HOUR_S)
    memory = replace(memory, alerts_at_s=recent)
    if recent and reading.t_s - recent[-1] < settings.fitting_cooldown_s:
        return memory, None
    if len(recent) >= settings.max_alerts_per_hour:
        return memory, None
    due = _most_due(memory, reading, settings)
    if due is None:
        return memory, None
    kind, lasted_s = due
    alert = Alerted(
        kind=kind,
        title=alert_title(kind),
        message=alert_message(
            kind, lasted_s=lasted_s, reasons=reading.reasons[:REASONS_TOLD], turn=memory.alert_count
        ),
        lasted_s=lasted_s,
    )
    told = replace(
        memory,
        alerts_at_s=(*recent, reading.t_s),
        alert_count=memory.alert_count + 1,
        told_last=kind,
    )
    match kind:
        case AlertKind.UNCHANGED:
            told = replace(told, unchanged_told_s=memory.unchanged_s)
        case AlertKind.BREAK:
            told = replace(told, sitting_told_s=memory.sitting_s)
        case AlertKind.SLOUCH:
            told = replace(told, episode_told_s=memory.episode_s)
    return told, alert


def _most_due(
    memory: PolicyMemory, reading: Reading, settings: PolicySettings
) -> tuple[AlertKind, float] | None:
    """The alert to give now, if any: the most specific, but not the same one over and over."""
    if not is_known(reading):
        return None
    due: dict[AlertKind, float] = {}
    slouched_s = sum(part.known_s for part in memory.episode if part.slouched)
    if (
        reading.state is PostureState.SLOUCHED
        and reading.reasons  # none while a short doubt is bridged
        and memory.episode_s - memory.episode_told_s >= settings.slouch_after_s
        and slouched_s >= settings.slouch_share * settings.slouch_after_s
    ):
        due[AlertKind.SLOUCH] = memory.episode_s
    if memory.unchanged_s - memory.unchanged_told_s >= settings.unchanged_after_s:
        due[AlertKind.UNCHANGED] = memory.unchanged_s
    if memory.sitting_s - memory.sitting_told_s >= settings.break_after_s:
        due[AlertKind.BREAK] = memory.sitting_s
    fresh = {kind: lasted_s for kind, lasted_s in due.items() if kind is not memory.told_last}
    return next(iter((fresh or due).items()), None)
