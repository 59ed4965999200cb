"""The rows of the log as values: what was watched, and the journal. Times are UTC milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from posturecam.values.events import AlertKind, BreakKind, Outcome
    from posturecam.values.observation import PostureState, View

REASON_SEPARATOR = "; "
_NAME_SEPARATOR = ","


def split_reasons(reason: str | None) -> tuple[str, ...]:
    """The reasons that a column of the log holds, one by one."""
    return tuple(reason.split(REASON_SEPARATOR)) if reason else ()


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
        return split_reasons(self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteRow:
    """The deviations over one minute of UTC, in the order of `ANGLES`.

    Attributes:
        n: readings that have any angle.
        mean_deg: five means in degrees, None where an angle is unknown.
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


class Answer(StrEnum):
    """What somebody said to a question; skipping it is an answer too."""

    YES = "yes"
    NO = "no"
    SKIP = "skip"


class Location(StrEnum):
    """Where it hurts."""

    NECK = "neck"
    UPPER = "upper"
    MID = "mid"
    LOW = "low"


class Quality(StrEnum):
    """How it hurts."""

    DULL = "dull"
    SHARP = "sharp"
    TINGLING = "tingling"
    BURNING = "burning"
    TENSION = "tension"


@dataclass(frozen=True, slots=True, kw_only=True)
class PainEntry:
    """One entry of the pain journal; `level` is 0 (none) to 10."""

    at_ms: int
    level: int
    location: Location | None = None
    quality: Quality | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidedBreak:
    """One guided break.

    Attributes:
        at_ms: when it began.
        lasted_ms: until the last of its moves ended.
        names: the moves that were done, in order.
        got_up: whether the camera saw the person leave their place; None where nobody looked.
    """

    at_ms: int
    lasted_ms: int
    names: tuple[str, ...]
    got_up: bool | None = None

    @property
    def end_ms(self) -> int:
        """When it ended."""
        return self.at_ms + self.lasted_ms

    @property
    def stored_names(self) -> str:
        """The moves as the log has them."""
        return _NAME_SEPARATOR.join(self.names)

    @classmethod
    def from_stored(cls, at_ms: int, lasted_ms: int, names: str, got_up: int | None) -> Self:
        """The break that the columns of the log hold."""
        return cls(
            at_ms=at_ms,
            lasted_ms=lasted_ms,
            names=tuple(names.split(_NAME_SEPARATOR)),
            got_up=None if got_up is None else bool(got_up),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """An answer as it was given; later ones do not replace it, they follow it."""

    at_ms: int
    question: str
    answer: Answer


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
    exercises: tuple[GuidedBreak, ...] = ()
