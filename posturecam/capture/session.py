"""One stream of pictures over a source that may be let go of and opened again.

A camera is released while somebody wants it released, taken back afterwards, and tried again ever
more rarely while another program has it or its cable is out. Meanwhile the stream goes on: about
once a second it says that there is no picture, and why, so that whoever follows it can count the
time, take commands and stop. A file is only not read while it rests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from posturecam.base.durations import format_duration
from posturecam.base.errors import (
    PosturecamError,
    SourceBusyError,
    SourceError,
    SourceRefusedError,
    SourceTooLargeError,
)
from posturecam.base.language import N_, Sentence
from posturecam.base.suspending import Suspension
from posturecam.capture.opening import Holder, Opening, slow_text
from posturecam.capture.outage import STEADY_AFTER_S, Loss, Outage
from posturecam.capture.source import POLL_S, SMALLEST_STEP_S, FoundSource, Interval, Source, asked
from posturecam.pose.turning import turned
from posturecam.values.events import CameraStatus
from posturecam.values.observation import ON_PURPOSE, Frame, UnknownReason

if TYPE_CHECKING:
    from posturecam.base.clock import Clock

LET_GO_FROM_S = 10.0
"""A camera from which no picture is wanted for so long is let go of, and its light goes off."""

SUSPENDED_AT_LAST_S = 5.0
"""A driver that has not let go of the camera by then keeps nobody from standing still."""

SAY_EVERY_S = 1.0
"""Without a picture, something is said at least so often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """Between two frames: pictures stop, or arrive again.

    Attributes:
        t_s: on the clock of `Frame.t_s`.
        status: what the camera is now.
        detail: a few words for the user.
        on_purpose: why nobody looks though they could; None where they could not.
    """

    t_s: float
    status: CameraStatus
    detail: str
    on_purpose: UnknownReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """There is no picture at this moment.

    Attributes:
        t_s: on the clock of `Frame.t_s`.
        unknown_reason: why: asked for, or the camera is gone; None while a picture may still come.
    """

    t_s: float
    unknown_reason: UnknownReason | None = None

    @property
    def on_purpose(self) -> UnknownReason | None:
        """As of an `Interruption`."""
        return self.unknown_reason if self.unknown_reason in ON_PURPOSE else None


Item = Frame | Interruption | Resting


class Feed:
    """Pictures from `found`, for as long as it may be looked at.

    A live one is timed by the clock from the moment that this feed was made, a file by its own
    time and its rests; the times of the items only ever grow.

    Args:
        found: the source; opened when the first picture is asked for.
        clock: times live sources, rests and tries.
        rest_reason: why there must be no looking now, of `ON_PURPOSE`; None while there may.
        give_up_after_s: try so long to get a lost camera back; a machine that sleeps does not try.
        suspension: asks to let go of everything and stand still.
        rotate_deg: turn each picture clockwise by so much.
        patient: wait for a camera that is busy or lost; its error is raised at once otherwise.

    Attributes:
        at_rest: it does not look, as it was asked, and nothing is held any more.
    """

    def __init__(
        self,
        found: FoundSource,
        *,
        clock: Clock,
        rest_reason: Callable[[], UnknownReason | None] = lambda: None,
        give_up_after_s: float,
        suspension: Suspension | None = None,
        rotate_deg: int = 0,
        patient: bool = True,
    ) -> None:
        self.name = found.name
        self.live = found.live
        self.at_rest = False
        self._held = Holder(found.open, clock)
        self._clock = clock
        self._rest_reason = rest_reason
        self._give_up_after_s = give_up_after_s
        self._outage = Outage(give_up_after_s)
        self._suspension = suspension or Suspension()
        self._rotate_deg = rotate_deg
        self._patient = patient
        self._origin_s = clock.monotonic_s()
        self._t_s = -math.inf
        self._offset_s = 0.0
        self._known = False
        self._napped = False
        self._reopens = False
        self._delivered = False

    def open_first(self, stopped: Callable[[], bool]) -> None:
        """Open the source for the first time, unless it must rest, so that a wrong one is refused.

        Args:
            stopped: whether nobody waits for it any more.

        Raises:
            SourceError: it is not there; one that is in use may come free, and one that takes long
                may open, so these are waited for.
        """
        if not self.live:
            self._held.open()
        elif self._rest_reason() is None:
            self._suspension.hold()
            self._open_unless_slow(stopped)
            self._suspension.give_back()

    def _open_unless_slow(self, stopped: Callable[[], bool]) -> None:
        while not stopped():
            opening = self._held.begin_to_open()
            ended = opening.ended(POLL_S)
            if self._suspension.requested:
                self._held.let_go_within(SUSPENDED_AT_LAST_S)
                self._suspension.suspend()
            elif ended:
                self._refuse_absent(opening)
                return
            elif opening.is_slow:
                return  # `frames` goes on waiting for it

    def frames(self, interval_s: Interval = 0.0) -> Iterator[Item]:
        """What there is to see, frames at least `interval_s` apart, until a file has ended.

        A camera is let go of between two frames that are `LET_GO_FROM_S` apart or more.

        Raises:
            SourceError: the source is not there at the beginning, cannot be read, or stayed away
                for too long.
        """
        return self._follow(interval_s) if self.live else self._play(interval_s)

    def age_s(self, t_s: float) -> float:
        """How long ago the time `t_s` of an item was."""
        return self._clock.monotonic_s() - self._origin_s - t_s

    def reopen(self) -> None:
        """Let go of the camera and open it anew before the next picture; nothing is said of it."""
        self._reopens = True

    def turn_pictures(self, rotate_deg: int) -> None:
        """Turn each picture clockwise by so much from now on."""
        self._rotate_deg = rotate_deg

    def close(self) -> None:
        """Let go of the camera or file; a second time does nothing."""
        if self._held.opening is not None:
            self._held.opening.ended(SAY_EVERY_S)
        self._held.let_go()
        self._suspension.give_back()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _play(self, interval_s: Interval) -> Iterator[Item]:
        """A file: opened once, and not read while it rests."""
        source = self._held.open()
        frames = source.frames(interval_s)
        self._suspension.hold()
        while True:
            self._stand_still_if_asked()
            if self._rest_reason() is not None:
                began_s = self._clock.monotonic_s()
                while (unknown_reason := self._rest_reason()) is not None:
                    self._stand_still_if_asked()
                    self._clock.wait_s(SAY_EVERY_S)
                    rested_s = self._clock.monotonic_s() - began_s
                    yield Resting(t_s=max(self._t_s, 0.0) + rested_s, unknown_reason=unknown_reason)
                self._offset_s += self._clock.monotonic_s() - began_s
                frames = source.frames(interval_s)  # its pace begins anew
            frame = next(frames, None)
            if frame is None:
                return
            moved = self._turned(frame, frame.t_s + self._offset_s)
            self._t_s = moved.t_s
            yield moved

    def _stand_still_if_asked(self) -> None:
        """With the file open, which harms nobody."""
        if self._suspension.requested:
            self._suspension.suspend()

    def _follow(self, interval_s: Interval) -> Iterator[Item]:
        """A live source: looked at, released, waited for, in turn."""
        self._suspension.hold()
        while True:
            if self._suspension.requested:
                yield from self._suspend()
            elif self._rest_reason() is not None:
                yield from self._rest()
            elif self._held.source is None:
                yield from self._reach()
            else:
                yield from self._look(self._held.source, interval_s)
                if not self._rests() and self._outage.missing_since_s is None:
                    yield from self._nap(asked(interval_s))

    def _turned(self, frame: Frame, t_s: float) -> Frame:
        return turned(replace(frame, t_s=t_s), self._rotate_deg)

    def _suspend(self) -> Iterator[Item]:
        """The time until it goes on is a gap."""
        self._held.let_go_within(SUSPENDED_AT_LAST_S)
        self._napped = False
        yield self._changed(CameraStatus.RELEASED, self.name)
        self._suspension.suspend()
        yield Resting(t_s=self._now_s(), unknown_reason=UnknownReason.NO_PICTURE)

    def _look(self, source: Source, interval_s: Interval) -> Iterator[Item]:
        self._reopens = False
        try:
            for frame in source.frames(interval_s):
                if frame is None:
                    yield Resting(t_s=self._now_s())
                elif self._outage.failing_since_s is None:
                    yield self._turned(frame, self._later_s(frame.t_s + self._offset_s))
                else:
                    yield from self._steady()
                    yield Resting(t_s=self._now_s(), unknown_reason=UnknownReason.NO_PICTURE)
                if self._rests() or self._reopens or asked(interval_s) >= LET_GO_FROM_S:
                    return
        except SourceError as error:
            self._held.let_go()
            yield from self._lost(error)

    def _lost(self, error: SourceError) -> Iterator[Interruption]:
        if not self._patient or isinstance(error, SourceTooLargeError):
            raise error
        loss = self._outage.lost(self._clock.monotonic_s())
        if loss is Loss.NEW:
            yield self._changed(CameraStatus.LOST, _in_one_line(error))
        elif loss is Loss.AGAIN:
            steady = format_duration(STEADY_AFTER_S)
            fails = Sentence(
                "It keeps failing, so it must first deliver for {steady} on end.", steady=steady
            )
            yield self._changed(CameraStatus.LOST, Sentence.joined((error.what, fails)))

    def _steady(self) -> Iterator[Interruption]:
        """Says that a camera that kept failing has worked for a while."""
        after_s = self._outage.steady(self._clock.monotonic_s())
        if after_s is not None:
            yield self._back(after_s)

    def _nap(self, seconds: float) -> Iterator[Item]:
        """Does without the camera for as long as no picture is wanted."""
        self._held.let_go()
        self._napped = True
        until_s = self._clock.monotonic_s() + seconds
        while (left_s := until_s - self._clock.monotonic_s()) > 0 and not self._rests():
            yield Resting(t_s=self._now_s())
            self._clock.wait_s(min(SAY_EVERY_S, left_s))

    def _rests(self) -> bool:
        return self._rest_reason() is not None or self._suspension.requested

    def _rest(self) -> Iterator[Item]:
        self._held.let_go()
        self._outage.forget()
        said = False
        while (
            not self._suspension.requested and (unknown_reason := self._rest_reason()) is not None
        ):
            self.at_rest = self._held.released()
            if not said and self.at_rest:
                said = True
                yield replace(
                    self._changed(CameraStatus.RELEASED, self.name), on_purpose=unknown_reason
                )
            yield Resting(t_s=self._now_s(), unknown_reason=unknown_reason)
            self._clock.wait_s(SAY_EVERY_S)
        self.at_rest = False

    def _reach(self) -> Iterator[Item]:
        """Tries until the source is open or may not be looked at."""
        if self._outage.missing_since_s is not None:
            yield from self._wait()
        while not self._rests():
            # One at a time: while a driver is at it, a second try could only get in its way.
            if self._held.opening is None and not self._held.released():
                self._refuse_longer()
                yield from self._pass(SAY_EVERY_S)
                continue
            opening = self._held.begin_to_open()
            if not opening.ended(SAY_EVERY_S):
                yield from self._wait_for_slow(opening)
                continue
            self._held.keep_opened()
            if opening.source is not None:
                self._offset_s = opening.began_s - self._origin_s
                yield from self._opened()
                return
            yield from self._missed(opening)
            yield from self._wait()

    def _wait_for_slow(self, opening: Opening) -> Iterator[Item]:
        """A driver that has not returned is waited for; said once when it takes long."""
        if opening.is_slow and self._outage.missed(opening.began_s):
            yield self._changed(CameraStatus.WAITING, slow_text(self.name))
        self._outage.waits(SAY_EVERY_S)
        self._refuse_longer()
        yield Resting(t_s=self._now_s(), unknown_reason=self._why_missing())

    def _opened(self) -> Iterator[Interruption]:
        self._known = True
        napped, self._napped = self._napped, False
        missed_s = self._outage.opened(self._clock.monotonic_s())
        if missed_s is not None:
            if self._outage.failing_since_s is None:
                yield self._back(missed_s)
        elif not napped:
            yield self._changed(CameraStatus.OPEN, self.name)
        self._delivered = True

    def _back(self, after_s: float) -> Interruption:
        again = N_("{name} delivers again after {duration}.")
        text = again if self._delivered else N_("{name} delivers after {duration}.")
        detail = Sentence(text, name=self.name, duration=format_duration(after_s))
        return self._changed(CameraStatus.BACK, detail)

    def _missed(self, opening: Opening) -> Iterator[Item]:
        """Says once that the source is not to be had, or raises when that is the end."""
        self._refuse_absent(opening)
        self._known = True
        said = _in_one_line(opening.error)
        if self._outage.missed(opening.began_s):
            again = Sentence("It will be tried again.")
            yield self._changed(CameraStatus.WAITING, Sentence.joined((said, again)))
        elif isinstance(opening.error, SourceRefusedError) and self._outage.is_news(said):
            yield self._changed(CameraStatus.WAITING, said)

    def _refuse_absent(self, opening: Opening) -> None:
        """Raises what waiting does not cure: never been there, too large, a fault of ours."""
        error = opening.error
        may_come = isinstance(error, SourceBusyError) or (
            self._known
            and isinstance(error, SourceError)
            and not isinstance(error, SourceTooLargeError)
        )
        if error is not None and not (self._patient and may_come):
            raise error

    def _wait(self) -> Iterator[Item]:
        """Lets time pass before the next try, unless there is a reason to rest.

        Raises:
            SourceError: so much time has passed in this way that it is the end.
        """
        until_s = self._clock.monotonic_s() + self._outage.next_wait_s()
        while not self._rests():
            self._refuse_longer()
            if (early_s := until_s - self._clock.monotonic_s()) <= 0:
                return
            yield from self._pass(early_s)

    def _pass(self, seconds: float) -> Iterator[Resting]:
        """Lets up to a second of the time for waiting go by."""
        # Not what the clock says: a machine may have slept meanwhile, and tried nothing.
        self._clock.wait_s(self._outage.waits(min(SAY_EVERY_S, seconds)))
        yield Resting(t_s=self._now_s(), unknown_reason=self._why_missing())

    def _refuse_longer(self) -> None:
        if self._outage.is_the_end:
            raise SourceError(
                Sentence(
                    "The camera ({name}) delivered nothing for {duration}.",
                    name=self.name,
                    duration=format_duration(self._give_up_after_s),
                ),
                Sentence(
                    "Check its cable or network, close other programs that use it, and start again."
                ),
            )

    def _why_missing(self) -> UnknownReason | None:
        return None if self._outage.missing_since_s is None else UnknownReason.NO_PICTURE

    def _changed(self, status: CameraStatus, detail: str) -> Interruption:
        return Interruption(t_s=self._now_s(), status=status, detail=detail)

    def _now_s(self) -> float:
        return self._later_s(self._clock.monotonic_s() - self._origin_s)

    def _later_s(self, t_s: float) -> float:
        self._t_s = max(t_s, self._t_s + SMALLEST_STEP_S)
        return self._t_s


def _in_one_line(error: Exception | None) -> str:
    return error.said() if isinstance(error, PosturecamError) else str(error).replace("\n", " ")
