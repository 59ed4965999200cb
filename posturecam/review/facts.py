"""What a reviewed day, or several, come to in words; the text and the page show the same.

Words: what was seen is "different from your baseline"; "slouched" is the name of a state. No
score, no blame, no praise of sitting still; what is unknown is shown as unknown.
"""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

from posturecam.base.durations import format_duration
from posturecam.base.printable import printable
from posturecam.outputs.words import count_text, reasons_text
from posturecam.review.usual import DAY_NEEDS_MS, days_needed, total
from posturecam.values.events import AlertKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from posturecam.review.day import DayReview, HourReview
    from posturecam.review.stretches import Episode
    from posturecam.review.usual import SpanReview, Spread, Usual
    from posturecam.values.totals import Totals

HELD = "\N{NO-BREAK SPACE}"
"""Keeps a figure and its unit on one line; shown as a plain space."""
NOTHING_ON_DAY = (
    "Nothing was watched on this day. `posturecam watch` starts a watch; what it sees stays on "
    "this machine."
)
NOTHING_IN_SPAN = "Nothing was watched on these days."


def day_title(day: date) -> str:
    """`Sunday 22 November 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def span_title(review: SpanReview) -> str:
    """`Mon 16 November 2026 to Sun 22 November 2026`."""
    first, last = review.days[0].day, review.days[-1].day
    return f"{first:%a} {first.day} {first:%B %Y} to {last:%a} {last.day} {last:%B %Y}"


def headline(review: DayReview) -> str:
    """The day in up to three sentences."""
    if not review.sessions:
        return NOTHING_ON_DAY
    # What was seen bounds the day: a session may span years, by a clock that was set in it.
    seen = review.spans or review.sessions
    span = review.from_to(seen[0].start_ms, max(part.end_ms for part in seen))
    watched = duration_text(review.totals.watched_ms)
    return f"Watched {watched} from {span}. {_judged_text(review.totals)}"


def span_headline(review: SpanReview) -> str:
    """The days in up to three sentences."""
    days = sum(day.totals.watched_ms > 0 for day in review.days)
    of_days = f"{days} of {count_text(len(review.days), 'day')}"
    watched = duration_text(review.total.watched_ms)
    return f"Watched {watched} on {of_days}. {_judged_text(review.total)}"


def _judged_text(totals: Totals) -> str:
    share, rate = totals.slouched_share, totals.moves_per_hour
    if share is None:
        return "There was no time in which your posture could be judged."
    moved = "" if rate is None else f"; you changed position {_times_text(rate)} an hour"
    return (
        f"Of {duration_text(totals.judged_ms)} judged, {percent_text(share)} was different from "
        f"your baseline{moved}."
    )


def _times_text(rate: float) -> str:
    match round(rate):
        case 0:
            return "less than once"
        case 1:
            return "about once"
        case times:
            return f"about {times} times"


def day_facts(review: DayReview) -> Iterator[tuple[str, str]]:
    """What else there is to say of a day, each with its name."""
    if longest := review.longest_unchanged:
        span = review.from_to(longest.start_ms, longest.end_ms)
        yield "Longest unchanged", f"{duration_text(longest.known_ms)}, {span}"
    yield "Breaks", _breaks_text(review)
    kinds = Counter(alert.kind for alert in review.alerts)
    by_kind = ", ".join(f"{kinds[kind]} {kind.value}" for kind in AlertKind if kinds[kind])
    yield "Alerts", _alerts_text(by_kind, review.totals)
    if review.extreme_hours is not None:
        most, least = (_hour_text(review, hour) for hour in review.extreme_hours)
        yield "Hours", f"most like your baseline {most}, least {least}"
    for usual in review.usual:
        yield f"Last {usual.days} days", _usual_text(review.totals, usual)


def span_facts(review: SpanReview) -> Iterator[tuple[str, str]]:
    """What else there is to say of several days, each with its name."""
    spent = [f"{state} {duration_text(ms)}" for state, ms in review.total.shown_by_state.items()]
    unwatched = f"not watched {duration_text(review.total.unwatched_ms)}"
    yield "All the time", ", ".join([*spent, unwatched])
    yield "Alerts", _alerts_text(str(review.total.alerts or ""), review.total)
    if len(review.days) >= 14:
        yield "Week by week", f"slouched {', '.join(_week_shares(review))}"
    yield f"{len(review.days)} days before", _before_text(review)
    if review.journal:
        yield "Pain journal", review.journal


def episode_text(review: DayReview, episode: Episode) -> str:
    """When, for how long, what was seen."""
    span = review.from_to(episode.start_ms, episode.end_ms)
    reasons = printable(f": {reasons_text(episode.reasons)}" if episode.reasons else "")
    return f"{span}, {duration_text(episode.slouched_ms)}{reasons}"


def _breaks_text(review: DayReview) -> str:
    """How many breaks of which kind, and the longest time between them."""
    totals = review.totals
    numbers = {"full": totals.breaks, "short": totals.micro_breaks, "guided": totals.exercises}
    kinds = ", ".join(f"{number} {kind}" for kind, number in numbers.items() if number)
    text = kinds or "none seen"
    if not review.sittings:
        return text
    longest_ms = max(sitting.length_ms for sitting in review.sittings)
    return f"{text}; longest sitting {duration_text(longest_ms)}"


def _alerts_text(number: str, totals: Totals) -> str:
    """Which alerts, and what they led to; nothing of that while it is not known."""
    if not totals.outcomes:
        return number or "none"
    if not totals.changed_after_ms:
        return f"{number}; a change after none"
    times_ms = totals.changed_after_ms
    return f"{number}; a change after {len(times_ms)}, median {duration_text(median(times_ms))}"


def _hour_text(review: DayReview, hour: HourReview) -> str:
    return f"{review.clock(hour.start_ms)} ({percent_text(hour.totals.slouched_share or 0.0)})"


def _usual_text(totals: Totals, usual: Usual) -> str:
    """How the day lies among the days before it, or why that is unknown."""
    if usual.slouched_share is None or usual.moves_per_hour is None:
        return (
            f"too little to compare: {count_text(usual.counted, 'day')} with an hour judged, "
            f"{usual.needed} needed"
        )
    rate, share = totals.moves_per_hour, totals.slouched_share
    if totals.judged_ms < DAY_NEEDS_MS or rate is None or share is None:
        return "less than an hour was judged on this day: too little to compare"
    shares = _whole_bounds(usual.slouched_share, 100)
    rates = _whole_bounds(usual.moves_per_hour)
    return (
        f"slouched: {_placed(100 * share, shares, 'less')} ({_range(shares)}{HELD}%); "
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


def _week_shares(review: SpanReview) -> Iterator[str]:
    """The slouched share of each whole week, the last one up to the last day."""
    for start in range(len(review.days) % 7, len(review.days), 7):
        week = review.days[start : start + 7]
        enough = sum(day.counts for day in week) >= days_needed(7)
        share = total(week).slouched_share
        yield percent_text(share) if enough and share is not None else "-"


def _before_text(review: SpanReview) -> str:
    """How the days before were, or why that is unknown."""
    share, rate = review.before.slouched_share, review.before.moves_per_hour
    if not review.comparable or share is None or rate is None:
        return (
            "too little to compare: days with an hour judged are "
            f"{review.counted_before} before and {review.counted} here"
        )
    return f"different from your baseline for {percent_text(share)}, {rate:.0f} changes an hour"


def duration_text(ms: float) -> str:
    """A duration that stays on one line."""
    return format_duration(ms / 1000).replace(" ", HELD)


def percent_text(share: float) -> str:
    """A share of 0 to 1 as a whole number; what was seen at all is never `0 %`."""
    percent = 100 * share
    return f"<1{HELD}%" if 0 < percent < 0.5 else f"{percent:.0f}{HELD}%"
