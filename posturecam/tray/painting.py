"""Icons as Qt draws them."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from posturecam.tray.icons import GRID, PICTURES, Disc, Icon, Picture, Shape, Stroke

SIZES_PX = (16, 22, 24, 32, 44, 48, 64)
"""What panels ask for, on screens of usual and of double density."""


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
