"""What the week before comes to, for a message at the first watch of a week.

Pure: days and hours in, codes and numbers out; `span_words` makes sentences of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from posturecam.review.facts import Standing, TooLittle, compare_span
from posturecam.review.usual import DAY_NEEDS_MS, SpanReview, WeekHour, days_needed
from posturecam.values.totals import Totals

OUT_SHARE = 0.1
"""An hour of the day whose slouched share is so much above that of the week stands out. No source:
own choice, more than what is usual for a steady person from day to day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCard:
    """A week from Monday to Sunday.

    Attributes:
        share: slouched part of the judged time, 0 to 1.
        before: the same of the week before.
        least: the day with the least, and its share; None where all days are alike.
        most: the day with the most; likewise.
        hour: of the day, that stands out; None if none does.
    """

    share: float
    before: float
    compared: Standing | TooLittle
    least: tuple[date, float] | None
    most: tuple[date, float] | None
    hour: int | None


def week_card(review: SpanReview, hours: Mapping[WeekHour, Totals]) -> WeekCard | None:
    """What a week, with these hours, comes to; None where too few days have an hour judged."""
    share = review.total.slouched_share
    counted = [(day.day, day.totals.slouched_share or 0.0) for day in review.days if day.counts]
    if share is None or len(counted) < days_needed(len(review.days)):
        return None
    least, most = (pick(counted, key=lambda one: one[1]) for pick in (min, max))
    alike = round(100 * least[1]) == round(100 * most[1])
    return WeekCard(
        share=share,
        before=review.before.slouched_share or 0.0,
        compared=compare_span(review),
        least=None if alike else least,
        most=None if alike else most,
        hour=_hour_that_stands_out(hours, share),
    )


def _hour_that_stands_out(hours: Mapping[WeekHour, Totals], share: float) -> int | None:
    by_hour: dict[int, Totals] = {}
    for (_weekday, hour), totals in hours.items():
        by_hour[hour] = by_hour.get(hour, Totals()) + totals
    shares = {
        hour: totals.slouched_share or 0.0
        for hour, totals in by_hour.items()
        if totals.judged_ms >= DAY_NEEDS_MS
    }
    most = max(shares, key=lambda hour: shares[hour], default=None)
    return most if most is not None and shares[most] - share >= OUT_SHARE else None
