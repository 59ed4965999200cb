"""A reviewed day, or several, as text. Pure: values in, strings out."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posturecam.base.language import _
from posturecam.base.local_time import HOUR_MS
from posturecam.outputs.dates import long_date, weekday_date
from posturecam.outputs.words import count_text, name_text
from posturecam.review import words
from posturecam.review.day import DayReview
from posturecam.review.span_words import nothing_in_span, span_facts, span_headline, span_title
from posturecam.values.observation import PostureState

if TYPE_CHECKING:
    from rich.text import Text

    from posturecam.review.stretches import Episode
    from posturecam.review.usual import DayTotals, SpanReview

NARROWEST = 50
"""Room for the labels and the figures; a narrower screen folds the lines itself."""
WIDEST = 100
"""Lines longer than this are hard to read."""
SCREEN_LINES = 24
"""Of the smallest terminal in use; a day fits it."""
MOST_EPISODES = 8
CELLS_PER_HOUR = (60, 30, 12, 6, 4, 3, 2, 1)

# The glyphs alone tell the states apart; colours are a help. None of them means good or bad. Both
# colours stand out by more than 3:1 on white and on black.
_GLYPHS = {
    PostureState.UPRIGHT: "█",
    PostureState.SLOUCHED: "▒",
    PostureState.AWAY: "·",
    PostureState.UNKNOWN: "?",
    PostureState.PAUSED: "-",
}
_STYLES = {
    PostureState.UPRIGHT: "color(32)",
    PostureState.SLOUCHED: "color(166)",
    PostureState.AWAY: "dim",
    PostureState.UNKNOWN: "dim",
    PostureState.PAUSED: "dim",
}
_FEW_COLOURS = {"color(32)": "", "color(166)": "magenta"}
"""What takes their place where there are 16 colours: cyan and yellow, the nearest, are hard to see
on white."""
_HEADING = "bold"
_MORE = _("More of the day: posturecam review --full, or --open for the browser.")
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


def review_text(review: DayReview | SpanReview, width: int, *, full: bool = False) -> str:
    """The review in plain lines of at most `width` columns, `NARROWEST` at least.

    Of a day the conclusion, the strip and three figures, or in `full` all that there is.
    """
    lines = _lines(review, width, full=full)
    texts = ("".join(piece.text for piece in line).rstrip() for line in lines)
    return "\n".join(texts).replace(words.HELD, " ")


def review_rich(
    review: DayReview | SpanReview, width: int, *, full: bool = False, few_colours: bool = False
) -> Text:
    """The same as `review_text`, with colours, of which a terminal may have 16 only."""
    from rich.text import Text

    text = Text()
    for line in _lines(review, width, full=full):
        for piece in line:
            style = _FEW_COLOURS.get(piece.style, piece.style) if few_colours else piece.style
            text.append(piece.text.replace(words.HELD, " "), style)
    text.rstrip()  # whoever prints it ends the last line
    return text


def _lines(review: DayReview | SpanReview, width: int, *, full: bool) -> list[_Line]:
    width = min(max(width, NARROWEST), WIDEST)
    if isinstance(review, DayReview):
        return _day_lines(review, width, full=full)
    return _span_lines(review, width)


def _day_lines(review: DayReview, width: int, *, full: bool) -> list[_Line]:
    """A day on one screen, and below it what else there is."""
    lines = [_whole(long_date(review.day), _HEADING)]
    if not review.spans:
        return [*lines, _whole(""), *_wrapped(words.nothing_on_day(review), width)]
    lines += [
        *_wrapped(words.headline(review), width),
        _whole(""),
        *_wrapped(words.conclusion_text(review), width, style=_HEADING),
        _whole(""),
        *_strip_lines(review, width),
        *_key_lines(review, width),
        _whole(""),
        *_figure_lines(review, width),
        _whole(""),
    ]
    if not full:
        return [*lines, *_wrapped(_MORE, width, style="dim")]
    return [
        *lines,
        *_bar_lines(review, width),
        _whole(""),
        *_episode_lines(review, width),
        *_fact_lines(words.day_facts(review), width),
    ]


def _key_lines(review: DayReview, width: int) -> Iterator[_Line]:
    """What the signs of the strip mean."""
    shown = review.totals.shown_by_state
    keys = [f"{_GLYPHS[state]} {_shown_name(review, state)}" for state, ms in shown.items() if ms]
    if review.alerts:
        keys.append("! " + _("alert"))
    for line in _wrapped("  ".join(["", *(key.replace(" ", words.HELD) for key in keys)]), width):
        yield [coloured for piece in line for coloured in _coloured(piece)]


def _coloured(piece: _Piece) -> Iterator[_Piece]:
    """The signs of states in it as they are in the strip."""
    styles = {glyph: _STYLES[state] for state, glyph in _GLYPHS.items() if state in words.JUDGED}
    for part in re.split(f"([{''.join(styles)}])", piece.text):
        yield _Piece(part, styles.get(part, piece.style))


def _shown_name(review: DayReview, state: PostureState) -> str:
    """What the state is called; of pauses, what for."""
    pauses = words.pauses_text(review)
    if state is not PostureState.PAUSED or not pauses:
        return name_text(state)
    return _("{paused} ({pauses})").format(paused=name_text(state), pauses=pauses)


def _figure_lines(review: DayReview, width: int) -> Iterator[_Line]:
    for figure in words.figure_texts(review):
        what = f"{figure.value} {figure.detail}".rstrip()
        yield from _fact(figure.name, "; ".join(filter(None, (what, figure.usual))), width)
    if note := words.usual_note(review):
        yield from _wrapped(note, width, style="dim")
    if goal := words.goal_text(review):
        yield from _wrapped(goal, width)


def _bar_lines(review: DayReview, width: int) -> Iterator[_Line]:
    """How the time was spent; shares are of the judged time, as everywhere."""
    totals = review.totals
    whole_ms = totals.watched_ms + totals.paused_ms
    for state, ms in totals.shown_by_state.items():
        share = ms / totals.judged_ms if state in words.JUDGED and totals.judged_ms else None
        yield _bar_line(state, ms, whole_ms, share, width)
    if pauses := words.pauses_text(review):
        yield _whole("  " + _("of the pauses: {pauses}").format(pauses=pauses), "dim")
    not_watched = _("not watched: {unwatched} of {wall}").format(
        unwatched=words.duration_text(totals.unwatched_ms), wall=words.duration_text(totals.wall_ms)
    )
    yield _whole(f"  {not_watched}", "dim")


def _bar_line(
    state: PostureState, spent_ms: int, whole_ms: int, share: float | None, width: int
) -> _Line:
    shown = "" if share is None else words.percent_text(share)
    figures = f"{words.duration_text(spent_ms):>11}  {shown:>5}"
    room = width - 12 - len(figures) - 2
    bar = _GLYPHS[state] * round(room * spent_ms / whole_ms)
    return [
        _Piece(f"  {name_text(state):8}  "),
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

    cells = hours * an_hour
    axis, counts = [" "] * cells, [" "] * cells
    every = -(-3 // an_hour)
    has_room = True
    for index in range(0, len(review.hours), every):
        labelled = review.hours[index : index + every]
        at = cell(labelled[0].start_ms)
        axis[at : at + 2] = f"{review.local(labelled[0].start_ms):%H}"
        if any(hour.totals.judged_ms for hour in labelled):
            changes = str(sum(hour.totals.moves for hour in labelled))
            has_room &= len(changes) < every * an_hour
            counts[at : at + len(changes)] = changes
    yield _strip_line(_("{minutes} min each").format(minutes=60 // an_hour), "".join(axis), "dim")
    pieces = [_Piece("  " + _("mostly").ljust(_STRIP_LABEL - 2))]
    pieces += [
        _Piece(_GLYPHS[state], _STYLES[state]) if state else _Piece(" ")
        for state in _cells(review, begin_ms, cells, cell_ms)
    ]
    yield [*pieces, _Piece("\n")]
    if has_room and review.totals.judged_ms:
        yield _strip_line(_("changes"), "".join(counts))
    if review.alerts:
        alerted = {cell(alert.at_ms) for alert in review.alerts}
        marks = "".join("!" if index in alerted else " " for index in range(cells))
        yield _strip_line(_("alerts"), marks)


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


def _episode_lines(review: DayReview, width: int) -> Iterator[_Line]:
    """The longest episodes in the order of the day."""
    if not review.episodes:
        return _fact(_("Slouched"), _("no episode"), width)
    by_length = sorted(review.episodes, key=lambda episode: -episode.slouched_ms)
    return _chosen_lines(review, by_length[:MOST_EPISODES], width)


def _chosen_lines(review: DayReview, chosen: Sequence[Episode], width: int) -> Iterator[_Line]:
    rest = len(review.episodes) - len(chosen)
    name = _("Slouched longest") if rest else _("Slouched")
    for episode in sorted(chosen, key=lambda episode: episode.start_ms):
        yield from _fact(name, words.episode_text(review, episode), width)
        name = ""
    if rest and len(chosen) > 1:
        shorter = count_text(rest, "shorter episode")
        yield from _fact("", _("and {shorter}").format(shorter=shorter), width)


def _span_lines(review: SpanReview, width: int) -> list[_Line]:
    """Several days, a line each."""
    lines = [_whole(span_title(review), _HEADING)]
    if not review.total.watched_ms:
        return [*lines, _whole(""), *_wrapped(nothing_in_span(review), width)]
    widest = max(day.totals.slouched_share or 0.0 for day in review.days)
    return [
        *lines,
        *_wrapped(span_headline(review), width),
        _whole(""),
        _day_heading(width),
        *(_day_line(day, widest, width) for day in review.days),
        _whole(""),
        *_fact_lines(span_facts(review), width),
    ]


def _day_heading(width: int) -> _Line:
    figures = _("changes/h").rjust(11)
    if width >= _WITH_BREAKS:
        figures += _("breaks").rjust(8) + _("alerts").rjust(8)
    head = _("judged").rjust(22) + "  " + _("slouched")
    return _whole(head.ljust(width - len(figures)) + figures, "dim")


def _day_line(day: DayTotals, widest: float, width: int) -> _Line:
    """A day of which the longest bar is the largest slouched share of all."""
    name = weekday_date(day.day)
    share, rate = day.totals.slouched_share, day.totals.moves_per_hour
    if share is None:
        return _whole(f"{name}{'-':>12}", "dim")
    figures = f"{words.percent_text(share):>6}{'-' if rate is None else f'{rate:.0f}':>11}"
    if width >= _WITH_BREAKS:
        figures += f"{day.totals.breaks:>8}{day.totals.alerts:>8}"
    room = width - 24 - len(figures)
    bar = _GLYPHS[PostureState.SLOUCHED] * (round(room * share / widest) if widest else 0)
    return [
        _Piece(f"{name}{words.duration_text(day.totals.judged_ms):>12}  "),
        _Piece(f"{bar:{room}}", _STYLES[PostureState.SLOUCHED]),
        _Piece(f"{figures}\n"),
    ]


def _whole(text: str, style: str = "") -> _Line:
    return [_Piece(f"{text}\n", style)]


def _fact_lines(facts: Iterable[tuple[str, str]], width: int) -> Iterator[_Line]:
    for name, value in facts:
        yield from _fact(name, value, width)


def _fact(name: str, value: str, width: int) -> Iterator[_Line]:
    yield from _wrapped(f"{name:{_LABEL}}{value}", width, indent=_LABEL)


def _wrapped(text: str, width: int, *, indent: int = 0, style: str = "") -> Iterator[_Line]:
    for line in textwrap.wrap(text, width, subsequent_indent=" " * indent):
        yield _whole(line, style)
