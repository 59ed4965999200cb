"""The light at the edges of a screen, pixel by pixel."""

from __future__ import annotations

import pytest

QtGui = pytest.importorskip("PySide6.QtGui", reason="needs the extra of the tray")
QtCore = pytest.importorskip("PySide6.QtCore")

from posturecam.tray.painting import DEPTH, paint_light  # noqa: E402 - needs Qt


def test_it_depends_on_the_nearest_edge_alone() -> None:
    """No line is seen where two edges meet."""
    image = QtGui.QImage(400, 300, QtGui.QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QtGui.QPainter(image)
    paint_light(painter, QtCore.QRectF(image.rect()))
    painter.end()

    for depth in range(DEPTH):
        right, bottom = image.width() - 1 - depth, image.height() - 1 - depth
        places = [
            (200, depth), (200, bottom), (depth, 150), (right, 150),
            (depth, depth), (right, depth), (depth, bottom), (right, bottom),
        ]  # fmt: skip
        alphas = [image.pixelColor(*place).alpha() for place in places]
        assert max(alphas) - min(alphas) <= 4, depth
    assert image.pixelColor(200, 150).alpha() == 0
