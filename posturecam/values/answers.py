"""What somebody can say to a question, and of a pain: light enough for the command line to load."""

from __future__ import annotations

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
