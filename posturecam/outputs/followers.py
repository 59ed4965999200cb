"""What `status --follow` prints of a watch that it follows: lines, records, or one short line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TextIO

from posturecam.base.printable import json_text
from posturecam.outputs.lines import PlainDisplay, print_line
from posturecam.outputs.records import as_record
from posturecam.outputs.status import NOT_RUNNING, StatusBoard, status_line, status_lines
from posturecam.outputs.terminal import fitting
from posturecam.values.events import Record, Sampled, utc_text

if TYPE_CHECKING:
    from posturecam.watch.broadcast import Beginning, Update


class Follower:
    """Knows how the watch that it follows is doing; `now` is the time on the wall, aware."""

    def __init__(self, stream: TextIO, now: Callable[[], datetime]) -> None:
        self._stream = stream
        self._now = now
        self._board: StatusBoard | None = None

    def begin(self, beginning: Beginning) -> None:
        """A watch is followed from now on."""
        self._board = StatusBoard(beginning.settings(), live=beginning.live)

    def hear(self, update: Update) -> None:
        """Takes a line of its story, and prints what is new."""
        if self._board is None:
            return
        if update.turn is not None:
            self._board.handle(update.turn)
        if not update.past:
            record = self._board.record(in_force=update.in_force, turned_s_ago=update.turned_s_ago)
            self._show(record | {"log_problem": update.log_problem}, update)

    def lose(self) -> None:
        """No watch is running."""
        self._board = None
        self._show(NOT_RUNNING, None)

    def _show(self, record: Record, update: Update | None) -> None:
        raise NotImplementedError

    def _print(self, text: str) -> None:
        print_line(text, self._stream)


class RecordFollower(Follower):
    """The record of `status --format json` once a second, with what happened since the last one."""

    def _show(self, record: Record, update: Update | None) -> None:
        turn = None if update is None else update.turn
        events = () if turn is None else turn.events
        happened = [
            as_record(event, t_s=turn.t_s, at=turn.at)
            for event in events
            if turn is not None and not isinstance(event, Sampled)  # the record itself has them
        ]
        self._print(
            json_text({"v": 1, "at": utc_text(self._now())} | record | {"events": happened})
        )


class LineFollower(Follower):
    """One short line, anew whenever it reads differently."""

    _shown: str | None = None

    def _show(self, record: Record, _update: Update | None) -> None:
        text = status_line(record, self._now())
        if text != self._shown:
            self._shown = text
            self._print(text)


class PlainFollower(Follower):
    """How it is doing, and then a line for each thing that happens."""

    def __init__(self, stream: TextIO, now: Callable[[], datetime]) -> None:
        super().__init__(stream, now)
        self._lines = PlainDisplay(stream)
        self._told_running: bool | None = None

    def begin(self, beginning: Beginning) -> None:
        """A watch is followed from now on."""
        super().begin(beginning)
        self._told_running = None

    def _show(self, record: Record, update: Update | None) -> None:
        running = update is not None
        if running is not self._told_running:
            self._told_running = running
            lines = "\n".join(status_lines(record, self._now()))
            self._print(fitting(lines, self._stream))
        elif update is not None and update.turn is not None:
            self._lines.handle(update.turn)
