"""The window of `watch --preview`, as a program of its own.

OpenCV's window library ends the whole program when it finds no display or loses it, and waits for
a display that hangs. Here that hurts nobody.

For each picture on its input (`SIZE`, then the pixels, BGR) it shows that, and answers with one
byte: the key that was pressed, or `NO_KEY`. It ends with its input, or when somebody closes the
window. Pictures come through a pipe and touch no disk.
"""

from __future__ import annotations

import signal
import struct
import sys

from posturecam.base.interrupts import ending_signals

TITLE = "posturecam"

SIZE = struct.Struct("<2I")
"""Height and width of a picture in pixels."""

NO_KEY = 0
_NO_CHARACTER = 127
_BLANK = 32


def main() -> None:
    """Shows pictures until there are no more, or the window is closed."""
    import cv2
    import numpy as np

    for number in ending_signals():  # meant for the watch, which ends the input
        signal.signal(number, signal.SIG_IGN)
    size: tuple[int, ...] | None = None
    while len(head := sys.stdin.buffer.read(SIZE.size)) == SIZE.size:
        height_px, width_px = SIZE.unpack(head)
        pixels = np.frombuffer(sys.stdin.buffer.read(height_px * width_px * 3), np.uint8)
        if size is None:
            cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        elif not _is_open():
            return
        if size != (height_px, width_px):
            size = height_px, width_px
            cv2.resizeWindow(TITLE, width_px, height_px)
        cv2.imshow(TITLE, pixels.reshape(height_px, width_px, 3))
        key = cv2.pollKey()
        sys.stdout.buffer.write(bytes([key if _BLANK <= key < _NO_CHARACTER else NO_KEY]))
        sys.stdout.buffer.flush()


def _is_open() -> bool:
    import cv2

    try:
        return cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) >= 1
    except cv2.error:
        return False  # the library itself has ended with its last window


if __name__ == "__main__":
    main()
