"""Events as the objects that `watch --format jsonl` prints.

That format is a public interface, described in docs/programs.md: keys are added, never renamed,
unless `FORMAT` grows. Its words are English whatever language a person is shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from posturecam.base.language import ENGLISH
from posturecam.outputs.alert_words import Notice, notice_text
from posturecam.outputs.words import (
    ended_text,
    message_text,
    mismatch_text,
    reason_text,
    reasons_text,
    refusal_text,
)
from posturecam.values import events
from posturecam.values.events import Event, Record, rounded, utc_text
from posturecam.values.observation import ANGLES, Deviations

FORMAT = 1
"""Version of the records; stands in each as `v`."""


def deviation_record(deviations: Deviations) -> Record:
    """The five deviations and, under `*_sd`, their standard deviations; None where unknown."""
    values: Record = {
        f"{angle}_deg": rounded(getattr(deviations, f"{angle}_deg")) for angle in ANGLES
    }
    sds: Record = {
        f"{angle}_deg_sd": rounded(getattr(deviations, f"{angle}_sd_deg")) for angle in ANGLES
    }
    return values | sds


def as_record(event: Event, *, t_s: float, at: datetime) -> Record:
    """The public record of `event`: plain values under stable keys."""
    head: Record = {"v": FORMAT, "t_s": round(t_s, 3), "at": utc_text(at)}
    return head | _body(event)


def _body(event: Event) -> Record:  # noqa: C901, PLR0912 - one case an event
    match event:
        case events.Calibrated():
            return _calibrated(event)
        case events.StateChanged():
            states = {"from": event.from_state, "to": event.to_state}
            return {"type": "state", **states, "reasons": _reasons(event)}
        case events.Alerted():
            return {"type": "alert", "kind": event.kind, **_notice(event), **_lasted(event)}
        case events.Warned():
            message = message_text(event, ENGLISH)
            return {"type": "warning", "kind": event.kind, "message": message, **_lasted(event)}
        case events.AlertFollowed():
            after = {"after_s": rounded(event.after_s)}
            return {"type": "outcome", "kind": event.kind, "outcome": event.outcome, **after}
        case events.Controlled():
            until = None if event.until is None else utc_text(event.until)
            record: Record = {"type": "steer", "what": event.what, "until": until}
            if event.what is events.Control.WRONG:
                record["still_slouched"] = event.still_slouched
            return record
        case events.ControlRefused():
            return {"type": "refused", "what": event.what, "why": refusal_text(event, ENGLISH)}
        case events.Sampled():
            return _sampled(event)
        case events.StaleBaseline():
            difference = mismatch_text(event.mismatch, ENGLISH)
            return {"type": "stale", "difference": difference, **_notice(event)}
        case events.BaselineQuestioned():
            difference = reasons_text(event.reasons, ENGLISH)
            return {"type": "question", "difference": difference, **_notice(event)}
        case events.ZeroOffered():
            return {"type": "offer", **_notice(event)}
        case events.BreakNear():
            return {"type": "break_near", "in_s": rounded(event.in_s), **_notice(event)}
        case events.Moved():
            return {"type": "move", "unchanged_s": rounded(event.unchanged_s)}
        case events.BreakTaken():
            return {"type": "break", "kind": event.kind, **_lasted(event)}
        case events.CameraChanged():
            return {"type": "camera", "status": event.status, "detail": event.detail}
        case events.Summarised():
            return _summary(event)
        case _:
            assert_never(event)


def _calibrated(event: events.Calibrated) -> Record:
    return {
        "type": "calibrated",
        "profile": event.profile,
        "view": event.view,
        "samples": event.samples,
        "quality": rounded(event.quality, 2),
        "taken_now": event.taken_now,
        "taken_at": utc_text(event.taken_at),
        "angle_model": event.angle_model,
        "limits_deg": dict(zip(ANGLES, event.limits_deg, strict=True)),
        "stance": event.stance,
    }


def _sampled(event: events.Sampled) -> Record:
    return {
        "type": "sample",
        "state": event.state,
        "view": event.view,
        "reasons": _reasons(event),
        "slouch_probability": rounded(event.slouch_probability, 2),
    } | deviation_record(event.deviations)


def _summary(event: events.Summarised) -> Record:
    totals = event.totals
    return {
        "type": "summary",
        "ended_by": ended_text(event.ended_by, ENGLISH),
        "watched_s": rounded(totals.watched_ms / 1000),
        **{f"{state}_s": rounded(ms / 1000) for state, ms in totals.by_state.items()},
        "longest_unchanged_s": rounded(event.longest_unchanged_s),
        "moves": totals.moves,
        "alerts": totals.alerts,
    }


def _reasons(event: events.StateChanged | events.Sampled) -> list[str]:
    return [reason_text(reason, ENGLISH) for reason in event.reasons]


def _notice(event: Notice) -> Record:
    title, message = notice_text(event, ENGLISH, degrees=True)
    if isinstance(event, events.Alerted):  # as the log has it
        message = message_text(event, ENGLISH)
    return {"title": title, "message": message}


def _lasted(event: events.Alerted | events.Warned | events.BreakTaken) -> Record:
    return {"lasted_s": rounded(event.lasted_s)}
