"""Cameras and streams: pictures that come whether or not anybody waits for them."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from posturecam.base.errors import SourceError
from posturecam.base.language import Sentence
from posturecam.capture.opencv import Capture, CaptureError, next_picture
from posturecam.capture.source import LOST_AFTER_S, POLL_S, SMALLEST_STEP_S, Interval, Source, asked
from posturecam.values.observation import Frame, Picture

if TYPE_CHECKING:
    from posturecam.base.clock import Clock

FIRST_PICTURE_S = 15.0
"""A camera that has opened and not delivered a picture by then is taken as not working."""

LOOK_UP_EVERY_S = 0.5
"""So often its reader can let go of it, though no picture is due: a call must not wait longer."""

WAIT_AT_MOST_S = 1.0
"""A live source says at least so often that it has no picture, so that its reader can go on."""

_JOIN_S = 1.0


class LiveSource(Source):
    """A camera or a stream, timed by the clock from the moment it was opened.

    It is opened in the reader thread, given what is set while somebody waits for a picture; None
    where it cannot be. Why nothing is delivered says `explain`, given whether it opened at all.

    Raises:
        SourceError: nothing is delivered.
    """

    live = True

    def __init__(
        self,
        *,
        name: str,
        open_capture: Callable[[threading.Event], Capture | None],
        clock: Clock,
        explain: Callable[[bool], SourceError],
    ) -> None:
        self.name = name
        self._clock = clock
        self._origin_s = clock.monotonic_s()
        self._t_s = -math.inf
        self._index = 0
        self._closed = False
        self._reader = _Reader(open_capture, clock)
        try:
            delivers = self._reader.delivers(FIRST_PICTURE_S)
        except BaseException:
            self.close()
            raise
        if not delivers:
            self.close()
            raise explain(self._reader.opened) if self._reader.error is None else self._loss()

    def frames(self, interval_s: Interval = 0.0) -> Iterator[Frame | None]:
        """See `Source.frames`."""
        due_s = -math.inf
        silent_since_s = self._clock.monotonic_s()
        while not self._closed:
            if (early_s := due_s - self._clock.monotonic_s()) > 0:
                self._clock.wait_s(min(early_s, LOOK_UP_EVERY_S))
                if early_s > LOOK_UP_EVERY_S:
                    yield None
                    continue
            if (taken := self._reader.next(WAIT_AT_MOST_S)) is None:
                silent_s = self._clock.monotonic_s() - silent_since_s
                if self._reader.ended or silent_s >= LOST_AFTER_S:
                    break
                yield None
                continue
            grabbed_s, picture = taken
            frame = Frame(t_s=self._time_s(grabbed_s), index=self._index, picture=picture)
            self._index += 1
            yield frame
            due_s = grabbed_s + asked(interval_s)
            silent_since_s = max(due_s, self._clock.monotonic_s())
        if not self._closed:
            raise self._loss()

    @property
    def released(self) -> bool:
        """See `Source`."""
        return self._reader.ended

    def close(self) -> None:
        """See `Source.close`."""
        self._closed = True
        self._reader.stop()
        self._reader.join()

    def _loss(self) -> SourceError:
        error = self._reader.error
        if isinstance(error, SourceError):
            return error
        if error is not None:
            return SourceError(
                Sentence("Reading from {name} failed: {why!r}.", name=self.name, why=error), ""
            )
        return SourceError(
            Sentence("No picture from {name}.", name=self.name),
            Sentence("Check its cable or network, and whether another program has taken it."),
        )

    def _time_s(self, monotonic_s: float) -> float:
        self._t_s = max(monotonic_s - self._origin_s, self._t_s + SMALLEST_STEP_S)
        return self._t_s


class _Reader:
    """One capture from opening to release, in a thread of its own.

    The thread takes every picture off the device, so that none grows stale in a queue, and
    decodes only the one that is waited for.
    """

    def __init__(
        self, open_capture: Callable[[threading.Event], Capture | None], clock: Clock
    ) -> None:
        self.opened = False
        self.ended = False
        self.error: Exception | None = None
        self._open_capture = open_capture
        self._clock = clock
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._wanted = threading.Event()
        self._wanted.set()
        self._taken: tuple[float, Picture] | None = None
        # A daemon: a driver that never returns must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="posturecam camera", daemon=True)
        self._thread.start()

    def delivers(self, limit_s: float) -> bool:
        """Whether it opens, however long that takes, and then has a picture within `limit_s`.

        If not, nothing is held any more when this returns.
        """
        with self._changed:
            while not self.opened and not self.ended:
                self._changed.wait(POLL_S)
        if self.next(limit_s) is not None:
            return True
        self.stop()
        with self._changed:
            while not self.ended:
                self._changed.wait(POLL_S)
        return False

    def next(self, limit_s: float) -> tuple[float, Picture] | None:
        """The next picture and the time it arrived; None when none does within `limit_s`."""
        since_s = self._clock.monotonic_s()
        with self._changed:
            if self._taken is None:
                self._wanted.set()
            while self._wanted.is_set() and not self.ended:
                woken = self._changed.wait(POLL_S)
                if not woken and self._clock.monotonic_s() - since_s > limit_s:
                    self._wanted.clear()
            self._wanted.clear()
            taken, self._taken = self._taken, None
            return taken

    def stop(self) -> None:
        """End after the picture in hand."""
        self._stop.set()
        self._wanted.set()  # ends the time in which pictures are gathered

    def join(self) -> None:
        """Wait a little for the end."""
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        capture: Capture | None = None
        try:
            capture = self._open_capture(self._wanted)
            with self._changed:
                self.opened = capture is not None
                self._changed.notify_all()
            while capture is not None and not self._stop.is_set() and capture.grab():
                self._hand_over(capture)
        except CaptureError:
            pass  # the driver gave up: the same end as a picture that does not come
        except Exception as error:  # noqa: BLE001 - raised to whoever waits; `session` opens it anew
            self.error = error
        finally:
            if capture is not None:
                capture.release()
            with self._changed:
                self.ended = True
                self._changed.notify_all()

    def _hand_over(self, capture: Capture) -> None:
        grabbed_s = self._clock.monotonic_s()
        if not self._wanted.is_set() or self._stop.is_set():
            return
        if (picture := next_picture(capture)) is None:
            return
        with self._changed:
            self._wanted.clear()
            self._taken = (grabbed_s, picture)
            self._changed.notify_all()
