"""What the journal holds: pain, guided breaks and answers. Times are UTC milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """An answer as it was given; later ones do not replace it, they follow it."""

    at_ms: int
    question: str
    answer: Answer
