"""A panel that comes after the tray, as at a login where everything starts at once.

Qt looks for one that speaks D-Bus when the first icon is made, and never again: who comes later
sees no icon, unless the program begins anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

PANEL = "org.kde.StatusNotifierWatcher"
"""The name that a panel takes on the bus of the session."""


def when_a_panel_comes(parent: QObject, do: Callable[[], None]) -> None:
    """Does it when a panel takes its name; never where one has it already."""
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected() or bus.interface().isServiceRegistered(PANEL).value():
        return
    mode = QDBusServiceWatcher.WatchModeFlag.WatchForRegistration
    QDBusServiceWatcher(PANEL, bus, mode, parent).serviceRegistered.connect(lambda _name: do())
