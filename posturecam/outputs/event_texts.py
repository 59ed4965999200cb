"""What happens, a line each: events and sums as one sentence for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.base.durations import format_duration
from posturecam.outputs.status import moment_text
from posturecam.outputs.words import (
    RECALIBRATING_TEXT,
    count_text,
    limit_text,
    message_text,
    notice_text,
    reasons_text,
    refusal_text,
)
from posturecam.posture.state import threshold_ratios
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    BaselineQuestioned,
    BreakKind,
    BreakTaken,
    Calibrated,
    CameraChanged,
    Moved,
    Sampled,
    StaleBaseline,
    StateChanged,
    Steered,
    Steering,
    SteeringRefused,
    Summarised,
    Warned,
)
from posturecam.values.observation import PostureState, UnknownReason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from posturecam.values.events import Event
    from posturecam.values.observation import Deviations, Reason
    from posturecam.values.settings import Thresholds
    from posturecam.values.totals import Totals


def event_text(event: Event, at: datetime) -> str | None:  # noqa: C901, PLR0912 - one case an event
    """One plain line for `event` at the moment `at`; None for what happens all the time."""
    match event:
        case Calibrated():
            source = "taken now" if event.taken_now else f"profile {event.profile!r}"
            return f"baseline: {source}, {event.view} view, {event.samples} pictures"
        case StateChanged(to_state=PostureState.PAUSED, reasons=(UnknownReason.PAUSED,)):
            return None  # the pause itself was told
        case StateChanged():
            why = f": {reasons_text(event.reasons)}" if event.reasons else ""
            return f"{event.to_state}{why}"
        case AlertFollowed():
            return None
        case Steered(what=Steering.RECALIBRATING):
            return f"sit comfortably upright. {RECALIBRATING_TEXT}"
        case Steered(what=Steering.ACCEPTED | Steering.DECLINED):
            return None  # what follows is told
        case Steered(what=Steering.UNSNOOZED):
            return "alerts are on again"
        case Steered():
            until = "" if event.until is None else f" until {moment_text(event.until, at)}"
            return f"{event.what}{until}"
        case SteeringRefused():
            return f"not {event.what}: {refusal_text(event)}"
        case Alerted():
            return f"ALERT ({event.kind}): {message_text(event)}"
        case Warned():
            return f"warning ({event.kind}): {message_text(event)}"
        case StaleBaseline():
            return f"STALE: {notice_text(event)[1]}"
        case BaselineQuestioned():
            return " ".join(notice_text(event))
        case Moved():
            return f"moved, after {format_duration(event.unchanged_s)} in one position"
        case BreakTaken():
            what = "a break" if event.kind is BreakKind.BREAK else "a micro-break"
            return f"back from {what} of {format_duration(event.lasted_s)}"
        case CameraChanged():
            return f"camera {event.status}: {event.detail}"
        case Summarised():
            return None
        case Sampled():
            return None


def totals_text(totals: Totals) -> str:
    """How the time was spent, in one line."""
    spent = ", ".join(spent_texts(totals))
    return (
        f"watched {format_duration(totals.watched_ms / 1000)}: {spent}; "
        f"{count_text(totals.moves, 'position change')}, {count_text(totals.alerts, 'alert')}"
    )


def spent_texts(totals: Totals) -> list[str]:
    """How long in which state; pauses only where there were any."""
    return [f"{state} {format_duration(ms / 1000)}" for state, ms in totals.shown_by_state.items()]


def clock_text(at: datetime) -> str:
    """Local time of day."""
    return f"{at.astimezone():%H:%M:%S}"


def limits_text(
    deviations: Deviations, thresholds: Thresholds, reasons: Iterable[Reason] = ()
) -> str:
    """Every known deviation and its limit in one line; the reasons when none is known."""
    known = [
        limit_text(angle, getattr(deviations, f"{angle}_deg"), getattr(thresholds, f"{angle}_deg"))
        for angle in threshold_ratios(deviations, thresholds)
    ]
    return ", ".join(known) or reasons_text(reasons)


def within_limits_text(totals: Totals) -> str:
    """The share of the judged time in which no deviation was beyond its limit."""
    if not totals.judged_ms:
        return "within the limits: nothing could be judged"
    share, judged = totals.upright_ms / totals.judged_ms, format_duration(totals.judged_ms / 1000)
    return f"within the limits {share:.0%} of {judged} judged"
