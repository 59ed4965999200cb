"""The clocks that alerts wait for, and the break that is asked for more than once.

Pure. Strict breaks come again and again, but not for ever: whoever stays for ten minutes after the
first alert has decided.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posturecam.values.settings import PolicySettings

BREAK_NOTICE_S = 30.0
"""So long before a break it is announced: time to finish a sentence. No source: own choice."""
STRICT_EVERY_S = 120.0
"""Between two alerts of a strict break. No source: own choice."""
STRICT_TIMES = 5
"""So often a strict break comes again after its first alert, ten minutes in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A clock that an alert waits for.

    Attributes:
        lasted_s: how long its cause has gone on.
        alerted_s: `lasted_s` at the last alert about it, 0 if there was none.
        alerts: how many there were about it.
        announced: the next one was.
    """

    lasted_s: float = 0.0
    alerted_s: float = 0.0
    alerts: int = 0
    announced: bool = False

    def longer(self, span_s: float) -> Wait:
        """The clock after its cause went on for `span_s`."""
        return replace(self, lasted_s=self.lasted_s + span_s)

    def alerted(self) -> Wait:
        """The clock after an alert about it."""
        return Wait(lasted_s=self.lasted_s, alerted_s=self.lasted_s, alerts=self.alerts + 1)

    def is_due(self, after_s: float, times: float) -> bool:
        """Whether it is time to alert: after a first one, so many `times` the wait later."""
        wait_s = after_s * times if self.alerted_s else after_s
        return self.lasted_s - self.alerted_s >= wait_s


def is_asked_again(sitting: Wait, settings: PolicySettings) -> bool:
    """The next alert of a break asks again for the one that was not taken."""
    return settings.strict_breaks and 0 < sitting.alerts <= STRICT_TIMES


def is_break_due(sitting: Wait, settings: PolicySettings, times: float) -> bool:
    """Whether it is time for a break, the first time or again; `times` as in `Wait.is_due`."""
    if is_asked_again(sitting, settings):
        return sitting.lasted_s - sitting.alerted_s >= STRICT_EVERY_S
    return sitting.is_due(settings.break_after_s, times)


def may_be_announced(sitting: Wait, settings: PolicySettings, times: float) -> bool:
    """A break that nobody was told of yet is due within `BREAK_NOTICE_S`."""
    if not settings.break_notice or sitting.announced or is_asked_again(sitting, settings):
        return False
    return is_break_due(sitting.longer(BREAK_NOTICE_S), settings, times)
