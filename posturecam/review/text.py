"""A reviewed day, or several, as text, JSON or CSV. Pure: values in, strings out.

Words: what was seen is "different from your baseline"; "slouched" is the name of a state. No
score, no blame, no praise of sitting still; what is unknown is shown as unknown.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posturecam.base.csv_cells import csv_text
from posturecam.base.durations import format_duration
from posturecam.base.printable import printable
from posturecam.outputs.words import count_text
from posturecam.review.day import DAY_NEEDS_MS, HOUR_MS, add_splits, days_needed, spread
from posturecam.values.events import AlertKind, BreakKind
from posturecam.values.observation import PostureState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from rich.text import Text

    from posturecam.review.day import (
        DayReview,
        DaySums,
        Episode,
        SpanReview,
        Split,
        Spread,
        Usual,
    )

FORMAT = 1
"""Version of the JSON and CSV; keys and columns are added, never renamed, unless it grows."""

NARROWEST = 50
"""Room for the labels and the figures; a narrower screen folds the lines itself."""
WIDEST = 100
"""Lines longer than this are hard to read."""
SCREEN_COLUMNS, SCREEN_LINES = 80, 24
"""The smallest terminal in use; a day fits it."""
MOST_EPISODES = 8
CELLS_PER_HOUR = (60, 30, 12, 6, 4, 3, 2, 1)

CSV_COLUMNS = (
    "hour",
    "upright_s",
    "slouched_s",
    "away_s",
    "unknown_s",
    "position_changes",
    "alerts",
    "paused_s",
)
SPAN_CSV_COLUMNS = (
    "day",
    "wall_s",
    "watched_s",
    "unwatched_s",
    "upright_s",
    "slouched_s",
    "away_s",
    "unknown_s",
    "paused_s",
    "position_changes",
    "alerts",
    "alerts_followed_by_a_change",
    "breaks",
    "micro_breaks",
    "exercises",
)

# The glyphs alone tell the states apart; colours are a help. None of them means good or bad.
_GLYPHS = {
    PostureState.UPRIGHT: "█",
    PostureState.SLOUCHED: "▒",
    PostureState.AWAY: "·",
    PostureState.UNKNOWN: "?",
    PostureState.PAUSED: "-",
}
_STYLES = {
    PostureState.UPRIGHT: "cyan",
    PostureState.SLOUCHED: "yellow",
    PostureState.AWAY: "dim",
    PostureState.UNKNOWN: "dim",
    PostureState.PAUSED: "dim",
}
_HEADING = "bold"
_HELD = "\N{NO-BREAK SPACE}"
"""Keeps a figure and its unit on one line; shown as a plain space."""
_LABEL = 18
"""Columns of the names of facts."""
_STRIP_LABEL = 14
_WITH_BREAKS = 60
"""From this width on a line of a day also has breaks and alerts."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some text of a line, and how it is shown where there are colours."""

    text: str
    style: str = ""


_Line = list[_Piece]


def review_text(review: DayReview, width: int) -> str:
    """The day on one screen: plain lines of at most `width` columns, `NARROWEST` at least."""
    return _plain(_day_lines(review, _clamped(width)))


def review_rich(review: DayReview, width: int) -> Text:
    """The same as `review_text`, with colours."""
    return _coloured(_day_lines(review, _clamped(width)))


def span_text(review: SpanReview, width: int) -> str:
    """Several days, a line each: plain lines of at most `width` columns."""
    return _plain(_span_lines(review, _clamped(width)))


def span_rich(review: SpanReview, width: int) -> Text:
    """The same as `span_text`, with colours."""
    return _coloured(_span_lines(review, _clamped(width)))


def review_json(review: DayReview) -> dict[str, object]:
    """The day as plain values; times are local ISO 8601 with their offset, durations seconds."""
    return {
        "v": FORMAT,
        "day": review.day.isoformat(),
        "wall_s": review.wall_ms / 1000,
        "watched_s": review.split.watched_ms / 1000,
        "unwatched_s": review.unwatched_ms / 1000,
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
        "position_changes_per_hour": _rounded(review.moves_per_hour),
        "alerts": [
            {
                "at": _iso(review, alert.at_ms),
                "kind": alert.kind.value,
                "message": alert.message,
                "lasted_s": alert.lasted_ms / 1000,
                "outcome": None if alert.outcome is None else alert.outcome.value,
                "outcome_after_s": _to_s(alert.outcome_after_ms),
            }
            for alert in review.alerts
        ],
        "alerts_followed_by_a_change": len(review.changed_after_ms),
        "median_time_to_change_s": _median_s(review.changed_after_ms),
        "breaks": [
            {
                "end": _iso(review, row.at_ms),
                "lasted_s": row.lasted_ms / 1000,
                "kind": row.kind.value,
            }
            for row in review.breaks
        ],
        "exercises": [
            {"end": _iso(review, row.end_ms), "lasted_s": row.lasted_ms / 1000}
            for row in review.exercises
        ],
        "longest_sitting_s": _to_s(
            max((sitting.length_ms for sitting in review.sittings), default=None)
        ),
        "hours_most_and_least_like_baseline": (
            None
            if review.extreme_hours is None
            else [_iso(review, hour.start_ms) for hour in review.extreme_hours]
        ),
        "usual": [_usual_json(usual) for usual in review.usual],
    }


def review_csv(review: DayReview) -> str:
    """One row for each hour with any watching, under `CSV_COLUMNS`."""
    return csv_text(
        CSV_COLUMNS,
        (
            {
                "hour": _iso(review, hour.start_ms),
                **_seconds(hour.split),
                "position_changes": hour.moves,
                "alerts": hour.alerts,
            }
            for hour in review.hours
        ),
    )


def span_json(review: SpanReview) -> dict[str, object]:
    """The days, what they add up to, and the same of as many days before them."""
    return {
        "v": FORMAT,
        "since": review.days[0].day.isoformat(),
        "until": review.days[-1].day.isoformat(),
        "days": [_sums_json(day) | _rates_json(day) for day in review.days],
        "total": _total_json(review.total),
        "days_counted": review.counted,
        "before": _total_json(review.before),
        "days_counted_before": review.counted_before,
        "comparable": review.comparable,
    }


def span_csv(review: SpanReview) -> str:
    """One row a day, under `SPAN_CSV_COLUMNS`."""
    return csv_text(SPAN_CSV_COLUMNS, map(_sums_json, review.days))


def _sums_json(sums: DaySums) -> dict[str, object]:
    return {
        "day": sums.day.isoformat(),
        "wall_s": sums.wall_ms / 1000,
        "watched_s": sums.split.watched_ms / 1000,
        "unwatched_s": sums.unwatched_ms / 1000,
        **_seconds(sums.split),
        "position_changes": sums.moves,
        "alerts": sums.alerts,
        "alerts_followed_by_a_change": len(sums.changed_after_ms),
        "breaks": sums.breaks,
        "micro_breaks": sums.micro_breaks,
        "exercises": sums.exercises,
    }


def _rates_json(sums: DaySums) -> dict[str, object]:
    return {
        "slouched_share": _rounded(sums.split.slouched_share, 4),
        "position_changes_per_hour": _rounded(sums.moves_per_hour),
        "median_time_to_change_s": _median_s(sums.changed_after_ms),
    }


def _total_json(sums: DaySums) -> dict[str, object]:
    record = _sums_json(sums) | _rates_json(sums)
    del record["day"]
    return record


def _usual_json(usual: Usual) -> dict[str, object]:
    return {
        "days": usual.days,
        "counted": usual.counted,
        "needed": usual.needed,
        "slouched_share": _spread_json(usual.slouched_share, 4),
        "position_changes_per_hour": _spread_json(usual.moves_per_hour, 2),
    }


def _spread_json(spread: Spread | None, digits: int) -> dict[str, float] | None:
    if spread is None:
        return None
    return {
        "low": round(spread.low, digits),
        "median": round(spread.median, digits),
        "high": round(spread.high, digits),
    }


def _rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(value, digits)


def _to_s(ms: float | None) -> float | None:
    return None if ms is None else ms / 1000


def _median_s(times_ms: Sequence[int]) -> float | None:
    return spread(times_ms).median / 1000 if times_ms else None


def _clamped(width: int) -> int:
    return min(max(width, NARROWEST), WIDEST)


def _plain(lines: Sequence[_Line]) -> str:
    texts = ("".join(piece.text for piece in line).rstrip() for line in lines)
    return "\n".join(texts).replace(_HELD, " ")


def _coloured(lines: Sequence[_Line]) -> Text:
    from rich.text import Text

    text = Text()
    for line in lines:
        for piece in line:
            text.append(piece.text.replace(_HELD, " "), piece.style)
    text.rstrip()  # whoever prints it ends the last line
    return text


def _day_lines(review: DayReview, width: int) -> list[_Line]:
    lines = [_whole(day_title(review.day), _HEADING)]
    split = review.split
    whole_ms = split.watched_ms + split.paused_ms
    if not whole_ms:
        return [*lines, _whole(""), *_wrapped(_NOTHING_YET, width)]
    lines += [
        *_wrapped(headline(review), width),
        _whole(""),
        *(_bar_line(state, ms, whole_ms, width) for state, ms in by_state(split).items()),
        _whole(
            f"  not watched: {_duration(review.unwatched_ms)} of {_duration(review.wall_ms)}", "dim"
        ),
        _whole(""),
        *_strip_lines(review, width),
        _whole(""),
    ]
    facts = list(_fact_lines(review, width))
    least = 1 if width >= SCREEN_COLUMNS else 3
    room = max(least, SCREEN_LINES - len(lines) - len(facts))
    return [*lines, *_episode_lines(review, width, room), *facts]


_NOTHING_YET = (
    "Nothing was watched on this day. `posturecam watch` starts a watch; what it sees stays on "
    "this machine."
)


def day_title(day: date) -> str:
    """`Sunday 22 November 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def headline(review: DayReview) -> str:
    """The day in up to three sentences."""
    split = review.split
    if not review.sessions:
        return _NOTHING_YET
    # What was seen bounds the day: a session may span years, by a clock that was set in it.
    seen = review.spans or review.sessions
    begin, end = seen[0].start_ms, max(span.end_ms for span in seen)
    watched = f"Watched {_duration(split.watched_ms)} from {review.from_to(begin, end)}."
    return f"{watched} {_judged(split, review.moves_per_hour)}"


def span_headline(review: SpanReview) -> str:
    """The days in up to three sentences."""
    split = review.total.split
    days = sum(day.split.watched_ms > 0 for day in review.days)
    watched = (
        f"Watched {_duration(split.watched_ms)} on {days} of {count_text(len(review.days), 'day')}."
    )
    return f"{watched} {_judged(split, review.total.moves_per_hour)}"


def _judged(split: Split, rate: float | None) -> str:
    if not split.judged_ms:
        return "There was no time in which your posture could be judged."
    share = percent_text(split.slouched_ms / split.judged_ms)
    moved = "" if rate is None else f"; you changed position {_times(rate)} an hour"
    return (
        f"Of {_duration(split.judged_ms)} judged, {share} was different from your baseline{moved}."
    )


def _bar_line(state: PostureState, spent_ms: int, whole_ms: int, width: int) -> _Line:
    figures = f"{_duration(spent_ms):>11}  {percent_text(spent_ms / whole_ms):>5}"
    room = width - 12 - len(figures) - 2
    bar = _GLYPHS[state] * round(room * spent_ms / whole_ms)
    return [
        _Piece(f"  {state.value:8}  "),
        _Piece(f"{bar:{room}}", _STYLES[state]),
        _Piece(f"  {figures}\n"),
    ]


def _strip_lines(review: DayReview, width: int) -> Iterator[_Line]:
    """The hours side by side: what each piece of them mostly was, changes and alerts."""
    begin_ms = review.hours[0].start_ms
    hours = -(-(review.hours[-1].start_ms + HOUR_MS - begin_ms) // HOUR_MS)
    room = (width - _STRIP_LABEL) // hours
    # A day has at most 25 hours, and the narrowest screen has room for them.
    an_hour = next(cells for cells in CELLS_PER_HOUR if cells <= max(room, 1))
    cell_ms = HOUR_MS // an_hour

    def cell(at_ms: int) -> int:
        return (at_ms - begin_ms) // cell_ms

    axis, counts = [" "] * (hours * an_hour), [" "] * (hours * an_hour)
    every = -(-3 // an_hour)
    for index, hour in enumerate(review.hours):
        at = cell(hour.start_ms)
        if index % every == 0:
            axis[at : at + 2] = f"{review.local(hour.start_ms):%H}"
        if hour.split.judged_ms and an_hour > len(str(hour.moves)):
            counts[at : at + len(str(hour.moves))] = str(hour.moves)
    yield _strip_line(f"{60 // an_hour} min each", "".join(axis), "dim")
    pieces = [_Piece(f"{'  mostly':{_STRIP_LABEL}}")]
    pieces += [
        _Piece(_GLYPHS[state], _STYLES[state]) if state else _Piece(" ")
        for state in _cells(review, begin_ms, hours * an_hour, cell_ms)
    ]
    yield [*pieces, _Piece("\n")]
    if an_hour > 1:
        yield _strip_line("changes", "".join(counts))
    if review.alerts:
        alerted = {cell(alert.at_ms) for alert in review.alerts}
        marks = "".join("!" if index in alerted else " " for index in range(hours * an_hour))
        yield _strip_line("alerts", marks)


def _strip_line(name: str, text: str, style: str = "") -> _Line:
    return _whole(f"  {name}".ljust(_STRIP_LABEL) + text.rstrip(), style)


def _cells(
    review: DayReview, begin_ms: int, number: int, cell_ms: int
) -> Iterator[PostureState | None]:
    """What each piece of `cell_ms` mostly was; None where most of it was not watched."""
    spent_ms: list[Counter[PostureState]] = [Counter() for _ in range(number)]
    for span in review.spans:
        first, last = (span.start_ms - begin_ms) // cell_ms, (span.end_ms - 1 - begin_ms) // cell_ms
        for index in range(first, last + 1):
            cell_start_ms = begin_ms + index * cell_ms
            spent_ms[index][span.state] += min(span.end_ms, cell_start_ms + cell_ms) - max(
                span.start_ms, cell_start_ms
            )
    for states in spent_ms:
        unwatched_ms = cell_ms - states.total()
        most = states.most_common(1)
        yield most[0][0] if most and most[0][1] >= unwatched_ms else None


def _episode_lines(review: DayReview, width: int, room: int) -> list[_Line]:
    """The longest episodes in the order of the day: as many as `room` lines hold, but one."""
    if not review.episodes:
        return list(_fact("Slouched", "no episode", width))
    by_length = sorted(review.episodes, key=lambda episode: -episode.slouched_ms)
    shown = min(len(by_length), MOST_EPISODES)
    lines = list(_chosen_lines(review, by_length[:shown], width))
    while len(lines) > room and shown > 1:
        shown -= 1
        lines = list(_chosen_lines(review, by_length[:shown], width))
    return lines


def _chosen_lines(review: DayReview, chosen: Sequence[Episode], width: int) -> Iterator[_Line]:
    rest = len(review.episodes) - len(chosen)
    name = "Slouched longest" if rest else "Slouched"
    for episode in sorted(chosen, key=lambda episode: episode.start_ms):
        yield from _fact(name, episode_text(review, episode), width)
        name = ""
    if rest and len(chosen) > 1:
        yield from _fact("", f"and {count_text(rest, 'shorter episode')}", width)


def episode_text(review: DayReview, episode: Episode) -> str:
    """When, for how long, what was seen."""
    span = review.from_to(episode.start_ms, episode.end_ms)
    reasons = printable(f": {', '.join(episode.reasons)}" if episode.reasons else "")
    return f"{span}, {_duration(episode.slouched_ms)}{reasons}"


def _fact_lines(review: DayReview, width: int) -> Iterator[_Line]:
    longest = review.longest_unchanged
    if longest is not None:
        span = review.from_to(longest.start_ms, longest.end_ms)
        yield from _fact("Longest unchanged", f"{_duration(longest.known_ms)}, {span}", width)
    yield from _fact("Breaks", breaks_text(review), width)
    yield from _fact("Alerts", alerts_text(review), width)
    if review.extreme_hours is not None:
        yield from _fact("Hours", hours_text(review), width)
    for usual in review.usual:
        yield from _fact(f"Last {usual.days} days", usual_text(review, usual), width)


def breaks_text(review: DayReview) -> str:
    """How many breaks of which kind, and the longest time between them."""
    kinds = Counter(row.kind for row in review.breaks)
    parts = [
        f"{number} {what}"
        for number, what in (
            (kinds[BreakKind.BREAK], "full"),
            (kinds[BreakKind.MICRO], "short"),
            (len(review.exercises), "guided"),
        )
        if number
    ]
    text = ", ".join(parts) or "none seen"
    if not review.sittings:
        return text
    longest = max(review.sittings, key=lambda sitting: sitting.length_ms)
    return f"{text}; longest sitting {_duration(longest.length_ms)}"


def alerts_text(review: DayReview) -> str:
    """Which alerts, and what they led to."""
    kinds = Counter(alert.kind for alert in review.alerts)
    text = ", ".join(f"{kinds[kind]} {kind.value}" for kind in AlertKind if kinds[kind])
    outcomes = sum(alert.outcome is not None for alert in review.alerts)
    followed = followed_text(outcomes, review.changed_after_ms)
    return f"{text}; {followed}" if followed else text or "none"


def followed_text(outcomes: int, changed_after_ms: Sequence[int]) -> str:
    """How many alerts were followed by a change, and how soon; nothing while that is not known."""
    if not outcomes:
        return ""
    if not changed_after_ms:
        return "a change after none"
    median = _duration(spread(changed_after_ms).median)
    return f"a change after {len(changed_after_ms)}, median {median}"


def hours_text(review: DayReview) -> str:
    """The hours most and least like the baseline."""
    assert review.extreme_hours is not None  # noqa: S101 - callers ask only then
    (most, most_share), (least, least_share) = (
        (review.clock(hour.start_ms), percent_text(hour.split.slouched_share or 0.0))
        for hour in review.extreme_hours
    )
    return f"most like your baseline {most} ({most_share}), least {least} ({least_share})"


def usual_text(review: DayReview, usual: Usual) -> str:
    """How the day lies among the days before it, or why that is unknown."""
    if usual.slouched_share is None or usual.moves_per_hour is None:
        return (
            f"too little to compare: {count_text(usual.counted, 'day')} with an hour judged, "
            f"{usual.needed} needed"
        )
    rate, share = review.moves_per_hour, review.split.slouched_share
    if review.split.judged_ms < DAY_NEEDS_MS or rate is None or share is None:
        return "less than an hour was judged on this day: too little to compare"
    shares = _whole_bounds(usual.slouched_share, 100)
    rates = _whole_bounds(usual.moves_per_hour)
    return (
        f"slouched: {_placed(100 * share, shares, 'less')} ({_range(shares)}{_HELD}%); "
        f"changes: {_placed(rate, rates, 'fewer')} ({_range(rates)}/h)"
    )


def _whole_bounds(spread: Spread, factor: float = 1.0) -> tuple[int, int]:
    return round(factor * spread.low), round(factor * spread.high)


def _placed(value: float, bounds: tuple[int, int], below: str) -> str:
    """Where `value` lies, in the whole numbers that are shown: 6 is not fewer than 6."""
    low, high = bounds
    if round(value) < low:
        return below
    return "more" if round(value) > high else "as usual"


def _range(bounds: tuple[int, int]) -> str:
    low, high = bounds
    return f"{low}" if low == high else f"{low} to {high}"


def _span_lines(review: SpanReview, width: int) -> list[_Line]:
    lines = [_whole(span_title(review), _HEADING)]
    if not review.total.split.watched_ms:
        return [*lines, _whole(""), *_wrapped(_NOTHING_IN_SPAN, width)]
    widest = max(day.split.slouched_share or 0.0 for day in review.days)
    return [
        *lines,
        *_wrapped(span_headline(review), width),
        _whole(""),
        _day_heading(width),
        *(_day_line(day, widest, width) for day in review.days),
        _whole(""),
        *_fact("All the time", wall_text(review.total), width),
        *_fact("Alerts", _span_alerts(review), width),
        *_week_lines(review, width),
        *_fact(f"{len(review.days)} days before", before_text(review), width),
        *(_fact("Pain journal", review.journal, width) if review.journal else ()),
    ]


_NOTHING_IN_SPAN = "Nothing was watched on these days."


def span_title(review: SpanReview) -> str:
    """`Mon 16 November 2026 to Sun 22 November 2026`."""
    first, last = review.days[0].day, review.days[-1].day
    return f"{first:%a} {first.day} {first:%B %Y} to {last:%a} {last.day} {last:%B %Y}"


def _day_heading(width: int) -> _Line:
    counts = "  breaks  alerts" if width >= _WITH_BREAKS else ""
    head = f"{'':10}{'judged':>12}  slouched"
    return _whole(f"{head:{width - len(counts) - 11}}  changes/h{counts}", "dim")


def _day_line(day: DaySums, widest: float, width: int) -> _Line:
    """A day of which the longest bar is the largest slouched share of all."""
    name = f"{day.day:%a} {day.day.day:2} {day.day:%b}"
    share, rate = day.split.slouched_share, day.moves_per_hour
    if share is None:
        return _whole(f"{name}{'-':>12}", "dim")
    figures = f"{percent_text(share):>6}{'-' if rate is None else f'{rate:.0f}':>11}"
    if width >= _WITH_BREAKS:
        figures += f"{day.breaks:>8}{day.alerts:>8}"
    room = width - 24 - len(figures)
    bar = _GLYPHS[PostureState.SLOUCHED] * (round(room * share / widest) if widest else 0)
    return [
        _Piece(f"{name}{_duration(day.split.judged_ms):>12}  "),
        _Piece(f"{bar:{room}}", _STYLES[PostureState.SLOUCHED]),
        _Piece(f"{figures}\n"),
    ]


def wall_text(sums: DaySums) -> str:
    """The parts that add up to the time on the wall."""
    parts = [(state.value, ms) for state, ms in by_state(sums.split).items()]
    parts_text = ", ".join(f"{name} {_duration(ms)}" for name, ms in parts)
    return f"{parts_text}, not watched {_duration(sums.unwatched_ms)}"


def _span_alerts(review: SpanReview) -> str:
    followed = followed_text(review.total.outcomes, review.total.changed_after_ms)
    return f"{review.total.alerts}; {followed}" if followed else str(review.total.alerts or "none")


def _week_lines(review: SpanReview, width: int) -> Iterator[_Line]:
    if len(review.days) < 14:
        return
    shares = []
    for end in range(len(review.days), 6, -7):
        week = review.days[end - 7 : end]
        enough = sum(day.counts for day in week) >= days_needed(7)
        share = add_splits([day.split for day in week]).slouched_share
        shares.append(percent_text(share) if enough and share is not None else "-")
    text = ", ".join(reversed(shares))
    yield from _fact("Week by week", f"slouched {text}", width)


def before_text(review: SpanReview) -> str:
    """How the days before were, or why that is unknown."""
    share, rate = review.before.split.slouched_share, review.before.moves_per_hour
    if not review.comparable or share is None or rate is None:
        return (
            "too little to compare: days with an hour judged are "
            f"{review.counted_before} before and {review.counted} here"
        )
    return f"different from your baseline for {percent_text(share)}, {rate:.0f} changes an hour"


def by_state(split: Split) -> dict[PostureState, int]:
    """Milliseconds by state; pauses only where there were any."""
    parts = _all_states(split)
    if not split.paused_ms:
        del parts[PostureState.PAUSED]
    return parts


def _all_states(split: Split) -> dict[PostureState, int]:
    return {
        PostureState.UPRIGHT: split.upright_ms,
        PostureState.SLOUCHED: split.slouched_ms,
        PostureState.AWAY: split.away_ms,
        PostureState.UNKNOWN: split.unknown_ms,
        PostureState.PAUSED: split.paused_ms,
    }


def _seconds(split: Split) -> dict[str, object]:
    return {f"{state.value}_s": ms / 1000 for state, ms in _all_states(split).items()}


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


def _duration(ms: float) -> str:
    return format_duration(ms / 1000).replace(" ", _HELD)


def percent_text(share: float) -> str:
    """A share of 0 to 1 as a whole number; what was seen at all is never `0 %`."""
    percent = 100 * share
    return f"<1{_HELD}%" if 0 < percent < 0.5 else f"{percent:.0f}{_HELD}%"


def _times(rate: float) -> str:
    match round(rate):
        case 0:
            return "less than once"
        case 1:
            return "about once"
        case times:
            return f"about {times} times"


def _whole(text: str, style: str = "") -> _Line:
    return [_Piece(f"{text}\n", style)]


def _fact(name: str, value: str, width: int) -> Iterator[_Line]:
    yield from _wrapped(f"{name:{_LABEL}}{value}", width, indent=_LABEL)


def _wrapped(text: str, width: int, *, indent: int = 0) -> Iterator[_Line]:
    for line in textwrap.wrap(text, width, subsequent_indent=" " * indent):
        yield _whole(line)
