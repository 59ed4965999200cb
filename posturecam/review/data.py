"""A reviewed day, or several, as JSON or CSV. Pure: values in, plain values or a string out.

Times are local ISO 8601 with their offset, durations seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from statistics import median
from typing import TYPE_CHECKING

from posturecam.base.csv_cells import csv_text
from posturecam.base.language import ENGLISH
from posturecam.outputs.words import alert_message, ended_text, reason_text
from posturecam.review.day import DayReview, HourReview
from posturecam.review.usual import DayTotals, SpanReview, Spread, Usual
from posturecam.values.observation import Stance
from posturecam.values.totals import Totals

if TYPE_CHECKING:
    from posturecam.review.stretches import Episode, PartOfDay
    from posturecam.values.log_rows import AlertRow, SessionRow

FORMAT = 1
"""Version of the JSON and CSV; keys and columns are added, never renamed, unless it grows."""

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

Record = dict[str, object]


def review_json(review: DayReview | SpanReview) -> Record:
    """The review as plain values."""
    if isinstance(review, DayReview):
        return {"v": FORMAT} | _day_json(review)
    return {"v": FORMAT} | _span_json(review)


def review_csv(review: DayReview | SpanReview) -> str:
    """A row for each hour with any watching, or for each day."""
    if isinstance(review, DayReview):
        return csv_text(CSV_COLUMNS, (_hour_json(review, hour) for hour in review.hours))
    return csv_text(SPAN_CSV_COLUMNS, map(_day_totals_json, review.days))


def _day_json(review: DayReview) -> Record:
    totals, longest, extremes = review.totals, review.longest_unchanged, review.extreme_hours
    return {
        "day": review.day.isoformat(),
        **_times_json(totals),
        "in_a_call_s": review.in_a_call_ms / 1000,
        "locked_s": review.locked_ms / 1000,
        **{f"{stance}_s": _to_s(review.stances_ms.get(stance)) for stance in Stance},
        "sessions": [_session_json(review, row) for row in review.sessions],
        "hours": [_hour_json(review, hour) for hour in review.hours],
        "episodes": [_episode_json(review, episode) for episode in review.episodes],
        "longest_unchanged": longest
        and _from_to(review, longest) | {"known_s": longest.known_ms / 1000},
        "position_changes": totals.moves,
        "position_changes_per_hour": _rounded(totals.moves_per_hour),
        "alerts": [_alert_json(review, alert) for alert in review.alerts],
        "alerts_followed_by_a_change": len(totals.changed_after_ms),
        "median_time_to_change_s": _median_s(totals),
        "breaks": [
            {"end": _iso(review, row.at_ms), "lasted_s": row.lasted_ms / 1000, "kind": row.kind}
            for row in review.breaks
        ],
        "locked_breaks": [
            _from_to(review, one) | {"locked_s": one.locked_ms / 1000}
            for one in review.locked_breaks
        ],
        "exercises": [
            {"end": _iso(review, row.end_ms), "lasted_s": row.lasted_ms / 1000}
            for row in review.exercises
        ],
        "longest_sitting_s": _to_s(
            max((sitting.length_ms for sitting in review.sittings), default=None)
        ),
        "hours_most_and_least_like_baseline": extremes
        and [_iso(review, hour.start_ms) for hour in extremes],
        "usual": [_usual_json(usual) for usual in review.usual],
    }


def _from_to(review: DayReview, lasted: SessionRow | PartOfDay) -> Record:
    return {"start": _iso(review, lasted.start_ms), "end": _iso(review, lasted.end_ms)}


def _session_json(review: DayReview, row: SessionRow) -> Record:
    return _from_to(review, row) | {
        "source": row.source,
        "profile": row.profile,
        "ended_by": row.end and ended_text(row.end, ENGLISH),
    }


def _episode_json(review: DayReview, episode: Episode) -> Record:
    return _from_to(review, episode) | {
        "slouched_s": episode.slouched_ms / 1000,
        "reasons": [reason_text(reason, ENGLISH) for reason in episode.reasons],
    }


def _alert_json(review: DayReview, alert: AlertRow) -> Record:
    lasted_s = alert.lasted_ms / 1000
    return {
        "at": _iso(review, alert.at_ms),
        "kind": alert.kind,
        "message": alert_message(alert.kind, lasted_s, alert.details, ENGLISH),
        "lasted_s": lasted_s,
        "outcome": alert.outcome,
        "outcome_after_s": _to_s(alert.outcome_after_ms),
    }


def _hour_json(review: DayReview, hour: HourReview) -> Record:
    return {
        "hour": _iso(review, hour.start_ms),
        **dict(_states_json(hour.totals)),
        "position_changes": hour.totals.moves,
        "alerts": hour.totals.alerts,
    }


def _span_json(review: SpanReview) -> Record:
    """The days, what they add up to, and the same of as many days before them."""
    return {
        "since": review.days[0].day.isoformat(),
        "until": review.days[-1].day.isoformat(),
        "days": [_day_totals_json(day) | _rates_json(day.totals) for day in review.days],
        "total": _totals_json(review.total) | _rates_json(review.total),
        "days_counted": review.counted,
        "before": _totals_json(review.before) | _rates_json(review.before),
        "days_counted_before": review.counted_before,
        "comparable": review.comparable,
    }


def _day_totals_json(day: DayTotals) -> Record:
    return {"day": day.day.isoformat()} | _totals_json(day.totals)


def _totals_json(totals: Totals) -> Record:
    return {
        **_times_json(totals),
        "position_changes": totals.moves,
        "alerts": totals.alerts,
        "alerts_followed_by_a_change": len(totals.changed_after_ms),
        "breaks": totals.breaks,
        "micro_breaks": totals.micro_breaks,
        "exercises": totals.exercises,
    }


def _times_json(totals: Totals) -> Record:
    return {
        "wall_s": totals.wall_ms / 1000,
        "watched_s": totals.watched_ms / 1000,
        "unwatched_s": totals.unwatched_ms / 1000,
        **dict(_states_json(totals)),
    }


def _states_json(totals: Totals) -> Iterator[tuple[str, float]]:
    return ((f"{state}_s", ms / 1000) for state, ms in totals.by_state.items())


def _rates_json(totals: Totals) -> Record:
    return {
        "slouched_share": _rounded(totals.slouched_share, 4),
        "position_changes_per_hour": _rounded(totals.moves_per_hour),
        "median_time_to_change_s": _median_s(totals),
    }


def _usual_json(usual: Usual) -> Record:
    return {
        "days": usual.days,
        "counted": usual.counted,
        "needed": usual.needed,
        "slouched_share": _spread_json(usual.slouched_share, 4),
        "position_changes_per_hour": _spread_json(usual.moves_per_hour, 2),
    }


def _spread_json(spread: Spread | None, digits: int) -> dict[str, float] | None:
    return spread and {name: round(value, digits) for name, value in spread._asdict().items()}


def _rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(value, digits)


def _to_s(ms: float | None) -> float | None:
    return None if ms is None else ms / 1000


def _median_s(totals: Totals) -> float | None:
    return median(totals.changed_after_ms) / 1000 if totals.changed_after_ms else None


def _iso(review: DayReview, at_ms: int) -> str:
    return review.local(at_ms).isoformat(timespec="milliseconds")


SPAN_CSV_COLUMNS = tuple(_day_totals_json(DayTotals(day=date.min, totals=Totals())))
