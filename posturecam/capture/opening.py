"""A source as it is opened, while somebody else waits for it, held, and let go of."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from posturecam.base.durations import format_duration
from posturecam.base.language import Sentence
from posturecam.capture.source import POLL_S, Source

if TYPE_CHECKING:
    from posturecam.base.clock import Clock

SLOW_AFTER_S = 15.0
"""A camera that has not opened by then takes long, which is said; some take most of a minute."""


def slow_text(name: str) -> Sentence:
    """What is said of a source that takes long, in one line."""
    waited = format_duration(SLOW_AFTER_S)
    return Sentence(
        "{name} takes long to open: no picture after {waited}. It is waited for.",
        name=name,
        waited=waited,
    )


class Opening:
    """A source being opened in a thread of its own: a driver may take as long as it likes.

    Attributes:
        began_s: when, on the monotonic clock.
        source: the source once it is open.
        error: why it could not be opened.
    """

    def __init__(self, open_source: Callable[[], Source], clock: Clock) -> None:
        self.began_s = clock.monotonic_s()
        self.source: Source | None = None
        self.error: Exception | None = None
        self._open = open_source
        self._clock = clock
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="posturecam opening", daemon=True).start()

    def ended(self, limit_s: float) -> bool:
        """Whether it has worked or failed within `limit_s`."""
        return self._clock.wait_for(self._ended, limit_s)

    @property
    def is_slow(self) -> bool:
        """Whether it has taken so long that it is worth saying."""
        return self._clock.monotonic_s() - self.began_s >= SLOW_AFTER_S

    def _run(self) -> None:
        try:
            self.source = self._open()
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            self.error = error
        finally:
            self._ended.set()


class Holder:
    """What is held of a source: one try to open it at a time, and what lets go late.

    Attributes:
        source: it, while it is open.
        opening: the try that is under way.
    """

    def __init__(self, open_source: Callable[[], Source], clock: Clock) -> None:
        self.source: Source | None = None
        self.opening: Opening | None = None
        self._open = open_source
        self._clock = clock
        self._leaving: list[Source] = []

    def open(self) -> Source:
        """It, opened here and now where it is not yet; raises what opening it raises."""
        self.source = self.source or self._open()
        return self.source

    def begin_to_open(self) -> Opening:
        """The try that is under way, or a new one."""
        self.opening = self.opening or Opening(self._open, self._clock)
        return self.opening

    def keep_opened(self) -> None:
        """The try that is under way has ended: what it opened, if anything, is held."""
        if self.opening is not None:
            self.source, self.opening = self.opening.source, None

    def let_go(self) -> None:
        """Close it; a try that is under way goes on, and what it opens is closed by `released`."""
        if self.source is not None:
            self._leave(self.source)
            self.source = None
        self.released()

    def released(self) -> bool:
        """Whether nothing is held any more; closes what has been opened in vain."""
        if self.opening is not None and self.opening.ended(0.0):
            if self.opening.source is not None:
                self._leave(self.opening.source)
            self.opening = None
        self._leaving = [source for source in self._leaving if not source.released]
        return self.opening is None and not self._leaving

    def let_go_within(self, limit_s: float) -> None:
        """Let go of it, and wait so long for a driver that does not at once."""
        self.let_go()
        until_s = self._clock.monotonic_s() + limit_s
        while not self.released() and self._clock.monotonic_s() < until_s:
            if self.opening is None:
                self._clock.wait_s(POLL_S)
            else:
                self.opening.ended(POLL_S)

    def _leave(self, source: Source) -> None:
        source.close()
        self._leaving.append(source)
