"""One try to open a source, while somebody else waits for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from posturecam.base.durations import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from posturecam.base.clock import Clock
    from posturecam.capture.source import Source

SLOW_AFTER_S = 15.0
"""A camera that has not opened by then takes long, which is said; some take most of a minute."""


def slow_text(name: str) -> str:
    """What is said of a source that takes long, in one line."""
    waited = format_duration(SLOW_AFTER_S)
    return f"{name} takes long to open: no picture after {waited}. It is waited for."


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
