"""Every sentence of the review of several days; the rules are those of `words`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from posturecam.base.language import N_, SHOWN, _, plural
from posturecam.outputs.dates import WEEKDAYS, middle_date
from posturecam.outputs.words import state_text
from posturecam.review.facts import Standing, compare_span, extreme_days
from posturecam.review.usual import SpanReview, days_needed, total
from posturecam.review.words import (
    HELD,
    FigureText,
    alerts_text,
    counted_text,
    duration_text,
    percent_text,
)

if TYPE_CHECKING:
    from posturecam.review.facts import WeekCard
    from posturecam.review.usual import DayTotals
    from posturecam.values.totals import Totals

MOST_NAMED = 2
"""Dates in a sentence; of more it says how many there are."""
_DAYS_TO_COME = _("These days have not come yet.")
_NOTHING_IN_SPAN = _("Nothing was watched on these days.")
_TIMES_AN_HOUR = plural(
    "Of {judged} judged, {share} was slouched, different from your baseline; you changed position "
    "about once an hour.",
    "Of {judged} judged, {share} was slouched, different from your baseline; you changed position "
    "about {number} times an hour.",
)
_WATCHED_DAYS = plural(
    "Watched {watched} on {days} of {number} day.", "Watched {watched} on {days} of {number} days."
)
_DAYS_BEFORE = plural("{number} day before", "{number} days before")
_BANDS = plural(
    "The band is the middle half of the {number} day before.",
    "The band is the middle half of the {number} days before.",
)
_SPANS = {
    Standing.LESS: N_(
        "{share} of the judged time was slouched, different from your baseline: less than the "
        "{before} of the days before."
    ),
    Standing.USUAL: N_(
        "{share} of the judged time was slouched, different from your baseline: about as on the "
        "days before ({before})."
    ),
    Standing.MORE: N_(
        "{share} of the judged time was slouched, different from your baseline: more than the "
        "{before} of the days before."
    ),
}
_WEEKS = {
    Standing.LESS: N_("Less than the week before ({before})."),
    Standing.USUAL: N_("About as in the week before ({before})."),
    Standing.MORE: N_("More than in the week before ({before})."),
}


def span_title(review: SpanReview) -> str:
    """`Mon 16 November 2026 to Sun 22 November 2026`."""
    first, last = middle_date(review.days[0].day), middle_date(review.days[-1].day)
    return _("{start} to {end}").format(start=first, end=last)


def span_headline(review: SpanReview) -> str:
    """The days in up to three sentences."""
    number = len(review.days)
    watched = SHOWN.ngettext(*_WATCHED_DAYS, number).format(
        watched=duration_text(review.total.watched_ms),
        days=sum(day.totals.watched_ms > 0 for day in review.days),
        number=number,
    )
    return f"{watched} {_judged_text(review.total)}"


def _judged_text(totals: Totals) -> str:
    share, rate = totals.slouched_share, totals.moves_per_hour
    if share is None:
        return _("There was no time in which your posture could be judged.")
    if rate is None:
        text = _("Of {judged} judged, {share} was slouched, different from your baseline.")
    elif round(rate) == 0:
        text = _(
            "Of {judged} judged, {share} was slouched, different from your baseline; you changed "
            "position less than once an hour."
        )
    else:
        text = SHOWN.ngettext(*_TIMES_AN_HOUR, round(rate))
    return text.format(
        judged=duration_text(totals.judged_ms),
        share=percent_text(share),
        number=None if rate is None else round(rate),
    )


def nothing_in_span(review: SpanReview) -> str:
    """Why there is nothing to say of these days."""
    if review.total.paused_ms:
        return _("Paused for {paused} on these days; nothing was watched.").format(
            paused=duration_text(review.total.paused_ms)
        )
    return _DAYS_TO_COME if review.to_come else _NOTHING_IN_SPAN


def span_conclusion(review: SpanReview) -> str:
    """What several days come to, in two sentences."""
    share = review.total.slouched_share
    if not review.total.watched_ms:
        return nothing_in_span(review)
    if share is None or not review.counted:
        return _("Too little for a conclusion: no day had an hour judged.")
    found = compare_span(review)
    how = _(
        "{share} of the judged time was slouched, different from your baseline; there are too few "
        "days to compare with."
    )
    if isinstance(found, Standing):
        how = _(_SPANS[found])
    before = review.before.slouched_share or 0.0
    how = how.format(share=percent_text(share), before=percent_text(before))
    return f"{how} {_most_text([day for day in review.days if day.counts])}"


def _most_text(counted: Sequence[DayTotals]) -> str:
    """Which of the days with an hour judged had the most, as far as they differ."""
    if len(counted) == 1:
        date = middle_date(counted[0].day)
        return _("Only {date} had an hour judged.").format(date=date)
    extreme = extreme_days(counted)
    if extreme is None:
        text = _("On each of the {number} days with an hour judged it was {share}.")
        share = percent_text(counted[0].totals.slouched_share or 0.0)
        return text.format(number=len(counted), share=share)
    _least, most = extreme
    if len(most.days) > MOST_NAMED:
        text = _("Of the days with an hour judged, {number} had the most: {share}.")
        return text.format(number=len(most.days), share=percent_text(most.share))
    return _("Of the days with an hour judged, {date} had the most: {share}.").format(
        date=_joined([middle_date(day) for day in most.days]), share=percent_text(most.share)
    )


def _joined(names: Sequence[str]) -> str:
    """`Monday, Tuesday and Friday`."""
    if len(names) == 1:
        return names[0]
    return _("{names} and {last}").format(names=", ".join(names[:-1]), last=names[-1])


def span_figures(review: SpanReview) -> tuple[FigureText, ...]:
    """The slouched share, the changes of position an hour, the breaks a day."""
    total_, before = review.total, review.before
    known = review.comparable
    rate, rate_before = total_.moves_per_hour, before.moves_per_hour
    breaks, breaks_before = review.breaks_a_day, review.breaks_a_day_before
    text = _("before {figure}")
    return (
        FigureText(
            name=_("Slouched"),
            value=percent_text(total_.slouched_share or 0.0),
            detail=_("of the judged time"),
            usual=text.format(figure=percent_text(before.slouched_share or 0.0)) if known else "",
        ),
        FigureText(
            name=_("Position changes"),
            value="-" if rate is None else f"{rate:.0f}",
            detail=_("an hour"),
            usual=text.format(figure=f"{rate_before:.0f}") if known and rate_before else "",
        ),
        FigureText(
            name=_("Breaks"),
            value=_("unknown") if breaks is None else f"{breaks:.0f}",
            detail=_("a day with an hour judged"),
            usual=text.format(figure=f"{breaks_before:.0f}") if known else "",
        ),
    )


def trend_note(review: SpanReview) -> str:
    """What the plots of the days show."""
    points = _(
        "A point for each day with an hour judged; where there was none, the line is broken."
    )
    if review.usual.slouched_share is None:
        return points
    return f"{points} {counted_text(_BANDS, review.usual.days)}"


def week_card_text(card: WeekCard) -> tuple[str, str]:
    """Title and text of a message about a week."""
    title = _("Last week: {share} slouched").format(share=percent_text(card.share))
    said = []
    if isinstance(card.compared, Standing):
        text = _(_WEEKS[card.compared])
        said.append(text.format(before=percent_text(card.before)))
    if card.least is not None and card.most is not None:
        least, most = (
            _("{weekday} ({share})").format(
                weekday=_joined([WEEKDAYS[day.weekday()] for day in alike.days]),
                share=percent_text(alike.share),
            )
            for alike in (card.least, card.most)
        )
        said.append(_("Least on {least}, most on {most}.").format(least=least, most=most))
    if card.hour is None:
        said.append(_("No hour stands out: short, regular breaks beat rare long ones."))
    else:
        text = _("A break at about {hour} would meet the hour with the most.")
        said.append(text.format(hour=f"{card.hour:02}:00"))
    return title.replace(HELD, " "), " ".join(said).replace(HELD, " ")


def span_facts(review: SpanReview) -> Iterator[tuple[str, str]]:
    """What else there is to say of several days, each with its name."""
    spent = [
        state_text(state, duration_text(ms)) for state, ms in review.total.shown_by_state.items()
    ]
    unwatched = _("not watched {duration}").format(
        duration=duration_text(review.total.unwatched_ms)
    )
    yield _("All the time"), ", ".join([*spent, unwatched])
    yield _("Alerts"), alerts_text(str(review.total.alerts or ""), review.total)
    if len(review.days) >= 14:
        shares = ", ".join(_week_shares(review))
        yield _("Week by week"), _("slouched {shares}").format(shares=shares)
    yield counted_text(_DAYS_BEFORE, len(review.days)), _before_text(review)
    if review.journal:
        yield _("Pain journal"), review.journal


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
        return _(
            "too little to compare: days with an hour judged are {before} before and {here} here, "
            "{needed} needed each"
        ).format(
            before=review.counted_before,
            here=review.counted,
            needed=days_needed(len(review.days)),
        )
    return _("{share} of the judged time was slouched, {rate} changes an hour").format(
        share=percent_text(share), rate=f"{rate:.0f}"
    )
