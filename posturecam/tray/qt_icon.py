"""The tray as Qt shows it: an icon, a tooltip, a menu. Nothing is decided here."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QCursor, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

from posturecam.base.clock import Clock, LocalZone
from posturecam.base.errors import DataError, NotRunningError, PosturecamError
from posturecam.system.tray_entry import TRAY_WORD
from posturecam.tray.ambient import AmbientSetting
from posturecam.tray.edges import Edges
from posturecam.tray.icons import Icon, icon_of
from posturecam.tray.menu import Deed, Entry, command_of, menu, tooltip
from posturecam.tray.painting import qt_icon
from posturecam.tray.qt_application import application
from posturecam.tray.seen import Seen
from posturecam.tray.starting import start, start_watch
from posturecam.tray.subscription import Subscription
from posturecam.values.settings import Ambient
from posturecam.watch.client import ask
from posturecam.watch.lock import is_watched
from posturecam.watch.protocol import command_request

if TYPE_CHECKING:
    from posturecam.base.paths import AppPaths
    from posturecam.values.commands import Command

_POPS_UP = ("xcb", "windows")
"""Under Wayland the panel opens the menu itself, and macOS does with any click."""

_PANEL = "org.kde.StatusNotifierWatcher"
"""The name that a panel takes on the bus of the session."""

_ANEW = 2
"""What the loop of Qt ends with when the program is to begin anew. With 1 Qt itself ends it, where
the display went away."""


def run_tray(paths: AppPaths, *, clock: Clock, unseen: Callable[[], None]) -> bool:
    """Shows the tray until somebody ends it; whether it is to begin anew, for a panel that came.

    `unseen` is called where there is no panel to show it on, which it waits for.
    """
    with application() as app:
        if sys.platform == "linux":
            _when_a_panel_comes(app, lambda: app.exit(_ANEW))
        app.setQuitOnLastWindowClosed(False)
        tray = Tray(paths, clock=clock)
        tray.show()
        # Once Qt has looked for the last time: who reads it sees no icon that goes to come anew.
        if not QSystemTrayIcon.isSystemTrayAvailable():
            unseen()
        anew = app.exec() == _ANEW
        tray.close()
    return anew


def _when_a_panel_comes(parent: QObject, do: Callable[[], None]) -> None:
    """Does it when a panel comes after the tray, as at a login where everything starts at once.

    Qt looks for one that speaks D-Bus only once: who comes later sees no icon, unless the program
    begins anew. To be called before Qt looks, and it listens before it asks: none comes in between.
    """
    from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return
    mode = QDBusServiceWatcher.WatchModeFlag.WatchForRegistration
    watcher = QDBusServiceWatcher(_PANEL, bus, mode, parent)
    if not bus.interface().isServiceRegistered(_PANEL).value():
        watcher.serviceRegistered.connect(lambda _name: do())


class Tray(QObject):
    """The icon with its menu, and the watch behind it."""

    seen = Signal(Seen)
    """What is known of the watch, whenever something is new."""
    _told = Signal(Seen)
    _failed = Signal(str)

    def __init__(self, paths: AppPaths, *, clock: Clock) -> None:
        super().__init__()
        self._paths = paths
        self._clock = clock
        self._menu = TrayMenu(self._do)
        self._shown_icon: Icon | None = None
        self._tooltip = ""
        self._seen = Seen()
        self._edges = Edges(clock)
        self._ambient = AmbientSetting(paths.config_file)
        self._ambient.changed.connect(self._follow_ambient)
        self._edges.change(self._ambient.value)
        self.seen.connect(self._edges.hear)
        self._menu.aboutToShow.connect(self._edges.make_way)
        self._menu.aboutToHide.connect(self._edges.come_back)
        self._icon = QSystemTrayIcon()
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._open_menu)
        # Emitted in other threads, so these arrive as events of this one.
        self._told.connect(self._show)
        self._failed.connect(self._say)
        self._subscription = Subscription(paths, clock=clock, heard=self._told.emit)

    def show(self) -> None:
        """Shows the icon, and starts a watch if none runs."""
        self._show(Seen())
        self._icon.show()
        if not is_watched(self._paths.lock):
            # What keeps it from watching it says itself, once: nobody has clicked on anything.
            self._start_watch(lambda _said: None)
        self._subscription.start()

    def close(self) -> None:
        """Takes the icon away; the watch goes on."""
        self._subscription.close()
        self._edges.close()
        self._icon.hide()

    def _show(self, seen: Seen) -> None:
        now, self._seen = self._clock.utc_now(), seen
        icon, text = icon_of(seen), tooltip(seen, now)
        if icon is not self._shown_icon:
            self._shown_icon = icon
            self._icon.setIcon(qt_icon(icon))
        if text != self._tooltip:
            self._tooltip = text
            self._icon.setToolTip(text)
        ambient = self._ambient.value if self._edges.possible else None
        self._menu.show_entries(menu(seen, now, ambient))
        self.seen.emit(seen)

    def _open_menu(self, why: QSystemTrayIcon.ActivationReason) -> None:
        """A click opens it, too, where a program may open one at the pointer."""
        clicked = why is QSystemTrayIcon.ActivationReason.Trigger
        if clicked and QGuiApplication.platformName() in _POPS_UP:
            self._menu.popup(QCursor.pos())

    def _do(self, deed: Deed | Ambient) -> None:
        self._edges.come_back()  # not every panel says that its menu is closed
        if isinstance(deed, Ambient):
            self._choose(deed)
            return
        command = command_of(deed, self._clock.utc_now(), LocalZone())
        if command is not None:
            # The watch may take its time to answer, and the menu is not to stand still for it.
            threading.Thread(target=self._ask, args=(command,), daemon=True).start()
        elif deed is Deed.START:
            self._start_watch(self._failed.emit)
        elif deed is Deed.OPEN_TODAY:
            start(("review", "--html", "--open"), self._failed.emit)
        elif deed is Deed.CALIBRATE:
            start((TRAY_WORD, "--calibrate"), self._failed.emit)
        elif deed is Deed.QUIT:
            QApplication.quit()

    def _choose(self, ambient: Ambient) -> None:
        try:
            self._ambient.choose(ambient)
        except PosturecamError as error:
            self._say(str(error))

    def _follow_ambient(self) -> None:
        self._edges.change(self._ambient.value)
        self._show(self._seen)

    def _ask(self, command: Command) -> None:
        try:
            ask(self._paths.control, command_request(command))
        except (DataError, NotRunningError) as error:
            self._failed.emit(str(error))

    def _start_watch(self, failed: Callable[[str], None]) -> None:
        try:
            start_watch(self._paths, failed)
        except PosturecamError as error:
            self._say(str(error))

    def _say(self, text: str) -> None:
        what, _newline, remedy = text.partition("\n")
        self._icon.showMessage(what, remedy or what, qt_icon(Icon.NO_WATCH))


class TrayMenu(QMenu):
    """Shows entries; a click has the deed done."""

    def __init__(self, do: Callable[[Deed | Ambient], None]) -> None:
        super().__init__()
        self._do = do
        self._entries: tuple[Entry, ...] = ()
        self._actions: list[QAction] = []

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """Shows these from now on.

        While only words change, each stays where it is: the menu may be open.
        """
        if entries == self._entries:
            return
        flat = list(_flat(entries))
        if [entry.deed for entry in flat] != [entry.deed for entry in _flat(self._entries)]:
            for opened in self.findChildren(QMenu):
                opened.deleteLater()
            self.clear()
            self._actions = list(self._filled(self, entries))
        for action, entry in zip(self._actions, flat, strict=True):
            if action.text() != entry.text:
                action.setText(entry.text)
            action.setChecked(bool(entry.chosen))
        self._entries = entries

    def _filled(self, menu: QMenu, entries: tuple[Entry, ...]) -> Iterator[QAction]:
        for entry in entries:
            if entry.entries:
                opened = menu.addMenu(entry.text)
                yield opened.menuAction()
                yield from self._filled(opened, entry.entries)
            elif not entry.text:
                yield menu.addSeparator()
            else:
                yield self._add(menu, entry)

    def _add(self, menu: QMenu, entry: Entry) -> QAction:
        action = QAction(entry.text, menu)
        if entry.chosen is not None:
            action.setCheckable(True)
            action.setActionGroup(menu.findChild(QActionGroup) or QActionGroup(menu))
        if (deed := entry.deed) is not None:
            action.triggered.connect(lambda _checked: self._do(deed))
        menu.addAction(action)
        return action


def _flat(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    """The entries, each before those that it opens."""
    for entry in entries:
        yield entry
        yield from _flat(entry.entries)
