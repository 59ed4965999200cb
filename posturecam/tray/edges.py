"""A soft light at the edges of all screens, or a soft dimming, while the sitter slouches."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication

from posturecam.system.reduced_motion import wants_less_motion
from posturecam.tray.glow import Glow, is_slouching
from posturecam.tray.layer_panes import LayerPanes
from posturecam.tray.window_panes import WindowPanes
from posturecam.values.settings import Ambient

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.tray.seen import Seen

MENU_OPEN_AT_MOST_S = 15.0
"""So long a menu keeps the light away: of one that the panel shows, that of Xfce never says that it
is closed."""
STEP_MS = 80
"""Between two strengths while it changes: more is not seen of a change of 2 % a step."""


class Edges(QObject):
    """Lights up or dims the screens while the sitter slouches."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._ambient = Ambient.OFF
        self._glow = Glow()
        self._slouching = False
        self._aside_until_s = 0.0
        self._less_motion = False
        on_wayland = QGuiApplication.platformName().startswith("wayland")
        self._panes = (LayerPanes if on_wayland else WindowPanes)(self._step)
        self._timer = QTimer(self)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self._step)

    @property
    def possible(self) -> bool:
        """Whether the desktop lets a program put something over the screens."""
        return self._panes.possible

    def change(self, ambient: Ambient) -> None:
        """Does this to the screens from now on."""
        if ambient is self._ambient:
            return
        self._panes.clear()
        self._ambient = ambient
        if ambient is Ambient.OFF:
            self._glow = Glow()
        else:
            self._ask_for_motion()
        self._step()

    def hear(self, seen: Seen) -> None:
        """Takes what is known of the watch."""
        self._panes.lift()
        self._slouching = is_slouching(seen)
        self._turn()

    def make_way(self) -> None:
        """Lights nothing while the menu of the tray is open: it would lie over it."""
        self._aside_until_s = self._clock.monotonic_s() + MENU_OPEN_AT_MOST_S
        self._turn()

    def come_back(self) -> None:
        """The menu is closed."""
        self._aside_until_s = 0.0
        self._turn()

    def _turn(self) -> None:
        now_s = self._clock.monotonic_s()
        wanted = self._ambient is not Ambient.OFF and self._slouching
        growing = wanted and now_s >= self._aside_until_s
        if growing is self._glow.growing:
            return
        if growing:
            if self._glow.at(now_s) == 0:
                self._glow = Glow(still=self._less_motion)
            self._ask_for_motion()
        self._glow = self._glow.turned(now_s, growing=growing)
        self._step()

    def close(self) -> None:
        """Takes everything away."""
        self._timer.stop()
        self._panes.clear()

    def _step(self) -> None:
        now_s = self._clock.monotonic_s()
        strength = self._glow.at(now_s)
        if strength > 0 or self._glow.growing:
            self._panes.show(self._ambient, strength)
        else:
            self._panes.clear()
        if not self._glow.is_changing(now_s):
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def _ask_for_motion(self) -> None:
        """Has it found out for the next time; the desktop may take a second to answer."""

        def ask() -> None:
            self._less_motion = asyncio.run(wants_less_motion(os.environ))

        threading.Thread(target=ask, name="motion", daemon=True).start()
