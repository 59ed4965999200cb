"""The live view with scripted turns, for tests on a real terminal: `python -m tests.live_screen`.

It acts on its keys as a watch does, and says on leaving what was asked of it. `--judged-once` is
the time between two looks that are far apart.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

from posturecam.base.clock import SystemClock
from posturecam.base.interrupts import Interrupts
from posturecam.outputs.keys import Keyboard
from posturecam.outputs.live_view import make_display
from posturecam.values.commands import Command, Inbox, Pause, Word
from posturecam.values.events import Control, Controlled, Event, Summarised, Tick
from posturecam.values.observation import Deviations, PostureState, UnknownReason
from posturecam.values.settings import Settings
from posturecam.values.totals import Totals
from posturecam.watch.protocol import command_request
from tests.fakes import NINE
from tests.outputs.test_display import EVENTS, SLOUCHED

TURN_S = 0.1
PAUSED = replace(
    SLOUCHED, state=PostureState.PAUSED, reasons=(UnknownReason.PAUSED,), deviations=Deviations()
)


def main() -> None:
    """Shows a slouched sitter until `q`, an interrupt or a signal."""
    clock, inbox = SystemClock(), Inbox()
    asked: list[Command] = []
    with ExitStack() as stack:
        interrupts = stack.enter_context(Interrupts())
        keyboard = Keyboard(inbox, clock=clock)
        display = make_display(
            "rich",
            settings=Settings(),
            clock=clock,
            stream=sys.stdout,
            keyboard=keyboard,
            earlier=Totals(upright_ms=3_600_000),
        )
        stack.callback(display.close)
        turn, reading, judged_once = 0, SLOUCHED, "--judged-once" in sys.argv
        events: tuple[Event, ...] = EVENTS[:6]
        while True:
            t_s = turn * TURN_S
            totals = Totals(slouched_ms=round(1000 * t_s))
            at = NINE + timedelta(seconds=t_s)
            tick = Tick(
                t_s=t_s,
                at=at,
                reading=None if turn and judged_once else reading,
                events=events,
                totals=totals,
                guarded=True,
                resting=UnknownReason.PAUSED if reading is PAUSED else None,
            )
            keyboard.handle(tick)
            display.handle(tick)
            if interrupts.requested or Word.STOP in asked:
                ended = Summarised(totals=totals, ended_by="script")
                display.handle(Tick(t_s=t_s, at=at, reading=None, events=(ended,), totals=totals))
                break
            clock.wait_s(TURN_S)
            turn, events = turn + 1, ()
            if command := inbox.pop():
                asked.append(command)
                if isinstance(command, Pause):
                    reading, events = PAUSED, (Controlled(what=Control.PAUSED),)
                elif command is Word.RESUME:
                    reading, events = SLOUCHED, (Controlled(what=Control.RESUMED),)
    print("asked:", *(str(command_request(it)["do"]).title() for it in asked), flush=True)


if __name__ == "__main__":
    main()
