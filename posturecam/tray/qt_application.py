"""What each program with a window or an icon needs of Qt: an application that ends as others do."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QMessageLogContext, QSocketNotifier, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from posturecam.base.errors import UsageError
from posturecam.base.interrupts import ending_signals
from posturecam.base.language import _, shown
from posturecam.tray.opening import SYSTEM_LIBRARIES

NAME = "posturecam"
_OF_ANOTHER_QT = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
"""What OpenCV tells its own Qt, in every program that loads it, and in those that these start."""


@contextmanager
def application() -> Iterator[QApplication]:
    """The application, which Ctrl-C and the like end; Python would not notice them within Qt."""
    qInstallMessageHandler(_say_why_qt_gives_up)
    for name in _OF_ANOTHER_QT:
        os.environ.pop(name, None)
    app = QApplication([NAME])
    app.setApplicationName(NAME)
    app.setDesktopFileName(NAME)
    wakes, waker = socket.socketpair()
    for end in (wakes, waker):
        end.settimeout(0.0)
    notifier = QSocketNotifier(wakes.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(app.quit)
    before = signal.set_wakeup_fd(waker.fileno())
    for number in ending_signals():
        signal.signal(number, lambda *_: None)
    try:
        yield app
    finally:
        signal.set_wakeup_fd(before)
        notifier.setEnabled(False)
        wakes.close()
        waker.close()


def _say_why_qt_gives_up(kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
    """Qt ends the program where it finds no display; that is said as everything else is."""
    if kind is not QtMsgType.QtFatalMsg:
        return
    why = " ".join(text.split(".", maxsplit=1)[0].split())
    what = _("Qt cannot show anything here: {why}.").format(why=why)
    sys.stderr.write(f"posturecam: {what}\n{shown(SYSTEM_LIBRARIES)}\n")
    sys.stderr.flush()
    os._exit(UsageError.exit_code)
