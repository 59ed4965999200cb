"""What happens, a line each: events and sums as one sentence for the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from posturecam.base.durations import format_duration
from posturecam.base.language import N_, _, shown
from posturecam.outputs import words
from posturecam.outputs.alert_words import notice_line
from posturecam.posture.state import threshold_ratios
from posturecam.values import events
from posturecam.values.observation import Deviations, PostureState, Reason, UnknownReason

if TYPE_CHECKING:
    from posturecam.values.events import Event
    from posturecam.values.settings import Thresholds
    from posturecam.values.totals import Totals

_BREAKS = {
    events.BreakKind.BREAK: N_("back from a break of {lasted}"),
    events.BreakKind.MICRO: N_("back from a micro-break of {lasted}"),
}


def event_text(event: Event, at: datetime) -> str | None:  # noqa: C901, PLR0912 - one case an event
    """One plain line for `event` at the moment `at`; None for what happens all the time."""
    match event:
        case events.Calibrated():
            return _baseline_text(event)
        case events.StateChanged(to_state=PostureState.PAUSED, reasons=(UnknownReason.PAUSED,)):
            return None  # the pause itself was told
        case events.StateChanged():
            state = words.name_text(event.to_state)
            return words.because_text(state, event.reasons)
        case events.Controlled():
            return _controlled_text(event, at)
        case events.ControlRefused():
            what, why = words.name_text(event.what), words.refusal_text(event)
            return _("not {what}: {why}").format(what=what, why=why)
        case events.Alerted():
            kind, message = words.name_text(event.kind), notice_line(event)
            return _("ALERT ({kind}): {message}").format(kind=kind, message=message)
        case events.Warned():
            kind, message = words.name_text(event.kind), notice_line(event)
            return _("warning ({kind}): {message}").format(kind=kind, message=message)
        case events.StaleBaseline():
            return _("STALE: {message}").format(message=notice_line(event))
        case events.BaselineQuestioned() | events.ZeroOffered() | events.BreakNear():
            return notice_line(event)
        case events.Moved():
            lasted = format_duration(event.unchanged_s)
            return _("moved, after {lasted} in one position").format(lasted=lasted)
        case events.BreakTaken():
            text = _BREAKS[event.kind]
            return _(text).format(lasted=format_duration(event.lasted_s))
        case events.CameraChanged():
            status, detail = words.name_text(event.status), shown(event.detail)
            return _("camera {status}: {detail}").format(status=status, detail=detail)
        case events.AlertFollowed() | events.Summarised() | events.Sampled():
            return None
        case _:
            assert_never(event)


def _baseline_text(event: events.Calibrated) -> str:
    text = N_("baseline: profile {profile}, {view} view, {pictures}")
    if event.taken_now:
        text = N_("baseline: taken now, {view} view, {pictures}")
    elif event.replaces:
        text = N_("new baseline: profile {profile}, {view} view, {pictures}")
    elif event.stance is not None:
        text = N_("{stance} baseline: profile {profile}, {view} view, {pictures}")
    return _(text).format(
        stance="" if event.stance is None else words.name_text(event.stance),
        profile=repr(event.profile),
        view=words.name_text(event.view),
        pictures=words.count_text(event.samples, "picture"),
    )


def _controlled_text(event: events.Controlled, at: datetime) -> str | None:
    match event.what:
        case events.Control.RECALIBRATING:
            taken_in = words.RECALIBRATING_TEXT
            return _("sit comfortably upright. {taken_in}").format(taken_in=taken_in)
        case events.Control.REZEROING:
            return _("sit comfortably upright. {taken_in}").format(taken_in=words.rezeroing_text())
        case events.Control.WRONG:
            return words.LEARNED_IN_PART_TEXT if event.still_slouched else words.LEARNED_TEXT
        case events.Control.ACCEPTED | events.Control.DECLINED:
            return None  # what follows is told
        case events.Control.UNSNOOZED:
            return _("alerts are on again")
        case what if event.until is None:
            return words.name_text(what)
        case what:
            return words.until_text(words.name_text(what), event.until, at)


def totals_text(totals: Totals) -> str:
    """How the time was spent, in one line."""
    return _("watched {watched}: {spent}; {changes}, {alerts}").format(
        watched=format_duration(totals.watched_ms / 1000),
        spent=", ".join(spent_texts(totals)),
        changes=words.count_text(totals.moves, "position change"),
        alerts=words.count_text(totals.alerts, "alert"),
    )


def spent_texts(totals: Totals) -> list[str]:
    """How long in which state; pauses only where there were any."""
    spent = totals.shown_by_state.items()
    return [words.state_text(state, format_duration(ms / 1000)) for state, ms in spent]


def clock_text(at: datetime) -> str:
    """Local time of day."""
    return f"{at.astimezone():%H:%M:%S}"


def limits_text(
    deviations: Deviations, thresholds: Thresholds, reasons: Iterable[Reason] = ()
) -> str:
    """Every known deviation and its limit in one line; the reasons when none is known."""
    known = [
        words.limit_text(
            angle, getattr(deviations, f"{angle}_deg"), getattr(thresholds, f"{angle}_deg")
        )
        for angle in threshold_ratios(deviations, thresholds)
    ]
    return ", ".join(known) or words.reasons_text(reasons)


def upright_share_text(totals: Totals) -> str:
    """How much of the judged time was upright."""
    if not totals.judged_ms:
        return _("upright: nothing could be judged")
    share, judged = totals.upright_ms / totals.judged_ms, format_duration(totals.judged_ms / 1000)
    return _("upright {share} of {judged} judged").format(
        share=words.percent_text(share), judged=judged
    )
