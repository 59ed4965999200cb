"""What stands over the screens as windows of Qt, as X11, Windows and macOS allow them.

Every pane is a window that lets clicks through, never takes the keyboard, and is nobody's business
but the screen's: no window manager places it. With a compositor it is painted once, and only its
opacity changes; without one, where nothing is translucent, plain bands grow instead.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from PySide6.QtCore import QObject, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QGuiApplication, QPainter, QPaintEvent, QScreen
from PySide6.QtWidgets import QWidget

from posturecam.system.x_windows import is_composited
from posturecam.tray.glow import Rect, edges_of
from posturecam.tray.painting import DEPTH, LIGHT, MOST_DIM, paint_light
from posturecam.values.settings import Ambient

BAND = 6
"""How thick a band without a compositor becomes."""
_FLAGS = (
    Qt.WindowType.ToolTip
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowTransparentForInput
    | Qt.WindowType.WindowDoesNotAcceptFocus
    | Qt.WindowType.BypassWindowManagerHint
)


class WindowPanes(QObject):
    """The windows over all screens; `changed` is called when there are others, and these gone."""

    possible = True

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self._changed = changed
        self._panes: list[_Pane] = []
        self._blended = True
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)  # noqa: S101 - it shows the tray
        app.screenAdded.connect(self._fit)
        app.screenRemoved.connect(self._fit)

    def show(self, ambient: Ambient, strength: float) -> None:
        """Shows it with a strength from 0 to 1."""
        if not self._panes:
            self._blended = _blends()
            self._panes = _panes(ambient, blended=self._blended)
        for pane in self._panes:
            pane.show_at(strength)
        _send()

    def lift(self) -> None:
        """Puts them above what came up meanwhile.

        Where the compositor has ended, which would leave a dimmed screen black, or come, they are
        made anew.
        """
        if self._panes and _blends() is not self._blended:
            self._make_anew()
        for pane in self._panes:
            pane.raise_()

    def clear(self) -> None:
        """Takes everything away."""
        for pane in self._panes:
            pane.close()
            pane.deleteLater()
        self._panes = []
        _send()

    def _fit(self, _screen: QScreen) -> None:
        if self._panes:
            self._make_anew()

    def _make_anew(self) -> None:
        self.clear()
        self._changed()


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
        self._border = QRectF(screen.geometry().translated(-edge.left, -edge.top))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt calls it
        """Paints it; once, for as long as nothing else wipes it off."""
        painter = QPainter(self)
        paint_light(painter, self._border)
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
        super().show_at(MOST_DIM * strength)


class _Band(_Plain):
    """One edge in one colour, the thicker the stronger."""

    def __init__(self, screen: QScreen, number: int) -> None:
        super().__init__(screen, edges_of(_rect(screen), 1)[number], LIGHT)
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


def _panes(ambient: Ambient, *, blended: bool) -> list[_Pane]:
    screens = QGuiApplication.screens()
    if not blended:
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
