"""Durations as people write them: `90`, `90s`, `20m`, `20 minutes`, `1h30m`."""

from __future__ import annotations

import math
import re

from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence

_NUMBER = r"(\d+(?:\.\d+)?)"
_PATTERN = re.compile(
    rf"(?:{_NUMBER} ?(?:h|hours?))? ?"
    rf"(?:{_NUMBER} ?(?:m|min|minutes?))? ?"
    rf"(?:{_NUMBER}(?: ?(?:s|seconds?))?)?",
    re.ASCII,
)
LONGEST_S = 7 * 24 * 3600.0
SECONDS_BELOW_S = 119.5
"""Shorter durations are read in seconds."""


def parse_duration_s(text: str) -> float:
    """The duration in seconds, above zero and at most a week. Raises `UsageError`."""
    match = _PATTERN.fullmatch(text.strip().lower())
    hours, minutes, seconds = match.groups(default="0") if match else ("0", "0", "0")
    total_s = float(hours) * 3600 + float(minutes) * 60 + float(seconds)
    if not 0 < total_s <= LONGEST_S:
        raise UsageError(
            Sentence("{text!r} is not a duration.", text=text),
            Sentence(
                "Write it like 90, 90s, 20m or 1h30m: more than nothing and at most a week (168h)."
            ),
        )
    return total_s


def format_duration(seconds: float) -> str:
    """A short reading of a duration: `90 s`, `3 min`, `2 h 05 min`."""
    if not math.isfinite(seconds):
        return "-"
    if seconds < SECONDS_BELOW_S:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def written_duration(seconds: float) -> str:
    """A duration above zero as `parse_duration_s` reads it: `90s`, `20m`, `1h30m`."""
    whole_minutes, rest_s = divmod(seconds, 60)
    if rest_s:
        from decimal import Decimal

        return f"{Decimal(repr(seconds)).normalize():f}s"  # every digit, and no exponent
    hours, minutes = divmod(int(whole_minutes), 60)
    return f"{hours}h" * (hours > 0) + f"{minutes}m" * (minutes > 0)
