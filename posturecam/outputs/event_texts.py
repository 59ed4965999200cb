"""What happens, a line each: events and sums as one sentence for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from posturecam.base.durations import format_duration
from posturecam.base.language import N_, _, shown
from posturecam.outputs.alert_words import notice_line
from posturecam.outputs.words import (
    LEARNED_TEXT,
    RECALIBRATING_TEXT,
    because_text,
    count_text,
    limit_text,
    name_text,
    percent_text,
    reasons_text,
    refusal_text,
    rezeroing_text,
    state_text,
    until_text,
)
from posturecam.posture.state import threshold_ratios
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    BaselineQuestioned,
    BreakKind,
    BreakNear,
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
    ZeroOffered,
)
from posturecam.values.observation import Deviations, PostureState, Reason, UnknownReason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from posturecam.values.events import Event
    from posturecam.values.settings import Thresholds
    from posturecam.values.totals import Totals

_BREAKS = {
    BreakKind.BREAK: N_("back from a break of {lasted}"),
    BreakKind.MICRO: N_("back from a micro-break of {lasted}"),
}


def event_text(event: Event, at: datetime) -> str | None:  # noqa: C901, PLR0912 - one case an event
    """One plain line for `event` at the moment `at`; None for what happens all the time."""
    match event:
        case Calibrated():
            return _baseline_text(event)
        case StateChanged(to_state=PostureState.PAUSED, reasons=(UnknownReason.PAUSED,)):
            return None  # the pause itself was told
        case StateChanged():
            state = name_text(event.to_state)
            return because_text(state, event.reasons)
        case Steered():
            return _steered_text(event, at)
        case SteeringRefused():
            what, why = name_text(event.what), refusal_text(event)
            return _("not {what}: {why}").format(what=what, why=why)
        case Alerted():
            kind, message = name_text(event.kind), notice_line(event)
            return _("ALERT ({kind}): {message}").format(kind=kind, message=message)
        case Warned():
            kind, message = name_text(event.kind), notice_line(event)
            return _("warning ({kind}): {message}").format(kind=kind, message=message)
        case StaleBaseline():
            return _("STALE: {message}").format(message=notice_line(event))
        case BaselineQuestioned() | ZeroOffered() | BreakNear():
            return notice_line(event)
        case Moved():
            lasted = format_duration(event.unchanged_s)
            return _("moved, after {lasted} in one position").format(lasted=lasted)
        case BreakTaken():
            text = _BREAKS[event.kind]
            return _(text).format(lasted=format_duration(event.lasted_s))
        case CameraChanged():
            status, detail = name_text(event.status), shown(event.detail)
            return _("camera {status}: {detail}").format(status=status, detail=detail)
        case AlertFollowed() | Summarised() | Sampled():
            return None
        case _:
            assert_never(event)


def _baseline_text(event: Calibrated) -> str:
    text = N_("baseline: profile {profile}, {view} view, {samples} pictures")
    if event.taken_now:
        text = N_("baseline: taken now, {view} view, {samples} pictures")
    elif event.replaces:
        text = N_("new baseline: profile {profile}, {view} view, {samples} pictures")
    elif event.stance is not None:
        text = N_("{stance} baseline: profile {profile}, {view} view, {samples} pictures")
    return _(text).format(
        stance="" if event.stance is None else name_text(event.stance),
        profile=repr(event.profile),
        view=name_text(event.view),
        samples=event.samples,
    )


def _steered_text(event: Steered, at: datetime) -> str | None:
    match event.what:
        case Steering.RECALIBRATING:
            taken_in = RECALIBRATING_TEXT
            return _("sit comfortably upright. {taken_in}").format(taken_in=taken_in)
        case Steering.REZEROING:
            return _("sit comfortably upright. {taken_in}").format(taken_in=rezeroing_text())
        case Steering.WRONG:
            return LEARNED_TEXT
        case Steering.ACCEPTED | Steering.DECLINED:
            return None  # what follows is told
        case Steering.UNSNOOZED:
            return _("alerts are on again")
        case what if event.until is None:
            return name_text(what)
        case what:
            return until_text(name_text(what), event.until, at)


def totals_text(totals: Totals) -> str:
    """How the time was spent, in one line."""
    return _("watched {watched}: {spent}; {changes}, {alerts}").format(
        watched=format_duration(totals.watched_ms / 1000),
        spent=", ".join(spent_texts(totals)),
        changes=count_text(totals.moves, "position change"),
        alerts=count_text(totals.alerts, "alert"),
    )


def spent_texts(totals: Totals) -> list[str]:
    """How long in which state; pauses only where there were any."""
    spent = totals.shown_by_state.items()
    return [state_text(state, format_duration(ms / 1000)) for state, ms in spent]


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


def upright_share_text(totals: Totals) -> str:
    """How much of the judged time was upright."""
    if not totals.judged_ms:
        return _("upright: nothing could be judged")
    share, judged = totals.upright_ms / totals.judged_ms, format_duration(totals.judged_ms / 1000)
    return _("upright {share} of {judged} judged").format(share=percent_text(share), judged=judged)
