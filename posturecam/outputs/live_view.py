"""The live view of `watch`: `live_rows` on a screen of its own, and the choice of a display."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

from posturecam.base.wrapping import wrapped
from posturecam.outputs.lines import JsonlDisplay, PlainDisplay
from posturecam.outputs.live_rows import ASCII, UNICODE, Row, Signs, farewell, help_rows, view_rows
from posturecam.outputs.terminal import Terminal, say
from posturecam.outputs.view_memory import ViewMemory
from posturecam.watch.totals import Today

if TYPE_CHECKING:
    from datetime import datetime

    from posturecam.base.clock import Clock
    from posturecam.outputs.keys import Keyboard
    from posturecam.values.events import Tick
    from posturecam.values.observation import Reading
    from posturecam.values.settings import Settings
    from posturecam.values.totals import Totals

REFRESH_EVERY_S = 1.0
"""The clocks in the view tick once a second; more would be restless."""
NEWS_AFTER_S = 0.25
"""An event, a key or another size is shown so soon."""

_TONES = {"quiet": "\x1b[2m", "slouched": "\x1b[1;7m"}
"""No colours: what is legible on a dark terminal may not be on a light one. Reverse video is."""
_STRONG = "\x1b[1m"


class LiveDisplay:
    """A calm view that stays in place, and leaves alerts and totals behind when it goes."""

    problem: str | None = None

    def __init__(
        self,
        stream: TextIO,
        settings: Settings,
        clock: Clock,
        *,
        keyboard: Keyboard | None = None,
        earlier: Totals | None = None,
        began_at: datetime | None = None,
    ) -> None:
        """Takes the terminal `stream` over with the first turn.

        The keys of stdin, a terminal too, are the `keyboard`'s, which others tell of each turn;
        None leaves them alone. `earlier` is what the log has of the day on which this watch
        `began_at`, from before it.
        """
        self._stream = stream
        self._settings = settings
        self._clock = clock
        self._signs = UNICODE if _can_show(stream, UNICODE) else ASCII
        self._keyboard = keyboard
        self._memory = ViewMemory(today=Today(earlier, began_at))
        self._totals: Totals | None = None
        self._reading: Reading | None = None
        self._news = False
        self._drawn_s = float("-inf")
        self._drawn_for: tuple[object, ...] = ()
        if keyboard is None:
            self._terminal = Terminal(stream)
        else:
            self._terminal = Terminal(stream, keys=sys.stdin, on_key=keyboard.press)

    def handle(self, tick: Tick) -> None:
        """Redraws once a second, and soon after something happened."""
        self._news = self._memory.handle(tick) or self._news
        self._totals = tick.totals
        if tick.reading is None:  # between two judgements the last one is shown
            tick = replace(tick, reading=self._reading)
        self._reading = tick.reading
        keyboard = self._keyboard
        asked = None if keyboard is None else (keyboard.help_shown, keyboard.question)
        drawn_for = (self._terminal.size, asked)
        now_s = self._clock.monotonic_s()
        soon = self._news or drawn_for != self._drawn_for
        if now_s - self._drawn_s >= (NEWS_AFTER_S if soon else REFRESH_EVERY_S):
            self._drawn_s, self._drawn_for, self._news = now_s, drawn_for, False
            self._terminal.draw([self._toned(row) for row in self._rows(tick)])

    def catch_up(self, tick: Tick) -> None:
        """Notes a turn from before this view, which leaves nothing of it behind."""
        self._memory.handle(tick)
        self._memory.kept.clear()

    def begin(self, today: Totals | None, totals: Totals) -> None:
        """Takes over from the watch how today was spent when it had `totals`."""
        self._memory.today.take_over(today, totals)

    def warn(self, text: str) -> None:
        """Says `text` in the view, and again on the terminal it leaves."""
        self._memory.warn(text)
        self._news = True

    def close(self) -> None:
        """Gives the terminal back, with the alerts and the totals on it."""
        self._terminal.close()
        if self._totals is not None:
            columns, _ = self._terminal.size
            lines, self._totals = farewell(self._memory, self._totals), None
            texts = [wrapped(self._signs.plain(line), columns) for line in lines]
            say(self._stream, [line for text in texts for line in text])

    def _rows(self, tick: Tick) -> list[Row]:
        size = self._terminal.size
        if self._keyboard is None:
            return view_rows(self._memory, tick, self._settings, size=size, signs=self._signs)
        if self._keyboard.help_shown:
            return help_rows(size=size, signs=self._signs)
        return view_rows(
            self._memory,
            tick,
            self._settings,
            size=size,
            signs=self._signs,
            keys=self._keyboard.summary,
            question=self._keyboard.question,
        )

    def _toned(self, row: Row) -> str:
        tone = _TONES.get(row.tone, _STRONG) if row.tone else ""
        return f"{tone}{row.text}"


Display = JsonlDisplay | PlainDisplay | LiveDisplay


def make_display(
    format_name: str,
    *,
    settings: Settings,
    clock: Clock,
    stream: TextIO,
    keyboard: Keyboard | None = None,
    earlier: Totals | None = None,
    began_at: datetime | None = None,
    patience_s: float | None = None,
) -> Display:
    """The display named `rich`, `plain` or `jsonl`.

    `rich` is the live view, which has keys when stdin is a terminal, too; where `stream` is no
    terminal that can be drawn on, it is `plain`. Lines wait `patience_s` for who reads them, or
    however long it takes.
    """
    if format_name == "jsonl":
        return JsonlDisplay(stream, patience_s)
    if format_name == "plain" or not stream.isatty():
        return PlainDisplay(stream, patience_s)
    from rich.console import Console

    console = Console(file=stream)
    if console.is_dumb_terminal or console.legacy_windows:
        return PlainDisplay(stream, patience_s)
    return LiveDisplay(
        stream,
        settings,
        clock,
        keyboard=keyboard if sys.stdin is not None and sys.stdin.isatty() else None,
        earlier=earlier,
        began_at=began_at,
    )


def _can_show(stream: TextIO, signs: Signs) -> bool:
    try:
        "".join((signs.filled, signs.behind, signs.empty, signs.baseline, signs.limit)).encode(
            stream.encoding or "ascii"
        )
    except UnicodeEncodeError:
        return False
    return True
