"""The page of a day: everything in it is escaped, explained, and readable without its plots."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from posturecam.base.local_time import HOUR_MS, day_bounds_ms
from posturecam.review.day import review_day
from posturecam.review.page import Beside, Page, page_html, share_level
from posturecam.review.strip import small_days, stacked, strip
from posturecam.review.usual import DayTotals
from posturecam.review.words import HELD
from posturecam.values.events import AlertKind
from posturecam.values.log_rows import DayRows
from posturecam.values.observation import PostureState, UnknownReason, View
from posturecam.values.settings import PolicySettings
from posturecam.values.totals import Totals
from tests.rows import (
    AUTUMN,
    BERLIN,
    DAY,
    LIMITS_DEG,
    MINUTE,
    NINE_MS,
    ROWS,
    alert,
    interval,
    session,
)

UPRIGHT, SLOUCHED, AWAY, UNKNOWN, PAUSED = PostureState
NONCE = "only-this-once"
MODEL_SD_DEG = {View.FRONT: (5.0, 4.0, 5.0, 4.0, 2.0), View.SIDE: (2.0, 2.0, 2.0, 2.0, 2.0)}
WEEKS = tuple(
    DayTotals(
        day=DAY - timedelta(days=ago),
        totals=Totals(
            upright_ms=4 * HOUR_MS,
            slouched_ms=(ago % 7) * 10 * MINUTE,
            moves=20,
        ).within(0, 24 * HOUR_MS)
        if ago % 7 > 1 and ago < 21
        else Totals(unwatched_ms=24 * HOUR_MS),
    )
    for ago in range(27, -1, -1)
)
HOURS = {
    (0, 9): Totals(upright_ms=3 * HOUR_MS, slouched_ms=HOUR_MS, moves=10),
    (4, 11): Totals(slouched_ms=HOUR_MS, moves=30),
}


def page(rows: DayRows = ROWS, day: date = DAY) -> Page:
    """The page of these rows."""
    return Page(
        review=review_day(rows, day, BERLIN, before=WEEKS),
        rows=rows,
        weeks=WEEKS,
        map_weeks=8,
        map_hours=HOURS,
        model_sd_deg=MODEL_SD_DEG,
        version="1.2.3",
    )


def written(page: Page, *, nonce: str, library: str | None) -> str:
    """The page as it is written, with plain spaces between figures and units."""
    return page_html(page, nonce=nonce, library=library).replace(HELD, " ")


def page_text(rows: DayRows = ROWS, *, library: str | None = None) -> str:
    """That of a day."""
    return written(page(rows), nonce=NONCE, library=library)


def test_a_day_that_goes_on_says_until_when_it_is_shown() -> None:
    """Whoever finds the page again in the evening sees that it is of noon."""
    noon_ms = NINE_MS + 180 * MINUTE
    going_on = replace(page(), review=review_day(ROWS, DAY, BERLIN, until_ms=noon_ms))

    assert "<small>until 12:00</small></h1>" in written(going_on, nonce=NONCE, library=None)
    assert "<small>" not in page_text()
    empty = review_day(DayRows(), DAY, BERLIN, until_ms=noon_ms)
    text = written(replace(page(), review=empty, rows=DayRows()), nonce=NONCE, library=None)
    assert "<small>" not in text


def data(text: str) -> dict[str, Any]:
    """What the scripts of the page are given."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return dict(json.loads(found.group(1)))


def traces(text: str, figure: str) -> list[dict[str, Any]]:
    """The traces of a figure."""
    return list(data(text)["figures"][figure]["data"])


class Elements(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Notes a text."""
        self.texts.append(data)

    def tables(self) -> int:
        """How many there are."""
        return sum(tag == "table" for tag, _ in self.tags)


@pytest.mark.parametrize(
    "rows",
    [
        ROWS,
        replace(ROWS, minutes=()),
        replace(ROWS, intervals=(interval(NINE_MS, NINE_MS + HOUR_MS, UNKNOWN),), minutes=()),
        replace(ROWS, intervals=(interval(NINE_MS, NINE_MS + HOUR_MS, PAUSED),), minutes=()),
        DayRows(sessions=ROWS.sessions, moves=ROWS.moves, minutes=ROWS.minutes),
        DayRows(),
    ],
)
def test_each_plot_has_its_place_and_each_place_its_plot(rows: DayRows) -> None:
    """One without the other stops the script, and no plot would be drawn."""
    text = page_text(rows)
    places = [
        str(attributes["id"])
        for _, attributes in Elements(text).tags
        if attributes.get("class") == "plot"
    ]

    assert sorted(places) == sorted(f"plot-{key}" for key in data(text)["figures"])


# Nothing gets out, nothing gets in

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def evil_rows() -> DayRows:
    """Every text of the log tries to become part of the page."""
    return replace(
        ROWS,
        sessions=(replace(ROWS.sessions[0], source=EVIL, profile=EVIL, ended_by=EVIL),),
        intervals=(replace(ROWS.intervals[1], reason=EVIL), *ROWS.intervals[2:]),
        alerts=(replace(alert(43, AlertKind.SLOUCH), message=EVIL),),
        calibrations=(replace(ROWS.calibrations[0], profile=EVIL),),
    )


def test_no_text_of_the_log_becomes_part_of_the_page() -> None:
    """Names, sources, reasons, messages: shown as they are, run by nobody."""
    innocent, attacked = Elements(page_text()), Elements(page_text(evil_rows()))

    assert [tag for tag, _ in attacked.tags if tag in ("script", "img")] == [
        tag for tag, _ in innocent.tags if tag in ("script", "img")
    ]
    assert not [attributes for _, attributes in attacked.tags if "onerror" in attributes]
    assert sum(EVIL in text for text in attacked.texts) >= 5


def test_the_data_of_the_plots_is_escaped_twice() -> None:
    """Once for the script element that holds it, once for the plots, which read tags and links."""
    text = page_text(evil_rows())
    block = text[text.index('id="data">') : text.index("</script>", text.index('id="data">'))]

    assert not set("<>&") & set(block.removeprefix('id="data">'))
    seen = [trace["text"] for trace in traces(text, "day") if trace["name"] == "slouched"]
    assert "&lt;script&gt;alert(1)" in str(seen)
    assert "<script>" not in str(seen)


def test_only_its_own_scripts_may_run_and_nothing_may_be_fetched() -> None:
    """The policy stands in the page itself, so that it holds for a file as well."""
    elements = Elements(page_text())
    (policy,) = (
        attributes["content"]
        for tag, attributes in elements.tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.split("; ")[:2] == ["default-src 'none'", f"script-src 'nonce-{NONCE}'"]
    scripts = [attributes for tag, attributes in elements.tags if tag == "script"]
    assert [attributes.get("nonce") for attributes in scripts] == [None, NONCE, NONCE]
    assert [attributes.get("src") for attributes in scripts] == [None, "plotly.min.js", None]


def test_the_page_names_no_host() -> None:
    """No address of any kind but the library beside it."""
    addresses = [
        attributes[name]
        for _, attributes in Elements(page_text()).tags
        for name in ("src", "href", "action", "poster", "srcset", "data")
        if name in attributes
    ]
    assert sorted(map(str, addresses)) == ["#alert-list", "#main", "data:,", "plotly.min.js"]
    assert "//" not in page_text().replace("  //", "")


def test_a_page_that_stands_alone_holds_the_library() -> None:
    """One file, nothing beside it."""
    text = page_text(library="/* the whole library */")

    assert f'<script nonce="{NONCE}">/* the whole library */</script>' in text
    assert "plotly.min.js" not in text


# What is in it


def test_every_plot_has_a_table_and_an_explanation() -> None:
    """Who cannot see the plots reads the same figures."""
    text = page_text()

    figures = data(text)["figures"]
    assert list(figures) == ["day", "angles", "weeks"]
    for key in figures:
        place = text.index(f'id="plot-{key}"')
        after = text[place : text.index("</details>", place)]
        assert 'role="img" aria-label="' in after[:60]
        assert "<figcaption>" in after
        assert "<table>" in after


def test_the_timeline_holds_every_moment_once() -> None:
    """Base and length of the bars are those of the spans; marks stand at their moments."""
    found = {trace["name"]: trace for trace in traces(page_text(), "day")}

    assert list(found) == ["upright", "slouched", "away", "unknown", "changes", "alerts", "breaks"]
    assert (found["slouched"]["base"], found["slouched"]["x"]) == ([580.0, 690.0], [12.0, 3.0])
    assert (found["away"]["base"], found["away"]["x"]) == ([630.0, 631.0], [1.0, 9.0])
    assert found["slouched"]["text"][0] == (
        "09:40 to 09:52: slouched 12 min, upper back forward, head forward"
    )
    assert found["alerts"]["x"] == [583.0, 660.0, 692.0]
    assert found["breaks"]["x"] == [640.0, 600.0]
    assert len(found["changes"]["x"]) == 5


def test_a_locked_screen_is_marked_and_listed_with_the_breaks() -> None:
    """At the return, with how long it was locked: behind it the machine slept for an hour."""
    left_ms, slept_ms, back_ms = (NINE_MS + at * MINUTE for at in (60, 70, 130))
    rows = DayRows(
        intervals=(
            interval(NINE_MS, left_ms, UPRIGHT),
            interval(left_ms, slept_ms, PAUSED, UnknownReason.LOCKED),
            interval(back_ms, back_ms + MINUTE, UPRIGHT),
        )
    )
    text = page_text(rows)
    *_, breaks = traces(text, "day")
    assert (breaks["x"], breaks["text"]) == ([670.0], ["11:10: screen locked, 10 min"])
    assert "11:10</th><td>10 min</td><td>screen locked</td>" in text
    assert "Away for" not in text


def test_angles_have_limits_bands_and_holes() -> None:
    """The limits of that watch; the model's error of its view; no line where nothing was told."""
    found = traces(page_text(), "angles")

    line, limit = (trace for trace in found if trace["meta"]["angle"] == "upper_back")
    assert set(limit["y"]) == {LIMITS_DEG[0], None}
    assert (line["y"][0], line["y"][40], line["y"][90]) == (2.0, 14.0, None)
    assert line["meta"]["error_deg"] == MODEL_SD_DEG[View.FRONT][0]
    assert line["customdata"][40] == 0.8
    assert line["text"][40] == "09:40"
    assert line["hovertemplate"] == (
        "%{text}: about %{y:+.0f}° ±5°, spread within the minute %{customdata:.1f}°<extra></extra>"
    )
    of_shoulders = [trace for trace in found if trace["meta"]["angle"] == "shoulder_tilt"]
    limits = [trace for trace in of_shoulders if "dash" in trace["line"]]
    assert [trace["y"][0] for trace in limits] == [LIMITS_DEG[4], -LIMITS_DEG[4]]
    lines = [trace["meta"]["angle"] for trace in found if "name" in trace]
    assert lines == ["upper_back", "trunk", "neck", "shoulder_tilt"]


def test_a_minute_of_another_day_is_none_of_its_angles() -> None:
    """As one from before midnight, which a watch through it has."""
    night = replace(ROWS.minutes[0], start_ms=NINE_MS - 10 * HOUR_MS)
    rows = replace(ROWS, minutes=(night, *ROWS.minutes))

    assert traces(page_text(rows), "angles") == traces(page_text(), "angles")


def test_from_the_side_nothing_is_called_an_estimate() -> None:
    """What is measured in the picture plane needs no `about`."""
    rows = replace(ROWS, sessions=(replace(ROWS.sessions[0], view=View.SIDE),))
    text = page_text(rows)

    line = traces(text, "angles")[0]
    assert line["hovertemplate"].startswith("%{text}: %{y:+.0f}° ±2°, spread")
    assert "are estimates" not in text
    assert "are estimates" in page_text()


def test_the_axis_says_what_the_clock_on_the_wall_said() -> None:
    """On the day of 25 hours there are two quarters past two, an hour apart."""
    day = date(2026, 10, 25)
    start_ms, end_ms = day_bounds_ms(day, BERLIN)
    rows = DayRows(
        sessions=(session(start_ms, end_ms),), intervals=(interval(start_ms, end_ms, UPRIGHT),)
    )
    ticks = data(written(page(rows, day), nonce=NONCE, library=None))["ticks"]

    assert [at for at, label in ticks if label == "02:15"] == [135.0, 195.0]
    assert ticks[-1] == [1500.0, "00:00"]


def test_weeks_stand_on_an_axis_of_dates_over_the_band_of_their_days() -> None:
    """The newest has its figure beside it; the band is where the middle half of the days lies."""
    band, share, rate_band, rate = traces(page_text(), "weeks")

    assert share["x"] == rate["x"] == ["2026-11-02", "2026-11-09", "2026-11-16"]
    assert [round(value, 1) for value in rate["y"]] == [4.3, 4.3, 4.3]
    assert share["texttemplate"] == ["", "", f"{share['y'][-1]:.0f} %"]
    assert (len(band["x"]), band["x"][-1], rate_band["x"][0]) == (7, None, "2026-11-02")
    for at, value in enumerate(share["y"]):
        assert band["y"][at] <= value <= band["y"][5 - at]


def test_a_week_without_watching_is_a_gap() -> None:
    """It stands in the table without a figure; the line and the band are broken."""
    away = tuple(
        replace(day, totals=Totals(unwatched_ms=24 * HOUR_MS)) if 7 <= at < 21 else day
        for at, day in enumerate(WEEKS)
    )
    away = (*away[7:14], *WEEKS[7:14], *away[14:21], *WEEKS[14:21], *WEEKS[21:])
    days = tuple(
        replace(day, day=DAY - timedelta(days=len(away) - 1 - at)) for at, day in enumerate(away)
    )
    text = written(replace(page(), weeks=days), nonce=NONCE, library=None)
    band, share, *_ = traces(text, "weeks")

    assert [point is None for point in share["y"]] == [False, True, False, False]
    assert [x for x in band["x"] if x is None] == [None, None]
    assert "too little to tell" in text


def test_two_weeks_without_watching_are_one_gap() -> None:
    """The band is broken once, and begins anew where it is known again."""
    parts = (*WEEKS[7:14], *WEEKS[:7], *WEEKS[:7], *WEEKS[14:21])
    days = tuple(
        replace(day, day=DAY - timedelta(days=len(parts) - 1 - at)) for at, day in enumerate(parts)
    )
    text = written(replace(page(), weeks=days), nonce=NONCE, library=None)
    band, share, *_ = traces(text, "weeks")

    assert [point is None for point in share["y"]] == [False, True, True, False]
    assert [x is None for x in band["x"]] == [*[False] * 4, True] * 2


def test_maps_are_tables_of_their_own() -> None:
    """The figure stands in each cell; the colour only repeats it."""
    text = page_text()

    assert '<td class="l2" title="4 h 00 min judged">25</td>' in text
    assert '<td class="l4" title="1 h 00 min judged">100</td>' in text
    assert text.count("<caption>Slouched, % of the judged time</caption>") == 1
    assert [f">{hour}:00</th>" in text for hour in ("08", "09", "10", "11", "12")] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_an_hour_without_a_slouch_is_the_lightest() -> None:
    """And says that there was none."""
    hours = {(0, 9): Totals(upright_ms=HOUR_MS, moves=30)}
    text = written(replace(page(), map_hours=hours), nonce=NONCE, library=None)

    assert '<td class="l0" title="1 h 00 min judged">0</td>' in text


def test_pauses_are_shown_only_where_there_were_any() -> None:
    """Bar, legend, table and timeline agree."""
    paused = replace(ROWS.intervals[3], state=PAUSED, reason=UnknownReason.PAUSED.value)
    rows = replace(ROWS, intervals=(*ROWS.intervals[:3], paused, *ROWS.intervals[4:]))
    with_pause = page_text(rows)

    assert 'class="key s-paused"' in with_pause
    assert 'class="key s-paused"' not in page_text()
    assert "paused" in [trace["name"] for trace in traces(with_pause, "day")]
    assert "paused" not in [trace["name"] for trace in traces(page_text(), "day")]


def test_a_day_without_watching_still_has_its_weeks() -> None:
    """No empty plots: a sentence, and the weeks before."""
    text = page_text(DayRows())

    assert "Nothing was watched on this day" in text
    assert list(data(text)["figures"]) == ["weeks"]
    assert 'id="plot-day"' not in text


def test_a_first_day_has_no_plot_of_weeks() -> None:
    """Too little to tell is said, not drawn."""
    nothing = replace(page(), weeks=WEEKS[:7], map_hours={})
    text = written(nothing, nonce=NONCE, library=None)

    assert list(data(text)["figures"]) == ["day", "angles"]
    assert "Hours of the week" not in text


def test_slouched_is_said_of_the_whole_picture() -> None:
    """No single angle decides it, as `docs/measured.md` says."""
    measured = (Path(__file__).parents[2] / "docs/measured.md").read_text("utf-8")

    assert "The verdict weighs all that the picture shows" in measured
    text = page_text()
    assert text.count("the picture as a whole was that of a slouch, seen from your baseline") == 2
    assert "one angle" not in text.replace("Choose one angle for its limit", "")
    assert "limit from which" not in text


def test_from_the_front_all_angles_are_called_estimates() -> None:
    """As `docs/measured.md` says; none of them is from the side."""
    said = "From the front all five are estimates, but for the shoulder tilt where no face mesh"
    measured = (Path(__file__).parents[2] / "docs/measured.md").read_text("utf-8")
    side = replace(ROWS, sessions=(replace(ROWS.sessions[0], view=View.SIDE),))

    assert "From the front all five are **estimated**" in measured
    assert said in page_text()
    assert said not in page_text(side)


def test_a_log_without_limits_and_angles_is_shown_without() -> None:
    """Logs of an older posturecam have neither."""
    assert "No angle could be told on this day." in page_text(replace(ROWS, minutes=()))
    text = page_text(replace(ROWS, calibrations=()))
    assert all(not trace["x"] for trace in traces(text, "angles") if "dash" in trace["line"])


def test_the_journal_is_shown_only_where_there_is_one() -> None:
    """Text of the journal is text like any other: escaped."""
    text = written(replace(page(), journal=f"On the same days: {EVIL}"), nonce=NONCE, library=None)

    assert '<h2 id="h-journal">Pain journal</h2>' in text
    assert EVIL not in text
    assert "Pain journal" not in page_text()


def test_no_word_of_the_page_blames_praises_or_diagnoses() -> None:
    """The wording rules, over all texts of the page."""
    texts = " ".join(Elements(page_text()).texts).lower()

    banned = r"\b(bad|poor|wrong|perfect|correct|fix|score|damage|prevent|risk|because|great)\b"
    assert not re.findall(banned, texts.split('"use strict"')[0].split("*/")[-1])
    assert "different from your baseline" in texts
    assert "not a medical device" in texts


@pytest.mark.parametrize("level", ["h1", "h2"])
def test_headings_and_labels_make_an_outline(level: str) -> None:
    """One title; each part that is folded has its heading."""
    elements = Elements(page_text())
    found = [attributes for tag, attributes in elements.tags if tag == level]
    folds = [attributes for tag, attributes in elements.tags if tag == "details"]

    if level == "h1":
        assert len(found) == 1
    else:
        assert [attributes["id"] for attributes in found] == [
            f"h-{attributes['id']}" for attributes in folds
        ]
        assert not [attributes for attributes in folds if "open" in attributes]
    assert elements.tables() >= 8


# The first screen


def first_screen(text: str) -> str:
    """What stands before the first fold, without tags."""
    head = text[text.index("<main") : text.index('<div class="folds">')]
    return " ".join(unescape(re.sub("<[^>]*>", " ", head)).replace(HELD, " ").split())


def test_the_first_screen_says_what_the_day_comes_to() -> None:
    """The conclusion, three figures beside what is usual, seven days; nothing else is open."""
    said = first_screen(page_text())

    assert said.startswith("10 % of the judged time was slouched, different from your baseline: ")
    assert "getting up at about 11:00 would cut it in two." in said
    assert "Slouched 10 % of the judged time usual" in said
    assert "Longest unchanged 50 min from 10:43 to 11:33" in said
    assert "Breaks 1 full usual 0" in said
    assert said.endswith("- Sun 22")


def test_with_lengths_of_ones_own_no_other_is_said() -> None:
    """Breaks were counted by the length in force when each was taken; the rest by that of today."""
    own = PolicySettings(break_length_s=600, slouch_reset_s=90)
    rows = replace(ROWS, breaks=(replace(ROWS.breaks[0], lasted_ms=7 * MINUTE),))
    text = written(
        replace(page(rows), review=review_day(rows, DAY, BERLIN, policy=own)),
        nonce=NONCE,
        library=None,
    )
    said = " ".join(unescape(re.sub("<[^>]*>", " ", text)).split())

    assert "Breaks 1 full" in first_screen(text)
    assert "when it was taken; when this page was made that was 10 min." in said
    assert "without 10 min in which you were not" in said
    assert "Upright moments of less than 90 s do not end an episode." in said
    assert "five minutes" not in said
    assert "half a minute" not in said
    assert "5 min or more" not in said


def test_tables_of_a_day_on_which_the_clock_was_set_name_the_zones() -> None:
    """Else two hours have one name, and a stretch ends before it begins."""
    begin_ms = day_bounds_ms(AUTUMN, BERLIN)[0] + 170 * MINUTE
    end_ms = begin_ms + 80 * MINUTE
    rows = DayRows(
        sessions=(session(begin_ms, end_ms),), intervals=(interval(begin_ms, end_ms, SLOUCHED),)
    )
    text = written(page(rows, AUTUMN), nonce=NONCE, library=None)
    heads = re.findall(r'<th scope="row">(\d\d:\d\d[^<]*)</th>(?:<td>(\d\d:\d\d[^<]*)</td>)?', text)

    assert [time for time, end in heads if not end][:3] == ["02:00 CEST", "02:00 CET", "03:00 CET"]
    assert [head for head in heads if head[1]] == [("02:50 CEST", "03:10 CET")] * 3


def test_alerts_tell_kind_by_shape_and_a_change_by_filling() -> None:
    """A triangle, a square, a circle; hollow where none followed."""
    text = page_text(replace(ROWS, alerts=(*ROWS.alerts, alert(160, AlertKind.BREAK))))
    marks = re.findall(r'<svg class="mark (\w+)".*?<title>(.*?)</title>\s*<(\w+)', text)

    assert marks == [
        ("changed", "09:43: slouch, corrected after 40 s", "path"),
        ("open", "11:00: unchanged, ignored after 5 min", "rect"),
        ("changed", "11:32: slouch, moved after 1 min", "path"),
        ("open", "11:40: break, not known", "circle"),
    ]


def test_alerts_stand_in_groups_with_what_followed() -> None:
    """A row for each kind: how many there were, how many a change followed, when they were."""
    text = page_text()
    table = text[text.index("<caption>Alerts in groups") :]
    cells = re.findall(
        r"<t[hd][^>]*>([^<]*)<", table[table.index("<tbody") : table.index("</table")]
    )

    assert cells == ["Slouch", "2", "2", "09:43, 11:32", "Unchanged", "1", "0", "11:00"]


def test_the_strip_has_every_known_piece_and_leaves_gaps() -> None:
    """From the first watched hour to the last, in percent; nobody there is no colour."""
    found = strip(page().review)

    assert [(piece.key, piece.left, piece.width) for piece in found.pieces[:3]] == [
        ("upright", 0.0, 22.222),
        ("slouched", 22.222, 6.667),
        ("upright", 28.889, 21.111),
    ]
    assert {piece.key for piece in found.pieces} == {"upright", "slouched", "unknown"}
    assert [(hour.left, hour.label) for hour in found.hours] == [
        (0.0, "09"),
        (33.333, "10"),
        (66.667, "11"),
        (100.0, "12"),
    ]


def test_marks_that_would_touch_stand_above_each_other() -> None:
    """Each in the lowest row that has room, at its own time; a phone needs more room."""
    assert stacked([0, 10, 20], apart=5) == [0, 0, 0]
    assert stacked([10, 11, 12, 20, 21], apart=5) == [0, 1, 2, 0, 1]
    assert stacked([0, 4, 8, 12], apart=5) == [0, 1, 0, 1]

    dense = replace(ROWS, alerts=tuple(alert(at, AlertKind.BREAK) for at in (0, 4, 8, 60)))
    found = strip(review_day(dense, DAY, BERLIN))
    assert [(mark.wide, mark.narrow) for mark in found.marks] == [(0, 0), (0, 1), (0, 0), (0, 0)]
    assert (found.rows_wide, found.rows_narrow) == (1, 2)
    assert strip(review_day(replace(ROWS, alerts=()), DAY, BERLIN)).rows_narrow == 1


def test_a_page_leads_to_those_beside_it() -> None:
    """The nearest before and after it, and small days that have a page."""
    links = {DAY + timedelta(days=step): f"{step}.html" for step in (-9, -2, 1, 4)}
    text = written(
        replace(page(), beside=Beside(days=links, week="w.html", index="index.html")),
        nonce=NONCE,
        library=None,
    )

    assert re.findall(r'<a (?:rel="(\w+)" )?href="([^"#]*)"', text) == [
        ("prev", "-2.html"),
        ("", "w.html"),
        ("", "index.html"),
        ("next", "1.html"),
        ("", "-2.html"),
    ]


def test_small_days_are_as_high_as_their_share() -> None:
    """The highest fills its place only from half of the time on."""
    days = tuple(
        DayTotals(
            day=DAY - timedelta(days=ago),
            totals=Totals(upright_ms=(100 - share) * MINUTE, slouched_ms=share * MINUTE),
        )
        for ago, share in ((2, 0), (1, 25), (0, 100))
    )
    assert [day.height for day in small_days(days[:2], DAY, {})] == [0, 50]
    assert [day.height for day in small_days(days, DAY, {})] == [0, 25, 100]
    assert [day.current for day in small_days(days, DAY, {})] == [False, False, True]


@pytest.mark.parametrize(
    ("share", "level"),
    [
        (0.0, 0),
        (0.06, 0),
        (0.07, 1),
        (0.18, 1),
        (0.19, 2),
        (0.43, 3),
        (0.44, 4),
        (0.5, 4),
        (1.0, 4),
    ],
)
def test_a_share_is_as_dark_as_it_is_large(share: float, level: int) -> None:
    """In five steps up to half of the time; the figure says the rest."""
    assert share_level(share) == level


@pytest.mark.parametrize(
    ("moves", "level"), [(20, 0), (19, 1), (10, 1), (9, 2), (6, 2), (5, 3), (3, 3), (2, 4), (0, 4)]
)
def test_an_hour_is_darker_the_stiller_it_was(moves: int, level: int) -> None:
    """By its changes of position an hour."""
    hours = {(0, 9): Totals(upright_ms=HOUR_MS, moves=moves)}
    text = written(replace(page(), map_hours=hours), nonce=NONCE, library=None)
    still = text[text.index("<caption>Changes of position an hour") :]
    assert f'<td class="l{level}" title="1 h 00 min judged">{moves}</td>' in still


def test_the_last_seven_days_are_small_ones() -> None:
    """Those before them stand in the weeks."""
    text = page_text()
    days = text[text.index('<ol class="days"') :]
    assert days[: days.index("</ol>")].count("<li") == 7


def rows_of(text: str, caption: str) -> list[list[str]]:
    """The cells of a table."""
    table = text[text.index(f"<caption>{caption}") :]
    body = table[table.index("<tbody") : table.index("</tbody")]
    return [re.findall(r"<t[hd][^>]*>([^<]*)<", row) for row in body.split("</tr>")[:-1]]


def test_hours_of_a_day_stand_in_a_row_each() -> None:
    """Each state, the changes and the alerts."""
    assert [row[0] for row in rows_of(page_text(), "Hour by hour")] == ["09:00", "10:00", "11:00"]
    first = rows_of(page_text(), "Hour by hour")[0]
    assert first[1:] == ["48 min", "12 min", "0 s", "0 s", "3", "1"]


def test_the_time_in_each_state_is_a_share_of_the_judged_one() -> None:
    """Of a day without a watch there is none."""
    text = page_text()
    table = text[text.index("Time in each state") :]
    cells = re.findall(r"<td>([^<]*)</td>", table[: table.index("</table")])
    assert [cell.replace(HELD, " ") for cell in cells] == [
        "2 h 17 min", "90 %", "15 min", "10 %", "10 min", "", "3 min", "",
    ]  # fmt: skip
    assert "Time in each state" not in page_text(DayRows())
