"""When the sitter is alerted, and what of: readings in, events out.

Pure: `step(memory, reading, settings) -> (memory, events)`. Only spans whose state is known count:
a gap or unknown time stops the clocks, and after `forget_after_s` of not knowing they start anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, assert_never

from posturecam.alerts.outcomes import OpenAlert, outcome
from posturecam.alerts.presence import Presence, follow_presence, is_known
from posturecam.alerts.waits import (
    BREAK_NOTICE_S,
    Wait,
    is_asked_again,
    is_break_due,
    may_be_announced,
)
from posturecam.values.events import (
    AlertDetails,
    Alerted,
    AlertFollowed,
    AlertKind,
    BreakKind,
    BreakNear,
    BreakTaken,
    Event,
    Moved,
    Outcome,
    Warned,
)
from posturecam.values.observation import PostureState, Reading, UnknownReason

if TYPE_CHECKING:
    from posturecam.values.reasons import QuietReason
    from posturecam.values.settings import PolicySettings

HOUR_S = 3600.0
NEAR_S = 5.0
"""So long before an alert the sitter is looked at anew."""
BACKED_OFF = 2.0
"""How many times longer the interval is for the rest of a day on which alerts were ignored."""
REASONS_TOLD = 2
"""A notification has room for the two that stand out most."""
_BY_IMPORTANCE = (AlertKind.SLOUCH, AlertKind.UNCHANGED, AlertKind.BREAK)
"""The most specific first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Known time in one kind of posture, without the unknown time in between."""

    slouched: bool
    known_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """The most important of what was due while alerts were suppressed, at its longest.

    Attributes:
        until_s: when the suppression ended, None while it has not.
    """

    alert: Alerted
    until_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertHistory:
    """The alerts so far, and what came of them.

    Attributes:
        at_s: times of those in the hour before the last one, and of that.
        warned: what the terminal has warned of since the sitter came.
        open: the last alert, while it may still lead to something.
        ignored: ignored alerts in a row.
        backed_off: too many of them, so the interval is longer today.
        suppressed: what is to be said later.
    """

    alerts: tuple[AlertKind, ...] = ()
    at_s: tuple[float, ...] = ()
    warned: frozenset[AlertKind] = frozenset()
    open: OpenAlert | None = None
    ignored: int = 0
    backed_off: bool = False
    suppressed: Suppressed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyMemory:
    """What `step` remembers from one reading to the next.

    Attributes:
        stretches: the last `slouch_after_s` of known time since a slouched episode began.
        slouch: known time since it began.
        unchanged: known time since the last kept change of position.
        sitting: presence since the last long enough break.
    """

    presence: Presence = field(default_factory=Presence)
    stretches: tuple[Stretch, ...] = ()
    slouch: Wait = field(default_factory=Wait)
    unchanged: Wait = field(default_factory=Wait)
    sitting: Wait = field(default_factory=Wait)
    longest_unchanged_s: float = 0.0
    history: AlertHistory = AlertHistory()

    @property
    def unchanged_s(self) -> float:
        """Known time since the last kept change of position."""
        return self.unchanged.lasted_s

    @property
    def sitting_s(self) -> float:
        """Presence since the last long enough break."""
        return self.sitting.lasted_s


def step(
    memory: PolicyMemory,
    reading: Reading,
    settings: PolicySettings,
    *,
    quiet: QuietReason | None = None,
) -> tuple[PolicyMemory, tuple[Event, ...]]:
    """What to remember after `reading`, and what to say.

    What falls due while alerts are suppressed, for the reason `quiet`, is said after.
    """
    events: list[Event] = []
    presence = follow_presence(memory.presence, reading, settings)
    lasted_s = memory.presence.absent_s
    if presence.absent_s == 0 and lasted_s >= min(settings.micro_break_s, settings.break_length_s):
        kind = BreakKind.BREAK if lasted_s >= settings.break_length_s else BreakKind.MICRO
        events.append(BreakTaken(lasted_s=lasted_s, kind=kind))
    stretches, slouch, unchanged = memory.stretches, memory.slouch, memory.unchanged
    if _is_over(reading, presence, settings):
        stretches, slouch, unchanged = (), Wait(), Wait()
    elif is_known(reading):
        stretches, slouch = _count_slouch(stretches, slouch, reading, settings)
        unchanged = unchanged.longer(reading.span_s)
    longest_unchanged_s = max(memory.longest_unchanged_s, unchanged.lasted_s)
    if reading.moved:
        events.append(Moved(unchanged_s=unchanged.lasted_s))
        unchanged = Wait()
    history, followed = _follow_up(memory.history, reading, presence, settings, quiet)
    if followed is not None:
        events.append(followed)
    after = PolicyMemory(
        presence=presence,
        stretches=stretches,
        slouch=slouch,
        unchanged=unchanged,
        sitting=_count_sitting(memory.sitting, reading, presence, settings),
        longest_unchanged_s=longest_unchanged_s,
        history=_forget_with_time(history, presence, settings),
    )
    after, spoken = _speak(after, reading, settings, quiet)
    after, announced = _announce(after, reading, settings, quiet)
    return after, (*events, *spoken, *announced)


def is_alert_near(
    memory: PolicyMemory,
    newest: Reading,
    settings: PolicySettings,
    *,
    t_s: float,
    quiet: QuietReason | None = None,
) -> bool:
    """Whether `step` will alert within `NEAR_S` after `t_s` if nothing changes.

    `newest` is the reading of the last step.
    """
    unchanged = replace(newest, start_s=newest.t_s, t_s=t_s + NEAR_S, moved=False)
    _, events = step(memory, unchanged, settings, quiet=quiet)
    return any(isinstance(event, Alerted) for event in events)


def with_new_baseline(memory: PolicyMemory) -> PolicyMemory:
    """The memory without its slouch, which was one by the baseline from before alone."""
    history = memory.history
    if history.suppressed is not None and history.suppressed.alert.kind is AlertKind.SLOUCH:
        history = replace(history, suppressed=None)
    return replace(memory, stretches=(), slouch=Wait(), history=history)


def without_slouch(memory: PolicyMemory) -> PolicyMemory:
    """The memory without a slouch that was none; what follows an alert about it is not noted."""
    memory = with_new_baseline(memory)
    opened = memory.history.open
    if opened is None or opened.kind is not AlertKind.SLOUCH:
        return memory
    return replace(memory, history=replace(memory.history, open=None))


def _is_over(reading: Reading, presence: Presence, settings: PolicySettings) -> bool:
    """No posture goes on: the sitter left it, or nobody knows any more."""
    return (
        reading.state is PostureState.AWAY
        or presence.absent_s >= settings.micro_break_s
        or presence.unknown_s >= settings.forget_after_s
    )


def _count_sitting(
    sitting: Wait, reading: Reading, presence: Presence, settings: PolicySettings
) -> Wait:
    # A machine asleep or a camera covered that long counts as a break nobody saw.
    if presence.off_s >= settings.break_length_s:
        return Wait()
    return sitting if presence.off_s else sitting.longer(reading.span_s)


def _count_slouch(
    stretches: tuple[Stretch, ...], slouch: Wait, reading: Reading, settings: PolicySettings
) -> tuple[tuple[Stretch, ...], Wait]:
    slouched = reading.state is PostureState.SLOUCHED
    if not stretches and not slouched:
        return stretches, slouch
    stretches = _extend(stretches, slouched=slouched, known_s=reading.span_s)
    if not slouched and stretches[-1].known_s >= settings.slouch_reset_s:
        return (), Wait()
    return _last(stretches, settings.slouch_after_s), slouch.longer(reading.span_s)


def _extend(
    stretches: tuple[Stretch, ...], *, slouched: bool, known_s: float
) -> tuple[Stretch, ...]:
    if stretches and stretches[-1].slouched == slouched:
        last = stretches[-1]
        return (*stretches[:-1], Stretch(slouched=slouched, known_s=last.known_s + known_s))
    return (*stretches, Stretch(slouched=slouched, known_s=known_s))


def _last(stretches: tuple[Stretch, ...], window_s: float) -> tuple[Stretch, ...]:
    """The newest `window_s` of them, and the last one whole."""
    # Upright time that is to end a slouch may be longer than the window.
    kept = [*stretches[-1:]]
    room_s = window_s - sum(stretch.known_s for stretch in kept)
    for stretch in reversed(stretches[:-1]):
        if room_s <= 0:
            break
        known_s = min(stretch.known_s, room_s)
        kept.append(Stretch(slouched=stretch.slouched, known_s=known_s))
        room_s -= known_s
    return tuple(reversed(kept))


def _forget_with_time(
    history: AlertHistory, presence: Presence, settings: PolicySettings
) -> AlertHistory:
    """Who left is warned anew and hears nothing of before; a night ends the longer interval."""
    if presence.present_s == 0:
        history = replace(history, warned=frozenset(), suppressed=None)
    if presence.off_s >= settings.new_day_after_s:
        history = replace(history, ignored=0, backed_off=False)
    return history


def _follow_up(
    history: AlertHistory,
    reading: Reading,
    presence: Presence,
    settings: PolicySettings,
    quiet: QuietReason | None,
) -> tuple[AlertHistory, AlertFollowed | None]:
    """What came of the last alert, once that is plain."""
    if history.open is None:
        return history, None
    open_alert = history.open.after(reading)
    followed = outcome(open_alert, reading, presence, settings, quiet)
    if followed is not None:
        return _close(history, followed, settings), followed
    if presence.unknown_s >= settings.forget_after_s:  # nobody saw what followed
        return replace(history, open=None), None
    return replace(history, open=open_alert), None


def _close(
    history: AlertHistory, followed: AlertFollowed, settings: PolicySettings
) -> AlertHistory:
    ignored = 0
    if followed.outcome is Outcome.IGNORED:
        again = history.open is not None and history.open.again  # it counts once
        ignored = history.ignored + (not again)
    backed_off = history.backed_off or ignored >= settings.ignored_in_a_row
    return replace(history, open=None, ignored=ignored, backed_off=backed_off)


def _speak(
    memory: PolicyMemory, reading: Reading, settings: PolicySettings, quiet: QuietReason | None
) -> tuple[PolicyMemory, tuple[Event, ...]]:
    """Says what is due, or notes it for later."""
    due = _due(memory, reading, settings)
    if quiet is not None:
        return _hold(memory, due, reading, quiet), ()
    memory = _release(memory, reading, settings)
    if memory.presence.present_s < settings.fitting_grace_s:
        return _warn(memory, due, reading)
    if not is_known(reading):
        return memory, ()
    if not _may_alert(memory.history, reading.t_s, settings):
        # What is asked for strictly keeps to its own interval, and to its own end.
        again = AlertKind.BREAK in due and is_asked_again(memory.sitting, settings)
        if not again:
            return memory, ()
        due = {AlertKind.BREAK: due[AlertKind.BREAK]}
    return _alert(memory, due, reading, settings)


def _announce(
    memory: PolicyMemory, reading: Reading, settings: PolicySettings, quiet: QuietReason | None
) -> tuple[PolicyMemory, tuple[BreakNear, ...]]:
    """Says once that a break will be alerted of in a moment if nothing changes."""
    if quiet is not None or not may_be_announced(memory.sitting, settings, _times(memory)):
        return memory, ()
    unchanged = replace(reading, start_s=reading.t_s, t_s=reading.t_s + BREAK_NOTICE_S, moved=False)
    _, later = step(memory, unchanged, replace(settings, break_notice=False))
    if not any(isinstance(event, Alerted) and event.kind is AlertKind.BREAK for event in later):
        return memory, ()
    left_s = settings.break_after_s - memory.sitting.lasted_s
    in_s = left_s if 0 < left_s < BREAK_NOTICE_S else BREAK_NOTICE_S
    memory = replace(memory, sitting=replace(memory.sitting, announced=True))
    return memory, (BreakNear(in_s=in_s),)


def _due(
    memory: PolicyMemory, reading: Reading, settings: PolicySettings
) -> dict[AlertKind, float]:
    """What could be said now and how long it has lasted, the most specific first."""
    due: dict[AlertKind, float] = {}
    if not is_known(reading):
        return due
    times = _times(memory)
    if (
        reading.state is PostureState.SLOUCHED
        and reading.reasons  # none while a short unknown time is bridged
        and memory.slouch.is_due(settings.slouch_after_s, times)
        and _slouched_s(memory.stretches) >= settings.slouch_share * settings.slouch_after_s
    ):
        due[AlertKind.SLOUCH] = memory.slouch.lasted_s
    if memory.unchanged.is_due(settings.unchanged_after_s, times):
        due[AlertKind.UNCHANGED] = memory.unchanged.lasted_s
    if is_break_due(memory.sitting, settings, times):
        due[AlertKind.BREAK] = memory.sitting.lasted_s
    return due


def _times(memory: PolicyMemory) -> float:
    return BACKED_OFF if memory.history.backed_off else 1.0


def _slouched_s(stretches: tuple[Stretch, ...]) -> float:
    return sum(part.known_s for part in stretches if part.slouched)


def _hold(
    memory: PolicyMemory, due: dict[AlertKind, float], reading: Reading, why: QuietReason
) -> PolicyMemory:
    """The memory with the most important of what is suppressed, at its longest."""
    history, suppressed = memory.history, memory.history.suppressed
    for kind, lasted_s in due.items():
        if suppressed is None or _matters_more(kind, lasted_s, suppressed.alert):
            details = _details(kind, history, reading, suppressed_by=why)
            suppressed = Suppressed(alert=Alerted(kind=kind, lasted_s=lasted_s, details=details))
    return _with_suppressed(memory, suppressed and replace(suppressed, until_s=None))


def _matters_more(kind: AlertKind, lasted_s: float, suppressed: Alerted) -> bool:
    if kind is suppressed.kind:
        return lasted_s > suppressed.lasted_s
    return _BY_IMPORTANCE.index(kind) < _BY_IMPORTANCE.index(suppressed.kind)


def _release(memory: PolicyMemory, reading: Reading, settings: PolicySettings) -> PolicyMemory:
    """Alerts are free again: what was suppressed waits for its turn, and not for ever."""
    suppressed = memory.history.suppressed
    if suppressed is None:
        return memory
    if suppressed.until_s is None:
        return _with_suppressed(memory, replace(suppressed, until_s=reading.start_s))
    if reading.t_s - suppressed.until_s > _interval_s(memory.history, settings):
        return _with_suppressed(memory, None)
    return memory


def _with_suppressed(memory: PolicyMemory, suppressed: Suppressed | None) -> PolicyMemory:
    return replace(memory, history=replace(memory.history, suppressed=suppressed))


def _warn(
    memory: PolicyMemory, due: dict[AlertKind, float], reading: Reading
) -> tuple[PolicyMemory, tuple[Event, ...]]:
    history = memory.history
    for kind, lasted_s in due.items():
        if kind not in history.warned:
            details = _details(kind, history, reading)
            history = replace(history, warned=history.warned | {kind})
            warned = Warned(kind=kind, lasted_s=lasted_s, details=details)
            return replace(memory, history=history), (warned,)
    return memory, ()


def _may_alert(history: AlertHistory, t_s: float, settings: PolicySettings) -> bool:
    if history.at_s and t_s - history.at_s[-1] < _interval_s(history, settings):
        return False
    return len(_last_hour(history, t_s)) < settings.max_alerts_per_hour


def _interval_s(history: AlertHistory, settings: PolicySettings) -> float:
    return settings.fitting_cooldown_s * (BACKED_OFF if history.backed_off else 1.0)


def _last_hour(history: AlertHistory, t_s: float) -> tuple[float, ...]:
    return tuple(at_s for at_s in history.at_s if at_s > t_s - HOUR_S)


def _alert(
    memory: PolicyMemory, due: dict[AlertKind, float], reading: Reading, settings: PolicySettings
) -> tuple[PolicyMemory, tuple[Event, ...]]:
    """Says what goes on, or else what was suppressed and is over."""
    history = memory.history
    if due:
        kind = _longest_unsaid(due, history.alerts)
        details = _details(kind, history, reading)
        alert = Alerted(kind=kind, lasted_s=due[kind], details=details)
    elif history.suppressed is not None:
        alert = history.suppressed.alert
    else:
        return memory, ()
    events: tuple[Event, ...] = (alert,)
    if history.open is not None:  # the next one ends the time that the last one had
        followed = history.open.at_last(reading.t_s)
        history, events = _close(history, followed, settings), (followed, alert)
    again = alert.kind is AlertKind.BREAK and is_asked_again(memory.sitting, settings)
    now_s = () if again else (reading.t_s,)
    history = replace(
        history,
        alerts=(*history.alerts, alert.kind),
        at_s=(*_last_hour(history, reading.t_s), *now_s),
        open=OpenAlert(kind=alert.kind, at_s=reading.t_s, again=again),
        suppressed=None,
    )
    return _mark_alerted(replace(memory, history=history), alert.kind), events


def _details(
    kind: AlertKind,
    history: AlertHistory,
    reading: Reading,
    suppressed_by: QuietReason | None = None,
) -> AlertDetails:
    """What an alert says besides; of what was seen only where a slouch is what it is about."""
    seen = (reason for reason in reading.reasons if not isinstance(reason, UnknownReason))
    return AlertDetails(
        reasons=tuple(islice(seen, REASONS_TOLD)) if kind is AlertKind.SLOUCH else (),
        turn=history.alerts.count(kind),
        suppressed_by=suppressed_by,
    )


def _longest_unsaid(due: dict[AlertKind, float], alerts: tuple[AlertKind, ...]) -> AlertKind:
    """What was not said for the most alerts, so that nothing is said over and over."""
    latest_first = alerts[::-1]
    return max(
        due, key=lambda kind: latest_first.index(kind) if kind in latest_first else len(alerts)
    )


def _mark_alerted(memory: PolicyMemory, kind: AlertKind) -> PolicyMemory:
    match kind:
        case AlertKind.SLOUCH:
            return replace(memory, slouch=memory.slouch.alerted())
        case AlertKind.UNCHANGED:
            return replace(memory, unchanged=memory.unchanged.alerted())
        case AlertKind.BREAK:
            return replace(memory, sitting=memory.sitting.alerted())
        case _:
            assert_never(kind)
