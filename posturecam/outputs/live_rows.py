"""What the live view says, as rows of text for a screen of any size. Pure: ticks in, rows out.

Rows that do not fit are left out, the least needed first; nothing depends on colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

from posturecam.base.durations import format_duration
from posturecam.base.language import _
from posturecam.base.printable import printable
from posturecam.base.signs import in_ascii
from posturecam.base.wrapping import wrapped
from posturecam.outputs import words
from posturecam.outputs.baseline_words import progress_text, waits_text
from posturecam.outputs.event_texts import spent_texts, totals_text
from posturecam.posture.state import SLOUCHED_FROM
from posturecam.values.observation import (
    ANGLES,
    ON_PURPOSE,
    Angle,
    PostureState,
    UnknownReason,
    is_nobody_there,
)
from posturecam.values.reasons import QuietReason, SlouchSign
from posturecam.values.settings import PostureSettings, Settings, Thresholds

if TYPE_CHECKING:
    from posturecam.outputs.view_memory import ViewMemory
    from posturecam.values.events import Tick
    from posturecam.values.observation import Reading, TakeProgress
    from posturecam.values.totals import Totals

ALERT_SHOWN_S = 180.0
"""Long enough to be read by somebody who was looking elsewhere."""

_NAME_WIDTH = 12
_WIDE = 76
_NARROW = 50
"""Columns from which the spread of an estimate is shown, and below which `about` is not."""

_MARKS = 3
_BEYOND = 2
"""A gauge has three marks, and beyond its limit half as many cells as before it."""
_CELLS = range(2, 21)
"""Cells from the baseline to the limit."""
_SHORTEST_BAR = 4
"""Where there is less room a timer, like a gauge, is a text alone."""


class Row(NamedTuple):
    """One row of the view.

    Attributes:
        text: without control characters.
        rank: how dispensable it is where there is little room; 0 always stays.
        tone: how to show it where the terminal can; the text says everything.
    """

    text: str
    rank: int
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Characters that not every terminal has."""

    filled: str
    behind: str
    empty: str
    baseline: str
    limit: str
    more: str
    """Ends a text that was cut."""
    ascii_only: bool = False

    def plain(self, text: str) -> str:
        """`text` in signs that the terminal has, without control characters."""
        return printable(in_ascii(text) if self.ascii_only else text)


UNICODE = Signs(filled="█", behind="▒", empty="·", baseline="│", limit="┃", more="…")
ASCII = Signs(
    filled=in_ascii(UNICODE.filled),
    behind=in_ascii(UNICODE.behind),
    empty=in_ascii(UNICODE.empty),
    baseline=in_ascii(UNICODE.baseline),
    limit=in_ascii(UNICODE.limit),
    more=in_ascii(UNICODE.more),
    ascii_only=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one angle stands against its limit.

    Attributes:
        deg: deviation from the baseline; NaN while it cannot be told.
        sd_deg: standard deviation of an estimate.
        limit_deg: so much of it is slouched.
        estimated: it is not measured from this view.
        either_way: the limit holds on both sides of the baseline.
    """

    name: str
    deg: float
    sd_deg: float
    limit_deg: float
    estimated: bool
    either_way: bool

    @property
    def ratio(self) -> float:
        """Share of the way from the baseline to the limit, negative behind; NaN if unknown."""
        return self.deg / self.limit_deg

    def text(self, *, spread: bool = False, short: bool = False) -> str:
        """The degrees and the limit: `about +17° of 12°`."""
        limit = f"{self.limit_deg:.0f}°"
        if math.isnan(self.deg):
            return f"?/{limit}" if short else _("? of {limit}").format(limit=limit)
        deg = f"{round(self.deg):+d}°"
        if short:
            return f"{'~' if self.estimated else ''}{deg}/{limit}"
        if spread and self.estimated:
            deg = f"{deg} ±{self.sd_deg:.0f}"
        text = _("about {deg} of {limit}") if self.estimated else _("{deg} of {limit}")
        return text.format(deg=deg, limit=f"{limit:>3}")


def standings(reading: Reading, thresholds: Thresholds) -> tuple[Standing, ...]:
    """The five angles in their order."""
    return tuple(
        Standing(
            name=words.ANGLE_NAMES[angle],
            deg=deg,
            sd_deg=sd_deg,
            limit_deg=limit_deg,
            estimated=reading.deviations.is_estimated(angle, reading.view),
            either_way=angle is Angle.SHOULDER_TILT,
        )
        for angle, deg, sd_deg, limit_deg in zip(
            ANGLES,
            reading.deviations.values_deg(),
            reading.deviations.sds_deg(),
            thresholds.values_deg(),
            strict=True,
        )
    )


def is_held(reading: Reading) -> bool:
    """A slouch goes on though it would not begin: it is left at less than it was entered at."""
    return (
        reading.state is PostureState.SLOUCHED
        and reading.provisional is not PostureState.UPRIGHT
        and reading.slouch_probability < SLOUCHED_FROM
    )


def limits_in_force(reading: Reading, settings: PostureSettings) -> Thresholds:
    """The thresholds; while a slouch is held, the lower ones below which it ends."""
    if not is_held(reading):
        return settings.thresholds
    return Thresholds(
        **{
            part.name: settings.exit_ratio * getattr(settings.thresholds, part.name)
            for part in fields(Thresholds)
        }
    )


def gauge(ratio: float, cells: int, signs: Signs, *, either_way: bool = False) -> str:
    """The baseline in the middle, the limit to its right, room to either side.

    Args:
        ratio: of the deviation to its limit, signed; NaN leaves the gauge empty.
        cells: from the baseline to the limit.
        signs: characters to use.
        either_way: the limit holds to the left, too.
    """
    behind = min(cells, round(-ratio * cells)) if ratio < 0 else 0
    ahead = min(cells, round(ratio * cells)) if ratio > 0 else 0
    room = cells // _BEYOND
    over = min(room, max(1, round((ratio - 1) * cells))) if ratio >= 1 else 0
    left = signs.filled if either_way else signs.behind
    return "".join(
        (
            signs.limit if either_way else " ",
            signs.empty * (cells - behind) + left * behind,
            signs.baseline,
            signs.filled * ahead + signs.empty * (cells - ahead),
            signs.limit,
            signs.filled * over + signs.empty * (room - over),
        )
    )


def _gauge_width(cells: int) -> int:
    return _MARKS + 2 * cells + cells // _BEYOND


def farewell(memory: ViewMemory, totals: Totals) -> list[str]:
    """What to leave on the terminal when the view is gone."""
    return [*memory.kept, *([totals_text(totals)] if memory.ended else [])]


def view_rows(
    memory: ViewMemory,
    tick: Tick,
    settings: Settings,
    *,
    size: tuple[int, int],
    signs: Signs = UNICODE,
    keys: Sequence[str] = (_("Ctrl-C ends the watch"),),
    question: str | None = None,
) -> list[Row]:
    """The whole view of the newest turn, within `size` (columns, rows); the last column stays free.

    The `settings` have the limits in force at the beginning. `question` is what is to be answered
    by a key, None while nothing is.
    """
    columns = _usable_columns(size)
    rows = [*_notices(memory, tick, columns, signs, question)]
    if tick.reading is not None and not _is_of_nobody(tick.reading):
        limits = limits_in_force(tick.reading, memory.limited(settings).posture)
        rows += _gauges(tick.reading, limits, columns, signs)
    rows += _timers(tick, settings, columns, signs)
    rows.append(Row("", 10))
    rows += _facts(memory, tick, columns)
    rows += [Row(text, 4, "quiet") for text in _flowed(keys, columns, "  ")]
    return _fitting(rows, size, signs)


def help_rows(*, size: tuple[int, int], signs: Signs) -> list[Row]:
    """What the keys do and what the view means, within `size`."""
    lines = (
        _("p  pause: the camera is released; p again resumes"),
        _("s  snooze: no alerts for 30 minutes"),
        _("r  resume: ends a pause and a snooze"),
        _("c  recalibrate: take a new baseline, after asking"),
        _("w  that was no slouch: this pose is learned"),
        _("z  today's zero: sit upright for five seconds"),
        _("q  quit, as Ctrl-C does"),
        "",
        _("{sign}  your baseline").format(sign=signs.baseline),
        _("{sign}  the limit: so far off is slouched, by all that is seen").format(
            sign=signs.limit
        ),
        _("{sign}  how far you are from your baseline").format(sign=signs.filled),
        _("{sign}  the same, but backwards: that is no slouch").format(sign=signs.behind),
        _("about: estimated from the picture, not measured"),
        "",
        _("any key: back"),
    )
    columns = _usable_columns(size)
    rows = [Row(_("posturecam  help"), 0, "strong")]
    for line in lines:
        first, *others = wrapped(line, columns, subsequent_indent="   ") or [""]
        rows.append(Row(first, 1 if line else 9))
        rows += [Row(other, 2) for other in others]
    return _fitting(rows, size, signs)


def headline(memory: ViewMemory, tick: Tick) -> tuple[str, str]:
    """What is known now and for how long, and the tone to say it in."""
    reading = tick.reading
    if tick.taking is not None:
        return _taking_text(memory, tick, tick.taking), "strong"
    if reading is None:
        return _("starting"), "strong"
    state = words.name_text(reading.state)
    if reading.state is PostureState.PAUSED and memory.paused_until is not None:
        lasting = words.until_text(state, memory.paused_until, tick.at)
    else:
        lasting = words.lasting_text(state, max(0.0, tick.t_s - memory.since_s))
    if reading.provisional in words.PROVISIONAL_NAMES:
        return words.provisional_text(reading.provisional, lasting), str(reading.provisional)
    # The gauges show why it is slouched; only the unknown needs words, while it lasts.
    match reading.state:
        case PostureState.UNKNOWN:
            reasons = [why for why in reading.reasons if why not in ON_PURPOSE]
        case PostureState.PAUSED:
            reasons = [why for why in reading.reasons if why is not UnknownReason.PAUSED]
        case PostureState.SLOUCHED if is_held(reading):
            text = _("{state}, until nearer to your baseline").format(state=lasting)
            return text, str(reading.state)
        case PostureState.SLOUCHED if _is_of_no_angle(reading):
            text = _("{state}, by all that is seen together").format(state=lasting)
            return text, str(reading.state)
        case _:
            reasons = []
    return words.because_text(lasting, reasons), str(reading.state)


def _taking_text(memory: ViewMemory, tick: Tick, taking: TakeProgress) -> str:
    """How far a baseline is, or what it waits for."""
    if tick.resting is not None:
        return waits_text(tick.resting)
    if not memory.camera_ok:
        return _("the baseline waits: there is no picture from the camera")
    return progress_text(taking)


def suppressed_text(memory: ViewMemory, tick: Tick) -> str | None:
    """That alerts are suppressed and why; None while they are not."""
    if tick.quiet is None:
        return None
    until = memory.snoozed_until if tick.quiet is QuietReason.SNOOZED else None
    why = words.quiet_text(tick.quiet)
    why = why if until is None else words.until_text(why, until, tick.at)
    return _("alerts are suppressed: {why}").format(why=why)


def _is_of_no_angle(reading: Reading) -> bool:
    """No angle is beyond its limit; what stands out is named without degrees."""
    return bool(reading.reasons) and all(isinstance(why, SlouchSign) for why in reading.reasons)


def _is_of_nobody(reading: Reading) -> bool:
    paused = reading.state is PostureState.PAUSED
    return paused or is_nobody_there(reading.state, reading.reasons)


def _is_answered(memory: ViewMemory, tick: Tick) -> bool:
    """The slouch that was alerted of seems to be over: its text would contradict the gauges."""
    provisional = None if tick.reading is None else tick.reading.provisional
    return memory.of_a_slouch and provisional is PostureState.UPRIGHT


def privacy(tick: Tick) -> tuple[str, str]:
    """Where the pictures stay, and whether the network guard holds."""
    guard = _("network guard on") if tick.guarded else _("network guard off")
    return _("pictures stay in memory"), guard


def _notices(
    memory: ViewMemory, tick: Tick, columns: int, signs: Signs, question: str | None
) -> Iterator[Row]:
    text, tone = headline(memory, tick)
    for line in wrapped(f"posturecam  {text}", columns):
        yield Row(line, 0, tone)
    for line in wrapped(question or "", columns):
        yield Row(line, 0, "alert")
    if (suppressed := suppressed_text(memory, tick)) is not None:
        for line in wrapped(suppressed, columns):
            yield Row(line, 1, "strong")
    if tick.t_s - memory.alerted_s < ALERT_SHOWN_S and not _is_answered(memory, tick):
        for index, line in enumerate(wrapped(signs.plain(memory.alert), columns)):
            yield Row(line, 1 if index == 0 else 7, "alert")
    yield Row("", 9)


def _gauges(reading: Reading, thresholds: Thresholds, columns: int, signs: Signs) -> Iterator[Row]:
    spread, short = columns >= _WIDE, columns < _NARROW
    stands = standings(reading, thresholds)
    texts = [signs.plain(stand.text(spread=spread, short=short)) for stand in stands]
    text_width = max(*map(len, texts), len("about +17° ±4 of 12°") if spread else 0)
    cells = _fitting_cells(columns - _NAME_WIDTH - 1 - text_width)
    if cells:
        baseline, limit = _("baseline"), _("limit")
        head = f"{'':{_NAME_WIDTH}}{baseline:>{1 + cells}}{limit:>{cells + 3}}"
        yield Row(head, 8, "quiet")
    for stand, text in zip(stands, texts, strict=True):
        bar = gauge(stand.ratio, cells, signs, either_way=stand.either_way) + " " if cells else ""
        over = abs(stand.ratio) >= 1 if stand.either_way else stand.ratio >= 1
        over &= reading.state is PostureState.SLOUCHED  # which is not for one angle to say
        row = f"{stand.name:<{_NAME_WIDTH}}{bar}{text:>{text_width}}"
        yield Row(row, 2, "over" if over else "")
    yield Row("", 9)


def _fitting_cells(width: int) -> int:
    """Cells from the baseline to the limit in a gauge of at most `width`; 0 for no gauge."""
    return max((cells for cells in _CELLS if _gauge_width(cells) <= width), default=0)


def _timers(tick: Tick, settings: Settings, columns: int, signs: Signs) -> Iterator[Row]:
    policy = settings.policy
    timers = []
    if math.isfinite(policy.unchanged_after_s):
        text = words.waited_text(tick.unchanged_s, policy.unchanged_after_s)
        timers.append((_("unchanged"), tick.unchanged_s / policy.unchanged_after_s, text))
    if math.isfinite(policy.break_after_s):
        left_s = policy.break_after_s - tick.sitting_s
        text = _("in {duration}").format(duration=format_duration(left_s))
        if left_s <= 0:
            text = words.waited_text(tick.sitting_s, policy.break_after_s)
        timers.append((_("next break"), tick.sitting_s / policy.break_after_s, text))
    if not timers:
        return
    text_width = max(len(text) for *_others, text in timers)
    widest = _gauge_width(_CELLS[-1]) - 1
    width = min(widest, columns - _NAME_WIDTH - 2 - text_width)
    for name, share, text in timers:
        filled = round(min(1.0, share) * width)
        bar = f" {signs.filled * filled}{signs.empty * (width - filled)} "
        shown = bar if width >= _SHORTEST_BAR else ""
        yield Row(f"{name:<{_NAME_WIDTH}}{shown}{text:>{text_width}}", 3)


def _facts(memory: ViewMemory, tick: Tick, columns: int) -> Iterator[Row]:
    totals = memory.today.totals(tick.totals)
    counts = [
        words.count_text(totals.moves, "position change"),
        words.count_text(totals.alerts, "alert"),
    ]
    camera_rank = 6 if memory.camera_ok else 1
    yield from _fact(
        _("so far") if memory.today.earlier is None else _("today"),
        [*spent_texts(totals), *counts],
        columns,
        rank=5,
    )
    lately = memory.lately or ["-"]
    for index, line in enumerate(lately):
        yield from _fact("" if index else _("lately"), [line], columns, rank=10 if index else 5)
    yield from _fact(_("camera"), [memory.camera], columns, rank=camera_rank)
    yield from _fact(_("privacy"), privacy(tick), columns, rank=6)
    yield Row("", 9)


def _fact(name: str, entries: Sequence[str], columns: int, *, rank: int) -> Iterator[Row]:
    for index, line in enumerate(_flowed(entries, columns - _NAME_WIDTH, ", ")):
        yield Row(f"{'' if index else name:<{_NAME_WIDTH}}{line}", rank, "quiet")


def _flowed(entries: Sequence[str], columns: int, between: str) -> list[str]:
    """The entries in as few lines as they fit into, none of them broken."""
    lines = [""]
    for index, entry in enumerate(entries, start=1):
        piece = entry + (between if index < len(entries) else "")
        if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > columns:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _cut(text: str, columns: int, signs: Signs) -> str:
    """`text`, or as much of it as fits, in cells: a Chinese character takes two."""
    from rich.cells import cell_len, set_cell_size

    if len(text) <= columns // 2 or cell_len(text) <= columns:
        return text
    kept = set_cell_size(text, max(0, columns - len(signs.more)))
    return set_cell_size(kept + signs.more, columns)


def _usable_columns(size: tuple[int, int]) -> int:
    """A row that reaches the last column may wrap."""
    return max(1, size[0] - 1)


def _fitting(rows: Sequence[Row], size: tuple[int, int], signs: Signs) -> list[Row]:
    """As much as fits; of the rows the least needed are left out, the later of equals first."""
    columns = _usable_columns(size)
    spare = max(0, len(rows) - size[1])
    left_out = set(sorted(range(len(rows)), key=lambda at: (-rows[at].rank, -at))[:spare])
    return [
        row._replace(text=_cut(signs.plain(row.text), columns, signs))
        for at, row in enumerate(rows)
        if at not in left_out
    ]
