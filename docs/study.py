"""Reads the exports of many people with DuckDB, and makes three plots of them as one page.

    posturecam export study/anna --format parquet --tables sessions,intervals,moves
    python docs/study.py study study.html --utc-offset 1

Each folder in `study` is a person. The three plots: how much of the judged time each was slouched
against how often they changed position, how that share goes over the hours of the day, and how it
went week by week, each with the middle half of the people. A stretch counts in the hour in which it
began. What the plots show together is no cause of anything.

Needs `pip install duckdb plotly`; nothing leaves the machine, and no extension is loaded.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from plotly.subplots import make_subplots

if TYPE_CHECKING:
    import plotly.graph_objects as go

HOUR_MS = 3_600_000
WEEK_MS = 7 * 24 * HOUR_MS
MONDAY_MS = 4 * 24 * HOUR_MS
"""The first Monday after 1970 began, on a Thursday."""
LEAST_HOURS = 1
"""Judged hours from which a share says something."""

JUDGED = """CREATE VIEW judged AS SELECT
        parse_path(filename)[-2] AS person, start_ms + ? AS local_ms,
        (end_ms - start_ms) / 3600000 AS hours, state = 'slouched' AS slouched
    FROM read_parquet(?, filename = true) WHERE state IN ('upright', 'slouched')"""
MOVES = """CREATE VIEW changes AS SELECT parse_path(filename)[-2] AS person
    FROM read_parquet(?, filename = true)"""
SHARE = "sum(hours) FILTER (slouched) / sum(hours)"
PEOPLE = f"""SELECT person, coalesce({SHARE}, 0) AS share,
    coalesce(any_value(number), 0) / sum(hours)
    FROM judged LEFT JOIN (SELECT person, count(*) AS number FROM changes GROUP BY person)
    USING (person) GROUP BY person HAVING sum(hours) >= {LEAST_HOURS} ORDER BY person"""
OVER_PEOPLE = """WITH by_person AS (
        SELECT person, {place} AS place, coalesce({share}, 0) AS share
        FROM judged GROUP BY ALL HAVING sum(hours) >= {least}
    )
    SELECT place, quantile_cont(share, 0.25), quantile_cont(share, 0.5), quantile_cont(share, 0.75)
    FROM by_person GROUP BY place ORDER BY place"""
HOURS = OVER_PEOPLE.format(place="local_ms // 3600000 % 24", share=SHARE, least=LEAST_HOURS)
WEEKS = OVER_PEOPLE.format(
    place=f"(local_ms - {MONDAY_MS}) // {WEEK_MS}", share=SHARE, least=LEAST_HOURS
)

Quartiles = list[tuple[int, float, float, float]]


def read_study(
    folder: Path, utc_offset_h: float
) -> tuple[list[tuple[str, float, float]], Quartiles, Quartiles]:
    """Each person's slouched share and changes an hour; quartiles by hour and by week."""
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )
    with connection:
        intervals, moves = (
            str(folder / "*" / f"{name}.parquet") for name in ("intervals", "moves")
        )
        # Views take no parameters; what is put in is a number and the name of a folder.
        offset, path = str(round(utc_offset_h * HOUR_MS)), "'" + intervals.replace("'", "''") + "'"
        connection.execute(JUDGED.replace("?", offset, 1).replace("?", path, 1))
        connection.execute(MOVES.replace("?", "'" + moves.replace("'", "''") + "'", 1))
        people, hours, weeks = (
            connection.execute(query).fetchall() for query in (PEOPLE, HOURS, WEEKS)
        )
    return people, hours, weeks


def study_figure(
    people: list[tuple[str, float, float]], hours: Quartiles, weeks: Quartiles
) -> go.Figure:
    """The three plots below each other."""
    figure = make_subplots(
        rows=3,
        subplot_titles=(
            "Slouched share and changes of position, a point a person",
            "Slouched share over the hours of the day",
            "Slouched share week by week",
        ),
    )
    names, shares, rates = zip(*people, strict=True)
    figure.add_scatter(
        x=rates, y=shares, text=names, mode="markers", marker={"color": "#1f5fa8"}, row=1, col=1
    )
    _add_band(figure, [hour for hour, *_ in hours], hours, row=2)
    _add_band(figure, [_monday(week) for week, *_ in weeks], weeks, row=3)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figure.update_xaxes(title_text="changes of position an hour", row=1)
    figure.update_xaxes(title_text="hour of the day", row=2)
    figure.update_xaxes(tick0="2026-01-05", dtick=4 * WEEK_MS, row=3)  # Mondays, as weeks are named
    figure.update_layout(height=1100, showlegend=False, template="simple_white")
    return figure


def _add_band(figure: go.Figure, x: list[object], values: Quartiles, *, row: int) -> None:
    low, middle, high = (
        list(column) for column in zip(*(rest for _, *rest in values), strict=True)
    )
    band = {"x": x + x[::-1], "y": low + high[::-1], "fill": "toself", "fillcolor": "#dde8f5"}
    figure.add_scatter(**band, line={"width": 0}, mode="lines", hoverinfo="skip", row=row, col=1)
    line = {"color": "#1f5fa8"}
    figure.add_scatter(x=x, y=middle, mode="lines+markers", line=line, row=row, col=1)


def _monday(week: int) -> str:
    return f"{datetime.fromtimestamp((MONDAY_MS + week * WEEK_MS) / 1000, UTC):%Y-%m-%d}"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", type=Path, help="folder with a folder for each person")
    parser.add_argument("page", type=Path, help="page to write")
    parser.add_argument("--utc-offset", type=float, default=0, metavar="HOURS")
    given = parser.parse_args()
    figure = study_figure(*read_study(given.study, given.utc_offset))
    figure.write_html(given.page, include_plotlyjs=True)


if __name__ == "__main__":
    main()
