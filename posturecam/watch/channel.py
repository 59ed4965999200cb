"""The way from other terminals to a running watch: what they ask, and what they are answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from posturecam.base.errors import DataError
from posturecam.values.commands import Inbox, Word
from posturecam.watch.broadcast import Beginning, Update, WatchStory
from posturecam.watch.protocol import STATUS, to_command
from posturecam.watch.server import ControlServer
from posturecam.watch.totals import Today

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.values.events import Record, Tick
    from posturecam.values.totals import Totals
    from posturecam.watch.controls import Controls
    from posturecam.watch.lending import Lending
    from posturecam.watch.requests import Requests


class Board(Protocol):
    """Says how the watch is doing; may be asked from any thread."""

    def record(self, *, in_force: Requests, turned_s_ago: float) -> Record:
        """How it is doing, by what the user asked for and how long ago the loop turned last."""


class Channel:
    """Answers other programs, and tells them each turn of the loop; a sink.

    Without it the watch goes on all the same. It listens at `address`, leaves commands in the
    `inbox`, and tells followers the `beginning` first.

    Attributes:
        problem: why nobody can ask; None while they can.
        log_problem: says what is wrong with the log, once there is one.
    """

    def __init__(
        self,
        address: Path,
        *,
        inbox: Inbox,
        board: Board,
        controls: Controls,
        clock: Clock,
        beginning: Beginning,
        lending: Lending,
    ) -> None:
        self.problem: str | None = None
        self.log_problem: Callable[[], str | None] = lambda: None
        self._inbox = inbox
        self._board = board
        self._controls = controls
        self._clock = clock
        self._lending = lending
        self._story = WatchStory(beginning, self._frame)
        self._server: ControlServer | None = None
        try:
            self._server = ControlServer(
                address, self._answer, clock=clock, story=self._story, lender=lending
            )
        except DataError as error:
            self.problem = error.what

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    def is_followed(self) -> bool:
        """Whether a program is told each turn."""
        return self._server is not None and self._server.followed

    def set_earlier_today(self, earlier: Totals, began_at: datetime) -> None:
        """Has today include what the log has of the day on which this watch began, from before."""
        self._story.today = Today(earlier, began_at)

    def handle(self, tick: Tick) -> None:
        """Tells followers; returns at once, however slow they are."""
        server = self._server
        if server is None:
            return
        is_news = self._story.handle(tick) and server.followed
        if is_news or server.awaited:
            server.tell()

    def _answer(self, request: Record) -> Record:
        if request.get("do") != STATUS:
            command = to_command(request)
            self._inbox.put(command)
            return {"profile": self._lending.loan.profile} if command is Word.RELOAD else {}
        update = self._frame()
        record = self._board.record(in_force=update.in_force, turned_s_ago=update.turned_s_ago)
        return {"status": record | {"log_problem": update.log_problem}}

    def _frame(self) -> Update:
        return Update(
            turn=None,
            in_force=self._controls.in_force,
            turned_s_ago=self._clock.monotonic_s() - self._controls.turned_s,
            log_problem=self.log_problem(),
        )
