"""What the tray does to the screens, in a process of its own: `python -m tests.edge_panes`.

It reads `off`, `glow` or `dim`, `slouched` or `upright`, `menu opens` or `menu closes`, and how
many seconds pass: its clock stands still otherwise. After `asked` it says so once the desktop has
answered what it was asked. What is on the screen then is asked of the X server by the test itself:
a look by the process would push out what it has not sent yet.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication

from posturecam.system import x_messages as x
from posturecam.system.x_messages import local_display
from posturecam.system.x_windows import SOCKETS
from posturecam.tray.edges import Edges
from posturecam.values.observation import PostureState
from posturecam.values.settings import Ambient
from tests.desktops import running
from tests.fakes import ManualClock
from tests.tray.test_tray import seen_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Look = Callable[..., list[tuple[int, int, int]]]
    """Takes places on the screen; red, green and blue of each."""

_SEEN = {
    "slouched": seen_of(PostureState.SLOUCHED),
    "upright": seen_of(PostureState.SLOUCHED, provisional=PostureState.UPRIGHT),
}


_SUBSTRUCTURE_NOTIFY = 1 << 19


def colours_on(display: int, *places: tuple[int, int]) -> list[tuple[int, int, int]]:
    """What an X server of 24 bits a pixel shows there: red, green and blue."""
    found = []
    with _asking(display) as (root, ask):
        for left, top in places:
            get_image = struct.pack("<BBHIhhHHI", 73, 2, 5, root, left, top, 1, 1, 0xFFFFFF)
            blue, green, red, _ = ask(get_image)[x.HEAD_BYTES :]
            found.append((red, green, blue))
    return found


def hears_of_windows(display: int) -> bool:
    """Whether somebody hears of all windows of an X server, as who puts them together does."""
    with _asking(display) as (root, ask):
        (events,) = struct.unpack_from("<I", ask(struct.pack("<BBHI", 3, 0, 2, root)), 32)
    return bool(events & _SUBSTRUCTURE_NOTIFY)


@contextmanager
def _asking(display: int) -> Iterator[tuple[int, Callable[[bytes], bytes]]]:
    """The root window of an X server, and what sends a request and gives the reply."""
    with socket.socket(socket.AF_UNIX) as end:
        end.connect(str(SOCKETS / f"X{display}"))
        heard = end.makefile("rb")
        end.sendall(x.greeting(b""))
        root = x.root_window(heard.read(x.welcome_bytes(heard.read(x.GREETING_HEAD_BYTES)) or 0))

        def ask(request: bytes) -> bytes:
            end.sendall(request)
            head = heard.read(x.HEAD_BYTES)
            return head + heard.read(x.rest_bytes(head))

        yield root, ask


class Panes:
    """The other end of such a process."""

    def __init__(self, said: IO[str], heard: IO[str], look: Look) -> None:
        self.colours = look
        self._said = said
        self._heard = heard

    def tell(self, word: str) -> None:
        """What becomes of the sitter, or of the setting."""
        self._said.write(f"{word}\n")
        self._said.flush()

    def let_pass(self, seconds: float) -> None:
        """So long."""
        self.tell(str(seconds))

    def wait_for_desktop(self) -> None:
        """Until it has answered what it was asked."""
        self.tell("asked")
        assert self._heard.readline() == "asked\n"


@contextmanager
def edge_panes(environment: Mapping[str, str], look: Look | None = None) -> Iterator[Panes]:
    """Such a process on a display, and what sees it: by itself the X server of that."""
    command = (sys.executable, "-m", "tests.edge_panes")
    with running(*command, environment=environment, talk=True) as (process, printed):
        assert printed.readline() == "ready\n"
        assert process.stdin is not None
        if look is None:
            display = local_display(environment["DISPLAY"])
            assert display is not None
            look = partial(colours_on, display)
        yield Panes(process.stdin, printed, look)


def main() -> None:
    """Does what it is told until its input ends."""
    app = QApplication(["posturecam"])
    app.setQuitOnLastWindowClosed(False)
    clock = ManualClock()
    edges = Edges(clock)
    deeds: dict[str, Callable[[], None]] = {
        **{word: partial(edges.hear, seen) for word, seen in _SEEN.items()},
        "menu opens": edges.make_way,
        "menu closes": edges.come_back,
    }

    def handle(word: str) -> None:
        if word in deeds:
            deeds[word]()
        elif word == "asked":
            for thread in threading.enumerate():
                if thread.name == "motion":
                    thread.join()
            print(word, flush=True)
        elif word in set(Ambient):
            edges.change(Ambient(word))
        else:
            clock.wait_s(float(word))

    def read() -> None:
        # Not through a buffer: of two lines that came at once the second would wait in it.
        if lines := os.read(sys.stdin.fileno(), 65_536).decode():
            for line in lines.splitlines():
                handle(line)
        else:
            app.quit()

    notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(read)
    print("ready", flush=True)
    app.exec()
    edges.close()


if __name__ == "__main__":
    main()
