"""A soft light at the edges of all screens, or a soft dimming, as Qt shows it.

Every pane is a window that lets clicks through, never takes the keyboard, and is nobody's business
but the screen's: no window manager places it. With a compositor it is painted once, and only its
opacity changes; without one, where nothing is translucent, plain bands grow instead.
"""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QBrush,
    QColor,
    QCursor,
    QGuiApplication,
    QLinearGradient,
    QPainter,
    QPainterPath,
)
from PySide6.QtWidgets import QWidget

from posturecam.system.motion import wants_less_motion
from posturecam.system.x_windows import is_composited
from posturecam.tray.glow import Glow, Rect, edges_of, is_slouching
from posturecam.values.settings import Ambient

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QScreen

    from posturecam.base.clock import Clock
    from posturecam.tray.seen import Seen

STEP_MS = 80
"""Between two strengths while it changes: more is not seen of a change of 2 % a step."""
DEPTH = 72
"""How deep the light is, in the units of the toolkit."""
BAND = 6
"""How thick a band without a compositor becomes."""
_LIGHT = QColor(72, 149, 239)
_MOST_LIGHT = 0.85
_MOST_DIM = 0.35
_FLAGS = (
    Qt.WindowType.ToolTip
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowTransparentForInput
    | Qt.WindowType.WindowDoesNotAcceptFocus
    | Qt.WindowType.BypassWindowManagerHint
)


def is_possible() -> bool:
    """Whether a program may put something over the screen: under Wayland it may not."""
    return not QGuiApplication.platformName().startswith("wayland")


class Edges(QObject):
    """Lights up or dims the screens while the sitter slouches.

    Args:
        clock: times it.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._ambient = Ambient.OFF
        self._glow = Glow()
        self._less_motion = False
        self._panes: list[_Pane] = []
        self._timer = QTimer(self)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self._step)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)  # noqa: S101 - it shows the tray
        app.screenAdded.connect(self._fit)
        app.screenRemoved.connect(self._fit)

    @property
    def ambient(self) -> Ambient:
        """What it does; may be set anew at any time."""
        return self._ambient

    @ambient.setter
    def ambient(self, ambient: Ambient) -> None:
        self._ambient = ambient
        if ambient is Ambient.OFF:
            self._turn(growing=False)
        else:
            self._ask_for_motion()
        self._fit()

    def hear(self, seen: Seen) -> None:
        """Takes what is known of the watch."""
        for pane in self._panes:
            pane.raise_()  # what came up meanwhile is above it
        wanted = self._ambient is not Ambient.OFF and is_possible()
        self._turn(growing=wanted and is_slouching(seen))

    def close(self) -> None:
        """Takes everything away."""
        self._timer.stop()
        self._clear()

    def _turn(self, *, growing: bool) -> None:
        if not growing and not self._panes:
            return
        now_s = self._clock.monotonic_s()
        if growing and not self._glow.growing:
            if not self._panes:
                self._glow = Glow(still=self._less_motion)
            self._ask_for_motion()
        self._glow = self._glow.turned(now_s, growing=growing)
        self._step()
        if self._glow.is_changing(now_s):
            self._timer.start()

    def _step(self) -> None:
        now_s = self._clock.monotonic_s()
        strength = self._glow.at(now_s)
        if not self._glow.is_changing(now_s):
            self._timer.stop()
        if strength == 0:
            self._clear()
            if not self._glow.growing:
                _send()
                return
        if not self._panes:
            self._panes = _panes(self._ambient)
        for pane in self._panes:
            pane.show_at(strength)
        _send()

    def _ask_for_motion(self) -> None:
        """Has it found out for the next time; the desktop may take a second to answer."""

        def ask() -> None:
            self._less_motion = asyncio.run(wants_less_motion(os.environ))

        threading.Thread(target=ask, name="motion", daemon=True).start()

    def _fit(self, _screen: QScreen | None = None) -> None:
        """Other screens, or another choice: made anew."""
        if self._panes:
            self._clear()
            self._step()

    def _clear(self) -> None:
        for pane in self._panes:
            pane.close()
            pane.deleteLater()
        self._panes = []


class _Pane(QWidget):
    """A window over a part of a screen."""

    def __init__(self, screen: QScreen) -> None:
        super().__init__(None, _FLAGS)
        self.setScreen(screen)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_at(self, strength: float) -> None:
        """Shows it with a strength from 0 to 1."""
        self.setWindowOpacity(strength)
        self.setVisible(strength > 0)


class _Light(_Pane):
    """One edge, from the full colour at the border to nothing inside."""

    def __init__(self, screen: QScreen, edge: Rect) -> None:
        super().__init__(screen)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setGeometry(_qt(edge))
        whole = screen.geometry()
        # Of the screen's distances only the nearest counts, so that corners are mitred.
        self._border = QRectF(whole.translated(-edge.left, -edge.top))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt calls it
        """Paints it; once, for as long as nothing else wipes it off."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outer = self._border
        inner = outer.adjusted(DEPTH, DEPTH, -DEPTH, -DEPTH)
        corners = ("topLeft", "topRight", "bottomRight", "bottomLeft")
        around = [(getattr(outer, name)(), getattr(inner, name)()) for name in corners]
        for at, (from_out, from_in) in enumerate(around):
            to_out, to_in = around[(at + 1) % 4]
            path = QPainterPath(from_out)
            for point in (to_out, to_in, from_in):
                path.lineTo(point)
            upright = at % 2 == 1
            begin = from_out
            end = from_out + (from_in - from_out)
            if upright:
                end.setY(begin.y())
            else:
                end.setX(begin.x())
            fading = QLinearGradient(begin, end)
            for share in (0.0, 0.25, 0.5, 0.75, 1.0):
                colour = QColor(_LIGHT)
                colour.setAlphaF(_MOST_LIGHT * (1 - share) ** 2)
                fading.setColorAt(share, colour)
            painter.fillPath(path, QBrush(fading))
        painter.end()


class _Plain(_Pane):
    """A window of one colour."""

    def __init__(self, screen: QScreen, area: Rect, colour: QColor) -> None:
        super().__init__(screen)
        palette = self.palette()
        palette.setColor(self.backgroundRole(), colour)
        self.setPalette(palette)
        self.setAutoFillBackground(True)
        self.setGeometry(_qt(area))


class _Dim(_Plain):
    """A whole screen, a little darker."""

    def __init__(self, screen: QScreen) -> None:
        super().__init__(screen, _rect(screen), QColor("black"))

    def show_at(self, strength: float) -> None:
        """Shows it, never so that it hides what is under it."""
        super().show_at(_MOST_DIM * strength)


class _Band(_Plain):
    """One edge in one colour, the thicker the stronger."""

    def __init__(self, screen: QScreen, number: int) -> None:
        super().__init__(screen, edges_of(_rect(screen), 1)[number], _LIGHT)
        self._screen = _rect(screen)
        self._number = number

    def show_at(self, strength: float) -> None:
        """Shows it as thick as that."""
        thickness = round(BAND * strength)
        if thickness:
            self.setGeometry(_qt(edges_of(self._screen, thickness)[self._number]))
        self.setVisible(thickness > 0)


def _send() -> None:
    """Sends what was said to the screen: nothing else does, while there is nothing to paint."""
    QCursor.pos()  # of what waits for an answer the cheapest


def _panes(ambient: Ambient) -> list[_Pane]:
    screens = QGuiApplication.screens()
    if not _blends():
        return [_Band(screen, number) for screen in screens for number in range(4)]
    if ambient is Ambient.DIM:
        return [_Dim(screen) for screen in screens]
    return [_Light(screen, edge) for screen in screens for edge in edges_of(_rect(screen), DEPTH)]


def _blends() -> bool:
    """Whether something sees to it that translucent windows are."""
    if QGuiApplication.platformName() != "xcb":
        return True
    try:
        return asyncio.run(is_composited(os.environ))
    except (OSError, TimeoutError):
        return False


def _rect(screen: QScreen) -> Rect:
    area = screen.geometry()
    return Rect(left=area.x(), top=area.y(), width=area.width(), height=area.height())


def _qt(area: Rect) -> QRect:
    return QRect(area.left, area.top, area.width, area.height)
