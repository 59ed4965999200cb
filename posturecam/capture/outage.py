"""When a camera that is gone is tried again, what is worth saying of it, and when that is the end.

Pure. A camera is there, missing (since its loss, or the first vain try), or back and not to be
relied on yet: it was lost again soon after it had come back.
"""

from __future__ import annotations

import math
from enum import Enum

FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 30.0
"""Waits between two tries: the first, and the one beyond which they no longer double."""

STEADY_AFTER_S = 30.0
"""A camera that is lost again sooner than this keeps failing. That is said once, not each time, and
it counts as lost until it has delivered for so long without a break."""


class Loss(Enum):
    """What a loss is."""

    NEW = "new"
    AGAIN = "again soon after it had come back"
    KNOWN = "one more of a camera that keeps failing"


class Outage:
    """What is known of a camera that may be gone.

    So much waiting, `give_up_after_s`, is the end.

    Attributes:
        missing_since_s: None while it is there.
        failing_since_s: None unless it keeps failing.
    """

    def __init__(self, give_up_after_s: float) -> None:
        self.missing_since_s: float | None = None
        self.failing_since_s: float | None = None
        self._back_since_s = -math.inf
        self._left_s = self._give_up_after_s = give_up_after_s
        self._retry_s = FIRST_RETRY_S
        self._said: set[str] = set()

    def lost(self, now_s: float) -> Loss:
        """It delivers no more."""
        self.missing_since_s = now_s
        if now_s - self._back_since_s >= STEADY_AFTER_S:
            self._retry_s = FIRST_RETRY_S
            return Loss.NEW
        if self.failing_since_s is not None:
            return Loss.KNOWN
        self.failing_since_s = now_s
        return Loss.AGAIN

    def missed(self, since_s: float) -> bool:
        """A try that began then was in vain; whether it is the first."""
        if self.missing_since_s is not None:
            return False
        self.missing_since_s = since_s
        self._retry_s = FIRST_RETRY_S
        return True

    def opened(self, now_s: float) -> float | None:
        """It is there; after how long, None when it was not missing."""
        since_s, self.missing_since_s = self.missing_since_s, None
        self._left_s = self._give_up_after_s
        self._said.clear()
        if since_s is None:
            return None
        self._back_since_s = now_s
        return now_s - since_s

    def steady(self, now_s: float) -> float | None:
        """After how long one that kept failing can be relied on; None while it cannot."""
        if self.failing_since_s is None or now_s - self._back_since_s < STEADY_AFTER_S:
            return None
        since_s, self.failing_since_s = self.failing_since_s, None
        return now_s - since_s

    def forget(self) -> None:
        """It was let go of on purpose."""
        self.missing_since_s = self.failing_since_s = None
        self._back_since_s = -math.inf

    def next_wait_s(self) -> float:
        """Before the next try; longer each time."""
        wait_s, self._retry_s = self._retry_s, min(2 * self._retry_s, LONGEST_RETRY_S)
        return wait_s

    def waits(self, most_s: float) -> float:
        """So much of the time for waiting goes by now, `most_s` at most."""
        step_s = min(most_s, self._left_s)
        self._left_s -= step_s
        return step_s

    @property
    def is_the_end(self) -> bool:
        """It has been waited for as long as may be."""
        return self._left_s <= 0

    def is_news(self, text: str) -> bool:
        """Whether this was not said yet of this outage; it counts as said from now on."""
        news = text not in self._said
        self._said.add(text)
        return news
