"""What `watch` says where there is no live view: lines for people, records for other programs."""

from __future__ import annotations

import errno
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from posturecam.durations import format_duration
from posturecam.errors import DataError, OutputClosedError
from posturecam.events import (
    Alerted,
    AlertFollowed,
    BaselineQuestioned,
    BreakKind,
    BreakTaken,
    Calibrated,
    CameraChanged,
    Moved,
    Sampled,
    StaleBaseline,
    StateChanged,
    Steered,
    Steering,
    SteeringRefused,
    Summarised,
    Warned,
    as_record,
)
from posturecam.messages import RECALIBRATING_TEXT, count_text, limit_text
from posturecam.observation import Doubt, PostureState
from posturecam.posture import threshold_ratios
from posturecam.printable import json_text, printable_lines
from posturecam.status import moment_text
from posturecam.terminal import takes_more

if TYPE_CHECKING:
    from datetime import datetime

    from posturecam.events import Event, Tick, Totals
    from posturecam.observation import Deviations
    from posturecam.settings import Settings, Thresholds


_GOES_ON = "the watch goes on, and prints again when it can"


def event_text(event: Event, at: datetime) -> str | None:  # noqa: C901, PLR0912 - one case an event
    """One plain line for `event` at the moment `at`; None for what happens all the time."""
    match event:
        case Calibrated():
            source = "taken now" if event.taken_now else f"profile {event.profile!r}"
            return f"baseline: {source}, {event.view} view, {event.samples} pictures"
        case StateChanged(to_state=PostureState.PAUSED, reasons=(Doubt.PAUSED,)):
            return None  # the pause itself was told
        case StateChanged():
            why = f": {', '.join(event.reasons)}" if event.reasons else ""
            return f"{event.to_state}{why}"
        case AlertFollowed():
            return None
        case Steered(what=Steering.RECALIBRATING):
            return f"sit comfortably upright. {RECALIBRATING_TEXT}"
        case Steered(what=Steering.ACCEPTED | Steering.DECLINED):
            return None  # what follows is told
        case Steered(what=Steering.UNSNOOZED):
            return "alerts are on again"
        case Steered():
            until = "" if event.until is None else f" until {moment_text(event.until, at)}"
            return f"{event.what}{until}"
        case SteeringRefused():
            return f"not {event.what}: {event.why}"
        case Alerted():
            return f"ALERT ({event.kind}): {event.message}"
        case Warned():
            return f"warning ({event.kind}): {event.message}"
        case StaleBaseline():
            return f"STALE: {event.message}"
        case BaselineQuestioned():
            return f"{event.title} {event.message}"
        case Moved():
            return f"moved, after {format_duration(event.unchanged_s)} in one position"
        case BreakTaken():
            what = "a break" if event.kind is BreakKind.BREAK else "a micro-break"
            return f"back from {what} of {format_duration(event.lasted_s)}"
        case CameraChanged():
            return f"camera {event.status}: {event.detail}"
        case Summarised():
            return None
        case Sampled():
            return None


def totals_text(totals: Totals) -> str:
    """How the time was spent, in one line."""
    paused = f", paused {format_duration(totals.paused_s)}" if totals.paused_s else ""
    return (
        f"watched {format_duration(totals.watched_s)}: "
        f"upright {format_duration(totals.upright_s)}, "
        f"slouched {format_duration(totals.slouched_s)}, "
        f"away {format_duration(totals.away_s)}, "
        f"unknown {format_duration(totals.unknown_s)}{paused}; "
        f"{count_text(totals.moves, 'move')}, {count_text(totals.alerts, 'alert')}"
    )


def clock_text(at: datetime) -> str:
    """Local time of day."""
    return f"{at.astimezone():%H:%M:%S}"


def print_line(text: str, stream: TextIO) -> None:
    """Prints a line at once.

    Raises:
        OutputClosedError: whoever was reading has left, as `head` does, or the terminal is gone.
        DataError: it goes to a file, and the disk takes no more.
    """
    try:
        print(printable_lines(text), file=stream, flush=True)
    except OSError as error:
        if error.errno in (errno.EPIPE, errno.EIO):
            raise OutputClosedError("nobody reads the output any more") from error
        raise DataError(
            f"What is printed cannot be written: {error.strerror}.",
            "Free some space, or send the output elsewhere.",
        ) from error


def print_warning(text: str) -> None:
    """Says `text` on stderr; where that is gone, nobody is left to warn."""
    with suppress(OSError):
        if takes_more(sys.stderr):
            print(f"posturecam: {printable_lines(text)}", file=sys.stderr, flush=True)


class _Lines:
    """Prints lines on `stream`; when that takes none, what comes meanwhile is lost.

    Args:
        stream: where to print.
        patience_s: how long to wait for who reads; None for however long it takes.

    Attributes:
        problem: why nothing can be printed now; None while it can.
    """

    def __init__(self, stream: TextIO, patience_s: float | None = None) -> None:
        self.problem: str | None = None
        self._stream = stream
        self._patience_s = patience_s
        self._broken_off = False

    def warn(self, text: str) -> None:
        """Says `text` beside the lines."""
        print_warning(text)

    def close(self) -> None:
        """Nothing is left to do."""

    def _print(self, text: str) -> None:
        if self._patience_s is not None:
            limit_s = self._patience_s if self.problem is None else 0.0
            if not takes_more(self._stream, limit_s):
                self.problem = f"what is printed is not read; {_GOES_ON}"
                return
        # What a full disk took of the line before must not be taken for a part of this one.
        apart = "\n" if self._broken_off else ""
        try:
            print_line(f"{apart}{text}", self._stream)
        except DataError as error:
            self._broken_off = True
            what = f"{error.what[0].lower()}{error.what[1:].rstrip('.')}"
            self.problem = f"{what}; {_GOES_ON}"
        else:
            self._broken_off = False
            self.problem = None


class JsonlDisplay(_Lines):
    """One object a line; the format is described in README.md."""

    def take(self, tick: Tick) -> None:
        """Prints the events of one turn."""
        for event in tick.events:
            record = as_record(event, t_s=tick.t_s, at=tick.at)
            self._print(json_text(record))


class PlainDisplay(_Lines):
    """A line for each thing that happens."""

    def take(self, tick: Tick) -> None:
        """Prints the events of one turn."""
        for event in tick.events:
            if isinstance(event, Summarised):
                self._say(tick.at, totals_text(event.totals))
            elif (text := event_text(event, tick.at)) is not None:
                self._say(tick.at, text)

    def _say(self, at: datetime, text: str) -> None:
        self._print(f"{clock_text(at)}  {text}")


class CheckLines(PlainDisplay):
    """A line a second for each deviation against its limit, for a check off a terminal."""

    def __init__(self, stream: TextIO, settings: Settings) -> None:
        super().__init__(stream)
        self._thresholds = settings.posture.thresholds

    def take(self, tick: Tick) -> None:
        """Prints where the deviations stand, or why they cannot be told."""
        for event in tick.events:
            if isinstance(event, Sampled):
                self._say(tick.at, limits_text(event.deviations, self._thresholds, event.reasons))


def limits_text(
    deviations: Deviations, thresholds: Thresholds, reasons: tuple[str, ...] = ()
) -> str:
    """Every known deviation and its limit in one line; the reasons when none is known."""
    known = [
        limit_text(angle, getattr(deviations, f"{angle}_deg"), getattr(thresholds, f"{angle}_deg"))
        for angle in threshold_ratios(deviations, thresholds)
    ]
    return ", ".join(known or reasons)


def within_limits_text(totals: Totals) -> str:
    """The share of the judged time in which no deviation was beyond its limit."""
    judged_s = totals.upright_s + totals.slouched_s
    if judged_s == 0:
        return "within the limits: nothing could be judged"
    return (
        f"within the limits {totals.upright_s / judged_s:.0%} of {format_duration(judged_s)} judged"
    )
