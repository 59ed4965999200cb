"""The rows of the log as values: what was watched, and the journal. Times are UTC milliseconds.

Each is also the one description of its table: what a column is called, may hold and means follows
from a field here (`log.tables`), and with that how it is written, read, exported and imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from posturecam.values.answers import Answer, Location, Quality
from posturecam.values.events import AlertDetails, AlertKind, BreakKind, EndedBy, Outcome
from posturecam.values.observation import Cause, PostureState, Stance, View
from posturecam.values.stored_codes import read_causes, read_details, read_end

_LASTED = "milliseconds"
_VIEWS = "front, three-quarter or side"


@dataclass(frozen=True, slots=True)
class Means:
    """What a column of the log means, and what it can be.

    Attributes:
        text: what an export says of it.
        least: no number in it is smaller.
        most: none is greater; None for ten years of milliseconds, longer than any watch goes on.
        words: all that it may say, where the log itself would take anything.
        suffix: of its columns, where it has one for each angle.
        added: exports from before it was there lack it.
    """

    text: str
    least: float = 0
    most: float | None = None
    words: tuple[str, ...] = ()
    suffix: str | None = None
    added: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One run of `watch`; `ended_by` is None while it runs and after a kill."""

    id: int
    start_ms: Annotated[int, Means("beginning of a run of watch")]
    end_ms: Annotated[int, Means("its end, so far")]
    source: Annotated[str, Means("camera, file or address")]
    profile: Annotated[str, Means("name of the baseline")]
    view: Annotated[View | None, Means(_VIEWS)]
    model_sha256: Annotated[
        str, Means("the models of pose and shoulders that judged, a hash of both")
    ]
    program_version: Annotated[str, Means("the posturecam that judged")]
    ended_by: Annotated[str | None, Means("why it ended; empty while it runs and after a kill")]
    uid: str = ""

    @property
    def end(self) -> EndedBy | str | None:
        """The same; a text is what an error said."""
        return read_end(self.ended_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalRow:
    """A stretch in one state for the same reasons, without their degrees."""

    session_id: int
    start_ms: Annotated[int, Means("beginning of a stretch in one state")]
    end_ms: Annotated[int, Means("its end; what no interval covers was not watched")]
    state: Annotated[
        PostureState,
        Means(
            "upright, slouched, away, unknown or paused; a review counts unknown with the reason "
            "`nobody` as away where away follows at once in the session"
        ),
    ]
    reason: Annotated[str, Means("why, several separated by `; `; may be empty")]

    @property
    def reasons(self) -> tuple[Cause | str, ...]:
        """The reasons one by one; a text is what no posturecam wrote."""
        return read_causes(self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteRow:
    """The deviations over one minute of UTC, in the order of `ANGLES`, None where unknown."""

    session_id: int
    start_ms: Annotated[int, Means("beginning of a minute")]
    n: Annotated[int, Means("readings in it that have any angle")]
    mean_deg: Annotated[
        tuple[float | None, ...],
        Means("mean deviation from the baseline", suffix="mean", least=-360, most=360),
    ]
    sd_deg: Annotated[
        tuple[float | None, ...], Means("standard deviation of the readings", suffix="sd", most=360)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert that was given; what followed is None while that is open."""

    session_id: int
    at_ms: Annotated[int, Means("when it was given")]
    kind: Annotated[AlertKind, Means("slouch, unchanged or break")]
    message: Annotated[str, Means("what was said")]
    lasted_ms: Annotated[int, Means(f"how long its cause had gone on, {_LASTED}")]
    outcome: Annotated[
        Outcome | None,
        Means("what followed: corrected, moved, left, ignored, snoozed; wrong: it was no slouch"),
    ] = None
    outcome_after_ms: Annotated[int | None, Means(f"how long after the alert, {_LASTED}")] = None

    @property
    def details(self) -> AlertDetails | str:
        """What was said; a text where no posturecam wrote it."""
        return read_details(self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """A change of position that was kept."""

    session_id: int
    at_ms: Annotated[int, Means("when a new position had been kept long enough to count")]
    unchanged_ms: Annotated[int, Means(f"how long the one before was kept, {_LASTED}")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakRow:
    """The return from a break that was long enough."""

    session_id: int
    at_ms: Annotated[int, Means("return from a break")]
    lasted_ms: Annotated[int, Means(f"its length, {_LASTED}")]
    kind: Annotated[BreakKind, Means("break or micro")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRow:
    """A baseline that came into use, and what judged by it from then on."""

    session_id: int
    at_ms: Annotated[int, Means("when a baseline came into use")]
    profile: Annotated[str, Means("its name")]
    view: Annotated[View, Means(_VIEWS)]
    samples: Annotated[int, Means("pictures that it was taken from")]
    quality: Annotated[float, Means("of the baseline, 0 to 1", most=1)]
    taken_at_ms: Annotated[int, Means("when it was taken")]
    angle_model: Annotated[str, Means("version of the angle model that judged")]
    limits_deg: Annotated[tuple[float, ...], Means("threshold in force", suffix="limit", most=360)]
    stance: Annotated[
        Stance | None,
        Means("sitting or standing, where the profile has a baseline of each", added=True),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PainEntry:
    """One entry of the pain journal."""

    at_ms: Annotated[int, Means("when the entry is for")]
    level: Annotated[int, Means("0 (none) to 10")]
    location: Annotated[Location | None, Means("neck, upper, mid or low")] = None
    quality: Annotated[Quality | None, Means("dull, sharp, tingling, burning or tension")] = None
    note: Annotated[str | None, Means("in the user's own words")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidedBreak:
    """One guided break; `got_up` is None where nobody looked."""

    at_ms: Annotated[int, Means("beginning of a guided micro-break")]
    lasted_ms: Annotated[int, Means(f"its length, {_LASTED}")]
    names: Annotated[tuple[str, ...], Means("the moves that were done, separated by commas")]
    got_up: Annotated[bool | None, Means("1 if the camera saw the person move, 0 if not")] = None

    @property
    def end_ms(self) -> int:
        """When it ended."""
        return self.at_ms + self.lasted_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """An answer as it was given; later ones do not replace it, they follow it."""

    at_ms: Annotated[int, Means("when a question was answered")]
    question: Annotated[str, Means("which one")]
    answer: Annotated[Answer, Means("what was answered", words=tuple(Answer))]


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
