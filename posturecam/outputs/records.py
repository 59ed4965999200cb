"""Events as the objects that `watch --format jsonl` prints.

That format is a public interface, described in README.md: keys are added, never renamed, unless
`FORMAT` grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.outputs.words import (
    ended_text,
    message_text,
    mismatch_text,
    notice_text,
    reason_text,
    reasons_text,
    refusal_text,
)
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    BaselineQuestioned,
    BreakTaken,
    Calibrated,
    CameraChanged,
    Event,
    Moved,
    Record,
    Sampled,
    StaleBaseline,
    StateChanged,
    Steered,
    SteeringRefused,
    Summarised,
    Warned,
    rounded,
    utc_text,
)
from posturecam.values.observation import ANGLES

if TYPE_CHECKING:
    from datetime import datetime

    from posturecam.values.observation import Deviations

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
        case Calibrated():
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
            }
        case StateChanged():
            return {
                "type": "state",
                "from": event.from_state,
                "to": event.to_state,
                "reasons": [reason_text(reason) for reason in event.reasons],
            }
        case Alerted():
            title, message = notice_text(event)
            return {
                "type": "alert",
                "kind": event.kind,
                "title": title,
                "message": message,
                "lasted_s": rounded(event.lasted_s),
            }
        case Warned():
            return {
                "type": "warning",
                "kind": event.kind,
                "message": message_text(event),
                "lasted_s": rounded(event.lasted_s),
            }
        case AlertFollowed():
            return {
                "type": "outcome",
                "kind": event.kind,
                "outcome": event.outcome,
                "after_s": rounded(event.after_s),
            }
        case Steered():
            until = None if event.until is None else utc_text(event.until)
            return {"type": "steer", "what": event.what, "until": until}
        case SteeringRefused():
            return {"type": "refused", "what": event.what, "why": refusal_text(event)}
        case Sampled():
            return {
                "type": "sample",
                "state": event.state,
                "view": event.view,
                "reasons": [reason_text(reason) for reason in event.reasons],
                "slouch_probability": rounded(event.slouch_probability, 2),
            } | deviation_record(event.deviations)
        case StaleBaseline():
            title, message = notice_text(event)
            return {
                "type": "stale",
                "difference": mismatch_text(event.mismatch),
                "title": title,
                "message": message,
            }
        case BaselineQuestioned():
            title, message = notice_text(event)
            return {
                "type": "question",
                "difference": reasons_text(event.reasons),
                "title": title,
                "message": message,
            }
        case Moved():
            return {"type": "move", "unchanged_s": rounded(event.unchanged_s)}
        case BreakTaken():
            return {"type": "break", "kind": event.kind, "lasted_s": rounded(event.lasted_s)}
        case CameraChanged():
            return {"type": "camera", "status": event.status, "detail": event.detail}
        case Summarised():
            totals = event.totals
            return {
                "type": "summary",
                "ended_by": ended_text(event.ended_by),
                "watched_s": rounded(totals.watched_ms / 1000),
                **{f"{state}_s": rounded(ms / 1000) for state, ms in totals.by_state.items()},
                "longest_unchanged_s": rounded(event.longest_unchanged_s),
                "moves": totals.moves,
                "alerts": totals.alerts,
            }
