"""The menu of the tray as Qt shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from posturecam.tray.menu import Deed, Entry
    from posturecam.values.settings import Ambient


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
