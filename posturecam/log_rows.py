"""The rows of the log: what `store` keeps and `review` reads. Times are UTC milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posturecam.events import AlertKind, BreakKind, Outcome
    from posturecam.observation import PostureState, View

REASON_SEPARATOR = "; "


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One run of `watch`; `ended_by` is None while it runs and after a kill."""

    id: int
    start_ms: int
    end_ms: int
    source: str
    profile: str
    view: View | None
    model_sha256: str
    program_version: str
    ended_by: str | None
    uid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalRow:
    """A stretch in one state for the same reasons, without their degrees."""

    session_id: int
    start_ms: int
    end_ms: int
    state: PostureState
    reason: str

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons one by one."""
        return tuple(self.reason.split(REASON_SEPARATOR)) if self.reason else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteRow:
    """The deviations over one minute of UTC, in the order of `ANGLES`.

    Attributes:
        n: readings that could tell any angle.
        mean_deg: five means in degrees, None where an angle could not be told.
        sd_deg: five standard deviations of the readings, in degrees.
    """

    session_id: int
    start_ms: int
    n: int
    mean_deg: tuple[float | None, ...]
    sd_deg: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert that was given; `lasted_ms` is how long its cause had gone on.

    `outcome` is what followed, `outcome_after_ms` later; both are None while that is open.
    """

    session_id: int
    at_ms: int
    kind: AlertKind
    message: str
    lasted_ms: int
    outcome: Outcome | None = None
    outcome_after_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """A change of position that was kept, and how long the one before had lasted."""

    session_id: int
    at_ms: int
    unchanged_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakRow:
    """The return from a break that was long enough."""

    session_id: int
    at_ms: int
    lasted_ms: int
    kind: BreakKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRow:
    """A baseline that came into use, and what judged by it from then on.

    Attributes:
        quality: 0 to 1.
        taken_at_ms: when the baseline was taken.
        angle_model: version of the angle model.
        limits_deg: the five thresholds in force, in the order of `ANGLES`.
    """

    session_id: int
    at_ms: int
    profile: str
    view: View
    samples: int
    quality: float
    taken_at_ms: int
    angle_model: str
    limits_deg: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseRow:
    """A guided micro-break; `got_up` is None where no camera looked."""

    at_ms: int
    lasted_ms: int
    names: str
    got_up: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PainRow:
    """An entry of the pain journal; `level` is 0 to 10."""

    uid: str
    at_ms: int
    level: int
    location: str | None
    quality: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRows:
    """All rows that overlap a span of time, oldest first and not clipped to it."""

    sessions: tuple[SessionRow, ...] = ()
    intervals: tuple[IntervalRow, ...] = ()
    minutes: tuple[MinuteRow, ...] = ()
    alerts: tuple[AlertRow, ...] = ()
    moves: tuple[MoveRow, ...] = ()
    breaks: tuple[BreakRow, ...] = ()
    calibrations: tuple[CalibrationRow, ...] = ()
    exercises: tuple[ExerciseRow, ...] = ()
    pain: tuple[PainRow, ...] = ()
