"""The camera of a watch, lent to another program of the same user that takes a baseline.

What the channel, the feed and the controls say to each other of it, each from a thread of its own.
The watch goes on meanwhile, without pictures, and takes over what was taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posturecam.base.language import Sentence
from posturecam.values.commands import Inbox, Word
from posturecam.values.observation import UnknownReason
from posturecam.values.wire import from_plain, to_plain
from posturecam.watch.protocol import RefusedError

if TYPE_CHECKING:
    from posturecam.alerts.suppression import DesktopState
    from posturecam.base.clock import Clock
    from posturecam.values.events import Record

NO_CALL_FOR_S = 6.0
"""For so long after a loan the borrower may still be taken for a call: `system.camera_use` goes on
saying that the camera is wanted for five seconds, and looks once a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """What a baseline is to be taken by, so that the watch can go on with it.

    Attributes:
        source: the camera, as of `Settings.source`; None where the watch has none to lend.
        model: the pose model, as of `Settings.model`.
        profile: the one that the watch goes by; None where that has a baseline of its own.
    """

    source: str | None
    model: str
    profile: str | None


def read_loan(reply: Record) -> Loan:
    """What the watch says when it has let go of its camera. Raises `RefusedError`."""
    try:
        return from_plain(Loan, reply)
    except ValueError as error:
        raise RefusedError(Sentence("that is of another version")) from error


class Lending:
    """Says who has the camera.

    Attributes:
        loan: what a borrower has to know.
        is_free: whether the feed has let go of the camera, as it was asked to.
    """

    def __init__(self, loan: Loan, *, clock: Clock, inbox: Inbox) -> None:
        self.is_free: Callable[[], bool] = lambda: False
        self.loan = loan
        self._clock = clock
        self._inbox = inbox
        self._lent = False
        self._known = False
        self._ended_s = -math.inf

    def begin(self) -> None:
        """Somebody asks for it."""
        self._known = False
        self._lent = True

    def terms(self) -> Record | None:
        """What the borrower is told once the camera is free; None until then."""
        if self.loan.source is not None and not (self._known and self.is_free()):
            return None
        terms: Record = to_plain(self.loan)
        return terms

    def end(self) -> None:
        """It is given back, or whoever had it is gone."""
        self._ended_s = self._clock.monotonic_s()
        self._lent = False
        self._inbox.put(Word.RELOAD)

    def rest_reason(self) -> UnknownReason | None:
        """Why the feed must not look now; None while it may."""
        if not self._lent or self.loan.source is None:
            return None
        self._known = True
        return UnknownReason.CALIBRATING

    def without_borrower(self, desktop: DesktopState) -> DesktopState:
        """The state of the desktop: whoever borrows the camera opens it, and that is no call."""
        if self._lent or self._clock.monotonic_s() - self._ended_s < NO_CALL_FOR_S:
            return replace(desktop, camera_wanted=False)
        return desktop
