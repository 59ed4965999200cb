"""A real Wayland compositor for tests: Sway without a screen, looked at and clicked on.

Sway refuses to run as root; there it runs as nobody, in a folder that is nobody's.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from posturecam.system.wayland import Compositor
from tests.desktops import running
from tests.waiting import DEADLINE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SWAY_TOOLS = ("sway", "swaymsg", "grim")
missing_sway = [tool for tool in SWAY_TOOLS if shutil.which(tool) is None]
needs_sway = pytest.mark.skipif(bool(missing_sway), reason=f"needs {', '.join(missing_sway)}")

CONFIG = """
output * mode 800x600 bg #808080 solid_color
default_border none
xwayland disable
"""
GROUND = (128, 128, 128)
"""That grey: red, green and blue."""
BUTTON_LEFT = 0x110

# A window. It has the whole screen after the line `full`, its own size after `small`, and says
# when a button is pressed in it. Qt does not ask for what it believes to have: told a line while
# the compositor has not answered the last one, it asks again at that answer.
WINDOW = """
import os
from PySide6.QtCore import QEvent, QSocketNotifier
from PySide6.QtWidgets import QApplication, QWidget

class Window(QWidget):
    full = False

    def obey(self):
        if self.isFullScreen() != self.full:
            self.showFullScreen() if self.full else self.showNormal()

    def changeEvent(self, event):
        if event.type() == QEvent.Type.WindowStateChange:
            self.obey()

    def mousePressEvent(self, event):
        print("pressed", flush=True)

app = QApplication(["window"])
window = Window()
window.setStyleSheet("background: #808080")
window.show()

def read():
    lines = os.read(0, 100).decode().splitlines()
    if not lines:
        app.quit()
        return
    window.full = lines[-1] == "full"
    window.obey()

notifier = QSocketNotifier(0, QSocketNotifier.Type.Read)
notifier.activated.connect(read)
print("ready", flush=True)
app.exec()
"""


@dataclass(frozen=True)
class Sway:
    """A compositor at work, and the hands and eyes of a user."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """For programs in this session."""
        ours = {
            "WAYLAND_DISPLAY": str(self.folder / "wayland-1"),
            "QT_QPA_PLATFORM": "wayland",
            "XDG_CURRENT_DESKTOP": "sway",  # the developer's may ask for GTK, which needs more
        }
        rest = {name: text for name, text in os.environ.items() if name != "DISPLAY"}
        return rest | ours

    def tell(self, *words: str) -> Any:
        """A command, or a question, as `swaymsg` takes them."""
        command = ("swaymsg", "--raw", "--socket", str(self.folder / "ipc"), *words)
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    def is_up(self) -> bool:
        """Whether programs can start in it; who commands it is let in a little later than those."""
        with suppress(subprocess.CalledProcessError):
            return (self.folder / "wayland-1").exists() and bool(self.outputs())
        return False

    def outputs(self) -> list[str]:
        """The names of its screens."""
        return [output["name"] for output in self.tell("-t", "get_outputs")]

    def colours(self, *places: tuple[int, int]) -> list[tuple[int, int, int]]:
        """What is on the screens there: red, green and blue; beside them it is black."""
        command = ("grim", "-t", "ppm", "-")
        taken = subprocess.run(command, env=self.environment, check=True, capture_output=True)
        width, height = map(int, taken.stdout.split(maxsplit=3)[1:3])
        pixels = taken.stdout[-width * height * 3 :]
        found = []
        for left, top in places:
            at = 3 * (top * width + left)
            is_there = left < width and top < height
            found.append((pixels[at], pixels[at + 1], pixels[at + 2]) if is_there else (0, 0, 0))
        return found

    @contextmanager
    def pointer(self) -> Iterator[Callable[[int, int], None]]:
        """A mouse that is plugged in; what comes out presses its button at a place."""
        width_px, height_px = 0, 0
        for output in self.tell("-t", "get_outputs"):
            width_px = max(width_px, output["rect"]["x"] + output["rect"]["width"])
            height_px = max(height_px, output["rect"]["y"] + output["rect"]["height"])
        with closing(Compositor.open(self.environment)) as compositor:
            compositor.greet(DEADLINE_S)
            manager = compositor.bind("zwlr_virtual_pointer_manager_v1")
            mouse = compositor.new("zwlr_virtual_pointer_v1")
            compositor.flush()
            # Not among what the program can say.
            with socket.socket(fileno=os.dup(compositor.fileno())) as end:
                end.sendall(_request(manager, 0, 0, mouse))

                def press(left: int, top: int) -> None:
                    end.sendall(_request(mouse, 1, 0, left, top, width_px, height_px))
                    end.sendall(_request(mouse, 4))
                    for down in (1, 0):
                        end.sendall(_request(mouse, 2, 0, BUTTON_LEFT, down))
                        end.sendall(_request(mouse, 4))

                yield press


def _request(sender: int, code: int, *numbers: int) -> bytes:
    return struct.pack(f"=II{len(numbers)}I", sender, (8 + 4 * len(numbers)) << 16 | code, *numbers)


@contextmanager
def sway() -> Iterator[Sway]:
    """Sway with one grey screen, ended with the block."""
    folder = Path(tempfile.mkdtemp(prefix="sway-"))
    (folder / "config").write_text(CONFIG, encoding="utf-8")
    command: tuple[str, ...] = ("sway", "--config", str(folder / "config"))
    if os.getuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
        nobody = ("--reuid=nobody", "--regid=nogroup", "--clear-groups")
        command = ("setpriv", *nobody, *command)
    without = ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET")
    environment = {name: text for name, text in os.environ.items() if name not in without} | {
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "SWAYSOCK": str(folder / "ipc"),
        "WLR_BACKENDS": "headless",
        "WLR_RENDERER": "pixman",
        "WLR_LIBINPUT_NO_DEVICES": "1",
    }
    started = Sway(folder)
    try:
        with running(*command, environment=environment):
            wait_until(started.is_up, "it listens, and has a screen")
            # A program of its own paints the ground, and may be late.
            wait_until(lambda: started.colours((0, 0)) == [GROUND], "it is grey")
            yield started
    finally:
        shutil.rmtree(folder)


@contextmanager
def window(environment: Mapping[str, str]) -> Iterator[tuple[Callable[[str], None], IO[str]]]:
    """A window in the session: what tells it `full` or `small`, and what it says."""
    command = (sys.executable, "-c", WINDOW)
    with running(*command, environment=environment, talk=True) as (program, printed):
        assert printed.readline() == "ready\n"
        said: IO[str] = program.stdin  # type: ignore[assignment]

        def tell(word: str) -> None:
            said.write(f"{word}\n")
            said.flush()

        yield tell, printed
