"""What a watch reports: to the terminal, to the desktop and to the log.

`as_record` turns an event into the object that `watch --format jsonl` prints. That format is a
public interface, described in README.md: keys are added, never renamed, unless `FORMAT` grows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from posturecam.values.observation import ANGLES
from posturecam.values.totals import Totals

if TYPE_CHECKING:
    from posturecam.values.observation import Deviations, PostureState, Reading, TakeProgress, View

FORMAT = 1
"""Version of the records; stands in each as `v`."""

Record = dict[str, object]


class AlertKind(StrEnum):
    """What an alert is about."""

    SLOUCH = "slouch"
    UNCHANGED = "unchanged"
    BREAK = "break"


class Outcome(StrEnum):
    """What followed an alert."""

    CORRECTED = "corrected"
    MOVED = "moved"
    LEFT = "left"
    IGNORED = "ignored"
    SNOOZED = "snoozed"


CHANGES = (Outcome.CORRECTED, Outcome.MOVED, Outcome.LEFT)
"""What may follow an alert and is a change of posture, position or place."""


class BreakKind(StrEnum):
    """How long somebody was away from the desk."""

    BREAK = "break"
    MICRO = "micro"


class CameraStatus(StrEnum):
    """Whether pictures arrive."""

    OPEN = "open"
    WAITING = "waiting"
    LOST = "lost"
    BACK = "back"
    RELEASED = "released"
    CLOSED = "closed"


class Steering(StrEnum):
    """What a user made of a running watch."""

    PAUSED = "paused"
    RESUMED = "resumed"
    SNOOZED = "snoozed"
    UNSNOOZED = "unsnoozed"
    RECALIBRATING = "recalibrating"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    STOPPING = "stopping"
    EXERCISED = "exercised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """A baseline came into use.

    Attributes:
        profile: its name.
        view: from where the camera sees the sitter.
        samples: pictures that it was taken from.
        quality: 0 to 1.
        taken_now: in this watch.
        replaces: another one that was in use in this watch.
        taken_at: when it was taken, aware.
        angle_model: version of the angle model that compares with it.
        limits_deg: the five thresholds in force, in the order of `ANGLES`.
    """

    profile: str
    view: View
    samples: int
    quality: float
    taken_now: bool
    taken_at: datetime
    angle_model: str
    limits_deg: tuple[float, ...]
    replaces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged:
    """The posture state is another one from now on."""

    from_state: PostureState
    to_state: PostureState
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """The sitter is to be alerted."""

    kind: AlertKind
    title: str
    message: str
    lasted_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """An alert would be due, but the sitter has only just sat down; for the terminal alone."""

    kind: AlertKind
    message: str
    lasted_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFollowed:
    """What an alert led to; once for each, unless nobody could see what followed.

    Attributes:
        kind: what the alert was about.
        outcome: what followed.
        after_s: how long after the alert that began.
    """

    kind: AlertKind
    outcome: Outcome
    after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """The user steered the watch; `until` (aware) is set where that ends by itself."""

    what: Steering
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SteeringRefused:
    """What the user asked for could not be done; `why` says it and what to do."""

    what: Steering
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """The deviations at this moment; once a second at most."""

    state: PostureState
    view: View
    reasons: tuple[str, ...]
    deviations: Deviations
    slouch_probability: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleBaseline:
    """The picture as a whole has not fitted the baseline for long; once a watch."""

    difference: str
    title: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineQuestioned:
    """A new baseline is unlike the one in use, and waits for the sitter to say that it is right."""

    difference: str
    title: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The sitter changed position and kept the new one."""

    unchanged_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakTaken:
    """The sitter came back from a break that was long enough."""

    lasted_s: float
    kind: BreakKind = BreakKind.BREAK


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraChanged:
    """Pictures started or stopped arriving."""

    status: CameraStatus
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summarised:
    """The watch ended; `longest_unchanged_s` is the longest that a position was kept."""

    totals: Totals
    ended_by: str
    longest_unchanged_s: float = 0.0


Event = (
    Calibrated
    | StateChanged
    | Alerted
    | Warned
    | AlertFollowed
    | Steered
    | SteeringRefused
    | Sampled
    | StaleBaseline
    | BaselineQuestioned
    | Moved
    | BreakTaken
    | CameraChanged
    | Summarised
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One turn of the loop: one now for every sink.

    Attributes:
        t_s: seconds since the watch began.
        at: the same moment in UTC.
        reading: the judgement, once there is a baseline.
        events: what happened, in order.
        totals: how the time was spent so far.
        unchanged_s: how long the position has been kept.
        sitting_s: how long the sitter has been there without a break.
        quiet: why alerts are held back now (`snoozed`, `quiet hours`, `in a call`, ...); None
            while they are not.
        guarded: the network guard holds.
        taking: where the taking of a baseline stands; None while none is taken.
    """

    t_s: float
    at: datetime
    reading: Reading | None
    events: tuple[Event, ...] = ()
    totals: Totals = field(default_factory=Totals)
    unchanged_s: float = 0.0
    sitting_s: float = 0.0
    quiet: str | None = None
    guarded: bool = False
    taking: TakeProgress | None = None


def utc_text(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and a `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rounded(value: float, digits: int = 1) -> float | None:
    """`value` for a record: rounded, and None where it is unknown."""
    # The sum makes 0.0 of -0.0.
    return round(value, digits) + 0.0 if math.isfinite(value) else None


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
                "reasons": list(event.reasons),
            }
        case Alerted():
            return {
                "type": "alert",
                "kind": event.kind,
                "title": event.title,
                "message": event.message,
                "lasted_s": rounded(event.lasted_s),
            }
        case Warned():
            return {
                "type": "warning",
                "kind": event.kind,
                "message": event.message,
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
            return {"type": "refused", "what": event.what, "why": event.why}
        case Sampled():
            return {
                "type": "sample",
                "state": event.state,
                "view": event.view,
                "reasons": list(event.reasons),
                "slouch_probability": rounded(event.slouch_probability, 2),
            } | deviation_record(event.deviations)
        case StaleBaseline():
            return {
                "type": "stale",
                "difference": event.difference,
                "title": event.title,
                "message": event.message,
            }
        case BaselineQuestioned():
            return {
                "type": "question",
                "difference": event.difference,
                "title": event.title,
                "message": event.message,
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
                "ended_by": event.ended_by,
                "watched_s": rounded(totals.watched_ms / 1000),
                **{f"{state}_s": rounded(ms / 1000) for state, ms in totals.by_state.items()},
                "longest_unchanged_s": rounded(event.longest_unchanged_s),
                "moves": totals.moves,
                "alerts": totals.alerts,
            }
