"""The plots of a week or a month: where each day lies, and what it lies beside."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from posturecam.review.span_page import span_html
from posturecam.review.span_trends import MOST_DAYS, Trend, span_trends
from posturecam.review.span_words import trend_note
from posturecam.review.usual import DayTotals, review_span
from posturecam.review.words import HELD
from posturecam.values.totals import Totals
from tests.rows import MINUTE

MONDAY = date(2026, 10, 19)
"""Of the week whose Sunday has 25 hours."""
Percents = list[int | None]


def days(percents: Percents, *, first: date = MONDAY, judged_min: int = 120) -> list[DayTotals]:
    """Days that were slouched so much, with as many changes; None was not watched."""
    return [
        DayTotals(
            day=first + timedelta(days=index),
            totals=Totals()
            if percent is None
            else Totals(
                upright_ms=(100 - percent) * judged_min * MINUTE // 100,
                slouched_ms=percent * judged_min * MINUTE // 100,
                moves=round(percent * judged_min / 60),
            ),
        )
        for index, percent in enumerate(percents)
    ]


def shares(percents: Percents, before: Percents | None = None) -> Trend:
    """The plot of the slouched share."""
    share, _moves = span_trends(review_span(days(percents), days(before or [])))
    return share


def test_each_day_has_its_place_on_the_axis_of_dates() -> None:
    """In the middle of its day, as high as its share; 25 hours are a day like any other."""
    trend = shares([10, 20, 30, None, 40, None, 60])

    assert [(point.left, point.figure.replace(HELD, " ")) for point in trend.points] == [
        (7.14, "10 %"),
        (21.43, "20 %"),
        (35.71, "30 %"),
        (64.29, "40 %"),
        (92.86, "60 %"),
    ]
    assert [round(point.bottom / trend.points[0].bottom, 2) for point in trend.points] == [
        1,
        2,
        3,
        4,
        6,
    ]
    assert [label.text for label in trend.days] == [
        *("Mon 19", "Tue 20", "Wed 21", "Thu 22", "Fri 23", "Sat 24", "Sun 25"),
    ]
    assert [label.at for label in trend.days][::3] == [7.14, 50.0, 92.86]
    assert trend.points[0].text.replace(HELD, " ") == "Mon 19 October 2026: 10 %"


def test_the_line_is_broken_where_nothing_was_judged() -> None:
    """A day alone is a point without a line."""
    trend = shares([10, 20, 30, None, 40, None, 60])
    assert [[point.figure for point in run] for run in trend.runs] == [
        [point.figure for point in trend.points[:3]]
    ]
    assert shares([None, 50, None]).runs == ()
    assert len(shares([None, 50, None]).points) == 1


def test_a_day_with_too_little_is_a_gap() -> None:
    """Of a few minutes any share can come."""
    short = days([None, 90], judged_min=20)[1:]
    review = review_span([*days([10]), *short, *days([30], first=MONDAY + timedelta(days=2))], [])
    share, moves = span_trends(review)
    assert [len(share.points), len(moves.points)] == [2, 2]
    assert share.runs == moves.runs == ()


def test_nothing_is_drawn_without_a_day_that_counts_or_of_years() -> None:
    """Calendars say the rest."""
    assert span_trends(review_span(days([None] * 7), [])) == ()
    assert span_trends(review_span(days([90], judged_min=20), [])) == ()
    assert len(span_trends(review_span(days([10] * MOST_DAYS), []))) == 2
    assert span_trends(review_span(days([10] * (MOST_DAYS + 1)), [])) == ()


def test_the_band_is_what_was_usual_before() -> None:
    """The middle half, once there are enough days for one; the note says which."""
    review = review_span(days([20] * 7), days([10, 20, 30, 40, 50, None, None]))
    share, moves = span_trends(review)
    level = share.points[0].bottom / 20
    assert share.band == pytest.approx((20 * level, 20 * level), abs=0.02)
    level = moves.points[0].bottom / 20
    assert moves.band == pytest.approx((20 * level, 20 * level), abs=0.02)
    assert trend_note(review).endswith("The band is the middle half of the 7 days before.")

    too_few = review_span(days([20] * 7), days([10, 20, None, None, None, None, None]))
    assert [trend.band for trend in span_trends(too_few)] == [None, None]
    assert trend_note(too_few).endswith("the line is broken.")


@pytest.mark.parametrize(
    ("percents", "before", "levels"),
    [
        ([3, 2], None, ["0 %", "5 %", "10 %", "15 %", "20 %"]),
        ([30, 20], None, ["0 %", "10 %", "20 %", "30 %"]),
        ([10, 20], [40, 80, 80], ["0 %", "20 %", "40 %", "60 %", "80 %"]),
        ([100, 20], None, ["0 %", "50 %", "100 %"]),
    ],
)
def test_all_of_it_has_room_below_the_highest_level(
    percents: Percents, before: Percents | None, levels: list[str]
) -> None:
    """Days, what was usual, and the figure of the newest; levels are round."""
    trend = shares(percents, before)
    assert [label.text.replace(HELD, " ") for label in trend.levels] == levels
    edges = [point.bottom for point in trend.points] + [sum(trend.band or ())]
    assert max(edges) <= 87
    assert max(label.at for label in trend.levels) <= 100


def test_someone_who_moves_all_the_time_has_a_plot() -> None:
    """The roundest number there is ends the search for one."""
    busy = DayTotals(day=MONDAY, totals=Totals(upright_ms=100 * MINUTE, moves=9000))
    _share, moves = span_trends(review_span([busy], []))
    assert moves.points[0].figure == "5400"
    assert [label.text for label in moves.levels][:3] == ["0", "500", "1000"]


@pytest.mark.parametrize(
    ("length", "names"),
    [
        (7, 7),
        (8, ["Mon 19", "Wed 21", "Fri 23", "Sun 25"]),
        (14, 7),
        (15, ["19 Oct", "26 Oct", "2 Nov"]),
        (31, ["19 Oct", "26 Oct", "2 Nov", "9 Nov", "16 Nov"]),
        (92, ["19 Oct", "9 Nov", "30 Nov", "21 Dec", "11 Jan"]),
    ],
)
def test_long_stretches_name_every_other_day_or_their_mondays(
    length: int, names: int | list[str]
) -> None:
    """Few enough for a phone."""
    found = [label.text for label in shares([20] * length).days]
    assert (len(found) if isinstance(names, int) else found) == names


def test_the_page_shows_band_lines_points_and_the_newest_figure() -> None:
    """Twice: slouched share and changes an hour."""
    review = review_span(days([10, 20, None, 30]), days([10, 20, 30]))
    text = span_html(review, nonce="n", version="1")
    assert text.count("<rect ") == 2
    assert text.count("<polyline ") == 2
    assert text.count('%" title="') == 6
    assert [text.count(f'%">{figure}</b>') for figure in (f"30{HELD}%", "30")] == [1, 1]
