"""What the tray does to the screens, as the config file says; read again when that changes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

from posturecam.base.errors import PosturecamError
from posturecam.commands.config import load_settings
from posturecam.commands.config_edit import set_value
from posturecam.values.settings import Ambient


class AmbientSetting(QObject):
    """The setting `ambient` of a config file, which may be missing; off while it has mistakes."""

    changed = Signal()

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.value = Ambient.OFF
        self._file = file
        self._stamp: tuple[int, int] | None = None
        self._files = QFileSystemWatcher(self)
        self._files.directoryChanged.connect(self._look)
        self._files.fileChanged.connect(self._look)
        self._look()

    def choose(self, ambient: Ambient) -> None:
        """Writes it into the file. Raises `PosturecamError`."""
        set_value(self._file, "ambient", [ambient.value])
        self._look()

    def _look(self) -> None:
        # A file that an editor puts in the place of another one is no longer watched.
        paths = [str(path) for path in (self._file.parent, self._file) if path.exists()]
        if missing := set(paths) - {*self._files.files(), *self._files.directories()}:
            self._files.addPaths(sorted(missing))
        stamp = None
        with suppress(OSError):
            there = self._file.stat()
            stamp = there.st_mtime_ns, there.st_size
        if stamp == self._stamp:
            return
        self._stamp, before = stamp, self.value
        try:
            self.value = load_settings(self._file).ambient
        except PosturecamError:  # whoever starts a watch is told
            self.value = Ambient.OFF
        if self.value is not before:
            self.changed.emit()
