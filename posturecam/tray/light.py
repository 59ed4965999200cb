"""The light at the edges of a screen, as Qt paints it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPainterPath

DEPTH = 72
"""How deep the light is, in the units of the toolkit."""
LIGHT = QColor(72, 149, 239)
MOST_DIM = 0.35
"""How dark a dimmed screen becomes."""
_MOST_LIGHT = 0.85


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
