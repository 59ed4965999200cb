"""The preview of a scripted sitter, for tests on a real display.

`python -m tests.preview_window` goes on for a while after its window was closed, and says what was
asked of it. With `--keys` it says each key as soon as it is heard.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta

import numpy as np

from posturecam.base.clock import SystemClock
from posturecam.capture.thumbnail import Pixels
from posturecam.outputs.keys import Keyboard
from posturecam.outputs.preview import Preview
from posturecam.posture.baseline import Take, combine
from posturecam.values.commands import Command, Inbox, Word
from posturecam.values.events import Tick
from posturecam.values.observation import Detection, Frame
from posturecam.values.settings import Settings
from posturecam.watch.protocol import command_request
from tests.fakes import NINE, sitter
from tests.outputs.test_display import EVENTS, SLOUCHED

TURN_S = 0.05
TURNS_AFTER = 10


class TellingKeyboard(Keyboard):
    """Says what it hears."""

    def press(self, key: str) -> None:
        """As ever."""
        super().press(key)
        print(key, flush=True)


def main() -> None:
    """Shows a slouched sitter until `q`, or for ten more turns when there is no window."""
    clock, inbox = SystemClock(), Inbox()
    kind = TellingKeyboard if "--keys" in sys.argv else Keyboard
    keyboard = kind(inbox, clock=clock)
    preview = Preview(Settings(), keyboard)
    take = Take()
    for index in range(20):
        take.add(Detection(t_s=index / 5, people=(sitter(),), brightness=120.0))
    baseline = combine([take], profile="desk", model_sha256="ab" * 32, taken_at=NINE)
    image = np.full((480, 640, 3), (90, 60, 30), dtype=np.uint8)
    asked: list[Command] = []
    turn = left = 0
    while left < TURNS_AFTER and Word.STOP not in asked:
        t_s = turn * TURN_S
        detection = Detection(t_s=t_s, people=(sitter(drop_px=40.0),), brightness=120.0)
        preview.look(Frame(t_s=t_s, index=turn, picture=Pixels(image)), detection, baseline)
        tick = Tick(
            t_s=t_s,
            at=NINE + timedelta(seconds=t_s),
            reading=replace(SLOUCHED, t_s=t_s),
            events=() if turn else EVENTS[:3],
            guarded=True,
        )
        keyboard.handle(tick)
        preview.handle(tick)
        asked += iter(inbox.pop, None)
        turn, left = turn + 1, left + 1 if preview.closed else 0
        clock.wait_s(TURN_S)
    preview.close()
    print("problem:", preview.problem)
    print("asked:", *(str(command_request(it)["do"]).title() for it in asked))


if __name__ == "__main__":
    main()
