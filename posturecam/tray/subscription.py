"""Follows the watch of a data folder, this one and the next ones, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from posturecam.base.errors import DataError
from posturecam.base.interrupts import Interrupts
from posturecam.commands.attach import LOOK_FOR_ONE_EVERY_S, follow
from posturecam.tray.seen import Seeing, Seen

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.base.paths import AppPaths
    from posturecam.watch.broadcast import Beginning, Update


class Subscription:
    """Says what is known of the watch, whenever it says something, begins or ends.

    `heard` is called in the thread of this, so it must hand over and return.
    """

    def __init__(self, paths: AppPaths, *, clock: Clock, heard: Callable[[Seen], None]) -> None:
        self._paths = paths
        self._clock = clock
        self._heard = heard
        self._seeing = Seeing()
        self._over = Interrupts()  # not entered: nobody but `close` ends it
        self._thread = threading.Thread(target=self._run, name="posturecam tray", daemon=True)

    def start(self) -> None:
        """Begins to follow."""
        self._thread.start()

    def close(self) -> None:
        """Ends it within seconds; nothing is heard from now on."""
        self._over.requested = True

    def begin(self, beginning: Beginning) -> None:
        """A watch is followed from now on."""
        self._seeing.begin(beginning)

    def hear(self, update: Update) -> None:
        """Takes a line of its story."""
        self._seeing.hear(update)
        if not update.past:
            self._say()

    def lose(self) -> None:
        """No watch is running."""
        self._seeing.lose()
        self._say()

    def _run(self) -> None:
        while not self._over.requested:
            try:
                follow(self._paths, clock=self._clock, follower=self, interrupts=self._over)
            except DataError as error:
                self._seeing.lose(f"{error.what} {error.remedy}")
                self._say()
                self._clock.wait_s(LOOK_FOR_ONE_EVERY_S)

    def _say(self) -> None:
        if not self._over.requested:
            self._heard(self._seeing.seen)
