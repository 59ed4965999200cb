"""Several days in words, at the edges of what is said of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from posturecam.review.facts import AlikeDays, Standing, TooLittle, WeekCard, week_card
from posturecam.review.span_words import (
    span_conclusion,
    span_facts,
    span_figures,
    span_headline,
    week_card_text,
)
from posturecam.review.usual import DayTotals, SpanReview, review_span
from posturecam.review.words import HELD
from posturecam.values.totals import Totals
from tests.rows import DAY, MINUTE


def days(*slouched_min: int, judged_min: int = 100, moves: int = 10) -> list[DayTotals]:
    """Days with so many judged minutes, of them so many slouched each; less is not watched."""
    return [
        DayTotals(
            day=DAY + timedelta(days=index),
            totals=Totals(
                upright_ms=(judged_min - minutes) * MINUTE,
                slouched_ms=minutes * MINUTE,
                moves=moves,
                breaks=2,
            )
            if minutes >= 0
            else Totals(),
        )
        for index, minutes in enumerate(slouched_min)
    ]


def plain(text: str) -> str:
    """The text as it is read."""
    return text.replace(HELD, " ")


def facts(review: SpanReview) -> dict[str, str]:
    """By their names."""
    return {name: plain(text) for name, text in span_facts(review)}


@pytest.mark.parametrize(
    ("here", "before", "said"),
    [
        (days(20, 30, 25), days(40, 40, 40), "less than the 40 % of the days before"),
        (days(20, 30, 25), days(10, 10, 10), "more than the 10 % of the days before"),
        (days(20, 30, 25), days(24, 24, 24), "about as on the days before (24 %)"),
        (days(20, 30, 25), [], "there are too few days to compare with"),
    ],
)
def test_days_are_concluded_by_those_before(
    here: list[DayTotals], before: list[DayTotals], said: str
) -> None:
    """And the day with the most is named."""
    found = plain(span_conclusion(review_span(here, before)))
    assert found.startswith("25 % of the judged time was slouched")
    assert said in found
    assert "23 November 2026 had the most: 30 %" in found


def test_without_a_day_that_counts_nothing_is_concluded() -> None:
    """Nor without a watch."""
    few = plain(span_conclusion(review_span(days(10, 10, judged_min=20), [])))
    assert few == "Too little for a conclusion: no day had an hour judged."
    assert "Nothing was watched" in span_conclusion(review_span(days(-1, -1), []))


def test_figures_stand_beside_those_of_the_days_before() -> None:
    """Where there are enough to compare with."""
    here, before = days(20, 20, 20), days(5, 5, 5, moves=5)
    share, changes, breaks = span_figures(review_span(here, before))
    assert [plain(one.value) for one in (share, changes, breaks)] == ["20 %", "6", "2"]
    assert [plain(one.usual) for one in (share, changes, breaks)] == [
        "before 5 %",
        "before 3",
        "before 2",
    ]
    assert {one.usual for one in span_figures(review_span(here, days(5)))} == {""}


def test_figures_of_nothing_are_unknown() -> None:
    """They are not none."""
    share, changes, breaks = span_figures(review_span(days(-1, -1), []))
    assert [plain(one.value) for one in (share, changes, breaks)] == ["0 %", "-", "unknown"]


@pytest.mark.parametrize(
    ("moves", "said"),
    [
        (0, "you changed position less than once an hour"),
        (1, "you changed position about once an hour"),
        (3, "you changed position about 3 times an hour"),
    ],
)
def test_the_headline_says_how_often_the_position_changed(moves: int, said: str) -> None:
    """And on how many of the days there was a watch."""
    found = plain(span_headline(review_span(days(20, -1, 20, judged_min=60, moves=moves), [])))
    assert found.startswith("Watched 2 h 00 min on 2 of 3 days.")
    assert said in found
    empty = plain(span_headline(review_span(days(-1), [])))
    assert "no time in which your posture could be judged" in empty


@pytest.mark.parametrize(("count", "weekly"), [(13, None), (14, "20 %, 20 %"), (15, "20 %, 20 %")])
def test_two_weeks_are_said_week_by_week(count: int, weekly: str | None) -> None:
    """From the fourteenth day on; of more the oldest ones are in no week."""
    found = facts(review_span(days(*[90] * (count - 14), *[20] * min(count, 14)), []))
    assert found.get("Week by week") == (weekly and f"slouched {weekly}")


def test_a_week_with_two_days_that_count_has_no_share() -> None:
    """Three are enough."""
    found = facts(review_span(days(*[-1] * 5, 20, 20, *[-1] * 4, 20, 20, 20), []))
    assert found["Week by week"] == "slouched -, 20 %"


def test_the_days_before_are_said_or_why_not() -> None:
    """Where they are enough, and these are."""
    enough = facts(review_span(days(20, 20, 20), days(5, 5, 5, moves=5)))
    assert enough["3 days before"] == "5 % of the judged time was slouched, 3 changes an hour"
    few = facts(review_span(days(20, 20, 20), days(5)))
    assert few["3 days before"].endswith("are 1 before and 3 here, 3 needed each")


CARD = WeekCard(
    share=0.2,
    before=0.1,
    compared=Standing.MORE,
    least=AlikeDays(days=(DAY,), share=0.05),
    most=AlikeDays(days=(DAY + timedelta(days=1),), share=0.4),
    hour=9,
)


def test_a_week_is_said_in_three_sentences() -> None:
    """How it was against the one before, by day, and which hour stands out."""
    assert week_card_text(CARD) == (
        "Last week: 20 % slouched",
        "More than in the week before (10 %). Least on Sunday (5 %), most on Monday (40 %). "
        "A break at about 09:00 would meet the hour with the most.",
    )


def test_a_week_of_which_nothing_stands_out_is_said_in_one() -> None:
    """There is something to do all the same."""
    plain_card = replace(CARD, compared=TooLittle.DAYS, least=None, most=None, hour=None)
    _, text = week_card_text(plain_card)
    assert text == "No hour stands out: short, regular breaks beat rare long ones."
    assert week_card_text(replace(plain_card, least=CARD.least))[1] == text


def test_days_without_a_slouch_had_none() -> None:
    """Which is known, and not too little to tell."""
    review = review_span(days(0, 0, 0), days(0, 0, 0))
    found = plain(span_conclusion(review))
    assert found.startswith("0 % of the judged time was slouched")
    assert "about as on the days before (0 %)" in found
    assert found.endswith("On each of the 3 days with an hour judged it was 0 %.")
    share, *_ = span_figures(review)
    assert (plain(share.value), plain(share.usual)) == ("0 %", "before 0 %")
    card = week_card(review, {(0, 9): Totals(upright_ms=120 * MINUTE)})
    assert card is not None
    assert (card.share, card.before, card.hour) == (0.0, 0.0, None)


@pytest.mark.parametrize(
    ("here", "said"),
    [
        (days(-1, 20, 10, judged_min=60), "Of the days with an hour judged, Mon 23 November"),
        (days(-1, 20, -1), "Only Mon 23 November 2026 had an hour judged."),
        (days(20, 10, 20), "Sun 22 November 2026 and Tue 24 November 2026 had the most: "),
        (days(20, 10, 20, 20), "Of the days with an hour judged, 3 had the most: "),
        (days(20, 20), "On each of the 2 days with an hour judged it was "),
    ],
)
def test_days_with_the_most_are_named_as_far_as_days_differ(
    here: list[DayTotals], said: str
) -> None:
    """One that counts alone has nothing to have more than, and of several no first is chosen."""
    assert said in plain(span_conclusion(review_span(here, [])))


def test_all_weekdays_that_are_alike_are_named() -> None:
    """The first of three is not the one with the least."""
    monday = date(2026, 11, 16)
    alike = AlikeDays(days=tuple(monday + timedelta(days=at) for at in (0, 1, 4)), share=0.0)
    _, text = week_card_text(replace(CARD, least=alike))

    assert "Least on Monday, Tuesday and Friday (0 %), most on Monday (40 %)." in text


@pytest.mark.parametrize(("most", "named"), [(204, False), (206, True)])
def test_days_that_show_the_same_figure_are_alike(most: int, *, named: bool) -> None:
    """20.4 % is 20 %, and 20.6 % is more."""
    card = week_card(review_span(days(200, 200, most, judged_min=1000), []), {})
    assert card is not None
    assert (card.most is not None) is named
    assert (card.least is not None) is named
