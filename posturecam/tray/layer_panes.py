"""What stands over the screens under Wayland, where the compositor has layers (wlr-layer-shell).

Sway, Hyprland, labwc, Wayfire and KDE Plasma have them, GNOME has not; Qt speaks of none, so that
this is said over a connection of its own. In the layer `top` everything is above windows and below
what runs full screen. Clicks go through, and the keyboard is never asked for.
"""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject, QRectF, QSocketNotifier
from PySide6.QtGui import QColor, QImage, QPainter

from posturecam.system.wayland import Compositor
from posturecam.system.wayland_messages import numbers_in
from posturecam.tray.painting import DEPTH, MOST_DIM, paint_light
from posturecam.values.settings import Ambient

LIMIT_S = 1.0
"""Longest wait for what the compositor offers, as Qt has heard from it just before; of one that is
busy it is heard later."""
NEEDED = ("wl_compositor", "wl_shm", "wp_viewporter", "zwlr_layer_shell_v1")
"""Of what a compositor may offer."""
_SURFACE, _LAYER_SURFACE = "wl_surface", "zwlr_layer_surface_v1"
_TOP_LAYER = 2
_TOP, _BOTTOM, _LEFT, _RIGHT = 1, 2, 4, 8
_OVER_PANELS = -1
_ARGB = 0
_NAMESPACE = "posturecam"


class _Part(NamedTuple):
    """A part of a screen, fixed to its `sides`; a size of 0 is that of the screen.

    The margins say how far the screen goes on at its top, right, bottom and left, or further.
    """

    sides: int
    width: int
    height: int
    margins: tuple[int, int, int, int]


_WHOLE = _Part(_TOP | _RIGHT | _BOTTOM | _LEFT, 0, 0, (0, 0, 0, 0))
_EDGES = (
    _Part(_LEFT | _TOP | _RIGHT, 0, DEPTH, (0, 0, DEPTH, 0)),
    _Part(_LEFT | _BOTTOM | _RIGHT, 0, DEPTH, (DEPTH, 0, 0, 0)),
    _Part(_TOP | _LEFT | _BOTTOM, DEPTH, 0, (DEPTH, DEPTH, DEPTH, 0)),
    _Part(_TOP | _RIGHT | _BOTTOM, DEPTH, 0, (DEPTH, 0, DEPTH, DEPTH)),
)
"""Top and bottom with the corners, left and right between them."""


class LayerPanes(QObject):
    """The surfaces over all screens; `changed` is called when there are other screens or layers."""

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self._changed = changed
        self._shown: dict[int, list[_Pane]] = {}
        self._layers: _Layers | None = None
        self._compositor: Compositor | None = None
        with suppress(OSError):
            self._compositor = Compositor.open(os.environ)
        if self._compositor is None:
            return
        self._notifier = QSocketNotifier(self._compositor.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._receive)
        try:
            with suppress(TimeoutError):
                self._compositor.greet(LIMIT_S)
            self._take_layers()
        except OSError:
            self._lose()

    @property
    def possible(self) -> bool:
        """Whether the compositor has layers, and is there."""
        return self._layers is not None

    def show(self, ambient: Ambient, strength: float) -> None:
        """Shows it with a strength from 0 to 1."""
        if self._layers is None:
            return
        for output in self._layers.compositor.outputs.values():
            if output not in self._shown:
                self._shown[output] = self._layers.panes(output, ambient)
            for pane in self._shown[output]:
                pane.show_at(strength)
        self._flush()

    def lift(self) -> None:
        """Does nothing: no window comes up above a layer."""

    def clear(self) -> None:
        """Takes everything away."""
        for panes in self._shown.values():
            for pane in panes:
                pane.close()
        self._shown = {}
        self._flush()

    def _take_layers(self) -> None:
        """Those of the compositor, as soon as it has said what it offers. Raises `OSError`."""
        if self._compositor is None or self._layers is not None or not self._compositor.greeted:
            return
        try:
            self._layers = _Layers(self._compositor)
        except KeyError:
            raise FileNotFoundError from None
        self._compositor.outputs_changed = self._fit
        self._compositor.flush()

    def _fit(self) -> None:
        if self._layers is None or not self._shown:
            return
        for output in self._shown.keys() - self._layers.compositor.outputs.values():
            for pane in self._shown.pop(output):
                pane.close()
        self._changed()

    def _receive(self) -> None:
        before = self._layers
        try:
            if self._compositor is not None:
                self._compositor.receive()
                self._take_layers()
        except OSError:
            self._lose()
        if self._layers is not before:
            self._changed()
        self._flush()

    def _flush(self) -> None:
        try:
            if self._compositor is not None:
                self._compositor.flush()
        except OSError:
            self._lose()

    def _lose(self) -> None:
        self._notifier.setEnabled(False)
        if self._compositor is not None:
            self._compositor.close()
        self._compositor, self._layers, self._shown = None, None, {}


class _Layers:
    """What a compositor with layers gives panes."""

    def __init__(self, compositor: Compositor) -> None:
        self.compositor = compositor
        self.maker, self.memory, self.viewporter, self.shell = map(compositor.bind, NEEDED)

    def panes(self, output: int, ambient: Ambient) -> list[_Pane]:
        """New ones over a screen."""
        if ambient is Ambient.DIM:
            return [_Pane(self, output, _WHOLE, _darkness)]
        return [_Pane(self, output, edge, partial(_light, edge)) for edge in _EDGES]


class _Pane:
    """A surface over a part of a screen, `output`, which says how large that is.

    `picture_of` makes what it shows at full strength, for a width and a height.
    """

    def __init__(
        self, layers: _Layers, output: int, part: _Part, picture_of: Callable[[int, int], QImage]
    ) -> None:
        self._layers = layers
        self._say, new = layers.compositor.say, layers.compositor.new
        self._picture_of = picture_of
        self._strength = 0.0
        self._size = (0, 0)
        self._buffers: _Buffers | None = None
        self._surface, nothing = new(_SURFACE), new("wl_region")
        self._viewport = new("wp_viewport")
        self._layer = new(_LAYER_SURFACE, self._hear)
        self._say(layers.maker, "wl_compositor", "create_surface", self._surface)
        self._say(layers.maker, "wl_compositor", "create_region", nothing)
        self._say(self._surface, _SURFACE, "set_input_region", nothing)
        self._say(nothing, "wl_region", "destroy")
        view = (self._viewport, self._surface)
        self._say(layers.viewporter, "wp_viewporter", "get_viewport", *view)
        shown = (self._layer, self._surface, output, _TOP_LAYER, _NAMESPACE)
        self._say(layers.shell, "zwlr_layer_shell_v1", "get_layer_surface", *shown)
        self._say(self._layer, _LAYER_SURFACE, "set_size", part.width, part.height)
        self._say(self._layer, _LAYER_SURFACE, "set_anchor", part.sides)
        self._say(self._layer, _LAYER_SURFACE, "set_exclusive_zone", _OVER_PANELS)
        self._say(self._layer, _LAYER_SURFACE, "set_margin", *part.margins)
        self._say(self._surface, _SURFACE, "commit")

    def show_at(self, strength: float) -> None:
        """Shows it with a strength from 0 to 1, as soon as it is known how large it is."""
        self._strength = strength
        self._draw()

    def close(self) -> None:
        """Takes it away."""
        self._say(self._viewport, "wp_viewport", "destroy")
        self._say(self._layer, _LAYER_SURFACE, "destroy")
        self._say(self._surface, _SURFACE, "destroy")
        if self._buffers is not None:
            self._buffers.close()

    def _hear(self, event: str, body: bytes) -> None:
        if event != "configure":
            return  # the screen goes, and is heard of itself
        serial, width, height = numbers_in(body, 3)
        self._say(self._layer, _LAYER_SURFACE, "ack_configure", serial)
        before, self._size = self._size, (max(1, width), max(1, height))
        if self._size == before:
            return  # said anew whenever another surface comes or goes
        self._say(self._viewport, "wp_viewport", "set_destination", *self._size)
        shown = self._buffers
        self._buffers = _Buffers(self._layers, self._picture_of(*self._size), self._draw)
        self._draw()
        if shown is not None:
            shown.close()

    def _draw(self) -> None:
        """Shows it; where the compositor still reads all buffers, once it let go of one."""
        buffer = None if self._buffers is None else self._buffers.paint(self._strength)
        if buffer is not None:
            self._say(self._surface, _SURFACE, "attach", buffer, 0, 0)
            self._say(self._surface, _SURFACE, "damage", 0, 0, *self._size)
            self._say(self._surface, _SURFACE, "commit")


class _Buffers:
    """Two pictures in memory that the compositor shares, and reads for as long as it likes.

    `freed` is called when it let go of one that was waited for.
    """

    def __init__(self, layers: _Layers, picture: QImage, freed: Callable[[], None]) -> None:
        self._picture = picture
        self._freed = freed
        self._say, new = layers.compositor.say, layers.compositor.new
        self._size_bytes = picture.sizeInBytes()
        file = _open_memory(2 * self._size_bytes)
        self._memory = mmap.mmap(file, 2 * self._size_bytes)
        pool = new("wl_shm_pool")
        said = (pool, 2 * self._size_bytes)
        self._say(layers.memory, "wl_shm", "create_pool", *said, hand_over=(file,))
        shape = (picture.width(), picture.height(), picture.bytesPerLine(), _ARGB)
        self._offsets: dict[int, int] = {}
        for offset in (0, self._size_bytes):
            buffer = new("wl_buffer", partial(self._hear, len(self._offsets)))
            self._say(pool, "wl_shm_pool", "create_buffer", buffer, offset, *shape)
            self._offsets[buffer] = offset
        self._say(pool, "wl_shm_pool", "destroy")
        self._read: set[int] = set()
        self._awaited = False

    def paint(self, strength: float) -> int | None:
        """The one that shows the picture at a strength from 0 to 1; None while all are read."""
        free = [buffer for buffer in self._offsets if buffer not in self._read]
        self._awaited = not free
        if not free:
            return None
        faint = _empty(self._picture.width(), self._picture.height())
        painter = QPainter(faint)
        painter.setOpacity(strength)
        painter.drawImage(0, 0, self._picture)
        painter.end()
        begin = self._offsets[free[0]]
        self._memory[begin : begin + self._size_bytes] = bytes(faint.constBits())
        self._read.add(free[0])
        return free[0]

    def close(self) -> None:
        """Gives them up."""
        for buffer in self._offsets:
            self._say(buffer, "wl_buffer", "destroy")
        self._memory.close()

    def _hear(self, number: int, _event: str, _body: bytes) -> None:
        self._read.discard(list(self._offsets)[number])
        if self._awaited:
            self._freed()


def _light(part: _Part, width: int, height: int) -> QImage:
    """One edge of a screen, from the full colour at the border to nothing inside."""
    picture = _empty(width, height)
    top, right, bottom, left = part.margins
    painter = QPainter(picture)
    paint_light(painter, QRectF(0, 0, width, height).adjusted(-left, -top, right, bottom))
    painter.end()
    return picture


def _darkness(_width: int, _height: int) -> QImage:
    """A single point, which the compositor makes as large as the screen."""
    picture = _empty(1, 1)
    black = QColor("black")
    black.setAlphaF(MOST_DIM)
    picture.fill(black)
    return picture


def _empty(width: int, height: int) -> QImage:
    picture = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(0)
    return picture


def _open_memory(size_bytes: int) -> int:
    if sys.platform != "linux":
        raise OSError
    file = os.memfd_create("posturecam")
    os.ftruncate(file, size_bytes)
    return file
