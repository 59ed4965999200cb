"""A reviewed day as text, JSON or CSV. Pure: values in, strings out.

Words: what was seen is "different from your baseline"; "slouched" is the name of a state. No
score, no blame, no praise of sitting still; what is unknown is shown as unknown.
"""

from __future__ import annotations

import csv
import io
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posturecam.durations import format_duration
from posturecam.messages import count_text
from posturecam.observation import PostureState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from posturecam.review import DayReview, Episode, HourReview, Split

FORMAT = 1
"""Version of the JSON and CSV; keys and columns are added, never renamed, unless it grows."""

NARROWEST = 50
"""Room for the legend and the figures; a narrower screen folds the lines itself."""
WIDEST = 100
"""Lines longer than this are hard to read."""
EPISODES_SHOWN = 8
HOUR_MS = 3_600_000

CSV_COLUMNS = (
    "hour",
    "upright_s",
    "slouched_s",
    "away_s",
    "unknown_s",
    "position_changes",
    "alerts",
)

# The glyphs alone tell the states apart; colours are a help. None of them means good or bad.
_GLYPHS = {
    PostureState.UPRIGHT: "█",
    PostureState.SLOUCHED: "▒",
    PostureState.AWAY: "·",
    PostureState.UNKNOWN: "?",
}
_STYLES = {
    PostureState.UPRIGHT: "cyan",
    PostureState.SLOUCHED: "yellow",
    PostureState.AWAY: "dim",
    PostureState.UNKNOWN: "dim",
}
_HEADING = "bold"
_HELD = "\N{NO-BREAK SPACE}"
"""Keeps a figure and its unit on one line; shown as a plain space."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some text of a line, and how it is shown where there are colours."""

    text: str
    style: str = ""


_Line = list[_Piece]


def review_text(review: DayReview, width: int) -> str:
    """The day on one screen: plain lines of at most `width` columns, `NARROWEST` at least."""
    lines = ("".join(piece.text for piece in line).rstrip() for line in _lines(review, width))
    return "\n".join(lines).replace(_HELD, " ")


def review_rich(review: DayReview, width: int) -> Text:
    """The same as `review_text`, with colours."""
    from rich.text import Text

    text = Text()
    for line in _lines(review, width):
        for piece in line:
            text.append(piece.text.replace(_HELD, " "), piece.style)
    text.rstrip()  # whoever prints it ends the last line
    return text


def review_json(review: DayReview) -> dict[str, object]:
    """The day as plain values; times are local ISO 8601 with their offset, durations seconds."""
    return {
        "v": FORMAT,
        "day": review.day.isoformat(),
        "watched_s": review.split.watched_ms / 1000,
        **_seconds(review.split),
        "sessions": [
            {
                "start": _iso(review, session.start_ms),
                "end": _iso(review, session.end_ms),
                "source": session.source,
                "profile": session.profile,
                "ended_by": session.ended_by,
            }
            for session in review.sessions
        ],
        "hours": [
            {
                "hour": _iso(review, hour.start_ms),
                **_seconds(hour.split),
                "position_changes": hour.moves,
                "alerts": hour.alerts,
            }
            for hour in review.hours
        ],
        "episodes": [
            {
                "start": _iso(review, episode.start_ms),
                "end": _iso(review, episode.end_ms),
                "slouched_s": episode.slouched_ms / 1000,
                "reasons": list(episode.reasons),
            }
            for episode in review.episodes
        ],
        "longest_unchanged": _longest_unchanged_json(review),
        "position_changes": review.moves,
        "position_changes_per_hour": (
            None if review.moves_per_hour is None else round(review.moves_per_hour, 2)
        ),
        "alerts": [
            {
                "at": _iso(review, alert.at_ms),
                "kind": alert.kind.value,
                "message": alert.message,
                "lasted_s": alert.lasted_ms / 1000,
            }
            for alert in review.alerts
        ],
        "breaks": [
            {"end": _iso(review, row.at_ms), "lasted_s": row.lasted_ms / 1000}
            for row in review.breaks
        ],
    }


def review_csv(review: DayReview) -> str:
    """One row for each hour with any watching, under `CSV_COLUMNS`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for hour in review.hours:
        counts = {"position_changes": hour.moves, "alerts": hour.alerts}
        writer.writerow({"hour": _iso(review, hour.start_ms), **_seconds(hour.split), **counts})
    return text.getvalue()


def _lines(review: DayReview, width: int) -> Iterator[_Line]:
    width = min(max(width, NARROWEST), WIDEST)
    yield _whole(f"{review.day:%A} {review.day.day} {review.day:%B %Y}", _HEADING)
    yield _whole("")
    if not review.split.watched_ms:
        yield from _wrapped(_NOTHING_YET, width)
        return
    yield from _wrapped(_headline(review), width)
    yield _whole("")
    for state, spent_ms in _by_state(review.split).items():
        yield _bar_line(state, spent_ms, review.split.watched_ms, width)
    yield _whole("")
    yield _whole("Hour by hour; a full row is 60 minutes", _HEADING)
    for hour in review.hours:
        yield _hour_line(review, hour, width)
    yield _legend()
    yield _whole("")
    yield from _episode_lines(review, width)
    yield from _fact_lines(review, width)


_NOTHING_YET = (
    "Nothing was watched on this day. `posturecam watch` starts a watch; what it sees stays on "
    "this machine."
)


def _headline(review: DayReview) -> str:
    split = review.split
    begin, end = review.sessions[0].start_ms, max(span.end_ms for span in review.sessions)
    watched = (
        f"Watched for {_duration(split.watched_ms)} between {_clock(review, begin)} and "
        f"{_clock(review, end)}."
    )
    if not split.judged_ms:
        return f"{watched} There was no time in which your posture could be judged."
    share = _percent(split.slouched_ms, split.judged_ms)
    judged = _duration(split.judged_ms)
    rate = review.moves_per_hour
    moved = "" if rate is None else f" You changed position about {_times(rate)} an hour."
    return (
        f"{watched} Of the {judged} that could be judged, your posture was "
        f"different from your baseline for {share}.{moved}"
    )


def _bar_line(state: PostureState, spent_ms: int, watched_ms: int, width: int) -> _Line:
    figures = f"{_duration(spent_ms):>11}  {_percent(spent_ms, watched_ms):>5}"
    room = width - 12 - len(figures) - 2
    bar = _GLYPHS[state] * round(room * spent_ms / watched_ms)
    return [
        _Piece(f"  {state.value:8}  "),
        _Piece(f"{bar:{room}}", _STYLES[state]),
        _Piece(f"  {figures}\n"),
    ]


def _hour_line(review: DayReview, hour: HourReview, width: int) -> _Line:
    """An hour as a bar of which the full width is 60 minutes."""
    alerts = count_text(hour.alerts, "alert") if hour.alerts else ""
    notes = f"{count_text(hour.moves, 'change'):>10}  {alerts:>8}"
    room = width - 9 - len(notes) - 2
    pieces = [_Piece(f"  {_clock(review, hour.start_ms)}  ")]
    filled = spent_ms = 0
    for state, state_ms in _by_state(hour.split).items():
        # Rounding the running sum keeps the bar as long as the watched part of the hour.
        spent_ms += state_ms
        cells = round(room * min(spent_ms / HOUR_MS, 1)) - filled
        filled += cells
        pieces.append(_Piece(_GLYPHS[state] * cells, _STYLES[state]))
    return [*pieces, _Piece(" " * (room - filled) + f"  {notes}\n")]


def _legend() -> _Line:
    pieces = [_Piece(" " * 9)]
    for state, glyph in _GLYPHS.items():
        pieces += [_Piece(glyph, _STYLES[state]), _Piece(f" {state.value}  ", "dim")]
    return [*pieces, _Piece("\n")]


def _episode_lines(review: DayReview, width: int) -> Iterator[_Line]:
    longest = sorted(review.episodes, key=lambda episode: -episode.slouched_ms)[:EPISODES_SHOWN]
    if not longest:
        return
    yield _whole("Slouched: when, for how long, what was seen", _HEADING)
    for episode in sorted(longest, key=lambda episode: episode.start_ms):
        yield from _episode(review, episode, width)
    if rest := len(review.episodes) - len(longest):
        yield _whole(f"  and {rest} shorter")
    yield _whole("")


def _episode(review: DayReview, episode: Episode, width: int) -> Iterator[_Line]:
    span = _span(review, episode.start_ms, episode.end_ms)
    head = f"  {span}  {_duration(episode.slouched_ms):>10}  "
    yield from _wrapped(head + ", ".join(episode.reasons), width, indent=len(head))


def _fact_lines(review: DayReview, width: int) -> Iterator[_Line]:
    longest = review.longest_unchanged
    facts = []
    if longest is not None:
        span = _span(review, longest.start_ms, longest.end_ms)
        facts.append(("Longest without a change", f"{_duration(longest.known_ms)}, {span}"))
    facts.append(("Changes of position", str(review.moves)))
    breaks = [
        f"{_duration(row.lasted_ms)} until {_clock(review, row.at_ms)}" for row in review.breaks
    ]
    facts.append(("Breaks", ", ".join(breaks) or "none seen"))
    facts.append(("Alerts", _alerts(review)))
    for name, value in facts:
        yield from _wrapped(f"{name:26}{value}", width, indent=26)


def _alerts(review: DayReview) -> str:
    times: dict[str, list[str]] = {}
    for alert in review.alerts:
        times.setdefault(alert.kind.value, []).append(_clock(review, alert.at_ms))
    return "; ".join(f"{kind} at {', '.join(at)}" for kind, at in times.items()) or "none"


def _by_state(split: Split) -> dict[PostureState, int]:
    return {
        PostureState.UPRIGHT: split.upright_ms,
        PostureState.SLOUCHED: split.slouched_ms,
        PostureState.AWAY: split.away_ms,
        PostureState.UNKNOWN: split.unknown_ms,
    }


def _seconds(split: Split) -> dict[str, float]:
    return {f"{state.value}_s": ms / 1000 for state, ms in _by_state(split).items()}


def _longest_unchanged_json(review: DayReview) -> dict[str, object] | None:
    longest = review.longest_unchanged
    if longest is None:
        return None
    return {
        "start": _iso(review, longest.start_ms),
        "end": _iso(review, longest.end_ms),
        "known_s": longest.known_ms / 1000,
    }


def _iso(review: DayReview, at_ms: int) -> str:
    return review.local(at_ms).isoformat(timespec="milliseconds")


def _clock(review: DayReview, at_ms: int) -> str:
    return f"{review.local(at_ms):%H:%M}"


def _span(review: DayReview, start_ms: int, end_ms: int) -> str:
    return f"{_clock(review, start_ms)} to {_clock(review, end_ms)}"


def _duration(ms: int) -> str:
    return format_duration(ms / 1000).replace(" ", _HELD)


def _percent(part_ms: int, whole_ms: int) -> str:
    percent = 100 * part_ms / whole_ms
    return f"<1{_HELD}%" if 0 < percent < 0.5 else f"{percent:.0f}{_HELD}%"


def _times(rate: float) -> str:
    match round(rate):
        case 0:
            return "less than once"
        case 1:
            return "once"
        case times:
            return f"{times} times"


def _whole(text: str, style: str = "") -> _Line:
    return [_Piece(f"{text}\n", style)]


def _wrapped(text: str, width: int, *, indent: int = 0) -> Iterator[_Line]:
    for line in textwrap.wrap(text, width, subsequent_indent=" " * indent):
        yield _whole(line)
