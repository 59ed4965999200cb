"""What the plots of a page are given: every stretch, mark and line of a known day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from posturecam.base.local_time import HOUR_MS
from posturecam.review.day import review_day
from posturecam.review.figures import (
    Figure,
    angle_figure,
    angle_minutes,
    day_figure,
    minute_of,
    shown_text,
    ticks,
    time_axis,
)
from posturecam.review.trends import week_figure, weeks
from posturecam.review.usual import DayTotals
from posturecam.review.words import HELD
from posturecam.values.log_rows import DayRows
from posturecam.values.observation import View
from posturecam.values.totals import Totals
from tests.rows import BERLIN, DAY, LIMITS_DEG, MINUTE, NINE_MS, ROWS, session

REVIEW = review_day(ROWS, DAY, BERLIN)
NOTHING = review_day(DayRows(), DAY, BERLIN)
SD_DEG = {View.FRONT: (5.0, 4.0, 5.0, 4.0, 2.0)}
NINE_MIN = 9 * 60


# The day


def test_each_state_has_a_lane_with_its_stretches() -> None:
    """From when, in minutes since midnight, and for how long."""
    lanes = {lane["name"]: lane for lane in day_figure(REVIEW)["data"] if lane["type"] == "bar"}

    assert {name: [*zip(lane["base"], lane["x"], strict=True)] for name, lane in lanes.items()} == {
        "upright": [(540, 40), (592, 38), (643, 47), (693, 12)],
        "slouched": [(580, 12), (690, 3)],
        "away": [(630, 1), (631, 9)],
        "unknown": [(640, 3)],
    }
    assert all(set(lane["y"]) == {name} for name, lane in lanes.items())
    assert lanes["slouched"]["text"][1] == "11:30 to 11:33: slouched 3 min, left shoulder lower"
    assert lanes["upright"]["text"][0] == "09:00 to 09:40: upright 40 min"


def test_changes_alerts_and_breaks_are_marked_when_they_were() -> None:
    """A guided break beside the others."""
    lanes = {lane["name"]: lane for lane in day_figure(REVIEW)["data"] if lane["type"] != "bar"}

    assert {name: lane["x"] for name, lane in lanes.items()} == {
        "changes": [NINE_MIN + at for at in (10, 30, 52, 70, 153)],
        "alerts": [NINE_MIN + at for at in (43, 120, 152)],
        "breaks": [640, 600],
    }
    assert all(lane["y"] == [name] * len(lane["x"]) for name, lane in lanes.items())
    assert lanes["breaks"]["text"] == ["10:40: back from 10 min", "10:00: guided, 1 min"]


def test_the_lanes_stand_in_their_order_over_the_watched_hours() -> None:
    """The first on top; a figure is higher by as much for each."""
    layout, without = (day_figure(one)["layout"] for one in (REVIEW, replace(REVIEW, spans=())))
    lanes = layout["yaxis"]["categoryarray"]

    assert lanes == ["breaks", "alerts", "changes", "unknown", "away", "slouched", "upright"]
    assert layout["xaxis"]["range"] == time_axis(REVIEW)["range"] == [NINE_MIN, NINE_MIN + 180]
    assert layout["yaxis"]["fixedrange"] is True
    assert layout["height"] == without["height"] == 298


def test_every_quarter_of_an_hour_has_its_clock() -> None:
    """Up to the end of the last hour; a day without any has none."""
    found = ticks(REVIEW)
    assert [minute for minute, _ in found] == [*range(NINE_MIN, NINE_MIN + 181, 15)]
    assert (found[1][1], found[-1][1]) == ("09:15", "12:00")
    assert ticks(NOTHING) == []


def test_a_moment_stands_where_it_was_and_a_text_as_it_is_written() -> None:
    """To the 17th part of a second; quotes are no tags."""
    assert minute_of(REVIEW, NINE_MS + 2000) == 540.033
    assert shown_text('<b> & "x"') == '&lt;b&gt; &amp; "x"'


# The angles


def angle_traces(rows: DayRows = ROWS) -> list[Figure]:
    """All of the day, its limits among them."""
    return list(angle_figure(REVIEW, rows, angle_minutes(REVIEW, rows, SD_DEG))["data"])


def test_an_angle_is_a_point_in_the_middle_of_each_minute() -> None:
    """With a gap where it was not seen, and its spread within the minute."""
    line = angle_traces()[0]

    minutes = [*range(90), None, *range(103, 165)]
    assert line["x"] == [None if at is None else NINE_MIN + at + 0.5 for at in minutes]
    assert line["y"][88:92] == [2.0, 2.0, None, 2.0]
    assert line["y"][39:41] == [2.0, 14.0]
    assert line["customdata"][88:92] == [0.8, 0.8, 0.0, 0.8]
    assert line["text"][89:92] == ["10:29", "", "10:43"]
    assert line["meta"] == {"angle": "upper_back", "error_deg": 5.0}
    assert "about %{y:+.0f}° ±5°" in line["hovertemplate"]


def test_an_angle_from_the_side_is_measured() -> None:
    """So nothing is about; nor is an error known of a view that no model was fitted to."""
    sessions = (replace(ROWS.sessions[0], view=View.SIDE),)
    rows = replace(ROWS, sessions=sessions)
    line = angle_traces(rows)[0]
    assert "about" not in line["hovertemplate"]
    assert "±" not in line["hovertemplate"]
    assert line["meta"]["error_deg"] is None


def test_minutes_of_another_day_are_not_shown() -> None:
    """Nor a spread that was not measured."""
    first, *_ = ROWS.minutes
    day_ms = REVIEW.start_ms, REVIEW.start_ms + 24 * HOUR_MS
    rows = replace(
        ROWS,
        minutes=tuple(
            replace(first, start_ms=at_ms, sd_deg=(None,) * 5)
            for at_ms in (day_ms[0] - MINUTE, day_ms[0], day_ms[1] - MINUTE, day_ms[1])
        ),
    )
    found = angle_minutes(REVIEW, rows, SD_DEG)
    assert [one.at_ms for one in found["trunk"]] == [day_ms[0], day_ms[1] - MINUTE]
    assert {one.spread_deg for one in found["trunk"]} == {0.0}
    assert found["back_flexion"] == []


def test_limits_hold_from_their_baseline_until_the_next() -> None:
    """Or the end of the run; those of the shoulders on both sides."""
    (first,) = ROWS.calibrations
    second = replace(first, at_ms=NINE_MS + 60 * MINUTE, limits_deg=(10.0, *LIMITS_DEG[1:]))
    before = replace(first, at_ms=REVIEW.start_ms - HOUR_MS, session_id=2)
    rows = replace(
        ROWS,
        sessions=(session(before.at_ms, REVIEW.start_ms + HOUR_MS, 2), *ROWS.sessions),
        calibrations=(before, first, second),
    )
    lines = [trace for trace in angle_traces(rows) if trace["line"].get("dash") == "dash"]
    whole = [0, 60, None, 540, 600, None, 600, 705, None]
    assert [line["x"] for line in lines] == [whole] * 6
    assert lines[0]["y"] == [12, 12, None, 12, 12, None, 10, 10, None]
    assert [line["y"][0] for line in lines] == [12, 12, 12, 15, 7, -7]
    assert [line["meta"]["angle"] for line in lines[-2:]] == ["shoulder_tilt"] * 2


# The weeks


def days(*slouched_min: int, moves: int = 20) -> list[DayTotals]:
    """Days of an hour each, of which so many minutes were slouched; less is not watched at all."""
    monday = DAY - timedelta(days=DAY.weekday())
    return [
        DayTotals(
            day=monday + timedelta(days=at),
            totals=Totals(
                upright_ms=(60 - minutes) * MINUTE, slouched_ms=minutes * MINUTE, moves=moves
            )
            if minutes >= 0
            else Totals(),
        )
        for at, minutes in enumerate(slouched_min)
    ]


def test_a_week_is_a_point_over_the_band_of_its_days() -> None:
    """Those of too few days are a gap in both; the newest has its figure beside it."""
    half_year = days(*[-1] * 7, *[13] * 4, 18, 24, -1, 6, *[-1] * 6, *[30] * 7, moves=11)
    found = weeks(half_year)
    band, line, rate_band, rate = week_figure(found)["data"]
    first, gap, last = (week.first.isoformat() for week in found)
    edges = [(week.first + timedelta(days=at)).isoformat() for week in found for at in (-2, 2)]

    assert [week.counts for week in found] == [True, False, True]
    assert line["x"] == [first, gap, last]
    assert line["y"] == [pytest.approx(100 * (52 + 18 + 24) / 360, abs=0.005), None, 50.0]
    assert line["texttemplate"] == ["", "", "50 %"]
    assert band["x"] == [*edges[:2], *edges[1::-1], None, *edges[4:], *edges[:3:-1], None]
    low, high = found[0].days.slouched_share[0], found[0].days.slouched_share[2]  # type: ignore[index]
    low, high = round(100 * low, 2), round(100 * high, 2)
    assert band["y"] == [low, low, high, high, None, *[50.0] * 4, None]
    assert rate["y"] == [11.0, None, 11.0]
    assert rate["texttemplate"] == ["", "", "11"]
    assert rate_band["y"] == [*[11.0] * 4, None, *[11.0] * 4, None]


def test_weeks_in_a_row_have_one_band() -> None:
    """There along its low edge, and back along the high one."""
    found = weeks(days(*[10] * 7, *[20] * 7, *[30] * 7))
    band, *_ = week_figure(found)["data"]
    there = [week.first.isoformat() for week in found]
    assert band["x"] == [*there, *there[::-1], None]


@pytest.mark.parametrize(("number", "every"), [(1, 1), (6, 1), (7, 2), (26, 5)])
def test_the_axis_names_weeks_by_their_mondays(number: int, every: int) -> None:
    """A few of them, as the table and the points do."""
    found = weeks(days(*[10] * 7 * number))
    axis = week_figure(found)["layout"]["xaxis"]
    assert axis["tickvals"] == [week.first.isoformat() for week in found[::every]]
    assert axis["ticktext"] == [week.short_name for week in found[::every]]


def test_a_week_says_in_the_table_what_is_too_little_to_tell() -> None:
    """How many days counted, and how much was judged, it always says."""
    enough, few = weeks(days(*[12] * 7, 6))
    shown = [[cell.replace(HELD, " ") for cell in week.cells[1:]] for week in (enough, few)]
    assert shown[0] == ["7", "7 h 00 min", "20 %", "20"]
    assert shown[1] == ["1", "1 h 00 min", "too little to tell", "too little to tell"]
    assert enough.cells[0].endswith(" 2026")


def test_without_a_week_nothing_is_drawn() -> None:
    """Nor is one before the first watch."""
    assert weeks(days(*[-1] * 21)) == []
    band, line, *_ = week_figure([])["data"]
    assert band["x"] == band["y"] == line["x"] == line["y"] == line["texttemplate"] == []
