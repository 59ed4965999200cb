"""Icons, and the light at the edges of a screen, as Qt draws them."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QIcon,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)

from posturecam.tray.icons import GRID, PICTURES, Disc, Icon, Picture, Shape, Stroke

SIZES_PX = (16, 22, 24, 32, 44, 48, 64)
"""What panels ask for, on screens of usual and of double density."""
DEPTH = 72
"""How deep the light is, in the units of the toolkit."""
LIGHT = QColor(72, 149, 239)
MOST_DIM = 0.35
"""How dark a dimmed screen becomes."""
_MOST_LIGHT = 0.85


@cache
def qt_icon(icon: Icon) -> QIcon:
    """The icon in all sizes that panels ask for."""
    made = QIcon()
    for size_px in SIZES_PX:
        made.addPixmap(pixmap(PICTURES[icon], size_px))
    return made


def pixmap(picture: Picture, size_px: int) -> QPixmap:
    """The picture on a transparent square."""
    made = QPixmap(size_px, size_px)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size_px / GRID, size_px / GRID)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(picture.ground))
    painter.drawRoundedRect(QRectF(0, 0, GRID, GRID), picture.corner, picture.corner)
    for shape in picture.shapes:
        _draw(painter, shape, picture.ground)
    painter.end()
    return made


def _draw(painter: QPainter, shape: Shape, ground: str) -> None:
    white = QColor("white")
    match shape:
        case Disc(x=x, y=y, radius=radius):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(white)
            painter.drawEllipse(QPointF(x, y), radius, radius)
        case Stroke(width=width, filled=filled, cuts=cuts):
            pen = QPen(QColor(ground) if cuts else white, width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.setBrush(white if filled else Qt.BrushStyle.NoBrush)
            painter.drawPath(_path(shape))


def _path(stroke: Stroke) -> QPainterPath:
    first, *others = (QPointF(x, y) for x, y in stroke.points)
    path = QPainterPath(first)
    if stroke.smooth:
        path.cubicTo(*others)
    else:
        for point in others:
            path.lineTo(point)
    if stroke.closed:
        path.closeSubpath()
    return path


def paint_light(painter: QPainter, screen: QRectF) -> None:
    """Paints it along the inside of a screen, from the full colour to nothing.

    Of the distances to the edges only the nearest counts, so that corners are mitred.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)  # shows where they meet
    inside = screen.adjusted(DEPTH, DEPTH, -DEPTH, -DEPTH)
    outer, inner = _corners(screen), _corners(inside)
    for at in range(4):
        other = (at + 1) % 4
        path = QPainterPath(outer[at])
        for point in (outer[other], inner[other], inner[at]):
            path.lineTo(point)
        begin, end = QPointF(outer[at]), QPointF(inner[at])
        if at % 2 == 1:
            end.setY(begin.y())
        else:
            end.setX(begin.x())
        fading = QLinearGradient(begin, end)
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            colour = QColor(LIGHT)
            colour.setAlphaF(_MOST_LIGHT * (1 - share) ** 2)
            fading.setColorAt(share, colour)
        painter.fillPath(path, QBrush(fading))


def _corners(area: QRectF) -> tuple[QPointF, QPointF, QPointF, QPointF]:
    return area.topLeft(), area.topRight(), area.bottomRight(), area.bottomLeft()
