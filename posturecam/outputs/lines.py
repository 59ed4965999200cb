"""What `watch` says where there is no live view: lines for people, records for other programs."""

from __future__ import annotations

import errno
import sys
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, TextIO

from posturecam.base.errors import DataError, OutputClosedError
from posturecam.base.language import Sentence, shown
from posturecam.base.printable import json_text, printable_lines
from posturecam.outputs.baseline_words import waits_text
from posturecam.outputs.event_texts import clock_text, event_text, limits_text, totals_text
from posturecam.outputs.records import as_record
from posturecam.outputs.terminal import fitting, takes_more
from posturecam.outputs.words import because_text, name_text
from posturecam.values.events import CameraChanged, Sampled, Summarised, Tick

if TYPE_CHECKING:
    from posturecam.values.settings import Settings

_GOES_ON = Sentence("The watch goes on, and prints again when it can.")


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
            Sentence("What is printed cannot be written: {why}.", why=error.strerror),
            Sentence("Free some space, or send the output elsewhere."),
        ) from error


def print_warning(text: str) -> None:
    """Says `text` on stderr; where that is gone, nobody is left to warn."""
    with suppress(OSError):
        if takes_more(sys.stderr):
            print(f"posturecam: {printable_lines(shown(text))}", file=sys.stderr, flush=True)


class _Lines:
    """Prints lines on `stream`; when that takes none, what comes meanwhile is lost.

    It waits `patience_s` for who reads, or however long it takes; `problem` says why nothing can be
    printed now.
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
                self.problem = Sentence.joined((Sentence("What is printed is not read."), _GOES_ON))
                return
        # What a full disk took of the line before must not be taken for a part of this one.
        apart = "\n" if self._broken_off else ""
        try:
            print_line(f"{apart}{text}", self._stream)
        except DataError as error:
            self._broken_off = True
            self.problem = Sentence.joined((error.what, _GOES_ON))
        else:
            self._broken_off = False
            self.problem = None


class JsonlDisplay(_Lines):
    """One object a line; the format is described in docs/programs.md."""

    def handle(self, tick: Tick) -> None:
        """Prints the events of one turn."""
        for event in tick.events:
            record = as_record(event, t_s=tick.t_s, at=tick.at)
            self._print(json_text(record))


class PlainDisplay(_Lines):
    """A line for each thing that happens."""

    def handle(self, tick: Tick) -> None:
        """Prints the events of one turn."""
        for event in tick.events:
            if isinstance(event, Summarised):
                self._say(tick.at, totals_text(event.totals))
            elif (text := event_text(event, tick.at)) is not None:
                self._say(tick.at, text)
            if isinstance(event, CameraChanged) and tick.taking and tick.resting:
                self._say(tick.at, waits_text(tick.resting))

    def _say(self, at: datetime, text: str) -> None:
        clock = f"{clock_text(at)}  "
        self._print(fitting(f"{clock}{text}", self._stream, hanging=len(clock)))


class CheckLines(PlainDisplay):
    """A line a second for each deviation against its limit, for a check off a terminal."""

    def __init__(self, stream: TextIO, settings: Settings) -> None:
        super().__init__(stream)
        self._thresholds = settings.posture.thresholds

    def handle(self, tick: Tick) -> None:
        """Prints the state and where the deviations stand, or why they cannot be told."""
        for event in tick.events:
            if isinstance(event, Sampled):
                limits = limits_text(event.deviations, self._thresholds, event.reasons)
                self._say(tick.at, because_text(name_text(event.state), [limits]))
