"""What the tray does to the screens, in a process of its own: `python -m tests.edge_panes`.

It reads `off`, `glow` or `dim`, `slouched` or `upright`, and `colours` with places on the desktop,
like `400,2`, of which it prints the colours as they are on the screen. Its clock is fast.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication

from posturecam.tray.edges import Edges
from posturecam.values.observation import PostureState
from posturecam.values.settings import Ambient
from tests.desktops import running
from tests.test_tray import seen_of
from tests.waiting import FastClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SEEN = {
    "slouched": seen_of(PostureState.SLOUCHED),
    "upright": seen_of(PostureState.SLOUCHED, provisional=PostureState.UPRIGHT),
}


class Panes:
    """The other end of such a process."""

    def __init__(self, said: IO[str], heard: IO[str]) -> None:
        self._said = said
        self._heard = heard

    def tell(self, word: str) -> None:
        """What becomes of the sitter, or of the setting."""
        self._said.write(f"{word}\n")
        self._said.flush()

    def colours(self, *places: tuple[int, int]) -> list[tuple[int, int, int]]:
        """What is on the screen there: red, green and blue."""
        self.tell(f"colours {' '.join(f'{x},{y}' for x, y in places)}")
        return [tuple(colour) for colour in json.loads(self._heard.readline())]


@contextmanager
def edge_panes(environment: Mapping[str, str]) -> Iterator[Panes]:
    """Such a process on a display."""
    command = (sys.executable, "-m", "tests.edge_panes")
    with running(*command, environment=environment, talk=True) as (process, printed):
        assert printed.readline() == "ready\n"
        assert process.stdin is not None
        yield Panes(process.stdin, printed)


def main() -> None:
    """Does what it is told until its input ends."""
    app = QApplication(["posturecam"])
    app.setQuitOnLastWindowClosed(False)
    edges = Edges(FastClock())

    def obey(word: str, *places: str) -> None:
        if word == "colours":
            print(json.dumps([_colour(place) for place in places]), flush=True)
        elif word in _SEEN:
            edges.hear(_SEEN[word])
        else:
            edges.ambient = Ambient(word)

    def read() -> None:
        # Not through a buffer: of two lines that came at once the second would wait in it.
        if lines := os.read(sys.stdin.fileno(), 65_536).decode():
            for line in lines.splitlines():
                obey(*line.split())
        else:
            app.quit()

    notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(read)
    print("ready", flush=True)
    app.exec()
    edges.close()


def _colour(place: str) -> list[int]:
    x, y = map(int, place.split(","))
    colour = QApplication.primaryScreen().grabWindow(0, x, y, 1, 1).toImage().pixelColor(0, 0)
    return [colour.red(), colour.green(), colour.blue()]


if __name__ == "__main__":
    main()
