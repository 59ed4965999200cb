"""What a watch reports: to the terminal, to the desktop and to the log.

Events say what happened as values; `outputs` turns them into words and records.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from posturecam.values.totals import Totals

if TYPE_CHECKING:
    from posturecam.values.observation import (
        BaselineMismatch,
        Deviations,
        PostureState,
        Reading,
        Reason,
        Stance,
        TakeProgress,
        UnknownReason,
        View,
    )
    from posturecam.values.reasons import QuietReason, SlouchReason

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
    WRONG = "wrong"


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


class Control(StrEnum):
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
    WRONG = "wrong"
    REZEROING = "rezeroing"
    REZEROED = "rezeroed"
    RELOADING = "reloading"


class Refusal(StrEnum):
    """Why what the user asked for about baseline or verdict is not in use, or not kept."""

    UNANSWERED = "unanswered"
    NOT_UPRIGHT = "not_upright"
    UNUSABLE = "unusable"
    NOT_SAVED = "not_saved"
    NO_SLOUCH_LATELY = "no_slouch_lately"
    LEARNED_ALREADY = "learned_already"
    NO_ZERO = "no_zero"
    UNLIKE = "unlike"
    ELSEWHERE = "elsewhere"
    TAKING = "taking"
    RESTING = "resting"


class EndedBy(StrEnum):
    """What ended a session, where no error did."""

    END_OF_SOURCE = "end_of_source"
    TIME_IS_UP = "time_is_up"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    CLOCK_CHANGED = "clock_changed"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDetails:
    """What an alert says besides what it is about and for how long.

    Attributes:
        reasons: what was seen, for a slouch.
        turn: rotates the easy thing to do.
        suppressed_by: why nothing was said while it went on, for an alert that comes after.
    """

    reasons: tuple[SlouchReason, ...] = ()
    turn: int = 0
    suppressed_by: QuietReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """A baseline came into use.

    Attributes:
        view: from where the camera sees the sitter.
        samples: pictures that it was taken from.
        quality: 0 to 1.
        replaces: another one that was in use in this watch.
        taken_at: when it was taken, aware.
        angle_model: version of the angle model that compares with it.
        limits_deg: the five thresholds in force, in the order of `ANGLES`.
        stance: how the sitter is in it, where the profile has a baseline of each.
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
    stance: Stance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged:
    """The posture state is another one from now on."""

    from_state: PostureState
    to_state: PostureState
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """The sitter is to be alerted."""

    kind: AlertKind
    lasted_s: float
    details: AlertDetails = AlertDetails()


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """An alert would be due, but the sitter has only just sat down; for the terminal alone."""

    kind: AlertKind
    lasted_s: float
    details: AlertDetails = AlertDetails()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFollowed:
    """What an alert led to; once for each, unless nobody could see what followed.

    That it was wrong may be said after something else of it was.

    Attributes:
        after_s: how long after the alert that began.
    """

    kind: AlertKind
    outcome: Outcome
    after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Controlled:
    """The user controlled the watch.

    Attributes:
        until: aware, where that ends by itself.
        still_slouched: the pose that was wrongly called a slouch is learned, and too clear a slouch
            not to be one.
    """

    what: Control
    until: datetime | None = None
    still_slouched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRefused:
    """What the user asked for could not be done; `error` is what went wrong, where it did."""

    what: Control
    why: Refusal
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """The deviations at this moment; once a second at most."""

    state: PostureState
    view: View
    reasons: tuple[Reason, ...]
    deviations: Deviations
    slouch_probability: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleBaseline:
    """The picture as a whole has not fitted the baseline for long; once a watch."""

    mismatch: BaselineMismatch
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineQuestioned:
    """A new baseline is unlike the one in use, and waits for the sitter to say that it is right."""

    reasons: tuple[SlouchReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroOffered:
    """The sitter is back for the day, or after long: five upright seconds would set its zero."""


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
class BreakNear:
    """A break will be alerted of in a moment if the sitter stays."""

    in_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraChanged:
    """Pictures started or stopped arriving."""

    status: CameraStatus
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summarised:
    """The watch ended; `longest_unchanged_s` is the longest that a position was kept.

    `ended_by` is what the error said where one ended it.
    """

    totals: Totals
    ended_by: EndedBy | str
    longest_unchanged_s: float = 0.0


Event = (
    Calibrated
    | StateChanged
    | Alerted
    | Warned
    | AlertFollowed
    | Controlled
    | ControlRefused
    | Sampled
    | StaleBaseline
    | BaselineQuestioned
    | ZeroOffered
    | Moved
    | BreakNear
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
        quiet: why alerts are suppressed now; None while they are not.
        guarded: the network guard holds.
        taking: where the taking of a baseline stands; None while none is taken.
        resting: why nothing is watched though it could be; None while it is, or cannot be.
    """

    t_s: float
    at: datetime
    reading: Reading | None
    events: tuple[Event, ...] = ()
    totals: Totals = field(default_factory=Totals)
    unchanged_s: float = 0.0
    sitting_s: float = 0.0
    quiet: QuietReason | None = None
    guarded: bool = False
    taking: TakeProgress | None = None
    resting: UnknownReason | None = None


def utc_text(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and a `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rounded(value: float, digits: int = 1) -> float | None:
    """`value` for a record: rounded, and None where it is unknown."""
    # The sum makes 0.0 of -0.0.
    return round(value, digits) + 0.0 if math.isfinite(value) else None
